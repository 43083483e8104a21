// SPDX-License-Identifier: MIT OR Apache-2.0
//! prompt-whitespace: a text for people that begins or ends with blanks.

use super::scope::{Findings, MenuEntry, Scope};
use super::undefined_symbol::names;
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Applicability, Edit, Fix, Level};
use crate::syntax::ast::{AttributeKind, EntryKind, Text};

/// The declaration.
pub static RULE: Rule = Rule {
    name: "prompt-whitespace",
    group: Group::Style,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Entry(check),
    fixable: true,
    since: "0.1.0",
    summary: "a prompt, title or comment begins or ends with blanks",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports blanks at the beginning or the end of a prompt, of a menu's title and of a comment (menu.c,
`menu_add_prop`: "leading whitespace ignored").

## Why is this bad

conf warns about a blank at the beginning and takes it away. One at the end stays, and is only seen where
it makes two texts differ.

## Example

```kconfig,bad
config USB_PANEL
	bool " USB panel"
```

## Use instead

```kconfig,good
config USB_PANEL
	bool "USB panel"
```
"#;

fn check(scope: &Scope<'_>, entry: &MenuEntry<'_>, findings: &mut Findings) {
    let head = match entry.entry.kind {
        EntryKind::Menu(text) | EntryKind::Comment(text) => Some(text),
        _ => None,
    };
    let prompts = entry
        .attributes
        .iter()
        .filter_map(|attribute| match attribute.kind {
            AttributeKind::Type { prompt, .. } => prompt,
            AttributeKind::Prompt(prompt) => Some(prompt),
            _ => None,
        });
    let texts: Vec<Text> = head.into_iter().chain(prompts.map(|it| it.text)).collect();
    let symbol = entry
        .defines()
        .and_then(|atom| names(entry, atom).first().copied());
    for text in texts.into_iter().filter(|text| text.quoted) {
        let place = entry.span(text.range);
        let written = scope.text(place);
        let Some(inner) = written.get(1..written.len().saturating_sub(1)) else {
            continue;
        };
        let is_blank = |it: char| matches!(it, ' ' | '\t');
        let kept = inner.trim_matches(is_blank);
        if kept == inner || kept.is_empty() {
            continue;
        }
        let side = match inner.starts_with(is_blank) {
            true => "begins",
            false => "ends",
        };
        let message = format!("this prompt {side} with a blank");
        let quote = &written[..1];
        let edit = Edit {
            span: place,
            text: format!("{quote}{kept}{quote}"),
        };
        let symbol = symbol.map(|(name, _)| name.as_str());
        let finding = findings.report(place, entry.node.on, symbol, message);
        let fix = Fix::new(
            "take the blanks away",
            Applicability::MachineApplicable,
            vec![edit],
        );
        finding.fixes.push(fix);
    }
}
