// SPDX-License-Identifier: MIT OR Apache-2.0
//! The cache of `--staged`: what the last analysis in a repository leaves behind, so that a hook
//! need not analyse HEAD again, nor the index where it brings nothing.
//!
//! One file for each tree, in the user's folder for such things. It counts only for this very
//! program, the same options and a tree in which only files are others that are known to be; what
//! is broken or from elsewhere is no cache. It is written aside and moved into its place, so that
//! programs that run at the same time do not meet. Without it everything is the same, but slower.

use std::fs;
use std::hash::Hasher;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustc_hash::FxHasher;
use serde::{Deserialize, Serialize};

use super::super::args::CheckArgs;
use super::super::check::prepared;
use super::super::run::{self, Tree};
use super::judge::Left;
use super::marks::Marks;
use super::series::{Series, Stage};
use crate::session::{Options, Outcome, Replaced, Stored};
use crate::source::{Object, Reader};
use crate::system::replace;

/// The file of a tree.
pub(super) struct Cache {
    file: PathBuf,
}

/// What is known before anything is analysed.
#[derive(Default)]
pub(super) struct Known {
    /// The marks of what is found in HEAD.
    pub(super) head: Option<Marks>,
    /// What the index comes to, where it has the findings of HEAD.
    pub(super) index: Option<(Outcome, Tree)>,
}

/// What stands in it, apart from the bytes of the architectures.
#[derive(Serialize, Deserialize)]
struct Entry {
    /// What has to be the same.
    key: String,
    /// What lay at the paths that the analysis asked about.
    objects: Vec<(String, Object)>,
    /// The names in the folders that it asked about.
    lists: Vec<(String, Vec<String>)>,
    /// What was found.
    marks: Marks,
    stored: Stored,
}

/// Files that nobody has written for so long are removed.
const OLD: Duration = Duration::from_secs(60 * 24 * 60 * 60);

/// The version of the form. It goes into the name of the file: a program of another version that
/// works on the same tree keeps a file of its own.
const VERSION: u32 = 2;

/// Length of the checksum and of the length of the entry.
const HEAD: usize = 16;

impl Cache {
    /// That of the tree of a series; `None` where there is no place for one, or none is wanted.
    pub(super) fn of(args: &CheckArgs, series: &Series) -> Option<Cache> {
        let wanted = args.source.staged && !args.source.no_cache && args.baseline.is_none();
        if !wanted {
            return None;
        }
        let folder = folder()?;
        let root = fs::canonicalize(&series.root).ok()?;
        let mut hasher = FxHasher::default();
        hasher.write(root.as_os_str().as_encoded_bytes());
        let name = format!("staged-{VERSION}-{:016x}", hasher.finish());
        Some(Cache {
            file: folder.join(name),
        })
    }

    /// What is known of HEAD and the index.
    ///
    /// # Errors
    /// When a tree cannot be read.
    pub(super) fn known(&self, args: &CheckArgs, series: &Series) -> anyhow::Result<Known> {
        let mut known = Known::default();
        let bytes = self.read();
        let decoded = bytes.as_deref().and_then(decoded);
        let (Some((entry, pieces)), [head, index]) = (decoded, &series.stages[..]) else {
            return Ok(known);
        };
        if entry.holds(pieces, args, series, head)?.is_some() {
            known.index = entry.holds(pieces, args, series, index)?;
            known.head = Some(entry.marks);
        }
        Ok(known)
    }

    /// Keeps what an analysis left behind. That it cannot be kept is nothing to tell anybody.
    pub(super) fn keep(&self, series: &Series, left: &Left, options: &Options, tree: &Tree) {
        let stage = &series.stages[left.stage];
        let bytes = series.reader(stage).ok().and_then(|reader| {
            let (counts, complete) = left.storable?;
            let (stored, pieces) = left.base.stored(counts, complete)?;
            let (paths, folders) = left.found.questions.asked();
            let objects = paths.map(|path| Some((path.to_owned(), reader.object(path)?)));
            let lists = folders.map(|folder| (folder.to_owned(), reader.list(folder)));
            let entry = Entry {
                key: key(tree, options),
                objects: objects.collect::<Option<_>>()?,
                lists: lists.collect(),
                marks: left.found.marks.clone(),
                stored,
            };
            encoded(&entry, &pieces)
        });
        if let Some(bytes) = bytes {
            let _ = self.write(&bytes);
        }
    }

