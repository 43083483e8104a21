// SPDX-License-Identifier: MIT OR Apache-2.0
//! expr.c, `expr_eliminate_dups` and `expr_eliminate_eq`, before Linux 6.12 and since: what is
//! said twice, and what two expressions have in common, goes.

use super::super::expr::Tristate;
use super::terms::{Junction, Term, TermId, Terms};

impl Terms<'_> {
    /// expr.c, `expr_eliminate_dups`: of two operands of which one says what the other says,
    /// one goes.
    pub(in crate::model) fn eliminate_dups(&mut self, id: TermId) -> TermId {
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

    /// expr.c, `expr_eq`.
    pub(super) fn same(&mut self, x: TermId, y: TermId) -> bool {
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
    pub(super) fn eliminate_same(&mut self, mut x: TermId, mut y: TermId) -> (TermId, TermId) {
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
}
