// SPDX-License-Identifier: MIT OR Apache-2.0
//! undefined-config-reference: a name in C or make that no Kconfig file defines.

use rustc_hash::FxHashSet;

use super::outside::Outside;
use super::scope::Findings;
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::references::{FileKind, How, Mentions};
use crate::source::Name;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "undefined-config-reference",
    group: Group::Kernel,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Outside(check),
    fixable: false,
    since: "0.1.0",
    summary: "a C file or a Makefile tests a CONFIG_ name that nothing defines",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a name with the prefix of `.config` in `#if`, `#ifdef`, `IS_ENABLED()` and its kin, in a `cfg` of Rust, and
in a Makefile, that no Kconfig file of any architecture defines, and no `#define`, no assignment in a Makefile and no
`-D` either. Comments and recipes of Makefiles are left out, as are names that a macro completes.

Where some `source` statement leads to no file, nothing is reported. A run with `--range`, `--staged` or `--patch` does
not look at other files than Kconfig.

## Why is this bad

The test always fails, and the code behind it is never built. The symbol was renamed or removed, or the name is
misspelt.

## Example

```kconfig,bad
config USB
	bool "USB"
# file: usb.c
#ifdef CONFIG_USBB
int probe(void);
#endif
```

## Use instead

```kconfig,good
config USB
	bool "USB"
# file: usb.c
#ifdef CONFIG_USB
int probe(void);
#endif
```
"#;

fn check(outside: &Outside<'_>, findings: &mut Findings) {
    if !findings.knows_all_names(outside.names) {
        return;
    }
    let references = outside.references;
    // Buildroot's Makefiles have variables of their own with the prefix of its symbols, which users set.
    if references.prefix != b"CONFIG_" {
        return;
    }
    let defined = references.all().filter(|(_, it)| it.how == How::Defined);
    let defined: FxHashSet<Name> = defined.map(|(_, it)| it.name).collect();
    let is_code = |file: &Mentions| {
        !file.aside && matches!(file.kind, FileKind::C | FileKind::Rust | FileKind::Make)
    };
    for (file, mention) in references.in_files(is_code) {
        let name = mention.name;
        let is_undefined = !outside.defines(name) && !defined.contains(&name);
        if mention.how != How::Tested || !is_undefined {
            continue;
        }
        let hint = outside.names.hint(name);
        let written = outside.written(name);
        let message = format!("nothing defines {written}: it is never set{hint}");
        if let Some(finding) = findings.report_mention(outside, (file, mention), message) {
            finding.defect = Some(written);
        }
    }
}
