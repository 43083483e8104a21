// SPDX-License-Identifier: MIT OR Apache-2.0
//! unmet-dependency: a `select` that switches on what cannot work there.

use super::pair::{Answer, Pair};
use super::remedy::{Request, Want};
use super::selects::{self, Missing, Statement};
use super::undecided::Cause;
use super::{Check, Context, Group, Rule, Stage};
use crate::diagnostic::{Data, Diagnostic, Fix, Label, Level};
use crate::logic::{
    Bounds, Consequences, Evaluator, Inputs, Question, Somewhere, Strength, Theory, Tri, Undecided,
};
use crate::model::{Digest, ExprId, Exprs, Model, Select, SelectId, SymbolId, Tristate, ValueType};
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

/// A pair, with the statements and the kinds that only the solver can decide.
struct Open {
    target: SymbolId,
    selector: SymbolId,
    questions: Vec<(SelectId, Kind)>,
}

/// Which selects are asked about.
pub type Asked<'a> = &'a dyn Fn(&Select) -> bool;

/// Every unmet pair of one architecture among those asked about, each with its worst kind.
pub fn check(context: &mut Context<'_>, asked: Asked<'_>) -> Vec<Unmet> {
    sorted_pairs(context, asked)
        .iter()
        .filter_map(|pair| {
            context.theory.focus();
            check_pair(context, &pair.questions)
        })
        .collect()
}

/// The selects that cheap reasons do not settle: one that can never be active, a target that
/// needs nothing, a dependency that follows from what is written.
fn open_pairs(context: &mut Context<'_>, asked: Asked<'_>) -> Vec<Open> {
    let model = context.model;
    let mut known = Consequences::new(model, context.theory.bounds());
    let mut pairs = Vec::new();
    for (at, select) in model.selects.iter().enumerate() {
        let id = SelectId(at as u32);
        if !asked(select) {
            continue;
        }
        let mut questions = Vec::new();
        for kind in [Kind::Off, Kind::Module] {
            match settled_by(model, context.theory.bounds(), &mut known, id, kind) {
                None => questions.push((id, kind)),
                Some(By::Itself) => {}
                Some(By::Consequence(direct)) => {
                    if let Some(grounds) = &mut context.grounds {
                        grounds.keep(model, id, &known.grounds(direct));
                    }
                }
            }
        }
        if !questions.is_empty() {
            pairs.push(Open {
                target: select.target,
                selector: select.selector,
                questions,
            });
        }
    }
    pairs
}

/// A cheap reason.
enum By {
    /// What selector and target say, and bounds.
    Itself,
    /// The dependency of the target follows from other definitions too.
    Consequence(ExprId),
}

fn settled_by(
    model: &Model,
    bounds: &Bounds,
    known: &mut Consequences<'_>,
    id: SelectId,
    kind: Kind,
) -> Option<By> {
    let select = model.select(id);
    let target = model.symbol(select.target);
    let Some(direct) = target.direct else {
        return Some(By::Itself);
    };
    if !selects::is_in_question(model, id)
        || bounds.expr(select.level).high == Tristate::No
        || bounds.expr(direct).low == Tristate::Yes
    {
        return Some(By::Itself);
    }
    let strength = match kind {
        Kind::Off => Strength::On,
        // For conf an m counts as y for a bool; kconfiglib warns of it (kconfiglib.py, `tri_value`).
        Kind::Module if target.ty != ValueType::Tristate && !model.behaviour.is_kconfiglib() => {
            return Some(By::Itself);
        }
        Kind::Module => Strength::Yes,
    };
    let follows = known.follows(select.level, strength, direct);
    follows.then_some(By::Consequence(direct))
}

/// A pair that is unmet in a way: selector, selectee, and how.
pub type UnmetPair = (SymbolId, SymbolId, Kind);

/// Whether any of the selects asked about is unmet, or undecided.
pub fn is_any(context: &mut Context<'_>, asked: Asked<'_>) -> bool {
    sorted_pairs(context, asked).iter().any(|pair| {
        context.theory.focus();
        let mut questions = pair.questions.iter();
        questions.any(|(id, kind)| is_possible(context, *id, *kind) != Ok(false))
    })
}

