// SPDX-License-Identifier: MIT OR Apache-2.0
//! The answer of `why`, for people and as JSON.
//!
//! People get one drawing for each group of architectures: the steps are numbered in telling
//! order, each a label at its place. The sentences come from `why_words`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use codespan_reporting::diagnostic::{Diagnostic as Drawn, Label as Marked, Severity};
use serde::Serialize;

use super::place::place;
use super::snippet::Snippets;
use super::why_words::{headline, sentence};
use super::{human, json, safe, words};
use crate::logic::{Fact, Reason, Why};
use crate::session::why::{Answer, Group, Verdict};
use crate::source::{FileId, Files};

/// The version of the answer's shape, which changes by itself.
const VERSION: u32 = 1;

/// The JSON schema (draft 2020-12) of the answer.
pub const SCHEMA: &str = include_str!("why.schema.json");

/// Writes the answer for people.
///
/// # Errors
/// When `out` does not take it.
pub fn render(answer: &Answer, color: bool, out: &mut dyn Write) -> io::Result<()> {
    let snippets = Snippets::new(&answer.files);
    for group in &answer.groups {
        snippets.clear();
        let drawn = draw(group, answer, &snippets);
        out.write_all(&human::emitted(&drawn, &snippets, color)?)?;
    }
    Ok(())
}

fn draw(group: &Group, answer: &Answer, snippets: &Snippets<'_>) -> Drawn<FileId> {
    let reasons = group.verdict.reasons();
    let mut labels = Vec::new();
    let mut notes = Vec::new();
    let mut absent = Absent::default();
    for (at, reason) in reasons.iter().enumerate() {
        if absent.takes(at + 1, reason) {
            continue;
        }
        let said = safe::line(&format!("{}. {}", at + 1, sentence(reason)));
        let Some(span) = reason.place else {
            notes.push(said);
            continue;
        };
        let range = snippets.underline(span);
        let label = match at {
            0 => Marked::primary(span.file, range),
            _ => Marked::secondary(span.file, range),
        };
        labels.push(label.with_message(said));
    }
    let mut below: Vec<String> = Vec::new();
    below.extend(on(group, answer));
    if let Verdict::Possible { witness, .. } = &group.verdict {
        below.push(settings(group, answer));
        let environment = words::environment(&witness.environment);
        if !environment.is_empty() {
            below.push(format!(
                "environment: {}",
                safe::line(&environment.join(", "))
            ));
        }
        let mut answers = words::tools(&witness.toolchain);
        answers.extend(words::answers(&witness.toolchain));
        if !answers.is_empty() {
            below.push(format!("toolchain: {}", safe::line(&answers.join(", "))));
        }
    }
    if matches!(group.verdict, Verdict::Impossible { .. }) && reasons.is_empty() {
        below.push("the question contradicts itself".to_owned());
    }
    below.append(&mut notes);
    below.extend(absent.told());
    Drawn::new(Severity::Note)
        .with_message(safe::line(&headline(&answer.question, &group.verdict)))
        .with_labels(labels)
        .with_notes(below)
}

/// Steps that only say that a symbol does not exist here: a kernel's `depends on` names many
/// architectures, and one line holds them all.
#[derive(Default)]
struct Absent<'a> {
    steps: Vec<(usize, &'a Reason)>,
}

impl<'a> Absent<'a> {
    fn takes(&mut self, step: usize, reason: &'a Reason) -> bool {
        let is_one = matches!(
            &reason.fact,
            Fact::Is {
                why: Why::Undefined,
                ..
            }
        );
        if is_one {
            self.steps.push((step, reason));
        }
        is_one
    }

    fn told(&self) -> Option<String> {
        let said = match &self.steps[..] {
            [] => return None,
            [(step, reason)] => format!("{step}. {}", sentence(reason)),
            steps => {
                let numbers: Vec<String> = steps.iter().map(|(step, _)| step.to_string()).collect();
                let names = steps.iter().flat_map(|(_, reason)| &reason.symbols);
                let names: Vec<&str> = names.map(String::as_str).collect();
                let (numbers, names) = (numbers.join(", "), names.join(", "));
                format!("{numbers}. these do not exist here, so they are n: {names}")
            }
        };
        Some(safe::line(&said))
    }
}

