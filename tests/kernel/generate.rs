// SPDX-License-Identifier: MIT OR Apache-2.0
//! Random Kconfig texts of a few symbols, in which every construct of the language that has
//! an effect on values occurs often. Owns the shape of the texts; knows nothing of what they
//! mean, except for what keeps conf from refusing nearly all of them: symbols are ordered, and
//! what a symbol hangs on comes before it.

use std::collections::BTreeSet;
use std::fmt::Write;

use kconfig_lint::syntax::Keyword;
use kconfig_lint::tree::{ChoiceForm, Engine, Project};
/// A generated tree.
#[derive(Clone, Debug)]
pub(crate) struct Generated {
    /// The Kconfig file.
    pub(crate) text: String,
    /// What occurs in it.
    pub(crate) constructs: BTreeSet<&'static str>,
}

/// Splitmix64: the same texts on every machine.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x2545_f491_4f6c_dd1d))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// A number below `limit`, which is not 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// True in `percent` of all cases.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of several.
    pub(crate) fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// A tree for the kconfig whose choices have this form; the same for the same seed.
pub(crate) fn generate(seed: u64, form: ChoiceForm) -> Generated {
    Generator::new(seed, form).tree()
}

/// A tree for the kconfig of a project, with what that kconfig knows of newer syntax.
pub(crate) fn generate_for(seed: u64, project: &Project) -> Generated {
    let behaviour = project.behaviour;
    let mut generator = Generator::of(seed, behaviour.choices, behaviour.engine);
    generator.transitional = project.grammar.knows(Keyword::Transitional);
    generator.conditional_depends = project.grammar.conditional_depends;
    generator.option_modules |= !project.grammar.knows(Keyword::Modules);
    // A kconfig from before macros takes them for text.
    generator.asks &= project.macros;
    generator.environment &= project.macros;
    // Parser 2 of esp-idf-kconfig refuses a macro outside of quotes, and takes too long to read a tree anew for each
    // environment.
    let version = std::env::var("KCONFIG_PARSER_VERSION");
    generator.is_parser_2 = generator.is_esp_idf && version.is_ok_and(|version| version == "2");
    generator.asks &= !generator.is_parser_2;
    generator.environment &= !generator.is_parser_2;
    generator.tree()
}

/// The macros of a tree that asks its toolchain.
const MACROS: &str = "\
if-success = $(shell,{ $(1); } >/dev/null 2>&1 && echo \"$(2)\" || echo \"$(3)\")
success = $(if-success,$(1),y,n)
failure = $(if-success,$(1),n,y)

";

impl Generator {
    fn tree(mut self) -> Generated {
        let text = self.text();
        let macros = if text.contains("$(") { MACROS } else { "" };
        Generated {
            text: format!("mainmenu \"small\"\n\n{macros}{text}"),
            constructs: self.constructs,
        }
    }

    fn text(&mut self) -> String {
        let mut items = self.items();
        if self.random.chance(40) {
            for at in (1..items.len()).rev() {
                items.swap(at, self.random.below(at + 1));
            }
        }
        self.blocks(items)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Type {
    Bool,
    Tristate,
    Int,
    Hex,
    String,
}

impl Type {
    fn is_logical(self) -> bool {
        matches!(self, Type::Bool | Type::Tristate)
    }

    fn word(self) -> &'static str {
        match self {
            Type::Bool => "bool",
            Type::Tristate => "tristate",
            Type::Int => "int",
            Type::Hex => "hex",
            Type::String => "string",
        }
    }

    /// Constants of this type that meet each other often.
    fn constants(self) -> &'static [&'static str] {
        match self {
            Type::Int => &["0", "1", "3", "5", "10", "-2"],
            Type::Hex => &["0x0", "0x3", "0x10", "0x5"],
            _ => &["\"\"", "\"a\"", "\"b\"", "\"3\"", "\"y\""],
        }
    }
}

struct Planned {
    name: String,
    ty: Type,
    /// Symbols of one choice have the same number.
    choice: Option<usize>,
    transitional: bool,
}

/// A statement at the top level, and the first symbol that it defines.
struct Item {
    text: String,
    first: usize,
}

