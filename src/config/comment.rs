// SPDX-License-Identifier: MIT OR Apache-2.0
//! Suppressions in Kconfig files: `# kconfig-lint: allow(rule, …) reason`.
//!
//! They are read from the comments of the syntax tree, so nothing in a string, in a help text or
//! in the value of a variable is ever one. Whether one suppresses anything is decided in
//! `suppress`.

use std::cell::Cell;
use std::collections::BTreeSet;

use super::levels::Selector;
use crate::diagnostic::Diagnostic;
use crate::rules::{RULES, term, unused_suppression};
use crate::source::near;
use crate::source::{FileId, SourceFile, Span, TextRange};
use crate::syntax::{SyntaxTree, TokenKind};

/// What a comment to this program begins with, after the `#`.
const PREFIX: &[u8] = b"kconfig-lint:";

/// Words longer than this are no names: what was meant is not looked for, and no report repeats
/// them.
const LONGEST_NAME: usize = 64;

/// A comment to this program.
#[derive(Clone, Debug)]
pub struct Comment {
    /// The comment, from its `#` to the end of the line.
    pub span: Span,
    /// What goes when it is removed: its whole line where it stands alone, else it and the
    /// blanks before it.
    pub removal: Span,
    /// The line it speaks of, as conf counts lines (a backslash continues one), with its line
    /// end: its own, or the first after the block of comments that it stands in. `None` where
    /// an empty line or the end of the file follows.
    pub target: Option<Span>,
    /// The rules it allows, at least one; or what is wrong with it.
    pub said: Result<Vec<Allowed>, Wrong>,
}

/// One word between the parentheses.
#[derive(Clone, Debug)]
pub struct Allowed {
    /// Its place.
    pub span: Span,
    /// The word.
    pub word: &'static str,
    /// The rule or group it means.
    selector: Selector,
    /// The missing terms that it accepts, where it names them: `allow(unmet-dependency: MMU)`.
    terms: Option<BTreeSet<String>>,
}

/// What is wrong with a comment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wrong {
    /// The place.
    pub span: Span,
    /// What is wrong, in lower case and without a full stop.
    pub message: String,
}

impl Comment {
    /// Whether a finding stands on the line that this comment speaks of: its primary place, or
    /// another statement of the same defect. Which of these is the primary one may change with
    /// a statement elsewhere, and a suppression should outlive that.
    pub(super) fn is_at(&self, finding: &Diagnostic) -> bool {
        let mut labels = finding.primary.iter().chain(&finding.related);
        labels.any(|label| self.speaks_of(label.span))
    }

    /// Whether a finding is not on the line that this comment speaks of, but explained by it: the
    /// comment then probably stands on the wrong line.
    pub(super) fn is_beside(&self, finding: &Diagnostic) -> bool {
        let mut labels = finding.labels.iter();
        labels.any(|label| self.speaks_of(label.span))
    }

    fn speaks_of(&self, place: Span) -> bool {
        self.target.is_some_and(|target| {
            place.file == target.file && target.start <= place.start && place.start < target.end
        })
    }
}

impl Allowed {
    /// Whether it means this rule.
    pub(super) fn covers(&self, rule: &str) -> bool {
        self.rules().any(|known| known == rule)
    }

    /// Whether it accepts what a finding lacks: whatever is missing, unless it names terms.
    pub(super) fn accepts(&self, finding: &Diagnostic) -> bool {
        term::are_accepted(self.terms.as_ref(), finding)
    }

    /// The rules it means.
    pub(super) fn rules(&self) -> impl Iterator<Item = &'static str> + '_ {
        let all = RULES.iter().filter(|rule| match self.selector {
            Selector::Rule(only) => only.name == rule.name,
            Selector::Group(group) => group == rule.group,
            Selector::All | Selector::Warnings | Selector::Toolchain(_) => false,
        });
        all.map(|rule| rule.name)
    }
}

/// The comments to this program in one file, in order.
pub fn comments(id: FileId, file: &SourceFile, tree: &SyntaxTree) -> Vec<Comment> {
    let text = file.text();
    let mut found = Vec::new();
    // Most files hold none, and then this loop over their comments is all that they cost.
    let is_ours = |range: TextRange| body(range.of(text)).is_some();
    let mut tokens = tree.tokens();
    if tokens.any(|token| token.kind == TokenKind::Comment && is_ours(token.range)) {
        let mut lines = Lines {
            id,
            text,
            found: &mut found,
            block: 0,
        };
        lines.read(tree);
    }
    found
}

