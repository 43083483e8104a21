// SPDX-License-Identifier: MIT OR Apache-2.0
//! Starts the driver: one process that has read one tree. Owns its command line and the
//! form of its lines, not what they mean.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::Shutdown;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

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
    /// Whether that driver has a `serve`.
    serves: bool,
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
            serves: tree.serves,
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
            serves: tree.serves,
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
    /// `None` where a server made it.
    child: Option<Child>,
    requests: Option<Box<dyn Write + Send>>,
    replies: BufReader<Box<dyn Read + Send>>,
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
        let path = |file: &NamedTempFile| file.path().to_str().expect("UTF-8").to_owned();
        let (answered, overlaid) = (path(&answers), path(&overlay));
        let mut arguments = vec!["--answers", &answered, "--overlay", &overlaid];
        arguments.extend(["--default", &reading.answers.fallback]);
        arguments.extend(reading.answers.succeed.then_some("--succeed"));
        arguments.push(mode);
        arguments.extend((mode != "parse").then_some(&*reading.root_file));
        let (child, requests, replies) = match reading.serves {
            true => connected(reading, &arguments),
            false => spawned(reading, &arguments),
        };
        Process {
            child,
            requests: Some(requests),
            replies: BufReader::with_capacity(1 << 20, replies),
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
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The process, where it is ours, and its two ends.
type Ends = (Option<Child>, Box<dyn Write + Send>, Box<dyn Read + Send>);

/// A process of its own.
fn spawned(reading: &Reading, arguments: &[&str]) -> Ends {
    let mut command = Command::new(&reading.driver);
    command
        .env_clear()
        .envs(&reading.environment)
        .current_dir(&reading.folder)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = command
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", reading.driver.display()));
    let (requests, replies) = (child.stdin.take(), child.stdout.take());
    let (requests, replies) = (requests.expect("a pipe"), replies.expect("a pipe"));
    (Some(child), Box::new(requests), Box::new(replies))
}

/// A process that the server of this driver makes.
fn connected(reading: &Reading, arguments: &[&str]) -> Ends {
    let name = server(&reading.driver);
    let address = SocketAddr::from_abstract_name(name).expect("a name");
    let mut requests = UnixStream::connect_addr(&address).expect("the server listens");
    let mut environment = reading.environment.clone();
    let version = std::env::var(PARSER_VERSION).ok();
    environment.extend(version.map(|version| (PARSER_VERSION.to_owned(), version)));
    let head = serde_json::json!({
        "folder": reading.folder, "environment": environment, "arguments": arguments,
    });
    writeln!(requests, "{head}").expect("the server listens");
    let replies = requests.try_clone().expect("a socket");
    (None, Box::new(Ending(requests)), Box::new(replies))
}

/// Which parser of esp-idf-kconfig reads the trees, 1 unless set.
const PARSER_VERSION: &str = "KCONFIG_PARSER_VERSION";

/// The end of a socket at which requests are written. Without it the driver at the other end is done.
struct Ending(UnixStream);

impl Write for Ending {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

/// The name at which the server of a driver listens. It ends with this process, at the end of its standard input.
fn server(driver: &Path) -> String {
    static SERVERS: Mutex<BTreeMap<PathBuf, (String, Child)>> = Mutex::new(BTreeMap::new());
    let mut servers = SERVERS.lock().expect("no panic");
    let count = servers.len();
    let (name, _) = servers.entry(driver.to_owned()).or_insert_with(|| {
        let name = format!("kconfig-lint-driver-{}-{count}", std::process::id());
        let mut child = Command::new(driver)
            .args(["serve", &name])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", driver.display()));
        let mut ready = String::new();
        let mut replies = BufReader::new(child.stdout.take().expect("a pipe"));
        replies.read_line(&mut ready).expect("a server");
        assert!(ready.contains("ready"), "{}: {ready}", driver.display());
        (name, child)
    });
    name.clone()
}