struct Generator {
    random: Random,
    form: ChoiceForm,
    symbols: Vec<Planned>,
    modules: Option<usize>,
    /// Whether the toolchain is asked.
    asks: bool,
    /// Whether the environment is asked.
    environment: bool,
    /// Whether some symbols are `transitional`.
    transitional: bool,
    /// Whether `depends on` may have a condition.
    conditional_depends: bool,
    /// Whether MODULES says `option modules`, as it did before Linux 5.0.
    option_modules: bool,
    /// Whether it is for kconfiglib.
    is_kconfiglib: bool,
    /// Whether it is for esp-idf-kconfig.
    is_esp_idf: bool,
    /// Whether it is for that program's parser 2.
    is_parser_2: bool,
    constructs: BTreeSet<&'static str>,
}

impl Generator {
    fn new(seed: u64, form: ChoiceForm) -> Generator {
        Generator::of(seed, form, Engine::Conf)
    }

    fn of(seed: u64, form: ChoiceForm, engine: Engine) -> Generator {
        let is_kconfiglib = engine != Engine::Conf;
        let is_esp_idf = engine == Engine::EspIdf;
        let mut random = Random::new(seed);
        let count = 3 + random.below(6);
        let texts = random.chance(50);
        let mut symbols: Vec<Planned> = (0..count)
            .map(|at| {
                let ty = match random.below(100) {
                    0..=34 => Type::Bool,
                    75..=86 if texts => Type::Int,
                    87..=93 if texts => Type::Hex,
                    94..=99 if texts => Type::String,
                    _ => Type::Tristate,
                };
                Planned {
                    name: format!("S{at}"),
                    ty,
                    transitional: false,
                    choice: None,
                }
            })
            .collect();
        let mut early = Random::new(seed ^ 0x6d);
        // kconfiglib never ends when MODULES depends on a tristate.
        let is_late = early.chance(12) && !is_kconfiglib;
        let modules = (random.chance(70) && !is_esp_idf).then(|| match random.chance(75) {
            _ if is_late => 1 + early.below(count - 1),
            true => 0,
            false => random.below(count),
        });
        if let Some(at) = modules {
            // conf computes what MODULES depends on while it knows of no modules.
            for before in &mut symbols[..=at] {
                if before.ty == Type::Tristate && !is_late {
                    before.ty = Type::Bool;
                }
            }
            symbols[at].ty = match is_late && early.chance(40) {
                true => Type::Tristate,
                false => Type::Bool,
            };
            symbols[at].name = "MODULES".to_owned();
        }
        if random.chance(45) && count >= 3 {
            let size = 2 + random.below(2);
            let start = random.below(count);
            let ty = match form {
                ChoiceForm::Old if random.chance(50) && modules.is_none_or(|at| at < start) => {
                    Type::Tristate
                }
                _ => Type::Bool,
            };
            let range = start..(start + size).min(count);
            for (at, symbol) in symbols.iter_mut().enumerate() {
                if range.contains(&at) && (Some(at) != modules || is_late && early.chance(50)) {
                    symbol.choice = Some(0);
                    // A bool member of a tristate choice is possible in the old form.
                    let mixed = form == ChoiceForm::Old && random.chance(25);
                    // So is a text, which no kernel has; the choice takes its type from the first.
                    let first = at == start || modules == Some(at - 1);
                    let text = form == ChoiceForm::Old
                        && !first
                        && Some(at) != modules
                        && random.chance(4);
                    symbol.ty = match (text, mixed) {
                        (true, _) => *random.pick(&[Type::Int, Type::Hex, Type::String]),
                        (false, true) => Type::Bool,
                        (false, false) => ty,
                    };
                }
            }
        }
        if is_esp_idf {
            let tristates = symbols.iter_mut().filter(|it| it.ty == Type::Tristate);
            tristates.for_each(|it| it.ty = Type::Bool);
        }
        // The third symbol of a choice can be in a choice in it.
        if is_kconfiglib && random.chance(40) {
            let members: Vec<usize> = (0..count)
                .filter(|at| symbols[*at].choice.is_some())
                .collect();
            if let [_, _, last] = members[..] {
                symbols[last].choice = Some(1);
            }
        }
        let mut before = modules.map_or(&[][..], |at| &symbols[..=at]).iter();
        let constructs = match before.any(|it| it.ty == Type::Tristate) {
            true => BTreeSet::from(["MODULES after a tristate"]),
            false => BTreeSet::new(),
        };
        // For each answer kconfiglib is started anew, which takes a hundred times as long as a conf.
        let percent = if is_kconfiglib { 3 } else { 15 };
        let asks = random.chance(percent);
        Generator {
            random,
            form,
            symbols,
            modules,
            asks,
            environment: Random::new(seed ^ 0xe9).chance(percent),
            transitional: false,
            conditional_depends: false,
            option_modules: is_kconfiglib,
            is_kconfiglib,
            is_esp_idf,
            is_parser_2: false,
            constructs,
        }
    }

