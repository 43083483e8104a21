// SPDX-License-Identifier: MIT OR Apache-2.0
//! Several trees of one repository in one run, as `[[root]]` of the settings lists them. Each has symbols of its
//! own, and may read files that the others read too; the reports become one.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::args::{CheckArgs, TreeArgs};
use super::paths::Filter;
use super::run::Tree;
use super::witness::Folder;
use super::{Streams, check, say};
use crate::config::{FILE_NAME, Root};
use crate::report;
use crate::session::Outcome;
use crate::tree;

/// The trees of a repository.
pub(super) struct Roots {
    /// The folder of the settings.
    top: PathBuf,
    all: Vec<Root>,
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

    /// The tree around the paths, for what is done to one tree.
    ///
    /// # Errors
    /// When there are several.
    pub(super) fn only(&self, paths: &[PathBuf], args: &TreeArgs) -> anyhow::Result<Tree> {
        let holds = |root: &&Root| {
            let folder = self.top.join(&root.folder);
            let mut paths = paths.iter().filter_map(|it| std::path::absolute(it).ok());
            !root.folder.is_empty() && paths.all(|path| path.starts_with(&folder))
        };
        let all: Vec<&Root> = self.all.iter().collect();
        let around: Vec<&Root> = self.all.iter().filter(holds).collect();
        match (&all[..], &around[..]) {
            ([root], _) | (_, [root]) => Tree::listed(&self.top, root, &args.of_root(root)),
            _ => bail!(
                "{FILE_NAME} lists several roots ({}): name one of them with --root, or a folder in it",
                self.names()
            ),
        }
    }

    /// What all trees together come to, and the folder in which its paths start.
    ///
    /// # Errors
    /// When a run fails, or no tree reads a path.
    pub(super) fn check(
        &self,
        args: &CheckArgs,
        streams: &Streams<'_>,
    ) -> anyhow::Result<(Outcome, PathBuf)> {
        if args.fix.threshold().is_some() || args.write_baseline.is_some() {
            bail!(
                "fixes and baselines are for one tree, and {FILE_NAME} lists several ({}): name one of them with --root",
                self.names()
            );
        }
        let mut parts = Vec::new();
        let mut unread: Vec<bool> = vec![true; args.paths.len()];
        for root in &self.all {
            let own = CheckArgs {
                tree: args.tree.of_root(root),
                ..args.clone()
            };
            if args.verbose {
                say(&format!("root: {}", root.name()));
            }
            let tree = Tree::listed(&self.top, root, &own.tree)?;
            let filter = |paths: &[PathBuf]| Filter::new(tree.root(), tree.reader(), paths);
            let folder = args.witness.as_ref().map(|folder| {
                let name = root.name().replace('/', "-");
                Folder::new(&folder.join(name), &self.top)
            });
            let shown = filter(&args.paths)?.of_part();
            let outcome = check::one_of_several(&own, &tree, shown, folder.transpose()?, streams)?;
            for (path, unread) in args.paths.iter().zip(&mut unread) {
                *unread &= !filter(std::slice::from_ref(path))?.reaches(&outcome.reading);
            }
            parts.push((root.name(), root.folder.clone(), outcome));
        }
        if let Some((path, _)) = args.paths.iter().zip(unread).find(|(_, unread)| *unread) {
            bail!(
                "no root of {FILE_NAME} ({}) reads {}: name its root file with --root",
                self.names(),
                path.display()
            );
        }
        let all = report::united(parts).context("no root is listed")?;
        Ok((all, self.top.clone()))
    }

    fn names(&self) -> String {
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
            let roots = check::parsed(&text)?.roots;
            return Ok((!roots.is_empty()).then(|| (folder.to_owned(), roots)));
        }
        if std::fs::canonicalize(folder).is_ok_and(|it| it == last) {
            break;
        }
    }
    Ok(None)
}
