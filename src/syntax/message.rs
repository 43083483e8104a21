// SPDX-License-Identifier: MIT OR Apache-2.0
//! The wording of errors about one line.
//!
//! Text of the file is repeated only where it is short and printable; the place shows it
//! anyway.

use crate::source::{TextRange, near};
use crate::syntax::cursor::{Cursor, Fault};
use crate::syntax::token::{Keyword, Token, TokenKind};

/// Words longer than this are not repeated in a message.
const MAX_REPEATED: usize = 40;

/// The place and the wording of a line that does not match. `cursor` stands on the first
/// word of what did not match.
pub(super) fn mismatch(
    text: &[u8],
    line: &[Token],
    fault: Fault,
    cursor: Cursor<'_>,
) -> (TextRange, String) {
    if fault.expected.is_empty() {
        return unknown(text, cursor);
    }
    let at = line.len().saturating_sub(fault.left);
    match line.get(at) {
        Some(token) => (token.range, unexpected(fault.expected, text, *token)),
        None => {
            let end = line.last().map_or(0, |last| last.range.end);
            (
                TextRange::new(end, end),
                format!("expected {}", fault.expected),
            )
        }
    }
}

/// A line that starts like no statement.
fn unknown(text: &[u8], cursor: Cursor<'_>) -> (TextRange, String) {
    let (Some(first), Some(last)) = (cursor.rest.first(), cursor.rest.last()) else {
        return (TextRange::new(0, 0), "expected a statement".to_owned());
    };
    let found = describe(text, *first);
    if !first.kind.is_word() {
        let message = format!("expected a statement, found {found}");
        return (first.range.cover(last.range), message);
    }
    let mut message = format!("unknown statement {found}");
    if let Some(near) = nearest(first.range.of(text)) {
        message.push_str(&format!("; did you mean `{}`?", near.word()));
    }
    (first.range, message)
}

/// That something else stands where `expected` should.
pub(super) fn unexpected(expected: &str, text: &[u8], found: Token) -> String {
    let hint = match meant(found.range.of(text)) {
        Some(meant) => format!("; did you mean `{meant}`?"),
        None => String::new(),
    };
    format!("expected {expected}, found {}{hint}", describe(text, found))
}

/// The operator that people mean who write what other languages have in its place.
pub(super) fn meant(text: &[u8]) -> Option<&'static str> {
    match text {
        b"&" | b"and" | b"AND" => Some("&&"),
        b"|" | b"or" | b"OR" => Some("||"),
        _ => None,
    }
}

/// What stands there, for a sentence.
pub(super) fn describe(text: &[u8], token: Token) -> String {
    let bytes = token.range.of(text);
    let printable = bytes.iter().all(|b| b.is_ascii_graphic() && *b != b'`');
    match token.kind {
        TokenKind::String | TokenKind::MacroString => "a text in quotes".to_owned(),
        TokenKind::Macro => "a macro".to_owned(),
        TokenKind::Keyword(keyword) => format!("the keyword `{}`", keyword.word()),
        _ if printable && bytes.len() <= MAX_REPEATED => {
            format!("`{}`", String::from_utf8_lossy(bytes))
        }
        _ => "a word".to_owned(),
    }
}

/// The keyword that differs from `word` by one letter, or by two neighbours in the wrong
/// order, or by the case of letters.
pub(super) fn nearest(word: &[u8]) -> Option<Keyword> {
    let word = std::str::from_utf8(word).ok()?;
    let close = |keyword: &&Keyword| {
        let other = keyword.word();
        other != word
            && other.len() > 2
            && word.len() <= other.len() + 1
            && near::edits(word, other) <= 1
    };
    Keyword::ALL.iter().find(close).copied()
}
