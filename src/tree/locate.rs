// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which tree a path lies in, and of what kind it is.
//!
//! Looks only at which files exist; reads none of them. Links are not followed upwards: the
//! tree around a path is the one its own name goes through.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::{Kind, Overrides};
use crate::source::{Reader, WorkTree, normalize};

/// A tree that was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Located {
    /// Its folder.
    pub root: PathBuf,
    /// Its root file, relative to that folder.
    pub root_file: String,
    /// What it is.
    pub kind: Kind,
    /// Whether there is no tree: one file is linted alone.
    pub alone: bool,
}

/// Why no tree was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LocateError {
    /// Nothing is at this path, or it cannot be looked at; the system's own words.
    Unreadable(PathBuf, String),
    /// No folder from here upwards is the root of a tree.
    NoTree(PathBuf),
    /// No folder from here upwards holds the root file that the user names.
    NoRootFile(PathBuf, String),
}

impl fmt::Display for LocateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LocateError::Unreadable(path, words) => {
                write!(f, "cannot read {}: {words}", path.display())
            }
            LocateError::NoTree(path) => write!(
                f,
                "no Kconfig tree around {}: no folder from there upwards has a root file \
                 (Kconfig, Config.in, src/Kconfig)",
                path.display()
            ),
            LocateError::NoRootFile(path, file) => write!(
                f,
                "no folder from {} upwards has a file {file}",
                path.display()
            ),
        }
    }
}

impl std::error::Error for LocateError {}

/// Root files by the folders that mark a tree of some kind, the more telling ones first. A
/// marker that ends in `/` is a folder.
const MARKS: &[(&str, &[&str], Kind)] = &[
    ("Kconfig", &["Kconfig.zephyr"], Kind::Zephyr),
    ("Kconfig", &["zephyr/module.yml"], Kind::Zephyr),
    ("zephyr/Kconfig", &["zephyr/module.yml"], Kind::Zephyr),
    ("Kconfig", &["west.yml"], Kind::Zephyr),
    ("Kconfig", &["prj.conf"], Kind::Zephyr),
    ("Kconfig", &["tools/idf.py"], Kind::EspIdf),
    ("Kconfig", &["sdkconfig"], Kind::EspIdf),
    ("Kconfig", &["tools/mkconfig.c"], Kind::NuttX),
    ("Kconfig", &["scripts/minikconf.py"], Kind::Qemu),
    (
        "Kconfig",
        &["scripts/kconfig/kconfiglib.py"],
        Kind::Kconfiglib,
    ),
    (
        "Kconfig",
        &["scripts/Kconfiglib/", "lib/sbi/"],
        Kind::OpenSbi,
    ),
    ("Kconfig", &["scripts/Kconfiglib/"], Kind::Kconfiglib),
    ("Kconfig", &["lib/kconfiglib/"], Kind::Kconfiglib),
    ("src/Kconfig", &["lib/kconfiglib/"], Kind::Kconfiglib),
    ("Kconfig", &["kconfiglib.py"], Kind::Kconfiglib),
    ("Kconfig", &["rtconfig.h"], Kind::Kconfiglib),
    ("Kconfig", &["include/rtthread.h"], Kind::Kconfiglib),
    (
        "Kconfig",
        &["scripts/kconfig/", "include/u-boot/"],
        Kind::UBoot,
    ),
    ("Kconfig", &["scripts/kconfig/"], Kind::Linux),
    ("Kconfig", &["tools/kconfig/"], Kind::Linux),
    ("Config.in", &["support/kconfig/"], Kind::Buildroot),
    ("Config.in", &["scripts/config/", "rules.mk"], Kind::OpenWrt),
    ("Config.in", &["scripts/config/", "target/"], Kind::OpenWrt),
    ("Config.in", &["scripts/kconfig/"], Kind::BusyBox),
    ("Config.in", &["kconfig/", "toys/"], Kind::BusyBox),
    ("extra/Configs/Config.in", &["extra/config/"], Kind::UClibc),
    ("config/config.in", &["kconfig/"], Kind::CrosstoolNg),
    ("Config.uk", &["support/kconfig/"], Kind::Linux),
    ("src/Kconfig", &["util/kconfig/"], Kind::Coreboot),
    ("src/Kconfig", &["scripts/kconfig/"], Kind::Generic),
];

