// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a located tree is like: its architectures, its environment, its dialect.
//!
//! Kconfig files are searched here by line, not parsed: all that counts is which files are
//! sourced, and whether a path names SRCARCH.

use std::collections::{BTreeMap, BTreeSet};

use super::behaviour::{self, contains};
use super::dialect::Targets;
use super::locate::Located;
use super::{
    Architecture, Behaviour, ChoiceForm, Kind, Overrides, Project, VersionScripts, makefile, signs,
};
use crate::source::{Reader, normalize_up};

/// How many `source` statements away from the root a tree may say that it has architectures.
/// Linux says so at two, Xen and barebox at none.
const MAX_DEPTH: usize = 4;

/// How many files are searched for that.
const MAX_FILES: usize = 5000;

/// Describes the tree that `reader` holds.
pub fn detect(reader: &dyn Reader, located: &Located, overrides: &Overrides) -> Project {
    let kind = kind(reader, located, overrides);
    let found = behaviour::find(reader, kind);
    let survey = survey(reader, &located.root_file, found.certain);
    let environment = environment(reader, kind, overrides);
    let targets = kind.dialect().targets;
    let targets = targets.filter(|it| !overrides.environment.contains_key(it.variable));
    let architectures = match targets.map(|it| (it, folders_with(reader, it.folder, it.mark))) {
        Some((it, names)) if !names.is_empty() => targets_of(&names, it, &environment, overrides),
        _ => architectures(reader, &survey, &environment, overrides),
    };
    let guessed = survey.old_choices && !found.certain;
    let mut behaviour = if guessed {
        Behaviour::OLD
    } else {
        found.behaviour
    };
    if let Some(choices) = overrides.choices {
        behaviour.choices = choices;
        if !found.certain && choices == ChoiceForm::Old {
            behaviour = Behaviour::OLD;
        }
    }
    let given = overrides.environment.get("CONFIG_").cloned();
    let prefix = given.unwrap_or_else(|| kind.dialect().prefix.to_owned());
    Project {
        kind,
        root_file: located.root_file.clone(),
        is_whole: !located.alone,
        architectures,
        prefix,
        behaviour,
        grammar: found.grammar,
        dollar_variables: found.dollar_variables,
        macros: found.macros,
        scripts: VersionScripts::find(reader),
        settings: overrides.settings.clone(),
    }
}

/// The kind, which the files of a tree tell where nothing around them does.
fn kind(reader: &dyn Reader, located: &Located, overrides: &Overrides) -> Kind {
    let is_open = located.kind == Kind::Generic && overrides.kind.is_none();
    if !is_open || behaviour::has_sources(reader) {
        return located.kind;
    }
    survey(reader, &located.root_file, false)
        .told
        .unwrap_or(located.kind)
}