    fn read(&self) -> Option<Vec<u8>> {
        fs::read(&self.file).ok()
    }

    fn write(&self, bytes: &[u8]) -> std::io::Result<()> {
        let folder = self.file.parent().unwrap_or(Path::new(""));
        fs::create_dir_all(folder)?;
        for entry in fs::read_dir(folder)?.flatten() {
            let written = entry.metadata().and_then(|data| data.modified());
            let age = written.map(|written| SystemTime::now().duration_since(written));
            if matches!(age, Ok(Ok(age)) if age > OLD) {
                let _ = fs::remove_file(entry.path());
            }
        }
        replace(&self.file, |file| file.write_all(bytes))
    }
}

/// The user's folder for caches (XDG Base Directory Specification), and ours in it.
fn folder() -> Option<PathBuf> {
    let own = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let own = own.filter(|path| path.is_absolute());
    let folder = own.or_else(|| std::env::home_dir().map(|home| home.join(".cache")))?;
    Some(folder.join(env!("CARGO_PKG_NAME"))).filter(|folder| folder.is_absolute())
}

impl Entry {
    fn holds(
        &self,
        pieces: &[u8],
        args: &CheckArgs,
        series: &Series,
        stage: &Stage,
    ) -> anyhow::Result<Option<(Outcome, Tree)>> {
        let reader = series.reader(stage)?;
        let Some(tree) = Tree::of(&series.root, reader.clone(), &args.tree)? else {
            return Ok(None);
        };
        let (analysis, allows) = prepared(&tree, &args.levels, false)?;
        let options = run::recorded(&tree, &args.tree, analysis)?;
        if !allows.is_empty() || self.key != key(&tree, &options) {
            return Ok(None);
        }
        let Some(replaced) = self.replaced(&*reader, series) else {
            return Ok(None);
        };
        let outcome = run::still(&self.stored, pieces, &tree, &options, &replaced)?;
        Ok(outcome.map(|outcome| (outcome, tree)))
    }

    /// The files that are others now, with what they were; `None` when more than that is another.
    fn replaced(&self, reader: &dyn Reader, series: &Series) -> Option<Vec<Replaced>> {
        let has_same_names = self
            .lists
            .iter()
            .all(|(folder, names)| reader.list(folder) == *names);
        if !has_same_names {
            return None;
        }
        let mut replaced = Vec::new();
        for (path, old) in &self.objects {
            match (old, reader.object(path)?) {
                (old, new) if *old == new => {}
                (Object::File(old), Object::File(_)) => {
                    replaced.push((path.clone(), series.blob(old)?));
                }
                _ => return None,
            }
        }
        Some(replaced)
    }
}

/// What findings hang on besides the files of the tree. How many threads there are is nothing.
fn key(tree: &Tree, options: &Options) -> String {
    let options = Options {
        jobs: None,
        ..options.clone()
    };
    let program = std::env::current_exe().and_then(fs::metadata);
    let program = program.map(|data| (data.len(), data.modified().ok()));
    let version = env!("CARGO_PKG_VERSION");
    format!("{version} {program:?} {:?} {options:?}", tree.project())
}

fn encoded(entry: &Entry, pieces: &[u8]) -> Option<Vec<u8>> {
    let entry = postcard::to_stdvec(entry).ok()?;
    let mut bytes = vec![0; 8];
    bytes.extend((entry.len() as u64).to_le_bytes());
    bytes.extend(entry);
    bytes.extend(pieces);
    let sum = checksum(&bytes[8..]);
    bytes[..8].copy_from_slice(&sum.to_le_bytes());
    Some(bytes)
}

fn decoded(bytes: &[u8]) -> Option<(Entry, &[u8])> {
    let number = |at: usize| Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?));
    let (sum, length) = (number(0)?, number(8)?);
    if sum != checksum(&bytes[8..]) {
        return None;
    }
    let (entry, pieces) = bytes[HEAD..].split_at_checked(usize::try_from(length).ok()?)?;
    Some((postcard::from_bytes(entry).ok()?, pieces))
}

fn checksum(bytes: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(bytes);
    hasher.finish()
}
