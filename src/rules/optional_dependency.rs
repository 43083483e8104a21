// SPDX-License-Identifier: MIT OR Apache-2.0
//! optional-dependency: the idiom `X || !X` for an optional module, where it does nothing.

use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::model::{Expr, ExprId, Exprs, Model, Operand, Select, SymbolId, Tristate, ValueType};
use crate::syntax::ast::CompareOp;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "optional-dependency",
    group: Group::Suspicious,
    level: Level::Warn,
    stage: Stage::Model,
    check: Check::Symbol(check),
    fixable: false,
    since: "0.1.0",
    summary: "the idiom X || !X stands in a bool, where it does nothing",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports `depends on X || !X` and `depends on X || X = n`, with a tristate X, in an entry that is bool.

The idiom says that X is optional, and that what depends on it is not built in while X is a module: its value is m
where X is m. A bool takes m for y (symbol.c, `sym_calc_visibility`), so the dependency always holds.

A bool that selects or implies a tristate is left out: the m reaches that symbol.

## Why is this bad

The code of the bool is built in while X is a module, and does not link. The author has written the dependency that
prevents this, for another type.

## Example

```kconfig,bad
config MODULES
	bool "Modules"
	modules

config USB
	tristate "USB"

config USB_PANEL
	bool "USB panel"
	depends on USB || !USB
```

## Use instead

```kconfig,good
config MODULES
	bool "Modules"
	modules

config USB
	tristate "USB"

config USB_PANEL
	bool "USB panel"
	depends on USB != m
```
"#;

fn check(scope: &Scope<'_>, id: SymbolId, findings: &mut Findings) {
    let model = scope.model;
    if model.symbol(id).ty != ValueType::Bool || reaches_a_tristate(model, id) {
        return;
    }
    let name = model.name(id);
    for definition in &model.symbol(id).definitions {
        let entry = MenuEntry::of(&model.menu, definition.node);
        let on = entry.node.on & model.architectures_of(id);
        for term in model.own_conjuncts_of(definition) {
            let optional = term.expr.and_then(|expr| optional(model, expr));
            let Some(other) = optional else { continue };
            let on = scope.yes_beside_module(id, other, on);
            if on.is_empty() {
                continue;
            }
            let other = model.name(other);
            let message =
                format!("this always holds: {name} is a bool, so it can be y where {other} is m");
            let finding = findings.report(term.span, on, Some(name), message);
            finding.key.push(other.to_owned());
            finding.helps.push(format!(
                "write {other} != m to keep {name} off then, or make {name} a tristate"
            ));
        }
    }
}

/// Whether a select or an imply hands the m of a dependency on.
fn reaches_a_tristate(model: &Model, id: SymbolId) -> bool {
    let symbol = model.symbol(id);
    let selects = symbol.selects.iter().map(|it| model.select(*it));
    let implies = symbol.implies.iter().map(|it| model.imply(*it));
    let is_bool = |it: &Select| model.symbol(it.target).ty == ValueType::Bool;
    !selects.chain(implies).all(is_bool)
}

/// The tristate X of a term with `X || !X` or `X || X = n`.
fn optional(model: &Model, term: ExprId) -> Option<SymbolId> {
    let mut alternatives = Vec::new();
    let mut open = vec![term];
    while let Some(id) = open.pop() {
        match model.exprs.get(id) {
            Expr::Or(x, y) => open.extend([x, y]),
            other => alternatives.push(other),
        }
    }
    let mut named = alternatives.iter().filter_map(|it| match it {
        Expr::Symbol(id) if model.symbol(*id).ty == ValueType::Tristate => Some(*id),
        _ => None,
    });
    named.find(|id| alternatives.iter().any(|it| denies(&model.exprs, *it, *id)))
}

/// Whether an expression is y where the symbol is n.
fn denies(exprs: &Exprs, what: Expr, id: SymbolId) -> bool {
    match what {
        Expr::Not(inner) => exprs.get(inner) == Expr::Symbol(id),
        Expr::Compare(CompareOp::Equal, Operand::Symbol(own), Operand::Constant(value)) => {
            own == id && Tristate::from_name(value) == Some(Tristate::No)
        }
        _ => false,
    }
}
