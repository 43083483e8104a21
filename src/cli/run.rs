// SPDX-License-Identifier: MIT OR Apache-2.0
//! The one place where the command line meets the pipeline: arguments become the options of
//! `tree` and `session`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};

use super::args::{Toolchain as Answers, TreeArgs};
use super::paths;
use super::progress::Progress;
use super::roots::Roots;
use super::say;
use crate::config::{FILE_NAME, Levels, Root, Settings};
use crate::fix;
use crate::logic::Effort;
use crate::menu::Toolchain;
use crate::model::Model;
use crate::report::{Neighbourhood, count};
use crate::rules::Policy;
use crate::session::why::{Answer, Question};
use crate::session::{self, Base, Options, Outcome, Probed};

use crate::source::{Files, Name, Overlay, Reader, WorkTree, near};
use crate::system::cache_folder;
use crate::tree::{self, Kind, LocateError, Located, Overrides, Project};

/// The tree around the paths of a command line.
pub(super) struct Tree {
    located: Located,
    project: Project,
    reader: Arc<dyn Reader>,
}

impl Tree {
    /// Finds the tree that holds all of `paths`.
    ///
    /// # Errors
    /// When there is none, or they lie in different trees.
    pub(super) fn open(paths: &[PathBuf], args: &TreeArgs) -> anyhow::Result<Tree> {
        let overrides = overrides(args)?;
        if let Some(roots) = Roots::around(paths, args)? {
            let root = roots.only(paths)?;
            return Tree::listed(&roots.top, root, &args.of_root(root));
        }
        let mut found: Option<Located> = None;
        for path in paths {
            let located = tree::locate(path, &overrides).map_err(lost)?;
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
        let reader = reading(&located.root, paths, args);
        Ok(Tree::new(located, Arc::new(reader), &overrides))
    }

    /// One of the trees of a repository, whose settings lie in the folder `top`. The arguments are those of the root.
    ///
    /// # Errors
    /// When it has no root file.
    pub(super) fn listed(top: &Path, root: &Root, args: &TreeArgs) -> anyhow::Result<Tree> {
        let overrides = overrides(args)?;
        let folder = top.join(&root.folder);
        let reader = reading(&folder, &[top.to_owned()], args);
        let located = tree::locate_in(&reader, &folder, &overrides);
        let located = located.with_context(|| rootless(root))?;
        Ok(Tree::new(located, Arc::new(reader), &overrides))
    }

    fn new(mut located: Located, reader: Arc<dyn Reader>, overrides: &Overrides) -> Tree {
        let mut overrides = overrides.clone();
        if overrides.kind.is_none() {
            let file = overrides.settings.as_deref().unwrap_or(FILE_NAME);
            overrides.kind = kind_of_settings(&reader, file);
            located.kind = overrides.kind.unwrap_or(located.kind);
        }
        let project = tree::detect(&reader, &located, &overrides);
        Tree {
            located,
            project,
            reader,
        }
    }

    /// The tree that `reader` holds, which lies at `root` or nowhere; `None` when it has no root
    /// file.
    pub(super) fn of(
        root: &Path,
        reader: Arc<dyn Reader>,
        args: &TreeArgs,
    ) -> anyhow::Result<Option<Tree>> {
        let overrides = overrides(args)?;
        let located = tree::locate_in(&reader, root, &overrides);
        Ok(located.map(|located| Tree::new(located, reader, &overrides)))
    }

    /// The same tree with other texts.
    pub(super) fn changed(&self, texts: Overlay) -> Tree {
        Tree {
            located: self.located.clone(),
            project: self.project.clone(),
            reader: Arc::new(texts),
        }
    }

    /// The name of a symbol that may be written with the prefix that it has in a `.config`.
    pub(super) fn bare<'s>(&self, symbol: &'s str) -> &'s str {
        symbol.strip_prefix(&self.project.prefix).unwrap_or(symbol)
    }

    /// Where its files come from.
    pub(super) fn reader(&self) -> &Arc<dyn Reader> {
        &self.reader
    }

    /// What kind of tree it is.
    pub(super) fn project(&self) -> &Project {
        &self.project
    }

    /// What kind of tree it is, and which program's rules hold in it.
    pub(super) fn described(&self) -> String {
        let kind = self.project.kind;
        let program = match kind {
            Kind::Generic => "of no known program".to_owned(),
            kind => format!("read as {} reads it", kind.dialect().tool.name()),
        };
        let root_file = &self.project.root_file;
        format!("tree: {}, {program}, from {root_file}", kind.name())
    }

    /// The same folder with another root file, which is linted alone.
    ///
    /// # Errors
    /// When an argument is none.
    pub(super) fn alone(&self, file: &str, args: &TreeArgs) -> anyhow::Result<Tree> {
        let located = Located {
            root_file: file.to_owned(),
            alone: true,
            ..self.located.clone()
        };
        Ok(Tree::new(located, self.reader.clone(), &overrides(args)?))
    }

    /// The root file, in the tree.
    pub(super) fn root_file(&self) -> &str {
        &self.located.root_file
    }

    /// Whether there is no tree around its root file, or another one that does not reach it.
    pub(super) fn is_alone(&self) -> bool {
        self.located.alone
    }

    /// The folder of the tree.
    pub(super) fn root(&self) -> &Path {
        &self.located.root
    }

    /// Its files, none of them read yet.
    pub(super) fn files(&self) -> Arc<Files> {
        Arc::new(Files::new(self.reader.clone()))
    }
}

