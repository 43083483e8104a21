// SPDX-License-Identifier: MIT OR Apache-2.0
//! Asks this machine: runs the commands of a tree, as conf would, and records what they print
//! (semantics.md 32; preprocess.c, do_shell), and what the tree's variables hold in its environment.
//!
//! This runs code of the tree, so it happens only when the user says so by name. Commands embed
//! what others print: each round runs those whose text is certain by now, and the tree is read
//! again with their answers, until no new one shows up.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::sandbox::{self, Ended, Sandbox};
use super::touched::Stamps;
use super::{Options, Progress, SessionError, analysis, in_threads};
use crate::menu::command::variable_key;
use crate::menu::{Loader, Toolchain};
use crate::source::Files;
use crate::tree::Project;

/// One command that was run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Executed {
    /// Its text.
    pub command: String,
    /// What it printed, as it enters an expansion; `None` when it took too long, or could not
    /// even be started.
    pub answer: Option<String>,
}

/// What a probe brought.
#[derive(Debug)]
pub struct Probed {
    /// The answers known before, and the new ones.
    pub toolchain: Toolchain,
    /// What was run, in order.
    pub executed: Vec<Executed>,
    /// How long it took.
    pub time: Duration,
    /// Files of the tree that changed meanwhile, by their paths in the tree.
    pub changed: Vec<String>,
}

/// How long one command may take. cc-option takes hundredths of a second.
pub const TIME_LIMIT: Duration = Duration::from_secs(20);

/// What do_shell reads of an output.
const MOST_OUTPUT: u64 = 4096;

/// Commands embed what commands print that embed what commands print; no tree goes deep.
const MOST_ROUNDS: usize = 64;

/// Runs the commands of a tree that `options.toolchain` does not answer, each text once: where
/// several architectures ask for the same, in the environment of the first. A command without
/// an answer stays unknown.
///
/// # Errors
/// When the root file cannot be read, or there is no folder to run commands in.
pub fn probe(
    project: &Project,
    files: Arc<Files>,
    root: &Path,
    options: &Options,
    progress: &Progress<'_>,
) -> Result<Probed, SessionError> {
    let started = Instant::now();
    in_threads(options.jobs, || {
        let loader = Loader::new(files);
        loader.prefetch(project);
        let mut probed = Probed {
            toolchain: options.toolchain.clone(),
            executed: Vec::new(),
            time: Duration::ZERO,
            changed: Vec::new(),
        };
        let mut tried = BTreeSet::new();
        let mut stamps = None;
        for _ in 0..MOST_ROUNDS {
            let Open {
                commands,
                variables,
            } = open(project, &loader, options, &probed.toolchain, &tried)?;
            if commands.is_empty() && variables.is_empty() {
                break;
            }
            for name in variables {
                let value = std::env::var_os(&name).unwrap_or_default();
                let value = value.to_string_lossy().into_owned();
                probed.toolchain.answers.insert(variable_key(&name), value);
            }
            let asked = commands;
            tried.extend(asked.iter().map(|(_, command)| command.clone()));
            let total = tried.len();
            progress(total - asked.len(), total, "commands of the tree");
            stamps.get_or_insert_with(|| Stamps::of(root));
            for executed in execute(root, options, &asked)? {
                if let Some(answer) = &executed.answer {
                    let answers = &mut probed.toolchain.answers;
                    answers.insert(executed.command.clone(), answer.clone());
                }
                probed.executed.push(executed);
            }
        }
        probed.changed = stamps.map(|stamps| stamps.changed()).unwrap_or_default();
        probed.time = started.elapsed();
        Ok(probed)
    })?
}

/// What a tree asks for and has no answer to.
struct Open {
    /// Commands that are certain to run and were not tried yet, each with the number of the first
    /// architecture that asks for it.
    commands: Vec<(usize, String)>,
    /// Variables of the environment that nothing fixes.
    variables: BTreeSet<String>,
}

