// SPDX-License-Identifier: MIT OR Apache-2.0
//! The files of the disk, and what the system says of them.

use std::fs;
use std::hash::Hasher;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustc_hash::{FxHashMap, FxHasher};
use serde::{Deserialize, Serialize};

use super::path::{MAX_LINKS, folder_of, leads_up, led, normalize, normalize_up, relative};
use super::reader::{MAX_FILE_BYTES, ReadError, Reader};

/// What the system says of a file of the disk.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Stamp {
    /// Its size in bytes.
    pub size: u64,
    /// When its text was written: seconds and nanoseconds.
    pub modified: (i64, i64),
    /// When the file was changed in any way. Nobody can set this time.
    pub changed: (i64, i64),
    /// Device and number of the file.
    pub number: (u64, u64),
}

impl Stamp {
    /// The time of the last change.
    pub fn changed(&self) -> SystemTime {
        let (seconds, nanoseconds) = self.changed;
        let whole = Duration::from_secs(seconds.try_into().unwrap_or(0));
        UNIX_EPOCH + whole + Duration::from_nanos(nanoseconds.try_into().unwrap_or(0))
    }

    /// That of a file; `None` where the system does not say when it was changed.
    #[cfg(unix)]
    pub fn of(data: &fs::Metadata) -> Option<Stamp> {
        use std::os::unix::fs::MetadataExt;
        Some(Stamp {
            size: data.size(),
            modified: (data.mtime(), data.mtime_nsec()),
            changed: (data.ctime(), data.ctime_nsec()),
            number: (data.dev(), data.ino()),
        })
    }

    /// That of a file; `None` where the system does not say when it was changed.
    #[cfg(not(unix))]
    pub fn of(_data: &fs::Metadata) -> Option<Stamp> {
        None
    }
}

/// The files as they lie on the disk. A path that begins with `..` leads to a folder beside the tree, and
/// is read where that folder is one of those that the tree may reach.
pub struct WorkTree {
    root: PathBuf,
    canonical: Option<PathBuf>,
    /// Folders outside of the tree that may be read, without links.
    around: Vec<PathBuf>,
    /// Folders by their paths below the root, with whether they lie in the tree: a kernel has
    /// two files to a folder, and following a path to its end costs more than to read a file.
    inside: Mutex<FxHashMap<String, bool>>,
    /// The folder for caches.
    caches: Option<PathBuf>,
}

impl WorkTree {
    /// The tree below `root`.
    pub fn new(root: impl Into<PathBuf>) -> WorkTree {
        let root = root.into();
        let canonical = fs::canonicalize(&root).ok();
        WorkTree {
            root,
            canonical,
            around: Vec::new(),
            inside: Mutex::default(),
            caches: None,
        }
    }

    /// The same tree, of which something may be kept in this folder.
    pub fn cached_in(mut self, folder: Option<PathBuf>) -> WorkTree {
        self.caches = folder;
        self
    }

    /// The same tree, from which paths may lead into these folders too.
    pub fn reaching(mut self, folders: impl IntoIterator<Item = PathBuf>) -> WorkTree {
        let folders = folders.into_iter();
        self.around = folders.filter_map(|it| fs::canonicalize(it).ok()).collect();
        self
    }

    /// The folder this tree lies in.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where a path of [`normalize_up`] lies on the disk.
    fn locate(&self, path: &str) -> Result<PathBuf, ReadError> {
        let path = normalize_up(path).ok_or(ReadError::Outside)?;
        if !leads_up(&path) {
            return Ok(self.root.join(path));
        }
        let mut place = self.canonical.clone().ok_or(ReadError::Outside)?;
        for part in path.split('/') {
            match part {
                ".." => drop(place.pop()),
                part => place.push(part),
            }
        }
        let mut around = self.around.iter();
        match around.any(|folder| place.starts_with(folder)) {
            true => Ok(place),
            false => Err(ReadError::Outside),
        }
    }
}

