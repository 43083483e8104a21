// SPDX-License-Identifier: MIT OR Apache-2.0
//! Random trees of a few symbols, judged by conf with all user values enumerated: the
//! evaluator computes what conf computes, and the theory has exactly conf's configurations
//! and exactly its unmet pairs (verification.md 4 and 7).
//!
//! `KCONFIG_LINT_SMALL_TREES` is the number of trees for each kconfig, `KCONFIG_LINT_SMALL_SEED`
//! the first seed, `KCONFIG_LINT_SMALL_KCONFIG` the name of the only kconfig,
//! `KCONFIG_LINT_SMALL_ONLY` one seed whose tree is printed, and
//! `KCONFIG_LINT_SMALL_TEXT` a file to take in place of that tree.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kconfig_lint::logic::{Inputs, all_answers};
use kconfig_lint::model::{Cycle, CycleStep, EdgeKind, Model, SymbolId};
use kconfig_lint::tree::ChoiceForm;
use rayon::prelude::*;

use crate::bench::judge_with;
use crate::driver::{Asked, Reading};
use crate::generate::{Generated, generate, generate_for};
use crate::library::Library;
use crate::trees::{Environment, Linux, all_linux, esp_idf_kconfig, kconfiglib, latest};
use crate::trial::{Trial, Verdict};

/// Trees for each kconfig, unless the environment says otherwise.
const TREES: u64 = 400;

/// The most differences that a failure prints.
const MOST_SHOWN: usize = 20;

#[test]
fn small_trees_mean_what_conf_says() {
    let count = number("KCONFIG_LINT_SMALL_TREES").unwrap_or(TREES);
    let first = number("KCONFIG_LINT_SMALL_SEED").unwrap_or(1);
    let only = number("KCONFIG_LINT_SMALL_ONLY");
    let seeds = only.map_or(first..first + count, |seed| seed..seed + 1);
    examine_all(&seeds.collect::<Vec<u64>>(), only.is_some());
}

#[test]
fn modules_may_depend_on_a_tristate() {
    let count = number("KCONFIG_LINT_SMALL_TREES").unwrap_or(TREES) / 8;
    let first = number("KCONFIG_LINT_SMALL_SEED").unwrap_or(1);
    let is_late = |seed: &u64| {
        let constructs = generate(*seed, ChoiceForm::New).constructs;
        constructs.contains("MODULES after a tristate")
    };
    let seeds = (first..).filter(is_late).take(count as usize);
    examine_all(&seeds.collect::<Vec<u64>>(), false);
}

#[test]
fn small_trees_mean_what_kconfiglib_says() {
    let count = number("KCONFIG_LINT_SMALL_TREES").unwrap_or(TREES / 8);
    let first = number("KCONFIG_LINT_SMALL_SEED").unwrap_or(1);
    let only = number("KCONFIG_LINT_SMALL_ONLY");
    let seeds = only.map_or(first..first + count, |seed| seed..seed + 1);
    examine_with(
        &[kconfiglib()],
        &seeds.collect::<Vec<u64>>(),
        only.is_some(),
    );
}

#[test]
fn small_trees_mean_what_esp_idf_kconfig_says() {
    let count = number("KCONFIG_LINT_SMALL_TREES").unwrap_or(TREES / 16);
    let first = number("KCONFIG_LINT_SMALL_SEED").unwrap_or(1);
    let only = number("KCONFIG_LINT_SMALL_ONLY");
    let seeds = only.map_or(first..first + count, |seed| seed..seed + 1);
    examine_with(
        &[esp_idf_kconfig()],
        &seeds.collect::<Vec<u64>>(),
        only.is_some(),
    );
}

/// Holds the trees of these seeds against every conf.
fn examine_all(seeds: &[u64], show: bool) {
    let only = std::env::var("KCONFIG_LINT_SMALL_KCONFIG").ok();
    let trees = all_linux().into_iter().chain([latest()]);
    let trees = trees.filter(|tree| only.as_ref().is_none_or(|only| *only == tree.name));
    let trees: Vec<Linux> = trees.collect();
    assert!(!trees.is_empty(), "no kconfig has the name {only:?}");
    examine_with(&trees, seeds, show);
}

