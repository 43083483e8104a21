// SPDX-License-Identifier: MIT OR Apache-2.0
//! Questions to the theory of one architecture.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use rustsat::types::Var;

use super::alone::Made;
use super::basis::Basis;
use super::bounds::Bounds;
use super::domain::Source;
use super::effort::Undecided;
use super::encode::{Encoder, Freedom, Order};
use super::evaluate::{Evaluator, Inputs, UserValue};
use super::gates::{Bit, Tri};
use super::on_demand::{Group, OnDemand};
use super::proofs::{Digests, Proofs};
use super::text;
use super::witness::{Configuration, toolchain_is_accepted};
use crate::menu::command::{CommandId, Output, TestId};
use crate::model::{Digest, ExprId, Model, SelectId, SymbolId, Tristate};
use crate::source::Name;
use crate::tree::ArchSet;

/// Everything that holds in all configurations of one architecture. The model must have no
/// cycle. It learns from question to question, and belongs to one thread.
pub struct Theory {
    pub(super) encoder: Encoder<OnDemand>,
    proofs: Arc<Proofs>,
    digests: Digests,
    /// Whether conf refuses the tree as long as nothing says what the toolchain prints, as where a
    /// variable in a bare word is unset.
    needs_toolchain: bool,
    /// Whether the last question contradicts itself before anything is asked.
    is_absurd: bool,
    /// Of what conditions are made that are no values of expressions or symbols, by their variables.
    pub(super) made: FxHashMap<Var, (Made, bool)>,
    /// The theory that was asked the last question alone, where that was needed.
    alone: Option<Box<Theory>>,
    any_order: Option<Box<Theory>>,
}

/// An answer for several architectures.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Somewhere {
    /// Where there is such a configuration.
    pub holds: ArchSet,
    /// Where nobody knows: it takes more than the effort.
    pub undecided: ArchSet,
}

impl Somewhere {
    /// Where there may be such a configuration.
    pub fn possible(self) -> ArchSet {
        self.holds | self.undecided
    }
}

/// Conditions that shall hold together.
pub type Question = Vec<Bit>;

impl Theory {
    /// The theory of a model.
    pub fn new(model: Arc<Model>) -> Theory {
        Theory::sharing(model, Arc::default())
    }

    /// The theory of a model that shares what it refutes with those of other architectures.
    pub fn sharing(model: Arc<Model>, proofs: Arc<Proofs>) -> Theory {
        Theory::over(Basis::new(model), proofs)
    }

    /// The same, where what is known of the model is at hand.
    pub fn over(basis: Basis, proofs: Arc<Proofs>) -> Theory {
        let needs_toolchain = needs_toolchain(basis.model());
        let encoder = Encoder::new(basis, on_demand(needs_toolchain));
        let digests = Digests::new(&encoder.read());
        Theory {
            encoder,
            needs_toolchain,
            proofs,
            digests,
            is_absurd: false,
            made: FxHashMap::default(),
            alone: None,
            any_order: None,
        }
    }

    /// The theory of the same model in which conf computes MODULES at any moment, see [`Order::Any`].
    pub fn any_order(&mut self) -> &mut Theory {
        let (basis, effort) = (self.encoder.basis(), self.proofs.effort);
        self.any_order.get_or_insert_with(|| {
            // What is refuted in this order is no proof for the other.
            let mut theory = Theory::over(basis, Proofs::within(effort));
            theory.encoder.order = Order::Any;
            Box::new(theory)
        })
    }

    /// The model it is the theory of.
    pub fn model(&self) -> &Arc<Model> {
        &self.encoder.model
    }

    /// Bounds of all values.
    pub fn bounds(&self) -> &Bounds {
        &self.encoder.bounds
    }

    /// A symbol's value.
    pub fn symbol(&mut self, id: SymbolId) -> Tri {
        self.encoder.symbol(id)
    }

    /// An expression's value.
    pub fn expr(&mut self, id: ExprId) -> Tri {
        self.encoder.expr(id)
    }

    /// How strongly a `select` acts, promoted for its target (semantics.md 6, 10).
    pub fn level(&mut self, id: SelectId) -> Tri {
        let tri = self.encoder.level(id);
        self.note(tri, |part| Made::Level(id, part))
    }

