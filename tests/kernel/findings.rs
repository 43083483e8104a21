// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every finding on every architecture, confirmed by the tree's own conf: its witness makes
//! conf warn about that symbol, with that selector among those it lists.

use kconfig_lint::config::Levels;
use kconfig_lint::diagnostic::{Data, Diagnostic, Witness};
use kconfig_lint::menu::Toolchain;
use kconfig_lint::rules::policy;
use kconfig_lint::session::{self, Options, Outcome};
use rayon::prelude::*;

use crate::answers::Answers;
use crate::driver::Reading;
use crate::judge::{Judge, Mode, SymbolKey};
use crate::library::Library;
use crate::trees::{Linux, all_linux};

#[test]
fn every_finding_is_confirmed_by_conf() {
    for tree in all_linux() {
        let architectures = tree.architectures_in_turn();
        let confirmed: Vec<Vec<String>> = architectures
            .par_iter()
            .map(|architecture| confirm_architecture(&tree, architecture))
            .collect();
        let confirmed: Vec<String> = confirmed.into_iter().flatten().collect();
        println!("{}: {} findings confirmed", tree.name, confirmed.len());
        for line in &confirmed {
            println!("{line}");
        }
        assert!(!confirmed.is_empty(), "{}: nothing to confirm", tree.name);
    }
}

/// Runs one architecture alone, so that each finding's witness is of this architecture.
fn confirm_architecture(tree: &Linux, architecture: &str) -> Vec<String> {
    let outcome = lint(tree, architecture);
    assert_eq!(
        outcome.internal_errors, [""; 0],
        "{} {architecture}",
        tree.name
    );
    // What other rules find, conf does not warn about when it writes a configuration.
    let unmet = outcome.findings.iter();
    unmet
        .filter(|finding| matches!(finding.data, Data::Unmet { .. }))
        .map(|finding| confirm(tree, architecture, finding))
        .collect()
}

fn lint(tree: &Linux, architecture: &str) -> Outcome {
    let library = Library::new(tree);
    let project = &library.project;
    let mut architectures = project.architectures.clone();
    architectures.retain(|known| known.name == architecture);
    let options = Options {
        architectures,
        toolchain: Toolchain::default(),
        levels: Levels::default(),
        policies: policy::builtin(),
        remarks: false,
        effort: kconfig_lint::logic::Effort::DEFAULT,
        jobs: std::num::NonZeroUsize::new(1),
    };
    session::run(
        project,
        library.loader.files().clone(),
        &options,
        &|_, _, _| {},
    )
    .unwrap()
}

fn confirm(tree: &Linux, architecture: &str, finding: &Diagnostic) -> String {
    let place = format!("{} {architecture}: {}", tree.name, finding.message);
    let confirmed = confirm_on(Reading::kernel(tree, architecture), &place, finding);
    format!("{architecture} {confirmed}")
}

/// Asks conf, as it reads the tree, whether the witness of a finding shows it.
///
/// # Panics
/// When it does not.
pub(crate) fn confirm_on(reading: Reading, place: &str, finding: &Diagnostic) -> String {
    let Data::Unmet {
        selector,
        selectee,
        level,
        ..
    } = &finding.data
    else {
        panic!("{place}: not an unmet dependency");
    };
    let witness = finding
        .witness
        .as_ref()
        .expect("every unmet dependency has a witness");
    let answers = Answers {
        recorded: witness.answers.clone().into_iter().collect(),
        succeed: false,
        fallback: "0".to_owned(),
    };
    let reading = reading.answers(answers);
    let mut judge = Judge::new(&reading).unwrap_or_else(|failed| panic!("{place}: {failed:?}"));
    let config = fragment(&judge, witness);
    let outcome = judge.unmet(Mode::Default, &config).unwrap();
    assert!(
        outcome.warned().contains(selectee.as_str()),
        "{place}: conf is silent\n{config}\n{}",
        unanswered(&judge)
    );
    let unmet = outcome
        .unmet
        .iter()
        .find(|unmet| unmet.symbol == SymbolKey::Name(selectee.clone()))
        .unwrap_or_else(|| panic!("{place}: conf names other symbols\n{config}"));
    let by = unmet
        .selectors
        .iter()
        .find(|(by, _)| *by == SymbolKey::Name(selector.clone()));
    let (_, strength) = by.unwrap_or_else(|| panic!("{place}: not among {:?}", unmet.selectors));
    match *level {
        "off" => assert_eq!(unmet.direct, 'n', "{place}"),
        _ => assert_eq!((unmet.direct, *strength), ('m', 'y'), "{place}"),
    }
    format!("{selector} {selectee} {level}")
}

/// The commands that the witness does not answer: a reason for conf to differ.
fn unanswered(judge: &Judge) -> String {
    let asked = judge.commands.iter().filter(|asked| !asked.recorded);
    let lines = asked.map(|asked| format!("{} -> {}\n", asked.command, asked.answer));
    format!("not recorded:\n{}", lines.collect::<String>())
}

/// The lines that the witness names, as a user would write them.
pub(crate) fn fragment(judge: &Judge, witness: &Witness) -> String {
    let mut text = String::new();
    for (name, value) in &witness.config {
        let key = SymbolKey::Name(name.clone());
        let kind = judge
            .symbols
            .iter()
            .find(|(known, _)| *known == key)
            .map(|(_, kind)| kind);
        let line = match kind.map(String::as_str) {
            Some("bool" | "tristate") if value == "n" => format!("# CONFIG_{name} is not set\n"),
            Some("string") => format!("CONFIG_{name}=\"{value}\"\n"),
            _ => format!("CONFIG_{name}={value}\n"),
        };
        text.push_str(&line);
    }
    text
}
