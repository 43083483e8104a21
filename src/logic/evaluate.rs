// SPDX-License-Identifier: MIT OR Apache-2.0
//! One configuration, computed as conf does (symbol.c, `sym_calc_value`).
//!
//! This is the independent judge of the solver's answers: it reads the model and the user's
//! values and shares no code with the encoder. The model must have no cycle.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::text;
use crate::menu::command::{CommandId, Meaning, Output, TestId};
use crate::model::{
    ChoiceId, DefaultValue, Expr, ExprId, Model, Operand, SelectId, SymbolId, Tristate, ValueType,
};
use crate::source::Name;
use crate::tree::ChoiceForm;

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
    /// What commands print; the others print [`default_output`].
    pub outputs: FxHashMap<CommandId, Name>,
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
    model: &'m Model,
    inputs: &'m Inputs,
    computed: Vec<Option<Computed>>,
    exprs: Vec<Option<Tristate>>,
    modules: Option<bool>,
    letters: [Name; 3],
    asked_tests: BTreeSet<TestId>,
    asked_commands: BTreeSet<CommandId>,
    accepted: FxHashMap<TestId, bool>,
    /// Open calls of `symbol` and `expr`.
    depth: u32,
    /// What lay too deep. While there is one, nothing that comes out is a value, and nothing
    /// is kept: the calls only unwind.
    deferred: Option<Deferred>,
}

/// Something whose value is wanted before the rest can go on.
#[derive(Clone, Copy)]
enum Deferred {
    Symbol(SymbolId),
    Expr(ExprId),
}

/// Calls that fit on the stack of any thread. A hostile tree, a chain of ten thousand symbols,
/// hangs deeper: the evaluator then unwinds, settles what it met there, and starts again.
const MOST_DEPTH: u32 = 300;

/// What a command prints unless the inputs say otherwise: its number. It must not be empty,
/// because a bare word that expands to nothing would leave a hole in the statement around it;
/// and it differs from command to command, so that commands around it stay different too.
pub fn default_output(id: CommandId) -> String {
    id.0.to_string()
}

