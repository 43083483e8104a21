// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which objects Kbuild builds, under which condition, and whether they go into the kernel or into a
//! module. This follows scripts/Makefile.build and scripts/Makefile.lib.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::cond::{Cond, CondId, Conds};
use super::make::{Make, normal};
use crate::source::{Name, Reader};

/// When an object is built.
#[derive(Clone, Debug)]
pub struct Built {
    /// It is linked into the kernel.
    pub yes: CondId,
    /// It is part of a module.
    pub module: CondId,
    /// The option that its Makefile names last on the way to it.
    pub option: Option<Name>,
}

/// The objects of a tree.
#[derive(Default)]
pub struct Objects {
    /// Conditions of all of them.
    pub conds: Conds,
    /// By the path of the object, without `.o`.
    pub built: BTreeMap<String, Built>,
}

/// Folders in folders.
const MAX_DEPTH: usize = 40;

/// Reads the Makefiles of a tree with these folders of `arch/`.
pub fn objects(reader: &dyn Reader, architectures: &[String]) -> Objects {
    let mut walk = Walk {
        reader,
        architectures,
        found: Objects::default(),
        seen: FxHashMap::default(),
        depth: 0,
    };
    let always = Entered {
        yes: CondId::ALWAYS,
        module: CondId::NEVER,
        option: None,
    };
    walk.root(always);
    walk.found
}

/// How a folder is entered.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Entered {
    yes: CondId,
    module: CondId,
    option: Option<Name>,
}

struct Walk<'a> {
    reader: &'a dyn Reader,
    architectures: &'a [String],
    found: Objects,
    seen: FxHashMap<(String, Entered), ()>,
    depth: usize,
}

/// A word of `obj-y` or `obj-m`.
struct Goal {
    word: String,
    cond: CondId,
    is_module: bool,
}

