// SPDX-License-Identifier: MIT OR Apache-2.0
//! The history of a tree, read with git's plumbing.
//!
//! Git is run so that nothing of the repository runs: no hook, no monitor, no filter, no textconv,
//! no external diff, no pager, no signature program; it takes no lock and fetches nothing. What
//! is not in the repository stays unknown. Nothing here knows what a line means.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::asked::Changed;

/// The repository around a folder.
#[derive(Clone, Debug)]
pub struct Git {
    folder: PathBuf,
    /// The repository, where it is named and not found around the folder.
    directory: Option<PathBuf>,
    /// Variables that git gives to its hooks, as far as they count (`hook`).
    variables: Vec<(&'static str, OsString)>,
}

/// Why the history says nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum GitError {
    /// There is no git on this machine.
    NoGit,
    /// There is no folder of this name to start git in.
    NoFolder(PathBuf),
    /// A variable of the environment names a place that is no part of the repository.
    Environment(String),
    /// The folder lies in no repository, or the repository has no commit.
    NoHistory,
    /// The repository belongs to somebody else, and git does not read it.
    Foreign,
    /// It has no commit of this name.
    NoCommit(String),
    /// Git's own words.
    Other(String),
}

impl fmt::Display for GitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GitError::NoGit => f.write_str("git is not installed"),
            GitError::NoFolder(folder) => write!(f, "no such folder: {}", folder.display()),
            GitError::Environment(words) => f.write_str(words),
            GitError::NoHistory => f.write_str("the tree lies in no git repository with commits"),
            GitError::Foreign => f.write_str(
                "the repository belongs to another user: git reads it only when safe.directory \
                 names it",
            ),
            GitError::NoCommit(name) => write!(f, "no commit {name}"),
            GitError::Other(words) => write!(f, "git says: {words}"),
        }
    }
}

impl std::error::Error for GitError {}

/// A commit that last changed a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Origin {
    /// Its full name.
    pub commit: String,
    /// Its subject.
    pub subject: String,
    /// Whether the history ends with it, so that the line may be older: the end of a shallow
    /// clone, or the first commit of all.
    pub is_end: bool,
}

