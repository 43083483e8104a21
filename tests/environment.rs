// SPDX-License-Identifier: MIT OR Apache-2.0
//! Variables of the environment that nothing fixes are unknown texts: which of them a finding
//! needs, in every place where a tree can use one, and what `--env` and a record of answers make
//! of that. Each witness is replayed from its texts.

use std::sync::Arc;

use kconfig_lint::config::Levels;
use kconfig_lint::menu::Toolchain;
use kconfig_lint::rules::policy;
use kconfig_lint::session::{self, Options, Outcome, Rewriter};
use kconfig_lint::source::{Files, Overlay, WorkTree};
use kconfig_lint::tree::{self, Kind, Located, Overrides};

/// What a finding needs: variables as `NAME=value`, sorted.
type Needs = Vec<String>;

struct Run {
    /// Other rules that fire, with their messages.
    others: Vec<String>,
    /// The unmet dependencies: `SELECTOR TARGET`, and what they need.
    unmet: Vec<(String, Needs)>,
}

fn lint(files: &[(&str, &str)], fixed: &[(&str, &str)], recorded: &[(&str, &str)]) -> Run {
    let mut reader = Overlay::new(Arc::new(WorkTree::new("/nonexistent")));
    for (path, text) in files {
        reader = reader.with(path, text.as_bytes());
    }
    let owned = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    };
    let located = Located {
        root: "/nonexistent".into(),
        root_file: files[0].0.to_owned(),
        kind: Kind::Generic,
        alone: false,
    };
    let overrides = Overrides {
        environment: owned(fixed),
        ..Overrides::default()
    };
    let project = tree::detect(&reader, &located, &overrides);
    let options = Options {
        architectures: project.architectures.clone(),
        toolchain: Toolchain {
            answers: owned(recorded),
        },
        levels: Levels::default(),
        policies: policy::builtin(),
        remarks: false,
        effort: kconfig_lint::logic::Effort::DEFAULT,
        jobs: None,
    };
    let files = Arc::new(Files::new(reader));
    let outcome = session::run(&project, files, &options, &|_, _, _| {}).expect("a run");
    assert_eq!(outcome.internal_errors, [""; 0]);
    shown(&outcome, &options)
}

fn shown(outcome: &Outcome, options: &Options) -> Run {
    let mut rewriter = Rewriter::new(outcome, options);
    let mut run = Run {
        others: Vec::new(),
        unmet: Vec::new(),
    };
    for finding in &outcome.findings {
        let Some(witness) = &finding.witness else {
            run.others
                .push(format!("{}: {}", finding.rule, finding.message));
            continue;
        };
        let replayed = rewriter.write(finding);
        assert!(replayed.is_ok(), "{}: {replayed:?}", finding.message);
        let needs = witness.environment.iter();
        let needs = needs.map(|(name, value)| format!("{name}={value}"));
        run.unmet.push((finding.message.clone(), needs.collect()));
    }
    run
}

/// A tree in which S selects T while `condition` holds, and T depends on what can be off.
fn with_condition(before: &str, condition: &str) -> String {
    format!(
        "{before}\nconfig D\n\tbool \"d\"\nconfig T\n\tbool\n\tdepends on D\n\
         config S\n\tbool \"s\"\n\tdepends on {condition}\n\tselect T\n"
    )
}

/// The variables that the only finding of a tree needs; `None` where the tree has no finding.
fn needs_in(files: &[(&str, &str)], fixed: &[(&str, &str)]) -> Option<Needs> {
    let run = lint(files, fixed, &[]);
    assert_eq!(run.others, [""; 0]);
    assert!(run.unmet.len() < 2, "{:?}", run.unmet);
    run.unmet.into_iter().next().map(|(_, needs)| needs)
}

fn needs(before: &str, condition: &str) -> Option<Needs> {
    needs_in(&[("Kconfig", &with_condition(before, condition))], &[])
}

fn set(variables: &[&str]) -> Option<Needs> {
    Some(variables.iter().map(|it| (*it).to_owned()).collect())
}

const MACROS: &str = "success = $(shell,{ $(1); } >/dev/null 2>&1 && echo \"y\" || echo \"n\")\n\
                      if-success = $(shell,{ $(1); } >/dev/null 2>&1 && echo \"$(2)\" || echo \"$(3)\")\n";

#[test]
fn a_text_is_what_the_tree_compares_it_with() {
    assert_eq!(needs("", "\"$(V)\" = \"x\""), set(&["V=x"]));
    assert_eq!(needs("", "\"$(V)\" != \"\""), set(&["V=other"]));
    assert_eq!(needs("", "\"$(V)\" != \"x\""), set(&["V="]));
    assert_eq!(needs("", "\"a-$(V)\" = \"a-x\""), set(&["V=x"]));
    assert_eq!(needs("", "\"a-$(V)\" = \"b-x\""), None);
    assert_eq!(needs("", "\"$(V)\" = \"x\" && \"$(V)\" = \"y\""), None);
    assert_eq!(
        needs("", "\"$(V)\" = \"x\" && \"$(W)\" = \"z\""),
        set(&["V=x", "W=z"])
    );
    assert_eq!(needs("", "\"$(V)\" >= 5"), set(&["V=5"]));
    assert_eq!(needs("", "\"$(V)\""), set(&["V=y"]));
    assert_eq!(needs("", "!D"), set(&[]), "no variable matters");
}

