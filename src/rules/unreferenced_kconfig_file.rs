// SPDX-License-Identifier: MIT OR Apache-2.0
//! unreferenced-kconfig-file: a Kconfig file that nothing sources.

use rustc_hash::FxHashSet;

use super::outside::Outside;
use super::scope::Findings;
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::references::FileKind;
use crate::source::TextRange;
use crate::tree::ArchSet;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "unreferenced-kconfig-file",
    group: Group::Kernel,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Outside(check),
    fixable: false,
    since: "0.1.0",
    summary: "no source statement of any architecture reaches a Kconfig file",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a file that is named like a Kconfig file and that no `source` statement of any architecture leads to.

## Why is this bad

Its symbols do not exist. The `source` statement was forgotten or removed.

## Example

```kconfig,bad
config USB
	bool "USB"
# file: drivers/Kconfig
config PANEL
	bool "Panel"
```

## Use instead

```kconfig,good
config USB
	bool "USB"

source "drivers/Kconfig"
# file: drivers/Kconfig
config PANEL
	bool "Panel"
```
"#;

fn check(outside: &Outside<'_>, findings: &mut Findings) {
    if !findings.knows_all_names(outside.names) {
        return;
    }
    let menus = outside.models.iter().map(|model| &model.menu);
    let read = menus.flat_map(|menu| menu.instances.iter().map(|it| it.file));
    let read: FxHashSet<_> = read.collect();
    let read: FxHashSet<String> = read
        .into_iter()
        .map(|file| outside.files.get(file).path().to_owned())
        .collect();
    let files = outside.references.files.iter();
    for file in files.filter(|it| !it.aside && it.kind == FileKind::Kconfig) {
        if read.contains(&file.path) {
            continue;
        }
        let Some(place) = outside.place(file, TextRange::new(0, 0)) else {
            continue;
        };
        let message = "no source statement leads to this file".to_owned();
        let finding = findings.report(place, ArchSet::first(1), None, message);
        finding.key.push(file.path.clone());
    }
}
