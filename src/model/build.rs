// SPDX-License-Identifier: MIT OR Apache-2.0
//! From the menu tree to the model: one walk over the statements in parse order.
//!
//! It follows parser.y for what a statement adds and menu.c, `menu_finalize`, for how
//! conditions are inherited. Choice membership lies in `choices`.

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use super::Model;
use super::choices;
use super::expr::{Expr, ExprId, Exprs, Operand, OutputId, Tristate};
use super::symbol::{
    Choice, ChoiceId, Default, DefaultValue, Definition, Prompt, Range, Select, SelectId, Symbol,
    SymbolId, ValueType,
};
use crate::menu::command::Output;
use crate::menu::{InstanceId, Menu, NodeId, Value, constant_or_symbol};
use crate::source::Name;
use crate::syntax::ast::{
    self, Atom, Attribute, AttributeKind, CompareOp, EntryKind, ExprKind, Type,
};
use crate::tree::{Behaviour, ChoiceForm};

/// Builds the model of a menu tree.
pub(super) fn build(menu: Arc<Menu>, behaviour: Behaviour) -> Model {
    let mut builder = Builder::new(menu, behaviour);
    builder.find_modules();
    for at in 0..builder.menu.nodes.len() {
        builder.add_node(NodeId(at as u32));
    }
    choices::finish(&mut builder);
    builder.finish_dependencies();
    builder.model
}

/// The walk's state. `choices` finishes what depends on a whole choice.
pub(super) struct Builder {
    pub(super) menu: Arc<Menu>,
    pub(super) model: Model,
    /// The full dependency of each statement.
    pub(super) dependency: Vec<Option<ExprId>>,
    /// The condition of each statement's prompt, if it has one.
    pub(super) prompt: Vec<Option<ExprId>>,
    /// The `visible if` of each block and of all around it.
    visible: Vec<ExprId>,
    /// The symbol each statement defines.
    pub(super) symbol: Vec<Option<SymbolId>>,
    named_choices: FxHashMap<Name, ChoiceId>,
    output_ids: FxHashMap<Output, OutputId>,
}

impl Builder {
    fn new(menu: Arc<Menu>, behaviour: Behaviour) -> Builder {
        let count = menu.nodes.len();
        Builder {
            model: Model {
                menu: menu.clone(),
                behaviour,
                exprs: Exprs::new(),
                symbols: Vec::new(),
                choices: Vec::new(),
                selects: Vec::new(),
                implies: Vec::new(),
                modules: None,
                outputs: Vec::new(),
                by_name: FxHashMap::default(),
                lookup: OnceLock::new(),
            },
            menu,
            dependency: Vec::with_capacity(count),
            prompt: vec![None; count],
            visible: Vec::with_capacity(count),
            symbol: vec![None; count],
            named_choices: FxHashMap::default(),
            output_ids: FxHashMap::default(),
        }
    }

    /// `m` means `m && MODULES`, so that symbol has to be known before the first expression.
    fn find_modules(&mut self) {
        let menu = self.menu.clone();
        for node in &menu.nodes {
            let tree = &menu.instance(node.instance).tree;
            let entry = tree.ast().entry(node.entry);
            let (EntryKind::Config(name) | EntryKind::MenuConfig(name)) = entry.kind else {
                continue;
            };
            let declares = tree
                .ast()
                .attributes_of(entry)
                .iter()
                .any(|attribute| match attribute.kind {
                    AttributeKind::Modules => true,
                    AttributeKind::Option { name, .. } => tree
                        .ast()
                        .word(name)
                        .text
                        .is_some_and(|text| text.as_str() == "modules"),
                    _ => false,
                });
            if declares {
                let value = menu.value(node.instance, name);
                self.model.modules = self.symbol_of(&value);
                return;
            }
        }
    }

