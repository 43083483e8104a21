// SPDX-License-Identifier: MIT OR Apache-2.0
//! From candidates to changed files: each fix is proved on every architecture (`proof`, `group`,
//! `independent`, `judge`, `asking`, `verdict`); which fixes are taken and what they make of a text (`edits`), the loop that keeps
//! only those that do no harm together (`rounds`), the patch (`diff`), and the one way in which
//! files of the tree are written (`write`).
//!
//! A rule proposes; nothing here finds anything by itself. Everything but `write` happens in
//! memory, and only `write` changes files.

mod asking;
mod diff;
mod edits;
mod group;
mod independent;
mod judge;
mod proof;
mod rounds;
mod verdict;
mod write;

pub use diff::unified;
pub use edits::Unfit;
pub use proof::{Budget, Effort, Prover, prove};
pub use rounds::{Changed, Fixed, Identity, Judged, Named, Reason, fix};
pub use write::{WriteError, as_files, write};
