// SPDX-License-Identifier: MIT OR Apache-2.0
//! redundant-default-n: `default n` where n is the value anyhow.

use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::model::SymbolId;
use crate::syntax::ast::AttributeKind;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "redundant-default-n",
    group: Group::Redundant,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Symbol(check),
    fixable: true,
    since: "0.1.0",
    summary: "a default of n says what holds anyhow",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a `default n` of a bool or tristate behind which no other default stands.

## Why is this bad

A symbol without a default that counts is n. The line is noise, and in reviews it is asked to go.

## Example

```kconfig,bad
config USB_PANEL
	bool "USB panel"
	default n
```

## Use instead

```kconfig,good
config USB_PANEL
	bool "USB panel"
```
"#;

fn check(scope: &Scope<'_>, id: SymbolId, findings: &mut Findings) {
    let model = scope.model;
    let symbol = model.symbol(id);
    let [definition] = &symbol.definitions[..] else {
        return;
    };
    let of_others = symbol.defaults.iter().any(|it| it.node != definition.node);
    if !symbol.ty.is_logical() || of_others {
        return;
    }
    let entry = MenuEntry::of(&model.menu, definition.node);
    let mut defaults = entry
        .attributes
        .iter()
        .rev()
        .filter_map(|attribute| match attribute.kind {
            AttributeKind::Default { value, .. } | AttributeKind::TypedDefault { value, .. } => {
                Some((attribute, value))
            }
            _ => None,
        });
    let Some((last, value)) = defaults.next() else {
        return;
    };
    if matches!(last.kind, AttributeKind::TypedDefault { .. })
        || scope.written(&entry, value) != "n"
    {
        return;
    }
    let (place, name) = (entry.span(last.range), model.name(id));
    let message = format!("{name} is n without this default");
    let on = entry.node.on & model.architectures_of(id);
    let fix = scope.delete(place, "delete the default");
    findings
        .report(place, on, Some(name), message)
        .fixes
        .push(fix);
}
