// SPDX-License-Identifier: MIT OR Apache-2.0
//! One small tree under examination: conf, the evaluator and the theory on all user values.
//! Owns the comparisons; conf is right in each.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;

use kconfig_lint::logic::{
    Bit, Bounds, Consequences, Evaluator, Inputs, Strength, Theory, Tri, all_answers,
};
use kconfig_lint::model::{ExprId, Exprs, Model, SelectId, SymbolId, Tristate, ValueType};
use kconfig_lint::tree::ChoiceForm;

use crate::bench::{Bench, Ruling, id_of};
use crate::driver::Reading;
use crate::generate::Random;
use crate::inputs::{config, free_inputs, without_discarded};

/// The most combinations of user values that are tried in one tree; beyond, a random part.
const MOST_COMBINATIONS: usize = 1000;

/// The most configurations of the theory that are enumerated in one tree.
const MOST_MODELS: usize = 400;

/// How a select is unmet (semantics.md 18), told from values.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Kind {
    Off,
    Module,
}

/// Selector, selectee, how.
type Pair = (SymbolId, SymbolId, Kind);

/// The values of all bool and tristate symbols.
type Values = Vec<Tristate>;

/// One tree under examination.
pub(crate) struct Trial<'m> {
    bench: Bench<'m>,
    model: &'m Arc<Model>,
    /// Answers of the theory that do not replay, see [`Verdict::unordered`].
    unordered: usize,
    /// Configurations that are not compared, see [`Verdict::folded`].
    folded: usize,
    /// What conf reached, with the inputs of one way there.
    reached: BTreeSet<Values>,
    unmet: BTreeSet<Pair>,
    differences: Vec<String>,
    random: Random,
}

/// What came out.
#[derive(Default)]
pub(crate) struct Verdict {
    /// User values that conf was asked about.
    pub(crate) asked: usize,
    /// Distinct configurations of the theory that conf was given.
    pub(crate) models: usize,
    /// Whether these were all there are.
    pub(crate) complete: bool,
    /// Unmet pairs.
    pub(crate) pairs: usize,
    /// Answers of the theory that do not replay: MODULES depends on a tristate only sometimes, as by a
    /// default behind a value that the user gives. The theory does not know when; the evaluator does.
    pub(crate) unordered: usize,
    /// Configurations in which conf says m of a tristate and we say y, since conf had folded away the
    /// term by which MODULES depends on the tristate.
    pub(crate) folded: usize,
    /// What differs, in words.
    pub(crate) differences: Vec<String>,
}

