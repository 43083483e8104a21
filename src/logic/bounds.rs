// SPDX-License-Identifier: MIT OR Apache-2.0
//! Least and greatest value of every symbol and expression, by interval arithmetic.
//!
//! The bounds are safe, not tight: no configuration leaves them. They are cheap, they settle
//! a good part of all questions, and they fold constants before anything is encoded.

use crate::model::{DefaultValue, Expr, ExprId, Model, SymbolId, Tristate};
use crate::tree::ChoiceForm;

/// Least and greatest value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Interval {
    /// No configuration is below.
    pub low: Tristate,
    /// No configuration is above.
    pub high: Tristate,
}

impl Interval {
    const NO: Interval = Interval {
        low: Tristate::No,
        high: Tristate::No,
    };
    const ANY: Interval = Interval {
        low: Tristate::No,
        high: Tristate::Yes,
    };

    fn exactly(value: Tristate) -> Interval {
        Interval {
            low: value,
            high: value,
        }
    }

    fn min(self, other: Interval) -> Interval {
        Interval {
            low: self.low.min(other.low),
            high: self.high.min(other.high),
        }
    }

    fn max(self, other: Interval) -> Interval {
        Interval {
            low: self.low.max(other.low),
            high: self.high.max(other.high),
        }
    }
}

/// The bounds of a whole model. The model must have no cycle.
pub struct Bounds {
    symbols: Vec<Interval>,
    exprs: Vec<Option<Interval>>,
}

impl Bounds {
    /// Computes the bounds of every symbol.
    pub fn new(model: &Model) -> Bounds {
        let mut work = Work {
            model,
            symbols: vec![None; model.symbols.len()],
            exprs: vec![None; model.exprs.len()],
        };
        for (id, _) in model.symbol_ids() {
            work.visit(Node::Symbol(id));
        }
        for (id, _) in model.exprs.iter() {
            work.visit(Node::Expr(id));
        }
        let symbols = work
            .symbols
            .into_iter()
            .map(|known| known.unwrap_or(Interval::ANY));
        Bounds {
            symbols: symbols.collect(),
            exprs: work.exprs,
        }
    }

    /// Bounds of a symbol's value; n for what is not bool or tristate.
    pub fn symbol(&self, id: SymbolId) -> Interval {
        self.symbols[id.0 as usize]
    }

    /// Bounds of an expression's value.
    pub fn expr(&self, id: ExprId) -> Interval {
        self.exprs
            .get(id.0 as usize)
            .copied()
            .flatten()
            .unwrap_or(Interval::ANY)
    }
}

struct Work<'m> {
    model: &'m Model,
    symbols: Vec<Option<Interval>>,
    exprs: Vec<Option<Interval>>,
}

#[derive(Clone, Copy)]
enum Node {
    Symbol(SymbolId),
    Expr(ExprId),
}

