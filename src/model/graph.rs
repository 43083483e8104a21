// SPDX-License-Identifier: MIT OR Apache-2.0
//! The dependency graph: one node per symbol, one typed edge per way in which a symbol's
//! value hangs on another's.

use petgraph::graph::{DiGraph, NodeIndex};

use super::symbol::{DefaultValue, SymbolId};
use super::{ExprId, Model, Operand};
use crate::source::Span;

/// Why one symbol hangs on another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum EdgeKind {
    /// A dependency of a definition.
    Depends,
    /// It is selected by the other, or under a condition that mentions the other.
    Select,
    /// It is implied by the other, or under a condition that mentions the other.
    Imply,
    /// A default's value or condition.
    Default,
    /// A range's bound or condition.
    Range,
    /// A prompt's condition.
    Visibility,
}

impl EdgeKind {
    /// The word in pictures.
    pub fn word(self) -> &'static str {
        match self {
            EdgeKind::Depends => "depends on",
            EdgeKind::Select => "selected by",
            EdgeKind::Imply => "implied by",
            EdgeKind::Default => "default",
            EdgeKind::Range => "range",
            EdgeKind::Visibility => "visible if",
        }
    }
}

/// An edge: what it is, under which condition it counts, and where it is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Edge {
    /// Its kind.
    pub kind: EdgeKind,
    /// The condition under which it counts.
    pub condition: ExprId,
    /// Whether the symbol at its end switches on by itself (the selector), or only stands in
    /// a condition.
    pub direct: bool,
    /// Where it is written.
    pub span: Span,
}

/// The dependency graph of a model. An edge leads from the symbol whose value is decided to
/// the one that decides it.
pub struct Graph {
    /// Node weights are symbols; the node of symbol `i` has index `i`.
    pub graph: DiGraph<SymbolId, Edge>,
}

impl Graph {
    pub(super) fn new(model: &Model) -> Graph {
        let edges = model.selects.len() * 4 + model.symbols.len() * 6;
        let mut graph = Graph {
            graph: DiGraph::with_capacity(model.symbols.len(), edges),
        };
        for (id, _) in model.symbol_ids() {
            graph.graph.add_node(id);
        }
        for (id, _) in model.symbol_ids() {
            graph.add_symbol(model, id);
        }
        graph
    }

    /// The node of a symbol.
    pub fn node(id: SymbolId) -> NodeIndex {
        NodeIndex::new(id.0 as usize)
    }

    fn add_symbol(&mut self, model: &Model, id: SymbolId) {
        let symbol = model.symbol(id);
        for definition in &symbol.definitions {
            if let Some(dependency) = definition.dependency {
                self.add_condition(model, id, EdgeKind::Depends, dependency, definition.name);
            }
        }
        for prompt in &symbol.prompts {
            let condition = prompt.condition;
            self.add_condition(model, id, EdgeKind::Visibility, condition, prompt.span);
        }
        for default in &symbol.defaults {
            let condition = default.condition;
            self.add_condition(model, id, EdgeKind::Default, condition, default.span);
            match default.value {
                DefaultValue::Logical(value) | DefaultValue::Invalid(value) => {
                    self.add(model, id, EdgeKind::Default, value, condition, default.span);
                }
                DefaultValue::Text(operand) => {
                    self.add_operand(id, EdgeKind::Default, operand, condition, default.span);
                }
            }
        }
        for range in &symbol.ranges {
            let condition = range.condition;
            self.add_condition(model, id, EdgeKind::Range, condition, range.span);
            for bound in [range.low, range.high] {
                self.add_operand(id, EdgeKind::Range, bound, condition, range.span);
            }
        }
        for (select, kind) in symbol
            .selected_by
            .iter()
            .map(|select| (model.select(*select), EdgeKind::Select))
            .chain(
                symbol
                    .implied_by
                    .iter()
                    .map(|id| (model.imply(*id), EdgeKind::Imply)),
            )
        {
            let condition = select.condition;
            let edge = Edge {
                kind,
                condition,
                direct: true,
                span: select.span,
            };
            self.graph
                .add_edge(Graph::node(id), Graph::node(select.selector), edge);
            self.add_condition(model, id, kind, condition, select.span);
        }
    }

    fn add_condition(
        &mut self,
        model: &Model,
        from: SymbolId,
        kind: EdgeKind,
        condition: ExprId,
        span: Span,
    ) {
        self.add(model, from, kind, condition, condition, span);
    }

    fn add(
        &mut self,
        model: &Model,
        from: SymbolId,
        kind: EdgeKind,
        expr: ExprId,
        condition: ExprId,
        span: Span,
    ) {
        let edge = Edge {
            kind,
            condition,
            direct: false,
            span,
        };
        model.exprs.for_each_symbol(expr, |to| {
            self.graph
                .add_edge(Graph::node(from), Graph::node(to), edge);
        });
    }

    fn add_operand(
        &mut self,
        from: SymbolId,
        kind: EdgeKind,
        operand: Operand,
        condition: ExprId,
        span: Span,
    ) {
        if let Operand::Symbol(to) = operand {
            let edge = Edge {
                kind,
                condition,
                direct: true,
                span,
            };
            self.graph
                .add_edge(Graph::node(from), Graph::node(to), edge);
        }
    }
}
