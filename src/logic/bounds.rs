// SPDX-License-Identifier: MIT OR Apache-2.0
//! Least and greatest value of every symbol and expression, by interval arithmetic, on all
//! architectures of the model at once.
//!
//! The bounds are safe, not tight: no configuration leaves them. They are cheap, they settle
//! a good part of all questions, and they fold constants before anything is encoded.

use crate::model::{DefaultValue, Expr, ExprId, Model, SymbolId, Tristate};
use crate::tree::{ArchSet, ChoiceForm};

/// Least and greatest value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Interval {
    /// No configuration is below.
    pub low: Tristate,
    /// No configuration is above.
    pub high: Tristate,
}

/// The architectures on which a least value, and on which a greatest value, is at least m, and y.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Intervals {
    low: Levels,
    high: Levels,
}

/// The architectures on which a value is at least m, and those on which it is y, which are some of
/// them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Levels {
    on: ArchSet,
    yes: ArchSet,
}

impl Levels {
    /// y there, n elsewhere.
    fn yes_on(these: ArchSet) -> Levels {
        Levels {
            on: these,
            yes: these,
        }
    }

    fn min(self, other: Levels) -> Levels {
        Levels {
            on: self.on & other.on,
            yes: self.yes & other.yes,
        }
    }

    fn max(self, other: Levels) -> Levels {
        Levels {
            on: self.on | other.on,
            yes: self.yes | other.yes,
        }
    }

    fn not(self, all: ArchSet) -> Levels {
        Levels {
            on: all.without(self.yes),
            yes: all.without(self.on),
        }
    }

    fn at(self, at: usize) -> Tristate {
        match (self.on.contains(at), self.yes.contains(at)) {
            (_, true) => Tristate::Yes,
            (true, false) => Tristate::Module,
            (false, false) => Tristate::No,
        }
    }
}

impl Intervals {
    const NO: Intervals = Intervals {
        low: Levels {
            on: ArchSet::EMPTY,
            yes: ArchSet::EMPTY,
        },
        high: Levels {
            on: ArchSet::EMPTY,
            yes: ArchSet::EMPTY,
        },
    };

    /// Anything there, n elsewhere.
    fn any_on(these: ArchSet) -> Intervals {
        Intervals {
            low: Levels::default(),
            high: Levels::yes_on(these),
        }
    }

    fn exactly(value: Tristate, all: ArchSet) -> Intervals {
        let pick = |at_least: Tristate| {
            if value >= at_least {
                all
            } else {
                ArchSet::EMPTY
            }
        };
        let value = Levels {
            on: pick(Tristate::Module),
            yes: pick(Tristate::Yes),
        };
        Intervals {
            low: value,
            high: value,
        }
    }

    fn min(self, other: Intervals) -> Intervals {
        Intervals {
            low: self.low.min(other.low),
            high: self.high.min(other.high),
        }
    }

    fn max(self, other: Intervals) -> Intervals {
        Intervals {
            low: self.low.max(other.low),
            high: self.high.max(other.high),
        }
    }

    /// What holds on every architecture.
    fn hull(self, all: ArchSet) -> Interval {
        let (low, high) = (self.low, self.high);
        Interval {
            low: match (low.on == all, low.yes == all) {
                (_, true) => Tristate::Yes,
                (true, false) => Tristate::Module,
                (false, false) => Tristate::No,
            },
            high: match (high.on.is_empty(), high.yes.is_empty()) {
                (_, false) => Tristate::Yes,
                (false, true) => Tristate::Module,
                (true, true) => Tristate::No,
            },
        }
    }
}

/// Passes over a model after which bounds may stay wider than they could be.
const MOST_PASSES: usize = 16;

/// The bounds of a whole model. The model must have no cycle.
pub struct Bounds {
    all: ArchSet,
    symbols: Vec<Intervals>,
    exprs: Vec<Option<Intervals>>,
}

impl Bounds {
    /// Computes the bounds of every symbol.
    pub fn new(model: &Model) -> Bounds {
        let nothing = (
            vec![None; model.symbols.len()],
            vec![None; model.exprs.len()],
        );
        Bounds::from(model, nothing)
    }

