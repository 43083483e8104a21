// SPDX-License-Identifier: MIT OR Apache-2.0
//! Makefiles of Kbuild, read line by line: variables whose parts have conditions.
//!
//! Nothing is run. A text that only a shell or the environment knows is an unknown. Recipes and rules
//! are skipped.

mod expand;
mod text;

use std::sync::Arc;

use rustc_hash::FxHashMap;

pub use self::text::normal;
use self::text::{assignment, is_assignment, is_never_set, two_arguments, without_comment};
use super::cond::{CondId, Conds};
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
}
