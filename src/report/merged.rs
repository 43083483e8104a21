// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reports of several runs as one: what a farm made that was split by architecture or revision.
//!
//! Findings of the same pair, rule, status and commit are one finding, with the architectures and
//! the missing terms of all, and the fingerprint of these. The first report that has it gives its
//! words and places; reports are taken in the order given.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::fingerprint::of_pair;
use super::json::VERSION;

/// Reports that were merged.
pub struct Merged {
    value: Value,
    /// Whether one of the runs failed, as far as its report says so.
    pub failed: bool,
}

/// The statuses of findings that fail no run.
const PASSING: [&str; 3] = ["fixed", "partly-fixed", "became-visible"];

/// What to do about a file that is no report.
const WANTED: &str = "merge takes what --format json or --format sarif wrote";

/// The form of a report that can be merged.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Sarif,
}

/// Where a form keeps what tells findings apart.
struct Keys {
    fingerprint: &'static str,
    pair: &'static str,
    missing: &'static str,
    rule: &'static str,
    status: &'static str,
    commit: &'static str,
    architectures: &'static str,
}

impl Form {
    fn of(report: &Value) -> Result<Form, String> {
        if report["version"] == json!(VERSION) && report["findings"].is_array() {
            return Ok(Form::Json);
        }
        let own = json!(env!("CARGO_PKG_NAME"));
        let run = &report["runs"][0];
        if report["version"] == json!("2.1.0") && run["tool"]["driver"]["name"] == own {
            return match run["results"].is_array() {
                true => Ok(Form::Sarif),
                false => Err("the run has no results".to_owned()),
            };
        }
        Err(format!(
            "this is no report of {} in this version; {WANTED}",
            env!("CARGO_PKG_NAME")
        ))
    }

    fn keys(self) -> Keys {
        match self {
            Form::Json => Keys {
                fingerprint: "/fingerprint",
                pair: "/pair",
                missing: "/data/missing",
                rule: "/rule",
                status: "/status",
                commit: "/commit",
                architectures: "/architectures",
            },
            Form::Sarif => Keys {
                fingerprint: "/partialFingerprints/kconfigLint~1v2",
                pair: "/properties/pair",
                missing: "/properties/missing",
                rule: "/ruleId",
                status: "/properties/status",
                commit: "/properties/commit",
                architectures: "/properties/architectures",
            },
        }
    }

    fn findings(self, report: &mut Value) -> &mut Value {
        match self {
            Form::Json => &mut report["findings"],
            Form::Sarif => &mut report["runs"][0]["results"],
        }
    }
}

fn read(text: &[u8]) -> Result<Value, String> {
    if text.trim_ascii().is_empty() {
        return Err("the file is empty: the run that should have written it failed".to_owned());
    }
    serde_json::from_slice(text).map_err(|error| format!("this is no JSON: {error}; {WANTED}"))
}

/// Merges reports, each with its name and text.
///
/// # Errors
/// What is wrong with which of them, in words.
pub fn merge(reports: &[(String, Vec<u8>)]) -> Result<Merged, String> {
    let mut first: Option<(Form, Value)> = None;
    let mut findings: Vec<Value> = Vec::new();
    let mut known: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    let mut sets: Vec<BTreeSet<String>> = Vec::new();
    let mut others = Vec::new();
    for (name, text) in reports {
        let mut report = read(text).map_err(|why| format!("{name}: {why}"))?;
        let form = Form::of(&report).map_err(|error| format!("{name}: {error}"))?;
        if first.as_ref().is_some_and(|(other, _)| *other != form) {
            return Err(format!("{name}: JSON and SARIF reports cannot be mixed"));
        }
        let keys = form.keys();
        let taken = form.findings(&mut report).take();
        sets.push(names(&report["architectures"]).into_iter().collect());
        for finding in taken.as_array().into_iter().flatten() {
            let text = |at: &str| finding.pointer(at).and_then(Value::as_str);
            let (Some(pair), Some(rule)) = (text(keys.pair), text(keys.rule)) else {
                return Err(format!("{name}: a finding without rule or pair"));
            };
            let optional = [keys.status, keys.commit].map(|at| text(at).unwrap_or_default());
            let key = [&[pair, rule][..], &optional].concat();
            let key = key.into_iter().map(str::to_owned).collect();
            match known.get(&key) {
                Some(at) => unite(&mut findings[*at], finding, &keys),
                None => {
                    known.insert(key, findings.len());
                    findings.push(finding.clone());
                }
            }
        }
        match &first {
            None => first = Some((form, report)),
            Some(_) => others.push(report),
        }
    }
    let (form, mut value) = first.ok_or("no report is given")?;
    if sets.iter().any(|set| *set != sets[0]) || form == Form::Sarif && reports.len() > 1 {
        findings.iter_mut().for_each(doubt);
    }
    findings.sort_by_cached_key(|finding| order(form, finding));
    let failed = match form {
        Form::Json => {
            let all: BTreeSet<String> = sets.into_iter().flatten().collect();
            value["architectures"] = json!(all);
            value["summary"] = summary(&findings, &value, &others);
            let objections = value["summary"]["no_verdict"].as_array();
            objections.is_some_and(|all| !all.is_empty())
        }
        Form::Sarif => {
            let run = |report: &Value| {
                let invocations = &report["runs"][0]["invocations"];
                invocations[0]["executionSuccessful"] == json!(false)
            };
            let failed = run(&value) || others.iter().any(run);
            value["runs"][0]["invocations"][0]["executionSuccessful"] = json!(!failed);
            failed
        }
    };
    *form.findings(&mut value) = Value::Array(findings);
    Ok(Merged { value, failed })
}

