// SPDX-License-Identifier: MIT OR Apache-2.0
//! The theory of one architecture: encoding, solver, witnesses and the evaluator that replays them.
