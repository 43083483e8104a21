// SPDX-License-Identifier: MIT OR Apache-2.0
//! `--fix`, `--fix-unsafe` and `--diff`: has the fixes of what is shown applied, and says on
//! standard error what was done.
//!
//! What a fix is and whether it may stay is decided in `fix/`, and the files are written there.

use std::io;

use super::args::CheckArgs;
use super::progress::Progress;
use super::run::Tree;
use super::{Streams, say};
use crate::diagnostic::Applicability;
use crate::fix::{self, Changed, Fixed, Judged};
use crate::report::{self, count};
use crate::session::Outcome;
use crate::source::Overlay;

/// Judges a changed tree as the tree itself was judged.
type Again<'a> = dyn Fn(Overlay, &Progress) -> anyhow::Result<Judged> + 'a;

/// Proves the fixes of what was found.
type Prove<'a> = dyn Fn(&mut Outcome) -> anyhow::Result<()> + 'a;

/// Applies the proved fixes of what was judged, as far as the arguments want it: the outcome to report,
/// and with `--diff` the files that would change.
///
/// # Errors
/// When a changed tree cannot be judged, or a file cannot be written.
pub(super) fn apply(
    judged: Judged,
    tree: &Tree,
    args: &CheckArgs,
    again: &Again<'_>,
    prove: &Prove<'_>,
) -> anyhow::Result<(Outcome, Option<Vec<Changed>>)> {
    let Some(threshold) = args.fix.threshold() else {
        return Ok((judged.outcome, None));
    };
    let tell = |words: &str| {
        if !args.quiet {
            say(words);
        }
    };
    if !judged.outcome.internal_errors.is_empty() {
        tell("nothing is fixed: the analysis failed in itself");
        let patch = args.fix.diff.then(Vec::new);
        return Ok((judged.outcome, patch));
    }
    if let Some(narrowed) = narrowed(&judged.outcome) {
        tell(&narrowed);
    }
    let progress = Progress::new(args.shows_progress());
    let mut judge = |changed| again(changed, &progress);
    let fixed = fix::fix(tree.reader(), &judged, threshold, &mut judge, prove)?;
    drop(progress);

    let changed = fix::as_files(tree.root(), &fixed.changed)?;
    if !args.fix.diff {
        fix::write(tree.root(), &changed)?;
    }
    let remaining = fixed.remaining.as_ref().unwrap_or(&judged);
    for line in summary(&fixed, &changed, remaining, threshold, args) {
        tell(&line);
    }
    if args.fix.diff {
        return Ok((judged.outcome, Some(changed)));
    }
    Ok((fixed.remaining.unwrap_or(judged).outcome, None))
}

/// Writes the diff, and what was found to standard error. Where a person reads the diff, it is made
/// harmless for the terminal or the log.
///
/// # Errors
/// When standard output does not take it.
pub(super) fn print(
    outcome: &Outcome,
    patch: &[Changed],
    args: &CheckArgs,
    streams: &mut Streams<'_>,
) -> io::Result<()> {
    if !args.quiet {
        say(&report::totals(outcome));
    }
    let mut diff = Vec::new();
    fix::unified(patch, &mut diff)?;
    if streams.is_read() {
        let shown = report::safe::diff(&diff);
        if shown.as_bytes() != diff {
            say(
                "warning: this diff shows odd characters as ? or \u{fffd}: for a patch, write it to a file",
            );
        }
        diff = shown.into_bytes();
    }
    streams.out.write_all(&diff)?;
    streams.out.flush()
}

/// That fixes are judged on some architectures only.
fn narrowed(outcome: &Outcome) -> Option<String> {
    let judged = &outcome.architectures;
    let mut all = outcome.project.architectures.iter();
    let is_part = all.any(|known| !known.name.is_empty() && !judged.contains(&known.name));
    is_part.then(|| {
        format!(
            "warning: fixes are judged on {} only, and may do harm elsewhere",
            judged.join(", ")
        )
    })
}

/// What was done, a line each.
fn summary(
    fixed: &Fixed,
    changed: &[Changed],
    remaining: &Judged,
    threshold: Applicability,
    args: &CheckArgs,
) -> Vec<String> {
    let (did, done) = match args.fix.diff {
        true => ("would fix", "would apply"),
        false => ("fixed", "applied"),
    };
    let mut lines = Vec::new();
    for fix in fixed.applied.iter().filter(|_| args.verbose) {
        lines.push(format!("{did} {fix}"));
    }
    for (fix, reason) in &fixed.left_out {
        lines.push(format!("left out {fix}: {reason}"));
    }
    if fixed.unfinished {
        let words = "warning: fixing takes too many rounds, so it ends here; run again for more";
        lines.push(words.to_owned());
    }
    let fixes = match fixed.applied.len() {
        1 => "1 fix".to_owned(),
        some => format!("{some} fixes"),
    };
    lines.push(format!(
        "{done} {fixes} in {}",
        count(changed.len(), "file")
    ));
    // The hook judged the index, and that still holds the old text.
    if args.source.staged && !args.fix.diff && !changed.is_empty() {
        lines.push("now `git add` and commit again".to_owned());
    }
    if threshold == Applicability::MachineApplicable {
        let weaker = remaining.fixable(Applicability::MaybeIncorrect);
        if weaker > 0 {
            let findings = count(weaker, "finding");
            lines.push(format!(
                "--fix-unsafe also applies what a person should look at, for {findings} more"
            ));
        }
    }
    lines
}
