// SPDX-License-Identifier: MIT OR Apache-2.0
//! The program that reads a tree: the sources of its conf, or the library that Python has to find.
//!
//! Builds nothing, and runs only Python, to see whether it has a library.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{ConfError, KCONFIGLIB, MINIKCONF, MOST_OUTPUT, RUN_LIMIT};
use crate::session::sandbox::{self, Ended};
use crate::tree::{FOLDERS, Tool};

/// Where trees keep a kconfiglib of their own.
const LIBRARY_FOLDERS: [&str; 4] = [
    "scripts/kconfig",
    "lib/kconfiglib",
    "scripts/Kconfiglib",
    "",
];

/// What conf consists of beside its parser; older kconfigs lack some.
const PARTS: [&str; 7] = [
    "conf",
    "confdata",
    "expr",
    "menu",
    "preprocess",
    "symbol",
    "util",
];

/// The kconfig of a tree.
pub(super) struct Sources {
    pub(super) folder: PathBuf,
    pub(super) generation: Generation,
}

/// How a kconfig makes its parser.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Generation {
    /// parser.y and lexer.l, each file an object of its own (from Linux 4.20 on).
    New,
    /// zconf.y and zconf.l; the parser includes all files but conf.c (from Linux 4.17 on).
    Old,
    /// The same, with parser and lexer as generated C.
    Shipped,
}

impl Sources {
    /// The first kconfig that there is.
    pub(super) fn of(root: &Path) -> Result<Sources, ConfError> {
        let folders = FOLDERS.map(|folder| root.join(folder)).into_iter();
        let mut folders = folders.filter(|folder| folder.join("conf.c").is_file());
        let found = folders.find_map(|folder| {
            let has = |file: &str| folder.join(file).is_file();
            let generation = match () {
                () if has("parser.y") && has("lexer.l") => Generation::New,
                () if has("zconf.tab.c_shipped") => Generation::Shipped,
                () if has("zconf.y") && has("zconf.l") => Generation::Old,
                () => return None,
            };
            Some(Sources { folder, generation })
        });
        let found = found.ok_or(ConfError::NoSources)?;
        let words = fs::read(found.folder.join("symbol.c"))?;
        let warns = b"unmet direct dependencies";
        match words.windows(warns.len()).any(|part| part == warns) {
            true => Ok(found),
            false => Err(ConfError::Silent("conf")),
        }
    }

    /// The option for all defaults. uClibc-ng's conf knows no long options (conf.c, `getopt`).
    pub(super) fn all_default(&self) -> io::Result<&'static str> {
        let text = fs::read(self.folder.join("conf.c"))?;
        let text = String::from_utf8_lossy(&text);
        Ok(match text.contains("getopt(ac, av,") {
            true => "-A",
            false => "--alldefconfig",
        })
    }

    /// The files to compile, those that were made among them.
    pub(super) fn parts(&self) -> Vec<PathBuf> {
        let own = |name: &str| self.folder.join(name).with_extension("c");
        match self.generation {
            Generation::New => {
                // Before Linux 5.4 the parser includes menu.c.
                let parser = fs::read_to_string(self.folder.join("parser.y")).unwrap_or_default();
                let parts = PARTS.iter().filter(|part| {
                    let included = format!("#include \"{part}.c\"");
                    !parser.contains(&included)
                });
                let parts = parts.map(|part| own(part)).filter(|part| part.is_file());
                let made = ["parser.tab.c", "lexer.lex.c"].map(PathBuf::from);
                made.into_iter().chain(parts).collect()
            }
            Generation::Old | Generation::Shipped => {
                vec![PathBuf::from("zconf.tab.c"), own("conf")]
            }
        }
    }
}

/// The files in the folder that a variable names which a tree's files source: what a build would make.
pub(super) fn listed(root: &Path, variable: &str) -> io::Result<Vec<String>> {
    let mark = format!("\"${variable}/");
    let mut names = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            let name = entry.file_name();
            if kind.is_dir() && !name.as_encoded_bytes().starts_with(b".") {
                folders.push(entry.path());
            } else if kind.is_file() && name.as_encoded_bytes().starts_with(b"Config.") {
                let text = fs::read(entry.path())?;
                let text = String::from_utf8_lossy(&text);
                let sourced = text.split(&mark).skip(1);
                let sourced = sourced.filter_map(|rest| rest.split('"').next());
                // No path that leads elsewhere.
                let plain = sourced.filter(|name| !name.contains('/'));
                names.extend(plain.map(str::to_owned));
            }
        }
    }
    Ok(names)
}

/// The script that asks the program of a tree, where that is no conf.
pub(super) fn script(tool: Tool) -> &'static str {
    match tool {
        Tool::Minikconf => MINIKCONF,
        _ => KCONFIGLIB,
    }
}

/// The module that reads the tree.
pub(super) fn library(tool: Tool) -> &'static str {
    match tool {
        Tool::Minikconf => "minikconf",
        Tool::EspIdfKconfig => "esp_kconfiglib.core",
        _ => "kconfiglib",
    }
}

/// Python, which writes nothing beside the files that it reads.
pub(super) fn python() -> Command {
    let mut python = Command::new("python3");
    python.arg("-B");
    python
}

/// The folders of a tree that may hold the program that reads it.
pub(super) fn folders(root: &Path, tool: Tool) -> Vec<PathBuf> {
    if tool == Tool::Minikconf {
        return vec![root.join("scripts")];
    }
    let all = LIBRARY_FOLDERS.map(|folder| root.join(folder)).into_iter();
    let all = all.filter(|_| tool == Tool::Kconfiglib);
    all.filter(|folder| folder.join("kconfiglib.py").is_file())
        .collect()
}

/// Whether python3 finds the library.
pub(super) fn has_library(root: &Path, tool: Tool) -> Result<(), ConfError> {
    let mut command = python();
    command
        .args(["-c", script(tool), "check", library(tool)])
        .args(folders(&std::path::absolute(root)?, tool));
    match sandbox::run(&mut command, RUN_LIMIT, MOST_OUTPUT) {
        Ok(Ended::Itself { success: true, .. }) => Ok(()),
        Ok(Ended::Itself { errors, .. }) => {
            let errors = String::from_utf8_lossy(&errors);
            let last = errors.lines().last().unwrap_or_default();
            Err(ConfError::NoLibrary(tool.name(), last.to_owned()))
        }
        Ok(Ended::OutOfTime) => Err(ConfError::OutOfTime),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(ConfError::Missing("python3")),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_named_by_all_files_of_the_tree() {
        let tree = tempfile::tempdir().expect("a folder");
        let folder = tree.path().join("linux");
        fs::create_dir(&folder).expect("a folder");
        let source = |name: &str| format!("source \"$OUT/{name}\"\n");
        let files = [
            ("Config.in", source("list.paths") + &source("deeper/list")),
            ("linux/Config.ext.in", source("list.linux")),
            ("linux/notes", source("list.other")),
        ];
        for (path, text) in files {
            fs::write(tree.path().join(path), text).expect("a file");
        }
        let mut names = listed(tree.path(), "OUT").expect("names");
        names.sort();
        assert_eq!(names, ["list.linux", "list.paths"]);
    }
}
