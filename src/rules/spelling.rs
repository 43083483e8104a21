// SPDX-License-Identifier: MIT OR Apache-2.0
//! spelling: words that the tree's own list calls misspelt.

use rustc_hash::FxHashMap;

use super::kconfig_file::{KconfigFile, is_comment};
use super::scope::Findings;
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Applicability, Edit, Fix, Level};
use crate::source::{Reader, TextRange};
use crate::syntax::ast::{AttributeKind, EntryKind, Text};
use crate::tree::ArchSet;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "spelling",
    group: Group::Style,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::File(check),
    fixable: true,
    since: "0.1.0",
    summary: "a word is misspelt, by the tree's own list of such words",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports words of prompts, help texts and comments that the tree's own list calls misspelt: `scripts/spelling.txt` of Linux,
U-Boot and Zephyr, or `util/lint/spelling.txt` of coreboot, which checkpatch.pl reads (TYPO_SPELLING). A tree without such
a list has no findings.

## Why is this bad

The prompt is what a user searches for. A misspelt word is not found.

## Example

```kconfig,bad
config USB
	bool "USB accross the room"
# file: scripts/spelling.txt
accross||across
```

## Use instead

```kconfig,good
config USB
	bool "USB across the room"
# file: scripts/spelling.txt
accross||across
```
"#;

/// Where projects keep their lists.
const LISTS: [&str; 2] = ["scripts/spelling.txt", "util/lint/spelling.txt"];

/// Misspelt words, in small letters, each with what is meant.
pub struct Corrections(FxHashMap<String, String>);

impl Corrections {
    /// The list of a tree: lines of `wrong||right`, and comments.
    pub fn of(reader: &dyn Reader) -> Corrections {
        let text = LISTS.iter().find_map(|path| reader.read(path).ok());
        let text = text.unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let pairs = lines.filter_map(|line| line.split_once("||"));
        let pairs = pairs.map(|(wrong, right)| (wrong.to_lowercase(), right.trim().to_owned()));
        Corrections(pairs.collect())
    }

    /// What is meant by a word, with a capital where the word has one.
    fn of_word(&self, word: &str) -> Option<String> {
        let right = self.0.get(&word.to_lowercase())?;
        let first = word.chars().next()?;
        let is_capital = first.is_uppercase();
        let is_all = word.len() > 1 && !word.chars().any(char::is_lowercase);
        Some(match (is_all, is_capital) {
            (true, _) => right.to_uppercase(),
            (false, true) => {
                let mut letters = right.chars();
                let first = letters.next()?.to_uppercase();
                first.chain(letters).collect()
            }
            (false, false) => right.clone(),
        })
    }
}

fn check(file: &KconfigFile<'_>, findings: &mut Findings) {
    if file.tree.corrections().0.is_empty() {
        return;
    }
    for entry in &file.ast.entries {
        if let EntryKind::Menu(text) | EntryKind::Comment(text) | EntryKind::MainMenu(text) =
            entry.kind
        {
            words(file, text.range, findings);
        }
        for attribute in file.ast.attributes_of(entry) {
            let prompt = |text: Text| text.range;
            let range = match attribute.kind {
                AttributeKind::Type { prompt: it, .. } => it.map(|it| prompt(it.text)),
                AttributeKind::Prompt(it) => Some(prompt(it.text)),
                AttributeKind::Help { body, .. } => Some(body),
                _ => None,
            };
            if let Some(range) = range {
                words(file, range, findings);
            }
        }
    }
    for line in file.statement_lines().filter(|it| is_comment(it.text)) {
        words(file, line.place.range(), findings);
    }
}

/// Reports the misspelt words of a text.
fn words(file: &KconfigFile<'_>, range: TextRange, findings: &mut Findings) {
    let Ok(text) = std::str::from_utf8(range.of(file.source.text())) else {
        return;
    };
    // What checkpatch.pl takes for a part of a word.
    let is_part = |it: char| it.is_alphanumeric() || matches!(it, '_' | '-' | '\'' | '`');
    let mut at = 0;
    for word in text.split(|it| !is_part(it)) {
        let start = range.start + at as u32;
        at += word.len()
            + text[at + word.len()..]
                .chars()
                .next()
                .map_or(0, char::len_utf8);
        let Some(right) = file.tree.corrections().of_word(word) else {
            continue;
        };
        let place = TextRange::new(start, start + word.len() as u32).in_file(file.id);
        let message = format!("`{word}` is misspelt: `{right}`");
        let finding = findings.report(place, ArchSet::EMPTY, None, message);
        let edit = Edit {
            span: place,
            text: right,
        };
        let fix = Fix::new("correct it", Applicability::MaybeIncorrect, vec![edit]);
        finding.fixes.push(fix);
    }
}
