// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a change does to defconfigs, as lines. Defconfigs with the same changes stand together.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::{count, safe};
use crate::session::impact::{Change, Defconfig};

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
