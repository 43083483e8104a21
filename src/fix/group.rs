// SPDX-License-Identifier: MIT OR Apache-2.0
//! The architectures that are judged as one, and the tree as it is for them.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::judge::Candidate;
use crate::logic::{Examples, Proofs, Theory};
use crate::menu::Menu;
use crate::model::{ExprId, Hanging};
use crate::rules::policy::Requirement;
use crate::session::{Known, SessionError, Variant};
use crate::tree::{ArchSet, Architecture};

/// Architectures that are read as one.
pub(super) struct Group {
    pub(super) architectures: Vec<Architecture>,
    /// What is known of each before the first candidate.
    pub(super) known: Vec<Known>,
    /// Each by itself, made when that is asked for.
    alone: Vec<OnceLock<Option<Group>>>,
    pub(super) menu: Arc<Menu>,
    /// Which symbols' values hang on which, on any of them.
    pub(super) hanging: Arc<Hanging>,
    /// Of all trees with a candidate: one is much like the other.
    pub(super) examples: Examples,
    pub(super) proofs: Arc<Proofs>,
}

impl Group {
    /// These architectures; `None` where they cannot be read as one.
    pub(super) fn new(
        base: &Variant<'_>,
        members: Vec<(Architecture, Known)>,
    ) -> Result<Option<Group>, SessionError> {
        let (architectures, known): (Vec<Architecture>, Vec<Known>) = members.into_iter().unzip();
        let Some(menu) = base.menu(&architectures)?.map(Arc::new) else {
            return Ok(None);
        };
        let (hanging, proofs) = match &known[..] {
            [known] => (known.hanging.clone(), base.proofs.clone()),
            _ => {
                // The architectures have other numbers than elsewhere.
                let proofs = base.proofs.emptied();
                let Some(trial) = base.trial(menu.clone(), &[], &proofs) else {
                    return Ok(None);
                };
                (trial.model.hanging.clone(), proofs)
            }
        };
        let several = Some(known.len()).filter(|count| *count > 1);
        Ok(Some(Group {
            alone: (0..several.unwrap_or(0)).map(|_| OnceLock::new()).collect(),
            architectures,
            known,
            menu,
            hanging,
            examples: Examples::default(),
            proofs,
        }))
    }

    /// One of them by itself.
    pub(super) fn alone(
        &self,
        base: &Variant<'_>,
        at: usize,
    ) -> Result<Option<&Group>, SessionError> {
        if self.alone[at].get().is_none() {
            let own = (self.architectures[at].clone(), self.known[at].clone());
            let group = Group::new(base, vec![own])?;
            // Whoever was faster made the same.
            let _ = self.alone[at].set(group);
        }
        Ok(self.alone[at].get().and_then(Option::as_ref))
    }

    pub(super) fn where_known(&self, is: impl Fn(&Known) -> bool) -> ArchSet {
        let places = self.known.iter().enumerate().filter(|(_, known)| is(known));
        places.fold(ArchSet::EMPTY, |all, (at, _)| all | ArchSet::only(at))
    }
}

/// The tree as it is, which is looked at when a candidate gives a reason to.
pub(super) struct Unchanged<'c> {
    base: &'c Variant<'c>,
    group: &'c Group,
    candidates: &'c [&'c Candidate<'c>],
    before: Option<Option<Before>>,
}

impl<'c> Unchanged<'c> {
    /// Nothing of it was looked at yet.
    pub(super) fn new(
        base: &'c Variant<'c>,
        group: &'c Group,
        candidates: &'c [&'c Candidate<'c>],
    ) -> Unchanged<'c> {
        Unchanged {
            base,
            group,
            candidates,
            before: None,
        }
    }

    /// Its theory; `None` where kconfig refuses the tree.
    pub(super) fn before(&mut self) -> Option<&mut Before> {
        let new = || Before::new(self.base, self.group, self.candidates);
        self.before.get_or_insert_with(new).as_mut()
    }
}

/// Its theory.
pub(super) struct Before {
    pub(super) theory: Theory,
    /// What the policies require, by name.
    pub(super) required: BTreeMap<String, ExprId>,
    /// The terms of each candidate.
    pub(super) terms: Vec<Vec<ExprId>>,
}

impl Before {
    fn new(base: &Variant<'_>, group: &Group, candidates: &[&Candidate<'_>]) -> Option<Before> {
        let exprs: Vec<&Requirement> = candidates.iter().flat_map(|it| it.terms()).collect();
        let trial = base.trial(group.menu.clone(), &exprs, &group.proofs)?;
        let theory = Theory::sharing(trial.model.clone(), group.proofs.clone());
        let mut exprs = trial.exprs.into_iter();
        let each = candidates.iter();
        let terms = each.map(|it| exprs.by_ref().take(it.terms().count()).collect());
        Some(Before {
            terms: terms.collect(),
            theory,
            required: trial.required,
        })
    }
}
