// SPDX-License-Identifier: MIT OR Apache-2.0
//! select-outlier: a selector that lacks what all others of its target require.

use rustc_hash::FxHashSet;

use super::requirements::{Requirements, lacking};
use super::scope::{Findings, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Label, Level};
use crate::model::{Select, SymbolId};

/// The declaration.
pub static RULE: Rule = Rule {
    name: "select-outlier",
    group: Group::Pedantic,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Tree(check),
    fixable: false,
    since: "0.1.0",
    summary: "all other selectors of a symbol require something that this one does not",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Looks at symbols that five or more others select. Where all selectors but one depend on something, and neither the symbol
itself nor that one does, it reports the one.

## Why is this bad

What all others require is often what the code of the symbol needs, and nobody wrote it there. Then the one that lacks it does not
build in some configuration: selectors of the shmem helper of DRM depended on MMU before the helper did.

## Example

```kconfig,bad
config MMU
	bool "MMU"

config HELPER
	bool

config ARROW
	bool "Arrow"
	depends on MMU
	select HELPER

config BOX
	bool "Box"
	depends on MMU
	select HELPER

config CIRCLE
	bool "Circle"
	depends on MMU
	select HELPER

config DOT
	bool "Dot"
	depends on MMU
	select HELPER

config EDGE
	bool "Edge"
	select HELPER
```

## Use instead

```kconfig,good
config MMU
	bool "MMU"

config HELPER
	bool

config ARROW
	bool "Arrow"
	depends on MMU
	select HELPER

config BOX
	bool "Box"
	depends on MMU
	select HELPER

config CIRCLE
	bool "Circle"
	depends on MMU
	select HELPER

config DOT
	bool "Dot"
	depends on MMU
	select HELPER

config EDGE
	bool "Edge"
	depends on MMU
	select HELPER
```
"#;

/// With fewer selectors it may be chance.
const FEWEST: usize = 5;

fn check(scope: &Scope<'_>, findings: &mut Findings) {
    let model = scope.model;
    let mut requirements = Requirements::new(model);
    for (id, symbol) in model.symbol_ids() {
        let selects = symbol.selected_by.iter().map(|it| model.select(*it));
        let mut selectors: FxHashSet<SymbolId> = FxHashSet::default();
        // A selector with several selects of one target is asked by the first.
        let selects: Vec<&Select> = selects
            .filter(|it| !scope.architectures_of(it).is_empty())
            .filter(|it| selectors.insert(it.selector))
            .collect();
        if selects.len() < FEWEST {
            continue;
        }
        let sets = selects.iter().map(|select| {
            let own = requirements.terms(select.condition);
            let selector = std::iter::once(select.selector);
            let mut set = requirements.all_of(own.chain(selector));
            set.remove(&select.selector);
            set
        });
        let sets: Vec<FxHashSet<SymbolId>> = sets.collect();
        for (at, mut lacks) in lacking(&sets) {
            let select = selects[at];
            let target = requirements.of(id);
            lacks.retain(|it| *it != id && *it != select.selector && !target.contains(it));
            let own = requirements.with_selects(select.selector);
            lacks.retain(|it| !own.contains(it));
            // What follows from another one of them need not be said.
            let all = lacks.clone();
            lacks.retain(|it| !all.iter().any(|other| requirements.of(*other).contains(it)));
            report(scope, select, selects.len() - 1, lacks, findings);
        }
    }
}

fn report(
    scope: &Scope<'_>,
    select: &Select,
    others: usize,
    mut lacks: Vec<SymbolId>,
    findings: &mut Findings,
) {
    let model = scope.model;
    lacks.sort_by_key(|it| model.name(*it));
    if lacks.is_empty() {
        return;
    }
    let names = lacks.iter().map(|it| model.name(*it));
    let names = names.collect::<Vec<&str>>().join(" and ");
    let (selector, target) = (model.name(select.selector), model.name(select.target));
    let message = format!(
        "the {others} other selectors of {target} depend on {names}, and {selector} does not"
    );
    let on = scope.architectures_of(select);
    let finding = findings.report(select.target_span, on, Some(selector), message);
    finding.key.push(target.to_owned());
    let definition = model.symbol(select.target).definitions.first();
    let label = definition.map(|it| Label::new(it.name, "which does not depend on it"));
    finding.labels.extend(label);
}
