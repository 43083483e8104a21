// SPDX-License-Identifier: MIT OR Apache-2.0
//! What makes the files of `grammar/` run: a reader for their notation, a recogniser, a
//! scanner for tokens, a generator, and a way to write generated tokens down as text.
//!
//! Nothing here knows the parser of `src/`: it is a second opinion, and must stay one.

mod generate;
mod layout;
mod mutate;
mod prose;
mod random;
mod read;
mod recognise;
mod scan;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use generate::{Generator, Leaf};
pub(crate) use layout::{Known, Layout, Lexeme, Speller, layout};
pub(crate) use mutate::{mutate_bytes, mutate_lexemes};
pub(crate) use random::Random;
pub(crate) use recognise::Recogniser;
use scan::Token;
pub(crate) use scan::{Scanner, TokenInput};

/// The phrases between `? ?` that the engine understands.
pub(crate) fn phrases() -> impl Iterator<Item = &'static str> {
    prose::PHRASES.iter().map(|phrase| phrase.words)
}

/// The productions of one or more files.
pub(crate) struct Grammar {
    /// In the order of the files.
    pub(crate) productions: Vec<Production>,
    /// What each alternative says, for messages; an [`Alternative::id`] is an index here.
    pub(crate) alternatives: Vec<String>,
    /// The names that the files call their starts.
    pub(crate) starts: Vec<String>,
    index: BTreeMap<String, usize>,
}

/// `name = choice ;`
pub(crate) struct Production {
    /// Its name.
    pub(crate) name: String,
    /// What it may be.
    pub(crate) choice: Choice,
}

/// Alternatives parted by `|`; at least one.
pub(crate) struct Choice(pub(crate) Vec<Alternative>);

/// Items joined by `,`; none for an empty alternative.
pub(crate) struct Alternative {
    /// Its number, unique in a grammar.
    pub(crate) id: usize,
    /// What it consists of.
    pub(crate) items: Vec<Item>,
    /// Who reads it; everybody when there is no mark.
    pub(crate) dialects: Vec<String>,
}

/// A part of an alternative.
pub(crate) enum Item {
    /// `"text"`
    Terminal(String),
    /// The name of a production of this grammar.
    Production(usize),
    /// A name that this grammar does not define: a token of another one.
    Token(String),
    /// `? words ?`
    Prose(String),
    /// `( … )`
    Group(Choice),
    /// `[ … ]`
    Optional(Choice),
    /// `{ … }`
    Repeat(Choice),
}

/// Which marked alternatives count.
#[derive(Clone, Copy)]
pub(crate) enum Dialects {
    /// All of them.
    All,
    /// All but these.
    AllBut(&'static [&'static str]),
    /// Those with one of these marks.
    Only(&'static [&'static str]),
}

/// Linux 6.12 and its warnings.
pub(crate) const LINUX_6_12: Dialects = Dialects::Only(&["warned"]);
/// Linux 6.1 and its warnings.
pub(crate) const LINUX_6_1: Dialects = Dialects::Only(&["linux-6.1", "warned"]);
/// All that every tool reads without a word.
pub(crate) const CLEAN: Dialects = Dialects::AllBut(&["warned"]);

impl Dialects {
    /// Whether `alternative` counts.
    pub(crate) fn read(self, alternative: &Alternative) -> bool {
        let marks = &alternative.dialects;
        let marked = |names: &[&str]| marks.iter().any(|mark| names.contains(&mark.as_str()));
        match self {
            Dialects::All => true,
            Dialects::AllBut(names) => !marked(names),
            Dialects::Only(names) => marks.is_empty() || marked(names),
        }
    }
}

impl Grammar {
    /// The statements: `kconfig.ebnf`.
    pub(crate) fn statements() -> Grammar {
        Grammar::read(&[include_str!("../../../grammar/kconfig.ebnf")])
    }

    /// The tokens: `lexical.ebnf` with `macro.ebnf`.
    pub(crate) fn tokens() -> Grammar {
        Grammar::read(&[
            include_str!("../../../grammar/lexical.ebnf"),
            include_str!("../../../grammar/macro.ebnf"),
        ])
    }

    /// The number of a production.
    pub(crate) fn find(&self, name: &str) -> usize {
        self.index[name]
    }

    /// Every item below a choice, depth first, in alternatives that `dialects` read.
    pub(crate) fn walk<'a>(
        choice: &'a Choice,
        dialects: Dialects,
        visit: &mut dyn FnMut(&'a Item),
    ) {
        for alternative in choice.0.iter().filter(|a| dialects.read(a)) {
            for item in &alternative.items {
                visit(item);
                if let Item::Group(inner) | Item::Optional(inner) | Item::Repeat(inner) = item {
                    Grammar::walk(inner, dialects, visit);
                }
            }
        }
    }

    /// The productions reachable from `start`.
    pub(crate) fn reachable(&self, start: usize, dialects: Dialects) -> BTreeSet<usize> {
        let mut seen = BTreeSet::from([start]);
        let mut queue = vec![start];
        while let Some(production) = queue.pop() {
            Grammar::walk(
                &self.productions[production].choice,
                dialects,
                &mut |item| {
                    if let Item::Production(next) = item {
                        if seen.insert(*next) {
                            queue.push(*next);
                        }
                    }
                },
            );
        }
        seen
    }

    /// The quoted terminals in what is reachable from `start`.
    pub(crate) fn terminals(&self, start: usize, dialects: Dialects) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        for production in self.reachable(start, dialects) {
            Grammar::walk(
                &self.productions[production].choice,
                dialects,
                &mut |item| {
                    if let Item::Terminal(text) = item {
                        found.insert(text.as_str());
                    }
                },
            );
        }
        found
    }
}