    fn add_node(&mut self, id: NodeId) {
        let menu = self.menu.clone();
        let node = menu.node(id);
        let ast = menu.instance(node.instance).tree.ast();
        let entry = ast.entry(node.entry);
        let attributes = ast.attributes_of(entry);
        let outer_visible = node
            .parent
            .map_or(Exprs::YES, |up| self.visible[up.0 as usize]);
        let dependency = self.dependency_of(id, &entry.kind, attributes);
        self.dependency.push(dependency);
        let visible = self.visible_of(node.instance, attributes, outer_visible);
        self.visible.push(visible);
        let name_range = |atom: Atom| ast.range_of(atom);
        match entry.kind {
            EntryKind::Config(name) | EntryKind::MenuConfig(name) => {
                let value = menu.value(node.instance, name);
                let Some(symbol) = self.symbol_of(&value) else {
                    return;
                };
                self.symbol[id.0 as usize] = Some(symbol);
                let name = menu.span(node.instance, name_range(name));
                self.symbol_mut(symbol).definitions.push(Definition {
                    node: id,
                    dependency,
                    name,
                });
                self.add_attributes(id, symbol, attributes, outer_visible);
            }
            EntryKind::ConfigDefault(name) => {
                let value = menu.value(node.instance, name);
                let Some(symbol) = self.symbol_of(&value) else {
                    return;
                };
                self.add_attributes(id, symbol, attributes, outer_visible);
            }
            EntryKind::Choice(name) => {
                let symbol = self.add_choice(id, name, attributes);
                self.add_attributes(id, symbol, attributes, outer_visible);
            }
            _ => {}
        }
    }

    /// The statement's own dependencies below those of the blocks around it. In the old form
    /// members of a choice depend on the choice's symbol instead of its dependencies.
    fn dependency_of(
        &mut self,
        id: NodeId,
        kind: &EntryKind,
        attributes: &[Attribute],
    ) -> Option<ExprId> {
        let node = *self.menu.node(id);
        let inherited = node.parent.and_then(|up| {
            let choice = self.symbol[up.0 as usize]
                .filter(|symbol| self.model.symbol(*symbol).choice.is_some());
            match (self.model.behaviour.choices, choice) {
                (ChoiceForm::Old, Some(choice)) => Some(self.model.exprs.symbol(choice)),
                _ => self.dependency[up.0 as usize],
            }
        });
        let mut own = None;
        if let EntryKind::If(condition) = kind {
            own = Some(self.condition(node.instance, *condition));
        }
        for attribute in attributes {
            let AttributeKind::DependsOn { expr, condition } = attribute.kind else {
                continue;
            };
            let mut term = self.condition(node.instance, expr);
            if let Some(condition) = condition {
                term = self.unless_off(node.instance, term, condition);
            }
            own = Some(own.map_or(term, |own| self.model.exprs.and(own, term)));
        }
        match (inherited, own) {
            (Some(inherited), Some(own)) => Some(self.model.exprs.and(inherited, own)),
            (inherited, own) => own.or(inherited),
        }
    }

    /// `depends on X if Y` is `X || Y = n` (parser.y and menu.c of Linux 7.0,
    /// `menu_add_dep`, through expr.c, `expr_trans_compare`).
    fn unless_off(&mut self, instance: InstanceId, term: ExprId, condition: ast::ExprId) -> ExprId {
        let condition = self.lower(instance, condition, false);
        let off = self.equals_no(condition, true);
        self.model.exprs.or(term, off)
    }

