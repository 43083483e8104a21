// SPDX-License-Identifier: MIT OR Apache-2.0
//! The proof of candidates: each is applied in memory, and every architecture that reads a
//! changed file judges it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::edits;
use super::group::Group;
use super::independent::judge;
use super::judge::{Broken, Candidate, Edited, Effects};
use super::verdict::{self, Harm};
use crate::diagnostic::{Applicability, Data, Diagnostic, Fix, Narrowing, Rejected};
use crate::rules::policy::Requirement;
use crate::rules::unmet_dependency::Kind;
use crate::session::{
    Base, Defect, Known, Options, Outcome, Progress, SessionError, Variant, in_threads,
};
use crate::source::{FileId, Files, Name};
use crate::tree::{Architecture, Project};

/// When the proof of a finding's fixes may end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effort {
    /// When all candidates were tried.
    All,
    /// When so many are proved that harm no configuration without the defect: a person reads no more.
    /// Those that were not tried come last.
    Enough(usize),
    /// When one is proved that can be applied unseen.
    Applicable,
}

impl Effort {
    fn is_over(self, proved: &[(Harm, Fix)]) -> bool {
        match self {
            Effort::All => false,
            Effort::Enough(count) => {
                let harmless = proved.iter().filter(|(harm, _)| *harm == Harm::None);
                harmless.count() >= count
            }
            Effort::Applicable => {
                let best = Applicability::MachineApplicable;
                proved.iter().any(|(_, fix)| fix.applicability == best)
            }
        }
    }
}

/// Candidates of one finding that are tried at once.
const AT_ONCE: usize = 2;

/// Candidates of all findings that are tried at once: each has a list of symbols in memory.
const IN_MEMORY: usize = 256;

/// How many candidates may still be tried. Candidates are counted, not seconds: the same input
/// gives the same report on every machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Budget {
    /// For one finding.
    of_finding: usize,
    /// For all findings to come.
    left: usize,
    /// Findings for which the budget did not last.
    pub unfinished: usize,
}

impl Budget {
    /// No candidate is left out.
    pub const UNLIMITED: Budget = Budget {
        of_finding: usize::MAX,
        left: usize::MAX,
        unfinished: 0,
    };

    /// For the findings of a run that a person waits for.
    pub const OF_REPORT: Budget = Budget {
        of_finding: 8,
        left: 120,
        unfinished: 0,
    };

    /// Whether nothing is left for any finding.
    pub fn is_spent(&self) -> bool {
        self.left == 0
    }

    /// For how many findings it certainly lasts.
    pub fn findings(&self) -> usize {
        match self.left {
            usize::MAX => usize::MAX,
            left => left / self.of_finding,
        }
    }

    /// How many of the next candidates of a finding may be tried, of which so many were.
    fn allows(&self, tried: usize) -> usize {
        self.left.min(self.of_finding.saturating_sub(tried))
    }
}

/// Proves the candidate fixes of all findings on all architectures of the tree, also those that
/// the run left out: a fix changes the tree for everybody. What does harm is taken out, and said
/// in `rejected`.
///
/// # Errors
/// When the root file of the tree cannot be read any more.
pub fn prove(
    outcome: &mut Outcome,
    options: &Options,
    effort: Effort,
    progress: &Progress<'_>,
) -> Result<(), SessionError> {
    let mut findings = std::mem::take(&mut outcome.findings);
    let proved = match &outcome.base {
        Some(base) => {
            Prover::new(base, &outcome.project, options, effort).and_then(|mut prover| {
                prover.prove(
                    findings.iter_mut(),
                    &mut Budget::UNLIMITED.clone(),
                    progress,
                )
            })
        }
        None => Ok(()),
    };
    outcome.findings = findings;
    proved
}

/// Proves the fixes of one finding after the other, where a report wants them so.
pub struct Prover<'o> {
    trees: Trees<'o>,
    /// All architectures; made when the first fix is proved.
    groups: Option<Vec<Group>>,
    /// What the candidates of findings to come speak of.
    terms: Arc<BTreeSet<String>>,
    effort: Effort,
}

