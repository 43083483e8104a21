// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which findings are shown: those with a place under one of the paths of the command line.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, bail};

use crate::config::FILE_NAME;
use crate::diagnostic::Diagnostic;
use crate::session::Reading;
use crate::source::{Files, Reader, Span, leads_up, normalize, relative as relative_path};
use crate::tree;

/// Paths within the tree; a finding passes that has a place under one of them.
pub(super) struct Filter {
    /// For each path its names, relative to the root of the tree, without a slash at the end; empty
    /// for the tree itself. A path has two where a link leads to it.
    prefixes: Vec<Vec<String>>,
    /// Whether the tree is one of several.
    is_part: bool,
}

impl Filter {
    /// The filter of these paths for the tree in the folder `root`, which `reader` reads.
    ///
    /// # Errors
    /// When a path does not exist or lies where the tree cannot reach it.
    pub(super) fn new(
        root: &Path,
        reader: &dyn Reader,
        paths: &[PathBuf],
    ) -> anyhow::Result<Filter> {
        let real = canonical(root)?;
        let names = |path: &PathBuf| {
            let mut names = vec![prefix(&real, reader, path)?];
            let written = std::path::absolute(path).ok();
            let written = written.as_deref().and_then(|it| it.strip_prefix(root).ok());
            let written = written.and_then(Path::to_str).and_then(normalize);
            names.extend(written.filter(|name| *name != names[0]));
            Ok(names)
        };
        let prefixes = paths.iter().map(names);
        Ok(Filter {
            prefixes: prefixes.collect::<anyhow::Result<_>>()?,
            is_part: false,
        })
    }

    /// The same for one of several trees, which alone does not show what is unused in all of them.
    pub(super) fn of_part(self) -> Filter {
        Filter {
            is_part: true,
            ..self
        }
    }

    /// The same by the names of the paths alone: what lies in a revision need not lie on the disk.
    /// Without a `root` they are names in the tree.
    ///
    /// # Errors
    /// When a path lies outside the tree.
    pub(super) fn by_name(root: &Path, paths: &[PathBuf]) -> anyhow::Result<Filter> {
        let inside = |path: &PathBuf| {
            let full = match root.as_os_str().is_empty() {
                true => path.clone(),
                false => std::path::absolute(path)?,
            };
            let inside = full.strip_prefix(root).ok().and_then(Path::to_str);
            let inside = inside.and_then(normalize);
            inside.with_context(|| format!("{} lies outside the tree", path.display()))
        };
        Ok(Filter {
            prefixes: paths
                .iter()
                .map(|path| Ok(vec![inside(path)?]))
                .collect::<anyhow::Result<_>>()?,
            is_part: false,
        })
    }

    /// The filter of a tree in one of `folders` of this tree; `None` where nothing of it is shown.
    pub(super) fn within(&self, folders: &[String]) -> Option<Filter> {
        let inside = |prefix: &String, folder: &String| match is_under(folder, prefix) {
            true => Some(String::new()),
            false => Some(prefix.strip_prefix(folder)?.strip_prefix('/')?.to_owned()),
        };
        let each = |names: &Vec<String>| {
            let all = names.iter();
            let all = all.flat_map(|name| folders.iter().filter_map(move |it| inside(name, it)));
            all.collect::<Vec<String>>()
        };
        let prefixes = self.prefixes.iter().map(each);
        let prefixes: Vec<_> = prefixes.filter(|names| !names.is_empty()).collect();
        (!prefixes.is_empty()).then_some(Filter {
            prefixes,
            is_part: self.is_part,
        })
    }

    /// The filter of a tree in `folder`, which may read files beside that folder.
    pub(super) fn seen_from(&self, folder: &str) -> Filter {
        let seen = |name: &String| relative_path(Path::new(folder), Path::new(name));
        let each = |names: &Vec<String>| names.iter().filter_map(seen).collect();
        Filter {
            prefixes: self.prefixes.iter().map(each).collect(),
            is_part: true,
        }
    }

    /// Of each path, whether a run has read a file under it.
    pub(super) fn reached(&self, reading: &Reading) -> Vec<bool> {
        let reached = |names: &Vec<String>| names.iter().any(|name| is_read(name, reading));
        self.prefixes.iter().map(reached).collect()
    }

