// SPDX-License-Identifier: MIT OR Apache-2.0
//! A witness as files for a person: their names, and how to see the finding again.
//!
//! This makes texts; writing them is the command line's affair. The lines of a `.config` come
//! from `logic/`.

mod command;

use std::collections::BTreeSet;
use std::path::Path;

use super::fingerprint::fingerprints;
use super::{json, safe, words};
use crate::diagnostic::{Data, Diagnostic};
use crate::menu::command::variable_key;
use crate::session::{Outcome, Written};
use crate::tree::{Kind, Tool};

/// The first line of the instructions: a folder is ours when its instructions start so.
pub const MARK: &str = "# Written by kconfig-lint: a configuration that shows a finding.";

/// The file of instructions.
pub const INSTRUCTIONS: &str = "reproduce.txt";
/// The user's values alone.
pub const FRAGMENT: &str = "fragment.config";
/// The whole configuration.
pub const FULL: &str = "full.config";
/// The answers and variables it needs, as `--toolchain` reads them; only where it needs some.
pub const TOOLCHAIN: &str = "toolchain.json";

/// Letters of a folder's name before its fingerprint.
const MOST_LETTERS: usize = 150;

/// A folder's name for each finding: the pair, its kind where it is not the usual one, the
/// architecture. Names that would be equal or too long end in the finding's fingerprint.
pub fn folders(outcome: &Outcome) -> Vec<String> {
    let marks = fingerprints(&outcome.findings, &outcome.files);
    let mut seen = BTreeSet::new();
    let named = outcome.findings.iter().zip(marks).map(|(finding, mark)| {
        let mut name: String = folder(finding)
            .chars()
            .map(|letter| match letter {
                'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' => letter,
                _ => '_',
            })
            .collect();
        if name.len() > MOST_LETTERS || seen.contains(&name) {
            name.truncate(MOST_LETTERS);
            name = format!("{name}-{mark}");
        }
        seen.insert(name.clone());
        name
    });
    named.collect()
}

fn folder(finding: &Diagnostic) -> String {
    let mut parts = Vec::new();
    match &finding.data {
        Data::Unmet {
            selector,
            selectee,
            level,
            ..
        } => {
            parts.push(format!("{selector}-selects-{selectee}"));
            if *level != "off" {
                parts.push((*level).to_owned());
            }
        }
        Data::Policy {
            policy,
            selector,
            selectee,
            ..
        } => {
            parts.push(format!("{selector}-selects-{selectee}"));
            parts.push(format!("policy-{policy}"));
        }
        Data::None | Data::Cycle { .. } => {
            parts.push(finding.rule.to_owned());
            parts.extend(finding.symbol.clone());
        }
    }
    let architecture = finding.witness.iter().map(|it| it.architecture.clone());
    parts.extend(architecture.filter(|name| !name.is_empty()));
    parts.join("-")
}

/// All files of a finding's witness in a tree of this kind with this first file, by name. `folder` is where
/// they will lie.
pub fn files(
    finding: &Diagnostic,
    written: &Written,
    (kind, root_file): (Kind, &str),
    folder: &Path,
) -> Vec<(&'static str, String)> {
    let mut files = vec![
        (
            INSTRUCTIONS,
            instructions(finding, written, (kind, root_file), folder),
        ),
        (FRAGMENT, written.fragment.clone()),
        (FULL, written.config.clone()),
    ];
    let mut recorded = written.needed.clone();
    let variables = written.variables.iter();
    recorded.extend(variables.map(|(name, value)| (variable_key(name), value.clone())));
    if !recorded.is_empty() {
        let mut bytes = Vec::new();
        // Writing to memory does not fail.
        let _ = json::answers(&recorded, &mut bytes);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        files.push((TOOLCHAIN, text));
    }
    files
}

