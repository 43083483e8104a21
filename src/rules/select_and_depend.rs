// SPDX-License-Identifier: MIT OR Apache-2.0
//! select-and-depend: a symbol that some entries select and others depend on.

use rustc_hash::FxHashMap;

use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Label, Level};
use crate::model::{Expr, SymbolId};
use crate::source::Span;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "select-and-depend",
    group: Group::Pedantic,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Tree(check),
    fixable: false,
    since: "0.1.0",
    summary: "some entries select a symbol with a prompt, others depend on it",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a symbol with a prompt that at least one entry selects and at least one other names in its `depends on`, once
for the symbol.

## Why is this bad

A user who looks for an option that depends on the symbol has to find that one first; with a select it would have
come by itself. And a tree that mixes both is one `depends on` away from a recursive dependency.

## Example

```kconfig,bad
config I2C
	bool "I2C"

config USB_PANEL
	bool "USB panel"
	select I2C

config CLOCK
	bool "Clock"
	depends on I2C
```

## Use instead

```kconfig,good
config I2C
	bool "I2C"

config USB_PANEL
	bool "USB panel"
	depends on I2C

config CLOCK
	bool "Clock"
	depends on I2C
```
"#;

fn check(scope: &Scope<'_>, findings: &mut Findings) {
    let model = scope.model;
    let depended_on = depended_on(scope);
    for (id, symbol) in model.symbol_ids() {
        let selects = symbol.selected_by.iter().map(|it| model.select(*it));
        let mut selects = selects.filter(|it| !scope.architectures_of(it).is_empty());
        let (Some(select), Some(places)) = (selects.next(), depended_on.get(&id)) else {
            continue;
        };
        let Some(definition) = symbol
            .definitions
            .first()
            .filter(|_| !symbol.prompts.is_empty())
        else {
            continue;
        };
        let selects = 1 + selects.count();
        let name = model.name(id);
        let message = format!(
            "{name} is selected {} and depended on {}",
            times(selects),
            times(places.len())
        );
        let on = MenuEntry::of(&model.menu, definition.node).node.on & model.architectures_of(id);
        let finding = findings.report(definition.name, on, Some(name), message);
        let label = Label::new(select.span, "a select of it");
        finding.labels.push(label);
        let label = Label::new(places[0], "a dependency on it");
        finding.labels.push(label);
    }
}

fn times(number: usize) -> String {
    match number {
        1 => "once".to_owned(),
        _ => format!("{number} times"),
    }
}

/// The symbols that entries name as a term of their own dependency, with the places.
fn depended_on(scope: &Scope<'_>) -> FxHashMap<SymbolId, Vec<Span>> {
    let model = scope.model;
    let mut found: FxHashMap<SymbolId, Vec<Span>> = FxHashMap::default();
    for symbol in &model.symbols {
        for definition in &symbol.definitions {
            for term in model.own_conjuncts_of(definition) {
                if let Some(Expr::Symbol(other)) = term.expr.map(|expr| model.exprs.get(expr)) {
                    found.entry(other).or_default().push(term.span);
                }
            }
        }
    }
    found
}
