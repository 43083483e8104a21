// SPDX-License-Identifier: MIT OR Apache-2.0
//! The cycles that conf refuses (symbol.c, `sym_check_deps`).
//!
//! The edges are direct, reverse and implied dependency, the conditions of prompts, defaults
//! and ranges, and default values; bounds of ranges are none. A choice and its members are
//! one node: an edge from a member to its own choice is none, one to a sibling is a cycle.

use std::collections::{BTreeSet, VecDeque};

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use rustc_hash::{FxHashMap, FxHashSet};

use super::graph::EdgeKind;
use super::knots::Edges;
use super::symbol::{DefaultValue, Select, SymbolId};
use super::{Expr, ExprId, Model, Operand};
use crate::source::Span;

/// One step: `from` hangs on `to`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct CycleStep {
    /// The symbol that hangs on the other.
    pub from: SymbolId,
    /// The other.
    pub to: SymbolId,
    /// How.
    pub kind: EdgeKind,
    /// Where it is written.
    pub span: Span,
}

/// A shortest cycle. Each step starts where the one before it ended, or at another member of
/// the same choice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cycle {
    /// The steps.
    pub steps: Vec<CycleStep>,
}

/// All cycles: in each knot of symbols as many shortest ones as it takes to show every symbol
/// of the knot at least once.
pub(super) fn find(model: &Model) -> Vec<Cycle> {
    let Some(suspects) = suspects(model) else {
        return Vec::new();
    };
    let graph = condense(model, &suspects);
    let mut cycles = Vec::new();
    for knot in kosaraju_scc(&graph) {
        let looped = knot.len() > 1 || graph.contains_edge(knot[0], knot[0]);
        if looped {
            cycles.extend(cover(&graph, &knot));
        }
    }
    cycles.sort_by_key(|cycle| cycle.steps[0].from);
    cycles
}

type StepGraph = DiGraph<(), CycleStep>;

/// Symbols that can be on a cycle have the number of their knot; two with different numbers are
/// on none together. `None` when no symbol can be on any. Here an expression is a node of its
/// own, shared by all that use it: thousands of nested blocks would make millions of steps from
/// symbol to symbol. An own choice counts as well, so this says yes too often, never too seldom.
fn suspects(model: &Model) -> Option<Vec<Option<usize>>> {
    let count = model.symbols.len();
    let knots = edges(model).knots();
    if knots.is_empty() {
        return None;
    }
    let mut suspects = vec![None; count];
    for (number, knot) in knots.iter().enumerate() {
        for symbol in knot.iter().filter(|node| (**node as usize) < count) {
            suspects[*symbol as usize] = Some(number);
        }
    }
    Some(suspects)
}

/// What hangs on what: all symbols, then all expressions. The symbol of a choice hangs on what
/// its members hang on, and they on nothing.
fn edges(model: &Model) -> Edges {
    let place = |id: SymbolId| representative(model, id).0 as usize;
    let inner = |id: ExprId| model.symbols.len() + id.0 as usize;
    let mut edges = Edges::with_capacity(model.symbols.len() + model.exprs.len());
    for (id, symbol) in model.symbol_ids() {
        edges.node();
        let own = Some(&id).filter(|_| symbol.member_of.is_none());
        let members = symbol.choice.map(|choice| &*model.choice(choice).members);
        for from in own.into_iter().chain(members.unwrap_or_default()) {
            for_each_root(model, *from, |root, _, _| match root {
                Root::Expr(expr) => edges.edge(inner(expr)),
                Root::Symbol(symbol) => edges.edge(place(symbol)),
            });
        }
    }
    for (_, expr) in model.exprs.iter() {
        edges.node();
        match expr {
            Expr::Not(x) => edges.edge(inner(x)),
            Expr::And(x, y) | Expr::Or(x, y) => {
                edges.edge(inner(x));
                edges.edge(inner(y));
            }
            Expr::Symbol(symbol) => edges.edge(place(symbol)),
            Expr::Compare(_, left, right) => {
                for side in [left, right] {
                    if let Operand::Symbol(symbol) = side {
                        edges.edge(place(symbol));
                    }
                }
            }
            Expr::Const(_) | Expr::Test(_) | Expr::Prints(..) => {}
        }
    }
    edges
}

fn condense(model: &Model, suspects: &[Option<usize>]) -> StepGraph {
    let knot = |id: SymbolId| suspects[representative(model, id).0 as usize];
    let mut graph = StepGraph::with_capacity(model.symbols.len(), model.symbols.len() * 8);
    for _ in &model.symbols {
        graph.add_node(());
    }
    let mut seen: FxHashSet<(SymbolId, SymbolId)> = FxHashSet::default();
    for (id, _) in model.symbol_ids().filter(|(id, _)| knot(*id).is_some()) {
        for_each_step(model, id, |step| {
            if knot(step.to) != knot(id) {
                return;
            }
            let (from, to) = (
                representative(model, step.from),
                representative(model, step.to),
            );
            let own_choice = from == to && step.to == from && step.from != from;
            if !own_choice && seen.insert((from, to)) {
                graph.add_edge(node(from), node(to), step);
            }
        });
    }
    graph
}

