// SPDX-License-Identifier: MIT OR Apache-2.0
//! `--staged`, `--range` and `--patch`: what each change of a series brings, and takes away.
//!
//! Each tree of the series is judged, parents first. A finding is a change's own when none of
//! the trees before it has it; what was there before the series is not reported.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};

use super::args::{CheckArgs, SourceArgs};
use super::baseline::Baselines;
use super::check::prepared;
use super::complain;
use super::paths::Filter;
use super::progress::Progress;
use super::run::{self, Tree};
use crate::config::FILE_NAME;
use crate::diagnostic::{Change, Diagnostic, Level, Status};
use crate::fix::Effort;
use crate::report;
use crate::session::Outcome;
use crate::source::git::{Git, GitError};
use crate::source::patch::{self, FileDiff, Patch, Series, Side};
use crate::source::{FileId, Files, GitTree, Objects, Reader, WorkTree};

/// A repository, and where the tree lies in it.
pub(super) struct Place {
    objects: Arc<Objects>,
    /// Empty, or with `/` at its end.
    prefix: String,
    /// Where the tree lies on the disk; empty for a bare repository.
    root: PathBuf,
}

impl Place {
    /// The repository that the arguments name, or the one around the paths.
    ///
    /// # Errors
    /// When there is none that can be read.
    pub(super) fn open(args: &CheckArgs) -> anyhow::Result<Place> {
        if let Some(directory) = &args.source.git_dir {
            let git = Git::in_directory(directory);
            let git = git.with_context(|| directory.display().to_string())?;
            return Ok(Place {
                objects: Objects::new(git),
                prefix: String::new(),
                root: PathBuf::new(),
            });
        }
        let root = root(args)?;
        let git = Git::repository(&root)?;
        Ok(Place {
            prefix: git.prefix()?,
            objects: Objects::new(git),
            root,
        })
    }

    fn git(&self) -> &Git {
        self.objects.git()
    }

    fn tree(&self, commit: &str) -> Result<Arc<GitTree>, GitError> {
        self.objects.tree(commit, &self.prefix).map(Arc::new)
    }

    /// The tree of a revision.
    ///
    /// # Errors
    /// When there is no such revision, or no tree in it.
    pub(super) fn revision(&self, revision: &str, args: &CheckArgs) -> anyhow::Result<Tree> {
        let commit = self.git().commit(revision)?;
        let tree = Tree::of(&self.root, self.tree(&commit)?, &args.tree)?;
        tree.with_context(|| format!("no Kconfig tree in {revision}"))
    }

    /// The paths of the command line as a filter; they need not exist on the disk.
    pub(super) fn filter(&self, args: &CheckArgs) -> anyhow::Result<Filter> {
        Filter::by_name(&self.root, &args.paths)
    }
}

/// The folder of the tree around the paths of the command line; where there is none on the disk,
/// the first path itself.
fn root(args: &CheckArgs) -> anyhow::Result<PathBuf> {
    let first = args.paths.first().context("no path is given")?;
    if let Some(root) = run::root(first, &args.tree)? {
        return Ok(root);
    }
    let absolute = std::path::absolute(first)?;
    let mut folders = absolute.ancestors();
    let folder = folders.find(|folder| folder.is_dir());
    Ok(folder.context("no such folder")?.to_owned())
}

/// A tree of the series.
struct Stage {
    /// `None` where there is nothing yet.
    reader: Option<Arc<dyn Reader>>,
    /// What leads here; `None` before the series.
    step: Option<Step>,
    /// The trees before it.
    from: Vec<usize>,
    /// The files that differ from the first of them.
    changed: BTreeSet<String>,
}

struct Step {
    commit: Option<String>,
    subject: String,
    /// The file with the patch, and what the patch does.
    patch: Option<(String, Vec<FileDiff>)>,
}

