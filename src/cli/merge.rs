// SPDX-License-Identifier: MIT OR Apache-2.0
//! `merge`: reports of several runs as one.

use std::fs;
use std::io::{self, Read};

use anyhow::{Context, anyhow};

use super::args::MergeArgs;
use super::{Status, Streams, complain, unless_closed};
use crate::report;

/// Runs `merge`.
///
/// # Errors
/// When a report cannot be read, or is none.
pub(super) fn merge(args: &MergeArgs, streams: &mut Streams<'_>) -> anyhow::Result<Status> {
    let mut reports = Vec::new();
    for path in &args.reports {
        let name = path.display().to_string();
        let text = match name.as_str() {
            "-" => {
                let mut text = Vec::new();
                io::stdin().read_to_end(&mut text).map(|_| text)
            }
            _ => fs::read(path),
        };
        reports.push((name.clone(), text.with_context(|| name)?));
    }
    let merged = report::merge(&reports).map_err(|error| anyhow!(error))?;
    unless_closed(merged.write(streams.out).and_then(|()| streams.out.flush()))?;
    if merged.failed {
        complain("one of the runs failed");
        return Ok(Status::Failed);
    }
    match merged.is_denied() {
        true => Ok(Status::Findings),
        false => Ok(Status::Clean),
    }
}
