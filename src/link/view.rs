// SPDX-License-Identifier: MIT OR Apache-2.0
//! Conditions of code as one file sees them, as truth values of an algebra: bits of the solver, or values
//! in one configuration.
//!
//! Each is asked for from below, where an unknown is false, or from above, where it is true.

use rustc_hash::FxHashMap;

use super::code::{Closure, Code, ItemId};
use super::cond::{Class, Cond, CondId};
use super::facts::{Item, NO_ITEM, Sort};
use crate::source::Name;

/// What truth values are made of.
pub trait Algebra {
    /// A truth value.
    type Truth: Copy + PartialEq;

    /// The constant.
    fn constant(&self, value: bool) -> Self::Truth;
    /// Negation.
    fn not(&mut self, x: Self::Truth) -> Self::Truth;
    /// Both.
    fn and(&mut self, x: Self::Truth, y: Self::Truth) -> Self::Truth;
    /// Whether a symbol is y; `None` where Kconfig has no bool or tristate of this name.
    fn yes(&mut self, name: Name) -> Option<Self::Truth>;
    /// Whether a symbol is m.
    fn module(&mut self, name: Name) -> Option<Self::Truth>;
    /// Whether the folder of `arch/` is this one.
    fn arch(&mut self, name: Name) -> Self::Truth;

    /// One at least.
    fn or(&mut self, x: Self::Truth, y: Self::Truth) -> Self::Truth {
        let (x, y) = (self.not(x), self.not(y));
        let neither = self.and(x, y);
        self.not(neither)
    }
}

/// From which side, and for which kind of object, a condition is looked at.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Side {
    /// Whether an unknown counts as true.
    pub upper: bool,
    /// Whether the code is compiled for a module.
    pub modular: bool,
}

impl Side {
    /// Whoever calls in such an object.
    pub fn caller(modular: bool) -> Side {
        Side {
            upper: false,
            modular,
        }
    }

    /// What may be there in such an object.
    pub fn available(modular: bool) -> Side {
        Side {
            upper: true,
            modular,
        }
    }

    fn flipped(self) -> Side {
        Side {
            upper: !self.upper,
            ..self
        }
    }
}

/// What calls depend on in turn; deeper ones count as known at run time only.
const MAX_DEPTH: usize = 6;

/// What a file itself has of each name: the numbers of its items, and of uses of these.
pub struct Own {
    items: FxHashMap<Name, Vec<u32>>,
    users: FxHashMap<Name, Vec<u32>>,
}

impl Own {
    /// What this file has.
    pub fn of(code: &Code, file: u32) -> Own {
        let facts = &code.files[file as usize].facts;
        let mut items: FxHashMap<Name, Vec<u32>> = FxHashMap::default();
        for (at, item) in facts.items.iter().enumerate() {
            items.entry(item.name).or_default().push(at as u32);
        }
        let mut users: FxHashMap<Name, Vec<u32>> = FxHashMap::default();
        for (at, it) in facts.uses.iter().enumerate() {
            if items.contains_key(&it.name) {
                users.entry(it.name).or_default().push(at as u32);
            }
        }
        Own { items, users }
    }
}

/// One file's view.
pub struct View<'v, A: Algebra> {
    code: &'v Code,
    closure: &'v Closure,
    /// The truth values.
    pub algebra: &'v mut A,
    file: u32,
    known: FxHashMap<(u32, CondId, Side), A::Truth>,
    entries: FxHashMap<(u32, bool), A::Truth>,
    objects: &'v mut FxHashMap<(CondId, bool), A::Truth>,
    own: &'v Own,
    /// What was asked of names; while it is being found out, it counts as known at run time only.
    asked: FxHashMap<(Name, Asked, Side), A::Truth>,
    depth: usize,
}

/// What is asked of a name.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Asked {
    Yields(Class),
    Keeps(u8),
}

