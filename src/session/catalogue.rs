// SPDX-License-Identifier: MIT OR Apache-2.0
//! The rules that look at menu entries and symbols, run once for all architectures.
//!
//! It builds nothing where no such rule is enabled. Where the architectures cannot be read together
//! each is looked at by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::{Options, analysis};
use crate::diagnostic::{Diagnostic, Level};
use crate::menu::Loader;
use crate::menu::merge::elaborate_all;
use crate::model::Model;
use crate::references::References;
use crate::rules::kconfig_file::{KconfigFile, Tree};
use crate::rules::outside::Outside;
use crate::rules::scope::{self, Names, Scope};
use crate::rules::{Check, RULES, Rule};
use crate::tree::{ArchSet, Kind, Project};

/// Architectures that are read together, by their names.
struct Group {
    names: Vec<String>,
    model: Arc<Model>,
}

/// What these rules say.
#[derive(Default)]
pub(super) struct Said {
    /// Their findings.
    pub(super) findings: Vec<Diagnostic>,
    /// The rules that reported nothing because some file of the tree was not read.
    pub(super) held_back: BTreeSet<&'static str>,
}

/// What these rules say. All architectures of the tree are read, since a symbol may be defined on one
/// that was not asked for; findings of those alone are left out. `known` is the model of all of them,
/// where that was made before.
pub(super) fn check(
    loader: &Loader,
    project: &Project,
    options: &Options,
    known: Option<&Arc<Model>>,
) -> Said {
    let enabled = enabled(options).into_iter();
    let (of_files, rules): (Vec<_>, Vec<_>) =
        enabled.partition(|(rule, _)| matches!(rule.check, Check::File(_)));
    if of_files.is_empty() && rules.is_empty() {
        return Said::default();
    }
    loader.prefetch(project);
    let mut all = match rules.is_empty() {
        true => Said::default(),
        false => {
            let groups = match known {
                Some(model) => vec![Group {
                    names: names(project),
                    model: model.clone(),
                }],
                None => groups(loader, project, options),
            };
            of_the_models(&groups, loader, project, options, &rules)
        }
    };
    all.findings
        .extend(of_the_files(loader, options, &of_files));
    all
}