    /// The direct dependency of a symbol, promoted.
    pub fn direct(&mut self, id: SymbolId) -> Tri {
        let tri = self.encoder.direct(id);
        self.note(tri, |part| Made::Direct(id, part))
    }

    /// An expression as a dependency of `symbol` would count, promoted.
    pub fn promoted(&mut self, id: ExprId, symbol: SymbolId) -> Tri {
        let value = self.encoder.expr(id);
        let tri = self.encoder.weighed(value, symbol);
        self.note(tri, |part| Made::Promoted(id, symbol, part))
    }

    /// What a command can print, each text with the condition that the command prints it.
    pub fn prints(&mut self, id: CommandId) -> Vec<(Name, Bit)> {
        let texts = self.encoder.output_texts(&Output::Command(id));
        for (text, bit) in &texts {
            self.note_bit(*bit, Made::Prints(id, *text));
        }
        texts
    }

    /// Whether a test of the toolchain succeeds.
    pub fn succeeds(&mut self, id: TestId) -> Bit {
        let bit = self.encoder.test(id);
        self.note_bit(bit, Made::Test(id));
        bit
    }

    /// Whether the architecture is one of these.
    pub fn on(&mut self, these: ArchSet) -> Bit {
        let bit = self.encoder.on(these);
        self.note_bit(bit, Made::On(these));
        bit
    }

    /// The architecture of the configuration that the last question found, by its place.
    pub fn architecture(&self) -> usize {
        if let Some(alone) = &self.alone {
            return alone.architecture();
        }
        let bits = self.encoder.architecture.iter().enumerate();
        let number = bits.fold(0, |number, (at, bit)| {
            number | usize::from(self.raw(*bit)) << at
        });
        number % self.encoder.model.menu.on.len()
    }

    /// The AND of two conditions.
    pub fn both(&mut self, a: Bit, b: Bit) -> Bit {
        let bit = self.encoder.gates.and(a, b);
        // An AND with a constant is one of the two, of which it is known how it is made.
        if bit != a && bit != b {
            self.note_bit(bit, Made::Both(a, b));
        }
        bit
    }

    /// A configuration in which all of `question` holds, if there is one.
    ///
    /// # Errors
    /// When the question takes more than the effort.
    pub fn solve(&mut self, question: &[Bit]) -> Result<Option<Inputs>, Undecided> {
        let holds = self.holds(question)?;
        Ok(holds.then(|| self.inputs()))
    }

    /// A question that other architectures may ask in the same words: `kind` tells apart what is
    /// asked of the expressions, and `on` on which architectures.
    pub fn digest(&mut self, kind: u64, on: ArchSet, exprs: &[ExprId]) -> Digest {
        let on = match on.covers(self.encoder.model.menu.on) {
            true => None,
            false => Some(on),
        };
        self.digests.question(kind, on, exprs, &self.encoder.read())
    }

    /// Whether another architecture's refutation of this question holds here too.
    pub fn is_refuted(&mut self, question: Digest) -> bool {
        let read = self.encoder.read();
        self.proofs.refutes(question, &mut self.digests, &read)
    }

    /// Lets other architectures know that the last question, which has no answer, is this one.
    pub fn share_refutation(&mut self, question: Digest) {
        // Whether another architecture would give the question up must not depend on which of the two
        // came first.
        if self.alone.is_some() {
            return;
        }
        let groups = self.core();
        self.proofs
            .learn(question, &groups, &mut self.digests, &self.encoder.read());
    }

    fn core(&mut self) -> Vec<Group> {
        if self.is_absurd {
            return Vec::new();
        }
        self.encoder.gates.solver.core()
    }

    /// Whether some configuration has all of `question`.
    ///
    /// # Errors
    /// When the question takes more than the effort.
    pub fn holds(&mut self, question: &[Bit]) -> Result<bool, Undecided> {
        self.alone = None;
        let effort = self.proofs.effort;
        if self.encoder.gates.solver.conflicts() > effort.shared() {
            self.encoder.gates.solver.forget();
        }
        let quick = self.search(question, effort.shared());
        if quick.is_ok() {
            return quick;
        }
        // What the solver has learnt so far depends on earlier questions. Alone, the question is always
        // given the same effort.
        self.encoder.gates.solver.forget();
        let mut alone = Theory::over(self.encoder.basis(), self.proofs.clone());
        alone.encoder.order = self.encoder.order;
        let question: Result<Vec<Bit>, Undecided> =
            question.iter().map(|bit| alone.make(*bit, self)).collect();
        let answer = alone.search(&question?, u64::from(effort.conflicts()));
        self.alone = Some(Box::new(alone));
        answer
    }

