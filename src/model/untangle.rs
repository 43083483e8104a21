// SPDX-License-Identifier: MIT OR Apache-2.0
//! Expressions that would hang on themselves, if conf did not fold them.
//!
//! `A` that depends on `B || !B` of a bool hangs on nothing, in conf, and `B` may depend on `A`.
//! The model's expressions are not folded, and values are computed along them; so those that
//! could close a circle are replaced by what conf leaves of them. All others stay as they are
//! written.

use std::collections::BTreeSet;

use super::Model;
use super::build::direct;
use super::expr::{ExprId, Exprs, Operand, Tristate};
use super::folding::{Term, TermId};
use super::symbol::SymbolId;
use super::written::Written;
use crate::menu::NodeId;
use crate::source::{Name, Span};
use crate::syntax::ast::CompareOp;
use crate::tree::ChoiceForm;

/// What is replaced of a symbol.
enum Place {
    Definition(usize),
    Prompt(usize),
    Default(usize),
    Range(usize),
    Select(usize),
    Imply(usize),
}

/// Replaces the expressions of all symbols that could be on a cycle, where conf leaves less of
/// them.
pub(super) fn untangle(model: &mut Model) {
    let Some(suspects) = model.suspects.clone() else {
        return;
    };
    if model.behaviour.is_kconfiglib() {
        // It folds nothing that closes a circle here.
        return;
    }
    let mut exprs = std::mem::take(&mut model.exprs);
    let mut changes = Vec::new();
    let mut written = Written::new(model);
    for (id, symbol) in model.symbol_ids() {
        let stands_for = symbol
            .member_of
            .map_or(id, |choice| model.choice(choice).symbol);
        if suspects[stands_for.0 as usize].is_none() {
            continue;
        }
        let is_yes = choice_is_yes(model, &mut exprs, id);
        for (at, definition) in symbol.definitions.iter().enumerate() {
            let Some(old) = definition.dependency else {
                continue;
            };
            let new = written.dependency(definition.node);
            if let Some(new) = smaller(&written, &mut exprs, old, new) {
                changes.push((id, Place::Definition(at), new));
            }
        }
        for (place, old, node, span) in conditions(model, id) {
            let Some(property) = written.property(node, span) else {
                continue;
            };
            if let Some(mut new) = smaller(&written, &mut exprs, old, property.condition) {
                let more = is_yes.filter(|is_yes| exprs.conjuncts(old).contains(is_yes));
                if let Some(is_yes) = more {
                    new = exprs.and(is_yes, new);
                }
                new = where_old_is(&mut exprs, old, new);
                changes.push((id, place, new));
            }
        }
    }
    model.exprs = exprs;
    for (id, place, new) in changes {
        change(model, id, &place, new);
    }
}

/// `new` on the architectures that `old` is about: conf folds for one, and knows of none.
fn where_old_is(exprs: &mut Exprs, old: ExprId, new: ExprId) -> ExprId {
    let guard = exprs.guard(old);
    exprs.and(guard, new)
}

/// What a bool member of a tristate choice has in its conditions beside what is written.
fn choice_is_yes(model: &Model, exprs: &mut Exprs, id: SymbolId) -> Option<ExprId> {
    let choice = model.choice(model.symbol(id).member_of?).symbol;
    let yes = Operand::Constant(Name::new("y"));
    Some(exprs.compare(CompareOp::Equal, Operand::Symbol(choice), yes))
}

/// The conditions of a symbol's properties and of what selects it.
fn conditions(model: &Model, id: SymbolId) -> Vec<(Place, ExprId, NodeId, Span)> {
    let symbol = model.symbol(id);
    let mut all = Vec::new();
    for (at, it) in symbol.prompts.iter().enumerate() {
        all.push((Place::Prompt(at), it.condition, it.node, it.span));
    }
    for (at, it) in symbol.defaults.iter().enumerate() {
        all.push((Place::Default(at), it.condition, it.node, it.span));
    }
    for (at, it) in symbol.ranges.iter().enumerate() {
        all.push((Place::Range(at), it.condition, it.node, it.span));
    }
    for select in &symbol.selected_by {
        let it = model.select(*select);
        let place = Place::Select(select.0 as usize);
        all.push((place, it.condition, it.node, it.span));
    }
    for imply in &symbol.implied_by {
        let it = model.imply(*imply);
        let place = Place::Imply(imply.0 as usize);
        all.push((place, it.condition, it.node, it.span));
    }
    all
}

