// SPDX-License-Identifier: MIT OR Apache-2.0
//! Small trees in memory, and the menu tree that comes of them.

use super::*;
use crate::menu::Value;
use crate::menu::command::{Meaning, Output};
use crate::source::{Files, Name, Overlay, WorkTree};
use crate::syntax::ast::{AttributeKind, ExprKind};
use crate::tree::{Kind, Located, Overrides, detect};

struct Tree {
    loader: Loader,
    project: Project,
}

impl Tree {
    fn new(kind: Kind, files: &[(&str, &str)]) -> Tree {
        let mut overlay = Overlay::new(Arc::new(WorkTree::new("/nonexistent")));
        for (path, text) in files {
            overlay = overlay.with(path, text.as_bytes());
        }
        let located = Located {
            root: "/nonexistent".into(),
            root_file: files[0].0.to_owned(),
            kind,
            alone: false,
        };
        let project = detect(&overlay, &located, &Overrides::default());
        let loader = Loader::new(Arc::new(Files::new(overlay)));
        loader.prefetch(&project);
        Tree { loader, project }
    }

    fn menu(&self, architecture: usize) -> Menu {
        let architecture = &self.project.architectures[architecture];
        let toolchain = Toolchain::default();
        elaborate(&self.loader, &self.project, architecture, &toolchain).unwrap()
    }

    /// One line for each problem: `path:line rule message`, with `?` where it is a warning.
    fn problems(&self, menu: &Menu) -> Vec<String> {
        let problems = menu.problems.iter().map(|problem| {
            let file = self.loader.files().get(problem.span.file);
            let line = file.position(problem.span.start).line;
            let mark = if problem.fatal { "" } else { "?" };
            let Problem { rule, message, .. } = problem;
            format!("{}:{line} {rule}{mark} {message}", file.path())
        });
        problems.collect()
    }
}

fn linux(files: &[(&str, &str)]) -> (Tree, Menu) {
    let tree = Tree::new(Kind::Linux, files);
    let menu = tree.menu(0);
    (tree, menu)
}

fn problems(files: &[(&str, &str)]) -> Vec<String> {
    let (tree, menu) = linux(files);
    tree.problems(&menu)
}

fn show(value: Value) -> String {
    match value {
        Value::Constant(name) => format!("\"{name}\""),
        Value::Symbol(name) => name.to_string(),
        Value::Unknown { output, .. } => format!("{output:?}"),
        Value::Forked(_) => unreachable!("one architecture"),
    }
}

/// The statements, indented by their nesting; symbols and the defaults that are single words.
fn outline(menu: &Menu) -> Vec<String> {
    let mut depths = Vec::new();
    let mut lines = Vec::new();
    for node in &menu.nodes {
        let depth = node
            .parent
            .map_or(0, |parent| depths[parent.0 as usize] + 1);
        depths.push(depth);
        let ast = menu.instance(node.instance).tree.ast();
        let entry = ast.entry(node.entry);
        let value = |atom| show(menu.value(node.instance, atom));
        let mut line = match &entry.kind {
            EntryKind::Config(atom) => format!("config {}", value(*atom)),
            EntryKind::If(_) => "if".to_owned(),
            EntryKind::Menu(_) => "menu".to_owned(),
            EntryKind::Choice(_) => "choice".to_owned(),
            EntryKind::Comment(_) => "comment".to_owned(),
            other => format!("{other:?}"),
        };
        for attribute in ast.attributes_of(entry) {
            if let AttributeKind::Default { value: expr, .. } = attribute.kind {
                if let ExprKind::Atom(atom) = ast.expr(expr).kind {
                    line.push_str(&format!(" {}", value(atom)));
                }
            }
        }
        lines.push(format!("{}{line}", "  ".repeat(depth)));
    }
    lines
}

#[test]
fn statements_nest_across_files() {
    let (tree, menu) = linux(&[
        (
            "Kconfig",
            "menu \"m\"\nif A\nsource \"sub/Kconfig\"\nendif\nconfig B\nendmenu\nconfig C\n",
        ),
        ("sub/Kconfig", "choice\nconfig D\nendchoice\nconfig E\n"),
    ]);
    let expected = [
        "menu",
        "  if",
        "    choice",
        "      config D",
        "    config E",
        "  config B",
        "config C",
    ];
    assert_eq!(outline(&menu), expected);
    assert!(tree.problems(&menu).is_empty());
    assert!(menu.instances[0].included_from.is_none());
    assert!(menu.instances[1].included_from.is_some());
}

#[test]
fn a_file_may_be_sourced_twice_and_expand_differently() {
    let (_, menu) = linux(&[
        (
            "Kconfig",
            "X := A\nsource \"sub\"\nX := B\nsource \"./sub\"\n",
        ),
        ("sub", "config $(X)\n\tdefault \"$(filename)\"\n"),
    ]);
    let expected = ["config A \"sub\"", "config B \"./sub\""];
    assert_eq!(outline(&menu), expected);
}

