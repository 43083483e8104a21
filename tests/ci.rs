// SPDX-License-Identifier: MIT OR Apache-2.0
//! `init`, `merge` and every recipe of docs/ci.md, run as they are written there.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use super::schema::assert_fits;

const PROGRAM: &str = env!("CARGO_BIN_EXE_kconfig-lint");
const PAGE: &str = include_str!("../docs/ci.md");
const HELPER: &str = "config HELPER\n\tbool\n\tdepends on MMU\n\n";
const BAD: &str = "config DRIVER\n\tbool \"driver\"\n\tselect HELPER\n\n";
const GOOD: &str = "config DRIVER\n\tbool \"driver\"\n\tdepends on MMU\n\tselect HELPER\n\n";

/// A repository with a tree of two architectures, one of which has no MMU.
fn repository() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path();
    write(root, "scripts/kconfig/Makefile", "");
    write(root, "arch/one/Kconfig", "config MMU\n\tbool \"mmu\"\n");
    write(root, "arch/two/Kconfig", "config TWO\n\tdef_bool y\n");
    write(root, "arch/one/Makefile", "");
    write(root, "arch/two/Makefile", "");
    write(root, "drivers/Kconfig", HELPER);
    let top = "mainmenu \"test\"\nsource \"arch/$(SRCARCH)/Kconfig\"\nsource \"drivers/Kconfig\"\n";
    write(root, "Kconfig", top);
    git(root, &["init", "-q", "-b", "main"]);
    commit(root, "Begin");
    folder
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder is made");
    fs::write(path, text).expect("a file is written");
}

fn driver(root: &Path, text: &str) {
    write(root, "drivers/Kconfig", &format!("{HELPER}{text}"));
}

fn environment(command: &mut Command) -> &mut Command {
    let folder = Path::new(PROGRAM).parent().expect("a folder");
    let path = std::env::var("PATH").unwrap_or_default();
    command
        .env("PATH", format!("{}:{path}", folder.display()))
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
        .env("GIT_AUTHOR_NAME", "A")
        .env("GIT_AUTHOR_EMAIL", "a@example.org")
        .env("GIT_COMMITTER_NAME", "A")
        .env("GIT_COMMITTER_EMAIL", "a@example.org")
}