    fn note(&mut self, construct: &'static str) {
        self.constructs.insert(construct);
    }

    /// The definitions of all symbols, each choice with its members as one item.
    fn items(&mut self) -> Vec<Item> {
        let mut items = Vec::new();
        let mut at = 0;
        while at < self.symbols.len() {
            let end = match self.symbols[at].choice {
                None => at + 1,
                choice => {
                    let rest = &self.symbols[at..];
                    at + rest.iter().take_while(|it| it.choice == choice).count()
                }
            };
            let nested = |it: &Planned| it.choice == Some(1);
            let (end, inner) = match self.symbols.get(end) {
                Some(next) if nested(next) && self.symbols[at].choice == Some(0) => {
                    (end + 1, Some(end))
                }
                _ => (end, None),
            };
            let text = if self.symbols[at].choice.is_some() {
                self.choice(at, inner.unwrap_or(end), inner.map(|inner| (inner, end)))
            } else {
                self.definition(at, true)
            };
            items.push(Item { text, first: at });
            for again in at..end {
                let percent = if self.symbols[again].choice.is_some() {
                    8
                } else {
                    25
                };
                if self.random.chance(percent) {
                    self.note("several definitions");
                    let text = self.definition(again, false);
                    items.push(Item { text, first: at });
                }
            }
            at = end;
        }
        items
    }

    /// Puts some neighbours into `if` and `menu` blocks.
    fn blocks(&mut self, items: Vec<Item>) -> String {
        let mut text = String::new();
        let mut items = items.into_iter().peekable();
        while items.peek().is_some() {
            let count = 1 + self.random.below(3);
            let group: Vec<Item> = items.by_ref().take(count).collect();
            let first = group.iter().map(|item| item.first).min().unwrap_or(0);
            let inner: String = group.into_iter().map(|item| item.text).collect();
            let kind = self.random.below(if first == 0 { 400 } else { 100 });
            text += &match kind {
                0..=11 => {
                    self.note("if block");
                    format!("if {}\n\n{inner}endif\n\n", self.expression(first, 1))
                }
                12..=27 => self.menu(first, &inner),
                _ => inner,
            };
        }
        text
    }

    fn menu(&mut self, first: usize, inner: &str) -> String {
        self.note("menu");
        let mut head = "menu \"m\"\n".to_owned();
        let mut depends = String::new();
        if self.random.chance(50) {
            depends = format!("\tdepends on {}\n", self.expression(first, 1));
        }
        if self.random.chance(70) {
            self.note("visible if");
            let visible = format!("\tvisible if {}\n", self.expression(first, 1));
            // zconf.y wants `visible if` first (`menu_entry`).
            match self.option_modules && !self.is_kconfiglib {
                true => head += &visible,
                false => depends += &visible,
            }
        }
        format!("{head}{depends}\n{inner}endmenu\n\n")
    }

