// SPDX-License-Identifier: MIT OR Apache-2.0
//! From files to the menu tree of one architecture: reads statements in the order in which
//! parser.y and lexer.l do, follows `source`, and expands what has macros.
//!
//! Includes lie on an explicit stack, so their depth cannot exhaust the machine's. Expressions
//! and attributes are not looked into beyond their macros.

mod sourcing;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::command::Output;
use super::loader::{Loaded, Loader};
use super::old_style::Symbols;
use super::outline::UseKind;
use super::pieces::Pieces;
use super::preprocess::{Event, MacroError, Place, Preprocessor};
use super::toolchain::Toolchain;
use super::{InstanceId, Menu, Node, NodeId, Problem, include};
use crate::source::{Name, ReadError, Span, TextRange};
use crate::syntax::Notation;
use crate::syntax::ast::{AssignOp, Atom, EntryId, EntryKind, Word, WordId};
use crate::tree::{Architecture, Kind, Project};

/// More inclusions than any tree has: files that source each other twice would double the work
/// with each step.
const MAX_INSTANCES: usize = 100_000;

/// More statements than any tree has, counted at each inclusion.
const MAX_STATEMENTS: usize = 8_000_000;

/// The menu tree of `architecture`.
///
/// # Errors
/// When the root file cannot be read. What goes wrong below it is among the menu's problems.
pub fn elaborate(
    loader: &Loader,
    project: &Project,
    architecture: &Architecture,
    toolchain: &Toolchain,
) -> Result<Menu, ReadError> {
    let mut naming = BTreeSet::new();
    let menu = elaborate_with(loader, project, architecture, toolchain, &mut naming)?;
    if naming.is_empty() {
        return Ok(menu);
    }
    // Names do not change from machine to machine: what is in them counts as unset everywhere.
    elaborate_with(loader, project, architecture, toolchain, &mut naming)
}

/// The menu tree while the variables in `naming` are unset. Adds those of which it was assumed.
fn elaborate_with(
    loader: &Loader,
    project: &Project,
    architecture: &Architecture,
    toolchain: &Toolchain,
    naming: &mut BTreeSet<Name>,
) -> Result<Menu, ReadError> {
    let path = &project.root_file;
    let (path, root) = include::load(loader, project, path, Notation::Kconfig)?;
    let mut elaborator = Elaborator {
        loader,
        project,
        environment: &architecture.environment,
        preprocessor: Preprocessor::new(
            &architecture.environment,
            toolchain,
            project.kind == Kind::Zephyr,
            naming,
        ),
        symbols: Symbols::new(&architecture.environment),
        menu: Menu {
            instances: Vec::with_capacity(2048),
            nodes: Vec::with_capacity(32 * 1024),
            commands: Default::default(),
            assumptions: Vec::new(),
            problems: Vec::new(),
            unfollowed: Vec::new(),
        },
        stack: Vec::new(),
        sourced: FxHashMap::default(),
        statements: 0,
    };
    elaborator.enter(root, path, project.root_file.clone(), None, None);
    elaborator.run();
    let mut menu = elaborator.menu;
    menu.commands = elaborator.preprocessor.commands;
    let assumed = elaborator.preprocessor.naming;
    naming.extend(assumed);
    Ok(menu)
}

struct Elaborator<'a> {
    loader: &'a Loader,
    project: &'a Project,
    environment: &'a BTreeMap<String, String>,
    preprocessor: Preprocessor<'a>,
    symbols: Symbols<'a>,
    menu: Menu,
    stack: Vec<Inclusion>,
    /// Where each file was sourced first, by the name that the statement gives.
    sourced: FxHashMap<String, Span>,
    statements: usize,
}

/// A file that is being read.
struct Inclusion {
    loaded: Arc<Loaded>,
    instance: InstanceId,
    /// The path, as recursion is judged by it.
    path: String,
    /// The name by which it was sourced, for `$(filename)`.
    name: String,
    /// Where it was sourced.
    from: Option<Span>,
    /// The next statement.
    next: u32,
    /// The next use of macros in the outline.
    next_use: usize,
    /// Open blocks and the index past their last statement.
    blocks: Vec<(NodeId, u32)>,
    /// The node around the `source` statement.
    base: Option<NodeId>,
    /// Files that the last statement named and that are still to be read, the first last.
    waiting: Vec<Waiting>,
}

