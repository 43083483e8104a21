// SPDX-License-Identifier: MIT OR Apache-2.0
//! duplicate-prompt: an entry with two prompts.

use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Label, Level};
use crate::syntax::ast::AttributeKind;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "duplicate-prompt",
    group: Group::Correctness,
    level: Level::Warn,
    stage: Stage::Model,
    check: Check::Entry(check),
    fixable: false,
    since: "0.1.0",
    summary: "an entry has two prompts, and only the first one is shown",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports the second prompt of an entry (menu.c, `menu_add_prop`: "prompt redefined").

## Why is this bad

Kconfig keeps one of them. Which condition and which text the user sees is not what both lines say.

## Example

```kconfig,bad
config USB_PANEL
	bool "USB panel"
	prompt "Panel on USB"
```

## Use instead

```kconfig,good
config USB_PANEL
	bool "USB panel"
```
"#;

fn check(_: &Scope<'_>, entry: &MenuEntry<'_>, findings: &mut Findings) {
    let prompts = entry
        .attributes
        .iter()
        .filter_map(|attribute| match attribute.kind {
            AttributeKind::Type { prompt, .. } => prompt,
            AttributeKind::Prompt(prompt) => Some(prompt),
            _ => None,
        });
    let prompts: Vec<_> = prompts
        .map(|prompt| entry.span(prompt.text.range))
        .collect();
    let [first, others @ ..] = &prompts[..] else {
        return;
    };
    let symbol = entry.symbol();
    for other in others {
        let message = "an entry has one prompt, and this is its second".to_owned();
        let finding = findings.report(*other, entry.node.on, symbol, message);
        finding.labels.push(Label::new(*first, "the first"));
    }
}
