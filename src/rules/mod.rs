// SPDX-License-Identifier: MIT OR Apache-2.0
//! The rules: one file each with its declaration, its check, its wording and its candidate
//! fixes; and the registry that everything else derives from.
//!
//! A rule names the deepest stage it needs, so that a run with few rules does little. Rules
//! decide nothing about levels or suppressions: `config/` does.

pub mod attribute_order;
pub mod blank_lines;
pub mod choice_errors;
pub mod comment_mismatch;
pub mod comment_space;
pub mod config_defined_outside_kconfig;
pub mod constant_condition;
pub mod continuation_indent;
pub mod dead_default;
pub mod dead_imply;
pub mod dead_menu;
pub mod dead_prompt;
pub mod dead_range;
pub mod dead_select;
pub mod dead_symbol;
pub mod dead_visible_if;
pub mod defconfig_overridden_value;
pub mod defconfig_redundant;
pub mod defconfig_unknown_symbol;
pub mod depends_outlier;
pub mod duplicate_default;
pub mod duplicate_default_value;
pub mod duplicate_definition;
pub mod duplicate_dependency;
pub mod duplicate_imply;
pub mod duplicate_prompt;
pub mod duplicate_range;
pub mod duplicate_select;
pub mod empty_menu;
pub mod fixed_terms;
pub mod implied_condition;
pub mod implied_dependency;
pub mod imply_reachable;
pub mod indentation;
pub mod invalid_default;
pub mod invalid_range;
pub mod is_enabled_misuse;
pub mod kconfig_file;
pub mod legacy_symbol;
pub mod line_length;
pub mod link_gap;
pub mod link_level;
mod linking;
pub mod macro_error;
pub mod menuconfig_without_prompt;
pub mod missing_declaration;
pub mod missing_final_newline;
pub mod missing_help;
pub mod missing_path_in_text;
pub mod missing_source;
pub mod missing_type;
pub mod negative_module_dependency;
pub mod obsolete_syntax;
pub mod optional_dependency;
pub mod outside;
pub mod pair;
pub mod pointless_menuconfig;
pub mod policy;
pub mod preset;
pub mod prompt_whitespace;
pub mod prompt_wording;
pub mod recursive_dependency;
pub mod recursive_source;
pub mod redundant_default_n;
pub mod registry;
pub mod remedy;
pub mod renamed_symbol;
pub mod repeated_source;
mod requirements;
pub mod scope;
pub mod select_and_depend;
pub mod select_choice_member;
pub mod select_outlier;
pub mod select_visible;
pub mod select_with_dependencies;
pub mod selects;
pub mod short_help;
pub mod spelling;
mod statement;
pub mod symbol_name;
pub mod syntax_error;
pub mod term;
pub mod timing;
mod toolchain;
pub mod trailing_whitespace;
pub mod type_conflict;
pub mod undecided;
pub mod undefined_config_reference;
pub mod undefined_select;
pub mod undefined_symbol;
pub mod undefined_symbol_in_text;
pub mod ungrouped_attributes;
pub mod unmet_dependency;
pub mod unmet_imply;
pub mod unreferenced_kconfig_file;
pub mod unsorted;
pub mod unterminated_block;
pub mod unused_suppression;
pub mod unused_symbol;
pub mod wrong_type_select;

pub use policy::Policy;
pub use preset::Preset;
pub use registry::RULES;
pub use remedy::Practices;
pub use scope::Check;

use std::cell::OnceCell;

use crate::diagnostic::Level;
use crate::logic::Theory;
use crate::model::{Graph, Model, SelectId};
use crate::source::Files;

/// What a check of the deepest stage works on: one architecture.
pub struct Context<'a> {
    /// Its name; empty where the tree has none.
    pub architecture: &'a str,
    /// Its model.
    pub model: &'a Model,
    /// Its theory.
    pub theory: &'a mut Theory,
    /// Its dependency graph, made when something asks for it.
    pub graph: OnceCell<Graph>,
    /// What the selectors of its helpers do, as far as something asked.
    pub practices: Practices,
    /// The files that spans refer to.
    pub files: &'a Files,
    /// Failures of this program itself, for the caller to report.
    pub internal_errors: &'a mut Vec<String>,
    /// The selects that were left undecided; the caller reports them.
    pub undecided: &'a mut Vec<undecided::UndecidedSelect>,
    /// The pairs of which another architecture shows a configuration; `None` where each architecture
    /// has to have its own.
    pub shown: Option<&'a pair::ShownPairs>,
}

impl Context<'_> {
    /// Notes that nothing is known of a select.
    fn leave_open(&mut self, id: SelectId, policy: Option<&str>, cause: undecided::Cause) {
        let open = undecided::UndecidedSelect::new(self, id, policy, cause);
        self.undecided.push(open);
    }
}

/// The groups that level options accept beside single rules.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Group {
    /// What breaks a build or a configuration.
    Correctness,
    /// What is probably not meant.
    Suspicious,
    /// What could go without a change.
    Redundant,
    /// Checks outside Kconfig files.
    Kernel,
    /// What the code needs to be linked: how often it is right on a kernel was not measured yet.
    Link,
    /// Opinions.
    Pedantic,
    /// Writing.
    Style,
}

impl Group {
    /// All groups, in the order of the catalogue.
    pub const ALL: [Group; 7] = [
        Group::Correctness,
        Group::Suspicious,
        Group::Redundant,
        Group::Kernel,
        Group::Link,
        Group::Pedantic,
        Group::Style,
    ];

    /// Its name in options and settings.
    pub fn word(self) -> &'static str {
        match self {
            Group::Correctness => "correctness",
            Group::Suspicious => "suspicious",
            Group::Redundant => "redundant",
            Group::Kernel => "kernel",
            Group::Link => "link",
            Group::Pedantic => "pedantic",
            Group::Style => "style",
        }
    }
}

/// The deepest stage a rule needs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Stage {
    /// Files, one by one.
    Syntax,
    /// The menu tree of an architecture.
    Menu,
    /// Symbols and the dependency graph.
    Model,
    /// All configurations.
    Theory,
}

impl Stage {
    /// Its name in the catalogue.
    pub fn word(self) -> &'static str {
        match self {
            Stage::Syntax => "syntax",
            Stage::Menu => "menu",
            Stage::Model => "model",
            Stage::Theory => "theory",
        }
    }
}

/// A rule's declaration.
#[derive(Debug)]
pub struct Rule {
    /// Its name; reads well after "allow".
    pub name: &'static str,
    /// Its group.
    pub group: Group,
    /// Its level unless settings say otherwise.
    pub level: Level,
    /// The deepest stage it needs.
    pub stage: Stage,
    /// How it finds what it reports.
    pub check: Check,
    /// Whether it offers fixes.
    pub fixable: bool,
    /// The first version that has it.
    pub since: &'static str,
    /// One line, in lower case and without a full stop.
    pub summary: &'static str,
    /// Its documentation in Markdown, with the headings *What it does*, *Why is this bad*,
    /// *Example*, *Use instead*. Code blocks `kconfig,bad` must fire exactly this rule, blocks
    /// `kconfig,good` none.
    pub docs: &'static str,
}

impl Rule {
    /// Whether a finding of this rule can need a particular toolchain.
    pub fn can_need_toolchain(&self) -> bool {
        [unmet_dependency::RULE.name, policy::RULE.name].contains(&self.name)
    }
}
