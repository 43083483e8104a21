// SPDX-License-Identifier: MIT OR Apache-2.0
//! Models that say less than the tree does: the raw material of explanations.
//!
//! A relaxed model keeps what the tree says of some symbols and leaves all others to the user.
//! Each statement that is kept has a guard, a bool of its own: while the guard is y the
//! statement counts, otherwise it need not. So a question that has no answer while some guards
//! are y has none in the tree either, and these guards say which statements make it so. It is
//! an ordinary [`Model`]: whoever decides questions about it knows nothing of guards.
//!
//! Which symbols to keep, and what follows, is decided in `logic/`.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::{SmallVec, smallvec};

use super::symbol::{Default, DefaultValue, Prompt, Range, Select, SelectId, Symbol, SymbolId};
use super::{Choice, Expr, ExprId, Exprs, Model, Operand, ValueType};
use crate::menu::NodeId;
use crate::source::Span;

/// A statement of the tree that an explanation can name. Numbers are those of the model that
/// was relaxed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Part {
    /// A symbol has no ways to get a value but its own prompts, defaults, selects and implies.
    Ways(SymbolId),
    /// A term of the dependency of one definition: own `depends on`, or a block around it.
    Term {
        /// Whose definition.
        symbol: SymbolId,
        /// The statement.
        node: NodeId,
        /// The term.
        term: ExprId,
    },
    /// A term of the condition of one property that its definition does not have as well:
    /// what follows its `if`, or a `visible if` around a prompt.
    Condition {
        /// Whose property.
        symbol: SymbolId,
        /// The statement it belongs to.
        node: NodeId,
        /// What it is.
        property: Property,
        /// The place of the property.
        span: Span,
        /// The term.
        term: ExprId,
    },
    /// A `select` switches its target on.
    Select(SelectId),
    /// An `imply` switches its target on.
    Imply(SelectId),
    /// A default of a symbol, by its number, counts.
    Default(SymbolId, u32),
    /// A name that nothing defines is n.
    Undefined(SymbolId),
}

/// What a condition belongs to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Property {
    /// A prompt.
    Prompt,
    /// A default.
    Default,
    /// A `select`.
    Select(SelectId),
    /// An `imply`.
    Imply(SelectId),
}

/// A relaxed model.
pub struct Relaxed {
    /// The model. Its symbols have the numbers of the original, guards come behind them; its
    /// expressions have others.
    pub model: Model,
    /// The parts of what is kept, each with its guard, in the order of first use.
    pub parts: Vec<(Part, ExprId)>,
    /// The terms that were asked for, in this model.
    pub asked: Vec<ExprId>,
}

impl Model {
    /// Relaxes all but `kept`, which holds a choice wholly or not at all (see [`Model::unit`]).
    /// `asked` are terms to be had in the relaxed model too.
    pub fn relax(&self, kept: &BTreeSet<SymbolId>, asked: &[ExprId]) -> Relaxed {
        let mut work = Work::new(self, kept);
        let asked = asked.iter().map(|term| work.import(*term)).collect();
        for id in kept {
            work.keep(*id);
        }
        Relaxed {
            model: work.model,
            parts: work.parts,
            asked,
        }
    }

    /// What is kept or left together: a choice with its members, any other symbol alone.
    pub fn unit(&self, id: SymbolId) -> Vec<SymbolId> {
        let symbol = self.symbol(id);
        match symbol.member_of.or(symbol.choice) {
            Some(choice) => {
                let choice = self.choice(choice);
                let members = choice.members.iter().copied();
                members.chain([choice.symbol]).collect()
            }
            None => vec![id],
        }
    }

