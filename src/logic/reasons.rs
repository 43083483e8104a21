// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reasons as plain data: what an explanation tells, step by step, without words.
//!
//! A reason names symbols and places and no numbers of a model, so that the same reason on two
//! architectures is equal. This module walks a core from the question to the contradiction;
//! `steps` does the same with a configuration. The words are in `report/`.

use std::collections::{BTreeSet, VecDeque};

use super::explain::Core;
use crate::model::{DefaultValue, Expr, ExprId, Model, Operand, Part, Property, SymbolId};
use crate::source::Span;

/// One step of an explanation.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Reason {
    /// The symbols it is about, at least one; a nameless choice is `<choice>`.
    pub symbols: Vec<String>,
    /// What is so.
    pub fact: Fact,
    /// Where that is written; `None` for what is written nowhere.
    pub place: Option<Span>,
}

/// What is so of a symbol.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fact {
    /// It gets its value in these ways and no other.
    Ways {
        /// Whether it has a prompt.
        prompt: bool,
        /// Whether it has a default.
        default: bool,
        /// The variable of its `option env`.
        variable: Option<String>,
        /// Who selects or implies it, sorted.
        selectors: Vec<String>,
    },
    /// It depends on a term.
    Needs {
        /// The term.
        term: String,
        /// The term of the question that says the opposite.
        denied: Option<String>,
        /// What this is about: nothing when it is about the symbol's own value, else the
        /// targets of its selects that count only then.
        selects: Vec<String>,
        /// Whether it can be switched on without it, by a select.
        selectable: bool,
        /// Whether a block around it says so.
        around: bool,
    },
    /// One of its properties counts only while a term holds.
    Condition {
        /// The property.
        property: Owner,
        /// The term.
        term: String,
        /// The term of the question that says the opposite.
        denied: Option<String>,
    },
    /// It is switched on by a select.
    Selected {
        /// By whom.
        by: String,
        /// The `if` of the select.
        condition: Option<String>,
    },
    /// It is switched on by an imply.
    Implied {
        /// By whom.
        by: String,
        /// The `if` of the imply.
        condition: Option<String>,
    },
    /// It has a default.
    Default {
        /// The value, as written.
        value: String,
        /// Its condition beside what the symbol depends on.
        condition: Option<String>,
        /// Whether no prompt could change it.
        fixed: bool,
    },
    /// `option env` gives it the value of a variable of the environment.
    Environment {
        /// The variable.
        variable: String,
        /// Whether no prompt could change the value.
        fixed: bool,
    },
    /// Nothing defines it, so it is n.
    Undefined,
    /// It is decided by a choice of these.
    Choice(Vec<String>),
    /// Its value is a text, with the defaults, ranges and prompts of its definition.
    Text,
    /// Its value in a configuration, and why.
    Is {
        /// The value.
        value: String,
        /// Why.
        why: Why,
    },
}

/// What a condition belongs to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Owner {
    /// A prompt.
    Prompt,
    /// A default.
    Default,
    /// A select of this symbol.
    Select(String),
    /// An imply of this symbol.
    Imply(String),
}

/// Why a symbol has its value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Why {
    /// The user sets it at its prompt.
    Set,
    /// The user sets it, and the prompt allows no more than this.
    Capped,
    /// It is the member that its choice takes of itself.
    Chosen,
    /// This symbol selects it.
    Selected(String),
    /// This symbol implies it.
    Implied(String),
    /// It has this default.
    Default(String),
    /// It has the value of this variable of the environment (`option env`).
    Environment(String),
    /// It is left unset and has no default that counts.
    Unset,
    /// It could be set only while this term held.
    Needs(String),
    /// It has no prompt, and nothing that counts switches it on.
    Nothing,
    /// Nothing defines it.
    Undefined,
    /// Another member of its choice is the one that is on.
    Other,
}

