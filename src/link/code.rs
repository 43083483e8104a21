// SPDX-License-Identifier: MIT OR Apache-2.0
//! The code of a whole tree: the facts of all files, and where each name is defined and declared.

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::cache::{Cache, Looked};
use super::cond::CondId;
use super::facts::{self, Facts, Item, Sort, Use};
use super::kbuild::{self, Objects};
use crate::source::{Name, Reader};

/// A file of C or assembler.
pub struct CodeFile {
    /// Its path.
    pub path: String,
    /// The folder of `arch/` in which it stands.
    pub architecture: Option<Name>,
    /// What it says.
    pub facts: Facts,
}

impl CodeFile {
    fn new(path: String, facts: Facts) -> CodeFile {
        let folder = path.strip_prefix("arch/").and_then(|it| it.split_once('/'));
        CodeFile {
            architecture: folder.map(|(name, _)| Name::new(name)),
            path,
            facts,
        }
    }

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
    /// What each file includes.
    included: Vec<Vec<u32>>,
    /// Files that a file of C includes whole, with those that do.
    included_by: FxHashMap<u32, Vec<u32>>,
}

/// Names that macros make or paste together.
#[derive(Default)]
struct Pasted {
    /// Functions that stand in the body of a macro.
    whole: FxHashSet<Name>,
    /// What stands before and after the one parameter.
    pairs: FxHashSet<(&'static str, &'static str)>,
    /// Words that may be given for a parameter.
    words: FxHashSet<&'static str>,
    /// What stands before, between and after several parameters, by what stands before.
    patterns: FxHashMap<&'static str, Vec<Vec<&'static str>>>,
}

impl Pasted {
    fn add(&mut self, parts: &[Name]) {
        let parts: Vec<&str> = parts.iter().map(|it| it.as_str()).collect();
        let length: usize = parts.iter().map(|it| it.len()).sum();
        match parts.as_slice() {
            [before, after] if length >= MIN_PASTED => {
                self.pairs.insert((before, after));
            }
            [before, _, _, ..] if length >= MIN_PATTERN => {
                let known = self.patterns.entry(before).or_default();
                if !known.contains(&parts) {
                    known.push(parts);
                }
            }
            _ => {}
        }
    }

    fn may_make(&self, name: &str) -> bool {
        let cuts: Vec<usize> = (0..=name.len())
            .filter(|at| name.is_char_boundary(*at))
            .collect();
        cuts.iter().enumerate().any(|(number, &start)| {
            let (before, rest) = name.split_at(start);
            let patterns = self.patterns.get(before).into_iter().flatten();
            let mut fits = patterns.filter(|parts| fits(rest, &parts[1..]));
            let is_word = |end: &usize| {
                self.words.contains(&name[start..*end])
                    && self.pairs.contains(&(before, &name[*end..]))
            };
            fits.next().is_some() || cuts[number + 1..].iter().any(is_word)
        })
    }
}

/// Whether a text is parameters with these parts after each of them.
fn fits(text: &str, parts: &[&str]) -> bool {
    match parts {
        [] => text.is_empty(),
        [last] => text.ends_with(last),
        [first, rest @ ..] => match text.find(first) {
            Some(at) => fits(&text[at + first.len()..], rest),
            None => false,
        },
    }
}

/// The facts of one file.
fn read(path: &str, text: &[u8]) -> Facts {
    match path.ends_with(".S") {
        true => Facts {
            words: facts::words_of(text).into_iter().collect(),
            ..Facts::default()
        },
        false => facts::scan(text, path.ends_with(".h")),
    }
}

impl Code {
    /// Reads these files of a tree.
    pub fn of(reader: &dyn Reader, paths: Vec<String>, architectures: &[String]) -> Code {
        let cache = Cache::of(reader, paths.len());
        let read = paths.into_par_iter().filter_map(|path| {
            let looked = cache.look(reader, &path, |text| read(&path, text))?;
            Some((path, looked))
        });
        let read: Vec<(String, Looked)> = read.collect();
        cache.keep(&read);
        drop(cache);
        let files = read.into_iter();
        let files = files.map(|(path, looked)| CodeFile::new(path, looked.facts));
        let mut code = Code {
            files: files.collect(),
            objects: kbuild::objects(reader, architectures),
            definitions: FxHashMap::default(),
            declarations: FxHashMap::default(),
            by_path: FxHashMap::default(),
            by_base: FxHashMap::default(),
            pasted: Pasted::default(),
            included: Vec::new(),
            included_by: FxHashMap::default(),
        };
        code.index();
        let numbers = (0..code.files.len()).into_par_iter();
        code.included = numbers.map(|number| code.included_in(number)).collect();
        code.index_included();
        code
    }

    fn index(&mut self) {
        let mut called: FxHashSet<Name> = FxHashSet::default();
        for file in &self.files {
            let is_asked =
                |it: &&Use| it.is_call || facts::is_structure(it.name.as_str().as_bytes());
            let calls = file.facts.uses.iter().filter(is_asked);
            called.extend(calls.map(|it| it.name));
            called.extend(file.facts.conds.names());
        }
        for (number, file) in self.files.iter().enumerate() {
            let number = number as u32;
            let base = file.path.rsplit('/').next().unwrap_or_default();
            self.by_path.insert(file.path.clone(), number);
            self.by_base
                .entry(base.to_owned())
                .or_default()
                .push(number);
            self.pasted.whole.extend(&file.facts.made);
            for parts in &file.facts.pasted {
                self.pasted.add(parts);
            }
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

    /// Notes which files of C stand in others.
    fn index_included(&mut self) {
        for (number, targets) in self.included.iter().enumerate() {
            for target in targets {
                if !self.files[*target as usize].is_header() {
                    let by = self.included_by.entry(*target).or_default();
                    by.push(number as u32);
                }
            }
        }
    }

    /// The files whose objects contain a file: itself, and those that include it.
    pub fn parts_of(&self, file: u32) -> Vec<u32> {
        let mut found = vec![file];
        let mut at = 0;
        while at < found.len() {
            let by = self.included_by.get(&found[at]).into_iter().flatten();
            let new: Vec<u32> = by.copied().filter(|it| !found.contains(it)).collect();
            found.extend(new);
            at += 1;
        }
        found
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

    /// Whether the body of a macro defines a function of this name.
    pub fn is_in_macro(&self, name: Name) -> bool {
        self.pasted.whole.contains(&name)
    }

    /// Whether a macro may define this name, or paste it together.
    pub fn may_be_pasted(&self, name: Name) -> bool {
        self.pasted.whole.contains(&name) || self.pasted.may_make(name.as_str())
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
            let targets = self.included[number as usize].iter();
            open.extend(targets.copied().filter(|it| seen.add(*it)));
        }
    }

    /// What one file includes.
    fn included_in(&self, number: usize) -> Vec<u32> {
        let file = &self.files[number];
        let folder = file.path.rsplit_once('/').map_or("", |it| it.0);
        let mut found = Vec::new();
        for include in &file.facts.includes {
            self.resolve(folder, include.path.as_str(), include.is_quoted, &mut found);
        }
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
/// The same where any word may be a parameter.
const MIN_PATTERN: usize = 5;

/// What the compiler's options include.
const ALWAYS_INCLUDED: &[&str] = &["include/linux/kconfig.h", "include/linux/compiler_types.h"];

/// The files that one file sees.
#[derive(Default)]
pub struct Closure {
    stamps: Vec<u32>,
    stamp: u32,
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
