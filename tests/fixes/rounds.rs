// SPDX-License-Identifier: MIT OR Apache-2.0
//! The loop, with rules made up for it: a line `NAME: word …` is judged by its words, and each
//! word says what its fix does.

use std::convert::Infallible;
use std::sync::Arc;

use kconfig_lint::diagnostic::{Applicability, Diagnostic, Edit, Fix, Label, Level};
use kconfig_lint::fix::{Fixed, Identity, Judged, fix};
use kconfig_lint::session::{Counts, Outcome};
use kconfig_lint::source::{FileId, Files, Overlay, Reader, TextRange, WorkTree};
use kconfig_lint::tree::{self, Kind, Located, Overrides};

/// What fixes of a word put in its place, the best first; `None` when the word is no finding.
fn replacements(word: &str) -> Option<Vec<String>> {
    let found: &[&str] = match word {
        "ok" | "same" | "left" | "wide" => &["done"],
        "right" => &[""],
        "stays" => &["stays\t"],
        "breaks" => &["new"],
        "second" => &["new", "done"],
        "useless" => &["quiet"],
        "new" | "quiet" => &[],
        "grows" => return Some(vec!["done ".repeat(40_000)]),
        _ => return None,
    };
    Some(found.iter().map(|text| (*text).to_owned()).collect())
}

fn judge(reader: impl Reader + 'static, is_shown: &dyn Fn(&Diagnostic) -> bool) -> Judged {
    let located = Located {
        root: "/nonexistent".into(),
        root_file: "Kconfig".to_owned(),
        kind: Kind::Generic,
        alone: false,
    };
    let project = tree::detect(&reader, &located, &Overrides::default());
    let files = Arc::new(Files::new(reader));
    let id = files.open("Kconfig").expect("a file");
    let file = files.get(id);
    let mut findings = Vec::new();
    let mut offset = 0;
    for line in file.text().split_inclusive(|byte| *byte == b'\n') {
        // Where a line is no UTF-8, what is before that counts.
        let valid = line.utf8_chunks().next().map_or("", |chunk| chunk.valid());
        let (name, rest) = valid.split_once(':').expect("a name");
        for word in rest.split([' ', '\n', '\r', '\t']) {
            let at = offset + word.as_ptr() as usize - valid.as_ptr() as usize;
            findings.extend(findings_of(name, word, at, id));
        }
        offset += line.len();
    }
    let identity = |finding: &Diagnostic| Identity {
        own: finding.message.clone(),
        alike: finding.message.clone(),
    };
    let identities = findings.iter().map(identity).collect();
    let outcome = Outcome {
        base: None,
        reading: kconfig_lint::session::Reading::default(),
        objections: Vec::new(),
        comments: Vec::new(),
        complete: true,
        project,
        files,
        architectures: Vec::new(),
        findings,
        remarks: Vec::new(),
        counts: Counts::default(),
        internal_errors: Vec::new(),
    };
    Judged::new(outcome, identities, &|finding, _| is_shown(finding))
}

/// What a word that stands at an offset is: nothing, a finding, or two of the same place.
fn findings_of(name: &str, word: &str, at: usize, file: FileId) -> Vec<Diagnostic> {
    let Some(new) = replacements(word) else {
        return Vec::new();
    };
    // A word that takes the space before it touches the word before that.
    let start = if word == "right" { at - 1 } else { at };
    let span = TextRange::new(start as u32, (at + word.len()) as u32).in_file(file);
    let rule = match word {
        "quiet" => "unused-suppression",
        _ => "rule",
    };
    let fixes = new.iter().map(|text| {
        let edit = Edit {
            span,
            text: text.clone(),
        };
        let title = format!("write {:.9}", text.trim());
        Fix::new(title, Applicability::MaybeIncorrect, vec![edit])
    });
    let fixes: Vec<Fix> = fixes.collect();
    let times = if word == "same" { 2 } else { 1 };
    let finding = |time| {
        let message = format!("{name} is {word} ({time})");
        Diagnostic {
            symbol: Some(name.to_owned()),
            fixes: fixes.clone(),
            ..Diagnostic::new(rule, Level::Deny, Label::new(span, ""), message)
        }
    };
    (0..times).map(finding).collect()
}

