// SPDX-License-Identifier: MIT OR Apache-2.0
//! Why symbols have the values they have in one configuration: from the question back to what
//! the user sets.
//!
//! Values come from the evaluator. Of an `||` one side that holds is followed, of an `&&`
//! both; a symbol is told once. Words lie elsewhere.

use std::collections::{BTreeSet, VecDeque};

use super::evaluate::{Evaluator, UserValue};
use super::reasons::{Fact, Reason, Why, default_text};
use super::witness::Configuration;
use crate::model::{
    Default, DefaultValue, Expr, ExprId, Model, Operand, Prompt, Select, SymbolId, Tristate,
};
use crate::source::Span;
use crate::tree::ChoiceForm;

/// Tells why each of `asked` is not n in a configuration in which none of them is.
pub fn steps(model: &Model, configuration: &Configuration, asked: &[ExprId]) -> Vec<Reason> {
    let mut walk = Walk {
        model,
        user: configuration,
        evaluator: Evaluator::new(model, configuration.inputs()),
        queue: VecDeque::new(),
        seen: BTreeSet::new(),
        reasons: Vec::new(),
    };
    for term in asked {
        walk.follow(*term, true);
    }
    walk.run();
    // What the user sets matters, also where no step came by: MODULES, siblings in a choice.
    let mut set: Vec<SymbolId> = configuration.inputs().user.keys().copied().collect();
    set.sort();
    for id in set {
        walk.enqueue(id);
    }
    walk.run();
    walk.reasons
}

struct Walk<'m> {
    model: &'m Model,
    user: &'m Configuration,
    evaluator: Evaluator<'m>,
    queue: VecDeque<SymbolId>,
    seen: BTreeSet<SymbolId>,
    reasons: Vec<Reason>,
}

