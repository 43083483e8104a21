// SPDX-License-Identifier: MIT OR Apache-2.0
//! What `test …` and `[ … ]` say about unknown outputs, where their text leaves no doubt.
//!
//! This reads the small part of the shell's language in which such tests are written: words
//! and quotes. Anything else is left alone (semantics.md 29).

use super::command::{Meaning, Output};
use super::shell::{Script, is_unknown};
use crate::syntax::ast::CompareOp;

/// The result of reading a test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Reading {
    /// It does not depend on anything unknown.
    Known(bool),
    /// It depends on unknown outputs in this way.
    Means(Meaning),
}

/// What the condition `script` means.
pub(super) fn read(script: &Script) -> Option<Reading> {
    let words = split(script.text())?;
    let mut texts = words.iter().map(|word| &*word.text);
    match texts.next()? {
        "true" | ":" if words.len() == 1 => Some(Reading::Known(true)),
        "false" if words.len() == 1 => Some(Reading::Known(false)),
        "test" => test(script, &words[1..]),
        "[" if texts.next_back() == Some("]") => test(script, &words[1..words.len() - 1]),
        _ => None,
    }
}

/// The outcome of a test with this meaning, where `text` knows both sides.
pub(super) fn outcome<'t>(
    meaning: &Meaning,
    text: impl Fn(&Output) -> Option<&'t str>,
) -> Option<bool> {
    Some(match meaning {
        Meaning::Equal {
            left,
            right,
            negated,
        } => (text(left)? == text(right)?) != *negated,
        Meaning::Compare { left, op, right } => compare(text(left)?, *op, text(right)?),
        Meaning::Empty { value, negated } => text(value)?.is_empty() != *negated,
    })
}

/// A word of the shell's language.
struct Word {
    /// Without its quotes.
    text: String,
    /// Whether an unknown output stands in it outside of quotes, so that it may turn out to be
    /// no word or several.
    loose: bool,
    /// Whether any of it was quoted: then it is no operator.
    quoted: bool,
}

/// The arguments of `test` by their number, as POSIX has it.
fn test(script: &Script, words: &[Word]) -> Option<Reading> {
    match words {
        [] => Some(Reading::Known(false)),
        [word] => empty(script, word, true),
        [not, rest @ ..] if is(not, "!") && rest.len() <= 3 => negate(test(script, rest)?),
        [operator, word] if is(operator, "-z") => empty(script, word, false),
        [operator, word] if is(operator, "-n") => empty(script, word, true),
        [left, operator, right] => binary(script, left, operator, right),
        _ => None,
    }
}

fn binary(script: &Script, left: &Word, operator: &Word, right: &Word) -> Option<Reading> {
    if operator.quoted || operator.loose {
        return None;
    }
    let op = match &*operator.text {
        "=" => return equal(script, left, right, false),
        "!=" => return equal(script, left, right, true),
        "-eq" => CompareOp::Equal,
        "-ne" => CompareOp::Unequal,
        "-lt" => CompareOp::Less,
        "-le" => CompareOp::LessEqual,
        "-gt" => CompareOp::Greater,
        "-ge" => CompareOp::GreaterEqual,
        _ => return None,
    };
    // A loose word that is not exactly one number makes `test` fail, as one that is no
    // number does.
    let (left, right) = (output(script, left), output(script, right));
    if let (Some(left), Some(right)) = (text(&left), text(&right)) {
        return Some(Reading::Known(compare(left, op, right)));
    }
    Some(Reading::Means(Meaning::Compare { left, op, right }))
}

fn equal(script: &Script, left: &Word, right: &Word, negated: bool) -> Option<Reading> {
    let loose = left.loose || right.loose;
    // A loose word may turn out to be several: then `test` fails, which is right for `=` alone.
    // Two loose words, or one beside an empty one, may vanish together.
    if loose
        && (negated || left.loose && right.loose || left.text.is_empty() || right.text.is_empty())
    {
        return None;
    }
    let (left, right) = (output(script, left), output(script, right));
    if left == right {
        return Some(Reading::Known(!negated));
    }
    if text(&left).is_some() && text(&right).is_some() {
        return Some(Reading::Known(negated));
    }
    Some(Reading::Means(Meaning::Equal {
        left,
        right,
        negated,
    }))
}

fn empty(script: &Script, word: &Word, negated: bool) -> Option<Reading> {
    // `test -n` without its word is true.
    if word.loose && negated {
        return None;
    }
    let value = output(script, word);
    if let Some(text) = text(&value) {
        return Some(Reading::Known(text.is_empty() != negated));
    }
    Some(Reading::Means(Meaning::Empty { value, negated }))
}

fn negate(reading: Reading) -> Option<Reading> {
    match reading {
        Reading::Known(outcome) => Some(Reading::Known(!outcome)),
        Reading::Means(Meaning::Equal {
            left,
            right,
            negated,
        }) => Some(Reading::Means(Meaning::Equal {
            left,
            right,
            negated: !negated,
        })),
        Reading::Means(Meaning::Empty { value, negated }) => Some(Reading::Means(Meaning::Empty {
            value,
            negated: !negated,
        })),
        // What is no number fails both ways.
        Reading::Means(Meaning::Compare { .. }) => None,
    }
}

fn is(word: &Word, operator: &str) -> bool {
    !word.quoted && word.text == operator
}

fn output(script: &Script, word: &Word) -> Output {
    script.pieces(&word.text).to_output()
}

fn text(output: &Output) -> Option<&'static str> {
    match output {
        Output::Text(text) => Some(text.as_str()),
        _ => None,
    }
}

