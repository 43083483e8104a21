// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the other selectors of a target do about the same missing terms.
//!
//! A helper may have as many findings as selectors, so its selectors are counted once for all of them.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::{Missing, optional};
use crate::model::{Model, Select, SelectId, SymbolId};
use crate::source::Files;

/// What other selectors of a target do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub(super) struct Practice {
    /// Those that select the missing terms as well.
    pub(super) select_too: usize,
    /// Those that select on a condition with a missing term in it.
    pub(super) conditioned: usize,
    /// All of them.
    pub(super) all: usize,
}

/// The selectors of the targets that were asked about, on one architecture.
#[derive(Default)]
pub struct Practices {
    counted: FxHashMap<Key, Counted>,
}

/// What the selectors are asked.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    target: SymbolId,
    /// The neighbourhood of the finding.
    here: String,
    /// The missing terms, if all of them are symbols.
    terms: Option<Vec<SymbolId>>,
    /// The symbols in the missing terms.
    named: BTreeSet<SymbolId>,
}

#[derive(Default)]
struct Counted {
    each: FxHashMap<SymbolId, Selector>,
    all: Practice,
    /// Those of the neighbourhood.
    near: Practice,
}

/// What one selector does.
#[derive(Default)]
struct Selector {
    selects_too: bool,
    is_conditioned: bool,
    is_near: bool,
}

impl Practices {
    /// What the other selectors of a select's target do: those of the same neighbourhood where there
    /// are at least two, else all.
    pub(super) fn of(
        &mut self,
        model: &Model,
        files: &Files,
        id: SelectId,
        missing: &[Missing],
    ) -> Practice {
        let select = model.select(id);
        let terms = missing.iter().map(|term| model.symbol_named(&term.term));
        let named = missing.iter().flat_map(|term| &term.symbols);
        let key = Key {
            target: select.target,
            here: neighbourhood(files, select),
            terms: terms.collect(),
            named: named.filter_map(|name| model.symbol_named(name)).collect(),
        };
        let count = |key: &Key| Counted::new(model, files, key);
        let counted = self.counted.entry(key);
        let counted = counted.or_insert_with_key(count);
        counted.without(select.selector)
    }
}

impl Counted {
    fn new(model: &Model, files: &Files, key: &Key) -> Counted {
        let mut counted = Counted::default();
        for id in &model.symbol(key.target).selected_by {
            let select = model.select(*id);
            let own = counted.each.entry(select.selector).or_default();
            let names = |condition| optional::names_any(model, condition, &key.named);
            own.is_conditioned |= select.written.is_some_and(names);
            own.is_near |= neighbourhood(files, select) == key.here;
        }
        for (id, own) in &mut counted.each {
            let selects = &model.symbol(*id).selects;
            let selects =
                |term: &SymbolId| selects.iter().any(|id| model.select(*id).target == *term);
            own.selects_too = key
                .terms
                .as_ref()
                .is_some_and(|terms| terms.iter().all(selects));
            counted.all.add(own);
            if own.is_near {
                counted.near.add(own);
            }
        }
        counted
    }

    fn without(&self, selector: SymbolId) -> Practice {
        let own = self.each.get(&selector);
        let near = own.filter(|own| own.is_near);
        let near = near.map_or(self.near, |own| self.near.less(own));
        match near.all >= 2 {
            true => near,
            false => own.map_or(self.all, |own| self.all.less(own)),
        }
    }
}

impl Practice {
    fn add(&mut self, selector: &Selector) {
        self.select_too += usize::from(selector.selects_too);
        self.conditioned += usize::from(selector.is_conditioned);
        self.all += 1;
    }

    fn less(self, selector: &Selector) -> Practice {
        Practice {
            select_too: self.select_too - usize::from(selector.selects_too),
            conditioned: self.conditioned - usize::from(selector.is_conditioned),
            all: self.all - 1,
        }
    }
}

/// The folder that a subsystem shares: the first two parts of a path, such as `drivers/gpu`.
fn neighbourhood(files: &Files, select: &Select) -> String {
    let file = files.get(select.span.file);
    let parts = file.path().split('/').take(2);
    parts.collect::<Vec<_>>().join("/")
}
