// SPDX-License-Identifier: MIT OR Apache-2.0
//! Words for things that are not words: answers of a toolchain, arguments of a command line.

use std::collections::{BTreeMap, BTreeSet};

use crate::tree::{dotted, tool_name};

/// Letters of a command that are shown.
const MOST_LETTERS: usize = 60;

/// The tools that a toolchain's answers name, as a remark such as `with GCC 9.1 and GNU ld 2.30`.
pub(super) fn tools(answers: &BTreeMap<String, String>) -> Vec<String> {
    let printed = answers.iter();
    let printed = printed.filter_map(|(command, answer)| printed_tool(command, answer));
    let printed: BTreeMap<&str, String> = printed.collect();
    // A tool that only a name tells of: the answer of another kind of tree.
    let named = answers.values().filter_map(|answer| compiler(answer));
    let is_new = |name: &String| !printed.keys().any(|known| known.eq_ignore_ascii_case(name));
    let named: BTreeSet<String> = named.filter(is_new).collect();
    let said: Vec<String> = printed.values().cloned().chain(named).collect();
    let remark = format!("with {}", said.join(" and "));
    Vec::from_iter((!said.is_empty()).then_some(remark))
}

/// The tool that a version script of the tree prints: its name, and that with the version.
fn printed_tool<'a>(command: &str, answer: &'a str) -> Option<(&'a str, String)> {
    let script = command.split(' ').next()?;
    let (name, version) = answer.split_once(' ')?;
    let version = version
        .parse()
        .ok()
        .filter(|_| script.ends_with("-version.sh"))?;
    let known = tool_name(name);
    let words = match version {
        // It has no version of its own.
        0 => known.to_owned(),
        version => format!("{known} {}", dotted(version)),
    };
    Some((name, words))
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
    let tools = answers.iter();
    let tools = tools.filter(|(command, answer)| printed_tool(command, answer).is_some());
    let words: Vec<String> = tools
        .map(|(_, answer)| format!("set -- {answer} && "))
        .collect();
    let is_told = |command: &str, answer: &str| {
        compiler(answer).is_some()
            || printed_tool(command, answer).is_some()
            || words.iter().any(|words| command.starts_with(words))
    };
    let others = answers.iter();
    let others = others.filter(|(command, answer)| !is_told(command, answer));
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
    matches!(name.as_str(), "clang" | "gcc").then_some(name)
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
        assert_eq!(tools(&map(&pairs)), ["with Clang 19.1"]);
        assert!(said(&pairs).is_empty());
    }

    #[test]
    fn tools_have_their_versions() {
        let pairs = [
            ("./scripts/cc-version.sh gcc", "GCC 90100"),
            ("./scripts/ld-version.sh ld", "BFD 23002"),
            ("./scripts/as-version.sh gcc ", "LLVM 0"),
            ("set -- BFD 23002 && echo $1", "BFD"),
            ("set -- GCC 90100 && echo $1", "GCC"),
            ("set -- GCC 90100 && echo $2", "90100"),
            ("uname -r", "6.1 1"),
        ];
        let expected = "with GNU ld 2.30.2 and GCC 9.1 and the assembler of Clang";
        assert_eq!(tools(&map(&pairs)), [expected]);
        assert_eq!(said(&pairs), ["`uname -r` prints `6.1 1`"]);
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
