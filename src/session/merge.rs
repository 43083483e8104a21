// SPDX-License-Identifier: MIT OR Apache-2.0
//! From what each architecture says to one list of findings: one finding per defect, with
//! the architectures it holds on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::analysis::Analysed;
use super::problems;
use super::{Counts, Options, Outcome};
use crate::diagnostic::{Diagnostic, Level};
use crate::menu::Loader;
use crate::rules::{policy, recursive_dependency, unmet_dependency};
use crate::source::Files;
use crate::tree::Project;

/// The outcome of a run.
pub(super) fn merge(
    project: &Project,
    loader: &Loader,
    options: &Options,
    mut results: Vec<Analysed>,
) -> Outcome {
    results.sort_by(|a, b| a.architecture.cmp(&b.architecture));
    let levels = &options.levels;
    let mut findings = problems::syntax(loader, levels);
    findings.extend(problems::elaboration(&results, levels));
    findings.extend(recursions(
        &results,
        levels.level(recursive_dependency::RULE.name),
    ));
    let unmet = unmet(&results);
    findings.extend(violations(&results, options, &unmet));
    let level = levels.level(unmet_dependency::RULE.name);
    findings.extend(unmet.values().map(|unmet| unmet.report(level)));
    findings.retain(|finding| finding.level > Level::Allow);
    let mut remarks = remarks(&results);
    let files = loader.files().clone();
    sort(&mut findings, &files);
    sort(&mut remarks, &files);
    Outcome {
        project: project.clone(),
        architectures: names(&results),
        counts: counts(&results, loader),
        internal_errors: results
            .iter()
            .flat_map(|it| it.internal_errors.clone())
            .collect(),
        files,
        findings,
        remarks,
    }
}

fn names(results: &[Analysed]) -> Vec<String> {
    let names = results.iter().map(|result| result.architecture.clone());
    names.filter(|name| !name.is_empty()).collect()
}

fn counts(results: &[Analysed], loader: &Loader) -> Counts {
    let symbols: BTreeSet<_> = results
        .iter()
        .flat_map(|result| result.symbols.iter().map(|name| name.index()))
        .collect();
    let selects: BTreeSet<_> = results
        .iter()
        .flat_map(|result| result.selects.iter())
        .collect();
    Counts {
        files: loader.loaded().len(),
        symbols: symbols.len(),
        selects: selects.len(),
    }
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

type Pairs = BTreeMap<(String, String, unmet_dependency::Kind), unmet_dependency::Unmet>;

fn unmet(results: &[Analysed]) -> Pairs {
    let mut merged = Pairs::new();
    for unmet in results
        .iter()
        .flat_map(|result| result.unmet.iter().cloned())
    {
        match merged.get_mut(&unmet.key()) {
            Some(known) => known.merge(unmet),
            None => drop(merged.insert(unmet.key(), unmet)),
        }
    }
    merged
}

/// A policy and an unmet dependency on the same pair are one finding, the unmet dependency.
fn violations(results: &[Analysed], options: &Options, unmet: &Pairs) -> Vec<Diagnostic> {
    let level = options.levels.level(policy::RULE.name);
    let mut findings = Vec::new();
    let mut applicable = BTreeSet::new();
    for (at, policy) in options.policies.iter().enumerate() {
        if results.iter().any(|result| result.policies_apply[at]) {
            applicable.insert(policy.name.as_str());
        } else if !policy.builtin && options.levels.is_on(policy::RULE.name) {
            findings.push(inapplicable(policy, options));
        }
    }
    let is_unmet = |violation: &policy::Violation| {
        let mut pairs = unmet.keys();
        pairs.any(|(selector, selectee, _)| {
            *selector == violation.selector && *selectee == violation.selectee
        })
    };
    let mut merged = BTreeMap::new();
    for violation in results
        .iter()
        .flat_map(|result| result.violations.iter().cloned())
    {
        if !applicable.contains(violation.policy.as_str()) || is_unmet(&violation) {
            continue;
        }
        match merged.get_mut(&violation.key()) {
            Some(known) => policy::Violation::merge(known, violation),
            None => drop(merged.insert(violation.key(), violation)),
        }
    }
    findings.extend(merged.values().map(|violation| violation.report(level)));
    findings
}

fn inapplicable(policy: &policy::Policy, options: &Options) -> Diagnostic {
    let message = format!(
        "policy {} does nothing: no architecture defines {} and all that it requires",
        policy.name, policy.selectors_of
    );
    Diagnostic {
        key: vec![policy.name.clone()],
        ..Diagnostic::global(
            policy::RULE.name,
            options.levels.mild(policy::RULE.name),
            message,
        )
    }
}

fn remarks(results: &[Analysed]) -> Vec<Diagnostic> {
    let mut seen: BTreeMap<_, Vec<(&str, &unmet_dependency::Fixed)>> = BTreeMap::new();
    for result in results {
        for fixed in &result.fixed {
            let key = (&fixed.selector, &fixed.selectee, &fixed.term, fixed.span);
            seen.entry(key)
                .or_default()
                .push((&result.architecture, fixed));
        }
    }
    seen.values()
        .filter_map(|seen| unmet_dependency::remark(seen))
        .collect()
}

fn sort(findings: &mut [Diagnostic], files: &Arc<Files>) {
    findings.sort_by_cached_key(|finding| {
        let place = finding.primary.as_ref().map(|label| {
            (
                files.get(label.span.file).path().to_owned(),
                label.span.start,
                label.span.end,
            )
        });
        (place, finding.rule, finding.message.clone())
    });
}
