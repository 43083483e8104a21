// SPDX-License-Identifier: MIT OR Apache-2.0
//! The catalogue of rules, as text, as a Markdown table (the README's) and as JSON.

use std::io::{self, Write};

use serde::Serialize;

use super::page::setting;
use crate::rules::Rule;

/// Writes a table with aligned columns.
///
/// # Errors
/// When `out` does not take it.
pub fn text(rules: &[&Rule], out: &mut dyn Write) -> io::Result<()> {
    let width = |column: fn(&Rule) -> &str| {
        let names = rules.iter().map(|rule| column(rule).len());
        names.max().unwrap_or_default()
    };
    let names = width(|rule| rule.name);
    let groups = width(|rule| rule.group.word());
    for rule in rules {
        writeln!(
            out,
            "{:names$}  {:groups$}  {:5}  {}",
            rule.name,
            rule.group.word(),
            setting(rule.level),
            rule.summary
        )?;
    }
    Ok(())
}

/// Writes a Markdown table.
///
/// # Errors
/// When `out` does not take it.
pub fn markdown(rules: &[&Rule], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "| rule | group | default | reports that |")?;
    writeln!(out, "| --- | --- | --- | --- |")?;
    for rule in rules {
        writeln!(
            out,
            "| `{}` | {} | {} | {} |",
            rule.name,
            rule.group.word(),
            setting(rule.level),
            rule.summary.replace('|', "\\|")
        )?;
    }
    Ok(())
}

/// Writes a JSON array.
///
/// # Errors
/// When `out` does not take it.
pub fn json(rules: &[&Rule], out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Row {
        name: &'static str,
        group: &'static str,
        level: &'static str,
        stage: &'static str,
        fixable: bool,
        since: &'static str,
        summary: &'static str,
        docs: &'static str,
    }
    let rows: Vec<Row> = rules
        .iter()
        .map(|rule| Row {
            name: rule.name,
            group: rule.group.word(),
            level: setting(rule.level),
            stage: rule.stage.word(),
            fixable: rule.fixable,
            since: rule.since,
            summary: rule.summary,
            docs: rule.docs,
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &rows)?;
    writeln!(out)
}
