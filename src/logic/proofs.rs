// SPDX-License-Identifier: MIT OR Apache-2.0
//! What one architecture has refuted, another need not ask again.
//!
//! A refutation rests on the question and on some definitions. Where another architecture has
//! the same question and the same definitions, to the letter, the answer is the same. Both are
//! compared by digest: 128 bits over everything that the encoder reads, with a seed that
//! differs from run to run, so that no tree can be made to collide.
//!
//! It must hold every input of `encode` and its kin: a definition that reads something else in
//! the future has to put it into its digest too.

use std::sync::{Arc, PoisonError, RwLock};

use rustc_hash::FxHashMap;

use super::bounds::Bounds;
use super::domain::{Domains, Source};
use super::effort::Effort;
use super::encode;
use super::on_demand::Group;
use crate::menu::command::{Form, Meaning, Output, TestId};
use crate::model::{
    DefaultValue, Digest, Expr, ExprId, Model, Operand, Select, SelectId, SymbolId, ValueType,
};
use crate::source::Name;
use crate::tree::ArchSet;

/// A definition by names, so that another architecture can find its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    Toolchain,
    Value(Name),
    Reverse(Name),
}

impl Part {
    fn group(self, model: &Model) -> Option<Group> {
        Some(match self {
            Part::Toolchain => Group::Toolchain,
            Part::Value(name) => encode::group_of(model, model.symbol_of(name)?),
            Part::Reverse(name) => Group::Reverse(model.symbol_of(name)?),
        })
    }
}

/// Definitions, with their digests, that refute a question together.
type Refutation = Vec<(Part, Digest)>;

/// What the theories of a run share: the refutations of all architectures, and the effort.
#[derive(Default)]
pub struct Proofs {
    /// What a question may take.
    pub(super) effort: Effort,
    known: RwLock<FxHashMap<Digest, Vec<Refutation>>>,
}

/// Different ways to refute one question that are kept.
const MOST_REFUTATIONS: usize = 6;

impl Proofs {
    /// Nothing is refuted yet, for questions that may take the same effort.
    pub fn emptied(&self) -> Arc<Proofs> {
        Proofs::within(self.effort)
    }

    /// Nothing is refuted yet. No question may take more than this effort.
    pub fn within(effort: Effort) -> Arc<Proofs> {
        Arc::new(Proofs {
            effort,
            ..Proofs::default()
        })
    }

    /// Whether, by what is known, the definitions of `digests` refute `question`.
    pub(super) fn refutes(
        &self,
        question: Digest,
        digests: &mut Digests,
        context: &Read<'_>,
    ) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let mut refutations = known.get(&question).into_iter().flatten();
        let mut is_same =
            |(part, digest): &(Part, Digest)| digests.part(*part, context) == Some(*digest);
        refutations.any(|refutation| refutation.iter().all(&mut is_same))
    }

    /// Keeps what refuted `question`.
    pub(super) fn learn(
        &self,
        question: Digest,
        groups: &[Group],
        digests: &mut Digests,
        context: &Read<'_>,
    ) {
        let mut refutation = Vec::with_capacity(groups.len());
        for group in groups {
            let Some(part) = part_of(*group, context.model) else {
                return;
            };
            refutation.push((part, digests.group(*group, context)));
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let all = known.entry(question).or_default();
        if all.len() < MOST_REFUTATIONS {
            all.push(refutation);
        }
    }
}

/// A nameless choice goes by its first member that is defined with it.
fn part_of(group: Group, model: &Model) -> Option<Part> {
    let name = |id: SymbolId| {
        let symbol = model.symbol(id);
        let members = symbol.choice.map(|choice| &model.choice(choice).members);
        let mut members = members.into_iter().flatten().map(|id| model.symbol(*id));
        let first = members.find(|member| member.ty.is_logical());
        first.unwrap_or(symbol).name
    };
    Some(match group {
        Group::Toolchain => Part::Toolchain,
        Group::Value(id) => Part::Value(name(id)?),
        Group::Reverse(id) => Part::Reverse(model.symbol(id).name?),
    })
}

/// What digests are made of.
pub(super) struct Read<'a> {
    pub(super) model: &'a Model,
    pub(super) bounds: &'a Bounds,
    pub(super) domains: &'a Domains,
}

/// The digests of one architecture, made when they are asked for.
pub(super) struct Digests {
    seed: Digest,
    exprs: Vec<Option<Digest>>,
    symbols: Vec<Option<Digest>>,
    groups: FxHashMap<Group, Digest>,
    outputs: FxHashMap<Output, Digest>,
}

impl Digests {
    pub(super) fn new(context: &Read<'_>) -> Digests {
        let model = context.model;
        let mut digests = Digests {
            seed: Digest::seed(),
            exprs: vec![None; model.exprs.len()],
            symbols: vec![None; model.symbols.len()],
            groups: FxHashMap::default(),
            outputs: FxHashMap::default(),
        };
        // Whether m counts as y hangs on MODULES everywhere. What holds for one of several architectures
        // is no proof for all of them.
        let modules = match model.modules {
            Some(id) => digests.symbol(id, context),
            None => digests.seed.with(0),
        };
        digests.seed = modules.with(model.menu.on.len() as u64);
        digests
    }

