// SPDX-License-Identifier: MIT OR Apache-2.0
//! repeated-source: a file that two `source` statements read.

use rustc_hash::FxHashMap;

use super::scope::{Findings, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Label, Level};
use crate::source::{FileId, Span};
use crate::tree::ArchSet;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "repeated-source",
    group: Group::Suspicious,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Tree(check),
    fixable: false,
    since: "0.1.0",
    summary: "two source statements read one file on the same architecture",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a `source` statement for a file that an earlier statement has read already on the same architecture.

## Why is this bad

Every entry of the file is there twice: its prompts are shown twice, and each definition adds its dependencies as an
alternative to those of the other.

## Example

```kconfig,bad
source "drivers/Kconfig"
source "drivers/Kconfig"
# file: drivers/Kconfig
config USB
	bool "USB"
```

## Use instead

```kconfig,good
source "drivers/Kconfig"
# file: drivers/Kconfig
config USB
	bool "USB"
```
"#;

fn check(scope: &Scope<'_>, findings: &mut Findings) {
    let menu = &scope.model.menu;
    let mut known: FxHashMap<FileId, Vec<(Span, ArchSet)>> = FxHashMap::default();
    for instance in &menu.instances {
        let Some(place) = instance.included_from else {
            continue;
        };
        let earlier = known.entry(instance.file).or_default();
        let same = earlier
            .iter()
            .find(|(other, on)| *other != place && !(*on & instance.on).is_empty());
        if let Some((first, on)) = same {
            let path = scope.files.get(instance.file).path().to_owned();
            let message = format!("{path} is read a second time");
            let finding = findings.report(place, *on & instance.on, None, message);
            finding.labels.push(Label::new(*first, "the first time"));
            finding.key.push(path);
        }
        earlier.push((place, instance.on));
    }
}
