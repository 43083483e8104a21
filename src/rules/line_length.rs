// SPDX-License-Identifier: MIT OR Apache-2.0
//! line-length: lines that are wider than the project wants them.

use super::kconfig_file::{KconfigFile, blank, columns, is_comment};
use super::preset::Indent;
use super::scope::Findings;
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Applicability, Edit, Fix, Level};
use crate::source::Span;
use crate::tree::ArchSet;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "line-length",
    group: Group::Style,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::File(check),
    fixable: true,
    since: "0.1.0",
    summary: "a line is wider than the project wants lines to be",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a line of more columns than the preset allows, a tab counted as eight: 100 for Linux and Zephyr, 119 for ESP-IDF,
96 for coreboot, and 72 for the help texts of Buildroot. A statement with a text or a macro, and a line of help that is a
single word such as an address, cannot be broken: they count for ESP-IDF alone.

## Why is this bad

menuconfig shows a help text as it is written. What does not fit in the window is cut off.

## Example

```kconfig,bad
config USB
	bool "USB"
	help
	  Support for devices that are plugged in, with all the controllers, hubs and panels that there are.
```

## Use instead

```kconfig,good
config USB
	bool "USB"
	help
	  Support for devices that are plugged in, with all the controllers,
	  hubs and panels that there are.
```
"#;

fn check(file: &KconfigFile<'_>, findings: &mut Findings) {
    let form = file.tree.form;
    for (place, line) in file.lines() {
        let text = line.trim_ascii_end();
        let width = columns(text);
        let is_help = file.is_in_help(place.start);
        let most = match is_help {
            true => form.help.or(form.line),
            false => form.line,
        };
        let Some(most) = most.filter(|most| width > *most) else {
            continue;
        };
        let words = text.trim_ascii();
        let is_broken = match is_help {
            true => words.iter().any(|byte| matches!(byte, b' ' | b'\t')),
            false => is_comment(words) || !holds_text(words),
        };
        if !is_broken && !form.unbreakable {
            continue;
        }
        let message = format!("this line has {width} columns, and {most} are allowed");
        let finding = findings.report(place, ArchSet::EMPTY, None, message);
        let broken = match is_help {
            true => wrapped(text, most),
            false => broken(text, most, form.indent),
        };
        finding.fixes.extend(broken.map(|text| fix(place, text)));
    }
}

/// Whether a statement holds a text or a macro, which cannot go on in the next line.
fn holds_text(words: &[u8]) -> bool {
    words.windows(2).any(|it| it == b"$(") || words.iter().any(|byte| matches!(byte, b'"' | b'\''))
}

fn fix(place: Span, text: String) -> Fix {
    let edit = Edit { span: place, text };
    Fix::new("break it", Applicability::MachineApplicable, vec![edit])
}

/// A line of help as several. `None` for what looks like a table, and where nothing fits.
fn wrapped(line: &[u8], most: u32) -> Option<String> {
    let line = std::str::from_utf8(line).ok()?;
    let indent = &line[..blank(line.as_bytes()).len()];
    let words = &line[indent.len()..];
    if words.contains("  ") || words.contains(['\t', '|']) {
        return None;
    }
    // What belongs to an item of a list stands below its text.
    let is_item = ["- ", "* ", "o "].iter().any(|it| words.starts_with(it));
    let further = format!("{indent}{}", if is_item { "  " } else { "" });
    let pieces = words.split(' ').map(str::to_owned);
    let lines = filled(pieces, (indent, &further), " ", most);
    (lines.len() > 1).then(|| lines.join("\n"))
}

/// A statement as several lines, broken behind `&&` and `||`. `None` where it has none, or where something else
/// than an expression stands in it.
fn broken(line: &[u8], most: u32, indent: Indent) -> Option<String> {
    let line = std::str::from_utf8(line).ok()?;
    let own = &line[..blank(line.as_bytes()).len()];
    let words = &line[own.len()..];
    if is_comment(words.as_bytes()) || words.contains(['"', '\'', '#', '\\']) {
        return None;
    }
    let mut pieces: Vec<String> = Vec::new();
    for word in words.split_ascii_whitespace() {
        match pieces.last_mut() {
            Some(last) if !["&&", "||"].iter().any(|it| last.ends_with(it)) => {
                last.push(' ');
                last.push_str(word);
            }
            _ => pieces.push(word.to_owned()),
        }
    }
    let further = match indent {
        Indent::Flat => format!("{own}\t"),
        Indent::Nested(blanks) => format!("{own}{}", " ".repeat(blanks as usize)),
    };
    let room = " \\".len() as u32;
    let lines = filled(pieces.into_iter(), (own, &further), " ", most - room);
    (lines.len() > 1).then(|| lines.join(" \\\n"))
}

/// As many pieces in each line as fit.
fn filled(
    pieces: impl Iterator<Item = String>,
    (first, further): (&str, &str),
    between: &str,
    most: u32,
) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces {
        let longer = lines.last().map(|last| format!("{last}{between}{piece}"));
        match longer.filter(|longer| columns(longer.as_bytes()) <= most) {
            Some(longer) => *lines.last_mut().expect("there is a last line") = longer,
            None if lines.is_empty() => lines.push(format!("{first}{piece}")),
            None => lines.push(format!("{further}{piece}")),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_is_wrapped_and_tables_are_not() {
        assert_eq!(
            wrapped(b"\t  - one two three", 20).as_deref(),
            Some("\t  - one two\n\t    three")
        );
        assert_eq!(wrapped(b"\t  one  two three", 16), None);
        assert_eq!(wrapped(b"\t  |one two three", 16), None);
    }

    #[test]
    fn expressions_are_broken_behind_operators() {
        assert_eq!(
            broken(
                b"\tdepends on ONE && TWO || (THREE && FOUR)",
                32,
                Indent::Flat
            )
            .as_deref(),
            Some("\tdepends on ONE && \\\n\t\tTWO || \\\n\t\t(THREE && \\\n\t\tFOUR)")
        );
        assert_eq!(broken(b"\tbool \"A && B\"", 4, Indent::Flat), None);
    }
}
