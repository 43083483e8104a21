// SPDX-License-Identifier: MIT OR Apache-2.0
//! unmet-dependency: a `select` that switches on what cannot work there.

use std::collections::BTreeSet;

use super::selects::{self, Missing, Statement};
use super::{Context, Group, Rule, Stage};
use crate::diagnostic::{Applicability, Data, Diagnostic, Fix, Label, Level, Witness};
use crate::logic::{Evaluator, Tri};
use crate::model::{Expr, ExprId, Exprs, Model, SelectId, SymbolId, Tristate, ValueType};
use crate::source::Span;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "unmet-dependency",
    group: Group::Correctness,
    level: Level::Deny,
    stage: Stage::Theory,
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
    /// The symbol whose select it is.
    pub selector: String,
    /// The symbol that is selected.
    pub selectee: String,
    /// How.
    pub kind: Kind,
    /// Architectures, sorted.
    pub architectures: Vec<String>,
    /// The statements that do it, sorted; at least one.
    pub statements: Vec<Statement>,
    /// What they do not imply; the whole dependency when no single term can be named.
    pub missing: Vec<Missing>,
    /// The selects of the selector, and of those above it, that do not imply the missing terms
    /// either: were the selector alone to depend on them, the warning would move there.
    pub above: Vec<Above>,
    /// Whether the selector can be on without being selected.
    pub stands_alone: bool,
    /// Whether the selector can be m: then a plain `depends on` caps it.
    pub selector_is_tristate: bool,
    /// Where the target is defined.
    pub target: Span,
    /// A configuration that shows it, of the first architecture.
    pub witness: Witness,
}

/// A select further up in a chain.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Above {
    /// The symbol whose select it is.
    pub selector: String,
    /// The symbol that is selected, itself a selector in the chain.
    pub selectee: String,
    /// The statement.
    pub statement: Statement,
}

/// Every unmet pair of one architecture, each with its worst kind.
pub fn check(context: &mut Context<'_>) -> Vec<Unmet> {
    let mut pairs: Vec<(SymbolId, SymbolId, Vec<SelectId>)> = Vec::new();
    for (at, select) in context.model.selects.iter().enumerate() {
        let id = SelectId(at as u32);
        if is_open(context, id) {
            pairs.push((select.target, select.selector, vec![id]));
        }
    }
    // Questions about one target share most of their work.
    pairs.sort();
    pairs.dedup_by(|next, first| {
        let same = (next.0, next.1) == (first.0, first.1);
        if same {
            first.2.append(&mut next.2);
        }
        same
    });
    pairs
        .iter()
        .filter_map(|(_, _, statements)| check_pair(context, statements))
        .collect()
}

/// Whether cheap reasons do not settle a select already: it can never be active, its target
/// needs nothing, or its own terms contain the target's.
fn is_open(context: &Context<'_>, id: SelectId) -> bool {
    let model = context.model;
    let select = model.select(id);
    let Some(direct) = model.symbol(select.target).direct else {
        return false;
    };
    if !selects::is_in_question(model, id) {
        return false;
    }
    let bounds = context.theory.bounds();
    if bounds.expr(select.level).high == Tristate::No || bounds.expr(direct).low == Tristate::Yes {
        return false;
    }
    let given = selects::given_terms(model, select);
    let open = |term: &ExprId| {
        bounds.expr(*term).low != Tristate::Yes && !selects::implies(model, &given, *term)
    };
    selects::dependency_terms(model, direct).iter().any(open)
}

fn check_pair(context: &mut Context<'_>, ids: &[SelectId]) -> Option<Unmet> {
    [Kind::Off, Kind::Module].into_iter().find_map(|kind| {
        let broken: Vec<_> = ids
            .iter()
            .filter_map(|id| Some((*id, ask(context, *id, kind)?)))
            .collect();
        let (first, inputs) = broken.first()?;
        let ids: Vec<SelectId> = broken.iter().map(|(id, _)| *id).collect();
        found(context, *first, &ids, kind, inputs)
    })
}

