// SPDX-License-Identifier: MIT OR Apache-2.0
//! The gate does not blame old defects on a commit that only takes away the error which hid them;
//! and what such a commit brings besides is new all the same.

use std::fs;
use std::path::Path;

use super::identity::{git, judged, lint, repository};

/// A helper that depends on PCI, and a driver that lacks it.
const OLD: &str = "config MMU\n\tbool \"mmu\"\n\nconfig PCI\n\tbool \"pci\"\n\nconfig HELPER\n\tbool\n\
                   \tdepends on PCI\n\nconfig DRIVER\n\tbool \"driver\"\n\tselect HELPER\n\n";
const CYCLE: &str =
    "config A\n\tbool \"a\"\n\tdepends on B\n\nconfig B\n\tbool \"b\"\n\tdepends on A\n\n";
const CUT: &str = "config A\n\tbool \"a\"\n\tdepends on B\n\nconfig B\n\tbool \"b\"\n\n";
const BAD: &str = "config NEW\n\tbool \"new\"\n\tselect HELPER\n\n";

/// What the gate says to a change from one text to the other, sorted: the status of each finding,
/// and that of the run. `--staged` says the same.
fn change(before: &str, after: &str) -> (Option<i32>, String) {
    let folder = repository(&[before, after]);
    let range = statuses(folder.path(), &["--range", "main~1..main"]);
    git(folder.path(), &["reset", "-q", "--soft", "HEAD~1"]);
    for _ in 0..2 {
        assert_eq!(statuses(folder.path(), &["--staged"]), range);
    }
    range
}

fn statuses(root: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let (code, findings) = judged(root, arguments);
    let mut words: Vec<String> = findings
        .into_iter()
        .map(|(status, terms)| format!("{status} {terms}").trim_end().to_owned())
        .collect();
    words.sort();
    (code, words.join(", "))
}

fn says(code: i32, words: &str) -> (Option<i32>, String) {
    (Some(code), words.to_owned())
}

#[test]
fn a_cycle_that_goes_shows_what_was_there() {
    let before = format!("{OLD}{CYCLE}");
    let visible = says(0, "became-visible, fixed");
    assert_eq!(change(&before, &format!("{OLD}{CUT}")), visible);
    // On the cycle itself.
    let cycle = CYCLE.replace("depends on A", "depends on A\n\tselect HELPER");
    let cut = CUT.replace("\"b\"", "\"b\"\n\tselect HELPER");
    let visible = says(0, "became-visible, became-visible, fixed");
    let result = change(&format!("{OLD}{cycle}"), &format!("{OLD}{cut}"));
    assert_eq!(result, visible);
}

#[test]
fn what_the_repair_of_a_cycle_brings_is_new() {
    let before = format!("{OLD}{CYCLE}");
    let both = says(1, "became-visible, fixed, new");
    assert_eq!(change(&before, &format!("{OLD}{CUT}{BAD}")), both);
    // A helper that gains a term: the driver lacked PCI before, and not MMU.
    let helper = OLD.replace("depends on PCI", "depends on PCI && MMU");
    let result = change(&before, &format!("{helper}{CUT}"));
    assert_eq!(result, says(1, "fixed, new MMU"));
    // A driver that loses what kept it safe, also through a symbol of the cycle.
    let safe = OLD.replace("\"driver\"", "\"driver\"\n\tdepends on PCI");
    let result = change(&format!("{safe}{CYCLE}"), &format!("{OLD}{CUT}"));
    assert_eq!(result, says(1, "fixed, new"));
    let through = OLD.replace("\"driver\"", "\"driver\"\n\tdepends on B");
    let cycle = CYCLE.replace("depends on A", "depends on A && PCI");
    let result = change(&format!("{through}{cycle}"), &format!("{through}{CUT}"));
    assert_eq!(result, says(1, "fixed, new"));
}

#[test]
fn a_syntax_error_that_goes_shows_what_was_there() {
    for (broken, mended) in [
        ("\tdepnds PCI\n", "\tdepends on PCI\n"),
        ("\tdepends on PCI &&\n", "\tdepends on PCI\n"),
        (
            "\tdepends on PCI\nif MMU\n",
            "\tdepends on PCI\nif MMU\nendif\n",
        ),
    ] {
        let before = OLD.replace("\tdepends on PCI\n", broken);
        let after = OLD.replace("\tdepends on PCI\n", mended);
        assert_ne!(before, after);
        let (code, words) = change(&before, &after);
        assert_eq!(code, Some(0), "{broken} {words}");
        let (code, words) = change(&before, &format!("{after}{BAD}"));
        assert_eq!(code, Some(1), "{broken} {words}");
        assert_eq!(words.matches("new").count(), 1, "{broken} {words}");
    }
    let before = OLD.replace("\tdepends on PCI\n", "\tdepnds PCI\n");
    assert_eq!(change(&before, OLD), says(0, "became-visible, fixed"));
}

