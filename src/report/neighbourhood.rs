// SPDX-License-Identifier: MIT OR Apache-2.0
//! Collects what is around a symbol in the dependency graphs of one or more architectures.
//!
//! Graph edges lead from what is decided to what decides it. A picture shows selects and
//! implies the way they are written, from the selector to its target, and leaves out what
//! another edge already says: every property inherits its symbol's dependencies.

use std::collections::BTreeMap;

use petgraph::Direction;
use petgraph::graph::EdgeReference;
use petgraph::visit::EdgeRef;
use rustc_hash::FxHashSet;

use super::graph::{Edge, Neighbourhood, Node};
use super::place::place;
use crate::model::{self, EdgeKind, Exprs, Graph, Model, SymbolId, Tristate, ValueType};
use crate::source::{Files, Span};

impl Neighbourhood {
    /// Adds what one architecture has up to `depth` steps around the symbol: all edges of
    /// symbols nearer than that. Says whether the architecture knows the symbol at all.
    pub fn add(&mut self, model: &Model, files: &Files, symbol: &str, depth: usize) -> bool {
        let Some(center) = model.symbol_named(symbol) else {
            return false;
        };
        let drawing = Drawing {
            model,
            graph: &model.graph(),
            files,
            conditions: conditions(model),
        };
        let steps = drawing.steps(center, depth);
        for (id, step) in &steps {
            self.nodes.push(drawing.node(*id, *id == center));
            if *step < depth {
                let edges = drawing.edges_of(*id).into_iter();
                self.edges.extend(edges.map(|edge| drawing.edge(edge)));
            }
        }
        self.tidy();
        true
    }

    /// One node for each name, preferring the architecture that defines it; each edge once.
    fn tidy(&mut self) {
        self.nodes
            .sort_by_key(|node| (node.name.clone(), node.kind == UNDEFINED, node.kind.clone()));
        self.nodes.dedup_by(|one, other| one.name == other.name);
        self.edges.sort();
        self.edges.dedup();
    }
}

const UNDEFINED: &str = "undefined";

struct Drawing<'a> {
    model: &'a Model,
    graph: &'a Graph,
    files: &'a Files,
    /// See [`conditions`].
    conditions: FxHashSet<(Span, SymbolId)>,
}

/// The symbols in the `if` of each select and imply, by the place of the statement.
fn conditions(model: &Model) -> FxHashSet<(Span, SymbolId)> {
    let mut found = FxHashSet::default();
    for select in model.selects.iter().chain(&model.implies) {
        if let Some(written) = select.written {
            model.exprs.for_each_symbol(written, |symbol| {
                found.insert((select.span, symbol));
            });
        }
    }
    found
}

impl Drawing<'_> {
    /// The symbols up to `depth` steps away, with their distance.
    fn steps(&self, center: SymbolId, depth: usize) -> BTreeMap<SymbolId, usize> {
        let mut steps = BTreeMap::from([(center, 0)]);
        let mut last = vec![center];
        for step in 1..=depth {
            let mut next = Vec::new();
            for id in last {
                for edge in self.edges_of(id) {
                    for end in [edge.source(), edge.target()] {
                        let neighbour = self.graph.graph[end];
                        steps.entry(neighbour).or_insert_with(|| {
                            next.push(neighbour);
                            step
                        });
                    }
                }
            }
            last = next;
        }
        steps
    }

    fn node(&self, id: SymbolId, center: bool) -> Node {
        let symbol = self.model.symbol(id);
        let kind = match symbol.ty {
            _ if symbol.choice.is_some() => "choice",
            _ if !symbol.is_defined() => UNDEFINED,
            ValueType::Unknown => "untyped",
            ValueType::Bool => "bool",
            ValueType::Tristate => "tristate",
            ValueType::Int => "int",
            ValueType::Hex => "hex",
            ValueType::String => "string",
        };
        Node {
            name: self.name(id),
            kind: kind.to_owned(),
            center,
        }
    }

    /// A nameless choice is called by its place.
    fn name(&self, id: SymbolId) -> String {
        let symbol = self.model.symbol(id);
        match (symbol.name, symbol.definitions.first()) {
            (Some(name), _) => name.as_str().to_owned(),
            (None, Some(definition)) => {
                let place = place(self.files, definition.name);
                format!("choice at {}:{}", place.path, place.line)
            }
            (None, None) => self.model.name(id).to_owned(),
        }
    }

    /// The edges at a symbol that a picture shows.
    fn edges_of(&self, id: SymbolId) -> Vec<EdgeReference<'_, model::Edge>> {
        let node = Graph::node(id);
        let all = [Direction::Outgoing, Direction::Incoming]
            .into_iter()
            .flat_map(|direction| self.graph.graph.edges_directed(node, direction));
        let mut seen = FxHashSet::default();
        all.filter(|edge| seen.insert(edge.id()) && self.is_shown(*edge))
            .collect()
    }

    fn is_shown(&self, edge: EdgeReference<'_, model::Edge>) -> bool {
        let between = || {
            let graph = &self.graph.graph;
            graph.edges_connecting(edge.source(), edge.target())
        };
        match edge.weight().kind {
            EdgeKind::Depends => true,
            _ if edge.weight().direct => true,
            EdgeKind::Select | EdgeKind::Imply => {
                let symbol = self.graph.graph[edge.target()];
                self.conditions.contains(&(edge.weight().span, symbol))
            }
            _ => between().all(|other| other.weight().kind != EdgeKind::Depends),
        }
    }

    fn edge(&self, edge: EdgeReference<'_, model::Edge>) -> Edge {
        let decided = self.graph.graph[edge.source()];
        let decides = self.graph.graph[edge.target()];
        let edge = edge.weight();
        let (kind, forward) = match (edge.kind, edge.direct) {
            (EdgeKind::Select, true) => ("select", false),
            (EdgeKind::Imply, true) => ("imply", false),
            (EdgeKind::Select, false) => ("condition of a select", true),
            (EdgeKind::Imply, false) => ("condition of an imply", true),
            (kind, _) => (kind.word(), true),
        };
        let (from, to) = if forward {
            (decided, decides)
        } else {
            (decides, decided)
        };
        // Where the edge itself stands for the condition, the condition would only repeat it.
        let tells = edge.direct && edge.condition != Exprs::constant(Tristate::Yes);
        let place = place(self.files, edge.span);
        Edge {
            from: self.name(from),
            to: self.name(to),
            kind: kind.to_owned(),
            condition: tells.then(|| self.model.printer().expr(edge.condition)),
            place: format!("{}:{}", place.path, place.line),
        }
    }
}
