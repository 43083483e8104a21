// SPDX-License-Identifier: MIT OR Apache-2.0
//! The language: tokens with their trivia, a parser that recovers, and the typed view.
//!
//! Parsing never fails. It returns a tree that covers every byte of the file and a list of
//! syntax errors; what is intact is there to be linted. Nothing here expands a macro, opens
//! a file or knows an architecture.

pub mod ast;

pub use ast::Ast;

use crate::source::TextRange;

/// Which rules of writing hold in a file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Notation {
    /// An ordinary Kconfig file.
    #[default]
    Kconfig,
    /// A C file of BusyBox: only what follows `//config:` counts, the rest is trivia.
    ConfigComments,
}

/// A syntax error with its place. `message` says what is wrong, in lower case and without
/// a full stop; `rule` is `syntax-error` or `unterminated-block`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyntaxError {
    /// The rule it is reported under.
    pub rule: &'static str,
    /// The place.
    pub range: TextRange,
    /// What is wrong.
    pub message: String,
    /// A second place that explains it, such as the head of an open block.
    pub related: Option<(TextRange, String)>,
    /// What conf calls a warning and reads over (a stray character, say).
    pub harmless: bool,
}

/// The syntax of one file.
#[derive(Debug, Default)]
pub struct SyntaxTree {
    ast: Ast,
    errors: Vec<SyntaxError>,
}

impl SyntaxTree {
    /// The typed view.
    pub fn ast(&self) -> &Ast {
        &self.ast
    }

    /// The syntax errors, in order of their places.
    pub fn errors(&self) -> &[SyntaxError] {
        &self.errors
    }
}
