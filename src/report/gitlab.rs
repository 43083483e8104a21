// SPDX-License-Identifier: MIT OR Apache-2.0
//! GitLab's code quality report, which a merge request shows.

use std::io::{self, Write};

use serde::Serialize;

use super::fingerprint::fingerprints;
use super::json;
use super::place::of_finding;
use crate::diagnostic::Level;
use crate::session::Outcome;

#[derive(Serialize)]
struct Issue<'a> {
    description: &'a str,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

/// Writes the findings.
///
/// # Errors
/// When `out` does not take it.
pub fn render(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let marks = fingerprints(&outcome.findings, &outcome.files);
    let findings = outcome.findings.iter().zip(marks);
    let issues = findings.map(|(finding, fingerprint)| {
        let place = of_finding(finding, outcome);
        Issue {
            description: &finding.message,
            check_name: finding.rule,
            fingerprint,
            severity: match finding.level {
                Level::Deny => "critical",
                Level::Warn => "minor",
                Level::Allow => "info",
            },
            location: Location {
                path: place.path,
                lines: Lines { begin: place.line },
            },
        }
    });
    json::write(&issues.collect::<Vec<_>>(), out)
}
