// SPDX-License-Identifier: MIT OR Apache-2.0
//! `commit-message`: prints the text for the patch of each finding. It commits nothing and writes
//! nothing.
//!
//! Standard output carries only the message, so that it can be handed to `git commit -F -`;
//! what is missing in it, and why, goes to standard error.

use anyhow::bail;

use super::args::CommitMessageArgs;
use super::baseline::Baselines;
use super::levels::LevelArgs;
use super::paths::Filter;
use super::progress::Progress;
use super::run::{self, Tree};
use super::{Status, Streams, alone, prepared, say, unless_closed};
use crate::diagnostic::{Applicability, Diagnostic, Fix, Label};
use crate::fix::Effort;
use crate::report;
use crate::session::{Outcome, Rewriter};
use crate::source::FileId;
use crate::source::git::{Git, GitError, Origin, committed_line};

/// Commits of a file that show how its subjects are written.
const MOST_COMMITS: usize = 50;

/// Runs `commit-message`.
///
/// # Errors
/// When the run itself fails, or there is no such symbol; the status is then 2.
pub(super) fn commit_message(
    args: &CommitMessageArgs,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Status> {
    let tree = Tree::open(&args.paths, &args.tree)?;
    alone::refuse_foreign(&tree, args.tree.root_file.is_some())?;
    let filter = Filter::new(tree.root(), tree.reader(), &args.paths)?;
    let (analysis, allows) = prepared::prepared(&tree, &LevelArgs::default(), false)?;
    let progress = Progress::new(args.shows_progress());
    let ran = run::analyse(&tree, &args.tree, analysis, &progress)?;
    drop(progress);
    if let Some(probed) = &ran.probed {
        run::tell(probed, false, false);
    }
    let mut outcome = ran.outcome;
    if let Some(objection) = outcome.objections.first() {
        bail!("{objection}");
    }
    if let Some(path) = filter.unreached(&outcome.reading).next() {
        bail!(
            "{} does not reach {path}: lint it with --root {path}",
            tree.root_file()
        );
    }
    report::mark(&mut outcome.findings, &outcome.files);
    let levels = &ran.options.levels;
    Baselines::default().suppress(&mut outcome, &allows, levels, tree.root(), &filter);
    let files = outcome.files.clone();
    let symbol = args.symbol.as_deref().map(|name| tree.bare(name));
    outcome
        .findings
        .retain(|finding| args.wants(finding, symbol) && filter.admits(finding, &files));
    if outcome.findings.is_empty() {
        if let Some(symbol) = symbol {
            run::defined(&tree, &ran.options, symbol)?;
        }
        say("no such finding");
        return Ok(Status::Clean);
    }
    run::prove(
        &mut outcome,
        &ran.options,
        Effort::Enough(1),
        args.shows_progress(),
    )?;
    let mut rewriter = Rewriter::new(&outcome, &ran.options);
    let git = Git::open(tree.root());
    if let Err(why) = &git {
        say(&format!("no prefix and no `Fixes:` lines: {why}"));
    }
    let history = History {
        git,
        outcome: &outcome,
    };
    let mut text = String::new();
    let (fixable, others): (Vec<&Diagnostic>, Vec<&Diagnostic>) =
        outcome.findings.iter().partition(|it| has_patch(it));
    for finding in others {
        let words = report::safe::line(&finding.message);
        say(&format!("no message, because no fix is known: {words}"));
    }
    for (at, finding) in fixable.iter().enumerate() {
        if fixable.len() > 1 {
            text.push_str(&heading(at, fixable.len(), finding));
        }
        let warning = rewriter.warning(finding).unwrap_or_else(|why| {
            say(&format!("warning: no warning of conf: {why}"));
            None
        });
        text.push_str(&history.message(finding, warning.as_deref()));
    }
    unless_closed(streams.out.write_all(text.as_bytes()))?;
    unless_closed(streams.out.flush())?;
    Ok(Status::Clean)
}

/// Parts the messages of several findings; git takes the line for a comment.
fn heading(at: usize, all: usize, finding: &Diagnostic) -> String {
    let words = report::safe::line(&finding.message);
    let gap = if at > 0 { "\n" } else { "" };
    format!("{gap}# {} of {all}: {words}\n\n", at + 1)
}

/// What the history of the tree says about findings.
struct History<'a> {
    git: Result<Git, GitError>,
    outcome: &'a Outcome,
}

impl History<'_> {
    fn message(&self, finding: &Diagnostic, warning: Option<&str>) -> String {
        let subjects = match (&self.git, changed_file(finding)) {
            (Ok(git), Some(file)) => {
                let file = self.outcome.files.get(file);
                let subjects = git.subjects(file.path(), MOST_COMMITS);
                subjects.unwrap_or_default()
            }
            _ => Vec::new(),
        };
        let style = report::style(&subjects);
        let culprit = self.culprit(finding);
        if let (Ok(_), Err(why)) = (&self.git, &culprit) {
            let name = finding.symbol.as_deref().unwrap_or(finding.rule);
            say(&format!("{name}: no `Fixes:` line: {why}"));
        }
        let all = self.outcome.architectures.len();
        report::commit_message(finding, &style, warning, culprit.as_ref().ok(), all)
    }

    /// The commit that broke it: of the select and the dependency that it ignores, what came
    /// later.
    fn culprit(&self, finding: &Diagnostic) -> Result<Origin, String> {
        let git = self.git.as_ref().map_err(GitError::to_string)?;
        let primary = finding.primary.as_ref();
        let primary = primary.ok_or("the finding has no place")?;
        let mut latest = self.origin(git, primary)?;
        for label in finding.labels.iter().filter(|label| states(label)) {
            // Where the dependency is older than the history, it is older than the select.
            let Ok(stated) = self.origin(git, label) else {
                continue;
            };
            let is_later =
                stated.commit != latest.commit && git.contains(&stated.commit, &latest.commit);
            if is_later && !stated.is_end {
                latest = stated;
            }
        }
        if latest.is_end {
            return Err(format!(
                "the history ends at {:.12} (\"{}\"), and the line may be older",
                latest.commit, latest.subject
            ));
        }
        Ok(latest)
    }

    fn origin(&self, git: &Git, label: &Label) -> Result<Origin, String> {
        let file = self.outcome.files.get(label.span.file);
        let line = file.position(label.span.start).line;
        let place = format!("{}:{line}", file.path());
        let old = git.committed(file.path());
        let old = old.ok_or_else(|| format!("{} is not committed", file.path()))?;
        let line = committed_line(&old, file.text(), line);
        let line = line.ok_or_else(|| format!("{place} is not committed as it stands"))?;
        git.origin(file.path(), line)
            .map_err(|error| error.to_string())
    }
}

/// Whether a fix changes anything, so that there is a patch to write a message for.
fn has_patch(finding: &Diagnostic) -> bool {
    let best = finding.fixes.first();
    best.is_some_and(|fix| fix.applicability != Applicability::DisplayOnly)
}

/// The file that the patch changes first; where no fix says so, the one of the finding.
fn changed_file(finding: &Diagnostic) -> Option<FileId> {
    let edits = finding.fixes.first().map(Fix::edits).unwrap_or_default();
    let primary = finding.primary.as_ref().map(|label| label.span.file);
    edits.first().map(|edit| edit.span.file).or(primary)
}

/// Whether a label marks where the target states what is missing.
fn states(label: &Label) -> bool {
    matches!(label.message.as_str(), "not met" | "may be m")
}
