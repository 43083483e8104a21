// SPDX-License-Identifier: MIT OR Apache-2.0
//! syntax-error: what the parser could not read.

use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "syntax-error",
    group: Group::Correctness,
    level: Level::Deny,
    stage: Stage::Syntax,
    check: Check::Elsewhere,
    fixable: false,
    since: "0.1.0",
    summary: "a line that is no Kconfig",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports what cannot be read as Kconfig: an unknown keyword, a missing operand, a quote that is
not closed, an attribute that does not belong where it stands. All errors of all files come in
one run; what is intact around them is still linted.

What conf only warns about and reads over, such as a stray character, is a warning.

Kconfig differs from tree to tree. Where a tree has the sources of its kconfig, such as
scripts/kconfig, what these no longer accept is an error: `---help---`, `option env=`, `optional`, a
named choice, a second help text. The same lines are fine in a tree whose kconfig accepts them, and
in a tree without these sources.

## Why is this bad

conf refuses the tree, or reads something else than the author meant.

## Example

```kconfig,bad
config USB
	bool "USB"

config USB_PANEL
	bool "USB panel"
	depends on USB &&
```

## Use instead

```kconfig,good
config USB
	bool "USB"

config USB_PANEL
	bool "USB panel"
	depends on USB
```
"#;
