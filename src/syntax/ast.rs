// SPDX-License-Identifier: MIT OR Apache-2.0
//! The typed view of one file: its statements in order, flat, with a place for each part.
//!
//! It is the same for every architecture: macros stand here unexpanded. Statements lie in
//! preorder in one vector, a block's content between its own index and `end`; attributes,
//! expressions and words lie in vectors of their own. Spans are byte ranges of the file.

use crate::source::{Name, TextRange};

/// Index of an [`Entry`] in [`Ast::entries`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct EntryId(pub u32);

/// Index of an [`Expr`] in [`Ast::exprs`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ExprId(pub u32);

/// Index of a [`Word`] in [`Ast::words`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct WordId(pub u32);

/// A file's statements.
#[derive(Clone, Default, Debug)]
pub struct Ast {
    /// Statements in preorder.
    pub entries: Vec<Entry>,
    /// Attributes, each entry's in one run.
    pub attributes: Vec<Attribute>,
    /// Expression nodes; children come before their parents.
    pub exprs: Vec<Expr>,
    /// Words: names, constants, quoted strings, macro references.
    pub words: Vec<Word>,
}

/// One word: `FOO`, `y`, `"text"`, `$(macro)`, `lib$(x)_y`.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    /// Its place, quotes included.
    pub range: TextRange,
    /// Whether it stands in quotes.
    pub quoted: bool,
    /// Its text, unescaped and without quotes; `None` when it holds a `$(` and has to be
    /// expanded for each architecture.
    pub text: Option<Name>,
}

/// A place where the grammar wants one word. More than one word stands there only when all
/// but one may expand to nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Atom {
    /// The first word.
    pub first: WordId,
    /// How many words there are; one unless macros stand beside it.
    pub count: u32,
}

/// Text for people or for the file system: a prompt, a menu's title, a path.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// Its place, quotes included where there are any.
    pub range: TextRange,
    /// Whether it stands in quotes.
    pub quoted: bool,
    /// Whether it holds a `$(` and has to be expanded.
    pub has_macro: bool,
}

/// A statement, or the head of a block.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it is.
    pub kind: EntryKind,
    /// Its first line: from the keyword to the last token before the line end.
    pub head: TextRange,
    /// Range of its attributes in [`Ast::attributes`].
    pub attributes: std::ops::Range<u32>,
    /// Index past its last descendant; its own index plus one for what is no block.
    pub end: EntryId,
    /// The closing keyword of a block; `None` when it is missing or this is no block.
    pub close: Option<TextRange>,
}

/// How an assignment assigns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AssignOp {
    /// `=`: expanded at each use.
    Recursive,
    /// `:=`: expanded now.
    Simple,
    /// `+=`.
    Append,
}

/// The kinds of statement.
#[derive(Clone, Debug)]
pub enum EntryKind {
    /// `config NAME`.
    Config(Atom),
    /// `menuconfig NAME`.
    MenuConfig(Atom),
    /// `configdefault NAME` (Zephyr): more defaults for a symbol defined elsewhere.
    ConfigDefault(Atom),
    /// `choice`, with a name in older trees. A block.
    Choice(Option<Atom>),
    /// `menu "title"`. A block.
    Menu(Text),
    /// `if expr`. A block.
    If(ExprId),
    /// `comment "text"`.
    Comment(Text),
    /// `mainmenu "title"`.
    MainMenu(Text),
    /// `source` and its dialects.
    Source(Source),
    /// `NAME = value` and its kin. Blanks before the value are not part of it; those after it
    /// are, as in conf.
    Assignment {
        /// The variable.
        name: WordId,
        /// How it assigns.
        op: AssignOp,
        /// The raw value; empty when there is none.
        value: TextRange,
    },
    /// A line of macros only, which have to expand to nothing.
    Macro(Atom),
    /// BusyBox: a line `INSERT`, replaced by the `//config:` comments of the folder's C files.
    Insert,
}

impl EntryKind {
    /// Whether it has a place in the menu tree; all others have done their work when they were
    /// read.
    pub fn is_node(&self) -> bool {
        match self {
            EntryKind::Config(_)
            | EntryKind::MenuConfig(_)
            | EntryKind::ConfigDefault(_)
            | EntryKind::Choice(_)
            | EntryKind::Menu(_)
            | EntryKind::If(_)
            | EntryKind::Comment(_)
            | EntryKind::MainMenu(_) => true,
            EntryKind::Source(_)
            | EntryKind::Assignment { .. }
            | EntryKind::Macro(_)
            | EntryKind::Insert => false,
        }
    }
}

/// A `source` statement.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// The path or pattern.
    pub path: Text,
    /// Relative to the file that says so (`rsource`, `orsource`).
    pub relative: bool,
    /// Silent when nothing matches (`osource`, `orsource`).
    pub optional: bool,
}

/// The declared type of a symbol.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Type {
    /// n or y.
    Bool,
    /// n, m or y.
    Tristate,
    /// A decimal number.
    Int,
    /// A hexadecimal number.
    Hex,
    /// A string.
    String,
    /// ESP-IDF: a decimal fraction.
    Float,
}

impl Type {
    /// The keyword.
    pub fn word(self) -> &'static str {
        match self {
            Type::Bool => "bool",
            Type::Tristate => "tristate",
            Type::Int => "int",
            Type::Hex => "hex",
            Type::String => "string",
            Type::Float => "float",
        }
    }
}