/// What is known of the selects that were asked about.
#[derive(Default)]
pub struct Pairs {
    /// The unmet pairs, with the architectures on which this is their worst kind.
    pub unmet: Vec<(UnmetPair, ArchSet)>,
    /// Selector and selectee of which nobody knows, and on which architectures.
    pub undecided: Vec<(SymbolId, SymbolId, ArchSet)>,
}

/// Every unmet pair asked about, and nothing else about it. Only these architectures are asked about;
/// where a pair is `known` only what would be worse.
pub fn pairs(
    theory: &mut Theory,
    asked: Asked<'_>,
    on: ArchSet,
    known: &dyn Fn(UnmetPair) -> ArchSet,
) -> Pairs {
    let model = theory.model().clone();
    let open = open_selects(&model, theory.bounds(), asked, on);
    let pair = |it: &OpenSelect| (model.select(it.id).selector, model.select(it.id).target);
    let mut found = Pairs::default();
    // Questions about one target share most of their work.
    for statements in open.chunk_by(|a, b| pair(a) == pair(b)) {
        theory.focus();
        let (selector, target) = pair(&statements[0]);
        let (mut settled, mut undecided) = (ArchSet::EMPTY, ArchSet::EMPTY);
        for kind in [Kind::Off, Kind::Module] {
            settled |= known((selector, target, kind));
            let mut unmet = ArchSet::EMPTY;
            for OpenSelect { id, on } in statements {
                let rest = on[kind as usize].without(settled | unmet);
                let own = unmet_on(theory, *id, kind, rest);
                unmet |= own.holds;
                undecided |= own.undecided;
            }
            if !unmet.is_empty() {
                found.unmet.push(((selector, target, kind), unmet));
            }
            settled |= unmet;
        }
        if !undecided.is_empty() {
            found.undecided.push((selector, target, undecided));
        }
    }
    found
}

/// A select that only the solver can decide, with the architectures on which cheap reasons do not
/// settle each kind.
struct OpenSelect {
    id: SelectId,
    on: [ArchSet; 2],
}

/// These, in runs of one target, and in each of one selector.
fn open_selects(
    model: &Model,
    bounds: &Bounds,
    asked: Asked<'_>,
    these: ArchSet,
) -> Vec<OpenSelect> {
    let mut known = Consequences::new(model, bounds);
    let mut open = Vec::new();
    for (at, select) in model.selects.iter().enumerate() {
        let id = SelectId(at as u32);
        if asked(select) {
            let on = open_kinds(model, bounds, &mut known, id).map(|on| on & these);
            open.extend((on != [ArchSet::EMPTY; 2]).then_some(OpenSelect { id, on }));
        }
    }
    open.sort_by_key(|it| {
        let select = model.select(it.id);
        (select.target, select.selector)
    });
    open
}

/// For each kind, the architectures on which cheap reasons do not settle a select.
fn open_kinds(
    model: &Model,
    bounds: &Bounds,
    known: &mut Consequences<'_>,
    id: SelectId,
) -> [ArchSet; 2] {
    let mut open = [ArchSet::EMPTY; 2];
    let select = model.select(id);
    let target = model.symbol(select.target);
    let Some(direct) = target.direct.filter(|_| selects::is_in_question(model, id)) else {
        return open;
    };
    let here = bounds.open_on(select.level, direct);
    for (kind, strength) in [(Kind::Off, Strength::On), (Kind::Module, Strength::Yes)] {
        let can_be = kind == Kind::Off || target.ty == ValueType::Tristate;
        if can_be && !here.is_empty() && !known.follows_on(here, select.level, strength, direct) {
            open[kind as usize] = here;
        }
    }
    open
}

/// On which of these architectures a select is unmet in this way.
fn unmet_on(theory: &mut Theory, id: SelectId, kind: Kind, on: ArchSet) -> Somewhere {
    let nowhere = Somewhere::default();
    if on.is_empty() {
        return nowhere;
    }
    let digest = digest(theory, id, kind, on);
    if theory.refuted(digest).is_some() {
        return nowhere;
    }
    let question = question(theory, id, kind);
    let unmet = theory.holds_on(&question, on);
    if unmet != nowhere {
        return unmet;
    }
    if theory.model().has_tristate_before_modules {
        return match is_unmet_later(theory, id, kind) {
            Ok(true) => Somewhere {
                holds: on,
                ..nowhere
            },
            Ok(false) => nowhere,
            Err(_) => Somewhere {
                undecided: on,
                ..nowhere
            },
        };
    }
    theory.share_refutation(digest);
    nowhere
}
/// The open pairs, each once. Questions about one target share most of their work.
fn sorted_pairs(context: &mut Context<'_>, asked: Asked<'_>) -> Vec<Open> {
    let mut pairs = open_pairs(context, asked);
    pairs.sort_by_key(|pair| (pair.target, pair.selector));
    pairs.dedup_by(|next, first| {
        let same = (next.target, next.selector) == (first.target, first.selector);
        if same {
            first.questions.append(&mut next.questions);
        }
        same
    });
    pairs
}

