// SPDX-License-Identifier: MIT OR Apache-2.0
//! What each candidate does to the configurations of all architectures, as many at once as can be
//! read as one.
//!
//! The theory of the tree as it is says which configurations a candidate takes away and whether
//! they were valid; that of the changed tree says what is then wrong, and what can still be on. A
//! question that is undecided counts against the candidate.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::asking::{Platform, dead_names, idles, is_reached, platforms, takes_valid, valid};
use super::edits::{self, Change};
use super::group::{Before, Group, Unchanged};
use crate::diagnostic::Narrowing;
use crate::logic::{Among, Theory};
use crate::model::ExprId;
use crate::rules::policy::Requirement;
use crate::session::{Asked, Defect, Known, SessionError, Trial, Variant};
use crate::source::{FileId, Name, SourceFile};
use crate::tree::ArchSet;

/// A fix on trial.
pub(super) struct Candidate {
    /// What it does to the files.
    pub(super) edited: BTreeMap<FileId, Edited>,
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

/// A file with what is done to it.
pub(super) struct Edited {
    pub(super) before: Arc<SourceFile>,
    pub(super) changes: BTreeSet<Change>,
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

impl Candidate {
    /// The expressions of what it narrows, and then of what it restricts.
    pub(super) fn terms(&self) -> impl Iterator<Item = &Requirement> {
        let narrows = self.narrows.iter().chain(&self.restricts);
        narrows.map(|(_, term)| term)
    }

    /// The policies, by number, of which it can change what holds, when it changes these symbols' values.
    pub(super) fn policies(&self, tree: &Variant<'_>, symbols: &[Name]) -> BTreeSet<usize> {
        let mut policies = tree.policies_about(&symbols.iter().copied().collect());
        if let Defect::Policy(name, ..) = &self.finding.defect {
            policies.extend(tree.policy(name));
        }
        policies
    }

    /// Whether both cannot be made in one text.
    pub(super) fn conflicts(&self, other: &Candidate) -> bool {
        self.edited.iter().any(|(file, mine)| {
            let theirs = other.edited.get(file);
            let theirs = || theirs.into_iter().flat_map(|edited| &edited.changes);
            let mut mine = mine.changes.iter();
            mine.any(|mine| theirs().any(|theirs| mine.conflicts(theirs)))
        })
    }

