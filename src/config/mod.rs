// SPDX-License-Identifier: MIT OR Apache-2.0
//! Settings: the file `kconfig-lint.toml`, levels, suppressions, baselines.
//!
//! This room fills the option types of the rooms above it; none of them imports it. It reads
//! text that it is given, and opens no file.

mod allow;
mod baseline;
mod comment;
mod levels;
mod root;
mod settings;
mod suppress;
mod walk;

pub use allow::{Allow, listed_names};
pub use baseline::{Baseline, BaselineError, Entry, VERSION as BASELINE_VERSION};
pub use comment::{Allowed, Comment, Wrong, comments};
pub use levels::{Levels, Selector, UnknownRule, toolchain_name};
pub use root::Root;
pub use settings::{LevelSetting, Settings, file_of};
pub use suppress::{Known, Suppressed, View, suppress};
pub use walk::{FILE_NAME, Mistake};
