// SPDX-License-Identifier: MIT OR Apache-2.0
//! missing-help: an option that nobody explains.

use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::model::SymbolId;
use crate::syntax::ast::AttributeKind;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "missing-help",
    group: Group::Style,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Symbol(check),
    fixable: false,
    since: "0.1.0",
    summary: "an option has a prompt and no help text",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a symbol that has a prompt and, in none of its definitions, a help text. Members of a choice are
left out: the choice explains them.

## Why is this bad

The user is asked a question and gets no answer to "what is that?". checkpatch asks for a help text in every
new option.

## Example

```kconfig,bad
config USB_PANEL
	bool "USB panel"
```

## Use instead

```kconfig,good
config USB_PANEL
	bool "USB panel"
	help
	  A panel on USB.
```
"#;

fn check(scope: &Scope<'_>, id: SymbolId, findings: &mut Findings) {
    let model = scope.model;
    let symbol = model.symbol(id);
    let Some(prompt) = symbol.prompts.first() else {
        return;
    };
    let has_help = symbol.definitions.iter().any(|definition| {
        let entry = MenuEntry::of(&model.menu, definition.node);
        let mut attributes = entry.attributes.iter();
        attributes.any(|it| matches!(it.kind, AttributeKind::Help { body, .. } if !body.is_empty()))
    });
    if has_help || symbol.member_of.is_some() {
        return;
    }
    let entry = MenuEntry::of(&model.menu, prompt.node);
    let on = entry.node.on & model.architectures_of(id);
    let name = model.name(id);
    findings.report(
        prompt.span,
        on,
        Some(name),
        format!("{name} has no help text"),
    );
}
