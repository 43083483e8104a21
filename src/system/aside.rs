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

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder").flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.collect()
    }

    #[test]
    fn a_file_is_replaced_whole_or_not_at_all() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("file");
        replace(&place, |file| file.write_all(b"one")).expect("a new file");
        replace(&place, |file| file.write_all(b"two")).expect("replaced");
        let broken = |file: &mut File| {
            file.write_all(b"thr")?;
            Err(io::Error::other("the disk is full"))
        };
        replace(&place, broken).expect_err("broken");
        create(&place, |file| file.write_all(b"four")).expect_err("it exists");
        assert_eq!(fs::read(&place).expect("a file"), b"two");
        assert_eq!(names(folder.path()), ["file"]);
    }

    #[test]
    fn a_new_file_has_the_permissions_of_any_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let mode = |name: &str| {
            let meta = fs::metadata(folder.path().join(name)).expect("a file");
            meta.permissions().mode()
        };
        fs::write(folder.path().join("usual"), "").expect("a file");
        create(&folder.path().join("ours"), |_| Ok(())).expect("a file");
        assert_eq!(mode("ours"), mode("usual"));
    }
}
