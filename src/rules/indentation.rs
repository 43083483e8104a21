// SPDX-License-Identifier: MIT OR Apache-2.0
//! indentation: lines that are not indented as everywhere else.

use super::scope::{Findings, KconfigFile};
use super::{Check, Group, Rule, Stage};

use crate::diagnostic::{Applicability, Edit, Fix, Level};
use crate::source::TextRange;
use crate::syntax::ast::AttributeKind;
use crate::tree::ArchSet;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "indentation",
    group: Group::Style,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::File(check),
    fixable: true,
    since: "0.1.0",
    summary: "an attribute is not indented by one tab, or a help text by a tab and two blanks",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a statement that does not begin in the first column, an attribute that is not indented by one tab,
and a help text whose first line is not indented by a tab and two blanks
(Documentation/process/coding-style.rst of Linux, "Kconfig configuration files"; U-Boot, Zephyr and others
write the same).

## Why is this bad

Where attributes are indented by blanks, or help texts like attributes, a reader takes one for the other.

## Example

```kconfig,bad
config USB_PANEL
    bool "USB panel"
    help
      A panel on USB.
```

## Use instead

```kconfig,good
config USB_PANEL
	bool "USB panel"
	help
	  A panel on USB.
```
"#;

fn check(file: &KconfigFile<'_>, findings: &mut Findings) {
    for entry in &file.ast.entries {
        indented(
            file,
            entry.head,
            "",
            "a statement begins in the first column",
            findings,
        );
        for attribute in file.ast.attributes_of(entry) {
            let message = "an attribute is indented by one tab";
            indented(file, attribute.range, "\t", message, findings);
            if let AttributeKind::Help { body, .. } = attribute.kind {
                help(file, body, findings);
            }
        }
    }
}

/// Reports the line of a range unless it is indented like this.
fn indented(
    file: &KconfigFile<'_>,
    range: TextRange,
    wanted: &str,
    message: &str,
    findings: &mut Findings,
) {
    let (start, _) = file.line_of(range.start);
    let own = TextRange::new(start, range.start);
    let before = own.of(file.source.text());
    // Something else may stand in front of it.
    let is_blank = before.iter().all(|byte| matches!(byte, b' ' | b'\t'));
    if before == wanted.as_bytes() || !is_blank {
        return;
    }
    let place = range.in_file(file.id);
    let finding = findings.report(place, ArchSet::EMPTY, None, message.to_owned());
    let edit = Edit {
        span: own.in_file(file.id),
        text: wanted.to_owned(),
    };
    let fix = Fix::new("indent it so", Applicability::MachineApplicable, vec![edit]);
    finding.fixes.push(fix);
}

/// Reports the first line of a help text unless it is indented as it should be. The fix moves all lines
/// alike, so that a table stays one. There is none where some line has less in front of it.
fn help(file: &KconfigFile<'_>, body: TextRange, findings: &mut Findings) {
    let text = body.of(file.source.text());
    let mut lines = Vec::new();
    let mut start = body.start;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        if !line.trim_ascii().is_empty() {
            lines.push((start, line));
        }
        start += line.len() as u32;
    }
    let Some((start, first)) = lines.first() else {
        return;
    };
    let blank = &first[..first.len() - first.trim_ascii_start().len()];
    if blank == HELP {
        return;
    }
    let end = start + first.trim_ascii_end().len() as u32;
    let place = TextRange::new(*start, end).in_file(file.id);
    let message = "a help text is indented by a tab and two blanks".to_owned();
    let finding = findings.report(place, ArchSet::EMPTY, None, message);
    if !lines.iter().all(|(_, line)| line.starts_with(blank)) {
        return;
    }
    let edits = lines.iter().map(|(start, _)| Edit {
        span: TextRange::new(*start, start + blank.len() as u32).in_file(file.id),
        text: String::from_utf8_lossy(HELP).into_owned(),
    });
    let title = "move the text";
    let fix = Fix::new(title, Applicability::MachineApplicable, edits.collect());
    finding.fixes.push(fix);
}

/// What stands before a help text.
const HELP: &[u8] = b"\t  ";
