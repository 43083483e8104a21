// SPDX-License-Identifier: MIT OR Apache-2.0
//! Writing under difficulties: after each case the files hold what they should, and nothing of
//! ours is left beside them.

use std::os::unix::fs::{PermissionsExt, symlink};

use tempfile::TempDir;

use super::*;

/// A tree of `a/Kconfig` ("one") and `b/Kconfig` ("two").
fn tree() -> TempDir {
    let tree = tempfile::tempdir().expect("a folder");
    for (folder, text) in [("a", "one"), ("b", "two")] {
        fs::create_dir(tree.path().join(folder)).expect("a folder");
        fs::write(tree.path().join(folder).join("Kconfig"), text).expect("a file");
    }
    tree
}

fn change(path: &str, before: &str, after: &str) -> Changed {
    Changed {
        path: path.to_owned(),
        before: before.as_bytes().into(),
        after: after.as_bytes().into(),
    }
}

fn both() -> [Changed; 2] {
    [
        change("a/Kconfig", "one", "ONE"),
        change("b/Kconfig", "two", "TWO"),
    ]
}

/// What lies in a tree, by path: the text of a file, the target of a link after `->`.
fn contents(tree: &Path) -> Vec<String> {
    let entries = walkdir::WalkDir::new(tree).sort_by_file_name().into_iter();
    let entries = entries.map(|entry| entry.expect("an entry"));
    let said = entries.filter_map(|entry| {
        let path = entry.path().strip_prefix(tree).expect("below").display();
        let kind = entry.file_type();
        if kind.is_symlink() {
            let to = fs::read_link(entry.path()).expect("a link");
            return Some(format!("{path} -> {}", to.display()));
        }
        let text = || fs::read_to_string(entry.path()).expect("a text");
        kind.is_file().then(|| format!("{path}: {}", text()))
    });
    said.collect()
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("our own file");
}

#[test]
fn all_files_get_their_texts_and_keep_their_permissions() {
    let tree = tree();
    set_mode(&tree.path().join("a/Kconfig"), 0o640);
    set_mode(&tree.path().join("b/Kconfig"), 0o755);
    write(tree.path(), &both()).expect("written");
    assert_eq!(contents(tree.path()), ["a/Kconfig: ONE", "b/Kconfig: TWO"]);
    for (path, mode) in [("a/Kconfig", 0o640), ("b/Kconfig", 0o755)] {
        let meta = fs::metadata(tree.path().join(path)).expect("a file");
        assert_eq!(meta.permissions().mode() & 0o7777, mode, "{path}");
    }
}

#[test]
fn the_file_behind_a_link_is_replaced_and_the_link_stays() {
    let tree = tree();
    symlink("b", tree.path().join("c")).expect("a link");
    symlink("../a/Kconfig", tree.path().join("b/Kconfig.a")).expect("a link");
    let files = [
        change("c/Kconfig.a", "one", "ONE"),
        change("b/Kconfig.a", "one", "ONE"),
    ];
    let own = as_files(tree.path(), &files).expect("in the tree");
    assert_eq!(own, [change("a/Kconfig", "one", "ONE")]);
    write(tree.path(), &files).expect("written");
    let expected = [
        "a/Kconfig: ONE",
        "b/Kconfig: two",
        "b/Kconfig.a -> ../a/Kconfig",
        "c -> b",
    ];
    assert_eq!(contents(tree.path()), expected);

    let differ = [
        change("a/Kconfig", "ONE", "1"),
        change("b/Kconfig.a", "ONE", "2"),
    ];
    let error = write(tree.path(), &differ).expect_err("two texts for one file");
    assert_eq!(error.trouble, Trouble::SameFile("a/Kconfig".to_owned()));
    assert_eq!(contents(tree.path()), expected);
}

/// Something happens to the tree, and then nothing can be written: the trouble, at `b/Kconfig`.
#[test]
fn whatever_is_wrong_with_one_file_no_file_changes() {
    let outside = tempfile::tempdir().expect("a folder");
    fs::write(outside.path().join("Kconfig"), "two").expect("a file");
    type Happens<'h> = &'h dyn Fn(&Path, &Path);
    let cases: [(Happens<'_>, Trouble); 7] = [
        (
            &|_, file| fs::write(file, "other").expect("a file"),
            Trouble::ChangedMeanwhile,
        ),
        (
            &|_, file| fs::remove_file(file).expect("a file"),
            Trouble::RemovedMeanwhile,
        ),
        (
            &|folder, _| fs::remove_dir_all(folder).expect("a folder"),
            Trouble::RemovedMeanwhile,
        ),
        (
            &|_, file| {
                fs::remove_file(file).expect("a file");
                fs::create_dir(file).expect("a folder");
            },
            Trouble::ChangedMeanwhile,
        ),
        (
            &|_, file| {
                fs::remove_file(file).expect("a file");
                symlink(outside.path().join("Kconfig"), file).expect("a link");
            },
            Trouble::Outside,
        ),
        (&|_, file| set_mode(file, 0o444), Trouble::ReadOnly),
        (
            &|folder, _| set_mode(folder, 0o555),
            Trouble::ReadOnlyFolder,
        ),
    ];
    for (happens, trouble) in cases {
        let tree = tree();
        let folder = tree.path().join("b");
        happens(&folder, &folder.join("Kconfig"));
        let before = contents(tree.path());
        let error = write(tree.path(), &both()).expect_err("trouble");
        assert_eq!(
            (error.path.as_str(), &error.trouble),
            ("b/Kconfig", &trouble)
        );
        assert!(
            error.to_string().ends_with("no file was changed"),
            "{error}"
        );
        assert_eq!(contents(tree.path()), before, "{trouble}");
        if folder.exists() {
            set_mode(&folder, 0o755);
        }
    }
    let kept = fs::read_to_string(outside.path().join("Kconfig")).expect("a file");
    assert_eq!(kept, "two");
}

#[test]
fn what_was_replaced_before_a_failure_is_put_back() {
    let tree = tree();
    let mode = 0o640;
    set_mode(&tree.path().join("a/Kconfig"), mode);
    let files = both();
    let staged = stage_all(tree.path(), &files).expect("staged");
    assert_eq!(contents(tree.path()).len(), 4, "two temporary files");
    let second = tree.path().join("b/Kconfig");
    fs::remove_file(&second).expect("a file");
    fs::create_dir(&second).expect("a folder");
    let error = commit(staged).expect_err("a folder cannot be replaced by a file");
    assert_eq!(error.path, "b/Kconfig");
    assert_eq!(error.changed, []);
    assert_eq!(contents(tree.path()), ["a/Kconfig: one"]);
    let meta = fs::metadata(tree.path().join("a/Kconfig")).expect("a file");
    assert_eq!(meta.permissions().mode() & 0o7777, mode);
}

#[test]
fn the_message_says_which_files_have_which_state() {
    let error = WriteError {
        path: "b/Kconfig".to_owned(),
        trouble: Trouble::System("no space".to_owned()),
        changed: vec![("a/Kconfig".to_owned(), "it is read-only".to_owned())],
    };
    let expected = "cannot write b/Kconfig: no space\n\
                    a/Kconfig has the new text, and the old one could not be put back: it is \
                    read-only\n\
                    all other files are as they were";
    assert_eq!(error.to_string(), expected);
}
