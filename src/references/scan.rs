// SPDX-License-Identifier: MIT OR Apache-2.0
//! The names of symbols in one file, and how it uses them.
//!
//! Only lines that have the prefix are looked at closely. What is in doubt is [`How::Named`], of which
//! no rule says that it is wrong.

use memchr::memmem::{self, Finder};
use rustc_hash::FxHashSet;

use super::{FileKind, How, Mention};
use crate::source::{Name, TextRange};
use crate::tree::Kind;

/// The macros of include/linux/kconfig.h that want a name with its prefix.
const TESTS: [&str; 4] = ["IS_ENABLED", "IS_BUILTIN", "IS_MODULE", "IS_REACHABLE"];

/// Searches files for names.
pub(super) struct Scanner {
    prefix: &'static [u8],
    /// What stands before a name: `CONFIG_`, and what is cut off.
    finder: Finder<'static>,
    /// Macros with a name that has no prefix.
    bare: Vec<Finder<'static>>,
    /// How long the part of the prefix is that no name has.
    cut: usize,
}

impl Scanner {
    /// A scanner for files with this prefix.
    pub(super) fn new(prefix: &'static [u8], kind: Kind) -> Scanner {
        let bare = ["IS_ENABLED(", "IS_BUILTIN(", "IS_MODULE(", "IS_REACHABLE("];
        Scanner {
            prefix,
            finder: Finder::new(prefix),
            bare: bare.into_iter().map(Finder::new).collect(),
            cut: match kind {
                Kind::Buildroot => 0,
                _ => prefix.len(),
            },
        }
    }

    /// What a file mentions, in order, and the beginnings of names that something else completes.
    pub(super) fn scan(&self, text: &[u8], kind: FileKind) -> (Vec<Mention>, Vec<Name>) {
        let (mut found, mut open) = (Vec::new(), Vec::new());
        let mut comments = None;
        for at in self.finder.find_iter(text) {
            let before = text[..at].last().copied().unwrap_or(b' ');
            let is_option = before == b'D' && at >= 2 && text[at - 2] == b'-';
            if is_word(before) && !is_option {
                continue;
            }
            let begin = at + self.cut;
            let length = word_length(&text[at + self.prefix.len()..]);
            let end = at + self.prefix.len() + length;
            let Ok(name) = std::str::from_utf8(&text[begin..end]) else {
                continue;
            };
            let name = Name::new(name);
            if is_open(&text[at + self.prefix.len()..end], &text[end..]) {
                open.extend((length > 0).then_some(name));
                continue;
            }
            let how = match kind {
                FileKind::C => {
                    let comments = comments.get_or_insert_with(|| comments_of(text));
                    of_c(text, at, end, comments)
                }
                FileKind::Rust => {
                    let comments = comments.get_or_insert_with(|| comments_of(text));
                    of_rust(text, at, comments)
                }
                FileKind::Make if is_option => How::Defined,
                FileKind::Make => of_make(text, at, end),
                FileKind::Defconfig => of_defconfig(text, at, end),
                FileKind::Kconfig | FileKind::Other => How::Named,
            };
            let range = TextRange::new(at as u32, end as u32);
            found.push(Mention { name, range, how });
        }
        if kind == FileKind::C {
            self.without_prefix(text, comments, &mut found);
        }
        (found, open)
    }

    /// The arguments of `IS_ENABLED` and its kin that lack the prefix.
    fn without_prefix(
        &self,
        text: &[u8],
        mut comments: Option<Vec<TextRange>>,
        found: &mut Vec<Mention>,
    ) {
        for finder in &self.bare {
            let length = finder.needle().len();
            for at in finder.find_iter(text) {
                let before = text[..at].last().copied().unwrap_or(b' ');
                let begin = at + length;
                let rest = &text[begin..];
                let word = word_length(rest);
                let is_closed = rest.get(word) == Some(&b')');
                let is_own = self.cut > 0 && rest.starts_with(self.prefix);
                if is_word(before) || is_own || word == 0 || !is_closed {
                    continue;
                }
                let comments = comments.get_or_insert_with(|| comments_of(text));
                let is_definition = directive(text, at) == Some(b"define".as_slice());
                if is_in(comments, at) || is_definition {
                    continue;
                }
                let Ok(name) = std::str::from_utf8(&rest[..word]) else {
                    continue;
                };
                found.push(Mention {
                    name: Name::new(name),
                    range: TextRange::new(begin as u32, (begin + word) as u32),
                    how: How::Bare,
                });
            }
        }
        found.sort_by_key(|it| it.range.start);
    }
}

