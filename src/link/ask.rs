// SPDX-License-Identifier: MIT OR Apache-2.0
//! The question of the link check: can a caller be built while nothing that it calls is?

mod question;
mod search;
mod truth;

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use self::question::{Asked, available, compiles, conditions};
use self::search::Search;
use self::truth::{Bits, Values};
use super::code::{Closure, Code, ItemId, can_be_built};
use super::view::{Own, View};
use crate::diagnostic::Witness;
use crate::logic::{Basis, Bit, Configuration, Evaluator, Theory, minimize, to_witness};
use crate::model::{Model, Tristate};
use crate::source::Name;
use crate::tree::ArchSet;

/// How a call goes wrong.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// The caller is built in, and what it calls is only in a module.
    Level,
    /// Nothing defines what it calls.
    Gap,
    /// No header declares what it calls.
    Undeclared,
}

/// A call that can go wrong.
#[derive(Clone, Debug)]
pub struct Call {
    /// The file.
    pub file: u32,
    /// What it calls.
    pub name: Name,
    /// Where.
    pub at: u32,
    /// Where that is defined, if anywhere.
    pub definition: Option<ItemId>,
}

/// All calls of one option that lack another.
#[derive(Clone, Debug)]
pub struct Finding {
    /// How they go wrong.
    pub kind: Kind,
    /// The option that builds the callers.
    pub caller: Name,
    /// The option that would build or declare what they call.
    pub missing: Name,
    /// What that option is in the witness.
    pub missing_is: Tristate,
    /// Whether no call goes wrong where that option is as strong as the caller.
    pub is_cured_on: bool,
    /// Whether no call goes wrong in any way where it is off.
    pub is_cured_off: bool,
    /// The calls, in the order of files.
    pub calls: Vec<Call>,
    /// Where it happens.
    pub on: ArchSet,
    /// A configuration that shows it for the first call.
    pub witness: Witness,
}

/// Everything that can go wrong on some architectures of a tree whose architectures have these names.
pub fn check(code: &Code, model: &Arc<Model>, names: &[String], on: ArchSet) -> Vec<Finding> {
    // No value is defined where symbols depend on each other in a circle.
    if !model.cycles_of_each().is_empty() {
        return Vec::new();
    }
    let basis = Basis::new(model.clone());
    let files = 0..code.files.len() as u32;
    let files: Vec<u32> = files
        .filter(|it| {
            let built = code.built(*it);
            built.is_some_and(|it| it.option.is_some() && can_be_built(it))
        })
        .collect();
    let size = files.len().div_ceil(rayon::current_num_threads()).max(1);
    let wrong = files.par_chunks(size);
    let wrong = wrong.flat_map_iter(|part| Search::new(code, &basis, names, on).files(part));
    let groups = grouped(code, wrong.collect());
    let found = groups.into_par_iter().filter_map(|mut group| {
        while let Some(first) = group.all.first().copied() {
            if let Some(shown) = shown(code, &basis, names, on, &group) {
                return Some(group.finding(code, shown));
            }
            // That file compiles in no such configuration.
            group.all.retain(|it| it.file != first.file);
        }
        None
    });
    found.collect()
}

/// Calls of one option that lack another.
struct Group {
    kind: Kind,
    caller: Name,
    missing: Name,
    all: Vec<Asked>,
}

impl Group {
    fn finding(self, code: &Code, shown: Shown) -> Finding {
        let calls = self.all.iter().map(|asked| Call {
            file: asked.file,
            name: asked.at.name,
            at: asked.at.at,
            definition: code.definitions(asked.at.name).first().copied(),
        });
        Finding {
            kind: self.kind,
            caller: self.caller,
            missing: self.missing,
            missing_is: shown.missing_is,
            is_cured_on: shown.is_cured_on,
            is_cured_off: shown.is_cured_off,
            calls: calls.collect(),
            on: shown.on,
            witness: shown.witness,
        }
    }
}

/// One group for each kind and pair of options.
fn grouped(code: &Code, wrong: Vec<Asked>) -> Vec<Group> {
    let mut groups: BTreeMap<(Kind, Name, Name), Vec<Asked>> = BTreeMap::new();
    for asked in wrong {
        let caller = code.built(asked.file).and_then(|it| it.option);
        if let (Some(caller), Some(missing)) = (caller, missing(code, &asked)) {
            let group = groups.entry((asked.kind, caller, missing)).or_default();
            group.push(asked);
        }
    }
    let groups = groups.into_iter();
    let groups = groups.map(|((kind, caller, missing), all)| Group {
        kind,
        caller,
        missing,
        all,
    });
    groups.collect()
}