fn check_pair(context: &mut Context<'_>, questions: &[(SelectId, Kind)]) -> Option<Unmet> {
    [Kind::Off, Kind::Module].into_iter().find_map(|kind| {
        let ids: Vec<SelectId> = questions
            .iter()
            .filter(|(id, asked)| *asked == kind && is_unmet_somewhere(context, *id, kind))
            .map(|(id, _)| *id)
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

/// What holds while a select is unmet in this way.
fn question(theory: &mut Theory, id: SelectId, kind: Kind) -> Question {
    let level = theory.level(id);
    let target = theory.model().select(id).target;
    let direct = theory.direct(target);
    match kind {
        Kind::Off => vec![level.on, !direct.on],
        Kind::Module => vec![level.yes, direct.on, !direct.yes],
    }
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

/// The question whether a select can be unmet in this way on one of these architectures.
fn digest(theory: &mut Theory, id: SelectId, kind: Kind, on: ArchSet) -> Digest {
    let model = theory.model().clone();
    let target = model.symbol(model.select(id).target);
    let asked = [model.select(id).level, target.direct.unwrap_or(Exprs::YES)];
    let is_tristate = target.ty == ValueType::Tristate && !target.before_modules;
    theory.digest(2 * (kind as u64) + u64::from(is_tristate), on, &asked)
}

/// Whether some configuration has a select unmet in this way, or why nobody knows.
fn is_possible(context: &mut Context<'_>, id: SelectId, kind: Kind) -> Result<bool, Cause> {
    let model = context.model;
    let digest = digest(context.theory, id, kind, model.menu.on);
    if let Some(grounds) = context.theory.refuted(digest) {
        context.keep(id, &grounds);
        return Ok(false);
    }
    let asked = question(context.theory, id, kind);
    let holds = context.theory.holds(&asked);
    if holds.map_err(|Undecided| Cause::Effort)? {
        return Ok(true);
    }
    if model.has_tristate_before_modules {
        // Nothing is kept of such a model: what is safe in one order may not be so in another.
        return is_unmet_later(context.theory, id, kind);
    }
    let grounds = context.theory.share_refutation(digest);
    context.keep(id, &grounds);
    Ok(false)
}

/// Whether a select is unmet in this way if conf computes what MODULES depends on at any moment.
fn is_unmet_later(theory: &mut Theory, id: SelectId, kind: Kind) -> Result<bool, Cause> {
    let Some(inputs) = unmet_later(theory, id, kind).map_err(|Undecided| Cause::Order)? else {
        return Ok(false);
    };
    let model = theory.model().clone();
    let mut evaluator = Evaluator::new(&model, &inputs);
    let target = model.select(id).target;
    match is_unmet(&mut evaluator, id, target, kind) {
        true => Ok(true),
        false => Err(Cause::Order),
    }
}

/// A configuration of that kind.
fn unmet_later(theory: &mut Theory, id: SelectId, kind: Kind) -> Result<Option<Inputs>, Undecided> {
    let any_order = theory.any_order();
    // Which answer is shown must not depend on what was asked before.
    any_order.restart();
    let question = question(any_order, id, kind);
    any_order.solve(&question)
}

/// Whether a select is unmet in this way, in the evaluator's eyes.
fn is_unmet(evaluator: &mut Evaluator<'_>, id: SelectId, target: SymbolId, kind: Kind) -> bool {
    let level = evaluator.level(id);
    let direct = evaluator.direct(target);
    match kind {
        Kind::Off => level > Tristate::No && direct == Tristate::No,
        Kind::Module => level == Tristate::Yes && direct == Tristate::Module,
    }
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
        let ask = |value: &Tri| match kind {
            Kind::Off => vec![level.on, !value.on],
            Kind::Module => vec![level.yes, value.on, !value.yes],
        };
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
