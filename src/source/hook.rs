// SPDX-License-Identifier: MIT OR Apache-2.0
//! What git tells its hooks in the environment: which index it is committing, and where objects
//! lie that no repository has yet.
//!
//! `git commit -a` and `git commit PATH` commit an index of their own and name it in
//! `GIT_INDEX_FILE`; a push keeps its objects aside until the hooks agree. A variable counts only
//! where it names a place inside the repository of the tree. Any other value is an error: a run
//! that ignores it would judge another change than the one git is about to record.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::git::{Git, GitError};

const GIT_DIR: &str = "GIT_DIR";
const WORK_TREE: &str = "GIT_WORK_TREE";
const INDEX: &str = "GIT_INDEX_FILE";
const OBJECTS: &str = "GIT_OBJECT_DIRECTORY";
const ALTERNATES: &str = "GIT_ALTERNATE_OBJECT_DIRECTORIES";

impl Git {
    /// Opens the repository around `folder` as git shows it to its hooks.
    ///
    /// # Errors
    /// When there is none that can be read, or the environment names another one.
    pub fn for_hook(folder: &Path) -> Result<Git, GitError> {
        let named = variable(GIT_DIR).map(|value| (absolute(&value), value));
        let git = match (Git::repository(folder), named) {
            (Ok(git), None) => git,
            (Ok(git), Some((named, value))) => {
                let own = git.path("--git-dir")?;
                // A hook may have left the folder that a relative name starts from.
                let is_own = same(&named, &own) || same(&git.top()?.join(&value), &own);
                if !is_own {
                    return Err(elsewhere(GIT_DIR, &value));
                }
                git
            }
            // The work tree has no `.git` of its own: `git --git-dir DIR --work-tree .`.
            (Err(GitError::NoHistory), Some((named, _))) => Git::by_name(folder, &named)?,
            (Err(error), _) => return Err(error),
        };
        git.with_work_tree()?.with_index()?.with_objects()
    }

    /// Opens the repository that `directory` is, with the objects that a push keeps aside.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn for_hook_in(directory: &Path) -> Result<Git, GitError> {
        let git = Git::in_directory(directory)?;
        let named = variable(GIT_DIR).map(|value| absolute(&value));
        match named.is_none_or(|named| same(&named, directory)) {
            true => git.with_objects(),
            // The user names another repository than the hook's.
            false => Ok(git),
        }
    }

    /// The repository that `GIT_DIR` names, for a folder in which git finds none.
    fn by_name(folder: &Path, named: &Path) -> Result<Git, GitError> {
        let git = Git::repository_at(Path::new("."), named)?;
        if git.path("--is-bare-repository")?.as_os_str() == "true" {
            return Ok(git);
        }
        // As git finds it from the hook's own folder.
        let top = match variable(WORK_TREE) {
            Some(value) => absolute(&value),
            None => git.path("--show-toplevel")?,
        };
        if !is_inside(folder, std::slice::from_ref(&top)) {
            return Err(GitError::NoHistory);
        }
        let git = Git::repository_at(folder, named)?;
        Ok(git.with_variable(WORK_TREE, top.into()))
    }

    fn with_work_tree(self) -> Result<Git, GitError> {
        let Some(value) = variable(WORK_TREE).filter(|_| !self.has_variable(WORK_TREE)) else {
            return Ok(self);
        };
        let top = self.top()?;
        let named = absolute(&value);
        if same(&named, &top) || same(&top.join(&value), &top) {
            return Ok(self);
        }
        if !is_inside(&named, &[top]) || !is_inside(self.folder(), std::slice::from_ref(&named)) {
            return Err(elsewhere(WORK_TREE, &value));
        }
        Ok(self.with_variable(WORK_TREE, named.into()))
    }

    fn with_index(self) -> Result<Git, GitError> {
        let Some(value) = variable(INDEX) else {
            return Ok(self);
        };
        // Git resolves the name after it went to the top of the work tree.
        let index = self.top()?.join(&value);
        let parent = index.parent().unwrap_or(&index);
        if !is_inside(parent, &self.places()?) {
            return Err(elsewhere(INDEX, &value));
        }
        // Git takes a missing index for an empty one, and in an empty one nothing is wrong.
        if !index.exists() && !same(parent, &self.path("--git-dir")?) {
            let words = format!(
                "{INDEX} is {}, and there is no such file",
                Path::new(&value).display()
            );
            return Err(GitError::Environment(words));
        }
        Ok(self.with_variable(INDEX, index.into()))
    }

    fn with_objects(mut self) -> Result<Git, GitError> {
        let places = self.places()?;
        for name in [OBJECTS, ALTERNATES] {
            let Some(value) = variable(name) else {
                continue;
            };
            let top = self.top()?;
            let folders = match name {
                ALTERNATES => std::env::split_paths(&value).collect(),
                _ => vec![PathBuf::from(&value)],
            };
            let folders: Vec<PathBuf> = folders.iter().map(|folder| top.join(folder)).collect();
            if !folders.iter().all(|folder| is_inside(folder, &places)) {
                return Err(elsewhere(name, &value));
            }
            let joined = std::env::join_paths(folders).map_err(|_| elsewhere(name, &value))?;
            self = self.with_variable(name, joined);
        }
        Ok(self)
    }

    /// The top of the work tree; of a bare repository its own folder.
    fn top(&self) -> Result<PathBuf, GitError> {
        self.path("--show-toplevel")
            .or_else(|_| self.path("--git-dir"))
    }

    /// The folders that are the repository.
    fn places(&self) -> Result<[PathBuf; 3], GitError> {
        let common = self.path("--git-common-dir")?;
        Ok([common, self.path("--git-dir")?, self.top()?])
    }
}

fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

fn elsewhere(name: &str, value: &OsString) -> GitError {
    GitError::Environment(format!(
        "{name} is {}, which is not in the repository of this tree: unset {name} to judge this \
         tree all the same",
        Path::new(value).display()
    ))
}

fn absolute(value: &OsString) -> PathBuf {
    let path = PathBuf::from(value);
    std::path::absolute(&path).unwrap_or(path)
}

fn same(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

fn is_inside(path: &Path, folders: &[PathBuf]) -> bool {
    let Ok(path) = path.canonicalize() else {
        return false;
    };
    let mut folders = folders.iter().filter_map(|it| it.canonicalize().ok());
    folders.any(|folder| path.starts_with(folder))
}
