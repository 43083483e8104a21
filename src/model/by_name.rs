// SPDX-License-Identifier: MIT OR Apache-2.0
//! From names to symbols, as a table indexed by the number of the name.
//!
//! Names are numbered densely for all architectures, so a table has few gaps, and each of the
//! many look-ups of a model is one access without hashing. It says nothing about order: those
//! numbers differ from run to run.

use super::SymbolId;
use crate::source::Name;

/// The symbols of a model by their names.
#[derive(Clone, Default)]
pub(super) struct ByName {
    symbols: Vec<SymbolId>,
}

/// Stands where a name is no symbol; a model has fewer symbols than that.
const NONE: SymbolId = SymbolId(u32::MAX);

impl ByName {
    /// The symbol of a name.
    pub(super) fn get(&self, name: &Name) -> Option<&SymbolId> {
        let found = self.symbols.get(name.index());
        found.filter(|symbol| **symbol != NONE)
    }

    /// From now on `name` is `symbol`.
    pub(super) fn insert(&mut self, name: Name, symbol: SymbolId) {
        let index = name.index();
        if index >= self.symbols.len() {
            self.symbols.resize(index + 1, NONE);
        }
        self.symbols[index] = symbol;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_inserted_is_found_and_nothing_else() {
        let mut table = ByName::default();
        let (late, early) = (Name::new("BY_NAME_A"), Name::new("BY_NAME_B"));
        assert_eq!(table.get(&early), None);
        table.insert(late, SymbolId(7));
        assert_eq!(table.get(&late), Some(&SymbolId(7)));
        assert_eq!(table.get(&early), None);
        table.insert(early, SymbolId(0));
        assert_eq!(table.get(&early), Some(&SymbolId(0)));
    }
}
