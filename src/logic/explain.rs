// SPDX-License-Identifier: MIT OR Apache-2.0
//! Why something is impossible: a smallest set of the tree's statements that make it so.
//!
//! The question is asked of relaxed models that know more and more of the tree, from the
//! symbol outwards, until one has no answer: what lies near explains better. The guards of
//! that model are then taken away as long as there is still no answer. What is left is a
//! core: without any one of its parts, the rest of the core would have an answer. Words, and
//! the order in which they are told, lie elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::effort::Effort;
use super::evaluate::Inputs;
use super::gates::Bit;
use super::proofs::Proofs;
use super::theory::Theory;
use crate::model::{ExprId, Model, Part, SymbolId};

/// What is impossible together, and the statements without any of which it would be possible.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Core {
    /// Those of the question's terms that it takes.
    pub asked: Vec<ExprId>,
    /// Statements, sorted.
    pub parts: Vec<Part>,
    /// Symbols whose value counts as a whole, each alone or with its choice: choices, and
    /// symbols whose value is a text. One of each choice, sorted.
    pub wholes: Vec<SymbolId>,
}

/// A core of why no configuration has all of `asked`, each at least m; `None` when some has, or when
/// the effort is too small to find one.
/// `start` are the symbols from which to look, `prefer` says which parts should be in it if
/// they alone suffice.
pub fn core(
    model: &Model,
    start: &[SymbolId],
    asked: &[ExprId],
    prefer: &dyn Fn(&Part) -> bool,
    effort: Effort,
) -> Option<Core> {
    let mut known: BTreeMap<SymbolId, usize> = BTreeMap::new();
    for id in start.iter().flat_map(|id| model.unit(*id)) {
        known.insert(id, 0);
    }
    let mut round = 0;
    loop {
        let kept = known.keys().copied().collect();
        let mut trial = Trial::new(model, &kept, asked, effort);
        let all = trial.elements(|part| distance(model, &known, part));
        if trial.is_impossible(&all) {
            return Some(smallest(model, trial, &all, &known, asked, prefer));
        }
        round += 1;
        if !widen(model, &mut known, asked, round) {
            return None;
        }
    }
}

/// A configuration of a relaxed model in which a question holds.
pub struct Escape {
    /// The relaxed model.
    pub model: Arc<Model>,
    /// What the user and the toolchain decide.
    pub inputs: Inputs,
    /// What holds in it: terms of the question, and guards of what counts.
    pub held: Vec<ExprId>,
}

/// The proof that a core is one: given only what it names, nothing has all of `core.asked`;
/// and without the element of this number, counted over asked, parts and wholes, something
/// has. `None` when there is no such configuration.
pub fn escape(model: &Model, core: &Core, without: Option<usize>) -> Option<Escape> {
    let asked = (0..core.asked.len()).map(Element::Asked);
    let parts = core.parts.iter().map(|part| Element::Part(*part));
    let elements: Vec<Element> = asked.chain(parts).collect();
    let stays = |at: usize| without != Some(at);
    let wholes = core.wholes.iter().enumerate();
    let wholes: Vec<SymbolId> = wholes
        .filter(|(at, _)| stays(elements.len() + at))
        .map(|(_, id)| *id)
        .collect();
    let elements = elements.iter().enumerate();
    let elements: Vec<Element> = elements
        .filter(|(at, _)| stays(*at))
        .map(|(_, element)| *element)
        .collect();
    let kept = named(model, &core.parts, &wholes);
    let mut trial = Trial::new(model, &kept, &core.asked, Effort::DEFAULT);
    let held = trial.exprs(&elements);
    let question = trial.question(&held);
    let inputs = trial.theory.solve(&question).ok()??;
    Some(Escape {
        model: trial.theory.model().clone(),
        inputs,
        held,
    })
}

/// Takes in the symbols that the known ones name. Says whether there are any.
fn widen(
    model: &Model,
    known: &mut BTreeMap<SymbolId, usize>,
    asked: &[ExprId],
    round: usize,
) -> bool {
    let mut next = BTreeSet::new();
    for id in known.keys() {
        next.extend(model.named_by(*id));
    }
    for term in asked {
        model.symbols_in(*term, &mut next);
    }
    let before = known.len();
    for id in next.into_iter().flat_map(|id| model.unit(id)) {
        known.entry(id).or_insert(round);
    }
    known.len() > before
}

/// How far from the question a part lies.
fn distance(model: &Model, known: &BTreeMap<SymbolId, usize>, part: &Part) -> usize {
    let id = match *part {
        Part::Ways(id) | Part::Default(id, _) => id,
        Part::Term { symbol, .. } | Part::Condition { symbol, .. } => symbol,
        Part::Select(id) => model.select(id).target,
        Part::Imply(id) => model.imply(id).target,
        // What is not known is the weakest of reasons.
        Part::Undefined(_) => return usize::MAX,
    };
    known.get(&id).copied().unwrap_or(usize::MAX - 1)
}

/// Something that can be taken away from a contradiction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Element {
    /// A term of the question, by its number.
    Asked(usize),
    Part(Part),
}

/// The theory of one relaxed model.
struct Trial {
    theory: Theory,
    effort: Effort,
    asked: Vec<ExprId>,
    parts: Vec<Part>,
    guards: FxHashMap<Part, ExprId>,
}

