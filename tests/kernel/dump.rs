// SPDX-License-Identifier: MIT OR Apache-2.0
//! conf's finalised symbol table as values. Owns its form; compares nothing.

use serde::Deserialize;

use crate::driver::{Asked, Failed, Process, parse};

/// Number of a [`Node`] in [`Dump::nodes`].
pub(crate) type NodeId = u32;

/// A part of an expression. Operands come before what uses them.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Node {
    /// A value that the tree does not fix.
    Leaf(Leaf),
    /// In quotes, or one of `y`, `m`, `n`.
    Constant(String),
    /// The smaller.
    And(NodeId, NodeId),
    /// The greater.
    Or(NodeId, NodeId),
    /// Two minus.
    Not(NodeId),
    /// y or n; the operands are leaves or constants.
    Compare(Comparison, NodeId, NodeId),
}

/// What an expression can ask for.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) enum Leaf {
    /// A symbol with a definition.
    Symbol(String),
    /// A choice, by its number in parse order, from 0.
    Choice(u32),
    /// A name without a definition.
    Undefined(String),
}

/// The comparisons of Kconfig.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Comparison {
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

/// Where something stands.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub(crate) struct Place {
    /// Path as conf was told.
    pub(crate) file: Option<String>,
    /// From 1.
    pub(crate) line: u32,
}

/// `prompt "…" if …`, with all that is inherited in the condition, as everywhere below.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Prompt {
    /// The text without its quotes.
    pub(crate) text: String,
    /// Its visibility; none is y.
    #[serde(rename = "if")]
    pub(crate) condition: Option<NodeId>,
}

/// `default … if …`
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Default {
    /// The value.
    pub(crate) value: NodeId,
    /// None is y.
    #[serde(rename = "if")]
    pub(crate) condition: Option<NodeId>,
}

/// `range … … if …`
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Range {
    /// Lower bound, a leaf or a constant.
    pub(crate) low: NodeId,
    /// Upper bound, a leaf or a constant.
    pub(crate) high: NodeId,
    /// None is y.
    #[serde(rename = "if")]
    pub(crate) condition: Option<NodeId>,
}

/// `select … if …` and `imply … if …`
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Select {
    /// The symbol selected.
    pub(crate) target: String,
    /// None is y.
    #[serde(rename = "if")]
    pub(crate) condition: Option<NodeId>,
}

/// A symbol or a choice; or a name without a definition that something selects.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Symbol {
    /// None for most choices.
    pub(crate) name: Option<String>,
    /// `bool`, `tristate`, `int`, `hex`, `string` or `unknown`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// The number of a choice.
    pub(crate) choice: Option<u32>,
    /// The number of the choice that this is a member of.
    pub(crate) member_of: Option<u32>,
    /// Whether it is an `optional` choice.
    pub(crate) optional: bool,
    /// Whether it is the symbol that switches modules on.
    pub(crate) modules: bool,
    /// Empty for a name without a definition.
    pub(crate) definitions: Vec<Place>,
    /// In parse order, as all lists here.
    pub(crate) prompts: Vec<Prompt>,
    /// Defaults.
    pub(crate) defaults: Vec<Default>,
    /// Ranges.
    pub(crate) ranges: Vec<Range>,
    /// Selects.
    pub(crate) selects: Vec<Select>,
    /// Implies.
    pub(crate) implies: Vec<Select>,
    /// Direct dependency; none is y.
    pub(crate) direct: Option<NodeId>,
    /// Reverse dependency; none is n.
    pub(crate) reverse: Option<NodeId>,
    /// Implied value; none is n.
    pub(crate) implied: Option<NodeId>,
}

/// conf's symbol table of one reading of a tree.
#[derive(Debug)]
pub(crate) struct Dump {
    /// Equal expressions are one node.
    pub(crate) nodes: Vec<Node>,
    /// In the order of their first definitions.
    pub(crate) symbols: Vec<Symbol>,
    /// The commands that the tree asked for, in that order.
    pub(crate) commands: Vec<Asked>,
    /// conf's warnings.
    pub(crate) messages: String,
}

