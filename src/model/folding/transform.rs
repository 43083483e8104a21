// SPDX-License-Identifier: MIT OR Apache-2.0
//! expr.c, `expr_transform`: comparisons of bools with constants, and where negations stand.

use super::super::expr::{Operand, Tristate};
use super::super::symbol::ValueType;
use super::terms::{Term, TermId, Terms, letter};
use crate::syntax::ast::CompareOp;

impl Terms<'_> {
    /// expr.c, `expr_transform`: comparisons of bools with y, m and n go, and negations move
    /// inwards.
    pub(in crate::model) fn transform(&mut self, id: TermId) -> TermId {
        if self.is_small(id) {
            self.transform_small(id)
        } else {
            id
        }
    }

    fn transform_small(&mut self, id: TermId) -> TermId {
        match self.get(id) {
            Term::Leaf(_) | Term::Unknown(_) => id,
            Term::And(x, y) => {
                let (x, y) = (self.transform_small(x), self.transform_small(y));
                self.make(Term::And(x, y))
            }
            Term::Or(x, y) => {
                let (x, y) = (self.transform_small(x), self.transform_small(y));
                self.make(Term::Or(x, y))
            }
            Term::Compare(op, left, right) => self.transform_compare(id, op, left, right),
            Term::Not(x) => {
                let x = self.transform_small(x);
                self.transform_not(x)
            }
        }
    }

    fn transform_compare(
        &mut self,
        id: TermId,
        op: CompareOp,
        left: Operand,
        right: Operand,
    ) -> TermId {
        let equal = match op {
            CompareOp::Equal => true,
            CompareOp::Unequal => false,
            _ => return id,
        };
        if self.type_of(left) != ValueType::Bool {
            return id;
        }
        let leaf = self.make(Term::Leaf(left));
        match (letter(right), equal) {
            (Some(Tristate::Module), true) => self.constant(Tristate::No),
            (Some(Tristate::Module), false) => self.constant(Tristate::Yes),
            (Some(Tristate::Yes), true) | (Some(Tristate::No), false) => leaf,
            (Some(Tristate::No), true) | (Some(Tristate::Yes), false) => self.make(Term::Not(leaf)),
            (None, _) => id,
        }
    }

    /// `!x` of something that is transformed.
    fn transform_not(&mut self, x: TermId) -> TermId {
        match self.get(x) {
            Term::Not(inner) => inner,
            Term::Compare(op, left, right) => self.make(Term::Compare(opposite(op), left, right)),
            Term::And(a, b) => {
                let (a, b) = (self.transform_not(a), self.transform_not(b));
                self.make(Term::Or(a, b))
            }
            Term::Or(a, b) => {
                let (a, b) = (self.transform_not(a), self.transform_not(b));
                self.make(Term::And(a, b))
            }
            Term::Leaf(operand) => match letter(operand) {
                Some(value) => self.constant(!value),
                None => self.make(Term::Not(x)),
            },
            Term::Unknown(_) => self.make(Term::Not(x)),
        }
    }
}

fn opposite(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Equal => CompareOp::Unequal,
        CompareOp::Unequal => CompareOp::Equal,
        CompareOp::Less => CompareOp::GreaterEqual,
        CompareOp::LessEqual => CompareOp::Greater,
        CompareOp::Greater => CompareOp::LessEqual,
        CompareOp::GreaterEqual => CompareOp::Less,
    }
}
