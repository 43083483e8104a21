// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every alternative of every production is shown by some fixture.