impl Dump {
    /// Reads what the driver says to `dump`.
    ///
    /// # Errors
    /// When conf refuses the tree.
    pub(crate) fn read(process: &mut Process) -> Result<Dump, Failed> {
        #[derive(Deserialize)]
        struct End {
            commands: Vec<Asked>,
            messages: String,
        }
        let mut nodes = Vec::new();
        let mut symbols = Vec::new();
        loop {
            let line = process.line().expect("an end of the dump");
            if line.starts_with('[') {
                nodes.push(parse_node(&line));
            } else if line.starts_with(r#"{"kind":"symbol""#) {
                symbols.push(parse(&line, "symbol")?);
            } else {
                let end: End = parse(&line, "end")?;
                return Ok(Dump {
                    nodes,
                    symbols,
                    commands: end.commands,
                    messages: end.messages,
                });
            }
        }
    }

    /// The symbol of this name, if it is defined.
    pub(crate) fn symbol(&self, name: &str) -> Option<&Symbol> {
        self.symbols
            .iter()
            .find(|symbol| symbol.name.as_deref() == Some(name) && !symbol.definitions.is_empty())
    }

    /// A node in Kconfig's notation, for messages.
    pub(crate) fn show(&self, node: Option<NodeId>) -> String {
        let Some(node) = node else {
            return "(nothing)".to_owned();
        };
        match &self.nodes[node as usize] {
            Node::Leaf(Leaf::Symbol(name) | Leaf::Undefined(name)) => name.clone(),
            Node::Leaf(Leaf::Choice(number)) => format!("<choice {number}>"),
            Node::Constant(text) => format!("{text:?}"),
            Node::And(a, b) => format!("({} && {})", self.show(Some(*a)), self.show(Some(*b))),
            Node::Or(a, b) => format!("({} || {})", self.show(Some(*a)), self.show(Some(*b))),
            Node::Not(a) => format!("!{}", self.show(Some(*a))),
            Node::Compare(sign, a, b) => format!(
                "({} {} {})",
                self.show(Some(*a)),
                sign.sign(),
                self.show(Some(*b))
            ),
        }
    }
}

impl Comparison {
    /// All, with their signs.
    const ALL: [(Comparison, &'static str); 6] = [
        (Comparison::Equal, "="),
        (Comparison::Unequal, "!="),
        (Comparison::Less, "<"),
        (Comparison::LessEqual, "<="),
        (Comparison::Greater, ">"),
        (Comparison::GreaterEqual, ">="),
    ];

    /// As Kconfig writes it.
    pub(crate) fn sign(self) -> &'static str {
        let entry = Comparison::ALL.iter().find(|(known, _)| *known == self);
        entry.expect("all are listed").1
    }
}

/// `["word",operand]` or `["word",number,number]`, taken apart by hand: there are a hundred
/// thousand of them in a dump.
fn parse_node(line: &str) -> Node {
    let parts = line
        .trim_end()
        .strip_prefix("[\"")
        .and_then(|rest| rest.strip_suffix(']'))
        .and_then(|rest| rest.split_once("\","));
    let Some((word, operands)) = parts else {
        panic!("not a node: {line}");
    };
    let text = || serde_json::from_str(operands).expect("a string");
    let number = |digits: &str| -> NodeId { digits.parse().expect("a number") };
    let two = || {
        let (left, right) = operands.split_once(',').expect("two operands");
        (number(left), number(right))
    };
    match word {
        "symbol" => Node::Leaf(Leaf::Symbol(text())),
        "choice" => Node::Leaf(Leaf::Choice(number(operands))),
        "undefined" => Node::Leaf(Leaf::Undefined(text())),
        "constant" => Node::Constant(text()),
        "and" => Node::And(two().0, two().1),
        "or" => Node::Or(two().0, two().1),
        "not" => Node::Not(number(operands)),
        sign => {
            let known = Comparison::ALL.iter().find(|(_, known)| *known == sign);
            let (comparison, _) = known.unwrap_or_else(|| panic!("unknown node: {line}"));
            Node::Compare(*comparison, two().0, two().1)
        }
    }
}
