// SPDX-License-Identifier: MIT OR Apache-2.0
//! The grammar is closed and complete: nothing is used that is not defined, and nothing is
//! defined that is not used.

use std::collections::BTreeSet;

use crate::grammar::engine::{Choice, Dialects, Grammar, Item};

#[test]
fn every_name_is_defined() {
    let statements = Grammar::statements();
    let tokens = Grammar::tokens();
    assert_eq!(
        undefined(&tokens),
        BTreeSet::new(),
        "lexical.ebnf, macro.ebnf"
    );
    let mut used = undefined(&statements);
    let mut defined = token_names(&tokens);
    used.retain(|name| !defined.remove(name));
    assert_eq!(
        used,
        BTreeSet::new(),
        "used in kconfig.ebnf and no token of lexical.ebnf"
    );
    assert_eq!(
        defined,
        BTreeSet::new(),
        "tokens that kconfig.ebnf does not use"
    );
}

#[test]
fn every_production_is_reachable() {
    for (grammar, starts) in [
        (Grammar::statements(), vec!["file"]),
        (Grammar::tokens(), vec!["token", "trivia", "reference"]),
    ] {
        assert_eq!(grammar.starts, starts);
        let mut lost: BTreeSet<usize> = (0..grammar.productions.len()).collect();
        for start in &grammar.starts {
            for production in grammar.reachable(grammar.find(start), Dialects::All) {
                lost.remove(&production);
            }
        }
        let lost: Vec<&str> = lost
            .iter()
            .map(|&p| grammar.productions[p].name.as_str())
            .collect();
        assert_eq!(lost, Vec::<&str>::new());
    }
}

#[test]
fn the_quoted_words_of_the_statements_are_the_keywords_and_operators() {
    let statements = Grammar::statements();
    let tokens = Grammar::tokens();
    let mut words = BTreeSet::new();
    for production in ["keyword", "soft_keyword", "operator"] {
        for word in tokens.terminals(tokens.find(production), Dialects::All) {
            assert!(words.insert(word), "{word} stands in two lists");
        }
    }
    assert_eq!(
        statements.terminals(statements.find("file"), Dialects::All),
        words
    );
}

#[test]
fn every_phrase_is_known_and_every_known_phrase_is_used() {
    let tokens = Grammar::tokens();
    let mut used = BTreeSet::new();
    for production in &tokens.productions {
        if !["ASSIGN_VALUE", "HELP_TEXT"].contains(&production.name.as_str()) {
            visit(&production.choice, &mut |item| {
                if let Item::Prose(words) = item {
                    used.insert(words.as_str());
                }
            });
        }
    }
    assert_eq!(used, crate::grammar::engine::phrases().collect());
}

/// What the recogniser needs in order to end.
#[test]
fn nothing_is_left_recursive() {
    for grammar in [Grammar::statements(), Grammar::tokens()] {
        let nullable = nullable(&grammar);
        let first: Vec<BTreeSet<usize>> = grammar
            .productions
            .iter()
            .map(|production| {
                let mut first = BTreeSet::new();
                leftmost(&production.choice, &nullable, &mut first);
                first
            })
            .collect();
        for (start, production) in grammar.productions.iter().enumerate() {
            let mut seen = BTreeSet::new();
            let mut queue: Vec<usize> = first[start].iter().copied().collect();
            while let Some(next) = queue.pop() {
                assert_ne!(next, start, "{} is left recursive", production.name);
                if seen.insert(next) {
                    queue.extend(&first[next]);
                }
            }
        }
    }
}

/// The names that kconfig.ebnf can use: alternatives of `token`, but for the lists of words.
fn token_names(tokens: &Grammar) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    visit(
        &tokens.productions[tokens.find("token")].choice,
        &mut |item| {
            if let Item::Production(token) = item {
                names.insert(tokens.productions[*token].name.clone());
            }
        },
    );
    for list in ["keyword", "soft_keyword", "operator"] {
        assert!(names.remove(list));
    }
    names
}

fn undefined(grammar: &Grammar) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for production in &grammar.productions {
        visit(&production.choice, &mut |item| {
            if let Item::Token(name) = item {
                names.insert(name.clone());
            }
        });
    }
    names
}

fn visit<'a>(choice: &'a Choice, visitor: &mut dyn FnMut(&'a Item)) {
    Grammar::walk(choice, Dialects::All, visitor);
}

fn nullable(grammar: &Grammar) -> BTreeSet<usize> {
    let mut known = BTreeSet::new();
    loop {
        let before = known.len();
        for (number, production) in grammar.productions.iter().enumerate() {
            if choice_is_nullable(&production.choice, &known) {
                known.insert(number);
            }
        }
        if known.len() == before {
            return known;
        }
    }
}

fn choice_is_nullable(choice: &Choice, known: &BTreeSet<usize>) -> bool {
    let mut alternatives = choice.0.iter();
    alternatives.any(|a| a.items.iter().all(|item| is_nullable(item, known)))
}

fn is_nullable(item: &Item, known: &BTreeSet<usize>) -> bool {
    match item {
        Item::Optional(_) | Item::Repeat(_) => true,
        Item::Group(inner) => choice_is_nullable(inner, known),
        Item::Production(production) => known.contains(production),
        Item::Terminal(_) | Item::Token(_) | Item::Prose(_) => false,
    }
}

fn leftmost(choice: &Choice, nullable: &BTreeSet<usize>, found: &mut BTreeSet<usize>) {
    for alternative in &choice.0 {
        for item in &alternative.items {
            match item {
                Item::Production(production) => {
                    found.insert(*production);
                }
                Item::Group(inner) | Item::Optional(inner) | Item::Repeat(inner) => {
                    leftmost(inner, nullable, found);
                }
                Item::Terminal(_) | Item::Token(_) | Item::Prose(_) => {}
            }
            if !is_nullable(item, nullable) {
                break;
            }
        }
    }
}
