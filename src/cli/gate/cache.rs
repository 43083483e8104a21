// SPDX-License-Identifier: MIT OR Apache-2.0
//! The cache of `--staged`: what the last analysis in a repository leaves behind, so that a hook
//! need not analyse HEAD again, and in the index only asks about what hangs on the change.
//!
//! One file for each tree, in the user's folder for caches (`system/cache`). Without it everything is the same, but slower.

use std::fs;
use std::hash::Hasher;
use std::path::PathBuf;
use std::rc::Rc;

use rustc_hash::FxHasher;

use super::super::args::CheckArgs;
use super::known::{Known, Left};
use super::series::Series;
use crate::system::{cache_folder, read_cache, write_cache};

/// The file of a tree.
pub(super) struct Cache {
    file: PathBuf,
}

/// The version of the form. It goes into the name of the file: a program of another version that
/// works on the same tree keeps a file of its own.
const VERSION: u32 = 4;

impl Cache {
    /// That of the tree of a series; `None` where there is no place for one, or none is wanted.
    pub(super) fn of(args: &CheckArgs, series: &Series) -> Option<Cache> {
        let wanted = args.source.staged && !args.tree.no_cache && args.baseline.is_none();
        if !wanted {
            return None;
        }
        let folder = cache_folder()?;
        let root = fs::canonicalize(&series.root).ok()?;
        let mut hasher = FxHasher::default();
        hasher.write(root.as_os_str().as_encoded_bytes());
        // Two trees may begin in one folder.
        if let Some(file) = &args.tree.root_file {
            hasher.write(file.as_os_str().as_encoded_bytes());
        }
        let name = format!("staged-{VERSION}-{:016x}", hasher.finish());
        Some(Cache {
            file: folder.join(name),
        })
    }

    /// What is known of some trees, the last one at the end.
    pub(super) fn known(&self) -> Vec<Rc<Known>> {
        let known: Option<Vec<Known>> = read_cache(&self.file, "");
        known.into_iter().flatten().map(Rc::new).collect()
    }

    /// Keeps what the analyses of some trees left behind, where something of it is not there yet.
    pub(super) fn keep<'l>(&self, series: &Series, left: impl Iterator<Item = &'l Left>) {
        let mut has_new = false;
        let known = left.filter_map(|left| match &left.known {
            Some(known) => Some(known.clone()),
            None => {
                has_new = true;
                Some(Rc::new(Known::of(series, left)?))
            }
        });
        let known: Vec<Rc<Known>> = known.collect();
        if has_new && !known.is_empty() {
            let known: Vec<&Known> = known.iter().map(|it| &**it).collect();
            write_cache(&self.file, "", &known);
        }
    }
}
