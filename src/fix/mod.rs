// SPDX-License-Identifier: MIT OR Apache-2.0
//! Candidate fixes become patches: they are proved on every architecture.
//!
//! A rule proposes; this room tries each proposal on the tree in memory and keeps those that do
//! what they say and no harm. It finds nothing by itself, and words no finding.

mod judge;
mod proof;
mod text;
mod verdict;

pub use proof::{Effort, prove};
pub use text::applied;
