// SPDX-License-Identifier: MIT OR Apache-2.0
//! negative-module-dependency: a bool that depends on `!X`, where X can be a module.

use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::model::{Expr, SymbolId, ValueType};

/// The declaration.
pub static RULE: Rule = Rule {
    name: "negative-module-dependency",
    group: Group::Suspicious,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Symbol(check),
    fixable: false,
    since: "0.1.0",
    summary: "a bool depends on !X, and can be y where X is a module",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports `depends on !X`, with a tristate X, in an entry that is bool. `!X` is m where X is m, and a bool takes m for
y (symbol.c, `sym_calc_visibility`): it can be y beside the module.

`X = n` says that X shall be off, `X != y` that it may be a module.

## Why is this bad

Whoever writes `!X` mostly means that the two exclude each other. They do not when X is a module.

## Example

```kconfig,bad
config MODULES
	bool "Modules"
	modules

config USB
	tristate "USB"

config SMALL
	bool "As small as can be"
	depends on !USB
```

## Use instead

```kconfig,good
config MODULES
	bool "Modules"
	modules

config USB
	tristate "USB"

config SMALL
	bool "As small as can be"
	depends on USB = n
```
"#;

fn check(scope: &Scope<'_>, id: SymbolId, findings: &mut Findings) {
    let model = scope.model;
    if model.symbol(id).ty != ValueType::Bool {
        return;
    }
    let name = model.name(id);
    for definition in &model.symbol(id).definitions {
        let entry = MenuEntry::of(&model.menu, definition.node);
        let on = entry.node.on & model.architectures_of(id);
        for term in model.own_conjuncts_of(definition) {
            let denied = match term.expr.map(|expr| model.exprs.get(expr)) {
                Some(Expr::Not(inner)) => model.exprs.get(inner),
                _ => continue,
            };
            let Expr::Symbol(other) = denied else {
                continue;
            };
            if model.symbol(other).ty != ValueType::Tristate {
                continue;
            }
            let on = scope.yes_beside_module(id, other, on);
            if on.is_empty() {
                continue;
            }
            let other = model.name(other);
            let message = format!("{name} is a bool: it can be y where {other} is m");
            let finding = findings.report(term.span, on, Some(name), message);
            finding.key.push(other.to_owned());
            let help = format!("write {other} = n to exclude it, {other} != y to allow a module");
            finding.helps.push(help);
        }
    }
}
