// SPDX-License-Identifier: MIT OR Apache-2.0
//! duplicate-imply: an imply that the same entry has already.

use super::duplicate_select::repeated;
use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::syntax::ast::AttributeKind;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "duplicate-imply",
    group: Group::Redundant,
    level: Level::Warn,
    stage: Stage::Model,
    check: Check::Entry(check),
    fixable: true,
    since: "0.1.0",
    summary: "an entry states the same imply twice",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports an `imply` of a symbol that the same entry implys already: under the same condition, or under
none.

## Why is this bad

The second statement does nothing. Who takes the first one away wonders why nothing has changed.

## Example

```kconfig,bad
config BUS
	bool "Bus"

config USB_PANEL
	bool "USB panel"
	imply BUS
	imply BUS
```

## Use instead

```kconfig,good
config BUS
	bool "Bus"

config USB_PANEL
	bool "USB panel"
	imply BUS
```
"#;

fn check(scope: &Scope<'_>, entry: &MenuEntry<'_>, findings: &mut Findings) {
    let implies = entry.attributes.iter().filter_map(|it| match it.kind {
        AttributeKind::Imply { target, condition } => Some((it, target, condition)),
        _ => None,
    });
    repeated(scope, entry, implies, ["imply", "implied"], findings);
}
