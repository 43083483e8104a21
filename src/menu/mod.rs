// SPDX-License-Identifier: MIT OR Apache-2.0
//! Elaboration for one architecture: macro expansion with the toolchain's answers,
//! `source`, nesting, `visible if`.
//!
//! The result refers to the typed view of the files and copies none of it. Nothing here
//! knows what a symbol's value is: inherited conditions and types are the model's affair.
//! No command is ever run.

pub mod command;
mod elaborate;
mod include;
mod loader;
mod meaning;
pub mod merge;
mod old_style;
mod outline;
mod pieces;
mod preprocess;
mod refused;
mod rewritten;
mod shell;
mod toolchain;

pub use elaborate::elaborate;
pub use loader::{Loaded, Loader};
pub use toolchain::{Toolchain, ToolchainError};

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::source::{FileId, Name, Span, TextRange};
use crate::syntax::ast::{Atom, EntryId, EntryKind, WordId};
use crate::syntax::{Notation, SyntaxTree};
use crate::tree::ArchSet;
use command::{Commands, Output};

/// Index of a [`Node`] in [`Menu::nodes`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeId(pub u32);

/// Index of an [`Instance`] in [`Menu::instances`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct InstanceId(pub u32);

/// One inclusion of a file. A file that is sourced twice has two.
#[derive(Clone)]
pub struct Instance {
    /// The file.
    pub file: FileId,
    /// The architectures that include it here.
    pub on: ArchSet,
    /// How it is read.
    pub notation: Notation,
    /// Its syntax.
    pub tree: Arc<SyntaxTree>,
    /// What the words with macros expand to here; a word that is missing expanded to nothing.
    pub expansions: FxHashMap<WordId, Output>,
    /// The words whose expansion is another one on some architectures, with all of them. None of
    /// these is among `expansions`.
    pub forks: FxHashMap<WordId, Vec<(ArchSet, Output)>>,
    /// The `source` statement that brought it; `None` for the root.
    pub included_from: Option<Span>,
    /// The inclusion with that statement, and which of its statements it is.
    pub inside: Option<(InstanceId, EntryId)>,
}

/// A statement in its place of the menu tree: `config`, `menuconfig`, `configdefault`,
/// `choice`, `menu`, `if`, `comment` or `mainmenu`. Everything else has done its work.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    /// The inclusion it stands in.
    pub instance: InstanceId,
    /// The statement.
    pub entry: EntryId,
    /// The enclosing block; `None` at the top.
    pub parent: Option<NodeId>,
    /// The architectures that read it.
    pub on: ArchSet,
}

/// What stands for a word after expansion.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Value {
    /// In quotes, or one of `y`, `m`, `n`.
    Constant(Name),
    /// A bare word: a symbol, defined or not.
    Symbol(Name),
    /// Known only to the toolchain.
    Unknown {
        /// What decides it.
        output: Output,
        /// Whether the word stands in quotes.
        quoted: bool,
    },
    /// Not the same on all architectures. The sets are disjoint, and no value is `Forked` again.
    Forked(Vec<(ArchSet, Value)>),
}

/// `$(error-if,C,…)` with an undecided C, or a bare word that an unset variable would take away.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assumption {
    /// What is assumed not to be `y`: conf would refuse the tree.
    pub never_yes: Output,
    /// The first place that needs it.
    pub span: Span,
    /// The architectures on which it is assumed.
    pub on: ArchSet,
}

/// Something wrong that elaboration found. `rule` is one of `missing-source`,
/// `recursive-source`, `macro-error`, `syntax-error`, `unterminated-block`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// The rule it is reported under.
    pub rule: &'static str,
    /// The place.
    pub span: Span,
    /// What is wrong, in lower case and without a full stop.
    pub message: String,
    /// Further places, each with a word on it.
    pub related: Vec<(Span, String)>,
    /// Whether conf would refuse the tree; otherwise it is a warning.
    pub fatal: bool,
    /// The architectures on which it is wrong.
    pub on: ArchSet,
}

/// A `source` statement that leads to no file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Unfollowed {
    /// The place of its path.
    pub span: Span,
    /// Why.
    pub why: Why,
    /// The architectures for which it does not.
    pub on: ArchSet,
}

/// Why a `source` statement leads to no file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Why {
    /// These variables of the environment are not set.
    Unset(Vec<String>),
    /// The build makes the file.
    Generated,
    /// The toolchain decides which file it is.
    Toolchain,
    /// The file is not there, or cannot be read.
    Missing,
}

