// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reads the notation of the grammar files: ISO 14977 without exceptions and counts.
//!
//! Two comments mean something: `dialect: a, b` at the end of an alternative marks it, and
//! `start: a, b` at the end of a file's comment names the productions to begin with. The
//! files are ours, so a mistake in one ends the test with its place.

use std::collections::BTreeMap;

use super::{Alternative, Choice, Grammar, Item, Production};

#[derive(PartialEq, Eq, Clone, Debug)]
enum Sign {
    Name(String),
    Terminal(String),
    Prose(String),
    Dialects(Vec<String>),
    Mark(char),
}

impl Grammar {
    /// The grammar that `files` make together.
    pub(crate) fn read(files: &[&str]) -> Grammar {
        let mut grammar = Grammar {
            productions: Vec::new(),
            alternatives: Vec::new(),
            starts: Vec::new(),
            index: BTreeMap::new(),
        };
        for file in files {
            let signs = signs(file, &mut grammar.starts);
            let mut reader = Reader {
                signs,
                at: 0,
                production: String::new(),
                grammar: &mut grammar,
            };
            reader.file();
        }
        let Grammar {
            productions, index, ..
        } = &mut grammar;
        for production in productions {
            resolve(&mut production.choice, index);
        }
        grammar
    }
}

/// Turns the names of productions into their numbers.
fn resolve(choice: &mut Choice, index: &BTreeMap<String, usize>) {
    for item in choice.0.iter_mut().flat_map(|a| &mut a.items) {
        match item {
            Item::Token(name) => {
                if let Some(&production) = index.get(name) {
                    *item = Item::Production(production);
                }
            }
            Item::Group(inner) | Item::Optional(inner) | Item::Repeat(inner) => {
                resolve(inner, index);
            }
            _ => {}
        }
    }
}

struct Reader<'g> {
    signs: Vec<Sign>,
    at: usize,
    production: String,
    grammar: &'g mut Grammar,
}

impl Reader<'_> {
    fn file(&mut self) {
        while self.at < self.signs.len() {
            let Sign::Name(name) = self.next() else {
                panic!(
                    "a production begins with its name, not {:?}",
                    self.signs[self.at - 1]
                );
            };
            self.production.clone_from(&name);
            self.expect('=');
            let choice = self.choice();
            self.expect(';');
            let number = self.grammar.productions.len();
            let old = self.grammar.index.insert(name.clone(), number);
            assert!(old.is_none(), "{name} is defined twice");
            self.grammar.productions.push(Production { name, choice });
        }
    }

    fn choice(&mut self) -> Choice {
        let mut alternatives = vec![self.alternative()];
        while self.accept('|') {
            alternatives.push(self.alternative());
        }
        Choice(alternatives)
    }

    fn alternative(&mut self) -> Alternative {
        let first = self.at;
        let id = self.grammar.alternatives.len();
        self.grammar.alternatives.push(String::new());
        let mut items = vec![self.item()];
        while self.accept(',') {
            items.push(self.item());
        }
        self.grammar.alternatives[id] = format!(
            "{} = {}",
            self.production,
            describe(&self.signs[first..self.at])
        );
        let mut dialects = Vec::new();
        if let Some(Sign::Dialects(names)) = self.signs.get(self.at) {
            dialects.clone_from(names);
            self.at += 1;
        }
        Alternative {
            id,
            items,
            dialects,
        }
    }

    fn item(&mut self) -> Item {
        match self.next() {
            Sign::Name(name) => Item::Token(name),
            Sign::Terminal(text) => Item::Terminal(text),
            Sign::Prose(words) => Item::Prose(words),
            Sign::Mark('(') => Item::Group(self.closed(')')),
            Sign::Mark('[') => Item::Optional(self.closed(']')),
            Sign::Mark('{') => Item::Repeat(self.closed('}')),
            other => panic!("{}: {other:?} where an item belongs", self.production),
        }
    }

    fn closed(&mut self, close: char) -> Choice {
        let choice = self.choice();
        self.expect(close);
        choice
    }

    fn next(&mut self) -> Sign {
        let sign = self.signs.get(self.at);
        self.at += 1;
        sign.unwrap_or_else(|| panic!("{} has no end", self.production))
            .clone()
    }

    fn accept(&mut self, mark: char) -> bool {
        let found = self.signs.get(self.at) == Some(&Sign::Mark(mark));
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, mark: char) {
        assert!(
            self.accept(mark),
            "{}: {:?} where {mark} belongs",
            self.production,
            self.signs.get(self.at)
        );
    }
}

fn describe(signs: &[Sign]) -> String {
    let words: Vec<String> = signs
        .iter()
        .filter_map(|sign| match sign {
            Sign::Name(name) => Some(name.clone()),
            Sign::Terminal(text) => Some(format!("\"{text}\"")),
            Sign::Prose(words) => Some(format!("? {words} ?")),
            Sign::Dialects(_) => None,
            Sign::Mark(mark) => Some(mark.to_string()),
        })
        .collect();
    words.join(" ")
}

fn signs(file: &str, starts: &mut Vec<String>) -> Vec<Sign> {
    let mut signs = Vec::new();
    let mut rest = file.trim_start();
    while let Some(first) = rest.chars().next() {
        let after = if let Some(comment) = rest.strip_prefix("(*") {
            let (words, after) = comment.split_once("*)").expect("a comment ends");
            if let Some((_, names)) = words.split_once("dialect:") {
                signs.push(Sign::Dialects(list(names)));
            }
            if let Some((_, names)) = words.split_once("start:") {
                starts.extend(list(names));
            }
            after
        } else if let '"' | '\'' | '?' = first {
            let (inner, after) = rest[1..].split_once(first).expect("a quote ends");
            signs.push(if first == '?' {
                Sign::Prose(inner.trim().to_owned())
            } else {
                Sign::Terminal(inner.to_owned())
            });
            after
        } else if first.is_ascii_alphabetic() {
            let end = rest
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            signs.push(Sign::Name(rest[..end].to_owned()));
            &rest[end..]
        } else {
            assert!("=|,;()[]{}".contains(first), "{first} means nothing");
            signs.push(Sign::Mark(first));
            &rest[1..]
        };
        rest = after.trim_start();
    }
    signs
}

fn list(names: &str) -> Vec<String> {
    names
        .split(',')
        .map(|name| name.trim().to_owned())
        .collect()
}
