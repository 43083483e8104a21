// SPDX-License-Identifier: MIT OR Apache-2.0
//! Some statements of a menu tree with the blocks around them, in parse order: what the model of
//! a part is made of.
//!
//! How files include each other is known from an elaboration; of the files themselves only those
//! are loaded in which something is wanted. Statements with macros are not to be wanted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{Instance, InstanceId, Loaded, Menu, Node, NodeId};
use crate::source::{FileId, Name};
use crate::syntax::Notation;
use crate::syntax::ast::{Ast, EntryId, EntryKind};
use crate::tree::ArchSet;

/// One inclusion of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inclusion {
    /// The file's path.
    pub path: Name,
    /// How it is read.
    pub notation: Notation,
    /// Where the inclusion with the statement that brings it stands in the list, and which of its
    /// files' `source` statements (and the like) that is; `None` for the root.
    pub inside: Option<(u32, u32)>,
}

impl Menu {
    /// How files include each other, in the order of the instances.
    pub fn inclusions(&self, path_of: impl Fn(FileId) -> Name) -> Vec<Inclusion> {
        let all = self.instances.iter().map(|instance| {
            let inside = instance.inside.map(|(id, entry)| {
                let entries = &self.instance(id).tree.ast().entries[..entry.0 as usize];
                let before = entries.iter().filter(|entry| brings(&entry.kind));
                (id.0, before.count() as u32)
            });
            Inclusion {
                path: path_of(instance.file),
                notation: instance.notation,
                inside,
            }
        });
        all.collect()
    }
}

fn brings(kind: &EntryKind) -> bool {
    matches!(kind, EntryKind::Source(_) | EntryKind::Insert)
}

/// The part of the menu tree with these statements, each named by its inclusion; `None` when one
/// of them, or a block around one, is not there or has macros.
pub fn part(
    inclusions: &[Inclusion],
    wanted: impl IntoIterator<Item = (u32, EntryId)>,
    load: &dyn Fn(&Inclusion) -> Option<Arc<Loaded>>,
) -> Option<Menu> {
    let mut search = Search {
        inclusions,
        load,
        files: BTreeMap::new(),
    };
    for (instance, entry) in wanted {
        search.want(instance, entry)?;
    }
    Some(search.menu())
}

struct Search<'a> {
    inclusions: &'a [Inclusion],
    load: &'a dyn Fn(&Inclusion) -> Option<Arc<Loaded>>,
    /// The inclusions in which something is wanted.
    files: BTreeMap<u32, Wanted>,
}

/// What is wanted of an inclusion.
struct Wanted {
    loaded: Arc<Loaded>,
    statements: BTreeSet<u32>,
    /// Files that it brings: by statement, then in their order.
    brought: BTreeSet<(u32, u32)>,
    /// The statement that brings this one.
    brought_by: Option<(u32, u32)>,
}

impl Search<'_> {
    /// Adds a statement and all around it.
    fn want(&mut self, instance: u32, entry: EntryId) -> Option<()> {
        self.enter(instance)?;
        let mut next = Some((instance, entry.0));
        while let Some((instance, entry)) = next {
            let file = self.files.get_mut(&instance)?;
            if !file.statements.insert(entry) {
                return Some(());
            }
            let uses = &file.loaded.outline.uses;
            if uses.binary_search_by_key(&entry, |it| it.entry).is_ok() {
                return None;
            }
            next = self.around(instance, entry);
        }
        Some(())
    }

    /// The block around a statement, in the same file or where that is sourced.
    fn around(&self, instance: u32, entry: u32) -> Option<(u32, u32)> {
        let (mut instance, mut entry) = (instance, entry);
        loop {
            let file = self.files.get(&instance)?;
            if let Some(block) = block_around(file.loaded.tree.ast(), entry) {
                return Some((instance, block));
            }
            (instance, entry) = file.brought_by?;
        }
    }

    /// Loads an inclusion and all that bring it.
    fn enter(&mut self, instance: u32) -> Option<()> {
        let mut path = vec![instance];
        while let Some(&at) = path.last() {
            if self.files.contains_key(&at) {
                path.pop();
                break;
            }
            match self.inclusions.get(at as usize)?.inside {
                // What brings a file comes before it.
                Some((outer, _)) if outer < at => path.push(outer),
                Some(_) => return None,
                None => break,
            }
        }
        while let Some(at) = path.pop() {
            let inclusion = &self.inclusions[at as usize];
            let mut brought_by = None;
            if let Some((outer, number)) = inclusion.inside {
                let file = self.files.get_mut(&outer)?;
                let entries = file.loaded.tree.ast().entries.iter().enumerate();
                let mut bringing = entries.filter(|(_, entry)| brings(&entry.kind));
                let entry = bringing.nth(number as usize)?.0 as u32;
                file.brought.insert((entry, at));
                brought_by = Some((outer, entry));
            }
            let wanted = Wanted {
                loaded: (self.load)(inclusion)?,
                statements: BTreeSet::new(),
                brought: BTreeSet::new(),
                brought_by,
            };
            self.files.insert(at, wanted);
        }
        Some(())
    }

    fn menu(&self) -> Menu {
        let mut menu = Menu {
            instances: Vec::with_capacity(self.files.len()),
            nodes: Vec::new(),
            commands: Default::default(),
            assumptions: Vec::new(),
            problems: Vec::new(),
            unfollowed: Vec::new(),
            variants: FxHashMap::default(),
            defined: FxHashMap::default(),
            on: ArchSet::first(1),
        };
        let Some((root, _)) = self.files.first_key_value() else {
            return menu;
        };
        let mut nodes: FxHashMap<(u32, u32), NodeId> = FxHashMap::default();
        // Last first: statements, and files that they bring.
        let mut open = vec![Step::File(*root)];
        while let Some(step) = open.pop() {
            match step {
                Step::File(at) => {
                    let file = &self.files[&at];
                    let number = InstanceId(menu.instances.len() as u32);
                    menu.instances.push(Instance {
                        file: file.loaded.file,
                        on: menu.on,
                        notation: file.loaded.notation,
                        tree: file.loaded.tree.clone(),
                        expansions: FxHashMap::default(),
                        forks: FxHashMap::default(),
                        included_from: None,
                        inside: None,
                    });
                    let own = file.statements.iter();
                    let own = own.map(|entry| (*entry, 0, Step::Statement(at, number, *entry)));
                    let others = file.brought.iter();
                    let others = others.map(|(entry, other)| (*entry, *other, Step::File(*other)));
                    let mut steps: Vec<_> = own.chain(others).collect();
                    steps.sort_by_key(|(entry, other, _)| (*entry, *other));
                    open.extend(steps.into_iter().rev().map(|(_, _, step)| step));
                }
                Step::Statement(at, instance, entry) => {
                    let around = self.around(at, entry);
                    let parent = around.and_then(|around| nodes.get(&around).copied());
                    nodes.insert((at, entry), NodeId(menu.nodes.len() as u32));
                    menu.nodes.push(Node {
                        instance,
                        entry: EntryId(entry),
                        parent,
                        on: menu.on,
                    });
                }
            }
        }
        menu
    }
}

enum Step {
    File(u32),
    Statement(u32, InstanceId, u32),
}

/// The innermost block of the same file around a statement.
fn block_around(ast: &Ast, entry: u32) -> Option<u32> {
    let mut before = ast.entries[..entry as usize].iter();
    let found = before.rposition(|other| other.end.0 > entry);
    found.map(|at| at as u32)
}
