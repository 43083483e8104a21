// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the productions run on: the tokens of one line, and the arenas they fill.
//!
//! This module owns the input type of the grammar's nom parsers, their error type and the
//! smallest parsers: one keyword, one token, one atom. It knows no statement.

use std::cell::RefCell;

use nom::error::{ErrorKind, ParseError};
use nom::{Err, IResult, Parser};

use crate::source::{Name, TextRange};
use crate::syntax::Notation;
use crate::syntax::ast::{Atom, Expr, ExprId, ExprKind, Text, Word, WordId};
use crate::syntax::token::{Keyword, Token, TokenKind};

/// The text of a file, and the words and expressions found in it so far.
pub(super) struct Arena<'a> {
    /// The file.
    pub text: &'a [u8],
    /// How it is written.
    pub notation: Notation,
    /// See [`crate::syntax::Ast::words`].
    pub words: RefCell<Vec<Word>>,
    /// See [`crate::syntax::Ast::exprs`].
    pub exprs: RefCell<Vec<Expr>>,
}

/// A place in a line: the tokens from there on.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    /// The tokens left, trivia excluded.
    pub rest: &'a [Token],
    /// Where words and expressions go.
    pub arena: &'a Arena<'a>,
}

/// Why a production does not match.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fault {
    /// How many tokens of the line were left.
    pub left: usize,
    /// What was expected there, with its article; empty when nobody said it yet.
    pub expected: &'static str,
}

/// The result of a production.
pub(super) type Parsed<'a, T> = IResult<Cursor<'a>, T, Fault>;

impl<'a> ParseError<Cursor<'a>> for Fault {
    fn from_error_kind(input: Cursor<'a>, _: ErrorKind) -> Fault {
        Fault {
            left: input.rest.len(),
            expected: "",
        }
    }

    fn append(_: Cursor<'a>, _: ErrorKind, other: Fault) -> Fault {
        other
    }
}

impl<'a> Cursor<'a> {
    /// The kind of the next token; `None` at the end of the line.
    pub(super) fn kind(self) -> Option<TokenKind> {
        self.rest.first().map(|token| token.kind)
    }

    /// The cursor after `count` tokens.
    pub(super) fn skip(self, count: usize) -> Cursor<'a> {
        Cursor {
            rest: &self.rest[count..],
            ..self
        }
    }

    /// A recoverable mismatch at this place.
    pub(super) fn mismatch<T>(self) -> Parsed<'a, T> {
        Err(Err::Error(Fault {
            left: self.rest.len(),
            expected: "",
        }))
    }

    /// A mismatch at this place that no alternative can mend.
    pub(super) fn failure<T>(self, expected: &'static str) -> Parsed<'a, T> {
        Err(Err::Failure(Fault {
            left: self.rest.len(),
            expected,
        }))
    }
}

impl Arena<'_> {
    /// Adds an expression node.
    pub(super) fn expr(&self, kind: ExprKind, range: TextRange) -> ExprId {
        let mut exprs = self.exprs.borrow_mut();
        exprs.push(Expr { kind, range });
        ExprId(exprs.len() as u32 - 1)
    }

    /// The place of an expression node.
    pub(super) fn range_of(&self, id: ExprId) -> TextRange {
        self.exprs.borrow()[id.0 as usize].range
    }

    /// Adds a word.
    pub(super) fn word(&self, token: Token) -> WordId {
        let quoted = token.kind.is_string();
        let text = match token.kind {
            TokenKind::MixedWord | TokenKind::Macro | TokenKind::MacroString => None,
            TokenKind::String => Some(Name::new(&unquoted(token.range.of(self.text)))),
            _ => Some(Name::new(&String::from_utf8_lossy(
                token.range.of(self.text),
            ))),
        };
        self.add_word(Word {
            range: token.range,
            quoted,
            text,
        })
    }

    /// Adds a word that stands nowhere in the file.
    pub(super) fn add_word(&self, word: Word) -> WordId {
        let mut words = self.words.borrow_mut();
        words.push(word);
        WordId(words.len() as u32 - 1)
    }

    /// Adds the words of an atom.
    pub(super) fn atom(&self, tokens: &[Token]) -> Atom {
        let first = WordId(self.words.borrow().len() as u32);
        for token in tokens {
            self.word(*token);
        }
        Atom {
            first,
            count: tokens.len() as u32,
        }
    }

    /// A text for people or for the file system.
    pub(super) fn plain_text(&self, token: Token) -> Text {
        use TokenKind::*;
        let has_macro = match token.kind {
            Path => token.range.of(self.text).windows(2).any(|two| two == b"$("),
            kind => matches!(kind, MacroString | MixedWord | Macro),
        };
        Text {
            range: token.range,
            quoted: token.kind.is_string(),
            has_macro,
        }
    }
}

