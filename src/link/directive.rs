// SPDX-License-Identifier: MIT OR Apache-2.0
//! The expression of an `#if`, as a condition.
//!
//! What is not about symbols is an unknown, by its text.

use super::cond::{Cond, CondId, Conds};
use super::lex::word_length;
use crate::source::Name;

/// When a macro is defined.
pub fn defined(name: &[u8], conds: &mut Conds) -> CondId {
    let name = String::from_utf8_lossy(name);
    if let Some(option) = name.strip_prefix("CONFIG_") {
        return match option.strip_suffix("_MODULE") {
            Some(option) => conds.module(Name::new(option)),
            None => conds.yes(Name::new(option)),
        };
    }
    match &*name {
        "MODULE" => conds.atom(Cond::Modular),
        "__KERNEL__" | "__GNUC__" => CondId::ALWAYS,
        "__ASSEMBLY__" | "__ASSEMBLER__" | "__cplusplus" | "__CHECKER__" | "__GENKSYMS__"
        | "BUILD_VDSO" | "__DISABLE_EXPORTS" => CondId::NEVER,
        _ => conds.unknown(&name),
    }
}

/// Reads an expression.
pub struct Test<'t> {
    text: &'t [u8],
    at: usize,
    depth: usize,
    conds: &'t mut Conds,
}

/// Deeper ones are not read.
const MAX_DEPTH: usize = 100;

impl Test<'_> {
    /// The condition that an expression means.
    pub fn read(text: &[u8], conds: &mut Conds) -> CondId {
        let mut test = Test {
            text,
            at: 0,
            depth: 0,
            conds,
        };
        let value = test.or();
        test.blanks();
        match test.at >= text.len() {
            true => value,
            false => {
                let words = String::from_utf8_lossy(text);
                let words: Vec<&str> = words.split_whitespace().collect();
                conds.unknown(&words.join(" "))
            }
        }
    }

    fn blanks(&mut self) {
        while let Some(byte) = self.text.get(self.at) {
            match byte {
                b'/' if self.text[self.at..].starts_with(b"/*") => {
                    let rest = &self.text[self.at..];
                    let end = memchr::memmem::find(rest, b"*/").map_or(rest.len(), |it| it + 2);
                    self.at += end;
                }
                b'/' if self.text[self.at..].starts_with(b"//") => self.at = self.text.len(),
                b' ' | b'\t' | b'\\' | b'\n' | b'\r' => self.at += 1,
                _ => return,
            }
        }
    }

    fn takes(&mut self, sign: &[u8]) -> bool {
        self.blanks();
        let found = self.text[self.at..].starts_with(sign);
        if found {
            self.at += sign.len();
        }
        found
    }

    fn or(&mut self) -> CondId {
        let mut value = self.and();
        while self.takes(b"||") {
            let next = self.and();
            value = self.conds.or(value, next);
        }
        value
    }

    fn and(&mut self) -> CondId {
        let mut value = self.compared();
        while self.takes(b"&&") {
            let next = self.compared();
            value = self.conds.and(value, next);
        }
        value
    }

    /// A comparison is an unknown, but for the size of a word.
    fn compared(&mut self) -> CondId {
        self.blanks();
        let start = self.at;
        let value = self.unary();
        self.blanks();
        let rest = &self.text[self.at..];
        let is_more = rest
            .first()
            .is_some_and(|it| b"=!<>+-*/%&|^?:".contains(it));
        if !is_more || rest.starts_with(b"&&") || rest.starts_with(b"||") {
            return value;
        }
        let mut depth = 0;
        while let Some(byte) = self.text.get(self.at) {
            let rest = &self.text[self.at..];
            match byte {
                b'(' => depth += 1,
                b')' if depth == 0 => break,
                b')' => depth -= 1,
                _ if depth == 0 && (rest.starts_with(b"&&") || rest.starts_with(b"||")) => break,
                _ => {}
            }
            self.at += 1;
        }
        let words = String::from_utf8_lossy(&self.text[start..self.at]);
        let words: String = words.split_whitespace().collect();
        let wide = self.conds.yes(Name::new("64BIT"));
        match words.as_str() {
            "BITS_PER_LONG==64" | "__BITS_PER_LONG==64" | "BITS_PER_LONG>32" => wide,
            "BITS_PER_LONG==32" | "__BITS_PER_LONG==32" | "BITS_PER_LONG<64" => {
                self.conds.not(wide)
            }
            other => self.conds.unknown(other),
        }
    }

    fn unary(&mut self) -> CondId {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            self.at = self.text.len();
            return self.conds.unknown("too deep");
        }
        let value = self.primary();
        self.depth -= 1;
        value
    }

    fn primary(&mut self) -> CondId {
        self.blanks();
        if self.text[self.at..].starts_with(b"!") && !self.text[self.at..].starts_with(b"!=") {
            self.at += 1;
            let below = self.unary();
            return self.conds.not(below);
        }
        if self.takes(b"(") {
            let value = self.or();
            self.takes(b")");
            return value;
        }
        let text = self.text;
        let length = word_length(&text[self.at..]);
        let word = &text[self.at..self.at + length];
        self.at += length.max(usize::from(self.at < text.len()));
        match word {
            b"0" => CondId::NEVER,
            b"1" => CondId::ALWAYS,
            b"defined" => {
                let has_bracket = self.takes(b"(");
                self.blanks();
                let length = word_length(&text[self.at..]);
                let name = &text[self.at..self.at + length];
                self.at += length;
                if has_bracket {
                    self.takes(b")");
                }
                defined(name, self.conds)
            }
            _ => self.word(word),
        }
    }

    fn word(&mut self, word: &[u8]) -> CondId {
        let text = self.text;
        let start = self.at;
        if self.takes(b"(") {
            let close = memchr::memchr(b')', &text[self.at..]);
            let argument = &text[self.at..close.map_or(text.len(), |it| self.at + it)];
            if argument.contains(&b'(') {
                self.at = text.len();
                return self.conds.unknown(&String::from_utf8_lossy(text));
            }
            self.at = close.map_or(text.len(), |it| self.at + it + 1);
            let words = String::from_utf8_lossy(&text[start..self.at]).into_owned();
            let whole = format!("{}{words}", String::from_utf8_lossy(word));
            return tested(word, argument.trim_ascii(), self.conds)
                .unwrap_or_else(|| self.conds.unknown(&whole));
        }
        let name = String::from_utf8_lossy(word);
        match name.strip_prefix("CONFIG_") {
            // As a number: `#if CONFIG_X`. A bool that is on is 1.
            Some(option) => self.conds.yes(Name::new(option)),
            None => self.conds.unknown(&name),
        }
    }
}

