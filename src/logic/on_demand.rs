// SPDX-License-Identifier: MIT OR Apache-2.0
//! Answers a question with as few definitions as it takes.
//!
//! The encoder writes its gates here; nothing reaches the solver before a question needs it.
//! A question starts with its own gates, and the symbols in them free. Without an answer then,
//! there is none with more definitions either. With one, the values that the answer rests on
//! are walked down to what the user and the toolchain decide; each symbol on the way that is
//! still free is a *group* to expand, and the question is put again. When the walk meets none,
//! the answer is a configuration: a definition gives every input a value, so what was not
//! walked cannot disturb it. (Choices and the toolchain are constraints, not definitions; they
//! are walked whole. Where the outputs that count unless something says otherwise contradict what is
//! assumed of the toolchain, every answer rests on the toolchain: `need_toolchain`.)
//!
//! It owns the gates and the solver of the current question. It knows nothing of symbols.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;
use rustsat::types::{Lit, Var};

use super::effort::Undecided;
use super::gates::Bit;
use super::solver::{BatSat, Sink, Solver};
use crate::model::SymbolId;

/// What is defined together: the unit of expansion.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Group {
    /// What is assumed of the toolchain.
    Toolchain,
    /// The value of a symbol; of a choice's symbol, those of all its members.
    Value(SymbolId),
    /// The reverse dependency of a symbol.
    Reverse(SymbolId),
}

/// To what the clauses belong that the encoder writes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// To all questions.
    Everywhere,
    /// To the definition of a group.
    Group(Group),
    /// To variables that make no sense without them, such as the two bits of a tristate.
    Tie,
}

#[derive(Clone, Copy, Debug)]
enum Node {
    /// Free, or defined by a group.
    Leaf,
    And(Lit, Lit),
    /// A part of `inputs`.
    Or(u32, u32),
}

#[derive(Default)]
struct Definition {
    /// Variables with what they are.
    values: Vec<(Lit, Bit)>,
    clauses: Vec<Box<[Lit]>>,
    is_complete: bool,
    /// The instance that it is a part of.
    instance: u32,
    /// The last walk that took its constraints.
    walk: u32,
}

#[derive(Default)]
struct Tie {
    clauses: Vec<Box<[Lit]>>,
    /// The instance that it is a part of.
    instance: u32,
}

const NONE: u32 = u32::MAX;

/// A variable, as the encoder sees it.
#[derive(Clone, Copy)]
struct Known {
    node: Node,
    /// Its group, or `NONE`.
    group: u32,
    /// Its clauses in `ties`, or `NONE`.
    tie: u32,
    /// Its number in the solver, if `instance` is the current one.
    local: u32,
    instance: u32,
    /// The last walk that met it.
    walk: u32,
}

/// Gates, definitions, and the solver of the current question.
pub(super) struct OnDemand {
    known: Vec<Known>,
    inputs: Vec<Lit>,
    ties: Vec<Tie>,
    groups: Vec<Definition>,
    /// What `groups` are, by index.
    names: Vec<Group>,
    /// Where they stand in `groups`.
    indices: FxHashMap<Group, u32>,
    everywhere: Vec<Box<[Lit]>>,
    scope: Scope,
    open_group: usize,
    solver: BatSat,
    instance: u32,
    loaded: u32,
    /// How many variables the first subject of the current solver needed.
    first: u32,
    /// The groups that are loaded, and for each the literal that switches it on.
    expanded: Vec<Group>,
    guards: Vec<Lit>,
    queue: Vec<Var>,
    /// Groups met while loading that were not expanded then, in the order of their meeting.
    met: VecDeque<u32>,
    walk: u32,
    stack: Vec<Lit>,
    needs_toolchain: bool,
}

impl Default for OnDemand {
    fn default() -> OnDemand {
        OnDemand {
            known: Vec::new(),
            inputs: Vec::new(),
            ties: Vec::new(),
            groups: Vec::new(),
            names: Vec::new(),
            indices: FxHashMap::default(),
            everywhere: Vec::new(),
            scope: Scope::Everywhere,
            open_group: 0,
            solver: BatSat::default(),
            instance: 1,
            loaded: 0,
            first: 0,
            expanded: Vec::new(),
            guards: Vec::new(),
            queue: Vec::new(),
            met: VecDeque::new(),
            walk: 0,
            stack: Vec::new(),
            needs_toolchain: false,
        }
    }
}

