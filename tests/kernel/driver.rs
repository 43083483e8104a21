// SPDX-License-Identifier: MIT OR Apache-2.0
//! Starts the driver: one process that has read one tree. Owns its command line and the
//! form of its lines, not what they mean.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use tempfile::NamedTempFile;

use crate::answers::{Answers, records};
use crate::dump::Dump;
use crate::trees::{Environment, Linux};

/// What conf is to read, and in which circumstances.
#[derive(Clone)]
pub(crate) struct Reading {
    driver: PathBuf,
    folder: PathBuf,
    root_file: String,
    environment: Environment,
    answers: Answers,
    overlay: Vec<(String, Vec<u8>)>,
}

/// A command that the tree asked for.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub(crate) struct Asked {
    /// Its text after expansion.
    pub(crate) command: String,
    /// What it was told.
    pub(crate) answer: String,
    /// Whether that was recorded, rather than made up.
    pub(crate) recorded: bool,
}

/// conf refused.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub(crate) struct Failed {
    /// `conf gave up` or `conf crashed`.
    pub(crate) why: String,
    /// What it said.
    pub(crate) messages: String,
}

impl Reading {
    /// A kernel tree as one of its architectures sees it, with a made-up gcc.
    pub(crate) fn kernel(tree: &Linux, architecture: &str) -> Reading {
        Reading {
            driver: tree.driver.clone(),
            folder: tree.root.clone(),
            root_file: "Kconfig".to_owned(),
            environment: tree.environment(architecture),
            answers: Answers::gcc(true),
            overlay: Vec::new(),
        }
    }

    /// The tree in `folder`, read by the kconfig of `tree`, in an empty environment.
    pub(crate) fn folder(tree: &Linux, folder: &Path) -> Reading {
        Reading {
            driver: tree.driver.clone(),
            folder: folder.to_owned(),
            root_file: "Kconfig".to_owned(),
            environment: Environment::new(),
            answers: Answers::none(),
            overlay: Vec::new(),
        }
    }

    /// The same with other answers.
    pub(crate) fn answers(mut self, answers: Answers) -> Reading {
        self.answers = answers;
        self
    }

    /// The same in an environment that has these variables too.
    pub(crate) fn variables(mut self, variables: Vec<(String, String)>) -> Reading {
        self.environment.extend(variables);
        self
    }

    /// The same with `text` in place of the file at `path`.
    pub(crate) fn with(mut self, path: &str, text: &str) -> Reading {
        self.overlay
            .push((path.to_owned(), text.as_bytes().to_vec()));
        self
    }

    /// conf's symbol table.
    ///
    /// # Errors
    /// When conf refuses the tree.
    pub(crate) fn dump(&self) -> Result<Dump, Failed> {
        let mut process = Process::start(self, "dump");
        Dump::read(&mut process)
    }

    /// Starts the driver in one of its modes.
    pub(crate) fn start(&self, mode: &str) -> Process {
        Process::start(self, mode)
    }
}

/// A running driver.
pub(crate) struct Process {
    child: Child,
    requests: Option<ChildStdin>,
    replies: BufReader<ChildStdout>,
    /// They are deleted when the driver is no longer there to read them.
    _files: [NamedTempFile; 2],
}

impl Process {
    fn start(reading: &Reading, mode: &str) -> Process {
        let answers = reading.answers.file();
        let overlay = records(
            reading
                .overlay
                .iter()
                .map(|(path, text)| (path.as_str(), text.as_slice())),
        );
        let mut command = Command::new(&reading.driver);
        command
            .env_clear()
            .envs(&reading.environment)
            .current_dir(&reading.folder)
            .arg("--answers")
            .arg(answers.path())
            .arg("--overlay")
            .arg(overlay.path())
            .args(["--default", &reading.answers.fallback])
            .args(reading.answers.succeed.then_some("--succeed"))
            .arg(mode)
            .args((mode != "parse").then_some(&reading.root_file))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", reading.driver.display()));
        Process {
            requests: child.stdin.take(),
            replies: BufReader::with_capacity(1 << 20, child.stdout.take().expect("a pipe")),
            child,
            _files: [answers, overlay],
        }
    }

    /// Sends a line and the bytes that belong to it.
    pub(crate) fn request(&mut self, line: &str, body: &[u8]) {
        let pipe = self.requests.as_mut().expect("open until the end");
        let sent = writeln!(pipe, "{line}")
            .and_then(|()| pipe.write_all(body))
            .and_then(|()| pipe.flush());
        sent.unwrap_or_else(|error| panic!("the driver does not listen: {error}"));
    }

    /// The next line; `None` at the end.
    pub(crate) fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let length = self
            .replies
            .read_line(&mut line)
            .expect("UTF-8 of the driver");
        (length > 0).then_some(line)
    }

    /// The next line, as a reply of `kind` or as conf's refusal.
    ///
    /// # Errors
    /// When conf refused.
    pub(crate) fn reply<T: DeserializeOwned>(&mut self, kind: &str) -> Result<T, Failed> {
        let line = self
            .line()
            .unwrap_or_else(|| panic!("the driver ended without a reply of kind {kind}"));
        parse(&line, kind)
    }
}

/// A line as a reply of `kind` or as conf's refusal.
///
/// # Errors
/// When it is a refusal.
pub(crate) fn parse<T: DeserializeOwned>(line: &str, kind: &str) -> Result<T, Failed> {
    #[derive(Deserialize)]
    struct Kind {
        kind: String,
    }
    let shown: String = line.chars().take(200).collect();
    let found: Kind = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {shown}"));
    if found.kind == "failed" {
        return Err(serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {shown}")));
    }
    assert_eq!(found.kind, kind, "an unexpected reply: {shown}");
    Ok(serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {shown}")))
}

impl Drop for Process {
    fn drop(&mut self) {
        // Without requests the driver ends; a reply that nobody wants must not hold it up.
        drop(self.requests.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
