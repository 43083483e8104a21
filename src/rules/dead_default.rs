// SPDX-License-Identifier: MIT OR Apache-2.0
//! dead-default: a default behind one that always counts.

use super::scope::{Findings, MenuEntry, Scope};
use super::undefined_symbol::names;
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Label, Level};
use crate::source::Span;
use crate::syntax::ast::{AttributeKind, EntryKind};

/// The declaration.
pub static RULE: Rule = Rule {
    name: "dead-default",
    group: Group::Suspicious,
    level: Level::Warn,
    stage: Stage::Model,
    check: Check::Entry(check),
    fixable: false,
    since: "0.1.0",
    summary: "a default stands behind one without a condition, and never counts",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a default that stands behind a default without a condition in the same entry.

## Why is this bad

Kconfig takes the first default whose condition holds (symbol.c). The one behind it was meant for a case in
which it never counts.

## Example

```kconfig,bad
config USB
	bool "USB"

config BUFFERS
	int "Buffers"
	default 4
	default 8 if USB
```

## Use instead

```kconfig,good
config USB
	bool "USB"

config BUFFERS
	int "Buffers"
	default 8 if USB
	default 4
```
"#;

fn check(scope: &Scope<'_>, entry: &MenuEntry<'_>, findings: &mut Findings) {
    if matches!(entry.entry.kind, EntryKind::Choice(_)) {
        return;
    }
    let symbol = entry
        .defines()
        .and_then(|atom| names(entry, atom).first().copied());
    let symbol = symbol.map(|(name, _)| name.as_str());
    let mut known: Vec<(String, Option<String>)> = Vec::new();
    let mut first: Option<Span> = None;
    for attribute in entry.attributes {
        let (says, condition) = match attribute.kind {
            AttributeKind::Default { value, condition }
            | AttributeKind::TypedDefault {
                value, condition, ..
            } => (scope.written(entry, value), condition),
            _ => continue,
        };
        let place = entry.span(attribute.range);
        let own = (
            says,
            condition.map(|condition| scope.written(entry, condition)),
        );
        match first {
            Some(first) if !known.contains(&own) => {
                let message =
                    "this default never counts: the one before it has no condition".to_owned();
                let finding = findings.report(place, entry.node.on, symbol, message);
                finding.labels.push(Label::new(first, "always counts"));
            }
            Some(_) => {}
            None if condition.is_none() => first = Some(place),
            None => {}
        }
        known.push(own);
    }
}