impl Sink for OnDemand {
    const ON_DEMAND: bool = true;

    fn new_var(&mut self) -> Var {
        let var = Var::new(self.known.len() as u32);
        self.known.push(Known {
            node: Node::Leaf,
            group: NONE,
            tie: NONE,
            local: 0,
            instance: 0,
            walk: 0,
        });
        if self.scope == Scope::Tie {
            self.known[var.idx()].tie = self.ties.len() as u32 - 1;
        }
        var
    }

    fn add_clause(&mut self, clause: &[Lit]) {
        match self.scope {
            Scope::Everywhere => self.everywhere.push(clause.into()),
            Scope::Group(_) => self.groups[self.open_group].clauses.push(clause.into()),
            Scope::Tie => {
                if let Some(tie) = self.ties.last_mut() {
                    tie.clauses.push(clause.into());
                }
            }
        }
    }

    fn and_gate(&mut self, gate: Lit, a: Lit, b: Lit) {
        debug_assert!(gate.is_pos());
        self.known[gate.vidx()].node = Node::And(a, b);
        self.known[gate.vidx()].tie = NONE;
    }

    fn or_gate(&mut self, gate: Lit, inputs: &[Lit]) {
        debug_assert!(gate.is_pos());
        let start = self.inputs.len() as u32;
        self.inputs.extend_from_slice(inputs);
        self.known[gate.vidx()].node = Node::Or(start, self.inputs.len() as u32);
        self.known[gate.vidx()].tie = NONE;
    }

    fn define(&mut self, own: Lit, value: Lit) {
        self.groups[self.open_group]
            .values
            .push((own, Bit::Lit(value)));
    }

    fn define_constant(&mut self, own: Lit, value: bool) {
        self.groups[self.open_group]
            .values
            .push((own, Bit::constant(value)));
    }

    fn own(&mut self, var: Var, group: Group) {
        self.known[var.idx()].group = self.group(group) as u32;
    }

    fn enter(&mut self, scope: Scope) -> Scope {
        match scope {
            Scope::Group(group) => {
                self.open_group = self.group(group);
                self.groups[self.open_group].is_complete = true;
            }
            Scope::Tie => self.ties.push(Tie::default()),
            Scope::Everywhere => {}
        }
        std::mem::replace(&mut self.scope, scope)
    }
}

impl OnDemand {
    fn group(&mut self, group: Group) -> usize {
        let new = self.groups.len() as u32;
        let index = *self.indices.entry(group).or_insert(new);
        if index == new {
            self.groups.push(Definition::default());
            self.names.push(group);
        }
        index as usize
    }

    /// Forgets the current solver when it has grown: a new subject need not carry the
    /// definitions of the old ones. Where the first subject alone needed much, a second one of its kind
    /// has room beside it.
    pub(super) fn focus(&mut self, most_variables: u32) {
        if self.first == 0 {
            self.first = self.loaded;
        }
        if self.loaded > most_variables.max(2 * self.first) {
            self.forget();
        }
    }

    /// Forgets the current solver.
    pub(super) fn forget(&mut self) {
        if self.loaded > 0 {
            self.first = 0;
            self.solver = BatSat::default();
            self.instance += 1;
            self.loaded = 0;
            self.expanded.clear();
            self.guards.clear();
        }
    }

    /// Whether the encoder has written the definition of a group.
    pub(super) fn is_defined(&self, group: Group) -> bool {
        let index = self.indices.get(&group);
        index.is_some_and(|index| self.groups[*index as usize].is_complete)
    }

    /// The groups that refuted the last question, together with its own gates.
    pub(super) fn core(&mut self) -> Vec<Group> {
        let core = self.solver.core();
        let mut groups = Vec::with_capacity(core.len());
        for lit in core {
            // Guards are made in ascending order.
            let found = self
                .guards
                .binary_search_by_key(&lit.var(), |guard| guard.var());
            groups.extend(found.ok().map(|at| self.expanded[at]));
        }
        groups
    }

