// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which symbols no configuration can switch on.
//!
//! Most can be, and one configuration shows it of thousands at once, so the solver is asked
//! about the few that are left. What it found serves other trees that are much the same.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use super::effort::Undecided;
use super::evaluate::{Evaluator, Inputs, UserValue};
use super::gates::Bit;
use super::theory::Theory;
use super::witness::toolchain_is_accepted;
use crate::menu::Menu;
use crate::model::{ChoiceId, ExprId, Model, SymbolId, Tristate};
use crate::source::Name;
use crate::tree::ArchSet;

/// Configurations in which symbols are on. They are kept by names, so that they outlive the model
/// they were found with: where a little of a tree is changed, most of them still show it. The
/// architectures have to be the same.
#[derive(Default)]
pub struct Examples {
    by_name: Mutex<FxHashMap<Name, Arc<Example>>>,
    /// The first menu tree of which something was kept.
    first: OnceLock<Arc<Menu>>,
}

/// A configuration, in which the user says y where nothing else is said.
struct Example {
    user: Vec<(Name, UserValue)>,
    /// The architecture and what the toolchain answers, with nothing for the user.
    others: Inputs,
}

impl Examples {
    /// Takes out the symbols that kept configurations show on, each configuration computed once for
    /// all that it was kept for.
    fn retain_off(&self, generous: &Inputs, model: &Model, on: ArchSet, open: &mut Vec<SymbolId>) {
        let mut by_example: BTreeMap<usize, (Arc<Example>, Vec<SymbolId>)> = BTreeMap::new();
        let known = self.lock();
        let mut off = Vec::new();
        for id in open.drain(..) {
            let example = model.symbol(id).name.and_then(|name| known.get(&name));
            match example.filter(|example| on.contains(example.others.architecture)) {
                Some(example) => {
                    let new = || (example.clone(), Vec::new());
                    let same = by_example.entry(Arc::as_ptr(example) as usize);
                    same.or_insert_with(new).1.push(id);
                }
                None => off.push(id),
            }
        }
        drop(known);
        let first = self.first.get();
        let is_same = first.is_some_and(|it| it.commands.are_numbered_as(&model.menu.commands));
        for (example, mut own) in by_example.into_values() {
            let symbol = |name: Name| model.symbol_on(name, example.others.architecture);
            let user = example.user.iter();
            let user = user.filter_map(|(name, value)| Some((symbol(*name)?, *value)));
            let mut inputs = Inputs {
                user: generous.user.clone(),
                ..example.others.clone()
            };
            inputs.user.extend(user);
            if !is_same {
                inputs.tests.clear();
                inputs.outputs.clear();
            }
            retain_off(model, &inputs, &mut own);
            off.append(&mut own);
        }
        off.sort();
        *open = off;
    }

    fn keep(&self, model: &Model, symbols: impl Iterator<Item = SymbolId>, inputs: &Inputs) {
        let first = self.first.get_or_init(|| model.menu.clone());
        let user = inputs.user.iter();
        let user = user.filter_map(|(id, value)| Some((model.symbol(*id).name?, *value)));
        let mut others = Inputs {
            architecture: inputs.architecture,
            ..Inputs::default()
        };
        // A tree that asks for other things numbers these otherwise.
        if first.commands.are_numbered_as(&model.menu.commands) {
            others.tests.clone_from(&inputs.tests);
            others.outputs.clone_from(&inputs.outputs);
        }
        let example = Arc::new(Example {
            user: user.collect(),
            others,
        });
        let names = symbols.filter_map(|id| model.symbol(id).name);
        self.lock()
            .extend(names.map(|name| (name, example.clone())));
    }