impl Work<'_> {
    /// Computes a node after all that it stands on, on a stack of its own: hostile trees hang
    /// deeper than a thread's.
    fn visit(&mut self, root: Node) {
        let mut open = vec![(root, false)];
        while let Some((node, ready)) = open.pop() {
            match node {
                Node::Symbol(id) if ready => {
                    self.symbols[id.0 as usize] = Some(self.compute(id));
                }
                Node::Expr(id) if ready => drop(self.expr(id)),
                Node::Symbol(id) if self.symbols[id.0 as usize].is_none() => {
                    // Choices refer to themselves; whoever asks meanwhile learns nothing.
                    let logical = self.model.symbol(id).ty.is_logical();
                    let meanwhile = if logical { Interval::ANY } else { Interval::NO };
                    self.symbols[id.0 as usize] = Some(meanwhile);
                    if logical {
                        open.push((node, true));
                        self.below_symbol(id, |id| open.push((Node::Expr(id), false)));
                    }
                }
                Node::Expr(id) if self.exprs[id.0 as usize].is_none() => {
                    open.push((node, true));
                    if let Expr::Symbol(symbol) = self.model.exprs.get(id) {
                        open.push((Node::Symbol(symbol), false));
                    }
                    let below = self.model.exprs.children(id);
                    open.extend(below.map(|id| (Node::Expr(id), false)));
                }
                _ => {}
            }
        }
    }

    /// The expressions that `compute` asks for.
    fn below_symbol(&self, id: SymbolId, mut visit: impl FnMut(ExprId)) {
        let model = self.model;
        let symbol = model.symbol(id);
        for prompt in &symbol.prompts {
            visit(prompt.condition);
        }
        if symbol.choice.is_some() || symbol.member_of.is_some() {
            return;
        }
        visit(symbol.self_select);
        for select in &symbol.selected_by {
            visit(model.select(*select).level);
        }
        for imply in &symbol.implied_by {
            visit(model.imply(*imply).level);
        }
        for default in &symbol.defaults {
            visit(default.condition);
            if let DefaultValue::Logical(value) = default.value {
                visit(value);
            }
        }
    }

    /// What is known of a symbol; nothing of one that is still being computed.
    fn symbol(&self, id: SymbolId) -> Interval {
        self.symbols[id.0 as usize].unwrap_or(Interval::ANY)
    }

    fn compute(&mut self, id: SymbolId) -> Interval {
        let model = self.model;
        let symbol = model.symbol(id);
        if let Some((low, high)) = symbol.given {
            return Interval { low, high };
        }
        let new_choice = symbol.choice.is_some() && model.behaviour.choices == ChoiceForm::New;
        if new_choice {
            return Interval::NO;
        }
        let mut visible = Interval::NO;
        for prompt in &symbol.prompts {
            visible = visible.max(self.expr(prompt.condition));
        }
        if symbol.choice.is_some() || symbol.member_of.is_some() {
            // Selects and implies of a member have no effect.
            let other_ways = model.behaviour.choices == ChoiceForm::Old
                && (!symbol.defaults.is_empty() || symbol.choice.is_some());
            let off = visible.high == Tristate::No && !other_ways;
            return if off { Interval::NO } else { Interval::ANY };
        }
        let mut reverse = self.expr(symbol.self_select);
        for select in symbol.selected_by.iter().filter(|_| symbol.takes_selects()) {
            reverse = reverse.max(self.expr(model.select(*select).level));
        }
        let mut own = Interval {
            low: self.lowest_default(id),
            high: Tristate::No,
        };
        for default in &symbol.defaults {
            let DefaultValue::Logical(value) = default.value else {
                continue;
            };
            let (condition, value) = (self.expr(default.condition), self.expr(value));
            own.high = own.high.max(condition.high.min(value.high));
            if condition.low != Tristate::No {
                break; // it shadows all that follow
            }
        }
        for imply in &symbol.implied_by {
            own.high = own.high.max(self.expr(model.imply(*imply).level).high);
        }
        let capped = !symbol.implied_by.is_empty() && symbol.direct.is_some();
        let free = visible.high != Tristate::No || symbol.transitional;
        if free || capped {
            own.low = Tristate::No;
        }
        if free {
            own.high = Tristate::Yes;
        }
        let value = own.max(reverse);
        // Promotion: m may count as y, so an m below or above says little.
        Interval {
            low: value.low,
            high: if value.high == Tristate::No {
                Tristate::No
            } else {
                Tristate::Yes
            },
        }
    }

    /// The least value that the default path gives: the least over all defaults that can be
    /// the first to count; n when none needs to count.
    fn lowest_default(&mut self, id: SymbolId) -> Tristate {
        let mut lowest = Tristate::Yes;
        for default in &self.model.symbol(id).defaults {
            let DefaultValue::Logical(value) = default.value else {
                return Tristate::No;
            };
            let (condition, value) = (self.expr(default.condition), self.expr(value));
            if condition.high == Tristate::No {
                continue;
            }
            let least = condition.low.max(Tristate::Module).min(value.low);
            lowest = lowest.min(least);
            if condition.low != Tristate::No {
                return lowest;
            }
        }
        Tristate::No
    }

    fn expr(&mut self, id: ExprId) -> Interval {
        if let Some(known) = self.exprs[id.0 as usize] {
            return known;
        }
        let interval = match self.model.exprs.get(id) {
            Expr::Const(value) => Interval::exactly(value),
            Expr::Symbol(symbol) => self.symbol(symbol),
            Expr::Not(x) => {
                let x = self.expr(x);
                Interval {
                    low: !x.high,
                    high: !x.low,
                }
            }
            Expr::And(x, y) => self.expr(x).min(self.expr(y)),
            Expr::Or(x, y) => self.expr(x).max(self.expr(y)),
            Expr::Compare(..) | Expr::Test(_) | Expr::Prints(..) => Interval::ANY,
        };
        self.exprs[id.0 as usize] = Some(interval);
        interval
    }
}
