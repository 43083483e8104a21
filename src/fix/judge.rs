// SPDX-License-Identifier: MIT OR Apache-2.0
//! One architecture judges all candidates: what each does to its configurations.
//!
//! The theory of the tree as it is says which configurations a candidate takes away and whether
//! they were valid; that of the changed tree says what is then wrong, and what can still be
//! on. A question that is undecided counts against the candidate.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use crate::diagnostic::Narrowing;
use crate::logic::{Among, Bit, Examples, Theory, Undecided, dead};
use crate::model::{Expr, ExprId, Model, SelectId, SymbolId, ValueType};
use crate::rules::policy::Requirement;
use crate::session::{Defect, Known, Scope, SessionError, Variant};
use crate::source::Name;
use crate::tree::Architecture;

/// A fix on trial.
pub(super) struct Candidate<'b> {
    /// The tree with the fix.
    pub(super) variant: Variant<'b>,
    /// The finding that it is to remove.
    pub(super) finding: Broken,
    /// What it narrows, each with its expression.
    pub(super) narrows: Vec<(Narrowing, Requirement)>,
    /// What has to hold for the select of the finding to act then.
    pub(super) restricts: Option<Requirement>,
    /// Symbols that it changes.
    pub(super) changes: Vec<Name>,
    /// Symbols whose statements are edited.
    pub(super) owners: Vec<Name>,
    /// Symbols on which something then hangs that did not before.
    pub(super) asks: Vec<Name>,
}

/// The pair of a finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Broken {
    /// What is to be gone.
    pub(super) defect: Defect,
    /// The symbol whose select it is.
    pub(super) selector: String,
    /// The symbol that is selected.
    pub(super) selectee: String,
}

/// What a candidate does on one architecture.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Effect {
    /// The finding is still there.
    pub(super) stays: bool,
    /// What is wrong that was not before.
    pub(super) new: Vec<Defect>,
    /// Narrowings, by number, that take valid configurations away.
    pub(super) lost: BTreeSet<usize>,
    /// Narrowings, by number, that leave the symbol on where they should not: it has another
    /// definition.
    pub(super) gaps: BTreeSet<usize>,
    /// The select does not act any more in a configuration in which it did no harm.
    pub(super) idle: bool,
    /// Symbols that could be on before, with whether they still can.
    pub(super) alive: BTreeMap<Name, bool>,
    /// Alternatives of a narrowed symbol's own dependency under which it could be on before,
    /// with whether it still can.
    pub(super) reach: BTreeMap<(String, Platform), bool>,
}

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

/// What is known of an architecture before the first candidate, and what was found out since.
pub(super) struct Ground {
    pub(super) known: Known,
    /// Of all trees with a candidate: one is much like the other.
    pub(super) examples: Examples,
}

/// What each candidate does on one architecture, of which `ground` is known; `None` where it
/// changes nothing there.
pub(super) fn judge(
    base: &Variant<'_>,
    ground: &Ground,
    candidates: &[&Candidate<'_>],
    architecture: &Architecture,
) -> Result<Vec<Option<Effect>>, SessionError> {
    let extents = candidates.iter().map(|it| it.extent(&ground.known));
    let extents: Vec<Extent> = extents.collect();
    let mut effects: Vec<Option<Effect>> = extents
        .iter()
        .map(|extent| (*extent != Extent::Nothing).then(Effect::default))
        .collect();
    let values = extents.contains(&Extent::Values);
    let mut before = values
        .then(|| Before::new(base, candidates, architecture))
        .transpose()?;
    if let Some(before) = &mut before {
        let mut terms = std::mem::take(&mut before.terms).into_iter();
        for ((candidate, extent), effect) in candidates.iter().zip(&extents).zip(&mut effects) {
            let own: Vec<ExprId> = terms.by_ref().take(candidate.narrows.len()).collect();
            let restricts = candidate.restricts.as_ref().and_then(|_| terms.next());
            if let (Extent::Values, Some(effect)) = (extent, effect) {
                effect.lost = lost(before, candidate, &own);
                effect.idle = restricts.is_some_and(|term| idles(before, candidate, term));
                effect.reach = reach(&mut before.theory, candidate);
            }
        }
    }
    let changed: Result<Vec<Changed>, SessionError> = candidates
        .par_iter()
        .zip(&extents)
        .zip(&mut effects)
        .map(|((candidate, extent), effect)| match effect {
            Some(effect) => candidate.change(*extent, ground, architecture, effect),
            None => Ok(Changed::default()),
        })
        .collect();
    if let Some(before) = &mut before {
        for ((effect, candidate), changed) in effects.iter_mut().zip(candidates).zip(changed?) {
            if let Some(effect) = effect {
                effect.alive = alive(before, candidate, &changed, &ground.examples);
            }
        }
    } else {
        changed?;
    }
    Ok(effects)
}

/// What a candidate can change on an architecture.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Extent {
    /// It edits a file that is not read, or nothing that can be on; and no cycle can come of it.
    Nothing,
    /// Nothing that can be on, but conf looks for cycles everywhere.
    Cycles,
    /// Values.
    Values,
}

