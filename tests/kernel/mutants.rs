// SPDX-License-Identifier: MIT OR Apache-2.0
//! Mutants of a real tree: one small change each, judged on one architecture that reads the
//! changed file. Every finding that the tree does not have is confirmed by conf on its witness.
//! For selects near the change that are called safe, randconfigs biased towards the selector
//! must not warn, and on a part of the mutants a second solver, whose proofs are checked, says
//! the same, and a run of several architectures, which share proofs, finds the same on this one.
//!
//! | variable | meaning |
//! | --- | --- |
//! | `KCONFIG_LINT_MUTANTS` | mutants, 15 unless set |
//! | `KCONFIG_LINT_MUTANT_SEED` | the first seed, 1 unless set |
//! | `KCONFIG_LINT_MUTANT_RANDCONFIGS` | for each safe pair that is tried, 4 unless set |
//! | `KCONFIG_LINT_MUTANT_PAIRS` | safe pairs near a change that are tried, 2 unless set |
//! | `KCONFIG_LINT_MUTANT_PROOFS` | mutants for the second solver, 8 unless set |
//! | `KCONFIG_LINT_MUTANT_MINUTES` | no mutant is begun later; no limit unless set |

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use kconfig_lint::config::Levels;
use kconfig_lint::diagnostic::{Data, Diagnostic};
use kconfig_lint::logic::{
    Bit, Configuration, Evaluator, Theory, Tri, Whole, all_answers, minimize,
};
use kconfig_lint::menu::Toolchain;
use kconfig_lint::model::{Model, SelectId, SymbolId, Tristate, ValueType};
use kconfig_lint::rules::selects::is_in_question;
use kconfig_lint::session::{self, Options, Outcome};
use kconfig_lint::source::{Files, Overlay, Reader, WorkTree};
use kconfig_lint::tree::{Architecture, Project};
use rayon::prelude::*;

use crate::answers::Answers;
use crate::driver::Reading;
use crate::findings::confirm_on;
use crate::generate::Random;
use crate::inputs::config;
use crate::judge::{Judge, Mode, Outcome as Configured, SymbolKey};
use crate::library::Library;
use crate::mutate::{Change, Mutant, Pool};
use crate::second_solver::Varisat;
use crate::small_trees::number;
use crate::trees::{Linux, newest};

/// Selects near a change about which solvers are asked.
const MOST_NEAR: usize = 16;

/// How likely y is in randconfigs, in percent: as conf has it, and others.
const PROBABILITIES: [&str; 4] = ["", "20", "50", "80"];

/// Architectures in a run that is compared with that of one.
const MOST_TOGETHER: usize = 4;

/// What conf says of a member of a choice that is not bool.
const CHOICE_ERROR: &str = "error: choice member must be bool";

