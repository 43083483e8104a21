// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a finding is: its identity holds what is missing, in the gate, in baselines, suppressions
//! and merged reports.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::schema::assert_fits;

/// Symbols that every tree here has.
const SYMBOLS: &str = "config MODULES\n\tbool \"modules\"\n\tmodules\n\nconfig MMU\n\tbool \"mmu\"\n\n\
                       config PCI\n\tbool \"pci\"\n\nconfig USB\n\ttristate \"usb\"\n\n";

/// A helper with this dependency, and a driver with these statements that selects it.
fn tree(dependency: &str, driver: &str) -> String {
    format!(
        "{SYMBOLS}config HELPER\n\ttristate\n{dependency}\n\nconfig DRIVER\n\ttristate \"driver\"\n\
         {driver}\tselect HELPER\n"
    )
}

/// A repository whose commits have these texts of its Kconfig file.
pub fn repository(texts: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    git(folder.path(), &["init", "-q", "-b", "main"]);
    for text in texts {
        commit(folder.path(), text);
    }
    folder
}

pub fn commit(root: &Path, text: &str) {
    fs::write(root.join("Kconfig"), text).expect("a file is written");
    git(root, &["add", "-A"]);
    git(root, &["commit", "-q", "--allow-empty", "-m", "Step"]);
}

pub fn git(folder: &Path, arguments: &[&str]) {
    let status = Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=N", "-c", "user.email=n@example.org"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .status()
        .expect("git runs");
    assert!(status.success(), "git {arguments:?}");
}

pub fn lint(root: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_kconfig-lint"))
        .current_dir(root)
        .args(arguments)
        .env("XDG_CACHE_HOME", root.join(".git/cache"))
        .stdin(Stdio::null())
        .output()
        .expect("it runs");
    let both = [output.stdout, output.stderr].concat();
    (
        output.status.code(),
        String::from_utf8(both).expect("UTF-8"),
    )
}

/// Status of the run, and status and changed terms of each finding.
pub fn judged(root: &Path, arguments: &[&str]) -> (Option<i32>, Vec<(String, String)>) {
    let (code, text) = lint(root, &[arguments, &["-q", "--format=json"]].concat());
    let report: Value = serde_json::from_str(&text).expect("JSON");
    assert_fits(include_str!("../src/report/schema.json"), &report);
    let findings = report["findings"].as_array().expect("findings");
    let told = findings.iter().map(|finding| {
        let terms = finding["terms"].as_array().expect("terms");
        let terms: Vec<&str> = terms.iter().filter_map(Value::as_str).collect();
        let status = finding["status"].as_str().unwrap_or_default();
        (status.to_owned(), terms.join(" && "))
    });
    (code, told.collect())
}

/// What the gate says to a change from one text to the other, with `--range` and with `--staged`,
/// there also with a warm cache.
fn change(before: &str, after: &str) -> (Option<i32>, Vec<(String, String)>) {
    let folder = repository(&[before, after]);
    let range = judged(folder.path(), &["--range", "main~1..main"]);
    git(folder.path(), &["reset", "-q", "--soft", "HEAD~1"]);
    for _ in 0..2 {
        assert_eq!(judged(folder.path(), &["--staged"]), range);
    }
    range
}

fn told(status: &str, terms: &str) -> Vec<(String, String)> {
    vec![(status.to_owned(), terms.to_owned())]
}

const PCI: &str = "\tdepends on PCI";
const BOTH: &str = "\tdepends on PCI && MMU";

#[test]
fn a_helper_that_gains_a_term_is_a_new_finding_of_a_known_pair() {
    let result = change(&tree(PCI, ""), &tree(BOTH, ""));
    assert_eq!(result, (Some(1), told("new", "MMU")));
    // The words say since when.
    let folder = repository(&[&tree(PCI, ""), &tree(BOTH, "")]);
    let (_, text) = lint(
        folder.path(),
        &["--range", "main~1..main", "--format=short"],
    );
    assert!(text.contains("; DRIVER also lacks MMU since "), "{text}");
}

#[test]
fn a_warm_cache_does_not_hide_a_new_term() {
    let folder = repository(&[&tree(PCI, "")]);
    let root = folder.path();
    let other = format!("{}\nconfig X\n\tbool \"x\"\n", tree(PCI, ""));
    fs::write(root.join("Kconfig"), other).expect("a file is written");
    git(root, &["add", "-A"]);
    for _ in 0..2 {
        assert_eq!(judged(root, &["--staged"]), (Some(0), Vec::new()));
    }
    fs::write(root.join("Kconfig"), tree(BOTH, "")).expect("a file is written");
    git(root, &["add", "-A"]);
    for _ in 0..2 {
        assert_eq!(judged(root, &["--staged"]), (Some(1), told("new", "MMU")));
    }
}

