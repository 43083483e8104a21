// SPDX-License-Identifier: MIT OR Apache-2.0
//! Expressions of the files as expressions of the model (parser.y; menu.c, `rewrite_m`).
//!
//! Words are looked up, macros stand for what they expand to here, a literal `m` in a
//! condition becomes `m && MODULES`. What a statement makes of an expression lies in `build`
//! and `properties`.

use super::build::{Builder, Work};
use super::expr::{Expr, ExprId, Exprs, Operand, OutputId, Tristate};
use super::{Conditional, Model};
use crate::menu::command::Output;
use crate::menu::{InstanceId, Value, constant_or_symbol};
use crate::source::Name;
use crate::syntax::ast::{self, CompareOp, ExprKind};

impl Builder {
    /// `depends on X if Y` is `X || Y = n` (parser.y and menu.c of Linux 7.0, `menu_add_dep`,
    /// through expr.c, `expr_trans_compare`).
    pub(super) fn unless_off(
        &mut self,
        instance: InstanceId,
        term: ExprId,
        condition: ast::ExprId,
    ) -> ExprId {
        let off = self.equals_no(instance, condition);
        let dependency = self.model.exprs.or(term, off);
        // Where a constant took a side away, nothing with a condition is left.
        if self.model.exprs.get(dependency) == Expr::Or(term, off) {
            let written = Conditional {
                instance,
                condition,
            };
            let known = &mut self.model.conditional;
            known.entry(dependency).or_insert(written);
        }
        dependency
    }

    /// `Y = n` as `expr_trans_compare` makes it: each operand of Y is compared with n. `!A = n`
    /// becomes `A != n`, so nothing may be folded before. Without recursion, like `lower`.
    fn equals_no(&mut self, instance: InstanceId, root: ast::ExprId) -> ExprId {
        let menu = self.menu.clone();
        let ast = menu.instance(instance).tree.ast();
        let no = Value::Constant(Name::N);
        let mut open = vec![(root, true, false)];
        let mut done: Vec<ExprId> = Vec::new();
        while let Some((id, equal, ready)) = open.pop() {
            match ast.expr(id).kind {
                ExprKind::Atom(atom) => {
                    let op = if equal {
                        CompareOp::Equal
                    } else {
                        CompareOp::Unequal
                    };
                    let value = menu.value(instance, atom);
                    let compare = self.comparison(op, &value, &no);
                    done.push(compare);
                }
                ExprKind::Compare(op, left, right) => {
                    let (left, right) = (menu.value(instance, left), menu.value(instance, right));
                    let compare = self.comparison(op, &left, &right);
                    done.push(match equal {
                        true => self.model.exprs.not(compare),
                        false => compare,
                    });
                }
                ExprKind::Paren(x) => open.push((x, equal, false)),
                ExprKind::Not(x) => open.push((x, !equal, false)),
                ExprKind::And(x, y) | ExprKind::Or(x, y) if !ready => {
                    open.extend([(id, equal, true), (y, true, false), (x, true, false)]);
                }
                kind => {
                    let last = done.pop().unwrap_or(Exprs::NO);
                    let first = done.pop().unwrap_or(Exprs::NO);
                    let exprs = &mut self.model.exprs;
                    // A conjunction is n where one operand is n.
                    let off = match kind {
                        ExprKind::And(..) => exprs.or(first, last),
                        _ => exprs.and(first, last),
                    };
                    done.push(if equal { off } else { exprs.not(off) });
                }
            }
        }
        done.pop().unwrap_or(Exprs::NO)
    }

    /// A dependency or condition: a literal `m` there means `m && MODULES` (menu.c,
    /// `rewrite_m`).
    pub(super) fn condition(&mut self, instance: InstanceId, id: ast::ExprId) -> ExprId {
        self.lower(instance, id, true)
    }

