// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tokens of C, each with the condition of the `#if` blocks around it, and the directives.
//!
//! Nothing is expanded and nothing included. Brackets are matched across `#if`: each branch starts
//! with the brackets that were open before the first.

use super::cond::{Cond, CondId, Conds};
use super::directive::Test;
use crate::references::string_end;
use crate::source::Name;

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A word.
    Word,
    /// A number.
    Number,
    /// A string or a character.
    Text,
    /// An operator of one or two bytes.
    Sign([u8; 2]),
}

/// A token.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Where it starts.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
    /// When the preprocessor keeps it.
    pub cond: CondId,
    /// Of a bracket, the number of the other one; [`NO_MATE`] where there is none.
    pub mate: u32,
}

/// The mate of a token that has none.
pub const NO_MATE: u32 = u32::MAX;

impl Token {
    /// Whether it is this operator of one byte.
    pub fn is(&self, sign: u8) -> bool {
        self.kind == Kind::Sign([sign, 0])
    }

    /// Its text.
    pub fn text<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        &text[self.start as usize..self.end as usize]
    }
}

/// A directive that is kept.
#[derive(Clone, Debug)]
pub struct Include {
    /// The path between the quotes.
    pub path: Name,
    /// Whether it stands in `""`.
    pub is_quoted: bool,
}

/// A macro as it is written.
#[derive(Clone, Debug)]
pub struct RawMacro {
    /// Its name.
    pub name: Name,
    /// Its parameters, where it has a list of them.
    pub params: Option<Vec<Name>>,
    /// When it is defined.
    pub cond: CondId,
    /// Its tokens.
    pub body: Vec<Token>,
}

/// A file in tokens.
#[derive(Default)]
pub struct Lexed {
    /// Tokens outside directives.
    pub tokens: Vec<Token>,
    /// What it includes.
    pub includes: Vec<Include>,
    /// What it defines.
    pub macros: Vec<RawMacro>,
    /// Where a branch of an `#if` has brackets that do not match.
    pub odd: Vec<u32>,
}

/// An `#if` that is open.
struct Branch {
    /// The condition around it.
    outer: CondId,
    /// When none of the branches so far was taken.
    rest: CondId,
    /// The brackets that were open.
    stack: Vec<u32>,
}

/// Reads tokens.
pub struct Lexer<'t> {
    text: &'t [u8],
    at: usize,
    conds: &'t mut Conds,
    cond: CondId,
    branches: Vec<Branch>,
    stack: Vec<u32>,
    found: Lexed,
    /// The name of an `#ifndef` that a `#define` of the same name may follow at once.
    guard: Option<(Name, usize)>,
}

/// The tokens of a file.
pub fn lex(text: &[u8], conds: &mut Conds) -> Lexed {
    let mut lexer = Lexer {
        text,
        at: 0,
        conds,
        cond: CondId::ALWAYS,
        branches: Vec::new(),
        stack: Vec::new(),
        found: Lexed::default(),
        guard: None,
    };
    lexer.run();
    lexer.found
}