#[test]
fn a_term_that_a_selector_meets_is_not_missing() {
    let driver = "\tdepends on MMU\n";
    let result = change(&tree(PCI, driver), &tree(BOTH, driver));
    assert_eq!(result, (Some(0), Vec::new()));
    // And it comes when the selector no longer meets it.
    let result = change(&tree(BOTH, driver), &tree(BOTH, ""));
    assert_eq!(result, (Some(1), told("new", "MMU")));
}

#[test]
fn half_a_repair_is_shown_and_passes() {
    let half = "\tdepends on MMU\n";
    let result = change(&tree(BOTH, ""), &tree(BOTH, half));
    assert_eq!(result, (Some(0), told("partly-fixed", "MMU")));
    let whole = "\tdepends on MMU && PCI\n";
    let result = change(&tree(BOTH, ""), &tree(BOTH, whole));
    assert_eq!(result, (Some(0), told("fixed", "")));
}

#[test]
fn a_rewritten_dependency_brings_nothing() {
    for (before, after) in [
        (BOTH, "\tdepends on MMU && PCI"),
        (BOTH, "\tdepends on MMU\n\tdepends on PCI"),
        (BOTH, "\tdepends on PCI != n && MMU = y"),
        (BOTH, "\tdepends on !(!PCI || !MMU)"),
        (BOTH, "\tdepends on PCI && MMU && (MMU || USB)"),
        ("\tdepends on PCI || MMU", "\tdepends on MMU || PCI"),
        (
            "\tdepends on PCI || (MMU && USB)",
            "\tdepends on PCI || MMU\n\tdepends on PCI || USB",
        ),
        (
            "\tdepends on PCI || MMU\n\tdepends on PCI || USB",
            "\tdepends on PCI || (MMU && USB)",
        ),
    ] {
        let (code, findings) = change(&tree(before, ""), &tree(after, ""));
        let failing = findings.iter().filter(|(status, _)| status == "new");
        assert_eq!(
            (code, failing.count()),
            (Some(0), 0),
            "{after}: {findings:?}"
        );
    }
}

#[test]
fn off_is_worse_than_module() {
    let usb = "\tdepends on USB";
    let module = "\tdepends on USB\n";
    let result = change(&tree(usb, ""), &tree(usb, module));
    assert_eq!(result, (Some(0), told("fixed", "")));
    let off = format!(
        "{}\nconfig BUILT_IN\n\tbool \"b\"\n\tselect HELPER\n",
        tree(usb, module)
    );
    let built_in = off.replace("\tbool \"b\"\n", "\tbool \"b\"\n\tdepends on USB != n\n");
    assert_eq!(change(&built_in, &off).0, Some(1), "from module to off");
    assert_eq!(change(&off, &built_in), (Some(0), told("partly-fixed", "")));
}

#[test]
fn what_a_later_commit_takes_away_is_told() {
    let folder = repository(&[&tree(PCI, ""), &tree(BOTH, ""), &tree(PCI, "")]);
    let result = judged(folder.path(), &["--range", "main~2..main"]);
    assert_eq!(result, (Some(1), told("fixed-later", "MMU")));
}

#[test]
fn a_baseline_knows_the_terms_and_an_old_one_the_pair() {
    let folder = repository(&[&tree(PCI, "")]);
    let root = folder.path();
    let run = |text: &str, baseline: &str| {
        fs::write(root.join("Kconfig"), text).expect("a file is written");
        lint(root, &["-q", "--format=json", "--baseline", baseline]).0
    };
    lint(root, &["-q", "--write-baseline", ".git/known.json"]);
    assert_eq!(run(&tree(PCI, ""), ".git/known.json"), Some(0));
    assert_eq!(
        run(&tree(BOTH, ""), ".git/known.json"),
        Some(1),
        "a term more"
    );
    lint(root, &["-q", "--write-baseline", ".git/known.json"]);
    assert_eq!(run(&tree(BOTH, ""), ".git/known.json"), Some(0));
    assert_eq!(
        run(&tree(PCI, ""), ".git/known.json"),
        Some(0),
        "a term less"
    );
    let other = "\tdepends on MMU && PCI = y";
    assert_eq!(
        run(&tree(other, ""), ".git/known.json"),
        Some(0),
        "rewritten"
    );
    // As the version before wrote it: the fingerprint was that of the pair.
    let (_, text) = lint(root, &["-q", "--format=json"]);
    let report: Value = serde_json::from_str(&text).expect("JSON");
    let pair = report["findings"][0]["pair"].as_str().expect("a pair");
    assert_ne!(report["findings"][0]["fingerprint"], pair);
    let old = format!("{{\"version\": 1, \"findings\": [{{\"fingerprint\": \"{pair}\"}}]}}");
    fs::write(root.join(".git/old.json"), old).expect("a file is written");
    assert_eq!(run(&tree(PCI, ""), ".git/old.json"), Some(0));
    assert_eq!(run(&tree(BOTH, ""), ".git/old.json"), Some(0));
    // The one of the gate is the same.
    commit(root, &tree(PCI, ""));
    lint(root, &["-q", "--write-baseline", ".git/known.json"]);
    commit(root, &tree(BOTH, ""));
    let gate = ["-q", "--range", "main~1..main", "--baseline"];
    assert_eq!(
        lint(root, &[&gate[..], &[".git/known.json"]].concat()).0,
        Some(1)
    );
    assert_eq!(
        lint(root, &[&gate[..], &[".git/old.json"]].concat()).0,
        Some(0)
    );
}

