// SPDX-License-Identifier: MIT OR Apache-2.0
//! What an earlier run read in the files of a tree, so that only files that changed are read again.
//!
//! A file of git is known by the name of its blob. One of the disk counts as unchanged as long as the system says the same
//! of it: size, times, number. The time of the last change
//! cannot be set by anybody, so a text of the same size with an old date is noticed, too. What was changed just before it was
//! read is not kept, since the next change might fall into the same tick of the clock.

use std::hash::{Hash, Hasher};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use rustc_hash::{FxHashMap, FxHasher};
use serde::{Deserialize, Serialize};

use super::{How, Mention};
use crate::source::{Name, Object, Reader, Stamp, TextRange};
use crate::system::{read_cache, write_cache};

/// The kind of cache, and the version of its form.
const KIND: &str = "references-2";

/// Smaller trees are read faster than a cache is.
const LEAST_FILES: usize = 500;

/// How long a file has to be unchanged before it is read, to be kept.
const REST: Duration = Duration::from_secs(2);

/// What a file mentions, and the beginnings of names in it.
pub(super) type Scanned = (Vec<Mention>, Vec<Name>);

/// What tells the text of a file from another one, without reading it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub(crate) enum Print {
    /// What the system says of it.
    Disk(Stamp),
    /// The name of its blob.
    Blob(String),
}

impl Print {
    /// That of a file which a run that began at this time may keep.
    pub(crate) fn of(reader: &dyn Reader, path: &str, now: SystemTime) -> Option<Print> {
        match reader.object(path) {
            Some(Object::File(blob)) => Some(Print::Blob(blob)),
            Some(_) => None,
            None => {
                let stamp = reader.stamp(path)?;
                let since = now.duration_since(stamp.changed());
                let is_at_rest = since.is_ok_and(|since| since > REST);
                is_at_rest.then_some(Print::Disk(stamp))
            }
        }
    }
}

/// The cache of a tree.
pub(super) struct Cache {
    file: Option<PathBuf>,
    key: String,
    known: Stored,
    /// When the run began.
    now: SystemTime,
}

#[derive(Default, Serialize, Deserialize)]
struct Stored {
    names: Vec<String>,
    /// Sorted by path.
    files: Vec<StoredFile>,
}

#[derive(Serialize, Deserialize)]
struct StoredFile {
    path: String,
    print: Print,
    mentions: Vec<StoredMention>,
    /// Numbers of names.
    open: Vec<u32>,
}

/// The number of the name, the place, and how.
type StoredMention = (u32, (u32, u32), StoredHow);

#[derive(Serialize, Deserialize)]
enum StoredHow {
    Tested,
    Defined,
    Set(Option<(u32, u32)>),
    Bare,
    Named,
}

/// A file that was looked at, with its print where it may be kept.
pub(super) struct Looked<'a> {
    pub(super) path: &'a str,
    pub(super) print: Option<&'a Print>,
    pub(super) scanned: &'a Scanned,
}

impl Cache {
    /// The cache of a tree with so many files; `key` is what its content hangs on beside the files.
    pub(super) fn of(reader: &dyn Reader, files: usize, key: &str) -> Cache {
        let file = reader.cache(KIND).filter(|_| files >= LEAST_FILES);
        let known = file.as_deref().and_then(|file| read_cache(file, key));
        Cache {
            known: known.unwrap_or_default(),
            file,
            key: key.to_owned(),
            now: SystemTime::now(),
        }
    }

    /// The print of a file, where a cache is wanted and the file may be kept.
    pub(super) fn print(&self, reader: &dyn Reader, path: &str) -> Option<Print> {
        self.file.as_ref()?;
        Print::of(reader, path, self.now)
    }

    /// What is known of a file with this print.
    pub(super) fn known(&self, path: &str, print: &Print) -> Option<Scanned> {
        let files = &self.known.files;
        let at = files
            .binary_search_by(|it| it.path.as_str().cmp(path))
            .ok()?;
        let file = Some(&files[at]).filter(|it| it.print == *print)?;
        let name = |at: u32| Some(Name::new(self.known.names.get(at as usize)?));
        let mentions = file.mentions.iter().map(|(at, (start, end), how)| {
            Some(Mention {
                name: name(*at)?,
                range: TextRange::new(*start, *end),
                how: how.unpacked(),
            })
        });
        let open = file.open.iter().map(|at| name(*at));
        Some((
            mentions.collect::<Option<_>>()?,
            open.collect::<Option<_>>()?,
        ))
    }

    /// How many files it knows.
    pub(super) fn len(&self) -> usize {
        self.known.files.len()
    }

