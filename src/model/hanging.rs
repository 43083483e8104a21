// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which symbols' values hang on which, by names: what a change of one symbol can change, and
//! whether a new dependency could close a cycle.
//!
//! It says yes too often, never too seldom: constants that conf folds away still count.

use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};

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
    /// Edges that came later.
    more: Vec<(u32, u32)>,
    /// The edges the other way round, made when that is asked for.
    back: OnceLock<Edges>,
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
            more: Vec::new(),
            back: OnceLock::new(),
            edges,
            bounds,
            modules: model.modules.map(&place),
            place: model.symbol_ids().map(|(id, _)| place(id)).collect(),
            names: model.symbols.iter().map(|symbol| symbol.name).collect(),
        }
    }

    /// Whether a symbol's value hangs, directly or not, on one of `others`, or is one of them.
    pub fn hangs_on(&self, symbol: Name, others: &[Name]) -> bool {
        let below = closure(&self.edges, self.places(&[symbol]), &self.more);
        self.places(others)
            .into_iter()
            .any(|place| below[place as usize])
    }

    /// The symbols whose values hang on one of `names`, those included, in the order of the
    /// model; of a choice all members.
    pub fn on(&self, names: &[Name]) -> Vec<Name> {
        let back = self.bounds.iter().chain(&self.more);
        let back: Vec<(u32, u32)> = back.map(|(from, to)| (*to, *from)).collect();
        let above = closure(self.reversed(), self.places(names), &back);
        if self.modules.is_some_and(|modules| above[modules as usize]) {
            return self.names.iter().copied().flatten().collect();
        }
        let all = self.place.iter().zip(&self.names);
        let hanging = all.filter(|(place, _)| above[**place as usize]);
        hanging.filter_map(|(_, name)| *name).collect()
    }

    /// Of each symbol, whether its value hangs on one of these. For a model that has not changed since.
    pub fn all_above(&self, symbols: impl Iterator<Item = SymbolId>) -> Vec<bool> {
        let back: Vec<(u32, u32)> = self.bounds.iter().map(|(from, to)| (*to, *from)).collect();
        let starts = symbols.map(|id| self.place[id.0 as usize]).collect();
        let above = closure(self.reversed(), starts, &back);
        let is_all = self.modules.is_some_and(|modules| above[modules as usize]);
        let place = self.place.iter();
        place
            .map(|place| is_all || above[*place as usize])
            .collect()
    }

    fn reversed(&self) -> &Edges {
        self.back.get_or_init(|| self.edges.reversed())
    }

    /// The symbol and all symbols on which its value depends, bounds of ranges included; of a choice
    /// all members. For a model that has not changed since.
    pub fn all_below(&self, symbol: SymbolId) -> Vec<SymbolId> {
        let start = self.place[symbol.0 as usize];
        if self.edges.of(start).is_empty() {
            let own = self.place.iter().enumerate();
            let own = own.filter(|(_, place)| **place == start);
            return own.map(|(at, _)| SymbolId(at as u32)).collect();
        }
        let below = closure(&self.edges, vec![start], &self.bounds);
        let reached = self.place.iter().enumerate();
        let reached = reached.filter(|(_, place)| below[**place as usize]);
        reached.map(|(at, _)| SymbolId(at as u32)).collect()
    }

    /// The same with more edges, each from a symbol to one on which it hangs.
    pub fn with(&self, edges: &[(Name, Name)]) -> Hanging {
        let mut more = Hanging {
            back: OnceLock::new(),
            ..self.clone()
        };
        let mut place: FxHashMap<Name, u32> = FxHashMap::default();
        let wanted: FxHashSet<Name> = edges.iter().flat_map(|(a, b)| [*a, *b]).collect();
        for (name, own) in self.names.iter().zip(&self.place) {
            if let Some(name) = name.filter(|name| wanted.contains(name)) {
                place.insert(name, *own);
            }
        }
        let mut node = |more: &mut Hanging, name: Name| {
            *place.entry(name).or_insert_with(|| {
                let new = more.edges.len() as u32;
                more.edges.node();
                more.place.push(new);
                more.names.push(Some(name));
                new
            })
        };
        for (from, to) in edges {
            let edge = (node(&mut more, *from), node(&mut more, *to));
            more.more.push(edge);
        }
        more
    }

    fn places(&self, names: &[Name]) -> Vec<u32> {
        let names: FxHashSet<Name> = names.iter().copied().collect();
        let all = self.names.iter().zip(&self.place);
        let named = all.filter(|(name, _)| name.is_some_and(|name| names.contains(&name)));
        named.map(|(_, place)| *place).collect()
    }
}

/// The nodes that some of `starts` reach, those included.
fn closure(edges: &Edges, mut starts: Vec<u32>, more: &[(u32, u32)]) -> Vec<bool> {
    loop {
        let reached = edges.below(starts.iter().copied());
        let is_new = |(from, to): &&(u32, u32)| reached[*from as usize] && !reached[*to as usize];
        let new: Vec<u32> = more.iter().filter(is_new).map(|(_, to)| *to).collect();
        if new.is_empty() {
            return reached;
        }
        starts.extend(new);
    }
}
