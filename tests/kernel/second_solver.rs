// SPDX-License-Identifier: MIT OR Apache-2.0
//! A second solver, so that no verdict hangs on one: varisat, which checks each step of its
//! own proofs with a checker of its own crate while it goes. It shares no code with BatSat.

use std::panic::{AssertUnwindSafe, catch_unwind};

use kconfig_lint::logic::{Sink, Solver};
use rustsat::types::{Lit, Var};
use varisat::ExtendFormula;

/// varisat, with checked proofs.
pub(crate) struct Varisat {
    solver: varisat::Solver<'static>,
    next: u32,
    clauses: Vec<Vec<varisat::Lit>>,
    model: Vec<bool>,
    core: Vec<Lit>,
}

impl Default for Varisat {
    fn default() -> Varisat {
        Varisat {
            solver: checked(&[]),
            next: 0,
            clauses: Vec::new(),
            model: Vec::new(),
            core: Vec::new(),
        }
    }
}

/// A solver that has seen no question yet.
fn checked(clauses: &[Vec<varisat::Lit>]) -> varisat::Solver<'static> {
    let mut solver = varisat::Solver::new();
    solver.enable_self_checking();
    for clause in clauses {
        solver.add_clause(clause);
    }
    solver
}

fn theirs(lit: Lit) -> varisat::Lit {
    varisat::Lit::from_index(lit.vidx(), lit.is_pos())
}

/// Nothing where the checker does not accept a step: it panics then.
fn answer(solver: &mut varisat::Solver<'static>, assumptions: &[varisat::Lit]) -> Option<bool> {
    let answer = catch_unwind(AssertUnwindSafe(|| {
        solver.assume(assumptions);
        solver.solve().expect("nothing else can fail")
    }));
    answer.ok()
}

impl Varisat {
    /// After many questions varisat now and then names too few clauses in the step that says
    /// which assumptions fail (its `analyze_assumption_conflict`), and its checker refuses that.
    /// The same question to a new solver stands with its own checked proof.
    fn ask_from_the_start(&mut self, assumptions: &[varisat::Lit]) -> bool {
        println!("varisat's checker refused a step: asked again from the start");
        self.solver = checked(&self.clauses);
        if let Some(holds) = answer(&mut self.solver, assumptions) {
            return holds;
        }
        panic!("varisat's checker refuses a proof from the start, too")
    }
}

impl Sink for Varisat {
    fn new_var(&mut self) -> Var {
        let var = Var::new(self.next);
        self.next += 1;
        var
    }

    fn add_clause(&mut self, clause: &[Lit]) {
        let lits: Vec<varisat::Lit> = clause.iter().copied().map(theirs).collect();
        self.solver.add_clause(&lits);
        self.clauses.push(lits);
    }
}

impl Solver for Varisat {
    fn solve(&mut self, assumptions: &[Lit]) -> bool {
        let lits: Vec<varisat::Lit> = assumptions.iter().copied().map(theirs).collect();
        let answer = answer(&mut self.solver, &lits);
        let holds = answer.unwrap_or_else(|| self.ask_from_the_start(&lits));
        if holds {
            self.model = vec![false; self.next as usize];
            for lit in self.solver.model().expect("a model after yes") {
                if let Some(value) = self.model.get_mut(lit.var().index()) {
                    *value = lit.is_positive();
                }
            }
        } else {
            let core = self.solver.failed_core().unwrap_or_default();
            let ours = |lit: &varisat::Lit| Lit::new(lit.var().index() as u32, lit.is_negative());
            self.core = core.iter().map(ours).collect();
        }
        holds
    }

    fn value(&self, lit: Lit) -> bool {
        self.model[lit.vidx()] == lit.is_pos()
    }

    fn core(&mut self) -> Vec<Lit> {
        self.core.clone()
    }
}

#[test]
fn the_second_solver_answers_under_assumptions() {
    let mut solver = Varisat::default();
    let [a, b] = [solver.new_var().pos_lit(), solver.new_var().pos_lit()];
    solver.add_clause(&[!a, b]);
    assert!(solver.solve(&[a]));
    assert!(solver.value(b) && solver.value(a));
    assert!(!solver.solve(&[a, !b]));
    assert_eq!(solver.core().len(), 2);
    assert!(solver.solve(&[!b]));
    assert!(!solver.value(a));
}
