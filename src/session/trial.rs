// SPDX-License-Identifier: MIT OR Apache-2.0
//! One architecture of a tree that may have been changed in memory: what can be held against it,
//! by names, and its theory for further questions.
//!
//! A change is judged by comparing the trials of both trees. What the run before it refuted is
//! not decided again: most definitions are the same.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::analysis::{Analysed, Shared, elaborated};
use super::carried::Carried;
use super::index::Index;
use super::{Options, SessionError, requirements};
use crate::logic::{Proofs, Theory};
use crate::menu::Loader;
use crate::model::{ExprId, Hanging, Model, Select, SymbolId, Tristate};
use crate::rules::policy::{self, Policy, Requirement, Violation};
use crate::rules::undecided::UndecidedSelect;
use crate::rules::unmet_dependency::{self, Kind, Unmet};
use crate::rules::{Context, recursive_dependency};
use crate::source::{FileId, Files, Name};
use crate::tree::{Architecture, Project};

/// What a run leaves behind for trials: the syntax of all files, and what was refuted.
pub struct Base {
    pub(super) loader: Loader,
    pub(super) proofs: Arc<Proofs>,
    pub(super) project: Project,
    pub(super) options: Options,
    /// What the next tree need not ask again, by architecture.
    pub(super) carried: BTreeMap<String, Carried>,
    /// Architectures of which all that was found before still holds, as a part of the tree tells.
    pub(super) spared: usize,
    /// The statements of all symbols, where the next tree may ask for them.
    pub(super) index: Option<Index>,
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

/// How much of a variant is analysed.
#[derive(Clone, Debug)]
pub enum Scope {
    /// Everything.
    All,
    /// The selects of these symbols, beside cycles and problems. Unmet dependencies in the set
    /// are not looked for.
    Selected(Vec<Name>, BTreeSet<Defect>),
    /// Cycles and problems.
    Cycles,
}

/// Something that can be held against a tree on one architecture. Places do not count: a change
/// moves them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Defect {
    /// An unmet dependency.
    Unmet(String, String, Kind),
    /// A violated policy: its name, selector and selectee.
    Policy(String, String, String),
    /// A select of which nothing is known: selector, selectee, and the policy if one was asked about.
    Undecided(String, String, Option<String>),
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
    pub(super) project: &'b Project,
    pub(super) options: &'b Options,
    pub(super) requirements: Vec<(Policy, Requirement)>,
    proofs: &'b Arc<Proofs>,
    pub(super) loader: Loader,
    changed: Vec<FileId>,
    /// Syntax errors of changed files that were not there before.
    broken: BTreeSet<Defect>,
}

