// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tells the program its version: the number, and in a release build the commit and its date.
//!
//! A debug build names no commit, because every commit would then rebuild everything. The commit is
//! read from git in a checkout, and from what cargo wrote down in a packaged crate. The same sources
//! give the same text: the date is that of the commit.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// What decides how the program behaves: a change in these makes a checkout differ from its commit.
const SOURCES: [&str; 5] = ["build.rs", "Cargo.lock", "Cargo.toml", "grammar", "src"];

fn main() {
    let root = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let root = Path::new(&root);
    let number = env::var("CARGO_PKG_VERSION").unwrap_or_default();
    println!("cargo::rerun-if-changed=build.rs");
    let is_release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let commit = is_release.then(|| of_checkout(root).or_else(|| of_package(root)));
    let date = commit.iter().flatten().filter_map(|it| it.date.as_ref());
    println!(
        "cargo::rustc-env=KCONFIG_LINT_DATE={}",
        date.cloned().collect::<String>()
    );
    let version = match commit.flatten() {
        Some(Commit {
            name,
            date: Some(date),
        }) => format!("{number} ({name} {date})"),
        Some(Commit { name, date: None }) => format!("{number} ({name})"),
        None => number,
    };
    println!("cargo::rustc-env=KCONFIG_LINT_VERSION={version}");
}

struct Commit {
    /// The first twelve digits, and `+` when the sources differ from the commit.
    name: String,
    /// The day of the commit, where it is known.
    date: Option<String>,
}

impl Commit {
    fn new(name: &str, is_changed: bool, date: Option<&str>) -> Option<Commit> {
        // git abbreviates a name further in a small repository than in a large one.
        let short = name.get(..12)?;
        Some(Commit {
            name: format!("{short}{}", if is_changed { "+" } else { "" }),
            date: date.map(str::to_owned),
        })
    }
}

/// The commit of a checkout of this repository; `None` for a copy of the sources in another one.
fn of_checkout(root: &Path) -> Option<Commit> {
    let top = git(root, &["rev-parse", "--show-toplevel"])?;
    if fs::canonicalize(top).ok()? != fs::canonicalize(root).ok()? {
        return None;
    }
    let last = git(
        root,
        &["log", "-1", "--format=%H %cd", "--date=format:%Y-%m-%d"],
    )?;
    let (name, date) = last.split_once(' ')?;
    let status = ["status", "--porcelain", "--untracked-files=no", "--"];
    let changes = git(root, &[&status[..], &SOURCES].concat())?;
    // The log of HEAD grows with each commit and each checkout.
    let log = root.join(git(root, &["rev-parse", "--git-path", "logs/HEAD"])?);
    let sources = SOURCES.iter().map(|name| root.join(name));
    for path in sources.chain([log]).filter(|path| path.exists()) {
        println!("cargo::rerun-if-changed={}", path.display());
    }
    Commit::new(name, !changes.is_empty(), Some(date))
}

/// What git prints. It runs no code of the repository, and is not led astray when the build runs
/// in a hook.
fn git(root: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .current_dir(root)
        .env_remove("GIT_DIR")
        .env_remove("GIT_INDEX_FILE")
        .env_remove("GIT_WORK_TREE")
        .args(["--no-optional-locks", "-c", "core.fsmonitor=false"])
        .args(arguments)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// The commit that `cargo package` wrote down.
fn of_package(root: &Path) -> Option<Commit> {
    let text = fs::read_to_string(root.join(".cargo_vcs_info.json")).ok()?;
    let (_, rest) = text.split_once("\"sha1\"")?;
    let name = rest.split('"').nth(1)?;
    Commit::new(name, text.contains("\"dirty\": true"), None)
}
