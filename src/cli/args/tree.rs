// SPDX-License-Identifier: MIT OR Apache-2.0
//! The arguments that say which tree is analysed and how it is read.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;

use super::super::paths;
use super::values::Words;
use crate::config::Root;
use crate::logic::Effort;
use crate::source::near;
use crate::tree::Kind;

/// What is analysed, and how it is read.
#[derive(Args, Clone, Default, Debug)]
#[command(next_help_heading = "Tree")]
pub(in crate::cli) struct TreeArgs {
    /// Architectures to analyse [default: all]
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', value_parser = architecture)]
    arch: Vec<String>,
    /// Neither read nor write what runs keep for later ones
    #[arg(long, hide_short_help = true)]
    pub(in crate::cli) no_cache: bool,
    /// Answers to the tree's commands [default: unknown]
    ///
    /// `symbolic`: unknown, so every answer is considered. `probe`: the answers of this machine,
    /// which runs code of the tree. Else a FILE that the command `toolchain` wrote.
    #[arg(
        long,
        value_name = "HOW",
        default_value = "symbolic",
        hide_default_value = true,
        hide_possible_values = true,
        value_parser = Words { parse: toolchain, names: || vec!["symbolic", "probe"] },
        value_hint = clap::ValueHint::FilePath
    )]
    pub(in crate::cli) toolchain: Toolchain,
    /// The kind of tree, instead of the one that is detected
    #[arg(
        long = "tree",
        value_name = "KIND",
        hide_short_help = true,
        value_parser = Words { parse: kind, names: || Kind::NAMES.map(|(_, name)| name).to_vec() }
    )]
    pub(in crate::cli) kind: Option<Kind>,
    /// The root file, instead of the one that is detected
    ///
    /// FILE lies in a folder around PATH. Otherwise, and with `./` before it, FILE is where it says, and PATH may lie
    /// beside its tree. Where the settings list several roots, FILE can be the name of one.
    #[arg(long = "root", value_name = "FILE", hide_short_help = true)]
    pub(in crate::cli) root_file: Option<PathBuf>,
    /// A variable of the environment that the tree sees
    #[arg(
        long = "env",
        value_name = "NAME=VALUE",
        value_parser = variable,
        hide_short_help = true
    )]
    pub(in crate::cli) environment: Vec<(String, String)>,
    /// Conflicts of the solver after which a question is undecided [default: 5000]
    ///
    /// A search that takes longer than this many conflicts is given up, and the rule `undecided` names the
    /// select. The number means the same on every machine. It can stand in kconfig-lint.toml as
    /// `effort`.
    #[arg(long, value_name = "N", hide_short_help = true, value_parser = effort)]
    pub(in crate::cli) effort: Option<Effort>,
    /// Memory in MB that the run may hold [default: 4096]
    ///
    /// A run that needs more says so and ends with status 2. Only Linux tells how much it is.
    #[arg(
        long,
        value_name = "MB",
        default_value_t = 4096,
        hide_default_value = true,
        hide_short_help = true,
        value_parser = memory
    )]
    pub(in crate::cli) memory: u32,
    /// Threads to use [default: one for each processor]
    #[arg(short, long, value_name = "N", hide_short_help = true, value_parser = jobs)]
    pub(in crate::cli) jobs: Option<NonZeroUsize>,
    /// The file of the settings that list the tree as one of several.
    #[arg(skip)]
    pub(in crate::cli) settings: Option<String>,
}

impl TreeArgs {
    /// The architectures that were asked for; `None` for all.
    pub(in crate::cli) fn architectures(&self) -> Option<&[String]> {
        let all = self.arch.is_empty() || self.arch.iter().any(|name| name == "all");
        (!all).then_some(&self.arch)
    }

    /// The same with what the settings say of a root; what the command line says counts more.
    pub(in crate::cli) fn of_root(&self, root: &Root) -> TreeArgs {
        let given = self.environment.iter().cloned();
        TreeArgs {
            kind: self.kind.or(root.kind),
            root_file: root.file.as_ref().map(PathBuf::from),
            settings: Some(root.settings()),
            environment: root.environment.iter().cloned().chain(given).collect(),
            ..self.clone()
        }
    }

    /// The options but the architectures, for a command that starts in the folder of the tree.
    pub(in crate::cli) fn repeated(&self, root: &Path) -> Vec<String> {
        let mut words = Vec::new();
        let mut add = |option: &str, value: String| words.extend([option.to_owned(), value]);
        if let Some(kind) = self.kind {
            add("--tree", kind.name().to_owned());
        }
        if let Some(file) = &self.root_file {
            // Settings that list roots are found from the folder of the tree.
            match (root.join(file).exists(), file.is_file()) {
                (true, _) => add("--root", file.to_string_lossy().into_owned()),
                (false, true) => {
                    let file = paths::from_folder(root, file);
                    let is_exact = file.starts_with("../") || file.starts_with('/');
                    let start = if is_exact { "" } else { "./" };
                    add("--root", format!("{start}{file}"));
                }
                (false, false) => {}
            }
        }
        for (name, value) in &self.environment {
            add("--env", format!("{name}={value}"));
        }
        if let Some(effort) = self.effort {
            add("--effort", effort.conflicts().to_string());
        }
        match &self.toolchain {
            Toolchain::Symbolic => {}
            Toolchain::Probe => add("--toolchain", "probe".to_owned()),
            Toolchain::Recorded(file) => add("--toolchain", paths::from_folder(root, file)),
        }
        words
    }
}

/// Where answers to the commands of a tree come from.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(in crate::cli) enum Toolchain {
    /// Nowhere: they are unknowns.
    #[default]
    Symbolic,
    /// This machine: the commands are run.
    Probe,
    /// A file of recorded answers.
    Recorded(PathBuf),
}

fn architecture(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("name an architecture, or leave the option out for all".to_owned()),
        name => Ok(name.to_owned()),
    }
}

fn jobs(text: &str) -> Result<NonZeroUsize, String> {
    let number = text.parse().ok().and_then(NonZeroUsize::new);
    number.ok_or_else(|| "write a number of threads, 1 or more".to_owned())
}

fn memory(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| "write a number of megabytes, 1 or more".to_owned())
}

fn effort(text: &str) -> Result<Effort, String> {
    let number = text.parse().ok().map(Effort::new);
    number.ok_or_else(|| format!("write a number of conflicts from 1 to {}", u32::MAX))
}

fn toolchain(text: &str) -> Result<Toolchain, String> {
    match text {
        "symbolic" => Ok(Toolchain::Symbolic),
        "probe" => Ok(Toolchain::Probe),
        file => Ok(Toolchain::Recorded(file.into())),
    }
}

fn kind(text: &str) -> Result<Kind, String> {
    Kind::from_name(text).ok_or_else(|| {
        let names = Kind::NAMES.map(|(_, name)| name);
        format!("one of {}{}", names.join(", "), near::hint(text, names))
    })
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE".to_owned()),
    }
}
