// SPDX-License-Identifier: MIT OR Apache-2.0
//! From one tree of a series to the next, where architectures are analysed one by one and the whole has
//! to be built (`screen` tells when it has not): what was decided about an architecture still holds where nothing that it rests on is
//! another.
//!
//! A file with the same text keeps its syntax (`menu/loader`), elaboration is made anew. An
//! architecture that reads the same files has the same to say. Otherwise model and search for
//! cycles are made anew too, and what is spared is asking about selects. What was found about a
//! target that hangs, directly or not, on a symbol that does not mean the same in both trees is
//! looked at again; and so are the selects of which selector, target or `Grounds` are touched by
//! that. What hangs on what is read off the new model alone: a way that only the old one had begins
//! at a symbol that has changed.

use rustc_hash::FxHashSet;

use super::analysis::Analysed;
use super::footing::Value;
use crate::logic::Bounds;
use crate::menu::Menu;
use crate::model::{Definitions, Model, Select, SymbolId};
use crate::rules::policy::{Requirement, Violation};
use crate::rules::undecided::UndecidedSelect;
use crate::rules::unmet_dependency::Unmet;
use crate::rules::{Grounds, Policy};
use crate::source::{Files, Name};

/// What a tree leaves behind for the next one, of one architecture.
pub(super) struct Carried(pub(super) Analysed);

/// What holds of an architecture before anything is asked.
pub(super) enum Holds<'c> {
    /// Everything that was found in this one.
    Everything(&'c Analysed),
    /// What does not hang on a change.
    Rest(Still<'c>),
}

/// What holds in spite of changes.
pub(super) struct Still<'c> {
    /// The tree before.
    before: &'c Analysed,
    /// The symbols that do not mean the same.
    changed: FxHashSet<SymbolId>,
    /// What is unmet as before.
    pub(super) unmet: Vec<Unmet>,
    /// Selects that stay undecided, as they were; those that a policy asked about are not among them.
    pub(super) undecided: Vec<UndecidedSelect>,
    /// Violations as before.
    violations: Vec<Violation>,
    /// On what it rests that all selects but those were safe.
    pub(super) grounds: Grounds,
    /// The targets to ask about.
    pub(super) open: FxHashSet<SymbolId>,
}

impl Carried {
    /// What was found, if the menu is made of the same files. The files that a tree has, its
    /// settings and the toolchain's answers are all that elaboration sees.
    pub(super) fn of(&self, menu: &Menu) -> Option<&Analysed> {
        let files = menu.instances.iter().map(|instance| instance.file);
        files
            .eq(self.0.instances.iter().copied())
            .then_some(&self.0)
    }

    /// What still holds in the next tree; `None` when everything has to be asked again.
    pub(super) fn holds(
        &self,
        model: &Model,
        definitions: &Definitions,
        files: &Files,
    ) -> Option<Holds<'_>> {
        let before = &self.0;
        let changed = definitions.changed(before.definitions.as_deref()?)?;
        let hanging = match changed.is_empty() {
            true => Vec::new(),
            false => model.hanging.on(&changed),
        };
        let names = hanging.iter();
        let mut open: FxHashSet<SymbolId> =
            names.filter_map(|name| model.symbol_of(*name)).collect();
        // The text of a file that a finding points into has changed.
        for (selectee, places) in before.places() {
            let moved = !places.iter().all(|file| files.is_current(*file));
            if let Some(target) = model.symbol_named(selectee) {
                open.extend(Some(target).filter(|_| moved));
            }
        }
        if changed.is_empty() && open.is_empty() {
            return Some(Holds::Everything(before));
        }
        let is_open = |selectee: &str| {
            let target = model.symbol_named(selectee);
            target.is_none_or(|target| open.contains(&target))
        };
        let unmet = before.unmet.iter();
        let unmet = unmet.filter(|unmet| !is_open(&unmet.pair.selectee));
        let unmet = unmet.cloned().collect();
        let undecided = before.undecided.iter();
        let undecided = undecided.filter(|it| it.policy.is_none() && !is_open(&it.selectee));
        let undecided = undecided.cloned().collect();
        let changed = changed.iter();
        Some(Holds::Rest(Still {
            before,
            changed: changed.filter_map(|name| model.symbol_of(*name)).collect(),
            unmet,
            undecided,
            violations: before.violations.clone(),
            grounds: before.footing.as_ref()?.grounds.clone(),
            open,
        }))
    }
}