/// The tree as it is.
struct Before {
    model: Arc<Model>,
    theory: Theory,
    /// What the policies require, by name.
    required: BTreeMap<String, ExprId>,
    /// The terms of all narrowings of all candidates.
    terms: Vec<ExprId>,
}

impl Before {
    fn new(
        base: &Variant<'_>,
        candidates: &[&Candidate<'_>],
        architecture: &Architecture,
    ) -> Result<Before, SessionError> {
        let terms: Vec<&Requirement> = candidates.iter().flat_map(|it| it.terms()).collect();
        let trial = base.trial(
            architecture,
            &terms,
            &Scope::Selected(Vec::new(), BTreeSet::new()),
        )?;
        // There was a finding here, so there is no cycle.
        let theory = trial
            .theory
            .unwrap_or_else(|| Theory::new(trial.model.clone()));
        Ok(Before {
            model: trial.model,
            theory,
            required: trial.required,
            terms: trial.exprs,
        })
    }
}

/// What is off in every configuration of the changed tree, and what was looked at.
#[derive(Default)]
struct Changed {
    looked_at: Vec<Name>,
    dead: FxHashSet<Name>,
}

impl Candidate<'_> {
    /// The expressions of what it narrows, and then of what it restricts.
    fn terms(&self) -> impl Iterator<Item = &Requirement> {
        let narrows = self.narrows.iter().map(|(_, term)| term);
        narrows.chain(&self.restricts)
    }

    fn extent(&self, known: &Known) -> Extent {
        if !self.variant.concerns(&known.reads) {
            return Extent::Nothing;
        }
        let has_cycle = |defect: &Defect| matches!(defect, Defect::Cycle(_));
        let can_be_on = |name: &Name| known.enabled.contains(name);
        if self.owners.iter().any(can_be_on) && !known.defects.iter().any(has_cycle) {
            return Extent::Values;
        }
        let hangs = |name: &Name| known.hanging.hangs_on(*name, &self.changes);
        match self.asks.iter().any(hangs) {
            true => Extent::Cycles,
            false => Extent::Nothing,
        }
    }

    /// Analyses the changed tree.
    fn change(
        &self,
        extent: Extent,
        Ground { known, examples }: &Ground,
        architecture: &Architecture,
        effect: &mut Effect,
    ) -> Result<Changed, SessionError> {
        let mut changed = Changed::default();
        let scope = match extent {
            Extent::Values => {
                changed.looked_at = known.hanging.on(&self.changes);
                // What was there before is no news.
                let others = known
                    .defects
                    .iter()
                    .filter(|it| **it != self.finding.defect);
                Scope::Selected(changed.looked_at.clone(), others.cloned().collect())
            }
            _ => Scope::Cycles,
        };
        let terms: Vec<&Requirement> = self.terms().collect();
        let mut trial = self.variant.trial(architecture, &terms, &scope)?;
        effect.stays = trial.defects.contains(&self.finding.defect);
        let new = trial.defects.difference(&known.defects);
        effect.new = new.cloned().collect();
        let is_good = !effect.stays && effect.new.is_empty();
        let Some(mut theory) = trial.theory.take().filter(|_| is_good) else {
            return Ok(changed);
        };
        let model = &trial.model;
        for ((symbol, platform), still) in &mut effect.reach {
            *still = is_reached(&mut theory, symbol, platform).unwrap_or(false);
        }
        effect.gaps = self.gaps(&mut theory, &trial.exprs);
        let ids = changed.looked_at.iter();
        let ids: Vec<SymbolId> = ids.filter_map(|name| model.symbol_of(*name)).collect();
        let dead = dead(&mut theory, &ids, Among::All(examples), true).into_iter();
        changed.dead = dead.filter_map(|id| model.symbol(id).name).collect();
        Ok(changed)
    }

