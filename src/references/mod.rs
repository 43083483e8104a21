// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the files of a tree other than Kconfig say of symbols: C, assembler, Makefiles, scripts,
//! device trees, defconfigs. One index of all files, made in parallel; rules look into it.
//!
//! A file is read once and never parsed, and what it mentions is kept for the next run (`cache`). Nothing here knows which symbols exist.

mod cache;
mod defconfig;
mod scan;

use std::sync::Mutex;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

pub(crate) use self::cache::Print;
use self::cache::{Cache, Looked, Scanned, Searched, Words, number};
pub use self::defconfig::{Defconfig, defconfigs};
pub use self::scan::string_end;
use crate::source::{Name, Reader, TextRange};
use crate::tree::{Kind, Project};

/// How a file mentions a symbol.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum How {
    /// What is built depends on it: `#ifdef`, `IS_ENABLED()`, a Makefile. A name that nothing
    /// defines counts as off there.
    Tested,
    /// Something else defines it: `#define`, an assignment in a Makefile, `-D`.
    Defined,
    /// A line of a defconfig, with the range of its value; of `# X is not set` there is none.
    Set(Option<TextRange>),
    /// As an argument of `IS_ENABLED` or its kin, without the prefix that it needs there.
    Bare,
    /// In any other way, comments too.
    Named,
}

/// A name in a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mention {
    /// The symbol, without the prefix of `.config`.
    pub name: Name,
    /// The place, with the prefix.
    pub range: TextRange,
    /// How it is mentioned.
    pub how: How,
}

/// What a file is, by its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileKind {
    /// C, assembler, device trees, linker scripts: what the C preprocessor reads.
    C,
    /// Rust.
    Rust,
    /// A Makefile.
    Make,
    /// Values of symbols for one board.
    Defconfig,
    /// A Kconfig file.
    Kconfig,
    /// Anything else.
    Other,
}

/// One file with what it mentions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mentions {
    /// Its path.
    pub path: String,
    /// What it is.
    pub kind: FileKind,
    /// Whether it lies in a folder that has symbols of its own, such as Linux' `tools/`: then only
    /// what it uses counts, and no rule says that something in it is wrong.
    pub aside: bool,
    /// What it mentions, in order.
    pub all: Vec<Mention>,
}

/// All files of a tree that mention a symbol, and all its Kconfig files, sorted by path.
pub struct References {
    /// The files.
    pub files: Vec<Mentions>,
    /// Beginnings of names of which a macro or a variable makes the rest.
    pub open: FxHashSet<Name>,
    /// What all names begin with in these files.
    pub prefix: &'static [u8],
    /// The defconfigs of the tree.
    pub defconfigs: Vec<Defconfig>,
    paths: Vec<String>,
    /// The number of each of these files, where a later run can tell it from another text of its path.
    numbers: Vec<Option<u64>>,
    words: Option<Words>,
}

/// The print of a file, whether the cache lacks what the file mentions, and that.
type Look = (Option<Print>, bool, Scanned);

/// What a file mentions; `None` where it cannot be read.
fn looked_at(
    reader: &dyn Reader,
    cache: &Cache,
    scanner: &scan::Scanner,
    path: &str,
    kind: FileKind,
) -> Option<Look> {
    let print = cache.print(reader, path);
    let known = print.as_ref().and_then(|print| cache.known(path, print));
    match known {
        Some(known) => Some((print, false, known)),
        None => {
            let text = reader.read_once(path).ok()?;
            let is_news = print.is_some();
            Some((print, is_news, scanner.scan(&text, kind)))
        }
    }
}

