// SPDX-License-Identifier: MIT OR Apache-2.0
//! A tree of a series has the findings, to the last word, that it has alone: whatever the trees
//! before it spared, and whatever changed; and a later process has them too, which only knows what was stored
//! of the tree before. Mutants of the newest kernel one after the other, on all
//! architectures, and random small trees, of one architecture or several, whose statements change one
//! by one.
//!
//! | variable | meaning |
//! | --- | --- |
//! | `KCONFIG_LINT_SERIES` | mutants, 12 unless set |
//! | `KCONFIG_LINT_MUTANT_SEED` | the first seed, 1 unless set |
//! | `KCONFIG_LINT_SMALL_TREES` | small trees, 400 unless set |
//! | `KCONFIG_LINT_SMALL_SEED` | the first seed, 1 unless set |

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use kconfig_lint::config::Levels;
use kconfig_lint::diagnostic::{Data, Diagnostic};
use kconfig_lint::menu::Toolchain;
use kconfig_lint::rules::policy::{self, Policy};
use kconfig_lint::session::{self, Base, Options, Outcome, Stored};
use kconfig_lint::source::{FileId, Files, Overlay, Reader, WorkTree};
use kconfig_lint::tree::{self, ChoiceForm, Overrides, Project};

use crate::generate::{Random, generate};
use crate::library::Library;
use crate::merged::{PATHS, several, some_policy};
use crate::mutants::{Ground, in_threads};
use crate::small_trees::number;
use crate::trees::newest;

/// Edits of a small tree.
const EDITS: usize = 12;

/// A series that goes on.
struct Series<'p> {
    project: &'p Project,
    options: Options,
    base: Option<Base>,
    /// Architectures of its trees, and those of which something was known.
    seen: usize,
    spared: usize,
    /// Trees in which something was found.
    found: usize,
    /// Marks that a later process found, and all that it had.
    asked_of_stored: usize,
    had_by_stored: usize,
    /// Trees that were not compared.
    without_meaning: usize,
    /// What a later process would know of the last tree, and the marks of its findings.
    stored: Option<(Vec<u8>, BTreeSet<Mark>)>,
    differences: Vec<String>,
}

/// A finding on an architecture: the rule, whom it is about, what selects, the policy, how bad it is.
type Mark = (String, String, String, Option<String>, String, String);

/// The marks of findings about selects.
fn marks(findings: &[Diagnostic]) -> BTreeSet<Mark> {
    let mut marks = BTreeSet::new();
    for finding in findings {
        let symbol = finding.symbol.clone().unwrap_or_default();
        let (target, policy, level) = match &finding.data {
            Data::Unmet {
                selectee, level, ..
            } => (selectee, None, *level),
            Data::Policy {
                selectee, policy, ..
            } => (selectee, Some(policy.clone()), ""),
            _ if finding.rule == "undecided" => (&finding.key[0], finding.key.get(1).cloned(), ""),
            _ => continue,
        };
        let none = finding.architectures.is_empty().then(String::new);
        for architecture in finding.architectures.iter().cloned().chain(none) {
            let level = level.to_owned();
            let (rule, symbol) = (finding.rule.to_owned(), symbol.clone());
            marks.insert((
                rule,
                target.clone(),
                symbol,
                policy.clone(),
                level,
                architecture,
            ));
        }
    }
    marks
}

