// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the gate costs on a Linux tree: each further commit of a series, by what it changes, and a
//! whole `--staged` with one changed file, and the same once more.
//!
//! `KCONFIG_LINT_TREE` names the tree, of which a repository is made in a temporary folder. A
//! commit costs what a series of many takes longer than one of one, divided by their number; the
//! best of several rounds counts. Nothing here fails on a slow machine.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use walkdir::WalkDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_kconfig-lint");

/// Commits of a kind beside the first.
const MORE: u32 = 6;

const ROUNDS: usize = 3;

const DRIVERS: &str = "drivers/iio/light/Kconfig";
const DRM: &str = "drivers/gpu/drm/tiny/Kconfig";
const HELPER: &str = "drivers/base/regmap/Kconfig";

/// A change that can be made again and again.
type Edit = (&'static str, &'static str, fn(&str, u32) -> String);

const EDITS: [Edit; 7] = [
    ("a comment", DRIVERS, |text, number| {
        format!("# words {number}\n{text}")
    }),
    ("a new driver", DRIVERS, |text, number| {
        let driver = "tristate \"new\"\n\tdepends on I2C && OF\n\tselect REGMAP_I2C\n";
        format!("{text}\nconfig NEW_{number}\n\t{driver}")
    }),
    ("a dependency of a driver", DRIVERS, |text, number| {
        below(text, number, "\tdepends on HAS_IOMEM\n")
    }),
    ("a select of a driver", DRIVERS, |text, number| {
        below(text, number, "\tselect CRC8\n")
    }),
    ("a select of a helper", HELPER, |text, number| {
        let head = "config REGMAP_I2C\n\ttristate\n";
        text.replace(head, &format!("{head}\tselect CRC8 if NOTHING_{number}\n"))
    }),
    ("a driver that is wrong", DRIVERS, |text, number| {
        let driver = "tristate \"new\"\n\tselect REGMAP_I2C\n";
        format!("{text}\nconfig NEW_{number}\n\t{driver}")
    }),
    (
        "a driver that selects a helper without its MMU",
        DRM,
        |text, number| {
            let driver = "tristate \"new\"\n\tdepends on DRM\n\tselect DRM_GEM_SHMEM_HELPER\n";
            format!("{text}\nconfig NEW_{number}\n\t{driver}")
        },
    ),
];

/// Adds a line to the symbol of a number.
fn below(text: &str, number: u32, line: &str) -> String {
    let mut heads = text.match_indices("\nconfig ").map(|(at, _)| at);
    let head = heads.nth(number as usize + 1).expect("enough symbols");
    let help = text[head..].find("\thelp\n").expect("help") + head;
    format!("{}{line}{}", &text[..help], &text[help..])
}

fn main() {
    let Some(tree) = std::env::var_os("KCONFIG_LINT_TREE") else {
        println!("gate: set KCONFIG_LINT_TREE to a Linux tree");
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path();
    copy(tree.as_ref(), root);
    git(root, &["init", "-q", "-b", "main"]);
    commit(root, "The tree");
    println!(
        "{:<46} {:>11} {:>12} {:>12}",
        "", "in a series", "--staged", "again"
    );
    for (name, path, edit) in EDITS {
        git(root, &["checkout", "-q", "-B", "series", "main"]);
        let file = root.join(path);
        let mut texts = vec![fs::read_to_string(&file).expect("a readable file")];
        for number in 0..=MORE {
            texts.push(edit(&texts[texts.len() - 1], number));
            fs::write(&file, &texts[texts.len() - 1]).expect("a file is written");
            commit(root, name);
        }
        let one = best(ROUNDS, || {
            lint(root, &["--range", &format!("main..series~{MORE}")])
        });
        let all = best(ROUNDS, || lint(root, &["--range", "main..series"]));
        git(root, &["reset", "-q", "--hard", "main"]);
        lint(root, &["--staged"]);
        let staged = texts[1..=ROUNDS].iter().map(|text| {
            fs::write(&file, text).expect("a file is written");
            git(root, &["add", "-A"]);
            best(1, || lint(root, &["--staged"]))
        });
        let staged = staged.min().unwrap_or_default();
        let again = best(ROUNDS, || lint(root, &["--staged"]));
        let each = all.saturating_sub(one) / MORE;
        println!(
            "{name:<46} {:>8.0} ms {:>9.0} ms {:>9.0} ms",
            each.as_secs_f64() * 1e3,
            staged.as_secs_f64() * 1e3,
            again.as_secs_f64() * 1e3
        );
        git(root, &["reset", "-q", "--hard"]);
    }
}

fn best(rounds: usize, mut work: impl FnMut()) -> Duration {
    let times = (0..rounds).map(|_| {
        let begin = Instant::now();
        work();
        begin.elapsed()
    });
    times.min().unwrap_or_default()
}

/// The files that a Kconfig tree is made of.
fn copy(from: &Path, to: &Path) {
    for entry in WalkDir::new(from).into_iter().flatten() {
        let path = entry.path().strip_prefix(from).expect("below the tree");
        if entry.file_type().is_file() && !path.starts_with(".git") {
            let target = to.join(path);
            fs::create_dir_all(target.parent().expect("a folder")).expect("a folder is made");
            fs::copy(entry.path(), target).expect("a file is copied");
        }
    }
}

fn commit(root: &Path, subject: &str) {
    git(root, &["add", "-A"]);
    git(root, &["commit", "-q", "-m", subject]);
}

fn git(root: &Path, arguments: &[&str]) {
    let status = Command::new("git")
        .current_dir(root)
        .args(["-c", "user.name=N", "-c", "user.email=n@example.org"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .status()
        .expect("git runs");
    assert!(status.success(), "git {arguments:?}");
}

/// The short report proves no fixes.
fn lint(root: &Path, arguments: &[&str]) {
    let output = Command::new(PROGRAM)
        .current_dir(root)
        .args(["--format", "short", "--quiet"])
        .args(arguments)
        .env("XDG_CACHE_HOME", root.join(".git/cache"))
        .output()
        .expect("kconfig-lint runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() < Some(2), "{arguments:?}: {said}");
}
