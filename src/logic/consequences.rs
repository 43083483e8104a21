// SPDX-License-Identifier: MIT OR Apache-2.0
//! What follows from a condition without a solver: the greater part of all selects is safe for
//! reasons that a reader of the file sees as well.
//!
//! From a condition that holds follow its conjuncts; from a symbol that nothing can force on,
//! its dependency; from a symbol that is on, what it selects. The conclusions are safe, not
//! complete: what does not follow here may follow all the same.

use super::bounds::Bounds;
use crate::menu::NodeId;
use crate::model::{Expr, ExprId, Exprs, Model, SelectId, Symbol, SymbolId, Tristate, ValueType};
use crate::tree::ArchSet;

/// How much holds: at least m, or y while modules are enabled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Strength {
    /// At least m.
    On,
    /// y; what is concluded counts only where MODULES is not n. (Where it is n, all that is on
    /// counts as y.)
    Yes,
}

/// The consequences of one condition at a time.
pub struct Consequences<'m> {
    model: &'m Model,
    bounds: &'m Bounds,
    strength: Strength,
    /// What holds is what has the current number here.
    exprs: Vec<u32>,
    symbols: Vec<u32>,
    round: u32,
    of: Option<(ExprId, Strength, ArchSet)>,
    /// The architectures on which the condition can hold.
    here: ArchSet,
    open: Vec<ExprId>,
    /// Symbols that hold, as far as they are not yet worked through.
    fresh: Vec<SymbolId>,
    /// Selects of symbols that hold whose conditions are not known to.
    waiting: Vec<SelectId>,
}

