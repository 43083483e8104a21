// SPDX-License-Identifier: MIT OR Apache-2.0
//! `check`: analyses the tree around the paths and reports.

use std::io;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};

use super::args::{CheckArgs, Format};
use super::baseline::Baselines;
use super::gate::{self, Checked, Staged};
use super::opened::{Opened, Several, opened};
use super::paths::{self, Filter};
use super::prepared::prepared;
use super::progress::Progress;
use super::proofs::{self, Origin, Proofs, State};
use super::roots;
use super::run::{self, Ran, Tree};
use super::witness::{self, Folder};
use super::{Status, Streams, complain, say, unless_closed};
use super::{alone, apply};
use crate::config::Allow;
use crate::diagnostic::{Diagnostic, Level};
use crate::fix::{Budget, Changed, Effort, Judged};
use crate::report::{self, Manner};
use crate::rules::timing;
use crate::session::{Conf, Outcome};
use crate::source::Files;
use crate::source::git::Git;

/// Runs `check`.
///
/// # Errors
/// When the run itself fails; the status is then 2.
pub(super) fn check(args: &CheckArgs, streams: &mut Streams<'_>) -> anyhow::Result<Status> {
    if args.rule_timing {
        timing::begin();
    }
    let status = checked(args, streams)?;
    for (rule, time) in timing::spent() {
        say(&format!("{:8.3} s  {rule}", time.as_secs_f64()));
    }
    Ok(status)
}

fn checked(args: &CheckArgs, streams: &mut Streams<'_>) -> anyhow::Result<Status> {
    // Fixes of what is staged go to the work tree.
    let fixes_staged = args.source.staged && args.fix.threshold().is_some();
    if args.source.compares() && !fixes_staged {
        return series(args, streams);
    }
    let (tree, filter, old) = match fixes_staged {
        true => match gate::staged(args)? {
            Staged::Changed(tree, filter, old) => (*tree, filter, Some(old)),
            Staged::Unchanged(trees) => return Ok(unchanged(&trees, args)),
        },
        false => match opened(args)? {
            Opened::One(tree, filter) => (*tree, filter, None),
            Opened::Several(several) => {
                let outcome = check_all(&several, args, streams)?;
                return report(outcome, Vec::new(), &several.roots.top, args, streams);
            }
        },
    };
    let (mut outcome, patch, was_denied) = judged(args, &tree, filter, old, streams)?;
    let status = match patch {
        Some(patch) => {
            let status = status(&outcome);
            unless_closed(apply::print(&outcome, &patch, args, streams))?;
            status
        }
        None => {
            let origins = Vec::from_iter(origin(&mut outcome));
            report(outcome, origins, tree.root(), args, streams)?
        }
    };
    match status {
        // The index is as before, and is what would be committed.
        Status::Clean if fixes_staged && was_denied => Ok(Status::Findings),
        other => Ok(other),
    }
}

/// Checks a tree of the disk and applies fixes: what remains, and with `--diff` the files that would change.
///
/// # Errors
/// When the run itself fails.
pub(super) fn fixed(args: &CheckArgs, streams: &Streams<'_>) -> anyhow::Result<Reported> {
    let (tree, filter) = match opened(args)? {
        Opened::One(tree, filter) => (tree, filter),
        Opened::Several(several) => {
            let root = several.roots.only(&args.paths)?;
            let (tree, filter) = several.open(root, &args.of_root(root))?;
            (Box::new(tree), filter)
        }
    };
    let (outcome, patch, _) = judged(args, &tree, filter, None, streams)?;
    Ok((outcome, patch))
}

