// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where the real trees lie, which architectures they have, and in which environment they
//! are read. Reads nothing of Kconfig.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The Linux releases that `tests/kernel/fetch` brings.
const RELEASES: [&str; 2] = ["linux-6.12", "linux-6.1"];

/// The kernel it brings from Debian's development suites. Only tests of the language use it.
const LATEST: &str = "linux-newest";

/// The other trees it brings.
const SOURCES: [&str; 4] = ["u-boot", "busybox", "xen", "seabios"];

/// Environment variables that name a tree start like this.
const VARIABLE: &str = "KCONFIG_LINT_TREE_";

/// A Linux tree with the kconfig that was built from it.
#[derive(Clone, Debug)]
pub(crate) struct Linux {
    /// What it is called in messages, as `linux-6.12`.
    pub(crate) name: String,
    /// The folder of the tree, absolute.
    pub(crate) root: PathBuf,
    /// Our driver, linked with this tree's kconfig.
    pub(crate) driver: PathBuf,
    /// The tree's conf. It runs commands of the tree: only for trees without any.
    pub(crate) conf: PathBuf,
    /// Whether one process of the driver can be several, by `serve`.
    pub(crate) serves: bool,
}

/// Names to values, and nothing else in the environment.
pub(crate) type Environment = BTreeMap<String, String>;

/// The folder that `tests/kernel/fetch` fills.
fn folder() -> PathBuf {
    match std::env::var_os("KCONFIG_LINT_TREES") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("kernel-trees"),
    }
}

/// A path that must be there.
///
/// # Panics
/// When it is not, with the command that fetches it.
fn need(path: PathBuf) -> PathBuf {
    assert!(
        path.exists(),
        "{} is missing; this brings the trees that the kernel tests need:\n\n    \
         tests/kernel/fetch\n",
        path.display()
    );
    path
}

fn from_environment(name: &str) -> Option<PathBuf> {
    let upper = name.to_uppercase().replace(['-', '.'], "_");
    let path = std::env::var_os(format!("{VARIABLE}{upper}"))?;
    (!path.is_empty()).then(|| need(PathBuf::from(path)))
}

fn linux(name: &str) -> Linux {
    let build = folder().join(format!("build-{name}"));
    let root = from_environment(name).unwrap_or_else(|| need(folder().join(name)));
    Linux {
        name: name.to_owned(),
        root: fs::canonicalize(root).expect("a folder that exists"),
        driver: need(build.join("driver")),
        conf: need(build.join("conf")),
        serves: false,
    }
}

/// The newest of the trees that are always there.
pub(crate) fn newest() -> Linux {
    linux(RELEASES[0])
}

/// The newest kernel that Debian's development suites have.
pub(crate) fn latest() -> Linux {
    linux(LATEST)
}

/// SeaBIOS, whose kconfig is older than macros (Linux 4.18) and has `option env`.
pub(crate) fn before_macros() -> Linux {
    linux("seabios")
}

/// U-Boot, whose kconfig is that of Linux 4.18.
pub(crate) fn u_boot() -> Linux {
    linux("u-boot")
}

/// kconfiglib of the Python registry, with a driver that asks it.
pub(crate) fn kconfiglib() -> Linux {
    python_judge("kconfiglib")
}

/// esp-idf-kconfig, with the same driver.
pub(crate) fn esp_idf_kconfig() -> Linux {
    python_judge("esp-idf-kconfig")
}

fn python_judge(name: &str) -> Linux {
    let root = need(folder().join(name));
    Linux {
        name: name.to_owned(),
        driver: need(root.join("driver")),
        conf: need(root.join("driver")),
        serves: true,
        root: fs::canonicalize(root).expect("a folder that exists"),
    }
}

/// All Linux trees: those of Debian, and those that only the environment names.
pub(crate) fn all_linux() -> Vec<Linux> {
    let named = std::env::vars_os()
        .filter_map(|(key, _)| Some(key.to_str()?.strip_prefix(VARIABLE)?.to_owned()))
        .map(|name| name.to_lowercase().replace('_', "-"))
        .filter(|name| {
            let known = RELEASES.map(|release| release.replace('.', "-"));
            !known.contains(name) && name != LATEST && !SOURCES.contains(&name.as_str())
        });
    let mut names: Vec<String> = RELEASES
        .map(str::to_owned)
        .into_iter()
        .chain(named)
        .collect();
    names.dedup();
    names.iter().map(|name| linux(name)).collect()
}

