// SPDX-License-Identifier: MIT OR Apache-2.0
//! Random sentences of a grammar, bounded in depth and length.

use std::collections::BTreeMap;

use super::{Alternative, Choice, Dialects, Grammar, Item, Random};

/// A leaf of a derivation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Leaf {
    /// `"text"`
    Terminal(String),
    /// A token of another grammar.
    Token(String),
    /// `? words ?`
    Prose(String),
}

/// Draws sentences from a grammar.
pub(crate) struct Generator<'g> {
    grammar: &'g Grammar,
    dialects: Dialects,
    /// How many levels of productions each production needs at least.
    depths: BTreeMap<usize, usize>,
    /// How often each alternative was drawn: rare ones are preferred.
    drawn: Vec<usize>,
}

const NEVER: usize = usize::MAX / 2;

impl<'g> Generator<'g> {
    /// A generator of what `dialects` read.
    pub(crate) fn new(grammar: &'g Grammar, dialects: Dialects) -> Generator<'g> {
        let mut generator = Generator {
            grammar,
            dialects,
            depths: BTreeMap::new(),
            drawn: vec![0; grammar.alternatives.len()],
        };
        loop {
            let depths: BTreeMap<usize, usize> = (0..grammar.productions.len())
                .map(|p| (p, 1 + generator.depth_of(&grammar.productions[p].choice)))
                .collect();
            if depths == generator.depths {
                return generator;
            }
            generator.depths = depths;
        }
    }

    /// A sentence of `production`, of about `length` leaves and not many more levels than
    /// `depth`.
    pub(crate) fn sentence(
        &mut self,
        production: usize,
        depth: usize,
        length: usize,
        random: &mut Random,
    ) -> Vec<Leaf> {
        let mut leaves = Vec::new();
        self.production(production, depth, length, random, &mut leaves);
        leaves
    }

    /// The alternatives that no sentence has used so far.
    pub(crate) fn unused(&self) -> Vec<&'g str> {
        let mut unused = Vec::new();
        for (id, description) in self.grammar.alternatives.iter().enumerate() {
            if self.drawn[id] == 0 {
                unused.push(description.as_str());
            }
        }
        unused
    }

    fn production(
        &mut self,
        production: usize,
        depth: usize,
        length: usize,
        random: &mut Random,
        leaves: &mut Vec<Leaf>,
    ) {
        let choice = &self.grammar.productions[production].choice;
        self.choice(choice, depth.saturating_sub(1), length, random, leaves);
    }

    fn choice(
        &mut self,
        choice: &'g Choice,
        depth: usize,
        length: usize,
        random: &mut Random,
        leaves: &mut Vec<Leaf>,
    ) {
        let least = self.depth_of(choice);
        let room = if leaves.len() < length { depth } else { 0 };
        let options: Vec<&'g Alternative> = choice
            .0
            .iter()
            .filter(|a| self.dialects.read(a) && self.depth_in(a) <= least.max(room))
            .collect();
        // The rarer of two draws, so that every alternative comes soon.
        let (one, two) = (random.pick(&options), random.pick(&options));
        let rarer = if self.drawn[two.id] < self.drawn[one.id] {
            two
        } else {
            one
        };
        self.drawn[rarer.id] += 1;
        for item in &rarer.items {
            self.item(item, depth, length, random, leaves);
        }
    }

    fn item(
        &mut self,
        item: &'g Item,
        depth: usize,
        length: usize,
        random: &mut Random,
        leaves: &mut Vec<Leaf>,
    ) {
        match item {
            Item::Terminal(text) => leaves.push(Leaf::Terminal(text.clone())),
            Item::Token(name) => leaves.push(Leaf::Token(name.clone())),
            Item::Prose(words) => leaves.push(Leaf::Prose(words.clone())),
            Item::Production(next) => self.production(*next, depth, length, random, leaves),
            Item::Group(inner) => self.choice(inner, depth, length, random, leaves),
            Item::Optional(inner) => {
                if self.has_room(inner, depth, length, leaves) && random.chance(50) {
                    self.choice(inner, depth, length, random, leaves);
                }
            }
            Item::Repeat(inner) => {
                // Long at the top, where files have many statements; short further in. A
                // single token may be repeated nearly everywhere, and seldom is.
                let again = match inner.0[0].items[0] {
                    Item::Token(_) => 15,
                    _ if depth > 8 => 85,
                    _ => 55,
                };
                while self.has_room(inner, depth, length, leaves) && random.chance(again) {
                    self.choice(inner, depth, length, random, leaves);
                }
            }
        }
    }

    fn has_room(&self, inner: &Choice, depth: usize, length: usize, leaves: &[Leaf]) -> bool {
        self.depth_of(inner) <= depth && leaves.len() < length
    }

    fn depth_of(&self, choice: &Choice) -> usize {
        let active = choice.0.iter().filter(|a| self.dialects.read(a));
        active.map(|a| self.depth_in(a)).min().unwrap_or(NEVER)
    }

    fn depth_in(&self, alternative: &Alternative) -> usize {
        let depth = |item: &Item| match item {
            Item::Production(next) => self.depths.get(next).copied().unwrap_or(NEVER),
            Item::Group(inner) => self.depth_of(inner),
            _ => 0,
        };
        alternative
            .items
            .iter()
            .map(depth)
            .max()
            .unwrap_or(0)
            .min(NEVER)
    }
}
