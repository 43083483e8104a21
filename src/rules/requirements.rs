// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a symbol needs by what is written: the terms of its dependency, and what those need in turn. The rules about
//! outliers compare symbols by this.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::model::{Expr, ExprId, Model, SymbolId};

/// What symbols of a model need, computed when it is asked for.
pub struct Requirements<'m> {
    model: &'m Model,
    known: FxHashMap<(SymbolId, bool), FxHashSet<SymbolId>>,
}

impl<'m> Requirements<'m> {
    /// Those of this model.
    pub fn new(model: &'m Model) -> Requirements<'m> {
        Requirements {
            model,
            known: FxHashMap::default(),
        }
    }

    /// The symbols that are terms of an expression.
    pub fn terms(&self, expr: ExprId) -> impl Iterator<Item = SymbolId> + use<'m> {
        let exprs = &self.model.exprs;
        let terms = exprs.conjuncts(expr).into_iter();
        terms.filter_map(|term| match exprs.get(term) {
            Expr::Symbol(id) => Some(id),
            _ => None,
        })
    }

    /// Everything that these symbols depend on, and the symbols.
    pub fn all_of(&mut self, symbols: impl Iterator<Item = SymbolId>) -> FxHashSet<SymbolId> {
        let mut found = FxHashSet::default();
        for symbol in symbols {
            found.insert(symbol);
            found.extend(self.of(symbol));
        }
        found
    }

    /// Everything that a symbol depends on.
    pub fn of(&mut self, symbol: SymbolId) -> &FxHashSet<SymbolId> {
        self.found(symbol, false)
    }

    /// Everything that has to be on where a symbol is: what it and its dependencies select, too.
    pub fn with_selects(&mut self, symbol: SymbolId) -> &FxHashSet<SymbolId> {
        self.found(symbol, true)
    }

    fn found(&mut self, symbol: SymbolId, selects: bool) -> &FxHashSet<SymbolId> {
        if !self.known.contains_key(&(symbol, selects)) {
            let mut found = FxHashSet::default();
            let mut open = vec![symbol];
            while let Some(id) = open.pop() {
                let symbol = self.model.symbol(id);
                let own = symbol.selects.iter().filter(|_| selects);
                let direct = symbol.direct.into_iter();
                let needed = direct.flat_map(|expr| self.terms(expr));
                let own = own.map(|it| self.model.select(*it));
                let selected = own.filter(|it| it.written.is_none()).map(|it| it.target);
                open.extend(needed.chain(selected).filter(|it| found.insert(*it)));
            }
            self.known.insert((symbol, selects), found);
        }
        &self.known[&(symbol, selects)]
    }
}

/// Of sets, each of another thing: the members that all but one have, by the number of the set that lacks them.
pub fn lacking(sets: &[FxHashSet<SymbolId>]) -> FxHashMap<usize, Vec<SymbolId>> {
    let mut count: FxHashMap<SymbolId, usize> = FxHashMap::default();
    for member in sets.iter().flatten() {
        *count.entry(*member).or_default() += 1;
    }
    let mut found: FxHashMap<usize, Vec<SymbolId>> = FxHashMap::default();
    for (member, number) in count {
        if number + 1 == sets.len() {
            let lacks = sets.iter().position(|set| !set.contains(&member));
            found.entry(lacks.unwrap_or(0)).or_default().push(member);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_all_but_one_have_is_lacking() {
        let set = |all: &[u32]| all.iter().map(|it| SymbolId(*it)).collect();
        let sets = [set(&[1, 2]), set(&[1, 2, 3]), set(&[1, 3]), set(&[1])];
        assert_eq!(lacking(&sets).len(), 0);
        let found = lacking(&sets[..3]);
        assert_eq!(found[&2], [SymbolId(2)]);
        assert_eq!(found[&0], [SymbolId(3)]);
    }
}
