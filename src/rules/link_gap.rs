// SPDX-License-Identifier: MIT OR Apache-2.0
//! link-gap: the code of an option calls what nothing defines without another option.

use super::outside::Outside;
use super::scope::Findings;
use super::{Check, Group, Rule, Stage, linking};
use crate::diagnostic::Level;
use crate::link::Kind;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "link-gap",
    group: Group::Link,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Outside(check),
    fixable: false,
    since: "0.1.0",
    summary: "the code of an option calls what nothing defines without another option",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Finds calls of functions that no object of the same configuration defines, in the kernel or in a module. It works as
`link-level` does: Makefiles, code and the solver together. A stub in a header, and a condition that lets the compiler
remove the call, are taken into account as far as they can be read.

A run with `--range`, `--staged` or `--patch` says what a change of Kconfig, of code, of headers or of Makefiles brings.

## Why is this bad

The tree does not link in that configuration: `undefined reference`, or `modpost: undefined!`. A `select` or a
`depends on` is missing.

## Example

```kconfig,bad
config MMU
	bool "Memory management"

config DISK
	bool "Disk"
# file: Makefile
obj-$(CONFIG_MMU) += map.o
obj-$(CONFIG_DISK) += disk.o
# file: map.h
int map(int page);
# file: map.c
int map(int page)
{
	return page;
}
# file: disk.c
#include "map.h"
int disk(void)
{
	return map(1);
}
```

## Use instead

```kconfig,good
config MMU
	bool "Memory management"

config DISK
	bool "Disk"
	depends on MMU
# file: Makefile
obj-$(CONFIG_MMU) += map.o
obj-$(CONFIG_DISK) += disk.o
# file: map.h
int map(int page);
# file: map.c
int map(int page)
{
	return page;
}
# file: disk.c
#include "map.h"
int disk(void)
{
	return map(1);
}
```
"#;

fn check(outside: &Outside<'_>, findings: &mut Findings) {
    linking::report(outside, Kind::Gap, findings);
}
