// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which words of a file have to be expanded, in the order in which conf would come by them.
//!
//! It is found once per file, so that elaboration of each architecture looks only at these.

use crate::syntax::SyntaxTree;
use crate::syntax::ast::{
    Ast, Atom, Attribute, AttributeKind, Entry, EntryKind, ExprId, ExprKind, Prompt, Text, WordId,
};

/// What has to be expanded in a file, by statement and then by place.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// The uses of macros.
    pub(super) uses: Vec<Use>,
}

/// One use of macros.
#[derive(Clone, Copy, Debug)]
pub(super) struct Use {
    /// Index of the statement it belongs to.
    pub(super) entry: u32,
    /// What it is.
    pub(super) kind: UseKind,
}

/// The kinds of place in which macros stand.
#[derive(Clone, Copy, Debug)]
pub(super) enum UseKind {
    /// One word is wanted, for its value.
    Atom(Atom),
    /// One word is wanted, the name of a symbol or choice.
    Name(Atom),
    /// No word may be left.
    Nothing(Atom),
    /// The name or the value of an `option`.
    Word(WordId),
    /// The name of a variable of the environment: the value of `option env`.
    Variable(WordId),
    /// Text for people.
    Text(Text),
}

impl Outline {
    /// The uses of macros in a file; the paths of `source` and all of an assignment excepted.
    pub(super) fn new(tree: &SyntaxTree) -> Outline {
        let ast = tree.ast();
        let mut collector = Collector {
            ast,
            found: Vec::new(),
        };
        let any_word = ast.words.iter().any(|word| word.text.is_none());
        for (index, entry) in ast.entries.iter().enumerate() {
            let first = collector.found.len();
            collector.entry(entry, any_word);
            for attribute in ast.attributes_of(entry) {
                collector.attribute(attribute, any_word);
            }
            let found = &mut collector.found[first..];
            found.sort_by_key(|(start, _)| *start);
            found
                .iter_mut()
                .for_each(|(_, found)| found.entry = index as u32);
        }
        let uses = collector.found.into_iter().map(|(_, found)| found);
        Outline {
            uses: uses.collect(),
        }
    }
}

struct Collector<'a> {
    ast: &'a Ast,
    /// With the offset of each.
    found: Vec<(u32, Use)>,
}

impl Collector<'_> {
    fn entry(&mut self, entry: &Entry, any_word: bool) {
        match &entry.kind {
            EntryKind::Menu(text) | EntryKind::Comment(text) | EntryKind::MainMenu(text) => {
                self.text(*text);
            }
            EntryKind::Macro(atom) => self.nothing(*atom),
            _ if !any_word => {}
            EntryKind::Config(atom)
            | EntryKind::MenuConfig(atom)
            | EntryKind::ConfigDefault(atom)
            | EntryKind::Choice(Some(atom)) => self.name(*atom),
            EntryKind::If(expr) => self.expr(*expr),
            EntryKind::Choice(None)
            | EntryKind::Source(_)
            | EntryKind::Assignment { .. }
            | EntryKind::Insert => {}
        }
    }

    fn attribute(&mut self, attribute: &Attribute, any_word: bool) {
        match &attribute.kind {
            AttributeKind::Type { prompt, .. } => {
                if let Some(prompt) = prompt {
                    self.prompt(prompt, any_word);
                }
            }
            AttributeKind::Prompt(prompt) => self.prompt(prompt, any_word),
            AttributeKind::Warning(text) => self.text(*text),
            AttributeKind::Macro(atom) => self.nothing(*atom),
            AttributeKind::Option { name, value } => self.option(*name, *value),
            _ if !any_word => {}
            other => self.attribute_words(other),
        }
    }

    fn attribute_words(&mut self, kind: &AttributeKind) {
        match kind {
            AttributeKind::TypedDefault {
                value, condition, ..
            }
            | AttributeKind::Default { value, condition } => {
                self.expr(*value);
                self.condition(*condition);
            }
            AttributeKind::DependsOn { expr, condition } => {
                self.expr(*expr);
                self.condition(*condition);
            }
            AttributeKind::Select { target, condition }
            | AttributeKind::Imply { target, condition } => {
                self.name(*target);
                self.condition(*condition);
            }
            AttributeKind::Range {
                low,
                high,
                condition,
            } => {
                self.atom(*low);
                self.atom(*high);
                self.condition(*condition);
            }
            AttributeKind::Visible(condition) => self.condition(*condition),
            AttributeKind::Set {
                target,
                value,
                condition,
                ..
            } => {
                self.name(*target);
                self.atom(*value);
                self.condition(*condition);
            }
            _ => {}
        }
    }

    fn prompt(&mut self, prompt: &Prompt, any_word: bool) {
        self.text(prompt.text);
        if any_word {
            self.condition(prompt.condition);
        }
    }

    fn condition(&mut self, condition: Option<ExprId>) {
        if let Some(expr) = condition {
            self.expr(expr);
        }
    }

    fn expr(&mut self, root: ExprId) {
        let mut waiting = vec![root];
        while let Some(id) = waiting.pop() {
            match self.ast.expr(id).kind {
                ExprKind::Atom(atom) => self.atom(atom),
                ExprKind::Not(inner) | ExprKind::Paren(inner) => waiting.push(inner),
                ExprKind::And(left, right) | ExprKind::Or(left, right) => {
                    waiting.extend([left, right]);
                }
                ExprKind::Compare(_, left, right) => {
                    self.atom(left);
                    self.atom(right);
                }
            }
        }
    }

    fn atom(&mut self, atom: Atom) {
        if self.has_macro(atom) {
            self.push(self.ast.range_of(atom).start, UseKind::Atom(atom));
        }
    }

    fn name(&mut self, atom: Atom) {
        if self.has_macro(atom) {
            self.push(self.ast.range_of(atom).start, UseKind::Name(atom));
        }
    }

    fn has_macro(&self, atom: Atom) -> bool {
        let words = self.ast.words_of(atom);
        words.len() != 1 || words[0].text.is_none()
    }

    /// What the environment holds is no less unknown than what a macro expands to.
    fn option(&mut self, name: WordId, value: Option<WordId>) {
        self.word(name);
        let Some(value) = value else { return };
        let word = self.ast.word(name);
        if word.text.is_some_and(|text| text.as_str() == "env") {
            self.push(self.ast.word(value).range.start, UseKind::Variable(value));
        } else {
            self.word(value);
        }
    }

    fn nothing(&mut self, atom: Atom) {
        self.push(self.ast.range_of(atom).start, UseKind::Nothing(atom));
    }

    fn word(&mut self, word: WordId) {
        if self.ast.word(word).text.is_none() {
            self.push(self.ast.word(word).range.start, UseKind::Word(word));
        }
    }

    fn text(&mut self, text: Text) {
        if text.has_macro {
            self.push(text.range.start, UseKind::Text(text));
        }
    }

    fn push(&mut self, start: u32, kind: UseKind) {
        self.found.push((start, Use { entry: 0, kind }));
    }
}
