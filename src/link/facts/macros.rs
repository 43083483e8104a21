// SPDX-License-Identifier: MIT OR Apache-2.0
//! What macros refer to, which arguments they keep, and the names that they paste together.

use super::{Item, Scan, Sort};
use crate::link::cond::{CondId, Value};
use crate::link::flow::Flow;
use crate::link::lex::{Kind, NO_MATE, RawMacro};
use crate::source::Name;

impl Scan<'_> {
    pub(super) fn macros(&mut self) {
        let lexed = self.lexed;
        for raw in &lexed.macros {
            self.one_macro(raw);
        }
    }

    fn one_macro(&mut self, raw: &RawMacro) {
        let within = self.facts.items.len() as u32;
        let params = raw.params.as_deref().unwrap_or_default();
        let body = &raw.body;
        if raw.params.is_none()
            && body
                .iter()
                .all(|it| it.text(self.text) == raw.name.as_str().as_bytes())
        {
            return; // `#define f f` only says that there is an `f`
        }
        self.pasted(raw);
        self.made(raw);
        let mut flow = Flow::new(self.text, body, &mut self.facts.conds, &mut self.names);
        flow.is_macro = true;
        flow.locals = params.iter().map(|it| it.as_str().as_bytes()).collect();
        let is_statement = body.first().is_some_and(|it| {
            it.is(b'{')
                || matches!(
                    it.text(self.text),
                    b"do" | b"if" | b"for" | b"while" | b"static"
                )
        }) || body.iter().any(|it| it.is(b';'))
            && !body.first().is_some_and(|it| it.is(b'('));
        let value = match is_statement {
            true => {
                flow.statements(0, body.len(), CondId::ALWAYS, CondId::ALWAYS);
                Value::ANY
            }
            false => flow.expr(0, body.len(), CondId::ALWAYS),
        };
        let (uses, is_odd) = (std::mem::take(&mut flow.uses), flow.is_odd);
        let mut keeps = vec![CondId::NEVER; params.len()];
        for raw in uses {
            let name = self.names.name(raw.name);
            match params.iter().position(|it| *it == name) {
                Some(at) => keeps[at] = self.facts.conds.or(keeps[at], raw.cond),
                None => self.raw.push((raw, within)),
            }
        }
        let value = match is_odd {
            true => Value::ANY,
            false => value,
        };
        if is_odd {
            let unknown = self.facts.conds.unknown("odd macro");
            keeps = vec![unknown; params.len()];
        }
        self.facts.items.push(Item {
            name: raw.name,
            sort: Sort::Macro,
            cond: raw.cond,
            at: body.first().map_or(0, |it| it.start),
            value,
            keeps,
        });
    }

    /// Functions that the body of a macro defines: `name(…) {`.
    fn made(&mut self, raw: &RawMacro) {
        let body = &raw.body;
        let mut at = 0;
        while at + 1 < body.len() {
            let (token, next) = (&body[at], &body[at + 1]);
            if token.is(b'{') && token.mate != NO_MATE {
                at = (token.mate as usize).max(at) + 1;
                continue;
            }
            let close = next.mate as usize;
            let has_body = token.kind == Kind::Word
                && next.is(b'(')
                && next.mate != NO_MATE
                && body.get(close + 1).is_some_and(|it| it.is(b'{'));
            let word = token.text(self.text);
            let is_statement = matches!(word, b"if" | b"for" | b"while" | b"switch");
            let is_typed = at > 0 && (body[at - 1].kind == Kind::Word || body[at - 1].is(b'*'));
            if has_body && !is_statement && is_typed {
                let name = self.names.name(word);
                self.facts.made.push(name);
            }
            at += 1;
        }
    }

    /// Names that a macro pastes together around a parameter.
    fn pasted(&mut self, raw: &RawMacro) {
        let Some(params) = &raw.params else { return };
        let paste = Kind::Sign([b'#', b'#']);
        let mut at = 0;
        while at < raw.body.len() {
            let mut end = at;
            while raw.body.get(end + 1).is_some_and(|it| it.kind == paste) {
                end += 2;
            }
            if end > at {
                let parts: Vec<&[u8]> = raw.body[at..raw.body.len().min(end + 1)]
                    .iter()
                    .step_by(2)
                    .map(|it| it.text(self.text))
                    .collect();
                let is_param =
                    |it: &&[u8]| params.iter().any(|name| name.as_str().as_bytes() == *it);
                if parts.iter().any(&is_param) {
                    let literals = parts.split(|it| is_param(it));
                    let text = literals.map(|it| Name::new(&String::from_utf8_lossy(&it.concat())));
                    let literals: Vec<Name> = text.collect();
                    if !self.facts.pasted.contains(&literals) {
                        self.facts.pasted.push(literals);
                    }
                }
            }
            at = end + 1;
        }
    }
}
