// SPDX-License-Identifier: MIT OR Apache-2.0
//! Digests of definitions: what tells whether a symbol means the same in two trees.
//!
//! Places do not count, and nothing that has no meaning, such as help and the text of a prompt. A
//! definition is what its own expressions say, down to the names of symbols; what those mean is
//! their own affair.

use std::fmt::{self, Write};
use std::hash::{BuildHasher, DefaultHasher, Hasher, RandomState};
use std::sync::OnceLock;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::{DefaultValue, Expr, ExprId, Model, Operand, Select, SymbolId};
use crate::source::Name;

/// 128 bits with a seed that no tree can know, so that none can be made to collide.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Digest(u128);

static SEED: OnceLock<Digest> = OnceLock::new();

impl Digest {
    /// Where every digest of this process begins.
    pub fn seed() -> Digest {
        *SEED.get_or_init(|| {
            let random = RandomState::new();
            Digest(0).with(random.hash_one(0)).with(random.hash_one(1))
        })
    }

    /// Lets the digests of this process begin as those of an earlier one did, if there are none yet.
    fn begin_with(seed: Digest) {
        // Where they began otherwise, nothing that was stored is like anything that is made now.
        let _ = SEED.set(seed);
    }

    /// This one, followed by a word.
    pub fn with(self, word: u64) -> Digest {
        // An odd constant with well spread bits; the shift brings high bits back down.
        const SPREAD: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;
        let mixed = (self.0 ^ u128::from(word)).wrapping_mul(SPREAD);
        Digest(mixed ^ (mixed >> 61))
    }

    /// This one, followed by another.
    pub fn and(self, other: Digest) -> Digest {
        self.with(other.0 as u64).with((other.0 >> 64) as u64)
    }

    /// This one, followed by a name, which another process would not know by the same number.
    pub fn name(self, name: Option<Name>) -> Digest {
        self.with(name.map_or(u64::MAX, |name| name.index() as u64))
    }
}

/// What all symbols of a model mean.
#[derive(Clone)]
pub struct Definitions {
    /// What all of them hang on: commands, MODULES, how this kconfig behaves.
    frame: Digest,
    /// In the order of names' numbers.
    symbols: Vec<(Name, Digest)>,
}

/// The same for a later process.
#[derive(Serialize, Deserialize)]
pub struct StoredDefinitions {
    seed: Digest,
    frame: Digest,
    symbols: Vec<(String, Digest)>,
}

impl Definitions {
    /// Those of a model.
    pub fn of(model: &Model) -> Definitions {
        let mut exprs = Exprs {
            model,
            known: Vec::with_capacity(model.exprs.len()),
            names: Names::default(),
        };
        // Children come before their parents.
        for (_, expr) in model.exprs.iter() {
            let digest = exprs.node(expr);
            exprs.known.push(digest);
        }
        // A choice has no name: its definition is that of its members too.
        let mut choices = FxHashMap::default();
        for choice in &model.choices {
            let mut all = exprs.symbol(choice.symbol).with(choice.optional.into());
            all = all.with(choice.is_stuck.into());
            for member in &choice.members {
                all = all.with(exprs.names.of(model.symbol(*member).name));
            }
            choices.insert(choice.symbol, all);
        }
        let mut symbols = Vec::with_capacity(model.symbols.len());
        for (id, symbol) in model.symbol_ids() {
            let Some(name) = symbol.name else { continue };
            let choice = symbol.member_of.map(|choice| model.choice(choice).symbol);
            let around = choice.or(symbol.choice.map(|_| id));
            let mut own = exprs.symbol(id);
            if let Some(choice) = around.and_then(|choice| choices.get(&choice)) {
                own = own.and(*choice);
            }
            symbols.push((name, own));
        }
        symbols.sort_by_key(|(name, _)| name.index());
        Definitions {
            frame: frame(model),
            symbols,
        }
    }

