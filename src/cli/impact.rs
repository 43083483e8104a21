// SPDX-License-Identifier: MIT OR Apache-2.0
//! `impact`: what a change of the tree does to the configurations of its defconfigs.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, bail};

use super::args::{CheckArgs, ImpactArgs, ImpactFormat, SourceArgs};
use super::gate::Repository;
use super::paths::Filter;
use super::run::{self, Analysis, Tree};
use super::{Status, Streams, finish};
use crate::references::walk;
use crate::report::{self, Affected};
use crate::session::impact::{self, Configured, Defconfig};

/// Runs `impact`.
///
/// # Errors
/// When a revision or the tree of one cannot be read, or there is no defconfig under the paths.
pub(super) fn impact(args: &ImpactArgs, streams: &mut Streams<'_>) -> anyhow::Result<Status> {
    let (old, new) = args
        .range
        .split_once("..")
        .context("--range is written A..B")?;
    let check = CheckArgs {
        paths: args.paths.clone(),
        source: SourceArgs {
            git_dir: args.git_dir.clone(),
            ..SourceArgs::default()
        },
        tree: args.tree.clone(),
        ..CheckArgs::default()
    };
    let repository = Repository::open(&check)?;
    let side = |revision: &str| -> anyhow::Result<BTreeMap<Defconfig, Configured>> {
        let revision = if revision.is_empty() {
            "HEAD"
        } else {
            revision
        };
        let files = repository.files(revision)?;
        let (tree, filter) = match repository.roots(&files, &check)? {
            Some(roots) => {
                let root = roots.only(&check.paths)?;
                repository.listed(files, root, &check.of_root(root))?
            }
            None => repository.revision(revision, files, &check)?,
        };
        configured(&tree, &filter, args)
    };
    let (before, after) = (side(old)?, side(new)?);
    let all: BTreeSet<&Defconfig> = before.keys().chain(after.keys()).collect();
    if all.is_empty() {
        bail!("no defconfig lies under the paths");
    }
    let affected: Vec<Affected> = all
        .iter()
        .filter_map(
            |defconfig| match (before.get(defconfig), after.get(defconfig)) {
                (Some(before), Some(after)) => {
                    let changes = impact::changes(before, after);
                    (!changes.is_empty()).then(|| Affected::Changed((*defconfig).clone(), changes))
                }
                (None, Some(_)) => Some(Affected::New((*defconfig).clone())),
                (Some(_), None) => Some(Affected::Gone((*defconfig).clone())),
                (None, None) => None,
            },
        )
        .collect();
    let (of, out) = (all.len(), &mut *streams.out);
    let written = match args.format {
        ImpactFormat::Human => report::impact(&affected, of, out),
        ImpactFormat::Json => report::impact_json(&affected, of, &args.range, out),
    };
    finish(written, streams)
}

/// What the defconfigs of a tree lead to that lie under the paths.
fn configured(
    tree: &Tree,
    filter: &Filter,
    args: &ImpactArgs,
) -> anyhow::Result<BTreeMap<Defconfig, Configured>> {
    let options = run::recorded(tree, &args.tree, Analysis::nothing())?;
    let mut wanted = impact::defconfigs(tree.project(), &walk(&**tree.reader()));
    wanted.retain(|it| filter.admits_path(&it.path));
    let files = tree.files();
    Ok(impact::configurations(
        tree.project(),
        files,
        &options,
        &wanted,
    )?)
}
