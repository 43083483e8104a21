// SPDX-License-Identifier: MIT OR Apache-2.0
//! The menu tree once some options have other dependencies, selects and implies, and nothing else is
//! different that a value can hang on: macros, sources and blocks are then what they were, and need not be
//! looked at again.

use std::collections::BTreeMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::loader::Loader;
use super::refused::refused;
use super::{Instance, InstanceId, Menu, NodeId};
use crate::source::FileId;
use crate::syntax::ast::{self, Ast, Attribute, AttributeKind, EntryId, EntryKind, WordId};
use crate::syntax::{Notation, SyntaxTree};
use crate::tree::Grammar;

impl Menu {
    /// The menu tree with other texts for some of its files, and the statements that are different
    /// then. `None` where more may be different, and the tree has to be read anew.
    ///
    /// A comment has no value: other words and conditions of it, and new ones, are left out.
    pub fn rewritten(
        &self,
        loader: &Loader,
        grammar: &Grammar,
        texts: &BTreeMap<FileId, Arc<[u8]>>,
    ) -> Option<(Menu, Vec<NodeId>)> {
        let mut versions: FxHashMap<(FileId, Notation), Version> = FxHashMap::default();
        let mut instances = Vec::with_capacity(self.instances.len());
        // The different statements, by inclusion.
        let mut different: FxHashMap<InstanceId, Vec<EntryId>> = FxHashMap::default();
        for (at, instance) in self.instances.iter().enumerate() {
            let Some(text) = texts.get(&instance.file) else {
                instances.push(instance.clone());
                continue;
            };
            let version = match versions.entry((instance.file, instance.notation)) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => {
                    let source = loader.files().get(instance.file);
                    let before = (&*instance.tree, source.text());
                    place.insert(Version::new(before, text, instance.notation, grammar)?)
                }
            };
            instances.push(version.included(instance));
            different.insert(InstanceId(at as u32), version.different.clone());
        }
        let nodes = self.nodes.iter().enumerate();
        let nodes = nodes.filter(|(_, node)| {
            let own = different.get(&node.instance);
            own.is_some_and(|own| own.contains(&node.entry))
        });
        let nodes = nodes.map(|(at, _)| NodeId(at as u32)).collect();
        let menu = Menu {
            on: self.on,
            instances,
            nodes: self.nodes.clone(),
            commands: self.commands.clone(),
            assumptions: self.assumptions.clone(),
            problems: self.problems.clone(),
            unfollowed: self.unfollowed.clone(),
            variants: self.variants.clone(),
            defined: self.defined.clone(),
        };
        Some((menu, nodes))
    }
}

/// A text of a file with its statements.
type Text<'t> = (&'t Ast, &'t [u8]);

/// Another text of a file.
struct Version {
    tree: Arc<SyntaxTree>,
    /// The statements that are different.
    different: Vec<EntryId>,
    /// The words with macros in these, by their numbers before and now.
    words: Vec<(WordId, WordId)>,
}

impl Version {
    fn new(
        (before, old): (&SyntaxTree, &[u8]),
        text: &[u8],
        notation: Notation,
        grammar: &Grammar,
    ) -> Option<Version> {
        let after = SyntaxTree::parse(text, notation);
        let is_sound = before.errors().is_empty() && after.errors().is_empty();
        if !is_sound || !refused(after.ast(), text, grammar).is_empty() {
            return None;
        }
        let (from, to): (Text<'_>, Text<'_>) = ((before.ast(), old), (after.ast(), text));
        let pairs = different(from, to)?;
        let (tree, graft) = before.grafted(&after, &pairs);
        let mut words = Vec::new();
        for (here, there) in &pairs {
            let own = macros(from, *here);
            let now = macros(to, *there);
            // What the number of its line gives would be another text.
            let has_line = |text: &[u8]| text.windows(6).any(|some| some == b"lineno");
            let is_same = own.iter().map(|it| it.1).eq(now.iter().map(|it| it.1));
            if !is_same || own.iter().any(|(_, text)| has_line(text)) {
                return None;
            }
            let own = own.iter().zip(&now);
            words.extend(own.map(|((before, _), (now, _))| (*before, graft.word(*now))));
        }
        Some(Version {
            tree: Arc::new(tree),
            different: pairs.into_iter().map(|(here, _)| here).collect(),
            words,
        })
    }