    fn equals_no(&mut self, id: ExprId, equal: bool) -> ExprId {
        let exprs = &mut self.model.exprs;
        match exprs.get(id) {
            Expr::Symbol(symbol) => {
                let op = if equal {
                    CompareOp::Equal
                } else {
                    CompareOp::Unequal
                };
                let no = Operand::Constant(Name::new("n"));
                exprs.compare(op, Operand::Symbol(symbol), no)
            }
            Expr::Const(value) => Exprs::constant(match (value == Tristate::No) == equal {
                true => Tristate::Yes,
                false => Tristate::No,
            }),
            Expr::Not(x) => self.equals_no(x, !equal),
            Expr::And(x, y) | Expr::Or(x, y) => {
                let (left, right) = (self.equals_no(x, true), self.equals_no(y, true));
                let both = matches!(self.model.exprs.get(id), Expr::Or(..));
                let exprs = &mut self.model.exprs;
                let off = if both {
                    exprs.and(left, right)
                } else {
                    exprs.or(left, right)
                };
                if equal { off } else { exprs.not(off) }
            }
            Expr::Compare(..) | Expr::Test(_) | Expr::Prints(..) => {
                if equal {
                    exprs.not(id)
                } else {
                    id
                }
            }
        }
    }

    fn visible_of(
        &mut self,
        instance: InstanceId,
        attributes: &[Attribute],
        outer: ExprId,
    ) -> ExprId {
        let mut visible = outer;
        for attribute in attributes {
            if let AttributeKind::Visible(Some(condition)) = attribute.kind {
                let term = self.condition(instance, condition);
                visible = self.model.exprs.and(visible, term);
            }
        }
        visible
    }

    fn add_choice(&mut self, id: NodeId, name: Option<Atom>, attributes: &[Attribute]) -> SymbolId {
        let instance = self.menu.node(id).instance;
        let old = self.model.behaviour.choices == ChoiceForm::Old;
        let name = name
            .filter(|_| old)
            .and_then(|name| match self.menu.value(instance, name) {
                Value::Symbol(name) | Value::Constant(name) => Some(name),
                Value::Unknown { .. } => None,
            });
        let optional = attributes
            .iter()
            .any(|attribute| matches!(attribute.kind, AttributeKind::Optional));
        let known = name.and_then(|name| self.named_choices.get(&name).copied());
        let choice = known.unwrap_or_else(|| {
            let choice = ChoiceId(self.model.choices.len() as u32);
            let symbol = self.new_symbol(name);
            let record = self.symbol_mut(symbol);
            record.choice = Some(choice);
            if !old {
                record.ty = ValueType::Bool;
            }
            self.model.choices.push(Choice {
                symbol,
                members: Vec::new(),
                optional,
                node: id,
            });
            if let Some(name) = name {
                self.named_choices.insert(name, choice);
            }
            choice
        });
        self.model.choices[choice.0 as usize].optional |= optional;
        let symbol = self.model.choices[choice.0 as usize].symbol;
        self.symbol[id.0 as usize] = Some(symbol);
        symbol
    }

    fn add_attributes(
        &mut self,
        id: NodeId,
        symbol: SymbolId,
        attributes: &[Attribute],
        visible: ExprId,
    ) {
        for attribute in attributes {
            match attribute.kind {
                AttributeKind::Type { ty, prompt } => {
                    self.set_type(symbol, ty);
                    if let Some(prompt) = prompt {
                        self.add_prompt(id, symbol, prompt, visible);
                    }
                }
                AttributeKind::Prompt(prompt) => self.add_prompt(id, symbol, prompt, visible),
                AttributeKind::TypedDefault {
                    ty,
                    value,
                    condition,
                } => {
                    self.add_default(id, symbol, attribute, value, condition);
                    self.set_type(symbol, ty);
                }
                AttributeKind::Default { value, condition } => {
                    self.add_default(id, symbol, attribute, value, condition);
                }
                AttributeKind::Select { target, condition } => {
                    self.add_select(id, symbol, attribute, target, condition, false);
                }
                AttributeKind::Imply { target, condition } => {
                    self.add_select(id, symbol, attribute, target, condition, true);
                }
                AttributeKind::Range {
                    low,
                    high,
                    condition,
                } => {
                    self.add_range(id, symbol, attribute, (low, high), condition);
                }
                AttributeKind::Transitional => self.symbol_mut(symbol).transitional = true,
                AttributeKind::Option { name, value } => {
                    self.add_option(id, symbol, attribute, name, value);
                }
                _ => {}
            }
        }
    }

