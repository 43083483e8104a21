// SPDX-License-Identifier: MIT OR Apache-2.0
//! Renders outcomes made by hand: what people see, what editors see, and JSON against its
//! schema. Nothing is parsed and nothing is solved here.

use std::collections::BTreeMap;
use std::sync::Arc;

use kconfig_lint::config::Suppressed;
use kconfig_lint::diagnostic::{Applicability, Data, Diagnostic, Edit, Fix, Label, Level, Witness};
use kconfig_lint::report::{self, Manner};
use kconfig_lint::session::{Counts, Outcome};
use kconfig_lint::source::{Files, Overlay, Span, WorkTree};
use kconfig_lint::tree::{Behaviour, Kind, Project};
use serde_json::{Value, json};

use super::schema::assert_fits;

const DRIVER: &str = "drivers/gpu/panel/Kconfig";
const HELPER: &str = "drivers/gpu/Kconfig";

/// An outcome over these files, without findings.
fn outcome(files: &[(&str, &[u8])], architectures: &[&str]) -> Outcome {
    let nowhere = Arc::new(WorkTree::new("/nonexistent"));
    let overlay = files
        .iter()
        .fold(Overlay::new(nowhere), |overlay, (path, text)| {
            overlay.with(path, *text)
        });
    Outcome {
        base: None,
        reading: kconfig_lint::session::Reading::default(),
        objections: Vec::new(),
        project: Project {
            kind: Kind::Linux,
            root_file: "Kconfig".to_owned(),
            architectures: Vec::new(),
            prefix: "CONFIG_".to_owned(),
            behaviour: Behaviour::NEW,
            grammar: kconfig_lint::tree::Grammar::ALL,
            is_whole: true,
            dollar_variables: false,
            macros: true,
            scripts: Default::default(),
            settings: None,
        },
        files: Arc::new(Files::new(overlay)),
        architectures: architectures
            .iter()
            .map(|name| (*name).to_owned())
            .collect(),
        findings: Vec::new(),
        remarks: Vec::new(),
        comments: Vec::new(),
        complete: false,
        counts: Counts {
            files: files.len(),
            symbols: 3,
            selects: 1,
            suppressed: Suppressed::default(),
        },
        internal_errors: Vec::new(),
    }
}

/// The span of the first occurrence of `text` in a file.
fn span(outcome: &Outcome, path: &str, text: &str) -> Span {
    let file = outcome.files.open(path).expect("the file is there");
    let bytes = outcome.files.get(file).text().to_vec();
    let start = bytes
        .windows(text.len())
        .position(|window| window == text.as_bytes())
        .expect("the text is there") as u32;
    Span {
        file,
        start,
        end: start + text.len() as u32,
    }
}

/// The finding of interface.md, with everything that a finding can have.
fn shmem() -> Outcome {
    let driver = b"config DRM_PANEL_USB\n\ttristate \"USB panel\"\n\tdepends on DRM\n\tselect FB_CORE\n\tselect DRM_GEM_SHMEM_HELPER\n";
    let helper = b"config DRM_GEM_SHMEM_HELPER\n\ttristate\n\tdepends on DRM && MMU\n";
    let mut outcome = outcome(
        &[(DRIVER, driver), (HELPER, helper)],
        &["arm", "arm64", "m68k"],
    );
    let select = span(&outcome, DRIVER, "DRM_GEM_SHMEM_HELPER");
    let name = span(&outcome, DRIVER, "DRM_PANEL_USB");
    let on_drm = span(&outcome, DRIVER, "DRM\n");
    let on_mmu = span(&outcome, HELPER, "MMU");
    let mut finding = Diagnostic::new(
        "unmet-dependency",
        Level::Deny,
        Label::new(select, "switched on here, whatever it depends on"),
        "DRM_PANEL_USB selects DRM_GEM_SHMEM_HELPER, which depends on MMU, so DRM_PANEL_USB should depend on MMU".to_owned(),
    );
    let drm = Span {
        end: on_drm.end - 1,
        ..on_drm
    };
    finding.symbol = Some("DRM_PANEL_USB".to_owned());
    finding.labels = vec![
        Label::new(name, "can be enabled while MMU is off"),
        Label::new(drm, "implies DRM, says nothing about MMU"),
        Label::new(on_mmu, "not met"),
    ];
    finding.related = vec![Label::new(span(&outcome, DRIVER, "FB_CORE"), "again")];
    finding.architectures = vec!["arm".to_owned(), "m68k".to_owned()];
    finding.notes = vec!["MMU always holds on arm64".to_owned()];
    finding.helps = vec!["where there is no MMU, select the DMA helper instead".to_owned()];
    finding.data = Data::Unmet {
        selector: "DRM_PANEL_USB".to_owned(),
        selectee: "DRM_GEM_SHMEM_HELPER".to_owned(),
        condition: None,
        missing: vec!["MMU".to_owned()],
        level: "off",
    };
    finding.witness = Some(witness());
    finding.fixes = vec![Fix::new(
        "depend on MMU",
        Applicability::MaybeIncorrect,
        vec![Edit {
            span: drm,
            text: "DRM && MMU".to_owned(),
        }],
    )];
    outcome.findings.push(finding);
    outcome
}

