// SPDX-License-Identifier: MIT OR Apache-2.0
//! unterminated-block: an `if`, `menu` or `choice` without its end, or an end without its block.

use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "unterminated-block",
    group: Group::Correctness,
    level: Level::Deny,
    stage: Stage::Syntax,
    check: Check::Elsewhere,
    fixable: false,
    since: "0.1.0",
    summary: "a block is not closed, or closed by what does not belong to it",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports an `if`, `menu` or `choice` that is not closed in the file that opens it, an `endif`,
`endmenu` or `endchoice` that closes nothing, and one that closes a block of another kind. Both
places are shown.

## Why is this bad

conf refuses the tree. Where the missing line belonged is not always near the place that conf
names: often it only notices at the end of the file.

## Example

```kconfig,bad
menu "Panels"

config USB_PANEL
	bool "USB panel"
```

## Use instead

```kconfig,good
menu "Panels"

config USB_PANEL
	bool "USB panel"

endmenu
```
"#;