/// What a tree is judged to be after fixes, the files that `--diff` shows, and whether something at deny level was found
/// before.
fn judged(
    args: &CheckArgs,
    tree: &Tree,
    filter: Filter,
    old: Option<gate::Old>,
    streams: &Streams<'_>,
) -> anyhow::Result<(Outcome, Option<Vec<Changed>>, bool)> {
    alone::refuse_foreign(tree, args.tree.root_file.is_some())?;
    let baselines = Baselines::read(args.baseline.as_deref(), args.write_baseline.as_deref())?;
    let folder = args.witness.as_deref();
    let folder = folder
        .map(|path| Folder::new(path, tree.root()))
        .transpose()?;
    let mut check = Check {
        args,
        filter,
        old,
        baselines,
        folder,
        was_denied: false,
    };
    let ran = check.analyse(tree)?;
    let files = alone::unreached(tree, &check.filter, &ran.0.outcome.reading)?;
    let (outcome, patch) = match files.is_empty() {
        true => check.judge(tree, ran)?,
        false => check.apart(tree, ran, files, streams)?,
    };
    Ok((outcome, patch, check.was_denied))
}

/// A check of the work tree, of the index for its fixes, or of a revision.
struct Check<'a> {
    args: &'a CheckArgs,
    /// Shown is what lies under the paths.
    filter: Filter,
    /// What is known already.
    old: Option<gate::Old>,
    baselines: Baselines<'a>,
    /// Where witnesses go.
    folder: Option<Folder>,
    /// Whether something at deny level was found before fixes were applied.
    was_denied: bool,
}

/// What all trees together come to.
///
/// # Errors
/// When a run fails, or no tree reads a path.
fn check_all(
    several: &Several,
    args: &CheckArgs,
    streams: &Streams<'_>,
) -> anyhow::Result<Outcome> {
    let roots = &several.roots;
    if args.fix.threshold().is_some() || args.write_baseline.is_some() {
        return Err(roots.refuse_fixes());
    }
    roots.united(args, &mut |root, own| {
        let (tree, shown) = several.open(root, own)?;
        let folder = args.witness.as_ref().map(|folder| {
            let name = root.name().replace('/', "-");
            Folder::new(&folder.join(name), &roots.top)
        });
        one_of_several(own, &tree, shown, folder.transpose()?, streams)
    })
}

/// Checks one of several trees, with all proofs. With it, whether the tree reads a file under each path.
///
/// # Errors
/// When the run itself fails.
fn one_of_several(
    args: &CheckArgs,
    tree: &Tree,
    filter: Filter,
    folder: Option<Folder>,
    streams: &Streams<'_>,
) -> anyhow::Result<roots::Judged> {
    let mut check = Check {
        args,
        filter,
        old: None,
        baselines: Baselines::read(args.baseline.as_deref(), None)?,
        folder,
        was_denied: false,
    };
    let ran = check.analyse(tree)?;
    let (outcome, _) = check.judge_alone(tree, ran, streams)?;
    let reached = check.filter.reached(&outcome.reading);
    Ok((outcome, reached))
}

/// What is to be reported, and the files that `--diff` shows.
type Reported = (Outcome, Option<Vec<Changed>>);

