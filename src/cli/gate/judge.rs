// SPDX-License-Identifier: MIT OR Apache-2.0
//! The findings of each tree of a series, and which of them its change brings.
//!
//! A tree in which nothing differs that the analysis of the one before it asked about has the same
//! findings, and is not analysed. Of a tree only its findings are kept, with the files that they
//! lie in.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use super::super::args::CheckArgs;
use super::super::baseline::Baselines;
use super::super::paths::Filter;
use super::super::prepared::prepared;
use super::super::progress::Progress;
use super::super::run::{self, Tree};
use super::known::{Found, Known, Left, Storable};
use super::marks::{Marks, Novelty, compare};
use super::series::{Series, Stage};
use super::visible::Hidden;
use crate::config::Allow;
use crate::diagnostic::{Diagnostic, Level};
use crate::report;
use crate::session::{Base, Options, Outcome};
use crate::source::{Asked, FileId, Files, Reader, SourceFile, WorkTree};

/// So many trees are kept for the proofs of what is new in them. Others are analysed again.
pub(in crate::cli) const MAX_KEPT: usize = 4;

/// A stage that was judged.
pub(super) struct Judged {
    /// What was found in its tree.
    pub(super) tree: Arc<Found>,
    /// What its change brings.
    pub(super) new: Vec<New>,
    /// What its change only makes visible; it fails no run.
    pub(super) visible: Vec<Diagnostic>,
    /// For the proofs of what is new, if it was kept.
    pub(super) base: Option<Arc<Base>>,
}

impl Judged {
    /// A stage whose change brings nothing.
    fn unchanged(tree: Arc<Found>) -> Judged {
        Judged {
            tree,
            new: Vec::new(),
            visible: Vec::new(),
            base: None,
        }
    }
}

/// A finding that a change brings. Its architectures and its `lacks` are what is new of it.
pub(super) struct New {
    pub(super) finding: Diagnostic,
    /// Whether the pair was there before, for other terms.
    pub(super) lacks_more: bool,
}

/// Judges the stages of a series in their order.
pub(super) struct Judge<'a> {
    args: &'a CheckArgs,
    series: &'a Series,
    baselines: Baselines<'a>,
    /// What an earlier process has left behind, of the last tree at the end.
    known: Vec<Rc<Known>>,
    /// Whether what it had found is still in some tree, and cannot be shown.
    hides: bool,
    /// Whether nothing is suppressed in the trees.
    is_plain: bool,
    judged: Vec<Judged>,
    texts: Texts,
    /// What the last tree that was analysed is like.
    last: Option<(Outcome, Tree)>,
    /// What it leaves behind for the next one.
    left: Option<Left>,
    /// What the one before it did.
    older: Option<Left>,
}