    /// What a later process needs of them.
    pub fn stored(&self) -> StoredDefinitions {
        let symbols = self.symbols.iter();
        let symbols = symbols.map(|(name, own)| (name.as_str().to_owned(), *own));
        StoredDefinitions {
            seed: Digest::seed(),
            frame: self.frame,
            symbols: symbols.collect(),
        }
    }

    /// What was stored; `None` where the digests of this process began with another seed.
    pub fn restored(stored: &StoredDefinitions) -> Option<Definitions> {
        Digest::begin_with(stored.seed);
        if Digest::seed() != stored.seed {
            return None;
        }
        let symbols = stored.symbols.iter();
        let symbols = symbols.map(|(name, own)| (Name::new(name), *own));
        let mut symbols: Vec<(Name, Digest)> = symbols.collect();
        symbols.sort_by_key(|(name, _)| name.index());
        Some(Definitions {
            frame: stored.frame,
            symbols,
        })
    }

    /// The symbols that do not mean the same in both, by themselves; `None` where nothing can be
    /// said of any.
    pub fn changed(&self, before: &Definitions) -> Option<Vec<Name>> {
        if self.frame != before.frame {
            return None;
        }
        let mut changed = Vec::new();
        let (mut new, mut old) = (self.symbols.iter(), before.symbols.iter());
        let (mut left, mut right) = (new.next(), old.next());
        loop {
            let (one, other) = match (left, right) {
                (None, None) => return Some(changed),
                (Some(one), None) => (Some(one), None),
                (None, Some(other)) => (None, Some(other)),
                (Some(one), Some(other)) => match one.0.index().cmp(&other.0.index()) {
                    std::cmp::Ordering::Less => (Some(one), None),
                    std::cmp::Ordering::Greater => (None, Some(other)),
                    std::cmp::Ordering::Equal => (Some(one), Some(other)),
                },
            };
            if one != other {
                changed.extend(one.or(other).map(|(name, _)| *name));
            }
            if one.is_some() {
                left = new.next();
            }
            if other.is_some() {
                right = old.next();
            }
        }
    }
}

/// What hangs on no symbol. Numbers of commands count in expressions, so all commands have to be
/// the same.
fn frame(model: &Model) -> Digest {
    let commands = &model.menu.commands;
    let assumptions = model.menu.assumptions.iter();
    let assumptions: Vec<_> = assumptions
        .map(|assumption| (&assumption.never_yes, assumption.on))
        .collect();
    let modules = model.modules.and_then(|id| model.symbol(id).name);
    let tables = (&commands.commands, &commands.tests, &commands.asked);
    let all = (tables, &model.outputs, assumptions, modules);
    let mut words = Words(seeded());
    // It is never full.
    let _ = write!(words, "{all:?} {:?}", model.behaviour);
    Digest::seed().with(words.0.finish())
}

/// A hash that begins with the seed.
fn seeded() -> DefaultHasher {
    let mut hasher = DefaultHasher::new();
    hasher.write_u128(Digest::seed().0);
    hasher
}

/// A hash of what is written.
struct Words(DefaultHasher);

impl Write for Words {
    fn write_str(&mut self, words: &str) -> fmt::Result {
        self.0.write(words.as_bytes());
        Ok(())
    }
}

/// Hashes of the texts of names, by their numbers.
#[derive(Default)]
struct Names(Vec<Option<u64>>);

impl Names {
    fn of(&mut self, name: Option<Name>) -> u64 {
        let Some(name) = name else { return u64::MAX };
        let at = name.index();
        if at >= self.0.len() {
            self.0.resize(at * 2 + 1, None);
        }
        *self.0[at].get_or_insert_with(|| {
            let mut hasher = seeded();
            hasher.write(name.as_str().as_bytes());
            hasher.finish()
        })
    }
}

/// The digests of a model's expressions.
struct Exprs<'m> {
    model: &'m Model,
    known: Vec<Digest>,
    names: Names,
}

