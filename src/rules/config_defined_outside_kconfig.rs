// SPDX-License-Identifier: MIT OR Apache-2.0
//! config-defined-outside-kconfig: a `#define` of a name that looks like a symbol.

use rustc_hash::FxHashSet;

use super::outside::Outside;
use super::scope::Findings;
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::references::{FileKind, How, Mentions};
use crate::source::Name;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "config-defined-outside-kconfig",
    group: Group::Kernel,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Outside(check),
    fixable: false,
    since: "0.1.0",
    summary: "a C file defines a CONFIG_ name that no Kconfig file defines",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports the first `#define` or `#undef` of a name with the prefix of `.config` that no Kconfig file defines, and that
some `#if`, `#ifdef` or `IS_ENABLED()` tests as if one did.

## Why is this bad

The name looks like a symbol. Who wants to set it looks for it in the menus, and tools that compare names with Kconfig
take it for an error.

## Example

```kconfig,bad
config USB
	bool "USB"
# file: usb.c
#define CONFIG_USB_DEBUG 1
#ifdef CONFIG_USB_DEBUG
#endif
```

## Use instead

```kconfig,good
config USB
	bool "USB"
# file: usb.c
#define USB_DEBUG 1
#ifdef USB_DEBUG
#endif
```
"#;

fn check(outside: &Outside<'_>, findings: &mut Findings) {
    if !findings.knows_all_names(outside.names) {
        return;
    }
    let mut known: FxHashSet<Name> = FxHashSet::default();
    let is_c = |file: &Mentions| !file.aside && file.kind == FileKind::C;
    let tested = outside.references.in_files(is_c);
    let tested = tested.filter(|(_, it)| it.how == How::Tested);
    let tested: FxHashSet<Name> = tested.map(|(_, it)| it.name).collect();
    for (file, mention) in outside.references.in_files(is_c) {
        let name = mention.name;
        let is_defined = mention.how == How::Defined && tested.contains(&name);
        if is_defined && !outside.defines(name) && known.insert(name) {
            let written = outside.written(name);
            let message = format!("{written} looks like a symbol, and no Kconfig file defines it");
            findings.report_mention(outside, (file, mention), message);
        }
    }
}
