// SPDX-License-Identifier: MIT OR Apache-2.0
//! Findings that a change only makes visible: an error kept the tree before from being judged, and
//! the change takes the error away.
//!
//! Nobody knows what the tree before has, so it is judged with the error left aside: with the
//! smallest part of the change that repairs the error (`repair`), and where selects hang on a
//! cycle, with the cycle as it is (`session/cyclic`). What is found that way was there before.
//! Everything else the change brings.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::run::{self, Tree};
use super::marks::{Marks, is_about_text};
use super::repair;
use crate::config::{Levels, Selector};
use crate::diagnostic::{Data, Diagnostic, Level};
use crate::report;
use crate::rules::unmet_dependency::Kind;
use crate::rules::{recursive_dependency, registry, syntax_error, unterminated_block};
use crate::session::{Options, Outcome, Suspect};
use crate::source::{Overlay, Reader};
use crate::syntax::{Notation, SyntaxTree};

/// How often a text is parsed, and how often a tree is read, to find the part that repairs it.
const MAX_PARSED: usize = 400;
const MAX_READ: usize = 60;

/// What is found in a tree with its errors left aside.
pub(super) struct Hidden {
    /// The findings of the tree that is repaired as little as possible; nothing is suppressed yet.
    pub(super) outcome: Outcome,
    pub(super) options: Options,
}

impl Hidden {
    /// Judges `before`, of which `after` lacks some errors: those whose pairs are not in `left`.
    ///
    /// # Errors
    /// When the tree cannot be read.
    pub(super) fn of(
        before: &Tree,
        after: &dyn Reader,
        left: &BTreeSet<String>,
        options: Options,
    ) -> anyhow::Result<Hidden> {
        let mut outcome = run::with(before, &options)?;
        report::mark(&mut outcome.findings, &outcome.files);
        let gone = outcome.findings.iter();
        let gone = gone.filter(|it| is_about_text(it.rule) && !left.contains(&it.pair));
        let mut by_file: BTreeMap<String, Vec<&Diagnostic>> = BTreeMap::new();
        for error in gone {
            if let Some(label) = &error.primary {
                let path = outcome.files.get(label.span.file).path().to_owned();
                by_file.entry(path).or_default().push(error);
            }
        }
        let mut repaired: BTreeMap<String, Arc<[u8]>> = BTreeMap::new();
        for (path, errors) in &by_file {
            let texts = (before.reader().read(path), after.read(path));
            let (Ok(old), Ok(new)) = texts else {
                continue;
            };
            let text = match errors.iter().all(|error| is_syntax(error.rule)) {
                true => parsed(&old, &new, errors.len()),
                false => read(before, &options, path, (&old, &new), errors),
            };
            repaired.extend(text.map(|text| (path.clone(), text.into())));
        }
        if !repaired.is_empty() {
            let tree = before.changed(overlay(before, repaired));
            outcome = run::with(&tree, &options)?;
            report::mark(&mut outcome.findings, &outcome.files);
        }
        Ok(Hidden { outcome, options })
    }

    /// What was there before of `findings`, which the next tree has.
    ///
    /// # Errors
    /// When the tree cannot be read any more.
    pub(super) fn marks(&self, findings: &[Diagnostic]) -> anyhow::Result<Marks> {
        let outcome = &self.outcome;
        let mut marks = Marks::of(&outcome.findings);
        let cycles = outcome.findings.iter();
        let cycles = cycles.filter(|it| it.rule == recursive_dependency::RULE.name);
        let cyclic: BTreeSet<&str> = cycles
            .flat_map(|it| match it.architectures.is_empty() {
                true => vec![""],
                false => it.architectures.iter().map(String::as_str).collect(),
            })
            .collect();
        let pairs: Vec<(&Diagnostic, Suspect)> = findings
            .iter()
            .filter_map(|finding| Some((finding, suspect(finding)?)))
            .collect();
        let (of, suspects): (Vec<&Diagnostic>, Vec<Suspect>) = pairs.into_iter().unzip();
        let Some(base) = outcome.base.as_ref().filter(|_| !cyclic.is_empty()) else {
            return Ok(marks);
        };
        let project = &outcome.project;
        for broken in base.despite_cycles(project, &self.options, &cyclic, &suspects)? {
            let finding = of[broken.suspect];
            let is_module = |finding: &Diagnostic| {
                matches!(&finding.data,
                    Data::Unmet { level, .. } if *level == Kind::Module.word())
            };
            let pair = match (is_module(finding), broken.kind) {
                (true, Some(Kind::Off)) => report::worse_pair(finding),
                (false, Some(Kind::Module)) => None,
                _ => Some(finding.pair.clone()),
            };
            if let Some(pair) = pair {
                marks.add(pair, broken.architecture, broken.terms);
            }
        }
        Ok(marks)
    }
}

fn suspect(finding: &Diagnostic) -> Option<Suspect> {
    let (selector, selectee, policy) = match &finding.data {
        Data::Unmet {
            selector, selectee, ..
        } => (selector, selectee, None),
        Data::Policy {
            policy,
            selector,
            selectee,
            ..
        } => (selector, selectee, Some(policy.clone())),
        Data::None | Data::Cycle { .. } => return None,
    };
    Some(Suspect {
        selector: selector.clone(),
        selectee: selectee.clone(),
        policy,
    })
}

fn is_syntax(rule: &str) -> bool {
    rule == syntax_error::RULE.name || rule == unterminated_block::RULE.name
}

/// The old text without so many syntax errors.
fn parsed(old: &[u8], new: &[u8], gone: usize) -> Option<Vec<u8>> {
    let errors = |text: &[u8]| SyntaxTree::parse(text, Notation::Kconfig).errors().len();
    let most = errors(old).checked_sub(gone)?;
    repair::smallest(old, new, MAX_PARSED, &mut |text| errors(text) <= most)
}

/// The old text of a file without errors that only reading the tree finds.
fn read(
    before: &Tree,
    options: &Options,
    path: &str,
    (old, new): (&[u8], &[u8]),
    gone: &[&Diagnostic],
) -> Option<Vec<u8>> {
    let mut levels = Levels::default();
    levels.set(Selector::All, Level::Allow);
    for rule in registry::RULES
        .iter()
        .filter(|rule| is_about_text(rule.name))
    {
        levels.set(Selector::Rule(rule), Level::Deny);
    }
    let options = Options {
        levels,
        ..options.clone()
    };
    let mut is_repaired = |text: &[u8]| {
        let texts = BTreeMap::from([(path.to_owned(), text.into())]);
        let tree = before.changed(overlay(before, texts));
        let outcome = run::with(&tree, &options);
        outcome.is_ok_and(|outcome| {
            let is_gone = |error: &&Diagnostic| {
                let same = |it: &Diagnostic| it.rule == error.rule && it.message == error.message;
                !outcome.findings.iter().any(same)
            };
            gone.iter().all(is_gone)
        })
    };
    repair::smallest(old, new, MAX_READ, &mut is_repaired)
}

fn overlay(before: &Tree, texts: BTreeMap<String, Arc<[u8]>>) -> Overlay {
    let overlay = Overlay::new(before.reader().clone());
    texts
        .into_iter()
        .fold(overlay, |overlay, (path, text)| overlay.with(&path, text))
}
