// SPDX-License-Identifier: MIT OR Apache-2.0
//! duplicate-default: a default that the same entry has already.

use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Label, Level};
use crate::source::Span;
use crate::syntax::ast::{AttributeKind, EntryKind};

/// The declaration.
pub static RULE: Rule = Rule {
    name: "duplicate-default",
    group: Group::Redundant,
    level: Level::Warn,
    stage: Stage::Model,
    check: Check::Entry(check),
    fixable: true,
    since: "0.1.0",
    summary: "an entry states the same default twice",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a default that has the value and the condition of an earlier default of the same entry.

## Why is this bad

The first one counts. Who changes the second one changes nothing.

## Example

```kconfig,bad
config USB
	bool "USB"

config USB_PANEL
	bool "USB panel"
	default y if USB
	default y if USB
```

## Use instead

```kconfig,good
config USB
	bool "USB"

config USB_PANEL
	bool "USB panel"
	default y if USB
```
"#;

fn check(scope: &Scope<'_>, entry: &MenuEntry<'_>, findings: &mut Findings) {
    if matches!(entry.entry.kind, EntryKind::Choice(_)) {
        return;
    }
    let symbol = entry.symbol();
    let mut known: Vec<((String, Option<String>), Span)> = Vec::new();
    for attribute in entry.attributes {
        let (value, condition, is_typed) = match attribute.kind {
            AttributeKind::Default { value, condition } => (value, condition, false),
            AttributeKind::TypedDefault {
                value, condition, ..
            } => (value, condition, true),
            _ => continue,
        };
        let condition = condition.map(|condition| scope.written(entry, condition));
        let own = (scope.written(entry, value), condition);
        let place = entry.span(attribute.range);
        let first = known.iter().find(|(other, _)| *other == own);
        if let Some((_, first)) = first {
            let message = "the entry has this default already".to_owned();
            let finding = findings.report(place, entry.node.on, symbol, message);
            finding.labels.push(Label::new(*first, "the first"));
            if !is_typed {
                let fix = scope.delete(place, "delete the second default");
                finding.fixes.push(fix);
            }
            continue;
        }
        known.push((own, place));
    }
}
