// SPDX-License-Identifier: MIT OR Apache-2.0
//! policy: the project's own dependency rules, and the type that holds one.

use std::collections::BTreeMap;

use super::pair::{Answer, Pair};
use super::remedy::{Request, Want};
use super::selects::{self, Lack, Missing};
use super::undecided::Cause;
use super::{Check, Context, Group, Rule, Stage};
use crate::diagnostic::{Data, Diagnostic, Label, Level};
use crate::logic::{Bit, Evaluator, Somewhere, Theory, Undecided};
use crate::model::{ExprId, Model, SelectId, SymbolId, Tristate};
use crate::source::{Name, TextRange};
use crate::syntax::ast::{EntryKind, ExprId as AstExprId};
use crate::syntax::{Ast, Notation, SyntaxTree};
use crate::tree::ArchSet;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "policy",
    group: Group::Correctness,
    level: Level::Deny,
    stage: Stage::Theory,
    check: Check::Elsewhere,
    fixable: true,
    since: "0.1.0",
    summary: "a policy of the project is violated by some configuration",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

A policy says what must hold wherever a symbol is selected: *whoever selects
`DRM_GEM_SHMEM_HELPER` must have `MMU`*. The rule finds every select statement that is active in
a configuration in which the required expression does not hold. As with `unmet-dependency` this
is decided over all configurations of all architectures, not by comparing texts: a driver that
depends on an architecture where MMU is always on satisfies the policy.

Policies come from `[[policy]]` in `kconfig-lint.toml`:

```toml
[[policy]]
name = "shmem-needs-mmu"
selectors-of = "DRM_GEM_SHMEM_HELPER"
require = "MMU"
reason = "mmap of shmem buffers inserts page frames: no MMU, no mapping"
alternative = "where there is no MMU, select the DMA helper instead"
```

`shmem-needs-mmu` is built in, and silent in trees without these symbols. Where the target
itself states the requirement, `unmet-dependency` reports the pair and the policy does not.

## Why is this bad

Some requirements are known to the people of a subsystem and not yet written as a dependency of
the helper, or cannot be. Kconfig is silent about them: nothing warns, and the driver fails to
build or to run on the machines that lack what it needs.

## Example

The helper does not state that it needs an MMU, so Kconfig itself sees nothing wrong.

```kconfig,bad
config MMU
	bool "Memory management unit"

config DRM_GEM_SHMEM_HELPER
	bool

config DRM_PANEL_USB
	bool "USB panel"
	select DRM_GEM_SHMEM_HELPER
```

## Use instead

```kconfig,good
config MMU
	bool "Memory management unit"

config DRM_GEM_SHMEM_HELPER
	bool

config DRM_PANEL_USB
	bool "USB panel"
	depends on MMU
	select DRM_GEM_SHMEM_HELPER
```

And where all users need it, state the dependency at the helper as well.
"#;

/// A dependency rule of a project: what must hold wherever a symbol is selected.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Policy {
    /// Its name in reports.
    pub name: String,
    /// The symbol whose direct select statements are checked.
    pub selectors_of: String,
    /// What must hold in every configuration in which such a select is active: a Kconfig
    /// expression.
    pub require: String,
    /// Why, for the report; empty when not given.
    pub reason: String,
    /// What to do where the requirement cannot hold; empty when not given.
    pub alternative: String,
    /// The line of the settings that states the policy; `None` for a policy that ships with this
    /// program. A built-in policy whose symbols the tree lacks is silent, one from the settings
    /// warns.
    pub line: Option<usize>,
    /// Where the settings name the symbol, and where they state the requirement.
    pub places: Option<[TextRange; 2]>,
}

/// The policies that ship with this program, sorted by name.
pub fn builtin() -> Vec<Policy> {
    vec![Policy {
        name: "shmem-needs-mmu".to_owned(),
        selectors_of: "DRM_GEM_SHMEM_HELPER".to_owned(),
        require: "MMU".to_owned(),
        reason: "mmap of shmem buffers inserts page frames: no MMU, no mapping".to_owned(),
        alternative: "where there is no MMU, select the DMA helper instead".to_owned(),
        line: None,
        places: None,
    }]
}

