// SPDX-License-Identifier: MIT OR Apache-2.0
//! blank-lines: several empty lines in a row.

use super::scope::{Findings, KconfigFile, is_in_help};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Applicability, Edit, Fix, Level};
use crate::source::TextRange;
use crate::tree::ArchSet;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "blank-lines",
    group: Group::Style,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::File(check),
    fixable: true,
    since: "0.1.0",
    summary: "several empty lines follow each other",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports the second of several empty lines in a row, outside of help texts.

## Why is this bad

One empty line tells entries apart. More of them look like a border that means something.

## Example

```kconfig,bad
config USB
	bool "USB"


config PCI
	bool "PCI"
```

## Use instead

```kconfig,good
config USB
	bool "USB"

config PCI
	bool "PCI"
```
"#;

fn check(file: &KconfigFile<'_>, findings: &mut Findings) {
    let mut run: Vec<u32> = Vec::new();
    let end = file.source.text().len() as u32;
    let lines = file.lines().map(|(place, line)| (place.start, line));
    for (start, line) in lines.chain([(end, b"#".as_slice())]) {
        if line.trim_ascii().is_empty() && start < end {
            run.push(start);
            continue;
        }
        if let [_, second, ..] = run[..] {
            report(file, TextRange::new(second, start), findings);
        }
        run.clear();
    }
}

fn report(file: &KconfigFile<'_>, lines: TextRange, findings: &mut Findings) {
    if is_in_help(file, lines.start) {
        return;
    }
    let place = TextRange::new(lines.start, lines.start).in_file(file.id);
    let message = "one empty line is enough".to_owned();
    let finding = findings.report(place, ArchSet::EMPTY, None, message);
    let edit = Edit {
        span: lines.in_file(file.id),
        text: String::new(),
    };
    let title = "delete the others";
    let fix = Fix::new(title, Applicability::MachineApplicable, vec![edit]);
    finding.fixes.push(fix);
}
