// SPDX-License-Identifier: MIT OR Apache-2.0
//! The whole pipeline on random small trees and on damaged ones: findings, fixes, reports, witnesses
//! and `why` end without a panic and without an internal error.
//!
//! `KCONFIG_LINT_PIPELINES` is the number of trees, `KCONFIG_LINT_PIPELINE_SEED` the first seed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use kconfig_lint::config::Levels;
use kconfig_lint::fix;
use kconfig_lint::logic::Effort;
use kconfig_lint::menu::Toolchain;
use kconfig_lint::report;
use kconfig_lint::rules::policy;
use kconfig_lint::session::why::{Question, why};
use kconfig_lint::session::{self, Options, Rewriter};
use kconfig_lint::source::{Files, Overlay, WorkTree};
use kconfig_lint::tree::{Architecture, Behaviour, ChoiceForm, Grammar, Kind, Project};

use crate::why::generate::{Random, generate};

/// Trees, unless the environment says otherwise.
const TREES: u64 = 200;

/// A tree of a few symbols takes milliseconds.
const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn small_trees_go_through_the_whole_pipeline() {
    let number = |name: &str| {
        std::env::var(name)
            .ok()
            .and_then(|it| it.parse::<u64>().ok())
    };
    let count = number("KCONFIG_LINT_PIPELINES").unwrap_or(TREES);
    let first = number("KCONFIG_LINT_PIPELINE_SEED").unwrap_or(1);
    let mut failures = Vec::new();
    let (mut findings, mut damaged) = (0, 0);
    for seed in first..first + count {
        let mut random = Random::new(seed ^ 0xf022);
        let form = match random.chance(50) {
            true => ChoiceForm::New,
            false => ChoiceForm::Old,
        };
        let mut text = generate(seed, form).text;
        if random.chance(60) {
            damaged += 1;
            text = damage(&text, &mut random);
        }
        let kind = *random.pick(&[Kind::Linux, Kind::Linux, Kind::Zephyr, Kind::Generic]);
        let start = Instant::now();
        let ran = catch_unwind(AssertUnwindSafe(|| run(&text, form, kind)));
        let wrong = match ran {
            Ok(Ok(found)) => {
                findings += found;
                (start.elapsed() > LIMIT).then(|| format!("took {:?}", start.elapsed()))
            }
            Ok(Err(error)) => Some(error),
            Err(_) => Some("panic".to_owned()),
        };
        if let Some(wrong) = wrong {
            println!("seed {seed} {kind:?} {form:?}: {wrong}\n{text}\n----");
            failures.push(format!("seed {seed}: {wrong}"));
        }
    }
    println!("{count} trees, {damaged} of them damaged, {findings} findings");
    assert_eq!(failures, Vec::<String>::new());
    assert!(findings > count as usize / 2, "{findings}");
}

/// One to four changes of lines and words. Words come from the tree itself, so that most damaged
/// trees still mean something.
fn damage(text: &str, random: &mut Random) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    for _ in 0..1 + random.below(4) {
        let at = random.below(lines.len());
        match random.below(6) {
            0 => drop(lines.remove(at)),
            1 => lines.insert(at, lines[at].clone()),
            2 => {
                let other = random.below(lines.len());
                lines.swap(at, other);
            }
            3 => {
                let line = lines[random.below(lines.len())].clone();
                lines.insert(at, line);
            }
            _ => {
                let mut own: Vec<&str> = lines[at].split(' ').collect();
                let place = random.below(own.len());
                let indent = if own[place].starts_with('\t') {
                    "\t"
                } else {
                    ""
                };
                let word = format!("{indent}{}", random.pick(&words));
                own[place] = &word;
                lines[at] = own.join(" ");
            }
        }
        if lines.is_empty() {
            break;
        }
    }
    lines.join("\n") + "\n"
}

/// The number of findings.
///
/// # Errors
/// What this program says of itself.
fn run(text: &str, form: ChoiceForm, kind: Kind) -> Result<usize, String> {
    let nothing = Arc::new(WorkTree::new("/nonexistent"));
    let reader = Overlay::new(nothing).with("Kconfig", text.as_bytes());
    let files = Arc::new(Files::new(reader));
    let project = project(form, kind);
    let options = Options {
        architectures: project.architectures.clone(),
        toolchain: Toolchain::default(),
        levels: Levels::default(),
        policies: policy::builtin(),
        remarks: true,
        effort: Effort::DEFAULT,
        jobs: std::num::NonZeroUsize::new(1),
    };
    let quiet = |_: usize, _: usize, _: &str| {};
    let outcome = session::run(&project, files.clone(), &options, &quiet);
    let mut outcome = outcome.map_err(|error| error.to_string())?;
    if let Some(error) = outcome.internal_errors.first() {
        return Err(format!("internal: {error}"));
    }
    report::mark(&mut outcome.findings, &outcome.files);
    fix::prove(&mut outcome, &options, fix::Effort::Enough(1), &quiet)
        .map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    report::json(&outcome, "tree", &mut bytes).map_err(|error| error.to_string())?;
    let mut rewriter = Rewriter::new(&outcome, &options);
    for finding in &outcome.findings {
        rewriter
            .write(finding)
            .map_err(|error| format!("{}: {error}", finding.message))?;
    }
    for finding in outcome.findings.iter().take(2) {
        let Some(symbol) = &finding.symbol else {
            continue;
        };
        let question = Question {
            symbol: symbol.clone(),
            condition: Some("MODULES".to_owned()),
        };
        let answer = why(&project, files.clone(), &options, &question);
        if let Some(error) = answer.iter().flat_map(|it| &it.internal_errors).next() {
            return Err(format!("why {symbol}: {error}"));
        }
    }
    Ok(outcome.findings.len())
}

fn project(form: ChoiceForm, kind: Kind) -> Project {
    let architecture = Architecture {
        name: String::new(),
        environment: std::collections::BTreeMap::new(),
    };
    Project {
        kind,
        root_file: "Kconfig".to_owned(),
        architectures: vec![architecture],
        prefix: "CONFIG_".to_owned(),
        behaviour: match form {
            ChoiceForm::New => Behaviour::NEW,
            ChoiceForm::Old => Behaviour::OLD,
        },
        grammar: Grammar::ALL,
        is_whole: true,
        dollar_variables: false,
        macros: true,
        scripts: Default::default(),
        settings: None,
    }
}
