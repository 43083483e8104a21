// SPDX-License-Identifier: MIT OR Apache-2.0
//! From files to the menu tree of one architecture: reads statements in the order in which
//! parser.y and lexer.l do, follows `source`, and expands what has macros.
//!
//! Includes lie on an explicit stack, so their depth cannot exhaust the machine's. Expressions
//! and attributes are not looked into beyond their macros.

mod expanding;
mod sourcing;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use expanding::Role;

use super::command::Commands;
use super::loader::{Loaded, Loader};
use super::old_style::Symbols;
use super::outline::UseKind;
use super::preprocess::Preprocessor;
use super::shell::Machine;
use super::toolchain::Toolchain;
use super::{InstanceId, Menu, Node, NodeId, Problem, include};
use crate::source::{Name, ReadError, Span, TextRange};
use crate::syntax::ast::{EntryId, EntryKind};
use crate::tree::{ArchSet, Architecture, Project};

/// More inclusions than any tree has: files that source each other twice would double the work
/// with each step.
const MAX_INSTANCES: usize = 100_000;

/// Where the same problem of another architecture is looked for, from the last one back.
const LAST: usize = 2 * ArchSet::MOST;

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
    together(
        loader,
        project,
        std::slice::from_ref(architecture),
        toolchain,
    )
}

/// The menu tree of all these architectures, each statement once for all that read it; at most
/// [`ArchSet::MOST`].
pub(super) fn together(
    loader: &Loader,
    project: &Project,
    architectures: &[Architecture],
    toolchain: &Toolchain,
) -> Result<Menu, ReadError> {
    let mut naming = vec![BTreeSet::new(); architectures.len()];
    let menu = elaborate_with(loader, project, architectures, toolchain, &mut naming)?;
    if naming.iter().all(BTreeSet::is_empty) {
        return Ok(menu);
    }
    // Names do not change from machine to machine: what is in them counts as unset everywhere.
    elaborate_with(loader, project, architectures, toolchain, &mut naming)
}

/// The menu tree while the variables in `naming` are unset, for each architecture. Adds those of
/// which it was assumed.
fn elaborate_with(
    loader: &Loader,
    project: &Project,
    architectures: &[Architecture],
    toolchain: &Toolchain,
    naming: &mut [BTreeSet<Name>],
) -> Result<Menu, ReadError> {
    let path = &project.root_file;
    let (path, root) = include::load(loader, project, path, project.kind.dialect().notation())?;
    let on = ArchSet::first(architectures.len());
    let apart = architectures.iter().zip(&*naming);
    let mut elaborator = Elaborator {
        loader,
        project,
        apart: apart
            .enumerate()
            .map(|(at, (architecture, naming))| Apart {
                environment: &architecture.environment,
                preprocessor: Preprocessor::new(
                    Machine {
                        toolchain,
                        scripts: &project.scripts,
                        environment: &architecture.environment,
                        at,
                    },
                    project.kind.dialect().unknown_functions,
                    naming,
                ),
                symbols: Symbols::new(&architecture.environment),
            })
            .collect(),
        commands: Commands::default(),
        menu: Menu {
            on,
            instances: Vec::with_capacity(2048),
            nodes: Vec::with_capacity(32 * 1024),
            commands: Default::default(),
            assumptions: Vec::new(),
            problems: Vec::new(),
            unfollowed: Vec::new(),
            variants: FxHashMap::default(),
            defined: FxHashMap::default(),
        },
        stack: Vec::new(),
        sourced: FxHashMap::default(),
        statements: 0,
    };
    elaborator.enter(
        Waiting {
            loaded: root,
            path,
            name: project.root_file.clone(),
            from: None,
            on,
        },
        None,
    );
    elaborator.run();
    let mut menu = elaborator.menu;
    menu.commands = Arc::new(elaborator.commands);
    let assumed: Vec<_> = elaborator
        .apart
        .into_iter()
        .map(|one| one.preprocessor.naming)
        .collect();
    for (naming, assumed) in naming.iter_mut().zip(assumed) {
        naming.extend(assumed);
    }
    Ok(menu)
}

