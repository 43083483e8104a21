// SPDX-License-Identifier: MIT OR Apache-2.0
//! expr.c, `expr_join_or` and `expr_join_and`: what two operands about one symbol come to.

use super::super::expr::{Operand, Tristate};
use super::super::symbol::ValueType;
use super::terms::{Term, TermId, Terms, letter};
use crate::syntax::ast::CompareOp;

impl Terms<'_> {
    /// What two operands are about, when both are about one bool or tristate symbol.
    fn common_symbol(&self, x: TermId, y: TermId) -> Option<Operand> {
        let of = |id, negated_compare: bool| match self.get(id) {
            Term::Leaf(operand)
            | Term::Compare(CompareOp::Equal | CompareOp::Unequal, operand, _) => Some(operand),
            Term::Not(inner) => match self.get(inner) {
                Term::Leaf(operand) => Some(operand),
                Term::Compare(CompareOp::Equal | CompareOp::Unequal, operand, _)
                    if negated_compare =>
                {
                    Some(operand)
                }
                _ => None,
            },
            _ => None,
        };
        let (x, y) = (of(x, true)?, of(y, false)?);
        (x == y && self.type_of(x).is_logical()).then_some(x)
    }

    /// expr.c, `expr_join_or`.
    pub(super) fn join_or(&mut self, x: TermId, y: TermId) -> Option<TermId> {
        if self.same(x, y) {
            return Some(x);
        }
        let symbol = self.common_symbol(x, y)?;
        let tristate = self.type_of(symbol) == ValueType::Tristate;
        match (self.get(x), self.get(y)) {
            (Term::Compare(CompareOp::Equal, _, a), Term::Compare(CompareOp::Equal, _, b))
                if tristate =>
            {
                let third = third(letter(a)?, letter(b)?)?;
                Some(self.compare(CompareOp::Unequal, symbol, third))
            }
            (Term::Not(inner), Term::Leaf(_)) | (Term::Leaf(_), Term::Not(inner))
                if !tristate && matches!(self.get(inner), Term::Leaf(_)) =>
            {
                Some(self.constant(Tristate::Yes))
            }
            _ => None,
        }
    }

    /// expr.c, `expr_join_and`.
    pub(super) fn join_and(&mut self, x: TermId, y: TermId) -> Option<TermId> {
        if self.same(x, y) {
            return Some(x);
        }
        let symbol = self.common_symbol(x, y)?;
        let tristate = self.type_of(symbol) == ValueType::Tristate;
        match (self.get(x), self.get(y)) {
            (Term::Leaf(_), Term::Compare(op, _, right))
            | (Term::Compare(op, _, right), Term::Leaf(_)) => match (op, letter(right)?) {
                (CompareOp::Equal, Tristate::Yes) | (CompareOp::Unequal, Tristate::Module) => {
                    Some(self.compare(CompareOp::Equal, symbol, Tristate::Yes))
                }
                (CompareOp::Unequal, Tristate::No) => Some(self.make(Term::Leaf(symbol))),
                _ => None,
            },
            (Term::Compare(a_op, _, a), Term::Compare(b_op, _, b)) if tristate => {
                match (a_op, b_op) {
                    (CompareOp::Equal, CompareOp::Unequal) => self.equal_and_not(symbol, a, b),
                    (CompareOp::Unequal, CompareOp::Equal) => self.equal_and_not(symbol, b, a),
                    (CompareOp::Unequal, CompareOp::Unequal) => {
                        let third = third(letter(a)?, letter(b)?)?;
                        Some(self.compare(CompareOp::Equal, symbol, third))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// `symbol = equal && symbol != other`, of constants.
    fn equal_and_not(&mut self, symbol: Operand, equal: Operand, other: Operand) -> Option<TermId> {
        let (Operand::Constant(_), Operand::Constant(_)) = (equal, other) else {
            return None;
        };
        Some(if equal == other {
            self.constant(Tristate::No)
        } else {
            self.make(Term::Compare(CompareOp::Equal, symbol, equal))
        })
    }
}

/// The value that is neither.
fn third(a: Tristate, b: Tristate) -> Option<Tristate> {
    let all = [Tristate::No, Tristate::Module, Tristate::Yes];
    let rest = |value: &Tristate| *value != a && *value != b;
    (a != b).then(|| all.into_iter().find(rest)).flatten()
}
