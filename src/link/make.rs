// SPDX-License-Identifier: MIT OR Apache-2.0
//! Makefiles of Kbuild, read line by line: variables whose parts have conditions.
//!
//! Nothing is run. A text that only a shell or the environment knows is an unknown. Recipes and rules
//! are skipped.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::cond::{Cond, CondId, Conds};
use crate::source::{Name, Reader};

/// A text under a condition; `None` where nobody knows the text.
pub type Alternative = (CondId, Option<String>);

/// A part of a variable.
#[derive(Clone, Debug)]
struct Piece {
    cond: CondId,
    raw: Arc<str>,
}

/// Combinations of texts that are looked at; more are an unknown.
const MAX_ALTERNATIVES: usize = 128;
/// Variables in variables.
const MAX_DEPTH: usize = 24;
/// Stands for the tree's root in paths.
pub const ROOT: &str = "@";

/// Reads one folder's Makefile and what it includes.
pub struct Make<'a> {
    reader: &'a dyn Reader,
    /// The conditions of the whole tree.
    pub conds: &'a mut Conds,
    architectures: &'a [String],
    /// The folder.
    folder: &'a str,
    variables: FxHashMap<String, Vec<Piece>>,
    blocks: Vec<Block>,
    depth: usize,
    includes: usize,
}

/// An `ifeq` that is open.
struct Block {
    outer: CondId,
    rest: CondId,
    own: CondId,
}