impl Base {
    /// Of how many architectures a part of the tree was enough.
    pub fn spared(&self) -> usize {
        self.spared
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
            carried: BTreeMap::new(),
            spared: self.spared,
            index: None,
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
            project,
            options,
            requirements: requirements(&options.policies)?,
            proofs: &self.proofs,
            loader,
            changed,
            broken: broken.difference(&before).cloned().collect(),
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

/// One architecture of a variant.
pub struct Trial {
    /// What can be held against it.
    pub defects: BTreeSet<Defect>,
    /// The files it reads.
    pub reads: FxHashSet<FileId>,
    /// The expressions that were asked for, in its model.
    pub exprs: Vec<ExprId>,
    /// What its policies require, by name.
    pub required: BTreeMap<String, ExprId>,
    /// Its model.
    pub model: Arc<Model>,
    /// Its theory; `None` where a cycle leaves no meaning.
    pub theory: Option<Theory>,
}

impl Variant<'_> {
    /// What is to be known of an architecture that the run left out.
    ///
    /// # Errors
    /// When the root file cannot be read.
    pub fn known(&self, architecture: &Architecture) -> Result<Known, SessionError> {
        let trial = self.trial(architecture, &[], &Scope::All)?;
        let bounds = trial.theory.as_ref().map(Theory::bounds);
        let model = trial.model.symbol_ids();
        let on = model
            .filter(|(id, _)| bounds.is_some_and(|bounds| bounds.symbol(*id).high != Tristate::No));
        Ok(Known {
            reads: trial.reads,
            enabled: Arc::new(on.filter_map(|(_, symbol)| symbol.name).collect()),
            hanging: trial.model.hanging.clone(),
            defects: trial.defects,
        })
    }

    /// Analyses one architecture, and adds `exprs` to its model.
    ///
    /// # Errors
    /// When the root file cannot be read.
    pub fn trial(
        &self,
        architecture: &Architecture,
        exprs: &[&Requirement],
        scope: &Scope,
    ) -> Result<Trial, SessionError> {
        let shared = Shared {
            loader: &self.loader,
            project: self.project,
            options: self.options,
            requirements: &self.requirements,
            proofs: self.proofs,
            carries: false,
        };
        let toolchain = &self.options.toolchain;
        let mut menu = elaborated(shared.loader, shared.project, architecture, toolchain)?;
        let mut defects = self.broken.clone();
        let mut problems = std::mem::take(&mut menu.problems);
        let reads = menu
            .instances
            .iter()
            .map(|instance| instance.file)
            .collect();
        let mut model = Model::new(Arc::new(menu), self.project.behaviour);
        problems.extend(model.refused(&self.project.grammar));
        let problems = problems.into_iter();
        defects.extend(problems.map(|it| Defect::Problem(it.rule, it.message)));
        let policies = self.requirements.iter();
        let required = policies.map(|(policy, it)| (policy.name.clone(), it.add_to(&mut model)));
        let required: BTreeMap<String, ExprId> = required.collect();
        let exprs = exprs.iter().map(|it| it.add_to(&mut model)).collect();
        let cycles = recursive_dependency::check(&model, &architecture.name);
        defects.extend(cycles.iter().map(|cycle| Defect::Cycle(cycle.key())));
        let model = Arc::new(model);
        let mut trial = Trial {
            defects,
            reads,
            exprs,
            required,
            model: model.clone(),
            theory: None,
        };
        if cycles.is_empty() && !matches!(scope, Scope::Cycles) {
            let mut theory = Theory::sharing(model, self.proofs.clone());
            self.decide(architecture, scope, &mut theory, &mut trial);
            trial.theory = Some(theory);
        }
        Ok(trial)
    }

    /// Whether a changed file is one that an architecture reads.
    pub fn concerns(&self, reads: &FxHashSet<FileId>) -> bool {
        self.changed.iter().any(|file| reads.contains(file))
    }

    fn decide(
        &self,
        architecture: &Architecture,
        scope: &Scope,
        theory: &mut Theory,
        trial: &mut Trial,
    ) {
        let model = trial.model.clone();
        let mut undecided = Vec::new();
        let mut context = Context {
            architecture: &architecture.name,
            model: &model,
            theory,
            graph: OnceCell::new(),
            files: self.loader.files(),
            // Nothing is shown here that could fail to replay.
            internal_errors: &mut Vec::new(),
            undecided: &mut undecided,
            grounds: None,
        };
        let targets: Option<FxHashSet<SymbolId>> = match scope {
            Scope::Selected(names, _) => {
                let ids = names.iter().filter_map(|name| model.symbol_of(*name));
                Some(ids.collect())
            }
            Scope::All | Scope::Cycles => None,
        };
        let levels = &self.options.levels;
        let name = |id| model.name(id).to_owned();
        let as_defect = |(selector, selectee, kind): unmet_dependency::UnmetPair| {
            Defect::Unmet(name(selector), name(selectee), kind)
        };
        let is_settled = |pair: unmet_dependency::UnmetPair| match scope {
            Scope::Selected(_, settled) => {
                let open = Defect::Undecided(name(pair.0), name(pair.1), None);
                settled.contains(&as_defect(pair)) || settled.contains(&open)
            }
            Scope::All | Scope::Cycles => false,
        };
        if levels.is_on(unmet_dependency::RULE.name) {
            let is_asked = |select: &Select| {
                targets
                    .as_ref()
                    .is_none_or(|targets| targets.contains(&select.target))
            };
            let unmet = unmet_dependency::pairs(&mut context, &is_asked, &is_settled);
            trial.defects.extend(unmet.into_iter().map(as_defect));
        }
        let policies = self.requirements.iter();
        for (policy, _) in policies.filter(|_| levels.is_on(policy::RULE.name)) {
            let require = trial.required[&policy.name];
            let violators = policy::violators(&mut context, policy, require).into_iter();
            trial.defects.extend(violators.map(|selector| {
                let (policy, target) = (policy.name.clone(), policy.selectors_of.clone());
                Defect::Policy(policy, name(selector), target)
            }));
        }
        trial
            .defects
            .extend(undecided.iter().map(Defect::undecided));
    }
}
