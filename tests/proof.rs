// SPDX-License-Identifier: MIT OR Apache-2.0
//! The fixes of each tree in `fixtures/fixes/`, as they are after their proof: the file `expected`
//! lists them in their order with what is said of them, the lines that they change, and those
//! that are not offered. Beside the ordinary ones there are the traps that fixes fell into.
//!
//! `SNAPSHOTS=overwrite` writes what came; read it before you accept it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use kconfig_lint::config::Levels;
use kconfig_lint::diagnostic::{Applicability, Edit, Fix, Narrowing, Plan};
use kconfig_lint::fix::{self, Effort};
use kconfig_lint::menu::Toolchain;
use kconfig_lint::session::{self, Options, Outcome};
use kconfig_lint::source::{Files, Span, WorkTree};
use kconfig_lint::tree::{self, Overrides};
use serde_json::Value;
use snapbox::data::DataFormat;
use snapbox::{Assert, Data, IntoData};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/fixes")
}

#[test]
fn fixes_are_what_their_trees_expect() {
    let mut cases: Vec<PathBuf> = fs::read_dir(root())
        .expect("fixtures/fixes is readable")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    cases.sort();
    assert!(cases.len() > 10);
    let mut wrong = Vec::new();
    for case in cases {
        let expected = Data::read_from(&case.join("expected"), Some(DataFormat::Text)).raw();
        let assert = Assert::new().action_env("SNAPSHOTS");
        if let Err(error) = assert.try_eq(Some(&"expected"), told(&case).into_data(), expected) {
            wrong.push(format!("{}: {error}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The fixes of all findings of a tree, in words.
fn told(case: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_kconfig-lint"))
        .args(["check", "--format", "json"])
        .arg(case)
        .output()
        .expect("the program runs");
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let mut words = String::new();
    for finding in report["findings"].as_array().expect("findings") {
        words += &format!("{}\n", text(&finding["message"]));
        for fix in finding["fixes"].as_array().expect("fixes") {
            let known = if fix["proved"] == true {
                ""
            } else {
                ", not proved"
            };
            let applicability = text(&fix["applicability"]);
            words += &format!("  {}: {applicability}{known}\n", text(&fix["title"]));
            if fix["remark"] != "" {
                words += &format!("    {}\n", text(&fix["remark"]));
            }
            for edit in fix["edits"].as_array().expect("edits") {
                words += &changed(case, edit);
            }
        }
        for fix in finding["rejected"].as_array().expect("rejected") {
            let (title, reason) = (text(&fix["title"]), text(&fix["reason"]));
            words += &format!("  not offered: {title}: {reason}\n");
        }
    }
    words
}

/// The lines around an edit, after it.
fn changed(case: &Path, edit: &Value) -> String {
    let file = text(&edit["file"]);
    let old = fs::read_to_string(case.join(file)).expect("a file");
    let place = |key: &str| edit[key].as_u64().expect("an offset") as usize;
    let (start, end) = (place("start"), place("end"));
    let new = format!("{}{}{}", &old[..start], text(&edit["text"]), &old[end..]);
    let from = new[..start].rfind('\n').map_or(0, |at| at + 1);
    let to = start + text(&edit["text"]).len();
    let to = new[to..].find('\n').map_or(new.len(), |at| to + at);
    let lines = new[from..to].lines();
    lines.map(|line| format!("    {file}: {line}\n")).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a string")
}

/// The outcome of a fixture, with the options of its run.
fn outcome(case: &str) -> (Outcome, Options) {
    let overrides = Overrides::default();
    let located = tree::locate(&root().join(case), &overrides).expect("a tree");
    let project = tree::detect(&WorkTree::new(&located.root), &located, &overrides);
    let options = Options {
        architectures: project.architectures.clone(),
        toolchain: Toolchain::default(),
        levels: Levels::default(),
        policies: Vec::new(),
        remarks: false,
        effort: kconfig_lint::logic::Effort::DEFAULT,
        jobs: None,
    };
    let files = Arc::new(Files::new(WorkTree::new(&located.root)));
    let outcome = session::run(&project, files, &options, &|_, _, _| {}).expect("a run");
    (outcome, options)
}

/// Proves one made-up fix of the first finding: `old` becomes `new` in the root file. Its plan
/// says that `symbol` is then on only while `term` holds.
fn tried(case: &str, (old, new): (&str, &str), symbol: &str, term: &str) -> Outcome {
    let (mut outcome, options) = outcome(case);
    let finding = &mut outcome.findings[0];
    let file = finding.primary.as_ref().expect("a place").span.file;
    let source = outcome.files.get(file);
    let whole = std::str::from_utf8(source.text()).expect("UTF-8");
    let start = whole.find(old).expect("the old text") as u32;
    let end = start + old.len() as u32;
    let edit = Edit {
        span: Span { file, start, end },
        text: new.to_owned(),
    };
    let plan = Plan {
        narrows: vec![Narrowing {
            symbol: symbol.to_owned(),
            term: term.to_owned(),
        }],
        owners: vec![symbol.to_owned()],
        asks: vec![term.to_owned()],
        ..Plan::harmless()
    };
    finding.fixes = vec![Fix::candidate("try it", plan, vec![edit])];
    fix::prove(&mut outcome, &options, Effort::All, &|_, _, _| {}).expect("a proof");
    outcome
}

fn reason(outcome: &Outcome) -> &str {
    let finding = &outcome.findings[0];
    assert!(finding.fixes.is_empty(), "{:?}", finding.fixes);
    &finding.rejected[0].reason
}

#[test]
fn a_fix_that_moves_the_warning_is_not_offered() {
    let edit = (
        "config PANEL_BRIDGE\n\tbool\n",
        "config PANEL_BRIDGE\n\tbool\n\tdepends on KMS\n",
    );
    let outcome = tried("moved-warning", edit, "PANEL_BRIDGE", "KMS");
    assert_eq!(
        reason(&outcome),
        "BRIDGE_A then selects PANEL_BRIDGE without its dependencies"
    );
}

#[test]
fn a_fix_that_closes_a_cycle_is_not_offered() {
    let edit = (
        "\tselect MDIO_MAP\n",
        "\tdepends on MDIO\n\tselect MDIO_MAP\n",
    );
    let outcome = tried("long-cycle", edit, "EXPANDER", "MDIO");
    let reason = reason(&outcome);
    assert!(
        reason.starts_with("the change closes a cycle: "),
        "{reason}"
    );
    assert_eq!(reason.matches(" -> ").count(), 11, "{reason}");
}

#[test]
fn a_fix_that_does_not_help_is_not_offered() {
    let edit = ("tristate \"USB display\"", "tristate \"A USB display\"");
    let outcome = tried("own-line", edit, "USB_DISPLAY", "MMU");
    assert_eq!(reason(&outcome), "this warning stays");
}

#[test]
fn a_fix_that_breaks_the_file_is_not_offered() {
    let edit = ("depends on USB\n", "depends on USB &&\n");
    let outcome = tried("own-line", edit, "USB_DISPLAY", "MMU");
    assert!(reason(&outcome).contains("Kconfig"), "{}", reason(&outcome));
}

#[test]
fn a_fix_that_loses_what_was_valid_is_not_for_machines() {
    let prompt = "bool \"Tunnel\"\n";
    let depends = format!("{prompt}\tdepends on !BIG_ENDIAN\n");
    let outcome = tried("condition", (prompt, &depends), "TUNNEL", "!BIG_ENDIAN");
    let fix = &outcome.findings[0].fixes[0];
    assert_eq!(fix.applicability, Applicability::MaybeIncorrect);
    let loss = "configurations without this warning are lost: with TUNNEL, without !BIG_ENDIAN";
    assert_eq!(fix.remark, loss);
}

/// No report depends on how many threads there were, or on the order of hash maps.
#[test]
fn proofs_are_the_same_every_time() {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..4 {
        *seen.entry(told(&root().join("block"))).or_default() += 1;
    }
    assert_eq!(seen.len(), 1, "{seen:?}");
}
