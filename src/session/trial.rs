// SPDX-License-Identifier: MIT OR Apache-2.0
//! Architectures of a tree that may have been changed in memory: what can be held against each, by
//! names, and their theory for further questions.
//!
//! A change is judged by comparing the trials of both trees. What was refuted before is not decided
//! again: most definitions are the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustc_hash::FxHashSet;

use super::analysis::{Analysed, elaborated};
use super::{Options, SessionError, before, requirements};
use crate::diagnostic::Lack;
use crate::logic::{Basis, Proofs, Theory};
use crate::menu::merge::{NotMerged, elaborate_all};
use crate::menu::{Loader, Menu};
use crate::model::{ExprId, Hanging, Model, Select, SymbolId, Tristate};
use crate::rules::policy::{self, Policy, Requirement, Violation};
use crate::rules::recursive_dependency;
use crate::rules::undecided::UndecidedSelect;
use crate::rules::unmet_dependency::{self, Kind, Unmet};
use crate::source::{FileId, Files, Name};
use crate::tree::{ArchSet, Architecture, Project};

/// What a run leaves behind for trials: the syntax of all files, and what was refuted.
pub struct Base {
    pub(super) loader: Loader,
    pub(super) proofs: Arc<Proofs>,
    pub(super) project: Project,
    pub(super) options: Options,
    /// For the next tree.
    pub(super) left: Option<before::Before>,
    /// What was found out about each architecture, by its name.
    pub(super) known: BTreeMap<String, Known>,
}

/// What is known of an architecture of the tree as it is.
#[derive(Clone)]
pub struct Known {
    /// The files it reads.
    pub reads: FxHashSet<FileId>,
    /// The symbols that bounds allow to be on.
    pub enabled: Arc<FxHashSet<Name>>,
    /// Which symbols' values hang on which.
    pub hanging: Arc<Hanging>,
    /// What can be held against it.
    pub defects: BTreeSet<Defect>,
}

impl Known {
    /// Whether conf refuses the architecture for a cycle.
    pub fn has_cycle(&self) -> bool {
        let mut defects = self.defects.iter();
        defects.any(|defect| matches!(defect, Defect::Cycle(_)))
    }

    /// What a run found out.
    pub(super) fn new(analysed: &Analysed) -> (String, Known) {
        let mut defects = BTreeSet::new();
        let problems = analysed.problems.iter();
        defects.extend(problems.map(|it| Defect::Problem(it.rule, it.message.clone())));
        let cycles = analysed.recursions.iter();
        defects.extend(cycles.map(|cycle| Defect::Cycle(cycle.key())));
        let unmet = analysed.unmet.iter().map(Unmet::key);
        defects.extend(
            unmet.map(|(selector, selectee, kind)| Defect::Unmet(selector, selectee, kind)),
        );
        let violations = analysed.violations.iter().map(Violation::key);
        defects.extend(
            violations
                .map(|(selector, selectee, policy)| Defect::Policy(policy, selector, selectee)),
        );
        defects.extend(analysed.undecided.iter().map(Defect::undecided));
        let known = Known {
            reads: analysed.instances.iter().copied().collect(),
            enabled: analysed.enabled.clone(),
            hanging: analysed.hanging.clone(),
            defects,
        };
        (analysed.architecture.clone(), known)
    }
}

/// Something that can be held against a tree on one architecture. Places do not count: a change
/// moves them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Defect {
    /// An unmet dependency.
    Unmet(String, String, Kind),
    /// A violated policy: its name, selector and selectee.
    Policy(String, String, String),
    /// A select that was left undecided: selector, selectee, and the policy if one asked about it.
    Undecided(String, String, Option<String>),
    /// What the code of an option calls that another builds.
    Link(Lack),
    /// A cycle, from its least symbol on.
    Cycle(Vec<String>),
    /// What elaboration says: rule and message.
    Problem(&'static str, String),
    /// A syntax error: path and message.
    Syntax(String, String),
}

