// SPDX-License-Identifier: MIT OR Apache-2.0
//! Values of options: the words that are allowed, and what each means.

use std::io;

use anstream::{AutoStream, ColorChoice};
use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Command, ValueEnum};

use crate::report::CountBy;
use crate::rules::{RULES, Rule, registry};
use crate::source::near;

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub(in crate::cli) enum Format {
    /// For people: snippets, examples, what to write
    Human,
    /// A line for each finding
    Short,
    /// For programs
    Json,
    /// SARIF 2.1.0, for code scanning and editors
    Sarif,
    /// Annotations of a GitHub workflow
    Github,
    /// GitLab's code quality report
    Gitlab,
    /// Lines as checkpatch.pl --terse --show-types writes them
    Checkpatch,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub(in crate::cli) enum Statistics {
    /// By rule
    Rule,
    /// By the folder of the file
    Folder,
    /// By the symbol that is selected or lacks a definition, else the symbol of the finding
    Target,
}

impl From<Statistics> for CountBy {
    fn from(value: Statistics) -> CountBy {
        match value {
            Statistics::Rule => CountBy::Rule,
            Statistics::Folder => CountBy::Folder,
            Statistics::Target => CountBy::Target,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Default, ValueEnum, Debug)]
pub(in crate::cli) enum Color {
    /// On a terminal, unless NO_COLOR or CLICOLOR say otherwise
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Color {
    /// Whether standard output is coloured.
    pub(in crate::cli) fn is_wanted(self) -> bool {
        match self {
            Color::Auto => AutoStream::choice(&io::stdout()) != ColorChoice::Never,
            Color::Always => true,
            Color::Never => false,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Default, ValueEnum, Debug)]
pub(in crate::cli) enum Progress {
    /// On a terminal, when it takes longer than half a second
    #[default]
    Auto,
    /// Never
    Never,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub(in crate::cli) enum GraphFormat {
    /// Graphviz
    Dot,
    /// Mermaid
    Mermaid,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub(in crate::cli) enum WhyFormat {
    /// For people: the steps at their places
    Human,
    /// For programs
    Json,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub(in crate::cli) enum ImpactFormat {
    /// For people: defconfigs with the same changes stand together
    Human,
    /// For programs
    Json,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub(in crate::cli) enum RulesFormat {
    /// Columns
    Text,
    /// A table
    Markdown,
    /// An array
    Json,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub(in crate::cli) enum SettingsFormat {
    /// For people: one setting a line, then its source
    Text,
    /// For programs
    Json,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub(in crate::cli) enum SchemaName {
    /// The report of `check --format json`
    Report,
    /// The answer of `why --format json`
    Why,
    /// The report of `impact --format json`
    Impact,
}

/// A parser of values of which some are known by name, so that shells can complete them.
#[derive(Clone)]
pub(in crate::cli) struct Words<T> {
    /// What a value means.
    pub(in crate::cli) parse: fn(&str) -> Result<T, String>,
    /// The names to complete.
    pub(in crate::cli) names: fn() -> Vec<&'static str>,
}

impl<T: Clone + Send + Sync + 'static> TypedValueParser for Words<T> {
    type Value = T;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<T, clap::Error> {
        TypedValueParser::parse_ref(&self.parse, command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.names)().into_iter().map(PossibleValue::new)))
    }
}

/// Only refuses what no expression can be: the tree is not known yet.
pub(super) fn expression(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("an expression is wanted".to_owned()),
        text => Ok(text.to_owned()),
    }
}

/// The names of all rules.
pub(super) fn rules() -> Vec<&'static str> {
    RULES.iter().map(|rule| rule.name).collect()
}

pub(super) fn rule(text: &str) -> Result<&'static Rule, String> {
    registry::find(text).ok_or_else(|| {
        let names = RULES.iter().map(|rule| rule.name);
        format!("there is no such rule{}", near::hint(text, names))
    })
}
