// SPDX-License-Identifier: MIT OR Apache-2.0
//! What each candidate does to the configurations of all architectures, as many at once as can be
//! read as one.
//!
//! The theory of the tree as it is says which configurations a candidate takes away and whether
//! they were valid; that of the changed tree says what is then wrong, and what can still be on. A
//! question that is undecided counts against the candidate.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use crate::diagnostic::Narrowing;
use crate::logic::{Among, Bit, Examples, Proofs, Theory, Undecided, dead};
use crate::menu::Menu;
use crate::model::{Expr, ExprId, Hanging, Model, SelectId, SymbolId, ValueType};
use crate::rules::policy::Requirement;
use crate::session::{Asked, Defect, Known, SessionError, Trial, Variant};
use crate::source::Name;
use crate::tree::{ArchSet, Architecture};

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

/// Architectures that are read as one.
pub(super) struct Group {
    architectures: Vec<Architecture>,
    /// What is known of each before the first candidate.
    known: Vec<Known>,
    /// Each by itself, made when that is asked for.
    alone: Vec<OnceLock<Option<Group>>>,
    menu: Arc<Menu>,
    /// Which symbols' values hang on which, on any of them.
    hanging: Arc<Hanging>,
    /// Of all trees with a candidate: one is much like the other.
    examples: Examples,
    proofs: Arc<Proofs>,
}

impl Group {
    /// These architectures; `None` where they cannot be read as one.
    pub(super) fn new(
        base: &Variant<'_>,
        members: Vec<(Architecture, Known)>,
    ) -> Result<Option<Group>, SessionError> {
        let (architectures, known): (Vec<Architecture>, Vec<Known>) = members.into_iter().unzip();
        let Some(menu) = base.menu(&architectures)?.map(Arc::new) else {
            return Ok(None);
        };
        let (hanging, proofs) = match &known[..] {
            [known] => (known.hanging.clone(), base.proofs.clone()),
            _ => {
                // The architectures have other numbers than elsewhere.
                let proofs = Arc::default();
                let Some(trial) = base.trial(menu.clone(), &[], &proofs) else {
                    return Ok(None);
                };
                (trial.model.hanging.clone(), proofs)
            }
        };
        let several = Some(known.len()).filter(|count| *count > 1);
        Ok(Some(Group {
            alone: (0..several.unwrap_or(0)).map(|_| OnceLock::new()).collect(),
            architectures,
            known,
            menu,
            hanging,
            examples: Examples::default(),
            proofs,
        }))
    }

    /// One of them by itself.
    fn alone(&self, base: &Variant<'_>, at: usize) -> Result<Option<&Group>, SessionError> {
        if self.alone[at].get().is_none() {
            let own = (self.architectures[at].clone(), self.known[at].clone());
            let group = Group::new(base, vec![own])?;
            // Whoever was faster made the same.
            let _ = self.alone[at].set(group);
        }
        Ok(self.alone[at].get().and_then(Option::as_ref))
    }

