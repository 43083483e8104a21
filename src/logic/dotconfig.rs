// SPDX-License-Identifier: MIT OR Apache-2.0
//! A configuration as the lines of a `.config` (confdata.c, `conf_write` and `__print_symbol`).
//!
//! Values come from the evaluator; nothing here decides one, and nothing here writes a file.

use std::collections::BTreeMap;

use super::evaluate::{Evaluator, Inputs, UserValue};
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

/// The values of a `.config` or a defconfig, by name without the prefix (confdata.c, `conf_read_simple`). The last
/// line of a symbol counts. Lines of another form are left out.
pub fn read_config(prefix: &str, text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for line in text.lines() {
        let unset = line.strip_prefix("# ");
        let unset = unset.and_then(|it| it.trim_end().strip_suffix(" is not set"));
        let pair = match unset {
            Some(name) => Some((name, "n".to_owned())),
            None => line
                .split_once('=')
                .map(|(name, text)| (name, unquoted(text))),
        };
        if let Some((name, value)) = pair {
            if let Some(name) = name.strip_prefix(prefix) {
                found.insert(name.to_owned(), value);
            }
        }
    }
    found
}

/// The value that a text behind `=` stands for: what is in quotes, without them and their backslashes, or all of it.
pub fn unquoted(text: &str) -> String {
    let Some(inside) = text.strip_prefix('"') else {
        return text.trim_end().to_owned();
    };
    let mut found = String::new();
    let mut letters = inside.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => break,
            '\\' => found.extend(letters.next()),
            letter => found.push(letter),
        }
    }
    found
}

/// Every line that conf would write, in its order, without its headings. The model must have no
/// cycle.
pub fn dot_config(model: &Model, prefix: &str, inputs: &Inputs) -> String {
    let mut values = written_values(model, inputs);
    values.sort_by_key(|(id, _)| {
        let first = model.symbol(*id).definitions.first();
        (first.map(|definition| definition.node), *id)
    });
    let line = |(id, text): (SymbolId, Name)| {
        let symbol = model.symbol(id);
        let name = symbol.name.map_or("", Name::as_str);
        assignment(prefix, name, symbol.ty, text.as_str())
    };
    values.into_iter().map(line).collect()
}

/// The symbols that conf would write a line for, each with its value. The model must have no cycle.
pub fn written_values(model: &Model, inputs: &Inputs) -> Vec<(SymbolId, Name)> {
    let mut evaluator = Evaluator::new(model, inputs);
    let symbols = model.symbol_ids().filter(|(_, symbol)| {
        let has_line = symbol.choice.is_none() && symbol.ty != ValueType::Unknown;
        has_line && symbol.is_defined() && symbol.name.is_some()
    });
    let written = symbols.filter_map(|(id, _)| {
        let computed = evaluator.symbol(id);
        evaluator.is_written(id).then_some((id, computed.text))
    });
    written.collect()
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
        if model.behaviour.loose_imply && direct == Tristate::No {
            implied = Tristate::No;
        }
        reverse != Tristate::No || implied != Tristate::No || self.default(id) != Tristate::No
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_a_symbol_counts() {
        let text =
            "CONFIG_A=y\n# CONFIG_A is not set\nCONFIG_B=\"a \\\"b\\\"\"\nOTHER=y\n#CONFIG_C=y\n";
        let found = read_config("CONFIG_", text);
        let expected = [("A", "n"), ("B", "a \"b\"")];
        let expected = expected.map(|(name, text)| (name.to_owned(), text.to_owned()));
        assert_eq!(found, BTreeMap::from(expected));
    }

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
