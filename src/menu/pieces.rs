// SPDX-License-Identifier: MIT OR Apache-2.0
//! Text under construction, part of which only the toolchain knows.
//!
//! The preprocessor builds these; what leaves it is an [`Output`]. Nothing here knows what a
//! macro or a command is.

use std::collections::BTreeSet;

use super::command::{Output, TestId};
use crate::source::Name;

/// An output that depends on more tests than this is kept as a concatenation. Distribution
/// doubles with each test.
const MAX_TESTS: usize = 4;

/// Known text and unknown outputs side by side.
///
/// Invariants: no two `Known` stand side by side, none is empty, and no `Unknown` holds
/// `Output::Text` or `Output::Joined`.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(super) struct Pieces(Vec<Piece>);

/// One part of [`Pieces`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Piece {
    /// Known text.
    Known(String),
    /// Known to the toolchain.
    Unknown(Output),
}

impl Pieces {
    /// Nothing.
    pub(super) fn new() -> Pieces {
        Pieces::default()
    }

    /// The parts.
    pub(super) fn parts(&self) -> &[Piece] {
        &self.0
    }

    /// The text, when all of it is known.
    pub(super) fn as_text(&self) -> Option<&str> {
        match &*self.0 {
            [] => Some(""),
            [Piece::Known(text)] => Some(text),
            _ => None,
        }
    }

    /// Appends known text.
    pub(super) fn push_str(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.0.last_mut() {
            Some(Piece::Known(last)) => last.push_str(text),
            _ => self.0.push(Piece::Known(text.to_owned())),
        }
    }

    /// Appends an output.
    pub(super) fn push(&mut self, output: &Output) {
        match output {
            Output::Text(text) => self.push_str(text.as_str()),
            Output::Joined(parts) => parts.iter().for_each(|part| self.push(part)),
            other => self.0.push(Piece::Unknown(other.clone())),
        }
    }

    /// Appends all of `other`.
    pub(super) fn append(&mut self, other: &Pieces) {
        for part in &other.0 {
            match part {
                Piece::Known(text) => self.push_str(text),
                Piece::Unknown(output) => self.push(output),
            }
        }
    }

    /// Number of bytes of known text, an unknown counting as one.
    pub(super) fn size(&self) -> usize {
        let sizes = self.0.iter().map(|part| match part {
            Piece::Known(text) => text.len(),
            Piece::Unknown(_) => 1,
        });
        sizes.sum()
    }

    /// These pieces as a value in normal form: tests outside, text inside.
    pub(super) fn to_output(&self) -> Output {
        self.distribute(&mut Pieces::join)
    }

    /// Applies `map` to each way the tests in these pieces can turn out, and makes the
    /// results branches of these tests. When they are too many, `map` sees them as they are.
    pub(super) fn distribute(&self, map: &mut dyn FnMut(&Pieces) -> Output) -> Output {
        let mut tests = BTreeSet::new();
        for part in &self.0 {
            if let Piece::Unknown(output) = part {
                collect_tests(output, &mut tests);
            }
        }
        if tests.len() > MAX_TESTS {
            return map(self);
        }
        self.split(map)
    }

    /// The recursion is as deep as there are distinct tests, at most [`MAX_TESTS`].
    fn split(&self, map: &mut dyn FnMut(&Pieces) -> Output) -> Output {
        let first = self.0.iter().find_map(|part| match part {
            Piece::Unknown(Output::Either { test, .. }) => Some(*test),
            _ => None,
        });
        let Some(test) = first else { return map(self) };
        let success = self.assuming(test, true).split(map);
        let failure = self.assuming(test, false).split(map);
        either(test, success, failure)
    }

    fn assuming(&self, test: TestId, outcome: bool) -> Pieces {
        let mut known = Pieces::new();
        for part in &self.0 {
            match part {
                Piece::Known(text) => known.push_str(text),
                Piece::Unknown(output) => known.push_assuming(output, test, outcome),
            }
        }
        known
    }

