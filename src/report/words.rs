// SPDX-License-Identifier: MIT OR Apache-2.0
//! Words for things that are not words: answers of a toolchain, arguments of a command line.

use std::collections::BTreeMap;

/// Answers that are listed before the list is cut.
const MOST_ANSWERS: usize = 3;
/// Letters of a command that are shown.
const MOST_LETTERS: usize = 60;

/// A toolchain's answers as remarks such as `with clang`, without repetition.
pub(super) fn answers(answers: &BTreeMap<String, String>) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    for (command, answer) in answers {
        let remark = compiler(answer).unwrap_or_else(|| outcome(command, answer));
        if !said.contains(&remark) {
            said.push(remark);
        }
    }
    let rest = said.len().saturating_sub(MOST_ANSWERS);
    if rest > 0 {
        said.truncate(MOST_ANSWERS);
        said.push(format!("and {rest} more answers of the toolchain"));
    }
    said
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

    fn said(pairs: &[(&str, &str)]) -> Vec<String> {
        let owned = pairs
            .iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
        answers(&owned.collect())
    }

    #[test]
    fn a_compiler_has_its_name() {
        assert_eq!(
            said(&[("cc-version.sh", "Clang 190100"), ("cc-name", "Clang")]),
            ["with clang"]
        );
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
