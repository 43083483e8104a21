// SPDX-License-Identifier: MIT OR Apache-2.0
//! A Kconfig file as it is written: what rules about lines look at. Nothing here depends on an architecture.

use std::sync::OnceLock;

use super::preset::Form;
use super::spelling::Corrections;
use crate::source::{FileId, Reader, SourceFile, Span, TextRange};
use crate::syntax::ast::{Ast, AttributeKind};

/// What all files of a tree share.
pub struct Tree<'a> {
    /// The form that files are held to.
    pub form: &'static Form,
    reader: &'a dyn Reader,
    corrections: OnceLock<Corrections>,
}

impl<'a> Tree<'a> {
    /// The tree of this reader.
    pub fn new(form: &'static Form, reader: &'a dyn Reader) -> Tree<'a> {
        Tree {
            form,
            reader,
            corrections: OnceLock::new(),
        }
    }

    /// The tree's own list of misspelt words, read when the first rule asks.
    pub fn corrections(&self) -> &Corrections {
        self.corrections
            .get_or_init(|| Corrections::of(self.reader))
    }
}

/// A file as it is written.
pub struct KconfigFile<'a> {
    /// Its number.
    pub id: FileId,
    /// Its text and its lines.
    pub source: &'a SourceFile,
    /// Its statements.
    pub ast: &'a Ast,
    /// The tree to which it belongs.
    pub tree: &'a Tree<'a>,
    /// The bodies of its help texts, in order.
    helps: Vec<TextRange>,
}

/// A line outside of help texts.
pub struct Line<'a> {
    /// Its place, without the line end.
    pub place: Span,
    /// Its text.
    pub text: &'a [u8],
    /// Whether it continues the line before.
    pub continues: bool,
}

impl<'a> KconfigFile<'a> {
    /// A file of a tree.
    pub fn new(
        id: FileId,
        source: &'a SourceFile,
        ast: &'a Ast,
        tree: &'a Tree<'a>,
    ) -> KconfigFile<'a> {
        let bodies = ast.attributes.iter().filter_map(|it| match it.kind {
            AttributeKind::Help { body, .. } if !body.is_empty() => Some(body),
            _ => None,
        });
        KconfigFile {
            id,
            source,
            ast,
            tree,
            helps: bodies.collect(),
        }
    }

    /// The lines, with the place of each and without their ends.
    pub fn lines(&self) -> impl Iterator<Item = (Span, &[u8])> {
        let starts = self.source.line_starts();
        starts.iter().enumerate().map(|(at, start)| {
            let line = self.source.line(at as u32 + 1);
            let range = TextRange::new(*start, *start + line.len() as u32);
            (range.in_file(self.id), line)
        })
    }

    /// The lines outside of help texts.
    pub fn statement_lines(&self) -> impl Iterator<Item = Line<'_>> {
        let mut continues = false;
        let outside = self
            .lines()
            .filter(|(place, _)| !self.is_in_help(place.start));
        outside.map(move |(place, text)| {
            // A comment ends with its line.
            let goes_on = text.ends_with(b"\\") && !is_comment(text);
            Line {
                place,
                text,
                continues: std::mem::replace(&mut continues, goes_on),
            }
        })
    }

    /// The line in which an offset lies: where it starts, and its text.
    pub fn line_of(&self, offset: u32) -> (u32, &[u8]) {
        let line = self.source.position(offset).line;
        let start = self.source.line_starts()[line as usize - 1];
        (start, self.source.line(line))
    }

    /// Whether a line belongs to a help text, with the empty lines in it.
    pub fn is_in_help(&self, start: u32) -> bool {
        let after = self.helps.partition_point(|body| body.start <= start);
        after > 0 && start < self.helps[after - 1].end
    }

    /// The columns in front of the help text that a line ends; `None` where something stands between them. A line
    /// with so many columns or more would belong to the text.
    pub fn help_above(&self, start: u32) -> Option<u32> {
        let after = self.helps.partition_point(|body| body.end <= start);
        let body = self.helps[..after].last()?;
        let between = TextRange::new(body.end, start).of(self.source.text());
        let mut between = between.split(|byte| *byte == b'\n');
        if !between.all(|line| line.trim_ascii().is_empty() || is_comment(line)) {
            return None;
        }
        let mut lines = body
            .of(self.source.text())
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.trim_ascii().is_empty());
        lines.next().map(|line| columns(blank(line)))
    }
}

/// Whether a line holds nothing but a comment.
pub fn is_comment(line: &[u8]) -> bool {
    line.trim_ascii_start().starts_with(b"#")
}

/// The blanks and tabs at the beginning of a line.
pub fn blank(line: &[u8]) -> &[u8] {
    let length = line.iter().take_while(|it| matches!(it, b' ' | b'\t'));
    &line[..length.count()]
}

/// How many columns a text takes at the beginning of a line: a tab goes to the next multiple of eight, and a
/// character of several bytes takes one.
pub fn columns(text: &[u8]) -> u32 {
    text.iter().fold(0, |columns, byte| match byte {
        b'\t' => (columns / 8 + 1) * 8,
        0x80..=0xbf => columns,
        _ => columns + 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tab_goes_to_the_next_eighth_column() {
        assert_eq!(columns(b"\t  "), 10);
        assert_eq!(columns(b"abc\tx"), 9);
        assert_eq!(columns("grün".as_bytes()), 4);
    }
}
