// SPDX-License-Identifier: MIT OR Apache-2.0
//! On which architectures a pair of symbols reads the same: what a finding says of one then holds for
//! the others.
//!
//! What counts are the statements that a finding or its fixes speak of: those of both symbols, which
//! symbols of theirs are defined, and which selects there are above the selector. A set of
//! architectures that stands anywhere in them keeps those inside apart from those outside.

use rustc_hash::FxHashSet;

use crate::model::{DefaultValue, Expr, ExprId, Model, SymbolId};
use crate::tree::ArchSet;

/// These architectures, in sets on which the pair reads the same.
pub(super) fn alike(
    model: &Model,
    selector: SymbolId,
    selectee: SymbolId,
    on: ArchSet,
) -> Vec<ArchSet> {
    if on.len() == 1 {
        return vec![on];
    }
    let mut read = Read {
        model,
        seen: FxHashSet::default(),
        sets: FxHashSet::default(),
    };
    read.symbol(selector);
    read.symbol(selectee);
    read.above(selector);
    let mut parts = vec![on];
    for set in &read.sets {
        let split = |part: ArchSet| [part & *set, part.without(*set)];
        parts = parts.into_iter().flat_map(split).collect();
        parts.retain(|part| !part.is_empty());
    }
    parts.sort();
    parts
}

struct Read<'m> {
    model: &'m Model,
    seen: FxHashSet<ExprId>,
    sets: FxHashSet<ArchSet>,
}

impl Read<'_> {
    /// The statements of a symbol.
    fn symbol(&mut self, id: SymbolId) {
        let model = self.model;
        let symbol = model.symbol(id);
        self.sets.insert(model.defined_on(id));
        for definition in &symbol.definitions {
            self.sets.insert(model.menu.node(definition.node).on);
            definition.dependency.iter().for_each(|it| self.expr(*it));
        }
        if let Some(dependency) = symbol.direct {
            self.expr(dependency);
            let exprs = &model.exprs;
            exprs.for_each_symbol(dependency, |it| {
                self.sets.insert(model.defined_on(it));
            });
        }
        for prompt in &symbol.prompts {
            self.expr(prompt.condition);
        }
        for default in &symbol.defaults {
            self.expr(default.condition);
            if let DefaultValue::Logical(value) | DefaultValue::Invalid(value) = default.value {
                self.expr(value);
            }
        }
    }

    /// The selects that reach a symbol through others.
    fn above(&mut self, id: SymbolId) {
        let model = self.model;
        let mut seen = FxHashSet::from_iter([id]);
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            for select in &model.symbol(id).selected_by {
                let select = model.select(*select);
                self.expr(select.level);
                let above = select.selector;
                self.sets.insert(model.defined_on(above));
                if seen.insert(above) {
                    open.push(above);
                }
            }
        }
    }

    fn expr(&mut self, id: ExprId) {
        let model = self.model;
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            if !self.seen.insert(id) {
                continue;
            }
            if let Expr::On(set) = model.exprs.get(id) {
                self.sets.insert(set);
            }
            open.extend(model.exprs.children(id));
        }
    }
}
