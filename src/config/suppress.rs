// SPDX-License-Identifier: MIT OR Apache-2.0
//! Takes away the findings that a comment, the settings or a baseline suppress, and reports the
//! suppressions that suppress nothing.
//!
//! It changes no finding that it leaves.

use rustc_hash::FxHashMap;

use super::allow::Allow;
use super::baseline::{Baseline, Entry};
use super::comment::{Allowed, Comment};
use super::levels::Levels;
use crate::diagnostic::{Applicability, Diagnostic, Level};
use crate::rules::{registry, unused_suppression};
use crate::source::{FileId, Files, Span, TextRange};

/// Suppressions that do not stand in Kconfig files.
#[derive(Default)]
pub struct Known<'a> {
    /// Those of the settings.
    pub allows: &'a [Allow],
    /// The file of the settings.
    pub settings: Option<FileId>,
    /// The baseline, and its file.
    pub baseline: Option<(&'a Baseline, FileId)>,
}

/// How much of a tree was analysed, and what of it is wanted.
pub struct View<'a> {
    /// The files; spans refer to them.
    pub files: &'a Files,
    /// The level of every rule.
    pub levels: &'a Levels,
    /// Whether everything was found that there is: otherwise nothing is called unused.
    pub complete: bool,
    /// Whether the whole tree is shown: otherwise nothing is called unused that stands in no
    /// file of it.
    pub whole: bool,
}

/// How many findings were taken away, each counted once: by the first kind that covers it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Suppressed {
    /// By comments in Kconfig files.
    pub comments: usize,
    /// By the settings.
    pub settings: usize,
    /// By the baseline.
    pub baseline: usize,
}

impl Suppressed {
    /// All of them.
    pub fn total(self) -> usize {
        self.comments + self.settings + self.baseline
    }
}

/// Takes away the findings that are suppressed, and adds one for each suppression that is wrong
/// or not used. `shown` says which of those that go would have been shown: only they are
/// counted. The findings must have their fingerprints.
pub fn suppress(
    findings: &mut Vec<Diagnostic>,
    comments: &[Comment],
    known: &Known<'_>,
    view: &View<'_>,
    shown: &dyn Fn(&Diagnostic) -> bool,
) -> Suppressed {
    let mut used = Used::new(comments, known);
    let mut counts = Suppressed::default();
    findings.retain(|finding| {
        let by_comment = used.by_comment(finding, comments);
        let by_settings = used.by_settings(finding, known.allows, view.files);
        let by_baseline = used.by_baseline(finding);
        let counter = match (by_comment, by_settings, by_baseline) {
            (true, _, _) => &mut counts.comments,
            (_, true, _) => &mut counts.settings,
            (_, _, true) => &mut counts.baseline,
            _ => return true,
        };
        *counter += usize::from(shown(finding));
        false
    });
    let level = view.levels.level(unused_suppression::RULE.name);
    if level > Level::Allow {
        let report = Report { view, level };
        findings.extend(comments.iter().filter_map(|comment| report.wrong(comment)));
        if view.complete {
            report.unused(comments, known, &used, findings);
        }
    }
    counts
}

/// Which suppressions covered a finding.
struct Used<'a> {
    /// For each comment, for each of its words.
    comments: Vec<Vec<bool>>,
    allows: Vec<bool>,
    entries: Vec<bool>,
    known: &'a [Entry],
    /// The entries of each fingerprint, and of each pair.
    by_mark: FxHashMap<&'a str, Vec<usize>>,
}

impl<'a> Used<'a> {
    fn new(comments: &[Comment], known: &Known<'a>) -> Used<'a> {
        let words = |comment: &Comment| comment.said.as_ref().map_or(0, Vec::len);
        let entries = known.baseline.map_or(&[][..], |(it, _)| &it.entries);
        let mut by_mark: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
        for (at, entry) in entries.iter().enumerate() {
            for mark in [&entry.fingerprint, &entry.pair] {
                by_mark.entry(mark).or_default().push(at);
            }
        }
        Used {
            comments: comments.iter().map(|it| vec![false; words(it)]).collect(),
            allows: vec![false; known.allows.len()],
            entries: vec![false; entries.len()],
            known: entries,
            by_mark,
        }
    }

    fn by_comment(&mut self, finding: &Diagnostic, comments: &[Comment]) -> bool {
        let mut covered = false;
        for (comment, used) in comments.iter().zip(&mut self.comments) {
            if let Ok(allowed) = comment.said.as_ref().map(Vec::as_slice) {
                if comment.is_at(finding) {
                    let does = |one: &Allowed| one.covers(finding.rule) && one.accepts(finding);
                    covered |= note(allowed, used, does);
                }
            }
        }
        covered
    }

    fn by_settings(&mut self, finding: &Diagnostic, allows: &[Allow], files: &Files) -> bool {
        note(allows, &mut self.allows, |allow| {
            allow.covers(finding, files)
        })
    }

    fn by_baseline(&mut self, finding: &Diagnostic) -> bool {
        let mut is_known = false;
        for mark in [&finding.fingerprint, &finding.pair] {
            for at in self.by_mark.get(mark.as_str()).into_iter().flatten() {
                let knows = self.known[*at].knows(finding);
                self.entries[*at] |= knows;
                is_known |= knows;
            }
        }
        is_known
    }
}

/// Notes which of some suppressions cover a finding, and says whether one does.
fn note<T>(all: &[T], used: &mut [bool], covers: impl Fn(&T) -> bool) -> bool {
    let mut covered = false;
    for (one, used) in all.iter().zip(used) {
        if covers(one) {
            *used = true;
            covered = true;
        }
    }
    covered
}

/// What is reported about suppressions.
struct Report<'a> {
    view: &'a View<'a>,
    level: Level,
}