/// Holds the trees of these seeds against the programs of these trees.
fn examine_with(trees: &[Linux], seeds: &[u64], show: bool) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut differences = Vec::new();
    for tree in trees {
        let library = Library::new(tree);
        let reports: Vec<Report> = seeds
            .par_iter()
            .map(|&seed| {
                let mut generated = generate_for(seed, &library.project);
                if let Some(file) = std::env::var_os("KCONFIG_LINT_SMALL_TEXT") {
                    generated.text = std::fs::read_to_string(file).expect("a Kconfig file");
                }
                if show {
                    println!("{}", generated.text);
                }
                let reading = Reading::folder(tree, folder.path()).with("Kconfig", &generated.text);
                let report = examine(tree, &library, &reading, seed, generated);
                // At once: a long run may be cut short from outside.
                for difference in &report.differences {
                    println!("{}: {difference}", tree.name);
                }
                report
            })
            .collect();
        print_counts(&tree.name, &reports);
        let folded = reports.iter().filter(|report| report.folded > 0).count();
        assert!(folded * 20 < reports.len() + 20, "{folded} trees");
        let here = reports.into_iter().flat_map(|report| report.differences);
        differences.extend(here);
    }
    assert_none(&differences);
}

pub(crate) fn assert_none(differences: &[String]) {
    let shown: Vec<&str> = differences
        .iter()
        .map(String::as_str)
        .take(MOST_SHOWN)
        .collect();
    assert!(
        differences.is_empty(),
        "{} differences:\n{}",
        differences.len(),
        shown.join("\n")
    );
}

/// Trees on which the theory or the evaluator once differed from conf.
const ONCE_DIFFERENT: [&str; 12] = [
    // Two words with the same unknown inside are ordered: the default is no text that the tree compares.
    "config S\n\tstring\n\tdefault \"a$(ENV)\"\n\n\
     config A\n\tbool \"p\" if S <= \"b\" && \"$(ENV)\" != \"3\"\n",
    // Nothing lies in the range: a small number becomes 3, a great one 1.
    "config I\n\tint \"p\"\n\trange 3 1\n\nconfig A\n\tbool \"p\" if I = 1\n",
    // Two strings in order between two constants.
    "config S\n\tstring \"p\"\n\nconfig T\n\tstring \"p\"\n\n\
     config A\n\tbool \"p\" if S > \"a\" && T > S && T < \"b\"\n",
    // conf folds both away before it looks for cycles.
    "config A\n\tbool \"p\"\n\tdepends on B || !B\n\n\
     config B\n\tbool \"p\"\n\tdepends on A\n",
    "config A\n\tbool \"p\"\n\tdepends on !(B = m)\n\n\
     config B\n\tbool \"p\"\n\tdepends on A\n",
    // The same beside what only the toolchain knows.
    "config A\n\tbool \"p\"\n\tdepends on (B || !B) && \"$(ENV)\" = \"a\"\n\n\
     config B\n\tbool \"p\"\n\tdepends on A\n",
    // Strings are ordered: something lies between "" and "b".
    "config S\n\tstring \"p\"\n\nconfig A\n\tbool \"p\" if S > \"\" && S < \"b\"\n",
    // A letter is a number.
    "config I\n\tint \"p\"\n\nconfig B\n\tbool \"p\"\n\nconfig A\n\tbool \"p\" if I = B\n",
    // Two strings that differ from each other and from the constant.
    "config S\n\tstring \"p\"\n\nconfig T\n\tstring \"p\"\n\n\
     config A\n\tbool \"p\" if S != T && S != \"a\" && T != \"a\" && S != \"\" && T != \"\"\n",
    // A select of a choice member that its choice does not decide has no effect.
    "config B\n\tbool \"p\"\n\tselect A\n\nchoice\n\tprompt \"c\" if !B\n\tdepends on !B\n\n\
     config A\n\tbool \"p\"\n\nconfig C\n\tbool \"p\"\n\nendchoice\n",
    // An old choice is m only when a member has a value; a member's default can be y then.
    "config MODULES\n\tbool \"p\"\n\tmodules\n\nconfig A\n\tbool \"p\"\n\n\
     choice\n\tprompt \"c\"\n\nconfig B\n\tbool \"p\"\n\nconfig C\n\tbool \"p\" if A\n\n\
     endchoice\n",
    "config MODULES\n\tbool \"p\"\n\tmodules\n\nconfig A\n\tbool \"p\" if MODULES\n\tselect D\n\n\
     config D\n\ttristate \"p\"\n\tdepends on MODULES = n\n",
];

