// SPDX-License-Identifier: MIT OR Apache-2.0
//! One small tree under examination: conf, the evaluator and the theory on all user values.
//! Owns the comparisons; conf is right in each.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;

use kconfig_lint::logic::{Bit, Evaluator, Inputs, Theory, Tri, UserValue};
use kconfig_lint::model::{ChoiceId, ExprId, Model, SelectId, SymbolId, Tristate, ValueType};
use kconfig_lint::source::Name;
use kconfig_lint::tree::ChoiceForm;

use crate::generate::Random;
use crate::judge::{Judge, Outcome, SymbolKey};

/// The most combinations of user values that are tried in one tree; beyond, a random part.
const MOST_COMBINATIONS: usize = 1000;

/// The most configurations of the theory that are enumerated in one tree.
const MOST_MODELS: usize = 400;

/// Our number of one of conf's symbols.
pub(crate) fn id_of(model: &Model, key: &SymbolKey) -> Option<SymbolId> {
    match key {
        SymbolKey::Name(name) => model.symbol_named(name),
        SymbolKey::Choice(number) => Some(model.choice(ChoiceId(*number)).symbol),
    }
}

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
    judge: Judge,
    model: &'m Arc<Model>,
    /// The symbols in the judge's order.
    ids: Vec<Option<SymbolId>>,
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
    /// What differs, in words.
    pub(crate) differences: Vec<String>,
}