fn git(root: &Path, arguments: &[&str]) -> String {
    let output = environment(Command::new("git").current_dir(root).args(arguments))
        .output()
        .expect("git runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "git {arguments:?}: {said}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn commit(root: &Path, subject: &str) -> String {
    git(root, &["add", "-A"]);
    git(root, &["commit", "-q", "-m", subject]);
    git(root, &["rev-parse", "HEAD"])
}

fn lint(root: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    command.current_dir(root).args(arguments);
    environment(&mut command)
        .output()
        .expect("kconfig-lint runs")
}

fn shell(root: &Path, script: &str, variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new("bash");
    command.current_dir(root).args(["-e", "-c", script]);
    let variables = variables.iter().copied();
    environment(&mut command)
        .envs(variables)
        .output()
        .expect("bash runs")
}

fn said(output: &Output) -> String {
    let texts = [&output.stdout, &output.stderr];
    texts
        .map(|text| String::from_utf8_lossy(text).into_owned())
        .concat()
}

/// The blocks of a part of the page.
fn blocks(part: &str) -> Vec<String> {
    let start = PAGE
        .find(&format!("\n## {part}\n"))
        .expect("the part is on the page");
    let rest = &PAGE[start + 4..];
    let rest = &rest[..rest.find("\n## ").unwrap_or(rest.len())];
    let blocks = rest.split("```").skip(1).step_by(2);
    blocks
        .filter_map(|block| block.split_once('\n').map(|(_, text)| text.to_owned()))
        .collect()
}

/// The last script in a YAML file that is written as a block.
fn script(yaml: &str) -> String {
    let at = yaml.rfind("|\n").expect("the file has a script");
    let lines = yaml[at + 2..].lines();
    let indent = lines
        .clone()
        .next()
        .map_or(0, |line| line.len() - line.trim_start().len());
    let own = lines.take_while(|line| line.len() - line.trim_start().len() >= indent);
    own.map(|line| format!("{}\n", &line[indent..])).collect()
}

#[test]
fn init_writes_settings_once_and_prints_the_hooks_of_the_page() {
    let folder = repository();
    let root = folder.path();
    let first = lint(root, &["init", "drivers"]);
    assert_eq!(first.status.code(), Some(0), "{}", said(&first));
    let words = said(&first);
    for part in ["A git hook", "pre-commit", "b4"] {
        for line in blocks(part).iter().flat_map(|block| block.lines()) {
            assert!(words.contains(line), "{line} is not in {words}");
        }
    }
    let path = root.join("kconfig-lint.toml");
    let text = fs::read_to_string(&path).expect("it is written");
    let uncommented = text.lines().map(|line| {
        let bare = line.strip_prefix("# ").unwrap_or(line);
        let is_toml = bare.starts_with('[') || bare.contains(" = ");
        format!("{}\n", if is_toml { bare } else { line })
    });
    assert_eq!(lint(root, &["check"]).status.code(), Some(0));
    fs::write(&path, uncommented.collect::<String>()).expect("it is written");
    // A policy on symbols that the tree lacks: the settings are understood.
    let all = lint(root, &["check"]);
    assert_eq!(all.status.code(), Some(0), "{}", said(&all));
    fs::write(&path, "# mine\n").expect("it is written");
    let second = lint(root, &["init"]);
    assert_eq!(second.status.code(), Some(2));
    assert!(said(&second).contains("exists already"));
    assert_eq!(fs::read_to_string(&path).expect("it is there"), "# mine\n");
}

#[test]
fn merged_architectures_are_the_whole_run() {
    let folder = repository();
    let root = folder.path();
    let two = "config OTHER\n\tbool \"other\"\n\tdepends on TWO\n\tselect HELPER\n";
    driver(root, &format!("{BAD}{two}"));
    let find = |report: &str| {
        let report: Value = serde_json::from_str(report).expect("JSON");
        let findings = report["findings"].as_array().expect("findings").clone();
        let all: Vec<_> = findings
            .iter()
            .map(|it| {
                (
                    it["fingerprint"].clone(),
                    it["architectures"].clone(),
                    it["line"].clone(),
                )
            })
            .collect();
        (all, report)
    };
    let mut run = Vec::new();
    for arch in ["one", "two"] {
        let output = lint(root, &["--arch", arch, "--format", "json"]);
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        let path = format!("{arch}.json");
        fs::write(root.join(&path), &output.stdout).expect("it is written");
        run.push(path);
    }
    let whole = lint(root, &["--format", "json"]);
    let merged = lint(root, &["merge", &run[0], &run[1]]);
    assert_eq!(merged.status.code(), Some(1), "{}", said(&merged));
    let (expected, _) = find(&String::from_utf8_lossy(&whole.stdout));
    let (found, report) = find(&String::from_utf8_lossy(&merged.stdout));
    assert_eq!(found, expected);
    assert_eq!(report["architectures"], serde_json::json!(["one", "two"]));
    assert_eq!(report["summary"]["levels"]["error"], found.len());
    assert_fits(kconfig_lint::report::SCHEMA, &report);
    let fixes = report["findings"].as_array().into_iter().flatten();
    let mut fixes = fixes.flat_map(|it| it["fixes"].as_array().cloned().unwrap_or_default());
    assert!(fixes.all(|fix| fix["applicability"] != "machine-applicable"));
    // A report merged with itself is itself.
    fs::write(root.join("whole.json"), &whole.stdout).expect("it is written");
    let again = lint(root, &["merge", "whole.json", "whole.json"]);
    assert_eq!(again.stdout, lint(root, &["merge", "whole.json"]).stdout);
    assert_eq!(find(&String::from_utf8_lossy(&again.stdout)).0, expected);
}

#[test]
fn merged_sarif_is_sarif_and_reports_do_not_mix() {
    let folder = repository();
    let root = folder.path();
    driver(root, BAD);
    for (name, arguments) in [
        ("one.sarif", ["--arch", "one", "--format", "sarif"]),
        ("two.sarif", ["--arch", "two", "--format", "sarif"]),
        ("one.json", ["--arch", "one", "--format", "json"]),
    ] {
        fs::write(root.join(name), lint(root, &arguments).stdout).expect("it is written");
    }
    let merged = lint(root, &["merge", "one.sarif", "two.sarif"]);
    assert_eq!(merged.status.code(), Some(1), "{}", said(&merged));
    let report: Value = serde_json::from_slice(&merged.stdout).expect("JSON");
    let results = report["runs"][0]["results"].as_array().expect("results");
    assert_eq!(results.len(), 1);
    let names = &results[0]["properties"]["architectures"];
    assert_eq!(*names, serde_json::json!(["one", "two"]));
    let mixed = lint(root, &["merge", "one.sarif", "one.json"]);
    assert_eq!(mixed.status.code(), Some(2));
    assert!(said(&mixed).contains("one.json: JSON and SARIF reports cannot be mixed"));
    fs::write(root.join("other.json"), "{\"version\": 7}").expect("it is written");
    let other = lint(root, &["merge", "other.json"]);
    assert_eq!(other.status.code(), Some(2));
    assert!(said(&other).contains("other.json: this is no report of kconfig-lint"));
    assert_eq!(
        lint(root, &["merge", "missing.json"]).status.code(),
        Some(2)
    );
}

/// The bad driver is not committed, and then the good one is; what that says.
fn commit_bad_then_good(root: &Path, variables: &[(&str, &str)]) -> String {
    driver(root, BAD);
    let bad = shell(root, "git add -A && git commit -q -m bad", variables);
    assert!(!bad.status.success());
    assert!(
        said(&bad).contains("DRIVER selects HELPER"),
        "{}",
        said(&bad)
    );
    driver(root, GOOD);
    let good = shell(root, "git add -A && git commit -q -m good", variables);
    assert!(good.status.success(), "{}", said(&good));
    said(&good)
}

#[test]
fn the_git_hook_blocks_and_passes() {
    let folder = repository();
    let root = folder.path();
    let hook = root.join(".git/hooks/pre-commit");
    write(root, ".git/hooks/pre-commit", &blocks("A git hook")[0]);
    let made = shell(root, "chmod +x .git/hooks/pre-commit", &[]);
    assert!(made.status.success() && hook.exists());
    commit_bad_then_good(root, &[]);
}

#[test]
fn fixes_of_what_is_staged_go_to_the_work_tree() {
    let folder = repository();
    let root = folder.path();
    let old = "config OLD\n\tbool \"old\"\n\tselect HELPER\n\n";
    driver(root, old);
    commit(root, "An old finding");
    driver(root, &format!("{old}{BAD}"));
    git(root, &["add", "-A"]);
    let staged = git(root, &["write-tree"]);
    // A file that is not what was staged stays as it is.
    let other = format!("{HELPER}{old}{BAD}# not staged\n");
    write(root, "drivers/Kconfig", &other);
    let refused = lint(root, &["--staged", "--fix"]);
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    let read = || fs::read_to_string(root.join("drivers/Kconfig")).expect("it is there");
    assert_eq!(read(), other);

    driver(root, &format!("{old}{BAD}"));
    let shown = lint(root, &["--staged", "--diff"]);
    assert_eq!(shown.status.code(), Some(1), "{}", said(&shown));
    assert!(
        said(&shown).contains("+\tdepends on MMU\n"),
        "{}",
        said(&shown)
    );
    let fixed = lint(root, &["--staged", "--fix"]);
    // What would be committed is still what was staged.
    assert_eq!(fixed.status.code(), Some(1), "{}", said(&fixed));
    assert_eq!(git(root, &["write-tree"]), staged);
    assert_eq!(read(), format!("{HELPER}{old}{GOOD}"));
    git(root, &["add", "-A"]);
    for arguments in [&["--staged"][..], &["--staged", "--fix"]] {
        let again = lint(root, arguments);
        assert_eq!(again.status.code(), Some(0), "{}", said(&again));
    }
}

#[test]
fn b4_gives_each_patch_on_standard_input() {
    let folder = repository();
    let root = folder.path();
    let before = git(root, &["rev-parse", "HEAD"]);
    driver(root, BAD);
    commit(root, "Add a driver");
    let set = shell(root, &blocks("b4")[0], &[]);
    assert!(set.status.success(), "{}", said(&set));
    // What b4 does: the command is split at blanks and gets the patch, in the series' work tree.
    let check = "git format-patch --stdout \"$BEFORE\" |\n\
                 $(git config b4.prep-perpatch-check-cmd)";
    let bad = shell(root, check, &[("BEFORE", &before)]);
    assert_eq!(bad.status.code(), Some(1), "{}", said(&bad));
    assert!(said(&bad).contains("DRIVER selects HELPER"));
}

#[test]
fn the_github_action_judges_a_pull_request() {
    let folder = repository();
    let root = folder.path();
    let script = script(include_str!("../action.yml"));
    let base = git(root, &["rev-parse", "HEAD"]);
    driver(root, BAD);
    let bad = commit(root, "Add a driver");
    driver(root, GOOD);
    let good = commit(root, "Mend it");
    let zeros = "0".repeat(40);
    for (base, head, status) in [(&base, &bad, 1), (&bad, &good, 0), (&zeros, &bad, 1)] {
        let variables = [
            ("BASE", base.as_str()),
            ("HEAD", head.as_str()),
            ("TREE", "."),
            ("ARGUMENTS", "-q"),
            ("RUNNER_TEMP", "/nonexistent"),
        ];
        let output = shell(root, &script, &variables);
        assert_eq!(output.status.code(), Some(status), "{}", said(&output));
        let annotates = said(&output).contains("::error ");
        assert_eq!(annotates, status == 1, "{}", said(&output));
    }
}

#[test]
fn the_gitlab_job_leaves_a_report() {
    let folder = repository();
    let root = folder.path();
    let base = git(root, &["rev-parse", "HEAD"]);
    driver(root, BAD);
    let head = commit(root, "Add a driver");
    let yaml = include_str!("../docs/gitlab-ci.yml");
    let variables = [
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", base.as_str()),
        ("CI_COMMIT_SHA", head.as_str()),
    ];
    let output = shell(root, &script(yaml), &variables);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let report = fs::read(root.join("gl-code-quality-report.json")).expect("a report");
    let report: Value = serde_json::from_slice(&report).expect("JSON");
    assert_eq!(report.as_array().map(Vec::len), Some(1));
}

#[test]
fn the_make_line_lints_the_tree() {
    let folder = repository();
    let root = folder.path();
    write(
        root,
        "lint.mk",
        &format!("srctree := .\nQ := @\n{}", blocks("make")[0]),
    );
    let make = "make -s -f lint.mk kconfig-lint";
    assert!(shell(root, make, &[]).status.success());
    driver(root, BAD);
    let bad = shell(root, make, &[("KCONFIG_LINT_FLAGS", "--format short")]);
    assert!(!bad.status.success());
    assert!(said(&bad).contains("drivers/Kconfig:"), "{}", said(&bad));
}

#[test]
fn the_farm_recipes_give_one_report() {
    let folder = repository();
    let root = folder.path();
    git(root, &["tag", "v6.11"]);
    driver(root, BAD);
    let bad = commit(root, "Add a driver");
    git(root, &["tag", "v6.12"]);
    // GNU parallel, as far as the recipes use it.
    let parallel = "parallel() {\n\
                    local command=$1; shift\n\
                    if [ $# -gt 0 ]; then shift; printf '%s\\n' \"$@\"; else cat; fi |\n\
                    while read -r it; do bash -c \"${command//\\{\\}/$it}\" || true; done\n}\n";
    for (at, script) in blocks("Farms").iter().enumerate() {
        let script = format!("rm -f *.json\n{parallel}{script}");
        let output = shell(root, &script, &[("ARCHITECTURES", "one two")]);
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        let report = fs::read(root.join("report.json")).expect("a report");
        let report: BTreeMap<String, Value> = serde_json::from_slice(&report).expect("JSON");
        let findings = report["findings"].as_array().expect("findings");
        assert_eq!(findings.len(), 1);
        assert_eq!(
            findings[0]["architectures"],
            serde_json::json!(["one", "two"])
        );
        let commit = [Value::Null, Value::from(bad.as_str())];
        assert_eq!(findings[0]["commit"], commit[at]);
    }
}

/// The program itself, from the package registry.
#[cfg(feature = "kernel-tests")]
#[test]
fn pre_commit_blocks_and_passes() {
    let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pre-commit");
    let program = tools.join("bin/pre-commit");
    if !program.exists() {
        let install = format!(
            "python3 -m venv '{0}' && '{0}/bin/pip' install -q pre-commit",
            tools.display()
        );
        let output = shell(Path::new("/"), &install, &[]);
        assert!(output.status.success(), "{}", said(&output));
    }
    let folder = repository();
    let root = folder.path();
    write(root, ".pre-commit-config.yaml", &blocks("pre-commit")[0]);
    commit(root, "Configure");
    let home = tempfile::tempdir().expect("a temporary folder");
    let home = home.path().to_string_lossy();
    let variables = [("PRE_COMMIT_HOME", &*home)];
    let install = format!("'{}' install", program.display());
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/.pre-commit-hooks.yaml");
    let validate = format!("'{}' validate-manifest '{manifest}'", program.display());
    let valid = shell(root, &validate, &variables);
    assert!(valid.status.success(), "{}", said(&valid));
    let installed = shell(root, &install, &variables);
    assert!(installed.status.success(), "{}", said(&installed));
    let good = commit_bad_then_good(root, &variables);
    assert!(good.contains("Passed"), "{good}");

    let fixes = blocks("pre-commit")[0].replace("--staged", "--staged --fix");
    write(root, ".pre-commit-config.yaml", &fixes);
    driver(root, "");
    commit(root, "Configure fixes");
    driver(root, BAD);
    let fixed = shell(root, "git add -A && git commit -q -m bad", &variables);
    assert!(!fixed.status.success());
    assert!(
        said(&fixed).contains("files were modified by this hook"),
        "{}",
        said(&fixed)
    );
    let again = shell(root, "git add -A && git commit -q -m good", &variables);
    assert!(again.status.success(), "{}", said(&again));
    let text = fs::read_to_string(root.join("drivers/Kconfig")).expect("it is there");
    assert_eq!(text, format!("{HELPER}{GOOD}"));
}
