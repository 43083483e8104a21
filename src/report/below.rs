// SPDX-License-Identifier: MIT OR Apache-2.0
//! Outcomes whose paths start at a folder around the tree, and several of them in one.
//!
//! Services that show findings beside the code take paths from the top of the repository. The tree
//! may lie deeper.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::session::Outcome;
use crate::source::{FileId, Files, SourceFile, WorkTree};

/// Puts the outcomes of several trees together, each with the folder of its tree; `None` when there
/// is none. Kind and architectures are those of the first.
pub fn joined(parts: Vec<(String, Outcome)>) -> Option<Outcome> {
    let mut parts = parts.into_iter();
    let (folder, first) = parts.next()?;
    let mut whole = below(first, &folder);
    for (folder, part) in parts {
        let files = whole.files.clone();
        let mut part = moved(part, &folder, files);
        whole.findings.append(&mut part.findings);
        whole.remarks.append(&mut part.remarks);
        whole.internal_errors.append(&mut part.internal_errors);
        whole.complete &= part.complete;
        whole.objections.append(&mut part.objections);
        whole.reading.add(&part.reading);
        whole.counts.files += part.counts.files;
        whole.counts.symbols += part.counts.symbols;
        whole.counts.selects += part.counts.selects;
        let (own, other) = (&mut whole.counts.suppressed, part.counts.suppressed);
        own.comments += other.comments;
        own.settings += other.settings;
        own.baseline += other.baseline;
        whole.architectures.append(&mut part.architectures);
    }
    whole.architectures.sort();
    whole.architectures.dedup();
    Some(whole)
}

/// The outcome with paths that start at a folder around the tree, in which the tree is `folder`.
pub fn below(outcome: Outcome, folder: &str) -> Outcome {
    match folder {
        "" => outcome,
        // Nothing is read through it.
        folder => moved(outcome, folder, Arc::new(Files::new(WorkTree::new("")))),
    }
}

fn moved(mut outcome: Outcome, folder: &str, files: Arc<Files>) -> Outcome {
    let prefix = match folder {
        "" => String::new(),
        folder => format!("{}/", folder.trim_end_matches('/')),
    };
    let mut known: BTreeMap<FileId, FileId> = BTreeMap::new();
    let old = outcome.files.clone();
    let mut of = |id: FileId| {
        *known.entry(id).or_insert_with(|| {
            let file = old.get(id);
            let path = format!("{prefix}{}", file.path());
            files.add_version(&Arc::new(SourceFile::new(path, file.text())))
        })
    };
    for finding in outcome.findings.iter_mut().chain(&mut outcome.remarks) {
        finding.move_files(&mut of);
    }
    outcome.project.root_file = format!("{prefix}{}", outcome.project.root_file);
    // These have places in files that are not taken over.
    outcome.comments = Vec::new();
    outcome.base = None;
    outcome.files = files;
    outcome
}
