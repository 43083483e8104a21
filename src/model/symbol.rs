// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the model knows of a symbol: plain data.

use smallvec::SmallVec;

use super::{Expr, ExprId, Exprs, Operand};
use crate::menu::NodeId;
use crate::source::{Name, Span};
use crate::syntax::ast::Type;
use crate::tree::ArchSet;

/// The number of a symbol in [`super::Model::symbols`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SymbolId(pub u32);

/// The number of a choice in [`super::Model::choices`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ChoiceId(pub u32);

/// The number of a `select` or `imply`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SelectId(pub u32);

/// The kinds of value a symbol can have.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize,
)]
pub enum ValueType {
    /// No definition gives a type; its value is its own name.
    Unknown,
    /// n or y.
    Bool,
    /// n, m or y.
    Tristate,
    /// Decimal.
    Int,
    /// Hexadecimal.
    Hex,
    /// Any text; ESP-IDF's `float` too.
    String,
}

impl ValueType {
    /// Whether the value is n, m or y.
    pub fn is_logical(self) -> bool {
        matches!(self, ValueType::Bool | ValueType::Tristate)
    }
}

impl From<Type> for ValueType {
    fn from(ty: Type) -> ValueType {
        match ty {
            Type::Bool => ValueType::Bool,
            Type::Tristate => ValueType::Tristate,
            Type::Int => ValueType::Int,
            Type::Hex => ValueType::Hex,
            Type::String | Type::Float => ValueType::String,
        }
    }
}

/// One `config` statement of a symbol.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The statement.
    pub node: NodeId,
    /// Its own dependencies and those of all enclosing blocks; `None` when there is none,
    /// which is not the same as y (semantics.md 5).
    pub dependency: Option<ExprId>,
    /// The place of the name.
    pub name: Span,
}

/// A prompt. The condition includes dependencies and the `visible if` of enclosing menus.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// When it is visible.
    pub condition: ExprId,
    /// The statement it belongs to.
    pub node: NodeId,
    /// The text's place.
    pub span: Span,
}

/// What a default gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DefaultValue {
    /// Of a bool or tristate symbol.
    Logical(ExprId),
    /// Of any other: one symbol or constant.
    Text(Operand),
    /// An expression where one symbol or constant is wanted; conf then takes no value, but looks for
    /// cycles in it.
    Invalid(ExprId),
}

impl DefaultValue {
    /// The symbol that it is, if it is one and nothing else: what the default of a choice names.
    pub fn symbol(self, exprs: &Exprs) -> Option<SymbolId> {
        match self {
            DefaultValue::Logical(value) => match exprs.get(value) {
                Expr::Symbol(symbol) => Some(symbol),
                _ => None,
            },
            DefaultValue::Text(Operand::Symbol(symbol)) => Some(symbol),
            _ => None,
        }
    }
}

/// A default.
#[derive(Clone, Debug)]
pub struct Default {
    /// Its value.
    pub value: DefaultValue,
    /// When it counts.
    pub condition: ExprId,
    /// The variable of the environment that the value comes from, where `option env` gives it.
    pub variable: Option<Name>,
    /// The symbol whose `set` it is (ESP-IDF). The statement then is one of that symbol.
    pub setter: Option<SymbolId>,
    /// The statement it belongs to.
    pub node: NodeId,
    /// Its place.
    pub span: Span,
}

/// A range.
#[derive(Clone, Debug)]
pub struct Range {
    /// Lower bound.
    pub low: Operand,
    /// Upper bound.
    pub high: Operand,
    /// When it counts.
    pub condition: ExprId,
    /// The statement it belongs to.
    pub node: NodeId,
    /// Its place.
    pub span: Span,
}

/// A `select` or an `imply`.
#[derive(Clone, Debug)]
pub struct Select {
    /// Whose statement it is.
    pub selector: SymbolId,
    /// What it switches on.
    pub target: SymbolId,
    /// Its `if` condition and the full dependency of its definition.
    pub condition: ExprId,
    /// How strongly it switches on: selector && condition (semantics.md 6).
    pub level: ExprId,
    /// Only what follows `if`, as written.
    pub written: Option<ExprId>,
    /// The statement it belongs to.
    pub node: NodeId,
    /// The whole attribute.
    pub span: Span,
    /// The target's name.
    pub target_span: Span,
}

