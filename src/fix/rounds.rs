// SPDX-License-Identifier: MIT OR Apache-2.0
//! The loop: applies a batch of fixes in memory, has the tree judged again, and goes on until
//! nothing more can be applied.
//!
//! A fix stays only when its finding is gone and nothing new has come, anywhere in the tree. A
//! batch of which that is not true is taken apart until the fix that does harm stands alone; it
//! is left out, and the others stay. Who judges is the caller's business, and nothing here
//! writes a file.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::mem;
use std::sync::Arc;

use super::edits::{self, Candidate, Key, Unfit};
use crate::diagnostic::{Applicability, Data, Diagnostic};
use crate::rules::{Group, registry, unused_suppression};
use crate::session::Outcome;
use crate::source::{Files, Overlay, Reader};

/// Rounds after which the loop ends. Each applied fix removes a finding and adds none, so only
/// a mistake of ours comes this far.
const MOST_ROUNDS: usize = 100;

/// What a file may grow by, besides doubling.
const ROOM_TO_GROW: usize = 16 << 10;

/// A suppression may become superfluous because a fix removed what it suppressed. That is no
/// harm.
const CONSEQUENCE: &str = unused_suppression::RULE.name;

/// An outcome, and what it knows of findings that are not shown.
pub struct Judged {
    /// The outcome, with the findings that are shown: only these are fixed.
    pub outcome: Outcome,
    /// The identities of these, in their order.
    shown: Vec<Identity>,
    /// All findings of the tree, by what they look like.
    all: BTreeMap<String, Vec<Known>>,
}

/// How a finding is told from others.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Identity {
    /// Distinct, and the same as long as a finding is the same. Of findings that look alike the first one may go, and
    /// the second one then has its identity.
    pub own: String,
    /// The same for all findings that look alike.
    pub alike: String,
}

/// What is compared of a finding.
struct Known {
    identity: Identity,
    rule: &'static str,
    message: String,
    architectures: BTreeSet<String>,
    names: BTreeSet<String>,
    /// The file in which it is.
    path: Option<String>,
}

impl Judged {
    /// Of an outcome with all findings of the tree that count, what is shown, with their
    /// `identities`.
    ///
    /// # Panics
    /// When there is not one identity for each finding.
    pub fn new(
        mut outcome: Outcome,
        identities: Vec<Identity>,
        is_shown: &dyn Fn(&Diagnostic, &Files) -> bool,
    ) -> Judged {
        assert_eq!(outcome.findings.len(), identities.len(), "one for each");
        let files = outcome.files.clone();
        let mut shown = Vec::new();
        let mut all: BTreeMap<String, Vec<Known>> = BTreeMap::new();
        let mut kept = Vec::new();
        for (finding, identity) in mem::take(&mut outcome.findings).into_iter().zip(identities) {
            let alike = all.entry(identity.alike.clone()).or_default();
            alike.push(Known::new(&finding, identity.clone(), &files));
            if is_shown(&finding, &files) {
                shown.push(identity);
                kept.push(finding);
            }
        }
        outcome.findings = kept;
        outcome.remarks.retain(|finding| is_shown(finding, &files));
        Judged {
            outcome,
            shown,
            all,
        }
    }

    /// The identities of the outcome's findings, in their order.
    pub fn shown(&self) -> &[Identity] {
        &self.shown
    }

    /// How many findings that are shown have a fix which `threshold` admits.
    pub fn fixable(&self, threshold: Applicability) -> usize {
        let findings = self.outcome.findings.iter();
        findings
            .filter(|finding| {
                let mut fixes = finding.fixes.iter();
                fixes.any(|fix| edits::is_admitted(fix, threshold))
            })
            .count()
    }
}

impl Known {
    fn new(finding: &Diagnostic, identity: Identity, files: &Files) -> Known {
        let mut names: BTreeSet<String> = finding.symbol.iter().cloned().collect();
        match &finding.data {
            Data::Unmet {
                selector, selectee, ..
            }
            | Data::Policy {
                selector, selectee, ..
            } => names.extend([selector.clone(), selectee.clone()]),
            Data::Cycle { symbols } => names.extend(symbols.iter().cloned()),
            Data::None => {}
        }
        let path = finding.primary.as_ref();
        Known {
            identity,
            rule: finding.rule,
            message: finding.message.clone(),
            architectures: finding.architectures.iter().cloned().collect(),
            names,
            path: path.map(|label| files.get(label.span.file).path().to_owned()),
        }
    }