/// Judges a series: the findings that its changes bring or take away, and otherwise the outcome of
/// its last tree.
///
/// # Errors
/// When a tree cannot be read, or a patch does not apply.
pub(super) fn check(
    args: &CheckArgs,
    effort: Option<Effort>,
) -> anyhow::Result<Option<(Outcome, Tree)>> {
    let (stages, filter, root) = series(args)?;
    let baselines = Baselines::read(args.baseline.as_deref(), None)?;
    let mut judge = Judge {
        args,
        effort,
        filter,
        root,
        baselines,
        judged: Vec::new(),
        last: None,
    };
    for stage in &stages {
        judge.stage(stage)?;
    }
    judge.outcome(&stages)
}

fn series(args: &CheckArgs) -> anyhow::Result<(Vec<Stage>, Filter, PathBuf)> {
    let source = &args.source;
    if let Some(file) = &source.patch {
        return patches(args, file);
    }
    let place = Place::open(args)?;
    let stages = match &source.range {
        Some(range) => commits(&place, range)?,
        None => staged(&place)?,
    };
    let filter = place.filter(args)?;
    Ok((stages, filter, place.root))
}

/// HEAD, if there is one, and the index.
fn staged(place: &Place) -> anyhow::Result<Vec<Stage>> {
    let index = place.objects.index()?;
    let mut stages = Vec::new();
    let mut changed = BTreeSet::new();
    if let Ok(head) = place.git().commit("HEAD") {
        let tree = place.tree(&head)?;
        changed = index.changed(&tree);
        stages.push(Stage::before(tree));
    }
    stages.push(Stage {
        reader: Some(Arc::new(index)),
        step: Some(Step {
            commit: None,
            subject: String::new(),
            patch: None,
        }),
        from: (0..stages.len()).collect(),
        changed,
    });
    Ok(stages)
}

/// The commits of a range and the trees that they come from.
fn commits(place: &Place, range: &str) -> anyhow::Result<Vec<Stage>> {
    if !range.contains("..") || range.contains("...") {
        bail!("--range {range}: a range is written A..B");
    }
    let mut stages: Vec<Stage> = Vec::new();
    let mut known: BTreeMap<String, (usize, Arc<GitTree>)> = BTreeMap::new();
    for commit in place.git().range(range)? {
        let mut from = Vec::new();
        for parent in &commit.parents {
            if !known.contains_key(parent) {
                let tree = place.tree(parent)?;
                known.insert(parent.clone(), (stages.len(), tree.clone()));
                stages.push(Stage::before(tree));
            }
            from.push(known[parent].0);
        }
        let tree = place.tree(&commit.name)?;
        let first = commit.parents.first().map(|parent| &known[parent].1);
        let changed = first.map(|first| tree.changed(first)).unwrap_or_default();
        known.insert(commit.name.clone(), (stages.len(), tree.clone()));
        stages.push(Stage {
            reader: Some(tree),
            step: Some(Step {
                commit: Some(commit.name),
                subject: commit.subject,
                patch: None,
            }),
            from,
            changed,
        });
    }
    Ok(stages)
}

/// The patches of a file on their base.
fn patches(args: &CheckArgs, file: &Path) -> anyhow::Result<(Vec<Stage>, Filter, PathBuf)> {
    let name = if file == Path::new("-") {
        "<stdin>".to_owned()
    } else {
        file.display().to_string()
    };
    let mut text = Vec::new();
    match name.as_str() {
        "<stdin>" => std::io::stdin().read_to_end(&mut text).map(drop),
        _ => std::fs::read(file).map(|bytes| text = bytes),
    }
    .with_context(|| name.clone())?;
    let series = Series::parse(&text).map_err(|error| anyhow::anyhow!("{name}:{error}"))?;
    let base = Base::of(args, &series)?;
    let applied = forwards(&base.reader, &series.patches);
    let readers = match applied {
        Ok(readers) => readers,
        Err(conflict) => {
            // b4 asks about a patch when its series lies in the work tree already.
            let backwards = base
                .is_work_tree
                .then(|| backwards(&base.reader, &series.patches));
            match backwards.flatten() {
                Some(readers) => readers,
                None => bail!("{name}:{conflict}"),
            }
        }
    };
    let mut readers = readers.into_iter();
    let first = readers.next().context("a series has a tree before it")?;
    let mut stages = vec![Stage::before(first)];
    for (reader, patch) in readers.zip(series.patches) {
        let paths = patch
            .files
            .iter()
            .flat_map(|file| file.old.iter().chain(&file.new));
        let changed = paths.cloned().collect();
        let from = vec![stages.len() - 1];
        stages.push(Stage {
            reader: Some(reader),
            step: Some(Step {
                commit: patch.commit,
                subject: patch.subject,
                patch: Some((name.clone(), patch.files)),
            }),
            from,
            changed,
        });
    }
    Ok((stages, base.filter, base.root))
}

