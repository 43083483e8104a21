// SPDX-License-Identifier: MIT OR Apache-2.0
//! Findings with one cause: many selectors of one symbol that lack the same term of its
//! dependency, or several places with the same defect, such as an undefined name. People read them
//! as one item; programs get each of them, with the name of the group.

use std::collections::{BTreeMap, BTreeSet};

use super::{Change, Data, Diagnostic, Level};

/// So many selectors that lack one term are a group. Fewer are read one by one.
pub const MIN_GROUP: usize = 5;

/// So many findings of a group have their fixes proved: the others have the same.
pub const MAX_PROVED: usize = 3;

/// A finding, or several with one cause, by their places in a list of findings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    /// The findings, in their order; one where there is no cause.
    pub members: Vec<usize>,
    /// What they have in common.
    pub cause: Option<Cause>,
}

impl Item {
    /// The members whose fixes are proved.
    pub fn proved(&self) -> impl Iterator<Item = usize> {
        self.members.iter().take(MAX_PROVED).copied()
    }
}

/// What the findings of a group have in common.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Cause {
    /// A term that selectors of one symbol lack.
    Lack(Lack),
    /// The same defect in several places: [`Diagnostic::defect`].
    Defect(String),
}

/// A term that selectors of one symbol lack.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Lack {
    /// The symbol that is selected.
    pub selectee: String,
    /// What its selectors lack.
    pub term: String,
    /// The policy that asks for it; `None` for the dependencies of the selectee.
    pub policy: Option<String>,
    /// Whether the term can only be m where it has to be y.
    pub is_module: bool,
}

impl Cause {
    /// The name of the group in reports for programs.
    pub fn name(&self) -> String {
        match self {
            Cause::Defect(name) => name.clone(),
            Cause::Lack(lack) => {
                let module = if lack.is_module { " (module)" } else { "" };
                format!("{}: {}{module}", lack.selectee, lack.term)
            }
        }
    }

    /// How many findings of this cause are a group.
    fn least(&self) -> usize {
        match self {
            Cause::Defect(_) => 2,
            Cause::Lack(_) => MIN_GROUP,
        }
    }
}

impl Lack {
    /// The group in words, with the term as it is written, and so many members.
    pub fn words(&self, term: &str, count: usize) -> String {
        let selectee = &self.selectee;
        match (&self.policy, self.is_module) {
            (Some(policy), _) => {
                format!("{count} selectors of {selectee} may lack {term} ({policy})")
            }
            (None, false) => format!("{count} selectors of {selectee} may lack {term}"),
            (None, true) => {
                format!("{count} selectors of {selectee} may be y while {term} is only m")
            }
        }
    }
}

/// What has to be equal beside the cause.
type Kind<'f> = (
    &'static str,
    Level,
    Option<(&'static str, Option<&'f str>, &'f str)>,
    Option<&'f str>,
);

/// The items that a person reads, in the order of their first findings.
pub fn items(findings: &[Diagnostic]) -> Vec<Item> {
    let mut counts: BTreeMap<(Kind<'_>, Cause), usize> = BTreeMap::new();
    for finding in findings {
        for cause in causes(finding) {
            *counts.entry((kind(finding), cause)).or_default() += 1;
        }
    }
    // Of several missing terms the one that most selectors lack.
    let chosen = findings.iter().map(|finding| {
        let mut own: Vec<_> = causes(finding)
            .into_iter()
            .map(|cause| (kind(finding), cause))
            .collect();
        own.sort_by_key(|key| std::cmp::Reverse(counts[key]));
        own.into_iter().next()
    });
    let chosen: Vec<Option<(Kind<'_>, Cause)>> = chosen.collect();
    let mut groups: BTreeMap<&(Kind<'_>, Cause), Vec<usize>> = BTreeMap::new();
    for (at, key) in chosen.iter().enumerate() {
        if let Some(key) = key {
            groups.entry(key).or_default().push(at);
        }
    }
    groups.retain(|(_, cause), members| members.len() >= cause.least());
    let mut items = Vec::new();
    for (at, key) in chosen.iter().enumerate() {
        let group = key.as_ref().and_then(|key| Some((key, groups.get(key)?)));
        match group {
            None => items.push(Item {
                members: vec![at],
                cause: None,
            }),
            Some(((_, cause), members)) if members[0] == at => items.push(Item {
                members: members.clone(),
                cause: Some(cause.clone()),
            }),
            Some(_) => {}
        }
    }
    items
}

/// The name of the group of each finding that is in one.
pub fn names(findings: &[Diagnostic]) -> Vec<Option<String>> {
    let mut names = vec![None; findings.len()];
    for item in items(findings) {
        for at in item.members {
            names[at] = item.cause.as_ref().map(Cause::name);
        }
    }
    names
}

fn kind(finding: &Diagnostic) -> Kind<'_> {
    let change = finding.change.as_ref();
    let change = change.map(|change| {
        let Change {
            commit, subject, ..
        } = change;
        (change.status.word(), commit.as_deref(), subject.as_str())
    });
    let toolchain = finding.toolchain.as_deref();
    (finding.rule, finding.level, change, toolchain)
}

/// What a finding may have in common with others: its defect, or one cause for each missing term.
fn causes(finding: &Diagnostic) -> Vec<Cause> {
    if let Some(defect) = &finding.defect {
        return vec![Cause::Defect(defect.clone())];
    }
    let (selectee, policy, is_module) = match &finding.data {
        Data::Unmet {
            selectee, level, ..
        } => (selectee, None, *level == "module"),
        Data::Policy {
            policy, selectee, ..
        } => (selectee, Some(policy.clone()), false),
        Data::None | Data::Cycle { .. } => return Vec::new(),
    };
    let changed = finding.change.iter().flat_map(|change| &change.terms);
    let mut terms: BTreeSet<&String> = changed.collect();
    if terms.is_empty() {
        terms = finding.lacks.values().flatten().collect();
    }
    let terms = terms.into_iter();
    terms
        .map(|term| {
            Cause::Lack(Lack {
                selectee: selectee.clone(),
                term: term.clone(),
                policy: policy.clone(),
                is_module,
            })
        })
        .collect()
}
