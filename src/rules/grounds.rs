// SPDX-License-Identifier: MIT OR Apache-2.0
//! On whose definitions it rests that selects are safe: what has to be looked at again when some
//! symbols change.
//!
//! Those of selector and target are not kept: every question about a select rests on them.

use crate::model::{Model, SelectId, SymbolId};
use crate::source::Name;

/// What is known of the selects of one model, by names.
#[derive(Clone, Default, Debug)]
pub struct Grounds {
    /// Selector and target, and where their run in `on` ends.
    settled: Vec<(Name, Name, u32)>,
    /// Runs of symbols.
    on: Vec<Name>,
    /// Whether something rests on what has no name.
    is_nameless: bool,
}

impl Grounds {
    /// Keeps that a question about a select was settled by the definitions of `symbols`.
    pub(super) fn keep(&mut self, model: &Model, select: SelectId, symbols: &[SymbolId]) {
        let select = model.select(select);
        let (selector, target) = (select.selector, select.target);
        let others = symbols
            .iter()
            .filter(|id| **id != selector && **id != target);
        let first = self.on.len();
        for id in others {
            match model.symbol(*id) {
                symbol if symbol.name.is_some() => self.on.extend(symbol.name),
                // Its members are among them.
                symbol if symbol.choice.is_some() => {}
                _ => self.is_nameless = true,
            }
        }
        if self.on.len() == first {
            return;
        }
        match (model.symbol(selector).name, model.symbol(target).name) {
            (Some(selector), Some(target)) => {
                let end = self.on.len() as u32;
                self.settled.push((selector, target, end));
            }
            _ => self.is_nameless = true,
        }
    }

    /// The selects, as selector and target, of which something rests on a symbol that is
    /// `touched`, each with all that this rests on; `None` where that cannot be said.
    pub fn on(&self, touched: impl Fn(Name) -> bool) -> Option<Vec<((Name, Name), &[Name])>> {
        if self.is_nameless {
            return None;
        }
        let mut found = Vec::new();
        let mut start = 0;
        for (selector, target, end) in &self.settled {
            let run = &self.on[start..*end as usize];
            if run.iter().any(|name| touched(*name)) {
                found.push(((*selector, *target), run));
            }
            start = *end as usize;
        }
        Some(found)
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