impl<'a> Make<'a> {
    /// Nothing is read yet.
    pub fn new(
        reader: &'a dyn Reader,
        conds: &'a mut Conds,
        architectures: &'a [String],
        folder: &'a str,
    ) -> Make<'a> {
        Make {
            reader,
            conds,
            architectures,
            folder,
            variables: FxHashMap::default(),
            blocks: Vec::new(),
            depth: 0,
            includes: 0,
        }
    }

    /// Reads a file, where there is one.
    pub fn read(&mut self, path: &str) -> bool {
        self.includes += 1;
        if self.includes > 100 {
            return false;
        }
        let Ok(text) = self.reader.read(path) else {
            return false;
        };
        let text = String::from_utf8_lossy(&text).into_owned();
        let open = self.blocks.len();
        let mut lines = text.lines();
        let (mut in_define, mut in_rule) = (false, false);
        while let Some(line) = lines.next() {
            let mut whole = line.to_owned();
            while whole.ends_with('\\') {
                whole.pop();
                whole.push(' ');
                let Some(next) = lines.next() else { break };
                whole.push_str(next.trim_start());
            }
            if whole.starts_with('\t') && (in_rule || !is_assignment(whole.trim())) {
                continue;
            }
            let line = without_comment(&whole);
            let line = line.trim();
            if in_define {
                in_define = line != "endef";
                continue;
            }
            in_define = line.starts_with("define ");
            in_rule = line.contains(':') && !is_assignment(line);
            if !line.is_empty() && !in_define {
                self.line(line);
            }
        }
        self.blocks.truncate(open);
        true
    }

    fn here(&self) -> CondId {
        self.blocks.last().map_or(CondId::ALWAYS, |it| it.own)
    }

    fn line(&mut self, line: &str) {
        let (word, rest) = line
            .split_once(|it: char| it.is_whitespace() || it == '(')
            .map_or((line, ""), |(word, rest)| {
                (word, &line[line.len() - rest.len()..])
            });
        match word {
            "ifeq" | "ifneq" | "ifdef" | "ifndef" => {
                let test = self.test(word, line[word.len()..].trim());
                let (outer, rest) = (self.here(), self.conds.not(test));
                let own = self.conds.and(outer, test);
                self.blocks.push(Block { outer, rest, own });
            }
            "else" => self.otherwise(rest.trim()),
            "endif" => drop(self.blocks.pop()),
            "include" | "-include" | "sinclude" => {
                for (cond, path) in self.words(rest) {
                    let path = path.and_then(|it| normal(self.folder, &it));
                    let Some(path) = path.filter(|_| self.depth < MAX_DEPTH) else {
                        continue;
                    };
                    let outer = self.here();
                    let own = self.conds.and(outer, cond);
                    if own == CondId::NEVER || path.starts_with("include/config/") {
                        continue;
                    }
                    self.blocks.push(Block {
                        outer,
                        rest: CondId::NEVER,
                        own,
                    });
                    self.depth += 1;
                    self.read(&path);
                    self.depth -= 1;
                    self.blocks.pop();
                }
            }
            "export" | "override" if is_assignment(rest.trim()) => self.assign(rest.trim()),
            _ if is_assignment(line) => self.assign(line),
            _ => {}
        }
    }

    fn otherwise(&mut self, rest: &str) {
        let test = match rest.split_once(|it: char| it.is_whitespace() || it == '(') {
            Some((word, _)) if word.starts_with("if") => self.test(word, rest[word.len()..].trim()),
            _ => CondId::ALWAYS,
        };
        let Some(block) = self.blocks.last_mut() else {
            return;
        };
        let own = self.conds.and(block.rest, test);
        block.own = self.conds.and(block.outer, own);
        let not = self.conds.not(test);
        block.rest = self.conds.and(block.rest, not);
    }

    fn test(&mut self, word: &str, rest: &str) -> CondId {
        let holds = match word {
            "ifdef" | "ifndef" => self.is_defined(rest),
            _ => {
                let Some((left, right)) = two_arguments(rest) else {
                    return self.conds.unknown(rest);
                };
                self.equal(&left, &right, rest)
            }
        };
        match word.contains('n') {
            true => self.conds.not(holds),
            false => holds,
        }
    }

    fn is_defined(&mut self, name: &str) -> CondId {
        if let Some(option) = name.strip_prefix("CONFIG_") {
            return self.conds.enabled(Name::new(option));
        }
        if is_never_set(name) {
            return CondId::NEVER;
        }
        if name == "need-config" {
            return CondId::ALWAYS;
        }
        match self.variables.get(name).cloned() {
            Some(pieces) => {
                let all = pieces.iter();
                all.fold(CondId::NEVER, |all, it| self.conds.or(all, it.cond))
            }
            None => self.conds.unknown(name),
        }
    }

    fn equal(&mut self, left: &str, right: &str, whole: &str) -> CondId {
        let (left, right) = (self.texts(left), self.texts(right));
        let mut all = CondId::NEVER;
        for (a, left) in &left {
            for (b, right) in &right {
                let both = self.conds.and(*a, *b);
                let same = match (left, right) {
                    (Some(left), Some(right)) => CondId::constant(left.trim() == right.trim()),
                    _ => self.conds.unknown(whole),
                };
                let both = self.conds.and(both, same);
                all = self.conds.or(all, both);
            }
        }
        all
    }

    fn assign(&mut self, line: &str) {
        let Some((at, length)) = assignment(line) else {
            return;
        };
        let (left, sign, right) = (
            line[..at].trim(),
            &line[at..at + length],
            line[at + length..].trim(),
        );
        let here = self.here();
        let names = match left.contains('$') {
            true => self.texts(left),
            false => vec![(CondId::ALWAYS, Some(left.to_owned()))],
        };
        for (cond, name) in names {
            let cond = self.conds.and(here, cond);
            let Some(name) = name.filter(|_| cond != CondId::NEVER) else {
                continue;
            };
            self.set(name.trim(), sign, right, cond);
        }
    }

    fn set(&mut self, name: &str, sign: &str, right: &str, cond: CondId) {
        let mut pieces = self.variables.get(name).cloned().unwrap_or_default();
        let mut new: Vec<Piece> = Vec::new();
        // What is computed at once, and whatever speaks of itself.
        let is_immediate = sign.contains(':') || right.contains(&format!("$({name})"));
        if is_immediate && right.contains('$') {
            for (own, word) in self.words(right) {
                let raw = word.unwrap_or_else(|| "$(unknown)".to_owned());
                let cond = self.conds.and(cond, own);
                new.push(Piece {
                    cond,
                    raw: raw.into(),
                });
            }
        } else {
            new.push(Piece {
                cond,
                raw: right.into(),
            });
        }
        if sign == "?=" {
            let known = pieces.iter();
            let known = known.fold(CondId::NEVER, |all, it| self.conds.or(all, it.cond));
            let not = self.conds.not(known);
            for piece in &mut new {
                piece.cond = self.conds.and(piece.cond, not);
            }
        } else if sign != "+=" {
            let not = self.conds.not(cond);
            for piece in &mut pieces {
                piece.cond = self.conds.and(piece.cond, not);
            }
        }
        pieces.extend(new);
        pieces.retain(|it| it.cond != CondId::NEVER);
        if pieces.is_empty() {
            pieces.push(Piece {
                cond: CondId::ALWAYS,
                raw: "".into(),
            });
        }
        self.variables.insert(name.to_owned(), pieces);
    }

    /// Whether something sets a variable.
    pub fn has(&self, name: &str) -> bool {
        self.variables.contains_key(name)
    }

    /// The names of variables.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }

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
            if option.bytes().all(super::lex::is_word) {
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

/// Variables of the top Makefile that are empty while the tree itself is built.
fn is_never_set(name: &str) -> bool {
    let all = [
        "KBUILD_EXTMOD",
        "need-sub-make",
        "mixed-build",
        "config-build",
        "building_out_of_srctree",
    ];
    all.contains(&name)
}

fn append(all: &mut [Alternative], text: &str) {
    for (_, known) in all {
        if let Some(known) = known {
            known.push_str(text);
        }
    }
}

fn mapped(
    all: Vec<Alternative>,
    map: impl Fn(&str) -> String,
) -> impl Iterator<Item = Alternative> {
    let all = all.into_iter();
    all.map(move |(cond, word)| (cond, word.map(|it| map(&it))))
}

/// A path that a Makefile in `folder` names, from the root of the tree; `None` where it leads out.
pub fn normal(folder: &str, path: &str) -> Option<String> {
    let whole = match path.strip_prefix(ROOT) {
        Some(rest) => rest.to_owned(),
        None => format!("{folder}/{path}"),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn matches(pattern: &str, word: &str) -> bool {
    match pattern.split_once('%') {
        Some((before, after)) => {
            word.len() >= before.len() + after.len()
                && word.starts_with(before)
                && word.ends_with(after)
        }
        None => pattern == word,
    }
}

/// `patsubst`, or the short form without `%`.
fn substituted(word: &str, from: &str, to: &str) -> String {
    if !from.contains('%') {
        return match word.strip_suffix(from) {
            Some(rest) => format!("{rest}{to}"),
            None => word.to_owned(),
        };
    }
    let (before, after) = from.split_once('%').unwrap_or((from, ""));
    match matches(from, word) {
        true => to.replacen('%', &word[before.len()..word.len() - after.len()], 1),
        false => word.to_owned(),
    }
}

/// The inside of a token that is nothing but one reference.
fn whole_reference(token: &str) -> Option<&str> {
    let open = token.strip_prefix('$')?.chars().next()?;
    if !matches!(open, '(' | '{') {
        return None;
    }
    let end = closing(&token[1..], open)?;
    (end + 2 == token.len()).then(|| &token[2..token.len() - 1])
}

/// The place of the bracket that closes the first one.
fn closing(text: &str, open: char) -> Option<usize> {
    let close = if open == '(' { ')' } else { '}' };
    let mut depth = 0;
    for (at, letter) in text.char_indices() {
        if letter == open {
            depth += 1;
        } else if letter == close {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

/// The arguments of a function, apart at commas outside brackets.
fn arguments(text: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut depth = 0;
    for letter in text.chars() {
        match letter {
            '(' | '{' => depth += 1,
            ')' | '}' => depth -= 1,
            ',' if depth == 0 => {
                found.push(String::new());
                continue;
            }
            _ => {}
        }
        found.last_mut().expect("one at least").push(letter);
    }
    found
}

/// Words, apart at blanks outside brackets.
fn split(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut depth, mut start) = (0, None);
    for (at, letter) in text.char_indices() {
        match letter {
            '(' | '{' => depth += 1,
            ')' | '}' => depth -= 1,
            _ => {}
        }
        match (letter.is_whitespace() && depth <= 0, start) {
            (true, Some(begin)) => {
                found.push(&text[begin..at]);
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
    }
    found.extend(start.map(|begin| &text[begin..]));
    found
}

/// The arguments of `ifeq`: `(a,b)` or `"a" "b"`.
fn two_arguments(text: &str) -> Option<(String, String)> {
    if let Some(inner) = text
        .strip_prefix('(')
        .and_then(|it| it.trim_end().strip_suffix(')'))
    {
        let mut all = arguments(inner);
        let second = (all.len() > 1).then(|| all.split_off(1).join(","))?;
        return Some((all.pop()?, second));
    }
    let mut all = Vec::new();
    let mut rest = text.trim();
    while all.len() < 2 {
        let quote = rest.chars().next().filter(|it| matches!(it, '"' | '\''))?;
        let end = rest[1..].find(quote)?;
        all.push(rest[1..1 + end].to_owned());
        rest = rest[end + 2..].trim_start();
    }
    let second = all.pop()?;
    Some((all.pop()?, second))
}

/// Where the operator of an assignment stands, and its length.
fn assignment(line: &str) -> Option<(usize, usize)> {
    let mut depth = 0;
    let bytes = line.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'(' | b'{' => depth += 1,
            b')' | b'}' => depth -= 1,
            b'=' if depth == 0 => {
                let before = at.checked_sub(1).map_or(0, |it| bytes[it]);
                return match before {
                    b':' if at >= 2 && bytes[at - 2] == b':' => Some((at - 2, 3)),
                    b':' | b'+' | b'?' | b'!' => Some((at - 1, 2)),
                    _ => Some((at, 1)),
                };
            }
            b':' if depth == 0
                && bytes.get(at + 1) != Some(&b'=')
                && bytes.get(at + 1) != Some(&b':') =>
            {
                return None; // a rule
            }
            _ => {}
        }
    }
    None
}

fn is_assignment(line: &str) -> bool {
    let Some((at, _)) = assignment(line) else {
        return false;
    };
    // One word, which references may be part of.
    split(line[..at].trim()).len() == 1
}

fn without_comment(line: &str) -> &str {
    let mut at = 0;
    while let Some(found) = line[at..].find('#') {
        let place = at + found;
        if !line[..place].ends_with('\\') {
            return &line[..place];
        }
        at = place + 1;
    }
    line
}