/// The error where a root of the settings has no root file.
pub(super) fn rootless(root: &Root) -> String {
    format!("[[root]] {}: no root file is there", root.name())
}

/// The kind that the settings of a tree give. What is wrong with them is said when all of them are
/// read.
fn kind_of_settings(reader: &dyn Reader, file: &str) -> Option<Kind> {
    let bytes = reader.read(file).ok()?;
    Settings::parse(std::str::from_utf8(&bytes).ok()?)
        .ok()?
        .kind
}

/// What reads a tree on the disk: its folder, the git work tree around that, and the folders that the
/// command line names, by a path outside of the tree or in a variable.
fn reading(root: &Path, paths: &[PathBuf], args: &TreeArgs) -> WorkTree {
    let of_path = |path: &PathBuf| match path.is_dir() {
        true => Some(path.clone()),
        false => path.parent().map(Path::to_owned),
    };
    let named: Vec<PathBuf> = paths.iter().filter_map(of_path).collect();
    let top = |folder: &Path| tree::work_tree(folder);
    let tops: Vec<PathBuf> = named
        .iter()
        .filter_map(|it| top(it))
        .chain(top(root))
        .collect();
    let values = args.environment.iter().map(|(_, value)| root.join(value));
    let values = values.filter(|folder| folder.is_dir());
    let tree = WorkTree::new(root).reaching(named.into_iter().chain(tops).chain(values));
    tree.cached_in(cache_folder().filter(|_| !args.no_cache))
}

/// The error where no tree lies around a path, with the trees that lie below it.
fn lost(error: LocateError) -> anyhow::Error {
    const MOST: usize = 3;
    let LocateError::NoTree(path) = &error else {
        return error.into();
    };
    let below = paths::walk(&WorkTree::new(path));
    // The tests of a conf are trees, too.
    let is_test = |file: &str| {
        let mut folders = tree::FOLDERS.iter();
        folders.any(|folder| file.contains(&format!("{folder}/tests/")))
    };
    let folder = |file: &String| {
        let file = path.join(file);
        paths::shown(file.parent().unwrap_or(path))
    };
    let below = below.iter().filter(|file| !is_test(file));
    let mut folders: Vec<String> = below.map(folder).collect();
    folders.sort();
    match folders.len().saturating_sub(MOST) {
        _ if folders.is_empty() => {
            anyhow::anyhow!("{error}; --root FILE names a root file of another name")
        }
        0 => anyhow::anyhow!("{error}; give the folder of a tree: {}", folders.join(", ")),
        more => anyhow::anyhow!(
            "{error}; give the folder of a tree: {} or one of {more} more",
            folders[..MOST].join(", ")
        ),
    }
}

/// The folder of the tree around a path of the disk; `None` where there is none.
///
/// # Errors
/// When an argument is none.
pub(super) fn root(path: &Path, args: &TreeArgs) -> anyhow::Result<Option<PathBuf>> {
    let located = tree::locate(path, &overrides(args)?).ok();
    Ok(located.filter(|it| !it.alone).map(|it| it.root))
}

