// SPDX-License-Identifier: MIT OR Apache-2.0
//! `--rev`, `--staged`, `--range` and `--patch`: trees that do not lie on the disk, and what each
//! change of a series brings and takes away.
//!
//! `repository` finds the tree in git, `series` makes the list of trees, `trees` says which Kconfig
//! trees of the repository are touched, `judge` says which
//! findings each of them has, and here that becomes one report.

mod cache;
mod judge;
mod known;
mod marks;
mod repair;
mod repository;
mod series;
mod trees;
mod visible;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use anyhow::{Context, bail};

use super::args::CheckArgs;
use super::baseline::Baselines;
use super::paths::Filter;
use super::proofs::{Analysis, Origin};
use super::roots::Roots;
use super::run::{self, Tree};
use crate::diagnostic::{Change, Diagnostic, Level, Status};
use crate::report;
use crate::session::{Base, Outcome};
use crate::source::patch::{FileDiff, Side};
use crate::source::{Files, may_be_sourced, normalize_up};
use cache::Cache;
#[cfg(test)]
pub(super) use judge::MAX_KEPT;
use judge::{Judge, Judged};
use known::Known;
use marks::{Marks, Novelty};
pub(super) use repository::Repository;
use series::{Series, Stage, Step};
use trees::{Touched, shown, touched, with_slash};

/// What a series comes to.
pub(super) enum Checked<'a> {
    /// Nothing changes in these trees, the only ones that there are.
    Unchanged(Vec<String>),
    Changed(Box<Changed<'a>>),
}

/// What changes.
pub(super) struct Changed<'a> {
    /// The findings that come and go; their fixes are not proved.
    pub(super) outcome: Outcome,
    /// The trees of those that come.
    pub(super) origins: Vec<Origin<'a>>,
    /// The folder from which their files are named.
    pub(super) root: PathBuf,
}

/// Judges a series in each tree that it touches: the findings that its changes bring or take away,
/// and otherwise the outcome of the last tree that was analysed.
///
/// # Errors
/// When a tree cannot be read, there is none, or a patch does not apply.
pub(super) fn check<'a>(args: &'a CheckArgs, prove: &Prove<'_>) -> anyhow::Result<Checked<'a>> {
    let all = Series::open(args)?;
    let root = all.root.clone();
    if let Some(roots) = all.roots(args)? {
        let outcome = of_roots(args, &all, &roots, prove)?;
        return Ok(Checked::Changed(Box::new(Changed {
            outcome,
            origins: Vec::new(),
            root,
        })));
    }
    let all = match touched(args, all)? {
        Touched::Trees(all) => all,
        Touched::Nothing(trees) => return Ok(Checked::Unchanged(trees)),
    };
    let all: Vec<Rc<Series>> = all.into_iter().map(Rc::new).collect();
    let (mut parts, mut origins, mut findings) = (Vec::new(), Vec::new(), 0);
    for series in &all {
        if let Some((outcome, own)) = judged(args, series)? {
            refuse_unreached(series, &outcome)?;
            origins.extend(own.into_iter().map(|origin| origin.after(findings)));
            findings += outcome.findings.len();
            parts.push((series.folder().to_owned(), outcome));
        }
    }
    Ok(match report::joined(parts) {
        Some(outcome) => Checked::Changed(Box::new(Changed {
            outcome,
            origins,
            root,
        })),
        None => Checked::Unchanged(all.iter().map(|it| shown(&root, it.folder())).collect()),
    })
}

/// Has the fixes of findings proved that become one report with others.
pub(super) type Prove<'p> =
    dyn Fn(&CheckArgs, &mut Outcome, Vec<Origin<'_>>) -> anyhow::Result<()> + 'p;

/// What a series comes to in all roots of the settings.
fn of_roots(
    args: &CheckArgs,
    series: &Series,
    roots: &Roots,
    prove: &Prove<'_>,
) -> anyhow::Result<Outcome> {
    roots.united(args, &mut |root, own| {
        let series = Rc::new(series.of_root(root));
        let judged = match series.has_root_file(&own.tree)? {
            true => judged(own, &series)?,
            false => None,
        };
        let (mut outcome, mut origins) = judged.with_context(|| run::rootless(root))?;
        // The files of one root are named from its folder until all roots become one report.
        origins.iter_mut().for_each(|it| it.folder.clear());
        prove(own, &mut outcome, origins)?;
        let reached = series.filter.reached(&outcome.reading);
        Ok((outcome, reached))
    })
}

/// What a series comes to in one tree, and the trees that its findings are from.
type Part<'a> = (Outcome, Vec<Origin<'a>>);

