// SPDX-License-Identifier: MIT OR Apache-2.0
//! A suppression takes away what it speaks of and changes nothing else; a baseline takes away
//! what it was written from.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use kconfig_lint::config::{Known, Levels};
use kconfig_lint::diagnostic::Diagnostic;
use kconfig_lint::menu::Toolchain;
use kconfig_lint::report;
use kconfig_lint::rules::{policy, unused_suppression};
use kconfig_lint::session::{self, Options, Outcome};
use kconfig_lint::source::{Files, Overlay, WorkTree};
use kconfig_lint::tree::{self, Kind, Located, Overrides};

/// A tree with findings of several kinds, some on neighbouring lines.
const TREE: &str = "config MMU\n\tbool \"MMU\"\n\nconfig BUS\n\tbool \"bus\"\n\n\
config HELPER\n\tbool\n\tdepends on MMU\n\nconfig OTHER\n\tbool\n\tdepends on BUS\n\n\
config PANEL\n\tbool \"panel\"\n\tselect HELPER\n\tselect OTHER\n\thelp\n\t  select HELPER\n\t  # text\n\n\
config SENSOR\n\tbool \"sensor\"\n\tselect HELPER if BUS\n\tselect HELPER\n\n\
source \"missing/$(NOWHERE)Kconfig\"\n";

#[test]
fn a_comment_takes_away_what_stands_on_its_line_and_nothing_else() {
    let before = lint(TREE);
    assert!(before.findings.len() >= 4, "{:#?}", shown(&before));
    for finding in &before.findings {
        let file = before
            .files
            .get(finding.primary.as_ref().expect("a place").span.file);
        let line = |span: kconfig_lint::source::Span| file.position(span.start).line as usize;
        for label in finding.primary.iter().chain(&finding.related) {
            let at = line(label.span);
            let is_there = |other: &&Diagnostic| {
                let mut labels = other.primary.iter().chain(&other.related);
                other.rule == finding.rule && labels.any(|label| line(label.span) == at)
            };
            let stays = before.findings.iter().filter(|other| !is_there(other));
            let expected: Vec<String> = stays.map(in_words).collect();
            let comment = format!("# kconfig-lint: allow({}) a reason", finding.rule);
            for text in [with_line(at, &comment), with_end(at, &comment)] {
                assert_eq!(shown(&lint(&text)), expected, "{text}");
            }
        }
    }
}

#[test]
fn a_comment_that_is_not_used_changes_no_finding() {
    let expected = shown(&lint(TREE));
    for at in 1..=TREE.lines().count() {
        let text = with_line(at, "\t# kconfig-lint: allow(recursive-source) a reason");
        let outcome = lint(&text);
        let others = outcome.findings.iter();
        let others = others.filter(|it| it.rule != unused_suppression::RULE.name);
        assert_eq!(others.map(in_words).collect::<Vec<_>>(), expected, "{text}");
        assert_eq!(outcome.counts.suppressed.total(), 0);
    }
}

#[test]
fn a_comment_above_the_symbol_is_told_where_to_stand() {
    let at = 1 + TREE
        .lines()
        .position(|line| line == "config PANEL")
        .expect("a line");
    let text = with_line(at, "# kconfig-lint: allow(unmet-dependency) a reason");
    let outcome = lint(&text);
    let mut found = outcome.findings.iter();
    let unused = found.find(|it| it.rule == unused_suppression::RULE.name);
    let [label] = &unused.expect("not used").labels[..] else {
        panic!("one label, not {unused:?}");
    };
    let file = outcome.files.get(label.span.file);
    assert_eq!(
        file.line(file.position(label.span.start).line),
        b"\tselect HELPER"
    );
}

#[test]
fn a_run_is_clean_after_its_baseline_was_written() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("Kconfig"), TREE).expect("a file");
    let baseline = folder.path().join("known.json");
    let run = |option: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_kconfig-lint"))
            .arg(folder.path())
            .args(["--format", "short", "--tree", "generic", option])
            .arg(&baseline)
            .output()
            .expect("the program starts");
        (output.status.code(), output.stdout)
    };
    let clean = (Some(0), Vec::new());
    assert_eq!(run("--write-baseline"), clean);
    let first = fs::read(&baseline).expect("written");
    assert_eq!(run("--baseline"), clean);
    assert_eq!(run("--write-baseline"), clean);
    assert_eq!(fs::read(&baseline).expect("written"), first);
    // Lines may move, and other findings are still found.
    let more = format!("# moved\n{TREE}\nconfig NEW\n\tbool \"new\"\n\tselect HELPER\n");
    fs::write(folder.path().join("Kconfig"), more).expect("a file");
    let (status, stdout) = run("--baseline");
    let text = String::from_utf8(stdout).expect("UTF-8");
    assert_eq!((status, text.lines().count()), (Some(1), 1), "{text}");
    assert!(text.contains("NEW selects HELPER"), "{text}");
}