    /// Whether a fix may have brought it, as far as can be seen without a trial.
    fn is_close(&self, candidate: &Candidate) -> bool {
        match &self.path {
            Some(path) if self.names.is_empty() => candidate.changes.contains_key(path),
            _ => !candidate.names.is_disjoint(&self.names),
        }
    }

    fn in_words(&self) -> String {
        format!("{} [{}]", self.message, self.rule)
    }
}

/// A file whose text changes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Changed {
    /// Relative to the root of the tree.
    pub path: String,
    /// The bytes as they were read.
    pub before: Arc<[u8]>,
    /// The bytes with all fixes.
    pub after: Arc<[u8]>,
}

/// A fix, by the words of the report.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Named {
    /// The rule of its finding.
    pub rule: &'static str,
    /// The symbol of its finding.
    pub symbol: Option<String>,
    /// What it does.
    pub title: String,
}

impl Named {
    fn new(candidate: &Candidate) -> Named {
        Named {
            rule: candidate.rule,
            symbol: candidate.symbol.clone(),
            title: candidate.title.clone(),
        }
    }

    fn is_style(&self) -> bool {
        let rule = registry::find(self.rule);
        rule.is_some_and(|rule| rule.group == Group::Style)
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(symbol) = &self.symbol {
            write!(f, "{symbol}: ")?;
        }
        write!(f, "{} [{}]", self.title, self.rule)
    }
}

/// Why a fix was not applied.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reason {
    /// Its finding would still be there.
    StillThere,
    /// A finding would come that is not there now.
    NewFinding(String),
    /// A finding would be there on more architectures.
    Spreads(String),
    /// The analysis of the changed tree fails in itself.
    Internal(String),
    /// A file would grow beyond reason.
    Grows(String),
    /// A file cannot be edited.
    Unfit(Unfit),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::StillThere => f.write_str("the finding would still be there"),
            Reason::NewFinding(words) => write!(f, "it would bring another finding: {words}"),
            Reason::Spreads(words) => {
                write!(f, "on more architectures it would be true that {words}")
            }
            Reason::Internal(words) => write!(f, "internal: {words}"),
            Reason::Grows(path) => write!(f, "{path} would grow beyond reason"),
            Reason::Unfit(unfit) => unfit.fmt(f),
        }
    }
}

/// What the loop did.
pub struct Fixed {
    /// Files whose text changes, by path.
    pub changed: Vec<Changed>,
    /// Fixes that were applied, in their order.
    pub applied: Vec<Named>,
    /// Fixes that were left out, and why.
    pub left_out: Vec<(Named, Reason)>,
    /// Whether the loop ended before all was applied that could be.
    pub unfinished: bool,
    /// What remains; `None` when nothing changes.
    pub remaining: Option<Judged>,
}

/// Applies the fixes of what `first` shows, as far as `threshold` admits them, to the tree
/// `below`. `judge` has to judge a changed tree as `first` was judged, and `prove` to say how safe
/// the fixes of a later round are, as was done for those of `first`.
///
/// # Errors
/// Those of `judge` and `prove`.
pub fn fix<E>(
    below: &Arc<dyn Reader>,
    first: &Judged,
    threshold: Applicability,
    judge: &mut dyn FnMut(Overlay) -> Result<Judged, E>,
    prove: &dyn Fn(&mut Outcome) -> Result<(), E>,
) -> Result<Fixed, E> {
    let mut run = Run {
        below,
        judge,
        changed: BTreeMap::new(),
        applied: Vec::new(),
        left_out: Vec::new(),
        known: BTreeSet::new(),
        again: BTreeSet::new(),
    };
    let mut remaining: Option<Judged> = None;
    let mut unfinished = true;
    for _ in 0..MOST_ROUNDS {
        let now = remaining.as_ref().unwrap_or(first);
        let batch = edits::choose(now, threshold, &run.known);
        if batch.taken.is_empty() && batch.unfit.is_empty() {
            if run.forgets() {
                continue;
            }
            unfinished = false;
            break;
        }
        for (candidate, unfit) in &batch.unfit {
            run.leave_out(candidate, Reason::Unfit(unfit.clone()));
        }
        if let Some(mut judged) = run.round(now, batch.taken)? {
            prove(&mut judged.outcome)?;
            remaining = Some(judged);
        }
    }
    let mut changed: Vec<Changed> = run.changed.into_values().collect();
    changed.retain(|changed| changed.before != changed.after);
    Ok(Fixed {
        changed,
        applied: run.applied,
        left_out: run
            .left_out
            .into_iter()
            .map(|(_, fix, reason)| (fix, reason))
            .collect(),
        unfinished,
        remaining,
    })
}