/// Files at which a tree of no known kind may start.
const ROOT_FILES: [&str; 3] = ["Kconfig", "Config.in", "src/Kconfig"];

/// The kind and the root file of the tree that `reader` holds, if it bears a known mark.
pub(super) fn recognise(reader: &dyn Reader) -> Option<(Kind, &'static str)> {
    marked(&|path| reader.exists(path))
}

fn marked(exists: &dyn Fn(&str) -> bool) -> Option<(Kind, &'static str)> {
    let mark = MARKS.iter().find(|(root_file, marks, _)| {
        exists(root_file) && marks.iter().all(|mark| exists(mark.trim_end_matches('/')))
    });
    mark.map(|(root_file, _, kind)| (*kind, *root_file))
}

/// Finds the folders of the trees that may hold a file, as [`locate`] finds them on the disk.
pub struct Around<'e> {
    exists: &'e dyn Fn(&str) -> bool,
    root_file: Option<&'e str>,
    known: BTreeMap<String, (bool, bool)>,
}

impl<'e> Around<'e> {
    /// Nothing is known yet. `exists` says whether a path exists below the folder that all paths
    /// are relative to.
    pub fn new(exists: &'e dyn Fn(&str) -> bool, overrides: &'e Overrides) -> Around<'e> {
        Around {
            exists,
            root_file: overrides.root_file.as_deref(),
            known: BTreeMap::new(),
        }
    }

    /// The folders around `file` that bear the marks of a known kind, and the outermost one with a
    /// root file. The first is the outermost.
    pub fn folders(&mut self, file: &str) -> Vec<String> {
        let ends = file.match_indices('/').map(|(at, _)| &file[..at]);
        let folders: Vec<&str> = std::iter::once("").chain(ends).collect();
        let mut has_root = false;
        let mut found = Vec::new();
        for folder in folders {
            let (is_root, is_marked) = self.look(folder);
            // Fragments below a root file belong to its tree.
            if is_marked || is_root && !has_root {
                found.push(folder.to_owned());
            }
            has_root |= is_root;
        }
        found
    }

    /// Whether a folder has a root file, and whether it bears a mark.
    fn look(&mut self, folder: &str) -> (bool, bool) {
        if let Some(known) = self.known.get(folder) {
            return *known;
        }
        let exists = |path: &str| match folder {
            "" => (self.exists)(path),
            folder => (self.exists)(&format!("{folder}/{path}")),
        };
        let (is_root, is_marked) = match self.root_file {
            Some(file) => (exists(file), false),
            None => {
                let is_root = ROOT_FILES.iter().any(|file| exists(file));
                (is_root, is_root && marked(&exists).is_some())
            }
        };
        self.known.insert(folder.to_owned(), (is_root, is_marked));
        (is_root, is_marked)
    }
}

/// Whether a file has the name of a root file.
pub fn is_root_file(path: &str) -> bool {
    let names = ROOT_FILES.map(|file| file.rsplit('/').next().unwrap_or(file));
    names.contains(&path.rsplit('/').next().unwrap_or(path))
}

/// The tree around `path`: the nearest folder upwards that bears the mark of a known kind, else
/// the outermost folder with a root file inside the same git work tree. A file outside of any
/// tree is linted alone.
///
/// # Errors
/// When there is no such path, or a folder lies in no tree.
pub fn locate(path: &Path, overrides: &Overrides) -> Result<Located, LocateError> {
    let unreadable =
        |error: std::io::Error| LocateError::Unreadable(path.to_owned(), error.to_string());
    let is_folder = std::fs::metadata(path).map_err(unreadable)?.is_dir();
    let full = std::path::absolute(path).map_err(unreadable)?;
    let full = without_dots(&full);
    let start = if is_folder {
        full.as_path()
    } else {
        full.parent().unwrap_or(&full)
    };
    let folders: Vec<&Path> = start.ancestors().collect();
    let mut located = match &overrides.root_file {
        Some(file) => with_root_file(path, &folders, file)?,
        None => nearest_mark(&folders)
            .or_else(|| outermost(&folders))
            .or_else(|| (!is_folder).then(|| alone(&full))?)
            .ok_or_else(|| LocateError::NoTree(path.to_owned()))?,
    };
    if let Some(kind) = overrides.kind {
        located.kind = kind;
    }
    Ok(located)
}

