// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which fixes are taken, in which order, and what their edits make of a text.
//!
//! All in memory: nothing here reads or writes a file, and nothing judges what a fix does. Edits
//! change the bytes of their places and no other, so line ends and a missing last line feed stay.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use super::rounds::{Identity, Judged};
use crate::diagnostic::{Applicability, Data, Diagnostic, Edit, Fix};
use crate::source::{FileId, Files, SourceFile, leads_up};

/// Replaces bytes of a file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Change {
    pub(super) start: usize,
    /// At least `start`.
    pub(super) end: usize,
    pub(super) text: String,
}

impl Change {
    fn of(edit: &Edit) -> Change {
        Change {
            start: edit.span.start as usize,
            end: edit.span.end as usize,
            text: edit.text.clone(),
        }
    }

    /// Whether both cannot be made: they overlap or touch, and are not the same. Where two
    /// touch, their order would decide what comes of them.
    pub(super) fn conflicts(&self, other: &Change) -> bool {
        self != other && self.start <= other.end && other.start <= self.end
    }
}

/// What identifies a fix over all rounds: its finding, and what it does about it.
pub(super) type Key = (Identity, String);

/// A fix that may be applied, with what there is to say of its finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Candidate {
    /// The identity of the finding.
    pub(super) finding: Identity,
    pub(super) rule: &'static str,
    pub(super) symbol: Option<String>,
    pub(super) title: String,
    /// Symbols whose statements it changes, as far as the finding names them.
    pub(super) names: BTreeSet<String>,
    /// Sorted by place within each file.
    pub(super) changes: BTreeMap<String, Vec<Change>>,
}

impl Candidate {
    fn new(finding: &Diagnostic, identity: &Identity, fix: &Fix, files: &Files) -> Candidate {
        let mut changes: BTreeMap<String, Vec<Change>> = BTreeMap::new();
        for edit in fix.edits() {
            let path = files.get(edit.span.file).path().to_owned();
            changes.entry(path).or_default().push(Change::of(edit));
        }
        Candidate {
            finding: identity.clone(),
            rule: finding.rule,
            symbol: finding.symbol.clone(),
            title: fix.title.clone(),
            names: selectors(finding),
            changes,
        }
    }

    pub(super) fn key(&self) -> Key {
        (self.finding.clone(), self.title.clone())
    }

    fn conflicts(&self, other: &Candidate) -> bool {
        self.changes.iter().any(|(path, mine)| {
            let theirs = other.changes.get(path).into_iter().flatten();
            theirs
                .into_iter()
                .any(|theirs| mine.iter().any(|mine| mine.conflicts(theirs)))
        })
    }
}

/// The symbol a finding is about; fixes of a broken select change its selector.
fn selectors(finding: &Diagnostic) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = finding.symbol.iter().cloned().collect();
    match &finding.data {
        Data::Unmet { selector, .. } | Data::Policy { selector, .. } => {
            names.insert(selector.clone());
        }
        Data::Cycle { symbols } => names.extend(symbols.iter().cloned()),
        Data::None => {}
    }
    names
}

/// Why the text of a file is left as it is, whatever a fix says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unfit {
    /// The file is not UTF-8: path, line from 1, offset of the first wrong byte.
    NotUtf8(String, usize, usize),
    /// The file lies beside the tree, where other trees may read it.
    Beside(String),
    /// An edit lies outside of its file, or in the middle of a letter: a mistake of the rule.
    Place(String),
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unfit::NotUtf8(path, line, offset) => write!(
                f,
                "{path}:{line}: not valid UTF-8 at byte {offset}, so the file is not edited"
            ),
            Unfit::Beside(path) => write!(
                f,
                "{path}: other trees may read this file, so it is not edited"
            ),
            Unfit::Place(path) => write!(f, "{path}: the place of an edit is not in the file"),
        }
    }
}

/// What one round may apply.
#[derive(Default)]
pub(super) struct Batch {
    /// Fixes that do not get in each other's way, in the order of the report.
    pub(super) taken: Vec<Candidate>,
    /// Fixes of which a file cannot be edited.
    pub(super) unfit: Vec<(Candidate, Unfit)>,
}

/// For each finding, in the order of the report, the first fix that `threshold` admits and that
/// was not left out before. One that conflicts with an earlier one waits for the next round.
pub(super) fn choose(judged: &Judged, threshold: Applicability, left_out: &BTreeSet<Key>) -> Batch {
    let mut batch = Batch::default();
    let files = &judged.outcome.files;
    for (finding, identity) in judged.outcome.findings.iter().zip(judged.shown()) {
        let fixes = finding
            .fixes
            .iter()
            .filter(|fix| is_admitted(fix, threshold));
        let candidate = fixes
            .map(|fix| Candidate::new(finding, identity, fix, files))
            .find(|candidate| !left_out.contains(&candidate.key()));
        let Some(candidate) = candidate else {
            continue;
        };
        if let Some(unfit) = unfit(&candidate, finding, files) {
            batch.unfit.push((candidate, unfit));
        } else if !batch.taken.iter().any(|taken| taken.conflicts(&candidate)) {
            batch.taken.push(candidate);
        }
    }
    batch
}

