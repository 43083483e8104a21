// SPDX-License-Identifier: MIT OR Apache-2.0
//! The terms of a definition's dependency, each with its place in the tree.

use std::sync::PoisonError;

use super::Model;
use super::expr::ExprId;
use super::lower::Lookup;
use super::symbol::Definition;
use crate::menu::{InstanceId, NodeId};
use crate::source::Span;
use crate::syntax::ast::{self, AttributeKind, EntryKind, ExprKind};

/// One term of a conjunction, as it is written somewhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Conjunct {
    /// The term in the model; `None` when the model folded it away.
    pub expr: Option<ExprId>,
    /// Where it is written.
    pub span: Span,
    /// The statement it is written at: the definition's own, or an enclosing block.
    pub node: NodeId,
}

impl Model {
    /// The terms of a definition's dependency: those of its own `depends on` lines, then
    /// those of the blocks around it, from the inside out.
    pub fn conjuncts_of(&self, definition: &Definition) -> Vec<Conjunct> {
        let mut places = Vec::new();
        let mut up = Some(definition.node);
        while let Some(id) = up {
            let node = self.menu.node(id);
            let ast = self.menu.instance(node.instance).tree.ast();
            let entry = ast.entry(node.entry);
            let mut roots = Vec::new();
            if let EntryKind::If(condition) = entry.kind {
                roots.push(condition);
            }
            for attribute in ast.attributes_of(entry) {
                if let AttributeKind::DependsOn {
                    expr,
                    condition: None,
                } = attribute.kind
                {
                    roots.push(expr);
                }
            }
            for root in roots {
                places.extend(
                    terms(ast, root)
                        .into_iter()
                        .map(|term| (id, node.instance, term)),
                );
            }
            up = node.parent;
        }
        let lookup = self.lookup.get_or_init(|| Lookup::new(self).into());
        let mut lookup = lookup.lock().unwrap_or_else(PoisonError::into_inner);
        let place = |(node, instance, term): (NodeId, InstanceId, ast::ExprId)| {
            let ast = self.menu.instance(instance).tree.ast();
            (node, self.menu.span(instance, ast.expr(term).range))
        };
        places
            .into_iter()
            .map(|at| {
                let expr = lookup.condition(at.1, at.2);
                let (node, span) = place(at);
                Conjunct { expr, span, node }
            })
            .collect()
    }
}

/// The operands of nested `&&` from left to right.
fn terms(ast: &ast::Ast, root: ast::ExprId) -> Vec<ast::ExprId> {
    let mut found = Vec::new();
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        match ast.expr(id).kind {
            ExprKind::And(left, right) => open.extend([right, left]),
            ExprKind::Paren(inner) if is_and(ast, inner) => open.push(inner),
            _ => found.push(id),
        }
    }
    found
}

fn is_and(ast: &ast::Ast, mut id: ast::ExprId) -> bool {
    while let ExprKind::Paren(inner) = ast.expr(id).kind {
        id = inner;
    }
    matches!(ast.expr(id).kind, ExprKind::And(..))
}
