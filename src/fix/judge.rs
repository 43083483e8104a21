// SPDX-License-Identifier: MIT OR Apache-2.0
//! What each candidate does to the configurations of all architectures, as many at once as can be
//! read as one.
//!
//! The theory of the tree as it is says which configurations a candidate takes away and whether
//! they were valid; that of the changed tree says what is then wrong, and what can still be on. A
//! question that is undecided counts against the candidate.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::asking::{Platform, dead_names, idles, is_reached, platforms, takes_valid, valid};
use super::group::{Before, Group, Unchanged};
use crate::diagnostic::Narrowing;
use crate::logic::{Among, Theory};
use crate::rules::policy::Requirement;
use crate::session::{Asked, Defect, SessionError, Trial, Variant};
use crate::source::Name;
use crate::tree::ArchSet;

/// A fix on trial.
pub(super) struct Candidate<'b> {
    /// The tree with the fix.
    pub(super) variant: Variant<'b>,
    /// The finding that it is to remove.
    pub(super) finding: Broken,
    /// What it narrows, each with its expression.
    pub(super) narrows: Vec<(Narrowing, Requirement)>,
    /// When the select of the finding acts then.
    pub(super) restricts: Option<(Narrowing, Requirement)>,
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

/// What a candidate does.
#[derive(Clone, Default, Debug)]
pub(super) struct Effects {
    /// On each architecture where it changes something, with its name.
    pub(super) each: Vec<(String, Effect)>,
    /// Symbols that could be on before on some architecture, with whether they still can.
    pub(super) alive: BTreeMap<Name, bool>,
    /// Alternatives of a narrowed symbol's own dependency under which it could be on before on some
    /// architecture, with whether it still can.
    pub(super) reach: BTreeMap<(String, Platform), bool>,
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
}

