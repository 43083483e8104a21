// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which selects are unmet: cheap reasons first, then the solver.
//!
//! One architecture is the case of one. Who wants configurations and words asks `super::check`; `pairs`
//! says only where a pair is unmet.

use std::sync::Arc;

use rayon::prelude::*;

use super::Kind;
use crate::logic::{
    Basis, Bounds, Consequences, Evaluator, Inputs, Proofs, Question, Somewhere, Strength, Theory,
    Undecided,
};
use crate::model::{Digest, Exprs, Model, Select, SelectId, SymbolId, Tristate, ValueType};
use crate::rules::undecided::Cause;
use crate::rules::{Context, selects};
use crate::tree::ArchSet;

/// Which selects are asked about.
pub type Asked<'a> = &'a dyn Fn(&Select) -> bool;

/// A pair that is unmet in a way: selector, selectee, and how.
pub type UnmetPair = (SymbolId, SymbolId, Kind);

/// What is known of the selects that were asked about.
#[derive(Default)]
pub struct Pairs {
    /// The unmet pairs, with the architectures on which this is their worst kind.
    pub unmet: Vec<(UnmetPair, ArchSet)>,
    /// Selector and selectee of which nobody knows, and on which architectures.
    pub undecided: Vec<(SymbolId, SymbolId, ArchSet)>,
}

/// Whether any of the selects asked about is unmet, or undecided.
pub fn is_any(context: &mut Context<'_>, asked: Asked<'_>) -> bool {
    open_here(context, asked).iter().any(|select| {
        context.theory.focus();
        let mut kinds = select.kinds();
        kinds.any(|kind| is_possible(context, select.id, kind) != Ok(false))
    })
}

/// Every unmet pair asked about, and nothing else about it. Only these architectures are asked about,
/// which have no cycle; where a pair is `known` only what would be worse.
pub fn pairs(
    theory: &mut Theory,
    asked: Asked<'_>,
    on: ArchSet,
    known: &dyn Fn(UnmetPair) -> ArchSet,
) -> Pairs {
    let model = theory.model().clone();
    let open = open_selects(&model, theory.bounds(), asked, on);
    let mut found = Pairs::default();
    for statements in of_pairs(&model, &open) {
        found.add(theory, statements, known);
    }
    found
}

/// The same of a model, whatever is known, by several threads. Each has a theory of its own.
pub fn pairs_in_parallel(
    basis: &Basis,
    proofs: &Arc<Proofs>,
    asked: Asked<'_>,
    on: ArchSet,
) -> Pairs {
    let model = basis.model();
    let open = open_selects(model, basis.bounds(), asked, on);
    let all: Vec<&[OpenSelect]> = of_pairs(model, &open).collect();
    let size = all
        .len()
        .div_ceil(PARTS_OF_A_THREAD * rayon::current_num_threads());
    let parts = all.par_chunks(size.max(1)).map(|part| {
        let mut theory = Theory::over(basis.clone(), proofs.clone());
        let mut found = Pairs::default();
        for statements in part {
            found.add(&mut theory, statements, &|_| ArchSet::EMPTY);
        }
        found
    });
    let parts: Vec<Pairs> = parts.collect();
    let mut all = Pairs::default();
    for part in parts {
        all.unmet.extend(part.unmet);
        all.undecided.extend(part.undecided);
    }
    all
}

/// So that all threads end at the same time. Each part asks some questions that another one has, too.
const PARTS_OF_A_THREAD: usize = 2;

impl Pairs {
    /// Decides the statements of one pair.
    fn add(
        &mut self,
        theory: &mut Theory,
        statements: &[OpenSelect],
        known: &dyn Fn(UnmetPair) -> ArchSet,
    ) {
        let model = theory.model().clone();
        theory.focus();
        let select = model.select(statements[0].id);
        let (selector, target) = (select.selector, select.target);
        let (mut settled, mut undecided) = (ArchSet::EMPTY, ArchSet::EMPTY);
        for kind in Kind::ALL {
            settled |= known((selector, target, kind));
            let mut unmet = ArchSet::EMPTY;
            for OpenSelect { id, on } in statements {
                let rest = on[kind as usize].without(settled | unmet);
                let own = ask(theory, *id, kind, rest).unmet;
                unmet |= own.holds;
                undecided |= own.undecided;
            }
            if !unmet.is_empty() {
                self.unmet.push(((selector, target, kind), unmet));
            }
            settled |= unmet;
        }
        if !undecided.is_empty() {
            self.undecided.push((selector, target, undecided));
        }
    }
}

/// A select that only the solver can decide, with the architectures on which cheap reasons do not
/// settle each kind.
pub(super) struct OpenSelect {
    pub(super) id: SelectId,
    on: [ArchSet; 2],
}

impl OpenSelect {
    /// The kinds that are open somewhere.
    pub(super) fn kinds(&self) -> impl Iterator<Item = Kind> + '_ {
        let kinds = Kind::ALL.into_iter();
        kinds.filter(|kind| !self.on[*kind as usize].is_empty())
    }
}