/// A core in telling order: from the symbol of the question to where it ends. What one place
/// says of several symbols is told once.
pub fn tell(model: &Model, target: SymbolId, core: &Core) -> Vec<Reason> {
    let mut walk = Walk {
        model,
        core,
        told: BTreeSet::new(),
        queue: VecDeque::from([target]),
        seen: BTreeSet::from([target]),
        reasons: Vec::new(),
    };
    for term in &core.asked {
        let mut symbols = BTreeSet::new();
        model.symbols_in(*term, &mut symbols);
        walk.enqueue(symbols);
    }
    walk.run();
    // What hangs on nothing that was told, if anything: nothing of a core stays untold.
    for part in &core.parts {
        walk.enqueue([owner(model, part)]);
    }
    walk.enqueue(core.wholes.iter().copied());
    walk.run();
    let mut told: Vec<Reason> = Vec::new();
    for reason in walk.reasons {
        let same = |known: &&mut Reason| known.place == reason.place && known.fact == reason.fact;
        match told.iter_mut().find(same) {
            Some(known) => known.symbols.extend(reason.symbols),
            None => told.push(reason),
        }
    }
    told
}

/// The symbol that a part says something about.
fn owner(model: &Model, part: &Part) -> SymbolId {
    match *part {
        Part::Ways(id) | Part::Default(id, _) | Part::Undefined(id) => id,
        Part::Term { symbol, .. } | Part::Condition { symbol, .. } => symbol,
        Part::Select(id) => model.select(id).target,
        Part::Imply(id) => model.imply(id).target,
    }
}

struct Walk<'m> {
    model: &'m Model,
    core: &'m Core,
    /// Choices that were told.
    told: BTreeSet<SymbolId>,
    queue: VecDeque<SymbolId>,
    seen: BTreeSet<SymbolId>,
    reasons: Vec<Reason>,
}