/// The text of a string without its quotes and escapes (state `STRING` of lexer.l).
fn unquoted(string: &[u8]) -> std::borrow::Cow<'_, str> {
    let Some((quote, inner)) = string.split_first() else {
        return "".into();
    };
    if !inner.contains(&b'\\') {
        return String::from_utf8_lossy(inner.strip_suffix(&[*quote]).unwrap_or(inner));
    }
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner.iter();
    while let Some(&byte) = rest.next() {
        match byte {
            b'\\' if rest.as_slice().starts_with(b"\n") => drop(rest.next()),
            b'\\' if rest.as_slice().starts_with(b"\r\n") => drop(rest.nth(1)),
            b'\\' => bytes.extend(rest.next()),
            _ if byte == *quote => break,
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned().into()
}

/// One token of this kind.
pub(super) fn token<'a>(
    kind: TokenKind,
) -> impl Parser<Cursor<'a>, Output = TextRange, Error = Fault> {
    token_where(move |found| found == kind).map(|token: Token| token.range)
}

/// This keyword.
pub(super) fn keyword<'a>(
    keyword: Keyword,
) -> impl Parser<Cursor<'a>, Output = TextRange, Error = Fault> {
    token(TokenKind::Keyword(keyword))
}

/// One token of a kind that is wanted.
pub(super) fn token_where<'a>(
    wanted: impl Fn(TokenKind) -> bool,
) -> impl Parser<Cursor<'a>, Output = Token, Error = Fault> {
    move |input: Cursor<'a>| match input.rest.first() {
        Some(token) if wanted(token.kind) => Ok((input.skip(1), *token)),
        _ => input.mismatch(),
    }
}

/// What `parser` reads, or an error that names what was expected here.
pub(super) fn expect<'a, T>(
    mut parser: impl Parser<Cursor<'a>, Output = T, Error = Fault>,
    expected: &'static str,
) -> impl Parser<Cursor<'a>, Output = T, Error = Fault> {
    move |input: Cursor<'a>| match parser.parse(input) {
        Err(Err::Error(_)) => input.failure(expected),
        other => other,
    }
}

/// A name, never quoted (`nonconst_symbol` of parser.y), with the macros beside it.
pub(super) fn name(input: Cursor<'_>) -> Parsed<'_, Atom> {
    atom_where(input, TokenKind::is_word)
}

/// A name or a constant (`symbol` of parser.y), with the macros beside it.
pub(super) fn operand(input: Cursor<'_>) -> Parsed<'_, Atom> {
    atom_where(input, is_operand)
}

/// The name of a choice: of a symbol, and for kconfiglib any text (`_parse_block`).
pub(super) fn choice_name(input: Cursor<'_>) -> Parsed<'_, Atom> {
    match input.arena.notation {
        Notation::Kconfiglib | Notation::EspIdf => operand(input),
        Notation::Kconfig | Notation::Minikconf | Notation::ConfigComments => name(input),
    }
}

/// Macros alone, at least one.
pub(super) fn macros(input: Cursor<'_>) -> Parsed<'_, Atom> {
    atom_where(input, |kind| kind == TokenKind::Macro)
}

/// Whether a token of this kind is a symbol or a constant.
pub(super) fn is_operand(kind: TokenKind) -> bool {
    kind.is_word() || kind.is_string()
}

fn atom_where(input: Cursor<'_>, wanted: fn(TokenKind) -> bool) -> Parsed<'_, Atom> {
    let mut solid = false;
    let mut count = 0;
    for token in input.rest {
        let is_macro = token.kind == TokenKind::Macro;
        if !wanted(token.kind) || !is_macro && solid {
            break;
        }
        solid |= !is_macro;
        count += 1;
    }
    if count == 0 {
        return input.mismatch();
    }
    Ok((input.skip(count), input.arena.atom(&input.rest[..count])))
}
