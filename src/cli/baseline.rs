// SPDX-License-Identifier: MIT OR Apache-2.0
//! `--baseline` and `--write-baseline`: the file is read and written here, and only here.
//!
//! It lies where the user says, also in the tree: a project keeps its baseline there.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::paths::Filter;
use super::{paths, say};
use crate::config::{self, Allow, Baseline, Known, Levels, View};
use crate::diagnostic::Diagnostic;
use crate::report;
use crate::session::Outcome;
use crate::source::Files;
use crate::system::replace;

/// The baselines that a command line names.
#[derive(Default)]
pub(super) struct Baselines<'a> {
    /// What is known already, with the file and its text.
    known: Option<(&'a Path, Baseline, Vec<u8>)>,
    /// Where to write what is found.
    written: Option<&'a Path>,
}

impl<'a> Baselines<'a> {
    /// Reads what is known, before the run: it may take long, and a mistake is told at once.
    ///
    /// # Errors
    /// When a file cannot be read or is no baseline.
    pub(super) fn read(
        known: Option<&'a Path>,
        written: Option<&'a Path>,
    ) -> anyhow::Result<Baselines<'a>> {
        if let Some(path) = written {
            refuse_foreign(path)?;
        }
        Ok(Baselines {
            known: known.map(read).transpose()?,
            written,
        })
    }

    /// Writes the new baseline, if one is wanted, with the findings that are shown. What is written
    /// is known from then on, in this run too.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn write(
        &mut self,
        outcome: &Outcome,
        allows: &[Allow],
        levels: &Levels,
        filter: &Filter,
    ) -> anyhow::Result<()> {
        let files = &outcome.files;
        let shown = |finding: &Diagnostic| filter.admits(finding, files);
        if let Some(path) = self.written {
            let known = Known {
                allows,
                settings: files.open(config::file_of(&outcome.project)).ok(),
                baseline: None,
            };
            let found = unsuppressed(outcome, &known, levels, &shown);
            write(path, &found, files)?;
            self.known = Some(read(path)?);
        }
        Ok(())
    }

    /// Leaves the findings that are neither suppressed nor known.
    pub(super) fn suppress(
        &self,
        outcome: &mut Outcome,
        allows: &[Allow],
        levels: &Levels,
        root: &Path,
        filter: &Filter,
    ) {
        let files = outcome.files.clone();
        let shown = |finding: &Diagnostic| filter.admits(finding, &files);
        let mut known = Known {
            allows,
            settings: files.open(config::file_of(&outcome.project)).ok(),
            baseline: None,
        };
        if let Some((path, baseline, text)) = &self.known {
            let file = files.add(&paths::from_folder(root, path), text.as_slice());
            known.baseline = Some((baseline, file));
        }
        outcome.suppress(levels, &known, filter.is_whole(), &shown);
    }
}

/// The findings that neither a comment nor the settings suppress.
fn unsuppressed(
    outcome: &Outcome,
    known: &Known<'_>,
    levels: &Levels,
    shown: &dyn Fn(&Diagnostic) -> bool,
) -> Vec<Diagnostic> {
    let mut findings = outcome.findings.clone();
    let view = View {
        files: &outcome.files,
        levels,
        complete: false,
        whole: false,
    };
    config::suppress(&mut findings, &outcome.comments, known, &view, shown);
    findings.retain(|finding| shown(finding));
    findings
}

fn read(path: &Path) -> anyhow::Result<(&Path, Baseline, Vec<u8>)> {
    let shown = path.display().to_string();
    let bytes = fs::read(path).with_context(|| shown.clone())?;
    let text = std::str::from_utf8(&bytes).with_context(|| shown.clone())?;
    match Baseline::parse(text) {
        Ok(baseline) => Ok((path, baseline, bytes)),
        Err(error) => bail!("{shown}:{error}"),
    }
}

/// Writes the findings as a baseline, all of it or nothing, and says so on standard error.
///
/// # Errors
/// When another file has this name, or it cannot be written.
fn write(path: &Path, findings: &[Diagnostic], files: &Files) -> anyhow::Result<()> {
    let shown = path.display().to_string();
    let place = target(path).with_context(|| shown.clone())?;
    refuse_foreign(&place)?;
    let (text, count) = report::baseline(findings, files);
    let write = |file: &mut File| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    replace(&place, write).with_context(|| shown.clone())?;
    let findings = if count == 1 { "finding" } else { "findings" };
    say(&format!("wrote {count} {findings} to {shown}"));
    Ok(())
}

/// What a path leads to: a link is followed, so that it stays a link.
fn target(path: &Path) -> io::Result<PathBuf> {
    match fs::canonicalize(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => std::path::absolute(path),
        other => other,
    }
}

/// Nothing is replaced that is no baseline.
fn refuse_foreign(place: &Path) -> anyhow::Result<()> {
    let shown = place.display().to_string();
    let is_ours = match fs::metadata(place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).context(shown),
        Ok(meta) => {
            meta.is_file()
                && fs::read_to_string(place).is_ok_and(|text| Baseline::parse(&text).is_ok())
        }
    };
    if !is_ours {
        bail!("{shown} is there already and is no baseline: move it, or name another file");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Level;
    use crate::source::WorkTree;

    #[test]
    fn only_a_baseline_is_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = Files::new(WorkTree::new(folder.path()));
        let path = folder.path().join("known.json");
        let mut finding = Diagnostic::global("policy", Level::Warn, "x".to_owned());
        finding.symbol = Some("A".to_owned());
        write(&path, &[finding], &files).expect("new");
        let (_, read_again, _) = read(&path).expect("a baseline");
        assert_eq!(read_again.entries.len(), 1);
        write(&path, &[], &files).expect("a baseline is replaced");

        let other = folder.path().join("Kconfig");
        fs::write(&other, "config A\n").expect("a file");
        write(&other, &[], &files).expect_err("no baseline");
        assert_eq!(fs::read_to_string(&other).expect("a file"), "config A\n");
        write(folder.path(), &[], &files).expect_err("a folder");
        let left = fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(left, 2, "no file is left over");
    }
}
