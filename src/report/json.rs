// SPDX-License-Identifier: MIT OR Apache-2.0
//! The report for programs. Its shape is the schema in `schema.json`, which changes only
//! with [`VERSION`].
//!
//! Letters that a terminal could act on are escaped, because reports end up in CI logs.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

use super::fingerprint::{fingerprints, pairs};
use super::place::place;
use super::safe;
use crate::diagnostic::group;
use crate::diagnostic::{Confirmation, Data, Diagnostic, Fix, Label, Level, Rejected, Witness};
use crate::session::Outcome;
use crate::source::Files;

/// The version of the report's shape.
pub const VERSION: u32 = 2;

/// The JSON schema (draft 2020-12) of the report.
pub const SCHEMA: &str = include_str!("schema.json");

/// Writes the report. `root` is the folder of the tree as the user would name it.
///
/// # Errors
/// When `out` does not take it.
pub fn render(outcome: &Outcome, root: &str, out: &mut dyn Write) -> io::Result<()> {
    let files = &*outcome.files;
    let marks = fingerprints(&outcome.findings, files);
    let marks = marks.into_iter().zip(pairs(&outcome.findings, files));
    let groups = group::names(&outcome.findings);
    let findings = outcome.findings.iter().zip(marks.zip(groups));
    let report = Report {
        version: VERSION,
        tree: Tree {
            root,
            kind: outcome.project.kind.name(),
        },
        architectures: &outcome.architectures,
        findings: findings
            .map(|(finding, mark)| Finding::new(finding, mark, files))
            .collect(),
        summary: Summary::new(outcome),
    };
    write(&report, out)
}

/// Writes a value as JSON that no terminal acts on.
pub(super) fn write(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let layout = Harmless(PrettyFormatter::new());
    value.serialize(&mut Serializer::with_formatter(&mut *out, layout))?;
    writeln!(out)
}

/// Writes answers of a toolchain, in the form that `--toolchain FILE` reads.
///
/// # Errors
/// When `out` does not take it.
pub fn answers(answers: &BTreeMap<String, String>, out: &mut dyn Write) -> io::Result<()> {
    let layout = Harmless(PrettyFormatter::new());
    answers.serialize(&mut Serializer::with_formatter(&mut *out, layout))?;
    writeln!(out)
}

