// SPDX-License-Identifier: MIT OR Apache-2.0
//! obsolete-syntax: notations that newer kconfigs no longer accept.

use super::kconfig_file::KconfigFile;
use super::scope::Findings;
use super::{Check, Group, Rule, Stage};

use crate::diagnostic::{Applicability, Edit, Fix, Level};
use crate::source::TextRange;
use crate::syntax::ast::{AttributeKind, Type};
use crate::tree::ArchSet;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "obsolete-syntax",
    group: Group::Style,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::File(check),
    fixable: true,
    since: "0.1.0",
    summary: "a notation that newer kconfigs no longer accept",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports `---help---`, `boolean` and `option modules`, for which Kconfig has `help`, `bool` and `modules`. A tree whose
kconfig refuses them gets a `syntax-error` instead.

## Why is this bad

Linux 4.20 refuses `boolean`, Linux 5.9 `---help---`, and Linux 6.0 `option`. Code that moves between projects stops being read.

## Example

```kconfig,bad
config USB_PANEL
	bool "USB panel"
	---help---
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

/// The older word for `bool`.
const BOOLEAN: &[u8] = b"boolean";

fn check(file: &KconfigFile<'_>, findings: &mut Findings) {
    for entry in &file.ast.entries {
        for attribute in file.ast.attributes_of(entry) {
            let (range, wanted) = match attribute.kind {
                AttributeKind::Help { dashed: true, body } => {
                    let end = body.start.max(attribute.range.start);
                    let line =
                        TextRange::new(attribute.range.start, end.max(attribute.range.start));
                    let line = match line.is_empty() {
                        true => attribute.range,
                        false => line,
                    };
                    let word = line.of(file.source.text()).trim_ascii_end().len() as u32;
                    (TextRange::new(line.start, line.start + word), "help")
                }
                AttributeKind::Type { ty: Type::Bool, .. }
                    if attribute.range.of(file.source.text()).starts_with(BOOLEAN) =>
                {
                    let start = attribute.range.start;
                    let word = TextRange::new(start, start + BOOLEAN.len() as u32);
                    (word, "bool")
                }
                AttributeKind::Option { name, value: None } => {
                    let name = file.ast.word(name).text;
                    match name.is_some_and(|name| name.as_str() == "modules") {
                        true => (attribute.range, "modules"),
                        false => continue,
                    }
                }
                _ => continue,
            };
            let span = range.in_file(file.id);
            let message = format!("newer kconfigs only accept `{wanted}`");
            let finding = findings.report(span, ArchSet::EMPTY, None, message);
            let edit = Edit {
                span,
                text: wanted.to_owned(),
            };
            let title = format!("write {wanted}");
            finding.fixes.push(Fix::new(
                title,
                Applicability::MachineApplicable,
                vec![edit],
            ));
        }
    }
}
