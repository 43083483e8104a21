// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the analysis of a tree leaves behind: for the next one of the series, and for a later process.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::super::run::Tree;
use super::marks::Marks;
use super::series::Series;
use crate::config::{Allow, Suppressed};
use crate::diagnostic::Diagnostic;
use crate::session::{Base, Counts, Options, Outcome, Reading, Stored};
use crate::source::{Changed, Object, Questions, Reader, may_be_sourced};
use crate::tree::Project;

/// What was found in a tree.
#[derive(Default)]
pub(super) struct Found {
    pub(super) findings: Vec<Diagnostic>,
    pub(super) marks: Marks,
    pub(super) questions: Questions,
}

impl Found {
    /// Whether a change can make a difference. By their names, links to files count.
    pub(super) fn may_change(&self, changed: &BTreeSet<Changed>) -> bool {
        let mut changed = changed.iter();
        changed.any(|it| self.questions.concern(it) || may_be_sourced(&it.path))
    }
}

/// What the analysis of a tree leaves behind.
pub(super) struct Left {
    pub(super) base: Base,
    /// What was found.
    pub(super) found: Arc<Found>,
    /// The stage whose tree it is.
    pub(super) stage: usize,
    /// What to store of it, where that tells a later process all that it has to know.
    pub(super) storable: Option<Storable>,
    /// What an earlier process had stored of it, where it did.
    pub(super) known: Option<Rc<Known>>,
    pub(super) options: Options,
}

/// What to store of an analysis besides what it leaves behind for the next tree.
pub(super) struct Storable {
    counts: Counts,
    reading: Reading,
    complete: bool,
}

impl Storable {
    /// `None` where something of the outcome only the analysis itself can tell.
    pub(super) fn of(outcome: &Outcome, allows: &[Allow]) -> Option<Storable> {
        let is_plain = outcome.comments.is_empty()
            && outcome.internal_errors.is_empty()
            && allows.is_empty()
            && outcome.counts.suppressed == Suppressed::default();
        is_plain.then(|| Storable {
            counts: outcome.counts,
            reading: outcome.reading.clone(),
            complete: outcome.complete,
        })
    }

    /// What to store; `None` where the next tree has to be analysed anew in any case.
    pub(super) fn stored(&self, base: &Base) -> Option<Stored> {
        Stored::of(base, self.counts, self.reading.clone(), self.complete)
    }
}

/// What is known of a tree before anything is analysed.
#[derive(Serialize, Deserialize)]
pub(super) struct Known {
    /// What has to be the same.
    key: String,
    /// What lay at the paths that the analysis asked about.
    objects: Vec<(String, Object)>,
    /// The names in the folders that it asked about.
    lists: Vec<(String, Vec<String>)>,
    /// What was found.
    pub(super) marks: Marks,
    /// The analysis.
    pub(super) stored: Stored,
}

impl Known {
    /// What to keep of a tree; `None` where a later process can use nothing of it.
    pub(super) fn of(series: &Series, left: &Left) -> Option<Known> {
        let reader = series.reader(&series.stages[left.stage]).ok()?;
        let (paths, folders) = left.found.questions.asked();
        let objects = paths.map(|path| Some((path.to_owned(), reader.object(path)?)));
        let lists = folders.map(|folder| (folder.to_owned(), reader.list(folder)));
        Some(Known {
            key: key(left.base.project(), &left.options),
            objects: objects.collect::<Option<_>>()?,
            lists: lists.collect(),
            marks: left.found.marks.clone(),
            stored: left.storable.as_ref()?.stored(&left.base)?,
        })
    }

    /// What was found.
    pub(super) fn found(&self) -> Found {
        let objects = self.objects.iter().map(|(path, _)| path.clone());
        let lists = self.lists.iter().map(|(folder, _)| folder.clone());
        Found {
            findings: Vec::new(),
            marks: self.marks.clone(),
            questions: Questions::about(objects, lists),
        }
    }

    /// Whether a tree is the same, as far as the analysis asked.
    pub(super) fn is_of(&self, reader: &dyn Reader) -> bool {
        let is_same = |(path, old): &(String, Object)| reader.object(path).as_ref() == Some(old);
        let has_same = |(folder, names): &(String, Vec<String>)| reader.list(folder) == *names;
        self.lists.iter().all(has_same) && self.objects.iter().all(is_same)
    }

    /// Whether a run of a tree like this one, with these options, left it behind.
    pub(super) fn is_like(&self, tree: &Tree, options: &Options) -> bool {
        self.key == key(tree.project(), options)
    }
}

/// What findings hang on besides the files of the tree. How many threads there are is nothing.
fn key(project: &Project, options: &Options) -> String {
    let options = Options {
        jobs: None,
        ..options.clone()
    };
    format!("{project:?} {options:?}")
}
