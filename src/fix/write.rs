// SPDX-License-Identifier: MIT OR Apache-2.0
//! Writes changed files into the tree: all of them or none.
//!
//! Every new text is first written, whole, to a temporary file beside its target. Then all
//! targets must still hold what was read. Only then are they replaced, each by a rename, so
//! nobody ever sees half a file. A signal waits until all of this is done. Nothing outside of the root of the tree is touched, and only
//! files that exist.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::Changed;
use crate::system::{temporary, undisturbed};

/// Why files could not be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WriteError {
    /// The file at which it failed, relative to the root of the tree.
    pub path: String,
    /// What went wrong.
    pub trouble: Trouble,
    /// Files that have the new text all the same, and why the old one could not be put back.
    /// All others are as they were.
    pub changed: Vec<(String, String)>,
}

/// What goes wrong with a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// It holds other bytes than those that were read.
    ChangedMeanwhile,
    /// It is no longer there.
    RemovedMeanwhile,
    /// It lies, or leads, out of the tree.
    Outside,
    /// It is the same file as the one of this path, and shall become another text.
    SameFile(String),
    /// It is marked as read-only.
    ReadOnly,
    /// Its folder is marked as read-only.
    ReadOnlyFolder,
    /// The system's own words.
    System(String),
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot write {}: {}", self.path, self.trouble)?;
        if self.changed.is_empty() {
            return f.write_str("\nno file was changed");
        }
        for (path, why) in &self.changed {
            write!(
                f,
                "\n{path} has the new text, and the old one could not be put back: {why}"
            )?;
        }
        f.write_str("\nall other files are as they were")
    }
}

impl std::error::Error for WriteError {}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::ChangedMeanwhile => f.write_str("it was changed meanwhile"),
            Trouble::RemovedMeanwhile => f.write_str("it was removed meanwhile"),
            Trouble::Outside => f.write_str("it lies outside of the tree"),
            Trouble::SameFile(path) => write!(f, "it is the same file as {path}"),
            Trouble::ReadOnly => f.write_str("it is read-only"),
            Trouble::ReadOnlyFolder => f.write_str("its folder is read-only"),
            Trouble::System(words) => f.write_str(words),
        }
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Trouble {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Trouble::RemovedMeanwhile,
            _ => Trouble::System(error.to_string()),
        }
    }
}

/// The same changes by the files behind links: each file once, by its own path in the tree.
///
/// # Errors
/// When a file is gone or lies outside of the tree, or two paths of one file disagree.
pub fn as_files(root: &Path, changed: &[Changed]) -> Result<Vec<Changed>, WriteError> {
    let mut files: BTreeMap<String, &Changed> = BTreeMap::new();
    for change in changed {
        let fail = |trouble| failed(&change.path, trouble);
        let (_, path) = place(root, &change.path).map_err(fail)?;
        match files.get(&path) {
            Some(known) if known.after != change.after => {
                return Err(fail(Trouble::SameFile(known.path.clone())));
            }
            _ => drop(files.insert(path, change)),
        }
    }
    let own = files.into_iter().map(|(path, change)| Changed {
        path,
        ..change.clone()
    });
    Ok(own.collect())
}

/// Replaces the files by their new texts.
///
/// # Errors
/// When one of them cannot be replaced. Those before it are then put back.
pub fn write(root: &Path, changed: &[Changed]) -> Result<(), WriteError> {
    let files = as_files(root, changed)?;
    undisturbed(|| {
        let staged = stage_all(root, &files)?;
        for file in &staged {
            file.verify()
                .map_err(|trouble| failed(file.path(), trouble))?;
        }
        commit(staged)
    })
}

fn failed(path: &str, trouble: impl Into<Trouble>) -> WriteError {
    WriteError {
        path: path.to_owned(),
        trouble: trouble.into(),
        changed: Vec::new(),
    }
}

/// Where a file really lies, and its path from the root of the tree.
fn place(root: &Path, path: &str) -> Result<(PathBuf, String), Trouble> {
    let root = fs::canonicalize(root)?;
    let place = fs::canonicalize(root.join(path))?;
    let inside = place.strip_prefix(&root).map_err(|_| Trouble::Outside)?;
    let parts: Option<Vec<&str>> = inside.iter().map(|part| part.to_str()).collect();
    let parts = parts.ok_or_else(|| Trouble::System("its path is not UTF-8".to_owned()))?;
    let own = parts.join("/");
    Ok((place, own))
}

