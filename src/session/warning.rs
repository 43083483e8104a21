// SPDX-License-Identifier: MIT OR Apache-2.0
//! conf's warning about an unmet dependency, word for word, without conf: symbol.c,
//! `sym_warn_unmet_dep`, and expr.c, `expr_print` and `expr_print_revdep`.
//!
//! Values come from the evaluator. Nothing is run.

use rustc_hash::FxHashSet;

use crate::logic::{Evaluator, Inputs};
use crate::model::{Expr, ExprId, Exprs, Model, Operand, SymbolId, Tristate, ValueType};
use crate::syntax::ast::CompareOp;

/// What conf prints about a symbol in a configuration in which something selects it although
/// its dependency is lower; lines without the empty one before them.
pub(super) fn warning(model: &Model, inputs: &Inputs, target: SymbolId) -> String {
    let mut writer = Writer {
        model,
        evaluator: Evaluator::new(model, inputs),
        out: String::new(),
    };
    writer.write(target);
    writer.out
}

struct Writer<'m> {
    model: &'m Model,
    evaluator: Evaluator<'m>,
    out: String,
}

/// How tightly what stands around an expression binds (expr.c, `expr_compare_type`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Around {
    Nothing,
    Or,
    And,
    Not,
}

/// Something still to be written.
enum Piece {
    Word(&'static str),
    Expr(ExprId, Around),
}

impl Writer<'_> {
    fn write(&mut self, target: SymbolId) {
        let name = self.model.name(target);
        let direct = match self.evaluator.direct(target) {
            Tristate::Module => 'm',
            _ => 'n',
        };
        self.out = format!(
            "WARNING: unmet direct dependencies detected for {name}\n  Depends on [{direct}]: "
        );
        let direct = self.model.symbol(target).direct;
        self.expr(direct.unwrap_or(Exprs::YES));
        self.out.push('\n');
        for strength in [Tristate::Yes, Tristate::Module] {
            let mut title = Some(format!("  Selected by [{}]:\n", strength.word()));
            for id in &self.model.symbol(target).selected_by {
                let level = self.model.select(*id).level;
                if self.evaluator.expr(level) != strength {
                    continue;
                }
                self.out.push_str(&title.take().unwrap_or_default());
                self.out.push_str("  - ");
                self.expr(level);
                self.out.push('\n');
            }
        }
    }

    /// On a stack of its own: hostile expressions nest deeper than a thread's.
    fn expr(&mut self, id: ExprId) {
        let mut open = vec![Piece::Expr(id, Around::Nothing)];
        while let Some(piece) = open.pop() {
            match piece {
                Piece::Word(word) => self.out.push_str(word),
                Piece::Expr(id, around) => self.node(id, around, &mut open),
            }
        }
    }

    fn node(&mut self, id: ExprId, around: Around, open: &mut Vec<Piece>) {
        match self.model.exprs.get(id) {
            Expr::Const(value) => self.constant(value.word()),
            Expr::Symbol(symbol) => self.symbol(symbol),
            // The answers stand in place of the commands, so that no test is left.
            Expr::On(_) | Expr::Test(_) | Expr::Prints(..) => {
                let value = self.evaluator.expr(id);
                self.constant(value.word());
            }
            Expr::Not(x) => {
                self.out.push('!');
                open.push(Piece::Expr(x, Around::Not));
            }
            Expr::And(..) => self.chain(id, " && ", Around::And, around, open),
            Expr::Or(..) => self.chain(id, " || ", Around::Or, around, open),
            Expr::Compare(op, left, right) => {
                self.operand(left);
                self.out.push_str(match op {
                    CompareOp::Equal => "=",
                    CompareOp::Unequal => "!=",
                    CompareOp::Less => "<",
                    CompareOp::LessEqual => "<=",
                    CompareOp::Greater => ">",
                    CompareOp::GreaterEqual => ">=",
                });
                self.operand(right);
            }
        }
    }

    /// Operands of one operator, each once: of equal ones conf keeps the last (expr.c,
    /// `expr_eliminate_dups`). The last piece is written first.
    fn chain(
        &self,
        id: ExprId,
        word: &'static str,
        own: Around,
        around: Around,
        open: &mut Vec<Piece>,
    ) {
        let mut seen = FxHashSet::default();
        let mut left = vec![id];
        let mut reversed = Vec::new();
        while let Some(next) = left.pop() {
            match (self.model.exprs.get(next), own) {
                (Expr::And(x, y), Around::And) | (Expr::Or(x, y), Around::Or) => {
                    left.extend([x, y]);
                }
                _ if seen.insert(next) => reversed.push(next),
                _ => {}
            }
        }
        let around_it = around > own;
        open.extend(around_it.then_some(Piece::Word(")")));
        for (at, operand) in reversed.into_iter().enumerate() {
            open.extend((at > 0).then_some(Piece::Word(word)));
            open.push(Piece::Expr(operand, own));
        }
        open.extend(around_it.then_some(Piece::Word("(")));
    }

    fn symbol(&mut self, id: SymbolId) {
        self.out.push_str(self.model.name(id));
        // What no definition gives a type has no value that is worth a word.
        let symbol = self.model.symbol(id);
        if symbol.name.is_some() && symbol.ty != ValueType::Unknown {
            let text = self.evaluator.symbol(id).text;
            self.out.push_str(&format!(" [={text}]"));
        }
    }

    fn operand(&mut self, operand: Operand) {
        match operand {
            Operand::Symbol(symbol) => self.symbol(symbol),
            Operand::Constant(text) => self.constant(text.as_str()),
            Operand::Output(output) => {
                let text = self.evaluator.output(self.model.output(output));
                self.constant(&text);
            }
        }
    }

    /// To conf y, m and n are symbols with a value; other constants have none.
    fn constant(&mut self, text: &str) {
        self.out.push_str(text);
        if Tristate::from_word(text).is_some() {
            self.out.push_str(&format!(" [={text}]"));
        }
    }
}