/// A file as text; what is not UTF-8 in it is replaced.
pub(super) fn read_text(reader: &dyn Reader, path: &str) -> Option<String> {
    let bytes = reader.read(path).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// What a look through the first files of a tree shows.
#[derive(Default)]
struct Survey {
    srcarch: bool,
    old_choices: bool,
    /// The kind that a file tells.
    told: Option<Kind>,
}

/// Follows `source` from the root, level by level, until SRCARCH is found. The syntax of choices
/// is looked at only where nothing better tells.
fn survey(reader: &dyn Reader, root_file: &str, certain: bool) -> Survey {
    let mut survey = Survey::default();
    let mut seen = BTreeSet::new();
    let mut level = vec![root_file.to_owned()];
    for _ in 0..MAX_DEPTH {
        let mut next = Vec::new();
        for path in level {
            let Some(path) = normalize_up(&path) else {
                continue;
            };
            if seen.len() >= MAX_FILES || !seen.insert(path.clone()) {
                continue;
            }
            let Ok(text) = reader.read(&path) else {
                continue;
            };
            let says = |word: &str| contains(&text, word.as_bytes());
            if !says("source") && !says("choice") && (certain || !says("$(") && !says("\\\n")) {
                continue;
            }
            let text = String::from_utf8_lossy(&text);
            if !certain {
                let told = signs::kind_of(&text);
                // Zephyr is read by kconfiglib too, and has its functions besides.
                survey.told = told
                    .filter(|kind| *kind == Kind::Zephyr)
                    .or(survey.told)
                    .or(told);
            }
            survey.old_choices |= !certain && behaviour::uses_old_choices(&text);
            for sourced in text.lines().filter_map(|line| sourced(line, &path)) {
                if names_srcarch(&sourced) {
                    survey.srcarch = true;
                    if certain {
                        return survey;
                    }
                } else {
                    next.push(sourced);
                }
            }
        }
        level = next;
    }
    survey
}

/// The path of a `source` line, in the tree.
fn sourced(line: &str, including: &str) -> Option<String> {
    let line = line.trim();
    let (keyword, rest) = line.split_once([' ', '\t', '"', '\''])?;
    let relative = match keyword {
        "source" | "osource" => false,
        "rsource" | "orsource" => true,
        _ => return None,
    };
    let path = rest.trim_matches([' ', '\t', '"', '\'']);
    let path = path.strip_prefix("$(srctree)/").unwrap_or(path);
    match including.rsplit_once('/') {
        Some((folder, _)) if relative => Some(format!("{folder}/{path}")),
        _ => Some(path.to_owned()),
    }
}

fn names_srcarch(path: &str) -> bool {
    ["$(SRCARCH)", "${SRCARCH}", "$SRCARCH"]
        .iter()
        .any(|name| path.contains(name))
}

/// The names of the folders in `folder` that hold this file.
fn folders_with(reader: &dyn Reader, folder: &str, mark: &str) -> Vec<String> {
    let names = reader.list(folder);
    let names = names.iter().filter_map(|name| name.strip_suffix('/'));
    names
        .filter(|name| reader.exists(&format!("{folder}/{name}/{mark}")))
        .map(str::to_owned)
        .collect()
}

/// One for each target, which a variable names.
fn targets_of(
    names: &[String],
    targets: Targets,
    environment: &BTreeMap<String, String>,
    overrides: &Overrides,
) -> Vec<Architecture> {
    let target = |name: &String| {
        let mut environment = environment.clone();
        environment.insert(targets.variable.to_owned(), name.clone());
        if let Some(variable) = targets.path_variable {
            environment.insert(variable.to_owned(), format!("{}/{name}", targets.folder));
        }
        environment.extend(overrides.environment.clone());
        Architecture {
            name: name.clone(),
            environment,
        }
    };
    names.iter().map(target).collect()
}

/// One for each folder under `arch/` with a Kconfig file, or a nameless one.
fn architectures(
    reader: &dyn Reader,
    survey: &Survey,
    environment: &BTreeMap<String, String>,
    overrides: &Overrides,
) -> Vec<Architecture> {
    let folders: Vec<String> = if survey.srcarch {
        folders_with(reader, "arch", "Kconfig")
    } else {
        Vec::new()
    };
    let architecture = |name: &str| {
        let mut environment = environment.clone();
        if !name.is_empty() {
            environment.insert("ARCH".to_owned(), name.to_owned());
            environment.insert("SRCARCH".to_owned(), name.to_owned());
        }
        // User mode Linux takes its files from the machine it runs on (arch/um/Makefile).
        if name == "um" {
            for variable in ["SUBARCH", "HEADER_ARCH"] {
                environment.insert(variable.to_owned(), "x86".to_owned());
            }
        }
        environment.extend(overrides.environment.clone());
        Architecture {
            name: name.to_owned(),
            environment,
        }
    };
    if folders.is_empty() {
        return vec![architecture("")];
    }
    folders.iter().map(|name| architecture(name)).collect()
}

/// What the tree's make would export, with neutral names for tools: the same on each machine.
fn environment(reader: &dyn Reader, kind: Kind, overrides: &Overrides) -> BTreeMap<String, String> {
    const TOOLS: [(&str, &str); 15] = [
        ("AR", "ar"),
        ("BINDGEN", "bindgen"),
        ("CC", "gcc"),
        ("CPP", "gcc -E"),
        ("HOSTCC", "gcc"),
        ("HOSTCXX", "g++"),
        ("LD", "ld"),
        ("NM", "nm"),
        ("OBJCOPY", "objcopy"),
        ("OBJDUMP", "objdump"),
        ("PAHOLE", "pahole"),
        ("PYTHON3", "python3"),
        ("READELF", "readelf"),
        ("RUSTC", "rustc"),
        ("STRIP", "strip"),
    ];
    let mut environment: BTreeMap<String, String> = TOOLS
        .iter()
        .map(|(name, tool)| ((*name).to_owned(), (*tool).to_owned()))
        .collect();
    let mut set = |name: &str, value: &str| environment.insert(name.to_owned(), value.to_owned());
    set("srctree", ".");
    set("objtree", ".");
    let makefile = read_text(reader, "Makefile").unwrap_or_default();
    if let Some(version) = makefile::version(&makefile) {
        set("KERNELVERSION", &version);
        if kind == Kind::UBoot {
            set("UBOOTVERSION", &version);
        }
    }
    let dialect = kind.dialect();
    let start = dialect.start_variable;
    let start = start.and_then(|it| overrides.environment.get(it));
    // An absolute folder may be one that the tree reaches.
    let start = start.map(|it| reader.inside(it).unwrap_or_else(|| it.clone()));
    let is_there = |mark: &str| {
        let elsewhere = start.as_ref().map(|folder| format!("{folder}/{mark}"));
        reader.exists(mark) || elsewhere.is_some_and(|path| reader.exists(&path))
    };
    for variable in dialect.base_variables {
        if is_there(variable.mark) {
            set(variable.name, variable.value);
        }
    }
    environment
}