impl Walk<'_> {
    fn run(&mut self) {
        while let Some(id) = self.queue.pop_front() {
            self.tell(id);
        }
    }

    fn enqueue(&mut self, id: SymbolId) {
        let nameless = self.model.symbol(id).name.is_none();
        if !nameless && self.seen.insert(id) {
            self.queue.push_back(id);
        }
    }

    /// Asks for the symbols that make an expression what it is: not n when `on`, n otherwise.
    fn follow(&mut self, root: ExprId, on: bool) {
        let mut open = vec![(root, on)];
        while let Some((id, on)) = open.pop() {
            match (self.model.exprs.get(id), on) {
                (Expr::Symbol(symbol), _) => self.enqueue(symbol),
                (Expr::Compare(_, left, right), _) => {
                    for side in [left, right] {
                        if let Operand::Symbol(symbol) = side {
                            self.enqueue(symbol);
                        }
                    }
                }
                (Expr::Not(x), on) => {
                    // !m is m: then x is not n although it is asked to be.
                    let off = self.evaluator.expr(x) == Tristate::No;
                    open.push((x, if on { !off } else { true }));
                }
                (Expr::And(x, y), true) | (Expr::Or(x, y), false) => {
                    open.extend([(y, on), (x, on)])
                }
                (Expr::Or(x, y), true) => {
                    let (left, right) = (self.evaluator.expr(x), self.evaluator.expr(y));
                    let known = self.is_known(y) && !self.is_known(x);
                    let second = right > left || right == left && known;
                    open.push((if second { y } else { x }, true));
                }
                (Expr::And(x, y), false) => {
                    let first = self.evaluator.expr(x) == Tristate::No;
                    open.push((if first { x } else { y }, false));
                }
                (Expr::Const(_) | Expr::On(_) | Expr::Test(_) | Expr::Prints(..), _) => {}
            }
        }
    }

    /// Whether an expression is a symbol that is told anyway.
    fn is_known(&self, id: ExprId) -> bool {
        matches!(self.model.exprs.get(id), Expr::Symbol(symbol) if self.seen.contains(&symbol))
    }

    fn push(&mut self, id: SymbolId, why: Why, place: Option<Span>) {
        let computed = self.evaluator.symbol(id);
        let logical = self.model.symbol(id).ty.is_logical();
        let value = if logical || why == Why::Undefined {
            computed.value.word().to_owned()
        } else {
            format!("\"{}\"", computed.text)
        };
        self.reasons.push(Reason {
            symbols: vec![self.model.name(id).to_owned()],
            fact: Fact::Is { value, why },
            place,
        });
    }

    fn tell(&mut self, id: SymbolId) {
        let symbol = self.model.symbol(id);
        let definition = symbol.definitions.first().map(|first| first.name);
        if !symbol.is_defined() && symbol.choice.is_none() {
            return self.push(id, Why::Undefined, None);
        }
        if symbol.choice.is_some() {
            return; // its members are what can be told
        }
        if !symbol.ty.is_logical() {
            return self.tell_text(id, definition);
        }
        match self.evaluator.value(id) {
            Tristate::No => self.tell_off(id, definition),
            value => self.tell_on(id, value, definition),
        }
    }

    /// The prompt that makes a symbol as visible as it is.
    fn prompt(&mut self, id: SymbolId) -> Option<&Prompt> {
        let prompts = &self.model.symbol(id).prompts;
        let mut best: Option<(Tristate, &Prompt)> = None;
        for prompt in prompts {
            let visible = self.evaluator.expr(prompt.condition);
            if visible != Tristate::No && best.is_none_or(|(known, _)| visible > known) {
                best = Some((visible, prompt));
            }
        }
        best.map(|(_, prompt)| prompt)
    }

    fn tell_on(&mut self, id: SymbolId, value: Tristate, definition: Option<Span>) {
        let model = self.model;
        let computed = self.evaluator.symbol(id);
        let given = match self.user.inputs().user.get(&id) {
            Some(UserValue::Logical(given)) => Some(*given),
            _ => None,
        };
        let prompt = self
            .prompt(id)
            .map(|prompt| (prompt.condition, prompt.span));
        // An invisible symbol does not take what the user gives it.
        let given = given.filter(|_| prompt.is_some() || model.symbol(id).transitional);
        let member = model.symbol(id).member_of.is_some();
        if let (Some(given), Some((condition, span))) = (given, prompt) {
            // A choice may take a member although the user gives it less.
            if given >= value {
                let capped = given > value;
                self.push(id, if capped { Why::Capped } else { Why::Set }, Some(span));
                return self.follow(condition, true);
            }
        }
        if given.is_some_and(|given| given >= value) && model.symbol(id).transitional {
            return self.push(id, Why::Set, definition);
        }
        if !member && computed.reverse >= value {
            let selects = model.symbol(id).selected_by.iter();
            let selects = selects.map(|select| model.select(*select));
            if let Some(select) = self.strongest(selects.collect()) {
                let by = model.name(select.selector).to_owned();
                self.push(id, Why::Selected(by), Some(select.span));
                return self.follow(select.level, true);
            }
        }
        let new = model.behaviour.choices == ChoiceForm::New;
        let decided = member && (new || value == Tristate::Yes);
        if let (true, Some((condition, span))) = (decided, prompt) {
            self.push(id, Why::Chosen, Some(span));
            return self.follow(condition, true);
        }
        if given.is_none() && self.tell_default(id) {
            return;
        }
        let implies = model.symbol(id).implied_by.iter();
        let implies = implies.map(|imply| model.imply(*imply));
        if let Some(imply) = self.strongest(implies.collect()) {
            let by = model.name(imply.selector).to_owned();
            self.push(id, Why::Implied(by), Some(imply.span));
            self.follow(imply.level, true);
            // An imply counts only as far as the dependency lets it.
            if let Some(direct) = model.symbol(id).direct {
                self.follow(direct, true);
            }
        } else if let Some((condition, span)) = prompt {
            // Without modules an m that the user gives is y.
            self.push(id, Why::Set, Some(span));
            self.follow(condition, true);
        } else if given.is_some() {
            self.push(id, Why::Set, definition);
        }
    }

    /// The select that acts most strongly; of equals one whose selector is told anyway.
    fn strongest<'s>(&mut self, selects: Vec<&'s Select>) -> Option<&'s Select> {
        let mut best: Option<((Tristate, bool), &Select)> = None;
        for select in selects {
            let level = self.evaluator.expr(select.level);
            let rank = (level, self.seen.contains(&select.selector));
            if level != Tristate::No && best.is_none_or(|(known, _)| rank > known) {
                best = Some((rank, select));
            }
        }
        best.map(|(_, select)| select)
    }

    /// Tells the default that counts, unless an imply gives more.
    fn tell_default(&mut self, id: SymbolId) -> bool {
        let model = self.model;
        for default in &model.symbol(id).defaults {
            let condition = self.evaluator.expr(default.condition);
            if condition == Tristate::No {
                continue;
            }
            let DefaultValue::Logical(expr) = default.value else {
                return false;
            };
            let given = self.evaluator.expr(expr).min(condition);
            let implies = model.symbol(id).implied_by.iter();
            let mut implies = implies.map(|imply| model.imply(*imply).level);
            if implies.any(|level| self.evaluator.expr(level) > given) {
                return false;
            }
            self.push(id, by_default(model, default), Some(default.span));
            self.follow(default.condition, true);
            self.follow(expr, true);
            return true;
        }
        false
    }

    fn tell_off(&mut self, id: SymbolId, definition: Option<Span>) {
        let model = self.model;
        let symbol = model.symbol(id);
        let visible = self.evaluator.symbol(id).visible != Tristate::No;
        let no = UserValue::Logical(Tristate::No);
        let given = self.user.inputs().user.get(&id) == Some(&no);
        let prompt = self.prompt(id).map(|prompt| prompt.span);
        if visible && prompt.is_some() {
            let why = match (given, symbol.member_of) {
                (true, _) => Why::Set,
                (false, Some(_)) => Why::Other,
                (false, None) => Why::Unset,
            };
            return self.push(id, why, prompt);
        }
        let Some((term, place)) = self.missing(id) else {
            return self.push(id, Why::Nothing, definition);
        };
        let text = model.printer().expr(term);
        self.push(id, Why::Needs(text), place.or(definition));
        self.follow(term, false);
    }

    /// A term for want of which a symbol is invisible, or has no default that counts.
    fn missing(&mut self, id: SymbolId) -> Option<(ExprId, Option<Span>)> {
        let model = self.model;
        let symbol = model.symbol(id);
        let prompt = symbol.prompts.first();
        let prompt = prompt.map(|prompt| (prompt.node, prompt.span, prompt.condition));
        let default = symbol.defaults.first();
        let default = default.map(|default| (default.node, default.span, default.condition));
        let (node, span, condition) = prompt.or(default)?;
        let terms = model.exprs.conjuncts(condition);
        let mut missing = terms.into_iter();
        let term = missing.find(|term| self.evaluator.expr(*term) == Tristate::No)?;
        let definition = symbol.definitions.iter();
        let definition = definition.filter(|own| own.node == node);
        let conjuncts: Vec<_> = definition.flat_map(|own| model.conjuncts_of(own)).collect();
        let written = conjuncts.iter().find(|one| one.expr == Some(term));
        Some((term, written.map(|one| one.span).or(Some(span))))
    }

    fn tell_text(&mut self, id: SymbolId, definition: Option<Span>) {
        let model = self.model;
        let given = self.user.inputs().user.contains_key(&id);
        let prompt = self
            .prompt(id)
            .map(|prompt| (prompt.condition, prompt.span));
        if let (true, Some((condition, span))) = (given, prompt) {
            self.push(id, Why::Set, Some(span));
            return self.follow(condition, true);
        }
        for default in &model.symbol(id).defaults {
            if self.evaluator.expr(default.condition) != Tristate::No {
                self.push(id, by_default(model, default), Some(default.span));
                self.follow(default.condition, true);
                if let DefaultValue::Text(Operand::Symbol(other)) = default.value {
                    self.enqueue(other);
                }
                return;
            }
        }
        self.push(id, Why::Unset, definition);
    }
}

/// Why a symbol has a value when this default counts.
fn by_default(model: &Model, default: &Default) -> Why {
    match default.variable {
        Some(variable) => Why::Environment(variable.as_str().to_owned()),
        None => Why::Default(default_text(model, default.value)),
    }
}
