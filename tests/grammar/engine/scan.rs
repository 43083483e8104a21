// SPDX-License-Identifier: MIT OR Apache-2.0
//! The scanner: text to tokens by `lexical.ebnf`, with the three tokens that depend on
//! where they stand done by hand as its head comment tells.

use std::collections::{BTreeMap, BTreeSet};

use super::recognise::Input;
use super::{Dialects, Grammar, Item, Recogniser, prose};

/// A token of a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Token {
    /// The keyword or operator that it is, if it is one.
    pub(crate) terminal: Option<String>,
    /// The name of its production, if it is none.
    pub(crate) class: Option<String>,
    /// Where it begins.
    pub(crate) start: usize,
    /// Where it ends.
    pub(crate) end: usize,
}

impl Token {
    /// Whether it is this terminal or of this class.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.terminal.as_deref() == Some(name) || self.class.as_deref() == Some(name)
    }

    fn ends_line(&self) -> bool {
        LINE_ENDS.iter().any(|name| self.is(name))
    }
}

/// Cuts texts into tokens as some tool does.
pub(crate) struct Scanner<'g> {
    tokens: &'g Grammar,
    dialects: Dialects,
    /// Productions of single tokens, in order, with the name that the statements use.
    classes: Vec<(usize, &'g str)>,
    /// What may stand between tokens.
    trivia: Vec<usize>,
    /// The alternative of `token` or `trivia` by which each of them comes.
    lists: BTreeMap<usize, usize>,
    hard: BTreeSet<&'g str>,
    soft: BTreeSet<&'g str>,
    /// Whether a macro expands to a word, where that is known: then macros are words or
    /// nothing, as they are for conf.
    expansion: Option<fn(&[u8]) -> bool>,
}

const POSITIONAL: [&str; 2] = ["ASSIGN_VALUE", "HELP_TEXT"];

impl<'g> Scanner<'g> {
    /// A scanner for files that any tool may read.
    pub(crate) fn new(tokens: &'g Grammar, dialects: Dialects) -> Scanner<'g> {
        let mut lists = BTreeMap::new();
        let mut names = |list| {
            let mut names = Vec::new();
            let choice = &tokens.productions[tokens.find(list)].choice;
            for alternative in choice.0.iter().filter(|a| dialects.read(a)) {
                if let [Item::Production(class)] = alternative.items[..] {
                    names.push((class, tokens.productions[class].name.as_str()));
                    lists.insert(class, alternative.id);
                }
            }
            names
        };
        let mut classes = names("token");
        classes.retain(|(_, name)| !POSITIONAL.contains(name));
        let trivia = names("trivia");
        Scanner {
            tokens,
            dialects,
            classes,
            trivia: trivia.into_iter().map(|(trivia, _)| trivia).collect(),
            lists,
            hard: tokens.terminals(tokens.find("keyword"), dialects),
            soft: tokens.terminals(tokens.find("soft_keyword"), dialects),
            expansion: None,
        }
    }

    /// A scanner that knows the keywords of one tool, and what macros expand to.
    pub(crate) fn of_tool(
        tokens: &'g Grammar,
        statements: &Grammar,
        dialects: Dialects,
        expansion: fn(&[u8]) -> bool,
    ) -> Scanner<'g> {
        let mut scanner = Scanner::new(tokens, dialects);
        let known = statements.terminals(statements.find("file"), dialects);
        let soft = std::mem::take(&mut scanner.soft);
        scanner
            .hard
            .extend(soft.into_iter().filter(|word| known.contains(word)));
        scanner.expansion = Some(expansion);
        scanner
    }

    /// The tokens of `text`, ended by a line end.
    ///
    /// # Errors
    /// The place of a byte that begins neither a token nor trivia.
    pub(crate) fn scan(&self, text: &[u8]) -> Result<Vec<Token>, usize> {
        let mut state = State {
            tokens: Vec::new(),
            of_tool: self.expansion.is_some(),
            used: None,
        };
        self.run(text, &mut state)?;
        Ok(state.tokens)
    }

