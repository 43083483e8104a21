// SPDX-License-Identifier: MIT OR Apache-2.0
//! Proves the fixes of the findings of a report, in the order of the report.
//!
//! The findings may come from several trees: those of a series of changes, and those of one
//! repository. A fix is proved on the tree of its finding.

use std::collections::BTreeSet;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use super::progress::Progress;
use crate::diagnostic::group::{self, Item};
use crate::diagnostic::{Diagnostic, Fix};
use crate::fix::{Budget, Effort, Prover};
use crate::session::{Base, SessionError};
use crate::source::Files;

/// A tree of which a report has findings.
pub(super) struct Origin<'a> {
    /// Where its findings stand in the list of all findings.
    pub(super) findings: Range<usize>,
    /// The folder of the tree in the paths of the report, with `/` at its end unless empty.
    pub(super) folder: String,
    pub(super) analysis: Analysis<'a>,
}

/// The analysis of a tree.
pub(super) enum Analysis<'a> {
    /// What it left behind.
    Kept(Arc<Base>),
    /// How to do it again: memory does not hold all trees of a long series.
    Again(Box<dyn Fn() -> anyhow::Result<Base> + 'a>),
}

/// The proofs of a report.
pub(super) struct Proofs<'a> {
    /// In the order of their findings.
    pub(super) origins: Vec<Origin<'a>>,
    pub(super) effort: Effort,
    pub(super) budget: Budget,
    pub(super) shows_progress: bool,
}

/// What is done with an item of a report before its fixes are proved, or after.
type Show<'s> = dyn FnMut(&[Diagnostic], &Item, State) -> io::Result<()> + 's;

/// Items that are proved together, at most.
const MOST_TOGETHER: usize = 64;

/// How far the proofs of an item are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum State {
    /// They begin now.
    Begun,
    /// Nothing is left to prove.
    Done,
}

impl Proofs<'_> {
    /// Proves the fixes of one item after the other, and has each item shown when its proofs begin
    /// and when they are done. The first comes alone, so that the reader has something to read; later
    /// more and more are proved together, which is less work. The outer error is a failure of a proof,
    /// the inner one that of `show`.
    pub(super) fn each(
        &mut self,
        findings: &mut [Diagnostic],
        files: &Files,
        show: &mut Show<'_>,
    ) -> anyhow::Result<io::Result<()>> {
        let all = group::items(findings);
        let origin = |item: &Item| {
            let mut origins = self.origins.iter();
            origins.position(|it| it.findings.contains(&item.members[0]))
        };
        for items in all.chunk_by(|one, next| origin(one) == origin(next)) {
            let origin = origin(&items[0]).map(|at| &self.origins[at]);
            let mut proved = items.iter().flat_map(Item::proved);
            let is_needed = proved.any(|at| is_open(&findings[at])) && !self.budget.is_spent();
            let needed = origin.filter(|_| is_needed);
            let base = needed.map(|origin| origin.analysis.base()).transpose()?;
            let prover = needed.zip(base.as_ref());
            let prover = prover.map(|(origin, base)| origin.prover(base, files, self.effort));
            let mut prover = prover.transpose()?;
            if let Some(prover) = &mut prover {
                let proved = items.iter().flat_map(Item::proved);
                prover.expect(proved.map(|at| &findings[at]));
            }
            let (mut left, mut size) = (items, 1);
            while !left.is_empty() {
                let is_open = |item: &Item| {
                    prover.is_some() && item.proved().any(|at| is_open(&findings[at]))
                };
                let (now, later) = left.split_at(self.count_together(left, size, &is_open));
                let were_open: Vec<bool> = now.iter().map(is_open).collect();
                if were_open[0] {
                    size = MOST_TOGETHER.min(4 * size);
                    if let Err(error) = show(findings, &now[0], State::Begun) {
                        return Ok(Err(error));
                    }
                }
                // A group may have members of other trees.
                let is_own = |at: &usize| needed.is_none_or(|it| it.findings.contains(at));
                let own = now.iter().flat_map(Item::proved).filter(is_own).collect();
                let effort = self.effort_of(&now[0]);
                prove(
                    prover.as_mut(),
                    effort,
                    findings,
                    &own,
                    &mut self.budget,
                    self.shows_progress,
                )?;
                for (at, item) in now.iter().enumerate() {
                    let begun = were_open[at] && at > 0;
                    let begun = begun.then_some(State::Begun).into_iter();
                    for state in begun.chain([State::Done]) {
                        if let Err(error) = show(findings, item, state) {
                            return Ok(Err(error));
                        }
                    }
                }
                left = later;
            }
        }
        Ok(Ok(()))
    }

    /// How many of the next items are proved together: so many that are open, for which the same effort
    /// is made and the budget lasts, or all before the next that is open.
    fn count_together(
        &self,
        items: &[Item],
        size: usize,
        is_open: &dyn Fn(&Item) -> bool,
    ) -> usize {
        if !is_open(&items[0]) {
            return items.iter().take_while(|item| !is_open(item)).count();
        }
        let effort = self.effort_of(&items[0]);
        let mut room = size.min(self.budget.findings()).max(1);
        let fits = |item: &&Item| {
            let fits = !is_open(item) || room > 0 && self.effort_of(item) == effort;
            room -= usize::from(fits && is_open(item));
            fits
        };
        items.iter().take_while(fits).count()
    }

    /// A group shows the best fix of each member.
    fn effort_of(&self, item: &Item) -> Effort {
        match (&item.cause, self.effort) {
            (Some(_), Effort::Enough(_)) => Effort::Enough(1),
            (_, effort) => effort,
        }
    }

    /// Proves the fixes of all items, those of a tree at once.
    pub(super) fn all(&mut self, findings: &mut [Diagnostic], files: &Files) -> anyhow::Result<()> {
        let items = group::items(findings);
        let proved: BTreeSet<usize> = items.iter().flat_map(Item::proved).collect();
        let progress = Progress::new(self.shows_progress);
        let step = |done: usize, total: usize, what: &str| progress.step(done, total, what);
        for origin in &self.origins {
            let own = findings.iter_mut().enumerate();
            let own = own.filter(|(at, it)| {
                proved.contains(at) && origin.findings.contains(at) && is_open(it)
            });
            let mut own = own.map(|(_, finding)| finding).peekable();
            if own.peek().is_some() {
                let base = origin.analysis.base()?;
                let mut prover = origin.prover(&base, files, self.effort)?;
                prover.prove(own, &mut self.budget, &step)?;
            }
        }
        Ok(())
    }
}