impl Defect {
    fn undecided(open: &UndecidedSelect) -> Defect {
        let (selector, selectee, policy, _) = open.key();
        Defect::Undecided(selector, selectee, policy)
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Defect::Unmet(selector, selectee, Kind::Off) => {
                write!(
                    f,
                    "{selector} then selects {selectee} without its dependencies"
                )
            }
            Defect::Unmet(selector, selectee, Kind::Module) => write!(
                f,
                "{selector} then builds {selectee} in, whose dependencies may be modules"
            ),
            Defect::Policy(policy, selector, selectee) => {
                write!(
                    f,
                    "{selector} then selects {selectee} against the policy {policy}"
                )
            }
            Defect::Link(lack) => write!(f, "{} then lacks {}", lack.caller, lack.missing),
            Defect::Undecided(selector, selectee, _) => write!(
                f,
                "whether {selector} then selects {selectee} wrongly was not decided"
            ),
            Defect::Cycle(symbols) => {
                write!(f, "the change closes a cycle: {}", symbols.join(" -> "))?;
                symbols
                    .first()
                    .map_or(Ok(()), |first| write!(f, " -> {first}"))
            }
            Defect::Problem(rule, message) => write!(f, "{message} ({rule})"),
            Defect::Syntax(path, message) => write!(f, "{path} is then broken: {message}"),
        }
    }
}

/// A tree for trials: the one that was analysed, or that one with other texts.
pub struct Variant<'b> {
    base: &'b Base,
    pub(super) project: &'b Project,
    pub(super) options: &'b Options,
    pub(super) requirements: Vec<(Policy, Requirement)>,
    /// What was refuted on architectures that were looked at by themselves.
    pub proofs: &'b Arc<Proofs>,
    pub(super) loader: Loader,
    /// Syntax errors of changed files that were not there before.
    broken: BTreeSet<Defect>,
    /// Whether trees with other texts are read anew ([`Variant::rewritten`]).
    pub reads_anew: bool,
    /// How many trees with other texts were not.
    pub rewritten: AtomicUsize,
}

impl Base {
    /// How many architectures could use something that the tree before had found.
    pub fn spared(&self) -> usize {
        self.left.as_ref().map_or(0, before::Before::spared)
    }

    /// Whether what the tree before had found about a target, its dependencies or a policy, holds on
    /// an architecture in this one too.
    pub fn still_has(&self, target: &str, policy: Option<&str>, architecture: &str) -> bool {
        let left = self.left.as_ref();
        left.is_some_and(|left| left.still_has(target, policy, architecture))
    }

    /// The tree of the run.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// The options of the run.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The same without what only the next tree of a series needs.
    pub fn for_trials(&self) -> Base {
        let loader = &self.loader;
        Base {
            loader: loader.with_files(loader.files().clone(), &[]),
            proofs: self.proofs.clone(),
            project: self.project.clone(),
            options: self.options.clone(),
            left: None,
            known: self.known.clone(),
        }
    }

    /// The files of the run.
    pub fn files(&self) -> &Files {
        self.loader.files()
    }

    /// What the run found out about an architecture, if it looked at it.
    pub fn known(&self, architecture: &str) -> Option<&Known> {
        self.known.get(architecture)
    }

    /// Whether it was left behind by a run with these options on a tree of this kind.
    pub(super) fn is_of(&self, project: &Project, options: &Options) -> bool {
        self.project == *project && self.options == *options && !options.remarks
    }