    /// The narrowings that do not hold in the changed tree. `terms` are theirs.
    fn gaps(&self, theory: &mut Theory, terms: &[ExprId]) -> BTreeSet<usize> {
        let model = theory.model().clone();
        let narrows = self.narrows.iter().zip(terms).enumerate();
        let gap = |(at, ((narrowing, _), term)): (usize, (&(Narrowing, _), &ExprId))| {
            let symbol = model.symbol_named(&narrowing.symbol)?;
            theory.focus();
            let own = theory.symbol(symbol);
            let term = theory.promoted(*term, symbol);
            let leaves_on = theory.holds(&[own.on, !term.on]).unwrap_or(true);
            leaves_on.then_some(at)
        };
        narrows.filter_map(gap).collect()
    }
}

/// Whether the select of the finding is active without `term` where it does no harm.
fn idles(before: &mut Before, candidate: &Candidate<'_>, term: ExprId) -> bool {
    let finding = &candidate.finding;
    before.theory.focus();
    let valid = valid(&mut before.theory, &before.required, finding);
    let theory = &mut before.theory;
    let term = theory.expr(term);
    selects_of(&before.model, finding).into_iter().any(|id| {
        let mut question = valid.clone();
        question.extend([theory.level(id).on, !term.on]);
        theory.holds(&question).unwrap_or(true)
    })
}

/// The selects of a finding's pair.
fn selects_of(model: &Model, finding: &Broken) -> Vec<SelectId> {
    let target = model.symbol_named(&finding.selectee);
    let ids = target.map(|target| model.symbol(target).selected_by.iter().copied());
    let own = |id: &SelectId| model.name(model.select(*id).selector) == finding.selector;
    ids.into_iter().flatten().filter(own).collect()
}

/// Of what is dead in the changed tree, what was dead before does not count, nor does what lived
/// by the defect only. The selector and what it selects do: a fix that leaves nothing of them is
/// none.
fn alive(
    before: &mut Before,
    candidate: &Candidate<'_>,
    changed: &Changed,
    examples: &Examples,
) -> BTreeMap<Name, bool> {
    let model = before.model.clone();
    let finding = &candidate.finding;
    let is_own = |name: &&Name| {
        let mut narrows = candidate.narrows.iter();
        name.as_str() == finding.selectee
            || narrows.any(|(narrowing, _)| narrowing.symbol == name.as_str())
    };
    let ids = |names: Vec<&Name>| {
        let mut ids: Vec<SymbolId> = names
            .into_iter()
            .filter_map(|name| model.symbol_of(*name))
            .collect();
        ids.sort();
        ids
    };
    let (own, others): (Vec<&Name>, Vec<&Name>) = changed.dead.iter().partition(is_own);
    let mut were_dead = dead(&mut before.theory, &ids(own), Among::All(examples), false);
    let others = ids(others);
    if !others.is_empty() {
        let required = &before.required;
        let theory = &mut before.theory;
        let healthy = |theory: &mut Theory| valid(theory, required, finding);
        were_dead.extend(dead(theory, &others, Among::Where(&healthy), false));
    }
    let were_dead: FxHashSet<Name> = were_dead
        .into_iter()
        .filter_map(|id| model.symbol(id).name)
        .collect();
    let is_logical = |name: &&Name| {
        let id = model.symbol_of(**name);
        id.is_some_and(|id| model.symbol(id).ty.is_logical() && model.symbol(id).is_defined())
    };
    let were_alive = changed.looked_at.iter().filter(is_logical);
    were_alive
        .filter(|name| !were_dead.contains(name))
        .map(|name| (*name, !changed.dead.contains(name)))
        .collect()
}

