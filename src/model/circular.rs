// SPDX-License-Identifier: MIT OR Apache-2.0
//! Values of a model of several architectures that hang on themselves, although conf sees no cycle.
//!
//! Where architectures differ in what conf folds, the model has it as it is written. Then each
//! architecture has to be looked at by itself: computing such a value never ends.

use rustc_hash::FxHashMap;

use super::cycles::{edges, representative};
use super::hidden::Hidden;
use super::symbol::{DefaultValue, SymbolId};
use super::{Expr, ExprId, Model, Operand};
use crate::menu::NodeId;
use crate::tree::ArchSet;

/// The architectures on which some value hangs on itself in this model of several although conf sees no
/// cycle: it folds for one architecture what is left as it is written for all of them.
pub(super) fn circular(model: &Model) -> ArchSet {
    let mut found = ArchSet::EMPTY;
    if model.suspects.is_none() || model.menu.on.len() < 2 {
        return found;
    }
    // Most suspects are none any more, now that the model leaves out what conf folds.
    let mut knotted = vec![false; model.symbols.len()];
    for symbol in edges(model, &Hidden::default()).knots().iter().flatten() {
        if let Some(knotted) = knotted.get_mut(*symbol as usize) {
            *knotted = true;
        }
    }
    for at in model.menu.on.iter() {
        if hangs_on_itself(model, &knotted, at) {
            found |= ArchSet::only(at);
        }
    }
    found
}

/// Where a search for circles is: a symbol, which stands for its choice, or an expression.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Inner {
    Symbol(SymbolId),
    Expr(ExprId),
}

fn hangs_on_itself(model: &Model, knotted: &[bool], at: usize) -> bool {
    // With whether all below it was looked at.
    let mut seen: FxHashMap<Inner, bool> = FxHashMap::default();
    let all = model.symbol_ids().map(|(id, _)| id);
    for root in all.filter(|id| knotted[id.0 as usize]) {
        let mut open = vec![(Inner::Symbol(root), false)];
        while let Some((inner, is_done)) = open.pop() {
            if is_done {
                seen.insert(inner, true);
                continue;
            }
            if seen.contains_key(&inner) {
                continue;
            }
            seen.insert(inner, false);
            open.push((inner, true));
            for next in below(model, knotted, inner, at) {
                match seen.get(&next) {
                    Some(false) => return true,
                    Some(true) => {}
                    None => open.push((next, false)),
                }
            }
        }
    }
    false
}

/// What something hangs on, of what can be on a circle.
fn below(model: &Model, knotted: &[bool], inner: Inner, at: usize) -> Vec<Inner> {
    let mut found = Vec::new();
    let mut add = |id: SymbolId| {
        let place = representative(model, id);
        // The members of a choice hang on its symbol, which hangs on them.
        let is_member = model.symbol(id).choice.is_none();
        if is_member && knotted[place.0 as usize] {
            found.push(Inner::Symbol(place));
        }
    };
    let elsewhere = |id: ExprId| match model.exprs.get(id) {
        Expr::On(these) => !these.contains(at),
        _ => false,
    };
    match inner {
        Inner::Expr(id) => match model.exprs.get(id) {
            Expr::And(x, y) if elsewhere(x) || elsewhere(y) => {}
            Expr::And(x, y) | Expr::Or(x, y) => found.extend([Inner::Expr(x), Inner::Expr(y)]),
            Expr::Not(x) => found.push(Inner::Expr(x)),
            Expr::Symbol(id) => add(id),
            Expr::Compare(_, left, right) => {
                for side in [left, right] {
                    if let Operand::Symbol(id) = side {
                        add(id);
                    }
                }
            }
            Expr::Const(_) | Expr::On(_) | Expr::Test(_) | Expr::Prints(..) => {}
        },
        Inner::Symbol(id) => {
            let members = model.symbol(id).choice.map(|it| &*model.choice(it).members);
            for from in std::iter::once(&id).chain(members.unwrap_or_default()) {
                values_below(model, *from, at, &mut found);
            }
        }
    }
    found
}

/// What a symbol's value is made of. Unlike conf's edges (`cycles`) these are the folded conditions, with
/// the architectures on which they hold.
fn values_below(model: &Model, id: SymbolId, at: usize, found: &mut Vec<Inner>) {
    let symbol = model.symbol(id);
    let is_read = |node: NodeId| model.menu.node(node).on.contains(at);
    found.extend(symbol.direct.map(Inner::Expr));
    let selects = symbol.selected_by.iter().map(|id| model.select(*id));
    let implies = symbol.implied_by.iter().map(|id| model.imply(*id));
    let levels = selects.chain(implies).filter(|it| is_read(it.node));
    found.extend(levels.map(|it| Inner::Expr(it.level)));
    let prompts = symbol.prompts.iter().filter(|it| is_read(it.node));
    found.extend(prompts.map(|it| Inner::Expr(it.condition)));
    let ranges = symbol.ranges.iter().filter(|it| is_read(it.node));
    found.extend(ranges.map(|it| Inner::Expr(it.condition)));
    for default in symbol.defaults.iter().filter(|it| is_read(it.node)) {
        found.push(Inner::Expr(default.condition));
        // What a choice chooses is a member, whose value it does not ask for.
        if symbol.choice.is_some() {
            continue;
        }
        found.extend(match default.value {
            DefaultValue::Logical(value) => Some(Inner::Expr(value)),
            DefaultValue::Text(Operand::Symbol(id)) => {
                Some(Inner::Symbol(representative(model, id)))
            }
            _ => None,
        });
    }
}
