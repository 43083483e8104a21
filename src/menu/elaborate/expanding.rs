// SPDX-License-Identifier: MIT OR Apache-2.0
//! The macros of a statement: what its words come down to on each architecture that reads it, and
//! what that defines, assumes, and gets wrong.

use super::{Elaborator, shortened};
use crate::menu::Assumption;
use crate::menu::command::Output;
use crate::menu::include;
use crate::menu::loader::Loaded;
use crate::menu::pieces::Pieces;
use crate::menu::preprocess::{Event, MacroError, Place};
use crate::source::TextRange;
use crate::syntax::ast::{AssignOp, Atom, Word, WordId};
use crate::tree::ArchSet;

impl Elaborator<'_> {
    /// An atom has to come down to one word.
    pub(super) fn atom(&mut self, loaded: &Loaded, atom: Atom, role: Role) {
        let ast = loaded.tree.ast();
        let words = ast.words_of(atom);
        // Of several words, all but one have to vanish.
        let role = if words.len() == 1 { role } else { Role::Name };
        for at in self.on().iter() {
            let mut left = 0;
            let mut failed = false;
            for (offset, word) in words.iter().enumerate() {
                if word.text.is_some() {
                    left += 1;
                    continue;
                }
                match self.word(at, loaded, WordId(atom.first.0 + offset as u32), role) {
                    Expanded::Word => left += 1,
                    Expanded::Nothing => {}
                    Expanded::Failed => failed = true,
                }
            }
            if left != 1 && !failed {
                let message = if left == 0 {
                    "a word is missing: what stands here expands to nothing"
                } else {
                    "more than one word is left after expansion where one is wanted"
                };
                self.problem(at, "syntax-error", ast.range_of(atom), message.to_owned());
            }
        }
    }

    /// A line of macros has to expand to nothing.
    pub(super) fn nothing(&mut self, loaded: &Loaded, atom: Atom) {
        let ast = loaded.tree.ast();
        for word in ast.words_of(atom) {
            let raw = raw_word(word, loaded.source.text());
            for at in self.on().iter() {
                let Some(value) = self.expand(at, loaded, &raw, word.quoted, word.range) else {
                    continue;
                };
                match value.as_text() {
                    Some("") | None => {}
                    Some(text) => {
                        let message = format!("unknown statement \"{}\"", shortened(text));
                        self.problem(at, "syntax-error", word.range, message);
                    }
                }
            }
        }
    }

    pub(super) fn word(&mut self, at: usize, loaded: &Loaded, id: WordId, role: Role) -> Expanded {
        let word = loaded.tree.ast().word(id);
        let mut raw = raw_word(word, loaded.source.text());
        if word.quoted && loaded.notation.is_kconfiglib() {
            raw = include::with_variables(&raw, self.apart[at].environment);
        }
        let value = if self.project.macros {
            self.expand(at, loaded, &raw, word.quoted, word.range)
        } else {
            Some(Pieces::from(&*include::unescaped(&raw, word.quoted)))
        };
        let value = self.preprocess(at, |preprocessor| {
            value.map(|value| match role {
                Role::Name => preprocessor.name(&value),
                Role::Value if word.quoted => value,
                Role::Value => preprocessor.bare(value),
            })
        });
        let (output, result) = match &value {
            Some(value) if !word.quoted && value.as_text() == Some("") => {
                return Expanded::Nothing;
            }
            Some(value) => (value.to_output(), Expanded::Word),
            // Nothing is known of it, so nothing may be concluded from it.
            None => {
                let unknown = self.preprocess(at, |preprocessor| preprocessor.unknown(&raw));
                (unknown, Expanded::Failed)
            }
        };
        if !word.quoted {
            self.assume_word(at, &output, word.range);
        }
        self.keep(at, id, output);
        result
    }

    /// Notes what a word expands to on one architecture.
    fn keep(&mut self, at: usize, id: WordId, output: Output) {
        let Some(top) = self.stack.last() else { return };
        let instance = &mut self.menu.instances[top.instance.0 as usize];
        instance.keep(ArchSet::only(at), id, output);
    }

    /// conf refuses a tree in which a bare word expands to nothing: variables are then set.
    fn assume_word(&mut self, at: usize, output: &Output, range: TextRange) {
        let condition = self.preprocess(at, |preprocessor| preprocessor.is_nothing(output));
        if let Some(condition) = condition {
            self.assume(at, condition, range);
        }
    }

    /// Once for each architecture, at the first place that asks for it.
    fn assume(&mut self, at: usize, condition: Output, range: TextRange) {
        let Some(top) = self.stack.last() else { return };
        let span = top.span(range);
        let mut known = self.menu.assumptions.iter_mut();
        match known.find(|known| known.never_yes == condition) {
            Some(known) => known.on |= ArchSet::only(at),
            None => self.menu.assumptions.push(Assumption {
                never_yes: condition,
                span,
                on: ArchSet::only(at),
            }),
        }
    }

    /// The variable that `option env` names. Where it is known to be unset, the option gives
    /// nothing (symbol.c of Linux 4.17, `prop_add_env`).
    pub(super) fn variable(&mut self, loaded: &Loaded, id: WordId) {
        for at in self.on().iter() {
            let name = self.text_of(at, loaded, id);
            let value = name
                .and_then(|name| self.preprocess(at, |preprocessor| preprocessor.variable(&name)));
            if let Some(value) = value {
                self.keep(at, id, value);
            }
        }
    }

    /// The name that a word comes down to on one architecture; `None` when that failed, or only the
    /// toolchain knows it.
    fn text_of(&mut self, at: usize, loaded: &Loaded, id: WordId) -> Option<String> {
        let word = loaded.tree.ast().word(id);
        if let Some(text) = word.text {
            return Some(text.as_str().to_owned());
        }
        let raw = raw_word(word, loaded.source.text());
        let name = self.expand(at, loaded, &raw, word.quoted, word.range)?;
        let name = self.preprocess(at, |preprocessor| preprocessor.name(&name));
        name.as_text().map(str::to_owned)
    }

    pub(super) fn assignment(
        &mut self,
        loaded: &Loaded,
        name: WordId,
        op: AssignOp,
        value: TextRange,
    ) {
        let text = loaded.source.text();
        let blanks = text.get(value.end as usize..).unwrap_or_default();
        let blanks = blanks.iter().take_while(|b| matches!(**b, b' ' | b'\t'));
        // lexer.l, ASSIGN_VAL: blanks at the end of the line belong to a value.
        let trailing = if value.is_empty() {
            0
        } else {
            blanks.count() as u32
        };
        let range = TextRange::new(value.start, value.end + trailing);
        let text = String::from_utf8_lossy(range.of(text));
        // Only dialects of kconfiglib continue a value on the next line.
        let text = text.replace("\\\r\n", "").replace("\\\n", "");
        // The parser reduces after the line end was read, so `$(lineno)` is the next line's.
        let line = || loaded.source.position(value.end).line + 1;
        let range = loaded.tree.ast().word(name).range.cover(value);
        for at in self.on().iter() {
            let Some(name) = self.text_of(at, loaded, name) else {
                continue;
            };
            let Some(top) = self.stack.last() else { return };
            let file = top.name.clone();
            let place = Place {
                file: &file,
                line: &line,
            };
            let result = self.preprocess(at, |preprocessor| {
                preprocessor.assign(&name, op, &text, &place)
            });
            self.finish(at, result, range);
        }
    }

    /// `None` when it failed, which is reported.
    pub(super) fn expand(
        &mut self,
        at: usize,
        loaded: &Loaded,
        raw: &str,
        quoted: bool,
        range: TextRange,
    ) -> Option<Pieces> {
        let file = self.stack.last()?.name.clone();
        let place = Place {
            file: &file,
            line: &|| loaded.source.position(range.start).line,
        };
        let result = self.preprocess(at, |preprocessor| preprocessor.expand(raw, quoted, &place));
        self.finish(at, result, range)
    }

    /// Turns what an expansion did besides its result into assumptions and problems.
    fn finish<T>(
        &mut self,
        at: usize,
        result: Result<T, MacroError>,
        range: TextRange,
    ) -> Option<T> {
        for event in std::mem::take(&mut self.apart[at].preprocessor.events) {
            match event {
                Event::Assumption(condition) => self.assume(at, condition, range),
                Event::Warning(message) => {
                    let on = ArchSet::only(at);
                    self.report(on, "macro-error", range, message, false);
                }
            }
        }
        match result {
            Ok(value) => Some(value),
            Err(MacroError(message)) => {
                self.problem(at, "macro-error", range, shortened(&message));
                None
            }
        }
    }
}

/// What a word is wanted for.
#[derive(Clone, Copy)]
pub(super) enum Role {
    /// The name of something. Which one that is cannot hang on the environment: variables that
    /// nothing fixes count as unset.
    Name,
    /// A value.
    Value,
}

/// What became of a word.
pub(super) enum Expanded {
    Word,
    Nothing,
    Failed,
}

fn raw_word(word: &Word, text: &[u8]) -> String {
    include::unquoted(word.range.of(text), word.quoted)
}
