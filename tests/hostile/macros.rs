// SPDX-License-Identifier: MIT OR Apache-2.0
//! Macros that grow, recurse, or would do something.

use super::{SELECT, Tree, UNMET, lines};

#[test]
fn nothing_is_executed() {
    let tree = Tree::empty();
    let mark = tree.path("mark").display().to_string();
    let text = format!(
        "X := $(shell,touch {mark})\nY = $(shell,touch {mark})\n\
         config A\n\tbool \"$(Y)\"\n\tdefault $(shell,touch {mark}; echo y)\n\
         $(warning-if,$(shell,touch {mark}),boo)\nsource \"$(shell,touch {mark})\"\n{SELECT}"
    );
    let tree = tree.file("Kconfig", text);
    tree.expect(&[UNMET]);
    assert_eq!(tree.check(&[]).exit, Some(1));
    assert!(!tree.path("mark").exists(), "a command ran");
}

#[test]
fn a_macro_that_doubles_itself_is_given_up() {
    let doubled = "xxxxxxxxxxxxxxxxxxxx";
    let at_once = format!("a := {doubled}\n{}", "a := $(a)$(a)\n".repeat(60));
    let plus = format!("a := {doubled}\n{}", "a += $(a)\n".repeat(60));
    let later = format!(
        "a0 = {doubled}\n{}",
        lines(60, |at| format!("a{} = $(a{at})$(a{at})", at + 1))
    );
    for text in [at_once, plus, later] {
        let tree = Tree::new(format!("{text}config A\n\tbool \"$(a)$(a60)\"\n{SELECT}"));
        tree.expect(&[
            "the expansion is too long: it was given up [macro-error]",
            UNMET,
        ]);
    }
}

#[test]
fn recursion_is_an_error_at_its_place() {
    let text = "a = $(b)\nb = $(c)\nc = $(a)\nf = $(f,$(1)$(1))\nconfig A\n\tbool \"$(a)\"\nconfig B\n\tbool \"$(f,x)\"\n";
    let tree = Tree::new(format!("{text}{SELECT}"));
    tree.expect_only(&[
        "Kconfig:6:7: error: recursive variable",
        "Kconfig:8:7: error:",
        UNMET,
    ]);
}

#[test]
fn references_may_nest_as_deep_as_a_line_is_long() {
    let many = 50_000;
    let prompts = [
        "$(".repeat(many),
        "$(x,".repeat(many) + &")".repeat(many),
        "$(f,".repeat(many) + "x" + &")".repeat(many),
        "$(shell,".repeat(many) + "x" + &")".repeat(many),
        "$(".repeat(many) + "x" + &")".repeat(many),
    ];
    for prompt in prompts {
        let text = format!("f = $(1)\nconfig A\n\tbool \"{prompt}\"\n{SELECT}");
        let findings = Tree::new(text).expect(&["[macro-error]", UNMET]);
        let longest = findings.iter().map(String::len).max().unwrap_or(0);
        assert!(longest < 1000, "a message of {longest} bytes");
    }
}

#[test]
fn an_error_that_always_fires_is_told() {
    let tree = Tree::new(format!("$(error-if,y,no way)\n{SELECT}"));
    tree.expect(&["Kconfig:1:1: error: no way [macro-error]"]);
}

#[test]
fn a_word_of_many_answers() {
    let success = "success = $(shell,{ $(1); } >/dev/null 2>&1 && echo y || echo n)\n";
    let many = 40;
    let join = |piece: &dyn Fn(usize) -> String| (0..many).map(piece).collect::<String>();
    let tests = join(&|at| format!("$(success,t{at})"));
    let commands = join(&|at| format!("$(shell,c{at})"));
    let known = join(&|at| format!("config D{at}\n\tdef_bool \"$(shell,c{at})\" = \"y\"\n"));
    let all_on = "y".repeat(many);
    for word in [tests, commands] {
        for relation in ["=", "!="] {
            let user = format!(
                "config W\n\tstring\n\tdefault \"{word}\"\nconfig U\n\tbool \"u\"\n\
                 \tdepends on W {relation} \"{all_on}\"\n\tselect T\n"
            );
            let tree = Tree::new(format!("{success}{SELECT}{known}{user}"));
            tree.expect_only(&[UNMET, "U selects T, which depends on MMU"]);
        }
    }
}
