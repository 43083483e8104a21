// SPDX-License-Identifier: MIT OR Apache-2.0
//! Expressions as they are written, each once, and how they are taken apart and put together.
//!
//! It must not fold: what is made here is what was asked for.

use rustc_hash::FxHashMap;

use super::super::expr::{Operand, Tristate};
use super::super::symbol::{Symbol, SymbolId, ValueType};
use crate::menu::Value;
use crate::source::Name;
use crate::syntax::ast::CompareOp;
use crate::tree::{ArchSet, Behaviour, ChoiceForm};

/// The number of a term in [`Terms`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(in crate::model) struct TermId(u32);

/// An expression as it is written: nothing is folded until it is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(in crate::model) enum Term {
    /// A symbol or a constant.
    Leaf(Operand),
    /// What only the toolchain knows; conf has a word in its place.
    Unknown(u32),
    /// A comparison.
    Compare(CompareOp, Operand, Operand),
    /// `!x`
    Not(TermId),
    /// `x && y`
    And(TermId, TermId),
    /// `x || y`
    Or(TermId, TermId),
}

/// `&&` or `||`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Junction {
    And,
    Or,
}

/// What only the toolchain knows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::model) enum Unknown {
    /// A word. With `true` it may be m and stands for `m && MODULES` then.
    Word(Value, bool),
    /// A comparison with such a word.
    Compare(CompareOp, Value, Value),
}

/// Larger expressions are left as they are: folding compares each operand with each other,
/// and a hostile file nests as deep as it is long.
const MOST_NODES: u32 = 400;

/// All terms, each once, over the symbols of one model.
pub(in crate::model) struct Terms<'m> {
    symbols: &'m [Symbol],
    /// Names that not all architectures define, and the architecture whose terms these are: a symbol
    /// that it does not define has no type there.
    defined: Option<(&'m FxHashMap<Name, ArchSet>, usize)>,
    /// Whether kconfig is one that folds in place (before Linux 6.12).
    pub(super) in_place: bool,
    /// Whether kconfiglib reads the tree: it folds nothing but y and n where it joins conditions.
    pub(in crate::model) is_kconfiglib: bool,
    /// See [`Behaviour::negation_ends_submenu`].
    pub(super) negation_ends_submenu: bool,
    nodes: Vec<Term>,
    /// Nodes below and including each.
    sizes: Vec<u32>,
    ids: FxHashMap<Term, TermId>,
    unknowns: Vec<(Unknown, Vec<SymbolId>)>,
}

impl<'m> Terms<'m> {
    pub(in crate::model) fn new(symbols: &'m [Symbol], behaviour: &Behaviour) -> Terms<'m> {
        Terms {
            symbols,
            defined: None,
            in_place: behaviour.choices == ChoiceForm::Old,
            is_kconfiglib: behaviour.is_kconfiglib(),
            negation_ends_submenu: behaviour.negation_ends_submenu,
            nodes: Vec::new(),
            sizes: Vec::new(),
            ids: FxHashMap::default(),
            unknowns: Vec::new(),
        }
    }

    /// The same for one of several architectures.
    pub(in crate::model) fn on(
        self,
        defined: &'m FxHashMap<Name, ArchSet>,
        at: usize,
    ) -> Terms<'m> {
        let defined = Some((defined, at));
        Terms { defined, ..self }
    }

    pub(in crate::model) fn get(&self, id: TermId) -> Term {
        self.nodes[id.0 as usize]
    }

    pub(in crate::model) fn make(&mut self, term: Term) -> TermId {
        let next = TermId(self.nodes.len() as u32);
        let id = *self.ids.entry(term).or_insert(next);
        if id == next {
            let size = |id: TermId| self.sizes[id.0 as usize];
            let below = match term {
                Term::Not(x) => size(x),
                Term::And(x, y) | Term::Or(x, y) => size(x).saturating_add(size(y)),
                _ => 0,
            };
            self.nodes.push(term);
            self.sizes.push(below.saturating_add(1));
        }
        id
    }

    pub(in crate::model) fn constant(&mut self, value: Tristate) -> TermId {
        let text = Name::new(value.word());
        self.make(Term::Leaf(Operand::Constant(text)))
    }

    /// What only the toolchain knows, with the symbols that it can be.
    pub(in crate::model) fn unknown(&mut self, what: Unknown, symbols: Vec<SymbolId>) -> TermId {
        let known = self.unknowns.iter().position(|(known, _)| *known == what);
        let at = known.unwrap_or(self.unknowns.len());
        if known.is_none() {
            self.unknowns.push((what, symbols));
        }
        self.make(Term::Unknown(at as u32))
    }

    /// What a [`Term::Unknown`] stands for.
    pub(in crate::model) fn known_as(&self, at: u32) -> &Unknown {
        &self.unknowns[at as usize].0
    }

