// SPDX-License-Identifier: MIT OR Apache-2.0
//! The shape of each token, as a nom parser over bytes.
//!
//! These parsers know no position and no context. They follow `scripts/kconfig/lexer.l` and,
//! for `$(`, `expand_dollar_with_args` of `preprocess.c`. None of them fails on a byte that
//! is no UTF-8, and none recurses.

use nom::branch::alt;
use nom::bytes::complete::{tag, take_until, take_while, take_while1};
use nom::combinator::{recognize, rest, value};
use nom::error::{Error, ErrorKind};
use nom::{Err, IResult, Parser};

use crate::syntax::token::TokenKind;

type Bytes<'a> = &'a [u8];
type Scan<'a, T = Bytes<'a>> = IResult<Bytes<'a>, T>;

/// Spaces and tabs, at least one.
pub(super) fn blank(input: Bytes<'_>) -> Scan<'_> {
    take_while1(is_blank).parse(input)
}

/// A line end.
pub(super) fn newline(input: Bytes<'_>) -> Scan<'_> {
    alt((tag("\n"), tag("\r\n"))).parse(input)
}

/// A backslash and a line end.
pub(super) fn continuation(input: Bytes<'_>) -> Scan<'_> {
    recognize((tag("\\"), newline)).parse(input)
}

/// What is left of the line, without its end.
pub(super) fn line_rest(input: Bytes<'_>) -> Scan<'_> {
    let (_, line) = alt((take_until("\n"), rest)).parse(input)?;
    let line = match line.strip_suffix(b"\r") {
        Some(shorter) if line.len() < input.len() => shorter,
        _ => line,
    };
    Ok((&input[line.len()..], line))
}

/// An operator.
pub(super) fn operator(input: Bytes<'_>) -> Scan<'_, TokenKind> {
    use TokenKind::*;
    alt((
        value(And, tag("&&")),
        value(Or, tag("||")),
        value(Equal, tag("=")),
        value(Unequal, tag("!=")),
        value(Not, tag("!")),
        value(OpenParen, tag("(")),
        value(CloseParen, tag(")")),
        value(LessEqual, tag("<=")),
        value(Less, tag("<")),
        value(GreaterEqual, tag(">=")),
        value(Greater, tag(">")),
        value(ColonEqual, tag(":=")),
        value(PlusEqual, tag("+=")),
    ))
    .parse(input)
}

/// `=`, `:=` or `+=`, after blanks.
pub(super) fn assignment_ahead(input: Bytes<'_>) -> bool {
    let mut ahead = (take_while(is_blank), alt((tag("="), tag(":="), tag("+="))));
    let found: Scan<'_, _> = ahead.parse(input);
    found.is_ok()
}

/// A macro, from `$(` to its closing parenthesis. Only parentheses count: quotes do not
/// protect one, and a macro ends with its line.
pub(super) fn macro_call(input: Bytes<'_>) -> Scan<'_> {
    tag("$(").parse(input)?;
    let mut depth = 0usize;
    for (at, byte) in input.iter().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 1 => return Ok((&input[at + 1..], &input[..=at])),
            b')' => depth -= 1,
            b'\n' => break,
            _ => {}
        }
    }
    Err(Err::Error(Error::new(input, ErrorKind::Char)))
}

/// A scanned word.
pub(super) struct Word<'a> {
    /// Its bytes.
    pub text: Bytes<'a>,
    /// Its kind: a word, a mixed word or a macro.
    pub kind: TokenKind,
    /// Where in it a `$(` begins that is never closed.
    pub open_macro: Option<usize>,
}

/// A word: letters, digits, `_`, `-`, `$` and macros. A `.` or `/` inside belongs to it as in
/// conf before 4.18 (and in the fractions of ESP-IDF); at its edge it is stray as in conf now.
pub(super) fn word(input: Bytes<'_>) -> Scan<'_, Word<'_>> {
    let (after, text) = take_while(is_word).parse(input)?;
    match after.first() {
        Some(b'.' | b'/' | b'$' | b'+') => odd_word(input),
        _ if text.is_empty() => Err(Err::Error(Error::new(input, ErrorKind::AlphaNumeric))),
        _ => Ok((
            after,
            Word {
                text,
                kind: TokenKind::Word,
                open_macro: None,
            },
        )),
    }
}

/// A word with something unusual in it.
fn odd_word(input: Bytes<'_>) -> Scan<'_, Word<'_>> {
    let (mut at, mut core_end, mut gaps) = (0, 0, false);
    let (mut literal, mut macros, mut open_macro) = (false, false, None);
    while let Some(&byte) = input.get(at) {
        match byte {
            b'$' => match macro_call(&input[at..]) {
                Ok((_, call)) => {
                    at += call.len();
                    macros = true;
                }
                Err(_) if input[at..].starts_with(b"$(") => {
                    open_macro = Some(at);
                    at += line_rest(&input[at..]).map_or(2, |(_, line)| line.len());
                    macros = true;
                }
                Err(_) => {
                    at += 1;
                    literal = true;
                }
            },
            _ if is_word(byte) || is_exponent(input, at) => {
                at += 1;
                literal = true;
            }
            b'.' | b'/' => {
                at += 1;
                gaps |= core_end > 0 && input.get(at).is_some_and(|next| is_core(*next));
                continue;
            }
            _ => break,
        }
        core_end = at;
    }
    let whole = if gaps { at } else { core_end };
    let edge = !gaps
        && input
            .first()
            .is_some_and(|byte| matches!(byte, b'.' | b'/'));
    if whole == 0 || edge {
        return Err(Err::Error(Error::new(input, ErrorKind::AlphaNumeric)));
    }
    let kind = match (macros, literal || gaps) {
        (false, _) => TokenKind::Word,
        (true, true) => TokenKind::MixedWord,
        (true, false) => TokenKind::Macro,
    };
    let text = &input[..whole];
    Ok((
        &input[whole..],
        Word {
            text,
            kind,
            open_macro,
        },
    ))
}

/// Whether the `+` at this place belongs to a number such as `1.5e+3`.
fn is_exponent(input: Bytes<'_>, at: usize) -> bool {
    input[at] == b'+'
        && at > 1
        && matches!(input[at - 1], b'e' | b'E')
        && input[0].is_ascii_digit()
        && input.get(at + 1).is_some_and(u8::is_ascii_digit)
}

/// Whether a path without quotes can begin with this byte. Others are stray before it, as
/// they are before one with quotes.
pub(super) fn starts_path(byte: u8) -> bool {
    is_core(byte) || b"./*?[".contains(&byte)
}

/// A path without quotes: up to a blank, a comment or the line end; macros may hold blanks.
/// With it comes where in it a `$(` begins that is never closed.
pub(super) fn path(input: Bytes<'_>) -> Scan<'_, (Bytes<'_>, Option<usize>)> {
    let (mut at, mut open_macro) = (0, None);
    while let Some(&byte) = input.get(at) {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b'#' => break,
            b'$' if open_macro.is_none() && input.get(at + 1) == Some(&b'(') => {
                match macro_call(&input[at..]) {
                    Ok((_, call)) => at += call.len(),
                    Err(_) => {
                        open_macro = Some(at);
                        at += 2;
                    }
                }
            }
            _ => at += 1,
        }
    }
    if at == 0 {
        return Err(Err::Error(Error::new(input, ErrorKind::TakeWhile1)));
    }
    Ok((&input[at..], (&input[..at], open_macro)))
}

/// A scanned string.
pub(super) struct Quoted<'a> {
    /// Its bytes, quotes included.
    pub text: Bytes<'a>,
    /// Whether it holds a macro.
    pub has_macro: bool,
    /// Whether its closing quote is there.
    pub closed: bool,
    /// Where in it a `$(` begins that is never closed.
    pub open_macro: Option<usize>,
}

/// Text in quotes of either kind; it ends with its line even without a closing quote. With `joins`
/// a backslash at the end of the line joins the next one to it.
pub(super) fn string(input: Bytes<'_>, joins: bool) -> Scan<'_, Quoted<'_>> {
    let (_, quote) = alt((tag("\""), tag("'"))).parse(input)?;
    let mut found = Quoted {
        text: input,
        has_macro: false,
        closed: false,
        open_macro: None,
    };
    let mut at = 1;
    while let Some(&byte) = input.get(at) {
        match byte {
            b'\n' => break,
            b'\r' if input.get(at + 1) == Some(&b'\n') => break,
            b'\\' if joins && continuation(&input[at..]).is_ok() => {
                at += continuation(&input[at..]).map_or(1, |(_, text)| text.len());
            }
            b'\\' => at += escape_length(&input[at..]),
            b'$' if joins && names_variable(&input[at + 1..]) => {
                at += 1;
                found.has_macro = true;
            }
            // After an open one no other is looked for: each search reads the whole line.
            b'$' if found.open_macro.is_none() => match macro_call(&input[at..]) {
                Ok((_, call)) => {
                    at += call.len();
                    found.has_macro = true;
                }
                Err(_) => {
                    if input.get(at + 1) == Some(&b'(') {
                        found.open_macro = Some(at);
                        found.has_macro = true;
                    }
                    at += 1;
                }
            },
            _ => {
                at += 1;
                if byte == quote[0] {
                    found.closed = true;
                    break;
                }
            }
        }
    }
    found.text = &input[..at];
    Ok((&input[at..], found))
}

/// Whether a `$` before this names a variable of the environment, as `$NAME` or `${NAME}`.
fn names_variable(input: Bytes<'_>) -> bool {
    matches!(input, [b'{' | b'_', ..]) || input.first().is_some_and(u8::is_ascii_alphanumeric)
}

/// A backslash protects the byte after it, but never a line end.
fn escape_length(input: Bytes<'_>) -> usize {
    match input {
        [_, b'\n', ..] | [_, b'\r', b'\n', ..] | [_] => 1,
        _ => 2,
    }
}

/// A space or a tab.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// What lexer.l calls `n`.
pub(super) fn is_word(byte: u8) -> bool {
    WORD[byte as usize]
}

fn is_core(byte: u8) -> bool {
    is_word(byte) || byte == b'$'
}

static WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        table[byte] = b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        byte += 1;
    }
    table
};
