// SPDX-License-Identifier: MIT OR Apache-2.0
//! Candidate fixes become patches here; proof and applying come with a later issue.
