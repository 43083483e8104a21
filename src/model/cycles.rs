// SPDX-License-Identifier: MIT OR Apache-2.0
//! The cycles that conf refuses (symbol.c, `sym_check_deps`).
//!
//! The edges are direct, reverse and implied dependency, the conditions of prompts, defaults
//! and ranges, and default values; bounds of ranges are none. A choice and its members are
//! one node: an edge from a member to its own choice is none, one to a sibling is a cycle.
//! Expressions count as conf has folded them (`written`). Before Linux 4.18, a symbol hangs on the condition of
//! an imply that it says itself, and on none that others say.
//!
//! kconfiglib (kconfiglib.py, `_build_dep`, `_check_dep_loop_sym`, `_check_dep_loop_choice`) folds
//! nothing, and has edges to the bounds of ranges. A choice that is an operand is no edge there, and
//! a choice has edges from the conditions of its prompt and its defaults to its own members too.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, VecDeque};

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, EdgeIndex, NodeIndex};
use rustc_hash::{FxHashMap, FxHashSet};

use super::expr::Tristate;
use super::folding::TermId;
use super::graph::EdgeKind;
use super::hanging::Hanging;
use super::hidden::Hidden;
use super::knots::Edges;
use super::symbol::{DefaultValue, Select, Symbol, SymbolId};
use super::written::Written;
use super::{Expr, ExprId, Model, Operand};
use crate::menu::NodeId;
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

/// The cycles of each architecture that has one, by its place, sorted.
pub type Cycles = Vec<(usize, Vec<Cycle>)>;

/// All cycles: in each knot of symbols as many shortest ones as it takes to show every symbol
/// of the knot at least once.
pub(super) fn find(model: &Model) -> Cycles {
    let mut found = Cycles::new();
    let Some(suspects) = &model.suspects else {
        return found;
    };
    let all = condense(model, suspects, &mut Written::strictly(model), None);
    if knots_of(&all).is_empty() {
        return found;
    }
    // What conf folds, and of which choice a symbol is, can differ from one architecture to the next.
    for at in model.menu.on.iter() {
        let own = match model.menu.on.len() {
            1 => all.clone(),
            _ => condense(model, suspects, &mut Written::on(model, at), Some(at)),
        };
        let knots = knots_of(&own);
        let cycles = knots.iter().flat_map(|knot| cover(&own, knot));
        let mut cycles: Vec<Cycle> = cycles.collect();
        cycles.sort_by_key(|cycle| cycle.steps[0].from);
        found.extend((!cycles.is_empty()).then_some((at, cycles)));
    }
    found
}

/// The components that hold a cycle.
fn knots_of(graph: &StepGraph) -> Vec<Vec<NodeIndex>> {
    let mut all = kosaraju_scc(graph);
    all.retain(|knot| knot.len() > 1 || graph.contains_edge(knot[0], knot[0]));
    all
}

/// The first step from one symbol to another.
type StepGraph = DiGraph<(), CycleStep>;

/// Symbols that can be on a cycle, by the model's expressions, have the number of their knot; two
/// with different numbers are on none together. `None` when no symbol can be on any. Here an
/// expression is a node of its own, shared by all that use it: thousands of nested blocks would
/// make millions of steps from symbol to symbol. An own choice counts as well, and what conf folds
/// away, so this says yes too often. It never says so too seldom, since `hidden` is what constants
/// took away here and conf still sees.
pub(super) fn suspects(model: &Model, hidden: &Hidden) -> (Option<Vec<Option<usize>>>, Hanging) {
    let count = model.symbols.len();
    let edges = edges(model, hidden);
    let knots = edges.knots();
    let hanging = Hanging::new(model, edges, |id| representative(model, id).0);
    if knots.is_empty() {
        return (None, hanging);
    }
    let mut suspects = vec![None; count];
    for (number, knot) in knots.iter().enumerate() {
        for symbol in knot.iter().filter(|node| (**node as usize) < count) {
            suspects[*symbol as usize] = Some(number);
        }
    }
    (Some(suspects), hanging)
}

