// SPDX-License-Identifier: MIT OR Apache-2.0
//! Several trees of one repository in one run, as `[[root]]` of the settings lists them. Each has symbols of its
//! own, and may read files that the others read too; the reports become one.

use std::path::{Path, PathBuf};

use anyhow::{Error, bail};

use super::args::TreeArgs;
use crate::config::{FILE_NAME, Root, Settings};
use crate::tree;

/// The trees of a repository.
pub(super) struct Roots {
    /// The folder of the settings.
    pub(super) top: PathBuf,
    /// In the order of the settings.
    pub(super) all: Vec<Root>,
}

impl Roots {
    /// What the settings around the first path list, in the same git work tree, or the one of it that `--root`
    /// names; `None` where they list nothing, or `--root` names something else.
    ///
    /// # Errors
    /// When something is wrong with these settings.
    pub(super) fn around(paths: &[PathBuf], args: &TreeArgs) -> anyhow::Result<Option<Roots>> {
        let Some((top, mut all)) = listed(paths)? else {
            return Ok(None);
        };
        if let Some(file) = &args.root_file {
            all.retain(|root| Path::new(&root.name()) == file);
        }
        Ok((!all.is_empty()).then_some(Roots { top, all }))
    }

    /// Whether there are several.
    pub(super) fn are_several(&self) -> bool {
        self.all.len() > 1
    }

    /// The root of the tree around the paths, for what is done to one tree.
    ///
    /// # Errors
    /// When there are several.
    pub(super) fn only(&self, paths: &[PathBuf]) -> anyhow::Result<&Root> {
        let holds = |root: &&Root| {
            let folder = self.top.join(&root.folder);
            let mut paths = paths.iter().filter_map(|it| std::path::absolute(it).ok());
            !root.folder.is_empty() && paths.all(|path| path.starts_with(&folder))
        };
        let all: Vec<&Root> = self.all.iter().collect();
        let around: Vec<&Root> = self.all.iter().filter(holds).collect();
        match (&all[..], &around[..]) {
            ([root], _) | (_, [root]) => Ok(root),
            _ => bail!(
                "{FILE_NAME} lists several roots ({}): name one of them with --root, or a folder in it",
                self.names()
            ),
        }
    }

    /// Their names, in one line.
    pub(super) fn names(&self) -> String {
        let names: Vec<String> = self.all.iter().map(Root::name).collect();
        names.join(", ")
    }
}

/// The folder of the settings around the first path that list roots, and these.
///
/// # Errors
/// When something is wrong with these settings.
fn listed(paths: &[PathBuf]) -> anyhow::Result<Option<(PathBuf, Vec<Root>)>> {
    let folder = paths
        .first()
        .and_then(|path| std::path::absolute(path).ok());
    let Some(folder) = folder else {
        return Ok(None);
    };
    let last = tree::work_tree(&folder).unwrap_or_else(|| folder.clone());
    for folder in folder.ancestors() {
        let text = std::fs::read(folder.join(FILE_NAME)).unwrap_or_default();
        // What is wrong with other settings is said when they are read for their tree.
        if String::from_utf8_lossy(&text).contains("[[root]]") {
            let roots = Settings::of_bytes(&text).map_err(Error::msg)?.roots;
            return Ok((!roots.is_empty()).then(|| (folder.to_owned(), roots)));
        }
        if std::fs::canonicalize(folder).is_ok_and(|it| it == last) {
            break;
        }
    }
    Ok(None)
}
