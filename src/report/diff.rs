// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a fix changes, as the few lines that differ.
//!
//! This is for reading. The patch that tools take is made in `fix/`.

use super::safe;
use crate::diagnostic::{Edit, Fix};
use crate::source::{FileId, Files, SourceFile};

/// Columns between tab stops, the same as in the snippets.
pub(super) const TAB_WIDTH: usize = 4;

/// Columns of a line beyond which it is cut.
const LONGEST_LINE: usize = 400;

/// What a line of a hunk is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Change {
    /// It stays; shown to say where an insertion goes.
    Kept,
    /// It goes.
    Removed,
    /// It comes.
    Added,
}

/// Adjacent changed lines of one file.
pub(super) struct Hunk {
    /// The file.
    pub(super) file: FileId,
    /// The first line that changes, from 1.
    pub(super) line: u32,
    /// The lines: harmless, tabs expanded.
    pub(super) lines: Vec<(Change, String)>,
}

/// The hunks of a fix, in the order of its edits.
pub(super) fn hunks(fix: &Fix, files: &Files) -> Vec<Hunk> {
    let mut found = Vec::new();
    let mut edits = fix.edits();
    while let Some(first) = edits.first() {
        let file = files.get(first.span.file);
        let mut last = last_line(&file, first);
        let mut count = 1;
        for edit in &edits[1..] {
            let adjoins = file.position(edit.span.start).line <= last + 1;
            if edit.span.file != first.span.file || !adjoins {
                break;
            }
            last = last.max(last_line(&file, edit));
            count += 1;
        }
        let (now, later) = edits.split_at(count);
        found.extend(hunk(&file, now, last));
        edits = later;
    }
    found
}

fn last_line(file: &SourceFile, edit: &Edit) -> u32 {
    file.position(edit.span.end).line
}

/// The hunk of edits that touch a run of lines up to `last`; `None` when nothing changes.
fn hunk(file: &SourceFile, edits: &[Edit], last: u32) -> Option<Hunk> {
    let first = file.position(edits.first()?.span.start).line;
    let start = file.line_starts()[first as usize - 1] as usize;
    let end = file
        .line_starts()
        .get(last as usize)
        .map_or(file.text().len(), |next| *next as usize);
    let old = lines(&file.text()[start..end]);
    let new = lines(&applied(file, edits, start, end));

    let same = |pair: &(&String, &String)| pair.0 == pair.1;
    let prefix = old.iter().zip(&new).take_while(same).count();
    let tails = old[prefix..].iter().rev().zip(new[prefix..].iter().rev());
    let suffix = tails.take_while(same).count();
    let removed = &old[prefix..old.len() - suffix];
    let added = &new[prefix..new.len() - suffix];
    if removed.is_empty() && added.is_empty() {
        return None;
    }

    let line = first + prefix as u32;
    let mut shown = Vec::new();
    if removed.is_empty() && line > 1 {
        let before = lines(file.line(line - 1));
        shown.extend(before.into_iter().map(|text| (Change::Kept, text)));
    }
    shown.extend(removed.iter().map(|text| (Change::Removed, text.clone())));
    shown.extend(added.iter().map(|text| (Change::Added, text.clone())));
    Some(Hunk {
        file: edits.first()?.span.file,
        line,
        lines: shown,
    })
}

fn applied(file: &SourceFile, edits: &[Edit], start: usize, end: usize) -> Vec<u8> {
    let mut text = Vec::new();
    let mut done = start;
    for edit in edits {
        let (from, to) = (edit.span.start as usize, edit.span.end as usize);
        text.extend_from_slice(file.text().get(done..from).unwrap_or_default());
        text.extend_from_slice(edit.text.as_bytes());
        done = to;
    }
    text.extend_from_slice(file.text().get(done..end).unwrap_or_default());
    text
}

fn lines(bytes: &[u8]) -> Vec<String> {
    safe::source(bytes).lines().map(expand_tabs).collect()
}

fn expand_tabs(line: &str) -> String {
    let mut shown = String::new();
    let mut column = 0;
    for letter in line.chars() {
        if column >= LONGEST_LINE {
            shown.push('…');
            break;
        }
        if letter == '\t' {
            let width = TAB_WIDTH - column % TAB_WIDTH;
            shown.extend(std::iter::repeat_n(' ', width));
            column += width;
        } else {
            shown.push(letter);
            column += 1;
        }
    }
    shown
}
