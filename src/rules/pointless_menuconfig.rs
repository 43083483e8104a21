// SPDX-License-Identifier: MIT OR Apache-2.0
//! pointless-menuconfig: a `menuconfig` below which nothing stands.

use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Applicability, Edit, Fix, Level};
use crate::menu::NodeId;
use crate::model::{Model, SymbolId};
use crate::source::TextRange;
use crate::syntax::ast::{AttributeKind, EntryKind};

/// The declaration.
pub static RULE: Rule = Rule {
    name: "pointless-menuconfig",
    group: Group::Suspicious,
    level: Level::Warn,
    stage: Stage::Model,
    check: Check::Symbol(check),
    fixable: true,
    since: "0.1.0",
    summary: "a menuconfig opens a menu in which nothing stands",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a `menuconfig` of which the next entry does not depend, so that its menu is empty (menu.c,
`menu_finalize`: the entries behind it that depend on it make the menu).

## Why is this bad

The user opens a menu and finds nothing. Either the entries that belong there forgot their dependency, or
`config` was meant.

## Example

```kconfig,bad
menuconfig PANELS
	bool "Panels"

config CLOCK
	bool "Clock"
```

## Use instead

```kconfig,good
menuconfig PANELS
	bool "Panels"

config USB_PANEL
	bool "USB panel"
	depends on PANELS
```
"#;

fn check(scope: &Scope<'_>, id: SymbolId, findings: &mut Findings) {
    let model = scope.model;
    for definition in &model.symbol(id).definitions {
        let entry = MenuEntry::of(&model.menu, definition.node);
        let has_prompt = model
            .symbol(id)
            .prompts
            .iter()
            .any(|it| it.node == definition.node);
        if !matches!(entry.entry.kind, EntryKind::MenuConfig(_)) || !has_prompt {
            continue;
        }
        if has_children(model, id, definition.node) || is_before_unread(scope, &entry) {
            continue;
        }
        let name = model.name(id);
        let message = format!("the entry behind {name} does not depend on it: its menu is empty");
        let head = entry.entry.head;
        let on = entry.node.on & model.architectures_of(id);
        let finding = findings.report(entry.span(head), on, Some(name), message);
        let keyword = TextRange::new(head.start, head.start + "menuconfig".len() as u32);
        let edit = Edit {
            span: entry.span(keyword),
            text: "config".to_owned(),
        };
        finding.fixes.push(Fix::new(
            "write config",
            Applicability::MaybeIncorrect,
            vec![edit],
        ));
    }
}

/// Whether an entry behind a statement depends on the symbol: the next one of each architecture.
fn has_children(model: &Model, id: SymbolId, node: NodeId) -> bool {
    let menu = &model.menu;
    let own = menu.node(node);
    let mut rest = own.on;
    for at in node.0 as usize + 1..menu.nodes.len() {
        let next = NodeId(at as u32);
        let other = menu.node(next);
        if (other.on & rest).is_empty()
            || other.instance == own.instance && other.entry == own.entry
        {
            continue;
        }
        if says(model, id, next) {
            return true;
        }
        // What the block holds may depend on it.
        let opens = matches!(menu.kind(next), EntryKind::If(_)) && other.parent == own.parent;
        if !opens {
            rest = rest.without(other.on);
        }
        if rest.is_empty() {
            break;
        }
    }
    false
}

/// Whether a statement itself names the symbol in its dependency, its `if` or its `visible if`.
fn says(model: &Model, id: SymbolId, node: NodeId) -> bool {
    let entry = MenuEntry::of(&model.menu, node);
    let own = match entry.entry.kind {
        EntryKind::If(condition) => vec![condition],
        _ => {
            let attributes = entry.attributes.iter();
            let all = attributes.filter_map(|attribute| match attribute.kind {
                AttributeKind::DependsOn { expr, .. } => Some(expr),
                AttributeKind::Visible(condition) => condition,
                AttributeKind::Type {
                    prompt: Some(prompt),
                    ..
                }
                | AttributeKind::Prompt(prompt) => prompt.condition,
                _ => None,
            });
            all.collect()
        }
    };
    let mut words = own.into_iter().flat_map(|expr| entry.words(expr));
    words.any(|(atom, _)| {
        let mut names = super::undefined_symbol::names(&entry, atom).into_iter();
        names.any(|(name, _)| name.as_str() == model.name(id))
    })
}

/// Whether a `source` statement that leads to no file may bring what belongs below an entry.
fn is_before_unread(scope: &Scope<'_>, entry: &MenuEntry<'_>) -> bool {
    let head = entry.span(entry.entry.head);
    let mut unfollowed = scope.model.menu.unfollowed.iter();
    unfollowed.any(|it| it.span.file == head.file && it.span.start > head.start)
}
