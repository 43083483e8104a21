// SPDX-License-Identifier: MIT OR Apache-2.0
//! From the model to clauses, on demand: a symbol's value gets its variables when something
//! asks for it, and its definition before the next question.
//!
//! The definitions follow semantics.md 10 to 17 (symbol.c, `sym_calc_value`). They are exact
//! in both directions: every configuration is a model, and every model a configuration.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::basis::Basis;
use super::bounds::Bounds;
use super::domain::{Domains, Source};
use super::gates::{Bit, Gates, Tri};
use super::on_demand::{Group, Scope};
use super::paged::Paged;
use super::proofs::Read;
use super::solver::Sink;
use crate::menu::command::TestId;
use crate::model::{
    ChoiceId, DefaultValue, Expr, ExprId, Exprs, Model, SelectId, SymbolId, Tristate, ValueType,
};
use crate::source::Name;
use crate::tree::{ArchSet, ChoiceForm, Engine};

/// What the user decides of an encoded symbol; the witness reads it back.
#[derive(Clone, Debug)]
pub(super) enum Freedom {
    /// A bool or tristate: whether a value is given that counts, and which.
    Logical { given: Bit, value: Tri },
    /// A member of a choice: whether a value is given, and which.
    Member { given: Bit, value: Tri },
    /// A text: whether a value is given that counts, and which.
    Text { given: Bit },
    /// A number, where a text counts: whether it is instead as small, or as great, as one can
    /// be, which a range then moves to its bound.
    Beyond { under: Bit, over: Bit },
}

/// A reverse dependency of this many selects is a definition of its own: often it matters to
/// no question that the symbol itself matters to.
const MANY_SELECTS: usize = 4;

/// What defines a symbol's value: members of a choice are defined with it.
pub(super) fn group_of(model: &Model, id: SymbolId) -> Group {
    let choice = choice_of(model, id);
    Group::Value(choice.map_or(id, |choice| model.choice(choice).symbol))
}

/// The choice that a symbol is defined with: its own, whatever its type, or that of a bool or
/// tristate member. A choice without a type is n, but its members still have values.
fn choice_of(model: &Model, id: SymbolId) -> Option<ChoiceId> {
    let symbol = model.symbol(id);
    let membership = symbol.member_of.filter(|_| symbol.ty.is_logical());
    symbol.choice.or(membership)
}

/// Whether a symbol's reverse dependency is a group of its own.
pub(super) fn has_reverse_group(model: &Model, id: SymbolId) -> bool {
    model.symbol(id).selected_by.len() >= MANY_SELECTS
}

/// Encoder and solver of one model.
pub(super) struct Encoder<S> {
    pub(super) model: Arc<Model>,
    pub(super) bounds: Arc<Bounds>,
    pub(super) domains: Arc<Domains>,
    pub(super) gates: Gates<S>,
    pub(super) exprs: Paged<Tri>,
    pub(super) symbols: Paged<Tri>,
    /// Reverse dependencies that have variables of their own.
    reverses: FxHashMap<SymbolId, Tri>,
    /// Texts of a source, each with the bit that it is the text.
    pub(super) texts: FxHashMap<Source, Arc<[(Name, Bit)]>>,
    pub(super) tests: FxHashMap<TestId, Bit>,
    /// Symbols whose variables exist and whose definition does not.
    pub(super) pending: Vec<SymbolId>,
    pub(super) freedom: Vec<(SymbolId, Freedom)>,
    pub(super) choices: Vec<bool>,
    /// The number of the architecture, its lowest bit first.
    pub(super) architecture: Vec<Bit>,
    /// When MODULES is computed.
    pub(super) order: Order,
    /// In any order: whether there were modules when conf computed a symbol on which MODULES depends.
    seen_modules: FxHashMap<SymbolId, Bit>,
}

/// When conf computes MODULES, as against the tristates on which MODULES depends.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Order {
    /// After them: while they are computed, conf knows of no modules. So it is when conf loads a
    /// configuration.
    #[default]
    First,
    /// At any moment. Where conf computes all values again, as menuconfig does after each change, it
    /// still knows of the modules that there were before. This has every value that conf may give a
    /// symbol, and some that it never gives.
    Any,
}

