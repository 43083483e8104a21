// SPDX-License-Identifier: MIT OR Apache-2.0
//! The model of all architectures of a tree against the models of each of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use kconfig_lint::config::Levels;
use kconfig_lint::diagnostic::{Data, Diagnostic};
use kconfig_lint::logic::{Bounds, Theory};
use kconfig_lint::menu::merge::elaborate_all;
use kconfig_lint::menu::{Loader, Toolchain, elaborate};
use kconfig_lint::model::{Cycle, Model};
use kconfig_lint::rules::{Check, Policy, RULES, policy, unmet_dependency};
use kconfig_lint::session::{self, Options, Outcome};
use kconfig_lint::source::{Files, Overlay, WorkTree};
use kconfig_lint::tree::{ArchSet, Architecture, Project};

use crate::generate::{Random, generate};
use crate::library::Library;
use crate::mutants::Ground;
use crate::small_trees::number;
use crate::trees;

/// Bounds are computed by all that a symbol is made of: a dependency that got lost, a default out
/// of its order or a select of the wrong architecture shows in them.
#[test]
fn all_architectures_together_have_the_bounds_of_each() {
    for tree in [trees::newest(), trees::latest()] {
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

/// The old way asks each architecture by itself; one question for all has to have the same answers.
#[test]
fn one_theory_of_all_architectures_has_the_answers_of_each() {
    // `tests/all` takes a third of what is examined architecture by architecture.
    let long = std::env::var_os("KCONFIG_LINT_TURN").is_none();
    let trees = trees::all_linux();
    for tree in &trees[..if long { trees.len() } else { 1 }] {
        let library = Library::new(tree);
        library.loader.prefetch(&library.project);
        let all = &library.project.architectures;
        let menu = elaborate_all(
            &library.loader,
            &library.project,
            all,
            &Toolchain::default(),
        );
        if let Err(error) = menu {
            panic!("{}: a kernel is read together, not {error:?}", tree.name);
        }
        let start = Instant::now();
        let Some(together) = together(&library) else {
            // What conf folds differs from one architecture to the next.
            assert_eq!(tree.name, "linux-6.1");
            continue;
        };
        println!(
            "{}: {} unmet pairs, together in {:?}",
            tree.name,
            together.len(),
            start.elapsed()
        );
        let start = Instant::now();
        let apart = apart(&library).expect("every witness replays");
        println!("{}: each by itself in {:?}", tree.name, start.elapsed());
        assert_eq!(together, apart, "{}", tree.name);
    }
}

/// Trees of a few symbols for three architectures, which have a file of their own between two that
/// they share: the same names come in another order, with other types, in other choices.
#[test]
fn small_trees_of_several_architectures_have_the_answers_of_each() {
    let count = number("KCONFIG_LINT_MERGED_TREES").unwrap_or(200);
    let first = number("KCONFIG_LINT_MERGED_SEED").unwrap_or(1);
    for tree in trees::all_linux() {
        let like = Library::new(&tree);
        let (mut merged, mut with_pairs, mut cyclic) = (0u64, 0u64, 0);
        for seed in first..first + count {
            let library = several(&like, seed);
            if count == 1 {
                println!("seed {seed}{}", shown(&library));
            }
            let Some((together, apart)) = together(&library).zip(apart(&library)) else {
                continue;
            };
            merged += 1;
            let knots = knots(&library);
            assert_eq!(
                Some(&knots),
                knots_together(&library).as_ref(),
                "{}, seed {seed}{}",
                tree.name,
                shown(&library)
            );
            cyclic += knots.values().filter(|knotted| !knotted.is_empty()).count();
            let here = |line: &String| {
                let name = line.split_once(':').expect("an architecture").0;
                knots[name].is_empty()
            };
            let together: BTreeSet<_> = together.into_iter().filter(here).collect();
            let apart: BTreeSet<_> = apart.into_iter().filter(here).collect();
            with_pairs += u64::from(!apart.is_empty());
            let differences: Vec<_> = together.symmetric_difference(&apart).collect();
            assert!(
                differences.is_empty(),
                "{}, seed {seed}: {differences:?}; together {together:?}{}",
                tree.name,
                shown(&library)
            );
        }
        println!(
            "{}: {count} trees, {merged} read together, {with_pairs} with an unmet pair, {cyclic} \
             architectures with a cycle",
            tree.name
        );
        assert!(
            merged * 4 > count && with_pairs * 20 > merged,
            "{merged} {with_pairs}"
        );
    }
}

pub(crate) const PATHS: [&str; 4] = [
    "Kconfig",
    "arch/one/Kconfig",
    "arch/two/Kconfig",
    "arch/three/Kconfig",
];

/// A tree of three architectures, read as this tree's kconfig would read it.
pub(crate) fn several(like: &Library, seed: u64) -> Library {
    let form = like.project.behaviour.choices;
    let part = |at: u64| {
        let text = generate(seed * 8 + at, form).text;
        text.replace("mainmenu \"small\"\n\n", "")
    };
    let mut random = Random::new(seed);
    let source = "\nsource \"arch/$(SRCARCH)/Kconfig\"\n";
    let (before, after) = match random.below(3) {
        0 => (part(0), part(1)),
        1 => (String::new(), part(1)),
        _ => (part(0), String::new()),
    };
    let root = format!("{before}{source}{after}");
    let nothing = Arc::new(WorkTree::new("/nonexistent"));
    let mut reader = Overlay::new(nothing).with(PATHS[0], root.as_bytes());
    for (at, path) in PATHS[1..].iter().enumerate() {
        let text = match random.below(4) {
            0 => String::new(),
            _ => part(2 + at as u64),
        };
        reader = reader.with(path, text.as_bytes());
    }
    let architectures = ["one", "two", "three"].map(|name| Architecture {
        name: name.to_owned(),
        environment: [("SRCARCH".to_owned(), name.to_owned())].into(),
    });
    Library {
        project: Project {
            root_file: PATHS[0].to_owned(),
            architectures: architectures.to_vec(),
            ..like.project.clone()
        },
        loader: Loader::new(Arc::new(Files::new(reader))),
    }
}

pub(crate) fn shown(library: &Library) -> String {
    let reader = library.loader.files().reader();
    let text = |path: &str| String::from_utf8_lossy(&reader.read(path).unwrap()).into_owned();
    let all = PATHS
        .iter()
        .map(|path| format!("\n--- {path}\n{}", text(path)));
    all.collect()
}

pub(crate) fn options(architectures: &[Architecture]) -> Options {
    Options {
        architectures: architectures.to_vec(),
        toolchain: Toolchain::default(),
        levels: Levels::default(),
        policies: Vec::new(),
        remarks: false,
        effort: kconfig_lint::logic::Effort::DEFAULT,
        jobs: None,
    }
}

/// The symbols of each architecture that are on a cycle, as each by itself says.
fn knots(library: &Library) -> BTreeMap<String, BTreeSet<String>> {
    let all = library.project.architectures.iter();
    let knots = all.map(|it| {
        let model = alone(library, it);
        (it.name.clone(), knotted(&model, 0, &model.cycles()))
    });
    knots.collect()
}

fn alone(library: &Library, architecture: &Architecture) -> Model {
    let (loader, project) = (&library.loader, &library.project);
    let menu = elaborate(loader, project, architecture, &Toolchain::default());
    Model::new(Arc::new(menu.unwrap()), project.behaviour)
}

/// The same as one model of all says.
fn knots_together(library: &Library) -> Option<BTreeMap<String, BTreeSet<String>>> {
    let (project, loader) = (&library.project, &library.loader);
    let all = &project.architectures;
    let menu = elaborate_all(loader, project, all, &Toolchain::default()).ok()?;
    let model = Model::new(Arc::new(menu), project.behaviour);
    let each = model.cycles_of_each();
    let knots = all.iter().enumerate().map(|(at, architecture)| {
        let own = each.iter().find(|(its, _)| *its == at);
        let cycles = own.map_or(&[][..], |(_, cycles)| cycles);
        (architecture.name.clone(), knotted(&model, at, cycles))
    });
    Some(knots.collect())
}

/// Of a choice and its members any can stand in a step: here the choice stands for all.
fn knotted(model: &Model, at: usize, cycles: &[Cycle]) -> BTreeSet<String> {
    let steps = cycles.iter().flat_map(|cycle| &cycle.steps);
    let ends = steps.flat_map(|step| [step.from, step.to]);
    let ends = ends.map(|id| {
        let choice = model.symbol(id).member_of.map(|it| model.choice(it));
        let choice = choice.filter(|it| model.menu.node(it.node).on.contains(at));
        model.name(choice.map_or(id, |it| it.symbol))
    });
    ends.map(str::to_owned).collect()
}

/// The unmet pairs by one theory; `None` where the architectures cannot be read together.
fn together(library: &Library) -> Option<BTreeSet<String>> {
    let (project, loader) = (&library.project, &library.loader);
    let all = &project.architectures;
    let menu = elaborate_all(loader, project, all, &Toolchain::default()).ok()?;
    let model = Arc::new(Model::new(Arc::new(menu), project.behaviour));
    if model.is_unsound() {
        return None;
    }
    let mut theory = Theory::new(model.clone());
    let mut found = BTreeSet::new();
    let nothing = |_| ArchSet::EMPTY;
    // Where there is a cycle nothing has a value.
    let each = model.cycles_of_each().into_iter();
    let cyclic = each.fold(ArchSet::EMPTY, |all, (at, _)| all | ArchSet::only(at));
    let on = model.menu.on.without(cyclic);
    let pairs = unmet_dependency::pairs(&mut theory, &|_| true, on, &nothing);
    for ((selector, target, kind), on) in pairs.unmet {
        let (selector, target) = (model.name(selector), model.name(target));
        let name = |at: usize| &all[at].name;
        let line = |at| format!("{}: {selector} {target} {}", name(at), kind.word());
        found.extend(on.iter().map(line));
    }
    Some(found)
}

/// The unmet pairs of each by itself; `None` where a witness does not replay.
fn apart(library: &Library) -> Option<BTreeSet<String>> {
    let mut all = BTreeSet::new();
    for architecture in &library.project.architectures {
        let options = options(std::slice::from_ref(architecture));
        let outcome = run(library, &options);
        if !outcome.internal_errors.is_empty() {
            return None;
        }
        for finding in &outcome.findings {
            let Data::Unmet {
                selector,
                selectee,
                level,
                ..
            } = &finding.data
            else {
                continue;
            };
            let name = &architecture.name;
            all.insert(format!("{name}: {selector} {selectee} {level}"));
        }
    }
    Some(all)
}

fn run(library: &Library, options: &Options) -> Outcome {
    let files = library.loader.files().clone();
    let outcome = session::run(&library.project, files, options, &|_, _, _| {});
    outcome.expect("a tree that was read before")
}

/// The findings of a run that reads all architectures as one, and of one that analyses each. Remarks
/// want the latter.
fn both_reports(library: &Library, policies: &[Policy]) -> [Vec<Diagnostic>; 2] {
    [false, true].map(|remarks| {
        let options = Options {
            remarks,
            policies: policies.to_vec(),
            ..options(&library.project.architectures)
        };
        let outcome = run(library, &options);
        let nothing: [String; 0] = [];
        let errors = outcome.internal_errors;
        assert_eq!(errors, nothing, "one by one: {remarks}{}", shown(library));
        outcome.findings
    })
}

/// What a report says of all architectures at once is what it says of one after the other, with the same
/// words, terms, configurations and fixes.
#[test]
fn one_report_of_all_architectures_is_that_of_each() {
    let count = number("KCONFIG_LINT_MERGED_TREES").unwrap_or(200);
    let first = number("KCONFIG_LINT_MERGED_SEED").unwrap_or(1);
    for tree in [trees::newest(), trees::latest()] {
        let like = Library::new(&tree);
        let [together, apart] = both_reports(&like, &[]);
        assert_eq!(together, apart, "{}", tree.name);
        let (mut found, mut others) = (0, 0);
        for seed in first..first + count {
            let library = several(&like, seed);
            let policy = (seed % 2 == 0).then(some_policy);
            let [together, apart] = both_reports(&library, policy.as_slice());
            found += apart.len();
            for (together, apart) in together.iter().zip(&apart) {
                if together != apart {
                    others += 1;
                    println!("seed {seed}: {together:#?}\n{apart:#?}{}", shown(&library));
                }
            }
            assert_eq!(
                together.len(),
                apart.len(),
                "seed {seed}{}",
                shown(&library)
            );
        }
        println!("{}: {found} findings, {others} differ", tree.name);
        assert!(found as u64 > count, "{found}");
        assert_eq!(others, 0);
    }
}

/// The same of mutants of a kernel, `KCONFIG_LINT_MERGED_MUTANTS` of them.
#[test]
fn one_report_of_mutants_is_that_of_each_architecture() {
    let ground = Ground::new(trees::newest());
    let count = number("KCONFIG_LINT_MERGED_MUTANTS").unwrap_or(4);
    let first = number("KCONFIG_LINT_MUTANT_SEED").unwrap_or(1);
    let mut found = 0;
    for seed in first..first + count {
        let mutant = ground.pool.mutant(seed);
        let reader = Overlay::new(ground.reader.clone());
        let reader = reader.with(&mutant.path, mutant.text.as_bytes());
        let library = Library {
            project: ground.project.clone(),
            loader: Loader::new(Arc::new(Files::new(reader))),
        };
        let [together, apart] = both_reports(&library, &policy::builtin());
        found += together.len();
        let words = &mutant.words;
        assert_eq!(together, apart, "seed {seed}, {}: {words}", mutant.path);
    }
    println!("{count} mutants (seeds from {first}), {found} findings, 0 differ");
    assert!(found > 0);
}

/// A policy about symbols that the small trees have.
pub(crate) fn some_policy() -> Policy {
    Policy {
        name: "some".to_owned(),
        selectors_of: "S2".to_owned(),
        require: "S3".to_owned(),
        reason: String::new(),
        alternative: String::new(),
        line: None,
        places: None,
    }
}

/// What the rules say of a small tree as a whole has to be what they say of each architecture by itself:
/// nothing is found on an architecture that does not find it alone, and what all find alone is found.
#[test]
fn rules_say_of_all_architectures_what_they_say_of_each() {
    let count = number("KCONFIG_LINT_MERGED_TREES").unwrap_or(100);
    let first = number("KCONFIG_LINT_MERGED_SEED").unwrap_or(1);
    for tree in [trees::newest(), trees::latest()] {
        let like = Library::new(&tree);
        let (mut merged, mut found) = (0, 0);
        let mut differences: Vec<String> = Vec::new();
        for seed in first..first + count {
            let library = several(&like, seed);
            let (project, loader) = (&library.project, &library.loader);
            let all = &project.architectures;
            if elaborate_all(loader, project, all, &Toolchain::default()).is_err() {
                continue;
            }
            merged += 1;
            let together = said(&library, all);
            let each = all
                .iter()
                .map(|it| said(&library, std::slice::from_ref(it)));
            let each: BTreeSet<(String, String)> = each.flatten().collect();
            found += together.len();
            let show = |what: &str, (finding, on): &(String, String)| {
                format!("seed {seed}: {what}: {finding} on {on}")
            };
            let wrong = together
                .difference(&each)
                .map(|it| show("only together", it));
            let by_all = |(finding, _): &&(String, String)| {
                let mut names = all.iter().map(|it| (finding.clone(), it.name.clone()));
                names.all(|it| each.contains(&it))
            };
            let missed = each.difference(&together).filter(by_all);
            let missed = missed.map(|it| show("only apart", it));
            differences.extend(wrong.chain(missed));
        }
        println!(
            "{}: {merged} trees, {found} findings, {} differ",
            tree.name,
            differences.len()
        );
        // Where an architecture alone folds a condition to a constant, another rule has the finding.
        let few = differences.len() * 1000 <= found;
        assert!(few, "{}: {differences:#?}", tree.name);
        assert!(found > merged, "{found}");
    }
}

/// The findings of the rules that look at the tree, each with an architecture, as if there were no others.
fn said(library: &Library, architectures: &[Architecture]) -> BTreeSet<(String, String)> {
    let options = options(architectures);
    let project = Project {
        architectures: architectures.to_vec(),
        ..library.project.clone()
    };
    let files = library.loader.files().clone();
    let outcome = session::run(&project, files, &options, &|_, _, _| {});
    let outcome = outcome.expect("a tree that was read before");
    let mut said = BTreeSet::new();
    for finding in &outcome.findings {
        let rule = RULES.iter().find(|rule| rule.name == finding.rule);
        let place = finding.primary.as_ref().map(|label| label.span);
        // Alone, conf's folding leaves other conditions of a definition than on all together.
        if finding.rule == "duplicate-definition" {
            continue;
        }
        let (Some(place), Some(Check::Entry(_) | Check::Symbol(_) | Check::Tree(_))) =
            (place, rule.map(|rule| rule.check))
        else {
            continue;
        };
        let path = outcome.files.get(place.file).path().to_owned();
        let text = format!(
            "{path}:{} {}: {}",
            place.start, finding.rule, finding.message
        );
        let on = match finding.architectures.is_empty() {
            true => architectures.iter().map(|it| it.name.clone()).collect(),
            false => finding.architectures.clone(),
        };
        said.extend(on.into_iter().map(|name| (text.clone(), name)));
    }
    said
}
