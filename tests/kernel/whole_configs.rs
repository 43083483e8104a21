// SPDX-License-Identifier: MIT OR Apache-2.0
//! One architecture of a real tree with its whole theory in one solver: made-up toolchains,
//! made-up models, and whether a configuration of conf is one.
//!
//! Owns the questions; what conf says and how often it is asked is the affair of `both_ways`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

use kconfig_lint::logic::text::is_valid;
use kconfig_lint::logic::{BatSat, Bit, Evaluator, Free, Inputs, UserValue, Whole, all_answers};
use kconfig_lint::menu::command::{CommandId, TestId};
use kconfig_lint::model::{Model, SymbolId, Tristate, ValueType};
use kconfig_lint::source::Name;
use kconfig_lint::tree::ChoiceForm;

use crate::bench::id_of;
use crate::generate::Random;
use crate::judge::{Judge, Outcome};
use crate::trial::is;

/// Symbols that are given a random final value, where that is possible, in each model.
const WANTED_VALUES: usize = 60;

/// Texts that are given a random value, where that is possible, in each model.
const WANTED_TEXTS: usize = 20;

/// A theory under examination.
pub(crate) struct Subject {
    pub(crate) model: Arc<Model>,
    whole: Whole<BatSat>,
    free: Vec<Free>,
    /// What the toolchain answers from now on.
    toolchain: Vec<Bit>,
    toolchain_inputs: Inputs,
}

/// A model of the theory.
pub(crate) struct Found {
    /// What leads to it.
    pub(crate) inputs: Inputs,
    /// The value of every symbol that has one, as conf writes it.
    pub(crate) values: Vec<Option<Name>>,
}

impl Subject {
    /// The whole theory of a model.
    pub(crate) fn new(model: Arc<Model>) -> Subject {
        let mut whole = Whole::new(model.clone(), BatSat::default());
        whole.everything();
        let free = whole.free();
        Subject {
            model,
            whole,
            free,
            toolchain: Vec::new(),
            toolchain_inputs: Inputs::default(),
        }
    }

    /// A random toolchain that the tree accepts, and what its commands print.
    ///
    /// # Errors
    /// When one command would have to print two things, so that no machine is like this.
    pub(crate) fn choose_toolchain(
        &mut self,
        random: &mut Random,
    ) -> Result<BTreeMap<String, String>, String> {
        let commands = &self.model.menu.commands;
        let (tests, commands) = (commands.tests.len(), commands.commands.len());
        let mut question = Vec::new();
        let mut used = BTreeSet::new();
        let percent = *random.pick(&[5, 50, 95]);
        for at in 0..tests as u32 {
            let bit = self.whole.test(TestId(at));
            question.push(if random.chance(percent) { bit } else { !bit });
        }
        for at in 0..commands as u32 {
            // Commands that print the same can become one command inside others, which then
            // has two answers: a machine on which that happens does not exist.
            let mut texts = self.whole.printed(CommandId(at));
            if texts.iter().any(|(text, _)| !used.contains(text)) {
                texts.retain(|(text, _)| !used.contains(text));
            }
            let (text, bit) = *random.pick(&texts);
            used.insert(text);
            question.push(bit);
        }
        self.satisfy(&[], question);
        self.toolchain.clear();
        for at in 0..tests as u32 {
            let bit = self.whole.test(TestId(at));
            let held = self.whole.held(bit);
            self.toolchain.push(if held { bit } else { !bit });
        }
        for at in 0..commands as u32 {
            let texts = self.whole.printed(CommandId(at));
            let printed = texts.iter().find(|(_, bit)| self.whole.held(*bit));
            self.toolchain.extend(printed.map(|(_, bit)| *bit));
        }
        let mut inputs = self.whole.inputs();
        inputs.user.clear();
        for (command, text) in &mut inputs.outputs {
            *text = made_different(*text, *command);
        }
        self.toolchain_inputs = inputs;
        all_answers(&self.model, &self.toolchain_inputs)
    }

