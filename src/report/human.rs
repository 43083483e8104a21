// SPDX-License-Identifier: MIT OR Apache-2.0
//! The report for people: what, where, on which architectures, an example, what to write,
//! how to see it again.
//!
//! codespan-reporting draws the snippets; this module decides what is said and in which
//! order. Everything from the tree passes through `safe`.

use std::io::{self, Write};

use codespan_reporting::diagnostic::{Diagnostic as Drawn, Label as Marked, Severity};
use codespan_reporting::files::Error;
use codespan_reporting::term::termcolor::{Ansi, NoColor};
use codespan_reporting::term::{self, Config};

use super::diff::{self, Change};
use super::place::place;
use super::snippet::Snippets;
use super::{count, grouped, safe, words};
use crate::diagnostic::group::{self, Cause, Item};
use crate::diagnostic::{
    Applicability, Change as Changed, Confirmation, Diagnostic, Fix, Label, Level, Status,
};
use crate::session::Outcome;
use crate::source::FileId;

/// How much is said, and whether in colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Manner<'r> {
    /// Escape sequences for colours.
    pub color: bool,
    /// All fixes, rejected fixes, whole witnesses, and remarks.
    pub verbose: bool,
    /// No line of totals.
    pub quiet: bool,
    /// The folder of the tree as the user would name it; empty when he stands there.
    pub root: &'r str,
    /// The program as the user would call it from the folder of the tree; empty where the shell finds
    /// it by its name.
    pub program: &'r str,
    /// Whether the tree was read from elsewhere than the disk, so that nothing there shows a finding
    /// again.
    pub elsewhere: bool,
    /// The options that say what the tree is and how it is read, as words of a command line that
    /// starts in the folder of the tree.
    pub reading: &'r [String],
}

/// What a proof says, no more: not that the fix is right.
const CHECKED: &str = "this warning is gone, no new one";
/// Statements of one defect that are listed before the list is cut.
const MOST_RELATED: usize = 5;
/// Answers of the toolchain that are named before the list is cut.
const MOST_ANSWERS: usize = 2;
/// Fixes that are shown before the list is cut.
pub const MOST_FIXES: usize = 2;
/// Lines of one fix that are shown before it is cut.
const MOST_CHANGES: usize = 12;

/// Writes the report.
///
/// # Errors
/// When `out` does not take it.
pub fn render(outcome: &Outcome, manner: Manner<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut report = Human::new(outcome, manner);
    for item in group::items(&outcome.findings) {
        report.item(&outcome.findings, &item, out)?;
    }
    report.end(&outcome.findings, 0, out)
}

/// A report that is written item by item.
pub struct Human<'r> {
    outcome: &'r Outcome,
    snippets: Snippets<'r>,
    manner: Manner<'r>,
    /// Bytes of the next item that were written.
    begun: usize,
}

