// SPDX-License-Identifier: MIT OR Apache-2.0
//! Candidate fixes of a broken select: the missing terms as a dependency of the selector, of
//! what selects it, or as a condition of the select.
//!
//! They are candidates: nothing here proves one. But a dependency that would close a cycle is
//! not proposed, and terms go where the file already puts such terms.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use petgraph::algo::has_path_connecting;

use super::Context;
use super::selects::{self, Missing, Statement};
use crate::diagnostic::{Applicability, Edit, Fix};
use crate::logic::{Bit, Evaluator, Inputs, Question};
use crate::model::{Graph, SelectId, SymbolId, Tristate};
use crate::source::Span;

/// Selects further up that are changed by one fix; with more, the condition comes first.
const MOST_ABOVE: usize = 4;

/// A select further up in a chain.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Above {
    /// The symbol whose select it is.
    pub selector: String,
    /// The symbol that is selected, itself a selector in the chain.
    pub selectee: String,
    /// The statement.
    pub statement: Statement,
}

/// What a fix has to know of the model.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remedy {
    /// The selects of the selector, and of those above it, that carry the defect: were the
    /// selector alone to depend on the terms, the warning would move there.
    pub above: Vec<Above>,
    /// Whether the selector can be on without being selected.
    stands_alone: bool,
    /// Whether the selector, or what selects it, decides a missing term: then a dependency on
    /// the term closes a cycle.
    cyclic: bool,
    /// Whether the terms are foreign to an architecture on which the selector is defined: then
    /// a dependency on them would switch the selector off where nothing is broken.
    pub foreign: bool,
}

impl Remedy {
    /// For the select `id`, of which `broken` holds when it is broken, as under `inputs`.
    pub(super) fn new(
        context: &mut Context<'_>,
        id: SelectId,
        broken: &[Bit],
        inputs: &Inputs,
        missing: &[Missing],
    ) -> Remedy {
        let model = context.model;
        let selector = model.select(id).selector;
        let own = model.symbol(selector);
        let stands_alone =
            !own.prompts.is_empty() || !own.defaults.is_empty() || !own.implied_by.is_empty();
        let (above, mut changed) = selects_above(context, selector, broken, inputs);
        if stands_alone || above.is_empty() {
            changed.push(selector);
        }
        let cyclic = closes_cycle(context, &changed, missing);
        Remedy {
            above,
            stands_alone,
            cyclic,
            foreign: false,
        }
    }

    /// Takes in what another architecture says of the same pair.
    pub(super) fn merge(&mut self, other: Remedy) {
        let above: BTreeSet<Above> = self.above.drain(..).chain(other.above).collect();
        self.above.extend(above);
        self.stands_alone |= other.stands_alone;
        self.cyclic |= other.cyclic;
        self.foreign |= other.foreign;
    }

    /// Whether only what selects the selector has to change.
    pub(super) fn is_above_only(&self) -> bool {
        !self.stands_alone && !self.above.is_empty()
    }

    /// Whether the terms belong into the condition of the select: because that is where the
    /// file puts its terms, or because a dependency would do harm.
    pub(super) fn prefers_condition(&self, statements: &[Statement]) -> bool {
        self.cyclic
            || self.foreign
            || self.above.len() > MOST_ABOVE
            || statements
                .iter()
                .all(|statement| statement.condition.is_some())
    }

    /// The candidates, the best first.
    pub(super) fn fixes(
        &self,
        selector: &str,
        selectee: &str,
        statements: &[Statement],
        terms: &[Missing],
    ) -> Vec<Fix> {
        if terms.is_empty() {
            return Vec::new();
        }
        let condition = select_only_if(selectee, statements, terms);
        let depend = (!self.cyclic).then(|| self.depend_on(selector, statements, terms));
        if self.prefers_condition(statements) {
            std::iter::once(condition).chain(depend).collect()
        } else {
            depend.into_iter().chain([condition]).collect()
        }
    }

    /// The terms go to the selector, and to whatever selects it without them. A selector that
    /// is on only when it is selected needs none.
    fn depend_on(&self, selector: &str, statements: &[Statement], terms: &[Missing]) -> Fix {
        let mut edits: BTreeMap<Span, Edit> = BTreeMap::new();
        let mut names: BTreeSet<&str> = BTreeSet::new();
        for above in &self.above {
            names.insert(&above.selector);
            let edit = add_terms(&above.statement, terms);
            edits.insert(edit.span, edit);
        }
        if !self.is_above_only() {
            names.insert(selector);
            for statement in statements {
                let edit = add_terms(statement, terms);
                edits.insert(edit.span, edit);
            }
        }
        let words = selects::in_words(terms);
        let names: Vec<&str> = names.into_iter().collect();
        let title = match &names[..] {
            [only] if *only == selector => format!("depend on {words}"),
            [one] => format!("let {one} depend on {words}"),
            [one, other] => format!("let {one} and {other} depend on {words}"),
            [one, rest @ ..] => format!("let {one} and {} others depend on {words}", rest.len()),
            [] => format!("depend on {words}"),
        };
        Fix::new(
            title,
            Applicability::MaybeIncorrect,
            edits.into_values().collect(),
        )
    }
}

/// A way up from the broken select: the selects on it, the last first.
type Way = Option<Rc<Link>>;