impl<'o> Prover<'o> {
    /// For findings of the run that left `base` behind.
    ///
    /// # Errors
    /// When what a policy requires is no expression.
    pub fn new(
        base: &'o Base,
        project: &'o Project,
        options: &'o Options,
        effort: Effort,
    ) -> Result<Prover<'o>, SessionError> {
        Ok(Prover {
            trees: Trees {
                base,
                unchanged: base.variant(project, options, BTreeMap::new())?,
                options,
                files: base.files(),
                folder: "",
                architectures: architectures(options, project),
                made: AtomicUsize::new(0),
            },
            groups: None,
            terms: Arc::default(),
            effort,
        })
    }

    /// Tells of findings to come: knowing what their candidates speak of saves work.
    pub fn expect<'f>(&mut self, findings: impl Iterator<Item = &'f Diagnostic>) {
        let terms: BTreeSet<&String> = findings.flat_map(terms).collect();
        if terms.iter().any(|term| !self.terms.contains(*term)) {
            let all = terms.into_iter().chain(&*self.terms);
            self.terms = Arc::new(all.cloned().collect());
            self.groups = None;
        }
    }

    /// The same for findings whose places are in `files`. These name the files of the tree from a
    /// folder around the tree, in which the tree is `folder`, with `/` at its end unless empty.
    pub fn named(mut self, files: &'o Files, folder: &'o str) -> Prover<'o> {
        self.trees.files = files;
        self.trees.folder = folder;
        self
    }

    /// How many changed trees were made so far.
    pub fn trees(&self) -> usize {
        self.trees.made.load(Ordering::Relaxed)
    }

    /// How many of them were made of the tree as it is, without reading it anew.
    pub fn rewritten(&self) -> usize {
        self.trees.unchanged.rewritten.load(Ordering::Relaxed)
    }

    /// Reads every changed tree anew, for a comparison.
    pub fn reading_anew(mut self) -> Prover<'o> {
        self.trees.unchanged.reads_anew = true;
        self
    }

    /// Makes another effort for the findings to come.
    pub fn make(&mut self, effort: Effort) {
        self.effort = effort;
    }

    /// Proves the candidate fixes of some findings, as [`prove`] does, as far as `budget` lasts.
    /// As long as it does, which findings are proved together makes no difference to the result.
    ///
    /// # Errors
    /// When the root file of the tree cannot be read any more.
    pub fn prove<'f>(
        &mut self,
        findings: impl Iterator<Item = &'f mut Diagnostic>,
        budget: &mut Budget,
        progress: &Progress<'_>,
    ) -> Result<(), SessionError> {
        let mut findings: Vec<&mut Diagnostic> = findings.collect();
        self.expect(findings.iter().map(|finding| &**finding));
        let all = findings.iter_mut().enumerate();
        let mut cases: Vec<Case> = all.filter_map(|(at, it)| Case::new((at, it))).collect();
        if cases.is_empty() {
            return Ok(());
        }
        let (trees, terms, effort) = (&self.trees, &self.terms, self.effort);
        let known = self.groups.take();
        let groups = in_threads(trees.options.jobs, || {
            let groups = known.map_or_else(|| trees.groups(terms), Ok)?;
            trees.settle(&groups, &mut cases, effort, budget, progress)?;
            Ok::<_, SessionError>(groups)
        })??;
        self.groups = Some(groups);
        for mut case in cases {
            let finding = &mut findings[case.finding];
            finding.rejected.extend(case.rejected);
            case.proved.sort_by_key(|(harm, _)| *harm);
            let proved = case.proved.into_iter().map(|(_, fix)| fix);
            finding.fixes.splice(0..0, proved.chain(case.open));
        }
        Ok(())
    }
}

/// What the candidates of a finding speak of.
fn terms(finding: &Diagnostic) -> impl Iterator<Item = &String> {
    let plans = finding.fixes.iter().filter(|fix| fix.is_candidate());
    let narrowings = plans.flat_map(|fix| fix.plan.narrows.iter().chain(&fix.plan.restricts));
    narrowings.map(|narrowing| &narrowing.term)
}

/// A finding with candidates.
struct Case {
    finding: usize,
    /// Where it has the defect.
    architectures: Vec<String>,
    broken: Broken,
    /// Candidates that were not tried yet, the best first.
    open: Vec<Fix>,
    /// Those that are offered, in the order in which they were tried.
    proved: Vec<(Harm, Fix)>,
    rejected: Vec<Rejected>,
    /// How many were tried.
    tried: usize,
    /// Whether the budget did not last for all of them.
    is_over: bool,
    /// Whether the last one that was tried does harm.
    last_failed: bool,
}

