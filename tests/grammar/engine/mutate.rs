// SPDX-License-Identifier: MIT OR Apache-2.0
//! Small damage to a sentence, so that a good part of what comes out is no sentence.

use super::{Leaf, Lexeme, Random, Speller};

/// Deletes, doubles, swaps, replaces or inserts a token, once or twice. New tokens come
/// from `pool`.
pub(crate) fn mutate_lexemes(
    lexemes: &[Lexeme],
    pool: &[Leaf],
    speller: &mut Speller<'_>,
    random: &mut Random,
) -> Vec<Lexeme> {
    let mut result = lexemes.to_vec();
    for _ in 0..=random.below(2) {
        if result.is_empty() {
            break;
        }
        let at = random.below(result.len());
        let mut fresh = |random: &mut Random| {
            let leaf = pool[random.below(pool.len())].clone();
            let text = speller.text(&leaf, random);
            Lexeme { leaf, text }
        };
        match random.below(6) {
            0 => {
                result.remove(at);
            }
            1 => result.insert(at, result[at].clone()),
            2 if at + 1 < result.len() => result.swap(at, at + 1),
            3 => {
                let other = random.below(result.len());
                result.swap(at, other);
            }
            4 => result.insert(at, fresh(random)),
            _ => result[at] = fresh(random),
        }
    }
    result
}

/// Deletes, doubles or replaces a byte, or inserts a telling one.
pub(crate) fn mutate_bytes(text: &[u8], random: &mut Random) -> Vec<u8> {
    const TELLING: &[u8] = b"\"'\\\n\n \t#$()=!<>|&:+,.Ay0-";
    let mut result = text.to_vec();
    if result.is_empty() {
        return result;
    }
    let at = random.below(result.len());
    match random.below(4) {
        0 => {
            result.remove(at);
        }
        1 => result.insert(at, result[at]),
        2 => result.insert(at, random.pick(TELLING)),
        _ => result[at] = random.pick(TELLING),
    }
    result
}
