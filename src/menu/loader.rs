// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files with their syntax, each read and parsed once for all architectures and threads.
//!
//! It does not know what a file says beyond the paths that it sources.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use rustc_hash::{FxHashMap, FxHashSet};

use super::include;
use super::outline::Outline;
use super::refused::{Refused, refused};
use crate::source::{FileId, Files, ReadError, SourceFile, normalize_up};
use crate::syntax::ast::EntryKind;
use crate::syntax::{Notation, SyntaxTree};
use crate::tree::{Grammar, Project};

/// A file that was read and parsed.
pub struct Loaded {
    /// Its number.
    pub file: FileId,
    /// Its path and bytes.
    pub source: Arc<SourceFile>,
    /// How it was read.
    pub notation: Notation,
    /// Its syntax.
    pub tree: Arc<SyntaxTree>,
    pub(super) outline: Outline,
    /// What the first grammar that was asked for refuses.
    refused: OnceLock<(Grammar, Vec<Refused>)>,
}

impl Loaded {
    /// What a kconfig of this grammar refuses in the file by itself.
    pub(super) fn refused(&self, grammar: &Grammar) -> Cow<'_, [Refused]> {
        let find = || refused(self.tree.ast(), self.source.text(), grammar);
        let (known, found) = self.refused.get_or_init(|| (*grammar, find()));
        if known == grammar {
            Cow::Borrowed(found)
        } else {
            Cow::Owned(find())
        }
    }

    /// Whether a kconfig of this grammar accepts the file by itself.
    pub fn is_accepted(&self, grammar: &Grammar) -> bool {
        self.refused(grammar).is_empty()
    }
}

/// Reads and parses files; threads share it.
pub struct Loader {
    files: Arc<Files>,
    table: RwLock<FxHashMap<Key, Slot>>,
    /// The files of an earlier tree.
    earlier: FxHashMap<Key, Arc<Loaded>>,
}

type Key = (String, Notation);

/// Filled by the first thread that needs the file; the others wait for it.
type Slot = Arc<OnceLock<Result<Arc<Loaded>, ReadError>>>;

impl Loader {
    /// A loader that reads through `files`.
    pub fn new(files: Arc<Files>) -> Loader {
        Loader {
            files,
            table: RwLock::default(),
            earlier: FxHashMap::default(),
        }
    }

    /// A loader of another tree's files, which has read nothing yet, and does not parse again what
    /// is the same in both. `files` comes from [`Files::next`].
    pub fn next(&self, files: Arc<Files>) -> Loader {
        let mut earlier = self.earlier.clone();
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        let loaded = table.iter().filter_map(|(key, slot)| {
            let loaded = slot.get()?.as_ref().ok()?;
            Some((key.clone(), loaded.clone()))
        });
        earlier.extend(loaded);
        Loader {
            files,
            table: RwLock::default(),
            earlier,
        }
    }

    /// A loader of changed files that keeps the syntax of all others. `files` comes from
    /// [`Files::changed`] with texts for `changed`.
    pub fn with_files(&self, files: Arc<Files>, changed: &[FileId]) -> Loader {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        let is_same = |slot: &&Slot| match slot.get() {
            Some(Ok(loaded)) => !changed.contains(&loaded.file),
            _ => true,
        };
        let kept = table.iter().filter(|(_, slot)| is_same(slot));
        let kept = kept.map(|(key, slot)| (key.clone(), slot.clone()));
        Loader {
            files,
            table: RwLock::new(kept.collect()),
            earlier: FxHashMap::default(),
        }
    }

    /// The files behind it.
    pub fn files(&self) -> &Arc<Files> {
        &self.files
    }

    /// The file at `path`, parsed.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn load(&self, path: &str, notation: Notation) -> Result<Arc<Loaded>, ReadError> {
        let path = normalize_up(path).ok_or(ReadError::Outside)?;
        let key = (path, notation);
        let known = self
            .table
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .cloned();
        let slot = known.unwrap_or_else(|| {
            let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
            table.entry(key.clone()).or_default().clone()
        });
        slot.get_or_init(|| self.read(&key)).clone()
    }

    /// The number and the syntax of the file at `path`.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn parse(
        &self,
        path: &str,
        notation: Notation,
    ) -> Result<(FileId, Arc<SyntaxTree>), ReadError> {
        let loaded = self.load(path, notation)?;
        Ok((loaded.file, loaded.tree.clone()))
    }

    /// Every file that was read so far, sorted by path.
    pub fn loaded(&self) -> Vec<Arc<Loaded>> {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<Arc<Loaded>> = table
            .values()
            .filter_map(|slot| slot.get()?.as_ref().ok().cloned())
            .collect();
        all.sort_by(|a, b| a.source.path().cmp(b.source.path()));
        all
    }

    /// Reads and parses, in parallel, the root and all that it sources by paths that only need
    /// the environment of some architecture. What needs more is read during elaboration.
    pub fn prefetch(&self, project: &Project) {
        let search = Search {
            loader: self,
            project,
            seen: Mutex::default(),
        };
        rayon::scope(|scope| {
            search.visit(
                scope,
                project.root_file.clone(),
                project.kind.dialect().notation(),
            )
        });
    }

    fn read(&self, key: &Key) -> Result<Arc<Loaded>, ReadError> {
        let (path, notation) = (&key.0, key.1);
        let file = self.files.open(path)?;
        if let Some(earlier) = self.earlier.get(key).filter(|it| it.file == file) {
            return Ok(earlier.clone());
        }
        let source = self.files.get(file);
        let tree = Arc::new(SyntaxTree::parse(source.text(), notation));
        let outline = Outline::new(&tree);
        Ok(Arc::new(Loaded {
            file,
            source,
            notation,
            tree,
            outline,
            refused: OnceLock::new(),
        }))
    }
}

/// A search for all files of a tree.
struct Search<'a> {
    loader: &'a Loader,
    project: &'a Project,
    seen: Mutex<FxHashSet<String>>,
}

impl<'a> Search<'a> {
    fn visit<'s>(&'s self, scope: &rayon::Scope<'s>, path: String, notation: Notation) {
        let Some(path) = normalize_up(&path) else {
            return;
        };
        let new = self
            .seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(path.clone());
        if new {
            scope.spawn(move |scope| self.read(scope, &path, notation));
        }
    }

    fn read<'s>(&'s self, scope: &rayon::Scope<'s>, path: &str, notation: Notation) {
        let Ok((path, loaded)) = include::load(self.loader, self.project, path, notation) else {
            return;
        };
        let notation = self.project.kind.dialect().notation();
        for entry in &loaded.tree.ast().entries {
            match &entry.kind {
                EntryKind::Source(source) => {
                    let text = include::raw(&source.path, loaded.source.text());
                    for sourced in include::foreseen(&text, source.relative, &path, self.project) {
                        self.visit(scope, sourced, notation);
                    }
                }
                EntryKind::Insert => {
                    for sourced in include::inserted(self.loader.files().reader(), &path) {
                        self.visit(scope, sourced, Notation::ConfigComments);
                    }
                }
                _ => {}
            }
        }
    }
}
