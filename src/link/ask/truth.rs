// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a condition of code is for the solver, and in one configuration.

use rustc_hash::FxHashMap;

use crate::link::view::Algebra;
use crate::logic::{Bit, Evaluator, Theory};
use crate::model::{Model, SymbolId, Tristate};
use crate::source::Name;
use crate::tree::ArchSet;

pub(super) fn arch_at(names: &[String], name: Name) -> Option<usize> {
    names.iter().position(|it| it == name.as_str())
}

/// The symbols of a name that have tristate values.
pub(super) fn logical(model: &Model, name: Name) -> Vec<(ArchSet, SymbolId)> {
    let all = model.symbols_named(name).into_iter();
    let all = all.filter(|(_, id)| {
        let symbol = model.symbol(*id);
        symbol.is_defined() && symbol.ty.is_logical()
    });
    all.collect()
}

/// Whether every symbol of a name has tristate values.
pub(super) fn is_logical(model: &Model, name: Name) -> bool {
    let all = model.symbols_named(name);
    let mut defined = all
        .iter()
        .filter(|(_, id)| model.symbol(*id).is_defined())
        .peekable();
    defined.peek().is_some() && defined.all(|(_, id)| model.symbol(*id).ty.is_logical())
}

/// The solver's bits.
pub(super) struct Bits<'t> {
    pub(super) theory: &'t mut Theory,
    pub(super) names: &'t [String],
    pub(super) known: FxHashMap<Name, Option<(Bit, Bit)>>,
}

impl Bits<'_> {
    /// Whether a symbol is on, and whether it is y.
    pub(super) fn symbol(&mut self, name: Name) -> Option<(Bit, Bit)> {
        if let Some(known) = self.known.get(&name) {
            return *known;
        }
        let model = self.theory.model().clone();
        let value = is_logical(&model, name).then(|| {
            let (mut on, mut yes) = (Bit::False, Bit::False);
            for (these, id) in logical(&model, name) {
                let tri = self.theory.symbol(id);
                let here = match these.covers(model.menu.on) {
                    true => Bit::True,
                    false => self.theory.on(these),
                };
                let both = self.and(here, tri.on);
                on = self.or(on, both);
                let both = self.and(here, tri.yes);
                yes = self.or(yes, both);
            }
            (on, yes)
        });
        self.known.insert(name, value);
        value
    }
}

impl Algebra for Bits<'_> {
    type Truth = Bit;

    fn constant(&self, value: bool) -> Bit {
        Bit::constant(value)
    }

    fn not(&mut self, x: Bit) -> Bit {
        !x
    }

    fn and(&mut self, x: Bit, y: Bit) -> Bit {
        match (x, y) {
            (Bit::False, _) | (_, Bit::False) => Bit::False,
            (Bit::True, other) | (other, Bit::True) => other,
            _ if x == y => x,
            _ if x == !y => Bit::False,
            _ => self.theory.both(x, y),
        }
    }

    fn yes(&mut self, name: Name) -> Option<Bit> {
        Some(self.symbol(name)?.1)
    }

    fn module(&mut self, name: Name) -> Option<Bit> {
        let (on, yes) = self.symbol(name)?;
        Some(self.and(on, !yes))
    }

    fn arch(&mut self, name: Name) -> Bit {
        match arch_at(self.names, name) {
            Some(at) => self.theory.on(ArchSet::only(at)),
            None => Bit::False,
        }
    }
}

/// The values of one configuration.
pub(super) struct Values<'e, 'm> {
    pub(super) evaluator: &'e mut Evaluator<'m>,
    pub(super) model: &'e Model,
    pub(super) names: &'e [String],
    pub(super) architecture: usize,
}

impl Values<'_, '_> {
    /// A symbol's value.
    pub(super) fn symbol(&mut self, name: Name) -> Option<Tristate> {
        if !is_logical(self.model, name) {
            return None;
        }
        let all = logical(self.model, name);
        let here = all.iter().find(|(on, _)| on.contains(self.architecture));
        Some(here.map_or(Tristate::No, |(_, id)| self.evaluator.value(*id)))
    }
}

impl Algebra for Values<'_, '_> {
    type Truth = bool;

    fn constant(&self, value: bool) -> bool {
        value
    }

    fn not(&mut self, x: bool) -> bool {
        !x
    }

    fn and(&mut self, x: bool, y: bool) -> bool {
        x && y
    }

    fn yes(&mut self, name: Name) -> Option<bool> {
        Some(self.symbol(name)? == Tristate::Yes)
    }

    fn module(&mut self, name: Name) -> Option<bool> {
        Some(self.symbol(name)? == Tristate::Module)
    }

    fn arch(&mut self, name: Name) -> bool {
        arch_at(self.names, name) == Some(self.architecture)
    }
}

// ---------------------------------------------------------------- conditions
