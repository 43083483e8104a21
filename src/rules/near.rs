// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finds the name that was probably meant: for unknown rules, settings, architectures and
//! symbols.
//!
//! It only compares words; who asks says where the candidates come from.

/// The candidate nearest to `word`, when one is near enough to be worth naming. Of equally
/// near ones the first in alphabetical order, so that the answer is stable.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
    let limit = wanted.len().div_ceil(3).min(4);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != word)
        .filter(|candidate| candidate.len().abs_diff(word.len()) <= word.len())
        .map(|candidate| (distance(&wanted, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// The question to append to an error about an unknown name, or nothing.
pub fn hint<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, candidates).map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

/// Edits (insert, delete, replace, swap two neighbours) from one word to the other, ignoring
/// case: optimal string alignment.
fn distance(from: &[char], to: &str) -> usize {
    let to: Vec<char> = to.chars().flat_map(char::to_lowercase).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (row, left) in from.iter().enumerate() {
        let mut next = vec![row + 1];
        for (column, right) in to.iter().enumerate() {
            let replaced = last[column] + usize::from(left != right);
            let mut best = replaced.min(last[column + 1] + 1).min(next[column] + 1);
            let swapped =
                row > 0 && column > 0 && from[row - 1] == *right && *left == to[column - 1];
            if swapped {
                best = best.min(before[column - 1] + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut last, next);
    }
    last[to.len()]
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
    fn equally_near_names_are_chosen_by_alphabet() {
        assert_eq!(nearest("arm6", ["arm8", "arm7"]), Some("arm7"));
    }
}
