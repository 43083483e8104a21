// SPDX-License-Identifier: MIT OR Apache-2.0
//! select-choice-member: a select or imply of a symbol that a choice decides.

use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Label, Level};
use crate::model::{Select, SymbolId};

/// The declaration.
pub static RULE: Rule = Rule {
    name: "select-choice-member",
    group: Group::Correctness,
    level: Level::Warn,
    stage: Stage::Model,
    check: Check::Symbol(check),
    fixable: false,
    since: "0.1.0",
    summary: "a select or imply of a member of a choice does nothing",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a `select` or an `imply` of a symbol that is a member of a choice.

## Why is this bad

The user decides which member of a choice is on, and Kconfig ignores the statement (symbol.c,
`sym_calc_visibility` computes no reverse dependency of a member).

## Example

```kconfig,bad
choice
	prompt "Bus of the panel"

config PANEL_I2C
	bool "I2C"

config PANEL_SPI
	bool "SPI"

endchoice

config FAST_PANEL
	bool "Fast panel"
	select PANEL_SPI
```

## Use instead

Let the choice have a default, or let the selector depend on the member:

```kconfig,good
choice
	prompt "Bus of the panel"

config PANEL_I2C
	bool "I2C"

config PANEL_SPI
	bool "SPI"

endchoice

config FAST_PANEL
	bool "Fast panel"
	depends on PANEL_SPI
```
"#;

fn check(scope: &Scope<'_>, id: SymbolId, findings: &mut Findings) {
    let symbol = scope.model.symbol(id);
    for select in &symbol.selects {
        look_at(scope, scope.model.select(*select), "select", findings);
    }
    for imply in &symbol.implies {
        look_at(scope, scope.model.imply(*imply), "imply", findings);
    }
}

fn look_at(scope: &Scope<'_>, select: &Select, verb: &str, findings: &mut Findings) {
    let model = scope.model;
    let Some(choice) = model.symbol(select.target).member_of else {
        return;
    };
    let on = scope.architectures_of(select);
    if on.is_empty() {
        return;
    }
    let choice = MenuEntry::of(&model.menu, model.choice(choice).node);
    let name = model.name(select.target);
    let message = format!("{name} is a member of a choice: this {verb} does nothing");
    let selector = model.name(select.selector);
    let finding = findings.report(select.span, on, Some(selector), message);
    finding.key.push(name.to_owned());
    let place = choice.span(choice.entry.head);
    finding
        .labels
        .push(Label::new(place, format!("{name} is chosen here")));
}
