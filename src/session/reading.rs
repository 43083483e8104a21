// SPDX-License-Identifier: MIT OR Apache-2.0
//! How much of a tree a run has read, and when that is too little for a verdict.
//!
//! A run that looked at nothing has no findings, and must not look like a clean tree.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

use super::analysis::Analysed;
use crate::menu::{InstanceId, Loader, Menu, NodeId, Unfollowed, Why};
use crate::source::{FileId, Span};
use crate::syntax::ast::EntryKind;
use crate::tree::ArchSet;

/// Variables that a message names before the list is cut.
const MAX_NAMES: usize = 4;

/// What became of the `source` statements on one architecture.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Sources {
    /// The statements that lead to a file.
    followed: FxHashSet<Span>,
    /// The others, without those that are optional.
    unfollowed: Vec<Unfollowed>,
    /// Whether the root file itself defines a symbol.
    root_defines: bool,
}

/// What a run has read, over all its architectures. A statement counts once.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Reading {
    /// The files that some architecture includes.
    pub files: BTreeSet<String>,
    /// The files that only architectures include that were not analysed.
    pub elsewhere: BTreeSet<String>,
    /// Statements that lead to a file.
    pub followed: usize,
    /// Statements that lead to none.
    pub unfollowed: usize,
    /// Of these, those whose path has an unset variable, by its name.
    pub unset: BTreeMap<String, usize>,
    /// Those to a file that the build makes.
    pub generated: usize,
    /// Those whose path an answer of the toolchain decides.
    pub toolchain: usize,
    /// Those to a file that is missing, or cannot be read.
    pub missing: usize,
    /// The rules that reported nothing because they need every name that the tree defines, and some
    /// file of it was not read.
    pub held_back: BTreeSet<String>,
    /// The statements of the root file that lead to no file, and the number of all, where most of the
    /// tree is unread.
    unread: Option<(usize, usize)>,
}

impl Sources {
    /// Those of a menu, on the architecture at this place of its list.
    pub(super) fn of(menu: &Menu, at: usize) -> Sources {
        let included = menu.instances.iter().filter(|it| it.on.contains(at));
        let unfollowed = menu.unfollowed.iter().filter(|it| it.on.contains(at));
        let unfollowed = unfollowed.map(|it| Unfollowed {
            on: ArchSet::only(0),
            ..it.clone()
        });
        Sources {
            followed: included.filter_map(|it| it.included_from).collect(),
            unfollowed: unfollowed.collect(),
            root_defines: menu.nodes.iter().enumerate().any(|(number, node)| {
                let kind = menu.kind(NodeId(number as u32));
                let defines = matches!(kind, EntryKind::Config(_) | EntryKind::MenuConfig(_));
                node.instance == InstanceId(0) && node.on.contains(at) && defines
            }),
        }
    }
}

