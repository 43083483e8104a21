// SPDX-License-Identifier: MIT OR Apache-2.0
//! Answers `why`: on each architecture, how a symbol can be on while something holds, or why
//! it never can. Architectures with the same answer become one group.
//!
//! What an answer says is data; its words are in `report/`.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;

use super::{Options, SessionError, in_threads, models};
use crate::diagnostic::Witness;
use crate::logic::{
    self, Configuration, Effort, Evaluator, Inputs, Proofs, Reason, Theory, Undecided, UserValue,
    minimize, to_witness,
};
use crate::model::{ExprId, Model, Part, SymbolId, Tristate};
use crate::rules::policy::Requirement;
use crate::rules::undecided::Cause;
use crate::source::near;
use crate::source::{Files, Name, Span};
use crate::tree::Project;

/// What is asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    /// The symbol that is to be at least m.
    pub symbol: String,
    /// What is to be at least m as well: a Kconfig expression.
    pub condition: Option<String>,
}

/// The answer for all architectures.
pub struct Answer {
    /// The question.
    pub question: Question,
    /// The tree.
    pub project: Project,
    /// The files; places refer to them.
    pub files: Arc<Files>,
    /// Names of the architectures that were asked, sorted; empty where the tree has none.
    pub architectures: Vec<String>,
    /// Answers: the possible ones first, then by the name of the first architecture.
    pub groups: Vec<Group>,
    /// Failures of this program itself. Any of them makes the exit status 2.
    pub internal_errors: Vec<String>,
}

/// Architectures with the same answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// Their names, sorted; an empty name where the tree has none.
    pub architectures: Vec<String>,
    /// The answer.
    pub verdict: Verdict,
    /// The architecture whose steps are told, when they are not the same on all.
    pub told_of: Option<String>,
}

/// The answer on one architecture.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It can be on.
    Possible {
        /// A configuration, replayed; each setting in it is needed.
        witness: Witness,
        /// Why each symbol has its value in it, from the question back to the user. They are
        /// those of `witness.architecture`.
        reasons: Vec<Reason>,
    },
    /// It never can.
    Impossible {
        /// A smallest set of statements that make it so, in telling order.
        reasons: Vec<Reason>,
        /// Whether the symbol matters: otherwise the condition alone never holds.
        symbol: bool,
        /// Whether the condition matters: otherwise the symbol is never on.
        condition: bool,
    },
    /// Nothing defines the symbol there.
    Undefined,
    /// Recursive dependencies: conf refuses the tree, so there is no meaning.
    Recursive,
    /// The question took more than the effort, or the answer depends on the order in which conf
    /// computes values.
    Undecided(Cause),
}

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum WhyError {
    /// The run could not start.
    Session(SessionError),
    /// No architecture defines the symbol; with a hint at a near name, or empty.
    UnknownSymbol(String, String),
    /// The condition names a symbol that no architecture mentions; with a hint.
    UnknownWord(String, String),
    /// The symbol is an int, hex or string: it is not on or off.
    NotLogical(String),
    /// The condition is no expression: what is wrong, and lines that show where.
    Condition(String),
}

impl std::fmt::Display for WhyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            WhyError::Session(error) => error.fmt(f),
            WhyError::UnknownSymbol(symbol, hint) => {
                write!(f, "no architecture defines a symbol {symbol}{hint}")
            }
            WhyError::UnknownWord(word, hint) => {
                write!(f, "--while: no architecture mentions a symbol {word}{hint}")
            }
            WhyError::NotLogical(symbol) => write!(
                f,
                "{symbol} is neither bool nor tristate, so it is never on or off"
            ),
            WhyError::Condition(words) => write!(f, "--while: {words}"),
        }
    }
}

impl std::error::Error for WhyError {}