    /// The bounds of a model that differs from the one of these bounds in some symbols, of which
    /// `is_stale` says which others hang on them; it has the same expressions and more.
    pub fn rewritten(&self, model: &Model, is_stale: &[bool]) -> Bounds {
        let symbols = self.symbols.iter().zip(is_stale);
        let symbols = symbols.map(|(known, is_stale)| (!is_stale).then_some(*known));
        let mut exprs = self.exprs.clone();
        exprs.resize(model.exprs.len(), None);
        // Operands come before what is made of them.
        let mut stale = vec![false; exprs.len()];
        for (id, expr) in model.exprs.iter() {
            let at = id.0 as usize;
            stale[at] = match expr {
                Expr::Symbol(symbol) => is_stale[symbol.0 as usize],
                _ => model.exprs.children(id).any(|it| stale[it.0 as usize]),
            };
            if stale[at] {
                exprs[at] = None;
            }
        }
        Bounds::from(model, (symbols.collect(), exprs))
    }

    /// Computes what is not known yet.
    fn from(model: &Model, known: (Vec<Option<Intervals>>, Vec<Option<Intervals>>)) -> Bounds {
        let all = model.menu.on;
        let mut work = Work {
            model,
            all,
            symbols: known.0.clone(),
            exprs: known.1.clone(),
            before: Vec::new(),
        };
        work.pass();
        // Symbols of different architectures can hang on each other in a circle that none of them
        // has. There the first pass knows too little, and each further one more.
        let mut passes = 1;
        while model.is_knotted() && all.len() > 1 && passes < MOST_PASSES {
            passes += 1;
            work.before = std::mem::replace(&mut work.symbols, known.0.clone());
            work.exprs.clone_from(&known.1);
            work.pass();
            if work.before == work.symbols {
                break;
            }
        }
        let symbols = work.symbols.into_iter();
        Bounds {
            all,
            symbols: symbols
                .map(|known| known.unwrap_or(Intervals::any_on(all)))
                .collect(),
            exprs: work.exprs,
        }
    }

    /// Bounds of a symbol's value on all architectures together; n for what is not bool or
    /// tristate.
    pub fn symbol(&self, id: SymbolId) -> Interval {
        self.symbols[id.0 as usize].hull(self.all)
    }

    /// The same on the architecture at this place of the model's list.
    pub fn symbol_on(&self, id: SymbolId, at: usize) -> Interval {
        let Intervals { low, high } = self.symbols[id.0 as usize];
        Interval {
            low: low.at(at),
            high: high.at(at),
        }
    }

    /// Whether a symbol is off on all of these architectures.
    pub fn is_off_on(&self, id: SymbolId, these: ArchSet) -> bool {
        (self.symbols[id.0 as usize].high.on & these).is_empty()
    }

    /// Bounds of an expression's value on all architectures together.
    pub fn expr(&self, id: ExprId) -> Interval {
        self.exprs(id).hull(self.all)
    }

    /// Bounds of an expression's value on these architectures together.
    pub fn expr_among(&self, id: ExprId, these: ArchSet) -> Interval {
        let all = self.exprs(id);
        let only = |levels: Levels| levels.min(Levels::yes_on(these));
        let here = Intervals {
            low: only(all.low),
            high: only(all.high),
        };
        here.hull(these)
    }

    /// The architectures on which a select can be active while the dependency is not y.
    pub fn open_on(&self, level: ExprId, dependency: ExprId) -> ArchSet {
        let active = self.exprs(level).high.on;
        active.without(self.exprs(dependency).low.yes)
    }

    fn exprs(&self, id: ExprId) -> Intervals {
        let known = self.exprs.get(id.0 as usize).copied().flatten();
        known.unwrap_or(Intervals::any_on(self.all))
    }
}

struct Work<'m> {
    model: &'m Model,
    all: ArchSet,
    symbols: Vec<Option<Intervals>>,
    exprs: Vec<Option<Intervals>>,
    /// What the pass before knew of symbols.
    before: Vec<Option<Intervals>>,
}

#[derive(Clone, Copy)]
enum Node {
    Symbol(SymbolId),
    Expr(ExprId),
}

