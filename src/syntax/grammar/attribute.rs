// SPDX-License-Identifier: MIT OR Apache-2.0
//! The lines below an entry: `config_option`, `choice_option`, `depends`, `visible` and
//! `help` of `scripts/kconfig/parser.y`, those of older trees and those of dialects.
//!
//! Which entry may have which is decided by the parser, not here.

use nom::Parser;
use nom::combinator::{map, opt};
use nom::sequence::{preceded, terminated};

use super::expression::expression;
use crate::source::TextRange;
use crate::syntax::ast::{Atom, AttributeKind, ExprId, Prompt, Text, Type};
use crate::syntax::cursor::{
    Cursor, Parsed, expect, is_operand, keyword, name, operand, token, token_where,
};
use crate::syntax::token::{Keyword, TokenKind};

/// Reads the attribute that starts with `first`; `None` when no attribute starts so.
pub(super) fn attribute<'a>(
    first: Keyword,
    input: Cursor<'a>,
) -> Option<Parsed<'a, AttributeKind>> {
    let after = input.skip(1);
    Some(match first {
        Keyword::Bool | Keyword::Boolean => typed(Type::Bool, after),
        Keyword::Tristate => typed(Type::Tristate, after),
        Keyword::Int => typed(Type::Int, after),
        Keyword::Hex => typed(Type::Hex, after),
        Keyword::String => typed(Type::String, after),
        Keyword::Float => typed(Type::Float, after),
        Keyword::DefBool => typed_default(Type::Bool, after),
        Keyword::DefTristate => typed_default(Type::Tristate, after),
        Keyword::DefInt => typed_default(Type::Int, after),
        Keyword::DefHex => typed_default(Type::Hex, after),
        Keyword::DefString => typed_default(Type::String, after),
        Keyword::Prompt => prompt_line(after),
        Keyword::Default => default(after),
        Keyword::Depends => depends_on(after),
        Keyword::Select => select(after),
        Keyword::Imply => imply(after),
        Keyword::Range => range(after),
        Keyword::Visible => visible(after),
        Keyword::Modules => Ok((after, AttributeKind::Modules)),
        Keyword::Transitional => Ok((after, AttributeKind::Transitional)),
        Keyword::Optional => Ok((after, AttributeKind::Optional)),
        Keyword::Option => option(after),
        Keyword::Set => set(after),
        Keyword::Warning => warning(after),
        Keyword::Help | Keyword::DashedHelp => Ok((after, help(first, input.rest[0].range))),
        _ => return None,
    })
}

