// SPDX-License-Identifier: MIT OR Apache-2.0
//! From the path of a `source` statement to files: relative paths, patterns, and files that
//! only a build makes.
//!
//! Macros are expanded by then, save in [`foreseen`]. Nothing here parses.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::loader::{Loaded, Loader};
use crate::source::{ReadError, Reader, normalize_up};
use crate::syntax::Notation;
use crate::syntax::ast::Text;
use crate::tree::{Kind, Patterns, Project, Start};

/// More files than any pattern of a tree matches.
const MAX_MATCHES: usize = 100_000;

/// Whether a path begins with a variable that holds the tree's own folder: it is an absolute path then,
/// also behind `rsource`.
pub(super) fn is_absolute(raw: &str, project: &Project) -> bool {
    let variables = project.kind.dialect().base_variables.iter();
    let mut names = variables.filter(|it| it.value == ".").map(|it| it.name);
    let Some(rest) = raw.strip_prefix('$') else {
        return false;
    };
    let rest = rest.trim_start_matches(['(', '{']);
    names.any(|name| {
        let rest = rest.strip_prefix(name);
        rest.is_some_and(|rest| rest.trim_start_matches([')', '}']).starts_with('/'))
    })
}

/// A text as it stands in the file, without its quotes.
pub(super) fn raw(text: &Text, bytes: &[u8]) -> String {
    unquoted(text.range.of(bytes), text.quoted)
}

/// The same for any bytes. A string may lack its closing quote.
pub(super) fn unquoted(bytes: &[u8], quoted: bool) -> String {
    let inner = match bytes {
        [open, inner @ .., close] if quoted && open == close => inner,
        [_, inner @ ..] if quoted => inner,
        other => other,
    };
    let text = String::from_utf8_lossy(inner);
    match quoted && text.contains(['\n']) {
        // Only kconfiglib joins lines within quotes.
        true => text.replace("\\\r\n", "").replace("\\\n", ""),
        false => text.into_owned(),
    }
}

/// A word of a kconfig without macros: a backslash in quotes takes its meaning from the next
/// character (zconf.l of Linux 4.17).
pub(super) fn unescaped(raw: &str, quoted: bool) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut letters = raw.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if quoted => text.extend(letters.next()),
            letter => text.push(letter),
        }
    }
    text
}

/// Loads the file at `path`, or what stands for it: BusyBox makes each Config.in from a
/// Config.src, if there is one. Gives the path that was read as well.
pub(super) fn load(
    loader: &Loader,
    project: &Project,
    path: &str,
    notation: Notation,
) -> Result<(String, Arc<Loaded>), ReadError> {
    let mut path = normalize_up(path).ok_or(ReadError::Outside)?;
    if project.kind == Kind::BusyBox {
        if let Some(stem) = path.strip_suffix("Config.in") {
            let template = format!("{stem}Config.src");
            if loader.files().reader().exists(&template) {
                path = template;
            }
        }
    }
    let loaded = match loader.load(&path, notation) {
        // `unquoted` put this letter in the place of other bytes.
        Err(ReadError::Missing) if path.contains(char::REPLACEMENT_CHARACTER) => {
            return Err(ReadError::NotUtf8);
        }
        other => other?,
    };
    Ok((path, loaded))
}

/// The C files whose comments stand for an `INSERT` in the file at `path`, in the order in which
/// BusyBox takes them (scripts/gen_build_files.sh).
pub(super) fn inserted(reader: &dyn Reader, path: &str) -> Vec<String> {
    let folder = folder(path);
    let names = reader.list(folder);
    let names = names
        .iter()
        .filter(|name| name.ends_with(".c") && !name.starts_with('.'));
    names.map(|name| in_folder(folder, name)).collect()
}

/// The path in the tree. Like zconf_fopen (lexer.l) it starts at the root, which is where conf
/// runs and what `srctree` names; a relative one starts at the file that says so.
pub(super) fn join(
    path: &str,
    relative: bool,
    including: &str,
    environment: &BTreeMap<String, String>,
) -> String {
    if relative && !path.starts_with('/') {
        return in_folder(folder(including), path);
    }
    let srctree = environment
        .get("srctree")
        .map(|root| root.trim_end_matches('/'));
    match srctree.and_then(|root| path.strip_prefix(root)) {
        Some(rest) if rest.starts_with('/') => rest.trim_start_matches('/').to_owned(),
        _ => path.to_owned(),
    }
}