    fn where_known(&self, is: impl Fn(&Known) -> bool) -> ArchSet {
        let places = self.known.iter().enumerate().filter(|(_, known)| is(known));
        places.fold(ArchSet::EMPTY, |all, (at, _)| all | ArchSet::only(at))
    }
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
    let mut unchanged = Unchanged {
        base,
        group,
        candidates,
        before: None,
    };
    let mut all = Vec::new();
    for (at, candidate) in candidates.iter().enumerate() {
        let mut judged = Judged::new(group, candidate.extent(group));
        let apart = match judged.is_about_few() {
            true => judged.all(),
            false => judged.judge(candidate, at, &mut unchanged)?,
        };
        judged.leave(apart);
        let mut effects = judged.effects();
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
    fn terms(&self) -> impl Iterator<Item = &Requirement> {
        let narrows = self.narrows.iter().map(|(_, term)| term);
        narrows.chain(&self.restricts)
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

/// The tree as it is, which is looked at when a candidate gives a reason to.
struct Unchanged<'c> {
    base: &'c Variant<'c>,
    group: &'c Group,
    candidates: &'c [&'c Candidate<'c>],
    before: Option<Option<Before>>,
}

impl Unchanged<'_> {
    fn before(&mut self) -> Option<&mut Before> {
        let new = || Before::new(self.base, self.group, self.candidates);
        self.before.get_or_insert_with(new).as_mut()
    }
}

/// Its theory.
struct Before {
    theory: Theory,
    /// What the policies require, by name.
    required: BTreeMap<String, ExprId>,
    /// The terms of each candidate.
    terms: Vec<Vec<ExprId>>,
}

impl Before {
    fn new(base: &Variant<'_>, group: &Group, candidates: &[&Candidate<'_>]) -> Option<Before> {
        let exprs: Vec<&Requirement> = candidates.iter().flat_map(|it| it.terms()).collect();
        let trial = base.trial(group.menu.clone(), &exprs, &group.proofs)?;
        let theory = Theory::sharing(trial.model.clone(), group.proofs.clone());
        let mut exprs = trial.exprs.into_iter();
        let each = candidates.iter();
        let terms = each.map(|it| exprs.by_ref().take(it.terms().count()).collect());
        Some(Before {
            terms: terms.collect(),
            theory,
            required: trial.required,
        })
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

    /// Judges the candidate with this number of those that `unchanged` knows. The result are
    /// the architectures that have to be looked at by themselves.
    fn judge(
        &mut self,
        candidate: &Candidate<'_>,
        number: usize,
        unchanged: &mut Unchanged<'_>,
    ) -> Result<ArchSet, SessionError> {
        let (all, group) = (self.all(), self.group);
        if all.is_empty() {
            return Ok(ArchSet::EMPTY);
        }
        let terms: Vec<&Requirement> = candidate.terms().collect();
        let menu = candidate.variant.menu(&group.architectures)?.map(Arc::new);
        let trial = menu.and_then(|menu| candidate.variant.trial(menu, &terms, &group.proofs));
        let Some(mut trial) = trial else {
            return Ok(all);
        };
        let apart = trial.uncertain & all;
        self.leave(apart);
        let values = self.extent.values.without(trial.cyclic);
        let looked_at = match values.is_empty() {
            true => Vec::new(),
            false => group.hanging.on(&candidate.changes),
        };
        let is_good = self.find_defects(candidate, &mut trial, values, &looked_at);
        // No more is said of a fix that does harm.
        if !is_good || values.is_empty() {
            return Ok(apart);
        }
        if let Some(before) = unchanged.before() {
            self.find_lost(candidate, number, before, values);
            self.find_gaps(candidate, &mut trial, values);
            let theories = [&mut before.theory, trial.theory()];
            self.find_reach(candidate, theories, values);
            self.find_dead(candidate, before, trial.theory(), &looked_at, values);
        }
        Ok(apart)
    }

    /// Says nothing of these.
    fn leave(&mut self, these: ArchSet) {
        self.extent.values = self.extent.values.without(these);
        self.extent.cycles = self.extent.cycles.without(these);
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
    fn find_lost(
        &mut self,
        candidate: &Candidate<'_>,
        number: usize,
        before: &mut Before,
        values: ArchSet,
    ) {
        let terms = before.terms[number].clone();
        for (at, ((narrowing, _), term)) in candidate.narrows.iter().zip(&terms).enumerate() {
            let name = Name::new(&narrowing.symbol);
            let lost = takes_valid(before, &candidate.finding, name, *term, values);
            for on in lost.iter() {
                self.each[on].lost.insert(at);
            }
        }
        if candidate.restricts.is_some() {
            let term = terms[candidate.narrows.len()];
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
        before: &mut Before,
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
            let required = &before.required;
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

/// Those of `names` that are off in every configuration that counts. `undecided` says whether those
/// count as off of which nobody knows.
fn dead_names(
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
fn idles(before: &mut Before, candidate: &Candidate<'_>, term: ExprId, on: ArchSet) -> ArchSet {
    let finding = &candidate.finding;
    before.theory.focus();
    let valid = valid(&mut before.theory, &before.required, finding);
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
fn takes_valid(
    before: &mut Before,
    finding: &Broken,
    name: Name,
    term: ExprId,
    on: ArchSet,
) -> ArchSet {
    before.theory.focus();
    let valid = valid(&mut before.theory, &before.required, finding);
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
fn valid(theory: &mut Theory, required: &BTreeMap<String, ExprId>, finding: &Broken) -> Vec<Bit> {
    let model = theory.model().clone();
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
        let target = model.select(id).target;
        let direct = theory.direct(target);
        valid.push(!theory.both(level.on, !direct.on));
        if model.symbol(target).ty == ValueType::Tristate {
            let module = theory.both(direct.on, !direct.yes);
            valid.push(!theory.both(level.yes, module));
        }
    }
    valid
}

/// The alternatives that the dependencies of a symbol's definitions name.
fn platforms(model: &Model, symbol: Name) -> Vec<Platform> {
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
fn is_reached(
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
    let model = theory.model().clone();
    let mut off = Bit::constant(true);
    for (_, symbol) in model.symbols_named(name) {
        let own = theory.symbol(symbol).on;
        off = theory.both(off, !own);
    }
    !off
}
