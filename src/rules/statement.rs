// SPDX-License-Identifier: MIT OR Apache-2.0
//! A `select` statement with the places around it: what a finding points at, and where a fix
//! would write.
//!
//! All of it comes from the syntax of one file, so it is the same on every architecture.

use std::collections::BTreeSet;

use crate::model::{Definition, Model, Select};
use crate::source::{Files, SourceFile, Span, TextRange};
use crate::syntax::Ast;
use crate::syntax::ast::{AttributeKind, Entry, EntryId, EntryKind, ExprId, ExprKind};

/// One `select` statement with the places around it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Statement {
    /// The target's name in `select TARGET if …`: where a finding points.
    pub span: Span,
    /// The selector's name where it is defined.
    pub selector: Span,
    /// The expressions of the definition's own `depends on` lines, each with its text; those with
    /// a condition left out.
    pub depends: Vec<Depends>,
    /// The condition of the select.
    pub condition: Option<Depends>,
    /// Where a `depends on` line of its own would go (the end of a line; empty), and what
    /// starts that line: line end and indentation as around it.
    pub room: (Span, String),
    /// The whole statement.
    pub attribute: Span,
    /// Its first word.
    pub keyword: Span,
    /// Its lines, with the line end.
    pub line: Span,
    /// The nearest `if` or menu around it in the same file.
    pub block: Option<Block>,
    /// In Buildroot, the comment that stands in for the selector where it is hidden.
    pub mirror: Option<Mirror>,
}

/// A `comment "foo needs a toolchain w/ threads"` beside `bool "foo"`, or the place for one
/// (Buildroot manual, "Dependencies on target and toolchain options").
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Mirror {
    /// The package's prompt, without quotes.
    pub package: String,
    /// The comment, if there is one.
    pub comment: Option<Comment>,
    /// Where one would go: the end of the selector's statement, and what starts a line there.
    pub room: (Span, String),
}

/// A comment and its dependencies.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Comment {
    /// The end of its text, before the quote.
    pub end: Span,
    /// Its `depends on` lines.
    pub depends: Vec<Depends>,
    /// Where one more would go, and what starts a line there.
    pub room: (Span, String),
}

/// An `if` or a menu, as far as it lies in one file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Block {
    /// Which of them.
    pub kind: BlockKind,
    /// What it asks for: the condition of an `if`, the `depends on` lines of a menu.
    pub depends: Vec<Depends>,
    /// Where a menu's `depends on` line would go, and what starts it.
    pub room: (Span, String),
    /// The symbols that are defined in it.
    pub members: Vec<String>,
}

/// What a block is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum BlockKind {
    /// An `if`.
    If,
    /// A menu, with its title as written.
    Menu(String),
}

/// The expression of a `depends on` line, or of a condition.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Depends {
    /// The expression.
    pub span: Span,
    /// Its text.
    pub text: String,
    /// Whether it needs parentheses below `&&`.
    pub is_or: bool,
    /// The symbols in it.
    pub symbols: Vec<String>,
}

impl Statement {
    /// The places of a select.
    pub fn new(model: &Model, files: &Files, select: &Select) -> Statement {
        let menu = &model.menu;
        let node = menu.node(select.node);
        let file = files.get(select.span.file);
        let page = Page {
            ast: menu.instance(node.instance).tree.ast(),
            file: &file,
            span: select.span,
        };
        let entry = page.ast.entry(node.entry);
        let selector = match entry.kind {
            EntryKind::Config(name) | EntryKind::MenuConfig(name) => page.ast.range_of(name),
            _ => entry.head,
        };
        let (depends, room) = page.depends(entry);
        let own = page.ast.attributes_of(entry).iter();
        let condition = own.filter(|attribute| page.place(attribute.range) == select.span);
        let mut condition = condition.filter_map(|attribute| match attribute.kind {
            AttributeKind::Select { condition, .. } => condition,
            _ => None,
        });
        let indent = indent_of(file.text(), select.span.start as usize);
        let keyword = TextRange::new(select.span.start, select.span.start + KEYWORD);
        Statement {
            span: select.target_span,
            selector: page.place(selector),
            depends,
            condition: condition.next_back().map(|expr| page.written(expr)),
            room: page.room(room, &indent),
            attribute: select.span,
            keyword: page.place(keyword),
            line: page.lines(select.span.range()),
            block: page.block_around(node.entry),
            mirror: page.mirror(node.entry, model.name(select.selector)),
        }
    }
}

