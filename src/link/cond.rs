// SPDX-License-Identifier: MIT OR Apache-2.0
//! Conditions of code and of objects: values of symbols, and what nobody can tell.
//!
//! Conditions depend on one file alone. Whoever asks binds names to the headers that a file sees.

use rustc_hash::FxHashMap;

use crate::source::Name;

/// A condition in a [`Conds`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct CondId(u32);

impl CondId {
    /// The condition that never holds.
    pub const NEVER: CondId = CondId(0);
    /// The condition that always holds.
    pub const ALWAYS: CondId = CondId(1);

    /// The constant.
    pub fn constant(value: bool) -> CondId {
        CondId(u32::from(value))
    }

    /// Its number among the steps of its [`Conds`].
    pub(super) fn number(self) -> u32 {
        self.0
    }
}

/// A class of values of an expression in C.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Class {
    /// 0, NULL, false.
    Zero,
    /// Above 0, or a pointer to something.
    Positive,
    /// Below 0, as `-ENODEV`.
    Negative,
    /// An error as a pointer: `ERR_PTR(-ENODEV)`.
    Error,
}

/// One step of a condition.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Cond {
    /// False.
    Never,
    /// True.
    Always,
    /// What nobody can tell, by its text: the same text is the same unknown.
    Unknown(Name),
    /// A symbol is y.
    Yes(Name),
    /// A symbol is m.
    Module(Name),
    /// The code is compiled for a module.
    Modular,
    /// The architecture is this folder of `arch/`.
    Arch(Name),
    /// This function, macro or variable can yield a value of this class.
    Yields(Name, Class),
    /// A macro of this name uses its argument of this number. Functions use all.
    Keeps(Name, u8),
    /// Negation.
    Not(CondId),
    /// Both.
    And(CondId, CondId),
    /// One at least.
    Or(CondId, CondId),
}

/// Conditions, each kept once.
#[derive(Clone, Debug)]
pub struct Conds {
    nodes: Vec<Cond>,
    known: FxHashMap<Cond, CondId>,
}

impl Default for Conds {
    fn default() -> Conds {
        Conds {
            nodes: vec![Cond::Never, Cond::Always],
            known: FxHashMap::default(),
        }
    }
}

impl Conds {
    /// The step of a condition.
    pub fn get(&self, id: CondId) -> Cond {
        self.nodes[id.0 as usize]
    }

    /// All steps, each behind those that it refers to.
    pub(super) fn steps(&self) -> &[Cond] {
        &self.nodes
    }

    /// The conditions with these steps, of which the first two are the constants.
    pub(super) fn of_steps(nodes: Vec<Cond>) -> Conds {
        debug_assert!(nodes.starts_with(&[Cond::Never, Cond::Always]));
        Conds {
            nodes,
            known: FxHashMap::default(),
        }
    }

    /// The condition of a number below [`Conds::steps`]'s length.
    pub(super) fn numbered(number: u32) -> CondId {
        CondId(number)
    }

    /// Forgets what only making further conditions needs.
    pub fn freeze(&mut self) {
        self.known = FxHashMap::default();
        self.nodes.shrink_to_fit();
    }

    /// A condition without parts.
    pub fn atom(&mut self, cond: Cond) -> CondId {
        match cond {
            Cond::Never => CondId::NEVER,
            Cond::Always => CondId::ALWAYS,
            Cond::Not(x) => self.not(x),
            Cond::And(x, y) => self.and(x, y),
            Cond::Or(x, y) => self.or(x, y),
            _ => self.intern(cond),
        }
    }

    /// What nobody can tell.
    pub fn unknown(&mut self, text: &str) -> CondId {
        self.atom(Cond::Unknown(Name::new(text)))
    }

    /// A symbol is y.
    pub fn yes(&mut self, name: Name) -> CondId {
        self.atom(Cond::Yes(name))
    }

    /// A symbol is m.
    pub fn module(&mut self, name: Name) -> CondId {
        self.atom(Cond::Module(name))
    }

    /// A symbol is m or y.
    pub fn enabled(&mut self, name: Name) -> CondId {
        let (yes, module) = (self.yes(name), self.module(name));
        self.or(yes, module)
    }

    /// Negation.
    pub fn not(&mut self, x: CondId) -> CondId {
        match self.get(x) {
            Cond::Never => CondId::ALWAYS,
            Cond::Always => CondId::NEVER,
            Cond::Not(below) => below,
            _ => self.intern(Cond::Not(x)),
        }
    }

    /// Both.
    pub fn and(&mut self, x: CondId, y: CondId) -> CondId {
        let (x, y) = (x.min(y), x.max(y));
        if x == CondId::NEVER || self.are_opposite(x, y) {
            return CondId::NEVER;
        }
        if x == CondId::ALWAYS || x == y || self.is_conjunct(x, y) {
            return y;
        }
        if self.is_conjunct(y, x) {
            return x;
        }
        self.intern(Cond::And(x, y))
    }