    fn choice(&mut self, start: usize, end: usize, inner: Option<(usize, usize)>) -> String {
        let old = self.form == ChoiceForm::Old;
        self.note(if old {
            "choice, old form"
        } else {
            "choice, new form"
        });
        let named = old && self.symbols[start].choice == Some(0) && self.random.chance(30);
        let mut text = if named && self.is_kconfiglib && self.random.chance(50) {
            self.note("choice with a name in quotes");
            "choice \"The choice\"\n".to_owned()
        } else if named {
            self.note("named choice");
            "choice CHOSEN\n".to_owned()
        } else {
            "choice\n".to_owned()
        };
        // Without a type it could take that of a text.
        let texts = self.symbols[start..end]
            .iter()
            .any(|it| !it.ty.is_logical());
        if texts {
            self.note("number or string in a choice");
        }
        let typed = old && (texts || self.random.chance(70));
        if typed {
            let _ = writeln!(text, "\t{}", self.symbols[start].ty.word());
            if self.symbols[start].ty == Type::Tristate {
                self.note("tristate choice");
            }
        }
        let condition = self.condition(start, 30);
        let condition = self.perhaps_of_itself(condition, end);
        let _ = writeln!(text, "\tprompt \"choice\"{condition}");
        if self.random.chance(35) {
            let _ = writeln!(text, "\tdepends on {}", self.expression(start, 1));
        }
        if old && self.random.chance(30) {
            self.note("optional choice");
            text += "\toptional\n";
        }
        for _ in 0..self.random.below(3) {
            self.note("default of a choice");
            let mut member = start + self.random.below(end - start);
            if self.is_kconfiglib && start > 0 && self.random.chance(6) {
                self.note("default of a choice that is no member");
                member = self.random.below(start);
            }
            let condition = self.condition(start, 50);
            let condition = self.perhaps_of_itself(condition, end);
            let _ = writeln!(text, "\tdefault {}{condition}", self.symbols[member].name);
        }
        text.push('\n');
        for member in start..end {
            let definition = self.definition(member, true);
            // A choice without a type and without a member has a value of its own.
            if self.is_kconfiglib && typed && self.random.chance(6) {
                self.note("menu in a choice");
                let _ = write!(text, "menu \"m\"\n\n{definition}endmenu\n\n");
            } else if self.random.chance(8) {
                self.note("if in a choice");
                let _ = write!(
                    text,
                    "if {}\n\n{definition}endif\n\n",
                    self.expression(start, 1)
                );
            } else {
                text += &definition;
            }
        }
        if let Some((inner, end)) = inner {
            self.note("choice in a choice");
            let choice = self.choice(inner, end, None);
            if self.random.chance(50) {
                let _ = write!(
                    text,
                    "if {}\n\n{choice}endif\n\n",
                    self.expression(inner, 1)
                );
            } else {
                text += &choice;
            }
        }
        text + "endchoice\n\n"
    }

    /// A condition, rarely one of the members of the choice whose condition it is.
    fn perhaps_of_itself(&mut self, condition: String, end: usize) -> String {
        match self.is_kconfiglib && !self.asks_anything() && self.random.below(100) < 2 {
            true => format!(" if {}", self.expression_of(end, 1)),
            false => condition,
        }
    }

    /// One `config` statement. Only a member's first is inside its choice.
    fn definition(&mut self, at: usize, first: bool) -> String {
        let member = self.symbols[at].choice.is_some();
        let old = self.form == ChoiceForm::Old;
        let limit = match self.symbols[at].choice {
            // A member that hangs on a sibling is refused by new kernels. Whether it leaves an
            // old choice must not depend on what the toolchain or the environment says.
            Some(_) if old && first && !self.asks_anything() && self.random.chance(15) => {
                self.note("member that may depend on a sibling");
                at
            }
            choice => self
                .symbols
                .iter()
                .position(|it| choice.is_some() && it.choice == choice)
                .unwrap_or(at),
        };
        let mut text = format!("config {}\n", self.symbols[at].name);
        if self.transitional && first && !member && self.random.chance(30) {
            // It has a type and a help text, and nothing else.
            self.note("transitional");
            self.symbols[at].transitional = true;
            let word = self.symbols[at].ty.word();
            return format!("{text}\t{word}\n\ttransitional\n\n");
        }
        self.type_and_prompt(at, limit, first, &mut text);
        if first && Some(at) == self.modules {
            self.note("MODULES");
            match self.option_modules {
                true => text.push_str("\toption modules\n"),
                false => text.push_str("\tmodules\n"),
            }
        }
        let depends = [45, 35, 30, 20][self.random.below(4)];
        // Nothing comes before the first symbol: a dependency of it is of constants.
        let depends = if limit == 0 { depends / 4 } else { depends };
        while self.random.chance(depends) {
            let depends = self.expression(limit, 2);
            let condition = if self.conditional_depends && self.random.chance(30) {
                self.note("condition of depends on");
                format!(" if {}", self.expression(limit, 2))
            } else {
                String::new()
            };
            let _ = writeln!(text, "\tdepends on {depends}{condition}");
        }
        // New kernels refuse the default of a member.
        if !member || old && self.random.chance(20) {
            self.defaults(at, limit, &mut text);
        }
        if matches!(self.symbols[at].ty, Type::Int | Type::Hex) {
            self.ranges(at, limit, &mut text);
        }
        self.selects(at, limit, &mut text);
        if self.is_esp_idf {
            self.sets(at, limit, &mut text);
        }
        text + "\n"
    }