struct Run<'r, E> {
    below: &'r Arc<dyn Reader>,
    judge: &'r mut dyn FnMut(Overlay) -> Result<Judged, E>,
    /// By path, with all fixes of earlier rounds.
    changed: BTreeMap<String, Changed>,
    applied: Vec<Named>,
    left_out: Vec<(Key, Named, Reason)>,
    /// The keys of what was left out.
    known: BTreeSet<Key>,
    /// Those of rules of style that were left out before the last round that applied something.
    again: BTreeSet<Key>,
}

/// What a trial showed to be wrong.
struct Harm {
    reason: Reason,
    /// The fixes of the trial that come into question, by number; empty when none stands out.
    suspects: BTreeSet<usize>,
}

impl<E> Run<'_, E> {
    fn leave_out(&mut self, candidate: &Candidate, reason: Reason) {
        self.known.insert(candidate.key());
        let left_out = (candidate.key(), Named::new(candidate), reason);
        self.left_out.push(left_out);
    }

    /// Gives another try to fixes of style that were left out before others were applied, since such a fix may have
    /// failed because of the lines around it alone; whether there are any.
    fn forgets(&mut self) -> bool {
        let again = mem::take(&mut self.again);
        self.known.retain(|key| !again.contains(key));
        self.left_out.retain(|(key, ..)| !again.contains(key));
        !again.is_empty()
    }

    /// Applies those fixes of a batch that do no harm; what the tree is then judged to be, when
    /// there are any.
    fn round(&mut self, now: &Judged, batch: Vec<Candidate>) -> Result<Option<Judged>, E> {
        let mut accepted: Vec<Candidate> = Vec::new();
        let mut best: Option<(Judged, BTreeMap<String, Changed>)> = None;
        let mut open = vec![batch];
        while let Some(group) = open.pop() {
            if group.is_empty() {
                continue;
            }
            let texts = self.texts(now, accepted.iter().chain(&group));
            let harm = match grown(&texts) {
                Some(path) => Err(Harm {
                    reason: Reason::Grows(path.to_owned()),
                    suspects: BTreeSet::new(),
                }),
                None => {
                    let overlay = self.overlay(&texts);
                    let judged = (self.judge)(overlay)?;
                    match harm(now, &judged, &accepted, &group) {
                        Some(harm) => Err(harm),
                        None => Ok(judged),
                    }
                }
            };
            match harm {
                Ok(judged) => {
                    accepted.extend(group);
                    best = Some((judged, texts));
                }
                Err(harm) if group.len() == 1 => self.leave_out(&group[0], harm.reason),
                Err(harm) => {
                    let (first, then) = parts(group, &harm.suspects);
                    open.extend([then, first]);
                }
            }
        }
        self.applied.extend(accepted.iter().map(Named::new));
        if best.is_some() {
            let style = self.left_out.iter().filter(|(_, fix, _)| fix.is_style());
            self.again = style.map(|(key, ..)| key.clone()).collect();
        }
        Ok(best.map(|(judged, texts)| {
            self.changed.extend(texts);
            judged
        }))
    }

    /// The files that these fixes change, of which all places count in the tree `now`.
    fn texts<'c>(
        &self,
        now: &Judged,
        fixes: impl Iterator<Item = &'c Candidate>,
    ) -> BTreeMap<String, Changed> {
        let mut texts = BTreeMap::new();
        for (path, changes) in edits::united(fixes) {
            // It was read before, so it is not read again.
            let Ok(id) = now.outcome.files.open(&path) else {
                continue;
            };
            let file = now.outcome.files.get(id);
            let before = match self.changed.get(&path) {
                Some(changed) => changed.before.clone(),
                None => file.text().into(),
            };
            let after = edits::applied(file.text(), &changes).into();
            let changed = Changed {
                path: path.clone(),
                before,
                after,
            };
            texts.insert(path, changed);
        }
        texts
    }

    /// The tree with all texts so far, and these.
    fn overlay(&self, texts: &BTreeMap<String, Changed>) -> Overlay {
        let all = self.changed.values().chain(texts.values());
        all.fold(Overlay::new(self.below.clone()), |overlay, changed| {
            overlay.with(&changed.path, changed.after.clone())
        })
    }
}

