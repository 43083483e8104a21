// SPDX-License-Identifier: MIT OR Apache-2.0
//! All architectures in one analysis: what they have in common is elaborated, modelled and asked
//! about once. One architecture is the case of one.
//!
//! It says which pairs are broken on which architectures. Where the statements around a pair read the
//! same (`alike`), the first architecture shows it for the others, with a model of its own
//! (`analysis`): that confirms what was decided here.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::alike::alike;
use super::analysis::{
    Analysed, Asks, Shared, analyse, decide, deepest_stage, elaborated, policy_applies,
};
use super::before::{Asked, Before};
use super::reading::Sources;
use super::{Options, SessionError};
use crate::logic::{Basis, Theory};
use crate::menu::Problem;
use crate::menu::merge::{NotMerged, elaborate_all};
use crate::model::{Definitions, ExprId, Model, Select, SymbolId, Tristate};
use crate::rules::unmet_dependency::{self, Kind};
use crate::rules::{Stage, policy, recursive_dependency};
use crate::source::Name;
use crate::tree::{ArchSet, Architecture};

/// The architectures of a run, read as one.
pub(super) struct Whole {
    /// Their model.
    pub(super) model: Arc<Model>,
    problems: Vec<Problem>,
    /// What each policy requires.
    required: Vec<ExprId>,
    /// Those of which it says nothing: with cycles, and those whose values it cannot tell.
    alone: ArchSet,
    /// Whether it does of all that have no cycle.
    pub(super) is_of_all: bool,
}

/// A pair that is broken in a way, or that violates a policy.
struct Case {
    selector: SymbolId,
    selectee: SymbolId,
    what: What,
    /// Where it is.
    on: ArchSet,
    /// Where nobody knows.
    undecided: ArchSet,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Unmet(Option<Kind>),
    /// A policy, by number.
    Policy(usize),
}

/// Architectures of which the first shows a pair for all.
struct Task<'c> {
    case: &'c Case,
    on: ArchSet,
}

impl Whole {
    /// `None` where the architectures cannot be read as one, or where each has to say something of
    /// its own.
    pub(super) fn new(shared: &Shared<'_>) -> Result<Option<Whole>, SessionError> {
        let Options {
            architectures,
            toolchain,
            remarks,
            ..
        } = shared.options;
        if *remarks {
            return Ok(None);
        }
        let project = shared.project;
        let only = match &architectures[..] {
            [only] => Some(only),
            _ => None,
        };
        let menu = match only {
            Some(only) => Ok(elaborated(shared.loader, project, only, toolchain)?),
            None => elaborate_all(shared.loader, project, architectures, toolchain),
        };
        let mut menu = match menu {
            Ok(menu) => menu,
            Err(NotMerged::Root(error)) => {
                return Err(SessionError::Root(project.root_file.clone(), error));
            }
            Err(_) => return Ok(None),
        };
        let mut problems = std::mem::take(&mut menu.problems);
        let mut model = Model::new(Arc::new(menu), project.behaviour);
        let refused = model.refused(&project.grammar);
        if only.is_none() && (model.is_out_of_order() || !refused.is_empty()) {
            return Ok(None);
        }
        problems.extend(refused);
        let requirements = shared.requirements.iter();
        let required = requirements.map(|(_, it)| it.add_to(&mut model)).collect();
        let cyclic = match only {
            Some(only) => match recursive_dependency::check(&model, &only.name).is_empty() {
                true => ArchSet::EMPTY,
                false => model.menu.on,
            },
            None => {
                let each = model.cycles_of_each().into_iter();
                each.fold(ArchSet::EMPTY, |all, (at, _)| all | ArchSet::only(at))
            }
        };
        let circular = model.circular();
        let alone = cyclic | circular;
        if alone.covers(model.menu.on) {
            return Ok(None);
        }
        Ok(Some(Whole {
            model: Arc::new(model),
            problems,
            required,
            is_of_all: cyclic.covers(circular),
            alone,
        }))
    }

