// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests on real trees, with the tree's own kconfig as the judge.
//!
//! This target owns everything that needs a kernel tree: finding the trees, asking conf,
//! and comparing. It fetches nothing: without a tree it fails with the command that does.
//! No test runs a command of a tree, except those of `confirm` and `tools`,
//! which are about running them.

mod accepts;
mod answers;
mod bench;
mod conditions;
mod driver;
mod dump;
mod generate;
mod inputs;
mod judge;
mod library;
mod mutate;
mod second_solver;
mod trees;
mod trial;
mod whole_configs;

mod both_ways;
mod confirm;
mod driver_works;
mod elaboration;
mod environment;
mod findings;
mod fixes;
mod floor;
mod forgotten;
mod front_end;
mod impact;
mod merged;
mod mutant_fixes;
mod mutants;
mod older_conf;
mod parsing;
mod semantics;
mod series;
mod small_trees;
mod stories;
mod together;
mod tools;
mod why;
mod written;