fn compare(left: &str, op: CompareOp, right: &str) -> bool {
    let (Ok(left), Ok(right)) = (left.trim().parse::<i64>(), right.trim().parse::<i64>()) else {
        return false;
    };
    match op {
        CompareOp::Equal => left == right,
        CompareOp::Unequal => left != right,
        CompareOp::Less => left < right,
        CompareOp::LessEqual => left <= right,
        CompareOp::Greater => left > right,
        CompareOp::GreaterEqual => left >= right,
    }
}

/// Splits a text into words; `None` when it holds anything but words and quotes.
fn split(text: &str) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    let mut chars = text.chars().peekable();
    loop {
        while chars.next_if(|c| matches!(c, ' ' | '\t')).is_some() {}
        if chars.peek().is_none() {
            return Some(words);
        }
        let mut word = Word {
            text: String::new(),
            loose: false,
            quoted: false,
        };
        while let Some(c) = chars.next_if(|c| !matches!(c, ' ' | '\t')) {
            match c {
                '"' | '\'' => {
                    word.quoted = true;
                    quoted(&mut chars, c, &mut word.text)?;
                }
                c if is_unknown(c) => {
                    word.loose = true;
                    word.text.push(c);
                }
                '[' | ']' | '!' => word.text.push(c),
                c if c.is_alphanumeric() || "_-+=:,./@%".contains(c) => word.text.push(c),
                _ => return None,
            }
        }
        let pattern = word.text.contains(['[', ']']) && !matches!(&*word.text, "[" | "]");
        if pattern && !word.quoted {
            return None;
        }
        words.push(word);
    }
}

fn quoted(
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    quote: char,
    text: &mut String,
) -> Option<()> {
    loop {
        match chars.next()? {
            c if c == quote => return Some(()),
            '$' | '`' | '\\' if quote == '"' => return None,
            c => text.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::menu::command::CommandId;
    use crate::menu::pieces::Pieces;
    use crate::source::Name;

    /// Reads a test in which `@` stands for an unknown output.
    fn reading(test: &str) -> Option<Reading> {
        let mut pieces = Pieces::new();
        for (index, part) in test.split('@').enumerate() {
            if index > 0 {
                pieces.push(&Output::Command(CommandId(0)));
            }
            pieces.push_str(part);
        }
        read(&Script::new(&pieces)?)
    }

    fn unknown() -> Output {
        Output::Command(CommandId(0))
    }

    fn constant(text: &str) -> Output {
        Output::Text(Name::new(text))
    }

    fn means_equal(text: &str, negated: bool) -> Option<Reading> {
        Some(Reading::Means(Meaning::Equal {
            left: unknown(),
            right: constant(text),
            negated,
        }))
    }

    fn means_compare(op: CompareOp, text: &str) -> Option<Reading> {
        Some(Reading::Means(Meaning::Compare {
            left: unknown(),
            op,
            right: constant(text),
        }))
    }

    fn means_empty(negated: bool) -> Option<Reading> {
        Some(Reading::Means(Meaning::Empty {
            value: unknown(),
            negated,
        }))
    }

    #[test]
    fn strings() {
        assert_eq!(reading("test \"@\" = GCC"), means_equal("GCC", false));
        assert_eq!(reading("[ \"@\" = 'GCC' ]"), means_equal("GCC", false));
        assert_eq!(reading("test '@' != \"a b\""), means_equal("a b", true));
        assert_eq!(reading("test ! \"@\" = GCC"), means_equal("GCC", true));
        assert_eq!(reading("test @ = 1"), means_equal("1", false));
        assert_eq!(reading("test @ != 1"), None);
        assert_eq!(reading("test @ = ''"), None);
    }

    #[test]
    fn emptiness() {
        assert_eq!(reading("test -z \"@\""), means_empty(false));
        assert_eq!(reading("test -n \"@\""), means_empty(true));
        assert_eq!(reading("[ \"@\" ]"), means_empty(true));
        assert_eq!(reading("test ! -z \"@\""), means_empty(true));
        assert_eq!(reading("test -z @"), means_empty(false));
        assert_eq!(reading("test -n @"), None);
    }

    #[test]
    fn numbers() {
        assert_eq!(
            reading("test @ -ge 90100"),
            means_compare(CompareOp::GreaterEqual, "90100")
        );
        assert_eq!(
            reading("[ \"@\" -lt 5 ]"),
            means_compare(CompareOp::Less, "5")
        );
        assert_eq!(reading("test ! @ -ge 5"), None);
    }

    #[test]
    fn constants() {
        for (test, outcome) in [
            ("test a = a", true),
            ("test a != a", false),
            ("test \"\" = a", false),
            ("test 10 -gt 9", true),
            ("test 10 -gt x", false),
            ("test -z \"\"", true),
            ("test", false),
            ("test @ = @", true),
            ("true", true),
            ("false", false),
        ] {
            let expected = (test != "test @ = @").then_some(Reading::Known(outcome));
            assert_eq!(reading(test), expected, "{test}");
        }
        assert_eq!(reading("test \"@\" = \"@\""), Some(Reading::Known(true)));
    }

    #[test]
    fn what_the_shell_would_change_is_left_alone() {
        for test in [
            "test \"@\" = GCC && true",
            "test \"$x\" = GCC",
            "test \"`x`\" = GCC",
            "test @ == GCC",
            "test -e @/include",
            "test a* = GCC",
            "test \"@\" = GCC -a b = c",
            "[ \"@\" = GCC",
            "printf @",
            "test \"@",
        ] {
            assert_eq!(reading(test), None, "{test}");
        }
    }
}
