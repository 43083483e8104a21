// SPDX-License-Identifier: MIT OR Apache-2.0
//! From what each architecture says to one list of findings: one finding per defect, with
//! the architectures it holds on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::analysis::Analysed;
use super::catalogue;
use super::problems;
use super::reading;
use super::{Counts, Options, Outcome, Reading};
use crate::config::{self, Comment, Suppressed};
use crate::diagnostic::{Diagnostic, Label, Level};
use crate::menu::Loader;
use crate::model::Tristate;
use crate::rules::pair::Pair;
use crate::rules::policy::{Policy, Requirement, Violation};
use crate::rules::remedy::Above;
use crate::rules::undecided::UndecidedSelect;
use crate::rules::unmet_dependency::Unmet;
use crate::rules::{fixed_terms, policy, recursive_dependency, undecided, unmet_dependency};
use crate::source::{FileId, Files, Name, near};
use crate::tree::Project;

/// The outcome of a run.
pub(super) fn merge(
    project: &Project,
    loader: &Loader,
    options: &Options,
    mut results: Vec<Analysed>,
    of_catalogue: catalogue::Said,
) -> Outcome {
    results.sort_by(|a, b| a.architecture.cmp(&b.architecture));
    let levels = &options.levels;
    let mut findings = problems::syntax(loader, levels);
    findings.extend(problems::elaboration(&results, levels));
    findings.extend(recursions(
        &results,
        levels.level(recursive_dependency::RULE.name),
    ));
    findings.extend(pairs(&results, project, options, loader.files()));
    findings.extend(undecided(&results, options));
    findings.extend(of_catalogue.findings);
    findings.retain(|finding| finding.level > Level::Allow);
    let mut remarks = remarks(&results);
    let files = loader.files().clone();
    sort(&mut findings, &files);
    sort(&mut remarks, &files);
    let counts = counts(&results, loader);
    let mut reading = Reading::new(&results, loader);
    let held_back = of_catalogue.held_back.into_iter();
    reading.held_back = held_back.map(str::to_owned).collect();
    let objection = reading::objection(&reading, counts.symbols, &project.root_file);
    Outcome {
        project: project.clone(),
        architectures: names(&results),
        counts,
        reading,
        objections: objection.into_iter().collect(),
        comments: comments(loader),
        complete: is_complete(project, loader, options, &results),
        internal_errors: results
            .iter()
            .flat_map(|it| it.internal_errors.clone())
            .collect(),
        files,
        findings,
        remarks,
        base: None,
    }
}

fn names(results: &[Analysed]) -> Vec<String> {
    let names = results.iter().map(|result| result.architecture.clone());
    names.filter(|name| !name.is_empty()).collect()
}

fn counts(results: &[Analysed], loader: &Loader) -> Counts {
    let symbols: FxHashSet<Name> = results
        .iter()
        .flat_map(|result| result.symbols.iter().copied())
        .collect();
    let selects: FxHashSet<(u32, u32)> = results
        .iter()
        .flat_map(|result| result.selects.iter())
        .map(|span| (span.file.0, span.start))
        .collect();
    Counts {
        files: loader.loaded().len(),
        symbols: symbols.len(),
        selects: selects.len(),
        suppressed: Suppressed::default(),
    }
}

/// The comments to this program, by place. A file may have been read in two notations.
fn comments(loader: &Loader) -> Vec<Comment> {
    let mut seen = FxHashSet::default();
    let mut found = Vec::new();
    for loaded in loader.loaded() {
        found.extend(config::comments(loaded.file, &loaded.source, &loaded.tree));
    }
    found.retain(|comment| seen.insert(comment.span));
    found
}

/// Whether nothing was left out or kept from being found.
fn is_complete(
    project: &Project,
    loader: &Loader,
    options: &Options,
    results: &[Analysed],
) -> bool {
    let stopped = |result: &Analysed| {
        !result.recursions.is_empty()
            || !result.undecided.is_empty()
            || result.problems.iter().any(|problem| problem.fatal)
    };
    options.architectures == project.architectures
        && options.toolchain.answers.is_empty()
        && !results.iter().any(stopped)
        && loader
            .loaded()
            .iter()
            .all(|loaded| loaded.tree.errors().iter().all(|error| error.harmless))
}

