// SPDX-License-Identifier: MIT OR Apache-2.0
//! Models that are long or wide: chains, cycles, and thousands of the same.

use super::{SELECT, Tree, UNMET, lines};

const LENGTH: usize = 20_000;

/// A chain in both orders of definition, and a select of its end.
fn chain(link: impl Fn(usize) -> String, end: &str) -> [Tree; 2] {
    let links: Vec<String> = (0..LENGTH).map(link).collect();
    let forwards = links.concat();
    let backwards: String = links.iter().rev().map(String::as_str).collect();
    [forwards, backwards].map(|chain| Tree::new(format!("{chain}{end}")))
}

const END: &str = "config T\n\tbool\n\tdepends on C19999\nconfig S\n\tbool \"s\"\n\tselect T\n\
                   config SAFE\n\tbool \"s\"\n\tdepends on C19999\n\tselect Z\n\
                   config Z\n\tbool\n\tdepends on C0\n";

#[test]
fn a_chain_of_dependencies() {
    for ty in ["bool", "tristate"] {
        let link = |at: usize| match at {
            0 => format!("config C0\n\t{ty} \"c\"\n"),
            _ => format!("config C{at}\n\t{ty} \"c\"\n\tdepends on C{}\n", at - 1),
        };
        let end = format!("config MODULES\n\tbool \"m\"\n\tmodules\n{END}");
        for tree in chain(link, &end) {
            tree.expect_only(&["S selects T, which depends on C19999"]);
            assert_eq!(tree.on_a_small_stack(), 1);
        }
    }
}

#[test]
fn a_chain_of_defaults() {
    let link = |at: usize| match at {
        0 => "config C0\n\tbool \"c\"\n".to_owned(),
        _ => format!("config C{at}\n\tdef_bool C{}\n", at - 1),
    };
    for tree in chain(link, END) {
        tree.expect_only(&["S selects T, which depends on C19999"]);
        assert_eq!(tree.on_a_small_stack(), 1);
    }
}

#[test]
fn a_chain_of_numbers() {
    let link = |at: usize| match at {
        0 => "config C0\n\tint \"c\"\n".to_owned(),
        _ => format!("config C{at}\n\tint\n\tdefault C{}\n", at - 1),
    };
    let end = "config T\n\tbool\n\tdepends on C19999 > 3\nconfig S\n\tbool \"s\"\n\tselect T\n";
    for tree in chain(link, end) {
        tree.expect_only(&["S selects T, which depends on C19999 > 3"]);
        assert_eq!(tree.on_a_small_stack(), 1);
    }
}

#[test]
fn a_chain_of_selects() {
    let link = |at: usize| {
        let prompt = if at == 0 { " \"c\"" } else { "" };
        format!("config C{at}\n\tbool{prompt}\n\tselect C{}\n", at + 1)
    };
    let end = "config MMU\n\tbool \"m\"\nconfig C20000\n\tbool\n\tdepends on MMU\n";
    for tree in chain(link, end) {
        tree.expect_only(&["C19999 selects C20000, which depends on MMU"]);
        assert_eq!(tree.on_a_small_stack(), 1);
    }
}

#[test]
fn a_cycle_of_thousands() {
    let count = 10_000;
    let tree = Tree::new(lines(count, |at| {
        let next = (at + 1) % count;
        format!("config C{at}\n\tbool \"c\"\n\tdepends on C{next}")
    }));
    tree.expect_only(&["recursive dependency: C0 -> C1 -> C2 "]);
    assert_eq!(tree.on_a_small_stack(), 0);
    assert_eq!(tree.check(&["--format", "human"]).exit, Some(1));
}

