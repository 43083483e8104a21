// SPDX-License-Identifier: MIT OR Apache-2.0
//! trailing-whitespace: blanks at the end of a line.

use super::kconfig_file::KconfigFile;
use super::scope::Findings;
use super::{Check, Group, Rule, Stage};

use crate::diagnostic::{Applicability, Edit, Fix, Level};
use crate::source::TextRange;
use crate::tree::ArchSet;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "trailing-whitespace",
    group: Group::Style,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::File(check),
    fixable: true,
    since: "0.1.0",
    summary: "a line ends with blanks",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports blanks and tabs at the end of a line.

## Why is this bad

They show up as noise in every diff that touches the line, and `git apply` and checkpatch complain.

## Example

```kconfig,bad
config USB_PANEL
	bool "USB panel" 	
```

## Use instead

```kconfig,good
config USB_PANEL
	bool "USB panel"
```
"#;

fn check(file: &KconfigFile<'_>, findings: &mut Findings) {
    for (place, line) in file.lines() {
        let kept = line.trim_ascii_end();
        // Behind a backslash a blank keeps the next line apart.
        if kept.len() == line.len() || kept.ends_with(b"\\") {
            continue;
        }
        let start = place.start + kept.len() as u32;
        let span = TextRange::new(start, place.end).in_file(file.id);
        let message = "this line ends with blanks".to_owned();
        let finding = findings.report(span, ArchSet::EMPTY, None, message);
        let edit = Edit {
            span,
            text: String::new(),
        };
        let fix = Fix::new(
            "take the blanks away",
            Applicability::MachineApplicable,
            vec![edit],
        );
        finding.fixes.push(fix);
    }
}
