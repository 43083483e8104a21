// SPDX-License-Identifier: MIT OR Apache-2.0
//! In which statements of which files symbols are defined, selected and implied.
//!
//! It is the same for all architectures. From tree to tree only what changed files say is
//! another, so it is kept with those on top.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::menu::Mentions;
use crate::source::Name;
use crate::syntax::ast::EntryId;

/// A statement, by the path of its file.
pub(super) type Place = (Name, EntryId);

/// The statements about all symbols of a tree.
#[derive(Clone, Default)]
pub(super) struct Index {
    whole: Arc<Whole>,
    /// Files that say something else by now.
    replaced: FxHashMap<Name, Arc<Mentions>>,
}

#[derive(Default)]
struct Whole {
    files: FxHashMap<Name, Arc<Mentions>>,
    defined: FxHashMap<Name, Vec<Place>>,
    raised: FxHashMap<Name, Vec<Place>>,
}

/// So many files are kept on top; each of them is searched for each symbol.
const MOST_REPLACED: usize = 16;

impl Index {
    /// From all files by their paths.
    pub(super) fn new(files: FxHashMap<Name, Arc<Mentions>>) -> Index {
        let mut whole = Whole::default();
        for (path, mentions) in &files {
            for (name, entry) in &mentions.defined {
                whole
                    .defined
                    .entry(*name)
                    .or_default()
                    .push((*path, *entry));
            }
            for (name, entry) in &mentions.raised {
                whole.raised.entry(*name).or_default().push((*path, *entry));
            }
        }
        whole.files = files;
        Index {
            whole: Arc::new(whole),
            replaced: FxHashMap::default(),
        }
    }

    /// The same with what changed files say now.
    pub(super) fn with(&self, changed: impl IntoIterator<Item = (Name, Mentions)>) -> Index {
        let mut index = self.clone();
        let changed = changed.into_iter();
        index
            .replaced
            .extend(changed.map(|(path, mentions)| (path, Arc::new(mentions))));
        if index.replaced.len() <= MOST_REPLACED {
            return index;
        }
        let mut files = index.whole.files.clone();
        files.extend(index.replaced);
        Index::new(files)
    }

    /// What all files say, by their paths.
    pub(super) fn files(&self) -> impl Iterator<Item = (Name, &Mentions)> {
        let old = self.whole.files.iter();
        let old = old.filter(|(path, _)| !self.replaced.contains_key(path));
        let all = old.chain(&self.replaced);
        all.map(|(path, mentions)| (*path, &**mentions))
    }

    /// The statements that define a symbol, or add to what it is.
    pub(super) fn defined(&self, name: Name) -> Vec<Place> {
        self.places(name, &self.whole.defined, |mentions| &mentions.defined)
    }

    /// The statements that select or imply a symbol.
    pub(super) fn raised(&self, name: Name) -> Vec<Place> {
        self.places(name, &self.whole.raised, |mentions| &mentions.raised)
    }

    fn places(
        &self,
        name: Name,
        whole: &FxHashMap<Name, Vec<Place>>,
        of: impl Fn(&Mentions) -> &Vec<(Name, EntryId)>,
    ) -> Vec<Place> {
        let old = whole.get(&name).into_iter().flatten();
        let mut places: Vec<Place> = old
            .filter(|(path, _)| !self.replaced.contains_key(path))
            .copied()
            .collect();
        for (path, mentions) in &self.replaced {
            let own = of(mentions).iter().filter(|(other, _)| *other == name);
            places.extend(own.map(|(_, entry)| (*path, *entry)));
        }
        places
    }
}
