// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a run of a tree is to look for: its settings, then the words of the command line.

use anyhow::{Context, Error};

use super::levels::LevelArgs;
use super::run::{Analysis, Tree};
use crate::config::{self, Allow, FILE_NAME, Settings};
use crate::rules::{Policy, policy};
use crate::source::{ReadError, Reader};

/// What a run is to look for, by the settings of the tree and then the words of the command
/// line; and what the settings suppress.
///
/// # Errors
/// When the settings cannot be read.
pub(super) fn prepared(
    tree: &Tree,
    words: &LevelArgs,
    remarks: bool,
) -> anyhow::Result<(Analysis, Vec<Allow>)> {
    let mut settings = settings(tree)?;
    for allow in &mut settings.allows {
        import(tree, allow)?;
    }
    let levels = words.levels(&settings, tree.project().kind);
    let policies = policies(settings.policies);
    let analysis = Analysis {
        levels,
        policies,
        remarks,
        effort: settings.effort,
    };
    Ok((analysis, settings.allows))
}

/// Adds the names of the list that a suppression refers to.
fn import(tree: &Tree, allow: &mut Allow) -> anyhow::Result<()> {
    let Some(list) = &allow.names_from else {
        return Ok(());
    };
    let text = tree.reader().read(list);
    let text = text.with_context(|| format!("{FILE_NAME}:{}: `names-from`: {list}", allow.line))?;
    let names = config::listed_names(&String::from_utf8_lossy(&text));
    allow.names.get_or_insert_default().extend(names);
    Ok(())
}

/// The policies of the settings, and the built-in ones that they do not replace.
pub(super) fn policies(own: Vec<Policy>) -> Vec<Policy> {
    let mut policies = policy::builtin();
    policies.retain(|builtin| own.iter().all(|own| own.name != builtin.name));
    policies.extend(own);
    policies
}

/// The settings at the root of the tree; the default ones where there is no file.
pub(super) fn settings(tree: &Tree) -> anyhow::Result<Settings> {
    let file = config::file_of(tree.project());
    let bytes = match tree.reader().read(file) {
        Ok(bytes) => bytes,
        Err(ReadError::Missing) => return Ok(Settings::default()),
        Err(error) => return Err(error).context(FILE_NAME),
    };
    Settings::of_bytes(&bytes).map_err(Error::msg)
}