/// What patches apply to.
struct Base {
    reader: Arc<dyn Reader>,
    is_work_tree: bool,
    filter: Filter,
    root: PathBuf,
}

impl Base {
    fn of(args: &CheckArgs, series: &Series) -> anyhow::Result<Base> {
        let SourceArgs { base, git_dir, .. } = &args.source;
        let place = || Place::open(args);
        let revision = match (base, &series.base) {
            (Some(base), _) => {
                let place = place()?;
                Some((place.git().commit(base)?, place))
            }
            // A base that this repository does not have says nothing.
            (None, Some(named)) => {
                let place = place().ok();
                place.and_then(|place| Some((place.git().commit(named).ok()?, place)))
            }
            (None, None) => None,
        };
        match revision {
            Some((commit, place)) => Ok(Base {
                reader: place.tree(&commit)?,
                is_work_tree: false,
                filter: place.filter(args)?,
                root: place.root,
            }),
            None if git_dir.is_some() => bail!("--patch with --git-dir needs --base"),
            None => {
                let root = root(args)?;
                Ok(Base {
                    reader: Arc::new(WorkTree::new(&root)),
                    is_work_tree: true,
                    filter: Filter::by_name(&root, &args.paths)?,
                    root,
                })
            }
        }
    }
}

fn forwards(
    base: &Arc<dyn Reader>,
    patches: &[Patch],
) -> Result<Vec<Arc<dyn Reader>>, patch::Conflict> {
    let mut readers = vec![base.clone()];
    for patch in patches {
        let after = patch::apply(&readers[readers.len() - 1], patch, &is_by_name)?;
        readers.push(Arc::new(after));
    }
    Ok(readers)
}

/// The trees where all patches are applied already; `None` when they are not.
fn backwards(last: &Arc<dyn Reader>, patches: &[Patch]) -> Option<Vec<Arc<dyn Reader>>> {
    let reversed: Vec<Patch> = patches.iter().rev().map(Patch::reversed).collect();
    let mut readers = forwards(last, &reversed).ok()?;
    readers.reverse();
    Some(readers)
}

/// Whether a file of this name is one that can count.
fn is_by_name(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.contains("Kconfig")
        || name.contains("Config")
        || name == FILE_NAME
        || path == "Makefile"
        || path.contains("/kconfig/")
        || name.ends_with(".kconfig")
}

impl Stage {
    fn before(tree: Arc<dyn Reader>) -> Stage {
        Stage {
            reader: Some(tree),
            step: None,
            from: Vec::new(),
            changed: BTreeSet::new(),
        }
    }
}

/// A finding on an architecture; no name where the tree has none.
type Mark = (String, String);

/// A tree that was judged.
struct Judged {
    files: Option<Arc<Files>>,
    findings: Vec<Diagnostic>,
    marks: BTreeSet<Mark>,
    reads: BTreeSet<String>,
    /// Those that it brings.
    new: Vec<Diagnostic>,
}

struct Judge<'a> {
    args: &'a CheckArgs,
    /// How far fixes are proved.
    effort: Option<Effort>,
    filter: Filter,
    root: PathBuf,
    baselines: Baselines<'a>,
    judged: Vec<Arc<Judged>>,
    /// What the last tree that was analysed is like.
    last: Option<(Outcome, Tree)>,
}