/// A definition of an option, with the places where it can ask for more.
pub struct Asking {
    /// Its `depends on` lines without a condition.
    pub depends: Vec<Depends>,
    /// Where one more would go, and what starts it.
    pub room: (Span, String),
    /// Where one more `select` would go, and what starts it.
    pub below_selects: (Span, String),
}

impl Asking {
    /// The places of a definition.
    pub fn new(model: &Model, files: &Files, definition: &Definition) -> Asking {
        let node = model.menu.node(definition.node);
        let file = files.get(definition.name.file);
        let page = Page {
            ast: model.menu.instance(node.instance).tree.ast(),
            file: &file,
            span: definition.name,
        };
        let entry = page.ast.entry(node.entry);
        let (depends, room) = page.depends(entry);
        let selects = page.ast.attributes_of(entry).iter().rev();
        let mut selects = selects.filter(|it| matches!(it.kind, AttributeKind::Select { .. }));
        let last = selects.next().map_or(room, |it| it.range);
        let first = page.ast.attributes_of(entry).first();
        let indent = first.map_or_else(
            || "\t".to_owned(),
            |it| indent_of(file.text(), it.range.start as usize),
        );
        Asking {
            depends,
            room: page.room(room, &indent),
            below_selects: page.room(last, &indent),
        }
    }
}

/// Length of the word `select`.
const KEYWORD: u32 = 6;

/// What the names of Buildroot's symbols start with.
const BUILDROOT: &str = "BR2_";

/// Blocks with more symbols are nobody's idea of a fix.
const MOST_MEMBERS: usize = 60;

/// One file, seen from a statement in it.
struct Page<'a> {
    ast: &'a Ast,
    file: &'a SourceFile,
    /// The statement.
    span: Span,
}