    /// Without recursion: a hostile file can nest as deep as it is long.
    pub(super) fn lower(
        &mut self,
        instance: InstanceId,
        root: ast::ExprId,
        rewrite_m: bool,
    ) -> ExprId {
        let menu = self.menu.clone();
        let ast = menu.instance(instance).tree.ast();
        // Most conditions are one word.
        if let ExprKind::Atom(atom) = ast.expr(root).kind {
            let value = menu.value(instance, atom);
            return self.bare(&value, rewrite_m);
        }
        let Work { mut open, mut done } = std::mem::take(&mut self.work);
        open.push((root, false));
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
                    let made = self.combined(&kind, &mut done);
                    done.push(made);
                }
            }
        }
        let result = done.pop().unwrap_or(Exprs::NO);
        self.work = Work { open, done };
        result
    }

    /// An operator on the last of what is done.
    fn combined(&mut self, kind: &ExprKind, done: &mut Vec<ExprId>) -> ExprId {
        let exprs = &mut self.model.exprs;
        let last = done.pop().unwrap_or(Exprs::NO);
        match kind {
            ExprKind::Not(_) => exprs.not(last),
            ExprKind::And(..) => {
                let first = done.pop().unwrap_or(Exprs::NO);
                exprs.and(first, last)
            }
            _ => {
                let first = done.pop().unwrap_or(Exprs::NO);
                exprs.or(first, last)
            }
        }
    }

    /// A word as an operand of `&&`, `||` and `!`.
    pub(super) fn bare(&mut self, value: &Value, rewrite_m: bool) -> ExprId {
        match value {
            Value::Constant(text) => match Tristate::from_name(*text) {
                // For ESP-IDF it is the name of a symbol that nothing defines.
                Some(Tristate::Module) if !self.model.behaviour.knows_m() => Exprs::NO,
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
                let mut all = Exprs::NO;
                for (on, symbol) in self.variants(*name) {
                    let exprs = &mut self.model.exprs;
                    let (guard, symbol) = (exprs.on(on), exprs.symbol(symbol));
                    let term = exprs.and(guard, symbol);
                    all = exprs.or(all, term);
                }
                all
            }
            Value::Forked(values) => {
                let mut all = Exprs::NO;
                for (on, value) in values {
                    let guard = self.model.exprs.on(*on);
                    let value = self.bare(value, rewrite_m);
                    let term = self.model.exprs.and(guard, value);
                    all = self.model.exprs.or(all, term);
                }
                all
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
                let m = self.bare(&Value::Constant(Name::M), rewrite_m);
                let module = self.model.exprs.and(module, m);
                self.model.exprs.or(yes, module)
            }
        }
    }

    pub(super) fn comparison(&mut self, op: CompareOp, left: &Value, right: &Value) -> ExprId {
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
    pub(super) fn operands(&mut self, value: &Value) -> Vec<(ExprId, Operand)> {
        match value {
            Value::Constant(text) => vec![(Exprs::YES, Operand::Constant(*text))],
            Value::Symbol(name) => self.text_of(*name),
            Value::Forked(values) => {
                let mut all = Vec::new();
                for (on, value) in values {
                    let on = self.model.exprs.on(*on);
                    for (guard, operand) in self.operands(value) {
                        all.push((self.model.exprs.and(on, guard), operand));
                    }
                }
                all
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

    /// A symbol's text, which is its name where it is not defined.
    fn text_of(&mut self, name: Name) -> Vec<(ExprId, Operand)> {
        let defined = self.menu.defined.get(&name).copied();
        let mut all = Vec::new();
        for (on, symbol) in self.variants(name) {
            let on = on & defined.unwrap_or(on);
            all.push((self.model.exprs.on(on), Operand::Symbol(symbol)));
        }
        let undefined = defined.map(|on| self.menu.on.without(on));
        if let Some(on) = undefined {
            all.push((self.model.exprs.on(on), Operand::Constant(name)));
        }
        all
    }

    pub(super) fn output(&mut self, output: &Output) -> OutputId {
        let next = OutputId(self.model.outputs.len() as u32);
        let id = *self.output_ids.entry(output.clone()).or_insert(next);
        if id == next {
            self.model.outputs.push(output.clone());
        }
        id
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
        builder.model.variants.clone_from(&model.variants);
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

    /// The same for a dependency with a condition.
    pub(super) fn unless_off(
        &mut self,
        instance: InstanceId,
        dependency: ast::ExprId,
        condition: ast::ExprId,
    ) -> Option<ExprId> {
        let dependency = self.builder.condition(instance, dependency);
        let all = self.builder.unless_off(instance, dependency, condition);
        Some(all).filter(|id| id.0 < self.known)
    }
}
