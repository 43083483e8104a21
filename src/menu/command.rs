// SPDX-License-Identifier: MIT OR Apache-2.0
//! Commands that a tree would run (`$(shell,…)`), and what stands for their output.
//!
//! Nothing is run. A command's output is an unknown with its text for a name; the commonest
//! form, `{ C; } >/dev/null 2>&1 && echo A || echo B`, has exactly two outputs, decided by
//! whether C succeeds. What a test C means is read from its text where that is certain.
//! (semantics.md 27 to 31; preprocess.c, do_shell.) A variable of the environment that nothing
//! fixes is an unknown of the same kind: a command that prints the variable's value.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use super::meaning;
use super::pieces::{Pieces, either};

use crate::source::Name;
use crate::tree::{ArchSet, ToolVersions};

/// Index of a command whose output is any text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CommandId(pub u32);

/// Index of a test: a command that matters only by success or failure.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TestId(pub u32);

/// The outcome of an expansion.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Output {
    /// Fully known.
    Text(Name),
    /// The whole output of a command (new lines at its end cut, others made spaces).
    Command(CommandId),
    /// One of two, by the success of a test.
    Either {
        /// The test.
        test: TestId,
        /// When it succeeds.
        success: Box<Output>,
        /// When it fails.
        failure: Box<Output>,
    },
    /// Pieces side by side, at least one of them unknown. Never holds two adjacent `Text`,
    /// an empty `Text`, or another `Joined`.
    Joined(Vec<Output>),
}

/// What a test's text says about unknown outputs, where that is certain.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Meaning {
    /// `test A = B` (or `!=`, negated): the strings are equal.
    Equal {
        /// One side.
        left: Output,
        /// The other.
        right: Output,
        /// Whether the test is for inequality.
        negated: bool,
    },
    /// `test A -ge B` and its kin, on decimal integers; fails when a side is no integer.
    Compare {
        /// Left side.
        left: Output,
        /// The relation.
        op: crate::syntax::ast::CompareOp,
        /// Right side.
        right: Output,
    },
    /// `test -z A` (or `-n`, negated): the string is empty.
    Empty {
        /// The string.
        value: Output,
        /// Whether the test is for a non-empty string.
        negated: bool,
    },
}

/// What is certain of a command's output. An output may be empty all the same where the tree tests
/// for that.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Form {
    /// `NAME VERSION` of one of these tools, VERSION in decimal digits.
    Tools(Vec<Tool>),
    /// The word at this place, from 0, of what another command prints, which is of the form `Tools`.
    Word {
        /// The other command.
        of: CommandId,
        /// The place.
        at: usize,
    },
}

/// A tool that the tree accepts.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Tool {
    /// Its name and versions.
    pub versions: ToolVersions,
    /// The architectures on which it is accepted.
    pub on: ArchSet,
}

/// A command whose output is any text, or a variable of the environment.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Command {
    /// Its text, with unknowns where it embeds other outputs; of a variable `$(NAME)`.
    pub text: Output,
    /// The name, where this is a variable of the environment. The empty text then stands for a
    /// variable that is not set.
    pub variable: Option<Name>,
    /// The other commands that have the same text while all variables are unset. In a
    /// configuration in which the texts are the same, so are the outputs.
    pub alike: Vec<CommandId>,
    /// What is certain of its output.
    pub form: Option<Form>,
}

/// A test.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Test {
    /// The text of C, with unknowns where it embeds other outputs.
    pub text: Output,
    /// The whole commands this test was seen in, as conf would run them: text, output when C
    /// succeeds, output when it fails. A witness answers these.
    pub commands: Vec<TestCommand>,
    /// What C means, where that is certain.
    pub meaning: Option<Meaning>,
    /// The outcome while all variables of the environment are unset, where that is certain.
    pub while_unset: Option<bool>,
    /// The other tests without a certain meaning that have the same text while all variables are
    /// unset. In a configuration in which the texts are the same, so are the outcomes.
    pub alike: Vec<TestId>,
}

/// One `{ C; } >/dev/null 2>&1 && echo A || echo B`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TestCommand {
    /// The whole command.
    pub text: Output,
    /// A.
    pub success: Output,
    /// B.
    pub failure: Output,
}

/// All commands of one architecture, each text once.
#[derive(Clone, Default, Debug)]
pub struct Commands {
    /// Commands of unknown output.
    pub commands: Vec<Command>,
    /// Tests.
    pub tests: Vec<Test>,
    /// Texts that conf hands to popen whatever any other command prints, in the order in which
    /// it does, each once: those in which no output of an unanswered command stands.
    pub asked: Vec<Name>,
    by_text: FxHashMap<Output, CommandId>,
    by_variable: FxHashMap<Name, CommandId>,
    by_condition: FxHashMap<Output, TestId>,
    commands_while_unset: FxHashMap<Output, Vec<CommandId>>,
    tests_while_unset: FxHashMap<Output, Vec<TestId>>,
    seen: FxHashSet<Name>,
}

