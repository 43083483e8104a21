// SPDX-License-Identifier: MIT OR Apache-2.0
//! select-visible: a select of an option that the user is asked about.

use super::scope::{Findings, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Label, Level};
use crate::model::SymbolId;
use crate::tree::ArchSet;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "select-visible",
    group: Group::Pedantic,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Symbol(check),
    fixable: false,
    since: "0.1.0",
    summary: "a select of a symbol that has a prompt",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a `select` of a symbol that has a prompt. Documentation/kbuild/kconfig-language.rst of Linux asks to
select only symbols without one.

## Why is this bad

The user answers a question, and the answer does not count. A prompt that is always visible usually means
that the option has dependencies, and `select` does not look at them.

## Example

```kconfig,bad
config BUS
	bool "Bus"

config USB_PANEL
	bool "USB panel"
	select BUS
```

## Use instead

```kconfig,good
config BUS
	bool "Bus"

config USB_PANEL
	bool "USB panel"
	depends on BUS
```
"#;

fn check(scope: &Scope<'_>, id: SymbolId, findings: &mut Findings) {
    let model = scope.model;
    for select in &model.symbol(id).selects {
        let select = model.select(*select);
        let target = model.symbol(select.target);
        let Some(prompt) = target.prompts.first() else {
            continue;
        };
        // On other architectures nobody may ask.
        let asked = target.prompts.iter().map(|it| model.menu.node(it.node).on);
        let asked = asked.fold(ArchSet::EMPTY, |all, on| all | on);
        let on = scope.architectures_of(select) & asked;
        if on.is_empty() || !target.takes_selects() {
            continue;
        }
        let name = model.name(select.target);
        let message = format!("{name} has a prompt, and this select overrules the user's answer");
        let finding = findings.report(select.span, on, Some(model.name(id)), message);
        finding.key.push(name.to_owned());
        finding
            .labels
            .push(Label::new(prompt.span, "the user is asked here"));
    }
}