impl<'m> Trial<'m> {
    /// conf, which reads the tree for each toolchain, and the model of one tree; the seed is for
    /// what cannot all be tried.
    pub(crate) fn new(reading: &'m Reading, model: &'m Arc<Model>, seed: u64) -> Trial<'m> {
        Trial {
            bench: Bench::conf(reading),
            model,
            unordered: 0,
            folded: 0,
            reached: BTreeSet::new(),
            unmet: BTreeSet::new(),
            differences: Vec::new(),
            random: Random::new(seed ^ 0x5eed),
        }
    }

    /// Compares everything.
    pub(crate) fn run(mut self) -> Verdict {
        let mut report = Verdict::default();
        let inputs = self.all_inputs();
        report.asked = inputs.len();
        let samples = self.compare_inputs(&inputs);
        let mut theory = Theory::new(self.model.clone());
        let found = self.ask_pairs(&mut theory);
        for pair in self.unmet.clone().difference(&found) {
            if self.is_possible(theory.any_order(), *pair) {
                self.unordered += 1;
            } else {
                self.differences
                    .push(format!("missed: {}", self.describe(*pair)));
            }
        }
        for pair in found.difference(&self.unmet) {
            self.differences
                .push(format!("not confirmed: {}", self.describe(*pair)));
        }
        report.pairs = found.len();
        for inputs in samples {
            if self.is_a_model(&mut theory, &inputs) {
                continue;
            }
            if self.model.has_tristate_before_modules
                && self.is_a_model(theory.any_order(), &inputs)
            {
                self.unordered += 1;
                continue;
            }
            let text = config(self.model, &inputs);
            self.differences
                .push(format!("no model of the theory\n{text}"));
        }
        self.enumerate_theory(&mut theory, &mut report);
        report.unordered = self.unordered;
        report.folded = self.folded;
        report.differences = self.differences;
        report
    }

    fn describe(&self, (selector, target, kind): Pair) -> String {
        let (selector, target) = (self.model.name(selector), self.model.name(target));
        format!("{selector} selects {target}, {kind:?}")
    }

    /// All combinations of what the user and the toolchain decide, or many random ones.
    fn all_inputs(&mut self) -> Vec<Inputs> {
        let options = free_inputs(self.model);
        let all = options
            .iter()
            .map(|(_, values)| *values + 1)
            .fold(1_usize, usize::saturating_mul);
        let mut inputs = Vec::new();
        for number in 0..all.min(MOST_COMBINATIONS) {
            let mut rest = number;
            let mut chosen = Inputs::default();
            for (free, values) in &options {
                let digit = if all <= MOST_COMBINATIONS {
                    let digit = rest % (values + 1);
                    rest /= values + 1;
                    digit
                } else {
                    self.random.below(values + 1)
                };
                if digit > 0 {
                    free.decide(digit - 1, &mut chosen);
                }
            }
            inputs.push(chosen);
        }
        inputs
    }

    /// conf and the evaluator on the same inputs. Returns some of them that differ in what
    /// they lead to.
    fn compare_inputs(&mut self, inputs: &[Inputs]) -> Vec<Inputs> {
        let model = self.model;
        let mut kept = Vec::new();
        let mut texts = Vec::new();
        for inputs in inputs {
            if let Some(fewer) = without_discarded(model, inputs) {
                self.same_in_evaluator(inputs, &fewer);
            } else {
                texts.push(config(model, inputs));
                kept.push(inputs);
            }
        }
        let rulings = self.bench.rulings(model, &kept, &texts);
        let mut samples = Vec::new();
        for ((inputs, text), ruling) in kept.iter().zip(&texts).zip(&rulings) {
            let Some(values) = self.compare(inputs, text, ruling) else {
                continue;
            };
            if self.reached.insert(values) && samples.len() < MOST_MODELS {
                samples.push((*inputs).clone());
            }
        }
        if let Some(at) = texts.len().checked_sub(1) {
            for at in [at, at / 2] {
                self.bench
                    .is_honest(model, kept[at], &texts[at], &rulings[at]);
            }
        }
        samples
    }

    fn same_in_evaluator(&mut self, inputs: &Inputs, fewer: &Inputs) {
        let mut a = Evaluator::new(self.model, inputs);
        let mut b = Evaluator::new(self.model, fewer);
        for (id, _) in self.model.symbol_ids() {
            if a.symbol(id) != b.symbol(id) {
                let name = self.model.name(id);
                let text = config(self.model, inputs);
                self.differences
                    .push(format!("{name}: a discarded text counts\n{text}"));
                return;
            }
        }
    }

    /// Compares conf's configuration with the evaluator's; takes note of its unmet pairs. `None` where
    /// conf had folded away a tristate below MODULES.
    fn compare(&mut self, inputs: &Inputs, text: &str, ruling: &Ruling) -> Option<Values> {
        let outcome = &ruling.outcome;
        let mut evaluator = Evaluator::new(self.model, inputs);
        let mut wrong = String::new();
        for (at, id) in ruling.ids.iter().enumerate() {
            let Some(id) = *id else { continue };
            let symbol = self.model.symbol(id);
            if symbol.choice.is_some() && self.model.behaviour.choices == ChoiceForm::New {
                continue;
            }
            let ours = evaluator.symbol(id);
            let letter = |levels: &str| Tristate::from_word(&levels[at..=at]).expect("a level");
            let mut check = |what: &str, ours: &str, conf: &str| {
                if ours != conf {
                    let name = self.model.name(id);
                    let _ = writeln!(wrong, "  {what} of {name}: ours {ours}, conf's {conf}");
                }
            };
            check("value", ours.text.as_str(), &outcome.values[at]);
            if symbol.ty.is_logical() {
                check(
                    "visibility",
                    ours.visible.word(),
                    letter(&outcome.visible).word(),
                );
            }
            // conf computes no dependency of these.
            if symbol.ty.is_logical() && symbol.takes_selects() {
                check(
                    "direct dependency",
                    ours.direct.word(),
                    letter(&outcome.direct).word(),
                );
                check(
                    "reverse dependency",
                    ours.reverse.word(),
                    letter(&outcome.reverse).word(),
                );
            }
        }
        if !wrong.is_empty() && self.was_folded(&mut evaluator, ruling) {
            self.folded += 1;
            return None;
        }
        if !wrong.is_empty() {
            let toolchain = all_answers(self.model, inputs);
            self.differences.push(format!(
                "the evaluator differs\n{wrong}with {toolchain:?}\n{text}"
            ));
        }
        self.note_unmet(ruling);
        Some(self.values(ruling))
    }

    /// Whether conf knew of modules when it computed a tristate of which we say that MODULES depends
    /// on it: it stands in a term that conf folded away.
    fn was_folded(&self, evaluator: &mut Evaluator<'_>, ruling: &Ruling) -> bool {
        let values = self.values(ruling);
        let mut early = self.model.symbol_ids().filter(|(_, it)| it.before_modules);
        early.any(|(id, _)| {
            let conf = values[id.0 as usize];
            conf == Tristate::Module && evaluator.value(id) == Tristate::Yes
        })
    }

    /// The values of conf's configuration, in the order of the model.
    fn values(&self, ruling: &Ruling) -> Values {
        let mut values = vec![Tristate::No; self.model.symbols.len()];
        for (id, value) in ruling.ids.iter().zip(&ruling.outcome.values) {
            if let Some(id) = id.filter(|id| self.model.symbol(*id).ty.is_logical()) {
                values[id.0 as usize] = Tristate::from_word(value).expect("a level");
            }
        }
        values
    }

    /// Each select by its own level (semantics.md 18).
    fn note_unmet(&mut self, ruling: &Ruling) {
        let values = self.values(ruling);
        let modules = self
            .model
            .modules
            .is_some_and(|id| values[id.0 as usize] != Tristate::No);
        for unmet in &ruling.outcome.unmet {
            let Some(target) = id_of(self.model, &unmet.symbol) else {
                continue;
            };
            let direct = level(unmet.direct);
            // kconfiglib compares what it has, whatever the type.
            let promotes = (self.model.symbol(target).ty == ValueType::Bool || !modules)
                && !self.model.behaviour.is_kconfiglib();
            for (selector, raw) in &unmet.selectors {
                let Some(selector) = id_of(self.model, selector) else {
                    continue;
                };
                let own = match level(*raw) {
                    Tristate::Module if promotes => Tristate::Yes,
                    own => own,
                };
                match direct {
                    Tristate::No if own > Tristate::No => {
                        self.unmet.insert((selector, target, Kind::Off))
                    }
                    Tristate::Module if own == Tristate::Yes => {
                        self.unmet.insert((selector, target, Kind::Module))
                    }
                    _ => false,
                };
            }
        }
    }

    /// The pairs that the theory finds, each replayed by conf and the evaluator.
    fn ask_pairs(&mut self, theory: &mut Theory) -> BTreeSet<Pair> {
        let model = self.model;
        let mut found = BTreeSet::new();
        let bounds = Bounds::new(model);
        let mut known = Consequences::new(model, &bounds);
        for (at, select) in model.selects.iter().enumerate() {
            let target = model.symbol(select.target);
            let in_question = target.is_defined()
                && target.ty.is_logical()
                && target.member_of.is_none()
                && model.symbol(select.selector).ty.is_logical();
            if !in_question {
                continue;
            }
            let id = SelectId(at as u32);
            let (level, direct) = (theory.level(id), theory.direct(select.target));
            for (kind, question) in [
                (Kind::Off, vec![level.on, !direct.on]),
                (Kind::Module, vec![level.yes, direct.on, !direct.yes]),
            ] {
                let warns_of_bools = model.behaviour.is_kconfiglib();
                if kind == Kind::Module && target.ty != ValueType::Tristate && !warns_of_bools {
                    continue;
                }
                let strength = match kind {
                    Kind::Off => Strength::On,
                    Kind::Module => Strength::Yes,
                };
                let direct = target.direct.unwrap_or(Exprs::YES);
                let follows = known.follows(select.level, strength, direct);
                if let Some(inputs) = theory.solve(&question).expect("within the effort") {
                    if !self.replay_pair(id, kind, &inputs) {
                        continue;
                    }
                    found.insert((select.selector, select.target, kind));
                    if follows {
                        let words = self.describe((select.selector, select.target, kind));
                        self.differences
                            .push(format!("called safe by what is written: {words}"));
                    }
                }
            }
        }
        found
    }

    /// Whether the theory has this pair unmet in any order of computation, where that matters.
    fn is_possible(&self, any_order: &mut Theory, (selector, target, kind): Pair) -> bool {
        let selects = self.model.selects.iter().enumerate();
        let mut own = selects.filter(|(_, it)| (it.selector, it.target) == (selector, target));
        self.model.has_tristate_before_modules
            && own.any(|(at, _)| {
                let level = any_order.level(SelectId(at as u32));
                let direct = any_order.direct(target);
                let question = match kind {
                    Kind::Off => vec![level.on, !direct.on],
                    Kind::Module => vec![level.yes, direct.on, !direct.yes],
                };
                any_order.holds(&question) == Ok(true)
            })
    }

    /// Whether an answer shows what it was asked for.
    fn replay_pair(&mut self, id: SelectId, kind: Kind, inputs: &Inputs) -> bool {
        let target = self.model.select(id).target;
        let mut evaluator = Evaluator::new(self.model, inputs);
        let level = evaluator.level(id);
        let direct = evaluator.symbol(target).direct;
        let holds = match kind {
            Kind::Off => level > Tristate::No && direct == Tristate::No,
            Kind::Module => level == Tristate::Yes && direct == Tristate::Module,
        };
        let text = config(self.model, inputs);
        if !holds && self.model.has_tristate_before_modules {
            self.unordered += 1;
        } else if !holds {
            let pair = (self.model.select(id).selector, target, kind);
            let words = self.describe(pair);
            self.differences
                .push(format!("does not replay: {words}\n{text}"));
        }
        self.compare_inputs(std::slice::from_ref(inputs));
        holds
    }

    /// Whether a configuration of conf, with the value of every expression of the tree, is
    /// one of the theory. The evaluator tells the values; it was compared with conf.
    fn is_a_model(&self, theory: &mut Theory, inputs: &Inputs) -> bool {
        let mut evaluator = Evaluator::new(self.model, inputs);
        let mut question = Vec::new();
        for (id, _) in self.model.exprs.iter() {
            let value = evaluator.expr(id);
            question.extend(is(theory.expr(id), value));
        }
        for (id, symbol) in self.model.symbol_ids() {
            if symbol.ty.is_logical() && symbol.member_of.is_none() && symbol.choice.is_none() {
                let value = evaluator.symbol(id).direct;
                question.extend(is(theory.direct(id), value));
            }
        }
        theory.holds(&question) == Ok(true)
    }

    /// All configurations of the theory by the values of the symbols: conf has each.
    fn enumerate_theory(&mut self, theory: &mut Theory, report: &mut Verdict) {
        let symbols: Vec<(SymbolId, Tri)> = self
            .logical()
            .into_iter()
            .map(|(symbol, expr)| (symbol, theory.expr(expr)))
            .collect();
        let mut found: Vec<(Values, Inputs)> = Vec::new();
        let start = vec![Tristate::No; self.model.symbols.len()];
        report.complete = enumerate(theory, &symbols, &mut Vec::new(), start, &mut found);
        report.models = found.len();
        let inputs: Vec<Inputs> = found.iter().map(|(_, inputs)| inputs.clone()).collect();
        let texts: Vec<String> = inputs
            .iter()
            .map(|inputs| config(self.model, inputs))
            .collect();
        let all: Vec<&Inputs> = inputs.iter().collect();
        let rulings = self.bench.rulings(self.model, &all, &texts);
        for (((expected, inputs), text), ruling) in found.iter().zip(&texts).zip(&rulings) {
            let Some(values) = self.compare(inputs, text, ruling) else {
                continue;
            };
            let differ = self.differing(expected, &values);
            if !differ.is_empty() && self.model.has_tristate_before_modules {
                self.unordered += 1;
            } else if !differ.is_empty() {
                self.differences.push(format!(
                    "conf makes another configuration of it: {differ}\n{text}"
                ));
            }
        }
        if report.complete {
            let found: BTreeSet<Values> = found.into_iter().map(|(values, _)| values).collect();
            let missing = self.reached.difference(&found).next();
            if self.model.has_tristate_before_modules {
                self.unordered += usize::from(missing.is_some());
            } else if let Some(values) = missing {
                self.differences.push(format!("not enumerated: {values:?}"));
            }
        }
    }

    /// The bool and tristate symbols that the tree mentions, as expressions.
    fn logical(&self) -> Vec<(SymbolId, ExprId)> {
        let mut exprs = self.model.exprs.clone();
        let known = exprs.len();
        let ids = self
            .model
            .symbol_ids()
            .filter(|(_, symbol)| symbol.ty.is_logical());
        let all: Vec<_> = ids.map(|(id, _)| (id, exprs.symbol(id))).collect();
        assert_eq!(exprs.len(), known, "mention() saw to that");
        all
    }

    fn differing(&self, ours: &Values, conf: &Values) -> String {
        let mut words = String::new();
        for ((id, _), (ours, conf)) in self.model.symbol_ids().zip(ours.iter().zip(conf)) {
            if ours != conf {
                let _ = write!(
                    words,
                    "{} {}, conf {}; ",
                    self.model.name(id),
                    ours.word(),
                    conf.word()
                );
            }
        }
        words
    }
}

