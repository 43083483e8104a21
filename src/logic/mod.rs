// SPDX-License-Identifier: MIT OR Apache-2.0
//! The theory of one architecture: what its symbols' values can be, over all configurations.
//!
//! `consequences` settles what follows from what is written, `proofs` what another architecture
//! has refuted. `encode` and its kin turn the model into clauses; `on_demand` puts only those to
//! the solver that a question needs.
//! `evaluate` computes one configuration the way conf does and shares no code with them, so
//! that it can judge the solver's answers. `explain` finds why something is impossible, `steps`
//! why something is so, both told as plain `reasons`. Wording and rules live elsewhere.

mod alone;
mod basis;
mod bounds;
mod class;
mod consequences;
mod domain;
mod dotconfig;
mod effort;
mod encode;
mod encode_choice;
mod encode_joined;
mod encode_kconfiglib;
mod encode_range;
mod encode_text;
mod evaluate;
mod evaluate_choice;
mod evaluate_kconfiglib;
mod evaluate_text;
mod explain;
mod formed;
mod gates;
mod liveness;
mod on_demand;
mod paged;
mod proofs;
mod python;
mod reasons;
mod redundant;
mod solver;
mod steps;
pub mod text;
mod theory;
mod whole;
mod witness;

pub use basis::Basis;
pub use bounds::{Bounds, Interval};
pub use consequences::{Consequences, Strength};
pub use dotconfig::{
    assignment, dot_config, fragment, read_config, unquoted, user_values, written_values,
};
pub use effort::{Effort, Undecided};
pub use evaluate::{Computed, Evaluator, Inputs, UserValue};
pub use explain::{Core, Escape, core, escape};
pub use gates::{Bit, Tri};
pub use liveness::{Among, Examples, Together, dead, never};
pub use on_demand::{Group, Scope};
pub use proofs::Proofs;
pub use reasons::{Fact, Owner, Reason, Why, tell};
pub use redundant::tests_as;
pub use solver::{BatSat, Sink, Solver};
pub use steps::steps;
pub use theory::{Question, Somewhere, Theory};
pub use whole::{Free, Whole};
pub use witness::{Configuration, Needs, all_answers, minimize, needs, to_witness};