/// The path of a file that grows beyond reason.
fn grown(texts: &BTreeMap<String, Changed>) -> Option<&str> {
    let too_large =
        |changed: &&Changed| changed.after.len() > 2 * changed.before.len() + ROOM_TO_GROW;
    let changed = texts.values().find(too_large)?;
    Some(&changed.path)
}

/// What a trial of `group` on top of `accepted` does wrong, against the tree before both.
fn harm(
    before: &Judged,
    after: &Judged,
    accepted: &[Candidate],
    group: &[Candidate],
) -> Option<Harm> {
    let fixed: BTreeSet<&Identity> = accepted.iter().chain(group).map(|it| &it.finding).collect();
    let numbered = || group.iter().enumerate();
    let mut suspects: BTreeSet<usize> = BTreeSet::new();
    let mut reasons = Vec::new();
    for (alike, now) in &after.all {
        let old = before.all.get(alike).map_or(&[][..], Vec::as_slice);
        for (known, what) in news(old, now, &fixed) {
            if known.rule == CONSEQUENCE && matches!(what, News::Comes) {
                continue;
            }
            let close = numbered().filter(|(_, candidate)| match what {
                News::Stays => candidate.finding.alike == *alike,
                News::Comes | News::Spreads => known.is_close(candidate),
            });
            suspects.extend(close.map(|(at, _)| at));
            reasons.push(match what {
                News::Stays => Reason::StillThere,
                News::Comes => Reason::NewFinding(known.in_words()),
                News::Spreads => Reason::Spreads(known.in_words()),
            });
        }
    }
    let fresh = &after.outcome.internal_errors;
    if fresh.len() > before.outcome.internal_errors.len() {
        reasons.extend(fresh.last().cloned().map(Reason::Internal));
    }
    // That a finding stays says least.
    let telling = reasons.iter().position(|it| *it != Reason::StillThere);
    let reason = match telling {
        Some(at) => reasons.swap_remove(at),
        None => reasons.into_iter().next()?,
    };
    Some(Harm { reason, suspects })
}

/// What is news about a finding.
#[derive(Clone, Copy)]
enum News {
    /// It should be gone.
    Stays,
    /// It was not there.
    Comes,
    /// It was not there on all of these architectures.
    Spreads,
}

/// The findings of `now` that are none of `old`, after those of `fixed` should be gone. All of them look alike, so it
/// does not matter which is which: each has to have another one of before, on as many architectures or more.
fn news<'k>(
    old: &[Known],
    now: &'k [Known],
    fixed: &BTreeSet<&Identity>,
) -> Vec<(&'k Known, News)> {
    let is_fixed = |it: &&Known| fixed.contains(&it.identity);
    let (mut gone, mut left): (Vec<&Known>, Vec<&Known>) = old.iter().partition(is_fixed);
    for some in [&mut gone, &mut left] {
        some.sort_by_key(|it| it.architectures.len());
    }
    let take = |from: &mut Vec<&Known>, known: &Known| {
        let mut from_smallest = from.iter();
        let at = from_smallest.position(|it| known.architectures.is_subset(&it.architectures));
        at.map(|at| from.remove(at)).is_some()
    };
    let mut now: Vec<&Known> = now.iter().collect();
    now.sort_by_key(|it| Reverse(it.architectures.len()));
    let mut news = Vec::new();
    for (known, others) in now.iter().zip((1..=now.len()).rev()) {
        if take(&mut left, known) {
            continue;
        }
        let what = match take(&mut gone, known) {
            true => News::Stays,
            false if left.len() >= others => News::Spreads,
            false => News::Comes,
        };
        news.push((*known, what));
    }
    news
}

/// A group that did harm, in two parts. Who is suspected comes last, so that the others pass in
/// one trial; where that does not part them, it is cut in half.
fn parts(group: Vec<Candidate>, suspects: &BTreeSet<usize>) -> (Vec<Candidate>, Vec<Candidate>) {
    let half = group.len() / 2;
    let tells = !suspects.is_empty() && suspects.len() < group.len();
    let (first, then): (Vec<_>, Vec<_>) = group.into_iter().enumerate().partition(|(at, _)| {
        if tells {
            !suspects.contains(at)
        } else {
            *at < half
        }
    });
    let plain = |part: Vec<(usize, Candidate)>| part.into_iter().map(|(_, it)| it).collect();
    (plain(first), plain(then))
}
