// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the tests share: the grammars, one who writes sentences of them, one who judges
//! texts by them.

use std::collections::BTreeSet;

use crate::grammar::engine::{
    Dialects, Generator, Grammar, Known, Layout, Leaf, Lexeme, Random, Recogniser, Scanner,
    Speller, TokenInput, layout,
};

/// The files of `grammar/`.
pub(crate) struct Grammars {
    /// `kconfig.ebnf`.
    pub(crate) statements: Grammar,
    /// `lexical.ebnf` and `macro.ebnf`.
    pub(crate) tokens: Grammar,
}

impl Grammars {
    /// Reads them.
    pub(crate) fn new() -> Grammars {
        Grammars {
            statements: Grammar::statements(),
            tokens: Grammar::tokens(),
        }
    }

    /// Every token that the statements can have, those with many texts more often.
    pub(crate) fn pool(&self) -> Vec<Leaf> {
        let words = self.statements.terminals(self.file(), Dialects::All);
        let mut pool: Vec<Leaf> = words
            .iter()
            .map(|w| Leaf::Terminal((*w).to_owned()))
            .collect();
        for token in [
            "EOL",
            "WORD",
            "MACRO",
            "QUOTED",
            "PATH",
            "ASSIGN_VALUE",
            "HELP_TEXT",
        ] {
            pool.extend(std::iter::repeat_n(Leaf::Token(token.to_owned()), 4));
        }
        pool
    }

    /// The production to begin with.
    pub(crate) fn file(&self) -> usize {
        self.statements.find("file")
    }
}

/// What is known to be true of a tool that a test asks: macros of known expansion.
pub(crate) const KNOWN: Known = Known {
    words: &[
        "$(WORDY)",
        "$(lineno)",
        "$(WORDY)$(EMPTY)",
        "$(EMPTY)$(WORDY)",
    ],
    nothings: &[
        "$(EMPTY)",
        "$(EMPTY)$(EMPTY)",
        "$(nothing,a (b), c)",
        "$(info,\"#)",
        "$(error-if,n,x)",
    ],
    strings: &["\"f\"", "'g h'", "\"i#j\"", "\"k\\\"l\"", "\"m$(EMPTY)\""],
};

/// Writes random sentences.
pub(crate) struct Writer<'g> {
    /// Draws the tokens.
    pub(crate) generator: Generator<'g>,
    /// Gives them texts.
    pub(crate) speller: Speller<'g>,
    scanner: Scanner<'g>,
    file: usize,
}

impl<'g> Writer<'g> {
    /// One who writes what `dialects` read, with any texts or only with `known` ones.
    pub(crate) fn new(
        grammars: &'g Grammars,
        dialects: Dialects,
        known: Option<&'static Known>,
    ) -> Writer<'g> {
        Writer {
            generator: Generator::new(&grammars.statements, dialects),
            speller: Speller::new(&grammars.tokens, known),
            scanner: Scanner::new(&grammars.tokens, Dialects::All),
            file: grammars.file(),
        }
    }

    /// A sentence.
    pub(crate) fn sentence(&mut self, length: usize, random: &mut Random) -> Vec<Lexeme> {
        let leaves = self.generator.sentence(self.file, 14, length, random);
        self.speller.spell(&leaves, random)
    }

    /// Its text.
    pub(crate) fn text(&self, sentence: &[Lexeme], how: Layout, random: &mut Random) -> Vec<u8> {
        layout(sentence, how, &self.scanner, random)
    }
}

/// Numbers of alternatives, of the statements and of the tokens.
pub(crate) type Used = (BTreeSet<usize>, BTreeSet<usize>);

/// Says whether a text is a sentence.
pub(crate) struct Judge<'g> {
    grammars: &'g Grammars,
    scanner: Scanner<'g>,
    dialects: Dialects,
}

impl<'g> Judge<'g> {
    /// One who reads a file without knowing for which tool it is written.
    pub(crate) fn new(grammars: &'g Grammars) -> Judge<'g> {
        Judge {
            grammars,
            scanner: Scanner::new(&grammars.tokens, Dialects::All),
            dialects: Dialects::All,
        }
    }

    /// One who reads as one tool does that has the macros of [`KNOWN`].
    pub(crate) fn of_tool(grammars: &'g Grammars, dialects: Dialects) -> Judge<'g> {
        let Grammars { statements, tokens } = grammars;
        Judge {
            grammars,
            scanner: Scanner::of_tool(tokens, statements, dialects, is_word),
            dialects,
        }
    }

    /// How the text is cut.
    pub(crate) fn scanner(&self) -> &Scanner<'g> {
        &self.scanner
    }

    /// Adds the alternatives that a sentence needs: to `used.0` those of the statements, to
    /// `used.1` those of the tokens.
    ///
    /// # Errors
    /// As [`Judge::judge`].
    pub(crate) fn cover(&self, text: &[u8], used: &mut Used) -> Result<(), usize> {
        self.judge(text)?;
        self.scanner.cover(text, &mut used.1)?;
        let tokens = self.scanner.scan(text)?;
        let input = TokenInput(&tokens);
        let recogniser = Recogniser::new(&self.grammars.statements, self.dialects, &input);
        recogniser.derive(self.grammars.file(), 0, tokens.len(), &mut used.0);
        Ok(())
    }

    /// Whether the text is a sentence.
    ///
    /// # Errors
    /// The place up to which it could be one, in bytes.
    pub(crate) fn judge(&self, text: &[u8]) -> Result<(), usize> {
        let tokens = self.scanner.scan(text)?;
        let input = TokenInput(&tokens);
        let recogniser = Recogniser::new(&self.grammars.statements, self.dialects, &input);
        if recogniser
            .ends(self.grammars.file(), 0)
            .contains(&tokens.len())
        {
            return Ok(());
        }
        Err(tokens
            .get(recogniser.furthest())
            .map_or(text.len(), |token| token.start))
    }
}

/// Whether conf expands these macros to a word: where `WORDY` is a
/// word of the environment, and what else [`KNOWN`] says is nothing.
fn is_word(mut macros: &[u8]) -> bool {
    while !macros.is_empty() {
        let mut depth = 0;
        let end = macros.iter().position(|byte| {
            depth += i32::from(*byte == b'(') - i32::from(*byte == b')');
            *byte == b')' && depth == 0
        });
        let (first, rest) = macros.split_at(end.map_or(macros.len(), |end| end + 1));
        if [&b"$(WORDY)"[..], b"$(lineno)"].contains(&first) {
            return true;
        }
        macros = rest;
    }
    false
}
