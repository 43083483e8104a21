// SPDX-License-Identifier: MIT OR Apache-2.0
//! Small faults at the edges: wrong values, reports that are none, output that nobody takes, names
//! that are no text.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

const UNMET: &str = "config MMU\n\tbool \"MMU\"\n\nconfig T\n\tbool\n\tdepends on MMU\n\n\
                     config S\n\tbool \"S\"\n\tselect T\n";

/// Brings a finding to that tree.
const PATCH: &str = "--- a/Kconfig\n+++ b/Kconfig\n@@ -8,3 +8,7 @@\n config S\n \tbool \"S\"\n \
                     \tselect T\n+\n+config U\n+\tbool \"U\"\n+\tselect T\n";

fn tree(kconfig: impl AsRef<[u8]>) -> TempDir {
    let tree = tempfile::tempdir().expect("a folder");
    fs::write(tree.path().join("Kconfig"), kconfig).expect("a file");
    tree
}

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kconfig-lint"));
    command.args(arguments).stdin(Stdio::null());
    for name in ["CI", "GITHUB_ACTIONS"] {
        command.env_remove(name);
    }
    command
}

/// Exit status, standard output and standard error.
fn run(command: &mut Command) -> (Option<i32>, Vec<u8>, String) {
    let output = command.output().expect("the program starts");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), output.stdout, errors)
}