/// Answers a question.
///
/// # Errors
/// When the tree cannot be read, or the question is none.
pub fn why(
    project: &Project,
    files: Arc<Files>,
    options: &Options,
    question: &Question,
) -> Result<Answer, WhyError> {
    let condition = question.condition.as_deref().map(|text| {
        let read = Requirement::parse_prefixed(text, &project.prefix);
        read.map_err(|error| WhyError::Condition(error.below(text)))
    });
    let condition = condition.transpose()?;
    let models = models(project, files.clone(), options).map_err(WhyError::Session)?;
    check(&models, &question.symbol, condition.as_ref())?;
    let work = || {
        let cases: Vec<Case> = models
            .into_par_iter()
            .map(|(name, model)| {
                let condition = condition.as_ref();
                Case::new(name, model, &question.symbol, condition, options.effort)
            })
            .collect();
        explain(cases)
    };
    let (groups, internal_errors) = in_threads(options.jobs, work).map_err(WhyError::Session)?;
    let architectures = options.architectures.iter().map(|one| one.name.clone());
    let mut architectures: Vec<String> = architectures.filter(|name| !name.is_empty()).collect();
    architectures.sort();
    Ok(Answer {
        question: question.clone(),
        project: project.clone(),
        files,
        architectures,
        groups,
        internal_errors,
    })
}

/// Whether the tree knows what the question speaks of.
fn check(
    models: &[(String, Model)],
    symbol: &str,
    condition: Option<&Requirement>,
) -> Result<(), WhyError> {
    let symbols = || models.iter().flat_map(|(_, model)| model.symbols.iter());
    let defined = symbols().filter(|known| known.is_defined());
    let defined: BTreeSet<&str> = defined
        .filter_map(|known| known.name)
        .map(Name::as_str)
        .collect();
    let hint = |word: &str| near::hint(word, defined.iter().copied());
    if !defined.contains(symbol) {
        return Err(WhyError::UnknownSymbol(symbol.to_owned(), hint(symbol)));
    }
    let mut here = models.iter().filter_map(|(_, model)| {
        let symbol = model.symbol(model.symbol_named(symbol)?);
        symbol.is_defined().then_some(symbol.ty)
    });
    if !here.any(|ty| ty.is_logical()) {
        return Err(WhyError::NotLogical(symbol.to_owned()));
    }
    let words = condition.into_iter().flat_map(Requirement::words);
    for word in words.filter(|word| Tristate::from_word(word).is_none()) {
        let number = word.starts_with(|letter: char| letter.is_ascii_digit() || letter == '-');
        let named = |(_, model): &(String, Model)| model.symbol_named(word).is_some();
        if !number && !models.iter().any(named) {
            return Err(WhyError::UnknownWord(word.to_owned(), hint(word)));
        }
    }
    Ok(())
}

/// One architecture with what the theory says there.
struct Case {
    architecture: String,
    model: Arc<Model>,
    /// The question's terms: the symbol, then those of the condition.
    asked: Vec<ExprId>,
    target: Option<SymbolId>,
    found: Found,
    effort: Effort,
}

enum Found {
    Possible(Inputs),
    /// Not even the first so many terms of the question hold together.
    Impossible(usize),
    Undefined,
    Recursive,
    Undecided(Cause),
}

impl Case {
    fn new(
        architecture: String,
        mut model: Model,
        symbol: &str,
        condition: Option<&Requirement>,
        effort: Effort,
    ) -> Case {
        let condition = condition.map(|condition| condition.add_to(&mut model));
        let target = model.symbol_named(symbol);
        let target = target.filter(|id| model.symbol(*id).is_defined());
        let mut asked = Vec::new();
        asked.extend(target.map(|id| model.exprs.symbol(id)));
        if let Some(condition) = condition {
            asked.extend(model.exprs.conjuncts(condition));
        }
        let model = Arc::new(model);
        let found = match target {
            None => Found::Undefined,
            Some(_) if !model.cycles().is_empty() => Found::Recursive,
            Some(_) => decide(&model, &asked, effort),
        };
        Case {
            architecture,
            model,
            asked,
            target,
            found,
            effort,
        }
    }

    fn holds<'a>(&'a self) -> impl FnMut(&mut Evaluator<'_>) -> bool + 'a {
        |evaluator| {
            let mut terms = self.asked.iter();
            terms.all(|term| evaluator.expr(*term) != Tristate::No)
        }
    }
}