/// The tree that `reader` holds from its top, which lies at `root`, or would. `None` when it has no
/// root file.
pub fn locate_in(reader: &dyn Reader, root: &Path, overrides: &Overrides) -> Option<Located> {
    let marked = recognise(reader);
    let root_file = match (&overrides.root_file, marked) {
        (Some(file), _) => reader.exists(file).then_some(file.as_str()),
        (None, Some((_, file))) => Some(file),
        (None, None) => ROOT_FILES.into_iter().find(|file| reader.exists(file)),
    };
    let kind = overrides.kind.or(marked.map(|(kind, _)| kind));
    Some(Located {
        root: root.to_owned(),
        root_file: root_file?.to_owned(),
        kind: kind.unwrap_or(Kind::Generic),
        alone: false,
    })
}

fn nearest_mark(folders: &[&Path]) -> Option<Located> {
    folders.iter().find_map(|folder| {
        let (kind, root_file) = recognise(&WorkTree::new(*folder))?;
        Some(Located {
            root: folder.to_path_buf(),
            root_file: root_file.to_owned(),
            kind,
            alone: false,
        })
    })
}

/// Without a git work tree only the folder itself counts: nothing says how far up its tree
/// reaches.
fn outermost(folders: &[&Path]) -> Option<Located> {
    let top = folders
        .iter()
        .position(|folder| folder.join(".git").exists());
    let inside = &folders[..=top.unwrap_or(0)];
    inside.iter().rev().find_map(|folder| {
        let root_file = ROOT_FILES.iter().find(|file| folder.join(file).is_file())?;
        Some(Located {
            root: folder.to_path_buf(),
            root_file: (*root_file).to_owned(),
            kind: Kind::Generic,
            alone: false,
        })
    })
}

fn with_root_file(path: &Path, folders: &[&Path], file: &str) -> Result<Located, LocateError> {
    let is_exact = file.starts_with("./") || normalize(file).is_none();
    let mut inside = folders.iter().filter(|_| !is_exact);
    // A FIFO or a folder is told apart when it is read.
    let Some(root) = inside.find(|folder| folder.join(file).exists()) else {
        let elsewhere = elsewhere(Path::new(file));
        return elsewhere.ok_or(LocateError::NoRootFile(path.to_owned(), file.to_owned()));
    };
    let deeper = elsewhere(&root.join(file));
    let is_tree = |it: &Located| it.kind != Kind::Generic && it.root.starts_with(root);
    if let Some(deeper) = deeper.filter(is_tree) {
        return Ok(deeper);
    }
    let kind = recognise(&WorkTree::new(*root)).map_or(Kind::Generic, |(kind, _)| kind);
    Ok(Located {
        root: root.to_path_buf(),
        root_file: file.to_owned(),
        kind,
        alone: false,
    })
}

/// The tree around a root file that lies in no folder around the path, as in an SDK.
fn elsewhere(file: &Path) -> Option<Located> {
    let file = without_dots(&std::path::absolute(file).ok().filter(|it| it.exists())?);
    let folder = file.parent()?;
    let folders: Vec<&Path> = folder.ancestors().collect();
    let marked = nearest_mark(&folders);
    let root = marked.as_ref().map_or(folder, |it| &it.root).to_owned();
    Some(Located {
        root_file: file.strip_prefix(&root).ok()?.to_str()?.to_owned(),
        root,
        kind: marked.map_or(Kind::Generic, |it| it.kind),
        alone: false,
    })
}

/// The top of the git work tree around a folder, which may be a link.
pub fn work_tree(folder: &Path) -> Option<PathBuf> {
    let folder = std::fs::canonicalize(folder).ok()?;
    let mut around = folder.ancestors();
    around
        .find(|it| it.join(".git").exists())
        .map(Path::to_owned)
}

fn alone(file: &Path) -> Option<Located> {
    Some(Located {
        root: file.parent()?.to_owned(),
        root_file: file.file_name()?.to_str()?.to_owned(),
        kind: Kind::Generic,
        alone: true,
    })
}

/// An absolute path without `.` and `..`, by its text alone.
fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}