/// Fixes a text, and says the text that came, what was applied, and what was left out.
fn run(text: &[u8], is_shown: &dyn Fn(&Diagnostic) -> bool) -> (Vec<u8>, Vec<String>, Vec<String>) {
    let below: Arc<dyn Reader> =
        Arc::new(Overlay::new(Arc::new(WorkTree::new("/nonexistent"))).with("Kconfig", text));
    let first = judge(below.clone(), is_shown);
    let mut again = |changed: Overlay| Ok::<_, Infallible>(judge(changed, is_shown));
    let threshold = Applicability::MaybeIncorrect;
    let Ok(fixed): Result<Fixed, _> = fix(&below, &first, threshold, &mut again, &|_| Ok(()));
    assert!(!fixed.unfinished);
    assert_eq!(fixed.remaining.is_some(), !fixed.applied.is_empty());
    for changed in &fixed.changed {
        assert_eq!(*changed.before, *text, "what was read");
    }
    let after = fixed.changed.first().map_or(text, |changed| &changed.after);
    let left_out = fixed.left_out.iter();
    (
        after.to_vec(),
        fixed.applied.iter().map(ToString::to_string).collect(),
        left_out
            .map(|(fix, reason)| format!("{fix}: {reason}"))
            .collect(),
    )
}

/// A text, what comes of it, what is applied, and what is left out.
type Case<'c> = (&'c [u8], &'c [u8], &'c [&'c str], &'c [&'c str]);

#[test]
fn only_fixes_that_do_no_harm_stay() {
    let cases: [Case<'_>; 11] = [
        (b"A: fine\n", b"A: fine\n", &[], &[]),
        (
            b"A: ok\r\nB: ok",
            b"A: done\r\nB: done",
            &["A: write done [rule]", "B: write done [rule]"],
            &[],
        ),
        (
            b"A: left right\n",
            b"A: done\n",
            &["A: write done [rule]", "A: write  [rule]"],
            &[],
        ),
        (
            b"A: same\n",
            b"A: done\n",
            &["A: write done [rule]", "A: write done [rule]"],
            &[],
        ),
        (
            b"A: stays\n",
            b"A: stays\n",
            &[],
            &["A: write stays [rule]: the finding would still be there"],
        ),
        (
            b"A: ok\nB: breaks\nC: ok\n",
            b"A: done\nB: breaks\nC: done\n",
            &["A: write done [rule]", "C: write done [rule]"],
            &["B: write new [rule]: it would bring another finding: B is new (0) [rule]"],
        ),
        (
            b"A: second\nB: ok\n",
            b"A: done\nB: done\n",
            &["B: write done [rule]", "A: write done [rule]"],
            &["A: write new [rule]: it would bring another finding: A is new (0) [rule]"],
        ),
        (
            b"A: grows\nB: ok\n",
            b"A: grows\nB: done\n",
            &["B: write done [rule]"],
            &["A: write done done [rule]: Kconfig would grow beyond reason"],
        ),
        (
            b"A: useless\n",
            b"A: quiet\n",
            &["A: write quiet [rule]"],
            &[],
        ),
        (
            b"A: ok\nB: x\xff\n",
            b"A: ok\nB: x\xff\n",
            &[],
            &[
                "A: write done [rule]: Kconfig:2: not valid UTF-8 at byte 10, so the file is not \
               edited",
            ],
        ),
        (
            b"A: stays\nB: stays\nC: ok\nD: breaks\nE: breaks\n",
            b"A: stays\nB: stays\nC: done\nD: breaks\nE: breaks\n",
            &["C: write done [rule]"],
            &[
                "A: write stays [rule]: the finding would still be there",
                "B: write stays [rule]: the finding would still be there",
                "D: write new [rule]: it would bring another finding: D is new (0) [rule]",
                "E: write new [rule]: it would bring another finding: E is new (0) [rule]",
            ],
        ),
    ];
    for (text, expected, applied, left_out) in cases {
        let (after, done, not_done) = run(text, &|_| true);
        let shown = String::from_utf8_lossy(text);
        assert_eq!(
            String::from_utf8_lossy(&after),
            String::from_utf8_lossy(expected)
        );
        assert_eq!(done, applied, "{shown}");
        assert_eq!(not_done, left_out, "{shown}");
    }
}

#[test]
fn only_what_is_shown_is_fixed_and_harm_counts_everywhere() {
    let (after, applied, left_out) = run(b"A: ok\nB: ok\nB: breaks\n", &|finding| {
        finding.symbol.as_deref() == Some("B") && !finding.message.contains("new")
    });
    assert_eq!(after, b"A: ok\nB: done\nB: breaks\n");
    assert_eq!(applied.len(), 1);
    assert_eq!(left_out.len(), 1);
}
