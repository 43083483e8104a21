// SPDX-License-Identifier: MIT OR Apache-2.0
//! From bytes to tokens, one logical line at a time.
//!
//! Kconfig is a language of lines, so the lexer hands the parser the tokens of one line and
//! keeps all of them, trivia included. What depends on the line is decided here: the value of
//! an assignment, a path without quotes, the text of a help, the words that are keywords only
//! at the start of a statement. Nothing here knows what a statement means.

mod help;
mod scan;

use crate::source::TextRange;
use crate::syntax::token::{Keyword, Token, TokenKind};
use crate::syntax::{Notation, SyntaxError, message};

/// What starts a line of options in a C file of BusyBox.
const CONFIG_COMMENT: &[u8] = b"//config:";

/// The start of a token and its kind; the next one's start is its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    /// Offset of the first byte.
    pub at: u32,
    /// The kind.
    pub kind: TokenKind,
}

/// What the grammar has seen of the line. An assignment operator begins a value where one
/// word stands before it, beside macros that may be nothing (`yylex` of lexer.l).
#[derive(Clone, Copy, PartialEq, Eq)]
enum LineStart {
    /// Macros at most.
    Macros,
    /// One word, beside macros.
    Name,
    /// Anything else.
    Other,
}

/// The lexer of one file.
pub(super) struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
    notation: Notation,
    path_follows: bool,
    start: LineStart,
    /// The tokens so far; they cover the text up to the lexer's place.
    pub tokens: Vec<Start>,
    /// What the grammar sees of the current line.
    pub line: Vec<Token>,
    /// What was wrong so far.
    pub errors: Vec<SyntaxError>,
}

impl<'a> Lexer<'a> {
    /// A lexer at the start of `text`, which is shorter than 4 GiB.
    pub(in crate::syntax) fn new(text: &'a [u8], notation: Notation) -> Lexer<'a> {
        Lexer {
            text,
            at: 0,
            notation,
            path_follows: false,
            start: LineStart::Macros,
            tokens: Vec::with_capacity(text.len() / 5),
            line: Vec::with_capacity(32),
            errors: Vec::new(),
        }
    }

    /// Reads one logical line; false at the end of the file.
    pub(in crate::syntax) fn next_line(&mut self) -> bool {
        self.line.clear();
        self.path_follows = false;
        self.start = LineStart::Macros;
        if !self.enter_line() {
            return false;
        }
        while let Some(&byte) = self.text.get(self.at) {
            if self.token(byte) == TokenKind::Newline {
                break;
            }
        }
        true
    }

    /// The place up to which the text was read.
    pub(in crate::syntax) fn offset(&self) -> u32 {
        self.at as u32
    }

    fn rest(&self) -> &'a [u8] {
        &self.text[self.at..]
    }

    fn push(&mut self, kind: TokenKind, length: usize) -> TextRange {
        let start = self.at as u32;
        self.at += length;
        self.tokens.push(Start { at: start, kind });
        TextRange {
            start,
            end: self.at as u32,
        }
    }

    fn push_visible(&mut self, kind: TokenKind, length: usize) {
        let range = self.push(kind, length);
        self.line.push(Token { kind, range });
        self.start = match (self.start, kind) {
            (start, TokenKind::Macro) => start,
            (LineStart::Macros, TokenKind::Word | TokenKind::MixedWord) => LineStart::Name,
            _ => LineStart::Other,
        };
    }

    /// Reads the token that begins with `byte`.
    fn token(&mut self, byte: u8) -> TokenKind {
        match byte {
            b' ' | b'\t' => self.trivia(TokenKind::Blank, scan::blank(self.rest())),
            b'\n' => self.trivia(TokenKind::Newline, scan::newline(self.rest())),
            b'#' => self.trivia(TokenKind::Comment, scan::line_rest(self.rest())),
            b'\r' if self.rest().starts_with(b"\r\n") => {
                self.trivia(TokenKind::Newline, scan::newline(self.rest()))
            }
            b'\\' if scan::continuation(self.rest()).is_ok() => {
                let kind = self.trivia(TokenKind::Continuation, scan::continuation(self.rest()));
                self.enter_line();
                kind
            }
            b'"' | b'\'' => self.string(),
            _ if self.path_follows && scan::starts_path(byte) => self.path(),
            b'.' | b'/' | b'$' => self.word(),
            _ if scan::is_word(byte) => self.word(),
            _ => self.operator(),
        }
    }

