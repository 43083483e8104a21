// SPDX-License-Identifier: MIT OR Apache-2.0
//! Both ways between conf and the theory, on every architecture of every Linux tree: each
//! configuration that conf makes is a model of the theory, and conf changes nothing of a model
//! that is written out as a `.config`. On the way, the evaluator gets the same values as conf
//! from the same user values.
//!
//! `KCONFIG_LINT_RANDCONFIGS` and `KCONFIG_LINT_MODELS` (for each architecture) and
//! `KCONFIG_LINT_SEED` ask for more.

use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use crate::answers::Answers;
use crate::bench::with_toolchain;
use crate::driver::Reading;
use crate::generate::Random;
use crate::inputs::config;
use crate::judge::{Judge, Mode, Outcome};
use crate::library::Library;
use crate::small_trees::number;
use crate::trees::{Environment, Linux, all_linux};
use crate::whole_configs::{Found, Subject};

/// Randconfigs and models of each architecture, unless the environment asks for more.
const RANDCONFIGS: u64 = 2;
const MODELS: u64 = 2;

/// Models for which a toolchain is made up. One more is the made-up gcc, recorded.
const MODELS_OF_A_TOOLCHAIN: u64 = 10;

/// Differences of one architecture that are kept.
const MOST_SHOWN: usize = 3;

/// KCONFIG_PROBABILITY (conf.c): of y and m; of y for a bool, of y and of m for a tristate.
const PROBABILITIES: [&str; 6] = ["", "5", "30", "70", "95", "40:20:70"];

#[derive(Default)]
struct Counts {
    /// Configurations that conf made.
    configurations: usize,
    /// Those of them that are defconfigs of the tree.
    defconfigs: usize,
    rejected: usize,
    /// Texts that no domain has; the theory was not asked about them.
    outside: usize,
    /// Configurations that conf and the evaluator computed from the same lines.
    evaluated: usize,
    evaluator_differs: usize,
    /// Models that conf was given.
    models: usize,
    changed: usize,
    /// Toolchains that no machine could be: a command would have to print two things.
    impossible: usize,
    differences: Vec<String>,
}

