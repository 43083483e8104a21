// SPDX-License-Identifier: MIT OR Apache-2.0
//! ungrouped-attributes: attributes of one kind with others between them.

use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Label, Level};
use crate::syntax::ast::{Attribute, AttributeKind};

/// The declaration.
pub static RULE: Rule = Rule {
    name: "ungrouped-attributes",
    group: Group::Style,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Entry(check),
    fixable: false,
    since: "0.1.0",
    summary: "attributes of one kind are scattered over an entry",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a `depends on`, `select`, `imply`, `default` or `range` that is not next to the earlier ones of its kind in
the entry.

## Why is this bad

Who looks for the dependencies of a symbol reads the first block of them, and overlooks the other.

## Example

```kconfig,bad
config USB
	bool "USB"

config PCI
	bool "PCI"

config USB_PANEL
	bool "USB panel"
	depends on USB
	default y
	depends on PCI
```

## Use instead

```kconfig,good
config USB
	bool "USB"

config PCI
	bool "PCI"

config USB_PANEL
	bool "USB panel"
	depends on USB
	depends on PCI
	default y
```
"#;

fn check(_: &Scope<'_>, entry: &MenuEntry<'_>, findings: &mut Findings) {
    for (at, attribute) in entry.attributes.iter().enumerate() {
        let Some(kind) = keyword(attribute) else {
            continue;
        };
        let before = &entry.attributes[..at];
        let last = before.iter().rposition(|it| keyword(it) == Some(kind));
        let Some(last) = last.filter(|last| last + 1 < at) else {
            continue;
        };
        let message = format!("this {kind} stands apart from those before it");
        let place = entry.span(attribute.range);
        let finding = findings.report(place, entry.node.on, entry.symbol(), message);
        let last = entry.span(before[last].range);
        finding.labels.push(Label::new(last, "the last of them"));
    }
}

/// The keyword of an attribute that an entry may have several times.
fn keyword(attribute: &Attribute) -> Option<&'static str> {
    match attribute.kind {
        AttributeKind::DependsOn { .. } => Some("depends on"),
        AttributeKind::Select { .. } => Some("select"),
        AttributeKind::Imply { .. } => Some("imply"),
        AttributeKind::Default { .. } => Some("default"),
        AttributeKind::Range { .. } => Some("range"),
        _ => None,
    }
}