/// What hangs on what: all symbols, then all expressions, then the statements that hide something.
/// The symbol of a choice hangs on what its members hang on, and they on nothing.
pub(super) fn edges(model: &Model, hidden: &Hidden) -> Edges {
    let place = |id: SymbolId| representative(model, id).0 as usize;
    let inner = |id: ExprId| model.symbols.len() + id.0 as usize;
    let statement = |at: usize| model.symbols.len() + model.exprs.len() + at;
    let mut edges = Edges::with_capacity(model.symbols.len() + model.exprs.len());
    for (id, symbol) in model.symbol_ids() {
        edges.node();
        let own = Some(&id).filter(|_| symbol.member_of.is_none());
        let members = symbol.choice.map(|choice| &*model.choice(choice).members);
        for from in own.into_iter().chain(members.unwrap_or_default()) {
            for_each_root(model, *from, |root| match root {
                Root::Expr(expr) => edges.edge(inner(expr)),
                Root::Symbol(symbol) => edges.edge(place(symbol)),
            });
            for at in hidden.of(*from) {
                edges.edge(statement(at));
            }
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
            Expr::Const(_) | Expr::On(_) | Expr::Test(_) | Expr::Prints(..) => {}
        }
    }
    for (exprs, above) in hidden.statements() {
        edges.node();
        exprs.iter().for_each(|expr| edges.edge(inner(*expr)));
        above.iter().for_each(|at| edges.edge(statement(*at)));
    }
    edges
}

/// The steps between symbols that can be on a cycle together, on one architecture or on any.
fn condense(
    model: &Model,
    suspects: &[Option<usize>],
    written: &mut Written<'_>,
    at: Option<usize>,
) -> StepGraph {
    let knot = |id: SymbolId| suspects[representative(model, id).0 as usize];
    let mut graph = StepGraph::new();
    // In the order of the symbols, which decides what cycle is shown.
    let with_knot = model.symbol_ids().map(|(id, _)| id);
    let with_knot = with_knot.filter(|id| knot(*id).is_some());
    let nodes: FxHashMap<SymbolId, NodeIndex> =
        with_knot.map(|id| (id, graph.add_node(()))).collect();
    let mut seen: FxHashSet<(SymbolId, SymbolId)> = FxHashSet::default();
    let is_read = |node: NodeId| at.is_none_or(|at| model.menu.node(node).on.contains(at));
    // A member of a choice that is not read stands for itself.
    let place = |id: SymbolId| {
        let choice = model.symbol(id).member_of;
        let choice = choice.map(|choice| model.choice(choice));
        let choice = choice.filter(|choice| is_read(choice.node));
        choice.map_or(id, |choice| choice.symbol)
    };
    let exists = |id: SymbolId| at.is_none_or(|at| model.architectures_of(id).contains(at));
    for (id, _) in model.symbol_ids().filter(|(id, _)| knot(*id).is_some()) {
        for_each_step(model, written, id, |step, node_of| {
            let ends_in_choice = model.symbol(step.to).choice.is_some();
            let is_here = is_read(node_of) && exists(step.from) && exists(step.to);
            let is_step = is_here && !(model.behaviour.is_kconfiglib() && ends_in_choice);
            if !is_step || knot(step.to) != knot(id) {
                return;
            }
            let (from, to) = (place(step.from), place(step.to));
            let own_choice = from == to && step.to == from && step.from != from;
            if !own_choice && seen.insert((from, to)) {
                graph.add_edge(nodes[&from], nodes[&to], step);
            }
        });
    }
    graph
}

