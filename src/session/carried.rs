// SPDX-License-Identifier: MIT OR Apache-2.0
//! From one tree of a series to the next: what was decided about an architecture still holds
//! where nothing that it rests on is another.
//!
//! Syntax, elaboration, model and the search for cycles are made anew for every tree; what is
//! spared is asking about selects. A select is asked about again when its target hangs, directly
//! or not, on a symbol that does not mean the same in both trees. That is read off the new model
//! alone: a way that only the old one had begins at a symbol that has changed.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::analysis::Analysed;
use crate::diagnostic::{Diagnostic, Level};
use crate::model::{Definitions, Model, SymbolId};
use crate::rules::unmet_dependency::Unmet;
use crate::source::{FileId, Files};

/// What a tree leaves behind for the next one, of one architecture.
#[derive(Clone)]
pub(super) struct Carried {
    definitions: Definitions,
    /// All that is unmet.
    unmet: Arc<[Unmet]>,
}

impl Carried {
    /// What an analysis leaves behind that decided all selects.
    pub(super) fn new(definitions: Definitions, analysed: &Analysed) -> Carried {
        Carried {
            definitions,
            unmet: analysed.unmet.clone().into(),
        }
    }

    /// What still holds in the next tree; `None` when everything has to be asked again.
    pub(super) fn holds(
        &self,
        model: &Model,
        definitions: &Definitions,
        files: &Files,
    ) -> Option<Holds> {
        let changed = definitions.changed(&self.definitions)?;
        let hanging = match changed.is_empty() {
            true => Vec::new(),
            false => model.hanging.on(&changed),
        };
        let names = hanging.iter();
        let mut open: FxHashSet<SymbolId> =
            names.filter_map(|name| model.symbol_of(*name)).collect();
        // Places in a file that is another one now.
        for unmet in self.unmet.iter() {
            let moved = !files_of(unmet).iter().all(|file| files.is_current(*file));
            if let Some(target) = model.symbol_named(&unmet.pair.selectee) {
                open.extend(Some(target).filter(|_| moved));
            }
        }
        let still = self.unmet.iter().filter(|unmet| {
            let target = model.symbol_named(&unmet.pair.selectee);
            target.is_some_and(|target| !open.contains(&target))
        });
        Some(Holds {
            unmet: still.cloned().collect(),
            open,
        })
    }
}

/// What holds of an architecture before anything is asked.
pub(super) struct Holds {
    /// What is unmet as before.
    pub(super) unmet: Vec<Unmet>,
    /// The targets to ask about.
    pub(super) open: FxHashSet<SymbolId>,
}

/// The files in which a finding has places.
fn files_of(unmet: &Unmet) -> Vec<FileId> {
    let Diagnostic {
        primary,
        labels,
        related,
        fixes,
        ..
    } = unmet.report(Level::Deny);
    let labels = primary.iter().chain(&labels).chain(&related);
    let mut files: Vec<FileId> = labels.map(|label| label.span.file).collect();
    let edits = fixes.iter().flat_map(|fix| fix.edits());
    files.extend(edits.map(|edit| edit.span.file));
    files
}