struct Elaborator<'a> {
    loader: &'a Loader,
    project: &'a Project,
    /// What is not the same on all architectures, in their order.
    apart: Vec<Apart<'a>>,
    /// Commands asked for so far, of all architectures.
    commands: Commands,
    menu: Menu,
    stack: Vec<Inclusion>,
    /// Where each file was sourced first, by the name that the statement gives, and on which
    /// architectures.
    sourced: FxHashMap<String, Vec<(ArchSet, Span)>>,
    statements: usize,
}

/// What one architecture knows for itself.
struct Apart<'a> {
    environment: &'a BTreeMap<String, String>,
    preprocessor: Preprocessor<'a>,
    symbols: Symbols<'a>,
}

/// A file that is being read.
struct Inclusion {
    loaded: Arc<Loaded>,
    instance: InstanceId,
    /// The architectures that read it.
    on: ArchSet,
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
    /// Where it was sourced; `None` for the root.
    from: Option<Span>,
    /// The architectures that read it there.
    on: ArchSet,
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
            if self.statements > MAX_STATEMENTS * self.apart.len() {
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
        if entry.kind.is_node() {
            let node = NodeId(self.menu.nodes.len() as u32);
            self.menu.nodes.push(Node {
                instance: top.instance,
                entry: id,
                parent: top.parent(),
                on: top.on,
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
            EntryKind::Config(_) | EntryKind::MenuConfig(_) if self.knows_symbols_in_paths() => {
                let on = self.on();
                for at in on.iter() {
                    self.apart[at].symbols.learn(loaded.tree.ast(), entry);
                }
            }
            _ => {}
        }
    }

    /// Whether `$NAME` in a path can be a symbol. For kconfiglib it is a variable of the environment.
    fn knows_symbols_in_paths(&self) -> bool {
        self.project.dollar_variables && !self.project.kind.dialect().tool.is_kconfiglib()
    }

    /// The architectures that read the file at hand.
    fn on(&self) -> ArchSet {
        self.stack.last().map_or(ArchSet::EMPTY, |top| top.on)
    }

    /// Lets the preprocessor of one architecture work.
    fn preprocess<T>(&mut self, at: usize, work: impl FnOnce(&mut Preprocessor<'_>) -> T) -> T {
        let preprocessor = &mut self.apart[at].preprocessor;
        std::mem::swap(&mut preprocessor.commands, &mut self.commands);
        let done = work(preprocessor);
        std::mem::swap(&mut preprocessor.commands, &mut self.commands);
        done
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
                    for at in self.on().iter() {
                        self.word(at, loaded, word, Role::Name);
                    }
                }
                UseKind::Variable(word) => self.variable(loaded, word),
                UseKind::Text(_) if !self.project.macros => {}
                UseKind::Text(text) => {
                    let raw = include::raw(&text, loaded.source.text());
                    for at in self.on().iter() {
                        self.expand(at, loaded, &raw, text.quoted, text.range);
                    }
                }
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
                on: self.menu.on,
            });
        }
        self.stack.clear();
    }

    fn problem(&mut self, at: usize, rule: &'static str, range: TextRange, message: String) {
        self.report(ArchSet::only(at), rule, range, message, true);
    }

    fn report(
        &mut self,
        on: ArchSet,
        rule: &'static str,
        range: TextRange,
        message: String,
        fatal: bool,
    ) {
        let Some(top) = self.stack.last() else { return };
        self.add_problem(Problem {
            rule,
            span: top.span(range),
            message,
            related: Vec::new(),
            fatal,
            on,
        });
    }

    /// Adds a problem, once for all architectures that have it at this place.
    fn add_problem(&mut self, new: Problem) {
        let mut known = self.menu.problems.iter_mut().rev().take(LAST);
        let known = known.find(|known| {
            (known.on & new.on).is_empty() && known.span == new.span && known.message == new.message
        });
        match known {
            Some(known) => known.on |= new.on,
            None => self.menu.problems.push(new),
        }
    }
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
