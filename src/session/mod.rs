// SPDX-License-Identifier: MIT OR Apache-2.0
//! Runs the pipeline: files in parallel, then architectures; merges findings across
//! architectures and sorts them.
//!
//! A run is a pure function of the tree and the options. Nothing here prints, except through
//! the progress callback that the caller gives.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::source::Files;
use crate::tree::Project;

/// Counts of a run, for the summary.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Files that were read.
    pub files: usize,
    /// Distinct symbols that some architecture defines.
    pub symbols: usize,
    /// `select` statements, each counted once for all architectures.
    pub selects: usize,
}

/// The result of a run.
pub struct Outcome {
    /// The tree.
    pub project: Project,
    /// The files; spans of findings refer to them.
    pub files: Arc<Files>,
    /// Names of the architectures that were analysed, sorted; empty where the tree has none.
    pub architectures: Vec<String>,
    /// Findings, sorted by path, place and rule, merged across architectures. None is at
    /// `Allow`.
    pub findings: Vec<Diagnostic>,
    /// What `-v` says besides: remarks on selects that are safe only because of their
    /// architecture, with their places.
    pub remarks: Vec<Diagnostic>,
    /// Counts.
    pub counts: Counts,
    /// Failures of this program itself, such as a witness that does not replay. Any of them
    /// makes the exit status 2.
    pub internal_errors: Vec<String>,
}
