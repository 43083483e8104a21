// SPDX-License-Identifier: MIT OR Apache-2.0
//! SARIF 2.1.0, which code scanning services and editors read.
//!
//! Columns count code points there, and a path is a URI below the root of the tree.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};

use super::fingerprint::{fingerprints, pairs};
use super::safe;
use crate::diagnostic::group;
use crate::diagnostic::{Data, Diagnostic, Fix, Label, Level, Status};
use crate::rules::RULES;
use crate::session::Outcome;
use crate::source::{Files, SourceFile, Span};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The name under which a result's own fingerprint stands. What `v1` was, the pair, is a property.
const FINGERPRINT: &str = "kconfigLint/v2";

/// What code scanning of GitHub takes of a full description, in characters.
const LONGEST_DESCRIPTION: usize = 1024;

/// The documentation of the language, which holds for every rule. The rules' own pages travel in
/// the report.
const LANGUAGE: &str = "https://docs.kernel.org/kbuild/kconfig-language.html";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Value; 1],
}

/// Writes the report.
///
/// # Errors
/// When `out` does not take it.
pub fn render(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let marks = fingerprints(&outcome.findings, &outcome.files);
    let marks = marks
        .into_iter()
        .zip(pairs(&outcome.findings, &outcome.files));
    let groups = group::names(&outcome.findings);
    let findings = outcome.findings.iter().zip(marks.zip(groups));
    let results: Vec<Value> = findings
        .map(|(finding, ((mark, pair), group))| {
            let mut result = result(finding, &mark, &pair, outcome);
            if let Some(group) = group {
                result["properties"]["group"] = json!(group);
            }
            result
        })
        .collect();
    let run = json!({
        "tool": { "driver": driver() },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            "ROOT": { "description": { "text": "The root of the tree" } }
        },
        "invocations": [invocation(outcome)],
        "results": results,
    });
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [run],
    };
    super::json::write(&log, out)
}

/// Whether the run gives a verdict, and why it does not.
fn invocation(outcome: &Outcome) -> Value {
    let is_good = outcome.internal_errors.is_empty() && outcome.objections.is_empty();
    let mut invocation = json!({ "executionSuccessful": is_good });
    if !outcome.objections.is_empty() {
        let objections = outcome.objections.iter();
        let told = objections
            .map(|words| json!({ "level": "error", "message": { "text": safe::line(words) } }));
        invocation["toolExecutionNotifications"] = told.collect();
    }
    invocation
}

fn driver() -> Value {
    let rules: Vec<Value> = RULES
        .iter()
        .map(|rule| {
            json!({
                "id": rule.name,
                "shortDescription": { "text": rule.summary },
                "fullDescription": { "text": description(rule.docs) },
                "help": { "text": description(rule.docs), "markdown": rule.docs },
                "helpUri": LANGUAGE,
                "defaultConfiguration": { "level": level(rule.level) },
                "properties": { "tags": [rule.group.word()] },
            })
        })
        .collect();
    json!({
        "name": env!("CARGO_PKG_NAME"),
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": rules,
    })
}

/// What a rule does, from its documentation: whole paragraphs, as many as fit.
fn description(docs: &str) -> &str {
    let (_, section) = docs.split_once("\n\n").unwrap_or(("", docs));
    let section = section.split("\n## ").next().unwrap_or(section);
    let ends = section.match_indices("\n\n").map(|(at, _)| at);
    let ends = ends.chain([section.len()]);
    let end = ends.take_while(|end| *end <= LONGEST_DESCRIPTION).last();
    section[..end.unwrap_or_default()].trim_end()
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Deny => "error",
        Level::Warn => "warning",
        Level::Allow => "note",
    }
}

