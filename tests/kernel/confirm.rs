// SPDX-License-Identifier: MIT OR Apache-2.0
//! What `--confirm` and `--toolchain probe` do, on a real tree. Only here are commands of a tree
//! run by a test: the probe asks the machine's own toolchain, and so does conf beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use kconfig_lint::config::Levels;
use kconfig_lint::diagnostic::{Confirmation, Data};
use kconfig_lint::logic::{Inputs, dot_config};
use kconfig_lint::menu::{Toolchain, elaborate};
use kconfig_lint::model::Model;
use kconfig_lint::rules::policy;
use kconfig_lint::session::{self, Conf, Options, Outcome, Rewriter};
use kconfig_lint::tree::Kind;

use crate::library::Library;
use crate::trees::{Linux, all_linux, kconfiglib};

fn options(library: &Library, architecture: &str) -> Options {
    let mut architectures = library.project.architectures.clone();
    architectures.retain(|known| known.name == architecture);
    assert_eq!(architectures.len(), 1, "{architecture}");
    Options {
        architectures,
        toolchain: Toolchain::default(),
        levels: Levels::default(),
        policies: policy::builtin(),
        remarks: false,
        effort: kconfig_lint::logic::Effort::DEFAULT,
        jobs: None,
    }
}

/// The lines that give values, for a comparison that names what differs.
fn values(config: &str) -> BTreeSet<&str> {
    let given = |line: &&str| !line.starts_with('#') || line.ends_with(" is not set");
    config
        .lines()
        .filter(|line| !line.is_empty())
        .filter(given)
        .collect()
}

fn assert_same(ours: &str, confs: &str, place: &str) {
    let (ours, confs) = (values(ours), values(confs));
    let only_ours: Vec<_> = ours.difference(&confs).collect();
    let only_confs: Vec<_> = confs.difference(&ours).collect();
    assert!(
        only_ours.is_empty() && only_confs.is_empty(),
        "{place}: only ours {only_ours:?}, only conf's {only_confs:?}"
    );
    assert!(ours.len() > 500, "{place}: only {} values", ours.len());
}

/// What lies where a careless command would leave something.
fn top(root: &Path) -> Vec<std::ffi::OsString> {
    let mut names = Vec::new();
    for folder in ["", "scripts", "scripts/kconfig"] {
        let entries = fs::read_dir(root.join(folder)).expect("a folder");
        names.extend(entries.map(|entry| entry.expect("an entry").file_name()));
    }
    names.sort();
    names
}

/// The findings of one architecture, and what judges them.
fn linted(tree: &Linux) -> (Library, Options, Outcome, Conf) {
    let library = Library::new(tree);
    let options = options(&library, "arm");
    let files = library.loader.files().clone();
    let outcome = session::run(&library.project, files, &options, &|_, _, _| {}).unwrap();
    let conf = Conf::build(&tree.root, library.project.kind).unwrap();
    (library, options, outcome, conf)
}

#[test]
fn findings_of_an_architecture_are_confirmed_with_their_whole_configuration() {
    for tree in all_linux() {
        let before = top(&tree.root);
        let (library, options, outcome, conf) = linted(&tree);
        let mut rewriter = Rewriter::new(&outcome, &options);
        let mut confirmed = 0;
        for finding in &outcome.findings {
            let place = format!("{}: {}", tree.name, finding.message);
            let Some(written) = rewriter.write(finding).expect(&place) else {
                continue;
            };
            let root_file = &library.project.root_file;
            let said = session::confirm(&conf, root_file, finding, &written);
            assert_eq!(said, Confirmation::Confirmed, "{place}");
            let conf = conf
                .all_default(
                    root_file,
                    &written.environment,
                    &written.answers,
                    &written.fragment,
                )
                .unwrap();
            assert_same(&written.config, &conf.config, &place);
            confirmed += 1;

            // The witness without one of its values is no witness, and conf is the judge.
            let witness = finding.witness.as_ref().expect(&place);
            let Some(symbol) = witness.config.keys().next() else {
                continue;
            };
            let mut fewer = finding.clone();
            if let Some(witness) = &mut fewer.witness {
                witness.config.remove(symbol);
            }
            let old_choice =
                library.project.behaviour.choices == kconfig_lint::tree::ChoiceForm::Old;
            let replays = rewriter.write(&fewer).is_ok();
            assert!(!replays || old_choice, "{place}: without {symbol}");
        }
        println!("{}: {confirmed} findings confirmed", tree.name);
        assert!(confirmed > 0, "{}: nothing to confirm", tree.name);
        assert_eq!(top(&tree.root), before, "{}: something was left", tree.name);
    }
}

