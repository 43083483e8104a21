// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the tree's own kconfig does not accept in one file, although some kconfig does.
//!
//! The parser reads the union of all dialects. Here each statement is held against the grammar
//! of the tree at hand ([`crate::tree::Grammar`]). What more than one file decides is not seen
//! here: `elaborate` knows which files were sourced, `model::refused` what symbols are.

use crate::source::TextRange;
use crate::syntax::ast::CompareOp;
use crate::syntax::ast::{
    Ast, Attribute, AttributeKind, Entry, EntryId, EntryKind, ExprKind, Prompt, Text, Type, WordId,
};
use crate::syntax::{Keyword, SyntaxTree, Token, TokenKind};
use crate::tree::{ChoiceType, Grammar, Options};

/// A place that conf refuses, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Refused {
    pub(super) range: TextRange,
    pub(super) message: String,
    /// A further place, with a word on it.
    pub(super) related: Option<(TextRange, &'static str)>,
}

/// All that a file says which this grammar does not know.
pub(super) fn refused(ast: &Ast, text: &[u8], grammar: &Grammar) -> Vec<Refused> {
    if *grammar == Grammar::ALL {
        return Vec::new();
    }
    let mut check = Check {
        ast,
        text,
        grammar,
        found: Vec::new(),
    };
    let mut choice_ends = EntryId(0);
    for (at, entry) in ast.entries.iter().enumerate() {
        let in_choice = (at as u32) < choice_ends.0;
        check.entry(entry, in_choice);
        if matches!(entry.kind, EntryKind::Choice(_)) {
            choice_ends = choice_ends.max(entry.end);
        }
    }
    if grammar.options == Options::Kconfiglib {
        check.open_macro();
    }
    check.expressions();
    check.names();
    check.found.sort_by_key(|refused| refused.range);
    check.found
}

/// The last line of a file where it lacks its line end. Of the first file of a tree, some kconfigs
/// refuse that (lexer.l, `<<EOF>>`).
pub(super) fn open_end(tree: &SyntaxTree) -> Option<Refused> {
    let is_blank = |token: &Token| {
        matches!(
            token.kind,
            TokenKind::Blank | TokenKind::Comment | TokenKind::Continuation | TokenKind::Stray
        )
    };
    let is_end = |token: &Token| matches!(token.kind, TokenKind::Newline | TokenKind::HelpText);
    let tokens = (0..tree.tokens().len() as u32).rev();
    let tokens = tokens.filter_map(|at| tree.token(at));
    let line = tokens.filter(|token| !is_blank(token));
    let line: Vec<Token> = line.take_while(|token| !is_end(token)).collect();
    // Macros that expand to nothing leave no line.
    let says = line.iter().any(|token| token.kind != TokenKind::Macro);
    let (last, first) = (line.first()?, line.last()?);
    says.then(|| Refused {
        range: TextRange::new(first.range.start, last.range.end),
        message: "the last line has no line end: this tree's kconfig refuses the file".to_owned(),
        related: None,
    })
}

struct Check<'a> {
    ast: &'a Ast,
    text: &'a [u8],
    grammar: &'a Grammar,
    found: Vec<Refused>,
}