/// Judges a series in one tree; `None` where none of its trees has a root file.
fn judged<'a>(args: &'a CheckArgs, series: &Rc<Series>) -> anyhow::Result<Option<Part<'a>>> {
    let cache = Cache::of(args, series);
    let known = cache.as_ref().map(Cache::known).unwrap_or_default();
    let is_known = !known.is_empty();
    let mut judge = judge_all(args, series, known)?;
    if is_known && !(judge.shows_all() && judge.reaches_all()) {
        judge = judge_all(args, series, Vec::new())?;
    }
    if let Some(cache) = &cache {
        cache.keep(series, judge.to_keep());
    }
    let (judged, files, last) = judge.end();
    let Some((mut outcome, _)) = last else {
        return Ok(None);
    };
    let mut origins = Vec::new();
    outcome.findings.clear();
    for (at, found) in findings(series, &judged, &files).into_iter().enumerate() {
        let begin = outcome.findings.len();
        outcome.findings.extend(found);
        if !judged[at].new.is_empty() {
            origins.push(Origin {
                findings: begin..outcome.findings.len(),
                folder: with_slash(series.folder()),
                analysis: analysis(args, series, at, judged[at].base.clone()),
            });
        }
    }
    outcome.files = Arc::new(files);
    outcome.remarks.clear();
    Ok(Some((outcome, origins)))
}

/// The analysis of a stage, for the proofs of its findings' fixes.
fn analysis<'a>(
    args: &'a CheckArgs,
    series: &Rc<Series>,
    at: usize,
    base: Option<Arc<Base>>,
) -> Analysis<'a> {
    let series = series.clone();
    match base {
        Some(base) => Analysis::Kept(base),
        None => Analysis::Again(Box::new(move || {
            let opened = judge::opened(args, &series, &series.stages[at])?;
            let (tree, options, _) = opened.context("the tree has no root file any more")?;
            let base = run::with(&tree, &options)?.base;
            base.context("the tree was not analysed")
        })),
    }
}

/// Refuses a path of the command line under which no tree of the series reads a file.
fn refuse_unreached(series: &Series, outcome: &Outcome) -> anyhow::Result<()> {
    match series.filter.unreached(&outcome.reading).next() {
        Some(path) => bail!(
            "{} sources no file under {path}, so nothing was judged",
            outcome.project.root_file
        ),
        None => Ok(()),
    }
}

fn baselines(args: &CheckArgs) -> anyhow::Result<Baselines<'_>> {
    Baselines::read(args.baseline.as_deref(), None)
}

/// Judges all stages, with what an earlier process has left behind.
fn judge_all<'a>(
    args: &'a CheckArgs,
    series: &'a Series,
    known: Vec<Rc<Known>>,
) -> anyhow::Result<Judge<'a>> {
    let mut judge = Judge::new(args, series, baselines(args)?, known);
    for stage in &series.stages {
        judge.stage(stage)?;
    }
    Ok(judge)
}

/// What is found in HEAD.
pub(super) struct Old(Vec<Judged>);

impl Old {
    /// Whether a finding is not there; it then names only the architectures on which that is so.
    pub(super) fn is_new(&self, finding: &mut Diagnostic) -> bool {
        let marks: Vec<&Marks> = self.0.iter().map(|judged| &judged.tree.marks).collect();
        marks::compare(&marks, finding) != Novelty::Old
    }
}

/// What is staged, for fixes.
pub(super) enum Staged {
    /// Nothing changes in these trees.
    Unchanged(Vec<String>),
    /// The tree of the index, what of it is shown, and what was found before it.
    Changed(Box<Tree>, Filter, Old),
}