#[test]
fn one_variable_has_one_value_everywhere() {
    let symbols = "config A\n\tstring\n\tdefault \"$(V)\"\nconfig B\n\tstring\n\toption env=\"V\"\n\
                   again := $(V)\n";
    assert_eq!(needs(symbols, "A = \"x\" && B = \"x\""), set(&["V=x"]));
    assert_eq!(needs(symbols, "A != B"), None);
    assert_eq!(needs(symbols, "A = \"x\" && \"$(again)\" != \"x\""), None);
    assert_eq!(needs(symbols, "\"$(again)$(V)\" = \"xx\""), set(&["V=x"]));
}

#[test]
fn an_option_env_of_every_type() {
    let symbol = |ty| format!("config E\n\t{ty}\n\toption env=\"V\"\n");
    assert_eq!(needs(&symbol("string"), "E = \"x\""), set(&["V=x"]));
    assert_eq!(needs(&symbol("int"), "E = 3"), set(&["V=3"]));
    assert_eq!(needs(&symbol("hex"), "E = 0x3"), set(&["V=0x3"]));
    assert_eq!(needs(&symbol("bool"), "E = n"), set(&["V="]));
    assert!(needs(&symbol("bool"), "E").is_some());
    let modules = "config MODULES\n\tbool \"m\"\n\tmodules\n";
    let tristate = format!("{modules}{}", symbol("tristate"));
    assert_eq!(needs(&tristate, "E = m"), set(&["V=m"]));
}

#[test]
fn an_unset_variable_leaves_the_next_default() {
    let symbol = "config E\n\tstring\n\toption env=\"V\"\n\tdefault \"fallback\"\n";
    assert_eq!(needs(symbol, "E = \"fallback\""), set(&["V="]));
    assert_eq!(needs(symbol, "E = \"\""), None);
    let later = "config E\n\tstring\n\tdefault \"first\"\n\toption env=\"V\"\n";
    assert_eq!(needs(later, "E = \"x\""), None, "the first default wins");
    let twice = "config E\n\tstring\n\toption env=\"V\"\n\toption env=\"W\"\n";
    assert_eq!(needs(twice, "E = \"x\""), set(&["V=x"]), "the first option");
}

#[test]
fn what_is_fixed_is_no_unknown() {
    let text = with_condition(
        "config E\n\tstring\n\toption env=\"V\"\n\tdefault \"z\"\n",
        "E = \"x\"",
    );
    let files = [("Kconfig", &*text)];
    assert_eq!(needs_in(&files, &[("V", "x")]), set(&[]));
    assert_eq!(needs_in(&files, &[("V", "y")]), None);
    assert_eq!(needs_in(&files, &[("V", "")]), None);
    let recorded = |value| lint(&files, &[], &[("$(V)", value)]).unmet.len();
    assert_eq!((recorded("x"), recorded("y"), recorded("")), (1, 0, 0));
    let text = with_condition("", "\"$(CC)\" = \"clang\"");
    assert_eq!(
        needs_in(&[("Kconfig", &*text)], &[]),
        None,
        "make exports it"
    );
}

#[test]
fn a_bare_word_is_set() {
    let symbol = "config A\n\tstring\n\tdefault $(V)\n";
    assert_eq!(needs(symbol, "A = \"x\""), set(&["V=x"]));
    assert_eq!(needs(symbol, "A = \"\""), None, "conf refuses the tree");
    let found = needs(symbol, "A != \"x\"").expect("another text");
    assert!(found[0].starts_with("V=other"), "{found:?}");
    assert_eq!(needs("", "$(V) = x"), set(&["V=x"]));
    assert_eq!(needs("", "$(V)"), set(&["V=y"]));
}

/// The tree is refused without a variable, whether the finding has to do with it or not.
#[test]
fn what_the_tree_insists_on_is_in_every_witness() {
    let found = needs("config A\n\tstring\n\tdefault $(V)\n", "y").expect("a finding");
    assert!(found[0].starts_with("V=other"), "{found:?}");
    let found = needs("config A\n\tbool \"a\"\n\tdefault $(V)\n", "A").expect("a finding");
    assert_eq!(found.len(), 1, "{found:?}");
    let insists = format!("{MACROS}$(error-if,$(if-success,test \"$(V)\" = x,n,y),no x)\n");
    assert_eq!(needs(&insists, "y"), set(&["V=x"]));
    let run = lint(
        &[("Kconfig", &with_condition(&insists, "\"$(V)\" = \"z\""))],
        &[],
        &[],
    );
    assert!(run.unmet.is_empty(), "{:?}", run.unmet);
}

