// SPDX-License-Identifier: MIT OR Apache-2.0
//! The facts of a file as bytes, for the cache. Names are numbers in a table that all files share.
//!
//! Numbers take one byte for each seven bits. What was damaged gives `None`, never other facts that look right:
//! the file of the cache has a checksum.

use rustc_hash::FxHashMap;

use super::cond::{Class, Cond, CondId, Conds, Value};
use super::facts::{Facts, Item, Sort, Use};
use super::lex::Include;
use crate::source::Name;

/// The numbers of names, in the order in which they were first used.
#[derive(Default)]
pub(super) struct Numbers {
    known: FxHashMap<Name, u32>,
    /// The names.
    pub(super) all: Vec<String>,
}

impl Numbers {
    fn of(&mut self, name: Name) -> u32 {
        let next = self.all.len() as u32;
        let number = *self.known.entry(name).or_insert(next);
        if number == next {
            self.all.push(name.as_str().to_owned());
        }
        number
    }
}

/// The bytes of some facts.
pub(super) fn pack(facts: &Facts, names: &mut Numbers) -> Vec<u8> {
    let mut out = Packer {
        bytes: Vec::new(),
        names,
    };
    let steps = facts.conds.steps();
    out.number(steps.len() as u32);
    steps[2..].iter().for_each(|it| out.step(*it));
    out.list(&facts.includes, |out, it| {
        out.name(it.path);
        out.number(u32::from(it.is_quoted));
    });
    out.list(&facts.items, Packer::item);
    out.list(&facts.uses, Packer::a_use);
    out.list(&facts.words, |out, it| out.name(*it));
    out.list(&facts.made, |out, it| out.name(*it));
    out.list(&facts.pasted, |out, parts| {
        out.list(parts, |out, it| out.name(*it))
    });
    out.bytes
}

/// The facts of these bytes.
pub(super) fn unpack(bytes: &[u8], names: &[Name]) -> Option<Facts> {
    let mut from = Unpacker {
        bytes,
        names,
        steps: 2,
    };
    let steps = from.number()?;
    let mut nodes = vec![Cond::Never, Cond::Always];
    for _ in 2..steps {
        nodes.push(from.step()?);
        from.steps += 1;
    }
    Some(Facts {
        conds: Conds::of_steps(nodes),
        includes: from.list(|from| {
            Some(Include {
                path: from.name()?,
                is_quoted: from.number()? == 1,
            })
        })?,
        items: from.list(Unpacker::item)?,
        uses: from.list(Unpacker::a_use)?,
        words: from.list(Unpacker::name)?,
        made: from.list(Unpacker::name)?,
        pasted: from.list(|from| from.list(Unpacker::name))?,
    })
}

const CLASSES: [Class; 4] = [Class::Zero, Class::Positive, Class::Negative, Class::Error];

const SORTS: [Sort; 6] = [
    Sort::Prototype,
    Sort::Static,
    Sort::Function,
    Sort::Macro,
    Sort::StaticVariable,
    Sort::Variable,
];

/// The number of a value in a table of all of its kind.
fn place<T: PartialEq>(all: &[T], one: T) -> u32 {
    all.iter().position(|it| *it == one).unwrap_or_default() as u32
}

struct Packer<'n> {
    bytes: Vec<u8>,
    names: &'n mut Numbers,
}

impl Packer<'_> {
    fn number(&mut self, mut number: u32) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    fn name(&mut self, name: Name) {
        let number = self.names.of(name);
        self.number(number);
    }

    fn cond(&mut self, cond: CondId) {
        self.number(cond.number());
    }

    fn list<T>(&mut self, all: &[T], one: impl Fn(&mut Self, &T)) {
        self.number(all.len() as u32);
        all.iter().for_each(|it| one(self, it));
    }

    fn step(&mut self, step: Cond) {
        let (tag, name, more) = match step {
            Cond::Never => return self.number(0),
            Cond::Always => return self.number(1),
            Cond::Modular => return self.number(2),
            Cond::Not(x) => {
                self.number(3);
                return self.cond(x);
            }
            Cond::And(x, y) | Cond::Or(x, y) => {
                self.number(4 + u32::from(matches!(step, Cond::Or(..))));
                self.cond(x);
                return self.cond(y);
            }
            Cond::Unknown(name) => (6, name, None),
            Cond::Yes(name) => (7, name, None),
            Cond::Module(name) => (8, name, None),
            Cond::Arch(name) => (9, name, None),
            Cond::Yields(name, class) => (10, name, Some(place(&CLASSES, class))),
            Cond::Keeps(name, at) => (11, name, Some(u32::from(at))),
        };
        self.number(tag);
        self.name(name);
        if let Some(more) = more {
            self.number(more);
        }
    }

    fn item(&mut self, item: &Item) {
        self.name(item.name);
        self.number(place(&SORTS, item.sort));
        self.cond(item.cond);
        self.number(item.at);
        // Hardly any item has a value that is known.
        self.number(u32::from(item.value != Value::ANY));
        if item.value != Value::ANY {
            let classes = CLASSES.iter();
            classes.for_each(|class| self.cond(item.value.class(*class)));
        }
        self.list(&item.keeps, |out, it| out.cond(*it));
    }

    fn a_use(&mut self, it: &Use) {
        self.name(it.name);
        self.cond(it.cond);
        self.cond(it.is_read);
        self.number(it.at);
        self.number(it.within);
        self.number(u32::from(it.is_call));
    }
}