/// Selector, selectee, level.
pub(crate) type Key = (String, String, &'static str);

/// What came out for a mutant.
#[derive(Default)]
struct Report {
    /// The time was over before it was begun.
    skipped: bool,
    /// The rules found a cycle, and conf did too.
    cyclic: bool,
    /// The rules found a cycle, and conf folded it away.
    stricter: bool,
    /// conf refuses the tree for what no rule looks for yet (`choice-errors` of the catalogue).
    refused: bool,
    /// Findings that the tree does not have.
    new: usize,
    /// Findings of the tree that the mutant does not have.
    gone: usize,
    /// Selects near the change that are called safe.
    safe: usize,
    /// Those of them that were tried, and those whose selector was on in the trial.
    tried: usize,
    active: usize,
    randconfigs: usize,
    /// Questions that the second solver answered, and those of them with no.
    proved: usize,
    never: usize,
    differences: Vec<String>,
}

/// What all mutants share.
pub(crate) struct Ground {
    pub(crate) tree: Linux,
    pub(crate) project: Project,
    pub(crate) reader: Arc<dyn Reader>,
    pub(crate) pool: Pool,
    /// The architectures that read a file.
    pub(crate) readers: BTreeMap<String, BTreeSet<String>>,
    /// Findings of the tree, by architecture.
    known: BTreeMap<String, OnceLock<BTreeSet<Key>>>,
    /// Safe pairs near a change that are tried, and the randconfigs spent on each.
    pairs: usize,
    randconfigs: u64,
}

#[test]
fn mutants_are_judged_as_conf_judges_them() {
    let ground = Ground::new(newest());
    let count = number("KCONFIG_LINT_MUTANTS").unwrap_or(15);
    let first = number("KCONFIG_LINT_MUTANT_SEED").unwrap_or(1);
    let proofs = number("KCONFIG_LINT_MUTANT_PROOFS").unwrap_or(8).min(count);
    let minutes = number("KCONFIG_LINT_MUTANT_MINUTES");
    let end = minutes.map(|minutes| Instant::now() + Duration::from_secs(60 * minutes));
    let reports = in_threads(count, |at| {
        let seed = first + at;
        let mutant = ground.pool.mutant(seed);
        let mut report = Report::default();
        // Spread evenly, so that a run that is cut short has its share.
        let proves = at * proofs / count != (at + 1) * proofs / count;
        if end.is_some_and(|end| Instant::now() > end) {
            report.skipped = true;
        } else {
            let begun = Instant::now();
            ground.judge(seed, &mutant, proves, &mut report);
            println!(
                "seed {seed}: {} s, {} new, {} safe nearby, {} {}",
                begun.elapsed().as_secs(),
                report.new,
                report.safe,
                mutant.path,
                mutant.words
            );
            // At once: a long run may be cut short from outside.
            for difference in &report.differences {
                println!("{difference}");
            }
        }
        (mutant.change, report)
    });
    print_counts(first, &reports);
    let all = reports.iter().flat_map(|(_, report)| &report.differences);
    let all: Vec<&str> = all.map(String::as_str).collect();
    assert!(
        all.is_empty(),
        "{} differences:\n{}",
        all.len(),
        all.join("\n")
    );
    assert!(
        reports.iter().any(|(_, report)| report.new > 0),
        "no mutant has a finding"
    );
    assert!(
        reports.iter().any(|(_, report)| report.active > 0),
        "no safe select was tried"
    );
    assert!(
        reports.iter().any(|(_, report)| report.never > 0),
        "no verdict was proved"
    );
}

/// The answers to the numbers below `count`, in order. Not by rayon: a thread of it that waits
/// for a run would begin another mutant in the meantime, and may need what it is just making.
pub(crate) fn in_threads<T: Send>(count: u64, work: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let next = AtomicU64::new(0);
    let done: Mutex<Vec<(u64, T)>> = Mutex::default();
    let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= count {
                        break;
                    }
                    let answer = work(at);
                    done.lock().expect("no thread panicked").push((at, answer));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("no thread panicked");
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, answer)| answer).collect()
}

fn print_counts(first: u64, reports: &[(Change, Report)]) {
    let done: Vec<&Report> = reports
        .iter()
        .map(|(_, report)| report)
        .filter(|report| !report.skipped)
        .collect();
    let sum = |count: fn(&Report) -> usize| done.iter().map(|it| count(it)).sum::<usize>();
    let of = |what: fn(&Report) -> bool| done.iter().filter(|it| what(it)).count();
    println!(
        "{} mutants (seeds from {first}), {} skipped; {} with a cycle that conf sees too, {} with \
         one that conf folds away; {} that conf refuses for a choice; {} mutants with {} new findings, all shown to conf; {} findings \
         gone; {} safe selects near a change, {} tried ({} active) with {} randconfigs; second \
         solver on {} mutants: {} questions, {} of them never; {} differences",
        done.len(),
        reports.len() - done.len(),
        of(|it| it.cyclic),
        of(|it| it.stricter),
        of(|it| it.refused),
        of(|it| it.new > 0),
        sum(|it| it.new),
        sum(|it| it.gone),
        sum(|it| it.safe),
        sum(|it| it.tried),
        sum(|it| it.active),
        sum(|it| it.randconfigs),
        of(|it| it.proved > 0),
        sum(|it| it.proved),
        sum(|it| it.never),
        sum(|it| it.differences.len()),
    );
    for change in Change::ALL {
        let here = reports
            .iter()
            .filter(|(kind, it)| *kind == change && !it.skipped);
        let (mut mutants, mut new) = (0, 0);
        for (_, report) in here {
            mutants += 1;
            new += usize::from(report.new > 0);
        }
        println!("  {mutants:6} {change:?}, {new} with a new finding");
    }
}

