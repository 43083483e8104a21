// SPDX-License-Identifier: MIT OR Apache-2.0
//! The arguments, as clap reads them. Names are those of interface.md.
//!
//! Values are checked here as far as no tree is needed for it.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::levels::LevelArgs;
use super::paths;
use crate::diagnostic::{Applicability, Diagnostic};
use crate::rules::{RULES, Rule, near, registry};
use crate::tree::Kind;

/// Finds every unmet dependency in a Kconfig tree, for all configurations of all architectures.
#[derive(Parser, Debug)]
#[command(name = "kconfig-lint", version, args_conflicts_with_subcommands = true)]
#[command(
    after_help = "Exit status: 0 nothing at deny level, 1 findings at deny level, \
                        2 the run itself failed."
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) check: CheckArgs,
}

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Lint the tree around PATH; the default command
    Check(CheckArgs),
    /// Print the text for a finding's patch
    Fix(FixArgs),
    /// Draw the neighbourhood of a symbol
    Graph(GraphArgs),
    /// Say how a symbol can be on, or why it never can
    Why(WhyArgs),
    /// Show the documentation of a rule
    Explain(ExplainArgs),
    /// List the rules
    Rules(RulesArgs),
    /// Write kconfig-lint.toml and print the lines that hooks need
    Init(InitArgs),
    /// Make one report of several, in JSON or SARIF
    Merge(MergeArgs),
    /// Run the tree's commands on this machine and record their answers, for --toolchain FILE
    Toolchain(ToolchainArgs),
}

#[derive(Args, Debug)]
pub(super) struct CheckArgs {
    /// Show findings that lie under these; the whole tree around them is analysed
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) levels: LevelArgs,
    /// How findings are written [default: human on a terminal, else short]
    #[arg(long, value_enum)]
    pub(super) format: Option<Format>,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(super) color: Color,
    /// Only findings: no totals, no progress
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Also say why a select is safe where only its architecture makes it so; abridge nothing
    #[arg(short, long)]
    pub(super) verbose: bool,
    /// Whether to show progress on standard error
    #[arg(long, value_enum, default_value_t = Progress::Auto, value_name = "WHEN")]
    pub(super) progress: Progress,
    /// Write for each finding a configuration that shows it, and how to see it again
    #[arg(long, value_name = "DIR")]
    pub(super) witness: Option<PathBuf>,
    /// Have the tree's own conf judge each finding (builds and runs code of the tree)
    #[arg(long)]
    pub(super) confirm: bool,
    /// Do not show the findings that are known from this file
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    /// Write what is found to this file: it is known from now on
    #[arg(long, value_name = "FILE")]
    pub(super) write_baseline: Option<PathBuf>,
    #[command(flatten)]
    pub(super) fix: ApplyArgs,
    #[command(flatten)]
    pub(super) source: SourceArgs,
    #[command(flatten)]
    pub(super) tree: TreeArgs,
}

/// Where the tree comes from, if not from the disk, and what it is compared with.
#[derive(Args, Debug, Default)]
#[group(multiple = true, conflicts_with_all = ["witness", "confirm", "write_baseline"])]
pub(super) struct SourceArgs {
    /// Read the tree of a revision from git's objects, without a checkout
    #[arg(long, value_name = "REV", conflicts_with_all = ["staged", "range", "patch", "fix", "fix_unsafe", "diff"])]
    pub(super) rev: Option<String>,
    /// The repository to read, a bare one too [default: the one around PATH]
    #[arg(long, value_name = "DIR", conflicts_with_all = ["staged", "fix", "fix_unsafe", "diff"])]
    pub(super) git_dir: Option<PathBuf>,
    /// Report what the index brings against HEAD: what a pre-commit hook needs
    #[arg(long, conflicts_with_all = ["range", "patch"])]
    pub(super) staged: bool,
    /// Keep nothing of --staged for the next time, and use nothing that was kept
    #[arg(long)]
    pub(super) no_cache: bool,
    /// Report what each commit of a series brings, without a checkout
    #[arg(long, value_name = "A..B", conflicts_with_all = ["patch", "fix", "fix_unsafe", "diff"])]
    pub(super) range: Option<String>,
    /// Report what each patch of a series brings: a diff, a mail, an mbox, or - for standard input
    #[arg(long, value_name = "FILE|-", conflicts_with_all = ["fix", "fix_unsafe", "diff"])]
    pub(super) patch: Option<PathBuf>,
    /// What the patches apply to [default: the base-commit of the mail, else the work tree]
    #[arg(long, value_name = "REV", requires = "patch")]
    pub(super) base: Option<String>,
}

