// SPDX-License-Identifier: MIT OR Apache-2.0
//! Expressions as Kconfig text.

use super::expr::{Expr, ExprId, Operand};
use super::symbol::{SymbolId, ValueType};
use super::{Conditional, Model};
use crate::menu::command::Output;
use crate::menu::{InstanceId, Value};
use crate::source::Name;
use crate::syntax::ast::{self, Atom, CompareOp, ExprKind};

/// Prints expressions of one model.
#[derive(Clone, Copy)]
pub struct Printer<'m> {
    model: &'m Model,
    /// Whether a dependency with a condition is written as the expression that it means.
    plain: bool,
}

/// How tightly an operator binds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    If,
    Or,
    And,
    Atom,
}

impl<'m> Printer<'m> {
    pub(super) fn new(model: &'m Model) -> Printer<'m> {
        Printer {
            model,
            plain: false,
        }
    }

    /// A printer for places where only an expression can stand: `X || Y = n` instead of
    /// `X if Y`.
    pub fn plain(self) -> Printer<'m> {
        Printer {
            plain: true,
            ..self
        }
    }

    /// The expression as it could stand in a Kconfig file, behind `depends on` if it is
    /// `X if Y`.
    pub fn expr(self, id: ExprId) -> String {
        let mut out = String::new();
        self.write(id, Strength::If, &mut out);
        out
    }

