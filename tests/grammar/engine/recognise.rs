// SPDX-License-Identifier: MIT OR Apache-2.0
//! The recogniser: whether a production matches, and by which alternatives.
//!
//! It computes, for a production and a place, *all* places where a match can end. So it
//! decides the language of the grammar as it is written, however ambiguous, and no order of
//! alternatives matters. It needs a grammar without left recursion (a test checks that).

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::{Alternative, Choice, Dialects, Grammar, Item};

/// What a grammar is matched against: bytes, or tokens.
pub(crate) trait Input {
    /// The place behind a quoted terminal.
    fn terminal(&self, at: usize, text: &str) -> Option<usize>;
    /// The place behind a token of another grammar.
    fn token(&self, at: usize, name: &str) -> Option<usize>;
    /// The place behind what `? words ?` describe.
    fn prose(&self, at: usize, words: &str) -> Option<usize>;
}

/// In order, each once. Mostly there is none or one.
type Ends = Vec<usize>;

/// Where matches end, by production and start.
type Memo = FxHashMap<(usize, usize), Rc<[usize]>>;

/// A grammar on one input.
pub(crate) struct Recogniser<'a, I> {
    grammar: &'a Grammar,
    dialects: Dialects,
    input: &'a I,
    memo: RefCell<Memo>,
    furthest: Cell<usize>,
}

impl<'a, I: Input> Recogniser<'a, I> {
    /// A recogniser that has seen nothing yet.
    pub(crate) fn new(grammar: &'a Grammar, dialects: Dialects, input: &'a I) -> Self {
        Recogniser {
            grammar,
            dialects,
            input,
            memo: RefCell::default(),
            furthest: Cell::new(0),
        }
    }

    /// The furthest place that something matched up to: near a mistake, if there is one.
    pub(crate) fn furthest(&self) -> usize {
        self.furthest.get()
    }

    /// Where a match of a production that begins `at` may end.
    pub(crate) fn ends(&self, production: usize, at: usize) -> Rc<[usize]> {
        if let Some(known) = self.memo.borrow().get(&(production, at)) {
            return known.clone();
        }
        let choice = &self.grammar.productions[production].choice;
        let ends: Rc<[usize]> = self.choice_ends(choice, at).into();
        let mut memo = self.memo.borrow_mut();
        memo.insert((production, at), ends.clone());
        ends
    }

    /// Adds to `used` the alternatives by which a production matches exactly `from` to
    /// `to`; one way where there are several. False when it does not match.
    pub(crate) fn derive(
        &self,
        production: usize,
        from: usize,
        to: usize,
        used: &mut BTreeSet<usize>,
    ) -> bool {
        let choice = &self.grammar.productions[production].choice;
        self.derive_choice(choice, from, to, used)
    }

    fn choice_ends(&self, choice: &Choice, at: usize) -> Ends {
        let mut ends = Ends::new();
        for alternative in self.active(choice) {
            let mut step = vec![at];
            for item in &alternative.items {
                step = self.step(&step, item);
            }
            merge(&mut ends, step);
        }
        ends
    }

    fn active<'c>(&self, choice: &'c Choice) -> impl Iterator<Item = &'c Alternative> + use<'c, I> {
        let dialects = self.dialects;
        choice.0.iter().filter(move |a| dialects.read(a))
    }

    /// The places that can be reached before each item of an alternative, and behind it.
    fn steps(&self, alternative: &Alternative, at: usize) -> Vec<Ends> {
        let mut steps = vec![vec![at]];
        for item in &alternative.items {
            steps.push(self.step(&steps[steps.len() - 1], item));
        }
        steps
    }

    fn step(&self, starts: &[usize], item: &Item) -> Ends {
        let mut ends = Ends::new();
        for &at in starts {
            merge(&mut ends, self.item_ends(item, at));
        }
        ends
    }

    fn item_ends(&self, item: &Item, at: usize) -> Ends {
        match item {
            Item::Terminal(text) => self.leaf(self.input.terminal(at, text)),
            Item::Token(name) => self.leaf(self.input.token(at, name)),
            Item::Prose(words) => self.leaf(self.input.prose(at, words)),
            Item::Production(production) => self.ends(*production, at).to_vec(),
            Item::Group(inner) => self.choice_ends(inner, at),
            Item::Optional(inner) => {
                let mut ends = self.choice_ends(inner, at);
                merge(&mut ends, vec![at]);
                ends
            }
            Item::Repeat(inner) => self.rounds(inner, at).into_keys().collect(),
        }
    }

    fn leaf(&self, end: Option<usize>) -> Ends {
        if let Some(end) = end {
            self.furthest.set(self.furthest.get().max(end));
        }
        end.into_iter().collect()
    }

    /// The places that repetition reaches, each with the place a round before.
    fn rounds(&self, inner: &Choice, at: usize) -> BTreeMap<usize, usize> {
        let mut before = BTreeMap::from([(at, at)]);
        let mut queue = vec![at];
        while let Some(at) = queue.pop() {
            for end in self.choice_ends(inner, at) {
                before.entry(end).or_insert_with(|| {
                    queue.push(end);
                    at
                });
            }
        }
        before
    }

    fn derive_choice(
        &self,
        choice: &Choice,
        from: usize,
        to: usize,
        used: &mut BTreeSet<usize>,
    ) -> bool {
        for alternative in self.active(choice) {
            let mut steps = self.steps(alternative, from);
            if !steps.pop().is_some_and(|ends| ends.contains(&to)) {
                continue;
            }
            used.insert(alternative.id);
            let mut to = to;
            for (item, starts) in alternative.items.iter().zip(steps).rev() {
                let from = *starts
                    .iter()
                    .find(|&&at| self.item_ends(item, at).contains(&to))
                    .expect("what was reached has a way to it");
                self.derive_item(item, from, to, used);
                to = from;
            }
            return true;
        }
        false
    }

    fn derive_item(&self, item: &Item, from: usize, to: usize, used: &mut BTreeSet<usize>) {
        match item {
            Item::Production(production) => {
                self.derive(*production, from, to, used);
            }
            Item::Group(inner) => {
                self.derive_choice(inner, from, to, used);
            }
            Item::Optional(inner) if from < to => {
                self.derive_choice(inner, from, to, used);
            }
            Item::Repeat(inner) => {
                let before = self.rounds(inner, from);
                let mut to = to;
                while to > from {
                    self.derive_choice(inner, before[&to], to, used);
                    to = before[&to];
                }
            }
            _ => {}
        }
    }
}

/// Adds `more` to `ends`.
fn merge(ends: &mut Ends, more: Ends) {
    if ends.is_empty() {
        *ends = more;
        return;
    }
    for end in more {
        if let Err(place) = ends.binary_search(&end) {
            ends.insert(place, end);
        }
    }
}
