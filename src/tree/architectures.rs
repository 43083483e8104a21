// SPDX-License-Identifier: MIT OR Apache-2.0
//! The architectures that a user names, among those that a tree has.

use std::fmt;

use super::{Architecture, Project, detect, makefile};
use crate::source::Reader;

/// A name that no architecture of the tree bears.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownArchitecture {
    /// The name.
    pub name: String,
    /// Names that are like it, the best first; all names when none is.
    pub near: Vec<String>,
}

impl fmt::Display for UnknownArchitecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.near.is_empty() {
            return write!(
                f,
                "no architecture {}: this tree has no architectures",
                self.name
            );
        }
        let near = self.near.join(", ");
        write!(f, "no architecture {}; there is {near}", self.name)
    }
}

impl std::error::Error for UnknownArchitecture {}

/// The architectures of these names, sorted, each once. Besides the folders' names, `all` is
/// accepted and those names that the tree's Makefile maps to a folder (x86_64, i386,
/// sparc64 …): with ARCH set to one of these the tree itself narrows its space.
///
/// # Errors
/// When a name means nothing to the tree.
pub fn select_architectures(
    project: &Project,
    reader: &dyn Reader,
    names: &[String],
) -> Result<Vec<Architecture>, UnknownArchitecture> {
    if names.is_empty() || names.iter().any(|name| name == "all") {
        return Ok(project.architectures.clone());
    }
    let makefile = detect::read_text(reader, "Makefile").unwrap_or_default();
    let others = makefile::other_names(&makefile);
    let mut selected: Vec<Architecture> = Vec::new();
    for name in names {
        let of_folder = |folder: &str| {
            let all = project.architectures.iter();
            all.clone()
                .find(|known| known.name == folder && !folder.is_empty())
        };
        let known = of_folder(name).cloned().or_else(|| {
            let folder = of_folder(others.get(name)?)?;
            let mut environment = folder.environment.clone();
            environment.insert("ARCH".to_owned(), name.clone());
            Some(Architecture {
                name: name.clone(),
                environment,
            })
        });
        let known = known.ok_or_else(|| {
            let folders = project.architectures.iter().map(|known| known.name.clone());
            let all = folders.chain(others.keys().cloned());
            unknown(name, all.filter(|name| !name.is_empty()).collect())
        })?;
        selected.push(known);
    }
    selected.sort_by(|a, b| a.name.cmp(&b.name));
    selected.dedup();
    Ok(selected)
}

fn unknown(name: &str, mut all: Vec<String>) -> UnknownArchitecture {
    all.sort();
    all.dedup();
    let mut near: Vec<(usize, String)> = all
        .iter()
        .map(|known| {
            let starts = known.starts_with(name) || name.starts_with(known.as_str());
            let distance = if starts { 1 } else { distance(name, known) };
            (distance, known.clone())
        })
        .filter(|(distance, _)| *distance <= 2)
        .collect();
    near.sort();
    let near: Vec<String> = near.into_iter().map(|(_, known)| known).collect();
    UnknownArchitecture {
        name: name.to_owned(),
        near: if near.is_empty() { all } else { near },
    }
}

/// How many letters have to be changed, added or removed (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let change = diagonal + usize::from(left != *right);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_come_first() {
        let all = ["arm", "arm64", "riscv", "x86"].map(str::to_owned).to_vec();
        assert_eq!(unknown("arm6", all.clone()).near, ["arm", "arm64"]);
        assert_eq!(unknown("x68", all.clone()).near, ["x86"]);
        assert_eq!(unknown("vax", all).near.len(), 4);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
