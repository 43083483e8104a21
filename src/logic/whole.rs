// SPDX-License-Identifier: MIT OR Apache-2.0
//! The theory of one architecture as one formula, for any solver.
//!
//! [`super::Theory`] answers questions with as little as it takes. This is the other end: all
//! symbols defined at once, so that a whole configuration can be asked about, made up at
//! random, or judged by a second solver. It makes no finding, and no command of the program
//! needs it; the tests against conf do.

use std::sync::Arc;

use super::basis::Basis;
use super::domain::Source;
use super::encode::{Encoder, Freedom};
use super::evaluate::{Inputs, UserValue};
use super::gates::{Bit, Tri};
use super::solver::Solver;
use super::text;
use crate::menu::command::{CommandId, Output, TestId};
use crate::model::{Model, SelectId, SymbolId, Tristate, ValueType};
use crate::source::Name;

/// Everything that holds in all configurations of one architecture. The model must have no
/// cycle.
pub struct Whole<S> {
    encoder: Encoder<S>,
}

/// What the user may decide of a symbol that no choice decides.
#[derive(Clone, Copy, Debug)]
pub struct Free {
    /// The symbol.
    pub symbol: SymbolId,
    /// Assumed, the user gives it a value whenever the symbol may have one. Any mixture of
    /// these has configurations, whatever the tree says.
    pub wants: Bit,
    /// The value of a bool or tristate symbol; n of any other.
    pub value: Tri,
}

impl<S: Solver> Whole<S> {
    /// The theory of a model in a solver that is empty. What no question reaches is not
    /// defined.
    pub fn new(model: Arc<Model>, solver: S) -> Whole<S> {
        Whole {
            encoder: Encoder::new(Basis::new(model), solver),
        }
    }

    /// The solver.
    pub fn solver(&mut self) -> &mut S {
        &mut self.encoder.gates.solver
    }

    /// Defines every symbol and everything that the toolchain decides.
    pub fn everything(&mut self) {
        let model = self.encoder.model.clone();
        for (id, symbol) in model.symbol_ids() {
            if symbol.ty.is_logical() {
                self.encoder.symbol(id);
            } else if symbol.ty != ValueType::Unknown {
                self.encoder.symbol_texts(id);
            }
        }
        for at in 0..model.menu.commands.tests.len() as u32 {
            self.encoder.test(TestId(at));
        }
        for at in 0..model.menu.commands.commands.len() as u32 {
            self.printed(CommandId(at));
        }
        self.encoder.flush();
    }

    /// The final value of a bool or tristate symbol.
    pub fn value(&mut self, id: SymbolId) -> Tri {
        self.encoder.symbol(id)
    }

    /// The texts that an int, hex or string symbol can have, each with the bit that it does.
    pub fn texts(&mut self, id: SymbolId) -> Vec<(Name, Bit)> {
        self.encoder.symbol_texts(id).to_vec()
    }

    /// The text of a symbol that stands for all that are not among its texts, where there is
    /// one: no comparison tells them apart.
    pub fn other_text(&self, id: SymbolId) -> Option<Name> {
        self.encoder.domains.other(&Source::Symbol(id))
    }

    /// Whether a test succeeds.
    pub fn test(&mut self, id: TestId) -> Bit {
        self.encoder.test(id)
    }

    /// The texts that a command can print, each with the bit that it does.
    pub fn printed(&mut self, id: CommandId) -> Vec<(Name, Bit)> {
        self.encoder.output_texts(&Output::Command(id))
    }

    /// How strongly a `select` acts, promoted for its target (semantics.md 6, 10).
    pub fn level(&mut self, id: SelectId) -> Tri {
        self.encoder.level(id)
    }

    /// The direct dependency of a symbol, promoted.
    pub fn direct(&mut self, id: SymbolId) -> Tri {
        self.encoder.direct(id)
    }

    /// What the user may decide, of all symbols that are defined so far.
    pub fn free(&mut self) -> Vec<Free> {
        self.encoder.flush();
        let model = self.encoder.model.clone();
        let mut all = Vec::new();
        for (symbol, freedom) in self.encoder.freedom.clone() {
            let (given, value) = match freedom {
                Freedom::Logical { given, value } => (given, value),
                Freedom::Text { given } => (given, Tri::NO),
                Freedom::Member { .. } | Freedom::Beyond { .. } => continue,
            };
            let may_set = if model.symbol(symbol).transitional {
                Bit::True
            } else {
                self.encoder.visibility(symbol).on
            };
            let wants = self.encoder.gates.fresh();
            self.encoder.gates.clause(&[!wants, !may_set, given]);
            all.push(Free {
                symbol,
                wants,
                value,
            });
        }
        self.encoder.flush();
        all
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

    /// Parts of the last question, by their number in it, that contradict each other; the
    /// answer was no.
    pub fn contradiction(&mut self, question: &[Bit]) -> Vec<usize> {
        let constant = question.iter().position(|bit| *bit == Bit::False);
        if let Some(at) = constant {
            return vec![at];
        }
        // By their variables: a backend may name the assumptions or their opposites.
        let core = self.encoder.gates.solver.core();
        let named = |bit: &Bit| match bit {
            Bit::Lit(lit) => core.iter().any(|other| other.var() == lit.var()),
            _ => false,
        };
        let all = question.iter().enumerate();
        all.filter(|(_, bit)| named(bit))
            .map(|(at, _)| at)
            .collect()
    }

    /// A condition in the configuration that the last question found. It has to be older than
    /// the question.
    pub fn held(&self, bit: Bit) -> bool {
        match bit {
            Bit::False => false,
            Bit::True => true,
            Bit::Lit(lit) => self.encoder.gates.solver.value(lit),
        }
    }

    /// A value in the configuration that the last question found.
    pub fn level_of(&self, tri: Tri) -> Tristate {
        match (self.held(tri.on), self.held(tri.yes)) {
            (_, true) => Tristate::Yes,
            (true, false) => Tristate::Module,
            (false, false) => Tristate::No,
        }
    }

    /// What the user and the toolchain decide in the configuration that the last question
    /// found.
    pub fn inputs(&self) -> Inputs {
        let mut inputs = Inputs::default();
        for (id, freedom) in &self.encoder.freedom {
            let value = match freedom {
                Freedom::Logical { given, value } | Freedom::Member { given, value }
                    if self.held(*given) =>
                {
                    Some(UserValue::Logical(self.level_of(*value)))
                }
                Freedom::Text { given } if self.held(*given) => {
                    self.text_of(&Source::Symbol(*id)).map(UserValue::Text)
                }
                // The text is then the bound's and not what the user gave.
                Freedom::Beyond { under, over } if self.held(*under) || self.held(*over) => {
                    let ty = self.encoder.model.symbol(*id).ty;
                    Some(UserValue::Text(text::extreme(ty, self.held(*over))))
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
                inputs.tests.insert(*test, self.held(*bit));
            }
        }
        for source in self.encoder.texts.keys() {
            if let Source::Output(Output::Command(command)) = source {
                let is_word = self.encoder.model.menu.commands.is_word(*command);
                if let (Some(text), false) = (self.text_of(source), is_word) {
                    inputs.outputs.insert(*command, text);
                }
            }
        }
        inputs
    }

    fn text_of(&self, source: &Source) -> Option<Name> {
        let texts = self.encoder.texts.get(source)?;
        let chosen = texts.iter().find(|(_, bit)| self.held(*bit));
        chosen.map(|(text, _)| *text)
    }
}
