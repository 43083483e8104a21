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
    let mut command = Cli::command();
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command, "kconfig-lint", &mut text);
    let text = String::from_utf8(text)?;
    let text = match shell {
        // clap_complete 4.6 writes the name of a program with a hyphen in two ways, so bash would
        // complete nothing after a command (clap issue 6421).
        Shell::Bash => text.replace("kconfig__subcmd__lint", "kconfig__lint"),
        Shell::Fish => for_fish(&text, &command),
        Shell::Zsh => for_zsh(&text, &command),
        _ => text,
    };
    finish(streams.out.write_all(text.as_bytes()), streams)
}

/// Lets zsh take the first word for a command or a path of the default command: clap_complete 4.6
/// expects a path and then a command.
fn for_zsh(text: &str, command: &Command) -> String {
    let names: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
    let names = format!(" {} ", names.join(" "));
    let is_first = |line: &&str| line.starts_with("'::paths -- ");
    let lines = text.lines().filter(|line| !is_first(line));
    let mut text: String = lines.flat_map(|line| [line, "\n"]).collect();
    for (from, to) in [
        (
            "\":: :_kconfig-lint_commands\"",
            "\": :{_kconfig-lint_commands; _files}\"".to_owned(),
        ),
        (
            "        words=($line[2] ",
            format!(
                "        [[ \"{names}\" == *\" $line[1] \"* ]] || line[1]=check\n        \
                 words=($line[1] "
            ),
        ),
        ("command-$line[2]:", "command-$line[1]:".to_owned()),
        ("case $line[2] in", "case $line[1] in".to_owned()),
    ] {
        text = text.replace(from, &to);
    }
    text
}

/// Adds what clap_complete 4.6 leaves out for fish: the values of options that stand before any
/// command, and the values of arguments that are no options.
fn for_fish(text: &str, command: &Command) -> String {
    let parse = "argparse -s (__fish_kconfig_lint_global_optspecs) -- $cmd";
    // The option at the end lacks the value that is being completed.
    let retried = format!("{parse} 2>/dev/null\n    or {parse}[1..-2] 2>/dev/null\n");
    let mut text = text.replace(&format!("{parse} 2>/dev/null\n"), &retried);
    for command in command.get_subcommands() {
        let arguments = command.get_positionals();
        let values = arguments.flat_map(|argument| argument.get_possible_values());
        let values: Vec<String> = values.map(|value| value.get_name().to_owned()).collect();
        if !values.is_empty() {
            let (name, values) = (command.get_name(), values.join(" "));
            text.push_str(&format!(
                "complete -c kconfig-lint -n \"__fish_kconfig_lint_using_subcommand {name}\" \
                 -f -a \"{values}\"\n"
            ));
        }
    }
    text
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

/// A page as roff that mandoc and man read without a warning.
fn page(command: Command) -> io::Result<Vec<u8>> {
    let name = command.get_display_name().unwrap_or(command.get_name());
    let title = name.to_uppercase();
    let man = Man::new(command)
        .title(title)
        .date(env!("KCONFIG_LINT_DATE"))
        .source(concat!("kconfig-lint ", env!("CARGO_PKG_VERSION")))
        .manual("kconfig-lint");
    let mut page = Vec::new();
    man.render(&mut page)?;
    // A date that is not known would be no argument at all, and the next one would be the date.
    let page = String::from_utf8_lossy(&page).replacen(" 1  \"", " 1 \"\" \"", 1);
    Ok(tidy(&page).into_bytes())
}

/// Breaks long lines between words, and drops blanks at their ends and breaks beside empty lines.
fn tidy(page: &str) -> String {
    let lines: Vec<&str> = page.lines().map(str::trim_end).collect();
    let is_empty = |at: Option<usize>| {
        at.and_then(|at| lines.get(at))
            .is_some_and(|it| it.is_empty())
    };
    let mut tidy = String::with_capacity(page.len());
    for (at, line) in lines.iter().enumerate() {
        if *line == ".br" && (is_empty(at.checked_sub(1)) || is_empty(Some(at + 1))) {
            continue;
        }
        let mut width = 0;
        for word in line.split(' ') {
            // A request stays on its line, and a word that looks like one does not begin a line.
            let may_break = !line.starts_with('.') && !word.starts_with(['.', '\'']);
            if width > 0 {
                let breaks = may_break && width + word.len() >= MAX_LINE;
                tidy.push(if breaks { '\n' } else { ' ' });
                width = if breaks { 0 } else { width + 1 };
            }
            tidy.push_str(word);
            width += word.len();
        }
        tidy.push('\n');
    }
    tidy
}

/// Bytes of a line of a page.
const MAX_LINE: usize = 80;
