// SPDX-License-Identifier: MIT OR Apache-2.0
//! Many findings with one cause are one item for people, and each of them for programs.

use std::fs;

use kconfig_lint::diagnostic::group::MIN_GROUP;
use serde_json::Value;

use super::FORMATS;
use super::identity::{commit, judged, lint, repository};

/// A helper with this dependency, and so many drivers that select it.
fn tree(dependency: &str, drivers: usize) -> String {
    let mut text = format!(
        "config MMU\n\tbool \"mmu\"\n\nconfig PCI\n\tbool \"pci\"\n\nconfig HELPER\n\tbool\n{dependency}\n"
    );
    for number in 0..drivers {
        text.push_str(&format!(
            "config DRIVER_{number}\n\tbool \"driver\"\n\tselect HELPER\n\n"
        ));
    }
    text
}

const PCI: &str = "\tdepends on PCI\n";
const BOTH: &str = "\tdepends on PCI && MMU\n";

#[test]
fn one_edit_is_one_item_for_people() {
    let many = MIN_GROUP + 3;
    let folder = repository(&[&tree("", many), &tree(PCI, many)]);
    let root = folder.path();
    for arguments in [&["--range", "main~1..main"][..], &["check"]] {
        let run = |more: &[&str]| lint(root, &[arguments, more].concat());
        let (code, short) = run(&["-q", "--format=short"]);
        assert_eq!(code, Some(1));
        assert_eq!(short.lines().count(), 1, "{short}");
        let words = format!(
            "Kconfig:9:13: error: {many} selectors of HELPER may lack PCI: DRIVER_0, DRIVER_1, \
             DRIVER_2 and {} more [unmet-dependency]",
            many - 3
        );
        assert!(short.starts_with(&words), "{short}");
        let (_, each) = run(&["-v", "--format=short"]);
        assert_eq!(each.matches(" selects HELPER, ").count(), many, "{each}");

        let (code, human) = run(&["--format=human"]);
        assert_eq!(code, Some(1));
        assert_eq!(human.matches("error[").count(), 1, "{human}");
        assert!(human.contains(&format!("{many} selectors:")), "{human}");
        assert!(human.contains("DRIVER_4 selects HELPER"), "{human}");
        assert!(!human.contains("DRIVER_5"), "{human}");
        assert!(human.contains(&format!("{many} errors")), "{human}");
        assert_eq!(human.matches("help: DRIVER_").count(), 3, "{human}");
        let (_, verbose) = run(&["-v", "--format=human"]);
        assert!(verbose.contains("DRIVER_7 selects HELPER"), "{verbose}");
        // The same bytes for the same input.
        assert_eq!(run(&["--format=human"]).1, human);
    }
}

#[test]
fn programs_get_each_finding_with_the_name_of_its_group() {
    let folder = repository(&[]);
    let root = folder.path();
    let groups = |text: &str, list: &str, field: &str| {
        let end = text.rfind("\n}").expect("JSON") + 2;
        let report: Value = serde_json::from_str(&text[..end]).expect("JSON");
        let findings = report.pointer(list).and_then(Value::as_array);
        let findings = findings.expect("findings").iter();
        findings
            .map(|it| it.pointer(field).cloned().unwrap_or_default())
            .collect::<Vec<_>>()
    };
    for (drivers, expected) in [
        (MIN_GROUP - 1, Value::Null),
        (MIN_GROUP, Value::from("HELPER: PCI")),
    ] {
        fs::write(root.join("Kconfig"), tree(PCI, drivers)).expect("a file is written");
        for (format, list, field) in [
            ("json", "/findings", "/group"),
            ("sarif", "/runs/0/results", "/properties/group"),
        ] {
            let (code, text) = lint(root, &[&format!("--format={format}")]);
            assert_eq!(code, Some(1));
            let found = groups(&text, list, field);
            assert_eq!(found, vec![expected.clone(); drivers], "{format}");
            let end = text.rfind("\n}").expect("JSON") + 2;
            fs::write(root.join("one.report"), &text[..end]).expect("a file is written");
            let (_, merged) = lint(root, &["merge", "one.report", "one.report"]);
            assert_eq!(groups(&merged, list, field), found, "{format}");
        }
        assert_eq!(judged(root, &[]).1.len(), drivers, "it fits the schema");
    }
}

#[test]
fn a_group_is_about_the_term_that_comes() {
    let many = MIN_GROUP;
    // All lack PCI already; now the helper gains MMU.
    let folder = repository(&[&tree(PCI, many), &tree(BOTH, many)]);
    let (code, text) = lint(
        folder.path(),
        &["-q", "--range", "main~1..main", "--format=short"],
    );
    assert_eq!(code, Some(1));
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(
        text.contains("5 selectors of HELPER may lack MMU: "),
        "{text}"
    );
}

#[test]
fn each_patch_of_a_series_has_its_own_groups() {
    let many = MIN_GROUP;
    let folder = repository(&[&tree(PCI, 0)]);
    let root = folder.path();
    let mut mails = String::new();
    for (subject, begin, first) in [("Add five", 0, "MMU"), ("Add five more", many, "DRIVER_0")] {
        let mut new = String::new();
        for number in begin..begin + many {
            new.push_str(&format!(
                "+config DRIVER_{number}\n+\tbool \"driver\"\n+\tselect HELPER\n"
            ));
        }
        mails.push_str(&format!(
            "From x Mon\nSubject: [PATCH] {subject}\n\n---\n--- a/Kconfig\n\
             +++ b/Kconfig\n@@ -1,1 +1,{} @@\n{new} config {first}\n--\n\n",
            1 + 3 * many
        ));
    }
    fs::write(root.join("series"), mails).expect("a file is written");
    let (code, text) = lint(root, &["-q", "--patch=series", "--format=short"]);
    assert_eq!(code, Some(1), "{text}");
    assert_eq!(text.lines().count(), 2, "{text}");
    assert_eq!(text.matches("5 selectors of HELPER").count(), 2, "{text}");
}

