// SPDX-License-Identifier: MIT OR Apache-2.0
//! One line for each finding: `path:line:col: level: message [rule]`, as editors and grep
//! like it.

use std::io::{self, Write};

use super::place::of_finding;
use super::{grouped, safe};
use crate::diagnostic::{Diagnostic, group};
use crate::session::Outcome;

/// Writes the findings, those of a group as one; with `verbose` each of them, and the remarks.
///
/// # Errors
/// When `out` does not take it.
pub fn render(outcome: &Outcome, verbose: bool, out: &mut dyn Write) -> io::Result<()> {
    let findings = &outcome.findings;
    if verbose {
        let mut all = findings.iter().chain(&outcome.remarks);
        return all.try_for_each(|finding| line(finding, outcome, out));
    }
    for item in group::items(findings) {
        match &item.cause {
            Some(cause) => {
                let whole = grouped::finding(findings, &item.members, cause, &outcome.files);
                line(&whole, outcome, out)?;
            }
            None => {
                let mut members = item.members.iter();
                members.try_for_each(|at| line(&findings[*at], outcome, out))?;
            }
        }
    }
    Ok(())
}

fn line(finding: &Diagnostic, outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{}: {}: {} [{}]{}",
        location(finding, outcome),
        finding.level.word(),
        safe::line(&finding.message),
        finding.rule,
        change(finding)
    )
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