impl Lexer<'_> {
    fn run(&mut self) {
        let mut is_line_start = true;
        while let Some(&byte) = self.text.get(self.at) {
            match byte {
                b'\n' => {
                    is_line_start = true;
                    self.at += 1;
                }
                b' ' | b'\t' | b'\r' | b'\x0c' | b'\\' => self.at += 1,
                b'/' if self.is_comment() => self.at = comment_end(self.text, self.at),
                b'#' if is_line_start => self.directive(),
                _ => {
                    is_line_start = false;
                    let token = self.token();
                    self.push(token);
                }
            }
        }
    }

    fn is_comment(&self) -> bool {
        matches!(self.text.get(self.at + 1), Some(b'/' | b'*'))
    }

    fn token(&mut self) -> Token {
        let (kind, end) = token(self.text, self.at);
        let start = self.at;
        self.at = end;
        Token {
            kind,
            start: start as u32,
            end: end as u32,
            cond: self.cond,
            mate: NO_MATE,
        }
    }

    fn push(&mut self, token: Token) {
        let number = self.found.tokens.len() as u32;
        self.found.tokens.push(token);
        let Kind::Sign([sign, 0]) = token.kind else {
            return;
        };
        match sign {
            b'(' | b'[' | b'{' => self.stack.push(number),
            b')' | b']' | b'}' => {
                let open = match sign {
                    b')' => b'(',
                    b']' => b'[',
                    _ => b'{',
                };
                match self.stack.last().copied() {
                    Some(top) if self.found.tokens[top as usize].is(open) => {
                        self.stack.pop();
                        self.found.tokens[top as usize].mate = number;
                        self.found.tokens[number as usize].mate = top;
                    }
                    _ => self.found.odd.push(token.start),
                }
            }
            _ => {}
        }
    }

    /// A directive, to the end of its logical line.
    fn directive(&mut self) {
        let start = self.at;
        let end = line_end(self.text, start);
        self.at = end;
        let line = &self.text[start + 1..end];
        let blanks = line.iter().take_while(|it| matches!(it, b' ' | b'\t'));
        let begin = blanks.count();
        let length = word_length(&line[begin..]);
        let (word, rest) = (&line[begin..begin + length], start + 1 + begin + length);
        let guard = self.guard.take();
        match word {
            b"include" => self.include(rest, end),
            b"define" => self.define(rest, end, guard),
            b"if" | b"ifdef" | b"ifndef" => self.open(word, rest, end),
            b"elif" => {
                let test = self.test(rest, end);
                self.next_branch(test);
            }
            b"else" => self.next_branch(CondId::ALWAYS),
            b"endif" => self.close(),
            _ => {}
        }
    }

    fn test(&mut self, from: usize, to: usize) -> CondId {
        Test::read(&self.text[from..to], self.conds)
    }

    fn open(&mut self, word: &[u8], rest: usize, end: usize) {
        let test = match word {
            b"if" => self.test(rest, end),
            _ => {
                let line = self.text[rest..end].trim_ascii_start();
                let name = &line[..word_length(line)];
                let defined = super::directive::defined(name, self.conds);
                match word {
                    b"ifdef" => defined,
                    _ => self.conds.not(defined),
                }
            }
        };
        if let Cond::Not(below) = self.conds.get(test) {
            if let Cond::Unknown(name) = self.conds.get(below) {
                self.guard = Some((name, self.branches.len()));
            }
        }
        self.branches.push(Branch {
            outer: self.cond,
            rest: self.conds.not(test),
            stack: self.stack.clone(),
        });
        self.cond = self.conds.and(self.cond, test);
    }

    fn next_branch(&mut self, test: CondId) {
        let Some(branch) = self.branches.last_mut() else {
            return;
        };
        let own = self.conds.and(branch.rest, test);
        self.cond = self.conds.and(branch.outer, own);
        let not = self.conds.not(test);
        branch.rest = self.conds.and(branch.rest, not);
        if self.stack != branch.stack {
            self.found.odd.push(self.at as u32);
            self.stack.clone_from(&branch.stack);
        }
    }

    fn close(&mut self) {
        let Some(branch) = self.branches.pop() else {
            return;
        };
        self.cond = branch.outer;
        if self.stack != branch.stack {
            self.found.odd.push(self.at as u32);
        }
    }

    fn include(&mut self, from: usize, to: usize) {
        let line = self.text[from..to].trim_ascii_start();
        let (close, is_quoted) = match line.first() {
            Some(b'"') => (b'"', true),
            Some(b'<') => (b'>', false),
            _ => return,
        };
        let Some(length) = memchr::memchr(close, &line[1..]) else {
            return;
        };
        if let Ok(path) = std::str::from_utf8(&line[1..1 + length]) {
            let path = Name::new(path);
            self.found.includes.push(Include { path, is_quoted });
        }
    }

    fn define(&mut self, from: usize, to: usize, guard: Option<(Name, usize)>) {
        let text = self.text;
        let mut at = from + blanks(&text[from..to]);
        let length = word_length(&text[at..to]);
        let word = &text[at..at + length];
        at += length;
        let is_blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'\\';
        let begin = text[at..to].iter().take_while(|it| is_blank(it)).count();
        let rest = text[at + begin..to].trim_ascii();
        if let Some((name, depth)) = guard {
            if name.as_str().as_bytes() == word && rest.is_empty() {
                self.guarded(depth);
                return;
            }
        }
        let is_function = text.get(at) == Some(&b'(') && at < to;
        let is_value = rest.first().is_some_and(|it| is_begin(*it) || *it == b'(');
        if !is_function && !is_value && (self.cond == CondId::ALWAYS || rest.is_empty()) {
            return; // the same number or nothing everywhere: it decides nothing
        }
        let Ok(name) = std::str::from_utf8(word) else {
            return;
        };
        let mut body = Vec::new();
        while at < to {
            match text[at] {
                b' ' | b'\t' | b'\r' | b'\n' | b'\x0c' | b'\\' => at += 1,
                b'/' if matches!(text.get(at + 1), Some(b'/' | b'*')) => at = comment_end(text, at),
                _ => {
                    let (kind, end) = token(text, at);
                    body.push(Token {
                        kind,
                        start: at as u32,
                        end: end as u32,
                        cond: CondId::ALWAYS,
                        mate: NO_MATE,
                    });
                    at = end;
                }
            }
        }
        let params = is_function.then(|| take_params(text, &mut body));
        match_brackets(&mut body);
        if body.is_empty() && params.is_none() {
            return;
        }
        self.found.macros.push(RawMacro {
            name: Name::new(name),
            params,
            cond: self.cond,
            body,
        });
    }

    /// The `#ifndef` at this depth guards against a second inclusion: it always holds.
    fn guarded(&mut self, depth: usize) {
        if let Some(branch) = self.branches.get_mut(depth) {
            branch.rest = CondId::NEVER;
            self.cond = branch.outer;
        }
    }
}

