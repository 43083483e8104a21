// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the tree's own version scripts print. The real scripts run, with tools that are made up: a
//! tool of each name says each version around those that count, and a script has to print exactly
//! what is said of it (`tree::VersionScripts`), on each architecture.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use kconfig_lint::source::WorkTree;
use kconfig_lint::tree::{Architecture, Overrides, Project, ToolVersions, detect, locate};
use tempfile::TempDir;

use crate::trees::{Linux, all_linux};

/// A script, a tool that it asks, the name it gives that tool, and what the tool says of its version.
/// `%` stands for the version with blanks in place of its points, `@` for the version.
const SAYINGS: &[(&str, &str, &str, &str)] = &[
    ("cc-version.sh", "gcc", "GCC", "GCC %"),
    ("cc-version.sh", "gcc", "Clang", "Clang %"),
    (
        "ld-version.sh",
        "ld",
        "BFD",
        "GNU ld (GNU Binutils for somewhere) @",
    ),
    ("ld-version.sh", "ld", "BFD", "GNU ld version @-4.fc32"),
    (
        "ld-version.sh",
        "ld",
        "LLD",
        "somewhere LLD @ (compatible with GNU linkers)",
    ),
    (
        "as-version.sh",
        "gcc",
        "GNU",
        "GNU assembler (GNU Binutils) @",
    ),
];

/// What no script accepts, in whatever version.
const REFUSED: &[(&str, &str, &str)] = &[
    ("cc-version.sh", "gcc", "unknown"),
    ("cc-version.sh", "gcc", ""),
    ("ld-version.sh", "ld", "GNU gold (GNU Binutils 2.40) 1.16"),
    ("ld-version.sh", "ld", "mold 2.3.0 (not compatible)"),
    ("ld-version.sh", "ld", ""),
    ("as-version.sh", "gcc", "somebody's assembler 3.1"),
    ("as-version.sh", "gcc", ""),
];

/// A folder with a tool that says this; without one the tool is not there.
fn tool(name: &str, says: Option<&str>) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    if let Some(says) = says {
        let path = folder.path().join(name);
        fs::write(&path, format!("#!/bin/sh\necho '{says}'\n")).expect("a tool");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a program");
    }
    folder
}

/// What conf would read of a command of the tree: preprocess.c, `do_shell`.
fn printed(tree: &Linux, architecture: &Architecture, tools: &Path, command: &str) -> String {
    let path = format!("{}:/usr/bin:/bin", tools.display());
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(&tree.root)
        .env_clear()
        .envs(&architecture.environment)
        .env("PATH", path)
        .output()
        .expect("a shell");
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim_end_matches('\n').replace('\n', " ")
}

fn project(tree: &Linux) -> Project {
    let overrides = Overrides::default();
    let located = locate(&tree.root, &overrides).expect("a tree");
    detect(&WorkTree::new(&located.root), &located, &overrides)
}

/// Versions around the least, and others that are far away.
fn versions(tool: &ToolVersions) -> Vec<u64> {
    let least = tool.least;
    let near = [
        least.saturating_sub(1),
        least.saturating_sub(100),
        least,
        least + 1,
        least + 100,
    ];
    near.into_iter().chain([1, 20_300, 990_000]).collect()
}

fn dotted(version: u64) -> String {
    format!(
        "{}.{}.{}",
        version / 10_000,
        version / 100 % 100,
        version % 100
    )
}

#[test]
fn real_scripts_print_what_is_said_of_them() {
    for tree in all_linux() {
        let project = project(&tree);
        // Those on which some release has a least version of its own, and one of the others.
        let differ = ["arm64", "loongarch", "s390", "x86"];
        let here = project.architectures.iter();
        for architecture in here.filter(|it| differ.contains(&&*it.name)) {
            for (script, program, name, saying) in SAYINGS {
                let tools = project.scripts.tools(script, &architecture.environment);
                let tools = tools.unwrap_or_else(|| panic!("{}: {script}", tree.name));
                let tool = tools
                    .iter()
                    .find(|tool| tool.name == *name && tool.most > 0);
                let tool = tool.unwrap_or_else(|| panic!("{}: {script}: {name}", tree.name));
                for version in versions(tool) {
                    let [blanks, points] = [dotted(version).replace('.', " "), dotted(version)];
                    let says = saying.replace('%', &blanks).replace('@', &points);
                    let folder = self::tool(program, Some(&says));
                    let command = format!("./scripts/{script} {program}");
                    let printed = printed(&tree, architecture, folder.path(), &command);
                    let expected = match version >= tool.least {
                        true => format!("{name} {version}"),
                        false => String::new(),
                    };
                    let place = format!("{} {} {script}", tree.name, architecture.name);
                    assert_eq!(printed, expected, "{place}: {says}");
                }
            }
        }
    }
}

#[test]
fn real_scripts_print_nothing_of_any_other_tool() {
    for tree in all_linux() {
        let project = project(&tree);
        let architecture = &project.architectures[0];
        for (script, program, says) in REFUSED {
            let folder = tool(program, Some(says));
            let command = format!("./scripts/{script} {program}");
            let printed = printed(&tree, architecture, folder.path(), &command);
            assert_eq!(printed, "", "{}: {script}: {says}", tree.name);
        }
        let nothing = tool("", None);
        for script in ["as-version.sh", "cc-version.sh", "ld-version.sh"] {
            let command = format!("./scripts/{script} no-such-tool");
            let printed = printed(&tree, architecture, nothing.path(), &command);
            assert_eq!(printed, "", "{}: {script}", tree.name);
        }
        // The assembler inside a compiler has no version of its own.
        let command = "./scripts/as-version.sh clang -fintegrated-as";
        let printed = printed(&tree, architecture, nothing.path(), command);
        assert_eq!(printed, "LLVM 0", "{}", tree.name);
        let known = project
            .scripts
            .tools("as-version.sh", &architecture.environment);
        let known = known.expect("a script of a known shape");
        assert!(
            known
                .iter()
                .any(|tool| tool.name == "LLVM" && (tool.least, tool.most) == (0, 0))
        );
    }
}
