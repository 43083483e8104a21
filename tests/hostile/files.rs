// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is no file, lies outside the tree, or sources itself.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::{SELECT, Tree, UNMET, lines};

#[test]
fn a_file_that_sources_itself_is_read_once() {
    let tree = Tree::new(format!("source \"Kconfig\"\n{SELECT}"));
    tree.expect_only(&[
        "Kconfig:1:1: error: \"Kconfig\" sources itself [recursive-source]",
        UNMET,
    ]);
}

#[test]
fn two_files_that_source_each_other_are_read_once() {
    let tree = Tree::new(format!("source \"a\"\n{SELECT}"))
        .file("a", "source \"./b\"\n")
        .file("b", "source \"a\"\n");
    tree.expect_only(&[UNMET, "b:1:1: error: \"a\" sources itself"]);
}

#[test]
fn a_folder_that_links_to_itself_is_no_way_around() {
    let tree = Tree::new(format!("source \"s/Kconfig\"\n{SELECT}")).link("s", ".");
    tree.expect(&["[recursive-source]", UNMET]);
}

#[test]
fn files_that_source_the_next_one_twice_do_not_double_the_work_for_ever() {
    let mut tree = Tree::new("source \"f0\"\n").file("f60", SELECT);
    for at in 0..60 {
        let next = format!("source \"f{0}\"\nsource \"f{0}\"\n", at + 1);
        tree = tree.file(&format!("f{at}"), next);
    }
    tree.expect(&["the tree has too many inclusions: the rest is not read [recursive-source]"]);
}

#[test]
fn includes_may_be_deep() {
    let mut tree = Tree::new("source \"f0\"\n").file("f2000", SELECT);
    for at in 0..2000 {
        tree = tree.file(&format!("f{at}"), format!("source \"f{}\"\n", at + 1));
    }
    tree.expect_only(&[UNMET]);
}

#[test]
fn nothing_outside_the_tree_is_read() {
    let secret = tempfile::tempdir().expect("a folder");
    fs::write(
        secret.path().join("Kconfig"),
        "config SECRET\n\tbool \"s\"\n",
    )
    .expect("a file");
    let outside = secret.path().display().to_string();
    let sources = format!(
        "source \"/etc/passwd\"\nsource \"../../../../../../etc/passwd\"\nsource \"link\"\n\
         source \"folder/Kconfig\"\nsource \"{outside}/Kconfig\"\n{SELECT}"
    );
    let tree = Tree::new(sources)
        .link("link", "/etc/passwd")
        .link("folder", secret.path());
    let findings = tree.expect(&[
        "Kconfig:1:8: error: cannot read \"/etc/passwd\": the path leads out of the tree",
        "Kconfig:2:8: error: cannot read",
        "Kconfig:3:8: error: cannot read \"link\": the path leads out of the tree",
        "Kconfig:4:8: error: cannot read \"folder/Kconfig\": the path leads out of the tree",
        "Kconfig:5:8: error: cannot read",
        UNMET,
    ]);
    assert!(findings.iter().all(|line| !line.contains("root:")));
}

#[test]
fn what_is_no_file_is_not_opened() {
    let sources = ["fifo", "device", "folder", "missing", "dangling"];
    let sources: String = sources
        .iter()
        .map(|path| format!("source \"{path}\"\n"))
        .collect();
    let tree = Tree::new(format!("{sources}{SELECT}"))
        .fifo("fifo")
        .link("device", "/dev/zero")
        .file("folder/x", "")
        .link("dangling", "nowhere");
    tree.expect_only(&[
        "Kconfig:1:8: error: cannot read \"fifo\": not a regular file [missing-source]",
        "Kconfig:2:8: error: cannot read \"device\": not a regular file [missing-source]",
        "Kconfig:3:8: error: cannot read \"folder\": not a regular file [missing-source]",
        "Kconfig:4:8: error: cannot read \"missing\": no such file [missing-source]",
        "Kconfig:5:8: error: cannot read \"dangling\": no such file [missing-source]",
        UNMET,
    ]);
}

#[test]
fn a_file_that_may_not_be_read_is_named() {
    let tree = Tree::new(format!("source \"closed\"\n{SELECT}")).file("closed", "");
    let closed = tree.path("closed");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).expect("a mode");
    if fs::read(&closed).is_ok() {
        return; // root reads everything
    }
    tree.expect(&["Kconfig:1:8: error: cannot read \"closed\"", UNMET]);
}

#[test]
fn a_root_that_is_no_file_is_no_tree() {
    let folder = Tree::empty().file("Kconfig/x", "");
    let fifo = Tree::empty().fifo("Kconfig");
    let device = Tree::empty().link("Kconfig", "/dev/zero");
    for tree in [Tree::empty(), folder, fifo, device] {
        let ran = tree.check(&[]);
        assert_eq!(ran.exit, Some(2), "{}", ran.stderr());
        assert!(ran.stdout.is_empty());
        assert!(ran.stderr().starts_with("error: "), "{}", ran.stderr());
    }
}

#[test]
fn a_huge_file_is_refused_unread() {
    let sparse = |path: &std::path::Path| {
        let file = fs::File::create(path).expect("a file");
        file.set_len(100 << 20).expect("a length");
    };
    let tree = Tree::new(format!("source \"huge\"\n{SELECT}"));
    sparse(&tree.path("huge"));
    tree.expect_only(&[
        "Kconfig:1:8: error: cannot read \"huge\": 104857600 bytes",
        UNMET,
    ]);
    let root = Tree::empty();
    sparse(&root.path("Kconfig"));
    let ran = root.check(&[]);
    assert_eq!(ran.exit, Some(2));
    assert!(
        ran.stderr()
            .contains("cannot read Kconfig: 104857600 bytes")
    );
}

#[test]
fn a_big_file_is_read() {
    let tree = Tree::new(format!(
        "{SELECT}{}",
        lines(400_000, |at| format!("# line {at}"))
    ));
    tree.expect_only(&[UNMET]);
}