/// What the arguments say of the tree.
pub(super) fn overrides(args: &TreeArgs) -> anyhow::Result<Overrides> {
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
        settings: args.settings.clone(),
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
    /// What a question may take, where the settings say so.
    pub(super) effort: Option<Effort>,
}

/// What a run was to do, and what came of it.
pub(super) struct Ran {
    /// The options, with all answers of the toolchain.
    pub(super) options: Options,
    /// The outcome.
    pub(super) outcome: Outcome,
    /// What was run to get the answers, if the user wanted that.
    pub(super) probed: Option<Probed>,
}

/// Runs the pipeline.
///
/// # Errors
/// When an architecture is unknown, or the toolchain's answers cannot be read or had.
pub(super) fn analyse(
    tree: &Tree,
    args: &TreeArgs,
    analysis: Analysis,
    progress: &Progress,
) -> anyhow::Result<Ran> {
    let step = |done: usize, total: usize, what: &str| progress.step(done, total, what);
    let (options, probed) = answered(tree, args, analysis, progress)?;
    let outcome = session::run(&tree.project, tree.files(), &options, &step)?;
    Ok(Ran {
        options,
        outcome,
        probed,
    })
}

/// Runs the pipeline on a tree with the options of an earlier run, and shows no progress.
///
/// # Errors
/// When the root file cannot be read.
pub(super) fn with(tree: &Tree, options: &Options) -> anyhow::Result<Outcome> {
    let files = tree.files();
    Ok(session::run(&tree.project, files, options, &|_, _, _| {})?)
}

/// Runs the pipeline on the next tree of a series.
///
/// # Errors
/// When the root file cannot be read.
pub(super) fn next(
    before: Option<&Base>,
    tree: &Tree,
    options: &Options,
    progress: &Progress,
) -> anyhow::Result<Outcome> {
    let step = |done: usize, total: usize, what: &str| progress.step(done, total, what);
    let reader = tree.reader.clone();
    Ok(session::run_next(
        before,
        &tree.project,
        reader,
        options,
        &step,
    )?)
}

/// Runs the pipeline on a tree that was changed in memory, with the options of an earlier run.
///
/// # Errors
/// When the root file cannot be read.
pub(super) fn again(
    tree: &Tree,
    options: &Options,
    changed: Overlay,
    progress: &Progress,
) -> anyhow::Result<Outcome> {
    let step = |done: usize, total: usize, what: &str| progress.step(done, total, what);
    let files = Arc::new(Files::new(changed));
    Ok(session::run(&tree.project, files, options, &step)?)
}

/// Proves the fixes of all findings of an outcome.
///
/// # Errors
/// When the root file cannot be read any more.
pub(super) fn prove(
    outcome: &mut Outcome,
    options: &Options,
    effort: fix::Effort,
    shows_progress: bool,
) -> anyhow::Result<()> {
    let progress = Progress::new(shows_progress);
    let step = |done: usize, total: usize, what: &str| progress.step(done, total, what);
    Ok(fix::prove(outcome, options, effort, &step)?)
}

/// Runs the tree's commands that the arguments do not answer.
///
/// # Errors
/// When an architecture is unknown, recorded answers cannot be read, or nothing can be run.
pub(super) fn probe(tree: &Tree, args: &TreeArgs, progress: &Progress) -> anyhow::Result<Probed> {
    let options = recorded(tree, args, Analysis::nothing())?;
    run_commands(tree, &options, progress)
}

fn run_commands(tree: &Tree, options: &Options, progress: &Progress) -> anyhow::Result<Probed> {
    let step = |done: usize, total: usize, what: &str| progress.step(done, total, what);
    let probed = session::probe(&tree.project, tree.files(), tree.root(), options, &step);
    Ok(probed?)
}

/// Says what a probe did: how many commands it ran, which of them gave no answer, and with
/// `verbose` every one of them.
pub(super) fn tell(probed: &Probed, verbose: bool, quiet: bool) {
    for executed in probed.executed.iter().filter(|_| verbose) {
        if let Some(answer) = &executed.answer {
            say(&format!("ran `{}`: `{answer}`", executed.command));
        }
    }
    for executed in &probed.executed {
        if executed.answer.is_none() {
            let limit = session::TIME_LIMIT.as_secs();
            let command = &executed.command;
            say(&format!(
                "warning: no answer within {limit} s, so it stays unknown: `{command}`"
            ));
        }
    }
    tell_changed(&probed.changed);
    if !quiet {
        let count = probed.executed.len();
        let time = probed.time.as_secs_f32();
        say(&format!("ran {count} commands of the tree in {time:.1} s"));
    }
}