impl Still<'_> {
    /// The selects, by selector and target, that have to be asked about: those of and by symbols
    /// that do not mean the same, or that speak of one with other bounds; those whose safety
    /// rested on one of these; and what was found about an open target. `None` where that cannot
    /// be told.
    pub(super) fn asked(
        &self,
        model: &Model,
        bounds: &Bounds,
    ) -> Option<impl Fn(&Select) -> bool + use<>> {
        let footing = self.before.footing.as_ref()?;
        let mut touched = self.changed.clone();
        let mut moved = Vec::new();
        for (id, symbol) in model.symbol_ids() {
            let Some(name) = symbol.name.filter(|_| symbol.choice.is_none()) else {
                continue;
            };
            if footing.value(name) != Some(Value::of(model, bounds, id)) {
                moved.push(name);
            }
        }
        let mut near = match moved.is_empty() {
            true => Vec::new(),
            false => model.hanging.directly_on(&moved),
        };
        near.extend(moved);
        for name in near {
            let Some(id) = model.symbol_of(name) else {
                continue;
            };
            touched.insert(id);
            let symbol = model.symbol(id);
            touched.extend(symbol.selects.iter().map(|id| model.select(*id).target));
            touched.extend(symbol.implies.iter().map(|id| model.imply(*id).target));
        }
        let is_touched = |name: Name| {
            let id = model.symbol_of(name);
            // One that is gone has changed.
            id.is_none_or(|id| touched.contains(&id))
        };
        let mut pairs = FxHashSet::default();
        for settled in footing.grounds.on(|on| is_touched(on.symbol))? {
            let ends = [settled.selector, settled.target].map(|name| model.symbol_of(name));
            if let [Some(selector), Some(target)] = ends {
                pairs.insert((selector, target));
            }
        }
        let unmet = self.before.unmet.iter().map(|it| &it.pair);
        let unmet = unmet.map(|pair| [&pair.selector, &pair.selectee]);
        let undecided = self.before.undecided.iter();
        let undecided = undecided.map(|it| [&it.selector, &it.selectee]);
        for pair in unmet.chain(undecided) {
            let ends = pair.map(|name| model.symbol_named(name));
            if let [Some(selector), Some(target)] = ends {
                pairs.insert((selector, target));
            }
        }
        let open = self.open.clone();
        Some(move |select: &Select| {
            open.contains(&select.target)
                && (touched.contains(&select.selector)
                    || touched.contains(&select.target)
                    || pairs.contains(&(select.selector, select.target)))
        })
    }

    /// The selects that were left undecided when a policy asked about them.
    pub(super) fn undecided_of<'s>(
        &'s self,
        policy: &'s Policy,
    ) -> impl Iterator<Item = &'s UndecidedSelect> {
        let all = self.before.undecided.iter();
        all.filter(|it| it.policy.as_deref() == Some(&policy.name))
    }

    /// Violations of a policy that is not to be asked about; `None` where it is.
    pub(super) fn of(
        &self,
        policy: &Policy,
        requirement: &Requirement,
        model: &Model,
    ) -> Option<Vec<Violation>> {
        let words = requirement
            .words()
            .filter_map(|word| model.symbol_named(word));
        let target = model.symbol_named(&policy.selectors_of)?;
        if words
            .chain([target])
            .any(|symbol| self.open.contains(&symbol))
        {
            return None;
        }
        let violations = self.violations.iter();
        let own = violations.filter(|violation| violation.policy == policy.name);
        Some(own.cloned().collect())
    }
}