/// A file, and beside it a temporary one with its new text.
struct Staged<'c> {
    change: &'c Changed,
    place: PathBuf,
    new: NamedTempFile,
}

fn stage_all<'c>(root: &Path, files: &'c [Changed]) -> Result<Vec<Staged<'c>>, WriteError> {
    let staged = files
        .iter()
        .map(|change| Staged::new(root, change).map_err(|trouble| failed(&change.path, trouble)));
    // What was staged before the one that fails is removed as it is dropped.
    staged.collect()
}

impl Staged<'_> {
    fn new<'c>(root: &Path, change: &'c Changed) -> Result<Staged<'c>, Trouble> {
        let (place, _) = place(root, &change.path)?;
        let meta = fs::symlink_metadata(&place)?;
        if !meta.is_file() {
            return Err(Trouble::ChangedMeanwhile);
        }
        let folder = place.parent().unwrap_or(root);
        if fs::metadata(folder)?.permissions().readonly() {
            return Err(Trouble::ReadOnlyFolder);
        }
        // A rename would replace a file that its owner has protected, so the marks are asked.
        let is_denied = |error: &io::Error| error.kind() == io::ErrorKind::PermissionDenied;
        match OpenOptions::new().write(true).open(&place) {
            _ if meta.permissions().readonly() => return Err(Trouble::ReadOnly),
            Err(error) if is_denied(&error) => return Err(Trouble::ReadOnly),
            opened => drop(opened?),
        }
        let new = written(folder, &change.after, &meta)?;
        Ok(Staged { change, place, new })
    }

    fn path(&self) -> &str {
        &self.change.path
    }

    /// Whether the file still holds what was read.
    fn verify(&self) -> Result<(), Trouble> {
        if !fs::symlink_metadata(&self.place)?.is_file()
            || *fs::read(&self.place)? != *self.change.before
        {
            return Err(Trouble::ChangedMeanwhile);
        }
        Ok(())
    }
}

/// Renames all. When one fails, those that are done are put back.
fn commit(staged: Vec<Staged<'_>>) -> Result<(), WriteError> {
    let mut done: Vec<Replaced<'_>> = Vec::new();
    for Staged { change, place, new } in staged {
        if let Err(error) = new.persist(&place) {
            let mut failure = failed(&change.path, Trouble::System(error.error.to_string()));
            for file in &done {
                if let Err(trouble) = file.put_back() {
                    let path = file.change.path.clone();
                    failure.changed.push((path, trouble.to_string()));
                }
            }
            return Err(failure);
        }
        done.push(Replaced { change, place });
    }
    let folders: BTreeSet<&Path> = done.iter().filter_map(|file| file.place.parent()).collect();
    for folder in folders {
        // Not every file system can do this, and the texts themselves are on the disk already.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
    Ok(())
}

/// A file that has its new text.
struct Replaced<'c> {
    change: &'c Changed,
    place: PathBuf,
}

impl Replaced<'_> {
    /// Puts the text that was read back into place, in the same way.
    fn put_back(&self) -> Result<(), Trouble> {
        let meta = fs::symlink_metadata(&self.place)?;
        let folder = self.place.parent().unwrap_or(&self.place);
        let old = written(folder, &self.change.before, &meta)?;
        old.persist(&self.place).map_err(|error| error.error)?;
        Ok(())
    }
}

/// A new file in `folder` with this text, on the disk, with the owner and the permissions
/// of `like`.
fn written(folder: &Path, text: &[u8], like: &Metadata) -> Result<NamedTempFile, Trouble> {
    let write = || {
        let mut new = temporary(folder)?;
        new.write_all(text)?;
        own(new.as_file(), like);
        new.as_file().set_permissions(like.permissions())?;
        new.as_file().sync_all()?;
        Ok(new)
    };
    // Whatever a temporary file meets, the target is not what is missing.
    write().map_err(|error: io::Error| Trouble::System(error.to_string()))
}

/// Gives a file to the owner and the group that `like` tells, as far as the system allows it:
/// only root may give files away, and for everybody else the file is their own anyway.
#[cfg(unix)]
fn own(file: &File, like: &Metadata) {
    use std::os::unix::fs::{MetadataExt, fchown};
    if fchown(file, Some(like.uid()), Some(like.gid())).is_err() {
        let _ = fchown(file, None, Some(like.gid()));
    }
}

#[cfg(not(unix))]
fn own(_: &File, _: &Metadata) {}

#[cfg(all(test, unix))]
mod tests;
