// SPDX-License-Identifier: MIT OR Apache-2.0
//! missing-declaration: the code of an option calls what headers declare only with another option.

use super::outside::Outside;
use super::scope::Findings;
use super::{Check, Group, Rule, Stage, linking};
use crate::diagnostic::Level;
use crate::link::Kind;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "missing-declaration",
    group: Group::Link,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Outside(check),
    fixable: false,
    since: "0.1.0",
    summary: "the code of an option calls what headers declare only with another option",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Finds calls of functions whose declarations all stand in `#if` blocks of headers that are off in a configuration which
builds the caller. It works as `link-level` does: Makefiles, code and the solver together.

A run with `--range`, `--staged` or `--patch` says what a change of Kconfig, of code, of headers or of Makefiles brings.

## Why is this bad

The file does not compile in that configuration: `implicit declaration of function`. A `select` or a `depends on` is
missing, or the header lacks a stub.

## Example

```kconfig,bad
config REGMAP
	bool "Register maps"

config CLOCK
	bool "Clock"
# file: Makefile
obj-$(CONFIG_REGMAP) += regmap.o
obj-$(CONFIG_CLOCK) += clock.o
# file: regmap.h
#ifdef CONFIG_REGMAP
int regmap(int value);
#endif
# file: regmap.c
int regmap(int value)
{
	return value;
}
# file: clock.c
#include "regmap.h"
int clock(void)
{
	return regmap(1);
}
```

## Use instead

```kconfig,good
config REGMAP
	bool "Register maps"

config CLOCK
	bool "Clock"
	select REGMAP
# file: Makefile
obj-$(CONFIG_REGMAP) += regmap.o
obj-$(CONFIG_CLOCK) += clock.o
# file: regmap.h
#ifdef CONFIG_REGMAP
int regmap(int value);
#endif
# file: regmap.c
int regmap(int value)
{
	return value;
}
# file: clock.c
#include "regmap.h"
int clock(void)
{
	return regmap(1);
}
```
"#;

fn check(outside: &Outside<'_>, findings: &mut Findings) {
    linking::report(outside, Kind::Undeclared, findings);
}