impl<'m> Trial<'m> {
    /// conf and the model of one tree; the seed is for what cannot all be tried.
    pub(crate) fn new(judge: Judge, model: &'m Arc<Model>, seed: u64) -> Trial<'m> {
        let keys = judge.symbols.iter();
        Trial {
            ids: keys.map(|(key, _)| id_of(model, key)).collect(),
            judge,
            model,
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
        for pair in self.unmet.difference(&found) {
            self.differences
                .push(format!("missed: {}", self.describe(*pair)));
        }
        for pair in found.difference(&self.unmet) {
            self.differences
                .push(format!("not confirmed: {}", self.describe(*pair)));
        }
        report.pairs = found.len();
        for inputs in samples {
            self.is_a_model(&mut theory, &inputs);
        }
        self.enumerate_theory(&mut theory, &mut report);
        report.differences = self.differences;
        report
    }

    fn describe(&self, (selector, target, kind): Pair) -> String {
        let (selector, target) = (self.model.name(selector), self.model.name(target));
        format!("{selector} selects {target}, {kind:?}")
    }

    /// All combinations of user values, or many random ones.
    fn all_inputs(&mut self) -> Vec<Inputs> {
        let options: Vec<(SymbolId, Vec<UserValue>)> = self
            .model
            .symbol_ids()
            .filter(|(_, symbol)| !symbol.prompts.is_empty() && symbol.choice.is_none())
            .map(|(id, symbol)| (id, user_values(symbol.ty)))
            .collect();
        let all: usize = options.iter().map(|(_, values)| values.len() + 1).product();
        let mut inputs = Vec::new();
        for number in 0..all.min(MOST_COMBINATIONS) {
            let mut rest = number;
            let mut chosen = Inputs::default();
            for (id, values) in &options {
                let digit = if all <= MOST_COMBINATIONS {
                    let digit = rest % (values.len() + 1);
                    rest /= values.len() + 1;
                    digit
                } else {
                    self.random.below(values.len() + 1)
                };
                if digit > 0 {
                    chosen.user.insert(*id, values[digit - 1]);
                }
            }
            if self.is_comparable(&chosen) {
                inputs.push(chosen);
            }
        }
        inputs
    }

    /// conf 6.1 forgets the mode of an old choice while it loads a file in which only some
    /// members have a value, or one is y and a later one m: no file that conf writes is so.
    fn is_comparable(&self, inputs: &Inputs) -> bool {
        if self.model.behaviour.choices == ChoiceForm::New {
            return true;
        }
        self.model.choices.iter().all(|choice| {
            let given: Vec<_> = choice
                .members
                .iter()
                .filter_map(|member| inputs.user.get(member))
                .collect();
            let has = |value| given.contains(&&UserValue::Logical(value));
            (given.is_empty() || given.len() == choice.members.len())
                && !(has(Tristate::Yes) && has(Tristate::Module))
        })
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
        let outcomes = self
            .judge
            .ask_all(&texts)
            .unwrap_or_else(|failed| panic!("{failed:?}"));
        let mut samples = Vec::new();
        for ((inputs, text), outcome) in kept.into_iter().zip(&texts).zip(&outcomes) {
            let values = self.compare(inputs, text, outcome);
            if self.reached.insert(values) && samples.len() < MOST_MODELS {
                samples.push(inputs.clone());
            }
        }
        if let Some(at) = texts.len().checked_sub(1) {
            self.batches_are_honest(&texts[at], &outcomes[at]);
            self.batches_are_honest(&texts[at / 2], &outcomes[at / 2]);
        }
        samples
    }

    /// The driver computes many configurations in one process; one alone is the same.
    fn batches_are_honest(&mut self, text: &str, outcome: &Outcome) {
        let alone = self
            .judge
            .ask(crate::judge::Mode::Old, text)
            .expect("a reply");
        assert_eq!(alone.values, outcome.values, "{text}");
        assert_eq!(alone.unmet, outcome.unmet, "{text}");
        assert_eq!(alone.warned(), outcome.warned(), "{text}");
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

    /// Compares conf's configuration with the evaluator's; takes note of its unmet pairs.
    fn compare(&mut self, inputs: &Inputs, text: &str, outcome: &Outcome) -> Values {
        let mut evaluator = Evaluator::new(self.model, inputs);
        let mut wrong = String::new();
        for (at, id) in self.ids.iter().enumerate() {
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
            if symbol.ty.is_logical() && symbol.member_of.is_none() {
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
        if !wrong.is_empty() {
            self.differences
                .push(format!("the evaluator differs\n{wrong}with\n{text}"));
        }
        self.note_unmet(outcome);
        self.values(outcome)
    }

    /// The values of conf's configuration, in the order of the model.
    fn values(&self, outcome: &Outcome) -> Values {
        let mut values = vec![Tristate::No; self.model.symbols.len()];
        for (id, value) in self.ids.iter().zip(&outcome.values) {
            if let Some(id) = id.filter(|id| self.model.symbol(*id).ty.is_logical()) {
                values[id.0 as usize] = Tristate::from_word(value).expect("a level");
            }
        }
        values
    }

    /// Each select by its own level (semantics.md 18).
    fn note_unmet(&mut self, outcome: &Outcome) {
        let values = self.values(outcome);
        let modules = self
            .model
            .modules
            .is_some_and(|id| values[id.0 as usize] != Tristate::No);
        for unmet in &outcome.unmet {
            let Some(target) = id_of(self.model, &unmet.symbol) else {
                continue;
            };
            let direct = level(unmet.direct);
            let promotes = self.model.symbol(target).ty == ValueType::Bool || !modules;
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
                if kind == Kind::Module && target.ty != ValueType::Tristate {
                    continue;
                }
                if let Some(inputs) = theory.solve(&question) {
                    found.insert((select.selector, select.target, kind));
                    self.replay_pair(id, kind, &inputs);
                }
            }
        }
        found
    }

    fn replay_pair(&mut self, id: SelectId, kind: Kind, inputs: &Inputs) {
        let target = self.model.select(id).target;
        let mut evaluator = Evaluator::new(self.model, inputs);
        let level = evaluator.level(id);
        let direct = evaluator.symbol(target).direct;
        let holds = match kind {
            Kind::Off => level > Tristate::No && direct == Tristate::No,
            Kind::Module => level == Tristate::Yes && direct == Tristate::Module,
        };
        let text = config(self.model, inputs);
        if !holds {
            let pair = (self.model.select(id).selector, target, kind);
            let words = self.describe(pair);
            self.differences
                .push(format!("does not replay: {words}\n{text}"));
        }
        self.compare_inputs(std::slice::from_ref(inputs));
    }

    /// Whether a configuration of conf, with the value of every expression of the tree, is
    /// one of the theory. The evaluator tells the values; it was compared with conf.
    fn is_a_model(&mut self, theory: &mut Theory, inputs: &Inputs) {
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
        if !theory.holds(&question) {
            let text = config(self.model, inputs);
            self.differences
                .push(format!("no model of the theory\n{text}"));
        }
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
        let outcomes = self
            .judge
            .ask_all(&texts)
            .unwrap_or_else(|failed| panic!("{failed:?}"));
        for (((expected, inputs), text), outcome) in found.iter().zip(&texts).zip(&outcomes) {
            let values = self.compare(inputs, text, outcome);
            let differ = self.differing(expected, &values);
            if !differ.is_empty() {
                self.differences.push(format!(
                    "conf makes another configuration of it: {differ}\n{text}"
                ));
            }
        }
        if report.complete {
            let found: BTreeSet<Values> = found.into_iter().map(|(values, _)| values).collect();
            if let Some(values) = self.reached.difference(&found).next() {
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
        let inputs = theory.solve(chosen).expect("it was asked before");
        found.push((values, inputs));
        return true;
    };
    let mut complete = true;
    for value in [Tristate::No, Tristate::Module, Tristate::Yes] {
        let length = chosen.len();
        chosen.extend(is(*tri, value));
        if complete && theory.holds(chosen) {
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

/// What a user may give a symbol of this type: more texts than a tree can tell apart.
fn user_values(ty: ValueType) -> Vec<UserValue> {
    let logical = UserValue::Logical;
    let texts = |all: &[&str]| {
        all.iter()
            .map(|text| UserValue::Text(Name::new(text)))
            .collect()
    };
    match ty {
        ValueType::Bool => vec![logical(Tristate::No), logical(Tristate::Yes)],
        ValueType::Tristate => [Tristate::No, Tristate::Module, Tristate::Yes]
            .map(logical)
            .to_vec(),
        ValueType::Int => texts(&["-3", "0", "1", "2", "3", "5", "10", "11"]),
        ValueType::Hex => texts(&["0x0", "0x2", "0x3", "5", "0x10", "0x11"]),
        ValueType::String => texts(&["", "a", "b", "3", "y", "q"]),
        ValueType::Unknown => Vec::new(),
    }
}

/// 6.1 forgets a text outside of its range, but only after everything that hangs on it was
/// computed: the first loading gives a mixture that a second one mends. `None` when nothing
/// is forgotten or makes no difference, else the inputs that count.
fn without_discarded(model: &Model, inputs: &Inputs) -> Option<Inputs> {
    if model.behaviour.clamp_user_values {
        return None;
    }
    let mut evaluator = Evaluator::new(model, inputs);
    let mut fewer = inputs.clone();
    for (id, value) in &inputs.user {
        let computed = evaluator.symbol(*id);
        if matches!(value, UserValue::Logical(_)) || computed.visible == Tristate::No {
            continue;
        }
        // What takes its place can have the same text, where no text is in the range.
        let mut without = inputs.clone();
        without.user.remove(id);
        if Evaluator::new(model, &without).symbol(*id).text == computed.text {
            fewer.user.remove(id);
        }
    }
    (fewer.user.len() < inputs.user.len()).then_some(fewer)
}

/// Inputs as the lines of a `.config`, members of a choice in their order.
pub(crate) fn config(model: &Model, inputs: &Inputs) -> String {
    let mut text = String::new();
    let mut user: Vec<_> = inputs.user.iter().collect();
    user.sort_by_key(|(id, _)| {
        let choice = model.symbol(**id).member_of;
        let members = choice.map(|choice| &model.choice(choice).members);
        let place = members.and_then(|all| all.iter().position(|member| member == *id));
        (choice, place, **id)
    });
    for (id, value) in user {
        let name = model.name(*id);
        let _ = match value {
            UserValue::Logical(Tristate::No) => writeln!(text, "# CONFIG_{name} is not set"),
            UserValue::Logical(value) => writeln!(text, "CONFIG_{name}={}", value.word()),
            UserValue::Text(value) if model.symbol(*id).ty == ValueType::String => {
                writeln!(text, "CONFIG_{name}=\"{value}\"")
            }
            UserValue::Text(value) => writeln!(text, "CONFIG_{name}={value}"),
        };
    }
    text
}
