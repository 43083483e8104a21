// SPDX-License-Identifier: MIT OR Apache-2.0
//! The files of a run: each is read once, and has a number.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock, RwLock};

use rustc_hash::FxHashMap;

use super::{Overlay, ReadError, Reader};

/// The number of a file within one [`Files`]. Numbers follow the order in which threads
/// came, so they must never decide an order in output: paths do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct FileId(pub u32);

/// A half-open range of bytes in one file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TextRange {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset past the last byte; at least `start`.
    pub end: u32,
}

impl TextRange {
    /// The range `start..end`.
    ///
    /// # Panics
    /// When `end` lies before `start`.
    pub fn new(start: u32, end: u32) -> TextRange {
        assert!(
            start <= end,
            "a range ends before it starts: {start}..{end}"
        );
        TextRange { start, end }
    }

    /// The smallest range that covers both.
    pub fn cover(self, other: TextRange) -> TextRange {
        TextRange {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// This range in `file`.
    pub fn in_file(self, file: FileId) -> Span {
        Span {
            file,
            start: self.start,
            end: self.end,
        }
    }

    /// The bytes of `text` in this range; empty when the range lies outside.
    pub fn of(self, text: &[u8]) -> &[u8] {
        text.get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }

    /// The number of bytes covered.
    pub fn len(self) -> u32 {
        self.end - self.start
    }

    /// Whether nothing is covered.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

impl fmt::Debug for TextRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

/// A half-open range of bytes in a known file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset past the last byte; at least `start`.
    pub end: u32,
}

impl Span {
    /// The range without its file.
    pub fn range(self) -> TextRange {
        TextRange::new(self.start, self.end)
    }
}

/// A place as people count: both numbers start at 1, columns count bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: u32,
    /// Column in bytes, from 1; a tab is one.
    pub column: u32,
}

/// One file: its path in the tree and its bytes.
pub struct SourceFile {
    path: Arc<str>,
    text: Arc<[u8]>,
    lines: OnceLock<Vec<u32>>,
}

impl SourceFile {
    /// A file of this path and these bytes.
    pub fn new(path: impl Into<Arc<str>>, text: impl Into<Arc<[u8]>>) -> SourceFile {
        SourceFile {
            path: path.into(),
            text: text.into(),
            lines: OnceLock::new(),
        }
    }

    /// The path relative to the root of the tree, `/` between its parts.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The bytes of the file; not always UTF-8.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Offsets at which lines start; the first is 0.
    pub fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let ends = self
                .text
                .iter()
                .enumerate()
                .filter(|(_, byte)| **byte == b'\n');
            std::iter::once(0)
                .chain(ends.map(|(at, _)| at as u32 + 1))
                .collect()
        })
    }

    /// Line and column of an offset.
    pub fn position(&self, offset: u32) -> LineColumn {
        let starts = self.line_starts();
        let line = starts.partition_point(|start| *start <= offset);
        let start = starts[line.saturating_sub(1)];
        LineColumn {
            line: line as u32,
            column: offset - start + 1,
        }
    }

    /// The bytes of a line (from 1) without its line end; empty past the end.
    pub fn line(&self, line: u32) -> &[u8] {
        let starts = self.line_starts();
        let Some(&start) = starts.get(line.saturating_sub(1) as usize) else {
            return &[];
        };
        let end = starts
            .get(line as usize)
            .map_or(self.text.len(), |next| *next as usize - 1);
        let bytes = &self.text[start as usize..end];
        bytes.strip_suffix(b"\r").unwrap_or(bytes)
    }
}

/// All files that a run has read. Threads share it; it only grows.
pub struct Files {
    reader: Arc<dyn Reader>,
    table: RwLock<Table>,
}

#[derive(Clone, Default)]
struct Table {
    files: Vec<Arc<SourceFile>>,
    by_path: FxHashMap<Arc<str>, FileId>,
    /// What the files of an earlier tree were, as long as nobody asked for the path again.
    earlier: FxHashMap<Arc<str>, FileId>,
}