    fn set_type(&mut self, symbol: SymbolId, ty: Type) {
        let record = self.symbol_mut(symbol);
        if record.ty == ValueType::Unknown {
            record.ty = ty.into();
        }
    }

    fn add_prompt(&mut self, id: NodeId, symbol: SymbolId, prompt: ast::Prompt, visible: ExprId) {
        let instance = self.menu.node(id).instance;
        let mut condition = self.full_condition(id, prompt.condition);
        condition = self.model.exprs.and(condition, visible);
        let span = self.menu.span(instance, prompt.text.range);
        self.prompt[id.0 as usize] = Some(condition);
        self.symbol_mut(symbol).prompts.push(Prompt {
            condition,
            node: id,
            span,
        });
    }

    fn add_default(
        &mut self,
        id: NodeId,
        symbol: SymbolId,
        attribute: &Attribute,
        value: ast::ExprId,
        condition: Option<ast::ExprId>,
    ) {
        let instance = self.menu.node(id).instance;
        let span = self.menu.span(instance, attribute.range);
        let condition = self.full_condition(id, condition);
        // The type may come later, so both readings are kept apart only at the end.
        let value = self.default_value(instance, value);
        for (guard, value) in value {
            let condition = self.model.exprs.and(condition, guard);
            self.symbol_mut(symbol).defaults.push(Default {
                value,
                condition,
                node: id,
                span,
            });
        }
    }

    /// A default as text where it is one word, else as an expression; `finish_dependencies`
    /// settles which reading the symbol's type wants. A word decided by tests gives one
    /// default per outcome.
    fn default_value(
        &mut self,
        instance: InstanceId,
        value: ast::ExprId,
    ) -> Vec<(ExprId, DefaultValue)> {
        let menu = self.menu.clone();
        let expr = menu.instance(instance).tree.ast().expr(value);
        if let ExprKind::Atom(atom) = expr.kind {
            let value = menu.value(instance, atom);
            let operands = self.operands(&value);
            return operands
                .into_iter()
                .map(|(guard, operand)| (guard, DefaultValue::Text(operand)))
                .collect();
        }
        let value = self.lower(instance, value, false);
        vec![(Exprs::YES, DefaultValue::Logical(value))]
    }

    fn add_select(
        &mut self,
        id: NodeId,
        selector: SymbolId,
        attribute: &Attribute,
        target: Atom,
        condition: Option<ast::ExprId>,
        imply: bool,
    ) {
        let menu = self.menu.clone();
        let instance = menu.node(id).instance;
        let value = menu.value(instance, target);
        let Some(target_symbol) = self.symbol_of(&value) else {
            return;
        };
        let written = condition.map(|condition| self.condition(instance, condition));
        let condition = self.full_condition(id, condition);
        let own = self.model.exprs.symbol(selector);
        let level = self.model.exprs.and(own, condition);
        let target_range = menu.instance(instance).tree.ast().range_of(target);
        let select = Select {
            selector,
            target: target_symbol,
            condition,
            level,
            written,
            node: id,
            span: menu.span(instance, attribute.range),
            target_span: menu.span(instance, target_range),
        };
        if imply {
            let number = SelectId(self.model.implies.len() as u32);
            self.model.implies.push(select);
            self.symbol_mut(selector).implies.push(number);
            self.symbol_mut(target_symbol).implied_by.push(number);
        } else {
            let number = SelectId(self.model.selects.len() as u32);
            self.model.selects.push(select);
            self.symbol_mut(selector).selects.push(number);
            self.symbol_mut(target_symbol).selected_by.push(number);
        }
    }