impl SourceArgs {
    /// Whether the tree is not that of the disk.
    pub(super) fn is_elsewhere(&self) -> bool {
        self.compares() || self.rev.is_some() || self.git_dir.is_some()
    }

    /// Whether trees are compared.
    pub(super) fn compares(&self) -> bool {
        self.staged || self.range.is_some() || self.patch.is_some()
    }
}

/// What is done with the fixes of findings.
#[derive(Args, Debug)]
pub(super) struct ApplyArgs {
    /// Apply the fixes that are proved; the report is about what remains
    #[arg(long)]
    pub(super) fix: bool,
    /// Apply plausible fixes too
    #[arg(long)]
    pub(super) fix_unsafe: bool,
    /// Print what --fix, or --fix-unsafe, would change as a diff in place of the report, and
    /// change nothing
    #[arg(long, conflicts_with = "format")]
    pub(super) diff: bool,
}

impl ApplyArgs {
    /// What may be applied; `None` when nothing is to be.
    pub(super) fn threshold(&self) -> Option<Applicability> {
        match (self.fix_unsafe, self.fix || self.diff) {
            (true, _) => Some(Applicability::MaybeIncorrect),
            (false, true) => Some(Applicability::MachineApplicable),
            (false, false) => None,
        }
    }
}

impl CheckArgs {
    /// Whether progress is wanted.
    pub(super) fn shows_progress(&self) -> bool {
        self.progress == Progress::Auto && !self.quiet
    }
}

/// What is analysed, and how it is read.
#[derive(Args, Debug)]
pub(super) struct TreeArgs {
    /// Architectures to analyse [default: all that the tree has]
    #[arg(long, value_name = "all|NAME,…", value_delimiter = ',')]
    arch: Vec<String>,
    /// Answers to the commands of the tree: unknown, those of this machine (runs code of the
    /// tree), or recorded in a file
    #[arg(long, value_name = "symbolic|probe|FILE", default_value = "symbolic", value_parser = toolchain)]
    pub(super) toolchain: Toolchain,
    /// What the tree is, instead of what detection finds
    #[arg(long = "tree", value_name = "KIND", value_parser = kind)]
    pub(super) kind: Option<Kind>,
    /// The root file, instead of what detection finds
    #[arg(long = "root", value_name = "FILE")]
    pub(super) root_file: Option<PathBuf>,
    /// A variable of the environment that the tree sees
    #[arg(long = "env", value_name = "NAME=VALUE", value_parser = variable)]
    pub(super) environment: Vec<(String, String)>,
    /// Threads to use [default: one for each processor]
    #[arg(short, long, value_name = "N")]
    pub(super) jobs: Option<NonZeroUsize>,
}

impl TreeArgs {
    /// The architectures that were asked for; `None` for all.
    pub(super) fn architectures(&self) -> Option<&[String]> {
        let all = self.arch.is_empty() || self.arch.iter().any(|name| name == "all");
        (!all).then_some(&self.arch)
    }

    /// The options but the architectures, for a command that starts in the folder of the tree.
    pub(super) fn repeated(&self, root: &Path) -> Vec<String> {
        let mut words = Vec::new();
        let mut add = |option: &str, value: String| words.extend([option.to_owned(), value]);
        if let Some(kind) = self.kind {
            add("--tree", kind.name().to_owned());
        }
        if let Some(file) = &self.root_file {
            add("--root", file.to_string_lossy().into_owned());
        }
        for (name, value) in &self.environment {
            add("--env", format!("{name}={value}"));
        }
        match &self.toolchain {
            Toolchain::Symbolic => {}
            Toolchain::Probe => add("--toolchain", "probe".to_owned()),
            Toolchain::Recorded(file) => add("--toolchain", paths::from_folder(root, file)),
        }
        words
    }
}

