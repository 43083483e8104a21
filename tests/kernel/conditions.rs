// SPDX-License-Identifier: MIT OR Apache-2.0
//! Expressions as functions: their values under many assignments at once.
//!
//! Two expressions that agree on all lanes are taken as equal; one lane on which they do
//! not is a proof that they differ. Random leaves get values of their type, and nothing else
//! is assumed of them. The arithmetic is that of the kernel's expr.c (`__expr_calc_value`).

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHasher};

use crate::dump::{Comparison, Dump, Leaf, Node};

/// Lanes come in words of 64.
const WORDS: usize = 16;

/// How many assignments are tried at once.
pub(crate) const LANES: usize = WORDS * 64;

/// How likely a bool or tristate leaf is not n, lane by lane: conditions are mostly long
/// conjunctions, so a fair coin would hardly ever make one of them y.
const DENSITIES: [u64; 8] = [50, 80, 92, 95, 96, 97, 98, 15];

/// The value of an expression in every lane.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Lanes {
    /// Lanes in which it is m or y.
    some: [u64; WORDS],
    /// Lanes in which it is y; a part of `some`.
    yes: [u64; WORDS],
}

impl Lanes {
    /// n in every lane.
    pub(crate) const NO: Lanes = Lanes {
        some: [0; WORDS],
        yes: [0; WORDS],
    };
    /// m in every lane.
    pub(crate) const MODULE: Lanes = Lanes {
        some: [!0; WORDS],
        yes: [0; WORDS],
    };
    /// y in every lane.
    pub(crate) const YES: Lanes = Lanes {
        some: [!0; WORDS],
        yes: [!0; WORDS],
    };

    /// From the value in each of the first `count` lanes; n in the others.
    fn new(count: usize, mut value: impl FnMut(usize) -> u8) -> Lanes {
        let mut lanes = Lanes::NO;
        for lane in 0..count {
            let level = value(lane);
            lanes.some[lane / 64] |= u64::from(level > 0) << (lane % 64);
            lanes.yes[lane / 64] |= u64::from(level > 1) << (lane % 64);
        }
        lanes
    }

    /// `self && other`
    pub(crate) fn and(&self, other: &Lanes) -> Lanes {
        self.zip(other, |a, b| a & b)
    }

    /// `self || other`
    pub(crate) fn or(&self, other: &Lanes) -> Lanes {
        self.zip(other, |a, b| a | b)
    }

    /// `!self`
    pub(crate) fn not(&self) -> Lanes {
        Lanes {
            some: self.yes.map(|word| !word),
            yes: self.some.map(|word| !word),
        }
    }

    fn zip(&self, other: &Lanes, join: impl Fn(u64, u64) -> u64) -> Lanes {
        Lanes {
            some: std::array::from_fn(|at| join(self.some[at], other.some[at])),
            yes: std::array::from_fn(|at| join(self.yes[at], other.yes[at])),
        }
    }

    /// The value in one lane, as 0, 1 or 2.
    pub(crate) fn level(&self, lane: usize) -> u8 {
        let bit = |words: &[u64; WORDS]| (words[lane / 64] >> (lane % 64) & 1) as u8;
        bit(&self.some) + bit(&self.yes)
    }

    /// The first lane in which the two differ.
    pub(crate) fn difference(&self, other: &Lanes) -> Option<usize> {
        (0..LANES).find(|lane| self.level(*lane) != other.level(*lane))
    }
}