    /// expr.c, `expr_alloc_and`: nothing and something is something. kconfiglib leaves a y out there,
    /// and of an n leaves nothing else (kconfiglib.py, `_make_and`).
    pub(in crate::model) fn both(
        &mut self,
        x: Option<TermId>,
        y: Option<TermId>,
    ) -> Option<TermId> {
        match (x, y) {
            (Some(x), Some(y)) if self.is_kconfiglib => Some(
                if self.is_constant(x, Tristate::Yes) || self.is_constant(y, Tristate::No) {
                    y
                } else if self.is_constant(y, Tristate::Yes) || self.is_constant(x, Tristate::No) {
                    x
                } else {
                    self.make(Term::And(x, y))
                },
            ),
            (Some(x), Some(y)) => Some(self.make(Term::And(x, y))),
            (x, y) => x.or(y),
        }
    }

    /// The symbols of a term; one can occur several times.
    pub(in crate::model) fn symbols_of(&self, id: Option<TermId>) -> Vec<SymbolId> {
        let mut found = Vec::new();
        let mut open: Vec<TermId> = id.into_iter().collect();
        while let Some(id) = open.pop() {
            let operands = match self.get(id) {
                Term::Leaf(operand) => [Some(operand), None],
                Term::Compare(_, left, right) => [Some(left), Some(right)],
                Term::Unknown(at) => {
                    found.extend(&self.unknowns[at as usize].1);
                    continue;
                }
                Term::Not(x) => {
                    open.push(x);
                    continue;
                }
                Term::And(x, y) | Term::Or(x, y) => {
                    open.extend([y, x]);
                    continue;
                }
            };
            for operand in operands.into_iter().flatten() {
                if let Operand::Symbol(symbol) = operand {
                    found.push(symbol);
                }
            }
        }
        found
    }

    pub(super) fn is_small(&self, id: TermId) -> bool {
        self.sizes[id.0 as usize] <= MOST_NODES
    }

    pub(super) fn compare(&mut self, op: CompareOp, symbol: Operand, value: Tristate) -> TermId {
        let value = Operand::Constant(Name::new(value.word()));
        self.make(Term::Compare(op, symbol, value))
    }

    pub(super) fn junction(&self, id: TermId) -> Option<(Junction, TermId, TermId)> {
        match self.get(id) {
            Term::And(x, y) => Some((Junction::And, x, y)),
            Term::Or(x, y) => Some((Junction::Or, x, y)),
            _ => None,
        }
    }

    pub(super) fn junction_of(&mut self, junction: Junction, x: TermId, y: TermId) -> TermId {
        self.make(match junction {
            Junction::And => Term::And(x, y),
            Junction::Or => Term::Or(x, y),
        })
    }

    /// The operands of nested junctions of one kind, from left to right.
    pub(super) fn operands(&self, id: TermId, junction: Junction) -> Vec<TermId> {
        let mut found = Vec::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            match self.junction(id) {
                Some((own, x, y)) if own == junction => open.extend([y, x]),
                _ => found.push(id),
            }
        }
        found
    }

    /// The same nest with other operands.
    pub(super) fn with_operands(
        &mut self,
        id: TermId,
        junction: Junction,
        operands: &[TermId],
    ) -> TermId {
        let mut rest = operands.iter().copied();
        self.refill(id, junction, &mut rest)
    }

    pub(super) fn refill(
        &mut self,
        id: TermId,
        junction: Junction,
        rest: &mut impl Iterator<Item = TermId>,
    ) -> TermId {
        match self.junction(id) {
            Some((own, x, y)) if own == junction => {
                let x = self.refill(x, junction, rest);
                let y = self.refill(y, junction, rest);
                self.junction_of(junction, x, y)
            }
            _ => rest.next().unwrap_or(id),
        }
    }

    pub(in crate::model) fn is_constant(&self, id: TermId, value: Tristate) -> bool {
        match self.get(id) {
            Term::Leaf(operand) => letter(operand) == Some(value),
            _ => false,
        }
    }

    /// The constants y, m and n are tristate (symbol.c).
    pub(super) fn type_of(&self, operand: Operand) -> ValueType {
        match operand {
            Operand::Symbol(id) => {
                let symbol = &self.symbols[id.0 as usize];
                let is_foreign = self.defined.zip(symbol.name).is_some_and(|(it, name)| {
                    let (defined, at) = it;
                    defined.get(&name).is_some_and(|on| !on.contains(at))
                });
                match is_foreign {
                    true => ValueType::Unknown,
                    false => symbol.ty,
                }
            }
            _ if letter(operand).is_some() => ValueType::Tristate,
            _ => ValueType::Unknown,
        }
    }
}

/// y, m or n.
pub(super) fn letter(operand: Operand) -> Option<Tristate> {
    match operand {
        Operand::Constant(text) => Tristate::from_word(text.as_str()),
        _ => None,
    }
}
