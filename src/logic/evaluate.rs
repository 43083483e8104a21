// SPDX-License-Identifier: MIT OR Apache-2.0
//! One configuration, computed as conf does (symbol.c, `sym_calc_value`).
//!
//! This is the independent judge of the solver's answers: it reads the model and the user's
//! values and shares no code with the encoder. The model must have no cycle. Choices lie in
//! `evaluate_choice`, texts and the toolchain's answers in `evaluate_text`.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::evaluate_text::accepted_tests;
use super::paged::Paged;
use super::text;
use crate::menu::command::{CommandId, TestId};
use crate::model::{DefaultValue, Expr, ExprId, Model, SelectId, SymbolId, Tristate, ValueType};
use crate::source::Name;
use crate::tree::Engine;

/// A value that the user gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UserValue {
    /// Of a bool or tristate symbol.
    Logical(Tristate),
    /// Of any other.
    Text(Name),
}

/// What decides a configuration: the user's values and the toolchain's answers.
#[derive(Clone, Default, Debug)]
pub struct Inputs {
    /// Values the user gives.
    pub user: FxHashMap<SymbolId, UserValue>,
    /// Tests without a certain meaning that succeed or fail; the others of these fail, unless
    /// the tree refuses a toolchain on which they do (`error-if`).
    pub tests: FxHashMap<TestId, bool>,
    /// What commands print; the others print what `Commands::default_output` says.
    pub outputs: FxHashMap<CommandId, Name>,
    /// The architecture, by its place among those of the model.
    pub architecture: usize,
}

/// The values of one symbol, after promotion (semantics.md 10).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Computed {
    /// Final value; n for what is not bool or tristate.
    pub value: Tristate,
    /// Final text; for a bool or tristate symbol its letter.
    pub text: Name,
    /// Visibility.
    pub visible: Tristate,
    /// Direct dependency.
    pub direct: Tristate,
    /// Reverse dependency.
    pub reverse: Tristate,
}

/// Computes values on demand and keeps them.
pub struct Evaluator<'m> {
    pub(super) model: &'m Model,
    pub(super) inputs: &'m Inputs,
    pub(super) computed: Paged<Computed>,
    pub(super) exprs: Paged<Tristate>,
    pub(super) modules: Option<bool>,
    /// Whether MODULES is being computed, before all else.
    pub(super) is_first: bool,
    pub(super) letters: [Name; 3],
    pub(super) asked_tests: BTreeSet<TestId>,
    pub(super) asked_commands: BTreeSet<CommandId>,
    pub(super) accepted: FxHashMap<TestId, bool>,
    /// A symbol that is computed as if the user had not set it.
    pub(super) ignored: Option<SymbolId>,
    /// Open calls of `symbol` and `expr`.
    pub(super) depth: u32,
    /// What lay too deep. While there is one, nothing that comes out is a value, and nothing
    /// is kept: the calls only unwind.
    pub(super) deferred: Option<Deferred>,
}

/// Something whose value is wanted before the rest can go on.
#[derive(Clone, Copy)]
pub(super) enum Deferred {
    Symbol(SymbolId),
    Expr(ExprId),
}

/// Calls that fit on the stack of any thread. A hostile tree, a chain of ten thousand symbols,
/// hangs deeper: the evaluator then unwinds, settles what it met there, and starts again.
const MOST_DEPTH: u32 = 300;

