// SPDX-License-Identifier: MIT OR Apache-2.0
//! From the solver's answer to a configuration that a person can load: replayed, made small,
//! and put into words.

use std::collections::{BTreeMap, BTreeSet};

use super::domain::{Domains, Source};
use super::evaluate::{Evaluator, Inputs, UserValue};
use super::evaluate_text::tools_exist;
use crate::diagnostic::Witness;
use crate::menu::command::{CommandId, Commands, Form, Output, TestId, Tool};
use crate::model::{Model, SymbolId, Tristate};
use crate::source::Name;
use crate::tree::ChoiceForm;

/// Inputs for which `holds` was seen to be true.
#[derive(Clone, Debug)]
pub struct Configuration {
    inputs: Inputs,
}

impl Configuration {
    /// Replays `inputs` with the evaluator; `None` when the property does not hold, or the
    /// tree would refuse the toolchain (`error-if`). Only what was looked at is kept.
    pub fn replay(
        model: &Model,
        inputs: &Inputs,
        holds: &mut dyn FnMut(&mut Evaluator<'_>) -> bool,
    ) -> Option<Configuration> {
        let mut evaluator = Evaluator::new(model, inputs);
        if !holds(&mut evaluator) || !toolchain_is_accepted(model, &mut evaluator) {
            return None;
        }
        Some(Configuration {
            inputs: evaluator.used_inputs(),
        })
    }

    /// What the user and the toolchain decide.
    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }
}

/// Whether the tree takes what commands print and variables hold.
pub(super) fn toolchain_is_accepted(model: &Model, evaluator: &mut Evaluator<'_>) -> bool {
    if !tools_exist(model, evaluator.inputs) {
        return false;
    }
    let architecture = evaluator.inputs.architecture;
    let here = model.menu.assumptions.iter();
    let mut here = here.filter(|assumption| assumption.on.contains(architecture));
    here.all(|assumption| evaluator.output(&assumption.never_yes) != "y")
}

/// Inputs looked at in all tries. Real configurations take up to 1,000; a made-up one stays
/// larger than it could be.
const MOST_WORK: usize = 20_000;