    /// Keeps what was read, for the next run.
    pub(super) fn keep<'a>(&self, files: impl Iterator<Item = Looked<'a>>) {
        let Some(place) = &self.file else { return };
        let mut numbers: FxHashMap<Name, u32> = FxHashMap::default();
        let mut stored = Stored::default();
        let mut number = |name: Name, names: &mut Vec<String>| {
            *numbers.entry(name).or_insert_with(|| {
                names.push(name.as_str().to_owned());
                names.len() as u32 - 1
            })
        };
        for file in files {
            let Some(print) = file.print.cloned() else {
                continue;
            };
            let (mentions, open) = file.scanned;
            let names = &mut stored.names;
            let mentions = mentions.iter().map(|it| {
                let range = (it.range.start, it.range.end);
                (number(it.name, names), range, StoredHow::packed(it.how))
            });
            let mentions = mentions.collect();
            let open = open.iter().map(|it| number(*it, names)).collect();
            let path = file.path.to_owned();
            stored.files.push(StoredFile {
                path,
                print,
                mentions,
                open,
            });
        }
        write_cache(place, &self.key, &stored);
    }

    /// The place for what was found by words; `None` where no cache is wanted.
    pub(super) fn words(&self) -> Option<Words> {
        let file = self.file.as_ref()?.with_extension("words");
        Some(Words {
            file,
            key: self.key.clone(),
        })
    }
}

/// A number for a text of a path.
pub(super) fn number(path: &str, print: &Print) -> u64 {
    let mut hasher = FxHasher::default();
    (path, print).hash(&mut hasher);
    hasher.finish()
}

/// The place for what was found by words.
pub(super) struct Words {
    file: PathBuf,
    key: String,
}

/// Which words stand in the files of a tree, from an earlier run.
#[derive(Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Searched {
    /// Words with the number of a file in which they stand, sorted.
    pub(super) found: Vec<(String, u64)>,
    /// Words that stand in none of the files, sorted.
    pub(super) absent: Vec<String>,
    /// The numbers of these files, sorted.
    pub(super) files: Vec<u64>,
}

impl Words {
    /// What an earlier run found.
    pub(super) fn known(&self) -> Searched {
        read_cache(&self.file, &self.key).unwrap_or_default()
    }

    /// Keeps that for the next run.
    pub(super) fn keep(&self, searched: &Searched) {
        write_cache(&self.file, &self.key, searched);
    }
}

impl StoredHow {
    fn packed(how: How) -> StoredHow {
        match how {
            How::Tested => StoredHow::Tested,
            How::Defined => StoredHow::Defined,
            How::Set(value) => StoredHow::Set(value.map(|it| (it.start, it.end))),
            How::Bare => StoredHow::Bare,
            How::Named => StoredHow::Named,
        }
    }

    fn unpacked(&self) -> How {
        match self {
            StoredHow::Tested => How::Tested,
            StoredHow::Defined => How::Defined,
            StoredHow::Set(value) => How::Set(value.map(|(start, end)| TextRange::new(start, end))),
            StoredHow::Bare => How::Bare,
            StoredHow::Named => How::Named,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::Path;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};
    use std::time::UNIX_EPOCH;

    use rustc_hash::FxHashSet;

    use crate::references::References;
    use crate::source::{ReadError, WorkTree};
    use crate::tree::{self, Kind, Located, Overrides};

    use super::*;

    /// A tree of many files in memory, each with the second of its last change, that counts how many are read.
    struct Counting {
        texts: Mutex<BTreeMap<String, (String, i64)>>,
        reads: AtomicUsize,
        folder: PathBuf,
    }

    const FILES: usize = LEAST_FILES + 20;

    impl Counting {
        fn new(folder: &Path) -> Counting {
            let texts = (0..FILES).map(|at| {
                let text = format!("#ifdef CONFIG_A{at}\nWORD{at}\n");
                (format!("f{at:04}.c"), (text, 1))
            });
            Counting {
                texts: Mutex::new(texts.collect()),
                reads: AtomicUsize::new(0),
                folder: folder.to_owned(),
            }
        }

        fn write(&self, path: &str, text: &str, changed: i64) {
            let mut texts = self.texts.lock().expect("no panic");
            texts.insert(path.to_owned(), (text.to_owned(), changed));
        }

        fn references(&self) -> References {
            let located = Located {
                root: "/nonexistent".into(),
                root_file: "Kconfig".to_owned(),
                kind: Kind::Linux,
                alone: false,
            };
            let project = tree::detect(
                &WorkTree::new("/nonexistent"),
                &located,
                &Overrides::default(),
            );
            References::of(self, &project).expect("a prefix")
        }

        /// Which of these words are found.
        fn words(&self, words: &[&str]) -> FxHashSet<Name> {
            let words = words.iter().map(|it| Name::new(it)).collect();
            self.references().words_among(self, &words)
        }

        /// All mentions in words, whether WORD7 is found, and how many files were read for each.
        fn run(&self) -> (Vec<String>, bool, [usize; 2]) {
            let reads = || self.reads.swap(0, Ordering::Relaxed);
            reads();
            let references = self.references();
            let all = references.all();
            let all =
                all.map(|(file, it)| format!("{} {} {:?}", file.path, it.name.as_str(), it.how));
            let (all, first) = (all.collect(), reads());
            let wanted = FxHashSet::from_iter([Name::new("WORD7"), Name::new("LOST")]);
            let found = references.words_among(self, &wanted);
            assert!(!found.contains(&Name::new("LOST")));
            (all, found.contains(&Name::new("WORD7")), [first, reads()])
        }
    }

    impl Reader for Counting {
        fn read(&self, path: &str) -> Result<Arc<[u8]>, ReadError> {
            self.reads.fetch_add(1, Ordering::Relaxed);
            let texts = self.texts.lock().expect("no panic");
            let (text, _) = texts.get(path).ok_or(ReadError::Missing)?;
            Ok(text.as_bytes().into())
        }

        fn exists(&self, path: &str) -> bool {
            self.texts.lock().expect("no panic").contains_key(path)
        }

        fn stamp(&self, path: &str) -> Option<Stamp> {
            let texts = self.texts.lock().expect("no panic");
            let (text, changed) = texts.get(path)?;
            Some(Stamp {
                size: text.len() as u64,
                modified: (1, 0),
                changed: (*changed, 0),
                number: (1, 1),
            })
        }

        fn cache(&self, _what: &str) -> Option<PathBuf> {
            Some(self.folder.join("references"))
        }

        fn list(&self, folder: &str) -> Vec<String> {
            let texts = self.texts.lock().expect("no panic");
            texts
                .keys()
                .filter(|_| folder.is_empty())
                .cloned()
                .collect()
        }
    }

    fn now() -> i64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        now.expect("after 1970").as_secs() as i64
    }

