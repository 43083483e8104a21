// SPDX-License-Identifier: MIT OR Apache-2.0
//! attribute-order: attributes in another order than type, default, depends on, select, help.

use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Label, Level};
use crate::syntax::ast::{Attribute, AttributeKind, EntryKind};

/// The declaration.
pub static RULE: Rule = Rule {
    name: "attribute-order",
    group: Group::Style,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Entry(check),
    fixable: false,
    since: "0.1.0",
    summary: "attributes are not in the order type, default, depends on, select, help",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports the first attribute of a `config` or `menuconfig` that stands behind one which belongs after it. The order is
type and prompt, `default`, `depends on`, `select` and `imply`, help; that of Buildroot's check-package. Other
attributes may stand anywhere.

## Why is this bad

Who reads many entries finds each attribute in the same place.

## Example

```kconfig,bad
config USB
	bool "USB"

config USB_PANEL
	bool "USB panel"
	depends on USB
	default y
```

## Use instead

```kconfig,good
config USB
	bool "USB"

config USB_PANEL
	bool "USB panel"
	default y
	depends on USB
```
"#;

fn check(_: &Scope<'_>, entry: &MenuEntry<'_>, findings: &mut Findings) {
    let kind = &entry.entry.kind;
    if !matches!(kind, EntryKind::Config(_) | EntryKind::MenuConfig(_)) {
        return;
    }
    let mut last: Option<(u8, &Attribute)> = None;
    for attribute in entry.attributes {
        let Some(rank) = rank(attribute) else {
            continue;
        };
        match last {
            Some((before, other)) if rank < before => {
                let message = "this belongs further up in the entry".to_owned();
                let place = entry.span(attribute.range);
                let finding = findings.report(place, entry.node.on, entry.symbol(), message);
                let other = Label::new(entry.span(other.range), "before this");
                finding.labels.push(other);
                return;
            }
            _ => last = Some((rank, attribute)),
        }
    }
}

/// The place of an attribute in the order.
fn rank(attribute: &Attribute) -> Option<u8> {
    match attribute.kind {
        AttributeKind::Type { .. }
        | AttributeKind::TypedDefault { .. }
        | AttributeKind::Prompt(_) => Some(1),
        AttributeKind::Default { .. } => Some(2),
        AttributeKind::DependsOn { .. } => Some(3),
        AttributeKind::Select { .. } | AttributeKind::Imply { .. } => Some(4),
        AttributeKind::Help { .. } => Some(5),
        _ => None,
    }
}