impl Series<'_> {
    fn new(project: &Project, policies: Vec<Policy>, jobs: Option<NonZeroUsize>) -> Series<'_> {
        let options = Options {
            architectures: project.architectures.clone(),
            toolchain: Toolchain::default(),
            levels: Levels::default(),
            policies,
            remarks: false,
            effort: kconfig_lint::logic::Effort::DEFAULT,
            jobs,
        };
        Series {
            project,
            options,
            base: None,
            seen: 0,
            spared: 0,
            found: 0,
            asked_of_stored: 0,
            had_by_stored: 0,
            without_meaning: 0,
            stored: None,
            differences: Vec::new(),
        }
    }

    /// What a later process finds in this tree, and what it takes to be still there, is what the tree has.
    fn compare_with_stored(&mut self, reader: &Arc<dyn Reader>, alone: &Outcome, words: &str) {
        let Some((bytes, before)) = self.stored.take() else {
            return;
        };
        let (project, options) = (self.project, &self.options);
        let stored: Stored = postcard::from_bytes(&bytes).expect("what was stored");
        let base = stored
            .base(project, options, reader.clone())
            .expect("a base");
        let silent = |_: usize, _: usize, _: &str| ();
        let next = session::run_next(Some(&base), project, reader.clone(), options, &silent);
        let next = next.expect("a run");
        let base = next.base.as_ref().expect("a base");
        let own = marks(&next.findings);
        let mut all = own.clone();
        all.extend(
            before
                .into_iter()
                .filter(|(_, target, _, policy, _, architecture)| {
                    base.still_has(target, policy.as_deref(), architecture)
                }),
        );
        let expected = marks(&alone.findings);
        if all != expected {
            let missing: Vec<_> = expected.difference(&all).collect();
            let more: Vec<_> = all.difference(&expected).collect();
            self.differences.push(format!(
                "{words}: stored, missing {missing:?}, too many {more:?}"
            ));
        }
        if alone.counts != next.counts {
            let counts = (alone.counts, next.counts);
            self.differences.push(format!("{words}: stored {counts:?}"));
        }
        self.asked_of_stored += own.len();
        self.had_by_stored += all.len();
    }

    fn add(&mut self, reader: &Arc<dyn Reader>, words: &str) {
        let Series {
            project, options, ..
        } = self;
        let silent = |_: usize, _: usize, _: &str| ();
        let files = Arc::new(Files::new(reader.clone()));
        let alone = session::run(project, files, options, &silent).expect("a run");
        let before = self.base.as_ref();
        let next = session::run_next(before, project, reader.clone(), options, &silent);
        let mut next = next.expect("a run");
        let (base, first) = (next.base.take().expect("a base"), self.base.is_none());
        if !first {
            self.seen += next.architectures.len().max(1);
            self.spared += base.spared();
        }
        self.base = Some(base);
        if alone.internal_errors.is_empty() {
            self.compare_with_stored(reader, &alone, words);
        }
        let of_next = self.base.as_ref().expect("a base");
        let (counts, reading) = (next.counts, next.reading.clone());
        let stored = Stored::of(of_next, counts, reading, next.complete);
        let bytes = stored.map(|stored| postcard::to_stdvec(&stored).expect("bytes"));
        self.stored = bytes.map(|bytes| (bytes, marks(&alone.findings)));
        // Known: MODULES may hang on a tristate (docs/development.md), and then one answer does not
        // replay, whichever is found first.
        if !alone.internal_errors.is_empty() || !next.internal_errors.is_empty() {
            self.without_meaning += 1;
            return;
        }
        let mut numbers = BTreeMap::new();
        let (expected, got) = (placed(&alone, &mut numbers), placed(&next, &mut numbers));
        self.found += usize::from(!expected.is_empty());
        if expected != got {
            let only = |some: &[Diagnostic], others: &[Diagnostic]| {
                let own = some.iter().filter(|it| !others.contains(it));
                own.map(|it| format!("{it:?}")).collect::<Vec<_>>()
            };
            self.differences.push(format!(
                "{words}: only alone {:#?}\nonly in the series {:#?}",
                only(&expected, &got),
                only(&got, &expected)
            ));
        }
        if alone.counts != next.counts {
            let counts = (alone.counts, next.counts);
            self.differences.push(format!("{words}: {counts:?}"));
        }
    }

    fn report(self) -> Report {
        Report {
            seen: self.seen,
            spared: self.spared,
            found: self.found,
            carried_by_stored: self.had_by_stored - self.asked_of_stored,
            without_meaning: self.without_meaning,
            differences: self.differences,
        }
    }
}

