// SPDX-License-Identifier: MIT OR Apache-2.0
//! The model of all architectures of a tree against the models of each of them.

use std::sync::Arc;

use kconfig_lint::logic::Bounds;
use kconfig_lint::menu::merge::elaborate_all;
use kconfig_lint::menu::{Toolchain, elaborate};
use kconfig_lint::model::Model;

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