impl<'m> Evaluator<'m> {
    /// An evaluator of these inputs.
    pub fn new(model: &'m Model, inputs: &'m Inputs) -> Evaluator<'m> {
        Evaluator {
            model,
            inputs,
            computed: Paged::new(model.symbols.len()),
            exprs: Paged::new(model.exprs.len()),
            modules: None,
            is_first: false,
            letters: ["n", "m", "y"].map(Name::new),
            asked_tests: BTreeSet::new(),
            asked_commands: BTreeSet::new(),
            accepted: accepted_tests(model, inputs.architecture),
            ignored: None,
            depth: 0,
            deferred: None,
        }
    }

    /// The part of the inputs that was looked at so far.
    pub fn used_inputs(&self) -> Inputs {
        let user = self
            .inputs
            .user
            .iter()
            .filter(|(id, _)| self.computed.get(id.0).is_some());
        let tests = self
            .inputs
            .tests
            .iter()
            .filter(|(id, _)| self.asked_tests.contains(id));
        let outputs = self
            .inputs
            .outputs
            .iter()
            .filter(|(id, _)| self.asked_commands.contains(id));
        Inputs {
            user: user.map(|(id, value)| (*id, *value)).collect(),
            tests: tests.map(|(id, value)| (*id, *value)).collect(),
            outputs: outputs.map(|(id, text)| (*id, *text)).collect(),
            architecture: self.inputs.architecture,
        }
    }

    /// The value that the user gives an ordinary symbol.
    pub(super) fn user(&self, id: SymbolId) -> Option<UserValue> {
        let is_ignored = self.ignored == Some(id);
        self.inputs.user.get(&id).copied().filter(|_| !is_ignored)
    }

    /// The tests that were asked so far.
    pub fn asked_tests(&self) -> impl Iterator<Item = TestId> + '_ {
        self.asked_tests.iter().copied()
    }

    /// The commands whose output was asked for so far.
    pub fn asked_commands(&self) -> impl Iterator<Item = CommandId> + '_ {
        self.asked_commands.iter().copied()
    }

    /// All values of a symbol.
    pub fn symbol(&mut self, id: SymbolId) -> Computed {
        self.compute_modules_first();
        if let Some(known) = self.computed.get(id.0) {
            return known;
        }
        match self.deeper(Deferred::Symbol(id), |this| this.compute(id)) {
            Some(computed) => computed,
            None => self.nothing(),
        }
    }

    /// One call deeper; `None` while unwinding. The outermost call goes on until nothing is
    /// deferred any more.
    pub(super) fn deeper<T>(&mut self, what: Deferred, work: impl Fn(&mut Self) -> T) -> Option<T> {
        if self.deferred.is_some() {
            return None;
        }
        if self.depth >= MOST_DEPTH {
            self.deferred = Some(what);
            return None;
        }
        self.depth += 1;
        let mut result = work(self);
        self.depth -= 1;
        if self.depth > 0 {
            return Some(result);
        }
        let mut open = Vec::from_iter(self.deferred.take());
        while let Some(next) = open.last() {
            match *next {
                Deferred::Symbol(id) => drop(self.compute_first(|this| this.compute(id))),
                Deferred::Expr(id) => drop(self.compute_first(|this| this.keep_expr(id))),
            }
            match self.deferred.take() {
                Some(deeper) => open.push(deeper),
                None => drop(open.pop()),
            }
            if open.is_empty() {
                result = self.compute_first(&work);
                open.extend(self.deferred.take());
            }
        }
        Some(result)
    }

    pub(super) fn compute_first<T>(&mut self, work: impl Fn(&mut Self) -> T) -> T {
        self.depth = 1;
        let result = work(self);
        self.depth = 0;
        result
    }

    pub(super) fn compute(&mut self, id: SymbolId) -> Computed {
        let symbol = self.model.symbol(id);
        match symbol.ty {
            ValueType::Unknown => {
                let text = symbol.name.unwrap_or_else(|| Name::new(""));
                self.keep(
                    id,
                    Computed {
                        text,
                        ..self.nothing()
                    },
                )
            }
            _ if symbol.choice.is_some() => self.choice_symbol(id),
            ValueType::Bool | ValueType::Tristate => self.logical(id),
            ValueType::Int | ValueType::Hex | ValueType::String => self.textual(id),
        }
    }

    /// A symbol's final value.
    pub fn value(&mut self, id: SymbolId) -> Tristate {
        self.symbol(id).value
    }

    /// An expression's value (expr.c, `expr_calc_value`).
    pub fn expr(&mut self, id: ExprId) -> Tristate {
        self.compute_modules_first();
        if let Some(known) = self.exprs.get(id.0) {
            return known;
        }
        self.deeper(Deferred::Expr(id), |this| this.keep_expr(id))
            .unwrap_or_default()
    }

    pub(super) fn keep_expr(&mut self, id: ExprId) -> Tristate {
        let value = self.expr_with(id, None);
        if self.deferred.is_none() {
            self.exprs.set(id.0, value);
        }
        value
    }

    /// A symbol's direct dependency now, after promotion; nothing else of the symbol is
    /// looked at, however many may select it.
    pub fn direct(&mut self, id: SymbolId) -> Tristate {
        let direct = self.model.symbol(id).direct;
        let direct = direct.map_or(Tristate::Yes, |direct| self.expr(direct));
        self.weighed(direct, id)
    }

    /// How strongly a `select` acts on its target now, after promotion (semantics.md 6, 10).
    pub fn level(&mut self, select: SelectId) -> Tristate {
        let select = self.model.select(select);
        let level = self.expr(select.level);
        self.weighed(level, select.target)
    }

    /// A dependency as it counts for a symbol: promoted for conf. kconfiglib promotes the symbol's
    /// value alone (kconfiglib.py, `Symbol.tri_value`).
    pub(super) fn weighed(&mut self, value: Tristate, symbol: SymbolId) -> Tristate {
        match self.model.behaviour.engine {
            Engine::Conf | Engine::Minikconf => self.promote(value, symbol),
            Engine::Kconfiglib | Engine::EspIdf => value,
        }
    }

    /// `self.expr`, with another value for one symbol; kept only without it.
    pub(super) fn expr_with(
        &mut self,
        id: ExprId,
        other: Option<(SymbolId, Tristate)>,
    ) -> Tristate {
        let below = |this: &mut Self, id: ExprId| match other {
            None => this.expr(id),
            some => this.expr_with(id, some),
        };
        match self.model.exprs.get(id) {
            Expr::Const(value) => value,
            Expr::On(these) => yes_if(these.contains(self.inputs.architecture)),
            Expr::Symbol(symbol) => match other {
                Some((replaced, value)) if replaced == symbol => value,
                _ => self.value(symbol),
            },
            Expr::Test(test) => yes_if(self.test(test)),
            Expr::Prints(output, text) => {
                let printed = self.output(&self.model.output(output).clone());
                yes_if(printed == text.as_str())
            }
            Expr::Not(x) => !below(self, x),
            // conf computes both sides; only while it computes MODULES does that make a difference.
            Expr::And(x, y) => match below(self, x) {
                Tristate::No if !self.is_first => Tristate::No,
                x => x.min(below(self, y)),
            },
            Expr::Or(x, y) => match below(self, x) {
                Tristate::Yes if !self.is_first => Tristate::Yes,
                x => x.max(below(self, y)),
            },
            Expr::Compare(op, left, right) => {
                let left = self.operand(left, other);
                let right = self.operand(right, other);
                {
                    let engine = self.model.behaviour.engine;
                    let (left, right) = ((&*left.0, left.1), (&*right.0, right.1));
                    yes_if(text::compare(engine, op, left, right))
                }
            }
        }
    }

    pub(super) fn keep(&mut self, id: SymbolId, computed: Computed) -> Computed {
        if self.deferred.is_none() {
            self.computed.set(id.0, computed);
        }
        computed
    }

    pub(super) fn nothing(&self) -> Computed {
        Computed {
            value: Tristate::No,
            text: self.letters[0],
            visible: Tristate::No,
            direct: Tristate::Yes,
            reverse: Tristate::No,
        }
    }

    /// conf computes MODULES before all else (confdata.c, `conf_read`), and takes every tristate for a bool
    /// meanwhile. What MODULES depends on keeps the values that it gets then.
    fn compute_modules_first(&mut self) {
        if !self.model.has_tristate_before_modules || self.modules.is_some() {
            return;
        }
        if let Some(id) = self.model.modules {
            self.modules = Some(false);
            self.is_first = true;
            let on = self.value(id) != Tristate::No;
            self.is_first = false;
            self.modules = Some(on);
        }
    }

    pub(super) fn modules(&mut self) -> bool {
        if let Some(known) = self.modules {
            return known;
        }
        // conf computes MODULES first, while it still counts as off.
        self.modules = Some(false);
        let on = self
            .model
            .modules
            .is_some_and(|id| self.value(id) != Tristate::No);
        self.modules = self.deferred.is_none().then_some(on);
        on
    }

    /// Dependencies of a bool, or without modules: m counts as y.
    pub(super) fn promote(&mut self, value: Tristate, symbol: SymbolId) -> Tristate {
        let boolean = self.model.symbol(symbol).ty != ValueType::Tristate;
        if value == Tristate::Module && (boolean || !self.modules()) {
            Tristate::Yes
        } else {
            value
        }
    }

    pub(super) fn visibility(&mut self, id: SymbolId) -> Tristate {
        let prompts = &self.model.symbol(id).prompts;
        let mut visible = Tristate::No;
        for prompt in prompts {
            visible = visible.max(self.expr(prompt.condition));
        }
        self.promote(visible, id)
    }

    pub(super) fn dependencies(&mut self, id: SymbolId) -> (Tristate, Tristate, Tristate) {
        let symbol = self.model.symbol(id);
        let direct = symbol
            .direct
            .map_or(Tristate::Yes, |direct| self.expr(direct));
        let mut reverse = self.expr(symbol.self_select);
        for select in &symbol.selected_by {
            reverse = reverse.max(self.expr(self.model.select(*select).level));
        }
        let mut implied = Tristate::No;
        for imply in &symbol.implied_by {
            implied = implied.max(self.expr(self.model.imply(*imply).level));
        }
        (
            self.weighed(direct, id),
            self.weighed(reverse, id),
            self.weighed(implied, id),
        )
    }

    pub(super) fn logical(&mut self, id: SymbolId) -> Computed {
        let symbol = self.model.symbol(id);
        if let Some(choice) = symbol.member_of {
            return self.member(id, choice);
        }
        let visible = self.visibility(id);
        self.ordinary(id, visible)
    }

    /// Everything but a choice member that its choice decides.
    pub(super) fn ordinary(&mut self, id: SymbolId, visible: Tristate) -> Computed {
        let is_loose = self.model.behaviour.loose_imply;
        let symbol = self.model.symbol(id);
        // `sym_calc_visibility` returns before it computes the dependencies of these two. A
        // transitional symbol then counts as visible.
        let no = Tristate::No;
        let (visible, direct, reverse, implied) = if symbol.transitional {
            (Tristate::Yes, Tristate::Yes, no, no)
        } else if symbol.member_of.is_some() {
            (visible, Tristate::Yes, no, no)
        } else {
            let (direct, reverse, implied) = self.dependencies(id);
            // An older conf computes no imply there; kconfiglib does.
            let counts = !is_loose || direct != no || self.model.behaviour.is_kconfiglib();
            (visible, direct, reverse, if counts { implied } else { no })
        };
        let user = match self.user(id) {
            Some(UserValue::Logical(value)) if symbol.transitional => Some(value),
            Some(UserValue::Logical(value)) if visible != Tristate::No => Some(value.min(visible)),
            _ => None,
        };
        let own = user.unwrap_or_else(|| {
            let default = self.default(id);
            match (implied, is_loose) {
                (Tristate::No, _) => default,
                (_, false) => default.max(implied).min(direct),
                // Nothing bounds what an imply gives.
                _ if direct == Tristate::No => default,
                _ => default.max(implied),
            }
        });
        let mut value = self.promote(own.max(reverse), id);
        if is_loose && value == Tristate::Module && implied == Tristate::Yes {
            value = Tristate::Yes;
        }
        let text = self.letters[value as usize];
        self.keep(
            id,
            Computed {
                value,
                text,
                visible,
                direct,
                reverse,
            },
        )
    }

    pub(super) fn default(&mut self, id: SymbolId) -> Tristate {
        for default in &self.model.symbol(id).defaults {
            let condition = self.expr(default.condition);
            if condition != Tristate::No {
                return match default.value {
                    DefaultValue::Logical(value) => self.expr(value).min(condition),
                    _ => Tristate::No,
                };
            }
        }
        Tristate::No
    }
}

pub(super) fn yes_if(condition: bool) -> Tristate {
    if condition {
        Tristate::Yes
    } else {
        Tristate::No
    }
}