impl Check<'_> {
    fn analyse(&self, tree: &Tree) -> anyhow::Result<(Ran, Vec<Allow>)> {
        let args = self.args;
        if args.confirm {
            // Whether conf can be asked does not hang on what is found: nobody waits in vain.
            Conf::has_sources(tree.root(), tree.project().kind)?;
        }
        let (analysis, allows) = prepared(tree, &args.levels, args.verbose)?;
        if args.verbose {
            say(&tree.described());
        }
        let progress = Progress::new(args.shows_progress());
        let ran = run::analyse(tree, &args.tree, analysis, &progress)?;
        drop(progress);
        if let Some(probed) = &ran.probed {
            run::tell(probed, args.verbose, args.quiet);
        }
        Ok((ran, allows))
    }

    /// From what a run found to what is reported: baselines, fixes, witnesses.
    fn judge(&mut self, tree: &Tree, (ran, allows): (Ran, Vec<Allow>)) -> anyhow::Result<Reported> {
        let args = self.args;
        let mut first = ran.outcome;
        report::mark(&mut first.findings, &first.files);
        let levels = &ran.options.levels;
        // What was hardly read is no state to keep, and none to change.
        if !first.objections.is_empty() {
            let files = first.files.clone();
            let (baselines, filter) = (&self.baselines, &self.filter);
            baselines.suppress(&mut first, &allows, levels, tree.root(), filter);
            first.findings.retain(|it| filter.admits(it, &files));
            return Ok((first, None));
        }
        self.baselines
            .write(&first, &allows, levels, &self.filter)?;
        let (filter, baselines, old) = (&self.filter, &self.baselines, &self.old);
        let is_shown = |finding: &Diagnostic, files: &Files| filter.admits(finding, files);
        let judge = |mut outcome: Outcome| {
            report::mark(&mut outcome.findings, &outcome.files);
            baselines.suppress(&mut outcome, &allows, levels, tree.root(), filter);
            if let Some(old) = old {
                outcome.findings.retain_mut(|finding| old.is_new(finding));
            }
            let identities = report::identities(&outcome.findings, &outcome.files);
            Judged::new(outcome, identities, &is_shown)
        };
        let mut judged = judge(first);
        let prove = |outcome: &mut Outcome| match args.fix.effort() {
            Some(effort) => run::prove(outcome, &ran.options, effort, args.shows_progress()),
            None => Ok(()),
        };
        prove(&mut judged.outcome)?;
        let again = |changed, progress: &Progress| {
            run::again(tree, &ran.options, changed, progress).map(judge)
        };
        let was_denied = judged.outcome.findings.iter().any(is_denied);
        let (mut outcome, patch) = apply::apply(judged, tree, args, &again, &prove)?;
        witness::witnesses(&mut outcome, tree, args, self.folder.as_ref(), &ran.options)?;
        self.was_denied |= was_denied;
        Ok((outcome, patch))
    }

    /// Lints files alone that the tree does not reach, and the tree if a path reaches it.
    fn apart(
        &mut self,
        tree: &Tree,
        ran: (Ran, Vec<Allow>),
        files: Vec<String>,
        streams: &Streams<'_>,
    ) -> anyhow::Result<Reported> {
        let args = self.args;
        let mut known = ran.0.outcome.reading.files.clone();
        let is_reached = self.filter.reaches(&ran.0.outcome.reading);
        let changes = args.fix.threshold().is_some() || args.write_baseline.is_some();
        if self.old.is_some() || changes && (is_reached || files.len() > 1) {
            bail!(
                "{} does not reach {}: fixes and baselines are for the tree, or for one such file",
                tree.root_file(),
                files[0]
            );
        }
        let mut joined = match is_reached {
            true => Some(self.judge_alone(tree, ran, streams)?),
            false => None,
        };
        let mut number = 0;
        for file in files {
            if known.contains(&file) {
                continue;
            }
            number += 1;
            if number > alone::MAX_FILES {
                bail!(
                    "{} does not reach more than {} files under the paths: name fewer",
                    tree.root_file(),
                    alone::MAX_FILES
                );
            }
            if !args.quiet {
                say(&format!(
                    "{file} is linted alone: {} does not reach it, so symbols of other files are \
                     unknown here",
                    tree.root_file()
                ));
            }
            let part = tree.alone(&file, &args.tree)?;
            let ran = self.analyse(&part)?;
            known.extend(ran.0.outcome.reading.files.iter().cloned());
            let (outcome, patch) = self.judge_alone(&part, ran, streams)?;
            match &mut joined {
                Some((all, _)) => alone::join(all, outcome),
                None => joined = Some((outcome, patch)),
            }
        }
        joined.context("no path was looked at")
    }

    /// The same as `judge` for what becomes one report with others, with all proofs.
    fn judge_alone(
        &mut self,
        tree: &Tree,
        ran: (Ran, Vec<Allow>),
        streams: &Streams<'_>,
    ) -> anyhow::Result<Reported> {
        let (mut outcome, patch) = self.judge(tree, ran)?;
        let origins = Vec::from_iter(origin(&mut outcome));
        prove_all(self.args, &mut outcome, origins, streams)?;
        Ok((outcome, patch))
    }
}

/// Has the fixes of all findings of an outcome proved, which becomes one report with others.
fn prove_all(
    args: &CheckArgs,
    outcome: &mut Outcome,
    origins: Vec<Origin<'_>>,
    streams: &Streams<'_>,
) -> anyhow::Result<()> {
    let mut proofs = proofs(origins, args, streams);
    proofs.budget = Budget::UNLIMITED;
    proofs.all(&mut outcome.findings, &outcome.files)
}