#[test]
fn conf_and_the_theory_have_the_same_configurations() {
    let mut failures = Vec::new();
    for tree in all_linux() {
        let architectures = tree.architectures_in_turn();
        let all: Vec<Counts> = architectures
            .par_iter()
            .map(|architecture| examine(&tree, architecture))
            .collect();
        let sum = |count: fn(&Counts) -> usize| all.iter().map(count).sum::<usize>();
        println!(
            "{}: {} architectures; conf to model: {} configurations ({} of them defconfigs), {} \
             rejected, {} texts outside of their domains; evaluator: {} compared, {} differ; \
             model to conf: {} models, {} changed; {} impossible toolchains",
            tree.name,
            architectures.len(),
            sum(|it| it.configurations),
            sum(|it| it.defconfigs),
            sum(|it| it.rejected),
            sum(|it| it.outside),
            sum(|it| it.evaluated),
            sum(|it| it.evaluator_differs),
            sum(|it| it.models),
            sum(|it| it.changed),
            sum(|it| it.impossible),
        );
        assert!(sum(|it| it.configurations) >= 8 * architectures.len());
        assert!(sum(|it| it.models) >= architectures.len());
        failures.extend(all.into_iter().flat_map(|it| it.differences));
    }
    assert!(
        failures.is_empty(),
        "{} differences:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

fn examine(tree: &Linux, architecture: &str) -> Counts {
    let place = format!("{} {architecture}", tree.name);
    let seed = number("KCONFIG_LINT_SEED").unwrap_or(1);
    let salt: u64 = place.bytes().map(u64::from).sum();
    let mut examination = Examination {
        tree,
        architecture,
        place,
        random: Random::new(seed ^ salt << 32),
        seed,
        randconfigs: number("KCONFIG_LINT_RANDCONFIGS").unwrap_or(RANDCONFIGS),
        models: number("KCONFIG_LINT_MODELS").unwrap_or(MODELS),
        counts: Counts::default(),
    };
    let library = Library::new(tree);
    examination.recorded(&library);
    examination.symbolic(&library);
    examination.counts.differences.truncate(MOST_SHOWN);
    examination.counts
}

struct Examination<'t> {
    tree: &'t Linux,
    architecture: &'t str,
    place: String,
    random: Random,
    seed: u64,
    randconfigs: u64,
    models: u64,
    counts: Counts,
}

impl Examination<'_> {
    fn toolchains(&self) -> u64 {
        self.models.div_ceil(MODELS_OF_A_TOOLCHAIN).max(1)
    }

    /// Recorded answers of a made-up gcc: the theory has no unknown of the toolchain.
    fn recorded(&mut self, library: &Library) {
        let reading = Reading::kernel(self.tree, self.architecture).answers(Answers::gcc(true));
        let mut judge = self.judge(&reading);
        let commands = judge.commands.clone();
        let environment = self.tree.environment(self.architecture);
        let model = library.model_of_conf(&environment, &commands);
        let mut subject = Subject::new(Arc::new(model));
        let answered = subject.choose_toolchain(&mut self.random);
        assert!(answered.is_ok(), "{}: {answered:?}", self.place);
        let modes = self.modes(self.randconfigs / (self.toolchains() + 1));
        self.conf_to_model(&mut judge, &mut subject, &modes);
        self.defconfigs(&mut judge, &mut subject);
    }

    /// Toolchains that the theory makes up.
    fn symbolic(&mut self, library: &Library) {
        let environment = self.tree.environment(self.architecture);
        let mut subject = Subject::new(Arc::new(library.model(&environment, &[])));
        let toolchains = self.toolchains();
        for number in 0..toolchains {
            let answers = loop {
                match subject.choose_toolchain(&mut self.random) {
                    Ok(answers) => break answers,
                    Err(why) => {
                        self.counts.impossible += 1;
                        assert!(self.counts.impossible < 100, "{}: {why}", self.place);
                    }
                }
            };
            let reading = Reading::kernel(self.tree, self.architecture);
            let reading = with_toolchain(reading, &answers, Answers::numbers());
            let mut judge = self.judge(&reading);
            let share = |all: u64| all * (number + 1) / toolchains - all * number / toolchains;
            let left = self.randconfigs - self.randconfigs / (toolchains + 1);
            let modes = self.modes(share(left));
            self.conf_to_model(&mut judge, &mut subject, &modes);
            let models = share(self.models);
            self.model_to_conf(&mut judge, &mut subject, models);
        }
    }

    /// conf after it has read the tree. Each command it asked for has its answer.
    fn judge(&mut self, reading: &Reading) -> Judge {
        Judge::new(reading).unwrap_or_else(|failed| panic!("{}: {failed:?}", self.place))
    }

    fn modes(&mut self, random: u64) -> Vec<Mode> {
        let mut modes = vec![Mode::Yes, Mode::No, Mode::Modules, Mode::Default];
        for _ in 0..random {
            let seed = 1 + self.seed as u32 * 1000 + self.random.below(1 << 20) as u32;
            let probability = *self.random.pick(&PROBABILITIES);
            modes.push(Mode::Random(seed, probability));
        }
        modes
    }

    fn conf_to_model(&mut self, judge: &mut Judge, subject: &mut Subject, modes: &[Mode]) {
        let mut texts = Vec::new();
        for mode in modes {
            let outcome = self.ask(judge, *mode, "");
            self.one_configuration(judge, subject, &outcome, &format!("{mode:?}"));
            texts.push(judge.config(&outcome));
        }
        let outcomes = judge.ask_all(&texts).expect("conf reads what it wrote");
        for (text, outcome) in texts.iter().zip(&outcomes) {
            let inputs = subject.read_config(text);
            self.evaluated(judge, subject, &inputs, outcome, text);
        }
    }

    fn ask(&self, judge: &mut Judge, mode: Mode, text: &str) -> Outcome {
        let outcome = judge.ask(mode, text);
        outcome.unwrap_or_else(|failed| panic!("{} {mode:?}: {failed:?}", self.place))
    }

    fn one_configuration(
        &mut self,
        judge: &Judge,
        subject: &mut Subject,
        outcome: &Outcome,
        what: &str,
    ) {
        self.counts.configurations += 1;
        if let Err(parts) = subject.is_model(judge, outcome, &mut self.counts.outside) {
            self.counts.rejected += 1;
            let place = &self.place;
            let words = format!("{place} {what} is no model: {parts}");
            self.counts.differences.push(words);
        }
    }

    fn evaluated(
        &mut self,
        judge: &Judge,
        subject: &Subject,
        inputs: &kconfig_lint::logic::Inputs,
        outcome: &Outcome,
        text: &str,
    ) {
        self.counts.evaluated += 1;
        let words = subject.evaluator_differs(judge, inputs, outcome);
        if !words.is_empty() {
            self.counts.evaluator_differs += 1;
            keep(&self.place, text);
            let place = &self.place;
            let words = format!("{place}: the evaluator differs: {words}");
            self.counts.differences.push(words);
        }
    }

    /// The defconfigs of the architecture, as far as the tree has them.
    fn defconfigs(&mut self, judge: &mut Judge, subject: &mut Subject) {
        let folder = format!("arch/{}/configs", self.architecture);
        let folder = self.tree.root.join(folder);
        let mut files = crate::trees::files(&folder, |path| path.ends_with("_defconfig"));
        let wanted = self.randconfigs as usize / 2;
        while files.len() > wanted {
            files.swap_remove(self.random.below(files.len()));
        }
        for (path, text) in files {
            let text = String::from_utf8_lossy(&text);
            let outcome = self.ask(judge, Mode::Given, &text);
            self.one_configuration(judge, subject, &outcome, &path);
            self.counts.defconfigs += 1;
            let inputs = subject.read_config(&text);
            self.evaluated(judge, subject, &inputs, &outcome, &text);
        }
    }

    fn model_to_conf(&mut self, judge: &mut Judge, subject: &mut Subject, count: u64) {
        let found: Vec<Found> = (0..count)
            .map(|_| subject.random_model(&mut self.random))
            .collect();
        let texts: Vec<String> = found
            .iter()
            .map(|found| config(&subject.model, &found.inputs))
            .collect();
        let outcomes = judge.ask_all(&texts).expect("conf takes every line");
        for ((found, text), outcome) in found.iter().zip(&texts).zip(&outcomes) {
            self.counts.models += 1;
            let words = subject.changed(judge, found, outcome);
            if !words.is_empty() {
                self.counts.changed += 1;
                keep(&self.place, text);
                let words = format!("{}: conf changes a model: {words}", self.place);
                self.counts.differences.push(words);
            }
            self.evaluated(judge, subject, &found.inputs, outcome, text);
        }
    }
}

