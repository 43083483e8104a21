// SPDX-License-Identifier: MIT OR Apache-2.0
//! Paths of the command line that no `source` of the tree reaches. Their Kconfig files are linted
//! alone, each as a root file of its own, and the reports become one.
//!
//! What is no Kconfig file is refused: a report without findings would say that it is clean.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::bail;

use super::paths::{self, Filter};
use super::run::Tree;
use crate::diagnostic::Diagnostic;
use crate::session::{Outcome, Reading};
use crate::source::{Files, ReadError, Reader};
use crate::syntax::ast::EntryKind;
use crate::syntax::{Notation, SyntaxTree};

/// Files that are linted alone in one run.
pub(super) const MAX_FILES: usize = 100;
/// Folders that are searched for such files.
const MAX_FOLDERS: usize = 20_000;

/// Refuses a root file that is no Kconfig file, where the user named it or nothing else is there.
///
/// # Errors
/// When it is none.
pub(super) fn refuse_foreign(tree: &Tree, is_named: bool) -> anyhow::Result<()> {
    let path = tree.root_file();
    match tree.reader().read(path) {
        Ok(bytes) if (is_named || tree.is_alone()) && !is_kconfig(path, &bytes) => {
            bail!("{path} is no Kconfig file")
        }
        // A run says itself what it cannot read.
        _ => Ok(()),
    }
}

/// The Kconfig files under the paths that the tree does not reach, in the order in which they are
/// to be linted: a file that another one sources comes after it.
///
/// # Errors
/// When there is none under a path, or a path is another kind of file.
pub(super) fn unreached(
    tree: &Tree,
    filter: &Filter,
    reading: &Reading,
) -> anyhow::Result<Vec<String>> {
    let mut files = BTreeSet::new();
    for path in filter.unreached(reading) {
        if paths::is_any_under(&reading.elsewhere, path) {
            bail!(
                "{path} is read only on architectures that --arch leaves out, so nothing was judged there"
            );
        }
        match tree.reader().read(path) {
            Ok(bytes) if is_kconfig(path, &bytes) => drop(files.insert(path.to_owned())),
            Ok(_) => bail!("{path} is no Kconfig file: name one, or a folder that has one"),
            Err(error @ (ReadError::TooLarge(_) | ReadError::Outside)) => bail!("{path}: {error}"),
            Err(_) => {
                let found = below(&**tree.reader(), path)?;
                if found.is_empty() {
                    bail!("no Kconfig file lies under {path}, so nothing was looked at");
                }
                files.extend(found);
            }
        }
    }
    let mut files: Vec<String> = files.into_iter().collect();
    files.sort_by_key(|path| {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let depth = folder.split('/').count();
        let is_first = name == "Kconfig" || name == "Config.in";
        (depth, folder.to_owned(), !is_first, name.to_owned())
    });
    Ok(files)
}

/// The files under a folder that have the name of a Kconfig file.
fn below(reader: &dyn Reader, folder: &str) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    let mut folders = 0;
    while let Some(folder) = open.pop() {
        folders += 1;
        if folders > MAX_FOLDERS {
            bail!("too many folders lie under {folder}: name the Kconfig files");
        }
        for name in reader.list(&folder) {
            match name.strip_suffix('/') {
                Some(name) if name.starts_with('.') => {}
                Some(name) => open.push(format!("{folder}/{name}")),
                None if is_name(&name) => found.push(format!("{folder}/{name}")),
                None => {}
            }
        }
    }
    Ok(found)
}

/// Whether a file is Kconfig: it has the name of such a file, or as many of its lines are
/// statements as are not.
fn is_kconfig(path: &str, bytes: &[u8]) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    if bytes.contains(&0) {
        return false;
    }
    if is_name(name) {
        return true;
    }
    let tree = SyntaxTree::parse(bytes, Notation::Kconfig);
    let statements = tree.ast().entries.len() + tree.ast().attributes.len();
    let errors = tree.errors().iter().filter(|error| !error.harmless).count();
    // Assignments are in every Makefile and in every `.config`.
    let is_macro =
        |kind: &EntryKind| matches!(kind, EntryKind::Assignment { .. } | EntryKind::Macro(_));
    let mut entries = tree.ast().entries.iter();
    entries.any(|entry| !is_macro(&entry.kind)) && errors <= statements
}

fn is_name(name: &str) -> bool {
    let rest = ["Kconfig", "Config.in", "Config.src"]
        .iter()
        .find_map(|start| name.strip_prefix(start));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']))
        || name.ends_with(".kconfig")
}

/// Adds what another part of the tree came to. A finding that both have is kept once.
pub(super) fn join(all: &mut Outcome, other: Outcome) {
    let files: &Files = &all.files;
    let known: BTreeSet<String> = all
        .findings
        .iter()
        .map(|it| it.fingerprint.clone())
        .collect();
    let old = other.files;
    let mut ids = BTreeMap::new();
    let mut moved = |mut finding: Diagnostic| {
        finding.move_files(&mut |id| {
            *ids.entry(id)
                .or_insert_with(|| files.add_version(&old.get(id)))
        });
        finding
    };
    let new = other.findings.into_iter();
    let new = new.filter(|it| it.fingerprint.is_empty() || !known.contains(&it.fingerprint));
    let new: Vec<_> = new.map(&mut moved).collect();
    let remarks: Vec<_> = other.remarks.into_iter().map(&mut moved).collect();
    all.findings.extend(new);
    all.remarks.extend(remarks);
    all.findings.sort_by_cached_key(|finding| {
        let place = finding.primary.as_ref().map(|label| label.span);
        place.map(|span| (files.get(span.file).path().to_owned(), span.start))
    });
    all.internal_errors.extend(other.internal_errors);
    all.objections.extend(other.objections);
    all.reading.join(&other.reading);
    all.counts.files = all.reading.files.len();
    all.counts.symbols = all.counts.symbols.max(other.counts.symbols);
    all.counts.selects = all.counts.selects.max(other.counts.selects);
    let (own, others) = (&mut all.counts.suppressed, other.counts.suppressed);
    own.comments += others.comments;
    own.settings += others.settings;
    own.baseline += others.baseline;
    all.complete &= other.complete;
}
