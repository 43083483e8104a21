// SPDX-License-Identifier: MIT OR Apache-2.0
//! A run that looked at nothing, or at little, says so and has status 2; files that no `source`
//! reaches are linted alone.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// A git work tree with these files.
fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join(".git")).expect("a folder");
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    folder
}

fn run(tree: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kconfig-lint"))
        .current_dir(tree)
        .args(arguments)
        .output()
        .expect("the program runs")
}

/// Standard output, standard error and status.
fn said(tree: &Path, arguments: &[&str]) -> (String, String, Option<i32>) {
    let output = run(tree, arguments);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        text(&output.stdout),
        text(&output.stderr),
        output.status.code(),
    )
}

const SYMBOL: &str = "config A\n\tbool \"A\"\n";
const RADIO: &str = "config RADIO\n\tbool \"Radio\"\n\tselect PHY\n\tbanana\nconfig PHY\n\tbool\n\tdepends on CLOCK\n";

#[test]
fn a_tree_without_a_symbol_gets_no_verdict() {
    for root in ["", "# nothing but words\n", "mainmenu \"Tree\"\n"] {
        for format in ["short", "human", "json", "sarif", "github", "gitlab"] {
            let tree = tree(&[("Kconfig", root)]);
            let (_, error, status) = said(tree.path(), &["-q", "--format", format]);
            assert_eq!(status, Some(2), "{root:?} {format}");
            let words = "error: no symbol was read: neither Kconfig nor a file that it sources";
            assert!(error.starts_with(words), "{error}");
        }
    }
}

#[test]
fn a_folder_without_a_tree_names_those_below() {
    let none = tree(&[("main.c", "int main;\n")]);
    let (_, error, status) = said(none.path(), &[]);
    assert_eq!(status, Some(2));
    assert!(error.contains("--root FILE names a root file"), "{error}");
    // Components of firmware, each with its own root file.
    let names = ["a", "b", "c", "d"].map(|name| format!("components/{name}/Kconfig"));
    let files: Vec<(&str, &str)> = names.iter().map(|it| (it.as_str(), SYMBOL)).collect();
    for (count, words) in [
        (1, "give the folder of a tree: components/a\n"),
        (
            4,
            "give the folder of a tree: components/a, components/b, components/c or one of 1 more\n",
        ),
    ] {
        let folder = tree(&files[..count]);
        let (_, error, status) = said(folder.path(), &[]);
        assert_eq!(status, Some(2));
        assert!(error.ends_with(words), "{error}");
    }
}

