// SPDX-License-Identifier: MIT OR Apache-2.0
//! A rule of the catalogue is its file and one line of the registry: the gate, baselines, suppressions, SARIF
//! and `--fix` see its findings, and none of them has code for it. Each rule's own bad example shows that.

use std::fs;
use std::path::Path;
use std::process::Command;

use kconfig_lint::rules::registry::Example;
use kconfig_lint::rules::{Check, RULES, Rule, registry};
use serde_json::Value;
use tempfile::TempDir;
use walkdir::WalkDir;

use super::identity::git;

/// A file of which no rule says anything.
const BASE: &str = "config BASE\n\tbool \"Base\"\n\thelp\n\t  It\n\t  is\n\t  there\n\t  now.\n";

/// The rules that look at menu entries, symbols, files or the tree.
fn catalogue() -> impl Iterator<Item = &'static Rule> {
    let rules = RULES.iter().copied();
    rules.filter(|rule| !matches!(rule.check, Check::Elsewhere))
}

#[test]
fn no_other_code_names_a_rule_of_the_catalogue() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in WalkDir::new(&sources) {
        let entry = entry.expect("src is readable");
        let path = entry.path().strip_prefix(&sources).expect("below src");
        if !entry.file_type().is_file() || path.starts_with("rules") {
            continue;
        }
        let text = fs::read_to_string(entry.path()).unwrap_or_default();
        for rule in catalogue() {
            let module = format!("rules::{}", rule.name.replace('-', "_"));
            let name = format!("\"{}\"", rule.name);
            let is_named = text.contains(&module) || text.contains(&name);
            assert!(!is_named, "{} names {}", path.display(), rule.name);
        }
    }
}

#[test]
fn the_gate_sees_what_any_rule_finds() {
    for rule in catalogue() {
        let folder = changed(rule);
        git(folder.path(), &["add", "-A"]);
        let is_new =
            |arguments: &[&str]| said(&folder, rule, arguments).iter().any(|it| it == "new");
        assert!(is_new(&["--staged"]), "{}", rule.name);
        git(folder.path(), &["commit", "-q", "-m", "Change"]);
        assert!(is_new(&["--range", "HEAD~1.."]), "{}", rule.name);
    }
}

#[test]
fn baselines_settings_and_sarif_take_what_any_rule_finds() {
    for rule in catalogue() {
        let name = rule.name;
        let folder = changed(rule);
        let found = said(&folder, rule, &[]);
        assert!(!found.is_empty(), "{name}");

        let sarif = run(&folder, rule, &["--format=sarif"]);
        let sarif: Value = serde_json::from_str(&sarif).expect("JSON");
        let results = sarif["runs"][0]["results"].as_array().expect("results");
        let is_told = results.iter().any(|result| result["ruleId"] == name);
        assert!(is_told, "{name}");

        run(&folder, rule, &["--write-baseline=.git/known.json"]);
        let known = said(&folder, rule, &["--baseline=.git/known.json"]);
        assert!(known.is_empty(), "{name}: {known:?}");

        let settings =
            format!("[[allow]]\nrule = \"{name}\"\nsymbol = \"*\"\nreason = \"a test\"\n");
        fs::write(folder.path().join("kconfig-lint.toml"), settings).expect("written");
        let json = run(&folder, rule, &["--format=json"]);
        let json: Value = serde_json::from_str(&json).expect("JSON");
        let left = json["findings"].as_array().expect("findings").iter();
        // A finding about no symbol cannot be named there.
        let left = left.filter(|it| it["rule"] == name && it["symbol"].is_string());
        assert_eq!(left.count(), 0, "{name}");
    }
}

#[test]
fn fixes_of_any_rule_are_applied() {
    let fixable = catalogue().filter(|rule| rule.fixable);
    for rule in fixable {
        let mut bad = examples(rule);
        let is_fixed = bad.any(|example| {
            let folder = changed_to(&example);
            run(&folder, rule, &["--fix-unsafe"]);
            said(&folder, rule, &[]).is_empty()
        });
        assert!(is_fixed, "{}", rule.name);
    }
}

fn examples(rule: &Rule) -> impl Iterator<Item = Example> {
    let examples = registry::examples(rule).into_iter();
    examples.filter(|example| !example.good)
}

fn changed(rule: &Rule) -> TempDir {
    changed_to(&examples(rule).next().expect("a bad example"))
}

/// A repository in whose work tree an example replaces a file that says nothing, and adds the others.
fn changed_to(example: &Example) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    git(folder.path(), &["init", "-q", "-b", "main"]);
    write(folder.path(), "Kconfig", BASE);
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["commit", "-q", "-m", "Base"]);
    fill(folder.path(), example);
    folder
}

fn fill(root: &Path, example: &Example) {
    for (path, text) in &example.files {
        write(root, path, text);
    }
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, text).expect("a file");
}

fn run(folder: &TempDir, rule: &Rule, arguments: &[&str]) -> String {
    let level = format!("--warn={}", rule.name);
    let tree = ["-q", "--tree=generic", "-A", "all", &level];
    let output = Command::new(env!("CARGO_BIN_EXE_kconfig-lint"))
        .current_dir(folder.path())
        .args([&tree[..], arguments].concat())
        .env("XDG_CACHE_HOME", folder.path().join(".git/cache"))
        .output()
        .expect("it runs");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() < Some(2), "{}: {error}", rule.name);
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// What a run says of the findings of a rule: their status in a change, each once.
fn said(folder: &TempDir, rule: &Rule, arguments: &[&str]) -> Vec<String> {
    let text = run(folder, rule, &[arguments, &["--format=json"]].concat());
    let report: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
    let findings = report["findings"].as_array().expect("findings").iter();
    let own = findings.filter(|finding| finding["rule"] == rule.name);
    let mut said: Vec<String> = own
        .map(|finding| finding["status"].as_str().unwrap_or("found").to_owned())
        .collect();
    said.dedup();
    said
}