#[test]
fn the_warning_of_a_finding_is_word_for_word_that_of_conf() {
    for tree in all_linux() {
        let (library, options, outcome, conf) = linted(&tree);
        let mut rewriter = Rewriter::new(&outcome, &options);
        let (mut same, mut different) = (0, Vec::new());
        for finding in &outcome.findings {
            let Some(warning) = rewriter.warning(finding).expect("it replays") else {
                continue;
            };
            let Data::Unmet { selectee, .. } = &finding.data else {
                continue;
            };
            let written = rewriter.write(finding).unwrap().expect("a witness");
            let said = conf
                .all_default(
                    &library.project.root_file,
                    &written.environment,
                    &written.answers,
                    &written.fragment,
                )
                .unwrap();
            let mut about = said.unmet.iter().filter(|one| one.symbol == *selectee);
            match about.next() {
                Some(complaint) if complaint.text == warning => same += 1,
                other => different.push((other.map(|it| it.text.clone()), warning)),
            }
        }
        println!("{}: {same} warnings are the same", tree.name);
        for (confs, ours) in &different {
            println!(
                "conf:\n{}\nours:\n{ours}\n",
                confs.as_deref().unwrap_or("nothing")
            );
        }
        assert!(
            different.is_empty(),
            "{}: {} differ",
            tree.name,
            different.len()
        );
        assert!(same > 0, "{}: nothing to compare", tree.name);
    }
}

#[test]
fn conf_refutes_what_is_not_so() {
    let tree = crate::trees::newest();
    let library = Library::new(&tree);
    let options = options(&library, "arm");
    let files = library.loader.files().clone();
    let outcome = session::run(&library.project, files, &options, &|_, _, _| {}).unwrap();
    let conf = Conf::build(&tree.root, Kind::Linux).unwrap();
    let mut rewriter = Rewriter::new(&outcome, &options);
    let finding = outcome.findings.first().expect("a finding on arm");
    let written = rewriter.write(finding).unwrap().expect("a witness");
    let root_file = &library.project.root_file;

    let mut silent = written.clone();
    silent.fragment.clear();
    let said = session::confirm(&conf, root_file, finding, &silent);
    assert!(matches!(said, Confirmation::NotConfirmed(_)), "{said:?}");

    let mut other = finding.clone();
    if let Data::Unmet { selector, .. } = &mut other.data {
        *selector = "SOMEBODY_ELSE".to_owned();
    }
    let said = session::confirm(&conf, root_file, &other, &written);
    assert!(matches!(said, Confirmation::NotConfirmed(_)), "{said:?}");
}

/// A whole kernel has a folder `include`; the trees of these tests have only what Kconfig reads.
#[test]
fn conf_writes_nothing_into_the_tree() {
    for tree in all_linux() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        for part in ["scripts/kconfig", "scripts/include"] {
            let from = tree.root.join(part);
            let entries = fs::read_dir(&from).into_iter().flatten();
            fs::create_dir_all(root.join(part)).expect("a folder");
            for entry in entries.map(|entry| entry.expect("an entry").path()) {
                if entry.is_file() {
                    let name = entry.file_name().expect("a name");
                    fs::copy(&entry, root.join(part).join(name)).expect("a copy");
                }
            }
        }
        fs::create_dir(root.join("include")).expect("a folder");
        fs::write(root.join("Kconfig"), "config A\n\tbool \"a\"\n").expect("a file");
        let conf = Conf::build(root, Kind::Linux).expect("a conf");
        let none = BTreeMap::new();
        let said = conf.all_default("Kconfig", &none, &none, "CONFIG_A=y\n");
        let config = said.expect("a configuration").config;
        assert!(config.contains("CONFIG_A=y"), "{config}");
        assert_eq!(conf.changed(), [""; 0], "{}", tree.name);
    }
}