impl<'a> Judge<'a> {
    /// Nothing is judged yet. An earlier process may have left something behind.
    pub(super) fn new(
        args: &'a CheckArgs,
        series: &'a Series,
        baselines: Baselines<'a>,
        known: Vec<Rc<Known>>,
    ) -> Judge<'a> {
        Judge {
            args,
            series,
            baselines,
            known,
            hides: false,
            is_plain: true,
            judged: Vec::new(),
            texts: Texts::default(),
            last: None,
            left: None,
            older: None,
        }
    }

    /// What to keep for a later process: of the last two trees those whose change brings nothing that has to
    /// be told.
    pub(super) fn to_keep(&self) -> impl Iterator<Item = &Left> {
        let all = self.older.iter().chain(&self.left);
        all.filter(|left| {
            let judged = self.judged.get(left.stage);
            judged.is_some_and(|it| it.new.is_empty())
        })
    }

    /// What was judged, the files that findings refer to, and what the last tree that was analysed
    /// is like.
    pub(super) fn end(self) -> (Vec<Judged>, Files, Option<(Outcome, Tree)>) {
        (self.judged, self.texts.files, self.last)
    }

    /// Judges the next stage.
    ///
    /// # Errors
    /// When its tree cannot be read.
    pub(super) fn stage(&mut self, stage: &Stage) -> anyhow::Result<()> {
        let same = match stage.from[..] {
            [only] => Some(self.judged[only].tree.clone()),
            _ => None,
        };
        let judged = match same.filter(|tree| !tree.may_change(&stage.changed)) {
            Some(tree) => Judged::unchanged(tree),
            None => self.analysed(stage)?,
        };
        self.judged.push(judged);
        Ok(())
    }

    /// Whether all that has to be shown can be: no finding goes that an earlier process had found, and
    /// nothing is suppressed.
    pub(super) fn shows_all(&self) -> bool {
        !self.hides || self.is_plain && !self.has_lost()
    }

    /// Whether a tree of the series that was analysed has a file under each of the paths.
    pub(super) fn reaches_all(&self) -> bool {
        let mut last = self.last.iter();
        last.all(|(outcome, _)| {
            self.series
                .filter
                .unreached(&outcome.reading)
                .next()
                .is_none()
        })
    }

    /// Whether the last stage has not all that was found in the first.
    fn has_lost(&self) -> bool {
        match &self.judged[..] {
            [first, .., last] => !first.tree.marks.are_in(&last.tree.marks),
            _ => false,
        }
    }

    /// Takes up what an earlier process has left behind, if it has left something. The result is what is
    /// known where that is of this very tree, and the tree has what the one before it has: else its findings have to
    /// be shown.
    fn recall(&mut self, tree: &Tree, options: &Options) -> Option<(Judged, Outcome)> {
        let reader = tree.reader();
        let own = self.known.iter().rev();
        let mut own = own.filter(|it| it.is_like(tree, options));
        let same = own.clone().find(|it| it.is_of(&**reader));
        let before = self.judged.last();
        let has_same = |it: &&Rc<Known>| before.is_none_or(|own| own.tree.marks == it.marks);
        let same = same.filter(has_same);
        let is_first = self.left.is_none();
        let known = same.or(own.next().filter(|_| is_first))?.clone();
        let (found, is_same) = (Arc::new(known.found()), same.is_some());
        let left = Left {
            base: known.stored.base(tree.project(), options, reader.clone())?,
            found: found.clone(),
            stage: self.judged.len(),
            storable: None,
            known: Some(known.clone()),
            options: options.clone(),
        };
        self.hides = true;
        self.older = self.left.replace(left);
        let outcome = || {
            known
                .stored
                .outcome(tree.project(), options, reader.clone())
        };
        is_same.then(|| (Judged::unchanged(found), outcome()))
    }

    fn analysed(&mut self, stage: &Stage) -> anyhow::Result<Judged> {
        let asked = Arc::new(Asked::new(self.series.reader(stage)?));
        let root: &Path = &self.series.root;
        let Some(tree) = Tree::of(root, asked.clone(), &self.args.tree)? else {
            // There is no tree yet, or no more.
            let questions = asked.questions();
            let tree = Found {
                questions,
                ..Found::default()
            };
            return Ok(Judged::unchanged(Arc::new(tree)));
        };
        let (analysis, allows) = prepared(&tree, &self.args.levels, false)?;
        let options = run::recorded(&tree, &self.args.tree, analysis)?;
        if let Some((judged, outcome)) = self.recall(&tree, &options) {
            self.is_plain &= allows.is_empty();
            self.is_last(outcome, tree);
            return Ok(judged);
        }
        let progress = Progress::new(self.args.shows_progress());
        let before = self.left.take();
        let earlier = before.as_ref().map(|before| &before.base);
        let mut outcome = run::next(earlier, &tree, &options, &progress)?;
        drop(progress);
        report::mark(&mut outcome.findings, &outcome.files);
        let levels = &options.levels;
        let filter: &Filter = &self.series.filter;
        self.baselines
            .suppress(&mut outcome, &allows, levels, root, filter);
        let mut findings = outcome.findings.clone();
        let files = outcome.files.clone();
        let (mut novelties, mut visible) = (Vec::new(), Vec::new());
        match stage.step {
            Some(_) => {
                let before = stage.from.iter().map(|from| &self.judged[*from].tree.marks);
                let before: Vec<&Marks> = before.collect();
                outcome.findings.retain_mut(|it| {
                    let novelty = compare(&before, it);
                    let is_new = novelty != Novelty::Old && filter.admits(it, &files);
                    novelties.extend(is_new.then_some(novelty));
                    is_new
                });
                let marks = Marks::of(&findings);
                let found = &outcome.findings;
                let hidden = self.hidden(stage, &marks, found, asked.as_ref())?;
                if !hidden.is_empty() {
                    let all: Vec<&Marks> = before.into_iter().chain(&hidden).collect();
                    novelties.clear();
                    outcome.findings.retain_mut(|it| {
                        let seen = it.clone();
                        let novelty = compare(&all, it);
                        visible.extend(only_visible(seen, it, novelty));
                        novelties.extend(Some(novelty).filter(|it| *it != Novelty::Old));
                        novelty != Novelty::Old
                    });
                }
            }
            None => outcome.findings.clear(),
        }
        let mut new = std::mem::take(&mut outcome.findings);
        for finding in findings.iter_mut().chain(&mut new).chain(&mut visible) {
            finding.move_files(&mut |id| self.texts.id(&files.get(id)));
        }
        let base = outcome.base.take();
        let storable = Storable::of(&outcome, &allows);
        self.is_plain &= storable.is_some();
        self.is_last(outcome, tree);
        let new = new.into_iter().zip(novelties);
        let new = new.map(|(finding, novelty)| New {
            finding,
            lacks_more: novelty == Novelty::LacksMore,
        });
        let new: Vec<New> = new.collect();
        let kept = self.judged.iter().filter(|it| it.base.is_some()).count();
        let kept = base.as_ref().filter(|_| !new.is_empty() && kept < MAX_KEPT);
        let kept = kept.map(|base| Arc::new(base.for_trials()));
        let mut marks = Marks::of(&findings);
        if let (true, Some(before), Some(base)) = (self.hides, &before, &base) {
            marks.carry(&before.found.marks, |target, policy, architecture| {
                base.still_has(target, policy, architecture)
            });
        }
        self.older = before;
        let tree = Arc::new(Found {
            findings,
            marks,
            questions: asked.questions(),
        });
        self.left = base.map(|base| Left {
            base,
            found: tree.clone(),
            stage: self.judged.len(),
            storable,
            known: None,
            options,
        });
        Ok(Judged {
            tree,
            new,
            visible,
            base: kept,
        })
    }

    /// Takes a tree as the last one.
    fn is_last(&mut self, mut outcome: Outcome, tree: Tree) {
        if let Some((last, _)) = self.last.take() {
            outcome.internal_errors.extend(last.internal_errors);
            // A path counts as reached when one tree of the series reads it.
            outcome.reading.files.extend(last.reading.files);
        }
        self.last = Some((outcome, tree));
    }

    /// What the trees before a stage have besides what was found in them: what their errors hid, of
    /// those errors that the stage has no more. Only needed where something seems to be new.
    fn hidden(
        &self,
        stage: &Stage,
        own: &Marks,
        new: &[Diagnostic],
        reader: &dyn Reader,
    ) -> anyhow::Result<Vec<Marks>> {
        let mut all = Vec::new();
        for from in &stage.from {
            let before = &self.judged[*from].tree.marks;
            if new.is_empty() || !before.has_error_beside(own) {
                continue;
            }
            let before = &self.series.stages[*from];
            let Some((tree, options, allows)) = opened(self.args, self.series, before)? else {
                continue;
            };
            let root: &Path = &self.series.root;
            let mut hidden = Hidden::of(&tree, reader, &own.errors, options)?;
            let filter: &Filter = &self.series.filter;
            let levels = hidden.options.levels.clone();
            self.baselines
                .suppress(&mut hidden.outcome, &allows, &levels, root, filter);
            all.push(hidden.marks(new)?);
        }
        Ok(all)
    }
}