impl<'r> Human<'r> {
    /// The report of an outcome. Its findings are not looked at: they are given one by one.
    pub fn new(outcome: &'r Outcome, manner: Manner<'r>) -> Human<'r> {
        Human {
            outcome,
            snippets: Snippets::new(&outcome.files),
            manner,
            begun: 0,
        }
    }

    /// Writes the beginning of the next item, as far as no proof of a fix changes it.
    ///
    /// # Errors
    /// When `out` does not take it.
    pub fn begin(
        &mut self,
        findings: &[Diagnostic],
        item: &Item,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut bytes = self.drawn(findings, item, Extent::Begin)?;
        // The last line is empty, and more notes may come before it.
        bytes.pop();
        self.begun = bytes.len();
        out.write_all(&bytes)
    }

    /// Writes the next item, or what is left of it.
    ///
    /// # Errors
    /// When `out` does not take it.
    pub fn item(
        &mut self,
        findings: &[Diagnostic],
        item: &Item,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let bytes = self.drawn(findings, item, Extent::Whole)?;
        out.write_all(&bytes[std::mem::take(&mut self.begun)..])
    }

    fn drawn(&self, findings: &[Diagnostic], item: &Item, extent: Extent) -> io::Result<Vec<u8>> {
        match &item.cause {
            Some(cause) => {
                let files = &self.outcome.files;
                let whole = grouped::finding(findings, &item.members, cause, files);
                self.finding(&whole, matches!(cause, Cause::Lack(_)), extent)
            }
            None => self.finding(&findings[item.members[0]], false, extent),
        }
    }

    fn finding(&self, finding: &Diagnostic, is_group: bool, extent: Extent) -> io::Result<Vec<u8>> {
        self.snippets.clear();
        let notes = notes(finding, is_group, self.outcome, self.manner, extent);
        let drawn = draw(finding, notes, &self.snippets);
        emitted(&drawn, &self.snippets, self.manner.color)
    }

    /// Writes the remarks, and the totals of all findings; the fixes of so many are not all checked.
    ///
    /// # Errors
    /// When `out` does not take it.
    pub fn end(
        &self,
        findings: &[Diagnostic],
        unfinished: usize,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let remarks = self.outcome.remarks.iter();
        for remark in remarks.filter(|_| self.manner.verbose) {
            out.write_all(&self.finding(remark, false, Extent::Whole)?)?;
        }
        if !self.manner.quiet {
            if unfinished > 0 {
                writeln!(out, "{}", unchecked(unfinished))?;
            }
            writeln!(out, "{}", totals_of(findings, self.outcome))?;
        }
        Ok(())
    }
}

/// That the fixes of so many findings were not all checked.
pub fn unchecked(findings: usize) -> String {
    let findings = count(findings, "finding");
    format!(
        "the fixes of {findings} were not all checked, because that takes long: -v or --fix \
         checks them"
    )
}

/// How much of a finding is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Extent {
    Whole,
    /// What comes before the fixes.
    Begin,
}

/// The bytes of a drawing.
pub(super) fn emitted(
    drawn: &Drawn<FileId>,
    snippets: &Snippets<'_>,
    color: bool,
) -> io::Result<Vec<u8>> {
    let config = Config {
        tab_width: diff::TAB_WIDTH,
        ..Config::default()
    };
    Ok(if color {
        let mut buffer = Ansi::new(Vec::new());
        term::emit_to_write_style(&mut buffer, &config, snippets, drawn).map_err(into_io)?;
        buffer.into_inner()
    } else {
        let mut buffer = NoColor::new(Vec::new());
        term::emit_to_write_style(&mut buffer, &config, snippets, drawn).map_err(into_io)?;
        buffer.into_inner()
    })
}

fn into_io(error: Error) -> io::Error {
    match error {
        Error::Io(error) => error,
        other => io::Error::other(other),
    }
}

fn draw(finding: &Diagnostic, notes: Vec<String>, snippets: &Snippets<'_>) -> Drawn<FileId> {
    let severity = match finding.level {
        Level::Allow => Severity::Note,
        Level::Warn => Severity::Warning,
        Level::Deny => Severity::Error,
    };
    let primary = finding.primary.iter().map(|label| {
        Marked::primary(label.span.file, snippets.underline(label.span))
            .with_message(safe::line(&label.message))
    });
    let others = finding.labels.iter().map(|label| {
        Marked::secondary(label.span.file, snippets.underline(label.span))
            .with_message(safe::line(&label.message))
    });
    Drawn::new(severity)
        .with_code(finding.rule)
        .with_message(safe::line(&finding.message))
        .with_labels(primary.chain(others).collect())
        .with_notes(notes)
}

