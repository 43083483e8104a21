// SPDX-License-Identifier: MIT OR Apache-2.0
//! Trees out of a git repository: of a revision, or of the index, without a checkout.
//!
//! A list says which blob lies at which path; one `git cat-file --batch` hands out the bytes. A
//! blob is read once, however many trees have it.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use super::asked::Changed;
use super::git::{Git, GitError};
use super::reader::{MAX_FILE_BYTES, Object, ReadError, Reader, folder_of, normalize};

/// The objects of a repository.
pub struct Objects {
    git: Git,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    batch: Option<Batch>,
    kept: FxHashMap<String, Arc<[u8]>>,
}

/// A running `git cat-file --batch`.
struct Batch {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Drop for Batch {
    fn drop(&mut self) {
        // It holds nothing that could be lost.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One tree.
pub struct GitTree {
    objects: Arc<Objects>,
    /// By path.
    entries: Vec<(Box<str>, Entry)>,
}

#[derive(Clone, PartialEq, Eq)]
struct Entry {
    kind: EntryKind,
    blob: Box<str>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum EntryKind {
    File,
    Link,
    /// A repository of its own.
    Submodule,
}

/// Links that are followed one after another.
const MOST_LINKS: usize = 16;

impl Objects {
    /// Those of a repository.
    pub fn new(git: Git) -> Arc<Objects> {
        Arc::new(Objects {
            git,
            state: Mutex::default(),
        })
    }

    /// The repository.
    pub fn git(&self) -> &Git {
        &self.git
    }

    /// The tree of a revision, or what lies in it below `prefix` (empty, or with `/` at its end);
    /// nothing does where the revision has no such folder.
    ///
    /// # Errors
    /// When there is no such revision.
    pub fn tree(self: &Arc<Objects>, revision: &str, prefix: &str) -> Result<GitTree, GitError> {
        let list = self.git.list_tree(revision, prefix)?;
        let tree = self.with_entries(&list, |words| match words[..] {
            [mode, _, blob] => Some((mode, blob)),
            _ => None,
        });
        Ok(tree.within(prefix))
    }

    /// The index, below the folder of the repository's [`Git`].
    ///
    /// # Errors
    /// When git fails, or a merge is not resolved.
    pub fn index(self: &Arc<Objects>) -> Result<GitTree, GitError> {
        let list = self.git.list_index()?;
        let mut unmerged = false;
        let tree = self.with_entries(&list, |words| match words[..] {
            [mode, blob, "0"] => Some((mode, blob)),
            _ => {
                unmerged = true;
                None
            }
        });
        if unmerged {
            let words = "the index has conflicts: resolve the merge first".to_owned();
            return Err(GitError::Other(words));
        }
        Ok(tree)
    }

    fn with_entries(
        self: &Arc<Objects>,
        list: &[u8],
        mut fields: impl for<'a> FnMut(Vec<&'a str>) -> Option<(&'a str, &'a str)>,
    ) -> GitTree {
        let mut entries = Vec::new();
        for record in list.split(|byte| *byte == 0) {
            let Ok(record) = std::str::from_utf8(record) else {
                continue; // no Kconfig file names it
            };
            let Some((words, path)) = record.split_once('\t') else {
                continue;
            };
            if let Some((mode, blob)) = fields(words.split(' ').collect()) {
                let kind = match mode {
                    "120000" => EntryKind::Link,
                    "160000" => EntryKind::Submodule,
                    _ => EntryKind::File,
                };
                let (path, blob) = (path.into(), blob.into());
                entries.push((path, Entry { kind, blob }));
            }
        }
        // As git lists them, unless it lists one twice.
        entries.sort_by(|(one, _): &(Box<str>, Entry), (other, _)| one.cmp(other));
        GitTree {
            objects: self.clone(),
            entries,
        }
    }

    /// The bytes of a blob.
    ///
    /// # Errors
    /// When git does not have them.
    pub fn blob(&self, name: &str) -> Result<Arc<[u8]>, ReadError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = state.kept.get(name) {
            return Ok(bytes.clone());
        }
        let io = |error: std::io::Error| ReadError::Io(format!("git cat-file: {error}"));
        let mut batch = match state.batch.take() {
            Some(batch) => batch,
            None => Batch::start(&self.git).map_err(io)?,
        };
        // After an error the program is ended: nobody knows where its answers stand.
        let bytes = batch.ask(name).map_err(io)?;
        state.batch = Some(batch);
        let bytes = bytes?;
        state.kept.insert(name.to_owned(), bytes.clone());
        Ok(bytes)
    }
}

impl Batch {
    fn start(git: &Git) -> std::io::Result<Batch> {
        let mut child = git
            .command(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let gone = || std::io::Error::other("no pipe");
        let questions = child.stdin.take().ok_or_else(gone)?;
        let answers = BufReader::new(child.stdout.take().ok_or_else(gone)?);
        Ok(Batch {
            child,
            questions,
            answers,
        })
    }

    fn ask(&mut self, name: &str) -> std::io::Result<Result<Arc<[u8]>, ReadError>> {
        writeln!(self.questions, "{name}")?;
        self.questions.flush()?;
        let mut head = String::new();
        self.answers.read_line(&mut head)?;
        let size = match head.split_whitespace().collect::<Vec<_>>()[..] {
            [_, "blob", size] => size.parse::<u64>().map_err(std::io::Error::other)?,
            [_, "missing"] => {
                // A partial clone: nothing is fetched.
                let words = format!("git has not the bytes of {name}");
                return Ok(Err(ReadError::Io(words)));
            }
            _ => return Err(std::io::Error::other(format!("answers {}", head.trim()))),
        };
        if size > MAX_FILE_BYTES {
            std::io::copy(
                &mut (&mut self.answers).take(size + 1),
                &mut std::io::sink(),
            )?;
            return Ok(Err(ReadError::TooLarge(size)));
        }
        let mut bytes = vec![0; size as usize + 1];
        self.answers.read_exact(&mut bytes)?;
        bytes.pop(); // the line feed behind it
        Ok(Ok(bytes.into()))
    }
}

impl GitTree {
    /// What lies below a folder, which is empty or has `/` at its end.
    pub fn within(self, folder: &str) -> GitTree {
        if folder.is_empty() {
            return self;
        }
        let entries = self.entries.into_iter().filter_map(|(path, entry)| {
            let path = path.strip_prefix(folder)?;
            Some((path.into(), entry))
        });
        GitTree {
            objects: self.objects,
            entries: entries.collect(),
        }
    }