/// A configuration in which a select is unmet in this way.
fn ask(context: &mut Context<'_>, id: SelectId, kind: Kind) -> Option<crate::logic::Inputs> {
    let target = context.model.select(id).target;
    if kind == Kind::Module && context.model.symbol(target).ty != ValueType::Tristate {
        return None;
    }
    let level = context.theory.level(id);
    let direct = context.theory.direct(target);
    match kind {
        Kind::Off => context.theory.solve(&[level.on, !direct.on]),
        Kind::Module => context.theory.solve(&[level.yes, direct.on, !direct.yes]),
    }
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
    first: SelectId,
    ids: &[SelectId],
    kind: Kind,
    inputs: &crate::logic::Inputs,
) -> Option<Unmet> {
    let model = context.model;
    let select = model.select(first);
    let (selector, target) = (select.selector, select.target);
    let missing = missing_terms(context, ids, kind);
    let mut shown: Vec<String> = missing
        .iter()
        .flat_map(|term| term.symbols.clone())
        .collect();
    shown.push(model.name(selector).to_owned());
    let mut holds = |evaluator: &mut Evaluator<'_>| is_unmet(evaluator, first, target, kind);
    let witness = selects::witness(model, context.architecture, inputs, &shown, &mut holds);
    let witness = match witness {
        Ok(witness) => witness,
        Err(error) => {
            let (selector, target) = (model.name(selector), model.name(target));
            let architecture = context.architecture;
            context.internal_errors.push(format!(
                "{selector} selects {target} on {architecture}: {error}"
            ));
            return None;
        }
    };
    let mut statements: Vec<Statement> = ids
        .iter()
        .map(|id| Statement::new(model, context.files, model.select(*id)))
        .collect();
    statements.sort();
    statements.dedup();
    let own = model.symbol(selector);
    let stands_alone =
        !own.prompts.is_empty() || !own.defaults.is_empty() || !own.implied_by.is_empty();
    let above = selects_above(context, selector, target, kind);
    Some(Unmet {
        selector: model.name(selector).to_owned(),
        selectee: model.name(target).to_owned(),
        kind,
        architectures: vec![context.architecture.to_owned()],
        statements,
        missing,
        above,
        stands_alone,
        selector_is_tristate: model.symbol(selector).ty == ValueType::Tristate,
        target: model
            .symbol(target)
            .definitions
            .first()
            .map_or(select.target_span, |it| it.name),
        witness,
    })
}

