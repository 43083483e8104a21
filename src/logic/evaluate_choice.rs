// SPDX-License-Identifier: MIT OR Apache-2.0
//! Choices of one configuration, in both forms (symbol.c, `sym_calc_choice`).
//!
//! Part of the evaluator, so it shares nothing with the encoder.

use rustc_hash::FxHashSet;

use super::evaluate::{Computed, Evaluator, UserValue, yes_if};
use crate::model::{ChoiceId, SymbolId, Tristate, ValueType};
use crate::tree::ChoiceForm;

impl Evaluator<'_> {
    pub(super) fn member(&mut self, id: SymbolId, choice: ChoiceId) -> Computed {
        if self.model.behaviour.is_kconfiglib() {
            self.kconfiglib_members(choice);
            return self.computed.get(id.0).unwrap_or_else(|| self.nothing());
        }
        match self.model.behaviour.choices {
            ChoiceForm::New => self.new_choice(choice),
            ChoiceForm::Old => {
                let symbol = self.model.choice(choice).symbol;
                self.symbol(symbol);
            }
        }
        if let Some(known) = self.computed.get(id.0) {
            return known;
        }
        // An old choice leaves to themselves the members that are not visible at y.
        let visible = self.member_visibility(id, choice, None);
        if visible == Tristate::Yes {
            // A prompt outside of the choice, which did not choose.
            self.keep_chosen(id, visible, None);
        }
        if let Some(known) = self.computed.get(id.0) {
            return known;
        }
        self.ordinary(id, visible)
    }

    /// symbol.c, `sym_calc_choice` of 6.11 and newer.
    pub(super) fn new_choice(&mut self, choice: ChoiceId) {
        let choice = self.model.choice(choice);
        let looked_at = self.looked_at(&choice.members);
        let mut visible: Vec<SymbolId> = Vec::new();
        for member in &choice.members {
            let counts = !self.is_first || looked_at.contains(member);
            if counts && self.visibility(*member) != Tristate::No {
                visible.push(*member);
            }
        }
        let user = |member: &SymbolId| self.inputs.user.get(member).copied();
        let wanted = visible
            .iter()
            .rev()
            .find(|member| user(member) == Some(UserValue::Logical(Tristate::Yes)));
        let chosen = wanted.copied().or_else(|| {
            let preferred = self.choice_default(choice.symbol, &visible)?;
            if user(&preferred).is_none() {
                return Some(preferred);
            }
            visible
                .iter()
                .copied()
                .find(|member| user(member).is_none())
                .or(visible.first().copied())
        });
        for member in &looked_at {
            let visible = self.visibility(*member);
            self.keep_chosen(*member, visible, chosen);
        }
    }

    /// The members that conf looks at: the last one that the user set comes first, and after one that
    /// is visible and that the user set to y comes no other. Only while MODULES is computed does that
    /// make a difference: what the others depend on is then computed later.
    fn looked_at(&mut self, members: &[SymbolId]) -> Vec<SymbolId> {
        if !self.is_first {
            return members.to_vec();
        }
        let user = |this: &Self, member: &SymbolId| this.inputs.user.get(member).copied();
        let is_set = |member: &SymbolId| user(self, member).is_some();
        let (set, unset): (Vec<SymbolId>, Vec<SymbolId>) =
            members.iter().copied().partition(is_set);
        let mut looked_at = Vec::new();
        for member in set.into_iter().rev().chain(unset) {
            looked_at.push(member);
            let is_yes = user(self, &member) == Some(UserValue::Logical(Tristate::Yes));
            if self.visibility(member) != Tristate::No && is_yes {
                break;
            }
        }
        looked_at
    }

    pub(super) fn keep_chosen(
        &mut self,
        member: SymbolId,
        visible: Tristate,
        chosen: Option<SymbolId>,
    ) {
        let value = yes_if(chosen == Some(member));
        let text = self.letters[value as usize];
        let nothing = self.nothing();
        self.keep(
            member,
            Computed {
                value,
                text,
                visible,
                ..nothing
            },
        );
    }

    /// symbol.c, `sym_choice_default`: the first default that is visible, else the first
    /// visible member.
    pub(super) fn choice_default(
        &mut self,
        choice: SymbolId,
        visible: &[SymbolId],
    ) -> Option<SymbolId> {
        let defaults = &self.model.symbol(choice).defaults;
        let all = visible.iter().filter(|_| !defaults.is_empty());
        let all: FxHashSet<SymbolId> = all.copied().collect();
        for default in defaults {
            let Some(target) = default.value.symbol(&self.model.exprs) else {
                continue;
            };
            if self.expr(default.condition) != Tristate::No && all.contains(&target) {
                return Some(target);
            }
        }
        visible.first().copied()
    }

    /// The symbol of a choice: nothing to say in the new form; in the old form its own value
    /// (symbol.c of 6.1, `sym_calc_value` and `sym_calc_choice`).
    pub(super) fn choice_symbol(&mut self, id: SymbolId) -> Computed {
        let symbol = self.model.symbol(id);
        let Some(number) = symbol.choice else {
            return self.nothing();
        };
        if !symbol.ty.is_logical() {
            // Its first member is a text: conf then takes it for one, and cannot go on with it.
            let nothing = self.nothing();
            let text = self.base_text(id);
            return self.keep(id, Computed { text, ..nothing });
        }
        let visible = self.visibility(id);
        if self.model.behaviour.is_kconfiglib() {
            return self.kconfiglib_choice(id, number, visible);
        }
        if self.model.behaviour.choices == ChoiceForm::New {
            let nothing = self.nothing();
            return self.keep(id, Computed { visible, ..nothing });
        }
        let (direct, reverse, _) = self.dependencies(id);
        let wanted = self.wanted_mode(number);
        let mut value = self.promote(wanted.min(visible).max(reverse), id);
        if value == Tristate::Yes && !self.choose(number) {
            value = Tristate::No;
        }
        let text = self.letters[value as usize];
        self.keep(
            id,
            Computed {
                value,
                text,
                visible,
                direct,
                reverse,
            },
        )
    }

    /// The mode that a `.config` with these values, its lines in the order of the members, gives
    /// an old choice: the greatest of them; but an m behind a y is inconsistent, and conf then
    /// forgets it (confdata.c of 6.1, `conf_read_simple`).
    fn wanted_mode(&self, number: ChoiceId) -> Tristate {
        let mut wanted = Tristate::No;
        let mut consistent = true;
        for member in &self.model.choice(number).members {
            if let Some(UserValue::Logical(value)) = self.inputs.user.get(member) {
                consistent &= !(*value == Tristate::Module && wanted == Tristate::Yes);
                wanted = wanted.max(*value);
            }
        }
        if consistent { wanted } else { Tristate::No }
    }

    /// Decides the members that are visible at y while an old choice is y; false when there
    /// is no visible member.
    pub(super) fn choose(&mut self, number: ChoiceId) -> bool {
        let choice = self.model.choice(number);
        let mut seen = Vec::new();
        for member in &choice.members {
            seen.push(self.member_visibility(*member, number, Some(Tristate::Yes)));
        }
        let visible: Vec<SymbolId> = choice
            .members
            .iter()
            .zip(&seen)
            .filter(|(_, visible)| **visible != Tristate::No)
            .map(|(member, _)| *member)
            .collect();
        let user = |member: &SymbolId| self.inputs.user.get(member).copied();
        let wanted = choice
            .members
            .iter()
            .rev()
            .find(|member| user(member) == Some(UserValue::Logical(Tristate::Yes)))
            .copied()
            .filter(|member| visible.contains(member));
        let chosen = wanted.or_else(|| self.choice_default(choice.symbol, &visible));
        for (member, visible) in choice.members.iter().zip(seen) {
            // A text can be chosen, and keeps its text.
            let logical = self.model.symbol(*member).ty.is_logical();
            if logical && visible == Tristate::Yes && chosen.is_some() {
                self.keep_chosen(*member, visible, chosen);
            }
        }
        chosen.is_some()
    }

    /// Tristate members that are visible at m are invisible while the choice is y.
    pub(super) fn member_visibility(
        &mut self,
        id: SymbolId,
        choice: ChoiceId,
        assumed: Option<Tristate>,
    ) -> Tristate {
        let choice = self.model.choice(choice).symbol;
        let mode = assumed.unwrap_or_else(|| self.value(choice));
        let symbol = self.model.symbol(id);
        let mut visible = Tristate::No;
        for prompt in &symbol.prompts {
            let mut here = self.expr_with(prompt.condition, Some((choice, mode)));
            let module = symbol.ty == ValueType::Tristate && here == Tristate::Module;
            if module && mode == Tristate::Yes {
                here = Tristate::No;
            }
            visible = visible.max(here);
        }
        self.promote(visible, id)
    }
}
