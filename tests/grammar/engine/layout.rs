// SPDX-License-Identifier: MIT OR Apache-2.0
//! Writes a generated sentence down: texts for its tokens, and what stands between them.

use super::{CLEAN, Generator, Grammar, Leaf, Random, Scanner, prose};

/// A token with the text it was given.
#[derive(Clone, Debug)]
pub(crate) struct Lexeme {
    /// What the sentence asks for.
    pub(crate) leaf: Leaf,
    /// How it is written; a line end is written by [`layout`].
    pub(crate) text: Vec<u8>,
}

impl Lexeme {
    /// Whether it is this token or this terminal.
    pub(crate) fn is(&self, names: &[&str]) -> bool {
        match &self.leaf {
            Leaf::Token(name) | Leaf::Terminal(name) => names.contains(&name.as_str()),
            Leaf::Prose(_) => false,
        }
    }
}

/// Words to write tokens with, so that symbols meet each other again.
const WORDS: &[&str] = &[
    "A", "B", "FOO", "BAR_2", "y", "n", "m", "0x1F", "-1", "64", "a-b", "$", "$V",
];
const STRINGS: &[&str] = &[
    "\"y\"",
    "\"\"",
    "'a b'",
    "\"say \\\"hi\\\"\"",
    "\"it's\"",
    "\"# no\"",
];
const SOFT: &[&str] = &[
    "optional",
    "set",
    "warning",
    "option",
    "float",
    "transitional",
    "INSERT",
];

/// What conf can be asked about: macros of known expansion and files that exist.
pub(crate) struct Known {
    /// Macros that expand to a word.
    pub(crate) words: &'static [&'static str],
    /// Macros that expand to nothing.
    pub(crate) nothings: &'static [&'static str],
    /// The strings to be used: each the name of a file.
    pub(crate) strings: &'static [&'static str],
}

/// Gives tokens their texts.
pub(crate) struct Speller<'g> {
    tokens: &'g Grammar,
    generator: Generator<'g>,
    scanner: Scanner<'g>,
    known: Option<&'static Known>,
}