    fn add_range(
        &mut self,
        id: NodeId,
        symbol: SymbolId,
        attribute: &Attribute,
        (low, high): (Atom, Atom),
        condition: Option<ast::ExprId>,
    ) {
        let menu = self.menu.clone();
        let instance = menu.node(id).instance;
        let span = menu.span(instance, attribute.range);
        let condition = self.full_condition(id, condition);
        let (low, high) = (menu.value(instance, low), menu.value(instance, high));
        for (guard, low) in self.operands(&low) {
            for (other, high) in self.operands(&high) {
                let guard = self.model.exprs.and(guard, other);
                let condition = self.model.exprs.and(condition, guard);
                self.symbol_mut(symbol).ranges.push(Range {
                    low,
                    high,
                    condition,
                    node: id,
                    span,
                });
            }
        }
    }

    /// `option env="X"` gives the symbol the variable's value (symbol.c of Linux 4.17,
    /// `prop_add_env`). Elaboration put that value where the word stands.
    fn add_option(
        &mut self,
        id: NodeId,
        symbol: SymbolId,
        attribute: &Attribute,
        name: ast::WordId,
        value: Option<ast::WordId>,
    ) {
        let menu = self.menu.clone();
        let instance = menu.node(id).instance;
        let tree = &menu.instance(instance).tree;
        let is_env = tree
            .ast()
            .word(name)
            .text
            .is_some_and(|text| text.as_str() == "env");
        let Some(value) = value.filter(|_| is_env) else {
            return;
        };
        let Some(Output::Text(text)) = menu.instance(instance).expansions.get(&value) else {
            return;
        };
        let value = DefaultValue::Text(Operand::Constant(*text));
        let span = menu.span(instance, attribute.range);
        let condition = Exprs::YES;
        self.symbol_mut(symbol).defaults.push(Default {
            value,
            condition,
            node: id,
            span,
        });
    }

    /// A property's condition below the dependency of its statement.
    fn full_condition(&mut self, id: NodeId, condition: Option<ast::ExprId>) -> ExprId {
        let instance = self.menu.node(id).instance;
        let own = condition.map_or(Exprs::YES, |condition| self.condition(instance, condition));
        let dependency = self.dependency[id.0 as usize].unwrap_or(Exprs::YES);
        self.model.exprs.and(dependency, own)
    }

    /// A dependency or condition: a literal `m` there means `m && MODULES` (menu.c,
    /// `rewrite_m`).
    pub(super) fn condition(&mut self, instance: InstanceId, id: ast::ExprId) -> ExprId {
        self.lower(instance, id, true)
    }

    /// Without recursion: a hostile file can nest as deep as it is long.
    fn lower(&mut self, instance: InstanceId, root: ast::ExprId, rewrite_m: bool) -> ExprId {
        let menu = self.menu.clone();
        let ast = menu.instance(instance).tree.ast();
        let mut open = vec![(root, false)];
        let mut done: Vec<ExprId> = Vec::new();
        while let Some((id, ready)) = open.pop() {
            match ast.expr(id).kind {
                ExprKind::Atom(atom) => {
                    let value = menu.value(instance, atom);
                    let bare = self.bare(&value, rewrite_m);
                    done.push(bare);
                }
                ExprKind::Compare(op, left, right) => {
                    let (left, right) = (menu.value(instance, left), menu.value(instance, right));
                    let compare = self.comparison(op, &left, &right);
                    done.push(compare);
                }
                ExprKind::Paren(x) => open.push((x, false)),
                ExprKind::Not(x) if !ready => open.extend([(id, true), (x, false)]),
                ExprKind::And(x, y) | ExprKind::Or(x, y) if !ready => {
                    open.extend([(id, true), (y, false), (x, false)]);
                }
                kind => {
                    let last = done.pop().unwrap_or(Exprs::NO);
                    let exprs = &mut self.model.exprs;
                    let made = match kind {
                        ExprKind::Not(_) => exprs.not(last),
                        ExprKind::And(..) => {
                            let first = done.pop().unwrap_or(Exprs::NO);
                            exprs.and(first, last)
                        }
                        _ => {
                            let first = done.pop().unwrap_or(Exprs::NO);
                            exprs.or(first, last)
                        }
                    };
                    done.push(made);
                }
            }
        }
        done.pop().unwrap_or(Exprs::NO)
    }

