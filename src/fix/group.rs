// SPDX-License-Identifier: MIT OR Apache-2.0
//! The architectures that are judged as one, and the tree as it is for them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use crate::diagnostic::Narrowing;
use crate::logic::{Basis, Examples, Proofs, Theory};
use crate::menu::Menu;
use crate::model::{ExprId, Hanging, Model};
use crate::rules::policy::Requirement;
use crate::session::{Known, SessionError, Trial, Variant};
use crate::source::FileId;
use crate::tree::{ArchSet, Architecture};

/// Architectures that are read as one.
pub(super) struct Group {
    pub(super) architectures: Vec<Architecture>,
    /// What is known of each before the first candidate.
    pub(super) known: Vec<Known>,
    /// Each by itself, made when that is asked for.
    alone: Vec<OnceLock<Option<Group>>>,
    menu: Arc<Menu>,
    terms: Arc<BTreeSet<String>>,
    as_it_is: OnceLock<Option<AsItIs>>,
    /// Which symbols' values hang on which, on any of them.
    pub(super) hanging: Arc<Hanging>,
    /// Of all trees with a candidate: one is much like the other.
    pub(super) examples: Examples,
    pub(super) proofs: Arc<Proofs>,
}

/// The tree as it is. Every thread that asks has its own theory of it.
struct AsItIs {
    model: Arc<Model>,
    /// Its bounds and domains, made when that is asked for.
    basis: OnceLock<Basis>,
    /// What the policies require, by name.
    required: BTreeMap<String, ExprId>,
    /// What candidates speak of.
    terms: BTreeMap<String, ExprId>,
}

impl AsItIs {
    /// `None` where kconfig refuses the tree.
    fn new(
        base: &Variant<'_>,
        menu: Arc<Menu>,
        terms: &BTreeSet<String>,
        proofs: &Arc<Proofs>,
    ) -> Option<AsItIs> {
        let read = |text: &String| Some((text.clone(), Requirement::parse(text).ok()?));
        let (texts, read): (Vec<String>, Vec<Requirement>) = terms.iter().filter_map(read).unzip();
        let trial = base.trial(menu, &read.iter().collect::<Vec<_>>(), proofs)?;
        Some(AsItIs {
            model: trial.model,
            basis: OnceLock::new(),
            required: trial.required,
            terms: texts.into_iter().zip(trial.exprs).collect(),
        })
    }
}

impl Group {
    /// These architectures, for candidates that speak of `terms`; `None` where they cannot be read as
    /// one.
    pub(super) fn new(
        base: &Variant<'_>,
        members: Vec<(Architecture, Known)>,
        terms: &Arc<BTreeSet<String>>,
    ) -> Result<Option<Group>, SessionError> {
        let (architectures, known): (Vec<Architecture>, Vec<Known>) = members.into_iter().unzip();
        let Some(menu) = base.menu(&architectures)?.map(Arc::new) else {
            return Ok(None);
        };
        let as_it_is = OnceLock::new();
        let (hanging, proofs) = match &known[..] {
            [known] => (known.hanging.clone(), base.proofs.clone()),
            _ => {
                // The architectures have other numbers than elsewhere.
                let proofs = base.proofs.emptied();
                let Some(own) = AsItIs::new(base, menu.clone(), terms, &proofs) else {
                    return Ok(None);
                };
                let hanging = own.model.hanging.clone();
                as_it_is.get_or_init(|| Some(own));
                (hanging, proofs)
            }
        };
        let several = Some(known.len()).filter(|count| *count > 1);
        Ok(Some(Group {
            alone: (0..several.unwrap_or(0)).map(|_| OnceLock::new()).collect(),
            architectures,
            known,
            menu,
            terms: terms.clone(),
            as_it_is,
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
            let group = Group::new(base, vec![own], &self.terms)?;
            // Whoever was faster made the same.
            let _ = self.alone[at].set(group);
        }
        Ok(self.alone[at].get().and_then(Option::as_ref))
    }

    /// The tree as it is, and what is known of it; `None` where kconfig refuses the tree.
    fn as_it_is(&self, base: &Variant<'_>) -> Option<(&AsItIs, &Basis)> {
        let own = || AsItIs::new(base, self.menu.clone(), &self.terms, &self.proofs);
        let own = self.as_it_is.get_or_init(own).as_ref()?;
        let basis = own.basis.get_or_init(|| Basis::new(own.model.clone()));
        Some((own, basis))
    }

    pub(super) fn where_known(&self, is: impl Fn(&Known) -> bool) -> ArchSet {
        let places = self.known.iter().enumerate().filter(|(_, known)| is(known));
        places.fold(ArchSet::EMPTY, |all, (at, _)| all | ArchSet::only(at))
    }
}

/// The tree as it is, which is looked at when a candidate gives a reason to.
pub(super) struct Unchanged<'c> {
    pub(super) base: &'c Variant<'c>,
    group: &'c Group,
    before: Option<Option<Before<'c>>>,
}

impl<'c> Unchanged<'c> {
    /// Nothing of it was asked yet.
    pub(super) fn new(base: &'c Variant<'c>, group: &'c Group) -> Unchanged<'c> {
        Unchanged {
            base,
            group,
            before: None,
        }
    }

    /// Its theory; `None` where kconfig refuses the tree.
    pub(super) fn before(&mut self) -> Option<&mut Before<'c>> {
        let (base, group) = (self.base, self.group);
        let new = || {
            let (as_it_is, basis) = group.as_it_is(base)?;
            Some(Before {
                theory: Theory::over(basis.clone(), group.proofs.clone()),
                required: &as_it_is.required,
                terms: &as_it_is.terms,
            })
        };
        self.before.get_or_insert_with(new).as_mut()
    }

    /// The tree with other texts for some of its files, made of the tree as it is; `None` where it has
    /// to be read anew.
    pub(super) fn rewritten(
        &self,
        texts: &BTreeMap<FileId, Arc<[u8]>>,
        terms: &[&Requirement],
    ) -> Option<Trial> {
        let (base, group) = (self.base, self.group);
        if group.known.iter().any(Known::has_cycle) {
            return None;
        }
        let (_, basis) = group.as_it_is(base)?;
        base.rewritten(basis, texts, terms, &group.proofs)
    }
}

/// Its theory.
pub(super) struct Before<'g> {
    pub(super) theory: Theory,
    /// What the policies require, by name.
    pub(super) required: &'g BTreeMap<String, ExprId>,
    terms: &'g BTreeMap<String, ExprId>,
}

impl Before<'_> {
    /// What a candidate speaks of.
    pub(super) fn term(&self, narrowing: &Narrowing) -> ExprId {
        // Whoever proves a candidate has named its terms before.
        self.terms[&narrowing.term]
    }
}
