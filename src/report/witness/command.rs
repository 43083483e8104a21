// SPDX-License-Identifier: MIT OR Apache-2.0
//! The command with which a person sees a finding again: that of the project, with what the project
//! calls its own tools. Where a project has none, there is none.

use crate::report::{safe, words};
use crate::session::Written;
use crate::tree::{Kind, Tool};

/// What to do, for a person; `None` where no command is known. `fragment` is the file with the user's
/// values, in quotes where these are needed, and `root_file` the tree's first file.
pub(super) fn command(
    written: &Written,
    kind: Kind,
    root_file: &str,
    fragment: &str,
) -> Option<String> {
    let root_file = words::quoted(root_file);
    let text = match (kind, kind.dialect().tool) {
        (Kind::Linux | Kind::UBoot | Kind::Buildroot | Kind::Coreboot, _) => {
            format!(
                "{} KCONFIG_ALLCONFIG={fragment} alldefconfig",
                make(written)
            )
        }
        (Kind::OpenWrt, _) => format!("cp {fragment} .config && {} defconfig", make(written)),
        (Kind::Zephyr, _) => format!(
            "{}west build -p -b BOARD APPLICATION -- -DEXTRA_CONF_FILE={fragment}",
            environment(written, kind, false)
        ),
        (_, Tool::Kconfiglib) => format!(
            "{}KCONFIG_ALLCONFIG={fragment} KCONFIG_CONFIG=$(mktemp) alldefconfig {root_file}",
            environment(written, kind, true)
        ),
        (_, Tool::EspIdfKconfig) => format!(
            "{}python3 -m kconfgen --kconfig {root_file} --config {fragment} \
             --output config $(mktemp)",
            environment(written, kind, true)
        ),
        (_, Tool::Minikconf) => format!(
            "python3 scripts/minikconf.py --defconfig /dev/null /dev/null {} {root_file}",
            assignments(written)
        ),
        (_, Tool::Conf) => return None,
    };
    Some(safe::line(&text))
}

/// The user's values as words for minikconf, which has no other way to say n.
fn assignments(written: &Written) -> String {
    let lines = written.fragment.lines();
    let words = lines.filter_map(|line| match line.strip_prefix("# ") {
        Some(unset) => Some(format!("{}=n", unset.strip_suffix(" is not set")?)),
        None => Some(line.to_owned()),
    });
    words.collect::<Vec<String>>().join(" ")
}

/// What the command leaves to the person.
pub(super) fn remark(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Zephyr => Some(
            "BOARD and APPLICATION are any that have these symbols; west runs the Kconfig stage first.",
        ),
        Kind::EspIdf => Some(
            "kconfgen belongs to esp-idf-kconfig, which is in the Python environment of ESP-IDF \
             (export.sh).",
        ),
        _ if kind.dialect().tool == Tool::Kconfiglib => {
            Some("alldefconfig belongs to the Python package kconfiglib.")
        }
        _ => None,
    }
}

/// `make` with what it has to be told of the environment.
fn make(written: &Written) -> String {
    /// What is given to make where it is not what make itself would take.
    const VARIABLES: [(&str, &str); 6] = [
        ("ARCH", ""),
        ("SUBARCH", ""),
        ("CC", "gcc"),
        ("LD", "ld"),
        ("RUSTC", "rustc"),
        ("PAHOLE", "pahole"),
    ];
    let mut command = unset(written);
    // What make is told by name reaches conf whatever the makefiles say.
    command.push_str("make");
    for (name, value) in written.variables.iter().filter(|(_, it)| !it.is_empty()) {
        command.push_str(&format!(" {name}={}", words::quoted(value)));
    }
    for (name, usual) in VARIABLES {
        let value = written.environment.get(name);
        if let Some(value) = value.filter(|value| *value != usual) {
            command.push_str(&format!(" {name}={}", words::quoted(value)));
        }
    }
    command
}

/// The variables of the environment in front of a command. With `all`, those that the project's build
/// sets are among them.
fn environment(written: &Written, kind: Kind, all: bool) -> String {
    let dialect = kind.dialect();
    let mut command = unset(written);
    let of_build = dialect.base_variables.iter().map(|it| it.name);
    let of_build = of_build.filter(|_| all);
    let target = dialect.targets.map(|it| it.variable);
    let names = target.into_iter().filter(|_| all).chain(of_build);
    for (name, value) in names.filter_map(|name| Some((name, written.environment.get(name)?))) {
        let value = match &**value {
            "." => "\"$PWD\"".to_owned(),
            value => words::quoted(value),
        };
        command.push_str(&format!("{name}={value} "));
    }
    for (name, value) in written.variables.iter().filter(|(_, it)| !it.is_empty()) {
        command.push_str(&format!("{name}={} ", words::quoted(value)));
    }
    command
}

/// Takes away the variables that must not be set.
fn unset(written: &Written) -> String {
    let mut names = written.variables.iter().filter(|(_, it)| it.is_empty());
    let Some((first, _)) = names.next() else {
        return String::new();
    };
    let rest: String = names.map(|(name, _)| format!("-u {name} ")).collect();
    format!("env -u {first} {rest}")
}
