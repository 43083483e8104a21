// SPDX-License-Identifier: MIT OR Apache-2.0
//! A rule's documentation on a terminal.

use std::io::{self, Write};

use crate::diagnostic::Level;
use crate::rules::Rule;

/// Writes the documentation of a rule: headings stand out, code is indented.
///
/// # Errors
/// When `out` does not take it.
pub fn render(rule: &Rule, color: bool, out: &mut dyn Write) -> io::Result<()> {
    let bold = |text: &str| {
        if color {
            format!("\x1b[1m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    };
    writeln!(out, "{}: {}", bold(rule.name), rule.summary)?;
    writeln!(
        out,
        "{}, {} by default, since {}{}",
        rule.group.word(),
        setting(rule.level),
        rule.since,
        if rule.fixable { ", offers fixes" } else { "" }
    )?;
    writeln!(out)?;
    let mut in_code = false;
    for line in rule.docs.lines() {
        if line.starts_with("```") {
            in_code = !in_code;
        } else if in_code && !line.is_empty() {
            writeln!(out, "    {}", line.replace('\t', "        "))?;
        } else if let Some(heading) = line.strip_prefix("## ").filter(|_| !in_code) {
            writeln!(out, "{}", bold(heading))?;
        } else {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

/// A level as options and settings write it.
pub fn setting(level: Level) -> &'static str {
    match level {
        Level::Allow => "allow",
        Level::Warn => "warn",
        Level::Deny => "deny",
    }
}
