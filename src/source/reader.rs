// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where bytes come from: what a reader is, an overlay on another one, and a folder of one. The files of the disk are in
//! `work_tree`, those of git in `objects`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::path::{normalize, normalize_up, relative};
use super::work_tree::Stamp;

/// Files larger than this are refused: no Kconfig file is, and a run must not fill the
/// memory of the machine because a link points to a disk image.
pub(super) const MAX_FILE_BYTES: u64 = 64 << 20;

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// Nothing is at this path.
    Missing,
    /// The path leaves the tree: absolute, `..` above the root, or a link outwards.
    Outside,
    /// A folder, a device, a FIFO or a socket.
    NotAFile,
    /// The path is not UTF-8, so it cannot be named here.
    NotUtf8,
    /// Larger than any Kconfig file; the size in bytes.
    TooLarge(u64),
    /// The system's own words.
    Io(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Missing => f.write_str("no such file"),
            ReadError::Outside => f.write_str("the path leads out of the tree"),
            ReadError::NotAFile => f.write_str("not a regular file"),
            ReadError::NotUtf8 => f.write_str("the path is not UTF-8, and such files are not read"),
            ReadError::TooLarge(bytes) => {
                write!(f, "{bytes} bytes are too many for a Kconfig file")
            }
            ReadError::Io(words) => f.write_str(words),
        }
    }
}

impl std::error::Error for ReadError {}

/// Something that holds the files of a tree. Paths are relative to its root.
pub trait Reader: Send + Sync {
    /// The bytes of a file.
    ///
    /// # Errors
    /// When there is no such file in the tree, or it cannot be read.
    fn read(&self, path: &str) -> Result<Arc<[u8]>, ReadError>;

    /// The same for one of many files that nobody will read again: nothing is kept of it.
    ///
    /// # Errors
    /// Those of [`Reader::read`].
    fn read_once(&self, path: &str) -> Result<Arc<[u8]>, ReadError> {
        self.read(path)
    }

    /// Whether a file or folder of this path exists in the tree.
    fn exists(&self, path: &str) -> bool;

    /// What lies at a path, where that can be told without reading it.
    fn object(&self, _path: &str) -> Option<Object> {
        None
    }

    /// What the system says of a file, where its text is the same as long as that is.
    fn stamp(&self, _path: &str) -> Option<Stamp> {
        None
    }

    /// The file in which `what` is kept of the files with a stamp, between two runs.
    fn cache(&self, _what: &str) -> Option<PathBuf> {
        None
    }

    /// Where the links on the way to a normalised path lead, one after another; empty without links.
    fn aliases(&self, _path: &str) -> Vec<String> {
        Vec::new()
    }

    /// An absolute path of the machine as a path of the tree, where it lies in the tree.
    fn inside(&self, _absolute: &str) -> Option<String> {
        None
    }

    /// The names in a folder, sorted; a folder's name ends in `/`. Empty when there is no
    /// such folder.
    fn list(&self, folder: &str) -> Vec<String>;
}

/// What lies at a path of a tree in git.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Object {
    /// A file, by the name of its blob.
    File(String),
    /// A folder.
    Folder,
    /// Nothing, or what no reader hands out.
    Nothing,
}

/// Other bytes for some paths, and everything else from below: a patched tree, a fix
/// that is tried, a mutant.
pub struct Overlay {
    below: Arc<dyn Reader>,
    changed: BTreeMap<String, Option<Arc<[u8]>>>,
}

impl Overlay {
    /// An overlay on `below` that changes nothing yet.
    pub fn new(below: Arc<dyn Reader>) -> Overlay {
        Overlay {
            below,
            changed: BTreeMap::new(),
        }
    }

    /// The same with `text` at `path`.
    pub fn with(mut self, path: &str, text: impl Into<Arc<[u8]>>) -> Overlay {
        self.changed.insert(path.to_owned(), Some(text.into()));
        self
    }

    /// The same without the file at `path`.
    pub fn without(mut self, path: &str) -> Overlay {
        self.changed.insert(path.to_owned(), None);
        self
    }
}