#[test]
fn thousands_of_cycles_in_one_knot() {
    let count = 5_000;
    let tree = Tree::new(lines(count, |at| {
        let (next, last) = ((at + 1) % count, (at + count - 1) % count);
        format!("config C{at}\n\tbool \"c\"\n\tdepends on C{next} && C{last}")
    }));
    tree.expect(&["[recursive-dependency]"]);
    let all: Vec<String> = (0..300).map(|at| format!("C{at}")).collect();
    let all = all.join(" && ");
    let tree = Tree::new(lines(300, |at| {
        format!("config C{at}\n\tbool \"c\"\n\tdepends on {all}")
    }));
    tree.expect(&["[recursive-dependency]"]);
}

#[test]
fn a_symbol_with_thousands_of_selectors() {
    let count = 2_000;
    let open = lines(count, |at| {
        format!("config C{at}\n\tbool \"c\"\n\tselect T")
    });
    assert_eq!(
        Tree::new(format!("{SELECT}{open}")).findings().len(),
        count + 1
    );
    let safe = lines(count, |at| {
        format!("config C{at}\n\tbool \"c\"\n\tdepends on HAS\n\tselect T")
    });
    let tree = format!("{SELECT}config HAS\n\tdef_bool MMU\n{safe}");
    Tree::new(tree).expect_only(&[UNMET]);
}

#[test]
fn a_thousand_definitions_of_one_symbol() {
    let definitions = lines(1000, |at| {
        format!(
            "config D\n\tbool \"d\"\n\tdepends on X{at}\n\tdefault y if X{}\n\tselect T\n\
             config X{at}\n\tbool \"x\"",
            at + 1
        )
    });
    let end = "config X1000\n\tbool \"x\"\n";
    let tree = Tree::new(format!("{SELECT}{definitions}{end}"));
    tree.expect_only(&[UNMET, "D selects T, which depends on MMU"]);
}

#[test]
fn a_choice_of_thousands() {
    let members = lines(10_000, |at| format!("config C{at}\n\tbool \"c\""));
    let choice = format!("choice\n\tprompt \"c\"\n{members}endchoice\n");
    let end = "config U\n\tbool\n\tdepends on C5\nconfig W\n\tbool \"w\"\n\tselect U\n";
    let tree = Tree::new(format!("{SELECT}{choice}{end}"));
    tree.expect_only(&[UNMET, "W selects U, which depends on C5"]);
    assert_eq!(tree.on_a_small_stack(), 2);
}

#[test]
fn an_old_choice_of_thousands() {
    let members = lines(1_000, |at| {
        format!("config C{at}\n\ttristate \"c\"\n\tdepends on MMU")
    });
    let choice = format!("choice CHOICE\n\tprompt \"c\"\n\toptional\n{members}endchoice\n");
    let end = "config U\n\tbool\n\tdepends on C5\nconfig W\n\tbool \"w\"\n\tselect U\n\
               config MODULES\n\tbool \"m\"\n\toption modules\n";
    let tree = Tree::new(format!("{SELECT}{choice}{end}"));
    tree.expect_only(&[UNMET, "W selects U, which depends on C5"]);
}

#[test]
fn members_that_depend_on_each_other() {
    let members = lines(2_000, |at| {
        format!("config C{}\n\tbool \"c\"\n\tdepends on C{at}", at + 1)
    });
    let tree = Tree::new(format!(
        "choice\n\tprompt \"c\"\nconfig C0\n\tbool \"c\"\n{members}endchoice\n"
    ));
    tree.expect(&["[recursive-dependency]"]);
}

#[test]
fn thousands_of_selects_of_one_pair() {
    let count = 4_000;
    let conditions = lines(count, |at| format!("config C{at}\n\tbool \"c\""));
    let selects = lines(count, |at| format!("\tselect U if C{at}"));
    let end = "config U\n\tbool\n\tdepends on MMU\n";
    let tree = Tree::new(format!(
        "{SELECT}{conditions}{end}config W\n\tbool \"w\"\n{selects}"
    ));
    tree.expect_only(&[UNMET, "W selects U, which depends on MMU"]);
}
