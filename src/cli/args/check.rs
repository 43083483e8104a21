// SPDX-License-Identifier: MIT OR Apache-2.0
//! The arguments of `check`, which is the default command too.

use std::path::PathBuf;

use clap::Args;

use super::super::levels::LevelArgs;
use super::tree::TreeArgs;
use super::values::{Color, Format, Progress, Statistics};
use crate::config::Root;
use crate::diagnostic::Applicability;
use crate::fix::Effort;

const OUTPUT: &str = "Output";
const REPORTED: &str = "What is reported";

#[derive(Args, Clone, Default, Debug)]
pub(in crate::cli) struct CheckArgs {
    /// Show the findings under PATH [default: .]
    ///
    /// kconfig-lint always analyses the whole tree around PATH. A finding is shown when one of its
    /// places lies under a PATH.
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
    pub(in crate::cli) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) levels: LevelArgs,
    /// Do not show the findings that FILE lists
    ///
    /// `--write-baseline` writes such a file.
    #[arg(long, value_name = "FILE", help_heading = REPORTED)]
    pub(in crate::cli) baseline: Option<PathBuf>,
    /// Write all findings to FILE, for --baseline
    #[arg(long, value_name = "FILE", help_heading = REPORTED)]
    pub(in crate::cli) write_baseline: Option<PathBuf>,
    /// How findings are written
    ///
    /// The default is `human` on a terminal, and `short` elsewhere.
    #[arg(long, value_enum, help_heading = OUTPUT)]
    pub(in crate::cli) format: Option<Format>,
    /// Count the findings instead of showing them
    ///
    /// A line for each rule, folder or symbol, the largest number first.
    #[arg(
        long,
        value_enum,
        value_name = "BY",
        conflicts_with = "format",
        help_heading = OUTPUT,
        hide_short_help = true
    )]
    pub(in crate::cli) statistics: Option<Statistics>,
    /// Say on standard error how long each rule took
    ///
    /// Times are added over all threads. The solver's work for `unmet-dependency` and `policy` counts for these rules; reading
    /// the tree counts for none.
    #[arg(long, help_heading = OUTPUT, hide_short_help = true)]
    pub(in crate::cli) rule_timing: bool,
    /// When to use colours
    #[arg(
        long,
        value_enum,
        default_value_t = Color::Auto,
        value_name = "WHEN",
        help_heading = OUTPUT,
        hide_short_help = true
    )]
    pub(in crate::cli) color: Color,
    /// Show only findings: no totals, no progress
    #[arg(short, long, conflicts_with = "verbose", help_heading = OUTPUT)]
    pub(in crate::cli) quiet: bool,
    /// Show all fixes, rejected fixes and whole witnesses, and add remarks
    ///
    /// The remarks name the selects that are safe only because an architecture fixes a symbol.
    #[arg(short, long, help_heading = OUTPUT)]
    pub(in crate::cli) verbose: bool,
    /// Whether to show progress on standard error
    #[arg(
        long,
        value_enum,
        default_value_t = Progress::Auto,
        value_name = "WHEN",
        help_heading = OUTPUT,
        hide_short_help = true
    )]
    pub(in crate::cli) progress: Progress,
    /// Write for each finding a .config that shows it
    ///
    /// Each finding gets a folder in DIR. It holds the .config, a fragment of it, and the commands
    /// that reproduce the finding. DIR must lie outside the tree.
    #[arg(long, value_name = "DIR", help_heading = OUTPUT)]
    pub(in crate::cli) witness: Option<PathBuf>,
    /// Have the tree's own conf judge each finding
    ///
    /// This builds and runs code of the tree.
    #[arg(long, help_heading = OUTPUT, hide_short_help = true)]
    pub(in crate::cli) confirm: bool,
    #[command(flatten)]
    pub(in crate::cli) fix: ApplyArgs,
    #[command(flatten)]
    pub(in crate::cli) source: SourceArgs,
    #[command(flatten)]
    pub(in crate::cli) tree: TreeArgs,
}

