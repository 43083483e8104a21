// SPDX-License-Identifier: MIT OR Apache-2.0
//! All tests that need no kernel tree, in one program: each file beside this one is a topic.
//!
//! One program is linked once. The tests on real trees are the target `kernel`.

mod any_rule;
mod architecture;
mod ci;
mod cli;
mod commit_message;
mod conditional;
mod edges;
mod environment;
mod fixes;
mod format;
mod gate;
mod grammar;
mod groups;
mod help;
mod hooks;
mod hostile;
mod identity;
mod impact;
mod interrupts;
mod memory;
mod options;
mod patches;
mod projects;
mod proof;
mod reading;
mod refused;
mod report;
mod rule_fixtures;
mod rules;
mod schema;
mod suppress;
mod syntax;
mod toolchain;
mod tree;
mod undecided;
mod version;
mod visible;
mod why;
mod witness;

/// Every format of a report.
const FORMATS: [&str; 7] = [
    "human",
    "short",
    "json",
    "sarif",
    "github",
    "gitlab",
    "checkpatch",
];
