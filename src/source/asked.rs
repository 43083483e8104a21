// SPDX-License-Identifier: MIT OR Apache-2.0
//! What was asked of a reader: it decides whether a change of the tree can be noticed by whoever
//! asked.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::path::{normalize_up, relative};
use super::reader::{Object, ReadError, Reader};
use super::work_tree::Stamp;

/// A reader that keeps in mind what is asked of it.
pub struct Asked {
    below: Arc<dyn Reader>,
    questions: Mutex<Questions>,
}

/// Paths that were asked about.
#[derive(Clone, Default, Debug)]
pub struct Questions {
    /// What is there, or whether it is.
    paths: BTreeSet<String>,
    /// Which names are in there.
    folders: BTreeSet<String>,
}

/// A file that differs between two trees.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Changed {
    /// Its path.
    pub path: String,
    /// Whether only one of them has it. A link or a submodule that changes may bring and take names
    /// below it, and is taken for one that comes.
    pub comes_or_goes: bool,
}

impl Changed {
    /// The same with its path below a folder, which is empty or has `/` at its end; `None` when it
    /// does not lie there.
    pub fn within(&self, folder: &str) -> Option<Changed> {
        let path = self.path.strip_prefix(folder)?.to_owned();
        Some(Changed { path, ..*self })
    }

    /// The same with its path as it is named from a folder, which is empty or has `/` at its end.
    pub fn seen_from(&self, folder: &str) -> Option<Changed> {
        let path = relative(Path::new(folder), Path::new(&self.path))?;
        Some(Changed { path, ..*self })
    }
}

impl Asked {
    /// Nothing is asked of it yet.
    pub fn new(below: Arc<dyn Reader>) -> Asked {
        Asked {
            below,
            questions: Mutex::default(),
        }
    }

    /// What was asked so far.
    pub fn questions(&self) -> Questions {
        self.lock().clone()
    }

    /// Keeps a path in mind, with what it leads to.
    fn note(&self, path: &str) {
        let Some(path) = normalize_up(path) else {
            return;
        };
        let aliases = self.below.aliases(&path);
        let mut questions = self.lock();
        questions.paths.extend(aliases);
        questions.paths.insert(path);
    }

    fn lock(&self) -> MutexGuard<'_, Questions> {
        self.questions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Questions {
    /// What is there at these paths, and in these folders.
    pub fn about(
        paths: impl Iterator<Item = String>,
        folders: impl Iterator<Item = String>,
    ) -> Questions {
        Questions {
            paths: paths.collect(),
            folders: folders.collect(),
        }
    }

    /// Takes in other questions.
    pub fn extend(&mut self, other: &Questions) {
        self.paths.extend(other.paths.iter().cloned());
        self.folders.extend(other.folders.iter().cloned());
    }

    /// The paths that were asked about, and the folders whose names were.
    pub fn asked(&self) -> (impl Iterator<Item = &str>, impl Iterator<Item = &str>) {
        let paths = self.paths.iter().map(String::as_str);
        (paths, self.folders.iter().map(String::as_str))
    }

    /// Whether one of the answers can be another one then.
    pub fn concern(&self, changed: &Changed) -> bool {
        let path = changed.path.as_str();
        let ends = path.match_indices('/').map(|(at, _)| at);
        // With its last file a folder goes.
        let mut folders = std::iter::once("").chain(ends.map(|end| &path[..end]));
        // A link or a submodule decides what lies below it.
        let below = format!("{path}/");
        let starts = |names: &BTreeSet<String>| {
            let next = names.range(below.clone()..).next();
            next.is_some_and(|next| next.starts_with(&below))
        };
        self.paths.contains(path)
            || changed.comes_or_goes
                && (folders.any(|it| self.folders.contains(it) || self.paths.contains(it))
                    || self.folders.contains(path)
                    || starts(&self.paths)
                    || starts(&self.folders))
    }
}

impl Reader for Asked {
    fn read(&self, path: &str) -> Result<Arc<[u8]>, ReadError> {
        self.note(path);
        self.below.read(path)
    }

    fn read_once(&self, path: &str) -> Result<Arc<[u8]>, ReadError> {
        self.note(path);
        self.below.read_once(path)
    }

    fn exists(&self, path: &str) -> bool {
        self.note(path);
        self.below.exists(path)
    }

    fn object(&self, path: &str) -> Option<Object> {
        self.note(path);
        self.below.object(path)
    }

    fn stamp(&self, path: &str) -> Option<Stamp> {
        self.note(path);
        self.below.stamp(path)
    }

    fn cache(&self, what: &str) -> Option<PathBuf> {
        self.below.cache(what)
    }

    fn aliases(&self, path: &str) -> Vec<String> {
        self.below.aliases(path)
    }

    fn inside(&self, absolute: &str) -> Option<String> {
        self.below.inside(absolute)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let aliases = normalize_up(folder).map(|folder| self.below.aliases(&folder));
        self.lock().folders.extend(aliases.into_iter().flatten());
        self.lock().folders.extend(normalize_up(folder));
        self.below.list(folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::WorkTree;

    #[test]
    fn only_what_was_asked_about_is_of_concern() {
        let asked = Asked::new(Arc::new(WorkTree::new("/nonexistent")));
        let _ = asked.read("a/./Kconfig");
        asked.exists("b");
        asked.list("c");
        let questions = asked.questions();
        for (path, comes_or_goes, concerns) in [
            ("a/Kconfig", false, true),
            ("a/main.c", true, false),
            ("b/main.c", false, false),
            ("b/main.c", true, true),
            ("c/d/main.c", true, true),
            ("c/d/main.c", false, false),
            ("d", true, false),
        ] {
            let path = path.to_owned();
            let changed = Changed {
                path,
                comes_or_goes,
            };
            assert_eq!(questions.concern(&changed), concerns, "{changed:?}");
        }
    }
}