/// What `IS_ENABLED` and its kin say of an argument.
pub fn tested(test: &[u8], argument: &[u8], conds: &mut Conds) -> Option<CondId> {
    let option = std::str::from_utf8(argument).ok()?;
    let name = Name::new(option.strip_prefix("CONFIG_")?);
    Some(match test {
        b"IS_ENABLED" => conds.enabled(name),
        b"IS_BUILTIN" => conds.yes(name),
        b"IS_MODULE" => conds.module(name),
        b"IS_REACHABLE" => {
            let (module, modular) = (conds.module(name), conds.atom(Cond::Modular));
            let both = conds.and(module, modular);
            let yes = conds.yes(name);
            conds.or(yes, both)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(conds: &Conds, id: CondId) -> String {
        match conds.get(id) {
            Cond::Never => "0".to_owned(),
            Cond::Always => "1".to_owned(),
            Cond::Unknown(name) => format!("?{}", name.as_str()),
            Cond::Yes(name) => format!("{}=y", name.as_str()),
            Cond::Module(name) => format!("{}=m", name.as_str()),
            Cond::Modular => "MODULE".to_owned(),
            Cond::Not(x) => format!("!{}", shown(conds, x)),
            Cond::And(x, y) => format!("({} & {})", shown(conds, x), shown(conds, y)),
            Cond::Or(x, y) => format!("({} | {})", shown(conds, x), shown(conds, y)),
            other => format!("{other:?}"),
        }
    }

    fn check(text: &str, expect: &str) {
        let mut conds = Conds::default();
        let id = Test::read(text.as_bytes(), &mut conds);
        assert_eq!(shown(&conds, id), expect, "{text}");
    }

    #[test]
    fn an_if_is_read() {
        check("defined(CONFIG_A) && !defined CONFIG_B", "(A=y & !B=y)");
        check("IS_ENABLED(CONFIG_A)", "(A=y | A=m)");
        check("defined(CONFIG_A_MODULE) || 0", "A=m");
        check("IS_REACHABLE(CONFIG_A)", "((A=m & MODULE) | A=y)");
        check("(BITS_PER_LONG == 64) /* wide */", "64BIT=y");
        check("CONFIG_N > 3 && defined(CONFIG_A)", "(?CONFIG_N>3 & A=y)");
        check("1 \\\n || x", "1");
        check("FOO(BAR(1)) == 2", "?FOO(BAR(1)) == 2");
        check("!A(1)", "!?A(1)");
    }
}
