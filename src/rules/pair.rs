// SPDX-License-Identifier: MIT OR Apache-2.0
//! A selector and a symbol it must not select like this: what unmet-dependency and policy
//! report, merged over architectures.
//!
//! It carries the facts; each rule has its own words for them, and `remedy` the fixes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

use super::Context;
use super::remedy::Remedy;
use super::selects::{self, Missing, Statement};
use super::term;
use super::toolchain::{self, Shown};
use super::undecided::Cause;
use crate::diagnostic::Witness;
use crate::logic::{Bit, Evaluator, Inputs};
use crate::model::{ExprId, Model, SelectId, ValueType};

/// A broken pair. One from a check is of one architecture; `merge` makes it one of several.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pair {
    /// The symbol whose select it is.
    pub selector: String,
    /// The symbol that is selected.
    pub selectee: String,
    /// Architectures, sorted; an empty name where the tree has none.
    pub architectures: Vec<String>,
    /// The statements that do it, sorted; at least one.
    pub statements: Vec<Statement>,
    /// The terms they do not imply; none when no single term can be named.
    pub missing: Vec<Missing>,
    /// The terms that are missing on each architecture, as `term` writes them.
    pub lacks: BTreeMap<String, BTreeSet<String>>,
    /// Those of them that bring the others with them: what a fix has to ask for.
    pub needed: Vec<Missing>,
    /// What to do about it.
    pub remedy: Remedy,
    /// The toolchains that the pair needs to be broken, as the end of "with"; `None` where it needs
    /// none, at least on one architecture.
    pub toolchain: Option<String>,
    /// A configuration that shows it, of the first architecture.
    pub witness: Witness,
}

/// The solver's answer to one question about a pair.
pub(super) struct Answer<'a> {
    /// The statements that are broken; the first is the one of the configuration.
    pub(super) ids: &'a [SelectId],
    /// The terms that are missing.
    pub(super) missing: Vec<Missing>,
    /// The same as expressions; none where all of them are needed.
    pub(super) terms: Vec<ExprId>,
    /// A configuration that breaks the first.
    pub(super) inputs: &'a Inputs,
    /// What holds of the first statement when it is broken.
    pub(super) broken: Vec<Bit>,
    /// The policy that is asked about.
    pub(super) policy: Option<&'a str>,
    /// How the pair is broken, as far as findings of one pair differ.
    pub(super) kind: &'static str,
}

/// The pairs that an architecture has shown with any toolchain. A report shows the configuration of the
/// first architecture, so architectures behind that one need none of their own.
#[derive(Default)]
pub struct ShownPairs(Mutex<FxHashMap<Key, String>>);