impl<S: Sink> Encoder<S> {
    pub(super) fn new(basis: Basis, solver: S) -> Encoder<S> {
        let Basis {
            model,
            bounds,
            domains,
        } = basis;
        let mut encoder = Encoder {
            bounds,
            domains,
            gates: Gates::new(solver),
            exprs: Paged::new(model.exprs.len()),
            symbols: Paged::new(model.symbols.len()),
            reverses: FxHashMap::default(),
            texts: FxHashMap::default(),
            tests: FxHashMap::default(),
            pending: Vec::new(),
            freedom: Vec::new(),
            choices: vec![false; model.choices.len()],
            architecture: Vec::new(),
            order: Order::First,
            seen_modules: FxHashMap::default(),
            model,
        };
        encoder.define_group(Group::Toolchain);
        encoder
    }

    /// What is known of the model.
    pub(super) fn basis(&self) -> Basis {
        Basis {
            model: self.model.clone(),
            bounds: self.bounds.clone(),
            domains: self.domains.clone(),
        }
    }

    /// Forgets all variables, and what was learnt of them: what comes next does not hang on
    /// what came before.
    pub(super) fn restart(&mut self, solver: S) {
        self.gates = Gates::new(solver);
        self.exprs.clear();
        self.symbols.clear();
        self.reverses.clear();
        self.texts.clear();
        self.tests.clear();
        self.pending.clear();
        self.freedom.clear();
        self.choices.fill(false);
        self.architecture.clear();
        self.seen_modules.clear();
        self.define_group(Group::Toolchain);
    }