impl Files {
    /// An empty set that reads through `reader`.
    pub fn new(reader: impl Reader + 'static) -> Files {
        Files {
            reader: Arc::new(reader),
            table: RwLock::default(),
        }
    }

    /// The same files, numbers included, with other texts for some of them.
    pub fn changed(&self, texts: BTreeMap<FileId, Arc<[u8]>>) -> Files {
        let mut table = self.lock_read().clone();
        let mut overlay = Overlay::new(self.reader.clone());
        for (id, text) in texts {
            let path = table.files[id.0 as usize].path.clone();
            overlay = overlay.with(&path, text.clone());
            table.files[id.0 as usize] = Arc::new(SourceFile::new(path, text));
        }
        Files {
            reader: Arc::new(overlay),
            table: RwLock::new(table),
        }
    }

    /// An empty set of another tree's files: a file that is the same in both keeps its number, and
    /// numbers of the others still stand for what they were.
    pub fn next(&self, reader: impl Reader + 'static) -> Files {
        let table = self.lock_read();
        let mut earlier = table.earlier.clone();
        earlier.extend(table.by_path.iter().map(|(path, id)| (path.clone(), *id)));
        Files {
            reader: Arc::new(reader),
            table: RwLock::new(Table {
                files: table.files.clone(),
                by_path: FxHashMap::default(),
                earlier,
            }),
        }
    }

    /// Whether a number is that of a file that was read in this tree.
    pub fn is_current(&self, id: FileId) -> bool {
        let table = self.lock_read();
        let path = &table.files[id.0 as usize].path;
        table.by_path.get(path) == Some(&id)
    }

    /// What this set reads through.
    pub fn reader(&self) -> &dyn Reader {
        &*self.reader
    }

    /// The number of the file at `path`, which is read now unless it was before.
    ///
    /// # Errors
    /// When the reader cannot provide it: missing, no regular file, too large.
    pub fn open(&self, path: &str) -> Result<FileId, ReadError> {
        if let Some(&id) = self.lock_read().by_path.get(path) {
            return Ok(id);
        }
        let text = self.reader.read(path)?;
        Ok(self.add(path, text))
    }

    /// The number of a file whose bytes are known already, such as a baseline that does not lie
    /// in the tree; a file of this path that was read before stays as it is.
    pub fn add(&self, path: &str, text: impl Into<Arc<[u8]>>) -> FileId {
        let mut table = self
            .table
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(&id) = table.by_path.get(path) {
            return id;
        }
        let text = text.into();
        if let Some(&id) = table.earlier.get(path) {
            if table.files[id.0 as usize].text == text {
                table.by_path.insert(path.into(), id);
                return id;
            }
        }
        let id = FileId(table.files.len() as u32);
        let file = Arc::new(SourceFile::new(path, text));
        table.by_path.insert(file.path.clone(), id);
        table.files.push(file);
        id
    }

    /// A number for another text of a path, which stays what it is for those who ask for the path.
    pub fn add_version(&self, file: &Arc<SourceFile>) -> FileId {
        let mut table = self
            .table
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let id = FileId(table.files.len() as u32);
        table.files.push(file.clone());
        id
    }

    /// The file of a number that this set gave out.
    pub fn get(&self, id: FileId) -> Arc<SourceFile> {
        self.lock_read().files[id.0 as usize].clone()
    }

    /// How many files were read.
    pub fn len(&self) -> usize {
        self.lock_read().by_path.len()
    }

    /// Whether no file was read.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock_read(&self) -> std::sync::RwLockReadGuard<'_, Table> {
        self.table
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_bytes_from_one() {
        let file = SourceFile::new("Kconfig", b"ab\n\tc\r\nd".as_slice());
        assert_eq!(file.position(0), LineColumn { line: 1, column: 1 });
        assert_eq!(file.position(4), LineColumn { line: 2, column: 2 });
        assert_eq!(file.position(8), LineColumn { line: 3, column: 2 });
        assert_eq!(file.line(2), b"\tc");
        assert_eq!(file.line(3), b"d");
        assert_eq!(file.line(4), b"");
    }
}
