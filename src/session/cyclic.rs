// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can be said about selects on an architecture whose dependencies have a cycle.
//!
//! conf refuses such a tree, and the rules judge no select there. The gate asks for less: whether
//! a finding of the next tree, in which the cycle is resolved, was there already. The definitions
//! of the cycle are then equations: a configuration gives every symbol a value that satisfies its
//! own definition. Nothing found this way is shown, so nothing is replayed by the evaluator, which
//! could not follow a cycle.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::analysis::elaborated;
use super::{Options, SessionError, Variant, in_threads};
use crate::logic::{Proofs, Question, Theory};
use crate::model::{ExprId, Exprs, Model, SelectId, SymbolId};
use crate::rules::pair::canonical;
use crate::rules::selects;
use crate::rules::unmet_dependency::Kind;
use crate::source::Name;
use crate::tree::{Architecture, Project};

use super::trial::Base;

/// A pair that is asked about.
pub struct Suspect {
    /// The symbol whose select it is.
    pub selector: String,
    /// The symbol that is selected.
    pub selectee: String,
    /// The policy that the pair violates; `None` for the dependencies of the selectee.
    pub policy: Option<String>,
}

/// A suspect that is broken already.
pub struct Broken {
    /// Its place among the suspects.
    pub suspect: usize,
    /// The architecture.
    pub architecture: String,
    /// How; `None` for a policy.
    pub kind: Option<Kind>,
    /// The missing terms, as `rules/term` writes them.
    pub terms: BTreeSet<String>,
}

impl Base {
    /// Which of the suspects are broken on architectures with a cycle, as far as that can be told.
    ///
    /// # Errors
    /// When the root file cannot be read any more.
    pub fn despite_cycles(
        &self,
        project: &Project,
        options: &Options,
        architectures: &BTreeSet<&str>,
        suspects: &[Suspect],
    ) -> Result<Vec<Broken>, SessionError> {
        let variant = self.variant(project, options, std::collections::BTreeMap::new())?;
        let mut found = Vec::new();
        for architecture in &options.architectures {
            if architectures.contains(architecture.name.as_str()) {
                let own = in_threads(options.jobs, || {
                    variant.broken_despite_cycles(architecture, suspects)
                })??;
                found.extend(own);
            }
        }
        Ok(found)
    }
}

impl Variant<'_> {
    fn broken_despite_cycles(
        &self,
        architecture: &Architecture,
        suspects: &[Suspect],
    ) -> Result<Vec<Broken>, SessionError> {
        let toolchain = &self.options.toolchain;
        let menu = elaborated(&self.loader, self.project, architecture, toolchain)?;
        let mut model = Model::new(Arc::new(menu), self.project.behaviour);
        let requirements = self.requirements.iter();
        let requirements: Vec<(&str, ExprId)> = requirements
            .map(|(policy, it)| (policy.name.as_str(), it.add_to(&mut model)))
            .collect();
        let model = Arc::new(model);
        // What is refuted with a cycle is no proof for any other tree.
        let theory = Theory::sharing(model.clone(), Proofs::within(self.options.effort));
        let mut asking = Asking {
            model: &model,
            theory,
        };
        let mut found = Vec::new();
        for (suspect, pair) in suspects.iter().enumerate() {
            let required = pair.policy.as_ref().map(|name| {
                let known = requirements.iter().find(|(known, _)| known == name);
                known.map(|(_, required)| *required)
            });
            let broken = match required {
                Some(Some(required)) => asking.policy(pair, required),
                Some(None) => None,
                None => asking.dependency(pair),
            };
            found.extend(broken.map(|(kind, terms)| Broken {
                suspect,
                architecture: architecture.name.clone(),
                kind,
                terms,
            }));
        }
        Ok(found)
    }
}

/// How a pair is broken, and the terms it lacks.
type How = (Option<Kind>, BTreeSet<String>);

struct Asking<'m> {
    model: &'m Model,
    theory: Theory,
}

impl Asking<'_> {
    /// The selects of a pair, and its target.
    fn selects(&self, pair: &Suspect) -> Option<(Vec<SelectId>, SymbolId)> {
        let selector = self.model.symbol_of(Name::new(&pair.selector))?;
        let target = self.model.symbol_of(Name::new(&pair.selectee))?;
        let ids = self.model.symbol(target).selected_by.iter().copied();
        let own = ids.filter(|id| self.model.select(*id).selector == selector);
        Some((own.collect(), target))
    }

    fn dependency(&mut self, pair: &Suspect) -> Option<How> {
        let (mut ids, target) = self.selects(pair)?;
        ids.retain(|id| selects::is_in_question(self.model, *id));
        let direct = self.model.symbol(target).direct.unwrap_or(Exprs::YES);
        let is_partial = self.model.can_be_half_met(target);
        let kinds = Kind::ALL.into_iter();
        for kind in kinds.filter(|kind| *kind == Kind::Off || is_partial) {
            let fails = |asking: &mut Self, id: &SelectId, term: ExprId| {
                let question = asking.question(*id, target, term, kind);
                asking.theory.holds(&question) == Ok(true)
            };
            let broken: Vec<SelectId> = ids
                .iter()
                .filter(|id| fails(self, id, direct))
                .copied()
                .collect();
            if broken.is_empty() {
                continue;
            }
            let mut terms = selects::dependency_terms(self.model, direct);
            terms.retain(|term| broken.iter().any(|id| fails(self, id, *term)));
            return Some((Some(kind), self.texts(target, &terms)));
        }
        None
    }

    fn policy(&mut self, pair: &Suspect, required: ExprId) -> Option<How> {
        let (ids, target) = self.selects(pair)?;
        let mut terms = self.model.exprs.conjuncts(required);
        terms.retain(|term| {
            ids.iter().any(|id| {
                let question = self.question(*id, target, *term, Kind::Off);
                self.theory.holds(&question) == Ok(true)
            })
        });
        (!terms.is_empty()).then(|| (None, self.texts(target, &terms)))
    }

    /// What holds while a select is active and a term of its target's dependency is not met.
    fn question(&mut self, id: SelectId, target: SymbolId, term: ExprId, kind: Kind) -> Question {
        self.theory.focus();
        let level = self.theory.level(id);
        let value = self.theory.promoted(term, target);
        match kind {
            Kind::Off => vec![level.on, !value.on],
            Kind::Module => vec![level.yes, value.on, !value.yes],
        }
    }

    fn texts(&self, target: SymbolId, terms: &[ExprId]) -> BTreeSet<String> {
        canonical(self.model, &selects::missing(self.model, target, terms))
    }
}