    /// The symbols that the tree names when it says what a symbol's value is.
    pub fn named_by(&self, id: SymbolId) -> BTreeSet<SymbolId> {
        let symbol = self.symbol(id);
        let mut exprs = vec![symbol.self_select];
        let mut found = BTreeSet::new();
        exprs.extend(symbol.direct);
        exprs.extend(symbol.prompts.iter().map(|prompt| prompt.condition));
        for default in &symbol.defaults {
            exprs.push(default.condition);
            match default.value {
                DefaultValue::Logical(value) | DefaultValue::Invalid(value) => exprs.push(value),
                DefaultValue::Text(Operand::Symbol(other)) => drop(found.insert(other)),
                _ => {}
            }
        }
        for range in &symbol.ranges {
            exprs.push(range.condition);
            for bound in [range.low, range.high] {
                if let Operand::Symbol(other) = bound {
                    found.insert(other);
                }
            }
        }
        exprs.extend(symbol.selected_by.iter().map(|id| self.select(*id).level));
        exprs.extend(symbol.implied_by.iter().map(|id| self.imply(*id).level));
        for expr in exprs {
            self.symbols_in(expr, &mut found);
        }
        if symbol.ty != ValueType::Bool {
            found.extend(self.modules);
        }
        found.remove(&id);
        found
    }

    /// Adds the symbols of an expression, each shared node looked at once.
    pub fn symbols_in(&self, expr: ExprId, found: &mut BTreeSet<SymbolId>) {
        let mut seen = FxHashSet::default();
        let mut open = vec![expr];
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            match self.exprs.get(id) {
                Expr::Symbol(symbol) => drop(found.insert(symbol)),
                Expr::Compare(_, left, right) => {
                    for side in [left, right] {
                        if let Operand::Symbol(symbol) = side {
                            found.insert(symbol);
                        }
                    }
                }
                _ => open.extend(self.exprs.children(id)),
            }
        }
    }
}

struct Work<'m> {
    old: &'m Model,
    model: Model,
    parts: Vec<(Part, ExprId)>,
    guards: FxHashMap<Part, ExprId>,
    imported: FxHashMap<ExprId, ExprId>,
    /// The terms of each statement's dependency.
    terms: FxHashMap<NodeId, Vec<ExprId>>,
}

