// SPDX-License-Identifier: MIT OR Apache-2.0
//! The code of a whole tree: the facts of all files, and where each name is defined and declared.

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::cond::CondId;
use super::facts::{self, Facts, Item, Sort};
use super::kbuild::{self, Objects};
use crate::source::{Name, Reader};

/// A file of C or assembler.
pub struct CodeFile {
    /// Its path.
    pub path: String,
    /// What it says.
    pub facts: Facts,
}

impl CodeFile {
    fn is_header(&self) -> bool {
        self.path.ends_with(".h")
    }
}

/// An item of a file: the file's number, and the item's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ItemId {
    /// The file.
    pub file: u32,
    /// The item; [`ItemId::ANY`] where something of the file may define the name.
    pub item: u32,
}

impl ItemId {
    /// Something in the file, of which nobody knows the condition.
    pub const ANY: u32 = u32::MAX;
}

/// All code of a tree.
pub struct Code {
    /// Its files, sorted by path.
    pub files: Vec<CodeFile>,
    /// Its objects.
    pub objects: Objects,
    /// Names that are called somewhere, with the definitions in files that are compiled.
    definitions: FxHashMap<Name, Vec<ItemId>>,
    /// The same with what headers say of them.
    declarations: FxHashMap<Name, Vec<ItemId>>,
    by_path: FxHashMap<String, u32>,
    by_base: FxHashMap<String, Vec<u32>>,
    pasted: Pasted,
}

/// Names that macros paste together.
#[derive(Default)]
struct Pasted {
    pairs: FxHashSet<(&'static str, &'static str)>,
    words: FxHashSet<&'static str>,
}

impl Code {
    /// Reads these files of a tree.
    pub fn of(reader: &dyn Reader, paths: Vec<String>, architectures: &[String]) -> Code {
        let files = paths.into_par_iter().filter_map(|path| {
            let text = reader.read(&path).ok()?;
            let facts = match path.ends_with(".S") {
                true => Facts {
                    words: facts::words_of(&text).into_iter().collect(),
                    ..Facts::default()
                },
                false => facts::scan(&text, path.ends_with(".h")),
            };
            Some(CodeFile { path, facts })
        });
        let mut code = Code {
            files: files.collect(),
            objects: kbuild::objects(reader, architectures),
            definitions: FxHashMap::default(),
            declarations: FxHashMap::default(),
            by_path: FxHashMap::default(),
            by_base: FxHashMap::default(),
            pasted: Pasted::default(),
        };
        code.index();
        code
    }

    fn index(&mut self) {
        let mut called: FxHashSet<Name> = FxHashSet::default();
        for file in &self.files {
            let calls = file.facts.uses.iter().filter(|it| it.is_call);
            called.extend(calls.map(|it| it.name));
        }
        for (number, file) in self.files.iter().enumerate() {
            let number = number as u32;
            let base = file.path.rsplit('/').next().unwrap_or_default();
            self.by_path.insert(file.path.clone(), number);
            self.by_base
                .entry(base.to_owned())
                .or_default()
                .push(number);
            let pairs = file.facts.pasted.iter();
            let pairs = pairs.map(|(before, after)| (before.as_str(), after.as_str()));
            let long = pairs.filter(|(before, after)| before.len() + after.len() >= MIN_PASTED);
            self.pasted.pairs.extend(long);
            let words = file.facts.words.iter();
            self.pasted.words.extend(words.map(|it| it.as_str()));
            for (item, it) in file.facts.items.iter().enumerate() {
                if !called.contains(&it.name) {
                    continue;
                }
                let id = ItemId {
                    file: number,
                    item: item as u32,
                };
                if file.is_header() {
                    self.declarations.entry(it.name).or_default().push(id);
                } else if matches!(it.sort, Sort::Function | Sort::Variable) {
                    self.definitions.entry(it.name).or_default().push(id);
                }
            }
            for word in &file.facts.words {
                if called.contains(word) && !file.is_header() {
                    let id = ItemId {
                        file: number,
                        item: ItemId::ANY,
                    };
                    self.definitions.entry(*word).or_default().push(id);
                }
            }
        }
    }

    /// The definitions of a name in files that are compiled.
    pub fn definitions(&self, name: Name) -> &[ItemId] {
        self.definitions.get(&name).map_or(&[], Vec::as_slice)
    }

    /// What headers say of a name.
    pub fn declarations(&self, name: Name) -> &[ItemId] {
        self.declarations.get(&name).map_or(&[], Vec::as_slice)
    }

