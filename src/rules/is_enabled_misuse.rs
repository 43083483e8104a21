// SPDX-License-Identifier: MIT OR Apache-2.0
//! is-enabled-misuse: `IS_ENABLED(X)` without the prefix.

use super::outside::Outside;
use super::scope::Findings;
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Applicability, Edit, Fix, Level};
use crate::references::{FileKind, How, Mentions};

/// The declaration.
pub static RULE: Rule = Rule {
    name: "is-enabled-misuse",
    group: Group::Kernel,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Outside(check),
    fixable: true,
    since: "0.1.0",
    summary: "a call of IS_ENABLED or its kin lacks the prefix of the name",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports `IS_ENABLED(X)`, `IS_BUILTIN(X)`, `IS_MODULE(X)` and `IS_REACHABLE(X)` where X is the name of a symbol, and
lacks the prefix that C files write.

## Why is this bad

The preprocessor finds no macro of this name, so the test is false in every configuration (include/linux/kconfig.h).

## Example

```kconfig,bad
config USB
	bool "USB"
# file: usb.c
int has_usb = IS_ENABLED(USB);
```

## Use instead

```kconfig,good
config USB
	bool "USB"
# file: usb.c
int has_usb = IS_ENABLED(CONFIG_USB);
```
"#;

fn is_c(file: &Mentions) -> bool {
    !file.aside && file.kind == FileKind::C
}

fn check(outside: &Outside<'_>, findings: &mut Findings) {
    for (file, mention) in outside.references.in_files(is_c) {
        if mention.how != How::Bare || !outside.names.has(mention.name) {
            continue;
        }
        let written = outside.written(mention.name);
        let message = format!("this is always false: {written} is meant");
        let Some(finding) = findings.report_mention(outside, (file, mention), message) else {
            continue;
        };
        let Some(label) = &finding.primary else {
            continue;
        };
        let edit = Edit {
            span: label.span,
            text: written.clone(),
        };
        let title = format!("write {written}");
        let fix = Fix::new(title, Applicability::MaybeIncorrect, vec![edit]);
        finding.fixes.push(fix);
    }
}