    /// The paths of all files.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(path, _)| &**path)
    }

    /// The files that are not the same in another tree of the repository.
    pub fn changed(&self, other: &GitTree) -> BTreeSet<Changed> {
        let mut changed = BTreeSet::new();
        let (mut own, mut others) = (&self.entries[..], &other.entries[..]);
        loop {
            let order = match (own.first(), others.first()) {
                (Some((one, _)), Some((other, _))) => one.cmp(other),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => return changed,
            };
            let (path, is_same) = match order {
                Ordering::Less => (&own[0].0, false),
                Ordering::Greater => (&others[0].0, false),
                Ordering::Equal => (&own[0].0, own[0].1 == others[0].1),
            };
            if !is_same {
                changed.insert(Changed {
                    path: path.to_string(),
                    comes_or_goes: order.is_ne(),
                });
            }
            own = &own[usize::from(order.is_le())..];
            others = &others[usize::from(order.is_ge())..];
        }
    }

    fn get(&self, path: &str) -> Option<&Entry> {
        let at = self
            .entries
            .binary_search_by(|(other, _)| (**other).cmp(path));
        at.ok().map(|at| &self.entries[at].1)
    }

    /// The entry at a path; links are followed, also those of folders on the way.
    fn entry(&self, path: &str) -> Result<(String, Option<&Entry>), ReadError> {
        let mut path = normalize(path).ok_or(ReadError::Outside)?;
        for _ in 0..MOST_LINKS {
            let Some((link, rest)) = self.first_link(&path) else {
                let entry = self.get(&path);
                return Ok((path, entry));
            };
            let blob = self.get(link).map(|entry| &entry.blob);
            let target = self.objects.blob(blob.ok_or(ReadError::Missing)?)?;
            let target = String::from_utf8_lossy(&target).into_owned();
            if target.starts_with('/') {
                return Err(ReadError::Outside);
            }
            let joined = format!("{}/{target}/{rest}", folder_of(link));
            path = normalize(joined.trim_matches('/')).ok_or(ReadError::Outside)?;
        }
        Err(ReadError::Io("too many links".to_owned()))
    }

    /// The first part of a path that is a link, and what comes behind it.
    fn first_link<'p>(&self, path: &'p str) -> Option<(&'p str, &'p str)> {
        let ends = path.match_indices('/').map(|(at, _)| at);
        let mut ends = ends.chain([path.len()]);
        let end = ends.find(|end| {
            let entry = self.get(&path[..*end]);
            entry.is_some_and(|entry| entry.kind == EntryKind::Link)
        })?;
        Some((&path[..end], path[end..].trim_start_matches('/')))
    }

    fn below(&self, folder: &str) -> impl Iterator<Item = &str> {
        let start = match folder {
            "" => String::new(),
            folder => format!("{folder}/"),
        };
        let length = start.len();
        let first = self.entries.partition_point(|(path, _)| **path < *start);
        self.entries[first..]
            .iter()
            .map(|(path, _)| &**path)
            .take_while(move |path| path.starts_with(&start))
            .map(move |path| &path[length..])
    }
}

impl Reader for GitTree {
    fn read(&self, path: &str) -> Result<Arc<[u8]>, ReadError> {
        let (path, entry) = self.entry(path)?;
        match entry {
            Some(entry) if entry.kind == EntryKind::File => self.objects.blob(&entry.blob),
            Some(_) => Err(ReadError::NotAFile),
            None if self.below(&path).next().is_some() => Err(ReadError::NotAFile),
            None => Err(ReadError::Missing),
        }
    }

    fn exists(&self, path: &str) -> bool {
        self.entry(path)
            .is_ok_and(|(path, entry)| entry.is_some() || self.below(&path).next().is_some())
    }

    fn object(&self, path: &str) -> Option<Object> {
        Some(match self.entry(path) {
            Ok((_, Some(entry))) if entry.kind == EntryKind::File => {
                Object::File(entry.blob.to_string())
            }
            Ok((path, None)) if self.below(&path).next().is_some() => Object::Folder,
            _ => Object::Nothing,
        })
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let Ok((folder, None)) = self.entry(folder) else {
            return Vec::new();
        };
        let mut names = BTreeSet::new();
        for path in self.below(&folder) {
            match path.split_once('/') {
                Some((name, _)) => names.insert(format!("{name}/")),
                None => {
                    let full = format!("{folder}/{path}");
                    let full = full.trim_start_matches('/');
                    // A link to a folder is one.
                    let is_folder = matches!(self.entry(full), Ok((_, None)) if self.exists(full));
                    names.insert(format!("{path}{}", if is_folder { "/" } else { "" }))
                }
            };
        }
        names.into_iter().collect()
    }
}
