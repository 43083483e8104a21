// SPDX-License-Identifier: MIT OR Apache-2.0
//! One line for each finding: `path:line:col: level: message [rule]`, as editors and grep
//! like it.

use std::io::{self, Write};

use super::place::of_finding;
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

fn location(finding: &Diagnostic, outcome: &Outcome) -> String {
    let place = of_finding(finding, outcome);
    let path = safe::path(&place.path);
    format!("{path}:{}:{}", place.line, place.column)
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
