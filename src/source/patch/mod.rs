// SPDX-License-Identifier: MIT OR Apache-2.0
//! Patches and series of patches: read from mails or plain diffs, and applied in memory.
//!
//! A patch applies as `git apply` applies it: a hunk may have moved, but its lines have to be there
//! exactly as it says. What is no diff (the text of a mail, a signature) is passed over.

mod apply;
mod diff;
mod mail;

pub use apply::{Conflict, apply};
pub use diff::{FileDiff, Hunk, Line, Side};

use std::fmt;

/// Patches in the order in which they apply.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Series {
    /// The patches that change something. A cover letter is none.
    pub patches: Vec<Patch>,
    /// The commit on which they apply, if a mail says so (`base-commit:`).
    pub base: Option<String>,
}

/// One patch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Patch {
    /// The name of the commit, as `git format-patch` writes it.
    pub commit: Option<String>,
    /// The subject without its marks (`[PATCH 1/2]`); empty where there is none.
    pub subject: String,
    /// What it does to each file.
    pub files: Vec<FileDiff>,
}

/// Why a text is no patch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PatchError {
    /// The line, from 1.
    pub line: u32,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for PatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.message)
    }
}

impl std::error::Error for PatchError {}

impl Series {
    /// Reads a diff, a mail with one, or an mbox of mails.
    ///
    /// # Errors
    /// When a diff in it is broken. A text without any diff is an empty series.
    pub fn parse(text: &[u8]) -> Result<Series, PatchError> {
        let mut series = Series::default();
        for mail in mail::split(text) {
            let files = diff::parse(&mail.body, mail.first_line)?;
            if series.base.is_none() {
                series.base = mail.base();
            }
            if !files.is_empty() {
                series.patches.push(Patch {
                    commit: mail.commit,
                    subject: mail.subject,
                    files,
                });
            }
        }
        Ok(series)
    }
}

impl Patch {
    /// The patch that takes this one back.
    pub fn reversed(&self) -> Patch {
        Patch {
            files: self.files.iter().rev().map(FileDiff::reversed).collect(),
            ..self.clone()
        }
    }
}