/// Findings with numbers of files that mean the same in both runs.
fn placed(outcome: &Outcome, numbers: &mut BTreeMap<String, FileId>) -> Vec<Diagnostic> {
    let mut findings = outcome.findings.clone();
    for finding in &mut findings {
        finding.move_files(&mut |id| {
            let next = FileId(numbers.len() as u32);
            let path = outcome.files.get(id).path().to_owned();
            *numbers.entry(path).or_insert(next)
        });
    }
    findings
}

#[test]
fn mutants_one_after_the_other_are_what_they_are_alone() {
    let ground = Ground::new(newest());
    let count = number("KCONFIG_LINT_SERIES").unwrap_or(12);
    let first = number("KCONFIG_LINT_MUTANT_SEED").unwrap_or(1);
    let mut series = Series::new(&ground.project, policy::builtin(), None);
    series.add(&ground.reader, "the tree");
    for seed in first..first + count {
        let mutant = ground.pool.mutant(seed);
        let reader = Overlay::new(ground.reader.clone());
        let reader = reader.with(&mutant.path, mutant.text.as_bytes());
        let words = format!("seed {seed}, {}: {}", mutant.path, mutant.words);
        series.add(&(Arc::new(reader) as Arc<dyn Reader>), &words);
    }
    println!(
        "{count} mutants (seeds from {first}): something was known of {} of {} architectures; {} not \
         compared, {} differences",
        series.spared,
        series.seen,
        series.without_meaning,
        series.differences.len()
    );
    assert!(series.spared > 0, "nothing was spared");
    let mut differences = series.differences.iter();
    assert_eq!(differences.next(), None);
}

#[test]
fn small_trees_that_change_are_what_they_are_alone() {
    let count = number("KCONFIG_LINT_SMALL_TREES").unwrap_or(400);
    let first = number("KCONFIG_LINT_SMALL_SEED").unwrap_or(1);
    let reports = in_threads(count, |at| small_series(first + at));
    let sum = |of: fn(&Report) -> usize| -> usize { reports.iter().map(of).sum() };
    let differences: Vec<&String> = reports.iter().flat_map(|it| &it.differences).collect();
    println!(
        "{count} small trees (seeds from {first}), {} changed ones, of {} something was known; {} \
         with findings; {} not compared, {} differences",
        sum(|it| it.seen),
        sum(|it| it.spared),
        sum(|it| it.found),
        sum(|it| it.without_meaning),
        differences.len()
    );
    assert!(sum(|it| it.spared) > 0 && sum(|it| it.found) > 0);
    assert!(sum(|it| it.carried_by_stored) > 0);
    assert!(differences.is_empty(), "{}", differences[0]);
}

/// Small trees of three architectures that share files: one statement changes at a time.
#[test]
fn small_trees_of_several_architectures_that_change_are_what_they_are_alone() {
    let count = number("KCONFIG_LINT_SMALL_TREES").unwrap_or(60);
    let first = number("KCONFIG_LINT_SMALL_SEED").unwrap_or(1);
    let like = Library::new(&newest());
    let reports = in_threads(count, |at| series_of_several(&like, first + at));
    let sum = |of: fn(&Report) -> usize| -> usize { reports.iter().map(of).sum() };
    println!(
        "{count} trees of several architectures (seeds from {first}): something was known of {} of \
         {}; {} with findings; {} not compared",
        sum(|it| it.spared),
        sum(|it| it.seen),
        sum(|it| it.found),
        sum(|it| it.without_meaning)
    );
    assert!(sum(|it| it.spared) > 0 && sum(|it| it.found) > 0);
    assert!(sum(|it| it.carried_by_stored) > 0);
    let mut differences = reports.iter().flat_map(|it| &it.differences);
    assert_eq!(differences.next(), None);
}

