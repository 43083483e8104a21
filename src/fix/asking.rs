// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a theory is asked about a candidate.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::group::Before;
use super::judge::{Broken, Candidate};
use crate::logic::{Among, Bit, Theory, Tri, Undecided, dead};
use crate::model::{Expr, ExprId, Model, SelectId, SymbolId, ValueType};
use crate::session::Defect;
use crate::source::Name;
use crate::tree::ArchSet;

/// A circumstance in which a symbol is wanted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Platform {
    /// One of the alternatives that its dependency names.
    Symbol(String),
    /// Not only for the sake of compiling it.
    InEarnest,
}

/// What a symbol is called that switches on code only to see whether it compiles.
const COMPILE_TEST: &str = "COMPILE_TEST";

/// Those of `names` that are off in every configuration that counts. `undecided` says whether those
/// count as off of which nobody knows.
pub(super) fn dead_names(
    theory: &mut Theory,
    names: &[&Name],
    on: ArchSet,
    among: Among<'_>,
    undecided: bool,
) -> FxHashSet<Name> {
    let model = theory.model().clone();
    let all = names.iter().flat_map(|name| model.symbols_named(**name));
    let mut ids: Vec<SymbolId> = all.map(|(_, id)| id).collect();
    ids.retain(|id| model.symbol(*id).ty.is_logical());
    ids.sort();
    let dead: FxHashSet<SymbolId> = dead(theory, &ids, on, among, undecided)
        .into_iter()
        .collect();
    let name = |id: &SymbolId| model.symbol(*id).name;
    let (off, alive): (Vec<SymbolId>, Vec<SymbolId>) =
        ids.into_iter().partition(|id| dead.contains(id));
    let mut names: FxHashSet<Name> = off.iter().filter_map(name).collect();
    // One symbol of the name is enough.
    for name in alive.iter().filter_map(name) {
        names.remove(&name);
    }
    names
}

/// Where the select of the finding is active without `term` and does no harm.
pub(super) fn idles(
    before: &mut Before<'_>,
    candidate: &Candidate,
    term: ExprId,
    on: ArchSet,
) -> ArchSet {
    let finding = &candidate.finding;
    before.theory.focus();
    let valid = valid(&mut before.theory, before.required, finding);
    let theory = &mut before.theory;
    let term = theory.expr(term);
    let mut found = ArchSet::EMPTY;
    for id in selects_of(&theory.model().clone(), finding) {
        let mut question = valid.clone();
        question.extend([theory.level(id).on, !term.on]);
        found |= theory.holds_on(&question, on.without(found)).possible();
    }
    found
}

/// The selects of a finding's pair.
fn selects_of(model: &Model, finding: &Broken) -> Vec<SelectId> {
    let targets = model
        .symbols_named(Name::new(&finding.selectee))
        .into_iter();
    let ids = targets.flat_map(|(_, target)| model.symbol(target).selected_by.iter().copied());
    let own = |id: &SelectId| model.name(model.select(*id).selector) == finding.selector;
    ids.filter(own).collect()
}

/// Where a symbol is on, or y, without `term` in a configuration in which the finding's select does
/// no harm.
pub(super) fn takes_valid(
    before: &mut Before<'_>,
    finding: &Broken,
    name: Name,
    term: ExprId,
    on: ArchSet,
) -> ArchSet {
    before.theory.focus();
    let valid = valid(&mut before.theory, before.required, finding);
    let theory = &mut before.theory;
    let model = theory.model().clone();
    let mut found = ArchSet::EMPTY;
    for (these, symbol) in model.symbols_named(name) {
        let own = theory.symbol(symbol);
        let term = theory.promoted(term, symbol);
        let with = |mut bits: Vec<Bit>| {
            bits.extend(&valid);
            bits
        };
        let off = theory
            .holds_on(&with(vec![own.on, !term.on]), these & on)
            .possible();
        found |= off;
        if model.symbol(symbol).ty == ValueType::Tristate {
            let module = with(vec![own.yes, term.on, !term.yes]);
            let rest = (these & on).without(off);
            found |= theory.holds_on(&module, rest).possible();
        }
    }
    found
}

