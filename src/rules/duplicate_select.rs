// SPDX-License-Identifier: MIT OR Apache-2.0
//! duplicate-select: a select that the same entry has already.

use super::scope::{Findings, MenuEntry, Scope};
use super::undefined_symbol::names;
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Label, Level};
use crate::source::{Name, Span};
use crate::syntax::ast::{Atom, Attribute, AttributeKind, ExprId};

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
    let selects = entry.attributes.iter().filter_map(|it| match it.kind {
        AttributeKind::Select { target, condition } => Some((it, target, condition)),
        _ => None,
    });
    repeated(scope, entry, selects, ["select", "selected"], findings);
}

/// Reports the statements of one verb that an earlier one of the same target makes superfluous: it has
/// the same condition, or none. The verb comes with its participle.
pub(super) fn repeated<'e>(
    scope: &Scope<'_>,
    entry: &MenuEntry<'_>,
    statements: impl Iterator<Item = (&'e Attribute, Atom, Option<ExprId>)>,
    [verb, participle]: [&str; 2],
    findings: &mut Findings,
) {
    let mut known: Vec<(Name, Option<String>, Span)> = Vec::new();
    for (attribute, target, condition) in statements {
        let condition = condition.map(|condition| scope.written(entry, condition));
        let place = entry.span(attribute.range);
        let targets = names(entry, target);
        let [(name, on)] = targets[..] else { continue };
        let first = known.iter().find(|(other, of_other, _)| {
            *other == name && (of_other.is_none() || *of_other == condition)
        });
        if let Some((.., first)) = first {
            let message = format!("{} is {participle} here already", name.as_str());
            let fix = scope.delete(place, format!("delete the second {verb}"));
            let finding = findings.report(place, on, entry.symbol(), message);
            finding.labels.push(Label::new(*first, "the first"));
            finding.key.push(name.as_str().to_owned());
            finding.fixes.push(fix);
            continue;
        }
        known.push((name, condition, place));
    }
}