fn recursions(results: &[Analysed], level: Level) -> Vec<Diagnostic> {
    let mut merged: BTreeMap<Vec<String>, recursive_dependency::Recursion> = BTreeMap::new();
    for recursion in results
        .iter()
        .flat_map(|result| result.recursions.iter().cloned())
    {
        match merged.get_mut(&recursion.key()) {
            Some(known) => known.merge(recursion),
            None => drop(merged.insert(recursion.key(), recursion)),
        }
    }
    merged
        .values()
        .map(|recursion| recursion.report(level))
        .collect()
}

fn undecided(results: &[Analysed], options: &Options) -> Vec<Diagnostic> {
    let mut merged: BTreeMap<_, UndecidedSelect> = BTreeMap::new();
    for open in results.iter().flat_map(|result| &result.undecided) {
        match merged.get_mut(&open.key()) {
            Some(known) => known.merge(open.clone()),
            None => drop(merged.insert(open.key(), open.clone())),
        }
    }
    let level = options.levels.level(undecided::RULE.name);
    let all = merged.values();
    all.map(|open| open.report(level, options.effort)).collect()
}

fn path(files: &Files, file: FileId) -> String {
    files.get(file).path().to_owned()
}

/// Unmet dependencies and violated policies. Both on one pair are one finding, the unmet
/// dependency, with the policy's reason.
fn pairs(
    results: &[Analysed],
    project: &Project,
    options: &Options,
    files: &Files,
) -> Vec<Diagnostic> {
    let levels = &options.levels;
    let mut unmet: BTreeMap<_, Unmet> = BTreeMap::new();
    for found in results
        .iter()
        .flat_map(|result| result.unmet.iter().cloned())
    {
        match unmet.get_mut(&found.key()) {
            Some(known) => known.merge(found),
            None => drop(unmet.insert(found.key(), found)),
        }
    }
    let applicable = applicable(results, options);
    let mut violations: BTreeMap<_, Violation> = BTreeMap::new();
    for found in results
        .iter()
        .flat_map(|result| result.violations.iter().cloned())
    {
        if !applicable.contains(found.policy.as_str()) {
            continue;
        }
        match violations.get_mut(&found.key()) {
            Some(known) => known.pair.merge(found.pair),
            None => drop(violations.insert(found.key(), found)),
        }
    }
    let shared = shared_needs(unmet.values().map(|unmet| &unmet.pair));
    let all = unmet.values_mut().map(|unmet| &mut unmet.pair);
    for pair in all.chain(violations.values_mut().map(|violation| &mut violation.pair)) {
        // Which number a file has is chance.
        let statements = &mut pair.statements;
        statements.sort_by_cached_key(|it| (path(files, it.span.file), it.span));
        let place = |it: &Above| {
            let span = it.statement.span;
            (
                it.selector.clone(),
                it.selectee.clone(),
                path(files, span.file),
                span,
            )
        };
        pair.remedy.above.sort_by_cached_key(place);
        pair.remedy.foreign = is_foreign(pair, results);
        pair.remedy.shared = shared.contains(&needs(pair));
    }
    let mut findings = inapplicable(results, project, options, &applicable, files);
    let level = |rule: &str, pair: &Pair| match pair.toolchain {
        Some(_) => levels.toolchain(rule),
        None => levels.level(rule),
    };
    for unmet in unmet.values() {
        let mut finding = unmet.report(level(unmet_dependency::RULE.name, &unmet.pair));
        let same = violations
            .values()
            .filter(|violation| same_pair(&violation.pair, &unmet.pair));
        same.for_each(|violation| violation.explain(&mut finding));
        findings.push(finding);
    }
    let alone = violations.values().filter(|violation| {
        unmet
            .values()
            .all(|unmet| !same_pair(&violation.pair, &unmet.pair))
    });
    findings.extend(alone.map(|violation| {
        let level = level(policy::RULE.name, &violation.pair);
        violation.report(level)
    }));
    findings
}

/// The selector of a pair, and what a fix of it has to ask for.
fn needs(pair: &Pair) -> (String, Vec<String>) {
    let mut terms: Vec<String> = pair.needed.iter().map(|it| it.term.clone()).collect();
    terms.sort();
    (pair.selector.clone(), terms)
}

/// What the same selector lacks for more than one of its selects.
fn shared_needs<'p>(pairs: impl Iterator<Item = &'p Pair>) -> BTreeSet<(String, Vec<String>)> {
    let mut seen: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
    for pair in pairs {
        seen.entry(needs(pair)).or_default().insert(&pair.selectee);
    }
    let shared = seen.into_iter().filter(|(_, targets)| targets.len() > 1);
    shared.map(|(needs, _)| needs).collect()
}

