// SPDX-License-Identifier: MIT OR Apache-2.0
//! unmet-dependency: a `select` that switches on what cannot work there.
//!
//! `decide` says which; here stand declaration, findings and words.

mod decide;

pub use self::decide::{Asked, Pairs, UnmetPair, is_any, pairs, pairs_in_parallel};

use self::decide::{OpenSelect, is_possible, is_unmet, of_pairs, open_here, question, unmet_later};
use super::pair::{Answer, Pair};
use super::remedy::{Request, Want};
use super::selects::{self, Lack, Missing, Statement};
use super::undecided::Cause;
use super::{Check, Context, Group, Rule, Stage};
use crate::diagnostic::{Data, Diagnostic, Fix, Label, Level};
use crate::logic::{Evaluator, Inputs, Question, Theory, Tri, Undecided};
use crate::model::{ExprId, Exprs, Model, SelectId, Tristate};
use crate::source::Span;
use crate::tree::ArchSet;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "unmet-dependency",
    group: Group::Correctness,
    level: Level::Deny,
    stage: Stage::Theory,
    check: Check::Elsewhere,
    fixable: true,
    since: "0.1.0",
    summary: "a select can switch a symbol on while what it depends on is off",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Finds every `select` that, in some configuration of some architecture, raises its target above
the target's own dependencies. Two kinds are told apart: `off`, where the dependencies are n,
and `module`, where they are m and the select says y.

The question is decided for all configurations at once, not by comparing texts: a selector that
depends on something which itself implies the target's dependency is safe, also through several
steps and also where only one architecture fixes a value. With each finding comes a configuration
that shows it.

In a chain (A selects B, B selects C) the statement that leaves the rule is the one reported, and
the selectors further up are named as related.

## Why is this bad

`select` does not look at the dependencies of what it selects. Kconfig prints "unmet direct
dependencies detected" and goes on; the build then fails, or the kernel is built with code that
misses what it stands on. Whether it happens depends on the configuration, so it is usually a
random build on another architecture that finds it, months later.

## Example

`PANEL_USB` can be enabled on a machine without an MMU, and then switches on a helper that
needs one.

```kconfig,bad
config MMU
	bool "Memory management unit"

config PAGE_HELPER
	bool
	depends on MMU

config PANEL_USB
	bool "USB panel"
	select PAGE_HELPER
```

## Use instead

Let the selector depend on what its target depends on:

```kconfig,good
config MMU
	bool "Memory management unit"

config PAGE_HELPER
	bool
	depends on MMU

config PANEL_USB
	bool "USB panel"
	depends on MMU
	select PAGE_HELPER
```

Or select only where the target can work, if the driver does without it elsewhere:

```kconfig,good
config MMU
	bool "Memory management unit"

config PAGE_HELPER
	bool
	depends on MMU

config PANEL_USB
	bool "USB panel"
	select PAGE_HELPER if MMU
```
"#;

/// How a dependency is missed. The worse kind comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// The dependency is n.
    Off,
    /// The dependency is m and the select says y.
    Module,
}

impl Kind {
    /// The worse one first.
    pub const ALL: [Kind; 2] = [Kind::Off, Kind::Module];

    /// Its name in `data.level`.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Off => "off",
            Kind::Module => "module",
        }
    }
}

/// An unmet pair. One from a check is of one architecture; `merge` makes it one of several.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unmet {
    /// The pair.
    pub pair: Pair,
    /// How.
    pub kind: Kind,
    /// Where the target is defined.
    pub target: Span,
}

/// Every unmet pair of one architecture among those asked about, each with its worst kind.
pub fn check(context: &mut Context<'_>, asked: Asked<'_>) -> Vec<Unmet> {
    let open = open_here(context, asked);
    let pairs = of_pairs(context.model, &open);
    let unmet = pairs.filter_map(|statements| {
        context.theory.focus();
        check_pair(context, statements)
    });
    unmet.collect()
}

fn check_pair(context: &mut Context<'_>, statements: &[OpenSelect]) -> Option<Unmet> {
    Kind::ALL.into_iter().find_map(|kind| {
        let open = statements
            .iter()
            .filter(|it| it.kinds().any(|it| it == kind));
        let ids: Vec<SelectId> = open
            .map(|it| it.id)
            .filter(|id| is_unmet_somewhere(context, *id, kind))
            .collect();
        let first = *ids.first()?;
        context.theory.restart();
        let question = question(context.theory, first, kind);
        match context.theory.solve(&question) {
            Ok(Some(inputs)) => found(context, &ids, kind, &inputs),
            Ok(None) if context.model.has_tristate_before_modules => {
                let inputs = unmet_later(context.theory, first, kind).ok().flatten()?;
                found(context, &ids, kind, &inputs)
            }
            Ok(None) => {
                let words = "a question has an answer only once".to_owned();
                context.internal_errors.push(words);
                None
            }
            Err(Undecided) => {
                context.leave_open(first, None, Cause::Effort);
                None
            }
        }
    })
}

