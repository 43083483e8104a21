// SPDX-License-Identifier: MIT OR Apache-2.0
//! What decides a configuration of a small tree, and how a user writes it down. Owns the values
//! that are tried; more than a tree can tell apart.

use std::fmt::Write;

use kconfig_lint::logic::{Evaluator, Inputs, UserValue};
use kconfig_lint::menu::command::{CommandId, TestId};
use kconfig_lint::model::{Model, SymbolId, Tristate, ValueType};
use kconfig_lint::source::Name;

/// Something that decides a configuration.
pub(crate) enum Free {
    /// The user, with these values.
    User(SymbolId, Vec<UserValue>),
    /// A test without a certain meaning.
    Test(TestId),
    /// What a command prints.
    Command(CommandId, &'static [&'static str]),
}

impl Free {
    /// Takes the value of this number.
    pub(crate) fn decide(&self, digit: usize, inputs: &mut Inputs) {
        match self {
            Free::User(id, values) => {
                inputs.user.insert(*id, values[digit]);
            }
            // Not deciding is failing, so there is one way to decide.
            Free::Test(id) => {
                inputs.tests.insert(*id, digit == 0);
            }
            Free::Command(id, texts) => {
                inputs.outputs.insert(*id, Name::new(texts[digit]));
            }
        }
    }
}

/// What decides a configuration of this tree, each with the number of its values beside none.
pub(crate) fn free_inputs(model: &Model) -> Vec<(Free, usize)> {
    let mut all = Vec::new();
    for (id, symbol) in model.symbol_ids() {
        let may_set = !symbol.prompts.is_empty() || symbol.transitional;
        if may_set && symbol.choice.is_none() {
            let values = user_values(symbol.ty);
            let count = values.len();
            all.push((Free::User(id, values), count));
        }
    }
    for (at, test) in model.menu.commands.tests.iter().enumerate() {
        if test.meaning.is_none() {
            all.push((Free::Test(TestId(at as u32)), 1));
        }
    }
    for (at, command) in model.menu.commands.commands.iter().enumerate() {
        // `generate` names its commands and variables after what they print.
        let text = model.menu.commands.describe(&command.text);
        let texts: &[&str] = match command.variable {
            _ if text.contains("number") || text.contains("NUMBER") => &["0", "1", "3", "5", "11"],
            None => &["a", "b", "3", "y"],
            Some(_) => &["a", "b", "3", "y", "m"],
        };
        all.push((Free::Command(CommandId(at as u32), texts), texts.len()));
    }
    all
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
pub(crate) fn without_discarded(model: &Model, inputs: &Inputs) -> Option<Inputs> {
    if model.behaviour.clamp_user_values {
        return None;
    }
    let mut evaluator = Evaluator::new(model, inputs);
    let mut fewer = inputs.clone();
    for (id, value) in &inputs.user {
        let computed = evaluator.symbol(*id);
        let counts = matches!(value, UserValue::Logical(_)) || model.moves_into_range(*id);
        if counts || computed.visible == Tristate::No {
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