/// The same for what only the old form of choices has.
const ONCE_DIFFERENT_OLD: [&str; 11] = [
    // One member has a value, the other one takes a default that the choice does not bound.
    "config MODULES\n\tbool \"p\"\n\tmodules\n\nchoice\n\ttristate\n\tprompt \"c\"\n\n\
     config A\n\ttristate \"p\"\n\nconfig B\n\ttristate \"p\"\n\nendchoice\n\n\
     config B\n\tdefault y\n",
    // B depends on its sibling only before conf has folded that.
    "config X\n\tbool \"p\"\n\nchoice\n\tprompt \"c\"\n\nconfig A\n\tbool \"p\"\n\tdepends on X\n\n\
     config B\n\tbool \"p\"\n\tdepends on X && (A || !A)\n\n\
     config C\n\tbool \"p\"\n\nendchoice\n",
    // A choice without a type is n, although its prompt forces it.
    "config B\n\tbool \"p\"\n\nchoice\n\tprompt \"c\"\n\nif B\n\n\
     config A\n\tbool \"p\"\n\nendif\n\nendchoice\n",
    "config MODULES\n\tbool \"p\"\n\tmodules\n\nchoice\n\ttristate\n\tprompt \"c\"\n\toptional\n\n\
     config A\n\ttristate \"p\"\n\nconfig B\n\ttristate \"p\"\n\nendchoice\n",
    "config MODULES\n\tbool \"p\"\n\tmodules\n\nchoice\n\ttristate\n\tprompt \"c\"\n\n\
     config A\n\ttristate \"p\"\n\nconfig B\n\ttristate \"p\"\n\nendchoice\n\n\
     config A\n\tdefault y\n",
    // A prompt outside of the choice.
    "config B\n\tbool \"p\"\n\nchoice\n\tbool\n\tprompt \"c\" if B\n\tdepends on B\n\n\
     config A\n\tbool \"p\"\n\nendchoice\n\nconfig A\n\tprompt \"p\"\n\tdefault y\n",
    // A choice without a type is n; its members are defined nevertheless.
    "config B\n\tbool \"p\"\n\tselect D\n\nchoice\n\tprompt \"c\"\n\nif B\n\n\
     config A\n\tbool \"p\"\n\tdefault y\n\nendif\n\nendchoice\n\n\
     config D\n\tbool\n\tdepends on !A\n",
    // The same, where something compares the choice as the text that it is without a type.
    "config B\n\tbool \"p\"\n\nchoice C\n\tprompt \"c\"\n\nif B\n\n\
     config A\n\tbool \"p\"\n\tdefault y\n\nendif\n\nendchoice\n\n\
     config D\n\tbool \"p\"\n\tdepends on C != n || A\n",
    // A choice can take a number, which keeps its text.
    "config X\n\tbool \"p\"\n\nchoice\n\tprompt \"c\"\n\nconfig A\n\tbool \"p\" if X\n\n\
     config I\n\tint \"p\"\n\tdefault 3\n\nendchoice\n\n\
     config B\n\tbool \"p\"\n\tdepends on I = 3\n",
    // A user's number outside of its range counts there, and is moved.
    "choice\n\tprompt \"c\"\n\nconfig A\n\tbool \"p\"\n\n\
     config I\n\tint \"p\"\n\tdefault 2\n\trange 1 5\n\nendchoice\n\n\
     config B\n\tbool \"p\"\n\tdepends on I = 5\n",
    // An m behind a y: the choice forgets both, a prompt outside of it does not.
    "config MODULES\n\tbool \"p\"\n\tmodules\n\nchoice C\n\ttristate\n\tprompt \"c\"\n\toptional\n\n\
     config A\n\ttristate \"p\"\n\nconfig B\n\ttristate \"p\"\n\nendchoice\n\n\
     config A\n\ttristate \"p\"\n\tdepends on m\n\nconfig D\n\tdef_bool C = n && A = m\n",
];

