// SPDX-License-Identifier: MIT OR Apache-2.0
//! Witnesses as files: what `--witness` writes, that it can be read again, and that nothing in a
//! witness can be left out.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use kconfig_lint::config::Levels;
use kconfig_lint::diagnostic::{Confirmation, Data};
use kconfig_lint::menu::Toolchain;
use kconfig_lint::report::witness::{FRAGMENT, FULL, INSTRUCTIONS, MARK, TOOLCHAIN};
use kconfig_lint::report::{self, Manner};
use kconfig_lint::rules::policy;
use kconfig_lint::session::{self, Options, Outcome, Rewriter};
use kconfig_lint::source::{Files, WorkTree};
use kconfig_lint::tree::{Overrides, detect, locate};

use super::schema::assert_fits;

const TREES: [&str; 4] = ["usb-display", "usb-display-before", "settings", "toolchain"];

fn tree(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("fixtures/projects").join(name)
}

fn lint(name: &str) -> (Outcome, Options) {
    let overrides = Overrides::default();
    let located = locate(&tree(name), &overrides).expect("a tree");
    let reader = WorkTree::new(&located.root);
    let project = detect(&reader, &located, &overrides);
    let options = Options {
        architectures: project.architectures.clone(),
        toolchain: Toolchain::default(),
        levels: Levels::default(),
        policies: policy::builtin(),
        remarks: false,
        effort: kconfig_lint::logic::Effort::DEFAULT,
        jobs: None,
    };
    let files = Arc::new(Files::new(reader));
    let outcome = session::run(&project, files, &options, &|_, _, _| {}).expect("a run");
    assert_eq!(outcome.internal_errors, [""; 0]);
    (outcome, options)
}

/// All files below a folder, by path.
fn contents(folder: &Path) -> BTreeMap<String, String> {
    let files = walkdir::WalkDir::new(folder).into_iter();
    let files = files.map(|entry| entry.expect("an entry"));
    files
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(folder).expect("below");
            let text = fs::read_to_string(entry.path()).expect("a text");
            (path.to_string_lossy().into_owned(), text)
        })
        .collect()
}

fn check(name: &str, arguments: &[&str]) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kconfig-lint"));
    command.arg("check").arg(tree(name)).args(arguments);
    command.output().expect("the program runs")
}

#[test]
fn each_finding_gets_its_files_and_they_are_the_same_again() {
    let out = tempfile::tempdir().expect("a folder");
    let folder = out.path().join("witnesses");
    let wanted = ["--witness", folder.to_str().expect("UTF-8")];
    let before = contents(&tree("usb-display"));
    let plain = check("usb-display", &[]);
    let ran = check("usb-display", &wanted);
    assert_eq!(ran.stdout, plain.stdout, "the report is what it was");
    assert_eq!(ran.status.code(), Some(1));
    assert_eq!(contents(&tree("usb-display")), before);

    let first = contents(&folder);
    let (outcome, _) = lint("usb-display");
    let with = outcome.findings.iter().filter(|it| it.witness.is_some());
    let instructions = first.keys().filter(|path| path.ends_with(INSTRUCTIONS));
    assert_eq!(instructions.count(), with.count());
    let name = "DRM_USB_PANEL-selects-DRM_GEM_SHMEM_HELPER-arm";
    let file = |file: &str| first[&format!("{name}/{file}")].clone();
    let mut witnesses = outcome.findings.iter().filter_map(|it| it.witness.as_ref());
    let witness =
        witnesses.find(|it| it.config.contains_key("DRM_USB_PANEL") && it.architecture == "arm");
    let lines = witness.expect("the pair").config.iter();
    let lines = lines.map(|(symbol, value)| match value.as_str() {
        "n" => format!("# CONFIG_{symbol} is not set\n"),
        value => format!("CONFIG_{symbol}={value}\n"),
    });
    assert_eq!(file(FRAGMENT), lines.collect::<String>());
    for line in [
        "CONFIG_ARM=y",
        "CONFIG_DRM_GEM_SHMEM_HELPER=y",
        "# CONFIG_MMU is not set",
    ] {
        assert!(
            file(FULL).lines().any(|known| known == line),
            "{}",
            file(FULL)
        );
    }
    assert!(file(INSTRUCTIONS).starts_with(MARK));
    let command = format!("{name}/{FRAGMENT} alldefconfig");
    assert!(
        file(INSTRUCTIONS).contains(&command),
        "{}",
        file(INSTRUCTIONS)
    );
    assert!(!first.contains_key(&format!("{name}/{TOOLCHAIN}")));

    assert_eq!(check("usb-display", &wanted).status.code(), Some(1));
    assert_eq!(contents(&folder), first);
}