/// Adds the configurations in which `chosen` holds; false when there are too many.
fn enumerate(
    theory: &mut Theory,
    symbols: &[(SymbolId, Tri)],
    chosen: &mut Vec<Bit>,
    mut values: Values,
    found: &mut Vec<(Values, Inputs)>,
) -> bool {
    let Some(((id, tri), rest)) = symbols.split_first() else {
        if found.len() == MOST_MODELS {
            return false;
        }
        let inputs = theory.solve(chosen).expect("within the effort");
        let inputs = inputs.expect("it was asked before");
        found.push((values, inputs));
        return true;
    };
    let mut complete = true;
    for value in [Tristate::No, Tristate::Module, Tristate::Yes] {
        let length = chosen.len();
        chosen.extend(is(*tri, value));
        if complete && theory.holds(chosen) == Ok(true) {
            values[id.0 as usize] = value;
            complete = enumerate(theory, rest, chosen, values.clone(), found);
        }
        chosen.truncate(length);
    }
    complete
}

/// The bits that hold when `tri` has this value.
pub(crate) fn is(tri: Tri, value: Tristate) -> [Bit; 2] {
    match value {
        Tristate::No => [!tri.on, !tri.yes],
        Tristate::Module => [tri.on, !tri.yes],
        Tristate::Yes => [tri.on, tri.yes],
    }
}

fn level(letter: char) -> Tristate {
    Tristate::from_word(letter.encode_utf8(&mut [0; 4])).expect("a level")
}
