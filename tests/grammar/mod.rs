// SPDX-License-Identifier: MIT OR Apache-2.0
//! Executes the files of `grammar/`, so that they cannot go stale: see architecture.md.

mod closed;
#[cfg(feature = "kernel-tests")]
mod conf;
mod engine;
mod fixtures;
mod judge;
mod mutants;
mod sentences;
