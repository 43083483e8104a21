// SPDX-License-Identifier: MIT OR Apache-2.0
//! Interned words: a symbol's name or a constant, compared as one number.

use std::cmp::Ordering;
use std::fmt;
use std::hash::BuildHasher;
use std::sync::{OnceLock, RwLock};

use rustc_hash::{FxBuildHasher, FxHashMap};

/// A word that occurs in a tree, interned for the life of the process.
///
/// Two names are equal when their texts are. They order by text, never by the time
/// of their interning, because files are parsed in parallel and output must not
/// depend on which thread came first.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Name(u32);

const SHARDS: usize = 16;

#[derive(Default)]
struct Shard {
    ids: FxHashMap<&'static str, u32>,
    texts: Vec<&'static str>,
}

fn shards() -> &'static [RwLock<Shard>; SHARDS] {
    static TABLE: OnceLock<[RwLock<Shard>; SHARDS]> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut shards: [Shard; SHARDS] = Default::default();
        // These have fixed numbers, whichever shard their texts hash to.
        for (id, word) in ["n", "m", "y"].into_iter().enumerate() {
            shards[id].texts.push(word);
            shards[shard_of(word)].ids.insert(word, id as u32);
        }
        shards.map(RwLock::new)
    })
}

fn shard_of(text: &str) -> usize {
    FxBuildHasher.hash_one(text) as usize >> 7 & (SHARDS - 1)
}

impl Name {
    /// `n`, known without a look-up, as the next two are.
    pub const N: Name = Name(0);
    /// `m`
    pub const M: Name = Name(1);
    /// `y`
    pub const Y: Name = Name(2);

    /// Interns `text`. The text lives as long as the process: a tree has some tens of
    /// thousands of distinct words, and every run needs all of them until its end.
    pub fn new(text: &str) -> Name {
        let shard = shard_of(text);
        let lock = &shards()[shard];
        if let Some(&id) = read(lock).ids.get(text) {
            return Name(id);
        }
        let mut table = lock
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(&id) = table.ids.get(text) {
            return Name(id);
        }
        let kept: &'static str = Box::leak(Box::from(text));
        let id = (table.texts.len() * SHARDS + shard) as u32;
        table.texts.push(kept);
        table.ids.insert(kept, id);
        Name(id)
    }

    /// The word itself.
    pub fn as_str(self) -> &'static str {
        let shard = self.0 as usize % SHARDS;
        read(&shards()[shard]).texts[self.0 as usize / SHARDS]
    }

    /// A small number unique to this name, for tables indexed by name. It differs from
    /// run to run, so it must never decide an order.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

fn read(lock: &RwLock<Shard>) -> std::sync::RwLockReadGuard<'_, Shard> {
    lock.read().unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Name) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Name) -> Ordering {
        if self == other {
            Ordering::Equal
        } else {
            self.as_str().cmp(other.as_str())
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_are_one_name() {
        assert_eq!(Name::new("DRM"), Name::new("DRM"));
        assert_ne!(Name::new("DRM"), Name::new("MMU"));
        assert_eq!(Name::new("DRM").as_str(), "DRM");
    }

    #[test]
    fn the_three_values_have_their_numbers() {
        for (name, text) in [(Name::N, "n"), (Name::M, "m"), (Name::Y, "y")] {
            assert_eq!(Name::new(text), name);
            assert_eq!(name.as_str(), text);
        }
    }

    #[test]
    fn names_order_by_text() {
        let late = Name::new("ORDER_A");
        let early = Name::new("ORDER_B");
        assert!(late < early);
    }
}
