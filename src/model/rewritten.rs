// SPDX-License-Identifier: MIT OR Apache-2.0
//! The model once some options have other dependencies, selects and implies: only these options and
//! what they select are looked at again.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use super::Model;
use super::build::Builder;
use super::cycles::{hangs_anew, suspects};
use super::expr::Exprs;
use super::symbol::{Symbol, SymbolId};
use super::untangle::untangle;
use crate::menu::{Menu, NodeId};
use crate::syntax::ast::EntryKind;
use crate::tree::Engine;

/// A model that was made of another one. It is good for questions, not for reports: places of what is new
/// are none of the files.
pub struct Rewritten {
    /// The model. It has the symbols and expressions of the other one, and more expressions.
    pub model: Model,
    /// Of each symbol, whether its value can be another one.
    pub is_stale: Vec<bool>,
    /// Whether it may have a cycle that the other one has not.
    pub may_be_cyclic: bool,
}

impl Model {
    /// The model of a menu tree in which these statements have other dependencies, selects and implies
    /// ([`Menu::rewritten`]). `None` where more than they and what they select may be different.
    pub fn rewritten(&self, menu: Menu, nodes: &[NodeId]) -> Option<Rewritten> {
        if self.behaviour.engine != Engine::Conf {
            return None;
        }
        let mut builder = Builder::of(self.with_menu(Arc::new(menu)));
        let owners: Option<BTreeSet<SymbolId>> = nodes
            .iter()
            .map(|node| owner(&mut builder, *node))
            .collect();
        let owners = owners?;
        let mut changed = owners.clone();
        for owner in &owners {
            changed.extend(take_links(&mut builder.model, *owner));
            write_again(&mut builder, *owner);
            changed.extend(targets(&builder.model, *owner));
        }
        // A new name, what decides the order of values, and what hides something from the search for cycles
        // concern more than what is changed here.
        let is_more = builder.model.symbols.len() > self.symbols.len() || !builder.lost.is_empty();
        if is_more || changed.iter().any(|id| self.symbol(*id).before_modules) {
            return None;
        }
        let is_stale = self.hanging.all_above(changed.iter().copied());
        let knot = |id: &SymbolId| self.suspects.as_ref().and_then(|all| all[id.0 as usize]);
        let may_be_cyclic = changed.iter().any(|id| knot(id).is_some())
            || hangs_anew(self, &builder.model, &changed, &is_stale);
        if may_be_cyclic {
            let (suspects, hanging) = suspects(&builder.model, &self.hidden);
            builder.model.suspects = suspects;
            builder.model.hanging = Arc::new(hanging);
            untangle(&mut builder);
        }
        Some(Rewritten {
            model: builder.model,
            is_stale,
            may_be_cyclic,
        })
    }

    /// The same symbols with another menu tree.
    fn with_menu(&self, menu: Arc<Menu>) -> Model {
        Model {
            menu,
            behaviour: self.behaviour,
            exprs: self.exprs.clone(),
            symbols: self.symbols.clone(),
            choices: self.choices.clone(),
            selects: self.selects.clone(),
            implies: self.implies.clone(),
            modules: self.modules,
            outputs: self.outputs.clone(),
            conditional: self.conditional.clone(),
            by_name: self.by_name.clone(),
            variants: self.variants.clone(),
            suspects: self.suspects.clone(),
            hidden: self.hidden.clone(),
            has_tristate_before_modules: self.has_tristate_before_modules,
            hanging: self.hanging.clone(),
            lookup: OnceLock::new(),
        }
    }
}

/// The option that a statement defines; `None` for one that has to do with a choice.
fn owner(builder: &mut Builder, node: NodeId) -> Option<SymbolId> {
    let menu = builder.menu.clone();
    let (EntryKind::Config(name) | EntryKind::MenuConfig(name)) = *menu.kind(node) else {
        return None;
    };
    let node = menu.node(node);
    let symbol = builder.defined_by(&menu.value(node.instance, name), node.on)?;
    let own = builder.model.symbol(symbol);
    let mut blocks = own.definitions.iter().flat_map(|it| menu.around(it.node));
    let is_in_choice = blocks.any(|block| matches!(menu.kind(block), EntryKind::Choice(_)));
    (own.member_of.is_none() && own.choice.is_none() && !is_in_choice).then_some(symbol)
}

/// What a symbol selects and implies.
fn targets(model: &Model, symbol: SymbolId) -> Vec<SymbolId> {
    let own = model.symbol(symbol);
    let selects = own.selects.iter().map(|id| model.select(*id));
    let implies = own.implies.iter().map(|id| model.imply(*id));
    selects.chain(implies).map(|it| it.target).collect()
}

/// Takes a symbol's selects and implies away, and says whose they were. The numbers of the others stay:
/// those that nobody has any more stand for one that never acts.
fn take_links(model: &mut Model, symbol: SymbolId) -> Vec<SymbolId> {
    let targets = targets(model, symbol);
    let own = &mut model.symbols[symbol.0 as usize];
    let (selects, implies) = (
        std::mem::take(&mut own.selects),
        std::mem::take(&mut own.implies),
    );
    for (ids, all, is_imply) in [
        (selects, &mut model.selects, false),
        (implies, &mut model.implies, true),
    ] {
        for id in ids {
            let link = &mut all[id.0 as usize];
            (link.condition, link.level, link.written) = (Exprs::NO, Exprs::NO, None);
            let target = &mut model.symbols[link.target.0 as usize];
            match is_imply {
                true => target.implied_by.retain(|it| *it != id),
                false => target.selected_by.retain(|it| *it != id),
            }
        }
    }
    targets
}

/// Reads all statements of a symbol again.
fn write_again(builder: &mut Builder, symbol: SymbolId) {
    let own = builder.symbol_mut(symbol);
    let new = Symbol {
        name: own.name,
        selected_by: std::mem::take(&mut own.selected_by),
        implied_by: std::mem::take(&mut own.implied_by),
        self_select: own.self_select,
        ..Symbol::undefined()
    };
    let before = std::mem::replace(own, new);
    let menu = builder.menu.clone();
    for definition in before.definitions {
        let around: Vec<NodeId> = menu.around(definition.node).collect();
        for block in around.into_iter().rev() {
            builder.add_node(block);
        }
        builder.add_node(definition.node);
    }
    builder.finish_symbol(symbol);
}
