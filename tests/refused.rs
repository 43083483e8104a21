// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the tree's own kconfig refuses is an error there, and fine where that kconfig accepts it
//! or is not at hand. The kernel tests compare the same with real kconfigs (tests/kernel).

use std::fs;
use std::process::Command;
use std::sync::Arc;

use kconfig_lint::menu::{Loader, Toolchain, elaborate};
use kconfig_lint::model::Model;
use kconfig_lint::source::{Files, WorkTree};
use kconfig_lint::tree::{Behaviour, Overrides, detect, locate};
use tempfile::TempDir;

/// Keywords of every kconfig.
const KEYWORDS: [&str; 27] = [
    "bool",
    "choice",
    "comment",
    "config",
    "def_bool",
    "def_tristate",
    "default",
    "depends",
    "endchoice",
    "endif",
    "endmenu",
    "help",
    "hex",
    "if",
    "imply",
    "int",
    "mainmenu",
    "menu",
    "menuconfig",
    "on",
    "prompt",
    "range",
    "select",
    "source",
    "string",
    "tristate",
    "visible",
];

/// The rules that tell versions apart, of a kconfig that accepts nothing old.
const NEW_PARSER: &str = "%token T_EOL
%%
choice: T_CHOICE T_EOL { };
choice_option: T_PROMPT T_WORD_QUOTE if_expr T_EOL;
stmt_list_in_choice: config_stmt | if_stmt_in_choice;
depends: T_DEPENDS T_ON expr if_expr T_EOL;
expr: symbol T_LESS symbol;
%%
zconf_error(\"menuconfig statement without prompt\");
zconf_error(\"'%s' defined with more than one help text\");
zconf_error(\"'%s' defined with blank help text\");
zconf_error(\"symbol '%s' redefines option 'modules'\");
\"error: choice member must have a prompt\"
\"choice value must not have a prompt in another entry\"
\"transitional symbols can only have help sections\"
";

/// The same of one that accepts what was dropped since, and only warns.
pub(crate) const OLD_PARSER: &str = "%token T_EOL
%%
choice: T_CHOICE word_opt T_EOL { };
choice_option: T_TYPE prompt_stmt_opt T_EOL | T_OPTIONAL T_EOL;
symbol_option_list: symbol_option_list T_WORD symbol_option_arg;
prompt: T_WORD | T_WORD_QUOTE;
depends: T_DEPENDS T_ON expr T_EOL;
expr: symbol T_LESS symbol;
%%
zconfprint(\"warning: menuconfig statement without prompt\");
";

/// A tree with the sources of a kconfig.
pub(crate) fn tree(
    files: &[(&str, &str)],
    more_keywords: &[&str],
    parser: &str,
    util: &str,
) -> TempDir {
    let folder = TempDir::new().unwrap();
    let mut lexer = String::from("%%\n");
    // The strict kconfig is the one that knows repeated inclusions.
    if !util.is_empty() {
        lexer += "<<EOF>>\t{\n\tif (current_buf) {\n\t\treturn T_EOL;\n\t}\n}\n";
    }
    for word in KEYWORDS.iter().chain(more_keywords) {
        lexer += &format!("\"{word}\"\t\treturn T_{};\n", word.to_uppercase());
    }
    let sources = [
        ("scripts/kconfig/lexer.l", lexer.as_str()),
        ("scripts/kconfig/parser.y", parser),
        ("scripts/kconfig/util.c", util),
        ("scripts/kconfig/preprocess.c", ""),
    ];
    for (path, text) in files.iter().chain(&sources) {
        let place = folder.path().join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }
    folder
}

/// A tree whose kconfig is strict.
pub(crate) fn new_tree(files: &[(&str, &str)]) -> TempDir {
    let util = "fprintf(stderr, \"%s:%d: error: repeated inclusion of %s\\n\");";
    tree(files, &["modules", "transitional"], NEW_PARSER, util)
}

/// What is refused of a tree, each with its line.
fn refused(folder: &TempDir) -> Vec<String> {
    let overrides = Overrides::default();
    let located = locate(folder.path(), &overrides).unwrap();
    let reader = WorkTree::new(&located.root);
    let project = detect(&reader, &located, &overrides);
    let loader = Loader::new(Arc::new(Files::new(reader)));
    let architecture = &project.architectures[0];
    let mut menu = elaborate(&loader, &project, architecture, &Toolchain::default()).unwrap();
    let mut problems = std::mem::take(&mut menu.problems);
    problems.extend(Model::new(Arc::new(menu), project.behaviour).refused(&project.grammar));
    let mut all: Vec<String> = problems
        .iter()
        .map(|problem| {
            assert!(problem.fatal, "{problem:?}");
            let file = loader.files().get(problem.span.file);
            let line = file.position(problem.span.start).line;
            format!("{line}: {}", problem.message)
        })
        .collect();
    all.sort();
    all
}

/// Texts that only older kconfigs accept, with the start of the message and its line.
const OLDER: [(&str, &str); 10] = [
    (
        "config A\n\tbool \"a\"\n\t---help---\n\t  Text.\n",
        "3: `---help---` is not known here",
    ),
    (
        "config A\n\tstring\n\toption env=\"X\"\n",
        "3: `option` is not known here",
    ),
    (
        "config A\n\tbool\n\toption modules\n",
        "3: `option` is not known here",
    ),
    (
        "config A\n\tbool\n\toption allnoconfig_y\n",
        "3: `option` is not known here",
    ),
    (
        "choice\n\tprompt \"c\"\n\toptional\n\nendchoice\n",
        "3: `optional` is not known here",
    ),
    (
        "choice NAMED\n\tprompt \"c\"\n\nendchoice\n",
        "1: a choice has no name here",
    ),
    (
        "choice\n\tbool \"c\"\n\nendchoice\n",
        "2: a choice cannot say `bool \"…\"` here",
    ),
    (
        "menu word\n\nendmenu\n",
        "1: a text has to stand in quotes here",
    ),
    ("menuconfig A\n\tbool\n", "1: a `menuconfig` needs a prompt"),
    (
        "config A\n\tbool \"a\" # text",
        "2: the last line has no line end",
    ),
];

#[test]
fn old_syntax_is_refused_where_kconfig_has_dropped_it() {
    for (text, message) in OLDER {
        let files = [("Kconfig", text)];
        let found = refused(&new_tree(&files));
        assert_eq!(found.len(), 1, "{text}{found:?}");
        assert!(found[0].starts_with(message), "{text}{found:?}");
        let old = tree(
            &files,
            &["option", "optional", "---help---"],
            OLD_PARSER,
            "",
        );
        assert_eq!(refused(&old), [""; 0], "{text}");
        let untold = tree(&files, &[], "", "");
        fs::remove_file(untold.path().join("scripts/kconfig/lexer.l")).unwrap();
        assert_eq!(refused(&untold), [""; 0], "{text}");
    }
}

/// Texts that Linux 7.x refuses, each with the start of the messages.
const NEWER: &[(&str, &[&str])] = &[
    (
        "config A\n\tbool \"a\"\n\thelp\n\t  One.\n\thelp\n\t  Two.\n",
        &["5: this entry has two help texts"],
    ),
    (
        "config A\n\tbool \"a\"\n\thelp\n\nconfig B\n\tbool\n",
        &["3: the help text is empty"],
    ),
    (
        "config transitional\n\tbool\n",
        &["1: `transitional` is a keyword here and no name"],
    ),
    (
        "config T\n\tbool \"t\"\n\ttransitional\n",
        &["2: a `transitional` symbol has"],
    ),
    (
        "config T\n\tbool\n\ttransitional\n\tdefault y\n",
        &["4: a `transitional` symbol has"],
    ),
    (
        "config T\n\tbool\n\ttransitional\n\tdepends on X\n",
        &["1: a `transitional` symbol has"],
    ),
    (
        "if X\n\nconfig T\n\tbool\n\ttransitional\n\nendif\n",
        &["3: a `transitional` symbol has"],
    ),
    (
        "config T\n\tbool\n\ttransitional\n\tselect X\n",
        &["4: a `transitional` symbol has"],
    ),
    (
        "config T\n\tbool\n\ttransitional\n\nconfig T\n\tbool \"t\"\n",
        &["6: a `transitional` symbol has"],
    ),
    (
        "choice\n\tprompt \"c\"\n\nconfig A\n\tbool \"a\"\n\nendchoice\n\nconfig A\n\tprompt \"b\"\n",
        &["10: A is in a choice and can have no second prompt"],
    ),
    (
        "choice\n\tprompt \"c\"\n\nconfig A\n\tbool \"a\"\n\tdefault y\n\nendchoice\n",
        &["6: A is in a choice and can have no default"],
    ),
    (
        "choice\n\tprompt \"c\"\n\nconfig A\n\ttristate \"a\"\n\nconfig B\n\tbool\n\nendchoice\n",
        &[
            "4: A is in a choice and has to be a bool",
            "7: a member of a choice needs a prompt",
        ],
    ),
    ("choice\n\nendchoice\n", &["1: a choice needs a prompt"]),
    (
        "config A\n\tbool\n\tmodules\n\nconfig B\n\tbool\n\tmodules\n",
        &["7: only one symbol can say `modules`"],
    ),
    (
        "choice\n\tprompt \"c\"\n\nsource \"a\"\n\nendchoice\n",
        &["4: `source` cannot stand in a choice here"],
    ),
    (
        "if X\nsource \"a\"\nendif\nif !X\nsource \"a\"\nendif\n",
        &["5: \"a\" is sourced twice"],
    ),
    // What is accepted.
    ("config A\n\tbool \"a\"\n\thelp\n\t  Text.", &[]),
    ("config A\n\tbool \"a\"\n\n# text", &[]),
    ("source \"b\"\n", &[]),
    ("config T\n\tbool\n\ttransitional\n\thelp\n\t  Text.\n", &[]),
    ("if y\n\nconfig T\n\tbool\n\ttransitional\n\nendif\n", &[]),
    ("config A\n\tbool \"a\"\n\tdepends on X if Y < 3\n", &[]),
    ("config optional\n\tbool \"a\"\n", &[]),
    (
        "choice\n\tprompt \"c\"\n\nconfig A\n\tbool \"a\"\n\nendchoice\n\nconfig A\n\tbool\n",
        &[],
    ),
];

#[test]
fn what_a_new_kconfig_refuses_is_an_error() {
    for (text, messages) in NEWER {
        let found = refused(&new_tree(&[
            ("Kconfig", text),
            ("a", "config F\n\tbool \"f\"\n"),
            ("b", "config F\n\tbool \"f\""),
        ]));
        assert_eq!(found.len(), messages.len(), "{text}{found:?}");
        for (found, message) in found.iter().zip(*messages) {
            assert!(found.starts_with(message), "{text}{found}");
        }
    }
}

#[test]
fn a_condition_of_depends_on_is_refused_where_kconfig_knows_none() {
    let text = "config A\n\tbool \"a\"\n\tdepends on X if Y\n";
    let old = tree(&[("Kconfig", text)], &[], OLD_PARSER, "");
    let found = refused(&old);
    assert!(
        found.len() == 1 && found[0].starts_with("3: `depends on` has no condition"),
        "{found:?}"
    );
}

#[test]
fn a_refused_tree_does_not_pass() {
    let folder = new_tree(&[(
        "Kconfig",
        "config A\n\tbool \"a\"\n\t---help---\n\t  Text.\n",
    )]);
    let output = Command::new(env!("CARGO_BIN_EXE_kconfig-lint"))
        .arg(folder.path())
        .output()
        .unwrap();
    let report = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{report}");
    assert!(
        report.contains("`---help---` is not known here, only `help`"),
        "{report}"
    );
}

/// Buildroot's conf (Linux 4.17) says `recursive dependency detected!` of this tree, and U-Boot's (4.20) does not.
#[test]
fn an_old_conf_sees_the_condition_of_an_imply_where_it_is_said() {
    let folder = TempDir::new().expect("a folder");
    let text = "config A\n\tbool \"a\"\n\timply C if B\n\nconfig B\n\tbool \"b\"\n\tdepends on A\n\n\
                config C\n\tbool\n";
    fs::write(folder.path().join("Kconfig"), text).expect("a file");
    let located = locate(folder.path(), &Overrides::default()).expect("a tree");
    let reader = WorkTree::new(&located.root);
    let project = detect(&reader, &located, &Overrides::default());
    let loader = Loader::new(Arc::new(Files::new(reader)));
    let toolchain = Toolchain::default();
    let menu = elaborate(&loader, &project, &project.architectures[0], &toolchain);
    let menu = Arc::new(menu.expect("a menu"));
    for imply_at_source in [true, false] {
        let behaviour = Behaviour {
            imply_at_source,
            ..Behaviour::OLD
        };
        let cycles = Model::new(menu.clone(), behaviour).cycles();
        assert_eq!(!cycles.is_empty(), imply_at_source);
    }
}
