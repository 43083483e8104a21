// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which Kconfig trees of a repository a series touches.
//!
//! A tree may lie in any folder beside other code, and a repository may have several. Each changed
//! file belongs to the trees around it, found as on the disk: by the marks of known kinds, else by
//! the outermost root file.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use anyhow::bail;

use super::super::args::CheckArgs;
use super::super::{paths, run};
use super::repository::{known, no_tree};
use super::series::Series;
use crate::source::{Reader, Within, may_be_sourced};
use crate::tree::{self, Around, Overrides};

/// What a series touches.
pub(super) enum Touched {
    /// These trees: the series in each of them.
    Trees(Vec<Series>),
    /// None of these trees, named as the user sees them.
    Nothing(Vec<String>),
}

/// Finds the trees that a series touches. The tree that lies in its own folder always counts: only
/// its analysis can tell what it reads.
///
/// # Errors
/// When the repository has no tree, or a Kconfig file changes that belongs to none.
pub(super) fn touched(args: &CheckArgs, series: Series) -> anyhow::Result<Touched> {
    let (Some(first), Some(last)) = (series.stages.first(), series.stages.last()) else {
        return Ok(Touched::Nothing(vec![shown(&series.root, "")]));
    };
    if !series.is_wide {
        return Ok(Touched::Trees(vec![series]));
    }
    let overrides = run::overrides(&args.tree)?;
    let (first, last) = (series.whole(first)?, series.whole(last)?);
    let changed = changed(&series)?;
    let exists = |path: &str| {
        let below = format!("{path}/");
        let next = changed.range(below.clone()..).next();
        first.exists(path)
            || last.exists(path)
            || changed.contains(path)
            || next.is_some_and(|next| next.starts_with(&below))
    };
    let mut around = Around::new(&exists, &overrides);
    let own = around.folders(".").into_iter();
    let mut folders: BTreeSet<String> = own.collect();
    let mut orphans = Vec::new();
    for path in &changed {
        let found = around.folders(path);
        if found.is_empty() && is_kconfig_file(path) && series.filter.admits_path(path) {
            orphans.push(path.as_str());
        }
        folders.extend(found);
    }
    if let Some(orphan) = orphans.first() {
        bail!(
            "{orphan} changed, and belongs to no Kconfig tree: no folder around it has a root \
             file (Kconfig, Config.in, src/Kconfig); give the folder of the tree that reads it as \
             PATH, or its root file with --root"
        );
    }
    let trees = places(folders, &changed, &first, &last, &overrides);
    let trees: Vec<Series> = trees
        .iter()
        .filter_map(|tree| series.within(tree))
        .collect();
    if !trees.is_empty() {
        return Ok(Touched::Trees(trees));
    }
    let names = series.names(&last)?;
    let known = known(names.iter().map(String::as_str), &mut around);
    if known.is_empty() {
        return Err(no_tree(&format!("in {}", shown(&series.root, "")), &known));
    }
    let known = known.iter().map(|folder| shown(&series.root, folder));
    Ok(Touched::Nothing(known.collect()))
}

/// A folder below `root` as the user sees it.
pub(super) fn shown(root: &Path, folder: &str) -> String {
    match (root.as_os_str().is_empty(), folder) {
        (true, "") => ".".to_owned(),
        (true, folder) => folder.to_owned(),
        (false, "") => paths::shown(root),
        // The folder may be in git alone.
        (false, folder) => match paths::shown(root).as_str() {
            "." => folder.to_owned(),
            root => format!("{root}/{folder}"),
        },
    }
}

/// All files that a series changes. Of a merge that counts which lasts.
fn changed(series: &Series) -> anyhow::Result<BTreeSet<String>> {
    let stages = series.stages.iter();
    let mut changed: BTreeSet<String> = stages
        .flat_map(|stage| stage.changed.iter().map(|it| it.path.clone()))
        .collect();
    let has_merges = series.stages.iter().any(|stage| stage.from.len() > 1);
    if let (true, [first, .., last]) = (has_merges, &series.stages[..]) {
        if let (Some(first), Some(last)) = (series.git_tree(first)?, series.git_tree(last)?) {
            changed.extend(last.changed(&first).into_iter().map(|it| it.path));
        }
    }
    Ok(changed)
}

/// The places of each tree: two where it moves from one folder to another, the new one last.
fn places(
    folders: BTreeSet<String>,
    changed: &BTreeSet<String>,
    first: &Arc<dyn Reader>,
    last: &Arc<dyn Reader>,
    overrides: &Overrides,
) -> Vec<Vec<String>> {
    let has_tree = |reader: &Arc<dyn Reader>, folder: &str| {
        let folder = with_slash(folder);
        let reader = Within::of(reader.clone(), &folder);
        tree::locate_in(&reader, Path::new(""), overrides).is_some()
    };
    let fragments = |folder: &str| -> BTreeSet<&str> {
        let folder = with_slash(folder);
        let inside = changed.iter().filter_map(|it| it.strip_prefix(&folder));
        inside.filter(|it| may_be_sourced(it)).collect()
    };
    let (gone, mut left): (Vec<String>, Vec<String>) = folders
        .into_iter()
        .partition(|it| has_tree(first, it) && !has_tree(last, it));
    let mut places = Vec::new();
    for old in gone {
        let own = fragments(&old);
        let moved = left.iter().position(|new| {
            let shared = fragments(new).intersection(&own).count();
            !has_tree(first, new) && has_tree(last, new) && 2 * shared >= own.len().max(1)
        });
        let new = moved.map(|at| left.remove(at));
        places.push([old].into_iter().chain(new).collect());
    }
    places.extend(left.into_iter().map(|it| vec![it]));
    places.sort();
    places
}

/// The name of a folder as the beginning of a path.
pub(super) fn with_slash(folder: &str) -> String {
    match folder {
        "" => String::new(),
        folder => format!("{folder}/"),
    }
}

/// Whether a file is called as only Kconfig files are: `Kconfig.rst` is a text about them.
fn is_kconfig_file(path: &str) -> bool {
    const OTHERS: [&str; 9] = ["c", "h", "html", "json", "md", "py", "rst", "sh", "txt"];
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let begins = name.starts_with("Kconfig") || name.starts_with("Config.in");
    (begins || ending == "kconfig") && !OTHERS.contains(&ending)
}