impl Judge<'_> {
    fn stage(&mut self, stage: &Stage) -> anyhow::Result<()> {
        if let [first] = stage.from[..] {
            let first = self.judged[first].clone();
            let counts = |path: &String| is_by_name(path) || first.reads.contains(path);
            if !stage.changed.iter().any(counts) {
                self.judged.push(Arc::new(Judged {
                    files: first.files.clone(),
                    findings: first.findings.clone(),
                    marks: first.marks.clone(),
                    reads: first.reads.clone(),
                    new: Vec::new(),
                }));
                return Ok(());
            }
        }
        let judged = self.analyse(stage)?;
        self.judged.push(Arc::new(judged));
        Ok(())
    }

    fn analyse(&mut self, stage: &Stage) -> anyhow::Result<Judged> {
        let tree = match &stage.reader {
            Some(reader) => Tree::of(&self.root, reader.clone(), &self.args.tree)?,
            None => None,
        };
        let Some(tree) = tree else {
            return Ok(Judged {
                files: None,
                findings: Vec::new(),
                marks: BTreeSet::new(),
                reads: BTreeSet::new(),
                new: Vec::new(),
            });
        };
        let (analysis, allows) = prepared(&tree, &self.args.levels.words, false)?;
        let progress = Progress::new(self.args.shows_progress());
        let ran = run::analyse(&tree, &self.args.tree, analysis, &progress)?;
        drop(progress);
        let mut outcome = ran.outcome;
        report::mark(&mut outcome.findings, &outcome.files);
        let levels = &ran.options.levels;
        self.baselines
            .suppress(&mut outcome, &allows, levels, &self.root, &self.filter);
        let findings = outcome.findings.clone();
        let marks = findings.iter().flat_map(marks).collect();
        if stage.step.is_some() {
            let before: BTreeSet<&Mark> = stage
                .from
                .iter()
                .flat_map(|from| &self.judged[*from].marks)
                .collect();
            let files = outcome.files.clone();
            outcome.findings.retain_mut(|finding| {
                let new = marks_of(finding).filter(|mark| !before.contains(mark));
                let names: Vec<String> = new.map(|(_, name)| name).collect();
                if !finding.architectures.is_empty() {
                    finding.architectures.clone_from(&names);
                }
                !names.is_empty() && self.filter.admits(finding, &files)
            });
            if let Some(effort) = self.effort {
                let shows = self.args.shows_progress();
                run::prove(&mut outcome, &ran.options, effort, shows)?;
            }
        } else {
            outcome.findings.clear();
        }
        let judged = Judged {
            files: Some(outcome.files.clone()),
            findings,
            marks,
            reads: outcome.files.paths().into_iter().collect(),
            new: std::mem::take(&mut outcome.findings),
        };
        for error in &outcome.internal_errors {
            complain(&format!("internal: {error}"));
        }
        outcome.base = None;
        let errors = self.last.take().map(|(last, _)| last.internal_errors);
        outcome.internal_errors.extend(errors.unwrap_or_default());
        self.last = Some((outcome, tree));
        Ok(judged)
    }

    /// What is reported of all of them.
    fn outcome(self, stages: &[Stage]) -> anyhow::Result<Option<(Outcome, Tree)>> {
        let Some((mut outcome, tree)) = self.last else {
            return Ok(None);
        };
        let mut found = Collected {
            files: Files::new(tree.reader().clone()),
            ids: BTreeMap::new(),
            findings: Vec::new(),
        };
        for (at, (stage, judged)) in stages.iter().zip(&self.judged).enumerate() {
            let Some(step) = &stage.step else {
                continue;
            };
            for finding in &judged.new {
                let later = gone_with(stages, &self.judged, at, finding);
                let status = if later.is_some() {
                    Status::FixedLater
                } else {
                    Status::New
                };
                let files = judged.files.as_ref();
                let change = Change {
                    patch: files.and_then(|files| step.place(finding, files)),
                    gone_with: later.map(|step| step.change(Status::Fixed).words()),
                    ..step.change(status)
                };
                found.add(at, files, finding, change);
            }
            let Some(first) = stage.from.first() else {
                continue;
            };
            let before = &self.judged[*first];
            for finding in &before.findings {
                let own = marks_of(finding);
                let gone = own.into_iter().all(|mark| !judged.marks.contains(&mark));
                // What the series itself brought is told there.
                let is_old = !self.judged.iter().any(|it| brings(it, finding));
                let shown = before
                    .files
                    .as_ref()
                    .is_some_and(|files| self.filter.admits(finding, files));
                if gone && is_old && shown {
                    let mut finding = finding.clone();
                    finding.level = Level::Allow;
                    finding.fixes.clear();
                    finding.rejected.clear();
                    found.add(
                        *first,
                        before.files.as_ref(),
                        &finding,
                        step.change(Status::Fixed),
                    );
                }
            }
        }
        outcome.files = Arc::new(found.files);
        outcome.findings = found.findings;
        outcome.remarks.clear();
        Ok(Some((outcome, tree)))
    }
}

