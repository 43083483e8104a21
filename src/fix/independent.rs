// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which candidates are tried in one tree: those that have nothing to do with each other.
//!
//! The value of a symbol is decided by its definitions and by the values of what they speak of. Where
//! no symbol hangs on what two candidates change, each symbol has the value that one of them alone
//! gives it, and a question about what hangs on one has the answer of the tree with that one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::group::{Group, Unchanged};
use super::judge::{Candidate, Effects, Judged, judge_together};
use crate::model::Hanging;
use crate::session::{SessionError, Variant};
use crate::source::Name;

/// What each candidate does on these architectures, and how many changed trees were made to find that
/// out. Whoever is `tried` is told of.
pub(super) fn judge(
    base: &Variant<'_>,
    group: &Group,
    candidates: &[&Candidate],
    tried: &(dyn Fn(&Candidate) + Sync),
) -> Result<(Vec<Effects>, usize), SessionError> {
    let jobs = jobs(base, group, candidates);
    let next = AtomicUsize::new(0);
    let mut left: Vec<AtomicUsize> = candidates.iter().map(|_| AtomicUsize::new(0)).collect();
    for at in jobs.iter().flat_map(|job| &job.candidates) {
        *left[*at].get_mut() += 1;
    }
    for (candidate, left) in candidates.iter().zip(&mut left) {
        if *left.get_mut() == 0 {
            tried(candidate);
        }
    }
    let found = Mutex::new((vec![Effects::default(); candidates.len()], 0));
    let work = |_| {
        let mut worker = Worker::new(base, group, candidates);
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            worker.judge(job)?;
            for at in &job.candidates {
                if left[*at].fetch_sub(1, Ordering::Relaxed) == 1 {
                    tried(candidates[*at]);
                }
            }
        }
        let mut found = found.lock().unwrap_or_else(|it| it.into_inner());
        for (at, more) in worker.found {
            found.0[at].add(more);
        }
        found.1 += worker.trees;
        Ok(())
    };
    let threads = 0..rayon::current_num_threads().min(jobs.len());
    threads.into_par_iter().try_for_each(work)?;
    Ok(found.into_inner().unwrap_or_else(|it| it.into_inner()))
}

/// Candidates that are tried in one tree, by their places.
struct Job {
    /// The only architecture that is looked at; `None` for all.
    alone: Option<usize>,
    candidates: Vec<usize>,
    /// How many symbols are looked at.
    symbols: usize,
}

/// The largest come first, so that all threads end at the same time.
fn jobs(base: &Variant<'_>, group: &Group, candidates: &[&Candidate]) -> Vec<Job> {
    let mut parts: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
    for (at, candidate) in candidates.iter().enumerate() {
        let judged = Judged::new(group, candidate);
        match judged.is_about_few() {
            true => judged.all().iter().for_each(|alone| {
                parts.entry(Some(alone)).or_default().push(at);
            }),
            false if judged.all().is_empty() => {}
            false => parts.entry(None).or_default().push(at),
        }
    }
    let mut jobs = Vec::new();
    for (alone, own) in parts {
        let hanging = match alone {
            Some(at) => &group.known[at].hanging,
            None => &group.hanging,
        };
        let mut batches: Vec<Batch> = Vec::new();
        for at in own {
            let new = Batch::new(at, candidates[at], base, hanging);
            match batches
                .iter_mut()
                .find(|known| !known.interferes(&new, candidates))
            {
                Some(known) => known.add(new),
                None => batches.push(new),
            }
        }
        jobs.extend(batches.into_iter().map(|batch| Job {
            alone,
            symbols: batch.hanging.len(),
            candidates: batch.candidates,
        }));
    }
    jobs.sort_by_key(|job| std::cmp::Reverse(job.symbols));
    jobs
}

/// Candidates that have nothing to do with each other.
struct Batch {
    candidates: Vec<usize>,
    /// The symbols whose values they can change.
    hanging: FxHashSet<Name>,
    /// Those on which something then hangs that did not before.
    asks: FxHashSet<Name>,
    /// The policies of which they can change what holds.
    policies: BTreeSet<usize>,
}

impl Batch {
    fn new(at: usize, candidate: &Candidate, base: &Variant<'_>, hanging: &Hanging) -> Batch {
        let mut symbols = hanging.on(&candidate.changes);
        symbols.extend(&candidate.changes);
        Batch {
            candidates: vec![at],
            policies: candidate.policies(base, &symbols),
            hanging: symbols.into_iter().collect(),
            asks: candidate.asks.iter().copied().collect(),
        }
    }

    /// Whether it may close a cycle, with which nothing has a value.
    fn may_be_cyclic(&self) -> bool {
        !self.asks.is_disjoint(&self.hanging)
    }

    fn interferes(&self, other: &Batch, candidates: &[&Candidate]) -> bool {
        let conflict = |a: usize, b: usize| candidates[a].conflicts(candidates[b]);
        let mut pairs = self.candidates.iter();
        self.may_be_cyclic()
            || other.may_be_cyclic()
            || !self.hanging.is_disjoint(&other.hanging)
            || !self.asks.is_disjoint(&other.hanging)
            || !self.hanging.is_disjoint(&other.asks)
            || !self.policies.is_disjoint(&other.policies)
            || pairs.any(|a| other.candidates.iter().any(|b| conflict(*a, *b)))
    }

    fn add(&mut self, other: Batch) {
        self.candidates.extend(other.candidates);
        self.hanging.extend(other.hanging);
        self.asks.extend(other.asks);
        self.policies.extend(other.policies);
    }
}

/// What one thread does.
struct Worker<'c> {
    base: &'c Variant<'c>,
    group: &'c Group,
    candidates: &'c [&'c Candidate],
    unchanged: BTreeMap<Option<usize>, Unchanged<'c>>,
    found: Vec<(usize, Effects)>,
    /// How many changed trees were made.
    trees: usize,
}

impl<'c> Worker<'c> {
    fn new(base: &'c Variant<'c>, group: &'c Group, candidates: &'c [&'c Candidate]) -> Worker<'c> {
        Worker {
            base,
            group,
            candidates,
            unchanged: BTreeMap::new(),
            found: Vec::new(),
            trees: 0,
        }
    }

    fn judge(&mut self, job: &Job) -> Result<(), SessionError> {
        let mut open = vec![(job.alone, job.candidates.clone())];
        while let Some((alone, mut some)) = open.pop() {
            let group = match alone {
                Some(at) => self.group.alone(self.base, at)?,
                None => Some(self.group),
            };
            let Some(group) = group else {
                continue;
            };
            let of_each = some
                .iter()
                .map(|at| Judged::new(group, self.candidates[*at]));
            let mut judged: Vec<Judged<'_>> = of_each.collect();
            let own = self.unchanged.entry(alone);
            let unchanged = own.or_insert_with(|| Unchanged::new(self.base, group));
            self.trees += 1;
            if judge_together(group, &mut judged, unchanged)? {
                let effects = judged.into_iter().map(Judged::effects);
                self.found.extend(some.into_iter().zip(effects));
                continue;
            }
            if some.len() > 1 {
                let half = some.split_off(some.len() / 2);
                open.extend([(alone, half), (alone, some)]);
            } else if alone.is_none() && group.architectures.len() > 1 {
                let each = judged.iter().flat_map(|judged| judged.all().iter());
                open.extend(each.map(|at| (Some(at), some.clone())));
            } else {
                // Of what nobody could look at nothing good is said.
                let effects = judged.into_iter().map(Judged::undone);
                self.found.extend(some.into_iter().zip(effects));
            }
        }
        Ok(())
    }
}