/// The operand of a comparison.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Operand<'a> {
    /// A leaf.
    Leaf(&'a Leaf),
    /// A constant.
    Constant(&'a str),
}

/// Values for all leaves of a tree, in every lane.
pub(crate) struct Assignments {
    source: Source,
    types: FxHashMap<Leaf, String>,
}

enum Source {
    /// Random ones.
    Random {
        seed: u64,
        /// What int, hex and string symbols may be.
        pool: Vec<String>,
    },
    /// Those of a configuration for each of the first lanes.
    Given(Vec<BTreeMap<Leaf, String>>),
}

impl Assignments {
    /// Random values for the leaves of `dump`, typed as there.
    pub(crate) fn random(dump: &Dump, seed: u64) -> Assignments {
        let mut pool: BTreeSet<String> = ["", "0", "1", "7", "0x10", "a string"]
            .map(str::to_owned)
            .into();
        for node in &dump.nodes {
            if let Node::Compare(_, left, right) = node {
                pool.extend([*left, *right].iter().filter_map(|operand| {
                    match &dump.nodes[*operand as usize] {
                        Node::Constant(text) | Node::Leaf(Leaf::Undefined(text)) => {
                            Some(text.clone())
                        }
                        _ => None,
                    }
                }));
            }
        }
        let pool = pool.into_iter().collect();
        Assignments::new(dump, Source::Random { seed, pool })
    }

    /// The values that these configurations give, one in each of the first lanes.
    pub(crate) fn given(dump: &Dump, configurations: Vec<BTreeMap<Leaf, String>>) -> Assignments {
        assert!(
            configurations.len() <= LANES,
            "more configurations than lanes"
        );
        Assignments::new(dump, Source::Given(configurations))
    }

    fn new(dump: &Dump, source: Source) -> Assignments {
        let types = dump
            .symbols
            .iter()
            .filter(|symbol| !symbol.definitions.is_empty())
            .filter_map(|symbol| {
                let leaf = match (symbol.choice, &symbol.name) {
                    (Some(number), _) => Leaf::Choice(number),
                    (None, name) => Leaf::Symbol(name.clone()?),
                };
                Some((leaf, symbol.kind.clone()))
            })
            .collect();
        Assignments { source, types }
    }

    fn kind(&self, leaf: &Leaf) -> &str {
        self.types.get(leaf).map_or("unknown", String::as_str)
    }

    /// The lanes that have a meaning.
    fn count(&self) -> usize {
        match &self.source {
            Source::Random { .. } => LANES,
            Source::Given(all) => all.len(),
        }
    }

    /// A leaf in every lane, as an operand of `&&`, `||` and `!`.
    pub(crate) fn leaf(&self, leaf: &Leaf) -> Lanes {
        let kind = self.kind(leaf);
        let key = key(leaf);
        if !matches!(kind, "bool" | "tristate") {
            return Lanes::NO;
        }
        Lanes::new(self.count(), |lane| self.level(kind, leaf, key, lane))
    }

    /// The value of a leaf that is bool or tristate.
    fn level(&self, kind: &str, leaf: &Leaf, key: u64, lane: usize) -> u8 {
        match &self.source {
            Source::Random { seed, .. } => {
                let random = random(*seed, key, lane);
                if random % 100 >= DENSITIES[lane % DENSITIES.len()] {
                    0
                } else if kind == "tristate" && random >> 32 & 3 == 0 {
                    1
                } else {
                    2
                }
            }
            Source::Given(all) => match given(all, leaf, lane) {
                "m" => 1,
                "y" => 2,
                _ => 0,
            },
        }
    }

    /// The value of a leaf as an operand of a comparison.
    pub(crate) fn text<'a>(&'a self, leaf: &'a Leaf, lane: usize) -> &'a str {
        let key = key(leaf);
        match (self.kind(leaf), leaf) {
            (kind @ ("bool" | "tristate"), _) => {
                ["n", "m", "y"][usize::from(self.level(kind, leaf, key, lane))]
            }
            ("int" | "hex" | "string", _) => match &self.source {
                Source::Random { seed, pool } => {
                    &pool[random(*seed, key, lane) as usize % pool.len()]
                }
                Source::Given(all) => given(all, leaf, lane),
            },
            (_, Leaf::Symbol(name) | Leaf::Undefined(name)) => name,
            (_, Leaf::Choice(_)) => "",
        }
    }

    /// A constant as an operand of `&&`, `||` and `!`.
    pub(crate) fn constant(text: &str) -> Lanes {
        match text {
            "y" => Lanes::YES,
            "m" => Lanes::MODULE,
            _ => Lanes::NO,
        }
    }

    /// A comparison in every lane.
    pub(crate) fn compare(&self, sign: Comparison, left: Operand<'_>, right: Operand<'_>) -> Lanes {
        let kinds = [left, right].map(|operand| match operand {
            Operand::Leaf(leaf) => self.kind(leaf),
            Operand::Constant("n" | "m" | "y") => "tristate",
            Operand::Constant(_) => "unknown",
        });
        Lanes::new(self.count(), |lane| {
            let texts = [left, right].map(|operand| match operand {
                Operand::Leaf(leaf) => self.text(leaf, lane),
                Operand::Constant(text) => text,
            });
            let order = order(kinds, texts);
            let holds = match sign {
                Comparison::Equal => order.is_eq(),
                Comparison::Unequal => order.is_ne(),
                Comparison::Less => order.is_lt(),
                Comparison::LessEqual => order.is_le(),
                Comparison::Greater => order.is_gt(),
                Comparison::GreaterEqual => order.is_ge(),
            };
            if holds { 2 } else { 0 }
        })
    }

    /// Every node of `dump` in every lane.
    pub(crate) fn evaluate(&self, dump: &Dump) -> Vec<Lanes> {
        let mut values: Vec<Lanes> = Vec::with_capacity(dump.nodes.len());
        let operand = |number: u32| match &dump.nodes[number as usize] {
            Node::Leaf(leaf) => Operand::Leaf(leaf),
            Node::Constant(text) => Operand::Constant(text),
            other => panic!("an operand that is no leaf: {other:?}"),
        };
        for node in &dump.nodes {
            let at = |number: &u32| &values[*number as usize];
            let value = match node {
                Node::Leaf(leaf) => self.leaf(leaf),
                Node::Constant(text) => Assignments::constant(text),
                Node::And(left, right) => at(left).and(at(right)),
                Node::Or(left, right) => at(left).or(at(right)),
                Node::Not(inner) => at(inner).not(),
                Node::Compare(sign, left, right) => {
                    self.compare(*sign, operand(*left), operand(*right))
                }
            };
            values.push(value);
        }
        values
    }
}

fn given<'a>(all: &'a [BTreeMap<Leaf, String>], leaf: &Leaf, lane: usize) -> &'a str {
    let value = all[lane].get(leaf);
    value.unwrap_or_else(|| panic!("a configuration without {leaf:?}"))
}

