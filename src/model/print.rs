// SPDX-License-Identifier: MIT OR Apache-2.0
//! Expressions as Kconfig text.

use super::Model;
use super::expr::{Expr, ExprId, Operand};
use crate::menu::command::Output;
use crate::syntax::ast::CompareOp;

/// Prints expressions of one model.
#[derive(Clone, Copy)]
pub struct Printer<'m> {
    model: &'m Model,
}

/// How tightly an operator binds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    Or,
    And,
    Atom,
}

impl<'m> Printer<'m> {
    pub(super) fn new(model: &'m Model) -> Printer<'m> {
        Printer { model }
    }

    /// The expression as it could stand in a Kconfig file.
    pub fn expr(self, id: ExprId) -> String {
        let mut out = String::new();
        self.write(id, Strength::Or, &mut out);
        out
    }

    /// The expression as a term of `&&`: in parentheses when it is a `||`.
    pub fn term(self, id: ExprId) -> String {
        let mut out = String::new();
        self.write(id, Strength::And, &mut out);
        out
    }

    /// On a stack of its own: hostile expressions nest deeper than a thread's.
    fn write(self, id: ExprId, within: Strength, out: &mut String) {
        let mut open = vec![Piece::Expr(id, within)];
        while let Some(piece) = open.pop() {
            match piece {
                Piece::Word(word) => out.push_str(word),
                Piece::Expr(id, within) => self.write_node(id, within, out, &mut open),
            }
        }
    }

    /// Writes a node, or puts its pieces onto the stack.
    fn write_node(self, id: ExprId, within: Strength, out: &mut String, open: &mut Vec<Piece>) {
        match self.model.exprs.get(id) {
            Expr::Const(value) => out.push_str(value.word()),
            Expr::Symbol(symbol) => out.push_str(self.model.name(symbol)),
            Expr::Test(test) => {
                let text = &self.model.menu.commands.tests[test.0 as usize].text;
                out.push_str("$(success,");
                self.output(text, out);
                out.push(')');
            }
            Expr::Prints(output, text) => {
                out.push('"');
                self.output(self.model.output(output), out);
                out.push_str("\" = ");
                out.push_str(text.as_str());
            }
            Expr::Not(x) => {
                let inner = self.model.exprs.get(x);
                let needs = matches!(inner, Expr::Compare(..) | Expr::Prints(..));
                if needs {
                    out.push_str("!(");
                    open.extend([Piece::Word(")"), Piece::Expr(x, Strength::Or)]);
                } else {
                    out.push('!');
                    open.push(Piece::Expr(x, Strength::Atom));
                }
            }
            Expr::And(x, y) => binary(x, y, " && ", Strength::And, within, open),
            Expr::Or(x, y) => binary(x, y, " || ", Strength::Or, within, open),
            Expr::Compare(op, left, right) => {
                self.operand(left, out);
                out.push_str(match op {
                    CompareOp::Equal => " = ",
                    CompareOp::Unequal => " != ",
                    CompareOp::Less => " < ",
                    CompareOp::LessEqual => " <= ",
                    CompareOp::Greater => " > ",
                    CompareOp::GreaterEqual => " >= ",
                });
                self.operand(right, out);
            }
        }
    }

    fn operand(self, operand: Operand, out: &mut String) {
        match operand {
            Operand::Symbol(symbol) => out.push_str(self.model.name(symbol)),
            Operand::Constant(text) => {
                let bare = matches!(text.as_str(), "y" | "m" | "n");
                let quote = if bare { "" } else { "\"" };
                out.push_str(&format!("{quote}{text}{quote}"));
            }
            Operand::Output(output) => {
                out.push('"');
                self.output(self.model.output(output), out);
                out.push('"');
            }
        }
    }

    fn output(self, output: &Output, out: &mut String) {
        out.push_str(&self.model.menu.commands.describe(output));
    }
}

/// Something still to be written.
enum Piece {
    Word(&'static str),
    Expr(ExprId, Strength),
}

/// The last piece is written first.
fn binary(
    x: ExprId,
    y: ExprId,
    word: &'static str,
    strength: Strength,
    within: Strength,
    open: &mut Vec<Piece>,
) {
    let parentheses = strength < within;
    if parentheses {
        open.push(Piece::Word(")"));
    }
    open.extend([
        Piece::Expr(y, strength),
        Piece::Word(word),
        Piece::Expr(x, strength),
    ]);
    if parentheses {
        open.push(Piece::Word("("));
    }
}