impl Reader for WorkTree {
    fn read(&self, path: &str) -> Result<Arc<[u8]>, ReadError> {
        let path = normalize_up(path).ok_or(ReadError::Outside)?;
        let place = self.locate(&path)?;
        let link = fs::symlink_metadata(&place).map_err(|error| from_io(&error))?;
        let is_link = link.file_type().is_symlink();
        // Opening a FIFO waits for a writer, so the kind is known before the open.
        let meta = if is_link {
            fs::metadata(&place).map_err(|error| from_io(&error))?
        } else {
            link
        };
        if !meta.is_file() {
            return Err(ReadError::NotAFile);
        }
        let outside = if is_link || leads_up(&path) {
            self.leaves_tree(&place)
        } else {
            !self.is_inside(folder_of(&path))
        };
        if outside {
            return Err(ReadError::Outside);
        }
        if meta.len() > MAX_FILE_BYTES {
            return Err(ReadError::TooLarge(meta.len()));
        }
        let mut bytes = Vec::with_capacity(meta.len() as usize + 1);
        let file = fs::File::open(&place).map_err(|error| from_io(&error))?;
        file.take(MAX_FILE_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| from_io(&error))?;
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return Err(ReadError::TooLarge(bytes.len() as u64));
        }
        Ok(bytes.into())
    }

    fn exists(&self, path: &str) -> bool {
        self.locate(path).is_ok_and(|place| place.exists())
    }

    fn stamp(&self, path: &str) -> Option<Stamp> {
        let path = normalize(path)?;
        let place = self.root.join(&path);
        let own = fs::symlink_metadata(&place).ok()?;
        let (data, is_inside) = match own.is_symlink() {
            true => (fs::metadata(&place).ok()?, !self.leaves_tree(&place)),
            false => (own, self.is_inside(folder_of(&path))),
        };
        (data.is_file() && is_inside).then(|| Stamp::of(&data))?
    }

    fn cache(&self, what: &str) -> Option<PathBuf> {
        let mut hasher = FxHasher::default();
        hasher.write(self.canonical.as_ref()?.as_os_str().as_encoded_bytes());
        let name = format!("{what}-{:016x}", hasher.finish());
        Some(self.caches.as_ref()?.join(name))
    }

    fn aliases(&self, path: &str) -> Vec<String> {
        let mut aliases = Vec::new();
        let mut path = path.to_owned();
        while aliases.len() < MAX_LINKS {
            let ends = path.match_indices('/').map(|(at, _)| at);
            let mut ends = ends.chain([path.len()]);
            let link = ends.find_map(|end| {
                let target = fs::read_link(self.root.join(&path[..end])).ok()?;
                Some((end, target.to_str()?.to_owned()))
            });
            let Some(next) =
                link.and_then(|(end, target)| led(&path[..end], &target, &path[end..]))
            else {
                break;
            };
            aliases.push(next.clone());
            path = next;
        }
        aliases
    }

    fn inside(&self, absolute: &str) -> Option<String> {
        let absolute = Path::new(absolute);
        let written = std::path::absolute(&self.root).ok();
        let roots = written.iter().chain(&self.canonical);
        let mut inside = roots.filter_map(|root| absolute.strip_prefix(root).ok()?.to_str());
        let beside = || {
            let mut around = self.around.iter();
            let is_there = around.any(|folder| absolute.starts_with(folder));
            is_there.then(|| relative(self.canonical.as_deref()?, absolute))?
        };
        inside.next().map(str::to_owned).or_else(beside)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let Ok(place) = self.locate(folder) else {
            return Vec::new();
        };
        let Ok(entries) = fs::read_dir(place) else {
            return Vec::new();
        };
        let mut names: Vec<String> = entries
            .flatten()
            .filter_map(|entry| {
                let mut name = entry.file_name().into_string().ok()?;
                // Most systems say so without being asked once more; a link may lead to a folder.
                let kind = entry.file_type().ok()?;
                if kind.is_dir() || kind.is_symlink() && entry.path().is_dir() {
                    name.push('/');
                }
                Some(name)
            })
            .collect();
        names.sort();
        names
    }
}

impl WorkTree {
    /// Whether the folder at this normalised path lies in the tree.
    fn is_inside(&self, folder: &str) -> bool {
        if folder.is_empty() {
            return true;
        }
        let known = || self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(inside) = known().get(folder) {
            return *inside;
        }
        let place = self.root.join(folder);
        // What is no link lies where the folder around it lies.
        let is_plain = fs::symlink_metadata(&place).is_ok_and(|meta| meta.is_dir());
        let inside = is_plain && self.is_inside(folder_of(folder)) || !self.leaves_tree(&place);
        known().insert(folder.to_owned(), inside);
        inside
    }

    fn leaves_tree(&self, place: &Path) -> bool {
        match (&self.canonical, fs::canonicalize(place)) {
            (Some(root), Ok(place)) => {
                let mut folders = self.around.iter().chain([root]);
                !folders.any(|folder| place.starts_with(folder))
            }
            _ => true,
        }
    }
}

fn from_io(error: &std::io::Error) -> ReadError {
    match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => ReadError::Missing,
        _ => ReadError::Io(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_up_where_the_tree_may_reach() {
        let top = tempfile::tempdir().expect("a folder");
        let top = fs::canonicalize(top.path()).expect("a folder");
        for folder in ["tree", "beside", "secret"] {
            fs::create_dir(top.join(folder)).expect("a folder");
            fs::write(top.join(folder).join("Kconfig"), folder).expect("a file");
        }
        std::os::unix::fs::symlink("../secret", top.join("beside/link")).expect("a link");
        let tree = WorkTree::new(top.join("tree")).reaching([top.join("beside")]);
        assert_eq!(&*tree.read("../beside/Kconfig").expect("near"), b"beside");
        for outside in ["../secret/Kconfig", "../beside/link/Kconfig"] {
            assert_eq!(tree.read(outside), Err(ReadError::Outside), "{outside}");
        }
        let absolute = top.join("beside/Kconfig");
        let inside = tree.inside(absolute.to_str().expect("UTF-8"));
        assert_eq!(inside.as_deref(), Some("../beside/Kconfig"));
        let closed = WorkTree::new(top.join("tree"));
        assert_eq!(closed.read("../beside/Kconfig"), Err(ReadError::Outside));
        assert!(!closed.exists("../beside/Kconfig") && closed.list("../beside").is_empty());
    }
}
