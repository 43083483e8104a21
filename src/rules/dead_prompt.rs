// SPDX-License-Identifier: MIT OR Apache-2.0
//! dead-prompt: a prompt that is never shown although its symbol could be.

use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::model::{Definition, Exprs};

/// The declaration.
pub static RULE: Rule = Rule {
    name: "dead-prompt",
    group: Group::Suspicious,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Tree(check),
    fixable: false,
    since: "0.1.0",
    summary: "no configuration shows a prompt, though its dependencies can hold",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a prompt whose condition, with the `visible if` around it, contradicts the dependencies of its entry in every
configuration of every architecture, while the dependencies alone can hold. The question is put to the solver.

## Why is this bad

The user is never asked. The symbol has its default value for ever, and its help text is read by nobody.

## Example

```kconfig,bad
config EXPERT
	bool "Expert"

config BUFFERS
	bool "Buffers" if EXPERT
	depends on !EXPERT
	default y
```

## Use instead

```kconfig,good
config EXPERT
	bool "Expert"

config BUFFERS
	bool "Buffers" if EXPERT
	default y
```
"#;

fn check(scope: &Scope<'_>, findings: &mut Findings) {
    if !findings.knows_all_names(scope.names) {
        return;
    }
    let model = scope.model;
    let (mut prompts, mut entries) = (Vec::new(), Vec::new());
    let mut owners = Vec::new();
    for (id, symbol) in model.symbol_ids() {
        for prompt in &symbol.prompts {
            let own = |it: &&Definition| it.node == prompt.node;
            let definition = symbol.definitions.iter().find(own);
            let dependency = definition.and_then(|it| it.dependency);
            let dependency = dependency.unwrap_or(Exprs::YES);
            if definition.is_none() || dependency == prompt.condition {
                continue;
            }
            let entry = MenuEntry::of(&model.menu, prompt.node);
            let on = entry.node.on & model.architectures_of(id);
            prompts.push((prompt.span, (vec![prompt.condition], on)));
            entries.push((prompt.span, (vec![dependency], on)));
            owners.push((prompt.span, id));
        }
    }
    let hidden = scope.never(&prompts);
    entries.retain(|(place, _)| hidden.contains_key(place));
    let dead = scope.never(&entries);
    for (place, id) in owners {
        let Some(on) = hidden.get(&place).filter(|_| !dead.contains_key(&place)) else {
            continue;
        };
        let name = model.name(id);
        let message = format!("no configuration shows this prompt of {name}");
        let on = *on & model.architectures_of(id);
        findings.report(place, on, Some(name), message);
    }
}
