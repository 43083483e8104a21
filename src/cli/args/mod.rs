// SPDX-License-Identifier: MIT OR Apache-2.0
//! The arguments, as clap reads them. Names are those of interface.md.
//!
//! Values are checked here as far as no tree is needed for it.

mod check;
mod tree;
mod values;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Arg, Args, Parser, Subcommand};

use super::levels::LevelArgs;
use crate::diagnostic::Diagnostic;
use crate::rules::Rule;
pub(super) use check::{ApplyArgs, CheckArgs, SourceArgs};
pub(super) use tree::{Toolchain, TreeArgs};
pub(super) use values::{
    Color, Format, GraphFormat, ImpactFormat, Progress, RulesFormat, SchemaName, SettingsFormat,
    WhyFormat, Words,
};
use values::{expression, rule, rules};

/// Finds every unmet dependency that a configuration of a Kconfig tree can have
///
/// kconfig-lint looks at all configurations of all architectures at once. Each finding comes with a
/// configuration that shows it, and with fixes that are proved.
#[derive(Parser, Debug)]
#[command(
    name = "kconfig-lint",
    version = env!("KCONFIG_LINT_VERSION"),
    args_conflicts_with_subcommands = true
)]
#[command(
    after_help = "`kconfig-lint check -h` shows more options, and `--help` all of them.",
    after_long_help = "Exit status: 0 nothing at deny level, 1 findings at deny level, \
                       2 the run itself failed.",
    mut_args(most_used)
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) check: CheckArgs,
}

impl Cli {
    /// The arguments that say which tree is analysed; `None` where none is.
    pub(super) fn tree(&self) -> Option<&TreeArgs> {
        Some(match self.command.as_ref() {
            None => &self.check.tree,
            Some(Command::Check(args)) => &args.tree,
            Some(Command::Format(args)) => &args.tree,
            Some(Command::CommitMessage(args)) => &args.tree,
            Some(Command::Graph(args)) => &args.tree,
            Some(Command::Impact(args)) => &args.tree,
            Some(Command::Why(args)) => &args.tree,
            Some(Command::Init(args)) => &args.tree,
            Some(Command::Toolchain(args)) => &args.tree,
            Some(Command::Settings(args)) => &args.tree,
            Some(_) => return None,
        })
    }
}

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Lint the tree around PATH; the default command
    Check(Box<CheckArgs>),
    /// Write the Kconfig files of a tree in the style of its project
    Format(FormatArgs),
    /// Print the text for a finding's patch
    CommitMessage(CommitMessageArgs),
    /// Draw the neighbourhood of a symbol
    Graph(GraphArgs),
    /// Say what a change does to each defconfig
    Impact(ImpactArgs),
    /// Say how a symbol can be on, or why it never can
    Why(WhyArgs),
    /// Show the documentation of a rule, or list the rules
    Explain(ExplainArgs),
    /// List the rules as text, Markdown or JSON
    Rules(RulesArgs),
    /// Write kconfig-lint.toml and print the lines that hooks need
    Init(InitArgs),
    /// Make one report of several, in JSON or SARIF
    Merge(MergeArgs),
    /// Record what the tree's commands answer, for --toolchain
    Toolchain(ToolchainArgs),
    /// Show the settings of a tree, and where each comes from
    Settings(SettingsArgs),
    /// Print the JSON schemas of the reports
    Schema(SchemaArgs),
    /// Print the completions for a shell
    Completions(CompletionsArgs),
    /// Print the manual page, or write all pages to a folder
    Man(ManArgs),
}

/// Arguments with `fix --commit-message`, which `commit-message` was called before, in its present
/// spelling.
pub(super) fn renamed(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    let old = arguments.iter().position(|it| it == "--commit-message");
    if let (Some(at), true) = (old, arguments.get(1).is_some_and(|it| it == "fix")) {
        arguments.remove(at);
        arguments[1] = "commit-message".into();
    }
    arguments
}

/// Shows in the short help of the program only those options of `check` that most people need:
/// its list of commands fills half a screen. `kconfig-lint check -h` shows more.
fn most_used(argument: Arg) -> Arg {
    const MOST_USED: [&str; 8] = [
        "deny", "format", "fix", "diff", "staged", "range", "patch", "arch",
    ];
    match argument.get_id().as_str() {
        "paths" => argument,
        name if MOST_USED.contains(&name) => argument.help_heading(None),
        _ => argument.hide_short_help(true),
    }
}

#[derive(Args, Debug)]
pub(super) struct CommitMessageArgs {
    /// Take the findings under PATH [default: .]
    ///
    /// kconfig-lint always analyses the whole tree around PATH.
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
    pub(super) paths: Vec<PathBuf>,
    /// Only findings of this rule
    #[arg(
        long,
        value_name = "RULE",
        hide_possible_values = true,
        value_parser = Words { parse: rule, names: rules }
    )]
    rule: Option<&'static Rule>,
    /// Only findings about this symbol, without CONFIG_
    #[arg(long, value_name = "SYMBOL")]
    pub(super) symbol: Option<String>,
    /// Whether to show progress on standard error
    #[arg(long, value_enum, default_value_t = Progress::Auto, value_name = "WHEN", hide_short_help = true)]
    progress: Progress,
    #[command(flatten)]
    pub(super) tree: TreeArgs,
}