    fn search(&mut self, question: &[Bit], mut left: u64) -> Result<bool, Undecided> {
        self.is_absurd = question.contains(&Bit::False);
        if self.is_absurd {
            return Ok(false);
        }
        let mut assumptions = Vec::with_capacity(question.len());
        for bit in question {
            if let Bit::Lit(lit) = bit {
                assumptions.push(*lit);
            }
        }
        let mut rounds = 0;
        let mut expanded = 0;
        while self.encoder.gates.solver.ask(&assumptions, &mut left)? {
            let open = self.encoder.gates.solver.open_groups(&assumptions);
            if open.is_empty() {
                return Ok(true);
            }
            self.encoder.gates.solver.forget_met();
            rounds += 1;
            expanded += open.len();
            for group in open {
                self.expand(group);
            }
            if rounds > PATIENCE {
                expanded += self.expand_more(expanded);
            }
        }
        Ok(false)
    }

    /// On which of these architectures some configuration has all of `question`.
    pub fn holds_on(&mut self, question: &[Bit], on: ArchSet) -> Somewhere {
        self.holds_where(question, on, &mut |_| false)
    }

    /// The same. Where a configuration has `shown`, it has all of `question`: what one architecture
    /// shows may do for others. None of these has a cycle.
    pub fn holds_where(
        &mut self,
        question: &[Bit],
        on: ArchSet,
        shown: &mut dyn FnMut(&mut Evaluator<'_>) -> bool,
    ) -> Somewhere {
        let mut found = Somewhere::default();
        let mut rest = on;
        while !rest.is_empty() {
            let mut question = question.to_vec();
            question.push(self.on(rest));
            match self.holds(&question) {
                Ok(true) => {}
                Ok(false) => break,
                Err(Undecided) => {
                    found.undecided = rest;
                    break;
                }
            }
            let one = ArchSet::only(self.architecture());
            found.holds |= one;
            rest = rest.without(one);
            if rest.is_empty() {
                break;
            }
            let (model, mut inputs) = (self.encoder.model.clone(), self.inputs());
            for architecture in rest.iter() {
                inputs.architecture = architecture;
                if Configuration::replay(&model, &inputs, shown).is_some() {
                    found.holds |= ArchSet::only(architecture);
                }
            }
            rest = rest.without(found.holds);
        }
        found
    }

    /// Expands up to `most` groups that were met and not asked for: where each round asks for
    /// little, as along a chain of thousands of symbols, the question doubles in each.
    fn expand_more(&mut self, most: usize) -> usize {
        for done in 0..most {
            let Some(group) = self.encoder.gates.solver.next_met() else {
                return done;
            };
            self.expand(group);
        }
        most
    }

    fn expand(&mut self, group: Group) {
        if !self.encoder.gates.solver.is_defined(group) {
            self.encoder.define_group(group);
        }
        self.encoder.gates.solver.expand(group);
    }

    /// Forgets all questions. Which answer the solver finds hangs on what it was asked before,
    /// and that on what other architectures refuted first: an answer that is shown comes after
    /// this. Conditions made before are of no use any more.
    pub fn restart(&mut self) {
        self.encoder.restart(on_demand(self.needs_toolchain));
        self.made.clear();
        self.alone = None;
    }

    /// Starts a new subject: what the answers so far needed is forgotten once it is much.
    pub fn focus(&mut self) {
        self.encoder.gates.solver.focus(MOST_VARIABLES);
    }

    /// What the user and the toolchain decide in the configuration just found.
    fn inputs(&self) -> Inputs {
        if let Some(alone) = &self.alone {
            return alone.inputs();
        }
        let mut inputs = Inputs {
            architecture: self.architecture(),
            ..Inputs::default()
        };
        for (id, freedom) in &self.encoder.freedom {
            let value = match freedom {
                Freedom::Logical { given, value } | Freedom::Member { given, value }
                    if self.counts(*given, *value) =>
                {
                    Some(UserValue::Logical(self.tristate(*value)))
                }
                Freedom::Text { given } if self.bit(*given) == Some(true) => {
                    let texts = self.encoder.texts.get(&Source::Symbol(*id));
                    let chosen =
                        texts.and_then(|texts| texts.iter().find(|(_, bit)| self.raw(*bit)));
                    chosen.map(|(text, _)| UserValue::Text(*text))
                }
                Freedom::Beyond { under, over }
                    if self.bit(*under) == Some(true) || self.bit(*over) == Some(true) =>
                {
                    let ty = self.encoder.model.symbol(*id).ty;
                    let is_over = self.bit(*over) == Some(true);
                    Some(UserValue::Text(text::extreme(ty, is_over)))
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
            if let (None, Some(succeeds)) = (&known[test.0 as usize].meaning, self.bit(*bit)) {
                inputs.tests.insert(*test, succeeds);
            }
        }
        for (source, texts) in &self.encoder.texts {
            if let Source::Output(Output::Command(command)) = source {
                let text = texts.iter().find(|(_, bit)| self.raw(*bit));
                let is_word = self.encoder.model.menu.commands.is_word(*command);
                if let (Some((text, _)), false) = (text, is_word) {
                    inputs.outputs.insert(*command, *text);
                }
            }
        }
        self.drop_stale_answers(&mut inputs);
        inputs
    }

    /// Leaves out what commands print only for an earlier question, where the tree refuses it: the last
    /// question did not ask whether the tree takes these answers.
    fn drop_stale_answers(&self, inputs: &mut Inputs) {
        let (model, texts) = (&self.encoder.model, &self.encoder.texts);
        let is_idle = inputs.outputs.is_empty();
        if is_idle || toolchain_is_accepted(model, &mut Evaluator::new(model, inputs)) {
            return;
        }
        inputs.outputs.retain(|command, _| {
            let own = texts.get(&Source::Output(Output::Command(*command)));
            let mut own = own.into_iter().flat_map(|own| own.iter());
            own.any(|(_, bit)| self.bit(*bit).is_some())
        });
    }

    /// A bit's value where the last answer rests on it.
    fn bit(&self, bit: Bit) -> Option<bool> {
        match bit {
            Bit::False => Some(false),
            Bit::True => Some(true),
            Bit::Lit(lit) => self.encoder.gates.solver.value(lit),
        }
    }

    /// Whether the answer rests on a user value. It may do so without resting on the bit that
    /// says whether one is given: where the value is the same either way, giving it is right.
    fn counts(&self, given: Bit, value: Tri) -> bool {
        let is_known = self.bit(value.on).is_some() || self.bit(value.yes).is_some();
        match (given, self.bit(given)) {
            (Bit::Lit(_), Some(given)) => given,
            _ => is_known,
        }
    }

    /// A bit's value in the solver's answer.
    fn raw(&self, bit: Bit) -> bool {
        match bit {
            Bit::False => false,
            Bit::True => true,
            Bit::Lit(lit) => self.encoder.gates.solver.raw(lit),
        }
    }

    fn tristate(&self, tri: Tri) -> Tristate {
        match (self.raw(tri.on), self.raw(tri.yes)) {
            (_, true) => Tristate::Yes,
            (true, false) => Tristate::Module,
            (false, false) => Tristate::No,
        }
    }
}

/// Whether kconfig refuses the tree on some architecture as long as the inputs say nothing about the
/// toolchain.
fn needs_toolchain(model: &Model) -> bool {
    let mut places = model.menu.on.iter();
    places.any(|architecture| {
        let nothing = Inputs {
            architecture,
            ..Inputs::default()
        };
        !toolchain_is_accepted(model, &mut Evaluator::new(model, &nothing))
    })
}

fn on_demand(needs_toolchain: bool) -> OnDemand {
    let mut solver = OnDemand::default();
    if needs_toolchain {
        solver.need_toolchain();
    }
    solver
}

/// Rounds of a question before more is expanded than it asks for. Real trees take up to some
/// twenty.
const PATIENCE: usize = 32;

/// Variables of the solver that are kept for the next subject.
const MOST_VARIABLES: u32 = 4000;
