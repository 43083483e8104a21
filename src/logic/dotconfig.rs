// SPDX-License-Identifier: MIT OR Apache-2.0
//! A configuration as the lines of a `.config` (confdata.c, `conf_write` and `__print_symbol`).
//!
//! Values come from the evaluator; nothing here decides one, and nothing here writes a file.

use std::collections::BTreeMap;

use super::evaluate::{Evaluator, Inputs, UserValue};
use crate::menu::NodeId;
use crate::model::{DefaultValue, Model, SymbolId, Tristate, ValueType};
use crate::source::Name;
use crate::tree::ChoiceForm;

/// The line that gives a symbol a value, with its new line. `prefix` is what stands before
/// names, as `CONFIG_`.
pub fn assignment(prefix: &str, name: &str, ty: ValueType, text: &str) -> String {
    match ty {
        ValueType::Bool | ValueType::Tristate if text == "n" => {
            format!("# {prefix}{name} is not set\n")
        }
        ValueType::String => format!("{prefix}{name}=\"{}\"\n", escaped(text)),
        _ => format!("{prefix}{name}={text}\n"),
    }
}

/// symbol.c, `sym_escape_string_value`.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '"' | '\\') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

/// The user's values as inputs of this model. Names that it does not define are left out, as
/// conf leaves them out when it reads a `.config`.
pub fn user_values(
    model: &Model,
    config: &BTreeMap<String, String>,
) -> impl Iterator<Item = (SymbolId, UserValue)> {
    config.iter().filter_map(|(name, text)| {
        let id = model.symbol_named(name)?;
        let value = match model.symbol(id).ty {
            ValueType::Unknown => return None,
            ValueType::Bool | ValueType::Tristate => UserValue::Logical(Tristate::from_word(text)?),
            _ => UserValue::Text(Name::new(text)),
        };
        Some((id, value))
    })
}

/// Only these values, as a fragment for KCONFIG_ALLCONFIG. Members of a choice come last, in the
/// choice's order: of an old choice conf reads a y and then an m otherwise than an m and then a y.
pub fn fragment(model: &Model, prefix: &str, config: &BTreeMap<String, String>) -> String {
    let place = |name: &String| {
        let id = model.symbol_named(name)?;
        let choice = model.symbol(id).member_of?;
        let members = &model.choice(choice).members;
        Some((choice, members.iter().position(|member| *member == id)))
    };
    let mut values: Vec<_> = config.iter().collect();
    values.sort_by_key(|(name, _)| place(name));
    let line = |(name, text): (&String, &String)| {
        let ty = model
            .symbol_named(name)
            .map_or(ValueType::Unknown, |id| model.symbol(id).ty);
        assignment(prefix, name, ty, text)
    };
    values.into_iter().map(line).collect()
}

/// Every line that conf would write, in its order, without its headings. The model must have no
/// cycle.
pub fn dot_config(model: &Model, prefix: &str, inputs: &Inputs) -> String {
    let mut evaluator = Evaluator::new(model, inputs);
    let mut symbols: Vec<(NodeId, SymbolId, &'static str)> = model
        .symbol_ids()
        .filter(|(_, symbol)| symbol.choice.is_none() && symbol.ty != ValueType::Unknown)
        .filter_map(|(id, symbol)| {
            let first = symbol.definitions.first()?;
            Some((first.node, id, symbol.name?.as_str()))
        })
        .collect();
    symbols.sort();
    let mut text = String::new();
    for (_, id, name) in symbols {
        let computed = evaluator.symbol(id);
        if evaluator.is_written(id) {
            let ty = model.symbol(id).ty;
            text.push_str(&assignment(prefix, name, ty, computed.text.as_str()));
        }
    }
    text
}

impl Evaluator<'_> {
    /// Whether `.config` gets a line for a symbol (symbol.c, `sym_calc_value`, SYMBOL_WRITE). A
    /// transitional symbol is read and never written, one of the environment neither.
    fn is_written(&mut self, id: SymbolId) -> bool {
        let model = self.model;
        let symbol = model.symbol(id);
        if symbol.transitional || symbol.from_environment {
            return false;
        }
        if self.symbol(id).visible != Tristate::No {
            return true;
        }
        if !symbol.ty.is_logical() {
            return symbol
                .defaults
                .iter()
                .find(|default| self.expr(default.condition) != Tristate::No)
                .is_some_and(|default| !matches!(default.value, DefaultValue::Invalid(_)));
        }
        if symbol.member_of.is_some() && model.behaviour.choices == ChoiceForm::New {
            return false;
        }
        let is_kconfiglib = model.behaviour.is_kconfiglib();
        if symbol.member_of.is_some() && is_kconfiglib {
            return false;
        }
        let (direct, reverse, mut implied) = self.dependencies(id);
        if is_kconfiglib && direct == Tristate::No {
            implied = Tristate::No;
        }
        reverse != Tristate::No || implied != Tristate::No || self.default(id) != Tristate::No
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_conf() {
        let line = |ty, text| assignment("CONFIG_", "A", ty, text);
        assert_eq!(line(ValueType::Tristate, "m"), "CONFIG_A=m\n");
        assert_eq!(line(ValueType::Bool, "n"), "# CONFIG_A is not set\n");
        assert_eq!(line(ValueType::Int, "-3"), "CONFIG_A=-3\n");
        assert_eq!(line(ValueType::Hex, "0x1f"), "CONFIG_A=0x1f\n");
        assert_eq!(
            line(ValueType::String, r#"a "b" \c"#),
            "CONFIG_A=\"a \\\"b\\\" \\\\c\"\n"
        );
        assert_eq!(
            assignment("", "A", ValueType::String, "n"),
            "A=\"n\"\n",
            "the n of a string is a value"
        );
    }
}
