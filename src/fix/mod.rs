// SPDX-License-Identifier: MIT OR Apache-2.0
//! From fixes to changed files: which fixes are taken and what they make of a text (`edits`), the
//! loop that keeps only those that do no harm (`rounds`), the patch (`diff`), and the one way in
//! which files of the tree are written (`write`).
//!
//! Everything but `write` happens in memory, and only `write` changes files.

mod diff;
mod edits;
mod rounds;
mod write;

pub use diff::unified;
pub use edits::Unfit;
pub use rounds::{Changed, Fixed, Judged, Named, Reason, fix};
pub use write::{WriteError, as_files, write};
