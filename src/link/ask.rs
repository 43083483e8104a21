// SPDX-License-Identifier: MIT OR Apache-2.0
//! The question of the link check: can a caller be built while nothing that it calls is?

mod truth;

use std::collections::BTreeMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use self::truth::{Bits, Values};
use super::code::{Closure, Code, ItemId, can_be_built};
use super::cond::CondId;
use super::facts::{Sort, Use};
use super::kbuild::Built;
use super::view::{Algebra, Side, View};
use crate::diagnostic::Witness;
use crate::logic::{Bit, Configuration, Evaluator, Theory, minimize, to_witness};
use crate::model::Model;
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
    /// The calls, in the order of files.
    pub calls: Vec<Call>,
    /// Where it happens.
    pub on: ArchSet,
    /// A configuration that shows it for the first call.
    pub witness: Witness,
}

/// A question about one call.
#[derive(Clone, Copy)]
struct Asked {
    kind: Kind,
    file: u32,
    at: Use,
    modular: bool,
}

/// Where a name is defined: from above in the kernel, from below and from above in a module.
#[derive(Clone, Copy)]
struct Available<T> {
    yes: T,
    module: T,
    any: T,
}

fn available<A: Algebra>(view: &mut View<'_, A>, code: &Code, name: Name) -> Available<A::Truth> {
    let (no, yes) = (view.algebra.constant(false), view.algebra.constant(true));
    let mut all = Available {
        yes: no,
        module: no,
        any: no,
    };
    for id in code.definitions(name) {
        let parts = code.parts_of(id.file);
        let built: Vec<Built> = parts
            .iter()
            .filter_map(|it| code.built(*it).cloned())
            .collect();
        if built.is_empty() {
            // Nobody knows when it is built.
            let maybe = view.folder(id.file);
            if maybe == yes {
                return Available {
                    yes,
                    module: no,
                    any: yes,
                };
            }
            all.yes = view.algebra.or(all.yes, maybe);
            continue;
        }
        let cond = code.item(*id).map(|it| it.cond);
        let mut within = |cond: Option<CondId>, side: Side, object: CondId| {
            let there = match cond {
                Some(cond) => view.cond(id.file, cond, side),
                None => view.algebra.constant(side.upper),
            };
            let object = view.object(object, side.upper);
            view.algebra.and(object, there)
        };
        let mut each = Vec::new();
        for built in &built {
            let in_kernel = within(cond, Side::available(false), built.yes);
            let in_module = within(cond, Side::caller(true), built.module);
            let maybe = within(cond, Side::available(true), built.module);
            each.push((in_kernel, in_module, maybe));
        }
        for (in_kernel, in_module, maybe) in each {
            all.yes = view.algebra.or(all.yes, in_kernel);
            all.module = view.algebra.or(all.module, in_module);
            all.any = view.algebra.or(all.any, maybe);
        }
    }
    all.any = view.algebra.or(all.any, all.yes);
    all
}

/// What has to hold for a call to go wrong, where `there` says when what it calls is built.
fn conditions<A: Algebra>(
    view: &mut View<'_, A>,
    code: &Code,
    asked: &Asked,
    there: Available<A::Truth>,
) -> Vec<A::Truth> {
    let no = view.algebra.constant(false);
    let Some(built) = code.built(asked.file) else {
        return vec![no];
    };
    let object = match asked.modular {
        true => built.module,
        false => built.yes,
    };
    let mut all = vec![view.object(object, false)];
    match asked.kind {
        Kind::Level => all.extend([view.algebra.not(there.yes), there.module]),
        Kind::Gap => all.push(view.algebra.not(there.any)),
        Kind::Undeclared => {}
    }
    if all.contains(&no) {
        return all;
    }
    let (prototype, other) = declared(view, code, asked.at.name, asked.modular);
    let undeclared = view.algebra.not(other);
    all.push(undeclared);
    all.push(match asked.kind {
        Kind::Undeclared => view.algebra.not(prototype),
        _ => prototype,
    });
    if all.contains(&no) {
        return all;
    }
    let side = Side::caller(asked.modular);
    let within = code.files[asked.file as usize]
        .facts
        .items
        .get(asked.at.within as usize);
    let is_in_macro = within.is_some_and(|it| it.sort == Sort::Macro);
    if asked.kind == Kind::Undeclared && !is_in_macro {
        all.push(view.cond(asked.file, asked.at.is_read, side));
        return all;
    }
    all.push(view.cond(asked.file, asked.at.cond, side));
    all.push(view.entry(asked.at.within, asked.modular));
    all
}

