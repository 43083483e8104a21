// SPDX-License-Identifier: MIT OR Apache-2.0
//! The files of a run as codespan-reporting wants them: UTF-8, harmless, columns in bytes.
//!
//! Offsets are those of the files, because the replacement keeps every length. Of a line that
//! no screen could hold only the part around the underlined places is handed out.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use codespan_reporting::files::{Error, Files as Snippeted};
use rustc_hash::FxHashMap;

use super::safe;
use crate::source::{FileId, Files, SourceFile, Span};

/// A view of files that makes each file harmless once.
pub(super) struct Snippets<'f> {
    files: &'f Files,
    shown: RefCell<FxHashMap<FileId, Rc<str>>>,
    /// What is underlined in the current finding: by file and line index the cover of it all.
    underlined: RefCell<FxHashMap<(FileId, usize), Range<usize>>>,
}

/// Bytes of a line beyond which it is cut.
const LONGEST_LINE: usize = 400;
/// Bytes of an underlined place beyond which its underline ends.
const LONGEST_UNDERLINE: usize = 200;
/// Bytes shown around the underlined places of a line that is cut.
const AROUND: usize = 60;

impl<'f> Snippets<'f> {
    /// A view of `files`.
    pub(super) fn new(files: &'f Files) -> Snippets<'f> {
        Snippets {
            files,
            shown: RefCell::default(),
            underlined: RefCell::default(),
        }
    }

    /// Starts a new finding: nothing is underlined yet.
    pub(super) fn clear(&self) {
        self.underlined.borrow_mut().clear();
    }

    /// What to underline for a span: its part on the first line, within the file.
    pub(super) fn underline(&self, span: Span) -> Range<usize> {
        let file = self.files.get(span.file);
        let start = (span.start as usize).min(file.text().len());
        let line = file.position(start as u32).line;
        let first = file.line_starts()[line as usize - 1] as usize;
        let last = (first + file.line(line).len()).min(start + LONGEST_UNDERLINE);
        let range = start..(span.end as usize).min(last).max(start);
        let mut underlined = self.underlined.borrow_mut();
        let cover = underlined
            .entry((span.file, line as usize - 1))
            .or_insert_with(|| range.clone());
        *cover = cover.start.min(range.start)..cover.end.max(range.end);
        range
    }

    /// The part of a line that is shown.
    fn window(&self, id: FileId, line_index: usize, line: Range<usize>) -> Range<usize> {
        if line.len() <= LONGEST_LINE {
            return line;
        }
        let underlined = self.underlined.borrow();
        let cover = underlined.get(&(id, line_index)).cloned();
        let cover = cover.unwrap_or(line.start..line.start + LONGEST_UNDERLINE);
        let text = self.text(id);
        let mut start = cover.start.saturating_sub(AROUND).max(line.start);
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let mut end = (cover.end + AROUND).min(line.end);
        while !text.is_char_boundary(end) {
            end += 1;
        }
        start..end
    }

    fn text(&self, id: FileId) -> Rc<str> {
        let mut shown = self.shown.borrow_mut();
        let text = shown
            .entry(id)
            .or_insert_with(|| safe::source(self.file(id).text()).into());
        text.clone()
    }

    fn line_start(&self, file: &SourceFile, line_index: usize) -> Result<usize, Error> {
        let starts = file.line_starts();
        match starts.get(line_index) {
            Some(start) => Ok(*start as usize),
            None if line_index == starts.len() => Ok(file.text().len()),
            None => Err(Error::LineTooLarge {
                given: line_index,
                max: starts.len() - 1,
            }),
        }
    }

    fn file(&self, id: FileId) -> Arc<SourceFile> {
        self.files.get(id)
    }
}

impl<'a> Snippeted<'a> for Snippets<'_> {
    type FileId = FileId;
    type Name = String;
    type Source = Rc<str>;

    fn name(&'a self, id: FileId) -> Result<String, Error> {
        Ok(safe::line(self.file(id).path()))
    }

    fn source(&'a self, id: FileId) -> Result<Rc<str>, Error> {
        Ok(self.text(id))
    }

    fn line_index(&'a self, id: FileId, byte_index: usize) -> Result<usize, Error> {
        Ok(self.file(id).position(byte_index as u32).line as usize - 1)
    }

    fn column_number(
        &'a self,
        id: FileId,
        line_index: usize,
        byte_index: usize,
    ) -> Result<usize, Error> {
        Ok(byte_index - self.line_start(&self.file(id), line_index)? + 1)
    }

    fn line_range(&'a self, id: FileId, line_index: usize) -> Result<Range<usize>, Error> {
        let file = self.file(id);
        let line = self.line_start(&file, line_index)?..self.line_start(&file, line_index + 1)?;
        Ok(self.window(id, line_index, line))
    }
}