impl Walk<'_> {
    fn root(&mut self, entered: Entered) {
        self.folder("", entered);
        for architecture in self.architectures {
            let path = format!("arch/{architecture}/Makefile");
            let arch = self.found.conds.atom(Cond::Arch(Name::new(architecture)));
            for file in ["Makefile", &path] {
                self.lists(file, arch, entered);
            }
        }
        if self.architectures.is_empty() {
            self.lists("Makefile", CondId::ALWAYS, entered);
        }
    }

    /// `core-y`, `drivers-y`, `libs-y` of a top Makefile.
    fn lists(&mut self, path: &str, cond: CondId, entered: Entered) {
        let mut make = Make::new(self.reader, &mut self.found.conds, self.architectures, "");
        if !make.read(path) {
            return;
        }
        let mut words = Vec::new();
        for list in ["core", "drivers", "libs", "net", "virt", "init", "head"] {
            for level in ["y", "m"] {
                let all = make.list(&format!("{list}-{level}"));
                words.extend(all.into_iter().map(|it| (it, level == "m")));
            }
        }
        for ((own, word), is_module) in words {
            let cond = self.found.conds.and(cond, own);
            let Some(word) = word else { continue };
            self.goal(
                "",
                entered,
                &Goal {
                    word,
                    cond,
                    is_module,
                },
                None,
            );
        }
    }

    fn folder(&mut self, folder: &str, entered: Entered) {
        if self.depth > MAX_DEPTH || self.seen.insert((folder.to_owned(), entered), ()).is_some() {
            return;
        }
        self.depth += 1;
        let reader = self.reader;
        let mut conds = std::mem::take(&mut self.found.conds);
        let mut make = Make::new(reader, &mut conds, self.architectures, folder);
        let at = |name: &str| normal(folder, name).unwrap_or_default();
        let is_read = make.read(&at("Kbuild")) || make.read(&at("Makefile"));
        let (mut goals, mut multis) = (Vec::new(), FxHashMap::default());
        if is_read {
            for (list, is_module) in [
                ("obj-y", false),
                ("lib-y", false),
                ("lib-m", false),
                ("obj-m", true),
                ("subdir-y", true),
            ] {
                for (cond, word) in make.list(list) {
                    goals.extend(word.map(|word| Goal {
                        word,
                        cond,
                        is_module,
                    }));
                }
            }
            for goal in &goals {
                if let Some(stem) = goal.word.strip_suffix(".o") {
                    parts(&mut make, stem, goal.is_module, &mut multis);
                }
            }
        }
        self.found.conds = conds;
        for goal in &goals {
            self.goal(folder, entered, goal, Some(&multis));
        }
        self.depth -= 1;
    }

    fn goal(&mut self, folder: &str, entered: Entered, goal: &Goal, multis: Option<&Multis>) {
        let conds = &mut self.found.conds;
        let either = conds.or(entered.yes, entered.module);
        let (yes, module) = match goal.is_module {
            true => (CondId::NEVER, conds.and(either, goal.cond)),
            false => (conds.and(entered.yes, goal.cond), CondId::NEVER),
        };
        let option = conds.symbols(goal.cond).last().copied().or(entered.option);
        if goal.word.ends_with('/') || !goal.word.contains('.') {
            let Some(path) = normal(folder, &goal.word) else {
                return;
            };
            let inside = match goal.is_module {
                true => module,
                false => conds.and(entered.module, goal.cond),
            };
            if yes != CondId::NEVER || inside != CondId::NEVER {
                self.folder(
                    &path,
                    Entered {
                        yes,
                        module: inside,
                        option,
                    },
                );
            }
            return;
        }
        let Some(stem) = goal.word.strip_suffix(".o") else {
            return;
        };
        let Some(path) = normal(folder, stem) else {
            return;
        };
        let own = multis.and_then(|it| it.get(&(stem.to_owned(), goal.is_module)));
        let Some(own) = own else {
            self.object(&path, yes, module, option);
            return;
        };
        for (cond, word) in &own.parts {
            let Some(part) = word.as_ref().and_then(|it| it.strip_suffix(".o")) else {
                continue;
            };
            let conds = &mut self.found.conds;
            let (yes, module) = (conds.and(yes, *cond), conds.and(module, *cond));
            let option = conds.symbols(*cond).last().copied().or(option);
            if let Some(part) = normal(folder, part) {
                self.object(&part, yes, module, option);
            }
        }
        // Without any list it is an object like others.
        let none = self.found.conds.not(own.some);
        let (yes, module) = (
            self.found.conds.and(yes, none),
            self.found.conds.and(module, none),
        );
        if yes != CondId::NEVER || module != CondId::NEVER {
            self.object(&path, yes, module, option);
        }
    }

    fn object(&mut self, path: &str, yes: CondId, module: CondId, option: Option<Name>) {
        let conds = &mut self.found.conds;
        let new = Built {
            yes: CondId::NEVER,
            module: CondId::NEVER,
            option,
        };
        let built = self.found.built.entry(path.to_owned()).or_insert(new);
        built.yes = conds.or(built.yes, yes);
        built.module = conds.or(built.module, module);
        built.option = built.option.or(option);
    }
}

/// The parts of composite objects, by their names and whether they are modules.
type Multis = FxHashMap<(String, bool), Multi>;

/// A composite object.
struct Multi {
    /// Its parts.
    parts: Vec<super::make::Alternative>,
    /// When it is composite at all.
    some: CondId,
}

impl Default for Multi {
    fn default() -> Multi {
        Multi {
            parts: Vec::new(),
            some: CondId::NEVER,
        }
    }
}