    /// Elsewhere it edits a file that is not read, or nothing that can be on; and no cycle can come
    /// of it.
    fn extent(&self, group: &Group) -> Extent {
        let is_read = |known: &Known| self.edited.keys().any(|file| known.reads.contains(file));
        let read = group.where_known(is_read);
        let values = group.where_known(|known| {
            let can_be_on = |name: &Name| known.enabled.contains(name);
            self.owners.iter().any(can_be_on) && !known.has_cycle()
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
pub(super) struct Judged<'g> {
    group: &'g Group,
    candidate: &'g Candidate,
    extent: Extent,
    each: Vec<Effect>,
    alive: BTreeMap<Name, bool>,
    reach: BTreeMap<(String, Platform), bool>,
}

impl<'g> Judged<'g> {
    pub(super) fn new(group: &'g Group, candidate: &'g Candidate) -> Judged<'g> {
        Judged {
            group,
            candidate,
            extent: candidate.extent(group),
            each: vec![Effect::default(); group.architectures.len()],
            alive: BTreeMap::new(),
            reach: BTreeMap::new(),
        }
    }

    /// The architectures on which the candidate changes something.
    pub(super) fn all(&self) -> ArchSet {
        self.extent.values | self.extent.cycles
    }

    pub(super) fn is_about_few(&self) -> bool {
        self.group.architectures.len() > 1 && self.all().len() <= FEW
    }

    pub(super) fn effects(self) -> Effects {
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

    /// The effects of a candidate that nobody could look at: its finding stays.
    pub(super) fn undone(mut self) -> Effects {
        for at in self.all().iter() {
            self.each[at].stays = true;
        }
        self.effects()
    }

    /// Judges the candidate by a tree that has it, in which `exprs` are its terms.
    fn judge(
        &mut self,
        tree: &Variant<'_>,
        trial: &mut Trial,
        exprs: &[ExprId],
        unchanged: &mut Unchanged<'_>,
    ) {
        let group = self.group;
        let values = self.extent.values.without(trial.cyclic);
        let looked_at = match values.is_empty() {
            true => Vec::new(),
            false => group.hanging.on(&self.candidate.changes),
        };
        let is_good = self.find_defects(tree, trial, values, &looked_at);
        // No more is said of a fix that does harm.
        if !is_good || values.is_empty() {
            return;
        }
        if let Some(before) = unchanged.before() {
            self.find_lost(before, values);
            self.find_gaps(trial, exprs, values);
            let theories = [&mut before.theory, trial.theory()];
            self.find_reach(theories, values);
            self.find_dead(before, trial.theory(), &looked_at, values);
        }
    }

    /// What is then wrong; whether nothing is.
    fn find_defects(
        &mut self,
        tree: &Variant<'_>,
        trial: &mut Trial,
        values: ArchSet,
        looked_at: &[Name],
    ) -> bool {
        let (group, candidate) = (self.group, self.candidate);
        // What was there before is no news.
        let known = |defect: &Defect| match *defect == candidate.finding.defect {
            true => ArchSet::EMPTY,
            false => group.where_known(|known| known.defects.contains(defect)),
        };
        let policies = candidate.policies(tree, looked_at);
        let asked = Asked {
            targets: Some(looked_at),
            policies: Some(&policies),
            on: values,
            known: &known,
        };
        tree.decide(trial, &asked);
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
    fn find_lost(&mut self, before: &mut Before<'_>, values: ArchSet) {
        let candidate = self.candidate;
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
    fn find_gaps(&mut self, trial: &mut Trial, exprs: &[ExprId], values: ArchSet) {
        let model = trial.model.clone();
        let theory = trial.theory();
        for (at, ((narrowing, _), term)) in self.candidate.narrows.iter().zip(exprs).enumerate() {
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
    fn find_reach(&mut self, [before, after]: [&mut Theory; 2], values: ArchSet) {
        let model = before.model().clone();
        for (narrowing, _) in &self.candidate.narrows {
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
        before: &mut Before<'_>,
        after: &mut Theory,
        looked_at: &[Name],
        values: ArchSet,
    ) {
        let (candidate, examples) = (self.candidate, &self.group.examples);
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

/// Judges candidates that have nothing to do with each other by one tree that has them all; `false`
/// where that tree cannot tell, and fewer have to be tried together.
pub(super) fn judge_together(
    group: &Group,
    all: &mut [Judged<'_>],
    unchanged: &mut Unchanged<'_>,
) -> Result<bool, SessionError> {
    let candidates: Vec<&Candidate> = all.iter().map(|judged| judged.candidate).collect();
    let terms: Vec<&Requirement> = candidates.iter().flat_map(|it| it.terms()).collect();
    let texts = texts(&candidates);
    let trial = match unchanged.rewritten(&texts, &terms) {
        Some(trial) => Some(trial),
        None => {
            let tree = unchanged.base.with(texts)?;
            let menu = tree.menu(&group.architectures)?.map(Arc::new);
            menu.and_then(|menu| tree.trial(menu, &terms, &group.proofs))
        }
    };
    let Some(mut trial) = trial else {
        return Ok(false);
    };
    let found = trial.defects.clone();
    let mut each = found.iter().zip(&group.known);
    // It does not say which of them brings what is new.
    if all.len() > 1 && !each.all(|(found, known)| found.is_subset(&known.defects)) {
        return Ok(false);
    }
    let mut exprs = trial.exprs.clone();
    for judged in all {
        let later = exprs.split_off(judged.candidate.terms().count());
        trial.defects.clone_from(&found);
        judged.judge(unchanged.base, &mut trial, &exprs, unchanged);
        exprs = later;
    }
    Ok(true)
}

/// The texts that these make of their files.
fn texts(candidates: &[&Candidate]) -> BTreeMap<FileId, Arc<[u8]>> {
    let mut united: BTreeMap<FileId, (&SourceFile, BTreeSet<Change>)> = BTreeMap::new();
    for (file, edited) in candidates.iter().flat_map(|it| &it.edited) {
        let own = united.entry(*file);
        let (_, changes) = own.or_insert_with(|| (&*edited.before, BTreeSet::new()));
        changes.extend(edited.changes.iter().cloned());
    }
    let texts = united.into_iter();
    let texts = texts.map(|(file, (before, changes))| {
        let after: Arc<[u8]> = edits::applied(before.text(), &changes).into();
        (file, after)
    });
    texts.collect()
}
