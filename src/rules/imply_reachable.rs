// SPDX-License-Identifier: MIT OR Apache-2.0
//! imply-reachable: what a symbol implies can be a module while the symbol is built in.

use rustc_hash::FxHashMap;

use super::scope::{Findings, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::logic::{Evaluator, Inputs, UserValue, tests_as};
use crate::model::{Model, SelectId, SymbolId, Tristate, ValueType};
use crate::tree::ArchSet;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "imply-reachable",
    group: Group::Pedantic,
    level: Level::Allow,
    stage: Stage::Theory,
    check: Check::Tree(check),
    fixable: false,
    since: "0.1.0",
    summary: "what an imply asks for can be a module while the symbol itself is built in",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports an `imply` of a tristate that some configuration has at m while the implying symbol is y. The solver is asked; where
a dependency such as `SOUND || !SOUND` keeps the two together nothing is reported.

## Why is this bad

`imply` lets the user lower its target. Built-in code that tests the target with IS_ENABLED() then calls into a module, and
the kernel is not linked; such code has to test IS_REACHABLE(). Only the code tells which of the two it does, so that
nothing is wrong with most of these lines: `link-level` looks at the calls.

## Example

```kconfig,bad
config MODULES
	bool "Modules"
	modules

config SOUND
	tristate "Sound"

config USB_PANEL
	tristate "USB panel"
	imply SOUND
```

## Use instead

```kconfig,good
config MODULES
	bool "Modules"
	modules

config SOUND
	tristate "Sound"

config USB_PANEL
	tristate "USB panel"
	depends on SOUND || !SOUND
```
"#;

/// An `imply`, with the architectures on which it stands and those on which the two are known to come apart.
struct Pair {
    imply: SelectId,
    on: ArchSet,
    apart: ArchSet,
}

fn check(scope: &Scope<'_>, findings: &mut Findings) {
    let model: &Model = scope.model;
    if scope.theory().is_none() {
        return;
    }
    let all = (0..model.implies.len() as u32).map(SelectId);
    let pairs = all.map(|imply| Pair {
        imply,
        on: scope.architectures_of(model.imply(imply)),
        apart: ArchSet::EMPTY,
    });
    let may_be_a_module = |pair: &Pair| {
        let target = model.symbol(model.imply(pair.imply).target);
        target.ty == ValueType::Tristate && target.takes_selects() && !pair.on.is_empty()
    };
    let mut pairs: Vec<Pair> = pairs.filter(may_be_a_module).collect();
    try_modules(model, &mut pairs);
    for pair in pairs {
        let imply = model.imply(pair.imply);
        let on = match pair.apart.is_empty() {
            true => scope.yes_beside_module(imply.selector, imply.target, pair.on),
            false => pair.apart,
        };
        if on.is_empty() {
            continue;
        }
        let (own, name) = (model.name(imply.selector), model.name(imply.target));
        let message = format!("{own} can be y while {name} is m");
        let finding = findings.report(imply.span, on, Some(own), message);
        finding.key.push(name.to_owned());
        let help = format!("code of {own} that calls {name} has to ask IS_REACHABLE() for it");
        finding.helps.push(help);
    }
}

/// Computes on each architecture the configuration with m for all targets and y for all else: it shows most pairs, and
/// the solver need not be asked about these.
fn try_modules(model: &Model, pairs: &mut [Pair]) {
    let prompted = model.symbol_ids().filter(|(_, symbol)| {
        symbol.ty.is_logical() && symbol.member_of.is_none() && !symbol.prompts.is_empty()
    });
    let logical = UserValue::Logical;
    let mut user: FxHashMap<SymbolId, UserValue> = prompted
        .map(|(id, _)| (id, logical(Tristate::Yes)))
        .collect();
    let targets = pairs.iter().map(|pair| model.imply(pair.imply).target);
    user.extend(targets.map(|id| (id, logical(Tristate::Module))));
    if pairs.is_empty() {
        return;
    }
    for at in model.menu.on.iter() {
        let inputs = Inputs {
            user: user.clone(),
            tests: tests_as(model, at, true),
            architecture: at,
            ..Inputs::default()
        };
        let mut evaluator = Evaluator::new(model, &inputs);
        for pair in pairs.iter_mut().filter(|pair| pair.on.contains(at)) {
            let imply = model.imply(pair.imply);
            let is_module = evaluator.symbol(imply.target).value == Tristate::Module;
            if is_module && evaluator.symbol(imply.selector).value == Tristate::Yes {
                pair.apart |= ArchSet::only(at);
            }
        }
    }
}