impl Case {
    fn new((at, finding): (usize, &mut Diagnostic)) -> Option<Case> {
        let broken = broken(finding)?;
        let fixes = std::mem::take(&mut finding.fixes);
        let (open, others): (Vec<Fix>, Vec<Fix>) =
            fixes.into_iter().partition(|fix| fix.is_candidate());
        finding.fixes = others;
        let case = Case {
            finding: at,
            architectures: finding.architectures.clone(),
            broken,
            open,
            proved: Vec::new(),
            rejected: Vec::new(),
            tried: 0,
            is_over: false,
            last_failed: false,
        };
        (!case.open.is_empty()).then_some(case)
    }

    /// The candidates that are tried next, if the effort is not made yet and the budget lasts. A
    /// fallback waits for the one before it.
    fn next(&mut self, effort: Effort, budget: &mut Budget) -> Vec<Fix> {
        if self.is_over || effort.is_over(&self.proved) {
            return Vec::new();
        }
        if !self.last_failed {
            let useless = self.open.iter().take_while(|fix| fix.plan.is_fallback);
            self.open.drain(..useless.count());
        }
        let most = budget.allows(self.tried).min(AT_ONCE);
        if most == 0 && !self.open.is_empty() {
            self.is_over = true;
            budget.unfinished += 1;
        }
        let mut next = Vec::new();
        while next.len() < most {
            match self.open.first() {
                Some(fix) if next.is_empty() || !fix.plan.is_fallback => {}
                _ => break,
            }
            next.push(self.open.remove(0));
        }
        self.tried += next.len();
        budget.left -= next.len();
        next
    }

    fn settle(&mut self, mut fix: Fix, effects: Option<&Effects>) {
        let verdict = match effects {
            Some(effects) => verdict::settle(&mut fix, effects, &self.architectures),
            None => Err("what it asks for cannot be decided".to_owned()),
        };
        self.last_failed = verdict.is_err();
        match verdict {
            Ok(harm) => self.proved.push((harm, fix)),
            Err(reason) => self.rejected.push(Rejected {
                title: fix.title,
                reason,
            }),
        }
    }
}

