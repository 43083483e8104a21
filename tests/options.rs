// SPDX-License-Identifier: MIT OR Apache-2.0
//! `--rule-timing` and `--preset` of `check`, as a user meets them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A tree that Linux' style takes and ESP-IDF's does not, and whose symbol has a redundant default.
const TABS: &str = "config A\n\tbool \"a\"\n\tdefault n\n";

fn tree(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("options-{name}"));
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(&root).expect("a folder");
    for (path, text) in files {
        fs::write(root.join(path), text).expect("a file");
    }
    root
}

fn check(root: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kconfig-lint"));
    let command = command.args(["check", "--format", "short"]).arg(root);
    let output = command.args(arguments).output();
    output.expect("the program starts")
}

fn rules_of(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout);
    let rule = |line: &str| Some(line.rsplit_once('[')?.1.trim_end_matches(']').to_owned());
    text.lines().filter_map(rule).collect()
}

#[test]
fn timing_names_the_rules_that_ran_and_changes_no_finding() {
    let root = tree("timing", &[("Kconfig", TABS)]);
    let rules = [
        "-A",
        "all",
        "-W",
        "redundant-default-n",
        "-W",
        "indentation",
    ];
    let plain = check(&root, &rules);
    let timed = check(&root, &[&rules[..], &["--rule-timing"]].concat());
    assert_eq!(rules_of(&plain), ["redundant-default-n"]);
    assert_eq!((&plain.stdout, plain.status), (&timed.stdout, timed.status));
    let said = String::from_utf8_lossy(&timed.stderr);
    let rows = said.lines().filter_map(|line| line.split_once(" s  "));
    let mut named: Vec<&str> = Vec::new();
    let mut times: Vec<f64> = Vec::new();
    for (time, rule) in rows {
        times.push(time.trim().parse().expect("seconds"));
        named.push(rule);
    }
    assert!(times.is_sorted_by(|one, next| one >= next), "{said}");
    named.sort_unstable();
    assert_eq!(named, ["indentation", "redundant-default-n"], "{said}");
    assert!(!String::from_utf8_lossy(&plain.stderr).contains(" s  "));
}

#[test]
fn a_preset_says_what_the_group_style_stands_for() {
    let root = tree("preset", &[("Kconfig", TABS)]);
    let style = ["-A", "all", "-W", "style"];
    let with = |more: &[&str]| rules_of(&check(&root, &[&style[..], more].concat()));
    // Linux has an opinion on help texts, and ESP-IDF one on tabs.
    let linux = ["missing-help"];
    let esp_idf = ["indentation", "indentation"];
    assert_eq!(with(&[]), linux);
    assert_eq!(with(&["--preset", "linux"]), linux);
    assert_eq!(with(&["--preset", "esp-idf"]), esp_idf);
    fs::write(root.join("kconfig-lint.toml"), "preset = \"esp-idf\"\n").expect("a file");
    assert_eq!(with(&[]), esp_idf, "the settings of the tree");
    assert_eq!(with(&["--preset", "linux"]), linux, "the option comes last");
}

#[test]
fn an_unknown_preset_is_refused_with_the_names() {
    let root = tree("unknown", &[("Kconfig", TABS)]);
    let output = check(&root, &["--preset", "linus"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("linus") && said.contains("esp-idf"), "{said}");
}
