// SPDX-License-Identifier: MIT OR Apache-2.0
//! Settings: the file `kconfig-lint.toml`, levels, suppressions.
//!
//! This room fills the option types of the rooms above it; none of them imports it. It reads
//! text that it is given, and opens no file.

mod allow;
mod levels;
mod settings;

pub use allow::{Allow, suppress};
pub use levels::{Levels, Selector, UnknownRule};
pub use settings::{FILE_NAME, Mistake, Settings};
