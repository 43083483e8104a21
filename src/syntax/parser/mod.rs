// SPDX-License-Identifier: MIT OR Apache-2.0
//! From lines to a file: blocks, places, recovery.
//!
//! The parser takes one line after the other from the lexer, has the grammar read it, and
//! hangs the result where it belongs. A line that is wrong costs no more than itself: it is
//! reported, and what of it could be read is kept. Blocks live on an explicit stack.

mod placement;
mod recovery;

use std::cell::RefCell;
use std::ops::Range;

use crate::source::TextRange;
use crate::syntax::ast::{Ast, Atom, Attribute, AttributeKind, Entry, EntryId, EntryKind};
use crate::syntax::blocks::{Block, Blocks};
use crate::syntax::cursor::{Arena, Cursor};
use crate::syntax::grammar::{self, Line};
use crate::syntax::lexer::Lexer;
use crate::syntax::message;
use crate::syntax::node::{NodeKind, Nodes};
use crate::syntax::token::{Keyword, Token, TokenKind};
use crate::syntax::{Notation, SyntaxError, SyntaxTree};

/// Parses `text`, which is shorter than 4 GiB.
pub(super) fn parse(text: &[u8], notation: Notation) -> SyntaxTree {
    let arena = Arena {
        text,
        notation,
        words: RefCell::new(Vec::with_capacity(text.len() / 40)),
        exprs: RefCell::new(Vec::with_capacity(text.len() / 80)),
    };
    let mut parser = Parser {
        lexer: Lexer::new(text, notation),
        arena: &arena,
        ast: Ast::default(),
        errors: Vec::new(),
        nodes: Nodes::new(),
        blocks: Blocks::default(),
        target: Target::Nothing,
        after_help: false,
        started: false,
    };
    parser.file();
    let Parser {
        lexer,
        mut ast,
        mut errors,
        nodes,
        ..
    } = parser;
    errors.extend(lexer.errors);
    errors.sort_by_key(|error| (error.range, error.harmless));
    let nodes = nodes.into_nodes(lexer.tokens.len() as u32);
    ast.words = arena.words.take();
    ast.exprs = arena.exprs.take();
    SyntaxTree {
        ast,
        errors,
        tokens: lexer.tokens,
        nodes,
        length: text.len() as u32,
    }
}

/// What the next attributes belong to.
#[derive(Clone, Copy)]
enum Target {
    /// To nothing: no entry is open.
    Nothing,
    /// To this entry.
    Entry(EntryId),
    /// To an entry that has no place in the typed view, because its head is wrong.
    Lost,
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    arena: &'a Arena<'a>,
    ast: Ast,
    errors: Vec<SyntaxError>,
    nodes: Nodes,
    blocks: Blocks,
    target: Target,
    /// Whether the last statement was a help.
    after_help: bool,
    /// Whether there was any statement.
    started: bool,
}

/// One line: its tokens without trivia, and where all its tokens lie.
#[derive(Clone)]
struct Place<'t> {
    line: &'t [Token],
    tokens: Range<u32>,
}

impl Place<'_> {
    /// From the first to the last token that the grammar sees.
    fn range(&self) -> TextRange {
        match self.line {
            [first, .., last] => first.range.cover(last.range),
            [only] => only.range,
            [] => TextRange::new(0, 0),
        }
    }
}

