// SPDX-License-Identifier: MIT OR Apache-2.0
//! `check`: analyses the tree around the paths and reports.

use std::io;

use anyhow::Context;

use super::args::{CheckArgs, Format};
use super::baseline::Baselines;
use super::paths::{self, Filter};
use super::progress::Progress;
use super::run::{self, Analysis, Tree};
use super::witness::{self, Folder};
use super::{Status, Streams, color, complain, unless_closed};
use crate::config::{Allow, FILE_NAME, Levels, Mistake, Selector, Settings};
use crate::diagnostic::Level;
use crate::report::{self, Manner};
use crate::rules::policy;
use crate::session::Outcome;
use crate::source::{ReadError, Reader, WorkTree};

/// Runs `check`.
///
/// # Errors
/// When the run itself fails; the status is then 2.
pub(super) fn check(args: &CheckArgs, streams: &mut Streams<'_>) -> anyhow::Result<Status> {
    let tree = Tree::open(&args.paths, &args.tree)?;
    let filter = Filter::new(tree.root(), &args.paths)?;
    let baselines = Baselines::read(args.baseline.as_deref(), args.write_baseline.as_deref())?;
    let folder = args.witness.as_deref();
    let folder = folder
        .map(|path| Folder::new(path, tree.root()))
        .transpose()?;

    let (analysis, allows) = prepared(&tree, &args.levels.words, args.verbose)?;

    let progress = Progress::new(args.shows_progress());
    let ran = run::analyse(&tree, &args.tree, analysis, &progress)?;
    drop(progress);
    if let Some(probed) = &ran.probed {
        run::tell(probed, args.verbose, args.quiet);
    }
    let mut outcome = ran.outcome;

    report::mark(&mut outcome.findings, &outcome.files);
    let levels = &ran.options.levels;
    baselines.suppress(&mut outcome, &allows, levels, tree.root(), &filter)?;
    let files = outcome.files.clone();
    outcome
        .remarks
        .retain(|finding| filter.admits(finding, &files));
    witness::witnesses(&mut outcome, &tree, args, folder.as_ref(), &ran.options)?;
    unless_closed(write(&outcome, &tree, args, streams))?;
    Ok(status(&outcome))
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
    let words = settings.levels.iter().chain(words);
    words.for_each(|(selector, level)| levels.set(*selector, *level));
    let mut policies = policy::builtin();
    policies.retain(|builtin| settings.policies.iter().all(|own| own.name != builtin.name));
    policies.extend(settings.policies);
    let analysis = Analysis {
        levels,
        policies,
        remarks,
    };
    Ok((analysis, settings.allows))
}

/// The settings at the root of the tree; the default ones where there is no file.
fn settings(tree: &Tree) -> anyhow::Result<Settings> {
    let bytes = match WorkTree::new(tree.root()).read(FILE_NAME) {
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
    outcome: &Outcome,
    tree: &Tree,
    args: &CheckArgs,
    streams: &mut Streams<'_>,
) -> io::Result<()> {
    let default = if streams.terminal {
        Format::Human
    } else {
        Format::Short
    };
    match args.format.unwrap_or(default) {
        Format::Human => {
            let manner = Manner {
                color: color::wanted(args.color, color::environment, streams.terminal),
                verbose: args.verbose,
                quiet: args.quiet,
            };
            report::human(outcome, manner, streams.out)?;
        }
        Format::Short => report::short(outcome, args.verbose, streams.out)?,
        Format::Json => report::json(outcome, &paths::shown(tree.root()), streams.out)?,
    }
    streams.out.flush()
}

fn status(outcome: &Outcome) -> Status {
    for error in &outcome.internal_errors {
        complain(&format!("internal: {error}"));
    }
    let denied = |finding: &crate::diagnostic::Diagnostic| finding.level == Level::Deny;
    if !outcome.internal_errors.is_empty() {
        Status::Failed
    } else if outcome.findings.iter().any(denied) {
        Status::Findings
    } else {
        Status::Clean
    }
}