/// Escapes in a JSON text the letters that a terminal or a CI system could act on. They only
/// occur in its strings.
pub(super) fn harmless(json: &str) -> String {
    let brackets: Vec<usize> = safe::command_brackets(json).collect();
    let mut text = String::with_capacity(json.len());
    for (at, letter) in json.char_indices() {
        if letter != '\n' && safe::needs_escape(letter) || brackets.contains(&at) {
            let mut units = [0; 2];
            for unit in letter.encode_utf16(&mut units) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            text.push(letter);
        }
    }
    text
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Report<'a> {
    version: u32,
    tree: Tree<'a>,
    architectures: &'a [String],
    findings: Vec<Finding<'a>>,
    summary: Summary<'a>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Tree<'a> {
    root: &'a str,
    kind: &'static str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Summary<'a> {
    levels: BTreeMap<&'static str, usize>,
    rules: BTreeMap<&'static str, usize>,
    files: usize,
    symbols: usize,
    selects: usize,
    sources: Sources<'a>,
    not_checked: &'a BTreeSet<String>,
    no_verdict: &'a [String],
    suppressed: Suppressed,
}

/// What became of the `source` statements.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Sources<'a> {
    followed: usize,
    not_followed: usize,
    unset: &'a BTreeMap<String, usize>,
    generated: usize,
    toolchain: usize,
    missing: usize,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Suppressed {
    comments: usize,
    settings: usize,
    baseline: usize,
}

impl Summary<'_> {
    fn new(outcome: &Outcome) -> Summary<'_> {
        let mut levels = BTreeMap::from([(Level::Deny.word(), 0), (Level::Warn.word(), 0)]);
        let mut rules = BTreeMap::new();
        for finding in &outcome.findings {
            *levels.entry(finding.level.word()).or_default() += 1;
            *rules.entry(finding.rule).or_default() += 1;
        }
        Summary {
            levels,
            rules,
            files: outcome.counts.files,
            symbols: outcome.counts.symbols,
            selects: outcome.counts.selects,
            sources: Sources {
                followed: outcome.reading.followed,
                not_followed: outcome.reading.unfollowed,
                unset: &outcome.reading.unset,
                generated: outcome.reading.generated,
                toolchain: outcome.reading.toolchain,
                missing: outcome.reading.missing,
            },
            not_checked: &outcome.reading.held_back,
            no_verdict: &outcome.objections,
            suppressed: Suppressed {
                comments: outcome.counts.suppressed.comments,
                settings: outcome.counts.suppressed.settings,
                baseline: outcome.counts.suppressed.baseline,
            },
        }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Finding<'a> {
    rule: &'static str,
    level: &'static str,
    symbol: Option<&'a str>,
    message: &'a str,
    file: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
    end_line: Option<u32>,
    end_column: Option<u32>,
    architectures: &'a [String],
    fingerprint: String,
    pair: String,
    group: Option<String>,
    status: Option<&'static str>,
    commit: Option<&'a str>,
    patch: Option<Patch<'a>>,
    terms: &'a [String],
    related: Vec<Related<'a>>,
    data: Option<Facts<'a>>,
    witness: Option<Shown<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmation: Option<Verdict<'a>>,
    fixes: Vec<Proposal<'a>>,
    rejected: Vec<NotOffered<'a>>,
}

impl<'a> Finding<'a> {
    fn new(
        finding: &'a Diagnostic,
        ((fingerprint, pair), group): ((String, String), Option<String>),
        files: &Files,
    ) -> Finding<'a> {
        let primary = finding.primary.as_ref();
        let place = primary.map(|label| place(files, label.span));
        let related = finding.labels.iter().chain(&finding.related);
        let change = finding.change.as_ref();
        Finding {
            rule: finding.rule,
            level: finding.level.word(),
            symbol: finding.symbol.as_deref(),
            message: &finding.message,
            line: place.as_ref().map(|place| place.line),
            column: place.as_ref().map(|place| place.column),
            end_line: place.as_ref().map(|place| place.end_line),
            end_column: place.as_ref().map(|place| place.end_column),
            file: place.map(|place| place.path),
            architectures: &finding.architectures,
            fingerprint,
            pair,
            group,
            status: change.map(|change| change.status.word()),
            commit: change.and_then(|change| change.commit.as_deref()),
            patch: change.and_then(|change| {
                let (file, line) = change.patch.as_ref()?;
                Some(Patch { file, line: *line })
            }),
            terms: change.map_or(&[], |change| &change.terms),
            related: related.map(|label| Related::new(label, files)).collect(),
            data: Facts::new(&finding.data),
            witness: finding.witness.as_ref().map(Shown::new),
            confirmation: finding.confirmation.as_ref().map(Verdict::new),
            fixes: finding
                .fixes
                .iter()
                .map(|fix| Proposal::new(fix, files))
                .collect(),
            rejected: finding.rejected.iter().map(NotOffered::new).collect(),
        }
    }
}

/// The place in a patch; only diff modes know one.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Patch<'a> {
    file: &'a str,
    line: u32,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Related<'a> {
    file: String,
    line: u32,
    column: u32,
    message: &'a str,
}

