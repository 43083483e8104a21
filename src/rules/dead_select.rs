// SPDX-License-Identifier: MIT OR Apache-2.0
//! dead-select: a select whose condition cannot hold.

use super::scope::{Findings, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::model::{Expr, ExprId, Model, Select, SymbolId, ValueType};

/// The declaration.
pub static RULE: Rule = Rule {
    name: "dead-select",
    group: Group::Suspicious,
    level: Level::Warn,
    stage: Stage::Model,
    check: Check::Symbol(check),
    fixable: false,
    since: "0.1.0",
    summary: "the condition of a select contradicts what its symbol depends on",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports `select X if Y` where Y contradicts a term that the symbol itself depends on: the symbol depends on
`!Y`, or Y asks for a value that a dependency excludes.

## Why is this bad

The statement never does anything. Either the condition or the dependency says the opposite of what was
meant.

## Example

```kconfig,bad
config MMU
	bool "Memory management unit"

config BUS
	bool

config USB_PANEL
	bool "USB panel"
	depends on !MMU
	select BUS if MMU
```

## Use instead

```kconfig,good
config MMU
	bool "Memory management unit"

config BUS
	bool

config USB_PANEL
	bool "USB panel"
	select BUS if MMU
```
"#;

fn check(scope: &Scope<'_>, id: SymbolId, findings: &mut Findings) {
    for select in &scope.model.symbol(id).selects {
        contradicts(scope, scope.model.select(*select), "selects", findings);
    }
}

/// Reports a `select` or an `imply` whose condition contradicts what its symbol depends on.
pub(super) fn contradicts(scope: &Scope<'_>, select: &Select, verb: &str, findings: &mut Findings) {
    let model = scope.model;
    let mut definitions = model.symbol(select.selector).definitions.iter();
    let definition = definitions.find(|it| it.node == select.node);
    let dependency = definition.and_then(|it| it.dependency);
    let Some((written, dependency)) = select.written.zip(dependency) else {
        return;
    };
    let given = model.exprs.conjuncts(dependency);
    let wanted = model.exprs.conjuncts(written);
    let is_denied = |term: &&ExprId| given.iter().any(|it| exclude(model, *it, **term));
    let Some(denied) = wanted.iter().find(is_denied) else {
        return;
    };
    let on = model.menu.node(select.node).on & model.architectures_of(select.selector);
    if on.is_empty() {
        return;
    }
    let (name, target) = (model.name(select.selector), model.name(select.target));
    let term = model.printer().expr(*denied);
    let message =
        format!("{name} never {verb} {target} here: it depends on the opposite of {term}");
    let finding = findings.report(select.span, on, Some(name), message);
    finding.key.push(target.to_owned());
}

/// Whether one term is the denial of the other, for bools: a tristate can be m and not m.
fn exclude(model: &Model, one: ExprId, other: ExprId) -> bool {
    let is_bool = |id: ExprId| {
        let mut all = true;
        model.exprs.for_each_symbol(id, |symbol| {
            all &= model.symbol(symbol).ty == ValueType::Bool;
        });
        all
    };
    let denies = |not: ExprId, what: ExprId| match model.exprs.get(not) {
        Expr::Not(inner) => inner == what,
        _ => false,
    };
    is_bool(one) && (denies(one, other) || denies(other, one))
}
