// SPDX-License-Identifier: MIT OR Apache-2.0
//! Holds that explanations are true: on random small trees every core is a contradiction, no
//! element of it can go, and every step of a configuration leads back to what the user sets.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kconfig_lint::logic::{
    self, Configuration, Core, Effort, Evaluator, Fact, Reason, Theory, UserValue, Why, minimize,
};
use kconfig_lint::menu::{Loader, Toolchain, elaborate};
use kconfig_lint::model::{ExprId, Model, SymbolId, Tristate};
use kconfig_lint::rules::policy::Requirement;
use kconfig_lint::source::{Files, Overlay, WorkTree};
use kconfig_lint::tree::{Architecture, Behaviour, ChoiceForm, Kind, Project};

#[allow(dead_code, unreachable_pub)]
#[path = "kernel/generate.rs"]
pub(crate) mod generate;

/// Random trees for each form of choices.
const TREES: u64 = 150;

/// What was asked, and what came.
#[derive(Default, Debug)]
struct Counts {
    possible: usize,
    impossible: usize,
    /// Cores of more than the symbol and one statement.
    long: usize,
    /// Cores in which a choice or a text matters.
    wholes: usize,
}

#[test]
fn random_trees_are_explained_truly() {
    let mut counts = Counts::default();
    for behaviour in [Behaviour::NEW, Behaviour::OLD] {
        for seed in 1..=TREES {
            let form = behaviour.choices;
            let text = generate::generate(seed, form).text;
            let model = model(&text, behaviour);
            // There an answer may rest on an order of computation that conf does not choose.
            if model.cycles().is_empty() && !model.has_tristate_before_modules {
                examine(&text, seed, form, &mut counts);
            }
        }
    }
    println!("{counts:?}");
    assert!(counts.possible > 500, "{counts:?}");
    assert!(counts.impossible > 500, "{counts:?}");
    assert!(counts.long > 200, "{counts:?}");
    assert!(counts.wholes > 10, "{counts:?}");
}

/// Asks about every symbol of a tree, alone and with conditions on another.
fn examine(text: &str, seed: u64, form: ChoiceForm, counts: &mut Counts) {
    let behaviour = match form {
        ChoiceForm::New => Behaviour::NEW,
        ChoiceForm::Old => Behaviour::OLD,
    };
    let names: Vec<String> = {
        let model = model(text, behaviour);
        let logical = model.symbol_ids().filter(|(_, symbol)| {
            symbol.is_defined() && symbol.ty.is_logical() && symbol.name.is_some()
        });
        logical.map(|(id, _)| model.name(id).to_owned()).collect()
    };
    let mut random = generate::Random::new(seed);
    for name in &names {
        let other = random.pick(&names);
        let third = random.pick(&names);
        let conditions = [
            "y".to_owned(),
            format!("!{other}"),
            format!("{other} = n"),
            format!("{other} && !{third}"),
            format!("{name} = m || {other} = n && {third}"),
        ];
        for condition in conditions {
            let mut model = model(text, behaviour);
            let required = Requirement::parse(&condition).expect("an expression");
            let required = required.add_to(&mut model);
            let target = model.symbol_named(name).expect("a symbol");
            let mut asked = vec![model.exprs.symbol(target)];
            asked.extend(model.exprs.conjuncts(required));
            let question = format!("seed {seed} {form:?}: {name} while {condition}\n{text}");
            ask(Arc::new(model), target, &asked, &question, counts);
        }
    }
}

fn ask(model: Arc<Model>, target: SymbolId, asked: &[ExprId], question: &str, counts: &mut Counts) {
    let mut theory = Theory::new(model.clone());
    let bits: Vec<_> = asked.iter().map(|term| theory.expr(*term).on).collect();
    let core = logic::core(&model, &[target], asked, &|_| false, Effort::DEFAULT);
    match theory.solve(&bits).expect("within the effort") {
        Some(inputs) => {
            counts.possible += 1;
            assert_eq!(core, None, "{question}");
            let mut holds = |evaluator: &mut Evaluator<'_>| all(evaluator, asked);
            let found = Configuration::replay(&model, &inputs, &mut holds).expect(question);
            let found = minimize(&model, found, &mut holds);
            check_steps(&model, &found, asked, question);
        }
        None => {
            counts.impossible += 1;
            let core = core.expect(question);
            counts.long += usize::from(core.parts.len() > 1);
            counts.wholes += usize::from(!core.wholes.is_empty());
            check_core(&model, &core, question);
            let told = logic::tell(&model, target, &core);
            assert!(!told.is_empty() || core.parts.is_empty(), "{question}");
        }
    }
}

