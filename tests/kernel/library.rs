// SPDX-License-Identifier: MIT OR Apache-2.0
//! This project's view of a real tree, made in the circumstances in which conf read it.

use std::collections::BTreeMap;
use std::sync::Arc;

use kconfig_lint::menu::command::variable_key;
use kconfig_lint::menu::{Loader, Menu, Toolchain, elaborate};
use kconfig_lint::model::Model;
use kconfig_lint::source::{Files, Overlay, WorkTree};
use kconfig_lint::tree::{Architecture, Overrides, Project, detect, locate};

use crate::driver::Asked;
use crate::trees::{Environment, Linux};

/// A tree as this project recognises it, with its files.
pub(crate) struct Library {
    /// The tree.
    pub(crate) project: Project,
    /// Its files.
    pub(crate) loader: Loader,
}

impl Library {
    /// Recognises a tree.
    pub(crate) fn new(tree: &Linux) -> Library {
        let overrides = Overrides::default();
        let located =
            locate(&tree.root, &overrides).unwrap_or_else(|error| panic!("{}: {error}", tree.name));
        let reader = WorkTree::new(&located.root);
        let project = detect(&reader, &located, &overrides);
        let loader = Loader::new(Arc::new(Files::new(reader)));
        Library { project, loader }
    }

    /// The tree with another text of one file.
    pub(crate) fn with(tree: &Linux, path: &str, text: &str) -> Library {
        let library = Library::new(tree);
        let below = Arc::new(WorkTree::new(&tree.root));
        let reader = Overlay::new(below).with(path, text.as_bytes());
        Library {
            loader: Loader::new(Arc::new(Files::new(reader))),
            ..library
        }
    }

    /// A tree that is nothing but this text, read as this tree's kconfig would read it.
    pub(crate) fn small(&self, text: &str) -> Library {
        let nothing = Arc::new(WorkTree::new("/nonexistent"));
        let reader = Overlay::new(nothing).with("Kconfig", text.as_bytes());
        Library {
            project: Project {
                root_file: "Kconfig".to_owned(),
                ..self.project.clone()
            },
            loader: Loader::new(Arc::new(Files::new(reader))),
        }
    }

    /// The menu tree of an architecture in this environment, with these answers.
    pub(crate) fn menu(&self, environment: &Environment, answers: &[Asked]) -> Menu {
        let architecture = Architecture {
            name: environment.get("SRCARCH").cloned().unwrap_or_default(),
            environment: environment.clone(),
        };
        let answers: BTreeMap<String, String> = answers
            .iter()
            .map(|asked| (asked.command.clone(), asked.answer.clone()))
            .collect();
        elaborate(
            &self.loader,
            &self.project,
            &architecture,
            &Toolchain { answers },
        )
        .unwrap_or_else(|error| panic!("{}: {error}", self.project.root_file))
    }

    /// The model where the whole environment of conf is known: what it does not hold is unset.
    pub(crate) fn model_of_conf(&self, environment: &Environment, commands: &[Asked]) -> Model {
        let menu = self.menu(environment, commands);
        let unset = menu.commands.variables().map(|(_, name)| Asked {
            command: variable_key(name.as_str()),
            answer: String::new(),
            recorded: true,
        });
        let all: Vec<Asked> = commands.iter().cloned().chain(unset).collect();
        self.model(environment, &all)
    }

    /// The model of such a menu tree.
    pub(crate) fn model(&self, environment: &Environment, answers: &[Asked]) -> Model {
        Model::new(
            Arc::new(self.menu(environment, answers)),
            self.project.behaviour,
        )
    }
}
