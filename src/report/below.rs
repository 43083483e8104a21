// SPDX-License-Identifier: MIT OR Apache-2.0
//! Outcomes whose paths start at a folder around the tree, and several of them in one.
//!
//! Services that show findings beside the code take paths from the top of the repository. The tree
//! may lie deeper.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diagnostic::{Change, Diagnostic};
use crate::rules::unused_suppression;
use crate::session::Outcome;
use crate::source::{FileId, Files, SourceFile, WorkTree, normalize_up};

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
        unite(&mut whole, part);
    }
    Some(whole)
}

/// Puts the outcomes of trees together that may have files in common, each with the name of its root and
/// the folder of its tree; `None` when there is none. A finding that several have at one place is one, and says
/// which roots have it where some do not.
pub fn united(parts: Vec<(String, String, Outcome)>) -> Option<Outcome> {
    let files = Arc::new(Files::new(WorkTree::new("")));
    let count = parts.len();
    let mut found: BTreeMap<_, (Diagnostic, Vec<String>)> = BTreeMap::new();
    let mut whole: Option<Outcome> = None;
    let mut read = Vec::new();
    for (name, folder, part) in parts {
        let mut part = moved(part, &folder, files.clone());
        for finding in std::mem::take(&mut part.findings) {
            let key = (
                place(&finding, &files),
                finding.rule,
                finding.fingerprint.clone(),
                // A finding may come and go in a series.
                finding.change.as_ref().map(Change::words),
            );
            let known = found.entry(key).or_insert((finding, Vec::new()));
            known.1.push(name.clone());
        }
        read.push(part.reading.files.clone());
        match &mut whole {
            None => whole = Some(part),
            Some(whole) => unite(whole, part),
        }
    }
    let mut whole = whole?;
    let findings = found
        .into_iter()
        .filter_map(|((place, rule, ..), (mut it, roots))| {
            let readers = read.iter().filter(|files| files.contains(&place.0)).count();
            // A comment that one tree does not need is used in another.
            if rule == unused_suppression::RULE.name && roots.len() < readers {
                return None;
            }
            if roots.len() < count {
                let all = roots.len();
                it.notes.push(format!(
                    "root: {} ({all} of {count} roots)",
                    roots.join(", ")
                ));
            }
            Some(it)
        });
    whole.findings = findings.collect();
    whole.counts.files = read.into_iter().flatten().collect::<BTreeSet<_>>().len();
    Some(whole)
}

/// The path of a finding and where in it the finding is.
fn place(finding: &Diagnostic, files: &Files) -> (String, u32) {
    let span = finding.primary.as_ref().map(|label| label.span);
    span.map_or_else(Default::default, |span| {
        (files.get(span.file).path().to_owned(), span.start)
    })
}

/// Adds all of an outcome but its findings.
fn unite(whole: &mut Outcome, mut part: Outcome) {
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
    whole.architectures.sort();
    whole.architectures.dedup();
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
    // What lies beside the tree lies below the other folder.
    let name = |path: &str| {
        let path = format!("{prefix}{path}");
        normalize_up(&path).unwrap_or(path)
    };
    let mut known: BTreeMap<FileId, FileId> = BTreeMap::new();
    let old = outcome.files.clone();
    let mut of = |id: FileId| {
        *known.entry(id).or_insert_with(|| {
            let file = old.get(id);
            files.add_version(&Arc::new(SourceFile::new(name(file.path()), file.text())))
        })
    };
    for finding in outcome.findings.iter_mut().chain(&mut outcome.remarks) {
        finding.move_files(&mut of);
    }
    outcome.reading.rename(name);
    outcome.project.root_file = format!("{prefix}{}", outcome.project.root_file);
    // These have places in files that are not taken over.
    outcome.comments = Vec::new();
    outcome.base = None;
    outcome.files = files;
    outcome
}