    fn lock(&self) -> MutexGuard<'_, FxHashMap<Name, Arc<Example>>> {
        // Whoever panicked left nothing half done.
        self.by_name.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is given beside a question.
pub type Given<'g> = dyn Fn(&mut Theory) -> Vec<Bit> + 'g;

/// Which configurations count.
#[derive(Clone, Copy)]
pub enum Among<'g> {
    /// All of them. What was found out before is looked at first, and what is found out is kept.
    All(&'g Examples),
    /// Those in which this holds.
    Where(&'g Given<'g>),
}

/// Those of `symbols` that are off in every configuration that counts, on all of these architectures;
/// what is neither bool nor tristate is left out. They come in the order of the model. `undecided` says
/// whether those count as dead that nobody knows to be.
pub fn dead(
    theory: &mut Theory,
    symbols: &[SymbolId],
    on: ArchSet,
    among: Among<'_>,
    undecided: bool,
) -> Vec<SymbolId> {
    let model = theory.model().clone();
    let is_logical = |id: &SymbolId| model.symbol(*id).ty.is_logical();
    let all = symbols.iter().copied().filter(is_logical);
    let (mut dead, mut open): (Vec<SymbolId>, Vec<SymbolId>) =
        all.partition(|id| theory.bounds().is_off_on(*id, on));
    dead.sort();
    if open.is_empty() {
        return dead;
    }
    let generous = everything(&model);
    if let Among::All(examples) = among {
        let mut inputs = generous.clone();
        for architecture in on.iter() {
            inputs.architecture = architecture;
            retain_off(&model, &inputs, &mut open);
            retain_unchosen(&model, &inputs, &mut open);
        }
        examples.retain_off(&generous, &model, on, &mut open);
    }
    while let Some(id) = open.pop() {
        theory.focus();
        let mut question = match among {
            Among::All(_) => Vec::new(),
            Among::Where(given) => given(theory),
        };
        question.extend([theory.symbol(id).on, theory.on(on)]);
        let inputs = match theory.solve(&question) {
            Ok(Some(inputs)) => inputs,
            Ok(None) => {
                dead.push(id);
                continue;
            }
            Err(Undecided) => {
                dead.extend(undecided.then_some(id));
                continue;
            }
        };
        let Among::All(examples) = among else {
            retain_off(&model, &inputs, &mut open);
            continue;
        };
        // What the question leaves open is y, as far as that goes: it shows more.
        let mut more = Inputs {
            user: generous.user.clone(),
            ..inputs.clone()
        };
        more.user.extend(&inputs.user);
        let mut shown: Vec<SymbolId> = open.iter().copied().chain([id]).collect();
        let mut off = shown.clone();
        retain_off(&model, &more, &mut off);
        let off: FxHashSet<SymbolId> = off.into_iter().collect();
        open.retain(|id| off.contains(id));
        shown.retain(|id| !off.contains(id));
        examples.keep(&model, shown.into_iter(), &inputs);
    }
    dead.sort();
    dead
}

/// Conditions that are asked for together, and the architectures that count.
pub type Together = (Vec<ExprId>, ArchSet);

/// The places of those conditions of which in every configuration at least one is n. What takes more than
/// the effort is not among them.
pub fn never(theory: &mut Theory, asked: &[Together]) -> Vec<usize> {
    let model = theory.model().clone();
    let mut open: Vec<usize> = (0..asked.len()).collect();
    let mut inputs = everything(&model);
    for architecture in model.menu.on.iter() {
        inputs.architecture = architecture;
        retain_never(&model, &inputs, asked, &mut open);
    }
    let mut found = Vec::new();
    while let Some(at) = open.pop() {
        let (exprs, on) = &asked[at];
        theory.focus();
        let mut question: Vec<Bit> = exprs.iter().map(|id| theory.expr(*id).on).collect();
        question.push(theory.on(*on));
        match theory.solve(&question) {
            Ok(Some(inputs)) => retain_never(&model, &inputs, asked, &mut open),
            Ok(None) => found.push(at),
            Err(Undecided) => {}
        }
    }
    found.sort_unstable();
    found
}

/// Takes out the conditions that hold in a configuration.
fn retain_never(model: &Model, inputs: &Inputs, asked: &[Together], open: &mut Vec<usize>) {
    if open.is_empty() {
        return;
    }
    let mut evaluator = Evaluator::new(model, inputs);
    if !toolchain_is_accepted(model, &mut evaluator) {
        return;
    }
    open.retain(|at| {
        let (exprs, on) = &asked[*at];
        let is_off = |id: &ExprId| evaluator.expr(*id) == Tristate::No;
        !on.contains(inputs.architecture) || exprs.iter().any(is_off)
    });
}

/// The user says y wherever he is asked.
fn everything(model: &Model) -> Inputs {
    let asked = model.symbol_ids().filter(|(_, symbol)| {
        symbol.ty.is_logical() && symbol.member_of.is_none() && !symbol.prompts.is_empty()
    });
    let yes = UserValue::Logical(Tristate::Yes);
    Inputs {
        user: asked.map(|(id, _)| (id, yes)).collect(),
        ..Inputs::default()
    }
}

/// Takes out what is on in a configuration, if kconfig accepts its toolchain.
fn retain_off(model: &Model, inputs: &Inputs, open: &mut Vec<SymbolId>) {
    if open.is_empty() {
        return;
    }
    let mut evaluator = Evaluator::new(model, inputs);
    if toolchain_is_accepted(model, &mut evaluator) {
        open.retain(|id| evaluator.value(*id) == Tristate::No);
    }
}

/// Takes out the members of choices that the user can choose while all else is as it is: of each
/// choice one at a time.
fn retain_unchosen(model: &Model, inputs: &Inputs, open: &mut Vec<SymbolId>) {
    let mut of_choices: BTreeMap<ChoiceId, Vec<SymbolId>> = BTreeMap::new();
    let mut evaluator = Evaluator::new(model, inputs);
    for id in &*open {
        let choice = model.symbol(*id).member_of;
        let choice = choice.filter(|_| evaluator.symbol(*id).visible != Tristate::No);
        if let Some(choice) = choice {
            of_choices.entry(choice).or_default().push(*id);
        }
    }
    let yes = UserValue::Logical(Tristate::Yes);
    loop {
        let chosen = of_choices.values_mut().filter_map(Vec::pop);
        let chosen: Vec<(SymbolId, UserValue)> = chosen.map(|id| (id, yes)).collect();
        if chosen.is_empty() {
            return;
        }
        let mut inputs = inputs.clone();
        inputs.user.extend(chosen);
        retain_off(model, &inputs, open);
    }
}
