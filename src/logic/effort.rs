// SPDX-License-Identifier: MIT OR Apache-2.0
//! How much work a question may take. It is counted in conflicts of the solver, not in seconds, so
//! that a run has the same result on every machine.

use std::num::NonZeroU32;

/// The conflicts after which a question is given up.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Effort(NonZeroU32);

/// The answer to a question that was given up. It is never the same as "no".
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Undecided;

impl Effort {
    /// More than any question about a real tree takes; see docs/performance.md.
    pub const DEFAULT: Effort = match NonZeroU32::new(5_000) {
        Some(conflicts) => Effort(conflicts),
        None => Effort(NonZeroU32::MIN),
    };

    /// An effort of this many conflicts.
    pub const fn new(conflicts: NonZeroU32) -> Effort {
        Effort(conflicts)
    }

    /// The conflicts.
    pub fn conflicts(self) -> u32 {
        self.0.get()
    }

    /// The conflicts that a question may take in a solver which remembers earlier questions.
    pub(super) fn shared(self) -> u64 {
        u64::from(self.0.get()).div_ceil(SHARE)
    }
}

impl Default for Effort {
    fn default() -> Effort {
        Effort::DEFAULT
    }
}

/// What a solver has learnt from earlier questions can spare a question some conflicts, and what it was
/// asked earlier depends on the threads. With this part of the effort it cannot spare so many that
/// a question is decided in one run and not in the next.
const SHARE: u64 = 16;
