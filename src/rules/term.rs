// SPDX-License-Identifier: MIT OR Apache-2.0
//! The missing terms of a finding as they are compared between two trees.
//!
//! A term is compared by a canonical text, so that a dependency which is only rewritten keeps its
//! terms: `B || A` and `A || B`, `!(A && B)` and `!A || !B`, `A` and `A != n` are one term. What no
//! canonical text can tell, a truth table does: `A || (B && C)` is what `A || B` and `A || C` are
//! together. Nothing here knows a model: a symbol may have any value.

use std::collections::BTreeSet;

use super::policy::Requirement;
use crate::diagnostic::Diagnostic;
use crate::syntax::ast::{Atom, AttributeKind, CompareOp, ExprId, ExprKind};
use crate::syntax::{Ast, Notation, SyntaxTree};

/// Longer texts than this are compared as they are: the functions below recurse.
const MAX_LENGTH: usize = 1000;

/// Rows of a truth table that are looked at. Ten symbols have more.
const MAX_ROWS: usize = 20_000;

/// A term in negation normal form.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Term {
    Constant(u8),
    Symbol {
        name: String,
        negated: bool,
    },
    /// Equality or order of two words; the first operand is the lesser word where order does not
    /// matter.
    Compare {
        left: String,
        op: Op,
        right: String,
    },
    All(Vec<Term>),
    Any(Vec<Term>),
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Op {
    Equal,
    Unequal,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

/// The canonical text of a term. `is_bool` tells for which symbols `A = y` is the same as `A`.
pub fn canonical(text: &str, is_bool: &dyn Fn(&str) -> bool) -> String {
    match Term::parse(text, is_bool) {
        Some(term) => term.text(false),
        None => text.trim().to_owned(),
    }
}

/// Whether a term holds wherever all of `known` hold, whatever values the symbols have. All are
/// canonical texts. With `as_tristate` it also has to be y where they are y.
pub fn follows(known: &BTreeSet<String>, term: &str, as_tristate: bool) -> bool {
    if known.contains(term) {
        return true;
    }
    let no_bool = |_: &str| false;
    let Some(term) = Term::parse(term, &no_bool) else {
        return false;
    };
    let known: Vec<Term> = known
        .iter()
        .filter_map(|text| Term::parse(text, &no_bool))
        .collect();
    let mut inputs = BTreeSet::new();
    known.iter().for_each(|known| known.inputs(&mut inputs));
    term.inputs(&mut inputs);
    let inputs: Vec<Input> = inputs.into_iter().collect();
    let rows = inputs
        .iter()
        .try_fold(1, |rows: usize, input| rows.checked_mul(input.values()));
    let Some(rows) = rows.filter(|rows| *rows <= MAX_ROWS) else {
        return false;
    };
    (0..rows).all(|row| {
        let value = |term: &Term| term.value(&inputs, row);
        let least = known.iter().map(value).min().unwrap_or(2);
        match as_tristate {
            true => value(&term) >= least,
            false => least == 0 || value(&term) > 0,
        }
    })
}

/// The expression that holds where `text` is n, as conf makes it of the condition in
/// `depends on … if`. `None` when it is no expression.
pub fn off(text: &str) -> Option<String> {
    let parsed = Requirement::parse(text).ok()?;
    let (ast, root) = parsed.expression();
    Some(Term::read_off(ast, root, true, &|_| false)?.text(false))
}

/// The canonical terms of a condition: `MMU && PCI` has two. `None` when it is no expression.
pub fn conjuncts(text: &str) -> Option<BTreeSet<String>> {
    let terms = match Term::parse(text, &|_| false)? {
        Term::All(terms) => terms,
        only => vec![only],
    };
    Some(terms.iter().map(|term| term.text(false)).collect())
}

/// Whether a suppression that names `terms`, or none, accepts all that a finding lacks.
pub fn are_accepted(terms: Option<&BTreeSet<String>>, finding: &Diagnostic) -> bool {
    terms.is_none_or(|terms| {
        let mut lacking = finding.lacks.values().flatten();
        lacking.all(|term| follows(terms, term, false))
    })
}

/// Something whose value a truth table enumerates: a symbol, or a comparison that is no statement
/// about one symbol's tristate value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Input {
    Symbol(String),
    Comparison(Term),
}

impl Input {
    fn values(&self) -> usize {
        match self {
            Input::Symbol(_) => 3,
            Input::Comparison(_) => 2,
        }
    }
}

