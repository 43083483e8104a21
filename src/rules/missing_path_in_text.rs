// SPDX-License-Identifier: MIT OR Apache-2.0
//! missing-path-in-text: a help text that names a file which is gone.

use super::outside::Outside;
use super::scope::{Findings, MenuEntry};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::menu::NodeId;
use crate::source::TextRange;
use crate::syntax::ast::AttributeKind;
use crate::tree::ArchSet;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "missing-path-in-text",
    group: Group::Kernel,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Outside(check),
    fixable: false,
    since: "0.1.0",
    summary: "a help text names a file of the tree that does not exist",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports `<file:PATH>`, and a path that begins with `Documentation/`, in a help text where the tree has no such file or
folder. Paths with `*`, `$`, `{` or `[` are left out.

## Why is this bad

The user is sent to a text that has moved. Who knows where it is should say so.

## Example

```kconfig,bad
config USB
	bool "USB"
	help
	  See <file:usb/readme> for more.
```

## Use instead

```kconfig,good
config USB
	bool "USB"
	help
	  See <file:usb/overview> for more.
# file: usb/overview
An overview.
```
"#;

fn check(outside: &Outside<'_>, findings: &mut Findings) {
    for model in &outside.models {
        for at in 0..model.menu.nodes.len() {
            let entry = MenuEntry::of(&model.menu, NodeId(at as u32));
            for attribute in entry.attributes {
                if let AttributeKind::Help { body, .. } = attribute.kind {
                    in_help(outside, &entry, body, findings);
                }
            }
        }
    }
}

fn in_help(outside: &Outside<'_>, entry: &MenuEntry<'_>, body: TextRange, findings: &mut Findings) {
    let file = outside.files.get(entry.span(body).file);
    let Ok(text) = std::str::from_utf8(body.of(file.text())) else {
        return;
    };
    for (at, path) in paths(text) {
        if path.contains(['*', '$', '{', '[', '%']) || exists(outside, path) {
            continue;
        }
        let start = body.start + at as u32;
        let place = entry.span(TextRange::new(start, start + path.len() as u32));
        let message = format!("the tree has no {path}");
        let finding = findings.report(place, ArchSet::first(1), entry.symbol(), message);
        finding.key.push(path.to_owned());
    }
}

/// The paths in a text, with their offsets.
fn paths(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (begin, skipped) in [("<file:", 6), ("Documentation/", 0)] {
        for (at, _) in text.match_indices(begin) {
            let before = text[..at].chars().next_back();
            let is_part = before.is_some_and(|it| it.is_alphanumeric() || "/:.-_".contains(it));
            let rest = &text[at + skipped..];
            let ends = |it: char| it.is_whitespace() || "<>()\"'`,;:|".contains(it);
            let path = &rest[..rest.find(ends).unwrap_or(rest.len())];
            let path = path.trim_end_matches(['.', '!', '?', '/']);
            if !is_part && path.contains('/') {
                found.push((at + skipped, path));
            }
        }
    }
    found
}

/// Whether the tree has a file of this path. A text may end where a line does.
fn exists(outside: &Outside<'_>, path: &str) -> bool {
    let reader = outside.files.reader();
    reader.exists(path) || path.ends_with('-')
}
