// SPDX-License-Identifier: MIT OR Apache-2.0
//! The language: tokens with their trivia, a parser that recovers, and the typed view.
//!
//! Parsing never fails. It returns a tree that covers every byte of the file and a list of
//! syntax errors; what is intact is there to be linted. Nothing here expands a macro, opens
//! a file or knows an architecture.

pub mod ast;
mod blocks;
mod cursor;
mod graft;
mod grammar;
mod lexer;
mod message;
mod node;
mod parser;
mod token;

pub use ast::Ast;
pub use node::{Node, NodeKind};
pub use token::{Keyword, Token, TokenKind};

use crate::source::TextRange;

/// Which rules of writing hold in a file.
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, Debug, Default, serde::Serialize, serde::Deserialize,
)]
pub enum Notation {
    /// An ordinary Kconfig file.
    #[default]
    Kconfig,
    /// A Kconfig file of a tree that kconfiglib reads: lines are joined before strings are read, and
    /// statements may stand where conf does not take them (kconfiglib.py, `_next_line`, `_parse_block`).
    Kconfiglib,
    /// The same for esp-idf-kconfig, which lets more attributes stand where they have no effect (core.py,
    /// `_parse_props`).
    EspIdf,
    /// A Kconfig file of QEMU, where `||` binds tighter than `&&` (minikconf.py, `parse_expr`).
    Minikconf,
    /// A C file of BusyBox: only what follows `//config:` counts, the rest is trivia.
    ConfigComments,
}

impl Notation {
    /// Whether the whole file is Kconfig.
    pub fn is_whole(self) -> bool {
        self != Notation::ConfigComments
    }

    /// Whether kconfiglib or a fork of it reads the file.
    pub fn is_kconfiglib(self) -> bool {
        matches!(self, Notation::Kconfiglib | Notation::EspIdf)
    }
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
    tokens: Vec<lexer::Start>,
    nodes: Vec<Node>,
    length: u32,
}

impl SyntaxTree {
    /// Parses a file. There is a tree for any bytes; what is wrong with them is in
    /// [`SyntaxTree::errors`]. Equal bytes give equal trees.
    ///
    /// Offsets are 32 bits wide: of a text of 4 GiB and more only the start is read.
    pub fn parse(text: &[u8], notation: Notation) -> SyntaxTree {
        let limit = u32::MAX as usize - 1;
        parser::parse(&text[..text.len().min(limit)], notation)
    }

    /// The typed view.
    pub fn ast(&self) -> &Ast {
        &self.ast
    }

    /// The syntax errors, in order of their places.
    pub fn errors(&self) -> &[SyntaxError] {
        &self.errors
    }

    /// All tokens in order, trivia included: one after the other they are the file.
    pub fn tokens(&self) -> impl ExactSizeIterator<Item = Token> + '_ {
        (0..self.tokens.len()).map(|index| self.token_at(index))
    }

    /// The token at this position, or nothing past the last.
    pub fn token(&self, index: u32) -> Option<Token> {
        ((index as usize) < self.tokens.len()).then(|| self.token_at(index as usize))
    }

    /// The nodes over the tokens, in preorder; the first is the file.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The positions of a node's children in [`SyntaxTree::nodes`], in order.
    pub fn children(&self, node: u32) -> impl Iterator<Item = u32> + '_ {
        let end = self.nodes.get(node as usize).map_or(0, |node| node.end);
        let mut next = node + 1;
        std::iter::from_fn(move || {
            let child = self.nodes.get(next as usize).filter(|_| next < end)?;
            let index = next;
            next = child.end;
            Some(index)
        })
    }

    fn token_at(&self, index: usize) -> Token {
        let start = self.tokens[index];
        let end = self
            .tokens
            .get(index + 1)
            .map_or(self.length, |next| next.at);
        Token {
            kind: start.kind,
            range: TextRange::new(start.at, end),
        }
    }
}
