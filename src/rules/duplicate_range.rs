// SPDX-License-Identifier: MIT OR Apache-2.0
//! duplicate-range: a range that the same entry has already.

use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Label, Level};
use crate::source::Span;
use crate::syntax::ast::AttributeKind;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "duplicate-range",
    group: Group::Redundant,
    level: Level::Warn,
    stage: Stage::Model,
    check: Check::Entry(check),
    fixable: true,
    since: "0.1.0",
    summary: "an entry states the same range twice",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a `range` with bounds and condition that an earlier range of the same entry has.

## Why is this bad

Kconfig takes the first range whose condition holds. The second statement does nothing, and whoever changes it
changes nothing.

## Example

```kconfig,bad
config BUFFERS
	int "Buffers"
	range 1 8
	range 1 8
	default 4
```

## Use instead

```kconfig,good
config BUFFERS
	int "Buffers"
	range 1 8
	default 4
```
"#;

fn check(scope: &Scope<'_>, entry: &MenuEntry<'_>, findings: &mut Findings) {
    let text = |atom| scope.text(entry.place(atom));
    let mut known: Vec<((String, Option<String>), Span)> = Vec::new();
    for attribute in entry.attributes {
        let AttributeKind::Range {
            low,
            high,
            condition,
        } = attribute.kind
        else {
            continue;
        };
        let condition = condition.map(|condition| scope.written(entry, condition));
        let own = (format!("{} {}", text(low), text(high)), condition);
        let place = entry.span(attribute.range);
        let Some((_, first)) = known.iter().find(|(other, _)| *other == own) else {
            known.push((own, place));
            continue;
        };
        let message = "the entry has this range already".to_owned();
        let finding = findings.report(place, entry.node.on, entry.symbol(), message);
        finding.labels.push(Label::new(*first, "the first"));
        let fix = scope.delete(place, "delete the second range");
        finding.fixes.push(fix);
    }
}
