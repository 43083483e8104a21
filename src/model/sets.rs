// SPDX-License-Identifier: MIT OR Apache-2.0
//! What `set` and `set default` of ESP-IDF give other symbols (core.py of esp-idf-kconfig,
//! `Symbol.str_value`): values between those of the user and the symbol's own defaults.
//!
//! The model needs no new kind of property for them. A `set` that counts comes before all defaults,
//! and hides the prompts, so that the user gives nothing; a `set default` comes between.

use super::build::Builder;
use super::expr::{ExprId, Exprs, Operand};
use super::symbol::{Default, DefaultValue, SymbolId, ValueType};
use crate::menu::{NodeId, Value};
use crate::source::Name;
use crate::syntax::ast::{Atom, Attribute, AttributeKind, CompareOp};
use crate::tree::Engine;

/// One `set`, whose target may be defined later.
pub(super) struct Set {
    target: SymbolId,
    /// Whether it is `set default`.
    weak: bool,
    value: Operand,
    /// When it counts: the symbol whose statement it is, and its condition.
    condition: ExprId,
    setter: SymbolId,
    node: NodeId,
    span: crate::source::Span,
}

impl Builder {
    /// Keeps a `set` of a symbol.
    pub(super) fn add_set(
        &mut self,
        id: NodeId,
        setter: SymbolId,
        attribute: &Attribute,
        (target, value): (Atom, Atom),
        condition: Option<crate::syntax::ast::ExprId>,
    ) {
        let menu = self.menu.clone();
        let instance = menu.node(id).instance;
        let Value::Symbol(target) = menu.value(instance, target) else {
            return;
        };
        let AttributeKind::Set { default: weak, .. } = attribute.kind else {
            return;
        };
        let span = menu.span(instance, attribute.range);
        let condition = self.full_condition(id, condition);
        let own = self.model.exprs.symbol(setter);
        let condition = self.model.exprs.and(own, condition);
        let value = menu.value(instance, value);
        for (_, target) in self.variants(target) {
            for (guard, value) in self.operands(&value) {
                let condition = self.model.exprs.and(guard, condition);
                self.sets.push(Set {
                    target,
                    weak,
                    value,
                    condition,
                    setter,
                    node: id,
                    span,
                });
            }
        }
    }

    /// Gives all targets what is set. Direct dependencies are known by now.
    pub(super) fn finish_sets(&mut self) {
        if self.model.behaviour.engine == Engine::Minikconf {
            self.bound_implied();
        }
        let sets = std::mem::take(&mut self.sets);
        let (sets, idle): (Vec<Set>, Vec<Set>) =
            (sets.into_iter()).partition(|set| self.has_effect(set));
        let mut targets: Vec<SymbolId> = sets.iter().map(|set| set.target).collect();
        targets.sort();
        targets.dedup();
        for target in targets {
            let (weak, strong): (Vec<&Set>, Vec<&Set>) = (sets.iter())
                .filter(|set| set.target == target)
                .partition(|set| set.weak);
            let mut defaults: Vec<Default> = strong.iter().map(|set| set.default()).collect();
            defaults.extend(self.weak_defaults(target, &weak));
            let exprs = &mut self.model.exprs;
            let conditions = strong.iter().map(|set| set.condition);
            let forced = conditions.fold(Exprs::NO, |all, one| exprs.or(all, one));
            let free = exprs.not(forced);
            let symbol = &mut self.model.symbols[target.0 as usize];
            for prompt in &mut symbol.prompts {
                prompt.condition = exprs.and(free, prompt.condition);
            }
            symbol.defaults.insert_many(0, defaults);
        }
        // In a cycle these count, too. Behind all defaults they say what holds anyway.
        for set in idle {
            let symbol = &mut self.model.symbols[set.target.0 as usize];
            let value = match symbol.ty.is_logical() {
                true => DefaultValue::Logical(Exprs::NO),
                false => DefaultValue::Text(Operand::Constant(Name::new(""))),
            };
            symbol.defaults.push(Default {
                value,
                ..set.default()
            });
        }
    }

    /// A default that comes from an `imply` of minikconf counts where the dependency of its target holds.
    fn bound_implied(&mut self) {
        let exprs = &mut self.model.exprs;
        for symbol in &mut self.model.symbols {
            let Some(direct) = symbol.direct else {
                continue;
            };
            for default in symbol.defaults.iter_mut().filter(|it| it.setter.is_some()) {
                default.condition = exprs.and(direct, default.condition);
            }
        }
    }

    /// Only numbers and strings take values of others, and a number none that is no number.
    fn has_effect(&self, set: &Set) -> bool {
        let ty = self.model.symbol(set.target).ty;
        match set.value {
            _ if ty == ValueType::String => true,
            _ if ty.is_logical() || ty == ValueType::Unknown => false,
            Operand::Constant(text) => is_number(text.as_str(), ty),
            // A number without quotes is a symbol of this name. What that symbol is does not count.
            Operand::Symbol(symbol) => is_number(self.model.name(symbol), ty),
            Operand::Output(_) => false,
        }
    }

    /// Of several `set default`, the first that counts decides; where it gives an empty text, the
    /// symbol's own defaults come next.
    fn weak_defaults(&mut self, target: SymbolId, sets: &[&Set]) -> Vec<Default> {
        let direct = self.model.symbol(target).direct.unwrap_or(Exprs::YES);
        let exprs = &mut self.model.exprs;
        let mut open = direct;
        let mut all = Vec::new();
        for set in sets {
            let mut condition = exprs.and(open, set.condition);
            let empty = Operand::Constant(Name::new(""));
            if set.value == empty {
                let passed = exprs.not(set.condition);
                open = exprs.and(open, passed);
                continue;
            }
            if let Operand::Symbol(_) = set.value {
                let given = exprs.compare(CompareOp::Unequal, set.value, empty);
                condition = exprs.and(given, condition);
                let passed = exprs.not(set.condition);
                open = exprs.and(open, passed);
            }
            all.push(Default {
                condition,
                ..set.default()
            });
        }
        all
    }
}

/// Whether a text is a number in the base of a type.
fn is_number(text: &str, ty: ValueType) -> bool {
    let digits = text.trim_start_matches(['-', '+']);
    let (base, digits) = match ty {
        ValueType::Hex => (16, digits.trim_start_matches("0x").trim_start_matches("0X")),
        _ => (10, digits),
    };
    !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(base))
}

impl Set {
    fn default(&self) -> Default {
        Default {
            value: DefaultValue::Text(self.value),
            condition: self.condition,
            variable: None,
            setter: Some(self.setter),
            node: self.node,
            span: self.span,
        }
    }
}