    /// What ESP-IDF's `set` gives to later symbols.
    fn sets(&mut self, at: usize, limit: usize, text: &mut String) {
        let later: Vec<usize> = (at + 1..self.symbols.len())
            .filter(|it| !self.symbols[*it].ty.is_logical() || self.random.chance(5))
            .collect();
        while !later.is_empty() && self.random.chance(40) {
            let target = *self.random.pick(&later);
            let (word, name) = match self.random.chance(50) {
                true => ("set", "set"),
                false => ("set default", "set default"),
            };
            self.note(name);
            let value = *self.random.pick(self.symbols[target].ty.constants());
            let condition = self.condition(limit, 35);
            let target = &self.symbols[target].name;
            let _ = writeln!(text, "\t{word} {target}={value}{condition}");
        }
    }

    fn type_and_prompt(&mut self, at: usize, limit: usize, first: bool, text: &mut String) {
        let ty = self.symbols[at].ty;
        let member = self.symbols[at].choice.is_some();
        if ty == Type::Tristate {
            self.note("tristate");
        }
        // Where the type is left out, members of an old choice get it from the choice.
        // Parser 2 of esp-idf-kconfig ignores selects of a definition before it knows the type.
        let typed = first || self.random.chance(40) || self.is_parser_2;
        let percent = match (first, member) {
            (true, true) => 100,
            (true, false) if Some(at) == self.modules => 90,
            (true, false) => 75,
            (false, true) if self.form == ChoiceForm::New => 0, // refused
            (false, true) => 10,
            (false, false) => 30,
        };
        let prompted = self.random.chance(percent);
        let split = self.random.chance(30);
        if self.is_kconfiglib && typed && self.random.chance(6) {
            self.note("two types");
            let second = match self.is_esp_idf {
                true => Type::Hex,
                false => Type::Tristate,
            };
            let types = [Type::Bool, second, Type::Int, Type::String];
            let _ = writeln!(text, "\t{}", self.random.pick(&types).word());
        }
        if self.is_kconfiglib && prompted && self.random.chance(8) {
            self.note("two prompts in one statement");
            let condition = self.condition(limit, 50);
            let _ = writeln!(text, "\tprompt \"before\"{condition}");
        }
        let short = ty.is_logical() && !self.is_esp_idf;
        if typed && first && !prompted && short && self.random.chance(15) {
            self.note("def_bool, def_tristate");
            let value = self.expression(limit, 1);
            let condition = self.condition(limit, 40);
            let _ = writeln!(text, "\tdef_{} {value}{condition}", ty.word());
            return;
        }
        let condition = if prompted {
            self.condition(limit, 30)
        } else {
            String::new()
        };
        if prompted && !condition.is_empty() {
            self.note("prompt with a condition");
        }
        match (typed, prompted) {
            (true, true) if !split => {
                let _ = writeln!(text, "\t{} \"p\"{condition}", ty.word());
            }
            _ => {
                if typed {
                    let _ = writeln!(text, "\t{}", ty.word());
                }
                if prompted {
                    let _ = writeln!(text, "\tprompt \"p\"{condition}");
                }
            }
        }
    }

