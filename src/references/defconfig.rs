// SPDX-License-Identifier: MIT OR Apache-2.0
//! The defconfigs of a tree, and for which architecture each of them is. Nothing here reads one.

use super::{FileKind, kind};
use crate::tree::{Architecture, Project};

/// A defconfig on an architecture.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Defconfig {
    /// Its path in the tree.
    pub path: String,
    /// The architecture; empty where the tree has none.
    pub architecture: String,
}

/// Those of these paths that are defconfigs, in their order, without those that only add to another one. Where a tree has
/// architectures, a defconfig belongs to that of its folder.
pub fn defconfigs(project: &Project, paths: &[String]) -> Vec<Defconfig> {
    let all = paths.iter();
    let all = all.filter(|path| kind(path) == FileKind::Defconfig && !path.ends_with(".config"));
    let found = all.filter_map(|path| {
        Some(Defconfig {
            architecture: architecture_of(project, path)?.name.clone(),
            path: path.clone(),
        })
    });
    found.collect()
}

fn architecture_of<'p>(project: &'p Project, path: &str) -> Option<&'p Architecture> {
    if let [only] = &project.architectures[..] {
        return Some(only);
    }
    let folder = path.strip_prefix("arch/")?.split('/').next()?;
    let of_folder = |it: &&Architecture| {
        let source = it.environment.get("SRCARCH");
        source.map_or(it.name.as_str(), String::as_str) == folder
    };
    project.architectures.iter().find(of_folder)
}