/// The menu tree of one architecture, or of several that are read together ([`merge`]).
pub struct Menu {
    /// The architectures.
    pub on: ArchSet,
    /// Inclusions in the order of their `source` statements; the first is the root.
    pub instances: Vec<Instance>,
    /// Statements in parse order; parents come before their children.
    pub nodes: Vec<Node>,
    /// The commands whose answers the tree asks for.
    pub commands: Arc<Commands>,
    /// What is assumed of the toolchain and the environment.
    pub assumptions: Vec<Assumption>,
    /// What went wrong.
    pub problems: Vec<Problem>,
    /// The `source` statements that lead to no file. One that is optional is not among them.
    pub unfollowed: Vec<Unfollowed>,
    /// Symbols that differ between architectures in what the order of statements decides, with the
    /// sets in which they are the same.
    pub variants: FxHashMap<Name, Vec<ArchSet>>,
    /// Symbols that only some of the architectures define, with these.
    pub defined: FxHashMap<Name, ArchSet>,
}

impl Menu {
    /// A statement.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// The blocks around a statement, from the inside out.
    pub fn around(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.node(id).parent, |id| self.node(*id).parent)
    }

    /// The inclusion a statement stands in.
    pub fn instance(&self, id: InstanceId) -> &Instance {
        &self.instances[id.0 as usize]
    }

    /// The kind of a statement.
    pub fn kind(&self, id: NodeId) -> &EntryKind {
        let node = self.node(id);
        &self
            .instance(node.instance)
            .tree
            .ast()
            .entry(node.entry)
            .kind
    }

    /// A range of the file that `instance` includes, as a span.
    pub fn span(&self, instance: InstanceId, range: TextRange) -> Span {
        range.in_file(self.instance(instance).file)
    }

    /// What an atom stands for here. Elaboration has reported atoms of which not exactly one
    /// word is left; here they are the first that is left, or the empty constant.
    pub fn value(&self, instance: InstanceId, atom: Atom) -> Value {
        let instance = self.instance(instance);
        let ids = (atom.first.0..atom.first.0 + atom.count).map(WordId);
        if !instance.forks.is_empty() && ids.into_iter().any(|id| instance.forks.contains_key(&id))
        {
            return merge::forked(self.on, instance, atom);
        }
        instance.value(atom, None)
    }

    /// The same on one of several architectures.
    pub fn value_on(&self, instance: InstanceId, atom: Atom, at: usize) -> Value {
        self.instance(instance).value(atom, Some(at))
    }
}

impl Instance {
    /// Notes what a word expands to on these architectures.
    fn keep(&mut self, on: ArchSet, id: WordId, output: Output) {
        if on == self.on {
            self.expansions.insert(id, output);
            return;
        }
        let known = self.forks.entry(id).or_default();
        match known.iter_mut().find(|(_, known)| *known == output) {
            Some((known, _)) => *known |= on,
            None => known.push((on, output)),
        }
        // One expansion for all is no fork.
        if matches!(&known[..], [(known, _)] if *known == self.on) {
            if let Some((_, output)) = self.forks.remove(&id).and_then(|mut all| all.pop()) {
                self.expansions.insert(id, output);
            }
        }
    }

    /// What an atom stands for on one architecture, or on all where no word of it is forked.
    fn value(&self, atom: Atom, at: Option<usize>) -> Value {
        let instance = self;
        let expansion = |id: WordId| {
            let forks = at.and_then(|at| Some((at, instance.forks.get(&id)?)));
            match forks {
                Some((at, forks)) => {
                    let own = forks.iter().find(|(on, _)| on.contains(at));
                    own.map(|(_, output)| output)
                }
                None => instance.expansions.get(&id),
            }
        };
        for (offset, word) in instance.tree.ast().words_of(atom).iter().enumerate() {
            let id = WordId(atom.first.0 + offset as u32);
            let value = match word.text {
                Some(text) => Some(constant_or_symbol(text, word.quoted)),
                None => expansion(id).map(|output| match output {
                    Output::Text(text) => constant_or_symbol(*text, word.quoted),
                    other => Value::Unknown {
                        output: other.clone(),
                        quoted: word.quoted,
                    },
                }),
            };
            if let Some(value) = value {
                return value;
            }
        }
        Value::Constant(Name::new(""))
    }
}

/// The kernel's `sym_lookup` (symbol.c) of a bare or quoted word.
pub fn constant_or_symbol(text: Name, quoted: bool) -> Value {
    if quoted || matches!(text, Name::Y | Name::M | Name::N) {
        Value::Constant(text)
    } else {
        Value::Symbol(text)
    }
}
