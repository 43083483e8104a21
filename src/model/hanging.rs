// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which symbols' values hang on which, by names: what a change of one symbol can change, and
//! whether a new dependency could close a cycle.
//!
//! It says yes too often, never too seldom: constants that conf folds away still count.

use rustc_hash::FxHashSet;

use super::Model;
use super::Operand;
use super::knots::Edges;
use super::symbol::SymbolId;
use crate::source::Name;

/// What hangs on what in one model. It outlives the model, and is much smaller.
#[derive(Clone, Default)]
pub struct Hanging {
    /// All symbols, then what they share (see `cycles`).
    edges: Edges,
    /// The node that stands for each symbol: a choice stands for its members.
    place: Vec<u32>,
    names: Vec<Option<Name>>,
    /// From each symbol with a range to the symbols that bound it: no edges for conf's cycles,
    /// but its value hangs on them.
    bounds: Vec<(u32, u32)>,
    /// The node of MODULES, on which hangs how m counts everywhere.
    modules: Option<u32>,
}

impl Hanging {
    pub(super) fn new(model: &Model, edges: Edges, place: impl Fn(SymbolId) -> u32) -> Hanging {
        let mut bounds = Vec::new();
        for (id, symbol) in model.symbol_ids() {
            for bound in symbol
                .ranges
                .iter()
                .flat_map(|range| [range.low, range.high])
            {
                if let Operand::Symbol(other) = bound {
                    bounds.push((place(id), place(other)));
                }
            }
        }
        Hanging {
            edges,
            bounds,
            modules: model.modules.map(&place),
            place: model.symbol_ids().map(|(id, _)| place(id)).collect(),
            names: model.symbols.iter().map(|symbol| symbol.name).collect(),
        }
    }

    /// Whether a symbol's value hangs, directly or not, on one of `others`, or is one of them.
    pub fn hangs_on(&self, symbol: Name, others: &[Name]) -> bool {
        let below = self.edges.below(self.places(&[symbol]));
        self.places(others)
            .into_iter()
            .any(|place| below[place as usize])
    }

    /// The symbols whose values hang on one of `names`, those included, in the order of the
    /// model; of a choice all members.
    pub fn on(&self, names: &[Name]) -> Vec<Name> {
        let reversed = self.edges.reversed();
        let mut starts = self.places(names);
        let above = loop {
            let above = reversed.below(starts.iter().copied());
            let is_new = |(from, to): &&(u32, u32)| above[*to as usize] && !above[*from as usize];
            let new: Vec<u32> = self
                .bounds
                .iter()
                .filter(is_new)
                .map(|(from, _)| *from)
                .collect();
            if new.is_empty() {
                break above;
            }
            starts.extend(new);
        };
        if self.modules.is_some_and(|modules| above[modules as usize]) {
            return self.names.iter().copied().flatten().collect();
        }
        let all = self.place.iter().zip(&self.names);
        let hanging = all.filter(|(place, _)| above[**place as usize]);
        hanging.filter_map(|(_, name)| *name).collect()
    }

    fn places(&self, names: &[Name]) -> Vec<u32> {
        let names: FxHashSet<Name> = names.iter().copied().collect();
        let all = self.names.iter().zip(&self.place);
        let named = all.filter(|(name, _)| name.is_some_and(|name| names.contains(&name)));
        named.map(|(_, place)| *place).collect()
    }
}
