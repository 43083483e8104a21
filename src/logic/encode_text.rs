// SPDX-License-Identifier: MIT OR Apache-2.0
//! Texts as clauses: each text of a source's domain has a bit, exactly one of which holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::domain::Source;
use super::encode::{self, Encoder, Freedom};
use super::encode_joined::{Texts, is_enumerable, is_joined};
use super::gates::{Bit, Gates, Tri};
use super::on_demand::Group;
use super::solver::Sink;
use super::{formed, text};
use crate::menu::command::{CommandId, Form, Meaning, Output, TestId};
use crate::model::{DefaultValue, Operand, SymbolId, ValueType};
use crate::source::Name;
use crate::syntax::ast::CompareOp;
use crate::tree::ArchSet;

impl<S: Sink> Encoder<S> {
    /// Whether a comparison holds.
    pub(super) fn comparison(
        &mut self,
        op: CompareOp,
        left: Operand,
        right: Operand,
        other: Option<(SymbolId, Tri)>,
    ) -> Bit {
        let lefts = self.operand(left, other);
        let rights = self.operand(right, other);
        let engine = self.model.behaviour.engine;
        let mut holds = Vec::new();
        for (l, l_type, l_bit) in &lefts {
            for (r, r_type, r_bit) in &rights {
                if text::compare(engine, op, (l.as_str(), *l_type), (r.as_str(), *r_type)) {
                    holds.push(self.gates.and(*l_bit, *r_bit));
                }
            }
        }
        self.gates.any(holds)
    }

    fn operand(
        &mut self,
        operand: Operand,
        other: Option<(SymbolId, Tri)>,
    ) -> Vec<(Name, ValueType, Bit)> {
        let model = self.model.clone();
        let behaviour = self.model.behaviour;
        let constant =
            |(text, bit): (Name, Bit)| (text, text::constant_type(&behaviour, text.as_str()), bit);
        match operand {
            Operand::Constant(text) => vec![constant((text, Bit::True))],
            Operand::Output(output) => {
                let texts = self.output_texts(model.output(output));
                texts.into_iter().map(constant).collect()
            }
            Operand::Symbol(id) => {
                let ty = model.symbol(id).ty;
                if ty.is_logical() {
                    let value = match other {
                        Some((replaced, value)) if replaced == id => value,
                        _ => self.symbol(id),
                    };
                    let module = self.gates.and(value.on, !value.yes);
                    return [("n", !value.on), ("m", module), ("y", value.yes)]
                        .map(|(letter, bit)| (Name::new(letter), ty, bit))
                        .to_vec();
                }
                let texts = self.symbol_texts(id);
                texts.iter().map(|(text, bit)| (*text, ty, *bit)).collect()
            }
        }
    }

    /// Whether a test succeeds. One without a certain meaning is free.
    pub(super) fn test(&mut self, id: TestId) -> Bit {
        if let Some(&known) = self.tests.get(&id) {
            return known;
        }
        let model = self.model.clone();
        let bit =
            match &model.menu.commands.tests[id.0 as usize].meaning {
                None => self.free_test(id),
                Some(Meaning::Equal {
                    left,
                    right,
                    negated,
                }) => {
                    let equal = self.relation(left, right, |l, r| l == r);
                    if *negated { !equal } else { equal }
                }
                Some(Meaning::Compare { left, op, right }) => self.relation(left, right, |l, r| {
                    match (text::shell_integer(l), text::shell_integer(r)) {
                        (Some(l), Some(r)) => text::holds(*op, l.cmp(&r)),
                        _ => false,
                    }
                }),
                Some(Meaning::Empty { value, negated }) => {
                    let empty = self.output_is(value, Name::new(""));
                    if *negated { !empty } else { empty }
                }
            };
        self.tests.insert(id, bit);
        bit
    }

    fn relation(
        &mut self,
        left: &Output,
        right: &Output,
        holds: impl Fn(&str, &str) -> bool,
    ) -> Bit {
        let lefts = self.output_texts(left);
        let rights = self.output_texts(right);
        let mut bits = Vec::new();
        for (l, l_bit) in &lefts {
            for (r, r_bit) in &rights {
                if holds(l.as_str(), r.as_str()) {
                    bits.push(self.gates.and(*l_bit, *r_bit));
                }
            }
        }
        self.gates.any(bits)
    }

    /// Whether an output is exactly this text.
    pub(super) fn output_is(&mut self, output: &Output, text: Name) -> Bit {
        if let Output::Joined(pieces) = output {
            let pieces = self.texts_of(pieces);
            if !is_enumerable(&pieces) {
                return self.joined_is(&pieces, text);
            }
        }
        let texts = self.output_texts(output);
        let equal = texts
            .into_iter()
            .filter(|(other, _)| *other == text)
            .map(|(_, bit)| bit);
        self.gates.any(equal)
    }

