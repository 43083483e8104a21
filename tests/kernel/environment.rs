// SPDX-License-Identifier: MIT OR Apache-2.0
//! Variables of the environment as conf reads them (preprocess.c, `env_expand`): small trees, each
//! with what conf makes of one environment. Evaluator and theory are then compared with conf in
//! all other environments. `option env`, which Linux 4.18 took away, is asked of an older conf.

use std::sync::Arc;

use kconfig_lint::logic::{Inputs, all_answers};
use kconfig_lint::model::Model;
use kconfig_lint::source::Name;

use crate::bench::judge_with;
use crate::driver::Reading;
use crate::judge::{Mode, SymbolKey};
use crate::library::Library;
use crate::small_trees::mention;
use crate::trees::{Environment, Linux, all_linux, before_macros};
use crate::trial::{Trial, Verdict};

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

/// A tree, the variables that are set, and the value that conf gives A. Evaluator and theory must
/// say the same as conf in this environment and in all others.
fn compare(tree: &Linux, text: &str, variables: &[(&str, &str)], expected: &str) -> Verdict {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let reading = Reading::folder(tree, folder.path()).with("Kconfig", text);
    let small = Library::new(tree).small(text);
    let mut model = small.model(&Environment::new(), &[]);
    mention(&mut model);
    let model = Arc::new(model);
    let answers = all_answers(&model, &inputs(&model, variables)).expect("apart");
    let mut judge = judge_with(&reading, &answers).expect("conf takes it");
    let outcome = judge.ask(Mode::Old, "").expect("a reply");
    let mut keys = judge.symbols.iter();
    let at = keys.position(|(key, _)| *key == SymbolKey::Name("A".to_owned()));
    let value = &outcome.values[at.expect("A is defined")];
    assert_eq!(value, expected, "{}: {text}", tree.name);
    let verdict = Trial::new(&reading, &model, 1).run();
    assert_eq!(verdict.differences, [""; 0], "{}: {text}", tree.name);
    assert!(verdict.asked > 1 && verdict.complete, "{text}");
    verdict
}

#[test]
fn variables_are_what_conf_says() {
    for tree in all_linux() {
        for (says, variables, expected) in CASES {
            let text = format!("{MACROS}config A\n\t{says}\n\nconfig B\n\tbool \"p\"\n");
            compare(&tree, &text, variables, expected);
        }
    }
}

/// What a tree says of A and others; variables; the value of A; unmet pairs in all environments.
type OptionCase = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
    usize,
);

