// SPDX-License-Identifier: MIT OR Apache-2.0
//! How fast the Kconfig files of a tree are parsed, on one core, in MB/s.
//!
//! `KCONFIG_LINT_TREE` names the tree. The files are read first, so that the disk does not
//! count; the best of several rounds is printed, with the number of errors that conf would
//! report. This is a benchmark, not a test: nothing here fails on a slow machine.

use std::time::{Duration, Instant};

use kconfig_lint::syntax::{Notation, SyntaxTree};

const ROUNDS: usize = 20;

fn main() {
    let Some(root) = std::env::var_os("KCONFIG_LINT_TREE") else {
        println!("parse: set KCONFIG_LINT_TREE to a tree with Kconfig files");
        return;
    };
    let files = kconfig_files(root.as_ref());
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
}

fn kconfig_files(root: &std::path::Path) -> Vec<Vec<u8>> {
    let is_kconfig = |entry: &walkdir::DirEntry| {
        entry.file_type().is_file() && entry.file_name().to_string_lossy().starts_with("Kconfig")
    };
    walkdir::WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .flatten()
        .filter(is_kconfig)
        .filter_map(|entry| std::fs::read(entry.path()).ok())
        .collect()
}
