// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is known of the findings of a tree when they are compared with those of another: by pair
//! and architecture, the missing terms.
//!
//! A finding of which no term is known has an entry without terms.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::diagnostic::{Data, Diagnostic};
use crate::report::{milder_pair, worse_pair};
use crate::rules::unmet_dependency::Kind;
use crate::rules::{
    macro_error, missing_source, recursive_dependency, recursive_source, syntax_error, term,
    undecided, unterminated_block,
};

/// The findings of a tree.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(super) struct Marks {
    /// By pair and architecture.
    lacks: BTreeMap<(String, String), BTreeSet<String>>,
    /// What those pairs are about that selects do.
    about: BTreeMap<String, About>,
    /// The pairs of what keeps parts of the tree from being judged.
    pub(super) errors: BTreeSet<String>,
}

/// The target of a select and, if one was asked about, the policy.
type About = (String, Option<String>);

/// What a finding is about.
fn about(finding: &Diagnostic) -> Option<About> {
    match &finding.data {
        Data::Unmet { selectee, .. } => Some((selectee.clone(), None)),
        Data::Policy {
            selectee, policy, ..
        } => Some((selectee.clone(), Some(policy.clone()))),
        _ if finding.rule == undecided::RULE.name => {
            let mut words = finding.key.iter().cloned();
            Some((words.next()?, words.next()))
        }
        _ => None,
    }
}

/// How a finding stands to the tree before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Novelty {
    /// The tree before has it, at least as bad.
    Old,
    /// On some architecture the tree before does not have it.
    New,
    /// Wherever it comes, the tree before has the pair, but not for all of its terms.
    LacksMore,
}

/// A finding on one architecture.
struct Part<'f> {
    finding: &'f Diagnostic,
    /// Empty where the tree has no architecture.
    architecture: &'f str,
}

/// A finding on each of its architectures.
fn parts(finding: &Diagnostic) -> impl Iterator<Item = Part<'_>> {
    let none = finding.architectures.is_empty().then_some("");
    let names = finding.architectures.iter().map(String::as_str);
    names.chain(none).map(move |architecture| Part {
        finding,
        architecture,
    })
}

impl Part<'_> {
    fn terms(&self) -> impl Iterator<Item = &String> {
        let own = self.finding.lacks.get(self.architecture);
        own.into_iter().flatten()
    }
}

