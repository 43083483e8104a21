// SPDX-License-Identifier: MIT OR Apache-2.0
//! Text of the tree that a terminal or a CI log would obey.

use super::Tree;
use crate::FORMATS;

/// Escapes, controls and commands wherever a text, a name or a path may stand.
fn tree() -> Tree {
    let text = "\
config MMU
\tbool \"\u{1b}[31mred\u{7} \u{9b}2J \u{8}\u{7f}\"
\thelp
\t  ::error file=help::boo \u{1b}[2J
config T
\tbool \"::error file=x::boo\"
\tdepends on MMU && $(shell,::error::a\u{1b}[31m)
\tdepends on \"\u{1b}[2J\" != \"%0A::warning::b\"
config S
\tbool \"S\u{1b}]0;title\u{7}\"
\tselect T if \"\u{1b}[31m\" != \"\u{202e}\"
\tselect T if \"::error::c\" != \"\r::error::d\"
config ::error::e\u{1b}[31m
\tbool \"x\"
config \u{1b}[2J
\tdepends on \u{1b}[2J
source \"::error::f\u{1b}[0m\"
source \"sub\u{1b}[31m/::error::g\"
source \"\r::error::h\"
::error file=a::i
\r::error::j
##[error]k
$(warning-if,y,::error::l\u{1b}[31m)
$(error-if,y,\u{1b}[31m::error::m)
config A
\tdef_bool $(\u{1b}[31m,::error::n)
\tdepends on B
config B
\tbool \"b\"
\tdepends on A
";
    Tree::new(text).file("sub\u{1b}[31m/::error::g", "::error::o\nconfig \u{1b}\n")
}

#[test]
fn no_format_passes_escapes_or_workflow_commands() {
    let tree = tree();
    for format in FORMATS {
        for more in [&["--color", "never"][..], &["--color", "never", "-v"]] {
            let ran = tree.check(&[&["--format", format], more].concat());
            assert_eq!(ran.exit, Some(1), "{}", ran.stderr());
            for stream in [&ran.stdout, &ran.stderr] {
                harmless(stream, format);
            }
        }
    }
}

#[test]
fn without_the_cycle_the_witness_is_harmless_too() {
    let tree = tree();
    let text = std::fs::read_to_string(tree.path("Kconfig")).expect("a file");
    let tree = tree.file("Kconfig", text.replace("\tdepends on B\n", ""));
    for format in FORMATS {
        let ran = tree.check(&["--format", format, "--color", "never"]);
        assert_eq!(ran.exit, Some(1), "{}", ran.stderr());
        harmless(&ran.stdout, format);
    }
}

/// A path on the command line comes from outside as well.
#[test]
fn the_command_line_is_quoted_harmlessly() {
    let tree = Tree::new("");
    for argument in ["\u{1b}[31m", "::error::x", "\r::error::x\n::error::y"] {
        let ran = tree.check(&[argument]);
        assert_eq!(ran.exit, Some(2));
        harmless(&ran.stderr, "stderr");
    }
    let odd = Tree::empty().file("\u{1b}[31m\n::error::x/Kconfig", "config A\n");
    let ran = odd.check(&["--format", "json"]);
    harmless(&ran.stdout, "json");
    harmless(&ran.stderr, "stderr");
}

#[track_caller]
fn harmless(bytes: &[u8], what: &str) {
    let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
    for line in text.split('\n') {
        let control = line.chars().find(|letter| letter.is_control());
        assert_eq!(control, None, "{what}: {line:?}");
        let override_ = line.contains('\u{202e}');
        assert!(!override_, "{what}: {line:?}");
        let start = line.trim_start();
        // The commands of this format are ours, one in a line, and nothing closes them early.
        let own = what == "github" && is_annotation(line);
        let command = !own && start.starts_with("::") || start.starts_with("##[");
        assert!(!command, "{what}: {line:?}");
    }
}

fn is_annotation(line: &str) -> bool {
    let Some(rest) = line.strip_prefix("::") else {
        return false;
    };
    let Some((head, _)) = rest.split_once("::") else {
        return false;
    };
    let Some((level, properties)) = head.split_once(' ') else {
        return false;
    };
    let known = ["file", "line", "endLine", "col", "endColumn", "title"];
    let mut names = properties.split(',').map(|it| it.split('=').next());
    ["error", "warning", "notice"].contains(&level)
        && names.all(|name| name.is_some_and(|name| known.contains(&name)))
}
