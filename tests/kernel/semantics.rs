// SPDX-License-Identifier: MIT OR Apache-2.0
//! The numbered points of the semantics, 10 to 26, each as small trees with what conf makes of
//! one configuration of them. conf judges the expectations; evaluator and theory are then
//! compared with conf on all other configurations of the same tree.
//!
//! A case begins with the number of its point. `A != y` of a bool (21) is not asked of 6.12, which
//! computes something else there.

use std::collections::BTreeSet;
use std::sync::Arc;

use kconfig_lint::tree::ChoiceForm;

use crate::driver::Reading;
use crate::judge::{Judge, Mode, Outcome, SymbolKey};
use crate::library::Library;
use crate::small_trees::mention;
use crate::trees::{Environment, all_linux, latest};
use crate::trial::Trial;

/// Which kconfigs a case is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum For {
    All,
    New,
    Old,
    /// Only the newest kernel's: what came with 7.0.
    Newest,
}

struct Case {
    /// Number of the point, and what it says.
    point: &'static str,
    form: For,
    tree: &'static str,
    /// Lines of a `.config`, without `CONFIG_`; separated by spaces. `NAME=` is not set.
    given: &'static str,
    /// Values that follow.
    values: &'static str,
    /// Symbols that are selected above their dependencies, with the level of these, and all
    /// active selectors with theirs: `T n A y B m`.
    unmet: &'static str,
}

const fn case(
    point: &'static str,
    form: For,
    tree: &'static str,
    given: &'static str,
    values: &'static str,
    unmet: &'static str,
) -> Case {
    Case {
        point,
        form,
        tree,
        given,
        values,
        unmet,
    }
}