    fn trivia(&mut self, kind: TokenKind, scanned: nom::IResult<&[u8], &[u8]>) -> TokenKind {
        let length = scanned.map_or(1, |(_, text)| text.len());
        self.push(kind, length);
        kind
    }

    fn word(&mut self) -> TokenKind {
        let Ok((after, word)) = scan::word(self.rest()) else {
            return self.stray();
        };
        let mut kind = word.kind;
        if kind == TokenKind::Word {
            if self.is_dashed_help(word.text, after) {
                kind = TokenKind::Keyword(Keyword::DashedHelp);
            } else if let Some(keyword) = Keyword::everywhere(word.text) {
                kind = TokenKind::Keyword(keyword);
            } else if let Some(keyword) = self.starting_keyword(word.text, after) {
                kind = TokenKind::Keyword(keyword);
            }
        }
        if let TokenKind::Keyword(keyword) = kind {
            self.path_follows = keyword.is_source()
                && self.start == LineStart::Macros
                && !scan::assignment_ahead(after);
        }
        self.report_open(word.open_macro, word.text.len());
        self.push_visible(kind, word.text.len());
        kind
    }

    /// kconfiglib takes any dashes around `help` (kconfiglib.py, `_tokenize`).
    fn is_dashed_help(&self, word: &[u8], after: &[u8]) -> bool {
        self.notation.is_kconfiglib()
            && self.start == LineStart::Macros
            && word.starts_with(b"-")
            && word
                .trim_ascii()
                .iter()
                .filter(|byte| **byte != b'-')
                .eq(b"help")
            && scan::line_rest(after).is_ok_and(|(_, rest)| rest.trim_ascii().is_empty())
    }

    fn starting_keyword(&self, word: &[u8], after: &[u8]) -> Option<Keyword> {
        let keyword = Keyword::at_start(word)?;
        if self.start != LineStart::Macros || scan::assignment_ahead(after) {
            return None;
        }
        if keyword == Keyword::Insert {
            let alone = after.is_empty() || scan::newline(after).is_ok();
            let first = self.at == 0 || self.text[self.at - 1] == b'\n';
            return (alone && first).then_some(keyword);
        }
        Some(keyword)
    }

    fn string(&mut self) -> TokenKind {
        let Ok((_, string)) = scan::string(self.rest(), self.notation.is_kconfiglib()) else {
            return self.stray();
        };
        self.path_follows = false;
        let whole = self.ahead(0, string.text.len());
        self.report_open(string.open_macro, string.text.len());
        if !string.closed {
            let message = "this string has no closing quote on its line".to_owned();
            self.error(whole, message, true);
        }
        let kind = if string.has_macro {
            TokenKind::MacroString
        } else {
            TokenKind::String
        };
        self.push_visible(kind, string.text.len());
        kind
    }

    fn path(&mut self) -> TokenKind {
        self.path_follows = false;
        match scan::path(self.rest()) {
            Ok((_, (path, open_macro))) => {
                self.report_open(open_macro, path.len());
                self.push_visible(TokenKind::Path, path.len());
                TokenKind::Path
            }
            Err(_) => self.stray(),
        }
    }

    fn operator(&mut self) -> TokenKind {
        let before = self.rest().len();
        let Ok((after, kind)) = scan::operator(self.rest()) else {
            return self.stray();
        };
        let assigns =
            kind.is_assignment() && !self.line.is_empty() && self.start != LineStart::Other;
        self.push_visible(kind, before - after.len());
        if assigns {
            self.value();
        }
        kind
    }

