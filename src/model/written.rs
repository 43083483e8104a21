// SPDX-License-Identifier: MIT OR Apache-2.0
//! The expressions of statements as conf keeps them: together with what is inherited, and
//! folded (menu.c, `menu_finalize`).
//!
//! The model's own expressions are simpler and mean the same. This is for the few questions
//! that conf answers by looking at an expression's text: cycles, and submenus of choices.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::Model;
use super::expr::{Operand, Tristate};
use super::folding::{Term, TermId, Terms, Unknown};
use super::symbol::SymbolId;
use crate::menu::command::Output;
use crate::menu::{InstanceId, NodeId, Value, constant_or_symbol};
use crate::source::{Name, Span};
use crate::syntax::ast::{self, Atom, Attribute, AttributeKind, EntryKind, ExprKind};
use crate::tree::{ArchSet, ChoiceForm};

/// Reads the statements of one model; what it has read it keeps.
pub(super) struct Written<'m> {
    model: &'m Model,
    pub(super) terms: Terms<'m>,
    dependencies: FxHashMap<NodeId, Option<TermId>>,
    /// The architecture for which it reads them; `None` for all at once.
    at: Option<usize>,
    /// Whether a symbol that some architectures do not define counts as unknown: there it has no
    /// type, and conf folds less.
    is_strict: bool,
}

/// A property of a statement.
pub(super) struct Property {
    /// Its condition with what its statement depends on; `None` without any.
    pub(super) condition: Option<TermId>,
    /// A default's value, which conf does not fold.
    pub(super) value: Option<TermId>,
}

