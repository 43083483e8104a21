// SPDX-License-Identifier: MIT OR Apache-2.0
//! recursive-source: files that source each other.

use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "recursive-source",
    group: Group::Correctness,
    level: Level::Deny,
    stage: Stage::Menu,
    check: Check::Elsewhere,
    fixable: false,
    since: "0.1.0",
    summary: "a file sources itself, directly or through others",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a `source` statement that leads back to a file which is being read, with every statement
of the way. Where the tree's own kconfig refuses a file that is sourced twice (Linux 7.0), the
second `source` is reported too.

## Why is this bad

Reading would never end. conf refuses the tree ("recursive inclusion detected").

## Example

```kconfig,bad
source "panel/Kconfig"
# file: panel/Kconfig
config USB_PANEL
	bool "USB panel"

source "Kconfig"
```

## Use instead

Source each file from one place, above it in the tree:

```kconfig,good
source "panel/Kconfig"
# file: panel/Kconfig
config USB_PANEL
	bool "USB panel"
```
"#;
