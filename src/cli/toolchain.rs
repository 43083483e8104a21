// SPDX-License-Identifier: MIT OR Apache-2.0
//! `toolchain`: runs the commands of a tree on this machine and records what they print.

use super::args::ToolchainArgs;
use super::progress::Progress;
use super::run::{self, Tree};
use super::{Status, Streams, unless_closed};
use crate::report;

/// Runs `toolchain`.
///
/// # Errors
/// When the run itself fails.
pub(super) fn toolchain(args: &ToolchainArgs, streams: &mut Streams<'_>) -> anyhow::Result<Status> {
    let tree = Tree::open(std::slice::from_ref(&args.path), &args.tree)?;
    let progress = Progress::new(args.progress == super::args::Progress::Auto && !args.quiet);
    let probed = run::probe(&tree, &args.tree, &progress)?;
    drop(progress);
    run::tell(&probed, args.verbose, args.quiet);
    let written = report::answers(&probed.toolchain.answers, streams.out);
    unless_closed(written.and_then(|()| streams.out.flush()))?;
    Ok(Status::Clean)
}
