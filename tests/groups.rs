// SPDX-License-Identifier: MIT OR Apache-2.0
//! Many findings with one cause are one item for people, and each of them for programs.

use std::fs;

use kconfig_lint::diagnostic::group::MIN_GROUP;
use serde_json::Value;

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