/// The folder of a file; empty at the root.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A path below a folder.
pub(super) fn in_folder(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}

/// The path in the tree of what a `source` names, where its dialect looks for it.
pub(super) fn place(
    reader: &dyn Reader,
    project: &Project,
    name: &str,
    relative: bool,
    including: &str,
    environment: &BTreeMap<String, String>,
) -> String {
    let start = project.kind.dialect().start;
    let beside = || join(name, true, including, environment);
    let path = match relative || start == Start::File {
        true => beside(),
        false => join(
            &from_start(name, project, environment),
            false,
            including,
            environment,
        ),
    };
    if path.starts_with('/') {
        return reader.inside(&path).unwrap_or(path);
    }
    let is_there = |path: &str| {
        !matches(reader, project, path)
            .iter()
            .all(|it| !reader.exists(it))
    };
    if start == Start::RootThenFile && !relative && !is_there(&path) && is_there(&beside()) {
        return beside();
    }
    path
}

/// The path from the folder where the paths of a tree start, if a variable names one that lies elsewhere:
/// an application of Zephyr sources files of Zephyr.
fn from_start(path: &str, project: &Project, environment: &BTreeMap<String, String>) -> String {
    let variable = project.kind.dialect().start_variable;
    let folder = variable.and_then(|it| environment.get(it));
    let folder = folder.map(|it| it.trim_end_matches('/'));
    match folder.filter(|it| !["", "."].contains(it)) {
        Some(folder) if !path.starts_with('/') && !path.starts_with(&format!("{folder}/")) => {
            in_folder(folder, path)
        }
        _ => path.to_owned(),
    }
}

/// The files that a path means: itself, or in order all that a pattern matches.
pub(super) fn matches(reader: &dyn Reader, project: &Project, path: &str) -> Vec<String> {
    let patterns = project.kind.dialect().patterns != Patterns::Names;
    if !patterns || !path.contains(['*', '?', '[']) {
        return vec![path.to_owned()];
    }
    glob(reader, path)
}

/// Whether a pattern may match nothing. Of the trees that tell no kind, those that begin with a
/// Config.in are OpenWrt's.
pub(super) fn may_match_nothing(project: &Project) -> bool {
    let is_config_in = project.root_file.rsplit('/').next() == Some("Config.in");
    let patterns = project.kind.dialect().patterns;
    patterns == Patterns::Any || project.kind == Kind::Generic && is_config_in
}

/// A text in quotes as kconfiglib reads it: `$NAME` and `${NAME}` are variables of the environment,
/// and stay where it has none of that name (kconfiglib.py, `_tokenize`).
pub(super) fn with_variables(text: &str, environment: &BTreeMap<String, String>) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        result.push_str(before);
        let braced = after.strip_prefix('{');
        let braced = braced.and_then(|inside| inside.split_once('}'));
        let (name, behind) = braced.unwrap_or_else(|| {
            let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
            after.split_at(after.find(|c| !is_part(c)).unwrap_or(after.len()))
        });
        rest = match environment.get(name) {
            Some(value) => {
                result.push_str(value);
                behind
            }
            None => {
                result.push('$');
                after
            }
        };
    }
    result.push_str(rest);
    result
}

/// The files that a path will mean on some architecture, as far as that can be told before
/// elaboration: it holds no macros but names of the environment.
pub(super) fn foreseen(
    raw: &str,
    relative: bool,
    including: &str,
    project: &Project,
) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    if raw.contains(['*', '?', '[', '\\']) {
        return paths;
    }
    for architecture in &project.architectures {
        let environment = &architecture.environment;
        if let Some(path) = substitute(raw, environment) {
            let path = match relative {
                true => path,
                false => from_start(&path, project, environment),
            };
            paths.insert(join(&path, relative, including, environment));
        }
        if !raw.contains('$') {
            break;
        }
    }
    paths
}

fn substitute(raw: &str, environment: &BTreeMap<String, String>) -> Option<String> {
    let mut result = String::new();
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once("$(") {
        let (name, after) = after.split_once(')')?;
        result.push_str(before);
        result.push_str(environment.get(name)?);
        rest = after;
    }
    result.push_str(rest);
    (!result.contains('$')).then_some(result)
}