impl<'a> Related<'a> {
    fn new(label: &'a Label, files: &Files) -> Related<'a> {
        let place = place(files, label.span);
        Related {
            file: place.path,
            line: place.line,
            column: place.column,
            message: &label.message,
        }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
enum Facts<'a> {
    Unmet {
        selector: &'a str,
        selectee: &'a str,
        condition: Option<&'a str>,
        missing: &'a [String],
        level: &'static str,
    },
    Policy {
        policy: &'a str,
        selector: &'a str,
        selectee: &'a str,
        condition: Option<&'a str>,
        missing: &'a [String],
    },
    Cycle {
        symbols: &'a [String],
    },
}

impl<'a> Facts<'a> {
    fn new(data: &'a Data) -> Option<Facts<'a>> {
        match data {
            Data::None => None,
            Data::Unmet {
                selector,
                selectee,
                condition,
                missing,
                level,
            } => Some(Facts::Unmet {
                selector,
                selectee,
                condition: condition.as_deref(),
                missing,
                level,
            }),
            Data::Policy {
                policy,
                selector,
                selectee,
                condition,
                missing,
            } => Some(Facts::Policy {
                policy,
                selector,
                selectee,
                condition: condition.as_deref(),
                missing,
            }),
            Data::Cycle { symbols } => Some(Facts::Cycle { symbols }),
        }
    }
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

impl<'a> Shown<'a> {
    fn new(witness: &'a Witness) -> Shown<'a> {
        Shown {
            architecture: &witness.architecture,
            config: &witness.config,
            environment: &witness.environment,
            toolchain: &witness.toolchain,
        }
    }
}

/// What conf says; left out unless it was asked.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Verdict<'a> {
    state: &'static str,
    why: Option<&'a str>,
}

impl<'a> Verdict<'a> {
    fn new(confirmation: &'a Confirmation) -> Verdict<'a> {
        match confirmation {
            Confirmation::Confirmed => Verdict {
                state: "confirmed",
                why: None,
            },
            Confirmation::NotConfirmed(why) => Verdict {
                state: "not-confirmed",
                why: Some(why),
            },
            Confirmation::NotAsked(why) => Verdict {
                state: "not-asked",
                why: Some(why),
            },
        }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Proposal<'a> {
    title: &'a str,
    applicability: &'static str,
    proved: bool,
    remark: &'a str,
    edits: Vec<Replacement<'a>>,
}

impl<'a> Proposal<'a> {
    fn new(fix: &'a Fix, files: &Files) -> Proposal<'a> {
        let mut edits: Vec<Replacement<'a>> = fix
            .edits()
            .iter()
            .map(|edit| Replacement {
                file: files.get(edit.span.file).path().to_owned(),
                start: edit.span.start,
                end: edit.span.end,
                text: &edit.text,
            })
            .collect();
        edits.sort_by(|one, other| (&one.file, one.start).cmp(&(&other.file, other.start)));
        Proposal {
            title: &fix.title,
            applicability: fix.applicability.word(),
            proved: fix.proved,
            remark: &fix.remark,
            edits,
        }
    }
}

/// A fix that was tried and does harm.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct NotOffered<'a> {
    title: &'a str,
    reason: &'a str,
}

impl<'a> NotOffered<'a> {
    fn new(rejected: &'a Rejected) -> NotOffered<'a> {
        NotOffered {
            title: &rejected.title,
            reason: &rejected.reason,
        }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Replacement<'a> {
    file: String,
    start: u32,
    end: u32,
    text: &'a str,
}

/// Pretty JSON in whose strings dangerous letters and commands of CI systems are escaped.
struct Harmless(PrettyFormatter<'static>);

impl Formatter for Harmless {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let brackets: Vec<usize> = safe::command_brackets(fragment).collect();
        let mut done = 0;
        for (at, letter) in fragment.char_indices() {
            if safe::needs_escape(letter) || brackets.contains(&at) {
                out.write_all(&fragment.as_bytes()[done..at])?;
                let mut units = [0; 2];
                for unit in letter.encode_utf16(&mut units) {
                    write!(out, "\\u{unit:04x}")?;
                }
                done = at + letter.len_utf8();
            }
        }
        out.write_all(&fragment.as_bytes()[done..])
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_array(out)
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array(out)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array_value(out)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }
}