    /// Adds to `used` the alternatives that the tokens and trivia of `text` need.
    ///
    /// # Errors
    /// As [`Scanner::scan`].
    pub(crate) fn cover(&self, text: &[u8], used: &mut BTreeSet<usize>) -> Result<(), usize> {
        let mut state = State {
            tokens: Vec::new(),
            of_tool: self.expansion.is_some(),
            used: Some(used),
        };
        self.run(text, &mut state)
    }

    /// Whether `first` is the first token of itself followed by `second`.
    pub(crate) fn part(&self, first: &[u8], second: &[u8]) -> bool {
        let joined = [first, second].concat();
        let input = Bytes(&joined);
        let recogniser = Recogniser::new(self.tokens, self.dialects, &input);
        self.longest(&recogniser, 0, false)
            .is_some_and(|(_, end)| end == first.len())
    }

    fn run(&self, text: &[u8], state: &mut State<'_>) -> Result<(), usize> {
        let input = Bytes(text);
        let recogniser = Recogniser::new(self.tokens, self.dialects, &input);
        let mut at = 0;
        loop {
            if state.wants_help() {
                let end = help_end(text, at);
                state.push_class(self, &recogniser, "HELP_TEXT", at, end);
                at = end;
            } else if at == text.len() {
                if state.at_line_start() {
                    return Ok(());
                }
                state.push_class(self, &recogniser, "EOL", at, at);
            } else if state.wants_value() {
                at = self.value(text, at, &recogniser, state);
            } else {
                at = self.step(text, at, &recogniser, state).ok_or(at)?;
            }
        }
    }

    /// Takes one token or trivia; its end.
    fn step<'t>(
        &self,
        text: &'t [u8],
        at: usize,
        recogniser: &Recogniser<'_, Bytes<'t>>,
        state: &mut State<'_>,
    ) -> Option<usize> {
        let (class, end) = self.longest(recogniser, at, state.wants_path(&text[at..]))?;
        if self.trivia.contains(&class) {
            state.cover(self, recogniser, class, at, end);
            return Some(end);
        }
        let name = self.tokens.productions[class].name.as_str();
        let bytes = &text[at..end];
        match (name, self.expansion) {
            ("EOL", _) if state.at_line_start() => return Some(end),
            // For conf it is not there.
            ("MACRO", Some(is_word)) if !is_word(bytes) => return Some(end),
            _ => {}
        }
        let spelling = std::str::from_utf8(bytes).unwrap_or_default();
        let begins = state.begins_line(state.first_solid());
        let soft = self.soft.contains(spelling)
            && begins
            && !assignment_ahead(&text[end..])
            && (spelling != "INSERT" || alone(text, at, end));
        let listed = ["keyword", "soft_keyword", "operator"].contains(&name);
        let hard = self.hard.contains(spelling) || name == "operator";
        let terminal = listed && (soft || hard);
        let class = match name {
            "soft_keyword" | "keyword" => "WORD",
            "MACRO" if self.expansion.is_some() => "WORD",
            name => name,
        };
        let production = if terminal { name } else { class };
        state.cover(self, recogniser, self.tokens.find(production), at, end);
        state.tokens.push(Token {
            terminal: terminal.then(|| spelling.to_owned()),
            class: (!terminal).then(|| class.to_owned()),
            start: at,
            end,
        });
        Some(end)
    }

    /// The longest token or trivia at a place, the first of those as long.
    fn longest<'t>(
        &self,
        recogniser: &Recogniser<'_, Bytes<'t>>,
        at: usize,
        path: bool,
    ) -> Option<(usize, usize)> {
        let mut best: Option<(usize, usize)> = None;
        let path = path && self.classes.iter().any(|(_, name)| *name == "PATH");
        let classes = self.classes.iter().filter(|(_, name)| match *name {
            "PATH" => path,
            "QUOTED" | "EOL" => true,
            _ => !path,
        });
        let all = classes.map(|(class, _)| class).chain(&self.trivia);
        for &class in all {
            if let Some(&end) = recogniser.ends(class, at).last() {
                if best.is_none_or(|(_, longest)| end > longest) {
                    best = Some((class, end));
                }
            }
        }
        best
    }

    /// The rest of an assignment's line, from behind its operator; the value's end.
    fn value(
        &self,
        text: &[u8],
        at: usize,
        recogniser: &Recogniser<'_, Bytes<'_>>,
        state: &mut State<'_>,
    ) -> usize {
        let rest = &text[at..];
        let blank = |b: &u8| matches!(b, b' ' | b'\t');
        let start = at + rest.iter().take_while(|b| blank(b)).count();
        let mut end = at + rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
        if text[..end].ends_with(b"\r") && end < text.len() {
            end -= 1;
        }
        if start < end {
            state.push_class(self, recogniser, "ASSIGN_VALUE", start, end);
        }
        let line = prose::matches(LINE_END, text, end).unwrap_or(end);
        state.push_class(self, recogniser, "EOL", end, line);
        line
    }
}

