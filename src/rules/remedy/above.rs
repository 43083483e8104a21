// SPDX-License-Identifier: MIT OR Apache-2.0
//! What selects the selector of a broken select, and so on upwards: were the selector alone to
//! depend on the terms, the warning would move there.

use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

use petgraph::algo::has_path_connecting;

use crate::logic::{Bit, Evaluator, Inputs, Question};
use crate::model::{Graph, SelectId, SymbolId, Tristate};
use crate::rules::Context;
use crate::rules::selects::{Missing, Statement};

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

/// A way up from the broken select: the selects on it, the last first.
type Way = Option<Rc<Link>>;

struct Link {
    select: SelectId,
    below: Way,
}

/// Walks up from `selector`, each symbol once: the selects that can be active while the select
/// below is broken, and the symbols whose selects they are. What one configuration shows needs
/// no question: `inputs` is one in which `broken` holds.
pub(super) fn selects_above(
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
        // An undecided select is not named: nobody has seen it active.
        if let Ok(Some(inputs)) = context.theory.solve(&question) {
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
pub(super) fn closes_cycle(
    context: &Context<'_>,
    changed: &[SymbolId],
    missing: &[Missing],
) -> bool {
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
