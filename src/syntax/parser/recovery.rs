// SPDX-License-Identifier: MIT OR Apache-2.0
//! Recovery: what is kept of a line that does not match, and how it is reported.
//!
//! A wrong line must not make others wrong: the block it opens is opened, and the lines that
//! would belong to it are not blamed for its fault.

use super::{Parser, Place, Target};
use crate::source::{Name, TextRange};
use crate::syntax::SyntaxError;
use crate::syntax::ast::{Atom, EntryKind, ExprKind, Text, Word};
use crate::syntax::cursor::{Cursor, Fault};
use crate::syntax::grammar;
use crate::syntax::message;
use crate::syntax::node::NodeKind;
use crate::syntax::token::{Keyword, Token, TokenKind};

impl Parser<'_> {
    /// Reports a line that does not match, and keeps of it what other lines need.
    pub(super) fn mismatch(
        &mut self,
        error: nom::Err<Fault>,
        cursor: Cursor<'_>,
        place: &Place<'_>,
    ) {
        let fault = match error {
            nom::Err::Error(fault) | nom::Err::Failure(fault) => fault,
            nom::Err::Incomplete(_) => Fault {
                left: cursor.rest.len(),
                expected: "",
            },
        };
        let (range, message) = message::mismatch(self.arena.text, place.line, fault, cursor);
        self.error(range, message);
        let Some(first) = cursor.rest.first() else {
            return;
        };
        match first.kind {
            TokenKind::Keyword(keyword) => self.keep_head(keyword, first.range.end, place),
            _ => {
                self.nodes.line(NodeKind::Error, place.tokens.clone());
                // Perhaps it was meant as an entry; then the lines below are not to blame,
                // and do not belong to the entry before.
                let meant = message::nearest(first.range.of(self.arena.text));
                let head = meant.is_some_and(starts_entry);
                if head || matches!(self.target, Target::Nothing) {
                    self.target = Target::Lost;
                }
            }
        }
    }

    /// Of a wrong head is kept that its block is open and that attributes follow. The text
    /// of a menu is empty then, and the condition of an `if` is "y"; both have no place.
    pub(super) fn keep_head(&mut self, keyword: Keyword, end: u32, place: &Place<'_>) {
        let range = TextRange::new(end, end);
        match keyword {
            Keyword::Menu => {
                let title = Text {
                    range,
                    quoted: false,
                    has_macro: false,
                };
                self.entry(EntryKind::Menu(title), place);
            }
            Keyword::If => {
                let first = self.arena.add_word(Word {
                    range,
                    quoted: true,
                    text: Some(Name::new("y")),
                });
                let yes = ExprKind::Atom(Atom { first, count: 1 });
                let yes = self.arena.expr(yes, range);
                self.entry(EntryKind::If(yes), place);
            }
            _ => {
                self.nodes.line(NodeKind::Error, place.tokens.clone());
                if starts_entry(keyword) {
                    self.target = Target::Lost;
                }
            }
        }
    }

    /// Whether a line that does not match as it stands would if its macros were nothing.
    pub(super) fn without_macros(&self, cursor: Cursor<'_>) -> bool {
        let solid = solid(cursor.rest);
        if solid.is_empty() || solid.len() == cursor.rest.len() {
            return false;
        }
        let cursor = Cursor {
            rest: &solid,
            ..cursor
        };
        grammar::line(cursor).is_ok_and(|(rest, _)| rest.rest.is_empty())
    }

    /// Reads a line whose macros stand where nothing may, so that they have to be nothing.
    pub(super) fn solid_statement(&mut self, place: &Place<'_>) {
        let solid = solid(place.line);
        let solid_place = Place {
            line: &solid,
            tokens: place.tokens.clone(),
        };
        let cursor = Cursor {
            rest: &solid,
            arena: self.arena,
        };
        if let Ok((_, line)) = grammar::line(cursor) {
            self.read(line, &solid_place, solid.len());
        }
        let is_macro = |token: &&Token| token.kind == TokenKind::Macro;
        let macros: Vec<Token> = place.line.iter().filter(is_macro).copied().collect();
        self.macros(self.arena.atom(&macros), place);
    }

    pub(super) fn error(&mut self, range: TextRange, message: String) {
        self.errors.push(SyntaxError {
            rule: "syntax-error",
            range,
            message,
            related: None,
            harmless: false,
        });
    }

    pub(super) fn error_with(
        &mut self,
        range: TextRange,
        message: String,
        related: TextRange,
        note: &str,
    ) {
        self.error(range, message);
        if let Some(error) = self.errors.last_mut() {
            error.related = Some((related, note.to_owned()));
        }
    }
}

/// Whether attributes may follow a line with this keyword.
fn starts_entry(keyword: Keyword) -> bool {
    use Keyword as K;
    matches!(
        keyword,
        K::Config | K::MenuConfig | K::ConfigDefault | K::Comment | K::Choice | K::Menu
    )
}

/// The tokens of a line that cannot expand to nothing.
fn solid(line: &[Token]) -> Vec<Token> {
    let is_solid = |token: &&Token| token.kind != TokenKind::Macro;
    line.iter().filter(is_solid).copied().collect()
}
