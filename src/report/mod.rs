// SPDX-License-Identifier: MIT OR Apache-2.0
//! Renderers of an outcome.
