// SPDX-License-Identifier: MIT OR Apache-2.0
//! On whose definitions it rests that selects are safe: what has to be looked at again when some
//! symbols change.
//!
//! That of the selector is not kept, nor what the target depends on, nor the bounds of what these
//! speak of: every question about a select rests on them, and whoever asks again has to see to it
//! that a select is asked about when they change.

use serde::{Deserialize, Serialize};

use crate::logic::Ground;
use crate::model::{Model, SelectId};
use crate::source::Name;

/// What is known of the selects of one model, by names.
#[derive(Clone, Default, Debug)]
pub struct Grounds {
    /// Selector and target, and where their run in `on` ends.
    settled: Vec<(Name, Name, u32)>,
    /// Runs of symbols.
    on: Vec<On>,
    /// Whether something rests on what has no name.
    is_nameless: bool,
}

/// The same as bytes can hold it: names have numbers that the caller gives.
#[derive(Serialize, Deserialize)]
pub struct StoredGrounds {
    settled: Vec<(u32, u32, u32)>,
    on: Vec<(u32, bool)>,
    is_nameless: bool,
}

/// A select that was settled.
pub struct Settled<'g> {
    /// Its selector.
    pub selector: Name,
    /// Its target.
    pub target: Name,
    /// What that rests on.
    pub on: &'g [On],
}

/// A symbol that something rests on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct On {
    /// The symbol.
    pub symbol: Name,
    /// Whether it does on no more than its type, its bounds, and that no choice has it.
    pub is_kind: bool,
}

impl Grounds {
    /// Keeps what settled a question about a select.
    pub(super) fn keep(&mut self, model: &Model, select: SelectId, grounds: &[Ground]) {
        let select = model.select(select);
        let first = self.on.len();
        for ground in grounds {
            let (id, is_kind) = match *ground {
                Ground::Value(id) => (id, false),
                Ground::Kind(id) => (id, true),
            };
            let symbol = model.symbol(id);
            match symbol.name {
                _ if id == select.selector => {}
                Some(symbol) => self.on.push(On { symbol, is_kind }),
                // The members of a choice are among them.
                None => self.is_nameless |= symbol.choice.is_none(),
            }
        }
        if self.on.len() == first {
            return;
        }
        let names = (
            model.symbol(select.selector).name,
            model.symbol(select.target).name,
        );
        match names {
            (Some(selector), Some(target)) => {
                let end = self.on.len() as u32;
                self.settled.push((selector, target, end));
            }
            _ => self.is_nameless = true,
        }
    }

    /// The selects of which something rests on what is `touched`, each with all that this rests
    /// on; `None` where that cannot be said.
    pub fn on(&self, touched: impl Fn(&On) -> bool) -> Option<Vec<Settled<'_>>> {
        if self.is_nameless {
            return None;
        }
        let mut found = Vec::new();
        let mut start = 0;
        for (selector, target, end) in &self.settled {
            let run = &self.on[start..*end as usize];
            if run.iter().any(&touched) {
                found.push(Settled {
                    selector: *selector,
                    target: *target,
                    on: run,
                });
            }
            start = *end as usize;
        }
        Some(found)
    }

    /// What is to be stored of it.
    pub fn stored(&self, number: &mut dyn FnMut(Name) -> u32) -> StoredGrounds {
        let mut settled = Vec::with_capacity(self.settled.len());
        for (selector, target, end) in &self.settled {
            settled.push((number(*selector), number(*target), *end));
        }
        let on = self.on.iter().map(|on| (number(on.symbol), on.is_kind));
        StoredGrounds {
            on: on.collect(),
            settled,
            is_nameless: self.is_nameless,
        }
    }

    /// What was stored.
    pub fn restored(stored: &StoredGrounds, name: &dyn Fn(u32) -> Name) -> Grounds {
        let settled = stored.settled.iter();
        let settled = settled.map(|(selector, target, end)| (name(*selector), name(*target), *end));
        let on = stored.on.iter().map(|(symbol, is_kind)| On {
            symbol: name(*symbol),
            is_kind: *is_kind,
        });
        Grounds {
            settled: settled.collect(),
            on: on.collect(),
            is_nameless: stored.is_nameless,
        }
    }

    /// Takes in what became known of more selects, or of the same again.
    pub fn extend(&mut self, other: &Grounds) {
        let before = self.on.len() as u32;
        self.on.extend_from_slice(&other.on);
        let later = other.settled.iter();
        let later = later.map(|(selector, target, end)| (*selector, *target, end + before));
        self.settled.extend(later);
        self.is_nameless |= other.is_nameless;
    }
}