#[test]
fn small_trees_that_once_differed_do_not() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for tree in all_linux().into_iter().chain([latest()]) {
        let library = Library::new(&tree);
        let old = library.project.behaviour.choices == ChoiceForm::Old;
        let more = if old { &ONCE_DIFFERENT_OLD[..] } else { &[] };
        for text in ONCE_DIFFERENT.iter().chain(more) {
            let reading = Reading::folder(&tree, folder.path()).with("Kconfig", text);
            let generated = Generated {
                text: (*text).to_owned(),
                constructs: BTreeSet::new(),
            };
            let report = examine(&tree, &library, &reading, 0, generated);
            assert_eq!(report.differences, [""; 0]);
            assert!(!report.refused && report.complete, "{text}");
        }
    }
}

/// Trees with a cycle, unless a constant hides it: which kconfigs refuse them (6.1, 6.12).
const CYCLES: [(&str, bool, bool); 5] = [
    // What 6.1 folds only beside something else.
    ("\tdepends on B && n\n", true, false),
    ("\tdepends on B && n && n\n", false, false),
    ("\tdepends on B || y\n", true, false),
    // The value of a default is not folded.
    ("\tdefault B && n\n", true, true),
    // Folded in both, and the cycle stays.
    ("\tdepends on (B || !B) && B\n", true, true),
];

#[test]
fn constants_hide_a_cycle_where_conf_folds_them() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for tree in all_linux().into_iter().chain([latest()]) {
        let library = Library::new(&tree);
        let old = library.project.behaviour.choices == ChoiceForm::Old;
        for (line, in_old, in_new) in CYCLES {
            let text =
                format!("config A\n\tbool \"p\"\n{line}\nconfig B\n\tbool \"p\"\n\tdepends on A\n");
            let reading = Reading::folder(&tree, folder.path()).with("Kconfig", &text);
            let generated = Generated {
                text: text.clone(),
                constructs: BTreeSet::new(),
            };
            let report = examine(&tree, &library, &reading, 0, generated);
            assert_eq!(report.differences, [""; 0]);
            assert_eq!(report.refused, if old { in_old } else { in_new }, "{text}");
        }
    }
}

/// A number from the environment.
pub(crate) fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{variable}={text}: not a number")),
    )
}

/// What came out for one tree.
#[derive(Default)]
pub(crate) struct Report {
    constructs: BTreeSet<&'static str>,
    /// Whether conf and the model refuse it for its cycles.
    refused: bool,
    /// User values that conf was asked about.
    asked: usize,
    /// Distinct configurations of the theory that conf was given.
    models: usize,
    /// Whether these were all there are.
    complete: bool,
    /// Unmet pairs.
    pub(crate) pairs: usize,
    /// Answers of the theory that do not replay, since MODULES depends on a tristate only sometimes.
    unordered: usize,
    /// Configurations that were not compared: conf had folded away what MODULES depends on.
    folded: usize,
    pub(crate) differences: Vec<String>,
}

fn print_counts(name: &str, reports: &[Report]) {
    let taken: Vec<&Report> = reports.iter().filter(|report| !report.refused).collect();
    let sum = |count: fn(&Report) -> usize| taken.iter().map(|report| count(report)).sum::<usize>();
    println!(
        "{name}: {} trees, {} refused for a cycle, {} with a finding ({} pairs), {} user inputs, \
         {} configurations of the theory ({} trees with all of them), {} answers that hang on the order of computation, {} configurations not compared, {} with a difference",
        reports.len(),
        reports.len() - taken.len(),
        taken.iter().filter(|report| report.pairs > 0).count(),
        sum(|report| report.pairs),
        sum(|report| report.asked),
        sum(|report| report.models),
        taken.iter().filter(|report| report.complete).count(),
        sum(|report| report.unordered),
        sum(|report| report.folded),
        reports
            .iter()
            .filter(|report| !report.differences.is_empty())
            .count(),
    );
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for construct in taken.iter().flat_map(|report| &report.constructs) {
        *counts.entry(construct).or_default() += 1;
    }
    for (construct, count) in counts {
        println!("  {count:6} {construct}");
    }
}

