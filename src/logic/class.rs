// SPDX-License-Identifier: MIT OR Apache-2.0
//! The texts that stand for all texts of one class of a domain (`domain`).

use std::collections::BTreeSet;

use super::{python, text};
use crate::model::{Tristate, ValueType};
use crate::source::Name;
use crate::tree::Engine;

/// Sources that are compared with each other can all differ from each other and from all
/// constants: each gets a text of its own, until the domain has about this many.
pub(super) const MOST_TEXTS: usize = 240;

/// What a class holds and meets.
#[derive(Clone, Copy)]
pub(super) struct Traits {
    pub(super) engine: Engine,
    pub(super) int: bool,
    pub(super) hex: bool,
    pub(super) text: bool,
    /// A symbol that is a string.
    pub(super) string: bool,
    /// A symbol that is a number. A command whose output becomes its value prints a number.
    pub(super) number: bool,
    /// A comparison by order.
    pub(super) ordered: bool,
    /// A comparison of two unknown texts.
    pub(super) paired: bool,
    pub(super) sources: usize,
}

impl Traits {
    /// A class that holds nothing yet.
    pub(super) fn of(engine: Engine) -> Traits {
        Traits {
            engine,
            int: false,
            hex: false,
            text: false,
            string: false,
            number: false,
            ordered: false,
            paired: false,
            sources: 0,
        }
    }

    /// The texts of a class, and the one that stands for all others.
    pub(super) fn texts(&self, constants: &BTreeSet<&'static str>) -> (Vec<Name>, Option<Name>) {
        let mut all: BTreeSet<String> = constants.iter().map(|text| (*text).to_owned()).collect();
        let most = (MOST_TEXTS / (2 * constants.len().max(1))).clamp(3, 12);
        let others = self.sources.clamp(1, most);
        for number in numbers(self.engine, constants) {
            let reach = if self.int || self.hex || self.ordered {
                others as i64
            } else {
                0
            };
            for near in number.saturating_sub(reach)..=number.saturating_add(reach) {
                if self.int || self.string {
                    all.insert(near.to_string());
                }
                if self.hex {
                    all.insert(match self.engine {
                        Engine::Conf | Engine::Minikconf => format!("{near:#x}"),
                        Engine::Kconfiglib | Engine::EspIdf => {
                            python::bound(near, ValueType::Hex).to_string()
                        }
                    });
                }
            }
        }
        if self.string && self.ordered {
            // Texts that come right behind: what is no number is ordered by its bytes.
            for behind in (1..=others).map(|count| "!".repeat(count)) {
                all.extend(constants.iter().map(|text| format!("{text}{behind}")));
            }
        }
        let mut stands_for_all = None;
        if self.text && (self.string || !self.number) {
            let mut other = "other".to_owned();
            for _ in 0..others {
                while !all.insert(other.clone()) {
                    other.push('-');
                }
            }
            stands_for_all = (!self.ordered && !self.paired).then(|| Name::new(&other));
        }
        let texts = all.iter().map(|text| Name::new(text)).collect();
        (texts, stands_for_all)
    }
}

/// The numbers that constants can be read as: y, m and n are 2, 1 and 0.
fn numbers(engine: Engine, constants: &BTreeSet<&'static str>) -> BTreeSet<i64> {
    let digits = constants
        .iter()
        .filter(|text| text.bytes().any(|byte| byte.is_ascii_digit()))
        .flat_map(|text| [0, 10, 16].map(|base| text::number(engine, text, base)));
    let letters = constants
        .iter()
        .filter_map(|text| Tristate::from_word(text))
        .map(|value| value as i64);
    digits.chain(letters).collect()
}
