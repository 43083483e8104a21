// SPDX-License-Identifier: MIT OR Apache-2.0
//! indentation: lines that are not indented as everywhere else.

use super::kconfig_file::{KconfigFile, blank, columns, is_comment};
use super::preset::Indent;
use super::scope::Findings;
use super::{Check, Group, Rule, Stage};

use crate::diagnostic::{Applicability, Diagnostic, Edit, Fix, Level};
use crate::source::TextRange;
use crate::syntax::ast::{AttributeKind, EntryKind};
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

Reports a statement that does not begin in the first column, an attribute that is not indented by one tab, a help text
that is not indented by a tab and two blanks (Documentation/process/coding-style.rst of Linux, "Kconfig configuration
files"; U-Boot, Zephyr and others write the same), and a comment that begins with blanks.

With the preset `esp-idf` each block, entry and help text is four blanks further in than what it belongs to, as kconfcheck has it.

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

/// What stands before a help text of the flat form.
const HELP: &str = "\t  ";

fn check(file: &KconfigFile<'_>, findings: &mut Findings) {
    let mut check = Indentation { file, findings };
    check.statements();
    if file.tree.form.indent == Indent::Flat {
        check.comments();
    }
}

struct Indentation<'a> {
    file: &'a KconfigFile<'a>,
    findings: &'a mut Findings,
}