fn witness() -> Witness {
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let config = [("MMU", "n"), ("DRM", "y"), ("DRM_PANEL_USB", "y")].map(owned);
    Witness {
        environment: BTreeMap::new(),
        architecture: "arm".to_owned(),
        highlights: config.to_vec(),
        config: BTreeMap::from(config),
        toolchain: BTreeMap::from([owned(("scripts/cc-name", "Clang"))]),
        answers: BTreeMap::new(),
    }
}

fn human(outcome: &Outcome, manner: Manner<'_>) -> String {
    let mut bytes = Vec::new();
    report::human(outcome, manner, &mut bytes).expect("a Vec takes everything");
    String::from_utf8(bytes).expect("reports are UTF-8")
}

fn short(outcome: &Outcome) -> String {
    let mut bytes = Vec::new();
    report::short(outcome, false, &mut bytes).expect("a Vec takes everything");
    String::from_utf8(bytes).expect("reports are UTF-8")
}

fn json_text(outcome: &Outcome) -> String {
    let mut bytes = Vec::new();
    report::json(outcome, ".", &mut bytes).expect("a Vec takes everything");
    String::from_utf8(bytes).expect("reports are UTF-8")
}

/// The report as JSON, after the schema had its say.
fn valid_json(outcome: &Outcome) -> Value {
    let report: Value = serde_json::from_str(&json_text(outcome)).expect("JSON");
    assert_fits(report::SCHEMA, &report);
    report
}

