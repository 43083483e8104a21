// SPDX-License-Identifier: MIT OR Apache-2.0
//! Syntax errors and what elaboration found, as findings.

use std::collections::BTreeMap;

use super::analysis::Analysed;
use crate::config::Levels;
use crate::diagnostic::{Diagnostic, Label};
use crate::menu::{Loader, Problem};
use crate::rules::registry;

/// The syntax errors of all files that were read.
pub(super) fn syntax(loader: &Loader, levels: &Levels) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for loaded in loader.loaded() {
        for error in loaded.tree.errors() {
            let level = match error.harmless {
                true => levels.mild(error.rule),
                false => levels.level(error.rule),
            };
            let primary = Label::new(error.range.in_file(loaded.file), "");
            let rule = registered(error.rule);
            let mut finding = Diagnostic::new(rule, level, primary, error.message.clone());
            finding.labels.extend(
                error
                    .related
                    .iter()
                    .map(|(range, words)| Label::new(range.in_file(loaded.file), words.clone())),
            );
            findings.push(finding);
        }
    }
    findings
}

/// The problems of all architectures, equal ones merged.
pub(super) fn elaboration(results: &[Analysed], levels: &Levels) -> Vec<Diagnostic> {
    let mut merged: BTreeMap<_, (&Problem, Vec<String>)> = BTreeMap::new();
    for result in results {
        for problem in &result.problems {
            let key = (problem.rule, problem.span, problem.message.as_str());
            let (_, architectures) = merged.entry(key).or_insert((problem, Vec::new()));
            if !architectures.contains(&result.architecture) {
                architectures.push(result.architecture.clone());
            }
        }
    }
    let mut findings = Vec::new();
    for (problem, mut architectures) in merged.into_values() {
        let level = match problem.fatal {
            true => levels.level(problem.rule),
            false => levels.mild(problem.rule),
        };
        let primary = Label::new(problem.span, "");
        let rule = registered(problem.rule);
        let mut finding = Diagnostic::new(rule, level, primary, problem.message.clone());
        let related = problem.related.iter();
        finding
            .labels
            .extend(related.map(|(span, words)| Label::new(*span, words.clone())));
        architectures.retain(|name| !name.is_empty());
        architectures.sort();
        finding.architectures = architectures;
        findings.push(finding);
    }
    findings
}

/// The registry's spelling of a rule's name.
fn registered(name: &'static str) -> &'static str {
    registry::find(name).map_or(name, |rule| rule.name)
}
