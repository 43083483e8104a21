// SPDX-License-Identifier: MIT OR Apache-2.0
//! defconfig-unknown-symbol: a line of a defconfig for a symbol that does not exist.

use super::outside::Outside;
use super::scope::Findings;
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::references::{FileKind, How, Mentions};

/// The declaration.
pub static RULE: Rule = Rule {
    name: "defconfig-unknown-symbol",
    group: Group::Kernel,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Outside(check),
    fixable: false,
    since: "0.1.0",
    summary: "a defconfig sets a symbol that nothing defines",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a line of a defconfig, or of a fragment of one, for a symbol that no Kconfig file of any architecture defines.

## Why is this bad

Kconfig drops the line and says nothing. Often the symbol was renamed, and since then the board lacks an option that
its owner believes to have.

## Example

```kconfig,bad
config USB
	bool "USB"
# file: configs/board_defconfig
CONFIG_USBB=y
```

## Use instead

```kconfig,good
config USB
	bool "USB"
# file: configs/board_defconfig
CONFIG_USB=y
```
"#;

fn check(outside: &Outside<'_>, findings: &mut Findings) {
    if !findings.knows_all_names(outside.names) {
        return;
    }
    let is_defconfig = |file: &Mentions| !file.aside && file.kind == FileKind::Defconfig;
    for (file, mention) in outside.references.in_files(is_defconfig) {
        let is_line = matches!(mention.how, How::Set(_));
        if !is_line || outside.names.has(mention.name) {
            continue;
        }
        let hint = outside.names.hint(mention.name);
        let written = outside.written(mention.name);
        let message = format!("nothing defines {written}: this line does nothing{hint}");
        if let Some(finding) = findings.report_mention(outside, (file, mention), message) {
            finding.defect = Some(written);
        }
    }
}
