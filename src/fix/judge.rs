// SPDX-License-Identifier: MIT OR Apache-2.0
//! One architecture judges all candidates: what each does to its configurations.
//!
//! The theory of the tree as it is says which configurations a candidate takes away and whether
//! they were valid; that of the changed tree says what is then wrong, and what can still be on.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::visit::{EdgeRef, Reversed};
use rayon::prelude::*;
use rustc_hash::FxHashSet;

use crate::diagnostic::Narrowing;
use crate::logic::{Bit, Theory, dead};
use crate::model::{Expr, ExprId, Graph, Model, SelectId, SymbolId, ValueType};
use crate::rules::policy::Requirement;
use crate::session::{Defect, SessionError, Trial, Variant};
use crate::tree::Architecture;

/// A fix on trial.
pub(super) struct Candidate<'b> {
    /// The tree with the fix.
    pub(super) variant: Variant<'b>,
    /// The finding that it is to remove.
    pub(super) finding: Broken,
    /// What it narrows, each with its expression.
    pub(super) narrows: Vec<(Narrowing, Requirement)>,
    /// Symbols that it changes besides.
    pub(super) touches: Vec<String>,
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
    /// Symbols that could be on before, with whether they still can.
    pub(super) alive: BTreeMap<String, bool>,
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

/// What each candidate does on one architecture; `None` where it changes nothing there.
pub(super) fn judge(
    base: &Variant<'_>,
    candidates: &[Candidate<'_>],
    architecture: &Architecture,
) -> Result<Vec<Option<Effect>>, SessionError> {
    let terms = candidates.iter().flat_map(|it| &it.narrows);
    let terms: Vec<&Requirement> = terms.map(|(_, term)| term).collect();
    let mut trial = base.trial(architecture, &terms)?;
    let Some(mut theory) = trial.theory.take() else {
        return Ok(vec![None; candidates.len()]);
    };
    let hanging = Hanging::new(&trial.model);
    let mut effects: Vec<Option<Effect>> = Vec::with_capacity(candidates.len());
    let mut expr = trial.exprs.iter();
    for candidate in candidates {
        let terms: Vec<ExprId> = expr
            .by_ref()
            .take(candidate.narrows.len())
            .copied()
            .collect();
        let concerned = candidate.variant.concerns(&trial.reads);
        effects.push(concerned.then(|| Effect {
            lost: lost(&trial, &mut theory, candidate, &terms),
            reach: reach(&mut theory, candidate),
            ..Effect::default()
        }));
    }
    // Without its theory: that belongs to one thread.
    let Trial { defects, model, .. } = &trial;
    let changed: Result<Vec<Option<Changed>>, SessionError> = candidates
        .par_iter()
        .zip(&mut effects)
        .map(|(candidate, effect)| {
            let effect = effect.as_mut();
            effect
                .map(|effect| change((model, defects), &hanging, candidate, architecture, effect))
                .transpose()
        })
        .collect();
    for (effect, changed) in effects.iter_mut().zip(changed?) {
        if let (Some(effect), Some(changed)) = (effect, changed) {
            effect.alive = alive(&trial.model, &mut theory, &changed);
        }
    }
    Ok(effects)
}

/// What is off in every configuration of the changed tree, and what was looked at.
struct Changed {
    looked_at: Vec<String>,
    dead: FxHashSet<String>,
}

/// Analyses the changed tree.
fn change(
    (base, defects): (&Model, &BTreeSet<Defect>),
    hanging: &Hanging,
    candidate: &Candidate<'_>,
    architecture: &Architecture,
    effect: &mut Effect,
) -> Result<Changed, SessionError> {
    let mut trial = candidate.variant.trial(architecture, &[])?;
    let finding = &candidate.finding.defect;
    effect.stays = trial.defects.contains(finding);
    effect.new = trial.defects.difference(defects).cloned().collect();
    let mut changed = Changed {
        looked_at: Vec::new(),
        dead: FxHashSet::default(),
    };
    let is_good = !effect.stays && effect.new.is_empty();
    let Some(mut theory) = trial.theory.take().filter(|_| is_good) else {
        return Ok(changed);
    };
    let model = &trial.model;
    for ((symbol, platform), still) in &mut effect.reach {
        *still = is_reached(&mut theory, symbol, platform);
    }
    let own = candidate
        .narrows
        .iter()
        .map(|(narrowing, _)| &narrowing.symbol);
    let own: Vec<&str> = own.chain(&candidate.touches).map(String::as_str).collect();
    changed.looked_at = hanging.on(base, &own);
    let ids = changed.looked_at.iter();
    let ids: Vec<SymbolId> = ids.filter_map(|name| model.symbol_named(name)).collect();
    let dead = dead(&mut theory, &ids).into_iter();
    changed.dead = dead.map(|id| model.name(id).to_owned()).collect();
    Ok(changed)
}

/// Of what is dead in the changed tree, what was dead before does not count.
fn alive(model: &Model, theory: &mut Theory, changed: &Changed) -> BTreeMap<String, bool> {
    let ids = changed
        .dead
        .iter()
        .filter_map(|name| model.symbol_named(name));
    let mut ids: Vec<SymbolId> = ids.collect();
    ids.sort();
    let before = dead(theory, &ids).into_iter();
    let before: FxHashSet<&str> = before.map(|id| model.name(id)).collect();
    let was_alive = changed.looked_at.iter();
    let was_alive = was_alive.filter(|name| !before.contains(name.as_str()));
    was_alive
        .map(|name| (name.clone(), !changed.dead.contains(name)))
        .collect()
}

/// The narrowings that take away a configuration in which the finding's select is fine.
fn lost(
    trial: &Trial,
    theory: &mut Theory,
    candidate: &Candidate<'_>,
    terms: &[ExprId],
) -> BTreeSet<usize> {
    let narrows = candidate.narrows.iter().zip(terms).enumerate();
    let takes = |(at, ((narrowing, _), term)): (usize, (&(Narrowing, _), &ExprId))| {
        let symbol = trial.model.symbol_named(&narrowing.symbol)?;
        takes_valid(trial, theory, &candidate.finding, symbol, *term).then_some(at)
    };
    narrows.filter_map(takes).collect()
}

fn takes_valid(
    trial: &Trial,
    theory: &mut Theory,
    finding: &Broken,
    symbol: SymbolId,
    term: ExprId,
) -> bool {
    theory.focus();
    let valid = valid(trial, theory, finding);
    let own = theory.symbol(symbol);
    let term = theory.promoted(term, symbol);
    let with = |mut bits: Vec<Bit>| {
        bits.extend(&valid);
        bits
    };
    if theory.holds(&with(vec![own.on, !term.on])) {
        return true;
    }
    let is_tristate = trial.model.symbol(symbol).ty == ValueType::Tristate;
    is_tristate && theory.holds(&with(vec![own.yes, term.on, !term.yes]))
}

/// What holds where the select of the finding does no harm.
fn valid(trial: &Trial, theory: &mut Theory, finding: &Broken) -> Vec<Bit> {
    let model = &trial.model;
    let Some(target) = model.symbol_named(&finding.selectee) else {
        return Vec::new();
    };
    let ids = model.symbol(target).selected_by.iter().copied();
    let own = |id: &SelectId| model.name(model.select(*id).selector) == finding.selector;
    let ids: Vec<SelectId> = ids.filter(own).collect();
    let mut valid = Vec::new();
    for id in ids {
        let level = theory.level(id);
        if let Defect::Policy(policy, ..) = &finding.defect {
            if let Some(required) = trial.required.get(policy) {
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
            if is_reached(theory, &narrowing.symbol, &platform) {
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

fn is_reached(theory: &mut Theory, symbol: &str, platform: &Platform) -> bool {
    let model = theory.model().clone();
    let Some(symbol) = model.symbol_named(symbol) else {
        return false;
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

/// What hangs on what.
struct Hanging(Graph);

impl Hanging {
    fn new(model: &Model) -> Hanging {
        Hanging(model.graph())
    }

    /// The bool and tristate symbols whose values hang on one of `names`, those included; in the
    /// order of the model.
    fn on(&self, model: &Model, names: &[&str]) -> Vec<String> {
        let mut seen: BTreeSet<SymbolId> = BTreeSet::new();
        let mut open: Vec<SymbolId> = names
            .iter()
            .filter_map(|name| model.symbol_named(name))
            .collect();
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            let above = petgraph::visit::IntoEdges::edges(Reversed(&self.0.graph), Graph::node(id));
            open.extend(above.map(|edge| self.0.graph[edge.target()]));
            // Of a choice one member is on, so all hang together.
            let symbol = model.symbol(id);
            if let Some(choice) = symbol.member_of.or(symbol.choice) {
                let choice = model.choice(choice);
                open.extend(&choice.members);
                open.push(choice.symbol);
            }
        }
        let named = seen.into_iter().map(|id| model.symbol(id));
        let logical = named.filter(|symbol| symbol.ty.is_logical() && symbol.is_defined());
        logical
            .filter_map(|symbol| Some(symbol.name?.as_str().to_owned()))
            .collect()
    }
}