impl Walk<'_> {
    fn enqueue(&mut self, symbols: impl IntoIterator<Item = SymbolId>) {
        for id in symbols {
            if self.seen.insert(id) {
                self.queue.push_back(id);
            }
        }
    }

    fn run(&mut self) {
        while let Some(id) = self.queue.pop_front() {
            let (model, core) = (self.model, self.core);
            let parts = core.parts.iter().filter(|part| owner(model, part) == id);
            let parts: Vec<&Part> = parts.collect();
            for part in &parts {
                if let Some((fact, place)) = self.fact(id, part, &parts) {
                    self.push(id, fact, place);
                }
                self.follow(part);
            }
            self.whole(id);
        }
    }

    fn push(&mut self, id: SymbolId, fact: Fact, place: Option<Span>) {
        let reason = Reason {
            symbols: vec![self.model.name(id).to_owned()],
            fact,
            place,
        };
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }

    /// A choice or text, told once.
    fn whole(&mut self, id: SymbolId) {
        let symbol = self.model.symbol(id);
        let choice = symbol.member_of.or(symbol.choice);
        let whole = choice.map_or(id, |choice| self.model.choice(choice).symbol);
        if !self.core.wholes.contains(&whole) || !self.told.insert(whole) {
            return;
        }
        let Some(choice) = choice else {
            let place = symbol.definitions.first().map(|first| first.name);
            return self.push(id, Fact::Text, place);
        };
        let choice = self.model.choice(choice);
        let members = choice.members.iter();
        let names = members.map(|id| self.model.name(*id).to_owned()).collect();
        let node = self.model.menu.node(choice.node);
        let ast = self.model.menu.instance(node.instance).tree.ast();
        let head = ast.entry(node.entry).head;
        let place = self.model.menu.span(node.instance, head);
        self.push(choice.symbol, Fact::Choice(names), Some(place));
        self.enqueue(choice.members.iter().copied().chain([choice.symbol]));
    }

    /// The fact of a part; `None` when another of `parts`, all of this symbol, tells it too.
    fn fact(&self, id: SymbolId, part: &Part, parts: &[&Part]) -> Option<(Fact, Option<Span>)> {
        let model = self.model;
        let symbol = model.symbol(id);
        let printed = |expr: ExprId| model.printer().expr(expr);
        let fact = match *part {
            Part::Ways(_) => return self.ways(id, parts),
            Part::Term { node, term, .. } => return Some(self.needs(id, node, term)),
            Part::Condition {
                property,
                node,
                span,
                term,
                ..
            } => {
                let visible = model.visible_conjuncts_of(node);
                let place = visible.iter().find(|one| one.expr == Some(term));
                let place = place.filter(|_| property == Property::Prompt);
                let fact = Fact::Condition {
                    property: self.property(property),
                    term: model.printer().expr(term),
                    denied: self.denied(term),
                };
                return Some((fact, Some(place.map_or(span, |one| one.span))));
            }
            Part::Select(select) => {
                let select = model.select(select);
                let fact = Fact::Selected {
                    by: model.name(select.selector).to_owned(),
                    condition: select.written.map(printed),
                };
                (fact, Some(select.span))
            }
            Part::Imply(imply) => {
                let imply = model.imply(imply);
                let fact = Fact::Implied {
                    by: model.name(imply.selector).to_owned(),
                    condition: imply.written.map(printed),
                };
                (fact, Some(imply.span))
            }
            Part::Default(_, at) => {
                let default = &symbol.defaults[at as usize];
                let fixed = parts.contains(&&Part::Ways(id));
                let fact = match default.variable {
                    Some(variable) => Fact::Environment {
                        variable: variable.as_str().to_owned(),
                        fixed,
                    },
                    None => Fact::Default {
                        value: default_text(model, default.value),
                        condition: own_condition(model, id, default.node, default.condition),
                        fixed,
                    },
                };
                (fact, Some(default.span))
            }
            Part::Undefined(_) => (Fact::Undefined, None),
        };
        Some(fact)
    }

    fn ways(&self, id: SymbolId, parts: &[&Part]) -> Option<(Fact, Option<Span>)> {
        let model = self.model;
        let symbol = model.symbol(id);
        let mut selectors: Vec<String> = Vec::new();
        for select in &symbol.selected_by {
            selectors.push(model.name(model.select(*select).selector).to_owned());
        }
        for imply in &symbol.implied_by {
            selectors.push(model.name(model.imply(*imply).selector).to_owned());
        }
        selectors.sort();
        selectors.dedup();
        let is_default = |part: &&&Part| matches!(part, Part::Default(..));
        let is_term = |part: &&&Part| matches!(part, Part::Term { .. } | Part::Condition { .. });
        let by_default = parts.iter().any(|part| is_default(&part));
        let plain = selectors.is_empty() && symbol.defaults.is_empty();
        if by_default || plain && parts.iter().any(|part| is_term(&part)) {
            return None;
        }
        let fact = Fact::Ways {
            prompt: !symbol.prompts.is_empty(),
            default: symbol.defaults.iter().any(|one| one.variable.is_none()),
            variable: (symbol.defaults.iter())
                .find_map(|one| one.variable)
                .map(|name| name.as_str().to_owned()),
            selectors,
        };
        Some((fact, symbol.definitions.first().map(|first| first.name)))
    }

    fn needs(&self, id: SymbolId, node: crate::menu::NodeId, term: ExprId) -> (Fact, Option<Span>) {
        let model = self.model;
        let symbol = model.symbol(id);
        let definition = symbol.definitions.iter().find(|own| own.node == node);
        let conjuncts = definition.map_or_else(Vec::new, |own| model.conjuncts_of(own));
        let written = conjuncts.iter().find(|one| one.expr == Some(term));
        let place = written
            .map(|one| one.span)
            .or(definition.map(|own| own.name));
        let decided = symbol.member_of.is_some() || !symbol.ty.is_logical();
        let own = decided || self.core.parts.contains(&Part::Ways(id));
        let mut selects: Vec<String> = Vec::new();
        if !own {
            let here = symbol.selects.iter().map(|select| model.select(*select));
            let here = here.filter(|select| select.node == node);
            let implies = symbol.implies.iter().map(|imply| model.imply(*imply));
            let here = here.chain(implies.filter(|imply| imply.node == node));
            let here = here.filter(|select| self.seen.contains(&select.target));
            selects.extend(here.map(|select| model.name(select.target).to_owned()));
            selects.sort();
            selects.dedup();
        }
        let fact = Fact::Needs {
            term: model.printer().expr(term),
            denied: self.denied(term),
            selects,
            selectable: own && !symbol.selected_by.is_empty() && symbol.takes_selects(),
            around: written.is_some_and(|one| one.node != node),
        };
        (fact, place)
    }

    /// The term of the question that is the negation of this one.
    fn denied(&self, term: ExprId) -> Option<String> {
        let exprs = &self.model.exprs;
        let opposite = |asked: &&ExprId| match (exprs.get(**asked), exprs.get(term)) {
            (Expr::Not(inner), _) if inner == term => true,
            (_, Expr::Not(inner)) => inner == **asked,
            _ => false,
        };
        let found = self.core.asked.iter().find(opposite)?;
        Some(self.model.printer().expr(*found))
    }

    fn property(&self, property: Property) -> Owner {
        let name = |id: SymbolId| self.model.name(id).to_owned();
        match property {
            Property::Prompt => Owner::Prompt,
            Property::Default => Owner::Default,
            Property::Select(id) => Owner::Select(name(self.model.select(id).target)),
            Property::Imply(id) => Owner::Imply(name(self.model.imply(id).target)),
        }
    }

    /// Goes on with what a part hangs on.
    fn follow(&mut self, part: &Part) {
        let model = self.model;
        let mut exprs = Vec::new();
        let mut next = BTreeSet::new();
        match *part {
            Part::Ways(id) => {
                let symbol = model.symbol(id);
                let selects = symbol.selected_by.iter().map(|id| model.select(*id));
                let implies = symbol.implied_by.iter().map(|id| model.imply(*id));
                next.extend(selects.chain(implies).map(|select| select.selector));
            }
            Part::Term { term, .. } | Part::Condition { term, .. } => exprs.push(term),
            Part::Select(id) => {
                let select = model.select(id);
                next.insert(select.selector);
                exprs.extend(select.written);
            }
            Part::Imply(id) => {
                let imply = model.imply(id);
                next.insert(imply.selector);
                exprs.extend(imply.written);
            }
            Part::Default(id, at) => {
                let default = &model.symbol(id).defaults[at as usize];
                exprs.push(default.condition);
                if let DefaultValue::Logical(value) = default.value {
                    exprs.push(value);
                }
            }
            Part::Undefined(_) => {}
        }
        for expr in exprs {
            model.symbols_in(expr, &mut next);
        }
        self.enqueue(next);
    }
}

