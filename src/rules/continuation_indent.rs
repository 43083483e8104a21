// SPDX-License-Identifier: MIT OR Apache-2.0
//! continuation-indent: the lines of a statement behind a backslash, indented in another way.

use super::kconfig_file::{KconfigFile, blank};
use super::preset::{Form, Indent};
use super::scope::Findings;
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Applicability, Edit, Fix, Level};
use crate::source::TextRange;
use crate::tree::ArchSet;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "continuation-indent",
    group: Group::Style,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::File(check),
    fixable: true,
    since: "0.1.0",
    summary: "a line behind a backslash is not indented by tabs",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a line that continues a statement, and is not indented by tabs alone. With the preset `esp-idf` the line is
indented by four blanks more than the statement, and with `buildroot` blanks may follow the first tab. Zephyr's
kconfig_style.py, Buildroot's check-package and kconfcheck want this.

## Why is this bad

Blanks that align with one word no longer do when the word changes. In the arguments of a macro the blanks become part of the text.

## Example

```kconfig,bad
config USB
	bool "USB"

config PCI
	bool "PCI"

config PANEL
	bool "Panel"
	depends on USB || \
	           PCI
```

## Use instead

```kconfig,good
config USB
	bool "USB"

config PCI
	bool "PCI"

config PANEL
	bool "Panel"
	depends on USB || \
		PCI
```
"#;

fn check(file: &KconfigFile<'_>, findings: &mut Findings) {
    let mut first: &[u8] = b"";
    let mut has_macro = false;
    for line in file.statement_lines() {
        if !line.continues {
            first = blank(line.text);
            has_macro = false;
        }
        // Blanks count in a macro and in a text.
        has_macro |= line.text.windows(2).any(|it| it == b"$(") || is_assignment(line.text);
        if line.continues && !line.text.trim_ascii().is_empty() {
            let own = blank(line.text);
            if let Some((message, wanted)) = wanted(file.tree.form, first, own) {
                let start = line.place.start;
                let place = TextRange::new(start + own.len() as u32, line.place.end);
                let place = place.in_file(file.id);
                let finding = findings.report(place, ArchSet::EMPTY, None, message);
                let edit = Edit {
                    span: TextRange::new(start, start + own.len() as u32).in_file(file.id),
                    text: wanted,
                };
                let fix = Fix::new("indent it so", Applicability::MachineApplicable, vec![edit]);
                finding.fixes.extend((!has_macro).then_some(fix));
            }
        }
    }
}

/// Whether a line may assign a variable, or leaves a text open.
fn is_assignment(line: &[u8]) -> bool {
    let quotes = line.iter().filter(|it| matches!(it, b'"' | b'\''));
    let equals = line.windows(2).any(|it| matches!(it, b":=" | b"+="));
    quotes.count() % 2 == 1 || equals || !line.starts_with(b"\t") && line.contains(&b'=')
}

/// What is wrong with the blanks in front of a line, and what belongs there.
fn wanted(form: &Form, first: &[u8], own: &[u8]) -> Option<(String, String)> {
    match form.indent {
        Indent::Flat => {
            let tabs = if form.aligned {
                &own[..own.len().min(1)]
            } else {
                own
            };
            let is_tabs = !tabs.is_empty() && tabs.iter().all(|byte| *byte == b'\t');
            let message = "a line behind a backslash is indented by tabs alone".to_owned();
            let tabs = (own.iter().filter(|byte| **byte == b'\t').count()).max(2);
            (!is_tabs).then(|| (message, "\t".repeat(tabs)))
        }
        Indent::Nested(blanks) => {
            let number = first.len() + blanks as usize;
            let wanted = " ".repeat(number);
            let message = format!("a line behind a backslash is indented by {number} blanks here");
            (own != wanted.as_bytes()).then_some((message, wanted))
        }
    }
}