    /// The tree with other texts for some of its files; without any, the tree itself.
    ///
    /// # Errors
    /// When what a policy requires is no expression.
    pub fn variant<'b>(
        &'b self,
        project: &'b Project,
        options: &'b Options,
        texts: BTreeMap<FileId, Arc<[u8]>>,
    ) -> Result<Variant<'b>, SessionError> {
        let changed: Vec<FileId> = texts.keys().copied().collect();
        let files = Arc::new(self.loader.files().changed(texts));
        let loader = self.loader.with_files(files, &changed);
        let before = syntax_errors(&self.loader, &changed);
        for loaded in self.loader.loaded() {
            if changed.contains(&loaded.file) {
                // What cannot be read is said again by those who source it.
                let _ = loader.load(loaded.source.path(), loaded.notation);
            }
        }
        let broken = syntax_errors(&loader, &changed);
        Ok(Variant {
            base: self,
            project,
            options,
            requirements: requirements(&options.policies)?,
            proofs: &self.proofs,
            loader,
            broken: broken.difference(&before).cloned().collect(),
            reads_anew: false,
            rewritten: AtomicUsize::new(0),
        })
    }
}

fn syntax_errors(loader: &Loader, files: &[FileId]) -> BTreeSet<Defect> {
    let loaded = loader.loaded();
    let own = loaded.iter().filter(|it| files.contains(&it.file));
    let errors = own.flat_map(|loaded| {
        let errors = loaded.tree.errors().iter();
        let path = loaded.source.path();
        errors.map(|error| Defect::Syntax(path.to_owned(), error.message.clone()))
    });
    errors.collect()
}

/// What a variant is on architectures that are read as one.
pub struct Trial {
    /// What can be held against it, by the places of the architectures. Of selects it has what was
    /// asked for.
    pub defects: Vec<BTreeSet<Defect>>,
    /// The architectures that have a cycle.
    pub cyclic: ArchSet,
    /// The expressions that were asked for, in its model.
    pub exprs: Vec<ExprId>,
    /// What its policies require, by name.
    pub required: BTreeMap<String, ExprId>,
    /// Its model.
    pub model: Arc<Model>,
    proofs: Arc<Proofs>,
    /// What is known of the tree as it is, and of which symbols that does not hold.
    before: Option<(Basis, Vec<bool>)>,
    theory: Option<Theory>,
}

impl Trial {
    /// The theory of the model. What it says of architectures with a cycle has no meaning.
    pub fn theory(&mut self) -> &mut Theory {
        let (model, proofs) = (&self.model, &self.proofs);
        let new = || {
            let basis = match &self.before {
                Some((basis, is_stale)) => basis.rewritten(model.clone(), is_stale),
                None => Basis::new(model.clone()),
            };
            Theory::over(basis, proofs.clone())
        };
        self.theory.get_or_insert_with(new)
    }
}

/// Which selects are looked at.
pub struct Asked<'a> {
    /// Those of these symbols; `None` for all.
    pub targets: Option<&'a [Name]>,
    /// The policies that are looked at, by number; `None` for all.
    pub policies: Option<&'a BTreeSet<usize>>,
    /// The architectures on which they are looked at.
    pub on: ArchSet,
    /// The architectures on which a defect need not be looked for.
    pub known: &'a dyn Fn(&Defect) -> ArchSet,
}