    /// What each architecture has to say. What was found about a target that hangs on nothing that
    /// changed since the tree `before` still holds.
    pub(super) fn analyse(
        &self,
        shared: &Shared<'_>,
        before: Option<&Before>,
        keeps: bool,
    ) -> Result<(Vec<Analysed>, Option<Before>), SessionError> {
        let architectures = &shared.options.architectures;
        let mut all = self.begin(shared);
        let deepest = deepest_stage(shared.options);
        if deepest >= Stage::Model {
            let alone: Vec<usize> = self.alone.iter().collect();
            let alone = alone.into_par_iter().map(|at| {
                let own = analyse(shared, &architectures[at], None)?;
                Ok::<_, SessionError>((at, own))
            });
            let alone: Result<Vec<_>, _> = alone.collect();
            for (at, own) in alone? {
                all[at] = own;
            }
        }
        let on = self.model.menu.on.without(self.alone);
        if deepest < Stage::Theory || on.is_empty() {
            return Ok((all, None));
        }
        let definitions = keeps.then(|| Definitions::of(&self.model));
        let before = before.filter(|before| before.alone == self.alone);
        let asked = definitions.as_ref().zip(before);
        let asked = asked.and_then(|(own, it)| it.asked_after(shared, &self.model, own, on));
        let basis = Basis::new(self.model.clone());
        self.set_enabled(&basis, on, &mut all);
        let cases = self.cases(shared, &basis, on, asked.as_ref());
        if let (Some(asked), Some(before)) = (&asked, before) {
            asked.carry(before, &mut all);
        }
        let model = &self.model;
        let mut tasks = Vec::new();
        let mut theory = Theory::over(basis.clone(), shared.proofs.clone());
        for case in &cases {
            for part in alike(model, case.selector, case.selectee, case.on) {
                let parts = self.answered_alike(&mut theory, case, part).into_iter();
                tasks.extend(parts.map(|on| Task { case, on }));
            }
            let open = case.undecided.iter().map(ArchSet::only);
            tasks.extend(open.map(|on| Task { case, on }));
        }
        while !tasks.is_empty() {
            tasks = self.show(shared, &basis, tasks, &mut all)?;
        }
        let left = definitions.map(|definitions| Before {
            definitions,
            alone: self.alone,
            results: all.clone(),
            asked,
        });
        Ok((all, left))
    }

    /// What is known of each before anything is asked.
    fn begin(&self, shared: &Shared<'_>) -> Vec<Analysed> {
        let model = &self.model;
        let menu = &model.menu;
        let mut symbols = vec![FxHashSet::default(); menu.on.len()];
        for (id, symbol) in model.symbol_ids() {
            if let Some(name) = symbol.name.filter(|_| symbol.is_defined()) {
                for at in model.defined_on(id).iter() {
                    symbols[at].insert(name);
                }
            }
        }
        let selects: Arc<Vec<_>> =
            Arc::new(model.selects.iter().map(|select| select.span).collect());
        let each = shared.options.architectures.iter().enumerate();
        let each = each.zip(symbols).map(|((at, architecture), symbols)| {
            let problems = self.problems.iter();
            let problems = problems.filter(|it| it.on.contains(at)).cloned();
            let mut result = Analysed::begin(&architecture.name, problems.collect());
            let included = menu.instances.iter().filter(|it| it.on.contains(at));
            result.instances = included.map(|instance| instance.file).collect();
            result.sources = Arc::new(Sources::of(menu, at));
            result.hanging = model.hanging.clone();
            let requirements = shared.requirements.iter();
            let is_defined = |name: &str| symbols.contains(&Name::new(name));
            result.policies_apply = requirements
                .map(|(policy, it)| policy_applies(policy, it, &is_defined))
                .collect();
            result.selects = selects.clone();
            result.symbols = Arc::new(symbols);
            result
        });
        each.collect()
    }

    fn set_enabled(&self, basis: &Basis, on: ArchSet, all: &mut [Analysed]) {
        let mut enabled = vec![FxHashSet::default(); all.len()];
        for (id, symbol) in self.model.symbol_ids() {
            let Some(name) = symbol.name else {
                continue;
            };
            for at in (self.model.architectures_of(id) & on).iter() {
                if basis.bounds().symbol_on(id, at).high != Tristate::No {
                    enabled[at].insert(name);
                }
            }
        }
        for (result, enabled) in all.iter_mut().zip(enabled) {
            result.enabled = Arc::new(enabled);
        }
    }