impl Merged {
    /// Writes the report, in the form of those that were merged.
    ///
    /// # Errors
    /// When `out` does not take it.
    pub fn write(&self, out: &mut dyn std::io::Write) -> std::io::Result<()> {
        super::json::write(&self.value, out)
    }

    /// Whether a finding fails the run: one at deny level that was not there before.
    pub fn is_denied(&self) -> bool {
        let results = &self.value["runs"][0]["results"];
        let findings = self.value["findings"].as_array().or(results.as_array());
        findings.into_iter().flatten().any(|finding| {
            let status = [&finding["status"], &finding["properties"]["status"]];
            let fails = |status: &&Value| !PASSING.iter().any(|passing| **status == *passing);
            finding["level"] == "error" && status.iter().all(fails)
        })
    }
}

fn names(value: &Value) -> Vec<String> {
    let names = value.as_array().into_iter().flatten();
    names
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect()
}

/// Adds to a finding where another report has it too.
fn unite(finding: &mut Value, other: &Value, keys: &Keys) {
    let theirs = other.pointer(keys.architectures).map(names);
    if let Some(own) = finding.pointer_mut(keys.architectures) {
        let theirs = theirs.into_iter().flatten();
        let all: BTreeSet<String> = names(own).into_iter().chain(theirs).collect();
        *own = json!(all);
    }
    // The missing terms and the places that hold on other architectures only.
    for list in [keys.missing, "/terms", "/properties/terms", "/related"] {
        let theirs = other.pointer(list).and_then(Value::as_array);
        let own = finding.pointer_mut(list).and_then(Value::as_array_mut);
        if let (Some(own), Some(theirs)) = (own, theirs) {
            let new: Vec<Value> = theirs
                .iter()
                .filter(|it| !own.contains(it))
                .cloned()
                .collect();
            own.extend(new);
        }
    }
    // A part of the reports may have too few findings of one cause for a group.
    for place in ["/group", "/properties/group"] {
        let theirs = other.pointer(place).filter(|it| it.is_string());
        match (finding.pointer_mut(place), theirs) {
            (Some(own), Some(theirs)) if own.is_null() => *own = theirs.clone(),
            (None, Some(theirs)) => finding["properties"]["group"] = theirs.clone(),
            _ => {}
        }
    }
    let missing = finding.pointer(keys.missing).map(names).unwrap_or_default();
    let pair = finding.pointer(keys.pair).and_then(Value::as_str);
    let united = pair.map(|pair| of_pair(pair, missing.iter().map(String::as_str)));
    if let (Some(own), Some(united)) = (finding.pointer_mut(keys.fingerprint), united) {
        *own = json!(united);
    }
}

/// A fix that was proved on some architectures is not proved on all.
fn doubt(finding: &mut Value) {
    for fix in finding["fixes"].as_array_mut().into_iter().flatten() {
        let place = match fix["properties"].is_object() {
            true => &mut fix["properties"]["applicability"],
            false => &mut fix["applicability"],
        };
        if *place == "machine-applicable" {
            *place = json!("maybe-incorrect");
        }
        if fix["proved"].is_boolean() {
            fix["proved"] = json!(false);
        }
    }
}

/// The order of a report: path, place, rule, and what tells apart what is left.
fn order(form: Form, finding: &Value) -> (String, [u64; 2], String, String) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let number = |value: &Value| value.as_u64().unwrap_or_default();
    match form {
        Form::Json => (
            text(&finding["file"]),
            [number(&finding["line"]), number(&finding["column"])],
            text(&finding["rule"]),
            text(&finding["fingerprint"]),
        ),
        Form::Sarif => {
            let place = &finding["locations"][0]["physicalLocation"];
            let region = &place["region"];
            (
                text(&place["artifactLocation"]["uri"]),
                [number(&region["startLine"]), number(&region["startColumn"])],
                text(&finding["ruleId"]),
                finding["partialFingerprints"].to_string(),
            )
        }
    }
}

/// Findings are counted again. Of what each run counted in its own part of the tree, the largest
/// number is kept: what two runs share is not to be seen in their sums.
fn summary(findings: &[Value], first: &Value, others: &[Value]) -> Value {
    let mut summary = first["summary"].clone();
    let mut levels = BTreeMap::from([("error", 0), ("warning", 0)]);
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in findings {
        for (counts, key) in [(&mut levels, "level"), (&mut rules, "rule")] {
            if let Some(word) = finding[key].as_str() {
                *counts.entry(word).or_default() += 1;
            }
        }
    }
    for other in others {
        largest(&mut summary, &other["summary"]);
    }
    let all = [first].into_iter().chain(others);
    for list in ["no_verdict", "not_checked"] {
        let each = all.clone();
        let words = each.flat_map(|report| names(&report["summary"][list]));
        summary[list] = json!(words.collect::<BTreeSet<String>>());
    }
    summary["levels"] = json!(levels);
    summary["rules"] = json!(rules);
    summary
}

fn largest(own: &mut Value, other: &Value) {
    if let (Some(one), Some(two)) = (own.as_u64(), other.as_u64()) {
        *own = json!(one.max(two));
        return;
    }
    if let (Some(own), Some(other)) = (own.as_object_mut(), other.as_object()) {
        for (key, value) in other {
            match own.get_mut(key) {
                Some(known) => largest(known, value),
                None => drop(own.insert(key.clone(), value.clone())),
            }
        }
    }
}