impl<'m> Consequences<'m> {
    /// Nothing is assumed yet.
    pub fn new(model: &'m Model, bounds: &'m Bounds) -> Consequences<'m> {
        Consequences {
            model,
            bounds,
            strength: Strength::On,
            exprs: vec![0; model.exprs.len()],
            symbols: vec![0; model.symbols.len()],
            round: 0,
            of: None,
            here: model.menu.on,
            open: Vec::new(),
            fresh: Vec::new(),
            waiting: Vec::new(),
        }
    }

    /// Whether `conclusion` holds in every configuration in which `condition` does, as far as
    /// can be seen.
    pub fn follows(&mut self, condition: ExprId, strength: Strength, conclusion: ExprId) -> bool {
        self.follows_on(self.model.menu.on, condition, strength, conclusion)
    }

    /// The same on these architectures.
    pub fn follows_on(
        &mut self,
        these: ArchSet,
        condition: ExprId,
        strength: Strength,
        conclusion: ExprId,
    ) -> bool {
        if self.of != Some((condition, strength, these)) {
            self.of = Some((condition, strength, these));
            self.here = these;
            self.strength = strength;
            self.round += 1;
            self.fresh.clear();
            self.waiting.clear();
            self.add(condition);
        }
        loop {
            if self.holds(conclusion) {
                return true;
            }
            // What is written comes first: often it is enough.
            if self.fresh.is_empty() {
                return false;
            }
            self.close();
        }
    }

    fn close(&mut self) {
        while let Some(id) = self.fresh.pop() {
            let symbol = self.model.symbol(id);
            if let Some(dependency) = self.needs(symbol) {
                self.add(dependency);
            }
            self.waiting.extend_from_slice(&symbol.selects);
            if self.fresh.is_empty() {
                self.activate();
            }
        }
    }

    /// What a symbol that is on needs. One that a select can force on needs nothing.
    fn needs(&self, symbol: &Symbol) -> Option<ExprId> {
        let is_free = symbol.member_of.is_none()
            && symbol.choice.is_none()
            && !symbol.transitional
            && symbol.self_select == Exprs::NO
            && symbol.selected_by.iter().all(|id| {
                let level = self.model.select(*id).level;
                self.bounds.expr_among(level, self.here).high == Tristate::No
            });
        // A bool counts a dependency of m as y.
        let is_exact = self.strength == Strength::On || symbol.ty == ValueType::Tristate;
        // An imply may give more than the dependency.
        let is_raised = self.model.behaviour.loose_imply && !symbol.implied_by.is_empty();
        let is_exact = is_exact && (self.strength == Strength::On || !is_raised);
        // A definition without a dependency can set the symbol whatever the others depend on.
        let here = |node: NodeId| !(self.model.menu.node(node).on & self.here).is_empty();
        let mut own = symbol.definitions.iter().filter(|it| here(it.node));
        let all_depend = own.all(|it| it.dependency.is_some());
        symbol.direct.filter(|_| is_free && is_exact && all_depend)
    }

    /// Adds the targets of selects that are active.
    fn activate(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        for id in waiting {
            let select = self.model.select(id);
            let target = self.model.symbol(select.target);
            let has_no_effect = !target.takes_selects() || !target.ty.is_logical();
            if has_no_effect || self.has(select.target) {
                continue;
            }
            if self.holds(select.condition) {
                self.add_symbol(select.target);
            } else {
                self.waiting.push(id);
            }
        }
    }

    fn add(&mut self, id: ExprId) {
        let mut open = std::mem::take(&mut self.open);
        open.push(id);
        while let Some(id) = open.pop() {
            if std::mem::replace(&mut self.exprs[id.0 as usize], self.round) == self.round {
                continue;
            }
            match self.model.exprs.get(id) {
                Expr::And(x, y) => open.extend([y, x]),
                Expr::Symbol(symbol) => self.add_symbol(symbol),
                Expr::On(these) => self.here = self.here & these,
                _ => {}
            }
        }
        self.open = open;
    }

    fn add_symbol(&mut self, id: SymbolId) {
        if std::mem::replace(&mut self.symbols[id.0 as usize], self.round) != self.round {
            self.fresh.push(id);
        }
    }

    fn has(&self, id: SymbolId) -> bool {
        self.symbols[id.0 as usize] == self.round
    }

    /// Whether a part of an expression holds by itself.
    fn is_known(&self, id: ExprId) -> bool {
        if self.exprs[id.0 as usize] == self.round {
            return true;
        }
        let low = self.bounds.expr_among(id, self.here).low;
        match self.model.exprs.get(id) {
            Expr::On(these) => these.covers(self.here),
            _ if low == Tristate::Yes => true,
            _ if low == Tristate::Module && self.strength == Strength::On => true,
            Expr::Symbol(symbol) => self.has(symbol),
            _ => false,
        }
    }

    /// Whether an expression holds, by what is known of its parts.
    fn holds(&self, id: ExprId) -> bool {
        // Goals of an AND all have to be met; an OR offers ways, tried one after the other.
        let mut goals = vec![id];
        while let Some(goal) = goals.pop() {
            if self.is_known(goal) {
                continue;
            }
            match self.model.exprs.get(goal) {
                Expr::And(x, y) => goals.extend([y, x]),
                Expr::Or(..) => {
                    if !self.some_way(goal) {
                        return false;
                    }
                }
                _ => return false,
            }
        }
        true
    }

    /// Whether an alternative of an OR holds: one that is known, or an AND of known ones.
    fn some_way(&self, id: ExprId) -> bool {
        let mut ways = vec![id];
        while let Some(way) = ways.pop() {
            if self.is_known(way) {
                return true;
            }
            match self.model.exprs.get(way) {
                Expr::Or(x, y) => ways.extend([y, x]),
                Expr::And(..) => {
                    let mut parts = vec![way];
                    let mut all = true;
                    while let Some(part) = parts.pop() {
                        match self.model.exprs.get(part) {
                            _ if self.is_known(part) => {}
                            Expr::And(x, y) => parts.extend([y, x]),
                            _ => {
                                all = false;
                                break;
                            }
                        }
                    }
                    if all {
                        return true;
                    }
                }
                _ => {}
            }
        }
        false
    }
}
