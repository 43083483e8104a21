// SPDX-License-Identifier: MIT OR Apache-2.0
//! The tree's own `conf`: built in a temporary folder, and asked what it says to a fragment.
//!
//! This compiles and runs code of the tree, so it happens only when the user says so. Nothing is
//! written to the tree. What a finding is, is decided elsewhere.

mod programs;

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use programs::{Generation, Sources, folders, has_library, library, listed, python, script};

use super::sandbox::{self, Ended, Sandbox};
use super::touched::Stamps;
use crate::menu::command::variable_of_key;
use crate::tree::{Dialect, FOLDERS, Kind, Tool};

/// Answers commands of the tree in place of a shell.
const POPEN: &str = include_str!("popen.c");

/// Asks kconfiglib, or a fork of it, in the place of conf.
const KCONFIGLIB: &str = include_str!("kconfiglib.py");

/// Asks minikconf, by the same command line.
const MINIKCONF: &str = include_str!("minikconf.py");

/// The name of such a script, which is no name of a library.
const SCRIPT: &str = "ask.py";

const BUILD_LIMIT: Duration = Duration::from_secs(300);

/// Reading a kernel tree takes conf less than a second, and commands without an answer run.
const RUN_LIMIT: Duration = Duration::from_secs(120);

const MOST_OUTPUT: u64 = 16 << 20;

/// The program that reads a tree: a `conf` that was built from it, or kconfiglib.
pub struct Conf {
    dialect: Dialect,
    /// What makes conf give all symbols their defaults.
    all_default: &'static str,
    /// Holds the program and the files of each run.
    work: Sandbox,
    /// Where it runs: the tree, as far as paths lead.
    tree: Sandbox,
    /// The tree as it was before anything of it ran.
    stamps: Stamps,
}

/// Why conf says nothing.
#[derive(Debug)]
pub enum ConfError {
    /// The tree has no kconfig that could be built.
    NoSources,
    /// Its kconfig is one that says nothing of unmet dependencies.
    Silent(&'static str),
    /// Python has no such library.
    NoLibrary(&'static str, String),
    /// A program that it takes is missing.
    Missing(&'static str),
    /// The build failed, with what was said.
    Build(String),
    /// conf itself failed, with what it said.
    Refused(String),
    /// It took too long.
    OutOfTime,
    /// A file or process could not be had.
    Io(io::Error),
}

impl fmt::Display for ConfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfError::NoSources => write!(
                f,
                "the tree has no conf to build: none of {} holds conf.c with parser.y or zconf.y",
                FOLDERS.join(", ")
            ),
            ConfError::Silent(program) => write!(
                f,
                "{program} of this tree gives no warning of unmet dependencies: it cannot confirm any"
            ),
            ConfError::NoLibrary(library, words) => write!(
                f,
                "this tree is read by {library}, which neither the tree nor python3 has: install it, or \
                 activate the environment that holds it\n{words}"
            ),
            ConfError::Missing(tool) => write!(
                f,
                "asking the tree's own program takes gcc, flex and bison, or python3: {tool} is not installed"
            ),
            ConfError::Build(words) => write!(f, "the tree's conf cannot be built: {words}"),
            ConfError::Refused(words) => write!(f, "conf refuses: {words}"),
            ConfError::OutOfTime => write!(f, "conf takes too long"),
            ConfError::Io(error) => write!(f, "cannot run the tree's conf: {error}"),
        }
    }
}

impl std::error::Error for ConfError {}

impl From<io::Error> for ConfError {
    fn from(error: io::Error) -> ConfError {
        ConfError::Io(error)
    }
}

/// What conf made of a fragment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Configured {
    /// The unmet dependencies it warned about.
    pub unmet: Vec<Complaint>,
    /// The `.config` it wrote.
    pub config: String,
}

/// One "unmet direct dependencies detected for" (symbol.c, `sym_warn_unmet_dep`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Complaint {
    /// For whom.
    pub symbol: String,
    /// The whole warning, each line with its end.
    pub text: String,
    /// Its direct dependency: `n` or `m`.
    pub direct: char,
    /// Its active selectors, each with `y` or `m`.
    pub selectors: Vec<(String, char)>,
}

impl Conf {
    /// Whether the tree in `root` has what [`Conf::build`] takes. Runs nothing of a tree that conf reads;
    /// of others it loads the library that reads them.
    ///
    /// # Errors
    /// When it has not, with what is missing.
    pub fn has_sources(root: &Path, kind: Kind) -> Result<(), ConfError> {
        match kind.dialect().tool {
            Tool::Conf => Sources::of(root).map(drop),
            tool => has_library(root, tool),
        }
    }