/// `if expr`, or nothing (`if_expr`).
fn condition(input: Cursor<'_>) -> Parsed<'_, Option<ExprId>> {
    opt(preceded(
        keyword(Keyword::If),
        expect(expression, "an expression after `if`"),
    ))
    .parse(input)
}

/// Text in quotes; trees for conf before 4.18 may leave the quotes out around one word.
pub(super) fn text(input: Cursor<'_>) -> Parsed<'_, Text> {
    let (after, found) = token_where(|kind| {
        kind.is_string() || matches!(kind, TokenKind::Word | TokenKind::MixedWord)
    })
    .parse(input)?;
    Ok((after, input.arena.plain_text(found)))
}

fn prompt(input: Cursor<'_>) -> Parsed<'_, Prompt> {
    map((text, condition), |(text, condition)| Prompt {
        text,
        condition,
    })
    .parse(input)
}

fn typed(ty: Type, input: Cursor<'_>) -> Parsed<'_, AttributeKind> {
    map(opt(prompt), |prompt| AttributeKind::Type { ty, prompt }).parse(input)
}

fn typed_default(ty: Type, input: Cursor<'_>) -> Parsed<'_, AttributeKind> {
    map(
        (expect(expression, "a value for the default"), condition),
        |(value, condition)| AttributeKind::TypedDefault {
            ty,
            value,
            condition,
        },
    )
    .parse(input)
}

fn prompt_line(input: Cursor<'_>) -> Parsed<'_, AttributeKind> {
    map(
        expect(prompt, "a text in quotes after `prompt`"),
        AttributeKind::Prompt,
    )
    .parse(input)
}

fn default(input: Cursor<'_>) -> Parsed<'_, AttributeKind> {
    map(
        (expect(expression, "a value after `default`"), condition),
        |(value, condition)| AttributeKind::Default { value, condition },
    )
    .parse(input)
}

fn depends_on(input: Cursor<'_>) -> Parsed<'_, AttributeKind> {
    map(
        preceded(
            expect(keyword(Keyword::On), "`on` after `depends`"),
            (
                expect(expression, "an expression after `depends on`"),
                condition,
            ),
        ),
        |(expr, condition)| AttributeKind::DependsOn { expr, condition },
    )
    .parse(input)
}

fn select(input: Cursor<'_>) -> Parsed<'_, AttributeKind> {
    map(
        (expect(name, "a symbol after `select`"), condition),
        |(target, condition)| AttributeKind::Select { target, condition },
    )
    .parse(input)
}

fn imply(input: Cursor<'_>) -> Parsed<'_, AttributeKind> {
    map(
        (expect(name, "a symbol after `imply`"), condition),
        |(target, condition)| AttributeKind::Imply { target, condition },
    )
    .parse(input)
}

fn range(input: Cursor<'_>) -> Parsed<'_, AttributeKind> {
    map((bounds, condition), |((low, high), condition)| {
        AttributeKind::Range {
            low,
            high,
            condition,
        }
    })
    .parse(input)
}

/// Two symbols or values. Where macros stand beside them, which of them may be nothing shows
/// only after expansion; the first bound then ends with the first word that is never nothing.
fn bounds(input: Cursor<'_>) -> Parsed<'_, (Atom, Atom)> {
    let words = input
        .rest
        .iter()
        .take_while(|token| is_operand(token.kind))
        .collect::<Vec<_>>();
    let solid = |at: &usize| words[*at].kind != TokenKind::Macro;
    let mut solids = (0..words.len()).filter(solid);
    let (first, second, third) = (solids.next(), solids.next(), solids.next());
    let low = match (first, second) {
        (Some(first), Some(_)) => first + 1,
        _ => 1,
    };
    let end = third.unwrap_or(words.len());
    if words.is_empty() {
        return input.failure("two values after `range`");
    }
    if end <= low {
        return input.skip(words.len()).failure("an upper bound");
    }
    let bounds = (
        input.arena.atom(&input.rest[..low]),
        input.arena.atom(&input.rest[low..end]),
    );
    Ok((input.skip(end), bounds))
}

fn visible(input: Cursor<'_>) -> Parsed<'_, AttributeKind> {
    map(condition, AttributeKind::Visible).parse(input)
}

fn help(keyword: Keyword, range: TextRange) -> AttributeKind {
    AttributeKind::Help {
        body: TextRange::new(range.end, range.end),
        dashed: keyword == Keyword::DashedHelp,
    }
}

/// One `name` or `name=value` after `option` (parser.y before 5.14).
pub(super) fn option(input: Cursor<'_>) -> Parsed<'_, AttributeKind> {
    let is_name = |kind| {
        use TokenKind::{MixedWord, Word};
        matches!(
            kind,
            Word | MixedWord | TokenKind::Keyword(Keyword::Modules)
        )
    };
    let assigned = preceded(
        token(TokenKind::Equal),
        expect(token_where(is_operand), "a value after `=`"),
    );
    let (after, (name, value)) = (
        expect(token_where(is_name), "the name of an option"),
        opt(assigned),
    )
        .parse(input)?;
    let name = input.arena.word(name);
    let value = value.map(|value| input.arena.word(value));
    Ok((after, AttributeKind::Option { name, value }))
}

/// ESP-IDF's assignment to another symbol.
fn set(input: Cursor<'_>) -> Parsed<'_, AttributeKind> {
    let (after, weak) = opt(keyword(Keyword::Default)).parse(input)?;
    map(
        (
            terminated(
                expect(name, "a symbol after `set`"),
                expect(token(TokenKind::Equal), "`=`"),
            ),
            expect(operand, "a value after `=`"),
            condition,
        ),
        move |(target, value, condition)| AttributeKind::Set {
            default: weak.is_some(),
            target,
            value,
            condition,
        },
    )
    .parse(after)
}

fn warning(input: Cursor<'_>) -> Parsed<'_, AttributeKind> {
    map(
        expect(text, "a text in quotes after `warning`"),
        AttributeKind::Warning,
    )
    .parse(input)
}