    /// Asks for all of `fixed` and as much of `wishes` as goes together: whatever contradicts
    /// is given up.
    fn satisfy(&mut self, fixed: &[Bit], mut wishes: Vec<Bit>) {
        loop {
            wishes.retain(|bit| *bit != Bit::False);
            let mut question = fixed.to_vec();
            question.extend(&wishes);
            if self.whole.holds(&question) {
                return;
            }
            let parts = self.whole.contradiction(&question);
            let dropped: Vec<usize> = parts
                .into_iter()
                .filter(|at| *at >= fixed.len())
                .map(|at| at - fixed.len())
                .collect();
            assert!(
                !dropped.is_empty(),
                "the theory has no configuration at all"
            );
            // One of them is enough to end this contradiction.
            wishes.remove(dropped[dropped.len() / 2]);
        }
    }

    /// A random model with the toolchain that was chosen.
    pub(crate) fn random_model(&mut self, random: &mut Random) -> Found {
        let mut wishes = Vec::new();
        for _ in 0..WANTED_VALUES {
            let id = SymbolId(random.below(self.model.symbols.len()) as u32);
            if self.model.symbol(id).ty.is_logical() {
                let value = *random.pick(&[Tristate::No, Tristate::Module, Tristate::Yes]);
                wishes.extend(is(self.whole.value(id), value));
            }
        }
        let (set, on) = (*random.pick(&[10, 50, 90]), *random.pick(&[10, 50, 90]));
        let mut texts = Vec::new();
        for at in 0..self.free.len() {
            let free = self.free[at];
            if !random.chance(set) {
                continue;
            }
            wishes.push(free.wants);
            if self.model.symbol(free.symbol).ty.is_logical() {
                let value = match (random.chance(on), random.chance(50)) {
                    (false, _) => Tristate::No,
                    (true, true) => Tristate::Yes,
                    (true, false) => Tristate::Module,
                };
                // m of a bool is no value: its bits are one.
                let value = match self.model.symbol(free.symbol).ty {
                    ValueType::Bool if value == Tristate::Module => Tristate::Yes,
                    _ => value,
                };
                wishes.extend(is(free.value, value));
            } else {
                texts.push(free.symbol);
            }
        }
        for _ in 0..WANTED_TEXTS.min(texts.len()) {
            let all = self.whole.texts(*random.pick(&texts));
            wishes.push(random.pick(&all).1);
        }
        let fixed = self.toolchain.clone();
        self.satisfy(&fixed, wishes);
        let mut inputs = self.whole.inputs();
        inputs.outputs = self.toolchain_inputs.outputs.clone();
        Found {
            inputs,
            values: self.values(),
        }
    }

    fn values(&mut self) -> Vec<Option<Name>> {
        let model = self.model.clone();
        let value = |(id, symbol): (SymbolId, &kconfig_lint::model::Symbol)| {
            if symbol.ty.is_logical() {
                let value = self.whole.value(id);
                return Some(Name::new(self.whole.level_of(value).word()));
            }
            if symbol.ty == ValueType::Unknown {
                return None;
            }
            let texts = self.whole.texts(id);
            let held = texts.iter().find(|(_, bit)| self.whole.held(*bit));
            held.map(|(text, _)| *text)
        };
        model.symbol_ids().map(value).collect()
    }