/// Small trees whose models once came out of conf as something else.
const ONCE_CHANGED: [&str; 2] = [
    // Nothing lies in the range when N is negative: what is I then is not what the user gave.
    "config N\n\tint \"p\"\n\nconfig I\n\tint \"p\"\n\trange 0 N\n",
    // Commands print what no comparison knows, alone, inside of each other and side by side.
    "config S\n\tstring\n\tdefault \"$(shell,a)\"\n\n\
     config T\n\tstring\n\tdefault \"$(shell,b $(shell,a))\"\n\n\
     config U\n\tstring \"p\"\n\tdefault \"v$(shell,a)-$(shell,c)\"\n\n\
     config A\n\tbool \"p\" if U = \"v1-2\" || S = \"x\"\n",
];

#[test]
fn conf_changes_no_model_of_a_small_tree() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for tree in all_linux() {
        let library = Library::new(&tree);
        for text in ONCE_CHANGED {
            let model = library.small(text).model(&Environment::new(), &[]);
            let mut subject = Subject::new(Arc::new(model));
            let mut random = Random::new(1);
            for _ in 0..10 {
                let answers = subject.choose_toolchain(&mut random);
                let answers = answers.expect("a machine like this");
                let reading = Reading::folder(&tree, folder.path()).with("Kconfig", text);
                let reading = with_toolchain(reading, &answers, Answers::numbers());
                let judge = Judge::new(&reading);
                same_after_conf(&mut judge.expect("no cycle"), &mut subject, &mut random);
            }
        }
    }
}

/// Panics when conf changes one of a few random models, or the evaluator does.
fn same_after_conf(judge: &mut Judge, subject: &mut Subject, random: &mut Random) {
    for _ in 0..10 {
        let found = subject.random_model(random);
        let text = config(&subject.model, &found.inputs);
        let outcome = judge.ask(Mode::Old, &text).expect("conf takes every line");
        assert_eq!(subject.changed(judge, &found, &outcome), "", "{text}");
        let differs = subject.evaluator_differs(judge, &found.inputs, &outcome);
        assert_eq!(differs, "", "{text}");
    }
}

/// Leaves a `.config` that shows a difference in cargo's folder for tests.
fn keep(place: &str, text: &str) {
    let name = format!("differs-{}.config", place.replace(' ', "-"));
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(path, text).expect("a folder for tests");
}
