// SPDX-License-Identifier: MIT OR Apache-2.0
//! How many findings there are of each rule, in each folder, or about each symbol.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::place::of_finding;
use super::safe;
use crate::diagnostic::{Data, Diagnostic};
use crate::session::Outcome;

/// What findings are counted by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CountBy {
    /// The rule.
    Rule,
    /// The folder of the file.
    Folder,
    /// The symbol that is selected or lacks a definition; else the symbol that the finding is about.
    Target,
}

/// Writes a line for each rule, folder or target, with the number of its findings, the largest number
/// first.
///
/// # Errors
/// When `out` does not take it.
pub fn render(outcome: &Outcome, by: CountBy, out: &mut dyn Write) -> io::Result<()> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for finding in &outcome.findings {
        *counts.entry(key(finding, outcome, by)).or_default() += 1;
    }
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for (key, count) in counts {
        writeln!(out, "{count:>7} {}", safe::line(&key))?;
    }
    Ok(())
}

fn key(finding: &Diagnostic, outcome: &Outcome, by: CountBy) -> String {
    match by {
        CountBy::Rule => finding.rule.to_owned(),
        CountBy::Folder => {
            let path = of_finding(finding, outcome).path;
            let folder = path.rsplit_once('/').map_or(".", |(folder, _)| folder);
            folder.to_owned()
        }
        CountBy::Target => match &finding.data {
            Data::Unmet { selectee, .. } | Data::Policy { selectee, .. } => selectee.clone(),
            Data::None | Data::Cycle { .. } => {
                let name = finding.defect.as_ref().or(finding.symbol.as_ref());
                name.map_or_else(|| "(no symbol)".to_owned(), Clone::clone)
            }
        },
    }
}
