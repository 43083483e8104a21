// SPDX-License-Identifier: MIT OR Apache-2.0
//! dead-visible-if: a `visible if` that never holds.

use super::scope::{Findings, MenuEntry, Scope, blocks};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::syntax::ast::AttributeKind;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "dead-visible-if",
    group: Group::Suspicious,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Tree(check),
    fixable: false,
    since: "0.1.0",
    summary: "no configuration shows the prompts of a menu with visible if",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports the `visible if` of a menu that, with those around it and the dependencies of the menu, is n in every
configuration of every architecture, while the dependencies alone can hold. The question is put to the solver.

## Why is this bad

No prompt in the menu is ever shown. If that is meant, the prompts can go.

## Example

```kconfig,bad
config EXPERT
	bool "Expert"

menu "Details"
	depends on !EXPERT
	visible if EXPERT

config BUFFERS
	bool "Buffers"
	default y

endmenu
```

## Use instead

```kconfig,good
config EXPERT
	bool "Expert"

menu "Details"
	visible if EXPERT

config BUFFERS
	bool "Buffers"
	default y

endmenu
```
"#;

fn check(scope: &Scope<'_>, findings: &mut Findings) {
    if !findings.knows_all_names(scope.names) {
        return;
    }
    let model = scope.model;
    let menu = &model.menu;
    let (mut shown, mut there) = (Vec::new(), Vec::new());
    for (block, definition) in blocks(model) {
        let entry = MenuEntry::of(menu, block);
        let mut attributes = entry.attributes.iter();
        let visible = attributes.find(|it| matches!(it.kind, AttributeKind::Visible(Some(_))));
        let Some(visible) = visible else { continue };
        // Parents come before their children.
        let depends = model.conjuncts_of(definition).into_iter();
        let depends = depends.filter(|term| term.node <= block);
        let depends: Vec<_> = depends.filter_map(|term| term.expr).collect();
        let terms = model.visible_conjuncts_of(definition.node).into_iter();
        let terms = terms.filter(|term| term.node <= block);
        let mut terms: Vec<_> = terms.filter_map(|term| term.expr).collect();
        terms.extend(&depends);
        let place = entry.span(visible.range);
        shown.push((place, (terms, entry.node.on)));
        there.push((place, (depends, entry.node.on)));
    }
    let hidden = scope.never(&shown);
    there.retain(|(place, _)| hidden.contains_key(place));
    let dead = scope.never(&there);
    for (place, on) in hidden {
        if !dead.contains_key(&place) {
            let message = "no configuration shows a prompt of this menu".to_owned();
            findings.report(place, on, None, message);
        }
    }
}
