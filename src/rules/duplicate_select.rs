// SPDX-License-Identifier: MIT OR Apache-2.0
//! duplicate-select: a select that the same entry has already.

use super::scope::{Findings, MenuEntry, Scope};
use super::undefined_symbol::names;
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Label, Level};
use crate::source::{Name, Span};
use crate::syntax::ast::AttributeKind;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "duplicate-select",
    group: Group::Redundant,
    level: Level::Warn,
    stage: Stage::Model,
    check: Check::Entry(check),
    fixable: true,
    since: "0.1.0",
    summary: "an entry states the same select twice",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a `select` of a symbol that the same entry selects already: under the same condition, or under
none.

## Why is this bad

The second statement does nothing. Who takes the first one away wonders why nothing has changed.

## Example

```kconfig,bad
config BUS
	bool "Bus"

config USB_PANEL
	bool "USB panel"
	select BUS
	select BUS
```

## Use instead

```kconfig,good
config BUS
	bool "Bus"

config USB_PANEL
	bool "USB panel"
	select BUS
```
"#;

fn check(scope: &Scope<'_>, entry: &MenuEntry<'_>, findings: &mut Findings) {
    let mut known: Vec<(Name, Option<String>, Span)> = Vec::new();
    let symbol = entry
        .defines()
        .and_then(|atom| names(entry, atom).first().copied());
    let symbol = symbol.map(|(name, _)| name.as_str());
    for attribute in entry.attributes {
        let AttributeKind::Select { target, condition } = attribute.kind else {
            continue;
        };
        let condition = condition.map(|condition| scope.written(entry, condition));
        let place = entry.span(attribute.range);
        let targets = names(entry, target);
        let [(name, on)] = targets[..] else { continue };
        let first = known.iter().find(|(other, of_other, _)| {
            *other == name && (of_other.is_none() || *of_other == condition)
        });
        if let Some((.., first)) = first {
            let message = format!("{} is selected here already", name.as_str());
            let fix = scope.delete(place, "delete the second select");
            let finding = findings.report(place, on, symbol, message);
            finding.labels.push(Label::new(*first, "the first"));
            finding.key.push(name.as_str().to_owned());
            finding.fixes.push(fix);
            continue;
        }
        known.push((name, condition, place));
    }
}