impl Marks {
    /// The marks of these findings, which have their fingerprints.
    pub(super) fn of<'f>(findings: impl IntoIterator<Item = &'f Diagnostic>) -> Marks {
        let mut marks = Marks::default();
        for part in findings.into_iter().flat_map(parts) {
            if is_error(part.finding) {
                marks.errors.insert(part.finding.pair.clone());
            }
            let key = (part.finding.pair.clone(), part.architecture.to_owned());
            let terms = marks.lacks.entry(key).or_default();
            terms.extend(part.terms().cloned());
            if let Some(about) = about(part.finding) {
                marks.about.insert(part.finding.pair.clone(), about);
            }
        }
        marks
    }

    /// Adds what the tree before has, where that holds still: of a target, the policy and the
    /// architecture.
    pub(super) fn carry(
        &mut self,
        before: &Marks,
        still_has: impl Fn(&str, Option<&str>, &str) -> bool,
    ) {
        for ((pair, architecture), terms) in &before.lacks {
            let Some(about) = before.about.get(pair) else {
                continue;
            };
            if still_has(&about.0, about.1.as_deref(), architecture) {
                self.add(pair.clone(), architecture.clone(), terms.clone());
                self.about.insert(pair.clone(), about.clone());
            }
        }
    }

    /// Adds a pair that lacks these terms.
    pub(super) fn add(&mut self, pair: String, architecture: String, terms: BTreeSet<String>) {
        let known = self.lacks.entry((pair, architecture)).or_default();
        known.extend(terms);
    }

    /// Whether an error of these is none of others.
    pub(super) fn has_error_beside(&self, others: &Marks) -> bool {
        !self.errors.is_subset(&others.errors)
    }

    /// The terms that are known to be missing where this part is or where it is worse; `None` where
    /// nothing is known.
    fn known(&self, part: &Part<'_>) -> Option<&BTreeSet<String>> {
        let of = |pair: String| self.lacks.get(&(pair, part.architecture.to_owned()));
        of(part.finding.pair.clone()).or_else(|| worse_pair(part.finding).and_then(of))
    }

    /// The terms of a part that are not known to be missing; `None` where nothing of it is known.
    fn unknown_terms(&self, part: &Part<'_>) -> Option<BTreeSet<String>> {
        let known = self.known(part)?;
        let as_tristate = matches!(&part.finding.data,
            Data::Unmet { level, .. } if *level == Kind::Module.word());
        let terms = part.terms();
        let unknown = terms.filter(|it| !term::follows(known, it, as_tristate));
        Some(unknown.cloned().collect())
    }

    /// Whether anything of a finding is there: on one of its architectures one of its terms.
    pub(super) fn has_some_of(&self, finding: &Diagnostic) -> bool {
        parts(finding).any(|part| match self.unknown_terms(&part) {
            Some(unknown) => unknown.is_empty() || unknown.len() < part.terms().count(),
            None => false,
        })
    }

    /// Whether the tree has what is milder than a finding: a dependency that was off and can now
    /// only be a module.
    pub(super) fn has_milder(&self, finding: &Diagnostic) -> bool {
        let Some(pair) = milder_pair(finding) else {
            return false;
        };
        let has = |part: Part<'_>| {
            let key = (pair.clone(), part.architecture.to_owned());
            self.lacks.contains_key(&key)
        };
        parts(finding).any(has)
    }

    /// Whether all that these marks say is said by others too.
    pub(super) fn are_in(&self, others: &Marks) -> bool {
        self.lacks.iter().all(|(key, terms)| {
            let other = others.lacks.get(key);
            other.is_some_and(|other| terms.is_subset(other))
        })
    }

    /// The terms of a finding that are missing here on none of its architectures, although the
    /// finding itself is here.
    pub(super) fn met_terms(&self, finding: &Diagnostic) -> BTreeSet<String> {
        let mut met = BTreeSet::new();
        let mut unmet = BTreeSet::new();
        for part in parts(finding) {
            match self.unknown_terms(&part) {
                Some(unknown) => {
                    let still = part.terms().filter(|term| !unknown.contains(*term));
                    unmet.extend(still.cloned());
                    met.extend(unknown);
                }
                None => met.extend(part.terms().cloned()),
            }
        }
        met.retain(|term| !unmet.contains(term));
        met
    }
}

/// How a finding stands to the trees before. A new one then names only the architectures and the
/// terms that are new.
pub(super) fn compare(before: &[&Marks], finding: &mut Diagnostic) -> Novelty {
    let mut new = BTreeMap::new();
    let mut novelty = Novelty::LacksMore;
    for part in parts(finding) {
        let known: Vec<_> = before
            .iter()
            .filter_map(|marks| marks.unknown_terms(&part))
            .collect();
        // What one of the parents of a merge has is not new.
        let terms = known
            .into_iter()
            .reduce(|one, other| one.intersection(&other).cloned().collect());
        let terms = match terms {
            Some(terms) if terms.is_empty() => continue,
            Some(terms) => terms,
            None => {
                novelty = Novelty::New;
                part.terms().cloned().collect()
            }
        };
        new.insert(part.architecture.to_owned(), terms);
    }
    if new.is_empty() {
        return Novelty::Old;
    }
    finding.architectures.retain(|name| new.contains_key(name));
    new.retain(|_, terms| !terms.is_empty());
    finding.lacks = new;
    novelty
}

/// The rules whose findings keep parts of a tree from being judged, and that speak of a text.
pub(super) fn is_about_text(rule: &str) -> bool {
    [
        macro_error::RULE.name,
        missing_source::RULE.name,
        recursive_source::RULE.name,
        syntax_error::RULE.name,
        unterminated_block::RULE.name,
    ]
    .contains(&rule)
}

/// Whether a finding keeps a part of a tree from being judged.
fn is_error(finding: &Diagnostic) -> bool {
    is_about_text(finding.rule) || finding.rule == recursive_dependency::RULE.name
}
