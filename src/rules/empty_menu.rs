// SPDX-License-Identifier: MIT OR Apache-2.0
//! empty-menu: a menu without content.

use rustc_hash::FxHashSet;

use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::menu::NodeId;
use crate::syntax::ast::EntryKind;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "empty-menu",
    group: Group::Suspicious,
    level: Level::Warn,
    stage: Stage::Model,
    check: Check::Tree(check),
    fixable: false,
    since: "0.1.0",
    summary: "a menu has no entry",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a `menu` in which no architecture finds an entry.

## Why is this bad

The user sees a menu that leads nowhere, or a title that belongs to nothing.

## Example

```kconfig,bad
config PCI
	bool "PCI"

menu "Panels"

endmenu
```

## Use instead

```kconfig,good
menu "Panels"

config USB_PANEL
	bool "USB panel"

endmenu
```
"#;

fn check(scope: &Scope<'_>, findings: &mut Findings) {
    let menu = &scope.model.menu;
    let nodes = menu.nodes.iter();
    let parents: FxHashSet<NodeId> = nodes.filter_map(|node| node.parent).collect();
    for at in 0..menu.nodes.len() {
        let id = NodeId(at as u32);
        let entry = MenuEntry::of(menu, id);
        if !matches!(entry.entry.kind, EntryKind::Menu(_)) || parents.contains(&id) {
            continue;
        }
        if entry.entry.close.is_some() && !scope.has_unread(&entry) {
            let message = "this menu has no entry".to_owned();
            findings.report(entry.span(entry.entry.head), entry.node.on, None, message);
        }
    }
}