fn same_pair(one: &Pair, other: &Pair) -> bool {
    one.selector == other.selector && one.selectee == other.selectee
}

/// Whether on some architecture the selector can be on, nothing is broken, and a symbol of the
/// missing terms does not exist.
fn is_foreign(pair: &Pair, results: &[Analysed]) -> bool {
    let selector = Name::new(&pair.selector);
    let terms: Vec<Name> = pair
        .missing
        .iter()
        .flat_map(|term| term.symbols.iter().map(|symbol| Name::new(symbol)))
        .collect();
    let whole = results
        .iter()
        .filter(|result| !pair.architectures.contains(&result.architecture));
    whole
        .filter(|result| result.enabled.contains(&selector))
        .any(|result| terms.iter().any(|term| !result.symbols.contains(term)))
}

/// The policies whose symbols some architecture defines, by name.
fn applicable<'o>(results: &[Analysed], options: &'o Options) -> BTreeSet<&'o str> {
    let policies = options.policies.iter().enumerate();
    policies
        .filter(|(at, _)| results.iter().any(|result| result.policies_apply[*at]))
        .map(|(_, policy)| policy.name.as_str())
        .collect()
}

/// The others, unless they are built in, at their places in the settings.
fn inapplicable(
    results: &[Analysed],
    project: &Project,
    options: &Options,
    applicable: &BTreeSet<&str>,
    files: &Files,
) -> Vec<Diagnostic> {
    let level = options.levels.mild(policy::RULE.name);
    let others = options.policies.iter();
    let others =
        others.filter(|policy| policy.line.is_some() && !applicable.contains(policy.name.as_str()));
    others
        .map(|policy| {
            let (in_requirement, what) = undefined(results, policy);
            let message = format!("policy {} does nothing: {what}", policy.name);
            let settings = files.open(config::file_of(project)).ok();
            let place = settings.zip(policy.places).map(|(file, places)| {
                Label::new(places[usize::from(in_requirement)].in_file(file), "")
            });
            Diagnostic {
                primary: place,
                key: vec![policy.name.clone()],
                ..Diagnostic::global(policy::RULE.name, level, message)
            }
        })
        .collect()
}

/// Which symbol of a policy no architecture defines, and whether it stands in the requirement.
fn undefined(results: &[Analysed], policy: &Policy) -> (bool, String) {
    let is_defined = |name: &str| {
        let name = Name::new(name);
        results.iter().any(|result| result.symbols.contains(&name))
    };
    let required = Requirement::parse(&policy.require).ok();
    let required = required.iter().flat_map(Requirement::words);
    let required = required.filter(|word| Tristate::from_word(word).is_none());
    let mut names = std::iter::once((false, policy.selectors_of.as_str()))
        .chain(required.map(|word| (true, word)));
    match names.find(|(_, name)| !is_defined(name)) {
        Some((in_requirement, name)) => {
            let known = results.iter().flat_map(|result| result.symbols.iter());
            let hint = near::hint(name, known.map(|name| name.as_str()));
            let what = format!("no architecture defines a symbol {name}{hint}");
            (in_requirement, what)
        }
        None => {
            let name = &policy.selectors_of;
            let what = format!("no architecture defines {name} and all that it requires");
            (false, what)
        }
    }
}

fn remarks(results: &[Analysed]) -> Vec<Diagnostic> {
    let mut seen: BTreeMap<_, Vec<(&str, &fixed_terms::Fixed)>> = BTreeMap::new();
    for result in results {
        for fixed in &result.fixed {
            let key = (&fixed.selector, &fixed.selectee, &fixed.term, fixed.span);
            seen.entry(key)
                .or_default()
                .push((&result.architecture, fixed));
        }
    }
    seen.values()
        .filter_map(|seen| fixed_terms::remark(seen))
        .collect()
}

pub(super) fn sort(findings: &mut [Diagnostic], files: &Arc<Files>) {
    for fix in findings.iter_mut().flat_map(|finding| &mut finding.fixes) {
        fix.sort_edits(|file| path(files, file));
    }
    findings.sort_by_cached_key(|finding| {
        let place = finding.primary.as_ref().map(|label| {
            (
                path(files, label.span.file),
                label.span.start,
                label.span.end,
            )
        });
        (place, finding.rule, finding.message.clone())
    });
}
