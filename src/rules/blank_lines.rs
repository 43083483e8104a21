// SPDX-License-Identifier: MIT OR Apache-2.0
//! blank-lines: empty lines that are too many, or missing.

use super::kconfig_file::{KconfigFile, is_comment};
use super::scope::Findings;
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Applicability, Edit, Fix, Level};
use crate::source::TextRange;
use crate::syntax::ast::{Entry, EntryKind};
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
    summary: "several empty lines follow each other, or a file ends with one",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports the second of several empty lines in a row outside of help texts, and empty lines at the end of a file.

With the preset `zephyr` it also reports an entry without an empty line in front of it (unless a block begins there), and
an `if` or `endif` without one on each side, as kconfig_style.py does.

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
    let end = file.source.text().len() as u32;
    let mut run: Vec<u32> = Vec::new();
    let lines = file.lines().map(|(place, line)| (place.start, line));
    for (start, line) in lines.chain([(end, b"#".as_slice())]) {
        if line.trim_ascii().is_empty() && start < end {
            run.push(start);
            continue;
        }
        let is_last = start == end;
        match run[..] {
            [first, ..] if is_last => {
                let message = "no empty line belongs at the end of a file";
                too_many(file, TextRange::new(first, start), message, findings);
            }
            [_, second, ..] => {
                let message = "one empty line is enough";
                too_many(file, TextRange::new(second, start), message, findings);
            }
            _ => {}
        }
        run.clear();
    }
    if file.tree.form.apart {
        apart(file, findings);
    }
}

fn too_many(file: &KconfigFile<'_>, lines: TextRange, message: &str, findings: &mut Findings) {
    if file.is_in_help(lines.start) {
        return;
    }
    let title = "delete the empty lines";
    report(file, lines.start, message, (title, lines, ""), findings);
}

/// Reports a place, with the only edit of its fix.
fn report(
    file: &KconfigFile<'_>,
    at: u32,
    message: &str,
    (title, range, text): (&str, TextRange, &str),
    findings: &mut Findings,
) {
    let place = TextRange::new(at, at).in_file(file.id);
    let finding = findings.report(place, ArchSet::EMPTY, None, message.to_owned());
    // All empty lines are alike: what follows tells one place from the other.
    let (_, next) = file.line_of(range.end.min(file.source.text().len() as u32));
    finding.key.push(String::from_utf8_lossy(next).into_owned());
    let edit = Edit {
        span: range.in_file(file.id),
        text: text.to_owned(),
    };
    let fix = Fix::new(title, Applicability::MachineApplicable, vec![edit]);
    finding.fixes.push(fix);
}

/// Reports what has no empty line around it.
fn apart(file: &KconfigFile<'_>, findings: &mut Findings) {
    let mut starts: Vec<(u32, &str)> = Vec::new();
    for entry in &file.ast.entries {
        let (start, _) = file.line_of(entry.head.start);
        match entry.kind {
            EntryKind::If(_) => {
                starts.push((with_comments(file, start), "`if`"));
                starts.extend(after(file, entry.head.end).map(|at| (at, "what follows an `if`")));
                let close = entry.close.map(|close| file.line_of(close.start).0);
                starts.extend(close.map(|at| (at, "`endif`")));
                let end = entry.close.and_then(|close| after(file, close.end));
                starts.extend(end.map(|at| (at, "what follows an `endif`")));
            }
            _ if is_apart(entry) => {
                let start = with_comments(file, start);
                if !follows_opener(file, start) {
                    starts.push((start, "an entry"));
                }
            }
            _ => {}
        }
    }
    starts.sort_unstable();
    starts.dedup_by_key(|(start, _)| *start);
    for (start, what) in starts {
        if line_above(file, start).is_none_or(|(_, line)| line.trim_ascii().is_empty()) {
            continue;
        }
        let message = format!("an empty line belongs in front of {what}");
        let here = TextRange::new(start, start);
        report(
            file,
            start,
            &message,
            ("add the line", here, "\n"),
            findings,
        );
    }
}

/// Whether an entry wants an empty line in front of it.
fn is_apart(entry: &Entry) -> bool {
    matches!(
        entry.kind,
        EntryKind::Config(_)
            | EntryKind::MenuConfig(_)
            | EntryKind::Choice(_)
            | EntryKind::Menu(_)
            | EntryKind::Comment(_)
            | EntryKind::MainMenu(_)
    )
}

/// Whether the line above opens a block, which its first entry follows at once.
fn follows_opener(file: &KconfigFile<'_>, start: u32) -> bool {
    let Some((above, _)) = line_above(file, start) else {
        return false;
    };
    let entries = &file.ast.entries;
    let after = entries.partition_point(|entry| entry.head.start < start);
    entries[..after].last().is_some_and(|entry| {
        let is_opener = matches!(
            entry.kind,
            EntryKind::Menu(_) | EntryKind::Choice(_) | EntryKind::MainMenu(_)
        );
        is_opener && entry.head.start >= above
    })
}

/// The start of the line after an offset; `None` at the end of the file.
fn after(file: &KconfigFile<'_>, offset: u32) -> Option<u32> {
    let starts = file.source.line_starts();
    let next = starts.get(starts.partition_point(|start| *start <= offset));
    let is_text = |start: &u32| (*start as usize) < file.source.text().len();
    let (_, line) = file.line_of(*next.filter(|it| is_text(it))?);
    next.copied().filter(|_| !line.trim_ascii().is_empty())
}

/// The line above one, with its start; `None` above the first.
fn line_above<'f>(file: &'f KconfigFile<'_>, start: u32) -> Option<(u32, &'f [u8])> {
    start.checked_sub(1).map(|offset| file.line_of(offset))
}

/// The start of the comments right above an entry, which belong to the entry.
fn with_comments(file: &KconfigFile<'_>, start: u32) -> u32 {
    let mut start = start;
    while let Some((above, line)) = line_above(file, start) {
        if !is_comment(line) || file.is_in_help(above) {
            break;
        }
        start = above;
    }
    start
}