impl<'m> Written<'m> {
    pub(super) fn new(model: &'m Model) -> Written<'m> {
        Written {
            model,
            terms: Terms::new(&model.symbols, &model.behaviour),
            dependencies: FxHashMap::default(),
            at: None,
            is_strict: false,
        }
    }

    /// The same, which never folds more than conf does on any of several architectures.
    pub(super) fn strictly(model: &'m Model) -> Written<'m> {
        Written {
            is_strict: true,
            ..Written::new(model)
        }
    }

    /// The same as conf reads them on one of several architectures.
    pub(super) fn on(model: &'m Model, at: usize) -> Written<'m> {
        let all = Written::new(model);
        Written {
            at: Some(at),
            terms: all.terms.on(&model.menu.defined, at),
            ..all
        }
    }

    pub(super) fn model(&self) -> &'m Model {
        self.model
    }

    /// The full dependency of a statement; `None` when it has none.
    pub(super) fn dependency(&mut self, node: NodeId) -> Option<TermId> {
        let mut missing = Vec::new();
        let mut up = Some(node);
        while let Some(id) = up.filter(|id| !self.dependencies.contains_key(id)) {
            missing.push(id);
            up = self.model.menu.node(id).parent;
        }
        for id in missing.into_iter().rev() {
            let inherited = self.inherited(id);
            let own = self.own_dependency(id);
            let folded = self.below(inherited, own);
            self.dependencies.insert(id, folded);
        }
        self.dependencies[&node]
    }

    fn inherited(&mut self, id: NodeId) -> Option<TermId> {
        let up = self.model.menu.node(id).parent?;
        match self.choice_of(up) {
            Some(choice) if self.model.behaviour.choices == ChoiceForm::Old => {
                Some(self.terms.make(Term::Leaf(Operand::Symbol(choice))))
            }
            _ => self.dependencies.get(&up).copied().flatten(),
        }
    }

    fn choice_of(&self, node: NodeId) -> Option<SymbolId> {
        let EntryKind::Choice(name) = *self.model.menu.kind(node) else {
            return None;
        };
        let choices = &self.model.choices;
        let own = choices.iter().find(|choice| choice.node == node);
        let again = || {
            let instance = self.model.menu.node(node).instance;
            let (Value::Symbol(name) | Value::Constant(name)) = self.value(instance, name?) else {
                return None;
            };
            let named = |symbol| self.model.symbol(symbol).name == Some(name);
            choices.iter().find(|choice| named(choice.symbol))
        };
        own.or_else(again).map(|choice| choice.symbol)
    }

    /// What follows `depends on` and `if`, not folded.
    fn own_dependency(&mut self, id: NodeId) -> Option<TermId> {
        let menu = self.model.menu.clone();
        let node = menu.node(id);
        let ast = menu.instance(node.instance).tree.ast();
        let entry = ast.entry(node.entry);
        let mut own = None;
        if let EntryKind::If(condition) = entry.kind {
            own = Some(self.lower(node.instance, condition, true));
        }
        for attribute in ast.attributes_of(entry) {
            let AttributeKind::DependsOn { expr, condition } = attribute.kind else {
                continue;
            };
            let mut term = self.lower(node.instance, expr, true);
            if let Some(condition) = condition {
                let condition = self.lower(node.instance, condition, false);
                let off = self.terms.compare_with_no(condition, true);
                term = self.terms.make(Term::Or(term, off));
            }
            own = self.terms.both(own, Some(term));
        }
        own
    }

    fn below(&mut self, outer: Option<TermId>, own: Option<TermId>) -> Option<TermId> {
        if self.terms.is_kconfiglib {
            return self.terms.both(outer, own);
        }
        let own = own.map(|own| self.terms.transform(own));
        let all = self.terms.both(outer, own)?;
        Some(self.terms.eliminate_dups(all))
    }

    /// The prompt of a statement, if it has one: the last. Its condition may be nothing.
    pub(super) fn prompt(&mut self, id: NodeId) -> Option<Option<TermId>> {
        let menu = self.model.menu.clone();
        let node = menu.node(id);
        let ast = menu.instance(node.instance).tree.ast();
        let attributes = ast.attributes_of(ast.entry(node.entry));
        let last = attributes.iter().rev().find_map(prompt_of)?;
        Some(self.prompt_condition(id, last))
    }

    fn prompt_condition(&mut self, id: NodeId, prompt: ast::Prompt) -> Option<TermId> {
        let menu = self.model.menu.clone();
        let instance = menu.node(id).instance;
        let mut own = prompt
            .condition
            .map(|condition| self.lower(instance, condition, true));
        let mut up = menu.node(id).parent;
        while let Some(block) = up {
            let node = menu.node(block);
            let ast = menu.instance(node.instance).tree.ast();
            let mut visible = None;
            for attribute in ast.attributes_of(ast.entry(node.entry)) {
                if let AttributeKind::Visible(Some(condition)) = attribute.kind {
                    let condition = self.lower(node.instance, condition, true);
                    visible = self.terms.both(visible, Some(condition));
                }
            }
            own = self.terms.both(own, visible);
            up = node.parent;
        }
        let dependency = self.dependency(id);
        self.below(dependency, own)
    }

    /// The property of a statement at this place: of a prompt its text's, of all others that
    /// of the whole line.
    pub(super) fn property(&mut self, id: NodeId, span: Span) -> Option<Property> {
        let menu = self.model.menu.clone();
        let node = *menu.node(id);
        let ast = menu.instance(node.instance).tree.ast();
        for attribute in ast.attributes_of(ast.entry(node.entry)) {
            if let Some(prompt) = prompt_of(attribute) {
                if menu.span(node.instance, prompt.text.range) == span {
                    return Some(Property {
                        condition: self.prompt_condition(id, prompt),
                        value: None,
                    });
                }
            }
            if menu.span(node.instance, attribute.range) != span {
                continue;
            }
            let (value, condition) = match attribute.kind {
                AttributeKind::TypedDefault {
                    value, condition, ..
                }
                | AttributeKind::Default { value, condition } => (Some(value), condition),
                AttributeKind::Select { condition, .. }
                | AttributeKind::Imply { condition, .. }
                | AttributeKind::Range { condition, .. }
                | AttributeKind::Set { condition, .. } => (None, condition),
                _ => continue,
            };
            let own = condition.map(|condition| self.lower(node.instance, condition, true));
            let dependency = self.dependency(id);
            return Some(Property {
                condition: self.below(dependency, own),
                value: value.map(|value| self.lower(node.instance, value, false)),
            });
        }
        None
    }

    /// An expression as it is written; with `rewrite_m`, m is `m && MODULES` (menu.c,
    /// `rewrite_m`). Without recursion: a hostile file can nest as deep as it is long.
    fn lower(&mut self, instance: InstanceId, root: ast::ExprId, rewrite_m: bool) -> TermId {
        let menu = self.model.menu.clone();
        let ast = menu.instance(instance).tree.ast();
        let mut open = vec![(root, false)];
        let mut done: Vec<TermId> = Vec::new();
        while let Some((id, ready)) = open.pop() {
            match ast.expr(id).kind {
                ExprKind::Atom(atom) => {
                    let word = self.word(instance, atom, rewrite_m);
                    done.push(word);
                }
                ExprKind::Compare(op, left, right) => {
                    let compare = self.comparison(instance, op, left, right);
                    done.push(compare);
                }
                ExprKind::Paren(x) => open.push((x, false)),
                ExprKind::Not(x) if !ready => open.extend([(id, true), (x, false)]),
                ExprKind::And(x, y) | ExprKind::Or(x, y) if !ready => {
                    open.extend([(id, true), (y, false), (x, false)]);
                }
                kind => {
                    // Each operand has left one term.
                    let (Some(last), first) = (done.pop(), &mut done) else {
                        continue;
                    };
                    let term = match kind {
                        ExprKind::Not(_) => Term::Not(last),
                        ExprKind::And(..) => Term::And(first.pop().unwrap_or(last), last),
                        _ => Term::Or(first.pop().unwrap_or(last), last),
                    };
                    done.push(self.terms.make(term));
                }
            }
        }
        match done.pop() {
            Some(term) => term,
            None => self.terms.constant(Tristate::No),
        }
    }

    fn word(&mut self, instance: InstanceId, atom: Atom, rewrite_m: bool) -> TermId {
        let value = self.value(instance, atom);
        let Some(operand) = self.operand(instance, &value) else {
            let mut symbols = self.possible(instance, &value);
            let is_rewritten = rewrite_m && may_be_m(&value);
            if is_rewritten {
                symbols.extend(self.modules());
            }
            let word = Unknown::Word(value, is_rewritten);
            return self.terms.unknown(word, symbols);
        };
        let leaf = self.terms.make(Term::Leaf(operand));
        let is_m = matches!(operand, Operand::Constant(text) if text.as_str() == "m");
        if !(is_m && rewrite_m && self.model.behaviour.knows_m()) {
            return leaf;
        }
        let modules = match self.modules() {
            Some(symbol) => self.terms.make(Term::Leaf(Operand::Symbol(symbol))),
            None => self.terms.constant(Tristate::No),
        };
        self.terms.make(Term::And(leaf, modules))
    }

    fn comparison(
        &mut self,
        instance: InstanceId,
        op: ast::CompareOp,
        left: Atom,
        right: Atom,
    ) -> TermId {
        let words = [left, right].map(|atom| self.value(instance, atom));
        let [left, right] = &words;
        let operands = [self.operand(instance, left), self.operand(instance, right)];
        match (operands[0], operands[1]) {
            (Some(left), Some(right)) => self.terms.make(Term::Compare(op, left, right)),
            _ => {
                let mut symbols = self.possible(instance, &words[0]);
                symbols.extend(self.possible(instance, &words[1]));
                let [left, right] = words;
                let compare = Unknown::Compare(op, left, right);
                self.terms.unknown(compare, symbols)
            }
        }
    }

    /// MODULES, where it is defined.
    fn modules(&self) -> Option<SymbolId> {
        let modules = self.model.modules?;
        let name = self.model.symbol(modules).name;
        let defined = name.and_then(|name| self.model.menu.defined.get(&name));
        let is_here = self.at.zip(defined).is_none_or(|(at, on)| on.contains(at));
        is_here.then_some(modules)
    }

    fn value(&self, instance: InstanceId, atom: Atom) -> Value {
        match self.at {
            Some(at) => self.model.menu.value_on(instance, atom, at),
            None => self.model.menu.value(instance, atom),
        }
    }

    fn operand(&self, instance: InstanceId, value: &Value) -> Option<Operand> {
        match value {
            Value::Constant(text) => Some(Operand::Constant(*text)),
            Value::Symbol(name) => match self.symbols(instance, *name)[..] {
                [only] if !self.is_fork(instance, *name) => Some(Operand::Symbol(only)),
                [] => None,
                _ => None,
            },
            Value::Forked(_) | Value::Unknown { .. } => None,
        }
    }

    fn is_fork(&self, instance: InstanceId, name: Name) -> bool {
        let menu = &self.model.menu;
        let defined = menu.defined.get(&name).filter(|_| self.is_strict);
        defined.is_some_and(|on| !on.covers(menu.instance(instance).on))
    }

    /// The symbols of a name, for the architectures that read this inclusion.
    fn symbols(&self, instance: InstanceId, name: Name) -> SmallVec<[SymbolId; 1]> {
        let model = self.model;
        let Some(variants) = model.variants.get(&name) else {
            return model.by_name.get(&name).copied().into_iter().collect();
        };
        let all = model.menu.instance(instance).on;
        let here = self.at.map_or(all, ArchSet::only);
        let own = variants.iter().filter(|(on, _)| !(*on & here).is_empty());
        own.map(|(_, symbol)| *symbol).collect()
    }

    /// The symbols that a word can turn out to be.
    fn possible(&self, instance: InstanceId, value: &Value) -> Vec<SymbolId> {
        let mut found = Vec::new();
        let mut open = vec![value.clone()];
        while let Some(value) = open.pop() {
            match value {
                Value::Symbol(name) => found.extend(self.symbols(instance, name)),
                Value::Unknown {
                    output:
                        Output::Either {
                            success, failure, ..
                        },
                    quoted,
                } => {
                    for branch in [*success, *failure] {
                        open.push(match branch {
                            Output::Text(text) => constant_or_symbol(text, quoted),
                            output => Value::Unknown { output, quoted },
                        });
                    }
                }
                Value::Forked(values) => open.extend(values.into_iter().map(|(_, value)| value)),
                Value::Constant(_) | Value::Unknown { .. } => {}
            }
        }
        found
    }
}

/// Whether a word can turn out to be the constant m.
fn may_be_m(value: &Value) -> bool {
    let mut open = match value {
        Value::Constant(text) => return *text == Name::M,
        Value::Symbol(_) => return false,
        Value::Unknown { output, .. } => vec![output],
        Value::Forked(values) => return values.iter().any(|(_, value)| may_be_m(value)),
    };
    while let Some(output) = open.pop() {
        match output {
            Output::Text(text) if *text != Name::M => {}
            Output::Either {
                success, failure, ..
            } => open.extend([&**success, &**failure]),
            _ => return true,
        }
    }
    false
}

fn prompt_of(attribute: &Attribute) -> Option<ast::Prompt> {
    match attribute.kind {
        AttributeKind::Type { prompt, .. } => prompt,
        AttributeKind::Prompt(prompt) => Some(prompt),
        _ => None,
    }
}