impl Indentation<'_> {
    fn statements(&mut self) {
        let ast = self.file.ast;
        let mut ends: Vec<u32> = Vec::new();
        let mut below_title = 0;
        let is_stepped = self
            .file
            .tree
            .form
            .stepped
            .contains(&self.file.source.path());
        for (at, entry) in ast.entries.iter().enumerate() {
            while ends.last().is_some_and(|end| *end <= at as u32) {
                ends.pop();
            }
            let level = ends.len() + below_title;
            let own = self.wanted(level, false);
            // The value of a variable has a form of its own.
            let is_value = matches!(entry.kind, EntryKind::Assignment { .. });
            if !is_stepped && !is_value {
                self.line(entry.head, &own, "a statement");
            }
            if let Some(close) = entry.close.filter(|_| !is_stepped) {
                self.line(close, &own, "a statement");
            }
            let inner = self.wanted(level + 1, true);
            for attribute in ast.attributes_of(entry) {
                self.line(attribute.range, &inner, "an attribute");
                if let AttributeKind::Help { body, .. } = attribute.kind {
                    self.help(body, level + 2);
                }
            }
            match entry.kind {
                EntryKind::Menu(_) | EntryKind::If(_) | EntryKind::Choice(_) => {
                    ends.push(entry.end.0);
                }
                EntryKind::MainMenu(_) => below_title = 1,
                _ => {}
            }
        }
    }

    /// What belongs in front of a statement of this level, or of an attribute.
    fn wanted(&self, level: usize, is_attribute: bool) -> String {
        match (self.file.tree.form.indent, is_attribute) {
            (Indent::Nested(blanks), _) => " ".repeat(blanks as usize * level),
            (Indent::Flat, true) => "\t".to_owned(),
            (Indent::Flat, false) => String::new(),
        }
    }

    /// Reports the line of a range unless it is indented like this.
    fn line(&mut self, range: TextRange, wanted: &str, what: &str) {
        let file = self.file;
        let (start, _) = file.line_of(range.start);
        let own = TextRange::new(start, range.start);
        let before = own.of(file.source.text());
        // Something else may stand in front of it.
        let is_blank = before.iter().all(|byte| matches!(byte, b' ' | b'\t'));
        if before == wanted.as_bytes() || !is_blank {
            return;
        }
        let place = match wanted {
            "" => "begins in the first column".to_owned(),
            "\t" => "is indented by one tab".to_owned(),
            _ => format!("of this level is indented by {} blanks", wanted.len()),
        };
        self.report(range, own, wanted, format!("{what} {place}"));
    }

    /// Reports comments that begin with blanks or with several tabs. A comment behind a tab may belong to the
    /// attribute below.
    fn comments(&mut self) {
        let file = self.file;
        for line in file.statement_lines() {
            let own = blank(line.text);
            if line.continues || !is_comment(line.text) || matches!(own, b"" | b"\t") {
                continue;
            }
            let wanted = if columns(own) >= 8 { "\t" } else { "" };
            let (start, end) = (line.place.start, line.place.end);
            let own = TextRange::new(start, start + own.len() as u32);
            let message = "a comment begins in the first column, or behind one tab".to_owned();
            self.report(TextRange::new(own.end, end), own, wanted, message);
        }
    }

    /// Reports a line, with a fix where the line cannot become a part of the help text above.
    fn report(&mut self, place: TextRange, own: TextRange, wanted: &str, message: String) {
        let file = self.file;
        let finding = self.finding(place, message);
        let above = file.help_above(own.start);
        if above.is_none_or(|above| columns(wanted.as_bytes()) < above) {
            let edit = Edit {
                span: own.in_file(file.id),
                text: wanted.to_owned(),
            };
            let fix = Fix::new("indent it so", Applicability::MachineApplicable, vec![edit]);
            finding.fixes.push(fix);
        }
    }

    fn finding(&mut self, place: TextRange, message: String) -> &mut Diagnostic {
        let place = place.in_file(self.file.id);
        self.findings.report(place, ArchSet::EMPTY, None, message)
    }

    /// Reports a help text of which some line is not indented as it should be.
    fn help(&mut self, body: TextRange, level: usize) {
        let file = self.file;
        let (wanted, message) = match file.tree.form.indent {
            Indent::Flat => {
                let words = "a help text is indented by a tab and two blanks".to_owned();
                (HELP.to_owned(), words)
            }
            Indent::Nested(blanks) => {
                let wanted = " ".repeat(blanks as usize * level);
                let number = wanted.len();
                (
                    wanted,
                    format!("a help text of this level is indented by {number} blanks"),
                )
            }
        };
        let lines = lines(body, file.source.text());
        let Some((_, first)) = lines.first() else {
            return;
        };
        // Where blocks are nested a text may stand further in.
        let is_nested = file.tree.form.indent != Indent::Flat;
        let is_first = is_nested || blank(first) == wanted.as_bytes();
        let mut wrong = lines
            .iter()
            .filter(|(_, line)| !line.starts_with(wanted.as_bytes()));
        let (start, line) = match wrong.next() {
            None if is_first => return,
            None => &lines[0],
            Some(wrong) => wrong,
        };
        let place = TextRange::new(*start, start + line.trim_ascii_end().len() as u32);
        let edits = moved(&lines, &wanted);
        let edits = edits.map(|(range, text)| Edit {
            span: range.in_file(file.id),
            text,
        });
        let edits: Vec<Edit> = edits.collect();
        let stays_apart = self.next_columns(body) < columns(wanted.as_bytes());
        let finding = self.finding(place, message);
        if stays_apart {
            let title = "move the text";
            let fix = Fix::new(title, Applicability::MachineApplicable, edits);
            finding.fixes.push(fix);
        }
    }

    /// The columns in front of what follows a help text.
    fn next_columns(&self, body: TextRange) -> u32 {
        let text = self.file.source.text();
        let rest = &text[body.end as usize..];
        let mut lines = rest.split(|byte| *byte == b'\n');
        let next = lines.find(|line| !line.trim_ascii().is_empty());
        next.map_or(0, |line| columns(blank(line)))
    }
}

/// The lines of a help text that are not empty, each with its start.
fn lines(body: TextRange, text: &[u8]) -> Vec<(u32, &[u8])> {
    let mut lines = Vec::new();
    let mut start = body.start;
    for line in body.of(text).split_inclusive(|byte| *byte == b'\n') {
        if !line.trim_ascii().is_empty() {
            lines.push((start, line));
        }
        start += line.len() as u32;
    }
    lines
}

/// What belongs in front of each line of a help text. Lines that stand further in stay so, since conf counts columns.
fn moved<'l>(
    lines: &'l [(u32, &[u8])],
    wanted: &'l str,
) -> impl Iterator<Item = (TextRange, String)> + 'l {
    let first = lines.first().map_or(0, |(_, line)| columns(blank(line)));
    lines.iter().filter_map(move |(start, line)| {
        let own = blank(line);
        let further = columns(own).saturating_sub(first) as usize;
        let text = format!("{wanted}{}", " ".repeat(further));
        let range = TextRange::new(*start, start + own.len() as u32);
        (own != text.as_bytes()).then_some((range, text))
    })
}