/// The lines below the snippets, in the order of interface.md.
fn notes(
    finding: &Diagnostic,
    is_group: bool,
    outcome: &Outcome,
    manner: Manner<'_>,
    extent: Extent,
) -> Vec<String> {
    let mut notes = Vec::new();
    notes.extend(finding.change.as_ref().map(change));
    notes.extend(on_architectures(finding, outcome));
    notes.extend(example(finding, outcome, manner));
    notes.extend(finding.confirmation.as_ref().map(confirmation));
    notes.extend(finding.notes.iter().map(|note| safe::line(note)));
    if extent == Extent::Begin {
        return notes;
    }
    let file = finding.primary.as_ref().map(|label| label.span.file);
    let most = match manner.verbose || is_group {
        true => finding.fixes.len(),
        false => MOST_FIXES,
    };
    for fix in finding.fixes.iter().take(most) {
        notes.push(help(fix, file, outcome, manner));
    }
    notes.extend(others(finding, most, manner));
    let helps = finding.helps.iter();
    notes.extend(helps.map(|help| format!("help: {}", safe::line(help))));
    let heading = match is_group {
        true => count(finding.related.len(), "selector"),
        false => format!("and {}", count(finding.related.len(), "more statement")),
    };
    notes.extend(more_statements(&heading, &finding.related, outcome, manner));
    notes.extend(reproduce(finding, outcome, manner));
    notes
}

fn on_architectures(finding: &Diagnostic, outcome: &Outcome) -> Option<String> {
    let (some, all) = (finding.architectures.len(), outcome.architectures.len());
    match (some, all) {
        (0, _) => None,
        (some, all) if some == all && all > 1 => Some(format!("on: all {all} architectures")),
        (_, 0 | 1) => Some(format!(
            "on: {}",
            safe::line(&finding.architectures.join(", "))
        )),
        _ => Some(format!(
            "on: {} ({some} of {all} architectures)",
            safe::line(&finding.architectures.join(", "))
        )),
    }
}

fn example(finding: &Diagnostic, outcome: &Outcome, manner: Manner<'_>) -> Option<String> {
    let witness = finding.witness.as_ref()?;
    let mut parts = Vec::new();
    if !witness.architecture.is_empty() {
        parts.push(format!("ARCH={}", witness.architecture));
    }
    parts.extend(words::environment(&witness.environment));
    let prefix = &outcome.project.prefix;
    let values = witness.highlights.iter();
    parts.extend(values.map(|(symbol, value)| format!("{prefix}{symbol}={value}")));
    let shown = |symbol: &String| witness.highlights.iter().any(|(known, _)| known == symbol);
    let hidden: Vec<_> = witness.config.iter().filter(|it| !shown(it.0)).collect();
    if manner.verbose {
        let rest = hidden.iter();
        parts.extend(rest.map(|(symbol, value)| format!("{prefix}{symbol}={value}")));
    } else if !hidden.is_empty() {
        let all = match manner.elsewhere {
            // The options that read a tree from elsewhere exclude `--witness`.
            true => "`--format json` shows them all",
            false => "`--witness DIR` writes them all",
        };
        parts.push(format!("{} ({all})", count(hidden.len(), "more value")));
    }
    parts.extend(words::tools(&witness.toolchain));
    let mut answers = words::answers(&witness.toolchain);
    let rest = answers.len().saturating_sub(MOST_ANSWERS);
    if rest > 0 && !manner.verbose {
        answers.truncate(MOST_ANSWERS);
        answers.push(format!(
            "{} of the toolchain (-v lists them)",
            count(rest, "more answer")
        ));
    }
    parts.append(&mut answers);
    let text = format!("for example: {}", safe::line(&parts.join(", ")));
    (!parts.is_empty()).then_some(text)
}

fn confirmation(confirmation: &Confirmation) -> String {
    match confirmation {
        Confirmation::Confirmed => "confirmed: the tree's own conf warns about it".to_owned(),
        Confirmation::NotConfirmed(why) => format!("not confirmed: {}", safe::line(why)),
        Confirmation::NotAsked(why) => format!("conf was not asked: {}", safe::line(why)),
    }
}