impl Op {
    fn of(op: CompareOp) -> Op {
        match op {
            CompareOp::Equal => Op::Equal,
            CompareOp::Unequal => Op::Unequal,
            CompareOp::Less => Op::Less,
            CompareOp::LessEqual => Op::LessEqual,
            CompareOp::Greater => Op::Greater,
            CompareOp::GreaterEqual => Op::GreaterEqual,
        }
    }

    fn negated(self) -> Op {
        match self {
            Op::Equal => Op::Unequal,
            Op::Unequal => Op::Equal,
            Op::Less => Op::GreaterEqual,
            Op::GreaterEqual => Op::Less,
            Op::Greater => Op::LessEqual,
            Op::LessEqual => Op::Greater,
        }
    }

    /// The operator for exchanged operands.
    fn turned(self) -> Op {
        match self {
            Op::Less => Op::Greater,
            Op::Greater => Op::Less,
            Op::LessEqual => Op::GreaterEqual,
            Op::GreaterEqual => Op::LessEqual,
            same => same,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Op::Equal => "=",
            Op::Unequal => "!=",
            Op::Less => "<",
            Op::LessEqual => "<=",
            Op::Greater => ">",
            Op::GreaterEqual => ">=",
        }
    }
}

/// The number of a tristate value.
fn tristate(word: &str) -> Option<u8> {
    match word {
        "n" => Some(0),
        "m" => Some(1),
        "y" => Some(2),
        _ => None,
    }
}

impl Term {
    fn parse(text: &str, is_bool: &dyn Fn(&str) -> bool) -> Option<Term> {
        if text.len() > MAX_LENGTH {
            return None;
        }
        if let Ok(parsed) = Requirement::parse(text) {
            let (ast, root) = parsed.expression();
            return Term::read(ast, root, false, is_bool);
        }
        Term::parse_conditional(text, is_bool)
    }

    /// `X if Y`, a dependency with a condition: `X || Y = n`, with each symbol of Y compared for
    /// itself (expr.c, `expr_trans_compare`).
    fn parse_conditional(text: &str, is_bool: &dyn Fn(&str) -> bool) -> Option<Term> {
        let text = text.trim();
        let inner = text.strip_prefix('(').and_then(|it| it.strip_suffix(')'));
        [Some(text), inner].into_iter().flatten().find_map(|text| {
            let statement = format!("config A\n\tdepends on {text}\n");
            let tree = SyntaxTree::parse(statement.as_bytes(), Notation::Kconfig);
            let ast = tree.ast();
            let attributes = ast.attributes_of(ast.entries.first()?);
            let (true, [attribute]) = (tree.errors().is_empty(), attributes) else {
                return None;
            };
            let AttributeKind::DependsOn {
                expr,
                condition: Some(condition),
            } = attribute.kind
            else {
                return None;
            };
            let dependency = Term::read(ast, expr, false, is_bool)?;
            let off = Term::read_off(ast, condition, true, is_bool)?;
            Some(Term::joined(vec![dependency, off], false))
        })
    }

    /// That an expression is n, or with `off` unset that it is not n.
    fn read_off(ast: &Ast, id: ExprId, off: bool, is_bool: &dyn Fn(&str) -> bool) -> Option<Term> {
        let pair = |x, y| -> Option<Vec<Term>> {
            Some(vec![
                Term::read_off(ast, x, off, is_bool)?,
                Term::read_off(ast, y, off, is_bool)?,
            ])
        };
        match ast.expr(id).kind {
            ExprKind::Paren(inner) => Term::read_off(ast, inner, off, is_bool),
            ExprKind::Not(inner) => Term::read_off(ast, inner, !off, is_bool),
            ExprKind::And(x, y) => Some(Term::joined(pair(x, y)?, !off)),
            ExprKind::Or(x, y) => Some(Term::joined(pair(x, y)?, off)),
            ExprKind::Atom(atom) => {
                let op = if off { Op::Equal } else { Op::Unequal };
                Some(Term::compared(
                    word(ast, atom)?,
                    op,
                    "n".to_owned(),
                    is_bool,
                ))
            }
            ExprKind::Compare(..) => Term::read(ast, id, off, is_bool),
        }
    }

