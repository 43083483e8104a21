// SPDX-License-Identifier: MIT OR Apache-2.0
//! The one place where the command line meets the pipeline: arguments become the options of
//! `tree` and `session`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};

use super::args::{Toolchain as Answers, TreeArgs};
use super::progress::Progress;
use crate::config::Levels;
use crate::menu::Toolchain;
use crate::report::Neighbourhood;
use crate::rules::{Policy, near};
use crate::session::why::{Answer, Question};
use crate::session::{self, Options, Outcome};
use crate::source::{Files, WorkTree};
use crate::tree::{self, Located, Overrides, Project};

/// The tree around the paths of a command line.
pub(super) struct Tree {
    located: Located,
    project: Project,
}

impl Tree {
    /// Finds the tree that holds all of `paths`.
    ///
    /// # Errors
    /// When there is none, or they lie in different trees.
    pub(super) fn open(paths: &[PathBuf], args: &TreeArgs) -> anyhow::Result<Tree> {
        let overrides = overrides(args)?;
        let mut found: Option<Located> = None;
        for path in paths {
            let located = tree::locate(path, &overrides)?;
            match &found {
                Some(first) if first.root != located.root || first.alone => bail!(
                    "{} and {} lie in different trees: check one tree at a time",
                    paths[0].display(),
                    path.display()
                ),
                _ => found = Some(located),
            }
        }
        let located = found.context("no path is given")?;
        let project = tree::detect(&WorkTree::new(&located.root), &located, &overrides);
        Ok(Tree { located, project })
    }

    /// The folder of the tree.
    pub(super) fn root(&self) -> &Path {
        &self.located.root
    }

    fn files(&self) -> Arc<Files> {
        Arc::new(Files::new(WorkTree::new(self.root())))
    }
}

fn overrides(args: &TreeArgs) -> anyhow::Result<Overrides> {
    let root_file = args.root_file.as_ref().map(|path| {
        path.to_str()
            .map(str::to_owned)
            .context("the path of the root file is not UTF-8")
    });
    Ok(Overrides {
        kind: args.kind,
        root_file: root_file.transpose()?,
        environment: args.environment.iter().cloned().collect(),
        choices: None,
    })
}

/// What a run is to look for.
pub(super) struct Analysis {
    /// The level of every rule.
    pub(super) levels: Levels,
    /// Built-in policies and those of the settings.
    pub(super) policies: Vec<Policy>,
    /// Whether remarks are wanted.
    pub(super) remarks: bool,
}

/// Runs the pipeline.
///
/// # Errors
/// When an architecture is unknown, or the toolchain's answers cannot be read.
pub(super) fn analyse(
    tree: &Tree,
    args: &TreeArgs,
    analysis: Analysis,
    progress: &Progress,
) -> anyhow::Result<Outcome> {
    let options = options(tree, args, analysis)?;
    let step = |done: usize, total: usize, what: &str| progress.step(done, total, what);
    Ok(session::run(&tree.project, tree.files(), &options, &step)?)
}

fn options(tree: &Tree, args: &TreeArgs, analysis: Analysis) -> anyhow::Result<Options> {
    let reader = WorkTree::new(tree.root());
    let names = args.architectures().unwrap_or_default();
    Ok(Options {
        architectures: tree::select_architectures(&tree.project, &reader, names)?,
        toolchain: toolchain(&args.toolchain)?,
        levels: analysis.levels,
        policies: analysis.policies,
        remarks: analysis.remarks,
        jobs: args.jobs,
    })
}

fn toolchain(answers: &Answers) -> anyhow::Result<Toolchain> {
    let Answers::Recorded(path) = answers else {
        return Ok(Toolchain::default());
    };
    let text = std::fs::read(path).with_context(|| path.display().to_string())?;
    Toolchain::from_json(&text).with_context(|| path.display().to_string())
}

/// What is around a symbol, up to `depth` steps, on all architectures.
///
/// # Errors
/// When no architecture mentions the symbol.
pub(super) fn neighbourhood(
    tree: &Tree,
    args: &TreeArgs,
    symbol: &str,
    depth: usize,
) -> anyhow::Result<Neighbourhood> {
    let options = options(tree, args, no_analysis())?;
    let files = tree.files();
    let models = session::models(&tree.project, files.clone(), &options)?;
    let symbol = symbol.strip_prefix(&tree.project.prefix).unwrap_or(symbol);
    if !models
        .iter()
        .any(|(_, model)| model.symbol_named(symbol).is_some())
    {
        let names = models.iter().flat_map(|(_, model)| model.symbols.iter());
        let names = names
            .filter(|known| known.is_defined())
            .filter_map(|known| known.name);
        let hint = near::hint(symbol, names.map(crate::source::Name::as_str));
        bail!("no architecture mentions a symbol {symbol}{hint}");
    }
    let mut picture = Neighbourhood::default();
    for (_, model) in &models {
        picture.add(model, &files, symbol, depth);
    }
    Ok(picture)
}

/// How a symbol can be on while a condition holds, or why it never can.
///
/// # Errors
/// When no architecture defines the symbol, or the condition cannot be read.
pub(super) fn why(
    tree: &Tree,
    args: &TreeArgs,
    symbol: &str,
    condition: Option<&str>,
) -> anyhow::Result<Answer> {
    let options = options(tree, args, no_analysis())?;
    let symbol = symbol.strip_prefix(&tree.project.prefix).unwrap_or(symbol);
    let question = Question {
        symbol: symbol.to_owned(),
        condition: condition.map(str::to_owned),
    };
    Ok(session::why::why(
        &tree.project,
        tree.files(),
        &options,
        &question,
    )?)
}

/// For questions that no rule is asked.
fn no_analysis() -> Analysis {
    Analysis {
        levels: Levels::default(),
        policies: Vec::new(),
        remarks: false,
    }
}
