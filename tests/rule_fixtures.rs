// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every rule runs on every fixture of `fixtures/rules/<rule>/{bad,good}/<case>/`, and the file
//! `expected` in the case lists all that fires, with the data of findings that carry some. A
//! bad case fires its rule, a good one does not.
//!
//! `SNAPSHOTS=overwrite` writes what came; read it before you accept it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use kconfig_lint::diagnostic::Level;
use kconfig_lint::rules::RULES;
use snapbox::data::DataFormat;
use snapbox::{Assert, Data, IntoData};

#[test]
fn every_rule_says_what_its_fixtures_expect() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rules");
    let mut wrong = Vec::new();
    for rule in folders(&root) {
        let name = name(&rule);
        let known = RULES.iter().any(|rule| rule.name == name);
        assert!(known, "fixtures/rules/{name} is no rule");
        for (side, bad) in [("bad", true), ("good", false)] {
            let cases = folders(&rule.join(side));
            assert!(!cases.is_empty(), "{name} has no {side} fixture");
            wrong.extend(cases.iter().flat_map(|case| check(&name, case, bad)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_has_fixtures() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rules");
    for rule in RULES {
        assert!(root.join(rule.name).is_dir(), "{} has none", rule.name);
    }
}

/// What is wrong with one case.
fn check(rule: &str, case: &Path, bad: bool) -> Vec<String> {
    let lines = run(rule, case, "short");
    let report: serde_json::Value = serde_json::from_str(&run(rule, case, "json")).expect("JSON");
    let findings = report["findings"].as_array().expect("findings");
    let mut actual = lines;
    for finding in findings.iter().filter(|it| !it["data"].is_null()) {
        let (at, data) = (&finding["architectures"], &finding["data"]);
        actual += &format!("{}: {at} {data}\n", finding["rule"].as_str().unwrap_or(""));
    }
    let mut wrong = Vec::new();
    let fires = findings.iter().any(|finding| finding["rule"] == rule);
    if fires != bad {
        let words = if fires { "fires" } else { "does not fire" };
        wrong.push(format!("{}: {rule} {words}", case.display()));
    }
    let path = case.join("expected");
    if !actual.is_empty() || path.exists() {
        let expected = Data::read_from(&path, Some(DataFormat::Text)).raw();
        let assert = Assert::new().action_env("SNAPSHOTS");
        if let Err(error) = assert.try_eq(Some(&"expected"), actual.into_data(), expected) {
            wrong.push(format!("{}: {error}", case.display()));
        }
    }
    wrong
}

/// Runs all rules at their levels, and the one in question at least at `warn`.
fn run(rule: &str, case: &Path, format: &str) -> String {
    let is_off = RULES
        .iter()
        .any(|it| it.name == rule && it.level == Level::Allow);
    let kind = case.join("kind");
    let kind = fs::read_to_string(kind).unwrap_or_else(|_| "generic".to_owned());
    let root = if case.join("Config.in").exists() {
        "Config.in"
    } else {
        "Kconfig"
    };
    let output = Command::new(env!("CARGO_BIN_EXE_kconfig-lint"))
        .args([
            "check",
            "-q",
            "--format",
            format,
            "--tree",
            kind.trim(),
            "--root",
        ])
        .arg(root)
        .args(is_off.then(|| format!("--warn={rule}")))
        .arg(case)
        .output()
        .expect("the program starts");
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(stderr, "", "{}", case.display());
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn name(path: &Path) -> String {
    let name = path.file_name().expect("a name");
    name.to_str().expect("UTF-8").to_owned()
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(of) else {
        return Vec::new();
    };
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    folders.sort();
    folders
}
