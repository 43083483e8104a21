// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the code of a tree needs to be linked: facts of C, assembler and Makefiles, each with its
//! condition, and the question whether some configuration builds a caller without what it calls.
//!
//! Nothing is preprocessed or run. What cannot be read is an unknown, and no unknown makes a finding:
//! it counts as false for a caller, and as true for a definition or a stub.

pub mod ask;
mod cache;
pub mod code;
pub mod cond;
pub mod directive;
pub mod facts;
pub mod flow;
pub mod kbuild;
pub mod lex;
pub mod make;
mod packed;
pub mod view;

pub use ask::{Call, Finding, Kind, check};
pub use code::Code;

/// Whether a file is code of the tree's own program, by its path.
pub fn is_code(path: &str) -> bool {
    let aside = ["Documentation/", "LICENSES/", "tools/", "scripts/"];
    let is_code = path.ends_with(".c") || path.ends_with(".h") || path.ends_with(".S");
    is_code && !aside.iter().any(|it| path.starts_with(it))
}