    /// Whether conf's configuration is one of the theory: `Err` names the values that
    /// contradict each other. `outside` counts texts that the theory's domains do not have.
    pub(crate) fn is_model(
        &mut self,
        judge: &Judge,
        outcome: &Outcome,
        outside: &mut usize,
    ) -> Result<(), String> {
        let mut question = self.toolchain.clone();
        let mut names: Vec<String> = question
            .iter()
            .map(|_| "the toolchain".to_owned())
            .collect();
        for ((key, _), value) in judge.symbols.iter().zip(&outcome.values) {
            let Some(id) = id_of(&self.model, key) else {
                continue;
            };
            let symbol = self.model.symbol(id);
            let is_new_choice =
                symbol.choice.is_some() && self.model.behaviour.choices == ChoiceForm::New;
            if is_new_choice || symbol.ty == ValueType::Unknown {
                continue;
            }
            let bits = if symbol.ty.is_logical() {
                let value = Tristate::from_word(value).expect("a level");
                is(self.whole.value(id), value).to_vec()
            } else {
                let known = self.in_domain(id, value);
                *outside += usize::from(known.is_none());
                known.map(|(_, bit)| bit).into_iter().collect()
            };
            for bit in bits {
                question.push(bit);
                names.push(format!("{}={value}", self.model.name(id)));
            }
        }
        if self.whole.holds(&question) {
            return Ok(());
        }
        let mut at = self.whole.contradiction(&question);
        // The solver's contradiction may be larger than it has to be.
        let mut next = 0;
        while next < at.len() {
            let mut fewer = at.clone();
            fewer.remove(next);
            let bits: Vec<Bit> = fewer.iter().map(|at| question[*at]).collect();
            if self.whole.holds(&bits) {
                next += 1;
            } else {
                at = fewer;
            }
        }
        let parts: Vec<&str> = at.iter().map(|at| names[*at].as_str()).collect();
        Err(parts.join(", "))
    }

    /// Where the evaluator, from these inputs, differs from conf: at most a few, in words.
    pub(crate) fn evaluator_differs(
        &self,
        judge: &Judge,
        inputs: &Inputs,
        outcome: &Outcome,
    ) -> String {
        let mut evaluator = Evaluator::new(&self.model, inputs);
        let mut words = String::new();
        let mut count = 0;
        for ((key, _), conf) in judge.symbols.iter().zip(&outcome.values) {
            let Some(id) = id_of(&self.model, key) else {
                continue;
            };
            let symbol = self.model.symbol(id);
            if symbol.choice.is_some() && self.model.behaviour.choices == ChoiceForm::New {
                continue;
            }
            let ours = evaluator.symbol(id).text;
            if ours.as_str() != conf {
                count += 1;
                if count <= 5 {
                    let name = self.model.name(id);
                    let _ = write!(words, "{name}: ours {ours:?}, conf's {conf:?}; ");
                }
            }
        }
        if count > 0 {
            let _ = write!(words, "{count} in all");
        }
        words
    }

    /// Where conf's values differ from those of a model: at most a few, in words.
    pub(crate) fn changed(&mut self, judge: &Judge, found: &Found, outcome: &Outcome) -> String {
        let mut words = String::new();
        let mut count = 0;
        for ((key, _), conf) in judge.symbols.iter().zip(&outcome.values) {
            let Some(id) = id_of(&self.model, key) else {
                continue;
            };
            let symbol = self.model.symbol(id);
            if symbol.choice.is_some() && self.model.behaviour.choices == ChoiceForm::New {
                continue;
            }
            let Some(ours) = found.values[id.0 as usize] else {
                continue;
            };
            let same = ours.as_str() == conf
                || !symbol.ty.is_logical()
                    && self
                        .in_domain(id, conf)
                        .is_some_and(|(text, _)| text == ours);
            if !same {
                count += 1;
                if count <= 5 {
                    let name = self.model.name(id);
                    let _ = write!(words, "{name}: the model's {ours:?}, conf's {conf:?}; ");
                }
            }
        }
        if count > 0 {
            let _ = write!(words, "{count} in all");
        }
        words
    }

    /// The text of a symbol's domain that conf's text is, or that stands for it.
    fn in_domain(&mut self, id: SymbolId, conf: &str) -> Option<(Name, Bit)> {
        let texts = self.whole.texts(id);
        let find = |wanted: &str| texts.iter().find(|(text, _)| text.as_str() == wanted);
        let other = || find(self.whole.other_text(id)?.as_str());
        find(as_in_domain(conf)).or_else(other).copied()
    }

