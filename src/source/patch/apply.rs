// SPDX-License-Identifier: MIT OR Apache-2.0
//! Applies a patch to a tree in memory, as `git apply` does: lines may have moved, but none may
//! differ.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use super::{FileDiff, Hunk, Patch, Side};
use crate::source::{Overlay, ReadError, Reader};

/// Why a patch does not apply.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conflict {
    /// The file at which it fails.
    pub path: String,
    /// The line of the patch with the head of the hunk, or of the file's diff, from 1.
    pub line: u32,
    /// What does not fit.
    pub message: String,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Conflict {
            path,
            line,
            message,
        } = self;
        write!(f, "{line}: {path}: {message}")
    }
}

impl std::error::Error for Conflict {}

/// What a patch makes of files. A name that goes may come again, as when two files change names.
#[derive(Default)]
struct Changes {
    /// Names that no file has afterwards, unless one is made.
    gone: BTreeSet<String>,
    made: BTreeMap<String, Arc<[u8]>>,
    /// Names that go somewhere in the patch.
    will_go: BTreeSet<String>,
}

/// The tree `below` with a patch applied. The diffs of files that are not `wanted` are not looked
/// at.
///
/// # Errors
/// When a hunk does not fit; nothing of the patch counts then.
pub fn apply(
    below: &Arc<dyn Reader>,
    patch: &Patch,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Overlay, Conflict> {
    let files = || {
        let files = patch.files.iter();
        files.filter(|file| file.old.iter().chain(&file.new).any(|path| wanted(path)))
    };
    let going = files().filter(|file| !file.copies && file.old != file.new);
    let mut changes = Changes {
        will_go: going.filter_map(|file| file.old.clone()).collect(),
        ..Changes::default()
    };
    for file in files() {
        changes.apply(below, file)?;
    }
    let mut overlay = Overlay::new(below.clone());
    for path in &changes.gone {
        overlay = overlay.without(path);
    }
    for (path, text) in changes.made {
        overlay = overlay.with(&path, text);
    }
    Ok(overlay)
}

impl Changes {
    fn apply(&mut self, below: &Arc<dyn Reader>, file: &FileDiff) -> Result<(), Conflict> {
        let named = file.old.as_ref().or(file.new.as_ref());
        let path = named.cloned().unwrap_or_default();
        let fail = |message: String| Conflict {
            path: path.clone(),
            line: file.line,
            message,
        };
        if file.binary {
            let words = "what becomes of a file that is not text cannot be told";
            return Err(fail(words.to_owned()));
        }
        if let Some(new) = file.new.as_ref().filter(|_| file.old != file.new) {
            let is_there = match self.made.contains_key(new) {
                true => true,
                false => !self.will_go.contains(new) && below.read(new).is_ok(),
            };
            if is_there {
                return Err(fail(format!("{new} is there already")));
            }
        }
        let before = match &file.old {
            Some(old) => self
                .read(below, old, file.old == file.new)
                .map_err(|error| fail(error.to_string()))?,
            None => Arc::from([]),
        };
        let after = patched(&before, &file.hunks).map_err(|(line, message)| Conflict {
            path: path.clone(),
            line,
            message,
        })?;
        // A line end that the patch does not take away would stay as well.
        let old = file.hunks.iter().flat_map(|hunk| side(hunk, Side::Old));
        let is_left = !after.is_empty() || old.flatten().ne(before.iter());
        if file.new.is_none() && !file.copies && is_left {
            return Err(fail("the file has more than the lines that go".to_owned()));
        }
        let goes = file.new.is_none() || !file.copies;
        if let Some(old) = file.old.as_ref().filter(|_| goes) {
            self.gone.insert(old.clone());
            if file.new.is_none() {
                self.made.remove(old);
            }
        }
        if let Some(new) = &file.new {
            self.made.insert(new.clone(), after.into());
        }
        Ok(())
    }

    /// A diff of one name follows those before it; what gets another name is as it was before the
    /// patch (`previous_patch` of git's apply.c).
    fn read(
        &self,
        below: &Arc<dyn Reader>,
        path: &str,
        follows: bool,
    ) -> Result<Arc<[u8]>, ReadError> {
        match self.made.get(path) {
            Some(text) if follows => Ok(text.clone()),
            _ => below.read(path),
        }
    }
}

/// The lines of a file while hunks are applied.
struct Image<'t> {
    lines: Vec<&'t [u8]>,
    /// Lines that a hunk has brought or seen: no other hunk takes them.
    taken: Vec<bool>,
}