impl Git {
    /// The repository around `folder`.
    ///
    /// # Errors
    /// When there is none that can be read.
    pub fn open(folder: &Path) -> Result<Git, GitError> {
        let git = Git::repository(folder)?;
        git.run(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])?;
        Ok(git)
    }

    /// The same where there may be no commit yet.
    ///
    /// # Errors
    /// When there is none that can be read.
    pub fn repository(folder: &Path) -> Result<Git, GitError> {
        let git = Git::new(folder, None);
        git.run(["rev-parse", "--git-dir"])?;
        Ok(git)
    }

    /// The repository in a folder of its own, `.git` say or a bare one.
    ///
    /// # Errors
    /// When it is none that can be read.
    pub fn in_directory(directory: &Path) -> Result<Git, GitError> {
        // In a linked work tree `.git` is a file.
        let folder = match directory.is_file() {
            true => directory.parent().unwrap_or(directory),
            false => directory,
        };
        Git::repository_at(folder, directory)
    }

    /// The repository `directory`, seen from `folder`.
    pub(super) fn repository_at(folder: &Path, directory: &Path) -> Result<Git, GitError> {
        let absolute = std::path::absolute(directory);
        let absolute = absolute.map_err(|error| GitError::Other(error.to_string()))?;
        let git = Git::new(folder, Some(absolute));
        git.run(["rev-parse", "--git-dir"])?;
        Ok(git)
    }

    fn new(folder: &Path, directory: Option<PathBuf>) -> Git {
        Git {
            folder: match folder.as_os_str().is_empty() {
                true => PathBuf::from("."),
                false => folder.to_owned(),
            },
            directory,
            variables: Vec::new(),
        }
    }

    pub(super) fn with_variable(mut self, name: &'static str, value: OsString) -> Git {
        self.variables.push((name, value));
        self
    }

    pub(super) fn has_variable(&self, name: &str) -> bool {
        self.variables.iter().any(|(own, _)| *own == name)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// What `git rev-parse` answers to a question about a path.
    pub(super) fn path(&self, question: &str) -> Result<PathBuf, GitError> {
        let mut output = self.run(["rev-parse", "--path-format=absolute", question])?;
        if output.last() == Some(&b'\n') {
            output.pop();
        }
        Ok(as_path(output))
    }

    /// The full name of the commit that a revision means.
    ///
    /// # Errors
    /// When there is no such commit.
    pub fn commit(&self, revision: &str) -> Result<String, GitError> {
        let wanted = format!("{revision}^{{commit}}");
        let words = ["rev-parse", "--verify", "--end-of-options", &wanted];
        let output = self.run(words).map_err(|error| match error {
            GitError::Other(_) | GitError::NoHistory => GitError::NoCommit(revision.to_owned()),
            other => other,
        })?;
        Ok(first_line(&output))
    }

    /// The folder below the top of the work tree, with `/` at its end; empty at the top.
    ///
    /// # Errors
    /// When git fails.
    pub fn prefix(&self) -> Result<String, GitError> {
        Ok(first_line(&self.run(["rev-parse", "--show-prefix"])?))
    }

    /// The commits of a range (`A..B`), parents before their children.
    ///
    /// # Errors
    /// When git does not know the range, or the history ends inside it.
    pub fn range(&self, range: &str) -> Result<Vec<Commit>, GitError> {
        let output = self.run([
            "log",
            "--reverse",
            "--topo-order",
            "--no-show-signature",
            "--no-ext-diff",
            "-z",
            "--format=%H%x00%P%x00%s",
            "--end-of-options",
            range,
            "--",
        ])?;
        let text = String::from_utf8_lossy(&output);
        let mut fields = text.split('\0');
        let mut commits = Vec::new();
        while let (Some(name), Some(parents), Some(subject)) =
            (fields.next(), fields.next(), fields.next())
        {
            commits.push(Commit {
                name: name.to_owned(),
                parents: parents.split_whitespace().map(str::to_owned).collect(),
                subject: subject.to_owned(),
            });
        }
        let shallow = self.run(["rev-parse", "--is-shallow-repository"])?;
        if first_line(&shallow) == "true" {
            if let Some(last) = commits.iter().find(|commit| commit.parents.is_empty()) {
                let words = format!(
                    "the history ends at {:.12}, inside of {range}: it is a shallow clone, git \
                     fetch --deepen gets more",
                    last.name
                );
                return Err(GitError::Other(words));
            }
        }
        Ok(commits)
    }

    /// The files below a folder (`prefix` of [`Git::prefix`]) that differ between two commits.
    ///
    /// # Errors
    /// When git fails.
    pub fn changed(
        &self,
        before: &str,
        after: &str,
        prefix: &str,
    ) -> Result<BTreeSet<Changed>, GitError> {
        let relative = format!("--relative={prefix}");
        let words = ["diff-tree", "-r", "-z", "--raw", "--no-renames"];
        let inside = (!prefix.is_empty()).then_some(relative.as_str());
        let words = words.into_iter().chain(inside);
        let output = self.run(words.chain(["--no-ext-diff", before, after, "--"]))?;
        let text = String::from_utf8_lossy(&output);
        let mut fields = text.split('\0');
        let mut changed = BTreeSet::new();
        while let (Some(status), Some(path)) = (fields.next(), fields.next()) {
            changed.insert(Changed {
                path: path.to_owned(),
                comes_or_goes: !is_edit(status),
            });
        }
        Ok(changed)
    }

    /// The files of a commit or tree below a folder (`prefix` of [`Git::prefix`]), with their
    /// paths from its top.
    pub(super) fn list_tree(&self, revision: &str, prefix: &str) -> Result<Vec<u8>, GitError> {
        let folder = (!prefix.is_empty()).then_some(prefix);
        let words = ["ls-tree", "-r", "-z", "--full-tree", "--end-of-options"];
        let words = words.into_iter().chain([revision]);
        self.run(words.chain(folder))
    }

    /// The files of the index below the folder.
    pub(super) fn list_index(&self) -> Result<Vec<u8>, GitError> {
        // Names are relative to the folder in which git runs, and only those below it are listed.
        self.run(["ls-files", "--stage", "-z"])
    }

    /// The names of the files of the index that are part of a commit, below the folder.
    pub(super) fn list_staged(&self) -> Result<Vec<u8>, GitError> {
        let empty = self.run(["hash-object", "-t", "tree", "--stdin"])?;
        self.run([
            "diff-index",
            "--cached",
            "--ita-invisible-in-index",
            "--no-ext-diff",
            "--no-renames",
            "--name-only",
            "--relative",
            "-z",
            &first_line(&empty),
            "--",
        ])
    }

    /// The subjects of the last commits that touch a file, the newest first.
    ///
    /// # Errors
    /// When git fails.
    pub fn subjects(&self, path: &str, most: usize) -> Result<Vec<String>, GitError> {
        let most = format!("--max-count={most}");
        let output = self.run([
            "log",
            "--no-show-signature",
            "--no-textconv",
            "--no-ext-diff",
            "--no-merges",
            "--format=%s",
            &most,
            "HEAD",
            "--",
            path,
        ])?;
        let text = String::from_utf8_lossy(&output);
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// The bytes of a file in the last commit; `None` when it has no such file.
    pub fn committed(&self, path: &str) -> Option<Vec<u8>> {
        self.run(["cat-file", "blob", &format!("HEAD:./{path}")])
            .ok()
    }

    /// The commit that brought a line (from 1) of a file as it is in the last commit. The
    /// last commit is asked and not the work tree, because reading that may run a filter.
    ///
    /// # Errors
    /// When git fails, or the file has no such line.
    pub fn origin(&self, path: &str, line: u32) -> Result<Origin, GitError> {
        let lines = format!("{line},{line}");
        let output = self.run([
            "blame",
            "--no-textconv",
            "--porcelain",
            "-w",
            "-L",
            &lines,
            "HEAD",
            "--",
            path,
        ])?;
        origin(&String::from_utf8_lossy(&output))
            .ok_or_else(|| GitError::Other(format!("nothing about line {line} of {path}")))
    }

    /// Whether a commit is contained in another.
    pub fn contains(&self, later: &str, earlier: &str) -> bool {
        self.run(["merge-base", "--is-ancestor", earlier, later])
            .is_ok()
    }

    fn run<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Result<Vec<u8>, GitError> {
        let output = self.command(arguments).stdin(Stdio::null()).output();
        match output {
            // The system says the same of a program and of the folder it is to start in.
            Err(_) if !self.folder.is_dir() => Err(GitError::NoFolder(self.folder.clone())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(GitError::NoGit),
            Err(error) => Err(GitError::Other(error.to_string())),
            Ok(output) if output.status.success() => Ok(output.stdout),
            Ok(output) => Err(failure(&String::from_utf8_lossy(&output.stderr))),
        }
    }

    /// A command of git that runs nothing of the repository.
    pub(super) fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = Command::new("git");
        for (name, _) in std::env::vars_os() {
            if is_unwanted(&name) {
                command.env_remove(name);
            }
        }
        command.current_dir(&self.folder).arg("--no-pager");
        if let Some(directory) = &self.directory {
            command.arg("--git-dir").arg(directory);
        }
        command
            .args(["--literal-pathspecs", "--no-replace-objects"])
            .args(SETTINGS.iter().flat_map(|setting| ["-c", setting]))
            .args(arguments)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("LC_ALL", "C");
        command
    }
}

/// Whether a raw line of a diff is that of a file that stays one: no link, no submodule.
fn is_edit(line: &str) -> bool {
    let mut words = line.trim_start_matches(':').split(' ');
    let is_file = |mode: Option<&str>| mode.is_some_and(|mode| mode.starts_with("100"));
    is_file(words.next()) && is_file(words.next()) && line.ends_with('M')
}

/// A commit of a range.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Commit {
    /// Its full name.
    pub name: String,
    /// Those of its parents; none for a root.
    pub parents: Vec<String>,
    /// Its subject.
    pub subject: String,
}

