// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a run leaves behind for a later process: what a tree has that is the same, and what of the
//! symbols' definitions the next one may compare its own with. Of what was found there is nothing in it.
//!
//! Whoever keeps it answers for its having been written by this very program about a run with the same
//! options.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::before::Before;
use super::reading;
use super::{Base, Counts, Options, Outcome, Reading};
use crate::logic::Proofs;
use crate::menu::Loader;
use crate::model::{Definitions, StoredDefinitions};
use crate::source::{Files, Reader};
use crate::tree::{ArchSet, Project};

/// What is known of an earlier tree.
#[derive(Serialize, Deserialize)]
pub struct Stored {
    counts: Counts,
    reading: Reading,
    complete: bool,
    /// The architectures that were looked at by themselves, and what all others together say.
    alone: ArchSet,
    definitions: StoredDefinitions,
}

impl Stored {
    /// What to store of a run that left `base` behind and said the rest; `None` where the next one can use
    /// nothing of it.
    pub fn of(base: &Base, counts: Counts, reading: Reading, complete: bool) -> Option<Stored> {
        let before = base.left.as_ref()?;
        Some(Stored {
            counts,
            reading,
            complete,
            alone: before.alone,
            definitions: before.definitions.stored(),
        })
    }

    /// What a run of the same tree comes to, whose files `reader` holds, without its findings.
    pub fn outcome(
        &self,
        project: &Project,
        options: &Options,
        reader: Arc<dyn Reader>,
    ) -> Outcome {
        let architectures = options.architectures.iter().map(|it| it.name.clone());
        let architectures = architectures.filter(|name| !name.is_empty());
        let objection = reading::objection(&self.reading, self.counts.symbols, &project.root_file);
        Outcome {
            project: project.clone(),
            objections: objection.into_iter().collect(),
            files: Arc::new(Files::new(reader)),
            architectures: architectures.collect(),
            findings: Vec::new(),
            remarks: Vec::new(),
            counts: self.counts,
            reading: self.reading.clone(),
            comments: Vec::new(),
            complete: self.complete,
            internal_errors: Vec::new(),
            base: None,
        }
    }

    /// The same for [`super::run_next`]; `None` where this process cannot compare definitions with it.
    pub fn base(
        &self,
        project: &Project,
        options: &Options,
        reader: Arc<dyn Reader>,
    ) -> Option<Base> {
        let definitions = Definitions::restored(&self.definitions)?;
        let architectures = &options.architectures;
        Some(Base {
            loader: Loader::new(Arc::new(Files::new(reader))),
            proofs: Proofs::within(options.effort),
            project: project.clone(),
            options: options.clone(),
            left: Some(Before::of_earlier_process(
                definitions,
                self.alone,
                architectures,
            )),
            known: BTreeMap::new(),
        })
    }
}
