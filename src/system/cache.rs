// SPDX-License-Identifier: MIT OR Apache-2.0
//! The user's folder for caches: where it is, and how a file gets there. What stands in a file is the business of whoever
//! writes it. Without the folder everything is the same, but slower.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::replace;

/// Files that nobody has written for so long are removed.
const OLD: Duration = Duration::from_secs(60 * 24 * 60 * 60);

/// The user's folder for caches (XDG Base Directory Specification), and ours in it.
pub fn cache_folder() -> Option<PathBuf> {
    let own = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let own = own.filter(|path| path.is_absolute());
    let folder = own.or_else(|| std::env::home_dir().map(|home| home.join(".cache")))?;
    Some(folder.join(env!("CARGO_PKG_NAME"))).filter(|folder| folder.is_absolute())
}

/// Writes a file of the folder, aside and then into its place, and removes what is old there.
///
/// # Errors
/// When the file cannot be written. That is nothing to tell anybody.
pub fn keep_in_cache(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder)?;
    for entry in fs::read_dir(folder)?.flatten() {
        let written = entry.metadata().and_then(|data| data.modified());
        let age = written.map(|written| SystemTime::now().duration_since(written));
        if matches!(age, Ok(Ok(age)) if age > OLD) {
            let _ = fs::remove_file(entry.path());
        }
    }
    replace(file, |file| file.write_all(bytes))
}