    /// A question about expressions; `kind` tells apart what is asked of them. Without `on` it is
    /// asked on all architectures.
    pub(super) fn question(
        &mut self,
        kind: u64,
        on: Option<ArchSet>,
        exprs: &[ExprId],
        context: &Read<'_>,
    ) -> Digest {
        let mut all = self.seed.with(kind);
        if let Some(on) = on {
            all = all.with(on.bits());
        }
        for id in exprs {
            all = all.and(self.expr(*id, context));
        }
        all
    }

    fn part(&mut self, part: Part, context: &Read<'_>) -> Option<Digest> {
        let group = part.group(context.model)?;
        Some(self.group(group, context))
    }

    fn group(&mut self, group: Group, context: &Read<'_>) -> Digest {
        if let Some(&known) = self.groups.get(&group) {
            return known;
        }
        let model = context.model;
        let mut all = self.seed;
        match group {
            Group::Toolchain => {
                for assumption in &model.menu.assumptions {
                    let output = self.output(&assumption.never_yes, context);
                    all = all.and(output).with(assumption.on.bits());
                }
            }
            Group::Reverse(id) => {
                let symbol = model.symbol(id);
                all = all.and(self.symbol(id, context));
                all = all.and(self.expr(symbol.self_select, context));
                all = self.levels(all, &symbol.selected_by, |id| model.select(id), context);
            }
            Group::Value(id) => {
                all = self.definition(all, id, context);
                if let Some(choice) = model.symbol(id).choice {
                    for member in &model.choice(choice).members {
                        all = self.definition(all, *member, context);
                    }
                }
            }
        }
        self.groups.insert(group, all);
        all
    }

