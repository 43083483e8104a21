// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a body of C refers to, and when the compiler keeps it: a walk over statements and expressions
//! that follows constant conditions, early returns, labels, and what was just assigned.
//!
//! It knows no types. What it cannot read makes the whole body odd: then nothing in it is certain.

mod expression;
mod words;

use rustc_hash::{FxHashMap, FxHashSet};

pub use self::words::Words;
use self::words::is_keyword;
use super::cond::{Class, CondId, Conds, Value};
use super::lex::{Kind, NO_MATE, Token};

/// A reference.
#[derive(Clone, Copy, Debug)]
pub struct RawUse<'t> {
    /// The name.
    pub name: &'t [u8],
    /// Where it stands.
    pub at: u32,
    /// When the compiler keeps it, the body being reached.
    pub cond: CondId,
    /// When the compiler reads it, whether or not it is reached.
    pub is_read: CondId,
    /// Whether it is called.
    pub is_call: bool,
}

/// Deeper ones are odd.
const MAX_DEPTH: usize = 120;

/// Walks one body.
pub struct Flow<'a, 't> {
    text: &'t [u8],
    tokens: &'a [Token],
    conds: &'a mut Conds,
    words: &'a mut Words<'t>,
    /// What was found.
    pub uses: Vec<RawUse<'t>>,
    /// What the body can return.
    pub returns: Value,
    /// Whether it could not be read.
    pub is_odd: bool,
    known: FxHashMap<&'t [u8], Value>,
    /// Names of the body's own: no macro and no function.
    pub locals: FxHashSet<&'t [u8]>,
    /// Those of them that are a `bool` and begin as a constant: what else is assigned to one may be
    /// removed, and then it stays that constant.
    pub flags: FxHashSet<&'t [u8]>,
    /// Names that matter as arguments of their own: functions of the file, parameters of an inline function.
    pub passed: Option<&'a FxHashSet<&'t [u8]>>,
    moving: FxHashSet<&'t [u8]>,
    gotos: FxHashMap<&'t [u8], CondId>,
    breaks: Vec<CondId>,
    switches: Vec<CondId>,
    has_asm_goto: bool,
    /// Whether it is the body of a macro.
    pub is_macro: bool,
    /// Whether it is a macro's call outside functions.
    pub is_at_file_scope: bool,
    depth: usize,
    /// Arguments around what is read: a macro may drop them.
    dropping: usize,
    /// Where the last expression ended that was a statement, and what it can be.
    last: (usize, Value),
}

impl<'a, 't> Flow<'a, 't> {
    /// A walk over tokens of a file.
    pub fn new(
        text: &'t [u8],
        tokens: &'a [Token],
        conds: &'a mut Conds,
        words: &'a mut Words<'t>,
    ) -> Flow<'a, 't> {
        Flow {
            text,
            tokens,
            conds,
            words,
            uses: Vec::new(),
            returns: Value::NONE,
            is_odd: false,
            known: FxHashMap::default(),
            locals: FxHashSet::default(),
            flags: FxHashSet::default(),
            passed: None,
            moving: FxHashSet::default(),
            gotos: FxHashMap::default(),
            breaks: Vec::new(),
            switches: Vec::new(),
            has_asm_goto: false,
            is_macro: false,
            is_at_file_scope: false,
            depth: 0,
            dropping: 0,
            last: (0, Value::ANY),
        }
    }

    /// What nobody can tell of these names.
    pub fn set_unknown(&mut self, names: &[&'t [u8]]) {
        let unknown = self.conds.unknown("parameter");
        for name in names {
            self.known.insert(name, Value::truth(unknown, unknown));
        }
    }

    fn word(&self, at: usize) -> &'t [u8] {
        match self.tokens.get(at) {
            Some(token) if token.kind == Kind::Word => token.text(self.text),
            _ => b"",
        }
    }

    fn is(&self, at: usize, sign: u8) -> bool {
        self.tokens.get(at).is_some_and(|it| it.is(sign))
    }

    /// Where a bracket closes; `to` where it does not before.
    fn close(&mut self, at: usize, to: usize) -> usize {
        match self.tokens[at].mate {
            NO_MATE => {
                self.is_odd = true;
                to
            }
            mate if (mate as usize) < at || mate as usize > to => {
                self.is_odd = true;
                to
            }
            mate => mate as usize,
        }
    }

    /// A sequence of statements: when its end is reached. `base` is what is known of all its tokens.
    pub fn statements(&mut self, from: usize, to: usize, flow: CondId, base: CondId) -> CondId {
        let mut at = from;
        let mut flow = flow;
        while at < to {
            let (next, falls) = self.statement(at, to, flow, base);
            flow = falls;
            at = next.max(at + 1);
        }
        flow
    }

