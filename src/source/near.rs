// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finds the name that was probably meant: for unknown rules, settings, architectures,
//! symbols, commands and keywords of Kconfig.
//!
//! It only compares words; who asks says where the candidates come from.

use rustc_hash::FxHashMap;

/// The candidate nearest to `word`, when one is near enough to be worth naming. Of equally
/// near ones the first in alphabetical order, so that the answer is stable.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = word.chars().count().div_ceil(3).min(4);
    within(limit, word, candidates)
}

/// The names of all symbols of a tree, for questions about one that is not among them.
#[derive(Default)]
pub struct Symbols {
    /// By the first byte and the length; each name with the letters that it has.
    names: FxHashMap<(u8, usize), Vec<(u32, &'static str)>>,
}

impl FromIterator<&'static str> for Symbols {
    fn from_iter<T: IntoIterator<Item = &'static str>>(names: T) -> Symbols {
        let mut symbols = Symbols::default();
        for name in names {
            let Some(first) = name.bytes().next() else {
                continue;
            };
            let alike = symbols.names.entry((first, name.len()));
            alike.or_default().push((letters(name), name));
        }
        symbols
    }
}

impl Symbols {
    /// The question to append where a symbol is not known. Among ten thousand names some are always
    /// near: one or two edits count, and names that differ in digits are different machines. Nobody
    /// mistypes the first letter.
    pub fn hint(&self, word: &str) -> String {
        let limit = match word.chars().count() {
            0..4 => return String::new(),
            length => (length / 6).clamp(1, 2),
        };
        let Some(first) = word.bytes().next() else {
            return String::new();
        };
        let without_digits = |word: &str| word.replace(|it: char| it.is_ascii_digit(), "");
        let (own, mask) = (without_digits(word), letters(word));
        let lengths = word.len().saturating_sub(limit)..=word.len() + limit;
        let alike = lengths.filter_map(|length| self.names.get(&(first, length)));
        let others = alike.flatten().filter(|(other, _)| {
            // An edit takes one letter away and brings one.
            (mask ^ other).count_ones() as usize <= 2 * limit
        });
        let others = others.map(|(_, name)| *name);
        let others = others.filter(|other| without_digits(other) != own);
        within(limit, word, others)
            .map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
    }
}

/// Which letters a word has, whatever their case, as a bit each; all other characters share one.
fn letters(word: &str) -> u32 {
    let bit = |byte: u8| match byte.to_ascii_lowercase() {
        letter @ b'a'..=b'z' => 1 << (letter - b'a'),
        _ => 1 << 26,
    };
    word.bytes().fold(0, |all, byte| all | bit(byte))
}

fn within<'a>(
    limit: usize,
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    candidates
        .into_iter()
        .filter(|candidate| *candidate != word)
        .filter(|candidate| candidate.len().abs_diff(word.len()) <= word.len())
        .map(|candidate| (edits(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// The question to append to an error about an unknown name, or nothing.
pub fn hint<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, candidates).map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

/// Edits (insert, delete, replace, swap two neighbours) from one word to the other, ignoring
/// case.
pub fn edits(from: &str, to: &str) -> usize {
    strsim::osa_distance(&from.to_lowercase(), &to.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_are_found() {
        let rules = ["unmet-dependency", "policy", "syntax-error"];
        assert_eq!(nearest("unmet-dependancy", rules), Some("unmet-dependency"));
        assert_eq!(nearest("plociy", rules), Some("policy"));
        assert_eq!(nearest("Policy", rules), Some("policy"));
        assert_eq!(nearest("SYNTAX-ERROR", rules), Some("syntax-error"));
    }

    #[test]
    fn distant_names_are_not_offered() {
        assert_eq!(nearest("dead-code", ["unmet-dependency", "policy"]), None);
        assert_eq!(nearest("", ["policy"]), None);
        assert_eq!(hint("x", ["policy"]), "");
    }

    #[test]
    fn symbols_have_to_be_nearer() {
        let known = ["PAGE_HELPER", "M686", "RNG_OPTEE", "A"];
        let known: Symbols = known.into_iter().collect();
        let page = "; did you mean `PAGE_HELPER`?";
        for word in ["PAGE_HELPR", "PAGE_HLEPER", "Page_helper", "PAGE_HELPERS"] {
            assert_eq!(known.hint(word), page, "{word}");
        }
        for word in ["PAGE_HELPER", "M586", "SPL_OPTEE", "B", ""] {
            assert_eq!(known.hint(word), "", "{word}");
        }
    }

    #[test]
    fn equally_near_names_are_chosen_by_alphabet() {
        assert_eq!(nearest("arm6", ["arm8", "arm7"]), Some("arm7"));
    }
}