/// See `kconfig` for the notation.
const CASES: &[Case] = &[
    case(
        "10 m counts as y in the dependency and visibility of a bool",
        For::All,
        "#MODULES bool p;modules #A tristate p #B bool p;depends on A",
        "MODULES=y A=m B=y",
        "A=m B=y",
        "",
    ),
    case(
        "10 a bool whose dependency is m may be selected",
        For::All,
        "#MODULES bool p;modules #A tristate p #B bool;depends on A #S bool p;select B",
        "MODULES=y A=m S=y",
        "B=y",
        "",
    ),
    case(
        "10 m counts as y where modules are off",
        For::All,
        "#MODULES bool p;modules #A tristate p #B tristate p;depends on A",
        "MODULES= A=m B=m",
        "A=y B=y",
        "",
    ),
    case(
        "11 a symbol is visible where one of its prompts is",
        For::All,
        "#X bool p #Y bool p #A bool;prompt \"p\" if X #A prompt \"q\" if Y",
        "X= Y=y A=y",
        "A=y",
        "",
    ),
    case(
        "12 a user value ends at the visibility",
        For::All,
        "#MODULES bool p;modules #X tristate p #A tristate p if X;default n",
        "MODULES=y X=m A=y",
        "A=m",
        "",
    ),
    case(
        "12 m of a bool is no value, so the default counts",
        For::All,
        "#MODULES bool p;modules #A bool p #B bool p;default y",
        "MODULES=y A=m B=m",
        "A=n B=y",
        "",
    ),
    case(
        "12 a default does not end at the visibility",
        For::All,
        "#MODULES bool p;modules #X tristate p #A tristate p if X;default y",
        "MODULES=y X=m",
        "A=y",
        "",
    ),
    case(
        "13 the first default that counts wins, even with n",
        For::All,
        "#X bool p #A bool;default n if X;default y",
        "X=y",
        "A=n",
        "",
    ),
    case(
        "13 a default is no more than its condition",
        For::All,
        "#MODULES bool p;modules #X tristate p #A tristate;default y if X",
        "MODULES=y X=m",
        "A=m",
        "",
    ),
    case(
        "14 an implied value ends at the dependency, and the default with it",
        For::All,
        "#MODULES bool p;modules #D tristate p #I bool p;imply A \
         #A tristate;depends on D #A default y",
        "MODULES=y D=m I=y",
        "A=m",
        "",
    ),
    case(
        "14 without an implied value the default does not end there",
        For::All,
        "#MODULES bool p;modules #D tristate p #I bool p;imply A \
         #A tristate;depends on D #A default y",
        "MODULES=y D=m I=",
        "A=y",
        "",
    ),
    case(
        "15 a select wins over the user, and m is y for a bool",
        For::All,
        "#MODULES bool p;modules #S tristate p;select A;select B #A tristate p #B bool",
        "MODULES=y S=m A=",
        "A=m B=y",
        "",
    ),
    case(
        "16 what is not visible is not the user's",
        For::All,
        "#X bool p #A bool #B bool p;depends on X",
        "X= A=y B=y",
        "A=n B=n",
        "",
    ),
    case(
        "10 a dependency with a condition counts where the condition is on",
        For::Newest,
        "#X bool p #Y bool p #A bool p;depends on X if Y #B bool p;depends on X if !Y",
        "X= Y=y A=y B=y",
        "A=n B=y",
        "",
    ),
    case(
        "10 a condition of m counts",
        For::Newest,
        "#MODULES bool p;modules #X tristate p #Y tristate p #A tristate p;depends on X if Y",
        "MODULES=y X= Y=m A=y",
        "A=n",
        "",
    ),
    case(
        "10 a condition is compared with n and has no m itself",
        For::Newest,
        "#MODULES bool p;modules #X tristate p #Y tristate p #A tristate p;depends on X if !Y",
        "MODULES=y X= Y=m A=y",
        "A=y",
        "",
    ),
    case(
        "10 !m of a condition is m != n, which holds: the dependency never counts",
        For::Newest,
        "#MODULES bool p;modules #X bool p #A tristate p;depends on X if !m",
        "MODULES=y X= A=y",
        "A=y",
        "",
    ),
    case(
        "10 m of a condition does not hang on modules",
        For::Newest,
        "#MODULES bool p;modules #X bool p #A bool p;depends on X if m",
        "MODULES= X= A=y",
        "A=n",
        "",
    ),
    case(
        "18 a select misses a dependency with a condition",
        For::Newest,
        "#X bool p #Y bool p #S bool p;select T #T bool;depends on X if Y",
        "X= Y=y S=y",
        "T=y",
        "T n S y",
    ),
    case(
        "18 a select meets it where the condition is off",
        For::Newest,
        "#X bool p #Y bool p #S bool p;select T #T bool;depends on X if Y",
        "X= Y= S=y",
        "T=y",
        "",
    ),
    case(
        "16 a transitional symbol is the user's without a prompt",
        For::Newest,
        "#T bool;transitional #A bool p;default T",
        "T=y",
        "T=y A=y",
        "",
    ),
    case(
        "16 a select of a transitional symbol has no effect",
        For::Newest,
        "#T bool;transitional #S bool p;select T #A bool;default T",
        "S=y",
        "T=n A=n",
        "",
    ),
    case(
        "16 an imply of a transitional symbol has no effect",
        For::Newest,
        "#MODULES bool p;modules #T tristate;transitional #S bool p;imply T #A tristate;default T",
        "MODULES=y S=y T=m",
        "T=m A=m",
        "",
    ),
    case(
        "17 without a symbol for modules they are off",
        For::All,
        "#A tristate p #B bool;default y if m",
        "A=m",
        "A=y B=n",
        "",
    ),
    case(
        "17 BROKEN is off because nothing sets it",
        For::All,
        "#BROKEN bool #A bool p;depends on BROKEN",
        "BROKEN=y A=y",
        "BROKEN=n A=n",
        "",
    ),
    case(
        "18 all active selectors are listed, innocent ones too",
        For::All,
        "#MODULES bool p;modules #D tristate p #A tristate p;depends on m;select T \
         #B tristate p;select T #T tristate;depends on D",
        "MODULES=y D=m A=m B=y",
        "T=y",
        "T m A m B y",
    ),
    case(
        "18 a selector whose own dependencies are off selects nothing",
        For::All,
        "#D bool p #X bool p;select A #A bool;depends on D;select T #T bool;depends on D",
        "D= X=y",
        "A=y T=n",
        "A n X y",
    ),
    case(
        "18 a bool that is y where its dependency is m selects at m",
        For::All,
        "#MODULES bool p;modules #D tristate p #A bool p;depends on D;select T #T tristate",
        "MODULES=y D=m A=y",
        "A=y T=m",
        "",
    ),
    case(
        "18 off without promotion is off",
        For::All,
        "#D bool p #A bool p;select T #T tristate;depends on D",
        "D= A=y",
        "T=y",
        "T n A y",
    ),
    case(
        "19 a select of a choice member has no effect",
        For::All,
        "#D bool p #S bool p;select B @choice;prompt \"c\" #A bool p #B bool p;depends on D /",
        "D= S=y",
        "A=y B=n",
        "",
    ),
    case(
        "19 undefined names, numbers and texts are never unmet",
        For::All,
        "#D bool p #S bool p;select UND;select I;select T #I int;depends on D \
         #T string;depends on D",
        "D= S=y",
        "S=y",
        "",
    ),
    case(
        "20 bool and tristate are numbers",
        For::All,
        "#F bool p #A bool;default F >= m #B bool;default F = m #C bool;default F > n",
        "F=y",
        "A=y B=n C=y",
        "",
    ),
    case(
        "20 constants have their own base, numbers that of their type",
        For::All,
        "#I int;default 8 #H hex;default 0x10 #A bool;default \"010\" = I #B bool;default H = 16 \
         #C bool;default 0x8 = I #X hex;default 10 #E bool;default X = 16",
        "",
        "A=y B=y C=y E=y",
        "",
    ),
    case(
        "20 two strings are compared by their bytes",
        For::All,
        "#S string;default \"10\" #T string;default \"010\" #A bool;default S = T \
         #B bool;default S > T #C bool;default S = 10",
        "",
        "A=n B=y C=y",
        "",
    ),
    case(
        "20 what is no number is compared by its bytes",
        For::All,
        "#S string;default \"abc\" #I int;default 5 #A bool;default S < \"abd\" \
         #B bool;default S > I",
        "",
        "A=y B=y",
        "",
    ),
    case(
        "20 a hexadecimal number makes the comparison unsigned",
        For::All,
        "#I int;default -1 #H hex;default 0x10 #A bool;default I > H",
        "",
        "A=y",
        "",
    ),
    case(
        "21 a bool that is not y",
        For::Old,
        "#A bool p #B bool p;depends on A != y",
        "A= B=y",
        "B=y",
        "",
    ),
    case(
        "22 an undefined name is n, and compares as itself",
        For::All,
        "#A bool;default UND #B bool;default UND != n #C bool;default UND = n \
         #D bool;default UND = \"UND\" #E bool;default !UND",
        "",
        "A=n B=y C=n D=y E=y",
        "",
    ),
    case(
        "23 numbers and texts are n as operands",
        For::All,
        "#I int;default 5 #S string;default \"y\" #A bool;default y if I #B bool;default !S",
        "",
        "A=n B=y",
        "",
    ),
    case(
        "23 a default ends at the first range that counts",
        For::All,
        "#X bool p #I int;default 9;range 1 5 if X;range 0 7",
        "X=",
        "I=7",
        "",
    ),
    case(
        "23 a user value outside of the range ends at the range",
        For::New,
        "#I int p;default 3;range 1 5",
        "I=7",
        "I=5",
        "",
    ),
    case(
        "23 a user value outside of the range is forgotten",
        For::Old,
        "#I int p;default 3;range 1 5",
        "I=7",
        "I=3",
        "",
    ),
    case(
        "23 where nothing lies in the range, a small number becomes its lower bound",
        For::New,
        "#N int p #I int p;range 0 N;default 4 #A bool p;depends on I = 0",
        "N=-2 I=-3 A=y",
        "I=0 A=y",
        "",
    ),
    case(
        "23 where nothing lies in the range, the lower bound itself becomes the upper one",
        For::New,
        "#N int p #I int p;range 0 N;default 4 #A bool p;depends on I = 0",
        "N=-2 I=0 A=y",
        "I=-2 A=n",
        "",
    ),
    case(
        "23 where nothing lies in the range, the default alone counts",
        For::Old,
        "#N int p #I int p;range 0 N;default 4 #A bool p;depends on I = 0",
        "N=-2 I=0 A=y",
        "I=-2 A=n",
        "",
    ),
    case(
        "23 without a default a number is 0",
        For::New,
        "#I int #H hex #A bool;default I = 0 #B bool;default H = 0",
        "",
        "I=0 H=0x0 A=y B=y",
        "",
    ),
    case(
        "23 without a default a number is nothing",
        For::Old,
        "#I int #H hex #A bool;default I = 0",
        "",
        "I= H= A=n",
        "",
    ),
    case(
        "23 a symbol bounds a range",
        For::All,
        "#L int p;range 0 9 #I int;default 1;range L 9",
        "L=4",
        "I=4",
        "",
    ),
    case(
        "24 a member can be set while the prompt of its choice is off",
        For::New,
        "#P bool p @choice;prompt \"c\" if P #A bool p #B bool p /",
        "P= B=y",
        "A=n B=y",
        "",
    ),
    case(
        "24 members have the dependencies of their choice",
        For::New,
        "#P bool p @choice;prompt \"c\";depends on P #A bool p #B bool p /",
        "P= B=y",
        "A=n B=n",
        "",
    ),
    case(
        "24 exactly one of the visible members is y",
        For::New,
        "#P bool p @choice;prompt \"c\" #A bool p #B bool p if P #C bool p /",
        "P= A= B=y C=",
        "A=y B=n C=n",
        "",
    ),
    case(
        "25 members depend on their choice, and so on its prompt",
        For::Old,
        "#P bool p @choice;prompt \"c\" if P #A bool p #B bool p /",
        "P= A= B=y",
        "A=n B=n",
        "",
    ),
    case(
        "25 a visible choice is forced",
        For::Old,
        "@choice;prompt \"c\" #A bool p #B bool p /",
        "A= B=",
        "A=y B=n",
        "",
    ),
    case(
        "25 an optional choice is not",
        For::Old,
        "@choice;prompt \"c\";optional #A bool p #B bool p /",
        "A= B=",
        "A=n B=n",
        "",
    ),
    case(
        "25 a choice at m has any number of members at m",
        For::Old,
        "#MODULES bool p;modules @choice;tristate;prompt \"c\" #A tristate p #B tristate p /",
        "MODULES=y A=m B=m",
        "A=m B=m",
        "",
    ),
    case(
        "25 members visible at m are invisible while the choice is y",
        For::Old,
        "#MODULES bool p;modules #X tristate p \
         @choice;tristate;prompt \"c\" #A tristate p if X #B tristate p /",
        "MODULES=y X=m A=y B=",
        "A=n B=y",
        "",
    ),
    case(
        "25 a choice of members that are all visible at m only is n instead of y",
        For::Old,
        "#MODULES bool p;modules #X tristate p \
         @choice CHOSEN;tristate;prompt \"c\" #A tristate p if X #B tristate p if X / \
         #Z bool;default CHOSEN",
        "MODULES=y X=m A=y B=",
        "A=n B=n Z=n",
        "",
    ),
    case(
        "25 at m a member's own default counts, visible or not",
        For::Old,
        "#MODULES bool p;modules #X bool p \
         @choice;tristate;prompt \"c\" #A tristate p if X;default y #B tristate p /",
        "MODULES=y X= A= B=m",
        "A=m B=m",
        "",
    ),
    case(
        "25 a bool member of a tristate choice needs the choice at y",
        For::Old,
        "#MODULES bool p;modules @choice;tristate;prompt \"c\" #A bool p #B tristate p /",
        "MODULES=y A= B=m",
        "A=n B=m",
        "",
    ),
    case(
        "25 a member that depends on its sibling leaves the choice",
        For::Old,
        "@choice;prompt \"c\" #A bool p #B bool p;depends on A #C bool p /",
        "A=y B=y C=",
        "A=y B=y C=n",
        "",
    ),
    case(
        "26 the tree tells the form of its choices: new",
        For::New,
        "#P bool p @choice;prompt \"c\" if P #A bool p /",
        "P=",
        "A=y",
        "",
    ),
    case(
        "26 the tree tells the form of its choices: old",
        For::Old,
        "#P bool p @choice;prompt \"c\" if P #A bool p /",
        "P=",
        "A=n",
        "",
    ),
];

