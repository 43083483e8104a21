// SPDX-License-Identifier: MIT OR Apache-2.0
//! `depends on X if Y` is shown as it is written, in every message, and fixes use it: a term that
//! is needed only under a condition gets a line with that condition, and no fix puts a term under
//! a condition that is not its own. The kernel test `accepts` has conf
//! read such a tree after its fixes.

use std::fs;
use std::path::Path;
use std::process::Command;

use kconfig_lint::diagnostic::group::MIN_GROUP;
use tempfile::TempDir;

use crate::refused::{OLD_PARSER, new_tree, tree};

/// Symbols that the trees below name.
const INPUTS: &str = "config MODULES\n\tbool \"modules\"\n\tmodules\n\n\
    config MMU\n\tbool \"MMU\"\n\nconfig USB\n\tbool \"USB\"\n\n\
    config NET\n\ttristate \"net\"\n\nconfig PHY\n\ttristate \"phy\"\n\n";

fn run(folder: &TempDir, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_kconfig-lint"))
        .args(arguments)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let all = [output.stdout, output.stderr].concat();
    String::from_utf8(all).unwrap()
}

fn with_inputs(text: &str) -> TempDir {
    new_tree(&[("Kconfig", &format!("{INPUTS}{text}"))])
}

/// The lines that the best fix adds and takes away.
fn best_fix(folder: &TempDir) -> Vec<String> {
    let diff = run(folder, &["--diff", "--fix-unsafe"]);
    let is_change = |line: &&str| {
        (line.starts_with('+') || line.starts_with('-'))
            && !line.starts_with("+++")
            && !line.starts_with("---")
    };
    diff.lines()
        .filter(is_change)
        .map(|line| line.replace('\t', ""))
        .collect()
}

/// A helper that needs MMU where USB is on, and a driver.
const HELPER: &str = "config HELPER\n\tbool\n\tdepends on MMU if USB\n\n\
    config DRIVER\n\tbool \"driver\"\n\tselect HELPER\n";

#[test]
fn messages_show_the_condition_as_it_is_written() {
    let folder = with_inputs(HELPER);
    let report = run(&folder, &["--format", "human", "-v"]);
    for words in [
        "DRIVER selects HELPER, which depends on MMU if USB, so DRIVER should depend on MMU if USB",
        "can be enabled while USB is on and MMU is off",
        "help: depend on MMU if USB (checked",
        "help: select HELPER only if MMU || !USB (checked",
    ] {
        assert!(report.contains(words), "{words}\n{report}");
    }
    for words in ["USB = n", "USB=n", "= n"] {
        assert!(!report.contains(words), "{words}\n{report}");
    }
    // The mark is below the whole of it.
    assert!(report.contains("---------- not met"), "{report}");
    let json = run(&folder, &["--format", "json"]);
    assert!(json.contains("\"(MMU if USB)\""), "{json}");
    let message = run(&folder, &["commit-message"]);
    assert!(
        message.contains("selects HELPER, which depends on MMU if USB."),
        "{message}"
    );
}

#[test]
fn conditions_are_shown_with_their_parentheses_and_words() {
    let text = "config HELPER\n\tbool\n\tdepends on MMU if (USB && \\\n\t\t!(PHY = m)) || NET\n\n\
        config DRIVER\n\tbool \"driver\"\n\tselect HELPER\n";
    let report = run(&with_inputs(text), &["--format", "short"]);
    let words = "which depends on MMU if (USB && !(PHY = m)) || NET, so";
    assert!(report.contains(words), "{report}");
}

#[test]
fn a_group_shows_the_condition() {
    let mut text = "config HELPER\n\tbool\n\tdepends on MMU if USB\n\n".to_owned();
    for number in 0..MIN_GROUP {
        text.push_str(&format!(
            "config DRIVER_{number}\n\tbool \"driver\"\n\tselect HELPER\n\n"
        ));
    }
    let folder = with_inputs(&text);
    for format in ["human", "short"] {
        let report = run(&folder, &["--format", format]);
        let words = "5 selectors of HELPER may lack MMU if USB: DRIVER_0, DRIVER_1";
        assert!(report.contains(words), "{report}");
        // It is at the dependency.
        assert!(report.contains("Kconfig:19:13"), "{report}");
    }
}

#[test]
fn why_shows_the_condition() {
    let text =
        "config NEVER\n\tbool \"never\"\n\tdepends on USB && !MMU\n\tdepends on MMU if USB\n";
    let why = run(&with_inputs(text), &["why", "NEVER"]);
    assert!(why.contains("NEVER needs MMU if USB"), "{why}");
    assert!(why.contains("---------- 3."), "{why}");
}