impl Page<'_> {
    fn place(&self, range: TextRange) -> Span {
        range.in_file(self.span.file)
    }

    fn written(&self, expr: ExprId) -> Depends {
        let range = self.ast.expr(expr).range;
        Depends {
            span: self.place(range),
            text: String::from_utf8_lossy(range.of(self.file.text())).into_owned(),
            is_or: matches!(self.ast.expr(expr).kind, ExprKind::Or(..)),
            symbols: words_below(self.ast, expr),
        }
    }

    /// The `depends on` lines of an entry that have no condition, and the line after which another one would go: the
    /// last of all such lines, else the one with the prompt.
    fn depends(&self, entry: &Entry) -> (Vec<Depends>, TextRange) {
        let (mut depends, mut has_lines) = (Vec::new(), false);
        let mut room = entry.head;
        for attribute in self.ast.attributes_of(entry) {
            match attribute.kind {
                // A line with a condition takes no further term: that would hang on it too.
                AttributeKind::DependsOn { expr, condition } => {
                    if condition.is_none() {
                        depends.push(self.written(expr));
                    }
                    has_lines = true;
                    room = attribute.range;
                }
                AttributeKind::Type { .. }
                | AttributeKind::TypedDefault { .. }
                | AttributeKind::Prompt(_)
                    if !has_lines =>
                {
                    room = attribute.range;
                }
                _ => {}
            }
        }
        (depends, room)
    }

    /// The end of the line of `after`, and what starts a line there.
    fn room(&self, after: TextRange, indent: &str) -> (Span, String) {
        let text = self.file.text();
        let end = line_end(text, after.end as usize);
        let feed = if text[end..].starts_with(b"\r") {
            "\r\n"
        } else {
            "\n"
        };
        let end = TextRange::new(end as u32, end as u32);
        (self.place(end), format!("{feed}{indent}"))
    }

    /// From the start of the first line of a range to the end of its last, line end included.
    fn lines(&self, range: TextRange) -> Span {
        let text = self.file.text();
        let before = &text[..(range.start as usize).min(text.len())];
        let start = before.iter().rposition(|byte| *byte == b'\n');
        let start = start.map_or(0, |at| at + 1);
        let mut end = line_end(text, range.end as usize);
        end += usize::from(text[end..].starts_with(b"\r"));
        end += usize::from(text[end..].starts_with(b"\n"));
        self.place(TextRange::new(start as u32, end as u32))
    }

    /// The comment of a Buildroot package.
    fn mirror(&self, selector: EntryId, name: &str) -> Option<Mirror> {
        if !name.starts_with(BUILDROOT) {
            return None;
        }
        let entry = self.ast.entry(selector);
        let attributes = self.ast.attributes_of(entry);
        let prompt = attributes.iter().rev().find_map(|it| match it.kind {
            AttributeKind::Type { prompt, .. } => prompt,
            AttributeKind::Prompt(prompt) => Some(prompt),
            _ => None,
        })?;
        let package = self.unquoted(prompt.text.range);
        let needs = format!("{package} needs ");
        let comment = self.ast.entries.iter().find_map(|entry| match entry.kind {
            EntryKind::Comment(text) if self.unquoted(text.range).starts_with(&needs) => {
                let (depends, room) = self.depends(entry);
                let end = text.range.end - u32::from(text.quoted);
                Some(Comment {
                    end: self.place(TextRange::new(end, end)),
                    depends,
                    room: self.room(room, "\t"),
                })
            }
            _ => None,
        });
        let last = attributes.last().map_or(entry.head, |it| it.range);
        let end = TextRange::new(last.end.max(1) - 1, last.end.max(1) - 1);
        Some(Mirror {
            package,
            comment,
            room: self.room(end, ""),
        })
    }

    fn unquoted(&self, range: TextRange) -> String {
        let text = String::from_utf8_lossy(range.of(self.file.text()));
        text.trim_matches('"').to_owned()
    }

    /// The nearest `if` or menu around an entry that lies in this file as a whole.
    fn block_around(&self, inner: EntryId) -> Option<Block> {
        let entries = self.ast.entries.iter().enumerate().take(inner.0 as usize);
        let mut around = entries.rev().filter(|(_, entry)| entry.end.0 > inner.0);
        let (at, entry) = around
            .find(|(_, entry)| matches!(entry.kind, EntryKind::If(_) | EntryKind::Menu(_)))?;
        let mut members = BTreeSet::new();
        for inside in &self.ast.entries[at + 1..entry.end.0 as usize] {
            match inside.kind {
                EntryKind::Config(name) | EntryKind::MenuConfig(name) => {
                    let word = self.ast.words_of(name).first().and_then(|word| word.text);
                    members.insert(word?.as_str().to_owned());
                    if members.len() > MOST_MEMBERS {
                        return None;
                    }
                }
                EntryKind::If(_) | EntryKind::Menu(_) | EntryKind::Comment(_) => {}
                // A choice has rules of its own, and what is sourced is not seen here.
                _ => return None,
            }
        }
        let indent = indent_of(self.file.text(), self.span.start as usize);
        let (kind, depends, room) = match entry.kind {
            EntryKind::If(condition) => (BlockKind::If, vec![self.written(condition)], entry.head),
            EntryKind::Menu(title) => {
                let title = String::from_utf8_lossy(title.range.of(self.file.text()));
                let (depends, room) = self.depends(entry);
                (BlockKind::Menu(title.into_owned()), depends, room)
            }
            _ => return None,
        };
        Some(Block {
            kind,
            depends,
            room: self.room(room, &indent),
            members: members.into_iter().collect(),
        })
    }
}

/// Where the line that holds `offset` ends, its line end left out.
fn line_end(text: &[u8], offset: usize) -> usize {
    let rest = &text[offset.min(text.len())..];
    let length = rest
        .iter()
        .position(|byte| *byte == b'\n')
        .unwrap_or(rest.len());
    let length = if rest[..length].ends_with(b"\r") {
        length - 1
    } else {
        length
    };
    offset.min(text.len()) + length
}

/// The white space at the start of the line that holds `offset`.
fn indent_of(text: &[u8], offset: usize) -> String {
    let before = &text[..offset.min(text.len())];
    let start = before
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    let white = before[start..]
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t'));
    white.map(|byte| char::from(*byte)).collect()
}

fn words_below(ast: &Ast, root: ExprId) -> Vec<String> {
    let mut open = vec![root];
    let mut words = Vec::new();
    while let Some(id) = open.pop() {
        match ast.expr(id).kind {
            ExprKind::Paren(x) | ExprKind::Not(x) => open.push(x),
            ExprKind::And(x, y) | ExprKind::Or(x, y) => open.extend([y, x]),
            ExprKind::Atom(atom) => {
                words.extend(ast.words_of(atom).iter().filter_map(|word| word.text));
            }
            ExprKind::Compare(_, x, _) => {
                words.extend(ast.words_of(x).iter().filter_map(|word| word.text));
            }
        }
    }
    words
        .into_iter()
        .map(|word| word.as_str().to_owned())
        .collect()
}
