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
        ("if (x > 1) a(); else b();", "a 1 b 1"),
        ("for (i = 0; i < 0; i++) a();", "a 0"),
        ("for (x = 4; x < 8; x++) a();", "a 1"),
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
        ("struct s", Sort::Prototype),
        ("stub", Sort::Static),
        ("SYSCALL_DEFINE1", Sort::Variable),
    ];
    assert_eq!(items, expect);
    assert!(facts.items.iter().all(|it| it.cond == CondId::ALWAYS));
    let stub = &facts.items[5].value;
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

/// What a text says of when a name is called or mentioned.
fn uses(text: &str, name: &str, is_header: bool) -> Vec<String> {
    let facts = scan(text.as_bytes(), is_header);
    let uses = facts.uses.iter().filter(|it| it.name.as_str() == name);
    uses.map(|it| shown(&facts.conds, it.cond)).collect()
}

#[test]
fn a_constant_of_a_stub_is_no_certain_comparison() {
    let text = "int f(void)\n{\nif (g() < 1) return 0;\na();\nreturn 1;\n}\n";
    let found = uses(text, "a", false);
    // Certain only where `g` can be something else, too.
    let expect =
        "(g:Error | (g:Positive & ((g:Positive & (g:Error | (g:Zero | g:Negative))) | ?constant)))";
    assert_eq!(found.len(), 1);
    assert!(
        found[0].contains("g:Positive & ") && found[0].contains("?constant"),
        "{} {expect}",
        found[0]
    );
}

#[test]
fn a_table_may_be_empty() {
    let text = "static struct t table[] = {\n#ifdef CONFIG_A\n{ 1 },\n#endif\n};\nint f(void)\n{\n\
                if (ARRAY_SIZE(table) > 0)\na();\nfor (i = 0; i < ARRAY_SIZE(table); i++)\nb();\n}\n";
    let facts = scan(text.as_bytes(), false);
    let table = &facts.items[0];
    assert_eq!(shown(&facts.conds, table.value.positive), "A");
    assert_eq!(shown(&facts.conds, table.value.zero), "!A");
    assert_eq!(uses(text, "a", false), ["table:Positive"]);
    assert!(uses(text, "b", false)[0].starts_with("(table:Positive & "));
}

#[test]
fn a_function_that_is_handed_to_a_stub_is_dropped() {
    let text = "static int own(int x) { return a(x); }\nint f(void) { return hook(own); }\n";
    assert_eq!(uses(text, "own", false), ["hook#0"]);
    let text = "static inline int all(int own) { return hook(own); }\n";
    let facts = scan(text.as_bytes(), true);
    assert_eq!(shown(&facts.conds, facts.items[0].keeps[0]), "hook#0");
    let text = "#define two(d, e) module_driver(d, two_register, e)\n";
    let facts = scan(text.as_bytes(), true);
    let keeps = shown(&facts.conds, facts.items[0].keeps[0]);
    assert!(
        keeps.contains("two_register#0") && keeps.contains("module_driver#0"),
        "{keeps}"
    );
    let text = "DEFINE_FREE(x, struct t *, if (_T) a(_T))\n";
    assert_eq!(uses(text, "a", false), ["(?cleanup & DEFINE_FREE#2)"]);
}

#[test]
fn declarations_behind_attributes_and_of_pointers_are_read() {
    let text = "extern int __printf(2, 3) f(int x, const char *text, ...);\n\
                extern struct t *\n(*hook)(int x);\nextern void (*other)(int x);\nint g(int (*call)(int));\nint (*own)(int) = f;\nstruct s { int (*call)(int); };\n";
    let facts = scan(text.as_bytes(), true);
    let items: Vec<_> = facts
        .items
        .iter()
        .map(|it| (it.name.as_str(), it.sort))
        .collect();
    let expect = [
        ("f", Sort::Prototype),
        ("hook", Sort::Variable),
        ("other", Sort::Variable),
        ("g", Sort::Prototype),
        ("own", Sort::Variable),
        ("struct s", Sort::Prototype),
    ];
    assert_eq!(items, expect);
}

#[test]
fn a_driver_is_kept_as_its_register_function_keeps_it() {
    let text = "#define module_driver(__driver, __register, __unregister, ...) \\\n\
                static int __init __driver##_init(void) \\\n{ \\\n\
                return __register(&(__driver), ##__VA_ARGS__); \\\n} \\\nmodule_init(__driver##_init); \\\n\
                static void __exit __driver##_exit(void) \\\n{ \\\n\
                __unregister(&(__driver), ##__VA_ARGS__); \\\n} \\\nmodule_exit(__driver##_exit);\n";
    let facts = scan(text.as_bytes(), true);
    let keeps = shown(&facts.conds, facts.items[0].keeps[0]);
    assert!(
        keeps.contains("__register#0") && !keeps.contains('?'),
        "{keeps}"
    );
    let text = "static struct s own = { 1 };\nmodule_two(own, &own);\n";
    assert_eq!(uses(text, "own", false), ["module_two#0", "module_two#1"]);
}

#[test]
fn structures_of_variables_are_looked_for() {
    let text = "#ifdef CONFIG_A\nstruct s { int x; };\n#endif\nstatic const struct s all[] = { { 1 } };\n\
                static struct s *pointer = 0;\n";
    let facts = scan(text.as_bytes(), false);
    assert_eq!(facts.items[0].name.as_str(), "struct s");
    assert_eq!(shown(&facts.conds, facts.items[0].cond), "A");
    assert_eq!(uses(text, "struct s", false), ["1"]);
}