/// Selector, selectee, policy, and how the pair is broken.
type Key = (String, String, String, &'static str);

impl ShownPairs {
    fn is_by_earlier(&self, key: &Key, architecture: &str) -> bool {
        let known = self.lock();
        known
            .get(key)
            .is_some_and(|first| first.as_str() < architecture)
    }

    fn add(&self, key: Key, architecture: &str) {
        let mut known = self.lock();
        let first = known.entry(key).or_insert_with(|| architecture.to_owned());
        if architecture < first.as_str() {
            architecture.clone_into(first);
        }
    }

    fn lock(&self) -> MutexGuard<'_, FxHashMap<Key, String>> {
        // Whoever panicked left nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pair {
    /// A pair of one architecture, its witness replayed by `holds`. An answer that does not
    /// replay is an internal error, told through the context.
    pub(super) fn found(
        context: &mut Context<'_>,
        answer: Answer<'_>,
        holds: &mut dyn FnMut(&mut Evaluator<'_>) -> bool,
    ) -> Option<Pair> {
        let model = context.model;
        let select = model.select(answer.ids[0]);
        let selector = model.name(select.selector).to_owned();
        let selectee = model.name(select.target).to_owned();
        let mut shown: Vec<String> = answer
            .missing
            .iter()
            .flat_map(|term| term.symbols.clone())
            .collect();
        shown.push(selector.clone());
        let architecture = context.architecture;
        let policy = answer.policy.unwrap_or_default().to_owned();
        let key = (selector.clone(), selectee.clone(), policy, answer.kind);
        let is_shown = context
            .shown
            .is_some_and(|known| known.is_by_earlier(&key, architecture));
        let witness = match is_shown {
            true => selects::replayed(model, architecture, answer.inputs, holds),
            false => selects::witness(model, architecture, answer.inputs, &shown, holds),
        };
        let (witness, configuration) = match witness {
            Ok(shown) => shown,
            // The theory does not know whether conf computes every tristate before MODULES.
            Err(_) if model.has_tristate_before_modules => {
                context.leave_open(answer.ids[0], answer.policy, Cause::Order);
                return None;
            }
            Err(error) => {
                let words = format!("{selector} selects {selectee} on {architecture}: {error}");
                context.internal_errors.push(words);
                return None;
            }
        };
        let statements: BTreeSet<Statement> = answer
            .ids
            .iter()
            .map(|id| Statement::new(model, context.files, model.select(*id)))
            .collect();
        let lacks = canonical(model, &answer.missing);
        let mut needed = answer.missing.clone();
        if needed.len() > 1 && answer.terms.len() == needed.len() {
            let kept = selects::needed(context.theory, answer.ids, &answer.terms);
            needed = kept.into_iter().map(|at| needed[at].clone()).collect();
        }
        let remedy = Remedy::new(
            context,
            answer.ids[0],
            &answer.broken,
            answer.inputs,
            &needed,
        );
        let toolchain = match witness.toolchain.is_empty() {
            true => None,
            false => {
                let shown = Shown {
                    broken: &answer.broken,
                    configuration: &configuration,
                };
                toolchain::needed(context.theory, &shown, holds)
            }
        };
        if let (None, Some(known)) = (&toolchain, context.shown) {
            known.add(key, architecture);
        }
        Some(Pair {
            toolchain,
            selector,
            selectee,
            architectures: vec![architecture.to_owned()],
            statements: statements.into_iter().collect(),
            missing: answer.missing,
            lacks: BTreeMap::from([(architecture.to_owned(), lacks)]),
            needed,
            remedy,
            witness,
        })
    }

    /// The same pair of another architecture, on which it reads as on the only one of this.
    pub fn on(&self, architecture: &str) -> Pair {
        let lacks = self.lacks.values().next().cloned().unwrap_or_default();
        Pair {
            architectures: vec![architecture.to_owned()],
            lacks: BTreeMap::from([(architecture.to_owned(), lacks)]),
            ..self.clone()
        }
    }

    /// Takes in the same pair of another architecture.
    pub fn merge(&mut self, other: Pair) {
        self.architectures.extend(other.architectures);
        self.architectures.sort();
        self.architectures.dedup();
        let statements: BTreeSet<Statement> =
            self.statements.drain(..).chain(other.statements).collect();
        self.statements.extend(statements);
        for (architecture, terms) in other.lacks {
            self.lacks.entry(architecture).or_default().extend(terms);
        }
        unite(&mut self.missing, other.missing);
        unite(&mut self.needed, other.needed);
        self.remedy.merge(other.remedy);
        let both = self.toolchain.take().zip(other.toolchain);
        self.toolchain = both.map(|(own, other)| match own == other {
            true => own,
            false => toolchain::SOME.to_owned(),
        });
    }

    /// The architectures by name; none where the tree has none.
    pub fn named_architectures(&self) -> Vec<String> {
        self.architectures
            .iter()
            .filter(|name| !name.is_empty())
            .cloned()
            .collect()
    }

    /// The toolchains without which there is no finding, as the end of a message.
    pub(super) fn with_toolchain(&self, message: String) -> String {
        match &self.toolchain {
            Some(toolchain) => format!("{message} (with {toolchain})"),
            None => message,
        }
    }

    /// What the message advises, as the end of a sentence.
    pub(super) fn advice(&self) -> String {
        let (selector, selectee) = (&self.selector, &self.selectee);
        let terms = selects::in_words(&self.needed);
        if self.remedy.prefers_condition(&self.statements) {
            let terms = selects::as_condition(&self.needed);
            format!("so {selector} should select {selectee} only if {terms}")
        } else if self.remedy.is_above_only() {
            format!("so what selects {selector} should depend on {terms}")
        } else {
            format!("so {selector} should depend on {terms}")
        }
    }
}

/// Missing terms as they are compared between trees.
pub fn canonical(model: &Model, missing: &[Missing]) -> BTreeSet<String> {
    let is_bool = |name: &str| {
        let symbol = model.symbol_named(name);
        symbol.is_some_and(|id| model.symbol(id).ty == ValueType::Bool)
    };
    let terms = missing.iter();
    terms
        .map(|missing| term::canonical(&missing.term, &is_bool))
        .collect()
}

/// Adds the terms that are not there yet.
fn unite(terms: &mut Vec<Missing>, others: Vec<Missing>) {
    for other in others {
        if !terms.iter().any(|known| known.term == other.term) {
            terms.push(other);
        }
    }
}