/// Whether some configuration has a select unmet in this way. Where nobody knows, the select is noted
/// as undecided.
fn is_unmet_somewhere(context: &mut Context<'_>, id: SelectId, kind: Kind) -> bool {
    // One pair may have thousands of statements, and no question needs what all others needed.
    context.theory.focus();
    let possible = is_possible(context, id, kind);
    if let Err(cause) = possible {
        context.leave_open(id, None, cause);
    }
    possible == Ok(true)
}

fn found(
    context: &mut Context<'_>,
    ids: &[SelectId],
    kind: Kind,
    inputs: &Inputs,
) -> Option<Unmet> {
    let model = context.model;
    let first = ids[0];
    let select = model.select(first);
    let target = select.target;
    let (terms, missing) = missing_terms(context, ids, kind);
    let broken = question(context.theory, first, kind);
    let answer = Answer {
        ids,
        missing,
        // A module that meets one term may still be what another one lacks.
        terms: if kind == Kind::Off { terms } else { Vec::new() },
        inputs,
        broken,
        policy: None,
        kind: kind.word(),
    };
    let mut holds = |evaluator: &mut Evaluator<'_>| is_unmet(evaluator, first, target, kind);
    let pair = Pair::found(context, answer, &mut holds)?;
    let definition = model.symbol(target).definitions.first();
    Some(Unmet {
        pair,
        kind,
        target: definition.map_or(select.target_span, |definition| definition.name),
    })
}

/// The terms of the target's dependency that an active select does not imply.
fn missing_terms(
    context: &mut Context<'_>,
    ids: &[SelectId],
    kind: Kind,
) -> (Vec<ExprId>, Vec<Missing>) {
    let model = context.model;
    let target = model.select(ids[0]).target;
    let direct = model.symbol(target).direct.unwrap_or(Exprs::YES);
    let given: Vec<_> = ids
        .iter()
        .map(|id| selects::given_terms(model, model.select(*id)))
        .collect();
    let mut terms = selects::dependency_terms(model, direct);
    terms.retain(|term| {
        given
            .iter()
            .any(|given| !selects::implies(model, given, *term))
    });
    let values = terms.iter();
    let values: Vec<_> = values
        .map(|term| context.theory.promoted(*term, target))
        .collect();
    let questions = ids.iter().flat_map(|id| {
        let level = context.theory.level(*id);
        let ask = |value: &Tri| denied(kind, level, *value);
        values.iter().map(ask).enumerate().collect::<Vec<_>>()
    });
    let questions: Vec<_> = questions.collect();
    let mut holds = |evaluator: &mut Evaluator<'_>, at: usize| {
        let (id, term) = (ids[at / terms.len()], terms[at % terms.len()]);
        is_denied(model, evaluator, id, term, kind)
    };
    let open = selects::possible(context.theory, terms.len(), &questions, &mut holds);
    let terms: Vec<ExprId> = open.into_iter().map(|at| terms[at]).collect();
    let missing = selects::missing(model, target, &terms);
    (terms, missing)
}

/// These architectures, on all of which a pair is unmet in this way, in sets on which the selects that
/// are and the terms that they do not imply are the same.
pub fn alike(
    theory: &mut Theory,
    (selector, target, kind): UnmetPair,
    on: ArchSet,
) -> Vec<ArchSet> {
    let model = theory.model().clone();
    let direct = model.symbol(target).direct.unwrap_or(Exprs::YES);
    let terms = selects::dependency_terms(&model, direct);
    let lack = Lack {
        question: &|theory, id, term| match term {
            Some(term) => {
                let level = theory.level(id);
                denied(kind, level, theory.promoted(term, target))
            }
            None => question(theory, id, kind),
        },
        holds: &|evaluator, id, term| match term {
            Some(term) => is_denied(&model, evaluator, id, term, kind),
            None => is_unmet(evaluator, id, target, kind),
        },
    };
    selects::alike(theory, (selector, target), &terms, &lack, on)
}

/// What holds while a select acts and a term of its target's dependency is denied.
fn denied(kind: Kind, level: Tri, value: Tri) -> Question {
    match kind {
        Kind::Off => vec![level.on, !value.on],
        Kind::Module => vec![level.yes, value.on, !value.yes],
    }
}

/// Whether a term of the target's dependency does not hold as a select needs it, in the
/// evaluator's eyes.
fn is_denied(
    model: &Model,
    evaluator: &mut Evaluator<'_>,
    id: SelectId,
    term: ExprId,
    kind: Kind,
) -> bool {
    match kind {
        Kind::Off => evaluator.level(id) > Tristate::No && evaluator.expr(term) == Tristate::No,
        // Without modules m counts as y.
        Kind::Module => {
            evaluator.level(id) == Tristate::Yes
                && evaluator.expr(term) == Tristate::Module
                && model
                    .modules
                    .is_some_and(|modules| evaluator.value(modules) > Tristate::No)
        }
    }
}