    #[test]
    fn only_what_changed_is_read_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let tree = Counting::new(folder.path());
        let first = tree.run();
        assert_eq!((first.0.len(), first.1, first.2), (FILES, true, [FILES; 2]));
        let (all, has_word, reads) = tree.run();
        assert_eq!((&all, has_word, reads), (&first.0, true, [0, 0]));
        // As long as before, and nobody set the date of the text.
        tree.write("f0007.c", "#ifdef CONFIG_B7\nWORD8\n", 2);
        let (all, has_word, reads) = tree.run();
        assert_eq!((all[7].as_str(), has_word), ("f0007.c B7 Tested", false));
        assert_eq!(reads, [1, FILES]);
        assert_eq!(tree.run().2, [0, 0]);
        // A file comes, and one goes.
        tree.write("g.c", "#ifdef CONFIG_C\n", 3);
        tree.texts.lock().expect("no panic").remove("f0000.c");
        let (all, _, reads) = tree.run();
        assert_eq!((all.len(), reads), (FILES, [1, 1]));
        assert!(!all.iter().any(|it| it.starts_with("f0000.c")));
    }

    #[test]
    fn what_has_just_changed_is_not_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let tree = Counting::new(folder.path());
        tree.write("f0001.c", "CONFIG_NEW\n", now());
        tree.run();
        assert_eq!(tree.run().2, [1, 1]);
        tree.write("f0001.c", "LOST\n", now());
        let found = tree.words(&["LOST", "WORD7"]);
        assert_eq!(
            found,
            FxHashSet::from_iter(["LOST", "WORD7"].map(Name::new))
        );
    }

    #[test]
    fn a_word_is_looked_for_in_files_that_it_was_not_looked_for_in() {
        let folder = tempfile::tempdir().expect("a folder");
        let tree = Counting::new(folder.path());
        tree.words(&["LOST"]);
        // The first of them brings the word, the second is seen when only the other word is wanted.
        tree.write("g.c", "WORD\n", 3);
        assert!(tree.words(&["WORD"]).contains(&Name::new("WORD")));
        tree.write("h.c", "LOST\n", 3);
        assert!(tree.words(&["WORD"]).contains(&Name::new("WORD")));
        assert!(tree.words(&["LOST"]).contains(&Name::new("LOST")));
        tree.write("h.c", "GONE\n", 4);
        assert!(tree.words(&["LOST"]).is_empty());
    }

    #[test]
    fn a_damaged_cache_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let tree = Counting::new(folder.path());
        let first = tree.run();
        for name in ["references", "references.words"] {
            let place = folder.path().join(name);
            let whole = fs::read(&place).expect("a cache");
            let damages = (0..40).map(|at| {
                let mut bytes = whole.clone();
                let at = bytes.len() * at / 40;
                bytes[at] ^= 1;
                bytes
            });
            let cut = [&whole[..whole.len() / 2], &whole[..5], &[]].map(<[u8]>::to_vec);
            for bytes in damages.chain(cut) {
                fs::write(&place, bytes).expect("a file");
                let (all, has_word, reads) = tree.run();
                assert_eq!((&all, has_word), (&first.0, true));
                assert_ne!(reads, [0, 0], "{name}: the damage was not seen");
            }
        }
    }
}