fn parts(make: &mut Make<'_>, stem: &str, is_module: bool, multis: &mut Multis) {
    let key = (stem.to_owned(), is_module);
    if multis.contains_key(&key) {
        return;
    }
    // A list of what is off makes an object composite, too.
    let lists: &[&str] = match is_module {
        true => &["objs", "y", "m", ""],
        false => &["objs", "y", ""],
    };
    let mut multi = Multi::default();
    for list in lists {
        for (cond, word) in make.list(&format!("{stem}-{list}")) {
            multi.some = make.conds.or(multi.some, cond);
            if !list.is_empty() {
                multi.parts.push((cond, word));
            }
        }
    }
    if multi.some != CondId::NEVER {
        multis.insert(key, multi);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Overlay, WorkTree};
    use std::sync::Arc;

    /// What is y and what is m in a configuration: `path y`, `path m`, with `?` where it is not known.
    fn built(files: &[(&str, &str)], config: &[(&str, &str)]) -> Vec<String> {
        let mut reader = Overlay::new(Arc::new(WorkTree::new("/nowhere")));
        for (path, text) in files {
            reader = reader.with(path, text.as_bytes());
        }
        let all = objects(&reader, &[]);
        let holds = |cond, upper| holds(&all.conds, cond, config, upper);
        let mut found = Vec::new();
        for (path, own) in &all.built {
            for (level, cond) in [("y", own.yes), ("m", own.module)] {
                match (holds(cond, false), holds(cond, true)) {
                    (true, _) => found.push(format!("{path} {level}")),
                    (false, true) => found.push(format!("{path} {level}?")),
                    _ => {}
                }
            }
        }
        found
    }

    fn holds(conds: &Conds, id: CondId, config: &[(&str, &str)], upper: bool) -> bool {
        let is = |name: Name, value| config.contains(&(name.as_str(), value));
        match conds.get(id) {
            Cond::Always => true,
            Cond::Yes(name) => is(name, "y"),
            Cond::Module(name) => is(name, "m"),
            Cond::Not(x) => !holds(conds, x, config, !upper),
            Cond::And(x, y) => holds(conds, x, config, upper) && holds(conds, y, config, upper),
            Cond::Or(x, y) => holds(conds, x, config, upper) || holds(conds, y, config, upper),
            Cond::Unknown(_) => upper,
            _ => false,
        }
    }

    #[test]
    fn a_folder_that_is_entered_for_modules_links_nothing_into_the_kernel() {
        let files = [
            ("Makefile", "obj-$(CONFIG_D) += d/\nobj-y += e.o\n"),
            ("d/Makefile", "obj-y += a.o\nobj-$(CONFIG_B) += b.o # c.o\n"),
        ];
        assert_eq!(built(&files, &[("D", "m"), ("B", "m")]), ["d/b m", "e y"]);
        let both = ["d/a y", "d/b y", "e y"];
        assert_eq!(built(&files, &[("D", "y"), ("B", "y")]), both);
    }

    #[test]
    fn a_part_that_is_a_module_is_no_part_of_what_is_built_in() {
        let files = [(
            "Makefile",
            "obj-$(CONFIG_F) += f.o\nf-objs := g.o \\\n  h.o\nf-$(CONFIG_P) += p.o\n",
        )];
        assert_eq!(built(&files, &[("F", "y"), ("P", "m")]), ["g y", "h y"]);
        let module = ["g m", "h m", "p m"];
        assert_eq!(built(&files, &[("F", "m"), ("P", "m")]), module);
        let off = [("Makefile", "obj-$(CONFIG_F) += f.o\nf-$(CONFIG_P) := p.o\n")];
        assert!(built(&off, &[("F", "y")]).is_empty());
    }

    #[test]
    fn conditions_variables_and_functions_are_read() {
        let text = "\
list-y := a.o b.o
list-$(CONFIG_C) := c.o
ifeq ($(CONFIG_X),y)
obj-y += x.o
else ifdef CONFIG_Y
obj-y += y.o
else
obj-y += z.o
endif
obj-$(subst m,y,$(CONFIG_M)) += m.o
obj-y += $(filter-out b.o,$(list-y)) $(addprefix sub/,s.o) $(patsubst %.c,%.o,t.c)
obj-$(if $(filter y m,$(CONFIG_I)),y) += i.o
ifneq ($(shell date),)
obj-y += u.o
endif
rule: $(obj)/x
\tobj-y += recipe.o
obj-y := $(obj-y) last.o
";
        let files = [("Makefile", text)];
        let base = ["a y", "last y", "sub/s y", "t y", "u y?"];
        let with = |more: &[&str]| {
            let all = base.iter().chain(more).map(|it| it.to_string());
            let mut all: Vec<String> = all.collect();
            all.sort();
            all
        };
        assert_eq!(built(&files, &[]), with(&["z y"]));
        let config = [("X", "y"), ("Y", "m"), ("M", "m"), ("I", "m")];
        assert_eq!(built(&files, &config), with(&["i y", "m y", "x y"]));
        assert_eq!(built(&files, &[("Y", "m")]), with(&["y y"]));
    }
}
