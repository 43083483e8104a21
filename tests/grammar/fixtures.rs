// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every alternative of every production is shown by some fixture, and every fixture is a
//! sentence.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use kconfig_lint::syntax::{Notation, SyntaxTree};

use crate::grammar::engine::Grammar;
use crate::grammar::judge::{Grammars, Judge, Used};
use crate::grammar::sentences::assert_round_trip;

/// Files that are right in the eyes of some tool.
const FOLDERS: [&str; 2] = ["fixtures/grammar/ok", "fixtures/syntax/ok"];

#[test]
fn fixtures_show_all_of_the_grammar() {
    let grammars = Grammars::new();
    let judge = Judge::new(&grammars);
    let mut used = Used::default();
    for file in fixtures() {
        let text = fs::read(&file).expect("a readable file");
        if let Err(at) = judge.cover(&text, &mut used) {
            panic!("{}: no sentence, see byte {at}", file.display());
        }
        let tree = SyntaxTree::parse(&text, Notation::Kconfig);
        let error = tree.errors().iter().find(|error| !error.harmless);
        assert!(error.is_none(), "{}: {error:?}", file.display());
        assert_round_trip(&tree, &text);
    }
    let mut missing = unused(&grammars.statements, &used.0);
    missing.extend(unused(&grammars.tokens, &used.1));
    assert!(
        missing.is_empty(),
        "no fixture shows\n  {}",
        missing.join("\n  ")
    );
}

fn unused<'g>(grammar: &'g Grammar, used: &BTreeSet<usize>) -> Vec<&'g str> {
    let all = grammar.alternatives.iter().enumerate();
    all.filter(|(id, _)| !used.contains(id))
        .map(|(_, says)| says.as_str())
        .collect()
}

/// All of them but C files, whose notation is another.
fn fixtures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<PathBuf> = FOLDERS
        .iter()
        .flat_map(|folder| walkdir::WalkDir::new(root.join(folder)))
        .flatten()
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.extension().is_none_or(|extension| extension != "c"))
        .collect();
    files.sort();
    assert!(files.len() > 5, "only {files:?}");
    files
}
