// SPDX-License-Identifier: MIT OR Apache-2.0
//! Random trees of a few symbols, judged by conf with all user values enumerated: the
//! evaluator computes what conf computes, and the theory has exactly conf's configurations
//! and exactly its unmet pairs (verification.md 4 and 7).
//!
//! `KCONFIG_LINT_SMALL_TREES` is the number of trees for each kconfig, `KCONFIG_LINT_SMALL_SEED`
//! the first seed, `KCONFIG_LINT_SMALL_ONLY` one seed whose tree is printed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kconfig_lint::model::{Model, SymbolId};
use kconfig_lint::tree::ChoiceForm;
use rayon::prelude::*;

use crate::driver::Reading;
use crate::generate::{Generated, generate};
use crate::judge::Judge;
use crate::library::Library;
use crate::trees::{Environment, Linux, all_linux};
use crate::trial::Trial;

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
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut differences = Vec::new();
    for tree in all_linux() {
        let library = Library::new(&tree);
        let reports: Vec<Report> = seeds
            .clone()
            .into_par_iter()
            .map(|seed| {
                let form = library.project.behaviour.choices;
                let generated = generate(seed, form);
                if only.is_some() {
                    println!("{}", generated.text);
                }
                let reading =
                    Reading::folder(&tree, folder.path()).with("Kconfig", &generated.text);
                examine(&tree, &library, &reading, seed, generated)
            })
            .collect();
        print_counts(&tree, &reports);
        let here = reports.into_iter().flat_map(|report| report.differences);
        differences.extend(here);
    }
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
const ONCE_DIFFERENT: [&str; 6] = [
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
const ONCE_DIFFERENT_OLD: [&str; 4] = [
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
];

#[test]
fn small_trees_that_once_differed_do_not() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for tree in all_linux() {
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
struct Report {
    constructs: BTreeSet<&'static str>,
    /// Whether conf and the model refuse it for its cycles.
    refused: bool,
    /// Whether only the model refuses it.
    stricter: bool,
    /// User values that conf was asked about.
    asked: usize,
    /// Distinct configurations of the theory that conf was given.
    models: usize,
    /// Whether these were all there are.
    complete: bool,
    /// Unmet pairs.
    pairs: usize,
    differences: Vec<String>,
}

fn print_counts(tree: &Linux, reports: &[Report]) {
    let taken: Vec<&Report> = reports.iter().filter(|report| !report.refused).collect();
    let sum = |count: fn(&Report) -> usize| taken.iter().map(|report| count(report)).sum::<usize>();
    println!(
        "{}: {} trees, {} refused for a cycle ({} only by us), {} with a finding ({} pairs), {} user inputs, \
         {} configurations of the theory ({} trees with all of them), {} with a difference",
        tree.name,
        reports.len(),
        reports.len() - taken.len(),
        reports.iter().filter(|report| report.stricter).count(),
        taken.iter().filter(|report| report.pairs > 0).count(),
        sum(|report| report.pairs),
        sum(|report| report.asked),
        sum(|report| report.models),
        taken.iter().filter(|report| report.complete).count(),
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

fn examine(
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
    let cyclic = !model.cycles().is_empty();
    let judge = match Judge::new(reading) {
        Ok(judge) if !cyclic => judge,
        Err(failed) if failed.messages.contains("recursive dependency") && cyclic => {
            report.refused = true;
            return report;
        }
        // conf folds `A || !A` and `A = m` of a bool away before it looks for cycles.
        Ok(_) if generated.text.contains("|| !") || generated.text.contains("= m") => {
            report.refused = true;
            report.stricter = true;
            return report;
        }
        Ok(_) => {
            report.refused = true;
            report.differences.push(format!(
                "{place}: a cycle that conf does not see\n{}",
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
    };
    let verdict = Trial::new(judge, &model, seed).run();
    report.asked = verdict.asked;
    report.models = verdict.models;
    report.complete = verdict.complete;
    report.pairs = verdict.pairs;
    let text = &generated.text;
    let shown = verdict.differences.iter().take(1);
    report
        .differences
        .extend(shown.map(|difference| format!("{place}: {difference}\n{text}")));
    report
}

/// Lets every symbol be an expression, so that the theory can be asked about it.
fn mention(model: &mut Model) {
    for id in 0..model.symbols.len() as u32 {
        model.exprs.symbol(SymbolId(id));
    }
}