/// Walks up from `selector`, each select once.
fn selects_above(
    context: &mut Context<'_>,
    selector: SymbolId,
    target: SymbolId,
    kind: Kind,
) -> Vec<Above> {
    let model = context.model;
    let direct = context.theory.direct(target);
    let mut seen = BTreeSet::from([selector]);
    let mut open = vec![selector];
    let mut found = Vec::new();
    while let Some(below) = open.pop() {
        for id in &model.symbol(below).selected_by {
            let level = context.theory.level(*id);
            let carries = match kind {
                Kind::Off => context.theory.holds(&[level.on, !direct.on]),
                Kind::Module => context.theory.holds(&[level.yes, direct.on, !direct.yes]),
            };
            if !carries {
                continue;
            }
            let select = model.select(*id);
            found.push(Above {
                selector: model.name(select.selector).to_owned(),
                selectee: model.name(below).to_owned(),
                statement: Statement::new(model, context.files, select),
            });
            if seen.insert(select.selector) {
                open.push(select.selector);
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// The terms of the target's dependency that an active select does not imply.
fn missing_terms(context: &mut Context<'_>, ids: &[SelectId], kind: Kind) -> Vec<Missing> {
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
    let open = selects::possible(context.theory, terms.len(), &questions);
    let terms: Vec<ExprId> = open.into_iter().map(|at| terms[at]).collect();
    selects::missing(model, target, &terms)
}

impl Unmet {
    /// What tells one finding from another: the pair and the kind.
    pub fn key(&self) -> (String, String, Kind) {
        (self.selector.clone(), self.selectee.clone(), self.kind)
    }

    /// Takes in the same finding of another architecture.
    pub fn merge(&mut self, other: Unmet) {
        self.architectures.extend(other.architectures);
        self.architectures.sort();
        self.architectures.dedup();
        let statements: BTreeSet<Statement> =
            self.statements.drain(..).chain(other.statements).collect();
        self.statements.extend(statements);
        for missing in other.missing {
            if !self.missing.iter().any(|known| known.term == missing.term) {
                self.missing.push(missing);
            }
        }
        let above: BTreeSet<Above> = self.above.drain(..).chain(other.above).collect();
        self.above.extend(above);
        self.stands_alone |= other.stands_alone;
    }

    /// The finding in words.
    pub fn report(&self, level: Level) -> Diagnostic {
        let first = &self.statements[0];
        let terms = selects::in_words(&self.missing);
        let primary = Label::new(first.span, "switched on here, whatever it depends on");
        let mut diagnostic = Diagnostic::new(RULE.name, level, primary, self.message(&terms));
        diagnostic.symbol = Some(self.selector.clone());
        diagnostic.labels = self.labels(first, &terms);
        diagnostic.related = self.statements[1..]
            .iter()
            .map(|statement| {
                let words = format!("{} selects {} here too", self.selector, self.selectee);
                Label::new(statement.span, words)
            })
            .collect();
        diagnostic.architectures = self
            .architectures
            .iter()
            .filter(|name| !name.is_empty())
            .cloned()
            .collect();
        diagnostic.data = Data::Unmet {
            selector: self.selector.clone(),
            selectee: self.selectee.clone(),
            condition: first.condition.clone(),
            missing: self.missing.iter().map(|term| term.term.clone()).collect(),
            level: self.kind.word(),
        };
        diagnostic.witness = Some(self.witness.clone());
        diagnostic.fixes.extend(self.fix());
        diagnostic
    }

    fn message(&self, terms: &str) -> String {
        let (selector, selectee) = (&self.selector, &self.selectee);
        match self.kind {
            Kind::Off if self.missing.is_empty() => format!(
                "{selector} selects {selectee} in a configuration in which its dependencies are \
                 not met"
            ),
            Kind::Off if !self.stands_alone && !self.above.is_empty() => format!(
                "{selector} selects {selectee}, which depends on {terms}, so what selects \
                 {selector} should depend on {terms} too"
            ),
            Kind::Off => format!(
                "{selector} selects {selectee}, which depends on {terms}, so it should depend on \
                 {terms} too"
            ),
            Kind::Module => format!(
                "{selector} builds {selectee} in, which depends on {terms}, and {terms} may be a \
                 module"
            ),
        }
    }

    fn labels(&self, first: &Statement, terms: &str) -> Vec<Label> {
        let enabled = match self.kind {
            _ if self.missing.is_empty() => "can be enabled while they are not met".to_owned(),
            Kind::Off => format!("can be enabled while {}", selects::denied(&self.missing)),
            Kind::Module => format!("can be y while {terms} is only m"),
        };
        let mut labels = vec![Label::new(first.selector, enabled)];
        if let Some(depends) = first.depends.last() {
            let silent = self.missing.iter().all(|term| {
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
        for term in &self.missing {
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
            let words = format!("{} is defined here", self.selectee);
            labels.push(Label::new(self.target, words));
        }
        labels.extend(self.above.iter().take(MOST_ABOVE).map(|above| {
            let words = format!("{} selects {}", above.selector, above.selectee);
            Label::new(above.statement.span, words)
        }));
        labels
    }

    fn fix(&self) -> Option<Fix> {
        if self.kind == Kind::Off || self.selector_is_tristate {
            return self.depend_on(&self.missing);
        }
        // A bool selector counts a dependency of m as y, so the module has to be excluded.
        let strict: Option<Vec<Missing>> = self.missing.iter().map(strictly).collect();
        match strict {
            Some(strict) => self.depend_on(&strict),
            None => Some(Fix::new(
                "exclude configurations in which the dependency is a module",
                Applicability::DisplayOnly,
                Vec::new(),
            )),
        }
    }

    /// The terms go to the selector, and to whatever selects it without them: else the warning
    /// would only move there. A selector that is on only when it is selected needs none.
    fn depend_on(&self, terms: &[Missing]) -> Option<Fix> {
        let own = self
            .statements
            .iter()
            .filter(|_| self.stands_alone || self.above.is_empty());
        let own: Vec<&Statement> = own.collect();
        let above: Vec<&Statement> = self.above.iter().map(|above| &above.statement).collect();
        let all: Vec<&Statement> = own.iter().chain(&above).copied().collect();
        let mut names: Vec<&str> = self
            .above
            .iter()
            .map(|above| above.selector.as_str())
            .collect();
        if !own.is_empty() && !above.is_empty() {
            names.push(&self.selector);
        }
        names.sort_unstable();
        names.dedup();
        selects::depend_on(&names, &all, terms)
    }
}

/// A term that a module does not meet.
fn strictly(missing: &Missing) -> Option<Missing> {
    match &missing.symbols[..] {
        [only] if *only == missing.term => Some(Missing {
            term: format!("{only} = y"),
            ..missing.clone()
        }),
        _ => None,
    }
}

/// Selects further up that are shown as labels.
const MOST_ABOVE: usize = 3;

/// A pair that is safe on every architecture on which the select can be active, and only
/// because those fix a term of the target's dependency.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Fixed {
    /// The symbol whose select it is.
    pub selector: String,
    /// The symbol that is selected.
    pub selectee: String,
    /// The term.
    pub term: String,
    /// The statement.
    pub span: Span,
    /// Whether the select can be active on this architecture.
    pub active: bool,
    /// Whether the term always holds on this architecture.
    pub always: bool,
}

/// For `-v`: terms that a select does not mention, and what this architecture says of them.
pub fn fixed_terms(context: &Context<'_>) -> Vec<Fixed> {
    let model = context.model;
    let bounds = context.theory.bounds();
    let mut all = Vec::new();
    for (at, select) in model.selects.iter().enumerate() {
        let Some(direct) = model.symbol(select.target).direct else {
            continue;
        };
        if !selects::is_in_question(model, SelectId(at as u32)) {
            continue;
        }
        let given = selects::given_terms(model, select);
        for term in selects::dependency_terms(model, direct) {
            if selects::implies(model, &given, term) || !is_plain(model, term) {
                continue;
            }
            all.push(Fixed {
                selector: model.name(select.selector).to_owned(),
                selectee: model.name(select.target).to_owned(),
                term: model.printer().term(term),
                span: select.target_span,
                active: bounds.expr(select.level).high != Tristate::No,
                always: bounds.expr(term).low == Tristate::Yes,
            });
        }
    }
    all.sort();
    all.dedup();
    all
}

fn is_plain(model: &Model, term: ExprId) -> bool {
    matches!(model.exprs.get(term), Expr::Symbol(_))
}

/// The remark on a pair, when architectures on which the select can be active all fix the
/// term and some other does not. `seen` has what each architecture says, by name.
pub fn remark(seen: &[(&str, &Fixed)]) -> Option<Diagnostic> {
    let active: Vec<&str> = seen
        .iter()
        .filter(|(_, fixed)| fixed.active)
        .map(|(name, _)| *name)
        .collect();
    let safe = seen.iter().all(|(_, fixed)| fixed.always || !fixed.active);
    let elsewhere = seen.iter().any(|(_, fixed)| !fixed.always);
    if active.is_empty() || !safe || !elsewhere {
        return None;
    }
    let (_, first) = seen.iter().find(|(_, fixed)| fixed.active)?;
    let message = format!(
        "{} selects {} safely: {} always holds on {}",
        first.selector,
        first.selectee,
        first.term,
        active.join(", ")
    );
    let primary = Label::new(first.span, "safe only because of its architecture");
    let mut remark = Diagnostic::new(RULE.name, Level::Allow, primary, message);
    remark.symbol = Some(first.selector.clone());
    remark.architectures = active.iter().map(|name| (*name).to_owned()).collect();
    Some(remark)
}
