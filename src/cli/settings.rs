// SPDX-License-Identifier: MIT OR Apache-2.0
//! `settings`: what holds in a tree, and where each setting comes from.

use super::args::{SettingsArgs, SettingsFormat, Toolchain, TreeArgs};
use super::levels::LevelArgs;
use super::prepared;
use super::run::{self, Analysis, Tree};
use super::{Status, Streams, finish, paths};
use crate::config::{FILE_NAME, Levels, Selector, Settings, toolchain_name};
use crate::logic::Effort;
use crate::report::{self, Setting};
use crate::rules::RULES;
use crate::tree::{Architecture, ChoiceForm, Kind};

/// Runs `settings`.
///
/// # Errors
/// When there is no tree, or its settings cannot be read.
pub(super) fn settings(args: &SettingsArgs, streams: &mut Streams<'_>) -> anyhow::Result<Status> {
    let tree = Tree::open(std::slice::from_ref(&args.path), &args.tree)?;
    let of_file = prepared::settings(&tree)?;
    let architectures = run::recorded(&tree, &args.tree, Analysis::nothing())?.architectures;

    let mut all = of_tree(&tree, &args.tree, &architectures, &of_file);
    all.push(effort(&of_file, &args.tree));
    all.extend(environment(&architectures, &args.tree));
    all.push(preset(&of_file, &args.levels, tree.project().kind));
    all.extend(levels(&of_file, &args.levels, tree.project().kind));
    all.extend(policies_and_allows(of_file));
    let written = match args.format {
        SettingsFormat::Text => report::settings_text(&all, streams.out),
        SettingsFormat::Json => report::settings_json(&all, streams.out),
    };
    finish(written, streams)
}

fn line(line: usize) -> String {
    format!("{FILE_NAME}:{line}")
}

fn of_tree(
    tree: &Tree,
    args: &TreeArgs,
    architectures: &[Architecture],
    of_file: &Settings,
) -> Vec<Setting> {
    let project = tree.project();
    let source = |option: &str, is_given: bool, otherwise: &str| match is_given {
        true => option.to_owned(),
        false => otherwise.to_owned(),
    };
    let names = architectures.iter().map(|it| it.name.as_str());
    let names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
    let names = match names.is_empty() {
        true => "none".to_owned(),
        false => names.join(", "),
    };
    let choices = match project.behaviour.choices {
        _ if project.behaviour.is_kconfiglib() => "as kconfiglib has them",
        ChoiceForm::New => "as in Linux 6.11 and later",
        ChoiceForm::Old => "as before Linux 6.11",
    };
    let prefix = args.environment.iter().any(|(name, _)| name == "CONFIG_");
    let toolchain = match &args.toolchain {
        Toolchain::Symbolic => "symbolic".to_owned(),
        Toolchain::Probe => "probe".to_owned(),
        Toolchain::Recorded(file) => file.display().to_string(),
    };
    let symbolic = args.toolchain == Toolchain::Symbolic;
    let jobs = args
        .jobs
        .map_or("one for each processor".to_owned(), |jobs| jobs.to_string());
    let architectures_from = source("--arch", args.architectures().is_some(), "detected");
    [
        ("folder", paths::shown(tree.root()), "detected".to_owned()),
        (
            "kind",
            project.kind.name().to_owned(),
            match of_file.kind {
                Some(_) if args.kind.is_none() => line(of_file.kind_line),
                _ => source("--tree", args.kind.is_some(), "detected"),
            },
        ),
        (
            "program",
            project.kind.dialect().tool.name().to_owned(),
            "by the kind".to_owned(),
        ),
        (
            "root file",
            project.root_file.clone(),
            source("--root", args.root_file.is_some(), "detected"),
        ),
        ("architectures", names, architectures_from),
        ("choices", choices.to_owned(), "detected".to_owned()),
        (
            "prefix",
            project.prefix.clone(),
            source("--env", prefix, "detected"),
        ),
        (
            "toolchain",
            toolchain,
            source("--toolchain", !symbolic, "default"),
        ),
        (
            "threads",
            jobs,
            source("--jobs", args.jobs.is_some(), "default"),
        ),
    ]
    .map(|(name, value, source)| setting("tree", name, value, source))
    .into()
}

