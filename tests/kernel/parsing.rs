// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every Kconfig file of every real tree parses without an error, and its tokens are the
//! file, byte for byte.

use std::path::Path;

use kconfig_lint::syntax::{Notation, SyntaxTree};
use rayon::prelude::*;

use crate::trees::{all_linux, files, others};

/// Checks the files below `root` that `wanted` takes; gives their number and what is wrong.
fn check(root: &Path, wanted: fn(&str) -> Option<Notation>) -> (usize, Vec<String>) {
    let all = files(root, |path| wanted(path).is_some());
    let problems = all
        .par_iter()
        .filter_map(|(path, text)| {
            let notation = wanted(path).expect("only those are here");
            problem(text, notation).map(|problem| format!("{path}:{problem}"))
        })
        .collect();
    (all.len(), problems)
}

fn problem(text: &[u8], notation: Notation) -> Option<String> {
    let tree = SyntaxTree::parse(text, notation);
    if let Some(error) = tree.errors().iter().find(|error| !error.harmless) {
        let start = error.range.start as usize;
        let line = 1 + text[..start].iter().filter(|byte| **byte == b'\n').count();
        return Some(format!("{line}: {}", error.message));
    }
    let mut end = 0;
    for token in tree.tokens() {
        if token.range.start != end {
            return Some(format!(" no token for byte {end}"));
        }
        end = token.range.end;
    }
    (end as usize != text.len()).then(|| format!(" no token for byte {end}"))
}

/// Kconfig files of a kernel tree; kconfig's own test cases are wrong on purpose.
fn of_linux(path: &str) -> Option<Notation> {
    let name = path.rsplit('/').next()?;
    let is_test = path.starts_with("scripts/kconfig/tests/");
    let documented = path.starts_with("Documentation/kbuild/");
    (name.starts_with("Kconfig") && !name.ends_with(".py") && !is_test && !documented)
        .then_some(Notation::Kconfig)
}

fn of_others(path: &str) -> Option<Notation> {
    let name = path.rsplit('/').next()?;
    let is_text =
        path.contains("kconfig/tests/") || name.ends_with(".txt") || name.ends_with(".py");
    if (name.starts_with("Kconfig") && !is_text) || name.starts_with("Config.") {
        Some(Notation::Kconfig)
    } else {
        (name.ends_with(".c") && path.starts_with(char::is_lowercase))
            .then_some(Notation::ConfigComments)
    }
}

#[test]
fn every_file_of_the_kernels_parses() {
    for tree in all_linux() {
        let (count, problems) = check(&tree.root, of_linux);
        assert!(count > 1_000, "{}: only {count} files", tree.name);
        assert!(
            problems.is_empty(),
            "{}: {count} files\n{}",
            tree.name,
            problems.join("\n")
        );
    }
}

#[test]
fn every_file_of_the_other_trees_parses() {
    for (name, root) in others() {
        let (count, problems) = check(&root, of_others);
        assert!(count > 5, "{name}: only {count} files");
        assert!(
            problems.is_empty(),
            "{name}: {count} files\n{}",
            problems.join("\n")
        );
    }
}
