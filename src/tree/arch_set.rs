// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sets of architectures, as bit masks.

use serde::{Deserialize, Serialize};

/// A set of architectures, by their places in a list of at most [`ArchSet::MOST`].
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
pub struct ArchSet(u64);

impl ArchSet {
    /// How many architectures a set can tell apart.
    pub const MOST: usize = 64;
    /// None.
    pub const EMPTY: ArchSet = ArchSet(0);

    /// The first `count` architectures of a list.
    ///
    /// # Panics
    /// When these are more than [`ArchSet::MOST`].
    pub fn first(count: usize) -> ArchSet {
        assert!(
            count <= ArchSet::MOST,
            "more architectures than a set holds"
        );
        ArchSet(
            u64::MAX
                .checked_shr((ArchSet::MOST - count) as u32)
                .unwrap_or(0),
        )
    }

    /// The one at this place.
    pub fn only(at: usize) -> ArchSet {
        ArchSet(1 << at)
    }

    /// The mask: bit `n` stands for the one at place `n`.
    pub fn bits(self) -> u64 {
        self.0
    }

    /// Whether it is empty.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the one at this place belongs to it.
    pub fn contains(self, at: usize) -> bool {
        self.0 >> at & 1 == 1
    }

    /// Whether all of `other` belong to it.
    pub fn covers(self, other: ArchSet) -> bool {
        other.0 & !self.0 == 0
    }

    /// Those that do not belong to `other`.
    pub fn without(self, other: ArchSet) -> ArchSet {
        ArchSet(self.0 & !other.0)
    }

    /// How many there are.
    pub fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// The places, in their order.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let at = rest.trailing_zeros() as usize;
            (rest != 0).then(|| {
                rest &= rest - 1;
                at
            })
        })
    }
}

impl std::ops::BitAnd for ArchSet {
    type Output = ArchSet;

    fn bitand(self, other: ArchSet) -> ArchSet {
        ArchSet(self.0 & other.0)
    }
}

impl std::ops::BitOr for ArchSet {
    type Output = ArchSet;

    fn bitor(self, other: ArchSet) -> ArchSet {
        ArchSet(self.0 | other.0)
    }
}

impl std::ops::BitOrAssign for ArchSet {
    fn bitor_assign(&mut self, other: ArchSet) {
        self.0 |= other.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_have_what_was_put_in() {
        assert_eq!(ArchSet::first(0), ArchSet::EMPTY);
        assert_eq!(ArchSet::first(64).len(), 64);
        let set = ArchSet::only(0) | ArchSet::only(63);
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 63]);
        assert!(set.contains(63) && !set.contains(1));
        assert!(ArchSet::first(64).covers(set) && !ArchSet::first(63).covers(set));
        assert_eq!(set.without(ArchSet::only(0)), ArchSet::only(63));
    }
}