    /// A word as an operand of `&&`, `||` and `!`.
    fn bare(&mut self, value: &Value, rewrite_m: bool) -> ExprId {
        match value {
            Value::Constant(text) => match Tristate::from_word(text.as_str()) {
                Some(Tristate::Module) if rewrite_m => {
                    let modules = match self.model.modules {
                        Some(symbol) => self.model.exprs.symbol(symbol),
                        None => Exprs::NO,
                    };
                    self.model.exprs.and(Exprs::MODULE, modules)
                }
                Some(value) => Exprs::constant(value),
                None => Exprs::NO,
            },
            Value::Symbol(name) => {
                let symbol = self.intern_symbol(*name);
                self.model.exprs.symbol(symbol)
            }
            Value::Unknown {
                output:
                    Output::Either {
                        test,
                        success,
                        failure,
                    },
                quoted,
            } => {
                let success = self.bare(&value_of(success, *quoted), rewrite_m);
                let failure = self.bare(&value_of(failure, *quoted), rewrite_m);
                let exprs = &mut self.model.exprs;
                let test = exprs.intern(Expr::Test(*test));
                let not = exprs.not(test);
                let (yes, no) = (exprs.and(test, success), exprs.and(not, failure));
                exprs.or(yes, no)
            }
            Value::Unknown { output, .. } => {
                let output = self.output(output);
                let prints = |word| Expr::Prints(output, Name::new(word));
                let yes = self.model.exprs.intern(prints("y"));
                let module = self.model.exprs.intern(prints("m"));
                let m = self.bare(&Value::Constant(Name::new("m")), rewrite_m);
                let module = self.model.exprs.and(module, m);
                self.model.exprs.or(yes, module)
            }
        }
    }

    fn comparison(&mut self, op: CompareOp, left: &Value, right: &Value) -> ExprId {
        let lefts = self.operands(left);
        let rights = self.operands(right);
        let mut all = Exprs::NO;
        for (guard, left) in &lefts {
            for (other, right) in &rights {
                let exprs = &mut self.model.exprs;
                let compare = exprs.compare(op, *left, *right);
                let guard = exprs.and(*guard, *other);
                let term = exprs.and(guard, compare);
                all = exprs.or(all, term);
            }
        }
        all
    }

    /// What a word may stand for as text, each with the condition under which it does. The
    /// conditions exclude each other and one always holds.
    fn operands(&mut self, value: &Value) -> Vec<(ExprId, Operand)> {
        match value {
            Value::Constant(text) => vec![(Exprs::YES, Operand::Constant(*text))],
            Value::Symbol(name) => {
                vec![(Exprs::YES, Operand::Symbol(self.intern_symbol(*name)))]
            }
            Value::Unknown {
                output:
                    Output::Either {
                        test,
                        success,
                        failure,
                    },
                quoted,
            } => {
                let test = self.model.exprs.intern(Expr::Test(*test));
                let not = self.model.exprs.not(test);
                let mut all = Vec::new();
                for (guard, branch) in [(test, success), (not, failure)] {
                    for (inner, operand) in self.operands(&value_of(branch, *quoted)) {
                        all.push((self.model.exprs.and(guard, inner), operand));
                    }
                }
                all
            }
            Value::Unknown { output, .. } => {
                vec![(Exprs::YES, Operand::Output(self.output(output)))]
            }
        }
    }

    fn output(&mut self, output: &Output) -> OutputId {
        let next = OutputId(self.model.outputs.len() as u32);
        let id = *self.output_ids.entry(output.clone()).or_insert(next);
        if id == next {
            self.model.outputs.push(output.clone());
        }
        id
    }

    fn symbol_of(&mut self, value: &Value) -> Option<SymbolId> {
        match value {
            Value::Symbol(name) => Some(self.intern_symbol(*name)),
            _ => None,
        }
    }

