// SPDX-License-Identifier: MIT OR Apache-2.0
//! The blocks that are open at a place of a file.
//!
//! Only their nesting: what they hold and how a wrong end is told belongs to the parser.

use crate::source::TextRange;
use crate::syntax::ast::EntryId;
use crate::syntax::token::Keyword;

/// The kinds of block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Block {
    Choice,
    Menu,
    If,
}

impl Block {
    /// The block that a keyword closes.
    pub(super) fn closed_by(keyword: Keyword) -> Option<Block> {
        match keyword {
            Keyword::EndChoice => Some(Block::Choice),
            Keyword::EndMenu => Some(Block::Menu),
            Keyword::EndIf => Some(Block::If),
            _ => None,
        }
    }

    /// The keyword that opens it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Block::Choice => "choice",
            Block::Menu => "menu",
            Block::If => "if",
        }
    }

    /// The keyword that closes it.
    pub(super) fn close_word(self) -> &'static str {
        match self {
            Block::Choice => "endchoice",
            Block::Menu => "endmenu",
            Block::If => "endif",
        }
    }
}

/// An open block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    /// Its kind.
    pub block: Block,
    /// Its entry.
    pub entry: EntryId,
    /// The keyword that opened it.
    pub head: TextRange,
    /// The head of the choice whose members it may hold: itself, or one around it with
    /// nothing but `if` between.
    choice: Option<TextRange>,
}

/// The open blocks, the innermost last.
#[derive(Default)]
pub(super) struct Blocks {
    open: Vec<Open>,
    /// How many of each kind are open, so that a wrong end costs no walk.
    counts: [usize; 3],
}

impl Blocks {
    /// Opens a block inside the innermost one.
    pub(super) fn open(&mut self, block: Block, entry: EntryId, head: TextRange) {
        let choice = match block {
            Block::Choice => Some(head),
            Block::Menu => None,
            Block::If => self.choice(),
        };
        self.counts[block as usize] += 1;
        self.open.push(Open {
            block,
            entry,
            head,
            choice,
        });
    }

    /// Closes the innermost block.
    pub(super) fn close(&mut self) -> Option<Open> {
        let open = self.open.pop()?;
        self.counts[open.block as usize] -= 1;
        Some(open)
    }

    /// Whether a block of this kind is open.
    pub(super) fn is_open(&self, block: Block) -> bool {
        self.counts[block as usize] > 0
    }

    /// The innermost block and the keyword that opened it.
    pub(super) fn innermost(&self) -> Option<(Block, TextRange)> {
        self.open.last().map(|open| (open.block, open.head))
    }

    /// The head of the choice whose members stand here.
    pub(super) fn choice(&self) -> Option<TextRange> {
        self.open.last().and_then(|open| open.choice)
    }
}
