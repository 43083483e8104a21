// SPDX-License-Identifier: MIT OR Apache-2.0
//! The command line: arguments in, report and exit status out.
//!
//! Standard output carries only the report; progress and everything about the run itself go
//! to standard error. Nothing here decides what is a finding. This is the only room that uses
//! `anyhow`: further in, broken input is data.

mod alone;
mod apply;
mod args;
mod baseline;
mod check;
mod commit_message;
mod format;
mod gate;
mod graph;
mod impact;
mod init;
mod levels;
mod merge;
mod opened;
mod paths;
mod prepared;
mod progress;
mod proofs;
mod roots;
mod run;
mod settings;
mod shell;
mod toolchain;
mod why;
mod witness;

use std::ffi::OsString;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{CommandFactory, Parser, ValueEnum};

use crate::report;
use crate::rules::RULES;
use crate::source::near;
use crate::system;
use crate::tree::LocateError;
use args::{Cli, Command, RulesFormat, SchemaName};

/// How a run ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Status {
    /// Nothing at deny level.
    Clean,
    /// Findings at deny level.
    Findings,
    /// The run itself failed.
    Failed,
}

/// Where output goes.
struct Streams<'a> {
    out: &'a mut dyn Write,
    /// Whether `out` is a terminal.
    terminal: bool,
    /// Whether `out` is a file of the disk.
    file: bool,
}

impl Streams<'_> {
    /// Whether a person reads the output: on a terminal, or in the log of a CI system, which takes
    /// it by a pipe.
    fn is_read(&self) -> bool {
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        self.terminal || !self.file && (is_set("GITHUB_ACTIONS") || is_set("CI"))
    }
}

/// Whether standard output leads to a file of the disk.
#[cfg(unix)]
fn is_file(stdout: &io::StdoutLock<'_>) -> bool {
    use std::os::fd::AsFd;
    let own = stdout.as_fd().try_clone_to_owned().map(std::fs::File::from);
    own.and_then(|file| file.metadata())
        .is_ok_and(|data| data.is_file())
}

#[cfg(not(unix))]
fn is_file(_: &io::StdoutLock<'_>) -> bool {
    false
}

/// Runs the command of these arguments, the first of which is the program's name.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    system::heed();
    let status = run(arguments);
    system::settle();
    status
}

fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args::renamed(arguments)) {
        Ok(cli) => cli,
        Err(error) => {
            return usage(&error);
        }
    };
    if let Some(tree) = cli.tree() {
        system::limit_memory(tree.memory, complain);
    }
    let stdout = io::stdout().lock();
    let mut streams = Streams {
        terminal: stdout.is_terminal(),
        file: is_file(&stdout),
        out: &mut BufWriter::new(stdout),
    };
    match dispatch(&cli, &mut streams) {
        Ok(Status::Clean) => ExitCode::SUCCESS,
        Ok(Status::Findings) => ExitCode::from(1),
        Ok(Status::Failed) => ExitCode::from(2),
        Err(error) => {
            complain(&format!("{error:#}"));
            ExitCode::from(2)
        }
    }
}

/// Shows help on standard output, or what is wrong with the arguments on standard error.
fn usage(error: &clap::Error) -> ExitCode {
    if error.use_stderr() {
        // The message repeats arguments, and these may come from anywhere.
        let text = report::safe::text(&error.render().to_string());
        let _ = write!(io::stderr(), "{text}");
    } else if let Err(error) = unless_closed(error.print().and_then(|()| io::stdout().flush())) {
        complain(&format!("{error:#}"));
        return ExitCode::from(2);
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// Says on standard error what went wrong with the run itself. Indented lines belong to the one
/// above them.
fn complain(message: &str) {
    for line in message.lines() {
        let _ = match line.starts_with("  ") {
            true => write!(io::stderr(), "{}", report::safe::text(line)),
            false => writeln!(io::stderr(), "error: {}", report::safe::line(line)),
        };
    }
}

/// Says on standard error something about the run that is no error.
fn say(message: &str) {
    for line in message.lines() {
        let _ = write!(io::stderr(), "{}", report::safe::text(line));
    }
}

/// Lets a closed pipe pass: who stopped reading has read enough.
fn unless_closed(result: io::Result<()>) -> anyhow::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write to standard output"),
    }
}

