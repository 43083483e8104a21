// SPDX-License-Identifier: MIT OR Apache-2.0
//! The diff, as the real git and patch take it: what they make of a tree is what `--fix-unsafe`
//! makes of it, byte for byte.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{Tree, words};

/// Line ends, last lines and names as they are found.
const DRIVERS: [(&str, &[u8]); 6] = [
    (
        "plain/Kconfig",
        b"config A\n\tbool \"a\"\n\tselect T\n\nconfig A2\n\tbool\n",
    ),
    (
        "two words/Kconfig",
        b"config B\r\n\tbool \"b\"\r\n\tselect T\r\n\thelp\r\n\t  Words.\r\n",
    ),
    (
        "\u{e4}\"x/Kconfig",
        b"config C\n    bool \"c\"\n    depends on A || A2\n    select T",
    ),
    ("end/Kconfig", b"config D\n\tselect T\n\tbool \"d\""),
    (
        "far/Kconfig",
        b"# 1\n# 2\n# 3\n# 4\n# 5\n\nconfig E\n\tbool \"e\"\n\tselect T\n\n# 6\n# 7\n# 8\n# 9\n# 10\n\
          # 11\n\nconfig F\n\tbool \"f\"\n\tselect T\n",
    ),
    (
        "utf8/Kconfig",
        "config G\n\tbool \"Größe\"\n\tselect T # ä\n".as_bytes(),
    ),
];

fn tree() -> Tree {
    // In a word of Kconfig the quote needs a backslash.
    let sources = DRIVERS.map(|(path, _)| format!("source \"{}\"\n", path.replace('"', "\\\"")));
    let root = format!("{}\n{}", super::HELPER, sources.concat());
    let mut files = vec![("Kconfig", root.as_bytes())];
    files.extend_from_slice(&DRIVERS);
    Tree::new(&files)
}

fn feed(tool: &mut Command, folder: &Path, patch: &[u8]) {
    let mut child = tool
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("git and patch are installed");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(patch).expect("the tool reads all");
    drop(input);
    let ended = child.wait_with_output().expect("it ends");
    let said = words(&ended.stdout) + &words(&ended.stderr);
    assert!(ended.status.success(), "{said}\n{}", words(patch));
    for word in ["fuzz", "offset"] {
        assert!(!said.contains(word), "{said}");
    }
}

#[test]
fn git_and_patch_make_of_a_tree_what_fix_makes_of_it() {
    let fixed = tree();
    let before = fixed.contents();
    let diff = fixed.check(&["--diff", "--fix-unsafe"]);
    assert_eq!(diff.status.code(), Some(1), "{}", words(&diff.stderr));
    assert_eq!(fixed.contents(), before, "nothing is written");
    let ran = fixed.check(&["--fix-unsafe"]);
    assert_eq!(ran.status.code(), Some(0), "{}", words(&ran.stdout));
    let after = fixed.contents();
    let changed = after.iter().filter(|(path, text)| before[*path] != **text);
    assert_eq!(changed.count(), DRIVERS.len(), "{}", words(&diff.stdout));

    let own = ["apply", "--check", "--verbose"];
    feed(
        Command::new("git").args(own),
        tree().folder.path(),
        &diff.stdout,
    );
    let by_git = tree();
    feed(
        Command::new("git").arg("apply"),
        by_git.folder.path(),
        &diff.stdout,
    );
    assert_eq!(by_git.contents(), after);
    let by_patch = tree();
    let arguments = ["-p1", "--no-backup-if-mismatch"];
    feed(
        Command::new("patch").args(arguments),
        by_patch.folder.path(),
        &diff.stdout,
    );
    assert_eq!(by_patch.contents(), after);
}

#[test]
fn git_applies_it_in_a_tree_below_the_root_of_its_repository() {
    let fixed = tree();
    let diff = fixed.check(&["--diff", "--fix-unsafe"]);
    fixed.check(&["--fix-unsafe"]);
    let repository = tempfile::tempdir().expect("a folder");
    let below = repository.path().join("below");
    for (path, text) in tree().contents() {
        let place = below.join(path);
        fs::create_dir_all(place.parent().expect("a folder")).expect("a folder");
        fs::write(place, text).expect("a file");
    }
    feed(
        Command::new("git").args(["init", "--quiet"]),
        repository.path(),
        b"",
    );
    feed(Command::new("git").arg("apply"), &below, &diff.stdout);
    for (path, text) in fixed.contents() {
        assert_eq!(
            words(&fs::read(below.join(&path)).expect("a file")),
            words(&text),
            "{path}"
        );
    }
}

#[test]
fn line_ends_and_last_lines_stay() {
    let tree = tree();
    tree.check(&["--fix-unsafe"]);
    let read = |path: &str| words(&fs::read(tree.path(path)).expect("a file"));
    let windows = read("two words/Kconfig");
    assert_eq!(
        windows.matches('\n').count(),
        windows.matches("\r\n").count()
    );
    assert!(windows.contains("\tdepends on MMU\r\n"), "{windows}");
    assert!(!read("\u{e4}\"x/Kconfig").ends_with('\n'));
    assert!(!read("end/Kconfig").ends_with('\n'));
}