    /// Adds a group's definition to the question.
    pub(super) fn expand(&mut self, group: Group) {
        let index = self.group(group);
        if self.groups[index].instance == self.instance {
            return;
        }
        self.groups[index].instance = self.instance;
        let guard = self.solver.new_var().pos_lit();
        self.expanded.push(group);
        self.guards.push(guard);
        let values = std::mem::take(&mut self.groups[index].values);
        for (own, value) in &values {
            let own = self.local(*own);
            match value {
                Bit::True => self.solver.add_clause(&[!guard, own]),
                Bit::False => self.solver.add_clause(&[!guard, !own]),
                Bit::Lit(value) => {
                    let value = self.local(*value);
                    self.solver.add_clause(&[!guard, !own, value]);
                    self.solver.add_clause(&[!guard, own, !value]);
                }
            }
        }
        self.groups[index].values = values;
        let clauses = std::mem::take(&mut self.groups[index].clauses);
        for clause in &clauses {
            let mut local: Vec<Lit> = clause.iter().map(|lit| self.local(*lit)).collect();
            local.push(!guard);
            self.solver.add_clause(&local);
        }
        self.groups[index].clauses = clauses;
        self.load_queue();
    }

    /// Forgets which groups were met.
    pub(super) fn forget_met(&mut self) {
        self.met.clear();
    }

    /// The next group that was met and is not expanded.
    pub(super) fn next_met(&mut self) -> Option<Group> {
        while let Some(index) = self.met.pop_front() {
            if self.groups[index as usize].instance != self.instance {
                return Some(self.names[index as usize]);
            }
        }
        None
    }

    /// The conflicts of the current solver.
    pub(super) fn conflicts(&self) -> u64 {
        self.solver.conflicts()
    }

    /// Whether the clauses loaded so far have a model in which all of `question` holds. `left` are the
    /// conflicts that this may take; afterwards, those that are left.
    pub(super) fn ask(&mut self, question: &[Lit], left: &mut u64) -> Result<bool, Undecided> {
        if self.loaded == 0 {
            let clauses = std::mem::take(&mut self.everywhere);
            for clause in &clauses {
                self.load_clause(clause);
            }
            self.everywhere = clauses;
        }
        let mut assumptions: Vec<Lit> = question.iter().map(|lit| self.local(*lit)).collect();
        self.load_queue();
        assumptions.extend_from_slice(&self.guards);
        let before = self.solver.conflicts();
        let answer = self.solver.solve_within(*left, &assumptions);
        *left = left.saturating_sub(self.solver.conflicts() - before);
        answer
    }

    fn load_clause(&mut self, clause: &[Lit]) {
        let local: Vec<Lit> = clause.iter().map(|lit| self.local(*lit)).collect();
        self.solver.add_clause(&local);
    }

    /// A literal in the solver. What its variable is made of is loaded by `load_queue`.
    fn local(&mut self, lit: Lit) -> Lit {
        let known = &mut self.known[lit.vidx()];
        if known.instance != self.instance {
            known.instance = self.instance;
            known.local = self.solver.new_var().idx32();
            self.loaded += 1;
            self.queue.push(lit.var());
        }
        Lit::new(known.local, lit.is_neg())
    }

    fn load_queue(&mut self) {
        while let Some(var) = self.queue.pop() {
            let known = self.known[var.idx()];
            let gate = self.local(var.pos_lit());
            match known.node {
                Node::Leaf if known.group != NONE => self.met.push_back(known.group),
                Node::Leaf => {}
                Node::And(a, b) => {
                    let (a, b) = (self.local(a), self.local(b));
                    self.solver.and_gate(gate, a, b);
                }
                Node::Or(start, end) => {
                    let inputs: Vec<Lit> = (start..end)
                        .map(|at| self.local(self.inputs[at as usize]))
                        .collect();
                    self.solver.or_gate(gate, &inputs);
                }
            }
            if known.tie != NONE {
                self.load_tie(known.tie as usize);
            }
        }
    }

