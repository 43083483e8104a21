// SPDX-License-Identifier: MIT OR Apache-2.0
//! Words of several pieces side by side, of which the toolchain decides: all their texts while
//! these are few, else whether such a word is one certain text.
//!
//! It must not list what is exponential in the length of a word.

use std::collections::BTreeMap;

use super::encode::Encoder;
use super::gates::Bit;
use super::solver::Sink;
use crate::menu::command::Output;
use crate::source::Name;

/// Texts with the bits that they hold; no two hold together, and one does.
pub(super) type Texts = Vec<(Name, Bit)>;

impl<S: Sink> Encoder<S> {
    /// The texts of each piece.
    pub(super) fn texts_of(&mut self, pieces: &[Output]) -> Vec<Texts> {
        pieces
            .iter()
            .map(|piece| self.output_texts(piece))
            .collect()
    }

    /// All texts that the pieces can make.
    pub(super) fn all_joined(&mut self, pieces: &[Texts]) -> Texts {
        let mut all: Texts = vec![(Name::new(""), Bit::True)];
        for here in pieces {
            let mut longer = Vec::with_capacity(all.len() * here.len());
            for (text, bit) in all {
                for (piece, piece_bit) in here {
                    let joined = Name::new(&format!("{text}{piece}"));
                    longer.push((joined, self.gates.and(bit, *piece_bit)));
                }
            }
            all = longer;
        }
        all
    }

    /// Whether pieces side by side make exactly this text, by how far each can reach in it.
    pub(super) fn joined_is(&mut self, pieces: &[Texts], text: Name) -> Bit {
        let whole = text.as_str();
        let mut reached = BTreeMap::from([(0, Bit::True)]);
        for here in pieces {
            let mut further: BTreeMap<usize, Vec<Bit>> = BTreeMap::new();
            for (start, bit) in reached {
                for (piece, piece_bit) in here {
                    if whole[start..].starts_with(piece.as_str()) {
                        let both = self.gates.and(bit, *piece_bit);
                        let end = start + piece.as_str().len();
                        further.entry(end).or_default().push(both);
                    }
                }
            }
            let further = further.into_iter();
            reached = further
                .map(|(end, bits)| (end, self.gates.any(bits)))
                .collect();
        }
        reached.get(&whole.len()).copied().unwrap_or(Bit::False)
    }
}

/// Texts that pieces side by side can make before they are no longer listed: a word of twenty
/// tests has a million. Then only those count that the tree compares the word with.
const MOST_JOINED: usize = 1024;

/// Whether all texts that the pieces can make may be listed.
pub(super) fn is_enumerable(pieces: &[Texts]) -> bool {
    let sizes = pieces.iter().map(Vec::len);
    sizes.fold(1, usize::saturating_mul) <= MOST_JOINED
}

/// Whether an output can be several pieces side by side: a domain does not hold all such texts.
pub(super) fn is_joined(output: &Output) -> bool {
    match output {
        Output::Joined(_) => true,
        Output::Either {
            success, failure, ..
        } => is_joined(success) || is_joined(failure),
        Output::Text(_) | Output::Command(_) => false,
    }
}
