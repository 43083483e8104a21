// SPDX-License-Identifier: MIT OR Apache-2.0
//! `format`: applies the fixes of the group `style`, and of nothing else.
//!
//! It is `check --fix` with other levels: which fix may stay is decided there.

use super::apply;
use super::args::{ApplyArgs, CheckArgs, FormatArgs};
use super::levels::LevelArgs;
use super::{Status, Streams, check, unless_closed};
use crate::config::Selector;
use crate::diagnostic::Level;
use crate::rules::{Group, RULES};

/// Runs `format`.
///
/// # Errors
/// When the run itself fails; the status is then 2.
pub(super) fn format(args: &FormatArgs, streams: &mut Streams<'_>) -> anyhow::Result<Status> {
    let levels = LevelArgs {
        words: words(args),
        preset: args.levels.preset,
        first: vec![(Selector::Group(Group::Style), Level::Warn)],
    };
    let args = CheckArgs {
        paths: args.paths.clone(),
        levels,
        fix: ApplyArgs {
            fix: true,
            diff: args.diff,
            ..ApplyArgs::default()
        },
        quiet: args.quiet,
        verbose: args.verbose,
        progress: args.progress,
        tree: args.tree.clone(),
        ..CheckArgs::default()
    };
    let (outcome, patch) = check::fixed(&args, streams)?;
    match patch {
        Some(patch) if !patch.is_empty() => {
            unless_closed(apply::print(&outcome, &patch, &args, streams))?;
            Ok(Status::Findings)
        }
        _ => Ok(Status::Clean),
    }
}

/// The levels after those of the settings: nothing but rules of style that can be fixed.
fn words(args: &FormatArgs) -> Vec<(Selector, Level)> {
    let others = Group::ALL.into_iter().filter(|it| *it != Group::Style);
    let others = others.map(|group| (Selector::Group(group), Level::Allow));
    let own = args.levels.words.iter().copied();
    let rest = RULES
        .iter()
        .filter(|rule| rule.group != Group::Style || !rule.fixable);
    let rest = rest.map(|rule| (Selector::Rule(rule), Level::Allow));
    others.chain(own).chain(rest).collect()
}
