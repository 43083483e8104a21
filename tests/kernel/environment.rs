// SPDX-License-Identifier: MIT OR Apache-2.0
//! Variables of the environment as conf reads them (preprocess.c, `env_expand`): small trees, each
//! with what conf makes of one environment. Evaluator and theory are then compared with conf in
//! all other environments. No conf here knows `option env`, which Linux 4.18 took away.

use std::sync::Arc;

use kconfig_lint::logic::{Inputs, all_answers};
use kconfig_lint::model::Model;
use kconfig_lint::source::Name;

use crate::bench::judge_with;
use crate::driver::Reading;
use crate::judge::{Mode, SymbolKey};
use crate::library::Library;
use crate::small_trees::mention;
use crate::trees::{Environment, all_linux};
use crate::trial::Trial;

const MACROS: &str = "success = $(shell,{ $(1); } >/dev/null 2>&1 && echo \"y\" || echo \"n\")\n";

/// What a tree says of A; variables; the value of A.
type Case = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
);

const CASES: &[Case] = &[
    ("string\n\tdefault \"$(ENV)\"", &[("ENV", "a")], "a"),
    ("string\n\tdefault \"$(ENV)\"", &[], ""),
    ("string\n\tdefault \"x-$(ENV)\"", &[("ENV", "a")], "x-a"),
    ("int\n\tdefault \"$(NUMBER)\"", &[("NUMBER", "3")], "3"),
    ("int\n\tdefault \"$(NUMBER)\"\n\trange 5 9", &[], "5"),
    ("bool\n\tdefault \"$(ENV)\"", &[("ENV", "y")], "y"),
    ("bool\n\tdefault y if \"$(ENV)\" = \"\"", &[], "y"),
    (
        "bool\n\tdefault y if \"$(ENV)\" != \"a\"",
        &[("ENV", "b")],
        "y",
    ),
    ("bool\n\tdefault y if \"$(ENV)\" = \"$(OTHER)\"", &[], "y"),
    (
        "bool\n\tdefault y if \"$(NUMBER)\" >= 3",
        &[("NUMBER", "5")],
        "y",
    ),
    (
        "bool\n\tdefault y if $(success,test \"$(ENV)\" = a)",
        &[("ENV", "a")],
        "y",
    ),
    (
        "bool\n\tdefault y if $(success,test -z \"$(ENV)\")",
        &[],
        "y",
    ),
];

/// The commands of a model that are variables of these names, with these values.
fn inputs(model: &Model, variables: &[(&str, &str)]) -> Inputs {
    let mut inputs = Inputs::default();
    for (id, name) in model.menu.commands.variables() {
        let value = variables.iter().find(|(known, _)| *known == name.as_str());
        if let Some((_, value)) = value {
            inputs.outputs.insert(id, Name::new(value));
        }
    }
    inputs
}

#[test]
fn variables_are_what_conf_says() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for tree in all_linux() {
        let library = Library::new(&tree);
        for (says, variables, expected) in CASES {
            let text = format!("{MACROS}config A\n\t{says}\n\nconfig B\n\tbool \"p\"\n");
            let reading = Reading::folder(&tree, folder.path()).with("Kconfig", &text);
            let mut model = library.small(&text).model(&Environment::new(), &[]);
            mention(&mut model);
            let model = Arc::new(model);
            let answers = all_answers(&model, &inputs(&model, variables)).expect("apart");
            let mut judge = judge_with(&reading, &answers).expect("conf takes it");
            let outcome = judge.ask(Mode::Old, "").expect("a reply");
            let at = judge
                .symbols
                .iter()
                .position(|(key, _)| *key == SymbolKey::Name("A".to_owned()));
            let value = &outcome.values[at.expect("A is defined")];
            assert_eq!(value, expected, "{}: {text}", tree.name);
            let verdict = Trial::new(&reading, &model, 1).run();
            assert_eq!(verdict.differences, [""; 0], "{}: {text}", tree.name);
            assert!(verdict.asked > 1 && verdict.complete, "{text}");
        }
    }
}

/// conf refuses a tree in which a bare word expands to nothing, and the theory assumes that it
/// does not.
#[test]
fn a_bare_word_is_never_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = "config A\n\tstring\n\tdefault $(ENV)\n";
    for tree in all_linux() {
        let reading = Reading::folder(&tree, folder.path()).with("Kconfig", text);
        let model = Library::new(&tree)
            .small(text)
            .model(&Environment::new(), &[]);
        assert_eq!(model.menu.assumptions.len(), 1);
        let ask = |variables| {
            let answers = all_answers(&model, &inputs(&model, variables)).expect("apart");
            judge_with(&reading, &answers)
        };
        assert!(ask(&[]).is_err(), "{}", tree.name);
        let mut judge = ask(&[("ENV", "a")]).expect("conf takes it");
        assert_eq!(judge.ask(Mode::Old, "").expect("a reply").values, ["a"]);
    }
}
