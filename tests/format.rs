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
