// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hash-consed expressions: equal expressions have equal numbers, constants are folded.

use std::hash::BuildHasher;

use rustc_hash::{FxBuildHasher, FxHashSet};

use super::SymbolId;
use crate::menu::command::TestId;
use crate::source::Name;
use crate::syntax::ast::CompareOp;
use crate::tree::ArchSet;

/// A value of a bool or tristate symbol. The order is conf's: AND is the minimum, OR the
/// maximum.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Debug,
    Default,
    serde::Serialize,
    serde::Deserialize,
)]
pub enum Tristate {
    /// n
    #[default]
    No,
    /// m
    Module,
    /// y
    Yes,
}

impl Tristate {
    /// `y`, `m` or `n`.
    pub fn word(self) -> &'static str {
        match self {
            Tristate::No => "n",
            Tristate::Module => "m",
            Tristate::Yes => "y",
        }
    }

    /// The constant of this spelling.
    pub fn from_word(word: &str) -> Option<Tristate> {
        match word {
            "n" => Some(Tristate::No),
            "m" => Some(Tristate::Module),
            "y" => Some(Tristate::Yes),
            _ => None,
        }
    }

    /// The same of an interned word.
    pub fn from_name(name: Name) -> Option<Tristate> {
        match name {
            Name::N => Some(Tristate::No),
            Name::M => Some(Tristate::Module),
            Name::Y => Some(Tristate::Yes),
            _ => None,
        }
    }
}

impl std::ops::Not for Tristate {
    type Output = Tristate;

    /// `2 - x`, conf's `EXPR_NOT`.
    fn not(self) -> Tristate {
        match self {
            Tristate::No => Tristate::Yes,
            Tristate::Module => Tristate::Module,
            Tristate::Yes => Tristate::No,
        }
    }
}

/// The number of an expression in [`Exprs`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ExprId(pub u32);

/// The number of a command's output in [`super::Model::outputs`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct OutputId(pub u32);

/// A side of a comparison.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Operand {
    /// A symbol's value as a string.
    Symbol(SymbolId),
    /// A constant.
    Constant(Name),
    /// What a command prints.
    Output(OutputId),
}

impl Operand {
    /// The symbol that it is, if it is one.
    pub fn symbol(self) -> Option<SymbolId> {
        match self {
            Operand::Symbol(symbol) => Some(symbol),
            Operand::Constant(_) | Operand::Output(_) => None,
        }
    }
}

/// An expression node.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Expr {
    /// A constant.
    Const(Tristate),
    /// y on these architectures, n on all others.
    On(ArchSet),
    /// A symbol's value; n when it is not bool or tristate.
    Symbol(SymbolId),
    /// Whether a command succeeds.
    Test(TestId),
    /// Whether a command prints exactly this.
    Prints(OutputId, Name),
    /// `!x`
    Not(ExprId),
    /// `x && y`
    And(ExprId, ExprId),
    /// `x || y`
    Or(ExprId, ExprId),
    /// A comparison of string values; y or n.
    Compare(CompareOp, Operand, Operand),
}

/// All expressions of a model, each once.
#[derive(Clone)]
pub struct Exprs {
    /// All architectures that the expressions are about.
    all: ArchSet,
    nodes: Vec<Expr>,
    /// Operands that a constant took away, and their symbols with them.
    pub(super) lost: Vec<ExprId>,
    /// Where each node lies, by its hash: an open table of numbers alone, because a map from
    /// nodes would hold each of them twice and miss the cache as often. Its length is a power
    /// of two and at least twice that of `nodes`.
    slots: Vec<u32>,
}

/// A slot without a node.
const FREE: u32 = u32::MAX;

impl std::default::Default for Exprs {
    fn default() -> Exprs {
        Exprs::new()
    }
}

impl Exprs {
    /// The constant n.
    pub const NO: ExprId = ExprId(0);
    /// The constant m, whether or not there are modules.
    pub const MODULE: ExprId = ExprId(1);
    /// The constant y.
    pub const YES: ExprId = ExprId(2);

