// SPDX-License-Identifier: MIT OR Apache-2.0
//! Words for things that are not words: answers of a toolchain, arguments of a command line.

use std::collections::BTreeMap;

/// Letters of a command that are shown.
const MOST_LETTERS: usize = 60;

/// The compilers that a toolchain's answers name, as remarks such as `with clang`.
pub(super) fn compilers(answers: &BTreeMap<String, String>) -> Vec<String> {
    let mut said: Vec<String> = answers
        .values()
        .filter_map(|answer| compiler(answer))
        .collect();
    said.sort();
    said.dedup();
    said
}

/// The variables of the environment that a witness needs, as a shell sets them. An empty one has
/// to be unset.
pub(super) fn environment(variables: &BTreeMap<String, String>) -> Vec<String> {
    let all = variables.iter();
    all.map(|(name, value)| match value.as_str() {
        "" => format!("{name}=\"\""),
        value => format!("{name}={}", quoted(value)),
    })
    .collect()
}

/// All other answers, each as a remark: what the command prints, or whether its test succeeds.
pub(super) fn answers(answers: &BTreeMap<String, String>) -> Vec<String> {
    let others = answers
        .iter()
        .filter(|(_, answer)| compiler(answer).is_none());
    others
        .map(|(command, answer)| outcome(command, answer))
        .collect()
}

/// An argument as a shell takes it.
pub(super) fn quoted(argument: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+,:@%=".contains(letter);
    if !argument.is_empty() && argument.chars().all(plain) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', r"'\''"))
    }
}

/// The compiler that an answer names.
fn compiler(answer: &str) -> Option<String> {
    let name = answer.split_whitespace().next()?.to_ascii_lowercase();
    matches!(name.as_str(), "clang" | "gcc").then(|| format!("with {name}"))
}

/// What a command said; for the form of the kernel's `success` and `failure` macros, whether
/// the test in it holds.
fn outcome(command: &str, answer: &str) -> String {
    let parts = command
        .strip_prefix("{ ")
        .and_then(|rest| rest.split_once("; } >/dev/null 2>&1 && echo "))
        .and_then(|(test, echoes)| Some((test, echoes.split_once(" || echo ")?)));
    let is = |echo: &str| echo.trim().trim_matches('"') == answer;
    match parts {
        Some((test, (yes, _))) if is(yes) => format!("`{}` succeeds", abridged(test)),
        Some((test, (_, no))) if is(no) => format!("`{}` fails", abridged(test)),
        _ => format!("`{}` prints `{}`", abridged(command), abridged(answer)),
    }
}

fn abridged(text: &str) -> String {
    match text.char_indices().nth(MOST_LETTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let owned = pairs
            .iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
        owned.collect()
    }

    fn said(pairs: &[(&str, &str)]) -> Vec<String> {
        answers(&map(pairs))
    }

    #[test]
    fn a_compiler_has_its_name() {
        let pairs = [("cc-version.sh", "Clang 190100"), ("cc-name", "Clang")];
        assert_eq!(compilers(&map(&pairs)), ["with clang"]);
        assert!(said(&pairs).is_empty());
    }

    #[test]
    fn a_test_holds_or_fails() {
        let command = r#"{ cc -flag; } >/dev/null 2>&1 && echo "y" || echo "n""#;
        assert_eq!(said(&[(command, "y")]), ["`cc -flag` succeeds"]);
        assert_eq!(said(&[(command, "n")]), ["`cc -flag` fails"]);
        assert_eq!(said(&[("uname -r", "6.1")]), ["`uname -r` prints `6.1`"]);
    }

    #[test]
    fn odd_arguments_are_quoted() {
        assert_eq!(quoted("drivers/gpu/Kconfig"), "drivers/gpu/Kconfig");
        assert_eq!(quoted("a b'c"), r"'a b'\''c'");
    }
}
