// SPDX-License-Identifier: MIT OR Apache-2.0
//! Texts of one configuration: int, hex and string symbols (symbol.c, `sym_calc_value`,
//! `sym_validate_range`), and what the toolchain answers.
//!
//! Part of the evaluator, so it shares nothing with the encoder.

use rustc_hash::FxHashMap;

use super::evaluate::{Computed, Evaluator, Inputs, UserValue};
use super::text;
use crate::menu::command::{CommandId, Form, Meaning, Output, TestId};
use crate::model::{DefaultValue, Model, Operand, SymbolId, Tristate, ValueType};
use crate::source::Name;
use crate::tree::Engine;

impl Evaluator<'_> {
    pub(super) fn operand(
        &mut self,
        operand: Operand,
        other: Option<(SymbolId, Tristate)>,
    ) -> (String, ValueType) {
        match operand {
            Operand::Symbol(symbol) => {
                let ty = self.model.symbol(symbol).ty;
                match other {
                    Some((replaced, value)) if replaced == symbol => (value.word().to_owned(), ty),
                    _ => (self.symbol(symbol).text.as_str().to_owned(), ty),
                }
            }
            Operand::Constant(text) => (
                text.as_str().to_owned(),
                text::constant_type(&self.model.behaviour, text.as_str()),
            ),
            Operand::Output(output) => {
                let printed = self.output(&self.model.output(output).clone());
                let ty = text::constant_type(&self.model.behaviour, &printed);
                (printed, ty)
            }
        }
    }

    /// Whether a test succeeds: as its meaning says, else the inputs, else as the tree insists,
    /// else not.
    pub fn test(&mut self, id: TestId) -> bool {
        if self.deferred.is_some() {
            return false;
        }
        self.asked_tests.insert(id);
        let known = &self.model.menu.commands.tests[id.0 as usize];
        let Some(meaning) = known.meaning.clone() else {
            let id = self.test_of_same_text(id);
            let given = self
                .inputs
                .tests
                .get(&id)
                .or_else(|| self.accepted.get(&id));
            return given.copied().unwrap_or(false);
        };
        match meaning {
            Meaning::Equal {
                left,
                right,
                negated,
            } => (self.output(&left) == self.output(&right)) != negated,
            Meaning::Compare { left, op, right } => {
                let left = text::shell_integer(&self.output(&left));
                let right = text::shell_integer(&self.output(&right));
                match (left, right) {
                    (Some(left), Some(right)) => text::holds(op, left.cmp(&right)),
                    _ => false,
                }
            }
            Meaning::Empty { value, negated } => self.output(&value).is_empty() != negated,
        }
    }

    /// The text of an output.
    pub fn output(&mut self, output: &Output) -> String {
        match output {
            Output::Text(text) => text.as_str().to_owned(),
            Output::Command(_) if self.deferred.is_some() => String::new(),
            Output::Command(id) => {
                let commands = &self.model.menu.commands.commands;
                if let Some(Form::Word { of, at }) = commands[id.0 as usize].form {
                    self.asked_commands.insert(*id);
                    let whole = self.output(&Output::Command(of));
                    let word = whole.split(' ').filter(|word| !word.is_empty()).nth(at);
                    return word.unwrap_or_default().to_owned();
                }
                let id = self.command_of_same_text(*id);
                let given = self.inputs.outputs.get(&id);
                given.map_or_else(
                    || self.model.menu.commands.default_output(id),
                    |text| text.as_str().to_owned(),
                )
            }
            Output::Either {
                test,
                success,
                failure,
            } => {
                let branch = if self.test(*test) { success } else { failure };
                self.output(branch)
            }
            Output::Joined(pieces) => pieces.iter().map(|piece| self.output(piece)).collect(),
        }
    }

    /// Of the tests whose texts are the same as this one's in this configuration, the first that
    /// the inputs name, else the first: it has the outcome of all.
    fn test_of_same_text(&mut self, id: TestId) -> TestId {
        let all = &self.model.menu.commands.tests;
        let same = |this: &mut Self, other: &TestId| {
            let [own, other] = [id, *other].map(|id| this.output(&all[id.0 as usize].text));
            own == other
        };
        let mut others = all[id.0 as usize].alike.clone();
        others.retain(|other| same(self, other));
        self.asked_tests.insert(id);
        self.asked_tests.extend(&others);
        others.push(id);
        others.sort();
        let named = others.iter().find(|id| self.inputs.tests.contains_key(id));
        *named.unwrap_or(&others[0])
    }

    /// The same for commands.
    fn command_of_same_text(&mut self, id: CommandId) -> CommandId {
        let all = &self.model.menu.commands.commands;
        let same = |this: &mut Self, other: &CommandId| {
            let [own, other] = [id, *other].map(|id| this.output(&all[id.0 as usize].text));
            own == other
        };
        let mut others = all[id.0 as usize].alike.clone();
        others.retain(|other| same(self, other));
        self.asked_commands.insert(id);
        self.asked_commands.extend(&others);
        others.push(id);
        others.sort();
        let named = others
            .iter()
            .find(|id| self.inputs.outputs.contains_key(id));
        *named.unwrap_or(&others[0])
    }

    pub(super) fn textual(&mut self, id: SymbolId) -> Computed {
        let symbol = self.model.symbol(id);
        let visible = match self.model.behaviour.engine {
            Engine::Conf | Engine::Minikconf => self.visibility(id),
            Engine::Kconfiglib | Engine::EspIdf => self.visible(id),
        };
        let (direct, reverse, _) = self.dependencies(id);
        let user = match self.user(id) {
            Some(UserValue::Text(text)) if visible != Tristate::No || symbol.transitional => {
                Some(text)
            }
            _ => None,
        };
        let user =
            user.filter(|text| self.model.moves_into_range(id) || self.clamp(id, *text) == *text);
        let text = user.unwrap_or_else(|| self.default_text(id));
        let text = self.clamp(id, text);
        let value = Tristate::No;
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

    pub(super) fn default_text(&mut self, id: SymbolId) -> Name {
        for default in &self.model.symbol(id).defaults {
            if self.expr(default.condition) != Tristate::No {
                return match default.value {
                    DefaultValue::Text(operand) => self.plain_text(operand),
                    _ => self.base_text(id),
                };
            }
        }
        self.base_text(id)
    }

    pub(super) fn base_text(&self, id: SymbolId) -> Name {
        let zero = self.model.behaviour.zero_numbers;
        Name::new(match self.model.symbol(id).ty {
            ValueType::Int if zero => "0",
            ValueType::Hex if zero => "0x0",
            _ => "",
        })
    }

    /// The text a default or a bound contributes. conf keeps "n" as the text of every bool and
    /// tristate symbol, whatever its value; kconfiglib has the letter of the value.
    pub(super) fn plain_text(&mut self, operand: Operand) -> Name {
        match operand {
            Operand::Constant(text) => text,
            Operand::Symbol(symbol) => {
                let text = self.symbol(symbol).text;
                let is_logical = self.model.symbol(symbol).ty.is_logical()
                    && !self.model.behaviour.is_kconfiglib();
                if is_logical { self.letters[0] } else { text }
            }
            Operand::Output(output) => {
                let printed = self.output(&self.model.output(output).clone());
                Name::new(&printed)
            }
        }
    }

    /// symbol.c, `sym_validate_range`.
    pub(super) fn clamp(&mut self, id: SymbolId, text: Name) -> Name {
        let symbol = self.model.symbol(id);
        if !matches!(symbol.ty, ValueType::Int | ValueType::Hex) {
            return text;
        }
        let base = text::base_of(symbol.ty, 10);
        let engine = self.model.behaviour.engine;
        for range in &symbol.ranges {
            if self.expr(range.condition) == Tristate::No {
                continue;
            }
            let value = text::number(engine, text.as_str(), base);
            let (low, low_number) = self.bound(range.low, base);
            if value < low_number {
                return text::moved_to(&self.model.behaviour, low, low_number, symbol.ty);
            }
            let (high, high_number) = self.bound(range.high, base);
            return match value > high_number {
                true => text::moved_to(&self.model.behaviour, high, high_number, symbol.ty),
                false => text,
            };
        }
        text
    }

    pub(super) fn bound(&mut self, operand: Operand, base: u32) -> (Name, i64) {
        let engine = self.model.behaviour.engine;
        let text = self.plain_text(operand);
        let base = match operand {
            Operand::Symbol(symbol) => {
                text::base_of_bound(engine, self.model.symbol(symbol).ty, base)
            }
            _ => base,
        };
        (text, text::number(engine, text.as_str(), base))
    }
}

