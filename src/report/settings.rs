// SPDX-License-Identifier: MIT OR Apache-2.0
//! The settings that hold in a tree, each with its source, as text and as JSON.

use std::io::{self, Write};

use serde::Serialize;

use super::json::write;
use super::safe;

/// A setting that holds.
#[derive(Serialize, Debug)]
pub struct Setting {
    /// The part that the setting belongs to: `tree`, `environment`, `levels`, `policies`, `allow`.
    pub part: &'static str,
    /// Its name within the part.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Where the value comes from: `default`, `detected`, `built in`, an option, or a line of the
    /// settings file.
    pub source: String,
}

/// Writes a paragraph for each part, with aligned columns: name, value, source.
///
/// # Errors
/// When `out` does not take it.
pub fn text(settings: &[Setting], out: &mut dyn Write) -> io::Result<()> {
    for (at, part) in settings
        .chunk_by(|one, other| one.part == other.part)
        .enumerate()
    {
        if at > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}:", part[0].part)?;
        let cell = |text: &str| safe::line(text);
        let rows = part
            .iter()
            .map(|it| [&it.name, &it.value, &it.source].map(|text| cell(text)));
        let rows: Vec<[String; 3]> = rows.collect();
        let width = |column: usize| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            cells.max().unwrap_or_default()
        };
        let (names, values) = (width(0), width(1).min(WIDEST));
        for [name, value, source] in &rows {
            writeln!(out, "  {name:names$}  {value:values$}  ({source})")?;
        }
    }
    Ok(())
}

/// A value longer than this moves its source to the right.
const WIDEST: usize = 40;

/// Writes an array of settings.
///
/// # Errors
/// When `out` does not take it.
pub fn json(settings: &[Setting], out: &mut dyn Write) -> io::Result<()> {
    write(&settings, out)
}
