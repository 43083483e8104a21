// SPDX-License-Identifier: MIT OR Apache-2.0
//! defconfig-overridden-value: a second line of a defconfig for one symbol.

use rustc_hash::FxHashMap;

use super::outside::Outside;
use super::scope::Findings;
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Label, Level};
use crate::references::{FileKind, How, Mention};
use crate::source::Name;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "defconfig-overridden-value",
    group: Group::Kernel,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Outside(check),
    fixable: false,
    since: "0.1.0",
    summary: "a defconfig sets a symbol twice",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a line of a defconfig for a symbol that an earlier line of the same file sets already.

## Why is this bad

The last line counts (confdata.c, `conf_read_simple`: "override: reassigning to symbol"). Who changes the first one
changes nothing.

## Example

```kconfig,bad
config BUFFERS
	int "Buffers"
# file: configs/board_defconfig
CONFIG_BUFFERS=4
CONFIG_BUFFERS=8
```

## Use instead

```kconfig,good
config BUFFERS
	int "Buffers"
# file: configs/board_defconfig
CONFIG_BUFFERS=8
```
"#;

fn check(outside: &Outside<'_>, findings: &mut Findings) {
    let files = outside.references.files.iter();
    for file in files.filter(|it| !it.aside && it.kind == FileKind::Defconfig) {
        let mut known: FxHashMap<Name, &Mention> = FxHashMap::default();
        for mention in &file.all {
            if !matches!(mention.how, How::Set(_)) {
                continue;
            }
            let Some(first) = known.insert(mention.name, mention) else {
                continue;
            };
            let written = outside.written(mention.name);
            let message = format!("{written} is set a second time, and this line counts");
            let place = outside.place(file, first.range);
            let finding = findings.report_mention(outside, (file, mention), message);
            if let (Some(finding), Some(place)) = (finding, place) {
                finding.labels.push(Label::new(place, "set before"));
            }
        }
    }
}
