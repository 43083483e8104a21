// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a run leaves behind for a later process: enough to tell that a tree that differs little
//! has the same findings, and nothing that shows one.
//!
//! Names have numbers in it, and what belongs to one architecture is a piece of its own, so that
//! threads can take them apart. Whoever keeps the bytes answers for their being whole, and for
//! their having been written by this very program about a run with the same options.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::analysis::{Analysed, Shared};
use super::footing::{Footing, StoredFooting};
use super::index::Index;
use super::reading;
use super::screen::{self, Changes, Version};
use super::{
    Base, Counts, Options, Outcome, Reading, SessionError, catalogue, in_threads, requirements,
};
use crate::config;
use crate::logic::{Effort, Proofs};
use crate::menu::{Loader, Mentions};
use crate::model::{Hanging, StoredHanging};
use crate::rules::pair::ShownPairs;
use crate::source::{Files, Name, Reader};
use crate::syntax::ast::EntryId;
use crate::syntax::{Notation, SyntaxTree};
use crate::tree::{Grammar, Project};

/// What is known of an earlier tree.
#[derive(Serialize, Deserialize)]
pub struct Stored {
    counts: Counts,
    reading: Reading,
    complete: bool,
    names: Vec<String>,
    files: Vec<File>,
    /// What the rules of `catalogue` found, by its keys.
    of_catalogue: Vec<u64>,
    /// The architectures, and where the bytes of each end.
    pieces: Vec<(String, usize)>,
    /// What was taken apart so far.
    #[serde(skip)]
    opened: OnceLock<Opened>,
}

/// What both trees that are asked about need.
struct Opened {
    names: Vec<Name>,
    index: Index,
    pieces: Vec<OnceLock<Option<Analysed>>>,
}

/// Path, whether it is read as Kconfig, and its statements.
#[derive(Serialize, Deserialize)]
struct File(u32, Notation, Vec<(u32, u32)>, Vec<(u32, u32)>);

/// One architecture.
#[derive(Serialize, Deserialize)]
struct Piece {
    footing: StoredFooting,
    hanging: StoredHanging,
}

/// The numbers of names.
#[derive(Default)]
struct Numbers {
    known: FxHashMap<Name, u32>,
    names: Vec<String>,
}

impl Numbers {
    fn of(&mut self, name: Name) -> u32 {
        let Numbers { known, names } = self;
        *known.entry(name).or_insert_with(|| {
            names.push(name.as_str().to_owned());
            names.len() as u32 - 1
        })
    }
}

/// A file that is another one than in the tree that was stored: its path, and its bytes then.
pub type Replaced = (String, Arc<[u8]>);

impl Base {
    /// What to store of the run that left this behind, and the bytes of its architectures; `None`
    /// where a later tree would have to be analysed anyhow.
    pub fn stored(&self, counts: Counts, complete: bool) -> Option<(Stored, Vec<u8>)> {
        let index = self.left.index.as_ref()?;
        let mut numbers = Numbers::default();
        let notations: FxHashMap<Name, Notation> = self
            .loader
            .loaded()
            .iter()
            .map(|loaded| (Name::new(loaded.source.path()), loaded.notation))
            .collect();
        let mut files = Vec::new();
        for (path, mentions) in index.files() {
            let mut pairs = |all: &[(Name, EntryId)]| -> Vec<(u32, u32)> {
                let all = all.iter();
                all.map(|(name, entry)| (numbers.of(*name), entry.0))
                    .collect()
            };
            let (defined, raised) = (pairs(&mentions.defined), pairs(&mentions.raised));
            let notation = notations.get(&path).copied().unwrap_or_default();
            files.push(File(numbers.of(path), notation, defined, raised));
        }
        let (mut pieces, mut bytes) = (Vec::new(), Vec::new());
        for (architecture, carried) in &self.left.carried {
            let footing = carried.0.footing.as_ref()?;
            let piece = Piece {
                footing: footing.stored(&mut |name| numbers.of(name)),
                hanging: carried.0.hanging.stored(&mut |name| numbers.of(name)),
            };
            bytes.extend(postcard::to_stdvec(&piece).ok()?);
            pieces.push((architecture.clone(), bytes.len()));
        }
        let results = self.left.carried.values().map(|it| &it.0);
        let stored = Stored {
            counts,
            reading: Reading::new(results, &self.loader),
            complete,
            names: numbers.names,
            files,
            of_catalogue: self.of_catalogue.clone(),
            pieces,
            opened: OnceLock::new(),
        };
        Some((stored, bytes))
    }
}

