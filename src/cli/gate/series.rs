// SPDX-License-Identifier: MIT OR Apache-2.0
//! The trees of a series: what the index, a range of commits or a file of patches changes, step
//! by step.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};

use super::super::args::{CheckArgs, SourceArgs};
use super::super::paths::Filter;
use super::repository::{Repository, refuse_probe, root};
use crate::diagnostic::{Change, Status};
use crate::source::git::GitError;
use crate::source::patch::{self, FileDiff, Patch, Series as Mails};
use crate::source::{Changed, Reader, WorkTree};

/// A series on its tree.
pub(super) struct Series {
    /// The trees, those before the series among them; each comes after what it comes from.
    pub(super) stages: Vec<Stage>,
    /// What of them is shown.
    pub(super) filter: Filter,
    /// Where the tree lies on the disk; empty if nowhere.
    pub(super) root: PathBuf,
    /// Where commits are read.
    repository: Option<Repository>,
}

/// A tree of the series.
pub(super) struct Stage {
    origin: Origin,
    /// What leads here; `None` before the series.
    pub(super) step: Option<Step>,
    /// The trees before it.
    pub(super) from: Vec<usize>,
    /// The files that differ from the only one of them; of several, nothing is said.
    pub(super) changed: BTreeSet<Changed>,
}

/// Where the files of a tree come from. A commit is listed when it is judged: a range may have
/// thousands, each with a hundred thousand files.
enum Origin {
    Commit(String),
    Reader(Arc<dyn Reader>),
}

/// A change of the series.
pub(super) struct Step {
    commit: Option<String>,
    subject: String,
    /// The file with the patch, and what the patch does.
    pub(super) patch: Option<(String, Vec<FileDiff>)>,
}

impl Step {
    pub(super) fn change(&self, status: Status) -> Change {
        Change {
            status,
            commit: self.commit.clone(),
            subject: self.subject.clone(),
            gone_with: None,
            terms: Vec::new(),
            patch: None,
        }
    }
}

impl Stage {
    fn before(origin: Origin) -> Stage {
        Stage {
            origin,
            step: None,
            from: Vec::new(),
            changed: BTreeSet::new(),
        }
    }
}

impl Series {
    /// The series that the arguments name.
    ///
    /// # Errors
    /// When it cannot be read, or a patch does not apply.
    pub(super) fn open(args: &CheckArgs) -> anyhow::Result<Series> {
        if let Some(file) = &args.source.patch {
            return patches(args, file);
        }
        let repository = Repository::open(args)?;
        let stages = match &args.source.range {
            Some(range) => commits(&repository, range)?,
            None => staged(&repository)?,
        };
        Ok(Series {
            stages,
            filter: repository.filter(args)?,
            root: repository.root.clone(),
            repository: Some(repository),
        })
    }

    /// The bytes of a blob of the repository.
    pub(super) fn blob(&self, name: &str) -> Option<Arc<[u8]>> {
        self.repository.as_ref()?.objects.blob(name).ok()
    }

    /// The files of a stage.
    ///
    /// # Errors
    /// When git cannot list them.
    pub(super) fn reader(&self, stage: &Stage) -> Result<Arc<dyn Reader>, GitError> {
        match (&stage.origin, &self.repository) {
            (Origin::Reader(reader), _) => Ok(reader.clone()),
            (Origin::Commit(commit), Some(repository)) => Ok(Arc::new(repository.tree(commit)?)),
            (Origin::Commit(commit), None) => Err(GitError::NoCommit(commit.clone())),
        }
    }
}