    /// Builds the conf of the tree in `root`, or makes ready what stands in its place.
    ///
    /// # Errors
    /// When the tree has no such sources, a tool is missing, or the build fails.
    pub fn build(root: &Path, kind: Kind) -> Result<Conf, ConfError> {
        Conf::has_sources(root, kind)?;
        let root = fs::canonicalize(root)?;
        let dialect = kind.dialect();
        let mut conf = Conf {
            dialect,
            all_default: "--alldefconfig",
            work: Sandbox::empty(&root)?,
            tree: Sandbox::like(&root)?,
            stamps: Stamps::of(&root),
        };
        if dialect.tool != Tool::Conf {
            fs::write(conf.work.path().join(SCRIPT), script(dialect.tool))?;
            return Ok(conf);
        }
        if let Some([named, _]) = dialect.lists {
            for name in listed(&root, named)? {
                fs::write(conf.work.path().join(name), "")?;
            }
        }
        fs::write(conf.work.path().join("popen.c"), POPEN)?;
        let sources = Sources::of(&root)?;
        conf.prepare(&sources)?;
        conf.all_default = sources.all_default()?;
        conf.step("gcc", |gcc| {
            gcc.args(["-O1", "-w", "-std=gnu11", "-o", "conf", "-I."])
                .args(["-Dpopen=kconfig_lint_popen", "-Dpclose=kconfig_lint_pclose"])
                .arg("-I")
                .arg(&sources.folder)
                .arg("-I")
                .arg(root.join("scripts/include"))
                .arg("popen.c")
                .args(sources.parts());
        })?;
        Ok(conf)
    }

    /// Makes the parser and the lexer, or takes those that the tree ships.
    fn prepare(&self, sources: &Sources) -> Result<(), ConfError> {
        let (parser, lexer, folder) = match sources.generation {
            Generation::New => ("parser", "lexer", &sources.folder),
            Generation::Old => ("zconf", "zconf", &sources.folder),
            Generation::Shipped => {
                for part in ["tab", "lex", "hash"] {
                    let shipped = sources.folder.join(format!("zconf.{part}.c_shipped"));
                    if shipped.is_file() {
                        fs::copy(shipped, self.work.path().join(format!("zconf.{part}.c")))?;
                    }
                }
                return Ok(());
            }
        };
        self.step("bison", |bison| {
            bison
                .args(["-o", &format!("{parser}.tab.c"), "-t", "-l"])
                .arg(format!("--defines={parser}.tab.h"))
                .arg(folder.join(format!("{parser}.y")));
        })?;
        self.step("flex", |flex| {
            flex.args(["-o", &format!("{lexer}.lex.c"), "-L"])
                .arg(folder.join(format!("{lexer}.l")));
        })
    }

    /// Files of the tree that changed since the build began, by their paths in the tree.
    pub fn changed(&self) -> Vec<String> {
        self.stamps.changed()
    }

    /// One step of the build, in the folder that takes the results.
    fn step(
        &self,
        tool: &'static str,
        arguments: impl FnOnce(&mut Command),
    ) -> Result<(), ConfError> {
        let mut command = Command::new(tool);
        let work = self.work.path();
        arguments(command.current_dir(work).env("TMPDIR", work));
        match sandbox::run(&mut command, BUILD_LIMIT, MOST_OUTPUT) {
            Ok(Ended::Itself { success: true, .. }) => Ok(()),
            Ok(Ended::Itself { errors, .. }) => {
                Err(ConfError::Build(format!("{tool}: {}", words(&errors))))
            }
            Ok(Ended::OutOfTime) => Err(ConfError::OutOfTime),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(ConfError::Missing(tool)),
            Err(error) => Err(error.into()),
        }
    }

