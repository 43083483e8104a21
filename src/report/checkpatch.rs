// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lines as `checkpatch.pl --terse --show-types` writes them, for tools that read those.

use std::io::{self, Write};

use super::place::place;
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
        let own = match &finding.primary {
            Some(label) => {
                let place = place(&outcome.files, label.span);
                (place.path, place.line)
            }
            None => (outcome.project.root_file.clone(), 1),
        };
        let patch = finding.change.as_ref().and_then(|it| it.patch.clone());
        let (path, line) = patch.clone().unwrap_or_else(|| own.clone());
        let message = safe::line(&finding.message);
        write!(
            out,
            "{}:{line}: {level}:{kind}: {message}",
            safe::path(&path)
        )?;
        match patch {
            Some(_) => writeln!(out, " ({}:{})", safe::path(&own.0), own.1)?,
            None => writeln!(out)?,
        }
    }
    Ok(())
}
