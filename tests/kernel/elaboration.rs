// SPDX-License-Identifier: MIT OR Apache-2.0
//! Elaboration of every architecture: recognised as it should be, every `source` resolved,
//! with unknown answers and with recorded ones.

use kconfig_lint::tree::{ChoiceForm, Kind};
use rayon::prelude::*;

use crate::driver::Reading;
use crate::judge::Judge;
use crate::library::Library;
use crate::trees::all_linux;

#[test]
fn the_trees_are_recognised() {
    for tree in all_linux() {
        let project = Library::new(&tree).project;
        assert_eq!(project.kind, Kind::Linux, "{}", tree.name);
        let found = project
            .architectures
            .iter()
            .map(|known| known.name.as_str());
        assert_eq!(
            found.collect::<Vec<_>>(),
            tree.architectures(),
            "{}",
            tree.name
        );
        for known in &project.architectures {
            let expected = tree.environment(&known.name);
            for name in [
                "ARCH",
                "SRCARCH",
                "SUBARCH",
                "HEADER_ARCH",
                "KERNELVERSION",
                "CC",
                "LD",
            ] {
                let place = format!("{} {}: {name}", tree.name, known.name);
                let set = known.environment.get(name);
                assert!(
                    set.is_some() || !expected.contains_key(name),
                    "{place} is not set"
                );
                if let (Some(expected), Some(set)) = (expected.get(name), set) {
                    assert_eq!(expected, set, "{place}");
                }
            }
        }
        let old = tree.name == "linux-6.1";
        let form = if old {
            ChoiceForm::Old
        } else {
            ChoiceForm::New
        };
        assert_eq!(project.behaviour.choices, form, "{}", tree.name);
    }
}

#[test]
fn every_architecture_is_elaborated_without_a_problem() {
    for tree in all_linux() {
        let library = Library::new(&tree);
        tree.architectures().par_iter().for_each(|architecture| {
            let environment = tree.environment(architecture);
            let judge = Judge::new(&Reading::kernel(&tree, architecture)).unwrap();
            for answers in [&[][..], &judge.commands] {
                let menu = library.menu(&environment, answers);
                let problems: Vec<String> = menu
                    .problems
                    .iter()
                    .map(|problem| {
                        let file = library.loader.files().get(problem.span.file);
                        let line = file.position(problem.span.start).line;
                        let path = file.path();
                        format!("{path}:{line}: {} [{}]", problem.message, problem.rule)
                    })
                    .collect();
                let place = format!("{} {architecture}, {} answers", tree.name, answers.len());
                assert!(problems.is_empty(), "{place}:\n{}", problems.join("\n"));
            }
        });
    }
}
