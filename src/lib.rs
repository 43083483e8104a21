// SPDX-License-Identifier: MIT OR Apache-2.0
//! kconfig-lint decides, for every configuration of every architecture of a Kconfig tree,
//! which `select` can switch a symbol on while its dependencies are off.
//!
//! Data flows one way through the modules below, in this order; imports point only upwards.
#![forbid(unsafe_code)]

pub mod system;

pub mod source;

pub mod diagnostic;

pub mod syntax;

pub mod tree;

pub mod references;

pub mod menu;

pub mod model;

pub mod logic;

pub mod link;

pub mod rules;

pub mod config;

pub mod session;

pub mod fix;

pub mod report;

pub mod cli;
