// SPDX-License-Identifier: MIT OR Apache-2.0
//! Candidates for code that calls what another option builds.

use super::candidates::{maybe, narrowing, owned};
use super::edits::{self, Term};
use crate::diagnostic::{Edit, Fix, Lack, Plan};
use crate::link::{Finding, Kind};
use crate::model::{Expr, Model, SymbolId, Tristate, ValueType};
use crate::rules::statement::Asking;
use crate::source::Files;

/// `select B`, `depends on B`, or `depends on B || !B`: the way in which most options use B comes first.
pub(in crate::rules) fn link_fixes(model: &Model, files: &Files, found: &Finding) -> Vec<Fix> {
    let (callers, targets) = (
        model.symbols_named(found.caller),
        model.symbols_named(found.missing),
    );
    let ([(_, caller)], [(_, target)]) = (&callers[..], &targets[..]) else {
        return Vec::new();
    };
    let (own, other) = (model.symbol(*caller), model.symbol(*target));
    let [definition] = &own.definitions[..] else {
        return Vec::new();
    };
    let is_wanted = match found.kind {
        Kind::Level => found.missing_is == Tristate::Module,
        Kind::Gap | Kind::Undeclared => found.missing_is == Tristate::No,
    };
    if !is_wanted || !found.is_cured_on || other.definitions.is_empty() {
        return Vec::new();
    }
    let places = Asking::new(model, files, definition);
    let select = select(found, &places);
    if other.prompts.is_empty() {
        return vec![select];
    }
    let is_tristate = own.ty == ValueType::Tristate;
    let missing = found.missing.as_str();
    let term = match found.kind {
        Kind::Level if found.is_cured_off && is_tristate => format!("{missing} || !{missing}"),
        _ if other.ty == ValueType::Tristate && !is_tristate => format!("{missing} = y"),
        _ => missing.to_owned(),
    };
    let depend = depend(found, &places, term);
    match other.selected_by.len() > dependents(model, *target) {
        true => vec![select, depend],
        false => vec![depend, select],
    }
}

/// How many definitions depend on a symbol.
fn dependents(model: &Model, target: SymbolId) -> usize {
    let all = model
        .symbol_ids()
        .flat_map(|(_, symbol)| &symbol.definitions);
    let is_target = |id| matches!(model.exprs.get(id), Expr::Symbol(symbol) if symbol == target);
    let own = all.filter(|definition| {
        let dependency = definition.dependency.into_iter();
        dependency
            .flat_map(|id| model.exprs.conjuncts(id))
            .any(is_target)
    });
    own.count()
}

fn plan(found: &Finding, term: &str) -> Plan {
    Plan {
        narrows: vec![narrowing(found.caller.as_str(), term)],
        owners: owned([found.caller.as_str()]),
        reason: format!("its code calls {}()", found.calls[0].name.as_str()),
        lacks: Some(Lack {
            caller: found.caller.as_str().to_owned(),
            missing: found.missing.as_str().to_owned(),
            is_level: found.kind == Kind::Level,
        }),
        ..maybe()
    }
}

fn select(found: &Finding, places: &Asking) -> Fix {
    let (room, start) = &places.below_selects;
    let (caller, missing) = (found.caller.as_str(), found.missing.as_str());
    let plan = Plan {
        touches: owned([missing]),
        asks: owned([caller]),
        ..plan(found, missing)
    };
    let edit = Edit {
        span: *room,
        text: format!("{start}select {missing}"),
    };
    Fix::candidate(format!("select {missing}"), plan, vec![edit])
}

fn depend(found: &Finding, places: &Asking, term: String) -> Fix {
    let plan = Plan {
        asks: owned([found.missing.as_str()]),
        ..plan(found, &term)
    };
    let joined = match term.contains("||") {
        true => format!("({term})"),
        false => term.clone(),
    };
    let title = format!("depend on {term}");
    let term = Term {
        bare: term,
        joined,
        lines: None,
    };
    // An alternative gets a line of its own: it says that the other is optional.
    let depends = match term.bare.contains("||") {
        true => &[],
        false => &places.depends[..],
    };
    Fix::candidate(title, plan, edits::depend_at(depends, &places.room, &term))
}
