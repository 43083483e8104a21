// SPDX-License-Identifier: MIT OR Apache-2.0
//! The theory of one architecture: what its symbols' values can be, over all configurations.
//!
//! `encode` and its kin turn the model into clauses, on demand: only what a question reaches.
//! `evaluate` computes one configuration the way conf does and shares no code with them, so
//! that it can judge the solver's answers. Wording and rules live elsewhere.

mod bounds;
mod consequences;
mod domain;
mod encode;
mod encode_choice;
mod encode_text;
mod evaluate;
mod evaluate_choice;
mod evaluate_text;
mod gates;
mod on_demand;
mod proofs;
mod solver;
pub mod text;
mod theory;
mod witness;

pub use bounds::{Bounds, Interval};
pub use consequences::{Consequences, Strength};
pub use evaluate::{Computed, Evaluator, Inputs, UserValue, default_output};
pub use gates::{Bit, Tri};
pub use on_demand::{Group, Scope};
pub use proofs::{Digest, Proofs};
pub use solver::{BatSat, Sink, Solver};
pub use theory::{Question, Theory};
pub use witness::{Configuration, all_answers, minimize, to_witness};
