// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reads unified diffs, with git's extended headers or without.

use super::PatchError;

/// What a patch does to one file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileDiff {
    /// The path of the file before; `None` for a new one.
    pub old: Option<String>,
    /// The path of the file afterwards; `None` for one that goes.
    pub new: Option<String>,
    /// Whether the old file stays beside the new one; without a new one, whether a copy goes.
    pub copies: bool,
    /// Whether its bytes are not text, so that nothing says what they become.
    pub binary: bool,
    /// The changes, in order.
    pub hunks: Vec<Hunk>,
    /// The line of the patch where it starts, from 1.
    pub line: u32,
}

/// A change in one place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hunk {
    /// The first line of the file before, from 1; 0 for an empty file.
    pub old_start: u32,
    /// The first line of the file afterwards, from 1; 0 for an empty file.
    pub new_start: u32,
    /// Its lines.
    pub lines: Vec<Line>,
    /// The line of the patch with its head (`@@`), from 1.
    pub line: u32,
}

/// A line of a hunk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// Where it stands.
    pub side: Side,
    /// Its bytes, with the line feed unless the file ends without one.
    pub text: Vec<u8>,
}

/// The texts in which a line of a hunk stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// In both: context.
    Both,
    /// Only in the old one.
    Old,
    /// Only in the new one.
    New,
}

impl FileDiff {
    /// The change that takes this one back.
    pub fn reversed(&self) -> FileDiff {
        let (old, new) = match self.copies {
            // The copy goes.
            true => (self.new.clone(), None),
            false => (self.new.clone(), self.old.clone()),
        };
        FileDiff {
            old,
            new,
            hunks: self.hunks.iter().map(Hunk::reversed).collect(),
            ..self.clone()
        }
    }
}

impl Hunk {
    fn reversed(&self) -> Hunk {
        let lines = self.lines.iter().map(|line| Line {
            side: match line.side {
                Side::Both => Side::Both,
                Side::Old => Side::New,
                Side::New => Side::Old,
            },
            text: line.text.clone(),
        });
        Hunk {
            old_start: self.new_start,
            new_start: self.old_start,
            lines: lines.collect(),
            line: self.line,
        }
    }
}

/// The diffs in `text`, whose first line has the number `first`.
pub(super) fn parse(text: &[u8], first: u32) -> Result<Vec<FileDiff>, PatchError> {
    let mut reader = Reader {
        lines: text.split_inclusive(|byte| *byte == b'\n').collect(),
        at: 0,
        first,
    };
    let mut files = Vec::new();
    while let Some(line) = reader.line() {
        if line.starts_with(b"diff --git ") {
            files.extend(reader.git_file()?);
        } else if line.starts_with(b"--- ") && reader.begins_plain_file() {
            files.push(reader.plain_file()?);
        } else if is_head(line) {
            return Err(reader.error("a hunk without a file"));
        } else {
            reader.at += 1;
        }
    }
    Ok(files)
}

/// What the lines between `diff --git` and the first hunk say.
#[derive(Default)]
struct Header {
    old: Option<String>,
    new: Option<String>,
    is_new: bool,
    is_gone: bool,
    moved: Option<(String, String)>,
    copies: bool,
    binary: bool,
    says_something: bool,
}

struct Reader<'t> {
    lines: Vec<&'t [u8]>,
    at: usize,
    first: u32,
}

