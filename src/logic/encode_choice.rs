// SPDX-License-Identifier: MIT OR Apache-2.0
//! Choices as clauses, in both forms (semantics.md 24 and 25).

use super::encode::{Encoder, Freedom};
use super::gates::{Bit, Tri};
use super::solver::Sink;
use crate::model::{ChoiceId, SymbolId};

impl<S: Sink> Encoder<S> {
    /// At least one visible member: exactly one visible member is y, any of them (symbol.c,
    /// `sym_calc_choice`).
    pub(super) fn define_new_choice(&mut self, id: ChoiceId) {
        let model = self.model.clone();
        let choice = model.choice(id);
        let visible: Vec<Bit> = choice
            .members
            .iter()
            .map(|member| self.visibility(*member).on)
            .collect();
        let values: Vec<Tri> = choice
            .members
            .iter()
            .map(|member| self.symbol(*member))
            .collect();
        let chosen: Vec<Bit> = values.iter().map(|value| value.yes).collect();
        self.exactly_one_of(&visible, &chosen);
        for ((member, value), visible) in choice.members.iter().zip(&values).zip(visible) {
            self.gates.equate(value.on, value.yes);
            self.freedom.push((
                *member,
                Freedom::Member {
                    given: visible,
                    value: *value,
                },
            ));
        }
    }

    /// One of the visible ones is chosen when there is one, and no other.
    fn exactly_one_of(&mut self, visible: &[Bit], chosen: &[Bit]) {
        let any_visible = self.gates.any(visible.iter().copied());
        for (visible, chosen) in visible.iter().zip(chosen) {
            self.gates.clause(&[!*chosen, *visible]);
        }
        let mut some = chosen.to_vec();
        some.push(!any_visible);
        self.gates.clause(&some);
        self.gates.at_most_one(chosen);
    }

    /// The choice's symbol, then its members (symbol.c of 6.1, `sym_calc_value`,
    /// `sym_calc_choice`, `sym_calc_visibility`).
    pub(super) fn define_old_choice(&mut self, id: ChoiceId) {
        let model = self.model.clone();
        let choice = model.choice(id);
        let symbol = model.symbol(choice.symbol);
        let mode = self.symbol(choice.symbol);
        let given: Vec<Bit> = choice.members.iter().map(|_| self.gates.fresh()).collect();
        let users = self.member_users(id, &given);
        let wished = self.wished_mode(choice.symbol, &users);
        // y without a visible member becomes n.
        let mut candidates = Vec::new();
        for member in &choice.members {
            candidates.push(self.member_visibility(*member, choice.symbol, Tri::YES).on);
        }
        let candidate = self.gates.any(candidates.iter().copied());
        let fails = self.gates.and(wished.yes, !candidate);
        let on = self.gates.and(wished.on, !fails);
        let yes = self.gates.and(wished.yes, candidate);
        // A choice without a type is n, whatever forces it (`sym_calc_value`).
        if symbol.ty.is_logical() {
            self.fix(choice.symbol, Tri { on, yes });
        }
        self.define_old_members(id, mode, &candidates, &given, &users);
    }

    /// What the user gives the members, visible or not: m's, or one y before them. What else
    /// conf accepts leads nowhere where these do not lead.
    fn member_users(&mut self, id: ChoiceId, given: &[Bit]) -> Vec<Tri> {
        let model = self.model.clone();
        let members = &model.choice(id).members;
        let users: Vec<Tri> = members
            .iter()
            .map(|member| match model.symbol(*member).ty.is_logical() {
                true if self.counts_as_bool(*member) => Tri::boolean(self.gates.fresh()),
                true => self.gates.fresh_tri(),
                false => Tri::NO,
            })
            .collect();
        let mut earlier = Tri::NO;
        for ((member, user), given) in members.iter().zip(&users).zip(given) {
            let on = model.defined_on(*member);
            if on != model.menu.on {
                // Elsewhere there is no such member.
                let here = self.on(on);
                self.gates.clause(&[!*given, here]);
            }
            self.gates.clause(&[*given, !user.on]);
            self.gates.clause(&[!earlier.on, !user.yes]);
            earlier = self.gates.max(earlier, *user);
        }
        users
    }

