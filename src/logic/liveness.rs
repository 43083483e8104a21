// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which symbols no configuration can switch on.
//!
//! Most can be, and one configuration shows it of thousands at once, so the solver is asked
//! about the few that are left.

use super::evaluate::{Evaluator, Inputs, UserValue};
use super::gates::Bit;
use super::theory::Theory;
use crate::model::{Model, SymbolId, Tristate};

/// What is given beside a question.
pub type Given<'g> = dyn Fn(&mut Theory) -> Vec<Bit> + 'g;

/// Those of `symbols` that are off in every configuration in which `given` holds; what is neither
/// bool nor tristate is left out.
pub fn dead(theory: &mut Theory, symbols: &[SymbolId], given: Option<&Given<'_>>) -> Vec<SymbolId> {
    let model = theory.model().clone();
    let is_logical = |id: &SymbolId| model.symbol(*id).ty.is_logical();
    let mut open: Vec<SymbolId> = symbols.iter().copied().filter(is_logical).collect();
    if given.is_none() {
        retain_off(&model, &everything(&model), &mut open);
    }
    let mut dead = Vec::new();
    while let Some(id) = open.pop() {
        theory.focus();
        if theory.bounds().symbol(id).high == Tristate::No {
            dead.push(id);
            continue;
        }
        let mut question = given.map_or_else(Vec::new, |given| given(theory));
        question.push(theory.symbol(id).on);
        match theory.solve(&question) {
            Some(inputs) => retain_off(&model, &inputs, &mut open),
            None => dead.push(id),
        }
    }
    dead.reverse();
    dead
}

/// The user says y wherever he is asked.
fn everything(model: &Model) -> Inputs {
    let asked = model.symbol_ids().filter(|(_, symbol)| {
        symbol.ty.is_logical() && symbol.member_of.is_none() && !symbol.prompts.is_empty()
    });
    let yes = UserValue::Logical(Tristate::Yes);
    Inputs {
        user: asked.map(|(id, _)| (id, yes)).collect(),
        ..Inputs::default()
    }
}

fn retain_off(model: &Model, inputs: &Inputs, open: &mut Vec<SymbolId>) {
    if open.is_empty() {
        return;
    }
    let mut evaluator = Evaluator::new(model, inputs);
    open.retain(|id| evaluator.value(*id) == Tristate::No);
}