fn for_each_step(model: &Model, from: SymbolId, mut visit: impl FnMut(CycleStep)) {
    for_each_root(model, from, |root, kind, span| {
        let step = |to| CycleStep {
            from,
            to,
            kind,
            span,
        };
        match root {
            Root::Expr(expr) => model.exprs.for_each_symbol(expr, |to| visit(step(to))),
            Root::Symbol(to) => visit(step(to)),
        }
    });
}

/// What a symbol hangs on.
enum Root {
    Expr(ExprId),
    Symbol(SymbolId),
}

fn for_each_root(model: &Model, from: SymbolId, mut visit: impl FnMut(Root, EdgeKind, Span)) {
    let symbol = model.symbol(from);
    let mut add = |expr: ExprId, kind: EdgeKind, span: Span| visit(Root::Expr(expr), kind, span);
    for definition in &symbol.definitions {
        // symbol.c looks at the symbol's direct dependency, which new choice members lack; but
        // their prompts carry the same terms.
        if let Some(dependency) = definition.dependency {
            add(dependency, EdgeKind::Depends, definition.name);
        }
    }
    for select in symbol.selected_by.iter().map(|id| model.select(*id)) {
        add_select(select, EdgeKind::Select, &mut visit);
    }
    for imply in symbol.implied_by.iter().map(|id| model.imply(*id)) {
        add_select(imply, EdgeKind::Imply, &mut visit);
    }
    let mut add = |expr: ExprId, kind: EdgeKind, span: Span| visit(Root::Expr(expr), kind, span);
    for prompt in &symbol.prompts {
        add(prompt.condition, EdgeKind::Visibility, prompt.span);
    }
    for default in &symbol.defaults {
        add(default.condition, EdgeKind::Default, default.span);
        if let DefaultValue::Logical(value) = default.value {
            if symbol.choice.is_none() {
                add(value, EdgeKind::Default, default.span);
            }
        }
    }
    for range in &symbol.ranges {
        add(range.condition, EdgeKind::Range, range.span);
    }
    if symbol.choice.is_none() {
        for default in &symbol.defaults {
            if let DefaultValue::Text(Operand::Symbol(to)) = default.value {
                visit(Root::Symbol(to), EdgeKind::Default, default.span);
            }
        }
    }
}

/// The selector and the select's own condition. What the selector's definition depends on is
/// left out: the selector hangs on that itself, and the longer way tells more.
fn add_select(select: &Select, kind: EdgeKind, visit: &mut impl FnMut(Root, EdgeKind, Span)) {
    visit(Root::Symbol(select.selector), kind, select.span);
    if let Some(written) = select.written {
        visit(Root::Expr(written), kind, select.span);
    }
}

/// A member stands for its choice.
fn representative(model: &Model, id: SymbolId) -> SymbolId {
    model
        .symbol(id)
        .member_of
        .map_or(id, |choice| model.choice(choice).symbol)
}

fn node(id: SymbolId) -> NodeIndex {
    NodeIndex::new(id.0 as usize)
}

fn cover(graph: &StepGraph, knot: &[NodeIndex]) -> Vec<Cycle> {
    let members: FxHashSet<NodeIndex> = knot.iter().copied().collect();
    let mut order: BTreeSet<NodeIndex> = knot.iter().copied().collect();
    let mut cycles = Vec::new();
    while let Some(start) = order.pop_first() {
        let Some(steps) = shortest(graph, start, &members) else {
            continue;
        };
        for edge in &steps {
            if let Some((from, _)) = graph.edge_endpoints(*edge) {
                order.remove(&from);
            }
        }
        cycles.push(Cycle {
            steps: steps.iter().map(|edge| graph[*edge]).collect(),
        });
    }
    cycles
}

/// Breadth first from `start` back to it, inside one knot.
fn shortest(
    graph: &StepGraph,
    start: NodeIndex,
    members: &FxHashSet<NodeIndex>,
) -> Option<Vec<petgraph::graph::EdgeIndex>> {
    let mut came_by: FxHashMap<NodeIndex, petgraph::graph::EdgeIndex> = FxHashMap::default();
    let mut open = VecDeque::from([start]);
    while let Some(at) = open.pop_front() {
        let mut next: Vec<_> = graph
            .edges(at)
            .map(|edge| {
                (
                    petgraph::visit::EdgeRef::target(&edge),
                    petgraph::visit::EdgeRef::id(&edge),
                )
            })
            .filter(|(to, _)| members.contains(to))
            .collect();
        next.sort();
        for (to, edge) in next {
            if to == start {
                return Some(trace(graph, &came_by, start, edge));
            }
            if let std::collections::hash_map::Entry::Vacant(entry) = came_by.entry(to) {
                entry.insert(edge);
                open.push_back(to);
            }
        }
    }
    None
}

fn trace(
    graph: &StepGraph,
    came_by: &FxHashMap<NodeIndex, petgraph::graph::EdgeIndex>,
    start: NodeIndex,
    last: petgraph::graph::EdgeIndex,
) -> Vec<petgraph::graph::EdgeIndex> {
    let mut steps = vec![last];
    while let Some((from, _)) = graph.edge_endpoints(steps[steps.len() - 1]) {
        if from == start {
            break;
        }
        steps.push(came_by[&from]);
    }
    steps.reverse();
    steps
}
