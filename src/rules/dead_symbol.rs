// SPDX-License-Identifier: MIT OR Apache-2.0
//! dead-symbol: a symbol that no configuration can switch on.

use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::logic::{Among, Examples, dead};
use crate::model::{Exprs, Model, SymbolId};
use crate::tree::ArchSet;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "dead-symbol",
    group: Group::Suspicious,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Tree(check),
    fixable: false,
    since: "0.1.0",
    summary: "no configuration of any architecture can switch a symbol on",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Finds every bool or tristate that is n in all configurations of all architectures: its dependencies
contradict each other, or it has no prompt and no default that can hold, and nothing that can be on
selects it. The question is put to the solver, not to the text.

A symbol that only lacks a name that nothing defines is left to `undefined-symbol`. Where some `source`
statement leads to no file, nothing is reported.

## Why is this bad

The option has vanished from all menus, and the code behind it is never built. That is usually what a
rename, a removed platform or a wrong `&&` has left behind.

## Example

```kconfig,bad
config MMU
	bool "Memory management unit"

config USB_PANEL
	bool "USB panel"
	depends on MMU
	depends on !MMU
```

## Use instead

```kconfig,good
config MMU
	bool "Memory management unit"

config USB_PANEL
	bool "USB panel"
	depends on MMU
```
"#;

fn check(scope: &Scope<'_>, findings: &mut Findings) {
    let model = scope.model;
    if !findings.knows_all_names(scope.names) {
        return;
    }
    let Some(mut theory) = scope.theory() else {
        return;
    };
    let symbols = model.symbol_ids();
    let asked = symbols.filter(|(_, symbol)| {
        symbol.is_defined()
            && symbol.ty.is_logical()
            && symbol.choice.is_none()
            && !symbol.transitional
            && !scope.lacks_a_name(symbol.direct.unwrap_or(Exprs::YES))
    });
    let asked: Vec<SymbolId> = asked.map(|(id, _)| id).collect();
    let everywhere = model.menu.on;
    let found = dead(
        &mut theory,
        &asked,
        everywhere,
        Among::All(&Examples::default()),
        false,
    );
    for id in &found {
        let id = *id;
        let symbol = model.symbol(id);
        let mut on = ArchSet::EMPTY;
        for definition in &symbol.definitions {
            on |= MenuEntry::of(&model.menu, definition.node).node.on;
        }
        let name = model.name(id);
        // A name may have several symbols, each for some of the architectures.
        let all = symbol
            .name
            .map(|name| model.symbols_named(name))
            .unwrap_or_default();
        let is_dead = |other: SymbolId| found.contains(&other) || !model.symbol(other).is_defined();
        if !all.iter().all(|(_, other)| is_dead(*other)) {
            continue;
        }
        let why = match is_forgotten(model, id) {
            true => "it has no prompt and no default, and nothing selects it",
            false => "no configuration switches it on",
        };
        let message = format!("{name} is always n: {why}");
        let on = on & model.architectures_of(id);
        findings.report(symbol.definitions[0].name, on, Some(name), message);
    }
}

/// Whether nothing even tries to set a symbol.
fn is_forgotten(model: &Model, id: SymbolId) -> bool {
    let symbol = model.symbol(id);
    symbol.prompts.is_empty()
        && symbol.defaults.is_empty()
        && symbol.selected_by.is_empty()
        && symbol.implied_by.is_empty()
}
