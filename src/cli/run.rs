// SPDX-License-Identifier: MIT OR Apache-2.0
//! The one place where the command line meets the pipeline: arguments become the options of
//! `tree` and `session`.

use std::path::{Path, PathBuf};

use anyhow::bail;

use super::args::TreeArgs;
use super::progress::Progress;
use crate::config::Levels;
use crate::report::Neighbourhood;
use crate::rules::Policy;
use crate::session::Outcome;

/// The tree around the paths of a command line.
pub(super) struct Tree {
    root: PathBuf,
}

impl Tree {
    /// Finds the tree that holds all of `paths`.
    ///
    /// # Errors
    /// When there is none, or they lie in different trees.
    pub(super) fn open(paths: &[PathBuf], args: &TreeArgs) -> anyhow::Result<Tree> {
        let _ = (paths, args);
        bail!("the pipeline is not connected yet")
    }

    /// The folder of the tree.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of the tree as a report names it, `/` between its parts.
    pub(super) fn shown_root(&self) -> String {
        self.root.to_string_lossy().replace('\\', "/")
    }
}

/// What a run is to look for.
pub(super) struct Analysis {
    /// The level of every rule.
    pub(super) levels: Levels,
    /// Built-in policies and those of the settings.
    pub(super) policies: Vec<Policy>,
    /// Whether remarks are wanted.
    pub(super) remarks: bool,
}

/// Runs the pipeline.
///
/// # Errors
/// When an architecture is unknown, or the toolchain's answers cannot be read.
pub(super) fn analyse(
    tree: &Tree,
    args: &TreeArgs,
    analysis: Analysis,
    progress: &Progress,
) -> anyhow::Result<Outcome> {
    let _ = (
        tree,
        args,
        analysis.levels,
        analysis.policies,
        analysis.remarks,
    );
    progress.step(0, 1, "");
    bail!("the pipeline is not connected yet")
}

/// What is around a symbol, up to `depth` steps.
///
/// # Errors
/// When no architecture defines the symbol.
pub(super) fn neighbourhood(
    tree: &Tree,
    args: &TreeArgs,
    symbol: &str,
    depth: usize,
) -> anyhow::Result<Neighbourhood> {
    let _ = (tree, args, symbol, depth);
    bail!("the pipeline is not connected yet")
}
