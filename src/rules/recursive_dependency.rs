// SPDX-License-Identifier: MIT OR Apache-2.0
//! recursive-dependency: symbols that depend on themselves.

use super::{Group, Rule, Stage};
use crate::diagnostic::Level;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "recursive-dependency",
    group: Group::Correctness,
    level: Level::Deny,
    stage: Stage::Model,
    fixable: false,
    since: "0.1.0",
    summary: "symbols depend on themselves through others",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Finds every cycle among the dependencies of a tree, in one run, and prints the whole shortest
cycle with the place of every step. What counts is what conf counts: direct dependencies, selects
and implies seen from the selected symbol, conditions of prompts, defaults and ranges, and
default values. The bounds of a range do not count. Members of a choice count through the
choice.

## Why is this bad

The value of each symbol of a cycle is defined by its own value. conf refuses such a tree ("error:
recursive dependency detected!") and stops at the first one, so nothing can be configured at all;
this tool gives no verdict that needs values on an architecture with a cycle, and says so.

## Example

`BUS_HELPER` depends on `BUS`, and selects a driver that selects `BUS`.

```kconfig,bad
config BUS
	bool "Bus"

config BUS_HELPER
	bool "Helper"
	depends on BUS
	select BUS_DRIVER

config BUS_DRIVER
	bool "Driver"
	select BUS
```

## Use instead

Use one relation between two symbols, mostly `depends on`, and keep `select` for symbols without
a prompt and without dependencies:

```kconfig,good
config BUS
	bool "Bus"

config BUS_HELPER
	bool "Helper"
	depends on BUS
	select BUS_DRIVER

config BUS_DRIVER
	bool "Driver"
	depends on BUS
```
"#;
