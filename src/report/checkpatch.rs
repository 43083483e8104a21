// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lines as `checkpatch.pl --terse --show-types` writes them, for tools that read those.

use std::io::{self, Write};

use super::place::of_finding;
use super::safe;
use crate::diagnostic::Level;
use crate::session::Outcome;

/// Writes the findings. Where a patch brings one, its line in the patch is the place, and the file
/// follows.
///
/// # Errors
/// When `out` does not take it.
pub fn render(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    for finding in &outcome.findings {
        let level = match finding.level {
            Level::Deny => "ERROR",
            Level::Warn => "WARNING",
            Level::Allow => "CHECK",
        };
        let kind = finding.rule.to_ascii_uppercase().replace('-', "_");
        let own = of_finding(finding, outcome);
        let own = (own.path, own.line);
        let patch = finding.change.as_ref().and_then(|it| it.patch.as_ref());
        let (path, line) = patch.unwrap_or(&own);
        let message = safe::line(&finding.message);
        write!(
            out,
            "{}:{line}: {level}:{kind}: {message}",
            safe::path(path)
        )?;
        match patch {
            Some(_) => writeln!(out, " ({}:{})", safe::path(&own.0), own.1)?,
            None => writeln!(out)?,
        }
    }
    Ok(())
}
