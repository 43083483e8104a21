// SPDX-License-Identifier: MIT OR Apache-2.0
//! Writes a file under a temporary name beside its place, and then renames it: a reader sees the
//! old file or the new file, whole.

use std::fs::{File, Permissions};
use std::io;
use std::path::Path;

use tempfile::{Builder, NamedTempFile, TempDir};

use super::signals::undisturbed;

/// What every temporary name begins with, so that whoever finds one knows where it comes from.
const PREFIX: &str = ".kconfig-lint-";

/// A new file in `folder` that only its owner can read. Dropping the handle removes the file.
///
/// Call this inside of [`undisturbed`], or a signal may leave the file behind.
///
/// # Errors
/// When the folder takes no file.
pub fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    builder().tempfile_in(folder)
}

/// A new folder in `folder` that only its owner can enter. Dropping the handle removes it.
///
/// Call this inside of [`undisturbed`], or a signal may leave the folder behind.
///
/// # Errors
/// When the folder takes no other.
pub fn temporary_folder(folder: &Path) -> io::Result<TempDir> {
    builder().tempdir_in(folder)
}

/// Replaces the file at `place` by what `write` writes, or makes the file.
///
/// # Errors
/// When the new file cannot be written. The old file is then as it was.
pub fn replace(place: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    undisturbed(|| {
        let new = written(place, write)?;
        new.persist(place).map_err(|error| error.error)?;
        Ok(())
    })
}

/// Makes the file at `place` from what `write` writes.
///
/// # Errors
/// When something has this name already, or the file cannot be written. There is then no new
/// file.
pub fn create(place: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    undisturbed(|| {
        let new = written(place, write)?;
        new.persist_noclobber(place).map_err(|error| error.error)?;
        Ok(())
    })
}

fn written(
    place: &Path,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<NamedTempFile> {
    let folder = place.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let folder = match folder.as_os_str().is_empty() {
        true => Path::new("."),
        false => folder,
    };
    let mut builder = builder();
    // As for any file that a program makes, the user's umask decides who may read this one.
    if let Some(usual) = usual_permissions() {
        builder.permissions(usual);
    }
    let mut new = builder.tempfile_in(folder)?;
    write(new.as_file_mut())?;
    Ok(new)
}

fn builder() -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder.prefix(PREFIX).suffix(".tmp").rand_bytes(12);
    builder
}

#[cfg(unix)]
fn usual_permissions() -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Some(Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn usual_permissions() -> Option<Permissions> {
    None
}
