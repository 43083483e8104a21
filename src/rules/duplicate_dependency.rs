// SPDX-License-Identifier: MIT OR Apache-2.0
//! duplicate-dependency: a dependency that an entry or a block around it states already.

use super::scope::{Findings, MenuEntry, Scope, blocks};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Applicability, Edit, Fix, Label, Level};
use crate::menu::NodeId;
use crate::model::Conjunct;
use crate::source::{Span, TextRange};
use crate::tree::ArchSet;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "duplicate-dependency",
    group: Group::Redundant,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Tree(check),
    fixable: true,
    since: "0.1.0",
    summary: "a dependency is stated twice",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a term of a `depends on` that the same entry, or a block around it, states already. A menu, a choice or an `if` that
repeats what stands around it is one finding, and not one for each entry in it.

## Why is this bad

The second statement does nothing. Who changes one of them later believes that the dependency is gone, or
new.

## Example

```kconfig,bad
config USB
	bool "USB"

if USB

config USB_PANEL
	bool "USB panel"
	depends on USB

endif
```

## Use instead

```kconfig,good
config USB
	bool "USB"

if USB

config USB_PANEL
	bool "USB panel"

endif
```
"#;

fn check(scope: &Scope<'_>, findings: &mut Findings) {
    let model = scope.model;
    for (id, symbol) in model.symbol_ids() {
        for definition in &symbol.definitions {
            let terms = model.conjuncts_of(definition);
            let (node, on) = (definition.node, model.architectures_of(id));
            repeated(scope, (node, &terms), on, Some(model.name(id)), findings);
        }
    }
    for (block, definition) in blocks(model) {
        let terms = model.conjuncts_of(definition);
        let first = terms.iter().position(|term| term.node == block);
        let own = first.map_or(&[][..], |first| &terms[first..]);
        repeated(scope, (block, own), model.menu.on, None, findings);
    }
}

/// Reports the terms of a statement that it or a block around it states already. `terms` are its own, and then those of the
/// blocks.
fn repeated(
    scope: &Scope<'_>,
    (node, terms): (NodeId, &[Conjunct]),
    on: ArchSet,
    name: Option<&str>,
    findings: &mut Findings,
) {
    let own = terms.iter().enumerate();
    for (at, term) in own.filter(|(_, it)| it.node == node && it.expr.is_some()) {
        let is_same = |other: &&Conjunct| other.expr == term.expr;
        let around = terms.iter().filter(|other| other.node != node);
        let Some(other) = terms[..at].iter().chain(around).find(is_same) else {
            continue;
        };
        let entry = MenuEntry::of(&scope.model.menu, node);
        let text = scope.text(term.span);
        let message = format!("{} depends on {text} already", name.unwrap_or("this block"));
        let words = match other.node == node {
            true => "stated here",
            false => "stated around it",
        };
        let on = entry.node.on & on;
        let finding = findings.report(term.span, on, name, message);
        finding.labels.push(Label::new(other.span, words));
        finding.key.push(text);
        finding.fixes.extend(removal(scope, &entry, terms, at));
    }
}

/// Takes a term out of its `depends on`, or the whole line where it says nothing else.
fn removal(scope: &Scope<'_>, entry: &MenuEntry<'_>, terms: &[Conjunct], at: usize) -> Option<Fix> {
    let own = terms[at].span;
    let title = "take the second statement away";
    let mut attributes = entry.attributes.iter();
    let line = attributes.find(|it| {
        let line = entry.span(it.range);
        line.start <= own.start && own.end <= line.end
    })?;
    let line = entry.span(line.range);
    let inside = |term: &&Conjunct| {
        let span = term.span;
        span.file == line.file && line.start <= span.start && span.end <= line.end
    };
    let all: Vec<Span> = terms.iter().filter(inside).map(|term| term.span).collect();
    if let [_] = all[..] {
        return scope
            .text(line)
            .ends_with(&scope.text(own))
            .then(|| scope.delete(line, title));
    }
    let place = all.iter().position(|span| *span == own)?;
    let (start, end) = match place {
        0 => (own.start, all.get(1)?.start),
        place => (all[place - 1].end, own.end),
    };
    let between = match place {
        0 => TextRange::new(own.end, end),
        _ => TextRange::new(start, own.start),
    };
    let between = scope.text(between.in_file(own.file));
    let edit = Edit {
        span: TextRange::new(start, end).in_file(own.file),
        text: String::new(),
    };
    let fix = || Fix::new(title, Applicability::MachineApplicable, vec![edit]);
    (between.trim() == "&&").then(fix)
}
