// SPDX-License-Identifier: MIT OR Apache-2.0
//! Trees out of a git repository: of a revision, or of the index, without a checkout.
//!
//! A list says which blob lies at which path; one `git cat-file --batch` hands out the bytes. A
//! blob is read once, however many trees have it. Who reads some files that are called like one that
//! trees source will want all of them: these are asked for together.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::hash::Hasher;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use super::asked::Changed;
use super::git::{Git, GitError};
use super::path::{MAX_LINKS, led, normalize};
use super::reader::{MAX_FILE_BYTES, Object, ReadError, Reader};
use super::work_tree::WorkTree;

/// The objects of a repository.
pub struct Objects {
    git: Git,
    /// The folder for caches.
    caches: Option<PathBuf>,
    state: Mutex<State>,
}

/// What is in a submodule: its repository's tree, or its folder on the disk.
type Submodule = Option<Arc<dyn Reader>>;

#[derive(Default)]
struct State {
    /// By folder and commit.
    submodules: FxHashMap<(PathBuf, String), Submodule>,
    batch: Option<Batch>,
    kept: FxHashMap<String, Arc<[u8]>>,
    /// How many files that are called like one that trees source were asked for by themselves.
    single: usize,
}

/// After so many of them all others are read too.
const MAX_SINGLE: usize = 8;

/// So many blobs are asked for at a time: their names have to fit into a pipe, of 64 KB.
const AT_A_TIME: usize = 512;