    /// What is broken on these architectures.
    fn cases(
        &self,
        shared: &Shared<'_>,
        basis: &Basis,
        on: ArchSet,
        asked: Option<&Asked>,
    ) -> Vec<Case> {
        let levels = &shared.options.levels;
        let is_asked = |select: &Select| {
            let name = self.model.symbol(select.target).name;
            asked
                .zip(name)
                .is_none_or(|(asked, name)| asked.targets.contains(&name))
        };
        let mut cases = Vec::new();
        if levels.is_on(unmet_dependency::RULE.name) {
            let pairs = unmet_dependency::pairs_in_parallel(basis, shared.proofs, &is_asked, on);
            let unmet = pairs.unmet.into_iter();
            cases.extend(unmet.map(|((selector, selectee, kind), on)| Case {
                selector,
                selectee,
                what: What::Unmet(Some(kind)),
                on,
                undecided: ArchSet::EMPTY,
            }));
            let undecided = pairs.undecided.into_iter();
            cases.extend(undecided.map(|(selector, selectee, undecided)| Case {
                selector,
                selectee,
                what: What::Unmet(None),
                on: ArchSet::EMPTY,
                undecided,
            }));
        }
        if !levels.is_on(policy::RULE.name) || shared.requirements.is_empty() {
            return cases;
        }
        let mut theory = Theory::over(basis.clone(), shared.proofs.clone());
        let policies = shared.requirements.iter().zip(&self.required).enumerate();
        for (number, ((policy, _), required)) in policies {
            if asked.is_some_and(|asked| !asked.policies.contains(&policy.name)) {
                continue;
            }
            let found = policy::violators(&mut theory, policy, *required, on);
            for ((selector, selectee), [on, undecided]) in found {
                cases.push(Case {
                    selector,
                    selectee,
                    what: What::Policy(number),
                    on,
                    undecided,
                });
            }
        }
        cases
    }

    /// These architectures, in sets on which the same is wrong with a pair.
    fn answered_alike(&self, theory: &mut Theory, case: &Case, on: ArchSet) -> Vec<ArchSet> {
        let (selector, selectee) = (case.selector, case.selectee);
        match case.what {
            _ if on.len() == 1 => vec![on],
            What::Unmet(None) => on.iter().map(ArchSet::only).collect(),
            What::Unmet(Some(kind)) => {
                unmet_dependency::alike(theory, (selector, selectee, kind), on)
            }
            What::Policy(number) => {
                let require = self.required[number];
                policy::alike(theory, (selector, selectee), require, on)
            }
        }
    }