    fn levels<'m>(
        &mut self,
        mut all: Digest,
        ids: &[SelectId],
        select: impl Fn(SelectId) -> &'m Select,
        context: &Read<'_>,
    ) -> Digest {
        all = all.with(ids.len() as u64);
        for id in ids {
            all = all.and(self.expr(select(*id).level, context));
        }
        all
    }

    /// Everything that defines a symbol. The selects of it count where the encoder makes no
    /// group of their own of them.
    fn definition(&mut self, mut all: Digest, id: SymbolId, context: &Read<'_>) -> Digest {
        let model = context.model;
        let symbol = model.symbol(id);
        all = all.and(self.symbol(id, context));
        all = all.with(u64::from(symbol.transitional));
        all = all.and(self.expr(symbol.self_select, context));
        all = match symbol.direct {
            Some(direct) => all.and(self.expr(direct, context)),
            None => all.with(0),
        };
        all = all.with(symbol.prompts.len() as u64);
        for prompt in &symbol.prompts {
            all = all.and(self.expr(prompt.condition, context));
        }
        all = all.with(symbol.defaults.len() as u64);
        for default in &symbol.defaults {
            all = all.and(self.expr(default.condition, context));
            all = match default.value {
                DefaultValue::Logical(value) => all.and(self.expr(value, context)),
                DefaultValue::Text(operand) => all.and(self.operand(operand, context)),
                DefaultValue::Invalid(_) => all.with(1),
            };
        }
        all = all.with(symbol.ranges.len() as u64);
        for range in &symbol.ranges {
            all = all.and(self.expr(range.condition, context));
            all = all.and(self.operand(range.low, context));
            all = all.and(self.operand(range.high, context));
        }
        all = self.levels(all, &symbol.implied_by, |id| model.imply(id), context);
        if !encode::has_reverse_group(model, id) {
            all = self.levels(all, &symbol.selected_by, |id| model.select(id), context);
        }
        all
    }

    /// What there is to a symbol that is only mentioned.
    fn symbol(&mut self, id: SymbolId, context: &Read<'_>) -> Digest {
        if let Some(known) = self.symbols[id.0 as usize] {
            return known;
        }
        let symbol = context.model.symbol(id);
        let bounds = context.bounds.symbol(id);
        let mut all = self
            .seed
            .name(symbol.name)
            .with(symbol.ty as u64)
            .with(u64::from(symbol.before_modules))
            .with(bounds.low as u64)
            .with(bounds.high as u64)
            .with(u64::from(symbol.member_of.is_some()));
        let is_text = !symbol.ty.is_logical() && symbol.ty != ValueType::Unknown;
        if is_text {
            all = self.domain(all, &Source::Symbol(id), context);
        }
        self.symbols[id.0 as usize] = Some(all);
        all
    }

    fn domain(&mut self, mut all: Digest, source: &Source, context: &Read<'_>) -> Digest {
        for text in context.domains.of(source) {
            all = all.name(Some(text));
        }
        all.name(context.domains.other(source))
    }

    fn operand(&mut self, operand: Operand, context: &Read<'_>) -> Digest {
        match operand {
            Operand::Symbol(id) => self.seed.with(0).and(self.symbol(id, context)),
            Operand::Constant(text) => self.seed.with(1).name(Some(text)),
            Operand::Output(id) => {
                let output = self.output(context.model.output(id), context);
                self.seed.with(2).and(output)
            }
        }
    }

    /// An expression; on a stack of its own, since hostile ones nest deeper than a thread's.
    fn expr(&mut self, id: ExprId, context: &Read<'_>) -> Digest {
        if let Some(known) = self.exprs[id.0 as usize] {
            return known;
        }
        let exprs = &context.model.exprs;
        let mut open = vec![id];
        while let Some(&id) = open.last() {
            if self.exprs[id.0 as usize].is_some() {
                open.pop();
                continue;
            }
            let waiting = open.len();
            let unknown = exprs.children(id);
            open.extend(unknown.filter(|below| self.exprs[below.0 as usize].is_none()));
            if open.len() == waiting {
                open.pop();
                self.exprs[id.0 as usize] = Some(self.node(id, context));
            }
        }
        self.exprs[id.0 as usize].unwrap_or(self.seed)
    }

    fn node(&mut self, id: ExprId, context: &Read<'_>) -> Digest {
        let below = |digests: &Digests, id: ExprId| digests.exprs[id.0 as usize];
        let pair = |digests: &Digests, all: Digest, ids: [ExprId; 2]| {
            let known = ids.iter().filter_map(|id| below(digests, *id));
            known.fold(all, Digest::and)
        };
        match context.model.exprs.get(id) {
            Expr::Const(value) => self.seed.with(10).with(value as u64),
            Expr::On(these) => self.seed.with(18).with(these.bits()),
            Expr::Symbol(id) => self.seed.with(11).and(self.symbol(id, context)),
            Expr::Test(id) => self.seed.with(12).and(self.test(id, context)),
            Expr::Prints(id, text) => {
                let output = self.output(context.model.output(id), context);
                self.seed.with(13).and(output).name(Some(text))
            }
            Expr::Not(x) => below(self, x).map_or(self.seed, |x| self.seed.with(14).and(x)),
            Expr::And(x, y) => pair(self, self.seed.with(15), [x, y]),
            Expr::Or(x, y) => pair(self, self.seed.with(16), [x, y]),
            Expr::Compare(op, left, right) => {
                let (left, right) = (self.operand(left, context), self.operand(right, context));
                self.seed.with(17).with(op as u64).and(left).and(right)
            }
        }
    }

    /// A test is what it means, or its text.
    fn test(&mut self, id: TestId, context: &Read<'_>) -> Digest {
        let tests = &context.model.menu.commands.tests;
        let test = &tests[id.0 as usize];
        match &test.meaning {
            None => {
                let all = self.seed.with(20).and(self.output(&test.text, context));
                let earlier = test.alike.iter().filter(|other| **other < id);
                earlier.fold(all, |all, other| {
                    all.and(self.output(&tests[other.0 as usize].text, context))
                })
            }
            Some(Meaning::Equal {
                left,
                right,
                negated,
            }) => {
                let (left, right) = (self.output(left, context), self.output(right, context));
                let all = self.seed.with(21).with(u64::from(*negated));
                all.and(left).and(right)
            }
            Some(Meaning::Compare { left, op, right }) => {
                let (left, right) = (self.output(left, context), self.output(right, context));
                self.seed.with(22).with(*op as u64).and(left).and(right)
            }
            Some(Meaning::Empty { value, negated }) => {
                let value = self.output(value, context);
                self.seed.with(23).with(u64::from(*negated)).and(value)
            }
        }
    }

    fn output(&mut self, output: &Output, context: &Read<'_>) -> Digest {
        if let Some(&known) = self.outputs.get(output) {
            return known;
        }
        let digest = match output {
            Output::Text(text) => self.seed.with(30).name(Some(*text)),
            Output::Command(id) => {
                let commands = &context.model.menu.commands.commands;
                let command = &commands[id.0 as usize];
                let kind = match (&command.form, command.variable) {
                    (Some(Form::Word { at, .. }), _) => 36 + *at as u64,
                    (Some(Form::Tools(_)), _) => 35,
                    (None, Some(_)) => 34,
                    (None, None) => 31,
                };
                // The domain says which versions, but not on which architectures.
                let tools = context
                    .model
                    .menu
                    .commands
                    .tools_of(*id)
                    .unwrap_or_default();
                let sets = tools.iter().map(|tool| tool.on.bits());
                let all = sets.fold(self.seed.with(kind), Digest::with);
                let all = all.and(self.output(&command.text, context));
                let earlier = command.alike.iter().filter(|other| *other < id);
                let all = earlier.fold(all, |all, other| {
                    all.and(self.output(&Output::Command(*other), context))
                });
                self.domain(all, &Source::Output(output.clone()), context)
            }
            Output::Either {
                test,
                success,
                failure,
            } => {
                let test = self.test(*test, context);
                let success = self.output(success, context);
                let failure = self.output(failure, context);
                self.seed.with(32).and(test).and(success).and(failure)
            }
            Output::Joined(pieces) => {
                let mut all = self.seed.with(33).with(pieces.len() as u64);
                for piece in pieces {
                    all = all.and(self.output(piece, context));
                }
                all
            }
        };
        self.outputs.insert(output.clone(), digest);
        digest
    }
}