fn effort(of_file: &Settings, args: &TreeArgs) -> Setting {
    let (effort, source) = match (args.effort, of_file.effort) {
        (Some(effort), _) => (effort, "--effort".to_owned()),
        (None, Some(effort)) => (effort, line(of_file.effort_line)),
        (None, None) => (Effort::DEFAULT, "default".to_owned()),
    };
    let value = format!("{} conflicts for a question", effort.conflicts());
    setting("tree", "effort", value, source)
}

fn preset(of_file: &Settings, args: &LevelArgs, kind: Kind) -> Setting {
    let source = match (args.preset, of_file.preset) {
        (Some(_), _) => "--preset".to_owned(),
        (None, Some(_)) => line(of_file.preset_line),
        (None, None) => "by the kind".to_owned(),
    };
    let name = args.preset(of_file, kind).name;
    setting("tree", "preset", name, source)
}

fn setting(
    part: &'static str,
    name: impl Into<String>,
    value: impl Into<String>,
    source: impl Into<String>,
) -> Setting {
    Setting {
        part,
        name: name.into(),
        value: value.into(),
        source: source.into(),
    }
}

/// The variables that all architectures have, with their values, or how many values there are.
fn environment(architectures: &[Architecture], args: &TreeArgs) -> Vec<Setting> {
    let Some(first) = architectures.first() else {
        return Vec::new();
    };
    let described = first.environment.iter().map(|(name, value)| {
        let same = |other: &Architecture| other.environment.get(name) == Some(value);
        let value = match architectures.iter().all(same) {
            true => value.as_str(),
            false => "differs between the architectures",
        };
        let given = args.environment.iter().any(|(given, _)| given == name);
        let source = if given { "--env" } else { "default" };
        setting("environment", name, value, source)
    });
    described.collect()
}

/// The level of each rule, and the last setting that names the rule.
fn levels(settings: &Settings, args: &LevelArgs, kind: Kind) -> Vec<Setting> {
    let preset = args.preset(settings, kind);
    let of_file = settings.levels.iter();
    let of_file = of_file.map(|it| (it.selector, it.level, line(it.line)));
    let words = args
        .words
        .iter()
        .map(|(selector, level)| (*selector, *level, format!("--{}", report::level(*level))));
    let mut levels = Levels::of(preset);
    // Of the whole rule, and of those of its findings that need a particular toolchain.
    let default = || "default".to_owned();
    let mut sources = vec![[default(), default()]; RULES.len()];
    for (selector, level, source) in of_file.chain(words) {
        for (rule, [whole, of_toolchain]) in RULES.iter().zip(&mut sources) {
            if selector.covers(rule, levels.level(rule.name), preset) {
                whole.clone_from(&source);
            }
            let is_apart = matches!(selector, Selector::Toolchain(it) if it.name == rule.name);
            if is_apart || selector.covers(rule, levels.toolchain(rule.name), preset) {
                of_toolchain.clone_from(&source);
            }
        }
        levels.set(selector, level);
    }
    let rules = RULES.iter().zip(sources);
    let described = rules.flat_map(|(rule, [source, of_toolchain])| {
        let level = report::level(levels.level(rule.name));
        let whole = setting("levels", rule.name, level, source);
        let level = report::level(levels.toolchain(rule.name));
        let apart = setting("levels", toolchain_name(rule), level, of_toolchain);
        let apart = rule.can_need_toolchain().then_some(apart);
        std::iter::once(whole).chain(apart)
    });
    described.collect()
}

fn policies_and_allows(of_file: Settings) -> Vec<Setting> {
    let policies = prepared::policies(of_file.policies)
        .into_iter()
        .map(|policy| {
            let value = format!("{} requires {}", policy.selectors_of, policy.require);
            let source = policy.line.map_or("built in".to_owned(), line);
            setting("policies", policy.name, value, source)
        });
    let allows = of_file.allows.into_iter();
    let allows = allows.map(|it| setting("allow", it.rule, it.told(), line(it.line)));
    policies.chain(allows).collect()
}
