// SPDX-License-Identifier: MIT OR Apache-2.0
//! `--witness DIR` and `--confirm`: writes the witness of each finding, and has the tree's own
//! conf judge it.
//!
//! Files are written outside of the tree only.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::args::CheckArgs;
use super::progress::Progress;
use super::run::{self, Tree};
use crate::diagnostic::Confirmation;
use crate::report::witness as text;
use crate::session::{self, Conf, Options, Outcome, Rewriter};
use crate::system::{temporary_folder, undisturbed};

/// The folder that takes the witnesses.
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// The folder that was asked for, before anything is done for it.
    ///
    /// # Errors
    /// When it lies in the tree, or is no folder.
    pub(super) fn new(wanted: &Path, tree: &Path) -> anyhow::Result<Folder> {
        let shown = wanted.display().to_string();
        let path = future(wanted).with_context(|| shown.clone())?;
        let root = fs::canonicalize(tree).with_context(|| tree.display().to_string())?;
        if path.starts_with(&root) {
            bail!("{shown} lies in the tree, and nothing is written there: name a folder outside");
        }
        if path.exists() && !path.is_dir() {
            bail!("{shown} is no folder");
        }
        Ok(Folder { path })
    }

    /// Writes the files of one witness, all of them or none. Files of an earlier run go.
    fn write(&self, name: &str, files: &[(&'static str, String)]) -> anyhow::Result<()> {
        let place = self.path.join(name);
        let said = || place.display().to_string();
        refuse_foreign(&place)?;
        fs::create_dir_all(&self.path).with_context(|| self.path.display().to_string())?;
        undisturbed(|| {
            let aside = temporary_folder(&self.path).with_context(said)?;
            let (new, old) = (aside.path().join("new"), aside.path().join("old"));
            fs::create_dir(&new).with_context(said)?;
            for (file, content) in files {
                fs::write(new.join(file), content).with_context(said)?;
            }
            if place.exists() {
                fs::rename(&place, &old).with_context(said)?;
            }
            let renamed = fs::rename(&new, &place);
            if renamed.is_err() && old.exists() {
                fs::rename(&old, &place).with_context(said)?;
            }
            renamed.with_context(said)
        })
    }
}

/// Where a path leads, of which the end need not exist yet.
fn future(path: &Path) -> io::Result<PathBuf> {
    let mut missing = Vec::new();
    let mut known = std::path::absolute(path)?;
    loop {
        match fs::canonicalize(&known) {
            Ok(mut place) => {
                place.extend(missing.iter().rev());
                return Ok(place);
            }
            // A link to nowhere would be followed when the folder is made.
            Err(error)
                if error.kind() == io::ErrorKind::NotFound
                    && fs::symlink_metadata(&known).is_err() =>
            {
                let Some(name) = known.file_name().map(std::ffi::OsStr::to_owned) else {
                    return Err(error);
                };
                missing.push(name);
                known.pop();
            }
            Err(error) => return Err(error),
        }
    }
}

/// Nothing is replaced that an earlier run did not write.
fn refuse_foreign(place: &Path) -> anyhow::Result<()> {
    let known = [
        text::INSTRUCTIONS,
        text::FRAGMENT,
        text::FULL,
        text::TOOLCHAIN,
    ];
    let foreign = || {
        format!(
            "{} is there already and was not written by kconfig-lint: move it, or name another \
             folder",
            place.display()
        )
    };
    match fs::symlink_metadata(place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Ok(meta) if meta.is_dir() => {}
        _ => bail!(foreign()),
    }
    for entry in fs::read_dir(place).with_context(foreign)? {
        let name = entry.with_context(foreign)?.file_name();
        if !known.iter().any(|known| name == *known) {
            bail!(foreign());
        }
    }
    let marked = fs::read_to_string(place.join(text::INSTRUCTIONS))
        .is_ok_and(|text| text.starts_with(text::MARK));
    if !marked {
        bail!(foreign());
    }
    Ok(())
}

/// Writes and confirms the witnesses of an outcome, as far as the arguments want it. A witness
/// that conf does not confirm becomes an internal error.
///
/// # Errors
/// When conf cannot be built, or a file cannot be written.
pub(super) fn witnesses(
    outcome: &mut Outcome,
    tree: &Tree,
    args: &CheckArgs,
    folder: Option<&Folder>,
    options: &Options,
) -> anyhow::Result<()> {
    let some = outcome.findings.iter().any(|it| it.witness.is_some());
    if !some || folder.is_none() && !args.confirm {
        return Ok(());
    }
    let names = text::folders(outcome);
    let total = outcome.findings.len();
    let progress = Progress::new(args.shows_progress());
    let conf = match args.confirm {
        true => Some(Conf::build(tree.root(), tree.project().kind)?),
        false => None,
    };
    let mut rewriter = Rewriter::new(outcome, options);
    let mut failures = Vec::new();
    for (at, finding) in outcome.findings.iter_mut().enumerate() {
        progress.step(at, total, "witnesses");
        let written = match rewriter.write(finding) {
            Ok(Some(written)) => written,
            Ok(None) => continue,
            Err(why) => {
                failures.push(format!("{}: {why}", finding.message));
                if args.confirm {
                    finding.confirmation = Some(Confirmation::NotConfirmed(why));
                }
                continue;
            }
        };
        if let Some(conf) = &conf {
            let said = session::confirm(conf, &outcome.project.root_file, finding, &written);
            if let Confirmation::NotConfirmed(why) = &said {
                let on = session::on(finding.witness.as_ref());
                failures.push(format!("{}{on}: not confirmed: {why}", finding.message));
            }
            finding.confirmation = Some(said);
        }
        if let Some(folder) = folder {
            let place = folder.path.join(&names[at]);
            let files = text::files(
                finding,
                &written,
                (outcome.project.kind, &outcome.project.root_file),
                &place,
            );
            folder.write(&names[at], &files)?;
        }
    }
    drop(progress);
    if let Some(conf) = &conf {
        run::tell_changed(&conf.changed());
    }
    outcome.internal_errors.append(&mut failures);
    if args.confirm && !args.quiet {
        report_confirmation(outcome);
    }
    Ok(())
}

/// How many of the findings conf confirms, on standard error.
fn report_confirmation(outcome: &Outcome) {
    let asked = outcome
        .findings
        .iter()
        .filter_map(|it| it.confirmation.as_ref());
    let (mut confirmed, mut all) = (0, 0);
    for confirmation in asked {
        match confirmation {
            Confirmation::Confirmed => (confirmed, all) = (confirmed + 1, all + 1),
            Confirmation::NotConfirmed(_) => all += 1,
            Confirmation::NotAsked(_) => {}
        }
    }
    let program = outcome.project.kind.dialect().tool.name();
    super::say(&format!("{program} confirms {confirmed} of {all} findings"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(text: &str) -> Vec<(&'static str, String)> {
        vec![
            (text::INSTRUCTIONS, format!("{}\n{text}", text::MARK)),
            (text::FRAGMENT, text.to_owned()),
        ]
    }

    #[test]
    fn nothing_is_written_into_the_tree() {
        let tree = tempfile::tempdir().expect("a folder");
        let other = tempfile::tempdir().expect("a folder");
        let inside = tree.path().join("a/b/out");
        assert!(Folder::new(&inside, tree.path()).is_err());
        assert!(Folder::new(tree.path(), tree.path()).is_err());
        assert!(Folder::new(&other.path().join("out"), tree.path()).is_ok());
        #[cfg(unix)]
        {
            let link = other.path().join("link");
            std::os::unix::fs::symlink(tree.path(), &link).expect("a link");
            assert!(Folder::new(&link.join("out"), tree.path()).is_err());
            let nowhere = other.path().join("nowhere");
            std::os::unix::fs::symlink(tree.path().join("none"), &nowhere).expect("a link");
            assert!(Folder::new(&nowhere, tree.path()).is_err());
        }
    }

    #[test]
    fn our_own_output_is_replaced_and_nothing_else() {
        let tree = tempfile::tempdir().expect("a folder");
        let out = tempfile::tempdir().expect("a folder");
        let folder = Folder::new(&out.path().join("deep/out"), tree.path()).expect("outside");
        let mut three = files("one");
        three.push((text::TOOLCHAIN, "{}".to_owned()));
        folder.write("A", &three).expect("written");
        folder.write("A", &files("two")).expect("written again");
        let place = folder.path.join("A");
        let text = fs::read_to_string(place.join(text::FRAGMENT)).expect("a file");
        assert_eq!(text, "two");
        assert!(
            !place.join(text::TOOLCHAIN).exists(),
            "it is of another run"
        );

        fs::write(place.join("notes"), "mine").expect("a file");
        let error = folder.write("A", &files("three")).expect_err("foreign");
        assert!(error.to_string().contains("not written by"), "{error}");
        assert!(place.join("notes").exists());
        fs::write(folder.path.join("B"), "mine").expect("a file");
        folder.write("B", &files("x")).expect_err("a file");
        fs::create_dir(folder.path.join("C")).expect("a folder");
        fs::write(folder.path.join("C").join(text::FRAGMENT), "mine").expect("a file");
        folder.write("C", &files("x")).expect_err("no mark");
    }
}