pub(crate) fn examine(
    tree: &Linux,
    library: &Library,
    reading: &Reading,
    seed: u64,
    generated: Generated,
) -> Report {
    let mut report = Report {
        constructs: generated.constructs,
        ..Report::default()
    };
    let mut model = library
        .small(&generated.text)
        .model(&Environment::new(), &[]);
    mention(&mut model);
    let model = Arc::new(model);
    let place = format!("{} seed {seed}", tree.name);
    let cycles = model.cycles();
    let cyclic = !cycles.is_empty();
    let refused = model.refused(&library.project.grammar);
    let toolchain = all_answers(&model, &Inputs::default()).expect("commands are kept apart");
    match judge_with(reading, &toolchain) {
        // Before Linux 4.18 conf says that there is a cycle, and reads the tree all the same (symbol.c,
        // `sym_check_deps`).
        Ok(judge) if is_of_cycle(&judge.messages) => {
            report.refused = true;
            if !cyclic {
                let messages = &judge.messages;
                let text = &generated.text;
                let difference = format!("{place}: conf sees a cycle\n{messages}\n{text}");
                report.differences.push(difference);
            }
            return report;
        }
        Ok(_) if !cyclic && refused.is_empty() => {}
        Err(failed) if failed.messages.contains("can only have help") && !refused.is_empty() => {
            report.refused = true;
            return report;
        }
        Err(failed) if failed.messages.contains("malformed default") && !refused.is_empty() => {
            report.refused = true;
            return report;
        }
        Err(failed) if is_of_cycle(&failed.messages) && cyclic => {
            report.refused = true;
            return report;
        }
        // What hangs on the toolchain is refused when one of its answers makes conf refuse it.
        Ok(_) if !cyclic && !is_refused_with(library, &generated.text, &toolchain) => {
            report.refused = true;
            return report;
        }
        Ok(_)
            if cyclic
                && model.behaviour.is_kconfiglib()
                && are_of_foreign_defaults(&cycles, &model) =>
        {
            report.refused = true;
            return report;
        }
        Ok(_) => {
            report.refused = true;
            report.differences.push(format!(
                "{place}: conf accepts what we refuse: {refused:?}, or a cycle\n{}",
                generated.text
            ));
            return report;
        }
        Err(failed) => {
            report.refused = true;
            let messages = failed.messages;
            report.differences.push(format!(
                "{place}: conf refuses\n{messages}\n{}",
                generated.text
            ));
            return report;
        }
    }
    let verdict = Trial::new(reading, &model, seed).run();
    report.note(verdict, &place, &generated.text);
    report
}

/// Whether all cycles are of choices that ask whether a symbol outside is visible. kconfiglib looks for none
/// of these; while it computes values, it calls itself without end where it comes around.
fn are_of_foreign_defaults(cycles: &[Cycle], model: &Model) -> bool {
    let is_foreign = |step: &CycleStep| {
        step.kind == EdgeKind::Default && model.symbol(step.from).choice.is_some()
    };
    let mut cycles = cycles.iter();
    cycles.all(|cycle| cycle.steps.iter().any(is_foreign))
}

/// Whether conf or kconfiglib speaks of a cycle.
fn is_of_cycle(messages: &str) -> bool {
    messages.contains("recursive dependency") || messages.contains("Dependency loop")
}

/// Whether a text is refused where the toolchain gives these answers.
fn is_refused_with(library: &Library, text: &str, toolchain: &BTreeMap<String, String>) -> bool {
    let asked = toolchain.iter().map(|(command, answer)| Asked {
        command: command.clone(),
        answer: answer.clone(),
        recorded: true,
    });
    let asked: Vec<Asked> = asked.collect();
    let model = library.small(text).model(&Environment::new(), &asked);
    !model.refused(&library.project.grammar).is_empty()
}

impl Report {
    fn note(&mut self, verdict: Verdict, place: &str, text: &str) {
        self.asked = verdict.asked;
        self.models = verdict.models;
        self.complete = verdict.complete;
        self.pairs = verdict.pairs;
        self.unordered = verdict.unordered;
        self.folded = verdict.folded;
        let shown = verdict.differences.iter().take(1);
        self.differences
            .extend(shown.map(|difference| format!("{place}: {difference}\n{text}")));
    }
}

/// Lets every symbol be an expression, so that the theory can be asked about it.
pub(crate) fn mention(model: &mut Model) {
    for id in 0..model.symbols.len() as u32 {
        model.exprs.symbol(SymbolId(id));
    }
}
