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

    /// Reads a line without its `hollow` macros, and notes that they have to be nothing.
    pub(super) fn solid_statement(&mut self, solid: &[Token], hollow: &[Token], place: &Place<'_>) {
        let solid_place = Place {
            line: solid,
            tokens: place.tokens.clone(),
        };
        let cursor = Cursor {
            rest: solid,
            arena: self.arena,
        };
        if let Ok((rest, line)) = grammar::line(cursor) {
            self.matched(rest, line, &solid_place);
        }
        if !hollow.is_empty() {
            self.macros(self.arena.atom(hollow), place);
        }
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

/// Parts a line that does not match as it stands into one that does and the macros that
/// stand where only nothing may, if there is such a line: conf does not see a macro that is
/// nothing (`yylex1` of lexer.l).
///
/// A macro is a word as long as the line can be read so. Where it cannot be read on, the
/// macros at that place are none; those before it were read as a word and need not be one.
pub(super) fn hollow(cursor: Cursor<'_>) -> Option<(Vec<Token>, Vec<Token>)> {
    let mut line = cursor.rest.to_vec();
    if !line.iter().any(is_macro) {
        return None;
    }
    let mut hollow = never_words(&mut line);
    loop {
        let rest = &line[..];
        match read_up_to(Cursor { rest, ..cursor }) {
            Ok(end) => {
                hollow.extend(line.drain(end..));
                hollow.sort_by_key(|token| token.range.start);
                return Some((line, hollow));
            }
            Err(stuck) => {
                let after = line[stuck..].iter().take_while(|token| is_macro(token));
                let before = line[..stuck]
                    .iter()
                    .rev()
                    .take_while(|token| is_macro(token));
                let macros = match (before.count(), after.count()) {
                    (0, 0) => return None,
                    (before, 0) => stuck - before..stuck,
                    (_, after) => stuck..stuck + after,
                };
                hollow.extend(line.drain(macros));
            }
        }
    }
}

/// Takes the macros out of a line that stand before `!` and `(` or after `)`, where no word
/// ever does. The others that are hollow are few, so that a line is not read often.
fn never_words(line: &mut Vec<Token>) -> Vec<Token> {
    let mut words = Vec::with_capacity(line.len());
    let mut hollow = Vec::new();
    let mut end = 0;
    for run in line.chunk_by(|one, two| is_macro(one) == is_macro(two)) {
        end += run.len();
        let after = words.last().map(|token: &Token| token.kind);
        let before = line.get(end).map(|token| token.kind);
        let bare = after == Some(TokenKind::CloseParen)
            || matches!(before, Some(TokenKind::Not | TokenKind::OpenParen));
        let kept = if is_macro(&run[0]) && bare {
            &mut hollow
        } else {
            &mut words
        };
        kept.extend_from_slice(run);
    }
    *line = words;
    hollow
}

/// Where what a line says ends, if only macros follow; else where it cannot be read on.
fn read_up_to(cursor: Cursor<'_>) -> Result<usize, usize> {
    let length = cursor.rest.len();
    let option = cursor.kind() == Some(TokenKind::Keyword(Keyword::Option));
    let mut result = grammar::line(cursor).map(|(rest, _)| rest);
    while let Ok(rest) = result {
        if rest.rest.iter().all(is_macro) {
            return Ok(length - rest.rest.len());
        }
        if !option {
            return Err(length - rest.rest.len());
        }
        result = grammar::more_options(rest).map(|(rest, _)| rest);
    }
    match result {
        Err(nom::Err::Error(fault) | nom::Err::Failure(fault)) => Err(length - fault.left),
        _ => Err(length),
    }
}

fn is_macro(token: &Token) -> bool {
    token.kind == TokenKind::Macro
}