/// How many commands may have the same text while all variables are unset and still count as
/// different. No real tree has two.
const MAX_ALIKE: usize = 32;

impl Commands {
    /// Whether the numbers of commands and tests stand for the same there.
    pub fn are_numbered_as(&self, other: &Commands) -> bool {
        self.commands == other.commands && self.tests == other.tests
    }

    /// Notes that conf runs this text.
    pub(super) fn ask(&mut self, text: &str) {
        let text = Name::new(text);
        if self.seen.insert(text) {
            self.asked.push(text);
        }
    }

    /// The command of this text.
    pub fn command(&mut self, text: Output) -> CommandId {
        if let Some(&known) = self.by_text.get(&text) {
            return known;
        }
        let id = CommandId(self.commands.len() as u32);
        let key = self.while_unset(&text);
        let alike = self.commands_while_unset.entry(key).or_default();
        if let (Some(&first), true) = (alike.first(), alike.len() >= MAX_ALIKE) {
            self.by_text.insert(text, first);
            return first;
        }
        let others = alike.clone();
        alike.push(id);
        for other in &others {
            self.commands[other.0 as usize].alike.push(id);
        }
        self.by_text.insert(text.clone(), id);
        self.commands.push(Command {
            text,
            variable: None,
            alike: others,
            form: None,
        });
        id
    }

    /// Notes that a command prints the name and the version of one of these tools on the
    /// architecture at this place.
    pub(super) fn prints_tools(&mut self, id: CommandId, tools: Vec<ToolVersions>, at: usize) {
        let form = &mut self.commands[id.0 as usize].form;
        let Form::Tools(known) = form.get_or_insert(Form::Tools(Vec::new())) else {
            return;
        };
        for versions in tools {
            match known.iter_mut().find(|tool| tool.versions == versions) {
                Some(tool) => tool.on |= ArchSet::only(at),
                None => known.push(Tool {
                    versions,
                    on: ArchSet::only(at),
                }),
            }
        }
    }

    /// Notes that a command prints a word of what another prints.
    pub(super) fn prints_word(&mut self, id: CommandId, of: CommandId, at: usize) {
        self.commands[id.0 as usize].form = Some(Form::Word { of, at });
    }

    /// Whether a command's output follows from another's.
    pub fn is_word(&self, id: CommandId) -> bool {
        matches!(self.commands[id.0 as usize].form, Some(Form::Word { .. }))
    }

    /// The tools of which a command prints name and version.
    pub fn tools_of(&self, id: CommandId) -> Option<&[Tool]> {
        match &self.commands[id.0 as usize].form {
            Some(Form::Tools(tools)) => Some(tools),
            _ => None,
        }
    }

    /// The variable of the environment with this name.
    pub(super) fn variable(&mut self, name: &str) -> CommandId {
        let name = Name::new(name);
        let next = CommandId(self.commands.len() as u32);
        let id = *self.by_variable.entry(name).or_insert(next);
        if id == next {
            self.commands.push(Command {
                text: Output::Text(Name::new(&variable_key(name.as_str()))),
                variable: Some(name),
                alike: Vec::new(),
                form: None,
            });
        }
        id
    }

    /// The variable that a command stands for, if it is one.
    pub fn variable_of(&self, id: CommandId) -> Option<Name> {
        self.commands[id.0 as usize].variable
    }

