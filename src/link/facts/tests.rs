// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is read in small files.

use super::super::cond::Cond;
use super::*;

/// A condition in words.
fn shown(conds: &Conds, id: CondId) -> String {
    match conds.get(id) {
        Cond::Never => "0".to_owned(),
        Cond::Always => "1".to_owned(),
        Cond::Unknown(name) => format!("?{}", name.as_str()),
        Cond::Yes(name) => name.as_str().to_owned(),
        Cond::Not(x) => format!("!{}", shown(conds, x)),
        Cond::And(x, y) => format!("({} & {})", shown(conds, x), shown(conds, y)),
        Cond::Or(x, y) => format!("({} | {})", shown(conds, x), shown(conds, y)),
        Cond::Yields(name, class) => format!("{}:{class:?}", name.as_str()),
        Cond::Keeps(name, at) => format!("{}#{at}", name.as_str()),
        other => format!("{other:?}"),
    }
}

/// When the function `f` of a text calls what its body names.
fn calls(text: &str) -> Vec<String> {
    let facts = scan(text.as_bytes(), false);
    let uses = facts.uses.iter().filter(|it| it.is_call);
    let shown = uses.map(|it| format!("{} {}", it.name.as_str(), shown(&facts.conds, it.cond)));
    shown.collect()
}

#[test]
fn what_the_compiler_removes_has_a_condition() {
    let cases = [
        (
            "if (A_ON()) a();",
            "a (A_ON:Positive | (A_ON:Negative | A_ON:Error))",
        ),
        ("if (IS_BUILTIN(CONFIG_A)) a(); else b();", "a A b !A"),
        ("if (!IS_BUILTIN(CONFIG_A)) return; a();", "a A"),
        ("if (x && IS_BUILTIN(CONFIG_A)) a(); b();", "a A b 1"),
        ("if (x || IS_BUILTIN(CONFIG_A)) a();", "a 1"),
        ("return IS_BUILTIN(CONFIG_A) ? a() : 0;", "a A"),
        (
            "if (IS_BUILTIN(CONFIG_A)) goto out; a(); out: b();",
            "a !A b 1",
        ),
        ("goto out; a(); out: b();", "a 0 b 1"),
        (
            "bool on = false; if (x) goto out; on = x; out: if (on) a();",
            "a ?flag",
        ),
        (
            "switch (x) { case 1: return; a(); default: b(); }",
            "a 0 b 1",
        ),
        ("while (1) { if (x) break; } a();", "a 1"),
        ("for (;;) a(); b();", "a 1 b 0"),
        ("do { a(); } while (0); b();", "a 1 b 1"),
        ("r = g(); if (r) return; a();", "g 1 a g:Zero"),
        (
            "r = g(); if (r < 0) return; r = 1; a();",
            "g 1 a (g:Error | (g:Zero | g:Positive))",
        ),
        (
            "p->x = g(); if (IS_ERR(p->x)) return; a();",
            "g 1 a (g:Zero | (g:Positive | g:Negative))",
        ),
        ("p->x = g(); b(); if (p->x) a();", "g 1 b 1 a 1"),
        (
            "if (x & A_MASK) a();",
            "a (A_MASK:Positive | (A_MASK:Negative | A_MASK:Error))",
        ),
        ("list_for_each(x) { a(); } b();", "a 1 list_for_each 1 b 1"),
        ("sizeof(a()); b(({ c(); }));", "c b#0 b 1"),
        ("x->a(); y.b(); c(d());", "d c#0 c 1"),
    ];
    for (body, expect) in cases {
        let found = calls(&format!("int f(int x)\n{{\n{body}\n}}\n"));
        let mut found: Vec<&str> = found.iter().map(String::as_str).collect();
        found.retain(|it| !it.starts_with("A_ON "));
        let mut expect: Vec<String> = split(expect);
        expect.sort();
        found.sort_unstable();
        assert_eq!(found, expect, "{body}");
    }
}

/// `a X b Y` apart: a name and its condition each.
fn split(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut depth = 0;
    for (at, word) in text.split(' ').enumerate() {
        let is_new = depth == 0 && found.last().is_none_or(|it| it.contains(' '));
        depth += word.matches('(').count() as i32 - word.matches(')').count() as i32;
        match at == 0 || is_new && depth == 0 {
            true => found.push(word.to_owned()),
            false => {
                let last = found.last_mut().expect("the first word is a name");
                last.push(' ');
                last.push_str(word);
            }
        }
    }
    found
}

#[test]
fn items_are_told_apart() {
    let text = "\
#ifndef H
#define H
MODULE_LICENSE(\"GPL\");
DEFINE_THING(thing)
static const struct ops ops = { .probe = probe };
int global;
extern int other;
int declared(int x);
static int probe(int x) { return 0; }
struct s { int (*call)(void); };
static inline int stub(void) { return -ENODEV; }
SYSCALL_DEFINE1(name, int, x) { return 0; }
#endif
";
    let facts = scan(text.as_bytes(), false);
    let items: Vec<(&str, Sort)> = facts
        .items
        .iter()
        .map(|it| (it.name.as_str(), it.sort))
        .collect();
    let expect = [
        ("ops", Sort::StaticVariable),
        ("global", Sort::Variable),
        ("declared", Sort::Prototype),
        ("probe", Sort::Static),
        ("stub", Sort::Static),
        ("SYSCALL_DEFINE1", Sort::Variable),
    ];
    assert_eq!(items, expect);
    assert!(facts.items.iter().all(|it| it.cond == CondId::ALWAYS));
    let stub = &facts.items[4].value;
    assert_eq!(*stub, Value::of(super::super::cond::Class::Negative));
    let words: Vec<&str> = facts.words.iter().map(|it| it.as_str()).collect();
    assert!(
        words.contains(&"thing") && words.contains(&"name"),
        "{words:?}"
    );
}

#[test]
fn branches_with_brackets_that_do_not_match_make_nothing_certain() {
    let text = "int f(int x)\n{\n#ifdef CONFIG_A\nif (x) {\n#else\nif (!x) {\n#endif\na();\n}\n}\nint g(void)\n{\nb();\n}\n";
    let found = calls(text);
    assert_eq!(found, ["a ?odd function", "b 1"]);
}
