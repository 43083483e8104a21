// SPDX-License-Identifier: MIT OR Apache-2.0
//! Patches in memory, beside the real git: the same patch gives the same files, or none of both
//! takes it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use kconfig_lint::source::patch::{Patch, Series, apply};
use kconfig_lint::source::{Overlay, Reader, WorkTree};
use proptest::prelude::*;

type Texts = BTreeMap<String, Vec<u8>>;

fn git(folder: &Path, arguments: &[&str], input: &[u8]) -> (bool, Vec<u8>) {
    use std::io::Write;
    let mut child = Command::new("git")
        .args([
            "-c",
            "core.autocrlf=false",
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@b",
        ])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("git is installed");
    child
        .stdin
        .take()
        .expect("a pipe")
        .write_all(input)
        .expect("git reads all");
    let output = child.wait_with_output().expect("git ends");
    (output.status.success(), output.stdout)
}

fn write(folder: &Path, texts: &Texts) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        if entry.file_name() != ".git" {
            let _ = fs::remove_file(entry.path());
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    for (path, text) in texts {
        let place = folder.join(path);
        fs::create_dir_all(place.parent().expect("a folder")).expect("a folder");
        fs::write(place, text).expect("a file");
    }
}

fn contents(folder: &Path) -> Texts {
    let entries = walkdir::WalkDir::new(folder).into_iter();
    let entries = entries.filter_entry(|entry| entry.file_name() != ".git");
    let files = entries
        .flatten()
        .filter(|entry| entry.file_type().is_file());
    files
        .map(|entry| {
            let path = entry.path().strip_prefix(folder).expect("below");
            let text = fs::read(entry.path()).expect("a file");
            (path.to_string_lossy().into_owned(), text)
        })
        .collect()
}

/// What a patch makes of texts in memory.
fn applied(texts: &Texts, patch: &Patch) -> Option<Texts> {
    let empty: Arc<dyn Reader> = Arc::new(WorkTree::new("/nonexistent"));
    let overlay = texts.iter().fold(Overlay::new(empty), |all, (path, text)| {
        all.with(path, text.clone())
    });
    let below: Arc<dyn Reader> = Arc::new(overlay);
    let changed = apply(&below, patch, &|_| true).ok()?;
    let named = patch
        .files
        .iter()
        .flat_map(|file| file.old.iter().chain(&file.new));
    let paths = texts.keys().chain(named);
    let read = |path: &String| Some((path.clone(), changed.read(path).ok()?.to_vec()));
    Some(paths.filter_map(read).collect())
}

/// Few different lines, so that hunks find several places.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let line = prop::sample::select(vec!["", "a", "b", "\tc", "d\r", " "]);
    (prop::collection::vec(line, 0..24), any::<bool>()).prop_map(|(lines, ends)| {
        let mut text = lines.join("\n").into_bytes();
        if ends && !text.is_empty() {
            text.push(b'\n');
        }
        text
    })
}

fn texts() -> impl Strategy<Value = Texts> {
    let name = prop::sample::select(vec![
        "Kconfig",
        "a/Kconfig",
        "two words/\u{e4}",
        "b",
        "c/d/e",
    ]);
    let name = name.prop_map(str::to_owned);
    prop::collection::btree_map(name, text(), 1..4)
}

/// Texts that are like others, with some lines more or less.
fn nearly(texts: &Texts, seeds: &[u8]) -> Texts {
    let mut seeds = seeds.iter().cycle().copied();
    let mut next = || seeds.next().unwrap_or(0);
    let mut changed = Texts::new();
    for (path, text) in texts {
        let mut lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
        for _ in 0..next() % 4 {
            let at = next() as usize % (lines.len() + 1);
            match next() % 3 {
                0 if at < lines.len() => drop(lines.remove(at)),
                1 => lines.insert(at.min(lines.len().saturating_sub(1)), b"new\n"),
                _ if at < lines.len() => lines[at] = b"a\n",
                _ => {}
            }
        }
        changed.insert(path.clone(), lines.concat());
    }
    changed
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// A diff of two trees makes one of the other; reversed, the other way; and on a third one
    /// that is nearly the first, git and we come to the same.
    #[test]
    fn git_and_we_make_the_same_of_a_patch(
        before in texts(),
        other in texts(),
        seeds in prop::collection::vec(any::<u8>(), 1..40),
        copies in any::<bool>(),
        context in 0..4_u8,
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        let mut after = nearly(&before, &seeds);
        after.extend(other.into_iter().filter(|(path, _)| !before.contains_key(path)));
        if seeds[0] % 3 == 0 {
            after.pop_first();
        }
        git(root, &["init", "-q"], b"");
        write(root, &before);
        git(root, &["add", "-A"], b"");
        git(root, &["commit", "-qm", "one", "--allow-empty"], b"");
        write(root, &after);
        git(root, &["add", "-A"], b"");
        let context = format!("-U{context}");
        let renames = if copies { "-C" } else { "--no-renames" };
        let options = ["diff", "--cached", "--text", "--find-copies-harder", renames, &context];
        let (_, diff) = git(root, &options, b"");
        let series = Series::parse(&diff).expect("git's own diff");
        let Some(patch) = series.patches.first() else {
            prop_assert!(before == after || diff.is_empty());
            return Ok(());
        };
        if context != "-U0" {
            prop_assert_eq!(applied(&before, patch), Some(after.clone()), "{}", String::from_utf8_lossy(&diff));
            prop_assert_eq!(applied(&after, &patch.reversed()), Some(before.clone()));
        }
        let third = nearly(&before, &seeds[seeds.len() / 2..]);
        write(root, &third);
        let (taken, _) = git(root, &["apply"], &diff);
        let by_git = taken.then(|| contents(root));
        prop_assert_eq!(
            applied(&third, patch),
            by_git,
            "{}", String::from_utf8_lossy(&diff)
        );
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Series::parse(&bytes);
    }

    #[test]
    fn broken_diffs_are_read_without_a_panic(
        cut in 0..200_usize,
        byte in any::<u8>(),
    ) {
        let mut text = b"From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\n\
            From: A <a@b>\nSubject: x\n\ndiff --git a/K b/K\n--- a/K\n+++ b/K\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n"
            .to_vec();
        let at = cut % text.len();
        text[at] = byte;
        let _ = Series::parse(&text);
        text.truncate(at);
        let _ = Series::parse(&text);
    }
}

