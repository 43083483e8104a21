// SPDX-License-Identifier: MIT OR Apache-2.0
//! The facts of one file of C or assembler: what it defines, declares, includes and refers to, each with
//! its condition. They depend on the file's text alone.

mod declarations;
mod locals;
mod macros;

use rustc_hash::FxHashSet;

use super::cond::{CondId, Conds, Value};
use super::flow::{Flow, RawUse, Words};
use super::lex::{Include, Kind, Lexed, NO_MATE, lex};
use crate::source::Name;

/// What a name is at file scope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sort {
    /// A prototype of a function that another file may define.
    Prototype,
    /// A function of its own: `static`.
    Static,
    /// A function that others can call.
    Function,
    /// A macro.
    Macro,
    /// A variable of its own.
    StaticVariable,
    /// A variable that others can use.
    Variable,
}

/// A name at file scope.
#[derive(Clone, Debug)]
pub struct Item {
    /// The name.
    pub name: Name,
    /// What it is.
    pub sort: Sort,
    /// When the preprocessor keeps it.
    pub cond: CondId,
    /// Where it stands.
    pub at: u32,
    /// What a call yields, where there is a body.
    pub value: Value,
    /// Of a macro, when it uses each of its parameters.
    pub keeps: Vec<CondId>,
}

/// A reference from an item, or from file scope.
#[derive(Clone, Copy, Debug)]
pub struct Use {
    /// The name.
    pub name: Name,
    /// When the compiler keeps it, given that its container is reached.
    pub cond: CondId,
    /// When the compiler reads it: it has to be declared even where it is removed.
    pub is_read: CondId,
    /// Where it stands.
    pub at: u32,
    /// The item in which it stands; [`NO_ITEM`] at file scope.
    pub within: u32,
    /// Whether it is called.
    pub is_call: bool,
}

/// The container of what stands at file scope.
pub const NO_ITEM: u32 = u32::MAX;

/// What one file says.
#[derive(Default, Debug)]
pub struct Facts {
    /// Its conditions.
    pub conds: Conds,
    /// What it includes.
    pub includes: Vec<Include>,
    /// Its names.
    pub items: Vec<Item>,
    /// What these refer to: calls, and functions and variables of its own.
    pub uses: Vec<Use>,
    /// Words in arguments of macros at file scope: such a macro may define them.
    pub words: Vec<Name>,
    /// Functions that the body of a macro defines.
    pub made: Vec<Name>,
    /// Names that a macro pastes together: what stands before, between and after its parameters.
    pub pasted: Vec<Vec<Name>>,
}

/// The facts of C.
pub fn scan(text: &[u8], is_header: bool) -> Facts {
    let mut conds = Conds::default();
    let lexed = lex(text, &mut conds);
    let mut scan = Scan {
        text,
        lexed: &lexed,
        facts: Facts {
            conds,
            ..Facts::default()
        },
        raw: Vec::new(),
        words: FxHashSet::default(),
        names: Words::default(),
        statics: FxHashSet::default(),
        is_header,
    };
    scan.macros();
    scan.items();
    scan.finish();
    let mut facts = scan.facts;
    facts.includes = lexed.includes;
    // They are kept to the end of the run.
    facts.items.shrink_to_fit();
    facts.uses.shrink_to_fit();
    facts
}

/// Every word of a file of assembler: it may define any of them.
pub fn words_of(text: &[u8]) -> FxHashSet<Name> {
    let words = text.split(|byte| !super::lex::is_word(*byte) && *byte != b'.');
    let words = words.filter(|it| it.len() > 2 && !it[0].is_ascii_digit());
    let words = words.filter_map(|it| std::str::from_utf8(it).ok());
    words.map(|it| Name::new(it.trim_matches('.'))).collect()
}

struct Scan<'t> {
    text: &'t [u8],
    lexed: &'t Lexed,
    facts: Facts,
    raw: Vec<(RawUse<'t>, u32)>,
    words: FxHashSet<&'t [u8]>,
    names: Words<'t>,
    /// Functions of the file's own, so far.
    statics: FxHashSet<&'t [u8]>,
    is_header: bool,
}