fn instructions(
    finding: &Diagnostic,
    written: &Written,
    (kind, root_file): (Kind, &str),
    folder: &Path,
) -> String {
    let place = |name: &str| words::quoted(&folder.join(name).to_string_lossy());
    let tool = kind.dialect().tool;
    let program = tool.name();
    let mut text = format!("{MARK}\n\n{}\n\n", safe::line(&finding.message));
    match command::command(written, kind, root_file, &place(FRAGMENT)) {
        Some(command) => {
            text.push_str(&format!("In the tree:\n\n    {command}\n\n"));
            let remark = command::remark(kind).map(|remark| format!("{remark}\n\n"));
            text.extend(remark);
        }
        None => text.push_str(&format!(
            "Have the tree's conf read {} as KCONFIG_ALLCONFIG, with {}.\n\n",
            place(FRAGMENT),
            // Its conf knows no long options, and says what is unmet in one line.
            if kind == Kind::UClibc {
                "-A"
            } else {
                "--alldefconfig"
            }
        )),
    }
    if !written.variables.is_empty() {
        let variables = words::environment(&written.variables).join(", ");
        let variables = safe::line(&variables);
        text.push_str(&format!(
            "{program} has to see this environment, in which an empty variable is unset: \
             {variables}.\n\n"
        ));
    }
    text.push_str(&expectation(finding, kind));
    if !written.needed.is_empty() {
        text.push_str(&format!(
            "\nIt takes a toolchain that answers as {TOOLCHAIN} says:\n\n"
        ));
        let mut lines = words::tools(&written.needed);
        lines.extend(words::answers(&written.needed));
        for line in lines {
            text.push_str(&format!("    {}\n", safe::line(&line)));
        }
        text.push_str(&format!(
            "\nWith another, {program} may be silent. kconfig-lint takes these answers with\n\n    \
             kconfig-lint check --toolchain {}\n",
            place(TOOLCHAIN)
        ));
    }
    text.push_str(&format!(
        "\n{FRAGMENT} holds what the user sets, {FULL} the .config that {program} makes of it.\n"
    ));
    text
}