fn series_of_several(like: &Library, seed: u64) -> Report {
    let library = several(like, seed);
    let mut random = Random::new(seed);
    let text = |path: &str| {
        let text = library.loader.files().reader().read(path).expect("a file");
        String::from_utf8_lossy(&text).into_owned()
    };
    let mut files = PATHS.map(|path| (path, statements(&text(path))));
    let policies = [some_policy()].into_iter().filter(|_| seed % 2 == 0);
    let mut series = Series::new(&library.project, policies.collect(), NonZeroUsize::new(1));
    for edit in 0..=EDITS {
        let nothing = Arc::new(WorkTree::new("/nonexistent"));
        let mut reader = Overlay::new(nothing);
        let mut words = format!("seed {seed}, edit {edit}:");
        for (path, statements) in &files {
            let text = statements.join("\n");
            reader = reader.with(path, text.as_bytes());
            words.push_str(&format!("\n--- {path}\n{text}"));
        }
        series.add(&(Arc::new(reader) as Arc<dyn Reader>), &words);
        let (_, own) = &mut files[random.below(PATHS.len())];
        if own.is_empty() {
            continue;
        }
        let at = random.below(own.len());
        let line = *random.pick(&[
            "depends on S1",
            "select S2",
            "depends on S3 || S4",
            "# words",
        ]);
        match own[at].starts_with("config ") && random.chance(80) {
            true => own[at].push_str(&format!("\t{line}\n")),
            false => own[at].push_str("# words\n"),
        }
    }
    series.report()
}

/// What came out for a small tree.
struct Report {
    seen: usize,
    spared: usize,
    found: usize,
    carried_by_stored: usize,
    without_meaning: usize,
    differences: Vec<String>,
}

fn small_series(seed: u64) -> Report {
    let form = match seed % 2 {
        0 => ChoiceForm::New,
        _ => ChoiceForm::Old,
    };
    let mut random = Random::new(seed);
    let mut statements = statements(&generate(seed, form).text);
    let others: Vec<Vec<String>> = (1..4)
        .map(|other| statements_of(seed + other * 1_000_003, form))
        .collect();
    let begin = reader(&statements);
    let overrides = Overrides {
        choices: Some(form),
        ..Overrides::default()
    };
    let located = tree::locate_in(&begin, Path::new(""), &overrides).expect("a root file");
    let project = Project {
        // No file is read whose name a default gives.
        dollar_variables: false,
        macros: true,
        ..tree::detect(&begin, &located, &overrides)
    };
    let policies = [("S4", "S1"), ("S3", "S0 || S2")].map(|(selectors_of, require)| Policy {
        name: selectors_of.to_lowercase(),
        selectors_of: selectors_of.to_owned(),
        require: require.to_owned(),
        reason: String::new(),
        alternative: String::new(),
        line: Some(1),
        places: None,
    });
    let mut series = Series::new(&project, policies.to_vec(), NonZeroUsize::new(1));
    series.add(&begin, "the tree");
    for edit in 0..EDITS {
        let at = random.below(statements.len());
        // Another tree's statement about the same symbol, or none.
        let head = statements[at].lines().next().unwrap_or_default().to_owned();
        let same = random
            .pick(&others)
            .iter()
            .find(|it| it.starts_with(&format!("{head}\n")));
        match same {
            Some(same) if head.starts_with("config ") => statements[at].clone_from(same),
            _ if head.starts_with("config ") && random.chance(20) => {
                statements[at] = format!("comment \"{edit}\"\n");
            }
            _ => statements[at].push_str("# words\n"),
        }
        let words = format!("seed {seed}, edit {edit}:\n{}", statements.join("\n"));
        series.add(&reader(&statements), &words);
    }
    series.report()
}

fn statements_of(seed: u64, form: ChoiceForm) -> Vec<String> {
    statements(&generate(seed, form).text)
}

fn statements(text: &str) -> Vec<String> {
    let parts = text.split("\n\n").filter(|part| !part.trim().is_empty());
    parts.map(|part| format!("{}\n", part.trim_end())).collect()
}

fn reader(statements: &[String]) -> Arc<dyn Reader> {
    let text = statements.join("\n");
    let nothing = Arc::new(WorkTree::new("/nonexistent"));
    Arc::new(Overlay::new(nothing).with("Kconfig", text.as_bytes()))
}