    fn statement(&mut self, at: usize, to: usize, flow: CondId, base: CondId) -> (usize, CondId) {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            self.is_odd = true;
            self.depth -= 1;
            return (to, flow);
        }
        let own = self.tokens[at].cond;
        let result = if own == base {
            self.plain_statement(at, to, flow, base)
        } else {
            let before = self.known.clone();
            let inner = self.conds.and(flow, own);
            let (next, falls) = self.plain_statement(at, to, inner, own);
            let not = self.conds.not(own);
            let skipped = self.conds.and(flow, not);
            self.known
                .retain(|name, value| before.get(name) == Some(value));
            (next, self.conds.or(skipped, falls))
        };
        self.depth -= 1;
        result
    }

    fn plain_statement(
        &mut self,
        at: usize,
        to: usize,
        flow: CondId,
        base: CondId,
    ) -> (usize, CondId) {
        if self.is(at, b'{') {
            let close = self.close(at, to);
            let falls = self.statements(at + 1, close, flow, base);
            return (close + 1, falls);
        }
        if self.is(at, b';') {
            return (at + 1, flow);
        }
        let word = self.word(at);
        match word {
            b"if" if self.is(at + 1, b'(') => self.if_statement(at, to, flow, base),
            b"while" if self.is(at + 1, b'(') => self.while_loop(at, to, flow, base),
            b"for" if self.is(at + 1, b'(') => self.for_loop(at, to, flow, base),
            b"do" => self.do_loop(at, to, flow, base),
            b"switch" if self.is(at + 1, b'(') => self.switch(at, to, flow, base),
            b"return" => {
                let end = self.statement_end(at + 1, to);
                let value = match end > at + 1 {
                    true => self.expr(at + 1, end, flow),
                    false => Value::ANY,
                };
                self.returns = value.join(flow, self.returns, self.conds);
                (end + 1, CondId::NEVER)
            }
            b"goto" => {
                let label = self.word(at + 1);
                let known = self.gotos.get(label).copied().unwrap_or(CondId::NEVER);
                let all = self.conds.or(known, flow);
                self.gotos.insert(label, all);
                (self.statement_end(at, to) + 1, CondId::NEVER)
            }
            b"break" | b"continue" if self.is(at + 1, b';') => {
                if let Some(last) = self.breaks.last_mut() {
                    *last = self.conds.or(*last, flow);
                }
                (at + 2, CondId::NEVER)
            }
            b"case" | b"default" => self.case(at, to),
            b"asm" | b"__asm__" | b"asm_volatile_goto" | b"asm_goto_output" => {
                let end = self.statement_end(at, to);
                let is_goto = (at..end).any(|it| self.word(it) == b"goto");
                self.has_asm_goto |= is_goto || word.starts_with(b"asm_");
                (end + 1, flow)
            }
            b"" => self.simple(at, to, flow),
            _ if self.is(at + 1, b':') => {
                let known = self.gotos.get(word).copied().unwrap_or(CondId::NEVER);
                self.known.clear();
                let flow = match self.has_asm_goto {
                    true => CondId::ALWAYS,
                    false => self.conds.or(flow, known),
                };
                (at + 2, flow)
            }
            _ if self.is(at + 1, b'(') && !is_keyword(word) => self.maybe_loop(at, to, flow, base),
            _ => self.simple(at, to, flow),
        }
    }

    /// An expression or a declaration, to its semicolon.
    fn simple(&mut self, at: usize, to: usize, flow: CondId) -> (usize, CondId) {
        let end = self.statement_end(at, to);
        self.last = (end + 1, self.expr(at, end, flow));
        (end + 1, flow)
    }

    /// The semicolon that ends a statement.
    fn statement_end(&mut self, at: usize, to: usize) -> usize {
        let mut at = at;
        while at < to {
            let token = &self.tokens[at];
            match token.kind {
                Kind::Sign([b';', 0]) => return at,
                Kind::Sign([b'(' | b'[' | b'{', 0]) => at = self.close(at, to) + 1,
                _ => at += 1,
            }
        }
        to
    }

    /// The `:` that belongs to what begins here; `to` where there is none.
    fn colon(&mut self, from: usize, to: usize) -> usize {
        let mut at = from;
        let mut open = 0;
        while at < to {
            if self.is(at, b'?') {
                open += 1;
            } else if self.is(at, b':') {
                if open == 0 {
                    break;
                }
                open -= 1;
            }
            at = match self.is(at, b'(') {
                true => self.close(at, to) + 1,
                false => at + 1,
            };
        }
        at
    }

    /// `case X:`; the switch itself makes the code after it reached.
    fn case(&mut self, at: usize, to: usize) -> (usize, CondId) {
        let end = self.colon(at + 1, to);
        self.known.clear();
        (
            end + 1,
            self.switches.last().copied().unwrap_or(CondId::ALWAYS),
        )
    }

    /// What both branches know is known after them. A branch that does not end has no say.
    fn merge(&mut self, other: FxHashMap<&'t [u8], Value>, own: CondId, others: CondId) {
        if own == CondId::NEVER {
            self.known = other;
        } else if others != CondId::NEVER {
            let mut both = FxHashMap::default();
            for (name, value) in std::mem::take(&mut self.known) {
                if let Some(other) = other.get(name) {
                    let value = match *other == value {
                        true => value,
                        false => value.either(own, *other, others, self.conds),
                    };
                    both.insert(name, value);
                }
            }
            self.known = both;
        }
    }

    fn if_statement(
        &mut self,
        at: usize,
        to: usize,
        flow: CondId,
        base: CondId,
    ) -> (usize, CondId) {
        let close = self.close(at + 1, to);
        let value = self.expr(at + 2, close, flow);
        let holds = value.holds(self.conds);
        let (then, other) = (
            self.conds.and(flow, holds),
            self.conds.and(flow, value.zero),
        );
        let before = self.known.clone();
        if close + 1 >= to {
            return (to, flow);
        }
        let (next, falls) = self.statement(close + 1, to, then, base);
        if self.word(next) != b"else" || next + 1 >= to {
            let all = self.conds.or(falls, other);
            self.merge(before, falls, other);
            return (next, all);
        }
        let after = std::mem::replace(&mut self.known, before);
        let (next, other_falls) = self.statement(next + 1, to, other, base);
        self.merge(after, other_falls, falls);
        (next, self.conds.or(falls, other_falls))
    }

    /// A statement that runs any number of times: nothing that it sets is known in it or after it.
    fn body(
        &mut self,
        at: usize,
        to: usize,
        flow: CondId,
        base: CondId,
    ) -> (usize, CondId, CondId) {
        self.known.clear();
        self.breaks.push(CondId::NEVER);
        let (next, falls) = match at < to {
            true => self.statement(at, to, flow, base),
            false => (to, flow),
        };
        self.known.clear();
        let breaks = self.breaks.pop().unwrap_or(CondId::ALWAYS);
        (next, falls, breaks)
    }

    fn while_loop(&mut self, at: usize, to: usize, flow: CondId, base: CondId) -> (usize, CondId) {
        let close = self.close(at + 1, to);
        self.known.clear();
        let value = self.expr(at + 2, close, flow);
        let holds = value.holds(self.conds);
        let inner = self.conds.and(flow, holds);
        let (next, _, breaks) = self.body(close + 1, to, inner, base);
        match value.zero == CondId::NEVER {
            true => (next, breaks),
            false => (next, flow),
        }
    }

    fn for_loop(&mut self, at: usize, to: usize, flow: CondId, base: CondId) -> (usize, CondId) {
        let close = self.close(at + 1, to);
        self.known.clear();
        let first = self.statement_end(at + 2, close);
        self.expr(at + 2, first, flow);
        // What begins above 0 is another number in the next turn.
        self.known
            .retain(|_, value| *value != Value::of(Class::Positive));
        let second = self.statement_end((first + 1).min(close), close);
        let is_endless = second <= first + 1 && first < close;
        let mut inner = flow;
        if !is_endless && first < close {
            let value = self.expr(first + 1, second, flow);
            let holds = value.holds(self.conds);
            inner = self.conds.and(flow, holds);
        }
        if second < close {
            self.expr(second + 1, close, inner);
        }
        let (next, _, breaks) = self.body(close + 1, to, inner, base);
        match is_endless {
            true => (next, breaks),
            false => (next, flow),
        }
    }

    fn do_loop(&mut self, at: usize, to: usize, flow: CondId, base: CondId) -> (usize, CondId) {
        let (next, falls, breaks) = self.body(at + 1, to, flow, base);
        let end = self.statement_end(next.min(to), to);
        if self.word(next) == b"while" && self.is(next + 1, b'(') {
            let close = self.close(next + 1, to);
            self.expr(next + 2, close, flow);
        }
        (end + 1, self.conds.or(falls, breaks))
    }

    fn switch(&mut self, at: usize, to: usize, flow: CondId, base: CondId) -> (usize, CondId) {
        let close = self.close(at + 1, to);
        self.expr(at + 2, close, flow);
        self.switches.push(flow);
        let (next, _, _) = self.body(close + 1, to, flow, base);
        self.switches.pop();
        (next, flow)
    }

    /// `name(…)` that a statement follows is a loop that a macro makes.
    fn maybe_loop(&mut self, at: usize, to: usize, flow: CondId, base: CondId) -> (usize, CondId) {
        let close = self.close(at + 1, to);
        let next = self.tokens.get(close + 1).filter(|_| close + 1 < to);
        let is_loop = next.is_some_and(|it| it.is(b'{') || it.kind == Kind::Word);
        if !is_loop {
            return self.simple(at, to, flow);
        }
        self.known.clear();
        self.call(at, close, flow);
        let (next, _, _) = self.body(close + 1, to, flow, base);
        (next, flow)
    }
}
