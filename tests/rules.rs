// SPDX-License-Identifier: MIT OR Apache-2.0
//! Holds that the registry is the truth: its documentation is complete, its order is fixed,
//! and the folder of rules and the README's table say the same.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use kconfig_lint::config::{Known, Levels, Selector};
use kconfig_lint::diagnostic::Level;
use kconfig_lint::menu::Toolchain;
use kconfig_lint::report;
use kconfig_lint::rules::preset::PRESETS;
use kconfig_lint::rules::registry::Example;
use kconfig_lint::rules::{Preset, RULES, Rule, policy, registry};
use kconfig_lint::session::{self, Options};
use kconfig_lint::source::{Files, Overlay, WorkTree};
use kconfig_lint::tree::{self, Kind, Located, Overrides};

/// Modules of the folder that are no rules.
const HELPERS: [&str; 16] = [
    "fixed_terms",
    "kconfig_file",
    "linking",
    "mod",
    "outside",
    "pair",
    "preset",
    "registry",
    "remedy",
    "requirements",
    "scope",
    "statement",
    "selects",
    "term",
    "timing",
    "toolchain",
];

#[test]
fn rules_are_sorted_and_distinct() {
    for pair in RULES.windows(2) {
        assert!(
            pair[0].name < pair[1].name,
            "{} is out of order",
            pair[1].name
        );
    }
}

#[test]
fn the_folder_is_the_registry() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    let mut files: Vec<String> = fs::read_dir(folder)
        .expect("src/rules is readable")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .filter_map(|name| name.strip_suffix(".rs").map(str::to_owned))
        .filter(|name| !HELPERS.contains(&name.as_str()))
        .map(|name| name.replace('_', "-"))
        .collect();
    files.sort();
    let names: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(files, names);
}

#[test]
fn documentation_has_its_sections_in_order() {
    for rule in RULES {
        let mut headings = rule
            .docs
            .lines()
            .filter_map(|line| line.strip_prefix("## "));
        for wanted in registry::HEADINGS {
            assert_eq!(headings.next(), Some(wanted), "{}", rule.name);
        }
        assert_eq!(headings.next(), None, "{}", rule.name);
    }
}

#[test]
fn summaries_are_lines_in_lower_case_without_a_full_stop() {
    for rule in RULES {
        let first = rule.summary.chars().next().expect("a summary");
        assert!(first.is_lowercase(), "{}", rule.name);
        assert!(!rule.summary.ends_with('.'), "{}", rule.name);
        assert!(!rule.summary.contains('\n'), "{}", rule.name);
        assert!(rule.summary.len() <= 80, "{}", rule.name);
    }
}

#[test]
fn every_rule_has_a_bad_and_a_good_example() {
    for rule in RULES {
        let examples = registry::examples(rule);
        for good in [false, true] {
            assert!(
                examples.iter().any(|example| example.good == good),
                "{} lacks an example with good = {good}",
                rule.name
            );
        }
        for example in examples {
            assert_eq!(example.files[0].0, "Kconfig", "{}", rule.name);
            assert!(
                example.files.iter().all(|(_, text)| !text.is_empty()),
                "{}",
                rule.name
            );
        }
    }
}

#[test]
fn code_fences_are_closed_and_known() {
    for rule in RULES {
        let mut open = false;
        for line in rule.docs.lines().filter(|line| line.starts_with("```")) {
            let known = if open {
                line == "```"
            } else {
                matches!(
                    line,
                    "```kconfig,bad" | "```kconfig,good" | "```toml" | "```text"
                )
            };
            assert!(known, "{}: {line}", rule.name);
            open = !open;
        }
        assert!(!open, "{}", rule.name);
    }
}

#[test]
fn an_example_may_have_several_files() {
    let rule = registry::find("missing-source").expect("a rule");
    let good = registry::examples(rule).pop().expect("an example");
    let paths: Vec<&str> = good.files.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["Kconfig", "drivers/panel/Kconfig"]);
    assert!(good.files[1].1.starts_with("config USB_PANEL\n"));
}

#[test]
fn the_catalogue_in_json_is_the_registry() {
    let mut bytes = Vec::new();
    report::rules_json(RULES, &mut bytes).expect("a Vec takes everything");
    let rows: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
    let rows = rows.as_array().expect("an array");
    assert_eq!(rows.len(), RULES.len());
    for (row, rule) in rows.iter().zip(RULES) {
        assert_eq!(row["name"], rule.name);
        assert_eq!(row["docs"], rule.docs);
    }
}

