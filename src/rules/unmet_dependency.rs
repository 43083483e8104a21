// SPDX-License-Identifier: MIT OR Apache-2.0
//! unmet-dependency: a `select` that switches on what cannot work there.

use super::{Group, Rule, Stage};
use crate::diagnostic::Level;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "unmet-dependency",
    group: Group::Correctness,
    level: Level::Deny,
    stage: Stage::Theory,
    fixable: true,
    since: "0.1.0",
    summary: "a select can switch a symbol on while what it depends on is off",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Finds every `select` that, in some configuration of some architecture, raises its target above
the target's own dependencies. Two kinds are told apart: `off`, where the dependencies are n,
and `module`, where they are m and the select says y.

The question is decided for all configurations at once, not by comparing texts: a selector that
depends on something which itself implies the target's dependency is safe, also through several
steps and also where only one architecture fixes a value. With each finding comes a configuration
that shows it.

In a chain (A selects B, B selects C) the statement that leaves the rule is the one reported, and
the selectors further up are named as related.

## Why is this bad

`select` does not look at the dependencies of what it selects. Kconfig prints "unmet direct
dependencies detected" and goes on; the build then fails, or the kernel is built with code that
misses what it stands on. Whether it happens depends on the configuration, so it is usually a
random build on another architecture that finds it, months later.

## Example

`PANEL_USB` can be enabled on a machine without an MMU, and then switches on a helper that
needs one.

```kconfig,bad
config MMU
	bool "Memory management unit"

config PAGE_HELPER
	bool
	depends on MMU

config PANEL_USB
	bool "USB panel"
	select PAGE_HELPER
```

## Use instead

Let the selector depend on what its target depends on:

```kconfig,good
config MMU
	bool "Memory management unit"

config PAGE_HELPER
	bool
	depends on MMU

config PANEL_USB
	bool "USB panel"
	depends on MMU
	select PAGE_HELPER
```

Or select only where the target can work, if the driver does without it elsewhere:

```kconfig,good
config MMU
	bool "Memory management unit"

config PAGE_HELPER
	bool
	depends on MMU

config PANEL_USB
	bool "USB panel"
	select PAGE_HELPER if MMU
```
"#;
