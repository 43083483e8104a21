// SPDX-License-Identifier: MIT OR Apache-2.0
//! `format` as a user meets the command: what it changes, what it leaves, and that a second run does nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const UGLY: &str =
    "config A\n  bool \"a\"\n  default n \n  help\n    Text.\n\nconfig B\n\tbool \"b\"";
const NEAT: &str =
    "config A\n\tbool \"a\"\n\tdefault n\n\thelp\n\t  Text.\n\nconfig B\n\tbool \"b\"\n";

/// A tree with these files, which nobody else has.
fn tree(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("format-{name}"));
    let _ = fs::remove_dir_all(&root);
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    root
}

fn format(root: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kconfig-lint"));
    let command = command.arg("format").arg(root).args(arguments);
    command.output().expect("the program starts")
}

fn text(root: &Path) -> String {
    fs::read_to_string(root.join("Kconfig")).expect("UTF-8")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn style_is_mended_and_a_second_run_changes_nothing() {
    let root = tree("twice", &[("Kconfig", UGLY)]);
    let first = format(&root, &[]);
    assert_eq!(first.status.code(), Some(0), "{}", said(&first));
    assert_eq!(text(&root), NEAT);
    let second = format(&root, &[]);
    assert_eq!(said(&second), "applied 0 fixes in 0 files\n");
    assert_eq!(
        (text(&root).as_str(), second.status.code()),
        (NEAT, Some(0))
    );
}

/// Findings that look alike: of some of them the edits touch those of other rules and wait for another round, while the
/// rest are mended in the first.
#[test]
fn of_findings_that_look_alike_all_are_mended_in_one_run() {
    let entry = "\tconfig A\n\tbool \"a\"\n";
    let text_before = format!("config Z\n\tbool\n\n\n{entry}\n{entry}\n\n{entry}");
    let root = tree("alike", &[("Kconfig", &text_before)]);
    let rules = ["-W", "blank-lines", "-W", "attribute-order"];
    let first = format(&root, &rules);
    assert_eq!(said(&first).lines().count(), 1, "{}", said(&first));
    let neat = "\nconfig A\n\tbool \"a\"\n".repeat(3);
    assert_eq!(text(&root), format!("config Z\n\tbool\n{neat}"));
    let second = format(&root, &rules);
    assert_eq!(said(&second), "applied 0 fixes in 0 files\n");
}

/// Several architectures define a symbol of the same name. Each definition has a finding of its own, also where
/// fixes take away several findings at once.
#[test]
fn entries_of_one_name_are_mended_on_each_architecture() {
    let entry = "config NR\n\tint \"n\"\n\tdepends on X\n\tdefault 1\n";
    let both = format!("config X\n\tbool\n{entry}");
    let files = [
        ("Kconfig", "source \"arch/$(SRCARCH)/Kconfig\"\n"),
        ("Makefile", "VERSION = 6\n"),
        ("arch/arm/Kconfig", &both),
        ("arch/x86/Kconfig", &both),
        // Here a blank is in the way at first.
        ("arch/mips/Kconfig", &both.replace("on X\n", "on X \n")),
    ];
    let root = tree("each", &files);
    let output = format(&root, &["-W", "attribute-order"]);
    assert_eq!(said(&output), "applied 4 fixes in 3 files\n");
    let second = format(&root, &["-W", "attribute-order"]);
    assert_eq!(said(&second), "applied 0 fixes in 0 files\n");
}

#[test]
fn a_diff_changes_nothing_and_tells_by_its_status() {
    let root = tree("diff", &[("Kconfig", UGLY)]);
    let output = format(&root, &["--diff", "-q"]);
    assert_eq!(
        (text(&root).as_str(), output.status.code()),
        (UGLY, Some(1))
    );
    let diff = String::from_utf8_lossy(&output.stdout);
    assert!(diff.contains("+\tbool \"a\"\n"), "{diff}");
    fs::write(root.join("Kconfig"), NEAT).expect("a file");
    let output = format(&root, &["--diff", "-q"]);
    assert_eq!((output.stdout.len(), output.status.code()), (0, Some(0)));
}

#[test]
fn settings_and_options_say_what_is_changed() {
    let settings = "[rules]\nindentation = \"allow\"\ncorrectness = \"deny\"\n";
    let root = tree(
        "settings",
        &[("Kconfig", UGLY), ("kconfig-lint.toml", settings)],
    );
    assert_eq!(format(&root, &["-q"]).status.code(), Some(0));
    let expected =
        "config A\n  bool \"a\"\n  default n\n  help\n    Text.\n\nconfig B\n\tbool \"b\"\n";
    assert_eq!(text(&root), expected);
    let root = tree("nested", &[("Kconfig", NEAT)]);
    assert_eq!(
        format(&root, &["-q", "--preset", "esp-idf"]).status.code(),
        Some(0)
    );
    let expected = "config A\n    bool \"a\"\n    default n\n    help\n        Text.\n\nconfig B\n    bool \"b\"\n";
    assert_eq!(text(&root), expected);
}