#[test]
fn each_point_of_the_semantics_is_as_conf_says() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for tree in all_linux().into_iter().chain([latest()]) {
        let library = Library::new(&tree);
        let behaviour = library.project.behaviour;
        let is_for = |form| match form {
            For::All => true,
            For::New => behaviour.choices == ChoiceForm::New,
            For::Old => behaviour.choices == ChoiceForm::Old,
            For::Newest => behaviour.conditional_depends,
        };
        assert_eq!(is_for(For::Newest), tree.name == latest().name);
        for case in CASES {
            if !is_for(case.form) {
                continue;
            }
            let place = format!("{}: {}", tree.name, case.point);
            let text = kconfig(case.tree);
            let reading = Reading::folder(&tree, folder.path()).with("Kconfig", &text);
            let judge = Judge::new(&reading);
            let mut judge = judge.unwrap_or_else(|failed| panic!("{place}: {failed:?}\n{text}"));
            let outcome = judge.ask(Mode::Old, &config(&judge, case.given)).unwrap();
            let values = judge.by_name(&outcome);
            for pair in case.values.split(' ').filter(|pair| !pair.is_empty()) {
                let (name, value) = pair.split_once('=').expect("NAME=VALUE");
                assert_eq!(values[name], value, "{place}: {name}\n{text}");
            }
            assert_eq!(unmet(&outcome), case.unmet, "{place}\n{text}");
            let mut model = library.small(&text).model(&Environment::new(), &[]);
            mention(&mut model);
            assert!(model.cycles().is_empty(), "{place}\n{text}");
            let model = Arc::new(model);
            let verdict = Trial::new(&reading, &model, 0).run();
            assert_eq!(verdict.differences, [""; 0], "{place}\n{text}");
            assert!(verdict.complete, "{place}\n{text}");
        }
    }
}

