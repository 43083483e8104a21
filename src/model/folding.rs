// SPDX-License-Identifier: MIT OR Apache-2.0
//! What conf leaves of an expression when it folds it (expr.c, `expr_transform`,
//! `expr_eliminate_dups`).
//!
//! Folding changes no value, so the model's own expressions do without it. But conf looks for
//! cycles and for the submenus of old choices in what is left: `A || !A` of a bool is y there,
//! and hangs on nothing. Kernels of both forms fold differently, so the steps are followed one
//! by one; which symbols are left depends on them.

use rustc_hash::FxHashMap;

use super::expr::{Operand, Tristate};
use super::symbol::{Symbol, SymbolId, ValueType};
use crate::menu::Value;
use crate::source::Name;
use crate::syntax::ast::CompareOp;

/// The number of a term in [`Terms`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct TermId(u32);

/// An expression as it is written: nothing is folded until it is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Term {
    /// A symbol or a constant.
    Leaf(Operand),
    /// What only the toolchain knows; conf has a word in its place.
    Unknown(u32),
    /// A comparison.
    Compare(CompareOp, Operand, Operand),
    /// `!x`
    Not(TermId),
    /// `x && y`
    And(TermId, TermId),
    /// `x || y`
    Or(TermId, TermId),
}

/// `&&` or `||`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Junction {
    And,
    Or,
}

/// Larger expressions are left as they are: folding compares each operand with each other,
/// and a hostile file nests as deep as it is long.
const MOST_NODES: u32 = 400;

/// All terms, each once, over the symbols of one model.
pub(super) struct Terms<'m> {
    symbols: &'m [Symbol],
    /// Whether kconfig is one that folds in place (before Linux 6.12).
    in_place: bool,
    nodes: Vec<Term>,
    /// Nodes below and including each.
    sizes: Vec<u32>,
    ids: FxHashMap<Term, TermId>,
    unknowns: Vec<(Vec<Value>, Vec<SymbolId>)>,
}