/// git takes a last line without an end for one that has it.
#[test]
fn a_file_goes_only_with_all_that_is_in_it() {
    let diff = b"diff --git a/K b/K\ndeleted file mode 100644\n--- a/K\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n\
                 \\ No newline at end of file\n";
    let series = Series::parse(diff).expect("a diff");
    let of = |text: &[u8]| Texts::from([("K".to_owned(), text.to_vec())]);
    let folder = tempfile::tempdir().expect("a temporary folder");
    git(folder.path(), &["init", "-q"], b"");
    for (text, goes) in [(&b"a"[..], true), (b"a\n", false)] {
        write(folder.path(), &of(text));
        assert_eq!(git(folder.path(), &["apply"], diff).0, goes);
        let gone = applied(&of(text), &series.patches[0]);
        assert_eq!(gone, goes.then(Texts::new), "{text:?}");
    }
}

#[test]
fn a_last_line_without_an_end_fits_one_with_an_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    git(root, &["init", "-q"], b"");
    let texts = |text: &str| Texts::from([("Kconfig".to_owned(), text.into())]);
    write(root, &texts("1\n2\n3\nb\na"));
    git(root, &["add", "-A"], b"");
    write(root, &texts("1\n2\n3\nb\nnew\na"));
    let (_, diff) = git(root, &["diff", "-U1"], b"");
    let series = Series::parse(&diff).expect("git's own diff");
    for third in ["1\nb\na\nb\n", "1\nb\na \nb\n", "x\nb\nab\n", "x\nb\na"] {
        write(root, &texts(third));
        let (taken, _) = git(root, &["apply"], &diff);
        let by_git = taken.then(|| contents(root));
        let ours = applied(&texts(third), &series.patches[0]);
        assert_eq!(ours, by_git, "{third:?}");
    }
}

/// `git format-patch` writes it; the mails say what they are.
#[test]
fn a_series_of_mails_applies_one_after_the_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    git(root, &["init", "-q"], b"");
    let steps: [(&str, &str); 3] = [
        ("start", "config A\n\tbool \"a\"\n"),
        (
            "two: gr\u{f6}\u{df}er",
            "config A\n\tbool \"a\"\n\tselect B\n",
        ),
        (
            "three",
            "config A\n\tbool \"a\"\n\tselect B\n\tselect \u{e4}\n",
        ),
    ];
    for (subject, text) in steps {
        fs::write(root.join("Kconfig"), text).expect("a file");
        git(root, &["add", "-A"], b"");
        assert!(git(root, &["commit", "-qm", subject], b"").0);
    }
    let options = [
        "format-patch",
        "--stdout",
        "--cover-letter",
        "--base=HEAD~2",
        "HEAD~2",
    ];
    let (_, mbox) = git(root, &options, b"");
    let (_, first) = git(root, &["rev-parse", "HEAD~2"], b"");
    let (_, last) = git(root, &["rev-parse", "HEAD"], b"");
    let series = Series::parse(&mbox).expect("git's own mails");
    let subjects: Vec<&str> = series
        .patches
        .iter()
        .map(|it| it.subject.as_str())
        .collect();
    assert_eq!(subjects, ["two: gr\u{f6}\u{df}er", "three"]);
    let words = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8").trim().to_owned();
    assert_eq!(series.base, Some(words(first)));
    assert_eq!(series.patches[1].commit, Some(words(last)));
    let mut texts = Texts::from([("Kconfig".to_owned(), steps[0].1.as_bytes().to_vec())]);
    for (patch, (_, text)) in series.patches.iter().zip(&steps[1..]) {
        texts = applied(&texts, patch).expect("it applies");
        assert_eq!(texts["Kconfig"], text.as_bytes());
    }
}

#[test]
fn what_does_not_apply_is_named_with_its_line() {
    let diff = b"--- a/K\n+++ b/K\n@@ -1,3 +1,3 @@\n a\n-b\n+c\n d\n";
    let series = Series::parse(diff).expect("a diff");
    let below: Arc<dyn Reader> = Arc::new(
        Overlay::new(Arc::new(WorkTree::new("/nonexistent"))).with("K", b"a\nx\nd\n".as_slice()),
    );
    let conflict = apply(&below, &series.patches[0], &|_| true)
        .err()
        .expect("a conflict");
    assert_eq!(
        conflict.to_string(),
        "3: K: hunk 1 does not apply: line 1 and those around it are not as the patch says"
    );
    assert!(apply(&below, &series.patches[0], &|path| path != "K").is_ok());
}