/// The text of a comment to this program after its prefix, and where it begins in the comment.
fn body(comment: &[u8]) -> Option<(usize, &[u8])> {
    let mark = comment.iter().take_while(|byte| **byte == b'#').count();
    let blanks = comment[mark..].iter().take_while(|byte| is_blank(**byte));
    let start = mark + blanks.count();
    let rest = comment.get(start..)?;
    let begins = |prefix: &[u8]| {
        let own = rest.get(..prefix.len());
        own.is_some_and(|own| own.eq_ignore_ascii_case(prefix))
    };
    if begins(PREFIX) {
        let end = start + PREFIX.len();
        return Some((end, &comment[end..]));
    }
    // Without the colon it is one only if nothing else can be meant.
    let name = PREFIX.strip_suffix(b":")?;
    let end = start + name.len();
    let rest = comment.get(end..).filter(|_| begins(name))?;
    let is_meant = rest.trim_ascii_start().starts_with(b"allow(") && rest.starts_with(b" ");
    is_meant.then_some((end, rest))
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r')
}

/// Finds for each comment the line that it speaks of.
struct Lines<'a> {
    id: FileId,
    text: &'a [u8],
    found: &'a mut Vec<Comment>,
    /// The first comment of the block of comments above the current line.
    block: usize,
}

/// What one line holds.
struct Line {
    start: u32,
    /// Whether there is anything beside blanks and comments.
    says_something: bool,
    has_comment: bool,
    /// The comment to this program on it.
    comment: Option<TextRange>,
}

impl Lines<'_> {
    fn read(&mut self, tree: &SyntaxTree) {
        let begin = |start: u32| Line {
            start,
            says_something: false,
            has_comment: false,
            comment: None,
        };
        let mut line = begin(0);
        for token in tree.tokens() {
            match token.kind {
                TokenKind::Newline => {
                    self.end(&line, token.range.end);
                    line = begin(token.range.end);
                }
                TokenKind::Comment => {
                    line.has_comment = true;
                    let ours = body(token.range.of(self.text)).is_some();
                    line.comment = ours.then_some(token.range).or(line.comment);
                }
                TokenKind::Blank | TokenKind::Continuation | TokenKind::Foreign => {}
                _ => line.says_something = true,
            }
        }
        // A place past the last byte counts as one on the last line.
        self.end(&line, self.text.len() as u32 + 1);
    }

    fn end(&mut self, line: &Line, end: u32) {
        let target = line
            .says_something
            .then(|| TextRange::new(line.start, end).in_file(self.id));
        let ends_block = target.is_some() || !line.has_comment;
        if ends_block {
            for comment in &mut self.found[self.block..] {
                comment.target = target;
            }
        }
        if let Some(range) = line.comment {
            let alone = !line.says_something;
            let comment = self.comment(range, alone, target);
            self.found.push(comment);
        }
        if ends_block {
            self.block = self.found.len();
        }
    }

    fn comment(&self, range: TextRange, alone: bool, target: Option<Span>) -> Comment {
        let removal = match alone {
            true => self.whole_line(range),
            false => self.with_blanks(range),
        };
        Comment {
            span: range.in_file(self.id),
            removal: removal.in_file(self.id),
            target,
            said: Reading::new(self.id, range, self.text).allow(),
        }
    }

    fn whole_line(&self, range: TextRange) -> TextRange {
        let before = &self.text[..range.start as usize];
        let start = before.iter().rposition(|byte| *byte == b'\n');
        let after = &self.text[range.end as usize..];
        let newline = after.iter().position(|byte| *byte == b'\n');
        TextRange::new(
            start.map_or(0, |at| at as u32 + 1),
            newline.map_or(self.text.len() as u32, |at| range.end + at as u32 + 1),
        )
    }

    fn with_blanks(&self, range: TextRange) -> TextRange {
        let before = self.text[..range.start as usize].iter().rev();
        let blanks = before.take_while(|byte| is_blank(**byte)).count();
        TextRange::new(range.start - blanks as u32, range.end)
    }
}

/// The reading of one comment.
struct Reading<'a> {
    id: FileId,
    /// Where the comment begins in the file, and where it ends without blanks.
    whole: TextRange,
    /// What follows the prefix, and where it begins in the file.
    rest: &'a [u8],
    at: u32,
    has_colon: bool,
}

