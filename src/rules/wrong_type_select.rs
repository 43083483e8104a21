// SPDX-License-Identifier: MIT OR Apache-2.0
//! wrong-type-select: a select or imply from or of a symbol that is no bool or tristate.

use super::scope::{Findings, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Label, Level};
use crate::model::{Select, SymbolId, ValueType};

/// The declaration.
pub static RULE: Rule = Rule {
    name: "wrong-type-select",
    group: Group::Correctness,
    level: Level::Warn,
    stage: Stage::Model,
    check: Check::Symbol(check),
    fixable: false,
    since: "0.1.0",
    summary: "a select or imply from or of a symbol that is no bool or tristate",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a `select` or an `imply` of a symbol that is an int, a hex or a string, and one that stands in
such a symbol (menu.c, `sym_check_prop`).

## Why is this bad

Kconfig ignores the statement: a number or a text is never "on", and cannot be switched on.

## Example

```kconfig,bad
config USB_BUFFERS
	int "Buffers"
	default 4

config USB_PANEL
	bool "USB panel"
	select USB_BUFFERS
```

## Use instead

Give the number a value where it is defined:

```kconfig,good
config USB_BUFFERS
	int "Buffers"
	default 8 if USB_PANEL
	default 4

config USB_PANEL
	bool "USB panel"
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
    let is_wrong = |id: SymbolId| {
        let ty = model.symbol(id).ty;
        !ty.is_logical() && ty != ValueType::Unknown
    };
    let wrong = [select.selector, select.target]
        .into_iter()
        .find(|id| is_wrong(*id));
    let Some(wrong) = wrong else { return };
    let on = scope.architectures_of(select);
    if on.is_empty() {
        return;
    }
    let name = model.name(wrong);
    let message = format!("{name} is no bool or tristate: this {verb} does nothing");
    let selector = model.name(select.selector);
    let finding = findings.report(select.span, on, Some(selector), message);
    finding.key.push(model.name(select.target).to_owned());
    if let Some(definition) = model.symbol(wrong).definitions.first() {
        let words = format!("{name} is defined here");
        finding.labels.push(Label::new(definition.name, words));
    }
}
