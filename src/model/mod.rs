// SPDX-License-Identifier: MIT OR Apache-2.0
//! Symbols, hash-consed expressions and the dependency graph of one architecture.
//!
//! This is what conf has after `menu_finalize` (menu.c): every property carries its full
//! condition, every symbol its direct dependency and the selects and implies that reach it.
//! Nothing here computes a value: `logic/` does.

mod build;
mod by_name;
mod choices;
mod circular;
mod conjuncts;
mod cycles;
mod digest;
mod expr;
mod folding;
mod graph;
mod hanging;
mod hidden;
mod knots;
mod lower;
mod print;
mod properties;
mod refused;
mod relax;
mod rewritten;
mod sets;
mod symbol;
mod untangle;
mod written;

pub use conjuncts::Conjunct;
pub use cycles::{Cycle, CycleStep, Cycles};
pub use digest::{Definitions, Digest, StoredDefinitions};
pub use expr::{Expr, ExprId, Exprs, Operand, OutputId, Tristate};
pub use graph::{Edge, EdgeKind, Graph};
pub use hanging::Hanging;
pub use print::Printer;
pub use relax::{Part, Property, Relaxed};
pub use rewritten::Rewritten;
pub use symbol::{
    Choice, ChoiceId, Default, DefaultValue, Definition, Prompt, Range, Select, SelectId, Symbol,
    SymbolId, ValueType,
};

use std::sync::{Arc, Mutex, OnceLock};

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::menu::command::Output;
use crate::menu::{InstanceId, Menu};
use crate::source::Name;
use crate::syntax::ast;
use crate::tree::{ArchSet, Behaviour};

/// The condition of a `depends on X if Y`, as it is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Conditional {
    /// The file.
    instance: InstanceId,
    /// Y in it.
    condition: ast::ExprId,
}

type Variants = FxHashMap<Name, SmallVec<[(ArchSet, SymbolId); 1]>>;

/// The finalised symbol table of one architecture, or of several whose menu trees were merged.
pub struct Model {
    /// The menu tree it was made from.
    pub menu: Arc<Menu>,
    /// How this tree's kconfig behaves.
    pub behaviour: Behaviour,
    /// Expressions.
    pub exprs: Exprs,
    /// Symbols in the order of their first occurrence: defined, merely mentioned, and the
    /// symbols of choices.
    pub symbols: Vec<Symbol>,
    /// Choices in parse order.
    pub choices: Vec<Choice>,
    /// All `select` statements in parse order.
    pub selects: Vec<Select>,
    /// All `imply` statements in parse order.
    pub implies: Vec<Select>,
    /// The symbol that stands for MODULES, if the tree has one.
    pub modules: Option<SymbolId>,
    /// Outputs of commands that stand where a value is wanted.
    pub outputs: Vec<Output>,
    /// The dependencies with a condition: `X if Y` by the expression that it means.
    conditional: FxHashMap<ExprId, Conditional>,
    by_name: by_name::ByName,
    /// The symbols of names that have several, with the architectures for which each stands.
    variants: Variants,
    /// Which symbols can be on a cycle, and with which others; see `cycles::suspects`.
    suspects: Option<Vec<Option<usize>>>,
    /// What constants took out of expressions.
    hidden: Arc<hidden::Hidden>,
    /// Whether some tristate is [`Symbol::before_modules`]. When conf computes it again, it may have
    /// another value.
    pub has_tristate_before_modules: bool,
    /// Which symbols' values hang on which.
    pub hanging: Arc<Hanging>,
    /// Made when it is first needed; behind a lock, because it learns.
    lookup: OnceLock<Mutex<lower::Lookup>>,
}

impl Model {
    /// Builds the model of a menu tree (menu.c, `menu_finalize`).
    pub fn new(menu: Arc<Menu>, behaviour: Behaviour) -> Model {
        build::build(menu, behaviour)
    }