    fn defaults(&mut self, at: usize, limit: usize, text: &mut String) {
        let ty = self.symbols[at].ty;
        for _ in 0..self.random.below(3) {
            self.note("default");
            let value = if !ty.is_logical() && self.is_kconfiglib && self.random.chance(2) {
                self.note("expression as the default of a number or a string");
                format!("{} && y", self.term(limit))
            } else if !ty.is_logical() {
                // Choice members of 6.12 have no text, and conf crashes where it wants one.
                let others: Vec<usize> = (0..limit)
                    .filter(|it| self.symbols[*it].choice.is_none())
                    .collect();
                let same: Vec<usize> = (0..limit)
                    .filter(|it| !self.symbols[*it].ty.is_logical())
                    .collect();
                // conf of 7.3 frees a text twice where a default is that of a transitional symbol.
                let is_safe = |it: &usize| !self.symbols[*it].transitional;
                let others: Vec<usize> = others.into_iter().filter(is_safe).collect();
                let same: Vec<usize> = same.into_iter().filter(is_safe).collect();
                if self.environment && self.random.chance(40) {
                    self.note("variable of the environment as a default");
                    self.variable(ty).to_owned()
                } else if self.asks && self.random.chance(25) {
                    self.note("output of a command as a default");
                    self.command(ty).to_owned()
                } else if !others.is_empty() && self.random.chance(8) {
                    self.note("default from a symbol of another kind");
                    self.symbols[*self.random.pick(&others)].name.clone()
                } else if !same.is_empty() && self.random.chance(25) {
                    self.note("default from another number or string");
                    self.symbols[*self.random.pick(&same)].name.clone()
                } else {
                    (*self.random.pick(ty.constants())).to_owned()
                }
            } else if self.random.chance(25) {
                self.note("default m");
                "m".to_owned()
            } else if self.random.chance(50) {
                "y".to_owned()
            } else {
                self.expression(limit, 1)
            };
            let condition = self.condition(limit, 50);
            let _ = writeln!(text, "\tdefault {value}{condition}");
        }
    }

    fn ranges(&mut self, at: usize, limit: usize, text: &mut String) {
        let of_conditions = limit;
        let ty = self.symbols[at].ty;
        for _ in 0..self.random.below(3) {
            self.note("range");
            let pairs: &[[&str; 2]] = if self.is_kconfiglib && self.random.chance(25) {
                self.note("bounds that Python reads in its own way");
                &[
                    ["010", "\"+11\""],
                    ["0x1", "5"],
                    ["1_0", "11"],
                    ["-2", "0x0A"],
                    ["y", "5"],
                ]
            } else if ty == Type::Int {
                &[["1", "5"], ["0", "10"], ["3", "3"], ["-2", "1"]]
            } else {
                &[["0x0", "0x5"], ["0x3", "0x10"], ["1", "10"]]
            };
            let pair = *self.random.pick(pairs);
            let mut bounds = pair.map(str::to_owned);
            let mut limit = limit;
            if self.is_kconfiglib && !self.asks_anything() && self.random.chance(4) {
                self.note("range bounded by any symbol");
                limit = self.symbols.len();
            }
            let same: Vec<usize> = (0..limit).filter(|it| self.symbols[*it].ty == ty).collect();
            if !same.is_empty() && self.random.chance(30) {
                self.note("range bounded by a symbol");
                let side = self.random.below(2);
                bounds[side] = self.symbols[*self.random.pick(&same)].name.clone();
            }
            if self.asks && self.random.chance(15) {
                self.note("output of a command as a bound");
                bounds[self.random.below(2)] = self.command(ty).to_owned();
            }
            let condition = self.condition(of_conditions, 50);
            let _ = writeln!(text, "\trange {} {}{condition}", bounds[0], bounds[1]);
        }
    }

    fn selects(&mut self, at: usize, limit: usize, text: &mut String) {
        if !self.symbols[at].ty.is_logical() {
            return;
        }
        let own = self.symbols[at].choice;
        let later: Vec<usize> = (at + 1..self.symbols.len())
            .filter(|it| self.symbols[*it].ty.is_logical())
            .filter(|it| own.is_none() || self.symbols[*it].choice != own)
            .collect();
        if later.is_empty() {
            return;
        }
        let implies = if self.is_kconfiglib { 45 } else { 15 };
        for (word, percent) in [("select", 66), ("imply", implies)] {
            while self.random.chance(percent) {
                if self.random.chance(2) {
                    // A name of its own: 6.1 crashes when it prints a cycle through one.
                    self.note("select or imply of an undefined name");
                    let condition = self.condition_of(word, limit);
                    let _ = writeln!(text, "\t{word} NOWHERE{condition}");
                }
                let target = *self.random.pick(&later);
                if self.symbols[target].choice.is_some() && self.random.chance(70) {
                    continue;
                }
                self.note(word);
                let condition = self.condition_of(word, limit);
                let _ = writeln!(text, "\t{word} {}{condition}", self.symbols[target].name);
            }
        }
    }

    /// The condition of a `select` or an `imply`, if any. Parser 2 of esp-idf-kconfig crashes on that of an `imply`.
    fn condition_of(&mut self, word: &str, limit: usize) -> String {
        let condition = self.condition(limit, 35);
        match word == "imply" && self.is_parser_2 {
            true => String::new(),
            false => condition,
        }
    }