/// What each candidate does on these architectures. Whoever is `tried` is told of.
pub(super) fn judge(
    base: &Variant<'_>,
    group: &Group,
    candidates: &[&Candidate<'_>],
    tried: &(dyn Fn(&Candidate<'_>) + Sync),
) -> Result<Vec<Effects>, SessionError> {
    let threads = rayon::current_num_threads();
    let each = candidates.len().div_ceil(threads).max(1);
    let parts: Result<Vec<_>, SessionError> = candidates
        .par_chunks(each)
        .map(|some| judge_in_turn(base, group, some, tried))
        .collect();
    Ok(parts?.into_iter().flatten().collect())
}

fn judge_in_turn(
    base: &Variant<'_>,
    group: &Group,
    candidates: &[&Candidate<'_>],
    tried: &(dyn Fn(&Candidate<'_>) + Sync),
) -> Result<Vec<Effects>, SessionError> {
    let mut unchanged = Unchanged::new(base, group);
    let mut all = Vec::new();
    for candidate in candidates {
        let mut judged = Judged::new(group, candidate.extent(group));
        let on = judged.all();
        let is_judged = !judged.is_about_few() && judged.judge(candidate, &mut unchanged)?;
        let (mut effects, apart) = match is_judged {
            true => (judged.effects(), ArchSet::EMPTY),
            false => (Effects::default(), on),
        };
        for at in apart.iter() {
            if let Some(alone) = group.alone(base, at)? {
                for more in judge_in_turn(base, alone, &[candidate], &|_| {})? {
                    effects.add(more);
                }
            }
        }
        tried(candidate);
        all.push(effects);
    }
    Ok(all)
}

/// So many architectures are looked at one by one in less time than it takes to look at all as one.
const FEW: usize = 4;

impl Effects {
    /// Adds what it does on other architectures.
    pub(super) fn add(&mut self, more: Effects) {
        self.each.extend(more.each);
        self.each.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (name, still) in more.alive {
            *self.alive.entry(name).or_default() |= still;
        }
        for (platform, still) in more.reach {
            *self.reach.entry(platform).or_default() |= still;
        }
    }
}

/// What a candidate can change; the sets are disjoint.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Extent {
    /// The architectures on which it changes nothing that can be on, but conf looks for cycles
    /// everywhere.
    cycles: ArchSet,
    /// Those on which it changes values.
    values: ArchSet,
}

impl Candidate<'_> {
    /// The expressions of what it narrows, and then of what it restricts.
    pub(super) fn terms(&self) -> impl Iterator<Item = &Requirement> {
        let narrows = self.narrows.iter().chain(&self.restricts);
        narrows.map(|(_, term)| term)
    }

    /// Elsewhere it edits a file that is not read, or nothing that can be on; and no cycle can come
    /// of it.
    fn extent(&self, group: &Group) -> Extent {
        let read = group.where_known(|known| self.variant.concerns(&known.reads));
        let has_cycle = |defect: &Defect| matches!(defect, Defect::Cycle(_));
        let values = group.where_known(|known| {
            let can_be_on = |name: &Name| known.enabled.contains(name);
            self.owners.iter().any(can_be_on) && !known.defects.iter().any(has_cycle)
        });
        let mut cycles = read.without(values);
        if !cycles.is_empty() {
            cycles = cycles
                & group.where_known(|known| {
                    let hangs = |name: &Name| known.hanging.hangs_on(*name, &self.changes);
                    self.asks.iter().any(hangs)
                });
        }
        Extent {
            cycles,
            values: values & read,
        }
    }
}

/// A candidate that is judged on a group.
struct Judged<'g> {
    group: &'g Group,
    extent: Extent,
    each: Vec<Effect>,
    alive: BTreeMap<Name, bool>,
    reach: BTreeMap<(String, Platform), bool>,
}

impl<'g> Judged<'g> {
    fn new(group: &'g Group, extent: Extent) -> Judged<'g> {
        Judged {
            group,
            extent,
            each: vec![Effect::default(); group.architectures.len()],
            alive: BTreeMap::new(),
            reach: BTreeMap::new(),
        }
    }

    /// The architectures on which the candidate changes something.
    fn all(&self) -> ArchSet {
        self.extent.values | self.extent.cycles
    }

    fn is_about_few(&self) -> bool {
        self.group.architectures.len() > 1 && self.all().len() <= FEW
    }

    fn effects(self) -> Effects {
        let on = self.all();
        let each = self.each.into_iter().enumerate();
        let each = each.filter(|(at, _)| on.contains(*at));
        let name = |at: usize| self.group.architectures[at].name.clone();
        Effects {
            each: each.map(|(at, effect)| (name(at), effect)).collect(),
            alive: self.alive,
            reach: self.reach,
        }
    }

    /// Judges the candidate, unless the architectures have to be looked at by themselves.
    fn judge(
        &mut self,
        candidate: &Candidate<'_>,
        unchanged: &mut Unchanged<'_>,
    ) -> Result<bool, SessionError> {
        let group = self.group;
        if self.all().is_empty() {
            return Ok(true);
        }
        let terms: Vec<&Requirement> = candidate.terms().collect();
        let menu = candidate.variant.menu(&group.architectures)?.map(Arc::new);
        let trial = menu.and_then(|menu| candidate.variant.trial(menu, &terms, &group.proofs));
        let Some(mut trial) = trial else {
            return Ok(false);
        };
        let values = self.extent.values.without(trial.cyclic);
        let looked_at = match values.is_empty() {
            true => Vec::new(),
            false => group.hanging.on(&candidate.changes),
        };
        let is_good = self.find_defects(candidate, &mut trial, values, &looked_at);
        // No more is said of a fix that does harm.
        if !is_good || values.is_empty() {
            return Ok(true);
        }
        if let Some(before) = unchanged.before() {
            self.find_lost(candidate, before, values);
            self.find_gaps(candidate, &mut trial, values);
            let theories = [&mut before.theory, trial.theory()];
            self.find_reach(candidate, theories, values);
            self.find_dead(candidate, before, trial.theory(), &looked_at, values);
        }
        Ok(true)
    }

    /// What is then wrong; whether nothing is.
    fn find_defects(
        &mut self,
        candidate: &Candidate<'_>,
        trial: &mut Trial,
        values: ArchSet,
        looked_at: &[Name],
    ) -> bool {
        let group = self.group;
        // What was there before is no news.
        let known = |defect: &Defect| match *defect == candidate.finding.defect {
            true => ArchSet::EMPTY,
            false => group.where_known(|known| known.defects.contains(defect)),
        };
        let asked = Asked {
            targets: Some(looked_at),
            on: values,
            known: &known,
        };
        candidate.variant.decide(trial, &asked);
        let mut is_good = true;
        for at in (self.extent.values | self.extent.cycles).iter() {
            let (effect, defects) = (&mut self.each[at], &trial.defects[at]);
            effect.stays = defects.contains(&candidate.finding.defect);
            let new = defects.difference(&group.known[at].defects);
            effect.new = new.cloned().collect();
            is_good &= !effect.stays && effect.new.is_empty();
        }
        is_good
    }

    /// The narrowings that take away a configuration in which the finding's select is fine, and
    /// whether the select is then idle where it does no harm.
    fn find_lost(&mut self, candidate: &Candidate<'_>, before: &mut Before<'_>, values: ArchSet) {
        for (at, (narrowing, _)) in candidate.narrows.iter().enumerate() {
            let (name, term) = (Name::new(&narrowing.symbol), before.term(narrowing));
            let lost = takes_valid(before, &candidate.finding, name, term, values);
            for on in lost.iter() {
                self.each[on].lost.insert(at);
            }
        }
        if let Some((narrowing, _)) = &candidate.restricts {
            let term = before.term(narrowing);
            for at in idles(before, candidate, term, values).iter() {
                self.each[at].idle = true;
            }
        }
    }

    /// The narrowings that do not hold in the changed tree.
    fn find_gaps(&mut self, candidate: &Candidate<'_>, trial: &mut Trial, values: ArchSet) {
        let (model, exprs) = (trial.model.clone(), trial.exprs.clone());
        let theory = trial.theory();
        for (at, ((narrowing, _), term)) in candidate.narrows.iter().zip(&exprs).enumerate() {
            for (on, symbol) in model.symbols_named(Name::new(&narrowing.symbol)) {
                theory.focus();
                let own = theory.symbol(symbol);
                let term = theory.promoted(*term, symbol);
                let gaps = theory.holds_on(&[own.on, !term.on], on & values).possible();
                for on in gaps.iter() {
                    self.each[on].gaps.insert(at);
                }
            }
        }
    }

    /// The circumstances in which the narrowed symbols could be on.
    fn find_reach(
        &mut self,
        candidate: &Candidate<'_>,
        [before, after]: [&mut Theory; 2],
        values: ArchSet,
    ) {
        let model = before.model().clone();
        for (narrowing, _) in &candidate.narrows {
            let symbol = Name::new(&narrowing.symbol);
            for platform in platforms(&model, symbol) {
                if is_reached(before, symbol, &platform, values).unwrap_or(true) {
                    let still = is_reached(after, symbol, &platform, values).unwrap_or(false);
                    self.reach
                        .insert((narrowing.symbol.clone(), platform), still);
                }
            }
        }
    }

    /// Of what is dead in the changed tree, what was dead before does not count, nor does what lived
    /// by the defect only. The selector and what it selects do: a fix that leaves nothing of them is
    /// none.
    fn find_dead(
        &mut self,
        candidate: &Candidate<'_>,
        before: &mut Before<'_>,
        after: &mut Theory,
        looked_at: &[Name],
        values: ArchSet,
    ) {
        let examples = &self.group.examples;
        let model = before.theory.model().clone();
        let finding = &candidate.finding;
        let names: Vec<&Name> = looked_at.iter().collect();
        let now = dead_names(after, &names, values, Among::All(examples), true);
        let is_own = |name: &&Name| {
            let mut narrows = candidate.narrows.iter();
            name.as_str() == finding.selectee
                || narrows.any(|(narrowing, _)| narrowing.symbol == name.as_str())
        };
        let (own, others): (Vec<&Name>, Vec<&Name>) = now.iter().partition(is_own);
        let theory = &mut before.theory;
        let mut were_dead = dead_names(theory, &own, values, Among::All(examples), false);
        if !others.is_empty() {
            let required = before.required;
            let healthy = |theory: &mut Theory| valid(theory, required, finding);
            let among = Among::Where(&healthy);
            were_dead.extend(dead_names(theory, &others, values, among, false));
        }
        let is_logical = |name: &Name| {
            let mut symbols = model.symbols_named(*name).into_iter();
            symbols.any(|(_, id)| model.symbol(id).ty.is_logical() && model.symbol(id).is_defined())
        };
        for name in looked_at {
            if is_logical(name) && !were_dead.contains(name) {
                self.alive.insert(*name, !now.contains(name));
            }
        }
    }
}
