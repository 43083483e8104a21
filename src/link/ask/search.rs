// SPDX-License-Identifier: MIT OR Apache-2.0
//! Looks for calls that can go wrong in some files, with a theory of its own.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Kind;
use super::question::{Asked, Available, available, can_be_hidden, of_name, of_pair, of_place};
use super::truth::Bits;
use crate::link::code::{Closure, Code};
use crate::link::cond::CondId;
use crate::link::view::{Algebra, Own, View};
use crate::logic::{Basis, Bit, Proofs, Theory};
use crate::source::Name;
use crate::tree::ArchSet;

/// The ways in which a call can go wrong, each with whether the caller is a module.
const WAYS: [(Kind, bool); 5] = [
    (Kind::Level, false),
    (Kind::Gap, false),
    (Kind::Gap, true),
    (Kind::Undeclared, false),
    (Kind::Undeclared, true),
];

/// What is at hand.
pub(super) struct Search<'c> {
    code: &'c Code,
    names: &'c [String],
    /// The architectures that are asked about.
    on: ArchSet,
    theory: Theory,
    /// What conditions of objects are.
    objects: FxHashMap<(CondId, bool), Bit>,
    /// What symbols are.
    symbols: FxHashMap<Name, Option<(Bit, Bit)>>,
    /// When what a name stands for is built.
    available: FxHashMap<Name, Available<Bit>>,
    answers: Answers,
}

/// Questions that were answered. Calls of one file, and objects of one option, ask much the same.
#[derive(Default)]
struct Answers(FxHashMap<Vec<Bit>, bool>);

impl Answers {
    /// Answers these, of which hardly any holds: as long as that is so, all of them are one question.
    fn find(&mut self, bits: &mut Bits<'_>, on: Bit, open: &[Vec<Bit>]) {
        let any = open.iter().fold(Bit::False, |any, question| {
            let all = question
                .iter()
                .fold(Bit::True, |all, it| bits.and(all, *it));
            bits.or(any, all)
        });
        // What nobody knows is not reported.
        let answer = bits.theory.holds(&[on, any]);
        let can_hold = answer != Ok(false);
        match open {
            [one] => {
                self.0.insert(one.clone(), answer == Ok(true));
            }
            _ if can_hold => {
                let (some, others) = open.split_at(open.len() / 2);
                self.find(bits, on, some);
                self.find(bits, on, others);
            }
            _ => self.0.extend(open.iter().map(|it| (it.clone(), false))),
        }
    }
}

impl<'c> Search<'c> {
    /// A search in a tree whose architectures have these names, on some of them.
    pub(super) fn new(code: &'c Code, basis: &Basis, names: &'c [String], on: ArchSet) -> Self {
        Search {
            code,
            names,
            on,
            theory: Theory::over(basis.clone(), std::sync::Arc::<Proofs>::default()),
            objects: FxHashMap::default(),
            symbols: FxHashMap::default(),
            available: FxHashMap::default(),
            answers: Answers::default(),
        }
    }

    /// What can go wrong in these files.
    pub(super) fn files(&mut self, files: &[u32]) -> Vec<Asked> {
        let mut closure = Closure::default();
        let mut wrong = Vec::new();
        for file in files {
            self.code.closure(*file, &mut closure);
            self.file(*file, &closure, &mut wrong);
            self.theory.focus();
        }
        wrong
    }

    /// The calls of one file, each once for every way.
    fn file(&mut self, file: u32, closure: &Closure, wrong: &mut Vec<Asked>) {
        let code = self.code;
        let mut bits = Bits {
            theory: &mut self.theory,
            names: self.names,
            known: std::mem::take(&mut self.symbols),
        };
        let own = Own::of(code, file);
        let mut view = View::new(code, closure, &mut bits, file, &own, &mut self.objects);
        let all = questions(&mut view, code, file, &mut self.available);
        let open = all.iter().map(|(_, question)| question);
        let mut open: Vec<Vec<Bit>> = open
            .filter(|it| !self.answers.0.contains_key(*it))
            .cloned()
            .collect();
        let mut seen = FxHashSet::default();
        open.retain(|it| seen.insert(it.clone()));
        let on = bits.theory.on(self.on);
        if !open.is_empty() {
            self.answers.find(&mut bits, on, &open);
        }
        self.symbols = bits.known;
        let mut done: FxHashSet<(Name, Kind)> = FxHashSet::default();
        for (asked, question) in all {
            let key = (asked.at.name, asked.kind);
            let is_new = self.answers.0[&question] && !done.contains(&key);
            if is_new && !is_made(code, &asked) {
                done.insert(key);
                wrong.push(asked);
            }
        }
    }
}

/// The calls of a file that do not contradict themselves at once, with what has to hold for each.
/// `known` says when what a name stands for is built.
fn questions(
    view: &mut View<'_, Bits<'_>>,
    code: &Code,
    file: u32,
    known: &mut FxHashMap<Name, Available<Bit>>,
) -> Vec<(Asked, Vec<Bit>)> {
    let mut all: Vec<(Asked, Vec<Bit>)> = Vec::new();
    // What all calls of a name need; nothing where that is impossible.
    let mut shared: FxHashMap<(Name, Kind, bool), Option<Vec<Bit>>> = FxHashMap::default();
    let calls = code.files[file as usize].facts.uses.iter();
    for at in calls.filter(|it| it.is_call) {
        let has_definition = !code.definitions(at.name).is_empty();
        let can_be_hidden = can_be_hidden(code, at.name);
        if !has_definition && !can_be_hidden || view.has_own(at.name) {
            continue;
        }
        for (kind, modular) in WAYS {
            let is_asked = match kind {
                Kind::Undeclared => can_be_hidden,
                _ => has_definition,
            };
            if !is_asked {
                continue;
            }
            let asked = Asked {
                kind,
                file,
                at: *at,
                modular,
            };
            let shared = shared.entry((at.name, kind, modular)).or_insert_with(|| {
                let there = known.get(&at.name).copied();
                let there = there.unwrap_or_else(|| available(view, code, at.name));
                known.insert(at.name, there);
                shared_part(view, code, &asked, there)
            });
            let Some(shared) = shared else { continue };
            let mut question = shared.clone();
            question.extend(of_place(view, code, &asked));
            if is_possible(&mut question) {
                all.push((asked, question));
            }
        }
    }
    all
}

/// Takes out what always holds; whether the rest does not contradict itself at once.
fn is_possible(question: &mut Vec<Bit>) -> bool {
    question.retain(|it| *it != Bit::True);
    !question
        .iter()
        .any(|it| *it == Bit::False || question.contains(&!*it))
}

/// What all calls of a name from a file need, where that does not contradict itself at once.
fn shared_part(
    view: &mut View<'_, Bits<'_>>,
    code: &Code,
    asked: &Asked,
    there: Available<Bit>,
) -> Option<Vec<Bit>> {
    let mut question = of_pair(view, code, asked, there);
    if !is_possible(&mut question) || view.seen(asked.at.name).is_empty() {
        return None;
    }
    question.extend(of_name(view, code, asked));
    is_possible(&mut question).then_some(question)
}

/// Whether a macro may make what is called.
fn is_made(code: &Code, asked: &Asked) -> bool {
    match asked.kind {
        Kind::Level => code.is_in_macro(asked.at.name),
        _ => code.may_be_pasted(asked.at.name),
    }
}
