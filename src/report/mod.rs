// SPDX-License-Identifier: MIT OR Apache-2.0
//! Turns an outcome into bytes: the report for people, one line per finding, JSON; and the
//! pictures of `graph`, the catalogue of rules and a rule's page, the files of a witness.
//!
//! Renderers write to what they are given and decide nothing: findings come sorted and
//! filtered. The same outcome gives the same bytes; there are no times here. Text from the
//! tree never leaves as an escape sequence or a command of a CI system (`safe`).

mod baseline;
mod below;
mod catalogue;
mod checkpatch;
mod commit_message;
mod diff;
mod fingerprint;
mod github;
mod gitlab;
mod graph;
mod grouped;
mod human;
mod impact;
mod json;
mod merged;
mod neighbourhood;
mod page;
mod place;
pub mod safe;
mod sarif;
#[cfg(test)]
mod schemas;
mod settings;
mod short;
mod snippet;
mod statistics;
mod why;
mod why_words;
pub mod witness;
mod words;

pub use baseline::baseline;
pub use below::{below, joined, united};
pub use catalogue::{json as rules_json, markdown as rules_markdown, text as rules_text};
pub use checkpatch::render as checkpatch;
pub use commit_message::{Style, commit_message, style};
pub use fingerprint::{fingerprints, identities, mark, milder_pair, worse_pair};
pub use github::render as github;
pub use gitlab::render as gitlab;
pub use graph::{Edge, Neighbourhood, Node, dot, mermaid};
pub use human::{Human, MOST_FIXES, Manner, render as human, totals, unchecked, unfollowed};
pub use impact::{Affected, SCHEMA as IMPACT_SCHEMA, render as impact, render_json as impact_json};
pub use json::{SCHEMA, VERSION, answers, render as json};
pub use merged::{Merged, merge};
pub use page::{render as page, setting as level};
pub use sarif::render as sarif;
pub use settings::{Setting, json as settings_json, text as settings_text};
pub use short::render as short;
pub use statistics::{CountBy, render as statistics};
pub use why::{SCHEMA as WHY_SCHEMA, render as why, render_json as why_json};

/// A number of things, in the plural unless it is one.
pub fn count(number: usize, thing: &str) -> String {
    match number {
        1 => format!("1 {thing}"),
        _ => format!("{number} {thing}s"),
    }
}