impl<'g> Speller<'g> {
    /// A speller that draws texts from the tokens' grammar, unless `known` ones are asked for.
    pub(crate) fn new(tokens: &'g Grammar, known: Option<&'static Known>) -> Speller<'g> {
        Speller {
            tokens,
            generator: Generator::new(tokens, CLEAN),
            scanner: Scanner::new(tokens, CLEAN),
            known,
        }
    }

    /// The leaves with texts. Where lexical.ebnf says that a token depends on its place,
    /// the sentence is mended: an assignment behind a help text loses its value, which conf
    /// would not see as one, INSERT loses the macros before it, and a soft keyword that is
    /// assigned to those behind it.
    pub(crate) fn spell(&mut self, leaves: &[Leaf], random: &mut Random) -> Vec<Lexeme> {
        let mut lexemes: Vec<Lexeme> = Vec::new();
        for leaf in leaves {
            let behind_help = lexemes
                .len()
                .checked_sub(3)
                .is_some_and(|at| lexemes[at].is(&["HELP_TEXT"]));
            let leaf = leaf.clone();
            match leaf {
                Leaf::Token(name) if name == "ASSIGN_VALUE" && behind_help => {}
                Leaf::Token(name) if name == "MACRO" && assigned_soft(&lexemes) => {}
                leaf => {
                    if leaf == Leaf::Terminal("INSERT".to_owned()) {
                        while lexemes.last().is_some_and(|before| before.is(&["MACRO"])) {
                            lexemes.pop();
                        }
                    }
                    let text = self.text(&leaf, random);
                    lexemes.push(Lexeme { leaf, text });
                }
            }
        }
        lexemes
    }

    /// A text for one token.
    pub(crate) fn text(&mut self, leaf: &Leaf, random: &mut Random) -> Vec<u8> {
        let name = match leaf {
            Leaf::Terminal(text) => return text.clone().into_bytes(),
            Leaf::Token(name) | Leaf::Prose(name) => name.as_str(),
        };
        match (name, self.known) {
            ("EOL", _) => b"\n".to_vec(),
            ("HELP_TEXT", _) => help_text(random),
            ("ASSIGN_VALUE", _) => value(random),
            ("MACRO", Some(known)) => random.pick(known.nothings).as_bytes().into(),
            ("WORD", Some(known)) if random.chance(10) => {
                random.pick(known.words).as_bytes().into()
            }
            ("QUOTED", Some(known)) => random.pick(known.strings).as_bytes().into(),
            ("WORD", Some(known)) if random.chance(10) => {
                format!("Q{}", random.pick(known.nothings)).into_bytes()
            }
            ("WORD", Some(_)) => random.pick(WORDS).as_bytes().into(),
            ("WORD", None) if random.chance(3) => random.pick(SOFT).as_bytes().into(),
            ("WORD", None) if random.chance(60) => random.pick(WORDS).as_bytes().into(),
            ("QUOTED", None) if random.chance(50) => random.pick(STRINGS).as_bytes().into(),
            (name, _) => self.drawn(name, random),
        }
    }

    fn drawn(&mut self, name: &str, random: &mut Random) -> Vec<u8> {
        loop {
            let production = self.tokens.find(name);
            let mut text = Vec::new();
            for leaf in self.generator.sentence(production, 8, 12, random) {
                match leaf {
                    Leaf::Terminal(part) | Leaf::Token(part) => text.extend(part.bytes()),
                    Leaf::Prose(words) => text.extend(prose::sample(&words, random).bytes()),
                }
            }
            // Parts drawn one by one may make another token together, such as a keyword.
            let is_that = |token: &super::Token| token.class.as_deref() == Some(name);
            let source = [b"source ".as_slice(), &text].concat();
            let tokens = match name {
                "PATH" => self
                    .scanner
                    .scan(&source)
                    .map(|tokens| tokens[1..].to_vec()),
                _ => self.scanner.scan(&text),
            };
            if tokens.is_ok_and(|tokens| tokens.len() == 2 && is_that(&tokens[0])) {
                return text;
            }
        }
    }
}

fn value(random: &mut Random) -> Vec<u8> {
    let values = [
        "y",
        "a b",
        "# no comment",
        "\"q\"",
        "$(A) x",
        "$(f,$(1), b)",
        "end \\",
        "'",
    ];
    random.pick(&values).as_bytes().into()
}

/// Whether the last word is the first of its line and would be a keyword there, unless an
/// assignment operator follows at once.
fn assigned_soft(lexemes: &[Lexeme]) -> bool {
    let Some((word, before)) = lexemes.split_last() else {
        return false;
    };
    let first = before.iter().rev().find(|lexeme| !lexeme.is(&["MACRO"]));
    word.is(&["WORD"])
        && SOFT.iter().any(|soft| soft.as_bytes() == word.text)
        && first.is_none_or(|first| first.is(&["EOL", "HELP_TEXT"]))
}

/// A help text: at least one line, since what comes next has to stand at the margin.
fn help_text(random: &mut Random) -> Vec<u8> {
    let margin = random.pick(&["\t", "  ", "\t  ", " "]);
    let lines = [
        "Some words.",
        "config NO",
        "\"open",
        "# no comment",
        "endmenu \\",
        "$(no",
        "\u{e4}",
    ];
    if random.chance(10) {
        return b"\n".to_vec();
    }
    let mut text = String::new();
    for number in 0..=random.below(4) {
        if number > 0 && random.chance(25) {
            text.push_str(random.pick(&["\n", "\n\n", "   \n"]));
        }
        text.push_str(margin);
        if number > 0 && random.chance(25) {
            text.push_str("    ");
        }
        text.push_str(random.pick(&lines));
        text.push('\n');
    }
    if random.chance(25) {
        text.push('\n');
    }
    text.into_bytes()
}