#[test]
fn assignments_count_wherever_they_stand() {
    let (_, menu) = linux(&[(
        "Kconfig",
        "if n\nX := yes\n$(X)Y := 1\nendif\nconfig A\n\tdefault $(X)\n\tdefault $(yesY)\n\
         L := $(lineno)\nconfig B\n\tdefault $(L)\n\tdefault $(lineno)\n",
    )]);
    // conf was asked for these numbers.
    let expected = ["if", "config A yes 1", "config B 9 11"];
    assert_eq!(outline(&menu), expected);
}

#[test]
fn blanks_at_the_end_belong_to_a_value() {
    let text = "X :=   a \t\nY :=  \nconfig A\n\tdefault \"<$(X)|$(Y)>\"\n";
    let (_, menu) = linux(&[("Kconfig", text)]);
    assert_eq!(outline(&menu), ["config A \"<a \t|>\""]);
}

#[test]
fn words_that_expand_to_nothing_vanish() {
    let files = [(
        "Kconfig",
        "E :=\n$(E)\nconfig A\n\t$(E)\n\tdefault $(E) y $(E)\n\tdefault \"$(E)\"\n",
    )];
    let (tree, menu) = linux(&files);
    assert_eq!(outline(&menu), ["config A \"y\" \"\""]);
    assert!(tree.problems(&menu).is_empty());
}

#[test]
fn what_does_not_come_down_to_one_word_is_an_error() {
    let text = "E :=\nF := x\nconfig A\n\tdefault $(E)\n\tdefault y $(F)\n$(F)\n";
    let expected = [
        "Kconfig:4 syntax-error a word is missing: what stands here expands to nothing",
        "Kconfig:5 syntax-error more than one word is left after expansion where one is wanted",
        "Kconfig:6 syntax-error unknown statement \"x\"",
    ];
    assert_eq!(problems(&[("Kconfig", text)]), expected);
}

#[test]
fn macro_errors_have_their_place() {
    let text = "X = $(X)\nconfig A\n\tdefault $(X)\n\tbool \"a$(shell)\"\nY := $(error-if,y,no luck)\n\
                $(warning-if,y,beware)\n$(info,hello)\n";
    let expected = [
        "Kconfig:3 macro-error recursive variable 'X' references itself (eventually)",
        "Kconfig:4 macro-error too few function arguments passed to 'shell'",
        "Kconfig:5 macro-error no luck",
        "Kconfig:6 macro-error? beware",
    ];
    assert_eq!(problems(&[("Kconfig", text)]), expected);
}

#[test]
fn missing_files() {
    let root = "source \"a\"\nsource \"$(NONE)/b\"\nsource \"made\"\nsource \"/etc/passwd\"\n\
                source \"../x\"\nsource \"$(shell,pwd)\"\nconfig A\n";
    let files = [("Kconfig", root), (".gitignore", "made\n")];
    let expected = [
        "Kconfig:1 missing-source cannot read \"a\": no such file",
        "Kconfig:2 missing-source? cannot read \"/b\": the path leads out of the tree; \
         NONE is not set",
        "Kconfig:3 missing-source? cannot read \"made\": no such file; the build makes it",
        "Kconfig:4 missing-source cannot read \"/etc/passwd\": the path leads out of the tree",
        "Kconfig:5 missing-source cannot read \"../x\": the path leads out of the tree",
        "Kconfig:6 missing-source? which file this is depends on the toolchain; it is not read",
    ];
    let (tree, menu) = linux(&files);
    assert_eq!(tree.problems(&menu), expected);
    assert_eq!(outline(&menu), ["config A"]);
}

#[test]
fn a_file_that_sources_itself() {
    let (tree, menu) = linux(&[
        ("Kconfig", "source \"a\"\nconfig A\n"),
        ("a", "source \"./b\"\n"),
        ("b", "config B\nsource \"x/../a\"\nconfig C\n"),
    ]);
    let expected = ["b:2 recursive-source \"a\" sources itself"];
    assert_eq!(tree.problems(&menu), expected);
    assert_eq!(outline(&menu), ["config B", "config C", "config A"]);
    assert_eq!(menu.problems[0].related.len(), 1);
}

#[test]
fn files_that_source_each_other_twice_come_to_an_end() {
    let files: Vec<(String, String)> = (0..40)
        .map(|n| {
            let text = format!("source \"f{0}\"\n", n + 1).repeat(2);
            (format!("f{n}"), text)
        })
        .chain([("f40".to_owned(), String::new())])
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(a, b)| (&**a, &**b)).collect();
    let (_, menu) = linux(&files);
    let last = menu.problems.last().unwrap();
    assert!(last.message.contains("too many inclusions"));
    assert!(menu.instances.len() <= MAX_INSTANCES);
}

#[test]
fn architectures_differ_in_what_they_source() {
    let tree = Tree::new(
        Kind::Linux,
        &[
            ("Kconfig", "source \"arch/$(SRCARCH)/Kconfig\"\n"),
            ("arch/arm/Kconfig", "config ARM\n\tdefault \"$(ARCH)\"\n"),
            ("arch/x86/Kconfig", "config X86\n"),
            ("arch/none/Makefile", ""),
        ],
    );
    let names: Vec<&str> = tree
        .project
        .architectures
        .iter()
        .map(|a| &*a.name)
        .collect();
    assert_eq!(names, ["arm", "x86"]);
    assert_eq!(outline(&tree.menu(0)), ["config ARM \"arm\""]);
    assert_eq!(outline(&tree.menu(1)), ["config X86"]);
    // All was read before any architecture was elaborated.
    assert_eq!(tree.loader.loaded().len(), 3);
}