impl CommitMessageArgs {
    /// Whether progress is wanted.
    pub(super) fn shows_progress(&self) -> bool {
        self.progress == Progress::Auto
    }

    /// Whether a finding of the rule is asked for that is about `symbol`, if that is given.
    pub(super) fn wants(&self, finding: &Diagnostic, symbol: Option<&str>) -> bool {
        self.rule.is_none_or(|rule| rule.name == finding.rule)
            && symbol.is_none_or(|wanted| finding.symbol.as_deref() == Some(wanted))
    }
}

#[derive(Args, Debug)]
pub(super) struct FormatArgs {
    /// Change the files under PATH [default: .]
    ///
    /// The project decides what is changed: the command applies the fixes of the rules that the group `style` stands
    /// for. A fix whose meaning is not certain is left out.
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
    pub(super) paths: Vec<PathBuf>,
    /// Print the changes as a diff, and change nothing
    ///
    /// The exit status is 1 where something would change.
    #[arg(long)]
    pub(super) diff: bool,
    /// Do not say how many fixes were applied
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// List the fixes
    #[arg(short, long)]
    pub(super) verbose: bool,
    /// Whether to show progress on standard error
    #[arg(long, value_enum, default_value_t = Progress::Auto, value_name = "WHEN", hide_short_help = true)]
    pub(super) progress: Progress,
    #[command(flatten)]
    pub(super) levels: LevelArgs,
    #[command(flatten)]
    pub(super) tree: TreeArgs,
}

#[derive(Args, Debug)]
pub(super) struct ImpactArgs {
    /// Look at the defconfigs under PATH [default: all of the tree]
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
    pub(super) paths: Vec<PathBuf>,
    /// The revisions to compare: the trees of A and of B
    ///
    /// Both are read from git's objects, without a checkout. An empty side is HEAD.
    #[arg(long, value_name = "A..B", required = true)]
    pub(super) range: String,
    /// The repository to read, which may be bare [default: the one around PATH]
    #[arg(long, value_name = "DIR", hide_short_help = true)]
    pub(super) git_dir: Option<PathBuf>,
    /// How the report is written
    #[arg(long, value_enum, default_value_t = ImpactFormat::Human)]
    pub(super) format: ImpactFormat,
    #[command(flatten)]
    pub(super) tree: TreeArgs,
}

#[derive(Args, Debug)]
pub(super) struct GraphArgs {
    /// The symbol in the middle, without CONFIG_
    pub(super) symbol: String,
    /// A file or folder in the tree [default: .]
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
    pub(super) path: PathBuf,
    /// Steps from the symbol to the symbols at the edge
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
    /// A file or folder in the tree [default: .]
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
    pub(super) path: PathBuf,
    /// Do not say what was run
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// List every command that was run, with its answer
    #[arg(short, long)]
    pub(super) verbose: bool,
    /// Whether to show progress on standard error
    #[arg(long, value_enum, default_value_t = Progress::Auto, value_name = "WHEN", hide_short_help = true)]
    pub(super) progress: Progress,
    #[command(flatten)]
    pub(super) tree: TreeArgs,
}

#[derive(Args, Debug)]
pub(super) struct InitArgs {
    /// A file or folder in the tree [default: .]
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
    /// A file or folder in the tree [default: .]
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
    pub(super) path: PathBuf,
    /// What shall hold at the same time: a Kconfig expression such as '!MMU'
    #[arg(long = "while", value_name = "EXPR", value_parser = expression)]
    pub(super) condition: Option<String>,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t = WhyFormat::Human)]
    pub(super) format: WhyFormat,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN", hide_short_help = true)]
    pub(super) color: Color,
    #[command(flatten)]
    pub(super) tree: TreeArgs,
}

#[derive(Args, Debug)]
pub(super) struct ExplainArgs {
    /// The rule [default: list all rules]
    #[arg(hide_possible_values = true, value_parser = Words { parse: rule, names: rules })]
    pub(super) rule: Option<&'static Rule>,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN", hide_short_help = true)]
    pub(super) color: Color,
}

#[derive(Args, Debug)]
pub(super) struct RulesArgs {
    /// The form of the catalogue
    #[arg(long, value_enum, default_value_t = RulesFormat::Text)]
    pub(super) format: RulesFormat,
}

#[derive(Args, Debug)]
pub(super) struct SettingsArgs {
    /// A file or folder in the tree [default: .]
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
    pub(super) path: PathBuf,
    /// The form of the list
    #[arg(long, value_enum, default_value_t = SettingsFormat::Text)]
    pub(super) format: SettingsFormat,
    #[command(flatten)]
    pub(super) levels: LevelArgs,
    #[command(flatten)]
    pub(super) tree: TreeArgs,
}

#[derive(Args, Debug)]
pub(super) struct SchemaArgs {
    /// The schema to print [default: list all schemas]
    pub(super) name: Option<SchemaName>,
}

#[derive(Args, Debug)]
pub(super) struct CompletionsArgs {
    /// The shell
    pub(super) shell: clap_complete::Shell,
}

#[derive(Args, Debug)]
pub(super) struct ManArgs {
    /// Write a page for the program and one for each command to DIR
    #[arg(value_name = "DIR")]
    pub(super) folder: Option<PathBuf>,
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
