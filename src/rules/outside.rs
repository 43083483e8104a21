// SPDX-License-Identifier: MIT OR Apache-2.0
//! What rules of the group `kernel` look at: the names of all architectures, and what files other than
//! Kconfig say of them.

use std::sync::Arc;

use super::scope::{Findings, Names};
use crate::diagnostic::Diagnostic;
use crate::model::Model;
use crate::references::{Mention, Mentions, References};
use crate::source::{Files, Name, Span, TextRange};
use crate::tree::ArchSet;

/// A whole tree, with the files beside Kconfig.
pub struct Outside<'a> {
    /// What all architectures define.
    pub names: &'a Names,
    /// Architectures that are read together, or each by itself.
    pub models: Vec<&'a Arc<Model>>,
    /// The files that spans refer to.
    pub files: &'a Files,
    /// What the other files say.
    pub references: &'a References,
}

impl Outside<'_> {
    /// Whether Kconfig defines a name, or makes it of one that it defines: `X_MODULE` of a tristate X.
    pub fn defines(&self, name: Name) -> bool {
        let module = name.as_str().strip_suffix("_MODULE");
        self.names.has(name) || module.is_some_and(|name| self.names.has(Name::new(name)))
    }

    /// The place of a mention; `None` where the file has gone.
    pub fn place(&self, file: &Mentions, range: TextRange) -> Option<Span> {
        Some(range.in_file(self.files.open(&file.path).ok()?))
    }

    /// A name as these files write it.
    pub fn written(&self, name: Name) -> String {
        let prefix = String::from_utf8_lossy(self.references.prefix);
        match name.as_str().starts_with(&*prefix) {
            true => name.as_str().to_owned(),
            false => format!("{prefix}{}", name.as_str()),
        }
    }
}

impl Findings {
    /// Reports a mention, on whatever architecture.
    pub fn report_mention(
        &mut self,
        outside: &Outside<'_>,
        (file, mention): (&Mentions, &Mention),
        message: String,
    ) -> Option<&mut Diagnostic> {
        let place = outside.place(file, mention.range)?;
        let name = mention.name.as_str();
        let finding = self.report(place, ArchSet::first(1), Some(name), message);
        finding.key.push(file.path.clone());
        Some(finding)
    }
}
