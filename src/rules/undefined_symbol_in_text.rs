// SPDX-License-Identifier: MIT OR Apache-2.0
//! undefined-symbol-in-text: a help text names a symbol that nothing defines.

use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::source::{Name, TextRange};
use crate::syntax::ast::AttributeKind;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "undefined-symbol-in-text",
    group: Group::Pedantic,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Entry(check),
    fixable: false,
    since: "0.1.0",
    summary: "a help text names a CONFIG_ symbol that no architecture defines",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a name with the prefix `CONFIG_` in a help text that no Kconfig file of any architecture defines. What goes on with
`*`, `<`, `[` or `{`, or ends with an underscore, stands for several names and is left out.

## Why is this bad

The user is told to switch something on that is not there. Most often the option was renamed or removed, and the text was
forgotten.

## Example

```kconfig,bad
config USB
	bool "USB"

config USB_PANEL
	bool "USB panel"
	help
	  Needs CONFIG_USB_CORE.
```

## Use instead

```kconfig,good
config USB
	bool "USB"

config USB_PANEL
	bool "USB panel"
	help
	  Needs CONFIG_USB.
```
"#;

const PREFIX: &str = "CONFIG_";

fn check(scope: &Scope<'_>, entry: &MenuEntry<'_>, findings: &mut Findings) {
    let bodies = entry.attributes.iter().filter_map(|it| match it.kind {
        AttributeKind::Help { body, .. } => Some(body),
        _ => None,
    });
    for body in bodies {
        let file = scope.files.get(entry.span(body).file);
        let Ok(text) = std::str::from_utf8(body.of(file.text())) else {
            continue;
        };
        for (at, name) in names(text) {
            let is_known = scope.names.has(Name::new(name))
                || name
                    .strip_suffix("_MODULE")
                    .is_some_and(|it| scope.names.has(Name::new(it)));
            if is_known || !findings.knows_all_names(scope.names) {
                continue;
            }
            let start = body.start + at as u32;
            let place = TextRange::new(start, start + (PREFIX.len() + name.len()) as u32);
            let hint = scope.names.hint(Name::new(name));
            let message = format!("nothing defines the symbol {name} that this text names{hint}");
            let finding =
                findings.report(entry.span(place), entry.node.on, entry.symbol(), message);
            finding.key.push(name.to_owned());
        }
    }
}

/// The names in a text, without the prefix, each with the place of its prefix.
fn names(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_part = |it: char| it.is_ascii_alphanumeric() || it == '_';
    text.match_indices(PREFIX).filter_map(move |(at, _)| {
        let rest = &text[at + PREFIX.len()..];
        let name = &rest[..rest.find(|it| !is_part(it)).unwrap_or(rest.len())];
        let goes_on = rest[name.len()..].starts_with(['*', '<', '[', '{', '$', '?']);
        let begins_here = !text[..at].ends_with(is_part);
        let is_whole = begins_here && !goes_on && !name.ends_with('_') && !name.is_empty();
        is_whole.then_some((at, name))
    })
}
