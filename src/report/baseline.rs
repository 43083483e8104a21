// SPDX-License-Identifier: MIT OR Apache-2.0
//! Findings as a baseline: JSON with one entry a line, sorted, so that it diffs and merges well.
//!
//! `config/` reads it. Fingerprints, pairs and missing terms count; the rest tells people what an
//! entry is.

use std::collections::BTreeSet;

use serde::Serialize;

use super::fingerprint::{fingerprints, pairs};
use super::json::harmless;
use crate::config::BASELINE_VERSION;
use crate::diagnostic::Diagnostic;
use crate::rules::unused_suppression;
use crate::source::Files;

#[derive(Serialize)]
struct Entry<'a> {
    fingerprint: &'a str,
    pair: &'a str,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    missing: BTreeSet<&'a String>,
    rule: &'a str,
    symbol: Option<&'a str>,
    message: &'a str,
}

/// The text of a baseline of these findings, and how many entries it has. What is said about
/// suppressions is left out: it would be gone in the next run.
pub fn baseline(findings: &[Diagnostic], files: &Files) -> (String, usize) {
    let marks = fingerprints(findings, files);
    let pairs = pairs(findings, files);
    let kept = findings.iter().zip(marks.iter().zip(&pairs));
    let mut kept: Vec<_> = kept
        .filter(|(finding, _)| finding.rule != unused_suppression::RULE.name)
        .collect();
    kept.sort_by_key(|(finding, mark)| (finding.rule, finding.symbol.clone(), *mark));
    let lines: Vec<String> = kept
        .iter()
        .map(|(finding, (mark, pair))| line(finding, mark, pair))
        .collect();
    let list = match lines.is_empty() {
        true => "[]".to_owned(),
        false => format!("[\n{}\n  ]", lines.join(",\n")),
    };
    let text = format!("{{\n  \"version\": {BASELINE_VERSION},\n  \"findings\": {list}\n}}\n");
    (text, lines.len())
}

fn line(finding: &Diagnostic, mark: &str, pair: &str) -> String {
    let entry = Entry {
        fingerprint: mark,
        pair,
        missing: finding.lacks.values().flatten().collect(),
        rule: finding.rule,
        symbol: finding.symbol.as_deref(),
        message: &finding.message,
    };
    // Texts and options of texts always have a JSON.
    let json = serde_json::to_string(&entry).unwrap_or_default();
    format!("    {}", harmless(&json))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Baseline;
    use crate::diagnostic::Level;
    use crate::source::WorkTree;

    fn finding(rule: &'static str, symbol: &str) -> Diagnostic {
        let message = format!("{symbol} \u{202e} ##[x] \x1b is wrong");
        let mut finding = Diagnostic::global(rule, Level::Warn, message);
        finding.symbol = Some(symbol.to_owned());
        finding
    }

    #[test]
    fn what_is_written_is_read_again() {
        let files = Files::new(WorkTree::new("/nonexistent"));
        let findings = [
            finding("unmet-dependency", "B"),
            finding("unused-suppression", "C"),
            finding("unmet-dependency", "A"),
        ];
        let (text, count) = baseline(&findings, &files);
        assert_eq!(count, 2);
        let read = Baseline::parse(&text).expect("a baseline");
        let messages: Vec<&str> = read.entries.iter().map(|it| it.message.as_str()).collect();
        assert_eq!(
            messages,
            [findings[2].message.as_str(), &findings[0].message]
        );
        assert_eq!(text.lines().filter(|line| line.contains("rule")).count(), 2);
        assert!(
            !text.contains('\u{202e}') && !text.contains("##["),
            "{text}"
        );
        assert_eq!(
            baseline(&[], &files).0,
            "{\n  \"version\": 2,\n  \"findings\": []\n}\n"
        );
    }
}
