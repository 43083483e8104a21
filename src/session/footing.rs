// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the findings of an architecture rest on, and that there are no more: enough of it to tell
//! which selects a change of some symbols brings into question, and to ask about them in a part
//! of the tree. It is plain data by names, and small.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use crate::logic::Bounds;
use crate::menu::part::Inclusion;
use crate::model::{Exprs, Model, Symbol, SymbolId, Tristate, ValueType};
use crate::rules::grounds::{Grounds, StoredGrounds};
use crate::source::Name;
use crate::syntax::Notation;

/// What an architecture stands on.
#[derive(Clone)]
pub(super) struct Footing {
    /// How files include each other.
    pub(super) inclusions: Arc<Vec<Inclusion>>,
    /// The inclusions of each file.
    by_path: Arc<FxHashMap<Name, Vec<u32>>>,
    /// The name of MODULES.
    pub(super) modules: Option<Name>,
    values: Arc<FxHashMap<Name, Value>>,
    /// Values that are others by now; `None` for symbols that are gone.
    later: FxHashMap<Name, Option<Value>>,
    /// On what it rests that selects are safe.
    pub(super) grounds: Grounds,
    /// The symbols on which hangs what was found.
    pub(super) shaky: Arc<FxHashSet<Name>>,
    /// The files in which it has places.
    pub(super) places: Arc<FxHashSet<Name>>,
}

/// What was found on an architecture.
pub(super) struct Found {
    /// The symbols whose dependencies are not met.
    pub(super) symbols: Vec<Name>,
    /// The files with its places.
    pub(super) places: FxHashSet<Name>,
}

/// What the rest of the tree can see of a symbol.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Value {
    /// Its type.
    pub(super) ty: ValueType,
    /// Bounds of its value.
    pub(super) low: Tristate,
    /// Bounds of its value.
    pub(super) high: Tristate,
    /// Whether some definition exists.
    pub(super) is_defined: bool,
    /// Whether its own statements and those that raise it are all that decides it: no choice, no
    /// MODULES, and nothing on which MODULES depends.
    pub(super) is_plain: bool,
}

impl Value {
    /// That of a symbol that nothing defines.
    pub(super) const UNDEFINED: Value = Value {
        ty: ValueType::Unknown,
        low: Tristate::No,
        high: Tristate::No,
        is_defined: false,
        is_plain: true,
    };

    /// That of a symbol of a model.
    pub(super) fn of(model: &Model, bounds: &Bounds, id: SymbolId) -> Value {
        let symbol = model.symbol(id);
        let interval = bounds.symbol(id);
        Value {
            ty: symbol.ty,
            low: interval.low,
            high: interval.high,
            is_defined: symbol.is_defined(),
            is_plain: is_plain(symbol) && !symbol.before_modules && model.modules != Some(id),
        }
    }
}

fn is_plain(symbol: &Symbol) -> bool {
    symbol.member_of.is_none()
        && symbol.choice.is_none()
        && !symbol.transitional
        && symbol.self_select == Exprs::NO
}

impl Footing {
    /// That of an analysed model. `found` is what the model has been found to do.
    pub(super) fn new(
        inclusions: Vec<Inclusion>,
        model: &Model,
        bounds: &Bounds,
        grounds: Grounds,
        found: Found,
    ) -> Footing {
        let mut values = FxHashMap::default();
        values.reserve(model.symbols.len());
        for (id, symbol) in model.symbol_ids() {
            if let Some(name) = symbol.name.filter(|_| symbol.choice.is_none()) {
                values.insert(name, Value::of(model, bounds, id));
            }
        }
        Footing {
            by_path: Arc::new(by_path(&inclusions)),
            inclusions: Arc::new(inclusions),
            modules: model.modules.and_then(|id| model.symbol(id).name),
            values: Arc::new(values),
            later: FxHashMap::default(),
            grounds,
            shaky: Arc::new(model.hanging.below(&found.symbols)),
            places: Arc::new(found.places),
        }
    }

    /// The same where files include each other in another way.
    pub(super) fn moved(&self, inclusions: Vec<Inclusion>) -> Footing {
        Footing {
            by_path: Arc::new(by_path(&inclusions)),
            inclusions: Arc::new(inclusions),
            ..self.clone()
        }
    }

    /// What can be seen of a symbol; `None` when nothing speaks of it.
    pub(super) fn value(&self, name: Name) -> Option<Value> {
        match self.later.get(&name) {
            Some(later) => *later,
            None => self.values.get(&name).copied(),
        }
    }

    /// Sets what can be seen of a symbol.
    pub(super) fn set(&mut self, name: Name, value: Option<Value>) {
        self.later.insert(name, value);
    }

    /// The inclusions of a file, by their place in the list.
    pub(super) fn inclusions_of(&self, path: Name) -> &[u32] {
        self.by_path.get(&path).map_or(&[], Vec::as_slice)
    }
}

/// An inclusion with the number of its path.
#[derive(Serialize, Deserialize)]
struct StoredInclusion {
    path: u32,
    notation: Notation,
    inside: Option<(u32, u32)>,
}

/// The same as bytes can hold it: names have numbers that the caller gives.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredFooting {
    inclusions: Vec<StoredInclusion>,
    modules: Option<u32>,
    values: Vec<(u32, Value)>,
    grounds: StoredGrounds,
    shaky: Vec<u32>,
}

impl Footing {
    /// What is to be stored of it.
    pub(super) fn stored(&self, number: &mut dyn FnMut(Name) -> u32) -> StoredFooting {
        let inclusions = self.inclusions.iter().map(|it| StoredInclusion {
            path: number(it.path),
            notation: it.notation,
            inside: it.inside,
        });
        let inclusions = inclusions.collect();
        let names = self.values.keys().chain(self.later.keys());
        let names: FxHashSet<Name> = names.copied().collect();
        let values = names.into_iter();
        let values = values.filter_map(|name| Some((number(name), self.value(name)?)));
        StoredFooting {
            inclusions,
            values: values.collect(),
            modules: self.modules.map(&mut *number),
            grounds: self.grounds.stored(number),
            shaky: self.shaky.iter().map(|name| number(*name)).collect(),
        }
    }

    /// What was stored.
    pub(super) fn restored(stored: StoredFooting, name: &dyn Fn(u32) -> Name) -> Footing {
        let inclusions = stored.inclusions.into_iter();
        let inclusions = inclusions.map(|it| Inclusion {
            path: name(it.path),
            notation: it.notation,
            inside: it.inside,
        });
        let inclusions: Vec<Inclusion> = inclusions.collect();
        let values = stored.values.into_iter();
        let values = values.map(|(number, value)| (name(number), value));
        Footing {
            by_path: Arc::new(by_path(&inclusions)),
            inclusions: Arc::new(inclusions),
            modules: stored.modules.map(name),
            values: Arc::new(values.collect()),
            later: FxHashMap::default(),
            grounds: Grounds::restored(&stored.grounds, name),
            shaky: Arc::new(stored.shaky.into_iter().map(name).collect()),
            // No finding is shown that could have moved.
            places: Arc::default(),
        }
    }
}

fn by_path(inclusions: &[Inclusion]) -> FxHashMap<Name, Vec<u32>> {
    let mut by_path: FxHashMap<Name, Vec<u32>> = FxHashMap::default();
    for (at, inclusion) in inclusions.iter().enumerate() {
        by_path.entry(inclusion.path).or_default().push(at as u32);
    }
    by_path
}
