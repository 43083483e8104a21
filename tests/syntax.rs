// SPDX-License-Identifier: MIT OR Apache-2.0
//! The syntax room on fixtures and on random bytes.
//!
//! Each file of `fixtures/syntax/ok` and `fixtures/syntax/err` has a snapshot of its
//! statements, errors and tokens. The properties hold for any bytes: nothing panics, the
//! tokens are the file, the tree is sound.

#[path = "syntax/picture.rs"]
mod picture;

use std::path::{Path, PathBuf};

use kconfig_lint::syntax::ast::ExprKind;
use kconfig_lint::syntax::{NodeKind, Notation, SyntaxTree};
use proptest::prelude::*;

#[test]
fn fixtures_parse_as_their_snapshots_say() {
    for path in fixtures() {
        let text = std::fs::read(&path).expect("a fixture can be read");
        let tree = SyntaxTree::parse(&text, notation(&path));
        check(&text, &tree);
        let group = path.parent().and_then(Path::file_name).unwrap_or_default();
        if group == "ok" {
            assert!(tree.errors().is_empty(), "{path:?}: {:?}", tree.errors());
        } else {
            assert!(!tree.errors().is_empty(), "{path:?} has no error");
        }
        let file = path.file_name().unwrap_or_default();
        let name = format!("{}-{}", group.to_string_lossy(), file.to_string_lossy());
        insta::with_settings!({
            snapshot_path => "syntax/snapshots",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(name, picture::of(&text, &tree));
        });
    }
}

#[test]
fn hostile_shapes_end_and_do_not_overflow() {
    let many = 100_000;
    let nested = "if A\n".repeat(10_000) + &"endif\n".repeat(10_000);
    let open = "menu \"m\"\n".repeat(10_000);
    let terms = format!("config A\ndepends on {}A\n", "A && B || ".repeat(many));
    let parens = format!(
        "config A\ndepends on {}A{}\n",
        "(".repeat(many),
        ")".repeat(many)
    );
    let nots = format!("config A\ndepends on {}A\n", "!".repeat(many));
    let macros = format!("x = {}\n$({}\n", "$(".repeat(many), "$(".repeat(many));
    let open_strings = format!("config A\ndefault \"{}\n", "$(".repeat(many));
    let open_path = format!("source {}\n", "$(".repeat(many));
    let sources = format!("{}{}\n", "$(a) ".repeat(many), "source =".repeat(many));
    let wrong_ends = open.clone() + &"endif\n".repeat(10_000);
    for (text, errors) in [
        (nested, 0),
        (open, 10_000),
        (terms, 0),
        (parens, 0),
        (nots, 0),
        (macros, 1),
        (open_strings, 2),
        (open_path, 1),
        (sources, 1),
        (wrong_ends, 20_000),
    ] {
        let tree = SyntaxTree::parse(text.as_bytes(), Notation::Kconfig);
        check(text.as_bytes(), &tree);
        assert_eq!(tree.errors().len(), errors);
    }
}

