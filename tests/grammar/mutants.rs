// SPDX-License-Identifier: MIT OR Apache-2.0
//! Damaged sentences get the same verdict from the grammar and from our parser. The seed of
//! a sentence is its number; its mutants follow from it.

use kconfig_lint::syntax::{Notation, SyntaxTree};

use crate::grammar::engine::{CLEAN, Random, mutate_bytes, mutate_lexemes};
use crate::grammar::judge::{Grammars, Judge, Writer};
use crate::grammar::sentences::{any_layout, assert_round_trip};

const SENTENCES: u64 = 600;
/// Of each kind, for each sentence.
const MUTANTS: u64 = 3;
const LENGTH: usize = 35;

#[test]
fn grammar_and_parser_agree_on_mutants() {
    let grammars = Grammars::new();
    let judge = Judge::new(&grammars);
    let pool = grammars.pool();
    let mut writer = Writer::new(&grammars, CLEAN, None);
    let mut counts = [0; 2];
    let mut disagreements = Vec::new();
    for seed in 0..SENTENCES {
        let mut random = Random::new(seed);
        let sentence = writer.sentence(LENGTH, &mut random);
        let mut how = any_layout(&mut random);
        how.strays = random.chance(20);
        let text = writer.text(&sentence, how, &mut random);
        for _ in 0..MUTANTS {
            let mutant = mutate_lexemes(&sentence, &pool, &mut writer.speller, &mut random);
            let mutants = [
                writer.text(&mutant, how, &mut random),
                mutate_bytes(&text, &mut random),
            ];
            for mutant in mutants {
                let accepted = judge.judge(&mutant).is_ok();
                counts[usize::from(accepted)] += 1;
                if parser_accepts(&mutant) != accepted {
                    disagreements.push((seed, accepted, mutant));
                }
            }
        }
    }
    println!("{} rejected, {} accepted", counts[0], counts[1]);
    assert!(
        counts.iter().all(|count| count * 5 > counts[0] + counts[1]),
        "mutants say little"
    );
    if let Some((seed, accepted, text)) = disagreements.iter().min_by_key(|(_, _, t)| t.len()) {
        let verdicts = if *accepted {
            ("accepts", "rejects")
        } else {
            ("rejects", "accepts")
        };
        panic!(
            "{} disagreements; the shortest is of seed {seed}: the grammar {} and the parser {}\n{}",
            disagreements.len(),
            verdicts.0,
            verdicts.1,
            String::from_utf8_lossy(text)
        );
    }
}

pub(crate) fn parser_accepts(text: &[u8]) -> bool {
    let tree = SyntaxTree::parse(text, Notation::Kconfig);
    assert_round_trip(&tree, text);
    tree.errors().iter().all(|error| error.harmless)
}
