// SPDX-License-Identifier: MIT OR Apache-2.0
//! `why`: how a symbol can be on, or why it never can.

use super::args::{WhyArgs, WhyFormat};
use super::prepared;
use super::run::{self, Tree};
use super::{Status, Streams, complain, paths, unless_closed};
use crate::report;

/// Runs `why`.
///
/// # Errors
/// When the run itself fails, there is no such symbol, or the expression cannot be read.
pub(super) fn why(args: &WhyArgs, streams: &mut Streams<'_>) -> anyhow::Result<Status> {
    let tree = Tree::open(std::slice::from_ref(&args.path), &args.tree)?;
    let effort = prepared::settings(&tree)?.effort;
    let condition = args.condition.as_deref();
    let answer = run::why(&tree, &args.tree, &args.symbol, condition, effort)?;
    let written = match args.format {
        WhyFormat::Human => {
            let colored = args.color.is_wanted();
            report::why(&answer, colored, streams.out)
        }
        WhyFormat::Json => report::why_json(&answer, &paths::shown(tree.root()), streams.out),
    };
    unless_closed(written.and_then(|()| streams.out.flush()))?;
    for error in &answer.internal_errors {
        complain(&format!("internal: {error}"));
    }
    match answer.internal_errors.is_empty() {
        true => Ok(Status::Clean),
        false => Ok(Status::Failed),
    }
}