fn dispatch(cli: &Cli, streams: &mut Streams<'_>) -> anyhow::Result<Status> {
    match &cli.command {
        None => check::check(&cli.check, streams)
            .map_err(|error| mistyped(&cli.check.paths, &error).unwrap_or(error)),
        Some(Command::Check(args)) => check::check(args, streams),
        Some(Command::Format(args)) => format::format(args, streams),
        Some(Command::CommitMessage(args)) => commit_message::commit_message(args, streams),
        Some(Command::Graph(args)) => graph::graph(args, streams),
        Some(Command::Impact(args)) => impact::impact(args, streams),
        Some(Command::Toolchain(args)) => toolchain::toolchain(args, streams),
        Some(Command::Why(args)) => why::why(args, streams),
        Some(Command::Init(args)) => init::init(args, streams),
        Some(Command::Merge(args)) => merge::merge(args, streams),
        Some(Command::Explain(args)) => {
            let colored = args.color.is_wanted();
            let written = match args.rule {
                Some(rule) => report::page(rule, colored, streams.out),
                None => report::rules_text(RULES, streams.out),
            };
            finish(written, streams)
        }
        Some(Command::Rules(args)) => {
            let written = match args.format {
                RulesFormat::Text => report::rules_text(RULES, streams.out),
                RulesFormat::Markdown => report::rules_markdown(RULES, streams.out),
                RulesFormat::Json => report::rules_json(RULES, streams.out),
            };
            finish(written, streams)
        }
        Some(Command::Settings(args)) => settings::settings(args, streams),
        Some(Command::Schema(args)) => finish(schema(args.name, streams.out), streams),
        Some(Command::Completions(args)) => shell::completions(args.shell, streams),
        Some(Command::Man(args)) => shell::man(args, streams),
    }
}

/// What to say instead of `error` where the first word is a path that does not exist and may have
/// been meant as a command.
fn mistyped(paths: &[PathBuf], error: &anyhow::Error) -> Option<anyhow::Error> {
    let word = paths.first()?.to_str().filter(|it| !it.contains('/'))?;
    match error.downcast_ref::<LocateError>()? {
        LocateError::Unreadable(path, _) if path == &paths[0] && !path.exists() => {}
        _ => return None,
    }
    let program = Cli::command();
    let commands = program.get_subcommands();
    let hint = near::hint(word, commands.map(clap::Command::get_name));
    Some(anyhow::anyhow!(
        "no such file or folder: {word}, and no command of this name{hint}"
    ))
}

/// Writes a schema, or the names of all.
fn schema(name: Option<SchemaName>, out: &mut dyn Write) -> io::Result<()> {
    match name {
        Some(SchemaName::Report) => out.write_all(report::SCHEMA.as_bytes()),
        Some(SchemaName::Why) => out.write_all(report::WHY_SCHEMA.as_bytes()),
        Some(SchemaName::Impact) => out.write_all(report::IMPACT_SCHEMA.as_bytes()),
        None => SchemaName::value_variants().iter().try_for_each(|name| {
            let value = name.to_possible_value();
            let value = value.iter();
            value
                .map(|value| (value.get_name(), value.get_help()))
                .try_for_each(|(name, help)| {
                    writeln!(out, "{name:8}{}", help.cloned().unwrap_or_default())
                })
        }),
    }
}

fn finish(written: io::Result<()>, streams: &mut Streams<'_>) -> anyhow::Result<Status> {
    unless_closed(written.and_then(|()| streams.out.flush()))?;
    Ok(Status::Clean)
}
