// SPDX-License-Identifier: MIT OR Apache-2.0
//! The parameters and local variables of a function.

use rustc_hash::FxHashSet;

use super::{NO_MATE, RawUse, Scan};
use crate::link::cond::CondId;
use crate::link::lex::Kind;

impl<'t> Scan<'t> {
    /// The parameters of a function, each its tokens.
    pub(super) fn parameters(&self, name: usize, brace: usize) -> Vec<std::ops::Range<usize>> {
        let tokens = &self.lexed.tokens;
        let close = (tokens[name + 1].mate as usize).min(brace);
        let (mut found, mut from, mut at) = (Vec::new(), name + 2, name + 2);
        while at < close {
            let token = &tokens[at];
            if token.is(b',') {
                found.push(from..at);
                from = at + 1;
            } else if token.is(b'(') && token.mate != NO_MATE && token.mate as usize > at {
                at = token.mate as usize;
            }
            at += 1;
        }
        found.push(from..close);
        found
    }

    /// Parameters that are `bool`.
    pub(super) fn flags(&self, name: usize, brace: usize) -> Vec<&'t [u8]> {
        let all = self.parameters(name, brace).into_iter();
        let flags = all.filter(|it| it.len() == 2 && self.word(it.start) == b"bool");
        flags.map(|it| self.word(it.end - 1)).collect()
    }

    /// When a function that is `static` uses each of its parameters.
    pub(super) fn kept_parameters(
        &mut self,
        name: usize,
        brace: usize,
        uses: &[RawUse<'t>],
    ) -> Vec<CondId> {
        let parameters = self.parameters(name, brace);
        let mut keeps = Vec::new();
        for parameter in parameters {
            let pointer = self.pointer(parameter.start, parameter.end);
            let word = match pointer {
                Some(name) => self.word(name),
                None if parameter.is_empty() => b"",
                None => self.word(parameter.end - 1),
            };
            let own = uses.iter().filter(|it| it.name == word);
            let conds = &mut self.facts.conds;
            let used = own.fold(CondId::NEVER, |all, it| conds.or(all, it.cond));
            // Arrays are not read.
            keeps.push(match word.is_empty() {
                true => CondId::ALWAYS,
                false => used,
            });
        }
        keeps
    }

    /// Parameters, and local pointers to functions: what is called by such a name is no function.
    pub(super) fn locals(&self, name: usize, brace: usize, end: usize) -> FxHashSet<&'t [u8]> {
        let tokens = &self.lexed.tokens;
        let mut found = FxHashSet::default();
        let head = tokens[name + 1..brace].iter();
        let head = head.filter(|it| it.kind == Kind::Word);
        found.extend(head.map(|it| it.text(self.text)));
        for at in brace + 1..end.saturating_sub(1) {
            if tokens[at].kind != Kind::Word {
                continue;
            }
            let before = &tokens[at - 1];
            let next = &tokens[at + 1];
            let is_pointer = before.is(b'*') && tokens[at - 2].is(b'(') && next.is(b')');
            let is_type = before.kind == Kind::Word
                && !matches!(
                    self.word(at - 1),
                    b"return" | b"else" | b"case" | b"goto" | b"do"
                );
            let is_variable =
                (is_type || before.is(b'*')) && (next.is(b'=') || next.is(b';') || next.is(b','));
            if is_pointer || is_variable && is_type {
                found.insert(self.word(at));
            }
        }
        found
    }

    /// Local pointers to data: no macro, but `x * f;` looks the same.
    pub(super) fn pointers(&self, brace: usize, end: usize) -> impl Iterator<Item = &'t [u8]> {
        let tokens = &self.lexed.tokens[brace..end];
        let all = tokens.windows(3).filter(|it| {
            let is_last = it[2].is(b'=') || it[2].is(b';') || it[2].is(b',');
            it[0].is(b'*') && it[1].kind == Kind::Word && is_last
        });
        all.map(|it| it[1].text(self.text))
    }

    /// Local variables that are a `bool` and begin as a constant.
    pub(super) fn constant_flags(&self, brace: usize, end: usize) -> FxHashSet<&'t [u8]> {
        let tokens = &self.lexed.tokens;
        let all = (brace + 1..end.saturating_sub(3)).filter(|at| {
            self.word(*at) == b"bool"
                && tokens[at + 2].is(b'=')
                && matches!(self.word(at + 3), b"false" | b"true")
        });
        all.map(|at| self.word(at + 1)).collect()
    }
}