/// A symbol. Its lists have room for what most symbols have, so that those need no memory of
/// their own.
#[derive(Clone, Debug)]
pub struct Symbol {
    /// Its name; nameless choices have none.
    pub name: Option<Name>,
    /// Its type: the first that a definition gives.
    pub ty: ValueType,
    /// Its definitions in parse order; empty when it is merely mentioned.
    pub definitions: SmallVec<[Definition; 1]>,
    /// Prompts of all definitions, in parse order.
    pub prompts: SmallVec<[Prompt; 1]>,
    /// Defaults of all definitions, in parse order.
    pub defaults: SmallVec<[Default; 1]>,
    /// Ranges of all definitions, in parse order.
    pub ranges: Vec<Range>,
    /// Its own selects.
    pub selects: SmallVec<[SelectId; 4]>,
    /// Its own implies.
    pub implies: SmallVec<[SelectId; 4]>,
    /// Selects of it.
    pub selected_by: SmallVec<[SelectId; 4]>,
    /// Implies of it.
    pub implied_by: SmallVec<[SelectId; 4]>,
    /// The OR of its definitions' dependencies, those without any left out; `None` when none
    /// has one, which is y.
    pub direct: Option<ExprId>,
    /// The architectures on which some definition has a dependency.
    pub depends_on: ArchSet,
    /// An old choice is switched on by its own prompt unless it is optional
    /// (menu.c of 6.1, `menu_finalize`); n otherwise.
    pub self_select: ExprId,
    /// The choice it is a member of.
    pub member_of: Option<ChoiceId>,
    /// The choice it is the symbol of.
    pub choice: Option<ChoiceId>,
    /// `transitional`: the symbol has the value that an old configuration gives it.
    pub transitional: bool,
    /// Whether it has an `option env`: it then never gets a line in `.config` (symbol.c of Linux
    /// 4.17, SYMBOL_AUTO).
    pub from_environment: bool,
    /// Whether it is MODULES, or MODULES depends on it: conf then computes its value before it knows
    /// whether there are modules (symbol.c, `sym_calc_value`).
    pub before_modules: bool,
}

impl Symbol {
    /// A symbol of which nothing is known yet, not even its name.
    pub(super) fn undefined() -> Symbol {
        Symbol {
            name: None,
            ty: ValueType::Unknown,
            definitions: SmallVec::new(),
            prompts: SmallVec::new(),
            defaults: SmallVec::new(),
            ranges: Vec::new(),
            selects: SmallVec::new(),
            implies: SmallVec::new(),
            selected_by: SmallVec::new(),
            implied_by: SmallVec::new(),
            direct: None,
            depends_on: ArchSet::EMPTY,
            self_select: Exprs::NO,
            member_of: None,
            choice: None,
            transitional: false,
            from_environment: false,
            before_modules: false,
        }
    }

    /// Whether a `select` or an `imply` of the symbol has an effect. conf computes no reverse
    /// dependency of a choice member or a transitional symbol (symbol.c, `sym_calc_visibility`).
    pub fn takes_selects(&self) -> bool {
        self.member_of.is_none() && !self.transitional
    }

    /// Whether some definition exists.
    pub fn is_defined(&self) -> bool {
        !self.definitions.is_empty()
    }
}

/// A choice.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Its own symbol.
    pub symbol: SymbolId,
    /// Its members in order, each once.
    pub members: Vec<SymbolId>,
    /// `optional` (old form).
    pub optional: bool,
    /// Whether kconfiglib knows it as a number, a string or as nothing: it is m while it is visible,
    /// whatever MODULES is and whatever the user says of its members (kconfiglib.py,
    /// `Choice.tri_value`).
    pub is_stuck: bool,
    /// Its statement.
    pub node: NodeId,
}
