// SPDX-License-Identifier: MIT OR Apache-2.0
//! unsorted: `source` statements that are not in the order of their folders.

use super::kconfig_file::KconfigFile;
use super::scope::Findings;
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Applicability, Edit, Fix, Label, Level};
use crate::source::TextRange;
use crate::syntax::ast::EntryKind;
use crate::tree::ArchSet;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "unsorted",
    group: Group::Style,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::File(check),
    fixable: true,
    since: "0.1.0",
    summary: "the source statements of a menu are not sorted",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports the first `source` statement of a menu whose folder comes before that of the one above, `_` counted as `.`. A
`comment` begins a new list. With the preset `buildroot` it looks at the four files whose order check-package holds.

## Why is this bad

In a sorted list everybody finds the place of a new line, and two branches that add one seldom conflict.

## Example

```kconfig,bad
source "net/Kconfig"
source "fs/Kconfig"
# file: net/Kconfig
config NET
	bool "Net"
# file: fs/Kconfig
config FS
	bool "Files"
```

## Use instead

```kconfig,good
source "fs/Kconfig"
source "net/Kconfig"
# file: net/Kconfig
config NET
	bool "Net"
# file: fs/Kconfig
config FS
	bool "Files"
```
"#;

/// A list of `source` statements.
#[derive(Default)]
struct List {
    /// The entry behind its block.
    end: u32,
    /// Each statement with what it is sorted by.
    all: Vec<(String, TextRange)>,
}

fn check(file: &KconfigFile<'_>, findings: &mut Findings) {
    let path = file.source.path();
    if file
        .tree
        .form
        .sorted
        .is_some_and(|all| !all.contains(&path))
    {
        return;
    }
    let mut open = vec![List {
        end: u32::MAX,
        ..List::default()
    }];
    for (at, entry) in file.ast.entries.iter().enumerate() {
        while open.last().is_some_and(|list| list.end <= at as u32) {
            report(file, open.pop().unwrap_or_default(), findings);
        }
        let Some(list) = open.last_mut() else {
            continue;
        };
        match entry.kind {
            EntryKind::Source(source) if !source.path.has_macro => {
                list.all
                    .extend(folder(file, source.path.range).map(|it| (it, entry.head)));
            }
            EntryKind::Comment(_) => {
                let all = std::mem::take(&mut list.all);
                report(file, List { end: 0, all }, findings);
            }
            EntryKind::Menu(_) | EntryKind::If(_) => open.push(List {
                end: entry.end.0,
                all: Vec::new(),
            }),
            _ => {}
        }
    }
    for list in open {
        report(file, list, findings);
    }
}

/// The last folder of a path, as it is sorted.
fn folder(file: &KconfigFile<'_>, path: TextRange) -> Option<String> {
    let path = std::str::from_utf8(path.of(file.source.text())).ok()?;
    let (folders, _) = path.trim_matches(['"', '\'']).rsplit_once('/')?;
    let last = folders.rsplit('/').next().unwrap_or(folders);
    Some(last.replace('_', "."))
}

/// Reports the first statement of a list that stands too late.
fn report(file: &KconfigFile<'_>, list: List, findings: &mut Findings) {
    let Some(pair) = list.all.windows(2).find(|pair| pair[1].0 < pair[0].0) else {
        return;
    };
    let place = pair[1].1.in_file(file.id);
    let message = "this list is sorted by the folder, and this one comes first".to_owned();
    let finding = findings.report(place, ArchSet::EMPTY, None, message);
    let above = Label::new(pair[0].1.in_file(file.id), "before this");
    finding.labels.push(above);
    finding.fixes.extend(sorted(file, &list.all));
}

/// Puts the statements in order, each in the place of another one. The entries of the menu then have another order,
/// and so have the definitions of a symbol that several of these files define: a person has to look.
fn sorted(file: &KconfigFile<'_>, all: &[(String, TextRange)]) -> Option<Fix> {
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by(|x, y| all[*x].0.cmp(&all[*y].0));
    let text = file.source.text();
    let moves = order.iter().enumerate().filter(|(to, from)| to != *from);
    let edits = moves.map(|(to, from)| {
        let statement = std::str::from_utf8(all[*from].1.of(text)).ok()?;
        Some(Edit {
            span: all[to].1.in_file(file.id),
            text: statement.to_owned(),
        })
    });
    let edits: Vec<Edit> = edits.collect::<Option<_>>()?;
    Some(Fix::new(
        "sort the list",
        Applicability::MaybeIncorrect,
        edits,
    ))
}
