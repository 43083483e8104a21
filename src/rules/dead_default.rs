// SPDX-License-Identifier: MIT OR Apache-2.0
//! dead-default: a default behind one that always counts.

use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Label, Level};
use crate::source::Span;
use crate::syntax::ast::{Attribute, AttributeKind, EntryKind, ExprId};

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
    // A choice takes the first default that is visible.
    if matches!(entry.entry.kind, EntryKind::Choice(_)) {
        return;
    }
    let defaults = entry.attributes.iter().filter_map(|it| match it.kind {
        AttributeKind::Default { value, condition }
        | AttributeKind::TypedDefault {
            value, condition, ..
        } => Some((it, scope.written(entry, value), condition)),
        _ => None,
    });
    behind_one_that_counts(scope, entry, defaults, "default", findings);
}

/// Reports the statements behind one without a condition, of which the first that holds counts. Those
/// that repeat an earlier one are left to other rules.
pub(super) fn behind_one_that_counts<'e>(
    scope: &Scope<'_>,
    entry: &MenuEntry<'_>,
    statements: impl Iterator<Item = (&'e Attribute, String, Option<ExprId>)>,
    what: &str,
    findings: &mut Findings,
) {
    let mut known: Vec<(String, Option<String>)> = Vec::new();
    let mut first: Option<Span> = None;
    for (attribute, says, condition) in statements {
        let place = entry.span(attribute.range);
        let written = condition.map(|condition| scope.written(entry, condition));
        let own = (says, written);
        match first {
            Some(first) if !known.contains(&own) => {
                let message =
                    format!("this {what} never counts: the one before it has no condition");
                let finding = findings.report(place, entry.node.on, entry.symbol(), message);
                finding.labels.push(Label::new(first, "always counts"));
            }
            Some(_) => {}
            None if condition.is_none() => first = Some(place),
            None => {}
        }
        known.push(own);
    }
}
