// SPDX-License-Identifier: MIT OR Apache-2.0
//! link-level: an option can be built in while its code calls what only a module has.

use super::outside::Outside;
use super::scope::Findings;
use super::{Check, Group, Rule, Stage, linking};
use crate::diagnostic::Level;
use crate::link::Kind;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "link-level",
    group: Group::Link,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Outside(check),
    fixable: false,
    since: "0.1.0",
    summary: "an option can be built in while its code calls what only a module has",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Finds calls from code that can be built in to functions that only a module has in the same configuration. Kbuild's
Makefiles say which option builds an object, the code says what it calls, and the solver says whether both can happen
in one configuration. Calls that the compiler removes, as behind `if (IS_REACHABLE(CONFIG_X))`, and calls of stubs in
headers do not count. What cannot be read in code or Makefiles never makes a finding.

A run with `--range`, `--staged` or `--patch` says what a change of Kconfig, of code, of headers or of Makefiles brings.

## Why is this bad

The kernel does not link in that configuration: `undefined reference`. Usually a `select`, or `depends on X || X=n`, is
missing.

## Example

```kconfig,bad
config MODULES
	bool "Modules"
	modules

config CRC
	tristate "Checksums"

config DISK
	tristate "Disk"
# file: Makefile
obj-$(CONFIG_CRC) += crc.o
obj-$(CONFIG_DISK) += disk.o
# file: crc.h
int crc(int value);
# file: crc.c
#include "crc.h"
int crc(int value)
{
	return value + 1;
}
# file: disk.c
#include "crc.h"
int disk(void)
{
	return crc(1);
}
```

## Use instead

```kconfig,good
config MODULES
	bool "Modules"
	modules

config CRC
	tristate "Checksums"

config DISK
	tristate "Disk"
	select CRC
# file: Makefile
obj-$(CONFIG_CRC) += crc.o
obj-$(CONFIG_DISK) += disk.o
# file: crc.h
int crc(int value);
# file: crc.c
#include "crc.h"
int crc(int value)
{
	return value + 1;
}
# file: disk.c
#include "crc.h"
int disk(void)
{
	return crc(1);
}
```
"#;

fn check(outside: &Outside<'_>, findings: &mut Findings) {
    linking::report(outside, Kind::Level, findings);
}
