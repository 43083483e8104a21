// SPDX-License-Identifier: MIT OR Apache-2.0
//! type-conflict: a symbol that two definitions give different types.

use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Label, Level};
use crate::model::SymbolId;
use crate::source::Span;
use crate::syntax::ast::{AttributeKind, Type};
use crate::tree::ArchSet;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "type-conflict",
    group: Group::Correctness,
    level: Level::Warn,
    stage: Stage::Model,
    check: Check::Symbol(check),
    fixable: false,
    since: "0.1.0",
    summary: "a definition gives a symbol another type than an earlier one",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a type that Kconfig ignores because an earlier statement gave the symbol another one (menu.c,
`menu_set_type`: "ignoring type redefinition"). Two definitions of which no architecture reads both are
fine.

## Why is this bad

The first type counts, and which statement comes first is decided far away, by the order of `source`
statements. A default or a range that was written for the other type then means something else.

## Example

```kconfig,bad
config BUFFERS
	int "Buffers"
	default 4

config BUFFERS
	bool "Buffers"
```

## Use instead

```kconfig,good
config BUFFERS
	int "Buffers"
	default 4
```
"#;

fn check(scope: &Scope<'_>, id: SymbolId, findings: &mut Findings) {
    let symbol = scope.model.symbol(id);
    let mut known: Vec<(ArchSet, Type, Span)> = Vec::new();
    for definition in &symbol.definitions {
        let entry = MenuEntry::of(&scope.model.menu, definition.node);
        for attribute in entry.attributes {
            let (AttributeKind::Type { ty, .. } | AttributeKind::TypedDefault { ty, .. }) =
                attribute.kind
            else {
                continue;
            };
            let place = entry.span(attribute.range);
            // The first type counts; which one that is can differ between architectures.
            let mut rest = entry.node.on;
            for (on, first, first_place) in &known {
                let on = *on & rest;
                rest = rest.without(on);
                if on.is_empty() || *first == ty {
                    continue;
                }
                let name = scope.model.name(id);
                let message = format!(
                    "{name} is a {}: the type {} here is ignored",
                    first.word(),
                    ty.word()
                );
                let finding = findings.report(place, on, Some(name), message);
                finding.key.push(ty.word().to_owned());
                finding
                    .labels
                    .push(Label::new(*first_place, "the type that counts"));
            }
            if !rest.is_empty() {
                known.push((rest, ty, place));
            }
        }
    }
}
