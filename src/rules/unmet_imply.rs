// SPDX-License-Identifier: MIT OR Apache-2.0
//! unmet-imply: an imply that can never do anything.

use super::scope::{Findings, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::model::Exprs;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "unmet-imply",
    group: Group::Suspicious,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Tree(check),
    fixable: false,
    since: "0.1.0",
    summary: "an imply can never take effect: what its target depends on is off",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports `imply X` where in every configuration of every architecture X's dependencies are n as soon as the imply is
active. The question is put to the solver. An imply that cannot be active at all is left to `dead-symbol` and
`dead-imply`.

## Why is this bad

An imply gives way to the dependencies of its target (symbol.c, `sym_calc_value`), so this one does nothing. The
symbol was renamed, its dependencies have changed, or the imply stands in the wrong entry.

## Example

```kconfig,bad
config MMU
	bool "Memory management unit"

config BUS
	bool "Bus"
	depends on !MMU

config USB_PANEL
	bool "USB panel"
	depends on MMU
	imply BUS
```

## Use instead

```kconfig,good
config MMU
	bool "Memory management unit"

config BUS
	bool "Bus"
	depends on MMU

config USB_PANEL
	bool "USB panel"
	depends on MMU
	imply BUS
```
"#;

fn check(scope: &Scope<'_>, findings: &mut Findings) {
    if !findings.knows_all_names(scope.names) {
        return;
    }
    let model = scope.model;
    let implies = model.implies.iter().filter(|imply| {
        let target = model.symbol(imply.target);
        target.is_defined() && target.ty.is_logical() && target.takes_selects()
    });
    let (mut active, mut effective) = (Vec::new(), Vec::new());
    for imply in implies.clone() {
        let on = scope.architectures_of(imply);
        let direct = model.symbol(imply.target).direct.unwrap_or(Exprs::YES);
        active.push((imply.span, (vec![imply.level], on)));
        effective.push((imply.span, (vec![imply.level, direct], on)));
    }
    let useless = scope.never(&effective);
    active.retain(|(place, _)| useless.contains_key(place));
    let inactive = scope.never(&active);
    for imply in implies {
        let on = scope.architectures_of(imply);
        let Some(known) = useless.get(&imply.span) else {
            continue;
        };
        if inactive.contains_key(&imply.span) {
            continue;
        }
        let (name, target) = (model.name(imply.selector), model.name(imply.target));
        let message =
            format!("{name} never gets {target} by this: what {target} depends on is off then");
        let finding = findings.report(imply.span, on & *known, Some(name), message);
        finding.key.push(target.to_owned());
    }
}