impl Ground {
    pub(crate) fn new(tree: Linux) -> Ground {
        let library = Library::new(&tree);
        let project = library.project.clone();
        let mut readers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let files = library.loader.files();
        let lists: Vec<(String, BTreeSet<String>)> = tree
            .architectures()
            .par_iter()
            .map(|name| {
                let menu = library.menu(&tree.environment(name), &[]);
                let paths = menu.instances.iter();
                let paths = paths.map(|it| files.get(it.file).path().to_owned());
                (name.clone(), paths.collect())
            })
            .collect();
        for (architecture, paths) in lists {
            for path in paths {
                readers
                    .entry(path)
                    .or_default()
                    .insert(architecture.clone());
            }
        }
        // Every file in the memory: a mutant reads none from the disk.
        let mut reader = Overlay::new(Arc::new(WorkTree::new(&tree.root)));
        let mut texts = Vec::new();
        for path in readers.keys() {
            let file = files.get(files.open(path).expect("it was read before"));
            let text: Arc<[u8]> = file.text().into();
            reader = reader.with(path, text.clone());
            texts.push((path.clone(), text));
        }
        let names = tree.architectures();
        Ground {
            project,
            reader: Arc::new(reader),
            pool: Pool::new(texts),
            readers,
            known: names
                .into_iter()
                .map(|name| (name, OnceLock::new()))
                .collect(),
            pairs: number("KCONFIG_LINT_MUTANT_PAIRS").unwrap_or(2) as usize,
            randconfigs: number("KCONFIG_LINT_MUTANT_RANDCONFIGS").unwrap_or(4),
            tree,
        }
    }

    fn options(&self, names: &[&str]) -> Options {
        let known = self.project.architectures.iter();
        let architectures: Vec<Architecture> = known
            .filter(|it| names.contains(&it.name.as_str()))
            .cloned()
            .collect();
        Options {
            architectures,
            toolchain: Toolchain::default(),
            levels: Levels::default(),
            policies: Vec::new(),
            remarks: false,
            effort: kconfig_lint::logic::Effort::DEFAULT,
            jobs: NonZeroUsize::new(1),
        }
    }

    /// The project with these architectures only: no file of another is read.
    fn project(&self, options: &Options) -> Project {
        Project {
            architectures: options.architectures.clone(),
            ..self.project.clone()
        }
    }

    fn lint(&self, names: &[&str], files: Arc<Files>) -> Outcome {
        let options = self.options(names);
        session::run(&self.project(&options), files, &options, &|_, _, _| {})
            .unwrap_or_else(|error| panic!("{names:?}: {error}"))
    }

    /// The findings of one architecture in a run of several, which share what they prove.
    fn together(&self, names: &[&str], architecture: &str, files: Arc<Files>) -> BTreeSet<Key> {
        let outcome = self.lint(names, files);
        let here = outcome.findings.into_iter().filter(|finding| {
            let mut names = finding.architectures.iter();
            names.any(|name| name == architecture)
        });
        let here: Vec<Diagnostic> = here.collect();
        unmet(&here).into_keys().collect()
    }

    fn model(&self, architecture: &str, files: Arc<Files>) -> Arc<Model> {
        Arc::new(self.whole_model(architecture, files))
    }