impl Exprs<'_> {
    fn of(&self, id: ExprId) -> Digest {
        self.known[id.0 as usize]
    }

    fn mention(&mut self, id: SymbolId) -> Digest {
        let model = self.model;
        let symbol = model.symbol(id);
        let choice = symbol.name.is_none().then_some(symbol.choice).flatten();
        // A nameless choice is known by its members.
        let members = choice.map(|choice| &model.choice(choice).members);
        let names = members.into_iter().flatten();
        let names = names.map(|member| model.symbol(*member).name);
        let names = std::iter::once(symbol.name).chain(names);
        names.fold(Digest::seed(), |all, name| all.with(self.names.of(name)))
    }

    fn operand(&mut self, operand: Operand) -> Digest {
        match operand {
            Operand::Symbol(id) => self.mention(id).with(0),
            Operand::Constant(text) => Digest::seed().with(self.names.of(Some(text))).with(1),
            Operand::Output(id) => Digest::seed().with(id.0.into()).with(2),
        }
    }

    fn node(&mut self, expr: Expr) -> Digest {
        let seed = Digest::seed();
        match expr {
            Expr::Const(value) => seed.with(value as u64).with(10),
            Expr::On(these) => seed.with(these.bits()).with(18),
            Expr::Symbol(id) => self.mention(id).with(11),
            Expr::Test(id) => seed.with(id.0.into()).with(12),
            Expr::Prints(id, text) => {
                let text = self.names.of(Some(text));
                seed.with(id.0.into()).with(text).with(13)
            }
            Expr::Not(x) => self.of(x).with(14),
            Expr::And(x, y) => self.of(x).and(self.of(y)).with(15),
            Expr::Or(x, y) => self.of(x).and(self.of(y)).with(16),
            Expr::Compare(op, left, right) => {
                let sides = self.operand(left).and(self.operand(right));
                sides.with(op as u64).with(17)
            }
        }
    }

    /// Everything that a symbol's value is made of, but for places.
    fn symbol(&mut self, id: SymbolId) -> Digest {
        let model = self.model;
        let symbol = model.symbol(id);
        let mut all = Digest::seed()
            .with(self.names.of(symbol.name))
            .with(symbol.ty as u64)
            .with(u64::from(symbol.transitional))
            .with(u64::from(symbol.before_modules))
            .with(model.defined_on(id).bits())
            .with(u64::from(symbol.is_defined()))
            .with(u64::from(symbol.member_of.is_some()))
            .and(self.of(symbol.self_select));
        all = match symbol.direct {
            Some(direct) => all.and(self.of(direct)),
            None => all.with(0),
        };
        all = all.with(symbol.definitions.len() as u64);
        for definition in &symbol.definitions {
            all = match definition.dependency {
                Some(dependency) => all.and(self.of(dependency)),
                None => all.with(2),
            };
        }
        all = all.with(symbol.prompts.len() as u64);
        for prompt in &symbol.prompts {
            all = all.and(self.of(prompt.condition));
        }
        all = all.with(symbol.defaults.len() as u64);
        for default in &symbol.defaults {
            all = all.and(self.of(default.condition));
            all = match default.value {
                DefaultValue::Logical(value) => all.and(self.of(value)),
                DefaultValue::Text(operand) => all.and(self.operand(operand)),
                DefaultValue::Invalid(value) => all.with(1).and(self.of(value)),
            };
        }
        all = all.with(symbol.ranges.len() as u64);
        for range in &symbol.ranges {
            let bounds = self.operand(range.low).and(self.operand(range.high));
            all = all.and(self.of(range.condition)).and(bounds);
        }
        let selects = symbol.selected_by.iter().map(|id| model.select(*id));
        let implies = symbol.implied_by.iter().map(|id| model.imply(*id));
        all = all.with(symbol.selected_by.len() as u64);
        all = selects.fold(all, |all, select| all.and(self.select(select)));
        all = all.with(symbol.implied_by.len() as u64);
        implies.fold(all, |all, imply| all.and(self.select(imply)))
    }

    fn select(&mut self, select: &Select) -> Digest {
        let written = select.written.map_or(Digest::seed(), |it| self.of(it));
        let level = self.mention(select.selector).and(self.of(select.level));
        level.and(self.of(select.condition)).and(written)
    }
}
