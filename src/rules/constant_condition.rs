// SPDX-License-Identifier: MIT OR Apache-2.0
//! constant-condition: a condition that has the same value whatever is configured.

use super::scope::{Findings, Meant, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::model::ValueType;
use crate::syntax::ast::{Ast, CompareOp, ExprId, ExprKind};

/// The declaration.
pub static RULE: Rule = Rule {
    name: "constant-condition",
    group: Group::Suspicious,
    level: Level::Warn,
    stage: Stage::Model,
    check: Check::Entry(check),
    fixable: false,
    since: "0.1.0",
    summary: "a condition that always or never holds",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports `X || !X` and `X || X = n` where X is a bool, which always hold, and `X && !X`, which never does.

For a tristate `X || !X` means something: it is m where X is m, so that what depends on it is not built in
while X is a module.

## Why is this bad

The author wanted the idiom for tristates, or one of the two terms is the wrong symbol. Kconfig takes it and
says nothing.

## Example

```kconfig,bad
config USB
	bool "USB"

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
	tristate "USB panel"
	depends on USB || !USB
```
"#;

fn check(scope: &Scope<'_>, entry: &MenuEntry<'_>, findings: &mut Findings) {
    let symbol = entry.symbol();
    for expr in entry.expressions() {
        let mut open = vec![expr];
        while let Some(id) = open.pop() {
            match entry.ast.expr(id).kind {
                ExprKind::Not(x) | ExprKind::Paren(x) => open.push(x),
                ExprKind::And(..) | ExprKind::Or(..) => {
                    let operands = operands(entry.ast, id);
                    if let Some((name, always)) = contradiction(scope, entry, id, &operands) {
                        let holds = if always {
                            "always holds"
                        } else {
                            "never holds"
                        };
                        let message = format!("this {holds}, whatever {name} is");
                        let place = entry.span(entry.ast.expr(id).range);
                        let finding = findings.report(place, entry.node.on, symbol, message);
                        finding.key.push(name);
                    }
                    open.extend(operands);
                }
                ExprKind::Atom(_) | ExprKind::Compare(..) => {}
            }
        }
    }
}

/// The operands of a chain of one operator, parentheses taken away.
fn operands(ast: &Ast, root: ExprId) -> Vec<ExprId> {
    let is_and = matches!(ast.expr(root).kind, ExprKind::And(..));
    let mut found = Vec::new();
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        match ast.expr(bare(ast, id)).kind {
            ExprKind::And(x, y) if is_and => open.extend([y, x]),
            ExprKind::Or(x, y) if !is_and => open.extend([y, x]),
            _ => found.push(bare(ast, id)),
        }
    }
    found
}

fn bare(ast: &Ast, mut id: ExprId) -> ExprId {
    while let ExprKind::Paren(inner) = ast.expr(id).kind {
        id = inner;
    }
    id
}

/// The bool that a chain both affirms and denies, with whether the chain then always holds.
fn contradiction(
    scope: &Scope<'_>,
    entry: &MenuEntry<'_>,
    chain: ExprId,
    operands: &[ExprId],
) -> Option<(String, bool)> {
    let ast = entry.ast;
    let always = matches!(ast.expr(chain).kind, ExprKind::Or(..));
    let affirmed = operands
        .iter()
        .filter(|id| matches!(ast.expr(**id).kind, ExprKind::Atom(_)));
    let affirmed: Vec<String> = affirmed.map(|id| scope.written(entry, *id)).collect();
    operands.iter().find_map(|id| {
        let atom = match ast.expr(*id).kind {
            ExprKind::Not(inner) => match ast.expr(bare(ast, inner)).kind {
                ExprKind::Atom(atom) => atom,
                _ => return None,
            },
            ExprKind::Compare(CompareOp::Equal, atom, value) if always => {
                let is_no = scope.text(entry.place(value)) == "n";
                is_no.then_some(atom)?
            }
            _ => return None,
        };
        let name = scope.text(entry.place(atom));
        let is_bool = scope
            .meant(entry, atom)
            .iter()
            .all(|(meant, _)| match meant {
                Meant::Symbol(id) => scope.model.symbol(*id).ty == ValueType::Bool,
                Meant::Text(_) | Meant::Unknown => false,
            });
        (affirmed.contains(&name) && is_bool).then_some((name, always))
    })
}
