// SPDX-License-Identifier: MIT OR Apache-2.0
//! imply-reachable: what a symbol implies can be a module while the symbol is built in.

use super::scope::{Findings, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::model::{SymbolId, ValueType};

/// The declaration.
pub static RULE: Rule = Rule {
    name: "imply-reachable",
    group: Group::Pedantic,
    level: Level::Allow,
    stage: Stage::Theory,
    check: Check::Symbol(check),
    fixable: false,
    since: "0.1.0",
    summary: "what an imply asks for can be a module while the symbol itself is built in",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports an `imply` of a tristate that some configuration has at m while the implying symbol is y. The solver is asked; where
a dependency such as `SOUND || !SOUND` keeps the two together nothing is reported.

## Why is this bad

`imply` lets the user lower its target. Built-in code that tests the target with IS_ENABLED() then calls into a module, and
the kernel is not linked; such code has to test IS_REACHABLE(). Only the code tells which of the two it does, so that
nothing is wrong with most of these lines: `link-level` looks at the calls.

## Example

```kconfig,bad
config MODULES
	bool "Modules"
	modules

config SOUND
	tristate "Sound"

config USB_PANEL
	tristate "USB panel"
	imply SOUND
```

## Use instead

```kconfig,good
config MODULES
	bool "Modules"
	modules

config SOUND
	tristate "Sound"

config USB_PANEL
	tristate "USB panel"
	depends on SOUND || !SOUND
```
"#;

fn check(scope: &Scope<'_>, id: SymbolId, findings: &mut Findings) {
    let model = scope.model;
    for imply in &model.symbol(id).implies {
        let imply = model.imply(*imply);
        let target = model.symbol(imply.target);
        if target.ty != ValueType::Tristate || !target.takes_selects() {
            continue;
        }
        let on = scope.architectures_of(imply);
        let on = scope.yes_beside_module(id, imply.target, on);
        if on.is_empty() {
            continue;
        }
        let (own, name) = (model.name(id), model.name(imply.target));
        let message = format!("{own} can be y while {name} is m");
        let finding = findings.report(imply.span, on, Some(own), message);
        finding.key.push(name.to_owned());
        let help = format!("code of {own} that calls {name} has to ask IS_REACHABLE() for it");
        finding.helps.push(help);
    }
}
