// SPDX-License-Identifier: MIT OR Apache-2.0
//! From lines to a file: blocks, places, recovery.
//!
//! The parser takes one line after the other from the lexer, has the grammar read it, and
//! hangs the result where it belongs. A line that is wrong costs no more than itself: it is
//! reported, and what of it could be read is kept. Blocks live on an explicit stack.

use std::cell::RefCell;
use std::ops::Range;

use crate::source::{Name, TextRange};
use crate::syntax::ast::{
    Ast, Atom, Attribute, AttributeKind, Entry, EntryId, EntryKind, ExprId, ExprKind, Text, Word,
};
use crate::syntax::blocks::{Block, Blocks};
use crate::syntax::cursor::{Arena, Cursor, Fault};
use crate::syntax::grammar::{self, Line};
use crate::syntax::lexer::Lexer;
use crate::syntax::message;
use crate::syntax::node::{NodeKind, Nodes};
use crate::syntax::placement;
use crate::syntax::token::{Keyword, Token, TokenKind};
use crate::syntax::{Notation, SyntaxError, SyntaxTree};

/// Parses `text`, which is shorter than 4 GiB.
pub(super) fn parse(text: &[u8], notation: Notation) -> SyntaxTree {
    let arena = Arena {
        text,
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
            Ok((rest, line)) if is_done(rest, place) || !self.without_macros(cursor) => {
                let read = place.line.len() - rest.rest.len();
                self.read(line, place, read);
                self.rest_of_line(rest, place);
            }
            Ok(_) => self.solid_statement(place),
            Err(_) if self.without_macros(cursor) => self.solid_statement(place),
            Err(error) => {
                self.mismatch(error, cursor, place);
                if help {
                    self.lexer.help_text();
                }
            }
        }
        self.after_help = help;
    }

    /// Whether a line that does not match as it stands would if its macros were nothing.
    fn without_macros(&self, cursor: Cursor<'_>) -> bool {
        let solid = solid(cursor.rest);
        if solid.is_empty() || solid.len() == cursor.rest.len() {
            return false;
        }
        let cursor = Cursor {
            rest: &solid,
            ..cursor
        };
        grammar::line(cursor).is_ok_and(|(rest, _)| rest.rest.is_empty())
    }

    /// Reads a line whose macros stand where nothing may, so that they have to be nothing.
    fn solid_statement(&mut self, place: &Place<'_>) {
        let solid = solid(place.line);
        let solid_place = Place {
            line: &solid,
            tokens: place.tokens.clone(),
        };
        let cursor = Cursor {
            rest: &solid,
            arena: self.arena,
        };
        if let Ok((_, line)) = grammar::line(cursor) {
            self.read(line, &solid_place, solid.len());
        }
        let is_macro = |token: &&Token| token.kind == TokenKind::Macro;
        let macros: Vec<Token> = place.line.iter().filter(is_macro).copied().collect();
        self.macros(self.arena.atom(&macros), place);
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
            let found = message::describe(self.arena.text, *extra);
            let message = format!("expected the end of the line, found {found}");
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

    /// Reports a statement that must not stand here; it is kept all the same, so that the
    /// lines that belong to it find their place.
    fn check_place(&mut self, kind: &EntryKind, place: &Place<'_>) {
        let word = placement::word_of(kind);
        if let Some(choice) = self.blocks.choice() {
            if !placement::may_stand_in_choice(kind) {
                let what = match kind {
                    EntryKind::Assignment { .. } => "an assignment".to_owned(),
                    _ => format!("`{word}`"),
                };
                let message = format!("{what} cannot stand inside a choice");
                self.error_with(place.range(), message, choice, "the choice begins here");
                return;
            }
        }
        if matches!(kind, EntryKind::MainMenu(_)) && self.started {
            let message = "`mainmenu` has to be the first statement of the tree".to_owned();
            self.error(place.range(), message);
        }
        let assigns = matches!(kind, EntryKind::Assignment { value, .. } if !value.is_empty());
        if self.after_help && assigns {
            let message = "conf does not read an assignment right after a help text".to_owned();
            self.error(place.range(), message);
            if let Some(error) = self.errors.last_mut() {
                error.harmless = true;
            }
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

    fn fits(&self, kind: &AttributeKind) -> bool {
        match self.target {
            Target::Entry(id) => placement::may_have(&self.ast.entries[id.0 as usize].kind, kind),
            _ => false,
        }
    }

    fn check_attribute(&mut self, kind: &AttributeKind, place: &Place<'_>) -> bool {
        let word = place.line.iter().find_map(|token| match token.kind {
            TokenKind::Keyword(keyword) => Some(keyword.word()),
            _ => None,
        });
        let word = word.unwrap_or_default();
        let id = match self.target {
            Target::Entry(id) => id,
            Target::Lost => return true,
            Target::Nothing => {
                let message = format!("`{word}` belongs to no entry here");
                self.error(place.range(), message);
                return false;
            }
        };
        let entry = &self.ast.entries[id.0 as usize];
        let (head, owner) = (entry.head, placement::word_of(&entry.kind));
        if !placement::may_have(&entry.kind, kind) {
            let message = format!("a `{owner}` cannot have `{word}`");
            self.error_with(place.range(), message, head, "the entry begins here");
            return false;
        }
        if let (EntryKind::Choice(_), AttributeKind::Default { value, .. }) = (&entry.kind, kind) {
            if !self.is_name(*value) {
                let message = "the default of a choice has to be the name of a symbol".to_owned();
                self.error(place.range(), message);
                return false;
            }
        }
        true
    }

    fn is_name(&self, value: ExprId) -> bool {
        match self.arena.exprs.borrow()[value.0 as usize].kind {
            ExprKind::Atom(atom) => {
                let words = self.arena.words.borrow();
                let first = atom.first.0 as usize;
                words[first..first + atom.count as usize]
                    .iter()
                    .all(|word| !word.quoted)
            }
            _ => false,
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

    /// Reports a line that does not match, and keeps of it what other lines need.
    fn mismatch(&mut self, error: nom::Err<Fault>, cursor: Cursor<'_>, place: &Place<'_>) {
        let fault = match error {
            nom::Err::Error(fault) | nom::Err::Failure(fault) => fault,
            nom::Err::Incomplete(_) => Fault {
                left: cursor.rest.len(),
                expected: "",
            },
        };
        let (range, message) = message::mismatch(self.arena.text, place.line, fault, cursor);
        self.error(range, message);
        let Some(first) = cursor.rest.first() else {
            return;
        };
        match first.kind {
            TokenKind::Keyword(keyword) => self.keep_head(keyword, first.range.end, place),
            _ => {
                self.nodes.line(NodeKind::Error, place.tokens.clone());
                // Perhaps it was meant as an entry; then the lines below are not to blame,
                // and do not belong to the entry before.
                let meant = message::nearest(first.range.of(self.arena.text));
                let head = meant.is_some_and(starts_entry);
                if head || matches!(self.target, Target::Nothing) {
                    self.target = Target::Lost;
                }
            }
        }
    }

    /// Of a wrong head is kept that its block is open and that attributes follow. The text
    /// of a menu is empty then, and the condition of an `if` is "y"; both have no place.
    fn keep_head(&mut self, keyword: Keyword, end: u32, place: &Place<'_>) {
        let range = TextRange::new(end, end);
        match keyword {
            Keyword::Menu => {
                let title = Text {
                    range,
                    quoted: false,
                    has_macro: false,
                };
                self.entry(EntryKind::Menu(title), place);
            }
            Keyword::If => {
                let first = self.arena.add_word(Word {
                    range,
                    quoted: true,
                    text: Some(Name::new("y")),
                });
                let yes = ExprKind::Atom(Atom { first, count: 1 });
                let yes = self.arena.expr(yes, range);
                self.entry(EntryKind::If(yes), place);
            }
            _ => {
                self.nodes.line(NodeKind::Error, place.tokens.clone());
                if starts_entry(keyword) {
                    self.target = Target::Lost;
                }
            }
        }
    }

    fn error(&mut self, range: TextRange, message: String) {
        self.errors.push(SyntaxError {
            rule: "syntax-error",
            range,
            message,
            related: None,
            harmless: false,
        });
    }

    fn error_with(&mut self, range: TextRange, message: String, related: TextRange, note: &str) {
        self.error(range, message);
        if let Some(error) = self.errors.last_mut() {
            error.related = Some((related, note.to_owned()));
        }
    }
}

/// Whether attributes may follow a line with this keyword.
fn starts_entry(keyword: Keyword) -> bool {
    use Keyword as K;
    matches!(
        keyword,
        K::Config | K::MenuConfig | K::ConfigDefault | K::Comment | K::Choice | K::Menu
    )
}

/// The tokens of a line that cannot expand to nothing.
fn solid(line: &[Token]) -> Vec<Token> {
    let is_solid = |token: &&Token| token.kind != TokenKind::Macro;
    line.iter().filter(is_solid).copied().collect()
}

/// Whether what is left of a line needs no other reading: nothing, macros, more options.
fn is_done(rest: Cursor<'_>, place: &Place<'_>) -> bool {
    let option = place.line[0].kind == TokenKind::Keyword(Keyword::Option);
    option || rest.rest.iter().all(|token| token.kind == TokenKind::Macro)
}
