// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the defconfigs of a tree lead to, and how that differs between two trees.
//!
//! The evaluator computes each configuration, as conf's `--defconfig` would. Nothing here decides a value.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::{Options, SessionError, analysis, in_threads};
use crate::logic::{Inputs, read_config, user_values, written_values};
use crate::menu::Loader;
use crate::model::{Model, ValueType};
pub use crate::references::{Defconfig, defconfigs};
use crate::source::{Files, Name};
use crate::tree::Project;

/// The configuration that a defconfig leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Configured {
    /// The values of all symbols that `.config` has a line for.
    pub values: BTreeMap<Name, Name>,
}

/// What a change does to an option of a configuration.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Change {
    /// `.config` has a line for the option that it had not.
    Appears(Name, Name),
    /// `.config` has no line any more; with the value that it had.
    Vanishes(Name, Name),
    /// The option had the first value before the change, and has the second after it.
    Differs(Name, Name, Name),
}

/// What these defconfigs lead to on the architectures of the options. A defconfig that the tree does not have is left out.
///
/// # Errors
/// When the root file cannot be read.
pub fn configurations(
    project: &Project,
    files: Arc<Files>,
    options: &Options,
    defconfigs: &[Defconfig],
) -> Result<BTreeMap<Defconfig, Configured>, SessionError> {
    let found = in_threads(options.jobs, || {
        let loader = Loader::new(files);
        loader.prefetch(project);
        let each = options.architectures.par_iter().map(|architecture| {
            let own = |it: &&Defconfig| it.architecture == architecture.name;
            let own: Vec<&Defconfig> = defconfigs.iter().filter(own).collect();
            if own.is_empty() {
                return Ok(Vec::new());
            }
            let menu = analysis::elaborated(&loader, project, architecture, &options.toolchain)?;
            let model = Model::new(Arc::new(menu), project.behaviour);
            let found = own.into_par_iter().filter_map(|defconfig| {
                let text = loader.files().reader().read(&defconfig.path).ok()?;
                let text = String::from_utf8_lossy(&text);
                Some((
                    defconfig.clone(),
                    configured(&model, &project.prefix, &text),
                ))
            });
            Ok(found.collect::<Vec<_>>())
        });
        each.collect::<Result<Vec<_>, SessionError>>()
    })??;
    Ok(found.into_iter().flatten().collect())
}

/// What the text of a defconfig leads to.
pub fn configured(model: &Model, prefix: &str, text: &str) -> Configured {
    let config = read_config(prefix, text);
    let inputs = Inputs {
        user: user_values(model, &config).collect(),
        ..Inputs::default()
    };
    let values = written_values(model, &inputs).into_iter();
    let shown = values.filter_map(|(id, text)| {
        let symbol = model.symbol(id);
        let text = match symbol.ty {
            ValueType::String => Name::new(&format!("\"{text}\"")),
            _ => text,
        };
        Some((symbol.name?, text))
    });
    Configured {
        values: shown.collect(),
    }
}

/// What differs between two configurations, by name.
pub fn changes(before: &Configured, after: &Configured) -> Vec<Change> {
    let mut found = Vec::new();
    for (name, old) in &before.values {
        match after.values.get(name) {
            None => found.push(Change::Vanishes(*name, *old)),
            Some(new) if new != old => found.push(Change::Differs(*name, *old, *new)),
            Some(_) => {}
        }
    }
    let new = after.values.iter();
    let new = new.filter(|(name, _)| !before.values.contains_key(name));
    found.extend(new.map(|(name, value)| Change::Appears(*name, *value)));
    found.sort_by_key(|change| change.name().as_str());
    found
}

impl Change {
    /// The option.
    pub fn name(&self) -> Name {
        match self {
            Change::Appears(name, _) | Change::Vanishes(name, _) | Change::Differs(name, ..) => {
                *name
            }
        }
    }
}