/// Finds the tree of the index. Its fixes are for the work tree, where only files that are the same
/// as in the index may be changed.
///
/// # Errors
/// When a tree cannot be read, or there is none or more than one.
pub(super) fn staged(args: &CheckArgs) -> anyhow::Result<Staged> {
    let opened = Series::open(args)?;
    let root = opened.roots(args)?.map(|roots| match &roots.all[..] {
        [root] => Ok(root.clone()),
        _ => Err(roots.refuse_fixes()),
    });
    let root = root.transpose()?;
    let own = root.as_ref().map(|root| args.of_root(root));
    let args = own.as_ref().unwrap_or(args);
    let series = match &root {
        Some(root) => opened.of_root(root),
        None => match touched(args, opened)? {
            Touched::Trees(all) => only(all)?,
            Touched::Nothing(trees) => return Ok(Staged::Unchanged(trees)),
        },
    };
    let known = Cache::of(args, &series).map(|cache| cache.known());
    let known = known.unwrap_or_default();
    let mut judge = Judge::new(args, &series, baselines(args)?, known);
    let (index, before) = series.stages.split_last().context("nothing is staged")?;
    for stage in before {
        judge.stage(stage)?;
    }
    let (judged, ..) = judge.end();
    let reader = series.reader(index)?;
    let tree = Tree::of(&series.root, reader, &args.tree)?;
    let tree = tree.context("the index has no tree of Kconfig files")?;
    Ok(Staged::Changed(Box::new(tree), series.filter, Old(judged)))
}

/// The only tree that a series touches.
fn only(mut all: Vec<Series>) -> anyhow::Result<Series> {
    let series = all.pop().context("nothing is staged")?;
    match all.pop() {
        None => Ok(series),
        Some(other) => bail!(
            "{} and {} have changes: give the folder of one tree as PATH to fix it",
            other.folder(),
            series.folder()
        ),
    }
}

/// What is reported of each stage.
fn findings(series: &Series, judged: &[Judged], files: &Files) -> Vec<Vec<Diagnostic>> {
    let stages = series.stages.iter().zip(judged).enumerate();
    let each = stages.map(|(at, (stage, own))| {
        let mut found = Vec::new();
        let Some(step) = &stage.step else {
            return found;
        };
        found.extend(own.new.iter().map(|new| {
            let finding = &new.finding;
            let later = gone_with(&series.stages, judged, at, finding);
            let status = match later {
                Some(_) => Status::FixedLater,
                None => Status::New,
            };
            let terms = finding.lacks.values().flatten().filter(|_| new.lacks_more);
            let terms: BTreeSet<&String> = terms.collect();
            let change = Change {
                patch: place(step, series.offset(), finding, files),
                gone_with: later.map(|step| step.change(Status::Fixed).words()),
                terms: terms.into_iter().cloned().collect(),
                ..step.change(status)
            };
            with_change(finding, change)
        }));
        found.extend(own.visible.iter().map(|finding| {
            let change = Change {
                patch: place(step, series.offset(), finding, files),
                ..step.change(Status::BecameVisible)
            };
            with_change(finding, change)
        }));
        found.extend(
            gone(series, judged, stage, own, files).map(|(finding, status, terms)| {
                let finding = Diagnostic {
                    level: Level::Allow,
                    fixes: Vec::new(),
                    rejected: Vec::new(),
                    ..finding.clone()
                };
                let change = Change {
                    terms,
                    ..step.change(status)
                };
                with_change(&finding, change)
            }),
        );
        found
    });
    each.collect()
}

fn with_change(finding: &Diagnostic, change: Change) -> Diagnostic {
    let words = change_of_terms(finding, &change).unwrap_or_default();
    Diagnostic {
        message: format!("{}{words}", finding.message),
        change: Some(change),
        ..finding.clone()
    }
}

