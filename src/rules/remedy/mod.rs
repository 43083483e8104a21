// SPDX-License-Identifier: MIT OR Apache-2.0
//! Candidate fixes of a broken select.
//!
//! What a fix has to know of the model is gathered on each architecture (`Remedy`), also whether
//! the selector says that it can do without what is missing (`optional`); from the
//! facts of all of them come the candidates, ranked (`candidates`), each as edits in the tree's
//! own style (`edits`). Nothing here proves one: `fix/` does, and drops those that do harm.

mod above;
mod buildroot;
mod candidates;
mod edits;
mod linking;
mod optional;
mod practice;

pub use above::Above;
pub(super) use candidates::{Request, Want};
pub(super) use linking::link_fixes;
use practice::Practice;
pub use practice::Practices;

use std::collections::BTreeSet;

use super::Context;
use super::selects::{Missing, Statement};
use crate::logic::{Bit, Inputs};
use crate::model::{Model, SelectId, Symbol, ValueType};

/// Selects further up that are changed by one fix; with more, the condition comes first.
const MOST_ABOVE: usize = 4;

/// What a fix has to know of the model.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remedy {
    /// The selects of the selector, and of those above it, that carry the defect: were the
    /// selector alone to depend on the terms, the warning would move there.
    pub above: Vec<Above>,
    /// Whether the selector can be on without being selected.
    stands_alone: bool,
    /// Whether the selector, or what selects it, decides a missing term: then a dependency on
    /// the term closes a cycle.
    cyclic: bool,
    /// Whether the terms are foreign to an architecture on which the selector is defined: then
    /// a dependency on them would switch the selector off where nothing is broken.
    pub foreign: bool,
    /// Whether the selector lacks the same for another of its selects: one dependency then does
    /// what takes several conditions.
    pub shared: bool,
    /// Whether the selector can be m.
    selector_is_tristate: bool,
    /// Whether some missing term can be m.
    terms_can_be_m: bool,
    /// Whether the user can switch on the target.
    target_has_prompt: bool,
    /// Whether a driver may select what is missing: each is a symbol that is there for it.
    selectable: bool,
    /// Whether the tree's kconfig takes `depends on X if Y`, as its sources say.
    takes_conditions: bool,
    /// Whether a symbol hangs on the condition of an imply that it says itself.
    imply_at_source: bool,
    /// Whether the selector itself treats what is missing as something that it can do without.
    optional: bool,
    /// Other selectors of the target, and how many of them select what is missing as well.
    practice: Practice,
}

impl Remedy {
    /// For the select `id`, of which `broken` holds when it is broken, as under `inputs`.
    pub(super) fn new(
        context: &mut Context<'_>,
        id: SelectId,
        broken: &[Bit],
        inputs: &Inputs,
        missing: &[Missing],
    ) -> Remedy {
        let model = context.model;
        let select = model.select(id);
        let own = model.symbol(select.selector);
        let stands_alone =
            !own.prompts.is_empty() || !own.defaults.is_empty() || !own.implied_by.is_empty();
        let (above, mut changed) = above::selects_above(context, select.selector, broken, inputs);
        if stands_alone || above.is_empty() {
            changed.push(select.selector);
        }
        let cyclic = above::closes_cycle(context, &changed, missing);
        let named = missing.iter().flat_map(|term| &term.symbols);
        let is_tristate = |name: &String| {
            let symbol = model.symbol_named(name).map(|id| model.symbol(id));
            symbol.is_some_and(|symbol| symbol.ty == ValueType::Tristate)
        };
        Remedy {
            above,
            stands_alone,
            cyclic,
            foreign: false,
            shared: false,
            selector_is_tristate: own.ty == ValueType::Tristate,
            terms_can_be_m: named.clone().any(is_tristate),
            target_has_prompt: !model.symbol(select.target).prompts.is_empty(),
            selectable: missing.iter().all(|term| is_selectable(model, term)),
            imply_at_source: model.behaviour.imply_at_source,
            takes_conditions: model.behaviour.conditional_depends
                || model.has_conditional_dependencies(),
            optional: optional::is_optional(model, id, missing),
            practice: context.practices.of(model, context.files, id, missing),
        }
    }

    /// Takes in what another architecture says of the same pair.
    pub(super) fn merge(&mut self, other: Remedy) {
        let above: BTreeSet<Above> = self.above.drain(..).chain(other.above).collect();
        self.above.extend(above);
        self.stands_alone |= other.stands_alone;
        self.cyclic |= other.cyclic;
        self.foreign |= other.foreign;
        self.shared |= other.shared;
        self.selector_is_tristate |= other.selector_is_tristate;
        self.terms_can_be_m |= other.terms_can_be_m;
        self.target_has_prompt |= other.target_has_prompt;
        self.selectable &= other.selectable;
        self.takes_conditions |= other.takes_conditions;
        self.imply_at_source |= other.imply_at_source;
        self.optional |= other.optional;
        self.practice = self.practice.max(other.practice);
    }

    /// Whether only what selects the selector has to change.
    pub(super) fn is_above_only(&self) -> bool {
        !self.stands_alone && !self.above.is_empty()
    }

    /// Whether the terms belong into the condition of the select: because that is where the file
    /// and the other selectors put such terms, or because a dependency would do harm.
    pub(super) fn prefers_condition(&self, statements: &[Statement]) -> bool {
        self.cyclic
            || self.foreign
            || self.above.len() > MOST_ABOVE
            || self.optional
            || !self.shared && self.puts_conditions(statements)
    }

    /// Whether the statements have conditions already, or most other selectors have such ones.
    fn puts_conditions(&self, statements: &[Statement]) -> bool {
        let Practice {
            conditioned, all, ..
        } = self.practice;
        let mut own = statements.iter();
        all >= 2 && 2 * conditioned > all || own.all(|it| it.condition.is_some())
    }

    /// Whether what is missing is mostly selected together with the target.
    pub(super) fn prefers_select(&self) -> bool {
        let Practice {
            select_too, all, ..
        } = self.practice;
        self.selectable && all >= 2 && 2 * select_too > all
    }
}

/// Whether a term is a symbol that is made to be selected: nobody can switch it on otherwise, it
/// needs nothing, and it does not tell what a machine has.
fn is_selectable(model: &Model, term: &Missing) -> bool {
    let Some(id) = model.symbol_named(&term.term) else {
        return false;
    };
    let symbol = model.symbol(id);
    let is_helper = symbol.is_defined()
        && symbol.ty.is_logical()
        && symbol.prompts.is_empty()
        && symbol.defaults.is_empty()
        && symbol.direct.is_none()
        && symbol.takes_selects();
    is_helper && is_selected(symbol) && !is_capability(&term.term)
}

fn is_selected(symbol: &Symbol) -> bool {
    !symbol.selected_by.is_empty()
}

/// Names of what an architecture or a machine can do: only these select it.
fn is_capability(name: &str) -> bool {
    ["HAVE_", "ARCH_", "HAS_"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}
