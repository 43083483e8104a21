// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the words between `? ?` mean. Each phrase of the grammar files has an entry in
//! [`PHRASES`]; a test says so when one has not.

use super::Random;

/// A phrase of the grammar files.
pub(crate) struct Phrase {
    /// The words.
    pub(crate) words: &'static str,
    /// The end of what they match at a place, if they match there.
    matches: fn(&[u8], usize) -> Option<usize>,
    /// Texts that they match, for the generator.
    samples: &'static [&'static str],
}

/// All phrases that can be matched where they stand. The two that depend on more are the
/// scanner's own: `HELP_TEXT` and `ASSIGN_VALUE`.
pub(crate) const PHRASES: &[Phrase] = &[
    Phrase {
        words: "any byte but $ ( ) , and the line end",
        matches: |text, at| byte(text, at, |b| !b"$(),\n".contains(&b)),
        samples: &[
            "a", "Z", "0", "_", "-", " ", ".", "/", "\"", "'", "\\", "#", "=", "\u{e9}",
        ],
    },
    Phrase {
        words: "$ with no ( behind it",
        matches: |text, at| {
            byte(text, at, |b| b == b'$').filter(|&end| text.get(end) != Some(&b'('))
        },
        samples: &["$"],
    },
    Phrase {
        words: "any letter or digit, _ or -",
        matches: |text, at| byte(text, at, is_word),
        samples: &["a", "b", "X", "Y", "0", "7", "_", "-"],
    },
    Phrase {
        words: "the end of the line",
        matches: |text, at| matches!(text.get(at), None | Some(b'\n')).then_some(at),
        samples: &[""],
    },
    Phrase {
        words: "any byte but \" \\ $ and the line end",
        matches: |text, at| byte(text, at, |b| !b"\"\\$\n".contains(&b)),
        samples: &[
            "a", "B", "3", " ", "#", "'", "(", ")", ",", "/", "\t", "\u{fc}",
        ],
    },
    Phrase {
        words: "any byte but ' \\ $ and the line end",
        matches: |text, at| byte(text, at, |b| !b"'\\$\n".contains(&b)),
        samples: &[
            "a", "B", "3", " ", "#", "\"", "(", ")", ",", "/", "\t", "\u{fc}",
        ],
    },
    Phrase {
        words: "any byte but white space, # and $",
        matches: |text, at| byte(text, at, |b| !b" \t\r\n#$".contains(&b)),
        samples: &["a", "B", "1", "_", "/", ".", "*", "?", "["],
    },
    Phrase {
        words: "any byte but the line end",
        matches: |text, at| byte(text, at, |b| b != b'\n'),
        samples: &["a", "\"", "'", "\\", "$", "(", " ", "#", "\u{df}"],
    },
    Phrase {
        words: "any digit",
        matches: |text, at| byte(text, at, |b| b.is_ascii_digit()),
        samples: &["0", "1", "9"],
    },
    Phrase {
        words: "a tab",
        matches: |text, at| byte(text, at, |b| b == b'\t'),
        samples: &["\t"],
    },
    Phrase {
        words: "a line feed, perhaps behind a carriage return",
        matches: |text, at| match text.get(at..)? {
            [b'\n', ..] => Some(at + 1),
            [b'\r', b'\n', ..] => Some(at + 2),
            _ => None,
        },
        samples: &["\n", "\r\n"],
    },
    Phrase {
        words: "any byte that begins nothing else",
        matches: |text, at| {
            byte(text, at, |b| {
                !is_word(b) && !b"$\"'#()=<>! \t\n".contains(&b)
            })
        },
        samples: &[",", ".", ";", "@", "*", "\u{1}"],
    },
];

/// The phrase of these words.
pub(crate) fn phrase(words: &str) -> Option<&'static Phrase> {
    PHRASES.iter().find(|phrase| phrase.words == words)
}

/// The end of what `words` match at a place.
pub(crate) fn matches(words: &str, text: &[u8], at: usize) -> Option<usize> {
    (phrase(words)?.matches)(text, at)
}

/// A text that `words` match.
pub(crate) fn sample(words: &str, random: &mut Random) -> &'static str {
    let phrase = phrase(words).unwrap_or_else(|| panic!("no phrase \"{words}\""));
    random.pick(phrase.samples)
}

fn byte(text: &[u8], at: usize, wanted: impl Fn(u8) -> bool) -> Option<usize> {
    (wanted(*text.get(at)?)).then_some(at + 1)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}
