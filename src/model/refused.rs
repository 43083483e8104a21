// SPDX-License-Identifier: MIT OR Apache-2.0
//! What kconfig refuses of symbols, although each statement alone is fine (parser.y,
//! `conf_parse` after parsing, and what it checks of a choice's members).
//!
//! Whether the tree's kconfig refuses it or only warns is in [`Grammar`].

use super::Model;
use super::choices::around;
use super::expr::Tristate;
use super::symbol::{DefaultValue, Definition, Symbol, SymbolId, ValueType};
use super::written::Written;
use crate::menu::{NodeId, Problem};
use crate::source::Span;
use crate::syntax::ast::{AttributeKind, EntryKind};
use crate::tree::{Grammar, SecondPrompt};

/// Says why a `transitional` symbol is refused.
const ALONE: &str = "a `transitional` symbol has a type and a help text and nothing else";

impl Model {
    /// What a kconfig of this grammar refuses of the symbols.
    pub fn refused(&self, grammar: &Grammar) -> Vec<Problem> {
        let mut check = Check {
            model: self,
            found: Vec::new(),
        };
        if !grammar.loose_transitional {
            check.transitional();
        }
        if !grammar.loose_choices {
            check.members(grammar.second_prompt);
        }
        if !grammar.second_modules {
            check.modules();
        }
        if self.behaviour.is_kconfiglib() {
            check.defaults();
        }
        check.found
    }
}

struct Check<'m> {
    model: &'m Model,
    found: Vec<Problem>,
}