/// The folded term as an expression, when it has lost a symbol of the old expression.
fn smaller(
    written: &Written<'_>,
    exprs: &mut Exprs,
    old: ExprId,
    new: Option<TermId>,
) -> Option<ExprId> {
    let left: BTreeSet<SymbolId> = written.terms.symbols_of(new).into_iter().collect();
    let mut lost = false;
    exprs.for_each_symbol(old, |symbol| lost |= !left.contains(&symbol));
    if !lost {
        return None;
    }
    new.map_or(Some(Exprs::YES), |new| to_expr(written, exprs, new))
}

/// A term as an expression; `None` when only the toolchain knows a part of it.
fn to_expr(written: &Written<'_>, exprs: &mut Exprs, root: TermId) -> Option<ExprId> {
    let mut open = vec![(root, false)];
    let mut done: Vec<ExprId> = Vec::new();
    while let Some((id, ready)) = open.pop() {
        let made = match written.terms.get(id) {
            Term::Leaf(Operand::Symbol(symbol)) => exprs.symbol(symbol),
            Term::Leaf(Operand::Constant(text)) => {
                Exprs::constant(Tristate::from_word(text.as_str()).unwrap_or_default())
            }
            Term::Leaf(Operand::Output(_)) | Term::Unknown(_) => return None,
            Term::Compare(op, left, right) => exprs.compare(op, left, right),
            Term::Not(x) if !ready => {
                open.extend([(id, true), (x, false)]);
                continue;
            }
            Term::And(x, y) | Term::Or(x, y) if !ready => {
                open.extend([(id, true), (y, false), (x, false)]);
                continue;
            }
            Term::Not(_) => {
                let x = done.pop()?;
                exprs.not(x)
            }
            Term::And(..) => {
                let (y, x) = (done.pop()?, done.pop()?);
                exprs.and(x, y)
            }
            Term::Or(..) => {
                let (y, x) = (done.pop()?, done.pop()?);
                exprs.or(x, y)
            }
        };
        done.push(made);
    }
    done.pop()
}

fn change(model: &mut Model, id: SymbolId, place: &Place, new: ExprId) {
    let behaviour = model.behaviour;
    let symbol = &mut model.symbols[id.0 as usize];
    match *place {
        Place::Definition(at) => {
            symbol.definitions[at].dependency = Some(new);
            // menu.c: what the definitions depend on, those without anything left out.
            if symbol.direct.is_some() {
                symbol.direct = direct(
                    &mut model.exprs,
                    &model.menu,
                    &symbol.definitions,
                    &behaviour,
                )
                .0;
            }
        }
        Place::Prompt(at) => symbol.prompts[at].condition = new,
        Place::Default(at) => symbol.defaults[at].condition = new,
        Place::Range(at) => symbol.ranges[at].condition = new,
        Place::Select(at) => {
            let own = model.exprs.symbol(model.selects[at].selector);
            model.selects[at].condition = new;
            model.selects[at].level = model.exprs.level(own, new);
        }
        Place::Imply(at) => {
            let own = model.exprs.symbol(model.implies[at].selector);
            model.implies[at].condition = new;
            model.implies[at].level = model.exprs.level(own, new);
        }
    }
    let symbol = &mut model.symbols[id.0 as usize];
    let forced = model.behaviour.choices == ChoiceForm::Old && symbol.self_select != Exprs::NO;
    if forced {
        symbol.self_select = Exprs::NO;
        for at in 0..symbol.prompts.len() {
            let prompt = model.exprs.and(symbol.prompts[at].condition, Exprs::MODULE);
            symbol.self_select = model.exprs.or(symbol.self_select, prompt);
        }
    }
}
