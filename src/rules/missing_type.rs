// SPDX-License-Identifier: MIT OR Apache-2.0
//! missing-type: a symbol of which no definition says what it is.

use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::model::{SymbolId, ValueType};
use crate::tree::ArchSet;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "missing-type",
    group: Group::Correctness,
    level: Level::Warn,
    stage: Stage::Model,
    check: Check::Symbol(check),
    fixable: false,
    since: "0.1.0",
    summary: "a symbol is defined without a type",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a symbol that is defined, and to which no definition gives a type (menu.c, `menu_finalize`:
"config symbol defined without type"). A definition without a type is fine where another one has it.

## Why is this bad

Kconfig takes the symbol for undefined: its value is n, its prompt is never shown, and what depends on
it is dead.

## Example

```kconfig,bad
config USB_PANEL
	prompt "USB panel"
	default y
```

## Use instead

```kconfig,good
config USB_PANEL
	bool "USB panel"
	default y
```
"#;

fn check(scope: &Scope<'_>, id: SymbolId, findings: &mut Findings) {
    let symbol = scope.model.symbol(id);
    if symbol.ty != ValueType::Unknown || symbol.choice.is_some() {
        return;
    }
    // A file that was not read may give the type: a module adds to symbols of its base.
    if !findings.knows_all_names(scope.names) {
        return;
    }
    let mut on = ArchSet::EMPTY;
    for definition in &symbol.definitions {
        on |= MenuEntry::of(&scope.model.menu, definition.node).node.on;
    }
    let name = scope.model.name(id);
    let message =
        format!("{name} has no type (bool, tristate, int, hex or string): it is always n");
    findings.report(symbol.definitions[0].name, on, Some(name), message);
}
