// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which repository is read, and where the tree lies in it.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};

use super::super::args::{CheckArgs, Toolchain};
use super::super::paths::Filter;
use super::super::run::{self, Tree};
use crate::source::git::{Git, GitError};
use crate::source::{GitTree, Objects};

/// A repository, and where the tree lies in it.
pub(in crate::cli) struct Repository {
    pub(super) objects: Arc<Objects>,
    /// Empty, or with `/` at its end.
    pub(super) prefix: String,
    /// Where the tree lies on the disk; empty for a repository that is named.
    pub(super) root: PathBuf,
}

impl Repository {
    /// The repository that the arguments name, or the one around the paths.
    ///
    /// # Errors
    /// When there is none that can be read.
    pub(in crate::cli) fn open(args: &CheckArgs) -> anyhow::Result<Repository> {
        refuse_probe(args)?;
        if let Some(directory) = &args.source.git_dir {
            let git = Git::for_hook_in(directory).map_err(|error| match error {
                GitError::NoFolder(_) => anyhow::anyhow!("--git-dir: {error}"),
                error => anyhow::Error::new(error).context(directory.display().to_string()),
            })?;
            return Ok(Repository {
                objects: Objects::new(git),
                prefix: String::new(),
                root: PathBuf::new(),
            });
        }
        let root = root(args)?;
        let git = Git::for_hook(&root)?;
        Ok(Repository {
            prefix: git.prefix()?,
            objects: Objects::new(git),
            root,
        })
    }

    pub(super) fn git(&self) -> &Git {
        self.objects.git()
    }

    pub(super) fn tree(&self, commit: &str) -> Result<GitTree, GitError> {
        self.objects.tree(commit, &self.prefix)
    }

    /// The tree of a revision.
    ///
    /// # Errors
    /// When there is no such revision, or no tree in it.
    pub(in crate::cli) fn revision(
        &self,
        revision: &str,
        args: &CheckArgs,
    ) -> anyhow::Result<Tree> {
        let commit = self.git().commit(revision)?;
        let tree = Tree::of(&self.root, Arc::new(self.tree(&commit)?), &args.tree)?;
        tree.with_context(|| format!("no Kconfig tree in {revision}"))
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

/// The folder of the tree around the first path of the command line, which need not exist any
/// more; where there is no tree on the disk, that path itself.
pub(super) fn root(args: &CheckArgs) -> anyhow::Result<PathBuf> {
    let first = args.paths.first().context("no path is given")?;
    let absolute = std::path::absolute(first)?;
    let mut there = absolute.ancestors().filter(|path| path.exists());
    let nearest = there.next().context("no such folder")?;
    if let Some(root) = run::root(nearest, &args.tree)? {
        return Ok(root);
    }
    let folder = nearest.ancestors().find(|path| path.is_dir());
    Ok(folder.context("no such folder")?.to_owned())
}