/// Where the tree comes from, if not from the disk, and what it is compared with.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Revisions and changes")]
#[group(multiple = true, conflicts_with_all = ["witness", "confirm", "write_baseline"])]
pub(in crate::cli) struct SourceArgs {
    /// Report what the index adds to HEAD (pre-commit)
    #[arg(long, conflicts_with_all = ["range", "patch"])]
    pub(in crate::cli) staged: bool,
    /// Report what each commit of a series adds
    ///
    /// The commits are read from git's objects, without a checkout.
    #[arg(long, value_name = "A..B", conflicts_with_all = ["patch", "fix", "fix_unsafe", "diff"])]
    pub(in crate::cli) range: Option<String>,
    /// Report what each patch of FILE adds (- is stdin)
    ///
    /// FILE is a diff, a mail or an mbox; `-` is standard input. The patches are applied in memory.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fix", "fix_unsafe", "diff"])]
    pub(in crate::cli) patch: Option<PathBuf>,
    /// What the patches apply to [default: the base-commit of the mail, else the work tree]
    #[arg(long, value_name = "REV", requires = "patch", hide_short_help = true)]
    pub(in crate::cli) base: Option<String>,
    /// Read the tree of a revision from git's objects
    #[arg(long, value_name = "REV", conflicts_with_all = ["staged", "range", "patch", "fix", "fix_unsafe", "diff"])]
    pub(in crate::cli) rev: Option<String>,
    /// The repository to read, which may be bare [default: the one around PATH]
    #[arg(
        long,
        value_name = "DIR",
        conflicts_with_all = ["staged", "fix", "fix_unsafe", "diff"],
        hide_short_help = true
    )]
    pub(in crate::cli) git_dir: Option<PathBuf>,
}

impl SourceArgs {
    /// Whether the tree is not that of the disk.
    pub(in crate::cli) fn is_elsewhere(&self) -> bool {
        self.compares() || self.rev.is_some() || self.git_dir.is_some()
    }

    /// Whether trees are compared.
    pub(in crate::cli) fn compares(&self) -> bool {
        self.staged || self.range.is_some() || self.patch.is_some()
    }
}

impl CheckArgs {
    /// The same for one of several trees that the settings list.
    pub(in crate::cli) fn of_root(&self, root: &Root) -> CheckArgs {
        CheckArgs {
            tree: self.tree.of_root(root),
            ..self.clone()
        }
    }
}

/// What is done with the fixes of findings.
#[derive(Args, Clone, Default, Debug)]
#[command(next_help_heading = "Fixes")]
pub(in crate::cli) struct ApplyArgs {
    /// Apply the proved fixes; report what remains
    #[arg(long)]
    pub(in crate::cli) fix: bool,
    /// Apply plausible fixes too
    #[arg(long)]
    pub(in crate::cli) fix_unsafe: bool,
    /// Print the fixes as a diff, and change nothing
    ///
    /// The diff takes the place of the report. It holds what --fix would change, or what
    /// --fix-unsafe would change if that option is given too.
    #[arg(long, conflicts_with = "format")]
    pub(in crate::cli) diff: bool,
    /// Neither prove nor show fixes
    #[arg(long, conflicts_with_all = ["fix", "fix_unsafe", "diff"])]
    pub(in crate::cli) no_fixes: bool,
}

impl ApplyArgs {
    /// What may be applied; `None` when nothing is to be.
    pub(in crate::cli) fn threshold(&self) -> Option<Applicability> {
        match (self.fix_unsafe, self.fix || self.diff) {
            (true, _) => Some(Applicability::MaybeIncorrect),
            (false, true) => Some(Applicability::MachineApplicable),
            (false, false) => None,
        }
    }

    /// How far the fixes are proved that may be applied; `None` when none is to be.
    pub(in crate::cli) fn effort(&self) -> Option<Effort> {
        Some(match self.threshold()? {
            Applicability::MachineApplicable => Effort::Applicable,
            _ => Effort::Enough(1),
        })
    }
}

impl CheckArgs {
    /// Whether progress is wanted.
    pub(in crate::cli) fn shows_progress(&self) -> bool {
        self.progress == Progress::Auto && !self.quiet
    }
}