impl Report<'_> {
    fn wrong(&self, comment: &Comment) -> Option<Diagnostic> {
        let wrong = comment.said.as_ref().err()?;
        let finding = unused_suppression::wrong(self.level, wrong.span, &wrong.message);
        Some(finding)
    }

    fn unused(
        &self,
        comments: &[Comment],
        known: &Known<'_>,
        used: &Used<'_>,
        findings: &mut Vec<Diagnostic>,
    ) {
        for (comment, used) in comments.iter().zip(&used.comments) {
            self.comment(comment, used, findings);
        }
        if !self.view.whole {
            return;
        }
        for (allow, _) in known.allows.iter().zip(&used.allows).filter(|it| !it.1) {
            if self.ran(allow.rule) {
                let place = known.settings.map(|file| self.line(file, allow.line));
                let (rule, symbol) = (allow.rule, &allow.told());
                findings.push(unused_suppression::settings(
                    self.level, place, rule, symbol,
                ));
            }
        }
        let Some((baseline, file)) = known.baseline else {
            return;
        };
        let entries = baseline.entries.iter().zip(&used.entries);
        for (entry, _) in entries.filter(|it| !it.1) {
            if self.ran(&entry.rule) {
                let told = match entry.message.as_str() {
                    "" => &entry.fingerprint,
                    message => message,
                };
                let place = Some(entry.place.in_file(file));
                let mark = &entry.fingerprint;
                findings.push(unused_suppression::baseline(self.level, place, mark, told));
            }
        }
    }

    fn comment(&self, comment: &Comment, used: &[bool], findings: &mut Vec<Diagnostic>) {
        let Ok(allowed) = &comment.said else {
            return;
        };
        let idle: Vec<usize> = (0..allowed.len())
            .filter(|at| !used[*at] && allowed[*at].rules().all(|rule| self.ran(rule)))
            .collect();
        if !idle.is_empty() && idle.len() == allowed.len() {
            let words: Vec<&str> = allowed.iter().map(|one| one.word).collect();
            let mut finding = unused_suppression::comment(
                self.level,
                comment.span,
                &words,
                comment.removal,
                comment.target.is_some(),
            );
            let is_meant = |other: &&mut Diagnostic| {
                allowed.iter().any(|one| one.covers(other.rule)) && comment.is_beside(other)
            };
            if let Some(meant) = findings.iter_mut().find(is_meant) {
                let place = meant.primary.as_ref().map(|label| label.span);
                finding.labels.extend(place.map(unused_suppression::meant));
                // Somebody seems to accept it: no machine takes away the comment or the finding.
                for fix in finding.fixes.iter_mut().chain(&mut meant.fixes) {
                    let weaker = Applicability::MaybeIncorrect;
                    fix.applicability = fix.applicability.max(weaker);
                    fix.plan.best = fix.plan.best.max(weaker);
                }
            }
            findings.push(finding);
            return;
        }
        for at in idle {
            let one = &allowed[at];
            let removal = with_comma(allowed, at);
            let finding = unused_suppression::word(self.level, one.span, one.word, removal);
            findings.push(finding);
        }
    }

    /// Whether all findings of a rule were there to be suppressed. A rule that does not exist
    /// any more finds nothing.
    fn ran(&self, rule: &str) -> bool {
        registry::find(rule).is_none_or(|rule| self.view.levels.is_on(rule.name))
    }

    /// The text of a line.
    fn line(&self, file: FileId, line: usize) -> Span {
        let source = self.view.files.get(file);
        let line = u32::try_from(line).unwrap_or(1);
        let starts = source.line_starts();
        let start = starts.get(line as usize - 1).copied().unwrap_or_default();
        TextRange::new(start, start + source.line(line).len() as u32).in_file(file)
    }
}

/// A word of a list of several, with the comma that goes with it.
fn with_comma(allowed: &[Allowed], at: usize) -> Span {
    let span = allowed[at].span;
    match at {
        0 => Span {
            end: allowed[1].span.start,
            ..span
        },
        _ => Span {
            start: allowed[at - 1].span.end,
            ..span
        },
    }
}
