// SPDX-License-Identifier: MIT OR Apache-2.0
//! macro-error: a macro that cannot be expanded.

use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "macro-error",
    group: Group::Correctness,
    level: Level::Deny,
    stage: Stage::Menu,
    check: Check::Elsewhere,
    fixable: false,
    since: "0.1.0",
    summary: "a macro cannot be expanded, or always stops the configuration",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports macros that the preprocessor refuses: a `$(` that is not closed, a variable that refers to
itself, an expansion that nests or grows beyond all bounds, a built-in function with a wrong
number of arguments, a macro that has to expand to nothing and does not, and an `$(error-if,…)`
that always fires.

No command of the tree is run for this: `$(shell,…)` is an unknown, and what depends on one is
only reported if it holds for every answer.

## Why is this bad

conf stops with an error.

## Example

`LEFT` and `RIGHT` each need the other.

```kconfig,bad
LEFT = $(RIGHT)
RIGHT = $(LEFT)

config USB_PANEL
	bool "USB panel"
	default "$(LEFT)"
```

## Use instead

```kconfig,good
LEFT = $(RIGHT)
RIGHT = y

config USB_PANEL
	bool "USB panel"
	default "$(LEFT)"
```
"#;