/// Words with brackets that stand behind a function's name or before its type.
fn is_attribute(name: &[u8]) -> bool {
    matches!(
        name,
        b"__attribute__"
            | b"__attribute"
            | b"__acquires"
            | b"__releases"
            | b"__must_hold"
            | b"__cond_acquires"
            | b"__printf"
            | b"__scanf"
            | b"__aligned"
            | b"__section"
            | b"__alloc_size"
            | b"__assume_aligned"
            | b"__malloc"
            | b"__format_arg"
            | b"__nonnull"
            | b"__alias"
            | b"__acquires_shared"
            | b"__releases_shared"
            | b"__must_hold_shared"
            | b"asm"
            | b"__asm__"
            | b"__typeof__"
            | b"typeof"
            | b"__context_unsafe"
            | b"DECLARE_BITMAP"
            | b"__diagnose_as"
            | b"__realloc_size"
            | b"__counted_by"
            | b"__guarded_by"
    )
}

/// An item's words and brackets at its own level.
struct Shape {
    /// Words before a bracket `(`: the token of the word.
    candidates: Vec<usize>,
    /// The first `=`.
    equals: Option<usize>,
    /// The first `{`.
    brace: Option<usize>,
    /// Its last token: `;`, or the `}` of a body.
    end: usize,
    is_function: bool,
}

