// SPDX-License-Identifier: MIT OR Apache-2.0
//! Notices which files of a tree changed while commands of the tree ran.
//!
//! The commands run outside of the tree, but nothing keeps them from writing into the tree by its
//! path. So every file is compared by what the file system says about it before and after.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::source::Stamp;

/// The files of a tree at one moment. Folders of git are left out: git itself writes there when
/// asked for a version.
pub(super) struct Stamps {
    root: PathBuf,
    /// Where the system gives no stamps, only what came or went is noticed.
    files: BTreeMap<PathBuf, Option<Stamp>>,
}

impl Stamps {
    /// Those of the tree at `root`, as they are now.
    pub(super) fn of(root: &Path) -> Stamps {
        let entries = WalkDir::new(root)
            .into_iter()
            .filter_entry(|entry| entry.file_name() != ".git")
            .flatten()
            .filter(|entry| !entry.file_type().is_dir());
        // Who vanishes between the listing and the question is not there.
        let stamps = entries.filter_map(|entry| {
            let stamp = Stamp::of(&entry.metadata().ok()?);
            Some((entry.into_path(), stamp))
        });
        Stamps {
            root: root.to_owned(),
            files: stamps.collect(),
        }
    }

    /// The files that changed, came or went since then, below the root.
    pub(super) fn changed(&self) -> Vec<String> {
        let now = Stamps::of(&self.root);
        let changed = self
            .files
            .iter()
            .filter(|(path, old)| now.files.get(*path) != Some(old));
        let come = now
            .files
            .keys()
            .filter(|path| !self.files.contains_key(*path));
        let mut paths: Vec<&PathBuf> = changed.map(|(path, _)| path).chain(come).collect();
        paths.sort();
        let below = |path: &PathBuf| path.strip_prefix(&self.root).unwrap_or(path).to_owned();
        paths
            .iter()
            .map(|path| below(path).display().to_string())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_was_written_came_or_went_is_named() {
        let tree = tempfile::tempdir().expect("a folder");
        let path = |name: &str| tree.path().join(name);
        for folder in ["a", ".git"] {
            fs::create_dir(path(folder)).expect("a folder");
        }
        for name in ["a/same", "a/text", "gone", ".git/index"] {
            fs::write(path(name), "old").expect("a file");
        }
        let stamps = Stamps::of(tree.path());
        assert_eq!(stamps.changed(), [""; 0]);
        fs::write(path("a/text"), "longer").expect("a file");
        fs::write(path("a/come"), "").expect("a file");
        fs::write(path(".git/index"), "other").expect("a file");
        fs::remove_file(path("gone")).expect("a file");
        assert_eq!(stamps.changed(), ["a/come", "a/text", "gone"]);
    }
}