/// conf runs the commands itself here, in a shell; our model has only what the probe recorded.
#[test]
fn the_probe_and_conf_agree_about_this_machine() {
    for tree in all_linux() {
        let library = Library::new(&tree);
        let options = options(&library, "x86");
        let files = library.loader.files().clone();
        let before = top(&tree.root);
        let probed =
            session::probe(&library.project, files, &tree.root, &options, &|_, _, _| {}).unwrap();
        println!(
            "{}: {} commands in {:.1} s",
            tree.name,
            probed.executed.len(),
            probed.time.as_secs_f32()
        );
        assert!(probed.executed.len() > 50, "{}", tree.name);
        assert_eq!(top(&tree.root), before, "{}: something was left", tree.name);
        let mut distinct = BTreeSet::new();
        for executed in &probed.executed {
            assert!(distinct.insert(&executed.command), "{}", executed.command);
            assert!(executed.answer.is_some(), "{}", executed.command);
        }

        let architecture = &options.architectures[0];
        let menu = elaborate(
            &library.loader,
            &library.project,
            architecture,
            &probed.toolchain,
        )
        .unwrap();
        assert_eq!(
            menu.commands.commands.len(),
            0,
            "{}: unknowns are left",
            tree.name
        );
        assert_eq!(
            menu.commands.tests.len(),
            0,
            "{}: unknowns are left",
            tree.name
        );
        let model = Model::new(Arc::new(menu), library.project.behaviour);
        let ours = dot_config(&model, &library.project.prefix, &Inputs::default());

        let conf = Conf::build(&tree.root, Kind::Linux).unwrap();
        let confs = conf
            .all_default(
                &library.project.root_file,
                &architecture.environment,
                &BTreeMap::new(),
                "",
            )
            .unwrap();
        assert_same(&ours, &confs.config, &tree.name);
    }
}

/// A tree with a kconfiglib of its own: no conf is built, and Python has to have nothing.
#[test]
fn kconfiglib_confirms_what_it_warns_about() {
    let tree = tempfile::tempdir().expect("a folder");
    let library = kconfiglib().root.join("kconfiglib.py");
    fs::copy(library, tree.path().join("kconfiglib.py")).expect("kconfiglib");
    let text = "config D\n\tbool \"D\"\n\nconfig T\n\tbool\n\tdepends on D\n\n\
                config S\n\tbool \"S\"\n\tselect T if $(shell,answer) = 3 && \"$(VARIABLE)\" = \"a\"\n";
    fs::write(tree.path().join("Kconfig"), text).expect("a file");
    let tree = Linux {
        root: tree.path().to_owned(),
        ..kconfiglib()
    };
    let library = Library::new(&tree);
    let options = options(&library, "");
    let files = library.loader.files().clone();
    let outcome = session::run(&library.project, files, &options, &|_, _, _| {}).unwrap();
    let conf = Conf::build(&tree.root, library.project.kind).unwrap();
    let finding = outcome
        .findings
        .iter()
        .find(|it| it.rule == "unmet-dependency")
        .expect("a finding");
    let written = Rewriter::new(&outcome, &options).write(finding);
    let written = written.unwrap().expect("a witness");
    let said = session::confirm(&conf, "Kconfig", finding, &written);
    assert_eq!(said, Confirmation::Confirmed);
    let mut silent = written.clone();
    silent.answers.clear();
    silent.answers.insert("answer".to_owned(), "4".to_owned());
    let said = session::confirm(&conf, "Kconfig", finding, &silent);
    assert!(matches!(said, Confirmation::NotConfirmed(_)), "{said:?}");
}
