// SPDX-License-Identifier: MIT OR Apache-2.0
//! What variables and functions stand for: words and texts, each with its condition.

use super::text::{
    append, arguments, closing, is_never_set, mapped, matches, split, substituted, whole_reference,
};
use super::{Alternative, MAX_ALTERNATIVES, MAX_DEPTH, Make, Piece, ROOT};
use crate::link::cond::{Cond, CondId};
use crate::link::lex::is_word;
use crate::source::Name;

impl Make<'_> {
    /// The words of a variable, each with its condition.
    pub fn list(&mut self, name: &str) -> Vec<Alternative> {
        if !self.has(name) {
            return Vec::new();
        }
        self.words(&format!("$({name})"))
    }

    /// The words of a text, each with the condition under which it is there.
    pub fn words(&mut self, text: &str) -> Vec<Alternative> {
        self.depth += 1;
        let mut found = Vec::new();
        if self.depth < MAX_DEPTH {
            for token in split(text) {
                self.token(token, &mut found);
            }
        } else {
            found.push((CondId::ALWAYS, None));
        }
        self.depth -= 1;
        found
    }

    fn token(&mut self, token: &str, found: &mut Vec<Alternative>) {
        if let Some(inner) = whole_reference(token) {
            if let Some(pieces) = self.variables.get(inner).cloned() {
                for piece in pieces {
                    for (cond, word) in self.words(&piece.raw) {
                        let cond = self.conds.and(piece.cond, cond);
                        if cond != CondId::NEVER {
                            found.push((cond, word));
                        }
                    }
                }
                return;
            }
            if self.list_function(inner, found) {
                return;
            }
        }
        for (cond, text) in self.texts(token) {
            match text {
                Some(text) => {
                    let words = text.split_whitespace();
                    found.extend(words.map(|it| (cond, Some(it.to_owned()))));
                }
                None => found.push((cond, None)),
            }
        }
    }

    /// Functions that treat words one by one.
    fn list_function(&mut self, inner: &str, found: &mut Vec<Alternative>) -> bool {
        if let Some((name, pattern)) = inner.split_once(':') {
            if let Some((from, to)) = pattern.split_once('=') {
                let (from, to) = (from.trim(), to.trim());
                let all = self.words(&format!("$({name})"));
                found.extend(mapped(all, |it| substituted(it, from, to)));
                return true;
            }
        }
        let Some((function, rest)) = inner.split_once(char::is_whitespace) else {
            return false;
        };
        let arguments = arguments(rest);
        let arguments: Vec<&str> = arguments.iter().map(|it| it.trim()).collect();
        match (function, arguments.as_slice()) {
            ("addprefix", [before, words]) => {
                for (a, before) in self.texts(before) {
                    for (b, word) in self.words(words) {
                        let cond = self.conds.and(a, b);
                        let word = before
                            .as_ref()
                            .zip(word)
                            .map(|(a, b)| format!("{}{b}", a.trim()));
                        found.push((cond, word));
                    }
                }
            }
            ("addsuffix", [after, words]) => {
                let all = self.words(words);
                found.extend(mapped(all, |it| format!("{it}{after}")));
            }
            ("patsubst", [from, to, words]) => {
                let all = self.words(words);
                found.extend(mapped(all, |it| substituted(it, from, to)));
            }
            ("sort" | "strip", [words]) => found.extend(self.words(words)),
            ("notdir", [words]) => {
                let all = self.words(words);
                found.extend(mapped(all, |it| {
                    it.rsplit('/').next().unwrap_or(it).to_owned()
                }));
            }
            ("filter" | "filter-out", [patterns, words]) if !patterns.contains('$') => {
                let patterns: Vec<&str> = patterns.split_whitespace().collect();
                let wants = function == "filter";
                let all = self.words(words).into_iter();
                found.extend(all.filter(|(_, word)| {
                    let Some(word) = word else { return true };
                    patterns.iter().any(|it| matches(it, word)) == wants
                }));
            }
            ("if", [test, rest @ ..]) if (1..=2).contains(&rest.len()) => {
                let test = self.is_not_empty(test);
                let not = self.conds.not(test);
                for (at, text) in rest.iter().enumerate() {
                    let own = if at == 0 { test } else { not };
                    for (cond, word) in self.words(text) {
                        found.push((self.conds.and(own, cond), word));
                    }
                }
            }
            _ => return false,
        }
        true
    }

    fn is_not_empty(&mut self, text: &str) -> CondId {
        let mut all = CondId::NEVER;
        for (cond, text) in self.texts(text) {
            let own = match text {
                Some(text) => CondId::constant(!text.trim().is_empty()),
                None => self.conds.unknown("a test of make"),
            };
            let both = self.conds.and(cond, own);
            all = self.conds.or(all, both);
        }
        all
    }

    /// A text: what it can be.
    pub fn texts(&mut self, text: &str) -> Vec<Alternative> {
        let mut all: Vec<Alternative> = vec![(CondId::ALWAYS, Some(String::new()))];
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            append(&mut all, &rest[..at]);
            let (inner, after) = match rest[at + 1..].chars().next() {
                Some(open @ ('(' | '{')) => {
                    let Some(end) = closing(&rest[at + 1..], open) else {
                        return vec![(CondId::ALWAYS, None)];
                    };
                    (&rest[at + 2..at + 1 + end], &rest[at + 2 + end..])
                }
                Some(letter) => {
                    let end = at + 1 + letter.len_utf8();
                    ("unknown", &rest[end..])
                }
                None => ("unknown", ""),
            };
            self.depth += 1;
            let values = match self.depth < MAX_DEPTH {
                true => self.reference(inner),
                false => vec![(CondId::ALWAYS, None)],
            };
            self.depth -= 1;
            all = self.product(all, &values);
            rest = after;
        }
        append(&mut all, rest);
        all
    }

    fn product(&mut self, all: Vec<Alternative>, values: &[Alternative]) -> Vec<Alternative> {
        let mut next: Vec<Alternative> = Vec::new();
        if all.len() * values.len() > MAX_ALTERNATIVES {
            return vec![(CondId::ALWAYS, None)];
        }
        for (a, before) in &all {
            for (b, value) in values {
                let cond = self.conds.and(*a, *b);
                if cond != CondId::NEVER {
                    let text = before.as_ref().zip(value.as_ref());
                    next.push((cond, text.map(|(a, b)| format!("{a}{b}"))));
                }
            }
        }
        next
    }

    fn reference(&mut self, inner: &str) -> Vec<Alternative> {
        let inner = inner.trim();
        if inner.contains('$') && !inner.contains(char::is_whitespace) && !inner.contains(':') {
            let mut found = Vec::new();
            for (cond, name) in self.texts(inner) {
                let values = match name {
                    Some(name) => self.reference(&name),
                    None => vec![(CondId::ALWAYS, None)],
                };
                for (own, value) in values {
                    found.push((self.conds.and(cond, own), value));
                }
            }
            return found;
        }
        if let Some(option) = inner.strip_prefix("CONFIG_") {
            if option.bytes().all(is_word) {
                return self.option(Name::new(option));
            }
        }
        let known = |text: &str| vec![(CondId::ALWAYS, Some(text.to_owned()))];
        match inner {
            "srctree" | "objtree" | "abs_srctree" | "abs_objtree" => return known(ROOT),
            "src" | "obj" | "srcroot" => return known(&format!("{ROOT}/{}", self.folder)),
            "comma" => return known(","),
            "sub_make_done" | "need-config" => return known("1"),
            _ if is_never_set(inner) => return known(""),
            "SRCARCH" => {
                let all = self.architectures.iter();
                let each = all.map(|it| {
                    let cond = self.conds.atom(Cond::Arch(Name::new(it)));
                    (cond, Some(it.clone()))
                });
                return each.collect();
            }
            "BITS" => {
                let wide = self.conds.yes(Name::new("64BIT"));
                let not = self.conds.not(wide);
                return vec![(wide, Some("64".to_owned())), (not, Some("32".to_owned()))];
            }
            _ => {}
        }
        if let Some(pieces) = self.variables.get(inner).cloned() {
            return self.joined(&pieces);
        }
        self.text_function(inner)
    }

    fn option(&mut self, name: Name) -> Vec<Alternative> {
        let (yes, module) = (self.conds.yes(name), self.conds.module(name));
        let any = self.conds.or(yes, module);
        let none = self.conds.not(any);
        let text = |it: &str| Some(it.to_owned());
        vec![(yes, text("y")), (module, text("m")), (none, text(""))]
    }

    /// All parts of a variable, joined by blanks.
    fn joined(&mut self, pieces: &[Piece]) -> Vec<Alternative> {
        let mut all: Vec<Alternative> = vec![(CondId::ALWAYS, Some(String::new()))];
        for piece in pieces {
            let not = self.conds.not(piece.cond);
            let mut values: Vec<Alternative> = Vec::new();
            for (cond, text) in self.texts(&piece.raw) {
                values.push((
                    self.conds.and(piece.cond, cond),
                    text.map(|it| format!("{it} ")),
                ));
            }
            values.push((not, Some(String::new())));
            all = self.product(all, &values);
        }
        let trimmed = all.into_iter();
        trimmed
            .map(|(cond, text)| (cond, text.map(|it| it.trim().to_owned())))
            .collect()
    }

    fn text_function(&mut self, inner: &str) -> Vec<Alternative> {
        let unknown = vec![(CondId::ALWAYS, None)];
        let Some((function, rest)) = inner.split_once(char::is_whitespace) else {
            return unknown;
        };
        let arguments = arguments(rest);
        match (function, arguments.as_slice()) {
            ("subst", [from, to, text]) if !from.contains('$') && !to.contains('$') => {
                let all = self.texts(text).into_iter();
                all.map(|(cond, text)| (cond, text.map(|it| it.replace(from.as_str(), to))))
                    .collect()
            }
            ("strip", [text]) => self.texts(text.trim()),
            ("filter", [patterns, text]) => {
                let mut found = Vec::new();
                for (a, patterns) in self.texts(patterns) {
                    for (b, text) in self.texts(text) {
                        let cond = self.conds.and(a, b);
                        let kept = patterns.as_ref().zip(text).map(|(patterns, text)| {
                            let words = text.split_whitespace().filter(|word| {
                                patterns.split_whitespace().any(|it| matches(it, word))
                            });
                            words.collect::<Vec<_>>().join(" ")
                        });
                        found.push((cond, kept));
                    }
                }
                found
            }
            ("if", [test, rest @ ..]) if (1..=2).contains(&rest.len()) => {
                let test = self.is_not_empty(test);
                let not = self.conds.not(test);
                let mut found = Vec::new();
                for (own, text) in [(test, rest.first()), (not, rest.get(1))] {
                    let text = text.map_or("", |it| it.trim());
                    for (cond, value) in self.texts(text) {
                        found.push((self.conds.and(own, cond), value));
                    }
                }
                found
            }
            ("or", all) => {
                let mut rest = CondId::ALWAYS;
                let mut found = Vec::new();
                for text in all {
                    for (cond, value) in self.texts(text.trim()) {
                        let is_set = value.as_ref().is_none_or(|it| !it.is_empty());
                        if is_set {
                            found.push((self.conds.and(rest, cond), value));
                            let not = self.conds.not(cond);
                            rest = self.conds.and(rest, not);
                        }
                    }
                }
                found.push((rest, Some(String::new())));
                found
            }
            _ => unknown,
        }
    }
}
