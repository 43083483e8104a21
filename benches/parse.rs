// SPDX-License-Identifier: MIT OR Apache-2.0
//! How fast the Kconfig files of a tree are parsed, on one core, in MB/s.
//!
//! `KCONFIG_LINT_TREE` names the tree. The files are read first, so that the disk does not
//! count; the best of several rounds is printed, with the number of errors that conf would
//! report. A second line has the time with reading, through the reader that a run uses, after
//! their names were collected. This is a benchmark, not a test: nothing here fails on a slow
//! machine.

use std::time::{Duration, Instant};

use kconfig_lint::source::{Reader, WorkTree};
use kconfig_lint::syntax::{Notation, SyntaxTree};

const ROUNDS: usize = 20;

fn main() {
    let Some(root) = std::env::var_os("KCONFIG_LINT_TREE") else {
        println!("parse: set KCONFIG_LINT_TREE to a tree with Kconfig files");
        return;
    };
    let tree = WorkTree::new(&root);
    let names = kconfig_files(root.as_ref());
    let read = |name: &String| tree.read(name).ok();
    let files: Vec<_> = names.iter().filter_map(read).collect();
    let bytes: usize = files.iter().map(|text| text.len()).sum();
    let mut best = Duration::MAX;
    let mut errors = 0;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        errors = files
            .iter()
            .map(|text| SyntaxTree::parse(text, Notation::Kconfig))
            .map(|tree| tree.errors().iter().filter(|e| !e.harmless).count())
            .sum();
        best = best.min(start.elapsed());
    }
    let rate = bytes as f64 / best.as_secs_f64() / 1e6;
    println!(
        "parse: {} files, {:.1} MB, {errors} errors, {:.1} ms, {rate:.0} MB/s",
        files.len(),
        bytes as f64 / 1e6,
        best.as_secs_f64() * 1e3,
    );
    let best = (0..ROUNDS).map(|_| read_and_parse(root.as_ref(), &names));
    let best = best.min().unwrap_or_default();
    println!("read and parse: {:.1} ms", best.as_secs_f64() * 1e3);
}

/// A reader of its own for each round, because it remembers folders.
fn read_and_parse(root: &std::path::Path, names: &[String]) -> Duration {
    let start = Instant::now();
    let tree = WorkTree::new(root);
    for name in names {
        if let Ok(text) = tree.read(name) {
            std::hint::black_box(SyntaxTree::parse(&text, Notation::Kconfig));
        }
    }
    start.elapsed()
}

/// The names of all Kconfig files, relative to the root.
fn kconfig_files(root: &std::path::Path) -> Vec<String> {
    let is_kconfig = |entry: &walkdir::DirEntry| {
        entry.file_type().is_file() && entry.file_name().to_string_lossy().starts_with("Kconfig")
    };
    walkdir::WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .flatten()
        .filter(is_kconfig)
        .filter_map(|entry| {
            let path = entry.path().strip_prefix(root).ok()?;
            Some(path.to_str()?.to_owned())
        })
        .collect()
}