impl References {
    /// Reads all files of the tree. `None` where names have no prefix, so that none can be told from
    /// other words.
    pub fn of(reader: &dyn Reader, project: &Project) -> Option<References> {
        let prefix: &'static [u8] = match (project.kind, project.prefix.as_str()) {
            (_, "CONFIG_") => b"CONFIG_",
            (Kind::Buildroot, _) => b"BR2_",
            _ => return None,
        };
        let paths = walk(reader);
        let scanner = scan::Scanner::new(prefix, project.kind);
        let key = format!("{prefix:?} {:?}", project.kind);
        let cache = Cache::of(reader, paths.len(), &key);
        let look = |path: &String| match kind(path) {
            FileKind::Kconfig => Some((None, false, Default::default())),
            kind => looked_at(reader, &cache, &scanner, path, kind),
        };
        let all: Vec<(&String, Option<Look>)> =
            paths.par_iter().map(|path| (path, look(path))).collect();
        let of_others = || {
            let read = all
                .iter()
                .filter_map(|(path, look)| Some((path, look.as_ref()?)));
            let read = read.filter(|(path, _)| kind(path) != FileKind::Kconfig);
            read.map(|(path, (print, _, scanned))| Looked {
                path,
                print: print.as_ref(),
                scanned,
            })
        };
        let has_news = all
            .iter()
            .any(|(_, look)| look.as_ref().is_some_and(|it| it.1));
        if has_news || cache.len() > of_others().count() {
            cache.keep(of_others());
        }
        let numbers = all.iter().map(|(path, look)| {
            let print = look.as_ref()?.0.as_ref()?;
            Some(number(path, print))
        });
        let numbers = numbers.collect();
        let (mut files, mut open) = (Vec::new(), FxHashSet::default());
        for (path, look) in all {
            let Some((_, _, (all, begun))) = look else {
                continue;
            };
            let (kind, aside) = (kind(path), is_aside(project.kind, path));
            if kind == FileKind::Kconfig || !all.is_empty() || !begun.is_empty() {
                let path = path.clone();
                files.push(Mentions {
                    path,
                    kind,
                    aside,
                    all,
                });
            }
            open.extend(begun);
        }
        Some(References {
            files,
            open,
            prefix,
            defconfigs: defconfigs(project, &paths),
            paths,
            numbers,
            words: cache.words(),
        })
    }

    /// The paths of all files of the tree, sorted.
    pub fn paths(&self) -> &[String] {
        &self.paths
    }

    /// All mentions.
    pub fn all(&self) -> impl Iterator<Item = (&Mentions, &Mention)> {
        self.in_files(|_| true)
    }

    /// The mentions in some files.
    pub fn in_files(
        &self,
        is_wanted: impl Fn(&Mentions) -> bool,
    ) -> impl Iterator<Item = (&Mentions, &Mention)> {
        let files = self.files.iter().filter(move |it| is_wanted(it));
        files.flat_map(|file| file.all.iter().map(move |mention| (file, mention)))
    }

    /// Those of these words that stand in some file which is no Kconfig file, with or without prefix.
    /// A file is read where an earlier run did not look for all of them in it.
    pub fn words_among(&self, reader: &dyn Reader, words: &FxHashSet<Name>) -> FxHashSet<Name> {
        let known = self.words.as_ref().map(Words::known).unwrap_or_default();
        let here: FxHashSet<u64> = self.numbers.iter().flatten().copied().collect();
        let standing = known.found.iter().filter(|(_, file)| here.contains(file));
        let standing = standing.map(|(word, file)| (Name::new(word), Some(*file)));
        let mut found: FxHashMap<Name, Option<u64>> =
            standing.filter(|(word, _)| words.contains(word)).collect();
        let absent: FxHashSet<Name> = known.absent.iter().map(|it| Name::new(it)).collect();
        let open = words.iter().filter(|it| !found.contains_key(*it));
        let (absent, new): (Vec<&Name>, Vec<&Name>) = open.partition(|it| absent.contains(*it));
        let bytes = |name: &&Name| name.as_str().as_bytes();
        let new: FxHashSet<&[u8]> = new.iter().map(bytes).collect();
        let all: FxHashSet<&[u8]> = absent
            .iter()
            .map(bytes)
            .chain(new.iter().copied())
            .collect();
        let read: Mutex<FxHashMap<Name, Option<u64>>> = Mutex::default();
        let files = self.paths.par_iter().zip(&self.numbers);
        files.for_each(|(path, number)| {
            let was_searched = number.is_some_and(|it| known.files.binary_search(&it).is_ok());
            let wanted = if was_searched { &new } else { &all };
            if wanted.is_empty() || kind(path) == FileKind::Kconfig {
                return;
            }
            let Ok(text) = reader.read_once(path) else {
                return;
            };
            for word in scan::words(&text, wanted, self.prefix) {
                let mut read = read.lock().unwrap_or_else(|it| it.into_inner());
                let place = read.entry(word).or_default();
                *place = place.or(*number);
            }
        });
        found.extend(read.into_inner().unwrap_or_else(|it| it.into_inner()));
        self.keep_words(&known, words, &found);
        found.into_keys().collect()
    }

    /// Keeps which words were found where, if that is news.
    fn keep_words(
        &self,
        known: &Searched,
        words: &FxHashSet<Name>,
        found: &FxHashMap<Name, Option<u64>>,
    ) {
        let text = |name: &Name| name.as_str().to_owned();
        let places = found.iter();
        let places = places.filter_map(|(word, file)| Some((text(word), (*file)?)));
        let absent = words.iter().filter(|word| !found.contains_key(*word));
        let mut now = Searched {
            found: places.collect(),
            absent: absent.map(text).collect(),
            files: self.numbers.iter().flatten().copied().collect(),
        };
        now.found.sort_unstable();
        now.absent.sort_unstable();
        now.files.sort_unstable();
        if let Some(cached) = self.words.as_ref().filter(|_| now != *known) {
            cached.keep(&now);
        }
    }
}