/// How a text is laid out.
#[derive(Clone, Copy)]
pub(crate) struct Layout {
    /// Lines end in CR LF.
    pub(crate) crlf: bool,
    /// Lines may be continued with a backslash.
    pub(crate) continuations: bool,
    /// Bytes that conf warns of stand between tokens.
    pub(crate) strays: bool,
    /// The last line may lack its end.
    pub(crate) open_end: bool,
}

/// The text of a sentence, with random white space, comments and empty lines.
pub(crate) fn layout(
    lexemes: &[Lexeme],
    layout: Layout,
    scanner: &Scanner<'_>,
    random: &mut Random,
) -> Vec<u8> {
    let mut text: Vec<u8> = Vec::new();
    let mut before: Option<&Lexeme> = None;
    for (number, lexeme) in lexemes.iter().enumerate() {
        let behind_help = before.is_some_and(|l| l.is(&["HELP_TEXT"]));
        let at_line_start = behind_help || before.is_none_or(|l| l.is(&["EOL"]));
        if lexeme.is(&["EOL"]) {
            // In a value a comment would be none, and INSERT stands alone.
            let bare = ["ASSIGN_VALUE", "=", ":=", "+=", "INSERT"];
            if !before.is_some_and(|l| l.is(&bare)) {
                text.extend(random.pick(&["", "", "", " ", "\t", " # why", "#"]).bytes());
            }
            if number + 1 < lexemes.len() || !layout.open_end || random.chance(50) {
                text.push(b'\n');
            }
        } else if lexeme.is(&["HELP_TEXT"]) {
            text.extend(&lexeme.text);
        } else if at_line_start {
            // Behind a help text only the margin is sure to be outside of it.
            let lines: &[&str] = &["", "", "", "\n", "# words\n", "#\n\n"];
            text.extend(random.pick(lines).bytes());
            if !behind_help && !lexeme.is(&["INSERT"]) {
                text.extend(
                    random
                        .pick(&["", "\t", "  ", "    ", "\n  # words\n \t"])
                        .bytes(),
                );
            }
            text.extend(&lexeme.text);
        } else {
            if let Some(first) = before {
                text.extend(gap(first, lexeme, layout, scanner, random).bytes());
            }
            text.extend(&lexeme.text);
        }
        before = Some(lexeme);
    }
    if layout.crlf {
        text = with_carriage_returns(&text);
    }
    text
}

/// What stands between two tokens of a line.
fn gap(
    first: &Lexeme,
    second: &Lexeme,
    layout: Layout,
    scanner: &Scanner<'_>,
    random: &mut Random,
) -> &'static str {
    let blanks = [" ", "\t", "  "];
    // A path takes all but blanks; a word is sure to be a variable's name only where
    // nothing but blanks parts it from the operator.
    let word = first.is(&["WORD"]) && second.is(&["=", ":=", "+="]);
    if first.is(&["PATH"]) || word {
        return random.pick(&blanks);
    }
    if second.is(&["ASSIGN_VALUE"]) {
        return random.pick(&["", " ", "\t", "  "]);
    }
    if layout.strays && random.chance(3) {
        return random.pick(&[" , ", " ;", "@ ", " & "]);
    }
    if layout.continuations && random.chance(5) {
        return random.pick(&[" \\\n\t", "\\\n", " \\\n\\\n  "]);
    }
    let may_touch = !second.is(&["PATH"]) && scanner.part(&first.text, &second.text);
    if may_touch && random.chance(60) {
        return "";
    }
    random.pick(&[" ", " ", "\t", "   ", " \t "])
}

fn with_carriage_returns(text: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(text.len());
    for &byte in text {
        if byte == b'\n' {
            result.push(b'\r');
        }
        result.push(byte);
    }
    result
}