/// Those of these words that stand in a text, whatever prefix they have.
pub(super) fn words(text: &[u8], wanted: &FxHashSet<&[u8]>, prefix: &[u8]) -> Vec<Name> {
    // Most words of C begin in another way than those that are wanted.
    let mut begins = [false; 256];
    let with_prefix = [b'D', prefix[0]];
    for byte in wanted
        .iter()
        .filter_map(|it| it.first().copied())
        .chain(with_prefix)
    {
        begins[usize::from(byte)] = true;
    }
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if !is_word(text[at]) {
            at += 1;
            continue;
        }
        let length = word_length(&text[at..]);
        let mut word = &text[at..at + length];
        at += length;
        if !begins[usize::from(word[0])] {
            continue;
        }
        word = word
            .strip_prefix(b"D")
            .filter(|it| it.starts_with(prefix))
            .unwrap_or(word);
        word = word.strip_prefix(prefix).unwrap_or(word);
        let of_module = word.strip_suffix(b"_MODULE").unwrap_or(word);
        for word in [word, of_module] {
            if wanted.contains(word) {
                let name = std::str::from_utf8(word).map(Name::new);
                found.extend(name.ok());
            }
        }
    }
    found
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn word_length(text: &[u8]) -> usize {
    text.iter().take_while(|byte| is_word(**byte)).count()
}

/// Whether something completes a name: `A_##x`, `A$(x)`, `A_%s`, or an underscore at its end.
fn is_open(name: &[u8], rest: &[u8]) -> bool {
    name.is_empty()
        || name.ends_with(b"_")
        || rest.trim_ascii_start_of_line().starts_with(b"##")
        || matches!(rest.first(), Some(b'$' | b'%'))
}

/// White space within a line.
trait StartOfLine {
    fn trim_ascii_start_of_line(&self) -> &[u8];
}

impl StartOfLine for [u8] {
    fn trim_ascii_start_of_line(&self) -> &[u8] {
        let blanks = self.iter().take_while(|it| matches!(it, b' ' | b'\t'));
        &self[blanks.count()..]
    }
}

/// Where the line of a place starts.
fn line_start(text: &[u8], at: usize) -> usize {
    memchr::memrchr(b'\n', &text[..at]).map_or(0, |it| it + 1)
}

/// The same for a line that earlier ones continue with a backslash.
fn logical_start(text: &[u8], at: usize) -> usize {
    let mut start = line_start(text, at);
    while start >= 2 && (text[..start].ends_with(b"\\\n") || text[..start].ends_with(b"\\\r\n")) {
        start = line_start(text, start - 1);
    }
    start
}

/// The preprocessor directive in whose line a place lies.
fn directive(text: &[u8], at: usize) -> Option<&[u8]> {
    let line = &text[logical_start(text, at)..at];
    let line = line
        .trim_ascii_start()
        .strip_prefix(b"#")?
        .trim_ascii_start();
    Some(&line[..word_length(line)])
}

/// How a name is used in C.
fn of_c(text: &[u8], at: usize, end: usize, comments: &[TextRange]) -> How {
    if is_in(comments, at) {
        return How::Named;
    }
    let is_call = text.get(end) == Some(&b'(');
    match directive(text, at) {
        Some(b"define" | b"undef") => {
            let start = logical_start(text, at);
            let before = text[start..at].trim_ascii();
            let is_first = before.ends_with(b"define") || before.ends_with(b"undef");
            match is_first {
                true => How::Defined,
                false if is_parameter(&text[start..at], &text[at..end]) => How::Named,
                false => of_argument(text, at),
            }
        }
        Some(b"if" | b"ifdef" | b"ifndef" | b"elif" | b"elifdef" | b"elifndef") if !is_call => {
            How::Tested
        }
        _ => of_argument(text, at),
    }
}

