// SPDX-License-Identifier: MIT OR Apache-2.0
//! Several trees of one repository in one run, as `[[root]]` of the settings lists them. Each has symbols of its
//! own, and may read files that the others read too; the reports become one.

use std::path::{Path, PathBuf};

use anyhow::{Context, Error, bail};

use super::args::{CheckArgs, TreeArgs};
use super::say;
use crate::config::{FILE_NAME, Root, Settings};
use crate::report;
use crate::session::Outcome;
use crate::source::Reader;
use crate::tree;

/// What one of the trees comes to, and of each path, whether the tree reads a file under it.
pub(super) type Judged = (Outcome, Vec<bool>);

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
        let listed = listed(paths)?;
        Ok(listed.and_then(|listed| listed.named(args)))
    }

    /// The same of the settings that `reader` has, which lie in the folder `top` or nowhere on the disk.
    ///
    /// # Errors
    /// When something is wrong with these settings.
    pub(super) fn of(
        reader: &dyn Reader,
        top: &Path,
        args: &TreeArgs,
    ) -> anyhow::Result<Option<Roots>> {
        let text = reader.read(FILE_NAME).unwrap_or_default();
        let listed = Roots::parse(&text, top)?;
        Ok(listed.and_then(|listed| listed.named(args)))
    }

    /// What the text of the settings in the folder `top` lists; `None` where that is nothing. What is wrong with settings
    /// that list nothing is said when they are read for their tree.
    fn parse(text: &[u8], top: &Path) -> anyhow::Result<Option<Roots>> {
        if !String::from_utf8_lossy(text).contains("[[root]]") {
            return Ok(None);
        }
        let all = Settings::of_bytes(text).map_err(Error::msg)?.roots;
        Ok((!all.is_empty()).then(|| Roots {
            top: top.to_owned(),
            all,
        }))
    }

    /// The one that `--root` names, all where it names none, and `None` where it names something else.
    fn named(mut self, args: &TreeArgs) -> Option<Roots> {
        if let Some(file) = &args.root_file {
            self.all.retain(|root| Path::new(&root.name()) == file);
        }
        (!self.all.is_empty()).then_some(self)
    }

    /// What all trees together come to. `each` says of one of them what is found, and whether the tree reads a file
    /// under each path.
    ///
    /// # Errors
    /// When a run fails, or no tree reads a path.
    pub(super) fn united(
        &self,
        args: &CheckArgs,
        each: &mut dyn FnMut(&Root, &CheckArgs) -> anyhow::Result<Judged>,
    ) -> anyhow::Result<Outcome> {
        let mut parts = Vec::new();
        let mut read: Vec<bool> = vec![false; args.paths.len()];
        for root in &self.all {
            if args.verbose {
                say(&format!("root: {}", root.name()));
            }
            let (outcome, own) = each(root, &args.of_root(root))?;
            read.iter_mut().zip(own).for_each(|(all, own)| *all |= own);
            parts.push((root.name(), root.folder.clone(), outcome));
        }
        if let Some((path, _)) = args.paths.iter().zip(read).find(|(_, read)| !read) {
            bail!(
                "no root of {FILE_NAME} ({}) reads {}: name its root file with --root",
                self.names(),
                path.display()
            );
        }
        report::united(parts).context("no root is listed")
    }

    /// That fixes and baselines are for one tree.
    pub(super) fn refuse_fixes(&self) -> Error {
        anyhow::anyhow!(
            "fixes and baselines are for one tree, and {FILE_NAME} lists several ({}): name one of them with --root",
            self.names()
        )
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
    fn names(&self) -> String {
        let names: Vec<String> = self.all.iter().map(Root::name).collect();
        names.join(", ")
    }
}

/// What the nearest settings around the first path list that list roots.
///
/// # Errors
/// When something is wrong with these settings.
fn listed(paths: &[PathBuf]) -> anyhow::Result<Option<Roots>> {
    let folder = paths
        .first()
        .and_then(|path| std::path::absolute(path).ok());
    let Some(folder) = folder else {
        return Ok(None);
    };
    let last = tree::work_tree(&folder).unwrap_or_else(|| folder.clone());
    for folder in folder.ancestors() {
        let text = std::fs::read(folder.join(FILE_NAME)).unwrap_or_default();
        if let Some(roots) = Roots::parse(&text, folder)? {
            return Ok(Some(roots));
        }
        if std::fs::canonicalize(folder).is_ok_and(|it| it == last) {
            break;
        }
    }
    Ok(None)
}