/// A required expression, read.
pub struct Requirement {
    tree: SyntaxTree,
    root: AstExprId,
}

/// Why a text is no expression.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoExpression {
    /// What the parser says.
    pub message: String,
    /// Where in the text, in bytes.
    pub at: usize,
}

impl NoExpression {
    /// What is wrong, then the text with a caret below the place. These two lines are indented.
    pub fn below(&self, text: &str) -> String {
        let shown = |text: &str| text.replace(|letter: char| letter.is_control(), " ");
        let before = text.get(..self.at).unwrap_or(text);
        let gap = " ".repeat(before.chars().count());
        format!("{}\n  {}\n  {gap}^", self.message, shown(text))
    }
}

/// What stands before an expression, to make a statement of it.
const HEAD: &str = "if ";

impl Requirement {
    /// Reads a Kconfig expression.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Requirement, NoExpression> {
        let statement = format!("{HEAD}{text}\nendif\n");
        let tree = SyntaxTree::parse(statement.as_bytes(), Notation::Kconfig);
        if let Some(error) = tree.errors().first() {
            let at = (error.range.start as usize).saturating_sub(HEAD.len());
            return Err(NoExpression {
                message: error.message.clone(),
                at: at.min(text.len()),
            });
        }
        match tree.ast().entries.first().map(|entry| &entry.kind) {
            Some(EntryKind::If(root)) => Ok(Requirement { root: *root, tree }),
            _ => Err(NoExpression {
                message: "this is no expression".to_owned(),
                at: 0,
            }),
        }
    }

    /// Reads an expression whose symbols may be written with the prefix that they have in a
    /// `.config`.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse_prefixed(text: &str, prefix: &str) -> Result<Requirement, NoExpression> {
        let read = Requirement::parse(text)?;
        let words = read.tree.ast().words.iter().filter(|word| !word.quoted);
        let mut places: Vec<usize> = words
            .map(|word| (word.range.start as usize).saturating_sub(HEAD.len()))
            .filter(|at| text.get(*at..).is_some_and(|it| it.starts_with(prefix)))
            .collect();
        if prefix.is_empty() || places.is_empty() {
            return Ok(read);
        }
        places.sort_unstable();
        let mut bare = text.to_owned();
        for at in places.into_iter().rev() {
            bare.replace_range(at..at + prefix.len(), "");
        }
        Requirement::parse(&bare)
    }

    /// The words in it, constants too.
    pub fn words(&self) -> impl Iterator<Item = &'static str> + '_ {
        let words = self.tree.ast().words.iter();
        words
            .filter(|word| !word.quoted)
            .filter_map(|word| word.text)
            .map(Name::as_str)
    }

    /// The expression as it is written.
    pub fn expression(&self) -> (&Ast, AstExprId) {
        (self.tree.ast(), self.root)
    }

    /// The expression in a model, to which it is added.
    pub fn add_to(&self, model: &mut Model) -> ExprId {
        let ast: &Ast = self.tree.ast();
        model.add_expression(ast, self.root)
    }
}

/// A select that violates a policy. One from a check is of one architecture.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// The policy's name.
    pub policy: String,
    /// Why, for the report; may be empty.
    pub reason: String,
    /// What to do where the requirement cannot hold; may be empty.
    pub alternative: String,
    /// The pair.
    pub pair: Pair,
}