    /// Only the constants.
    pub fn new() -> Exprs {
        Exprs::with_capacity(16)
    }

    /// Only the constants, with room for `count` expressions.
    pub(super) fn with_capacity(count: usize) -> Exprs {
        let mut exprs = Exprs {
            all: ArchSet::first(1),
            lost: Vec::new(),
            nodes: Vec::with_capacity(count),
            slots: vec![FREE; (count.max(16) * 2).next_power_of_two()],
        };
        for value in [Tristate::No, Tristate::Module, Tristate::Yes] {
            exprs.intern(Expr::Const(value));
        }
        exprs
    }

    /// The same for several architectures.
    pub(super) fn among(mut self, all: ArchSet) -> Exprs {
        self.all = all;
        self
    }

    /// y on these architectures, n on all others.
    pub fn on(&mut self, these: ArchSet) -> ExprId {
        match these & self.all {
            ArchSet::EMPTY => Exprs::NO,
            all if all == self.all => Exprs::YES,
            some => self.intern(Expr::On(some)),
        }
    }

    /// The architectures that stand among the conjuncts of a condition, as a condition.
    pub(super) fn guard(&mut self, condition: ExprId) -> ExprId {
        let mut on = self.all;
        for term in self.conjuncts(condition) {
            if let Expr::On(these) = self.get(term) {
                on = on & these;
            }
        }
        self.on(on)
    }

    /// How strongly a select acts: the value of its selector, under its condition. The architectures
    /// come first: elsewhere the selector may hang on the target.
    pub(super) fn level(&mut self, selector: ExprId, condition: ExprId) -> ExprId {
        let level = self.and(selector, condition);
        if self.all.len() == 1 {
            return level;
        }
        match self.guard(condition) {
            Exprs::YES => level,
            guard => self.and(guard, level),
        }
    }

    /// A node.
    pub fn get(&self, id: ExprId) -> Expr {
        self.nodes[id.0 as usize]
    }