/// HEAD, if there is one, and the index.
fn staged(repository: &Repository) -> anyhow::Result<Vec<Stage>> {
    // A kernel has a hundred thousand files: git lists both at once.
    let (index, head) = std::thread::scope(|scope| {
        let index = scope.spawn(|| repository.objects.index());
        let head = repository.git().commit("HEAD");
        let head = head.and_then(|head| repository.tree(&head));
        let index = index.join();
        (
            index.unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            head,
        )
    });
    let index = index?;
    let mut stages = Vec::new();
    let mut changed = BTreeSet::new();
    match head {
        Ok(tree) => {
            changed = index.changed(&tree);
            stages.push(Stage::before(Origin::Reader(Arc::new(tree))));
        }
        // Before the first commit.
        Err(GitError::NoCommit(_)) => {}
        Err(error) => return Err(error.into()),
    }
    stages.push(Stage {
        origin: Origin::Reader(Arc::new(index)),
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
fn commits(repository: &Repository, range: &str) -> anyhow::Result<Vec<Stage>> {
    if !range.contains("..") || range.contains("...") {
        bail!("--range {range}: a range is written A..B");
    }
    let git = repository.git();
    let mut stages: Vec<Stage> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for commit in git.range(range)? {
        let mut from = Vec::new();
        for parent in &commit.parents {
            let at = known.entry(parent.clone()).or_insert_with(|| {
                stages.push(Stage::before(Origin::Commit(parent.clone())));
                stages.len() - 1
            });
            from.push(*at);
        }
        let changed = match &commit.parents[..] {
            [only] => git.changed(only, &commit.name, &repository.prefix)?,
            _ => BTreeSet::new(),
        };
        known.insert(commit.name.clone(), stages.len());
        stages.push(Stage {
            origin: Origin::Commit(commit.name.clone()),
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
fn patches(args: &CheckArgs, file: &Path) -> anyhow::Result<Series> {
    let is_stdin = file == Path::new("-");
    let name = match is_stdin {
        true => "<stdin>".to_owned(),
        false => file.display().to_string(),
    };
    let mut text = Vec::new();
    let read = match is_stdin {
        true => std::io::stdin().read_to_end(&mut text).map(|_| text),
        false => std::fs::read(file),
    };
    let text = read.with_context(|| name.clone())?;
    let mails = Mails::parse(&text).map_err(|error| anyhow::anyhow!("{name}:{error}"))?;
    let base = Base::of(args, &mails)?;
    let readers = forwards(&base.reader, &mails.patches).or_else(|conflict| {
        // b4 asks about a patch when its series lies in the work tree already.
        let taken_back = base
            .is_work_tree
            .then(|| backwards(&base.reader, &mails.patches));
        let refused = || anyhow::anyhow!("{name}:{conflict}");
        taken_back.flatten().ok_or_else(refused)
    })?;
    let mut stages = Vec::new();
    let mut steps = mails.patches.into_iter();
    for reader in readers {
        let from = stages.len().checked_sub(1).into_iter().collect();
        // The first of them lies before the series.
        let patch = if stages.is_empty() {
            None
        } else {
            steps.next()
        };
        let changed = patch
            .iter()
            .flat_map(|patch| &patch.files)
            .flat_map(changed);
        stages.push(Stage {
            origin: Origin::Reader(reader),
            changed: changed.collect(),
            step: patch.map(|patch| Step {
                commit: patch.commit,
                subject: patch.subject,
                patch: Some((name.clone(), patch.files)),
            }),
            from,
        });
    }
    Ok(Series {
        stages,
        filter: base.filter,
        root: base.root,
        repository: None,
    })
}

fn changed(file: &FileDiff) -> impl Iterator<Item = Changed> {
    let comes_or_goes = file.old != file.new;
    let paths = file.old.iter().chain(&file.new);
    paths.map(move |path| Changed {
        path: path.clone(),
        comes_or_goes,
    })
}

/// What patches apply to.
struct Base {
    reader: Arc<dyn Reader>,
    is_work_tree: bool,
    filter: Filter,
    root: PathBuf,
}

impl Base {
    fn of(args: &CheckArgs, mails: &Mails) -> anyhow::Result<Base> {
        refuse_probe(args)?;
        let SourceArgs { base, git_dir, .. } = &args.source;
        let revision = match (base, &mails.base) {
            (Some(base), _) => {
                let repository = Repository::open(args)?;
                Some((repository.git().commit(base)?, repository))
            }
            // A base that this repository does not have says nothing.
            (None, Some(named)) => Repository::open(args)
                .ok()
                .and_then(|repository| Some((repository.git().commit(named).ok()?, repository))),
            (None, None) => None,
        };
        match revision {
            Some((commit, repository)) => Ok(Base {
                reader: Arc::new(repository.tree(&commit)?),
                is_work_tree: false,
                filter: repository.filter(args)?,
                root: repository.root,
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

/// The base, and the tree after each patch.
fn forwards(
    base: &Arc<dyn Reader>,
    patches: &[Patch],
) -> Result<Vec<Arc<dyn Reader>>, patch::Conflict> {
    let mut readers = vec![base.clone()];
    for patch in patches {
        let below = readers[readers.len() - 1].clone();
        let after = patch::apply(&below, patch, &|path| counts(patch, &below, path))?;
        readers.push(Arc::new(after));
    }
    Ok(readers)
}

/// Whether a file of a patch can count. A binary one cannot, nor can what a sparse tree does not
/// have and the patch does not make.
fn counts(patch: &Patch, below: &Arc<dyn Reader>, path: &str) -> bool {
    let mut own = patch.files.iter().filter(|file| {
        let mut names = file.old.iter().chain(&file.new);
        names.any(|name| name == path)
    });
    own.any(|file| {
        let there = file.old.iter().all(|old| below.exists(old));
        !file.binary && (there || may_be_sourced(path))
    })
}

/// Whether a file is called like one that trees source.
pub(super) fn may_be_sourced(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.contains("Kconfig") || name.contains("Config.in") || name.ends_with(".kconfig")
}

/// The trees where all patches are applied already; `None` when they are not.
fn backwards(last: &Arc<dyn Reader>, patches: &[Patch]) -> Option<Vec<Arc<dyn Reader>>> {
    let reversed: Vec<Patch> = patches.iter().rev().map(Patch::reversed).collect();
    let mut readers = forwards(last, &reversed).ok()?;
    readers.reverse();
    Some(readers)
}