impl<'a> Reading<'a> {
    fn new(id: FileId, range: TextRange, text: &'a [u8]) -> Reading<'a> {
        let comment = range.of(text).trim_ascii_end();
        let (start, rest) = body(comment).unwrap_or((comment.len(), b""));
        Reading {
            id,
            whole: TextRange::new(range.start, range.start + comment.len() as u32),
            rest,
            at: range.start + start as u32,
            has_colon: comment[..start].ends_with(b":"),
        }
    }

    fn allow(mut self) -> Result<Vec<Allowed>, Wrong> {
        if !self.has_colon {
            let message = "a colon is missing: `kconfig-lint: allow(rule) reason`";
            return Err(self.wrong(None, message.to_owned()));
        }
        self.skip_blanks();
        let verb = self.take(|byte| !is_blank(byte) && byte != b'(');
        if verb.0 != "allow" {
            let is_short = verb.0.len() <= LONGEST_NAME;
            let hint = near::hint(&verb.0, ["allow"].into_iter().filter(|_| is_short));
            return Err(self.wrong(
                None,
                format!("after `kconfig-lint:` comes `allow(rule) reason`{hint}"),
            ));
        }
        self.skip_blanks();
        if !self.skip(b'(') {
            return Err(self.wrong(None, "write `allow(rule) reason`".to_owned()));
        }
        let mut allowed = Vec::new();
        loop {
            self.skip_blanks();
            let word = self.take(|byte| !is_blank(byte) && !matches!(byte, b',' | b':' | b')'));
            self.skip_blanks();
            let selected = self.selector(word)?;
            allowed.push(Allowed {
                terms: self.terms()?,
                ..selected
            });
            if self.skip(b')') {
                break;
            }
            if !self.skip(b',') {
                return Err(self.wrong(None, "the list of rules is not closed by `)`".to_owned()));
            }
        }
        let reason = |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii();
        if !self.rest.iter().any(reason) {
            let message = "a suppression says why: `allow(rule) reason`";
            return Err(self.wrong(None, message.to_owned()));
        }
        Ok(allowed)
    }

    /// The terms behind the name of a rule: `: MMU && PCI`, up to the comma or the parenthesis that
    /// ends the word.
    fn terms(&mut self) -> Result<Option<BTreeSet<String>>, Wrong> {
        if !self.skip(b':') {
            return Ok(None);
        }
        let depth = Cell::new(0);
        let (text, span) = self.take(|byte| {
            let before = depth.get();
            match byte {
                b'(' => depth.set(before + 1),
                b')' => depth.set(before - 1),
                _ => {}
            }
            depth.get() >= 0 && (before > 0 || byte != b',')
        });
        match term::conjuncts(&text) {
            Some(terms) => Ok(Some(terms)),
            None => {
                let message = "behind the colon stand the missing terms: \
                               `allow(unmet-dependency: MMU && PCI) reason`";
                Err(self.wrong(Some(span), message.to_owned()))
            }
        }
    }

    fn selector(&self, (word, span): (String, Span)) -> Result<Allowed, Wrong> {
        if word.is_empty() {
            return Err(self.wrong(None, "the name of a rule is missing".to_owned()));
        }
        if word.len() > LONGEST_NAME {
            let message = "no rule or group has so long a name";
            return Err(self.wrong(Some(span), message.to_owned()));
        }
        match Selector::parse(&word) {
            Ok(Selector::All | Selector::Warnings) => {
                let message = format!("`{word}` hides too much: name the rule");
                Err(self.wrong(Some(span), message))
            }
            Ok(Selector::Rule(rule)) if rule.name == unused_suppression::RULE.name => {
                let message = "this rule is about suppressions: allow it in the settings, or \
                               with -A";
                Err(self.wrong(Some(span), message.to_owned()))
            }
            Ok(selector) => Ok(Allowed {
                span,
                word: known(selector),
                selector,
                terms: None,
            }),
            Err(unknown) => Err(self.wrong(Some(span), unknown.to_string())),
        }
    }

    fn wrong(&self, span: Option<Span>, message: String) -> Wrong {
        Wrong {
            span: span.unwrap_or(self.whole.in_file(self.id)),
            message,
        }
    }

    fn skip_blanks(&mut self) {
        self.take(is_blank);
    }

    fn skip(&mut self, wanted: u8) -> bool {
        let is_next = self.rest.first() == Some(&wanted);
        if is_next {
            self.rest = &self.rest[1..];
            self.at += 1;
        }
        is_next
    }

    fn take(&mut self, belongs: impl Fn(u8) -> bool) -> (String, Span) {
        let length = self.rest.iter().take_while(|byte| belongs(**byte)).count();
        let (taken, rest) = self.rest.split_at(length);
        let range = TextRange::new(self.at, self.at + length as u32);
        self.rest = rest;
        self.at = range.end;
        (
            String::from_utf8_lossy(taken).into_owned(),
            range.in_file(self.id),
        )
    }
}

/// The name of what a selector means.
fn known(selector: Selector) -> &'static str {
    match selector {
        Selector::Rule(rule) | Selector::Toolchain(rule) => rule.name,
        Selector::Group(group) => group.word(),
        Selector::All => "all",
        Selector::Warnings => "warnings",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::Notation;

    /// Each comment as "target line: what it allows", or what is wrong with it.
    fn read(text: &str) -> Vec<String> {
        let tree = SyntaxTree::parse(text.as_bytes(), Notation::Kconfig);
        let file = SourceFile::new("Kconfig", text.as_bytes());
        let shown = |comment: &Comment| match &comment.said {
            Ok(allowed) => {
                let words: Vec<&str> = allowed.iter().map(|one| one.word).collect();
                let line = comment.target.map(|at| file.position(at.start).line);
                format!("{}: {}", line.unwrap_or(0), words.join(" "))
            }
            Err(wrong) => {
                let place = file.position(wrong.span.start);
                format!("{}:{}: {}", place.line, place.column, wrong.message)
            }
        };
        let found = comments(FileId(0), &file, &tree);
        found.iter().map(shown).collect()
    }

    #[test]
    fn a_comment_speaks_of_its_own_line_or_of_the_next() {
        for (text, expected) in [
            (
                "config A\n\tselect B # kconfig-lint: allow(policy) why\n",
                "2: policy",
            ),
            (
                "config A\n\t# kconfig-lint: allow(policy) why\n\tselect B\n",
                "3: policy",
            ),
            (
                "# kconfig-lint: allow(policy) why\n# more\n#\nconfig A\n",
                "4: policy",
            ),
            (
                "# one\n#kconfig-lint:allow(policy): why\nconfig A\n",
                "3: policy",
            ),
            (
                "# kconfig-lint: allow(policy) why\n\nconfig A\n",
                "0: policy",
            ),
            ("# kconfig-lint: allow(policy) why", "0: policy"),
            ("config A # kconfig-lint: allow(policy) why", "1: policy"),
            (
                "if A && \\\n   B # kconfig-lint: allow(policy) why\nendif\n",
                "1: policy",
            ),
            (
                "# kconfig-lint: allow( policy , correctness ) why\r\nif A\r\nendif\r\n",
                "2: policy correctness",
            ),
        ] {
            assert_eq!(read(text), [expected], "{text:?}");
        }
    }

    #[test]
    fn blocks_do_not_run_into_each_other() {
        let text = "# kconfig-lint: allow(policy) a\nif A # kconfig-lint: allow(policy) b\n\
                    # kconfig-lint: allow(policy) c\n\n# kconfig-lint: allow(policy) d\nendif\n";
        assert_eq!(
            read(text),
            ["2: policy", "2: policy", "0: policy", "6: policy"]
        );
    }

    #[test]
    fn mistakes_have_places() {
        for (comment, expected) in [
            (
                "allow(policy)",
                "1:1: a suppression says why: `allow(rule) reason`",
            ),
            (
                "allow(policy) ...",
                "1:1: a suppression says why: `allow(rule) reason`",
            ),
            (
                "alow(policy) why",
                "1:1: after `kconfig-lint:` comes `allow(rule) reason`; did you mean `allow`?",
            ),
            ("", "1:1: after `kconfig-lint:` comes `allow(rule) reason`"),
            ("allow policy why", "1:1: write `allow(rule) reason`"),
            ("allow() why", "1:1: the name of a rule is missing"),
            (
                "allow(policy why",
                "1:1: the list of rules is not closed by `)`",
            ),
            (
                "allow(policy",
                "1:1: the list of rules is not closed by `)`",
            ),
            (
                "allow(policy, plicy) why",
                "1:31: there is no rule or group `plicy`; did you mean `policy`?",
            ),
            (
                "allow(all) why",
                "1:23: `all` hides too much: name the rule",
            ),
        ] {
            assert_eq!(
                read(&format!("# kconfig-lint: {comment}\nif A\nendif\n")),
                [expected]
            );
        }
    }

    #[test]
    fn a_missing_colon_is_told_and_other_texts_are_none() {
        let found = read("# kconfig-lint allow(policy) why\nif A\nendif\n");
        assert_eq!(
            found,
            ["1:1: a colon is missing: `kconfig-lint: allow(rule) reason`"]
        );
        assert!(read("# kconfig-lint allows much\n# kconfig-linter: x\n").is_empty());
    }

    #[test]
    fn long_words_are_not_repeated() {
        let found = read(&format!(
            "# kconfig-lint: allow({}) why\n",
            "x".repeat(100_000)
        ));
        assert_eq!(found, ["1:23: no rule or group has so long a name"]);
        let found = read(&format!("# kconfig-lint: {}\n", "x".repeat(100_000)));
        assert_eq!(
            found,
            ["1:1: after `kconfig-lint:` comes `allow(rule) reason`"]
        );
    }

    #[test]
    fn only_comments_are_comments() {
        let text = "config A\n\tbool \"# kconfig-lint: allow(policy) x\"\n\thelp\n\
                    \t  # kconfig-lint: allow(policy) x\n\nX := # kconfig-lint: allow(policy) x\n";
        assert_eq!(read(text), Vec::<String>::new());
        assert_eq!(
            read("# see kconfig-lint: allow(policy) x\n"),
            Vec::<String>::new()
        );
    }
}