impl<'t> Reader<'t> {
    fn line(&self) -> Option<&'t [u8]> {
        self.lines.get(self.at).copied()
    }

    fn number(&self) -> u32 {
        self.first + self.at as u32
    }

    fn error(&self, message: &str) -> PatchError {
        PatchError {
            line: self.number(),
            message: message.to_owned(),
        }
    }

    fn git_file(&mut self) -> Result<Option<FileDiff>, PatchError> {
        let line = self.number();
        let first = trimmed(self.lines[self.at]);
        self.at += 1;
        let header = self.header()?;
        let (old, new) = match (header.moved, header.old, header.new) {
            (Some((old, new)), ..) => (Some(old), Some(new)),
            (None, None, None) => {
                let path = self.same_path(&first[b"diff --git ".len()..], line)?;
                (Some(path.clone()), Some(path))
            }
            (None, old, new) => (old, new),
        };
        let hunks = self.hunks()?;
        if !header.says_something && hunks.is_empty() {
            return Ok(None);
        }
        Ok(Some(FileDiff {
            old: old.filter(|_| !header.is_new),
            new: new.filter(|_| !header.is_gone),
            copies: header.copies,
            binary: header.binary,
            hunks,
            line,
        }))
    }

    fn header(&mut self) -> Result<Header, PatchError> {
        let mut header = Header::default();
        let mut from = None;
        while let Some(line) = self.line().map(trimmed) {
            let after = |word: &str| line.strip_prefix(word.as_bytes());
            if let Some(path) = after("rename from ").or(after("copy from ")) {
                header.copies = line.starts_with(b"copy");
                from = Some(self.path(path, 0)?);
            } else if let Some(path) = after("rename to ").or(after("copy to ")) {
                let to = self.path(path, 0)?;
                let from = from.take();
                let from = from.ok_or_else(|| self.error("a name without the one before it"))?;
                header.moved = Some((from, to));
            } else if after("new file mode ").is_some() {
                header.is_new = true;
            } else if after("deleted file mode ").is_some() {
                header.is_gone = true;
            } else if after("GIT binary patch").is_some() || after("Binary files ").is_some() {
                header.binary = true;
            } else if let Some(path) = after("--- ") {
                header.old = self.side(path)?;
                header.is_new |= header.old.is_none();
            } else if let Some(path) = after("+++ ") {
                header.new = self.side(path)?;
                header.is_gone |= header.new.is_none();
            } else if ![
                "old mode ",
                "new mode ",
                "similarity ",
                "dissimilarity ",
                "index ",
            ]
            .iter()
            .any(|word| after(word).is_some())
            {
                break;
            }
            header.says_something |= !line.starts_with(b"index ");
            self.at += 1;
        }
        Ok(header)
    }

    /// Whether the lines from here on are a file of a diff without git's line.
    fn begins_plain_file(&self) -> bool {
        let starts = |after: usize, word: &[u8]| {
            let line = self.lines.get(self.at + after);
            line.is_some_and(|line| line.starts_with(word))
        };
        starts(1, b"+++ ") && starts(2, b"@@ -")
    }

    fn plain_file(&mut self) -> Result<FileDiff, PatchError> {
        let line = self.number();
        let old = self.side(&trimmed(self.lines[self.at])[4..])?;
        let new = self.side(&trimmed(self.lines[self.at + 1])[4..])?;
        self.at += 2;
        let hunks = self.hunks()?;
        // Without git's line, a file that comes or goes is known by its empty side only.
        let empty = |start: fn(&Hunk) -> u32| hunks.len() == 1 && start(&hunks[0]) == 0;
        let (is_new, is_gone) = (empty(|hunk| hunk.old_start), empty(|hunk| hunk.new_start));
        let path = new.clone().or(old.clone());
        Ok(FileDiff {
            old: old.and(path.clone()).filter(|_| !is_new),
            new: new.and(path).filter(|_| !is_gone),
            copies: false,
            binary: false,
            hunks,
            line,
        })
    }

    fn hunks(&mut self) -> Result<Vec<Hunk>, PatchError> {
        let mut hunks = Vec::new();
        while self.line().is_some_and(is_head) {
            hunks.push(self.hunk()?);
        }
        Ok(hunks)
    }

    fn hunk(&mut self) -> Result<Hunk, PatchError> {
        let head = trimmed(self.lines[self.at]);
        let line = self.number();
        let Some(((old_start, mut old), (new_start, mut new))) = ranges(head) else {
            return Err(self.error("a broken head of a hunk"));
        };
        self.at += 1;
        let mut lines: Vec<Line> = Vec::new();
        while old > 0 || new > 0 {
            let Some(text) = self.line() else {
                return Err(self.error("the patch ends within a hunk"));
            };
            let (side, text) = match text.first() {
                Some(b' ') => (Side::Both, &text[1..]),
                // Mailers strip the blank of an empty line of context.
                Some(b'\n') => (Side::Both, text),
                Some(b'\r') if text == b"\r\n" => (Side::Both, text),
                Some(b'-') => (Side::Old, &text[1..]),
                Some(b'+') => (Side::New, &text[1..]),
                Some(b'\\') => {
                    self.end_without_line_feed(&mut lines)?;
                    continue;
                }
                _ => return Err(self.error("this line cannot stand in a hunk")),
            };
            let fits = match side {
                Side::Both => take(&mut old) && take(&mut new),
                Side::Old => take(&mut old),
                Side::New => take(&mut new),
            };
            if !fits {
                return Err(self.error("the hunk has more lines than its head says"));
            }
            lines.push(Line {
                side,
                text: text.to_vec(),
            });
            self.at += 1;
        }
        if self.line().is_some_and(|line| line.starts_with(b"\\")) {
            self.end_without_line_feed(&mut lines)?;
        }
        Ok(Hunk {
            old_start,
            new_start,
            lines,
            line,
        })
    }

    /// `\ No newline at end of file`, in whatever language.
    fn end_without_line_feed(&mut self, lines: &mut [Line]) -> Result<(), PatchError> {
        let Some(last) = lines.last_mut() else {
            return Err(self.error("no line is before this one"));
        };
        if last.text.last() == Some(&b'\n') {
            last.text.pop();
        }
        self.at += 1;
        Ok(())
    }

    /// A path after `---` or `+++`; `None` for no file.
    fn side(&self, text: &[u8]) -> Result<Option<String>, PatchError> {
        // What follows a tab is the time of the file.
        let text = match text.first() {
            Some(b'"') => text,
            _ => text.split(|byte| *byte == b'\t').next().unwrap_or_default(),
        };
        match text {
            b"/dev/null" => Ok(None),
            text => self.path(text, 1).map(Some),
        }
    }

    /// A path, quoted or not, without its first parts.
    fn path(&self, text: &[u8], strip: usize) -> Result<String, PatchError> {
        let bytes = match text {
            [b'"', ..] => unquoted(text).map(|(path, _)| path),
            text => Some(text.to_vec()),
        };
        let path = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        let path = path.ok_or_else(|| self.error("this path cannot be read"))?;
        let mut rest = path.as_str();
        for _ in 0..strip {
            rest = rest
                .split_once('/')
                .map(|(_, rest)| rest)
                .ok_or_else(|| self.error("a path starts with a/ or b/, as git writes it"))?;
        }
        crate::source::normalize(rest)
            .filter(|path| !path.is_empty())
            .ok_or_else(|| self.error("this path leads out of the tree"))
    }

    /// The one path of `a/PATH b/PATH`.
    fn same_path(&self, text: &[u8], line: u32) -> Result<String, PatchError> {
        let broken = || PatchError {
            line,
            message: "the names in this line differ, and nothing else names the file".to_owned(),
        };
        if text.first() == Some(&b'"') {
            return self.path(text, 1);
        }
        let half = text.len() / 2;
        let parts = (text.get(..half), text.get(half..));
        match parts {
            (Some(one), Some([b' ', other @ ..])) => {
                let (one, other) = (self.path(one, 1)?, self.path(other, 1)?);
                (one == other).then_some(one).ok_or_else(broken)
            }
            _ => Err(broken()),
        }
    }
}

