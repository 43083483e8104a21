// SPDX-License-Identifier: MIT OR Apache-2.0
//! symbol-name: a name with small letters, or too long a one.

use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "symbol-name",
    group: Group::Style,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Entry(check),
    fixable: false,
    since: "0.1.0",
    summary: "the name of a symbol has small letters, or is too long",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a `config` or `menuconfig` whose name has letters other than capitals. With the preset `esp-idf` it also reports
a name of more than 50 characters, as kconfcheck does.

## Why is this bad

Names in `.config`, C and Makefiles are capitals everywhere; a small letter in one is easily missed.

## Example

```kconfig,bad
config USB_Panel
	bool "USB panel"
```

## Use instead

```kconfig,good
config USB_PANEL
	bool "USB panel"
```
"#;

fn check(scope: &Scope<'_>, entry: &MenuEntry<'_>, findings: &mut Findings) {
    let (Some(atom), Some(name)) = (entry.defines(), entry.symbol()) else {
        return;
    };
    if name.bytes().any(|byte| byte.is_ascii_lowercase()) {
        let message = format!("{name} has small letters");
        findings.report(entry.place(atom), entry.node.on, Some(name), message);
    }
    if let Some(most) = scope.form.name.filter(|most| name.len() > *most) {
        let length = name.len();
        let message = format!("{name} has {length} characters, more than {most}");
        findings.report(entry.place(atom), entry.node.on, Some(name), message);
    }
}