/// A number for a leaf.
fn key(leaf: &Leaf) -> u64 {
    let mut hasher = FxHasher::default();
    leaf.hash(&mut hasher);
    hasher.finish()
}

/// SplitMix64 of seed, leaf and lane.
fn random(seed: u64, key: u64, lane: usize) -> u64 {
    let step = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bits = (key ^ seed.wrapping_mul(step)).wrapping_add(step.wrapping_mul(lane as u64 + 1));
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}

/// The order of two texts, as numbers where both are (semantics.md 20).
fn order(kinds: [&str; 2], texts: [&str; 2]) -> std::cmp::Ordering {
    let [left, right] = texts;
    if kinds == ["string", "string"] {
        return left.cmp(right);
    }
    match (number(kinds[0], left), number(kinds[1], right)) {
        (Some((a, false)), Some((b, false))) => a.cmp(&b),
        // In the kernel both are the same eight bytes, read without a sign.
        (Some((a, _)), Some((b, _))) => (a as u64).cmp(&(b as u64)),
        _ => left.cmp(right),
    }
}

/// A text as a number, and whether it has no sign; `None` when it is none.
fn number(kind: &str, text: &str) -> Option<(i64, bool)> {
    if matches!(kind, "bool" | "tristate") {
        let level = ["n", "m", "y"].iter().position(|level| *level == text);
        return Some((level.map_or(-1, |level| level as i64), false));
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let hex = digits
        .strip_prefix("0x")
        .or_else(|| digits.strip_prefix("0X"));
    let (digits, radix) = match (kind, hex) {
        ("int", _) => (digits, 10),
        ("hex", Some(rest)) => (rest, 16),
        ("hex", None) => (digits, 16),
        (_, Some(rest)) => (rest, 16),
        (_, None) if digits.starts_with('0') => (digits, 8),
        (_, None) => (digits, 10),
    };
    if !digits.starts_with(|first: char| first.is_digit(radix)) {
        return None;
    }
    if kind == "hex" {
        let value = u64::from_str_radix(digits, radix).ok()?;
        let value = if negative {
            value.wrapping_neg()
        } else {
            value
        };
        return Some((value as i64, true));
    }
    let value = i128::from_str_radix(digits, radix).ok()?;
    let value = if negative { -value } else { value };
    Some((i64::try_from(value).ok()?, false))
}

#[test]
fn numbers_are_read_as_the_kernel_reads_them() {
    use std::cmp::Ordering::{Equal, Greater, Less};
    for (kinds, texts, expected) in [
        (["unknown", "unknown"], ["010", "8"], Equal),
        (["int", "unknown"], ["010", "8"], Greater),
        (["hex", "unknown"], ["10", "16"], Equal),
        (["hex", "int"], ["0x1", "-1"], Less),
        (["tristate", "tristate"], ["m", "y"], Less),
        (["bool", "unknown"], ["y", "2"], Equal),
        (["string", "string"], ["10", "9"], Less),
        (["string", "unknown"], ["10", "9"], Greater),
        (["int", "unknown"], ["", "0"], Less),
        (["unknown", "unknown"], ["GCC", "Clang"], Greater),
    ] {
        assert_eq!(order(kinds, texts), expected, "{kinds:?} {texts:?}");
    }
}
