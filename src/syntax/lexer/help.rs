// SPDX-License-Identifier: MIT OR Apache-2.0
//! The text of a help: where it begins and where it ends.
//!
//! The rules are those of the state `HELP` of `scripts/kconfig/lexer.l`. The first line with
//! text sets the indentation; a line with less ends the help, a blank line does not. A line
//! without any indentation ends it too, unless it is the very next after `help`: that one is
//! text, whatever it looks like. For kconfiglib it ends the help there too (`_parse_help`).

use super::{Lexer, scan};
use crate::source::TextRange;
use crate::syntax::token::TokenKind;

impl Lexer<'_> {
    /// Reads the text that follows the line of a `help`. The place runs from the start of its
    /// first line with text to the end of its last; without any text it is empty.
    pub(in crate::syntax) fn help_text(&mut self) -> TextRange {
        let (start, end) = self.find_help();
        while start < end && self.line_text(self.at) != Some(start) {
            self.next_line();
        }
        self.line.clear();
        while self.at < end {
            if self.line_text(self.at) != Some(self.at) {
                self.enter_line();
            }
            self.help_line(end);
        }
        TextRange::new(start as u32, end as u32)
    }

    /// In an ordinary file the whole text is one token; in a C file, one for each line.
    fn help_line(&mut self, end: usize) {
        let whole = self.notation.is_whole();
        let stop = if whole { end } else { self.line_end(self.at).0 };
        if stop > self.at {
            self.push(TokenKind::HelpText, stop - self.at);
        }
        if self.at < end {
            let newline = self.line_end(self.at).1 - self.at;
            self.push(TokenKind::Newline, newline);
        }
    }

    fn find_help(&self) -> (usize, usize) {
        let mut found: Option<(usize, usize)> = None;
        let mut indentation = 0;
        let mut next = self.at;
        let mut directly_after_help = !self.notation.is_kconfiglib();
        while let Some(start) = self.line_text(next) {
            let (end, after) = self.line_end(start);
            let line = &self.text[start..end];
            let blanks = line.iter().take_while(|b| scan::is_blank(**b)).count();
            next = after;
            if blanks == line.len() {
                directly_after_help = false;
                continue;
            }
            let width = width(&line[..blanks]);
            if blanks == 0 && !directly_after_help || blanks > 0 && width < indentation {
                break;
            }
            if indentation == 0 {
                indentation = width;
            }
            directly_after_help = false;
            found = Some((found.map_or(start, |(first, _)| first), end));
        }
        found.unwrap_or((self.at, self.at))
    }
}

/// The columns that blanks take, with tab stops every eight.
fn width(blanks: &[u8]) -> usize {
    blanks.iter().fold(0, |column, byte| match byte {
        b'\t' => (column & !7) + 8,
        _ => column + 1,
    })
}