    /// How many distinct expressions there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Never true: the constants are always there.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// All nodes; children come before their parents.
    pub fn iter(&self) -> impl Iterator<Item = (ExprId, Expr)> + '_ {
        self.nodes
            .iter()
            .enumerate()
            .map(|(at, node)| (ExprId(at as u32), *node))
    }

    /// The number of a node, new or not. Use the constructors below for operators.
    pub fn intern(&mut self, node: Expr) -> ExprId {
        match self.find(node) {
            Ok(id) => id,
            Err(slot) => {
                let id = self.nodes.len() as u32;
                self.slots[slot] = id;
                self.nodes.push(node);
                if self.nodes.len() * 2 > self.slots.len() {
                    self.grow();
                }
                ExprId(id)
            }
        }
    }

    /// The number of a node, or the slot where it belongs.
    fn find(&self, node: Expr) -> Result<ExprId, usize> {
        let mask = self.slots.len() - 1;
        let mut slot = FxBuildHasher.hash_one(node) as usize & mask;
        loop {
            match self.slots[slot] {
                FREE => return Err(slot),
                id if self.nodes[id as usize] == node => return Ok(ExprId(id)),
                _ => slot = (slot + 1) & mask,
            }
        }
    }

    fn grow(&mut self) {
        let length = self.slots.len() * 2;
        self.slots.clear();
        self.slots.resize(length, FREE);
        for at in 0..self.nodes.len() {
            if let Err(slot) = self.find(self.nodes[at]) {
                self.slots[slot] = at as u32;
            }
        }
    }

    /// The constant `value`.
    pub fn constant(value: Tristate) -> ExprId {
        ExprId(value as u32)
    }

    /// A symbol.
    pub fn symbol(&mut self, symbol: SymbolId) -> ExprId {
        self.intern(Expr::Symbol(symbol))
    }

    /// `!x`
    pub fn not(&mut self, x: ExprId) -> ExprId {
        match self.get(x) {
            Expr::Const(value) => Exprs::constant(!value),
            Expr::Not(inner) => inner,
            Expr::On(these) => self.on(self.all.without(these)),
            _ => self.intern(Expr::Not(x)),
        }
    }

    /// `x && y`
    pub fn and(&mut self, x: ExprId, y: ExprId) -> ExprId {
        match (x, y) {
            (Exprs::NO, other) | (other, Exprs::NO) => self.absorb(Exprs::NO, other),
            (Exprs::YES, other) | (other, Exprs::YES) => other,
            _ if x == y => x,
            _ => match (self.get(x), self.get(y)) {
                (Expr::On(these), Expr::On(others)) => self.on(these & others),
                _ => self.intern(Expr::And(x, y)),
            },
        }
    }

    /// `x || y`
    pub fn or(&mut self, x: ExprId, y: ExprId) -> ExprId {
        match (x, y) {
            (Exprs::YES, other) | (other, Exprs::YES) => self.absorb(Exprs::YES, other),
            (Exprs::NO, other) | (other, Exprs::NO) => other,
            _ if x == y => x,
            _ => match (self.get(x), self.get(y)) {
                (Expr::On(these), Expr::On(others)) => self.on(these | others),
                _ => self.intern(Expr::Or(x, y)),
            },
        }
    }

    fn absorb(&mut self, constant: ExprId, other: ExprId) -> ExprId {
        if !matches!(self.get(other), Expr::Const(_)) {
            self.lost.push(other);
        }
        constant
    }

    /// `left op right`
    pub fn compare(&mut self, op: CompareOp, left: Operand, right: Operand) -> ExprId {
        self.intern(Expr::Compare(op, left, right))
    }

    /// The operands of nested `&&` from left to right, each once.
    pub fn conjuncts(&self, id: ExprId) -> Vec<ExprId> {
        let mut found = Vec::new();
        let mut seen = FxHashSet::default();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            match self.get(id) {
                Expr::And(left, right) => open.extend([right, left]),
                Expr::Const(Tristate::Yes) => {}
                _ if !seen.insert(id) => {}
                _ => found.push(id),
            }
        }
        found
    }

    /// What a node is made of: the expressions right below it.
    pub fn children(&self, id: ExprId) -> impl DoubleEndedIterator<Item = ExprId> {
        let (x, y) = match self.get(id) {
            Expr::Not(x) => (Some(x), None),
            Expr::And(x, y) | Expr::Or(x, y) => (Some(x), Some(y)),
            _ => (None, None),
        };
        x.into_iter().chain(y)
    }

    /// Calls `visit` for each symbol below `id`, as often as it occurs in the shared graph.
    pub fn for_each_symbol(&self, id: ExprId, mut visit: impl FnMut(SymbolId)) {
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            match self.get(id) {
                Expr::Symbol(symbol) => visit(symbol),
                Expr::Not(x) => open.push(x),
                Expr::And(x, y) | Expr::Or(x, y) => open.extend([y, x]),
                Expr::Compare(_, left, right) => {
                    for side in [left, right] {
                        if let Operand::Symbol(symbol) = side {
                            visit(symbol);
                        }
                    }
                }
                Expr::Const(_) | Expr::On(_) | Expr::Test(_) | Expr::Prints(..) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_expressions_have_equal_numbers_and_constants_fold() {
        let mut exprs = Exprs::new();
        let a = exprs.symbol(SymbolId(0));
        let b = exprs.symbol(SymbolId(1));
        assert_eq!(exprs.and(a, b), exprs.and(a, b));
        assert_eq!(exprs.and(a, Exprs::YES), a);
        assert_eq!(exprs.or(a, Exprs::YES), Exprs::YES);
        assert_eq!(exprs.not(Exprs::MODULE), Exprs::MODULE);
        let not = exprs.not(a);
        assert_eq!(exprs.not(not), a);
    }

    #[test]
    fn conjuncts_come_in_order_and_once() {
        let mut exprs = Exprs::new();
        let [a, b, c] = [0, 1, 2].map(|at| exprs.symbol(SymbolId(at)));
        let ab = exprs.and(a, b);
        let bc = exprs.and(b, c);
        let all = exprs.and(ab, bc);
        assert_eq!(exprs.conjuncts(all), vec![a, b, c]);
    }
}
