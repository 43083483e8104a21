// SPDX-License-Identifier: MIT OR Apache-2.0
//! `check`: analyses the tree around the paths and reports.

use std::io;
use std::path::Path;

use anyhow::{Context, bail};

use super::args::{CheckArgs, Format};
use super::baseline::Baselines;
use super::gate::{self, Checked, Repository, Staged};
use super::paths::{self, Filter};
use super::progress::Progress;
use super::run::{self, Analysis, Bounds, Ran, Tree};
use super::witness::{self, Folder};
use super::{Status, Streams, complain, say, unless_closed};
use super::{alone, apply};
use crate::config::{Allow, FILE_NAME, Levels, Mistake, Selector, Settings};
use crate::diagnostic::group::{self, MAX_PROVED};
use crate::diagnostic::{Applicability, Diagnostic, Level};
use crate::fix::{Changed, Effort, Judged, Prover};
use crate::report::{self, Manner};
use crate::rules::{Policy, policy};
use crate::session::{Conf, Options, Outcome};
use crate::source::git::Git;
use crate::source::{Files, ReadError, Reader};

/// Runs `check`.
///
/// # Errors
/// When the run itself fails; the status is then 2.
pub(super) fn check(args: &CheckArgs, streams: &mut Streams<'_>) -> anyhow::Result<Status> {
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
        false => {
            let (tree, filter) = opened(args)?;
            (tree, filter, None)
        }
    };
    alone::refuse_foreign(&tree, args.tree.root_file.is_some())?;
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
        effort: effort(args, streams),
        is_streamed: false,
        was_denied: false,
    };
    let ran = check.analyse(&tree)?;
    let files = alone::unreached(&tree, &check.filter, &ran.0.outcome.reading)?;
    // What is linted alone becomes one report only when all of it is there.
    check.is_streamed = files.is_empty() && is_written_as_proved(args, streams);
    let options = check.is_streamed.then(|| ran.0.options.clone());
    let (outcome, patch) = match files.is_empty() {
        true => check.judge(&tree, ran)?,
        false => check.apart(&tree, ran, files)?,
    };
    if let Some(options) = options {
        let status = status(&outcome);
        unless_closed(stream(outcome, &options, &tree, args, streams)?)?;
        return Ok(status);
    }
    let unread = unread(&outcome, args, streams);
    let status = status(&outcome);
    let written = match patch {
        Some(patch) => apply::print(&outcome, &patch, args, streams),
        None => write(outcome, tree.root(), args, streams),
    };
    unless_closed(written)?;
    unread.iter().for_each(|words| say(words));
    match status {
        // The index is as before, and is what would be committed.
        Status::Clean if fixes_staged && check.was_denied => Ok(Status::Findings),
        other => Ok(other),
    }
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
    /// How far fixes are proved.
    effort: Option<Effort>,
    /// Whether fixes are proved as the report is written, and not before.
    is_streamed: bool,
    /// Whether something at deny level was found before fixes were applied.
    was_denied: bool,
}

/// What is to be reported, and the files that `--diff` shows.
type Reported = (Outcome, Option<Vec<Changed>>);

impl Check<'_> {
    fn analyse(&self, tree: &Tree) -> anyhow::Result<(Ran, Vec<Allow>)> {
        let args = self.args;
        if args.confirm {
            // Whether conf can be asked does not hang on what is found: nobody waits in vain.
            Conf::has_sources(tree.root())?;
        }
        let (analysis, allows) = prepared(tree, &args.levels.words, args.verbose)?;
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
            let identities = report::pairs(&outcome.findings, &outcome.files);
            Judged::new(outcome, identities, &is_shown)
        };
        let mut judged = judge(first);
        let prove = |outcome: &mut Outcome| match self.effort.filter(|_| !self.is_streamed) {
            Some(effort) => run::prove(
                outcome,
                &ran.options,
                effort,
                bounds(args),
                args.shows_progress(),
            ),
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
            true => Some(self.judge(tree, ran)?),
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
            let (outcome, patch) = self.judge(&part, ran)?;
            match &mut joined {
                Some((all, _)) => alone::join(all, outcome),
                None => joined = Some((outcome, patch)),
            }
        }
        joined.context("no path was looked at")
    }
}