/// Whether the tree's own scripts print what the inputs say of tools on this architecture.
pub(super) fn tools_exist(model: &Model, inputs: &Inputs) -> bool {
    inputs.outputs.iter().all(|(id, output)| {
        let Some(tools) = model.menu.commands.tools_of(*id) else {
            return true;
        };
        let mut here = tools
            .iter()
            .filter(|it| it.on.contains(inputs.architecture));
        output.as_str().is_empty()
            || here.any(|tool| {
                let name = tool.versions.name.as_str();
                let rest = output.as_str().strip_prefix(name);
                let number = rest.and_then(|rest| rest.strip_prefix(' '));
                let is_number = |number: &&str| number.bytes().all(|byte| byte.is_ascii_digit());
                let number = number.filter(is_number).and_then(|it| it.parse().ok());
                number.is_some_and(|number: u64| {
                    number >= tool.versions.least && number <= tool.versions.most
                })
            })
    })
}

/// Outcomes of tests without which `error-if` would refuse the toolchain.
pub(super) fn accepted_tests(model: &Model, architecture: usize) -> FxHashMap<TestId, bool> {
    let fires = |output: &Output| matches!(output, Output::Text(text) if text.as_str() == "y");
    let mut accepted = FxHashMap::default();
    let here = model.menu.assumptions.iter();
    for assumption in here.filter(|it| it.on.contains(architecture)) {
        let output = &assumption.never_yes;
        if let Output::Either {
            test,
            success,
            failure,
        } = output
        {
            if fires(success) || fires(failure) {
                accepted.insert(*test, !fires(success));
            }
        }
    }
    accepted
}