#[test]
fn a_suppression_may_name_the_terms_that_it_accepts() {
    let with = |dependency: &str, comment: &str| {
        tree(dependency, "").replace(
            "\tselect HELPER",
            &format!("\t# kconfig-lint: {comment} why\n\tselect HELPER"),
        )
    };
    let folder = repository(&[&tree(PCI, "")]);
    let root = folder.path();
    let run = |text: &str| {
        fs::write(root.join("Kconfig"), text).expect("a file is written");
        lint(root, &["-q", "--format=short"])
    };
    for (dependency, comment, code) in [
        (PCI, "allow(unmet-dependency: PCI)", 0),
        (PCI, "allow(unmet-dependency : (PCI), policy)", 0),
        (BOTH, "allow(unmet-dependency: PCI)", 1),
        (BOTH, "allow(unmet-dependency: MMU && PCI)", 0),
        (BOTH, "allow(unmet-dependency)", 0),
    ] {
        let (found, words) = run(&with(dependency, comment));
        assert_eq!(found, Some(code), "{dependency} {comment}: {words}");
        assert!(!words.contains("behind the colon"), "{words}");
    }
    let (_, words) = run(&with(PCI, "allow(unmet-dependency: &&)"));
    assert!(
        words.contains("behind the colon stand the missing terms"),
        "{words}"
    );
    let settings = |missing: &str| {
        let text = format!(
            "[[allow]]\nrule = \"unmet-dependency\"\nsymbol = \"DRIVER\"\n{missing}reason = \"r\"\n"
        );
        fs::write(root.join("kconfig-lint.toml"), text).expect("a file is written");
        run(&tree(BOTH, ""))
    };
    assert_eq!(settings("").0, Some(0));
    assert_eq!(settings("missing = \"PCI\"\n").0, Some(1));
    assert_eq!(settings("missing = \"PCI && MMU\"\n").0, Some(0));
    let (code, words) = settings("missing = \"PCI &&\"\n");
    assert_eq!(code, Some(2), "{words}");
    assert!(
        words.contains("kconfig-lint.toml:4:11: `missing` is a Kconfig expression"),
        "{words}"
    );
}

#[test]
fn architectures_with_other_terms_merge_into_one_finding() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path();
    let write = |path: &str, text: &str| {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder is made");
        fs::write(path, text).expect("a file is written");
    };
    write("scripts/kconfig/Makefile", "");
    for (name, has_mmu) in [("one", "def_bool y"), ("two", "bool \"mmu\"")] {
        write(&format!("arch/{name}/Makefile"), "");
        write(
            &format!("arch/{name}/Kconfig"),
            &format!("config MMU\n\t{has_mmu}\n"),
        );
    }
    let top = tree(BOTH, "").replace(
        "config MMU\n\tbool \"mmu\"\n",
        "source \"arch/$(SRCARCH)/Kconfig\"\n",
    );
    write("Kconfig", &top);
    for format in ["json", "sarif"] {
        let run = |arguments: &[&str]| {
            let (_, text) = lint(root, arguments);
            let end = text.rfind("\n}").expect("JSON") + 2;
            text[..end].to_owned()
        };
        let format = format!("--format={format}");
        for name in ["one", "two"] {
            write(&format!("{name}.report"), &run(&["--arch", name, &format]));
        }
        let parse = |text: &str| -> Value { serde_json::from_str(text).expect("JSON") };
        let whole = parse(&run(&[&format]));
        let merged = parse(&run(&["merge", "one.report", "two.report"]));
        for list in ["/findings", "/runs/0/results"] {
            let (one, other) = (whole.pointer(list), merged.pointer(list));
            for key in ["fingerprint", "partialFingerprints", "architectures"] {
                let of = |list: Option<&Value>| list.map(|list| list[0][key].clone());
                assert_eq!(of(one), of(other), "{format} {key}");
                let length = |list: Option<&Value>| list.and_then(Value::as_array).map(Vec::len);
                assert_eq!(length(one), length(other), "{format}");
            }
        }
    }
}