fn on(group: &Group, answer: &Answer) -> Option<String> {
    let (some, all) = (group.architectures.len(), answer.architectures.len());
    let names = safe::line(&group.architectures.join(", "));
    let mut line = match (some, all) {
        (_, 0) => return None,
        (some, all) if some == all && all > 1 => format!("on: all {all} architectures"),
        (_, 1) => format!("on: {names}"),
        _ => format!("on: {names} ({some} of {all} architectures)"),
    };
    if let Some(told) = &group.told_of {
        line.push_str(&format!("; the steps are those of {}", safe::line(told)));
    }
    Some(line)
}

/// What the user sets: the least that it takes.
fn settings(group: &Group, answer: &Answer) -> String {
    let Verdict::Possible { witness, .. } = &group.verdict else {
        return String::new();
    };
    let mut parts = Vec::new();
    let prefix = &answer.project.prefix;
    let settings = witness.config.iter();
    parts.extend(settings.map(|(symbol, value)| format!("{prefix}{symbol}={value}")));
    match parts.is_empty() {
        true => "nothing has to be set".to_owned(),
        false => format!("set: {}", safe::line(&parts.join(", "))),
    }
}

/// Writes the answer for programs. `root` is the folder of the tree as the user would name
/// it.
///
/// # Errors
/// When `out` does not take it.
pub fn render_json(answer: &Answer, root: &str, out: &mut dyn Write) -> io::Result<()> {
    let report = Report {
        version: VERSION,
        tree: root,
        symbol: &answer.question.symbol,
        condition: answer.question.condition.as_deref(),
        architectures: &answer.architectures,
        answers: answer
            .groups
            .iter()
            .map(|group| Told::new(group, answer))
            .collect(),
    };
    json::write(&report, out)
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Report<'a> {
    version: u32,
    tree: &'a str,
    symbol: &'a str,
    #[serde(rename = "while")]
    condition: Option<&'a str>,
    architectures: &'a [String],
    answers: Vec<Told<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Told<'a> {
    answer: &'static str,
    message: String,
    architectures: Vec<&'a str>,
    steps: Vec<Step<'a>>,
    witness: Option<Shown<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Step<'a> {
    symbols: &'a [String],
    message: String,
    file: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
    end_line: Option<u32>,
    end_column: Option<u32>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Shown<'a> {
    architecture: &'a str,
    config: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    environment: &'a BTreeMap<String, String>,
    toolchain: &'a BTreeMap<String, String>,
}

impl<'a> Told<'a> {
    fn new(group: &'a Group, answer: &Answer) -> Told<'a> {
        let names = group.architectures.iter().map(String::as_str);
        let steps = group.verdict.reasons().iter();
        Told {
            answer: match group.verdict {
                Verdict::Possible { .. } => "possible",
                Verdict::Impossible { .. } => "impossible",
                Verdict::Undefined => "undefined",
                Verdict::Recursive => "recursive",
                Verdict::Undecided(_) => "undecided",
            },
            message: headline(&answer.question, &group.verdict),
            architectures: names.filter(|name| !name.is_empty()).collect(),
            steps: steps.map(|one| Step::new(one, &answer.files)).collect(),
            witness: match &group.verdict {
                Verdict::Possible { witness, .. } => Some(Shown {
                    architecture: &witness.architecture,
                    config: &witness.config,
                    environment: &witness.environment,
                    toolchain: &witness.toolchain,
                }),
                _ => None,
            },
        }
    }
}

impl<'a> Step<'a> {
    fn new(reason: &'a Reason, files: &Files) -> Step<'a> {
        let place = reason.place.map(|span| place(files, span));
        Step {
            symbols: &reason.symbols,
            message: sentence(reason),
            line: place.as_ref().map(|place| place.line),
            column: place.as_ref().map(|place| place.column),
            end_line: place.as_ref().map(|place| place.end_line),
            end_column: place.as_ref().map(|place| place.end_column),
            file: place.map(|place| place.path),
        }
    }
}