    fn read(ast: &Ast, id: ExprId, negated: bool, is_bool: &dyn Fn(&str) -> bool) -> Option<Term> {
        let pair = |x, y| -> Option<Vec<Term>> {
            Some(vec![
                Term::read(ast, x, negated, is_bool)?,
                Term::read(ast, y, negated, is_bool)?,
            ])
        };
        match ast.expr(id).kind {
            ExprKind::Paren(inner) => Term::read(ast, inner, negated, is_bool),
            ExprKind::Not(inner) => Term::read(ast, inner, !negated, is_bool),
            // De Morgan holds for tristate values too: `!` mirrors them.
            ExprKind::And(x, y) if negated => Some(Term::joined(pair(x, y)?, false)),
            ExprKind::And(x, y) => Some(Term::joined(pair(x, y)?, true)),
            ExprKind::Or(x, y) if negated => Some(Term::joined(pair(x, y)?, true)),
            ExprKind::Or(x, y) => Some(Term::joined(pair(x, y)?, false)),
            ExprKind::Atom(atom) => {
                let name = word(ast, atom)?;
                Some(match tristate(&name) {
                    Some(value) => Term::Constant(if negated { 2 - value } else { value }),
                    None => Term::Symbol { name, negated },
                })
            }
            ExprKind::Compare(op, left, right) => {
                let op = Op::of(op);
                let op = if negated { op.negated() } else { op };
                let (left, right) = (word(ast, left)?, word(ast, right)?);
                Some(Term::compared(left, op, right, is_bool))
            }
        }
    }

    fn compared(left: String, op: Op, right: String, is_bool: &dyn Fn(&str) -> bool) -> Term {
        let is_first = match (tristate(&left), tristate(&right)) {
            (None, Some(_)) => true,
            (Some(_), None) => false,
            _ => left <= right,
        };
        let (left, op, right) = match is_first {
            true => (left, op, right),
            false => (right, op.turned(), left),
        };
        let symbol = |negated| Term::Symbol {
            name: left.clone(),
            negated,
        };
        match (op, tristate(&right), is_bool(&left)) {
            (Op::Equal, Some(2), true) | (Op::Unequal, Some(0), true) => symbol(false),
            (Op::Equal, Some(0), true) | (Op::Unequal, Some(2), true) => symbol(true),
            _ => Term::Compare { left, op, right },
        }
    }

    /// `&&` or `||` of terms: flat, sorted, each once.
    fn joined(terms: Vec<Term>, all: bool) -> Term {
        let mut flat = BTreeSet::new();
        for term in terms {
            match (term, all) {
                (Term::All(inner), true) | (Term::Any(inner), false) => flat.extend(inner),
                (other, _) => {
                    flat.insert(other);
                }
            }
        }
        let mut flat = Vec::from_iter(flat);
        match (flat.len(), all) {
            (1, _) => flat.remove(0),
            (_, true) => Term::All(flat),
            (_, false) => Term::Any(flat),
        }
    }

    fn text(&self, nested: bool) -> String {
        let list = |terms: &[Term], between: &str| {
            let terms: Vec<String> = terms.iter().map(|term| term.text(true)).collect();
            let text = terms.join(between);
            if nested { format!("({text})") } else { text }
        };
        let quoted = |word: &str| {
            let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            match !word.is_empty() && word.bytes().all(is_name) {
                true => word.to_owned(),
                false => format!("\"{word}\""),
            }
        };
        match self {
            Term::Constant(value) => ["n", "m", "y"][usize::from(*value)].to_owned(),
            Term::Symbol { name, negated } => {
                format!("{}{name}", if *negated { "!" } else { "" })
            }
            Term::Compare { left, op, right } => {
                format!("{} {} {}", quoted(left), op.as_str(), quoted(right))
            }
            Term::All(terms) => list(terms, " && "),
            Term::Any(terms) => list(terms, " || "),
        }
    }

    /// What of this term a truth table has to enumerate.
    fn inputs(&self, inputs: &mut BTreeSet<Input>) {
        match self {
            Term::Constant(_) => {}
            Term::Symbol { name, .. } => {
                inputs.insert(Input::Symbol(name.clone()));
            }
            Term::Compare { left, op, right } => {
                inputs.insert(match (op, tristate(right)) {
                    (Op::Equal | Op::Unequal, Some(_)) => Input::Symbol(left.clone()),
                    _ => self.comparison().0,
                });
            }
            Term::All(terms) | Term::Any(terms) => {
                terms.iter().for_each(|term| term.inputs(inputs));
            }
        }
    }