/// Whether a prototype is seen, and whether a stub or a macro is.
fn declared<A: Algebra>(
    view: &mut View<'_, A>,
    code: &Code,
    name: Name,
    modular: bool,
) -> (A::Truth, A::Truth) {
    let mut prototype = view.algebra.constant(false);
    let mut other = prototype;
    for id in view.seen(name) {
        let Some(item) = code.item(id) else { continue };
        let there = view.there(id.file, item.cond, Side::available(modular));
        let kind = match item.sort {
            Sort::Prototype => &mut prototype,
            _ => &mut other,
        };
        *kind = view.algebra.or(*kind, there);
    }
    (prototype, other)
}

/// Whether a configuration may hide all declarations of a name.
fn can_be_hidden(code: &Code, name: Name) -> bool {
    let declarations = code.declarations(name);
    if name.as_str().starts_with("__builtin_") {
        return false; // the compiler knows these
    }
    let is_always = |id: &ItemId| code.item(*id).is_none_or(|it| it.cond == CondId::ALWAYS);
    !declarations.is_empty() && !declarations.iter().any(is_always)
}

// ----------------------------------------------------------------- questions

/// What is at hand.
struct Check<'c> {
    code: &'c Code,
    names: &'c [String],
    /// The architectures that are asked about.
    on: ArchSet,
    model: Arc<Model>,
    theory: Theory,
    /// What conditions of objects are.
    objects: FxHashMap<(CondId, bool), Bit>,
    /// What symbols are.
    symbols: FxHashMap<Name, Option<(Bit, Bit)>>,
    /// When what a name stands for is built.
    available: FxHashMap<Name, Available<Bit>>,
    /// Questions that were answered. Calls of one file ask much the same.
    answers: FxHashMap<Vec<Bit>, bool>,
}

/// Everything that can go wrong on some architectures of a tree whose architectures have these names.
pub fn check(code: &Code, model: &Arc<Model>, names: &[String], on: ArchSet) -> Vec<Finding> {
    // No value is defined where symbols depend on each other in a circle.
    if !model.cycles_of_each().is_empty() {
        return Vec::new();
    }
    let mut check = Check {
        code,
        names,
        on,
        model: model.clone(),
        theory: Theory::new(model.clone()),
        objects: FxHashMap::default(),
        symbols: FxHashMap::default(),
        available: FxHashMap::default(),
        answers: FxHashMap::default(),
    };
    let wrong = check.all();
    check.grouped(wrong)
}

/// The ways in which a call can go wrong, each with whether the caller is a module.
const WAYS: [(Kind, bool); 5] = [
    (Kind::Level, false),
    (Kind::Gap, false),
    (Kind::Gap, true),
    (Kind::Undeclared, false),
    (Kind::Undeclared, true),
];

