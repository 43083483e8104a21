// SPDX-License-Identifier: MIT OR Apache-2.0
//! The trees of a series: what the index, a range of commits or a file of patches changes, step
//! by step.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};

use super::super::args::{CheckArgs, SourceArgs, TreeArgs};
use super::super::paths::{Filter, walk};
use super::super::roots::Roots;
use super::super::run;
use super::repository::{Repository, refuse_probe, root};
use super::trees::with_slash;
use crate::config::Root;
use crate::diagnostic::{Change, Status};
use crate::source::git::{Git, GitError};
use crate::source::patch::{self, FileDiff, Patch, Series as Mails};
use crate::source::{Changed, GitTree, Reader, Within, WorkTree, may_be_sourced};
use crate::tree::{self, Overrides};

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
    /// Whether the repository may have more trees below this folder.
    pub(super) is_wide: bool,
    /// Where the tree lies below the folder that the stages are listed from, with `/` at its end
    /// unless empty. A tree that moves has several places, of which a stage has one.
    folders: Vec<String>,
    /// The same for the names of files in a patch.
    offset: String,
    /// Whether the tree may read files beside its folder, as a root of the settings may.
    leads_up: bool,
}

/// A tree of the series.
#[derive(Clone)]
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
#[derive(Clone)]
enum Origin {
    Commit(String),
    Tree(Arc<GitTree>),
    /// With patches applied.
    Patched(Arc<dyn Reader>),
}