#[test]
fn tests_of_the_toolchain_get_their_meaning() {
    let (tree, menu) = linux(&[(
        "Kconfig",
        "success = $(shell,{ $(1); } >/dev/null 2>&1 && echo \"y\" || echo \"n\")\n\
         name := $(shell,scripts/name.sh)\n\
         $(error-if,$(success,test -z \"$(name)\"),none)\n\
         config A\n\tdefault $(success,test \"$(name)\" = GCC)\n\
         config B\n\tdefault $(success,test 2 -ge 1)\n",
    )]);
    assert!(tree.problems(&menu).is_empty());
    assert_eq!(menu.assumptions.len(), 1);
    assert_eq!(menu.commands.tests.len(), 2);
    let name = Name::new("GCC");
    assert!(matches!(
        &menu.commands.tests[1].meaning,
        Some(Meaning::Equal { right: Output::Text(right), negated: false, .. }) if *right == name
    ));
    assert_eq!(outline(&menu)[1], "config B \"y\"");
}

#[test]
fn kconfiglib_sources() {
    let tree = Tree::new(
        Kind::Zephyr,
        &[
            (
                "Kconfig",
                "source \"lib/*/Kconfig\"\nosource \"none\"\nosource \"$(NONE)/x\"\nosource \"none/*\"\nrsource \"lib/Kconfig\"\n\
                 source \"no/*\"\n",
            ),
            ("lib/b/Kconfig", "config B\n\tdefault $(dt_int,x)\n"),
            (
                "lib/a/Kconfig",
                "config A\norsource \"../Kconfig.x\"\norsource \"Kconfig.y\"\n",
            ),
            ("lib/Kconfig", "rsource \"Kconfig.x\"\n"),
            ("lib/Kconfig.x", "config X\n"),
        ],
    );
    let menu = tree.menu(0);
    let expected = [
        "config A",
        "config X",
        "config B Command(CommandId(0))",
        "config X",
    ];
    assert_eq!(outline(&menu), expected);
    let expected = ["Kconfig:6 missing-source no file matches \"no/*\""];
    assert_eq!(tree.problems(&menu), expected);
}

#[test]
fn older_trees_name_symbols_in_paths() {
    let tree = Tree::new(
        Kind::Buildroot,
        &[
            (
                "Config.in",
                "config BASE\n\tstring\n\toption env=\"NONE\"\nconfig DIR\n\tstring\n\tdefault \"sub\"\n\
                 source \"$DIR/Config.in\"\nsource \"$BASE/x\"\n",
            ),
            ("sub/Config.in", "config A\n"),
        ],
    );
    let menu = tree.menu(0);
    assert_eq!(
        outline(&menu),
        ["config BASE", "config DIR \"sub\"", "config A"]
    );
    let problems = tree.problems(&menu);
    assert_eq!(problems.len(), 1);
    assert!(problems[0].ends_with("BASE is not set"), "{problems:?}");
    assert_eq!(tree.project.prefix, "");
}

#[test]
fn busybox_takes_options_from_c_files() {
    let tree = Tree::new(
        Kind::BusyBox,
        &[
            ("Config.in", "source sub/Config.in\n"),
            ("sub/Config.src", "menu \"m\"\nINSERT\nconfig Z\nendmenu\n"),
            ("sub/Config.in", "config STALE\n"),
            (
                "sub/b.c",
                "/* x */\n//config:config B\n//config:\tbool \"b\"\nint x;\n",
            ),
            ("sub/a.c", "//config:config A\n//config:\tbool \"a\"\n"),
            ("sub/a.h", "//config:config H\n"),
        ],
    );
    let menu = tree.menu(0);
    let expected = ["menu", "  config A", "  config B", "  config Z"];
    assert_eq!(outline(&menu), expected);
    assert!(tree.problems(&menu).is_empty());
}

#[test]
fn a_missing_root_is_told() {
    let tree = Tree::new(Kind::Linux, &[("Kconfig", "")]);
    let project = Project {
        root_file: "other".to_owned(),
        ..tree.project.clone()
    };
    let architecture = &project.architectures[0];
    let menu = elaborate(&tree.loader, &project, architecture, &Toolchain::default());
    assert_eq!(menu.err(), Some(ReadError::Missing));
}

proptest::proptest! {
    #[test]
    fn no_text_does_harm(text in "([a-z=:+$(),\"'\\\\ \\t\\n]|\\$\\(|:= |config |source \"|default |if |endif\\n){0,200}") {
        let (_, menu) = linux(&[("Kconfig", &text), ("a", "config A\n")]);
        for node in &menu.nodes {
            proptest::prop_assert!(node.parent.is_none_or(|parent| parent.0 < menu.nodes.len() as u32));
        }
    }
}