impl<'m> Work<'m> {
    /// Everything left to the user.
    fn new(old: &'m Model, kept: &BTreeSet<SymbolId>) -> Work<'m> {
        let choices = old.choices.iter().map(|choice| Choice {
            members: match kept.contains(&choice.symbol) {
                true => choice.members.clone(),
                false => Vec::new(),
            },
            ..choice.clone()
        });
        let model = Model {
            menu: old.menu.clone(),
            behaviour: old.behaviour,
            exprs: Exprs::new().among(old.menu.on),
            symbols: old.symbols.iter().map(|symbol| free(old, symbol)).collect(),
            choices: choices.collect(),
            selects: Vec::new(),
            implies: Vec::new(),
            modules: old.modules,
            outputs: old.outputs.clone(),
            conditional: FxHashMap::default(),
            variants: old.variants.clone(),
            by_name: old.by_name.clone(),
            suspects: None,
            hidden: Arc::default(),
            has_tristate_before_modules: old.has_tristate_before_modules,
            hanging: Arc::default(),
            lookup: OnceLock::new(),
        };
        Work {
            old,
            model,
            parts: Vec::new(),
            guards: FxHashMap::default(),
            imported: FxHashMap::default(),
            terms: FxHashMap::default(),
        }
    }

    /// The guard of a part; a new bool that the user sets when the part is new.
    fn guard(&mut self, part: Part) -> ExprId {
        if let Some(known) = self.guards.get(&part) {
            return *known;
        }
        let id = SymbolId(self.model.symbols.len() as u32);
        let symbol = Symbol {
            name: None,
            ty: ValueType::Bool,
            prompts: smallvec![always(self.old)],
            ..Symbol::undefined()
        };
        self.model.symbols.push(symbol);
        let guard = self.model.exprs.symbol(id);
        self.guards.insert(part, guard);
        self.parts.push((part, guard));
        guard
    }

    /// An expression of the old model in the new one. A bare name that nothing defines is n
    /// while its guard is y; in a comparison it is its own name as ever.
    fn import(&mut self, root: ExprId) -> ExprId {
        let mut open = vec![(root, false)];
        while let Some((id, ready)) = open.pop() {
            if self.imported.contains_key(&id) {
                continue;
            }
            let below: Vec<ExprId> = self.old.exprs.children(id).collect();
            if !ready {
                open.push((id, true));
                open.extend(below.iter().map(|id| (*id, false)));
                continue;
            }
            let below: Vec<ExprId> = below.iter().map(|id| self.imported[id]).collect();
            let old = self.old.exprs.get(id);
            let undefined = match old {
                Expr::Symbol(symbol) if self.is_undefined(symbol) => {
                    Some(self.guard(Part::Undefined(symbol)))
                }
                _ => None,
            };
            let exprs = &mut self.model.exprs;
            let new = match (old, undefined, &below[..]) {
                (_, Some(guard), _) => exprs.not(guard),
                (Expr::Not(_), _, [x]) => exprs.not(*x),
                (Expr::And(..), _, [x, y]) => exprs.and(*x, *y),
                (Expr::Or(..), _, [x, y]) => exprs.or(*x, *y),
                (other, ..) => exprs.intern(other),
            };
            self.imported.insert(id, new);
        }
        self.imported[&root]
    }

    fn is_undefined(&self, id: SymbolId) -> bool {
        let symbol = self.old.symbol(id);
        !symbol.is_defined() && symbol.choice.is_none()
    }

    /// `expr`, unless the guard is off.
    fn unless_off(&mut self, expr: ExprId, guard: ExprId) -> ExprId {
        let off = self.model.exprs.not(guard);
        self.model.exprs.or(expr, off)
    }

    /// The terms of a statement's dependency in the old model.
    fn terms_of(&mut self, symbol: SymbolId, node: NodeId) -> Vec<ExprId> {
        let old = self.old;
        let known = self.terms.entry(node).or_insert_with(|| {
            let definitions = &old.symbol(symbol).definitions;
            let own = definitions.iter().find(|own| own.node == node);
            let dependency = own.and_then(|own| own.dependency);
            dependency.map_or_else(Vec::new, |dependency| terms(old, dependency))
        });
        known.clone()
    }

    /// A condition, each term of it with its guard.
    fn condition(
        &mut self,
        symbol: SymbolId,
        (node, span): (NodeId, Span),
        property: Property,
        condition: ExprId,
    ) -> ExprId {
        let shared = self.terms_of(symbol, node);
        let mut all = Exprs::YES;
        for term in terms(self.old, condition) {
            let part = if shared.contains(&term) {
                Part::Term { symbol, node, term }
            } else {
                Part::Condition {
                    symbol,
                    node,
                    property,
                    span,
                    term,
                }
            };
            let (guard, term) = (self.guard(part), self.import(term));
            let term = self.unless_off(term, guard);
            all = self.model.exprs.and(all, term);
        }
        all
    }

    /// Says of a symbol what the tree says.
    fn keep(&mut self, id: SymbolId) {
        let old = self.old.symbol(id);
        if !old.is_defined() && old.choice.is_none() {
            return;
        }
        let mut symbol = Symbol {
            name: old.name,
            ty: old.ty,
            before_modules: old.before_modules,
            self_select: self.import(old.self_select),
            member_of: old.member_of,
            choice: old.choice,
            transitional: old.transitional,
            ..Symbol::undefined()
        };
        symbol.direct = self.direct(id);
        symbol.prompts = self.prompts(id);
        symbol.defaults = self.defaults(id);
        symbol.ranges = self.ranges(id);
        symbol.selected_by = (old.selected_by.iter())
            .map(|select| self.select(*select))
            .collect();
        symbol.implied_by = (old.implied_by.iter())
            .map(|imply| self.imply(*imply))
            .collect();
        self.model.symbols[id.0 as usize] = symbol;
    }

    fn direct(&mut self, id: SymbolId) -> Option<ExprId> {
        let old = self.old.symbol(id);
        old.direct?;
        let mut all = Exprs::NO;
        for definition in &old.definitions {
            if let Some(dependency) = definition.dependency {
                let place = (definition.node, definition.name);
                let one = self.condition(id, place, Property::Prompt, dependency);
                all = self.model.exprs.or(all, one);
            }
        }
        Some(all)
    }

    /// Its prompts, and one more that is visible while the guard of its ways is off.
    fn prompts(&mut self, id: SymbolId) -> SmallVec<[Prompt; 1]> {
        let old = self.old.symbol(id);
        let mut prompts = SmallVec::new();
        for prompt in &old.prompts {
            let place = (prompt.node, prompt.span);
            prompts.push(Prompt {
                condition: self.condition(id, place, Property::Prompt, prompt.condition),
                ..prompt.clone()
            });
        }
        // The value of a text is explained as a whole, and that of a choice too.
        let whole = old.choice.is_some() || old.member_of.is_some() || !old.ty.is_logical();
        if !whole {
            let guard = self.guard(Part::Ways(id));
            prompts.push(Prompt {
                condition: self.model.exprs.not(guard),
                ..always(self.old)
            });
        }
        prompts
    }

    fn defaults(&mut self, id: SymbolId) -> SmallVec<[Default; 1]> {
        let old = self.old.symbol(id);
        let mut defaults = SmallVec::new();
        for (at, default) in old.defaults.iter().enumerate() {
            let place = (default.node, default.span);
            let condition = self.condition(id, place, Property::Default, default.condition);
            let guard = self.guard(Part::Default(id, at as u32));
            defaults.push(Default {
                value: match default.value {
                    DefaultValue::Logical(value) => DefaultValue::Logical(self.import(value)),
                    DefaultValue::Invalid(value) => DefaultValue::Invalid(self.import(value)),
                    DefaultValue::Text(text) => DefaultValue::Text(text),
                },
                condition: self.model.exprs.and(condition, guard),
                ..default.clone()
            });
        }
        defaults
    }

    fn ranges(&mut self, id: SymbolId) -> Vec<Range> {
        let old = self.old.symbol(id);
        let ranges = old.ranges.iter();
        ranges
            .map(|range| Range {
                condition: self.import(range.condition),
                ..range.clone()
            })
            .collect()
    }

    fn select(&mut self, id: SelectId) -> SelectId {
        let (old, guard) = (self.old.select(id), Part::Select(id));
        let select = self.relaxed(old, Property::Select(id), guard);
        self.model.selects.push(select);
        SelectId(self.model.selects.len() as u32 - 1)
    }

    fn imply(&mut self, id: SelectId) -> SelectId {
        let (old, guard) = (self.old.imply(id), Part::Imply(id));
        let imply = self.relaxed(old, Property::Imply(id), guard);
        self.model.implies.push(imply);
        SelectId(self.model.implies.len() as u32 - 1)
    }

    fn relaxed(&mut self, old: &Select, property: Property, part: Part) -> Select {
        let place = (old.node, old.span);
        let condition = self.condition(old.selector, place, property, old.condition);
        let own = self.model.exprs.symbol(old.selector);
        let level = self.model.exprs.and(own, condition);
        let guard = self.guard(part);
        Select {
            condition,
            level: self.model.exprs.and(level, guard),
            written: None,
            ..old.clone()
        }
    }
}

/// The operands of nested `&&`; the constant n stands for itself.
fn terms(model: &Model, condition: ExprId) -> Vec<ExprId> {
    model.exprs.conjuncts(condition)
}

/// A symbol that the user may give any value of its type.
fn free(old: &Model, symbol: &Symbol) -> Symbol {
    let settable = symbol.ty != ValueType::Unknown;
    Symbol {
        name: symbol.name,
        ty: symbol.ty,
        before_modules: symbol.before_modules,
        prompts: if settable {
            smallvec![always(old)]
        } else {
            SmallVec::new()
        },
        ..Symbol::undefined()
    }
}

/// A prompt that the tree does not have; its place is the start of the root file.
fn always(old: &Model) -> Prompt {
    Prompt {
        condition: Exprs::YES,
        node: NodeId(0),
        span: Span {
            file: old.menu.instances[0].file,
            start: 0,
            end: 0,
        },
    }
}
