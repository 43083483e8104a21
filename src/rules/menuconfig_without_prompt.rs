// SPDX-License-Identifier: MIT OR Apache-2.0
//! menuconfig-without-prompt: a `menuconfig` that no menu can show.

use super::scope::{Findings, MenuEntry, Scope};
use super::undefined_symbol::names;
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Applicability, Edit, Fix, Level};
use crate::source::TextRange;
use crate::syntax::ast::{AttributeKind, EntryKind};

/// The declaration.
pub static RULE: Rule = Rule {
    name: "menuconfig-without-prompt",
    group: Group::Suspicious,
    level: Level::Warn,
    stage: Stage::Model,
    check: Check::Entry(check),
    fixable: true,
    since: "0.1.0",
    summary: "a menuconfig has no prompt, so nothing can be shown for it",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a `menuconfig` without a prompt (parser.y: "menuconfig statement without prompt"). A tree whose
kconfig refuses it gets a `syntax-error` instead.

## Why is this bad

A `menuconfig` is a `config` whose prompt opens a menu. Without a prompt there is no menu.

## Example

```kconfig,bad
menuconfig PANELS
	bool
```

## Use instead

```kconfig,good
config PANELS
	bool
```
"#;

fn check(_: &Scope<'_>, entry: &MenuEntry<'_>, findings: &mut Findings) {
    let EntryKind::MenuConfig(name) = entry.entry.kind else {
        return;
    };
    let has_prompt = entry
        .attributes
        .iter()
        .any(|attribute| match attribute.kind {
            AttributeKind::Type { prompt, .. } => prompt.is_some(),
            AttributeKind::Prompt(_) => true,
            _ => false,
        });
    if has_prompt {
        return;
    }
    let names = names(entry, name);
    let symbol = names.first().map(|(name, _)| name.as_str());
    let head = entry.entry.head;
    let message = "a menuconfig has to have a prompt".to_owned();
    let finding = findings.report(entry.span(head), entry.node.on, symbol, message);
    let keyword = TextRange::new(head.start, head.start + "menuconfig".len() as u32);
    let edit = Edit {
        span: entry.span(keyword),
        text: "config".to_owned(),
    };
    finding.fixes.push(Fix::new(
        "write config",
        Applicability::MachineApplicable,
        vec![edit],
    ));
}