#[test]
fn each_point_has_a_case() {
    let points: BTreeSet<u32> = CASES
        .iter()
        .filter_map(|case| case.point.split(' ').next()?.parse().ok())
        .collect();
    assert_eq!(points, (10..=26).collect());
}

/// The file that a case describes: `#` begins a symbol, `@` a choice, `/` ends it, `;` begins
/// an attribute; ` p` after a type is a prompt.
fn kconfig(tree: &str) -> String {
    let mut text = String::new();
    for line in tree
        .replace(" #", "\n#")
        .replace(" @", "\n@")
        .replace(" /", "\n/")
        .lines()
    {
        let Some(statement) = line.strip_prefix(['#', '@']) else {
            text += "endchoice\n\n";
            continue;
        };
        let mut parts = statement.split(';');
        let head = parts.next().expect("a statement");
        if line.starts_with('@') {
            text += &format!("{head}\n");
        } else {
            let (name, first) = head.split_once(' ').expect("a name and an attribute");
            text += &format!("config {name}\n{}", attribute(first));
        }
        parts.for_each(|part| text += &attribute(part));
        text.push('\n');
    }
    text
}

fn attribute(words: &str) -> String {
    let typed = words.split_once(' ').filter(|(ty, rest)| {
        let is_type = ["bool", "tristate", "int", "hex", "string"].contains(ty);
        is_type && (*rest == "p" || rest.starts_with("p if "))
    });
    match typed {
        Some((ty, rest)) => format!("\t{ty} \"p\"{}\n", &rest[1..]),
        None => format!("\t{words}\n"),
    }
}

