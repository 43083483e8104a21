// SPDX-License-Identifier: MIT OR Apache-2.0
//! Bits that may be constant, gates over them, and tristate values as pairs of bits.

use rustc_hash::FxHashMap;
use rustsat::types::Lit;

use super::on_demand::{Group, Scope};
use super::solver::Sink;
use crate::model::Tristate;

/// A truth value: known, or a literal of the solver.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Bit {
    /// Never.
    False,
    /// Always.
    True,
    /// The solver decides.
    Lit(Lit),
}

impl Bit {
    /// The constant.
    pub fn constant(value: bool) -> Bit {
        if value { Bit::True } else { Bit::False }
    }
}

impl std::ops::Not for Bit {
    type Output = Bit;

    fn not(self) -> Bit {
        match self {
            Bit::False => Bit::True,
            Bit::True => Bit::False,
            Bit::Lit(lit) => Bit::Lit(!lit),
        }
    }
}

/// A tristate value. Invariant, kept by whoever makes one: `yes` implies `on`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tri {
    /// At least m.
    pub on: Bit,
    /// y.
    pub yes: Bit,
}

impl Tri {
    /// n.
    pub const NO: Tri = Tri {
        on: Bit::False,
        yes: Bit::False,
    };
    /// y.
    pub const YES: Tri = Tri {
        on: Bit::True,
        yes: Bit::True,
    };

    /// y or n.
    pub fn boolean(bit: Bit) -> Tri {
        Tri { on: bit, yes: bit }
    }

    /// The constant.
    pub fn constant(value: Tristate) -> Tri {
        Tri {
            on: Bit::constant(value != Tristate::No),
            yes: Bit::constant(value == Tristate::Yes),
        }
    }
}

impl std::ops::Not for Tri {
    type Output = Tri;

    fn not(self) -> Tri {
        Tri {
            on: !self.yes,
            yes: !self.on,
        }
    }
}

/// Gates on top of a solver. Equal gates are made once.
pub(super) struct Gates<S> {
    pub(super) solver: S,
    ands: FxHashMap<(Lit, Lit), Lit>,
}

impl<S: Sink> Gates<S> {
    pub(super) fn new(solver: S) -> Gates<S> {
        Gates {
            solver,
            ands: FxHashMap::default(),
        }
    }

    pub(super) fn fresh(&mut self) -> Bit {
        Bit::Lit(self.solver.new_var().pos_lit())
    }

    /// A tristate variable.
    pub(super) fn fresh_tri(&mut self) -> Tri {
        self.tied(|gates| {
            let (on, yes) = (gates.fresh(), gates.fresh());
            gates.clause(&[!yes, on]);
            Tri { on, yes }
        })
    }

    /// Makes variables that make no sense without the clauses that `make` adds.
    pub(super) fn tied<T>(&mut self, make: impl FnOnce(&mut Gates<S>) -> T) -> T {
        let outer = self.solver.enter(Scope::Tie);
        let made = make(self);
        self.solver.enter(outer);
        made
    }

    /// Requires that one of `bits` holds.
    pub(super) fn clause(&mut self, bits: &[Bit]) {
        let mut lits = Vec::with_capacity(bits.len());
        for bit in bits {
            match bit {
                Bit::True => return,
                Bit::False => {}
                Bit::Lit(lit) => lits.push(*lit),
            }
        }
        self.solver.add_clause(&lits);
    }

    /// Requires that both are the same.
    pub(super) fn equate(&mut self, a: Bit, b: Bit) {
        self.clause(&[!a, b]);
        self.clause(&[a, !b]);
    }

    /// Makes a symbol's own bit what its definition says. A constant one is so already: bounds
    /// follow from the definitions.
    pub(super) fn define(&mut self, own: Bit, value: Bit) {
        match (own, value) {
            (Bit::Lit(own), Bit::Lit(value)) => self.solver.define(own, value),
            (Bit::Lit(own), value) => self.solver.define_constant(own, value == Bit::True),
            _ => {}
        }
    }

    pub(super) fn and(&mut self, a: Bit, b: Bit) -> Bit {
        match (a, b) {
            (Bit::False, _) | (_, Bit::False) => Bit::False,
            (Bit::True, other) | (other, Bit::True) => other,
            (Bit::Lit(a), Bit::Lit(b)) if a == b => Bit::Lit(a),
            (Bit::Lit(a), Bit::Lit(b)) if a == !b => Bit::False,
            (Bit::Lit(a), Bit::Lit(b)) => {
                let key = if a < b { (a, b) } else { (b, a) };
                if let Some(&known) = self.ands.get(&key) {
                    return Bit::Lit(known);
                }
                let gate = self.solver.new_var().pos_lit();
                self.solver.and_gate(gate, a, b);
                self.ands.insert(key, gate);
                Bit::Lit(gate)
            }
        }
    }

    pub(super) fn or(&mut self, a: Bit, b: Bit) -> Bit {
        !self.and(!a, !b)
    }

    /// The OR of many.
    pub(super) fn any(&mut self, bits: impl IntoIterator<Item = Bit>) -> Bit {
        let mut lits = Vec::new();
        for bit in bits {
            match bit {
                Bit::True => return Bit::True,
                Bit::False => {}
                Bit::Lit(lit) => lits.push(lit),
            }
        }
        lits.sort_unstable();
        lits.dedup();
        match lits[..] {
            [] => Bit::False,
            [one] => Bit::Lit(one),
            [one, two] => self.or(Bit::Lit(one), Bit::Lit(two)),
            _ => {
                let gate = self.solver.new_var().pos_lit();
                self.solver.or_gate(gate, &lits);
                Bit::Lit(gate)
            }
        }
    }

    /// `condition ? a : b`
    pub(super) fn choose(&mut self, condition: Bit, a: Bit, b: Bit) -> Bit {
        if a == b {
            return a;
        }
        let (yes, no) = (self.and(condition, a), self.and(!condition, b));
        self.or(yes, no)
    }

    /// Requires that no two of `bits` hold.
    pub(super) fn at_most_one(&mut self, bits: &[Bit]) {
        let mut earlier = Bit::False;
        for bit in bits {
            self.clause(&[!earlier, !*bit]);
            earlier = self.or(earlier, *bit);
        }
    }

    /// Says which group defines a variable.
    pub(super) fn own(&mut self, bit: Bit, group: Group) {
        if let Bit::Lit(lit) = bit {
            self.solver.own(lit.var(), group);
        }
    }

    pub(super) fn min(&mut self, a: Tri, b: Tri) -> Tri {
        Tri {
            on: self.and(a.on, b.on),
            yes: self.and(a.yes, b.yes),
        }
    }

    pub(super) fn max(&mut self, a: Tri, b: Tri) -> Tri {
        Tri {
            on: self.or(a.on, b.on),
            yes: self.or(a.yes, b.yes),
        }
    }

    pub(super) fn max_of(&mut self, all: &[Tri]) -> Tri {
        let on = self.any(all.iter().map(|tri| tri.on));
        let yes = self.any(all.iter().map(|tri| tri.yes));
        Tri { on, yes }
    }

    pub(super) fn choose_tri(&mut self, condition: Bit, a: Tri, b: Tri) -> Tri {
        Tri {
            on: self.choose(condition, a.on, b.on),
            yes: self.choose(condition, a.yes, b.yes),
        }
    }
}
