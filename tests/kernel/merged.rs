// SPDX-License-Identifier: MIT OR Apache-2.0
//! The model of all architectures of a tree against the models of each of them.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Instant;

use kconfig_lint::config::Levels;
use kconfig_lint::diagnostic::Data;
use kconfig_lint::logic::{Bounds, Theory};
use kconfig_lint::menu::merge::elaborate_all;
use kconfig_lint::menu::{Toolchain, elaborate};
use kconfig_lint::model::Model;
use kconfig_lint::rules::unmet_dependency;
use kconfig_lint::session::{self, Options};

use crate::library::Library;
use crate::trees;

/// Bounds are computed by all that a symbol is made of: a dependency that got lost, a default out
/// of its order or a select of the wrong architecture shows in them.
#[test]
fn all_architectures_together_have_the_bounds_of_each() {
    let mut linux = trees::all_linux();
    linux.push(trees::latest());
    for tree in linux {
        let library = Library::new(&tree);
        let (project, loader) = (&library.project, &library.loader);
        let toolchain = Toolchain::default();
        let menu = elaborate_all(loader, project, &project.architectures, &toolchain);
        let menu = menu.unwrap_or_else(|error| panic!("{}: {error:?}", tree.name));
        let merged = Model::new(Arc::new(menu), project.behaviour);
        let bounds = Bounds::new(&merged);
        let mut compared = 0;
        for (at, architecture) in project.architectures.iter().enumerate() {
            let menu = elaborate(loader, project, architecture, &toolchain);
            let menu = menu.unwrap_or_else(|error| panic!("{}: {error}", tree.name));
            let own = Model::new(Arc::new(menu), project.behaviour);
            let own_bounds = Bounds::new(&own);
            for (id, symbol) in own.symbol_ids() {
                let Some(name) = symbol.name.filter(|_| symbol.is_defined()) else {
                    continue;
                };
                let found = merged.symbol_on(name, at);
                let found = found.map(|id| bounds.symbol_on(id, at));
                assert_eq!(
                    found,
                    Some(own_bounds.symbol(id)),
                    "{}, {}: {name}",
                    tree.name,
                    architecture.name
                );
                compared += 1;
            }
        }
        println!(
            "{}: {compared} bounds of {} architectures, {} symbols together",
            tree.name,
            project.architectures.len(),
            merged.symbols.len()
        );
        assert!(compared > 100_000, "{}: {compared}", tree.name);
    }
}

/// The old way asks each architecture by itself; one question for all has to have the same answers.
#[test]
fn one_theory_of_all_architectures_has_the_answers_of_each() {
    for tree in trees::all_linux() {
        let library = Library::new(&tree);
        let (project, loader) = (&library.project, &library.loader);
        loader.prefetch(project);
        let start = Instant::now();
        let menu = elaborate_all(
            loader,
            project,
            &project.architectures,
            &Toolchain::default(),
        );
        let menu = menu.unwrap_or_else(|error| panic!("{}: {error:?}", tree.name));
        let model = Arc::new(Model::new(Arc::new(menu), project.behaviour));
        let mut theory = Theory::new(model.clone());
        let built = start.elapsed();
        let mut together = BTreeSet::new();
        for ((selector, target, kind), on) in unmet_dependency::everywhere(&mut theory) {
            let pair = |kind: &str, at: usize| {
                let (selector, target) = (model.name(selector), model.name(target));
                let name = &project.architectures[at].name;
                format!("{name}: {selector} {target} {kind}")
            };
            together.extend(on.iter().map(|at| pair(kind.word(), at)));
        }
        println!(
            "{}: {} unmet pairs, model in {built:?}, answers in {:?}",
            tree.name,
            together.len(),
            start.elapsed() - built
        );
        let start = Instant::now();
        let apart = apart(&library);
        println!("{}: each by itself in {:?}", tree.name, start.elapsed());
        assert_eq!(together, apart, "{}", tree.name);
    }
}

fn apart(library: &Library) -> BTreeSet<String> {
    let options = Options {
        architectures: library.project.architectures.clone(),
        toolchain: Toolchain::default(),
        levels: Levels::default(),
        policies: Vec::new(),
        remarks: false,
        jobs: NonZeroUsize::new(1),
    };
    let files = library.loader.files().clone();
    let outcome = session::run(&library.project, files, &options, &|_, _, _| {});
    let outcome = outcome.expect("a tree that was read before");
    let mut all = BTreeSet::new();
    for finding in &outcome.findings {
        let Data::Unmet {
            selector,
            selectee,
            level,
            ..
        } = &finding.data
        else {
            continue;
        };
        let on = finding.architectures.iter();
        all.extend(on.map(|name| format!("{name}: {selector} {selectee} {level}")));
    }
    all
}