/// The narrowings that take away a configuration in which the finding's select is fine.
fn lost(before: &mut Before, candidate: &Candidate<'_>, terms: &[ExprId]) -> BTreeSet<usize> {
    let narrows = candidate.narrows.iter().zip(terms).enumerate();
    let takes = |(at, ((narrowing, _), term)): (usize, (&(Narrowing, _), &ExprId))| {
        let symbol = before.model.symbol_named(&narrowing.symbol)?;
        takes_valid(before, &candidate.finding, symbol, *term).then_some(at)
    };
    narrows.filter_map(takes).collect()
}

fn takes_valid(before: &mut Before, finding: &Broken, symbol: SymbolId, term: ExprId) -> bool {
    before.theory.focus();
    let valid = valid(&mut before.theory, &before.required, finding);
    let theory = &mut before.theory;
    let own = theory.symbol(symbol);
    let term = theory.promoted(term, symbol);
    let with = |mut bits: Vec<Bit>| {
        bits.extend(&valid);
        bits
    };
    if theory.holds(&with(vec![own.on, !term.on])).unwrap_or(true) {
        return true;
    }
    let is_tristate = before.model.symbol(symbol).ty == ValueType::Tristate;
    let as_module = with(vec![own.yes, term.on, !term.yes]);
    is_tristate && theory.holds(&as_module).unwrap_or(true)
}

/// What holds where the select of the finding does no harm.
fn valid(theory: &mut Theory, required: &BTreeMap<String, ExprId>, finding: &Broken) -> Vec<Bit> {
    let model = theory.model().clone();
    let Some(target) = model.symbol_named(&finding.selectee) else {
        return Vec::new();
    };
    let mut valid = Vec::new();
    for id in selects_of(&model, finding) {
        let level = theory.level(id);
        if let Defect::Policy(policy, ..) = &finding.defect {
            if let Some(required) = required.get(policy) {
                let required = theory.expr(*required);
                valid.push(!theory.both(level.on, !required.on));
            }
            continue;
        }
        let direct = theory.direct(target);
        valid.push(!theory.both(level.on, !direct.on));
        if model.symbol(target).ty == ValueType::Tristate {
            let module = theory.both(direct.on, !direct.yes);
            valid.push(!theory.both(level.yes, module));
        }
    }
    valid
}

/// The circumstances in which the narrowed symbols can be on as the tree is.
fn reach(theory: &mut Theory, candidate: &Candidate<'_>) -> BTreeMap<(String, Platform), bool> {
    let model = theory.model().clone();
    let mut found = BTreeMap::new();
    for (narrowing, _) in &candidate.narrows {
        let Some(symbol) = model.symbol_named(&narrowing.symbol) else {
            continue;
        };
        for platform in platforms(&model, symbol) {
            if is_reached(theory, &narrowing.symbol, &platform).unwrap_or(true) {
                found.insert((narrowing.symbol.clone(), platform), true);
            }
        }
    }
    found
}

/// The alternatives that the dependencies of a symbol's definitions name.
fn platforms(model: &Model, symbol: SymbolId) -> Vec<Platform> {
    let mut found = Vec::new();
    let definitions = model.symbol(symbol).definitions.iter();
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

fn is_reached(theory: &mut Theory, symbol: &str, platform: &Platform) -> Result<bool, Undecided> {
    let model = theory.model().clone();
    let Some(symbol) = model.symbol_named(symbol) else {
        return Ok(false);
    };
    theory.focus();
    let own = theory.symbol(symbol).on;
    let (name, wanted) = match platform {
        Platform::Symbol(name) => (name.as_str(), true),
        Platform::InEarnest => (COMPILE_TEST, false),
    };
    let other = model.symbol_named(name).map(|id| theory.symbol(id).on);
    let other = other.unwrap_or(Bit::constant(false));
    theory.holds(&[own, if wanted { other } else { !other }])
}
