// SPDX-License-Identifier: MIT OR Apache-2.0
//! The user's folder for caches: where it is, and how something gets into a file there and out again. What that is, is the
//! business of whoever writes it. Without the folder everything is the same, but slower.
//!
//! A file counts only for this very program and for the key with which it was written; what is damaged or from elsewhere is no
//! cache. It is written aside and moved into its place, so that programs that run at the same time do not meet.

use std::hash::Hasher;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use std::{env, fs};

use rustc_hash::FxHasher;
use serde::{Serialize, de::DeserializeOwned};

use super::replace;

/// Files that nobody has written for so long are removed.
const OLD: Duration = Duration::from_secs(60 * 24 * 60 * 60);

/// The user's folder for caches (XDG Base Directory Specification), and ours in it.
pub fn cache_folder() -> Option<PathBuf> {
    let own = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let own = own.filter(|path| path.is_absolute());
    let folder = own.or_else(|| env::home_dir().map(|home| home.join(".cache")))?;
    Some(folder.join(env!("CARGO_PKG_NAME"))).filter(|folder| folder.is_absolute())
}

/// What was written with this key; `None` where that is nothing.
pub fn read_cache<T: DeserializeOwned>(file: &Path, key: &str) -> Option<T> {
    let bytes = fs::read(file).ok()?;
    let (sum, rest) = bytes.split_first_chunk()?;
    if u64::from_le_bytes(*sum) != checksum(rest) {
        return None;
    }
    let (own, rest): (String, _) = postcard::take_from_bytes(rest).ok()?;
    (own == of_program(key)).then(|| postcard::from_bytes(rest).ok())?
}

/// Writes something into a file, and removes the old files of the folder. If that fails, nobody is told: the next
/// run takes longer, and says the same.
pub fn write_cache<T: Serialize + ?Sized>(file: &Path, key: &str, what: &T) {
    if let Ok(content) = postcard::to_stdvec(&(of_program(key), what)) {
        let sum = checksum(&content).to_le_bytes();
        let _ = put(file, [&sum, &content]);
    }
}

fn put(file: &Path, parts: [&[u8]; 2]) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder)?;
    for entry in fs::read_dir(folder)?.flatten() {
        let written = entry.metadata().and_then(|data| data.modified());
        let age = written.map(|written| SystemTime::now().duration_since(written));
        if matches!(age, Ok(Ok(age)) if age > OLD) {
            let _ = fs::remove_file(entry.path());
        }
    }
    replace(file, |file| {
        parts.iter().try_for_each(|it| file.write_all(it))
    })
}

/// A key that only this very program has.
fn of_program(key: &str) -> String {
    let program = env::current_exe().and_then(fs::metadata);
    let program = program.map(|data| (data.len(), data.modified().ok()));
    format!("{} {program:?} {key}", env!("CARGO_PKG_VERSION"))
}

fn checksum(bytes: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(bytes);
    hasher.finish()
}