impl Trial {
    fn new(model: &Model, kept: &BTreeSet<SymbolId>, asked: &[ExprId], effort: Effort) -> Trial {
        let relaxed = model.relax(kept, asked);
        Trial {
            theory: Theory::sharing(Arc::new(relaxed.model), Proofs::within(effort)),
            effort,
            asked: relaxed.asked,
            parts: relaxed.parts.iter().map(|(part, _)| *part).collect(),
            guards: relaxed.parts.into_iter().collect(),
        }
    }

    /// All elements, the farthest first; the question's own terms last.
    fn elements(&self, distance: impl Fn(&Part) -> usize) -> Vec<Element> {
        let mut parts = self.parts.clone();
        parts.sort_by_key(|part| (std::cmp::Reverse(distance(part)), std::cmp::Reverse(*part)));
        let asked = (0..self.asked.len()).map(Element::Asked);
        parts.into_iter().map(Element::Part).chain(asked).collect()
    }

    /// Whether these elements are known to contradict each other. A part that this model does not have
    /// says nothing.
    fn is_impossible(&mut self, elements: &[Element]) -> bool {
        let exprs = self.exprs(elements);
        let question = self.question(&exprs);
        self.theory.holds(&question) == Ok(false)
    }

    fn exprs(&self, elements: &[Element]) -> Vec<ExprId> {
        let exprs = elements.iter().map(|element| match element {
            Element::Asked(at) => Some(self.asked[*at]),
            Element::Part(part) => self.guards.get(part).copied(),
        });
        exprs.flatten().collect()
    }

    fn question(&mut self, exprs: &[ExprId]) -> Vec<Bit> {
        exprs
            .iter()
            .map(|expr| self.theory.expr(*expr).on)
            .collect()
    }
}

fn smallest(
    model: &Model,
    mut trial: Trial,
    all: &[Element],
    known: &BTreeMap<SymbolId, usize>,
    asked: &[ExprId],
    prefer: &dyn Fn(&Part) -> bool,
) -> Core {
    let is_preferred = |element: &Element| match element {
        Element::Part(part) => prefer(part),
        Element::Asked(_) => true,
    };
    let preferred: Vec<Element> = all.iter().copied().filter(is_preferred).collect();
    let from = if trial.is_impossible(&preferred) {
        preferred
    } else {
        all.to_vec()
    };
    let effort = trial.effort;
    let needed = shrink(from, &mut |some| trial.is_impossible(some));
    let mut parts: Vec<Part> = Vec::new();
    let mut terms: Vec<ExprId> = Vec::new();
    for element in &needed {
        match element {
            Element::Part(part) => parts.push(*part),
            Element::Asked(at) => terms.push(asked[*at]),
        }
    }
    parts.sort();
    let mut wholes: Vec<SymbolId> = wholes(model, known.keys().copied());
    wholes.sort_by_key(|id| (std::cmp::Reverse(known[id]), *id));
    let mut wholes = shrink(wholes, &mut |some| {
        let kept = named(model, &parts, some);
        Trial::new(model, &kept, asked, effort).is_impossible(&needed)
    });
    wholes.sort();
    Core {
        asked: terms,
        parts,
        wholes,
    }
}

/// One symbol for each thing whose value counts as a whole.
fn wholes(model: &Model, known: impl Iterator<Item = SymbolId>) -> Vec<SymbolId> {
    let mut found: Vec<SymbolId> = known
        .filter(|id| {
            let symbol = model.symbol(*id);
            match symbol.member_of.or(symbol.choice) {
                Some(choice) => model.choice(choice).symbol == *id,
                None => symbol.is_defined() && !symbol.ty.is_logical(),
            }
        })
        .collect();
    found.sort();
    found
}

/// The symbols whose definitions a core speaks of: those of its parts, unless they are
/// explained as wholes, and the wholes.
fn named(model: &Model, parts: &[Part], wholes: &[SymbolId]) -> BTreeSet<SymbolId> {
    let mut kept: BTreeSet<SymbolId> = BTreeSet::new();
    for part in parts {
        match *part {
            Part::Ways(id) | Part::Default(id, _) => drop(kept.insert(id)),
            Part::Term { symbol, .. } => drop(kept.insert(symbol)),
            Part::Condition { symbol, .. } => drop(kept.insert(symbol)),
            Part::Select(id) => drop(kept.insert(model.select(id).target)),
            Part::Imply(id) => drop(kept.insert(model.imply(id).target)),
            Part::Undefined(_) => {}
        }
    }
    kept.retain(|id| {
        let symbol = model.symbol(*id);
        symbol.ty.is_logical() && symbol.member_of.is_none() && symbol.choice.is_none()
    });
    kept.extend(wholes.iter().flat_map(|id| model.unit(*id)));
    kept
}

/// A part of `items` of which none can go: `holds` is true of all, and of whatever contains
/// something of which it is true. Large pieces are tried first.
fn shrink<T: Copy>(mut items: Vec<T>, holds: &mut dyn FnMut(&[T]) -> bool) -> Vec<T> {
    let mut chunk = items.len().div_ceil(2).max(1);
    loop {
        let mut at = 0;
        while at < items.len() {
            let end = (at + chunk).min(items.len());
            let mut fewer = items[..at].to_vec();
            fewer.extend_from_slice(&items[end..]);
            if holds(&fewer) {
                items = fewer;
            } else {
                at = end;
            }
        }
        if chunk == 1 {
            return items;
        }
        chunk = chunk.div_ceil(2);
    }
}