#[derive(Args, Debug)]
pub(super) struct FixArgs {
    /// Take findings that lie under these; the whole tree around them is analysed
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
    pub(super) paths: Vec<PathBuf>,
    /// Print a commit message for each finding; nothing is committed
    #[arg(long, required = true)]
    pub(super) commit_message: bool,
    /// Only findings of this rule
    #[arg(long, value_name = "RULE", value_parser = rule)]
    rule: Option<&'static Rule>,
    /// Only findings about this symbol, without CONFIG_
    #[arg(long, value_name = "SYMBOL")]
    symbol: Option<String>,
    /// Whether to show progress on standard error
    #[arg(long, value_enum, default_value_t = Progress::Auto, value_name = "WHEN")]
    progress: Progress,
    #[command(flatten)]
    pub(super) tree: TreeArgs,
}

impl FixArgs {
    /// Whether progress is wanted.
    pub(super) fn shows_progress(&self) -> bool {
        self.progress == Progress::Auto
    }

    /// Whether a finding is asked for.
    pub(super) fn wants(&self, finding: &Diagnostic) -> bool {
        let is_named = |wanted: &String| finding.symbol.as_ref() == Some(wanted);
        self.rule.is_none_or(|rule| rule.name == finding.rule)
            && self.symbol.as_ref().is_none_or(is_named)
    }
}

#[derive(Args, Debug)]
pub(super) struct GraphArgs {
    /// The symbol in the middle, without CONFIG_
    pub(super) symbol: String,
    /// A place in the tree
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
    pub(super) path: PathBuf,
    /// Steps from the symbol
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) depth: usize,
    /// The language of the picture
    #[arg(long, value_enum, default_value_t = GraphFormat::Dot)]
    pub(super) format: GraphFormat,
    #[command(flatten)]
    pub(super) tree: TreeArgs,
}

#[derive(Args, Debug)]
pub(super) struct ToolchainArgs {
    /// A place in the tree
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
    pub(super) path: PathBuf,
    /// Do not say what was run
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// List every command that was run, with its answer
    #[arg(short, long)]
    pub(super) verbose: bool,
    /// Whether to show progress on standard error
    #[arg(long, value_enum, default_value_t = Progress::Auto, value_name = "WHEN")]
    pub(super) progress: Progress,
    #[command(flatten)]
    pub(super) tree: TreeArgs,
}

#[derive(Args, Debug)]
pub(super) struct InitArgs {
    /// A place in the tree
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
    pub(super) path: PathBuf,
    #[command(flatten)]
    pub(super) tree: TreeArgs,
}

#[derive(Args, Debug)]
pub(super) struct MergeArgs {
    /// Reports that `--format json` or `--format sarif` wrote; `-` is standard input
    #[arg(value_name = "REPORT", required = true)]
    pub(super) reports: Vec<PathBuf>,
}

#[derive(Args, Debug)]
pub(super) struct WhyArgs {
    /// The symbol, without CONFIG_
    pub(super) symbol: String,
    /// A place in the tree
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
    pub(super) path: PathBuf,
    /// What shall hold at the same time: a Kconfig expression such as '!MMU'
    #[arg(long = "while", value_name = "EXPR", value_parser = expression)]
    pub(super) condition: Option<String>,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t = WhyFormat::Human)]
    pub(super) format: WhyFormat,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(super) color: Color,
    #[command(flatten)]
    pub(super) tree: TreeArgs,
}

#[derive(Args, Debug)]
pub(super) struct ExplainArgs {
    /// The rule
    #[arg(value_parser = rule)]
    pub(super) rule: &'static Rule,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(super) color: Color,
}

