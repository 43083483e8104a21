// SPDX-License-Identifier: MIT OR Apache-2.0
//! A file in which some statements have the dependencies, selects and implies of another version of it.
//! What else there is keeps its number and its place, so whoever has seen the file need not look again.

use super::SyntaxTree;
use super::ast::{
    Ast, Atom, Attribute, AttributeKind, EntryId, Expr, ExprId, ExprKind, Word, WordId,
};
use crate::source::TextRange;

/// Where the parts of another version stand: behind all that was there.
#[derive(Clone, Copy)]
pub struct Graft {
    exprs: u32,
    words: u32,
    /// In the text.
    at: u32,
}

impl SyntaxTree {
    /// This version with what `other` says of some statements, each by its numbers here and there. It has
    /// no tokens, and the places of what is new lie behind the end of the text.
    pub fn grafted(&self, other: &SyntaxTree, pairs: &[(EntryId, EntryId)]) -> (SyntaxTree, Graft) {
        let mut ast = self.ast.clone();
        let graft = Graft {
            exprs: ast.exprs.len() as u32,
            words: ast.words.len() as u32,
            at: self.length,
        };
        ast.words.extend(other.ast.words.iter().map(|it| Word {
            range: graft.range(it.range),
            ..*it
        }));
        ast.exprs.extend(other.ast.exprs.iter().map(|it| Expr {
            kind: graft.expr_kind(it.kind),
            range: graft.range(it.range),
        }));
        for (here, there) in pairs {
            let start = ast.attributes.len() as u32;
            graft.write(&mut ast, *here, &other.ast, *there);
            let end = ast.attributes.len() as u32;
            ast.entries[here.0 as usize].attributes = start..end;
        }
        let tree = SyntaxTree {
            ast,
            length: self.length,
            ..SyntaxTree::default()
        };
        (tree, graft)
    }
}

impl AttributeKind {
    /// Whether it is a dependency, a select or an imply.
    pub fn is_link(&self) -> bool {
        matches!(
            self,
            AttributeKind::DependsOn { .. }
                | AttributeKind::Select { .. }
                | AttributeKind::Imply { .. }
        )
    }
}

impl Graft {
    /// The number that a word of the other version has.
    pub fn word(self, id: WordId) -> WordId {
        WordId(id.0 + self.words)
    }

    /// Adds the attributes of a statement: what is no link is as it was.
    fn write(self, ast: &mut Ast, here: EntryId, other: &Ast, there: EntryId) {
        let own = ast.attributes_of(ast.entry(here)).to_vec();
        let mut kept = own.into_iter().filter(|it| !it.kind.is_link());
        for attribute in other.attributes_of(other.entry(there)) {
            let new = match self.link(attribute) {
                Some(link) => Some(link),
                None => kept.next(),
            };
            ast.attributes.extend(new);
        }
    }

    fn link(self, attribute: &Attribute) -> Option<Attribute> {
        let condition = |condition: Option<ExprId>| condition.map(|it| self.expr(it));
        let kind = match attribute.kind {
            AttributeKind::DependsOn {
                expr,
                condition: own,
            } => AttributeKind::DependsOn {
                expr: self.expr(expr),
                condition: condition(own),
            },
            AttributeKind::Select {
                target,
                condition: own,
            } => AttributeKind::Select {
                target: self.atom(target),
                condition: condition(own),
            },
            AttributeKind::Imply {
                target,
                condition: own,
            } => AttributeKind::Imply {
                target: self.atom(target),
                condition: condition(own),
            },
            _ => return None,
        };
        Some(Attribute {
            kind,
            range: self.range(attribute.range),
        })
    }

    fn expr_kind(self, kind: ExprKind) -> ExprKind {
        match kind {
            ExprKind::Atom(atom) => ExprKind::Atom(self.atom(atom)),
            ExprKind::Not(x) => ExprKind::Not(self.expr(x)),
            ExprKind::And(x, y) => ExprKind::And(self.expr(x), self.expr(y)),
            ExprKind::Or(x, y) => ExprKind::Or(self.expr(x), self.expr(y)),
            ExprKind::Compare(op, x, y) => ExprKind::Compare(op, self.atom(x), self.atom(y)),
            ExprKind::Paren(x) => ExprKind::Paren(self.expr(x)),
        }
    }

    fn expr(self, id: ExprId) -> ExprId {
        ExprId(id.0 + self.exprs)
    }

    fn atom(self, atom: Atom) -> Atom {
        Atom {
            first: self.word(atom.first),
            ..atom
        }
    }

    fn range(self, range: TextRange) -> TextRange {
        TextRange::new(range.start + self.at, range.end + self.at)
    }
}
