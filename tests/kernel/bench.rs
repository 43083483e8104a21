// SPDX-License-Identifier: MIT OR Apache-2.0
//! Who judges a small tree: conf with each toolchain that the tree may meet. Owns the questions, not
//! what follows from the answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use kconfig_lint::logic::{Inputs, all_answers};
use kconfig_lint::menu::command::variable_of_key;
use kconfig_lint::model::{ChoiceId, Model, SymbolId};

use crate::answers::Answers;
use crate::driver::{Failed, Reading};
use crate::judge::{Judge, Mode, Outcome, SymbolKey};

/// What the commands of a tree print.
type Toolchain = BTreeMap<String, String>;

/// conf, once for each toolchain that was met.
pub(crate) struct Bench<'m> {
    reading: &'m Reading,
    courts: BTreeMap<Toolchain, Court>,
}

/// conf with one toolchain.
pub(crate) struct Court {
    judge: Judge,
    /// The symbols in the judge's order.
    ids: Arc<[Option<SymbolId>]>,
}

/// What a configuration comes to.
pub(crate) struct Ruling {
    /// The symbols in the order of the values.
    pub(crate) ids: Arc<[Option<SymbolId>]>,
    /// The values.
    pub(crate) outcome: Outcome,
}

impl<'m> Bench<'m> {
    /// conf, which reads the tree again for each toolchain.
    pub(crate) fn conf(reading: &'m Reading) -> Bench<'m> {
        Bench {
            reading,
            courts: BTreeMap::new(),
        }
    }

    /// What these inputs, whose user values are these texts, come to.
    pub(crate) fn rulings(
        &mut self,
        model: &Model,
        inputs: &[&Inputs],
        texts: &[String],
    ) -> Vec<Ruling> {
        let mut cases: BTreeMap<Toolchain, Vec<usize>> = BTreeMap::new();
        for (at, inputs) in inputs.iter().enumerate() {
            let toolchain = all_answers(model, inputs).expect("commands are kept apart");
            cases.entry(toolchain).or_default().push(at);
        }
        let mut rulings: Vec<Option<Ruling>> = inputs.iter().map(|_| None).collect();
        for (toolchain, places) in cases {
            let reading = self.reading;
            let court = self.courts.entry(toolchain.clone());
            let court = court.or_insert_with(|| Court::new(reading, model, &toolchain));
            let texts: Vec<String> = places.iter().map(|at| texts[*at].clone()).collect();
            let outcomes = court.judge.ask_all(&texts);
            let outcomes = outcomes.unwrap_or_else(|failed| panic!("{failed:?}"));
            for (at, outcome) in places.into_iter().zip(outcomes) {
                let ids = court.ids.clone();
                rulings[at] = Some(Ruling { ids, outcome });
            }
        }
        let all = rulings.into_iter();
        all.map(|ruling| ruling.expect("each belongs to a toolchain"))
            .collect()
    }

    /// The driver computes many configurations in one process; one alone is the same.
    pub(crate) fn is_honest(
        &mut self,
        model: &Model,
        inputs: &Inputs,
        text: &str,
        ruling: &Ruling,
    ) {
        let toolchain = all_answers(model, inputs).expect("it was asked before");
        let court = self
            .courts
            .get_mut(&toolchain)
            .expect("it was asked before");
        let alone = court.judge.ask(Mode::Old, text).expect("a reply");
        let outcome = &ruling.outcome;
        assert_eq!(alone.values, outcome.values, "{text}");
        assert_eq!(alone.unmet, outcome.unmet, "{text}");
        assert_eq!(alone.warned(), outcome.warned(), "{text}");
    }
}

impl Court {
    fn new(reading: &Reading, model: &Model, toolchain: &Toolchain) -> Court {
        let judge = judge_with(reading, toolchain).unwrap_or_else(|failed| panic!("{failed:?}"));
        let keys = judge.symbols.iter();
        let ids = keys.map(|(key, _)| id_of(model, key)).collect();
        Court { judge, ids }
    }
}

/// conf with a toolchain that prints this, in an environment that holds what stands there under
/// `$(NAME)`; an empty variable is unset.
///
/// # Errors
/// When conf refuses the tree.
pub(crate) fn judge_with(reading: &Reading, toolchain: &Toolchain) -> Result<Judge, Failed> {
    Judge::new(&with_toolchain(reading.clone(), toolchain, Answers::none()))
}

/// A reading whose commands print what a toolchain says, and whose environment holds the variables
/// that the toolchain names. Commands that the toolchain does not name answer as `others` say.
pub(crate) fn with_toolchain(reading: Reading, toolchain: &Toolchain, others: Answers) -> Reading {
    let mut variables = Vec::new();
    let mut answers = others;
    for (key, text) in toolchain {
        match variable_of_key(key) {
            Some(name) if !text.is_empty() => variables.push((name.to_owned(), text.clone())),
            Some(_) => {}
            None => answers.recorded.push((key.clone(), text.clone())),
        }
    }
    reading.answers(answers).variables(variables)
}

/// The model's number of a symbol of conf's.
pub(crate) fn id_of(model: &Model, key: &SymbolKey) -> Option<SymbolId> {
    match key {
        SymbolKey::Name(name) => model.symbol_named(name),
        SymbolKey::Choice(number) => Some(model.choice(ChoiceId(*number)).symbol),
    }
}
