// SPDX-License-Identifier: MIT OR Apache-2.0
//! dead-imply: an imply whose condition cannot hold.

use super::dead_select::contradicts;
use super::scope::{Findings, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::model::SymbolId;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "dead-imply",
    group: Group::Suspicious,
    level: Level::Warn,
    stage: Stage::Model,
    check: Check::Symbol(check),
    fixable: false,
    since: "0.1.0",
    summary: "the condition of an imply contradicts what its symbol depends on",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports `imply X if Y` where Y contradicts a term that the symbol itself depends on: the symbol depends on
`!Y`, or Y asks for a value that a dependency excludes.

## Why is this bad

The statement never does anything. Either the condition or the dependency says the opposite of what was
meant.

## Example

```kconfig,bad
config MMU
	bool "Memory management unit"

config BUS
	bool

config USB_PANEL
	bool "USB panel"
	depends on !MMU
	imply BUS if MMU
```

## Use instead

```kconfig,good
config MMU
	bool "Memory management unit"

config BUS
	bool

config USB_PANEL
	bool "USB panel"
	imply BUS if MMU
```
"#;

fn check(scope: &Scope<'_>, id: SymbolId, findings: &mut Findings) {
    for imply in &scope.model.symbol(id).implies {
        contradicts(scope, scope.model.imply(*imply), "implies", findings);
    }
}