const LINE_END: &str = "a line feed, perhaps behind a carriage return";

struct State<'u> {
    tokens: Vec<Token>,
    of_tool: bool,
    used: Option<&'u mut BTreeSet<usize>>,
}

impl State<'_> {
    /// Notes the alternatives that a token or trivia needs.
    fn cover(
        &mut self,
        scanner: &Scanner<'_>,
        recogniser: &Recogniser<'_, Bytes<'_>>,
        class: usize,
        start: usize,
        end: usize,
    ) {
        let Some(used) = &mut self.used else {
            return;
        };
        used.extend(scanner.lists.get(&class));
        if POSITIONAL.contains(&scanner.tokens.productions[class].name.as_str()) {
            // Its production is words alone: there is nothing to derive.
            used.insert(scanner.tokens.productions[class].choice.0[0].id);
        } else if start < end {
            recogniser.derive(class, start, end, used);
        }
    }

    fn push_class(
        &mut self,
        scanner: &Scanner<'_>,
        recogniser: &Recogniser<'_, Bytes<'_>>,
        name: &str,
        start: usize,
        end: usize,
    ) {
        self.cover(scanner, recogniser, scanner.tokens.find(name), start, end);
        self.tokens.push(Token {
            terminal: None,
            class: Some(name.to_owned()),
            start,
            end,
        });
    }

    /// The token `back` places before the next one; `None` before the first.
    fn last(&self, back: usize) -> Option<&Token> {
        self.tokens
            .len()
            .checked_sub(back)
            .map(|at| &self.tokens[at])
    }

    fn is(&self, back: usize, names: &[&str]) -> bool {
        self.last(back)
            .is_some_and(|token| names.iter().any(|name| token.is(name)))
    }

    fn begins_line(&self, back: usize) -> bool {
        self.tokens.len() + 1 == back || self.is(back, &LINE_ENDS)
    }

    fn at_line_start(&self) -> bool {
        self.begins_line(1)
    }

    /// How far back the place before the macros at the end of what was read is; as
    /// [`State::last`] counts.
    fn first_solid(&self) -> usize {
        let is_macro = |token: &&Token| token.is("MACRO");
        self.tokens.iter().rev().take_while(is_macro).count() + 1
    }

    /// The tokens of the line that was begun, or that has just ended.
    fn line(&self) -> &[Token] {
        let before = match self.tokens.split_last() {
            Some((last, before)) if last.ends_line() => before,
            _ => &self.tokens,
        };
        let start = before
            .iter()
            .rposition(Token::ends_line)
            .map_or(0, |end| end + 1);
        &before[start..]
    }

    fn wants_help(&self) -> bool {
        let mut solid = self.line().iter().filter(|token| !token.is("MACRO"));
        let help = solid
            .next()
            .is_some_and(|t| t.is("help") || t.is("---help---"));
        self.is(1, &["EOL"]) && help && solid.next().is_none()
    }

    fn wants_value(&self) -> bool {
        if self.at_line_start() {
            return false;
        }
        let line = self.line();
        let Some((operator, words)) = line.split_last() else {
            return false;
        };
        let start = self.tokens.len() - line.len();
        let behind_help = start > 0 && self.tokens[start - 1].is("HELP_TEXT");
        ["=", ":=", "+="].iter().any(|op| operator.is(op))
            && !words.is_empty()
            && words
                .iter()
                .all(|token| token.is("WORD") || token.is("MACRO"))
            && words.iter().filter(|token| token.is("WORD")).count() <= 1
            && !(behind_help && self.of_tool)
    }

    /// Whether a path may stand before `rest`.
    fn wants_path(&self, rest: &[u8]) -> bool {
        let [macros @ .., source] = self.line() else {
            return false;
        };
        !self.at_line_start()
            && SOURCES.iter().any(|name| source.is(name))
            && source.terminal.is_some()
            && macros.iter().all(|token| token.is("MACRO"))
            && !assignment_ahead(rest)
    }
}

