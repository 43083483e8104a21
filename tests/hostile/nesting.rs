// SPDX-License-Identifier: MIT OR Apache-2.0
//! Blocks and expressions that nest deeper, and are longer, than any person writes.

use super::{SELECT, Tree, UNMET, lines};

const BLOCKS: usize = 10_000;
const TERMS: usize = 100_000;

#[test]
fn thousands_of_ifs_of_one_condition() {
    let open = "config A\n\tbool \"a\"\n".to_owned() + &"if A\n".repeat(BLOCKS);
    let tree = Tree::new(format!("{open}{SELECT}{}", "endif\n".repeat(BLOCKS)));
    tree.expect_only(&[UNMET]);
    assert_eq!(tree.on_a_small_stack(), 1);
}

#[test]
fn thousands_of_ifs_of_many_conditions() {
    let open = lines(BLOCKS, |at| format!("config A{at}\n\tbool \"a\"\nif A{at}"));
    let tree = Tree::new(format!("{open}{SELECT}{}", "endif\n".repeat(BLOCKS)));
    tree.expect_only(&[UNMET]);
}

#[test]
fn thousands_of_menus() {
    let open = lines(BLOCKS, |at| {
        format!("config A{at}\n\tbool \"a\"\nmenu \"m\"\n\tdepends on A{at}\n\tvisible if A{at}")
    });
    let tree = Tree::new(format!("{open}{SELECT}{}", "endmenu\n".repeat(BLOCKS)));
    tree.expect_only(&[UNMET]);
}

#[test]
fn blocks_that_never_end() {
    let opened = ["if A\n", "menu \"m\"\n", "choice\n\tprompt \"c\"\n"];
    for opened in opened {
        let tree = Tree::new(format!("{SELECT}{}", opened.repeat(BLOCKS)));
        tree.expect(&["[unterminated-block]", UNMET]);
    }
}

#[test]
fn thousands_of_choices_in_each_other() {
    let open = lines(BLOCKS, |at| {
        format!("choice\n\tprompt \"c{at}\"\nconfig A{at}\n\tbool \"a\"")
    });
    let tree = Tree::new(format!("{open}{}{SELECT}", "endchoice\n".repeat(BLOCKS)));
    tree.expect(&[
        "`choice` cannot stand inside a choice [syntax-error]",
        UNMET,
    ]);
}

/// `T` depends on `expression`, and `S` selects it.
fn dependency(expression: &str) -> Tree {
    Tree::new(format!(
        "config A\n\tbool \"a\"\nconfig B\n\tbool \"b\"\nconfig T\n\tbool\n\tdepends on \
         {expression}\nconfig S\n\tbool \"s\"\n\tselect T\n"
    ))
}

#[test]
fn long_expressions_of_two_symbols() {
    for word in [" && ", " || "] {
        let terms: Vec<&str> = ["A", "B"].into_iter().cycle().take(TERMS).collect();
        let tree = dependency(&terms.join(word));
        let findings = tree.expect(&["S selects T, which depends on A"]);
        assert!(findings[0].len() < 2000, "a message nobody reads");
        assert_eq!(tree.on_a_small_stack(), 1);
    }
}

#[test]
fn long_expressions_of_many_symbols() {
    let count = TERMS / 4;
    let symbols = lines(count, |at| format!("config X{at}\n\tbool \"x\""));
    for word in [" && ", " || "] {
        let terms: Vec<String> = (0..count).map(|at| format!("X{at}")).collect();
        let tree = dependency(&format!("{}\n{symbols}", terms.join(word)));
        let text = std::fs::read_to_string(tree.path("Kconfig")).expect("a file");
        // The select stands after the symbols.
        assert!(text.ends_with("select T\n"));
        let findings = tree.expect(&["S selects T, which depends on X0"]);
        assert!(findings[0].len() < 2000, "a message nobody reads");
    }
}

#[test]
fn deep_parentheses_and_negations() {
    let (open, close) = ("(".repeat(TERMS), ")".repeat(TERMS));
    let odd = "!".repeat(TERMS + 1) + "A";
    let nested = "(A && (B || ".repeat(TERMS / 10) + "A" + &"))".repeat(TERMS / 10);
    let wanted = [
        (format!("{open}A{close}"), "which depends on A,"),
        (odd, "which depends on !A,"),
        (nested, "S selects T"),
        ("!(".repeat(TERMS) + "A" + &close, "which depends on A,"),
    ];
    for (expression, wanted) in wanted {
        let tree = dependency(&expression);
        tree.expect_only(&[wanted]);
        assert_eq!(tree.on_a_small_stack(), 1);
    }
    dependency(&format!("{open}A")).expect(&["[syntax-error]"]);
    dependency(&format!("A{close}")).expect(&["[syntax-error]"]);
    dependency(&"!".repeat(TERMS)).expect(&["[syntax-error]"]);
    dependency(&"A && ".repeat(TERMS)).expect(&["[syntax-error]"]);
}