    /// Adds an expression that the tree does not contain, such as what a policy requires.
    /// Words with macros count as undefined.
    pub fn add_expression(&mut self, ast: &ast::Ast, id: ast::ExprId) -> ExprId {
        self.lookup = OnceLock::new();
        match ast.expr(id).kind {
            ast::ExprKind::Paren(x) => self.add_expression(ast, x),
            ast::ExprKind::Atom(atom) => {
                let mut any = Exprs::NO;
                for (on, operand) in self.operands(ast, atom) {
                    let value = match operand {
                        Operand::Symbol(symbol) => self.exprs.symbol(symbol),
                        Operand::Constant(text) => {
                            Exprs::constant(Tristate::from_name(text).unwrap_or_default())
                        }
                        Operand::Output(_) => Exprs::NO,
                    };
                    let on = self.exprs.on(on);
                    let value = self.exprs.and(on, value);
                    any = self.exprs.or(any, value);
                }
                any
            }
            ast::ExprKind::Not(x) => {
                let x = self.add_expression(ast, x);
                self.exprs.not(x)
            }
            ast::ExprKind::And(x, y) => {
                let (x, y) = (self.add_expression(ast, x), self.add_expression(ast, y));
                self.exprs.and(x, y)
            }
            ast::ExprKind::Or(x, y) => {
                let (x, y) = (self.add_expression(ast, x), self.add_expression(ast, y));
                self.exprs.or(x, y)
            }
            ast::ExprKind::Compare(op, x, y) => {
                let mut any = Exprs::NO;
                for (on, x) in self.operands(ast, x) {
                    for (also_on, y) in self.operands(ast, y) {
                        let on = self.exprs.on(on & also_on);
                        let compare = self.exprs.compare(op, x, y);
                        let compare = self.exprs.and(on, compare);
                        any = self.exprs.or(any, compare);
                    }
                }
                any
            }
        }
    }

    /// What a word stands for, on all architectures together once. A symbol that the tree does not
    /// mention is its own name (semantics.md 22).
    fn operands(&self, ast: &ast::Ast, atom: ast::Atom) -> SmallVec<[(ArchSet, Operand); 1]> {
        let word = ast.words_of(atom)[0];
        let text = word.text.unwrap_or_else(|| Name::new(""));
        let symbols = match word.quoted {
            true => SmallVec::new(),
            false => self.symbols_named(text),
        };
        let mut rest = self.menu.on;
        let mut all = SmallVec::new();
        for (on, symbol) in symbols {
            let on = on & self.menu.defined.get(&text).copied().unwrap_or(on);
            rest = rest.without(on);
            all.push((on, Operand::Symbol(symbol)));
        }
        if !rest.is_empty() {
            all.push((rest, Operand::Constant(text)));
        }
        all
    }

    /// The symbol of a name, defined or merely mentioned.
    pub fn symbol_named(&self, name: &str) -> Option<SymbolId> {
        self.symbol_of(Name::new(name))
    }

    /// The symbol of a name on the architecture at this place of the menu's list.
    pub fn symbol_on(&self, name: Name, at: usize) -> Option<SymbolId> {
        let Some(variants) = self.variants.get(&name) else {
            return self.symbol_of(name);
        };
        let own = variants.iter().find(|(on, _)| on.contains(at));
        own.map(|(_, symbol)| *symbol)
    }

    /// The symbols of a name, with the architectures for which each stands: one for all, but
    /// where [`Menu::variants`] has others.
    pub fn symbols_named(&self, name: Name) -> SmallVec<[(ArchSet, SymbolId); 1]> {
        match self.variants.get(&name) {
            Some(variants) => variants.clone(),
            None => self
                .symbol_of(name)
                .map(|id| (self.menu.on, id))
                .into_iter()
                .collect(),
        }
    }

    /// The architectures for which a symbol stands: all, unless its name has several symbols.
    pub fn architectures_of(&self, id: SymbolId) -> ArchSet {
        let name = self.symbol(id).name;
        let variants = name.and_then(|name| self.variants.get(&name));
        let own = variants.and_then(|all| all.iter().find(|(_, symbol)| *symbol == id));
        own.map_or(self.menu.on, |(on, _)| *on)
    }

    /// The architectures that define a symbol.
    pub fn defined_on(&self, id: SymbolId) -> ArchSet {
        let own = self.architectures_of(id);
        let name = self.symbol(id).name;
        let defined = name.and_then(|name| self.menu.defined.get(&name));
        defined.map_or(own, |defined| own & *defined)
    }

