// SPDX-License-Identifier: MIT OR Apache-2.0
//! Expressions: what they can be, and what they refer to.

use super::words::{is_dropping, is_keyword, is_transparent, is_unevaluated};
use super::{Flow, MAX_DEPTH, RawUse};
use crate::link::cond::{Class, Cond, CondId, Value};
use crate::link::directive::tested;
use crate::link::lex::{Kind, NO_MATE, is_word};
use crate::source::Name;

impl<'t> Flow<'_, 't> {
    fn use_of(&mut self, at: usize, flow: CondId, is_call: bool) {
        let token = &self.tokens[at];
        let cond = self.conds.and(flow, token.cond);
        self.uses.push(RawUse {
            name: token.text(self.text),
            at: token.start,
            cond,
            is_read: match self.dropping {
                0 => token.cond,
                _ => cond,
            },
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
        if let Some(member) = self.member(from, at) {
            self.scan(from, at, flow);
            if self.tokens[at].is(b'=') {
                self.known.insert(member, value);
            }
            return value;
        }
        if left == 0 || name.is_empty() || before {
            self.scan(from, at, flow);
            return value;
        }
        self.known.retain(|it, _| {
            let rest = it.strip_prefix(name).unwrap_or_default();
            !rest.starts_with(b"->") && !rest.starts_with(b".")
        });
        match self.tokens[at].is(b'=') && !self.moving.contains(name) {
            true => drop(self.known.insert(name, value)),
            false => drop(self.known.remove(name)),
        }
        value
    }

    /// The text of `a->b.c`, by which what was assigned to it is known.
    fn member(&self, from: usize, to: usize) -> Option<&'t [u8]> {
        let is_dot = |at: usize| {
            let kind = self.tokens[at].kind;
            matches!(kind, Kind::Sign([b'.', 0] | [b'-', b'>']))
        };
        let is_member = to >= from + 3
            && (to - from) % 2 == 1
            && (from..to).all(|at| match (at - from) % 2 {
                0 => !self.word(at).is_empty(),
                _ => is_dot(at),
            });
        is_member
            .then(|| &self.text[self.tokens[from].start as usize..self.tokens[to - 1].end as usize])
    }

    /// A call can change whatever it can reach.
    fn forget_members(&mut self) {
        self.known
            .retain(|name, _| name.iter().all(|it| is_word(*it)));
    }

    fn choice(&mut self, from: usize, to: usize, flow: CondId) -> Value {
        let Some(at) = self.find(from, to, |it| it == [b'?', 0]) else {
            return self.or(from, to, flow);
        };
        let value = self.or(from, at, flow);
        let holds = value.holds(self.conds);
        let colon = self.colon(at + 1, to);
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
            return self.masked(from, to, flow);
        };
        let left = self.masked(from, at, flow);
        let right = self.masked(at + 1, to, flow);
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
            _ if self.is_name(from, at) && self.is_name(at + 1, to) => {
                // Either may be a macro, and both the same.
                let unknown = self.conds.unknown("compared");
                Value::truth(unknown, unknown)
            }
            _ if right == Value::of(Class::Positive) => self.above(sign, left),
            // `i < 0`, where nothing counts below zero: the body of a loop over an empty table.
            ([b'<', 0], _) => Value::truth(right.holds(self.conds), CondId::ALWAYS),
            _ => Value::truth(CondId::ALWAYS, CondId::ALWAYS),
        }
    }

    /// A value compared with a constant above 0. Two constants above 0 are compared by the compiler alone.
    fn above(&mut self, sign: [u8; 2], left: Value) -> Value {
        let others = self.conds.or(left.zero, left.negative);
        let others = self.conds.or(others, left.error);
        let varies = self.conds.and(left.positive, others);
        let unknown = self.conds.unknown("constant");
        let varies = self.conds.or(varies, unknown);
        let either = self.conds.and(left.positive, varies);
        let differs = self.conds.or(others, either);
        let low = self.conds.or(left.zero, left.negative);
        let low = self.conds.or(low, either);
        let high = self.conds.or(either, left.error);
        match sign {
            [b'=', b'='] => Value::truth(either, differs),
            [b'!', b'='] => Value::truth(differs, either),
            [b'<', 0] | [b'<', b'='] => Value::truth(low, high),
            [b'>', 0] | [b'>', b'='] => Value::truth(high, low),
            _ => Value::ANY,
        }
    }

    /// Whether these tokens are one name that is not the body's own.
    fn is_name(&self, from: usize, to: usize) -> bool {
        let word = self.word(from);
        to == from + 1 && !word.is_empty() && !self.locals.contains(word)
    }

    /// `x & MASK`: zero where the mask is.
    fn masked(&mut self, from: usize, to: usize, flow: CondId) -> Value {
        let Some(at) = self
            .find(from, to, |it| it == [b'&', 0])
            .filter(|it| *it > from && *it + 1 < to && !self.is(*it + 1, b'&'))
        else {
            return self.unary(from, to, flow);
        };
        let left = self.unary(from, at, flow);
        let right = self.in_chain(at + 1, to, flow, Flow::masked);
        let mut can_be = Value::ANY;
        for side in [left, right] {
            let holds = side.holds(self.conds);
            can_be.positive = self.conds.and(can_be.positive, holds);
        }
        can_be.negative = can_be.positive;
        can_be.error = can_be.positive;
        can_be
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
                    // `({ …; x; })` is x.
                    return match self.last {
                        (end, value) if end == close => value,
                        _ => Value::ANY,
                    };
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
        let member = self.member(from, to);
        let known = member.and_then(|it| self.known.get(it));
        known.copied().unwrap_or(Value::ANY)
    }

    /// What a name is: what was assigned to it, or what a macro of this name stands for.
    fn named(&mut self, text: &'t [u8]) -> Value {
        match self.known.get(text) {
            Some(known) => *known,
            None if self.flags.contains(text) => {
                let unknown = self.conds.unknown("flag");
                Value::truth(unknown, unknown)
            }
            None if self.locals.contains(text) => Value::ANY,
            None => {
                let name = self.words.name(text);
                self.yielded(name)
            }
        }
    }

    fn yielded(&mut self, name: Name) -> Value {
        let mut yields = |class| self.conds.atom(Cond::Yields(name, class));
        Value {
            zero: yields(Class::Zero),
            positive: yields(Class::Positive),
            negative: yields(Class::Negative),
            error: yields(Class::Error),
        }
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
                    self.named(text)
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
    pub(super) fn call(&mut self, at: usize, close: usize, flow: CondId) -> Value {
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
            b"ARRAY_SIZE" if to == from + 1 && !self.locals.contains(self.word(from)) => {
                let table = self.name(from);
                let entries = self.yielded(table);
                return Value {
                    negative: CondId::NEVER,
                    error: CondId::NEVER,
                    ..entries
                };
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
        let known = self.words.name(name);
        self.arguments(known, from, to, flow);
        match name {
            b"ERR_PTR" | b"ERR_CAST" => return Value::of(Class::Error),
            b"PTR_ERR" => return Value::of(Class::Negative),
            _ => {}
        }
        self.use_of(at, flow, true);
        self.forget_members();
        self.yielded(known)
    }

    fn arguments(&mut self, name: Name, from: usize, to: usize, flow: CondId) {
        let flow = match self.is_macro {
            true => self.handed(from, to, flow),
            false => flow,
        };
        let (mut from, mut number) = (from, 0u8);
        while from < to {
            let end = self.find(from, to, |it| it == [b',', 0]).unwrap_or(to);
            // Of a single word only macros and what is like `pm_ptr()` matter: it saves most conditions.
            let is_passed = self.passed.is_some_and(|it| it.contains(self.word(from)));
            let matters = end > from + 1 || self.is_at_file_scope || self.is_macro;
            let matters = matters || is_passed || is_dropping(name.as_str());
            let inner = match matters {
                false => flow,
                true => {
                    let keeps = self.conds.atom(Cond::Keeps(name, number));
                    self.conds.and(flow, keeps)
                }
            };
            self.dropping += 1;
            self.expr(from, end, inner);
            self.dropping -= 1;
            from = end + 1;
            number = number.saturating_add(1);
        }
    }

    /// When one of the functions that are named among the arguments uses what it is called with:
    /// `module_driver(driver, foo_register, foo_unregister)` hands the driver to both, and each may be a stub.
    fn handed(&mut self, from: usize, to: usize, flow: CondId) -> CondId {
        let (mut from, mut kept) = (from, None);
        while from < to {
            let end = self.find(from, to, |it| it == [b',', 0]).unwrap_or(to);
            let word = self.word(from);
            let is_function = word.first().is_some_and(u8::is_ascii_lowercase);
            if end == from + 1 && is_function && !self.locals.contains(word) {
                let name = self.name(from);
                let first = self.conds.atom(Cond::Keeps(name, 0));
                let second = self.conds.atom(Cond::Keeps(name, 1));
                let both = self.conds.and(first, second);
                kept = Some(self.conds.or(kept.unwrap_or(CondId::NEVER), both));
            }
            from = end + 1;
        }
        self.conds.and(flow, kept.unwrap_or(CondId::ALWAYS))
    }

    fn name(&mut self, at: usize) -> Name {
        let word = self.word(at);
        self.words.name(word)
    }
}