#[test]
fn a_fix_for_all_is_applied_to_all() {
    let folder = repository(&[&tree(PCI, MIN_GROUP)]);
    let root = folder.path();
    let (code, text) = lint(root, &["--fix-unsafe"]);
    assert_eq!(code, Some(0), "{text}");
    let left = fs::read_to_string(root.join("Kconfig")).expect("it is there");
    assert_ne!(left, tree(PCI, MIN_GROUP));
    commit(root, &left);
    assert_eq!(lint(root, &["-q", "--format=short"]).1, "");
}

#[test]
fn fixes_of_a_group_are_proved_for_the_first_few() {
    let folder = repository(&[&tree(PCI, MIN_GROUP)]);
    let (_, text) = lint(folder.path(), &["-q", "--format=json"]);
    let report: Value = serde_json::from_str(&text).expect("JSON");
    let findings = report["findings"].as_array().expect("findings");
    let proved: Vec<bool> = findings
        .iter()
        .map(|it| it["fixes"][0]["proved"] == true)
        .collect();
    assert_eq!(proved, [true, true, true, false, false]);
}

#[test]
fn the_proofs_of_a_report_end() {
    // Each pair is of its own kind, so that there are no groups.
    let mut text = String::from("config MMU\n\tbool \"mmu\"\n\n");
    for number in 0..80 {
        text.push_str(&format!(
            "config HELPER_{number}\n\tbool\n\tdepends on MMU\n\nconfig DRIVER_{number}\n\t\
             bool \"driver\"\n\tselect HELPER_{number}\n\n"
        ));
    }
    let folder = repository(&["", &text]);
    let root = folder.path();
    let ends = |text: &str| text.contains("-v or --fix checks them\n80 errors in ");
    for arguments in [&["--range", "main~1..main"][..], &["check"]] {
        let run = |more: &[&str]| lint(root, &[arguments, more].concat()).1;
        let report = run(&["--format=human"]);
        assert!(ends(&report), "{report}");
        let (first, last) = report.split_at(report.len() / 2);
        assert!(first.contains("help: depend on MMU (checked"), "{first}");
        assert!(last.contains("help: depend on MMU (not checked)"), "{last}");
        // The same bytes for the same input.
        assert_eq!(run(&["--format=human"]), report);
        let verbose = run(&["--format=human", "-v"]);
        assert!(
            !ends(&verbose) && !verbose.contains("not checked"),
            "{verbose}"
        );
    }
}

#[test]
fn without_fixes_no_format_has_one() {
    let folder = repository(&["", &tree(PCI, 2)]);
    let root = folder.path();
    for arguments in [&["--range", "main~1..main"][..], &["check"]] {
        for format in FORMATS {
            let format = format!("--format={format}");
            let run = |more: &[&str]| lint(root, &[arguments, &[&format], more].concat());
            let (with, without) = (run(&[]), run(&["--no-fixes"]));
            assert_eq!((with.0, without.0), (Some(1), Some(1)));
            assert!(without.1.contains("DRIVER_1 selects HELPER"), "{format}");
            let marks = ["help:", "\"edits\"", "artifactChanges"];
            let has_fix = marks.iter().any(|mark| without.1.contains(mark));
            assert!(!has_fix, "{format}: {}", without.1);
            let shows = ["human", "json", "sarif", "github"];
            let shows = shows.iter().any(|it| format.ends_with(it));
            assert_eq!(shows, with.1 != without.1, "{format}");
        }
    }
    for other in ["--fix", "--fix-unsafe", "--diff"] {
        assert_eq!(lint(root, &["--no-fixes", other]).0, Some(2));
    }
}

#[test]
fn one_undefined_name_is_one_item_for_people() {
    let text = "config USB\n\tbool \"USB\"\n\tdepends on LOST\n\nconfig PCI\n\tbool \"PCI\"\n\tdepends on LOST\n\nconfig I2C\n\tbool \"I2C\"\n\tdepends on !LOST\n";
    let folder = repository(&[text]);
    let run = |more: &[&str]| lint(folder.path(), &[&["check"], more].concat());
    let (_, short) = run(&["-q", "--format=short"]);
    assert_eq!(
        short,
        "Kconfig:3:13: warning: nothing defines a symbol LOST: it is always n (and in 2 more places) \
         [undefined-symbol]\n"
    );
    let (_, each) = run(&["-v", "--format=short"]);
    assert_eq!(each.matches("nothing defines").count(), 3, "{each}");
    let (_, human) = run(&["--format=human"]);
    assert_eq!(human.matches("warning[").count(), 1, "{human}");
    assert!(human.contains("and 2 more statements:"), "{human}");
    assert!(human.contains("Kconfig:11: in I2C"), "{human}");
    assert!(human.contains("3 warnings in 1 file"), "{human}");
    let (_, json) = run(&["--format=json"]);
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let findings = json["findings"].as_array().expect("findings");
    assert_eq!(findings.len(), 3);
    assert!(findings.iter().all(|it| it["group"] == "LOST"), "{json}");
}