    /// Whether a dependency of m is less than y for a symbol: for conf it is for a tristate only, and
    /// kconfiglib warns of a bool, too (kconfiglib.py, `_warn_select_unsatisfied_deps`).
    pub fn can_be_half_met(&self, id: SymbolId) -> bool {
        self.symbol(id).ty == ValueType::Tristate || self.behaviour.is_kconfiglib()
    }

    /// The same for an interned name.
    pub fn symbol_of(&self, name: Name) -> Option<SymbolId> {
        self.by_name.get(&name).copied()
    }

    /// A symbol.
    pub fn symbol(&self, id: SymbolId) -> &Symbol {
        &self.symbols[id.0 as usize]
    }

    /// A `select`.
    pub fn select(&self, id: SelectId) -> &Select {
        &self.selects[id.0 as usize]
    }

    /// An `imply`.
    pub fn imply(&self, id: SelectId) -> &Select {
        &self.implies[id.0 as usize]
    }

    /// A choice.
    pub fn choice(&self, id: ChoiceId) -> &Choice {
        &self.choices[id.0 as usize]
    }

    /// Whether a user's number outside of its range becomes the bound. Older kconfigs forget it,
    /// but not that of a member of a choice (confdata.c of 6.1, `conf_read`).
    pub fn moves_into_range(&self, id: SymbolId) -> bool {
        let is_old_member = self.symbol(id).member_of.is_some() && !self.behaviour.is_kconfiglib();
        self.behaviour.clamp_user_values || is_old_member
    }

    /// An output.
    pub fn output(&self, id: OutputId) -> &Output {
        &self.outputs[id.0 as usize]
    }

    /// All symbols with their numbers.
    pub fn symbol_ids(&self) -> impl Iterator<Item = (SymbolId, &Symbol)> {
        self.symbols
            .iter()
            .enumerate()
            .map(|(at, symbol)| (SymbolId(at as u32), symbol))
    }

    /// The name of a symbol; a nameless choice is called `<choice>`.
    pub fn name(&self, id: SymbolId) -> &'static str {
        self.symbol(id).name.map_or("<choice>", Name::as_str)
    }

    /// A printer of this model's expressions.
    pub fn printer(&self) -> Printer<'_> {
        Printer::new(self)
    }

    /// Whether an expression is a dependency with a condition, `X if Y`: then X.
    pub fn dependency_under_condition(&self, id: ExprId) -> Option<ExprId> {
        match (self.conditional.get(&id)?, self.exprs.get(id)) {
            (_, Expr::Or(dependency, _)) => Some(dependency),
            _ => None,
        }
    }

    /// Whether some dependency of this tree has a condition.
    pub fn has_conditional_dependencies(&self) -> bool {
        !self.conditional.is_empty()
    }

    /// The dependency graph.
    pub fn graph(&self) -> Graph {
        Graph::new(self)
    }

    /// Whether symbols hang on each other in a circle, as far as can be told without looking at
    /// what conf folds, and at architectures one by one.
    pub fn is_knotted(&self) -> bool {
        self.suspects.is_some()
    }

    /// The cycles that conf refuses (symbol.c, `sym_check_deps`), of a model of one architecture.
    pub fn cycles(&self) -> Vec<Cycle> {
        let each = self.cycles_of_each();
        each.into_iter().flat_map(|(_, cycles)| cycles).collect()
    }

    /// Whether the values of one of several architectures cannot be computed with this model although
    /// that architecture has no cycle: then each has to be looked at by itself.
    pub fn is_unsound(&self) -> bool {
        let cyclic = || {
            let each = self.cycles_of_each().into_iter();
            each.fold(ArchSet::EMPTY, |all, (at, _)| all | ArchSet::only(at))
        };
        let circular = self.circular();
        self.is_out_of_order() || !circular.is_empty() && !cyclic().covers(circular)
    }

    /// Whether which symbols MODULES depends on may differ from one architecture to the next.
    pub fn is_out_of_order(&self) -> bool {
        self.menu.on.len() > 1 && self.has_tristate_before_modules
    }

    /// The architectures of several whose values cannot be computed with this model. Those with cycles
    /// may be among them.
    pub fn circular(&self) -> ArchSet {
        circular::circular(self)
    }

    /// The same of several.
    pub fn cycles_of_each(&self) -> Cycles {
        cycles::find(self)
    }
}