impl Reading {
    /// What all architectures together have read.
    pub(super) fn new<'a>(
        results: impl IntoIterator<Item = &'a Analysed>,
        loader: &Loader,
    ) -> Reading {
        let files = loader.files();
        let loaded = loader.loaded().into_iter().map(|loaded| loaded.file);
        let mut reading = Reading::default();
        let mut followed: FxHashSet<Span> = FxHashSet::default();
        let mut unfollowed: BTreeSet<&Unfollowed> = BTreeSet::new();
        let mut read: FxHashSet<FileId> = FxHashSet::default();
        for result in results {
            followed.extend(&result.sources.followed);
            unfollowed.extend(&result.sources.unfollowed);
            read.extend(&result.instances);
            reading.unread = reading.unread.max(unread(result));
        }
        reading.files = read
            .into_iter()
            .map(|file| files.get(file).path().to_owned())
            .collect();
        reading.elsewhere = loaded
            .map(|file| files.get(file).path().to_owned())
            .filter(|path| !reading.files.contains(path))
            .collect();
        reading.followed = followed.len();
        let places: BTreeSet<Span> = unfollowed.iter().map(|it| it.span).collect();
        reading.unfollowed = places.len();
        for statement in unfollowed {
            match &statement.why {
                Why::Unset(names) => {
                    for name in names {
                        *reading.unset.entry(name.clone()).or_default() += 1;
                    }
                }
                Why::Generated => reading.generated += 1,
                Why::Toolchain => reading.toolchain += 1,
                Why::Missing => reading.missing += 1,
            }
        }
        reading
    }

    /// Takes in what another run of the same tree, from another root file, has read. What both
    /// counted is not known, so the larger number stays.
    pub fn join(&mut self, other: &Reading) {
        self.files.extend(other.files.iter().cloned());
        self.followed = self.followed.max(other.followed);
        self.unfollowed = self.unfollowed.max(other.unfollowed);
        for (name, number) in &other.unset {
            let own = self.unset.entry(name.clone()).or_default();
            *own = (*own).max(*number);
        }
        self.generated = self.generated.max(other.generated);
        self.toolchain = self.toolchain.max(other.toolchain);
        self.missing = self.missing.max(other.missing);
        self.held_back.extend(other.held_back.iter().cloned());
        self.unread = self.unread.max(other.unread);
    }

    /// Takes in what a run of another tree has read.
    pub fn add(&mut self, other: &Reading) {
        self.followed += other.followed;
        self.unfollowed += other.unfollowed;
        for (name, number) in &other.unset {
            *self.unset.entry(name.clone()).or_default() += number;
        }
        self.generated += other.generated;
        self.toolchain += other.toolchain;
        self.missing += other.missing;
        self.held_back.extend(other.held_back.iter().cloned());
    }

    /// Renames the files, as another folder sees them.
    pub fn rename(&mut self, name: impl Fn(&str) -> String) {
        for files in [&mut self.files, &mut self.elsewhere] {
            *files = files.iter().map(|file| name(file)).collect();
        }
    }

    /// Why `source` statements led to no file, each reason with their number.
    pub fn reasons(&self) -> Vec<String> {
        let mut reasons: Vec<String> = self
            .unset
            .iter()
            .map(|(name, number)| format!("{number} because {name} is not set"))
            .collect();
        for (number, words) in [
            (self.generated, "to files that the build makes"),
            (self.toolchain, "to files that the toolchain decides"),
            (self.missing, "to missing or unreadable files"),
        ] {
            if number > 0 {
                reasons.push(format!("{number} {words}"));
            }
        }
        reasons
    }

    /// What to do about the statements that lead to no file.
    fn advice(&self) -> Option<String> {
        let names: Vec<&str> = self.unset.keys().map(String::as_str).collect();
        let shown = &names[..names.len().min(MAX_NAMES)];
        if !shown.is_empty() {
            let options: Vec<String> = shown.iter().map(|it| format!("--env {it}=…")).collect();
            let (verb, rest) = match names.len() - shown.len() {
                0 if names.len() == 1 => ("is", String::new()),
                0 => ("are", String::new()),
                rest => ("are", format!(" and {rest} more")),
            };
            return Some(format!(
                "{}{rest} {verb} not set: give the value with {}",
                shown.join(", "),
                options.join(" ")
            ));
        }
        if self.generated > 0 {
            return Some("the build makes files that the tree sources: build first".to_owned());
        }
        (self.toolchain > 0).then(|| {
            "the toolchain decides which files the tree sources: use --toolchain probe or FILE"
                .to_owned()
        })
    }
}

/// The root file's statements that lead to no file and the number of all, where more of them lead
/// nowhere than to a file; the root file counts as one that is read if it defines a symbol. A
/// statement to a missing file does not count: a finding says that.
fn unread(result: &Analysed) -> Option<(usize, usize)> {
    let root = *result.instances.first()?;
    let in_root = |span: &&Span| span.file == root;
    let followed = result.sources.followed.iter().filter(in_root).count();
    let unfollowed = result.sources.unfollowed.iter();
    let unfollowed = unfollowed.filter(|it| it.why != Why::Missing);
    let unfollowed: BTreeSet<Span> = unfollowed.map(|it| it.span).collect();
    let unfollowed = unfollowed.iter().filter(in_root).count();
    let read = followed + usize::from(result.sources.root_defines);
    (unfollowed > read).then_some((unfollowed, unfollowed + followed))
}

/// Why a run gives no verdict although nothing in it failed. There is no verdict where no symbol was
/// read, and where on some architecture most of the root file's `source` statements lead nowhere, for
/// a reason that lies outside the tree (`unread`).
pub(super) fn objection(reading: &Reading, symbols: usize, root: &str) -> Option<String> {
    let advice = reading.advice();
    if symbols == 0 {
        return Some(match advice {
            Some(advice) => format!("no symbol was read from {root}: {advice}"),
            None => format!(
                "no symbol was read: neither {root} nor a file that it sources defines one; \
                 --root FILE names another root file"
            ),
        });
    }
    let (unfollowed, all) = reading.unread?;
    let advice = advice.unwrap_or_default();
    Some(format!(
        "most of the tree was not read: {unfollowed} of {all} source statements of {root} lead to \
         no file; {advice}"
    ))
}
