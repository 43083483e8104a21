// SPDX-License-Identifier: MIT OR Apache-2.0
//! undefined-symbol: a name in an expression that nothing defines.

use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Applicability, Edit, Fix, Level};
use crate::menu::Value;
use crate::model::ValueType;
use crate::source::{Name, Span};
use crate::syntax::ast::{Atom, AttributeKind, EntryKind};
use crate::tree::ArchSet;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "undefined-symbol",
    group: Group::Suspicious,
    level: Level::Warn,
    stage: Stage::Model,
    check: Check::Entry(check),
    fixable: true,
    since: "0.1.0",
    summary: "an expression names a symbol that no architecture defines",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a name in a dependency, a condition, an `if`, a `visible if` or a bool default that no
Kconfig file of any architecture defines. It offers the name that was probably meant: `y` for a bare
`Y`, `FOO` for `CONFIG_FOO`, and names that differ in a letter or two.

A word that is compared with the value of an int, a hex or a string is a text, and numbers are numbers:
neither is reported. Where some `source` statement leads to no file, the symbol may be defined in that
file, and nothing is reported.

## Why is this bad

Kconfig takes an undefined name for n and says nothing. A dependency on it can never be met, so the
option has vanished; a `!` before it is always true.

## Example

```kconfig,bad
config USB
	bool "USB"

config USB_PANEL
	bool "USB panel"
	depends on USBB
```

```kconfig,bad
config USB_PANEL
	bool "USB panel"
	default Y
```

## Use instead

```kconfig,good
config USB
	bool "USB"

config USB_PANEL
	bool "USB panel"
	depends on USB
	default y
```
"#;

fn check(scope: &Scope<'_>, entry: &MenuEntry<'_>, findings: &mut Findings) {
    if !findings.knows_all_names(scope.names) {
        return;
    }
    let mut known: Vec<Name> = Vec::new();
    for expr in entry.expressions() {
        if is_text(scope, entry, expr) {
            continue;
        }
        for (atom, other) in entry.words(expr) {
            let meant_as_text = other.is_some_and(|other| is_compared_as_text(scope, entry, other));
            for (name, on) in names(entry, atom) {
                let is_new = !meant_as_text && is_undefined(scope, name) && !known.contains(&name);
                if is_new {
                    known.push(name);
                    report(scope, entry, (name, entry.place(atom)), on, findings);
                }
            }
        }
    }
}

/// The symbols that a word can stand for, with the architectures on which it does.
pub(super) fn names(entry: &MenuEntry<'_>, atom: Atom) -> Vec<(Name, ArchSet)> {
    let on = entry.node.on;
    match entry.value(atom) {
        Value::Symbol(name) => vec![(name, on)],
        Value::Forked(forks) => {
            let forks = forks.into_iter();
            let symbols = forks.filter_map(|(these, value)| match value {
                Value::Symbol(name) => Some((name, on & these)),
                _ => None,
            });
            symbols.filter(|(_, these)| !these.is_empty()).collect()
        }
        Value::Constant(_) | Value::Unknown { .. } => Vec::new(),
    }
}

/// Whether this name is a symbol's and no number, and nothing defines it.
pub(super) fn is_undefined(scope: &Scope<'_>, name: Name) -> bool {
    let text = name.as_str();
    let is_number = text
        .trim_start_matches('-')
        .starts_with(|it: char| it.is_ascii_digit());
    !text.is_empty() && !is_number && !scope.names.has(name)
}

/// Whether an expression is the value of a symbol that is no bool or tristate, or of a choice:
/// `invalid-default` and `choice-errors` look at these.
fn is_text(scope: &Scope<'_>, entry: &MenuEntry<'_>, expr: crate::syntax::ast::ExprId) -> bool {
    let value = entry
        .attributes
        .iter()
        .any(|attribute| match attribute.kind {
            AttributeKind::Default { value, .. } | AttributeKind::TypedDefault { value, .. } => {
                value == expr
            }
            _ => false,
        });
    let is_logical = || {
        let (EntryKind::Config(name)
        | EntryKind::MenuConfig(name)
        | EntryKind::ConfigDefault(name)) = entry.entry.kind
        else {
            return false;
        };
        let mut names = names(entry, name).into_iter();
        names.all(|(name, _)| {
            let symbols = scope.model.symbols_named(name);
            symbols
                .iter()
                .all(|(_, id)| scope.model.symbol(*id).ty.is_logical())
        })
    };
    value && !is_logical()
}

/// Whether a word beside this one in a comparison is a text.
fn is_compared_as_text(scope: &Scope<'_>, entry: &MenuEntry<'_>, other: Atom) -> bool {
    match entry.value(other) {
        Value::Symbol(name) => {
            let symbols = scope.model.symbols_named(name);
            let mut types = symbols.iter().map(|(_, id)| scope.model.symbol(*id).ty);
            types.any(|ty| !ty.is_logical() && ty != ValueType::Unknown)
                || is_undefined(scope, name)
        }
        Value::Unknown { .. } | Value::Forked(_) => true,
        Value::Constant(_) => false,
    }
}

fn report(
    scope: &Scope<'_>,
    entry: &MenuEntry<'_>,
    (name, place): (Name, Span),
    on: ArchSet,
    findings: &mut Findings,
) {
    let text = name.as_str();
    let meant = meant(scope, text);
    let what = match &meant {
        Some(word) if word.eq_ignore_ascii_case(text) => {
            format!("{text} is a symbol that nothing defines, not the value {word}")
        }
        Some(word) => {
            format!("{text} is not defined: Kconfig files write {word}, without the prefix")
        }
        None => {
            let hint = scope.names.hint(name);
            format!("nothing defines a symbol {text}: it is always n{hint}")
        }
    };
    let symbol = entry.symbol();
    let finding = findings.report(place, on, symbol, what);
    finding.key.push(text.to_owned());
    finding.defect = Some(text.to_owned());
    if let Some(word) = meant {
        let edit = Edit {
            span: place,
            text: word.clone(),
        };
        let title = format!("write {word}");
        finding
            .fixes
            .push(Fix::new(title, Applicability::MaybeIncorrect, vec![edit]));
    }
}

/// What was certainly meant: a value, or a symbol without the prefix that it has in C.
fn meant(scope: &Scope<'_>, text: &str) -> Option<String> {
    if let "Y" | "M" | "N" = text {
        return Some(text.to_lowercase());
    }
    let bare = text.strip_prefix("CONFIG_")?;
    scope.names.has(Name::new(bare)).then(|| bare.to_owned())
}
