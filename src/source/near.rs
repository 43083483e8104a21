// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finds the name that was probably meant: for unknown rules, settings, architectures,
//! symbols, commands and keywords of Kconfig.
//!
//! It only compares words; who asks says where the candidates come from.

/// The candidate nearest to `word`, when one is near enough to be worth naming. Of equally
/// near ones the first in alphabetical order, so that the answer is stable.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = word.chars().count().div_ceil(3).min(4);
    within(limit, word, candidates)
}

/// The question to append where a symbol is not known. Among ten thousand names some are always near:
/// one or two edits count, and names that differ in digits are different machines.
pub fn symbol_hint<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let letters = |word: &str| word.replace(|it: char| it.is_ascii_digit(), "");
    let own = letters(word);
    let others = candidates.into_iter();
    let others = others.filter(|other| {
        other.len().abs_diff(word.len()) <= 2
            // Nobody mistypes the first letter, and ten thousand comparisons take long.
            && other.as_bytes().first() == word.as_bytes().first()
            && letters(other) != own
    });
    let limit = match word.chars().count() {
        0..4 => return String::new(),
        length => (length / 6).clamp(1, 2),
    };
    within(limit, word, others).map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
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
        let known = ["PAGE_HELPER", "M686", "RNG_OPTEE"];
        let page = "; did you mean `PAGE_HELPER`?";
        assert_eq!(symbol_hint("PAGE_HELPR", known), page);
        assert_eq!(symbol_hint("M586", known), "");
        assert_eq!(symbol_hint("SPL_OPTEE", known), "");
        assert_eq!(symbol_hint("A", ["B"]), "");
    }

    #[test]
    fn equally_near_names_are_chosen_by_alphabet() {
        assert_eq!(nearest("arm6", ["arm8", "arm7"]), Some("arm7"));
    }
}