#[test]
fn the_table_of_the_readme_is_the_registry() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"))
        .expect("a README");
    let (_, rest) = readme
        .split_once("<!-- rules -->\n")
        .expect("a start marker");
    let (table, _) = rest.split_once("<!-- /rules -->").expect("an end marker");
    let mut bytes = Vec::new();
    report::rules_markdown(RULES, &mut bytes).expect("a Vec takes everything");
    let wanted = String::from_utf8(bytes).expect("UTF-8");
    assert_eq!(
        table, wanted,
        "replace it by what `kconfig-lint rules --format markdown` prints"
    );
}

#[test]
fn the_table_of_presets_in_the_docs_is_the_data() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/checks.md"));
    let page = page.expect("the page");
    let mut wanted =
        String::from("| preset | follows | rules of the group `style` |\n| --- | --- | --- |\n");
    for preset in &PRESETS {
        let rules = preset.rules.iter().map(|rule| format!("`{rule}`"));
        let rules = rules.collect::<Vec<_>>().join(", ");
        wanted += &format!("| `{}` | {} | {rules} |\n", preset.name, preset.checker);
    }
    assert!(page.contains(&wanted), "the table should be:\n{wanted}");
}

#[test]
fn each_rule_has_a_line_of_evidence_in_the_docs() {
    let docs = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/checks.md"));
    let docs = docs.expect("the page");
    let (_, rest) = docs
        .split_once("## Evidence of each rule")
        .expect("a section");
    let (table, _) = rest.split_once("\n## ").expect("an end");
    let lines = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let told: Vec<(&str, &str)> = lines.collect();
    let names: Vec<&str> = told.iter().map(|(name, _)| *name).collect();
    let rules: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(names, rules);
    for (name, evidence) in told {
        let begins = evidence.starts_with(|it: char| it.is_ascii_digit());
        assert!(
            begins && evidence.matches('|').count() == 2,
            "{name}: {evidence}"
        );
    }
}

#[test]
fn the_group_style_is_that_of_the_preset() {
    let of = |preset: &str| {
        let mut levels = Levels::of(Preset::from_name(preset).expect("a preset"));
        levels.set(Selector::parse("style").expect("a group"), Level::Warn);
        ["unsorted", "short-help"].map(|rule| levels.level(rule))
    };
    assert_eq!(of("buildroot"), [Level::Warn, Level::Allow]);
    assert_eq!(of("linux"), [Level::Allow, Level::Warn]);
}

#[test]
fn bad_examples_fire_exactly_their_rule_and_good_ones_none() {
    for rule in RULES {
        for example in registry::examples(rule) {
            let wanted: BTreeSet<&str> = if example.good {
                BTreeSet::new()
            } else {
                BTreeSet::from([rule.name])
            };
            assert_eq!(
                fired(rule, &example),
                wanted,
                "{}: {:#?}",
                rule.name,
                example.files
            );
        }
    }
}

/// The rules that fire on an example, at their own levels; its own rule at least at `warn`.
fn fired(rule: &Rule, example: &Example) -> BTreeSet<&'static str> {
    let tree = || {
        let nowhere = Overlay::new(Arc::new(WorkTree::new("/nonexistent")));
        let files = example.files.iter();
        files.fold(nowhere, |tree, (path, text)| {
            tree.with(path, text.as_bytes())
        })
    };
    let located = Located {
        root: "/nonexistent".into(),
        root_file: "Kconfig".to_owned(),
        kind: Kind::Generic,
        alone: false,
    };
    let project = tree::detect(&tree(), &located, &Overrides::default());
    let mut levels = Levels::default();
    if rule.level == Level::Allow {
        levels.set(Selector::parse(rule.name).expect("a rule"), Level::Warn);
    }
    let options = Options {
        architectures: project.architectures.clone(),
        toolchain: Toolchain::default(),
        levels,
        policies: policy::builtin(),
        remarks: false,
        effort: kconfig_lint::logic::Effort::DEFAULT,
        jobs: None,
    };
    let files = Arc::new(Files::new(tree()));
    let mut outcome = session::run(&project, files, &options, &|_, _, _| {}).expect("a run");
    outcome.suppress(&options.levels, &Known::default(), true, &|_| true);
    assert_eq!(outcome.internal_errors, Vec::<String>::new());
    outcome
        .findings
        .iter()
        .map(|finding| finding.rule)
        .collect()
}
