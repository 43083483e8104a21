// SPDX-License-Identifier: MIT OR Apache-2.0
//! `commit-message` on repositories that the test makes: the style of the subjects, the
//! commit that broke it, and what is said where the history does not tell. Nothing that a
//! repository configures is ever run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const HELPER: &str = "config MMU\n\tbool \"MMU\"\n\nconfig HELPER\n\tbool\n";
const DRIVER: &str = "config PANEL\n\tbool \"panel\"\n";

/// A repository with fixed names and dates.
struct Repository {
    folder: tempfile::TempDir,
    hour: u32,
}

impl Repository {
    fn new() -> Repository {
        let folder = tempfile::tempdir().expect("a folder");
        let mut repository = Repository { folder, hour: 0 };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository.write("Kconfig", "source \"helper\"\nsource \"driver\"\n");
        repository.write("helper", HELPER);
        repository.write("driver", DRIVER);
        repository.commit("panel: Start");
        repository
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).expect("a file");
    }

    fn commit(&mut self, subject: &str) -> String {
        self.hour += 1;
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", subject]);
        let name = self.git(&["rev-parse", "HEAD"]);
        name.trim()[..12].to_owned()
    }

    fn git(&self, arguments: &[&str]) -> String {
        let date = format!("2024-01-01T{:02}:00:00Z", self.hour);
        let output = Command::new("git")
            .args(arguments)
            .current_dir(self.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .envs([
                ("GIT_AUTHOR_NAME", "A"),
                ("GIT_AUTHOR_EMAIL", "a@example.org"),
            ])
            .envs([
                ("GIT_COMMITTER_NAME", "A"),
                ("GIT_COMMITTER_EMAIL", "a@example.org"),
            ])
            .envs([("GIT_AUTHOR_DATE", &date), ("GIT_COMMITTER_DATE", &date)])
            .output()
            .expect("git starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {said}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// The dependency comes with the first name, the select with the second.
    fn with_both(first: &str, second: &str) -> (Repository, [String; 2]) {
        let mut repository = Repository::new();
        let commits = [first, second].map(|which| {
            match which {
                "depends" => repository.write("helper", &format!("{HELPER}\tdepends on MMU\n")),
                _ => repository.write("driver", &format!("{DRIVER}\tselect HELPER\n")),
            }
            repository.commit(&format!("panel: Add {which}"))
        });
        (repository, commits)
    }
}

fn message(folder: &Path) -> (String, String) {
    let output = run(folder);
    assert!(output.status.success(), "{output:?}");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (text(output.stdout), text(output.stderr))
}

fn run(folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kconfig-lint"))
        .args(["commit-message", "--tree", "generic"])
        .arg(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .env("GIT_CEILING_DIRECTORIES", folder.parent().unwrap_or(folder))
        .output()
        .expect("the program starts")
}

#[test]
fn what_came_later_broke_it() {
    let (repository, [_, select]) = Repository::with_both("depends", "select");
    let (text, said) = message(repository.path());
    let expected = format!(
        "panel: Make PANEL depend on MMU\n\n\
         PANEL selects HELPER, which depends on MMU. A select does not look at\n\
         dependencies, so PANEL can be enabled while MMU is off. Kconfig then warns:\n\n\
         WARNING: unmet direct dependencies detected for HELPER\n\
         \x20 Depends on [n]: MMU [=n]\n\
         \x20 Selected by [y]:\n\
         \x20 - PANEL [=y]\n\n\
         Let PANEL depend on MMU.\n\n\
         Fixes: {select} (\"panel: Add select\")\n"
    );
    assert_eq!((text, said), (expected, String::new()));

    let (repository, [_, depends]) = Repository::with_both("select", "depends");
    let (text, _) = message(repository.path());
    let end = format!("\n\nFixes: {depends} (\"panel: Add depends\")\n");
    assert!(text.ends_with(&end), "{text}");
}

#[test]
fn lines_move_and_blank_space_changes_nothing() {
    let (mut repository, [_, select]) = Repository::with_both("depends", "select");
    repository.write("driver", &format!("# moved\n{DRIVER}\n    select HELPER\n"));
    repository.commit("treewide: reindent");
    // What is not committed may move lines too.
    let text = format!("# not\n# committed\n# moved\n{DRIVER}\n    select HELPER\n");
    repository.write("driver", &text);
    let (text, said) = message(repository.path());
    assert!(
        text.contains(&format!("Fixes: {select} ")),
        "{text}\n{said}"
    );
}

#[test]
fn a_line_that_is_not_committed_has_no_culprit() {
    let (repository, _) = Repository::with_both("depends", "depends-not");
    let mut text = DRIVER.to_owned();
    text.push_str("\tselect HELPER if y\n");
    repository.write("driver", &text);
    let (text, said) = message(repository.path());
    assert!(!text.contains("Fixes:"), "{text}");
    assert!(
        said.contains("driver:3 is not committed as it stands"),
        "{said}"
    );
}

#[test]
fn the_end_of_a_history_is_no_culprit() {
    let (mut repository, [_, select]) = Repository::with_both("depends", "select");
    repository.write("other", "");
    repository.commit("panel: Add something else");
    let clone = repository.path().join("shallow");
    let from = format!("file://{}", repository.path().display());
    let to = clone.display().to_string();
    repository.git(&["clone", "--quiet", "--depth=2", &from, &to]);
    let (text, said) = message(&clone);
    assert!(!text.contains("Fixes:"), "{text}");
    let words = format!("the history ends at {select} (\"panel: Add select\")");
    assert!(said.contains(&words), "{said}");
}

#[test]
fn a_tree_without_history_has_a_message_too() {
    let (repository, _) = Repository::with_both("depends", "select");
    fs::remove_dir_all(repository.path().join(".git")).expect("a folder");
    let (text, said) = message(repository.path());
    assert!(text.starts_with("Make PANEL depend on MMU\n\n"), "{text}");
    assert!(said.contains("lies in no git repository"), "{said}");
}

/// Everything by which a repository could have a program run leaves a mark.
#[test]
#[cfg(unix)]
fn nothing_that_a_repository_configures_is_run() {
    use std::os::unix::fs::PermissionsExt;
    let (mut repository, [_, select]) = Repository::with_both("depends", "select");
    let outside = tempfile::tempdir().expect("a folder");
    let marks = outside.path().join("marks");
    fs::create_dir(&marks).expect("a folder");
    let script = |name: &str| -> PathBuf {
        let path = outside.path().join(name);
        let text = format!("#!/bin/sh\ntouch {}/{name}\ncat\n", marks.display());
        fs::write(&path, text).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a mode");
        path
    };
    repository.write(".gitattributes", "* diff=evil filter=evil\n");
    repository.write("driver", &format!("# touched\n{DRIVER}\tselect HELPER\n"));
    repository.commit("panel: touch");
    for (setting, name) in [
        ("diff.evil.textconv", "textconv"),
        ("diff.evil.command", "command"),
        ("filter.evil.clean", "clean"),
        ("filter.evil.smudge", "smudge"),
        ("filter.evil.process", "process"),
        ("diff.external", "external"),
        ("core.pager", "pager"),
        ("pager.log", "pager-log"),
        ("pager.blame", "pager-blame"),
        ("core.fsmonitor", "fsmonitor"),
        ("gpg.program", "gpg"),
        ("core.sshCommand", "ssh"),
        ("alias.log", "alias"),
    ] {
        let program = script(name).display().to_string();
        repository.git(&["config", setting, &program]);
    }
    repository.git(&["config", "log.showSignature", "true"]);
    let hooks = outside.path().join("hooks");
    fs::create_dir(&hooks).expect("a folder");
    for hook in [
        "post-index-change",
        "reference-transaction",
        "post-checkout",
    ] {
        let path = script(hook);
        fs::copy(&path, hooks.join(hook)).expect("a file");
    }
    repository.git(&["config", "core.hooksPath", &hooks.display().to_string()]);
    repository.write(
        "driver",
        &format!("# touched\n# again\n{DRIVER}\tselect HELPER\n"),
    );
    // Making the repository may have left marks.
    for mark in fs::read_dir(&marks).expect("a folder") {
        fs::remove_file(mark.expect("an entry").path()).expect("a file");
    }
    let (text, said) = message(repository.path());
    assert!(
        text.contains(&format!("Fixes: {select} ")),
        "{text}\n{said}"
    );
    let left: Vec<_> = fs::read_dir(&marks).expect("a folder").collect();
    assert!(left.is_empty(), "{left:?}");
}