/// Those of the run, and all others of the tree.
fn architectures(options: &Options, project: &Project) -> Vec<Architecture> {
    let mut all = options.architectures.clone();
    for architecture in &project.architectures {
        if all.iter().all(|known| known.name != architecture.name) {
            all.push(architecture.clone());
        }
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

/// What a finding says is broken; `None` for one that is about neither a select nor a call.
fn broken(finding: &Diagnostic) -> Option<Broken> {
    match &finding.data {
        Data::Unmet {
            selector,
            selectee,
            level,
            ..
        } => {
            let kind = [Kind::Off, Kind::Module];
            let kind = kind.into_iter().find(|kind| kind.word() == *level)?;
            Some(Broken {
                defect: Defect::Unmet(selector.clone(), selectee.clone(), kind),
                selector: selector.clone(),
                selectee: selectee.clone(),
            })
        }
        Data::Policy {
            policy,
            selector,
            selectee,
            ..
        } => Some(Broken {
            defect: Defect::Policy(policy.clone(), selector.clone(), selectee.clone()),
            selector: selector.clone(),
            selectee: selectee.clone(),
        }),
        Data::None => of_link(finding),
        Data::Cycle { .. } => None,
    }
}

/// The same of what the code lacks.
fn of_link(finding: &Diagnostic) -> Option<Broken> {
    let mut plans = finding.fixes.iter().map(|fix| &fix.plan);
    let lack = plans.find_map(|plan| plan.lacks.as_ref())?;
    Some(Broken {
        defect: Defect::Link(lack.clone()),
        selector: lack.caller.clone(),
        selectee: lack.missing.clone(),
    })
}

struct Trees<'o> {
    base: &'o Base,
    unchanged: Variant<'o>,
    options: &'o Options,
    /// The files of the findings.
    files: &'o Files,
    /// Where the tree lies in them.
    folder: &'o str,
    architectures: Vec<Architecture>,
    /// How many changed trees were made.
    made: AtomicUsize,
}

impl Trees<'_> {
    /// All architectures, as many at once as can be read as one. One that has a cycle stands alone.
    fn groups(&self, terms: &Arc<BTreeSet<String>>) -> Result<Vec<Group>, SessionError> {
        let known = |architecture: &Architecture| {
            let known = match self.base.known(&architecture.name) {
                Some(known) => known.clone(),
                None => self.unchanged.known(architecture)?,
            };
            Ok((architecture.clone(), known))
        };
        let all: Result<Vec<(Architecture, Known)>, SessionError> =
            self.architectures.par_iter().map(known).collect();
        let (mut alone, rest): (Vec<_>, Vec<_>) =
            all?.into_iter().partition(|(_, known)| known.has_cycle());
        let mut groups = Vec::new();
        if rest.len() > 1 {
            groups.extend(Group::new(&self.unchanged, rest.clone(), terms)?);
        }
        if groups.is_empty() {
            alone.extend(rest);
        }
        for one in alone {
            groups.extend(Group::new(&self.unchanged, vec![one], terms)?);
        }
        Ok(groups)
    }

    /// Tries the candidates of all cases, some of each at a time, until the effort is made.
    fn settle(
        &self,
        groups: &[Group],
        cases: &mut [Case],
        effort: Effort,
        budget: &mut Budget,
        progress: &Progress<'_>,
    ) -> Result<(), SessionError> {
        loop {
            let mut tried = Vec::new();
            for (at, case) in cases.iter_mut().enumerate() {
                let next = case.next(effort, budget);
                tried.extend(next.into_iter().map(|fix| (at, fix)));
            }
            if tried.is_empty() {
                return Ok(());
            }
            for some in tried.chunks(IN_MEMORY) {
                let effects = self.effects(groups, cases, some, progress)?;
                for ((at, fix), effects) in some.iter().zip(effects) {
                    cases[*at].settle(fix.clone(), effects.as_ref());
                }
            }
        }
    }

    /// For each fix: what it does, or `None` where what it asks for is no expression.
    fn effects(
        &self,
        groups: &[Group],
        cases: &[Case],
        tried: &[(usize, Fix)],
        progress: &Progress<'_>,
    ) -> Result<Vec<Option<Effects>>, SessionError> {
        let all = tried.iter();
        let candidates: Vec<Option<Candidate>> = all
            .map(|(at, fix)| self.candidate(fix, cases[*at].broken.clone()))
            .collect();
        let sound: Vec<&Candidate> = candidates.iter().flatten().collect();
        let mut seen: Vec<Effects> = sound.iter().map(|_| Effects::default()).collect();
        let (done, steps) = (AtomicUsize::new(0), groups.len() * sound.len());
        let tried = |candidate: &Candidate| {
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            progress(done, steps, &candidate.finding.selector);
        };
        for group in groups {
            let (effects, trees) = judge(&self.unchanged, group, &sound, &tried)?;
            self.made.fetch_add(trees, Ordering::Relaxed);
            for (seen, effects) in seen.iter_mut().zip(effects) {
                seen.add(effects);
            }
        }
        let mut seen = seen.into_iter();
        let each = candidates.iter().map(|candidate| match candidate {
            Some(_) => seen.next(),
            None => None,
        });
        Ok(each.collect())
    }

    /// What a fix does to the files, by the numbers that the run gave them; `None` where the tree has
    /// no such file any more.
    fn edited(&self, fix: &Fix) -> Option<BTreeMap<FileId, Edited>> {
        let changes = edits::changes(fix).into_iter();
        let edited = changes.map(|(file, changes)| {
            let before = self.files.get(file);
            let path = before.path().strip_prefix(self.folder)?;
            let file = self.base.files().open(path).ok()?;
            Some((file, Edited { before, changes }))
        });
        edited.collect()
    }

    /// `None` where what it asks for is no expression, or its place is not in the tree.
    fn candidate(&self, fix: &Fix, finding: Broken) -> Option<Candidate> {
        let read = |it: &Narrowing| Some((it.clone(), Requirement::parse(&it.term).ok()?));
        let narrows: Option<Vec<_>> = fix.plan.narrows.iter().map(read).collect();
        let narrows = narrows?;
        let restricts = match &fix.plan.restricts {
            Some(it) => Some(read(it)?),
            None => None,
        };
        let names = |all: &[String]| all.iter().map(|name| Name::new(name)).collect::<Vec<_>>();
        let narrowed = narrows
            .iter()
            .map(|(narrowing, _)| Name::new(&narrowing.symbol));
        let changes = narrowed.chain(names(&fix.plan.touches));
        Some(Candidate {
            edited: self.edited(fix)?,
            finding,
            changes: changes.collect(),
            owners: names(&fix.plan.owners),
            asks: names(&fix.plan.asks),
            narrows,
            restricts,
        })
    }
}
