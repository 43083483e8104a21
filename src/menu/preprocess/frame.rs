// SPDX-License-Identifier: MIT OR Apache-2.0
//! The frames of an expansion, and how a text is read up to its next reference.
//!
//! What a reference means is the preprocessor's affair.

use std::rc::Rc;

use super::MacroError;
use crate::menu::pieces::Pieces;

/// Name and arguments of a function together (preprocess.c, FUNCTION_MAX_ARGS).
const MAX_ARGUMENTS: usize = 16;

/// Something that waits for a value, or works at one.
pub(super) enum Frame {
    /// Text that is being expanded, up to `at`.
    Text {
        text: Rc<str>,
        at: usize,
        quoted: bool,
        arguments: Rc<[Pieces]>,
        result: Pieces,
    },
    /// A reference whose name and arguments are being expanded.
    Call {
        waiting: Vec<Rc<str>>,
        done: Vec<Pieces>,
        arguments: Rc<[Pieces]>,
    },
    /// A variable whose value is being expanded.
    Variable(String),
}

/// What reading on in a text led to.
pub(super) enum Step {
    /// Its end.
    Done(Pieces),
    /// A reference.
    Call(Frame),
}

impl Frame {
    pub(super) fn text(text: Rc<str>, quoted: bool, arguments: Rc<[Pieces]>) -> Frame {
        Frame::Text {
            text,
            at: 0,
            quoted,
            arguments,
            result: Pieces::new(),
        }
    }

    /// Reads on to the next reference (preprocess.c, __expand_string). A `$` without a
    /// parenthesis is an ordinary character.
    pub(super) fn read_text(&mut self, left: &mut usize) -> Result<Step, MacroError> {
        let Frame::Text {
            text,
            at,
            quoted,
            arguments,
            result,
        } = self
        else {
            return Ok(Step::Done(Pieces::new()));
        };
        loop {
            let rest = &text[*at..];
            let stop = rest.find(|c| c == '$' || *quoted && c == '\\');
            let plain = &rest[..stop.unwrap_or(rest.len())];
            spend(left, plain.len())?;
            result.push_str(plain);
            *at += plain.len();
            let Some(stop) = stop else {
                return Ok(Step::Done(std::mem::take(result)));
            };
            let rest = &rest[stop..];
            if let Some(escaped) = rest.strip_prefix('\\') {
                let taken = escaped.chars().next().map_or(0, char::len_utf8);
                result.push_str(&escaped[..taken]);
                *at += 1 + taken;
                continue;
            }
            let Some(inside) = rest.strip_prefix("$(") else {
                result.push_str("$");
                *at += 1;
                continue;
            };
            let Some(end) = closing(inside) else {
                return Err(MacroError(format!(
                    "unterminated reference to '{inside}': missing ')'"
                )));
            };
            let clause = &inside[..end];
            *at += 2 + end + 1;
            spend(left, clause.len())?;
            match parameter(clause, arguments.len()) {
                Some(index) => {
                    spend(left, arguments[index].size())?;
                    result.append(&arguments[index]);
                }
                None => return Ok(Step::Call(Frame::call(clause, arguments.clone())?)),
            }
        }
    }

    /// Splits a clause into its name and arguments at the commas outside of parentheses.
    fn call(clause: &str, arguments: Rc<[Pieces]>) -> Result<Frame, MacroError> {
        let mut depth = 0i32;
        let parts = clause.split(|c| {
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            c == ',' && depth == 0
        });
        let mut waiting: Vec<Rc<str>> = Vec::new();
        for part in parts {
            if waiting.len() >= MAX_ARGUMENTS {
                return Err(MacroError("too many function arguments".to_owned()));
            }
            waiting.push(part.into());
        }
        waiting.reverse();
        Ok(Frame::Call {
            done: Vec::with_capacity(waiting.len()),
            waiting,
            arguments,
        })
    }
}

/// The place of the parenthesis that closes a reference whose inside starts here.
fn closing(inside: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in inside.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 0 => return Some(at),
            b')' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The index of the argument that `$(1)`, `$(2)` … mean, if the function got that many. Numbers
/// are read as strtoul reads them.
fn parameter(clause: &str, count: usize) -> Option<usize> {
    let digits = clause.trim_start_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
    let number: usize = digits.parse().ok()?;
    (1..=count).contains(&number).then(|| number - 1)
}

pub(super) fn spend(left: &mut usize, cost: usize) -> Result<(), MacroError> {
    *left = left
        .checked_sub(cost)
        .ok_or_else(|| MacroError("the expansion is too long: it was given up".to_owned()))?;
    Ok(())
}
