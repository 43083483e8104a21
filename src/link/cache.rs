// SPDX-License-Identifier: MIT OR Apache-2.0
//! The facts that an earlier run read in the code of a tree. What tells one text of a file from another is the same as in
//! the cache of what files mention ([`Print`]).

use std::path::PathBuf;
use std::time::SystemTime;

use rayon::prelude::*;
use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use super::facts::Facts;
use super::packed::{self, Numbers};
use crate::references::Print;
use crate::source::{Name, Reader};
use crate::system::{read_cache, write_cache};

/// The kind of cache, and the version of its form.
const KIND: &str = "code-1";

/// Smaller trees are read faster than a cache is.
const LEAST_FILES: usize = 500;

/// The cache is written again when one file of so many is not in it. Fewer are read faster than it is written.
const FILES_FOR_NEWS: usize = 50;

/// The cache of a tree's code.
pub(super) struct Cache {
    file: Option<PathBuf>,
    names: Vec<Name>,
    /// Sorted by path.
    known: Vec<StoredFile>,
    now: SystemTime,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    names: Vec<String>,
    files: Vec<StoredFile>,
}

#[derive(Serialize, Deserialize)]
struct StoredFile {
    path: String,
    print: Print,
    facts: Bytes,
}

/// Facts as the next run finds them.
struct Bytes(Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        deserializer.deserialize_bytes(BytesVisitor)
    }
}

struct BytesVisitor;

impl Visitor<'_> for BytesVisitor {
    type Value = Bytes;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("bytes")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
        Ok(Bytes(bytes.to_vec()))
    }
}

/// A file with its print, where it may be kept, and whether the cache lacks it.
pub(super) struct Looked {
    pub(super) print: Option<Print>,
    pub(super) is_news: bool,
    pub(super) facts: Facts,
}

impl Cache {
    /// The cache of a tree with so many files of code.
    pub(super) fn of(reader: &dyn Reader, files: usize) -> Cache {
        let file = reader.cache(KIND).filter(|_| files >= LEAST_FILES);
        let stored: Option<Stored> = file.as_deref().and_then(|file| read_cache(file, KIND));
        let (names, known) = stored.map_or_else(Default::default, |it| (it.names, it.files));
        Cache {
            names: names.par_iter().map(|it| Name::new(it)).collect(),
            known,
            file,
            now: SystemTime::now(),
        }
    }

    /// The facts of a file, from an earlier run or as `scan` reads them; `None` where it cannot be read.
    pub(super) fn look(
        &self,
        reader: &dyn Reader,
        path: &str,
        scan: impl Fn(&[u8]) -> Facts,
    ) -> Option<Looked> {
        let print = self.file.as_ref();
        let print = print.and_then(|_| Print::of(reader, path, self.now));
        let known = print.as_ref().and_then(|print| self.known(path, print));
        let is_news = known.is_none();
        let facts = match known {
            Some(known) => known,
            None => scan(&reader.read_once(path).ok()?),
        };
        Some(Looked {
            print,
            is_news,
            facts,
        })
    }

    fn known(&self, path: &str, print: &Print) -> Option<Facts> {
        let files = &self.known;
        let at = files.binary_search_by(|it| it.path.as_str().cmp(path));
        let file = Some(&files[at.ok()?]).filter(|it| it.print == *print)?;
        packed::unpack(&file.facts.0, &self.names)
    }

    /// Keeps what was read, for the next run: the files in the order of their paths.
    pub(super) fn keep(&self, files: &[(String, Looked)]) {
        let Some(place) = &self.file else { return };
        let can_be_kept = files.iter().filter(|(_, it)| it.print.is_some());
        let news = can_be_kept.clone().filter(|(_, it)| it.is_news).count();
        if news == 0 || news * FILES_FOR_NEWS < files.len() {
            return;
        }
        let mut numbers = Numbers::default();
        let stored = can_be_kept.filter_map(|(path, it)| {
            Some(StoredFile {
                path: path.clone(),
                print: it.print.clone()?,
                facts: Bytes(packed::pack(&it.facts, &mut numbers)),
            })
        });
        let files = stored.collect();
        let names = numbers.all;
        write_cache(place, KIND, &Stored { names, files });
    }
}