impl Overlay {
    /// The other bytes of a path, or of what the links below lead to from there.
    fn changed(&self, path: &str) -> Option<&Option<Arc<[u8]>>> {
        let followed = || {
            let aliases = self.below.aliases(&normalize_up(path)?);
            aliases.iter().find_map(|alias| self.changed.get(alias))
        };
        self.changed.get(path).or_else(followed)
    }
}

impl Reader for Overlay {
    fn read(&self, path: &str) -> Result<Arc<[u8]>, ReadError> {
        match self.changed(path) {
            Some(Some(text)) => Ok(text.clone()),
            Some(None) => Err(ReadError::Missing),
            None => self.below.read(path),
        }
    }

    fn read_once(&self, path: &str) -> Result<Arc<[u8]>, ReadError> {
        match self.changed(path) {
            Some(_) => self.read(path),
            None => self.below.read_once(path),
        }
    }

    fn object(&self, path: &str) -> Option<Object> {
        match self.changed(path) {
            Some(_) => None,
            None => self.below.object(path),
        }
    }

    fn stamp(&self, path: &str) -> Option<Stamp> {
        match self.changed(path) {
            Some(_) => None,
            None => self.below.stamp(path),
        }
    }

    fn cache(&self, what: &str) -> Option<PathBuf> {
        self.below.cache(what)
    }

    fn exists(&self, path: &str) -> bool {
        match self.changed(path) {
            Some(text) => text.is_some(),
            None => {
                self.below.exists(path)
                    || self.changed.iter().any(|(name, text)| {
                        text.is_some()
                            && name
                                .strip_prefix(path)
                                .is_some_and(|rest| rest.starts_with('/'))
                    })
            }
        }
    }

    fn aliases(&self, path: &str) -> Vec<String> {
        self.below.aliases(path)
    }

    fn inside(&self, absolute: &str) -> Option<String> {
        self.below.inside(absolute)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let prefix = if folder.is_empty() {
            String::new()
        } else {
            format!("{folder}/")
        };
        let mut names = self.below.list(folder);
        for (path, text) in &self.changed {
            let Some(rest) = path.strip_prefix(&prefix) else {
                continue;
            };
            match (rest.split_once('/'), text) {
                (Some((sub, _)), Some(_)) => names.push(format!("{sub}/")),
                (Some(_), None) => {}
                (None, Some(_)) => names.push(rest.to_owned()),
                (None, None) => names.retain(|name| name != rest),
            }
        }
        names.sort();
        names.dedup();
        names
    }
}

/// What another reader has below a folder.
pub struct Within {
    below: Arc<dyn Reader>,
    /// With `/` at its end.
    folder: String,
    /// Whether a path may lead up to the other files, as `../common/Kconfig`.
    leads_up: bool,
}

impl Within {
    /// The files of `below` in `folder`, which is empty or has `/` at its end.
    pub fn of(below: Arc<dyn Reader>, folder: &str) -> Arc<dyn Reader> {
        match folder {
            "" => below,
            folder => Arc::new(Within {
                below,
                folder: folder.to_owned(),
                leads_up: false,
            }),
        }
    }

    /// The files of `below` as they are named from `folder`: what lies beside the folder has `..` in its path.
    pub fn seen_from(below: Arc<dyn Reader>, folder: &str) -> Arc<dyn Reader> {
        match folder {
            "" => below,
            folder => Arc::new(Within {
                below,
                folder: folder.to_owned(),
                leads_up: true,
            }),
        }
    }

    /// The path in the other reader; `None` when it or a link on its way leads to no file of this one.
    fn path(&self, path: &str) -> Option<String> {
        let path = match self.leads_up {
            true => normalize(&format!("{}{path}", self.folder))?,
            false => format!("{}{}", self.folder, normalize(path)?),
        };
        let path = path.trim_end_matches('/').to_owned();
        let mut aliases = self.below.aliases(&path).into_iter();
        aliases.all(|it| self.own(&it).is_some()).then_some(path)
    }

    /// The path of a file of the other reader; `None` when it is no file of this one.
    fn own(&self, path: &str) -> Option<String> {
        if self.leads_up {
            return relative(Path::new(&self.folder), Path::new(path));
        }
        match self.folder.strip_suffix('/') == Some(path) {
            true => Some(String::new()),
            false => path.strip_prefix(&self.folder).map(str::to_owned),
        }
    }
}