/// What conf sees: the symbols that are left of each expression after it has folded it, each with
/// the statement that says so.
fn for_each_step(
    model: &Model,
    written: &mut Written<'_>,
    from: SymbolId,
    mut visit: impl FnMut(CycleStep, NodeId),
) {
    let symbol = model.symbol(from);
    let mut add = |all: Vec<SymbolId>, kind: EdgeKind, span: Span, node: NodeId| {
        for to in all {
            let step = CycleStep {
                from,
                to,
                kind,
                span,
            };
            visit(step, node);
        }
    };
    let is_kconfiglib = model.behaviour.is_kconfiglib();
    let dependencies = symbol.definitions.iter();
    let dependencies = dependencies.map(|it| (it, written.dependency(it.node)));
    let dependencies: Vec<_> = dependencies.collect();
    // kconfiglib.py, `_make_or`: nothing is left beside a y.
    let is_yes =
        |term: Option<TermId>| term.is_none_or(|it| written.terms.is_constant(it, Tristate::Yes));
    let is_free = is_kconfiglib && dependencies.iter().any(|(_, term)| is_yes(*term));
    for (definition, dependency) in dependencies.into_iter().filter(|_| !is_free) {
        let all = written.terms.symbols_of(dependency);
        add(all, EdgeKind::Depends, definition.name, definition.node);
    }
    let selects = symbol.selected_by.iter().map(|id| model.select(*id));
    let implies = symbol.implied_by.iter().map(|id| model.imply(*id));
    let implies = implies.filter(|_| !model.behaviour.imply_at_source);
    let selects = selects.map(|select| (select, EdgeKind::Select));
    for (select, kind) in selects.chain(implies.map(|imply| (imply, EdgeKind::Imply))) {
        if is_kconfiglib {
            let property = written.property(select.node, select.span);
            let condition = property.and_then(|it| it.condition);
            if condition.is_some_and(|it| written.terms.is_constant(it, Tristate::No)) {
                continue;
            }
            add(
                written.terms.symbols_of(condition),
                kind,
                select.span,
                select.node,
            );
            add(vec![select.selector], kind, select.span, select.node);
            continue;
        }
        add(vec![select.selector], kind, select.span, select.node);
        let own = own_condition(written, select);
        add(own, kind, select.span, select.node);
    }
    let prompts = symbol.prompts.iter();
    let prompts = prompts.map(|prompt| (prompt.node, prompt.span, EdgeKind::Visibility));
    let defaults = symbol.defaults.iter();
    let defaults = defaults.map(|default| (default.node, default.span, EdgeKind::Default));
    let ranges = symbol.ranges.iter();
    let ranges = ranges.map(|range| (range.node, range.span, EdgeKind::Range));
    let said = symbol.implies.iter().map(|id| model.imply(*id));
    let said = said.filter(|_| model.behaviour.imply_at_source);
    let said = said.map(|imply| (imply.node, imply.span, EdgeKind::Imply));
    for (node, span, kind) in prompts.chain(defaults).chain(ranges).chain(said) {
        let Some(property) = written.property(node, span) else {
            continue;
        };
        let symbols = written.terms.symbols_of(property.condition);
        add(symbols, kind, span, node);
        if symbol.choice.is_none() && kind != EdgeKind::Imply {
            add(written.terms.symbols_of(property.value), kind, span, node);
        }
    }
    // kconfiglib reads such a tree, and does not end when it asks for the value of the choice.
    for target in foreign_defaults(model, symbol) {
        let default = &symbol.defaults[target.0];
        add(
            vec![target.1],
            EdgeKind::Default,
            default.span,
            default.node,
        );
    }
    for default in &symbol.defaults {
        let setter = default.setter.into_iter().collect();
        add(setter, EdgeKind::Default, default.span, default.node);
    }
    for range in symbol.ranges.iter().filter(|_| is_kconfiglib) {
        let bounds = [range.low, range.high];
        let symbols = bounds.into_iter().filter_map(Operand::symbol).collect();
        add(symbols, EdgeKind::Range, range.span, range.node);
    }
}

/// The defaults of a choice of kconfiglib that name a symbol outside of it: the choice asks whether that
/// symbol is visible (kconfiglib.py, `Choice._selection_from_defaults`). Each with its place in the list.
fn foreign_defaults(model: &Model, symbol: &Symbol) -> Vec<(usize, SymbolId)> {
    let own = symbol.choice.filter(|_| model.behaviour.is_kconfiglib());
    let Some(own) = own else { return Vec::new() };
    let defaults = symbol.defaults.iter().enumerate();
    let targets = defaults.filter_map(|(at, it)| Some((at, it.value.symbol(&model.exprs)?)));
    let foreign = targets.filter(|(_, target)| model.symbol(*target).member_of != Some(own));
    foreign.collect()
}

