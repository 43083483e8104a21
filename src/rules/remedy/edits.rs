// SPDX-License-Identifier: MIT OR Apache-2.0
//! Edits in the style of the file: terms join the line that is there, or get one of their own.

use crate::diagnostic::Edit;
use crate::rules::selects::{Block, BlockKind, Depends, Statement};
use crate::source::Span;

/// An expression that is to be added, in both forms in which it can stand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Term {
    /// Alone on a line.
    pub(super) bare: String,
    /// Below `&&`.
    pub(super) joined: String,
}

/// One `depends on` line is continued; where there are several, or none, the term gets a line
/// of its own: that is how the file does it already.
pub(super) fn depend(statement: &Statement, term: &Term) -> Edit {
    match &statement.depends[..] {
        [only] => join(only, term),
        _ => line(&statement.room, "depends on ", &term.bare),
    }
}

/// The block around the statement asks for the term.
pub(super) fn depend_block(block: &Block, term: &Term) -> Edit {
    match (&block.kind, &block.depends[..]) {
        (_, [only]) => join(only, term),
        (BlockKind::If | BlockKind::Menu(_), _) => line(&block.room, "depends on ", &term.bare),
    }
}

/// `select TARGET if …`: the term joins the condition, or becomes it.
pub(super) fn condition(statement: &Statement, term: &Term) -> Edit {
    match &statement.condition {
        Some(condition) => join(condition, term),
        None => Edit {
            span: end_of(statement.span),
            text: format!(" if {}", term.bare),
        },
    }
}

/// A select of `name` below the statement, on the same condition.
pub(super) fn select_too(statement: &Statement, name: &str) -> Edit {
    let condition = statement.condition.as_ref();
    let condition = condition.map_or_else(String::new, |it| format!(" if {}", it.text));
    let (_, start) = &statement.room;
    Edit {
        span: end_of(statement.attribute),
        text: format!("{start}select {name}{condition}"),
    }
}

/// The statement goes, with its line.
pub(super) fn remove(statement: &Statement) -> Edit {
    Edit {
        span: statement.line,
        text: String::new(),
    }
}

/// `imply` in place of `select`.
pub(super) fn imply(statement: &Statement) -> Edit {
    Edit {
        span: statement.keyword,
        text: "imply".to_owned(),
    }
}

fn join(expr: &Depends, term: &Term) -> Edit {
    let (open, close) = if expr.is_or { ("(", ")") } else { ("", "") };
    Edit {
        span: expr.span,
        text: format!("{open}{}{close} && {}", expr.text, term.joined),
    }
}

fn line((room, start): &(Span, String), keyword: &str, text: &str) -> Edit {
    Edit {
        span: *room,
        text: format!("{start}{keyword}{text}"),
    }
}

fn end_of(span: Span) -> Span {
    Span {
        start: span.end,
        ..span
    }
}