/// Whether a fix has edits and may be applied.
pub(super) fn is_admitted(fix: &Fix, threshold: Applicability) -> bool {
    fix.applicability <= threshold
        && fix.applicability != Applicability::DisplayOnly
        && !fix.edits().is_empty()
}

/// What is wrong with the files of a candidate.
fn unfit(candidate: &Candidate, finding: &Diagnostic, files: &Files) -> Option<Unfit> {
    let spans = finding.fixes.iter().flat_map(Fix::edits);
    let touched: BTreeMap<String, Arc<SourceFile>> = spans
        .map(|edit| files.get(edit.span.file))
        .map(|file| (file.path().to_owned(), file))
        .collect();
    candidate.changes.iter().find_map(|(path, changes)| {
        if leads_up(path) {
            return Some(Unfit::Beside(path.clone()));
        }
        let bytes = touched.get(path)?.text();
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let offset = error.valid_up_to();
                let line = 1 + bytes[..offset]
                    .iter()
                    .filter(|byte| **byte == b'\n')
                    .count();
                return Some(Unfit::NotUtf8(path.clone(), line, offset));
            }
        };
        let fits = |change: &Change| text.get(change.start..change.end).is_some();
        (!changes.iter().all(fits)).then(|| Unfit::Place(path.clone()))
    })
}

/// The changes of several fixes, by file: sorted, and what two of them do alike only once.
pub(super) fn united<'c>(
    candidates: impl Iterator<Item = &'c Candidate>,
) -> BTreeMap<String, BTreeSet<Change>> {
    let mut united: BTreeMap<String, BTreeSet<Change>> = BTreeMap::new();
    for candidate in candidates {
        for (path, changes) in &candidate.changes {
            let known = united.entry(path.clone()).or_default();
            known.extend(changes.iter().cloned());
        }
    }
    united
}

/// What one fix does to its files.
pub(super) fn changes(fix: &Fix) -> BTreeMap<FileId, BTreeSet<Change>> {
    let mut changes: BTreeMap<FileId, BTreeSet<Change>> = BTreeMap::new();
    for edit in fix.edits() {
        let own = changes.entry(edit.span.file).or_default();
        own.insert(Change::of(edit));
    }
    changes
}

/// The text with all changes made, which must be sorted and disjoint.
pub(super) fn applied(text: &[u8], changes: &BTreeSet<Change>) -> Vec<u8> {
    let mut new = Vec::with_capacity(text.len());
    let mut done = 0;
    for change in changes {
        new.extend_from_slice(text.get(done..change.start).unwrap_or_default());
        new.extend_from_slice(change.text.as_bytes());
        done = change.end;
    }
    new.extend_from_slice(text.get(done..).unwrap_or_default());
    new
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(start: usize, end: usize, text: &str) -> Change {
        Change {
            start,
            end,
            text: text.to_owned(),
        }
    }

    fn candidate(path: &str, changes: &[Change]) -> Candidate {
        Candidate {
            finding: Identity {
                own: String::new(),
                alike: String::new(),
            },
            rule: "rule",
            symbol: None,
            title: String::new(),
            names: BTreeSet::new(),
            changes: BTreeMap::from([(path.to_owned(), changes.to_vec())]),
        }
    }

    #[test]
    fn what_overlaps_or_touches_conflicts() {
        let conflict = |a: &Change, b: &Change| {
            let one = candidate("Kconfig", std::slice::from_ref(a));
            let other = candidate("Kconfig", std::slice::from_ref(b));
            assert_eq!(one.conflicts(&other), other.conflicts(&one));
            one.conflicts(&other)
        };
        let middle = change(4, 8, "x");
        for (other, expected) in [
            (change(0, 3, "y"), false),
            (change(0, 4, "y"), true),
            (change(5, 6, "y"), true),
            (change(8, 9, "y"), true),
            (change(9, 12, "y"), false),
            (change(4, 4, "y"), true),
            (change(8, 8, "y"), true),
            (change(4, 8, "y"), true),
            (change(4, 8, "x"), false),
        ] {
            assert_eq!(conflict(&middle, &other), expected, "{other:?}");
        }
        assert!(conflict(&change(4, 4, "x"), &change(4, 4, "y")));
        assert!(!conflict(&change(4, 4, "x"), &change(4, 4, "x")));
        let here = candidate("a/Kconfig", std::slice::from_ref(&middle));
        let there = candidate("b/Kconfig", &[change(4, 8, "y")]);
        assert!(!here.conflicts(&there));
    }

    #[test]
    fn bytes_beside_the_places_stay() {
        let make = |text: &str, changes: &[Change]| {
            let candidates = [
                candidate("Kconfig", changes),
                candidate("Kconfig", &changes[..1]),
            ];
            let united = united(candidates.iter());
            String::from_utf8(applied(text.as_bytes(), &united["Kconfig"])).expect("UTF-8")
        };
        for (text, changes, expected) in [
            ("abc", vec![change(1, 2, "XY")], "aXYc"),
            ("abc", vec![change(3, 3, "\n\td")], "abc\n\td"),
            (
                "a\r\nb\r\n",
                vec![change(1, 1, " if X"), change(3, 4, "")],
                "a if X\r\n\r\n",
            ),
            ("ä\nb", vec![change(3, 4, "ö")], "ä\nö"),
        ] {
            assert_eq!(make(text, &changes), expected);
        }
    }
}
