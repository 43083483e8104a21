// SPDX-License-Identifier: MIT OR Apache-2.0
//! What has to hold for a call to go wrong, for the solver as well as in one configuration.

use rustc_hash::FxHashSet;

use super::Kind;
use crate::link::code::{Code, ItemId};
use crate::link::cond::CondId;
use crate::link::facts::{Sort, Use, is_structure};
use crate::link::kbuild::Built;
use crate::link::view::{Algebra, Side, View};
use crate::source::Name;

/// A question about one call.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    pub(super) kind: Kind,
    pub(super) file: u32,
    pub(super) at: Use,
    pub(super) modular: bool,
}

/// Where a name is defined: from above in the kernel, from below and from above in a module.
#[derive(Clone, Copy)]
pub(super) struct Available<T> {
    yes: T,
    module: T,
    any: T,
}

/// When what a name stands for is built.
pub(super) fn available<A: Algebra>(
    view: &mut View<'_, A>,
    code: &Code,
    name: Name,
) -> Available<A::Truth> {
    let (no, yes) = (view.algebra.constant(false), view.algebra.constant(true));
    let mut all = Available {
        yes: no,
        module: no,
        any: no,
    };
    for id in code.definitions(name) {
        let parts = code.parts_of(id.file);
        let built: Vec<&Built> = parts.iter().filter_map(|it| code.built(*it)).collect();
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
        let mut within = |side: Side, object: CondId| {
            let there = match cond {
                Some(cond) => view.cond(id.file, cond, side),
                None => view.algebra.constant(side.upper),
            };
            let object = view.object(object, side.upper);
            view.algebra.and(object, there)
        };
        let mut each = Vec::new();
        for built in built {
            let in_kernel = within(Side::available(false), built.yes);
            let in_module = within(Side::caller(true), built.module);
            let maybe = within(Side::available(true), built.module);
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
pub(super) fn conditions<A: Algebra>(
    view: &mut View<'_, A>,
    code: &Code,
    asked: &Asked,
    there: Available<A::Truth>,
) -> Vec<A::Truth> {
    let mut all = of_pair(view, code, asked, there);
    if !all.contains(&view.algebra.constant(false)) {
        all.extend(of_name(view, code, asked));
        all.extend(of_place(view, code, asked));
    }
    all
}

/// The part of it that all calls between objects of the same conditions share.
pub(super) fn of_pair<A: Algebra>(
    view: &mut View<'_, A>,
    code: &Code,
    asked: &Asked,
    there: Available<A::Truth>,
) -> Vec<A::Truth> {
    let Some(built) = code.built(asked.file) else {
        return vec![view.algebra.constant(false)];
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
    all
}

/// The part of it that all calls of a name from one file share: what headers say of it.
pub(super) fn of_name<A: Algebra>(
    view: &mut View<'_, A>,
    code: &Code,
    asked: &Asked,
) -> [A::Truth; 2] {
    let mut prototype = view.algebra.constant(false);
    let mut other = prototype;
    for id in view.seen(asked.at.name) {
        let Some(item) = code.item(id) else { continue };
        let there = view.there(id.file, item.cond, Side::available(asked.modular));
        // A stub or a macro.
        let kind = match item.sort {
            Sort::Prototype => &mut prototype,
            _ => &mut other,
        };
        *kind = view.algebra.or(*kind, there);
    }
    let prototype = match asked.kind {
        Kind::Undeclared => view.algebra.not(prototype),
        _ => prototype,
    };
    [view.algebra.not(other), prototype]
}

/// The part of it that is the place's own: whether the compiler keeps the call.
pub(super) fn of_place<A: Algebra>(
    view: &mut View<'_, A>,
    code: &Code,
    asked: &Asked,
) -> Vec<A::Truth> {
    let side = Side::caller(asked.modular);
    let items = &code.files[asked.file as usize].facts.items;
    let within = items.get(asked.at.within as usize);
    let is_in_macro = within.is_some_and(|it| it.sort == Sort::Macro);
    if asked.kind == Kind::Undeclared && !is_in_macro {
        return vec![view.cond(asked.file, asked.at.is_read, side)];
    }
    vec![
        view.cond(asked.file, asked.at.cond, side),
        view.entry(asked.at.within, asked.modular),
    ]
}

/// Whether a configuration may hide all declarations of a name.
pub(super) fn can_be_hidden(code: &Code, name: Name) -> bool {
    let declarations = code.declarations(name);
    let is_always = |id: &ItemId| code.item(*id).is_none_or(|it| it.cond == CondId::ALWAYS);
    let can_be = !declarations.is_empty() && !declarations.iter().any(is_always);
    can_be && !name.as_str().starts_with("__builtin_") // the compiler knows these
}

/// Whether a file compiles, as far as headers decide it, for a call of another kind than undeclared: what else it
/// calls is declared, and the structures of its variables are defined.
pub(super) fn compiles<A: Algebra>(
    view: &mut View<'_, A>,
    code: &Code,
    asked: &Asked,
) -> Vec<A::Truth> {
    let mut known: FxHashSet<(Name, CondId)> = FxHashSet::default();
    let uses = code.files[asked.file as usize].facts.uses.iter();
    let mut all = Vec::new();
    for at in uses.filter(|_| asked.kind != Kind::Undeclared) {
        let is_asked = at.is_call || is_structure(at.name.as_str().as_bytes());
        let is_new = is_asked && known.insert((at.name, at.is_read));
        if !is_new || !can_be_hidden(code, at.name) || view.has_own(at.name) {
            continue;
        }
        if view.seen(at.name).is_empty() || code.may_be_pasted(at.name) {
            continue;
        }
        let other = Asked {
            kind: Kind::Undeclared,
            at: *at,
            ..*asked
        };
        let [absent, hidden] = of_name(view, code, &other);
        let mut fails = view.algebra.and(absent, hidden);
        for it in of_place(view, code, &other) {
            fails = view.algebra.and(fails, it);
        }
        all.push(view.algebra.not(fails));
    }
    all
}