/// The text after all hunks; the line of the hunk that does not fit, and why.
fn patched(text: &[u8], hunks: &[Hunk]) -> Result<Vec<u8>, (u32, String)> {
    let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    let taken = vec![false; lines.len()];
    let mut image = Image { lines, taken };
    for (number, hunk) in hunks.iter().enumerate() {
        let Some(at) = image.place(hunk) else {
            let words = format!(
                "hunk {} does not apply: line {} and those around it are not as the patch says",
                number + 1,
                hunk.old_start
            );
            return Err((hunk.line, words));
        };
        image.replace(at, hunk);
    }
    Ok(image.lines.concat())
}

fn side(hunk: &Hunk, wanted: Side) -> impl Iterator<Item = &[u8]> {
    let lines = hunk.lines.iter();
    let lines = lines.filter(move |line| line.side == Side::Both || line.side == wanted);
    lines.map(|line| line.text.as_slice())
}

/// Whether these are the old lines of a hunk. A last line without a line end also fits one that has its end:
/// git compares bytes, and lines by what is no white space (`match_fragment` of its apply.c).
fn are_lines(lines: &[&[u8]], old: &[&[u8]]) -> bool {
    let (Some((last, before)), Some((old_last, old_before))) =
        (lines.split_last(), old.split_last())
    else {
        return lines.is_empty() && old.is_empty();
    };
    let rest = last.strip_prefix(*old_last);
    let fits = match old_last.ends_with(b"\n") {
        true => last == old_last,
        false => rest.is_some_and(|rest| rest.trim_ascii().is_empty()),
    };
    fits && before == old_before
}

impl<'t> Image<'t> {
    /// Where the old lines of a hunk are: at its place, else as near to it as they can be found.
    /// A hunk of the first line has to be at the beginning, one without context at its end has to
    /// be at the end (`apply_one_fragment` of git's apply.c).
    fn place(&self, hunk: &Hunk) -> Option<usize> {
        let old: Vec<&[u8]> = side(hunk, Side::Old).collect();
        let last = self.lines.len().checked_sub(old.len())?;
        let ends = hunk.lines.last().is_none_or(|line| line.side != Side::Both);
        let begins = hunk.old_start <= 1;
        let fits = |at: usize| {
            let range = at..at + old.len();
            (!begins || at == 0)
                && (!ends || at == last)
                && are_lines(&self.lines[range.clone()], &old)
                && !self.taken[range].contains(&true)
        };
        let wanted = match (begins, ends) {
            (true, _) => 0,
            (false, true) => last,
            (false, false) => (hunk.new_start.saturating_sub(1) as usize).min(last),
        };
        // Of two places that are as near, git takes the later one.
        let later = (wanted..=last).find(|at| fits(*at));
        let first = later.map_or(0, |at| (2 * wanted + 1).saturating_sub(at));
        let earlier = (first..wanted).rev().find(|at| fits(*at));
        earlier.or(later)
    }

    fn replace(&mut self, at: usize, hunk: &'t Hunk) {
        let new: Vec<&[u8]> = side(hunk, Side::New).collect();
        let old = side(hunk, Side::Old).count();
        self.taken
            .splice(at..at + old, std::iter::repeat_n(true, new.len()));
        self.lines.splice(at..at + old, new);
    }
}