/// A contradiction, of which no element can go.
fn check_core(model: &Model, core: &Core, question: &str) {
    assert!(logic::escape(model, core, None).is_none(), "{question}");
    let count = core.asked.len() + core.parts.len() + core.wholes.len();
    assert!(count > 0, "{question}");
    for at in 0..count {
        let escape = logic::escape(model, core, Some(at));
        let escape = escape.unwrap_or_else(|| panic!("{at} of {core:?} can go: {question}"));
        let mut holds = |evaluator: &mut Evaluator<'_>| all(evaluator, &escape.held);
        let replayed = Configuration::replay(&escape.model, &escape.inputs, &mut holds);
        assert!(replayed.is_some(), "{at} of {core:?}: {question}");
    }
}

/// Every setting is told, and every value that is told is the one that it has.
fn check_steps(model: &Model, found: &Configuration, asked: &[ExprId], question: &str) {
    let reasons = logic::steps(model, found, asked);
    let mut evaluator = Evaluator::new(model, found.inputs());
    let mut told = BTreeSet::new();
    for reason in &reasons {
        let Fact::Is { value, why } = &reason.fact else {
            panic!("{reason:?}: {question}");
        };
        assert!(
            told.insert(reason.symbols[0].clone()),
            "{reason:?}: {question}"
        );
        let id = model.symbol_named(&reason.symbols[0]).expect(question);
        let computed = evaluator.symbol(id);
        let text = match why {
            Why::Undefined => "n",
            _ => computed.text.as_str(),
        };
        assert_eq!(value.trim_matches('"'), text, "{reason:?}: {question}");
        let given = found.inputs().user.get(&id);
        check_why(&mut evaluator, id, why, given, reason, question);
    }
    for id in found.inputs().user.keys() {
        assert!(told.contains(model.name(*id)), "{question}");
    }
}

fn check_why(
    evaluator: &mut Evaluator<'_>,
    id: SymbolId,
    why: &Why,
    given: Option<&UserValue>,
    reason: &Reason,
    question: &str,
) {
    let computed = evaluator.symbol(id);
    let fine = match why {
        Why::Set | Why::Capped => given.is_some(),
        Why::Selected(_) => computed.reverse >= computed.value,
        Why::Default(_) | Why::Environment(_) | Why::Implied(_) => {
            given.is_none() || computed.visible == Tristate::No
        }
        Why::Unset | Why::Nothing | Why::Needs(_) | Why::Other => computed.value == Tristate::No,
        Why::Chosen | Why::Undefined => true,
    };
    assert!(fine, "{reason:?} {computed:?} {given:?}: {question}");
}

fn all(evaluator: &mut Evaluator<'_>, exprs: &[ExprId]) -> bool {
    exprs
        .iter()
        .all(|expr| evaluator.expr(*expr) != Tristate::No)
}

/// The model of a tree that is this one file.
fn model(text: &str, behaviour: Behaviour) -> Model {
    let nothing = Arc::new(WorkTree::new("/nonexistent"));
    let reader = Overlay::new(nothing).with("Kconfig", text.as_bytes());
    let loader = Loader::new(Arc::new(Files::new(reader)));
    let architecture = Architecture {
        name: String::new(),
        environment: BTreeMap::new(),
    };
    let project = Project {
        kind: Kind::Linux,
        root_file: "Kconfig".to_owned(),
        architectures: vec![architecture],
        prefix: "CONFIG_".to_owned(),
        behaviour,
        grammar: kconfig_lint::tree::Grammar::ALL,
        is_whole: true,
        dollar_variables: false,
        macros: true,
        scripts: Default::default(),
        settings: None,
    };
    let menu = elaborate(
        &loader,
        &project,
        &project.architectures[0],
        &Toolchain::default(),
    );
    Model::new(Arc::new(menu.expect("a root file")), behaviour)
}
