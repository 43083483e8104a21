// SPDX-License-Identifier: MIT OR Apache-2.0
//! Texts as clauses: each text of a source's domain has a bit, exactly one of which holds.

use std::sync::Arc;

use super::domain::Source;
use super::encode::{self, Encoder, Freedom};
use super::gates::{Bit, Tri};
use super::on_demand::Group;
use super::solver::Sink;
use super::text;
use crate::menu::command::{Meaning, Output, TestId};
use crate::model::{DefaultValue, Operand, SymbolId, ValueType};
use crate::source::Name;
use crate::syntax::ast::CompareOp;

/// Texts with the bits that they hold; no two hold together, and one does.
type Texts = Vec<(Name, Bit)>;

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
        let mut holds = Vec::new();
        for (l, l_type, l_bit) in &lefts {
            for (r, r_type, r_bit) in &rights {
                if text::compare(op, (l.as_str(), *l_type), (r.as_str(), *r_type)) {
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
        let constant = |(text, bit): (Name, Bit)| (text, text::constant_type(text.as_str()), bit);
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
                None => {
                    let free = self.gates.fresh();
                    self.gates.own(free, Group::Toolchain);
                    free
                }
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
                let mut all: Texts = vec![(Name::new(""), Bit::True)];
                for piece in pieces {
                    let here = self.output_texts(piece);
                    let mut longer = Vec::with_capacity(all.len() * here.len());
                    for (text, bit) in all {
                        for (piece, piece_bit) in &here {
                            let joined = Name::new(&format!("{text}{piece}"));
                            longer.push((joined, self.gates.and(bit, *piece_bit)));
                        }
                    }
                    all = longer;
                }
                all
            }
            Output::Command(_) => {
                let source = Source::Output(output.clone());
                if let Some(known) = self.texts.get(&source) {
                    return known.to_vec();
                }
                let texts = self.one_hot(&source);
                self.texts.insert(source, texts.clone().into());
                texts
            }
        }
    }

    /// Fresh bits for a source's domain, exactly one of which holds.
    fn one_hot(&mut self, source: &Source) -> Texts {
        let domain = self.domains.of(source);
        let group = match source {
            Source::Symbol(id) => encode::group_of(&self.model, *id),
            Source::Output(_) => Group::Toolchain,
        };
        self.gates.tied(|gates| {
            let bits: Vec<Bit> = domain.iter().map(|_| gates.fresh()).collect();
            for bit in &bits {
                gates.own(*bit, group);
            }
            gates.clause(&bits);
            gates.at_most_one(&bits);
            domain.into_iter().zip(bits).collect()
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
            self.one_hot(&source).into()
        };
        self.texts.insert(source, texts.clone());
        if self.model.symbol(id).ty != ValueType::Unknown && !S::ON_DEMAND {
            self.pending.push(id);
        }
        texts
    }

    /// The text that a default or a bound contributes; conf keeps "n" as the text of every
    /// bool and tristate symbol.
    fn plain_texts(&mut self, operand: Operand) -> Texts {
        let model = self.model.clone();
        match operand {
            Operand::Constant(text) => vec![(text, Bit::True)],
            Operand::Output(output) => self.output_texts(model.output(output)),
            Operand::Symbol(id) if model.symbol(id).ty.is_logical() => {
                vec![(Name::new("n"), Bit::True)]
            }
            Operand::Symbol(id) => self.symbol_texts(id).to_vec(),
        }
    }

    pub(super) fn define_text(&mut self, id: SymbolId, texts: &[(Name, Bit)]) {
        let model = self.model.clone();
        let symbol = model.symbol(id);
        let visible = self.visibility(id);
        let may_set = if symbol.transitional {
            Bit::True
        } else {
            visible.on
        };
        let set = self.gates.fresh();
        let given = self.gates.and(set, may_set);
        self.freedom.push((id, Freedom::Text { given }));
        let ranges = self.ranges(id);
        let unset = self.default_texts(id);
        let unset = self.clamped(unset, &ranges, symbol.ty);
        for (text, bit) in texts {
            let default: Vec<Bit> = unset
                .iter()
                .filter(|(other, _)| other == text)
                .map(|(_, bit)| *bit)
                .collect();
            let default = self.gates.any(default);
            // Not given: exactly the default path. Given: any text a user may write.
            self.gates.clause(&[given, !*bit, default]);
            self.gates.clause(&[given, *bit, !default]);
            let allowed = if text::is_valid(text.as_str(), symbol.ty) {
                self.within(*text, &ranges, symbol.ty)
            } else {
                Bit::False
            };
            self.gates.clause(&[!given, !*bit, allowed]);
        }
    }

    fn default_texts(&mut self, id: SymbolId) -> Texts {
        let model = self.model.clone();
        let symbol = model.symbol(id);
        let zero = model.behaviour.zero_numbers;
        let base = Name::new(match symbol.ty {
            ValueType::Int if zero => "0",
            ValueType::Hex if zero => "0x0",
            _ => "",
        });
        let mut earlier = Bit::False;
        let mut all: Texts = Vec::new();
        for default in &symbol.defaults {
            let condition = self.expr(default.condition).on;
            let counts = self.gates.and(condition, !earlier);
            let texts = match default.value {
                DefaultValue::Text(operand) => self.plain_texts(operand),
                _ => vec![(base, Bit::True)],
            };
            for (text, bit) in texts {
                all.push((text, self.gates.and(counts, bit)));
            }
            earlier = self.gates.or(earlier, condition);
        }
        all.push((base, !earlier));
        all
    }

    /// The ranges that count, each with the bit that it is the first that does.
    fn ranges(&mut self, id: SymbolId) -> Vec<ActiveRange> {
        let model = self.model.clone();
        let symbol = model.symbol(id);
        if !matches!(symbol.ty, ValueType::Int | ValueType::Hex) {
            return Vec::new();
        }
        let base = text::base_of(symbol.ty, 10);
        let mut earlier = Bit::False;
        let mut all = Vec::new();
        for range in &symbol.ranges {
            let condition = self.expr(range.condition).on;
            let counts = self.gates.and(condition, !earlier);
            earlier = self.gates.or(earlier, condition);
            let low = self.bound(range.low, base);
            let high = self.bound(range.high, base);
            all.push(ActiveRange { counts, low, high });
        }
        all
    }

    fn bound(&mut self, operand: Operand, base: u32) -> Vec<(Name, i64, Bit)> {
        let base = match operand {
            Operand::Symbol(id) => text::base_of(self.model.symbol(id).ty, base),
            _ => base,
        };
        let texts = self.plain_texts(operand);
        texts
            .into_iter()
            .map(|(text, bit)| (text, text::leading_number(text.as_str(), base), bit))
            .collect()
    }

    /// Whether a text lies in the range that counts, if any.
    fn within(&mut self, text: Name, ranges: &[ActiveRange], ty: ValueType) -> Bit {
        let value = text::leading_number(text.as_str(), text::base_of(ty, 10));
        let mut outside = Vec::new();
        for range in ranges {
            let (below, above) = self.beyond(value, range);
            let out = self.gates.or(below, above);
            outside.push(self.gates.and(range.counts, out));
        }
        !self.gates.any(outside)
    }

    fn beyond(&mut self, value: i64, range: &ActiveRange) -> (Bit, Bit) {
        let below = range
            .low
            .iter()
            .filter(|(_, low, _)| value < *low)
            .map(|(_, _, bit)| *bit);
        let below = self.gates.any(below);
        let above = range
            .high
            .iter()
            .filter(|(_, high, _)| value > *high)
            .map(|(_, _, bit)| *bit);
        let above = self.gates.any(above);
        (below, self.gates.and(!below, above))
    }

    /// symbol.c, `sym_validate_range`: what lies outside becomes the bound's text.
    fn clamped(&mut self, texts: Texts, ranges: &[ActiveRange], ty: ValueType) -> Texts {
        let base = text::base_of(ty, 10);
        let mut all: Texts = Vec::new();
        for (text, bit) in texts {
            let value = text::leading_number(text.as_str(), base);
            let mut moved = Bit::False;
            for range in ranges {
                let here = self.gates.and(bit, range.counts);
                let (below, above) = self.beyond(value, range);
                let (below, above) = (self.gates.and(here, below), self.gates.and(here, above));
                for (bound, _, bound_bit) in &range.low {
                    all.push((*bound, self.gates.and(below, *bound_bit)));
                }
                for (bound, _, bound_bit) in &range.high {
                    all.push((*bound, self.gates.and(above, *bound_bit)));
                }
                let out = self.gates.or(below, above);
                moved = self.gates.or(moved, out);
            }
            all.push((text, self.gates.and(bit, !moved)));
        }
        all
    }
}

/// A range with the bit that it is the first that counts, and its bounds: text, number, bit.
struct ActiveRange {
    counts: Bit,
    low: Vec<(Name, i64, Bit)>,
    high: Vec<(Name, i64, Bit)>,
}