impl<'m> Terms<'m> {
    pub(super) fn new(symbols: &'m [Symbol], in_place: bool) -> Terms<'m> {
        Terms {
            symbols,
            in_place,
            nodes: Vec::new(),
            sizes: Vec::new(),
            ids: FxHashMap::default(),
            unknowns: Vec::new(),
        }
    }

    pub(super) fn get(&self, id: TermId) -> Term {
        self.nodes[id.0 as usize]
    }

    pub(super) fn make(&mut self, term: Term) -> TermId {
        let next = TermId(self.nodes.len() as u32);
        let id = *self.ids.entry(term).or_insert(next);
        if id == next {
            let size = |id: TermId| self.sizes[id.0 as usize];
            let below = match term {
                Term::Not(x) => size(x),
                Term::And(x, y) | Term::Or(x, y) => size(x).saturating_add(size(y)),
                _ => 0,
            };
            self.nodes.push(term);
            self.sizes.push(below.saturating_add(1));
        }
        id
    }

    pub(super) fn constant(&mut self, value: Tristate) -> TermId {
        let text = Name::new(value.word());
        self.make(Term::Leaf(Operand::Constant(text)))
    }

    /// Words of which the toolchain decides, with the symbols that they can be.
    pub(super) fn unknown(&mut self, words: Vec<Value>, symbols: Vec<SymbolId>) -> TermId {
        let known = self.unknowns.iter().position(|(known, _)| *known == words);
        let at = known.unwrap_or(self.unknowns.len());
        if known.is_none() {
            self.unknowns.push((words, symbols));
        }
        self.make(Term::Unknown(at as u32))
    }

    /// expr.c, `expr_alloc_and`: nothing and something is something.
    pub(super) fn both(&mut self, x: Option<TermId>, y: Option<TermId>) -> Option<TermId> {
        match (x, y) {
            (Some(x), Some(y)) => Some(self.make(Term::And(x, y))),
            (x, y) => x.or(y),
        }
    }

    /// The symbols of a term; one can occur several times.
    pub(super) fn symbols_of(&self, id: Option<TermId>) -> Vec<SymbolId> {
        let mut found = Vec::new();
        let mut open: Vec<TermId> = id.into_iter().collect();
        while let Some(id) = open.pop() {
            let operands = match self.get(id) {
                Term::Leaf(operand) => [Some(operand), None],
                Term::Compare(_, left, right) => [Some(left), Some(right)],
                Term::Unknown(at) => {
                    found.extend(&self.unknowns[at as usize].1);
                    continue;
                }
                Term::Not(x) => {
                    open.push(x);
                    continue;
                }
                Term::And(x, y) | Term::Or(x, y) => {
                    open.extend([y, x]);
                    continue;
                }
            };
            for operand in operands.into_iter().flatten() {
                if let Operand::Symbol(symbol) = operand {
                    found.push(symbol);
                }
            }
        }
        found
    }

    fn is_small(&self, id: TermId) -> bool {
        self.sizes[id.0 as usize] <= MOST_NODES
    }

    /// expr.c, `expr_transform`: comparisons of bools with y, m and n go, and negations move
    /// inwards.
    pub(super) fn transform(&mut self, id: TermId) -> TermId {
        if self.is_small(id) {
            self.transform_small(id)
        } else {
            id
        }
    }

    fn transform_small(&mut self, id: TermId) -> TermId {
        match self.get(id) {
            Term::Leaf(_) | Term::Unknown(_) => id,
            Term::And(x, y) => {
                let (x, y) = (self.transform_small(x), self.transform_small(y));
                self.make(Term::And(x, y))
            }
            Term::Or(x, y) => {
                let (x, y) = (self.transform_small(x), self.transform_small(y));
                self.make(Term::Or(x, y))
            }
            Term::Compare(op, left, right) => self.transform_compare(id, op, left, right),
            Term::Not(x) => {
                let x = self.transform_small(x);
                self.transform_not(x)
            }
        }
    }

    fn transform_compare(
        &mut self,
        id: TermId,
        op: CompareOp,
        left: Operand,
        right: Operand,
    ) -> TermId {
        let equal = match op {
            CompareOp::Equal => true,
            CompareOp::Unequal => false,
            _ => return id,
        };
        if self.type_of(left) != ValueType::Bool {
            return id;
        }
        let leaf = self.make(Term::Leaf(left));
        match (letter(right), equal) {
            (Some(Tristate::Module), true) => self.constant(Tristate::No),
            (Some(Tristate::Module), false) => self.constant(Tristate::Yes),
            (Some(Tristate::Yes), true) | (Some(Tristate::No), false) => leaf,
            (Some(Tristate::No), true) | (Some(Tristate::Yes), false) => self.make(Term::Not(leaf)),
            (None, _) => id,
        }
    }

    /// `!x` of something that is transformed.
    fn transform_not(&mut self, x: TermId) -> TermId {
        match self.get(x) {
            Term::Not(inner) => inner,
            Term::Compare(op, left, right) => self.make(Term::Compare(opposite(op), left, right)),
            Term::And(a, b) => {
                let (a, b) = (self.transform_not(a), self.transform_not(b));
                self.make(Term::Or(a, b))
            }
            Term::Or(a, b) => {
                let (a, b) = (self.transform_not(a), self.transform_not(b));
                self.make(Term::And(a, b))
            }
            Term::Leaf(operand) => match letter(operand) {
                Some(value) => self.constant(!value),
                None => self.make(Term::Not(x)),
            },
            Term::Unknown(_) => self.make(Term::Not(x)),
        }
    }

    /// expr.c, `expr_eliminate_dups`: of two operands of which one says what the other says,
    /// one goes.
    pub(super) fn eliminate_dups(&mut self, id: TermId) -> TermId {
        if !self.is_small(id) {
            return id;
        }
        if self.in_place {
            self.dups_in_place(id)
        } else {
            self.dups(id)
        }
    }

    /// Before Linux 6.12: constants go only when something else went.
    fn dups_in_place(&mut self, mut id: TermId) -> TermId {
        loop {
            let mut joined = 0;
            id = self.join_all(id, &mut joined);
            if joined == 0 {
                return id;
            }
            id = self.eliminate_yn(id);
        }
    }

    fn dups(&mut self, mut id: TermId) -> TermId {
        loop {
            let mut joined = 0;
            if let Some((junction, left, right)) = self.junction(id) {
                let (left, right) = (self.dups(left), self.dups(right));
                let mut lefts = self.operands(left, junction);
                let mut rights = self.operands(right, junction);
                for x in &mut lefts {
                    for y in &mut rights {
                        self.join(junction, x, y, &mut joined);
                    }
                }
                let left = self.with_operands(left, junction, &lefts);
                let right = self.with_operands(right, junction, &rights);
                id = self.junction_of(junction, left, right);
            }
            id = self.eliminate_yn(id);
            if joined == 0 {
                return id;
            }
        }
    }

    /// Each operand with each other, those of operands too.
    fn join_all(&mut self, id: TermId, joined: &mut u32) -> TermId {
        let Some((junction, ..)) = self.junction(id) else {
            return id;
        };
        let mut operands = self.operands(id, junction);
        for x in 0..operands.len() {
            let mut settled = None;
            for y in 0..operands.len() {
                if x == y {
                    continue;
                }
                let (mut first, mut second) = (operands[x], operands[y]);
                // Again and again, until it changes nothing: then it never will.
                if settled != Some(first) {
                    let before = *joined;
                    first = self.join_all(first, joined);
                    settled = (*joined == before).then_some(first);
                }
                self.join(junction, &mut first, &mut second, joined);
                (operands[x], operands[y]) = (first, second);
            }
        }
        self.with_operands(id, junction, &operands)
    }

    fn join(&mut self, junction: Junction, x: &mut TermId, y: &mut TermId, joined: &mut u32) {
        let (made, neutral) = match junction {
            Junction::And => (self.join_and(*x, *y), Tristate::Yes),
            Junction::Or => (self.join_or(*x, *y), Tristate::No),
        };
        if let Some(made) = made {
            *x = self.constant(neutral);
            *y = made;
            *joined += 1;
        }
    }

    /// What two operands are about, when both are about one bool or tristate symbol.
    fn common_symbol(&self, x: TermId, y: TermId) -> Option<Operand> {
        let of = |id, negated_compare: bool| match self.get(id) {
            Term::Leaf(operand)
            | Term::Compare(CompareOp::Equal | CompareOp::Unequal, operand, _) => Some(operand),
            Term::Not(inner) => match self.get(inner) {
                Term::Leaf(operand) => Some(operand),
                Term::Compare(CompareOp::Equal | CompareOp::Unequal, operand, _)
                    if negated_compare =>
                {
                    Some(operand)
                }
                _ => None,
            },
            _ => None,
        };
        let (x, y) = (of(x, true)?, of(y, false)?);
        (x == y && self.type_of(x).is_logical()).then_some(x)
    }

    /// expr.c, `expr_join_or`.
    fn join_or(&mut self, x: TermId, y: TermId) -> Option<TermId> {
        if self.same(x, y) {
            return Some(x);
        }
        let symbol = self.common_symbol(x, y)?;
        let tristate = self.type_of(symbol) == ValueType::Tristate;
        match (self.get(x), self.get(y)) {
            (Term::Compare(CompareOp::Equal, _, a), Term::Compare(CompareOp::Equal, _, b))
                if tristate =>
            {
                let third = third(letter(a)?, letter(b)?)?;
                Some(self.compare(CompareOp::Unequal, symbol, third))
            }
            (Term::Not(inner), Term::Leaf(_)) | (Term::Leaf(_), Term::Not(inner))
                if !tristate && matches!(self.get(inner), Term::Leaf(_)) =>
            {
                Some(self.constant(Tristate::Yes))
            }
            _ => None,
        }
    }

    /// expr.c, `expr_join_and`.
    fn join_and(&mut self, x: TermId, y: TermId) -> Option<TermId> {
        if self.same(x, y) {
            return Some(x);
        }
        let symbol = self.common_symbol(x, y)?;
        let tristate = self.type_of(symbol) == ValueType::Tristate;
        match (self.get(x), self.get(y)) {
            (Term::Leaf(_), Term::Compare(op, _, right))
            | (Term::Compare(op, _, right), Term::Leaf(_)) => match (op, letter(right)?) {
                (CompareOp::Equal, Tristate::Yes) | (CompareOp::Unequal, Tristate::Module) => {
                    Some(self.compare(CompareOp::Equal, symbol, Tristate::Yes))
                }
                (CompareOp::Unequal, Tristate::No) => Some(self.make(Term::Leaf(symbol))),
                _ => None,
            },
            (Term::Compare(a_op, _, a), Term::Compare(b_op, _, b)) if tristate => {
                match (a_op, b_op) {
                    (CompareOp::Equal, CompareOp::Unequal) => self.equal_and_not(symbol, a, b),
                    (CompareOp::Unequal, CompareOp::Equal) => self.equal_and_not(symbol, b, a),
                    (CompareOp::Unequal, CompareOp::Unequal) => {
                        let third = third(letter(a)?, letter(b)?)?;
                        Some(self.compare(CompareOp::Equal, symbol, third))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// `symbol = equal && symbol != other`, of constants.
    fn equal_and_not(&mut self, symbol: Operand, equal: Operand, other: Operand) -> Option<TermId> {
        let (Operand::Constant(_), Operand::Constant(_)) = (equal, other) else {
            return None;
        };
        Some(if equal == other {
            self.constant(Tristate::No)
        } else {
            self.make(Term::Compare(CompareOp::Equal, symbol, equal))
        })
    }

    fn compare(&mut self, op: CompareOp, symbol: Operand, value: Tristate) -> TermId {
        let value = Operand::Constant(Name::new(value.word()));
        self.make(Term::Compare(op, symbol, value))
    }

    /// expr.c, `expr_eq`.
    fn same(&mut self, x: TermId, y: TermId) -> bool {
        match (self.get(x), self.get(y)) {
            (Term::Not(x), Term::Not(y)) => self.same(x, y),
            (Term::And(..), Term::And(..)) | (Term::Or(..), Term::Or(..)) => {
                let (x, y) = self.eliminate_same(x, y);
                x == y && matches!(self.get(x), Term::Leaf(_))
            }
            _ => x == y,
        }
    }

    /// expr.c, `expr_eliminate_eq`: operands that both have go from both.
    fn eliminate_same(&mut self, mut x: TermId, mut y: TermId) -> (TermId, TermId) {
        if let Some((junction, ..)) = self.junction(x) {
            (x, y) = self.eliminate_same_in(junction, x, y);
        }
        let of = |terms: &Self, id| terms.junction(id).map(|(junction, ..)| junction);
        if of(self, x) != of(self, y) {
            if let Some((junction, ..)) = self.junction(y) {
                (x, y) = self.eliminate_same_in(junction, x, y);
            }
        }
        (self.eliminate_yn(x), self.eliminate_yn(y))
    }

    fn eliminate_same_in(&mut self, junction: Junction, x: TermId, y: TermId) -> (TermId, TermId) {
        let neutral = self.constant(match junction {
            Junction::And => Tristate::Yes,
            Junction::Or => Tristate::No,
        });
        let mut xs = self.operands(x, junction);
        let mut ys = self.operands(y, junction);
        for a in &mut xs {
            for b in &mut ys {
                // y beside y, or n beside n, stays as it is: it comes to the same.
                if self.same(*a, *b) {
                    let fixed =
                        self.is_constant(*a, Tristate::Yes) || self.is_constant(*a, Tristate::No);
                    if !fixed {
                        (*a, *b) = (neutral, neutral);
                    }
                }
            }
        }
        (
            self.with_operands(x, junction, &xs),
            self.with_operands(y, junction, &ys),
        )
    }

    /// expr.c, `expr_eliminate_yn`.
    fn eliminate_yn(&mut self, id: TermId) -> TermId {
        let Some((junction, left, right)) = self.junction(id) else {
            return id;
        };
        let (left, right) = (self.eliminate_yn(left), self.eliminate_yn(right));
        let (absorbing, neutral) = match junction {
            Junction::And => (Tristate::No, Tristate::Yes),
            Junction::Or => (Tristate::Yes, Tristate::No),
        };
        for (one, other) in [(left, right), (right, left)] {
            if self.is_constant(one, absorbing) {
                return one;
            }
            if self.is_constant(one, neutral) {
                return other;
            }
        }
        // Linux 6.12 forgets what went below when nothing goes here.
        if self.in_place {
            self.junction_of(junction, left, right)
        } else {
            id
        }
    }

    /// Whether a statement that depends on `dependency` goes below the one of `symbol`, whose
    /// prompt has the condition `base` (menu.c, `menu_finalize`).
    pub(super) fn belongs_below(
        &mut self,
        dependency: Option<TermId>,
        symbol: SymbolId,
        base: Option<TermId>,
    ) -> bool {
        let Some(dependency) = dependency else {
            return false;
        };
        if !self.symbols_of(Some(dependency)).contains(&symbol) {
            return false;
        }
        if self.depends_on(dependency, symbol) {
            return true;
        }
        let base = match base {
            Some(base) => self.unequal_no(base),
            None => self.constant(Tristate::Yes),
        };
        let dependency = self.unequal_no(dependency);
        let (_, rest) = self.eliminate_same(dependency, base);
        self.is_constant(rest, Tristate::Yes)
    }

    fn unequal_no(&mut self, id: TermId) -> TermId {
        if !self.is_small(id) {
            return id;
        }
        let compared = self.compare_with_no(id, false);
        let transformed = self.transform(compared);
        self.eliminate_dups(transformed)
    }

    /// expr.c, `expr_trans_compare` with n.
    pub(super) fn compare_with_no(&mut self, id: TermId, equal: bool) -> TermId {
        match self.get(id) {
            Term::And(x, y) | Term::Or(x, y) => {
                let and = matches!(self.get(id), Term::And(..));
                let (x, y) = (self.compare_with_no(x, true), self.compare_with_no(y, true));
                let off = match and {
                    true => self.make(Term::Or(x, y)),
                    false => self.make(Term::And(x, y)),
                };
                if equal {
                    off
                } else {
                    self.make(Term::Not(off))
                }
            }
            Term::Not(x) => self.compare_with_no(x, !equal),
            Term::Leaf(operand) => {
                let op = if equal {
                    CompareOp::Equal
                } else {
                    CompareOp::Unequal
                };
                self.compare(op, operand, Tristate::No)
            }
            Term::Compare(..) | Term::Unknown(_) => {
                if equal {
                    self.make(Term::Not(id))
                } else {
                    id
                }
            }
        }
    }

    /// expr.c, `expr_depends_symbol`.
    fn depends_on(&self, id: TermId, symbol: SymbolId) -> bool {
        let own = |operand| operand == Operand::Symbol(symbol);
        match self.get(id) {
            Term::And(x, y) => self.depends_on(x, symbol) || self.depends_on(y, symbol),
            Term::Leaf(operand) => own(operand),
            Term::Compare(op, left, right) if own(left) => match (op, letter(right)) {
                (CompareOp::Equal, Some(value)) => value != Tristate::No,
                (CompareOp::Unequal, Some(value)) => value == Tristate::No,
                _ => false,
            },
            _ => false,
        }
    }

    fn junction(&self, id: TermId) -> Option<(Junction, TermId, TermId)> {
        match self.get(id) {
            Term::And(x, y) => Some((Junction::And, x, y)),
            Term::Or(x, y) => Some((Junction::Or, x, y)),
            _ => None,
        }
    }

    fn junction_of(&mut self, junction: Junction, x: TermId, y: TermId) -> TermId {
        self.make(match junction {
            Junction::And => Term::And(x, y),
            Junction::Or => Term::Or(x, y),
        })
    }

    /// The operands of nested junctions of one kind, from left to right.
    fn operands(&self, id: TermId, junction: Junction) -> Vec<TermId> {
        let mut found = Vec::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            match self.junction(id) {
                Some((own, x, y)) if own == junction => open.extend([y, x]),
                _ => found.push(id),
            }
        }
        found
    }

    /// The same nest with other operands.
    fn with_operands(&mut self, id: TermId, junction: Junction, operands: &[TermId]) -> TermId {
        let mut rest = operands.iter().copied();
        self.refill(id, junction, &mut rest)
    }

    fn refill(
        &mut self,
        id: TermId,
        junction: Junction,
        rest: &mut impl Iterator<Item = TermId>,
    ) -> TermId {
        match self.junction(id) {
            Some((own, x, y)) if own == junction => {
                let x = self.refill(x, junction, rest);
                let y = self.refill(y, junction, rest);
                self.junction_of(junction, x, y)
            }
            _ => rest.next().unwrap_or(id),
        }
    }

    fn is_constant(&self, id: TermId, value: Tristate) -> bool {
        match self.get(id) {
            Term::Leaf(operand) => letter(operand) == Some(value),
            _ => false,
        }
    }

    /// The constants y, m and n are tristate (symbol.c).
    fn type_of(&self, operand: Operand) -> ValueType {
        match operand {
            Operand::Symbol(id) => self.symbols[id.0 as usize].ty,
            _ if letter(operand).is_some() => ValueType::Tristate,
            _ => ValueType::Unknown,
        }
    }
}

/// y, m or n.
fn letter(operand: Operand) -> Option<Tristate> {
    match operand {
        Operand::Constant(text) => Tristate::from_word(text.as_str()),
        _ => None,
    }
}

/// The value that is neither.
fn third(a: Tristate, b: Tristate) -> Option<Tristate> {
    let all = [Tristate::No, Tristate::Module, Tristate::Yes];
    let rest = |value: &Tristate| *value != a && *value != b;
    (a != b).then(|| all.into_iter().find(rest)).flatten()
}

fn opposite(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Equal => CompareOp::Unequal,
        CompareOp::Unequal => CompareOp::Equal,
        CompareOp::Less => CompareOp::GreaterEqual,
        CompareOp::LessEqual => CompareOp::Greater,
        CompareOp::Greater => CompareOp::LessEqual,
        CompareOp::GreaterEqual => CompareOp::Less,
    }
}