fn help(fix: &Fix, file: Option<FileId>, outcome: &Outcome, manner: Manner<'_>) -> String {
    let mut text = format!("help: {}", safe::line(&fix.title));
    let mut known = match (fix.proved, fix.applicability) {
        (true, _) => match outcome.project.architectures.len() {
            0 | 1 => format!("checked: {CHECKED}"),
            all => format!("checked on all {all} architectures: {CHECKED}"),
        },
        (false, Applicability::MaybeIncorrect) => "not checked".to_owned(),
        (false, _) => String::new(),
    };
    if !fix.remark.is_empty() {
        known.push_str("; ");
        known.push_str(&fix.remark);
    }
    if !known.is_empty() {
        text.push_str(&format!(" ({})", safe::line(&known)));
    }
    let mut lines = Vec::new();
    let mut hunks = diff::hunks(fix, &outcome.files);
    hunks.sort_by_key(|hunk| {
        let path = outcome.files.get(hunk.file).path().to_owned();
        (Some(hunk.file) != file, path, hunk.line)
    });
    let several = hunks.len() > 1;
    for hunk in hunks {
        if several || Some(hunk.file) != file {
            let path = safe::line(outcome.files.get(hunk.file).path());
            lines.push(format!("{path}:{}:", hunk.line));
        }
        let changes = hunk.lines.iter();
        lines.extend(changes.map(|(change, line)| change_line(*change, line, manner.color)));
    }
    let cut = lines.len().saturating_sub(MOST_CHANGES);
    if cut > 0 && !manner.verbose {
        lines.truncate(MOST_CHANGES);
        lines.push(format!("… {}", count(cut, "more line")));
    }
    for line in lines {
        text.push('\n');
        text.push_str(&line);
    }
    text
}

/// Fixes that are not shown, and with `-v` those that were tried and do harm.
fn others(finding: &Diagnostic, shown: usize, manner: Manner<'_>) -> Vec<String> {
    if manner.verbose {
        let rejected = finding.rejected.iter().map(|rejected| {
            let text = format!("not offered: {}: {}", rejected.title, rejected.reason);
            safe::line(&text)
        });
        return rejected.collect();
    }
    let rest = finding.fixes.len().saturating_sub(shown);
    let line = format!("{} (-v shows them)", count(rest, "other way"));
    Vec::from_iter((rest > 0).then_some(line))
}

fn change_line(change: Change, line: &str, color: bool) -> String {
    let (sign, paint) = match change {
        Change::Kept => return format!(" {line}"),
        Change::Removed => ('-', "\x1b[31m"),
        Change::Added => ('+', "\x1b[32m"),
    };
    if color {
        format!("{paint}{sign}{line}\x1b[0m")
    } else {
        format!("{sign}{line}")
    }
}

fn more_statements(
    heading: &str,
    related: &[Label],
    outcome: &Outcome,
    manner: Manner<'_>,
) -> Option<String> {
    if related.is_empty() {
        return None;
    }
    let mut text = format!("{heading}:");
    let most = if manner.verbose {
        related.len()
    } else {
        MOST_RELATED
    };
    for label in related.iter().take(most) {
        let place = place(&outcome.files, label.span);
        text.push_str(&format!("\n{}:{}", safe::path(&place.path), place.line));
        if !label.message.is_empty() {
            text.push_str(&format!(": {}", safe::line(&label.message)));
        }
    }
    if related.len() > most {
        let rest = related.len() - most;
        text.push_str(&format!("\n… and {rest} more (-v lists them)"));
    }
    Some(text)
}