#[test]
fn a_name_is_what_it_is_while_a_variable_is_unset() {
    assert_eq!(needs("config A_\n\tbool \"a\"\n", "A_$(V)"), set(&[]));
    assert_eq!(needs("config A_$(V)\n\tbool \"a\"\n", "A_"), set(&[]));
    assert_eq!(needs("mine := y\n", "$(mine$(V))"), set(&[]));
    let run = lint(&[("Kconfig", "config $(V)\n\tbool\n")], &[], &[]);
    assert_eq!(run.others.len(), 1, "{:?}", run.others);
}

/// What a tree reads cannot hang on the machine: a variable that names a file is unset everywhere.
#[test]
fn a_variable_that_names_a_file_counts_as_unset() {
    let sub = with_condition("", "\"$(V)\" = \"\"");
    let nothing = with_condition("", "\"$(V)\" = \"x\"");
    for (root, kind) in [
        ("source \"$(V)sub/Kconfig\"\n", "a macro"),
        ("source \"${V}sub/Kconfig\"\n", "a variable of kconfiglib"),
        (
            "config E\n\tstring\n\toption env=\"V\"\nsource \"${E}sub/Kconfig\"\n",
            "a symbol of the environment",
        ),
        (
            "dir := $(shell,{ test -n \"$(V)\"; } >/dev/null 2>&1 && echo no || echo sub)\n\
             source \"$(dir)/Kconfig\"\n",
            "a test",
        ),
    ] {
        let needs = |sub: &str| needs_in(&[("Kconfig", root), ("sub/Kconfig", sub)], &[]);
        assert_eq!(needs(&sub), set(&[]), "{kind}");
        assert_eq!(needs(&nothing), None, "{kind}");
    }
}

#[test]
fn tests_of_a_variable_mean_what_they_say() {
    let needs = |condition: &str| needs(MACROS, condition);
    assert_eq!(needs("$(success,test \"$(V)\" = x)"), set(&["V=x"]));
    assert_eq!(needs("$(success,test -z \"$(V)\")"), set(&["V="]));
    assert_eq!(needs("$(success,test -n \"$(V)\")"), set(&["V=other"]));
    assert_eq!(needs("$(success,test $(V) -ge 5)"), set(&["V=5"]));
    let both = "$(success,test \"$(V)\" = x) && \"$(V)\" != \"x\"";
    assert_eq!(needs(both), None);
    let word = "\"$(if-success,test \"$(V)\" = x,one,two)\" = \"one\"";
    assert_eq!(needs(word), set(&["V=x"]));
    let refused = format!("{MACROS}$(error-if,$(success,test -z \"$(V)\"),set V)\n");
    let needs = |condition| self::needs(&refused, condition);
    assert_eq!(needs("\"$(V)\" != \"x\""), set(&["V=other"]));
    assert_eq!(needs("\"$(V)\" = \"\""), None);
}

fn one_is_set(needs: &[String]) -> bool {
    [["V=", "W=other"], ["V=other", "W="]]
        .iter()
        .any(|it| it == needs)
}

#[test]
fn commands_that_name_variables_are_the_same_where_their_texts_are() {
    let needs = |condition: &str| needs(MACROS, condition);
    let tests = "$(success,cc $(V) -x) && !$(success,cc $(W) -x)";
    let found = needs(tests).expect("two texts");
    assert!(one_is_set(&found), "{found:?}");
    let found = needs("$(success,cc $(V)-x) && !$(success,cc -x)");
    assert_eq!(found, set(&["V=other"]));
    let same = "$(success,cc $(V)-x) && !$(success,cc -x) && \"$(V)\" = \"\"";
    assert_eq!(needs(same), None);
    let printed = "\"$(shell,id $(V))\" = \"a\" && \"$(shell,id $(W))\" = \"b\"";
    let found = needs(printed).expect("two texts");
    assert!(one_is_set(&found), "{found:?}");
    let same = "\"$(shell,id $(V))\" = \"a\" && \"$(shell,id $(W))\" = \"b\" && \
                \"$(V)\" = \"x\" && \"$(W)\" = \"x\"";
    assert_eq!(needs(same), None);
    assert_eq!(needs("$(success,cc $(V) -x)"), set(&[]), "unset will do");
}

#[test]
fn a_record_that_does_not_name_a_variable_was_made_without_it() {
    let text = with_condition(MACROS, "$(success,cc $(V)-x)");
    let command = "{ cc -x; } >/dev/null 2>&1 && echo \"y\" || echo \"n\"";
    let files = [("Kconfig", &*text)];
    let found = |answer| lint(&files, &[], &[(command, answer)]).unmet.len();
    assert_eq!((found("y"), found("n")), (1, 0));
}

/// The kconfig of Buildroot and BusyBox has no preprocess.c: `$(NAME)` is ordinary text there.
#[test]
fn an_old_kconfig_has_no_macros() {
    let text = with_condition(
        "config A\n\tstring\n\tdefault \"$(V)\"\nconfig B\n\tstring\n\toption env=\"V\"\n",
        "A = \"\\$(V)\" && B = \"x\"",
    );
    let files = [
        ("Kconfig", &*text),
        ("support/kconfig/zconf.y", "T_OPTIONAL"),
        ("support/kconfig/symbol.c", ""),
    ];
    assert_eq!(needs_in(&files, &[]), set(&["V=x"]));
}
