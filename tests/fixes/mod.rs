// SPDX-License-Identifier: MIT OR Apache-2.0
//! Fixes are applied: to every fixture until nothing changes, by made-up rules that show each way
//! in which a fix can do harm, as patches of git and patch, and as files on a difficult disk.

mod disk;
mod fixpoint;
mod patch;
mod rounds;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A helper and what it depends on.
const HELPER: &str = "config MMU\n\tbool \"MMU\"\n\nconfig T\n\tbool\n\tdepends on MMU\n";

/// A tree in a temporary folder.
struct Tree {
    folder: tempfile::TempDir,
}

impl Tree {
    /// A tree of these files.
    fn new(files: &[(&str, &[u8])]) -> Tree {
        let folder = tempfile::tempdir().expect("a folder");
        let tree = Tree { folder };
        for (path, text) in files {
            let place = tree.path(path);
            fs::create_dir_all(place.parent().expect("a folder")).expect("a folder");
            fs::write(place, text).expect("a file");
        }
        tree
    }

    /// The helper, and drivers in files of their own that select it: one broken select each.
    fn with_drivers(drivers: &[(&str, &[u8])]) -> Tree {
        let sources = drivers
            .iter()
            .map(|(path, _)| format!("source \"{path}\"\n"));
        let root = format!("{HELPER}\n{}", sources.collect::<String>());
        let mut files = vec![("Kconfig", root.as_bytes())];
        files.extend_from_slice(drivers);
        Tree::new(&files)
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// All files, by path.
    fn contents(&self) -> BTreeMap<String, Vec<u8>> {
        let entries = walkdir::WalkDir::new(self.folder.path()).into_iter();
        let files = entries
            .map(|entry| entry.expect("an entry"))
            .filter(|entry| entry.file_type().is_file());
        files
            .map(|entry| {
                let path = entry.path().strip_prefix(self.folder.path());
                let path = path.expect("below").to_string_lossy().into_owned();
                (path, fs::read(entry.path()).expect("a file"))
            })
            .collect()
    }

    fn check(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(program());
        command.arg("check").arg(self.folder.path()).args(arguments);
        // In the log of a CI system a diff is for people, and here it is for tools.
        command.env_remove("CI").env_remove("GITHUB_ACTIONS");
        command.output().expect("the program runs")
    }
}

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_kconfig-lint"))
}

fn words(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