    /// The findings of the tree on an architecture.
    pub(crate) fn known(&self, architecture: &str) -> &BTreeSet<Key> {
        self.known[architecture].get_or_init(|| {
            let files = Arc::new(Files::new(self.reader.clone()));
            let outcome = self.lint(&[architecture], files);
            unmet(&outcome.findings).into_keys().collect()
        })
    }

    pub(crate) fn whole_model(&self, architecture: &str, files: Arc<Files>) -> Model {
        let options = self.options(&[architecture]);
        let models = session::models(&self.project(&options), files, &options);
        let mut models = models.unwrap_or_else(|error| panic!("{architecture}: {error}"));
        models.pop().expect("one architecture").1
    }

    fn judge(&self, seed: u64, mutant: &Mutant, proves: bool, report: &mut Report) {
        let mut random = Random::new(seed ^ 0xacce55);
        let readers: Vec<&String> = self.readers[&mutant.path].iter().collect();
        let architecture = random.pick(&readers).as_str();
        let (path, words) = (&mutant.path, &mutant.words);
        let place = format!("seed {seed}, {architecture}, {path}, {words}");
        let overlay = Overlay::new(self.reader.clone()).with(path, mutant.text.as_bytes());
        let files = Arc::new(Files::new(Arc::new(overlay) as Arc<dyn Reader>));
        let outcome = self.lint(&[architecture], files.clone());
        for error in &outcome.internal_errors {
            report.differences.push(format!("{place}: {error}"));
        }
        let reading = || Reading::kernel(&self.tree, architecture).with(path, &mutant.text);
        let cycle = outcome
            .findings
            .iter()
            .find(|it| it.rule == "recursive-dependency");
        if cycle.is_some() {
            match Judge::new(&reading()) {
                Err(failed) if failed.messages.contains("recursive dependency") => {
                    report.cyclic = true;
                }
                Err(failed) => report.differences.push(format!("{place}: {failed:?}")),
                Ok(_) => report.stricter = true,
            }
            return;
        }
        let found = unmet(&outcome.findings);
        let known = self.known(architecture);
        report.gone = known.iter().filter(|key| !found.contains_key(*key)).count();
        for (key, finding) in &found {
            if known.contains(key) {
                continue;
            }
            report.new += 1;
            confirmed(reading(), &place, finding, &mut report.differences);
        }
        if proves {
            let found: BTreeSet<Key> = found.keys().cloned().collect();
            let others = readers.iter().map(|name| name.as_str());
            let mut names: Vec<&str> = others.filter(|name| *name != architecture).collect();
            while names.len() >= MOST_TOGETHER {
                names.swap_remove(random.below(names.len()));
            }
            names.push(architecture);
            if self.together(&names, architecture, files.clone()) != found {
                report
                    .differences
                    .push(format!("{place}: not the same beside {names:?}"));
            }
        }
        let near = Near {
            ground: self,
            architecture,
            mutant,
            place: &place,
            model: self.model(architecture, files),
            found: found.into_keys().collect(),
        };
        near.judge(&mut random, proves, report);
    }
}

pub(crate) fn unmet(findings: &[Diagnostic]) -> BTreeMap<Key, &Diagnostic> {
    let key = |finding: &Diagnostic| match &finding.data {
        Data::Unmet {
            selector,
            selectee,
            level,
            ..
        } => Some((selector.clone(), selectee.clone(), *level)),
        _ => None,
    };
    let pairs = findings.iter();
    pairs.filter_map(|it| Some((key(it)?, it))).collect()
}

/// The others are to be judged too, so a finding that conf does not confirm ends nothing.
fn confirmed(reading: Reading, place: &str, finding: &Diagnostic, differences: &mut Vec<String>) {
    let asked = std::panic::AssertUnwindSafe(|| confirm_on(reading, place, finding));
    if let Err(words) = std::panic::catch_unwind(asked) {
        let words = words
            .downcast_ref::<String>()
            .cloned()
            .unwrap_or_else(|| "not confirmed".to_owned());
        differences.push(format!("{place}: {}: {words}", finding.message));
    }
}

