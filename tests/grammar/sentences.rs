// SPDX-License-Identifier: MIT OR Apache-2.0
//! Random sentences of the grammar, laid out in every way, are read cleanly. The seed of a
//! sentence is its number.

use kconfig_lint::syntax::{Notation, SyntaxTree};

use crate::grammar::engine::{CLEAN, LINUX_6_1, LINUX_6_12, Layout, Lexeme, Random};
use crate::grammar::judge::{Grammars, Judge, KNOWN, Writer};

const SENTENCES: u64 = 700;
const LENGTH: usize = 60;

/// The engine agrees with itself: what it generates and lays out it cuts and recognises
/// again, and nothing of the grammar is beyond the generator's reach.
#[test]
fn sentences_are_recognised() {
    let grammars = Grammars::new();
    let judge = Judge::new(&grammars);
    let mut writer = Writer::new(&grammars, CLEAN, None);
    for seed in 0..SENTENCES {
        let mut random = Random::new(seed);
        let sentence = writer.sentence(LENGTH, &mut random);
        let text = writer.text(&sentence, any_layout(&mut random), &mut random);
        let shown = String::from_utf8_lossy(&text);
        if let Err(at) = judge.judge(&text) {
            panic!("seed {seed}: wrong at byte {at} of\n{shown}");
        }
        let tokens = judge.scanner().scan(&text).unwrap_or_default();
        let cut: Vec<&[u8]> = tokens.iter().map(|t| &text[t.start..t.end]).collect();
        if let Some((wanted, got)) = difference(&sentence, &cut) {
            panic!("seed {seed}: {got} instead of {wanted} in\n{shown}");
        }
    }
    assert_eq!(writer.generator.unused(), Vec::<&str>::new());
}

/// What only the conf of one release may read, both that and our parser read.
#[test]
fn sentences_of_linux_are_read() {
    let grammars = Grammars::new();
    for dialects in [LINUX_6_12, LINUX_6_1] {
        let judge = Judge::of_tool(&grammars, dialects);
        let mut writer = Writer::new(&grammars, dialects, Some(&KNOWN));
        for seed in 0..SENTENCES / 4 {
            let mut random = Random::new(seed);
            let sentence = writer.sentence(LENGTH, &mut random);
            let text = writer.text(&sentence, any_layout(&mut random), &mut random);
            let shown = String::from_utf8_lossy(&text);
            assert_eq!(judge.judge(&text), Ok(()), "seed {seed}\n{shown}");
            check_clean(&text, Notation::Kconfig, seed);
        }
    }
}

/// Our parser has nothing to say against a sentence, and its tokens are the file.
#[test]
fn sentences_are_parsed_cleanly() {
    let grammars = Grammars::new();
    let mut writer = Writer::new(&grammars, CLEAN, None);
    for seed in 0..SENTENCES {
        let mut random = Random::new(seed);
        let sentence = writer.sentence(LENGTH, &mut random);
        let text = writer.text(&sentence, any_layout(&mut random), &mut random);
        check_clean(&text, Notation::Kconfig, seed);
    }
}

/// So too where the sentence stands in the comments of a C file.
#[test]
fn sentences_in_c_files_are_parsed_cleanly() {
    let grammars = Grammars::new();
    let mut writer = Writer::new(&grammars, CLEAN, None);
    for seed in 0..SENTENCES / 4 {
        let mut random = Random::new(seed);
        let mut sentence = writer.sentence(LENGTH, &mut random);
        // INSERT belongs to the other files.
        while let Some(at) = sentence.iter().position(|lexeme| lexeme.is(&["INSERT"])) {
            sentence.drain(at..at + 2);
        }
        let text = writer.text(&sentence, any_layout(&mut random), &mut random);
        let file = in_comments(&text, &mut random);
        check_clean(&file, Notation::ConfigComments, seed);
    }
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

/// The tokens are the file, byte for byte, without a gap.
pub(crate) fn assert_round_trip(tree: &SyntaxTree, text: &[u8]) {
    let mut at = 0;
    for token in tree.tokens() {
        assert_eq!(token.range.start, at, "a gap before {token:?}");
        assert!(token.range.end > at, "{token:?} is empty");
        at = token.range.end;
    }
    assert_eq!(at as usize, text.len(), "the tokens end before the file");
}

fn check_clean(text: &[u8], notation: Notation, seed: u64) {
    let tree = SyntaxTree::parse(text, notation);
    let shown = String::from_utf8_lossy(text);
    assert!(
        tree.errors().is_empty(),
        "seed {seed}: {:#?}\n{shown}",
        tree.errors()
    );
    assert_round_trip(&tree, text);
}

/// The first place where a text was not cut as it was put together.
fn difference(sentence: &[Lexeme], cut: &[&[u8]]) -> Option<(String, String)> {
    let lossy = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
    let mut others = sentence
        .iter()
        .zip(cut)
        .filter(|(lexeme, text)| !lexeme.is(&["EOL", "HELP_TEXT"]) && lexeme.text != **text);
    if let Some((lexeme, text)) = others.next() {
        return Some((lossy(&lexeme.text), lossy(text)));
    }
    let lengths = (sentence.len(), cut.len());
    (lengths.0 != lengths.1).then(|| (format!("{} tokens", lengths.0), lengths.1.to_string()))
}

/// Each line behind `//config:`, with lines of C between them.
fn in_comments(text: &[u8], random: &mut Random) -> Vec<u8> {
    let mut file = Vec::new();
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        if random.chance(10) {
            file.extend(b"int main(void) /* if */ {\n");
        }
        file.extend(b"//config:");
        file.extend(line);
    }
    file
}