    /// The paths, relative to the tree.
    pub(super) fn prefixes(&self) -> impl Iterator<Item = &str> {
        self.prefixes.iter().flatten().map(String::as_str)
    }

    /// Whether a file lies under one of the paths.
    pub(super) fn admits_path(&self, path: &str) -> bool {
        let mut names = self.prefixes.iter().flatten();
        names.any(|name| is_under(path, name))
    }

    /// Whether a run has read a file under one of the paths.
    pub(super) fn reaches(&self, reading: &Reading) -> bool {
        self.unreached(reading).count() < self.prefixes.len()
    }

    /// The paths under which a run has read no file.
    pub(super) fn unreached(&self, reading: &Reading) -> impl Iterator<Item = &str> {
        let reached = self.reached(reading);
        let all = self.prefixes.iter().zip(reached);
        let unread = all.filter(|(_, reached)| !reached);
        unread.map(|(names, _)| names[0].as_str())
    }

    /// Whether the whole tree is shown.
    pub(super) fn is_whole(&self) -> bool {
        !self.is_part && self.prefixes.iter().flatten().any(String::is_empty)
    }

    /// Whether a finding has a place under one of the paths. One about the tree as a whole
    /// always passes.
    pub(super) fn admits(&self, finding: &Diagnostic, files: &Files) -> bool {
        let labels = finding.primary.iter().chain(&finding.labels);
        let mut spans = labels.chain(&finding.related).map(|label| label.span);
        finding.primary.is_none() || spans.any(|span| self.covers(span, files))
    }

    fn covers(&self, span: Span, files: &Files) -> bool {
        let file = files.get(span.file);
        self.prefixes
            .iter()
            .flatten()
            .any(|prefix| is_under(file.path(), prefix))
    }
}

/// A folder as a report names it: from where the run was started, with `/` between its parts,
/// so that a report does not depend on where on the machine the tree lies.
pub(super) fn shown(folder: &Path) -> String {
    let start = std::env::current_dir().and_then(std::fs::canonicalize);
    match (start, std::fs::canonicalize(folder)) {
        (Ok(start), Ok(folder)) => relative(&start, &folder),
        _ => folder.to_string_lossy().into_owned(),
    }
}

/// How to call this program from `folder` where it was called as `called`: empty when the shell
/// finds it by its name.
pub(super) fn program(folder: &Path, called: Option<OsString>) -> String {
    let Some(called) = called.map(PathBuf::from) else {
        return String::new();
    };
    if called.is_absolute() {
        return called.to_string_lossy().into_owned();
    }
    if called.components().count() < 2 && !called.starts_with(".") {
        return String::new();
    }
    let back = from_folder(folder, Path::new("."));
    let called = called.strip_prefix(".").unwrap_or(&called);
    let back = if back.is_empty() { "." } else { &back };
    format!("{back}/{}", called.display())
}

/// A file as seen from a folder, which has to exist.
pub(super) fn from_folder(folder: &Path, file: &Path) -> String {
    match (std::fs::canonicalize(folder), std::fs::canonicalize(file)) {
        (Ok(folder), Ok(file)) => relative(&folder, &file),
        _ => file.to_string_lossy().into_owned(),
    }
}

fn relative(start: &Path, folder: &Path) -> String {
    let from: Vec<Component<'_>> = start.components().collect();
    let to: Vec<Component<'_>> = folder.components().collect();
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    if shared <= 1 {
        // Nothing but the root of the file system is shared.
        return folder.to_string_lossy().into_owned();
    }
    let up = from[shared..].iter().map(|_| "..".to_owned());
    let down = to[shared..]
        .iter()
        .map(|part| part.as_os_str().to_string_lossy().into_owned());
    let parts: Vec<String> = up.chain(down).collect();
    if parts.is_empty() {
        ".".to_owned()
    } else {
        parts.join("/")
    }
}

/// Whether a run has read a file under a path. The settings are read by every run.
fn is_read(name: &str, reading: &Reading) -> bool {
    name.is_empty() || name == FILE_NAME || is_any_under(&reading.files, name)
}

/// Whether a path itself is among the files, or a file below it.
pub(super) fn is_any_under(files: &BTreeSet<String>, path: &str) -> bool {
    if leads_up(path) {
        return files.iter().any(|file| is_under(file, path));
    }
    let below = format!("{path}/");
    let mut from = files.range(below.clone()..);
    files.contains(path) || from.next().is_some_and(|file| file.starts_with(&below))
}

