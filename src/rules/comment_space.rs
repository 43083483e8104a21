// SPDX-License-Identifier: MIT OR Apache-2.0
//! comment-space: a comment without a blank behind its `#`.

use super::kconfig_file::{KconfigFile, is_comment};
use super::scope::Findings;
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

Reports a comment of which a letter, a digit or an opening bracket, a quote or a `!` follows the `#` at once, alone on its line or
behind a statement.

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
    for line in file.statement_lines() {
        let Some(at) = comment(line.text, line.continues) else {
            continue;
        };
        let is_word = |it: &u8| it.is_ascii_alphanumeric() || b"([{<\"'`$@!".contains(it);
        if !line.text.get(at + 1).is_some_and(is_word) {
            continue;
        }
        let hash = line.place.start + at as u32;
        let message = "a blank belongs behind this #".to_owned();
        let place = TextRange::new(hash, line.place.end).in_file(file.id);
        let finding = findings.report(place, ArchSet::EMPTY, None, message);
        let edit = Edit {
            span: TextRange::new(hash + 1, hash + 1).in_file(file.id),
            text: " ".to_owned(),
        };
        let fix = Fix::new("add it", Applicability::MachineApplicable, vec![edit]);
        finding.fixes.push(fix);
    }
}

/// Where the comment of a line begins. A `#` in quotes or in a macro begins none, and a line behind a backslash may
/// be a part of either.
fn comment(line: &[u8], continues: bool) -> Option<usize> {
    if continues || line.windows(2).any(|it| it == b"$(") && !is_comment(line) {
        return None;
    }
    let mut quote = None;
    let mut is_escaped = false;
    for (at, byte) in line.iter().enumerate() {
        match (byte, quote) {
            _ if is_escaped => is_escaped = false,
            (b'\\', _) => is_escaped = true,
            (b'"' | b'\'', None) => quote = Some(*byte),
            (byte, Some(open)) if *byte == open => quote = None,
            (b'#', None) => return Some(at),
            _ => {}
        }
    }
    None
}
