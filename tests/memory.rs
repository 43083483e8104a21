// SPDX-License-Identifier: MIT OR Apache-2.0
//! A run that needs too much memory says so and ends with status 2, and is not aborted.
#![cfg(target_os = "linux")]

use std::fs;
use std::process::{Command, Output};

/// Findings and definitions enough for some 60 MB and most of a second.
fn large_tree() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let all: String = (0..8_000)
        .map(|at| {
            format!(
                "config H{at}\n\tbool\n\tdepends on D{at}\nconfig D{at}\n\tbool \"d\"\n\
                 config S{at}\n\tbool \"s\"\n\tselect H{at}\n"
            )
        })
        .collect();
    fs::write(folder.path().join("Kconfig"), all).expect("written");
    folder
}

fn ended(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    said
}

#[test]
fn a_run_ends_at_its_limit() {
    let folder = large_tree();
    let output = Command::new(env!("CARGO_BIN_EXE_kconfig-lint"))
        .args(["check", "-j", "1", "--format", "short", "--memory", "30"])
        .arg(folder.path())
        .output();
    assert_eq!(
        ended(&output.expect("it runs")),
        "error: the run needs more than 30 MB of memory and ends here: --memory allows it more\n"
    );
}

/// Whatever the system allows, the run ends by itself.
#[test]
fn a_small_address_space_is_no_abort() {
    let folder = large_tree();
    for kilobytes in ["50000", "100000", "300000", "400000"] {
        let command = format!("ulimit -v {kilobytes} && exec \"$@\"");
        let output = Command::new("sh")
            .args(["-c", &command, "sh", env!("CARGO_BIN_EXE_kconfig-lint")])
            .args(["check", "-j", "1", "--format", "short"])
            .arg(folder.path())
            .output()
            .expect("it runs");
        if output.status.code() != Some(1) {
            assert!(ended(&output).starts_with("error: "), "{kilobytes}");
        }
    }
}
