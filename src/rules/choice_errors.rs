// SPDX-License-Identifier: MIT OR Apache-2.0
//! choice-errors: a choice that is not what it looks like.

use super::scope::{Findings, MenuEntry, Scope};
use super::undefined_symbol::names;
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Label, Level};
use crate::source::near;
use crate::syntax::ast::{AttributeKind, EntryKind, ExprKind};

/// The declaration.
pub static RULE: Rule = Rule {
    name: "choice-errors",
    group: Group::Correctness,
    level: Level::Warn,
    stage: Stage::Model,
    check: Check::Entry(check),
    fixable: false,
    since: "0.1.0",
    summary: "a choice has no members, or a default that is none of them",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a choice without a member, and a default of a choice that is no member of it (menu.c,
`sym_check_prop`: "is not contained in the choice"). What the tree's own kconfig refuses of a choice is
a `syntax-error`.

## Why is this bad

Kconfig ignores the default and takes the first member that is visible. A choice without members decides
nothing.

## Example

```kconfig,bad
config PANEL_SPI
	bool "SPI"

choice
	prompt "Bus of the panel"
	default PANEL_SPI

config PANEL_I2C
	bool "I2C"

endchoice
```

## Use instead

```kconfig,good
choice
	prompt "Bus of the panel"
	default PANEL_SPI

config PANEL_I2C
	bool "I2C"

config PANEL_SPI
	bool "SPI"

endchoice
```
"#;

fn check(scope: &Scope<'_>, entry: &MenuEntry<'_>, findings: &mut Findings) {
    let EntryKind::Choice(name) = &entry.entry.kind else {
        return;
    };
    // A choice with a name may have its members in a file that was not read.
    if name.is_some() && !findings.knows_all_names(scope.names) {
        return;
    }
    let model = scope.model;
    let all = &model.choices;
    // A named choice of several statements is looked at where it first stands.
    let Some(at) = all.iter().position(|choice| choice.node == entry.id) else {
        return;
    };
    let choice = &all[at];
    if choice.members.is_empty() {
        // A member may stand in a file that was not read.
        if !scope.has_unread(entry) {
            let message = "this choice has no members".to_owned();
            findings.report(entry.span(entry.entry.head), entry.node.on, None, message);
        }
        return;
    }
    let is_member = |name: &str| choice.members.iter().any(|id| model.name(*id) == name);
    for attribute in entry.attributes {
        let AttributeKind::Default { value, .. } = attribute.kind else {
            continue;
        };
        let ExprKind::Atom(atom) = entry.ast.expr(value).kind else {
            continue;
        };
        for (name, on) in names(entry, atom) {
            let name = name.as_str();
            if is_member(name) || scope.has_unread(entry) {
                continue;
            }
            let members = choice.members.iter().map(|id| model.name(*id));
            let message = format!(
                "{name} is no member of this choice: the default does nothing{}",
                near::hint(name, members)
            );
            let finding = findings.report(entry.place(atom), on, Some(name), message);
            let symbol = model.symbol_named(name).map(|id| model.symbol(id));
            let place = symbol.and_then(|symbol| symbol.definitions.first());
            let label = place.map(|it| Label::new(it.name, format!("{name} is defined here")));
            finding.labels.extend(label);
        }
    }
}
