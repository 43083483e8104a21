// SPDX-License-Identifier: MIT OR Apache-2.0
//! The solver behind small traits. `rustsat` gives literals and the backend; nothing else of
//! this room names a particular solver.

use batsat::{Callbacks, ClauseKind};
use rustsat::solvers::{Solve, SolveIncremental, SolverResult};
use rustsat::types::{Lit, TernaryVal, Var};

use super::effort::Undecided;
use super::on_demand::{Group, Scope};

/// What the encoder needs: variables, clauses, and a place for what it knows of their
/// structure. Whoever takes plain clauses need not care for the structure.
pub trait Sink {
    /// Whether definitions are encoded only when [`super::on_demand`] asks for them. Otherwise
    /// every symbol that has variables is defined before the next question.
    const ON_DEMAND: bool = false;

    /// A new variable.
    fn new_var(&mut self) -> Var;

    /// A clause that holds from now on.
    fn add_clause(&mut self, clause: &[Lit]);

    /// Makes `gate` the AND of two literals.
    fn and_gate(&mut self, gate: Lit, a: Lit, b: Lit) {
        self.add_clause(&[!gate, a]);
        self.add_clause(&[!gate, b]);
        self.add_clause(&[gate, !a, !b]);
    }

    /// Makes `gate` the OR of literals.
    fn or_gate(&mut self, gate: Lit, inputs: &[Lit]) {
        let mut all = Vec::with_capacity(inputs.len() + 1);
        for input in inputs {
            self.add_clause(&[gate, !*input]);
            all.push(*input);
        }
        all.push(!gate);
        self.add_clause(&all);
    }

    /// Makes a variable of a symbol what its definition says.
    fn define(&mut self, own: Lit, value: Lit) {
        self.add_clause(&[!own, value]);
        self.add_clause(&[own, !value]);
    }

    /// The same with a constant.
    fn define_constant(&mut self, own: Lit, value: bool) {
        self.add_clause(&[if value { own } else { !own }]);
    }

    /// Says which group defines a variable.
    fn own(&mut self, _var: Var, _group: Group) {}

    /// Says to what the clauses belong that follow. The answer is the scope until then.
    fn enter(&mut self, _scope: Scope) -> Scope {
        Scope::Everywhere
    }
}

/// What the theory needs of a solver: questions under assumptions.
pub trait Solver: Sink {
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
    solver: rustsat_batsat::Solver<Conflicts>,
    next: u32,
}

/// Counts the conflicts of a solver, and stops the solver at a limit.
#[derive(Default)]
struct Conflicts {
    seen: u64,
    limit: Option<u64>,
}

impl Callbacks for Conflicts {
    fn on_new_clause(&mut self, _: &[batsat::Lit], kind: ClauseKind) {
        if kind == ClauseKind::Learnt {
            self.seen += 1;
        }
    }

    fn stop(&self) -> bool {
        self.limit.is_some_and(|limit| self.seen >= limit)
    }
}

impl BatSat {
    /// The conflicts of all questions so far.
    pub(super) fn conflicts(&self) -> u64 {
        self.solver.batsat_ref().cb().seen
    }

    /// Whether the clauses have a model in which the assumptions hold; `Undecided` when that takes
    /// more than this many conflicts.
    pub(super) fn solve_within(
        &mut self,
        most: u64,
        assumptions: &[Lit],
    ) -> Result<bool, Undecided> {
        let counter = self.solver.batsat_mut().cb_mut();
        counter.limit = Some(counter.seen + most.max(1));
        let result = self.solver.solve_assumps(assumptions);
        self.solver.batsat_mut().cb_mut().limit = None;
        match result {
            Ok(SolverResult::Sat) => Ok(true),
            Ok(SolverResult::Unsat) => Ok(false),
            Ok(SolverResult::Interrupted) | Err(_) => Err(Undecided),
        }
    }
}

impl Sink for BatSat {
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
}

impl Solver for BatSat {
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
