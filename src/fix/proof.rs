// SPDX-License-Identifier: MIT OR Apache-2.0
//! The proof of candidates: each is applied in memory, and every architecture that reads a
//! changed file judges it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::judge::{Broken, Candidate, Effect, judge};
use super::text::applied;
use super::verdict::settle;
use crate::diagnostic::{Data, Diagnostic, Fix, Rejected};
use crate::rules::policy::Requirement;
use crate::rules::unmet_dependency::Kind;
use crate::session::{Base, Defect, Options, Outcome, Progress, SessionError, in_threads};
use crate::source::Files;
use crate::tree::{Architecture, Project};

/// Proves the candidate fixes of all findings on all architectures of the tree, also those that
/// the run left out: a fix changes the tree for everybody. What does harm is taken out, and said
/// in `rejected`.
///
/// # Errors
/// When the root file of the tree cannot be read any more.
pub fn prove(
    outcome: &mut Outcome,
    options: &Options,
    progress: &Progress<'_>,
) -> Result<(), SessionError> {
    let Some(base) = &outcome.base else {
        return Ok(());
    };
    let wanted = outcome.findings.iter().flat_map(|finding| &finding.fixes);
    if !wanted.into_iter().any(Fix::is_candidate) {
        return Ok(());
    }
    let trees = Trees {
        base,
        project: &outcome.project,
        options,
        files: &outcome.files,
    };
    let architectures = architectures(options, &outcome.project);
    let effects = trees.effects(&outcome.findings, &architectures, progress)?;
    let mut effects = effects.into_iter();
    for finding in &mut outcome.findings {
        let fixes = std::mem::take(&mut finding.fixes);
        for mut fix in fixes {
            let is_candidate = fix.is_candidate() && broken(finding).is_some();
            let tried = is_candidate.then(|| effects.next().flatten());
            match tried {
                None => finding.fixes.push(fix),
                Some(None) => finding.rejected.push(Rejected {
                    title: fix.title,
                    reason: "what it asks for cannot be decided".to_owned(),
                }),
                Some(Some(seen)) => match settle(&mut fix, &seen) {
                    Ok(()) => finding.fixes.push(fix),
                    Err(reason) => finding.rejected.push(Rejected {
                        title: fix.title,
                        reason,
                    }),
                },
            }
        }
    }
    Ok(())
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

/// What a finding says is broken; `None` for one that is not about a select.
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
        Data::None | Data::Cycle { .. } => None,
    }
}

struct Trees<'o> {
    base: &'o Base,
    project: &'o Project,
    options: &'o Options,
    files: &'o Files,
}

/// The effects of a candidate, by architecture.
type Seen<'n> = Vec<(&'n str, Effect)>;

impl<'o> Trees<'o> {
    /// For each candidate in the order of the findings: what it does, or `None` where what it
    /// asks for is no expression.
    fn effects<'n>(
        &self,
        findings: &[Diagnostic],
        architectures: &'n [Architecture],
        progress: &Progress<'_>,
    ) -> Result<Vec<Option<Seen<'n>>>, SessionError> {
        let mut candidates = Vec::new();
        let mut places = Vec::new();
        for finding in findings {
            let Some(broken) = broken(finding) else {
                continue;
            };
            for fix in finding.fixes.iter().filter(|fix| fix.is_candidate()) {
                let candidate = self.candidate(fix, broken.clone())?;
                places.push(candidate.as_ref().map(|_| candidates.len()));
                candidates.extend(candidate);
            }
        }
        let base = self
            .base
            .variant(self.project, self.options, BTreeMap::new())?;
        let done = AtomicUsize::new(0);
        let judged: Result<Vec<_>, SessionError> = in_threads(self.options.jobs, || {
            architectures
                .par_iter()
                .map(|architecture| {
                    let effects = judge(&base, &candidates, architecture);
                    let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                    progress(done, architectures.len(), &architecture.name);
                    effects
                })
                .collect()
        })?;
        let mut seen: Vec<Seen<'n>> = candidates.iter().map(|_| Vec::new()).collect();
        for (architecture, effects) in architectures.iter().zip(judged?) {
            for (seen, effect) in seen.iter_mut().zip(effects) {
                seen.extend(effect.map(|effect| (architecture.name.as_str(), effect)));
            }
        }
        let mut seen: Vec<Option<Seen<'n>>> = seen.into_iter().map(Some).collect();
        Ok(places
            .into_iter()
            .map(|at| at.and_then(|at| seen[at].take()))
            .collect())
    }

    fn candidate(&self, fix: &Fix, finding: Broken) -> Result<Option<Candidate<'o>>, SessionError> {
        let mut narrows = Vec::new();
        for narrowing in &fix.plan.narrows {
            let Ok(term) = Requirement::parse(&narrowing.term) else {
                return Ok(None);
            };
            narrows.push((narrowing.clone(), term));
        }
        let texts = applied(fix.edits(), self.files);
        Ok(Some(Candidate {
            variant: self.base.variant(self.project, self.options, texts)?,
            finding,
            narrows,
            touches: fix.plan.touches.clone(),
        }))
    }
}
