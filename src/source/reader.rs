// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where bytes come from: the work tree, or an overlay on another reader.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::hash::Hasher;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustc_hash::{FxHashMap, FxHasher};
use serde::{Deserialize, Serialize};

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

    /// The file for what may be kept of the files with a stamp, between two runs.
    fn cache(&self) -> Option<PathBuf> {
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

    #[cfg(unix)]
    fn new(data: &fs::Metadata) -> Option<Stamp> {
        use std::os::unix::fs::MetadataExt;
        Some(Stamp {
            size: data.size(),
            modified: (data.mtime(), data.mtime_nsec()),
            changed: (data.ctime(), data.ctime_nsec()),
            number: (data.dev(), data.ino()),
        })
    }

    #[cfg(not(unix))]
    fn new(_data: &fs::Metadata) -> Option<Stamp> {
        None
    }
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
        (data.is_file() && is_inside).then(|| Stamp::new(&data))?
    }

    fn cache(&self) -> Option<PathBuf> {
        let mut hasher = FxHasher::default();
        hasher.write(self.canonical.as_ref()?.as_os_str().as_encoded_bytes());
        let name = format!("references-1-{:016x}", hasher.finish());
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
}

impl Within {
    /// The files of `below` in `folder`, which is empty or has `/` at its end.
    pub fn of(below: Arc<dyn Reader>, folder: &str) -> Arc<dyn Reader> {
        match folder {
            "" => below,
            folder => Arc::new(Within {
                below,
                folder: folder.to_owned(),
            }),
        }
    }

    /// The path in the other reader; `None` when it or a link on its way leads out of the folder.
    fn path(&self, path: &str) -> Option<String> {
        let path = normalize(path)?;
        let path = format!("{}{path}", self.folder);
        let path = path.trim_end_matches('/').to_owned();
        let mut aliases = self.below.aliases(&path).into_iter();
        aliases
            .all(|it| self.below_folder(&it).is_some())
            .then_some(path)
    }

    fn below_folder<'p>(&self, path: &'p str) -> Option<&'p str> {
        match self.folder.strip_suffix('/') == Some(path) {
            true => Some(""),
            false => path.strip_prefix(&self.folder),
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

    fn object(&self, path: &str) -> Option<Object> {
        match self.path(path) {
            Some(path) => self.below.object(&path),
            None => Some(Object::Nothing),
        }
    }

    fn aliases(&self, path: &str) -> Vec<String> {
        let aliases = self.below.aliases(&format!("{}{path}", self.folder));
        let inside = aliases.iter().filter_map(|it| self.below_folder(it));
        inside.map(str::to_owned).collect()
    }

    fn inside(&self, absolute: &str) -> Option<String> {
        let path = self.below.inside(absolute)?;
        self.below_folder(&path).map(str::to_owned)
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

    fn object(&self, path: &str) -> Option<Object> {
        (**self).object(path)
    }

    fn exists(&self, path: &str) -> bool {
        (**self).exists(path)
    }

    fn stamp(&self, path: &str) -> Option<Stamp> {
        (**self).stamp(path)
    }

    fn cache(&self) -> Option<PathBuf> {
        (**self).cache()
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

/// Links that are followed one after another.
pub(super) const MAX_LINKS: usize = 16;

/// Where a link leads with what comes behind it; `None` out of the tree.
pub(super) fn led(link: &str, target: &str, rest: &str) -> Option<String> {
    if target.starts_with('/') {
        return None;
    }
    let joined = format!("{}/{target}/{rest}", folder_of(link));
    normalize(joined.trim_matches('/'))
}

/// The folder of a normalised path; empty at the root.
pub(super) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// `path` without `.` and `..`; `None` when it is absolute or leads above its start.
pub(crate) fn normalize(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    if path.starts_with('/') || path.contains('\0') {
        return None;
    }
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// `path` without `.` and `..` but those that lead above its start; `None` when it is absolute.
pub(crate) fn normalize_up(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    if path.starts_with('/') || path.contains('\0') {
        return None;
    }
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Whether a normalised path leads out of the folder that it starts in.
pub(crate) fn leads_up(path: &str) -> bool {
    path == ".." || path.starts_with("../")
}

/// The path from one folder to another place, both absolute and without links; empty for the folder itself.
fn relative(from: &Path, to: &Path) -> Option<String> {
    let shared = from.components().zip(to.components());
    let shared = shared.take_while(|(a, b)| a == b).count();
    let up = from.components().skip(shared).map(|_| Some(".."));
    let down = to.components().skip(shared);
    let down = down.map(|part| part.as_os_str().to_str());
    Some(up.chain(down).collect::<Option<Vec<&str>>>()?.join("/"))
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
    fn paths_stay_in_the_tree() {
        assert_eq!(normalize("a/./b/../c"), Some("a/c".to_owned()));
        assert_eq!(normalize("../c"), None);
        assert_eq!(normalize("/etc/passwd"), None);
    }

    #[test]
    fn paths_lead_up_where_the_tree_may_reach() {
        assert_eq!(normalize_up("a/../../b/./c"), Some("../b/c".to_owned()));
        assert_eq!(normalize_up("../../c"), Some("../../c".to_owned()));
        assert_eq!(normalize_up("/c"), None);

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
