// SPDX-License-Identifier: MIT OR Apache-2.0
//! A syntax tree as text for snapshots: statements, then errors, then tokens.

use std::fmt::Write;

use kconfig_lint::source::TextRange;
use kconfig_lint::syntax::SyntaxTree;
use kconfig_lint::syntax::ast::{
    Ast, Atom, AttributeKind as A, CompareOp, Entry, EntryKind as E, ExprId, ExprKind, Prompt,
    Text, Word,
};

/// The picture of a tree.
pub(crate) fn of(text: &[u8], tree: &SyntaxTree) -> String {
    let view = View {
        text,
        ast: tree.ast(),
    };
    let mut out = String::new();
    let mut ends: Vec<u32> = Vec::new();
    for (index, entry) in view.ast.entries.iter().enumerate() {
        while ends.last().is_some_and(|end| *end <= index as u32) {
            ends.pop();
        }
        view.entry(&mut out, entry, &"  ".repeat(ends.len()));
        ends.push(entry.end.0);
    }
    out.push_str("---\n");
    for error in tree.errors() {
        let weight = if error.harmless { "harmless" } else { "error" };
        let place = line_column(text, error.range);
        writeln!(out, "{place} {weight} [{}] {}", error.rule, error.message).expect("a string");
        if let Some((range, note)) = &error.related {
            writeln!(out, "    {} {note}", line_column(text, *range)).expect("a string");
        }
    }
    out.push_str("---\n");
    for token in tree.tokens() {
        let bytes = token.range.of(text).escape_ascii();
        writeln!(out, "{:?} {bytes}", token.kind).expect("a string");
    }
    out
}

struct View<'a> {
    text: &'a [u8],
    ast: &'a Ast,
}