#[test]
fn people_see_what_why_what_to_do_and_how_to_reproduce() {
    insta::assert_snapshot!(human(&shmem(), Manner::default()), @r#"
    error[unmet-dependency]: DRM_PANEL_USB selects DRM_GEM_SHMEM_HELPER, which depends on MMU, so DRM_PANEL_USB should depend on MMU
      ┌─ drivers/gpu/panel/Kconfig:5:9
      │
    1 │ config DRM_PANEL_USB
      │        ------------- can be enabled while MMU is off
    2 │     tristate "USB panel"
    3 │     depends on DRM
      │                --- implies DRM, says nothing about MMU
    4 │     select FB_CORE
    5 │     select DRM_GEM_SHMEM_HELPER
      │            ^^^^^^^^^^^^^^^^^^^^ switched on here, whatever it depends on
      │
      ┌─ drivers/gpu/Kconfig:3:20
      │
    3 │     depends on DRM && MMU
      │                       --- not met
      │
      = on: arm, m68k (2 of 3 architectures)
      = for example: ARCH=arm, CONFIG_MMU=n, CONFIG_DRM=y, CONFIG_DRM_PANEL_USB=y, with clang
      = MMU always holds on arm64
      = help: depend on MMU (not checked)
        -    depends on DRM
        +    depends on DRM && MMU
      = help: where there is no MMU, select the DMA helper instead
      = and 1 more statement:
        drivers/gpu/panel/Kconfig:4: again
      = reproduce: kconfig-lint check --arch arm --witness ../out drivers/gpu/panel/Kconfig

    1 error in 2 files, 3 architectures
    "#);
}

#[test]
fn colour_changes_only_colour() {
    let colored = Manner {
        color: true,
        ..Manner::default()
    };
    let text = human(&shmem(), colored);
    assert!(text.contains("\x1b["));
    let mut plain = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("\x1b[") {
        plain.push_str(before);
        rest = after.split_once('m').expect("an SGR sequence").1;
    }
    plain.push_str(rest);
    assert_eq!(plain, human(&shmem(), Manner::default()));
}

#[test]
fn editors_see_a_line() {
    assert_eq!(
        short(&shmem()),
        "drivers/gpu/panel/Kconfig:5:9: error: DRM_PANEL_USB selects DRM_GEM_SHMEM_HELPER, \
         which depends on MMU, so DRM_PANEL_USB should depend on MMU [unmet-dependency]\n"
    );
}

#[test]
fn programs_see_the_interface() {
    let report = valid_json(&shmem());
    let finding = &report["findings"][0];
    assert_eq!(finding["line"], 5);
    assert_eq!(finding["column"], 9);
    assert_eq!(finding["end_line"], 5);
    assert_eq!(finding["end_column"], 29);
    assert_eq!(finding["architectures"], json!(["arm", "m68k"]));
    assert_eq!(finding["related"].as_array().map(Vec::len), Some(4));
    assert_eq!(
        finding["data"],
        json!({ "selector": "DRM_PANEL_USB", "selectee": "DRM_GEM_SHMEM_HELPER",
                "condition": null, "missing": ["MMU"], "level": "off" })
    );
    assert_eq!(
        finding["witness"]["config"],
        json!({ "MMU": "n", "DRM": "y", "DRM_PANEL_USB": "y" })
    );
    assert_eq!(
        finding["fixes"][0],
        json!({ "title": "depend on MMU", "applicability": "maybe-incorrect", "proved": false, "remark": "",
                "edits": [{ "file": DRIVER, "start": 55, "end": 58, "text": "DRM && MMU" }] })
    );
    assert_eq!(
        report["summary"]["levels"],
        json!({ "error": 1, "warning": 0 })
    );
    assert_eq!(report["summary"]["rules"], json!({ "unmet-dependency": 1 }));
    assert_eq!(report["tree"], json!({ "root": ".", "kind": "linux" }));
}

#[test]
fn an_empty_report_is_a_report() {
    let outcome = outcome(&[], &[]);
    let report = valid_json(&outcome);
    assert_eq!(report["findings"], json!([]));
    assert_eq!(short(&outcome), "");
    assert_eq!(
        human(&outcome, Manner::default()),
        "no findings in 0 files\n"
    );
}

#[test]
fn other_rules_and_findings_without_a_place_fit_the_schema() {
    let mut outcome = outcome(&[("Kconfig", b"if A\n")], &["arm"]);
    let open = span(&outcome, "Kconfig", "if A");
    let block = Diagnostic::new(
        "unterminated-block",
        Level::Warn,
        Label::new(open, ""),
        "this `if` is not closed".to_owned(),
    );
    let mut cycle = block.clone();
    cycle.rule = "recursive-dependency";
    cycle.data = Data::Cycle {
        symbols: vec!["A".to_owned(), "B".to_owned()],
    };
    let mut policy = block.clone();
    policy.rule = "policy";
    policy.primary = None;
    policy.data = Data::Policy {
        policy: "p".to_owned(),
        selector: "A".to_owned(),
        selectee: "B".to_owned(),
        condition: Some("C".to_owned()),
        missing: Vec::new(),
    };
    outcome.findings = vec![block, cycle, policy];
    let report = valid_json(&outcome);
    assert_eq!(report["findings"][0]["data"], Value::Null);
    assert_eq!(report["findings"][2]["file"], Value::Null);
    assert!(short(&outcome).ends_with("Kconfig:1:1: warning: this `if` is not closed [policy]\n"));
    assert!(human(&outcome, Manner::default()).ends_with("3 warnings in 1 file, 1 architecture\n"));
}

#[test]
fn fingerprints_know_names_and_no_places() {
    let here = shmem();
    let mut moved = shmem();
    let finding = &mut moved.findings[0];
    finding.primary = finding.labels.pop();
    finding.message = "other words".to_owned();
    let marks = |outcome: &Outcome| report::fingerprints(&outcome.findings, &outcome.files);
    assert_eq!(marks(&here), marks(&moved));

    let mut other = shmem();
    if let Data::Unmet { level, .. } = &mut other.findings[0].data {
        *level = "module";
    }
    assert_ne!(marks(&here), marks(&other));
}

#[test]
fn findings_that_look_the_same_are_counted() {
    let mut outcome = outcome(&[("Kconfig", b"  oops\n\n\toops\nother\n")], &[]);
    let oops = span(&outcome, "Kconfig", "oops");
    let again = Span {
        start: oops.start + 7,
        end: oops.end + 7,
        ..oops
    };
    let other = span(&outcome, "Kconfig", "other");
    outcome.findings = [oops, again, other]
        .map(|place| {
            let label = Label::new(place, "");
            Diagnostic::new(
                "syntax-error",
                Level::Deny,
                label,
                "unknown statement".to_owned(),
            )
        })
        .to_vec();
    let marks = report::fingerprints(&outcome.findings, &outcome.files);
    assert_ne!(marks[0], marks[1]);
    assert_ne!(marks[0], marks[2]);
    outcome.findings.remove(0);
    assert_eq!(
        report::fingerprints(&outcome.findings, &outcome.files)[0],
        marks[0]
    );
}

/// A tree that tries to speak to the terminal and to CI systems.
fn hostile() -> Outcome {
    let path = "::error::\x1b[31m/Kconfig";
    let text = b"config A\n\tbool \"\x1b]0;title\x07 ::error::x ##[error]y \xe2\x80\xae \xff\"\n\thelp\n\t  \xc2\x9b31m ##vso[task]\n::set-output name=a::b\n";
    let mut outcome = outcome(&[(path, text)], &["\x1b[2Jarm"]);
    let prompt = span(&outcome, path, "bool");
    let end = span(&outcome, path, "\n::set-output");
    let mut finding = Diagnostic::new(
        "syntax-error",
        Level::Deny,
        Label::new(
            Span {
                end: prompt.end + 30,
                ..prompt
            },
            "\x1b[5m\n::error::label",
        ),
        "bad \x1b[1m prompt\n::error::message ##[warning]z".to_owned(),
    );
    finding.symbol = Some("A\x1b".to_owned());
    finding.labels = vec![Label::new(
        Span {
            end: end.start + 20,
            ..end
        },
        "\u{2066}",
    )];
    finding.related = vec![Label::new(end, "\x1b\n::error::related")];
    finding.architectures = outcome.architectures.clone();
    finding.notes = vec!["\x1b\n::error::note".to_owned()];
    finding.helps = vec!["\x1b\n::error::help".to_owned()];
    finding.witness = Some(Witness {
        environment: BTreeMap::new(),
        architecture: outcome.architectures[0].clone(),
        config: BTreeMap::from([("A".to_owned(), "\x1b\n::error::".to_owned())]),
        toolchain: BTreeMap::from([("cc\x1b\n".to_owned(), "\x1b::x".to_owned())]),
        answers: BTreeMap::new(),
        highlights: vec![("A\x1b".to_owned(), "\x1b\n::error::value".to_owned())],
    });
    finding.fixes = vec![Fix::new(
        "fix\x1b\n::error::fix",
        Applicability::MaybeIncorrect,
        vec![Edit {
            span: prompt,
            text: "\x1b[0m\n::error::edit\r\x1b".to_owned(),
        }],
    )];
    outcome.findings = vec![finding.clone()];
    outcome.remarks = vec![finding];
    outcome
}

#[test]
fn nothing_from_the_tree_acts_on_a_terminal_or_a_ci_system() {
    let outcome = hostile();
    let manner = Manner {
        verbose: true,
        ..Manner::default()
    };
    for text in [
        human(&outcome, manner),
        short(&outcome),
        json_text(&outcome),
    ] {
        for line in text.lines() {
            assert!(!line.trim_start().starts_with("::"), "{line:?}");
            assert!(!line.contains("##["), "{line:?}");
            assert!(!line.contains("##vso["), "{line:?}");
        }
        let acting = |letter: &char| report::safe::needs_escape(*letter) && *letter != '\n';
        assert_eq!(text.chars().find(acting), None, "{text:?}");
    }
    valid_json(&outcome);
}

#[test]
fn json_keeps_what_it_escapes() {
    let report = valid_json(&hostile());
    let finding = &report["findings"][0];
    assert_eq!(
        finding["message"],
        "bad \x1b[1m prompt\n::error::message ##[warning]z"
    );
    assert_eq!(finding["file"], "::error::\x1b[31m/Kconfig");
    assert_eq!(finding["related"][0]["message"], "\u{2066}");
}

#[test]
fn a_fix_is_shown_by_its_lines_only() {
    let text = b"config A\n\tbool \"a\"\n\tselect B\n\nconfig C\n\tbool \"c\"";
    let mut outcome = outcome(
        &[("Kconfig", text), ("b/Kconfig", b"config B\n\tbool\n")],
        &[],
    );
    let select = span(&outcome, "Kconfig", "\tselect B\n");
    let last = span(&outcome, "Kconfig", "bool \"c\"");
    let at = |span: Span, offset: u32| Span {
        start: offset,
        end: offset,
        ..span
    };
    let edit = |span: Span, text: &str| Edit {
        span,
        text: text.to_owned(),
    };
    let other = span(&outcome, "b/Kconfig", "bool");
    let fix = |title: &str, edits: Vec<Edit>| Fix::new(title, Applicability::DisplayOnly, edits);
    let mut finding = Diagnostic::new(
        "unmet-dependency",
        Level::Warn,
        Label::new(select, ""),
        "A selects B".to_owned(),
    );
    finding.fixes = vec![
        fix(
            "insert a line",
            vec![edit(at(select, select.start), "\tdepends on D\n")],
        ),
        fix(
            "insert at the end",
            vec![edit(at(last, last.end), "\n\tdepends on D\n")],
        ),
        fix("remove a line", vec![edit(select, "")]),
        fix(
            "change two files",
            vec![
                edit(other, "tristate"),
                edit(at(select, select.end - 1), " if D"),
            ],
        ),
        fix("change nothing", vec![edit(at(select, 0), "")]),
    ];
    outcome.findings.push(finding);
    insta::assert_snapshot!(human(&outcome, Manner { verbose: true, ..Manner::default() }), @r#"
    warning[unmet-dependency]: A selects B
      ┌─ Kconfig:3:1
      │
    3 │     select B
      │ ^^^^^^^^^^^^
      │
      = help: insert a line
             bool "a"
        +    depends on D
      = help: insert at the end
             bool "c"
        +    depends on D
      = help: remove a line
        -    select B
      = help: change two files
        Kconfig:3:
        -    select B
        +    select B if D
        b/Kconfig:2:
        -    bool
        +    tristate
      = help: change nothing

    1 warning in 2 files
    "#);
}

#[test]
fn long_lists_are_cut_unless_asked_for() {
    let mut outcome = shmem();
    let again = outcome.findings[0].related[0].clone();
    outcome.findings[0].related = vec![again; 8];
    let text = human(&outcome, Manner::default());
    assert!(text.contains("and 8 more statements:"), "{text}");
    assert!(text.contains("… and 3 more (-v lists them)"), "{text}");
    let verbose = Manner {
        verbose: true,
        quiet: true,
        ..Manner::default()
    };
    let text = human(&outcome, verbose);
    assert!(!text.contains("-v lists them"), "{text}");
    assert!(!text.contains("1 error in"), "{text}");
}

#[test]
fn answers_of_the_toolchain_are_named_up_to_a_few() {
    let mut outcome = shmem();
    let witness = outcome.findings[0].witness.as_mut().expect("a witness");
    for flag in ["-a", "-b", "-c"] {
        let command = format!("{{ cc {flag}; }} >/dev/null 2>&1 && echo y || echo n");
        witness.toolchain.insert(command, "y".to_owned());
    }
    let text = human(&outcome, Manner::default());
    let cut = "with clang, `cc -a` succeeds, `cc -b` succeeds, \
               1 more answer of the toolchain (-v lists them)\n";
    assert!(text.contains(cut), "{text}");
    let verbose = Manner {
        verbose: true,
        ..Manner::default()
    };
    let text = human(&outcome, verbose);
    assert!(
        text.contains("`cc -b` succeeds, `cc -c` succeeds\n"),
        "{text}"
    );
}

#[test]
fn all_architectures_are_not_listed() {
    let mut outcome = shmem();
    outcome.findings[0].architectures = outcome.architectures.clone();
    assert!(human(&outcome, Manner::default()).contains("= on: all 3 architectures\n"));
    outcome.findings[0].architectures.clear();
    assert!(!human(&outcome, Manner::default()).contains("= on:"));
}

#[test]
fn a_line_that_no_screen_holds_is_cut() {
    let mut text = "config A\n\tdepends on ".to_owned();
    text.push_str(&"SYMBOLÄ && ".repeat(100_000));
    text.push_str("LAST\n");
    let mut outcome = outcome(&[("Kconfig", text.as_bytes())], &[]);
    let last = span(&outcome, "Kconfig", "LAST");
    let whole = span(&outcome, "Kconfig", "depends on");
    let mut finding = Diagnostic::new(
        "syntax-error",
        Level::Deny,
        Label::new(last, "here"),
        "something".to_owned(),
    );
    finding.fixes = vec![Fix::new(
        "write less",
        Applicability::MaybeIncorrect,
        vec![Edit {
            span: last,
            text: "FIRST".to_owned(),
        }],
    )];
    outcome.findings.push(finding.clone());
    finding.primary = Some(Label::new(
        Span {
            end: last.end,
            ..whole
        },
        "",
    ));
    outcome.findings.push(finding);
    let text = human(&outcome, Manner::default());
    assert!(text.len() < 5_000, "{} bytes", text.len());
    assert!(text.contains("SYMBOLÄ && LAST\n"), "{text}");
    assert!(text.contains("┌─ Kconfig:2:1200013\n"), "{text}");
}