impl Parser<'_> {
    fn file(&mut self) {
        let mut first = self.lexer.tokens.len() as u32;
        while self.lexer.next_line() {
            if !self.lexer.line.is_empty() {
                let line = std::mem::take(&mut self.lexer.line);
                let place = Place {
                    line: &line,
                    tokens: first..self.lexer.tokens.len() as u32,
                };
                self.line(&place);
                self.lexer.line = line;
            }
            first = self.lexer.tokens.len() as u32;
        }
        self.end_of_file();
    }

    fn line(&mut self, place: &Place<'_>) {
        let words = place.line;
        let cursor = Cursor {
            rest: words,
            arena: self.arena,
        };
        let is_macro = |token: &&Token| token.kind == TokenKind::Macro;
        let mut lead = words.iter().take_while(is_macro).count();
        match words.get(lead) {
            None => lead = 0,
            Some(next) if next.kind.is_assignment() => lead = lead.saturating_sub(1),
            Some(_) => {}
        }
        if lead > 0 {
            self.macros(self.arena.atom(&words[..lead]), place);
        }
        let place = Place {
            line: &words[lead..],
            tokens: place.tokens.clone(),
        };
        self.statement(cursor.skip(lead), &place);
    }

    /// Reads what a line says and hangs it in; `cursor` stands on its first word.
    fn statement(&mut self, cursor: Cursor<'_>, place: &Place<'_>) {
        let help = match cursor.kind() {
            Some(TokenKind::Keyword(keyword)) => keyword.is_help(),
            _ => false,
        };
        match grammar::line(cursor) {
            Ok((rest, line)) if only_macros(rest) => self.matched(rest, line, place),
            result => match (recovery::hollow(cursor), result) {
                (Some((solid, hollow)), _) => self.solid_statement(&solid, &hollow, place),
                (None, Ok((rest, line))) => self.matched(rest, line, place),
                (None, Err(error)) => {
                    self.mismatch(error, cursor, place);
                    if help {
                        self.lexer.help_text();
                    }
                }
            },
        }
        self.after_help = help;
    }

    /// Hangs in what was read of a line up to `rest`, and reads that.
    fn matched(&mut self, rest: Cursor<'_>, line: Line, place: &Place<'_>) {
        let read = place.line.len() - rest.rest.len();
        self.read(line, place, read);
        self.rest_of_line(rest, place);
    }

    fn read(&mut self, line: Line, place: &Place<'_>, read: usize) {
        match line {
            Line::Entry(kind) => self.entry(kind, place),
            Line::Assignment(kind, macros) => {
                self.entry(kind, place);
                self.macros(macros, place);
            }
            Line::Attribute(kind) => {
                let whole = place.range();
                let read = &place.line[..read];
                let end = read.last().map_or(whole.end, |last| last.range.end);
                self.attribute(kind, TextRange::new(whole.start, end), place);
            }
            Line::Close(keyword) => self.close(keyword, place),
            Line::Macros(macros) => self.macros(macros, place),
        }
    }

    /// After what a line says there may be macros, and for `option` more options.
    fn rest_of_line(&mut self, mut cursor: Cursor<'_>, place: &Place<'_>) {
        let option = place.line[0].kind == TokenKind::Keyword(Keyword::Option);
        while option && !cursor.rest.is_empty() {
            let Ok((rest, kind)) = grammar::more_options(cursor) else {
                break;
            };
            if self.fits(&kind) {
                self.attribute_of_line(kind, place.range());
            }
            cursor = rest;
        }
        if let Ok((rest, Some(macros))) = grammar::stray_macros(cursor) {
            self.macros(macros, place);
            cursor = rest;
        }
        if let Some(extra) = cursor.rest.first() {
            let message = message::unexpected("the end of the line", self.arena.text, *extra);
            self.error(extra.range, message);
        }
    }

    fn entry(&mut self, kind: EntryKind, place: &Place<'_>) {
        self.check_place(&kind, place);
        self.started = true;
        let id = EntryId(self.ast.entries.len() as u32);
        let block = match kind {
            EntryKind::Choice(_) => Some(Block::Choice),
            EntryKind::Menu(_) => Some(Block::Menu),
            EntryKind::If(_) => Some(Block::If),
            _ => None,
        };
        self.target = if placement::has_attributes(&kind) {
            Target::Entry(id)
        } else {
            Target::Nothing
        };
        let attributes = self.ast.attributes.len() as u32;
        self.ast.entries.push(Entry {
            kind,
            head: place.range(),
            attributes: attributes..attributes,
            end: EntryId(id.0 + 1),
            close: None,
        });
        self.nodes.entry(place.tokens.clone());
        if let Some(block) = block {
            self.nodes.open_block();
            self.blocks.open(block, id, place.line[0].range);
        }
    }

    fn attribute(&mut self, mut kind: AttributeKind, mut range: TextRange, place: &Place<'_>) {
        let mut tokens = place.tokens.clone();
        if let AttributeKind::Help { body, .. } = &mut kind {
            let text = self.lexer.help_text();
            if text.is_empty() {
                *body = TextRange::new(range.end, range.end);
            } else {
                *body = text;
                range = range.cover(text);
                tokens.end = self.lexer.tokens.len() as u32;
            }
        }
        let fits = self.check_attribute(&kind, place);
        let node = if fits {
            NodeKind::Attribute
        } else {
            NodeKind::Error
        };
        self.nodes.line(node, tokens);
        if fits {
            self.attribute_of_line(kind, range);
        }
    }

    /// Adds an attribute to the entry that is open, if there is one.
    fn attribute_of_line(&mut self, kind: AttributeKind, range: TextRange) {
        if let Target::Entry(id) = self.target {
            self.ast.attributes.push(Attribute { kind, range });
            self.ast.entries[id.0 as usize].attributes.end = self.ast.attributes.len() as u32;
        }
    }

    /// Macros that have to be nothing: an attribute where one may follow, else a statement.
    fn macros(&mut self, macros: Atom, place: &Place<'_>) {
        let words = &self.arena.words.borrow()[macros.first.0 as usize..];
        let range = words[0].range.cover(words[macros.count as usize - 1].range);
        let alone = place.line.len() == macros.count as usize;
        match self.target {
            Target::Entry(_) => {
                if alone {
                    self.nodes.line(NodeKind::Attribute, place.tokens.clone());
                }
                self.attribute_of_line(AttributeKind::Macro(macros), range);
            }
            _ => {
                let id = self.ast.entries.len() as u32;
                let attributes = self.ast.attributes.len() as u32;
                self.ast.entries.push(Entry {
                    kind: EntryKind::Macro(macros),
                    head: range,
                    attributes: attributes..attributes,
                    end: EntryId(id + 1),
                    close: None,
                });
                if alone {
                    self.nodes.entry(place.tokens.clone());
                }
            }
        }
    }

    fn close(&mut self, keyword: Keyword, place: &Place<'_>) {
        self.target = Target::Nothing;
        let Some(block) = Block::closed_by(keyword) else {
            return;
        };
        let range = place.line[0].range;
        if !self.blocks.is_open(block) {
            self.nodes.line(NodeKind::Error, place.tokens.clone());
            let message = format!("`{}` closes no `{}`", keyword.word(), block.word());
            match self.blocks.innermost() {
                Some((inner, head)) => {
                    let note = format!("the innermost open block is this `{}`", inner.word());
                    self.error_with(range, message, head, &note);
                }
                None => self.error(range, message),
            }
            return;
        }
        let next = EntryId(self.ast.entries.len() as u32);
        while let Some(open) = self.blocks.close() {
            self.ast.entries[open.entry.0 as usize].end = next;
            if open.block == block {
                self.ast.entries[open.entry.0 as usize].close = Some(range);
                self.nodes.close_block(Some(place.tokens.clone()));
                return;
            }
            self.nodes.close_block(None);
            let (end, word) = (open.block.close_word(), open.block.word());
            let message = format!("expected `{end}` before this `{}`", keyword.word());
            let note = format!("this `{word}` is not closed");
            self.error_with(range, message, open.head, &note);
            self.unterminated();
        }
    }

    fn end_of_file(&mut self) {
        let end = self.lexer.offset();
        let next = EntryId(self.ast.entries.len() as u32);
        while let Some(open) = self.blocks.close() {
            self.ast.entries[open.entry.0 as usize].end = next;
            self.nodes.close_block(None);
            let message = format!("the file ends before `{}`", open.block.close_word());
            let note = format!("this `{}` is not closed", open.block.word());
            self.error_with(TextRange::new(end, end), message, open.head, &note);
            self.unterminated();
        }
    }

    /// The last error is about a block without an end.
    fn unterminated(&mut self) {
        if let Some(error) = self.errors.last_mut() {
            error.rule = "unterminated-block";
        }
    }
}

/// Whether nothing is left of a line, or only macros.
fn only_macros(rest: Cursor<'_>) -> bool {
    rest.rest.iter().all(|token| token.kind == TokenKind::Macro)
}
