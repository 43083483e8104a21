// SPDX-License-Identifier: MIT OR Apache-2.0
//! Edits applied to the text of files.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::Edit;
use crate::source::{FileId, Files};

/// The texts of the files that `edits` change, after the change. The edits of one file must be
/// in order and disjoint, as those of one fix are.
pub fn applied(edits: &[Edit], files: &Files) -> BTreeMap<FileId, Arc<[u8]>> {
    let mut by_file: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
    for edit in edits {
        by_file.entry(edit.span.file).or_default().push(edit);
    }
    let texts = by_file.into_iter().map(|(file, edits)| {
        let source = files.get(file);
        let old = source.text();
        let mut new = Vec::with_capacity(old.len() + 64);
        let mut done = 0;
        for edit in edits {
            let (start, end) = (edit.span.start as usize, edit.span.end as usize);
            new.extend_from_slice(old.get(done..start).unwrap_or_default());
            new.extend_from_slice(edit.text.as_bytes());
            done = end;
        }
        new.extend_from_slice(old.get(done..).unwrap_or_default());
        (file, new.into())
    });
    texts.collect()
}