/// The option that would have to be on.
fn missing(code: &Code, asked: &Asked) -> Option<Name> {
    if asked.kind == Kind::Undeclared {
        let declarations = code.declarations(asked.at.name).iter();
        let mut symbols = declarations.filter_map(|id| {
            let item = code.item(*id)?;
            let conds = &code.files[id.file as usize].facts.conds;
            conds.symbols(item.cond).first().copied()
        });
        if let Some(name) = symbols.next() {
            return Some(name);
        }
    }
    let definitions = code.definitions(asked.at.name).iter();
    let mut options = definitions.filter_map(|id| code.built(id.file)?.option);
    options.next()
}

/// A configuration in which the first call of a group goes wrong.
struct Shown {
    witness: Witness,
    missing_is: Tristate,
    is_cured_on: bool,
    is_cured_off: bool,
    /// Where there is one.
    on: ArchSet,
}

fn shown(
    code: &Code,
    basis: &Basis,
    names: &[String],
    on: ArchSet,
    group: &Group,
) -> Option<Shown> {
    let asked = &group.all[0];
    let mut closure = Closure::default();
    code.closure(asked.file, &mut closure);
    let model = basis.model();
    let mut theory = Theory::over(basis.clone(), Arc::default());
    let mut objects = FxHashMap::default();
    let mut bits = Bits {
        theory: &mut theory,
        names,
        known: FxHashMap::default(),
    };
    let own = Own::of(code, asked.file);
    let mut view = View::new(code, &closure, &mut bits, asked.file, &own, &mut objects);
    let there = available(&mut view, code, asked.at.name);
    let mut question = conditions(&mut view, code, asked, there);
    question.extend(compiles(&mut view, code, asked));
    question.push(theory.on(on));
    let inputs = theory.solve(&question).ok()??;
    let on = theory.holds_on(&question, on).holds;
    let architecture = inputs.architecture;
    let mut holds = |evaluator: &mut Evaluator<'_>| {
        let mut objects = FxHashMap::default();
        let mut values = Values {
            evaluator,
            model,
            names,
            architecture,
        };
        let mut view = View::new(code, &closure, &mut values, asked.file, &own, &mut objects);
        let there = available(&mut view, code, asked.at.name);
        let mut all = conditions(&mut view, code, asked, there);
        all.extend(compiles(&mut view, code, asked));
        all.iter().all(|it| *it)
    };
    let configuration = Configuration::replay(model, &inputs, &mut holds)?;
    let small = minimize(model, configuration, &mut holds);
    let name = names.get(architecture).map_or("", String::as_str);
    let witness = to_witness(model, name, &small, &mut holds).ok()?;
    let mut evaluator = Evaluator::new(model, small.inputs());
    let mut values = Values {
        evaluator: &mut evaluator,
        model,
        names,
        architecture,
    };
    let [is_cured_on, is_cured_off] = cures(code, &mut theory, names, group);
    Some(Shown {
        witness,
        is_cured_on,
        is_cured_off,
        missing_is: values.symbol(group.missing).unwrap_or(Tristate::No),
        on,
    })
}

/// Whether no call of a group goes wrong where what is missing is as strong as the caller, and whether
/// none does where it is off.
fn cures(code: &Code, theory: &mut Theory, names: &[String], group: &Group) -> [bool; 2] {
    let mut cures = [true, true];
    let mut closure = Closure::default();
    for asked in &group.all {
        code.closure(asked.file, &mut closure);
        let mut objects = FxHashMap::default();
        let mut bits = Bits {
            theory: &mut *theory,
            names,
            known: FxHashMap::default(),
        };
        let Some((on, yes)) = bits.symbol(group.missing) else {
            return [false, false];
        };
        let own = Own::of(code, asked.file);
        let mut view = View::new(code, &closure, &mut bits, asked.file, &own, &mut objects);
        let there = available(&mut view, code, asked.at.name);
        let mut can_hold = |asked: &Asked, also: Bit| {
            let mut question = conditions(&mut view, code, asked, there);
            question.push(also);
            view.algebra.theory.holds(&question).unwrap_or(true)
        };
        cures[0] &= !can_hold(asked, if asked.modular { on } else { yes });
        for kind in [Kind::Level, Kind::Gap, Kind::Undeclared] {
            let other = Asked { kind, ..*asked };
            cures[1] = cures[1] && !can_hold(&other, !on);
        }
    }
    cures
}