impl<'a> Origin<'a> {
    /// The same where so many other findings come first.
    pub(super) fn after(self, others: usize) -> Origin<'a> {
        let Range { start, end } = self.findings;
        Origin {
            findings: start + others..end + others,
            ..self
        }
    }

    fn prover<'p>(
        &'p self,
        base: &'p Base,
        files: &'p Files,
        effort: Effort,
    ) -> Result<Prover<'p>, SessionError> {
        let prover = Prover::new(base, base.project(), base.options(), effort)?;
        Ok(prover.named(files, &self.folder))
    }
}

impl Analysis<'_> {
    fn base(&self) -> anyhow::Result<Arc<Base>> {
        match self {
            Analysis::Kept(base) => Ok(base.clone()),
            Analysis::Again(analyse) => Ok(Arc::new(analyse()?)),
        }
    }
}

/// Proves the fixes of these findings, or counts those for which the budget did not last.
fn prove(
    prover: Option<&mut Prover<'_>>,
    effort: Effort,
    findings: &mut [Diagnostic],
    own: &BTreeSet<usize>,
    budget: &mut Budget,
    shows_progress: bool,
) -> Result<(), SessionError> {
    let Some(prover) = prover else {
        if budget.is_spent() {
            budget.unfinished += own.iter().filter(|at| is_open(&findings[**at])).count();
        }
        return Ok(());
    };
    let progress = Progress::new(shows_progress);
    let step = |done: usize, total: usize, what: &str| progress.step(done, total, what);
    prover.make(effort);
    let all = findings.iter_mut().enumerate();
    let own = all.filter(|(at, _)| own.contains(at));
    prover.prove(own.map(|(_, it)| it), budget, &step)
}

