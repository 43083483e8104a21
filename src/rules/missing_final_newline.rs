// SPDX-License-Identifier: MIT OR Apache-2.0
//! missing-final-newline: a file whose last line has no end.

use super::kconfig_file::KconfigFile;
use super::scope::Findings;
use super::{Check, Group, Rule, Stage};

use crate::diagnostic::{Applicability, Edit, Fix, Level};
use crate::source::TextRange;
use crate::tree::ArchSet;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "missing-final-newline",
    group: Group::Style,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::File(check),
    fixable: true,
    since: "0.1.0",
    summary: "the last line of a file has no line end",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a file whose last line does not end with a line feed (lexer.l: "no new line at end of file").

## Why is this bad

conf warns about it. Whatever is added behind that line shows the line itself as changed.

## Example

```kconfig,bad
config USB_PANEL
	bool "USB panel"
\ No newline at end of file
```

## Use instead

```kconfig,good
config USB_PANEL
	bool "USB panel"
```
"#;

fn check(file: &KconfigFile<'_>, findings: &mut Findings) {
    let text = file.source.text();
    if text.is_empty() || text.ends_with(b"\n") {
        return;
    }
    let end = text.len() as u32;
    let (start, _) = file.line_of(end - 1);
    let message = "the last line of the file has no line end".to_owned();
    let place = TextRange::new(start, end).in_file(file.id);
    let finding = findings.report(place, ArchSet::EMPTY, None, message);
    let edit = Edit {
        span: TextRange::new(end, end).in_file(file.id),
        text: "\n".to_owned(),
    };
    finding.fixes.push(Fix::new(
        "add it",
        Applicability::MachineApplicable,
        vec![edit],
    ));
}
