// SPDX-License-Identifier: MIT OR Apache-2.0
//! `source`, its dialects and `INSERT`: which files come next, and what to say of those that do
//! not.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{Elaborator, Inclusion, MAX_INSTANCES, Waiting, shortened};
use crate::menu::loader::Loaded;
use crate::menu::refused::open_end;
use crate::menu::{Instance, InstanceId, NodeId, Problem, Unfollowed, Why, include};
use crate::source::{ReadError, Span, TextRange};
use crate::syntax::Notation;
use crate::syntax::ast::{EntryId, Source};

impl Elaborator<'_> {
    pub(super) fn source(&mut self, loaded: &Loaded, source: &Source, head: TextRange) {
        self.preprocessor.unset.clear();
        let raw = include::raw(&source.path, loaded.source.text());
        let Some(path) = self.expand(loaded, &raw, source.path.quoted, source.path.range) else {
            self.unfollowed(source.path.range, Why::Missing);
            return;
        };
        let path = self.preprocessor.name(&path);
        let Some(path) = path.as_text() else {
            if !source.optional {
                self.unfollowed(source.path.range, Why::Toolchain);
                let message = "which file this is depends on the toolchain; it is not read";
                self.report(
                    "missing-source",
                    source.path.range,
                    message.to_owned(),
                    false,
                );
            }
            return;
        };
        let mut unset = std::mem::take(&mut self.preprocessor.unset);
        let name = if self.project.dollar_variables {
            let known = unset.len();
            let name = self.symbols.expand(path, &mut unset);
            let new = unset[known..].iter();
            let variables = new.map(|name| self.symbols.variable(name));
            self.preprocessor.naming.extend(variables);
            name
        } else {
            path.to_owned()
        };
        let Some(top) = self.stack.last() else { return };
        let path = include::join(&name, source.relative, &top.path, self.environment);
        let from = top.span(head);
        let paths = include::matches(self.loader.files().reader(), self.project, &path);
        if paths.is_empty() && !source.optional {
            let message = format!("no file matches \"{}\"", shortened(&path));
            self.missing(source.path.range, message, &unset, false);
        }
        let pattern = paths != [path];
        let mut waiting = Vec::new();
        for path in paths.into_iter().rev() {
            match include::load(self.loader, self.project, &path, Notation::Kconfig) {
                Ok((path, loaded)) => waiting.push(Waiting {
                    loaded,
                    name: if pattern { path.clone() } else { name.clone() },
                    path,
                    from,
                }),
                Err(ReadError::Missing) if source.optional => {}
                Err(error) => self.unreadable(source.path.range, &path, &error, &unset),
            }
        }
        if let Some(top) = self.stack.last_mut() {
            top.waiting = waiting;
        }
    }

    fn unreadable(&mut self, range: TextRange, path: &str, error: &ReadError, unset: &[String]) {
        let message = format!("cannot read \"{}\": {error}", shortened(path));
        let reader = self.loader.files().reader();
        let generated = *error == ReadError::Missing && include::is_generated(reader, path);
        let message = if generated {
            format!("{message}; the build makes it")
        } else {
            message
        };
        self.missing(range, message, unset, generated);
    }

    fn missing(&mut self, range: TextRange, message: String, unset: &[String], generated: bool) {
        let why = match (unset, generated) {
            ([], false) => Why::Missing,
            ([], true) => Why::Generated,
            (names, _) => Why::Unset(names.to_vec()),
        };
        let fatal = why == Why::Missing;
        self.unfollowed(range, why);
        let message = if unset.is_empty() {
            message
        } else {
            let (what, verb) = (
                unset.join(", "),
                if unset.len() == 1 { "is" } else { "are" },
            );
            format!("{message}; {what} {verb} not set")
        };
        self.report("missing-source", range, message, fatal);
    }

    fn unfollowed(&mut self, range: TextRange, why: Why) {
        let span = self.stack.last().map(|top| top.span(range));
        let unfollowed = span.map(|span| Unfollowed { span, why });
        self.menu.unfollowed.extend(unfollowed);
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
                    from,
                });
            }
        }
    }

    /// Goes on with another file (lexer.l, zconf_nextfile).
    pub(super) fn include(&mut self, waiting: Waiting) {
        if self.stack.iter().any(|open| open.path == waiting.path) {
            self.recursive(&waiting.path, waiting.from);
            return;
        }
        if self.menu.instances.len() >= MAX_INSTANCES {
            self.give_up("inclusions");
            return;
        }
        self.once(&waiting);
        let base = self.stack.last().and_then(Inclusion::parent);
        self.enter(
            waiting.loaded,
            waiting.path,
            waiting.name,
            Some(waiting.from),
            base,
        );
    }

    pub(super) fn enter(
        &mut self,
        loaded: Arc<Loaded>,
        path: String,
        name: String,
        from: Option<Span>,
        base: Option<NodeId>,
    ) {
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
            });
        }
        self.menu.instances.push(Instance {
            file: loaded.file,
            notation: loaded.notation,
            tree: loaded.tree.clone(),
            expansions: FxHashMap::default(),
            included_from: from,
            inside,
        });
        self.stack.push(Inclusion {
            loaded,
            instance,
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
        let Some(first) = self.sourced.insert(waiting.name.clone(), waiting.from) else {
            return;
        };
        self.menu.problems.push(Problem {
            rule: "recursive-source",
            span: waiting.from,
            message: format!(
                "\"{}\" is sourced twice: this tree's kconfig refuses a file that is sourced \
                 again, also under another condition",
                shortened(&waiting.name)
            ),
            related: vec![(first, "it is sourced here first".to_owned())],
            fatal: true,
        });
        self.sourced.insert(waiting.name.clone(), first);
    }

    fn recursive(&mut self, path: &str, span: Span) {
        let mut related = Vec::new();
        for open in self.stack.iter().rev() {
            if open.path == path {
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
        });
    }
}
