// SPDX-License-Identifier: MIT OR Apache-2.0
//! Choices as clauses, as kconfiglib computes them (kconfiglib.py, `Choice.tri_value`,
//! `Choice._selection`, `Symbol.tri_value`, `_visibility`).

use super::encode::{Encoder, Freedom};
use super::gates::{Bit, Tri};
use super::solver::Sink;
use crate::model::{ChoiceId, SymbolId, ValueType};
use crate::tree::Engine;

impl<S: Sink> Encoder<S> {
    /// The mode of a choice and its members. The user gives the members m's, or one of them y: what
    /// else a `.config` can say leads nowhere where these do not lead.
    pub(super) fn define_kconfiglib_choice(&mut self, id: ChoiceId) {
        let model = self.model.clone();
        let choice = model.choice(id);
        let users = self.users_of_members(id);
        let mode = self.symbol(choice.symbol);
        // An m for a bool choice is no valid value, and is ignored (`Choice.set_value`).
        let of_bools = model.symbol(choice.symbol).ty == ValueType::Bool;
        let counted = users.iter().map(|(_, user)| match of_bools {
            _ if choice.is_stuck => Tri::NO,
            true => Tri::boolean(user.yes),
            false => *user,
        });
        let counted: Vec<Tri> = counted.collect();
        let wanted = self.gates.max_of(&counted);
        let least = match model.behaviour.engine {
            // core.py, `Choice.bool_value`.
            Engine::EspIdf => Tri::YES,
            _ => Tri {
                on: Bit::constant(!choice.optional),
                yes: Bit::False,
            },
        };
        let wanted = self.gates.max(wanted, least);
        let visible = self.visibility(choice.symbol);
        let value = self.gates.min(wanted, visible);
        let value = match choice.is_stuck {
            true => value,
            false => self.promote(value, choice.symbol),
        };
        self.fix(choice.symbol, value);
        let mut visible = Vec::new();
        for member in &choice.members {
            visible.push(self.visible_member(*member, choice.symbol, mode));
        }
        let members = visible.iter().zip(&users);
        let chosen: Vec<Bit> = members
            .map(|(visible, (_, user))| {
                let may = self.gates.and(mode.yes, visible.on);
                self.gates.and(user.yes, may)
            })
            .collect();
        self.choose_one(id, mode, &visible, &chosen);
        let members = choice.members.iter().zip(visible).zip(users).zip(chosen);
        for (((member, visible), (given, user)), chosen) in members {
            if model.symbol(*member).ty.is_logical() {
                let is_module = self.gates.and(visible.on, !visible.yes);
                let module = self.gates.and(is_module, user.on);
                let value = Tri {
                    on: self.gates.or(chosen, module),
                    yes: chosen,
                };
                self.fix(*member, value);
                self.freedom
                    .push((*member, Freedom::Member { given, value: user }));
            }
        }
    }

    /// What the user gives the members, each with whether anything is given.
    fn users_of_members(&mut self, id: ChoiceId) -> Vec<(Bit, Tri)> {
        let model = self.model.clone();
        let members = &model.choice(id).members;
        let mut users = Vec::new();
        for member in members {
            let user = match model.symbol(*member).ty {
                ValueType::Bool => Tri::boolean(self.gates.fresh()),
                ValueType::Tristate => self.gates.fresh_tri(),
                _ => Tri::NO,
            };
            let given = self.gates.fresh();
            self.gates.clause(&[given, !user.on]);
            users.push((given, user));
        }
        // A y excludes all others, before and behind it.
        let mut earlier = Tri::NO;
        for (_, user) in &users {
            self.gates.clause(&[!earlier.on, !user.yes]);
            self.gates.clause(&[!earlier.yes, !user.on]);
            earlier = self.gates.max(earlier, *user);
        }
        users
    }

    /// While the choice is y, one of the visible members is chosen: by the user, who could have
    /// picked what the defaults pick, unless that is a text or no member.
    fn choose_one(&mut self, id: ChoiceId, mode: Tri, visible: &[Tri], chosen: &[Bit]) {
        let model = self.model.clone();
        let choice = model.choice(id);
        let is_logical = |member: SymbolId| model.symbol(member).ty.is_logical();
        let mut tried = Vec::new();
        for default in &model.symbol(choice.symbol).defaults {
            let Some(target) = default.value.symbol(&model.exprs) else {
                continue;
            };
            let at = choice.members.iter().position(|it| *it == target);
            let seen = match at {
                Some(at) => visible[at].on,
                None => self.visible_symbol(target).on,
            };
            let condition = self.expr(default.condition).on;
            let fits = self.gates.and(condition, seen);
            tried.push((at.is_some() && is_logical(target), fits));
        }
        let members = choice.members.iter().zip(visible);
        tried.extend(members.map(|(member, visible)| (is_logical(*member), visible.on)));
        let mut earlier = Bit::False;
        let mut others = Vec::new();
        for (is_choosable, fits) in &tried {
            if !is_choosable {
                others.push(self.gates.and(*fits, !earlier));
            }
            earlier = self.gates.or(earlier, *fits);
        }
        let mut some = chosen.to_vec();
        some.extend([!mode.yes, !earlier]);
        some.extend(others);
        self.gates.clause(&some);
    }

    /// The visibility of a symbol, whether a choice has it or not.
    fn visible_symbol(&mut self, id: SymbolId) -> Tri {
        let model = self.model.clone();
        match model.symbol(id).member_of {
            Some(choice) => {
                let choice = model.choice(choice).symbol;
                let mode = self.symbol(choice);
                self.visible_member(id, choice, mode)
            }
            None => self.visibility(id),
        }
    }

    /// The visibility of a member while its choice has this mode.
    pub(super) fn visible_member(&mut self, id: SymbolId, choice: SymbolId, mode: Tri) -> Tri {
        let model = self.model.clone();
        let symbol = model.symbol(id);
        let prompts: Vec<Tri> = symbol
            .prompts
            .iter()
            .map(|prompt| self.expr(prompt.condition))
            .collect();
        let mut visible = self.gates.max_of(&prompts);
        let own = model.symbol(choice).choice.map(|own| model.choice(own));
        let is_stuck = own.is_some_and(|own| own.is_stuck);
        if symbol.ty == ValueType::Tristate {
            let is_hidden = self.gates.and(mode.yes, !visible.yes);
            visible.on = self.gates.and(visible.on, !is_hidden);
        } else if model.symbol(choice).ty == ValueType::Tristate && !is_stuck {
            visible.on = self.gates.and(visible.on, mode.yes);
            visible.yes = self.gates.and(visible.yes, mode.yes);
        }
        self.promote(visible, id)
    }
}
