// SPDX-License-Identifier: MIT OR Apache-2.0
//! The version of the program: the number, the commit and its date, as `build.rs` finds them in
//! checkouts, in packaged crates and in copies.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

const DATE: &str = "2026-02-03T23:30:00-0800";

/// `build.rs` as a program, in a folder that is a package of its own.
struct Package {
    folder: TempDir,
}

impl Package {
    fn new() -> Package {
        let folder = tempfile::tempdir().expect("a folder");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/build.rs");
        let compiled = Command::new("rustc")
            .args(["--edition=2024", source, "-o"])
            .arg(folder.path().join("program"))
            .output()
            .expect("rustc starts");
        assert!(compiled.status.success(), "{compiled:?}");
        let package = Package { folder };
        fs::create_dir_all(package.path().join("src")).expect("a folder");
        package.write("src/lib.rs", "");
        package
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("repository")
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).expect("written");
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .current_dir(self.path())
            .envs([("GIT_COMMITTER_DATE", DATE), ("GIT_AUTHOR_DATE", DATE)])
            .args(["-c", "user.name=A", "-c", "user.email=a@example.org"])
            .args(arguments)
            .output()
            .expect("git starts");
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout)
            .expect("UTF-8")
            .trim()
            .to_owned()
    }

    fn commit(&self) -> String {
        self.git(&["init", "-q"]);
        self.git(&["add", "."]);
        self.git(&["commit", "-qm", "x"]);
        self.git(&["rev-parse", "HEAD"])[..12].to_owned()
    }

    /// What the build script says of the package in `root`.
    fn version(&self, root: &Path, profile: &str) -> String {
        let output = Command::new(self.folder.path().join("program"))
            .envs([("PROFILE", profile), ("CARGO_PKG_VERSION", "1.2.3")])
            .env("CARGO_MANIFEST_DIR", root)
            // As in a hook of another repository.
            .env("GIT_DIR", "/nonexistent")
            .output()
            .expect("the build script starts");
        let said = String::from_utf8(output.stdout).expect("UTF-8");
        let mut lines = said.lines();
        let version =
            lines.find_map(|it| it.strip_prefix("cargo::rustc-env=KCONFIG_LINT_VERSION="));
        version.unwrap_or_else(|| panic!("{said}")).to_owned()
    }
}

#[test]
fn a_release_build_names_the_commit_and_its_date() {
    let package = Package::new();
    let root = package.path();
    let said = |profile| package.version(&root, profile);
    assert_eq!(said("release"), "1.2.3", "no repository");
    let commit = package.commit();
    assert_eq!(said("release"), format!("1.2.3 ({commit} 2026-02-03)"));
    assert_eq!(said("debug"), "1.2.3");
    package.write("README.md", "no source");
    assert_eq!(said("release"), format!("1.2.3 ({commit} 2026-02-03)"));
    package.write("src/lib.rs", "// changed");
    assert_eq!(said("release"), format!("1.2.3 ({commit}+ 2026-02-03)"));
}

#[test]
fn a_copy_in_another_repository_names_no_commit_but_a_packaged_crate_does() {
    let package = Package::new();
    package.commit();
    let copy = package.path().join("vendor/kconfig-lint");
    fs::create_dir_all(&copy).expect("a folder");
    assert_eq!(package.version(&copy, "release"), "1.2.3");
    let said =
        "{\n  \"git\": {\n    \"sha1\": \"0123456789abcdef0123456789abcdef01234567\"\n  }\n}";
    fs::write(copy.join(".cargo_vcs_info.json"), said).expect("written");
    assert_eq!(package.version(&copy, "release"), "1.2.3 (0123456789ab)");
}

#[test]
fn the_program_says_its_version() {
    let output = Command::new(env!("CARGO_BIN_EXE_kconfig-lint"))
        .arg("--version")
        .output()
        .expect("the program starts");
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    let number = concat!("kconfig-lint ", env!("CARGO_PKG_VERSION"));
    let commit = said.trim_end().strip_prefix(number).expect("the number");
    let is_commit = commit.starts_with(" (") && commit.ends_with(')');
    assert!(commit.is_empty() || is_commit, "{said}");
}