    /// What the choice's symbol would be if any member were visible: no file gives it a value
    /// of its own, the greatest of its members' counts. An m behind a y is inconsistent, and
    /// conf then forgets both for the choice, not for the members (confdata.c of 6.1,
    /// `conf_read_simple`).
    fn wished_mode(&mut self, id: SymbolId, users: &[Tri]) -> Tri {
        let visible = self.visibility(id);
        let reverse = self.reverse(id);
        let user = self.gates.max_of(users);
        let modules: Vec<Bit> = users
            .iter()
            .map(|user| self.gates.and(user.on, !user.yes))
            .collect();
        let module = self.gates.any(modules);
        let forgets = self.gates.and(user.yes, module);
        let user = self.gates.choose_tri(forgets, Tri::NO, user);
        let own = self.gates.min(user, visible);
        let wished = self.gates.max(own, reverse);
        self.promote(wished, id)
    }

    fn define_old_members(
        &mut self,
        id: ChoiceId,
        mode: Tri,
        candidates: &[Bit],
        given: &[Bit],
        users: &[Tri],
    ) {
        let model = self.model.clone();
        let choice = model.choice(id);
        // Chosen is the member that the user picks while the choice is y. What the defaults
        // pick, the user could have picked, unless it is a text.
        let chosen: Vec<Bit> = candidates
            .iter()
            .zip(users)
            .map(|(candidate, user)| {
                let may = self.gates.and(mode.yes, *candidate);
                self.gates.and(user.yes, may)
            })
            .collect();
        let mut some = chosen.clone();
        some.extend([!mode.yes, self.default_is_text(id, candidates)]);
        self.gates.clause(&some);
        let users = given.iter().copied().zip(users.iter().copied());
        for ((member, chosen), user) in choice.members.iter().zip(chosen).zip(users) {
            self.define_old_member(*member, choice.symbol, mode, chosen, user);
        }
    }

    /// Whether the member that conf takes when the user picks none is a text: conf does not look
    /// at the types (symbol.c of 6.1, `sym_choice_default`).
    fn default_is_text(&mut self, id: ChoiceId, candidates: &[Bit]) -> Bit {
        let model = self.model.clone();
        let choice = model.choice(id);
        let is_text = |member: &SymbolId| !model.symbol(*member).ty.is_logical();
        if !choice.members.iter().any(is_text) {
            return Bit::False;
        }
        let mut tried = Vec::new();
        for default in &model.symbol(choice.symbol).defaults {
            let target = default.value.symbol(&model.exprs);
            let at = choice.members.iter().position(|it| Some(*it) == target);
            if let Some(at) = at {
                let condition = self.expr(default.condition).on;
                tried.push((at, self.gates.and(condition, candidates[at])));
            }
        }
        tried.extend(candidates.iter().copied().enumerate());
        let mut earlier = Bit::False;
        let mut texts = Vec::new();
        for (at, fits) in tried {
            if is_text(&choice.members[at]) {
                texts.push(self.gates.and(fits, !earlier));
            }
            earlier = self.gates.or(earlier, fits);
        }
        self.gates.any(texts)
    }

    fn define_old_member(
        &mut self,
        id: SymbolId,
        choice: SymbolId,
        mode: Tri,
        chosen: Bit,
        (given, user): (Bit, Tri),
    ) {
        let model = self.model.clone();
        if !model.symbol(id).ty.is_logical() {
            return;
        }
        let visible = self.member_visibility(id, choice, mode);
        // The ordinary value counts unless the choice decides.
        let unset = self.unset(id);
        let counted = self.gates.min(user, visible);
        let counts = self.gates.and(visible.on, given);
        let own = self.gates.choose_tri(counts, counted, unset);
        let own = self.promote(own, id);
        let value = self
            .gates
            .choose_tri(visible.yes, Tri::boolean(chosen), own);
        self.fix(id, value);
        self.freedom
            .push((id, Freedom::Member { given, value: user }));
    }

    /// While the choice is y, tristate members that are visible at m are invisible.
    fn member_visibility(&mut self, id: SymbolId, choice: SymbolId, mode: Tri) -> Tri {
        let model = self.model.clone();
        let symbol = model.symbol(id);
        let mut all = Vec::new();
        for prompt in &symbol.prompts {
            let mut visible = self.expr_with(prompt.condition, Some((choice, mode)));
            if !self.counts_as_bool(id) {
                let hidden = self.gates.and(mode.yes, !visible.yes);
                visible.on = self.gates.and(visible.on, !hidden);
            }
            all.push(visible);
        }
        let visible = self.gates.max_of(&all);
        self.promote(visible, id)
    }
}
