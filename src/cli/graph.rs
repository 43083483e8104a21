// SPDX-License-Identifier: MIT OR Apache-2.0
//! `graph`: draws what is around a symbol.

use super::args::{GraphArgs, GraphFormat};
use super::run::{self, Tree};
use super::{Status, Streams, unless_closed};
use crate::report;

/// Runs `graph`.
///
/// # Errors
/// When the run itself fails, or there is no such symbol.
pub(super) fn graph(args: &GraphArgs, streams: &mut Streams<'_>) -> anyhow::Result<Status> {
    let tree = Tree::open(std::slice::from_ref(&args.path), &args.tree)?;
    let picture = run::neighbourhood(&tree, &args.tree, &args.symbol, args.depth)?;
    let written = match args.format {
        GraphFormat::Dot => report::dot(&picture, streams.out),
        GraphFormat::Mermaid => report::mermaid(&picture, streams.out),
    };
    unless_closed(written.and_then(|()| streams.out.flush()))?;
    Ok(Status::Clean)
}
