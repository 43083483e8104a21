// SPDX-License-Identifier: MIT OR Apache-2.0
//! The remarks of `-v`: selects that are safe only because an architecture fixes a value.
//!
//! They belong to unmet-dependency and are no findings.

use super::Context;
use super::selects;
use super::unmet_dependency::RULE;
use crate::diagnostic::{Diagnostic, Label, Level};
use crate::model::{Expr, ExprId, Model, SelectId, Tristate};
use crate::source::Span;

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