    /// ` if …` in `percent` of all cases, else nothing.
    fn condition(&mut self, limit: usize, percent: usize) -> String {
        let percent = if limit == 0 { percent / 4 } else { percent };
        if self.random.chance(percent) {
            format!(" if {}", self.expression(limit, 1))
        } else {
            String::new()
        }
    }

    /// An expression of symbols before `limit`; a rare one of any symbol, to make cycles.
    fn expression(&mut self, limit: usize, depth: usize) -> String {
        // Whether there is a cycle must not depend on what the toolchain or the environment says.
        let limit = if self.random.below(1000) < 4 && !self.asks_anything() {
            self.symbols.len()
        } else {
            limit
        };
        self.expression_of(limit, depth)
    }

    fn expression_of(&mut self, limit: usize, depth: usize) -> String {
        if depth == 0 || self.random.chance(50) {
            return self.term(limit);
        }
        let left = self.expression_of(limit, depth - 1);
        match self.random.below(100) {
            0..=39 => format!("{left} && {}", self.term(limit)),
            40..=84 => format!("({left} || {})", self.expression_of(limit, depth - 1)),
            _ => format!("!({left})"),
        }
    }

    fn term(&mut self, limit: usize) -> String {
        let logical: Vec<usize> = (0..limit)
            .filter(|it| self.symbols[*it].ty.is_logical())
            .collect();
        if self.environment && self.random.chance(25) {
            return self.question_to_environment(limit);
        }
        if self.asks && self.random.chance(15) {
            return self.question(limit);
        }
        match self.random.below(100) {
            0..=61 if !logical.is_empty() => {
                let name = self.symbols[*self.random.pick(&logical)].name.clone();
                if self.random.chance(22) {
                    format!("!{name}")
                } else {
                    name
                }
            }
            // `m` means `m && MODULES`, which has to come before.
            62..=68 if self.knows_m(limit) => {
                self.note("literal m in a condition");
                "m".to_owned()
            }
            69..=70 => (*self.random.pick(&["y", "n"])).to_owned(),
            71..=74 => {
                self.note("undefined name");
                (*self.random.pick(&["UNDEFINED", "!UNDEFINED"])).to_owned()
            }
            75..=76 if self.constructs.contains("named choice") && self.random.chance(50) => {
                // Whatever comes after a named choice may hang on it; what comes before not.
                let choice = self.symbols.iter().rposition(|it| it.choice.is_some());
                if choice.is_some_and(|last| last < limit) {
                    self.note("named choice as an operand");
                    "CHOSEN".to_owned()
                } else {
                    "y".to_owned()
                }
            }
            77..=78 => {
                let texts: Vec<usize> = (0..limit)
                    .filter(|it| !self.symbols[*it].ty.is_logical())
                    .collect();
                if texts.is_empty() {
                    return self.comparison(limit);
                }
                self.note("number or string as a bare operand");
                self.symbols[*self.random.pick(&texts)].name.clone()
            }
            _ => self.comparison(limit),
        }
    }

    fn knows_m(&self, limit: usize) -> bool {
        // For esp-idf-kconfig it is a symbol like any other, which nothing defines.
        self.is_esp_idf || self.modules.is_none_or(|at| at < limit)
    }

    fn asks_anything(&self) -> bool {
        self.asks || self.environment
    }