impl Work<'_> {
    fn pass(&mut self) {
        for at in 0..self.model.symbols.len() {
            self.visit(Node::Symbol(SymbolId(at as u32)));
        }
        for at in 0..self.model.exprs.len() {
            self.visit(Node::Expr(ExprId(at as u32)));
        }
    }

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
                    let meanwhile = if logical { self.all } else { ArchSet::EMPTY };
                    self.symbols[id.0 as usize] = match self.before.get(id.0 as usize) {
                        Some(before) => *before,
                        None => Some(Intervals::any_on(meanwhile)),
                    };
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
    fn symbol(&self, id: SymbolId) -> Intervals {
        self.symbols[id.0 as usize].unwrap_or(Intervals::any_on(self.all))
    }

    fn compute(&mut self, id: SymbolId) -> Intervals {
        let model = self.model;
        let symbol = model.symbol(id);
        let new_choice = symbol.choice.is_some() && model.behaviour.choices == ChoiceForm::New;
        if new_choice {
            return Intervals::NO;
        }
        let mut visible = Intervals::NO;
        for prompt in &symbol.prompts {
            visible = visible.max(self.expr(prompt.condition));
        }
        if symbol.choice.is_some() || symbol.member_of.is_some() {
            // Selects and implies of a member have no effect.
            let mut on = visible.high.on;
            if model.behaviour.choices == ChoiceForm::Old {
                on |= symbol.choice.map_or(ArchSet::EMPTY, |_| self.all);
                let defaults = symbol.defaults.iter();
                on = defaults.fold(on, |on, default| on | model.menu.node(default.node).on);
            }
            return Intervals::any_on(on);
        }
        let mut reverse = self.expr(symbol.self_select);
        for select in symbol.selected_by.iter().filter(|_| symbol.takes_selects()) {
            reverse = reverse.max(self.expr(model.select(*select).level));
        }
        let mut own = Intervals {
            low: self.lowest_default(id),
            high: self.highest_default(id),
        };
        let mut implied = ArchSet::EMPTY;
        for imply in &symbol.implied_by {
            let imply = model.imply(*imply);
            implied |= model.menu.node(imply.node).on;
            own.high = own.high.max(self.expr(imply.level).high);
        }
        let mut free = visible.high.on;
        if symbol.transitional {
            let definitions = symbol.definitions.iter();
            free = definitions.fold(free, |on, it| on | model.menu.node(it.node).on);
        }
        let capped = implied & symbol.depends_on;
        let firm = Levels::yes_on(self.all.without(free | capped));
        own.low = own.low.min(firm);
        own.high = own.high.max(Levels::yes_on(free));
        let value = own.max(reverse);
        // Promotion: m may count as y, so an m below or above says little.
        Intervals {
            low: value.low,
            high: Levels::yes_on(value.high.on),
        }
    }

    /// The greatest value that the defaults give: each counts where none before it surely does.
    fn highest_default(&mut self, id: SymbolId) -> Levels {
        let mut highest = Levels::default();
        let mut open = self.all;
        for default in &self.model.symbol(id).defaults {
            let DefaultValue::Logical(value) = default.value else {
                continue;
            };
            let (condition, value) = (self.expr(default.condition), self.expr(value));
            let high = condition.high.min(value.high);
            highest = highest.max(high.min(Levels::yes_on(open)));
            open = open.without(condition.low.on); // it shadows all that follow
        }
        highest
    }

    /// The least value that the default path gives: the least over all defaults that can be
    /// the first to count; n when none needs to count.
    fn lowest_default(&mut self, id: SymbolId) -> Levels {
        let mut lowest = Levels::default();
        let mut least = Levels::yes_on(self.all);
        let mut open = self.all;
        for default in &self.model.symbol(id).defaults {
            let DefaultValue::Logical(value) = default.value else {
                open = open.without(self.model.menu.node(default.node).on);
                continue;
            };
            let (condition, value) = (self.expr(default.condition), self.expr(value));
            let here = Levels {
                on: value.low.on,
                yes: value.low.yes & condition.low.yes,
            };
            // Where it cannot count, it changes nothing.
            let never = Levels::yes_on(self.all.without(condition.high.on));
            least = least.min(here.max(never));
            let last = open & condition.low.on;
            lowest = lowest.max(least.min(Levels::yes_on(last)));
            open = open.without(last);
        }
        lowest
    }

    fn expr(&mut self, id: ExprId) -> Intervals {
        if let Some(known) = self.exprs[id.0 as usize] {
            return known;
        }
        let intervals = match self.model.exprs.get(id) {
            Expr::Const(value) => Intervals::exactly(value, self.all),
            Expr::On(these) => {
                let value = Levels::yes_on(these);
                Intervals {
                    low: value,
                    high: value,
                }
            }
            Expr::Symbol(symbol) => self.symbol(symbol),
            Expr::Not(x) => {
                let x = self.expr(x);
                Intervals {
                    low: x.high.not(self.all),
                    high: x.low.not(self.all),
                }
            }
            Expr::And(x, y) => self.expr(x).min(self.expr(y)),
            Expr::Or(x, y) => self.expr(x).max(self.expr(y)),
            Expr::Compare(..) | Expr::Test(_) | Expr::Prints(..) => Intervals::any_on(self.all),
        };
        self.exprs[id.0 as usize] = Some(intervals);
        intervals
    }
}
