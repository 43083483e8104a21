// SPDX-License-Identifier: MIT OR Apache-2.0
//! undefined-select: a select or imply of a symbol that nothing defines.

use super::scope::{Findings, MenuEntry, Scope};
use super::undefined_symbol::{is_undefined, names};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::syntax::ast::AttributeKind;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "undefined-select",
    group: Group::Suspicious,
    level: Level::Warn,
    stage: Stage::Model,
    check: Check::Entry(check),
    fixable: false,
    since: "0.1.0",
    summary: "a select or imply of a symbol that no architecture defines",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a `select` or an `imply` whose target no Kconfig file of any architecture defines. Where some
`source` statement leads to no file, the target may be defined in that file, and nothing is reported.

## Why is this bad

Kconfig ignores the statement and says nothing. Either the name has a typing error, and what the
option needs is not switched on; or the target is gone, and the line with it should be.

## Example

```kconfig,bad
config USB_PANEL
	bool "USB panel"
	select PAGE_HELPR

config PAGE_HELPER
	bool
```

## Use instead

```kconfig,good
config USB_PANEL
	bool "USB panel"
	select PAGE_HELPER

config PAGE_HELPER
	bool
```
"#;

fn check(scope: &Scope<'_>, entry: &MenuEntry<'_>, findings: &mut Findings) {
    if !findings.knows_all_names(scope.names) {
        return;
    }
    let symbol = entry
        .defines()
        .and_then(|atom| names(entry, atom).first().copied());
    for attribute in entry.attributes {
        let (target, verb) = match attribute.kind {
            AttributeKind::Select { target, .. } => (target, "select"),
            AttributeKind::Imply { target, .. } => (target, "imply"),
            _ => continue,
        };
        for (name, on) in names(entry, target) {
            if !is_undefined(scope, name) {
                continue;
            }
            let bare = name.as_str().strip_prefix("CONFIG_");
            let bare = bare.filter(|bare| scope.names.has(crate::source::Name::new(bare)));
            let hint = match bare {
                Some(bare) => format!("; Kconfig files write {bare}, without the prefix"),
                None => scope.names.hint(name),
            };
            let message = format!(
                "nothing defines a symbol {name}: this {verb} does nothing{hint}",
                name = name.as_str()
            );
            let symbol = symbol.map(|(name, _)| name.as_str());
            let finding = findings.report(entry.place(target), on, symbol, message);
            finding.key.push(name.as_str().to_owned());
            finding.defect = Some(format!("{verb} {}", name.as_str()));
        }
    }
}