fn decide(model: &Arc<Model>, asked: &[ExprId], effort: Effort) -> Found {
    let mut theory = Theory::sharing(model.clone(), Proofs::within(effort));
    let question: Vec<_> = asked.iter().map(|term| theory.expr(*term).on).collect();
    match theory.solve(&question) {
        Ok(Some(inputs)) => Found::Possible(inputs),
        Ok(None) if may_hold_later(&mut theory, asked) => Found::Undecided(Cause::Order),
        Ok(None) if theory.holds(&question[..1]) == Ok(false) => Found::Impossible(1),
        Ok(None) => Found::Impossible(asked.len()),
        Err(Undecided) => Found::Undecided(Cause::Effort),
    }
}

/// Whether all of `asked` may hold when conf computes all values again.
fn may_hold_later(theory: &mut Theory, asked: &[ExprId]) -> bool {
    if !theory.model().has_tristate_before_modules {
        return false;
    }
    let theory = theory.any_order();
    let question: Vec<_> = asked.iter().map(|term| theory.expr(*term).on).collect();
    theory.holds(&question) != Ok(false)
}

/// Explains each architecture, with the explanation of an earlier one where it serves.
fn explain(cases: Vec<Case>) -> (Vec<Group>, Vec<String>) {
    let mut groups: Vec<Group> = Vec::new();
    let mut errors = Vec::new();
    let mut witnesses: Vec<Witness> = Vec::new();
    let mut parts: BTreeSet<Key> = BTreeSet::new();
    for case in cases {
        let verdict = match &case.found {
            Found::Undefined => Ok(Verdict::Undefined),
            Found::Recursive => Ok(Verdict::Recursive),
            Found::Undecided(cause) => Ok(Verdict::Undecided(*cause)),
            Found::Possible(inputs) => possible(&case, inputs, &mut witnesses),
            Found::Impossible(terms) => impossible(&case, &case.asked[..*terms], &mut parts),
        };
        match verdict {
            Err(words) => errors.push(format!("{}: {words}", case.architecture)),
            Ok(verdict) => match groups
                .iter_mut()
                .find(|group| group.verdict.is_like(&verdict))
            {
                Some(group) => group.take(case.architecture, &verdict),
                None => groups.push(Group {
                    architectures: vec![case.architecture],
                    verdict,
                    told_of: None,
                }),
            },
        }
    }
    for group in &mut groups {
        group.architectures.sort();
    }
    groups.sort_by_key(|group| (group.verdict.rank(), group.architectures.clone()));
    (groups, errors)
}

impl Group {
    fn take(&mut self, architecture: String, verdict: &Verdict) {
        if self.verdict.reasons() != verdict.reasons() {
            self.told_of = Some(self.architectures[0].clone());
        }
        self.architectures.push(architecture);
    }
}

impl Verdict {
    /// The steps; none where there is nothing to explain.
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Verdict::Possible { reasons, .. } | Verdict::Impossible { reasons, .. } => reasons,
            Verdict::Undefined | Verdict::Recursive | Verdict::Undecided(_) => &[],
        }
    }

    /// Whether it says the same: of configurations the settings count, not how an architecture
    /// comes from them to the values; of contradictions the statements, not their places.
    fn is_like(&self, other: &Verdict) -> bool {
        match (self, other) {
            (Verdict::Possible { witness: one, .. }, Verdict::Possible { witness: two, .. }) => {
                one.config == two.config
                    && one.environment == two.environment
                    && one.toolchain == two.toolchain
            }
            (
                Verdict::Impossible {
                    symbol, condition, ..
                },
                Verdict::Impossible {
                    symbol: other_symbol,
                    condition: other_condition,
                    ..
                },
            ) => {
                let (here, there) = (self.reasons().iter(), other.reasons().iter());
                let here = here.map(|reason| (&reason.symbols, &reason.fact));
                let there = there.map(|reason| (&reason.symbols, &reason.fact));
                (symbol, condition) == (other_symbol, other_condition) && here.eq(there)
            }
            _ => self == other,
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Verdict::Possible { .. } => 0,
            Verdict::Impossible { .. } => 1,
            Verdict::Undefined => 2,
            Verdict::Recursive => 3,
            Verdict::Undecided(_) => 4,
        }
    }
}

