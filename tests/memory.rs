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

/// A run of this tree in this format that may hold so many MB; the status of findings.
fn stays_below(megabytes: &str, format: &str, text: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("Kconfig"), text).expect("written");
    let output = Command::new(env!("CARGO_BIN_EXE_kconfig-lint"))
        .args([
            "check", "-j", "1", "--format", format, "--memory", megabytes,
        ])
        .arg(folder.path())
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
}

/// The changed trees of all candidates took 200 MB here.
#[test]
fn candidates_of_many_findings_do_not_lie_in_memory_at_once() {
    let findings: String = (0..250)
        .map(|at| {
            format!(
                "config D{at}\n\tbool \"d\"\nconfig H{at}\n\tbool\n\tdepends on D{at}\n\
                 config S{at}\n\tbool \"s\"\n\tselect H{at}\n"
            )
        })
        .collect();
    stays_below("110", "json", &findings);
}

/// Each text of the number asked each range: 330 MB.
#[test]
fn ranges_of_one_number_are_looked_at_together() {
    let ranges: String = (0..2_000)
        .map(|at| format!("\trange {at} {} if S{at}\n", at + 10))
        .collect();
    let symbols: String = (0..2_000)
        .map(|at| format!("config S{at}\n\tbool \"s\"\n"))
        .collect();
    let end = "config MMU\n\tbool \"m\"\nconfig T\n\tbool\n\tdepends on MMU\n\
               config Q\n\tbool \"q\"\n\tdepends on I = 7\n\tselect T\n";
    stays_below(
        "110",
        "short",
        &format!("config I\n\tint \"i\"\n{ranges}{symbols}{end}"),
    );
}