/// Says which files of the tree changed while commands of the tree ran.
pub(super) fn tell_changed(changed: &[String]) {
    const MOST: usize = 5;
    if changed.is_empty() {
        return;
    }
    let mut names = changed[..changed.len().min(MOST)].join(", ");
    if changed.len() > MOST {
        names.push_str(&format!(" and {} more", changed.len() - MOST));
    }
    let files = count(changed.len(), "file");
    say(&format!(
        "warning: {files} of the tree changed while commands of the tree ran: {names}"
    ));
}

/// The options of a run. Where the tree's commands are run for them, standard error says so.
fn options(tree: &Tree, args: &TreeArgs, analysis: Analysis) -> anyhow::Result<Options> {
    let (options, probed) = answered(tree, args, analysis, &Progress::new(false))?;
    probed.iter().for_each(|probed| tell(probed, false, false));
    Ok(options)
}

/// The options of a run, and what was run to get the toolchain's answers.
fn answered(
    tree: &Tree,
    args: &TreeArgs,
    analysis: Analysis,
    progress: &Progress,
) -> anyhow::Result<(Options, Option<Probed>)> {
    let mut options = recorded(tree, args, analysis)?;
    if args.toolchain != Answers::Probe {
        return Ok((options, None));
    }
    let probed = run_commands(tree, &options, progress)?;
    options.toolchain = probed.toolchain.clone();
    Ok((options, Some(probed)))
}

/// The options of a run in which only recorded answers are known.
pub(super) fn recorded(
    tree: &Tree,
    args: &TreeArgs,
    analysis: Analysis,
) -> anyhow::Result<Options> {
    let names = args.architectures().unwrap_or_default();
    Ok(Options {
        architectures: tree::select_architectures(&tree.project, &tree.reader, names)?,
        toolchain: toolchain(&args.toolchain)?,
        levels: analysis.levels,
        policies: analysis.policies,
        remarks: analysis.remarks,
        effort: args.effort.or(analysis.effort).unwrap_or_default(),
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

impl Analysis {
    /// Nothing is looked for.
    pub(super) fn nothing() -> Analysis {
        Analysis {
            levels: Levels::default(),
            policies: Vec::new(),
            remarks: false,
            effort: None,
        }
    }
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
    let options = options(tree, args, Analysis::nothing())?;
    let files = tree.files();
    let models = session::models(&tree.project, files.clone(), &options)?;
    let symbol = tree.bare(symbol);
    if !models
        .iter()
        .any(|(_, model)| model.symbol_named(symbol).is_some())
    {
        bail!(
            "no architecture mentions a symbol {symbol}{}",
            hint(&models, symbol)
        );
    }
    let mut picture = Neighbourhood::default();
    for (_, model) in &models {
        picture.add(model, &files, symbol, depth);
    }
    Ok(picture)
}

/// The question after the defined symbol that was probably meant, or nothing.
fn hint(models: &[(String, Model)], symbol: &str) -> String {
    let known = models.iter().flat_map(|(_, model)| model.symbols.iter());
    let defined = known.filter(|known| known.is_defined());
    let names = defined.filter_map(|known| known.name);
    near::hint(symbol, names.map(Name::as_str))
}

/// That some architecture defines a symbol.
///
/// # Errors
/// When none does, or the tree cannot be read.
pub(super) fn defined(tree: &Tree, options: &Options, symbol: &str) -> anyhow::Result<()> {
    let models = session::models(&tree.project, tree.files(), options)?;
    let is_defined = |(_, model): &(String, Model)| {
        let id = model.symbol_named(symbol);
        id.is_some_and(|id| model.symbol(id).is_defined())
    };
    if !models.iter().any(is_defined) {
        bail!(
            "no architecture defines a symbol {symbol}{}",
            hint(&models, symbol)
        );
    }
    Ok(())
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
    effort: Option<Effort>,
) -> anyhow::Result<Answer> {
    let analysis = Analysis {
        effort,
        ..Analysis::nothing()
    };
    let options = options(tree, args, analysis)?;
    let symbol = tree.bare(symbol);
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
