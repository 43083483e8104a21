// SPDX-License-Identifier: MIT OR Apache-2.0
//! Expressions, as `expr` of `scripts/kconfig/parser.y`: comparisons stand between two
//! symbols only, `!` binds tighter than `&&`, and that tighter than `||`.
//!
//! An explicit stack takes the place of recursion, so that no file can exhaust ours.

use nom::Parser;
use nom::branch::alt;
use nom::combinator::{opt, value};

use crate::source::TextRange;
use crate::syntax::Notation;
use crate::syntax::ast::{CompareOp, ExprId, ExprKind};
use crate::syntax::cursor::{Cursor, Parsed, expect, operand, token};
use crate::syntax::token::TokenKind;

/// What waits for the operand on its right.
#[derive(Clone, Copy)]
enum Pending {
    Not(TextRange),
    Paren(TextRange),
    And(ExprId),
    Or(ExprId),
}

/// An expression.
pub(in crate::syntax) fn expression(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    let mut stack = Vec::new();
    let or_binds = input.arena.notation == Notation::Minikconf;
    // Which operators on the left take their right side before one of this kind does.
    let binds = move |is_and: bool, left: &Pending| match left {
        Pending::And(_) => is_and || !or_binds,
        Pending::Or(_) => !is_and || or_binds,
        _ => false,
    };
    let (mut input, mut last) = primary(input, &mut stack)?;
    loop {
        match input.kind() {
            Some(TokenKind::And) => {
                last = reduce(input, &mut stack, last, |left| binds(true, left));
                stack.push(Pending::And(last));
            }
            Some(TokenKind::Or) => {
                last = reduce(input, &mut stack, last, |left| binds(false, left));
                stack.push(Pending::Or(last));
            }
            kind => {
                last = reduce(input, &mut stack, last, is_binary);
                let Some(Pending::Paren(open)) = stack.pop() else {
                    return Ok((input, last));
                };
                if kind != Some(TokenKind::CloseParen) {
                    return input.failure("an operator or a closing parenthesis");
                }
                let range = open.cover(input.rest[0].range);
                last = input.arena.expr(ExprKind::Paren(last), range);
                last = reduce(input, &mut stack, last, |left| {
                    matches!(left, Pending::Not(_))
                });
                input = input.skip(1);
                continue;
            }
        }
        (input, last) = primary_after_operator(input, &mut stack)?;
    }
}

fn primary_after_operator<'a>(input: Cursor<'a>, stack: &mut Vec<Pending>) -> Parsed<'a, ExprId> {
    let expected = match input.kind() {
        Some(TokenKind::And) => "an expression after `&&`",
        _ => "an expression after `||`",
    };
    expect(|input| primary(input, stack), expected).parse(input.skip(1))
}

/// `!` and `(`, as many as there are, then a comparison; `!` is applied to it at once.
fn primary<'a>(mut input: Cursor<'a>, stack: &mut Vec<Pending>) -> Parsed<'a, ExprId> {
    let mut expected = "";
    while let Some(first) = input.rest.first() {
        match first.kind {
            TokenKind::Not => {
                stack.push(Pending::Not(first.range));
                expected = "an expression after `!`";
            }
            TokenKind::OpenParen => {
                stack.push(Pending::Paren(first.range));
                expected = "an expression after `(`";
            }
            _ => break,
        }
        input = input.skip(1);
    }
    let (input, found) = match expected {
        "" => comparison(input)?,
        _ => expect(comparison, expected).parse(input)?,
    };
    let found = reduce(input, stack, found, |left| matches!(left, Pending::Not(_)));
    Ok((input, found))
}

/// A symbol, or two with a comparison between them.
fn comparison(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    let (after, left) = operand(input)?;
    let (after, operator) = opt(compare_operator).parse(after)?;
    let (after, kind) = match operator {
        None => (after, ExprKind::Atom(left)),
        Some(operator) => {
            let (after, right) = expect(operand, after_compare(operator)).parse(after)?;
            (after, ExprKind::Compare(operator, left, right))
        }
    };
    let count = input.rest.len() - after.rest.len();
    let range = input.rest[0].range.cover(input.rest[count - 1].range);
    Ok((after, input.arena.expr(kind, range)))
}

fn compare_operator(input: Cursor<'_>) -> Parsed<'_, CompareOp> {
    alt((
        value(CompareOp::Equal, token(TokenKind::Equal)),
        value(CompareOp::Unequal, token(TokenKind::Unequal)),
        value(CompareOp::Less, token(TokenKind::Less)),
        value(CompareOp::LessEqual, token(TokenKind::LessEqual)),
        value(CompareOp::Greater, token(TokenKind::Greater)),
        value(CompareOp::GreaterEqual, token(TokenKind::GreaterEqual)),
    ))
    .parse(input)
}

fn after_compare(operator: CompareOp) -> &'static str {
    match operator {
        CompareOp::Equal => "a symbol or a value after `=`",
        CompareOp::Unequal => "a symbol or a value after `!=`",
        CompareOp::Less => "a symbol or a value after `<`",
        CompareOp::LessEqual => "a symbol or a value after `<=`",
        CompareOp::Greater => "a symbol or a value after `>`",
        CompareOp::GreaterEqual => "a symbol or a value after `>=`",
    }
}

fn is_binary(pending: &Pending) -> bool {
    matches!(pending, Pending::And(_) | Pending::Or(_))
}

/// Gives `last` to the operators on top of the stack that `binds` names.
fn reduce(
    input: Cursor<'_>,
    stack: &mut Vec<Pending>,
    mut last: ExprId,
    binds: impl Fn(&Pending) -> bool,
) -> ExprId {
    let arena = input.arena;
    while let Some(&top) = stack.last().filter(|top| binds(top)) {
        stack.pop();
        let end = arena.range_of(last);
        last = match top {
            Pending::Not(start) => arena.expr(ExprKind::Not(last), start.cover(end)),
            Pending::And(left) => {
                arena.expr(ExprKind::And(left, last), arena.range_of(left).cover(end))
            }
            Pending::Or(left) => {
                arena.expr(ExprKind::Or(left, last), arena.range_of(left).cover(end))
            }
            Pending::Paren(_) => break,
        };
    }
    last
}