impl View<'_> {
    fn entry(&self, out: &mut String, entry: &Entry, indent: &str) {
        let what = match &entry.kind {
            E::Config(name) => format!("config {}", self.atom(*name)),
            E::MenuConfig(name) => format!("menuconfig {}", self.atom(*name)),
            E::ConfigDefault(name) => format!("configdefault {}", self.atom(*name)),
            E::Choice(None) => "choice".to_owned(),
            E::Choice(Some(name)) => format!("choice {}", self.atom(*name)),
            E::Menu(title) => format!("menu {}", self.plain(*title)),
            E::If(condition) => format!("if {}", self.expr(*condition)),
            E::Comment(title) => format!("comment {}", self.plain(*title)),
            E::MainMenu(title) => format!("mainmenu {}", self.plain(*title)),
            E::Source(source) => format!(
                "source {} relative={} optional={}",
                self.plain(source.path),
                source.relative,
                source.optional
            ),
            E::Assignment { name, op, value } => {
                let name = self.word(self.ast.word(*name));
                format!("assign {name} {op:?} `{}`", self.raw(*value))
            }
            E::Macro(macros) => format!("macros {}", self.atom(*macros)),
            E::Insert => "insert".to_owned(),
        };
        let close = match entry.close {
            Some(range) => format!(" .. {} {range:?}", self.raw(range)),
            None => String::new(),
        };
        writeln!(out, "{indent}{what}  @{:?}{close}", entry.head).expect("a string");
        for attribute in self.ast.attributes_of(entry) {
            let kind = self.attribute(&attribute.kind);
            writeln!(out, "{indent}  . {kind}  @{:?}", attribute.range).expect("a string");
        }
    }

    fn attribute(&self, kind: &A) -> String {
        match kind {
            A::Type { ty, prompt: None } => format!("type {}", ty.word()),
            A::Type {
                ty,
                prompt: Some(prompt),
            } => format!("type {} {}", ty.word(), self.prompt(*prompt)),
            A::TypedDefault {
                ty,
                value,
                condition,
            } => format!(
                "type {} default {}{}",
                ty.word(),
                self.expr(*value),
                self.condition(*condition)
            ),
            A::Prompt(prompt) => format!("prompt {}", self.prompt(*prompt)),
            A::Default { value, condition } => {
                format!(
                    "default {}{}",
                    self.expr(*value),
                    self.condition(*condition)
                )
            }
            A::DependsOn { expr, condition } => {
                format!("depends {}{}", self.expr(*expr), self.condition(*condition))
            }
            A::Select { target, condition } => {
                format!(
                    "select {}{}",
                    self.atom(*target),
                    self.condition(*condition)
                )
            }
            A::Imply { target, condition } => {
                format!("imply {}{}", self.atom(*target), self.condition(*condition))
            }
            A::Range {
                low,
                high,
                condition,
            } => format!(
                "range {} to {}{}",
                self.atom(*low),
                self.atom(*high),
                self.condition(*condition)
            ),
            A::Visible(condition) => format!("visible{}", self.condition(*condition)),
            A::Option { name, value } => {
                let value = value.map(|id| self.word(self.ast.word(id)));
                format!("option {} {value:?}", self.word(self.ast.word(*name)))
            }
            A::Modules => "modules".to_owned(),
            A::Transitional => "transitional".to_owned(),
            A::Optional => "optional".to_owned(),
            A::Help { body, dashed } => {
                let body = body.of(self.text).escape_ascii();
                format!("help dashed={dashed} `{body}`")
            }
            A::Set {
                default,
                target,
                value,
                condition,
            } => format!(
                "set default={default} {} = {}{}",
                self.atom(*target),
                self.atom(*value),
                self.condition(*condition)
            ),
            A::Warning(text) => format!("warning {}", self.plain(*text)),
            A::Macro(macros) => format!("macros {}", self.atom(*macros)),
        }
    }

    fn prompt(&self, prompt: Prompt) -> String {
        self.plain(prompt.text) + &self.condition(prompt.condition)
    }

    fn condition(&self, condition: Option<ExprId>) -> String {
        condition.map_or(String::new(), |expr| format!(" if {}", self.expr(expr)))
    }

    fn plain(&self, text: Text) -> String {
        let mark = if text.has_macro { "macro:" } else { "" };
        let quoted = if text.quoted { "" } else { "bare:" };
        format!("{mark}{quoted}{}", self.raw(text.range))
    }

    fn atom(&self, atom: Atom) -> String {
        let words = self.ast.words_of(atom).iter();
        words
            .map(|word| self.word(word))
            .collect::<Vec<_>>()
            .join(" ~ ")
    }

    fn word(&self, word: &Word) -> String {
        match (word.text, word.quoted) {
            (Some(text), true) => format!("{:?}", text.as_str()),
            (Some(text), false) => text.as_str().to_owned(),
            (None, _) => format!("macro:{}", self.raw(word.range)),
        }
    }

    fn expr(&self, id: ExprId) -> String {
        let expr = self.ast.expr(id);
        match expr.kind {
            ExprKind::Atom(atom) => self.atom(atom),
            ExprKind::Not(inner) => format!("[! {}]", self.expr(inner)),
            ExprKind::And(a, b) => format!("[{} && {}]", self.expr(a), self.expr(b)),
            ExprKind::Or(a, b) => format!("[{} || {}]", self.expr(a), self.expr(b)),
            ExprKind::Compare(op, a, b) => {
                format!("[{} {} {}]", self.atom(a), compare(op), self.atom(b))
            }
            ExprKind::Paren(inner) => format!("({})", self.expr(inner)),
        }
    }

    fn raw(&self, range: TextRange) -> String {
        range.of(self.text).escape_ascii().to_string()
    }
}

fn compare(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Equal => "=",
        CompareOp::Unequal => "!=",
        CompareOp::Less => "<",
        CompareOp::LessEqual => "<=",
        CompareOp::Greater => ">",
        CompareOp::GreaterEqual => ">=",
    }
}

fn line_column(text: &[u8], range: TextRange) -> String {
    let before = &text[..range.start as usize];
    let line = before.split(|byte| *byte == b'\n').count();
    let column = before
        .iter()
        .rev()
        .take_while(|byte| **byte != b'\n')
        .count()
        + 1;
    format!("{line}:{column}+{}", range.len())
}