const LINE_ENDS: [&str; 2] = ["EOL", "HELP_TEXT"];
const SOURCES: [&str; 6] = [
    "source", "rsource", "osource", "orsource", "gsource", "grsource",
];

/// Whether an assignment operator follows, behind nothing but blanks.
fn assignment_ahead(rest: &[u8]) -> bool {
    let blanks = rest
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t'))
        .count();
    let starts = |op: &&[u8]| rest[blanks..].starts_with(op);
    [&b"="[..], b":=", b"+="].iter().any(starts)
}

/// Whether what lies from `start` to `end` is a line, without even a blank.
fn alone(text: &[u8], start: usize, end: usize) -> bool {
    let begins = start == 0 || text[start - 1] == b'\n';
    begins && (end == text.len() || prose::matches(LINE_END, text, end).is_some())
}

/// Where a help text ends that begins `at` the start of a line.
fn help_end(text: &[u8], mut at: usize) -> usize {
    let mut margin = 0;
    loop {
        let line = &text[at..];
        let blank = line
            .iter()
            .take_while(|b| matches!(b, b' ' | b'\t'))
            .count();
        let end = line.iter().position(|&b| b == b'\n');
        let rest = &line[blank..end.unwrap_or(line.len())];
        if !rest.is_empty() && rest != b"\r" {
            let columns = columns(&line[..blank]);
            if columns < margin {
                return at + blank;
            }
            if margin == 0 {
                margin = columns;
            }
        }
        let Some(end) = end else {
            return text.len();
        };
        at += end + 1;
        let next = text.get(at..).unwrap_or_default();
        let at_margin = next.first().is_some_and(|b| !b" \t\n".contains(b));
        if at_margin && !next.starts_with(b"\r\n") {
            return at;
        }
    }
}

/// How far white space reaches; a tab goes to the next multiple of eight.
fn columns(blank: &[u8]) -> usize {
    blank.iter().fold(0, |column, &byte| match byte {
        b'\t' => (column & !7) + 8,
        _ => column + 1,
    })
}

/// Bytes, to be matched with the tokens' grammar.
struct Bytes<'t>(&'t [u8]);

impl Input for Bytes<'_> {
    fn terminal(&self, at: usize, text: &str) -> Option<usize> {
        self.0
            .get(at..)?
            .starts_with(text.as_bytes())
            .then_some(at + text.len())
    }

    fn token(&self, _: usize, _: &str) -> Option<usize> {
        None
    }

    fn prose(&self, at: usize, words: &str) -> Option<usize> {
        prose::matches(words, self.0, at)
    }
}

/// Tokens, to be matched with the statements' grammar.
pub(crate) struct TokenInput<'t>(pub(crate) &'t [Token]);

impl Input for TokenInput<'_> {
    fn terminal(&self, at: usize, text: &str) -> Option<usize> {
        let token = self.0.get(at)?;
        (token.terminal.as_deref() == Some(text)).then_some(at + 1)
    }

    fn token(&self, at: usize, name: &str) -> Option<usize> {
        let token = self.0.get(at)?;
        (token.class.as_deref() == Some(name)).then_some(at + 1)
    }

    fn prose(&self, _: usize, _: &str) -> Option<usize> {
        None
    }
}