/// Whether a fix is still to be proved.
fn is_open(finding: &Diagnostic) -> bool {
    finding.fixes.iter().any(Fix::is_candidate)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;
    use std::path::Path;
    use std::process::Command;

    use clap::Parser;

    use super::super::args::{CheckArgs, Cli};
    use super::super::{Streams, check, gate};
    use super::*;
    use crate::report::{self, Manner};

    /// What is written, and how much of it whenever all of it was handed on.
    #[derive(Default)]
    struct Recorder {
        bytes: Vec<u8>,
        flushed: Vec<usize>,
    }

    impl Write for Recorder {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.bytes.extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            self.flushed.push(self.bytes.len());
            Ok(())
        }
    }

    fn git(folder: &Path, arguments: &[&str]) {
        let git = Command::new("git")
            .current_dir(folder)
            .args(["-c", "user.name=N", "-c", "user.email=n@example.org"])
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .status();
        assert!(git.expect("git runs").success(), "git {arguments:?}");
    }

    fn arguments(words: &[&str]) -> CheckArgs {
        let cli = Cli::try_parse_from([&["kconfig-lint"], words].concat());
        cli.expect("arguments").check
    }

    /// So many commits to a tree in this folder of a repository, each of which brings findings.
    fn series(tree: &str, commits: usize) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().join(tree);
        fs::create_dir_all(&root).expect("a folder");
        git(folder.path(), &["init", "-q", "-b", "main"]);
        let mut text = "config MMU\n\tbool \"mmu\"\n\n".to_owned();
        for number in 0..=commits {
            fs::write(root.join("Kconfig"), &text).expect("a file");
            git(folder.path(), &["add", "-A"]);
            git(
                folder.path(),
                &["commit", "-q", "-m", &format!("Step {number}")],
            );
            text.push_str(&format!(
                "config HELP{number}\n\tbool\n\tdepends on MMU\n\n"
            ));
            for driver in ["A", "B"] {
                text.push_str(&format!(
                    "config {driver}{number}\n\tbool \"driver\"\n\tselect HELP{number}\n\n"
                ));
            }
        }
        folder
    }

    /// What `check` writes.
    fn streamed(args: &CheckArgs) -> Recorder {
        let mut out = Recorder::default();
        let mut streams = Streams {
            out: &mut out,
            terminal: false,
            file: true,
        };
        check::check(args, &mut streams).expect("a run");
        out
    }

    /// The same with all proofs before the first byte.
    fn whole(args: &CheckArgs) -> Vec<u8> {
        let gate::Checked::Changed(changed) = gate::check(args, &|_, _, _| Ok(())).expect("a run")
        else {
            panic!("something changes");
        };
        let gate::Changed {
            mut outcome,
            origins,
            ..
        } = *changed;
        let mut proofs = Proofs {
            origins,
            effort: Effort::Enough(report::MOST_FIXES),
            budget: Budget::UNLIMITED,
            shows_progress: false,
        };
        let files = outcome.files.clone();
        proofs.all(&mut outcome.findings, &files).expect("proofs");
        let manner = Manner {
            elsewhere: true,
            ..Manner::default()
        };
        let mut bytes = Vec::new();
        report::human(&outcome, manner, &mut bytes).expect("memory");
        bytes
    }

    #[test]
    fn the_report_of_a_series_is_written_as_its_findings_are_proved() {
        let commits = super::super::gate::MAX_KEPT + 2;
        for tree in [".", "fw"] {
            let folder = series(tree, commits);
            let path = folder.path().to_str().expect("UTF-8");
            let range = format!("main~{commits}..main");
            let args = arguments(&["--format=human", "--range", &range, path]);
            let out = streamed(&args);
            let text = String::from_utf8_lossy(&out.bytes);
            assert_eq!(text, String::from_utf8_lossy(&whole(&args)));
            // Also those of trees that were analysed again.
            assert_eq!(
                text.matches("help: depend on MMU (checked").count(),
                2 * commits
            );
            // Each before its proofs, and what these say of it after them; last the totals.
            let flushed = out.flushed.iter().map(|end| {
                let count = |word| text[..*end].matches(word).count();
                (count("error["), count("help: depend on"))
            });
            let expected = (0..2 * commits).flat_map(|at| [(at + 1, at), (at + 1, at + 1)]);
            let expected = expected.chain([(2 * commits, 2 * commits)]);
            assert_eq!(Vec::from_iter(flushed), Vec::from_iter(expected));
        }
    }
}
