// SPDX-License-Identifier: MIT OR Apache-2.0
//! Suppressions from the settings: a rule, a pattern of symbols, and the reason.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::rules::term;

/// One `[[allow]]` of the settings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Allow {
    /// The rule's name.
    pub rule: &'static str,
    /// A pattern that the finding's symbol matches as a whole: `*` is any text, `?` any letter.
    pub symbol: String,
    /// The missing terms that it accepts; `None` for whatever is missing.
    pub missing: Option<BTreeSet<String>>,
    /// Why; never empty.
    pub reason: String,
    /// Line of the settings where it starts, from 1.
    pub line: usize,
}

impl Allow {
    /// Whether this suppresses the finding.
    pub fn covers(&self, finding: &Diagnostic) -> bool {
        let symbol = finding.symbol.as_deref();
        self.rule == finding.rule
            && symbol.is_some_and(|symbol| matches(&self.symbol, symbol))
            && term::are_accepted(self.missing.as_ref(), finding)
    }
}

/// Whether a pattern matches the whole of `text`, in linear memory and without recursion:
/// after a mismatch the last `*` takes one letter more.
fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut done) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while done < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, done));
                at += 1;
            }
            Some(letter) if *letter == '?' || *letter == text[done] => {
                at += 1;
                done += 1;
            }
            _ => match star {
                Some((star_at, taken)) => {
                    star = Some((star_at, taken + 1));
                    at = star_at + 1;
                    done = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_symbols() {
        for (pattern, symbol, is) in [
            ("GKI_HIDDEN_*", "GKI_HIDDEN_DRM", true),
            ("GKI_HIDDEN_*", "GKI_HIDDEN_", true),
            ("GKI_HIDDEN_*", "X_GKI_HIDDEN_A", false),
            ("*_DRM_*", "GKI_DRM_X_DRM_Y", true),
            ("DRM_?", "DRM_A", true),
            ("DRM_?", "DRM_", false),
            ("DRM", "DRM_A", false),
            ("*", "", true),
            ("a*b*c", "aXbXbc", true),
        ] {
            assert_eq!(matches(pattern, symbol), is, "{pattern} {symbol}");
        }
    }
}