    /// What a `.config` says, as inputs beside the toolchain that was chosen.
    pub(crate) fn read_config(&self, text: &str) -> Inputs {
        let mut inputs = self.toolchain_inputs.clone();
        for line in text.lines() {
            let off = line
                .strip_prefix("# CONFIG_")
                .and_then(|rest| rest.strip_suffix(" is not set"));
            let pair = off.map(|name| (name, "n")).or_else(|| {
                let rest = line.strip_prefix("CONFIG_")?;
                rest.split_once('=')
            });
            let Some((name, value)) = pair else { continue };
            let Some(id) = self.model.symbol_named(name) else {
                continue;
            };
            let value = user_value(self.model.symbol(id).ty, value);
            if let Some(value) = value {
                inputs.user.insert(id, value);
            }
        }
        inputs
    }
}

/// What begins a text that a domain has beside those of the tree.
const OTHER: &str = "other";

/// What a command prints where the theory says no more than that it is no text of the tree. Of
/// two commands that print the same, a command that has it inside would have two answers. The
/// mark comes before "-" in order, so that these texts stay in the order that they have.
fn made_different(text: Name, command: CommandId) -> Name {
    if text.as_str().starts_with(OTHER) {
        Name::new(&format!("{text}+{}", command.0))
    } else {
        text
    }
}

/// The same text without what [`made_different`] adds.
fn as_in_domain(text: &str) -> &str {
    match text.split_once('+') {
        Some((before, _)) if before.starts_with(OTHER) => before,
        _ => text,
    }
}

/// What the user gives with the text behind the "=" (confdata.c, `conf_set_sym_val`). What does
/// not fit the type, as m of a bool in many a defconfig, conf takes for no value at all.
fn user_value(ty: ValueType, text: &str) -> Option<UserValue> {
    match (ty, text.as_bytes().first()?) {
        (ValueType::Tristate, b'm') => Some(UserValue::Logical(Tristate::Module)),
        (ValueType::Bool | ValueType::Tristate, b'y') => Some(UserValue::Logical(Tristate::Yes)),
        (ValueType::Bool | ValueType::Tristate, b'n') => Some(UserValue::Logical(Tristate::No)),
        (ValueType::String, _) => unquoted(text).map(|text| UserValue::Text(Name::new(&text))),
        (ValueType::Int | ValueType::Hex, _) if is_valid(text, ty) => {
            Some(UserValue::Text(Name::new(text)))
        }
        _ => None,
    }
}

/// The text between quotes, if it is.
fn unquoted(value: &str) -> Option<String> {
    let mut text = String::new();
    let mut letters = value.strip_prefix('"')?.chars();
    loop {
        match letters.next()? {
            '"' => return Some(text),
            '\\' => text.push(letters.next()?),
            letter => text.push(letter),
        }
    }
}

#[test]
fn a_value_that_does_not_fit_is_none() {
    let text = |text: &str| Some(UserValue::Text(Name::new(text)));
    let logical = |value| Some(UserValue::Logical(value));
    for (ty, written, value) in [
        (ValueType::Bool, "m", None),
        (ValueType::Tristate, "m", logical(Tristate::Module)),
        (ValueType::Bool, "yes", logical(Tristate::Yes)),
        (ValueType::Int, "n", None),
        (ValueType::Int, "010", None),
        (ValueType::Hex, "1f", text("1f")),
        (ValueType::String, "n", None),
        (ValueType::String, r#""a \"b\" \\""#, text(r#"a "b" \"#)),
        (ValueType::String, r#""a"b"#, text("a")),
        (ValueType::String, r#""a"#, None),
    ] {
        assert_eq!(user_value(ty, written), value, "{ty:?} {written}");
    }
}