    /// The value of an assignment: all to the end of the line, comments and quotes as well.
    fn value(&mut self) {
        if let Ok((_, blank)) = scan::blank(self.rest()) {
            self.push(TokenKind::Blank, blank.len());
        }
        if let Ok((_, value)) = scan::line_rest(self.rest()) {
            if !value.is_empty() {
                self.push_visible(TokenKind::Value, value.len());
            }
        }
    }

    /// Bytes that no token begins with. conf warns about each (`warn_ignored_character`);
    /// neighbours make one token and one error here.
    fn stray(&mut self) -> TokenKind {
        let start = self.at;
        let mut length = 1;
        let path = |byte: u8| self.path_follows && scan::starts_path(byte);
        let goes_on = |byte: &u8| is_odd(*byte) && !path(*byte);
        while self.rest().get(length).is_some_and(goes_on) {
            length += 1;
        }
        let range = self.push(TokenKind::Stray, length);
        let bytes = &self.text[start..self.at];
        let message = match (std::str::from_utf8(bytes), message::meant(bytes)) {
            (Ok(text), Some(meant)) => format!("`{text}` is no operator; did you mean `{meant}`?"),
            (Ok(text), _) if text.chars().count() == 1 => {
                "this character is not part of the language".to_owned()
            }
            (Ok(_), _) => "these characters are not part of the language".to_owned(),
            (Err(_), _) => "these bytes are not part of the language".to_owned(),
        };
        self.error(range, message, true);
        TokenKind::Stray
    }

    /// Reports a `$(` that is never closed, in a token of this length that begins here.
    fn report_open(&mut self, open_macro: Option<usize>, length: usize) {
        if let Some(open) = open_macro {
            let range = self.ahead(open, length);
            let message = "this `$(` has no closing parenthesis on its line".to_owned();
            self.error(range, message, false);
        }
    }

    fn ahead(&self, from: usize, to: usize) -> TextRange {
        TextRange::new((self.at + from) as u32, (self.at + to) as u32)
    }

    fn error(&mut self, range: TextRange, message: String, harmless: bool) {
        // Where conf warns and reads on, kconfiglib stops.
        let harmless = harmless && !self.notation.is_kconfiglib();
        self.errors.push(SyntaxError {
            rule: "syntax-error",
            range,
            message,
            related: None,
            harmless,
        });
    }

    /// At the start of a line of the file: goes to where Kconfig text begins. In a C file
    /// that is after the next `//config:`; false when there is none.
    fn enter_line(&mut self) -> bool {
        let Some(start) = self.line_text(self.at) else {
            if self.at < self.text.len() {
                self.push(TokenKind::Foreign, self.text.len() - self.at);
            }
            return false;
        };
        if start > self.at {
            self.push(TokenKind::Foreign, start - self.at);
        }
        true
    }

    /// Where the Kconfig text of the first line at or after `at` (a line's start) begins.
    fn line_text(&self, mut at: usize) -> Option<usize> {
        if self.notation.is_whole() {
            return (at < self.text.len()).then_some(at);
        }
        while at < self.text.len() {
            if self.text[at..].starts_with(CONFIG_COMMENT) {
                return Some(at + CONFIG_COMMENT.len());
            }
            at = self.line_end(at).1;
        }
        None
    }

    /// Where the line that holds `at` ends, and where the next one starts.
    fn line_end(&self, at: usize) -> (usize, usize) {
        let rest = &self.text[at..];
        let length = scan::line_rest(rest).map_or(rest.len(), |(_, line)| line.len());
        let newline = scan::newline(&rest[length..]).map_or(0, |(_, end)| end.len());
        (at + length, at + length + newline)
    }
}

/// Bytes that begin no token and continue none.
fn is_odd(byte: u8) -> bool {
    !byte.is_ascii_graphic() && !matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
        || matches!(
            byte,
            b'%' | b'*'
                | b','
                | b';'
                | b'?'
                | b'@'
                | b'['
                | b']'
                | b'^'
                | b'`'
                | b'{'
                | b'}'
                | b'~'
        )
}
