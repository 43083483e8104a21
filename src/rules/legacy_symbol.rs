// SPDX-License-Identifier: MIT OR Apache-2.0
//! legacy-symbol: a statement that rests on a symbol which is only kept for old configurations.

use super::scope::{Findings, Meant, MenuEntry, Scope, parts};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Label, Level};
use crate::model::Symbol;
use crate::source::Span;
use crate::syntax::ast::{Atom, AttributeKind, EntryKind};

/// The declaration.
pub static RULE: Rule = Rule {
    name: "legacy-symbol",
    group: Group::Suspicious,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Entry(check),
    fixable: false,
    since: "0.1.0",
    summary: "a dependency or a select names a symbol that is only kept for old configurations",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a dependency, a condition, a `select` or an `imply` that names a symbol which is only there for old configurations:
one of Buildroot's `Config.in.legacy`, or one that is `transitional` (Linux 6.18). A default may name it, since that is how the new
symbol takes the old value over, and so may the file of the old symbols itself.

## Why is this bad

The old symbol is on in no new configuration, so what depends on it has gone, and a select of it does not what its author
wanted. Its successor was meant.

## Example

```kconfig,bad
config USB
	bool "USB"

config USB_PANEL
	bool "USB panel"
	depends on USB_OLD

source "Config.in.legacy"
# file: Config.in.legacy
config USB_OLD
	bool "USB has another name now"
```

## Use instead

```kconfig,good
config USB
	bool "USB"
	default USB_OLD

config USB_PANEL
	bool "USB panel"
	depends on USB

source "Config.in.legacy"
# file: Config.in.legacy
config USB_OLD
	bool "USB has another name now"
```
"#;

fn check(scope: &Scope<'_>, entry: &MenuEntry<'_>, findings: &mut Findings) {
    let own = entry.span(entry.entry.head);
    if is_legacy_file(scope, own) {
        return;
    }
    let mut exprs = match entry.entry.kind {
        EntryKind::If(condition) => vec![condition],
        _ => Vec::new(),
    };
    let mut targets: Vec<Atom> = Vec::new();
    for attribute in entry.attributes {
        match attribute.kind {
            AttributeKind::Default { .. } | AttributeKind::TypedDefault { .. } => continue,
            AttributeKind::Select { target, .. } | AttributeKind::Imply { target, .. } => {
                targets.push(target);
            }
            _ => {}
        }
        exprs.extend(parts(&attribute.kind).into_iter().flatten());
    }
    let words = exprs
        .into_iter()
        .flat_map(|it| entry.words(it))
        .map(|(atom, _)| atom);
    for atom in words.chain(targets) {
        for (meant, on) in scope.meant(entry, atom) {
            let Meant::Symbol(id) = meant else { continue };
            let symbol = scope.model.symbol(id);
            if !is_legacy(scope, symbol) || on.is_empty() {
                continue;
            }
            let name = scope.model.name(id);
            let message = format!("{name} is only there for old configurations");
            let finding = findings.report(entry.place(atom), on, entry.symbol(), message);
            finding.key.push(name.to_owned());
            let label = symbol.definitions.first();
            finding
                .labels
                .extend(label.map(|it| Label::new(it.name, "the old symbol")));
        }
    }
}

fn is_legacy(scope: &Scope<'_>, symbol: &Symbol) -> bool {
    let mut definitions = symbol.definitions.iter();
    let mut is_old = || definitions.all(|it| is_legacy_file(scope, it.name));
    symbol.transitional || symbol.is_defined() && is_old()
}

fn is_legacy_file(scope: &Scope<'_>, place: Span) -> bool {
    let file = scope.files.get(place.file);
    file.path().rsplit('/').next() == Some("Config.in.legacy")
}
