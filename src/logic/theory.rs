// SPDX-License-Identifier: MIT OR Apache-2.0
//! Questions to the theory of one architecture.

use std::sync::Arc;

use super::bounds::Bounds;
use super::domain::Source;
use super::encode::{Encoder, Freedom};
use super::evaluate::{Inputs, UserValue};
use super::gates::{Bit, Tri};
use super::solver::{BatSat, Solver};
use super::text;
use crate::menu::command::Output;
use crate::model::{ExprId, Model, SelectId, SymbolId, Tristate};

/// Everything that holds in all configurations of one architecture. The model must have no
/// cycle. It learns from question to question, and belongs to one thread.
pub struct Theory {
    encoder: Encoder<BatSat>,
}

/// Conditions that shall hold together.
pub type Question = Vec<Bit>;

impl Theory {
    /// The theory of a model.
    pub fn new(model: Arc<Model>) -> Theory {
        Theory {
            encoder: Encoder::new(model, BatSat::default()),
        }
    }

    /// The model it is the theory of.
    pub fn model(&self) -> &Arc<Model> {
        &self.encoder.model
    }

    /// Bounds of all values.
    pub fn bounds(&self) -> &Bounds {
        &self.encoder.bounds
    }

    /// An expression's value.
    pub fn expr(&mut self, id: ExprId) -> Tri {
        self.encoder.expr(id)
    }

    /// How strongly a `select` acts, promoted for its target (semantics.md 6, 10).
    pub fn level(&mut self, id: SelectId) -> Tri {
        let model = self.encoder.model.clone();
        let select = model.select(id);
        let level = self.encoder.expr(select.level);
        self.encoder.promote(level, model.symbol(select.target).ty)
    }

    /// The direct dependency of a symbol, promoted.
    pub fn direct(&mut self, id: SymbolId) -> Tri {
        self.encoder.direct(id)
    }

    /// An expression as a dependency of `symbol` would count, promoted.
    pub fn promoted(&mut self, id: ExprId, symbol: SymbolId) -> Tri {
        let ty = self.encoder.model.symbol(symbol).ty;
        let value = self.encoder.expr(id);
        self.encoder.promote(value, ty)
    }

    /// The AND of two conditions.
    pub fn both(&mut self, a: Bit, b: Bit) -> Bit {
        self.encoder.gates.and(a, b)
    }

    /// A configuration in which all of `question` holds, if there is one.
    pub fn solve(&mut self, question: &[Bit]) -> Option<Inputs> {
        if !self.holds(question) {
            return None;
        }
        Some(self.inputs())
    }

    /// Whether some configuration has all of `question`.
    pub fn holds(&mut self, question: &[Bit]) -> bool {
        let mut assumptions = Vec::with_capacity(question.len());
        for bit in question {
            match bit {
                Bit::False => return false,
                Bit::True => {}
                Bit::Lit(lit) => assumptions.push(*lit),
            }
        }
        self.encoder.flush();
        self.encoder.gates.solver.solve(&assumptions)
    }

    /// Whether a condition holds in the configuration that the last question found. The
    /// condition has to be older than the question.
    pub fn held(&self, condition: Bit) -> bool {
        self.bit(condition)
    }

    /// What the user and the toolchain decide in the configuration just found.
    fn inputs(&self) -> Inputs {
        let mut inputs = Inputs::default();
        for (id, freedom) in &self.encoder.freedom {
            let value = match freedom {
                Freedom::Logical { given, value } | Freedom::Member { given, value }
                    if self.bit(*given) =>
                {
                    Some(UserValue::Logical(self.tristate(*value)))
                }
                Freedom::Text { given } if self.bit(*given) => {
                    let texts = self.encoder.texts.get(&Source::Symbol(*id));
                    let chosen =
                        texts.and_then(|texts| texts.iter().find(|(_, bit)| self.bit(*bit)));
                    chosen.map(|(text, _)| UserValue::Text(*text))
                }
                Freedom::Beyond { under, over } if self.bit(*under) || self.bit(*over) => {
                    let ty = self.encoder.model.symbol(*id).ty;
                    Some(UserValue::Text(text::extreme(ty, self.bit(*over))))
                }
                _ => None,
            };
            if let Some(value) = value {
                inputs.user.insert(*id, value);
            }
        }
        // A test with a meaning follows from what the commands print.
        let known = &self.encoder.model.menu.commands.tests;
        for (test, bit) in &self.encoder.tests {
            if known[test.0 as usize].meaning.is_none() {
                inputs.tests.insert(*test, self.bit(*bit));
            }
        }
        for (source, texts) in &self.encoder.texts {
            if let Source::Output(Output::Command(command)) = source {
                if let Some((text, _)) = texts.iter().find(|(_, bit)| self.bit(*bit)) {
                    inputs.outputs.insert(*command, *text);
                }
            }
        }
        inputs
    }

    fn bit(&self, bit: Bit) -> bool {
        match bit {
            Bit::False => false,
            Bit::True => true,
            Bit::Lit(lit) => self.encoder.gates.solver.value(lit),
        }
    }

    fn tristate(&self, tri: Tri) -> Tristate {
        match (self.bit(tri.on), self.bit(tri.yes)) {
            (_, true) => Tristate::Yes,
            (true, false) => Tristate::Module,
            (false, false) => Tristate::No,
        }
    }
}