struct Unpacker<'b> {
    bytes: &'b [u8],
    names: &'b [Name],
    /// How many conditions there are so far.
    steps: u32,
}

impl Unpacker<'_> {
    fn number(&mut self) -> Option<u32> {
        let mut number = 0;
        for shift in (0..32).step_by(7) {
            let (first, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            number |= u32::from(first & 0x7f) << shift;
            if first & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn name(&mut self) -> Option<Name> {
        let number = self.number()?;
        self.names.get(number as usize).copied()
    }

    fn cond(&mut self) -> Option<CondId> {
        let number = self.number()?;
        (number < self.steps).then(|| Conds::numbered(number))
    }

    fn list<T>(&mut self, one: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.number()?;
        // Each takes a byte at least.
        let mut all = Vec::with_capacity((count as usize).min(self.bytes.len()));
        for _ in 0..count {
            all.push(one(self)?);
        }
        Some(all)
    }

    fn step(&mut self) -> Option<Cond> {
        Some(match self.number()? {
            0 => Cond::Never,
            1 => Cond::Always,
            2 => Cond::Modular,
            3 => Cond::Not(self.cond()?),
            4 => Cond::And(self.cond()?, self.cond()?),
            5 => Cond::Or(self.cond()?, self.cond()?),
            6 => Cond::Unknown(self.name()?),
            7 => Cond::Yes(self.name()?),
            8 => Cond::Module(self.name()?),
            9 => Cond::Arch(self.name()?),
            10 => Cond::Yields(self.name()?, self.one_of(&CLASSES)?),
            11 => Cond::Keeps(self.name()?, self.number()? as u8),
            _ => return None,
        })
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        let number = self.number()?;
        all.get(number as usize).copied()
    }

    fn item(&mut self) -> Option<Item> {
        Some(Item {
            name: self.name()?,
            sort: self.one_of(&SORTS)?,
            cond: self.cond()?,
            at: self.number()?,
            value: match self.number()? {
                0 => Value::ANY,
                _ => Value {
                    zero: self.cond()?,
                    positive: self.cond()?,
                    negative: self.cond()?,
                    error: self.cond()?,
                },
            },
            keeps: self.list(Unpacker::cond)?,
        })
    }

    fn a_use(&mut self) -> Option<Use> {
        Some(Use {
            name: self.name()?,
            cond: self.cond()?,
            is_read: self.cond()?,
            at: self.number()?,
            within: self.number()?,
            is_call: self.number()? == 1,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::facts::scan;

    #[test]
    fn packed_facts_are_the_same_facts() {
        let text = "#include <a.h>\n#ifdef CONFIG_A\n#define M(x, y) x##_end(y)\n#endif\nMODULE(a, b);\n\
                    static int t[] = {\n#ifdef CONFIG_B_MODULE\n1\n#endif\n};\nint p(int);\n\
                    static inline int f(int x)\n{\nif (IS_REACHABLE(CONFIG_C) || g() < 2) return -EINVAL;\n\
                    return h(x + 1, f);\n}\n";
        let facts = scan(text.as_bytes(), false);
        let mut numbers = Numbers::default();
        let bytes = pack(&facts, &mut numbers);
        let names: Vec<Name> = numbers.all.iter().map(|it| Name::new(it)).collect();
        let again = unpack(&bytes, &names).expect("facts");
        let shown = |it: &Facts| format!("{:?} {:?}", it.conds.steps(), (&it.items, &it.uses));
        assert_eq!(shown(&facts), shown(&again));
        let other = |it: &Facts| format!("{:?}", (&it.includes, &it.words, &it.made, &it.pasted));
        assert_eq!(other(&facts), other(&again));
        assert!(facts.items.len() > 3 && facts.uses.len() > 3);
        // What ends early, and what has too large a number, is none.
        assert!((0..bytes.len()).all(|length| unpack(&bytes[..length], &names).is_none()));
        assert!(unpack(&bytes, &names[1..]).is_none());
    }
}
