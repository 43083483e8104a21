// SPDX-License-Identifier: MIT OR Apache-2.0
//! `completions` and `man`: what a shell and a manual need, from the definition of the command line.

use std::fs;
use std::io;

use anyhow::Context;
use clap::{Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;

use super::args::{Cli, ManArgs};
use super::{Status, Streams, finish};

/// Writes the completions for a shell.
///
/// # Errors
/// When standard output does not take them.
pub(super) fn completions(shell: Shell, streams: &mut Streams<'_>) -> anyhow::Result<Status> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "kconfig-lint", &mut text);
    // clap_complete 4.6 writes the name of a program with a hyphen in two ways, so bash would
    // complete nothing after a command (clap issue 6421).
    let text = String::from_utf8(text)?.replace("kconfig__subcmd__lint", "kconfig__lint");
    finish(streams.out.write_all(text.as_bytes()), streams)
}

/// Writes the manual page of the program, or the pages of all commands into a folder.
///
/// # Errors
/// When a page cannot be written.
pub(super) fn man(args: &ManArgs, streams: &mut Streams<'_>) -> anyhow::Result<Status> {
    let mut program = documented(Cli::command()).disable_help_subcommand(true);
    program.build();
    let Some(folder) = &args.folder else {
        return finish(streams.out.write_all(&page(program)?), streams);
    };
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let commands: Vec<Command> = program.get_subcommands().cloned().collect();
    for command in commands.into_iter().chain([program]) {
        let name = command.get_display_name().unwrap_or(command.get_name());
        let file = folder.join(format!("{name}.1"));
        fs::write(&file, page(command)?).with_context(|| file.display().to_string())?;
    }
    Ok(Status::Clean)
}

/// The command without a short help: a page leaves out the text of an option that has none there.
fn documented(command: Command) -> Command {
    let command = command.mut_args(|argument| argument.hide_short_help(false));
    command.mut_subcommands(documented)
}

fn page(command: Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    Man::new(command).render(&mut page)?;
    Ok(page)
}