/// Whether a path is that of `prefix` or lies below. A path may begin with `..` where it leads to a folder
/// beside the tree.
fn is_under(path: &str, prefix: &str) -> bool {
    let ups = |path: &str| path.split('/').take_while(|part| *part == "..").count();
    if leads_up(prefix) && prefix.ends_with("..") {
        return ups(path) <= ups(prefix);
    }
    match path.strip_prefix(prefix) {
        Some(rest) => prefix.is_empty() || rest.is_empty() || rest.starts_with('/'),
        None => false,
    }
}

fn prefix(root: &Path, reader: &dyn Reader, path: &Path) -> anyhow::Result<String> {
    let full = canonical(path)?;
    let Ok(inside) = full.strip_prefix(root) else {
        if let Some(beside) = full.to_str().and_then(|full| reader.inside(full)) {
            return Ok(beside);
        }
        bail!(
            "{} lies outside the tree in {}",
            path.display(),
            root.display()
        );
    };
    let parts = inside.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy()),
        _ => None,
    });
    Ok(parts.collect::<Vec<_>>().join("/"))
}

fn canonical(path: &Path) -> anyhow::Result<PathBuf> {
    std::fs::canonicalize(path).with_context(|| path.display().to_string())
}

/// The root files below a folder, as far as a walk of moderate length finds them.
pub(super) fn walk(reader: &dyn Reader) -> Vec<String> {
    const MAX_FOLDERS: usize = 20_000;
    let mut found = Vec::new();
    let mut folders = vec![String::new()];
    let mut walked = 0;
    while let Some(folder) = folders.pop().filter(|_| walked < MAX_FOLDERS) {
        walked += 1;
        let names = reader.list(folder.trim_end_matches('/'));
        let roots = names.iter().filter(|name| tree::is_root_file(name));
        let roots: Vec<String> = roots.map(|name| format!("{folder}{name}")).collect();
        if roots.is_empty() {
            let below = names
                .iter()
                .filter(|it| it.ends_with('/') && !it.starts_with('.'));
            folders.extend(below.map(|name| format!("{folder}{name}")));
        }
        found.extend(roots);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::WorkTree;

    #[test]
    fn a_prefix_ends_at_a_slash() {
        assert!(is_under("drivers/net/Kconfig", "drivers/net"));
        assert!(is_under("drivers/net/Kconfig", "drivers/net/Kconfig"));
        assert!(is_under("drivers/net/Kconfig", ""));
        assert!(!is_under("drivers/network/Kconfig", "drivers/net"));
        assert!(!is_under("Kconfig", "drivers"));
        assert!(is_under("a/Kconfig", "..") && is_under("../b/Kconfig", ".."));
        assert!(is_under("../b/Kconfig", "../b") && !is_under("../../b/Kconfig", ".."));
        assert!(is_under("../b/Kconfig", "") && !is_under("a/Kconfig", "../b"));
    }

    #[test]
    fn a_tree_is_named_from_where_the_run_was_started() {
        let of = |start: &str, folder: &str| relative(Path::new(start), Path::new(folder));
        assert_eq!(of("/trees/linux", "/trees/linux"), ".");
        assert_eq!(of("/trees/linux/drivers/gpu", "/trees/linux"), "../..");
        assert_eq!(of("/trees", "/trees/trees/linux"), "trees/linux");
        assert_eq!(of("/trees/x", "/trees/linux"), "../linux");
        assert_eq!(of("/trees", "/srv/linux"), "/srv/linux");
    }

    #[test]
    fn paths_are_relative_to_the_tree() {
        let folder = tempfile::tempdir().expect("a folder");
        let deep = folder.path().join("a/b");
        std::fs::create_dir_all(&deep).expect("a folder");
        let of =
            |root: &Path, path: &Path| Filter::new(root, &WorkTree::new(root), &[path.to_owned()]);
        assert_eq!(
            of(folder.path(), &deep).expect("inside").prefixes,
            [["a/b"]]
        );
        assert_eq!(
            of(folder.path(), folder.path()).expect("inside").prefixes,
            [[""]]
        );
        assert!(of(&deep, folder.path()).is_err());
        assert!(of(folder.path(), &folder.path().join("none")).is_err());
    }
}