/// Reports what the changes of a series bring.
fn series(args: &CheckArgs, streams: &mut Streams<'_>) -> anyhow::Result<Status> {
    match gate::check(args, effort(args, streams))? {
        Checked::Unchanged(trees) => Ok(unchanged(&trees, args)),
        Checked::Changed(outcome, root) => {
            let status = status(&outcome);
            let unread = unread(&outcome, args, streams);
            unless_closed(write(*outcome, &root, args, streams))?;
            unread.iter().for_each(|words| say(words));
            Ok(status)
        }
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

/// Which findings have their fixes proved: all where fixes are applied, of a group otherwise the
/// first, because the others have the same.
pub(super) fn bounds(args: &CheckArgs) -> Bounds {
    match args.fix.threshold() {
        Some(_) => Bounds::All,
        None => Bounds::FirstOfGroup,
    }
}

/// Whether each finding is written as soon as its fixes are proved: the report for people, where
/// nothing else is done with the findings before.
fn is_written_as_proved(args: &CheckArgs, streams: &Streams<'_>) -> bool {
    let is_human = args.format.unwrap_or(default_format(streams)) == Format::Human;
    is_human && args.fix.threshold().is_none() && args.witness.is_none() && !args.confirm
}

/// Proves the fixes of one item of the report after the other, and writes each at once. The outer
/// error is a failure of the run, the inner one of standard output.
fn stream(
    mut outcome: Outcome,
    options: &Options,
    tree: &Tree,
    args: &CheckArgs,
    streams: &mut Streams<'_>,
) -> anyhow::Result<io::Result<()>> {
    let effort = effort(args, streams);
    let mut findings = std::mem::take(&mut outcome.findings);
    let root = paths::shown(tree.root());
    let reading = args.tree.repeated(tree.root());
    let program = paths::program(tree.root(), std::env::args_os().next());
    let manner = manner(args, &root, &program, &reading);
    let report = report::Human::new(&outcome, manner);
    let project = &outcome.project;
    let prover = outcome.base.as_ref().zip(effort);
    let prover = prover.map(|(base, effort)| Prover::new(base, project, options, effort));
    let mut prover = prover.transpose()?;
    for item in group::items(&findings) {
        if let Some(prover) = &mut prover {
            let progress = Progress::new(args.shows_progress());
            let step = |done: usize, total: usize, what: &str| progress.step(done, total, what);
            for at in item.members.iter().take(MAX_PROVED) {
                prover.prove(findings[*at..=*at].iter_mut(), &step)?;
            }
        }
        let written = report.item(&findings, &item, streams.out);
        if let Err(error) = written.and_then(|()| streams.out.flush()) {
            return Ok(Err(error));
        }
    }
    let written = report.end(&findings, streams.out);
    Ok(written.and_then(|()| streams.out.flush()))
}

/// The tree to check, and what of it is shown.
fn opened(args: &CheckArgs) -> anyhow::Result<(Tree, Filter)> {
    if !args.source.is_elsewhere() {
        let tree = Tree::open(&args.paths, &args.tree)?;
        let filter = Filter::new(tree.root(), &args.paths)?;
        return Ok((tree, filter));
    }
    let repository = Repository::open(args)?;
    let revision = args.source.rev.as_deref().unwrap_or("HEAD");
    repository.revision(revision, args)
}

/// What a run is to look for, by the settings of the tree and then the words of the command
/// line; and what the settings suppress.
///
/// # Errors
/// When the settings cannot be read.
pub(super) fn prepared(
    tree: &Tree,
    words: &[(Selector, Level)],
    remarks: bool,
) -> anyhow::Result<(Analysis, Vec<Allow>)> {
    let settings = settings(tree)?;
    let mut levels = Levels::default();
    let of_file = settings.levels.iter().map(|it| (it.selector, it.level));
    let words = of_file.chain(words.iter().copied());
    words.for_each(|(selector, level)| levels.set(selector, level));
    let policies = policies(settings.policies);
    let analysis = Analysis {
        levels,
        policies,
        remarks,
    };
    Ok((analysis, settings.allows))
}

/// The policies of the settings, and the built-in ones that they do not replace.
pub(super) fn policies(own: Vec<Policy>) -> Vec<Policy> {
    let mut policies = policy::builtin();
    policies.retain(|builtin| own.iter().all(|own| own.name != builtin.name));
    policies.extend(own);
    policies
}

/// The settings at the root of the tree; the default ones where there is no file.
pub(super) fn settings(tree: &Tree) -> anyhow::Result<Settings> {
    let bytes = match tree.reader().read(FILE_NAME) {
        Ok(bytes) => bytes,
        Err(ReadError::Missing) => return Ok(Settings::default()),
        Err(error) => return Err(error).context(FILE_NAME),
    };
    let text = std::str::from_utf8(&bytes).context(FILE_NAME)?;
    Settings::parse(text).map_err(|mistakes| {
        let lines: Vec<String> = mistakes.iter().map(Mistake::to_string).collect();
        anyhow::anyhow!(lines.join("\n"))
    })
}

fn write(
    outcome: Outcome,
    folder: &Path,
    args: &CheckArgs,
    streams: &mut Streams<'_>,
) -> io::Result<()> {
    let root = paths::shown(folder);
    let reading = args.tree.repeated(folder);
    let format = args.format.unwrap_or(default_format(streams));
    let outcome = match format {
        Format::Human | Format::Short | Format::Json => outcome,
        // What these are for shows files by their paths in the repository.
        Format::Sarif | Format::Github | Format::Gitlab | Format::Checkpatch => {
            report::below(outcome, &in_repository(folder))
        }
    };
    let outcome = &outcome;
    match format {
        Format::Human => {
            let program = paths::program(folder, std::env::args_os().next());
            let manner = manner(args, &root, &program, &reading);
            report::human(outcome, manner, streams.out)?;
        }
        Format::Short => report::short(outcome, args.verbose, streams.out)?,
        Format::Json => report::json(outcome, &root, streams.out)?,
        Format::Sarif => report::sarif(outcome, streams.out)?,
        Format::Github => report::github(outcome, streams.out)?,
        Format::Gitlab => report::gitlab(outcome, streams.out)?,
        Format::Checkpatch => report::checkpatch(outcome, streams.out)?,
    }
    streams.out.flush()
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
    let format = args.format.unwrap_or(default_format(streams));
    let has_totals = format == Format::Human || args.fix.diff;
    (!args.quiet && !has_totals && outcome.reading.unfollowed > 0).then(|| {
        let files = report::count(outcome.counts.files, "file");
        format!("{files} read{}", report::unfollowed(outcome))
    })
}

/// How far fixes are proved: as far as they are applied or shown.
fn effort(args: &CheckArgs, streams: &Streams<'_>) -> Option<Effort> {
    match args.fix.threshold() {
        Some(Applicability::MachineApplicable) => return Some(Effort::Applicable),
        Some(_) => return Some(Effort::Enough(1)),
        None => {}
    }
    match args.format.unwrap_or(default_format(streams)) {
        Format::Short | Format::Gitlab | Format::Checkpatch => None,
        Format::Github => Some(Effort::Enough(1)),
        Format::Human if !args.verbose => Some(Effort::Enough(report::MOST_FIXES)),
        Format::Human | Format::Json | Format::Sarif => Some(Effort::All),
    }
}

fn default_format(streams: &Streams<'_>) -> Format {
    if streams.terminal {
        Format::Human
    } else {
        Format::Short
    }
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