    fn intern_symbol(&mut self, name: Name) -> SymbolId {
        if let Some(&id) = self.model.by_name.get(&name) {
            return id;
        }
        let id = self.new_symbol(Some(name));
        self.model.by_name.insert(name, id);
        id
    }

    fn new_symbol(&mut self, name: Option<Name>) -> SymbolId {
        let id = SymbolId(self.model.symbols.len() as u32);
        self.model.symbols.push(Symbol {
            name,
            ty: ValueType::Unknown,
            definitions: Vec::new(),
            prompts: Vec::new(),
            defaults: Vec::new(),
            ranges: Vec::new(),
            selects: Vec::new(),
            implies: Vec::new(),
            selected_by: Vec::new(),
            implied_by: Vec::new(),
            direct: None,
            self_select: Exprs::NO,
            member_of: None,
            choice: None,
            transitional: false,
        });
        id
    }

    pub(super) fn symbol_mut(&mut self, id: SymbolId) -> &mut Symbol {
        &mut self.model.symbols[id.0 as usize]
    }

    /// Direct dependencies (menu.c: a definition without one is dropped from the OR), and
    /// defaults read as the types want them.
    fn finish_dependencies(&mut self) {
        let old = self.model.behaviour.choices == ChoiceForm::Old;
        let exprs = &mut self.model.exprs;
        for symbol in &mut self.model.symbols {
            let counts = old || symbol.member_of.is_none();
            for definition in symbol.definitions.iter().filter(|_| counts) {
                let Some(dependency) = definition.dependency else {
                    continue;
                };
                symbol.direct = Some(
                    symbol
                        .direct
                        .map_or(dependency, |direct| exprs.or(direct, dependency)),
                );
            }
            for default in &mut symbol.defaults {
                default.value = settle(exprs, symbol.ty, default.value);
            }
        }
    }
}

fn settle(exprs: &mut Exprs, ty: ValueType, value: DefaultValue) -> DefaultValue {
    match value {
        DefaultValue::Text(operand) if ty.is_logical() => DefaultValue::Logical(match operand {
            Operand::Symbol(symbol) => exprs.symbol(symbol),
            Operand::Constant(text) => {
                Exprs::constant(Tristate::from_word(text.as_str()).unwrap_or_default())
            }
            Operand::Output(output) => {
                let yes = exprs.intern(Expr::Prints(output, Name::new("y")));
                let module = exprs.intern(Expr::Prints(output, Name::new("m")));
                let module = exprs.and(module, Exprs::MODULE);
                exprs.or(yes, module)
            }
        }),
        DefaultValue::Logical(_) if !ty.is_logical() => DefaultValue::Invalid,
        value => value,
    }
}

fn value_of(output: &Output, quoted: bool) -> Value {
    match output {
        Output::Text(text) => constant_or_symbol(*text, quoted),
        other => Value::Unknown {
            output: other.clone(),
            quoted,
        },
    }
}

/// Looks up conditions as a model has them. It has its own copy of the expressions, because
/// looking one up makes it.
pub(super) struct Lookup {
    builder: Box<Builder>,
    known: u32,
}

impl Lookup {
    pub(super) fn new(model: &Model) -> Lookup {
        let mut builder = Builder::new(model.menu.clone(), model.behaviour);
        builder.model.exprs = model.exprs.clone();
        builder.model.by_name = model.by_name.clone();
        builder.model.modules = model.modules;
        builder.model.outputs = model.outputs.clone();
        builder.output_ids = model
            .outputs
            .iter()
            .enumerate()
            .map(|(at, output)| (output.clone(), OutputId(at as u32)))
            .collect();
        let known = model.exprs.len() as u32;
        Lookup {
            builder: Box::new(builder),
            known,
        }
    }

    /// `None` for a condition that the model folded away.
    pub(super) fn condition(&mut self, instance: InstanceId, id: ast::ExprId) -> Option<ExprId> {
        Some(self.builder.condition(instance, id)).filter(|id| id.0 < self.known)
    }
}