fn first_line(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(unix)]
fn as_path(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    OsString::from_vec(bytes).into()
}

#[cfg(not(unix))]
fn as_path(bytes: Vec<u8>) -> PathBuf {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

/// What keeps the repository's own settings from running anything.
const SETTINGS: [&str; 6] = [
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.attributesFile=/dev/null",
    "log.showSignature=false",
    "blame.ignoreRevsFile=",
    "protocol.allow=never",
];

/// Variables that point git elsewhere; `hook` sets again those that count. Where git's settings
/// lie is the user's affair.
fn is_unwanted(name: &OsStr) -> bool {
    const KEPT: [&str; 3] = [
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_SYSTEM",
        "GIT_CEILING_DIRECTORIES",
    ];
    name.as_encoded_bytes().starts_with(b"GIT_") && !KEPT.iter().any(|kept| name == *kept)
}

fn failure(words: &str) -> GitError {
    let first = words.lines().find(|line| !line.trim().is_empty());
    match first {
        None => GitError::NoHistory,
        Some(line) if line.contains("dubious ownership") => GitError::Foreign,
        Some(line) if line.contains("not a git repository") => GitError::NoHistory,
        Some(line) => GitError::Other(line.trim_start_matches("fatal: ").to_owned()),
    }
}

/// Reads the porcelain of one line.
fn origin(porcelain: &str) -> Option<Origin> {
    let mut lines = porcelain.lines();
    let commit = lines.next()?.split(' ').next()?.to_owned();
    let header: Vec<&str> = lines.take_while(|line| !line.starts_with('\t')).collect();
    let subject = header
        .iter()
        .find_map(|line| line.strip_prefix("summary "))?;
    Some(Origin {
        commit,
        subject: subject.to_owned(),
        is_end: header.contains(&"boundary"),
    })
}

/// The line (from 1) of an older text that a line of a newer one is. Of equal lines it is the one
/// with the most equal lines before it; a line that occurs again elsewhere, with nothing around
/// it that is the same, is not taken for this one.
pub fn committed_line(old: &[u8], new: &[u8], line: u32) -> Option<u32> {
    if old == new {
        return Some(line);
    }
    let split = |text| <[u8]>::split(text, |byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let (old, new): (Vec<&[u8]>, Vec<&[u8]>) = (split(old).collect(), split(new).collect());
    let at = (line as usize).checked_sub(1)?;
    let wanted = new.get(at)?;
    let alike = |place: usize| {
        let before = old[..place].iter().rev().zip(new[..at].iter().rev());
        before.take_while(|(one, other)| one == other).count()
    };
    let places = (0..old.len()).filter(|place| old[*place] == *wanted);
    let mut places: Vec<(usize, usize)> = places.map(|place| (alike(place), place)).collect();
    places.sort_by_key(|(alike, place)| (std::cmp::Reverse(*alike), place.abs_diff(at)));
    match places[..] {
        [] => None,
        [(0, _), _, ..] => None,
        [(_, place), ..] => Some(place as u32 + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn porcelain_is_read() {
        let text =
            "abc 3 3 1\nauthor A\nsummary drm: Add a thing\nboundary\nfilename K\n\tselect B\n";
        let origin = origin(text).expect("a commit");
        assert_eq!(
            (&*origin.commit, &*origin.subject),
            ("abc", "drm: Add a thing")
        );
        assert!(origin.is_end);
    }

    #[test]
    fn a_line_is_found_where_it_was() {
        let old = b"config A\n select X\n\nconfig B\n select X\n select Y\n";
        let new = b"# new\nconfig A\n select X\n\nconfig B\n\tselect X\n select Z\n";
        assert_eq!(committed_line(old, old, 5), Some(5));
        assert_eq!(committed_line(old, new, 3), Some(2));
        assert_eq!(committed_line(old, new, 6), Some(5));
        assert_eq!(committed_line(old, new, 7), None);
        assert_eq!(committed_line(old, b"x\n select X\n", 2), None);
        assert_eq!(committed_line(old, b"x\n select Y\n", 2), Some(6));
    }

    #[test]
    fn failures_have_words() {
        assert_eq!(failure("\n"), GitError::NoHistory);
        let words = "fatal: detected dubious ownership in repository at '/x'\n";
        assert_eq!(failure(words), GitError::Foreign);
        assert_eq!(
            failure("fatal: odd\nmore\n"),
            GitError::Other("odd".to_owned())
        );
    }
}