    /// What the digests of definitions are made of.
    pub(super) fn read(&self) -> Read<'_> {
        Read {
            model: &self.model,
            bounds: &self.bounds,
            domains: &self.domains,
        }
    }

    /// Defines all symbols that have variables.
    pub(super) fn flush(&mut self) {
        while let Some(id) = self.pending.pop() {
            self.define(id);
        }
    }

    /// Writes the definition of a group; once for each.
    pub(super) fn define_group(&mut self, group: Group) {
        let outer = self.gates.solver.enter(Scope::Group(group));
        match group {
            Group::Toolchain => self.assume_no_error(),
            Group::Value(id) => self.define(id),
            Group::Reverse(id) => {
                let own = self.reverses.get(&id).copied().unwrap_or(Tri::NO);
                let value = self.reverse_levels(id);
                self.define_tri(own, value);
            }
        }
        self.gates.solver.enter(outer);
    }

    /// A symbol's final value.
    pub(super) fn symbol(&mut self, id: SymbolId) -> Tri {
        if let Some(known) = self.symbols.get(id.0) {
            return known;
        }
        let bounds = self.bounds.symbol(id);
        let tri = if !self.model.symbol(id).ty.is_logical() || bounds.high == Tristate::No {
            Tri::NO
        } else if bounds.low == Tristate::Yes {
            Tri::YES
        } else {
            if !S::ON_DEMAND {
                self.pending.push(id);
            }
            let free = if self.counts_as_bool(id) {
                Tri::boolean(self.gates.fresh())
            } else {
                self.gates.fresh_tri()
            };
            let group = group_of(&self.model, id);
            self.gates.own(free.on, group);
            self.gates.own(free.yes, group);
            let on = if bounds.low == Tristate::Module {
                Bit::True
            } else {
                free.on
            };
            Tri { on, yes: free.yes }
        };
        self.symbols.set(id.0, tri);
        tri
    }

    /// An expression's value.
    pub(super) fn expr(&mut self, id: ExprId) -> Tri {
        if let Some(known) = self.exprs.get(id.0) {
            return known;
        }
        // On a stack of its own: hostile expressions nest deeper than a thread's. A constant
        // needs nothing below it.
        let mut open = vec![(id, false)];
        while let Some((id, ready)) = open.pop() {
            if self.exprs.get(id.0).is_some() {
                continue;
            }
            let bounds = self.bounds.expr(id);
            if ready || bounds.low == bounds.high {
                let tri = self.expr_with(id, None);
                self.exprs.set(id.0, tri);
                continue;
            }
            open.push((id, true));
            let below = self.model.exprs.children(id).rev();
            open.extend(below.map(|id| (id, false)));
        }
        self.exprs.get(id.0).unwrap_or(Tri::NO)
    }

    /// `self.expr`, with another value for one symbol; kept only without it.
    pub(super) fn expr_with(&mut self, id: ExprId, other: Option<(SymbolId, Tri)>) -> Tri {
        let bounds = self.bounds.expr(id);
        if other.is_none() && bounds.low == bounds.high {
            return Tri::constant(bounds.low);
        }
        match self.model.exprs.get(id) {
            Expr::Const(value) => Tri::constant(value),
            Expr::On(these) => Tri::boolean(self.on(these)),
            Expr::Symbol(symbol) => match other {
                Some((replaced, value)) if replaced == symbol => value,
                _ => self.symbol(symbol),
            },
            Expr::Test(test) => Tri::boolean(self.test(test)),
            Expr::Prints(output, text) => {
                let source = self.model.output(output).clone();
                Tri::boolean(self.output_is(&source, text))
            }
            Expr::Not(x) => !self.below(x, other),
            Expr::And(x, y) => {
                let (x, y) = (self.below(x, other), self.below(y, other));
                self.gates.min(x, y)
            }
            Expr::Or(x, y) => {
                let (x, y) = (self.below(x, other), self.below(y, other));
                self.gates.max(x, y)
            }
            Expr::Compare(op, left, right) => Tri::boolean(self.comparison(op, left, right, other)),
        }
    }

    /// Whether the architecture is one of these. Any bits are the number of one: numbers that are
    /// too great count from the start again, so that nothing has to be forbidden.
    pub(super) fn on(&mut self, these: ArchSet) -> Bit {
        let count = self.model.menu.on.len();
        let wanted = count.next_power_of_two().trailing_zeros() as usize;
        while self.architecture.len() < wanted {
            let bit = self.gates.fresh();
            self.architecture.push(bit);
        }
        let mut level: Vec<Bit> = (0..count.next_power_of_two())
            .map(|number| Bit::constant(these.contains(number % count)))
            .collect();
        for bit in self.architecture.clone() {
            let pairs = level.chunks(2);
            level = pairs
                .map(|pair| self.gates.choose(bit, pair[1], pair[0]))
                .collect();
        }
        level[0]
    }

    fn below(&mut self, id: ExprId, other: Option<(SymbolId, Tri)>) -> Tri {
        if other.is_some() {
            self.expr_with(id, other)
        } else {
            self.expr(id)
        }
    }

    /// Whether modules are enabled.
    pub(super) fn modules(&mut self) -> Bit {
        match self.model.modules {
            Some(id) => self.symbol(id).on,
            None => Bit::False,
        }
    }

    /// Whether m counts as y whatever MODULES is: conf takes a tristate for a bool as long as it knows
    /// of no modules (symbol.c, `sym_get_type`).
    pub(super) fn counts_as_bool(&self, id: SymbolId) -> bool {
        let symbol = self.model.symbol(id);
        let is_early = symbol.before_modules && self.order == Order::First;
        symbol.ty != ValueType::Tristate || is_early
    }

    /// m counts as y for a bool and without modules.
    pub(super) fn promote(&mut self, tri: Tri, symbol: SymbolId) -> Tri {
        if tri.on == tri.yes {
            return tri;
        }
        if self.counts_as_bool(symbol) {
            return Tri::boolean(tri.on);
        }
        let modules = match self.model.symbol(symbol).before_modules {
            true => *(self.seen_modules.entry(symbol)).or_insert_with(|| self.gates.fresh()),
            false => self.modules(),
        };
        let promoted = self.gates.and(tri.on, !modules);
        Tri {
            on: tri.on,
            yes: self.gates.or(tri.yes, promoted),
        }
    }

    /// A dependency as it counts for a symbol: promoted for conf, as it is for kconfiglib.
    pub(super) fn weighed(&mut self, tri: Tri, symbol: SymbolId) -> Tri {
        match self.model.behaviour.engine {
            Engine::Conf | Engine::Minikconf => self.promote(tri, symbol),
            Engine::Kconfiglib | Engine::EspIdf => tri,
        }
    }

    fn define(&mut self, id: SymbolId) {
        let model = self.model.clone();
        if let Some(choice) = choice_of(&model, id) {
            return self.define_choice(choice);
        }
        if !model.symbol(id).ty.is_logical() {
            if let Some(texts) = self.texts.get(&Source::Symbol(id)).cloned() {
                self.define_text(id, &texts);
            }
            return;
        }
        let visible = self.visibility(id);
        self.define_ordinary(id, visible);
    }

    /// The OR of all prompts' conditions, promoted.
    pub(super) fn visibility(&mut self, id: SymbolId) -> Tri {
        let model = self.model.clone();
        let symbol = model.symbol(id);
        let prompts: Vec<Tri> = symbol
            .prompts
            .iter()
            .map(|prompt| self.expr(prompt.condition))
            .collect();
        let visible = self.gates.max_of(&prompts);
        self.promote(visible, id)
    }

    /// How strongly a `select` acts, promoted for its target (semantics.md 6, 10).
    pub(super) fn level(&mut self, id: SelectId) -> Tri {
        let model = self.model.clone();
        let select = model.select(id);
        let level = self.expr(select.level);
        self.weighed(level, select.target)
    }

    /// The direct dependency, promoted.
    pub(super) fn direct(&mut self, id: SymbolId) -> Tri {
        let model = self.model.clone();
        let symbol = model.symbol(id);
        let direct = symbol.direct.map_or(Tri::YES, |direct| self.expr(direct));
        self.weighed(direct, id)
    }

    /// The reverse dependency, promoted; n where a select has no effect.
    pub(super) fn reverse(&mut self, id: SymbolId) -> Tri {
        let model = self.model.clone();
        let symbol = model.symbol(id);
        if !symbol.takes_selects() {
            return Tri::NO;
        }
        if !S::ON_DEMAND || !has_reverse_group(&model, id) {
            return self.reverse_levels(id);
        }
        if let Some(&known) = self.reverses.get(&id) {
            return known;
        }
        // kconfiglib does not promote what selects a bool.
        let is_bool = self.counts_as_bool(id) && !model.behaviour.is_kconfiglib();
        let tri = if is_bool {
            Tri::boolean(self.gates.fresh())
        } else {
            self.gates.fresh_tri()
        };
        self.gates.own(tri.on, Group::Reverse(id));
        self.gates.own(tri.yes, Group::Reverse(id));
        self.reverses.insert(id, tri);
        tri
    }

    fn reverse_levels(&mut self, id: SymbolId) -> Tri {
        let model = self.model.clone();
        let symbol = model.symbol(id);
        let mut levels = vec![self.expr(symbol.self_select)];
        for select in &symbol.selected_by {
            levels.push(self.expr(model.select(*select).level));
        }
        let reverse = self.gates.max_of(&levels);
        self.weighed(reverse, id)
    }

    fn implied(&mut self, id: SymbolId) -> Tri {
        let model = self.model.clone();
        let symbol = model.symbol(id);
        if !symbol.takes_selects() {
            return Tri::NO;
        }
        let mut levels = Vec::new();
        for imply in &symbol.implied_by {
            levels.push(self.expr(model.imply(*imply).level));
        }
        let implied = self.gates.max_of(&levels);
        self.weighed(implied, id)
    }

    /// The value that the symbol has on its own, without the user: default and imply.
    pub(super) fn unset(&mut self, id: SymbolId) -> Tri {
        let default = self.default(id);
        let implied = self.implied(id);
        if implied.on == Bit::False {
            return default;
        }
        let direct = self.direct(id);
        let raised = self.gates.max(default, implied);
        if self.model.behaviour.loose_imply {
            // Nothing bounds what an imply gives.
            let counts = self.gates.and(implied.on, direct.on);
            return self.gates.choose_tri(counts, raised, default);
        }
        let capped = self.gates.min(raised, direct);
        self.gates.choose_tri(implied.on, capped, default)
    }

    fn default(&mut self, id: SymbolId) -> Tri {
        let model = self.model.clone();
        let mut earlier = Bit::False;
        let mut chosen = Vec::new();
        for default in &model.symbol(id).defaults {
            if earlier == Bit::True {
                break;
            }
            let condition = self.expr(default.condition);
            let counts = self.gates.and(condition.on, !earlier);
            if let DefaultValue::Logical(value) = default.value {
                let value = self.expr(value);
                let value = self.gates.min(value, condition);
                let on = self.gates.and(counts, value.on);
                let yes = self.gates.and(counts, value.yes);
                chosen.push(Tri { on, yes });
            }
            earlier = self.gates.or(earlier, condition.on);
        }
        self.gates.max_of(&chosen)
    }

    /// Any bool or tristate symbol that no choice decides.
    pub(super) fn define_ordinary(&mut self, id: SymbolId, visible: Tri) {
        let model = self.model.clone();
        let symbol = model.symbol(id);
        let reverse = self.reverse(id);
        let mut own = Tri::NO;
        let may_set = if symbol.transitional {
            Bit::True
        } else {
            visible.on
        };
        let is_bool = self.counts_as_bool(id);
        if may_set != Bit::True || !is_bool {
            own = self.unset(id);
        }
        if may_set != Bit::False {
            let (given, value) = self.user(is_bool, may_set);
            let counted = if symbol.transitional {
                value
            } else {
                self.gates.min(value, visible)
            };
            own = self.gates.choose_tri(given, counted, own);
            self.freedom.push((id, Freedom::Logical { given, value }));
        }
        let value = self.gates.max(own, reverse);
        let mut value = self.promote(value, id);
        if model.behaviour.loose_imply && !symbol.implied_by.is_empty() {
            let mut implied = self.implied(id);
            if !model.behaviour.is_kconfiglib() {
                // An older conf computes no imply where the dependency is off.
                let direct = self.direct(id);
                implied.yes = self.gates.and(implied.yes, direct.on);
            }
            let raised = self.gates.and(value.on, implied.yes);
            value.yes = self.gates.or(value.yes, raised);
        }
        self.fix(id, value);
    }

    /// A user value: free while the symbol may be set. A bool may as well always be given one;
    /// a tristate that is visible at m can reach y only without one.
    fn user(&mut self, is_bool: bool, may_set: Bit) -> (Bit, Tri) {
        if is_bool {
            return (may_set, Tri::boolean(self.gates.fresh()));
        }
        let value = self.gates.fresh_tri();
        let set = self.gates.fresh();
        (self.gates.and(set, may_set), value)
    }

    /// Requires that the symbol's variables have this value.
    pub(super) fn fix(&mut self, id: SymbolId, value: Tri) {
        let own = self.symbol(id);
        self.define_tri(own, value);
    }

    fn define_tri(&mut self, own: Tri, value: Tri) {
        self.gates.define(own.on, value.on);
        if own.yes != own.on {
            self.gates.define(own.yes, value.yes);
        }
    }

    fn define_choice(&mut self, choice: ChoiceId) {
        if std::mem::replace(&mut self.choices[choice.0 as usize], true) {
            return;
        }
        match self.model.behaviour.choices {
            _ if self.model.behaviour.is_kconfiglib() => self.define_kconfiglib_choice(choice),
            ChoiceForm::New => self.define_new_choice(choice),
            ChoiceForm::Old => self.define_old_choice(choice),
        }
    }

    /// `$(error-if,C,…)` with an undecided C is assumed not to fire (semantics.md 30).
    fn assume_no_error(&mut self) {
        let model = self.model.clone();
        for assumption in &model.menu.assumptions {
            let fires = self.output_is(&assumption.never_yes, Name::new("y"));
            let counts = match assumption.on == model.menu.on {
                true => Bit::True,
                false => self.on(assumption.on),
            };
            self.gates.clause(&[!counts, !fires]);
        }
        debug_assert!(model.exprs.get(Exprs::YES) == Expr::Const(Tristate::Yes));
    }
}
