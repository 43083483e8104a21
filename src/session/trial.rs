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

use super::analysis::{Shared, elaborated};
use super::{Options, SessionError, requirements};
use crate::logic::{Proofs, Theory};
use crate::menu::Loader;
use crate::model::{ExprId, Model};
use crate::rules::policy::{self, Policy, Requirement};
use crate::rules::unmet_dependency::{self, Kind};
use crate::rules::{Context, recursive_dependency};
use crate::source::FileId;
use crate::tree::{Architecture, Project};

/// What a run leaves behind for trials: the syntax of all files, and what was refuted.
pub struct Base {
    pub(super) loader: Loader,
    pub(super) proofs: Arc<Proofs>,
}

/// Something that can be held against a tree on one architecture. Places do not count: a change
/// moves them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Defect {
    /// An unmet dependency.
    Unmet(String, String, Kind),
    /// A violated policy: its name, selector and selectee.
    Policy(String, String, String),
    /// A cycle, from its least symbol on.
    Cycle(Vec<String>),
    /// What elaboration says: rule and message.
    Problem(&'static str, String),
    /// A syntax error: path and message.
    Syntax(String, String),
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
            Defect::Cycle(symbols) => {
                write!(f, "it closes a cycle: {}", symbols.join(" -> "))?;
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
    project: &'b Project,
    options: &'b Options,
    requirements: Vec<(Policy, Requirement)>,
    proofs: &'b Arc<Proofs>,
    loader: Loader,
    changed: Vec<FileId>,
}

impl Base {
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
        Ok(Variant {
            project,
            options,
            requirements: requirements(&options.policies)?,
            proofs: &self.proofs,
            loader: self.loader.with_files(files, &changed),
            changed,
        })
    }
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
    /// Analyses one architecture, and adds `exprs` to its model.
    ///
    /// # Errors
    /// When the root file cannot be read.
    pub fn trial(
        &self,
        architecture: &Architecture,
        exprs: &[&Requirement],
    ) -> Result<Trial, SessionError> {
        let shared = Shared {
            loader: &self.loader,
            project: self.project,
            options: self.options,
            requirements: &self.requirements,
            proofs: self.proofs,
        };
        let toolchain = &self.options.toolchain;
        let mut menu = elaborated(shared.loader, shared.project, architecture, toolchain)?;
        let mut defects = self.broken_files();
        let problems = std::mem::take(&mut menu.problems).into_iter();
        defects.extend(problems.map(|it| Defect::Problem(it.rule, it.message)));
        let reads = menu
            .instances
            .iter()
            .map(|instance| instance.file)
            .collect();
        let mut model = Model::new(Arc::new(menu), self.project.behaviour);
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
        if cycles.is_empty() {
            let mut theory = Theory::sharing(model, self.proofs.clone());
            self.decide(architecture, &mut theory, &mut trial);
            trial.theory = Some(theory);
        }
        Ok(trial)
    }

    /// Whether a changed file is one that an architecture reads.
    pub fn concerns(&self, reads: &FxHashSet<FileId>) -> bool {
        self.changed.iter().any(|file| reads.contains(file))
    }

    fn broken_files(&self) -> BTreeSet<Defect> {
        let loaded = self.loader.loaded();
        let errors = loaded.iter().flat_map(|loaded| {
            let errors = loaded.tree.errors().iter();
            let path = loaded.source.path();
            errors.map(|error| Defect::Syntax(path.to_owned(), error.message.clone()))
        });
        errors.collect()
    }

    fn decide(&self, architecture: &Architecture, theory: &mut Theory, trial: &mut Trial) {
        let model = trial.model.clone();
        let mut context = Context {
            architecture: &architecture.name,
            model: &model,
            theory,
            graph: OnceCell::new(),
            files: self.loader.files(),
            // Nothing is shown here that could fail to replay.
            internal_errors: &mut Vec::new(),
        };
        let name = |id| model.name(id).to_owned();
        let unmet = unmet_dependency::pairs(&mut context).into_iter();
        let unmet = unmet
            .map(|(selector, selectee, kind)| Defect::Unmet(name(selector), name(selectee), kind));
        trial.defects.extend(unmet);
        for (policy, _) in &self.requirements {
            let require = trial.required[&policy.name];
            let violators = policy::violators(&mut context, policy, require).into_iter();
            trial.defects.extend(violators.map(|selector| {
                let (policy, target) = (policy.name.clone(), policy.selectors_of.clone());
                Defect::Policy(policy, name(selector), target)
            }));
        }
    }
}