impl Check<'_> {
    fn refuse(&mut self, range: TextRange, message: impl Into<String>) {
        self.found.push(Refused {
            range,
            message: format!("{}: this tree's kconfig refuses the file", message.into()),
            related: None,
        });
    }

    /// Reports a keyword at the start of a statement that kconfig does not know.
    fn keyword(&mut self, range: TextRange) -> bool {
        let bytes = range.of(self.text);
        let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-".contains(byte);
        let length = bytes.iter().take_while(|byte| is_letter(byte)).count();
        let word = &bytes[..length];
        let keyword = Keyword::everywhere(word).or_else(|| Keyword::at_start(word));
        let Some(keyword) = keyword.filter(|keyword| !self.grammar.knows(*keyword)) else {
            return true;
        };
        let message = match keyword {
            Keyword::DashedHelp => "`---help---` is not known here, only `help`".to_owned(),
            other => format!("`{}` is not known here", other.word()),
        };
        let end = range.start + length as u32;
        self.refuse(TextRange::new(range.start, end), message);
        false
    }

    fn entry(&mut self, entry: &Entry, in_choice: bool) {
        // An assignment, a macro and INSERT begin with no keyword.
        let has_keyword = !matches!(
            entry.kind,
            EntryKind::Assignment { .. } | EntryKind::Macro(_) | EntryKind::Insert
        );
        let known = !has_keyword || self.keyword(entry.head);
        match &entry.kind {
            EntryKind::Choice(Some(name)) if !self.grammar.named_choices => {
                let range = self.ast.range_of(*name);
                self.refuse(range, "a choice has no name here");
            }
            EntryKind::Source(_) if in_choice && !self.grammar.source_in_choice => {
                self.refuse(entry.head, "`source` cannot stand in a choice here");
            }
            EntryKind::Source(source) => self.bare(&source.path),
            EntryKind::Menu(text) | EntryKind::Comment(text) | EntryKind::MainMenu(text) => {
                self.bare(text);
            }
            _ => {}
        }
        if !known {
            return;
        }
        let attributes = self.ast.attributes_of(entry);
        for attribute in attributes {
            // A line of macros has no keyword.
            if matches!(attribute.kind, AttributeKind::Macro(_)) || self.keyword(attribute.range) {
                self.attribute(entry, attribute);
            }
        }
        self.prompts(entry, attributes, in_choice);
        self.helps(attributes);
    }

    fn attribute(&mut self, entry: &Entry, attribute: &Attribute) {
        let in_choice = matches!(entry.kind, EntryKind::Choice(_));
        match attribute.kind {
            AttributeKind::Type { ty, prompt } if in_choice => {
                self.choice_type(attribute.range, ty, prompt);
            }
            AttributeKind::DependsOn {
                condition: Some(condition),
                ..
            } if !self.grammar.conditional_depends => {
                let range = self.ast.expr(condition).range;
                self.refuse(range, "`depends on` has no condition here");
            }
            AttributeKind::Option { name, value } => self.option(attribute.range, name, value),
            _ => {}
        }
        if let Some(prompt) = prompt_of(attribute) {
            self.bare(&prompt.text);
        }
    }

    fn choice_type(&mut self, range: TextRange, ty: Type, prompt: Option<Prompt>) {
        let fits = match self.grammar.choice_type {
            ChoiceType::Any => true,
            ChoiceType::BoolWithPrompt => ty == Type::Bool && prompt.is_some(),
            ChoiceType::None => false,
        };
        if fits {
            return;
        }
        let message = match prompt {
            Some(_) => format!(
                "a choice cannot say `{} \"…\"` here, only `prompt`",
                ty.word()
            ),
            None => format!("a choice has no `{}` here", ty.word()),
        };
        self.refuse(range, message);
    }

    fn option(&mut self, range: TextRange, name: WordId, value: Option<WordId>) {
        let known = match self.grammar.options {
            Options::Any => return,
            Options::Kconfiglib => [true; 3],
            Options::Bare(known) => known,
        };
        let word = self.ast.word(name);
        let says = |name: &str| word.range.of(self.text) == name.as_bytes();
        let mut names = Options::NAMES.iter().zip(known);
        let is_known = names.any(|(name, known)| known && says(name)) && value.is_none();
        let is_env = self.grammar.options == Options::Kconfiglib && says("env") && value.is_some();
        if !is_known && !is_env {
            let name = String::from_utf8_lossy(word.range.of(self.text)).into_owned();
            self.refuse(
                range,
                format!("`option {name}` is not known here in this form"),
            );
        }
    }

    /// A last line of macros without a line end: nothing is left of it, and kconfiglib takes only
    /// white space there (kconfiglib.py, `_parse_assignment`).
    fn open_macro(&mut self) {
        let entries = self.ast.entries.iter();
        let entries = entries.filter(|it| matches!(it.kind, EntryKind::Macro(_)));
        let attributes = self.ast.attributes.iter();
        let attributes = attributes.filter(|it| matches!(it.kind, AttributeKind::Macro(_)));
        let ranges = entries
            .map(|it| it.head)
            .chain(attributes.map(|it| it.range));
        let mut ranges = ranges.filter(|range| range.end as usize == self.text.len());
        if let Some(range) = ranges.next() {
            self.refuse(range, "the last line has no line end");
        }
    }

    /// A text without quotes.
    fn bare(&mut self, text: &Text) {
        if !text.quoted && !self.grammar.bare_text {
            self.refuse(text.range, "a text has to stand in quotes here");
        }
    }

    fn prompts(&mut self, entry: &Entry, attributes: &[Attribute], in_choice: bool) {
        if attributes.iter().any(|it| prompt_of(it).is_some()) {
            return;
        }
        match entry.kind {
            EntryKind::MenuConfig(_) if !self.grammar.bare_menuconfig => {
                self.refuse(entry.head, "a `menuconfig` needs a prompt");
            }
            EntryKind::Choice(_) if !self.grammar.loose_choices => {
                self.refuse(entry.head, "a choice needs a prompt");
            }
            EntryKind::Config(_) if in_choice && !self.grammar.loose_choices => {
                self.refuse(entry.head, "a member of a choice needs a prompt");
            }
            _ => {}
        }
    }

    fn helps(&mut self, attributes: &[Attribute]) {
        let mut first = None;
        for attribute in attributes {
            let AttributeKind::Help { body, .. } = attribute.kind else {
                continue;
            };
            let head = TextRange::new(attribute.range.start, attribute.range.start + HELP);
            if first.is_some() && !self.grammar.second_help {
                self.refuse(head, "this entry has two help texts");
                if let Some(refused) = self.found.last_mut() {
                    refused.related = first.map(|first| (first, "the first one is here"));
                }
            }
            let is_blank = |byte: &u8| b" \x0c\n\r\t\x0b".contains(byte);
            if body.of(self.text).iter().all(is_blank) && !self.grammar.blank_help {
                self.refuse(head, "the help text is empty");
            }
            first = first.or(Some(head));
        }
    }

    fn expressions(&mut self) {
        if self.grammar.order {
            return;
        }
        for expr in &self.ast.exprs {
            let ExprKind::Compare(op, ..) = expr.kind else {
                continue;
            };
            if !matches!(op, CompareOp::Equal | CompareOp::Unequal) {
                self.refuse(expr.range, "only `=` and `!=` compare here");
            }
        }
    }

    /// Names that are keywords of this kconfig, and not of all.
    fn names(&mut self) {
        if !self.grammar.reserved {
            return;
        }
        for word in &self.ast.words {
            let bytes = word.range.of(self.text);
            let is_word = !word.quoted && bytes.first().is_some_and(u8::is_ascii_lowercase);
            let keyword = Keyword::at_start(bytes).filter(|_| is_word);
            if keyword.is_some_and(|keyword| self.grammar.knows(keyword)) {
                let name = String::from_utf8_lossy(bytes);
                self.refuse(
                    word.range,
                    format!("`{name}` is a keyword here and no name"),
                );
            }
        }
    }
}

/// Length of the word `help`.
const HELP: u32 = 4;

fn prompt_of(attribute: &Attribute) -> Option<Prompt> {
    match attribute.kind {
        AttributeKind::Type { prompt, .. } => prompt,
        AttributeKind::Prompt(prompt) => Some(prompt),
        _ => None,
    }
}