impl Check<'_> {
    fn all(&mut self) -> Vec<Asked> {
        let code = self.code;
        let mut closure = Closure::default();
        let mut wrong = Vec::new();
        for file in 0..code.files.len() as u32 {
            if code.built(file).is_some_and(can_be_built) {
                code.closure(file, &mut closure);
                self.file(file, &closure, &mut wrong);
                self.theory.focus();
            }
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
        let mut view = View::new(code, closure, &mut bits, file, &mut self.objects);
        let mut done: FxHashSet<(Name, Kind)> = FxHashSet::default();
        let calls = code.files[file as usize].facts.uses.iter();
        for at in calls.filter(|it| it.is_call) {
            let has_definition = !code.definitions(at.name).is_empty();
            let can_be_hidden = can_be_hidden(code, at.name);
            if !has_definition && !can_be_hidden || view.has_own(at.name) {
                continue;
            }
            let there = self.available.get(&at.name).copied();
            let there = there.unwrap_or_else(|| available(&mut view, code, at.name));
            self.available.insert(at.name, there);
            for (kind, modular) in WAYS {
                let is_asked = match kind {
                    Kind::Undeclared => can_be_hidden,
                    _ => has_definition,
                };
                if !is_asked || done.contains(&(at.name, kind)) {
                    continue;
                }
                let asked = Asked {
                    kind,
                    file,
                    at: *at,
                    modular,
                };
                let mut question = conditions(&mut view, code, &asked, there);
                question.push(view.algebra.theory.on(self.on));
                question.retain(|it| *it != Bit::True);
                if question.contains(&Bit::False) || view.seen(at.name).is_empty() {
                    continue;
                }
                let theory = &mut view.algebra.theory;
                let answer = self.answers.entry(question);
                let can_go_wrong = match answer {
                    Entry::Occupied(known) => *known.get(),
                    Entry::Vacant(new) => {
                        // What nobody knows is not reported.
                        let holds = theory.holds(new.key()) == Ok(true);
                        *new.insert(holds)
                    }
                };
                let is_made = || match kind {
                    Kind::Level => code.is_in_macro(at.name),
                    _ => code.may_be_pasted(at.name),
                };
                if can_go_wrong && !is_made() {
                    done.insert((at.name, kind));
                    wrong.push(asked);
                }
            }
        }
        self.symbols = bits.known;
    }

    /// One finding for each kind and pair of options.
    fn grouped(&mut self, wrong: Vec<Asked>) -> Vec<Finding> {
        let mut groups: BTreeMap<(Kind, Name, Name), Vec<Asked>> = BTreeMap::new();
        for asked in wrong {
            let caller = self.code.built(asked.file).and_then(|it| it.option);
            let (Some(caller), Some(missing)) = (caller, self.missing(&asked)) else {
                continue;
            };
            groups
                .entry((asked.kind, caller, missing))
                .or_default()
                .push(asked);
        }
        let groups = groups.into_iter();
        let found = groups.filter_map(|((kind, caller, missing), all)| {
            let (witness, on) = self.witness(&all[0])?;
            let calls = all.iter().map(|asked| Call {
                file: asked.file,
                name: asked.at.name,
                at: asked.at.at,
                definition: self.code.definitions(asked.at.name).first().copied(),
            });
            Some(Finding {
                kind,
                caller,
                missing,
                calls: calls.collect(),
                on,
                witness,
            })
        });
        found.collect()
    }

    /// The option that would have to be on.
    fn missing(&self, asked: &Asked) -> Option<Name> {
        let code = self.code;
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

    /// A configuration in which a call goes wrong, and where there is one.
    fn witness(&mut self, asked: &Asked) -> Option<(Witness, ArchSet)> {
        let (code, names, model) = (self.code, self.names, self.model.clone());
        let mut closure = Closure::default();
        code.closure(asked.file, &mut closure);
        self.theory.restart();
        let mut objects = FxHashMap::default();
        let mut bits = Bits {
            theory: &mut self.theory,
            names,
            known: FxHashMap::default(),
        };
        let mut view = View::new(code, &closure, &mut bits, asked.file, &mut objects);
        let there = available(&mut view, code, asked.at.name);
        let mut question = conditions(&mut view, code, asked, there);
        question.push(self.theory.on(self.on));
        let inputs = self.theory.solve(&question).ok()??;
        let on = self.theory.holds_on(&question, self.on).holds;
        let architecture = inputs.architecture;
        let mut holds = |evaluator: &mut Evaluator<'_>| {
            is_wrong(
                code,
                &closure,
                names,
                &model,
                architecture,
                evaluator,
                asked,
            )
        };
        let configuration = Configuration::replay(&model, &inputs, &mut holds)?;
        let small = minimize(&model, configuration, &mut holds);
        let name = names.get(architecture).map_or("", String::as_str);
        let witness = to_witness(&model, name, &small, &mut holds).ok()?;
        Some((witness, on))
    }
}

/// Whether a call goes wrong in one configuration.
fn is_wrong(
    code: &Code,
    closure: &Closure,
    names: &[String],
    model: &Model,
    architecture: usize,
    evaluator: &mut Evaluator<'_>,
    asked: &Asked,
) -> bool {
    let mut objects = FxHashMap::default();
    let mut values = Values {
        evaluator,
        model,
        names,
        architecture,
    };
    let mut view = View::new(code, closure, &mut values, asked.file, &mut objects);
    let there = available(&mut view, code, asked.at.name);
    conditions(&mut view, code, asked, there)
        .iter()
        .all(|it| *it)
}
