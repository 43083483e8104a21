// SPDX-License-Identifier: MIT OR Apache-2.0
//! What rules of the groups `kernel` and `link` look at: the names of all architectures, and what files other than
//! Kconfig say of them.

use std::sync::{Arc, OnceLock};

use super::scope::{Findings, Names};
use crate::diagnostic::Diagnostic;
use crate::link::{self, Code};
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
    /// The names of the architectures of each of these.
    pub architectures: Vec<&'a [String]>,
    /// Those of them that the run is about.
    pub asked: Vec<ArchSet>,
    /// The files that spans refer to.
    pub files: &'a Files,
    /// What the other files say.
    pub references: &'a References,
    /// The link check, made when the first rule asks.
    pub links: OnceLock<Links>,
}

/// What the link check found.
pub struct Links {
    /// The code of the tree.
    pub code: Code,
    /// The findings, each with the number of its model.
    pub found: Vec<(usize, link::Finding)>,
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

    /// The link check. All rules share one.
    pub fn links(&self) -> &Links {
        self.links.get_or_init(|| {
            let all = self.architectures.iter().flat_map(|it| it.iter());
            let all: Vec<String> = all.filter(|it| !it.is_empty()).cloned().collect();
            let paths = self.references.paths().iter();
            let paths = paths.filter(|path| link::is_code(path)).cloned();
            let code = Code::of(self.files.reader(), paths.collect(), &all);
            let mut found = Vec::new();
            for (at, model) in self.models.iter().enumerate() {
                let own = link::check(&code, model, self.architectures[at], self.asked[at]);
                found.extend(own.into_iter().map(|it| (at, it)));
            }
            Links { code, found }
        })
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
