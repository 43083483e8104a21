// SPDX-License-Identifier: MIT OR Apache-2.0
//! Damaged sentences get the same verdict from the grammar and from our parser.

use crate::engine::{Dialects, Grammar, Leaf};

/// Every token that the statements can have.
pub(crate) fn pool(statements: &Grammar) -> Vec<Leaf> {
    let words = statements.terminals(statements.find("file"), Dialects::All);
    let mut pool: Vec<Leaf> = words.iter().map(|w| Leaf::Terminal((*w).to_owned())).collect();
    for token in ["EOL", "WORD", "MACRO", "QUOTED", "PATH", "ASSIGN_VALUE", "HELP_TEXT"] {
        // More of these than of any keyword.
        pool.extend(std::iter::repeat_n(Leaf::Token(token.to_owned()), 4));
    }
    pool
}