/// The selects near a change.
struct Near<'g> {
    ground: &'g Ground,
    architecture: &'g str,
    mutant: &'g Mutant,
    place: &'g str,
    model: Arc<Model>,
    found: BTreeSet<Key>,
}

impl Near<'_> {
    fn judge(&self, random: &mut Random, proves: bool, report: &mut Report) {
        let mut selects = self.selects();
        while selects.len() > MOST_NEAR {
            selects.swap_remove(random.below(selects.len()));
        }
        let mut theory = Theory::new(self.model.clone());
        let mut second = proves.then(|| Whole::new(self.model.clone(), Varisat::default()));
        let mut tried = BTreeSet::new();
        for id in selects {
            let verdicts = self.verdicts(&mut theory, id);
            if let Some(second) = &mut second {
                self.prove(second, id, verdicts, report);
            }
            if !self.agrees(id, verdicts) {
                let words = format!(
                    "{}: {}: the run and the question",
                    self.place,
                    self.name(id)
                );
                report.differences.push(words);
            }
            if self.worst(id).is_some() || verdicts != [false; 2] {
                continue;
            }
            report.safe += 1;
            let select = self.model.select(id);
            if tried.len() < self.ground.pairs && tried.insert((select.selector, select.target)) {
                self.try_out(&mut theory, id, random, report);
            }
        }
    }

    /// Selects by a changed symbol, of it, or with it in a term.
    fn selects(&self) -> Vec<SelectId> {
        let model = &self.model;
        let changed: BTreeSet<SymbolId> = self
            .mutant
            .symbols
            .iter()
            .filter_map(|name| model.symbol_named(name))
            .collect();
        let ids = (0..model.selects.len() as u32).map(SelectId);
        let is_near = |id: &SelectId| {
            let select = model.select(*id);
            let mut near = changed.contains(&select.selector) || changed.contains(&select.target);
            let direct = model.symbol(select.target).direct;
            for expr in direct.into_iter().chain([select.level]) {
                if !near {
                    let mut visit = |symbol| near |= changed.contains(&symbol);
                    model.exprs.for_each_symbol(expr, &mut visit);
                }
            }
            near && is_in_question(model, *id)
        };
        ids.filter(is_near).collect()
    }

    fn name(&self, id: SelectId) -> String {
        let select = self.model.select(id);
        let [selector, target] = [select.selector, select.target].map(|id| self.model.name(id));
        format!("{selector} selects {target}")
    }

    /// The level of the finding about a select's pair.
    fn worst(&self, id: SelectId) -> Option<&'static str> {
        let select = self.model.select(id);
        let [selector, target] = [select.selector, select.target].map(|id| self.model.name(id));
        let of_pair = |key: &&Key| key.0 == selector && key.1 == target;
        self.found.iter().find(of_pair).map(|key| key.2)
    }

    fn questions(&self, id: SelectId, level: Tri, direct: Tri) -> [Vec<Bit>; 2] {
        let target = self.model.symbol(self.model.select(id).target);
        let module = match target.ty {
            ValueType::Tristate => vec![level.yes, direct.on, !direct.yes],
            _ => vec![Bit::False],
        };
        [vec![level.on, !direct.on], module]
    }

    /// Whether the dependency can be off, or a module, while the select is stronger.
    fn verdicts(&self, theory: &mut Theory, id: SelectId) -> [bool; 2] {
        let (level, direct) = (
            theory.level(id),
            theory.direct(self.model.select(id).target),
        );
        let questions = self.questions(id, level, direct);
        questions.map(|question| theory.holds(&question).expect("within the effort"))
    }

    /// Whether the findings of the run are those of the questions.
    fn agrees(&self, id: SelectId, [off, module]: [bool; 2]) -> bool {
        match self.worst(id) {
            Some("off") => true, // perhaps through another statement of the pair
            Some(_) => !off,
            None => !off && !module,
        }
    }

    fn prove(
        &self,
        second: &mut Whole<Varisat>,
        id: SelectId,
        verdicts: [bool; 2],
        report: &mut Report,
    ) {
        let (level, direct) = (
            second.level(id),
            second.direct(self.model.select(id).target),
        );
        for (question, verdict) in self.questions(id, level, direct).iter().zip(verdicts) {
            if question.contains(&Bit::False) {
                continue;
            }
            let holds = second.holds(question);
            report.proved += 1;
            report.never += usize::from(!holds);
            if holds != verdict {
                let words = format!("{}: {}: second solver", self.place, self.name(id));
                report
                    .differences
                    .push(format!("{words} {holds}, first {verdict}"));
            }
        }
    }

    /// Randconfigs in which the selector and what it takes to have it are forced on.
    fn try_out(&self, theory: &mut Theory, id: SelectId, random: &mut Random, report: &mut Report) {
        let level = theory.level(id);
        let Ok(Some(inputs)) = theory.solve(&[level.on]) else {
            return; // nothing can switch it on
        };
        let model = &*self.model;
        let mut holds = |evaluator: &mut Evaluator<'_>| evaluator.level(id) > Tristate::No;
        let Some(configuration) = Configuration::replay(model, &inputs, &mut holds) else {
            let words = format!("{}: {} does not replay", self.place, self.name(id));
            report.differences.push(words);
            return;
        };
        let configuration = minimize(model, configuration, &mut holds);
        let Ok(answers) = all_answers(model, configuration.inputs()) else {
            return; // no machine has such a toolchain
        };
        let forced = config(model, configuration.inputs());
        let answers = Answers {
            recorded: answers.into_iter().collect(),
            succeed: false,
            fallback: "0".to_owned(),
        };
        let reading = Reading::kernel(&self.ground.tree, self.architecture)
            .with(&self.mutant.path, &self.mutant.text)
            .answers(answers);
        let mut judge = match Judge::new(&reading) {
            Ok(judge) => judge,
            Err(failed) if failed.messages.contains(CHOICE_ERROR) => {
                report.refused = true;
                return;
            }
            Err(failed) => {
                report
                    .differences
                    .push(format!("{}: {failed:?}", self.place));
                return;
            }
        };
        report.tried += 1;
        let select = model.select(id);
        let selector = SymbolKey::Name(model.name(select.selector).to_owned());
        let outcome = judge.ask(Mode::Default, &forced).expect("a configuration");
        let values = judge.symbols.iter().zip(&outcome.values);
        let is_on = values
            .into_iter()
            .any(|((key, _), value)| *key == selector && value != "n");
        report.active += usize::from(is_on);
        let mut left = self.ground.randconfigs;
        for (nth, probability) in PROBABILITIES.into_iter().enumerate() {
            let times = left.div_ceil((PROBABILITIES.len() - nth) as u64);
            left -= times;
            let seed = 1 + random.below(1 << 24) as u32;
            let outcomes = judge.unmet_at_random(seed, probability, times, &forced);
            for (outcome, seed) in outcomes.expect("configurations").iter().zip(seed..) {
                report.randconfigs += 1;
                if self.warns(select.target, &selector, outcome) {
                    let mode = Mode::Random(seed, probability);
                    let words = format!("{}: {} is not safe", self.place, self.name(id));
                    report
                        .differences
                        .push(format!("{words}: {mode:?} with\n{forced}"));
                    return;
                }
            }
        }
    }

    /// Whether a select by `selector` is stronger than the dependency of `target`.
    fn warns(&self, target: SymbolId, selector: &SymbolKey, outcome: &Configured) -> bool {
        let target = SymbolKey::Name(self.model.name(target).to_owned());
        let unmet = outcome.unmet.iter().find(|unmet| unmet.symbol == target);
        unmet.is_some_and(|unmet| {
            let own = unmet.selectors.iter().filter(|(by, _)| by == selector);
            // Where the dependency is m after promotion, nothing else is promoted either.
            own.into_iter()
                .any(|(_, level)| unmet.direct == 'n' || *level == 'y')
        })
    }
}
