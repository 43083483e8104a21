// SPDX-License-Identifier: MIT OR Apache-2.0
//! Baselines: the findings that were known before, by fingerprint, as `report/` writes them.
//!
//! This reads text that it is given. The fingerprint decides, or the pair together with what is
//! missing; the rest of an entry tells people what it is. A baseline of version 1 knows pairs
//! only: its fingerprints are those of pairs, and such an entry covers whatever the pair lacks.

use std::collections::BTreeSet;
use std::fmt;

use rustc_hash::FxHashSet;
use serde::Deserialize;

use crate::diagnostic::Diagnostic;
use crate::rules::term;
use crate::source::TextRange;

/// The version of the form that is written.
pub const VERSION: u32 = 2;

/// The version whose fingerprints are those of pairs.
const VERSION_OF_PAIRS: u32 = 1;

/// Hexadecimal digits of a fingerprint.
const DIGITS: usize = 16;

/// Findings that are known.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Baseline {
    /// In the order of the file, each fingerprint once.
    pub entries: Vec<Entry>,
}

/// One finding that is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Its fingerprint.
    pub fingerprint: String,
    /// The fingerprint of its pair; empty where the entry does not name it.
    pub pair: String,
    /// The terms that are known to be missing, as `rules/term` writes them; `None` where whatever
    /// is missing is known.
    pub missing: Option<BTreeSet<String>>,
    /// Its rule, for people.
    pub rule: String,
    /// Its message, for people.
    pub message: String,
    /// The fingerprint's place in the file, quotes included.
    pub place: TextRange,
}

/// Why a baseline cannot be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BaselineError {
    /// Line, from 1.
    pub line: usize,
    /// Column in bytes, from 1.
    pub column: usize,
    /// What is wrong, in lower case and without a full stop.
    pub message: String,
}

impl fmt::Display for BaselineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for BaselineError {}

/// What is looked at first: another version may have another form.
#[derive(Deserialize)]
struct Versioned {
    version: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(rename = "version")]
    _version: u64,
    findings: Vec<Finding>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Finding {
    fingerprint: String,
    #[serde(default)]
    pair: String,
    #[serde(default)]
    missing: BTreeSet<String>,
    #[serde(default)]
    rule: String,
    #[serde(default, rename = "symbol")]
    _symbol: Option<String>,
    #[serde(default)]
    message: String,
}

impl Baseline {
    /// Reads the text of a baseline.
    ///
    /// # Errors
    /// When it is no JSON, has another form or version, or holds what is no fingerprint.
    pub fn parse(text: &str) -> Result<Baseline, BaselineError> {
        let Versioned { version } = serde_json::from_str(text).map_err(|error| shape(&error))?;
        if version != u64::from(VERSION) && version != u64::from(VERSION_OF_PAIRS) {
            let message = format!(
                "version {version} of a baseline is unknown, this program knows \
                 {VERSION_OF_PAIRS} and {VERSION}"
            );
            return Err(at(text, find(text, "version", 0).start, message));
        }
        let written: Written = serde_json::from_str(text).map_err(|error| shape(&error))?;
        let mut entries = Vec::new();
        let mut seen = FxHashSet::default();
        let mut from = 0;
        for finding in written.findings {
            let place = find(text, &finding.fingerprint, from);
            from = place.end as usize;
            let mark = &finding.fingerprint;
            let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
            if mark.len() != DIGITS || !mark.bytes().all(is_digit) {
                let message = format!("a fingerprint is {DIGITS} hexadecimal digits, not `{mark}`");
                return Err(at(text, place.start, message));
            }
            // A merge of two branches may leave an entry twice.
            if seen.insert(mark.clone()) {
                let knows_terms = version != u64::from(VERSION_OF_PAIRS);
                entries.push(Entry {
                    pair: match knows_terms {
                        true => finding.pair,
                        false => finding.fingerprint.clone(),
                    },
                    missing: knows_terms.then_some(finding.missing),
                    fingerprint: finding.fingerprint,
                    rule: finding.rule,
                    message: finding.message,
                    place,
                });
            }
        }
        Ok(Baseline { entries })
    }
}

/// The place of a word in quotes at or after an offset; the start of the file when it is
/// written with escapes and so cannot be found.
fn find(text: &str, word: &str, from: usize) -> TextRange {
    let quoted = format!("\"{word}\"");
    let rest = text.get(from..).unwrap_or_default();
    match rest.find(&quoted) {
        Some(start) => {
            let start = from + start;
            TextRange::new(start as u32, (start + quoted.len()) as u32)
        }
        None => TextRange::new(0, 0),
    }
}

fn at(text: &str, offset: u32, message: String) -> BaselineError {
    let before = &text.as_bytes()[..(offset as usize).min(text.len())];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let start = before.iter().rposition(|byte| *byte == b'\n');
    BaselineError {
        line,
        column: before.len() - start.map_or(0, |at| at + 1) + 1,
        message,
    }
}

/// The parser's own words, without the place that stands before them.
fn shape(error: &serde_json::Error) -> BaselineError {
    let words = error.to_string();
    let message = match words.rfind(" at line ") {
        Some(end) => &words[..end],
        None => &words,
    };
    BaselineError {
        line: error.line().max(1),
        column: error.column().max(1),
        message: format!("this is no baseline: {message}"),
    }
}

impl Entry {
    /// Whether a finding with its fingerprints is known. What is missing may be less than the entry
    /// says: a run of fewer architectures sees less, and so does one after half a repair.
    pub(super) fn knows(&self, finding: &Diagnostic) -> bool {
        if self.fingerprint == finding.fingerprint {
            return true;
        }
        if self.pair != finding.pair {
            return false;
        }
        let Some(known) = &self.missing else {
            return true;
        };
        let mut terms = finding.lacks.values().flatten();
        !finding.lacks.is_empty() && terms.all(|it| term::follows(known, it, false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_have_places() {
        let text = "{\n  \"version\": 1,\n  \"findings\": [\n    { \"fingerprint\": \
                    \"00000000000000ff\", \"rule\": \"policy\", \"symbol\": null, \"message\": \"m\" },\n    \
                    {\"fingerprint\":\"00000000000000ff\"}\n  ]\n}\n";
        let baseline = Baseline::parse(text).expect("a baseline");
        assert_eq!(baseline.entries.len(), 1);
        let entry = &baseline.entries[0];
        assert_eq!((&*entry.rule, &*entry.message), ("policy", "m"));
        let place = entry.place.of(text.as_bytes());
        assert_eq!(place, b"\"00000000000000ff\"");
    }

    #[test]
    fn mistakes_have_places() {
        for (text, expected) in [
            (
                "{\"version\": 3, \"other\": 1}",
                "1:2: version 3 of a baseline is unknown, this program knows 1 and 2",
            ),
            (
                "{\"version\": 1,\n\"findings\": [{\"fingerprint\": \"xy\"}]}",
                "2:30: a fingerprint is 16 hexadecimal digits, not `xy`",
            ),
            (
                "[]",
                "1:2: this is no baseline: invalid length 0, expected struct Versioned with 1 element",
            ),
            (
                "{\"findings\": []}",
                "1:16: this is no baseline: missing field `version`",
            ),
            (
                "{\"version\": 1}",
                "1:14: this is no baseline: missing field `findings`",
            ),
        ] {
            let error = Baseline::parse(text).expect_err("a mistake");
            assert_eq!(error.to_string(), expected);
        }
        assert!(Baseline::parse("").is_err());
        let broken = Baseline::parse("{\n<<<<<<< ours\n").expect_err("a conflict");
        assert_eq!(broken.line, 2);
    }
}
