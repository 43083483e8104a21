// SPDX-License-Identifier: MIT OR Apache-2.0
//! What conf leaves of an expression when it folds it (expr.c, `expr_transform`,
//! `expr_eliminate_dups`).
//!
//! Folding changes no value, so the model's own expressions do without it. But conf looks for
//! cycles and for the submenus of old choices in what is left: `A || !A` of a bool is y there,
//! and hangs on nothing. Kernels of both forms fold differently, so the steps are followed one
//! by one; which symbols are left depends on them.
//!
//! `terms` holds the expressions, `transform` moves negations, `dups` drops what is said twice, as
//! either kconfig does it, `joins` says what two operands come to. Here they serve the question
//! what goes below a symbol.

mod dups;
mod joins;
mod terms;
mod transform;

pub(super) use terms::{Term, TermId, Terms, Unknown};

use super::expr::{Operand, Tristate};
use super::symbol::SymbolId;
use crate::syntax::ast::CompareOp;
use terms::letter;

impl Terms<'_> {
    /// Whether a statement that depends on `dependency` goes below the one of `symbol`, whose
    /// prompt has the condition `base` (menu.c, `menu_finalize`).
    pub(super) fn belongs_below(
        &mut self,
        dependency: Option<TermId>,
        symbol: SymbolId,
        base: Option<TermId>,
    ) -> bool {
        let Some(dependency) = dependency else {
            return false;
        };
        if self.is_kconfiglib {
            return self.needs(dependency, symbol);
        }
        if !self.symbols_of(Some(dependency)).contains(&symbol) {
            return false;
        }
        if self.depends_on(dependency, symbol) {
            return true;
        }
        if self.negation_ends_submenu && self.holds_without(dependency, symbol) {
            return false;
        }
        let base = match base {
            Some(base) => self.unequal_no(base),
            None => self.constant(Tristate::Yes),
        };
        let dependency = self.unequal_no(dependency);
        let (_, rest) = self.eliminate_same(dependency, base);
        self.is_constant(rest, Tristate::Yes)
    }

    /// kconfiglib.py, `_expr_depends_on`: which of two signs compares with y makes no difference
    /// there.
    fn needs(&self, id: TermId, symbol: SymbolId) -> bool {
        let own = |operand| operand == Operand::Symbol(symbol);
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            let needs = match self.get(id) {
                Term::And(x, y) => {
                    open.extend([y, x]);
                    false
                }
                Term::Leaf(operand) => own(operand),
                Term::Compare(op, left, right) if own(left) || own(right) => {
                    let value = letter(if own(right) { left } else { right });
                    match op {
                        CompareOp::Equal => value.is_some_and(|it| it != Tristate::No),
                        CompareOp::Unequal => value.is_some_and(|it| it != Tristate::Module),
                        _ => false,
                    }
                }
                _ => false,
            };
            if needs {
                return true;
            }
        }
        false
    }

    fn unequal_no(&mut self, id: TermId) -> TermId {
        if !self.is_small(id) {
            return id;
        }
        let compared = self.compare_with_no(id, false);
        let transformed = self.transform(compared);
        self.eliminate_dups(transformed)
    }

    /// expr.c, `expr_trans_compare` with n.
    pub(super) fn compare_with_no(&mut self, id: TermId, equal: bool) -> TermId {
        match self.get(id) {
            Term::And(x, y) | Term::Or(x, y) => {
                let and = matches!(self.get(id), Term::And(..));
                let (x, y) = (self.compare_with_no(x, true), self.compare_with_no(y, true));
                let off = match and {
                    true => self.make(Term::Or(x, y)),
                    false => self.make(Term::And(x, y)),
                };
                if equal {
                    off
                } else {
                    self.make(Term::Not(off))
                }
            }
            Term::Not(x) => self.compare_with_no(x, !equal),
            Term::Leaf(operand) => {
                let op = if equal {
                    CompareOp::Equal
                } else {
                    CompareOp::Unequal
                };
                self.compare(op, operand, Tristate::No)
            }
            Term::Compare(..) | Term::Unknown(_) => {
                if equal {
                    self.make(Term::Not(id))
                } else {
                    id
                }
            }
        }
    }

    /// expr.c, `expr_contains_symbol_negated`.
    fn holds_without(&self, id: TermId, symbol: SymbolId) -> bool {
        let own = |operand| operand == Operand::Symbol(symbol);
        match self.get(id) {
            Term::And(x, y) | Term::Or(x, y) => {
                self.holds_without(x, symbol) || self.holds_without(y, symbol)
            }
            Term::Not(x) => matches!(self.get(x), Term::Leaf(operand) if own(operand)),
            Term::Compare(op, left, right) if own(left) => match (op, letter(right)) {
                (CompareOp::Equal, Some(value)) => value == Tristate::No,
                (CompareOp::Unequal, Some(value)) => value != Tristate::No,
                _ => false,
            },
            _ => false,
        }
    }

    /// expr.c, `expr_depends_symbol`.
    fn depends_on(&self, id: TermId, symbol: SymbolId) -> bool {
        let own = |operand| operand == Operand::Symbol(symbol);
        match self.get(id) {
            Term::And(x, y) => self.depends_on(x, symbol) || self.depends_on(y, symbol),
            Term::Leaf(operand) => own(operand),
            Term::Compare(op, left, right) if own(left) => match (op, letter(right)) {
                (CompareOp::Equal, Some(value)) => value != Tristate::No,
                (CompareOp::Unequal, Some(value)) => value == Tristate::No,
                _ => false,
            },
            _ => false,
        }
    }
}
