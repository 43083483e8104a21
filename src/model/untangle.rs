// SPDX-License-Identifier: MIT OR Apache-2.0
//! Expressions that would hang on themselves, if conf did not fold them.
//!
//! `A` that depends on `B || !B` of a bool hangs on nothing, in conf, and `B` may depend on `A`.
//! The model's expressions are not folded, and values are computed along them; so those that
//! could close a circle are replaced by what conf leaves of them. All others stay as they are
//! written.

use std::collections::BTreeSet;

use super::Model;
use super::build::{Builder, direct};
use super::expr::{ExprId, Exprs, Operand, Tristate};
use super::folding::{Term, TermId, Unknown};
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

/// What conf leaves of an expression.
struct Change {
    symbol: SymbolId,
    place: Place,
    old: ExprId,
    new: Vec<Step>,
}

/// An operand or operator of an expression, the operands before their operator.
enum Step {
    Symbol(SymbolId),
    Constant(Tristate),
    Compare(CompareOp, Operand, Operand),
    Unknown(Unknown),
    Not,
    And,
    Or,
}

/// Replaces the expressions of all symbols that could be on a cycle, where conf leaves less of
/// them.
pub(super) fn untangle(builder: &mut Builder) {
    for Change {
        symbol,
        place,
        old,
        new,
    } in changes(&builder.model)
    {
        let mut new = made(builder, new);
        let model = &mut builder.model;
        if !matches!(place, Place::Definition(_)) {
            let is_yes = choice_is_yes(model, symbol);
            let exprs = &mut model.exprs;
            if let Some(is_yes) = is_yes.filter(|is_yes| exprs.conjuncts(old).contains(is_yes)) {
                new = exprs.and(is_yes, new);
            }
            // conf folds for one architecture, and knows of none.
            let guard = exprs.guard(old);
            new = exprs.and(guard, new);
        }
        change(model, symbol, &place, new);
    }
}

fn changes(model: &Model) -> Vec<Change> {
    let mut changes = Vec::new();
    // kconfiglib folds nothing that closes a circle here.
    let suspects = model.suspects.as_ref();
    let Some(suspects) = suspects.filter(|_| !model.behaviour.is_kconfiglib()) else {
        return changes;
    };
    let mut written = Written::new(model);
    for (id, symbol) in model.symbol_ids() {
        let stands_for = symbol
            .member_of
            .map_or(id, |choice| model.choice(choice).symbol);
        if suspects[stands_for.0 as usize].is_none() {
            continue;
        }
        let mut add = |written: &Written<'_>, place: Place, old: ExprId, new: Option<TermId>| {
            changes.extend(smaller(written, old, new).map(|new| Change {
                symbol: id,
                place,
                old,
                new,
            }));
        };
        for (at, definition) in symbol.definitions.iter().enumerate() {
            if let Some(old) = definition.dependency {
                let new = written.dependency(definition.node);
                add(&written, Place::Definition(at), old, new);
            }
        }
        for (place, old, node, span) in conditions(model, id) {
            if let Some(property) = written.property(node, span) {
                add(&written, place, old, property.condition);
            }
        }
    }
    changes
}

/// What a bool member of a tristate choice has in its conditions beside what is written.
fn choice_is_yes(model: &mut Model, id: SymbolId) -> Option<ExprId> {
    let choice = model.choice(model.symbol(id).member_of?).symbol;
    let yes = Operand::Constant(Name::new("y"));
    let exprs = &mut model.exprs;
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

/// The folded term, when it has lost a symbol of the old expression.
fn smaller(written: &Written<'_>, old: ExprId, new: Option<TermId>) -> Option<Vec<Step>> {
    let left: BTreeSet<SymbolId> = written.terms.symbols_of(new).into_iter().collect();
    let mut lost = false;
    let exprs = &written.model().exprs;
    exprs.for_each_symbol(old, |symbol| lost |= !left.contains(&symbol));
    let steps = || {
        new.map_or(vec![Step::Constant(Tristate::Yes)], |new| {
            steps(written, new)
        })
    };
    lost.then(steps)
}

fn steps(written: &Written<'_>, root: TermId) -> Vec<Step> {
    let mut open = vec![root];
    let mut steps = Vec::new();
    // From the operator to its operands, the last of them first; so the other way round in the end.
    while let Some(id) = open.pop() {
        steps.push(match written.terms.get(id) {
            Term::Leaf(Operand::Symbol(symbol)) => Step::Symbol(symbol),
            Term::Leaf(Operand::Constant(text)) => {
                Step::Constant(Tristate::from_name(text).unwrap_or_default())
            }
            // `Written` makes an unknown of what a command prints.
            Term::Leaf(Operand::Output(_)) => Step::Constant(Tristate::No),
            Term::Unknown(at) => Step::Unknown(written.terms.known_as(at).clone()),
            Term::Compare(op, left, right) => Step::Compare(op, left, right),
            Term::Not(x) => {
                open.push(x);
                Step::Not
            }
            Term::And(x, y) => {
                open.extend([x, y]);
                Step::And
            }
            Term::Or(x, y) => {
                open.extend([x, y]);
                Step::Or
            }
        });
    }
    steps.reverse();
    steps
}

fn made(builder: &mut Builder, steps: Vec<Step>) -> ExprId {
    let mut done: Vec<ExprId> = Vec::new();
    for step in steps {
        // Each operand has left one expression.
        let mut operand = || done.pop().unwrap_or(Exprs::NO);
        let made = match step {
            Step::Unknown(Unknown::Word(value, rewrite_m)) => builder.bare(&value, rewrite_m),
            Step::Unknown(Unknown::Compare(op, left, right)) => {
                builder.comparison(op, &left, &right)
            }
            Step::Symbol(symbol) => builder.model.exprs.symbol(symbol),
            Step::Constant(value) => Exprs::constant(value),
            Step::Compare(op, left, right) => builder.model.exprs.compare(op, left, right),
            Step::Not => {
                let x = operand();
                builder.model.exprs.not(x)
            }
            Step::And => {
                let (y, x) = (operand(), operand());
                builder.model.exprs.and(x, y)
            }
            Step::Or => {
                let (y, x) = (operand(), operand());
                builder.model.exprs.or(x, y)
            }
        };
        done.push(made);
    }
    done.pop().unwrap_or(Exprs::NO)
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