/// The `.config` that a case describes.
fn config(judge: &Judge, given: &str) -> String {
    let lines = given.split(' ').filter(|pair| !pair.is_empty());
    let lines = lines.map(|pair| {
        let (name, value) = pair.split_once('=').expect("NAME=VALUE");
        let key = SymbolKey::Name(name.to_owned());
        let known = judge.symbols.iter().find(|(known, _)| *known == key);
        let kind = known.map(|(_, kind)| kind.as_str());
        match kind.unwrap_or_else(|| panic!("no symbol {name}")) {
            "string" => format!("CONFIG_{name}=\"{value}\"\n"),
            _ if value.is_empty() => format!("# CONFIG_{name} is not set\n"),
            _ => format!("CONFIG_{name}={value}\n"),
        }
    });
    lines.collect()
}

/// What conf finds unmet, as a case writes it.
fn unmet(outcome: &Outcome) -> String {
    let name = |key: &SymbolKey| match key {
        SymbolKey::Name(name) => name.clone(),
        SymbolKey::Choice(number) => format!("choice {number}"),
    };
    let all: BTreeSet<String> = outcome
        .unmet
        .iter()
        .map(|unmet| {
            let mut by: Vec<String> = unmet
                .selectors
                .iter()
                .map(|(selector, level)| format!(" {} {level}", name(selector)))
                .collect();
            by.sort();
            format!("{} {}{}", name(&unmet.symbol), unmet.direct, by.concat())
        })
        .collect();
    all.into_iter().collect::<Vec<_>>().join(", ")
}
