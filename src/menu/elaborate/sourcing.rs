// SPDX-License-Identifier: MIT OR Apache-2.0
//! `source`, its dialects and `INSERT`: which files come next, and what to say of those that do
//! not.

use rustc_hash::FxHashMap;

use super::{Elaborator, Inclusion, LAST, MAX_INSTANCES, Waiting, shortened};
use crate::menu::loader::Loaded;
use crate::menu::refused::open_end;
use crate::menu::{Instance, InstanceId, NodeId, Problem, Unfollowed, Why, include};
use crate::source::{ReadError, TextRange};
use crate::syntax::Notation;
use crate::syntax::ast::{EntryId, Source};
use crate::tree::ArchSet;

impl Elaborator<'_> {
    pub(super) fn source(&mut self, loaded: &Loaded, source: &Source, head: TextRange) {
        let mut groups: Vec<(ArchSet, Named)> = Vec::new();
        for at in self.on().iter() {
            let Some(named) = self.named(at, loaded, source) else {
                continue;
            };
            match groups.iter_mut().find(|(_, known)| *known == named) {
                Some((on, _)) => *on |= ArchSet::only(at),
                None => groups.push((ArchSet::only(at), named)),
            }
        }
        let Some(top) = self.stack.last() else { return };
        let from = top.span(head);
        let notation = self.project.kind.dialect().notation();
        let mut waiting = Vec::new();
        for (on, named) in groups.into_iter().rev() {
            let Named { name, path, unset } = named;
            let lists = self.project.kind.dialect().lists;
            if lists.is_some_and(|[named, _]| unset.first().is_some_and(|it| it == named)) {
                continue;
            }
            let paths = include::matches(self.loader.files().reader(), self.project, &path);
            let range = source.path.range;
            let is_fine = source.optional || include::may_match_nothing(self.project);
            if paths.is_empty() && !is_fine {
                let message = format!("no file matches \"{}\"", shortened(&path));
                self.missing(on, range, message, &unset, false);
            }
            let pattern = paths != [path];
            for path in paths.into_iter().rev() {
                match include::load(self.loader, self.project, &path, notation) {
                    Ok((path, loaded)) => waiting.push(Waiting {
                        loaded,
                        name: if pattern { path.clone() } else { name.clone() },
                        path,
                        from: Some(from),
                        on,
                    }),
                    Err(ReadError::Missing) if source.optional => {}
                    // A variable that is not set.
                    Err(_) if source.optional && path.is_empty() => {}
                    // The file may exist where the variable is set, and need not.
                    Err(ReadError::Outside) if source.optional && !unset.is_empty() => {
                        self.unfollowed(on, range, Why::Unset(unset.clone()));
                    }
                    Err(error) => {
                        let unset = self.or_start(on, source, &error, &unset);
                        self.unreadable(on, range, &path, &error, &unset);
                    }
                }
            }
        }
        if let Some(top) = self.stack.last_mut() {
            top.waiting = waiting;
        }
    }

    /// The variables for want of which a file is missing: those in its path, else the one that names
    /// the folder where paths start. A module of Zephyr sources files of a Zephyr that lies elsewhere.
    fn or_start(
        &self,
        on: ArchSet,
        source: &Source,
        error: &ReadError,
        unset: &[String],
    ) -> Vec<String> {
        let variable = self.project.kind.dialect().start_variable;
        let is_set = |name: &str| {
            let mut here = on.iter();
            here.all(|at| self.apart[at].environment.contains_key(name))
        };
        let is_missing = *error == ReadError::Missing && !source.relative && unset.is_empty();
        match variable.filter(|name| is_missing && !is_set(name)) {
            Some(name) => vec![name.to_owned()],
            None => unset.to_vec(),
        }
    }

    /// What a `source` statement names on one architecture.
    fn named(&mut self, at: usize, loaded: &Loaded, source: &Source) -> Option<Named> {
        self.apart[at].preprocessor.unset.clear();
        let raw = include::raw(&source.path, loaded.source.text());
        let range = source.path.range;
        let on = ArchSet::only(at);
        let Some(path) = self.expand(at, loaded, &raw, source.path.quoted, range) else {
            self.unfollowed(on, range, Why::Missing);
            return None;
        };
        let path = self.preprocess(at, |preprocessor| preprocessor.name(&path));
        let Some(path) = path.as_text() else {
            if !source.optional {
                self.unfollowed(on, range, Why::Toolchain);
                let message = "which file this is depends on the toolchain; it is not read";
                self.report(on, "missing-source", range, message.to_owned(), false);
            }
            return None;
        };
        let one = &mut self.apart[at];
        let mut unset = std::mem::take(&mut one.preprocessor.unset);
        let name = if self.project.dollar_variables {
            let known = unset.len();
            let name = one.symbols.expand(path, &mut unset);
            let new = unset[known..].iter();
            let variables = new.map(|name| one.symbols.variable(name));
            one.preprocessor.naming.extend(variables);
            name
        } else {
            path.to_owned()
        };
        let top = self.stack.last()?;
        let reader = self.loader.files().reader();
        let environment = one.environment;
        let relative = source.relative && !include::is_absolute(&raw, self.project);
        let path = include::place(
            reader,
            self.project,
            &name,
            relative,
            &top.path,
            environment,
        );
        Some(Named { name, path, unset })
    }

    fn unreadable(
        &mut self,
        on: ArchSet,
        range: TextRange,
        path: &str,
        error: &ReadError,
        unset: &[String],
    ) {
        let message = format!("cannot read \"{}\": {error}", shortened(path));
        let reader = self.loader.files().reader();
        let generated = *error == ReadError::Missing && include::is_generated(reader, path);
        let message = if generated {
            format!("{message}; the build makes it")
        } else {
            message
        };
        self.missing(on, range, message, unset, generated);
    }

    fn missing(
        &mut self,
        on: ArchSet,
        range: TextRange,
        message: String,
        unset: &[String],
        generated: bool,
    ) {
        let why = match (unset, generated) {
            ([], false) => Why::Missing,
            ([], true) => Why::Generated,
            (names, _) => Why::Unset(names.to_vec()),
        };
        let fatal = why == Why::Missing;
        self.unfollowed(on, range, why);
        let message = if unset.is_empty() {
            message
        } else {
            let (what, verb) = (
                unset.join(", "),
                if unset.len() == 1 { "is" } else { "are" },
            );
            format!("{message}; {what} {verb} not set")
        };
        self.report(on, "missing-source", range, message, fatal);
    }

    fn unfollowed(&mut self, on: ArchSet, range: TextRange, why: Why) {
        let Some(span) = self.stack.last().map(|top| top.span(range)) else {
            return;
        };
        let mut known = self.menu.unfollowed.iter_mut().rev().take(LAST);
        let known = known
            .find(|known| known.span == span && known.why == why && (known.on & on).is_empty());
        match known {
            Some(known) => known.on |= on,
            None => self.menu.unfollowed.push(Unfollowed { span, why, on }),
        }
    }

    /// BusyBox: the options of a folder live in its C files.
    pub(super) fn insert(&mut self, head: TextRange) {
        let Some(top) = self.stack.last_mut() else {
            return;
        };
        let from = top.span(head);
        let paths = include::inserted(self.loader.files().reader(), &top.path);
        for path in paths.into_iter().rev() {
            // What cannot be read is no C file of the tree.
            if let Ok(loaded) = self.loader.load(&path, Notation::ConfigComments) {
                top.waiting.push(Waiting {
                    loaded,
                    name: path.clone(),
                    path,
                    from: Some(from),
                    on: top.on,
                });
            }
        }
    }

    /// Goes on with another file (lexer.l, zconf_nextfile).
    pub(super) fn include(&mut self, waiting: Waiting) {
        if self.stack.iter().any(|open| open.path == waiting.path) {
            self.recursive(&waiting);
            return;
        }
        if self.menu.instances.len() >= MAX_INSTANCES * self.apart.len() {
            self.give_up("inclusions");
            return;
        }
        self.once(&waiting);
        let base = self.stack.last().and_then(Inclusion::parent);
        self.enter(waiting, base);
    }

    pub(super) fn enter(&mut self, waiting: Waiting, base: Option<NodeId>) {
        let Waiting {
            loaded,
            path,
            name,
            from,
            on,
        } = waiting;
        let instance = InstanceId(self.menu.instances.len() as u32);
        let inside = self.stack.last();
        let inside = inside.map(|top| (top.instance, EntryId(top.next - 1)));
        let grammar = &self.project.grammar;
        let end = open_end(&loaded.tree).filter(|_| self.stack.is_empty() && !grammar.open_end);
        for refused in loaded.refused(grammar).iter().chain(&end) {
            let place = |range: TextRange| range.in_file(loaded.file);
            let related = refused.related.iter();
            self.menu.problems.push(Problem {
                rule: "syntax-error",
                span: place(refused.range),
                message: refused.message.clone(),
                related: related
                    .map(|(range, words)| (place(*range), (*words).to_owned()))
                    .collect(),
                fatal: true,
                on,
            });
        }
        self.menu.instances.push(Instance {
            file: loaded.file,
            on,
            notation: loaded.notation,
            tree: loaded.tree.clone(),
            expansions: FxHashMap::default(),
            forks: FxHashMap::default(),
            included_from: from,
            inside,
        });
        self.stack.push(Inclusion {
            loaded,
            instance,
            on,
            path,
            name,
            from,
            next: 0,
            next_use: 0,
            blocks: Vec::new(),
            base,
            waiting: Vec::new(),
        });
    }

    /// Reports a file that was sourced before by the same name (util.c, `file_lookup`).
    fn once(&mut self, waiting: &Waiting) {
        if self.project.grammar.sourced_twice {
            return;
        }
        let Some(from) = waiting.from else { return };
        let known = self.sourced.entry(waiting.name.clone()).or_default();
        let mut new = waiting.on;
        let mut again = Vec::new();
        for (on, first) in known.iter() {
            let both = *on & waiting.on;
            new = new.without(both);
            if !both.is_empty() {
                again.push((both, *first));
            }
        }
        if !new.is_empty() {
            known.push((new, from));
        }
        for (on, first) in again {
            self.menu.problems.push(Problem {
                rule: "recursive-source",
                span: from,
                message: format!(
                    "\"{}\" is sourced twice: this tree's kconfig refuses a file that is sourced \
                     again, also under another condition",
                    shortened(&waiting.name)
                ),
                related: vec![(first, "it is sourced here first".to_owned())],
                fatal: true,
                on,
            });
        }
    }

    fn recursive(&mut self, waiting: &Waiting) {
        let Some(span) = waiting.from else { return };
        let path = &waiting.path;
        let mut related = Vec::new();
        for open in self.stack.iter().rev() {
            if open.path == *path {
                break;
            }
            if let Some(from) = open.from {
                let words = format!("\"{}\" is sourced here", shortened(&open.path));
                related.push((from, words));
            }
        }
        self.menu.problems.push(Problem {
            rule: "recursive-source",
            span,
            message: format!("\"{}\" sources itself", shortened(path)),
            related,
            fatal: true,
            on: waiting.on,
        });
    }
}

/// What a `source` statement names.
#[derive(PartialEq, Eq)]
struct Named {
    /// As it is written, after expansion.
    name: String,
    /// From the root of the tree.
    path: String,
    /// Variables in it that are not set.
    unset: Vec<String>,
}
