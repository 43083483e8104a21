// SPDX-License-Identifier: MIT OR Apache-2.0
//! The options as a user meets them: what is written where, what is said, and that a disk which
//! does not take the new texts keeps the old ones.

use std::fs;
use std::process::Command;

use super::{Tree, program, words};

const A: (&str, &[u8]) = ("a/Kconfig", b"config A\n\tbool \"a\"\n\tselect T\n");
const B: (&str, &[u8]) = ("b/Kconfig", b"config B\n\tbool \"b\"\n\tselect T\n");

/// What a run says on standard error, its exit status, and whether the tree is as it was.
fn run(tree: &Tree, arguments: &[&str]) -> (String, Option<i32>, bool) {
    let before = tree.contents();
    let ran = tree.check(arguments);
    let same = tree.contents() == before;
    (words(&ran.stderr), ran.status.code(), same)
}

#[test]
fn what_remains_is_reported_and_a_second_run_changes_nothing() {
    let tree = Tree::with_drivers(&[A, B]);
    let (said, exit, same) = run(&tree, &["--fix-unsafe", "-v"]);
    let expected = "tree: generic, of no known program, from Kconfig\n\
                    fixed A: depend on MMU [unmet-dependency]\n\
                    fixed B: depend on MMU [unmet-dependency]\n\
                    applied 2 fixes in 2 files\n";
    assert_eq!((said.as_str(), exit, same), (expected, Some(0), false));
    let (said, exit, same) = run(&tree, &["--fix-unsafe"]);
    assert_eq!(
        (said.as_str(), exit, same),
        ("applied 0 fixes in 0 files\n", Some(0), true)
    );
}

#[test]
fn only_what_lies_under_the_paths_is_fixed() {
    let tree = Tree::with_drivers(&[A, B]);
    // The mark of a tree, so that a folder in it is not taken for one.
    fs::create_dir_all(tree.path("scripts/kconfig")).expect("a folder");
    let before = tree.contents();
    let mut command = Command::new(program());
    command
        .arg("check")
        .arg(tree.path("b"))
        .args(["--fix-unsafe", "-q"]);
    let ran = command.output().expect("the program runs");
    assert_eq!(
        (words(&ran.stderr).as_str(), ran.status.code()),
        ("", Some(0))
    );
    let after = tree.contents();
    assert_eq!(after["a/Kconfig"], before["a/Kconfig"]);
    assert_ne!(after["b/Kconfig"], before["b/Kconfig"]);
}

#[test]
fn a_diff_changes_neither_the_tree_nor_the_status() {
    let tree = Tree::with_drivers(&[A]);
    for (arguments, exit) in [
        (&["--diff", "--fix-unsafe"][..], 1),
        (&["--diff", "--fix"], 1),
        (&["--diff", "-W", "all"], 0),
        (&["--diff", "--format", "json"], 2),
    ] {
        let (said, code, same) = run(&tree, arguments);
        assert_eq!((code, same), (Some(exit), true), "{arguments:?}: {said}");
    }
}

#[test]
fn a_file_that_is_not_utf8_is_left_alone() {
    let odd: (&str, &[u8]) = (
        "b/Kconfig",
        b"# gr\xfcn\nconfig B\n\tbool \"b\"\n\tselect T\n",
    );
    let tree = Tree::with_drivers(&[A, odd]);
    let (said, exit, _) = run(&tree, &["--fix-unsafe"]);
    let words = "b/Kconfig:1: not valid UTF-8 at byte 4, so the file is not edited";
    assert!(said.contains(words), "{said}");
    assert!(said.contains("applied 1 fix in 1 file\n"), "{said}");
    assert_eq!(exit, Some(1));
    assert_eq!(tree.contents()["b/Kconfig"], odd.1);
}

#[test]
fn with_some_architectures_the_user_is_warned() {
    let root = format!(
        "{}\nsource \"a/Kconfig\"\nsource \"arch/$(SRCARCH)/Kconfig\"\n",
        super::HELPER
    );
    let files: [(&str, &[u8]); 4] = [
        ("Kconfig", root.as_bytes()),
        A,
        ("arch/arm/Kconfig", b"config ARM\n\tdef_bool y\n"),
        ("arch/x86/Kconfig", b"config X86\n\tdef_bool y\n"),
    ];
    let tree = Tree::new(&files);
    let warning = "warning: fixes are judged on arm only, and may do harm elsewhere\n";
    for (arguments, warned) in [
        (&["--tree", "linux", "--diff", "--arch", "arm"][..], true),
        (&["--tree", "linux", "--diff"], false),
    ] {
        let (said, _, _) = run(&tree, arguments);
        assert_eq!(said.contains(warning), warned, "{said}");
    }
}

#[cfg(unix)]
#[test]
fn what_is_read_only_stays() {
    use std::os::unix::fs::PermissionsExt;
    for (path, mode, words) in [
        (
            "b/Kconfig",
            0o444,
            "error: cannot write b/Kconfig: it is read-only\n",
        ),
        (
            "b",
            0o555,
            "error: cannot write b/Kconfig: its folder is read-only\n",
        ),
    ] {
        let tree = Tree::with_drivers(&[A, B]);
        let set = |mode| {
            let mode = fs::Permissions::from_mode(mode);
            fs::set_permissions(tree.path(path), mode).expect("our own file");
        };
        set(mode);
        let (said, exit, same) = run(&tree, &["--fix-unsafe"]);
        set(0o755);
        assert!(said.starts_with(words), "{said}");
        assert!(said.ends_with("error: no file was changed\n"), "{said}");
        assert_eq!((exit, same), (Some(2), true));
    }
}

/// A limit for the size of files stands for a disk that is full: the system refuses the same
/// call, and it takes no special user.
#[cfg(unix)]
#[test]
fn a_full_disk_keeps_the_old_texts() {
    let large = [B.1, &b"# padding\n".repeat(1000)].concat();
    let tree = Tree::with_drivers(&[A, ("b/Kconfig", &large)]);
    let before = tree.contents();
    let limited = "trap '' XFSZ; ulimit -f 2; exec \"$0\" \"$@\"";
    let ran = Command::new("sh")
        .args(["-c", limited])
        .arg(program())
        .arg("check")
        .arg(tree.folder.path())
        .arg("--fix-unsafe")
        .output()
        .expect("a shell");
    let said = words(&ran.stderr);
    assert!(
        said.starts_with("error: cannot write b/Kconfig: File too large"),
        "{said}"
    );
    assert!(said.ends_with("error: no file was changed\n"), "{said}");
    assert_eq!(ran.status.code(), Some(2));
    assert_eq!(
        tree.contents(),
        before,
        "nothing changed, and no temporary file is left"
    );
}
