// SPDX-License-Identifier: MIT OR Apache-2.0
//! One architecture: elaboration, model, theory, and what the rules find in them.

use std::cell::OnceCell;
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashSet;

use super::reading::Sources;
use super::{Options, SessionError};
use crate::diagnostic::{Diagnostic, Level};
use crate::logic::{Proofs, Theory};
use crate::menu::{Loader, Menu, Problem, Toolchain, elaborate};
use crate::model::{ExprId, Hanging, Model, Select, SymbolId, Tristate};
use crate::rules::fixed_terms::{self, Fixed};
use crate::rules::pair::ShownPairs;
use crate::rules::policy::{self, Policy, Requirement, Violation};
use crate::rules::recursive_dependency::{self, Recursion};
use crate::rules::undecided::UndecidedSelect;
use crate::rules::unmet_dependency::{self, Unmet};
use crate::rules::{Check, Context, Practices, RULES, Stage, timing};
use crate::source::{FileId, Name, Span};
use crate::tree::{Architecture, Project};

/// What one architecture has to say; the same in every run.
#[derive(Clone)]
pub(super) struct Analysed {
    pub(super) architecture: String,
    pub(super) problems: Vec<Problem>,
    pub(super) recursions: Vec<Recursion>,
    pub(super) unmet: Vec<Unmet>,
    pub(super) violations: Vec<Violation>,
    pub(super) undecided: Vec<UndecidedSelect>,
    pub(super) fixed: Vec<Fixed>,
    /// Symbols that are defined.
    pub(super) symbols: Arc<FxHashSet<Name>>,
    /// Symbols that bounds allow to be on; none where the theory was not asked.
    pub(super) enabled: Arc<FxHashSet<Name>>,
    pub(super) selects: Arc<Vec<Span>>,
    /// For each policy, whether this architecture defines all its symbols.
    pub(super) policies_apply: Vec<bool>,
    pub(super) internal_errors: Vec<String>,
    /// The files that it reads, in the order in which they are included.
    pub(super) instances: Vec<FileId>,
    /// What became of its `source` statements.
    pub(super) sources: Arc<Sources>,
    pub(super) hanging: Arc<Hanging>,
}

impl Analysed {
    /// Of which no more is known yet.
    pub(super) fn begin(architecture: &str, problems: Vec<Problem>) -> Analysed {
        Analysed {
            architecture: architecture.to_owned(),
            problems,
            recursions: Vec::new(),
            unmet: Vec::new(),
            violations: Vec::new(),
            undecided: Vec::new(),
            fixed: Vec::new(),
            symbols: Arc::default(),
            enabled: Arc::default(),
            selects: Arc::default(),
            policies_apply: Vec::new(),
            internal_errors: Vec::new(),
            instances: Vec::new(),
            sources: Arc::default(),
            hanging: Arc::default(),
        }
    }

    /// What is selected against its dependencies or a policy, or may be, each with the files in which
    /// the finding has places.
    pub(super) fn places(&self) -> impl Iterator<Item = (&str, Vec<FileId>)> {
        let unmet = self.unmet.iter();
        let unmet = unmet.map(|it| (&it.pair, it.report(Level::Deny)));
        let violations = self.violations.iter();
        let violations = violations.map(|it| (&it.pair, it.report(Level::Deny)));
        let all = unmet.chain(violations);
        let open = self.undecided.iter();
        let open = open.map(|it| (&*it.selectee, vec![it.span.file]));
        let all = all.map(|(pair, finding)| (&*pair.selectee, files_of(&finding)));
        all.chain(open)
    }
}

/// What the analyses of all architectures have in common.
#[derive(Clone, Copy)]
pub(super) struct Shared<'a> {
    pub(super) loader: &'a Loader,
    pub(super) project: &'a Project,
    pub(super) options: &'a Options,
    pub(super) requirements: &'a [(Policy, Requirement)],
    /// What one of them has refuted.
    pub(super) proofs: &'a Arc<Proofs>,
    /// The pairs of which one of them shows a configuration.
    pub(super) shown: &'a ShownPairs,
    /// The model of the only architecture of the tree, for who comes after.
    pub(super) only: &'a OnceLock<Arc<Model>>,
}

/// The pairs that an architecture is asked about, by the names of selector and target.
#[derive(Default)]
pub(super) struct Asks {
    /// Those whose dependencies may be unmet.
    pub(super) unmet: FxHashSet<(Name, Name)>,
    /// Those that may violate the policy of a number.
    pub(super) policies: FxHashSet<(usize, Name, Name)>,
}