/// Whether a word is a parameter of the macro that a `#define` begins with.
fn is_parameter(define: &[u8], word: &[u8]) -> bool {
    let parameters = || {
        let rest = define.trim_ascii_start().strip_prefix(b"#")?;
        let rest = rest.trim_ascii_start().strip_prefix(b"define")?;
        let rest = rest.trim_ascii_start();
        rest[word_length(rest)..].strip_prefix(b"(")
    };
    let Some(parameters) = parameters() else {
        return false;
    };
    let Some(close) = memchr::memchr(b')', parameters) else {
        return true;
    };
    let mut each = parameters[..close].split(|byte| *byte == b',');
    each.any(|it| it.trim_ascii() == word)
}

/// Whether a name is the argument of a test.
fn of_argument(text: &[u8], at: usize) -> How {
    let before = text[..at].trim_ascii_end();
    let Some(before) = before.strip_suffix(b"(") else {
        return How::Named;
    };
    let is_test = |test: &&str| {
        let rest = before.strip_suffix(test.as_bytes());
        rest.is_some_and(|rest| !rest.last().copied().is_some_and(is_word))
    };
    match TESTS.iter().any(is_test) {
        true => How::Tested,
        false => How::Named,
    }
}

fn of_rust(text: &[u8], at: usize, comments: &[TextRange]) -> How {
    let line = &text[line_start(text, at)..at];
    match !is_in(comments, at) && memmem::find(line, b"cfg").is_some() {
        true => How::Tested,
        false => How::Named,
    }
}

/// How a name is used in a Makefile.
fn of_make(text: &[u8], at: usize, end: usize) -> How {
    let start = line_start(text, at);
    let line = &text[start..at];
    if line.contains(&b'#') || line.starts_with(b"\t") {
        return How::Named;
    }
    let before = text[logical_start(text, at)..at].trim_ascii();
    let is_start =
        before.is_empty() || [b"export".as_slice(), b"override", b"define"].contains(&before);
    let rest = text[end..].trim_ascii_start_of_line();
    let assigns = [b"=".as_slice(), b":=", b"::=", b"?=", b"+="];
    if is_start && assigns.iter().any(|it| rest.starts_with(it)) {
        return How::Defined;
    }
    let is_reference = matches!(text[..at].last(), Some(b'(' | b'{'));
    let is_condition = [b"ifdef".as_slice(), b"ifndef"]
        .iter()
        .any(|it| before.ends_with(it));
    match is_reference || is_condition {
        true => How::Tested,
        false => How::Named,
    }
}

/// How a name is used in a defconfig.
fn of_defconfig(text: &[u8], at: usize, end: usize) -> How {
    let line_end = memchr::memchr(b'\n', &text[end..]).map_or(text.len(), |it| end + it);
    let rest = text[end..line_end].trim_ascii_end();
    match &text[line_start(text, at)..at] {
        b"" if rest.starts_with(b"=") => {
            let range = TextRange::new(end as u32 + 1, (end + rest.len()) as u32);
            How::Set(Some(range))
        }
        b"# " if rest == b" is not set" => How::Set(None),
        _ => How::Named,
    }
}

/// The comments of a C file, in order. A string ends at the end of its line.
fn comments_of(text: &[u8]) -> Vec<TextRange> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = memchr::memchr3(b'/', b'"', b'\'', &text[at..]) {
        let start = at + next;
        let rest = &text[start..];
        let end = if rest.starts_with(b"/*") {
            memmem::find(&rest[2..], b"*/").map_or(text.len(), |it| start + 2 + it + 2)
        } else if rest.starts_with(b"//") {
            memchr::memchr(b'\n', rest).map_or(text.len(), |it| start + it)
        } else if rest.starts_with(b"/") {
            start + 1
        } else {
            string_end(text, start)
        };
        if rest.starts_with(b"/*") || rest.starts_with(b"//") {
            found.push(TextRange::new(start as u32, end as u32));
        }
        at = end;
    }
    found
}