    fn push_assuming(&mut self, output: &Output, test: TestId, outcome: bool) {
        match output {
            Output::Either {
                test: other,
                success,
                failure,
            } if *other == test => {
                let branch = if outcome { success } else { failure };
                self.push_assuming(branch, test, outcome);
            }
            Output::Either {
                test: other,
                success,
                failure,
            } => {
                let branch = |output: &Output| {
                    let mut pieces = Pieces::new();
                    pieces.push_assuming(output, test, outcome);
                    pieces.join()
                };
                let value = either(*other, branch(success), branch(failure));
                self.push(&value);
            }
            Output::Joined(parts) => {
                for part in parts {
                    self.push_assuming(part, test, outcome);
                }
            }
            other => self.push(other),
        }
    }

    /// These pieces side by side, tests inside.
    pub(super) fn join(&self) -> Output {
        let mut parts: Vec<Output> = self
            .0
            .iter()
            .map(|part| match part {
                Piece::Known(text) => Output::Text(Name::new(text)),
                Piece::Unknown(output) => output.clone(),
            })
            .collect();
        match parts.len() {
            0 => Output::Text(Name::new("")),
            1 => parts.swap_remove(0),
            _ => Output::Joined(parts),
        }
    }
}

impl From<&str> for Pieces {
    fn from(text: &str) -> Pieces {
        let mut pieces = Pieces::new();
        pieces.push_str(text);
        pieces
    }
}

impl From<&Output> for Pieces {
    fn from(output: &Output) -> Pieces {
        let mut pieces = Pieces::new();
        pieces.push(output);
        pieces
    }
}

/// One of two outputs, or what they have in common.
pub(super) fn either(test: TestId, success: Output, failure: Output) -> Output {
    if success == failure {
        return success;
    }
    Output::Either {
        test,
        success: Box::new(success),
        failure: Box::new(failure),
    }
}

/// The depth of an output is bounded by [`MAX_TESTS`]: deeper ones are never built.
fn collect_tests(output: &Output, tests: &mut BTreeSet<TestId>) {
    match output {
        Output::Either {
            test,
            success,
            failure,
        } => {
            tests.insert(*test);
            collect_tests(success, tests);
            collect_tests(failure, tests);
        }
        Output::Joined(parts) => parts.iter().for_each(|part| collect_tests(part, tests)),
        Output::Text(_) | Output::Command(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::menu::command::CommandId;

    fn text(text: &str) -> Output {
        Output::Text(Name::new(text))
    }

    fn test(number: u32, success: &str, failure: &str) -> Output {
        either(TestId(number), text(success), text(failure))
    }

    #[test]
    fn a_test_is_distributed_over_what_stands_beside_it() {
        let mut pieces = Pieces::from("a");
        pieces.push(&test(0, "x", "y"));
        pieces.push_str("b");
        assert_eq!(pieces.to_output(), test(0, "axb", "ayb"));
    }

    #[test]
    fn one_test_has_one_outcome() {
        let mut pieces = Pieces::from(&test(0, "x", "y"));
        pieces.push(&test(0, "1", "2"));
        assert_eq!(pieces.to_output(), test(0, "x1", "y2"));
    }

    #[test]
    fn equal_branches_fold() {
        assert_eq!(test(0, "x", "x"), text("x"));
    }

    #[test]
    fn many_tests_stay_side_by_side() {
        let mut pieces = Pieces::new();
        for number in 0..9 {
            pieces.push(&test(number, "x", "y"));
        }
        assert!(matches!(pieces.to_output(), Output::Joined(parts) if parts.len() == 9));
    }

    #[test]
    fn joined_text_is_in_normal_form() {
        let mut pieces = Pieces::from("a");
        pieces.push_str("b");
        pieces.push(&Output::Command(CommandId(0)));
        pieces.push_str("");
        let expected = vec![text("ab"), Output::Command(CommandId(0))];
        assert_eq!(pieces.to_output(), Output::Joined(expected));
    }
}