#[test]
fn a_module_is_told_without_the_condition() {
    let text = "config HELPER\n\ttristate\n\tdepends on NET if USB\n\n\
        config DRIVER\n\tbool \"driver\"\n\tdepends on NET != n\n\tselect HELPER\n";
    let folder = with_inputs(text);
    let report = run(&folder, &["--format", "human", "-v"]);
    for words in [
        "DRIVER builds HELPER in, which depends on NET if USB, and NET may be a module",
        "can be y while NET is only m",
        "help: depend on NET = y if USB (checked",
        "help: select HELPER only if NET = y || !USB (checked",
        "help: or let HELPER accept NET as a module",
    ] {
        assert!(report.contains(words), "{words}\n{report}");
    }
}

/// A tree, and what its best fix changes.
const FIXES: &[(&str, &[&str])] = &[
    (HELPER, &["+depends on MMU if USB"]),
    // What is always needed joins the line that always holds; the other part is on its own.
    (
        "config HELPER\n\ttristate\n\tdepends on NET if USB\n\tdepends on MMU\n\n\
         config DRIVER\n\ttristate \"driver\"\n\tdepends on PHY\n\tselect HELPER\n",
        &[
            "-depends on PHY",
            "+depends on PHY && MMU",
            "+depends on NET if USB",
        ],
    ),
    // MMU is needed always: the line on USB stays as it is.
    (
        "config HELPER\n\tbool\n\tdepends on MMU\n\n\
         config DRIVER\n\tbool \"driver\"\n\tdepends on NET if USB\n\tselect HELPER\n",
        &["+depends on MMU"],
    ),
    // Another condition.
    (
        "config HELPER\n\tbool\n\tdepends on MMU if USB\n\n\
         config DRIVER\n\tbool \"driver\"\n\tdepends on PHY if NET\n\tselect HELPER\n",
        &["+depends on MMU if USB"],
    ),
    // A driver that does without NET says so by a condition too.
    (
        "config HELPER\n\ttristate\n\tdepends on NET\n\n\
         config DRIVER\n\ttristate \"driver\"\n\tdepends on NET if NET\n\tselect HELPER\n",
        &["-select HELPER", "+select HELPER if NET"],
    ),
];

#[test]
fn fixes_keep_conditions_apart() {
    for (text, changes) in FIXES {
        let folder = with_inputs(text);
        assert_eq!(best_fix(&folder), *changes, "{text}");
    }
}

/// A driver needs NET only where it selects the helper.
const CONDITION: &str = "config HELPER\n\ttristate\n\tdepends on NET\n\n\
    config DRIVER\n\ttristate \"driver\"\n\tselect HELPER if USB && MMU\n";

#[test]
fn a_condition_is_offered_where_kconfig_takes_one() {
    let report = run(&with_inputs(CONDITION), &["--format", "human"]);
    let words = "help: depend on NET if USB && MMU (checked";
    assert!(report.contains(words), "{report}");

    let text = format!("{INPUTS}{CONDITION}");
    let old = tree(&[("Kconfig", &text)], &["modules"], OLD_PARSER, "");
    let unknown = tree(&[("Kconfig", &text)], &[], "", "");
    fs::remove_file(unknown.path().join("scripts/kconfig/lexer.l")).unwrap();
    for folder in [old, unknown] {
        let report = run(&folder, &["--format", "human"]);
        assert!(
            report.contains("help: depend on NET || !(USB && MMU) (checked"),
            "{report}"
        );
    }
}

#[test]
fn suppressions_take_the_condition_as_it_is_shown() {
    for (terms, status) in [("MMU if USB", 0), ("MMU || !USB", 0), ("MMU if NET", 1)] {
        let folder = with_inputs(HELPER);
        let path = folder.path().join("Kconfig");
        let text = fs::read_to_string(&path).unwrap();
        let comment = format!("\t# kconfig-lint: allow(unmet-dependency: {terms}) for a test\n");
        let text = text.replace("\tselect HELPER\n", &format!("{comment}\tselect HELPER\n"));
        fs::write(&path, text).unwrap();
        assert_eq!(status_of(folder.path()), Some(status), "{terms}");
    }
}

fn status_of(folder: &Path) -> Option<i32> {
    let output = Command::new(env!("CARGO_BIN_EXE_kconfig-lint"))
        .arg(folder)
        .output();
    output.unwrap().status.code()
}