    /// `conf --alldefconfig` on a fragment (KCONFIG_ALLCONFIG), with `answers` in place of
    /// commands and of the machine's own variables. A command that they do not name is run.
    ///
    /// # Errors
    /// When conf fails.
    pub fn all_default(
        &self,
        root_file: &str,
        environment: &BTreeMap<String, String>,
        answers: &BTreeMap<String, String>,
        fragment: &str,
    ) -> Result<Configured, ConfError> {
        let work = self.work.path();
        let (input, output) = (work.join("fragment.config"), work.join("out.config"));
        let recorded = work.join("answers");
        // Where this file is missing, conf writes it, and hundreds of others beside it into
        // `include/` of the tree (confdata.c, conf_write_autoconf).
        let existing = work.join("auto.conf");
        fs::write(&existing, "")?;
        fs::write(&input, fragment)?;
        fs::write(&recorded, records(answers))?;
        if output.exists() {
            fs::remove_file(&output)?;
        }
        let mut command = match self.dialect.tool {
            Tool::Conf => {
                let mut conf = Command::new(work.join("conf"));
                conf.args([self.all_default, root_file]);
                conf
            }
            tool => {
                fs::write(&output, "")?;
                let mut python = python();
                python
                    .arg(work.join(SCRIPT))
                    .args(["ask", library(tool), root_file])
                    .args([&input, &recorded])
                    .args(folders(self.tree.path(), tool));
                python
            }
        };
        let inherited = std::env::vars_os().map(|(name, _)| name);
        for name in inherited.filter(|name| name.as_encoded_bytes().starts_with(b"KCONFIG_")) {
            command.env_remove(name);
        }
        command.current_dir(self.tree.path());
        for (name, value) in variables(answers) {
            match value {
                "" => command.env_remove(name),
                value => command.env(name, value),
            };
        }
        command.envs(environment);
        if self.dialect.tool == Tool::EspIdfKconfig {
            // A relative `rsource` would start beside the file.
            let own = environment
                .iter()
                .filter(|(name, value)| *value == "." && *name != "srctree");
            command.envs(own.map(|(name, _)| (name, self.tree.path())));
        }
        if self.dialect.prefix != "CONFIG_" {
            command.env("CONFIG_", self.dialect.prefix);
        }
        if let Some([_, variable]) = self.dialect.lists {
            command.env(variable, work);
        }
        command
            .env("TMPDIR", work)
            .env("KCONFIG_ALLCONFIG", &input)
            .env(self.dialect.config_variable, &output)
            .env("KCONFIG_AUTOCONFIG", &existing)
            .env("KCONFIG_LINT_ANSWERS", &recorded);
        match sandbox::run(&mut command, RUN_LIMIT, MOST_OUTPUT)? {
            Ended::Itself {
                success: true,
                errors,
                ..
            } => Ok(Configured {
                unmet: complaints(&String::from_utf8_lossy(&errors)),
                config: String::from_utf8_lossy(&fs::read(&output)?).into_owned(),
            }),
            Ended::Itself { errors, .. } => Err(ConfError::Refused(words(&errors))),
            Ended::OutOfTime => Err(ConfError::OutOfTime),
        }
    }
}

/// The variables of the environment among answers.
fn variables(answers: &BTreeMap<String, String>) -> impl Iterator<Item = (&str, &str)> {
    let all = answers.iter();
    all.filter_map(|(key, value)| Some((variable_of_key(key)?, value.as_str())))
}

/// Command and answer by turns, each ended by a NUL. What holds a NUL itself no shell can run.
fn records(answers: &BTreeMap<String, String>) -> Vec<u8> {
    let plain = answers
        .iter()
        .filter(|(command, answer)| !command.contains('\0') && !answer.contains('\0'));
    let mut bytes = Vec::new();
    for text in plain.flat_map(|(command, answer)| [command, answer]) {
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(0);
    }
    bytes
}

/// The first few lines of what a program said.
fn words(errors: &[u8]) -> String {
    const MOST_LINES: usize = 8;
    let text = String::from_utf8_lossy(errors);
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let mut words = lines[..lines.len().min(MOST_LINES)].join("\n");
    if words.is_empty() {
        words.push_str("without a word");
    }
    words
}

/// Reads conf's warnings.
fn complaints(text: &str) -> Vec<Complaint> {
    const START: &str = "WARNING: unmet direct dependencies detected for ";
    let mut complaints: Vec<Complaint> = Vec::new();
    let mut strength = 'y';
    for line in text.lines() {
        if let Some(symbol) = line.strip_prefix(START) {
            complaints.push(Complaint {
                symbol: symbol.trim().to_owned(),
                text: format!("{line}\n"),
                direct: 'n',
                selectors: Vec::new(),
            });
            continue;
        }
        if let Some(old) = old_complaint(line) {
            complaints.push(old);
            continue;
        }
        let Some(last) = complaints.last_mut() else {
            continue;
        };
        if line.starts_with("  ") {
            last.text.push_str(line);
            last.text.push('\n');
        }
        if let Some(rest) = line.strip_prefix("  Depends on [") {
            last.direct = rest.chars().next().unwrap_or('n');
        } else if let Some(rest) = line.strip_prefix("  Selected by [") {
            strength = rest.chars().next().unwrap_or('y');
        } else if let Some(rest) = line.strip_prefix("  - ") {
            // A selector stands before its conditions, with its value behind it.
            let selector = rest.split([' ', '[']).next().unwrap_or_default();
            last.selectors.push((selector.to_owned(), strength));
        }
    }
    complaints
}

