// SPDX-License-Identifier: MIT OR Apache-2.0
//! Signals at any moment: a run that is interrupted leaves no temporary file, no half set of
//! changed files, no process and no folder. Neither do commands that put something into the
//! background.
//!
//! The tests ask for more runs with KCONFIG_LINT_INTERRUPTS=200.
#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// A machine that does other things as well needs its time.
const PATIENCE: Duration = Duration::from_secs(60);

const SIGNALS: [Signal; 3] = [Signal::INT, Signal::TERM, Signal::HUP];

/// A process of a test carries the test's folder in this variable, so it is found again.
const MARK: &str = "KCONFIG_LINT_TEST";

const UNMET: &str = "config MMU\n\tbool \"MMU\"\n\nconfig T\n\tbool\n\tdepends on MMU\n\n";

fn runs(usual: usize) -> usize {
    let wanted = std::env::var("KCONFIG_LINT_INTERRUPTS").ok();
    wanted.map_or(usual, |number| number.parse().expect("a number"))
}

/// The program with a folder of its own for temporary files.
struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new(kconfig: &str) -> Bench {
        let folder = tempfile::tempdir().expect("a folder");
        let bench = Bench { folder };
        for name in ["tree", "tmp", "bin", "started"] {
            fs::create_dir(bench.path(name)).expect("a folder");
        }
        fs::write(bench.path("tree/Kconfig"), kconfig).expect("a file");
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kconfig-lint"));
        let path = std::env::var("PATH").unwrap_or_default();
        command
            .args(arguments)
            .arg(self.path("tree"))
            .env(MARK, self.folder.path())
            .env("TMPDIR", self.path("tmp"))
            .env("PATH", format!("{}:{path}", self.path("bin").display()))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Shell commands that say that they run, and then run for ever: in the foreground, in the
    /// background, and in a session of their own.
    fn endless(&self) -> String {
        let quiet = ">/dev/null 2>&1";
        format!(
            "(setsid sleep 1000 {quiet} &); sleep 1000 {quiet} & touch '{}'; sleep 1000",
            self.path("started/now").display()
        )
    }

    /// Sends a signal once the endless commands run, and gives how the program ended.
    fn interrupt(&self, arguments: &[&str], signal: Signal) -> ExitStatus {
        let mut child = self.command(arguments).spawn().expect("the program starts");
        let started = self.path("started/now");
        wait_until("the command runs", || {
            assert_eq!(child.try_wait().expect("our own child"), None, "too early");
            started.exists()
        });
        send(&child, signal);
        let status = ended(&mut child);
        fs::remove_file(started).expect("a file");
        status
    }

    /// Asserts that nothing is left.
    #[track_caller]
    fn is_clean(&self) {
        assert_eq!(names(&self.path("tmp")), [""; 0]);
        // The kernel may still be at work on a process that was killed.
        wait_until("no process is left", || self.processes().is_empty());
    }

    /// The processes that run on behalf of this test, by number.
    fn processes(&self) -> Vec<String> {
        let mark = format!("{MARK}={}", self.folder.path().display());
        let all = names(Path::new("/proc")).into_iter();
        let ours = all.filter(|number| {
            let bytes = fs::read(format!("/proc/{number}/environ")).unwrap_or_default();
            bytes
                .split(|byte| *byte == 0)
                .any(|one| one == mark.as_bytes())
        });
        ours.collect()
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.collect()
}

#[track_caller]
fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "never: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn send(child: &Child, signal: Signal) {
    // Whoever is over already needs no signal.
    let _ = kill_process(Pid::from_child(child), signal);
}

#[track_caller]
fn ended(child: &mut Child) -> ExitStatus {
    let mut status = None;
    wait_until("the program ends", || {
        status = child.try_wait().expect("our own child");
        status.is_some()
    });
    status.expect("ended")
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Every file of a tree, by its path.
fn contents(tree: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = walkdir::WalkDir::new(tree).into_iter().flatten();
    let files = entries.filter(|entry| entry.file_type().is_file());
    // A file that goes while it is looked at is not there.
    let texts =
        files.filter_map(|file| Some((file.path().to_owned(), fs::read(file.path()).ok()?)));
    texts.collect()
}

fn has_temporary(tree: &Path) -> bool {
    let entries = walkdir::WalkDir::new(tree).into_iter().flatten();
    let mut names = entries.map(|entry| entry.file_name().to_owned());
    names.any(|name| name.as_encoded_bytes().starts_with(b".kconfig-lint-"))
}

/// A tree in which `--fix-unsafe` changes dozens of files, some of them big.
fn drivers() -> Bench {
    let sources = (0..24).map(|at| format!("source \"d{at}/Kconfig\"\n"));
    let bench = Bench::new(&(UNMET.to_owned() + &sources.collect::<String>()));
    restore(&bench);
    bench
}

fn restore(bench: &Bench) {
    for at in 0..24 {
        let folder = bench.path("tree").join(format!("d{at}"));
        let padding = "# padding\n".repeat(if at % 8 == 0 { 50_000 } else { 10 });
        let text = format!("config D{at}\n\tbool \"d\"\n\tselect T\n{padding}");
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("Kconfig"), text).expect("a file");
    }
}

