// SPDX-License-Identifier: MIT OR Apache-2.0
//! File identity, text and spans, and the readers that provide the text.
//!
//! This is the only room that reads the tree. It knows nothing of Kconfig: it hands
//! out bytes, and places in them. Paths are relative to the root of the tree, with
//! `/` between their parts, whatever the machine uses.

mod asked;
mod files;
pub mod git;
mod hook;
mod name;
pub mod near;
mod objects;
pub mod patch;
mod path;
mod reader;
mod work_tree;

pub use asked::{Asked, Changed, Questions};
pub use files::{FileId, Files, LineColumn, SourceFile, Span, TextRange};
pub use name::Name;
pub use objects::{GitTree, Objects, may_be_sourced};
pub(crate) use path::{leads_up, normalize, normalize_up, relative};
pub use reader::{Object, Overlay, ReadError, Reader, Within};
pub use work_tree::{Stamp, WorkTree};