impl<'b> Variant<'b> {
    /// The tree of the run with other texts for some of its files.
    ///
    /// # Errors
    /// When what a policy requires is no expression.
    pub fn with(&self, texts: BTreeMap<FileId, Arc<[u8]>>) -> Result<Variant<'b>, SessionError> {
        self.base.variant(self.project, self.options, texts)
    }

    /// The policies, by number, that speak of one of these symbols.
    pub fn policies_about(&self, symbols: &FxHashSet<Name>) -> BTreeSet<usize> {
        let is_about = |(policy, required): &(Policy, Requirement)| {
            let mut words = required.words().map(Name::new);
            symbols.contains(&Name::new(&policy.selectors_of))
                || words.any(|word| symbols.contains(&word))
        };
        let all = self.requirements.iter().enumerate();
        let about = all.filter(|(_, it)| is_about(it));
        about.map(|(at, _)| at).collect()
    }

    /// The number of a policy.
    pub fn policy(&self, name: &str) -> Option<usize> {
        let mut all = self.requirements.iter();
        all.position(|(policy, _)| policy.name == name)
    }

    /// The menu tree of these architectures; `None` where they cannot be read as one.
    ///
    /// # Errors
    /// When the root file cannot be read.
    pub fn menu(&self, architectures: &[Architecture]) -> Result<Option<Menu>, SessionError> {
        let toolchain = &self.options.toolchain;
        if let [only] = architectures {
            return elaborated(&self.loader, self.project, only, toolchain).map(Some);
        }
        match elaborate_all(&self.loader, self.project, architectures, toolchain) {
            Ok(menu) => Ok(Some(menu)),
            Err(NotMerged::Root(error)) => {
                Err(SessionError::Root(self.project.root_file.clone(), error))
            }
            Err(_) => Ok(None),
        }
    }

    /// Makes the model of a menu tree of this variant, and adds `exprs` to it; `None` where kconfig
    /// refuses the tree, and only each architecture by itself can tell why.
    pub fn trial(
        &self,
        menu: Arc<Menu>,
        exprs: &[&Requirement],
        proofs: &Arc<Proofs>,
    ) -> Option<Trial> {
        let is_one = menu.on.len() == 1;
        let model = Model::new(menu, self.project.behaviour);
        let (trial, is_refused) = self.look(model, exprs, proofs, true);
        (is_one || !is_refused && !trial.model.is_unsound()).then_some(trial)
    }

    /// The same of this variant with other texts for some of its files, made of what is known of the
    /// variant itself, which has no cycle. `None` where that has to be made anew.
    pub fn rewritten(
        &self,
        basis: &Basis,
        texts: &BTreeMap<FileId, Arc<[u8]>>,
        exprs: &[&Requirement],
        proofs: &Arc<Proofs>,
    ) -> Option<Trial> {
        if self.reads_anew {
            return None;
        }
        let before = basis.model();
        let grammar = &self.project.grammar;
        let (menu, nodes) = before.menu.rewritten(&self.loader, grammar, texts)?;
        let new = before.rewritten(menu, &nodes)?;
        let (mut trial, is_refused) = self.look(new.model, exprs, proofs, new.may_be_cyclic);
        // Which architectures have the cycle is asked of each by itself.
        if is_refused || !trial.cyclic.is_empty() || new.may_be_cyclic && trial.model.is_unsound() {
            return None;
        }
        trial.before = Some((basis.clone(), new.is_stale));
        self.rewritten.fetch_add(1, Ordering::Relaxed);
        Some(trial)
    }

    /// The trial of a model of this variant, and whether kconfig refuses what symbols there are. Cycles are
    /// looked for where the model may have some.
    fn look(
        &self,
        mut model: Model,
        exprs: &[&Requirement],
        proofs: &Arc<Proofs>,
        may_be_cyclic: bool,
    ) -> (Trial, bool) {
        let on = model.menu.on;
        let mut defects = vec![self.broken.clone(); on.len()];
        let mut add = |defect: &Defect, on: ArchSet| {
            for at in on.iter() {
                defects[at].insert(defect.clone());
            }
        };
        let refused = model.refused(&self.project.grammar);
        for problem in model.menu.problems.iter().chain(&refused) {
            add(
                &Defect::Problem(problem.rule, problem.message.clone()),
                problem.on,
            );
        }
        let policies = self.requirements.iter();
        let required = policies.map(|(policy, it)| (policy.name.clone(), it.add_to(&mut model)));
        let required: BTreeMap<String, ExprId> = required.collect();
        let exprs = exprs.iter().map(|it| it.add_to(&mut model)).collect();
        let mut cyclic = ArchSet::EMPTY;
        let cycles = may_be_cyclic.then(|| model.cycles_of_each());
        for (at, own) in cycles.unwrap_or_default() {
            let at = ArchSet::only(at);
            cyclic |= at;
            for cycle in own {
                add(
                    &Defect::Cycle(recursive_dependency::key(&model, &cycle)),
                    at,
                );
            }
        }
        let trial = Trial {
            defects,
            cyclic,
            exprs,
            required,
            model: Arc::new(model),
            proofs: proofs.clone(),
            before: None,
            theory: None,
        };
        (trial, !refused.is_empty())
    }

    /// What is to be known of an architecture that the run left out.
    ///
    /// # Errors
    /// When the root file cannot be read.
    pub fn known(&self, architecture: &Architecture) -> Result<Known, SessionError> {
        let menu = Arc::new(elaborated(
            &self.loader,
            self.project,
            architecture,
            &self.options.toolchain,
        )?);
        let reads = menu.instances.iter().map(|instance| instance.file);
        let reads = reads.collect();
        let model = Model::new(menu.clone(), self.project.behaviour);
        let (mut trial, _) = self.look(model, &[], self.proofs, true);
        let asked = Asked {
            targets: None,
            policies: None,
            on: menu.on.without(trial.cyclic),
            known: &|_| ArchSet::EMPTY,
        };
        self.decide(&mut trial, &asked);
        let model = trial.model.clone();
        let has_values = trial.cyclic.is_empty();
        let bounds = has_values.then(|| trial.theory().bounds());
        let can_be_on = |id| bounds.is_some_and(|bounds| bounds.symbol(id).high != Tristate::No);
        let on = model.symbol_ids().filter(|(id, _)| can_be_on(*id));
        Ok(Known {
            reads,
            enabled: Arc::new(on.filter_map(|(_, symbol)| symbol.name).collect()),
            hanging: model.hanging.clone(),
            defects: trial.defects.swap_remove(0),
        })
    }

    /// Adds to a trial of this variant what its selects do wrong.
    pub fn decide(&self, trial: &mut Trial, asked: &Asked<'_>) {
        if asked.on.is_empty() {
            return;
        }
        let model = trial.model.clone();
        trial.theory();
        let Trial {
            theory: Some(theory),
            defects,
            required,
            ..
        } = trial
        else {
            return;
        };
        let name = |id| model.name(id).to_owned();
        let mut add = |defect: Defect, on: ArchSet| {
            for at in on.iter() {
                defects[at].insert(defect.clone());
            }
        };
        let levels = &self.options.levels;
        if levels.is_on(unmet_dependency::RULE.name) {
            let targets = asked.targets.map(|names| {
                let ids = names.iter().flat_map(|name| model.symbols_named(*name));
                ids.map(|(_, id)| id).collect::<FxHashSet<SymbolId>>()
            });
            let is_asked = |select: &Select| {
                let targets = targets.as_ref();
                targets.is_none_or(|targets| targets.contains(&select.target))
            };
            let as_defect = |(selector, selectee, kind): unmet_dependency::UnmetPair| {
                Defect::Unmet(name(selector), name(selectee), kind)
            };
            let undecided =
                |selector, selectee| Defect::Undecided(name(selector), name(selectee), None);
            let known = |pair: unmet_dependency::UnmetPair| {
                (asked.known)(&as_defect(pair)) | (asked.known)(&undecided(pair.0, pair.1))
            };
            let pairs = unmet_dependency::pairs(theory, &is_asked, asked.on, &known);
            for (pair, on) in pairs.unmet {
                add(as_defect(pair), on);
            }
            for (selector, selectee, on) in pairs.undecided {
                add(undecided(selector, selectee), on);
            }
        }
        if !levels.is_on(policy::RULE.name) {
            return;
        }
        for (at, (policy, _)) in self.requirements.iter().enumerate() {
            if asked.policies.is_some_and(|some| !some.contains(&at)) {
                continue;
            }
            let require = required[&policy.name];
            let violators = policy::violators(theory, policy, require, asked.on);
            for ((selector, _), [on, undecided]) in violators {
                let (policy, target) = (policy.name.clone(), policy.selectors_of.clone());
                let selector = name(selector);
                let open = Some(policy.clone());
                add(
                    Defect::Undecided(selector.clone(), target.clone(), open),
                    undecided,
                );
                add(Defect::Policy(policy, selector, target), on);
            }
        }
    }
}
