// SPDX-License-Identifier: MIT OR Apache-2.0
//! implied-dependency: a dependency that the others have already.

use rustc_hash::{FxHashMap, FxHashSet};

use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::logic::Theory;
use crate::model::{Conjunct, Definition, Expr, ExprId, Exprs, Model, SymbolId};
use crate::tree::ArchSet;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "implied-dependency",
    group: Group::Redundant,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Tree(check),
    fixable: false,
    since: "0.1.0",
    summary: "the other dependencies of an entry imply this one",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports `depends on X` where the other dependencies of the entry name a symbol that itself depends on X, directly or
through others, and where no configuration of any architecture makes X less than these others. The question is put to
the solver, because a `select` can switch a symbol on without what it depends on.

## Why is this bad

The statement says nothing new. Some authors want it nevertheless, to have it in sight, so this is off by default.

## Example

```kconfig,bad
config USB
	bool "USB"

config USB_HUB
	bool "Hub"
	depends on USB

config USB_PANEL
	bool "USB panel"
	depends on USB && USB_HUB
```

## Use instead

```kconfig,good
config USB
	bool "USB"

config USB_HUB
	bool "Hub"
	depends on USB

config USB_PANEL
	bool "USB panel"
	depends on USB_HUB
```
"#;

fn check(scope: &Scope<'_>, findings: &mut Findings) {
    let model = scope.model;
    let Some(mut theory) = scope.theory() else {
        return;
    };
    let mut closures = Closures::new(model);
    for (id, symbol) in model.symbol_ids() {
        for definition in &symbol.definitions {
            let entry = MenuEntry::of(&model.menu, definition.node);
            let on = entry.node.on & model.architectures_of(id);
            for (term, source) in implied(model, definition, &mut closures) {
                let Some(expr) = term.expr else { continue };
                let rest = others(model, definition, &term);
                if !follows(&mut theory, &rest, expr, on) {
                    continue;
                }
                let (name, source) = (model.name(id), model.name(source));
                let text = scope.text(term.span);
                let message =
                    format!("{name} depends on {source}, which depends on {text} already");
                let finding = findings.report(term.span, on, Some(name), message);
                finding.key.push(text);
            }
        }
    }
}

/// The terms of an entry's own dependency that another symbol of it depends on, with that symbol.
fn implied(
    model: &Model,
    definition: &Definition,
    closures: &mut Closures<'_>,
) -> Vec<(Conjunct, SymbolId)> {
    let terms = model.conjuncts_of(definition);
    let symbol = |term: &Conjunct| match term.expr.map(|expr| model.exprs.get(expr)) {
        Some(Expr::Symbol(symbol)) => Some(symbol),
        _ => None,
    };
    let symbols: Vec<SymbolId> = terms.iter().filter_map(symbol).collect();
    let mut found = Vec::new();
    for term in terms.iter().filter(|it| it.node == definition.node) {
        let Some(own) = symbol(term) else { continue };
        let mut others = symbols.iter().filter(|other| **other != own);
        if let Some(other) = others.find(|other| closures.of(**other).contains(&own)) {
            found.push((*term, *other));
        }
    }
    found
}

/// The terms of a dependency but for those that say the same as this one.
fn others(model: &Model, definition: &Definition, term: &Conjunct) -> Vec<ExprId> {
    let all = model.conjuncts_of(definition).into_iter();
    let all = all.filter_map(|other| other.expr);
    all.filter(|other| Some(*other) != term.expr).collect()
}

/// Whether a term is nowhere less than all the others together.
fn follows(theory: &mut Theory, rest: &[ExprId], term: ExprId, on: ArchSet) -> bool {
    theory.focus();
    let own = theory.expr(term);
    let rest: Vec<_> = rest.iter().map(|expr| theory.expr(*expr)).collect();
    let here = theory.on(on);
    let mut is_less = |others: Vec<_>, own| {
        let question: Vec<_> = others.into_iter().chain([own, here]).collect();
        theory.holds(&question).unwrap_or(true)
    };
    !is_less(rest.iter().map(|it| it.on).collect(), !own.on)
        && !is_less(rest.iter().map(|it| it.yes).collect(), !own.yes)
}

/// The symbols that each symbol depends on, directly or through others.
struct Closures<'m> {
    model: &'m Model,
    known: FxHashMap<SymbolId, FxHashSet<SymbolId>>,
}

impl Closures<'_> {
    fn new(model: &Model) -> Closures<'_> {
        Closures {
            model,
            known: FxHashMap::default(),
        }
    }

    fn of(&mut self, id: SymbolId) -> &FxHashSet<SymbolId> {
        let model = self.model;
        self.known.entry(id).or_insert_with(|| {
            let mut found = FxHashSet::default();
            let mut open = vec![id];
            while let Some(next) = open.pop() {
                let direct = model.symbol(next).direct.unwrap_or(Exprs::YES);
                for term in model.exprs.conjuncts(direct) {
                    if let Expr::Symbol(other) = model.exprs.get(term) {
                        if found.insert(other) {
                            open.push(other);
                        }
                    }
                }
            }
            found
        })
    }
}
