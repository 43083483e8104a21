// SPDX-License-Identifier: MIT OR Apache-2.0
//! The domains of commands whose output has a certain form: every tool in every version that
//! something could tell from another, and the words of these outputs.
//!
//! Part of the encoder. The evaluator judges by itself whether an output has its form.

use rustc_hash::FxHashMap;

use crate::menu::command::{Command, CommandId, Commands, Form, Tool};
use crate::source::Name;

/// The texts of all commands that have a form. `class` says with which texts a command's output is
/// compared, and whether it may be empty.
pub(super) fn texts<'c>(
    commands: &Commands,
    class: impl Fn(CommandId) -> (&'c [Name], bool),
) -> FxHashMap<CommandId, Vec<Name>> {
    let mut all: FxHashMap<CommandId, Vec<Name>> = FxHashMap::default();
    for (id, tools) in with_tools(commands) {
        let mut found = Vec::new();
        // Commands that may have the same text print the same then: they have the same domain.
        for id in commands.commands[id.0 as usize].alike.iter().chain([&id]) {
            let (texts, may_be_empty) = class(*id);
            found.extend(may_be_empty.then(|| Name::new("")));
            let fits = texts.iter().filter(|text| fits(text.as_str(), tools));
            found.extend(fits);
            let words = words_of(commands, *id).filter(|(_, at)| *at == 1);
            let numbers = words.flat_map(|(word, _)| class(word).0);
            let numbers = numbers.filter_map(|text| version(text.as_str()));
            for version in numbers.chain(tools.iter().map(|tool| tool.versions.least)) {
                let printed = tools.iter().filter(|tool| accepts(tool, version));
                let printed = printed.map(|tool| tool.versions.printed(version));
                found.extend(printed.map(|text| Name::new(&text)));
            }
        }
        found.sort_unstable_by_key(|text| text.as_str());
        found.dedup();
        all.insert(id, found);
    }
    for (id, command) in numbered(commands) {
        if let Some(Form::Word { of, at }) = command.form {
            let whole = all.get(&of).into_iter().flatten();
            let mut words: Vec<Name> = whole.map(|text| word(*text, at)).collect();
            words.sort_unstable_by_key(|text| text.as_str());
            words.dedup();
            all.insert(id, words);
        }
    }
    all
}

/// A word of an output, by its place; empty where there is none.
pub(super) fn word(output: Name, at: usize) -> Name {
    let mut words = output.as_str().split_ascii_whitespace();
    Name::new(words.nth(at).unwrap_or_default())
}

/// Whether one of these tools makes this output.
pub(super) fn fits<'t>(output: &str, tools: impl IntoIterator<Item = &'t Tool>) -> bool {
    let Some((name, number)) = output.split_once(' ') else {
        return false;
    };
    let version = version(number);
    let mut tools = tools.into_iter();
    tools.any(|tool| tool.versions.name == name && version.is_some_and(|it| accepts(tool, it)))
}

fn accepts(tool: &Tool, version: u64) -> bool {
    (tool.versions.least..=tool.versions.most).contains(&version)
}

/// A number as the shell prints one.
fn version(text: &str) -> Option<u64> {
    let number = text.parse::<u64>().ok()?;
    (number.to_string() == text).then_some(number)
}

fn numbered(commands: &Commands) -> impl Iterator<Item = (CommandId, &Command)> {
    let all = commands.commands.iter().enumerate();
    all.map(|(at, command)| (CommandId(at as u32), command))
}

fn with_tools(commands: &Commands) -> impl Iterator<Item = (CommandId, &[Tool])> {
    numbered(commands).filter_map(|(id, _)| Some((id, commands.tools_of(id)?)))
}

/// The commands that print a word of this one's output, and which.
fn words_of(commands: &Commands, id: CommandId) -> impl Iterator<Item = (CommandId, usize)> {
    numbered(commands).filter_map(move |(word, command)| match command.form {
        Some(Form::Word { of, at }) if of == id => Some((word, at)),
        _ => None,
    })
}