/// Whether a file is called like one that trees source.
pub fn may_be_sourced(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.contains("Kconfig") || name.contains("Config.in") || name.ends_with(".kconfig")
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
    /// The paths that are links: few are, and each path of a tree is looked through for them.
    links: FxHashSet<Box<str>>,
    /// Its folder: from the top of the repository, or from the folder of the repository's [`Git`].
    folder: String,
    is_from_top: bool,
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

/// The names of the empty blob, by SHA-1 and by SHA-256.
const EMPTY_BLOBS: [&str; 2] = [
    "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
];

impl Objects {
    /// Those of a repository.
    pub fn new(git: Git) -> Arc<Objects> {
        Objects::cached_in(git, None)
    }

    /// Those of a repository of which something may be kept in this folder.
    pub fn cached_in(git: Git, caches: Option<PathBuf>) -> Arc<Objects> {
        Arc::new(Objects {
            git,
            caches,
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
        let mut tree = self.with_entries(&list, |words| match words[..] {
            [mode, _, blob] => Some((mode, blob)),
            _ => None,
        });
        tree.is_from_top = true;
        Ok(tree.within(prefix))
    }

    /// The index, below the folder of the repository's [`Git`].
    ///
    /// # Errors
    /// When git fails, or a merge is not resolved.
    pub fn index(self: &Arc<Objects>) -> Result<GitTree, GitError> {
        let list = self.git.list_index()?;
        let mut unmerged = false;
        let mut tree = self.with_entries(&list, |words| match words[..] {
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
        // `git add -N` lists a file that is not part of the commit, with an empty blob.
        let is_empty = |entry: &Entry| EMPTY_BLOBS.contains(&&*entry.blob);
        if tree.entries.iter().any(|(_, entry)| is_empty(entry)) {
            let staged = self.git.list_staged()?;
            let staged: BTreeSet<&[u8]> = staged.split(|byte| *byte == 0).collect();
            tree.entries
                .retain(|(path, entry)| !is_empty(entry) || staged.contains(path.as_bytes()));
        }
        Ok(tree)
    }

    /// The files of a submodule that lies in a folder of the disk: at its commit if its repository
    /// has that, else as they lie there; `None` where it is not checked out.
    fn submodule(&self, folder: PathBuf, commit: &str) -> Submodule {
        let key = (folder, commit.to_owned());
        let state = || self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = state().submodules.get(&key) {
            return known.clone();
        }
        let folder = &key.0;
        let git = folder
            .join(".git")
            .exists()
            .then(|| Git::repository(folder));
        let reader = git.and_then(Result::ok).map(|git| {
            let tree = Objects::new(git).tree(commit, "");
            match tree {
                Ok(tree) => Arc::new(tree) as Arc<dyn Reader>,
                Err(_) => Arc::new(WorkTree::new(folder)),
            }
        });
        state().submodules.insert(key, reader.clone());
        reader
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
            links: links(&entries),
            entries,
            folder: String::new(),
            is_from_top: false,
        }
    }

    /// Reads a blob without keeping its bytes for the next reader.
    fn blob_once(&self, name: &str) -> Result<Arc<[u8]>, ReadError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = state.kept.get(name) {
            return Ok(bytes.clone());
        }
        let mut batch = self.batch(&mut state)?;
        let mut answers = batch.ask(&[name]).map_err(from_git)?;
        state.batch = Some(batch);
        answers.pop().unwrap_or(Err(ReadError::Missing))
    }

    /// The running program. After an error it is ended: nobody knows where its answers stand.
    fn batch(&self, state: &mut State) -> Result<Batch, ReadError> {
        match state.batch.take() {
            Some(batch) => Ok(batch),
            None => Batch::start(&self.git).map_err(from_git),
        }
    }

    /// The bytes of a blob. The others are read with it, if many are.
    fn blob<'a>(
        &self,
        name: &str,
        is_likely: bool,
        others: impl Iterator<Item = &'a str>,
    ) -> Result<Arc<[u8]>, ReadError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = state.kept.get(name) {
            return Ok(bytes.clone());
        }
        state.single += usize::from(is_likely);
        let mut batch = self.batch(&mut state)?;
        if state.single == MAX_SINGLE && is_likely {
            let wanted: Vec<&str> = others
                .filter(|other| *other != name && !state.kept.contains_key(*other))
                .collect();
            for names in wanted.chunks(AT_A_TIME) {
                let answers = batch.ask(names).map_err(from_git)?;
                // Who asks for one that cannot be read is told why.
                let read = names.iter().zip(answers);
                let read = read.filter_map(|(name, bytes)| Some(((*name).to_owned(), bytes.ok()?)));
                state.kept.extend(read);
            }
        }
        let mut answers = batch.ask(&[name]).map_err(from_git)?;
        state.batch = Some(batch);
        let bytes = answers.pop().unwrap_or(Err(ReadError::Missing))?;
        state.kept.insert(name.to_owned(), bytes.clone());
        Ok(bytes)
    }
}

fn from_git(error: std::io::Error) -> ReadError {
    ReadError::Io(format!("git cat-file: {error}"))
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

    /// The bytes of some blobs, in this order.
    fn ask(&mut self, names: &[&str]) -> std::io::Result<Vec<Result<Arc<[u8]>, ReadError>>> {
        let lines: String = names.iter().flat_map(|name| [name, "\n"]).collect();
        self.questions.write_all(lines.as_bytes())?;
        names.iter().map(|name| self.answer(name)).collect()
    }

    fn answer(&mut self, name: &str) -> std::io::Result<Result<Arc<[u8]>, ReadError>> {
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

/// Those of these paths that are links.
fn links(entries: &[(Box<str>, Entry)]) -> FxHashSet<Box<str>> {
    let links = entries.iter().filter(|(_, it)| it.kind == EntryKind::Link);
    links.map(|(path, _)| path.clone()).collect()
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
        let entries: Vec<(Box<str>, Entry)> = entries.collect();
        GitTree {
            objects: self.objects,
            links: links(&entries),
            entries,
            folder: format!("{}{folder}", self.folder),
            is_from_top: self.is_from_top,
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
            let is_file = order.is_eq()
                && own[0].1.kind == EntryKind::File
                && others[0].1.kind == EntryKind::File;
            if !is_same {
                changed.insert(Changed {
                    path: path.to_string(),
                    comes_or_goes: !is_file,
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
        self.followed(path, &mut Vec::new())
    }

    /// The same, with the paths to which the links lead.
    fn followed(
        &self,
        path: &str,
        aliases: &mut Vec<String>,
    ) -> Result<(String, Option<&Entry>), ReadError> {
        let mut path = normalize(path).ok_or(ReadError::Outside)?;
        for _ in 0..MAX_LINKS {
            let Some((link, rest)) = self.first_link(&path) else {
                let entry = self.get(&path);
                return Ok((path, entry));
            };
            let blob = self.get(link).map(|entry| &entry.blob);
            let blob = blob.ok_or(ReadError::Missing)?;
            let target = self.objects.blob(blob, false, std::iter::empty())?;
            let target = String::from_utf8_lossy(&target).into_owned();
            path = led(link, &target, rest).ok_or(ReadError::Outside)?;
            aliases.push(path.clone());
        }
        Err(ReadError::Io("too many links".to_owned()))
    }

    /// The first part of a path that is a link, and what comes behind it.
    fn first_link<'p>(&self, path: &'p str) -> Option<(&'p str, &'p str)> {
        let ends = path.match_indices('/').map(|(at, _)| at);
        let mut ends = ends.chain([path.len()]);
        let end = ends.find(|end| self.links.contains(&path[..*end]))?;
        Some((&path[..end], path[end..].trim_start_matches('/')))
    }

    /// The submodule that a path without links leads into, and the path in it; `None` where there is
    /// none, or it is not checked out.
    fn submodule<'p>(&self, path: &'p str) -> Option<(Arc<dyn Reader>, &'p str)> {
        let ends = path.match_indices('/').map(|(at, _)| at);
        let (end, commit) = ends.chain([path.len()]).find_map(|end| {
            let entry = self.get(&path[..end])?;
            (entry.kind == EntryKind::Submodule).then_some((end, &entry.blob))
        })?;
        let git = &self.objects.git;
        let start = match self.is_from_top {
            true => git.path("--show-toplevel").ok()?,
            false => git.folder().to_owned(),
        };
        let folder = start.join(&self.folder).join(&path[..end]);
        let reader = self.objects.submodule(folder, commit)?;
        Some((reader, path[end..].trim_start_matches('/')))
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
            Some(entry) if entry.kind == EntryKind::File => {
                let is_likely = |(path, entry): &&(Box<str>, Entry)| {
                    entry.kind == EntryKind::File && may_be_sourced(path)
                };
                let others = self.entries.iter().filter(is_likely);
                let others = others.map(|(_, entry)| &*entry.blob);
                self.objects
                    .blob(&entry.blob, may_be_sourced(&path), others)
            }
            Some(_) => Err(ReadError::NotAFile),
            None if self.below(&path).next().is_some() => Err(ReadError::NotAFile),
            None => match self.submodule(&path) {
                Some((reader, rest)) => reader.read(rest),
                None => Err(ReadError::Missing),
            },
        }
    }

    fn read_once(&self, path: &str) -> Result<Arc<[u8]>, ReadError> {
        match self.entry(path)? {
            (_, Some(entry)) if entry.kind == EntryKind::File => {
                self.objects.blob_once(&entry.blob)
            }
            _ => self.read(path),
        }
    }

    fn cache(&self, what: &str) -> Option<PathBuf> {
        let caches = self.objects.caches.as_ref()?;
        let mut hasher = FxHasher::default();
        let repository = self.objects.git.path("--git-common-dir").ok()?;
        hasher.write(repository.as_os_str().as_encoded_bytes());
        hasher.write(self.folder.as_bytes());
        Some(caches.join(format!("{what}-{:016x}", hasher.finish())))
    }

    fn aliases(&self, path: &str) -> Vec<String> {
        let mut aliases = Vec::new();
        let _ = self.followed(path, &mut aliases);
        aliases
    }

    fn exists(&self, path: &str) -> bool {
        let in_submodule = |path: &str| {
            let found = self.submodule(path);
            found.is_some_and(|(reader, rest)| reader.exists(rest))
        };
        self.entry(path).is_ok_and(|(path, entry)| {
            entry.is_some() || self.below(&path).next().is_some() || in_submodule(&path)
        })
    }

    fn object(&self, path: &str) -> Option<Object> {
        Some(match self.entry(path) {
            Ok((_, Some(entry))) if entry.kind == EntryKind::File => {
                Object::File(entry.blob.to_string())
            }
            // Another commit of a submodule is another object, of which no blob is had.
            Ok((_, Some(entry))) if entry.kind == EntryKind::Submodule => {
                Object::File(entry.blob.to_string())
            }
            Ok((path, None)) if self.below(&path).next().is_some() => Object::Folder,
            Ok((path, None)) => match self.submodule(&path) {
                Some((reader, rest)) => return reader.object(rest),
                None => Object::Nothing,
            },
            _ => Object::Nothing,
        })
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let Ok((folder, entry)) = self.entry(folder) else {
            return Vec::new();
        };
        if let Some((reader, rest)) = self.submodule(&folder) {
            return reader.list(rest);
        }
        if entry.is_some() {
            return Vec::new();
        }
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
