// SPDX-License-Identifier: MIT OR Apache-2.0
//! Choices of one configuration as kconfiglib computes them (kconfiglib.py, `Choice.tri_value`,
//! `Choice._selection`, `Symbol.tri_value`, `_visibility`).
//!
//! Part of the evaluator, so it shares nothing with the encoder.

use super::evaluate::{Computed, Evaluator, UserValue};
use crate::model::{ChoiceId, SymbolId, Tristate, ValueType};
use crate::tree::Engine;

impl Evaluator<'_> {
    /// The mode of a choice. The last member to which a `.config` gives no n decides what the user
    /// wants (`_load_config`).
    pub(super) fn kconfiglib_choice(
        &mut self,
        id: SymbolId,
        number: ChoiceId,
        visible: Tristate,
    ) -> Computed {
        let choice = self.model.choice(number);
        let is_bool = self.model.symbol(id).ty == ValueType::Bool;
        let visible = match visible {
            Tristate::Module if choice.is_stuck => Tristate::Yes,
            visible => visible,
        };
        let user = |member| self.inputs.user.get(member).filter(|_| !choice.is_stuck);
        let wanted = choice
            .members
            .iter()
            .rev()
            .find_map(|member| match user(member) {
                Some(UserValue::Logical(Tristate::No)) | None => None,
                Some(UserValue::Logical(Tristate::Module)) if is_bool => None,
                Some(UserValue::Logical(value)) => Some(*value),
                Some(UserValue::Text(_)) => None,
            });
        let least = match choice.optional {
            // core.py, `Choice.bool_value`.
            _ if self.model.behaviour.engine == Engine::EspIdf => Tristate::Yes,
            true => Tristate::No,
            false => Tristate::Module,
        };
        let value = wanted.unwrap_or_default().max(least).min(visible);
        let value = match choice.is_stuck {
            true => value,
            false => self.promote(value, id),
        };
        let (direct, reverse, _) = self.dependencies(id);
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

    /// All bool and tristate members of a choice.
    pub(super) fn kconfiglib_members(&mut self, number: ChoiceId) {
        let choice = self.model.choice(number);
        let members = choice.members.iter();
        let visible: Vec<Tristate> = members.map(|member| self.visible(*member)).collect();
        // Only then does kconfiglib ask. What it asks may hang on a member.
        let selected = match visible.contains(&Tristate::Yes) {
            true => self.selection(number),
            false => None,
        };
        for member in &choice.members {
            if !self.model.symbol(*member).ty.is_logical() {
                continue;
            }
            let visible = self.visible(*member);
            let user = self.inputs.user.get(member);
            let is_on = matches!(user, Some(UserValue::Logical(value)) if *value != Tristate::No);
            let value = match visible {
                Tristate::Yes if selected == Some(*member) => Tristate::Yes,
                Tristate::Module if is_on => Tristate::Module,
                _ => Tristate::No,
            };
            let (direct, reverse, _) = self.dependencies(*member);
            let text = self.letters[value as usize];
            self.keep(
                *member,
                Computed {
                    value,
                    text,
                    visible,
                    direct,
                    reverse,
                },
            );
        }
    }

    /// The member that is y while the choice is.
    fn selection(&mut self, number: ChoiceId) -> Option<SymbolId> {
        let choice = self.model.choice(number);
        if self.value(choice.symbol) != Tristate::Yes {
            return None;
        }
        let yes = Some(UserValue::Logical(Tristate::Yes));
        let user = |member: &&SymbolId| self.inputs.user.get(member).copied() == yes;
        let wanted = choice.members.iter().rev().find(user);
        if let Some(wanted) = wanted.filter(|it| self.visible(**it) != Tristate::No) {
            return Some(*wanted);
        }
        for default in &self.model.symbol(choice.symbol).defaults {
            let target = default.value.symbol(&self.model.exprs);
            let counts = self.expr(default.condition) != Tristate::No;
            if let Some(target) = target.filter(|_| counts) {
                if self.visible(target) != Tristate::No {
                    return Some(target);
                }
            }
        }
        let mut members = choice.members.iter();
        members
            .find(|member| self.visible(**member) != Tristate::No)
            .copied()
    }

    /// The visibility of a symbol, whether a choice has it or not.
    pub(super) fn visible(&mut self, id: SymbolId) -> Tristate {
        let symbol = self.model.symbol(id);
        let Some(choice) = symbol.member_of else {
            return self.visibility(id);
        };
        let is_stuck = self.model.choice(choice).is_stuck;
        let choice = self.model.choice(choice).symbol;
        let mode = self.value(choice);
        let mut visible = Tristate::No;
        for prompt in &symbol.prompts {
            visible = visible.max(self.expr(prompt.condition));
        }
        let is_tristate = symbol.ty == ValueType::Tristate;
        let of_tristates = self.model.symbol(choice).ty == ValueType::Tristate && !is_stuck;
        if of_tristates && !is_tristate && mode != Tristate::Yes
            || is_tristate && visible == Tristate::Module && mode == Tristate::Yes
        {
            return Tristate::No;
        }
        self.promote(visible, id)
    }
}