#[test]
fn an_interrupted_fix_leaves_the_old_tree_or_the_new_one() {
    let bench = drivers();
    let tree = bench.path("tree");
    let old = contents(&tree);
    let arguments = ["--fix-unsafe", "-q"];
    let started = Instant::now();
    let whole = bench
        .command(&arguments)
        .output()
        .expect("the program starts");
    let time = started.elapsed();
    assert_eq!(whole.status.code(), Some(0), "{}", words(&whole));
    let new = contents(&tree);
    let changed = new.iter().filter(|(path, text)| old[*path] != **text);
    assert_eq!(changed.count(), 24);

    let count = runs(6);
    let (mut stayed, mut interrupted) = (0, 0);
    for at in 0..count {
        restore(&bench);
        let mut child = bench
            .command(&arguments)
            .spawn()
            .expect("the program starts");
        if at % 3 == 0 {
            // While the files are being written.
            wait_until("something is written", || {
                has_temporary(&tree) || child.try_wait().expect("our own child").is_some()
            });
        } else {
            // At any moment: steps of the golden ratio spread well.
            let part = (at as f64 * 0.618).fract();
            std::thread::sleep(time.mul_f64(part));
        }
        send(&child, SIGNALS[at % 7 % 3]);
        let status = ended(&mut child);
        interrupted += usize::from(status.signal().is_some());
        assert!(status.signal().is_some() || status.success(), "{status}");
        let now = contents(&tree);
        let names = |files: &BTreeMap<PathBuf, _>| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&now), names(&old), "run {at}");
        stayed += usize::from(now == old);
        assert!(now == old || now == new, "run {at} changed some files");
    }
    println!("{count} runs: {interrupted} ended by the signal, {stayed} trees as before");
}

#[test]
fn an_interrupted_probe_ends_what_it_started() {
    for at in 0..runs(3) {
        let bench = Bench::new("");
        let text = format!("A := $(shell,{})\n", bench.endless());
        fs::write(bench.path("tree/Kconfig"), text).expect("a file");
        let signal = SIGNALS[at % 3];
        let arguments = [&["toolchain"][..], &["check", "--toolchain", "probe"]][at % 2];
        let status = bench.interrupt(arguments, signal);
        assert_eq!(status.signal(), Some(signal.as_raw()), "run {at}");
        bench.is_clean();
    }
}

/// The tools that build conf are replaced by one that never ends, so this needs no compiler.
#[test]
fn an_interrupted_confirmation_ends_what_it_started() {
    for at in 0..runs(3) {
        let bench = Bench::new(&format!("{UNMET}config S\n\tbool \"S\"\n\tselect T\n"));
        let sources = bench.path("tree/scripts/kconfig");
        fs::create_dir_all(&sources).expect("a folder");
        for name in ["conf.c", "preprocess.c", "parser.y", "lexer.l"] {
            fs::write(sources.join(name), "").expect("a file");
        }
        fs::write(sources.join("symbol.c"), "unmet direct dependencies").expect("a file");
        let bison = bench.path("bin/bison");
        fs::write(&bison, format!("#!/bin/sh\n{}\n", bench.endless())).expect("a file");
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(&bison, mode).expect("our own file");
        let signal = SIGNALS[at % 3];
        let status = bench.interrupt(&["check", "--confirm"], signal);
        assert_eq!(status.signal(), Some(signal.as_raw()), "run {at}");
        bench.is_clean();
    }
}

#[test]
fn a_background_process_does_not_outlive_the_probe() {
    let quiet = ">/dev/null 2>&1";
    let text =
        format!("A := $(shell,(setsid sleep 1000 {quiet} &); sleep 1000 {quiet} & echo said)\n");
    let bench = Bench::new(&text);
    let output = bench
        .command(&["toolchain", "-v"])
        .output()
        .expect("it starts");
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    assert!(words(&output).contains("`said`"), "{}", words(&output));
    bench.is_clean();
}

#[test]
fn a_probe_that_writes_into_the_tree_is_told() {
    let bench = Bench::new("");
    let made = bench.path("tree/made");
    let text = format!("A := $(shell,echo x >'{}')\n", made.display());
    fs::write(bench.path("tree/Kconfig"), text).expect("a file");
    let output = bench
        .command(&["toolchain", "-q"])
        .output()
        .expect("it starts");
    let warning = "warning: 1 file of the tree changed while commands of the tree ran: made\n";
    assert_eq!(words(&output), warning);
    assert!(made.exists());
}

#[test]
fn a_signal_that_the_parent_ignores_stays_ignored() {
    let bench = Bench::new("");
    let done = bench.path("started/done");
    let text = format!(
        "A := $(shell,touch '{}'; sleep 1; touch '{}')\n",
        bench.path("started/now").display(),
        done.display()
    );
    fs::write(bench.path("tree/Kconfig"), text).expect("a file");
    let program = bench.command(&["toolchain"]);
    let mut shell = Command::new("sh");
    let arguments = [program.get_program()]
        .into_iter()
        .chain(program.get_args());
    shell
        .args(["-c", "trap '' HUP; exec \"$@\"", "sh"])
        .args(arguments);
    shell
        .env("TMPDIR", bench.path("tmp"))
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = shell.spawn().expect("a shell");
    wait_until("the command runs", || bench.path("started/now").exists());
    send(&child, Signal::HUP);
    assert_eq!(ended(&mut child).code(), Some(0));
    assert!(done.exists());
}
