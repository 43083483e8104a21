// SPDX-License-Identifier: MIT OR Apache-2.0
//! Declarations and variables at file scope.

use super::{NO_ITEM, Scan, Sort, is_attribute, variable};
use crate::link::cond::{CondId, Value};
use crate::link::flow::{Flow, RawUse};
use crate::link::lex::{Kind, NO_MATE};

impl<'t> Scan<'t> {
    /// `int f(int);` or `MACRO(x);`, or some of these without semicolons between them.
    pub(super) fn declaration(
        &mut self,
        start: usize,
        end: usize,
        candidates: &[usize],
        is_static: bool,
    ) {
        // Another name for a function that the file defines.
        let is_alias = (start..end).any(|at| matches!(self.word(at), b"__alias" | b"alias"));
        for (number, at) in candidates.iter().enumerate() {
            let is_last = number + 1 == candidates.len();
            let previous = at.checked_sub(1).filter(|it| *it >= start);
            let has_type = previous.is_some_and(|it| {
                let token = &self.lexed.tokens[it];
                let is_type = token.kind == Kind::Word || token.is(b'*');
                is_type || token.is(b')') && self.is_attribute_end(start, it)
            });
            match has_type && is_last {
                true => {
                    // A forward declaration of a static function has no body: any value.
                    if is_static {
                        self.statics.insert(self.word(*at));
                    } else {
                        let sort = match is_alias {
                            true => Sort::Function,
                            false => Sort::Prototype,
                        };
                        self.push_item(*at, sort, self.lexed.tokens[*at].cond);
                    }
                }
                false => self.macro_call(*at),
            }
        }
    }

    /// Whether a bracket closes the arguments of an attribute, as in `int __printf(1, 2) f(…);`.
    fn is_attribute_end(&self, start: usize, close: usize) -> bool {
        let open = self.lexed.tokens[close].mate as usize;
        open > start && open < close && is_attribute(self.word(open - 1))
    }

    /// The name of a pointer to functions: `int (*name)(int)`.
    pub(super) fn pointer(&self, start: usize, end: usize) -> Option<usize> {
        let tokens = &self.lexed.tokens;
        let is_type = |at: &usize| !self.word(*at).is_empty() || tokens[*at].is(b'*');
        let at = (start..end.saturating_sub(4)).find(|at| !is_type(at))?;
        let is_it = tokens[at].is(b'(') && tokens[at + 1].is(b'*') && tokens[at + 3].is(b')');
        let is_name = tokens[at + 4].is(b'(') && !self.word(at + 2).is_empty();
        (is_it && is_name).then_some(at + 2)
    }

    /// `struct x` as it stands in the text: a name that no function has.
    fn structure(&self, at: usize) -> Option<&'t [u8]> {
        let is_named = self.word(at) == b"struct" && !self.word(at + 1).is_empty();
        let tokens = &self.lexed.tokens;
        let whole = is_named.then(|| tokens[at].start as usize..tokens[at + 1].end as usize);
        whole.map(|it| &self.text[it]).filter(|it| it[6] == b' ')
    }

    /// A structure that is defined here: whoever has variables of it needs to see this.
    fn structure_defined(&mut self, start: usize) {
        let is_body = self
            .lexed
            .tokens
            .get(start + 2)
            .is_some_and(|it| it.is(b'{'));
        if let Some(text) = self.structure(start).filter(|_| is_body) {
            let name = self.names.name(text);
            self.push_item(start, Sort::Prototype, self.lexed.tokens[start].cond);
            if let Some(item) = self.facts.items.last_mut() {
                item.name = name;
            }
        }
    }

    /// The structure of a variable that is defined here, with its contents.
    fn structure_used(&mut self, start: usize, equals: usize) {
        let mut all = start..equals.min(start + 4);
        let Some(at) = all.find(|at| self.structure(*at).is_some()) else {
            return;
        };
        let token = self.lexed.tokens[at];
        let is_pointer = self.lexed.tokens[at + 2].is(b'*');
        if let Some(name) = self.structure(at).filter(|_| !is_pointer) {
            let raw = RawUse {
                name,
                at: token.start,
                cond: token.cond,
                is_read: token.cond,
                is_call: false,
            };
            self.raw.push((raw, NO_ITEM));
        }
    }

    pub(super) fn plain_declaration(&mut self, start: usize, end: usize, is_static: bool) {
        self.structure_defined(start);
        if self.word(start) == b"extern" || end <= start + 1 {
            return;
        }
        let mut at = start;
        while at < end {
            let token = &self.lexed.tokens[at];
            if matches!(token.kind, Kind::Sign([b'{' | b'(' | b'[', 0])) && token.mate != NO_MATE {
                at = (token.mate as usize).max(at) + 1;
                continue;
            }
            let ends = self.lexed.tokens.get(at + 1);
            let ends = ends.is_some_and(|it| it.is(b';') || it.is(b',') || it.is(b'['));
            if !self.word(at).is_empty() && ends && at > start {
                self.push_item(at, variable(is_static), token.cond);
            }
            at += 1;
        }
    }

    pub(super) fn variable(&mut self, start: usize, equals: usize, end: usize, is_static: bool) {
        let mut at = equals;
        while at > start {
            at -= 1;
            let token = &self.lexed.tokens[at];
            if token.is(b']') || token.is(b')') {
                if token.mate == NO_MATE || token.mate as usize <= start {
                    return;
                }
                at = token.mate as usize;
                let word = self.word(at.saturating_sub(1));
                if token.is(b')') && is_attribute(word) {
                    at -= 1;
                }
                continue;
            }
            let word = self.word(at);
            if !word.is_empty() && !word.starts_with(b"__") {
                break;
            }
        }
        let at = self.pointer(start, equals).unwrap_or(at);
        self.structure_used(start, equals);
        let within = self.facts.items.len() as u32;
        self.push_item(at, variable(is_static), self.lexed.tokens[equals].cond);
        let tokens = &self.lexed.tokens;
        let first = equals + 1;
        let braces = tokens.get(first);
        let braces = braces.filter(|it| it.is(b'{') && it.mate != NO_MATE);
        if let Some(open) =
            braces.filter(|_| tokens[equals - 1].is(b']') && tokens[equals - 2].is(b'['))
        {
            self.facts.items[within as usize].value = self.entries(first, open.mate as usize);
        }
        let mut flow = Flow::new(self.text, tokens, &mut self.facts.conds, &mut self.names);
        flow.passed = Some(&self.statics);
        match braces {
            Some(token) => flow.initializer(first + 1, token.mate as usize, CondId::ALWAYS),
            None => drop(flow.expr(first, end, CondId::ALWAYS)),
        }
        let uses = std::mem::take(&mut flow.uses);
        self.raw.extend(uses.into_iter().map(|it| (it, within)));
    }

    /// How many entries a table has, between these braces: none, where `#if` takes out all of them.
    fn entries(&mut self, open: usize, close: usize) -> Value {
        let tokens = &self.lexed.tokens[open + 1..close];
        let conds = &mut self.facts.conds;
        let mut any = CondId::NEVER;
        for token in tokens {
            any = conds.or(any, token.cond);
            if any == CondId::ALWAYS {
                break;
            }
        }
        Value::truth(any, conds.not(any))
    }
}