/// The selects that cheap reasons do not settle on the architecture of the context: one that can never be
/// active, a target that needs nothing, a dependency that follows from what is written.
pub(super) fn open_here(context: &Context<'_>, asked: Asked<'_>) -> Vec<OpenSelect> {
    let (model, all) = (context.model, context.model.menu.on);
    open_selects(model, context.theory.bounds(), asked, all)
}

/// In runs of one pair each: questions about one target share most of their work.
pub(super) fn of_pairs<'o>(
    model: &'o Model,
    open: &'o [OpenSelect],
) -> impl Iterator<Item = &'o [OpenSelect]> {
    let pair = |it: &OpenSelect| (model.select(it.id).selector, model.select(it.id).target);
    open.chunk_by(move |a, b| pair(a) == pair(b))
}

/// In runs of one target, and in each of one selector.
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
    if here.is_empty() {
        return open;
    }
    for (kind, strength) in [(Kind::Off, Strength::On), (Kind::Module, Strength::Yes)] {
        if kind == Kind::Module && !model.can_be_half_met(select.target) {
            continue;
        }
        if !known.follows_on(here, select.level, strength, direct) {
            open[kind as usize] = here;
        }
    }
    open
}

/// The answer of the solver.
struct Answer {
    unmet: Somewhere,
    /// Why nobody knows, where nobody does.
    cause: Cause,
}

/// On which of these architectures a select is unmet in this way.
fn ask(theory: &mut Theory, id: SelectId, kind: Kind, on: ArchSet) -> Answer {
    let mut answer = Answer {
        unmet: Somewhere::default(),
        cause: Cause::Effort,
    };
    if on.is_empty() {
        return answer;
    }
    let digest = digest(theory, id, kind, on);
    if theory.is_refuted(digest) {
        return answer;
    }
    let question = question(theory, id, kind);
    let target = theory.model().select(id).target;
    let mut shown = |evaluator: &mut Evaluator<'_>| is_unmet(evaluator, id, target, kind);
    answer.unmet = theory.holds_where(&question, on, &mut shown);
    if answer.unmet != Somewhere::default() {
        return answer;
    }
    if theory.model().has_tristate_before_modules {
        // Nothing is kept of such a model: what is safe in one order may not be so in another.
        match is_unmet_later(theory, id, kind) {
            Ok(true) => answer.unmet.holds = on,
            Ok(false) => {}
            Err(cause) => {
                answer.unmet.undecided = on;
                answer.cause = cause;
            }
        }
        return answer;
    }
    theory.share_refutation(digest);
    answer
}

/// Whether some configuration of the context's architecture has a select unmet in this way, or why nobody
/// knows.
pub(super) fn is_possible(
    context: &mut Context<'_>,
    id: SelectId,
    kind: Kind,
) -> Result<bool, Cause> {
    let answer = ask(context.theory, id, kind, context.model.menu.on);
    if !answer.unmet.holds.is_empty() {
        return Ok(true);
    }
    if !answer.unmet.undecided.is_empty() {
        return Err(answer.cause);
    }
    Ok(false)
}

/// What holds while a select is unmet in this way.
pub(super) fn question(theory: &mut Theory, id: SelectId, kind: Kind) -> Question {
    let level = theory.level(id);
    let target = theory.model().select(id).target;
    let direct = theory.direct(target);
    match kind {
        Kind::Off => vec![level.on, !direct.on],
        Kind::Module => vec![level.yes, direct.on, !direct.yes],
    }
}

/// The question whether a select can be unmet in this way on one of these architectures.
fn digest(theory: &mut Theory, id: SelectId, kind: Kind, on: ArchSet) -> Digest {
    let model = theory.model().clone();
    let target = model.symbol(model.select(id).target);
    let asked = [model.select(id).level, target.direct.unwrap_or(Exprs::YES)];
    let is_tristate = target.ty == ValueType::Tristate && !target.before_modules;
    theory.digest(2 * (kind as u64) + u64::from(is_tristate), on, &asked)
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
pub(super) fn unmet_later(
    theory: &mut Theory,
    id: SelectId,
    kind: Kind,
) -> Result<Option<Inputs>, Undecided> {
    let any_order = theory.any_order();
    // Which answer is shown must not depend on what was asked before.
    any_order.restart();
    let question = question(any_order, id, kind);
    any_order.solve(&question)
}

/// Whether a select is unmet in this way, in the evaluator's eyes.
pub(super) fn is_unmet(
    evaluator: &mut Evaluator<'_>,
    id: SelectId,
    target: SymbolId,
    kind: Kind,
) -> bool {
    let level = evaluator.level(id);
    let direct = evaluator.direct(target);
    match kind {
        Kind::Off => level > Tristate::No && direct == Tristate::No,
        Kind::Module => level == Tristate::Yes && direct == Tristate::Module,
    }
}
