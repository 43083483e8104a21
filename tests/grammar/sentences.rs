// SPDX-License-Identifier: MIT OR Apache-2.0
//! Random sentences of the grammar, laid out in every way, are read cleanly.

use crate::engine::{
    CLEAN, Dialects, Generator, Grammar, Layout, Lexeme, Random, Recogniser, Scanner, Speller,
    TokenInput, layout,
};

const SENTENCES: u64 = 1000;

/// The engine agrees with itself: what it generates and lays out it scans and recognises,
/// and nothing of the grammar is beyond the generator's reach.
#[test]
fn sentences_are_recognised() {
    let statements = Grammar::statements();
    let tokens = Grammar::tokens();
    let file = statements.find("file");
    let scanner = Scanner::new(&tokens, Dialects::All);
    let mut generator = Generator::new(&statements, CLEAN);
    let mut speller = Speller::new(&tokens, None);
    for seed in 0..SENTENCES {
        let mut random = Random::new(seed);
        let leaves = generator.sentence(file, 14, 60, &mut random);
        let lexemes = speller.spell(&leaves, &mut random);
        let text = layout(&lexemes, any_layout(&mut random), &scanner, &mut random);
        let shown = String::from_utf8_lossy(&text);
        let scanned = scanner
            .scan(&text)
            .unwrap_or_else(|at| panic!("seed {seed}: no token at byte {at} of\n{shown}"));
        let cut: Vec<&[u8]> = scanned.iter().map(|t| &text[t.start..t.end]).collect();
        if let Some((wanted, got)) = difference(&lexemes, &cut) {
            panic!("seed {seed}: {got} instead of {wanted} in\n{shown}");
        }
        let input = TokenInput(&scanned);
        let recogniser = Recogniser::new(&statements, Dialects::All, &input);
        assert!(
            recogniser.ends(file, 0).contains(&scanned.len()),
            "seed {seed}: token {} of\n{shown}",
            recogniser.furthest()
        );
    }
    assert_eq!(generator.unused(), Vec::<&str>::new());
}

/// Any layout that no tool warns of.
pub(crate) fn any_layout(random: &mut Random) -> Layout {
    Layout {
        crlf: random.chance(20),
        continuations: random.chance(70),
        strays: false,
        open_end: random.chance(20),
    }
}

/// The first place where a text was not cut as it was put together.
fn difference(lexemes: &[Lexeme], cut: &[&[u8]]) -> Option<(String, String)> {
    let lossy = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
    let pairs = lexemes.iter().zip(cut);
    let mut other = pairs.filter(|(lexeme, text)| {
        !lexeme.is(&["EOL", "HELP_TEXT"]) && lexeme.text != **text
    });
    if let Some((lexeme, text)) = other.next() {
        return Some((lossy(&lexeme.text), lossy(text)));
    }
    let lengths = (lexemes.len(), cut.len());
    (lengths.0 != lengths.1).then(|| (format!("{} tokens", lengths.0), lengths.1.to_string()))
}
