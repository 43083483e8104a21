// SPDX-License-Identifier: MIT OR Apache-2.0
//! Ranges of numbers as clauses: the first whose condition holds counts (symbol.c,
//! `sym_get_range_prop`, `sym_validate_range`).

use rustc_hash::FxHashMap;

use super::encode::{Encoder, Freedom};
use super::encode_joined::Texts;
use super::gates::Bit;
use super::solver::Sink;
use super::text;
use crate::model::{Operand, Range, SymbolId, ValueType};
use crate::source::Name;

/// A range with the bit that it is the first that counts, and its bounds: text, number, bit.
pub(super) struct ActiveRange {
    counts: Bit,
    low: Vec<(Name, i64, Bit)>,
    high: Vec<(Name, i64, Bit)>,
}

/// The bounds of all ranges of a symbol.
pub(super) struct Limits {
    /// Numbers, the greatest first, each with the bit that a lower bound that counts is at least
    /// this.
    lows: Vec<(i64, Bit)>,
    /// Numbers, the least first, each with the bit that an upper bound that counts is at most this.
    highs: Vec<(i64, Bit)>,
    /// For a lower bound with something below it, the bits that it counts.
    low_texts: FxHashMap<Name, Vec<Bit>>,
    /// The same for an upper bound.
    high_texts: FxHashMap<Name, Vec<Bit>>,
}

impl<S: Sink> Encoder<S> {
    /// The ranges that count, each with the bit that it is the first that does.
    pub(super) fn ranges(&mut self, id: SymbolId) -> Vec<ActiveRange> {
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
            let low = self.bound(range.low, base, symbol.ty);
            let high = self.bound(range.high, base, symbol.ty);
            all.push(ActiveRange { counts, low, high });
        }
        all
    }

    /// What a bound of a symbol of this type can be: the text that a value gets there.
    fn bound(&mut self, operand: Operand, base: u32, ty: ValueType) -> Vec<(Name, i64, Bit)> {
        let behaviour = self.model.behaviour;
        let engine = behaviour.engine;
        let base = match operand {
            Operand::Symbol(id) => text::base_of_bound(engine, self.model.symbol(id).ty, base),
            _ => base,
        };
        let texts = self.plain_texts(operand);
        texts
            .into_iter()
            .map(|(text, bit)| {
                let number = text::number(engine, text.as_str(), base);
                (text::moved_to(&behaviour, text, number, ty), number, bit)
            })
            .collect()
    }

    /// What all ranges together say of a number, so that a thousand numbers do not each ask a thousand
    /// ranges.
    pub(super) fn limits(&mut self, ranges: &[ActiveRange], ty: ValueType) -> Limits {
        let least = text::leading_number(text::extreme(ty, false).as_str(), text::base_of(ty, 10));
        let (mut lows, mut highs) = (Vec::new(), Vec::new());
        let mut low_texts: FxHashMap<Name, Vec<Bit>> = FxHashMap::default();
        let mut high_texts: FxHashMap<Name, Vec<Bit>> = FxHashMap::default();
        for range in ranges {
            for (bound, number, bit) in &range.low {
                let counts = self.gates.and(range.counts, *bit);
                lows.push((*number, counts));
                if *number > least {
                    low_texts.entry(*bound).or_default().push(counts);
                }
            }
            for (bound, number, bit) in &range.high {
                let counts = self.gates.and(range.counts, *bit);
                highs.push((*number, counts));
                high_texts.entry(*bound).or_default().push(counts);
            }
        }
        lows.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
        highs.sort_by_key(|(number, _)| *number);
        for sorted in [&mut lows, &mut highs] {
            let mut earlier = Bit::False;
            for (_, bit) in sorted {
                earlier = self.gates.or(earlier, *bit);
                *bit = earlier;
            }
        }
        Limits {
            lows,
            highs,
            low_texts,
            high_texts,
        }
    }

    /// Whether a text lies in the range that counts, if any.
    pub(super) fn within(&mut self, text: Name, limits: &Limits, ty: ValueType) -> Bit {
        let engine = self.model.behaviour.engine;
        let value = text::number(engine, text.as_str(), text::base_of(ty, 10));
        let last = |sorted: &[(i64, Bit)], excludes: &dyn Fn(i64) -> bool| {
            let count = sorted.partition_point(|(bound, _)| excludes(*bound));
            count.checked_sub(1).map_or(Bit::False, |at| sorted[at].1)
        };
        let below = last(&limits.lows, &|bound| value < bound);
        let above = last(&limits.highs, &|bound| value > bound);
        !self.gates.or(below, above)
    }

    /// Whether this text is the lower bound of the range that counts, and something lies below
    /// it; and whether it is the upper one.
    pub(super) fn bounds_with(&mut self, text: Name, limits: &Limits) -> [Bit; 2] {
        [&limits.low_texts, &limits.high_texts].map(|texts| {
            let bits = texts.get(&text).into_iter().flatten();
            self.gates.any(bits.copied())
        })
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

    /// Whether the user gives a number below, or above, whatever the range is; it then becomes
    /// the bound. Where bounds are constants in order, a user can as well write them.
    pub(super) fn beyond_ranges(
        &mut self,
        id: SymbolId,
        given: Bit,
        ranges: &[ActiveRange],
    ) -> [Bit; 2] {
        let model = self.model.clone();
        let symbol = model.symbol(id);
        let plain = |range: &Range| match (range.low, range.high) {
            (Operand::Constant(low), Operand::Constant(high)) => {
                let base = text::base_of(symbol.ty, 10);
                let number = |name: Name| text::leading_number(name.as_str(), base);
                let valid = |name: Name| text::is_valid(name.as_str(), symbol.ty);
                valid(low) && valid(high) && number(low) <= number(high)
            }
            _ => false,
        };
        let clamps = model.moves_into_range(id) && !ranges.is_empty();
        if !clamps || symbol.ranges.iter().all(plain) {
            return [Bit::False; 2];
        }
        let (under, over) = (self.gates.fresh(), self.gates.fresh());
        self.gates.clause(&[!under, given]);
        self.gates.clause(&[!over, given]);
        self.gates.clause(&[!under, !over]);
        self.freedom.push((id, Freedom::Beyond { under, over }));
        [under, over]
    }

    /// symbol.c, `sym_validate_range`: what lies outside becomes the bound's text.
    pub(super) fn clamped(&mut self, texts: Texts, ranges: &[ActiveRange], ty: ValueType) -> Texts {
        let base = text::base_of(ty, 10);
        let engine = self.model.behaviour.engine;
        let mut all: Texts = Vec::new();
        for (text, bit) in texts {
            let value = text::number(engine, text.as_str(), base);
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
