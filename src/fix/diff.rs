// SPDX-License-Identifier: MIT OR Apache-2.0
//! Changed files as a unified diff that `git apply` and `patch -p1` take.
//!
//! The bytes of the tree stand in it as they are: it is for tools. What a person reads in a
//! report is made harmless elsewhere.

use std::io::{self, Write};

use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices, group_diff_ops};

use super::Changed;

/// Unchanged lines around a change, as git and diff show them.
const CONTEXT: usize = 3;

/// Writes the diff of files, in their order.
///
/// # Errors
/// When `out` does not take it.
pub fn unified(changed: &[Changed], out: &mut dyn Write) -> io::Result<()> {
    for file in changed.iter().filter(|file| file.before != file.after) {
        head(&file.path, out)?;
        let (old, new) = (lines(&file.before), lines(&file.after));
        let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
        for hunk in group_diff_ops(ops, CONTEXT) {
            write_hunk(&hunk, &old, &new, out)?;
        }
    }
    Ok(())
}

fn head(path: &str, out: &mut dyn Write) -> io::Result<()> {
    let (old, new) = (quoted("a/", path), quoted("b/", path));
    // No line of git's before these: with one, `git apply` takes the names to begin at the root of
    // the repository, and passes over a tree below it. Without the tab, patch takes a name to end
    // at its first space.
    let end = if path.contains(' ') { "\t" } else { "" };
    writeln!(out, "--- {old}{end}")?;
    writeln!(out, "+++ {new}{end}")
}

/// A path as git writes it: in quotes, with escapes as in C, where a byte is not plain ASCII.
fn quoted(prefix: &str, path: &str) -> String {
    let plain = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\';
    if path.bytes().all(plain) {
        return format!("{prefix}{path}");
    }
    let mut name = format!("\"{prefix}");
    for byte in path.bytes() {
        match byte {
            b'"' => name += "\\\"",
            b'\\' => name += "\\\\",
            b'\t' => name += "\\t",
            b'\n' => name += "\\n",
            b'\r' => name += "\\r",
            byte if plain(byte) => name.push(char::from(byte)),
            byte => name += &format!("\\{byte:03o}"),
        }
    }
    name.push('"');
    name
}

/// The lines of a text, each with its line feed; the last may have none.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').collect()
}

fn write_hunk(
    hunk: &[DiffOp],
    old: &[&[u8]],
    new: &[&[u8]],
    out: &mut dyn Write,
) -> io::Result<()> {
    let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else {
        return Ok(());
    };
    writeln!(
        out,
        "@@ -{} +{} @@",
        range(first.old_range().start, last.old_range().end),
        range(first.new_range().start, last.new_range().end)
    )?;
    for op in hunk {
        let (gone, come) = (&old[op.old_range()], &new[op.new_range()]);
        match op.tag() {
            DiffTag::Equal => write_lines(" ", gone, out)?,
            DiffTag::Delete | DiffTag::Insert | DiffTag::Replace => {
                write_lines("-", gone, out)?;
                write_lines("+", come, out)?;
            }
        }
    }
    Ok(())
}

/// Lines `start..end`, from 0, as `first,count` from 1. No lines stand after the line before
/// them; one line needs no count.
fn range(start: usize, end: usize) -> String {
    match end - start {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        count => format!("{},{count}", start + 1),
    }
}

fn write_lines(sign: &str, lines: &[&[u8]], out: &mut dyn Write) -> io::Result<()> {
    for line in lines {
        out.write_all(sign.as_bytes())?;
        out.write_all(line)?;
        if !line.ends_with(b"\n") {
            out.write_all(b"\n\\ No newline at end of file\n")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(path: &str, before: &str, after: &str) -> String {
        let changed = Changed {
            path: path.to_owned(),
            before: before.as_bytes().into(),
            after: after.as_bytes().into(),
        };
        let mut bytes = Vec::new();
        unified(&[changed], &mut bytes).expect("a Vec takes everything");
        String::from_utf8(bytes).expect("UTF-8")
    }

    #[test]
    fn a_hunk_says_where_it_is() {
        let head = "--- a/K\n+++ b/K\n";
        for (before, after, hunks) in [
            ("a\n", "a\n", None),
            ("a\n", "b\n", Some("@@ -1 +1 @@\n-a\n+b\n")),
            ("", "a\n", Some("@@ -0,0 +1 @@\n+a\n")),
            (
                "a",
                "a\nb",
                Some(
                    "@@ -1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n\
                     \\ No newline at end of file\n",
                ),
            ),
            ("a\r\nb\r\n", "a\r\n", Some("@@ -1,2 +1 @@\n a\r\n-b\r\n")),
            (
                "1\n2\n3\n4\n5\n6\n7\n8\n9\n",
                "1\n2\n3\n4\nx\n5\n6\n7\n8\n9\n",
                Some("@@ -2,6 +2,7 @@\n 2\n 3\n 4\n+x\n 5\n 6\n 7\n"),
            ),
        ] {
            let expected = hunks.map(|hunks| format!("{head}{hunks}"));
            assert_eq!(diff("K", before, after), expected.unwrap_or_default());
        }
    }

    #[test]
    fn odd_paths_are_quoted_as_git_does() {
        for (path, expected) in [
            ("drivers/Kconfig", "a/drivers/Kconfig"),
            ("two words", "a/two words"),
            ("ä", r#""a/\303\244""#),
            ("a\"b\\c\td\x7f", r#""a/a\"b\\c\td\177""#),
        ] {
            assert_eq!(quoted("a/", path), expected);
        }
    }
}
