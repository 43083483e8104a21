// SPDX-License-Identifier: MIT OR Apache-2.0
//! Symbols, hash-consed expressions and the dependency graph of one architecture.
