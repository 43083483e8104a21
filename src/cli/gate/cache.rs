// SPDX-License-Identifier: MIT OR Apache-2.0
//! The cache of `--staged`: what the last analysis in a repository leaves behind, so that a hook
//! need not analyse HEAD again, and in the index only asks about what hangs on the change.
//!
//! One file for each tree, in the user's folder for such things. It counts only for this very
//! program and the same options; what is broken or from elsewhere is no cache. It is written aside and
//! moved into its place, so that programs that run at the same time do not meet. Without it everything
//! is the same, but slower.

use std::fs;
use std::hash::Hasher;
use std::path::PathBuf;
use std::rc::Rc;

use rustc_hash::FxHasher;
use serde::{Deserialize, Serialize};

use super::super::args::CheckArgs;
use super::super::run::Tree;
use super::judge::{Found, Left};
use super::marks::Marks;
use super::series::Series;
use crate::session::{Options, Stored};
use crate::source::{Object, Questions, Reader};
use crate::system::{cache_folder, keep_in_cache};
use crate::tree::Project;

/// The file of a tree.
pub(super) struct Cache {
    file: PathBuf,
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

/// The version of the form. It goes into the name of the file: a program of another version that
/// works on the same tree keeps a file of its own.
const VERSION: u32 = 3;

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
        let name = format!("staged-{VERSION}-{:016x}", hasher.finish());
        Some(Cache {
            file: folder.join(name),
        })
    }

    /// What is known of some trees, the last one at the end.
    pub(super) fn known(&self) -> Vec<Rc<Known>> {
        let bytes = fs::read(&self.file).ok();
        bytes.and_then(|bytes| decoded(&bytes)).unwrap_or_default()
    }

    /// Keeps what the analyses of some trees left behind. That it cannot be kept is nothing to tell
    /// anybody.
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
        let bytes = (has_new && !known.is_empty()).then(|| encoded(&known));
        if let Some(bytes) = bytes.flatten() {
            let _ = keep_in_cache(&self.file, &bytes);
        }
    }
}

impl Known {
    /// What to keep of a tree; `None` where a later process can use nothing of it.
    fn of(series: &Series, left: &Left) -> Option<Known> {
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
    let program = std::env::current_exe().and_then(fs::metadata);
    let program = program.map(|data| (data.len(), data.modified().ok()));
    let version = env!("CARGO_PKG_VERSION");
    format!("{version} {program:?} {project:?} {options:?}")
}

fn encoded(known: &[Rc<Known>]) -> Option<Vec<u8>> {
    let known: Vec<&Known> = known.iter().map(|it| &**it).collect();
    let known = postcard::to_stdvec(&known).ok()?;
    let sum = checksum(&known).to_le_bytes();
    Some([&sum[..], &known].concat())
}

fn decoded(bytes: &[u8]) -> Option<Vec<Rc<Known>>> {
    let (sum, known) = bytes.split_first_chunk()?;
    match u64::from_le_bytes(*sum) == checksum(known) {
        true => {
            let known: Vec<Known> = postcard::from_bytes(known).ok()?;
            Some(known.into_iter().map(Rc::new).collect())
        }
        false => None,
    }
}

fn checksum(bytes: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(bytes);
    hasher.finish()
}