/// The files of a tree, sorted. Texts for people are left out, as are folders that are hidden, and
/// those that are links.
pub fn walk(reader: &dyn Reader) -> Vec<String> {
    let found: Mutex<Vec<String>> = Mutex::default();
    rayon::scope(|scope| visit(scope, reader, String::new(), &found));
    let mut found = found.into_inner().unwrap_or_else(|it| it.into_inner());
    found.sort_unstable();
    found
}

fn visit<'s>(
    scope: &rayon::Scope<'s>,
    reader: &'s dyn Reader,
    folder: String,
    found: &'s Mutex<Vec<String>>,
) {
    let mut own = Vec::new();
    for name in reader.list(folder.trim_end_matches('/')) {
        let path = format!("{folder}{name}");
        match name.ends_with('/') {
            false if !is_binary(&name) => own.push(path),
            false => {}
            true if name.starts_with('.') => {}
            true if !reader.aliases(path.trim_end_matches('/')).is_empty() => {}
            true => scope.spawn(move |scope| visit(scope, reader, path, found)),
        }
    }
    let mut found = found.lock().unwrap_or_else(|it| it.into_inner());
    found.append(&mut own);
}

/// Whether a file lies in a folder with symbols of its own. Those of Linux' `tools/` come from its
/// Makefiles; scripts/checkkconfigsymbols.py leaves it out, too.
fn is_aside(kind: Kind, path: &str) -> bool {
    let folders: &[&str] = match kind {
        Kind::Linux => &["Documentation/", "LICENSES/", "tools/", "scripts/kconfig/"],
        Kind::UBoot => &[
            "doc/",
            "Licenses/",
            "tools/",
            "scripts/kconfig/",
            "test/py/",
        ],
        Kind::Buildroot => &["docs/", "output/", "support/kconfig/", "support/testing/"],
        Kind::Coreboot => &[
            "Documentation/",
            "3rdparty/",
            "payloads/",
            "util/",
            "build/",
        ],
        _ => &[
            "doc/",
            "docs/",
            "Documentation/",
            "scripts/kconfig/",
            "scripts/basic/",
        ],
    };
    folders.iter().any(|folder| path.starts_with(folder))
}

fn is_binary(name: &str) -> bool {
    let extension = name.rsplit('.').next().unwrap_or_default();
    let all = [
        "a", "bin", "bz2", "dtb", "gif", "gz", "html", "ico", "ihex", "jpg", "ko", "md", "o",
        "patch", "pdf", "png", "po", "rst", "so", "svg", "tar", "txt", "xz", "yaml", "zip",
    ];
    all.contains(&extension)
}

/// What a file is.
pub fn kind(path: &str) -> FileKind {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').map_or("", |(_, it)| it);
    match extension {
        "c" | "h" | "S" | "s" | "dts" | "dtsi" | "dtso" | "lds" | "ld" | "cc" | "cpp" | "hpp"
        | "asl" | "inc" => return FileKind::C,
        "rs" => return FileKind::Rust,
        "mk" | "make" => return FileKind::Make,
        "config" => return FileKind::Defconfig,
        _ => {}
    }
    let begins = |word: &str| name == word || name.starts_with(&format!("{word}."));
    if ["Makefile", "Kbuild", "GNUmakefile"]
        .iter()
        .any(|it| begins(it))
        || name == "Makefile_32"
    {
        return FileKind::Make;
    }
    if ["Kconfig", "Config.in"].iter().any(|it| begins(it)) || name.starts_with("Kconfig-") {
        return FileKind::Kconfig;
    }
    let in_configs = path.rsplit('/').nth(1) == Some("configs") && !name.contains('.');
    match name.ends_with("defconfig") || in_configs {
        true => FileKind::Defconfig,
        false => FileKind::Other,
    }
}