#[test]
fn answers_of_a_witness_are_read_back() {
    let out = tempfile::tempdir().expect("a folder");
    let folder = out.path().to_str().expect("UTF-8");
    let ran = check("toolchain", &["--witness", folder, "--format", "short"]);
    let report = String::from_utf8(ran.stdout).expect("UTF-8");
    let recorded = out.path().join("FIRMWARE-selects-NEW_CODE").join(TOOLCHAIN);
    assert!(recorded.exists(), "{report}");
    let answers = recorded.to_str().expect("UTF-8");
    let again = check("toolchain", &["--toolchain", answers, "--format", "short"]);
    let again = String::from_utf8(again.stdout).expect("UTF-8");
    assert!(again.contains("FIRMWARE selects NEW_CODE"), "{again}");
}

#[test]
fn foreign_files_stay() {
    let out = tempfile::tempdir().expect("a folder");
    let mine = out
        .path()
        .join("DRM_USB_PANEL-selects-DRM_GEM_SHMEM_HELPER-arm");
    fs::create_dir(&mine).expect("a folder");
    fs::write(mine.join(FRAGMENT), "mine").expect("a file");
    let ran = check(
        "usb-display",
        &["--witness", out.path().to_str().expect("UTF-8")],
    );
    assert_eq!(ran.status.code(), Some(2));
    let words = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(words.contains("was not written by kconfig-lint"), "{words}");
    let text = fs::read_to_string(mine.join(FRAGMENT)).expect("a file");
    assert_eq!(text, "mine");
}

/// Without any one of its values a witness shows nothing.
#[test]
fn every_value_of_a_witness_is_needed() {
    let mut tried = 0;
    for name in TREES {
        let (outcome, options) = lint(name);
        let mut rewriter = Rewriter::new(&outcome, &options);
        let unmet = outcome
            .findings
            .iter()
            .filter(|finding| matches!(finding.data, Data::Unmet { .. }));
        for finding in unmet {
            let whole = rewriter.write(finding).expect("it replays");
            assert!(whole.is_some());
            let witness = finding.witness.as_ref().expect("every one has a witness");
            for symbol in witness.config.keys() {
                let mut fewer = finding.clone();
                let config = fewer.witness.as_mut().map(|witness| &mut witness.config);
                config.expect("a witness").remove(symbol);
                let shown = rewriter.write(&fewer);
                assert!(
                    shown.is_err(),
                    "{name}: {}: without {symbol}",
                    finding.message
                );
                tried += 1;
            }
        }
    }
    assert!(tried > 8, "only {tried} values were left out");
}

#[test]
fn what_conf_says_is_shown_and_fits_the_schema() {
    let (mut outcome, _) = lint("usb-display");
    for (said, state, words) in [
        (Confirmation::Confirmed, "confirmed", "confirmed: "),
        (
            Confirmation::NotConfirmed("silence\x1b[31m".to_owned()),
            "not-confirmed",
            "not confirmed: silence",
        ),
        (
            Confirmation::NotAsked("why not".to_owned()),
            "not-asked",
            "conf was not asked: why not",
        ),
    ] {
        for finding in &mut outcome.findings {
            finding.confirmation = Some(said.clone());
        }
        let mut bytes = Vec::new();
        report::json(&outcome, ".", &mut bytes).expect("memory");
        let json: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
        assert_fits(report::SCHEMA, &json);
        assert_eq!(json["findings"][0]["confirmation"]["state"], state);
        let mut text = Vec::new();
        report::human(&outcome, Manner::default(), &mut text).expect("memory");
        let text = String::from_utf8(text).expect("UTF-8");
        assert!(text.contains(words), "{text}");
        assert!(!text.contains('\x1b'), "an escape sequence of conf");
    }
}

/// Whatever a finding of a fixture rests on, a configuration of it can be written down.
#[test]
fn every_finding_of_the_fixtures_has_a_configuration() {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rules");
    let folders = |path: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(path).expect("a folder").flatten();
        entries
            .map(|entry| entry.path())
            .filter(|path| path.is_dir())
            .collect()
    };
    let mut written = 0;
    for case in folders(&rules)
        .iter()
        .flat_map(|rule| folders(&rule.join("bad")))
    {
        let out = tempfile::tempdir().expect("a folder");
        let folder = out.path().to_str().expect("UTF-8");
        let mut command = Command::new(env!("CARGO_BIN_EXE_kconfig-lint"));
        command.args(["check", "--format", "short", "--witness", folder]);
        if let Ok(kind) = fs::read_to_string(case.join("kind")) {
            command.args(["--tree", kind.trim()]);
        }
        let ran = command.arg(&case).output().expect("the program runs");
        let errors = String::from_utf8_lossy(&ran.stderr);
        assert!(!errors.contains("internal"), "{}: {errors}", case.display());
        written += folders(out.path()).len();
    }
    assert!(written > 20, "{written}");
}