#[test]
fn an_unset_variable_that_leaves_the_tree_unread_is_named() {
    let root = "source \"$(SDK)/a/Kconfig\"\nsource \"$(SDK)/b/Kconfig\"\n";
    let files = [("Kconfig", root), ("a/Kconfig", SYMBOL), ("b/Kconfig", "")];
    let tree = tree(&files);
    let (_, error, status) = said(tree.path(), &[]);
    assert_eq!(status, Some(2), "{error}");
    let words = "SDK is not set: give the value with --env SDK=…";
    assert!(error.contains(words), "{error}");
    let (_, error, status) = said(tree.path(), &["--env", "SDK=."]);
    assert_eq!((status, error.as_str()), (Some(0), ""));

    let (json, ..) = said(tree.path(), &["--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let sources = &json["summary"]["sources"];
    assert_eq!(sources["unset"]["SDK"], 2);
    assert_eq!(
        (&sources["followed"], &sources["not_followed"]),
        (&0.into(), &2.into())
    );
    assert_eq!(
        json["summary"]["no_verdict"].as_array().map(Vec::len),
        Some(1)
    );
}

/// More statements of the root file lead nowhere than there are files read, itself and those that it
/// sources: that is the criterion.
#[test]
fn most_of_a_tree_is_more_than_half_of_the_root_files_sources() {
    let root = |unset: usize| {
        let unset = "source \"$(SDK)/Kconfig\"\n".repeat(unset);
        format!("{SYMBOL}source \"b/Kconfig\"\n{unset}")
    };
    for (unset, expected) in [(2, 0), (3, 2)] {
        let tree = tree(&[("Kconfig", &root(unset)), ("b/Kconfig", "")]);
        let (_, error, status) = said(tree.path(), &[]);
        assert_eq!(status, Some(expected), "{error}");
        assert!(error.contains("not followed"), "{error}");
    }
    // What is simply missing is a finding.
    let tree = tree(&[("Kconfig", &format!("{SYMBOL}source \"x/Kconfig\"\n"))]);
    assert_eq!(said(tree.path(), &[]).2, Some(1));
}

/// A name that a file defines which was not read would be a false alarm, so nothing is said; that has to
/// be said.
#[test]
fn the_totals_name_the_rules_that_did_not_look() {
    let lost = "config B\n\tbool \"B\"\n\tdepends on LOST\n";
    let root = format!("{SYMBOL}{lost}source \"$(SDK)/Kconfig\"\n");
    let tree = tree(&[
        ("Kconfig", &root),
        ("sdk/Kconfig", "config C\n\tbool \"C\"\n"),
    ]);
    let words =
        "; not checked, because not the whole tree was read: undefined-select, undefined-symbol";
    let (human, ..) = said(tree.path(), &["--format", "human"]);
    assert!(human.contains(words), "{human}");
    let (short, error, _) = said(tree.path(), &["--format", "short"]);
    assert!(!short.contains("LOST"), "{short}");
    assert!(error.contains(words), "{error}");
    let (json, ..) = said(tree.path(), &["--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let rules = serde_json::json!(["undefined-select", "undefined-symbol"]);
    assert_eq!(json["summary"]["not_checked"], rules);

    let (human, ..) = said(tree.path(), &["--format", "human", "--env", "SDK=sdk"]);
    assert!(human.contains("nothing defines a symbol LOST"), "{human}");
    assert!(!human.contains("not checked"), "{human}");
}

#[test]
fn merged_reports_without_a_verdict_have_none() {
    let tree = tree(&[("Kconfig", "")]);
    for format in ["json", "sarif"] {
        let (report, ..) = said(tree.path(), &["--format", format]);
        fs::write(tree.path().join(format), report).expect("a file");
        let (_, error, status) = said(tree.path(), &["merge", format, format]);
        assert_eq!(status, Some(2), "{error}");
    }
}

#[test]
fn files_that_the_root_does_not_reach_are_linted_alone() {
    let tree = tree(&[("Kconfig", SYMBOL), ("components/radio/Kconfig", RADIO)]);
    for paths in [
        &["components/radio/Kconfig"][..],
        &["components"],
        &["Kconfig", "components"],
    ] {
        let (report, error, status) = said(tree.path(), paths);
        assert_eq!(status, Some(1), "{paths:?} {error}");
        assert!(report.contains("components/radio/Kconfig:4:2"), "{report}");
        assert!(report.contains("RADIO selects PHY"), "{report}");
        let words = "components/radio/Kconfig is linted alone: Kconfig does not reach it";
        assert!(error.starts_with(words), "{error}");
    }
    let (report, error, status) = said(tree.path(), &[]);
    assert_eq!(
        (report, error, status),
        (String::new(), String::new(), Some(0))
    );
}

#[test]
fn a_file_that_another_unreached_file_sources_is_linted_with_it() {
    let board = "source \"boards/common/Kconfig\"\n";
    let files = [
        ("Kconfig", SYMBOL),
        ("boards/Kconfig", board),
        ("boards/common/Kconfig", RADIO),
    ];
    let tree = tree(&files);
    let (report, error, _) = said(tree.path(), &["boards"]);
    assert_eq!(error.lines().count(), 1, "{error}");
    assert_eq!(report.lines().count(), 2, "{report}");
}

#[test]
fn a_path_that_is_no_kconfig_file_is_refused() {
    let files = [
        ("Kconfig", SYMBOL),
        ("README", "A tree\n======\n\nconfig it, then build it.\n"),
        ("main.c", "int main(void)\n{\n\treturn 0;\n}\n"),
        ("program", "\u{7f}ELF\0\0\0config A\n"),
        (".config", "CONFIG_A=y\n"),
        ("doc/text", "Words.\n"),
    ];
    let tree = tree(&files);
    for path in ["README", "main.c", "program", ".config"] {
        for arguments in [&[path][..], &["Kconfig", path], &["--root", path]] {
            let (report, error, status) = said(tree.path(), arguments);
            assert_eq!((report.as_str(), status), ("", Some(2)), "{arguments:?}");
            let words = format!("error: {path} is no Kconfig file");
            assert!(error.starts_with(&words), "{error}");
        }
    }
    let (_, error, status) = said(tree.path(), &["doc"]);
    assert_eq!(status, Some(2));
    let words = "error: no Kconfig file lies under doc, so nothing was looked at\n";
    assert_eq!(error, words);
}

#[test]
fn a_folder_named_kconfig_and_a_path_outside_are_no_tree() {
    let tree = tree(&[("Kconfig/x", "")]);
    assert_eq!(said(tree.path(), &[]).2, Some(2));
    let other = self::tree(&[("Kconfig", SYMBOL)]);
    let outside = tree.path().to_str().expect("a path");
    assert_eq!(said(other.path(), &[".", outside]).2, Some(2));
}

#[test]
fn what_is_left_unread_is_no_baseline_and_is_not_fixed() {
    let root = "source \"$(SDK)/a/Kconfig\"\n";
    let tree = tree(&[("Kconfig", root)]);
    let (.., status) = said(tree.path(), &["--write-baseline", "known.json"]);
    assert_eq!(status, Some(2));
    assert!(!tree.path().join("known.json").exists());
}

#[test]
fn statistics_count_findings() {
    let root = "source \"a/Kconfig\"\nsource \"b/Kconfig\"\nconfig LATE\n\tbool \"L\"\n\tdepends on LOST\n";
    let use_of = |name: &str| format!("config {name}\n\tbool \"{name}\"\n\tdepends on LOST\n");
    let two = format!("{}\tselect GONE\n{}", use_of("A"), use_of("C"));
    let one = use_of("B");
    let tree = tree(&[("Kconfig", root), ("a/Kconfig", &two), ("b/Kconfig", &one)]);
    for (by, expected) in [
        (
            "rule",
            "      4 undefined-symbol\n      1 undefined-select\n",
        ),
        ("folder", "      3 a\n      1 .\n      1 b\n"),
        ("target", "      4 LOST\n      1 select GONE\n"),
    ] {
        let (counts, error, status) = said(tree.path(), &["--statistics", by]);
        assert_eq!(
            (counts.as_str(), error.as_str(), status),
            (expected, "", Some(0))
        );
    }
}

#[test]
fn files_above_the_root_are_read_in_the_same_work_tree() {
    let files = [
        ("common/Kconfig", RADIO),
        ("boards/one/scripts/kconfig/README", ""),
        (
            "boards/one/Kconfig",
            "config CLOCK\n\tbool \"Clock\"\n\nsource \"../../common/Kconfig\"\n",
        ),
    ];
    let tree = tree(&files);
    let board = tree.path().join("boards/one");
    let (out, _, status) = said(&board, &["--format", "short"]);
    assert!(
        out.contains("../../common/Kconfig:3:9: error: RADIO selects PHY"),
        "{out}"
    );
    assert_eq!(status, Some(1));
    // What a repository shows lies below its top.
    let git = Command::new("git")
        .current_dir(tree.path())
        .args(["init", "-q"])
        .status();
    assert!(git.is_ok_and(|it| it.success()));
    let (out, ..) = said(&board, &["--format", "github"]);
    assert!(out.contains("file=common/Kconfig,line=3"), "{out}");
    // Nothing says how far up the tree reaches.
    fs::remove_dir_all(tree.path().join(".git")).expect("a folder");
    let (out, ..) = said(&board, &["--format", "short"]);
    assert!(out.contains("the path leads out of the tree"), "{out}");
}

/// Two boards that share a file, in a repository with one commit.
fn boards() -> tempfile::TempDir {
    let board = |clock: &str| format!("{clock}\nsource \"../../common/Kconfig\"\n");
    let on = "config PHY_CLOCK\n\tdef_bool y\n";
    let off = "config PHY_CLOCK\n\tbool \"Clock\"\n";
    let files = [
        (
            "kconfig-lint.toml",
            "[[root]]\nfolder = \"boards/one\"\n[[root]]\nfolder = \"boards/two\"\n",
        ),
        ("boards/one/Kconfig", &*board(on)),
        ("boards/two/Kconfig", &*board(off)),
        ("common/Kconfig", SYMBOL),
    ];
    let tree = tree(&files);
    fs::remove_dir(tree.path().join(".git")).expect("a folder");
    git(tree.path(), &["init", "-q"]);
    git(tree.path(), &["add", "."]);
    git(tree.path(), &["commit", "-q", "-m", "Boards"]);
    tree
}

fn git(folder: &Path, words: &[&str]) {
    let git = Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=N", "-c", "user.email=n@example.org"])
        .args(words)
        .output()
        .expect("git runs");
    let error = String::from_utf8_lossy(&git.stderr);
    assert!(git.status.success(), "{words:?}: {error}");
}

/// A select that is unmet on the board without a clock.
const ON_ONE_BOARD: &str =
    "config RADIO\n\tbool \"Radio\"\n\tselect PHY\n\nconfig PHY\n\tbool\n\tdepends on PHY_CLOCK\n";

#[test]
fn each_root_is_judged_in_revisions_and_changes() {
    let tree = boards();
    let said = |words: &[&str]| said(tree.path(), words);
    fs::write(tree.path().join("common/Kconfig"), ON_ONE_BOARD).expect("a file");
    let place = "common/Kconfig:3:9: error: RADIO selects PHY";
    // Nothing of it is in the index.
    let (out, error, status) = said(&["--staged"]);
    assert_eq!((&*out, &*error, status), ("", "", Some(0)));
    git(tree.path(), &["add", "."]);
    for words in [&["--staged"][..], &["--staged", "common"]] {
        let (out, error, status) = said(words);
        assert!(out.contains(place), "{words:?}: {out}{error}");
        assert_eq!(status, Some(1));
    }
    // The board with a clock does not have it, and the fix for the file that both read is proved where it is.
    let (out, ..) = said(&["--staged", "--format", "human"]);
    assert_eq!(out.matches("RADIO selects PHY").count(), 1, "{out}");
    assert!(out.contains("root: boards/two (1 of 2 roots)"), "{out}");
    assert!(out.contains("this warning is gone, no new one"), "{out}");

    // A finding that is not new is no finding of a later change.
    git(tree.path(), &["commit", "-q", "-m", "Radio"]);
    fs::write(tree.path().join("boards/two/other"), "").expect("a file");
    git(tree.path(), &["add", "."]);
    assert_eq!(said(&["--staged"]).2, Some(0));
    for words in [&["--rev", "HEAD"][..], &["--range", "HEAD~..HEAD"]] {
        let (out, error, status) = said(words);
        assert!(out.contains(place), "{words:?}: {out}{error}");
        assert_eq!(status, Some(1), "{words:?}");
    }
    let mails = tempfile::tempdir().expect("a folder");
    let patch = mails.path().join("radio.patch");
    let diff = Command::new("git")
        .current_dir(tree.path())
        .args(["diff", "HEAD~"])
        .output();
    fs::write(&patch, diff.expect("git runs").stdout).expect("a file");
    let patch = patch.to_str().expect("a path");
    let (out, error, status) = said(&["--patch", patch, "--base", "HEAD~"]);
    assert!(out.contains(place), "{out}{error}");
    assert_eq!(status, Some(1));
    let (out, ..) = said(&["--rev", "HEAD", "--root", "boards/one"]);
    assert!(!out.contains("RADIO"), "{out}");
    let (out, ..) = said(&["--range", "HEAD~..HEAD", "--root", "boards/two"]);
    assert!(out.contains("RADIO selects PHY"), "{out}");
}

#[test]
fn the_roots_are_those_of_the_last_tree() {
    let tree = boards();
    let said = |words: &[&str]| said(tree.path(), words);
    // Only the index has the third board.
    let settings = "[[root]]\nfolder = \"boards/one\"\n[[root]]\nfolder = \"boards/three\"\n";
    fs::write(tree.path().join("kconfig-lint.toml"), settings).expect("a file");
    git(tree.path(), &["add", "."]);
    let (_, error, status) = said(&["--staged"]);
    assert!(
        error.contains("[[root]] boards/three: no root file is there"),
        "{error}"
    );
    assert_eq!(status, Some(2));
    fs::create_dir(tree.path().join("boards/three")).expect("a folder");
    fs::write(tree.path().join("boards/three/Kconfig"), RADIO).expect("a file");
    git(tree.path(), &["add", "."]);
    let (out, error, status) = said(&["--staged"]);
    let place = "boards/three/Kconfig:3:9: error: RADIO selects PHY";
    assert!(out.contains(place), "{out}{error}");
    assert_eq!(status, Some(1));
    let (_, error, status) = said(&["--staged", "--fix"]);
    assert!(
        error.contains("fixes and baselines are for one tree"),
        "{error}"
    );
    assert_eq!(status, Some(2));
    git(tree.path(), &["commit", "-q", "-m", "Three"]);
    let (out, error, _) = said(&["--git-dir", ".git", "--range", "HEAD~..HEAD"]);
    assert!(out.contains(place), "{out}{error}");
    let (out, error, _) = said(&["--git-dir", ".git", "--rev", "HEAD"]);
    assert!(out.contains(place), "{out}{error}");
    let (_, error, status) = said(&["--staged", "docs"]);
    assert!(error.contains("no root of kconfig-lint.toml"), "{error}");
    assert_eq!(status, Some(2));
}