/// A change of the series.
#[derive(Clone)]
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
            is_wide: repository.is_wide,
            repository: Some(repository),
            folders: vec![String::new()],
            leads_up: false,
            offset: String::new(),
        })
    }

    /// The series in a tree below this folder, which has the one or other of these places; `None`
    /// where nothing of that tree is shown.
    pub(super) fn within(&self, folders: &[String]) -> Option<Series> {
        let filter = self.filter.within(folders)?;
        let folders = folders.iter().map(|folder| match &**folder {
            "" => String::new(),
            folder => format!("{folder}/"),
        });
        let folders: Vec<String> = folders.collect();
        let inside = |changed: &Changed| folders.iter().find_map(|it| changed.within(it));
        let stages = self.stages.iter().map(|stage| Stage {
            changed: stage.changed.iter().filter_map(inside).collect(),
            ..stage.clone()
        });
        let last = folders.last()?;
        Some(Series {
            stages: stages.collect(),
            filter,
            root: self.root.join(last),
            repository: self.repository.clone(),
            is_wide: false,
            offset: format!("{}{last}", self.offset),
            folders,
            leads_up: false,
        })
    }

    /// The series in one of several trees that the settings list. The tree may read files beside its folder.
    pub(super) fn of_root(&self, root: &Root) -> Series {
        let folder = with_slash(&root.folder);
        let stages = self.stages.iter().map(|stage| Stage {
            changed: stage
                .changed
                .iter()
                .filter_map(|it| it.seen_from(&folder))
                .collect(),
            ..stage.clone()
        });
        Series {
            stages: stages.collect(),
            filter: self.filter.seen_from(&root.folder),
            root: self.root.join(&root.folder),
            repository: self.repository.clone(),
            is_wide: false,
            offset: format!("{}{folder}", self.offset),
            folders: vec![folder],
            leads_up: true,
        }
    }

    /// The roots that the settings of the last tree list, or the one of them that `--root` names; `None` where they list
    /// nothing.
    ///
    /// # Errors
    /// When something is wrong with these settings.
    pub(super) fn roots(&self, args: &CheckArgs) -> anyhow::Result<Option<Roots>> {
        let is_named = args.source.git_dir.is_some();
        // Most repositories have no such settings, and listing a tree takes time.
        if !is_named && Roots::around(std::slice::from_ref(&self.root), &args.tree)?.is_none() {
            return Ok(None);
        }
        match self.stages.last() {
            Some(last) => Roots::of(&self.whole(last)?, &self.root, &args.tree),
            None => Ok(None),
        }
    }

    /// Whether the last tree has a root file.
    ///
    /// # Errors
    /// When git cannot list it.
    pub(super) fn has_root_file(&self, args: &TreeArgs) -> anyhow::Result<bool> {
        let reader = self.stages.last().map(|last| self.reader(last));
        let overrides = run::overrides(args)?;
        let reader = reader.transpose()?;
        Ok(reader.is_some_and(|it| tree::locate_in(&it, &self.root, &overrides).is_some()))
    }

    /// The folder in which the paths of a report start, as the patches of the series name it.
    pub(super) fn offset(&self) -> &str {
        &self.offset
    }

    /// The files of a stage.
    ///
    /// # Errors
    /// When git cannot list them.
    pub(super) fn reader(&self, stage: &Stage) -> Result<Arc<dyn Reader>, GitError> {
        let whole = self.whole(stage)?;
        let within = match self.leads_up {
            true => Within::seen_from,
            false => Within::of,
        };
        let mut readers = self.folders.iter().map(|it| within(whole.clone(), it));
        let last = readers.next_back().unwrap_or_else(|| whole.clone());
        let has_root = |reader: &Arc<dyn Reader>| {
            tree::locate_in(reader, &self.root, &Overrides::default()).is_some()
        };
        match self.folders.len() {
            1 => Ok(last),
            _ => Ok(readers.find(has_root).unwrap_or(last)),
        }
    }

    /// All files of a stage, not only those of the tree.
    pub(super) fn whole(&self, stage: &Stage) -> Result<Arc<dyn Reader>, GitError> {
        match &stage.origin {
            Origin::Patched(reader) => Ok(reader.clone()),
            _ => Ok(self.git_tree(stage)?.ok_or(GitError::NoHistory)?),
        }
    }

    /// The same where it comes from git.
    pub(super) fn git_tree(&self, stage: &Stage) -> Result<Option<Arc<GitTree>>, GitError> {
        match (&stage.origin, &self.repository) {
            (Origin::Tree(tree), _) => Ok(Some(tree.clone())),
            (Origin::Commit(commit), Some(repository)) => {
                Ok(Some(Arc::new(repository.tree(commit)?)))
            }
            _ => Ok(None),
        }
    }

    /// The files of the last stage that may begin a tree.
    pub(super) fn names(&self, whole: &Arc<dyn Reader>) -> Result<Vec<String>, GitError> {
        let last = self.stages.last().map(|last| self.git_tree(last));
        match last.transpose()?.flatten() {
            Some(tree) => Ok(tree.paths().map(str::to_owned).collect()),
            None => Ok(walk(whole)),
        }
    }

    /// The folder of the tree below the one from which the series was listed.
    pub(super) fn folder(&self) -> &str {
        let last = self.folders.last().map_or("", String::as_str);
        last.trim_end_matches('/')
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
            stages.push(Stage::before(Origin::Tree(Arc::new(tree))));
        }
        // Before the first commit.
        Err(GitError::NoCommit(_)) => {}
        Err(error) => return Err(error.into()),
    }
    stages.push(Stage {
        origin: Origin::Tree(Arc::new(index)),
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
    if mails.patches.is_empty() {
        bail!("{name}: no patch is in it: give a diff, or mails as git format-patch writes them");
    }
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
            .flat_map(changed)
            .filter_map(|it| it.within(&base.offset));
        stages.push(Stage {
            origin: Origin::Patched(Within::of(reader, &base.offset)),
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
        is_wide: base.is_wide,
        folders: vec![String::new()],
        leads_up: false,
        offset: base.offset,
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
    is_wide: bool,
    /// Where the tree lies below the folder that the patches name files from.
    offset: String,
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
            Some((commit, repository)) => {
                let top = || Ok(Arc::new(repository.objects.tree(&commit, "")?) as Arc<dyn Reader>);
                let tree = || Ok(Arc::new(repository.tree(&commit)?) as Arc<dyn Reader>);
                let (reader, offset) = started(&mails.patches, &repository.prefix, &top, &tree)?;
                Ok(Base {
                    reader,
                    is_work_tree: false,
                    filter: repository.filter(args)?,
                    root: repository.root,
                    is_wide: repository.is_wide,
                    offset,
                })
            }
            None if git_dir.is_some() => bail!("--patch with --git-dir needs --base"),
            None => Base::work_tree(args, mails),
        }
    }

    fn work_tree(args: &CheckArgs, mails: &Mails) -> anyhow::Result<Base> {
        let (root, is_wide) = root(args)?;
        // Without a repository, patches can only start at the tree.
        let prefix = Git::repository(&root).and_then(|git| git.prefix());
        let prefix = prefix.unwrap_or_default();
        let depth = prefix.matches('/').count();
        let full = std::path::absolute(&root)?;
        let top = full.ancestors().nth(depth).unwrap_or(&full);
        let at = |folder: &Path| Ok(Arc::new(WorkTree::new(folder)) as Arc<dyn Reader>);
        let (reader, offset) = started(&mails.patches, &prefix, &|| at(top), &|| at(&root))?;
        Ok(Base {
            reader,
            is_work_tree: true,
            filter: Filter::by_name(&root, &args.paths)?,
            root,
            is_wide,
            offset,
        })
    }
}

/// The folder from which patches name files, and the path of the tree from there. Git names files
/// from the top of the repository, and with `--relative` from the folder it runs in.
fn started(
    patches: &[Patch],
    prefix: &str,
    top: &dyn Fn() -> anyhow::Result<Arc<dyn Reader>>,
    tree: &dyn Fn() -> anyhow::Result<Arc<dyn Reader>>,
) -> anyhow::Result<(Arc<dyn Reader>, String)> {
    if prefix.is_empty() {
        return Ok((tree()?, String::new()));
    }
    let files = || patches.iter().flat_map(|patch| &patch.files);
    let mut names = files().flat_map(|file| file.old.iter().chain(&file.new));
    let (top, tree) = (top()?, tree()?);
    let lies_in = |reader: &Arc<dyn Reader>| {
        let mut old = files().filter_map(|file| file.old.as_ref());
        old.any(|path| reader.exists(path))
    };
    if names.any(|name| name.starts_with(prefix)) || !lies_in(&tree) && lies_in(&top) {
        return Ok((top, prefix.to_owned()));
    }
    Ok((tree, String::new()))
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

/// The trees where all patches are applied already; `None` when they are not.
fn backwards(last: &Arc<dyn Reader>, patches: &[Patch]) -> Option<Vec<Arc<dyn Reader>>> {
    let reversed: Vec<Patch> = patches.iter().rev().map(Patch::reversed).collect();
    let mut readers = forwards(last, &reversed).ok()?;
    readers.reverse();
    Some(readers)
}
