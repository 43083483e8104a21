// SPDX-License-Identifier: MIT OR Apache-2.0
//! Runs every folder of `fixtures/cli`: the command line in `cmd`, and what standard output
//! (`stdout`), standard error (`stderr`) and the exit status (`exit`) have to be. A file that
//! is missing means nothing, or 0.
//!
//! `cmd` is one line: `NAME=VALUE` settings of the environment, then `kconfig-lint` and its
//! arguments, separated by spaces; `|` and a number close the pipe after so many bytes.
//! `SNAPSHOTS=overwrite` writes what came; read it before you accept it.

use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use kconfig_lint::report;
use snapbox::data::DataFormat;
use snapbox::{Assert, Data, IntoData};

use super::schema::assert_fits;

#[test]
fn command_lines_do_what_their_folders_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = folders(&root.join("fixtures/cli"));
    assert!(!folders.is_empty(), "fixtures/cli is not where it was");
    let wrong: Vec<String> = folders
        .iter()
        .flat_map(|folder| check(root, folder))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The diagnostic in the README was captured, and is replaced when the program says otherwise.
#[test]
fn the_diagnostic_of_the_readme_is_real() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).expect("a README");
    let (_, rest) = readme
        .split_once("<!-- capture -->\n```text\n")
        .expect("a start marker");
    let (shown, _) = rest
        .split_once("```\n<!-- /capture -->")
        .expect("an end marker");
    // As `cargo run --release` calls it.
    let command = "target/release/kconfig-lint check fixtures/projects/usb-display --format human";
    let report = run(root, command).stdout;
    assert!(
        report.contains(shown),
        "README.md shows\n{shown}\nbut the report is\n{report}"
    );
}

#[test]
fn reports_of_real_runs_fit_the_schema() {
    for tree in [
        "usb-display",
        "usb-display-before",
        "settings",
        "environment",
    ] {
        let command = format!("kconfig-lint fixtures/projects/{tree} --format json");
        fits(report::SCHEMA, &command);
    }
}

#[test]
fn answers_of_real_runs_fit_the_schema() {
    let questions = [
        "DRM_USB_PANEL",
        "DRM_USB_PANEL --while !MMU",
        "DRM_USB_BRIDGE --while !MMU",
        "MMU --while !MMU --arch arm64,h8300",
    ];
    for question in questions {
        let command = format!("kconfig-lint why {question} fixtures/projects/usb-display");
        fits(report::WHY_SCHEMA, &format!("{command} --format json"));
    }
    let command = "kconfig-lint why A fixtures/rules/recursive-dependency/bad/depends";
    fits(report::WHY_SCHEMA, &format!("{command} --format json"));
}

/// The schema of OASIS, which `tests/kernel/fetch` takes out of the package serde-sarif.
#[cfg(feature = "kernel-tests")]
#[test]
fn sarif_reports_fit_the_schema_of_oasis() {
    let trees = std::env::var_os("KCONFIG_LINT_TREES").map(PathBuf::from);
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("kernel-trees");
    let file = trees.unwrap_or(target).join("sarif-2.1.0.json");
    let schema = fs::read_to_string(&file);
    let schema = schema.unwrap_or_else(|error| {
        panic!("{}: {error}; tests/kernel/fetch brings it", file.display())
    });
    assert!(schema.contains("2.1.0"));
    for tree in [
        "fixtures/projects/usb-display",
        "fixtures/rules/recursive-dependency/bad/depends",
    ] {
        let command = format!("kconfig-lint {tree} --format sarif");
        fits(&schema, &command);
    }
}

/// `script`, of every Debian system, runs a command on a terminal.
#[test]
fn a_terminal_gets_colours_unless_the_environment_says_no() {
    let program = env!("CARGO_BIN_EXE_kconfig-lint");
    for (environment, colored) in [
        (&[("TERM", "xterm")][..], true),
        (&[("TERM", "dumb")], false),
        (&[("TERM", "xterm"), ("NO_COLOR", "1")], false),
        (&[("TERM", "xterm"), ("NO_COLOR", "")], true),
        (&[("TERM", "xterm"), ("CLICOLOR", "0")], false),
    ] {
        let output = Command::new("script")
            .args(["--quiet", "--return", "--command"])
            .args([&format!("{program} explain recursive-source"), "/dev/null"])
            .env_clear()
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .output()
            .expect("script starts");
        assert!(output.status.success(), "{output:?}");
        let said = String::from_utf8(output.stdout).expect("UTF-8");
        assert_eq!(said.contains('\x1b'), colored, "{environment:?}: {said}");
    }
}

