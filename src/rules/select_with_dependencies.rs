// SPDX-License-Identifier: MIT OR Apache-2.0
//! select-with-dependencies: a select of a symbol that depends on something.

use super::scope::{Findings, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Label, Level};
use crate::model::SymbolId;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "select-with-dependencies",
    group: Group::Pedantic,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Symbol(check),
    fixable: false,
    since: "0.1.0",
    summary: "a select of a symbol that has dependencies",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a `select` of a symbol that depends on something. Whether the select is broken today is another question, which
`unmet-dependency` decides; this rule counts what could break. `--statistics` has the counts for each folder.

## Why is this bad

`select` does not look at what its target depends on. Each such line is safe only as long as two places say the same: a
dependency that the target gains has to be added to all its selectors.

## Example

```kconfig,bad
config MMU
	bool "MMU"

config PAGE_HELPER
	bool
	depends on MMU

config USB_PANEL
	bool "USB panel"
	depends on MMU
	select PAGE_HELPER
```

## Use instead

```kconfig,good
config MMU
	bool "MMU"

config PAGE_HELPER
	bool

config USB_PANEL
	bool "USB panel"
	depends on MMU
	select PAGE_HELPER
```
"#;

fn check(scope: &Scope<'_>, id: SymbolId, findings: &mut Findings) {
    let model = scope.model;
    for select in &model.symbol(id).selects {
        let select = model.select(*select);
        let target = model.symbol(select.target);
        let on = scope.architectures_of(select) & target.depends_on;
        if on.is_empty() || !target.takes_selects() {
            continue;
        }
        let name = model.name(select.target);
        let message = format!("{name} has dependencies, and a select does not look at them");
        let finding = findings.report(select.span, on, Some(model.name(id)), message);
        finding.key.push(name.to_owned());
        let definitions = target.definitions.iter();
        let mut dependent = definitions.filter(|it| it.dependency.is_some());
        let label = dependent
            .next()
            .map(|it| Label::new(it.name, "which depends on something"));
        finding.labels.extend(label);
    }
}