/// The command that shows this finding alone and writes its configuration, from the root of the
/// tree. The folder lies beside the tree: nothing is written into it.
/// What a series of changes does to a finding, and which of them.
fn change(change: &Changed) -> String {
    let words = change.words();
    let terms = change.terms.join(" && ");
    let begin = match (change.status, terms.is_empty()) {
        (Status::Fixed, _) => format!("it was there before, and goes with {words}"),
        (Status::PartlyFixed, true) => {
            format!("it could be off before, and can still be a module with {words}")
        }
        (Status::PartlyFixed, false) => {
            format!("{terms} was missing before, and is no longer with {words}")
        }
        (Status::BecameVisible, _) => format!(
            "became visible with {words}: an error kept the tree before from being judged here"
        ),
        (Status::New | Status::FixedLater, false) => format!("{terms} is new with {words}"),
        (Status::New | Status::FixedLater, true) => format!("new with {words}"),
    };
    let end = change.gone_with.iter();
    let end: String = end
        .map(|later| format!(", and gone with {later}"))
        .collect();
    safe::line(&format!("{begin}{end}"))
}

fn reproduce(finding: &Diagnostic, outcome: &Outcome, manner: Manner<'_>) -> Option<String> {
    if manner.elsewhere {
        return None;
    }
    let witness = finding.witness.as_ref()?;
    let mut command = match manner.root {
        "" | "." => String::new(),
        root => format!("cd {} && ", words::quoted(root)),
    };
    match manner.program {
        "" => command.push_str("kconfig-lint"),
        program => command.push_str(&words::quoted(program)),
    }
    command.push_str(" check");
    if !witness.architecture.is_empty() {
        command.push_str(&format!(" --arch {}", words::quoted(&witness.architecture)));
    }
    for word in manner.reading {
        command.push_str(&format!(" {}", words::quoted(word)));
    }
    command.push_str(" --witness ../out");
    if let Some(label) = &finding.primary {
        let file = outcome.files.get(label.span.file);
        command.push_str(&format!(" {}", words::quoted(file.path())));
    }
    Some(format!("reproduce: {}", safe::line(&command)))
}

/// How many findings there are, and in what.
pub fn totals(outcome: &Outcome) -> String {
    totals_of(&outcome.findings, outcome)
}

fn totals_of(findings: &[Diagnostic], outcome: &Outcome) -> String {
    let with = |level: Level| {
        let findings = findings.iter();
        findings.filter(|finding| finding.level == level).count()
    };
    let mut parts = Vec::new();
    for (level, number) in [
        (Level::Deny, with(Level::Deny)),
        (Level::Warn, with(Level::Warn)),
    ] {
        if number > 0 {
            parts.push(count(number, level.word()));
        }
    }
    if parts.is_empty() {
        parts.push("no findings".to_owned());
    }
    let mut scope = vec![count(outcome.counts.files, "file")];
    match outcome.architectures.len() {
        0 => {}
        some => scope.push(count(some, "architecture")),
    }
    format!(
        "{} in {}{}",
        parts.join(", "),
        scope.join(", "),
        suppressed(outcome) + &unfollowed(outcome)
    )
}

/// How many `source` statements lead to no file and why, and which rules therefore did not look, as
/// the end of the totals.
pub fn unfollowed(outcome: &Outcome) -> String {
    let reading = &outcome.reading;
    let mut words = match reading.unfollowed {
        0 => String::new(),
        some => format!(
            "; {} not followed: {}",
            count(some, "source statement"),
            reading.reasons().join(", ")
        ),
    };
    if !reading.held_back.is_empty() {
        let rules: Vec<&str> = reading.held_back.iter().map(String::as_str).collect();
        let rules = rules.join(", ");
        words.push_str(&format!(
            "; not checked, because not the whole tree was read: {rules}"
        ));
    }
    safe::line(&words)
}

/// How many findings are not shown, as the end of the totals.
fn suppressed(outcome: &Outcome) -> String {
    let counts = outcome.counts.suppressed;
    let kinds = [
        (counts.comments, "by comments"),
        (counts.settings, "by the settings"),
        (counts.baseline, "by the baseline"),
    ];
    let parts: Vec<String> = kinds
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, by)| format!("{number} {by}"))
        .collect();
    match parts.is_empty() {
        true => String::new(),
        false => format!("; suppressed: {}", parts.join(", ")),
    }
}