    /// All variables of the environment that nothing fixes, in the order in which they are used.
    pub fn variables(&self) -> impl Iterator<Item = (CommandId, Name)> + '_ {
        let all = self.commands.iter().enumerate();
        all.filter_map(|(at, command)| Some((CommandId(at as u32), command.variable?)))
    }

    /// What a command prints unless something says otherwise: nothing where it is a variable,
    /// which is then unset; the first tool in a version that all architectures accept; else the
    /// command's number. That must not be empty, because a bare word that expands to nothing would
    /// leave a hole in the statement around it. It differs from command to command, so that
    /// commands around it stay different too.
    pub fn default_output(&self, id: CommandId) -> String {
        if self.variable_of(id).is_some() {
            return String::new();
        }
        let Some([first, others @ ..]) = self.tools_of(id) else {
            return id.0.to_string();
        };
        let same = others.iter().map(|tool| &tool.versions);
        let same = same.filter(|versions| versions.name == first.versions.name);
        let least = same.fold(first.versions.least, |least, it| least.max(it.least));
        first.versions.printed(least)
    }

    /// The test of this condition; `meaning` is asked only for a new one.
    pub fn test(
        &mut self,
        condition: Output,
        meaning: impl FnOnce(&Output) -> Option<Meaning>,
    ) -> TestId {
        if let Some(&known) = self.by_condition.get(&condition) {
            return known;
        }
        let id = TestId(self.tests.len() as u32);
        let meaning = meaning(&condition);
        let mut others = Vec::new();
        if meaning.is_none() {
            let key = self.while_unset(&condition);
            let alike = self.tests_while_unset.entry(key).or_default();
            if let (Some(&first), true) = (alike.first(), alike.len() >= MAX_ALIKE) {
                self.by_condition.insert(condition, first);
                return first;
            }
            others.clone_from(alike);
            alike.push(id);
        }
        for other in &others {
            self.tests[other.0 as usize].alike.push(id);
        }
        let while_unset = meaning.as_ref().and_then(|meaning| {
            meaning::outcome(meaning, |output| match self.while_unset(output) {
                Output::Text(text) => Some(text.as_str()),
                _ => None,
            })
        });
        self.by_condition.insert(condition.clone(), id);
        self.tests.push(Test {
            text: condition,
            commands: Vec::new(),
            meaning,
            while_unset,
            alike: others,
        });
        id
    }

    /// Notes a command in which a test was seen.
    pub(super) fn sees(&mut self, test: TestId, seen: TestCommand) {
        let known = &mut self.tests[test.0 as usize].commands;
        if !known.contains(&seen) {
            known.push(seen);
        }
    }

    /// An output while all variables of the environment are unset.
    pub(super) fn while_unset(&self, output: &Output) -> Output {
        match output {
            Output::Text(_) => output.clone(),
            Output::Command(id) => {
                let command = &self.commands[id.0 as usize];
                match (command.variable, command.alike.iter().min()) {
                    (Some(_), _) => Output::Text(Name::new("")),
                    (None, first) => Output::Command(first.map_or(*id, |first| *first.min(id))),
                }
            }
            Output::Either {
                test,
                success,
                failure,
            } => {
                let known = &self.tests[test.0 as usize];
                match known.while_unset {
                    Some(true) => self.while_unset(success),
                    Some(false) => self.while_unset(failure),
                    None => {
                        let first = known.alike.iter().min();
                        let test = first.map_or(*test, |first| *first.min(test));
                        either(test, self.while_unset(success), self.while_unset(failure))
                    }
                }
            }
            Output::Joined(parts) => {
                let mut pieces = Pieces::new();
                for part in parts {
                    pieces.push(&self.while_unset(part));
                }
                pieces.to_output()
            }
        }
    }

    /// Adds the variables on which it hangs what an output is while all are unset.
    pub(super) fn variables_in(&self, output: &Output, found: &mut BTreeSet<Name>) {
        let mut seen = FxHashSet::default();
        let mut open = vec![output];
        while let Some(output) = open.pop() {
            match output {
                Output::Text(_) => {}
                Output::Command(id) => found.extend(self.variable_of(*id)),
                Output::Joined(parts) => open.extend(parts),
                Output::Either {
                    test,
                    success,
                    failure,
                } => {
                    open.extend([&**success, &**failure]);
                    if !seen.insert(*test) {
                        continue;
                    }
                    match &self.tests[test.0 as usize].meaning {
                        Some(
                            Meaning::Equal { left, right, .. }
                            | Meaning::Compare { left, right, .. },
                        ) => open.extend([left, right]),
                        Some(Meaning::Empty { value, .. }) => open.push(value),
                        None => {}
                    }
                }
            }
        }
    }

    /// Whether an output can be the empty text because a variable is unset.
    pub(super) fn may_vanish(&self, output: &Output) -> bool {
        match output {
            Output::Text(_) | Output::Joined(_) => false,
            Output::Command(id) => self.variable_of(*id).is_some(),
            Output::Either {
                success, failure, ..
            } => self.may_vanish(success) || self.may_vanish(failure),
        }
    }
}

/// The name of a variable as records of answers have it, beside the texts of commands.
pub fn variable_key(name: &str) -> String {
    format!("$({name})")
}

/// The variable that a key of a record of answers names, if it is not the text of a command.
pub fn variable_of_key(key: &str) -> Option<&str> {
    let name = key.strip_prefix("$(")?.strip_suffix(')')?;
    is_variable_name(name).then_some(name)
}

/// Whether a shell could set a variable of this name. A variable of another name counts as unset:
/// most often it is a function that nobody defines.
pub(super) fn is_variable_name(name: &str) -> bool {
    let mut letters = name.bytes();
    letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == b'_')
}

impl Commands {
    /// An output in words: known text as it is, what a command prints as `$(shell,…)`.
    pub fn describe(&self, output: &Output) -> String {
        match output {
            Output::Text(text) => text.as_str().to_owned(),
            Output::Command(id) => {
                let command = &self.commands[id.0 as usize];
                let text = self.describe(&command.text);
                match command.variable {
                    Some(_) => text,
                    None => format!("$(shell,{text})"),
                }
            }
            Output::Either {
                test,
                success,
                failure,
            } => format!(
                "$(if-success,{},{},{})",
                self.describe(&self.tests[test.0 as usize].text),
                self.describe(success),
                self.describe(failure)
            ),
            Output::Joined(pieces) => pieces.iter().map(|piece| self.describe(piece)).collect(),
        }
    }
}