/// The same with as few inputs as it takes: each that is left is needed while the others stay.
pub fn minimize(
    model: &Model,
    configuration: Configuration,
    holds: &mut dyn FnMut(&mut Evaluator<'_>) -> bool,
) -> Configuration {
    let mut best = configuration;
    let mut left = parts(model, &best);
    let mut chunk = left.len().div_ceil(2).max(1);
    let mut work = 0;
    loop {
        let mut at = 0;
        let mut removed = false;
        while at < left.len() && work < MOST_WORK {
            work += left.len();
            let mut fewer = best.inputs.clone();
            for part in left.iter().skip(at).take(chunk) {
                part.remove(&mut fewer);
            }
            match Configuration::replay(model, &fewer, holds) {
                Some(smaller) => {
                    best = smaller;
                    left.retain(|part| part.is_in(&best.inputs));
                    removed = true;
                }
                None => at += chunk,
            }
        }
        if chunk == 1 && !removed || work >= MOST_WORK {
            break;
        }
        if chunk > 1 {
            chunk = chunk.div_ceil(2);
        }
    }
    let best = prefer_yes(model, best, holds);
    let best = prefer_old(model, best, holds);
    complete_choices(model, best, holds)
}

/// y for m wherever that shows the same: it is what a person tries first, and needs no MODULES.
fn prefer_yes(
    model: &Model,
    mut best: Configuration,
    holds: &mut dyn FnMut(&mut Evaluator<'_>) -> bool,
) -> Configuration {
    let module = UserValue::Logical(Tristate::Module);
    let inputs = best.inputs.user.iter();
    let mut modules: Vec<SymbolId> = inputs
        .filter(|(_, value)| **value == module)
        .map(|(id, _)| *id)
        .collect();
    modules.sort();
    for id in modules {
        let mut other = best.inputs.clone();
        other.user.insert(id, UserValue::Logical(Tristate::Yes));
        if let Some(configuration) = Configuration::replay(model, &other, holds) {
            best = configuration;
        }
    }
    best
}

/// The oldest tool that shows the same, of the name that the tree's script prints first: its version
/// is one that exists, where the neighbour of a version that is compared with need not be.
fn prefer_old(
    model: &Model,
    mut best: Configuration,
    holds: &mut dyn FnMut(&mut Evaluator<'_>) -> bool,
) -> Configuration {
    let commands = &model.menu.commands;
    let asked = best.inputs.outputs.keys().copied();
    let mut asked: Vec<CommandId> = asked
        .filter(|id| commands.tools_of(*id).is_some())
        .collect();
    asked.sort();
    let mut domains = None;
    for id in asked {
        let oldest = commands.tools_of(id).into_iter().flatten();
        let oldest = oldest.map(|tool| Name::new(&tool.versions.printed(tool.versions.least)));
        // Which version in between does is asked only where none of the oldest does.
        let others = std::iter::once_with(|| {
            let domains = domains.get_or_insert_with(|| Domains::new(model));
            by_age(commands, id, domains)
        });
        for text in oldest.chain(others.flatten()) {
            let mut other = best.inputs.clone();
            other.outputs.insert(id, text);
            if let Some(configuration) = Configuration::replay(model, &other, holds) {
                best = configuration;
                break;
            }
        }
    }
    best
}

/// What a command prints about each of these tools in its oldest version and in one that is newer
/// than any that a tree speaks of.
fn oldest_and_newest(tools: &[Tool]) -> Vec<Name> {
    const NEWEST: u64 = 999_999_999;
    let versions = tools.iter().map(|tool| &tool.versions);
    let both = versions.flat_map(|it| [it.least, it.most.min(NEWEST)].map(|at| it.printed(at)));
    both.map(|text| Name::new(&text)).collect()
}

/// What a command can print about its tools, the oldest version of each first.
fn by_age(commands: &Commands, id: CommandId, domains: &Domains) -> Vec<Name> {
    let tools = commands.tools_of(id).unwrap_or_default();
    let mut texts = domains.of(&Source::Output(Output::Command(id)));
    texts.sort_by_cached_key(|text| {
        let (name, version) = text.as_str().split_once(' ').unwrap_or_default();
        let at = tools.iter().position(|tool| tool.versions.name == name);
        (at.is_none(), at, version.parse::<u64>().ok())
    });
    texts
}

enum Part {
    User(SymbolId),
    Test(TestId),
    Output(CommandId),
}

impl Part {
    fn remove(&self, inputs: &mut Inputs) {
        match self {
            Part::User(id) => drop(inputs.user.remove(id)),
            Part::Test(id) => drop(inputs.tests.remove(id)),
            Part::Output(id) => drop(inputs.outputs.remove(id)),
        }
    }

    fn is_in(&self, inputs: &Inputs) -> bool {
        match self {
            Part::User(id) => inputs.user.contains_key(id),
            Part::Test(id) => inputs.tests.contains_key(id),
            Part::Output(id) => inputs.outputs.contains_key(id),
        }
    }
}

/// In a fixed order: the toolchain's answers first, then what the user sets to n, then the
/// rest by name.
fn parts(model: &Model, configuration: &Configuration) -> Vec<Part> {
    let inputs = &configuration.inputs;
    let mut tests: Vec<TestId> = inputs.tests.keys().copied().collect();
    tests.sort();
    let mut outputs: Vec<CommandId> = inputs.outputs.keys().copied().collect();
    outputs.sort();
    let mut user: Vec<(bool, SymbolId)> = inputs
        .user
        .iter()
        .map(|(id, value)| (*value != UserValue::Logical(Tristate::No), *id))
        .collect();
    user.sort_by_key(|(set, id)| (*set, std::cmp::Reverse(model.symbol(*id).name), *id));
    let tests = tests.into_iter().map(Part::Test);
    let outputs = outputs.into_iter().map(Part::Output);
    tests
        .chain(outputs)
        .chain(user.into_iter().map(|(_, id)| Part::User(id)))
        .collect()
}

/// An old choice of which some member has a value forgets its mode unless every visible
/// member has one (symbol.c of 6.1, `sym_calc_choice`): the others get n.
fn complete_choices(
    model: &Model,
    configuration: Configuration,
    holds: &mut dyn FnMut(&mut Evaluator<'_>) -> bool,
) -> Configuration {
    if model.behaviour.choices == ChoiceForm::New {
        return configuration;
    }
    let mut inputs = configuration.inputs.clone();
    for choice in &model.choices {
        if choice
            .members
            .iter()
            .any(|member| inputs.user.contains_key(member))
        {
            for member in &choice.members {
                inputs
                    .user
                    .entry(*member)
                    .or_insert(UserValue::Logical(Tristate::No));
            }
        }
    }
    match Configuration::replay(model, &inputs, holds) {
        Some(_) => Configuration { inputs },
        None => configuration,
    }
}

/// Answers of the toolchain without which a configuration would not show what it shows, each while
/// the others stay.
pub struct Needs {
    /// Tests without a certain meaning, and whether they succeed.
    pub tests: Vec<(TestId, bool)>,
    /// Commands, and variables of the environment.
    pub commands: Vec<CommandId>,
}

/// The answers that these inputs need.
pub fn needs(
    model: &Model,
    inputs: &Inputs,
    holds: &mut dyn FnMut(&mut Evaluator<'_>) -> bool,
) -> Needs {
    let mut evaluator = Evaluator::new(model, inputs);
    holds(&mut evaluator);
    // A variable that the tree insists on is needed too.
    toolchain_is_accepted(model, &mut evaluator);
    let tests: Vec<TestId> = evaluator.asked_tests().collect();
    let commands: Vec<CommandId> = evaluator.asked_commands().collect();
    let tests: Vec<TestId> = tests
        .into_iter()
        .filter(|id| {
            if model.menu.commands.tests[id.0 as usize].meaning.is_some() {
                return false; // the commands inside it are told
            }
            let mut other = inputs.clone();
            other.tests.insert(*id, !evaluator.test(*id));
            !holds(&mut Evaluator::new(model, &other))
        })
        .collect();
    let mut domains = None;
    let commands: Vec<CommandId> = commands
        .into_iter()
        .filter(|id| {
            let mut others = OTHER_OUTPUTS.map(Name::new).to_vec();
            match &model.menu.commands.commands[id.0 as usize].form {
                Some(Form::Word { .. }) => return false, // the command inside it is told
                Some(Form::Tools(tools)) => others = oldest_and_newest(tools),
                None => {}
            }
            if model.menu.commands.variable_of(*id).is_some() {
                // What is set is needed, or a word would be missing: the rest was taken away.
                if inputs.outputs.contains_key(id) {
                    return true;
                }
                let domains = domains.get_or_insert_with(|| Domains::new(model));
                others.extend(domains.of(&Source::Output(Output::Command(*id))));
            }
            others.into_iter().any(|text| {
                let mut other = inputs.clone();
                other.outputs.insert(*id, text);
                !holds(&mut Evaluator::new(model, &other))
            })
        })
        .collect();
    let tests = tests.into_iter().map(|id| (id, evaluator.test(id)));
    Needs {
        tests: tests.collect(),
        commands,
    }
}

/// The configuration as names and texts. The toolchain's answers are those without which it
/// would not show what it shows.
///
/// # Errors
/// When one command would have to print two things.
pub fn to_witness(
    model: &Model,
    architecture: &str,
    configuration: &Configuration,
    holds: &mut dyn FnMut(&mut Evaluator<'_>) -> bool,
) -> Result<Witness, String> {
    let inputs = &configuration.inputs;
    let mut evaluator = Evaluator::new(model, inputs);
    holds(&mut evaluator);
    // A variable that the tree insists on is needed too.
    toolchain_is_accepted(model, &mut evaluator);
    let Needs { tests, commands } = needs(model, inputs, holds);
    let tests: Vec<TestId> = tests.into_iter().map(|(id, _)| id).collect();
    let commands = with_inner_commands(model, &mut evaluator, &tests, commands);
    let commands = with_words(model, &evaluator, commands);
    let (variables, commands): (Vec<_>, Vec<_>) = commands
        .into_iter()
        .partition(|id| model.menu.commands.variable_of(*id).is_some());
    let environment = variables.into_iter().filter_map(|id| {
        let name = model.menu.commands.variable_of(id)?.as_str().to_owned();
        Some((name, evaluator.output(&Output::Command(id))))
    });
    let environment = environment.collect();
    let config = inputs.user.iter().map(|(id, value)| {
        let text = match value {
            UserValue::Logical(value) => value.word(),
            UserValue::Text(text) => text.as_str(),
        };
        (model.name(*id).to_owned(), text.to_owned())
    });
    Ok(Witness {
        architecture: architecture.to_owned(),
        config: config.collect(),
        environment,
        toolchain: answers(&mut evaluator, model, &tests, &commands)?,
        answers: all_answers(model, inputs)?,
        highlights: Vec::new(),
    })
}

/// The commands, and those whose output stands in their texts and in those of the tests: a
/// text is only what would be run when the answers inside it are known too. A variable inside a
/// text counts only where it is set.
fn with_inner_commands(
    model: &Model,
    evaluator: &mut Evaluator<'_>,
    tests: &[TestId],
    commands: Vec<CommandId>,
) -> Vec<CommandId> {
    let known = &model.menu.commands;
    let mut all: BTreeSet<CommandId> = BTreeSet::new();
    let mut texts: Vec<&Output> = Vec::new();
    let mut open = commands;
    texts.extend(tests.iter().map(|id| &known.tests[id.0 as usize].text));
    loop {
        while let Some(text) = texts.pop() {
            match text {
                Output::Text(_) => {}
                Output::Command(id) => {
                    let is_variable = known.variable_of(*id).is_some();
                    if !is_variable || !evaluator.output(text).is_empty() {
                        open.push(*id);
                    }
                }
                Output::Either {
                    success, failure, ..
                } => texts.extend([&**success, &**failure]),
                Output::Joined(pieces) => texts.extend(pieces),
            }
        }
        let Some(id) = open.pop() else { break };
        if all.insert(id) {
            texts.push(&known.commands[id.0 as usize].text);
        }
    }
    all.into_iter().collect()
}

/// The commands, and those that were asked for words of what these print.
fn with_words(
    model: &Model,
    evaluator: &Evaluator<'_>,
    mut commands: Vec<CommandId>,
) -> Vec<CommandId> {
    let words = evaluator.asked_commands().filter(|id| {
        let form = &model.menu.commands.commands[id.0 as usize].form;
        matches!(form, Some(Form::Word { of, .. }) if commands.contains(of))
    });
    let words: Vec<CommandId> = words.collect();
    commands.extend(words);
    commands
}

/// Outputs to try in place of a command's, to see whether it matters.
const OTHER_OUTPUTS: [&str; 3] = ["0", "other", "999999999"];

/// What every command of the tree prints under a configuration, and what every variable of the
/// environment holds that nothing fixes: enough to run conf on it without running a command.
///
/// # Errors
/// When one command would have to print two things: commands that the model keeps apart can
/// have the same text once the outputs inside them are known.
pub fn all_answers(model: &Model, inputs: &Inputs) -> Result<BTreeMap<String, String>, String> {
    let mut evaluator = Evaluator::new(model, inputs);
    let commands = &model.menu.commands;
    let tests: Vec<TestId> = (0..commands.tests.len() as u32).map(TestId).collect();
    let commands: Vec<CommandId> = (0..commands.commands.len() as u32).map(CommandId).collect();
    answers(&mut evaluator, model, &tests, &commands)
}

fn answers(
    evaluator: &mut Evaluator<'_>,
    model: &Model,
    tests: &[TestId],
    commands: &[CommandId],
) -> Result<BTreeMap<String, String>, String> {
    let known = &model.menu.commands;
    let mut pairs = Vec::new();
    for id in tests {
        let succeeds = evaluator.test(*id);
        for command in &known.tests[id.0 as usize].commands {
            let answer = if succeeds {
                &command.success
            } else {
                &command.failure
            };
            pairs.push((evaluator.output(&command.text), evaluator.output(answer)));
        }
    }
    for id in commands {
        let text = evaluator.output(&known.commands[id.0 as usize].text);
        pairs.push((text, evaluator.output(&Output::Command(*id))));
    }
    let mut answers = BTreeMap::new();
    for (text, answer) in pairs {
        if let Some(other) = answers.insert(text.clone(), answer.clone()) {
            if other != answer {
                return Err(format!("`{text}` would print `{other}` and `{answer}`"));
            }
        }
    }
    Ok(answers)
}
