// SPDX-License-Identifier: MIT OR Apache-2.0
//! One line for each finding: `path:line:col: level: message [rule]`, as editors and grep
//! like it.

use std::io::{self, Write};

use super::place::place;
use super::safe;
use crate::diagnostic::Diagnostic;
use crate::session::Outcome;

/// Writes the findings, and with `verbose` the remarks.
///
/// # Errors
/// When `out` does not take it.
pub fn render(outcome: &Outcome, verbose: bool, out: &mut dyn Write) -> io::Result<()> {
    let remarks = outcome.remarks.iter().filter(|_| verbose);
    for finding in outcome.findings.iter().chain(remarks) {
        writeln!(
            out,
            "{}: {}: {} [{}]{}",
            location(finding, outcome),
            finding.level.word(),
            safe::line(&finding.message),
            finding.rule,
            change(finding)
        )?;
    }
    Ok(())
}

/// A finding about the tree as a whole stands at the start of its root file.
fn location(finding: &Diagnostic, outcome: &Outcome) -> String {
    match &finding.primary {
        Some(label) => {
            let place = place(&outcome.files, label.span);
            let path = safe::path(&place.path);
            format!("{path}:{}:{}", place.line, place.column)
        }
        None => format!("{}:1:1", safe::path(&outcome.project.root_file)),
    }
}

/// What a series of changes does to a finding, and which of them.
fn change(finding: &Diagnostic) -> String {
    let Some(change) = &finding.change else {
        return String::new();
    };
    let commit = change.commit.iter().map(|name| format!(" {name:.12}"));
    let commit: String = commit.collect();
    format!(" ({}{commit})", change.status.word())
}