/// A line below an entry.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// What it says.
    pub kind: AttributeKind,
    /// From the keyword to the last token before the line end (for help: to its body's end).
    pub range: TextRange,
}

/// The kinds of attribute. A `condition` is what follows `if`.
#[derive(Clone, Debug)]
pub enum AttributeKind {
    /// `bool`, `bool "prompt" if …` and so on.
    Type {
        /// The type.
        ty: Type,
        /// The prompt, if it stands on this line.
        prompt: Option<Prompt>,
    },
    /// `def_bool value`: a type and a default in one.
    TypedDefault {
        /// The type.
        ty: Type,
        /// The default.
        value: ExprId,
        /// Its condition.
        condition: Option<ExprId>,
    },
    /// `prompt "text" if …`.
    Prompt(Prompt),
    /// `default value if …`.
    Default {
        /// The default.
        value: ExprId,
        /// Its condition.
        condition: Option<ExprId>,
    },
    /// `depends on expr`, from Linux 7.0 also with a condition.
    DependsOn {
        /// The dependency.
        expr: ExprId,
        /// Its condition.
        condition: Option<ExprId>,
    },
    /// `select NAME if …`.
    Select {
        /// The target.
        target: Atom,
        /// Its condition.
        condition: Option<ExprId>,
    },
    /// `imply NAME if …`.
    Imply {
        /// The target.
        target: Atom,
        /// Its condition.
        condition: Option<ExprId>,
    },
    /// `range low high if …`.
    Range {
        /// The lower bound.
        low: Atom,
        /// The upper bound.
        high: Atom,
        /// Its condition.
        condition: Option<ExprId>,
    },
    /// `visible if expr` of a menu; `None` for a bare `visible`.
    Visible(Option<ExprId>),
    /// `option name` or `option name="value"` of older trees.
    Option {
        /// `env`, `modules`, `defconfig_list`, `allnoconfig_y` …
        name: WordId,
        /// The value.
        value: Option<WordId>,
    },
    /// `modules`.
    Modules,
    /// `transitional`.
    Transitional,
    /// `optional` of an older choice.
    Optional,
    /// `help` or `---help---`; the body from its first line's start to its last line's end.
    Help {
        /// The body, indentation included; empty when there is none.
        body: TextRange,
        /// Whether it is written with dashes.
        dashed: bool,
    },
    /// ESP-IDF `set NAME=value if …` and `set default NAME=value if …`.
    Set {
        /// Whether it is `set default`.
        default: bool,
        /// The target.
        target: Atom,
        /// The value.
        value: Atom,
        /// Its condition.
        condition: Option<ExprId>,
    },
    /// ESP-IDF `warning "text"`.
    Warning(Text),
    /// A line of macros only, which have to expand to nothing.
    Macro(Atom),
}

/// A prompt and its condition.
#[derive(Clone, Copy, Debug)]
pub struct Prompt {
    /// The text.
    pub text: Text,
    /// Its condition.
    pub condition: Option<ExprId>,
}

/// Comparison operators.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CompareOp {
    /// `=`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
}

/// An expression node with its place (for `Paren`, parentheses included).
#[derive(Clone, Copy, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its place.
    pub range: TextRange,
}

/// The kinds of expression.
#[derive(Clone, Copy, Debug)]
pub enum ExprKind {
    /// A symbol or a constant.
    Atom(Atom),
    /// `!x`
    Not(ExprId),
    /// `x && y`
    And(ExprId, ExprId),
    /// `x || y`
    Or(ExprId, ExprId),
    /// `a = b` and its kin.
    Compare(CompareOp, Atom, Atom),
    /// `(x)`
    Paren(ExprId),
}

impl Ast {
    /// A statement.
    pub fn entry(&self, id: EntryId) -> &Entry {
        &self.entries[id.0 as usize]
    }

    /// Whether a statement says that its symbol stands for MODULES.
    pub fn is_modules(&self, entry: &Entry) -> bool {
        let mut attributes = self.attributes_of(entry).iter();
        attributes.any(|attribute| match attribute.kind {
            AttributeKind::Modules => true,
            AttributeKind::Option { name, .. } => {
                let name = self.word(name).text;
                name.is_some_and(|name| name.as_str() == "modules")
            }
            _ => false,
        })
    }

    /// The attributes of a statement, in order.
    pub fn attributes_of(&self, entry: &Entry) -> &[Attribute] {
        &self.attributes[entry.attributes.start as usize..entry.attributes.end as usize]
    }

    /// An expression node.
    pub fn expr(&self, id: ExprId) -> &Expr {
        &self.exprs[id.0 as usize]
    }

    /// A word.
    pub fn word(&self, id: WordId) -> &Word {
        &self.words[id.0 as usize]
    }

    /// The words of an atom; at least one.
    pub fn words_of(&self, atom: Atom) -> &[Word] {
        &self.words[atom.first.0 as usize..(atom.first.0 + atom.count) as usize]
    }

    /// From the first to the last word of an atom.
    pub fn range_of(&self, atom: Atom) -> TextRange {
        let words = self.words_of(atom);
        words[0].range.cover(words[words.len() - 1].range)
    }
}