/// Every violation of `policy` on one architecture, by the selectors that are asked about. `require` is
/// its expression in the model.
pub fn check(
    context: &mut Context<'_>,
    policy: &Policy,
    require: ExprId,
    asked: &dyn Fn(SymbolId) -> bool,
) -> Vec<Violation> {
    let model = context.model;
    let Some(target) = model.symbol_named(&policy.selectors_of) else {
        return Vec::new();
    };
    let mut by_selector: BTreeMap<SymbolId, Vec<SelectId>> = BTreeMap::new();
    for id in &model.symbol(target).selected_by {
        let selector = model.select(*id).selector;
        if asked(selector) {
            by_selector.entry(selector).or_default().push(*id);
        }
    }
    let mut found = Vec::new();
    for ids in by_selector.into_values() {
        found.extend(check_selector(context, policy, require, &ids));
    }
    found
}

/// Selectors and targets, with the architectures on which they violate a policy, and those on which
/// nobody knows whether they do.
pub type Violators = BTreeMap<(SymbolId, SymbolId), [ArchSet; 2]>;

/// The symbols whose selects violate `policy` on these architectures, and nothing else about them.
pub fn violators(theory: &mut Theory, policy: &Policy, require: ExprId, on: ArchSet) -> Violators {
    let model = theory.model().clone();
    let mut found = Violators::new();
    for (_, target) in model.symbols_named(Name::new(&policy.selectors_of)) {
        for id in &model.symbol(target).selected_by {
            let own = found
                .entry((model.select(*id).selector, target))
                .or_default();
            theory.focus();
            let question = question(theory, *id, require);
            let mut shown = |evaluator: &mut Evaluator<'_>| is_denied(evaluator, *id, require);
            let asked = on.without(own[0]);
            let answer = theory.holds_where(&question, asked, &mut shown);
            own[0] |= answer.holds;
            own[1] |= answer.undecided;
            if answer == Somewhere::default() && is_unsafe_later(theory, require, *id) {
                own[1] |= asked;
            }
        }
    }
    found
}

/// These architectures, on all of which a pair violates what a policy requires, in sets on which the
/// selects that do and the terms that they lack are the same.
pub fn alike(
    theory: &mut Theory,
    pair: (SymbolId, SymbolId),
    require: ExprId,
    on: ArchSet,
) -> Vec<ArchSet> {
    let terms = theory.model().exprs.conjuncts(require);
    let lack = Lack {
        question: &|theory, id, term| question(theory, id, term.unwrap_or(require)).to_vec(),
        holds: &|evaluator, id, term| is_denied(evaluator, id, term.unwrap_or(require)),
    };
    selects::alike(theory, pair, &terms, &lack, on)
}

/// What holds while a select acts against what is required.
fn question(theory: &mut Theory, id: SelectId, require: ExprId) -> [Bit; 2] {
    let required = theory.expr(require);
    [theory.level(id).on, !required.on]
}

/// Whether it does, in the evaluator's eyes.
fn is_denied(evaluator: &mut Evaluator<'_>, id: SelectId, require: ExprId) -> bool {
    evaluator.level(id) > Tristate::No && evaluator.expr(require) == Tristate::No
}

fn check_selector(
    context: &mut Context<'_>,
    policy: &Policy,
    require: ExprId,
    ids: &[SelectId],
) -> Option<Violation> {
    // Which answer is shown must not hang on what was asked before.
    context.theory.restart();
    let required = context.theory.expr(require);
    let mut broken = Vec::new();
    for id in ids {
        let level = context.theory.level(*id);
        match context.theory.solve(&[level.on, !required.on]) {
            Ok(Some(inputs)) => broken.push((*id, inputs)),
            Ok(None) if is_unsafe_later(context.theory, require, *id) => {
                context.leave_open(*id, Some(&policy.name), Cause::Order);
            }
            Ok(None) => {}
            Err(Undecided) => context.leave_open(*id, Some(&policy.name), Cause::Effort),
        }
    }
    let (first, inputs) = broken.first()?;
    let (terms, missing) = missing_terms(context, &broken, require);
    let level = context.theory.level(*first);
    let ids: Vec<SelectId> = broken.iter().map(|(id, _)| *id).collect();
    let broken = vec![level.on, !required.on];
    let answer = Answer {
        ids: &ids,
        missing,
        terms,
        inputs,
        broken,
        policy: Some(&policy.name),
        kind: "",
    };
    let mut holds = |evaluator: &mut Evaluator<'_>| is_denied(evaluator, *first, require);
    let pair = Pair::found(context, answer, &mut holds)?;
    Some(Violation {
        policy: policy.name.clone(),
        reason: policy.reason.clone(),
        alternative: policy.alternative.clone(),
        pair,
    })
}