fn of_the_files(
    loader: &Loader,
    options: &Options,
    rules: &[(&'static Rule, Level)],
) -> Vec<Diagnostic> {
    let tree = Tree::new(&options.levels.preset().form, loader.files().reader());
    let loaded = loader.loaded();
    let loaded = loaded.iter().filter(|it| it.notation.is_whole());
    let files = loaded.map(|it| KconfigFile::new(it.file, &it.source, it.tree.ast(), &tree));
    scope::check_files(files, rules)
}

fn of_the_models(
    groups: &[Group],
    loader: &Loader,
    project: &Project,
    options: &Options,
    rules: &[(&'static Rule, Level)],
) -> Said {
    let mut names = Names::new(project.is_whole);
    for group in groups {
        names.add(&group.model, may_define(project, loader, &group.model));
    }
    let form = &options.levels.preset().form;
    let found = groups.par_iter().map(|group| {
        let scope = Scope::new(&group.model, &project.grammar, &names, loader.files(), form);
        let found = scope::check(&scope, rules);
        let findings = found.findings.into_iter().map(|(finding, on)| {
            let names = on.iter().map(|at| group.names[at].as_str());
            (finding, names.collect::<BTreeSet<&str>>())
        });
        (findings.collect::<Vec<_>>(), found.held_back)
    });
    let (found, mut held_back): (Vec<Vec<_>>, Vec<_>) = found.unzip();
    let (of_others, also_held_back) =
        of_other_files(loader, project, &names, groups, options, rules);
    held_back.push(also_held_back);
    let asked = options.architectures.iter().map(|it| it.name.as_str());
    // Whoever has a file linted alone is told that other files are unknown.
    let held_back = held_back.into_iter().filter(|_| project.is_whole).flatten();
    let mut findings = merged(found.into_iter().flatten(), &asked.collect());
    findings.extend(of_others);
    Said {
        findings,
        held_back: held_back.collect(),
    }
}

/// What the rules about files other than Kconfig say. These files are read only where one is enabled.
fn of_other_files(
    loader: &Loader,
    project: &Project,
    names: &Names,
    groups: &[Group],
    options: &Options,
    rules: &[(&'static Rule, Level)],
) -> (Vec<Diagnostic>, Vec<&'static str>) {
    let mut all = rules.iter();
    if !all.any(|(rule, _)| matches!(rule.check, Check::Outside(_))) {
        return Default::default();
    }
    let Some(references) = References::of(loader.files().reader(), project) else {
        return Default::default();
    };
    let asked = |group: &Group| {
        let is_asked = |name: &String| options.architectures.iter().any(|it| it.name == *name);
        let places = group.names.iter().enumerate();
        let places = places.filter(|(_, name)| is_asked(name));
        places.fold(ArchSet::EMPTY, |all, (at, _)| all | ArchSet::only(at))
    };
    let outside = Outside {
        names,
        models: groups.iter().map(|group| &group.model).collect(),
        architectures: groups.iter().map(|group| &*group.names).collect(),
        asked: groups.iter().map(asked).collect(),
        files: loader.files(),
        references: &references,
        links: OnceLock::new(),
    };
    scope::check_outside(&outside, rules)
}

/// Whether a file that a `source` statement does not lead to may define what the tree speaks of. What
/// users add to Buildroot and coreboot builds on the tree, and not the tree on it.
fn may_define(project: &Project, loader: &Loader, model: &Model) -> bool {
    let of_users = match project.kind {
        Kind::Buildroot => ".br2-external.in",
        Kind::Coreboot => "site-local/",
        _ => return !model.menu.unfollowed.is_empty(),
    };
    let mut unfollowed = model.menu.unfollowed.iter();
    unfollowed.any(|it| {
        let file = loader.files().get(it.span.file);
        let path = String::from_utf8_lossy(it.span.range().of(file.text())).into_owned();
        !path.contains(of_users)
    })
}

/// The enabled rules, with their levels.
fn enabled(options: &Options) -> Vec<(&'static Rule, Level)> {
    let rules = RULES.iter().copied();
    let rules = rules.filter(|rule| !matches!(rule.check, Check::Elsewhere));
    let rules = rules.map(|rule| (rule, options.levels.level(rule.name)));
    rules.filter(|(_, level)| *level > Level::Allow).collect()
}

fn names(project: &Project) -> Vec<String> {
    let names = project.architectures.iter().map(|it| it.name.clone());
    names.collect()
}

fn groups(loader: &Loader, project: &Project, options: &Options) -> Vec<Group> {
    let all = &project.architectures;
    let model = |menu| Arc::new(Model::new(Arc::new(menu), project.behaviour));
    let together = elaborate_all(loader, project, all, &options.toolchain);
    let together = together.ok().map(model);
    if let Some(model) = together.filter(|model| !model.is_unsound()) {
        return vec![Group {
            names: names(project),
            model,
        }];
    }
    let each = all.par_iter().filter_map(|architecture| {
        // A root file that cannot be read is reported by the analysis of the architecture.
        let menu = analysis::elaborated(loader, project, architecture, &options.toolchain).ok()?;
        Some(Group {
            names: vec![architecture.name.clone()],
            model: model(menu),
        })
    });
    each.collect()
}

/// One finding for each place and message: a file that is read twice says everything twice. Only
/// what concerns an architecture that was asked for; it has no list of architectures where it
/// concerns them all.
fn merged<'n>(
    found: impl Iterator<Item = (Diagnostic, BTreeSet<&'n str>)>,
    asked: &BTreeSet<&str>,
) -> Vec<Diagnostic> {
    let mut merged: BTreeMap<_, (Diagnostic, BTreeSet<&str>)> = BTreeMap::new();
    for (finding, on) in found {
        let place = finding.primary.as_ref().map(|label| label.span);
        let key = (finding.rule, place, finding.message.clone());
        match merged.get_mut(&key) {
            Some((_, all)) => all.extend(on),
            None => drop(merged.insert(key, (finding, on))),
        }
    }
    let of_asked = merged.into_values().filter_map(|(mut finding, on)| {
        let here: Vec<&str> = on.into_iter().filter(|name| asked.contains(name)).collect();
        let is_partial = here.len() < asked.len();
        finding.architectures = match is_partial {
            true => here.iter().map(|name| (*name).to_owned()).collect(),
            false => Vec::new(),
        };
        (!here.is_empty()).then_some(finding)
    });
    of_asked.collect()
}