/// Files that match a pattern, sorted, as kconfiglib's and coreboot's `source` want them.
/// `*` and `?` match within one part of a path and no leading full stop (glob(3)).
fn glob(reader: &dyn Reader, pattern: &str) -> Vec<String> {
    let Some(pattern) = normalize_up(pattern) else {
        return Vec::new();
    };
    let mut folders = vec![String::new()];
    let parts: Vec<&str> = pattern.split('/').collect();
    for (index, part) in parts.iter().enumerate() {
        let last = index + 1 == parts.len();
        let mut next = Vec::new();
        for folder in &folders {
            if !part.contains(['*', '?', '[']) {
                next.push(in_folder(folder, part));
                continue;
            }
            for name in reader.list(folder) {
                let (name, is_folder) = match name.strip_suffix('/') {
                    Some(name) => (name, true),
                    None => (&*name, false),
                };
                let hidden = name.starts_with('.') && !part.starts_with('.');
                if is_folder != last && !hidden && name_matches(part, name) {
                    next.push(in_folder(folder, name));
                }
            }
            if next.len() > MAX_MATCHES {
                return Vec::new();
            }
        }
        folders = next;
    }
    folders.retain(|path| reader.exists(path));
    folders.sort();
    folders
}

/// Whether a name matches a pattern of `*`, `?` and `[…]` (fnmatch). Linear in the name for
/// each star: only the last star is ever retried.
pub(super) fn name_matches(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut p, mut n) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while n < name.len() {
        let step = match pattern.get(p) {
            Some('*') => {
                retry = Some((p + 1, n));
                p += 1;
                continue;
            }
            Some('?') => Some(p + 1),
            Some('[') => class_matches(&pattern[p..], name[n]).map(|length| p + length),
            Some(c) if *c == name[n] => Some(p + 1),
            _ => None,
        };
        match (step, retry) {
            (Some(next), _) => {
                p = next;
                n += 1;
            }
            (None, Some((after_star, from))) => {
                p = after_star;
                n = from + 1;
                retry = Some((after_star, from + 1));
            }
            (None, None) => return false,
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// The length of the class at the start of `pattern` if it matches `c`.
fn class_matches(pattern: &[char], c: char) -> Option<usize> {
    let negated = matches!(pattern.get(1), Some('!' | '^'));
    let first = if negated { 2 } else { 1 };
    let close = first + 1 + pattern.get(first + 1..)?.iter().position(|c| *c == ']')?;
    let mut inside = false;
    let mut at = first;
    while at < close {
        let range = pattern.get(at + 1) == Some(&'-') && at + 2 < close;
        let end = if range { pattern[at + 2] } else { pattern[at] };
        inside |= (pattern[at]..=end).contains(&c);
        at += if range { 3 } else { 1 };
    }
    (inside != negated).then_some(close + 1)
}

/// Whether the tree says that a build makes the file at `path`: its Makefile has it as a target,
/// or its `.gitignore` files say that it is not kept.
pub(super) fn is_generated(reader: &dyn Reader, path: &str) -> bool {
    let Some(path) = normalize_up(path) else {
        return false;
    };
    is_target(reader, &path) || is_ignored(reader, &path)
}

fn is_target(reader: &dyn Reader, path: &str) -> bool {
    let Ok(makefile) = reader.read("Makefile") else {
        return false;
    };
    let mut lines = makefile.split(|byte| *byte == b'\n');
    lines.any(|line| {
        line.strip_prefix(path.as_bytes())
            .is_some_and(|rest| rest.trim_ascii_start().starts_with(b":"))
    })
}

fn is_ignored(reader: &dyn Reader, path: &str) -> bool {
    let ends = path.match_indices('/').map(|(at, _)| at);
    let prefixes: Vec<&str> = ends.map(|at| &path[..at]).chain([path]).collect();
    // A folder that is ignored hides all that is in it.
    prefixes.iter().any(|prefix| {
        let is_folder = prefix.len() < path.len();
        let mut ignored = false;
        let mut base = "";
        loop {
            let rules = reader.read(&in_folder(base, ".gitignore"));
            if let Ok(rules) = rules {
                let below = prefix[base.len()..].trim_start_matches('/');
                for rule in String::from_utf8_lossy(&rules).lines() {
                    if let Some(verdict) = ignore_rule(rule, below, is_folder) {
                        ignored = verdict;
                    }
                }
            }
            let start = if base.is_empty() { 0 } else { base.len() + 1 };
            match prefix[start..].find('/') {
                Some(at) => base = &prefix[..start + at],
                None => return ignored,
            }
        }
    })
}

/// What a line of `.gitignore` says about a path below its folder (gitignore(5), without `**`).
fn ignore_rule(rule: &str, path: &str, is_folder: bool) -> Option<bool> {
    let rule = rule.trim_end();
    if rule.is_empty() || rule.starts_with('#') {
        return None;
    }
    let (rule, verdict) = match rule.strip_prefix('!') {
        Some(rule) => (rule, false),
        None => (rule, true),
    };
    let (rule, folders_only) = match rule.strip_suffix('/') {
        Some(rule) => (rule, true),
        None => (rule, false),
    };
    if folders_only && !is_folder {
        return None;
    }
    let matched = if rule.contains('/') {
        let rule = rule.trim_start_matches('/');
        rule.split('/').count() == path.split('/').count()
            && rule
                .split('/')
                .zip(path.split('/'))
                .all(|(rule, part)| name_matches(rule, part))
    } else {
        let name = path.rsplit('/').next().unwrap_or(path);
        name_matches(rule, name)
    };
    matched.then_some(verdict)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Overlay, WorkTree};

    fn tree(files: &[(&str, &str)]) -> Overlay {
        let base: Arc<dyn Reader> = Arc::new(WorkTree::new("/nonexistent"));
        let mut tree = Overlay::new(base);
        for (path, text) in files {
            tree = tree.with(path, text.as_bytes());
        }
        tree
    }

    #[test]
    fn patterns() {
        for (pattern, name, expected) in [
            ("*", "Kconfig", true),
            ("Kconfig*", "Kconfig.debug", true),
            ("K*f*g", "Kconfig", true),
            ("K?onfig", "Kconfig", true),
            ("K*x", "Kconfig", false),
            ("[A-L]config", "Kconfig", true),
            ("[!A-L]config", "Kconfig", false),
            ("[]K]config", "Kconfig", true),
            ("[K", "[K", false),
            ("a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaa", false),
            ("", "", true),
        ] {
            assert_eq!(name_matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn globbed_files_are_sorted_by_their_whole_path() {
        let tree = tree(&[
            ("b/Kconfig", ""),
            ("a/Kconfig", ""),
            ("a-b/Kconfig", ""),
            ("a/Makefile", ""),
            (".c/Kconfig", ""),
            ("Kconfig", ""),
        ]);
        assert_eq!(
            glob(&tree, "*/Kconfig"),
            ["a-b/Kconfig", "a/Kconfig", "b/Kconfig"]
        );
        assert!(glob(&tree, "x/*").is_empty());
    }

    #[test]
    fn a_path_starts_at_the_root_or_at_its_file() {
        let environment = [("srctree".to_owned(), ".".to_owned())].into();
        let join = |path, relative| join(path, relative, "drivers/net/Kconfig", &environment);
        assert_eq!(join("lib/Kconfig", false), "lib/Kconfig");
        assert_eq!(join("./lib/Kconfig", false), "lib/Kconfig");
        assert_eq!(join("Kconfig.sub", true), "drivers/net/Kconfig.sub");
    }

    #[test]
    fn ignored_files_are_generated() {
        let tree = tree(&[
            (".gitignore", "# made\n*.gen\n/build/\n!keep.gen\n"),
            ("sub/.gitignore", "Kconfig.auto\n"),
            ("Makefile", "all: x\n.platform.in: FORCE\n"),
        ]);
        assert!(is_generated(&tree, ".platform.in"));
        assert!(!is_generated(&tree, "x"));
        assert!(is_generated(&tree, "Kconfig.gen"));
        assert!(is_generated(&tree, "sub/x/Kconfig.gen"));
        assert!(is_generated(&tree, "build/Kconfig"));
        assert!(is_generated(&tree, "sub/Kconfig.auto"));
        assert!(!is_generated(&tree, "Kconfig.auto"));
        assert!(!is_generated(&tree, "keep.gen"));
        assert!(!is_generated(&tree, "sub/build/Kconfig"));
    }
}