/// A default's value as it could be written.
pub(super) fn default_text(model: &Model, value: DefaultValue) -> String {
    match value {
        DefaultValue::Logical(value) => model.printer().expr(value),
        DefaultValue::Text(Operand::Symbol(id)) => model.name(id).to_owned(),
        DefaultValue::Text(Operand::Constant(text)) => text.as_str().to_owned(),
        DefaultValue::Text(Operand::Output(output)) => {
            let output = model.output(output);
            model.menu.commands.describe(output)
        }
        DefaultValue::Invalid(_) => String::new(),
    }
}

/// What a property's condition says beside its definition's dependency.
fn own_condition(
    model: &Model,
    id: SymbolId,
    node: crate::menu::NodeId,
    condition: ExprId,
) -> Option<String> {
    let definitions = &model.symbol(id).definitions;
    let own = definitions.iter().find(|own| own.node == node);
    let shared = own.and_then(|own| own.dependency);
    let shared = shared.map_or_else(Vec::new, |shared| model.exprs.conjuncts(shared));
    let terms = model.exprs.conjuncts(condition);
    let rest: Vec<ExprId> = terms
        .into_iter()
        .filter(|term| !shared.contains(term))
        .collect();
    match rest[..] {
        [] => None,
        [only] => Some(model.printer().expr(only)),
        _ => {
            let words = rest.iter().map(|term| model.printer().term(*term));
            Some(words.collect::<Vec<_>>().join(" && "))
        }
    }
}