/// Where a string or a character of C ends that begins here; at the end of the line at the latest.
pub fn string_end(text: &[u8], start: usize) -> usize {
    let quote = text[start];
    let mut at = start + 1;
    while let Some(byte) = text.get(at) {
        match byte {
            b'\\' => at += 1,
            b'\n' => return at,
            byte if *byte == quote => return at + 1,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// Whether a place lies in one of these ranges.
fn is_in(ranges: &[TextRange], at: usize) -> bool {
    let after = ranges.partition_point(|range| range.start as usize <= at);
    after > 0 && (at as u32) < ranges[after - 1].end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scanned(text: &str, kind: FileKind) -> Vec<(String, How)> {
        let scanner = Scanner::new(b"CONFIG_", Kind::Linux);
        let (found, _) = scanner.scan(text.as_bytes(), kind);
        let found = found.into_iter();
        found
            .map(|it| (it.name.as_str().to_owned(), it.how))
            .collect()
    }

    fn hows(text: &str, kind: FileKind) -> Vec<How> {
        scanned(text, kind).into_iter().map(|it| it.1).collect()
    }

    #[test]
    fn c_tests_a_name_in_directives_and_in_calls() {
        for line in [
            "#ifdef CONFIG_A",
            "# if defined(CONFIG_A)",
            "#if 1 && \\\n\tdefined(CONFIG_A)",
            "\tif (IS_ENABLED(CONFIG_A))",
            "#define x IS_BUILTIN( CONFIG_A )",
        ] {
            assert_eq!(hows(line, FileKind::C), [How::Tested], "{line}");
        }
        for line in [
            "/*\n#ifdef CONFIG_A\n*/",
            "// #ifdef CONFIG_A",
            "x = CONFIG_A;",
            "MY_IS_ENABLED(CONFIG_A)",
            "\"/*\" /* CONFIG_A */",
        ] {
            assert_eq!(hows(line, FileKind::C), [How::Named], "{line}");
        }
        assert_eq!(
            hows("#if x /* '\" */ && CONFIG_A", FileKind::C),
            [How::Tested]
        );
        assert_eq!(hows("# define CONFIG_A 1", FileKind::C), [How::Defined]);
        let parameter = "#define x(a, CONFIG_A) \\\n\tIS_ENABLED(CONFIG_A)";
        assert_eq!(hows(parameter, FileKind::C), [How::Named, How::Named]);
    }

    #[test]
    fn a_name_that_goes_on_is_none() {
        for line in [
            "CONFIG_A_##x",
            "CONFIG_$(x)",
            "CONFIG_A%s",
            "XCONFIG_A",
            "CONFIG_",
        ] {
            assert_eq!(scanned(line, FileKind::C), [], "{line}");
        }
    }

    #[test]
    fn a_test_without_prefix_is_bare() {
        let found = scanned("IS_ENABLED(USB) IS_ENABLED(CONFIG_PCI)", FileKind::C);
        let expected = [
            ("USB".to_owned(), How::Bare),
            ("PCI".to_owned(), How::Tested),
        ];
        assert_eq!(found, expected);
        assert_eq!(scanned("#define x(USB) IS_ENABLED(USB)", FileKind::C), []);
        assert_eq!(
            scanned("CONFIG_IS_ENABLED(USB)", FileKind::C)[0].1,
            How::Named
        );
    }

    #[test]
    fn make_tests_references_and_defines_by_assignment() {
        for (line, how) in [
            ("obj-$(CONFIG_A) += a.o", How::Tested),
            ("ifdef CONFIG_A", How::Tested),
            ("CONFIG_A := y", How::Defined),
            ("export CONFIG_A ?= y", How::Defined),
            ("ccflags-y += -DCONFIG_A", How::Defined),
            ("# obj-$(CONFIG_A)", How::Named),
            ("\techo $(CONFIG_A)", How::Named),
        ] {
            assert_eq!(hows(line, FileKind::Make), [how], "{line}");
        }
    }

    #[test]
    fn a_defconfig_sets_values() {
        let text = "CONFIG_A=y\n# CONFIG_B is not set\n# CONFIG_C=y\n";
        let range = TextRange::new(9, 10);
        let expected = [How::Set(Some(range)), How::Set(None), How::Named];
        assert_eq!(hows(text, FileKind::Defconfig), expected);
    }
}