/// Analyses one architecture as deep as the enabled rules need. Where it `asks` about some pairs no
/// other is looked at.
pub(super) fn analyse(
    shared: &Shared<'_>,
    architecture: &Architecture,
    asks: Option<&Asks>,
) -> Result<Analysed, SessionError> {
    let Shared {
        loader,
        project,
        options,
        requirements,
        ..
    } = *shared;
    let mut menu = elaborated(loader, project, architecture, &options.toolchain)?;
    let problems = std::mem::take(&mut menu.problems);
    let instances = menu.instances.iter().map(|instance| instance.file);
    let instances = instances.collect();
    let mut result = Analysed::begin(&architecture.name, problems);
    result.instances = instances;
    result.sources = Arc::new(Sources::of(&menu, 0));
    let deepest = deepest_stage(options);
    let mut model = Model::new(Arc::new(menu), project.behaviour);
    result.problems.extend(model.refused(&project.grammar));
    let required: Vec<ExprId> = requirements
        .iter()
        .map(|(_, requirement)| requirement.add_to(&mut model))
        .collect();
    count(&model, &mut result);
    result.hanging = model.hanging.clone();
    result.policies_apply = requirements
        .iter()
        .map(|(policy, requirement)| {
            let is_defined = |name: &str| {
                let symbol = model.symbol_named(name);
                symbol.is_some_and(|symbol| model.symbol(symbol).is_defined())
            };
            policy_applies(policy, requirement, &is_defined)
        })
        .collect();
    let model = Arc::new(model);
    if project.architectures.len() == 1 {
        shared.only.get_or_init(|| model.clone());
    }
    if deepest < Stage::Model {
        return Ok(result);
    }
    result.recursions = recursive_dependency::check(&model, &architecture.name);
    if deepest < Stage::Theory || !result.recursions.is_empty() {
        return Ok(result);
    }
    let mut theory = Theory::sharing(model.clone(), shared.proofs.clone());
    let bounds = theory.bounds();
    let on = model
        .symbol_ids()
        .filter(|(id, _)| bounds.symbol(*id).high != Tristate::No);
    result.enabled = Arc::new(on.filter_map(|(_, symbol)| symbol.name).collect());
    decide(shared, &mut theory, &required, asks, &mut result);
    Ok(result)
}

/// Adds what the selects of an architecture do wrong.
pub(super) fn decide(
    shared: &Shared<'_>,
    theory: &mut Theory,
    required: &[ExprId],
    asks: Option<&Asks>,
    result: &mut Analysed,
) {
    let options = shared.options;
    let model = theory.model().clone();
    let mut context = Context {
        architecture: &result.architecture,
        model: &model,
        theory,
        graph: OnceCell::new(),
        practices: Practices::default(),
        files: shared.loader.files(),
        internal_errors: &mut result.internal_errors,
        undecided: &mut result.undecided,
        shown: Some(shared.shown),
    };
    if options.levels.is_on(unmet_dependency::RULE.name) {
        let is_asked = |select: &Select| {
            let names = [select.selector, select.target].map(|id| model.symbol(id).name);
            match (asks, names) {
                (Some(asks), [Some(selector), Some(target)]) => {
                    asks.unmet.contains(&(selector, target))
                }
                (asks, _) => asks.is_none(),
            }
        };
        result.unmet = timing::measured(unmet_dependency::RULE.name, || {
            unmet_dependency::check(&mut context, &is_asked)
        });
        if options.remarks {
            result.fixed = fixed_terms::fixed_terms(&context);
        }
    }
    if options.levels.is_on(policy::RULE.name) {
        let policies = shared.requirements.iter().zip(required).enumerate();
        for (number, ((policy, _), required)) in policies {
            let target = Name::new(&policy.selectors_of);
            let is_asked = |selector: SymbolId| match (asks, model.symbol(selector).name) {
                (Some(asks), Some(name)) => asks.policies.contains(&(number, name, target)),
                (asks, _) => asks.is_none(),
            };
            let check = || policy::check(&mut context, policy, *required, &is_asked);
            let violations = timing::measured(policy::RULE.name, check);
            result.violations.extend(violations);
        }
    }
}

/// The menu tree of an architecture.
pub(super) fn elaborated(
    loader: &Loader,
    project: &Project,
    architecture: &Architecture,
    toolchain: &Toolchain,
) -> Result<Menu, SessionError> {
    elaborate(loader, project, architecture, toolchain)
        .map_err(|error| SessionError::Root(project.root_file.clone(), error))
}

pub(super) fn deepest_stage(options: &Options) -> Stage {
    let own = RULES
        .iter()
        .filter(|rule| matches!(rule.check, Check::Elsewhere));
    let on = own.filter(|rule| options.levels.is_on(rule.name));
    on.map(|rule| rule.stage).max().unwrap_or(Stage::Syntax)
}

fn count(model: &Model, result: &mut Analysed) {
    let defined = model.symbols.iter().filter(|symbol| symbol.is_defined());
    result.symbols = Arc::new(defined.filter_map(|symbol| symbol.name).collect());
    result.selects = Arc::new(model.selects.iter().map(|select| select.span).collect());
}

/// Whether an architecture defines the symbols that a policy speaks of.
pub(super) fn policy_applies(
    policy: &Policy,
    requirement: &Requirement,
    is_defined: &dyn Fn(&str) -> bool,
) -> bool {
    let mut symbols = requirement
        .words()
        .filter(|word| Tristate::from_word(word).is_none());
    is_defined(&policy.selectors_of) && symbols.all(is_defined)
}

/// The files in which a finding has places.
fn files_of(finding: &Diagnostic) -> Vec<FileId> {
    let Diagnostic {
        primary,
        labels,
        related,
        fixes,
        ..
    } = finding;
    let labels = primary.iter().chain(labels).chain(related);
    let mut files: Vec<FileId> = labels.map(|label| label.span.file).collect();
    let edits = fixes.iter().flat_map(|fix| fix.edits());
    files.extend(edits.map(|edit| edit.span.file));
    files
}