/// What holds where the select of the finding does no harm.
pub(super) fn valid(
    theory: &mut Theory,
    required: &BTreeMap<String, ExprId>,
    finding: &Broken,
) -> Vec<Bit> {
    let model = theory.model().clone();
    let mut valid = Vec::new();
    if let Defect::Link(lack) = &finding.defect {
        let caller = is(theory, Name::new(&lack.caller), |tri| {
            if lack.is_level { tri.yes } else { tri.on }
        });
        let missing_on = is(theory, Name::new(&lack.missing), |tri| tri.on);
        let missing_yes = is(theory, Name::new(&lack.missing), |tri| tri.yes);
        let lack = match lack.is_level {
            true => theory.both(missing_on, !missing_yes),
            false => !missing_on,
        };
        let lacks = theory.both(caller, lack);
        return vec![!lacks];
    }
    for id in selects_of(&model, finding) {
        let level = theory.level(id);
        if let Defect::Policy(policy, ..) = &finding.defect {
            if let Some(required) = required.get(policy) {
                let required = theory.expr(*required);
                valid.push(!theory.both(level.on, !required.on));
            }
            continue;
        }
        let target = model.select(id).target;
        let direct = theory.direct(target);
        valid.push(!theory.both(level.on, !direct.on));
        if model.can_be_half_met(target) {
            let module = theory.both(direct.on, !direct.yes);
            valid.push(!theory.both(level.yes, module));
        }
    }
    valid
}

/// The alternatives that the dependencies of a symbol's definitions name.
pub(super) fn platforms(model: &Model, symbol: Name) -> Vec<Platform> {
    let mut found = Vec::new();
    let symbols = model.symbols_named(symbol).into_iter();
    let definitions = symbols.flat_map(|(_, id)| &model.symbol(id).definitions);
    for dependency in definitions.filter_map(|definition| definition.dependency) {
        for term in model.exprs.conjuncts(dependency) {
            let mut open = vec![term];
            let mut named = Vec::new();
            while let Some(id) = open.pop() {
                match model.exprs.get(id) {
                    Expr::Or(x, y) => open.extend([y, x]),
                    Expr::Symbol(symbol) => named.push(model.name(symbol)),
                    _ => {}
                }
            }
            // A lone symbol is no alternative.
            if !matches!(model.exprs.get(term), Expr::Or(..)) {
                continue;
            }
            let for_compiling = named.contains(&COMPILE_TEST);
            let others = named.into_iter().filter(|name| *name != COMPILE_TEST);
            found.extend(others.map(|name| Platform::Symbol(name.to_owned())));
            found.extend(for_compiling.then_some(Platform::InEarnest));
        }
    }
    found.truncate(MOST_PLATFORMS);
    found
}

/// Alternatives of one symbol that are asked about.
const MOST_PLATFORMS: usize = 40;

/// Whether a symbol can be on in these circumstances, on one of these architectures.
pub(super) fn is_reached(
    theory: &mut Theory,
    symbol: Name,
    platform: &Platform,
    on: ArchSet,
) -> Result<bool, Undecided> {
    theory.focus();
    let own = is_on(theory, symbol);
    let other = match platform {
        Platform::Symbol(name) => is_on(theory, Name::new(name)),
        Platform::InEarnest => !is_on(theory, Name::new(COMPILE_TEST)),
    };
    let here = theory.on(on);
    theory.holds(&[own, other, here])
}

/// That the symbol of a name is on.
fn is_on(theory: &mut Theory, name: Name) -> Bit {
    is(theory, name, |tri| tri.on)
}

/// That this holds of the symbol of a name.
fn is(theory: &mut Theory, name: Name, part: impl Fn(Tri) -> Bit) -> Bit {
    let model = theory.model().clone();
    let mut off = Bit::constant(true);
    for (_, symbol) in model.symbols_named(name) {
        let own = part(theory.symbol(symbol));
        off = theory.both(off, !own);
    }
    !off
}