/// The tree with a line inserted before a line (from 1).
fn with_line(at: usize, new: &str) -> String {
    let mut lines: Vec<&str> = TREE.lines().collect();
    lines.insert(at - 1, new);
    lines.join("\n") + "\n"
}

/// The tree with something at the end of a line (from 1).
fn with_end(at: usize, new: &str) -> String {
    let lines = TREE.lines().enumerate();
    lines
        .map(|(number, line)| match number + 1 == at {
            true => format!("{line} {new}\n"),
            false => format!("{line}\n"),
        })
        .collect()
}

fn shown(outcome: &Outcome) -> Vec<String> {
    outcome.findings.iter().map(in_words).collect()
}

fn in_words(finding: &Diagnostic) -> String {
    let (rule, mark, words) = (finding.rule, &finding.fingerprint, &finding.message);
    format!(
        "{rule} {mark} {words} {:?}",
        finding.witness.as_ref().map(|it| &it.config)
    )
}

fn lint(text: &str) -> Outcome {
    let nowhere = || Overlay::new(Arc::new(WorkTree::new("/nonexistent")));
    let tree = || nowhere().with("Kconfig", text.as_bytes());
    let located = Located {
        root: Path::new("/nonexistent").to_owned(),
        root_file: "Kconfig".to_owned(),
        kind: Kind::Generic,
        alone: false,
    };
    let project = tree::detect(&tree(), &located, &Overrides::default());
    let options = Options {
        architectures: project.architectures.clone(),
        toolchain: Toolchain::default(),
        levels: Levels::default(),
        policies: policy::builtin(),
        remarks: false,
        effort: kconfig_lint::logic::Effort::DEFAULT,
        jobs: None,
    };
    let files = Arc::new(Files::new(tree()));
    let mut outcome = session::run(&project, files, &options, &|_, _, _| {}).expect("a run");
    report::mark(&mut outcome.findings, &outcome.files);
    outcome.suppress(&options.levels, &Known::default(), true, &|_| true);
    outcome
}

#[test]
fn names_that_are_meant_are_allowed_by_name_by_list_and_by_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| fs::write(folder.path().join(path), text).expect("a file");
    write(
        "Kconfig",
        "config A\n\tbool \"a\"\n\tdepends on ONE && TWO\n\nsource \"Kconfig.b\"\n",
    );
    write(
        "Kconfig.b",
        "config B\n\tbool \"b\"\n\tdepends on FOUR\n\tselect THREE\n",
    );
    write("known", "# meant\nTWO # by a script\n");
    let said = |settings: &str| {
        write("kconfig-lint.toml", settings);
        let output = Command::new(env!("CARGO_BIN_EXE_kconfig-lint"))
            .args([
                "-q",
                "--format=short",
                "--tree=generic",
                "-A",
                "dead-symbol",
            ])
            .arg(folder.path())
            .output();
        let output = output.expect("it runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let told = text.lines().filter_map(|line| {
            let name = ["ONE", "TWO", "THREE", "FOUR"]
                .into_iter()
                .find(|it| line.contains(it))?;
            Some(format!("{} {name}", line.split(':').next()?))
        });
        (
            told.collect::<Vec<_>>().join(", "),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    let allow = |rule: &str, what: &str| {
        format!("[[allow]]\nrule = \"{rule}\"\n{what}\nreason = \"a test\"\n")
    };
    let all = "Kconfig ONE, Kconfig TWO, Kconfig.b FOUR, Kconfig.b THREE";
    assert_eq!(said("").0, all);
    for (rule, what, left) in [
        (
            "undefined-symbol",
            "names = \"ONE\"",
            "Kconfig TWO, Kconfig.b FOUR, Kconfig.b THREE",
        ),
        (
            "undefined-symbol",
            "names = \"ONE FOUR\"\nfile = \"*.b\"",
            "Kconfig ONE, Kconfig TWO, Kconfig.b THREE",
        ),
        (
            "undefined-symbol",
            "names-from = \"known\"",
            "Kconfig ONE, Kconfig.b FOUR, Kconfig.b THREE",
        ),
        (
            "undefined-symbol",
            "file = \"*.b\"",
            "Kconfig ONE, Kconfig TWO, Kconfig.b THREE",
        ),
        (
            "undefined-select",
            "names = \"X T*\"",
            "Kconfig ONE, Kconfig TWO, Kconfig.b FOUR",
        ),
        ("undefined-symbol", "symbol = \"B\"\nnames = \"TWO\"", all),
    ] {
        let (told, error) = said(&allow(rule, what));
        assert_eq!(told, left, "{what}: {error}");
    }
    let (told, error) = said(&allow("undefined-symbol", "names-from = \"lost\""));
    assert!(told.is_empty() && error.contains("lost"), "{error}");
    let (told, error) = said(&allow("undefined-symbol", ""));
    assert!(
        told.is_empty() && error.contains("`symbol` is missing here"),
        "{error}"
    );
}
