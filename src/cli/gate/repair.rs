// SPDX-License-Identifier: MIT OR Apache-2.0
//! The smallest part of a change of a file that takes an error away.
//!
//! The gate applies only this part to the tree before. What is found there was there before, only
//! hidden by the error; what else the change does, it answers for.

use similar::{Algorithm, DiffTag, capture_diff_slices};

/// A change of lines that is made as a whole or not at all.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Piece<'t> {
    /// The place among the old lines, before which it stands or which it replaces.
    at: usize,
    replaces: bool,
    new: Option<&'t [u8]>,
}

/// The old text with the smallest part of the changes to the new one with which `is_repaired`
/// holds: leaving out any single line of it, the error is there again. `None` when not even the
/// new text is free of the error, or when more than `most` trials do not tell.
pub(super) fn smallest(
    old: &[u8],
    new: &[u8],
    most: usize,
    is_repaired: &mut dyn FnMut(&[u8]) -> bool,
) -> Option<Vec<u8>> {
    let old: Vec<&[u8]> = old.split_inclusive(|byte| *byte == b'\n').collect();
    let new: Vec<&[u8]> = new.split_inclusive(|byte| *byte == b'\n').collect();
    let mut kept = pieces(&old, &new);
    if !is_repaired(&applied(&old, &kept)) {
        return None;
    }
    let mut trials = 0;
    let mut size = kept.len().div_ceil(2);
    while size > 0 {
        let mut start = 0;
        while start < kept.len() {
            trials += 1;
            if trials > most {
                return None;
            }
            let end = (start + size).min(kept.len());
            let rest = [&kept[..start], &kept[end..]].concat();
            match is_repaired(&applied(&old, &rest)) {
                true => kept = rest,
                false => start = end,
            }
        }
        size = if size == 1 { 0 } else { size.div_ceil(2) };
    }
    Some(applied(&old, &kept))
}

fn pieces<'t>(old: &[&'t [u8]], new: &[&'t [u8]]) -> Vec<Piece<'t>> {
    let mut pieces = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, old, new) {
        if op.tag() == DiffTag::Equal {
            continue;
        }
        let mut rest = op.new_range();
        for at in op.old_range() {
            let partner = rest.clone().find(|line| are_alike(old[at], new[*line]));
            if let Some(partner) = partner {
                let before = rest.start..partner;
                pieces.extend(before.map(|line| inserted(at, new[line])));
                rest.start = partner + 1;
            }
            pieces.push(Piece {
                at,
                replaces: true,
                new: partner.map(|line| new[line]),
            });
        }
        let end = op.old_range().end;
        pieces.extend(rest.map(|line| inserted(end, new[line])));
    }
    pieces
}

fn inserted(at: usize, line: &[u8]) -> Piece<'_> {
    Piece {
        at,
        replaces: false,
        new: Some(line),
    }
}

/// Whether a line is another one mended: most of it is the same at its begin and its end.
fn are_alike(old: &[u8], new: &[u8]) -> bool {
    let (old, new) = (old.trim_ascii(), new.trim_ascii());
    let shorter = old.len().min(new.len());
    let pairs = old.iter().zip(new);
    let same = pairs.take_while(|(one, other)| one == other).count();
    let ends = old[same..].iter().rev().zip(new[same..].iter().rev());
    let same = same + ends.take_while(|(one, other)| one == other).count();
    shorter > 0 && 2 * same >= shorter
}

fn applied(old: &[&[u8]], pieces: &[Piece<'_>]) -> Vec<u8> {
    let mut text = Vec::new();
    let mut pieces = pieces.iter().peekable();
    for at in 0..=old.len() {
        let mut is_kept = true;
        while let Some(piece) = pieces.next_if(|piece| piece.at == at) {
            text.extend_from_slice(piece.new.unwrap_or_default());
            is_kept &= !piece.replaces;
        }
        if let Some(line) = old.get(at).filter(|_| is_kept) {
            text.extend_from_slice(line);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_repairs_is_kept() {
        let old = b"a\nbroken lin\nc\nd\n";
        let new = b"a\nx\nbroken line\ny\nc\nz\n";
        let mut asked = |text: &[u8]| !text.windows(5).any(|it| it == b" lin\n");
        let found = smallest(old, new, 99, &mut asked).expect("a part");
        assert_eq!(found, b"a\nbroken line\nc\nd\n");
        let mut never = |_: &[u8]| false;
        assert_eq!(smallest(old, new, 99, &mut never), None);
        let mut always = |_: &[u8]| true;
        assert_eq!(smallest(old, new, 99, &mut always).expect("a part"), old);
    }

    #[test]
    fn all_pieces_make_the_new_text() {
        for (old, new) in [
            (&b""[..], &b"a\nb\n"[..]),
            (b"a\nb\nc\n", b""),
            (b"a\nb\nc", b"c\nb\na"),
            (b"depends on A\nb\n", b"depends on A B\nq\nb\nr\n"),
        ] {
            let lines = |text: &'static [u8]| -> Vec<&'static [u8]> {
                text.split_inclusive(|byte| *byte == b'\n').collect()
            };
            let (before, after) = (lines(old), lines(new));
            assert_eq!(applied(&before, &pieces(&before, &after)), new);
            assert_eq!(applied(&before, &[]), old);
        }
    }
}