#[derive(Args, Debug)]
pub(super) struct RulesArgs {
    /// The form of the catalogue
    #[arg(long, value_enum, default_value_t = RulesFormat::Text)]
    pub(super) format: RulesFormat,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub(super) enum Format {
    /// For people: snippets, examples, what to write
    Human,
    /// A line for each finding
    Short,
    /// For programs
    Json,
    /// SARIF 2.1.0, for code scanning and editors
    Sarif,
    /// Annotations of a GitHub workflow
    Github,
    /// GitLab's code quality report
    Gitlab,
    /// Lines as checkpatch.pl --terse --show-types writes them
    Checkpatch,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub(super) enum Color {
    /// On a terminal, unless NO_COLOR or CLICOLOR say otherwise
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub(super) enum Progress {
    /// On a terminal, when it takes longer than half a second
    Auto,
    /// Never
    Never,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub(super) enum GraphFormat {
    /// Graphviz
    Dot,
    /// Mermaid
    Mermaid,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub(super) enum WhyFormat {
    /// For people: the steps at their places
    Human,
    /// For programs
    Json,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub(super) enum RulesFormat {
    /// Columns
    Text,
    /// A table
    Markdown,
    /// An array
    Json,
}

/// Where answers to the commands of a tree come from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Toolchain {
    /// Nowhere: they are unknowns.
    Symbolic,
    /// This machine: the commands are run.
    Probe,
    /// A file of recorded answers.
    Recorded(PathBuf),
}

fn toolchain(text: &str) -> Result<Toolchain, String> {
    match text {
        "symbolic" => Ok(Toolchain::Symbolic),
        "probe" => Ok(Toolchain::Probe),
        file => Ok(Toolchain::Recorded(file.into())),
    }
}

/// Only refuses what no expression can be: the tree is not known yet.
fn expression(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("an expression is wanted".to_owned()),
        text => Ok(text.to_owned()),
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

fn rule(text: &str) -> Result<&'static Rule, String> {
    registry::find(text).ok_or_else(|| {
        let names = RULES.iter().map(|rule| rule.name);
        format!("there is no such rule{}", near::hint(text, names))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn parse(arguments: &[&str]) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(["kconfig-lint"].iter().chain(arguments))
    }

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn check_is_the_default_command() {
        let bare = parse(&[]).expect("fine");
        assert!(bare.command.is_none());
        assert_eq!(bare.check.paths, [PathBuf::from(".")]);
        let path = parse(&["drivers/net", "graph", "--format", "json"]).expect("fine");
        assert!(path.command.is_none());
        assert_eq!(path.check.paths.len(), 2);
        let dotted = parse(&["./graph"]).expect("fine");
        assert_eq!(dotted.check.paths, [PathBuf::from("./graph")]);
    }

    #[test]
    fn architectures_are_a_list_or_all() {
        let of = |arguments: &[&str]| {
            let cli = parse(arguments).expect("fine");
            cli.check.tree.architectures().map(<[String]>::to_vec)
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&["--arch", "all"]), None);
        let two = vec!["arm".to_owned(), "m68k".to_owned()];
        assert_eq!(of(&["--arch", "arm,m68k"]), Some(two));
    }

    #[test]
    fn a_toolchain_is_a_word_or_a_file() {
        let of = |word: &str| {
            let cli = parse(&["--toolchain", word]).expect("fine");
            cli.check.tree.toolchain
        };
        assert_eq!(of("symbolic"), Toolchain::Symbolic);
        assert_eq!(of("probe"), Toolchain::Probe);
        assert_eq!(of("./probe"), Toolchain::Recorded("./probe".into()));
    }

    #[test]
    fn wrong_values_are_usage_errors() {
        for arguments in [
            ["--format", "sarlf"],
            ["--env", "=x"],
            ["--tree", "linus"],
            ["-D", "unmet-dependancy"],
            ["-j", "0"],
            ["explain", "polici"],
        ] {
            let error = parse(&arguments).expect_err("a usage error");
            assert_eq!(error.exit_code(), 2, "{arguments:?}");
        }
    }
}
