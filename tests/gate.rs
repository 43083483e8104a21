// SPDX-License-Identifier: MIT OR Apache-2.0
//! `--rev`, `--staged`, `--range` and `--patch` on real repositories.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const HELPER: &str = "config MMU\n\tbool \"mmu\"\n\nconfig HELPER\n\tbool\n\tdepends on MMU\n\n\
                      config OLD\n\tbool \"old\"\n\tselect HELPER\n";
const BAD: &str = "\nconfig DRIVER\n\tbool \"driver\"\n\tselect HELPER\n";
const GOOD: &str = "\nconfig DRIVER\n\tbool \"driver\"\n\tdepends on MMU\n\tselect HELPER\n";

/// A repository with a tree that has one old finding.
struct Repository {
    folder: TempDir,
}

impl Repository {
    fn new() -> Repository {
        let empty = Repository::empty();
        empty.write("Kconfig", HELPER);
        empty.commit("Begin");
        empty
    }

    fn empty() -> Repository {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let repository = Repository { folder };
        repository.git(&["init", "-q", "-b", "main"]);
        repository
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder is made");
        fs::write(path, text).expect("a file is written");
    }

    fn git(&self, arguments: &[&str]) -> String {
        git(self.path(), arguments)
    }

    fn commit(&self, subject: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", subject]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// A driver that is wrong, something else, the driver mended.
    fn series(&self) -> [String; 3] {
        self.write("Kconfig", &format!("{HELPER}{BAD}"));
        let first = self.commit("Add a driver");
        self.write("main.c", "int main;\n");
        let second = self.commit("Add code");
        self.write("Kconfig", &format!("{HELPER}{GOOD}"));
        let third = self.commit("Let the driver depend on MMU");
        [first, second, third]
    }

    fn lint(&self, arguments: &[&str]) -> Output {
        lint(self.path(), arguments, b"")
    }
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=N", "-c", "user.email=n@example.org"])
        .args(["-c", "protocol.file.allow=always"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .expect("git runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {errors}");
    String::from_utf8_lossy(&output.stdout)
        .trim_end()
        .to_owned()
}

fn lint(folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kconfig-lint"))
        .current_dir(folder)
        .args(arguments)
        .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    // Who does not read it may close it.
    let _ = stdin.write_all(input);
    drop(stdin);
    child.wait_with_output().expect("it ends")
}

fn text(output: &Output) -> String {
    let both = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8(both).expect("UTF-8")
}

/// Selector, status, commit and line of the patch of each finding.
type Told = (String, String, Option<String>, Option<u64>);

fn told(output: &Output) -> Vec<Told> {
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let findings = report["findings"].as_array().expect("findings");
    let word = |value: &Value| value.as_str().map(str::to_owned);
    let each = findings.iter().map(|finding| {
        let selector = word(&finding["data"]["selector"]).unwrap_or_default();
        let status = word(&finding["status"]).unwrap_or_default();
        let line = finding["patch"]["line"].as_u64();
        (selector, status, word(&finding["commit"]), line)
    });
    each.collect()
}

fn new(status: &str, commit: Option<&str>) -> Vec<Told> {
    vec![(
        "DRIVER".to_owned(),
        status.to_owned(),
        commit.map(str::to_owned),
        None,
    )]
}

#[test]
fn each_commit_of_a_range_answers_for_its_own() {
    let repository = Repository::new();
    let [first, second, _] = repository.series();
    let base = format!("{first}~1");
    let range = |range: &str| repository.lint(&["--format", "json", "--range", range]);

    let all = range(&format!("{base}..main"));
    assert_eq!(told(&all), new("fixed-later", Some(&first)));
    assert_eq!(all.status.code(), Some(1));

    let broken = range(&format!("{base}..{second}"));
    assert_eq!(told(&broken), new("new", Some(&first)));
    assert_eq!(broken.status.code(), Some(1));

    let mended = range(&format!("{second}..main"));
    let third = repository.git(&["rev-parse", "main"]);
    assert_eq!(told(&mended), new("fixed", Some(&third)));
    assert_eq!(mended.status.code(), Some(0));

    let harmless = range(&format!("{first}..{second}"));
    assert_eq!(told(&harmless), []);
    assert_eq!(harmless.status.code(), Some(0));

    let nothing = repository.lint(&["--range", "main..main"]);
    assert_eq!(text(&nothing), "nothing changed in the Kconfig tree .\n");
    assert_eq!(nothing.status.code(), Some(0));
    let short = repository.lint(&["--range", &format!("{base}..{second}")]);
    assert!(
        text(&short).contains(&format!("(new {first:.12})")),
        "{}",
        text(&short)
    );
}

#[test]
fn a_range_that_is_none_is_told() {
    let repository = Repository::new();
    for (range, words) in [
        ("main", "a range is written A..B"),
        ("no..main", "no"),
        ("--output=x..main", "--output=x"),
    ] {
        let output = repository.lint(&[&format!("--range={range}")]);
        assert_eq!(output.status.code(), Some(2), "{range}");
        assert!(text(&output).contains(words), "{}", text(&output));
    }
    assert!(!repository.path().join("x..main").exists());
}

#[test]
fn merges_and_roots_are_commits_too() {
    let repository = Repository::new();
    repository.git(&["checkout", "-q", "-b", "side"]);
    repository.write("Kconfig", &format!("{HELPER}{BAD}"));
    let bad = repository.commit("Add a driver");
    repository.git(&["checkout", "-q", "main"]);
    repository.write("more.c", "\n");
    repository.commit("Go on");
    let base = repository.git(&["rev-parse", "main"]);
    repository.git(&["merge", "-q", "-m", "Merge", "side"]);
    let output = repository.lint(&["--format=json", "--range", &format!("{base}..main")]);
    assert_eq!(told(&output), new("new", Some(&bad)), "not the merge's");

    // A branch without a common root.
    repository.git(&["checkout", "-q", "--orphan", "other"]);
    let root = repository.commit("Another root");
    let output = repository.lint(&["--format=json", "--range", "main..other"]);
    let found = told(&output);
    let names: Vec<&str> = found.iter().map(|it| it.0.as_str()).collect();
    assert_eq!(names, ["OLD", "DRIVER"]);
    assert!(found.iter().all(|it| it.2.as_deref() == Some(&root)));
}

#[test]
fn the_end_of_a_shallow_clone_is_told() {
    let repository = Repository::new();
    let [first, second, third] = repository.series();
    let clone = tempfile::tempdir().expect("a temporary folder");
    let url = format!("file://{}", repository.path().display());
    git(clone.path(), &["clone", "-q", "--depth=2", &url, "."]);
    let inside = lint(
        clone.path(),
        &["--format=json", "--range", &format!("{second}..main")],
        b"",
    );
    assert_eq!(told(&inside), new("fixed", Some(&third)));
    let beyond = lint(clone.path(), &["--range", &format!("{first}..main")], b"");
    assert_eq!(beyond.status.code(), Some(2));
}

#[test]
fn a_hook_sees_the_index_and_not_the_work_tree() {
    let repository = Repository::new();
    let staged = || repository.lint(&["--staged", "--format=json"]);
    assert_eq!(staged().status.code(), Some(0), "nothing is staged");

    repository.write("Kconfig", &format!("{HELPER}{BAD}"));
    assert_eq!(staged().status.code(), Some(0), "it is not staged");
    repository.git(&["add", "-A"]);
    repository.write("Kconfig", "not even Kconfig");
    assert_eq!(told(&staged()), new("new", None));
    assert_eq!(staged().status.code(), Some(1));

    repository.write("Kconfig", &format!("{HELPER}{GOOD}"));
    repository.git(&["add", "-A"]);
    assert_eq!(told(&staged()), []);
}

#[test]
fn before_the_first_commit_everything_is_new() {
    let repository = Repository::empty();
    repository.write("Kconfig", HELPER);
    repository.git(&["add", "-A"]);
    let output = repository.lint(&["--staged", "--format=json"]);
    let found = told(&output);
    assert_eq!(found.len(), 1);
    assert_eq!((&*found[0].0, &*found[0].1), ("OLD", "new"));
}

#[test]
fn a_series_of_mails_says_the_same_as_its_commits() {
    let repository = Repository::new();
    let [first, _, third] = repository.series();
    let mails = repository.git(&["format-patch", "--stdout", &format!("{first}~1")]);
    let mails = format!("{mails}\n");
    let line = 1 + mails
        .lines()
        .position(|line| line == "+\tselect HELPER")
        .expect("it is added");
    let wanted = vec![(
        "DRIVER".to_owned(),
        "fixed-later".to_owned(),
        Some(first.clone()),
        Some(line as u64),
    )];
    let arguments = ["--format=json", "--patch", "-"];
    // The series lies in the work tree, as b4 has it.
    let applied = lint(repository.path(), &arguments, mails.as_bytes());
    assert_eq!(told(&applied), wanted);
    // On a base that is named.
    let base = format!("{first}~1");
    let based = [&arguments[..], &["--base", &base]].concat();
    assert_eq!(
        told(&lint(repository.path(), &based, mails.as_bytes())),
        wanted
    );
    // On the work tree as it is.
    repository.git(&["reset", "-q", "--hard", &format!("{first}~1")]);
    let fresh = lint(repository.path(), &arguments, mails.as_bytes());
    assert_eq!(told(&fresh), wanted);
    assert_eq!(fresh.status.code(), Some(1));
    // What does not apply is told with its hunk.
    let third = repository.git(&["format-patch", "--stdout", "-1", &third]);
    let output = lint(repository.path(), &arguments, third.as_bytes());
    assert_eq!(output.status.code(), Some(2));
    let hunk = 1 + third
        .lines()
        .position(|line| line.starts_with("@@"))
        .expect("a hunk");
    let place = format!("<stdin>:{hunk}: Kconfig: ");
    assert!(text(&output).contains(&place), "{}", text(&output));
}

/// No name tells that these are Kconfig files; the tree does.
#[test]
fn what_a_tree_sources_counts_whatever_its_name() {
    let repository = Repository::new();
    repository.write("parts/one.x", "");
    repository.write("Kconfig", &format!("{HELPER}\nsource \"parts/*.x\"\n"));
    let base = repository.commit("Source parts");
    repository.write("parts/two.x", BAD);
    let comes = repository.commit("Another part");
    repository.write("parts/two.x", GOOD);
    let goes = repository.commit("It depends");
    let range = format!("{base}..main");
    let by_commits = repository.lint(&["--format=json", "--range", &range]);
    assert_eq!(told(&by_commits), new("fixed-later", Some(&comes)));
    let mails = repository.git(&["format-patch", "--stdout", &base]);
    let arguments = ["--format=json", "--patch", "-", "--base", &base];
    let by_mails = lint(
        repository.path(),
        &arguments,
        format!("{mails}\n").as_bytes(),
    );
    let found = told(&by_mails);
    assert_eq!(found.len(), 1);
    assert_eq!((&*found[0].0, &*found[0].1), ("DRIVER", "fixed-later"));
    assert!(goes != comes);
}

#[test]
fn a_merge_of_a_repair_repairs_nothing_itself() {
    let repository = Repository::new();
    let base = repository.git(&["rev-parse", "main"]);
    repository.git(&["checkout", "-q", "-b", "side"]);
    let mended = HELPER.replace("\tselect HELPER", "\tdepends on MMU\n\tselect HELPER");
    repository.write("Kconfig", &mended);
    let repair = repository.commit("Let it depend on MMU");
    repository.git(&["checkout", "-q", "main"]);
    repository.write("more.c", "\n");
    repository.commit("Go on");
    repository.git(&["merge", "-q", "-m", "Merge", "side"]);
    let output = repository.lint(&["--format=json", "--range", &format!("{base}..main")]);
    let wanted = ("OLD".to_owned(), "fixed".to_owned(), Some(repair), None);
    assert_eq!(told(&output), [wanted]);
}

#[test]
fn a_path_that_is_no_more_on_the_disk_can_be_named() {
    let repository = Repository::new();
    repository.write("old/Kconfig", BAD.trim_start());
    repository.write("Kconfig", &format!("{HELPER}\nsource \"old/Kconfig\"\n"));
    repository.commit("Add a folder");
    repository.git(&["rm", "-q", "-r", "old"]);
    repository.write("Kconfig", HELPER);
    repository.commit("Remove it");
    let output = repository.lint(&["--rev", "main~1", "--format=json", "old/Kconfig"]);
    let found = told(&output);
    assert_eq!(found.len(), 1, "{}", text(&output));
    assert_eq!(found[0].0, "DRIVER");
    // Nothing on the disk shows it again.
    let human = repository.lint(&["--rev", "main~1", "--format=human"]);
    assert!(!text(&human).contains("reproduce:"), "{}", text(&human));
}

#[test]
fn what_needs_the_disk_is_refused() {
    let repository = Repository::new();
    for option in [
        "--fix",
        "--fix-unsafe",
        "--diff",
        "--confirm",
        "--witness=../out",
        "--write-baseline=../known.json",
        "--toolchain=probe",
    ] {
        for source in ["--staged", "--rev=HEAD", "--range=HEAD..", "--patch=-"] {
            // Fixes of what is staged are for the work tree: tests/ci.rs.
            let is_fix = option.starts_with("--fix") || option == "--diff";
            if source == "--staged" && is_fix {
                continue;
            }
            let output = repository.lint(&[source, option]);
            assert_eq!(output.status.code(), Some(2), "{source} {option}");
        }
    }
}

#[test]
fn a_revision_is_read_from_a_bare_repository() {
    let repository = Repository::new();
    let [first, ..] = repository.series();
    let bare = tempfile::tempdir().expect("a temporary folder");
    let from = repository.path().display().to_string();
    git(bare.path(), &["clone", "-q", "--bare", &from, "bare.git"]);
    let elsewhere = tempfile::tempdir().expect("a temporary folder");
    let directory = bare.path().join("bare.git").display().to_string();
    let of = |revision: &str| {
        let arguments = ["--git-dir", &directory, "--rev", revision, "--format=json"];
        let mut names: Vec<String> = told(&lint(elsewhere.path(), &arguments, b""))
            .into_iter()
            .map(|it| it.0)
            .collect();
        names.sort();
        names
    };
    assert_eq!(of(&first), ["DRIVER", "OLD"]);
    assert_eq!(of("main"), ["OLD"]);
    let arguments = [
        "--git-dir",
        &directory,
        "--range",
        &format!("{first}~1..{first}"),
        "--format=json",
    ];
    let output = lint(elsewhere.path(), &arguments, b"");
    assert_eq!(told(&output), new("new", Some(&first)));
    let missing = lint(
        elsewhere.path(),
        &["--git-dir", &directory, "--rev", "no"],
        b"",
    );
    assert_eq!(text(&missing), "error: no commit no\n");
    // The repository itself is a place to stand, too.
    let inside = lint(
        &bare.path().join("bare.git"),
        &["--rev", "main", "--format=json"],
        b"",
    );
    assert_eq!(told(&inside).len(), 1);
}

#[cfg(unix)]
#[test]
fn links_of_a_revision_are_followed_inside_of_it() {
    let repository = Repository::new();
    repository.write("sub/Kconfig.real", BAD.trim_start());
    std::os::unix::fs::symlink("sub", repository.path().join("folder")).expect("a link");
    std::os::unix::fs::symlink("Kconfig.real", repository.path().join("sub/Kconfig"))
        .expect("a link");
    std::os::unix::fs::symlink("/etc/passwd", repository.path().join("outside")).expect("a link");
    repository.write(
        "Kconfig",
        &format!("{HELPER}\nsource \"folder/Kconfig\"\nosource \"outside\"\n"),
    );
    repository.commit("Link");
    let disk = repository.lint(&["--format=short", "-q"]);
    let git = repository.lint(&["--format=short", "-q", "--rev", "HEAD"]);
    assert_eq!(text(&git), text(&disk));
    assert!(
        text(&git).contains("DRIVER selects HELPER"),
        "{}",
        text(&git)
    );
}

/// Each of these would leave a file behind if git ran it.
#[cfg(unix)]
#[test]
fn nothing_of_the_repository_runs() {
    use std::os::unix::fs::PermissionsExt;

    let repository = Repository::new();
    let [first, ..] = repository.series();
    let mails = repository.git(&["format-patch", "--stdout", &format!("{first}~1")]);
    let marks = tempfile::tempdir().expect("a temporary folder");
    let trap = |name: &str| -> String {
        let script = repository.path().join(".git").join(format!("trap-{name}"));
        let mark = marks.path().join(name);
        fs::write(
            &script,
            format!("#!/bin/sh\ntouch {}\ncat\n", mark.display()),
        )
        .expect("written");
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("executable");
        script.display().to_string()
    };
    for (name, key) in [
        ("fsmonitor", "core.fsmonitor"),
        ("pager", "core.pager"),
        ("editor", "core.editor"),
        ("external", "diff.external"),
        ("textconv", "diff.trap.textconv"),
        ("command", "diff.trap.command"),
        ("clean", "filter.trap.clean"),
        ("smudge", "filter.trap.smudge"),
        ("process", "filter.trap.process"),
        ("gpg", "gpg.program"),
        ("ssh", "core.sshCommand"),
        ("alias", "alias.ls-tree"),
    ] {
        let script = trap(name);
        let value = if name == "alias" {
            format!("!{script}")
        } else {
            script
        };
        repository.git(&["config", key, &value]);
    }
    repository.git(&["config", "log.showSignature", "true"]);
    repository.git(&["config", "filter.trap.required", "true"]);
    let attributes = repository.path().join(".git/info/attributes");
    fs::create_dir_all(attributes.parent().expect("a folder")).expect("made");
    fs::write(attributes, "* filter=trap diff=trap\n").expect("written");
    let hooks: PathBuf = repository.path().join(".git/hooks");
    fs::create_dir_all(&hooks).expect("made");
    for hook in [
        "post-index-change",
        "pre-commit",
        "reference-transaction",
        "post-checkout",
    ] {
        let script = trap(hook);
        fs::rename(script, hooks.join(hook)).expect("moved");
    }
    let range = format!("{first}~1..main");
    for arguments in [
        &["--staged"][..],
        &["--staged", "--fix"],
        &["--range", &range],
        &["--rev", "HEAD"],
        &["--patch", "-"],
        &["--patch", "-", "--base", &first],
    ] {
        let output = lint(repository.path(), arguments, mails.as_bytes());
        assert!(output.status.code().is_some(), "{arguments:?}");
    }
    // A patch is no place for commands either.
    let evil = b"diff --git a/$(touch x) b/$(touch x)\n--- a/`touch x`\n+++ b/Kconfig;touch x\n@@ -1 +1 @@\n-a\n+b\n";
    lint(repository.path(), &["--patch", "-"], evil);
    let left: Vec<_> = fs::read_dir(marks.path())
        .expect("a folder")
        .flatten()
        .collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(!repository.path().join("x").exists());
}

/// What is kept from one tree of a series to the next changes no answer.
#[test]
fn a_series_finds_what_its_trees_have_alone() {
    let top = "mainmenu \"x\"\nsource \"arch/$(SRCARCH)/Kconfig\"\nsource \"a/Kconfig\"\n\
               source \"b/Kconfig\"\n";
    let helper =
        "config DRM_GEM_SHMEM_HELPER\n\tbool\n\nconfig HELPER\n\tbool\n\tdepends on BUS\n\n";
    let user = "config USER\n\tbool \"user\"\n\tselect HELPER\n";
    let mesh = "config MESH\n\tbool \"mesh\"\n\tselect DRM_GEM_SHMEM_HELPER\n";
    let steps: [(&str, String); 12] = [
        ("a/Kconfig", format!("{helper}config BUS\n\tdef_bool y\n")),
        ("b/Kconfig", user.to_owned()),
        // The bus may be off; then only on one architecture.
        ("a/Kconfig", format!("{helper}config BUS\n\tbool \"bus\"\n")),
        ("a/Kconfig", format!("{helper}config BUS\n\tdef_bool ONE\n")),
        // Nothing but help, and lines that move.
        (
            "b/Kconfig",
            format!("# moved\n\n{user}\thelp\n\t  Words.\n"),
        ),
        (
            "arch/two/Kconfig",
            "config TWO\n\tdef_bool y\n\nconfig MMU\n\tdef_bool y\n".to_owned(),
        ),
        ("b/Kconfig", format!("{user}\n{mesh}")),
        (
            "arch/two/Kconfig",
            "config TWO\n\tdef_bool y\n\nconfig MMU\n\tbool \"mmu\"\n".to_owned(),
        ),
        (
            "arch/one/Kconfig",
            "config ONE\n\tdef_bool n\n\nconfig MMU\n\tdef_bool y\n".to_owned(),
        ),
        ("b/Kconfig", format!("if BUS\n{user}endif\n{mesh}")),
        ("b/Kconfig", format!("{user}\n{mesh}\tdepends on MMU\n")),
        ("a/Kconfig", format!("{helper}config BUS\n\tdef_bool y\n")),
    ];
    let repository = Repository::empty();
    for name in ["one", "two"] {
        repository.write(&format!("arch/{name}/Makefile"), "");
    }
    repository.write("scripts/kconfig/Makefile", "");
    repository.write(
        "arch/one/Kconfig",
        "config ONE\n\tdef_bool y\n\nconfig MMU\n\tdef_bool y\n",
    );
    repository.write("arch/two/Kconfig", "config TWO\n\tdef_bool y\n");
    repository.write("a/Kconfig", helper);
    repository.write("b/Kconfig", "");
    repository.write("Kconfig", top);
    let mut commits = vec![repository.commit("Begin")];
    for (path, text) in &steps {
        repository.write(path, text);
        commits.push(repository.commit("Step"));
    }
    let findings = |arguments: &[&str]| {
        let output = repository.lint(&[&["--format=json"], arguments].concat());
        let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        report["findings"].as_array().expect("findings").clone()
    };
    let trees: Vec<_> = commits.iter().map(|it| findings(&["--rev", it])).collect();
    let series = findings(&["--range", &format!("{}..main", commits[0])]);
    let mut all = 0;
    for (at, commit) in commits.iter().enumerate().skip(1) {
        let has = |before: &Value, name: &Value, finding: &Value| {
            let names = before["architectures"].as_array().expect("names");
            before["fingerprint"] == finding["fingerprint"] && names.contains(name)
        };
        let mut expected = Vec::new();
        for finding in &trees[at] {
            let mut finding = finding.clone();
            let mut names = finding["architectures"].as_array().expect("names").clone();
            names.retain(|name| !trees[at - 1].iter().any(|it| has(it, name, &finding)));
            if !names.is_empty() {
                finding["architectures"] = Value::Array(names);
                expected.push(finding);
            }
        }
        let own = |it: &&Value| it["commit"] == **commit && it["status"] != "fixed";
        let mut found: Vec<Value> = series.iter().filter(own).cloned().collect();
        for finding in &mut found {
            finding["status"] = Value::Null;
            finding["commit"] = Value::Null;
        }
        assert_eq!(found, expected, "step {at}");
        all += found.len();
    }
    assert_eq!(all, 4, "findings that the series brings");
}

/// A run with a cache of its own.
fn cached(repository: &Repository, cache: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kconfig-lint"));
    command
        .current_dir(repository.path())
        .args(["--staged", "--format=json"])
        .args(arguments)
        .env("XDG_CACHE_HOME", cache)
        .stdin(Stdio::null());
    command
}

fn ran(mut command: Command) -> (Option<i32>, String) {
    let output = command.output().expect("it runs");
    (output.status.code(), text(&output))
}

/// Two architectures, with a helper and a driver in a file each.
fn two_files() -> Repository {
    let repository = Repository::empty();
    for name in ["one", "two"] {
        repository.write(&format!("arch/{name}/Makefile"), "");
        let mmu = "config MMU\n\tbool \"mmu\"\n";
        repository.write(&format!("arch/{name}/Kconfig"), mmu);
    }
    repository.write("scripts/kconfig/Makefile", "");
    let top = "mainmenu \"x\"\nsource \"arch/$(SRCARCH)/Kconfig\"\nsource \"a/Kconfig\"\n\
               source \"b/Kconfig\"\n";
    repository.write("Kconfig", top);
    let helper = "config HELPER\n\tbool\n\tdepends on MMU\n\nconfig OTHER\n\tbool\n";
    repository.write("a/Kconfig", helper);
    repository.write(
        "b/Kconfig",
        &format!("config OLD\n\tbool \"o\"\n\tselect HELPER\n{GOOD}"),
    );
    repository.commit("Begin");
    repository
}

#[test]
fn the_cache_changes_no_answer() {
    let repository = two_files();
    let cache = tempfile::tempdir().expect("a temporary folder");
    let driver = fs::read_to_string(repository.path().join("b/Kconfig")).expect("a file");
    let helper = fs::read_to_string(repository.path().join("a/Kconfig")).expect("a file");
    let more = "\nconfig MORE\n\tbool \"m\"\n\tdepends on MMU\n\tselect HELPER\n";
    // What is staged, and whether it is committed then.
    let steps: [(&str, String, bool); 12] = [
        ("b/Kconfig", format!("{driver}# words\n"), false),
        ("b/Kconfig", format!("{driver}{more}"), true),
        (
            "b/Kconfig",
            format!("{driver}{}", more.replace("MMU", "OTHER")),
            false,
        ),
        ("b/Kconfig", driver.clone(), true),
        (
            "a/Kconfig",
            helper.replace("OTHER\n\tbool", "OTHER\n\tbool\n\tselect HELPER"),
            false,
        ),
        (
            "a/Kconfig",
            helper.replace("depends on MMU", "depends on MMU && OTHER"),
            false,
        ),
        ("a/Kconfig", helper.replace("\tdepends on MMU\n", ""), true),
        (
            "a/Kconfig",
            format!("{helper}choice\nconfig X\n\tbool \"x\"\nendchoice\n"),
            true,
        ),
        ("a/Kconfig", format!("{helper}source \"c/Kconfig\"\n"), true),
        (
            "c/Kconfig",
            "config C\n\tbool \"c\"\n\tselect HELPER\n".to_owned(),
            true,
        ),
        (
            "kconfig-lint.toml",
            "[rules]\nunmet-dependency = \"allow\"\n".to_owned(),
            true,
        ),
        ("b/Kconfig", "nonsense\n".to_owned(), true),
    ];
    for (at, (path, text, commits)) in steps.iter().enumerate() {
        repository.write(path, text);
        repository.git(&["add", "-A"]);
        for more in [&[][..], &["--deny=suspicious"], &["--arch=one"]] {
            let alone = [more, &["--no-cache"]].concat();
            let expected = ran(cached(&repository, cache.path(), &alone));
            // The first may write it, the second use it.
            for _ in 0..2 {
                let got = ran(cached(&repository, cache.path(), more));
                assert_eq!(got, expected, "step {at} {more:?}");
            }
        }
        if *commits {
            repository.commit("Step");
        }
    }
}

/// The file that the cache consists of.
fn cache_file(cache: &Path) -> PathBuf {
    let folder = fs::read_dir(cache.join("kconfig-lint")).expect("a folder");
    let files: Vec<PathBuf> = folder.flatten().map(|entry| entry.path()).collect();
    let [file] = &files[..] else {
        panic!("{files:?}");
    };
    file.clone()
}

#[test]
fn what_is_in_the_cache_is_not_read_again() {
    let repository = two_files();
    let cache = tempfile::tempdir().expect("a temporary folder");
    let (status, _) = ran(cached(&repository, cache.path(), &[]));
    assert_eq!(status, Some(0));
    // An analysis of HEAD would not find this file.
    let blob = repository.git(&["rev-parse", "HEAD:b/Kconfig"]);
    let object = format!(".git/objects/{}/{}", &blob[..2], &blob[2..]);
    let driver = fs::read_to_string(repository.path().join("b/Kconfig")).expect("a file");
    repository.write(
        "b/Kconfig",
        &format!("{driver}\nconfig NEW\n\tbool \"n\"\n"),
    );
    repository.git(&["add", "b/Kconfig"]);
    fs::remove_file(repository.path().join(object)).expect("a loose object");
    let alone = ran(cached(&repository, cache.path(), &["--no-cache"]));
    // The second time the index too is known.
    for _ in 0..2 {
        let known = ran(cached(&repository, cache.path(), &[]));
        assert_eq!(known.0, Some(0), "{}", known.1);
        assert!(known.1.contains("\"files\": 5"), "{}", known.1);
        assert_ne!(known, alone);
    }
}

#[test]
fn a_broken_cache_is_none() {
    let repository = two_files();
    let cache = tempfile::tempdir().expect("a temporary folder");
    repository.write("b/Kconfig", "config OLD\n\tbool \"o\"\n");
    repository.git(&["add", "-A"]);
    let expected = ran(cached(&repository, cache.path(), &[]));
    let file = cache_file(cache.path());
    let whole = fs::read(&file).expect("a file");
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 0x10;
    let mut far = whole.clone();
    far[8..16].fill(0xff);
    for bytes in [&whole[..whole.len() / 2], &[], b"nothing", &flipped, &far] {
        fs::write(&file, bytes).expect("a file is written");
        assert_eq!(ran(cached(&repository, cache.path(), &[])), expected);
        // And it is whole again.
        assert!(fs::read(&file).expect("a file").len() > 16);
    }
    // No folder can be made there.
    let nowhere = cache.path().join("file");
    fs::write(&nowhere, "").expect("a file is written");
    assert_eq!(ran(cached(&repository, &nowhere, &[])), expected);
}

#[test]
fn runs_at_the_same_time_share_the_cache() {
    let repository = two_files();
    let cache = tempfile::tempdir().expect("a temporary folder");
    let expected = ran(cached(&repository, cache.path(), &["--no-cache"]));
    let runs: Vec<_> = (0..8)
        .map(|_| {
            let mut command = cached(&repository, cache.path(), &[]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().expect("it starts")
        })
        .collect();
    for run in runs {
        let output = run.wait_with_output().expect("it ends");
        assert_eq!((output.status.code(), text(&output)), expected);
    }
    cache_file(cache.path());
}

#[test]
fn a_policy_that_a_third_symbol_met_is_asked_about_again() {
    let repository = Repository::empty();
    let helper = "config DRM_GEM_SHMEM_HELPER\n\tbool\n\nconfig MMU\n\tbool \"mmu\"\n\n";
    let bus = "config BUS\n\tbool \"bus\"\n\tdepends on MMU\n\n";
    let driver = "config DRIVER\n\tbool \"d\"\n\tdepends on BUS\n\tselect DRM_GEM_SHMEM_HELPER\n";
    repository.write("Kconfig", &format!("{helper}{bus}{driver}"));
    repository.commit("Begin");
    repository.write("Kconfig", &format!("{helper}{bus}{driver}\n# words\n"));
    repository.commit("Nothing");
    let bus = bus.replace("\tdepends on MMU\n", "");
    repository.write("Kconfig", &format!("{helper}{bus}{driver}\n# words\n"));
    repository.git(&["add", "-A"]);
    let cache = tempfile::tempdir().expect("a temporary folder");
    repository.git(&["stash", "-q"]);
    assert_eq!(ran(cached(&repository, cache.path(), &[])).0, Some(0));
    repository.git(&["stash", "pop", "-q", "--index"]);
    let (status, said) = ran(cached(&repository, cache.path(), &[]));
    assert_eq!(status, Some(1), "{said}");
    let last = repository.commit("Free the bus");
    let series = told(&repository.lint(&["--format=json", "--range", "HEAD~2..HEAD"]));
    assert_eq!(series, new("new", Some(&last)));
}

/// The messages of the findings that a run tells of as new or alone.
fn messages(output: &Output) -> Vec<String> {
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let findings = report["findings"].as_array().expect("findings").iter();
    let is_gone = |status: &Value| ["fixed", "fixed-later"].iter().any(|gone| status == gone);
    let present = findings.filter(|finding| !is_gone(&finding["status"]));
    let words = present.map(|finding| finding["message"].as_str().expect("words").to_owned());
    words.collect()
}

/// Makes a commit of each text of a file beside which nothing changes. What the last of them brings
/// is found by a range over all, and by `--staged` with a cache of the one before it.
fn brings(repository: &Repository, path: &str, texts: &[&str], expected: &str) {
    let cache = tempfile::tempdir().expect("a temporary folder");
    let (last, before) = texts.split_last().expect("texts");
    for text in before {
        repository.write(path, text);
        repository.commit("Step");
        // The first makes a cache, the others use it.
        ran(cached(repository, cache.path(), &[]));
    }
    let first = format!("HEAD~{}", before.len() - 1);
    repository.write(path, last);
    repository.git(&["add", "-A"]);
    let staged = ran(cached(repository, cache.path(), &[]));
    let alone = ran(cached(repository, cache.path(), &["--no-cache"]));
    assert_eq!(staged, alone);
    let base = repository.git(&["rev-parse", &first]);
    repository.commit("Last");
    let series = repository.lint(&["--format=json", "--range", &format!("{base}..HEAD")]);
    let found = messages(&series);
    let there = messages(&repository.lint(&["--format=json", "--rev", "HEAD"]));
    assert_eq!(found, there);
    assert!(found.iter().any(|it| it.contains(expected)), "{found:?}");
}

/// A Linux tree of two architectures whose symbols stand in one file.
fn one_file() -> Repository {
    let repository = two_files();
    repository.write("a/Kconfig", "");
    repository.write("b/Kconfig", "");
    repository
}

#[test]
fn what_only_bounds_said_is_asked_again_when_they_move() {
    let text = "config K\n\tdef_bool y\n\nconfig X\n\tbool\n\nconfig B\n\tbool\n\tdepends on X\n\n\
                config S\n\tbool \"s\"\n\tselect X if K\n\tselect B\n";
    let moved = text.replace("def_bool y", "bool \"k\"");
    brings(&one_file(), "a/Kconfig", &[text, &moved], "S selects B");
    let text = text
        .replace("\tselect X if K\n", "\tdepends on T\n")
        .replace(
            "config S",
            "config T\n\tbool \"t\"\n\tselect X if K\n\nconfig S",
        );
    let moved = text.replace("def_bool y", "bool \"k\"");
    brings(&one_file(), "a/Kconfig", &[&text, &moved], "S selects B");
}

#[test]
fn a_symbol_may_be_spoken_of_before_it_is_defined() {
    let begin = "config A\n\tbool \"a\"\n\nconfig B\n\tbool\n\tdepends on A\n\n";
    let first = format!("{begin}config S\n\tbool \"s\"\n\tdepends on A\n\tselect B\n");
    let second = format!("{begin}config S\n\tbool \"s\"\n\tdepends on X\n\tselect B\n");
    let third = format!("{second}\nconfig X\n\tbool \"x\"\n");
    let texts = [&*first, &second, &third];
    brings(&one_file(), "a/Kconfig", &texts, "S selects B");
}

#[test]
fn a_default_can_say_which_file_is_read() {
    let repository = Repository::empty();
    repository.write("arch/one/Makefile", "");
    repository.write("arch/one/Kconfig", "config MMU\n\tbool \"mmu\"\n");
    repository.write("scripts/kconfig/zconf.y", "");
    let top = "source \"lib/Kconfig\"\nsource \"arch/$SRCARCH/Kconfig\"\nsource \"$DIR/Kconfig\"\n";
    repository.write("Kconfig", top);
    repository.write("bar/Kconfig", "config S\n\tbool \"u\"\n");
    repository.write("sub/Kconfig", "config U\n\tbool \"u\"\n");
    let text = "config DIR\n\tstring\n\tdefault \"sub\"\n\nconfig M\n\tbool \"m\"\n\n\
                config B\n\tbool\n\tdepends on M\n\nconfig S\n\tbool\n\tselect B\n";
    let other = text.replace("sub", "bar");
    brings(&repository, "lib/Kconfig", &[text, &other], "S selects B");
}

#[test]
fn selects_of_files_that_nobody_chosen_reads_do_not_count() {
    let repository = two_files();
    let cache = tempfile::tempdir().expect("a temporary folder");
    let arguments = ["--arch=one"];
    ran(cached(&repository, cache.path(), &arguments));
    let text = "config MMU\n\tbool \"mmu\"\n\nconfig Z\n\tbool \"z\"\n\tselect OTHER\n";
    repository.write("arch/two/Kconfig", text);
    repository.git(&["add", "-A"]);
    let got = ran(cached(&repository, cache.path(), &arguments));
    let alone = ran(cached(
        &repository,
        cache.path(),
        &["--arch=one", "--no-cache"],
    ));
    assert_eq!(got, alone);
}

/// A tree of Linux whose symbols are used, with enough files to be worth a cache.
fn with_code() -> Repository {
    let repository = Repository::empty();
    repository.write("Kconfig", "config USB\n\tbool \"usb\"\n");
    repository.write("scripts/kconfig/conf.c", "");
    repository.write("arch/x86/Kconfig", "");
    repository.write("usb.c", "#ifdef CONFIG_USB\n#endif\n");
    for at in 0..510 {
        repository.write(&format!("code/{at}.c"), "int a;\n");
    }
    repository.commit("Begin");
    repository
}

#[test]
fn the_gate_sees_what_code_says_of_symbols() {
    let repository = with_code();
    let cache = tempfile::tempdir().expect("a folder");
    let all = ["undefined-config-reference", "unused-symbol"].map(|it| format!("--warn={it}"));
    let all = [&all[0], &all[1], "--tree=linux", "-q"];
    let says = |cached_anew: bool| {
        repository.git(&["add", "-A"]);
        let folder = tempfile::tempdir().expect("a folder");
        let cache = if cached_anew {
            folder.path()
        } else {
            cache.path()
        };
        let command = cached(&repository, cache, &all);
        ran(command).1
    };
    let brings = |path: &str, text: &str, expected: &str| {
        repository.write(path, text);
        // With what an earlier process left behind, and without.
        for cached_anew in [false, true, false] {
            let said = says(cached_anew);
            let is_told = said.contains(expected) && said.contains("\"status\": \"new\"");
            assert!(is_told, "{path} {cached_anew}: {said}");
        }
    };
    let says_nothing = says(false);
    assert!(!says_nothing.contains("\"status\""), "{says_nothing}");
    // A file of C alone changes.
    brings("code/1.c", "#ifdef CONFIG_LOST\n#endif\n", "LOST");
    repository.commit("A name that nothing defines");
    // Somebody uses it no longer.
    brings("usb.c", "int usb;\n", "unused-symbol");
    repository.write("usb.c", "#ifdef CONFIG_USB\n#endif\n");
    // The symbol goes, and the file that uses it stays as it is.
    brings(
        "Kconfig",
        "config USB2\n\tbool \"usb\"\n",
        "\"symbol\": \"USB\"",
    );
}

#[test]
fn the_gate_sees_what_code_then_lacks() {
    let repository = with_code();
    let options = "config USB\n\tbool \"usb\"\n\nconfig MAP\n\tbool \"map\"\n";
    repository.write("Kconfig", options);
    let makefile = "obj-$(CONFIG_USB) += usb.o\nobj-$(CONFIG_MAP) += map.o\n";
    repository.write("Makefile", makefile);
    repository.write("include/map.h", "int map(int x);\n");
    repository.write("map.c", "int map(int x)\n{\n\treturn x;\n}\n");
    repository.commit("A map");
    let cache = tempfile::tempdir().expect("a folder");
    let all = ["--warn=link-gap", "--tree=linux", "-q"];
    let lacks = |path: &str, text: &str| {
        repository.write(path, text);
        repository.git(&["add", "-A"]);
        let said = ran(cached(&repository, cache.path(), &all)).1;
        said.contains("link-gap") && said.contains("\"status\": \"new\"")
    };
    let user = "#include <map.h>\nint usb(void)\n{\n\treturn map(1);\n}\n";
    assert!(lacks("usb.c", user), "a call");
    repository.commit("A call");
    assert!(
        !lacks("code/1.c", "int b;\n"),
        "what was there before is no news"
    );
    let stub = "#ifdef CONFIG_MAP\nint map(int x);\n#else\nstatic inline int map(int x) { return 0; }\n#endif\n";
    assert!(!lacks("include/map.h", stub));
    repository.commit("A stub");
    assert!(lacks("include/map.h", "int map(int x);\n"), "a header");
    repository.write("include/map.h", stub);
    assert!(!lacks("code/1.c", "int c;\n"));
    let always = "obj-y += usb.o map.o\n";
    repository.write("include/map.h", "int map(int x);\n");
    assert!(!lacks("Makefile", always));
    repository.commit("Always built");
    assert!(lacks("Makefile", makefile), "a Makefile");
}