    /// A comparison as an input, of which its opposite is the same; and whether this term is that
    /// opposite.
    fn comparison(&self) -> (Input, bool) {
        let opposite = match self {
            Term::Compare { left, op, right } => Term::Compare {
                left: left.clone(),
                op: op.negated(),
                right: right.clone(),
            },
            other => other.clone(),
        };
        match *self <= opposite {
            true => (Input::Comparison(self.clone()), false),
            false => (Input::Comparison(opposite), true),
        }
    }

    /// The value in a row of the truth table.
    fn value(&self, inputs: &[Input], row: usize) -> u8 {
        let of = |wanted: &Input| -> u8 {
            let mut rest = row;
            for input in inputs {
                if input == wanted {
                    return (rest % input.values()) as u8;
                }
                rest /= input.values();
            }
            0
        };
        let yes_or_no = |holds: bool| if holds { 2 } else { 0 };
        match self {
            Term::Constant(value) => *value,
            Term::Symbol { name, negated } => {
                let value = of(&Input::Symbol(name.clone()));
                if *negated { 2 - value } else { value }
            }
            Term::Compare { left, op, right } => match (op, tristate(right)) {
                (Op::Equal, Some(right)) => yes_or_no(of(&Input::Symbol(left.clone())) == right),
                (Op::Unequal, Some(right)) => yes_or_no(of(&Input::Symbol(left.clone())) != right),
                _ => {
                    let (input, is_opposite) = self.comparison();
                    yes_or_no((of(&input) == 1) != is_opposite)
                }
            },
            Term::All(terms) => {
                let values = terms.iter().map(|term| term.value(inputs, row));
                values.min().unwrap_or(2)
            }
            Term::Any(terms) => {
                let values = terms.iter().map(|term| term.value(inputs, row));
                values.max().unwrap_or(0)
            }
        }
    }
}

/// The text of an operand that is one word without macros.
fn word(ast: &Ast, atom: Atom) -> Option<String> {
    match ast.words_of(atom) {
        [only] => only.text.map(|text| text.as_str().to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(one: &str, other: &str) -> bool {
        let is_bool = |name: &str| name.starts_with('B');
        canonical(one, &is_bool) == canonical(other, &is_bool)
    }

    #[test]
    fn a_rewritten_term_is_the_same() {
        for (one, other) in [
            ("A || C", "C || A"),
            ("(A || C)", "C || (A)"),
            ("!(A && C)", "!A || !C"),
            ("!!A", "A"),
            ("A || A", "A"),
            ("B = y", "B"),
            ("B != n", "B"),
            ("B = n", "!B"),
            ("n = A", "A = n"),
            ("!(A = C)", "C != A"),
            ("A < 5", "5 > A"),
            ("A if C", "A || C = n"),
            ("(A if !C)", "A || C != n"),
            ("A && D if C && !B", "(A && D) || C = n || B"),
            ("A if C || D < 5", "A || (C = n && D >= 5)"),
        ] {
            assert!(same(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("A", "!A"),
            ("A = y", "A"),
            ("A && C", "A || C"),
            ("A < 5", "A > 5"),
        ] {
            assert!(!same(one, other), "{one} {other}");
        }
        assert_eq!(canonical(" ) no term ", &|_| false), ") no term");
    }

    #[test]
    fn what_follows_is_not_new() {
        for (known, term, on, whole) in [
            (&["A"][..], "A", true, true),
            (&["A"], "A || C", true, true),
            (&["A || (C && D)"], "A || C", true, true),
            (&["A || C", "A || D"], "A || (C && D)", true, true),
            (&["A = y"], "A", true, true),
            (&["A = m"], "A", true, false),
            (&["A"], "A = y", false, false),
            (&["A != n"], "A", true, false),
            (&["A"], "MMU", false, false),
            (&[], "A", false, false),
            (&["X = \"v\""], "X != \"v\" || A", false, false),
            (&["X = \"v\""], "!(X != \"v\")", true, true),
        ] {
            let known = known.iter().map(|term| canonical(term, &|_| false));
            let known: BTreeSet<String> = known.collect();
            let term = canonical(term, &|_| false);
            assert_eq!(follows(&known, &term, false), on, "{known:?} {term}");
            assert_eq!(follows(&known, &term, true), whole, "{known:?} {term}");
        }
    }
}
