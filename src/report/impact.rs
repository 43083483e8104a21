// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a change does to defconfigs, as lines or as JSON. Among the lines, defconfigs with the same changes stand together.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::{count, safe};
use crate::session::impact::{Change, Defconfig};

/// The version of the JSON form. It changes when a field goes or means something else.
const VERSION: u32 = 1;

/// The JSON schema (draft 2020-12) of the report.
pub const SCHEMA: &str = include_str!("impact.schema.json");

/// A defconfig that is not what it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Affected {
    /// It was not there before.
    New(Defconfig),
    /// It is no longer there.
    Gone(Defconfig),
    /// It leads to another configuration.
    Changed(Defconfig, Vec<Change>),
}

/// Writes what is affected, of so many defconfigs.
///
/// # Errors
/// When the writer fails.
pub fn render(affected: &[Affected], of: usize, out: &mut dyn Write) -> io::Result<()> {
    let mut groups: BTreeMap<&[Change], Vec<&Defconfig>> = BTreeMap::new();
    for one in affected {
        match one {
            Affected::New(it) => writeln!(out, "{} is new", named(it))?,
            Affected::Gone(it) => writeln!(out, "{} is gone", named(it))?,
            Affected::Changed(it, changes) => groups.entry(changes).or_default().push(it),
        }
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by(|x, y| x.1.cmp(&y.1));
    for (changes, defconfigs) in &groups {
        for defconfig in defconfigs {
            writeln!(out, "{}", named(defconfig))?;
        }
        for change in *changes {
            writeln!(out, "  {}", safe::line(&line(change)))?;
        }
    }
    let changed: usize = groups.iter().map(|(_, all)| all.len()).sum();
    let words = match changed {
        1 => "changes",
        _ => "change",
    };
    writeln!(out, "{changed} of {} {words}", count(of, "defconfig"))
}

fn named(defconfig: &Defconfig) -> String {
    let path = safe::line(&defconfig.path);
    match defconfig.architecture.as_str() {
        "" => path.to_string(),
        name => format!("{path} ({})", safe::line(name)),
    }
}

/// What happens to an option, in the manner of the kernel's diffconfig.
fn line(change: &Change) -> String {
    match change {
        Change::Appears(name, value) => format!("+{name} {value}"),
        Change::Vanishes(name, value) => format!("-{name} {value}"),
        Change::Differs(name, old, new) => format!(" {name} {old} -> {new}"),
    }
}

/// All of it, as JSON has it.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Report<'a> {
    version: u32,
    range: &'a str,
    /// How many were compared.
    defconfigs: usize,
    affected: Vec<OfDefconfig<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct OfDefconfig<'a> {
    path: &'a str,
    architecture: &'a str,
    what: &'static str,
    changes: Vec<OfOption<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct OfOption<'a> {
    symbol: &'a str,
    before: Option<&'a str>,
    after: Option<&'a str>,
}

impl<'a> OfDefconfig<'a> {
    fn new(affected: &'a Affected) -> OfDefconfig<'a> {
        let (defconfig, what, changes) = match affected {
            Affected::New(it) => (it, "new", &[][..]),
            Affected::Gone(it) => (it, "gone", &[][..]),
            Affected::Changed(it, changes) => (it, "changed", &changes[..]),
        };
        OfDefconfig {
            path: &defconfig.path,
            architecture: &defconfig.architecture,
            what,
            changes: changes.iter().map(OfOption::new).collect(),
        }
    }
}

impl<'a> OfOption<'a> {
    fn new(change: &'a Change) -> OfOption<'a> {
        let (symbol, before, after) = match change {
            Change::Appears(name, value) => (name, None, Some(value.as_str())),
            Change::Vanishes(name, value) => (name, Some(value.as_str()), None),
            Change::Differs(name, old, new) => (name, Some(old.as_str()), Some(new.as_str())),
        };
        OfOption {
            symbol: symbol.as_str(),
            before,
            after,
        }
    }
}

/// Writes the same as JSON, for the trees of a range.
///
/// # Errors
/// When the writer fails.
pub fn render_json(
    affected: &[Affected],
    of: usize,
    range: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let report = Report {
        version: VERSION,
        range,
        defconfigs: of,
        affected: affected.iter().map(OfDefconfig::new).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out)
}
