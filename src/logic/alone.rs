// SPDX-License-Identifier: MIT OR Apache-2.0
//! How a question is put to a fresh theory of the same model: each condition of the question is told
//! by what it is made of, and made again.
//!
//! Only questions that are given up need this, so as little as possible is kept for it.

use rustsat::types::Var;

use super::effort::Undecided;
use super::gates::{Bit, Tri};
use super::theory::Theory;
use crate::menu::command::{CommandId, TestId};
use crate::model::{ExprId, SelectId, SymbolId};
use crate::source::Name;
use crate::tree::ArchSet;

/// A condition, told so that another theory of the same model can make the same.
#[derive(Clone, Copy, Debug)]
pub(super) enum Made {
    Symbol(SymbolId, Part),
    Expr(ExprId, Part),
    Level(SelectId, Part),
    Direct(SymbolId, Part),
    Promoted(ExprId, SymbolId, Part),
    On(ArchSet),
    Prints(CommandId, Name),
    Test(TestId),
    Both(Bit, Bit),
}

/// A part of a tristate value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    On,
    Yes,
}

impl Part {
    fn of(self, tri: Tri) -> Bit {
        match self {
            Part::On => tri.on,
            Part::Yes => tri.yes,
        }
    }
}

impl Theory {
    /// Keeps of what a value is made.
    pub(super) fn note(&mut self, tri: Tri, made: impl Fn(Part) -> Made) -> Tri {
        self.note_bit(tri.on, made(Part::On));
        self.note_bit(tri.yes, made(Part::Yes));
        tri
    }

    pub(super) fn note_bit(&mut self, bit: Bit, made: Made) {
        if let Bit::Lit(lit) = bit {
            let known = self.made.entry(lit.var());
            known.or_insert((made, lit.is_pos()));
        }
    }

    /// The expression or symbol whose value has a variable.
    fn find(&self, var: Var) -> Option<(Made, bool)> {
        let part = |tri: Tri| {
            let parts = [Part::On, Part::Yes].into_iter();
            let mut parts = parts.filter_map(|part| match part.of(tri) {
                Bit::Lit(lit) if lit.var() == var => Some((part, lit.is_pos())),
                _ => None,
            });
            parts.next()
        };
        let exprs = self.encoder.exprs.iter();
        let mut exprs = exprs.filter_map(|(at, tri)| Some((ExprId(at), part(tri)?)));
        let symbols = self.encoder.symbols.iter();
        let mut symbols = symbols.filter_map(|(at, tri)| Some((SymbolId(at), part(tri)?)));
        let expr = exprs.next();
        let expr = expr.map(|(id, (part, sign))| (Made::Expr(id, part), sign));
        expr.or_else(|| {
            let (id, (part, sign)) = symbols.next()?;
            Some((Made::Symbol(id, part), sign))
        })
    }

    /// Makes a condition of another theory of the same model.
    pub(super) fn make(&mut self, bit: Bit, other: &Theory) -> Result<Bit, Undecided> {
        let Bit::Lit(lit) = bit else {
            return Ok(bit);
        };
        let known = other.made.get(&lit.var()).copied();
        let known = known.or_else(|| other.find(lit.var()));
        let (made, is_positive) = known.ok_or(Undecided)?;
        let made = match made {
            Made::Symbol(id, part) => part.of(self.symbol(id)),
            Made::Expr(id, part) => part.of(self.expr(id)),
            Made::Level(id, part) => part.of(self.level(id)),
            Made::Direct(id, part) => part.of(self.direct(id)),
            Made::Promoted(id, symbol, part) => part.of(self.promoted(id, symbol)),
            Made::On(these) => self.on(these),
            Made::Prints(id, text) => {
                let texts = self.prints(id).into_iter();
                let mut texts = texts.filter(|(known, _)| *known == text);
                texts.next().map_or(Bit::False, |(_, bit)| bit)
            }
            Made::Test(id) => self.succeeds(id),
            Made::Both(a, b) => {
                let (a, b) = (self.make(a, other)?, self.make(b, other)?);
                self.both(a, b)
            }
        };
        Ok(if is_positive == lit.is_pos() {
            made
        } else {
            !made
        })
    }
}