    pub(super) fn output_texts(&mut self, output: &Output) -> Texts {
        match output {
            Output::Text(text) => vec![(*text, Bit::True)],
            Output::Either {
                test,
                success,
                failure,
            } => {
                let test = self.test(*test);
                let mut all = Vec::new();
                for (guard, branch) in [(test, success), (!test, failure)] {
                    for (text, bit) in self.output_texts(branch) {
                        all.push((text, self.gates.and(guard, bit)));
                    }
                }
                all
            }
            Output::Joined(pieces) => {
                let pieces = self.texts_of(pieces);
                if is_enumerable(&pieces) {
                    return self.all_joined(&pieces);
                }
                let met = self.domains.of(&Source::Output(output.clone()));
                met.into_iter()
                    .map(|text| (text, self.joined_is(&pieces, text)))
                    .collect()
            }
            Output::Command(id) => {
                let source = Source::Output(output.clone());
                if let Some(known) = self.texts.get(&source) {
                    return known.to_vec();
                }
                let texts = self.command_texts(*id);
                self.texts.insert(source, texts.clone().into());
                texts
            }
        }
    }

    /// A test of which nothing is known but that tests of the same text have the same outcome.
    fn free_test(&mut self, id: TestId) -> Bit {
        let model = self.model.clone();
        let all = &model.menu.commands.tests;
        let known = &all[id.0 as usize];
        let earlier = known.alike.iter().filter(|other| **other < id);
        let earlier: Vec<(Bit, Bit)> = earlier
            .map(|other| {
                let text = &all[other.0 as usize].text;
                let same = self.relation(&known.text, text, |l, r| l == r);
                (same, self.test(*other))
            })
            .collect();
        self.gates.tied(|gates| {
            let free = gates.fresh();
            gates.own(free, Group::Toolchain);
            for (same, other) in earlier {
                gates.clause(&[!same, !free, other]);
                gates.clause(&[!same, free, !other]);
            }
            free
        })
    }

    /// The words at one place of what a command prints.
    fn words_of(&mut self, of: CommandId, at: usize) -> Texts {
        let mut words: BTreeMap<&'static str, Vec<Bit>> = BTreeMap::new();
        for (text, bit) in self.output_texts(&Output::Command(of)) {
            let word = formed::word(text, at);
            words.entry(word.as_str()).or_default().push(bit);
        }
        let words = words.into_iter();
        words
            .map(|(word, bits)| (Name::new(word), self.gates.any(bits)))
            .collect()
    }

    /// For each text, whether the architecture is one whose tools print it.
    fn accepted(&mut self, id: CommandId, texts: &[Name]) -> Vec<Bit> {
        let model = self.model.clone();
        let Some(tools) = model.menu.commands.tools_of(id) else {
            return vec![Bit::True; texts.len()];
        };
        let accepted = texts.iter().map(|text| {
            let mut on = ArchSet::EMPTY;
            for tool in tools {
                if formed::fits(text.as_str(), [tool]) {
                    on |= tool.on;
                }
            }
            match text.as_str().is_empty() || on.covers(model.menu.on) {
                true => Bit::True,
                false => self.on(on),
            }
        });
        accepted.collect()
    }

    /// The texts of a command. Commands of the same text print the same.
    fn command_texts(&mut self, id: CommandId) -> Texts {
        let model = self.model.clone();
        let all = &model.menu.commands.commands;
        let known = &all[id.0 as usize];
        if let Some(Form::Word { of, at }) = known.form {
            return self.words_of(of, at);
        }
        let earlier = known.alike.iter().filter(|other| **other < id);
        let earlier: Vec<(Bit, Texts)> = earlier
            .map(|other| {
                let text = &all[other.0 as usize].text;
                let same = self.relation(&known.text, text, |l, r| l == r);
                (same, self.output_texts(&Output::Command(*other)))
            })
            .collect();
        let source = Source::Output(Output::Command(id));
        let domain = self.domains.of(&source);
        let accepted = self.accepted(id, &domain);
        self.gates.tied(|gates| {
            let own = one_of(gates, domain, Group::Toolchain);
            for ((_, bit), accepted) in own.iter().zip(accepted) {
                gates.clause(&[!*bit, accepted]);
            }
            for (same, other) in earlier {
                for (text, bit) in other {
                    let mine = own.iter().find(|(mine, _)| *mine == text);
                    let mine = mine.map_or(Bit::False, |(_, mine)| *mine);
                    gates.clause(&[!same, !bit, mine]);
                }
            }
            own
        })
    }

    /// The texts of an int, hex, string or untyped symbol.
    pub(super) fn symbol_texts(&mut self, id: SymbolId) -> Arc<[(Name, Bit)]> {
        let source = Source::Symbol(id);
        if let Some(known) = self.texts.get(&source) {
            return known.clone();
        }
        let texts: Arc<[(Name, Bit)]> = if self.model.symbol(id).ty == ValueType::Unknown {
            Arc::new([(Name::new(self.model.name(id)), Bit::True)])
        } else {
            let (domain, group) = (self.domains.of(&source), encode::group_of(&self.model, id));
            let texts = self.gates.tied(|gates| one_of(gates, domain, group));
            texts.into()
        };
        self.texts.insert(source, texts.clone());
        if self.model.symbol(id).ty != ValueType::Unknown && !S::ON_DEMAND {
            self.pending.push(id);
        }
        texts
    }

