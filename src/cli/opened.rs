// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finds what the arguments of `check` name: one tree, or the roots of the settings, on the disk or in a revision.

use std::sync::Arc;

use super::args::CheckArgs;
use super::gate::Repository;
use super::paths::Filter;
use super::roots::Roots;
use super::run::Tree;
use crate::config::Root;
use crate::source::GitTree;

/// What is to be checked.
pub(super) enum Opened {
    /// One tree, and a filter that admits the findings to show.
    One(Box<Tree>, Filter),
    /// The roots of the settings.
    Several(Several),
}

/// Several roots, which lie on the disk or in a revision.
pub(super) struct Several {
    pub(super) roots: Roots,
    revision: Option<(Repository, Arc<GitTree>)>,
}

impl Several {
    /// Opens the tree of a root, with a filter that admits the findings to show. The arguments are those of
    /// the root.
    ///
    /// # Errors
    /// When the tree cannot be read.
    pub(super) fn open(&self, root: &Root, args: &CheckArgs) -> anyhow::Result<(Tree, Filter)> {
        if let Some((repository, files)) = &self.revision {
            return repository.listed(files.clone(), root, args);
        }
        let tree = Tree::listed(&self.roots.top, root, &args.tree)?;
        let filter = Filter::new(tree.root(), tree.reader(), &args.paths)?;
        Ok((tree, filter.of_part()))
    }
}

/// The revision whose tree is to be checked, where the tree is not that of the disk.
fn wanted_revision(args: &CheckArgs) -> &str {
    args.source.rev.as_deref().unwrap_or("HEAD")
}

/// Finds what is to be checked.
///
/// # Errors
/// When there is no such tree or revision, or the settings are wrong.
pub(super) fn opened(args: &CheckArgs) -> anyhow::Result<Opened> {
    let (roots, revision) = match args.source.is_elsewhere() {
        false => (Roots::around(&args.paths, &args.tree)?, None),
        true => {
            let repository = Repository::open(args)?;
            let files = repository.files(wanted_revision(args))?;
            let roots = repository.roots(&files, args)?;
            (roots, Some((repository, files)))
        }
    };
    let (tree, filter) = match (roots, revision) {
        (Some(roots), revision) => {
            let several = Several { roots, revision };
            match &several.roots.all[..] {
                [root] => several.open(root, &args.of_root(root))?,
                _ => return Ok(Opened::Several(several)),
            }
        }
        (None, Some((repository, files))) => {
            repository.revision(wanted_revision(args), files, args)?
        }
        (None, None) => {
            let tree = Tree::open(&args.paths, &args.tree)?;
            let filter = Filter::new(tree.root(), tree.reader(), &args.paths)?;
            (tree, filter)
        }
    };
    Ok(Opened::One(Box::new(tree), filter))
}