fn possible(case: &Case, inputs: &Inputs, earlier: &mut Vec<Witness>) -> Result<Verdict, String> {
    let model = &*case.model;
    let holds = &mut case.holds();
    let mut shared = earlier.iter().filter_map(|witness| {
        let inputs = same_settings(model, witness)?;
        Configuration::replay(model, &inputs, holds)
    });
    let found = shared.next();
    drop(shared);
    let found = match found {
        Some(found) => found,
        None => match Configuration::replay(model, inputs, holds) {
            Some(found) => found,
            None if model.has_tristate_before_modules => {
                return Ok(Verdict::Undecided(Cause::Order));
            }
            None => return Err("the solver's configuration does not replay".to_owned()),
        },
    };
    let found = minimize(model, found, holds);
    let witness = to_witness(model, &case.architecture, &found, holds)?;
    let reasons = logic::steps(model, &found, &case.asked);
    earlier.push(witness.clone());
    Ok(Verdict::Possible { witness, reasons })
}

/// The settings of a configuration of another architecture, where all symbols of it exist.
fn same_settings(model: &Model, witness: &Witness) -> Option<Inputs> {
    if !witness.toolchain.is_empty() || !witness.environment.is_empty() {
        return None;
    }
    let mut inputs = Inputs::default();
    for (name, value) in &witness.config {
        let id = model.symbol_named(name)?;
        let value = if model.symbol(id).ty.is_logical() {
            UserValue::Logical(Tristate::from_word(value)?)
        } else {
            UserValue::Text(Name::new(value))
        };
        inputs.user.insert(id, value);
    }
    Some(inputs)
}

fn impossible(
    case: &Case,
    asked: &[ExprId],
    earlier: &mut BTreeSet<Key>,
) -> Result<Verdict, String> {
    let model = &*case.model;
    let target = case.target.ok_or("the symbol is gone")?;
    let known = &*earlier;
    let prefer = |part: &Part| known.contains(&key(model, part));
    let Some(core) = logic::core(model, &[target], asked, &prefer, case.effort) else {
        // Less of the tree is harder to decide than all of it.
        return Ok(Verdict::Undecided(Cause::Effort));
    };
    earlier.extend(core.parts.iter().map(|part| key(model, part)));
    let symbol = core.asked.contains(&case.asked[0]);
    Ok(Verdict::Impossible {
        reasons: logic::tell(model, target, &core),
        symbol,
        condition: core.asked.len() > usize::from(symbol),
    })
}

/// What tells a part on one architecture from those on others: kind, place, term or name.
type Key = (u8, Option<Span>, String);

fn key(model: &Model, part: &Part) -> Key {
    let place = |id: SymbolId| {
        let first = model.symbol(id).definitions.first();
        first.map(|first| first.name)
    };
    let name = |id: SymbolId| model.name(id).to_owned();
    let term = |id: ExprId| model.printer().term(id);
    match *part {
        Part::Ways(id) => (0, place(id), name(id)),
        Part::Term {
            symbol,
            node,
            term: what,
        } => {
            let mut definitions = model.symbol(symbol).definitions.iter();
            let here = definitions.find(|own| own.node == node);
            (1, here.map(|own| own.name), term(what))
        }
        Part::Condition {
            span, term: what, ..
        } => (2, Some(span), term(what)),
        Part::Select(id) => (3, Some(model.select(id).span), String::new()),
        Part::Imply(id) => (4, Some(model.imply(id).span), String::new()),
        Part::Default(id, at) => (
            5,
            Some(model.symbol(id).defaults[at as usize].span),
            name(id),
        ),
        Part::Undefined(id) => (6, None, name(id)),
    }
}
