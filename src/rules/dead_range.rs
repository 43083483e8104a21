// SPDX-License-Identifier: MIT OR Apache-2.0
//! dead-range: a range behind one that always counts.

use super::dead_default::behind_one_that_counts;
use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::syntax::ast::AttributeKind;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "dead-range",
    group: Group::Suspicious,
    level: Level::Warn,
    stage: Stage::Model,
    check: Check::Entry(check),
    fixable: false,
    since: "0.1.0",
    summary: "a range stands behind one without a condition, and never counts",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a range that stands behind a range without a condition in the same entry.

## Why is this bad

Kconfig takes the first range whose condition holds (symbol.c). The one behind it was meant for a case in
which it never counts.

## Example

```kconfig,bad
config USB
	bool "USB"

config BUFFERS
	int "Buffers"
	range 1 8
	range 1 64 if USB
	default 4
```

## Use instead

```kconfig,good
config USB
	bool "USB"

config BUFFERS
	int "Buffers"
	range 1 64 if USB
	range 1 8
	default 4
```
"#;

fn check(scope: &Scope<'_>, entry: &MenuEntry<'_>, findings: &mut Findings) {
    let text = |atom| scope.text(entry.place(atom));
    let ranges = entry.attributes.iter().filter_map(|it| match it.kind {
        AttributeKind::Range {
            low,
            high,
            condition,
        } => Some((it, format!("{} {}", text(low), text(high)), condition)),
        _ => None,
    });
    behind_one_that_counts(scope, entry, ranges, "range", findings);
}
