// SPDX-License-Identifier: MIT OR Apache-2.0
//! Suppressions from the settings: a rule, a pattern of symbols, of names or of files, and the reason.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::rules::term;
use crate::source::Files;

/// One `[[allow]]` of the settings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Allow {
    /// The rule's name.
    pub rule: &'static str,
    /// A pattern that the finding's symbol matches as a whole: `*` is any text, `?` any letter. `None` for any.
    pub symbol: Option<String>,
    /// Patterns of the names that it speaks of beside its symbol, an undefined one say; `None` for any.
    pub names: Option<Vec<String>>,
    /// A file of the tree whose names count as well.
    pub names_from: Option<String>,
    /// A pattern of the path of its file; `None` for any.
    pub file: Option<String>,
    /// The missing terms that it accepts; `None` for whatever is missing.
    pub missing: Option<BTreeSet<String>>,
    /// Why; never empty.
    pub reason: String,
    /// Line of the settings where it starts, from 1.
    pub line: usize,
}

impl Allow {
    /// Whether this suppresses the finding.
    pub fn covers(&self, finding: &Diagnostic, files: &Files) -> bool {
        self.rule == finding.rule
            && self.is_about(finding)
            && self.names(finding)
            && self.is_in(finding, files)
            && term::are_accepted(self.missing.as_ref(), finding)
    }

    fn is_about(&self, finding: &Diagnostic) -> bool {
        let symbol = finding.symbol.as_deref();
        let pattern = self.symbol.as_ref();
        pattern.is_none_or(|pattern| symbol.is_some_and(|symbol| matches(pattern, symbol)))
    }

    fn names(&self, finding: &Diagnostic) -> bool {
        let Some(patterns) = &self.names else {
            return true;
        };
        let mut all = finding.key.iter().chain(&finding.symbol);
        all.any(|name| patterns.iter().any(|pattern| matches(pattern, name)))
    }

    fn is_in(&self, finding: &Diagnostic, files: &Files) -> bool {
        let place = finding.primary.as_ref();
        let path = place.map(|label| files.get(label.span.file).path().to_owned());
        let pattern = self.file.as_ref();
        pattern.is_none_or(|pattern| path.is_some_and(|path| matches(pattern, &path)))
    }

    /// What it is for, in words.
    pub fn told(&self) -> String {
        let names = self.names.as_ref().map(|names| names.join(", "));
        let parts = [&self.symbol, &self.names_from, &names, &self.file];
        parts
            .into_iter()
            .flatten()
            .next()
            .cloned()
            .unwrap_or_default()
    }
}

/// The names in a list that a project keeps of names which nothing defines: one in each line, as `make kconfig-sym-check` of
/// Linux takes it, or the set UNDEF_KCONFIG_ALLOWLIST in Zephyr's compliance check.
pub fn listed_names(text: &str) -> Vec<String> {
    let is_name = |word: &&str| {
        let mut letters = word.chars();
        !word.is_empty() && letters.all(|it| it.is_ascii_alphanumeric() || it == '_')
    };
    let bare = |line: &str| line.split('#').next().unwrap_or_default().trim().to_owned();
    let sets: Vec<&str> = text.split("UNDEF_KCONFIG_ALLOWLIST = {").skip(1).collect();
    if sets.is_empty() {
        let lines = text.lines().map(bare);
        return lines.filter(|it| is_name(&it.as_str())).collect();
    }
    let mut found = Vec::new();
    for line in sets
        .iter()
        .flat_map(|set| set.lines().map_while(before_the_end))
    {
        let line = bare(line);
        let words = line.split('"').skip(1).step_by(2);
        found.extend(words.filter(is_name).map(str::to_owned));
    }
    found
}

/// A line of a set; `None` for the one that ends it.
fn before_the_end(line: &str) -> Option<&str> {
    (!line.trim_start().starts_with('}')).then_some(line)
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
    fn lists_of_both_projects_are_read() {
        let lines = "# known\nFOO # made by a script\n\n  BAR\nno name\n";
        assert_eq!(listed_names(lines), ["FOO", "BAR"]);
        let python = "X = {\"Z\"}\nclass A:\n    UNDEF_KCONFIG_ALLOWLIST = {\n        \"FOO\", # see \"BAZ\"\n        \
                      # sorted\n        \"BAR_\",\n    }\n    Y = {\"Q\"}\n";
        assert_eq!(listed_names(python), ["FOO", "BAR_"]);
    }

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