/// ENV is a string with `option env="X"`, and TARGET depends on ENV being a.
const OPTION_CASES: &[OptionCase] = &[
    // The symbol itself, of each type.
    (
        "config A\n\tstring\n\toption env=\"Y\"\n",
        &[("Y", "a")],
        "a",
        0,
    ),
    ("config A\n\tstring\n\toption env=\"Y\"\n", &[], "", 0),
    (
        "config A\n\tbool\n\toption env=\"Y\"\n",
        &[("Y", "y")],
        "y",
        0,
    ),
    (
        "config A\n\tbool\n\toption env=\"Y\"\n",
        &[("Y", "m")],
        "y",
        0,
    ),
    (
        "config A\n\tbool\n\toption env=\"Y\"\n",
        &[("Y", "a")],
        "n",
        0,
    ),
    (
        "config A\n\tint\n\toption env=\"NUMBER\"\n",
        &[("NUMBER", "5")],
        "5",
        0,
    ),
    (
        "config A\n\tint\n\toption env=\"NUMBER\"\n\trange 4 9\n",
        &[("NUMBER", "3")],
        "4",
        0,
    ),
    (
        "config A\n\thex\n\toption env=\"NUMBER\"\n",
        &[("NUMBER", "11")],
        "11",
        0,
    ),
    // A further default counts while the variable is unset; an earlier one always.
    (
        "config A\n\tstring\n\toption env=\"Y\"\n\tdefault \"d\"\n",
        &[("Y", "a")],
        "a",
        0,
    ),
    (
        "config A\n\tstring\n\toption env=\"Y\"\n\tdefault \"d\"\n",
        &[],
        "d",
        0,
    ),
    (
        "config A\n\tstring\n\tdefault \"d\" if S\n\toption env=\"Y\"\n\nconfig S\n\tbool \"s\"\n",
        &[("Y", "a")],
        "a",
        0,
    ),
    // Only the first option counts.
    (
        "config A\n\tstring\n\toption env=\"Y\"\n\toption env=\"Z\"\n",
        &[("Z", "a")],
        "",
        0,
    ),
    // What the symbol depends on does not matter to it.
    (
        "config A\n\tstring\n\tdepends on n\n\toption env=\"Y\"\n",
        &[("Y", "a")],
        "a",
        0,
    ),
    // With a prompt the user decides.
    (
        "config A\n\tstring \"p\"\n\toption env=\"Y\"\n",
        &[("Y", "a")],
        "a",
        0,
    ),
    // Comparisons, with constants and with each other.
    (
        "config A\n\tbool\n\tdefault y if ENV = \"a\"\n",
        &[("X", "a")],
        "y",
        0,
    ),
    ("config A\n\tbool\n\tdefault y if ENV = \"\"\n", &[], "y", 0),
    (
        "config A\n\tbool\n\tdefault y if ENV != \"a\"\n",
        &[("X", "b")],
        "y",
        0,
    ),
    (
        "config A\n\tbool\n\tdefault y if ENV\n",
        &[("X", "y")],
        "n",
        0,
    ),
    (
        "config E2\n\tstring\n\toption env=\"Y\"\n\nconfig A\n\tbool\n\tdefault y if ENV = E2\n",
        &[("X", "b"), ("Y", "b")],
        "y",
        0,
    ),
    (
        "config E2\n\tstring\n\toption env=\"X\"\n\nconfig A\n\tbool\n\tdefault y if ENV = E2\n",
        &[("X", "b")],
        "y",
        0,
    ),
    ("config A\n\tstring\n\tdefault ENV\n", &[("X", "b")], "b", 0),
    // Selects: conditions, dependencies of the selector, of the target.
    ("config A\n\tbool \"a\"\n\tselect TARGET\n", &[], "n", 1),
    (
        "config A\n\tbool \"a\"\n\tselect TARGET if ENV = \"a\"\n",
        &[],
        "n",
        0,
    ),
    (
        "config A\n\tbool \"a\"\n\tselect TARGET if ENV = \"b\"\n",
        &[],
        "n",
        1,
    ),
    (
        "config A\n\tbool \"a\"\n\tselect TARGET if ENV != \"\"\n",
        &[],
        "n",
        1,
    ),
    (
        "config A\n\tbool \"a\"\n\tdepends on ENV = \"a\"\n\tselect TARGET\n",
        &[],
        "n",
        0,
    ),
    (
        "config A\n\tbool\n\tdefault ENV = \"a\"\n\tselect TARGET\n",
        &[("X", "a")],
        "y",
        0,
    ),
    (
        "config A\n\tbool\n\tdefault ENV = \"b\"\n\tselect TARGET\n",
        &[("X", "b")],
        "y",
        1,
    ),
    (
        "config A\n\tbool\n\toption env=\"X\"\n\tselect TARGET\n",
        &[("X", "y")],
        "y",
        1,
    ),
    (
        "if ENV = \"a\"\nconfig A\n\tbool \"a\"\n\tselect TARGET\nendif\n",
        &[("X", "a")],
        "n",
        0,
    ),
];

#[test]
fn option_env_is_what_an_old_conf_says() {
    const HEAD: &str = "config ENV\n\tstring\n\toption env=\"X\"\n\n\
                        config TARGET\n\tbool \"t\"\n\tdepends on ENV = \"a\"\n\n";
    let tree = before_macros();
    for (says, variables, expected, pairs) in OPTION_CASES {
        let text = format!("{HEAD}{says}");
        let verdict = compare(&tree, &text, variables, expected);
        assert_eq!(verdict.pairs, *pairs, "{text}");
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
