// SPDX-License-Identifier: MIT OR Apache-2.0
//! Annotations of a GitHub workflow: a command for each finding, which GitHub shows beside the line.

use std::io::{self, Write};

use super::place::place;
use super::safe;
use crate::diagnostic::{Diagnostic, Level};
use crate::session::Outcome;

/// Writes the findings.
///
/// # Errors
/// When `out` does not take it.
pub fn render(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    for finding in &outcome.findings {
        let properties = properties(finding, outcome);
        let message = value(&message(finding));
        let command = match finding.level {
            Level::Deny => "error",
            Level::Warn => "warning",
            Level::Allow => "notice",
        };
        writeln!(out, "::{command} {properties}::{message}")?;
    }
    Ok(())
}

fn properties(finding: &Diagnostic, outcome: &Outcome) -> String {
    let mut all = Vec::new();
    let mut add = |name: &str, text: &str| all.push(format!("{name}={}", property(text)));
    match &finding.primary {
        Some(label) => {
            let place = place(&outcome.files, label.span);
            add("file", &place.path);
            add("line", &place.line.to_string());
            add("endLine", &place.end_line.to_string());
            // GitHub takes columns only within one line.
            if place.line == place.end_line {
                add("col", &place.column.to_string());
                add("endColumn", &place.end_column.to_string());
            }
        }
        None => add("file", &outcome.project.root_file),
    }
    add("title", &format!("kconfig-lint: {}", finding.rule));
    all.join(",")
}

/// What is wrong, on which architectures, and what to write.
fn message(finding: &Diagnostic) -> String {
    let mut lines = vec![safe::line(&finding.message)];
    if !finding.architectures.is_empty() {
        lines.push(format!(
            "on: {}",
            safe::line(&finding.architectures.join(", "))
        ));
    }
    let titles = finding.fixes.iter().take(1).map(|fix| &fix.title);
    lines.extend(titles.map(|title| format!("help: {}", safe::line(title))));
    lines.join("\n")
}

/// A text behind the second `::`, which ends with the line.
fn value(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    value(&safe::line(text))
        .replace(':', "%3A")
        .replace(',', "%2C")
}
