// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a body of C refers to, and when the compiler keeps it: a walk over statements and expressions
//! that follows constant conditions, early returns, labels, and what was just assigned.
//!
//! It knows no types. What it cannot read makes the whole body odd: then nothing in it is certain.

use rustc_hash::{FxHashMap, FxHashSet};

use super::cond::{Class, Cond, CondId, Conds, Value};
use super::directive::tested;
use super::lex::{Kind, NO_MATE, Token};
use crate::source::Name;

/// A reference.
#[derive(Clone, Copy, Debug)]
pub struct RawUse<'t> {
    /// The name.
    pub name: &'t [u8],
    /// Where it stands.
    pub at: u32,
    /// When the compiler keeps it, the body being reached.
    pub cond: CondId,
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
    /// What was found.
    pub uses: Vec<RawUse<'t>>,
    /// What the body can return.
    pub returns: Value,
    /// Whether it could not be read.
    pub is_odd: bool,
    known: FxHashMap<&'t [u8], Value>,
    moving: FxHashSet<&'t [u8]>,
    gotos: FxHashMap<&'t [u8], CondId>,
    breaks: Vec<CondId>,
    switches: Vec<CondId>,
    has_asm_goto: bool,
    /// Whether it is the body of a macro.
    pub is_macro: bool,
    depth: usize,
}

/// Whether the name of a macro says that it may drop its argument.
fn is_dropping(name: &str) -> bool {
    name.ends_with("_ptr") || name.bytes().all(|it| !it.is_ascii_lowercase())
}

/// Whether a value is taken as it is.
fn is_transparent(name: &[u8]) -> bool {
    matches!(
        name,
        b"likely"
            | b"unlikely"
            | b"WARN_ON"
            | b"WARN_ON_ONCE"
            | b"BUG_ON"
            | b"__builtin_expect"
            | b"READ_ONCE"
            | b"IS_TRUE"
    )
}

/// Whether arguments are only looked at by the compiler.
fn is_unevaluated(name: &[u8]) -> bool {
    matches!(
        name,
        b"sizeof"
            | b"typeof"
            | b"__typeof__"
            | b"__typeof"
            | b"offsetof"
            | b"__alignof__"
            | b"_Alignof"
            | b"__builtin_constant_p"
            | b"BUILD_BUG_ON"
            | b"BUILD_BUG_ON_MSG"
            | b"BUILD_BUG_ON_ZERO"
            | b"static_assert"
            | b"_Static_assert"
            | b"__must_be_array"
            | b"lockdep_assert_held"
            | b"lockdep_assert"
            | b"__attribute__"
            | b"BUILD_BUG_ON_INVALID"
            | b"sizeof_field"
            | b"offsetofend"
            | b"__is_constexpr"
            | b"__builtin_types_compatible_p"
            | b"compiletime_assert"
            | b"typeof_member"
            | b"RCU_LOCKDEP_WARN"
            | b"__same_type"
            | b"lockdep_assert_once"
            | b"lockdep_is_held"
            | b"VM_WARN_ON"
            | b"VM_BUG_ON"
    )
}

fn is_keyword(name: &[u8]) -> bool {
    matches!(
        name,
        b"if"
            | b"while"
            | b"for"
            | b"switch"
            | b"return"
            | b"do"
            | b"else"
            | b"goto"
            | b"case"
            | b"defined"
            | b"asm"
            | b"__asm__"
            | b"volatile"
            | b"__volatile__"
            | b"struct"
            | b"union"
            | b"enum"
            | b"const"
            | b"static"
            | b"int"
            | b"void"
            | b"unsigned"
            | b"char"
            | b"long"
            | b"__attribute__"
            | b"_Generic"
            | b"__extension__"
            | b"inline"
            | b"bool"
            | b"extern"
    )
}

