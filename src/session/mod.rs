// SPDX-License-Identifier: MIT OR Apache-2.0
//! Runs the pipeline: files in parallel, then all architectures as one where that can be, else one by
//! one; merges their findings and sorts them.
//!
//! A run is a pure function of the tree and the options. Nothing here prints, except through
//! the progress callback that the caller gives. `probe` and `confirm` run code of the tree, and
//! only they: nobody calls them whom the user did not ask to.

mod alike;
mod analysis;
mod before;
mod catalogue;
mod conf;
mod confirm;
mod cyclic;
pub mod impact;
mod merge;
mod probe;
mod problems;
mod reading;
mod sandbox;
mod stored;
mod suppress;
mod touched;
mod trial;
mod warning;
mod whole;
pub mod why;

pub use conf::{Complaint, Conf, ConfError, Configured};
pub use confirm::{Rewriter, Written, confirm, on};
pub use cyclic::{Broken, Suspect};
pub use probe::{Executed, Probed, TIME_LIMIT, probe};
pub use reading::Reading;
pub use stored::Stored;
pub use trial::{Asked, Base, Defect, Known, Trial, Variant};

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use self::analysis::{Analysed, Shared};
use self::whole::Whole;
use crate::config::{Comment, Levels, Suppressed};
use crate::diagnostic::Diagnostic;
use crate::logic::{Effort, Proofs};
use crate::menu::{Loader, Toolchain};
use crate::model::Model;
use crate::rules::Policy;
use crate::rules::pair::ShownPairs;
use crate::rules::policy::Requirement;
use crate::source::{Files, ReadError, Reader};
use crate::tree::{Architecture, Project};

/// What a run is to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Options {
    /// The architectures to analyse, from the project's or narrowed.
    pub architectures: Vec<Architecture>,
    /// Recorded answers of the toolchain; none leaves them unknown.
    pub toolchain: Toolchain,
    /// The level of every rule.
    pub levels: Levels,
    /// Built-in policies and those of the settings.
    pub policies: Vec<Policy>,
    /// Whether remarks (`-v`) are wanted.
    pub remarks: bool,
    /// What a question may take.
    pub effort: Effort,
    /// Threads to use; one for each processor by default.
    pub jobs: Option<NonZeroUsize>,
}

/// Told as a run proceeds: steps done, steps in all, what is at work.
pub type Progress<'p> = dyn Fn(usize, usize, &str) + Sync + 'p;

/// Counts of a run, for the summary.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Files that were read.
    pub files: usize,
    /// Distinct symbols that some architecture defines.
    pub symbols: usize,
    /// `select` statements, each counted once for all architectures.
    pub selects: usize,
    /// Findings that were suppressed.
    pub suppressed: Suppressed,
}

/// The result of a run.
pub struct Outcome {
    /// The tree.
    pub project: Project,
    /// The files; spans of findings refer to them.
    pub files: Arc<Files>,
    /// Names of the architectures that were analysed, sorted; empty where the tree has none.
    pub architectures: Vec<String>,
    /// Findings, sorted by path, place and rule, merged across architectures. None is at
    /// `Allow`.
    pub findings: Vec<Diagnostic>,
    /// What `-v` says besides: remarks on selects that are safe only because of their
    /// architecture, with their places.
    pub remarks: Vec<Diagnostic>,
    /// Counts.
    pub counts: Counts,
    /// What was read of the tree, and what was not.
    pub reading: Reading,
    /// Comments to this program in the files that were read; nothing is suppressed by them yet.
    pub comments: Vec<Comment>,
    /// Whether the run was bound to find all that its rules can: every architecture was analysed
    /// to its end, and the toolchain's answers were open.
    pub complete: bool,
    /// Failures of this program itself, such as a witness that does not replay. Any of them
    /// makes the exit status 2.
    pub internal_errors: Vec<String>,
    /// Why the run gives no verdict although nothing in it failed; empty where it does. Any of them
    /// makes the exit status 2.
    pub objections: Vec<String>,
    /// What a change of the tree can be judged by; `None` where no run made the outcome.
    pub base: Option<Base>,
}

/// Why a run could not even start.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SessionError {
    /// The root file of the tree cannot be read.
    Root(String, ReadError),
    /// What a policy requires is no expression.
    Policy(String, String),
    /// The system gives no threads.
    Threads(String),
    /// The system gives no folder to run commands of the tree in.
    Sandbox(String),
}

impl std::fmt::Display for SessionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SessionError::Root(path, error) => write!(f, "cannot read {path}: {error}"),
            SessionError::Policy(name, error) => {
                write!(f, "policy {name}: what it requires cannot be read: {error}")
            }
            SessionError::Threads(words) => write!(f, "cannot start threads: {words}"),
            SessionError::Sandbox(words) => {
                write!(f, "cannot run commands of the tree: {words}")
            }
        }
    }
}

impl std::error::Error for SessionError {}

/// Hostile trees nest deeper than real ones; what is not used costs nothing.
const STACK_BYTES: usize = 512 << 20;

/// Lints a tree.
///
/// # Errors
/// When the root file cannot be read, or a policy is no policy.
pub fn run(
    project: &Project,
    files: Arc<Files>,
    options: &Options,
    progress: &Progress<'_>,
) -> Result<Outcome, SessionError> {
    let requirements = requirements(&options.policies)?;
    in_threads(options.jobs, || {
        let lint = Lint {
            loader: Loader::new(files),
            proofs: Proofs::within(options.effort),
            earlier: None,
            keeps: false,
        };
        lint.all(project, options, &requirements, progress)
    })?
}

