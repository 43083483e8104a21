// SPDX-License-Identifier: MIT OR Apache-2.0
//! Fixes that are tried in one tree, made of the tree as it is, against the same fixes, each tried alone
//! in a tree that is read anew.

use kconfig_lint::fix::{Budget, Effort, Prover};
use kconfig_lint::session::{self, Options};

use crate::library::Library;
use crate::merged::{options, several, shown, some_policy};
use crate::small_trees::number;
use crate::trees;

/// Fixes of several findings are tried in one tree where they have nothing to do with each other, and
/// where a fix changes dependencies and selects only, nothing else of the tree is read again: what is said
/// of each has to be what is said when it is tried alone in a tree that is read anew.
#[test]
fn fixes_that_are_proved_together_are_what_they_are_alone() {
    let count = number("KCONFIG_LINT_MERGED_TREES").unwrap_or(240);
    let first = number("KCONFIG_LINT_MERGED_SEED").unwrap_or(1);
    for tree in [trees::newest(), trees::latest()] {
        let like = Library::new(&tree);
        let (mut trees, mut fixes, mut made, mut rewritten) = (0, 0, [0; 2], 0);
        for seed in first..first + count {
            let library = several(&like, seed);
            let policy = some_policy();
            let options = Options {
                policies: [policy].into_iter().filter(|_| seed % 2 == 0).collect(),
                ..options(&library.project.architectures)
            };
            let files = library.loader.files().clone();
            let run = || session::run(&library.project, files.clone(), &options, &|_, _, _| {});
            let (mut together, mut alone) = (run().expect("a run"), run().expect("a run"));
            let nothing = |_: usize, _: usize, _: &str| {};
            let base = together.base.take().expect("what a run leaves behind");
            let mut prover = Prover::new(&base, &library.project, &options, Effort::All);
            let prover = prover.as_mut().expect("a prover");
            let budget = &mut Budget::UNLIMITED.clone();
            let proved = prover.prove(together.findings.iter_mut(), budget, &nothing);
            proved.expect("proofs");
            made[0] += prover.trees();
            rewritten += prover.rewritten();
            let base = alone.base.take().expect("what a run leaves behind");
            for finding in &mut alone.findings {
                let prover = Prover::new(&base, &library.project, &options, Effort::All);
                let mut prover = prover.expect("a prover").reading_anew();
                let budget = &mut Budget::UNLIMITED.clone();
                let proved = prover.prove(std::iter::once(finding), budget, &nothing);
                proved.expect("proofs");
                assert_eq!(prover.rewritten(), 0, "a tree was not read anew");
                made[1] += prover.trees();
            }
            trees += usize::from(
                together
                    .findings
                    .iter()
                    .filter(|it| !it.fixes.is_empty())
                    .count()
                    > 1,
            );
            for (together, alone) in together.findings.iter().zip(&alone.findings) {
                fixes += together.fixes.len() + together.rejected.len();
                let words = format!(
                    "{}, seed {seed}: {}{}",
                    tree.name,
                    alone.message,
                    shown(&library)
                );
                assert_eq!(together.message, alone.message, "{words}");
                assert_eq!(together.fixes, alone.fixes, "{words}");
                assert_eq!(together.rejected, alone.rejected, "{words}");
            }
        }
        println!(
            "{}: {trees} trees with several findings, {fixes} fixes, tried in {made:?} changed trees, \
             {rewritten} of them not read anew",
            tree.name
        );
        assert!(trees * 10 > count as usize, "{trees}");
        assert!(made[0] < made[1], "nothing was tried together: {made:?}");
        assert!(rewritten * 10 > made[0], "{rewritten} of {made:?}");
    }
}