    /// An item.
    pub fn item(&self, id: ItemId) -> Option<&Item> {
        self.files[id.file as usize]
            .facts
            .items
            .get(id.item as usize)
    }

    /// The object of a file.
    pub fn built(&self, file: u32) -> Option<&kbuild::Built> {
        let path = &self.files[file as usize].path;
        let stem = path
            .strip_suffix(".c")
            .or_else(|| path.strip_suffix(".S"))?;
        let built = self.objects.built.get(stem)?;
        // An object of assembler beside C of the same name is that of C.
        let is_second = path.ends_with(".S") && self.by_path.contains_key(&format!("{stem}.c"));
        (!is_second).then_some(built)
    }

    /// Whether a macro may paste this name together.
    pub fn may_be_pasted(&self, name: Name) -> bool {
        let text = name.as_str();
        let Pasted { pairs, words } = &self.pasted;
        let mut starts = (0..text.len()).filter(|at| text.is_char_boundary(*at));
        starts.any(|start| {
            let mut ends = (start + 1..=text.len()).filter(|at| text.is_char_boundary(*at));
            ends.any(|end| {
                words.contains(&text[start..end]) && pairs.contains(&(&text[..start], &text[end..]))
            })
        })
    }

    /// The files that `#include` may bring in, through whatever files, whatever the architecture; with
    /// the file itself.
    pub fn closure(&self, file: u32, seen: &mut Closure) {
        seen.begin(self.files.len());
        let mut open = vec![file];
        seen.add(file);
        for path in ALWAYS_INCLUDED {
            if let Some(&always) = self.by_path.get(*path) {
                open.extend(seen.add(always).then_some(always));
            }
        }
        while let Some(number) = open.pop() {
            let targets = self.included(number, seen);
            for target in targets {
                if seen.add(target) {
                    open.push(target);
                }
            }
        }
    }

    /// What one file includes.
    fn included(&self, number: u32, seen: &mut Closure) -> Vec<u32> {
        if let Some(known) = seen.included.get(&number) {
            return known.clone();
        }
        let file = &self.files[number as usize];
        let folder = file.path.rsplit_once('/').map_or("", |it| it.0);
        let mut found = Vec::new();
        for include in &file.facts.includes {
            self.resolve(folder, include.path.as_str(), include.is_quoted, &mut found);
        }
        seen.included.insert(number, found.clone());
        found
    }

    fn resolve(&self, folder: &str, path: &str, is_quoted: bool, found: &mut Vec<u32>) {
        let start = found.len();
        if is_quoted {
            let near = super::make::normal(folder, path);
            found.extend(near.and_then(|it| self.by_path.get(&it).copied()));
            if found.len() > start {
                return;
            }
        }
        for before in ["include/", "include/uapi/"] {
            found.extend(self.by_path.get(&format!("{before}{path}")));
        }
        if found.len() > start {
            return;
        }
        if let Some(rest) = path.strip_prefix("asm/") {
            for before in ["include/asm-generic/", "include/uapi/asm-generic/"] {
                found.extend(self.by_path.get(&format!("{before}{rest}")));
            }
        }
        // Any file whose path ends so: its folder may be one of `-I`.
        let base = path.rsplit('/').next().unwrap_or(path);
        let all = self.by_base.get(base).into_iter().flatten();
        let clean = path.trim_start_matches("../");
        let ending = format!("/{clean}");
        let matching = all.filter(|it| {
            let path = &self.files[**it as usize].path;
            path.ends_with(&ending) || path == clean
        });
        found.extend(matching);
    }
}

/// Shorter ends and beginnings of pasted names say nothing.
const MIN_PASTED: usize = 3;

/// What the compiler's options include.
const ALWAYS_INCLUDED: &[&str] = &["include/linux/kconfig.h", "include/linux/compiler_types.h"];

/// The files that one file sees.
#[derive(Default)]
pub struct Closure {
    stamps: Vec<u32>,
    stamp: u32,
    included: FxHashMap<u32, Vec<u32>>,
}

impl Closure {
    fn begin(&mut self, files: usize) {
        self.stamps.resize(files, 0);
        self.stamp += 1;
    }

    fn add(&mut self, file: u32) -> bool {
        let is_new = self.stamps[file as usize] != self.stamp;
        self.stamps[file as usize] = self.stamp;
        is_new
    }

    /// Whether a file is among them.
    pub fn has(&self, file: u32) -> bool {
        self.stamps.get(file as usize) == Some(&self.stamp)
    }
}

/// Whether the object of a file can be built at all.
pub fn can_be_built(built: &kbuild::Built) -> bool {
    built.yes != CondId::NEVER || built.module != CondId::NEVER
}
