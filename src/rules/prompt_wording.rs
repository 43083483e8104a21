// SPDX-License-Identifier: MIT OR Apache-2.0
//! prompt-wording: a prompt of an option that begins with "Enable".

use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::syntax::ast::{AttributeKind, Prompt};

/// The declaration.
pub static RULE: Rule = Rule {
    name: "prompt-wording",
    group: Group::Pedantic,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Entry(check),
    fixable: false,
    since: "0.1.0",
    summary: "the prompt of an option begins with \"Enable\"",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a prompt of a bool or a tristate that begins with "Enable", in whatever case. The compliance check of Zephyr asks for
the same.

## Why is this bad

The user sees a box to tick in front of the prompt, so that all of them could begin with this word. Lists are found faster
by what is switched on.

## Example

```kconfig,bad
config USB_PANEL
	bool "Enable USB panel"
```

## Use instead

```kconfig,good
config USB_PANEL
	bool "USB panel"
```
"#;

fn check(scope: &Scope<'_>, entry: &MenuEntry<'_>, findings: &mut Findings) {
    let owners = scope.owners(entry);
    let mut owners = owners.iter();
    if !owners.any(|(id, _)| scope.model.symbol(*id).ty.is_logical()) {
        return;
    }
    for prompt in prompts(entry) {
        let place = entry.span(prompt.text.range);
        let text = scope.text(place);
        let words = text.trim_matches(|it: char| "\"'".contains(it) || it.is_whitespace());
        let first = words.split_whitespace().next().unwrap_or_default();
        if first.eq_ignore_ascii_case("enable") || first.eq_ignore_ascii_case("enables") {
            let message = format!("the box in front of the prompt says {first} already");
            findings.report(place, entry.node.on, entry.symbol(), message);
        }
    }
}

fn prompts(entry: &MenuEntry<'_>) -> impl Iterator<Item = Prompt> {
    entry.attributes.iter().filter_map(|it| match it.kind {
        AttributeKind::Type { prompt, .. } => prompt,
        AttributeKind::Prompt(prompt) => Some(prompt),
        _ => None,
    })
}