/// The tree of a stage, the options of its analysis, and what its settings suppress; `None` where
/// it has no root file.
///
/// # Errors
/// When the tree cannot be read.
pub(super) fn opened(
    args: &CheckArgs,
    series: &Series,
    stage: &Stage,
) -> anyhow::Result<Option<(Tree, Options, Vec<Allow>)>> {
    let reader = series.reader(stage)?;
    let Some(tree) = Tree::of(&series.root, reader, &args.tree)? else {
        return Ok(None);
    };
    let (analysis, allows) = prepared(&tree, &args.levels, false)?;
    let options = run::recorded(&tree, &args.tree, analysis)?;
    Ok(Some((tree, options, allows)))
}

/// What of a finding was there before and only becomes visible: it `seen`, without what of it is
/// `new`.
fn only_visible(seen: Diagnostic, new: &Diagnostic, novelty: Novelty) -> Option<Diagnostic> {
    let mut visible = Diagnostic {
        level: Level::Allow,
        fixes: Vec::new(),
        rejected: Vec::new(),
        ..seen
    };
    if novelty != Novelty::Old {
        let is_new = |name: &String| new.architectures.contains(name);
        visible.architectures.retain(|name| !is_new(name));
        if visible.architectures.is_empty() {
            return None;
        }
        visible.lacks.retain(|name, _| !is_new(name));
    }
    Some(visible)
}

/// The files of all findings, each text of a path once.
struct Texts {
    files: Files,
    /// By the path and where the text lies in memory: git's objects hand out each blob once.
    known: BTreeMap<(String, usize), FileId>,
}

impl Default for Texts {
    fn default() -> Texts {
        Texts {
            // Nothing is read through it.
            files: Files::new(WorkTree::new("")),
            known: BTreeMap::new(),
        }
    }
}

impl Texts {
    fn id(&mut self, file: &Arc<SourceFile>) -> FileId {
        let key = (file.path().to_owned(), file.text().as_ptr().addr());
        let files = &self.files;
        *self
            .known
            .entry(key)
            .or_insert_with(|| files.add_version(file))
    }
}
