// SPDX-License-Identifier: MIT OR Apache-2.0
//! comment-space: a comment without a blank behind its `#`.

use super::scope::{Findings, KconfigFile, is_in_help};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Applicability, Edit, Fix, Level};
use crate::source::TextRange;
use crate::tree::ArchSet;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "comment-space",
    group: Group::Style,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::File(check),
    fixable: true,
    since: "0.1.0",
    summary: "a comment has no blank behind its #",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a comment alone on its line of which a letter or a digit follows the `#`.

## Why is this bad

Comments look alike, and a comment can be told from a statement that was switched off.

## Example

```kconfig,bad
#USB and its devices
config USB
	bool "USB"
```

## Use instead

```kconfig,good
# USB and its devices
config USB
	bool "USB"
```
"#;

fn check(file: &KconfigFile<'_>, findings: &mut Findings) {
    let mut continues = false;
    for (place, line) in file.lines() {
        let goes_on = std::mem::replace(&mut continues, line.ends_with(b"\\"));
        let blank = line.len() - line.trim_ascii_start().len();
        let [b'#', next, ..] = line[blank..] else {
            continue;
        };
        if goes_on || !next.is_ascii_alphanumeric() || is_in_help(file, place.start) {
            continue;
        }
        let after = place.start + blank as u32 + 1;
        let message = "a blank belongs behind this #".to_owned();
        let finding = findings.report(place, ArchSet::EMPTY, None, message);
        let edit = Edit {
            span: TextRange::new(after, after).in_file(file.id),
            text: " ".to_owned(),
        };
        let fix = Fix::new("add it", Applicability::MachineApplicable, vec![edit]);
        finding.fixes.push(fix);
    }
}