/// The trees of other projects, each with its name.
pub(crate) fn others() -> Vec<(String, PathBuf)> {
    SOURCES
        .iter()
        .map(|name| {
            let root = from_environment(name).unwrap_or_else(|| need(folder().join(name)));
            ((*name).to_owned(), root)
        })
        .collect()
}

impl Linux {
    /// The folders under arch/ that hold a Kconfig file, sorted.
    pub(crate) fn architectures(&self) -> Vec<String> {
        let entries = fs::read_dir(self.root.join("arch")).expect("a kernel tree has arch/");
        let mut names: Vec<String> = entries
            .flatten()
            .filter(|entry| entry.path().join("Kconfig").is_file())
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        names.sort();
        assert!(names.len() > 10, "{}: only {names:?} in arch/", self.name);
        names
    }

    /// The architectures that the long tests examine in this run, printed.
    ///
    /// `KCONFIG_LINT_ARCH` names the only one. `KCONFIG_LINT_TURN=K/N` takes every N-th, so that
    /// N runs with K from 1 to N examine all; the K-th of each tree starts at another place, so
    /// that one run sees as many different architectures as possible. Without both, all.
    pub(crate) fn architectures_in_turn(&self) -> Vec<String> {
        let mut names = self.architectures();
        if let Ok(only) = std::env::var("KCONFIG_LINT_ARCH") {
            names.retain(|name| *name == only);
        } else if let Ok(turn) = std::env::var("KCONFIG_LINT_TURN") {
            let (part, parts) = turn_of(&turn);
            let shift = part + self.name.len();
            let all = names.into_iter().enumerate();
            let own = all.filter(|(at, _)| (at + shift) % parts == 0);
            names = own.map(|(_, name)| name).collect();
        }
        println!("{}: architectures {}", self.name, names.join(" "));
        names
    }

    /// The environment in which make reads the tree for this architecture (semantics.md
    /// 33): fixed, so that no test depends on the machine. Paths are relative to the tree.
    pub(crate) fn environment(&self, architecture: &str) -> Environment {
        let mut pairs = vec![
            ("ARCH", architecture),
            ("SRCARCH", architecture),
            ("srctree", "."),
            ("CC", "gcc"),
            ("LD", "ld"),
            ("AR", "ar"),
            ("NM", "nm"),
            ("OBJCOPY", "objcopy"),
            ("RUSTC", "rustc"),
            ("BINDGEN", "bindgen"),
            ("PAHOLE", "pahole"),
        ];
        if architecture == "um" {
            pairs.extend([("SUBARCH", "x86"), ("HEADER_ARCH", "x86")]);
        }
        let mut environment: Environment = pairs
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        environment.insert("KERNELVERSION".to_owned(), self.version());
        environment
    }

    /// `VERSION.PATCHLEVEL.SUBLEVEL` of the top Makefile.
    pub(crate) fn version(&self) -> String {
        let makefile = fs::read_to_string(self.root.join("Makefile")).expect("a Makefile");
        let number = |name: &str| {
            makefile
                .lines()
                .filter_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix('='))
                .map(str::trim)
                .next()
                .unwrap_or_else(|| panic!("{}: no {name} in the Makefile", self.name))
                .to_owned()
        };
        ["VERSION", "PATCHLEVEL", "SUBLEVEL"].map(number).join(".")
    }
}

/// The two numbers of `K/N`.
///
/// # Panics
/// When they are no part of a whole.
fn turn_of(text: &str) -> (usize, usize) {
    let numbers = text.split_once('/').and_then(|(part, parts)| {
        let pair = (part.parse().ok()?, parts.parse().ok()?);
        (1..=pair.1).contains(&pair.0).then_some(pair)
    });
    numbers.unwrap_or_else(|| panic!("KCONFIG_LINT_TURN is written K/N, not {text}"))
}

/// Every file below `root` that `wanted` takes, sorted: its path relative to `root` and its
/// bytes.
pub(crate) fn files(root: &Path, wanted: impl Fn(&str) -> bool) -> Vec<(String, Arc<[u8]>)> {
    let walk = walkdir::WalkDir::new(root).sort_by_file_name();
    walk.into_iter()
        .map(|entry| entry.expect("a readable tree"))
        .filter(|entry| entry.file_type().is_file())
        .filter_map(|entry| {
            let path = entry.path().strip_prefix(root).ok()?.to_str()?.to_owned();
            wanted(&path).then(|| {
                let bytes = fs::read(entry.path()).expect("a readable file");
                (path, bytes.into())
            })
        })
        .collect()
}
