// SPDX-License-Identifier: MIT OR Apache-2.0
//! Questions that are too hard end as `undecided`, after the same work on every machine and with any
//! number of threads. The hard ones are random 3-SAT near the threshold of 4.26 clauses for each
//! variable, written as `depends on` lines.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Splitmix64: the same instances on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % limit
    }
}

const HEAD: &str = "config MMU\n\tbool \"MMU\"\n\nconfig HELPER\n\tbool\n\tdepends on MMU\n\n";

/// Symbols that the user sets.
fn symbols(count: u64) -> String {
    let all = (0..count).map(|at| format!("config V{at}\n\tbool \"v\"\n\n"));
    all.collect()
}

/// A driver that selects the helper where a random formula over the symbols holds.
fn driver(name: &str, count: u64, seed: u64) -> String {
    let mut random = Random(seed);
    let mut text = format!("config {name}\n\tbool \"driver\"\n");
    for _ in 0..count * 426 / 100 {
        let mut clause = Vec::new();
        while clause.len() < 3 {
            let at = random.below(count);
            let sign = if random.below(2) == 0 { "!" } else { "" };
            if !clause.iter().any(|(other, _)| *other == at) {
                clause.push((at, sign));
            }
        }
        let terms: Vec<String> = clause
            .iter()
            .map(|(at, sign)| format!("{sign}V{at}"))
            .collect();
        let _ = writeln!(text, "\tdepends on {}", terms.join(" || "));
    }
    text + "\tselect HELPER\n\n"
}

fn hard_tree(count: u64, seed: u64) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!("{HEAD}{}{}", symbols(count), driver("DRIVER", count, seed));
    fs::write(folder.path().join("Kconfig"), text).expect("written");
    folder
}

fn run(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kconfig-lint"));
    let output = command.args(words).arg(folder).output();
    output.expect("it runs")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Instances of which nothing is known within the effort that is set by default.
const HARD: [(u64, u64); 2] = [(250, 4), (300, 3)];

#[test]
fn a_hard_question_ends() {
    for (count, seed) in HARD {
        let folder = hard_tree(count, seed);
        let output = run(folder.path(), &["check", "--format", "short"]);
        let found = text(&output);
        let expected = "warning: whether DRIVER selects HELPER against its dependencies was not \
                        decided: the question was given up [undecided]";
        assert!(found.contains(expected), "{count} {seed}: {found}");
        assert_eq!(output.status.code(), Some(0), "{found}");
        let denied = ["check", "-q", "-D", "undecided", "--effort", "500"];
        let denied = run(folder.path(), &denied);
        assert_eq!(denied.status.code(), Some(1));
    }
}

#[test]
fn why_has_the_same_effort() {
    let (count, seed) = HARD[0];
    let folder = hard_tree(count, seed);
    let words = ["why", "--effort", "1000", "--format", "json", "DRIVER"];
    let output = run(folder.path(), &words);
    let answer: serde_json::Value = serde_json::from_str(&text(&output)).expect("JSON");
    assert_eq!(answer["answers"][0]["answer"], "undecided", "{answer}");
    assert_eq!(output.status.code(), Some(0));
}

/// With a larger effort the same question is decided, and the settings can say so.
#[test]
fn a_larger_effort_decides() {
    let folder = hard_tree(100, 1);
    let rules = |words: &[&str]| {
        let words = [&["check", "--format", "json"], words].concat();
        let report: serde_json::Value =
            serde_json::from_str(&text(&run(folder.path(), &words))).expect("JSON");
        report["summary"]["rules"].clone()
    };
    assert_eq!(rules(&["--effort", "1"])["undecided"], 1);
    assert_eq!(rules(&[])["undecided"], serde_json::Value::Null);
    fs::write(folder.path().join("kconfig-lint.toml"), "effort = 1\n").expect("written");
    assert_eq!(rules(&[])["undecided"], 1);
    assert_eq!(
        rules(&["--effort", "5000"])["undecided"],
        serde_json::Value::Null
    );
}

/// Architectures share what they refute. Which of them comes first must not decide what is known.
#[test]
fn threads_do_not_change_what_is_decided() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    let count = 70;
    let drivers = |seeds: std::ops::Range<u64>| -> String {
        let all = seeds.map(|seed| driver(&format!("D{seed}"), count, seed));
        all.collect()
    };
    let shared = format!(
        "{HEAD}{}source \"arch/$(SRCARCH)/Kconfig\"\n\n",
        symbols(count)
    );
    fs::create_dir_all(root.join("scripts/kconfig")).expect("a folder");
    fs::write(root.join("Kconfig"), shared + &drivers(1..4)).expect("written");
    for (at, name) in ["arm", "mips", "riscv", "x86"].into_iter().enumerate() {
        let own = root.join("arch").join(name);
        fs::create_dir_all(&own).expect("a folder");
        // Each architecture has been asked something else before.
        let at = at as u64;
        fs::write(own.join("Kconfig"), drivers(4 + at..5 + at)).expect("written");
    }
    // Without fixes: each of them is a question more.
    let report = |effort: &str, jobs: &str| {
        let words = ["check", "--format", "short", "--effort", effort, "-j", jobs];
        text(&run(root, &words))
    };
    let mut seen = std::collections::BTreeSet::new();
    for effort in ["100", "150", "200"] {
        let first = report(effort, "1");
        for jobs in ["1", "2"] {
            assert_eq!(
                report(effort, jobs),
                first,
                "effort {effort}, {jobs} threads"
            );
        }
        let undecided = first.matches("[undecided]").count();
        println!("effort {effort}: {undecided} undecided");
        seen.insert(undecided);
    }
    // The efforts are of the size that the questions take.
    assert!(seen.len() > 1, "{seen:?}");
}
