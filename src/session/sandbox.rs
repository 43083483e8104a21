// SPDX-License-Identifier: MIT OR Apache-2.0
//! A folder outside of the tree in which code of the tree may run, and running it with a time
//! limit.
//!
//! Only what a user asks for by name comes here (`--toolchain probe`, `toolchain`, `--confirm`).
//! This bounds time, and where relative paths lead; it is no protection from a hostile tree.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::system::{TemporaryFolder, settle, spawn, wait};

/// A temporary folder of this process alone. The folder goes when this is dropped, and when a
/// signal ends the program.
pub(super) struct Sandbox(TemporaryFolder);

impl Sandbox {
    /// An empty folder outside of `tree`.
    ///
    /// # Errors
    /// When the system's temporary folder takes none, or lies in the tree.
    pub(super) fn empty(tree: &Path) -> io::Result<Sandbox> {
        let parent = fs::canonicalize(std::env::temp_dir())?;
        if parent.starts_with(fs::canonicalize(tree)?) {
            return Err(io::Error::other(format!(
                "the temporary folder {} lies in the tree: set TMPDIR to one outside",
                parent.display()
            )));
        }
        TemporaryFolder::new(&parent).map(Sandbox)
    }

    /// A folder that looks like the root of `tree`, because it holds a link to everything there
    /// whose name does not start with a dot. What a command makes beside these (cc-option makes
    /// folders where it runs) stays out of the tree, and `./scripts/…` is found: the texts of
    /// commands are then the same on each machine.
    ///
    /// # Errors
    /// As `empty`, or when the tree cannot be listed or links cannot be made.
    pub(super) fn like(tree: &Path) -> io::Result<Sandbox> {
        let sandbox = Sandbox::empty(tree)?;
        let tree = fs::canonicalize(tree)?;
        for entry in fs::read_dir(&tree)? {
            let name = entry?.file_name();
            if !name.as_encoded_bytes().starts_with(b".") {
                link(&tree.join(&name), &sandbox.path().join(&name))?;
            }
        }
        Ok(sandbox)
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }
}

#[cfg(unix)]
fn link(to: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(to, at)
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::Error::other(
        "commands of a tree run only on Unix-like systems",
    ))
}

/// How a process ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// By itself.
    Itself {
        /// Whether its status was 0.
        success: bool,
        /// What it printed.
        output: Vec<u8>,
        /// What it printed on standard error.
        errors: Vec<u8>,
    },
    /// It was stopped, with all that it had started, when its time was over.
    OutOfTime,
}

/// Runs a command without input, and takes at most `most` bytes of what it prints: it then finds
/// its pipe closed, as under do_shell (preprocess.c).
///
/// # Errors
/// When it cannot be started.
pub(super) fn run(command: &mut Command, limit: Duration, most: u64) -> io::Result<Ended> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let started = Instant::now();
    let mut child = spawn(command)?;
    let output = listen(child.stdout.take(), most);
    let errors = listen(child.stderr.take(), MOST_ERRORS);
    // A closed pipe comes first as a rule; the process itself is then over in a moment.
    let output = output.recv_timeout(limit);
    let left = limit.saturating_sub(started.elapsed());
    let status = wait(&mut child, left)?;
    // A process that a signal to us has ended says nothing about the tree.
    settle();
    let Some(status) = status.filter(|_| !matches!(output, Err(RecvTimeoutError::Timeout))) else {
        return Ok(Ended::OutOfTime);
    };
    // Something that still runs in the background may keep standard error open.
    let errors = errors.recv_timeout(Duration::from_millis(200));
    Ok(Ended::Itself {
        success: status.success(),
        output: output.unwrap_or_default(),
        errors: errors.unwrap_or_default(),
    })
}

/// What is kept of standard error.
const MOST_ERRORS: u64 = 4 << 20;

/// Reads a pipe to its end, or to so many bytes, in a thread of its own.
fn listen(pipe: Option<impl Read + Send + 'static>, most: u64) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(pipe) = pipe {
            // A pipe that breaks has said what it had to say.
            let _ = pipe.take(most).read_to_end(&mut bytes);
        }
        // Nobody listens any more when the time is over.
        let _ = sender.send(bytes);
    });
    receiver
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str, limit: Duration) -> Ended {
        let mut command = Command::new("/bin/sh");
        run(command.args(["-c", script]), limit, 4096).expect("a shell")
    }

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn a_folder_is_private_and_goes_again() {
        let tree = tempfile::tempdir().expect("a folder");
        fs::write(tree.path().join("Kconfig"), "x").expect("a file");
        fs::create_dir_all(tree.path().join("scripts")).expect("a folder");
        fs::create_dir_all(tree.path().join(".git")).expect("a folder");
        let sandbox = Sandbox::like(tree.path()).expect("a folder");
        let path = sandbox.path().to_owned();
        fs::write(path.join("mark"), "").expect("a file");
        let text = fs::read_to_string(path.join("Kconfig")).expect("linked");
        assert_eq!(text, "x");
        assert!(path.join("scripts").is_dir() && !path.join(".git").exists());
        drop(sandbox);
        assert!(!path.exists());
        assert!(tree.path().join("scripts").is_dir());
        assert!(!tree.path().join("mark").exists());
    }

    #[test]
    fn what_is_printed_comes_back() {
        match shell("echo out; echo err >&2; exit 3", LONG) {
            Ended::Itself {
                success,
                output,
                errors,
            } => {
                assert!(!success);
                assert_eq!((&*output, &*errors), (&b"out\n"[..], &b"err\n"[..]));
            }
            Ended::OutOfTime => panic!("it hangs"),
        }
    }

    #[test]
    fn output_without_end_is_cut() {
        match shell("while :; do echo xxxxxxxxxxxxxxxx; done", LONG) {
            Ended::Itself { output, .. } => assert_eq!(output.len(), 4096),
            Ended::OutOfTime => panic!("the pipe was not closed"),
        }
    }

    #[test]
    fn a_process_is_stopped_with_what_it_started() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("pid");
        let script = format!("sleep 1000 & echo $! >'{}'; wait", file.display());
        let started = Instant::now();
        let ended = shell(&script, Duration::from_millis(500));
        assert!(matches!(ended, Ended::OutOfTime));
        assert!(started.elapsed() < LONG);
        let pid = fs::read_to_string(file).expect("it started");
        if !Path::new("/proc/self").exists() {
            return;
        }
        // Gone, or dead and waiting for someone to notice; a signal takes its time.
        let path = format!("/proc/{}/stat", pid.trim());
        let dead = || {
            let state = fs::read_to_string(&path).unwrap_or_default();
            state.is_empty() || state.contains(") Z") || state.contains(") X")
        };
        let patience = Instant::now() + LONG;
        while !dead() && Instant::now() < patience {
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(dead(), "it lives on");
    }
}