/// Whether a select may violate a policy when conf computes all values again.
fn is_unsafe_later(theory: &mut Theory, require: ExprId, id: SelectId) -> bool {
    if !theory.model().has_tristate_before_modules {
        return false;
    }
    let theory = theory.any_order();
    let question = [theory.level(id).on, !theory.expr(require).on];
    theory.holds(&question).unwrap_or(true)
}

fn missing_terms<T>(
    context: &mut Context<'_>,
    broken: &[(SelectId, T)],
    require: ExprId,
) -> (Vec<ExprId>, Vec<Missing>) {
    let model = context.model;
    let mut exprs = Vec::new();
    let mut terms = Vec::new();
    for term in model.exprs.conjuncts(require) {
        let value = context.theory.expr(term);
        let open = broken.iter().any(|(id, _)| {
            let level = context.theory.level(*id);
            let question = [level.on, !value.on];
            context.theory.holds(&question).unwrap_or(true)
        });
        if open {
            exprs.push(term);
            terms.push(Missing::new(model, term, None));
        }
    }
    (exprs, terms)
}

impl Violation {
    /// What tells one finding from another.
    pub fn key(&self) -> (String, String, String) {
        let pair = &self.pair;
        (
            pair.selector.clone(),
            pair.selectee.clone(),
            self.policy.clone(),
        )
    }

    /// The finding in words.
    pub fn report(&self, level: Level) -> Diagnostic {
        let pair = &self.pair;
        let first = &pair.statements[0];
        let terms = selects::in_words(&pair.missing);
        let message = format!(
            "{} selects {}, which needs {terms} ({}), {}",
            pair.selector,
            pair.selectee,
            self.policy,
            pair.advice()
        );
        let primary = Label::new(first.span, format!("needs {terms}"));
        let message = pair.with_toolchain(message);
        let mut diagnostic = Diagnostic::new(RULE.name, level, primary, message);
        diagnostic.toolchain.clone_from(&pair.toolchain);
        diagnostic.symbol = Some(pair.selector.clone());
        let enabled = format!("can be enabled while {}", selects::denied(&pair.missing));
        diagnostic.labels.push(Label::new(first.selector, enabled));
        diagnostic.related = pair.statements[1..]
            .iter()
            .map(|statement| Label::new(statement.span, format!("needs {terms} too")))
            .collect();
        diagnostic.architectures = pair.named_architectures();
        self.explain(&mut diagnostic);
        diagnostic.data = Data::Policy {
            policy: self.policy.clone(),
            selector: pair.selector.clone(),
            selectee: pair.selectee.clone(),
            condition: first.condition.as_ref().map(|written| written.text.clone()),
            missing: pair.missing.iter().map(|term| term.term.clone()).collect(),
        };
        diagnostic.lacks.clone_from(&pair.lacks);
        diagnostic.witness = Some(pair.witness.clone());
        diagnostic.fixes = pair.remedy.fixes(&Request {
            selector: &pair.selector,
            selectee: &pair.selectee,
            statements: &pair.statements,
            missing: &pair.needed,
            want: Want::Policy,
        });
        diagnostic
    }

    /// Adds the policy's reason and alternative, also to an unmet dependency of the same pair.
    pub fn explain(&self, diagnostic: &mut Diagnostic) {
        if !self.reason.is_empty() {
            diagnostic.notes.push(format!("because: {}", self.reason));
        }
        if !self.alternative.is_empty() {
            diagnostic.helps.push(self.alternative.clone());
        }
    }
}