    /// The clauses of a tie bring its other variables along.
    fn load_tie(&mut self, at: usize) {
        if self.ties[at].instance == self.instance {
            return;
        }
        self.ties[at].instance = self.instance;
        let clauses = std::mem::take(&mut self.ties[at].clauses);
        for clause in &clauses {
            self.load_clause(clause);
        }
        self.ties[at].clauses = clauses;
    }

    /// From now on every answer rests on what is assumed of the toolchain, whether the question meets
    /// an output or not.
    pub(super) fn need_toolchain(&mut self) {
        self.needs_toolchain = true;
    }

    /// Walks what the answer rests on, from the question down. The result is the groups to
    /// expand; none when all of it is decided by the user and the toolchain.
    pub(super) fn open_groups(&mut self, question: &[Lit]) -> Vec<Group> {
        self.walk += 1;
        let mut open = Vec::new();
        let mut stack = std::mem::take(&mut self.stack);
        stack.extend_from_slice(question);
        for clause in &self.everywhere {
            stack.extend_from_slice(clause);
        }
        if self.needs_toolchain {
            let toolchain = self.group(Group::Toolchain);
            let definition = &self.groups[toolchain];
            if definition.instance != self.instance {
                open.push(Group::Toolchain);
            }
            for clause in &definition.clauses {
                stack.extend_from_slice(clause);
            }
        }
        while let Some(lit) = stack.pop() {
            let known = &mut self.known[lit.vidx()];
            if std::mem::replace(&mut known.walk, self.walk) == self.walk {
                continue;
            }
            let known = *known;
            let value = self.raw(lit.var().pos_lit());
            match known.node {
                Node::And(a, b) if value => stack.extend([a, b]),
                Node::And(a, b) => {
                    let reason = [a, b].into_iter().filter(|lit| !self.raw(*lit));
                    stack.extend(reason.min_by_key(|lit| self.effort(*lit)));
                }
                Node::Or(start, end) => {
                    let inputs = &self.inputs[start as usize..end as usize];
                    if value {
                        let reason = inputs.iter().copied().filter(|lit| self.raw(*lit));
                        stack.extend(reason.min_by_key(|lit| self.effort(*lit)));
                    } else {
                        stack.extend_from_slice(inputs);
                    }
                }
                Node::Leaf if known.group != NONE => {
                    let definition = &mut self.groups[known.group as usize];
                    if definition.instance != self.instance {
                        open.push(self.names[known.group as usize]);
                        continue;
                    }
                    let is_constraint = !definition.clauses.is_empty();
                    // Once in a walk: a choice of thousands is met by each of its members.
                    if is_constraint
                        && std::mem::replace(&mut definition.walk, self.walk) == self.walk
                    {
                        continue;
                    }
                    for (own, value) in &definition.values {
                        if is_constraint || own.var() == lit.var() {
                            stack.push(*own);
                            if let Bit::Lit(value) = value {
                                stack.push(*value);
                            }
                        }
                    }
                    for clause in &definition.clauses {
                        stack.extend_from_slice(clause);
                    }
                }
                Node::Leaf => {}
            }
        }
        self.stack = stack;
        open.sort_unstable();
        open.dedup();
        open
    }

    /// How far away an explanation of a literal's value is, roughly.
    fn effort(&self, lit: Lit) -> u8 {
        let known = &self.known[lit.vidx()];
        if known.walk == self.walk {
            return 0;
        }
        match known.node {
            Node::Leaf if known.group == NONE => 1,
            Node::Leaf if self.groups[known.group as usize].instance != self.instance => 4,
            Node::Leaf => 2,
            Node::And(..) | Node::Or(..) => 3,
        }
    }

    /// A literal's value in the solver's answer, whether or not the answer rests on it. Those
    /// that are not loaded are false.
    pub(super) fn raw(&self, lit: Lit) -> bool {
        let known = &self.known[lit.vidx()];
        known.instance == self.instance && self.solver.value(Lit::new(known.local, lit.is_neg()))
    }

    /// A literal's value where the last answer rests on it.
    pub(super) fn value(&self, lit: Lit) -> Option<bool> {
        let known = &self.known[lit.vidx()];
        (known.walk == self.walk && known.instance == self.instance).then(|| self.raw(lit))
    }
}
