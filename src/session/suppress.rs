// SPDX-License-Identifier: MIT OR Apache-2.0
//! Suppressions applied to an outcome.
//!
//! A run finds everything; what of it is suppressed is a matter of its own, so that whoever
//! compares two runs, or proves a fix by one, sees all.

use super::{Outcome, merge};
use crate::config::{self, Known, Levels, View};
use crate::diagnostic::Diagnostic;

impl Outcome {
    /// Takes away the findings that comments in the files, the settings or a baseline suppress,
    /// and adds what there is to say about suppressions. Those that `shown` admits are counted;
    /// where it admits everything, `whole` is true. The findings must have their fingerprints.
    pub fn suppress(
        &mut self,
        levels: &Levels,
        known: &Known<'_>,
        whole: bool,
        shown: &dyn Fn(&Diagnostic) -> bool,
    ) {
        let files = self.files.clone();
        let view = View {
            files: &files,
            levels,
            complete: self.complete && self.internal_errors.is_empty(),
            whole,
        };
        let findings = &mut self.findings;
        self.counts.suppressed = config::suppress(findings, &self.comments, known, &view, shown);
        merge::sort(findings, &files);
    }
}