impl Step {
    fn change(&self, status: Status) -> Change {
        Change {
            status,
            commit: self.commit.clone(),
            subject: self.subject.clone(),
            gone_with: None,
            patch: None,
        }
    }

    /// The line of the patch that adds one of a finding's places, the first of them.
    fn place(&self, finding: &Diagnostic, files: &Files) -> Option<(String, u32)> {
        let (name, diffs) = self.patch.as_ref()?;
        let labels = finding.primary.iter().chain(&finding.labels);
        let mut places = labels.chain(&finding.related).map(|label| {
            let file = files.get(label.span.file);
            (file.path().to_owned(), file.position(label.span.start).line)
        });
        let line = places.find_map(|(path, line)| {
            let mut own = diffs
                .iter()
                .filter(|diff| diff.new.as_deref() == Some(&path));
            own.find_map(|diff| added(diff, line))
        });
        let first = diffs.iter().find(|diff| {
            diff.new
                .iter()
                .chain(&diff.old)
                .any(|path| is_by_name(path))
        });
        Some((name.clone(), line.or(first.map(|diff| diff.line))?))
    }
}

/// The line of the patch that adds a line of the new file, both from 1.
fn added(diff: &FileDiff, wanted: u32) -> Option<u32> {
    for hunk in &diff.hunks {
        let mut line = hunk.new_start;
        for (at, part) in hunk.lines.iter().enumerate() {
            if part.side == Side::New && line == wanted {
                return Some(hunk.line + at as u32 + 1);
            }
            line += u32::from(part.side != Side::Old);
        }
    }
    None
}

fn marks_of(finding: &Diagnostic) -> impl Iterator<Item = Mark> {
    let names = match finding.architectures.is_empty() {
        true => vec![String::new()],
        false => finding.architectures.clone(),
    };
    let mark = finding.fingerprint.clone();
    names.into_iter().map(move |name| (mark.clone(), name))
}

fn marks(finding: &Diagnostic) -> Vec<Mark> {
    marks_of(finding).collect()
}

fn brings(judged: &Judged, finding: &Diagnostic) -> bool {
    judged
        .new
        .iter()
        .any(|new| new.fingerprint == finding.fingerprint)
}

/// The first change after `at` in whose tree a finding is no more; `None` when the last tree has it.
fn gone_with<'s>(
    stages: &'s [Stage],
    judged: &[Arc<Judged>],
    at: usize,
    finding: &Diagnostic,
) -> Option<&'s Step> {
    let has = |judged: &Judged| marks_of(finding).any(|mark| judged.marks.contains(&mark));
    if judged.last().is_some_and(|last| has(last)) {
        return None;
    }
    let later = stages.iter().zip(judged).skip(at + 1);
    later
        .filter(|(stage, _)| stage.step.is_some())
        .find(|(_, judged)| !has(judged))
        .and_then(|(stage, _)| stage.step.as_ref())
}

/// Findings of several trees in one report.
struct Collected {
    files: Files,
    ids: BTreeMap<(usize, FileId), FileId>,
    findings: Vec<Diagnostic>,
}

impl Collected {
    fn add(&mut self, at: usize, files: Option<&Arc<Files>>, finding: &Diagnostic, change: Change) {
        let mut finding = finding.clone();
        if let Some(files) = files {
            finding.move_files(&mut |id| {
                let own = self.ids.entry((at, id));
                *own.or_insert_with(|| self.files.add_version(&files.get(id)))
            });
        }
        finding.change = Some(change);
        self.findings.push(finding);
    }
}