/// Counts one line down; false when there is none left.
fn take(left: &mut u32) -> bool {
    let fewer = left.checked_sub(1);
    *left = fewer.unwrap_or_default();
    fewer.is_some()
}

fn is_head(line: &[u8]) -> bool {
    line.starts_with(b"@@ -")
}

fn trimmed(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// First line and number of lines, before and afterwards.
fn ranges(head: &[u8]) -> Option<((u32, u32), (u32, u32))> {
    let text = std::str::from_utf8(head.strip_prefix(b"@@ -")?)
        .ok()
        .or_else(|| {
            // What follows the second @@ is a line of the file, in any encoding.
            let end = head.windows(3).skip(3).position(|it| it == b" @@")?;
            std::str::from_utf8(head.get(4..end + 3)?).ok()
        })?;
    let (old, rest) = text.split_once(" +")?;
    let (new, _) = rest.split_once(" @@").or(Some((rest, "")))?;
    let range = |text: &str| {
        let (start, count) = text.split_once(',').unwrap_or((text, "1"));
        Some((start.parse().ok()?, count.parse().ok()?))
    };
    Some((range(old)?, range(new)?))
}

/// A path in quotes as git writes it, and what follows it.
fn unquoted(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut path = Vec::new();
    let mut at = 1;
    loop {
        match *text.get(at)? {
            b'"' => return Some((path, &text[at + 1..])),
            b'\\' => {
                let escape = *text.get(at + 1)?;
                at += 2;
                path.push(match escape {
                    b'a' => 7,
                    b'b' => 8,
                    b't' => b'\t',
                    b'n' => b'\n',
                    b'v' => 11,
                    b'f' => 12,
                    b'r' => b'\r',
                    b'0'..=b'3' => {
                        let digits = std::str::from_utf8(text.get(at - 1..at + 2)?).ok()?;
                        at += 2;
                        u8::from_str_radix(digits, 8).ok()?
                    }
                    other => other,
                });
            }
            byte => {
                path.push(byte);
                at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read() {
        assert_eq!(ranges(b"@@ -1,2 +3 @@ config A"), Some(((1, 2), (3, 1))));
        assert_eq!(ranges(b"@@ -0,0 +1,9 @@"), Some(((0, 0), (1, 9))));
        assert_eq!(ranges(b"@@ -1 +1 @@ \xff"), Some(((1, 1), (1, 1))));
        assert_eq!(ranges(b"@@ -x +1 @@"), None);
    }

    #[test]
    fn paths_are_unquoted() {
        let (path, rest) = unquoted(br#""a/\303\244 \"x\"" b"#).expect("quoted");
        assert_eq!(String::from_utf8(path).expect("UTF-8"), "a/ä \"x\"");
        assert_eq!(rest, b" b");
    }

    #[test]
    fn a_path_stays_in_the_tree() {
        let text = b"--- a/../../x\n+++ b/../../x\n@@ -1 +1 @@\n-a\n+b\n";
        let error = parse(text, 1).expect_err("outside");
        assert_eq!(error.line, 1);
    }

    #[test]
    fn broken_hunks_have_a_place() {
        for (text, line) in [
            (&b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n"[..], 5),
            (b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n-b\n+c\n", 5),
            (b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n?\n", 4),
            (b"\n@@ -1 +1 @@\n-a\n+b\n", 2),
        ] {
            assert_eq!(parse(text, 1).expect_err("broken").line, line);
        }
    }

    #[test]
    fn what_is_no_diff_is_passed_over() {
        let text = b"A text\n--- by the way\n+++ nothing\n-- \n2.43.0\n";
        assert_eq!(parse(text, 1), Ok(Vec::new()));
    }
}
