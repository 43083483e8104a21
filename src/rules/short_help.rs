// SPDX-License-Identifier: MIT OR Apache-2.0
//! short-help: a help text of fewer than four lines.

use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::syntax::ast::{Attribute, AttributeKind};

/// The declaration.
pub static RULE: Rule = Rule {
    name: "short-help",
    group: Group::Style,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Entry(check),
    fixable: false,
    since: "0.1.0",
    summary: "the help text of an option has fewer than four lines",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports the help text of an entry with a prompt that has fewer than four lines with text, as checkpatch does for new
symbols.

## Why is this bad

One line mostly repeats the prompt. Who has to decide wants to know what the option costs and who needs it.

## Example

```kconfig,bad
config USB
	bool "USB"
	help
	  Enables USB.
```

## Use instead

```kconfig,good
config USB
	bool "USB"
	help
	  Support for devices that are plugged in. It needs a host controller,
	  whose driver has an option of its own.

	  If unsure, say Y: keyboards and mice hang on USB.
	  The code takes some 100 kB.
```
"#;

fn check(scope: &Scope<'_>, entry: &MenuEntry<'_>, findings: &mut Findings) {
    if entry.symbol().is_none() || !entry.attributes.iter().any(has_prompt) {
        return;
    }
    for attribute in entry.attributes {
        let AttributeKind::Help { body, .. } = attribute.kind else {
            continue;
        };
        let text = scope.text(entry.span(body));
        let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
        if (1..LEAST).contains(&lines) {
            let message = format!("this help text has {lines} of at least {LEAST} lines");
            findings.report(entry.span(body), entry.node.on, entry.symbol(), message);
        }
    }
}

/// What checkpatch wants (`CONFIG_DESCRIPTION`).
const LEAST: usize = 4;

fn has_prompt(attribute: &Attribute) -> bool {
    match attribute.kind {
        AttributeKind::Prompt(_) => true,
        AttributeKind::Type { prompt, .. } => prompt.is_some(),
        _ => false,
    }
}