impl<'m> Evaluator<'m> {
    /// An evaluator of these inputs.
    pub fn new(model: &'m Model, inputs: &'m Inputs) -> Evaluator<'m> {
        Evaluator {
            model,
            inputs,
            computed: vec![None; model.symbols.len()],
            exprs: vec![None; model.exprs.len()],
            modules: None,
            letters: ["n", "m", "y"].map(Name::new),
            asked_tests: BTreeSet::new(),
            asked_commands: BTreeSet::new(),
            accepted: accepted_tests(model),
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
            .filter(|(id, _)| self.computed[id.0 as usize].is_some());
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
        }
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
        if let Some(known) = self.computed[id.0 as usize] {
            return known;
        }
        match self.deeper(Deferred::Symbol(id), |this| this.compute(id)) {
            Some(computed) => computed,
            None => self.nothing(),
        }
    }

    /// One call deeper; `None` while unwinding. The outermost call goes on until nothing is
    /// deferred any more.
    fn deeper<T>(&mut self, what: Deferred, work: impl Fn(&mut Self) -> T) -> Option<T> {
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

    fn compute_first<T>(&mut self, work: impl Fn(&mut Self) -> T) -> T {
        self.depth = 1;
        let result = work(self);
        self.depth = 0;
        result
    }

    fn compute(&mut self, id: SymbolId) -> Computed {
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
        if let Some(known) = self.exprs[id.0 as usize] {
            return known;
        }
        self.deeper(Deferred::Expr(id), |this| this.keep_expr(id))
            .unwrap_or_default()
    }

    fn keep_expr(&mut self, id: ExprId) -> Tristate {
        let value = self.expr_with(id, None);
        if self.deferred.is_none() {
            self.exprs[id.0 as usize] = Some(value);
        }
        value
    }

    /// A symbol's direct dependency now, after promotion; nothing else of the symbol is
    /// looked at, however many may select it.
    pub fn direct(&mut self, id: SymbolId) -> Tristate {
        let direct = self.model.symbol(id).direct;
        let direct = direct.map_or(Tristate::Yes, |direct| self.expr(direct));
        self.promote(direct, id)
    }

    /// How strongly a `select` acts on its target now, after promotion (semantics.md 6, 10).
    pub fn level(&mut self, select: SelectId) -> Tristate {
        let select = self.model.select(select);
        let level = self.expr(select.level);
        self.promote(level, select.target)
    }

    /// `self.expr`, with another value for one symbol; kept only without it.
    fn expr_with(&mut self, id: ExprId, other: Option<(SymbolId, Tristate)>) -> Tristate {
        let below = |this: &mut Self, id: ExprId| match other {
            None => this.expr(id),
            some => this.expr_with(id, some),
        };
        match self.model.exprs.get(id) {
            Expr::Const(value) => value,
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
            Expr::And(x, y) => match below(self, x) {
                Tristate::No => Tristate::No,
                x => x.min(below(self, y)),
            },
            Expr::Or(x, y) => match below(self, x) {
                Tristate::Yes => Tristate::Yes,
                x => x.max(below(self, y)),
            },
            Expr::Compare(op, left, right) => {
                let left = self.operand(left, other);
                let right = self.operand(right, other);
                yes_if(text::compare(op, (&left.0, left.1), (&right.0, right.1)))
            }
        }
    }

    fn operand(
        &mut self,
        operand: Operand,
        other: Option<(SymbolId, Tristate)>,
    ) -> (String, ValueType) {
        match operand {
            Operand::Symbol(symbol) => {
                let ty = self.model.symbol(symbol).ty;
                match other {
                    Some((replaced, value)) if replaced == symbol => (value.word().to_owned(), ty),
                    _ => (self.symbol(symbol).text.as_str().to_owned(), ty),
                }
            }
            Operand::Constant(text) => {
                (text.as_str().to_owned(), text::constant_type(text.as_str()))
            }
            Operand::Output(output) => {
                let printed = self.output(&self.model.output(output).clone());
                let ty = text::constant_type(&printed);
                (printed, ty)
            }
        }
    }

    /// Whether a test succeeds: as its meaning says, else the inputs, else as the tree insists,
    /// else not.
    pub fn test(&mut self, id: TestId) -> bool {
        if self.deferred.is_some() {
            return false;
        }
        self.asked_tests.insert(id);
        let Some(meaning) = self.model.menu.commands.tests[id.0 as usize]
            .meaning
            .clone()
        else {
            let given = self
                .inputs
                .tests
                .get(&id)
                .or_else(|| self.accepted.get(&id));
            return given.copied().unwrap_or(false);
        };
        match meaning {
            Meaning::Equal {
                left,
                right,
                negated,
            } => (self.output(&left) == self.output(&right)) != negated,
            Meaning::Compare { left, op, right } => {
                let left = text::shell_integer(&self.output(&left));
                let right = text::shell_integer(&self.output(&right));
                match (left, right) {
                    (Some(left), Some(right)) => text::holds(op, left.cmp(&right)),
                    _ => false,
                }
            }
            Meaning::Empty { value, negated } => self.output(&value).is_empty() != negated,
        }
    }

    /// The text of an output.
    pub fn output(&mut self, output: &Output) -> String {
        match output {
            Output::Text(text) => text.as_str().to_owned(),
            Output::Command(_) if self.deferred.is_some() => String::new(),
            Output::Command(id) => {
                self.asked_commands.insert(*id);
                let given = self.inputs.outputs.get(id);
                given.map_or_else(|| default_output(*id), |text| text.as_str().to_owned())
            }
            Output::Either {
                test,
                success,
                failure,
            } => {
                let branch = if self.test(*test) { success } else { failure };
                self.output(branch)
            }
            Output::Joined(pieces) => pieces.iter().map(|piece| self.output(piece)).collect(),
        }
    }

    fn keep(&mut self, id: SymbolId, computed: Computed) -> Computed {
        if self.deferred.is_none() {
            self.computed[id.0 as usize] = Some(computed);
        }
        computed
    }

    fn nothing(&self) -> Computed {
        Computed {
            value: Tristate::No,
            text: self.letters[0],
            visible: Tristate::No,
            direct: Tristate::Yes,
            reverse: Tristate::No,
        }
    }

    fn modules(&mut self) -> bool {
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
    fn promote(&mut self, value: Tristate, symbol: SymbolId) -> Tristate {
        let boolean = self.model.symbol(symbol).ty != ValueType::Tristate;
        if value == Tristate::Module && (boolean || !self.modules()) {
            Tristate::Yes
        } else {
            value
        }
    }

    fn visibility(&mut self, id: SymbolId) -> Tristate {
        let prompts = &self.model.symbol(id).prompts;
        let mut visible = Tristate::No;
        for prompt in prompts {
            visible = visible.max(self.expr(prompt.condition));
        }
        self.promote(visible, id)
    }

    fn dependencies(&mut self, id: SymbolId) -> (Tristate, Tristate, Tristate) {
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
            self.promote(direct, id),
            self.promote(reverse, id),
            self.promote(implied, id),
        )
    }

    fn logical(&mut self, id: SymbolId) -> Computed {
        let symbol = self.model.symbol(id);
        if let Some(choice) = symbol.member_of {
            return self.member(id, choice);
        }
        let visible = self.visibility(id);
        self.ordinary(id, visible)
    }

    /// Everything but a choice member that its choice decides.
    fn ordinary(&mut self, id: SymbolId, visible: Tristate) -> Computed {
        let symbol = self.model.symbol(id);
        // conf never computes the dependencies of a choice member (`sym_calc_visibility`).
        let (direct, reverse, implied) = match symbol.member_of {
            Some(_) => (Tristate::Yes, Tristate::No, Tristate::No),
            None => self.dependencies(id),
        };
        let user = match self.inputs.user.get(&id) {
            Some(UserValue::Logical(value)) if symbol.transitional => Some(*value),
            Some(UserValue::Logical(value)) if visible != Tristate::No => {
                Some((*value).min(visible))
            }
            _ => None,
        };
        let own = user.unwrap_or_else(|| {
            let default = self.default(id);
            if implied == Tristate::No {
                default
            } else {
                default.max(implied).min(direct)
            }
        });
        let value = self.promote(own.max(reverse), id);
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

    fn default(&mut self, id: SymbolId) -> Tristate {
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

    fn member(&mut self, id: SymbolId, choice: ChoiceId) -> Computed {
        match self.model.behaviour.choices {
            ChoiceForm::New => self.new_choice(choice),
            ChoiceForm::Old => {
                let symbol = self.model.choice(choice).symbol;
                self.symbol(symbol);
            }
        }
        if let Some(known) = self.computed[id.0 as usize] {
            return known;
        }
        // An old choice leaves to themselves the members that are not visible at y.
        let visible = self.member_visibility(id, choice, None);
        if visible == Tristate::Yes {
            // A prompt outside of the choice, which did not choose.
            self.keep_chosen(id, visible, None);
        }
        if let Some(known) = self.computed[id.0 as usize] {
            return known;
        }
        self.ordinary(id, visible)
    }

    /// symbol.c, `sym_calc_choice` of 6.11 and newer.
    fn new_choice(&mut self, choice: ChoiceId) {
        let choice = self.model.choice(choice);
        let visible: Vec<SymbolId> = choice
            .members
            .iter()
            .copied()
            .filter(|member| self.visibility(*member) != Tristate::No)
            .collect();
        let user = |member: &SymbolId| self.inputs.user.get(member).copied();
        let wanted = visible
            .iter()
            .rev()
            .find(|member| user(member) == Some(UserValue::Logical(Tristate::Yes)));
        let chosen = wanted.copied().or_else(|| {
            let preferred = self.choice_default(choice.symbol, &visible)?;
            if user(&preferred).is_none() {
                return Some(preferred);
            }
            visible
                .iter()
                .copied()
                .find(|member| user(member).is_none())
                .or(visible.first().copied())
        });
        for member in &choice.members {
            let visible = self.visibility(*member);
            self.keep_chosen(*member, visible, chosen);
        }
    }

    fn keep_chosen(&mut self, member: SymbolId, visible: Tristate, chosen: Option<SymbolId>) {
        let value = yes_if(chosen == Some(member));
        let text = self.letters[value as usize];
        let nothing = self.nothing();
        self.keep(
            member,
            Computed {
                value,
                text,
                visible,
                ..nothing
            },
        );
    }

    /// symbol.c, `sym_choice_default`: the first default that is visible, else the first
    /// visible member.
    fn choice_default(&mut self, choice: SymbolId, visible: &[SymbolId]) -> Option<SymbolId> {
        for default in &self.model.symbol(choice).defaults {
            let target = match default.value {
                DefaultValue::Text(Operand::Symbol(symbol)) => symbol,
                DefaultValue::Logical(value) => match self.model.exprs.get(value) {
                    Expr::Symbol(symbol) => symbol,
                    _ => continue,
                },
                _ => continue,
            };
            if self.expr(default.condition) != Tristate::No && visible.contains(&target) {
                return Some(target);
            }
        }
        visible.first().copied()
    }

    /// The symbol of a choice: nothing to say in the new form; in the old form its own value
    /// (symbol.c of 6.1, `sym_calc_value` and `sym_calc_choice`).
    fn choice_symbol(&mut self, id: SymbolId) -> Computed {
        let Some(number) = self.model.symbol(id).choice else {
            return self.nothing();
        };
        let visible = self.visibility(id);
        if self.model.behaviour.choices == ChoiceForm::New {
            let nothing = self.nothing();
            return self.keep(id, Computed { visible, ..nothing });
        }
        let choice = self.model.choice(number);
        let (direct, reverse, _) = self.dependencies(id);
        let wanted =
            choice
                .members
                .iter()
                .filter_map(|member| match self.inputs.user.get(member) {
                    Some(UserValue::Logical(value)) => Some(*value),
                    _ => None,
                });
        let wanted = wanted.max().unwrap_or_default();
        let mut value = self.promote(wanted.min(visible).max(reverse), id);
        if value == Tristate::Yes && !self.choose(number) {
            value = Tristate::No;
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

    /// Decides the members that are visible at y while an old choice is y; false when there
    /// is no visible member.
    fn choose(&mut self, number: ChoiceId) -> bool {
        let choice = self.model.choice(number);
        let mut seen = Vec::new();
        for member in &choice.members {
            seen.push(self.member_visibility(*member, number, Some(Tristate::Yes)));
        }
        let visible: Vec<SymbolId> = choice
            .members
            .iter()
            .zip(&seen)
            .filter(|(_, visible)| **visible != Tristate::No)
            .map(|(member, _)| *member)
            .collect();
        let user = |member: &SymbolId| self.inputs.user.get(member).copied();
        let wanted = choice
            .members
            .iter()
            .rev()
            .find(|member| user(member) == Some(UserValue::Logical(Tristate::Yes)))
            .copied()
            .filter(|member| visible.contains(member));
        let chosen = wanted.or_else(|| self.choice_default(choice.symbol, &visible));
        for (member, visible) in choice.members.iter().zip(seen) {
            if visible == Tristate::Yes && chosen.is_some() {
                self.keep_chosen(*member, visible, chosen);
            }
        }
        chosen.is_some()
    }

    /// Tristate members that are visible at m are invisible while the choice is y.
    fn member_visibility(
        &mut self,
        id: SymbolId,
        choice: ChoiceId,
        assumed: Option<Tristate>,
    ) -> Tristate {
        let choice = self.model.choice(choice).symbol;
        let mode = assumed.unwrap_or_else(|| self.value(choice));
        let symbol = self.model.symbol(id);
        let mut visible = Tristate::No;
        for prompt in &symbol.prompts {
            let mut here = self.expr_with(prompt.condition, Some((choice, mode)));
            let module = symbol.ty == ValueType::Tristate && here == Tristate::Module;
            if module && mode == Tristate::Yes {
                here = Tristate::No;
            }
            visible = visible.max(here);
        }
        self.promote(visible, id)
    }

    fn textual(&mut self, id: SymbolId) -> Computed {
        let symbol = self.model.symbol(id);
        let visible = self.visibility(id);
        let (direct, reverse, _) = self.dependencies(id);
        let user = match self.inputs.user.get(&id) {
            Some(UserValue::Text(text)) if visible != Tristate::No || symbol.transitional => {
                Some(*text)
            }
            _ => None,
        };
        let user = user.filter(|text| {
            self.model.behaviour.clamp_user_values || self.clamp(id, *text) == *text
        });
        let text = user.unwrap_or_else(|| self.default_text(id));
        let text = self.clamp(id, text);
        let value = Tristate::No;
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

    fn default_text(&mut self, id: SymbolId) -> Name {
        for default in &self.model.symbol(id).defaults {
            if self.expr(default.condition) != Tristate::No {
                return match default.value {
                    DefaultValue::Text(operand) => self.plain_text(operand),
                    _ => self.base_text(id),
                };
            }
        }
        self.base_text(id)
    }

    fn base_text(&self, id: SymbolId) -> Name {
        let zero = self.model.behaviour.zero_numbers;
        Name::new(match self.model.symbol(id).ty {
            ValueType::Int if zero => "0",
            ValueType::Hex if zero => "0x0",
            _ => "",
        })
    }

    /// The text a default or a bound contributes. conf keeps "n" as the text of every bool and
    /// tristate symbol, whatever its value.
    fn plain_text(&mut self, operand: Operand) -> Name {
        match operand {
            Operand::Constant(text) => text,
            Operand::Symbol(symbol) if self.model.symbol(symbol).ty.is_logical() => self.letters[0],
            Operand::Symbol(symbol) => self.symbol(symbol).text,
            Operand::Output(output) => {
                let printed = self.output(&self.model.output(output).clone());
                Name::new(&printed)
            }
        }
    }

    /// symbol.c, `sym_validate_range`.
    fn clamp(&mut self, id: SymbolId, text: Name) -> Name {
        let symbol = self.model.symbol(id);
        if !matches!(symbol.ty, ValueType::Int | ValueType::Hex) {
            return text;
        }
        let base = text::base_of(symbol.ty, 10);
        for range in &symbol.ranges {
            if self.expr(range.condition) == Tristate::No {
                continue;
            }
            let value = text::leading_number(text.as_str(), base);
            let (low, low_number) = self.bound(range.low, base);
            if value < low_number {
                return low;
            }
            let (high, high_number) = self.bound(range.high, base);
            return if value > high_number { high } else { text };
        }
        text
    }

    fn bound(&mut self, operand: Operand, base: u32) -> (Name, i64) {
        let text = self.plain_text(operand);
        let base = match operand {
            Operand::Symbol(symbol) => text::base_of(self.model.symbol(symbol).ty, base),
            _ => base,
        };
        (text, text::leading_number(text.as_str(), base))
    }
}

/// Outcomes of tests without which `error-if` would refuse the toolchain.
fn accepted_tests(model: &Model) -> FxHashMap<TestId, bool> {
    let fires = |output: &Output| matches!(output, Output::Text(text) if text.as_str() == "y");
    let mut accepted = FxHashMap::default();
    for (output, _) in &model.menu.assumptions {
        if let Output::Either {
            test,
            success,
            failure,
        } = output
        {
            if fires(success) || fires(failure) {
                accepted.insert(*test, !fires(success));
            }
        }
    }
    accepted
}

fn yes_if(condition: bool) -> Tristate {
    if condition {
        Tristate::Yes
    } else {
        Tristate::No
    }
}