/// A file about to be read.
struct Waiting {
    loaded: Arc<Loaded>,
    path: String,
    /// The name it was sourced by; differs from the path by `./` and the like.
    name: String,
    from: Span,
}

impl Inclusion {
    fn parent(&self) -> Option<NodeId> {
        self.blocks.last().map(|(node, _)| *node).or(self.base)
    }

    fn span(&self, range: TextRange) -> Span {
        range.in_file(self.loaded.file)
    }
}

impl Elaborator<'_> {
    fn run(&mut self) {
        while let Some(top) = self.stack.last_mut() {
            if let Some(waiting) = top.waiting.pop() {
                self.include(waiting);
                continue;
            }
            let index = top.next;
            if index as usize >= top.loaded.tree.ast().entries.len() {
                self.stack.pop();
                continue;
            }
            while top.blocks.last().is_some_and(|(_, end)| index >= *end) {
                top.blocks.pop();
            }
            top.next += 1;
            self.statements += 1;
            if self.statements > MAX_STATEMENTS {
                self.give_up("statements");
                return;
            }
            self.statement(EntryId(index));
        }
    }

    fn statement(&mut self, id: EntryId) {
        let Some(top) = self.stack.last_mut() else {
            return;
        };
        let loaded = top.loaded.clone();
        let entry = loaded.tree.ast().entry(id);
        let is_node = match &entry.kind {
            EntryKind::Config(_)
            | EntryKind::MenuConfig(_)
            | EntryKind::ConfigDefault(_)
            | EntryKind::Choice(_)
            | EntryKind::Menu(_)
            | EntryKind::If(_)
            | EntryKind::Comment(_)
            | EntryKind::MainMenu(_) => true,
            EntryKind::Source(_)
            | EntryKind::Assignment { .. }
            | EntryKind::Macro(_)
            | EntryKind::Insert => false,
        };
        if is_node {
            let node = NodeId(self.menu.nodes.len() as u32);
            self.menu.nodes.push(Node {
                instance: top.instance,
                entry: id,
                parent: top.parent(),
            });
            if entry.end.0 > id.0 + 1 {
                top.blocks.push((node, entry.end.0));
            }
        }
        self.uses(&loaded, id);
        match &entry.kind {
            EntryKind::Source(source) => self.source(&loaded, source, entry.head),
            EntryKind::Assignment { name, op, value } => {
                self.assignment(&loaded, *name, *op, *value);
            }
            EntryKind::Insert => self.insert(entry.head),
            EntryKind::Config(_) | EntryKind::MenuConfig(_) if self.project.dollar_variables => {
                self.symbols.learn(loaded.tree.ast(), entry);
            }
            _ => {}
        }
    }

    /// Expands the macros of a statement and its attributes.
    fn uses(&mut self, loaded: &Loaded, id: EntryId) {
        loop {
            let Some(top) = self.stack.last_mut() else {
                return;
            };
            let Some(next) = loaded.outline.uses.get(top.next_use) else {
                return;
            };
            if next.entry != id.0 {
                return;
            }
            top.next_use += 1;
            match next.kind {
                UseKind::Atom(atom) => self.atom(loaded, atom, Role::Value),
                UseKind::Name(atom) => self.atom(loaded, atom, Role::Name),
                UseKind::Nothing(atom) => self.nothing(loaded, atom),
                UseKind::Word(word) => {
                    self.word(loaded, word, Role::Name);
                }
                UseKind::Variable(word) => self.variable(loaded, word),
                UseKind::Text(_) if !self.project.macros => {}
                UseKind::Text(text) => {
                    let raw = include::raw(&text, loaded.source.text());
                    self.expand(loaded, &raw, text.quoted, text.range);
                }
            }
        }
    }

    /// An atom has to come down to one word.
    fn atom(&mut self, loaded: &Loaded, atom: Atom, role: Role) {
        let ast = loaded.tree.ast();
        let words = ast.words_of(atom);
        // Of several words, all but one have to vanish.
        let role = if words.len() == 1 { role } else { Role::Name };
        let mut left = 0;
        let mut failed = false;
        for (offset, word) in words.iter().enumerate() {
            if word.text.is_some() {
                left += 1;
                continue;
            }
            match self.word(loaded, WordId(atom.first.0 + offset as u32), role) {
                Expanded::Word => left += 1,
                Expanded::Nothing => {}
                Expanded::Failed => failed = true,
            }
        }
        if left != 1 && !failed {
            let message = if left == 0 {
                "a word is missing: what stands here expands to nothing"
            } else {
                "more than one word is left after expansion where one is wanted"
            };
            self.problem("syntax-error", ast.range_of(atom), message.to_owned());
        }
    }

    /// A line of macros has to expand to nothing.
    fn nothing(&mut self, loaded: &Loaded, atom: Atom) {
        let ast = loaded.tree.ast();
        for word in ast.words_of(atom) {
            let raw = raw_word(word, loaded.source.text());
            let Some(value) = self.expand(loaded, &raw, word.quoted, word.range) else {
                continue;
            };
            match value.as_text() {
                Some("") | None => {}
                Some(text) => {
                    let message = format!("unknown statement \"{}\"", shortened(text));
                    self.problem("syntax-error", word.range, message);
                }
            }
        }
    }

    fn word(&mut self, loaded: &Loaded, id: WordId, role: Role) -> Expanded {
        let word = loaded.tree.ast().word(id);
        let raw = raw_word(word, loaded.source.text());
        let value = if self.project.macros {
            self.expand(loaded, &raw, word.quoted, word.range)
        } else {
            Some(Pieces::from(&*include::unescaped(&raw, word.quoted)))
        };
        let value = value.map(|value| match role {
            Role::Name => self.preprocessor.name(&value),
            Role::Value if word.quoted => value,
            Role::Value => self.preprocessor.bare(value),
        });
        let (output, result) = match &value {
            Some(value) if !word.quoted && value.as_text() == Some("") => {
                return Expanded::Nothing;
            }
            Some(value) => (value.to_output(), Expanded::Word),
            // Nothing is known of it, so nothing may be concluded from it.
            None => (self.preprocessor.unknown(&raw), Expanded::Failed),
        };
        if !word.quoted {
            self.assume_word(&output, word.range);
        }
        self.keep(id, output);
        result
    }

    fn keep(&mut self, id: WordId, output: Output) {
        if let Some(top) = self.stack.last() {
            let instance = &mut self.menu.instances[top.instance.0 as usize];
            instance.expansions.insert(id, output);
        }
    }

    /// conf refuses a tree in which a bare word expands to nothing: variables are then set.
    fn assume_word(&mut self, output: &Output, range: TextRange) {
        let Some(condition) = self.preprocessor.is_nothing(output) else {
            return;
        };
        let known = self.menu.assumptions.iter();
        if known.into_iter().any(|(known, _)| *known == condition) {
            return;
        }
        if let Some(top) = self.stack.last() {
            let span = top.span(range);
            self.menu.assumptions.push((condition, span));
        }
    }

    /// The variable that `option env` names. Where it is known to be unset, the option gives
    /// nothing (symbol.c of Linux 4.17, `prop_add_env`).
    fn variable(&mut self, loaded: &Loaded, id: WordId) {
        let word = loaded.tree.ast().word(id);
        let name = match word.text {
            Some(text) => text.as_str().to_owned(),
            None => {
                let raw = raw_word(word, loaded.source.text());
                let name = self.expand(loaded, &raw, word.quoted, word.range);
                let name = name.map(|name| self.preprocessor.name(&name));
                match name.as_ref().and_then(Pieces::as_text) {
                    Some(name) => name.to_owned(),
                    None => return,
                }
            }
        };
        if let Some(value) = self.preprocessor.variable(&name) {
            self.keep(id, value);
        }
    }

    fn assignment(&mut self, loaded: &Loaded, name: WordId, op: AssignOp, value: TextRange) {
        let word = loaded.tree.ast().word(name);
        let name = match word.text {
            Some(text) => text.as_str().to_owned(),
            None => {
                let raw = raw_word(word, loaded.source.text());
                let expanded = self.expand(loaded, &raw, word.quoted, word.range);
                let expanded = expanded.map(|name| self.preprocessor.name(&name));
                match expanded.as_ref().map(Pieces::as_text) {
                    Some(Some(text)) => text.to_owned(),
                    // Failed, or a name that only the toolchain knows.
                    _ => return,
                }
            }
        };
        let text = loaded.source.text();
        let blanks = text.get(value.end as usize..).unwrap_or_default();
        let blanks = blanks.iter().take_while(|b| matches!(**b, b' ' | b'\t'));
        // lexer.l, ASSIGN_VAL: blanks at the end of the line belong to a value.
        let trailing = if value.is_empty() {
            0
        } else {
            blanks.count() as u32
        };
        let range = TextRange::new(value.start, value.end + trailing);
        let text = String::from_utf8_lossy(range.of(text));
        // Only dialects of kconfiglib continue a value on the next line.
        let text = text.replace("\\\r\n", "").replace("\\\n", "");
        // The parser reduces after the line end was read, so `$(lineno)` is the next line's.
        let line = || loaded.source.position(value.end).line + 1;
        let Some(top) = self.stack.last() else { return };
        let place = Place {
            file: &top.name,
            line: &line,
        };
        let result = self.preprocessor.assign(&name, op, &text, &place);
        self.finish(result, word.range.cover(value));
    }

    /// `None` when it failed, which is reported.
    fn expand(
        &mut self,
        loaded: &Loaded,
        raw: &str,
        quoted: bool,
        range: TextRange,
    ) -> Option<Pieces> {
        let top = self.stack.last()?;
        let place = Place {
            file: &top.name,
            line: &|| loaded.source.position(range.start).line,
        };
        let result = self.preprocessor.expand(raw, quoted, &place);
        self.finish(result, range)
    }

    /// Turns what an expansion did besides its result into assumptions and problems.
    fn finish<T>(&mut self, result: Result<T, MacroError>, range: TextRange) -> Option<T> {
        for event in std::mem::take(&mut self.preprocessor.events) {
            match event {
                Event::Assumption(condition) => {
                    if let Some(top) = self.stack.last() {
                        let span = top.span(range);
                        self.menu.assumptions.push((condition, span));
                    }
                }
                Event::Warning(message) => self.report("macro-error", range, message, false),
            }
        }
        match result {
            Ok(value) => Some(value),
            Err(MacroError(message)) => {
                self.problem("macro-error", range, shortened(&message));
                None
            }
        }
    }

    fn give_up(&mut self, what: &str) {
        let span = self.stack.last().map(|top| match top.from {
            Some(from) => from,
            None => top.span(TextRange::new(0, 0)),
        });
        if let Some(span) = span {
            self.menu.problems.push(Problem {
                rule: "recursive-source",
                span,
                message: format!("the tree has too many {what}: the rest is not read"),
                related: Vec::new(),
                fatal: true,
            });
        }
        self.stack.clear();
    }

    fn problem(&mut self, rule: &'static str, range: TextRange, message: String) {
        self.report(rule, range, message, true);
    }

    fn report(&mut self, rule: &'static str, range: TextRange, message: String, fatal: bool) {
        let Some(top) = self.stack.last() else { return };
        self.menu.problems.push(Problem {
            rule,
            span: top.span(range),
            message,
            related: Vec::new(),
            fatal,
        });
    }
}

/// What a word is wanted for.
#[derive(Clone, Copy)]
enum Role {
    /// The name of something. Which one that is cannot hang on the environment: variables that
    /// nothing fixes count as unset.
    Name,
    /// A value.
    Value,
}

/// What became of a word.
enum Expanded {
    Word,
    Nothing,
    Failed,
}

fn raw_word(word: &Word, text: &[u8]) -> String {
    include::unquoted(word.range.of(text), word.quoted)
}

/// Text of the tree in a message, cut to a bearable length.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 200;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(LONGEST).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests;
