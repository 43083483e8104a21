// SPDX-License-Identifier: MIT OR Apache-2.0
//! invalid-default: a default that the symbol cannot take.

use super::scope::{Findings, Meant, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Label, Level};
use crate::logic::text;
use crate::model::ValueType;
use crate::source::Span;
use crate::syntax::ast::{Atom, AttributeKind, ExprId, ExprKind};
use crate::tree::ArchSet;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "invalid-default",
    group: Group::Correctness,
    level: Level::Warn,
    stage: Stage::Model,
    check: Check::Entry(check),
    fixable: false,
    since: "0.1.0",
    summary: "a default is no value of its symbol's type",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports

- a default of an int or a hex that is neither a number of that kind nor another int or hex (menu.c,
  `sym_check_prop`: "number is invalid"),
- an expression as the default of an int, a hex or a string ("must be a single symbol"),
- a number or a text other than `y`, `m` and `n` as the default of a bool or a tristate,
- a number outside of the range that the same entry states.

## Why is this bad

Kconfig does not take the default: the symbol is n, empty, or moved into its range, and nobody is told.

## Example

```kconfig,bad
config BUFFERS
	int "Buffers"
	default many
```

```kconfig,bad
config USB_PANEL
	bool "USB panel"
	default 1
```

## Use instead

```kconfig,good
config BUFFERS
	int "Buffers"
	default 4

config USB_PANEL
	bool "USB panel"
	default y
```
"#;

fn check(scope: &Scope<'_>, entry: &MenuEntry<'_>, findings: &mut Findings) {
    let owners = scope.owners(entry);
    for attribute in entry.attributes {
        let (AttributeKind::Default { value, .. } | AttributeKind::TypedDefault { value, .. }) =
            attribute.kind
        else {
            continue;
        };
        for (id, on) in &owners {
            let (ty, name) = (scope.model.symbol(*id).ty, scope.model.name(*id));
            let default = Default {
                scope,
                entry,
                value,
                ty,
                on: *on,
            };
            for wrong in default.wrong(name) {
                let place = entry.span(attribute.range);
                let finding = findings.report(place, wrong.on, Some(name), wrong.message);
                let label = wrong.place.map(|(span, words)| Label::new(span, words));
                finding.labels.extend(label);
            }
        }
    }
}

/// A default of a symbol of this type, on these architectures.
struct Default<'a> {
    scope: &'a Scope<'a>,
    entry: &'a MenuEntry<'a>,
    value: ExprId,
    ty: ValueType,
    on: ArchSet,
}

/// What is wrong with it, and a place that shows it.
struct Wrong {
    on: ArchSet,
    message: String,
    place: Option<(Span, &'static str)>,
}

impl Default<'_> {
    fn wrong(&self, name: &str) -> Vec<Wrong> {
        let wrong = |on: ArchSet, message: String| Wrong {
            on,
            message,
            place: None,
        };
        let atom = match self.entry.ast.expr(self.value).kind {
            ExprKind::Atom(atom) => atom,
            _ if self.ty.is_logical() || self.ty == ValueType::Unknown => return Vec::new(),
            _ => {
                let message = format!("the default of {name} has to be one symbol or one constant");
                return vec![wrong(self.on, message)];
            }
        };
        let mut found = Vec::new();
        match self.ty {
            ValueType::Int | ValueType::Hex => {
                let kind = match self.ty {
                    ValueType::Int => "an int",
                    _ => "a hex",
                };
                for (text, on) in not_numbers(self.scope, self.entry, atom, self.ty) {
                    let message = format!("{text} is no value of {name}, which is {kind}");
                    found.push(wrong(on & self.on, message));
                }
                found.extend(self.out_of_range(atom, name));
            }
            ValueType::Bool | ValueType::Tristate => {
                for (meant, on) in self.scope.meant(self.entry, atom) {
                    let Meant::Text(text) = meant else { continue };
                    let text = text.as_str();
                    if matches!(text, "y" | "m" | "n") || !self.is_certainly_a_text(atom, text) {
                        continue;
                    }
                    let what = "which is y, m or n: it counts as n";
                    let message = format!("\"{text}\" is no value of {name}, {what}");
                    found.push(wrong(on & self.on, message));
                }
            }
            ValueType::String | ValueType::Unknown => {}
        }
        found.retain(|wrong| !wrong.on.is_empty());
        found
    }

    /// Whether a word is a number or stands in quotes; other names are `undefined-symbol`'s affair.
    fn is_certainly_a_text(&self, atom: Atom, text: &str) -> bool {
        let words = self.entry.ast.words_of(atom);
        let is_number = text.starts_with(|it: char| it.is_ascii_digit());
        let is_symbol = self.scope.names.has(crate::source::Name::new(text));
        words[0].quoted || is_number && !is_symbol
    }

    fn out_of_range(&self, atom: Atom, name: &str) -> Option<Wrong> {
        let attributes = self.entry.attributes.iter();
        let mut ranges = attributes.filter_map(|attribute| match attribute.kind {
            AttributeKind::Range {
                low,
                high,
                condition,
            } => Some((low, high, condition, attribute.range)),
            _ => None,
        });
        let (low, high, condition, range) = ranges.next()?;
        if condition.is_some() || ranges.next().is_some() {
            return None;
        }
        let number = |atom| constant(self.scope, self.entry, atom, self.ty);
        let (value, low, high) = (number(atom)?, number(low)?, number(high)?);
        let outside = low <= high && !(low..=high).contains(&value);
        outside.then(|| Wrong {
            on: self.on,
            message: format!(
                "the default of {name} lies outside of its range, and is moved into it"
            ),
            place: Some((self.entry.span(range), "the range")),
        })
    }
}

/// The texts that a word can stand for and that are no number of this type (menu.c,
/// `menu_validate_number`), with the architectures on which it does.
pub(super) fn not_numbers(
    scope: &Scope<'_>,
    entry: &MenuEntry<'_>,
    atom: Atom,
    ty: ValueType,
) -> Vec<(String, ArchSet)> {
    let mut found = Vec::new();
    for (meant, on) in scope.meant(entry, atom) {
        match meant {
            Meant::Text(text) if !text::is_valid(text.as_str(), ty) => {
                let shown = match text.as_str() {
                    "" => "an empty text".to_owned(),
                    text => text.to_owned(),
                };
                // A symbol may be defined in a file that was not read.
                let is_certain = scope.names.is_complete || entry.ast.words_of(atom)[0].quoted;
                found.extend(is_certain.then_some((shown, on)));
            }
            Meant::Symbol(id) => match scope.model.symbol(id).ty {
                ValueType::Int | ValueType::Hex | ValueType::Unknown => {}
                _ => found.push((scope.model.name(id).to_owned(), on)),
            },
            Meant::Text(_) | Meant::Unknown => {}
        }
    }
    found
}

/// The number of a word that stands for the same one everywhere.
pub(super) fn constant(
    scope: &Scope<'_>,
    entry: &MenuEntry<'_>,
    atom: Atom,
    ty: ValueType,
) -> Option<i64> {
    match &scope.meant(entry, atom)[..] {
        [(Meant::Text(text), _)] if text::is_valid(text.as_str(), ty) => {
            Some(text::leading_number(text.as_str(), text::base_of(ty, 10)))
        }
        _ => None,
    }
}
