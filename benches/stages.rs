// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where the time goes before the theory is asked: each stage of all architectures of a tree,
//! one after the other on one core.
//!
//! `KCONFIG_LINT_TREE` names the tree. The best of several rounds is printed for each stage, in
//! CPU time of this one thread as far as nothing else disturbs it. Nothing here fails on a slow
//! machine.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kconfig_lint::logic::{Bounds, Theory};
use kconfig_lint::menu::{Loader, Toolchain, elaborate};
use kconfig_lint::model::Model;
use kconfig_lint::source::{Files, WorkTree};
use kconfig_lint::tree::{Overrides, detect, locate};

const ROUNDS: usize = 5;

const STAGES: [&str; 7] = [
    "detect the tree",
    "read and parse",
    "elaborate",
    "model",
    "cycles",
    "bounds",
    "theory, no question",
];

fn main() {
    let Some(root) = std::env::var_os("KCONFIG_LINT_TREE") else {
        println!("stages: set KCONFIG_LINT_TREE to a tree with Kconfig files");
        return;
    };
    let mut best = [Duration::MAX; STAGES.len()];
    for _ in 0..ROUNDS {
        let took = round(root.as_ref());
        for (best, took) in best.iter_mut().zip(took) {
            *best = took.min(*best);
        }
    }
    for (stage, took) in STAGES.iter().zip(best) {
        println!("{stage:<20} {:8.1} ms", took.as_secs_f64() * 1e3);
    }
}

/// One run over all architectures: what each stage took.
fn round(root: &Path) -> [Duration; STAGES.len()] {
    let mut took = [Duration::ZERO; STAGES.len()];
    let mut clock = Instant::now();
    let mut lap = |stage: usize| {
        took[stage] += clock.elapsed();
        clock = Instant::now();
    };
    let overrides = Overrides::default();
    let Ok(located) = locate(root, &overrides) else {
        return took;
    };
    let reader = WorkTree::new(&located.root);
    let project = detect(&reader, &located, &overrides);
    lap(0);
    let loader = Loader::new(Arc::new(Files::new(reader)));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    match &pool {
        Ok(pool) => pool.install(|| loader.prefetch(&project)),
        Err(_) => loader.prefetch(&project),
    }
    lap(1);
    for architecture in &project.architectures {
        let toolchain = Toolchain::default();
        let Ok(menu) = elaborate(&loader, &project, architecture, &toolchain) else {
            continue;
        };
        lap(2);
        let model = Arc::new(Model::new(Arc::new(menu), project.behaviour));
        lap(3);
        let cycles = std::hint::black_box(model.cycles());
        lap(4);
        if !cycles.is_empty() {
            continue;
        }
        std::hint::black_box(Bounds::new(&model));
        lap(5);
        std::hint::black_box(Theory::new(model));
        lap(6);
    }
    took
}