    /// An inclusion of the file with this text.
    fn included(&self, before: &Instance) -> Instance {
        let mut new = Instance {
            tree: self.tree.clone(),
            ..before.clone()
        };
        for (word, now) in &self.words {
            if let Some(output) = before.expansions.get(word) {
                new.expansions.insert(*now, output.clone());
            }
            if let Some(all) = before.forks.get(word) {
                new.forks.insert(*now, all.clone());
            }
        }
        new
    }
}

/// The options that have other dependencies, selects or implies, by their numbers before and now; `None`
/// where something else is different than a comment.
fn different(from: Text<'_>, to: Text<'_>) -> Option<Vec<(EntryId, EntryId)>> {
    let (before, now) = (statements(from.0), statements(to.0));
    if before.len() != now.len() {
        return None;
    }
    let mut places: FxHashMap<Option<EntryId>, Option<EntryId>> = FxHashMap::default();
    places.insert(None, None);
    let mut different = Vec::new();
    for ((here, around), (there, around_now)) in before.into_iter().zip(now) {
        places.insert(Some(here), Some(there));
        let (own, other) = (from.0.entry(here), to.0.entry(there));
        let is_same = own.head.of(from.1) == other.head.of(to.1);
        if !is_same || places.get(&around) != Some(&around_now) {
            return None;
        }
        let (own, now) = (written(from, own), written(to, other));
        if own == now {
            continue;
        }
        let kind = &from.0.entry(here).kind;
        let is_option = matches!(kind, EntryKind::Config(_) | EntryKind::MenuConfig(_));
        let own = own.iter().filter(|(is_link, ..)| !is_link);
        if !is_option || own.ne(now.iter().filter(|(is_link, ..)| !is_link)) {
            return None;
        }
        different.push((here, there));
    }
    Some(different)
}

/// The statements of a file but comments, each with the block around it.
fn statements(ast: &Ast) -> Vec<(EntryId, Option<EntryId>)> {
    let mut all = Vec::with_capacity(ast.entries.len());
    let mut blocks: Vec<(EntryId, EntryId)> = Vec::new();
    for (at, entry) in ast.entries.iter().enumerate() {
        let id = EntryId(at as u32);
        while blocks.last().is_some_and(|(_, end)| id >= *end) {
            blocks.pop();
        }
        if !matches!(entry.kind, EntryKind::Comment(_)) {
            all.push((id, blocks.last().map(|(block, _)| *block)));
        }
        if entry.end.0 > id.0 + 1 {
            blocks.push((id, entry.end));
        }
    }
    all
}

/// An attribute as it is written: whether it is a dependency, a select or an imply, its line, and the
/// text of a help.
type Written<'t> = (bool, &'t [u8], &'t [u8]);

fn written<'t>((ast, text): Text<'t>, entry: &ast::Entry) -> Vec<Written<'t>> {
    let written = |attribute: &Attribute| {
        let body = match attribute.kind {
            AttributeKind::Help { body, .. } => body.of(text),
            _ => &[],
        };
        (attribute.kind.is_link(), attribute.range.of(text), body)
    };
    ast.attributes_of(entry).iter().map(written).collect()
}

/// The words with macros in the links of a statement, in order, as they are written.
fn macros<'t>((ast, text): Text<'t>, entry: EntryId) -> Vec<(WordId, &'t [u8])> {
    let links = ast.attributes_of(ast.entry(entry)).iter();
    let links: Vec<&Attribute> = links.filter(|it| it.kind.is_link()).collect();
    let words = ast.words.iter().enumerate().filter(|(_, word)| {
        let is_inside = |it: &&Attribute| it.range.cover(word.range) == it.range;
        word.text.is_none() && links.iter().any(is_inside)
    });
    words
        .map(|(at, word)| (WordId(at as u32), word.range.of(text)))
        .collect()
}