impl<'t> Scan<'t> {
    fn word(&self, at: usize) -> &'t [u8] {
        match self.lexed.tokens.get(at) {
            Some(token) if token.kind == Kind::Word => token.text(self.text),
            _ => b"",
        }
    }

    fn name(&mut self, at: usize) -> Name {
        let word = self.word(at);
        self.names.name(word)
    }

    fn items(&mut self) {
        let count = self.lexed.tokens.len();
        let mut at = 0;
        while at < count {
            let shape = self.shape(at);
            self.item(at, &shape);
            at = shape.end + 1;
        }
    }

    /// Finds the end of an item.
    fn shape(&self, start: usize) -> Shape {
        let tokens = &self.lexed.tokens;
        let mut shape = Shape {
            candidates: Vec::new(),
            equals: None,
            brace: None,
            end: tokens.len() - 1,
            is_function: false,
        };
        let mut at = start;
        while at < tokens.len() {
            let token = &tokens[at];
            match token.kind {
                Kind::Sign([b';', 0]) => {
                    shape.end = at;
                    return shape;
                }
                Kind::Sign([b'=', 0]) => shape.equals = shape.equals.or(Some(at)),
                Kind::Sign([b'(' | b'[' | b'{', 0]) => {
                    let close = match token.mate {
                        mate if mate != NO_MATE && mate as usize > at => mate as usize,
                        _ => at,
                    };
                    if token.is(b'(') && at > start && shape.equals.is_none() {
                        let word = self.word(at - 1);
                        if !word.is_empty() && !is_attribute(word) {
                            shape.candidates.push(at - 1);
                        }
                    }
                    if token.is(b'{') && shape.equals.is_none() {
                        let is_type = self.is_type_body(start, at);
                        if self.word(start) == b"extern" && at == start + 2 {
                            shape.end = at; // extern "C" {
                            return shape;
                        }
                        if !is_type && !shape.candidates.is_empty() {
                            shape.brace = Some(at);
                            shape.is_function = true;
                            shape.end = close;
                            return shape;
                        }
                    }
                    if token.is(b'{') {
                        shape.brace = shape.brace.or(Some(at));
                    }
                    at = close;
                }
                _ => {}
            }
            at += 1;
        }
        shape
    }

    /// Whether a brace opens the body of a struct, a union or an enum.
    fn is_type_body(&self, start: usize, brace: usize) -> bool {
        let is_type = |at: usize| matches!(self.word(at), b"struct" | b"union" | b"enum");
        let before = |back: usize| brace.checked_sub(back).filter(|at| *at >= start);
        let near = (1..=2).filter_map(before).any(is_type);
        // `struct __packed name {`, and attributes behind the name.
        near || is_type(start)
            && !(start..brace).any(|at| {
                self.lexed.tokens[at].is(b'(') && {
                    let word = self.word(at.saturating_sub(1));
                    !is_attribute(word)
                }
            })
    }

    fn item(&mut self, start: usize, shape: &Shape) {
        let is_static = (start..shape.end.min(start + 6)).any(|at| self.word(at) == b"static")
            || (start..shape.end.min(start + 4))
                .any(|at| self.word(at).ends_with(b"always_inline"));
        if shape.is_function {
            let Some((&name, others)) = shape.candidates.split_last() else {
                return;
            };
            for other in others {
                self.macro_call(*other);
            }
            // Old macros without a semicolon stand before it: `static` may be far from the start.
            let is_static = is_static
                || (start..name)
                    .rev()
                    .take(8)
                    .any(|at| self.word(at) == b"static");
            self.function(name, shape.brace.unwrap_or(shape.end), shape.end, is_static);
            return;
        }
        if self.word(start) == b"typedef" {
            return;
        }
        if let Some(equals) = shape.equals {
            self.variable(start, equals, shape.end, is_static);
            for other in &shape.candidates {
                self.macro_call(*other);
            }
            return;
        }
        if let Some(name) = self.pointer(start, shape.end) {
            if self.is_header || self.word(start) != b"extern" {
                self.push_item(name, variable(is_static), self.lexed.tokens[name].cond);
            }
            return;
        }
        match shape.candidates.as_slice() {
            [] => self.plain_declaration(start, shape.end, is_static),
            candidates => self.declaration(start, shape.end, candidates, is_static),
        }
    }

    /// A macro at file scope: it may define anything, and refers to its arguments.
    fn macro_call(&mut self, at: usize) {
        let tokens = &self.lexed.tokens;
        let open = at + 1;
        let close = tokens[open].mate;
        if close == NO_MATE || (close as usize) < open {
            return;
        }
        let close = close as usize;
        let name = self.word(at);
        if name.starts_with(b"EXPORT_SYMBOL")
            || name.starts_with(b"EXPORT_PER_CPU")
            || name.ends_with(b"EXPORT_SYMBOL_GPL")
        {
            return;
        }
        self.take_words(open + 1, close);
        // Whether what a macro makes for the end of a scope is kept only the compiler knows.
        let flow_in = match is_cleanup(name) {
            true => self.facts.conds.unknown("cleanup"),
            false => CondId::ALWAYS,
        };
        let mut flow = Flow::new(
            self.text,
            &self.lexed.tokens,
            &mut self.facts.conds,
            &mut self.names,
        );
        flow.is_at_file_scope = true;
        flow.expr(at, close + 1, flow_in);
        let uses = std::mem::take(&mut flow.uses);
        self.raw.extend(uses.into_iter().map(|it| (it, NO_ITEM)));
    }

    /// Notes words of these tokens as what a macro may define.
    fn take_words(&mut self, from: usize, to: usize) {
        let (text, lexed) = (self.text, self.lexed);
        let words = lexed.tokens.get(from..to).unwrap_or_default().iter();
        let words = words.filter(|it| it.kind == Kind::Word);
        self.words.extend(words.map(|it| it.text(text)));
    }

    fn push_item(&mut self, at: usize, sort: Sort, cond: CondId) {
        let name = self.name(at);
        self.facts.items.push(Item {
            name,
            sort,
            cond,
            at: self.lexed.tokens[at].start,
            value: Value::ANY,
            keeps: Vec::new(),
        });
    }

    fn function(&mut self, name: usize, brace: usize, end: usize, is_static: bool) {
        let tokens = &self.lexed.tokens;
        let within = self.facts.items.len() as u32;
        let cond = tokens[brace].cond;
        let sort = match is_static {
            true => Sort::Static,
            false => Sort::Function,
        };
        self.push_item(name, sort, cond);
        let word = self.word(name);
        // SYSCALL_DEFINE1(name, …) {: which name it defines only the macro knows.
        if word.iter().all(|it| !it.is_ascii_lowercase()) {
            let close = tokens[name + 1].mate.min(brace as u32) as usize;
            self.take_words(name + 1, close);
            // Who else calls it nobody knows, but that system calls are called.
            let is_system_call = word.windows(14).any(|it| it == b"SYSCALL_DEFINE");
            self.facts.items[within as usize].sort = match is_system_call {
                true => Sort::Variable,
                false => Sort::Static,
            };
        }
        let is_broken = self
            .lexed
            .odd
            .iter()
            .any(|at| (tokens[name].start..=tokens[end].end).contains(at));
        let locals = self.locals(name, brace, end);
        let flags = self.flags(name, brace);
        let pointers: Vec<&[u8]> = self.pointers(brace, end).collect();
        let constant_flags = self.constant_flags(brace, end);
        if is_static {
            self.statics.insert(word);
        }
        let mut flow = Flow::new(self.text, tokens, &mut self.facts.conds, &mut self.names);
        flow.passed = Some(match self.is_header {
            true => &locals,
            false => &self.statics,
        });
        flow.locals = locals.iter().copied().chain(pointers).collect();
        flow.flags = constant_flags;
        if is_static && !self.is_header {
            // All callers may give the same: then the compiler removes the other branch.
            flow.set_unknown(&flags);
        }
        flow.statements(brace + 1, end, CondId::ALWAYS, cond);
        let (uses, mut value) = (std::mem::take(&mut flow.uses), flow.returns);
        let is_odd = flow.is_odd || is_broken;
        if value == Value::NONE || is_odd {
            value = Value::ANY;
        }
        self.facts.items[within as usize].value = value;
        if is_static && !is_odd {
            let keeps = self.kept_parameters(name, brace, &uses);
            self.facts.items[within as usize].keeps = keeps;
        }
        let odd = self.facts.conds.unknown("odd function");
        for mut raw in uses {
            if locals.contains(raw.name) {
                continue;
            }
            if is_odd {
                raw.cond = odd;
                raw.is_read = odd;
            }
            self.raw.push((raw, within));
        }
    }

    /// Keeps calls, and what refers to items of the file's own.
    fn finish(&mut self) {
        let own = self.facts.items.iter();
        let own = own.filter(|it| it.sort != Sort::Prototype);
        let own: FxHashSet<Name> = own.map(|it| it.name).collect();
        let mut known: FxHashSet<(Name, CondId, CondId, u32)> = FxHashSet::default();
        for (raw, within) in std::mem::take(&mut self.raw) {
            let name = self.names.name(raw.name);
            let is_own = own.contains(&name) || is_structure(raw.name);
            let is_wanted = raw.is_call || !self.is_header && is_own;
            if !is_wanted || !known.insert((name, raw.cond, raw.is_read, within)) {
                continue;
            }
            self.facts.uses.push(Use {
                name,
                cond: raw.cond,
                is_read: raw.is_read,
                at: raw.at,
                within,
                is_call: raw.is_call,
            });
        }
        let words = self.words.iter().map(|it| self.names.name(it));
        self.facts.words = words.collect();
        self.facts.words.sort_unstable();
        self.facts.conds.freeze();
    }
}

/// Whether this is the name of a structure rather than of a function.
pub fn is_structure(name: &[u8]) -> bool {
    name.starts_with(b"struct ")
}

/// Macros whose arguments say what is done at the end of a scope.
fn is_cleanup(name: &[u8]) -> bool {
    let all: [&[u8]; 4] = [
        b"DEFINE_FREE",
        b"DEFINE_CLASS",
        b"DEFINE_GUARD",
        b"DEFINE_LOCK_GUARD",
    ];
    all.iter().any(|it| name.starts_with(it))
}

fn variable(is_static: bool) -> Sort {
    match is_static {
        true => Sort::StaticVariable,
        false => Sort::Variable,
    }
}

#[cfg(test)]
mod tests;