    /// The text that a default or a bound contributes; conf keeps "n" as the text of every
    /// bool and tristate symbol, kconfiglib the letter of its value.
    pub(super) fn plain_texts(&mut self, operand: Operand) -> Texts {
        let model = self.model.clone();
        match operand {
            Operand::Constant(text) => vec![(text, Bit::True)],
            Operand::Output(output) => self.output_texts(model.output(output)),
            Operand::Symbol(id)
                if model.symbol(id).ty.is_logical() && model.behaviour.is_kconfiglib() =>
            {
                let letters = self.operand(operand, None).into_iter();
                letters.map(|(text, _, bit)| (text, bit)).collect()
            }
            Operand::Symbol(id) if model.symbol(id).ty.is_logical() => {
                vec![(Name::new("n"), Bit::True)]
            }
            Operand::Symbol(id) => self.symbol_texts(id).to_vec(),
        }
    }

    pub(super) fn define_text(&mut self, id: SymbolId, texts: &[(Name, Bit)]) {
        let model = self.model.clone();
        let symbol = model.symbol(id);
        let visible = match symbol.member_of {
            Some(choice) if model.behaviour.is_kconfiglib() => {
                let choice = model.choice(choice).symbol;
                let mode = self.symbol(choice);
                self.visible_member(id, choice, mode)
            }
            _ => self.visibility(id),
        };
        let may_set = if symbol.transitional {
            Bit::True
        } else {
            visible.on
        };
        let set = self.gates.fresh();
        let given = self.gates.and(set, may_set);
        self.freedom.push((id, Freedom::Text { given }));
        let ranges = self.ranges(id);
        let unset = self.default_texts(id, texts);
        let unset = self.clamped(unset, &ranges, symbol.ty);
        let [under, over] = self.beyond_ranges(id, given, &ranges);
        let mut defaults: FxHashMap<Name, Vec<Bit>> = FxHashMap::default();
        for (text, bit) in unset {
            defaults.entry(text).or_default().push(bit);
        }
        let limits = self.limits(&ranges, symbol.ty);
        for (text, bit) in texts {
            let default = self.gates.any(defaults.remove(text).unwrap_or_default());
            // Not given: exactly the default path. Given: any text a user may write.
            self.gates.clause(&[given, !*bit, default]);
            self.gates.clause(&[given, *bit, !default]);
            let allowed = if text::may_write(model.behaviour.engine, text.as_str(), symbol.ty) {
                self.within(*text, &limits, symbol.ty)
            } else {
                Bit::False
            };
            self.gates.clause(&[!given, under, over, !*bit, allowed]);
            let [low, high] = self.bounds_with(*text, &limits);
            self.gates.clause(&[!under, !*bit, low]);
            self.gates.clause(&[!over, !*bit, high]);
        }
    }

    /// The texts that defaults give. One outside of the domain counts as the domain's other text.
    fn default_texts(&mut self, id: SymbolId, domain: &[(Name, Bit)]) -> Texts {
        let model = self.model.clone();
        let symbol = model.symbol(id);
        let zero = model.behaviour.zero_numbers;
        let base = Name::new(match symbol.ty {
            ValueType::Int if zero => "0",
            ValueType::Hex if zero => "0x0",
            _ => "",
        });
        let other = self.domains.other(&Source::Symbol(id));
        let mut earlier = Bit::False;
        let mut all: Texts = Vec::new();
        for default in &symbol.defaults {
            let condition = self.expr(default.condition).on;
            let counts = self.gates.and(condition, !earlier);
            let texts = match default.value {
                DefaultValue::Text(operand) => self.plain_texts(operand),
                _ => vec![(base, Bit::True)],
            };
            let pieces = matches!(default.value, DefaultValue::Text(Operand::Output(output))
                if is_joined(model.output(output)));
            if let (true, Some(other)) = (pieces, other) {
                let inside = |text: Name| domain.iter().any(|(known, _)| *known == text);
                let inside = texts.iter().filter(|(text, _)| inside(*text));
                let inside = self.gates.any(inside.map(|(_, bit)| *bit));
                all.push((other, self.gates.and(counts, !inside)));
            }
            for (text, bit) in texts {
                all.push((text, self.gates.and(counts, bit)));
            }
            earlier = self.gates.or(earlier, condition);
        }
        all.push((base, !earlier));
        all
    }
}

/// Fresh bits for some texts, exactly one of which holds. To be made with what they are tied to.
fn one_of<S: Sink>(gates: &mut Gates<S>, texts: Vec<Name>, group: Group) -> Texts {
    let bits: Vec<Bit> = texts.iter().map(|_| gates.fresh()).collect();
    for bit in &bits {
        gates.own(*bit, group);
    }
    gates.clause(&bits);
    gates.at_most_one(&bits);
    texts.into_iter().zip(bits).collect()
}
