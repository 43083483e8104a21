// SPDX-License-Identifier: MIT OR Apache-2.0
//! dead-menu: a menu or an `if` whose content is never there.

use std::collections::BTreeSet;

use super::scope::{Findings, MenuEntry, Scope, blocks};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::menu::NodeId;
use crate::syntax::ast::EntryKind;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "dead-menu",
    group: Group::Suspicious,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Tree(check),
    fixable: false,
    since: "0.1.0",
    summary: "no configuration has what stands in a menu or an if",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a menu or an `if` whose dependencies, with those of the blocks around it, are n in every configuration of
every architecture. The question is put to the solver. Of blocks inside each other only the outermost is reported.

## Why is this bad

Nothing in the block can be configured. That is what a removed platform or a contradiction with a block around it
leaves behind.

## Example

```kconfig,bad
config MMU
	bool "Memory management unit"

if MMU

menu "Without an MMU"
	depends on !MMU

config FLAT
	bool "Flat binaries"

endmenu

endif
```

## Use instead

```kconfig,good
config MMU
	bool "Memory management unit"

menu "Without an MMU"
	depends on !MMU

config FLAT
	bool "Flat binaries"

endmenu
```
"#;

fn check(scope: &Scope<'_>, findings: &mut Findings) {
    if !findings.knows_all_names(scope.names) {
        return;
    }
    let model = scope.model;
    let menu = &model.menu;
    let (mut asked, mut all) = (Vec::new(), Vec::new());
    for (block, definition) in blocks(model) {
        if !matches!(menu.kind(block), EntryKind::Menu(_) | EntryKind::If(_)) {
            continue;
        }
        // Parents come before their children.
        let terms = model.conjuncts_of(definition).into_iter();
        let terms = terms.filter(|term| term.node <= block);
        let terms = terms.filter_map(|term| term.expr).collect();
        let entry = MenuEntry::of(menu, block);
        let place = entry.span(entry.entry.head);
        asked.push((place, (terms, entry.node.on)));
        all.push((place, block));
    }
    let dead = scope.never(&asked);
    let mut reported: BTreeSet<NodeId> = BTreeSet::new();
    for (place, block) in all {
        let Some(on) = dead.get(&place) else { continue };
        let is_inside = |id: NodeId| reported.contains(&id);
        if !menu.around(block).any(is_inside) {
            let message = "no configuration has what stands in this block".to_owned();
            findings.report(place, *on, None, message);
        }
        reported.insert(block);
    }
}
