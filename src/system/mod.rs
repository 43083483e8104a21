// SPDX-License-Identifier: MIT OR Apache-2.0
//! Asks the operating system for what an interrupted run must not leave behind: temporary files
//! and folders, half a set of written files, and processes. It keeps the files of the user's folder for caches, too.
//!
//! A signal that ends the program waits until a write in progress is finished. It then ends every
//! process that the program started, and removes the temporary folders. A run that needs too much
//! memory ends in the same way.

mod aside;
mod cache;
mod memory;
mod processes;
mod signals;

pub use aside::{create, replace, temporary, temporary_folder};
pub use cache::{cache_folder, read_cache, write_cache};
pub use memory::limit_memory;
pub use processes::wait;
pub use signals::{TemporaryFolder, heed, settle, spawn, undisturbed};
