// SPDX-License-Identifier: MIT OR Apache-2.0
//! A tree of a series leaves its findings and digests to the next one, which takes over those that no change
//! touches.
//!
//! What was decided about a target still holds where that hangs, directly or not, on no symbol that does not mean the same in
//! both trees. What hangs on what is read off the new model alone: a way that only the old one had begins at a symbol that has
//! changed.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use super::analysis::{Analysed, Shared};
use crate::model::{Definitions, Model};
use crate::rules::Policy;
use crate::source::Name;
use crate::tree::{ArchSet, Architecture};

/// What a tree leaves behind for the next one of a series.
pub(super) struct Before {
    pub(super) definitions: Definitions,
    pub(super) alone: ArchSet,
    /// What each architecture has. Of what an earlier process found there is nothing.
    pub(super) results: Vec<Analysed>,
    /// What was asked of this tree, where something was known; what was not asked is as before.
    pub(super) asked: Option<Asked>,
}

impl Before {
    /// What an earlier process has left behind for a run of these architectures.
    pub(super) fn of_earlier_process(
        definitions: Definitions,
        alone: ArchSet,
        architectures: &[Architecture],
    ) -> Before {
        let results = architectures.iter();
        let results = results.map(|it| Analysed::begin(&it.name, Vec::new()));
        Before {
            definitions,
            alone,
            results: results.collect(),
            asked: None,
        }
    }

    /// How many architectures could use something that the tree before had found.
    pub(super) fn spared(&self) -> usize {
        self.asked.as_ref().map_or(0, |asked| asked.on.len())
    }

    /// Whether something that is known of a target in the tree before, its dependencies or a policy,
    /// holds on an architecture in this one too.
    pub(super) fn still_has(&self, target: &str, policy: Option<&str>, architecture: &str) -> bool {
        let at = self.results.iter();
        let at = at
            .map(|it| &*it.architecture)
            .position(|it| it == architecture);
        match (&self.asked, at) {
            (Some(asked), Some(at)) if asked.on.contains(at) => !asked.is_open(target, policy),
            _ => false,
        }
    }

    /// What has to be asked about in the next tree, since it hangs on what changed; `None` for all. `on` are the
    /// architectures that both trees have read as one.
    pub(super) fn asked_after(
        &self,
        shared: &Shared<'_>,
        model: &Model,
        own: &Definitions,
        on: ArchSet,
    ) -> Option<Asked> {
        let changed = own.changed(&self.definitions)?;
        let mut open: FxHashSet<Name> = model.hanging.on(&changed).into_iter().collect();
        open.extend(changed);
        // The text of a file that a finding points into has changed.
        let files = shared.loader.files();
        for (selectee, places) in self.results.iter().flat_map(Analysed::places) {
            if !places.iter().all(|file| files.is_current(*file)) {
                open.insert(Name::new(selectee));
            }
        }
        let is_open = |name: &str| open.contains(&Name::new(name));
        let policies = shared.requirements.iter();
        let policies = policies
            .filter(|(policy, words)| is_open(&policy.selectors_of) || words.words().any(is_open));
        let policies: Vec<&Policy> = policies.map(|(policy, _)| policy).collect();
        // A violation is told with the unmet dependency of its pair, where there is one.
        open.extend(policies.iter().map(|it| Name::new(&it.selectors_of)));
        Some(Asked {
            policies: policies.iter().map(|it| it.name.clone()).collect(),
            targets: open,
            on,
        })
    }
}

/// What of a tree has to be asked about.
pub(super) struct Asked {
    /// The targets of selects, by name.
    pub(super) targets: FxHashSet<Name>,
    /// Policies.
    pub(super) policies: BTreeSet<String>,
    /// The architectures of which something was known.
    on: ArchSet,
}

impl Asked {
    /// Whether nothing is known of a target, its dependencies or a policy.
    fn is_open(&self, target: &str, policy: Option<&str>) -> bool {
        match policy {
            Some(policy) => self.policies.contains(policy),
            // A symbol that is gone has changed.
            None => self.targets.contains(&Name::new(target)),
        }
    }

    /// Takes over what was found about all else.
    pub(super) fn carry(&self, before: &Before, all: &mut [Analysed]) {
        for at in self.on.iter() {
            let (before, own) = (&before.results[at], &mut all[at]);
            let unmet = before.unmet.iter();
            let unmet = unmet.filter(|it| !self.is_open(&it.pair.selectee, None));
            own.unmet.extend(unmet.cloned());
            let violations = before.violations.iter();
            let violations =
                violations.filter(|it| !self.is_open(&it.pair.selectee, Some(&it.policy)));
            own.violations.extend(violations.cloned());
            let undecided = before.undecided.iter();
            let undecided =
                undecided.filter(|it| !self.is_open(&it.selectee, it.policy.as_deref()));
            own.undecided.extend(undecided.cloned());
        }
    }
}
