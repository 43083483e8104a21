// SPDX-License-Identifier: MIT OR Apache-2.0
//! What constants took out of the model's expressions and conf still sees when it looks for
//! cycles: `A && n` is n here, and hangs on nothing.
//!
//! Few statements of a tree hide anything, so only those are kept, with what hangs on them.

use super::Model;
use super::expr::ExprId;
use super::symbol::SymbolId;
use crate::menu::NodeId;

/// Statements that hide something, and the symbols that see it.
#[derive(Default)]
pub(super) struct Hidden {
    /// What each hides, and the next of them around it.
    statements: Vec<(Vec<ExprId>, Option<usize>)>,
    /// Which symbol sees which of them; sorted.
    seen: Vec<(SymbolId, usize)>,
}

impl Hidden {
    /// From what each statement lost, in parse order; `symbols` are what statements define.
    pub(super) fn new(
        model: &Model,
        symbols: &[Option<SymbolId>],
        lost: &[(NodeId, ExprId)],
    ) -> Hidden {
        let mut hidden = Hidden::default();
        if lost.is_empty() {
            return hidden;
        }
        let mut rest = lost;
        // The nearest statement at or around each that hides something; parents come first.
        let mut nearest: Vec<Option<usize>> = Vec::with_capacity(symbols.len());
        for (at, node) in model.menu.nodes.iter().enumerate() {
            let above = node.parent.and_then(|up| nearest[up.0 as usize]);
            let count = rest.iter().take_while(|(id, _)| id.0 as usize == at);
            let (own, later) = rest.split_at(count.count());
            rest = later;
            if own.is_empty() {
                nearest.push(above);
                continue;
            }
            nearest.push(Some(hidden.statements.len()));
            let exprs = own.iter().map(|(_, expr)| *expr).collect();
            hidden.statements.push((exprs, above));
        }
        let own = symbols.iter().zip(&nearest);
        hidden
            .seen
            .extend(own.filter_map(|(symbol, nearest)| Some(((*symbol)?, (*nearest)?))));
        // What hangs on the condition of a select is its target.
        for select in model.selects.iter().chain(&model.implies) {
            let nearest = nearest[select.node.0 as usize];
            hidden.seen.extend(nearest.map(|at| (select.target, at)));
        }
        hidden.seen.sort_unstable();
        hidden.seen.dedup();
        hidden
    }

    /// The statements whose hidden expressions a symbol sees.
    pub(super) fn of(&self, symbol: SymbolId) -> impl Iterator<Item = usize> + '_ {
        let start = self.seen.partition_point(|(id, _)| *id < symbol);
        let own = self.seen[start..].iter();
        own.take_while(move |(id, _)| *id == symbol)
            .map(|(_, at)| *at)
    }

    /// What each statement hides, and the number of the next one around it.
    pub(super) fn statements(&self) -> impl Iterator<Item = (&[ExprId], Option<usize>)> + '_ {
        let all = self.statements.iter();
        all.map(|(exprs, above)| (&exprs[..], *above))
    }
}