/// What to add to the message where not the finding comes or goes, but some of its missing terms.
fn change_of_terms(finding: &Diagnostic, change: &Change) -> Option<String> {
    let symbol = finding.symbol.as_ref()?;
    let (terms, since) = (change.terms.join(" && "), change.words());
    match (change.status, terms.is_empty()) {
        (_, true) => None,
        (Status::PartlyFixed, _) => {
            Some(format!("; {symbol} no longer lacks {terms} since {since}"))
        }
        _ => Some(format!("; {symbol} also lacks {terms} since {since}")),
    }
}

/// The first change after `at` in whose tree a finding is no more; `None` when the last tree has it.
fn gone_with<'s>(
    stages: &'s [Stage],
    judged: &[Judged],
    at: usize,
    finding: &Diagnostic,
) -> Option<&'s Step> {
    let has = |judged: &Judged| judged.tree.marks.has_some_of(finding);
    if judged.last().is_some_and(has) {
        return None;
    }
    let later = stages.iter().zip(judged).skip(at + 1);
    let mut later = later.filter_map(|(stage, judged)| Some((stage.step.as_ref()?, judged)));
    later.find(|(_, judged)| !has(judged)).map(|(step, _)| step)
}

/// The findings that all trees before a stage have, and it has not, or only in part, with the terms
/// that it has no more. What the series itself brought is told where it did.
fn gone<'j>(
    series: &'j Series,
    judged: &'j [Judged],
    stage: &'j Stage,
    own: &'j Judged,
    files: &'j Files,
) -> impl Iterator<Item = (&'j Diagnostic, Status, Vec<String>)> {
    let before = stage
        .from
        .first()
        .map(|first| &judged[*first].tree.findings);
    let gone = |finding: &'j Diagnostic| {
        let has = |from: &usize| judged[*from].tree.marks.has_some_of(finding);
        if !stage.from.iter().all(has) || !series.filter.admits(finding, files) {
            return None;
        }
        let new = judged.iter().flat_map(|it| &it.new);
        let mut same = new.filter(|new| new.finding.pair == finding.pair);
        if !own.tree.marks.has_some_of(finding) {
            let is_brought = same.any(|new| !new.lacks_more);
            let status = match own.tree.marks.has_milder(finding) {
                true => Status::PartlyFixed,
                false => Status::Fixed,
            };
            return (!is_brought).then_some((finding, status, Vec::new()));
        }
        let terms = own.tree.marks.met_terms(finding);
        // Terms that are exchanged for others are told with these.
        let is_told = terms.is_empty() || same.next().is_some();
        (!is_told).then(|| (finding, Status::PartlyFixed, Vec::from_iter(terms)))
    };
    before.into_iter().flatten().filter_map(gone)
}

/// The file of the patch, and the line that adds one of a finding's places, the first of them; where
/// it adds none, the first that could be meant.
fn place(step: &Step, offset: &str, finding: &Diagnostic, files: &Files) -> Option<(String, u32)> {
    let (name, diffs) = step.patch.as_ref()?;
    let labels = finding.primary.iter().chain(&finding.labels);
    let mut places = labels.chain(&finding.related).map(|label| {
        let file = files.get(label.span.file);
        let path = format!("{offset}{}", file.path());
        let path = normalize_up(&path).unwrap_or(path);
        (path, file.position(label.span.start).line)
    });
    let line = places.find_map(|(path, line)| {
        let is_own = |diff: &&FileDiff| diff.new.as_deref() == Some(&path);
        diffs
            .iter()
            .filter(is_own)
            .find_map(|diff| added(diff, line))
    });
    let can_be_meant = |diff: &&FileDiff| {
        let mut paths = diff.new.iter().chain(&diff.old);
        paths.any(|path| may_be_sourced(path))
    };
    let first = diffs.iter().find(can_be_meant).or(diffs.first());
    Some((name.clone(), line.or(first.map(|diff| diff.line))?))
}

/// The line of the patch that adds a line of the new file, both from 1.
fn added(diff: &FileDiff, wanted: u32) -> Option<u32> {
    for hunk in &diff.hunks {
        let mut line = hunk.new_start;
        for (at, part) in hunk.lines.iter().enumerate() {
            if part.side == Side::New && line == wanted {
                return Some(hunk.line + at as u32 + 1);
            }
            line += u32::from(part.side != Side::Old);
        }
    }
    None
}
