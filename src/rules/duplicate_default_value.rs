// SPDX-License-Identifier: MIT OR Apache-2.0
//! duplicate-default-value: a conditional default with the value of the one behind it.

use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Label, Level};
use crate::model::ValueType;
use crate::syntax::ast::{Attribute, AttributeKind, EntryKind, ExprId};

/// The declaration.
pub static RULE: Rule = Rule {
    name: "duplicate-default-value",
    group: Group::Redundant,
    level: Level::Warn,
    stage: Stage::Model,
    check: Check::Entry(check),
    fixable: true,
    since: "0.1.0",
    summary: "a conditional default has the value of the default right behind it",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports `default X if Y` where the next default of the entry is `default X` without a condition.

For a tristate the condition can lower the value to m. There only the value `n` is reported.

## Why is this bad

The condition decides nothing: the value is X whether it holds or not. Either one value is wrong, or the statement
is left over.

## Example

```kconfig,bad
config USB
	bool "USB"

config BUFFERS
	int "Buffers"
	default 8 if USB
	default 8
```

## Use instead

```kconfig,good
config USB
	bool "USB"

config BUFFERS
	int "Buffers"
	default 16 if USB
	default 8
```
"#;

fn check(scope: &Scope<'_>, entry: &MenuEntry<'_>, findings: &mut Findings) {
    // A choice takes the first default that is visible.
    if matches!(entry.entry.kind, EntryKind::Choice(_)) {
        return;
    }
    let defaults = entry.attributes.iter().filter_map(default);
    let defaults: Vec<_> = defaults.collect();
    for pair in defaults.windows(2) {
        let [(first, value, condition), (next, same, None)] = pair else {
            continue;
        };
        let written = scope.written(entry, *value);
        let is_same = written == scope.written(entry, *same);
        if condition.is_none() || !is_same || !is_exact(scope, entry, &written) {
            continue;
        }
        let place = entry.span(first.range);
        let message = format!("the default is {written} whether or not this condition holds");
        let finding = findings.report(place, entry.node.on, entry.symbol(), message);
        let words = "the next default has no condition";
        let label = Label::new(entry.span(next.range), words);
        finding.labels.push(label);
        if matches!(first.kind, AttributeKind::Default { .. }) {
            let fix = scope.delete(place, "delete the default with the condition");
            finding.fixes.push(fix);
        }
    }
}

/// A default with its value and its condition.
fn default(attribute: &Attribute) -> Option<(&Attribute, ExprId, Option<ExprId>)> {
    match attribute.kind {
        AttributeKind::Default { value, condition }
        | AttributeKind::TypedDefault {
            value, condition, ..
        } => Some((attribute, value, condition)),
        _ => None,
    }
}

/// Whether a condition cannot lower this value: m of a bool counts as y (symbol.c,
/// `sym_calc_value`).
fn is_exact(scope: &Scope<'_>, entry: &MenuEntry<'_>, value: &str) -> bool {
    let owners = scope.owners(entry);
    let is_exact_type =
        |(id, _): &(_, _)| !matches!(scope.model.symbol(*id).ty, ValueType::Tristate);
    value == "n" || owners.iter().all(is_exact_type)
}
