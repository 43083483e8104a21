// SPDX-License-Identifier: MIT OR Apache-2.0
//! missing-source: a `source` of a file that is not there.

use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "missing-source",
    group: Group::Correctness,
    level: Level::Deny,
    stage: Stage::Menu,
    check: Check::Elsewhere,
    fixable: false,
    since: "0.1.0",
    summary: "a source statement names a file that does not exist",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a `source` statement whose file does not exist or cannot be read: missing, a folder, or
outside the tree. `osource` and `orsource`, which are optional by their meaning, are silent. Where
only an unset variable or a generated file makes the file missing it is a warning, and the rest of
the tree is linted.

Whether the statement stands inside an `if` does not matter: conf reads every source.

## Why is this bad

conf refuses the tree ("can't open file"), on each architecture whose path leads there.

## Example

```kconfig,bad
mainmenu "A tree"

source "drivers/panel/Kconfig"
```

## Use instead

Add the file, or correct the path, which is relative to the root of the tree:

```kconfig,good
mainmenu "A tree"

source "drivers/panel/Kconfig"
# file: drivers/panel/Kconfig
config USB_PANEL
	bool "USB panel"
```
"#;