fn expectation(finding: &Diagnostic, kind: Kind) -> String {
    let tool = kind.dialect().tool;
    let text = match &finding.data {
        Data::Unmet {
            selector,
            selectee,
            level,
            ..
        } => {
            let direct = if *level == "off" { "n" } else { "m" };
            match tool {
                Tool::Conf if kind == Kind::UClibc => format!(
                    "conf then warns:\n\n    warning: ({selector} …) selects {selectee} which has \
                     unmet direct dependencies (…)\n"
                ),
                Tool::Conf => format!(
                    "conf then warns:\n\n    WARNING: unmet direct dependencies detected for \
                 {selectee}\n      Depends on [{direct}]: …\n      Selected by […]:\n      - \
                 {selector} …\n"
                ),
                Tool::Kconfiglib | Tool::EspIdfKconfig => format!(
                    "{} then warns:\n\n    warning: {selectee} (defined at …) has direct \
                     dependencies … with value {direct}, but is\n    currently being …-selected by \
                     the following symbols:\n     - {selector} …\n",
                    tool.name()
                ),
                Tool::Minikconf => {
                    format!(
                        "minikconf then refuses the configuration:\n\n    KconfigDataError: \
                         contradiction between clauses when setting {selectee}\n\nWhere something \
                         else contradicts itself as well, it can name that.\n"
                    )
                }
            }
        }
        Data::Policy {
            policy,
            selector,
            selectee,
            missing,
            ..
        } => format!(
            "conf knows nothing of policies and says nothing. In the .config, {selector} is on and \
             selects {selectee},\nwhile {} is not met, which policy {policy} requires.\n",
            missing.join(" && ")
        ),
        Data::None | Data::Cycle { .. } => String::new(),
    };
    let lines = text.lines().map(|line| safe::line(line) + "\n");
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(needed: &[(&str, &str)], variables: &[(&str, &str)]) -> Written {
        let pairs = |pairs: &[(&str, &str)]| {
            let owned = pairs
                .iter()
                .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
            owned.collect()
        };
        Written {
            fragment: "CONFIG_A=y\n".to_owned(),
            config: "CONFIG_A=y\nCONFIG_B=y\n".to_owned(),
            needed: pairs(needed),
            variables: pairs(variables),
            answers: pairs(needed),
            environment: pairs(&[("ARCH", "um"), ("SUBARCH", "x86"), ("CC", "gcc")]),
        }
    }

    fn finding() -> Diagnostic {
        let level = crate::diagnostic::Level::Deny;
        let mut finding = Diagnostic::global("unmet-dependency", level, "A selects B".to_owned());
        finding.data = Data::Unmet {
            selector: "A".to_owned(),
            selectee: "B/..".to_owned(),
            condition: None,
            missing: Vec::new(),
            level: "module",
        };
        finding.witness = Some(crate::diagnostic::Witness {
            architecture: "um".to_owned(),
            ..Default::default()
        });
        finding
    }

    #[test]
    fn the_conf_of_uclibc_has_words_and_options_of_its_own() {
        let place = Path::new("/w");
        let root = (Kind::UClibc, "extra/Configs/Config.in");
        let text = instructions(&finding(), &written(&[], &[]), root, place);
        assert!(text.contains("with -A.\n"), "{text}");
        assert!(
            text.contains("warning: (A …) selects B/.. which has unmet"),
            "{text}"
        );
        let text = instructions(
            &finding(),
            &written(&[], &[]),
            (Kind::BusyBox, "Config.in"),
            place,
        );
        assert!(text.contains("with --alldefconfig.\n"), "{text}");
        assert!(
            text.contains("WARNING: unmet direct dependencies"),
            "{text}"
        );
    }

    #[test]
    fn a_person_gets_the_command_and_what_to_expect() {
        let needed = [("uname -m", "arm")];
        let files = files(
            &finding(),
            &written(&needed, &[]),
            (Kind::Linux, "Kconfig"),
            Path::new("/out dir"),
        );
        let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, [INSTRUCTIONS, FRAGMENT, FULL, TOOLCHAIN]);
        let text = &files[0].1;
        assert!(text.starts_with(MARK), "{text}");
        for part in [
            "make ARCH=um SUBARCH=x86 KCONFIG_ALLCONFIG='/out dir/fragment.config' alldefconfig",
            "detected for B/..",
            "Depends on [m]",
            "- A …",
            "`uname -m` prints `arm`",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
        let toolchain = crate::menu::Toolchain::from_json(files[3].1.as_bytes()).expect("JSON");
        assert_eq!(toolchain.answers, written(&needed, &[]).answers);
    }

    #[test]
    fn nothing_is_said_about_a_toolchain_that_does_not_matter() {
        let files = files(
            &finding(),
            &written(&[], &[]),
            (Kind::Linux, "Kconfig"),
            Path::new("/out"),
        );
        assert_eq!(files.len(), 3);
        assert!(!files[0].1.contains("toolchain"), "{}", files[0].1);
    }

    #[test]
    fn the_environment_is_part_of_the_command() {
        let variables = [("HOSTARCH", "x86_64"), ("HOST_MACHINE", "")];
        let written = written(&[], &variables);
        let files = files(
            &finding(),
            &written,
            (Kind::Linux, "Kconfig"),
            Path::new("/out"),
        );
        let text = &files[0].1;
        for part in [
            "env -u HOST_MACHINE make HOSTARCH=x86_64 ARCH=um ",
            "an empty variable is unset: HOSTARCH=x86_64, HOST_MACHINE=\"\".",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
        let toolchain = crate::menu::Toolchain::from_json(files[3].1.as_bytes()).expect("JSON");
        assert_eq!(toolchain.answers["$(HOSTARCH)"], "x86_64");
    }

    #[test]
    fn the_command_is_one_of_the_project() {
        let mut written = written(&[], &[("HOST", "pc"), ("OTHER", "")]);
        written.environment = [("IDF_PATH", "."), ("IDF_TARGET", "chip")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        let command = |kind| command::command(&written, kind, "Kconfig", "f").unwrap_or_default();
        for (kind, expected) in [
            (
                Kind::Buildroot,
                "make HOST=pc KCONFIG_ALLCONFIG=f alldefconfig",
            ),
            (
                Kind::OpenWrt,
                "cp f .config && env -u OTHER make HOST=pc defconfig",
            ),
            (
                Kind::NuttX,
                "HOST=pc KCONFIG_ALLCONFIG=f KCONFIG_CONFIG=$(mktemp) alldefconfig Kconfig",
            ),
            (
                Kind::Zephyr,
                "west build -p -b BOARD APPLICATION -- -DEXTRA_CONF_FILE=f",
            ),
            (
                Kind::EspIdf,
                "IDF_TARGET=chip IDF_PATH=\"$PWD\" HOST=pc python3 -m kconfgen --kconfig Kconfig",
            ),
            (
                Kind::Qemu,
                "python3 scripts/minikconf.py --defconfig /dev/null /dev/null CONFIG_A=y Kconfig",
            ),
            (Kind::Generic, ""),
        ] {
            let found = command(kind);
            assert!(found.contains(expected), "{expected} is not in {found}");
            assert_eq!(found.is_empty(), expected.is_empty());
        }
    }

    #[test]
    fn a_name_leads_nowhere() {
        assert_eq!(folder(&finding()), "A-selects-B/..-module-um");
    }
}