impl Unmet {
    /// What tells one finding from another: the pair and the kind.
    pub fn key(&self) -> (String, String, Kind) {
        (
            self.pair.selector.clone(),
            self.pair.selectee.clone(),
            self.kind,
        )
    }

    /// Takes in the same finding of another architecture.
    pub fn merge(&mut self, other: Unmet) {
        self.pair.merge(other.pair);
    }

    /// The finding in words.
    pub fn report(&self, level: Level) -> Diagnostic {
        let pair = &self.pair;
        let first = &pair.statements[0];
        let terms = selects::in_words(&pair.missing);
        let words = format!(
            "switches {} on, whatever its dependencies are",
            pair.selectee
        );
        let primary = Label::new(first.span, words);
        let message = pair.with_toolchain(self.message(&terms));
        let mut diagnostic = Diagnostic::new(RULE.name, level, primary, message);
        diagnostic.toolchain.clone_from(&pair.toolchain);
        diagnostic.symbol = Some(pair.selector.clone());
        diagnostic.labels = self.labels(first, &terms);
        diagnostic.related = pair.statements[1..]
            .iter()
            .map(|statement| {
                let words = format!("{} selects {} here too", pair.selector, pair.selectee);
                Label::new(statement.span, words)
            })
            .collect();
        diagnostic.architectures = pair.named_architectures();
        diagnostic.data = Data::Unmet {
            selector: pair.selector.clone(),
            selectee: pair.selectee.clone(),
            condition: first.condition.as_ref().map(|written| written.text.clone()),
            missing: pair.missing.iter().map(|term| term.term.clone()).collect(),
            level: self.kind.word(),
        };
        diagnostic.lacks.clone_from(&pair.lacks);
        diagnostic.witness = Some(pair.witness.clone());
        diagnostic.fixes = self.fixes();
        diagnostic
    }

    fn message(&self, terms: &str) -> String {
        let (selector, selectee) = (&self.pair.selector, &self.pair.selectee);
        match self.kind {
            _ if self.pair.missing.is_empty() => format!(
                "{selector} selects {selectee} in a configuration in which the dependencies of \
                 {selectee} are not met"
            ),
            Kind::Off => format!(
                "{selector} selects {selectee}, which depends on {terms}, {}",
                self.pair.advice()
            ),
            Kind::Module => format!(
                "{selector} builds {selectee} in, which depends on {terms}, and {} may be a module",
                selects::without_conditions(&self.pair.missing)
            ),
        }
    }

    fn labels(&self, first: &Statement, terms: &str) -> Vec<Label> {
        let enabled = match self.kind {
            _ if self.pair.missing.is_empty() => {
                let selectee = &self.pair.selectee;
                format!("can be enabled while the dependencies of {selectee} are not met")
            }
            Kind::Off => format!(
                "can be enabled while {}",
                selects::denied(&self.pair.missing)
            ),
            Kind::Module => {
                let terms = selects::without_conditions(&self.pair.missing);
                format!("can be y while {terms} is only m")
            }
        };
        let mut labels = vec![Label::new(first.selector, enabled)];
        if let Some(depends) = first.depends.last() {
            let silent = self.pair.missing.iter().all(|term| {
                term.symbols
                    .iter()
                    .all(|symbol| !depends.symbols.contains(symbol))
            });
            if silent && !terms.is_empty() && first.depends.len() == 1 && self.kind == Kind::Off {
                let words = format!("says nothing about {terms}");
                labels.push(Label::new(depends.span, words));
            }
        }
        let mut placed = 0;
        for term in &self.pair.missing {
            if let Some(place) = term.place {
                let words = if self.kind == Kind::Off {
                    "not met"
                } else {
                    "may be m"
                };
                labels.push(Label::new(place, words));
                placed += 1;
            }
        }
        if placed == 0 {
            let words = format!("{} is defined here", self.pair.selectee);
            labels.push(Label::new(self.target, words));
        }
        labels.extend(self.pair.remedy.above.iter().take(MOST_ABOVE).map(|above| {
            let words = format!("{} selects {}", above.selector, above.selectee);
            Label::new(above.statement.span, words)
        }));
        labels
    }

    fn fixes(&self) -> Vec<Fix> {
        let pair = &self.pair;
        pair.remedy.fixes(&Request {
            selector: &pair.selector,
            selectee: &pair.selectee,
            statements: &pair.statements,
            missing: &pair.needed,
            want: match self.kind {
                Kind::Off => Want::Off,
                Kind::Module => Want::Module,
            },
        })
    }
}

/// Selects further up that are shown as labels.
const MOST_ABOVE: usize = 3;