/// Asserts that what a command prints is what a schema says.
#[track_caller]
fn fits(schema: &str, command: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let printed = serde_json::from_str(&run(root, command).stdout).expect("JSON");
    assert_fits(schema, &printed);
}

/// What differs in one case.
fn check(root: &Path, folder: &Path) -> Vec<String> {
    let line = fs::read_to_string(folder.join("cmd")).expect("every case has a cmd");
    let ran = run(root, line.trim());
    let assert = Assert::new().action_env("SNAPSHOTS");
    let parts = [
        ("stdout", ran.stdout),
        ("stderr", ran.stderr),
        (
            "exit",
            if ran.exit == 0 {
                String::new()
            } else {
                format!("{}\n", ran.exit)
            },
        ),
    ];
    let mut wrong = Vec::new();
    for (name, actual) in parts {
        let path = folder.join(name);
        if actual.is_empty() && !path.exists() {
            continue;
        }
        let expected = Data::read_from(&path, Some(DataFormat::Text)).raw();
        if let Err(error) = assert.try_eq(Some(&name), actual.into_data(), expected) {
            wrong.push(format!("{}: {line}{error}", folder.display()));
        }
    }
    wrong
}

struct Ran {
    stdout: String,
    stderr: String,
    exit: i32,
}

fn run(root: &Path, line: &str) -> Ran {
    let (line, limit) = match line.split_once(" | ") {
        Some((line, bytes)) => (line, Some(bytes.parse::<u64>().expect("a number of bytes"))),
        None => (line, None),
    };
    let mut words = line.split_whitespace().peekable();
    let mut command = Command::new(env!("CARGO_BIN_EXE_kconfig-lint"));
    // The trees of these tests are no part of this repository, which a package has not.
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");
    let ceilings =
        ["", "/projects", "/repositories", "/cli"].map(|folder| format!("{fixtures}{folder}"));
    let ceilings = std::env::join_paths(ceilings).expect("no colons");
    command.env("GIT_CEILING_DIRECTORIES", ceilings);
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS"] {
        command.env_remove(name);
    }
    while let Some((name, value)) = words
        .next_if(|word| !word.ends_with("kconfig-lint"))
        .map(setting)
    {
        command.env(name, value);
    }
    let called = words.next().expect("the name of the program");
    call_it(&mut command, called);
    let mut child = command
        .current_dir(root)
        .args(words)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdout = Vec::new();
    let out = child.stdout.take().expect("a pipe");
    // Dropping the pipe closes it, which is what a limit is for.
    let read = out.take(limit.unwrap_or(u64::MAX)).read_to_end(&mut stdout);
    read.or_else(|error| {
        if error.kind() == ErrorKind::Interrupted {
            Ok(0)
        } else {
            Err(error)
        }
    })
    .expect("readable output");
    let ended = child.wait_with_output().expect("the program ends");
    Ran {
        stdout: String::from_utf8(stdout).expect("UTF-8"),
        stderr: String::from_utf8(ended.stderr).expect("UTF-8"),
        exit: ended.status.code().expect("no signal"),
    }
}

/// Lets the program see the name by which a case calls it, not where cargo has built it.
#[cfg(unix)]
fn call_it(command: &mut Command, called: &str) {
    std::os::unix::process::CommandExt::arg0(command, called);
}

#[cfg(not(unix))]
fn call_it(_: &mut Command, _: &str) {}

fn setting(word: &str) -> (&str, &str) {
    word.split_once('=')
        .expect("NAME=VALUE before kconfig-lint")
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir(of)
        .expect("a readable folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    folders.sort();
    folders
}