/// Takes a macro's list of parameters from the front of its tokens.
fn take_params(text: &[u8], body: &mut Vec<Token>) -> Vec<Name> {
    let close = body.iter().position(|it| it.is(b')'));
    let rest = body.split_off(close.map_or(body.len(), |at| at + 1));
    let words = body.iter().filter(|it| it.kind == Kind::Word);
    let names = words.map(|it| Name::new(&String::from_utf8_lossy(it.text(text))));
    let mut names: Vec<Name> = names.collect();
    let is_variadic = body.iter().any(|it| it.kind == Kind::Sign([b'.', b'.']));
    if is_variadic
        && !body
            .iter()
            .rev()
            .nth(2)
            .is_some_and(|it| it.kind == Kind::Word)
    {
        names.push(Name::new("__VA_ARGS__"));
    }
    *body = rest;
    names
}

/// Finds the mates of brackets in tokens without directives.
pub fn match_brackets(tokens: &mut [Token]) {
    let mut stack: Vec<usize> = Vec::new();
    for at in 0..tokens.len() {
        let Kind::Sign([sign, 0]) = tokens[at].kind else {
            continue;
        };
        match sign {
            b'(' | b'[' | b'{' => stack.push(at),
            b')' | b']' | b'}' => {
                if let Some(open) = stack.pop() {
                    tokens[open].mate = at as u32;
                    tokens[at].mate = open as u32;
                }
            }
            _ => {}
        }
    }
}

/// The token at a place that is neither blank nor comment, and where it ends.
fn token(text: &[u8], at: usize) -> (Kind, usize) {
    let byte = text[at];
    if is_begin(byte) {
        return (Kind::Word, at + word_length(&text[at..]));
    }
    if byte.is_ascii_digit() {
        let all = text[at..].iter();
        let length = all
            .take_while(|it| it.is_ascii_alphanumeric() || **it == b'.')
            .count();
        return (Kind::Number, at + length);
    }
    if byte == b'"' || byte == b'\'' {
        return (Kind::Text, string_end(text, at));
    }
    let next = text.get(at + 1).copied().unwrap_or(0);
    let is_pair = match (byte, next) {
        (
            b'=' | b'!' | b'<' | b'>' | b'+' | b'-' | b'*' | b'/' | b'%' | b'&' | b'|' | b'^',
            b'=',
        ) => true,
        (b'&', b'&') | (b'|', b'|') | (b'+', b'+') | (b'-', b'-' | b'>') | (b'#', b'#') => true,
        (b'<', b'<') | (b'>', b'>') => true,
        (b'.', b'.') => return (Kind::Sign([b'.', b'.']), (at + 3).min(text.len())),
        _ => false,
    };
    match is_pair {
        true => (Kind::Sign([byte, next]), at + 2),
        false => (Kind::Sign([byte, 0]), at + 1),
    }
}

fn is_begin(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

pub(super) fn word_length(text: &[u8]) -> usize {
    text.iter().take_while(|byte| is_word(**byte)).count()
}

fn blanks(text: &[u8]) -> usize {
    text.iter()
        .take_while(|it| matches!(it, b' ' | b'\t'))
        .count()
}

fn comment_end(text: &[u8], at: usize) -> usize {
    match text[at + 1] {
        b'/' => memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |it| at + it),
        _ => memchr::memmem::find(&text[at + 2..], b"*/").map_or(text.len(), |it| at + it + 4),
    }
}

/// Where a logical line ends: at a line end that no backslash precedes, outside comments.
fn line_end(text: &[u8], start: usize) -> usize {
    let mut at = start;
    while at < text.len() {
        let Some(next) = memchr::memchr2(b'\n', b'/', &text[at..]) else {
            return text.len();
        };
        at += next;
        if text[at] == b'/' {
            at = match text.get(at + 1) {
                Some(b'*') => comment_end(text, at),
                _ => at + 1,
            };
            continue;
        }
        let before = &text[start..at];
        if !before.ends_with(b"\\") && !before.ends_with(b"\\\r") {
            return at;
        }
        at += 1;
    }
    text.len()
}
