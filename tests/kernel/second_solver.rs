// SPDX-License-Identifier: MIT OR Apache-2.0
//! A second solver, so that no verdict hangs on one: varisat, which checks each step of its
//! own proofs with a checker of its own crate while it goes. It shares no code with BatSat.

use kconfig_lint::logic::{Sink, Solver};
use rustsat::types::{Lit, Var};
use varisat::ExtendFormula;

/// varisat, with checked proofs.
pub(crate) struct Varisat {
    solver: varisat::Solver<'static>,
    next: u32,
    model: Vec<bool>,
    core: Vec<Lit>,
}

impl Default for Varisat {
    fn default() -> Varisat {
        let mut solver = varisat::Solver::new();
        solver.enable_self_checking();
        Varisat {
            solver,
            next: 0,
            model: Vec::new(),
            core: Vec::new(),
        }
    }
}

fn theirs(lit: Lit) -> varisat::Lit {
    varisat::Lit::from_index(lit.vidx(), lit.is_pos())
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
    }
}

impl Solver for Varisat {
    fn solve(&mut self, assumptions: &[Lit]) -> bool {
        let lits: Vec<varisat::Lit> = assumptions.iter().copied().map(theirs).collect();
        self.solver.assume(&lits);
        // An error would be a proof step that the checker does not accept.
        let holds = self
            .solver
            .solve()
            .expect("every step of the proof is right");
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
