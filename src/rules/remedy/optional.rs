// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether a selector says by its own statements that it can do without what is missing.

use std::collections::BTreeSet;

use super::Missing;
use crate::model::{Expr, ExprId, Model, Select, SelectId, SymbolId};

/// For the select `id`, whose target needs `missing`: the selector's dependency names a missing
/// symbol beside an alternative, or another of its selects has one in its condition, or its select
/// of a sister of the target (`REGMAP_SPI` beside `REGMAP_I2C`) has a condition that this needs.
pub(super) fn is_optional(model: &Model, id: SelectId, missing: &[Missing]) -> bool {
    let own = model.select(id);
    let named = missing.iter().flat_map(|term| &term.symbols);
    let named: BTreeSet<SymbolId> = named.filter_map(|name| model.symbol_named(name)).collect();
    let siblings = model.symbol(own.selector).selects.iter();
    let mut siblings = siblings
        .map(|id| model.select(*id))
        .filter(|it| it.target != own.target);
    is_alternative(model, own, &named)
        || siblings.any(|it| {
            it.written.is_some_and(|condition| {
                names_any(model, condition, &named)
                    || are_sisters(model.name(it.target), model.name(own.target))
                        && is_needed(model, it, condition)
            })
        })
}

/// Whether a dependency of the selector names one of the symbols in a disjunction, or in the
/// condition of a dependency: `depends on NET if NET`. Without NET the selector does as well.
fn is_alternative(model: &Model, select: &Select, named: &BTreeSet<SymbolId>) -> bool {
    let definitions = model.symbol(select.selector).definitions.iter();
    definitions
        .filter_map(|definition| definition.dependency)
        .flat_map(|dependency| model.exprs.conjuncts(dependency))
        .any(|term| match model.exprs.get(term) {
            Expr::Or(_, off) if model.dependency_under_condition(term).is_some() => {
                names_any(model, off, named)
            }
            Expr::Or(..) => names_any(model, term, named),
            _ => false,
        })
}

/// Whether the condition of a select names what its target depends on.
fn is_needed(model: &Model, select: &Select, condition: ExprId) -> bool {
    let Some(direct) = model.symbol(select.target).direct else {
        return false;
    };
    let mut needs = BTreeSet::new();
    let mut visit = |symbol| {
        needs.insert(symbol);
    };
    model.exprs.for_each_symbol(direct, &mut visit);
    names_any(model, condition, &needs)
}

/// Whether an expression names one of the symbols.
pub(super) fn names_any(model: &Model, expr: ExprId, named: &BTreeSet<SymbolId>) -> bool {
    let mut found = false;
    let mut visit = |symbol| found |= named.contains(&symbol);
    model.exprs.for_each_symbol(expr, &mut visit);
    found
}

/// Whether two names differ in their last word only.
fn are_sisters(one: &str, other: &str) -> bool {
    match (one.rsplit_once('_'), other.rsplit_once('_')) {
        (Some((one, _)), Some((other, _))) => one == other,
        _ => false,
    }
}