    /// Lets the first architecture of each task show its pair, and gives the others the same. What
    /// holds with some toolchains only they have to show themselves: those tasks are left.
    fn show<'c>(
        &self,
        shared: &Shared<'_>,
        basis: &Basis,
        tasks: Vec<Task<'c>>,
        all: &mut [Analysed],
    ) -> Result<Vec<Task<'c>>, SessionError> {
        let architectures = &shared.options.architectures;
        // A report shows the configuration of the first by name.
        let first = |on: ArchSet| on.iter().min_by_key(|at| &architectures[*at].name);
        let name = |id: SymbolId| Name::new(self.model.name(id));
        let mut asks: BTreeMap<usize, Asks> = BTreeMap::new();
        for Task { case, on } in &tasks {
            let Some(first) = first(*on) else {
                continue;
            };
            let own = asks.entry(first).or_default();
            let pair = (name(case.selector), name(case.selectee));
            match case.what {
                What::Unmet(_) => drop(own.unmet.insert(pair)),
                What::Policy(number) => drop(own.policies.insert((number, pair.0, pair.1))),
            }
        }
        let asks: Vec<(usize, Asks)> = asks.into_iter().collect();
        let shown = asks
            .par_iter()
            .map(|(at, asks)| Ok((*at, self.shown(shared, basis, &architectures[*at], asks)?)));
        let shown: Result<FxHashMap<usize, Analysed>, SessionError> = shown.collect();
        let shown = shown?;
        let mut left = Vec::new();
        for task in tasks {
            let Some(first) = first(task.on) else {
                continue;
            };
            let has_all = self.pass_on(shared, &task, first, &shown[&first], all);
            if !has_all {
                let case = task.case;
                let rest = task.on.without(ArchSet::only(first));
                left.extend(rest.iter().map(ArchSet::only).map(|on| Task { case, on }));
            }
        }
        for (at, shown) in shown {
            let own = &mut all[at];
            for unmet in shown.unmet {
                if own.unmet.iter().all(|known| known.key() != unmet.key()) {
                    own.unmet.push(unmet);
                }
            }
            for violation in shown.violations {
                let is_new = |known: &policy::Violation| known.key() != violation.key();
                if own.violations.iter().all(is_new) {
                    own.violations.push(violation);
                }
            }
            own.undecided.extend(shown.undecided);
            own.internal_errors.extend(shown.internal_errors);
        }
        Ok(left)
    }

    /// What an architecture shows of these pairs, with a model of its own.
    fn shown(
        &self,
        shared: &Shared<'_>,
        basis: &Basis,
        architecture: &Architecture,
        asks: &Asks,
    ) -> Result<Analysed, SessionError> {
        if self.model.menu.on.len() > 1 {
            return analyse(shared, architecture, Some(asks));
        }
        let mut own = Analysed::begin(&architecture.name, Vec::new());
        let mut theory = Theory::over(basis.clone(), shared.proofs.clone());
        decide(shared, &mut theory, &self.required, Some(asks), &mut own);
        Ok(own)
    }

    /// Gives the others of a task what the first has shown; whether that is all there is to it.
    fn pass_on(
        &self,
        shared: &Shared<'_>,
        task: &Task<'_>,
        first: usize,
        shown: &Analysed,
        all: &mut [Analysed],
    ) -> bool {
        let architectures = &shared.options.architectures;
        let others = task.on.without(ArchSet::only(first));
        let (selector, selectee) = (
            self.model.name(task.case.selector),
            self.model.name(task.case.selectee),
        );
        match task.case.what {
            What::Unmet(None) => return true,
            What::Unmet(Some(kind)) => {
                let key = (selector.to_owned(), selectee.to_owned(), kind);
                let Some(unmet) = shown.unmet.iter().find(|it| it.key() == key) else {
                    return self.is_doubted(task, shown, &mut all[first]);
                };
                if unmet.pair.toolchain.is_some() {
                    return false;
                }
                for at in others.iter() {
                    let mut unmet = unmet.clone();
                    unmet.pair = unmet.pair.on(&architectures[at].name);
                    all[at].unmet.push(unmet);
                }
            }
            What::Policy(number) => {
                let policy = shared.requirements[number].0.name.clone();
                let key = (selector.to_owned(), selectee.to_owned(), policy);
                let Some(violation) = shown.violations.iter().find(|it| it.key() == key) else {
                    return self.is_doubted(task, shown, &mut all[first]);
                };
                if violation.pair.toolchain.is_some() {
                    return false;
                }
                for at in others.iter() {
                    let mut violation = violation.clone();
                    violation.pair = violation.pair.on(&architectures[at].name);
                    all[at].violations.push(violation);
                }
            }
        }
        true
    }

    /// Where the first does not show what all together have, it has left it open, or this program is
    /// wrong. The others are asked themselves.
    fn is_doubted(&self, task: &Task<'_>, shown: &Analysed, first: &mut Analysed) -> bool {
        let (selector, selectee) = (
            self.model.name(task.case.selector),
            self.model.name(task.case.selectee),
        );
        let mut open = shown.undecided.iter();
        let is_open = open.any(|it| it.selector == selector && it.selectee == selectee);
        if !is_open && shown.internal_errors.is_empty() {
            first.internal_errors.push(format!(
                "{selector} selects {selectee} on {}: broken by the model of all architectures, \
                 and not by its own",
                first.architecture
            ));
        }
        false
    }
}
