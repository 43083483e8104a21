// SPDX-License-Identifier: MIT OR Apache-2.0
//! Commands that a tree would run (`$(shell,…)`), and what stands for their output.
//!
//! Nothing is run. A command's output is an unknown with its text for a name; the commonest
//! form, `{ C; } >/dev/null 2>&1 && echo A || echo B`, has exactly two outputs, decided by
//! whether C succeeds. What a test C means is read from its text where that is certain.
//! (semantics.md 27 to 31; preprocess.c, do_shell.)

use rustc_hash::{FxHashMap, FxHashSet};

use crate::source::Name;

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

/// A command whose output is any text.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Command {
    /// Its text, with unknowns where it embeds other outputs.
    pub text: Output,
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
    by_condition: FxHashMap<Output, TestId>,
    seen: FxHashSet<Name>,
}

impl Commands {
    /// Notes that conf runs this text.
    pub(super) fn ask(&mut self, text: &str) {
        let text = Name::new(text);
        if self.seen.insert(text) {
            self.asked.push(text);
        }
    }

    /// The command of this text.
    pub fn command(&mut self, text: Output) -> CommandId {
        let next = CommandId(self.commands.len() as u32);
        let id = *self.by_text.entry(text.clone()).or_insert(next);
        if id == next {
            self.commands.push(Command { text });
        }
        id
    }

    /// The test of this condition; `meaning` is asked only for a new one.
    pub fn test(
        &mut self,
        condition: Output,
        meaning: impl FnOnce(&Output) -> Option<Meaning>,
    ) -> TestId {
        let next = TestId(self.tests.len() as u32);
        let id = *self.by_condition.entry(condition.clone()).or_insert(next);
        if id == next {
            let meaning = meaning(&condition);
            self.tests.push(Test {
                text: condition,
                commands: Vec::new(),
                meaning,
            });
        }
        id
    }
}

impl Commands {
    /// An output in words: known text as it is, what a command prints as `$(shell,…)`.
    pub fn describe(&self, output: &Output) -> String {
        match output {
            Output::Text(text) => text.as_str().to_owned(),
            Output::Command(id) => {
                format!(
                    "$(shell,{})",
                    self.describe(&self.commands[id.0 as usize].text)
                )
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
