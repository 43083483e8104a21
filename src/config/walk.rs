// SPDX-License-Identifier: MIT OR Apache-2.0
//! A walk through the tables of `kconfig-lint.toml`: texts, keys and tables with their places, and what is wrong with
//! them. What the tables mean is said by `settings` and `root`.

use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::source::near;
use crate::tree::Kind;

/// The name of the settings file, at the root of the tree.
pub const FILE_NAME: &str = "kconfig-lint.toml";

/// A mistake in the settings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mistake {
    /// Line, from 1.
    pub line: usize,
    /// Column in bytes, from 1.
    pub column: usize,
    /// What is wrong, in lower case and without a full stop.
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{FILE_NAME}:{}:{}: {}",
            self.line, self.column, self.message
        )
    }
}

/// A key of a table.
pub(super) type Key<'i> = Spanned<std::borrow::Cow<'i, str>>;
/// A value of a table.
pub(super) type Value<'i> = Spanned<DeValue<'i>>;

/// The text of the file, and what is wrong with it.
pub(super) struct Walk<'t> {
    text: &'t str,
    mistakes: Vec<Mistake>,
}

impl<'t> Walk<'t> {
    /// A walk through this text; nothing is wrong yet.
    pub(super) fn new(text: &'t str) -> Walk<'t> {
        Walk {
            text,
            mistakes: Vec::new(),
        }
    }

    /// Whether something is wrong so far.
    pub(super) fn has_mistakes(&self) -> bool {
        !self.mistakes.is_empty()
    }

    /// What is wrong, in the order of the places.
    pub(super) fn end(mut self) -> Vec<Mistake> {
        self.mistakes
            .sort_by_key(|mistake| (mistake.line, mistake.column));
        self.mistakes
    }

    /// Whether a text stands in the file from this offset on.
    pub(super) fn stands_at(&self, offset: usize, text: &str) -> bool {
        self.text
            .get(offset..)
            .is_some_and(|it| it.starts_with(text))
    }
}

impl Walk<'_> {
    /// The kind of tree that a value names.
    pub(super) fn kind(&mut self, value: &Value<'_>) -> Option<Kind> {
        let kind = value.get_ref().as_str().and_then(Kind::from_name);
        if kind.is_none() {
            let names = Kind::NAMES.map(|(_, name)| name).join(", ");
            self.mistake(value.span(), &format!("`tree` is one of {names}"));
        }
        kind
    }

    /// The tables of `[[name]]`.
    pub(super) fn tables<'a, 'i>(
        &mut self,
        table: &'a DeTable<'i>,
        name: &str,
    ) -> Vec<Entry<'a, 'i>> {
        let Some(value) = table.get(name) else {
            return Vec::new();
        };
        let Some(array) = value.get_ref().as_array() else {
            self.mistake(
                value.span(),
                &format!("write `[[{name}]]`: there may be several"),
            );
            return Vec::new();
        };
        let mut entries = Vec::new();
        for item in array {
            match item.get_ref().as_table() {
                Some(table) => entries.push(Entry {
                    table,
                    place: item.span(),
                }),
                None => self.mistake(item.span(), &format!("`{name}` holds tables")),
            }
        }
        entries
    }

    /// A text under a key; absent ones are a mistake when `needed`, empty ones too.
    pub(super) fn text_of(
        &mut self,
        entry: &Entry<'_, '_>,
        key: &str,
        needed: bool,
    ) -> Option<String> {
        let Some(value) = entry.table.get(key) else {
            if needed {
                self.mistake(entry.place.clone(), &format!("`{key}` is missing here"));
            }
            return None;
        };
        match value.get_ref().as_str() {
            Some(text) if needed && text.trim().is_empty() => {
                self.mistake(value.span(), &format!("`{key}` is empty"));
                None
            }
            Some(text) => Some(text.to_owned()),
            None => {
                self.mistake(value.span(), &format!("`{key}` is a text in quotes"));
                None
            }
        }
    }

    /// Reports the keys of a table that have no meaning.
    pub(super) fn only(&mut self, table: &DeTable<'_>, known: &[&str]) {
        let unknown: Vec<&Key<'_>> = table
            .keys()
            .filter(|key| !known.contains(&key.get_ref().as_ref()))
            .collect();
        for key in unknown {
            let hint = near::hint(key.get_ref(), known.iter().copied());
            self.mistake(
                key.span(),
                &format!("unknown key `{}`{hint}", key.get_ref()),
            );
        }
    }

    /// Takes note of a mistake.
    pub(super) fn mistake(&mut self, place: Range<usize>, message: &str) {
        let (line, column) = self.position(place.start);
        self.mistakes.push(Mistake {
            line,
            column,
            message: message.to_owned(),
        });
    }

    /// Line and column of an offset, both from 1.
    pub(super) fn position(&self, offset: usize) -> (usize, usize) {
        let before = &self.text.as_bytes()[..offset.min(self.text.len())];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let start = before
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        (line, before.len() - start + 1)
    }
}

/// One table of an array, with its place.
pub(super) struct Entry<'a, 'i> {
    pub(super) table: &'a DeTable<'i>,
    pub(super) place: Range<usize>,
}