#[test]
fn wrong_values_say_what_is_right() {
    for (arguments, words) in [
        (&["-j", "0"][..], "write a number of threads, 1 or more"),
        (&["-j", "many"], "write a number of threads, 1 or more"),
        (
            &["--arch", ""],
            "name an architecture, or leave the option out",
        ),
        (
            &["--arch", ","],
            "name an architecture, or leave the option out",
        ),
        (
            &["--arch", "arm,"],
            "name an architecture, or leave the option out",
        ),
    ] {
        let (status, _, said) = run(&mut program(arguments));
        assert_eq!(status, Some(2), "{arguments:?}");
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn a_mistyped_name_gets_the_one_that_was_probably_meant() {
    let tree = tree(UNMET);
    let path = tree.path().to_str().expect("UTF-8");
    for (arguments, words) in [
        (
            &["chek"][..],
            "error: no such file or folder: chek, and no command of this name; did you mean \
             `check`?\n",
        ),
        (
            &["commitmessage", "."],
            "and no command of this name; did you mean `commit-message`?\n",
        ),
        (
            &["drivers"],
            "error: no such file or folder: drivers, and no command of this name\n",
        ),
        (&["check", "chek"], "error: cannot read chek: "),
        (&["./chek"], "error: cannot read ./chek: "),
        (&["explain", "polici"], "did you mean `policy`?"),
        (
            &["-A", "unmet-dependancy"],
            "did you mean `unmet-dependency`?",
        ),
        (&["why", "MUM", path], "did you mean `MMU`?"),
        (&["graph", "MUM", path], "did you mean `MMU`?"),
    ] {
        let (status, _, said) = run(program(arguments).current_dir(tree.path()));
        assert_eq!(status, Some(2), "{arguments:?}");
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
}

#[test]
fn a_text_for_an_unknown_symbol_is_refused() {
    let tree = tree(UNMET);
    let ran = |words: &[&str], symbol: &str| {
        let mut command = program(words);
        command.args(["--symbol", symbol]).arg(tree.path());
        run(&mut command)
    };
    for words in [&["commit-message"][..], &["fix", "--commit-message"]] {
        let (status, stdout, said) = ran(words, "MUM");
        assert_eq!((status, stdout), (Some(2), Vec::new()), "{words:?}");
        let wanted = "error: no architecture defines a symbol MUM; did you mean `MMU`?\n";
        assert!(said.ends_with(wanted), "{said}");

        let (status, stdout, said) = ran(words, "MMU");
        assert_eq!((status, stdout), (Some(0), Vec::new()), "{words:?}");
        assert!(said.ends_with("no such finding\n"), "{said}");

        let (status, stdout, said) = ran(words, "CONFIG_S");
        assert_eq!(status, Some(0), "{words:?}: {said}");
        assert!(!stdout.is_empty(), "{said}");
    }
    let (_, help, _) = run(&mut program(&["--help"]));
    let help = String::from_utf8(help).expect("UTF-8");
    let is_listed = |name: &str| help.lines().any(|line| line.trim().starts_with(name));
    assert!(is_listed("commit-message "), "{help}");
    assert!(!is_listed("fix "), "{help}");
}

#[test]
fn a_condition_may_be_written_with_the_prefix() {
    let tree = tree(UNMET);
    let answer = |condition: &str| {
        let mut command = program(&["why", "CONFIG_S", "--while", condition]);
        let (status, stdout, said) = run(command.arg(tree.path()));
        assert_eq!(status, Some(0), "{condition}: {said}");
        let answer = String::from_utf8(stdout).expect("UTF-8");
        answer.replace("CONFIG_", "")
    };
    for (prefixed, bare) in [
        ("CONFIG_MMU=n", "MMU=n"),
        (
            "!CONFIG_MMU && (T || CONFIG_T = MMU)",
            "!MMU && (T || T = MMU)",
        ),
    ] {
        assert_eq!(answer(prefixed), answer(bare));
    }
    let mut wrong = program(&["why", "S", "--while", "CONFIG_MUM=n"]);
    let (status, _, said) = run(wrong.arg(tree.path()));
    assert_eq!(status, Some(2));
    assert!(said.contains("a symbol MUM; did you mean `MMU`?"), "{said}");
}

#[test]
fn a_caret_shows_where_an_expression_is_broken() {
    let tree = tree(UNMET);
    let mut wrong = program(&["why", "S", "--while", "MMU & T"]);
    let (status, _, said) = run(wrong.arg(tree.path()));
    assert_eq!(status, Some(2));
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].starts_with("error: --while: "), "{said}");
    assert!(lines[0].contains("did you mean `&&`?"), "{said}");
    assert_eq!(lines[1..], ["  MMU & T", "      ^"], "{said}");

    let settings = "[[policy]]\nname = \"x\"\nselectors-of = \"T\"\nrequire = \"MMU & T\"\n";
    fs::write(tree.path().join("kconfig-lint.toml"), settings).expect("a file");
    let (status, _, said) = run(program(&["check"]).arg(tree.path()));
    assert_eq!(status, Some(2));
    let lines: Vec<&str> = said.lines().collect();
    let place = "error: kconfig-lint.toml:4:16: `require`: ";
    assert!(lines[0].starts_with(place), "{said}");
    assert_eq!(lines[1..], ["  MMU & T", "      ^"], "{said}");
}

#[test]
fn a_policy_about_an_unknown_symbol_is_placed_in_the_settings() {
    for (target, require, line) in [
        (
            "TT",
            "MMU",
            "kconfig-lint.toml:3:16: warning: policy x does nothing: no architecture defines a \
             symbol TT; did you mean `T`?",
        ),
        (
            "T",
            "MUM",
            "kconfig-lint.toml:4:11: warning: policy x does nothing: no architecture defines a \
             symbol MUM; did you mean `MMU`?",
        ),
    ] {
        let tree = tree(UNMET);
        let settings = format!(
            "[[policy]]\nname = \"x\"\nselectors-of = \"{target}\"\nrequire = \"{require}\"\n"
        );
        fs::write(tree.path().join("kconfig-lint.toml"), settings).expect("a file");
        let (status, stdout, said) = run(program(&["check"]).arg(tree.path()));
        assert_eq!(status, Some(1), "{said}");
        let stdout = String::from_utf8(stdout).expect("UTF-8");
        assert!(stdout.contains(line), "{stdout}");
    }
}

/// The line that shows a finding again works where it was printed, by whatever path the program was
/// called.
#[cfg(unix)]
#[test]
fn the_printed_command_reproduces_the_finding() {
    let folder = tempfile::tempdir().expect("a folder");
    let top = folder.path();
    fs::create_dir_all(top.join("the tree")).expect("a folder");
    fs::create_dir(top.join("bin")).expect("a folder");
    fs::write(top.join("the tree/Kconfig"), UNMET).expect("a file");
    let built = env!("CARGO_BIN_EXE_kconfig-lint");
    std::os::unix::fs::symlink(built, top.join("bin/kconfig-lint")).expect("a link");
    let shell = |line: &str| {
        let mut command = Command::new("sh");
        run(command.args(["-c", line]).current_dir(top))
    };
    for called in ["bin/kconfig-lint", "./bin/kconfig-lint", built] {
        let (status, report, said) = shell(&format!("'{called}' 'the tree' --format human"));
        assert_eq!(status, Some(1), "{said}");
        let report = String::from_utf8(report).expect("UTF-8");
        let (_, line) = report.split_once("= reproduce: ").expect("a command");
        let line = line.lines().next().expect("a line");
        let (status, again, said) = shell(line);
        assert_eq!(status, Some(1), "{line}: {said}");
        assert!(!again.is_empty(), "{line}");
        let written = top.join("out");
        assert!(written.is_dir(), "{line}");
        fs::remove_dir_all(written).expect("removed");
    }
}

#[test]
fn what_is_no_report_is_not_merged() {
    let folder = tempfile::tempdir().expect("a folder");
    let other = r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"results":[]}]}"#;
    for (text, words) in [
        (
            "",
            "the file is empty: the run that should have written it failed",
        ),
        (" \n", "the file is empty"),
        ("hello", "this is no JSON"),
        (
            "{}",
            "this is no report of kconfig-lint in this version; merge takes what",
        ),
        (other, "this is no report of kconfig-lint in this version"),
    ] {
        let file = folder.path().join("report.json");
        fs::write(&file, text).expect("a file");
        let (status, stdout, said) = run(program(&["merge"]).arg(&file));
        assert_eq!((status, stdout), (Some(2), Vec::new()), "{text}");
        assert!(said.contains("report.json: "), "{said}");
        assert!(said.contains(words), "{said}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_cannot_be_written_is_a_failure() {
    let tree = tree(UNMET);
    let patch = tree.path().join("series.patch");
    fs::write(&patch, PATCH).expect("a file");
    let patch = patch.to_str().expect("UTF-8");
    let tree = tree.path().to_str().expect("UTF-8");
    for arguments in [
        &["check", tree][..],
        &["check", "--format", "json", tree],
        &["check", "--format", "human", tree],
        &["check", "--format", "human", "--patch", patch, tree],
        &["check", "--diff", "--fix-unsafe", tree],
        &["graph", "T", tree],
        &["why", "T", tree],
        &["toolchain", tree],
        &["commit-message", tree],
        &["rules"],
        &["explain", "unmet-dependency"],
        &["--help"],
        &["check", "-h"],
        &["--version"],
    ] {
        let full = fs::File::options()
            .write(true)
            .open("/dev/full")
            .expect("a device");
        let (status, _, said) = run(program(arguments).stdout(full));
        assert_eq!(status, Some(2), "{arguments:?}: {said}");
        assert!(
            said.contains("error: cannot write to standard output: "),
            "{said}"
        );

        let mut closing = program(arguments);
        closing.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = closing.spawn().expect("the program starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("the program ends");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let status = output.status.code();
        assert!(matches!(status, Some(0 | 1)), "{arguments:?}: {status:?}");
        assert!(!said.contains("error: "), "{said}");
    }
}

#[cfg(unix)]
#[test]
fn a_source_whose_name_is_no_utf8_is_not_called_missing() {
    use std::os::unix::ffi::OsStrExt;
    let tree = tree(b"source \"a\xff/Kconfig\"\nconfig A\n\tbool \"a\"\n");
    let folder = tree.path().join(std::ffi::OsStr::from_bytes(b"a\xff"));
    // Some file systems take no such name; then the file is missing, and still called unreadable.
    if fs::create_dir(&folder).is_ok() {
        fs::write(folder.join("Kconfig"), "config B\n\tbool \"b\"\n").expect("a file");
    }
    let (status, stdout, _) = run(program(&["check"]).arg(tree.path()));
    let said = String::from_utf8(stdout).expect("UTF-8");
    assert_eq!(status, Some(1));
    let words = "Kconfig:1:8: error: cannot read \"a\u{fffd}/Kconfig\": the path is not UTF-8";
    assert!(said.starts_with(words), "{said}");
}

/// Escapes, overrides and commands in the arguments, which messages about them repeat.
#[test]
fn messages_about_arguments_are_harmless() {
    for odd in ["\u{1b}[2J", "x\n::error::y", "\u{202e}z", "##[group]"] {
        let option = format!("--{odd}");
        for arguments in [
            &["--format", odd][..],
            &["-j", odd],
            &[&option],
            &["explain", odd],
            &["--tree", odd],
            &["--env", odd],
            &["-D", odd],
            &["check", "--root", odd, odd],
            &["--git-dir", odd],
            &["--range", odd],
            &["--baseline", odd],
            &["merge", odd],
            &["why", "A", "--while", odd],
        ] {
            let (status, _, said) = run(&mut program(arguments));
            assert_eq!(status, Some(2), "{arguments:?}: {said}");
            for line in said.lines() {
                let control = line.chars().find(|letter| letter.is_control());
                assert_eq!(control, None, "{arguments:?}: {line:?}");
                let command = line.trim_start().starts_with("::") || line.contains("##[");
                assert!(
                    !command && !line.contains('\u{202e}'),
                    "{arguments:?}: {line:?}"
                );
            }
        }
    }
}

/// A tree whose fix stands beside an escape, a command and an override.
fn odd_tree() -> TempDir {
    let odd = "# \u{1b}]0;title\u{7} \u{202e}\n::error::x\n";
    tree(format!(
        "{UNMET}\thelp\n\t  {}",
        odd.replace('\n', "\n\t  ")
    ))
}

#[test]
fn a_diff_is_exact_for_tools_and_harmless_for_people() {
    let tree = odd_tree();
    let arguments = ["check", "--diff", "--fix-unsafe"];
    let (_, exact, _) = run(program(&arguments).arg(tree.path()));
    assert!(exact.contains(&0x1b), "the test shows nothing");
    for variable in ["CI", "GITHUB_ACTIONS"] {
        let (status, shown, said) = run(program(&arguments).arg(tree.path()).env(variable, "true"));
        assert_eq!(status, Some(1), "{said}");
        let shown = String::from_utf8(shown).expect("UTF-8");
        assert!(shown.contains("select T"), "{shown}");
        for line in shown.lines() {
            let control = line.chars().find(|it| it.is_control() && *it != '\t');
            assert_eq!(control, None, "{line:?}");
            assert!(!line.contains('\u{202e}'), "{line:?}");
            assert!(!line.trim_start().starts_with("::"), "{line:?}");
        }
        assert!(said.contains("for a patch, write it to a file"), "{said}");

        let place: PathBuf = tree.path().join("patch");
        let file = fs::File::create(&place).expect("a file");
        run(program(&arguments)
            .arg(tree.path())
            .env(variable, "true")
            .stdout(file));
        assert_eq!(fs::read(&place).expect("a file"), exact);
    }
}

/// `script` runs a command on a terminal.
#[cfg(target_os = "linux")]
#[test]
fn a_diff_on_a_terminal_holds_no_escape() {
    let tree = odd_tree();
    let program = env!("CARGO_BIN_EXE_kconfig-lint");
    let command = format!(
        "{program} check --diff --fix-unsafe {}",
        tree.path().display()
    );
    let output = Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .env("TERM", "xterm")
        .stdin(Stdio::null())
        .output()
        .expect("script starts");
    let shown = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(shown.contains("+\tdepends on MMU"), "{shown}");
    let odd = |letter: &char| letter.is_control() && !"\t\r\n".contains(*letter);
    assert_eq!(shown.chars().find(odd), None, "{shown:?}");
    assert!(!shown.contains('\u{202e}'), "{shown:?}");
}

/// A circle that conf folds away, next to what only the toolchain knows: no value hangs on itself, or
/// computing it would never end.
#[test]
fn a_circle_that_conf_folds_away_ends() {
    let text = "mainmenu \"small\"\n\nsuccess = $(shell,{ $(1); } && echo y || echo n)\n\n\
                choice\n\tprompt \"choice\"\n\nconfig A\n\tbool \"a\"\n\nconfig B\n\tbool \"b\"\n\nendchoice\n\n\
                config T\n\tbool \"t\"\n\tdepends on B\n\nconfig S\n\tbool\n\tdefault y\n\tselect T\n\n\
                menu \"m\"\n\tvisible if $(success,two) && S\n\n\
                config B\n\tprompt \"b\" if (A || !A)\n\nendmenu\n";
    let tree = tree(text);
    let path = tree.path().to_str().expect("a path");
    let (status, out, errors) = run(&mut program(&["--format", "short", path]));
    let out = String::from_utf8_lossy(&out).into_owned();
    assert_eq!(status, Some(1), "{errors}");
    assert!(out.contains("S selects T, which depends on B"), "{out}");
}