/// A word of a random file: something the language gives a meaning.
fn piece() -> impl Strategy<Value = String> {
    let fixed = [
        "config ",
        "menuconfig ",
        "choice",
        "endchoice",
        "menu ",
        "endmenu",
        "if ",
        "endif",
        "comment ",
        "source ",
        "mainmenu ",
        "bool ",
        "default ",
        "depends on ",
        "select ",
        "range ",
        "help",
        "---help---",
        "option ",
        "set ",
        "rsource ",
        "visible ",
        "modules",
        "INSERT",
        "//config:",
        "FOO",
        "y",
        "\"text\"",
        "'",
        "\"",
        "$(x)",
        "$(",
        "a$(b)c",
        "=",
        ":=",
        "+=",
        "!=",
        "<=",
        "&&",
        "||",
        "!",
        "(",
        ")",
        "# c",
        "\\\n",
        "\\",
        "\n",
        "\n",
        "\n\t",
        "\n  ",
        "\r\n",
        " ",
        "\t",
        ".",
        "/",
        "a/b",
        "1.5e+3",
        "\0",
        "é",
        "@",
    ];
    prop_oneof![
        9 => proptest::sample::select(fixed.to_vec()).prop_map(str::to_owned),
        1 => ".{0,4}".prop_map(|text: String| text),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_round_trip(text in proptest::collection::vec(any::<u8>(), 0..400)) {
        check_both(&text);
    }

    #[test]
    fn any_words_round_trip(pieces in proptest::collection::vec(piece(), 0..80)) {
        check_both(pieces.concat().as_bytes());
    }

    #[test]
    fn changed_fixtures_round_trip(
        which in any::<proptest::sample::Index>(),
        cuts in proptest::collection::vec((any::<proptest::sample::Index>(), 0usize..6, piece()), 1..6),
    ) {
        let fixtures = fixtures();
        let path = &fixtures[which.index(fixtures.len())];
        let mut text = std::fs::read(path).expect("a fixture can be read");
        for (at, length, piece) in cuts {
            let start = at.index(text.len() + 1);
            let end = (start + length).min(text.len());
            text.splice(start..end, piece.into_bytes());
        }
        check_both(&text);
    }
}

fn check_both(text: &[u8]) {
    for notation in [Notation::Kconfig, Notation::ConfigComments] {
        check(text, &SyntaxTree::parse(text, notation));
    }
}

/// What holds for every tree: tokens and nodes cover the file, every index is in bounds,
/// children come before their parents, blocks nest, errors are in order.
fn check(text: &[u8], tree: &SyntaxTree) {
    let mut covered = Vec::with_capacity(text.len());
    for token in tree.tokens() {
        assert!(!token.range.is_empty());
        covered.extend_from_slice(token.range.of(text));
    }
    assert_eq!(covered, text);
    check_nodes(tree);
    let ast = tree.ast();
    let size = text.len() as u32;
    for (index, expr) in ast.exprs.iter().enumerate() {
        assert!(expr.range.end <= size);
        let below = |child: kconfig_lint::syntax::ast::ExprId| (child.0 as usize) < index;
        match expr.kind {
            ExprKind::Atom(atom) => assert!(!ast.words_of(atom).is_empty()),
            ExprKind::Compare(_, left, right) => {
                assert!(!ast.words_of(left).is_empty() && !ast.words_of(right).is_empty());
            }
            ExprKind::Not(a) | ExprKind::Paren(a) => assert!(below(a)),
            ExprKind::And(a, b) | ExprKind::Or(a, b) => assert!(below(a) && below(b)),
        }
    }
    let mut ends = vec![ast.entries.len() as u32];
    for (index, entry) in ast.entries.iter().enumerate() {
        while *ends.last().expect("the file ends last") <= index as u32 {
            ends.pop();
        }
        assert!(entry.end.0 > index as u32 && entry.end.0 <= *ends.last().expect("as above"));
        ends.push(entry.end.0);
        assert!(entry.head.end <= size);
        for attribute in ast.attributes_of(entry) {
            assert!(attribute.range.end <= size && !attribute.range.is_empty());
        }
    }
    assert!(tree.errors().is_sorted_by_key(|error| error.range));
    assert!(tree.errors().iter().all(|error| error.range.end <= size));
}

fn check_nodes(tree: &SyntaxTree) {
    let nodes = tree.nodes();
    assert_eq!(nodes[0].kind, NodeKind::File);
    assert_eq!(nodes[0].tokens, 0..tree.tokens().len() as u32);
    for (index, node) in nodes.iter().enumerate() {
        let mut last = node.tokens.start;
        for child in tree.children(index as u32) {
            let child = &nodes[child as usize];
            assert!(last <= child.tokens.start && child.tokens.end <= node.tokens.end);
            last = child.tokens.end;
        }
    }
}

fn fixtures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/syntax");
    let mut files: Vec<PathBuf> = ["ok", "err"]
        .iter()
        .flat_map(|group| std::fs::read_dir(root.join(group)).expect("the fixtures are there"))
        .map(|entry| entry.expect("a fixture").path())
        .collect();
    files.sort();
    files
}

fn notation(path: &Path) -> Notation {
    match path.extension() {
        Some(extension) if extension == "c" => Notation::ConfigComments,
        _ => Notation::Kconfig,
    }
}