fn open(
    project: &Project,
    loader: &Loader,
    options: &Options,
    toolchain: &Toolchain,
    tried: &BTreeSet<String>,
) -> Result<Open, SessionError> {
    type Lists = (Vec<String>, Vec<String>);
    let lists: Result<Vec<Lists>, SessionError> = options
        .architectures
        .par_iter()
        .map(|architecture| {
            let menu = analysis::elaborated(loader, project, architecture, toolchain)?;
            let asked = menu.commands.asked.iter().map(|text| text.as_str());
            let open = asked
                .filter(|text| !toolchain.answers.contains_key(*text) && !tried.contains(*text));
            let variables = menu.commands.variables();
            let variables = variables.map(|(_, name)| name.as_str().to_owned());
            Ok((open.map(str::to_owned).collect(), variables.collect()))
        })
        .collect();
    let mut seen = BTreeSet::new();
    let mut open = Open {
        commands: Vec::new(),
        variables: BTreeSet::new(),
    };
    for (at, (commands, variables)) in lists?.into_iter().enumerate() {
        for command in commands {
            if seen.insert(command.clone()) {
                open.commands.push((at, command));
            }
        }
        open.variables.extend(variables);
    }
    // A command's text hangs on variables: these come first.
    if !open.variables.is_empty() {
        open.commands.clear();
    }
    Ok(open)
}

/// Runs some commands; each thread in a folder of its own.
fn execute(
    root: &Path,
    options: &Options,
    asked: &[(usize, String)],
) -> Result<Vec<Executed>, SessionError> {
    let root = std::fs::canonicalize(root).map_err(|error| no_folder(&error))?;
    let share = asked.len().div_ceil(rayon::current_num_threads()).max(1);
    let parts: Result<Vec<Vec<Executed>>, SessionError> = asked
        .par_chunks(share)
        .map(|part| {
            let sandbox = Sandbox::like(&root).map_err(|error| no_folder(&error))?;
            let run = |(at, command): &(usize, String)| {
                let environment = &options.architectures[*at].environment;
                Executed {
                    command: command.clone(),
                    answer: answer(&sandbox, &root, environment, command, TIME_LIMIT),
                }
            };
            Ok(part.iter().map(run).collect())
        })
        .collect();
    Ok(parts?.into_iter().flatten().collect())
}

fn no_folder(error: &std::io::Error) -> SessionError {
    SessionError::Sandbox(error.to_string())
}

/// What a command prints, cut as do_shell cuts it. Scripts that look at `$srctree` find the tree
/// wherever they stand.
fn answer(
    sandbox: &Sandbox,
    root: &Path,
    environment: &BTreeMap<String, String>,
    command: &str,
    limit: Duration,
) -> Option<String> {
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-c", command])
        .current_dir(sandbox.path())
        .envs(environment)
        .env("srctree", root)
        .env("objtree", sandbox.path())
        .env("TMPDIR", sandbox.path());
    match sandbox::run(&mut shell, limit, MOST_OUTPUT).ok()? {
        Ended::Itself { mut output, .. } => {
            output.truncate(MOST_OUTPUT as usize - 1);
            let text = String::from_utf8_lossy(&output);
            Some(text.trim_end_matches('\n').replace('\n', " "))
        }
        Ended::OutOfTime => None,
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn run(command: &str, limit: Duration) -> Option<String> {
        let tree = tempfile::tempdir().expect("a folder");
        std::fs::write(tree.path().join("script"), "echo \"$srctree\"").expect("a file");
        let sandbox = Sandbox::like(tree.path()).expect("a folder");
        let environment = [("ARCH".to_owned(), "arm".to_owned())].into();
        let answer = answer(&sandbox, tree.path(), &environment, command, limit);
        answer.map(|text| text.replace(&tree.path().display().to_string(), "TREE"))
    }

    #[test]
    fn answers_are_cut_as_do_shell_cuts_them() {
        let answer = |command| run(command, TIME_LIMIT);
        assert_eq!(answer("printf 'a\\nb\\n\\n'").as_deref(), Some("a b"));
        assert_eq!(answer("false").as_deref(), Some(""));
        assert_eq!(answer("echo $ARCH").as_deref(), Some("arm"));
        assert_eq!(answer("sh ./script").as_deref(), Some("TREE"));
        let long = answer("yes x | tr -d '\\n'").expect("cut");
        assert_eq!(long.len(), 4095);
    }

    #[test]
    fn who_takes_too_long_has_no_answer() {
        assert_eq!(run("sleep 1000", Duration::from_millis(100)), None);
    }
}