#[test]
fn a_select_beside_the_mended_line_is_new() {
    let before = OLD
        .replace("\tselect HELPER\n", "")
        .replace("\"driver\"", "\"driver");
    let (code, words) = change(&before, OLD);
    assert_eq!(code, Some(1), "{words}");
    assert!(
        words.contains("new") && !words.contains("visible"),
        "{words}"
    );
}

#[test]
fn a_path_that_is_mended_shows_the_file_and_a_new_file_is_new() {
    let top = |path: &str| {
        format!(
            "{}source \"{path}\"\n",
            OLD.replace("\tselect HELPER\n", "")
        )
    };
    let folder = repository(&[]);
    let root = folder.path();
    let commit = |path: &str, text: &str| {
        fs::write(root.join(path), text).expect("a file is written");
        super::identity::commit(
            root,
            &fs::read_to_string(root.join("Kconfig")).unwrap_or_default(),
        );
    };
    commit("drivers.kconfig", BAD);
    commit("Kconfig", &top("drivrs.kconfig"));
    commit("Kconfig", &top("drivers.kconfig"));
    let mended = statuses(root, &["--range", "main~1..main"]);
    assert_eq!(mended, says(0, "became-visible, fixed"));
    let more = format!("{BAD}{}", BAD.replace("NEW", "OTHER"));
    git(root, &["reset", "-q", "--hard", "HEAD~1"]);
    fs::write(root.join("drivers.kconfig"), more).expect("a file is written");
    commit("Kconfig", &top("drivers.kconfig"));
    let both = statuses(root, &["--range", "main~1..main"]);
    assert_eq!(both, says(1, "became-visible, fixed, new"));
    // What the missing file would have said, nobody knows: its text comes with the commit.
    commit("Kconfig", &top("later.kconfig"));
    commit("later.kconfig", &BAD.replace("NEW", "LATER"));
    let added = statuses(root, &["--range", "main~1..main"]);
    assert_eq!(added, says(1, "fixed, new"));
}

#[test]
fn every_format_tells_what_became_visible() {
    let folder = repository(&[&format!("{OLD}{CYCLE}"), &format!("{OLD}{CUT}")]);
    let root = folder.path();
    for (format, words) in [
        ("short", "(became-visible "),
        ("human", "became visible with "),
        ("json", "\"status\": \"became-visible\""),
        ("sarif", "\"status\": \"became-visible\""),
        ("github", "::notice "),
        ("gitlab", "\"info\""),
        ("checkpatch", ": CHECK:UNMET_DEPENDENCY: "),
    ] {
        let format = format!("--format={format}");
        let (code, text) = lint(root, &["--range", "main~1..main", &format]);
        assert_eq!(code, Some(0), "{format}");
        assert!(text.contains(words), "{text}");
        if text.contains("\"status\"") {
            let end = text.rfind("\n}").expect("JSON") + 2;
            fs::write(root.join("one.report"), &text[..end]).expect("a file is written");
            let (code, merged) = lint(root, &["merge", "one.report", "one.report"]);
            assert_eq!(code, Some(0), "{merged}");
            assert!(merged.contains(words), "{merged}");
        }
    }
}

#[test]
fn only_the_architecture_with_the_error_is_let_off() {
    let folder = repository(&[]);
    let root = folder.path();
    let write = |path: &str, text: &str| {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder is made");
        fs::write(path, text).expect("a file is written");
    };
    write("scripts/kconfig/Makefile", "");
    for (name, text) in [("one", CYCLE), ("two", "")] {
        write(&format!("arch/{name}/Makefile"), "");
        write(&format!("arch/{name}/Kconfig"), text);
    }
    let top = |rest: &str| format!("source \"arch/$(SRCARCH)/Kconfig\"\n\n{OLD}{rest}");
    super::identity::commit(root, &top(""));
    write("arch/one/Kconfig", CUT);
    super::identity::commit(root, &top(""));
    let alone = statuses(root, &["--range", "main~1..main"]);
    assert_eq!(alone, says(0, "became-visible, fixed"));
    git(root, &["reset", "-q", "--hard", "HEAD~1"]);
    write("arch/one/Kconfig", CUT);
    super::identity::commit(root, &top(BAD));
    let both = statuses(root, &["--range", "main~1..main"]);
    assert_eq!(both, says(1, "became-visible, fixed, new"));
}
