// SPDX-License-Identifier: MIT OR Apache-2.0
//! depends-outlier: an entry that lacks what all of its siblings require.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::requirements::{Requirements, lacking};
use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::menu::{InstanceId, NodeId};
use crate::model::{Definition, SymbolId};

/// The declaration.
pub static RULE: Rule = Rule {
    name: "depends-outlier",
    group: Group::Pedantic,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Tree(check),
    fixable: false,
    since: "0.1.0",
    summary: "all siblings of an entry depend on something that the entry does not",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Looks at entries with prompts of one block of a file whose names begin with the same word. Where there are six or more, and
all but one depend on something, it reports the one.

## Why is this bad

Drivers of one family mostly need the same. The one that lacks the dependency can be switched on where it cannot work, or
where it does not build.

## Example

```kconfig,bad
config I2C
	bool "I2C"

config LED_A
	bool "A"
	depends on I2C

config LED_B
	bool "B"
	depends on I2C

config LED_C
	bool "C"
	depends on I2C

config LED_D
	bool "D"
	depends on I2C

config LED_E
	bool "E"
	depends on I2C

config LED_F
	bool "F"
```

## Use instead

```kconfig,good
config I2C
	bool "I2C"

config LED_A
	bool "A"
	depends on I2C

config LED_B
	bool "B"
	depends on I2C

config LED_C
	bool "C"
	depends on I2C

config LED_D
	bool "D"
	depends on I2C

config LED_E
	bool "E"
	depends on I2C

config LED_F
	bool "F"
	depends on I2C
```
"#;

/// With fewer siblings it may be chance.
const FEWEST: usize = 6;

/// Entries that are compared: those of one block, of one inclusion of a file, and of one first word.
type Family = (Option<NodeId>, InstanceId, &'static str);

fn check(scope: &Scope<'_>, findings: &mut Findings) {
    let model = scope.model;
    let mut requirements = Requirements::new(model);
    let mut families: BTreeMap<Family, Vec<(SymbolId, &Definition)>> = BTreeMap::new();
    for (id, symbol) in model.symbol_ids() {
        let (Some(name), [definition]) = (symbol.name, &symbol.definitions[..]) else {
            continue;
        };
        if symbol.prompts.is_empty() || symbol.member_of.is_some() {
            continue;
        }
        let Some((word, _)) = name.as_str().split_once('_') else {
            continue;
        };
        let node = model.menu.node(definition.node);
        let family = (node.parent, node.instance, word);
        families.entry(family).or_default().push((id, definition));
    }
    for members in families.values().filter(|it| it.len() >= FEWEST) {
        let sets = members.iter().map(|(id, _)| requirements.of(*id).clone());
        let sets: Vec<FxHashSet<SymbolId>> = sets.collect();
        for (at, mut lacks) in lacking(&sets) {
            let (id, definition) = members[at];
            // A symbol on which the others depend is above them, and so is what depends on that symbol.
            lacks.retain(|it| *it != id && !requirements.of(*it).contains(&id));
            let own = requirements.with_selects(id);
            lacks.retain(|it| !own.contains(it));
            let all = lacks.clone();
            lacks.retain(|it| !all.iter().any(|other| requirements.of(*other).contains(it)));
            lacks.sort_by_key(|it| model.name(*it));
            if lacks.is_empty() {
                continue;
            }
            let names = lacks.iter().map(|it| model.name(*it));
            let names = names.collect::<Vec<&str>>().join(" and ");
            let others = members.len() - 1;
            let name = model.name(id);
            let message =
                format!("the {others} siblings of {name} depend on {names}, and {name} does not");
            let on = MenuEntry::of(&model.menu, definition.node).node.on;
            let on = on & model.architectures_of(id);
            findings.report(definition.name, on, Some(name), message);
        }
    }
}
