// SPDX-License-Identifier: MIT OR Apache-2.0
//! Edits in the style of the file: terms join the line that is there, or get one of their own.

use crate::diagnostic::Edit;
use crate::rules::selects::{Block, BlockKind, Depends, Statement};
use crate::source::Span;

/// An expression that is to be added, in all forms in which it can stand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Term {
    /// Alone on a line, or as a condition.
    pub(super) bare: String,
    /// Below `&&`.
    pub(super) joined: String,
    /// How a `depends on` line says it, where that is shorter.
    pub(super) lines: Option<Lines>,
}

/// A term some parts of which are dependencies with a condition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Lines {
    /// The parts without a condition.
    pub(super) always: Option<Box<Term>>,
    /// The others, each `X if Y` as X and Y. Such a part needs a line of its own: what joins a
    /// line hangs on the line's condition.
    pub(super) conditional: Vec<(String, String)>,
}

impl Term {
    /// The same where a condition is known to hold: the parts on this condition have none then.
    pub(super) fn under(&self, known: &str) -> String {
        let lines = self.lines.as_ref();
        let lines = lines.filter(|it| it.conditional.iter().all(|(_, own)| own == known));
        let Some(lines) = lines else {
            return self.bare.clone();
        };
        let always = lines.always.iter().map(|term| (&term.bare, &term.joined));
        let own = lines.conditional.iter().map(|(x, _)| (x, x));
        let parts: Vec<(&String, String)> = own
            .map(|(x, _)| {
                (
                    x,
                    if x.contains("||") {
                        format!("({x})")
                    } else {
                        x.clone()
                    },
                )
            })
            .chain(always.map(|(bare, joined)| (bare, joined.clone())))
            .collect();
        match &parts[..] {
            [(bare, _)] => (*bare).clone(),
            all => {
                let all = all.iter().map(|(_, joined)| joined.as_str());
                all.collect::<Vec<_>>().join(" && ")
            }
        }
    }

    /// As it is written behind `depends on`.
    pub(super) fn in_words(&self) -> String {
        let Some(Lines {
            always,
            conditional,
        }) = &self.lines
        else {
            return self.bare.clone();
        };
        let always = always.iter().map(|term| term.joined.clone());
        match &conditional[..] {
            [(x, y)] if always.len() == 0 => format!("{x} if {y}"),
            all => {
                let all = all.iter().map(|(x, y)| format!("({x} if {y})"));
                always.chain(all).collect::<Vec<_>>().join(" && ")
            }
        }
    }
}

/// One `depends on` line is continued; where there are several, or none, the term gets a line
/// of its own: that is how the file does it already.
pub(super) fn depend(statement: &Statement, term: &Term) -> Vec<Edit> {
    depend_at(&statement.depends, &statement.room, term)
}

/// The block around the statement asks for the term.
pub(super) fn depend_block(block: &Block, term: &Term) -> Vec<Edit> {
    match (&block.kind, &block.depends[..]) {
        (BlockKind::If, [only]) => vec![join(only, term)],
        (BlockKind::If | BlockKind::Menu(_), depends) => depend_at(depends, &block.room, term),
    }
}

pub(super) fn depend_at(depends: &[Depends], room: &(Span, String), term: &Term) -> Vec<Edit> {
    let Some(lines) = &term.lines else {
        return vec![match depends {
            [only] => join(only, term),
            _ => line(room, std::slice::from_ref(&term.bare)),
        }];
    };
    let mut own: Vec<String> = Vec::new();
    let mut edits = Vec::new();
    match (lines.always.as_deref(), depends) {
        (Some(always), [only]) => edits.push(join(only, always)),
        (Some(always), _) => own.push(always.bare.clone()),
        (None, _) => {}
    }
    let conditional = lines.conditional.iter();
    own.extend(conditional.map(|(x, y)| format!("{x} if {y}")));
    let own = line(room, &own);
    match edits.last_mut() {
        // Two edits may not touch.
        Some(last) if last.span.end == own.span.start => last.text.push_str(&own.text),
        _ => edits.push(own),
    }
    edits
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

fn line((room, start): &(Span, String), terms: &[String]) -> Edit {
    let lines = terms.iter().map(|term| format!("{start}depends on {term}"));
    Edit {
        span: *room,
        text: lines.collect(),
    }
}

fn end_of(span: Span) -> Span {
    Span {
        start: span.end,
        ..span
    }
}
