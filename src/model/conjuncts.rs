// SPDX-License-Identifier: MIT OR Apache-2.0
//! The terms of a definition's dependency, each with its place in the tree.

use std::sync::PoisonError;

use super::Model;
use super::expr::ExprId;
use super::lower::Lookup;
use super::symbol::Definition;
use crate::menu::NodeId;
use crate::source::{Span, TextRange};
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

/// An expression that is asked for, and the condition after its `if`.
type Root = (ast::ExprId, Option<ast::ExprId>);

impl Model {
    /// The terms of a definition's dependency: those of its own `depends on` lines, then
    /// those of the blocks around it, from the inside out.
    pub fn conjuncts_of(&self, definition: &Definition) -> Vec<Conjunct> {
        let node = definition.node;
        let around = std::iter::once(node).chain(self.menu.around(node));
        self.conjuncts_at(around, dependencies)
    }

    /// Only those of its own `depends on` lines. Who stands in thousands of blocks has no more to read.
    pub fn own_conjuncts_of(&self, definition: &Definition) -> Vec<Conjunct> {
        self.conjuncts_at(std::iter::once(definition.node), dependencies)
    }

    /// The terms of the `visible if` of the menus around a statement, from the inside out.
    pub fn visible_conjuncts_of(&self, node: NodeId) -> Vec<Conjunct> {
        let around = std::iter::once(node).chain(self.menu.around(node));
        self.conjuncts_at(around, |_, attributes| {
            let conditions = attributes.iter().map(|attribute| match attribute.kind {
                AttributeKind::Visible(condition) => condition,
                _ => None,
            });
            conditions.flatten().map(|root| (root, None)).collect()
        })
    }

    /// The terms of the conditions behind `if` in a statement's attributes, in order.
    pub fn condition_conjuncts_of(&self, node: NodeId) -> Vec<Conjunct> {
        self.conjuncts_at(std::iter::once(node), |_, attributes| {
            let conditions = attributes.iter().map(|attribute| match attribute.kind {
                AttributeKind::Type { prompt, .. } => prompt?.condition,
                AttributeKind::Prompt(prompt) => prompt.condition,
                AttributeKind::Default { condition, .. }
                | AttributeKind::TypedDefault { condition, .. }
                | AttributeKind::Select { condition, .. }
                | AttributeKind::Imply { condition, .. }
                | AttributeKind::Range { condition, .. } => condition,
                _ => None,
            });
            conditions.flatten().map(|root| (root, None)).collect()
        })
    }

    /// The terms that `roots` finds at some statements. What has a condition is one term.
    fn conjuncts_at(
        &self,
        statements: impl Iterator<Item = NodeId>,
        roots: impl Fn(&EntryKind, &[ast::Attribute]) -> Vec<Root>,
    ) -> Vec<Conjunct> {
        let mut places = Vec::new();
        for id in statements {
            let node = self.menu.node(id);
            let ast = self.menu.instance(node.instance).tree.ast();
            let entry = ast.entry(node.entry);
            for (root, condition) in roots(&entry.kind, ast.attributes_of(entry)) {
                let terms = match condition {
                    Some(_) => vec![root],
                    None => terms(ast, root),
                };
                let terms = terms.into_iter();
                places.extend(terms.map(|term| (id, node.instance, term, condition)));
            }
        }
        let lookup = self.lookup.get_or_init(|| Lookup::new(self).into());
        let mut lookup = lookup.lock().unwrap_or_else(PoisonError::into_inner);
        let places = places.into_iter();
        places
            .map(|(node, instance, term, condition)| {
                let ast = self.menu.instance(instance).tree.ast();
                let (range, expr) = (ast.expr(term).range, lookup.condition(instance, term));
                let (end, expr) = match condition {
                    Some(condition) => (
                        ast.expr(condition).range.end,
                        lookup.unless_off(instance, term, condition),
                    ),
                    None => (range.end, expr),
                };
                let range = TextRange::new(range.start, end);
                let span = self.menu.span(instance, range);
                Conjunct { expr, span, node }
            })
            .collect()
    }
}

/// What `depends on`, and `if` around other statements, asks for at a statement.
fn dependencies(entry: &EntryKind, attributes: &[ast::Attribute]) -> Vec<Root> {
    let mut roots = Vec::new();
    if let EntryKind::If(condition) = entry {
        roots.push((*condition, None));
    }
    for attribute in attributes {
        if let AttributeKind::DependsOn { expr, condition } = attribute.kind {
            roots.push((expr, condition));
        }
    }
    roots
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
