// SPDX-License-Identifier: MIT OR Apache-2.0
//! attribute-order: attributes in another order than type, default, depends on, select, help.

use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Applicability, Edit, Fix, Label, Level};
use crate::source::TextRange;
use crate::syntax::ast::{Attribute, AttributeKind, EntryKind};

/// The declaration.
pub static RULE: Rule = Rule {
    name: "attribute-order",
    group: Group::Style,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Entry(check),
    fixable: true,
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

fn check(scope: &Scope<'_>, entry: &MenuEntry<'_>, findings: &mut Findings) {
    let kind = &entry.entry.kind;
    if !matches!(kind, EntryKind::Config(_) | EntryKind::MenuConfig(_)) {
        return;
    }
    let mut last: Option<(u8, &Attribute)> = None;
    for attribute in entry.attributes {
        let Some(rank) = rank_of(attribute) else {
            continue;
        };
        match last {
            Some((before, other)) if rank < before => {
                let message = "this belongs further up in the entry".to_owned();
                let place = entry.span(attribute.range);
                let finding = findings.report(place, entry.node.on, entry.symbol(), message);
                let other = Label::new(entry.span(other.range), "before this");
                finding.labels.push(other);
                let target = entry.attributes.iter().find(|it| rank_of(it) > Some(rank));
                finding
                    .fixes
                    .extend(target.map(|it| moved(scope, entry, attribute, it)));
                return;
            }
            _ => last = Some((rank, attribute)),
        }
    }
}

/// Moves an attribute in front of another one. Attributes of one kind keep their order, and the order of different kinds
/// means nothing.
fn moved(scope: &Scope<'_>, entry: &MenuEntry<'_>, attribute: &Attribute, to: &Attribute) -> Fix {
    let lines = scope.lines(entry.span(attribute.range));
    let target = scope.lines(entry.span(to.range));
    let there = TextRange::new(target.start, target.start).in_file(target.file);
    let mut text = scope.text(lines);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let edits = vec![
        Edit { span: there, text },
        Edit {
            span: lines,
            text: String::new(),
        },
    ];
    Fix::new("move it up", Applicability::MachineApplicable, edits)
}

/// The place of an attribute in the order.
fn rank_of(attribute: &Attribute) -> Option<u8> {
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