/// Reads a warning of a conf from before Linux 4.18: `warning: (A || B && C) selects D which has unmet direct
/// dependencies (E)`. It does not say how strongly D is selected.
fn old_complaint(line: &str) -> Option<Complaint> {
    let (by, rest) = line.strip_prefix("warning: (")?.split_once(") selects ")?;
    let (symbol, _) = rest.split_once(" which has unmet direct dependencies ")?;
    let names = by.split(" || ").filter_map(|part| {
        let is_end = |c: char| !c.is_ascii_alphanumeric() && c != '_';
        part.trim_start_matches('(').split(is_end).next()
    });
    let both = |name: &str| ['y', 'm'].map(|strength| (name.to_owned(), strength));
    Some(Complaint {
        symbol: symbol.to_owned(),
        text: format!("{line}\n"),
        direct: 'n',
        selectors: names.flat_map(both).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_are_read() {
        let text = "Kconfig:3: something else\n\
                    \nWARNING: unmet direct dependencies detected for HELPER\n\
                    \x20 Depends on [n]: MMU [=n] && DRM [=m]\n\
                    \x20 Selected by [y]:\n\
                    \x20 - DRIVER [=y] && (A [=y] || B [=n])\n\
                    \x20 - OTHER [=y]\n\
                    \x20 Selected by [m]:\n\
                    \x20 - THIRD [=m]\n\
                    \nWARNING: unmet direct dependencies detected for X\n\
                    \x20 Depends on [m]: DRM [=m]\n\
                    \x20 Selected by [y]:\n\
                    \x20 - Y [=y]\n#\n# configuration written\n#\n";
        let named = |pairs: &[(&str, char)]| {
            let owned = pairs.iter().map(|(name, by)| ((*name).to_owned(), *by));
            owned.collect::<Vec<_>>()
        };
        let found = complaints(text);
        assert_eq!(found.len(), 2);
        assert_eq!((&*found[0].symbol, found[0].direct), ("HELPER", 'n'));
        let selectors = named(&[("DRIVER", 'y'), ("OTHER", 'y'), ("THIRD", 'm')]);
        assert_eq!(found[0].selectors, selectors);
        assert_eq!((&*found[1].symbol, found[1].direct), ("X", 'm'));
        assert_eq!(found[1].selectors, named(&[("Y", 'y')]));
    }

    #[test]
    fn warnings_of_old_confs_are_read() {
        let text = "warning: (ONE || TWO && !(A || B)) selects HELPER which has unmet direct \
                    dependencies (MMU && X)\n# configuration written\n";
        let found = complaints(text);
        assert_eq!((&*found[0].symbol, found[0].direct), ("HELPER", 'n'));
        let has = |name: &str| found[0].selectors.contains(&(name.to_owned(), 'y'));
        assert!(has("ONE") && has("TWO"), "{:?}", found[0].selectors);
    }

    #[test]
    fn a_tree_without_kconfig_has_no_conf() {
        let tree = tempfile::tempdir().expect("a folder");
        let build = |kind| {
            Conf::build(tree.path(), kind)
                .err()
                .expect("nothing to build")
        };
        let error = build(Kind::Linux);
        assert!(matches!(error, ConfError::NoSources), "{error}");
        let error = build(Kind::Qemu);
        assert!(matches!(error, ConfError::NoLibrary(..)), "{error}");
        let silent = tree.path().join("scripts/kconfig");
        fs::create_dir_all(&silent).expect("a folder");
        for file in ["conf.c", "zconf.y", "zconf.l", "symbol.c"] {
            fs::write(silent.join(file), "").expect("a file");
        }
        let error = build(Kind::BusyBox);
        assert!(matches!(error, ConfError::Silent(_)), "{error}");
    }

    #[test]
    fn records_are_pairs() {
        let answers = [("a b", "y"), ("c", ""), ("d\0e", "n")];
        let answers = answers.map(|(command, answer)| (command.to_owned(), answer.to_owned()));
        assert_eq!(records(&answers.into()), b"a b\0y\0c\0\0");
    }
}