impl Reader for Within {
    fn read(&self, path: &str) -> Result<Arc<[u8]>, ReadError> {
        self.below.read(&self.path(path).ok_or(ReadError::Outside)?)
    }

    fn exists(&self, path: &str) -> bool {
        self.path(path).is_some_and(|path| self.below.exists(&path))
    }

    fn read_once(&self, path: &str) -> Result<Arc<[u8]>, ReadError> {
        let path = self.path(path).ok_or(ReadError::Outside)?;
        self.below.read_once(&path)
    }

    fn object(&self, path: &str) -> Option<Object> {
        match self.path(path) {
            Some(path) => self.below.object(&path),
            None => Some(Object::Nothing),
        }
    }

    fn stamp(&self, path: &str) -> Option<Stamp> {
        self.below.stamp(&self.path(path)?)
    }

    fn cache(&self, what: &str) -> Option<PathBuf> {
        let folder = self.folder.replace('/', "-");
        self.below.cache(&format!("{what}-{folder}"))
    }

    fn aliases(&self, path: &str) -> Vec<String> {
        let path = format!("{}{path}", self.folder);
        let path = normalize(&path).unwrap_or(path);
        let aliases = self.below.aliases(&path);
        aliases.iter().filter_map(|it| self.own(it)).collect()
    }

    fn inside(&self, absolute: &str) -> Option<String> {
        self.own(&self.below.inside(absolute)?)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let folder = self.path(folder);
        folder.map_or_else(Vec::new, |folder| self.below.list(&folder))
    }
}

impl Reader for Arc<dyn Reader> {
    fn read(&self, path: &str) -> Result<Arc<[u8]>, ReadError> {
        (**self).read(path)
    }

    fn read_once(&self, path: &str) -> Result<Arc<[u8]>, ReadError> {
        (**self).read_once(path)
    }

    fn object(&self, path: &str) -> Option<Object> {
        (**self).object(path)
    }

    fn exists(&self, path: &str) -> bool {
        (**self).exists(path)
    }

    fn stamp(&self, path: &str) -> Option<Stamp> {
        (**self).stamp(path)
    }

    fn cache(&self, what: &str) -> Option<PathBuf> {
        (**self).cache(what)
    }

    fn aliases(&self, path: &str) -> Vec<String> {
        (**self).aliases(path)
    }

    fn inside(&self, absolute: &str) -> Option<String> {
        (**self).inside(absolute)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        (**self).list(folder)
    }
}

#[cfg(test)]
mod tests {
    use super::super::WorkTree;
    use super::*;

    #[test]
    fn files_beside_a_folder_are_seen_from_it() {
        let top: Arc<dyn Reader> = Arc::new(
            Overlay::new(Arc::new(WorkTree::new("/nonexistent")))
                .with("boards/one/Kconfig", b"one".as_slice())
                .with("common/Kconfig", b"common".as_slice()),
        );
        let board = Within::seen_from(top.clone(), "boards/one/");
        let bytes = board.read("../../common/Kconfig").expect("beside");
        assert_eq!((&*bytes, board.exists("Kconfig")), (&b"common"[..], true));
        assert_eq!(board.list("../../common"), ["Kconfig"]);
        let above = board.read("../../../Kconfig");
        assert_eq!(above.map(|_| ()), Err(ReadError::Outside));
        let closed = Within::of(top, "boards/one/");
        let beside = closed.read("../../common/Kconfig");
        assert_eq!(beside.map(|_| ()), Err(ReadError::Outside));
    }

    #[test]
    fn an_overlay_adds_and_hides() {
        let base: Arc<dyn Reader> = Arc::new(
            Overlay::new(Arc::new(WorkTree::new("/nonexistent")))
                .with("a/Kconfig", b"one".as_slice()),
        );
        let top = Overlay::new(base)
            .with("b/Kconfig", b"two".as_slice())
            .without("a/Kconfig");
        assert!(top.read("a/Kconfig").is_err());
        assert_eq!(&*top.read("b/Kconfig").unwrap(), b"two");
        assert_eq!(top.list(""), vec!["a/".to_owned(), "b/".to_owned()]);
    }
}