/// Reports what the changes of a series bring.
fn series(args: &CheckArgs, streams: &mut Streams<'_>) -> anyhow::Result<Status> {
    let checked = gate::check(args, &|own, outcome, origins| {
        prove_all(own, outcome, origins, streams)
    });
    match checked? {
        Checked::Unchanged(trees) => Ok(unchanged(&trees, args)),
        Checked::Changed(changed) => {
            let gate::Changed {
                outcome,
                origins,
                root,
            } = *changed;
            report(outcome, origins, &root, args, streams)
        }
    }
}

/// Has the fixes of findings proved and writes the report: that for people item by item, so that
/// nobody waits for the proofs of all.
fn report(
    mut outcome: Outcome,
    origins: Vec<Origin<'_>>,
    root: &Path,
    args: &CheckArgs,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Status> {
    if args.fix.no_fixes {
        for finding in &mut outcome.findings {
            finding.fixes.clear();
        }
    }
    let status = status(&outcome);
    let unread = unread(&outcome, args, streams);
    let proofs = proofs(origins, args, streams);
    unless_closed(write(outcome, proofs, root, args, streams)?)?;
    unread.iter().for_each(|words| say(words));
    Ok(status)
}

/// Where the fixes of all findings of an outcome are proved; the outcome has it no more.
fn origin<'a>(outcome: &mut Outcome) -> Option<Origin<'a>> {
    let base = outcome.base.take()?;
    Some(Origin {
        findings: 0..outcome.findings.len(),
        folder: String::new(),
        analysis: proofs::Analysis::Kept(Arc::new(base)),
    })
}

/// The proofs of a report.
fn proofs<'a>(origins: Vec<Origin<'a>>, args: &CheckArgs, streams: &Streams<'_>) -> Proofs<'a> {
    let effort = effort(args, streams);
    Proofs {
        origins: effort.map_or_else(Vec::new, |_| origins),
        effort: effort.unwrap_or(Effort::All),
        budget: match effort {
            Some(Effort::Enough(_)) if !args.verbose => Budget::OF_REPORT,
            _ => Budget::UNLIMITED,
        },
        shows_progress: args.shows_progress(),
    }
}

/// Says in which trees nothing changed.
fn unchanged(trees: &[String], args: &CheckArgs) -> Status {
    if !args.quiet {
        let what = if trees.len() == 1 { "tree" } else { "trees" };
        say(&format!(
            "nothing changed in the Kconfig {what} {}",
            trees.join(", ")
        ));
    }
    Status::Clean
}

/// The folder in its repository, with `/` at its end; empty at the top, and where there is none.
fn in_repository(root: &Path) -> String {
    if root.as_os_str().is_empty() {
        return String::new();
    }
    let git = Git::for_hook(root).or_else(|_| Git::repository(root));
    git.and_then(|git| git.prefix()).unwrap_or_default()
}

/// Writes the report for people, each item before its fixes are proved as far as these do not
/// matter. The outer error is a failure of the run, the inner one of standard output.
fn stream(
    mut outcome: Outcome,
    mut proofs: Proofs<'_>,
    folder: &Path,
    args: &CheckArgs,
    streams: &mut Streams<'_>,
) -> anyhow::Result<io::Result<()>> {
    let mut findings = std::mem::take(&mut outcome.findings);
    let root = paths::shown(folder);
    let reading = args.tree.repeated(folder);
    let program = paths::program(folder, std::env::args_os().next());
    let manner = manner(args, &root, &program, &reading);
    let mut report = report::Human::new(&outcome, manner);
    let out = &mut *streams.out;
    let written = proofs.each(
        &mut findings,
        &outcome.files,
        &mut |findings, item, state| {
            match state {
                State::Begun => report.begin(findings, item, out)?,
                State::Done => report.item(findings, item, out)?,
            }
            out.flush()
        },
    )?;
    let written = written.and_then(|()| report.end(&findings, proofs.budget.unfinished, out));
    Ok(written.and_then(|()| out.flush()))
}

/// Proves fixes and writes the report. The outer error is a failure of the run, the inner one of
/// standard output.
fn write(
    mut outcome: Outcome,
    mut proofs: Proofs<'_>,
    folder: &Path,
    args: &CheckArgs,
    streams: &mut Streams<'_>,
) -> anyhow::Result<io::Result<()>> {
    if let Some(by) = args.statistics {
        let written = report::statistics(&outcome, by.into(), streams.out);
        return Ok(written.and_then(|()| streams.out.flush()));
    }
    let format = format(args, streams);
    if format == Format::Human {
        return stream(outcome, proofs, folder, args, streams);
    }
    proofs.all(&mut outcome.findings, &outcome.files)?;
    if proofs.budget.unfinished > 0 && !args.quiet {
        say(&report::unchecked(proofs.budget.unfinished));
    }
    let outcome = match format {
        Format::Human | Format::Short | Format::Json => outcome,
        // What these are for shows files by their paths in the repository.
        Format::Sarif | Format::Github | Format::Gitlab | Format::Checkpatch => {
            report::below(outcome, &in_repository(folder))
        }
    };
    let root = paths::shown(folder);
    let outcome = &outcome;
    let written = match format {
        Format::Human | Format::Short => report::short(outcome, args.verbose, streams.out),
        Format::Json => report::json(outcome, &root, streams.out),
        Format::Sarif => report::sarif(outcome, streams.out),
        Format::Github => report::github(outcome, streams.out),
        Format::Gitlab => report::gitlab(outcome, streams.out),
        Format::Checkpatch => report::checkpatch(outcome, streams.out),
    };
    Ok(written.and_then(|()| streams.out.flush()))
}

fn manner<'r>(
    args: &CheckArgs,
    root: &'r str,
    program: &'r str,
    reading: &'r [String],
) -> Manner<'r> {
    Manner {
        color: args.color.is_wanted(),
        verbose: args.verbose,
        quiet: args.quiet,
        root,
        program,
        elsewhere: args.source.is_elsewhere(),
        reading,
    }
}