    /// The expression as a term of `&&`: in parentheses when it is a `||` or an `X if Y`.
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
                Piece::Expr(id, within) => match self.model.conditional.get(&id) {
                    Some(conditional) if !self.plain => {
                        self.write_conditional(id, *conditional, within, &mut open);
                    }
                    Some(_) => self.write_plain(id, within, &mut open),
                    None => self.write_node(id, within, out, &mut open),
                },
                Piece::Off(id, within) => self.write_off(id, within, out, &mut open),
                Piece::Written(instance, id) => self.write_written(instance, id, out, &mut open),
            }
        }
    }

    /// `X if Y`, as the statement has it.
    fn write_conditional(
        self,
        id: ExprId,
        Conditional {
            instance,
            condition,
        }: Conditional,
        within: Strength,
        open: &mut Vec<Piece>,
    ) {
        let Some(dependency) = self.model.dependency_under_condition(id) else {
            return;
        };
        let parentheses = within > Strength::If;
        open.extend(parentheses.then_some(Piece::Word(")")));
        open.extend([
            Piece::Written(instance, condition),
            Piece::Word(" if "),
            Piece::Expr(dependency, Strength::Or),
        ]);
        open.extend(parentheses.then_some(Piece::Word("(")));
    }

    /// `X || Y = n`.
    fn write_plain(self, id: ExprId, within: Strength, open: &mut Vec<Piece>) {
        if let Expr::Or(dependency, off) = self.model.exprs.get(id) {
            let (x, y) = (
                Piece::Expr(dependency, Strength::Or),
                Piece::Off(off, Strength::Or),
            );
            binary(x, y, " || ", Strength::Or, within, open);
        }
    }

    /// `Y = n`: of a bool, `!Y` is the same.
    fn write_off(self, id: ExprId, within: Strength, out: &mut String, open: &mut Vec<Piece>) {
        let off = Piece::Off;
        match self.model.exprs.get(id) {
            Expr::And(x, y) => {
                let (x, y) = (off(x, Strength::And), off(y, Strength::And));
                binary(x, y, " && ", Strength::And, within, open);
            }
            Expr::Or(x, y) => {
                let (x, y) = (off(x, Strength::Or), off(y, Strength::Or));
                binary(x, y, " || ", Strength::Or, within, open);
            }
            Expr::Compare(op, Operand::Symbol(symbol), Operand::Constant(Name::N))
                if self.model.symbol(symbol).ty == ValueType::Bool =>
            {
                out.push_str(if op == CompareOp::Equal { "!" } else { "" });
                out.push_str(self.model.name(symbol));
            }
            _ => self.write_node(id, within, out, open),
        }
    }

    /// Writes an expression of a file, or puts its pieces onto the stack.
    fn write_written(
        self,
        instance: InstanceId,
        id: ast::ExprId,
        out: &mut String,
        open: &mut Vec<Piece>,
    ) {
        let ast = self.model.menu.instance(instance).tree.ast();
        let written = |id| Piece::Written(instance, id);
        match ast.expr(id).kind {
            ExprKind::Atom(atom) => self.atom(instance, atom, out),
            ExprKind::Compare(op, left, right) => {
                self.atom(instance, left, out);
                out.push_str(sign(op));
                self.atom(instance, right, out);
            }
            ExprKind::Paren(x) => {
                open.extend([Piece::Word(")"), written(x), Piece::Word("(")]);
            }
            ExprKind::Not(x) => open.extend([written(x), Piece::Word("!")]),
            ExprKind::And(x, y) => open.extend([written(y), Piece::Word(" && "), written(x)]),
            ExprKind::Or(x, y) => open.extend([written(y), Piece::Word(" || "), written(x)]),
        }
    }

    fn atom(self, instance: InstanceId, atom: Atom, out: &mut String) {
        match self.model.menu.value(instance, atom) {
            Value::Symbol(name) => out.push_str(name.as_str()),
            Value::Constant(text) => constant(text, out),
            Value::Unknown { output, .. } => {
                out.push('"');
                self.output(&output, out);
                out.push('"');
            }
            // No message has this: what people read is of one architecture.
            Value::Forked(_) => out.push('…'),
        }
    }

    /// Writes a node, or puts its pieces onto the stack.
    fn write_node(self, id: ExprId, within: Strength, out: &mut String, open: &mut Vec<Piece>) {
        match self.model.exprs.get(id) {
            Expr::Const(value) => out.push_str(value.word()),
            // No message has this: it stands before something else.
            Expr::On(these) => out.push_str(&format!("$(on,{:x})", these.bits())),
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
            Expr::And(x, y) => match self.on_some(id) {
                Some(inner) => open.push(Piece::Expr(inner, within)),
                None => {
                    let (x, y) = [x, y].map(|x| Piece::Expr(x, Strength::And)).into();
                    binary(x, y, " && ", Strength::And, within, open);
                }
            },
            Expr::Or(..) if self.on_each(id).is_some() => {
                open.extend(self.on_each(id).map(|inner| Piece::Expr(inner, within)));
            }
            Expr::Or(x, y) => {
                let (x, y) = [x, y].map(|x| Piece::Expr(x, Strength::Or)).into();
                binary(x, y, " || ", Strength::Or, within, open);
            }
            Expr::Compare(op, left, right) => {
                self.operand(left, out);
                out.push_str(sign(op));
                self.operand(right, out);
            }
        }
    }

    /// What holds on some architectures, without these: a message names them beside it.
    fn on_some(self, id: ExprId) -> Option<ExprId> {
        let Expr::And(x, y) = self.model.exprs.get(id) else {
            return None;
        };
        let is_on = |id: ExprId| matches!(self.model.exprs.get(id), Expr::On(_));
        match (is_on(x), is_on(y)) {
            (true, _) => Some(y),
            (_, true) => Some(x),
            _ => None,
        }
    }

    /// One of several symbols of a name, each of which stands for it on some architectures.
    fn on_each(self, id: ExprId) -> Option<ExprId> {
        let mut open = vec![id];
        let mut found: Option<(SymbolId, ExprId)> = None;
        while let Some(id) = open.pop() {
            if let Expr::Or(x, y) = self.model.exprs.get(id) {
                open.extend([x, y]);
                continue;
            }
            let inner = self.on_some(id)?;
            let Expr::Symbol(symbol) = self.model.exprs.get(inner) else {
                return None;
            };
            let known = found.get_or_insert((symbol, inner));
            if self.model.symbol(known.0).name != self.model.symbol(symbol).name {
                return None;
            }
        }
        found.map(|(_, inner)| inner)
    }

    fn operand(self, operand: Operand, out: &mut String) {
        match operand {
            Operand::Symbol(symbol) => out.push_str(self.model.name(symbol)),
            Operand::Constant(text) => constant(text, out),
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
    /// That something is n.
    Off(ExprId, Strength),
    Written(InstanceId, ast::ExprId),
}

fn constant(text: Name, out: &mut String) {
    let bare = matches!(text.as_str(), "y" | "m" | "n");
    let quote = if bare { "" } else { "\"" };
    out.push_str(&format!("{quote}{text}{quote}"));
}

fn sign(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Equal => " = ",
        CompareOp::Unequal => " != ",
        CompareOp::Less => " < ",
        CompareOp::LessEqual => " <= ",
        CompareOp::Greater => " > ",
        CompareOp::GreaterEqual => " >= ",
    }
}

/// The last piece is written first.
fn binary(
    x: Piece,
    y: Piece,
    word: &'static str,
    strength: Strength,
    within: Strength,
    open: &mut Vec<Piece>,
) {
    let parentheses = strength < within;
    if parentheses {
        open.push(Piece::Word(")"));
    }
    open.extend([y, Piece::Word(word), x]);
    if parentheses {
        open.push(Piece::Word("("));
    }
}
