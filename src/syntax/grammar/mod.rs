// SPDX-License-Identifier: MIT OR Apache-2.0
//! The productions: what one line of Kconfig may say, as nom parsers over its tokens.
//!
//! A production reads the tokens of one line and gives a piece of the typed view. It does
//! not know the lines around it: blocks, places and recovery are the parser's. It follows
//! `scripts/kconfig/parser.y`, and for words of dialects their own documentation.

mod attribute;
mod expression;

use nom::Parser;
use nom::branch::alt;
use nom::combinator::{map, opt, value};

use crate::source::TextRange;
use crate::syntax::ast::{AssignOp, Atom, AttributeKind, EntryKind, Source, Text};
use crate::syntax::cursor::{
    Cursor, Parsed, choice_name, expect, macros, name, token, token_where,
};
use crate::syntax::token::{Keyword, TokenKind};

/// What a line says.
#[derive(Debug)]
pub(super) enum Line {
    /// A statement, or the head of a block.
    Entry(EntryKind),
    /// An assignment with macros between its name and its operator.
    Assignment(EntryKind, Atom),
    /// A line below an entry.
    Attribute(AttributeKind),
    /// `endmenu`, `endif` or `endchoice`.
    Close(Keyword),
    /// Macros only, which have to expand to nothing.
    Macros(Atom),
}

/// Macros that may expand to nothing, before or after what a line says.
pub(super) fn stray_macros(input: Cursor<'_>) -> Parsed<'_, Option<Atom>> {
    opt(macros).parse(input)
}

/// One line, from its keyword on. A mismatch that says nothing of what was expected means
/// that no statement starts like this.
pub(super) fn line(input: Cursor<'_>) -> Parsed<'_, Line> {
    match input.kind() {
        Some(TokenKind::Keyword(first)) => keyword_line(first, input),
        _ => alt((assignment, map(macro_line, Line::Macros))).parse(input),
    }
}

/// One more `name=value` of the same `option` line.
pub(super) fn more_options(input: Cursor<'_>) -> Parsed<'_, AttributeKind> {
    attribute::option(input)
}

fn keyword_line(first: Keyword, input: Cursor<'_>) -> Parsed<'_, Line> {
    let after = input.skip(1);
    let entry = match first {
        Keyword::EndMenu | Keyword::EndIf | Keyword::EndChoice => {
            return Ok((after, Line::Close(first)));
        }
        Keyword::Config => config(after),
        Keyword::MenuConfig => menu_config(after),
        Keyword::ConfigDefault => config_default(after),
        Keyword::Choice => map(opt(choice_name), EntryKind::Choice).parse(after),
        Keyword::Menu => titled("a title in quotes after `menu`", EntryKind::Menu, after),
        Keyword::Comment => titled(
            "a text in quotes after `comment`",
            EntryKind::Comment,
            after,
        ),
        Keyword::MainMenu => titled(
            "a title in quotes after `mainmenu`",
            EntryKind::MainMenu,
            after,
        ),
        Keyword::If => map(
            expect(expression::expression, "an expression after `if`"),
            EntryKind::If,
        )
        .parse(after),
        Keyword::Insert => Ok((after, EntryKind::Insert)),
        _ if first.is_source() => source(first, after),
        _ => {
            return match attribute::attribute(first, input) {
                Some(found) => found.map(|(rest, kind)| (rest, Line::Attribute(kind))),
                None => input.mismatch(),
            };
        }
    };
    entry.map(|(rest, kind)| (rest, Line::Entry(kind)))
}

fn config(input: Cursor<'_>) -> Parsed<'_, EntryKind> {
    map(
        expect(name, "the name of a symbol after `config`"),
        EntryKind::Config,
    )
    .parse(input)
}

fn menu_config(input: Cursor<'_>) -> Parsed<'_, EntryKind> {
    map(
        expect(name, "the name of a symbol after `menuconfig`"),
        EntryKind::MenuConfig,
    )
    .parse(input)
}

fn config_default(input: Cursor<'_>) -> Parsed<'_, EntryKind> {
    map(
        expect(name, "the name of a symbol after `configdefault`"),
        EntryKind::ConfigDefault,
    )
    .parse(input)
}

fn titled<'a>(
    expected: &'static str,
    kind: fn(Text) -> EntryKind,
    input: Cursor<'a>,
) -> Parsed<'a, EntryKind> {
    map(expect(attribute::text, expected), kind).parse(input)
}

/// `source` and its dialects: with quotes everywhere, without in older trees and coreboot.
fn source(first: Keyword, input: Cursor<'_>) -> Parsed<'_, EntryKind> {
    use Keyword::{GSource, GrSource, OSource, OrSource, RSource};
    let path = token_where(|kind| kind.is_string() || kind == TokenKind::Path);
    let (after, path) = expect(path, "a path in quotes").parse(input)?;
    let source = Source {
        path: input.arena.plain_text(path),
        relative: matches!(first, RSource | OrSource | GrSource),
        optional: matches!(first, OSource | OrSource | GSource | GrSource),
    };
    Ok((after, EntryKind::Source(source)))
}

/// `NAME = value`. The lexer has decided what the value is.
fn assignment(input: Cursor<'_>) -> Parsed<'_, Line> {
    let (after, name) = token_where(TokenKind::is_word).parse(input)?;
    let (after, between) = stray_macros(after)?;
    let (end, op) = assign_op(after)?;
    let operator = after.rest[0].range;
    let (end, assigned) = opt(token(TokenKind::Value)).parse(end)?;
    let value = assigned.unwrap_or(TextRange::new(operator.end, operator.end));
    let name = input.arena.word(name);
    let entry = EntryKind::Assignment { name, op, value };
    let line = match between {
        Some(macros) => Line::Assignment(entry, macros),
        None => Line::Entry(entry),
    };
    Ok((end, line))
}

fn assign_op(input: Cursor<'_>) -> Parsed<'_, AssignOp> {
    alt((
        value(AssignOp::Recursive, token(TokenKind::Equal)),
        value(AssignOp::Simple, token(TokenKind::ColonEqual)),
        value(AssignOp::Append, token(TokenKind::PlusEqual)),
    ))
    .parse(input)
}

/// Macros to the end of the line.
fn macro_line(input: Cursor<'_>) -> Parsed<'_, Atom> {
    let (after, found) = macros(input)?;
    if after.rest.is_empty() {
        Ok((after, found))
    } else {
        after.mismatch()
    }
}