impl<'a, 't> Flow<'a, 't> {
    /// A walk over tokens of a file.
    pub fn new(text: &'t [u8], tokens: &'a [Token], conds: &'a mut Conds) -> Flow<'a, 't> {
        Flow {
            text,
            tokens,
            conds,
            uses: Vec::new(),
            returns: Value::NONE,
            is_odd: false,
            known: FxHashMap::default(),
            moving: FxHashSet::default(),
            gotos: FxHashMap::default(),
            breaks: Vec::new(),
            switches: Vec::new(),
            has_asm_goto: false,
            is_macro: false,
            depth: 0,
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
        self.expr(at, end, flow);
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

    /// `case X:`; the switch itself makes the code after it reached.
    fn case(&mut self, at: usize, to: usize) -> (usize, CondId) {
        let mut end = at + 1;
        let mut open = 0;
        while end < to {
            if self.is(end, b'?') {
                open += 1;
            } else if self.is(end, b':') {
                if open == 0 {
                    break;
                }
                open -= 1;
            }
            end = match self.is(end, b'(') {
                true => self.close(end, to) + 1,
                false => end + 1,
            };
        }
        self.known.clear();
        (
            end + 1,
            self.switches.last().copied().unwrap_or(CondId::ALWAYS),
        )
    }

    /// What the branches have in common is known after them. A branch that does not end has no say.
    fn merge(&mut self, other: FxHashMap<&'t [u8], Value>, own: CondId, others: CondId) {
        if own == CondId::NEVER {
            self.known = other;
        } else if others != CondId::NEVER {
            self.known
                .retain(|name, value| other.get(name) == Some(value));
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

    // ------------------------------------------------------------- expressions

    fn use_of(&mut self, at: usize, flow: CondId, is_call: bool) {
        let token = &self.tokens[at];
        let cond = self.conds.and(flow, token.cond);
        self.uses.push(RawUse {
            name: token.text(self.text),
            at: token.start,
            cond,
            is_call,
        });
    }

    /// The first of these operators outside brackets.
    fn find(&self, from: usize, to: usize, is_it: impl Fn([u8; 2]) -> bool) -> Option<usize> {
        let mut at = from;
        while at < to {
            let token = &self.tokens[at];
            if let Kind::Sign(sign) = token.kind {
                if is_it(sign) {
                    return Some(at);
                }
                let opens = matches!(sign, [b'(' | b'[' | b'{', 0]);
                if opens && token.mate != NO_MATE && token.mate as usize > at {
                    at = token.mate as usize;
                }
            }
            at += 1;
        }
        None
    }

    /// An expression, or a declaration: what it can be.
    pub fn expr(&mut self, from: usize, to: usize, flow: CondId) -> Value {
        if from >= to {
            return Value::ANY;
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            self.is_odd = true;
            self.depth -= 1;
            return Value::ANY;
        }
        let value = self.list(from, to, flow);
        self.depth -= 1;
        value
    }

    fn list(&mut self, from: usize, to: usize, flow: CondId) -> Value {
        let mut from = from;
        while let Some(comma) = self.find(from, to, |it| it == [b',', 0]) {
            if comma > from {
                self.assignment(from, comma, flow);
            }
            from = comma + 1;
        }
        match from < to {
            true => self.assignment(from, to, flow),
            false => Value::ANY,
        }
    }

    fn assignment(&mut self, from: usize, to: usize, flow: CondId) -> Value {
        let is_assignment = |sign: [u8; 2]| match sign {
            [b'=', 0] => true,
            [b'=' | b'!' | b'<' | b'>', b'='] => false,
            [_, b'='] => true,
            _ => false,
        };
        let Some(at) = self.find(from, to, is_assignment) else {
            return self.choice(from, to, flow);
        };
        let value = self.expr(at + 1, to, flow);
        let name = self.word(at.saturating_sub(1));
        let left = at - from;
        let before = left >= 2
            && matches!(
                self.tokens[at - 2].kind,
                Kind::Sign([b'.', 0] | [b'-', b'>'])
            );
        if left == 0 || name.is_empty() || before {
            self.scan(from, at, flow);
            return value;
        }
        match self.tokens[at].is(b'=') && !self.moving.contains(name) {
            true => drop(self.known.insert(name, value)),
            false => drop(self.known.remove(name)),
        }
        value
    }

    fn choice(&mut self, from: usize, to: usize, flow: CondId) -> Value {
        let Some(at) = self.find(from, to, |it| it == [b'?', 0]) else {
            return self.or(from, to, flow);
        };
        let value = self.or(from, at, flow);
        let holds = value.holds(self.conds);
        let mut open = 0;
        let mut colon = at + 1;
        while colon < to {
            if self.is(colon, b'?') {
                open += 1;
            } else if self.is(colon, b':') {
                if open == 0 {
                    break;
                }
                open -= 1;
            }
            colon = match self.is(colon, b'(') {
                true => self.close(colon, to) + 1,
                false => colon + 1,
            };
        }
        let (then, other) = (
            self.conds.and(flow, holds),
            self.conds.and(flow, value.zero),
        );
        let yes = match colon > at + 1 {
            true => self.expr(at + 1, colon, then),
            false => value,
        };
        let no = self.expr((colon + 1).min(to), to, other);
        let no = no.join(value.zero, Value::NONE, self.conds);
        yes.join(holds, no, self.conds)
    }

    fn or(&mut self, from: usize, to: usize, flow: CondId) -> Value {
        let Some(at) = self.find(from, to, |it| it == [b'|', b'|']) else {
            return self.and(from, to, flow);
        };
        let left = self.and(from, at, flow);
        let inner = self.conds.and(flow, left.zero);
        let right = self.in_chain(at + 1, to, inner, Flow::or);
        let (a, b) = (left.holds(self.conds), right.holds(self.conds));
        let holds = self.conds.or(a, b);
        Value::truth(holds, self.conds.and(left.zero, right.zero))
    }

    /// A chain of operators is as deep as it is long.
    fn in_chain(
        &mut self,
        from: usize,
        to: usize,
        flow: CondId,
        next: fn(&mut Self, usize, usize, CondId) -> Value,
    ) -> Value {
        self.depth += 1;
        let value = match self.depth > MAX_DEPTH {
            true => {
                self.is_odd = true;
                Value::ANY
            }
            false => next(self, from, to, flow),
        };
        self.depth -= 1;
        value
    }

    fn and(&mut self, from: usize, to: usize, flow: CondId) -> Value {
        let Some(at) = self.find(from, to, |it| it == [b'&', b'&']) else {
            return self.comparison(from, to, flow);
        };
        let left = self.comparison(from, at, flow);
        let holds = left.holds(self.conds);
        let inner = self.conds.and(flow, holds);
        let right = self.in_chain(at + 1, to, inner, Flow::and);
        let right_holds = right.holds(self.conds);
        let both = self.conds.and(holds, right_holds);
        Value::truth(both, self.conds.or(left.zero, right.zero))
    }

    fn comparison(&mut self, from: usize, to: usize, flow: CondId) -> Value {
        let is_comparison =
            |sign: [u8; 2]| matches!(sign, [b'=' | b'!' | b'<' | b'>', b'='] | [b'<' | b'>', 0]);
        let Some(at) = self.find(from, to, is_comparison).filter(|it| *it > from) else {
            return self.unary(from, to, flow);
        };
        let left = self.unary(from, at, flow);
        let right = self.unary(at + 1, to, flow);
        let Kind::Sign(sign) = self.tokens[at].kind else {
            return Value::ANY;
        };
        let non_zero = left.holds(self.conds);
        if right == Value::of(Class::Zero) {
            let not_below = self.conds.or(left.zero, left.positive);
            let not_below = self.conds.or(not_below, left.error);
            let not_above = self.conds.or(left.zero, left.negative);
            let above = self.conds.or(left.positive, left.error);
            return match sign {
                [b'=', b'='] => Value::truth(left.zero, non_zero),
                [b'!', b'='] => Value::truth(non_zero, left.zero),
                [b'<', 0] => Value::truth(left.negative, not_below),
                [b'>', b'='] => Value::truth(not_below, left.negative),
                [b'>', 0] => Value::truth(above, not_above),
                [b'<', b'='] => Value::truth(not_above, above),
                _ => Value::ANY,
            };
        }
        match (sign, right == Value::of(Class::Negative)) {
            ([b'=', b'='], true) => Value::truth(left.negative, CondId::ALWAYS),
            ([b'!', b'='], true) => Value::truth(CondId::ALWAYS, left.negative),
            _ => Value::truth(CondId::ALWAYS, CondId::ALWAYS),
        }
    }

    fn unary(&mut self, from: usize, to: usize, flow: CondId) -> Value {
        if from >= to {
            return Value::ANY;
        }
        let token = self.tokens[from];
        if token.is(b'!') {
            let value = self.in_chain(from + 1, to, flow, Flow::unary);
            let holds = value.holds(self.conds);
            return Value::truth(value.zero, holds);
        }
        if from + 1 == to {
            return self.single(from, flow);
        }
        if token.is(b'-') && from + 2 == to {
            let word = self.word(from + 1);
            let is_error = word.len() > 1 && word[0] == b'E' && word[1].is_ascii_uppercase();
            if is_error || self.tokens[from + 1].kind == Kind::Number {
                return Value::of(Class::Negative);
            }
        }
        let mate = token.mate as usize;
        if token.is(b'(') && token.mate != NO_MATE && mate < to {
            if mate + 1 == to {
                if self.is(from + 1, b'{') {
                    let close = self.close(from + 1, to);
                    self.statements(from + 2, close, flow, token.cond);
                    return Value::ANY;
                }
                return self.expr(from + 1, mate, flow);
            }
            let is_type = (from + 1..mate).all(|it| !self.word(it).is_empty() || self.is(it, b'*'));
            let next = &self.tokens[mate + 1];
            if is_type && (matches!(next.kind, Kind::Word | Kind::Number) || next.is(b'(')) {
                return self.in_chain(mate + 1, to, flow, Flow::unary);
            }
        }
        let is_call = token.kind == Kind::Word && self.is(from + 1, b'(');
        if is_call && self.tokens[from + 1].mate as usize + 1 == to {
            return self.call(from, to - 1, flow);
        }
        self.scan(from, to, flow);
        Value::ANY
    }

    fn single(&mut self, at: usize, flow: CondId) -> Value {
        let token = self.tokens[at];
        let text = token.text(self.text);
        match token.kind {
            Kind::Number => match text.iter().all(|it| b"0xXuUlL.".contains(it)) {
                true => Value::of(Class::Zero),
                false => Value::of(Class::Positive),
            },
            Kind::Text => Value::of(Class::Positive),
            Kind::Word => match text {
                b"NULL" | b"false" => Value::of(Class::Zero),
                b"true" => Value::of(Class::Positive),
                _ => {
                    self.use_of(at, flow, false);
                    self.known.get(text).copied().unwrap_or(Value::ANY)
                }
            },
            Kind::Sign(_) => Value::ANY,
        }
    }

    /// Anything else: whatever stands in it.
    fn scan(&mut self, from: usize, to: usize, flow: CondId) {
        let mut at = from;
        while at < to {
            let token = self.tokens[at];
            match token.kind {
                Kind::Word => {
                    let before = at.checked_sub(1).map(|it| self.tokens[it].kind);
                    let is_member = matches!(before, Some(Kind::Sign([b'.', 0] | [b'-', b'>'])));
                    let is_text = matches!(before, Some(Kind::Sign([b'#', 0])));
                    let next_paste = self.tokens.get(at + 1).filter(|_| at + 1 < to);
                    let is_pasted =
                        next_paste.is_some_and(|it| it.kind == Kind::Sign([b'#', b'#']));
                    if matches!(
                        before,
                        Some(Kind::Sign([b'&', 0] | [b'+', b'+'] | [b'-', b'-']))
                    ) {
                        let name = token.text(self.text);
                        self.known.remove(name);
                        self.moving.insert(name);
                    }
                    if self.is(at + 1, b'(') && at + 1 < to && !is_member {
                        let close = self.close(at + 1, to);
                        self.call(at, close, flow);
                        at = close + 1;
                        continue;
                    }
                    if !is_member && !is_text && !is_pasted {
                        self.use_of(at, flow, false);
                    }
                    at += 1;
                }
                Kind::Sign([b'(' | b'[', 0]) => {
                    let close = self.close(at, to);
                    if self.is(at + 1, b'{') {
                        let inner = self.close(at + 1, close);
                        self.statements(at + 2, inner, flow, token.cond);
                    } else {
                        self.expr(at + 1, close, flow);
                    }
                    at = close + 1;
                }
                Kind::Sign([b'{', 0]) => {
                    let close = self.close(at, to);
                    self.initializer(at + 1, close, flow);
                    at = close + 1;
                }
                _ => at += 1,
            }
        }
    }

    /// The parts between braces.
    pub fn initializer(&mut self, from: usize, to: usize, flow: CondId) {
        let mut from = from;
        while from < to {
            let end = self
                .find(from, to, |it| matches!(it, [b',' | b';', 0]))
                .unwrap_or(to);
            let value = self
                .find(from, end, |it| it == [b'=', 0])
                .map_or(from, |it| it + 1);
            if value < end {
                self.expr(value, end, flow);
            }
            from = end + 1;
        }
    }

    /// A call, from its name to the bracket that closes it.
    fn call(&mut self, at: usize, close: usize, flow: CondId) -> Value {
        let name = self.word(at);
        let (from, to) = (at + 2, close);
        if is_unevaluated(name) {
            return Value::ANY;
        }
        if is_transparent(name) {
            return self.expr(from, to, flow);
        }
        match name {
            b"IS_ENABLED" | b"IS_BUILTIN" | b"IS_MODULE" | b"IS_REACHABLE" => {
                let argument = self.word(from);
                if let Some(holds) = tested(name, argument, self.conds) {
                    return Value::truth(holds, self.conds.not(holds));
                }
                return Value::truth(CondId::ALWAYS, CondId::ALWAYS);
            }
            b"IS_ERR" | b"IS_ERR_OR_NULL" => {
                let value = self.expr(from, to, flow);
                let valid = self.conds.or(value.positive, value.negative);
                if name == b"IS_ERR" {
                    return Value::truth(value.error, self.conds.or(valid, value.zero));
                }
                return Value::truth(self.conds.or(value.error, value.zero), valid);
            }
            b"PTR_IF" => {
                let comma = self.find(from, to, |it| it == [b',', 0]).unwrap_or(to);
                let value = self.expr(from, comma, flow);
                let holds = value.holds(self.conds);
                let inner = self.conds.and(flow, holds);
                self.expr(comma + 1, to, inner);
                return Value::ANY;
            }
            _ => {}
        }
        if is_keyword(name) {
            self.scan(from, to, flow);
            return Value::ANY;
        }
        let known = Name::new(&String::from_utf8_lossy(name));
        self.arguments(known, from, to, flow);
        match name {
            b"ERR_PTR" | b"ERR_CAST" => return Value::of(Class::Error),
            b"PTR_ERR" => return Value::of(Class::Negative),
            _ => {}
        }
        self.use_of(at, flow, true);
        let mut yields = |class| self.conds.atom(Cond::Yields(known, class));
        Value {
            zero: yields(Class::Zero),
            positive: yields(Class::Positive),
            negative: yields(Class::Negative),
            error: yields(Class::Error),
        }
    }

    fn arguments(&mut self, name: Name, from: usize, to: usize, flow: CondId) {
        let (mut from, mut number) = (from, 0u8);
        while from < to {
            let end = self.find(from, to, |it| it == [b',', 0]).unwrap_or(to);
            // Of a single word only macros and what is like `pm_ptr()` matter: it saves most conditions.
            let matters = end > from + 1 || self.is_macro || is_dropping(name.as_str());
            let inner = match matters {
                false => flow,
                true => {
                    let keeps = self.conds.atom(Cond::Keeps(name, number));
                    self.conds.and(flow, keeps)
                }
            };
            self.expr(from, end, inner);
            from = end + 1;
            number = number.saturating_add(1);
        }
    }
}
