// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which repository is read, and where the tree lies in it.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};

use super::super::args::{CheckArgs, Toolchain};
use super::super::paths::Filter;
use super::super::roots::Roots;
use super::super::run::{self, Tree};
use super::trees::with_slash;
use crate::config::Root;
use crate::source::git::{Git, GitError};
use crate::source::{GitTree, Objects, Reader, Within};
use crate::system::cache_folder;
use crate::tree::{Around, is_root_file};

/// A repository, and where the tree lies in it.
#[derive(Clone)]
pub(in crate::cli) struct Repository {
    pub(super) objects: Arc<Objects>,
    /// Empty, or with `/` at its end.
    pub(super) prefix: String,
    /// Where the tree lies on the disk; empty for a repository that is named.
    pub(super) root: PathBuf,
    /// Whether other trees may lie below that folder.
    pub(super) is_wide: bool,
}

impl Repository {
    /// The repository that the arguments name, or the one around the paths.
    ///
    /// # Errors
    /// When there is none that can be read.
    pub(in crate::cli) fn open(args: &CheckArgs) -> anyhow::Result<Repository> {
        refuse_probe(args)?;
        let caches = cache_folder().filter(|_| !args.tree.no_cache);
        if let Some(directory) = &args.source.git_dir {
            let git = Git::for_hook_in(directory).map_err(|error| match error {
                GitError::NoFolder(_) => anyhow::anyhow!("--git-dir: {error}"),
                error => anyhow::Error::new(error).context(directory.display().to_string()),
            })?;
            return Ok(Repository {
                objects: Objects::cached_in(git, caches),
                prefix: String::new(),
                root: PathBuf::new(),
                is_wide: true,
            });
        }
        let (root, is_wide) = root(args)?;
        let git = Git::for_hook(&root)?;
        Ok(Repository {
            prefix: git.prefix()?,
            objects: Objects::cached_in(git, caches),
            root,
            is_wide,
        })
    }

    pub(super) fn git(&self) -> &Git {
        self.objects.git()
    }

    pub(super) fn tree(&self, commit: &str) -> Result<GitTree, GitError> {
        self.objects.tree(commit, &self.prefix)
    }

    /// The tree of a revision, and what of it is shown.
    ///
    /// # Errors
    /// When there is no tree in it.
    pub(in crate::cli) fn revision(
        &self,
        revision: &str,
        files: Arc<GitTree>,
        args: &CheckArgs,
    ) -> anyhow::Result<(Tree, Filter)> {
        let filter = self.filter(args)?;
        if let Some(tree) = Tree::of(&self.root, files.clone(), &args.tree)? {
            return Ok((tree, filter));
        }
        // A repository that is named has no folder on the disk to find the tree by.
        let overrides = run::overrides(&args.tree)?;
        let exists = |path: &str| files.exists(path);
        let mut around = Around::new(&exists, &overrides);
        let below = filter.prefixes().next().map(|path| format!("{path}/."));
        let folder = below.and_then(|path| around.folders(&path).pop());
        if let Some(folder) = folder.filter(|folder| !folder.is_empty()) {
            let filter = filter.within(std::slice::from_ref(&folder));
            let files = Within::of(files.clone(), &format!("{folder}/"));
            let tree = Tree::of(&self.root.join(&folder), files, &args.tree)?;
            return tree.zip(filter).context("no Kconfig tree there");
        }
        Err(no_tree(
            &format!("in {revision}"),
            &known(files.paths(), &mut around),
        ))
    }

    /// The files of a revision.
    ///
    /// # Errors
    /// When there is no such revision.
    pub(in crate::cli) fn files(&self, revision: &str) -> anyhow::Result<Arc<GitTree>> {
        let commit = self.git().commit(revision)?;
        Ok(Arc::new(self.tree(&commit)?))
    }

    /// The roots that the settings of a revision list, as [`Roots::of`] has them.
    ///
    /// # Errors
    /// When something is wrong with these settings.
    pub(in crate::cli) fn roots(
        &self,
        files: &GitTree,
        args: &CheckArgs,
    ) -> anyhow::Result<Option<Roots>> {
        Roots::of(files, &self.root, &args.tree)
    }

    /// Opens one of these trees, with a filter that admits the findings to show. The arguments are those of
    /// the root.
    ///
    /// # Errors
    /// When the revision has no root file there.
    pub(in crate::cli) fn listed(
        &self,
        files: Arc<GitTree>,
        root: &Root,
        args: &CheckArgs,
    ) -> anyhow::Result<(Tree, Filter)> {
        let files = Within::seen_from(files, &with_slash(&root.folder));
        let tree = Tree::of(&self.root.join(&root.folder), files, &args.tree)?;
        let tree = tree.with_context(|| run::rootless(root))?;
        Ok((tree, self.filter(args)?.seen_from(&root.folder)))
    }

    /// The paths of the command line as a filter; they need not exist on the disk.
    ///
    /// # Errors
    /// When one lies outside the tree.
    pub(in crate::cli) fn filter(&self, args: &CheckArgs) -> anyhow::Result<Filter> {
        Filter::by_name(&self.root, &args.paths)
    }
}

/// The commands of a tree run where it lies, and here it lies nowhere.
pub(super) fn refuse_probe(args: &CheckArgs) -> anyhow::Result<()> {
    if args.tree.toolchain == Toolchain::Probe {
        bail!("--toolchain probe runs commands in a tree on the disk: record them for this one");
    }
    Ok(())
}

/// The folders of all trees among some files; those of fragments below a root file are none.
pub(super) fn known<'p>(
    paths: impl Iterator<Item = &'p str>,
    around: &mut Around<'_>,
) -> BTreeSet<String> {
    let files = paths.filter(|path| is_root_file(path));
    files.flat_map(|file| around.folders(file)).collect()
}

/// That there is no tree at `place`, and where there are some.
pub(super) fn no_tree(place: &str, known: &BTreeSet<String>) -> anyhow::Error {
    let Some(last) = known.last() else {
        return anyhow::anyhow!(
            "no Kconfig tree {place}: no folder has a root file (Kconfig, Config.in, src/Kconfig); \
             give the folder of the tree as PATH, or its root file with --root"
        );
    };
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    let names = names.join(", ");
    anyhow::anyhow!(
        "no Kconfig tree {place} itself, but in {names}: give the folder as PATH, such as {last}"
    )
}

/// The folder of the tree around the first path of the command line, which need not exist any
/// more, or that of the settings that list several; where there is no tree on the disk, that path itself. With it,
/// whether other trees may lie below that folder: the path leads to no place inside a tree.
pub(super) fn root(args: &CheckArgs) -> anyhow::Result<(PathBuf, bool)> {
    let first = args.paths.first().context("no path is given")?;
    let absolute = std::path::absolute(first)?;
    let mut there = absolute.ancestors().filter(|path| path.exists());
    let nearest = there.next().context("no such folder")?;
    if let Some(roots) = Roots::around(&[nearest.to_owned()], &args.tree)? {
        return Ok((roots.top, true));
    }
    if let Some(root) = run::root(nearest, &args.tree)? {
        let is_wide =
            root == nearest || fs::canonicalize(nearest).ok() == fs::canonicalize(&root).ok();
        return Ok((root, is_wide));
    }
    let folder = nearest.ancestors().find(|path| path.is_dir());
    Ok((folder.context("no such folder")?.to_owned(), true))
}
