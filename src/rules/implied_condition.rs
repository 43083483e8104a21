// SPDX-License-Identifier: MIT OR Apache-2.0
//! implied-condition: a condition behind `if` that the entry depends on anyhow.

use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Applicability, Edit, Fix, Label, Level};
use crate::model::{Conjunct, SymbolId};
use crate::source::Span;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "implied-condition",
    group: Group::Redundant,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Symbol(check),
    fixable: true,
    since: "0.1.0",
    summary: "a condition behind if repeats what the entry depends on",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a term behind the `if` of a prompt, a default, a `select`, an `imply` or a `range` that the entry, or a block around
it, depends on. The dependency is a part of each of these conditions anyhow.

## Why is this bad

The condition looks as if it could be otherwise. Who changes the dependency later has two places to look after.

## Example

```kconfig,bad
config USB
	bool "USB"

config USB_PANEL
	bool "USB panel"
	depends on USB
	default y if USB
```

## Use instead

```kconfig,good
config USB
	bool "USB"

config USB_PANEL
	bool "USB panel"
	depends on USB
	default y
```
"#;

fn check(scope: &Scope<'_>, id: SymbolId, findings: &mut Findings) {
    let model = scope.model;
    for definition in &model.symbol(id).definitions {
        let conditions = model.condition_conjuncts_of(definition.node);
        if conditions.is_empty() {
            continue;
        }
        let terms = model.conjuncts_of(definition);
        let entry = MenuEntry::of(&model.menu, definition.node);
        let on = entry.node.on & model.architectures_of(id);
        for condition in conditions.iter().filter(|it| it.expr.is_some()) {
            let is_same = |term: &&Conjunct| term.expr == condition.expr;
            let Some(term) = terms.iter().find(is_same) else {
                continue;
            };
            let text = scope.text(condition.span);
            let name = model.name(id);
            let message = format!("{name} depends on {text}, so that this condition says nothing");
            let finding = findings.report(condition.span, on, Some(name), message);
            finding.labels.push(Label::new(term.span, "stated here"));
            finding.key.push(text);
            finding.fixes.extend(removal(scope, &entry, condition.span));
        }
    }
}

/// Takes the whole condition away, where it has no other term.
fn removal(scope: &Scope<'_>, entry: &MenuEntry<'_>, own: Span) -> Option<Fix> {
    let mut lines = entry.attributes.iter().map(|it| entry.span(it.range));
    let line = lines.find(|line| line.start <= own.start && own.end <= line.end)?;
    let text = scope.text(line);
    let before = text.get(..(own.start - line.start) as usize)?.trim_end();
    let kept = before.strip_suffix("if")?;
    let is_whole = own.end == line.end && kept.ends_with([' ', '\t']);
    let edit = Edit {
        span: Span {
            start: line.start + kept.trim_end().len() as u32,
            ..own
        },
        text: String::new(),
    };
    let title = "take the condition away";
    is_whole.then(|| Fix::new(title, Applicability::MachineApplicable, vec![edit]))
}