impl Stored {
    /// What a run of a tree with `replaced` files, and otherwise the same, comes to, where it has
    /// the findings of the stored tree, of which none is shown. `None` where that is not certain.
    ///
    /// # Errors
    /// When a policy is no policy, or the system gives no threads.
    pub fn still(
        &self,
        pieces: &[u8],
        project: &Project,
        reader: Arc<dyn Reader>,
        options: &Options,
        replaced: &[Replaced],
    ) -> Result<Option<Outcome>, SessionError> {
        // There a symbol's default can say which file is read.
        if project.dollar_variables && !replaced.is_empty() {
            return Ok(None);
        }
        let requirements = requirements(&options.policies)?;
        let loader = Loader::new(Arc::new(Files::new(reader)));
        if replaced.is_empty() {
            return Ok(Some(self.outcome(project, loader.files(), self.counts)));
        }
        in_threads(options.jobs, || {
            let opened = self.opened.get_or_init(|| self.open());
            let changes = self.changes(
                &loader,
                opened,
                (replaced, &project.grammar),
                options.effort,
            )?;
            let shared = Shared {
                loader: &loader,
                project,
                options,
                requirements: &requirements,
                proofs: &Proofs::within(options.effort),
                shown: &ShownPairs::default(),
                carries: false,
                only: &OnceLock::new(),
            };
            let counted = (0..self.pieces.len()).into_par_iter().map(|at| {
                let before = opened.pieces[at].get_or_init(|| self.before(at, pieces, opened));
                let before = before.as_ref()?;
                let after = screen::after(&shared, &changes, before)?;
                let is_defined = |analysed: &Analysed, name: Name| {
                    let value = analysed.footing.as_ref().and_then(|it| it.value(name));
                    value.is_some_and(|value| value.is_defined)
                };
                let defined = changes.symbols().into_iter();
                let defined = defined
                    .map(|name| (name, (is_defined(before, name), is_defined(&after, name))));
                Some(defined.collect::<Vec<_>>())
            });
            let counted: Option<Vec<_>> = counted.collect();
            let mut counts = self.counts;
            let mut defined: BTreeMap<Name, (bool, bool)> = BTreeMap::new();
            for (name, (was, is)) in counted?.into_iter().flatten() {
                let any = defined.entry(name).or_default();
                *any = (any.0 || was, any.1 || is);
            }
            for (was, is) in defined.values() {
                counts.symbols = counts.symbols + usize::from(*is) - usize::from(*was);
            }
            let is_read = |path: Name| {
                let pieces = opened
                    .pieces
                    .iter()
                    .filter_map(|piece| piece.get()?.as_ref());
                let mut footings = pieces.filter_map(|piece| piece.footing.as_ref());
                footings.any(|footing| !footing.inclusions_of(path).is_empty())
            };
            let is_same = || {
                let found = catalogue::check(&loader, project, options, None, false);
                catalogue::keys(&found.findings) == self.of_catalogue
            };
            if !changes.symbols().is_empty() && !is_same() {
                return None;
            }
            let (had, has) = changes.selects(is_read);
            counts.selects = counts.selects + has - had;
            Some(self.outcome(project, loader.files(), counts))
        })
    }

    fn outcome(&self, project: &Project, files: &Arc<Files>, counts: Counts) -> Outcome {
        let architectures = self.pieces.iter().map(|(name, _)| name.clone());
        let objection = reading::objection(&self.reading, counts.symbols, &project.root_file);
        Outcome {
            project: project.clone(),
            objections: objection.into_iter().collect(),
            files: files.clone(),
            architectures: architectures.filter(|name| !name.is_empty()).collect(),
            findings: Vec::new(),
            remarks: Vec::new(),
            counts,
            reading: self.reading.clone(),
            comments: Vec::new(),
            complete: self.complete,
            internal_errors: Vec::new(),
            base: None,
        }
    }

    /// As much of what was found out about an architecture as was stored.
    fn before(&self, at: usize, pieces: &[u8], opened: &Opened) -> Option<Analysed> {
        let (architecture, end) = &self.pieces[at];
        let start = at.checked_sub(1).map_or(0, |last| self.pieces[last].1);
        let piece: Piece = postcard::from_bytes(pieces.get(start..*end)?).ok()?;
        let name = |number: u32| opened.names[number as usize];
        let mut before = Analysed::begin(architecture, Vec::new());
        before.hanging = Arc::new(Hanging::restored(piece.hanging, &name));
        before.footing = Some(Footing::restored(piece.footing, &name));
        Some(before)
    }

    fn open(&self) -> Opened {
        let names: Vec<Name> = self.names.par_iter().map(|name| Name::new(name)).collect();
        let pairs = |all: &[(u32, u32)]| -> Vec<(Name, EntryId)> {
            let all = all.iter();
            all.map(|(name, entry)| (names[*name as usize], EntryId(*entry)))
                .collect()
        };
        let files = self.files.iter().map(|File(path, _, defined, raised)| {
            let mentions = Mentions {
                defined: pairs(defined),
                raised: pairs(raised),
            };
            (names[*path as usize], Arc::new(mentions))
        });
        Opened {
            index: Index::new(files.collect()),
            pieces: self.pieces.iter().map(|_| OnceLock::new()).collect(),
            names,
        }
    }

    fn changes(
        &self,
        loader: &Loader,
        opened: &Opened,
        (replaced, grammar): (&[Replaced], &Grammar),
        effort: Effort,
    ) -> Option<Changes> {
        let mut notations = FxHashMap::default();
        for File(path, notation, ..) in &self.files {
            notations.insert(opened.names[*path as usize], *notation);
        }
        let mut versions = Vec::new();
        for (path, old) in replaced {
            // What was read to see what kind of tree it is, and that it is the same, has none.
            let Some(notation) = notations.get(&Name::new(path)).copied() else {
                continue;
            };
            let new = loader.load(path, notation).ok()?;
            if !config::comments(new.file, &new.source, &new.tree).is_empty() {
                return None;
            }
            let old = Version {
                file: None,
                tree: Arc::new(SyntaxTree::parse(old, notation)),
                text: old.clone(),
            };
            versions.push((old, new));
        }
        let changes = Changes::of(&opened.index, versions, grammar, effort)?;
        changes.are_symbols().then_some(changes)
    }
}