/// Lints the next tree of a series, whose files `reader` holds. What the tree before left behind
/// spares questions, and changes no answer: of a tree that an earlier process has stored, what still
/// holds is left out ([`Base::still_has`]).
///
/// # Errors
/// When the root file cannot be read, or a policy is no policy.
pub fn run_next(
    before: Option<&Base>,
    project: &Project,
    reader: Arc<dyn Reader>,
    options: &Options,
    progress: &Progress<'_>,
) -> Result<Outcome, SessionError> {
    let requirements = requirements(&options.policies)?;
    in_threads(options.jobs, || {
        let lint = match before {
            Some(base) => Lint {
                loader: base.loader.next(Arc::new(base.loader.files().next(reader))),
                proofs: match base.options.effort == options.effort {
                    true => base.proofs.clone(),
                    false => Proofs::within(options.effort),
                },
                earlier: Some(base).filter(|base| base.is_of(project, options)),
                keeps: true,
            },
            None => Lint {
                loader: Loader::new(Arc::new(Files::new(reader))),
                proofs: Proofs::within(options.effort),
                earlier: None,
                keeps: true,
            },
        };
        lint.all(project, options, &requirements, progress)
    })?
}

/// A run that begins.
struct Lint<'b> {
    loader: Loader,
    proofs: Arc<Proofs>,
    /// What is known from another tree.
    earlier: Option<&'b Base>,
    /// Whether a tree may come that is like this one.
    keeps: bool,
}

impl Lint<'_> {
    fn all(
        self,
        project: &Project,
        options: &Options,
        requirements: &[(Policy, Requirement)],
        progress: &Progress<'_>,
    ) -> Result<Outcome, SessionError> {
        self.loader.prefetch(project);
        let only = OnceLock::new();
        let shared = Shared {
            loader: &self.loader,
            project,
            options,
            requirements,
            proofs: &self.proofs,
            shown: &ShownPairs::default(),
            only: &only,
        };
        let catalogue =
            |model: Option<&Arc<Model>>| catalogue::check(&self.loader, project, options, model);
        let (results, more, left) = match Whole::new(&shared)? {
            Some(whole) => {
                let own = options.architectures == project.architectures && whole.is_of_all;
                let model = Some(&whole.model).filter(|_| own);
                let before = self.earlier.and_then(|base| base.left.as_ref());
                let analyse = || whole.analyse(&shared, before, self.keeps);
                let (analysed, more) = rayon::join(analyse, || catalogue(model));
                let (results, left) = analysed?;
                let names = options.architectures.iter().zip(1..);
                names.for_each(|(it, done)| progress(done, results.len(), &it.name));
                (results, more, left)
            }
            None => {
                let results = one_by_one(&shared, progress)?;
                (results, catalogue(only.get()), None)
            }
        };
        let known = results.iter().map(trial::Known::new).collect();
        let mut outcome = merge::merge(project, &self.loader, options, results, more);
        outcome.base = Some(Base {
            loader: self.loader,
            proofs: self.proofs,
            project: project.clone(),
            options: options.clone(),
            left,
            known,
        });
        Ok(outcome)
    }
}

/// What each architecture says by itself.
fn one_by_one(shared: &Shared<'_>, progress: &Progress<'_>) -> Result<Vec<Analysed>, SessionError> {
    let architectures = &shared.options.architectures;
    let done = AtomicUsize::new(0);
    // In their order, whatever thread takes the next: the first shows what the others need not.
    let next = AtomicUsize::new(0);
    let results = (0..architectures.len()).into_par_iter().map(|_| {
        let architecture = &architectures[next.fetch_add(1, Ordering::Relaxed)];
        let result = analysis::analyse(shared, architecture, None);
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        progress(done, architectures.len(), &architecture.name);
        result
    });
    results.collect()
}

/// The models of some architectures, for questions about symbols.
///
/// # Errors
/// When the root file cannot be read.
pub fn models(
    project: &Project,
    files: Arc<Files>,
    options: &Options,
) -> Result<Vec<(String, Model)>, SessionError> {
    in_threads(options.jobs, || {
        let loader = Loader::new(files);
        loader.prefetch(project);
        options
            .architectures
            .par_iter()
            .map(|architecture| {
                let menu =
                    analysis::elaborated(&loader, project, architecture, &options.toolchain)?;
                let model = Model::new(Arc::new(menu), project.behaviour);
                Ok((architecture.name.clone(), model))
            })
            .collect()
    })?
}

fn requirements(policies: &[Policy]) -> Result<Vec<(Policy, Requirement)>, SessionError> {
    let parse = |policy: &Policy| {
        let parsed = Requirement::parse(&policy.require)
            .map_err(|error| SessionError::Policy(policy.name.clone(), error.message))?;
        Ok((policy.clone(), parsed))
    };
    policies.iter().map(parse).collect()
}

/// Runs `work` on threads with room for hostile trees.
///
/// # Errors
/// When the system gives no threads.
pub fn in_threads<T: Send>(
    jobs: Option<NonZeroUsize>,
    work: impl FnOnce() -> T + Send,
) -> Result<T, SessionError> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(jobs.map_or(0, NonZeroUsize::get))
        .stack_size(STACK_BYTES)
        .build()
        .map_err(|error| SessionError::Threads(error.to_string()))?;
    Ok(pool.install(work))
}