impl<'v, A: Algebra> View<'v, A> {
    /// What a file sees, where `closure` is its own. `objects` keeps conditions of objects.
    pub fn new(
        code: &'v Code,
        closure: &'v Closure,
        algebra: &'v mut A,
        file: u32,
        own: &'v Own,
        objects: &'v mut FxHashMap<(CondId, bool), A::Truth>,
    ) -> View<'v, A> {
        View {
            code,
            closure,
            algebra,
            file,
            known: FxHashMap::default(),
            entries: FxHashMap::default(),
            objects,
            own,
            asked: FxHashMap::default(),
            depth: 0,
        }
    }

    /// Whether the file itself has something of this name.
    pub fn has_own(&self, name: Name) -> bool {
        let mut own = self.own.items.get(&name).into_iter().flatten();
        let facts = &self.code.files[self.file as usize].facts;
        own.any(|it| facts.items[*it as usize].sort != Sort::Prototype)
    }

    /// What the headers that the file sees say of a name, and prototypes of its own.
    pub fn seen(&self, name: Name) -> Vec<ItemId> {
        let all = self.code.declarations(name).iter();
        let mut found: Vec<ItemId> = all
            .copied()
            .filter(|it| self.closure.has(it.file))
            .collect();
        let own = self.own.items.get(&name).into_iter().flatten();
        found.extend(own.map(|item| ItemId {
            file: self.file,
            item: *item,
        }));
        found
    }

    /// The condition of an object.
    pub fn object(&mut self, cond: CondId, upper: bool) -> A::Truth {
        if let Some(known) = self.objects.get(&(cond, upper)) {
            return *known;
        }
        let truth = match self.code.objects.conds.get(cond) {
            Cond::Not(x) => {
                let x = self.object(x, !upper);
                self.algebra.not(x)
            }
            Cond::And(x, y) => {
                let (x, y) = (self.object(x, upper), self.object(y, upper));
                self.algebra.and(x, y)
            }
            Cond::Or(x, y) => {
                let (x, y) = (self.object(x, upper), self.object(y, upper));
                self.algebra.or(x, y)
            }
            atom => self.atom(
                atom,
                Side {
                    upper,
                    modular: false,
                },
            ),
        };
        self.objects.insert((cond, upper), truth);
        truth
    }

    fn atom(&mut self, atom: Cond, side: Side) -> A::Truth {
        let truth = match atom {
            Cond::Never => Some(self.algebra.constant(false)),
            Cond::Always => Some(self.algebra.constant(true)),
            Cond::Modular => Some(self.algebra.constant(side.modular)),
            Cond::Yes(name) => self.algebra.yes(name),
            Cond::Module(name) => self.algebra.module(name),
            Cond::Arch(name) => Some(self.algebra.arch(name)),
            Cond::Yields(name, class) => Some(self.yields(name, class, side)),
            Cond::Keeps(name, at) => Some(self.keeps(name, at, side)),
            Cond::Unknown(_) | Cond::Not(_) | Cond::And(..) | Cond::Or(..) => None,
        };
        truth.unwrap_or_else(|| self.algebra.constant(side.upper))
    }

    /// A condition of a file.
    pub fn cond(&mut self, file: u32, cond: CondId, side: Side) -> A::Truth {
        if cond == CondId::ALWAYS || cond == CondId::NEVER {
            return self.algebra.constant(cond == CondId::ALWAYS);
        }
        let key = (file, cond, side);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let truth = match self.code.files[file as usize].facts.conds.get(cond) {
            Cond::Not(x) => {
                let x = self.cond(file, x, side.flipped());
                self.algebra.not(x)
            }
            Cond::And(x, y) => {
                let x = self.cond(file, x, side);
                if x == self.algebra.constant(false) {
                    return x;
                }
                let y = self.cond(file, y, side);
                self.algebra.and(x, y)
            }
            Cond::Or(x, y) => {
                let (x, y) = (self.cond(file, x, side), self.cond(file, y, side));
                self.algebra.or(x, y)
            }
            atom => self.atom(atom, side),
        };
        self.known.insert(key, truth);
        truth
    }

    /// When an item of a file is there: no other architecture sees the folder of its own in `arch/`.
    pub fn there(&mut self, file: u32, cond: CondId, side: Side) -> A::Truth {
        let own = self.folder(file);
        if own == self.algebra.constant(false) {
            return own;
        }
        let cond = self.cond(file, cond, side);
        self.algebra.and(own, cond)
    }

    /// Whether the architecture is one that uses the folder of a file.
    pub fn folder(&mut self, file: u32) -> A::Truth {
        let Some(architecture) = self.code.files[file as usize].architecture else {
            return self.algebra.constant(true);
        };
        let own = self.algebra.arch(architecture);
        // User mode Linux is built with the headers of the machine that it runs on.
        let user_mode = self.algebra.arch(Name::new("um"));
        match architecture.as_str() == "x86" {
            true => self.algebra.or(own, user_mode),
            false => own,
        }
    }

    /// Whether some call of a name can yield a value of a class.
    fn yields(&mut self, name: Name, class: Class, side: Side) -> A::Truth {
        let asked = (name, Asked::Yields(class), side);
        self.over(asked, |item| item.value.class(class))
    }

    fn keeps(&mut self, name: Name, at: u8, side: Side) -> A::Truth {
        self.over((name, Asked::Keeps(at), side), |item| match item.sort {
            Sort::Macro | Sort::Static if !item.keeps.is_empty() => {
                let last = item.keeps.last().copied().unwrap_or(CondId::ALWAYS);
                item.keeps.get(usize::from(at)).copied().unwrap_or(last)
            }
            _ => CondId::ALWAYS,
        })
    }

    /// Over all that a name may be here, whether it is there and this holds of it.
    fn over(&mut self, asked: (Name, Asked, Side), part: impl Fn(&Item) -> CondId) -> A::Truth {
        if let Some(known) = self.asked.get(&asked) {
            return *known;
        }
        let (name, _, side) = asked;
        let yes = self.algebra.constant(true);
        let seen = self.seen(name);
        let items = seen
            .iter()
            .filter_map(|id| Some((id.file, self.code.item(*id)?)));
        let items: Vec<(u32, &Item)> = items.collect();
        if items.is_empty() && self.code.may_be_pasted(name) {
            return self.algebra.constant(side.upper);
        }
        let is_plain =
            |(_, it): &(u32, &Item)| part(it) == CondId::ALWAYS && it.sort != Sort::Macro;
        if items.iter().all(is_plain) || self.depth > MAX_DEPTH {
            return yes;
        }
        self.asked.insert(asked, yes);
        self.depth += 1;
        // Where none of them is there, it is a variable, or nothing that was read.
        let (mut all, mut none) = (self.algebra.constant(false), yes);
        for (file, item) in items {
            let absent = self.there(file, item.cond, side.flipped());
            let absent = self.algebra.not(absent);
            none = self.algebra.and(none, absent);
            let there = self.there(file, item.cond, side);
            if there == self.algebra.constant(false) {
                continue;
            }
            let holds = self.cond(file, part(item), side);
            let both = self.algebra.and(there, holds);
            all = self.algebra.or(all, both);
        }
        let all = self.algebra.or(all, none);
        self.depth -= 1;
        self.asked.insert(asked, all);
        all
    }

    /// When what stands in an item of the file is reached.
    pub fn entry(&mut self, item: u32, modular: bool) -> A::Truth {
        let yes = self.algebra.constant(true);
        if item == NO_ITEM {
            return yes;
        }
        if let Some(known) = self.entries.get(&(item, modular)) {
            return *known;
        }
        let code = self.code;
        let facts = &code.files[self.file as usize].facts;
        let own = &facts.items[item as usize];
        let there = self.cond(self.file, own.cond, Side::caller(modular));
        if !matches!(own.sort, Sort::Static | Sort::StaticVariable | Sort::Macro) {
            self.entries.insert((item, modular), there);
            return there;
        }
        // A circle of functions that nobody else calls is not reached.
        let no = self.algebra.constant(false);
        self.entries.insert((item, modular), no);
        let users: &'v [u32] = self.own.users.get(&own.name).map_or(&[], Vec::as_slice);
        let mut reached = no;
        for at in users {
            let it = facts.uses[*at as usize];
            if it.within == item {
                continue;
            }
            let by = match it.within {
                NO_ITEM => yes,
                within => self.entry(within, modular),
            };
            if by == no {
                continue;
            }
            let here = self.cond(self.file, it.cond, Side::caller(modular));
            let both = self.algebra.and(by, here);
            reached = self.algebra.or(reached, both);
        }
        let truth = self.algebra.and(there, reached);
        self.entries.insert((item, modular), truth);
        truth
    }
}