/// Which part of the tree was not read, where the report has no line of totals to say so.
fn unread(outcome: &Outcome, args: &CheckArgs, streams: &Streams<'_>) -> Option<String> {
    let format = format(args, streams);
    let has_totals = format == Format::Human || args.fix.diff;
    let reading = &outcome.reading;
    let is_partial = reading.unfollowed > 0 || !reading.held_back.is_empty();
    (!args.quiet && !has_totals && is_partial).then(|| {
        let files = report::count(outcome.counts.files, "file");
        format!("{files} read{}", report::unfollowed(outcome))
    })
}

/// How far fixes are proved for the report. Where they are applied, they are proved already.
fn effort(args: &CheckArgs, streams: &Streams<'_>) -> Option<Effort> {
    let shows_none = args.fix.no_fixes || args.statistics.is_some();
    if shows_none || args.fix.threshold().is_some() {
        return None;
    }
    match format(args, streams) {
        Format::Short | Format::Gitlab | Format::Checkpatch => None,
        Format::Github => Some(Effort::Enough(1)),
        Format::Human if !args.verbose => Some(Effort::Enough(report::MOST_FIXES)),
        Format::Human | Format::Json | Format::Sarif => Some(Effort::All),
    }
}

fn format(args: &CheckArgs, streams: &Streams<'_>) -> Format {
    args.format.unwrap_or(match streams.terminal {
        true => Format::Human,
        false => Format::Short,
    })
}

fn is_denied(finding: &Diagnostic) -> bool {
    finding.level == Level::Deny
}

fn status(outcome: &Outcome) -> Status {
    for error in &outcome.internal_errors {
        complain(&format!("internal: {error}"));
    }
    for objection in &outcome.objections {
        complain(objection);
    }
    if !outcome.internal_errors.is_empty() || !outcome.objections.is_empty() {
        Status::Failed
    } else if outcome.findings.iter().any(is_denied) {
        Status::Findings
    } else {
        Status::Clean
    }
}