fn result(finding: &Diagnostic, mark: &str, pair: &str, outcome: &Outcome) -> Value {
    let files = &*outcome.files;
    let related = finding.labels.iter().chain(&finding.related).enumerate();
    let mut result = json!({
        "ruleId": finding.rule,
        "level": level(finding.level),
        "message": { "text": finding.message },
        "locations": [match &finding.primary {
            Some(label) => json!({ "physicalLocation": physical(files, label.span) }),
            None => json!({ "physicalLocation": {
                "artifactLocation": artifact(&outcome.project.root_file)
            } }),
        }],
        "partialFingerprints": { FINGERPRINT: mark },
        "relatedLocations": related.map(|(id, label)| location(files, id, label)).collect::<Vec<_>>(),
        "fixes": finding.fixes.iter().filter(|fix| !fix.edits().is_empty())
            .map(|fix| proposal(files, fix)).collect::<Vec<_>>(),
        "properties": { "architectures": finding.architectures, "pair": pair },
    });
    if let Data::Unmet { missing, .. } | Data::Policy { missing, .. } = &finding.data {
        result["properties"]["missing"] = json!(missing);
    }
    if let Some(at) = RULES.iter().position(|rule| rule.name == finding.rule) {
        result["ruleIndex"] = json!(at);
    }
    if let Some(change) = &finding.change {
        result["baselineState"] = json!(match change.status {
            Status::New | Status::FixedLater => "new",
            Status::Fixed => "absent",
            Status::PartlyFixed => "updated",
            // Whether it was there before, nobody can say: that tree could not be judged.
            Status::BecameVisible => "unchanged",
        });
        result["properties"]["status"] = json!(change.status.word());
        if let Some(commit) = &change.commit {
            result["properties"]["commit"] = json!(commit);
        }
        if !change.terms.is_empty() {
            result["properties"]["terms"] = json!(change.terms);
        }
    }
    result
}

fn location(files: &Files, id: usize, label: &Label) -> Value {
    json!({
        "id": id,
        "message": { "text": label.message },
        "physicalLocation": physical(files, label.span),
    })
}

fn physical(files: &Files, span: Span) -> Value {
    let file = files.get(span.file);
    json!({
        "artifactLocation": artifact(file.path()),
        "region": region(&file, span),
    })
}

fn artifact(path: &str) -> Value {
    json!({ "uri": uri(path), "uriBaseId": "ROOT" })
}

/// A relative path as a URI (RFC 3986): what has a meaning there, and what is not ASCII, by its
/// bytes.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~+@".contains(&byte);
    let part = |byte: u8| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    path.bytes().map(part).collect()
}

fn region(file: &SourceFile, span: Span) -> Value {
    let (start_line, start_column) = position(file, span.start);
    let (end_line, end_column) = position(file, span.end);
    json!({
        "startLine": start_line,
        "startColumn": start_column,
        "endLine": end_line,
        "endColumn": end_column,
    })
}

/// Line and column from 1, in code points.
fn position(file: &SourceFile, offset: u32) -> (u32, usize) {
    let place = file.position(offset);
    let start = offset as usize - (place.column as usize - 1);
    let before = &file.text()[start..offset as usize];
    (
        place.line,
        String::from_utf8_lossy(before).chars().count() + 1,
    )
}

fn proposal(files: &Files, fix: &Fix) -> Value {
    let mut changes: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for edit in fix.edits() {
        let file = files.get(edit.span.file);
        changes
            .entry(file.path().to_owned())
            .or_default()
            .push(json!({
                "deletedRegion": region(&file, edit.span),
                "insertedContent": { "text": edit.text },
            }));
    }
    let changes = changes.into_iter().map(|(path, replacements)| {
        json!({ "artifactLocation": artifact(&path), "replacements": replacements })
    });
    json!({
        "description": { "text": fix.title },
        "artifactChanges": changes.collect::<Vec<_>>(),
        "properties": { "applicability": fix.applicability.word() },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_is_described_within_the_limit() {
        for rule in RULES {
            let text = description(rule.docs);
            assert!(text.chars().count() <= LONGEST_DESCRIPTION, "{}", rule.name);
            assert!(text.ends_with(['.', ':']), "{}: {text:?}", rule.name);
            assert!(!text.contains("## "), "{}: {text:?}", rule.name);
        }
    }
}
