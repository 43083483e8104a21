// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the attributes of a statement add to its symbol (parser.y, `config_option`; menu.c,
//! `menu_add_prop`).

use super::build::Builder;
use super::expr::{Expr, ExprId, Exprs, Operand};
use super::symbol::{Default, DefaultValue, Prompt, Range, Select, SelectId, SymbolId, ValueType};
use crate::menu::command::Output;
use crate::menu::{NodeId, Value};
use crate::source::{Name, Span};
use crate::syntax::ast::{self, Atom, Attribute, AttributeKind, ExprKind, Type};
use crate::tree::{ArchSet, ChoiceForm, Engine};

impl Builder {
    pub(super) fn add_attributes(
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
                AttributeKind::Set {
                    target,
                    value,
                    condition,
                    ..
                } if self.model.behaviour.engine == Engine::EspIdf => {
                    self.add_set(id, symbol, attribute, (target, value), condition);
                }
                _ => {}
            }
        }
    }

    pub(super) fn set_type(&mut self, symbol: SymbolId, ty: Type) {
        // kconfiglib.py, `_set_type`: the last one counts; for conf the first.
        let last = self.model.behaviour.is_kconfiglib();
        let record = self.symbol_mut(symbol);
        if last || record.ty == ValueType::Unknown {
            record.ty = ty.into();
        }
    }

    pub(super) fn add_prompt(
        &mut self,
        id: NodeId,
        symbol: SymbolId,
        prompt: ast::Prompt,
        visible: ExprId,
    ) {
        let instance = self.menu.node(id).instance;
        let mut condition = self.full_condition(id, prompt.condition);
        condition = self.model.exprs.and(condition, visible);
        let span = self.menu.span(instance, prompt.text.range);
        self.prompt[id.0 as usize] = Some(condition);
        if self.model.behaviour.is_kconfiglib() {
            // kconfiglib.py, `_parse_prompt`: of the prompts of one statement the last counts.
            self.symbol_mut(symbol).prompts.retain(|it| it.node != id);
        }
        self.symbol_mut(symbol).prompts.push(Prompt {
            condition,
            node: id,
            span,
        });
    }

    /// For minikconf every symbol is a bool that a configuration may assign (minikconf.py,
    /// `do_assignment`). The name takes the place of a prompt.
    pub(super) fn may_be_assigned(&mut self, id: NodeId, symbol: SymbolId, name: Span) {
        let condition = self.full_condition(id, None);
        self.prompt[id.0 as usize] = Some(condition);
        let symbol = self.symbol_mut(symbol);
        symbol.ty = ValueType::Bool;
        symbol.prompts.push(Prompt {
            condition,
            node: id,
            span: name,
        });
    }

    pub(super) fn add_default(
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
        let value = self.default_value(id, value);
        for (guard, value) in value {
            let condition = self.model.exprs.and(condition, guard);
            self.symbol_mut(symbol).defaults.push(Default {
                value,
                condition,
                variable: None,
                setter: None,
                node: id,
                span,
            });
        }
    }

    /// A default as text where it is one word, else as an expression; `finish_dependencies`
    /// settles which reading the symbol's type wants. A word decided by tests gives one
    /// default per outcome.
    pub(super) fn default_value(
        &mut self,
        id: NodeId,
        value: ast::ExprId,
    ) -> Vec<(ExprId, DefaultValue)> {
        let menu = self.menu.clone();
        let instance = menu.node(id).instance;
        let expr = menu.instance(instance).tree.ast().expr(value);
        if let ExprKind::Atom(atom) = expr.kind {
            let value = menu.value(instance, atom);
            let operands = self.operands(&value);
            return operands
                .into_iter()
                .map(|(guard, operand)| (guard, DefaultValue::Text(operand)))
                .collect();
        }
        // Only here, conf of every form folds nothing before it looks for cycles.
        let is_new = self.model.behaviour.choices == ChoiceForm::New;
        if is_new {
            self.model.exprs.lost.clear();
        }
        let value = self.lower(instance, value, false);
        if is_new {
            self.lost_in(id);
        }
        vec![(Exprs::YES, DefaultValue::Logical(value))]
    }

    pub(super) fn add_select(
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
        let Value::Symbol(name) = value else { return };
        let variants = self.variants(name);
        let written = condition.map(|condition| self.condition(instance, condition));
        let condition = self.full_condition(id, condition);
        let own = self.model.exprs.symbol(selector);
        let target_range = menu.instance(instance).tree.ast().range_of(target);
        for (on, target) in variants {
            let guard = self.model.exprs.on(on & self.typed_on(target));
            let condition = self.model.exprs.and(guard, condition);
            let level = self.model.exprs.level(own, condition);
            let select = Select {
                selector,
                target,
                condition,
                level,
                written,
                node: id,
                span: menu.span(instance, attribute.range),
                target_span: menu.span(instance, target_range),
            };
            self.add_edge(select, imply);
        }
    }

    fn add_edge(&mut self, select: Select, imply: bool) {
        let (selector, target) = (select.selector, select.target);
        if imply && self.model.behaviour.engine == Engine::Minikconf {
            // minikconf.py, `do_imply`: a default of the target.
            let default = Default {
                value: DefaultValue::Logical(Exprs::YES),
                condition: select.level,
                variable: None,
                setter: Some(selector),
                node: select.node,
                span: select.span,
            };
            self.symbol_mut(target).defaults.push(default);
        } else if imply {
            let number = SelectId(self.model.implies.len() as u32);
            self.model.implies.push(select);
            self.symbol_mut(selector).implies.push(number);
            self.symbol_mut(target).implied_by.push(number);
        } else {
            let number = SelectId(self.model.selects.len() as u32);
            self.model.selects.push(select);
            self.symbol_mut(selector).selects.push(number);
            self.symbol_mut(target).selected_by.push(number);
        }
    }

    /// Where a symbol is defined, if that is not everywhere. Nothing can switch it on elsewhere.
    fn typed_on(&self, symbol: SymbolId) -> ArchSet {
        let name = self.model.symbol(symbol).name;
        let defined = name.and_then(|name| self.menu.defined.get(&name));
        defined.copied().unwrap_or(self.menu.on)
    }

    pub(super) fn add_range(
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

    /// `option env="X"` gives the symbol the variable's value as a default, and nothing where the
    /// variable is unset (symbol.c of Linux 4.17, `prop_add_env`). Elaboration put that value
    /// where the word stands. Only the first such option of a symbol counts.
    pub(super) fn add_option(
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
        let Some(variable) = value.filter(|_| is_env) else {
            return;
        };
        if std::mem::replace(&mut self.symbol_mut(symbol).from_environment, true) {
            return;
        }
        let Some(text) = menu.instance(instance).expansions.get(&variable) else {
            return;
        };
        let (value, condition) = match text {
            Output::Text(text) => (Operand::Constant(*text), Exprs::YES),
            unknown => {
                let unknown = self.output(unknown);
                let exprs = &mut self.model.exprs;
                let unset = exprs.intern(Expr::Prints(unknown, Name::new("")));
                (Operand::Output(unknown), exprs.not(unset))
            }
        };
        let guard = self.model.exprs.on(menu.node(id).on);
        let condition = self.model.exprs.and(guard, condition);
        let value = DefaultValue::Text(value);
        let variable = tree.ast().word(variable).text;
        let span = menu.span(instance, attribute.range);
        self.symbol_mut(symbol).defaults.push(Default {
            value,
            condition,
            variable,
            setter: None,
            node: id,
            span,
        });
    }

    /// A property's condition below the dependency of its statement.
    pub(super) fn full_condition(&mut self, id: NodeId, condition: Option<ast::ExprId>) -> ExprId {
        let instance = self.menu.node(id).instance;
        let own = condition.map_or(Exprs::YES, |condition| self.condition(instance, condition));
        let dependency = self.dependency[id.0 as usize].unwrap_or(Exprs::YES);
        let guard = self.model.exprs.on(self.menu.node(id).on);
        let dependency = self.model.exprs.and(guard, dependency);
        self.model.exprs.and(dependency, own)
    }
}
