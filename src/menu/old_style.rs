// SPDX-License-Identifier: MIT OR Apache-2.0
//! `$NAME` in the paths of older trees, before there were macros.
//!
//! There a name means a symbol, most often one with `option env=…`, whose text was taken from
//! the environment (symbol.c of Linux 4.17, sym_expand_string_value). Symbols without a fixed
//! text are not looked up.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::source::Name;
use crate::syntax::ast::{Ast, AttributeKind, Entry, EntryKind, ExprKind};

/// The symbols whose text is known so far.
pub(super) struct Symbols<'a> {
    environment: &'a BTreeMap<String, String>,
    texts: FxHashMap<Name, String>,
    /// The variables of symbols that have an `option env`.
    variables: FxHashMap<Name, Name>,
}

impl<'a> Symbols<'a> {
    /// Nothing but the environment.
    pub(super) fn new(environment: &'a BTreeMap<String, String>) -> Symbols<'a> {
        Symbols {
            environment,
            texts: FxHashMap::default(),
            variables: FxHashMap::default(),
        }
    }

    /// Notes the text of a symbol that a `config` statement gives: of the environment, or its
    /// first unconditional default when that is a constant.
    pub(super) fn learn(&mut self, ast: &Ast, entry: &Entry) {
        let (EntryKind::Config(atom) | EntryKind::MenuConfig(atom)) = &entry.kind else {
            return;
        };
        let Some(name) = ast.words_of(*atom)[0].text else {
            return;
        };
        for attribute in ast.attributes_of(entry) {
            let text = match &attribute.kind {
                AttributeKind::Option {
                    name: option,
                    value: Some(value),
                } if ast
                    .word(*option)
                    .text
                    .is_some_and(|name| name.as_str() == "env") =>
                {
                    let variable = ast.word(*value).text;
                    if let Some(variable) = variable {
                        self.variables.entry(name).or_insert(variable);
                    }
                    variable.and_then(|name| self.environment.get(name.as_str()).cloned())
                }
                AttributeKind::Default {
                    value,
                    condition: None,
                }
                | AttributeKind::TypedDefault {
                    value,
                    condition: None,
                    ..
                } => match ast.expr(*value).kind {
                    ExprKind::Atom(atom) => {
                        let word = &ast.words_of(atom)[0];
                        let text = word.text.filter(|_| word.quoted);
                        text.map(|text| text.as_str().to_owned())
                    }
                    _ => None,
                },
                _ => None,
            };
            if let Some(text) = text {
                self.texts.entry(name).or_insert(text);
            }
        }
    }

    /// Expands `$NAME` and `${NAME}`; names that mean nothing are added to `unset`.
    pub(super) fn expand(&self, path: &str, unset: &mut Vec<String>) -> String {
        let mut result = String::new();
        let mut rest = path;
        while let Some((before, after)) = rest.split_once('$') {
            result.push_str(before);
            let braced = after
                .strip_prefix('{')
                .and_then(|inside| inside.split_once('}'));
            let (name, after) = braced.unwrap_or_else(|| {
                let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let end = after.find(|c| !is_part(c)).unwrap_or(after.len());
                after.split_at(end)
            });
            rest = after;
            match self.lookup(name) {
                Some(text) => result.push_str(text),
                None if name.is_empty() => result.push('$'),
                None => unset.push(name.to_owned()),
            }
        }
        result.push_str(rest);
        result
    }

    /// The variable of the environment that a name in a path means: that of a symbol, else the
    /// variable of this name.
    pub(super) fn variable(&self, name: &str) -> Name {
        let name = Name::new(name);
        self.variables.get(&name).copied().unwrap_or(name)
    }

    fn lookup(&self, name: &str) -> Option<&str> {
        let of_symbol = self.texts.get(&Name::new(name));
        of_symbol
            .or_else(|| self.environment.get(name))
            .map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_the_environment() {
        let environment = [("ARCH".to_owned(), "arm".to_owned())].into();
        let symbols = Symbols::new(&environment);
        let mut unset = Vec::new();
        let expand = |text, unset: &mut Vec<String>| symbols.expand(text, unset);
        assert_eq!(expand("arch/$ARCH/Kconfig", &mut unset), "arch/arm/Kconfig");
        assert_eq!(expand("arch/${ARCH}x", &mut unset), "arch/armx");
        assert_eq!(expand("a$/b", &mut unset), "a$/b");
        assert!(unset.is_empty());
        assert_eq!(expand("$NONE/b", &mut unset), "/b");
        assert_eq!(unset, ["NONE"]);
    }
}
