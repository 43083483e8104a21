// SPDX-License-Identifier: MIT OR Apache-2.0
//! Places as a report names them: a path with lines and columns.

use crate::diagnostic::Diagnostic;
use crate::session::Outcome;
use crate::source::{Files, Span};

/// A span in the words of a report.
pub(super) struct Place {
    /// The path in the tree, as it is there.
    pub(super) path: String,
    /// First line, from 1.
    pub(super) line: u32,
    /// First column in bytes, from 1.
    pub(super) column: u32,
    /// The line of the first byte past the span.
    pub(super) end_line: u32,
    /// The column of the first byte past the span.
    pub(super) end_column: u32,
}

/// The place of a span.
pub(super) fn place(files: &Files, span: Span) -> Place {
    let file = files.get(span.file);
    let start = file.position(span.start);
    let end = file.position(span.end);
    Place {
        path: file.path().to_owned(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}

/// The place of a finding; one about the tree as a whole stands at the start of its root file.
pub(super) fn of_finding(finding: &Diagnostic, outcome: &Outcome) -> Place {
    match &finding.primary {
        Some(label) => place(&outcome.files, label.span),
        None => Place {
            path: outcome.project.root_file.clone(),
            line: 1,
            column: 1,
            end_line: 1,
            end_column: 1,
        },
    }
}
