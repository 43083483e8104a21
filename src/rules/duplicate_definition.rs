// SPDX-License-Identifier: MIT OR Apache-2.0
//! duplicate-definition: two definitions that offer the same symbol at the same time.

use rustc_hash::FxHashMap;

use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Label, Level};
use crate::menu::NodeId;
use crate::model::{ExprId, Prompt, SymbolId};
use crate::syntax::ast::AttributeKind;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "duplicate-definition",
    group: Group::Suspicious,
    level: Level::Warn,
    stage: Stage::Model,
    check: Check::Symbol(check),
    fixable: false,
    since: "0.1.0",
    summary: "two definitions with prompts have the same dependencies",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a definition with a prompt that has the same dependencies as an earlier definition with a prompt.
Where no architecture reads both, or where their dependencies differ, nothing is reported: several
definitions of one symbol are an ordinary means.

## Why is this bad

The user is asked twice for the same option. It is usually what a merge has left behind, and the two texts
drift apart.

## Example

```kconfig,bad
config USB
	bool "USB"

config USB_PANEL
	bool "USB panel"
	depends on USB

config USB_PANEL
	bool "Panel on USB"
	depends on USB
```

## Use instead

```kconfig,good
config USB
	bool "USB"

config USB_PANEL
	bool "USB panel"
	depends on USB
```
"#;

fn check(scope: &Scope<'_>, id: SymbolId, findings: &mut Findings) {
    let model = scope.model;
    let symbol = model.symbol(id);
    let mut known: FxHashMap<ExprId, Vec<(&Prompt, usize)>> = FxHashMap::default();
    let definitions = symbol.definitions.iter().enumerate();
    let definitions: FxHashMap<NodeId, usize> = definitions.map(|(at, it)| (it.node, at)).collect();
    for prompt in &symbol.prompts {
        let Some(&at) = definitions.get(&prompt.node) else {
            continue;
        };
        let known = known.entry(prompt.condition).or_default();
        let entry = MenuEntry::of(&model.menu, prompt.node);
        let other = known.iter().find_map(|(other, first)| {
            let before = MenuEntry::of(&model.menu, other.node);
            let on = entry.node.on & before.node.on;
            let same = prompt.node != other.node
                // A file that is read twice says everything twice.
                && prompt.span != other.span
                && has_same_type(&entry, &before);
            (same && !on.is_empty()).then_some((on, *first))
        });
        let is_said = other.is_some_and(|(on, _)| on.covers(entry.node.on));
        if let Some((on, first)) = other {
            let name = model.name(id);
            let message = format!("{name} is defined twice with the same dependencies");
            let place = symbol.definitions[at].name;
            let finding = findings.report(place, on, Some(name), message);
            let label = Label::new(symbol.definitions[first].name, "the first definition");
            finding.labels.push(label);
        }
        let is_again = |(other, _): &(&Prompt, usize)| {
            let before = MenuEntry::of(&model.menu, other.node).node.on;
            other.span == prompt.span && before.covers(entry.node.on)
        };
        // What comes later is compared with the first of those that say the same.
        if !is_said && !known.iter().any(is_again) {
            known.push((prompt, at));
        }
    }
}

/// Whether two definitions do not disagree about the type: that is `type-conflict`'s affair.
fn has_same_type(one: &MenuEntry<'_>, other: &MenuEntry<'_>) -> bool {
    let ty = |entry: &MenuEntry<'_>| {
        entry
            .attributes
            .iter()
            .find_map(|attribute| match attribute.kind {
                AttributeKind::Type { ty, .. } | AttributeKind::TypedDefault { ty, .. } => Some(ty),
                _ => None,
            })
    };
    ty(one)
        .zip(ty(other))
        .is_none_or(|(one, other)| one == other)
}