/// What the condition of a select adds to the dependencies of its statement. On those the
/// selector hangs itself, and the longer way tells more.
fn own_condition(written: &mut Written<'_>, select: &Select) -> Vec<SymbolId> {
    let Some(property) = written.property(select.node, select.span) else {
        return Vec::new();
    };
    let dependency = written.dependency(select.node);
    let inherited = written.terms.symbols_of(dependency);
    let mut all = written.terms.symbols_of(property.condition);
    all.retain(|symbol| !inherited.contains(symbol));
    all
}

/// What a symbol hangs on.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Root {
    Expr(ExprId),
    Symbol(SymbolId),
}

fn for_each_root(model: &Model, from: SymbolId, mut visit: impl FnMut(Root)) {
    let symbol = model.symbol(from);
    for definition in &symbol.definitions {
        // symbol.c looks at the symbol's direct dependency, which new choice members lack; but
        // their prompts carry the same terms.
        if let Some(dependency) = definition.dependency {
            visit(Root::Expr(dependency));
        }
    }
    let selects = symbol.selected_by.iter().map(|id| model.select(*id));
    let implies = symbol.implied_by.iter().map(|id| model.imply(*id));
    for select in selects.chain(implies) {
        visit(Root::Symbol(select.selector));
        if let Some(written) = select.written {
            visit(Root::Expr(written));
        }
    }
    for imply in symbol.implies.iter().map(|id| model.imply(*id)) {
        if model.behaviour.imply_at_source {
            visit(Root::Expr(imply.condition));
        }
    }
    for prompt in &symbol.prompts {
        visit(Root::Expr(prompt.condition));
    }
    for (_, target) in foreign_defaults(model, symbol) {
        visit(Root::Symbol(target));
    }
    for default in &symbol.defaults {
        visit(Root::Expr(default.condition));
        match default.value {
            _ if symbol.choice.is_some() => {}
            DefaultValue::Logical(value) | DefaultValue::Invalid(value) => {
                visit(Root::Expr(value));
            }
            DefaultValue::Text(Operand::Symbol(to)) => visit(Root::Symbol(to)),
            _ => {}
        }
    }
    for range in &symbol.ranges {
        visit(Root::Expr(range.condition));
        if model.behaviour.is_kconfiglib() {
            let bounds = [range.low, range.high].into_iter();
            bounds
                .filter_map(Operand::symbol)
                .for_each(|it| visit(Root::Symbol(it)));
        }
    }
}

/// Whether one of these symbols hangs directly on one that `above` has and on which it did not hang
/// before.
pub(super) fn hangs_anew(
    before: &Model,
    after: &Model,
    these: &BTreeSet<SymbolId>,
    above: &[bool],
) -> bool {
    let roots = |model: &Model, from: SymbolId| {
        let mut found = FxHashSet::default();
        for_each_root(model, from, |root| {
            found.insert(root);
        });
        found
    };
    let mut found = false;
    for from in these {
        let known = roots(before, *from);
        for root in roots(after, *from).difference(&known) {
            match *root {
                Root::Symbol(id) => found |= above[id.0 as usize],
                Root::Expr(expr) => after
                    .exprs
                    .for_each_symbol(expr, |id| found |= above[id.0 as usize]),
            }
        }
    }
    found
}

/// A member stands for its choice.
pub(super) fn representative(model: &Model, id: SymbolId) -> SymbolId {
    model
        .symbol(id)
        .member_of
        .map_or(id, |choice| model.choice(choice).symbol)
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
) -> Option<Vec<EdgeIndex>> {
    let mut came_by: FxHashMap<NodeIndex, EdgeIndex> = FxHashMap::default();
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
            if let Entry::Vacant(entry) = came_by.entry(to) {
                entry.insert(edge);
                open.push_back(to);
            }
        }
    }
    None
}

fn trace(
    graph: &StepGraph,
    came_by: &FxHashMap<NodeIndex, EdgeIndex>,
    start: NodeIndex,
    last: EdgeIndex,
) -> Vec<EdgeIndex> {
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