struct Link {
    select: SelectId,
    below: Way,
}

/// Walks up from `selector`, each symbol once: the selects that can be active while the select
/// below is broken, and the symbols whose selects they are. What one configuration shows needs
/// no question: `inputs` is one in which `broken` holds.
fn selects_above(
    context: &mut Context<'_>,
    selector: SymbolId,
    broken: &[Bit],
    inputs: &Inputs,
) -> (Vec<Above>, Vec<SymbolId>) {
    let model = context.model;
    let mut seen = BTreeSet::from([selector]);
    let mut found = BTreeSet::new();
    let mut symbols = Vec::new();
    let mut starts = vec![(selector, None, inputs.clone())];
    let mut doubtful: VecDeque<(SelectId, Way)> = VecDeque::new();
    loop {
        while let Some((start, way, inputs)) = starts.pop() {
            let mut evaluator = Evaluator::new(model, &inputs);
            let mut open: Vec<(SymbolId, Way)> = vec![(start, way)];
            while let Some((below, way)) = open.pop() {
                for id in &model.symbol(below).selected_by {
                    if evaluator.level(*id) == Tristate::No {
                        doubtful.push_back((*id, way.clone()));
                        continue;
                    }
                    found.insert(*id);
                    let above = model.select(*id).selector;
                    if seen.insert(above) {
                        symbols.push(above);
                        open.push((above, link(*id, &way)));
                    }
                }
            }
        }
        let Some((id, way)) = doubtful.pop_front() else {
            break;
        };
        if found.contains(&id) {
            continue;
        }
        let question = active(context, broken, id, &way);
        if let Some(inputs) = context.theory.solve(&question) {
            found.insert(id);
            let above = model.select(id).selector;
            if seen.insert(above) {
                symbols.push(above);
                starts.push((above, link(id, &way), inputs));
            }
        }
    }
    let above = found.into_iter().map(|id| {
        let select = model.select(id);
        Above {
            selector: model.name(select.selector).to_owned(),
            selectee: model.name(select.target).to_owned(),
            statement: Statement::new(model, context.files, select),
        }
    });
    (
        above.collect::<BTreeSet<_>>().into_iter().collect(),
        symbols,
    )
}

fn link(select: SelectId, below: &Way) -> Way {
    let below = below.clone();
    Some(Rc::new(Link { select, below }))
}

/// All selects of a way are active, and `id`, while the one at its foot is broken.
fn active(context: &mut Context<'_>, broken: &[Bit], id: SelectId, way: &Way) -> Question {
    let mut question = broken.to_vec();
    question.push(context.theory.level(id).on);
    let mut next = way.as_ref();
    while let Some(link) = next {
        question.push(context.theory.level(link.select).on);
        next = link.below.as_ref();
    }
    question
}

impl Drop for Link {
    /// One after the other: a hostile way is longer than a stack is deep.
    fn drop(&mut self) {
        let mut next = self.below.take();
        while let Some(mut link) = next.and_then(Rc::into_inner) {
            next = link.below.take();
        }
    }
}

/// Whether the value of a missing term hangs on one of the symbols that would depend on it.
fn closes_cycle(context: &Context<'_>, changed: &[SymbolId], missing: &[Missing]) -> bool {
    let model = context.model;
    let graph = &context.graph.get_or_init(|| model.graph()).graph;
    let named = missing.iter().flat_map(|term| &term.symbols);
    named
        .filter_map(|name| model.symbol_named(name))
        .any(|term| {
            changed
                .iter()
                .any(|id| has_path_connecting(graph, Graph::node(term), Graph::node(*id), None))
        })
}

/// One `depends on` line is continued; where there are several, or none, the terms get a line
/// of their own: that is how the file does it already.
fn add_terms(statement: &Statement, missing: &[Missing]) -> Edit {
    match &statement.depends[..] {
        [only] => {
            let (open, close) = if only.is_or { ("(", ")") } else { ("", "") };
            let text = format!("{open}{}{close} && {}", only.text, joined(missing));
            Edit {
                span: only.span,
                text,
            }
        }
        _ => {
            let (room, start) = &statement.room;
            let text = format!("{start}depends on {}", selects::in_words(missing));
            Edit { span: *room, text }
        }
    }
}

/// `select TARGET if …`: the terms join the condition, or become one.
fn select_only_if(selectee: &str, statements: &[Statement], missing: &[Missing]) -> Fix {
    let edits = statements
        .iter()
        .map(|statement| match &statement.condition {
            Some(condition) => {
                let (open, close) = if condition.is_or {
                    ("(", ")")
                } else {
                    ("", "")
                };
                let text = format!("{open}{}{close} && {}", condition.text, joined(missing));
                Edit {
                    span: condition.span,
                    text,
                }
            }
            None => {
                let end = Span {
                    start: statement.span.end,
                    ..statement.span
                };
                Edit {
                    span: end,
                    text: format!(" if {}", selects::in_words(missing)),
                }
            }
        });
    let title = format!("select {selectee} only if {}", selects::in_words(missing));
    Fix::new(title, Applicability::MaybeIncorrect, edits.collect())
}

fn joined(missing: &[Missing]) -> String {
    let terms: Vec<&str> = missing
        .iter()
        .map(|missing| missing.term.as_str())
        .collect();
    terms.join(" && ")
}
