// SPDX-License-Identifier: MIT OR Apache-2.0
//! The files of a run as codespan-reporting wants them: UTF-8, harmless, columns in bytes.
//!
//! Offsets are those of the files, because the replacement keeps every length.

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
}

impl<'f> Snippets<'f> {
    /// A view of `files`.
    pub(super) fn new(files: &'f Files) -> Snippets<'f> {
        Snippets {
            files,
            shown: RefCell::default(),
        }
    }

    /// What to underline for a span: its part on the first line, within the file.
    pub(super) fn underline(&self, span: Span) -> Range<usize> {
        let file = self.files.get(span.file);
        let start = (span.start as usize).min(file.text().len());
        let line = file.position(start as u32).line;
        let first = file.line_starts()[line as usize - 1] as usize;
        let last = first + file.line(line).len();
        start..(span.end as usize).min(last).max(start)
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
        let mut shown = self.shown.borrow_mut();
        let text = shown
            .entry(id)
            .or_insert_with(|| safe::source(self.file(id).text()).into());
        Ok(text.clone())
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
        Ok(self.line_start(&file, line_index)?..self.line_start(&file, line_index + 1)?)
    }
}
