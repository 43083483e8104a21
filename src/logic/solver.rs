// SPDX-License-Identifier: MIT OR Apache-2.0
//! The solver behind a small trait. `rustsat` gives literals and the backend; nothing else of
//! this room names a particular solver.

use rustsat::solvers::{Solve, SolveIncremental, SolverResult};
use rustsat::types::{Lit, TernaryVal, Var};

/// What the theory needs of a solver: variables, clauses, questions under assumptions.
pub trait Solver {
    /// A new variable.
    fn new_var(&mut self) -> Var;

    /// A clause that holds from now on.
    fn add_clause(&mut self, clause: &[Lit]);

    /// Whether the clauses have a model in which the assumptions hold.
    fn solve(&mut self, assumptions: &[Lit]) -> bool;

    /// The value of a literal in the model of the last question, which was satisfiable.
    fn value(&self, lit: Lit) -> bool;

    /// Assumptions of the last question, which was unsatisfiable, that contradict each other.
    fn core(&mut self) -> Vec<Lit>;
}

/// BatSat, through rustsat.
#[derive(Debug, Default)]
pub struct BatSat {
    solver: rustsat_batsat::BasicSolver,
    next: u32,
}

impl Solver for BatSat {
    fn new_var(&mut self) -> Var {
        let var = Var::new(self.next);
        self.next += 1;
        var
    }

    fn add_clause(&mut self, clause: &[Lit]) {
        // BatSat takes every clause; the error type belongs to the common interface.
        let added = self.solver.add_clause(clause.iter().copied().collect());
        debug_assert!(added.is_ok());
    }

    fn solve(&mut self, assumptions: &[Lit]) -> bool {
        matches!(
            self.solver.solve_assumps(assumptions),
            Ok(SolverResult::Sat)
        )
    }

    fn value(&self, lit: Lit) -> bool {
        matches!(self.solver.lit_val(lit), Ok(TernaryVal::True))
    }

    fn core(&mut self) -> Vec<Lit> {
        self.solver.core().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_under_assumptions_come_and_go() {
        let mut solver = BatSat::default();
        let [a, b] = [solver.new_var().pos_lit(), solver.new_var().pos_lit()];
        solver.add_clause(&[!a, b]);
        assert!(solver.solve(&[a]));
        assert!(solver.value(b));
        assert!(!solver.solve(&[a, !b]));
        assert!(!solver.core().is_empty());
        assert!(solver.solve(&[!b]));
        assert!(!solver.value(a));
    }
}