impl Check<'_> {
    fn refuse(&mut self, span: Span, message: String, related: Vec<(Span, String)>) {
        self.found.push(Problem {
            rule: "syntax-error",
            span,
            message: format!("{message}: this tree's kconfig refuses the tree"),
            related,
            fatal: true,
            on: self.model.menu.on,
        });
    }

    /// parser.y, `transitional_check_sanity`.
    fn transitional(&mut self) {
        let model = self.model;
        let all = model.symbols.iter().filter(|symbol| symbol.transitional);
        let all: Vec<&Symbol> = all.collect();
        if all.is_empty() {
            return;
        }
        let mut written = Written::new(model);
        for symbol in all {
            let mut spans = self.properties(symbol);
            for definition in &symbol.definitions {
                let dependency = written.dependency(definition.node);
                let depends =
                    dependency.is_some_and(|term| !written.terms.is_constant(term, Tristate::Yes));
                spans.extend(depends.then_some(definition.name));
            }
            spans.sort();
            if let Some(span) = spans.first() {
                let name = symbol
                    .name
                    .map_or_else(String::new, |name| name.as_str().to_owned());
                self.refuse(*span, format!("{ALONE}, unlike {name}"), Vec::new());
            }
        }
    }

    /// Where a symbol gets a prompt, a default, a range, a select or an imply.
    fn properties(&self, symbol: &Symbol) -> Vec<Span> {
        let model = self.model;
        let prompts = symbol.prompts.iter().map(|it| it.span);
        let defaults = symbol.defaults.iter().map(|it| it.span);
        let ranges = symbol.ranges.iter().map(|it| it.span);
        let selects = symbol.selects.iter().map(|id| model.select(*id).span);
        let implies = symbol.implies.iter().map(|id| model.imply(*id).span);
        let all = prompts.chain(defaults).chain(ranges);
        all.chain(selects).chain(implies).collect()
    }

    /// parser.y, `config_stmt` in a choice and `choice_check_sanity`.
    fn members(&mut self, second: SecondPrompt) {
        let choices = around(&self.model.menu);
        for (id, symbol) in self.model.symbol_ids() {
            for definition in &symbol.definitions {
                if let Some(choice) = choices[definition.node.0 as usize] {
                    self.member(
                        id,
                        definition,
                        &|node| choices[node.0 as usize] == Some(choice),
                        second,
                    );
                }
            }
        }
    }

    /// A definition in a choice.
    fn member(
        &mut self,
        id: SymbolId,
        definition: &Definition,
        in_same_choice: &dyn Fn(NodeId) -> bool,
        second: SecondPrompt,
    ) {
        let model = self.model;
        let (symbol, name) = (model.symbol(id), model.name(id));
        let here = || {
            vec![(
                definition.name,
                "the choice is around this definition".to_owned(),
            )]
        };
        if !self.is_bool_by(id, definition.node) {
            let message = format!("{name} is in a choice and has to be a bool");
            self.refuse(definition.name, message, Vec::new());
        }
        for default in &symbol.defaults {
            let message = format!("{name} is in a choice and can have no default");
            self.refuse(default.span, message, here());
        }
        for prompt in symbol
            .prompts
            .iter()
            .filter(|prompt| prompt.node != definition.node)
        {
            let fits = match second {
                SecondPrompt::Anywhere => true,
                SecondPrompt::SameChoice => in_same_choice(prompt.node),
                // The prompt of a `menuconfig` is none of a `config`.
                SecondPrompt::Nowhere => {
                    matches!(model.menu.kind(prompt.node), EntryKind::MenuConfig(_))
                }
            };
            if !fits {
                let message = format!("{name} is in a choice and can have no second prompt");
                self.refuse(prompt.span, message, here());
            }
        }
    }

    /// Whether the first type that a symbol gets, up to and with a definition, is bool.
    fn is_bool_by(&self, id: SymbolId, node: NodeId) -> bool {
        let menu = &self.model.menu;
        let definitions = self.model.symbol(id).definitions.iter();
        let up_to = definitions.filter(|own| own.node <= node);
        let mut types = up_to.flat_map(|own| {
            let instance = menu.instance(menu.node(own.node).instance);
            let ast = instance.tree.ast();
            let attributes = ast.attributes_of(ast.entry(menu.node(own.node).entry));
            attributes
                .iter()
                .filter_map(|attribute| match attribute.kind {
                    AttributeKind::Type { ty, .. } | AttributeKind::TypedDefault { ty, .. } => {
                        Some(ValueType::from(ty))
                    }
                    _ => None,
                })
        });
        types.next() == Some(ValueType::Bool)
    }

    /// kconfiglib.py, `_check_sym_sanity` and `_check_choice_sanity`: the default of a number, a string
    /// or a choice is one symbol.
    fn defaults(&mut self) {
        for symbol in &self.model.symbols {
            let (what, is_wrong): (_, fn(&DefaultValue) -> bool) = match symbol.ty {
                _ if symbol.choice.is_some() => ("a choice", |it| {
                    matches!(it, DefaultValue::Invalid(_) | DefaultValue::Logical(_))
                }),
                ValueType::Int | ValueType::Hex | ValueType::String => {
                    ("a number or a string", |it| {
                        matches!(it, DefaultValue::Invalid(_))
                    })
                }
                _ => continue,
            };
            let wrong = symbol.defaults.iter().filter(|it| is_wrong(&it.value));
            for default in wrong {
                // A name alone is an expression of a choice too.
                if default.value.symbol(&self.model.exprs).is_none() {
                    let message = format!("the default of {what} cannot be an expression");
                    self.refuse(default.span, message, Vec::new());
                }
            }
        }
    }

    /// parser.y, `config_option: T_MODULES`.
    fn modules(&mut self) {
        let menu = &self.model.menu;
        let mut first: Option<Span> = None;
        for node in &menu.nodes {
            let ast = menu.instance(node.instance).tree.ast();
            let entry = ast.entry(node.entry);
            let attributes = ast.attributes_of(entry).iter();
            for own in attributes.filter(|own| matches!(own.kind, AttributeKind::Modules)) {
                let span = menu.span(node.instance, own.range);
                let Some(first) = first else {
                    first = Some(span);
                    continue;
                };
                let words = "the first one is here".to_owned();
                let message = "only one symbol can say `modules`".to_owned();
                self.refuse(span, message, vec![(first, words)]);
            }
        }
    }
}
