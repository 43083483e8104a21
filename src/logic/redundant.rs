// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether a symbol would have its value without the user, too: what conf asks before `--savedefconfig` leaves a
//! line out (confdata.c, `conf_write_defconfig`).
//!
//! Part of the evaluator. The other values of the configuration stay as they are.

use rustc_hash::FxHashMap;

use super::evaluate::{Deferred, Evaluator, yes_if};
use super::evaluate_text::accepted_tests;
use crate::menu::command::TestId;
use crate::model::{ChoiceId, Model, SymbolId, Tristate};
use crate::source::Name;
use crate::tree::ChoiceForm;

/// One answer for all tests of the toolchain on an architecture, but where the tree insists on another one.
pub fn tests_as(model: &Model, architecture: usize, answer: bool) -> FxHashMap<TestId, bool> {
    let accepted = accepted_tests(model, architecture);
    let all = (0..model.menu.commands.tests.len() as u32).map(TestId);
    let all = all.map(|id| (id, accepted.get(&id).copied().unwrap_or(answer)));
    all.collect()
}

impl Evaluator<'_> {
    /// The text that a symbol would have without the user's value for it. For a member of a choice, the one that it would
    /// have if the user had set no member; `None` for one of an old choice, whose mode the user sets as well.
    pub fn without_user(&mut self, id: SymbolId) -> Option<Name> {
        let known = self.symbol(id);
        let text = match self.model.symbol(id).member_of {
            Some(choice) if self.is_new() => self.member_without_user(id, choice),
            Some(_) => return None,
            None => {
                self.ignored = Some(id);
                let computed = self.deeper(Deferred::Symbol(id), |this| this.compute(id));
                self.ignored = None;
                computed?.text
            }
        };
        self.computed.set(id.0, known);
        Some(text)
    }

    fn is_new(&self) -> bool {
        let behaviour = &self.model.behaviour;
        behaviour.choices == ChoiceForm::New && !behaviour.is_kconfiglib()
    }

    fn member_without_user(&mut self, id: SymbolId, choice: ChoiceId) -> Name {
        let choice = self.model.choice(choice);
        let mut visible = Vec::new();
        for member in &choice.members {
            if self.visibility(*member) != Tristate::No {
                visible.push(*member);
            }
        }
        let chosen = self.choice_default(choice.symbol, &visible);
        let value = yes_if(chosen == Some(id));
        self.letters[value as usize]
    }
}