    /// A variable that holds what a symbol of this type can have, or is unset. It stands in
    /// quotes: conf refuses a bare word that expands to nothing.
    fn variable(&mut self, ty: Type) -> &'static str {
        match ty {
            Type::Int | Type::Hex => "\"$(NUMBER)\"",
            _ => {
                let texts = ["\"$(ENV)\"", "\"$(OTHER)\"", "\"a$(ENV)\""];
                texts[self.random.below(texts.len())]
            }
        }
    }

    /// Something that only the environment knows.
    fn question_to_environment(&mut self, limit: usize) -> String {
        self.note("variable of the environment");
        let name = *self.random.pick(&["ENV", "OTHER"]);
        let constant = *self.random.pick(&["", "a", "3", "y"]);
        let sign = *self.random.pick(&["=", "!="]);
        let order = *self.random.pick(&["=", "<", ">=", "!="]);
        let number = *self.random.pick(&["1", "3", "5"]);
        match self.random.below(12) {
            0..=2 => format!("\"$({name})\" {sign} \"{constant}\""),
            3 => format!("\"a$({name})\" {sign} \"a{constant}\""),
            4 => format!("\"$(ENV)\" {sign} \"$(OTHER)\""),
            // It can be m, which means MODULES too.
            5 if self.knows_m(limit) => format!("\"$({name})\""),
            5..=6 => format!("\"$(NUMBER)\" {order} {number}"),
            7 => format!("$(success,test \"$({name})\" {sign} \"{constant}\")"),
            8 => format!("$(failure,test -z \"$({name})\")"),
            9 => format!("$(if-success,test \"$({name})\" = a,y,n)"),
            // The same text while the variable is unset.
            10 => format!("$(success,one$({name}))"),
            _ => {
                let command = *self.random.pick(&["text", "text$(ENV)", "text$(OTHER)"]);
                format!("\"$(shell,{command})\" = \"a\"")
            }
        }
    }

    /// A command that prints what a symbol of this type can have.
    fn command(&mut self, ty: Type) -> &'static str {
        match ty {
            Type::Int | Type::Hex => "$(shell,number)",
            _ => "\"$(shell,text)\"",
        }
    }

    /// Something that only the toolchain knows.
    fn question(&mut self, limit: usize) -> String {
        self.note("toolchain");
        let test = *self.random.pick(&["one", "two"]);
        match self.random.below(10) {
            0..=3 => format!("$(success,{test})"),
            4..=5 => format!("$(failure,{test})"),
            6 => {
                let logical: Vec<usize> = (0..limit)
                    .filter(|it| self.symbols[*it].ty.is_logical())
                    .collect();
                if logical.is_empty() {
                    return format!("$(if-success,{test},n,y)");
                }
                let name = &self.symbols[*self.random.pick(&logical)].name;
                format!("$(if-success,{test},{name},n)")
            }
            7 => {
                let constant = *self.random.pick(&["a", "3", "y"]);
                format!("\"$(shell,text)\" = \"{constant}\"")
            }
            _ => {
                let sign = *self.random.pick(&["=", "<", ">="]);
                let constant = *self.random.pick(&["1", "3", "5"]);
                format!("$(shell,number) {sign} {constant}")
            }
        }
    }

    fn comparison(&mut self, limit: usize) -> String {
        self.note("comparison");
        let sign = *self
            .random
            .pick(&["=", "!=", "=", "!=", "<", "<=", ">", ">="]);
        let letters = ["y", "m", "n"];
        let texts: Vec<usize> = (0..limit)
            .filter(|it| !self.symbols[*it].ty.is_logical())
            .collect();
        let at = match (limit, texts.is_empty()) {
            (0, _) => None,
            (_, false) if self.random.chance(65) => Some(*self.random.pick(&texts)),
            _ if self.random.chance(92) => Some(self.random.below(limit)),
            _ => None,
        };
        let Some(at) = at else {
            self.note("undefined name");
            let right = *self
                .random
                .pick(&["n", "y", "UNDEFINED", "\"UNDEFINED\"", "3", "m"]);
            return format!("UNDEFINED {sign} {right}");
        };
        let (name, ty) = (self.symbols[at].name.clone(), self.symbols[at].ty);
        if self.random.chance(20) {
            self.note("comparison of two symbols");
            let other = self.symbols[self.random.below(limit)].name.clone();
            return format!("{name} {sign} {other}");
        }
        if self.is_kconfiglib && self.random.chance(20) {
            self.note("constants that Python reads in its own way");
            let all = [
                "010", "0x10", "2", "\"1\"", "yes", "00", "1_0", "0o3", "0b11", "\"\"", "\"y\"",
            ];
            return format!("{name} {sign} {}", self.random.pick(&all));
        }
        if ty.is_logical() {
            let letter = *self.random.pick(&letters);
            // semantics.md 21: what 6.12 gets wrong.
            let wrong = ty == Type::Bool && sign == "!=" && letter == "y";
            if wrong && self.form == ChoiceForm::New {
                return format!("{name} = {letter}");
            }
            return format!("{name} {sign} {letter}");
        }
        let constant = *self.random.pick(ty.constants());
        if self.random.chance(15) {
            format!("{constant} {sign} {name}")
        } else {
            format!("{name} {sign} {constant}")
        }
    }
}