    /// One at least.
    pub fn or(&mut self, x: CondId, y: CondId) -> CondId {
        let (x, y) = (x.min(y), x.max(y));
        if x == CondId::ALWAYS || self.are_opposite(x, y) {
            return CondId::ALWAYS;
        }
        if x == CondId::NEVER || x == y || self.is_conjunct(y, x) {
            return y;
        }
        if self.is_conjunct(x, y) {
            return x;
        }
        self.intern(Cond::Or(x, y))
    }

    fn are_opposite(&self, x: CondId, y: CondId) -> bool {
        self.get(y) == Cond::Not(x) || self.get(x) == Cond::Not(y)
    }

    /// Whether `part` is one of the two parts of an AND.
    fn is_conjunct(&self, part: CondId, whole: CondId) -> bool {
        matches!(self.get(whole), Cond::And(a, b) if a == part || b == part)
    }

    fn intern(&mut self, cond: Cond) -> CondId {
        if let Some(known) = self.known.get(&cond) {
            return *known;
        }
        let id = CondId(self.nodes.len() as u32);
        self.nodes.push(cond);
        self.known.insert(cond, id);
        id
    }

    /// The functions, macros and variables on which some condition depends.
    pub fn names(&self) -> impl Iterator<Item = Name> {
        self.nodes.iter().filter_map(|it| match it {
            Cond::Yields(name, _) | Cond::Keeps(name, _) => Some(*name),
            _ => None,
        })
    }

    /// The symbols of a condition, those of its last part first.
    pub fn symbols(&self, id: CondId) -> Vec<Name> {
        let mut found = Vec::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            match self.get(id) {
                Cond::Yes(name) | Cond::Module(name) if !found.contains(&name) => found.push(name),
                Cond::And(x, y) | Cond::Or(x, y) => open.extend([x, y]),
                _ => {}
            }
        }
        found
    }
}

/// What a value can be: for each class, when it can be of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Value {
    /// 0.
    pub zero: CondId,
    /// Above 0.
    pub positive: CondId,
    /// Below 0.
    pub negative: CondId,
    /// An error as a pointer.
    pub error: CondId,
}

impl Value {
    /// Known only at run time.
    pub const ANY: Value = Value {
        zero: CondId::ALWAYS,
        positive: CondId::ALWAYS,
        negative: CondId::ALWAYS,
        error: CondId::ALWAYS,
    };
    /// No value: nothing was returned yet.
    pub const NONE: Value = Value {
        zero: CondId::NEVER,
        positive: CondId::NEVER,
        negative: CondId::NEVER,
        error: CondId::NEVER,
    };

    /// Always of one class.
    pub fn of(class: Class) -> Value {
        let mut value = Value::NONE;
        match class {
            Class::Zero => value.zero = CondId::ALWAYS,
            Class::Positive => value.positive = CondId::ALWAYS,
            Class::Negative => value.negative = CondId::ALWAYS,
            Class::Error => value.error = CondId::ALWAYS,
        }
        value
    }

    /// A truth value that holds and fails under these conditions.
    pub fn truth(holds: CondId, fails: CondId) -> Value {
        Value {
            zero: fails,
            positive: holds,
            ..Value::NONE
        }
    }

    /// Of a class.
    pub fn class(self, class: Class) -> CondId {
        match class {
            Class::Zero => self.zero,
            Class::Positive => self.positive,
            Class::Negative => self.negative,
            Class::Error => self.error,
        }
    }

    /// When it counts as true.
    pub fn holds(self, conds: &mut Conds) -> CondId {
        let other = conds.or(self.negative, self.error);
        conds.or(self.positive, other)
    }

    /// This under one condition, and another value under another.
    pub fn either(self, own: CondId, other: Value, others: CondId, conds: &mut Conds) -> Value {
        let other = other.join(others, Value::NONE, conds);
        self.join(own, other, conds)
    }

    /// This under a condition, or another.
    pub fn join(self, cond: CondId, other: Value, conds: &mut Conds) -> Value {
        let mut each = |mine: CondId, other: CondId| {
            let mine = conds.and(cond, mine);
            conds.or(mine, other)
        };
        Value {
            zero: each(self.zero, other.zero),
            positive: each(self.positive, other.positive),
            negative: each(self.negative, other.negative),
            error: each(self.error, other.error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_obvious_is_simplified_and_unknowns_stay() {
        let mut conds = Conds::default();
        let (a, x) = (conds.yes(Name::new("A")), conds.unknown("x"));
        let not_a = conds.not(a);
        assert_eq!(conds.and(a, not_a), CondId::NEVER);
        assert_eq!(conds.or(not_a, a), CondId::ALWAYS);
        let both = conds.and(a, x);
        assert_ne!(both, x);
        assert_eq!(conds.or(a, both), a);
        assert_eq!(conds.and(both, a), both);
        assert_eq!(conds.not(not_a), a);
    }
}
